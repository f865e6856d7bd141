"""Companies and people behind an office: "Direktur Keuangan Graha Medika Rina Wulandari", "Ketua eksekutif X, Y,"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.names import is_again, name_words
from tracker.sources.article.text.lexicon import either, locale

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Officer", "find_officers"]

_UPPER: Final = "".join(
    chr(code) for low, high in ((0x41, 0x250), (0x1E00, 0x1F00)) for code in range(low, high) if chr(code).isupper()
)
_RUN: Final = rf"[{_UPPER}][\w&'.\-]*(?<!\.)(?: (?:& )?[{_UPPER}][\w&'.\-]*(?<!\.))*"
_WORD: Final = re.compile(r"[^ ]+")
_PAIR: Final = 2  # words of a name of a person, and of a name of a company
_LONGEST: Final = 4  # words of the name of a person

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Officer:
    """Where the company of an office stands, and where the person who holds the office does."""

    company: Span
    person: Span | None


def find_officers(text: str, folded: str, start: int, end: int, code: str) -> Iterator[Officer]:
    """Yield the companies that offices of a sentence name, each with its person."""
    if not locale(code).words("officers", "offices"):
        return
    for found in _office(code).finditer(folded, start, end):
        run = re.compile(_RUN).match(text, found.end(), end)
        if run is None or folded[slice(*run.span())].partition(" ")[0] in locale(code).folded("officers", "bodies"):
            continue
        place = _person_before(text, folded, start, found.start(), code)
        officer = _read_officer(text, folded, run.span(), end, code, person=place)
        if officer is not None:
            yield officer


@cache
def _office(code: str) -> re.Pattern[str]:
    """Return an office, a note in brackets, and words for a company behind it."""
    own, names = locale(code), name_words(code)
    offices = either(sorted(own.folded("officers", "offices"), key=len, reverse=True))
    leads = either(sorted(own.folded("officers", "leads") or names["descriptors"], key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?>(?:{offices})(?!\w))(?: \([^()]{{2,6}}\))? (?:(?:{leads}) ){{0,2}}")


def _read_officer(  # noqa: PLR0913 - what stands around a run of capitals
    text: str, folded: str, run: Span, end: int, code: str, *, person: Span | None
) -> Officer | None:
    """Return the company and the person in words with capitals behind an office; None if nothing parts the two."""
    words = [found.span() for found in _WORD.finditer(folded, *run)]
    if person is not None:
        is_closed = _closes(code).match(folded, run[1], end) is not None
        return Officer(run, person) if is_closed and not _is_person(folded, words, code) else None
    behind = _person_behind(code).match(text, run[1], end)
    is_name = behind is not None and (behind["honorific"] is not None or " " in behind["person"])
    if behind is not None and is_name and not _is_person(folded, words, code):
        is_cited = _cited(code).search(folded[max(0, run[0] - _REACH) : run[0]]) is not None
        is_said = _closes(code).match(folded, behind.end(), end) is not None
        is_sure = behind["honorific"] is not None or folded.startswith(",", behind.end()) or not is_cited
        return Officer(run, behind.span("person")) if is_said and is_sure else None
    place = _count_company_words(text, folded, words, code)
    if place is None or place == 0:
        return None
    if place == len(words):
        return Officer(run, None)
    return Officer((run[0], words[place - 1][1]), (words[place][0], run[1]))


_REACH: Final = 60  # letters before an office


def _is_person(folded: str, words: list[Span], code: str) -> bool:
    """Return true if a run of capitals begins with a family name, or a word put before the names of people."""
    own = locale(code)
    first = folded[slice(*words[0])]
    is_family = first in own.folded("officers", "families") and _PAIR <= len(words) <= _LONGEST
    return is_family or first in own.folded("officers", "honorifics")


def _count_company_words(text: str, folded: str, words: list[Span], code: str) -> int | None:
    """Return how many words name the company: all, or those before a person; None if it is unclear."""
    own, names = locale(code), name_words(code)
    low = [folded[slice(*span)] for span in words]
    count = len(low)
    if _is_person(folded, words, code):
        return 0
    honorific = (place for place in range(1, count) if low[place] in own.folded("officers", "honorifics"))
    form = (place + 1 for place in range(1, count) if low[place] in names["legal"])
    marked = next(honorific, None) or next(form, None)
    if marked is not None or own.words("officers", "families"):
        return marked or _split_at_family(low, code)
    trades = own.folded("officers", "trades")
    trade = next((place + 1 for place in range(count - 1, 0, -1) if low[place] in trades), None)
    if trade is not None and count - trade < _LONGEST:
        return trade
    again = [place for place in range(_PAIR, count) if is_again(text, text[words[0][0] : words[place - 1][1]])]
    is_even = count == 2 * _PAIR and low[0] not in names["descriptors"]
    return again[-1] if again else _PAIR if is_even else None


def _split_at_family(low: list[str], code: str) -> int | None:
    """Return how many words stand before a family name with one to three given names; of two words where it can."""
    families = locale(code).folded("officers", "families")
    places = [place for place in range(1, len(low) - 1) if low[place] in families and len(low) - place <= _LONGEST]
    return next((place for place in places if place >= _PAIR), next(iter(places), None))


def _person_before(text: str, folded: str, start: int, place: int, code: str) -> Span | None:
    """Return the person whom an office between commas follows: "Bà Trần Thu Hà, Giám đốc tài chính"."""
    found = _PERSON_BEFORE.search(text, max(start, place - _REACH), place)
    if found is None:
        return None
    low = found.start(1)
    led = folded[start:low].rstrip()
    own = locale(code)
    words = [item.span() for item in _WORD.finditer(folded, *found.span(1))]
    is_told = not led or led.endswith(own.folded("officers", "saying") + own.folded("officers", "honorifics"))
    return found.span(1) if is_told and (len(words) >= _PAIR) else None


_PERSON_BEFORE: Final = re.compile(rf"(?<!\w)({_RUN}), ?\Z")


@cache
def _person_behind(code: str) -> re.Pattern[str]:
    """Return a comma and a person: two words with a capital, or words put before the names of people."""
    words = sorted(locale(code).words("officers", "honorifics"), key=len, reverse=True)
    titles = either([*words, *(word.title() for word in words)])
    return re.compile(rf", (?P<person>(?P<honorific>(?:(?:{titles}) )+)?{_RUN})")


@cache
def _closes(code: str) -> re.Pattern[str]:
    """Return what stands behind a person or the company of an office: a comma, or a verb of speech."""
    verbs = either(sorted(locale(code).folded("officers", "saying"), key=len, reverse=True))
    return re.compile(rf"[,.]|(?: \([^()]{{3,20}}\))?,? (?:{verbs})(?!\w)")


@cache
def _cited(code: str) -> re.Pattern[str]:
    """Return what matches "according to" and the like. The company may then stand behind a comma."""
    words = either(sorted(locale(code).folded("officers", "cited"), key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)")
