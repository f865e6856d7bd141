"""The heads of a table's columns: the periods that a line without figures puts side by side, in one line or two.

"Three months ended June 30, 2025 2024" heads two columns of three months; a line of years under "Third quarter, Nine
months" has the years of each in turn. Years that stand twice without such a line belong to parts nobody knows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tracker.sources.article.find.stated_period import StatedPeriod

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["heads", "is_row_of_years", "unfinished"]


def heads(named: Sequence[StatedPeriod], above: Sequence[StatedPeriod]) -> tuple[StatedPeriod, ...]:
    """Return the period of each column, from those of a line and the parts of a year that the line above names."""
    if _is_of_table(named):
        return heads(named[1:], named[:1] if is_row_of_years(named[1:]) else ())
    if not is_row_of_years(named):
        return tuple(_with_parts(named))
    if above and len(named) % len(above) == 0:
        width = len(named) // len(above)
        return tuple(replace(above[index // width], year=item.year) for index, item in enumerate(named))
    if above or len({item.year for item in named}) < len(named):
        return tuple(StatedPeriod(item.start, item.end) for item in named)
    return tuple(named)


def _is_of_table(named: Sequence[StatedPeriod]) -> bool:
    """Return true if the first part of a year has no year and all others have one: it holds for the whole table."""
    is_dated = [item.year is not None or item.relative is not None for item in named]
    return len(named) > 2 and not is_dated[0] and all(is_dated[1:]) and _is_part(named[0])  # noqa: PLR2004 - two columns


def unfinished(named: Sequence[StatedPeriod]) -> tuple[StatedPeriod, ...]:
    """Return the parts of a year that a line names without their year: its columns are named by the next line."""
    parts = tuple(item for item in named if _is_part(item))
    return parts if parts and all(item.year is None and item.relative is None for item in parts) else ()


def is_row_of_years(named: Sequence[StatedPeriod]) -> bool:
    """Return true if a line names years alone."""
    return bool(named) and all(_is_year(item) for item in named)


def _with_parts(named: Sequence[StatedPeriod]) -> list[StatedPeriod]:
    """Return the periods of a line. A year or the last day behind a quarter means the same quarter of that year."""
    out: list[StatedPeriod] = []
    for item in named:
        repeats = bool(out) and _is_part(out[-1]) and out[-1].year is not None
        is_same_day = repeats and _is_day(item) and item.month == out[-1].month and item.year is not None
        out.append(replace(out[-1], year=item.year) if repeats and (_is_year(item) or is_same_day) else item)
    return out


def _is_part(item: StatedPeriod) -> bool:
    """Return true if a period is less than a year, or the year to a day."""
    return item.part not in (None, "FY") or item.month is not None or item.months is not None


def _is_day(item: StatedPeriod) -> bool:
    """Return true if a period is named by its last day alone."""
    return item.day is not None and item.part is None and item.length is None and item.months is None


def _is_year(item: StatedPeriod) -> bool:
    return item.year is not None and item.part is None and item.month is None and item.months is None
