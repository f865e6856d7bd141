"""Periods as texts name them: quarters, halves, nine months, years, end dates, "a year earlier".

`find` returns what a sentence says; `resolve` turns it into a label, with the publication date where a text
leaves the year out. Nothing relative is resolved without that date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.text.lexicon import (
    PhraseMatch,
    Phrases,
    bounded,
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
    from datetime import date

__all__ = ["StatedPeriod", "find_periods", "latest_quarter", "resolve", "shift", "year_to_date"]


_COLON: Final = re.compile(r" ?[:\uff1a]")
_SENTENCES: Final = 32  # sentences whose periods are remembered


@dataclass(frozen=True, slots=True)
class StatedPeriod:
    """A period as written: which part of which year, as far as the words go."""

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
#: A Roman numeral before a year: of a quarter or of a half, which the words beside it say.
_NUMERAL_OF_YEAR: Final = re.compile(r"(?<!\w)(?:i{1,3}|iv)[-/]\Z")
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
    months = 1 <= first <= _MONTHS and 1 <= last <= _MONTHS
    length = (last - first) % _MONTHS + 1
    if part is not None or not months or length != 3:  # noqa: PLR2004 - months of a quarter
        return part
    return f"Q{(first % _MONTHS) // 3 + 1}"


_MONTHS: Final = 12
_JUST_ENDED: Final = 3  # months
_NUMERAL: Final = 3  # letters of a Roman numeral of a quarter
_WORDS: Final = 24  # letters of a few words between the parts of one expression
_LATE: Final = 28  # no quarter of the calendar ends on an earlier day of its last month
_END_OF_PART: Final = {"Q1": 3, "Q2": 6, "Q3": 9, "Q4": 12, "H1": 6, "H2": 12, "M9": 9, "FY": 12}
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


def find_periods(text: str, start: int, end: int, code: str) -> list[StatedPeriod]:
    """Return the periods a sentence names, from left to right, parts of one expression joined."""
    return list(_find_periods(text, start, end, code))


@lru_cache(maxsize=_SENTENCES)
def _find_periods(text: str, start: int, end: int, code: str) -> tuple[StatedPeriod, ...]:
    """Return the periods of a sentence.

    Those that open a text are looked at first for what it speaks of, and then read.
    """
    tokens = sorted(_find_tokens(text, start, end, code), key=lambda token: (token.start, -token.end))
    kept: list[StatedPeriod] = []
    for token in tokens:
        if not kept or token.start >= kept[-1].end:
            kept.append(token)
        elif kept[-1].span and token.part:
            kept[-1] = token
        elif kept[-1].part and token.month and kept[-1].month is None:
            kept[-1] = replace(kept[-1], end=max(token.end, kept[-1].end), year=kept[-1].year or token.year, month=None)
        elif kept[-1].part not in (None, "FY") and (token.part == "FY" or token.length == _MONTHS):
            said = _is_fiscal(text[token.start : token.end])
            kept[-1] = replace(kept[-1], end=max(kept[-1].end, token.end), fiscal=kept[-1].fiscal or said)
        elif token.part in ("M9", "H1") and kept[-1].month and kept[-1].part is None and token.start == kept[-1].start:
            kept[-1] = replace(token, end=kept[-1].end, year=kept[-1].year)  # nine months, not the ninth of a month
        elif token.end - token.start > kept[-1].end - kept[-1].start:
            kept[-1] = token
    joined = [
        _drop_event_dates(_name_quarter(_mark_year_kind(period, text), text, code), text, code)
        for period in _join_tokens(kept, text, code)
    ]
    joined = [replace(period, since=_is_only_since(period, text, code)) for period in joined]
    joined = [_open_numeral(period, text) for period in joined]
    joined = _without_closing_days(_with_alone(joined, text, (start, end), code), text, code)
    return tuple(period for period in joined if period.definite or period.prior or period.month or period.since)


def _open_numeral(period: StatedPeriod, text: str) -> StatedPeriod:
    """Return a year as an unknown part of it where a bare Roman numeral is written to it: "II-2024"."""
    if period.year is None or period.part not in (None, "FY"):
        return period
    found = _NUMERAL_OF_YEAR.search(text[max(0, period.start - _NUMERAL - 2) : period.start])
    return period if found is None else replace(period, start=period.start - len(found[0]), part=None, length=_QUARTER)


_QUARTER: Final = 3  # months


def _without_closing_days(found: list[StatedPeriod], text: str, code: str) -> list[StatedPeriod]:
    """Return the periods without days that only say when a fiscal year ends: "which closes on 31 March"."""
    out: list[StatedPeriod] = []
    for item in found:
        is_day = item.day is not None and item.year is None and item.length is None
        before = text[max(0, item.start - _WORDS) : item.start]
        if is_day and any(other.fiscal and other.year for other in out) and _closing_words(code).search(before):
            continue
        out.append(item)
    return out


@cache
def _closing_words(code: str) -> re.Pattern[str]:
    """Return what matches a word for the end of a period, up to the day that follows: "ended on "."""
    own = locale(code)
    words = sorted((word for word in own.words("periods", "ended") if len(word) > 3), key=len, reverse=True)  # noqa: PLR2004 - no "to"
    body = "|".join(bounded(word, own.style) for word in words) or "(?!)"
    return re.compile(rf"(?:{body})(?: [^\W\d_]{{1,3}})?[ ]?\Z")


def _with_alone(found: list[StatedPeriod], text: str, bounds: tuple[int, int], code: str) -> list[StatedPeriod]:
    """Add the quarters that only a number names because the text has named a quarter before: "au troisième"."""
    quarter = next((item for item in found if item.part in ("Q1", "Q2", "Q3", "Q4")), None)
    pattern = _number_alone(code)
    if quarter is None or pattern is None:
        return found
    out = list(found)
    for mark in pattern.finditer(text, quarter.end, bounds[1]):
        number = next(index for index in range(1, 5) if mark[f"n{index}"] is not None)
        if all(item.end <= mark.start() or mark.end() <= item.start for item in found):
            out.append(replace(quarter, start=mark.start(), end=mark.end(), part=f"Q{number}", month=None, day=None))
    return sorted(out, key=lambda item: item.start)


def _plain_forms(forms: str) -> str:
    """Return what matches an ordinal written as a word. A numeral alone may mean anything."""
    words = (form for form in forms.split("|") if len(form) > _NUMERAL and form[0].isalpha())
    return "|".join(map(expression, words)) or "(?!)"


@cache
def _number_alone(code: str) -> re.Pattern[str] | None:
    """Return what matches the number of a quarter without the word "quarter", at the end of a clause."""
    section = locale(code).table("periods")
    if not section.get("alone"):
        return None
    words = [_plain_forms(forms) for forms in split(section["ordinals"])[:4]]
    groups = "|".join(f"(?P<n{index}>{forms})" for index, forms in enumerate(words, 1))
    return re.compile(rf"(?<!\w)(?:{either(split(section['alone']))}) (?:{groups})(?= ?(?:[,.;:)]|\Z))")


def _is_only_since(period: StatedPeriod, text: str, code: str) -> bool:
    """Return true if a year only says since when: "the best result since 2019"."""
    if period.year is None or period.part is not None or period.month is not None:
        return False
    behind = locale(code).words("compare", "since_behind")
    if behind:
        return text.startswith(behind, period.end + text.startswith(" ", period.end))
    is_range = re.match(r" ?[^\W\d_]{1,5} (?:19|20)\d\d", text[period.end : period.end + 12]) is not None
    return not is_range and _since_words(code).search(text[max(0, period.start - _WORDS) : period.start]) is not None


@cache
def _since_words(code: str) -> re.Pattern[str]:
    """Return the words for "since" right before a year."""
    words = either(locale(code).folded("compare", "since"))
    return re.compile(rf"(?<!\w)(?:{words}) ?\Z" if words else "(?!)")


def _mark_year_kind(period: StatedPeriod, text: str) -> StatedPeriod:
    """Return a part of a year with what its words say of the year that is meant."""
    if period.part in (None, "FY"):
        return period
    words = text[period.start : period.end]
    civil = period.civil or _is_civil(words)
    fiscal = period.fiscal or _is_fiscal(words)
    return replace(period, fiscal=fiscal and not civil, civil=civil)


def _is_fiscal(words: str) -> bool:
    """Return true if a phrase says that the company's own year is meant."""
    return any(stem in words for stem in every("dates", "fiscal_stems"))


