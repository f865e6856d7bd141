"""Growth by a part of the whole, in words: "fell by a fifth", "um ein Drittel", "3분의 1 늘었다"."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.amount import Quantity
from tracker.sources.article.text.lexicon import either, locale

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.sources.article.text.lexicon import Phrases

__all__ = ["FRACTION", "find_fractions"]

#: A flag: a part of the whole in words, which is growth only right beside a word of direction.
FRACTION: Final = "fraction"
_PLACES: Final = 2  # what words leave open, as a percentage without decimals does
_BEFORE: Final = 12  # letters
_OTHERS: Final = frozenset({"lead", "to", "of"})


def find_fractions(text: str, start: int, end: int, code: str) -> Iterator[Quantity]:
    """Yield the fractions by which something may have changed, without those of a whole ("a third of") or to which."""
    for mark in _load_fractions(code).find(text, start, end):
        lead = _lead(code).match(text, mark.start, mark.end)
        begin = lead.end() if lead else mark.start
        is_of_whole = _of(code).match(text, mark.end, end) and not _difference(code).match(text, mark.end, end)
        if is_of_whole or _to(code).search(text[max(start, mark.start - _BEFORE) : mark.start]):
            continue
        yield Quantity("percent", begin, mark.end, Decimal(mark.label), _PLACES, "ratio", flags=("spelled", FRACTION))


@cache
def _load_fractions(code: str) -> Phrases:
    """Return the fractions of a language, by their value."""
    own = locale(code)
    return own.phrases("fractions", *(key for key in own.table("fractions") if key not in _OTHERS))


@cache
def _lead(code: str) -> re.Pattern[str]:
    """Return what a phrase begins with that is no part of the fraction."""
    words = locale(code).folded("fractions", "lead")
    return re.compile("|".join(f"{re.escape(word)} ?" for word in words) or "(?!)")


@cache
def _to(code: str) -> re.Pattern[str]:
    """Return a word before a fraction that makes it the level reached."""
    own = locale(code)
    edge = r"(?<!\w)" if own.has_plain_words else ""
    return re.compile(rf"{edge}(?:{either(own.folded('fractions', 'to'))}) ?\Z")


@cache
def _difference(code: str) -> re.Pattern[str]:
    """Return words behind a fraction that make it growth, though they begin like the whole: "un tiers de moins"."""
    own = locale(code)
    return re.compile(rf" (?:{either(own.folded('delta', 'difference'))})(?!\w)")


@cache
def _of(code: str) -> re.Pattern[str]:
    """Return a word behind a fraction that makes it a part of something else."""
    own = locale(code)
    edge = r"(?!\w)" if own.has_plain_words else ""
    return re.compile(rf" ?(?:{either(own.folded('fractions', 'of'))}){edge}")
