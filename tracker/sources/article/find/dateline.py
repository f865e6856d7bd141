# signs of other scripts are meant as they stand
# ruff: noqa: RUF001
"""The day a text came out, where its first lines say so: a dateline, a date by itself, or "Published on".

Most dates in a text are of something else: the end of a quarter, a meeting, the next results. So a date counts only
where days of publication stand: behind a place and before a dash ("Jakarta, 5 Mei 2025 -"), alone in a line, before
the time of the day, or behind a word that says it. A day that can be read two ways (05/08/2025 in English) is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.text.lexicon import (
    LANGUAGES,
    either,
    every,
    expression,
    locale,
    shared_pattern,
    split,
    vocabulary,
)
from tracker.sources.article.text.normalise import fold, normalise
from tracker.sources.article.text.sentences import document_language

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["APART", "Dateline", "find_dateline", "find_datelines", "written_day"]

#: Days of publication that lie no further apart are of one publication: a release and the page that has it.
APART: Final = timedelta(days=3)
_HEAD: Final = 4000  # characters
_LINES: Final = 15  # lines with something in them
_PLACE: Final = 60  # letters of a place and what belongs to it
_LONGEST: Final = 400  # letters of a line that are looked at
_MONTHS: Final = 12
_CLOSINGS: Final = frozenset({(3, 31), (6, 30), (9, 30), (12, 31)})  # the last days of quarters: of accounts, mostly
#: How sure the place of a date makes that it is the day of publication; the first that a text has counts.
_RANKS: Final = ("published", "dateline", "alone", "updated")


@dataclass(frozen=True, slots=True)
class Dateline:
    """A day of publication and the characters of the text that say it; `rank` is how they say it.

    `day` is None where the characters can be read as two days.
    """

    day: date | None
    start: int
    end: int
    rank: str
    basis: str = "dateline"


def find_dateline(text: str, language: str | None = None) -> Dateline | None:
    """Return the day on which the text says it came out; None where it says none, or several that lie apart."""
    found = [line for line in find_datelines(text, language) if line.day is not None]
    if not found:
        return None
    first = found[0]
    same = [line for line in found if line.rank == first.rank and line.day and first.day]
    is_one = all(line.day and first.day and abs(line.day - first.day) <= APART for line in same)
    return first if is_one else None


def find_datelines(text: str, language: str | None = None) -> tuple[Dateline, ...]:
    """Return every day that stands where days of publication stand, the surest first."""
    normal = normalise(text[:_HEAD])
    folded = fold(normal.text)
    code = language if language in LANGUAGES else document_language(fold(normalise(text[: _HEAD * 2]).text))
    found = []
    for start, end in _first_lines(folded):
        dates = list(_find_dates(folded, start, end, code))
        for day, low, high in dates:
            rank = _rank_date(normal.text, folded, (start, end), (low, high), day, alone=len(dates) == 1)
            if rank is not None:
                found.append(Dateline(day, *normal.span(low, high), rank))
    return tuple(sorted(found, key=lambda line: _RANKS.index(line.rank)))


def written_day(text: str) -> date | None:
    """Return the day in a name or an address that begins with the year: 2025-08-05, /2025/08/05/, 20250805."""
    found = _ADDRESS.search(text)
    return _make_day(int(found[1]), int(found[3]), int(found[4])) if found else None


_ADDRESS: Final = re.compile(r"(?<![\da-zA-Z=])(20\d\d)([-/_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)", re.ASCII)


def _first_lines(folded: str) -> Iterator[tuple[int, int]]:
    """Yield the first lines that say something, without the blanks around them."""
    count = position = 0
    for line in folded.split("\n"):
        start, position = position, position + len(line) + 1
        if line.strip() and count < _LINES:
            count += 1
            begin = start + len(line) - len(line.lstrip())
            yield begin, min(start + len(line.rstrip()), begin + _LONGEST)


# Dates as written ----------------------------------------------------------------------------------------------------


@cache
def _month_names() -> tuple[str, dict[str, int]]:
    """Return every name of a month in every language as one expression, and the month it is."""
    table: dict[str, int] = {}
    for code in LANGUAGES:
        if not locale(code).has_month_names:
            continue
        for month, forms in enumerate(split(locale(code).table("periods")["months"]), 1):
            table |= {fold(normalise(form.strip()).text).rstrip("."): month for form in forms.split("|")}
    return "|".join(re.escape(name) for name in sorted(table, key=len, reverse=True)), table


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    names = _month_names()[0]
    month = rf"(?<![^\W\d_])(?P<month>{names})(?![^\W\d_])\.?(?: ?[/(] ?(?:{names})\)?)?"
    day = r"(?<!\d)(?<!\d[.,])(?P<day>\d{1,2})"
    year = r"(?P<year>20\d\d)(?!\d|[.,]\d)"
    link = either(every("dateline", "day_link"))
    glue = rf" ?(?:-|,? ?(?:{link})? ?)"
    lead = "".join(f"{word} |" for word in every("dateline", "year_lead"))
    ordinal = either(every("dateline", "day_suffix"))
    marks = either([*every("dateline", "day_suffix"), *every("dateline", "day_marks")])
    return (
        re.compile(rf"{day}(?:\.|{marks})?{glue}{month}{glue}(?:{lead}){year}"),
        re.compile(rf"{month} ?(?P<day>\d{{1,2}})(?:{ordinal})?(?: ?, ?| ){year}"),
        *(_numbered(code, day, year) for code in LANGUAGES if locale(code).words("dateline", "month_word")),
        re.compile(r"(?<!\d)(?P<year>20\d\d)(?P<sign>[-/.])(?P<number>\d{1,2})(?P=sign)(?P<day>\d{1,2})(?!\d)"),
        re.compile(r"(?<!\d)(?P<year>20\d\d)\. (?P<number>\d{1,2})\. (?P<day>\d{1,2})(?!\d)"),
        shared_pattern("published"),
        re.compile(shared_pattern("era").pattern.replace("ERA", either(_eras()))),
        re.compile(rf"{day}(?P<sign>[-/.]) ?(?P<number>\d{{1,2}})(?P=sign) ?(?P<year>20\d\d)(?!\d|[.,]\d)"),
    )


def _numbered(code: str, day: str, year: str) -> re.Pattern[str]:
    """Return a date whose month is a number behind the word for it: "ngày 5 tháng 8 năm 2025"."""
    first, month, last = (locale(code).folded("dateline", f"{part}_word")[0] for part in ("day", "month", "year"))
    return re.compile(rf"(?:{first} )?{day} {month} (?P<number>\d{{1,2}})(?: {last} | |/|, ?){year}")


@cache
def _eras() -> dict[str, int]:
    """Return the eras that years are counted in, by the year before their first."""
    return {era: int(year) for code in LANGUAGES for era, year in locale(code).table("eras").items()}


def _find_dates(folded: str, start: int, end: int, code: str) -> Iterator[tuple[date | None, int, int]]:
    """Yield the days written in a stretch, from left to right; None for one that can be read two ways."""
    found = [match for pattern in _patterns() for match in pattern.finditer(folded, start, end)]
    position = start
    for match in sorted(found, key=lambda match: (match.start(), -match.end())):
        if match.start() < position:
            continue
        is_read, day = _read_date(match, code)
        if is_read:
            position = match.end()
            yield day, match.start(), match.end()


def _read_date(match: re.Match[str], code: str) -> tuple[bool, date | None]:
    """Return true if a match is a date, and the day it is where only one can be meant."""
    parts = match.groupdict()
    named = parts.get("month")
    month = _month_names()[1][named] if named else int(parts["number"])
    if parts.get("era"):
        count = 1 if parts["count"] in every("dateline", "first_year") else int(parts["count"])
        year = _eras()[parts["era"]] + count
    else:
        year = int(parts["year"])
    number = int(parts["day"])
    is_figures = match.re is _patterns()[-1]
    is_any_order = is_figures and locale(code).date_order != "day_first"
    if is_any_order and number <= _MONTHS < month:
        number, month = month, number
    day = _make_day(year, month, number)
    is_open = is_any_order and number <= _MONTHS and month <= _MONTHS and number != month
    return day is not None, None if is_open else day


def _make_day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


# Where days of publication stand -------------------------------------------------------------------------------------


def _phrases_of_all(key: str) -> str:
    """Return a list of phrases of every language as one expression, longer ones first."""
    phrases = {phrase for code in LANGUAGES for phrase in locale(code).words("dateline", key)}
    return "|".join(f"(?:{expression(phrase)})" for phrase in sorted(phrases, key=len, reverse=True))


@cache
def _publication_words(key: str) -> re.Pattern[str]:
    """Return a word that says what the date behind it is, at the beginning of a line or behind a sign that parts."""
    return re.compile(rf"(?:\A|[|·•:;,.(\[>—-]|\d)[ \[(]*(?:{_phrases_of_all(key)})[ :：\])-]*\Z")


@cache
def _weekday() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return a day of the week before a date, and behind it."""
    days = _phrases_of_all("weekdays")
    return (
        re.compile(rf"(?:(?<![^\W\d_])(?:{days})(?![^\W\d_])[ .,، 、]*)+[(\[]?\Z"),
        re.compile(rf"\A[ ,(]*(?:{days})(?![^\W\d_])[ .)]*"),
    )


