"""Which days a period is: of the company's own year, of the calendar's, or open where both fit.

A text says "the third quarter". Of a company whose year ends in June that is January to March, unless the writer
counts by the calendar. The days decide where they can: what is reported had ended when the text came out, and what
is promised had not. Words decide too ("fiscal", "calendar", the months themselves), and in its own text a company
counts its own way. Where two readings are left, the period stays open and both are named.

A company that nobody knows is read by the calendar, as it is written: no figure of it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from tracker.model.period import FiscalCalendar
from tracker.model.period import Period as Days
from tracker.sources.article.find import period_labels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.sources.article.find.stated_period import StatedPeriod
    from tracker.sources.article.model import ExtractedFigure, NamedCompany

__all__ = ["CALENDAR", "OPENING", "OPENING_YEAR", "Frame", "Resolved", "Setting", "days_of", "resolve", "stated_days"]

#: The year of the calendar.
CALENDAR: Final = FiscalCalendar(12)
#: A label `SY2024` names the company's year by the calendar year it begins in (2024年度), where `FY2024` does not.
OPENING: Final = "SY"
#: The flag of a figure whose label is one of these, written with `FY`.
OPENING_YEAR: Final = "year:opening"
#: The calendar under which a year that carries a number ends earliest.
_EARLIEST: Final = FiscalCalendar(1)
_LENGTH: Final = {"Q": 3, "H": 6, "M": 9, "F": 12}
_PARTS: Final = {3: ("Q1", "Q2", "Q3", "Q4"), 6: ("H1", "H2"), 9: ("M9",), 12: ("",)}
_DRIFT: Final = timedelta(days=10)  # a year of 52 or 53 weeks ends so near to the end of its month
_RESULTS: Final = timedelta(days=62)  # results are out by then: nothing is promised any more
_AROUND: Final = 3  # years before and after the day of publication
_MONTHS: Final = 12
_YEAR_LABEL: Final = 6  # characters of FY2024


@dataclass(frozen=True, slots=True)
class Resolved:
    """The label of a period, or the reason why it has none and the labels it may have.

    `convention` is "own" or "civil" where the days alone decided: a text keeps to one way of counting.
    """

    label: str | None
    reason: str | None = None
    candidates: tuple[str, ...] = ()
    convention: str | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What a period is read against: the day of the text, and the company it is said of (None: one nobody knows).

    `latest` is a day on which the text was there already, where its own day is not known. `convention` is how the text
    has counted the company's quarters before.
    """

    published: date | None
    latest: date | None = None
    company: NamedCompany | None = None
    convention: str | None = None

    @property
    def calendar(self) -> FiscalCalendar | None:
        """Return how the company counts its years; None where it is known and its calendar is not."""
        return CALENDAR if self.company is None else self.company.calendar

    @property
    def limit(self) -> date | None:
        """Return the last day on which what the text reports can have ended."""
        return self.published or self.latest

    @property
    def counts_own(self) -> bool:
        """Return true if a quarter is the company's own without further words."""
        return self.convention == "own" or (self.company is not None and self.company.speaks)

    def ends(self, label: str) -> date:
        """Return the last day of a period; where the calendar is not known, the earliest that it can be."""
        return days_of(label, self.calendar if self.company is not None else None).end

    def has_ended(self, label: str) -> bool:
        """Return true if a period was over when the text came out, as far as that is known."""
        return self.limit is None or self.ends(label) <= self.limit


@dataclass(frozen=True, slots=True)
class Frame:
    """A period that the text has spoken of: its label, of which company, in which words, where the figure stands."""

    label: str
    company: NamedCompany | None
    words: StatedPeriod | None
    start: int = -1

    def under(self, setting: Setting) -> Resolved:
        """Return the same period for another company, where it does not depend on how the two count their years."""
        calendar = None if self.company is None else self.company.calendar
        if self.company == setting.company or (setting.company is not None and calendar == setting.calendar):
            return Resolved(self.label)
        if self.company is None and self.words is not None:
            return resolve(self.words, setting, forward=False, frame=None)
        is_civil = self.label[0].isdigit() and self.words is not None and (self.words.civil or self.words.month)
        if setting.company is None or is_civil:
            return Resolved(self.label)
        return Resolved(None, "fiscal_or_calendar", (self.label,))