def _is_civil(words: str) -> bool:
    """Return true if a phrase says that the calendar's year is meant."""
    return any(stem in words for stem in every("dates", "civil_stems"))


def _drop_event_dates(period: StatedPeriod, text: str, code: str) -> StatedPeriod:
    """Drop the day or month of an event, which names no period unless a quarter can have ended on it."""
    if period.month is None or period.part or period.length or period.months or period.span:
        return period
    if _can_close_quarter(period) and (period.day is not None or _says_end(period, text, code)):
        return period
    return replace(period, year=None, relative=None)


def _says_end(period: StatedPeriod, text: str, code: str) -> bool:
    """Return true if the words say that something ended with a month, or stood at its end."""
    last = text[max(period.start, period.end - 3) : period.end + 1]
    if locale(code).is_east_asian:
        return any(word in last for word in every("dates", "closing"))
    return _end_words(code).search(text[max(0, period.start - 24) : period.start]) is not None


def _name_quarter(period: StatedPeriod, text: str, code: str) -> StatedPeriod:
    """Return a quarter's last month after "at the end of" or "as of" names the quarter, with or without its year."""
    if period.month is None or period.month % 3 or period.part or period.length or period.year:
        return period
    said = locale(code).is_east_asian or _end_words(code).search(text[max(0, period.start - 24) : period.start])
    return replace(period, part=f"Q{period.month // 3}") if said else period