@cache
def _byline() -> re.Pattern[str]:
    return re.compile(rf"\A(?:{_phrases_of_all('by')})[ :：]+[^\d]{{2,50}}[|·•,—-] *\Z")


_END: Final = re.compile(r"\A[ .,،:;)\]】|·•-]*\Z")
_SIGN: Final = re.compile(r"\A[ .]*[|·•](?!\w)")
_DASH: Final = re.compile(
    r"\A(?: ?[.,]? ?(?:--|[—―–]|/|\.-|[)\]】] ?(?:[:/.,]? ?-|[—―–:/])|- |-\Z|[(][^()]{2,40}[)] ?[—―–:-])| - )"
)
_COLON: Final = re.compile(r"\A ?:")
_CLOSED: Final = re.compile(r"\A ?[)\]】]")
_SITE: Final = re.compile(r"[\w-]+\.(?:com|net|org|co|id|my|vn|news)\b[.\w]*")  # a news wire by its address
_LETTER: Final = re.compile(r"[^\W\d_]+")
_TITLE: Final = re.compile(r"[^\W\d_]")


@cache
def _time() -> re.Pattern[str]:
    """Return a time of the day at the beginning of a text."""
    lead, behind = either(every("dateline", "time_before")), either(every("dateline", "time_behind"))
    short = either(every("dateline", "time_abbreviated"))
    sign = "".join(every("dateline", "hour_sign"))
    return re.compile(
        rf"\A[ .,،|·•(@/t-]*(?:(?:{lead}|{short}) ?)*"
        rf"(?:\d{{1,2}} ?(?:[:.{sign}] ?\d{{2}})(?:[:.]\d{{2}})?|\d{{1,2}} ?(?:{behind})(?!\w))"
    )


