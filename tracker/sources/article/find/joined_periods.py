"""Expressions for periods in several parts, joined: "the third quarter" and "of fiscal year 2025" are one period."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.period_words import can_close_quarter, end_words, says_end
from tracker.sources.article.text.lexicon import bounded, locale, split

if TYPE_CHECKING:
    from tracker.sources.article.find.stated_period import StatedPeriod

__all__ = ["join_tokens"]

_WORDS: Final = 24  # letters of a few words between the parts of one expression
_YEAR: Final = 12  # months
_COLON: Final = re.compile(r" ?[:\uff1a]")


@cache
def _link_pattern(code: str) -> re.Pattern[str]:
    """Return what may stand between the parts of one expression: links, end words, punctuation."""
    section = locale(code).table("periods")
    words = [
        word for name in ("links", "ended", "end_of", "month_period", "fiscal") for word in split(section.get(name, ""))
    ]
    words = sorted({word for phrase in words for word in [phrase] if "\\" not in word}, key=len, reverse=True)
    body = "|".join(bounded(word, "none") for word in words)
    return re.compile(rf"(?:[ ,()/']|-|(?:{body}))*\Z" if body else r"[ ,()/']*\Z")


def join_tokens(tokens: list[StatedPeriod], text: str, code: str) -> list[StatedPeriod]:
    """Return the periods with neighbours that describe one period as one."""
    out: list[StatedPeriod] = []
    for token in tokens:
        is_one = out and (_is_one_period(out[-1], token) or _is_closed_stretch(out[-1], token, text, code))
        if is_one and (_is_linked(out[-1], token, text, code) or _is_closed_stretch(out[-1], token, text, code)):
            out[-1] = _merge_periods(out[-1], token)
        else:
            out.append(token)
    return [_apply_end_date(period) for period in out]


def _is_linked(left: StatedPeriod, right: StatedPeriod, text: str, code: str) -> bool:
    gap = text[left.end : right.start]
    if "," in gap and (left.prior or right.prior):
        return False
    if "," in gap and _are_two_years(left, right):
        return False
    if "(" in gap and _COLON.match(text, right.end):
        return False
    if left.part and right.month and not can_close_quarter(right) and not locale(code).is_east_asian:
        return end_words(code).search(gap) is not None and len(gap) <= _WORDS  # else a day when something happened
    return len(gap) <= _WORDS and ";" not in gap and _link_pattern(code).match(gap) is not None


def _are_two_years(left: StatedPeriod, right: StatedPeriod) -> bool:
    """Return true if "this year" and a year in figures stand beside each other: "trong năm nay, năm 2023 là 52"."""
    is_whole = {left.part, right.part} <= {None, "FY"} and left.month is None and right.month is None
    return is_whole and left.relative is not None and (right.year is not None or right.length == _YEAR)


def _is_closed_stretch(left: StatedPeriod, right: StatedPeriod, text: str, code: str) -> bool:
    """Return true if a part of a year stands right behind the day on which it ended, where that is said before both."""
    if left.month is None or left.part or right.month or right.year or not (right.part or right.length or right.fiscal):
        return False
    if right.part in (None, "FY") and text[left.end : right.start].strip() in locale(code).words("periods", "closed"):
        return True
    return locale(code).is_east_asian and left.end == right.start and says_end(left, text, code)


def _is_one_period(left: StatedPeriod, right: StatedPeriod) -> bool:
    """Return true if two neighbours can describe one period: no field said twice."""
    if (left.month and right.month and left.length is None) or _is_other_length(left, right):
        return False
    clash = ("part", "relative", "month", "span")
    if any(getattr(left, name) is not None and getattr(right, name) is not None for name in clash):
        return _is_part_of_year(left, right)
    years = left.year is not None and right.year is not None
    if years or (left.length and right.length and left.length != right.length):
        return False
    if left.month and not left.length and not left.part and (right.part or right.length):
        return right.length == 3  # noqa: PLR2004 - "the June quarter"
    if right.prior and left.year is not None:
        return False
    return not (left.prior and right.prior) and not (left.prior and right.month)


def _is_other_length(left: StatedPeriod, right: StatedPeriod) -> bool:
    """Return true if two neighbours are of other lengths or years: the heads of two columns."""
    lengths = {"Q1": 3, "Q2": 3, "Q3": 3, "Q4": 3, "H1": 6, "H2": 6, "M9": 9, "FY": 12}
    said = [item.length or lengths.get(item.part or "") for item in (left, right)]
    other = None not in said and said[0] != said[1] and (left.length or right.length) is not None
    twice = left.part == right.part == "FY" and left.year is not None and right.year is not None
    return (other and (left.month or right.month) is not None) or (twice and left.year != right.year)


def _is_part_of_year(left: StatedPeriod, right: StatedPeriod) -> bool:
    """Return true if one of two neighbours is a year and the other a part of it.

    As in "the third quarter of fiscal year 2025".
    """
    if left.part not in (None, "FY") and right.part == "FY" and right.fiscal:
        return None in (left.year, right.year) and left.relative is None
    return left.part == "FY" and right.part is not None and left.year is not None


def _merge_periods(left: StatedPeriod, right: StatedPeriod) -> StatedPeriod:
    def first(name: str) -> object:
        value = getattr(left, name)
        return getattr(right, name) if value is None else value

    part = right.part if left.part == "FY" and right.part else first("part")
    changes = {name: first(name) for name in ("year", "relative", "month", "length", "span", "day", "months")}
    merged = replace(left, end=right.end, **changes)  # type: ignore[arg-type]
    said = {name: getattr(left, name) or getattr(right, name) for name in ("fiscal", "prior", "civil", "opening")}
    return replace(merged, part=part, **said)  # type: ignore[arg-type]


def _apply_end_date(period: StatedPeriod) -> StatedPeriod:
    """Name the quarter or year that an end date with a length is; with a quarter the date confirms which."""
    month = period.month
    if month is None:
        return replace(period, part="FY") if period.length == 12 and period.relative is not None else period  # noqa: PLR2004
    if period.span is not None:
        period = replace(period, span=None, length=3)
    by_date = {3: "Q1", 6: "Q2", 9: "Q3", 12: "Q4"}.get(month)
    is_closing_day = period.fiscal and period.part is None and period.length is None and period.months is None
    if period.length == 12 or period.part == "FY" or is_closing_day:  # noqa: PLR2004 - months of a year
        return replace(period, part="FY", fiscal=True)
    if period.part is None and period.length == 3 and by_date:  # noqa: PLR2004 - months of a quarter
        return replace(period, part=by_date)
    if period.part in ("Q1", "Q2", "Q3", "Q4") and by_date and not period.fiscal:
        return replace(period, part=by_date)
    if period.part in ("H1", "H2") and month in (6, 12) and not period.fiscal:
        return replace(period, part="H1" if month == 6 else "H2")  # noqa: PLR2004 - the end of June or December
    return period
