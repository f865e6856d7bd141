"""Periods and the calendars companies keep: quarters that end in October, years of 371 days.

A period is its first and last day, both included; an instant has no first day. Labels (`2024Q2`,
`FY2024`) are the company's own calendar and are computed, never read from a filing's `fy`/`fp`.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.errors import PeriodError

__all__ = ["YEAR_DAYS", "FiscalCalendar", "Period", "closing_month"]

#: The least and the most days that a year has: 52 weeks less a day, and 53 weeks and two.
YEAR_DAYS = (363, 373)

_LABEL = re.compile(r"(?:FY)?(?P<year>\d{4})(?P<part>Q[1-4]|H[12]|M9)?\Z", re.ASCII)
#: label part -> (months from the start of the year to the period's start, to its end)
_PARTS = {"Q1": (0, 3), "Q2": (3, 6), "Q3": (6, 9), "Q4": (9, 12), "H1": (0, 6), "H2": (6, 12), "M9": (0, 9)}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A span of days, both ends included, or (`start` is None) the close of one day."""

    start: date | None
    end: date

    def __post_init__(self) -> None:
        if self.start is not None and self.start > self.end:
            raise PeriodError(f"the period ends ({self.end}) before it starts ({self.start})")

    @property
    def days(self) -> int:
        """Length in days; an instant has 0."""
        return 0 if self.start is None else (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class FiscalCalendar:
    """The nominal calendar of a company whose fiscal year closes at the end of a month.

    `named_by_start` is for the retailers whose fiscal 2023 ends in January 2024. Companies with years of
    52 or 53 weeks close near this nominal day; their true days come from their filings (`fiscal_year.sql`).

    >>> FiscalCalendar(6).period("2024Q1").start.isoformat()
    '2023-07-01'
    """

    end_month: int
    named_by_start: bool = False

    def period(self, label: str) -> Period:
        """Return the days a label stands for. Raises PeriodError where it is none of ours."""
        found = _LABEL.match(label)
        if not found:
            raise PeriodError(f"{label!r} is not a period; write 2024Q2, 2024H1, 2024M9 or FY2024")
        first, last = _PARTS.get(found["part"] or "", (0, 12))
        opening = self._opening(int(found["year"]))
        return Period(_add_months(opening, first), _add_months(opening, last) - timedelta(days=1))

    def _opening(self, year: int) -> date:
        """Return the first day of the fiscal year that carries this number."""
        shift = self.end_month % 12
        closes_same_year = self.named_by_start or shift == 0
        return date(year if closes_same_year else year - 1, shift + 1, 1)


def closing_month(month: int, day: int) -> int | None:
    """Return the month that a fiscal year closes in, from the month and day of its year end; None where they are none.

    A day that the month does not have, in this year or in any (29 February, 31 September), is the month's last day.
    A year that closes in the first week of a month belongs to the month before: it has 52 or 53 weeks.

    >>> closing_month(2, 29), closing_month(9, 31), closing_month(1, 3)
    (2, 9, 12)
    """
    if month not in _MONTHS or day not in _DAYS:
        return None
    last_day = calendar.monthrange(_LEAP_YEAR, month)[1]
    return (date(_LEAP_YEAR, month, min(day, last_day)) - timedelta(days=7)).month


_LEAP_YEAR = 2024
_MONTHS = range(1, 13)
_DAYS = range(1, 32)


def _add_months(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
