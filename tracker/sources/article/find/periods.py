"""Periods as texts name them: quarters, halves, nine months, years, end dates, "a year earlier".

`find_periods` returns what a sentence says. `period_labels.resolve` turns it into a label.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache
from typing import Final

from tracker.sources.article.find.joined_periods import join_tokens
from tracker.sources.article.find.period_tokens import find_tokens
from tracker.sources.article.find.period_words import can_close_quarter, end_words, is_civil, is_fiscal, says_end
from tracker.sources.article.find.stated_period import MONTHS, StatedPeriod
from tracker.sources.article.text.lexicon import bounded, either, expression, locale, split

__all__ = ["find_periods"]


_SENTENCES: Final = 32  # sentences whose periods are remembered


#: A Roman numeral before a year: of a quarter or of a half, which the words beside it say.
_NUMERAL_OF_YEAR: Final = re.compile(r"(?<!\w)(?:i{1,3}|iv)[-/]\Z")


_QUARTER: Final = 3  # months
_NUMERAL: Final = 3  # letters of a Roman numeral of a quarter
_WORDS: Final = 24  # letters of a few words between the parts of one expression


def find_periods(text: str, start: int, end: int, code: str) -> list[StatedPeriod]:
    """Return the periods a sentence names, from left to right, parts of one expression joined."""
    return list(_find_periods(text, start, end, code))


@lru_cache(maxsize=_SENTENCES)
def _find_periods(text: str, start: int, end: int, code: str) -> tuple[StatedPeriod, ...]:
    """Return the periods of a sentence.

    Those that open a text are looked at first for what it speaks of, and then read.
    """
    tokens = sorted(find_tokens(text, start, end, code), key=lambda token: (token.start, -token.end))
    joined = [
        _drop_event_dates(_name_quarter(_mark_year_kind(period, text), text, code), text, code)
        for period in join_tokens(_keep_apart(tokens, text), text, code)
    ]
    joined = [replace(period, since=_is_only_since(period, text, code)) for period in joined]
    joined = [_open_numeral(period, text) for period in joined]
    joined = _without_closing_days(_with_alone(joined, text, (start, end), code), text, code)
    return tuple(period for period in joined if period.definite or period.prior or period.month or period.since)


def _keep_apart(tokens: list[StatedPeriod], text: str) -> list[StatedPeriod]:
    """Return tokens that do not overlap: of two that do, the wider one, or one token with what both say."""
    kept: list[StatedPeriod] = []
    for token in tokens:
        if not kept or token.start >= kept[-1].end:
            kept.append(token)
        elif kept[-1].span and token.part:
            kept[-1] = token
        elif kept[-1].part and token.month and kept[-1].month is None:
            kept[-1] = replace(kept[-1], end=max(token.end, kept[-1].end), year=kept[-1].year or token.year, month=None)
        elif kept[-1].part not in (None, "FY") and (token.part == "FY" or token.length == MONTHS):
            said = is_fiscal(text[token.start : token.end])
            kept[-1] = replace(kept[-1], end=max(kept[-1].end, token.end), fiscal=kept[-1].fiscal or said)
        elif token.part in ("M9", "H1") and kept[-1].month and kept[-1].part is None and token.start == kept[-1].start:
            kept[-1] = replace(token, end=kept[-1].end, year=kept[-1].year)  # nine months, not the ninth of a month
        elif token.end - token.start > kept[-1].end - kept[-1].start:
            kept[-1] = token
    return kept


def _open_numeral(period: StatedPeriod, text: str) -> StatedPeriod:
    """Return a year as an unknown part of it where a bare Roman numeral is written to it: "II-2024"."""
    if period.year is None or period.part not in (None, "FY"):
        return period
    found = _NUMERAL_OF_YEAR.search(text[max(0, period.start - _NUMERAL - 2) : period.start])
    return period if found is None else replace(period, start=period.start - len(found[0]), part=None, length=_QUARTER)


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
    civil = period.civil or is_civil(words)
    fiscal = period.fiscal or is_fiscal(words)
    return replace(period, fiscal=fiscal and not civil, civil=civil)


def _drop_event_dates(period: StatedPeriod, text: str, code: str) -> StatedPeriod:
    """Drop the day or month of an event, which names no period unless a quarter can have ended on it."""
    if period.month is None or period.part or period.length or period.months or period.span:
        return period
    if _ends_weeks(period, text, code):
        return replace(period, year=None, relative=None, month=None, day=None)
    if can_close_quarter(period) and (period.day is not None or says_end(period, text, code)):
        return period
    return replace(period, year=None, relative=None)


def _ends_weeks(period: StatedPeriod, text: str, code: str) -> bool:
    """Return true if a date ends a number of weeks that is no part of a year: "the 12 weeks to 28 June"."""
    before = text[max(0, period.start - _WEEKS) : period.start]
    return _weeks(code).search(before) is not None


_WEEKS: Final = 40  # letters from a number of weeks to the date they end on


@cache
def _weeks(code: str) -> re.Pattern[str]:
    return re.compile(rf"\d[ \-](?:{either(locale(code).folded('periods', 'weeks'))})(?!\w)[^\d,;()]*\Z")


def _name_quarter(period: StatedPeriod, text: str, code: str) -> StatedPeriod:
    """Return a quarter's last month after "at the end of" or "as of" names the quarter, with or without its year."""
    if period.month is None or period.month % 3 or period.part or period.length or period.year:
        return period
    said = locale(code).is_east_asian or end_words(code).search(text[max(0, period.start - 24) : period.start])
    return replace(period, part=f"Q{period.month // 3}") if said else period
