"""The languages of reports: that of most tests, all others, and their phrases."""

from __future__ import annotations

from functools import cache

from tracker.report.text.catalogues import template
from tracker.report.text.language import LANGUAGES, language_of

ENGLISH = language_of("en")
OTHERS = [code for code in LANGUAGES if code != "en"]


@cache
def phrases() -> frozenset[str]:
    """Every phrase of the package, as the template lists them."""
    return frozenset(str(message.id) for message in template() if message.id)
