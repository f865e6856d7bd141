"""A period as a text states it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["MONTHS", "StatedPeriod"]

MONTHS: Final = 12  # of a year


@dataclass(frozen=True, slots=True)
class StatedPeriod:
    """A period as a text writes it: which part of which year, as far as the words say."""

    start: int
    end: int
    part: str | None = None  # Q1..Q4, H1, H2, M9, FY
    year: int | None = None
    relative: int | None = None  # years from the publication: -1 last year, 0 this year
    fiscal: bool = False
    prior: bool = False  # "a year earlier"
    month: int | None = None  # of the end date
    length: int | None = None  # months, of "three months to"
    span: str | None = None  # this, next or latest quarter
    day: int | None = None  # of the end date
    months: tuple[int, int] | None = None  # the first and the last one, of "October to December"
    civil: bool = False  # the words say that the calendar's year is meant
    opening: bool = False  # the year is the one in which the period begins
    since: bool = False  # "the best since 2019": no figure belongs to that year

    @property
    def definite(self) -> bool:
        """Return true if it names a period by itself (a bare "a year earlier" does not)."""
        named = (self.part, self.year, self.relative, self.span, self.months)
        return not self.since and any(item is not None for item in named)
