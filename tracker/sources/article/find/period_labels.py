"""Turn the words for a period, and the day of publication, into a label such as 2024Q2.

Nothing relative gets a label without that day.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date

from tracker.sources.article.find.stated_period import MONTHS, StatedPeriod

__all__ = ["label", "latest_quarter", "resolve", "shift", "year_to_date"]

_JUST_ENDED: Final = 3  # months
_END_OF_PART: Final = {"Q1": 3, "Q2": 6, "Q3": 9, "Q4": 12, "H1": 6, "H2": 12, "M9": 9, "FY": 12}


def label(part: str | None, year: int, *, fiscal: bool) -> str:
    """Return the label of a part of a year: 2024Q2, FY2024, FY2025Q3."""
    if part in (None, "FY"):
        return f"FY{year}"
    return f"FY{year}{part}" if fiscal else f"{year}{part}"


_LABEL: Final = re.compile(r"([FS]Y)?(\d{4})(Q[1-4]|H[12]|M9)?\Z", re.ASCII)


def shift(period: str, years: int) -> str:
    """Return the same period some years later or (negative) earlier."""
    found = _LABEL.match(period)
    if found is None:
        return period
    return f"{found[1] or ''}{int(found[2]) + years}{found[3] or ''}"


def latest_quarter(published: date) -> tuple[int, int]:
    """Year and number of the last calendar quarter that had ended by a day."""
    quarter = (published.month - 1) // 3
    return (published.year, quarter) if quarter else (published.year - 1, 4)


def year_to_date(published: date) -> str:
    """Return the part of the year a report of this day covers when it says "this year": Q1, H1, M9 or the year."""
    year, quarter = latest_quarter(published)
    return label({1: "Q1", 2: "H1", 3: "M9", 4: "FY"}[quarter], year, fiscal=False)


def _latest_part(part: str, published: date) -> int:
    """Return the latest year in which this part had ended by a day."""
    return published.year if _END_OF_PART[part] < published.month else published.year - 1


def resolve(period: StatedPeriod, published: date | None, *, forward: bool, frame: str | None) -> str | None:
    """Return the label of a period as written, or None where the words and the date do not settle it.

    `forward` says that the figure lies ahead (guidance); `frame` is the period the text spoke of before.
    """
    if period.year is not None:
        return _of_year(period, period.year)
    if published is None:
        return _from_frame(period, frame)
    if period.span is not None:
        return _of_span(period.span, published)
    if period.relative is not None:
        return _of_relative(period, published, forward=forward)
    return _of_latest(period, published, forward=forward, frame=frame)


def _of_year(period: StatedPeriod, year: int) -> str | None:
    if (period.months is not None and period.part is None) or _is_off_calendar(period):
        return None
    if period.part is None and period.month is None and period.length not in (None, MONTHS):
        return None
    if period.part is None and period.month is not None and period.month % 3 == 0 and period.length is None:
        return label(f"Q{period.month // 3}", year, fiscal=False)
    return label(period.part, year, fiscal=period.fiscal)


def _is_off_calendar(period: StatedPeriod) -> bool:
    """Return true if a half or nine months end in a month that those of the calendar never end in."""
    ends = {"H1": (6, 12), "H2": (6, 12), "M9": (9,)}.get(period.part or "")
    return ends is not None and period.month is not None and period.month not in ends


def _from_frame(period: StatedPeriod, frame: str | None) -> str | None:
    """Return the label of "the third quarter" in a text without a day, if the text gave its year before."""
    found = _LABEL.match(frame or "")
    if found is None or period.part is None or period.relative is not None or period.part != (found[3] or "FY"):
        return None
    return label(period.part, int(found[2]), fiscal=period.fiscal or (bool(found[1]) and found[3] is not None))


def _of_span(span: str, published: date) -> str:
    year, quarter = latest_quarter(published)
    step = {"latest": 0, "this": 1, "next": 2}[span]
    months = year * 4 + quarter - 1 + step
    return label(f"Q{months % 4 + 1}", months // 4, fiscal=False)


def _of_relative(period: StatedPeriod, published: date, *, forward: bool) -> str | None:
    year = published.year + (period.relative or 0)
    if period.part not in (None, "FY"):
        return label(period.part, year, fiscal=period.fiscal)
    if period.relative == 0 and not forward and not period.fiscal:
        return year_to_date(published)
    return label("FY", year, fiscal=False)


def _of_latest(period: StatedPeriod, published: date, *, forward: bool, frame: str | None) -> str | None:
    part = period.part
    if part is None:
        if period.month is None or period.month % 3:
            return None
        part = f"Q{period.month // 3}"
    if part == "FY":
        return _full_year(period, published, forward=forward, frame=frame)
    year = _latest_part(part, published)
    if forward:
        ahead = _END_OF_PART[part] - published.month
        if -_JUST_ENDED <= ahead < 0:
            return None  # what is promised of a period that has just ended may be of this year or of the next
        year = published.year if ahead >= 0 else published.year + 1
    return label(part, year, fiscal=period.fiscal)


def _full_year(period: StatedPeriod, published: date, *, forward: bool, frame: str | None) -> str | None:
    found = _LABEL.match(frame or "")
    if found is not None and not forward:
        return label("FY", int(found[2]), fiscal=False)
    if period.month is not None:
        ended = published.year if period.month < published.month else published.year - 1
        return label("FY", ended, fiscal=True)
    return label("FY", published.year if forward else published.year - 1, fiscal=False)