@cache
def _end_words(code: str) -> re.Pattern[str]:
    """Return the words that stand before an end date, right before it."""
    own = locale(code)
    words = sorted((*own.words("periods", "end_of"), *own.words("periods", "ended")), key=len, reverse=True)
    body = "|".join(bounded(word, own.style) for word in words) or "(?!)"
    return re.compile(rf"(?:{body})(?: (?:{either(every('dates', 'end_link'))}))?[ ]?(?:\d{{1,2}}\.? )?\Z")


def _find_tokens(text: str, start: int, end: int, code: str) -> Iterator[StatedPeriod]:
    yield from _find_years(text, start, end, code)
    yield from _find_compact(text, start, end, code)
    if any(text.find(sign, start, end) >= 0 for sign in every("dates", "month_sign")):
        yield from _find_dates_in_signs(text, start, end)
    if text.find("20", start, end) >= 0:
        yield from _find_numeric_dates(text, start, end, code)
    yield from _find_named_dates(text, start, end, code)
    for mark in _part_phrases(code).find(text, start, end):
        words = text[mark.start : mark.end]
        fiscal, civil = _is_fiscal(words), _is_civil(words)
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
    is_fiscal = _is_fiscal(text[mark.start : mark.end])
    years = {"this_year": 0, "last_year": -1, "next_year": 1}
    lengths = {"three_months": 3, "twelve_months": 12}
    if mark.label in years:
        part = "FY" if _whole_year().search(text, mark.start, mark.end) else None
        return StatedPeriod(mark.start, mark.end, part=part, relative=years[mark.label], fiscal=is_fiscal)
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
        if 1 <= first <= _MONTHS and 1 <= last <= _MONTHS:
            year = int(found[3] or int(found[1]) + (first > last))
            part = _part_of_months(first, last)
            yield StatedPeriod(found.start(), found.end(), part=part, year=year, months=(first, last))
    for found in shared_pattern("months").finditer(text, start, end):
        months = int(found[1]), int(found[2])
        if 1 <= months[0] <= _MONTHS and 1 <= months[1] <= _MONTHS:
            yield StatedPeriod(found.start(), found.end(), part=_part_of_months(*months), months=months, opening=True)
    for found in shared_pattern("day").finditer(text, start, end):
        if 1 <= int(found[2]) <= _MONTHS:
            day = None if found[3] is None else int(found[3])
            yield StatedPeriod(
                found.start(), found.end(), year=_read_short_year(found[1]), month=int(found[2]), day=day
            )
    for found in shared_pattern("month").finditer(text, start, end):
        if 1 <= int(found[2]) <= _MONTHS:
            yield StatedPeriod(found.start(), found.end(), year=_read_short_year(found[1]), month=int(found[2]))


