# signs of other scripts are meant as they stand
# ruff: noqa: RUF001
"""What a text says of its brackets: "(NOK million, Q3 2024 in brackets)", "(단위: 억원, 괄호 안은 2023년)".

Such a note gives the second amount of each row below it a period: it is no loss. The words are in the section
`brackets` of the locale files: `declared` names the brackets, `note_words` may stand beside the period. A note that
says something else leaves the brackets open, unless it speaks of losses: then they are a minus sign, as usual.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import rows
from tracker.sources.article.find.periods import find_periods
from tracker.sources.article.text.lexicon import FALLBACK, either, every, locale, split
from tracker.sources.article.text.normalise import fold

if TYPE_CHECKING:
    from tracker.sources.article.find.stated_period import StatedPeriod
    from tracker.sources.article.text.pieces import Piece

__all__ = ["BracketNote", "find_note", "without_note"]

_END: Final = r"\n()\[\];,、，/|"
_STRETCH: Final = 60  # letters of a note on either side of its word
_WORD: Final = re.compile(r"[^\W\d_]+")
_CELL: Final = re.compile(r"(?<=\d)([^\d()\n]{0,24})\(([^()\n%]*\d[^()\n%]*)\)")
_LABELLED: Final = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class BracketNote:
    """Where a note on brackets stands, and the period that it names; None where it names none."""

    start: int
    end: int
    period: StatedPeriod | None

    def columns(self, current: StatedPeriod | None) -> tuple[StatedPeriod, ...]:
        """Return the periods of the two amounts of a row, if the period spoken of has a year."""
        if self.period is None or current is None or current.year is None:
            return ()
        is_before = self.period.prior and not self.period.definite
        if is_before or (self.period.relative == -1 and self.period.part is None):
            return (current, replace(current, year=current.year - 1))
        is_year = self.period.year is not None and self.period.part in (None, "FY") and self.period.month is None
        return (current, replace(current, year=self.period.year) if is_year else self.period)


def find_note(piece: Piece) -> BracketNote | None:
    """Return what a piece says of its brackets; None where it says nothing, or that they are losses."""
    is_possible = "(" in piece.folded and _named().search(piece.folded) is not None  # fast, for most texts have none
    found = _declared().search(piece.folded) if is_possible else None
    if found is None:
        return None
    start, end = found.span()
    code = next((one.language for one in piece.sentences if one.start <= start < one.end), FALLBACK)
    words = piece.folded[start:end]
    if locale(code).phrases("metrics", "loss", "net_loss").has(words, 0, len(words)) or _negative().search(words):
        return None
    named = find_periods(piece.folded, start, end, code)
    rest = piece.folded[start : found.start(1)] + " " + piece.folded[found.end(1) : end]
    for item in named:
        rest = rest.replace(piece.folded[item.start : item.end], " ", 1)
    is_alone = len(named) == 1 and all(word in _note_words(code) for word in _WORD.findall(rest))
    return BracketNote(start, end, named[0] if is_alone else None)


@cache
def _declared() -> re.Pattern[str]:
    """Return a stretch with the words for brackets, its one group."""
    stretch, words = rf"[^{_END}]{{0,{_STRETCH}}}", either(every("brackets", "declared"))
    return re.compile(rf"{stretch}?(?<!\w)({words})(?:, ?(?=[^\d{_END}]{{0,12}}20\d\d))?{stretch}")


@cache
def _named() -> re.Pattern[str]:
    """Return the words for brackets alone."""
    return re.compile(rf"(?<!\w)(?:{either(every('brackets', 'declared'))})")


@cache
def _negative() -> re.Pattern[str]:
    """Return words that say of brackets that they are a minus sign."""
    return re.compile(either(every("brackets", "declared_minus")))


@cache
def _note_words(code: str) -> frozenset[str]:
    small = (fold(word) for word in split(str(locale(code).data["function_words"])))
    return frozenset({*small, *every("brackets", "note_words")})


def without_note(piece: Piece, note: BracketNote) -> Piece:
    """Return a piece with blanks for a note and for the brackets of the rows below, which then are plain cells."""
    blanks = [(note.start, note.end)]
    for found in re.finditer(r"[^\n]+", piece.folded[note.end :]):
        low, high = found.start() + note.end, found.end() + note.end
        if not rows.is_line(piece.folded, (low, high)) or _LABELLED.search(piece.folded, low, high) is None:
            continue
        for cell in _CELL.finditer(piece.folded, low, high):
            blanks += [(cell.start(2) - 1, cell.start(2)), (cell.end(2), cell.end(2) + 1)]
    text, folded = piece.normal.text, piece.folded
    for low, high in blanks:
        text = text[:low] + " " * (high - low) + text[high:]
        folded = folded[:low] + " " * (high - low) + folded[high:]
    return replace(piece, normal=replace(piece.normal, text=text), folded=folded)
