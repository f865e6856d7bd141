"""The language of most tests of reports."""

from __future__ import annotations

from tracker.report.text.language import language_of

ENGLISH = language_of("en")