def _read_short_year(written: str | None) -> int | None:
    return None if written is None else 2000 + int(written[-2:])


def _find_numeric_dates(text: str, start: int, end: int, code: str) -> Iterator[StatedPeriod]:
    """Yield days in figures; where the month may stand first and either may be it, no month is named."""
    is_open = locale(code).date_order == "open"
    for found in _ISO_DATE.finditer(text, start, end):
        if 1 <= int(found[2]) <= _MONTHS:
            yield StatedPeriod(found.start(), found.end(), year=int(found[1]), month=int(found[2]), day=int(found[3]))
    for found in _NUMERIC_DATE.finditer(text, start, end):
        day, month = int(found[1]), int(found[2])
        if is_open and day <= _MONTHS < month:
            day, month = month, day
        if is_open and day <= _MONTHS and month <= _MONTHS and day != month:
            yield StatedPeriod(found.start(), found.end())
        elif 1 <= month <= _MONTHS:
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


def _join_tokens(tokens: list[StatedPeriod], text: str, code: str) -> list[StatedPeriod]:
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
    if "(" in gap and _COLON.match(text, right.end):
        return False
    if left.part and right.month and not _can_close_quarter(right) and not locale(code).is_east_asian:
        return _end_words(code).search(gap) is not None and len(gap) <= _WORDS  # else a day when something happened
    return len(gap) <= _WORDS and ";" not in gap and _link_pattern(code).match(gap) is not None


def _is_closed_stretch(left: StatedPeriod, right: StatedPeriod, text: str, code: str) -> bool:
    """Return true if a part of a year stands right behind the day on which it ended, where that is said before both."""
    if left.month is None or left.part or right.month or right.year or not (right.part or right.length or right.fiscal):
        return False
    if right.part in (None, "FY") and text[left.end : right.start].strip() in locale(code).words("periods", "closed"):
        return True
    return locale(code).is_east_asian and left.end == right.start and _says_end(left, text, code)


def _can_close_quarter(period: StatedPeriod) -> bool:
    """Return true if a quarter of the calendar can have ended on such a date."""
    return (period.month or 0) % 3 == 0 and (period.day is None or period.day >= _LATE)


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
    if period.part is None and period.month is None and period.length not in (None, _MONTHS):
        return None
    if period.part is None and period.month is not None and period.month % 3 == 0 and period.length is None:
        return label(f"Q{period.month // 3}", year, fiscal=False)
    return label(period.part, year, fiscal=period.fiscal)


def _is_off_calendar(period: StatedPeriod) -> bool:
    """Return true if a half or nine months end in a month that those of the calendar never end in."""
    ends = {"H1": (6, 12), "H2": (6, 12), "M9": (9,)}.get(period.part or "")
    return ends is not None and period.month is not None and period.month not in ends


def _from_frame(period: StatedPeriod, frame: str | None) -> str | None:
    """Without a day, "the third quarter" is the one that the text named with its year, if it did."""
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
