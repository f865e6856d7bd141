"""Amounts in brackets: below zero, as accountants print them, or an aside.

A bracket around the digits alone, with the scale, currency or percent sign outside, is a sign: ($1.2) billion, $(0.45).
One around a whole amount may be an aside ("a strong quarter ($310 million)"). It is the amount itself, below zero,
right behind a word that needs an amount ("was", "of", "to"); the locale files list these in the section `brackets`:
`lead`, and those of them (`verb`) that keep waiting for their amount while a period stands between.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.text.lexicon import bounded, function_words, locale

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ASIDE", "GROUP", "MINUS", "is_emphasis", "is_led"]

#: An amount in brackets: a sign, or perhaps an aside.
MINUS: Final = "bracket"
ASIDE: Final = "bracket_open"
#: A bracket without others in it; what it holds is the first group.
GROUP: Final = re.compile(r"\( ?([^()\n]{0,18}\d[^()\n]{0,24}?) ?\)")
_WINDOW: Final = 60  # letters before a bracket that may hold the word that leads to it
_SIGNS: Final = re.compile(r"[:=|] ?\Z|[\d)%] ?[-~] ?\Z")
_WORD: Final = re.compile(r"[^\W\d_]+")
_SMALL: Final = 12  # letters of the small words between a verb and a period


def is_led(text: str, start: int, place: int, code: str, taken: Sequence[tuple[int, int]]) -> bool:
    """Return true if the words before a bracket need the amount in it; `taken` are the spans of periods."""
    low = max(start, place - _WINDOW)
    lead, verb = _lead_patterns(code)
    before = text[low:place]
    if _SIGNS.search(before) or lead.search(before):
        return True
    dated = _before_periods(text, low, place, taken)
    found = verb.search(text[low:dated]) if dated < place and not locale(code).is_east_asian else None
    return found is not None and all(word in function_words(code) for word in _WORD.findall(found[1]))


def _before_periods(text: str, low: int, place: int, taken: Sequence[tuple[int, int]]) -> int:
    """Return where the periods begin that stand right before a place."""
    for start, end in sorted(taken, reverse=True):
        if low <= start and end <= place and not text[end:place].strip(" ,、"):
            place = start
    return place


@cache
def _lead_patterns(code: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return words that need an amount at the end of a text; and verbs, small words behind them."""
    own = locale(code)
    style = own.style if own.has_plain_words else "none"

    def either(key: str) -> str:
        words = sorted(own.words("brackets", key), key=len, reverse=True)
        return "|".join(bounded(word, style) for word in words) or "(?!)"

    edge = r"(?<!\w)" if own.style == "arabic" else ""
    lead = rf"{edge}(?:{either('lead')}|{either('verb')})[ ,、]?\Z"
    return re.compile(lead), re.compile(rf"{edge}(?:{either('verb')})([^\d.;()]{{0,{_SMALL}}})\Z")


def is_emphasis(code: str) -> bool:
    """Return true if a language's newspapers put plain amounts in brackets, to set them off."""
    return bool(locale(code).words("brackets", "emphasis"))
