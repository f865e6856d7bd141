"""The parts of expressions for periods: years, quarters, months, days, and words such as "last year"."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.period_words import is_civil, is_fiscal
from tracker.sources.article.find.stated_period import MONTHS, StatedPeriod
from tracker.sources.article.text.lexicon import (
    PhraseMatch,
    Phrases,
    compile_table,
    either,
    every,
    expression,
    locale,
    shared_pattern,
    split,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_tokens"]

_SHORT_FY: Final = re.compile(r"(?<![a-z0-9])fy ?'?(\d\d)(?:[/-](\d\d))?(?![\d.,]\d|\d)", re.ASCII)
_COMPACT: Final = re.compile(
    r"(?<![a-z0-9])(?:(?P<a>[qhtsk])(?P<n>[1-4])|(?P<m>[1-4])(?P<b>[qhts])|(?P<nine>9[mt])|(?P<six>6[mt]))[ ]?[/-]?"
    r"(?:fy)?'?"
    r"(?P<year>(?:20)?[12]\d)(?![\w%]|[.,]\d)",
    re.ASCII,
)
_QUARTER_YEAR: Final = re.compile(r"(?<![\d.,])((?:20)?[12]\d)[ -]?q([1-4])(?!\d|[-~]q?[2-4](?!\d))", re.ASCII)
#: The quarters of a year so far: "Q1-Q3 2024", "2024Q1-3".
_QUARTERS_TO_DATE: Final = re.compile(
    r"(?<![\w.,])(?:(?P<before>20[12]\d) ?)?q1[-~]q?(?P<last>[2-4])(?!\d)(?:[ /]?(?P<year>20[12]\d)(?![\w%]|[.,]\d))?",
    re.ASCII,
)
_NUMERIC_DATE: Final = re.compile(r"(?<![\d.])(\d{1,2})[/.](\d{1,2})[/.]((?:20)\d\d)(?!\d)", re.ASCII)
_ISO_DATE: Final = re.compile(r"(?<![\d.])(20\d\d)(?:-|/|\. ?)(\d{1,2})(?:-|/|\. ?)(\d{1,2})(?!\d|[.,]\d)", re.ASCII)
_MONTHS_OF_PART: Final = {
    (1, 3): "Q1",
    (4, 6): "Q2",
    (7, 9): "Q3",
    (10, 12): "Q4",
    (1, 6): "H1",
    (7, 12): "H2",
    (1, 9): "M9",
    (1, 12): "FY",
    (4, 9): "H1",
    (10, 3): "H2",
    (4, 12): "M9",
    (4, 3): "FY",
}


def _part_of_months(first: int, last: int) -> str | None:
    """Return the part of a year a stretch of months is.

    Three months off the calendar are the quarter they mostly lie in.
    """
    part = _MONTHS_OF_PART.get((first, last))
    months = 1 <= first <= MONTHS and 1 <= last <= MONTHS
    length = (last - first) % MONTHS + 1
    if part is not None or not months or length != 3:  # noqa: PLR2004 - months of a quarter
        return part
    return f"Q{(first % MONTHS) // 3 + 1}"


_LETTER_BEFORE: Final = re.compile(r"\b[a-z]{1,2}(?=\{n\})")
_LETTER_BEHIND: Final = re.compile(r"\{n\}[a-z]\b")
_LENGTH: Final = {"nine_months": "M9", "six_months": "H1"}


@cache
def _part_phrases(code: str) -> Phrases:
    """Quarters, halves and the rest of a language, one label each."""
    own = locale(code)
    section = own.table("periods")
    table: dict[str, list[str]] = {}
    ordinals = [item.strip() for item in section["ordinals"].split(";")]
    for name, letter in (("quarter", "Q"), ("half", "H")):
        for template in split(section[name]):
            _expand_template(table, template, letter, ordinals)
    for name, label in _LENGTH.items():
        table.setdefault(label, []).extend(split(section[name]))
    table.setdefault("FY", []).extend(split(section["full_year"]))
    return compile_table({label: ";".join(phrases) for label, phrases in table.items()}, own.style)


def _expand_template(table: dict[str, list[str]], template: str, letter: str, ordinals: list[str]) -> None:
    phrase, _, number = template.rpartition("=")
    if phrase and number.isdigit():
        table.setdefault(letter + number, []).append(phrase)
        return
    for index, forms in enumerate(ordinals[: 2 if letter == "H" else 4], 1):
        choice = "(" + "|".join(form for form in forms.split("|") if _is_number_there(form, template)) + ")"
        table.setdefault(f"{letter}{index}", []).append(template.replace("{n}", choice))


def _is_number_there(form: str, template: str) -> bool:
    """Return true if a form reads as a number at the letters of a template: "s1" is a half, "si" and "it" are words."""
    if form[0].isdigit():
        return True
    if _LETTER_BEHIND.search(template):
        return False
    led = _LETTER_BEFORE.search(template)
    return led is None or led[0].startswith("q") or len(form) > 1


@cache
def _relative_phrases(code: str) -> Phrases:
    own = locale(code)
    names = ("this_year", "last_year", "next_year", "this_quarter", "next_quarter", "latest_quarter", "fiscal",
             "civil", "three_months", "twelve_months")  # fmt: skip
    section = own.table("periods")
    table = {name: section[name] for name in names if section.get(name)}
    return compile_table(table, own.style)


@cache
def _date_pattern(code: str) -> re.Pattern[str] | None:
    """Return a month with its day and year, in the orders the language writes them."""
    own = locale(code)
    months = split(own.table("periods")["months"])
    if own.is_east_asian:
        return None
    names = "|".join(f"(?P<m{index}>{expression(forms)})" for index, forms in enumerate(months, 1))
    glue = rf"(?: (?:{either(every('dates', 'date_link'))}))?[ ,./]{{0,2}}"
    ordinal = either(every("dateline", "day_suffix"))
    marks = either([*every("dateline", "day_suffix"), *every("dates", "day_marks")])
    behind = r"(?![^\W\d_])" if own.has_month_names else r"(?![^\W_])"  # "tháng 12" is not the first month
    return re.compile(
        rf"(?<![\w])(?:(?P<d1>\d{{1,2}})(?:\.|{marks})?{glue})?(?:{names}){behind}"
        rf"(?: ?(?P<d2>\d{{1,2}})(?:{ordinal})?(?!\d|[.,]\d))?"
        rf"(?:{glue}(?P<year>20\d\d)(?!\d))?"
    )


def find_tokens(text: str, start: int, end: int, code: str) -> Iterator[StatedPeriod]:
    """Yield every part of an expression for a period in a sentence; they may overlap."""
    yield from _find_years(text, start, end, code)
    yield from _find_compact(text, start, end, code)
    if any(text.find(sign, start, end) >= 0 for sign in every("dates", "month_sign")):
        yield from _find_dates_in_signs(text, start, end)
    if text.find("20", start, end) >= 0:
        yield from _find_numeric_dates(text, start, end, code)
    yield from _find_named_dates(text, start, end, code)
    for mark in _part_phrases(code).find(text, start, end):
        words = text[mark.start : mark.end]
        fiscal, civil = is_fiscal(words), is_civil(words)
        yield StatedPeriod(mark.start, mark.end, part=mark.label, fiscal=fiscal and not civil, civil=civil)
    for mark in _relative_phrases(code).find(text, start, end):
        yield _read_relative(mark, text)
    for mark in locale(code).phrases("compare", "prior").find(text, start, end):
        yield StatedPeriod(mark.start, mark.end, prior=True)


@cache
def _whole_year() -> re.Pattern[str]:
    """Return words that say that a year as a whole is meant."""
    return re.compile(either(every("periods", "whole")))


def _read_relative(mark: PhraseMatch, text: str) -> StatedPeriod:
    is_own = is_fiscal(text[mark.start : mark.end])
    years = {"this_year": 0, "last_year": -1, "next_year": 1}
    lengths = {"three_months": 3, "twelve_months": 12}
    if mark.label in years:
        part = "FY" if _whole_year().search(text, mark.start, mark.end) else None
        return StatedPeriod(mark.start, mark.end, part=part, relative=years[mark.label], fiscal=is_own)
    if mark.label in lengths:
        return StatedPeriod(mark.start, mark.end, length=lengths[mark.label])
    if mark.label in ("fiscal", "civil"):
        return StatedPeriod(mark.start, mark.end, fiscal=mark.label == "fiscal", civil=mark.label == "civil")
    return StatedPeriod(mark.start, mark.end, span=mark.label.removesuffix("_quarter"))


def _find_years(text: str, start: int, end: int, code: str) -> Iterator[StatedPeriod]:
    for found in shared_pattern("year", re.ASCII).finditer(text, start, end):
        year, fiscal = int(found["year"]), bool(found["fy"] or found["sign"])
        if found["next"] is not None:
            following = int(found["next"][-2:]) + year // 100 * 100
            if following != year + 1:
                continue
            year, fiscal = following, True
        opening = found["sign"] is not None and locale(code).year_named_by_start
        part = "FY" if found["sign"] else None
        yield StatedPeriod(found.start(), found.end(), year=year, fiscal=fiscal, part=part, opening=opening)
    for found in _SHORT_FY.finditer(text, start, end):
        yield StatedPeriod(found.start(), found.end(), year=2000 + int(found[2] or found[1]), fiscal=True)
    for found in shared_pattern("short_year").finditer(text, start, end):
        yield StatedPeriod(found.start(), found.end(), year=2000 + int(found[1] or found[2] or found[3]))
    for found in _QUARTER_YEAR.finditer(text, start, end):
        yield StatedPeriod(found.start(), found.end(), part=f"Q{found[2]}", year=2000 + int(found[1][-2:]))
    for found in _QUARTERS_TO_DATE.finditer(text, start, end):
        written = found["before"] or found["year"]
        part = {"2": "H1", "3": "M9", "4": "FY"}[found["last"]]
        yield StatedPeriod(found.start(), found.end(), part=part, year=None if written is None else int(written))


def _find_compact(text: str, start: int, end: int, code: str) -> Iterator[StatedPeriod]:
    letters = locale(code).table("dates").get("letters", "qh")
    for found in _COMPACT.finditer(text, start, end):
        letter, number = found["a"] or found["b"], found["n"] or found["m"]
        if letter is not None and letter not in letters:
            continue
        part = "M9" if found["nine"] else "H1" if found["six"] else ("H" if letter in "hs" else "Q") + number
        if part in ("H3", "H4"):
            continue
        yield StatedPeriod(
            found.start(), found.end(), part=part, year=2000 + int(found["year"][-2:]), fiscal="fy" in found[0]
        )


def _find_dates_in_signs(text: str, start: int, end: int) -> Iterator[StatedPeriod]:
    """Years, months and days in the signs of Chinese, Japanese and Korean."""
    for found in shared_pattern("fiscal").finditer(text, start, end):
        yield StatedPeriod(found.start(), found.end(), year=2000 + int(found[1][-2:]), fiscal=True)
    for found in shared_pattern("stretch").finditer(text, start, end):
        first, last = int(found[2]), int(found[4])
        if 1 <= first <= MONTHS and 1 <= last <= MONTHS:
            year = int(found[3] or int(found[1]) + (first > last))
            part = _part_of_months(first, last)
            yield StatedPeriod(found.start(), found.end(), part=part, year=year, months=(first, last))
    for found in shared_pattern("months").finditer(text, start, end):
        months = int(found[1]), int(found[2])
        if 1 <= months[0] <= MONTHS and 1 <= months[1] <= MONTHS:
            yield StatedPeriod(found.start(), found.end(), part=_part_of_months(*months), months=months, opening=True)
    for found in shared_pattern("day").finditer(text, start, end):
        if 1 <= int(found[2]) <= MONTHS:
            day = None if found[3] is None else int(found[3])
            yield StatedPeriod(
                found.start(), found.end(), year=_read_short_year(found[1]), month=int(found[2]), day=day
            )
    for found in shared_pattern("month").finditer(text, start, end):
        if 1 <= int(found[2]) <= MONTHS:
            yield StatedPeriod(found.start(), found.end(), year=_read_short_year(found[1]), month=int(found[2]))


def _read_short_year(written: str | None) -> int | None:
    return None if written is None else 2000 + int(written[-2:])


def _find_numeric_dates(text: str, start: int, end: int, code: str) -> Iterator[StatedPeriod]:
    """Yield days in figures; where the month may stand first and either may be it, no month is named."""
    is_open = locale(code).date_order == "open"
    for found in _ISO_DATE.finditer(text, start, end):
        if 1 <= int(found[2]) <= MONTHS:
            yield StatedPeriod(found.start(), found.end(), year=int(found[1]), month=int(found[2]), day=int(found[3]))
    for found in _NUMERIC_DATE.finditer(text, start, end):
        day, month = int(found[1]), int(found[2])
        if is_open and day <= MONTHS < month:
            day, month = month, day
        if is_open and day <= MONTHS and month <= MONTHS and day != month:
            yield StatedPeriod(found.start(), found.end())
        elif 1 <= month <= MONTHS:
            yield StatedPeriod(found.start(), found.end(), year=int(found[3]), month=month, day=day)


def _find_named_dates(text: str, start: int, end: int, code: str) -> Iterator[StatedPeriod]:
    """Months with their days and years; two months with "to" between are the stretch from one to the other."""
    previous: StatedPeriod | None = None
    for period in _find_months(text, start, end, code):
        stretch = None if previous is None else _join_months(previous, period, text)
        if stretch is not None:
            yield stretch
        yield period
        previous = period


def _find_months(text: str, start: int, end: int, code: str) -> Iterator[StatedPeriod]:
    pattern = _date_pattern(code)
    if pattern is None:
        return
    for found in pattern.finditer(text, start, end):
        month = next(index for index in range(1, 13) if found[f"m{index}"] is not None)
        year = None if found["year"] is None else int(found["year"])
        day = found["d1"] or found["d2"]
        yield StatedPeriod(found.start(), found.end(), month=month, year=year, day=int(day) if day else None)


@cache
def _month_link() -> re.Pattern[str]:
    """Return what leads from one month to another."""
    return re.compile(rf" ?(?:-|{either(every('dates', 'month_to'))}) ?\Z")


def _join_months(first: StatedPeriod, last: StatedPeriod, text: str) -> StatedPeriod | None:
    """Return two months with "to" between, a part of the calendar's year or not; "and" joins only what is one."""
    months = first.month or 0, last.month or 0
    part, gap = _part_of_months(*months), text[first.end : last.start]
    if not _month_link().match(gap) or (part is None and gap.strip() in every("dates", "month_and")):
        return None
    opening = last.year is None and first.year is not None
    return StatedPeriod(
        first.start, last.end, part=part, year=last.year or first.year, months=months, day=last.day, opening=opening
    )