@cache
def _wire() -> re.Pattern[str]:
    """Return the sign of a news wire behind a date."""
    day, wire = "".join(every("dateline", "wire_day")), "".join(every("dateline", "wire"))
    return re.compile(rf"\A ?[)\]】]? ?(?:[{day}]?[{wire}]|[】])")


@cache
def _behind_place() -> re.Pattern[str]:
    """Return what stands between a place and its date."""
    words = either([*every("dateline", "before_day"), *every("dateline", "before_day_at_place")])
    return re.compile(rf"[,、=(\[)\]】—―/-] ?(?:(?:{words}) )?\Z")


@cache
def _before_day() -> re.Pattern[str]:
    """Return what may stand before a date alone in its line."""
    return re.compile(rf"\A[ (\[]*(?:(?:{either(every('dateline', 'before_day'))}) )?\Z")


@cache
def _dated_in() -> re.Pattern[str]:
    """Return an Arabic place of one or two words, and the word that leads to its date."""
    words = either(every("dateline", "dated_in"))
    return re.compile(rf"\A[\u0620-\u06ff]+(?: [\u0620-\u06ff]+)? (?:{words}) \Z")


def _rank_date(  # noqa: PLR0913 - a date and the line it stands in
    text: str, folded: str, line: tuple[int, int], span: tuple[int, int], day: date | None, *, alone: bool
) -> str | None:
    """Return how a date says that it is the day of publication, or None where it does not."""
    written, behind = folded[line[0] : span[0]], folded[span[1] : line[1]]
    before, after = _weekday()[0].sub("", written), _weekday()[1].sub("", behind)
    is_timed = _time().match(after) is not None
    is_last = is_timed or _END.match(after) is not None or _SIGN.match(after) is not None
    is_closing = day is not None and (day.month, day.day) in _CLOSINGS and not is_timed
    is_enclosed = _CLOSED.match(after) is not None and (written[:1] in "([【" or before != written.rstrip("(["))
    is_cut = is_enclosed or _DASH.match(after) is not None
    for rank in ("published", "updated"):
        if (is_last or is_cut) and not (is_closing and rank == "updated") and _publication_words(rank).search(before):
            return rank
    if _is_place(text[line[0] : line[0] + len(before)], before):
        place = _leads_as_place(before, is_capitals=text[line[0] : line[0] + len(before)].isupper())
        if _wire().match(after) or (place and not is_closing and (is_cut or _COLON.match(after))):
            return "dateline"
        if place and is_last and alone and not is_closing and "," in before:
            return "dateline"
    is_bare = alone and not is_closing and _before_day().match(before) is not None
    if is_bare and (is_last or (is_cut and not before.strip(" (["))):
        return "alone"
    return "alone" if is_timed and alone and _byline().match(before) else None


