# a sentence is handed on as its parts
# ruff: noqa: PLR0913, PLR0917
"""Names in lines of capitals, as tickers write them: "*HOLT FOODS SEES FY26 CAPEX $80M", "UMSATZ BEI HOLT STEIGT"."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.capitalised_names import TOKEN
from tracker.sources.article.find.names import Mention, name_words
from tracker.sources.article.find.topics import find_topics
from tracker.sources.article.text.lexicon import either, every, locale, vocabulary
from tracker.sources.article.text.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["is_shouted", "shouted_name"]

_FEWEST: Final = 3  # words of a line
_LONGEST: Final = 5  # words of a name
_SHORTEST: Final = 2  # letters of a name
_SCORE: Final = 6
_SMALL: Final = re.compile(r"(?<![\w.,])[^\W\d_]*[a-z\u00df-\u00ff]")
_LEAD: Final = r"[\s*#>\-\u2013\u2014\u2022(\[]*"


def is_shouted(line: str, code: str) -> bool:
    """Return true if a line of several words is in capitals, which then mark no names."""
    is_plain = locale(code).has_plain_words and len(line.split()) >= _FEWEST
    return is_plain and any(char.isupper() for char in line) and _SMALL.search(line) is None


def shouted_name(text: str, folded: str, start: int, end: int, code: str) -> Iterator[Mention]:
    """Yield the name that opens a line of capitals, or else the one behind "of" or "at"."""
    place = _behind_lead(folded, start, end)
    known = _known_spans(folded, start, end, code)
    name = _read_name(text, place, end, code, known) or _name_behind_cue(text, folded, place, end, code, known)
    if name is not None:
        yield Mention(text[slice(*name)], *name, _SCORE)


@cache
def _headline_lead() -> re.Pattern[str]:
    """Return what stands before a headline: signs, and words of a wire such as "BRIEF-" or "UPDATE 1-"."""
    words = either(every("names", "headline_leads"))
    return re.compile(rf"{_LEAD}(?:(?:{words})(?: \d+)?(?: ?[-\u2013\u2014:|)\]]+ ?))*")


def _behind_lead(folded: str, start: int, end: int) -> int:
    found = _headline_lead().match(folded, start, end)
    return start if found is None else found.end()


def _known_spans(folded: str, start: int, end: int, code: str) -> list[tuple[int, int]]:
    """Return the words of a line that are no name: metrics, claims, directions and revisions."""
    own = locale(code)
    spans = [(topic.start, topic.end) for topic in find_topics(folded, start, end, code, ())]
    tables = (own.phrases("claims"), own.phrases("directions", "up", "down", "move"), own.phrases("earlier", "revise"))
    return spans + [(mark.start, mark.end) for table in tables for mark in table.find(folded, start, end)]


def _read_name(text: str, place: int, end: int, code: str, known: list[tuple[int, int]]) -> tuple[int, int] | None:
    """Return the span of the words at a place up to the first that is of the language or a number."""
    low, high, count = place, place, 0
    while count < _LONGEST:
        found = TOKEN.match(text, high + (count > 0), end)
        glue = text[high : high + 1] if count else " "
        is_next = found is not None and glue == " "
        if (
            found is None
            or not is_next
            or not (_is_of_name(found, code, known) or (count and _ends_name(found, code, known)))
        ):
            break
        high, count = found.end(), count + 1
        if text.startswith(" & ", high):
            high += 2
    name = text[low:high].removesuffix(" &")
    finish = low + len(name.removesuffix("'S"))
    is_name = sum(char.isalpha() for char in name) >= _SHORTEST
    return (low, finish) if is_name and not _is_generic(name, code) else None


def _is_of_name(found: re.Match[str], code: str, known: list[tuple[int, int]]) -> bool:
    """Return true if a word of a line of capitals may be one of a name."""
    low = fold(found[0]).removesuffix("'s")
    is_known = any(begin <= found.start() < finish for begin, finish in known)
    if low in _businesses(code) and not _ends_name(found, code, known):
        return False
    return not is_known and not found[0][0].isdigit() and not _PERIOD.fullmatch(found[0]) and low not in _no_names(code)


def _ends_name(found: re.Match[str], code: str, known: list[tuple[int, int]]) -> bool:
    """Return true if a word for a business may be the last one of a name: no metric covers or follows it."""
    is_known = any(low < found.end() + 2 and found.start() < high for low, high in known)
    return not is_known and fold(found[0]) in _businesses(code)


@cache
def _businesses(code: str) -> frozenset[str]:
    """Return the words for a business that are parts of names in capitals: "CARROWAY ENERGY"."""
    return frozenset(word for word in locale(code).folded("modifiers", "segment") if word.isalpha())


_PERIOD: Final = re.compile(r"(?:FY|[QHTS]|CY|GJ|HJ|M)-?\d[\d/\-]*[A-Z]?|\d\w*")


@cache
def _no_names(code: str) -> frozenset[str]:
    """Return the words of a language that end a name in a line of capitals; those of legal forms do not."""
    own, names = locale(code), name_words(code)
    verbs = frozenset(own.folded("modifiers", "whole_words")) | frozenset(own.folded("names", "said"))
    articles = names["articles"] | names["cues"]
    return (vocabulary(code) | names["not_names"] | names["titles"] | verbs | articles) - names["legal"]


def _is_generic(name: str, code: str) -> bool:
    """Return true if every word of a name says only what a company is: "GROUP", "RETAIL FIRM"."""
    names = name_words(code)
    return all(fold(word) in names["descriptors"] | names["legal"] for word in name.split())


def _name_behind_cue(
    text: str, folded: str, place: int, end: int, code: str, known: list[tuple[int, int]]
) -> tuple[int, int] | None:
    """Return the span of the name behind "of" or "at" and a metric: "NET PROFIT AT NORTHMERE"."""
    cues = either(sorted(name_words(code)["cues"], key=len, reverse=True))
    if not known or not cues:
        return None
    for cue in re.compile(rf"(?<!\w)(?:{cues}) (?=[^\W\d_])").finditer(folded, place, end):
        if any(finish == cue.start() - 1 for _, finish in known):
            name = _read_name(text, cue.end(), end, code, known)
            if name is not None:
                return name
    return None