def days_of(label: str, calendar: FiscalCalendar | None) -> Days:
    """Return the days of a label: `FY...` by the company's calendar (None: the earliest), others by months."""
    own = calendar or _EARLIEST
    if label.startswith(OPENING):
        return replace(own, named_by_start=True).period("FY" + label.removeprefix(OPENING))
    return (own if label.startswith("FY") else CALENDAR).period(label)


def stated_days(figure: ExtractedFigure, calendar: FiscalCalendar | None) -> Days | None:
    """Return the days a figure is of, for a company with this calendar.

    None where it has no period or they are not known.
    """
    label = figure.period
    if label is None or (calendar is None and label.startswith("FY")):
        return None
    return days_of(OPENING + label.removeprefix("FY") if OPENING_YEAR in figure.flags else label, calendar)


def resolve(period: StatedPeriod, setting: Setting, *, forward: bool, frame: str | None) -> Resolved:
    """Return the label of a period as written, for the company it is said of.

    `forward` says that the figure lies ahead (guidance); `frame` is the period that the text spoke of before.
    """
    calendar = setting.calendar
    months = _month_span(period) if setting.company is not None else None
    if months is not None:
        return _of_months(period, *months, setting, forward=forward)
    if setting.company is None or period.civil or (calendar and calendar.end_month == _MONTHS):
        plain = replace(period, fiscal=period.fiscal and not period.civil)
        return Resolved(period_labels.resolve(plain, setting.published, forward=forward, frame=frame))
    if calendar is None:
        return _unknown(period)
    if period.part in (None, "FY"):
        return _own_year(period, setting, calendar, forward=forward, frame=frame)
    return _own_part(period, setting, calendar, forward=forward, frame=frame)


def _unknown(period: StatedPeriod) -> Resolved:
    """Of a company whose calendar is not known only years by their number have a label."""
    if period.year is not None and period.part in (None, "FY"):
        return Resolved(period_labels.resolve(period, None, forward=False, frame=None))
    return Resolved(None, "no_calendar") if period.definite else Resolved(None)


# By months -----------------------------------------------------------------------------------------------------------


def _month_span(period: StatedPeriod) -> tuple[int, int] | None:
    """Return the last month of a period that is named by its months, and how many they are."""
    if period.months is not None:
        return period.months[1], (period.months[1] - period.months[0]) % _MONTHS + 1
    if period.month is None or (period.length is None and period.part is None):
        return None
    return period.month, period.length or _LENGTH[(period.part or "F")[0]]


def _of_months(period: StatedPeriod, last: int, length: int, setting: Setting, *, forward: bool) -> Resolved:
    """Return the part of the calendar's year, or else of the company's, that consists of these months."""
    end = _find_year_end(period, last, setting.published, forward=forward)
    if end is None:
        return Resolved(None)
    label = _ending(end, length, setting.calendar, is_day=period.day is not None)
    return Resolved(label, None if label else "off_calendar")


def _find_year_end(period: StatedPeriod, last: int, published: date | None, *, forward: bool) -> date | None:
    """Return the day the months end on: in the year named, else the latest (of a promise the next)."""
    if period.year is not None:
        crosses = period.opening and period.months is not None and period.months[0] > last
        return _day_in(period.year + crosses, last, period.day)
    if published is None:
        return None
    if period.relative is not None:
        return _day_in(published.year + period.relative, last, period.day)
    return _nearest((_day_in(year, last, period.day) for year in _around(published)), published, forward=forward)