def _leads_as_place(before: str, *, is_capitals: bool) -> bool:
    """Return true if words lead to a date as a place does.

    With a sign between, in capitals, or with the Arabic "in".
    """
    return is_capitals or _behind_place().search(before) is not None or _dated_in().match(before) is not None


def _is_place(place: str, folded: str) -> bool:
    """Return true if words before a date can be a place and a news wire: short, with a capital, none common."""
    words = _LETTER.findall(_SITE.sub("site", folded))
    if not words or len(place) > _PLACE or any(char.isdigit() for char in place) or not _is_titled(place):
        return False
    return not any(len(word) > 3 and word in _common() for word in words)  # noqa: PLR2004 - "le", "den", "Wash"


def _is_titled(place: str) -> bool:
    """Return true if a place begins with a capital, in scripts that have any."""
    first = _TITLE.search(place)
    return first is not None and not first[0].islower()


@cache
def _common() -> frozenset[str]:
    """Return the words of business in every language with an alphabet: no places."""
    spaced = [code for code in LANGUAGES if not locale(code).is_east_asian]
    return frozenset().union(*(vocabulary(code) for code in spaced)) - _countries(spaced)


def _countries(codes: list[str]) -> frozenset[str]:
    """Return words that stand in names of currencies and never for one alone ("Singapore dollar"): places."""
    phrases = [
        phrase for code in codes for listed in locale(code).table("currencies").values() for phrase in split(listed)
    ]
    words = [_LETTER.findall(fold(normalise(phrase).text)) for phrase in phrases]
    alone = tuple(found[0] for found in words if len(found) == 1)
    beside = {word for found in words if len(found) > 1 for word in found if len(word) > 1}
    return frozenset(word for word in beside if not any(one.startswith(word) for one in alone))
