# a sentence is handed on as its parts; signs of other scripts are meant as they stand
"""Periods of cells and pairs: the head of a column, and years that stand beside as many amounts."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import period_labels, tables
from tracker.sources.article.find.topics import COUNTED
from tracker.sources.article.read import years

if TYPE_CHECKING:
    from decimal import Decimal

    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.stated_period import StatedPeriod
    from tracker.sources.article.read.drafts import FigureDraft, Memory
    from tracker.sources.article.read.scene import Scene
    from tracker.sources.article.read.years import Resolved
from tracker.sources.article.read.nearby import label_count
from tracker.sources.article.read.versus import is_from_to

__all__ = ["date_in_column", "date_in_pair", "leave_open"]

_PAIR: Final = 6  # letters between two years: "and", "bis"


def leave_open(draft: FigureDraft, found: Resolved) -> FigureDraft:
    """Return the draft without a period, with the periods it may be of."""
    flags = (*draft.flags, *(f"fits:{label}" for label in found.candidates))
    return replace(draft, flags=flags).stop(found.reason or "no_period")


def date_in_column(scene: Scene, draft: FigureDraft, memory: Memory) -> FigureDraft | None:
    """Return a table's cell has the period at the head of its column.

    Without one only the first cell of a row has any.
    """
    column, cells = (_column_number(draft.quantity, name) for name in (tables.COLUMN, tables.CELLS))
    if column is None or _has_own_period(scene, draft.quantity):
        return None
    if scene.periods or (cells == 1 and not memory.columns):
        return draft.stop("no_period") if column else None
    extra = column >= len(memory.columns)
    is_first_alone = cells == 1 and memory.bracket_note is not None and bool(memory.columns)
    if (
        ((cells or 0) < len(memory.columns) and not is_first_alone)
        or not memory.columns
        or (not extra and not is_first_alone and _is_shifted(scene, draft, memory))
    ):
        return draft.stop("columns_open")
    if extra:
        return draft.stop("no_period")
    setting = memory.setting(draft.company)
    heads = [years.resolve(words, setting, forward=False, frame=None) for words in memory.columns]
    convention = next((head.convention for head in heads if head.convention), setting.convention)
    words = memory.columns[column]
    found = years.resolve(words, replace(setting, convention=convention), forward=False, frame=None)
    if found.label is None:
        return leave_open(draft, found)
    return _date_as(draft, found.label, words, memory)


def _has_own_period(scene: Scene, quantity: Quantity) -> bool:
    """Return true if a period stands right before a cell: "512 (2023: 487)"."""
    named = (item for item in scene.periods if item.prior or item.definite)
    return any(0 <= quantity.opening - item.end <= len(" : ") for item in named)


def _date_as(draft: FigureDraft, label: str, words: StatedPeriod, memory: Memory) -> FigureDraft:
    """Return a cell as of its head: the part of the year that the text tells of, where the head is a day alone."""
    if _is_bare_day(words) and draft.metric not in COUNTED:
        hints = (hint.part or "" for hint in memory.find_hints())
        part = next((part for part in hints if _MONTH_OF_PART.get(part) == words.month), None)
        if part is None:
            return draft.stop("columns_open")
        label = period_labels.label(part, words.year or 0, fiscal=False)
    if words.part not in (None, "FY"):
        label = label_count(label, words, draft, memory.setting(draft.company))
    return replace(draft, period=label, words=words).rule("period:column")


def _is_bare_day(words: StatedPeriod) -> bool:
    """Return true if the head of a column is a day alone: nobody knows then how long before it an amount counts."""
    is_alone = words.part is None and words.length is None and words.months is None and not words.fiscal
    return is_alone and words.day is not None and words.year is not None


_MONTH_OF_PART: Final = {"Q1": 3, "Q2": 6, "Q3": 9, "Q4": 12, "H1": 6, "M9": 9}


def _column_number(quantity: Quantity, name: str) -> int | None:
    return next((int(flag.removeprefix(name)) for flag in quantity.flags if flag.startswith(name)), None)


def _is_shifted(scene: Scene, draft: FigureDraft, memory: Memory) -> bool:
    """Return true if a row has more cells than heads and they may not begin at the first; a difference may end it."""
    row = [item for item in scene.quantities if _column_number(item, tables.COLUMN) is not None]
    same = [item for item in row if _column_number(item, tables.CELLS) == _column_number(draft.quantity, tables.CELLS)]
    heads = len(memory.columns)
    if _column_number(draft.quantity, tables.CELLS) == heads:
        return False
    if any(tables.NOTE in item.flags for item in row):
        return True
    differs = len(same) == heads + 1 == 3 and abs(_level(same[0]) - _level(same[1])) == abs(same[2].value)  # noqa: PLR2004 - two heads
    return not differs


def _level(quantity: Quantity) -> Decimal:
    return quantity.value.copy_negate() if quantity.signed < 0 else quantity.value


def date_in_pair(scene: Scene, index: int, draft: FigureDraft, memory: Memory) -> FigureDraft | None:
    """Return the draft with its period where two amounts and two years stand in pairs."""
    pair, setting = _paired(scene, index), memory.setting(draft.company)
    label = years.resolve(pair, setting, forward=False, frame=None).label if pair else None
    return (
        replace(draft, period=label_count(label, pair, draft, setting), words=pair).rule("period:near")
        if label
        else None
    )


def _paired(scene: Scene, index: int) -> StatedPeriod | None:
    """Return the period of one end of "from 210 to 245 between 2022 and 2023"."""
    for first in (index, index - 1):
        if not 0 <= first < len(scene.quantities) - 1:
            continue
        one, other = scene.quantities[first], scene.quantities[first + 1]
        if one.kind != "money" or other.kind != one.kind or not is_from_to(scene, first):
            continue
        for early, late in pairwise(scene.periods):
            years = early.year is not None and late.year is not None and early.year < late.year
            if years and early.part == late.part and late.start - early.end <= _PAIR and early.start > other.end:
                return early if first == index else late
    return None