def _around(published: date) -> range:
    return range(max(published.year - _AROUND, date.min.year + 1), min(published.year + _AROUND, date.max.year - 1) + 1)


def _nearest(ends: Iterable[date], published: date, *, forward: bool) -> date | None:
    """Return the latest end as of a day, or (forward) the next one."""
    if forward:
        return min((end for end in ends if end >= published), default=None)
    return max((end for end in ends if end <= published), default=None)


def _day_in(year: int, month: int, day: int | None) -> date:
    """Return a day of a month, or its last one."""
    end = date(year + month // _MONTHS, month % _MONTHS + 1, 1) - timedelta(days=1)
    return end.replace(day=day) if day and day < end.day else end


def _ending(end: date, length: int, own: FiscalCalendar | None, *, is_day: bool) -> str | None:
    """Return the label of the part of such a length that ends in a month or, where the day is known, near that day."""
    for calendar, prefix in ((CALENDAR, ""), (own, "FY")):
        if calendar is None or (length == _MONTHS and not prefix):
            continue
        for year in (end.year - 1, end.year, end.year + 1):
            for label in (f"{prefix}{year:04d}{part}" for part in _PARTS.get(length, ())):
                close = days_of(label, calendar).end
                if abs(close - end) <= _DRIFT if is_day else (close.year, close.month) == (end.year, end.month):
                    return label
    return None


# By the company's own year -------------------------------------------------------------------------------------------


def _own_part(
    period: StatedPeriod, setting: Setting, calendar: FiscalCalendar, *, forward: bool, frame: str | None
) -> Resolved:
    """Return a quarter, half-year or nine months of a company whose year is not the calendar's."""
    part = period.part or ""
    if period.year is not None:
        prefix = OPENING if period.opening else "FY"
        named: tuple[str, ...] = (f"{prefix}{period.year}{part}", f"{period.year}{part}")
    elif setting.published is None:
        is_spoken = frame is not None and frame.endswith(part) and not frame[0].isdigit()
        return Resolved(frame if is_spoken else None)
    elif period.relative is not None:
        own, year = _year_on(setting.published, calendar) + period.relative, setting.published.year + period.relative
        named = (f"FY{own}{part}", f"FY{year}{part}", f"{year}{part}")
    else:
        return _bare_part(period, setting, setting.published, calendar, forward=forward)
    if period.fiscal or setting.counts_own:
        return Resolved(named[0])
    return Resolved(named[-1]) if setting.convention == "civil" else _choose_label(named, setting, forward=forward)


def _choose_label(candidates: tuple[str, ...], setting: Setting, *, forward: bool) -> Resolved:
    """Return the one candidate that the day leaves.

    Where it leaves none the first, which is in the future or long past.
    """
    fitting = [label for label in candidates if _is_possible(label, setting, forward=forward)]
    days = {days_of(label, setting.calendar) for label in fitting}
    if len(days) > 1:
        return Resolved(None, "fiscal_or_calendar", tuple(fitting))
    label = fitting[0] if fitting else candidates[0]
    return Resolved(label, convention=("civil" if label[0].isdigit() else "own") if fitting else None)


def _is_possible(label: str, setting: Setting, *, forward: bool) -> bool:
    """Return true if a text of this day can report a period, or (forward) promise something for it."""
    if not forward:
        return setting.has_ended(label)
    return setting.published is None or setting.ends(label) + _RESULTS > setting.published


def _bare_part(
    period: StatedPeriod, setting: Setting, published: date, calendar: FiscalCalendar, *, forward: bool
) -> Resolved:
    """Of "the third quarter" the company's own, unless the calendar's is nearer and the company's an older one."""
    part = period.part or ""
    own = _nearest_part("FY", part, published, calendar, forward=forward)
    civil = _nearest_part("", part, published, CALENDAR, forward=forward)
    if own is None or civil is None or period.fiscal or setting.counts_own:
        return Resolved(own)
    if setting.convention == "civil":
        return Resolved(civil)
    mine, theirs = days_of(own, calendar).end, days_of(civil, calendar).end
    quarter = _of_span("this" if forward else "latest", published, calendar)
    is_newest = quarter is not None and days_of(quarter, calendar).end == mine
    is_nearer = mine <= theirs if forward else mine >= theirs
    return Resolved(own) if is_newest or is_nearer else Resolved(None, "fiscal_or_calendar", (own, civil))


def _nearest_part(prefix: str, part: str, published: date, calendar: FiscalCalendar, *, forward: bool) -> str | None:
    """Return the latest part of this name that had ended when the text came out, or (forward) the next that ends."""
    labels = [f"{prefix}{year:04d}{part}" for year in _around(published)]
    by_end = {days_of(label, calendar).end: label for label in labels}
    end = _nearest(by_end, published, forward=forward)
    return by_end[end] if end else None


def _year_on(day: date, calendar: FiscalCalendar) -> int:
    """Return the number of the company's year that a day lies in."""
    return day.year + sum(calendar.period(f"FY{day.year + step:04d}").end < day for step in (-1, 0)) - 1


def _own_year(
    period: StatedPeriod, setting: Setting, calendar: FiscalCalendar, *, forward: bool, frame: str | None
) -> Resolved:
    """Return a year of a company, or its quarter that is on, was last or comes next."""
    published = setting.published
    if period.year is not None:
        label = period_labels.resolve(period, published, forward=forward, frame=frame)
        return Resolved(OPENING + label[2:] if label and period.opening else label)
    if published is None:
        is_spoken = period.part == "FY" and frame is not None and len(frame) == _YEAR_LABEL and not frame[0].isdigit()
        return Resolved(frame if is_spoken else None)
    if period.span is not None:
        return Resolved(_of_span(period.span, published, calendar))
    if period.relative is not None:
        return _relative_year(period, setting, published, calendar, forward=forward)
    if period.part == "FY":
        return Resolved(_full_year(setting, published, calendar, forward=forward, frame=frame))
    return Resolved(None)


def _of_span(span: str, published: date, calendar: FiscalCalendar) -> str | None:
    """Return the company's quarter that is on, was last or comes next."""
    labels = [f"FY{year:04d}{part}" for year in _around(published) for part in _PARTS[3]]
    by_end = {days_of(label, calendar).end: label for label in labels}
    ends = sorted(by_end)
    latest = sum(end <= published for end in ends) - 1 + {"latest": 0, "this": 1, "next": 2}[span]
    return by_end[ends[latest]] if 0 <= latest < len(ends) else None


def _relative_year(
    period: StatedPeriod, setting: Setting, published: date, calendar: FiscalCalendar, *, forward: bool
) -> Resolved:
    """Of "last year" the one that the company's count and the calendar's number agree on, unless words decide."""
    relative, own = period.relative or 0, _year_on(published, calendar)
    is_said = period.fiscal or setting.counts_own
    if not is_said and (own != published.year or not (relative or forward)):
        return Resolved(None, "fiscal_or_calendar", (f"FY{own + relative}", f"FY{published.year + relative}"))
    if relative or forward:
        return Resolved(f"FY{own + relative}")
    done = (f"FY{own}{part}" for part in ("M9", "H1", "Q1"))
    return Resolved(next((label for label in done if setting.has_ended(label)), None))


def _full_year(
    setting: Setting, published: date, calendar: FiscalCalendar, *, forward: bool, frame: str | None
) -> str | None:
    """Of "the full year" the one spoken of if it has ended, else the latest or (forward) the one that is on."""
    spoken = (frame or "")[:_YEAR_LABEL]
    if spoken.startswith("FY") and not forward and setting.has_ended(spoken):
        return spoken
    return _nearest_part("FY", "", published, calendar, forward=forward)
