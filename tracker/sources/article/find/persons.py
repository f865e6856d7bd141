# a sentence is handed on as its parts
# ruff: noqa: PLR0913, PLR0917
"""People who speak for a company: in "El presidente de Hidrovalle, Tomás Beltrán, avanzó" Hidrovalle is meant."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.names import Mention, name_words
from tracker.sources.article.text.lexicon import either, every, locale, vocabulary
from tracker.sources.article.text.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["without_persons"]

_REACH: Final = 70  # letters from an office to the end of a clause about it
_OFFICE_SCORE: Final = 6
_CAPITAL: Final = r"[A-Z\u00c0-\u00de][\w.'\-]*"


def without_persons(found: list[Mention], text: str, folded: str, start: int, end: int, code: str) -> list[Mention]:
    """Return the companies of a sentence without the people who hold an office in them."""
    if not locale(code).words("names", "offices"):
        return found
    bounds = start, end
    out = [
        _cut_office(_behind_person(item, text, start, code), code)
        for item in found
        if not _is_person(item, found, text, folded, bounds, code)
    ]
    held = [_put_first(item, out, text, folded, bounds, code) for item in out]
    named = list(_before_office(held, text, start, end, code))
    return sorted([*held, *named], key=lambda item: item.start)


def _is_person(
    item: Mention, found: Sequence[Mention], text: str, folded: str, bounds: tuple[int, int], code: str
) -> bool:
    """Return true if a name is of a person: an office and its company stand before it, or it runs one."""
    if item.known is not None or not _has_form_of_person(item, code):
        return False
    leads = _clause_of_leader(code).match(folded, item.end, bounds[1])
    if leads is not None and (leads["verb"] or _verb_behind(code).match(folded, leads.end(), bounds[1])):
        return True
    if _spoken(code).match(text, item.end, bounds[1]) or _is_behind_office(item, text, bounds, code):
        return True
    before = [other for other in found if 1 <= item.start - other.end <= len(", ")]
    return any(
        text[other.end : item.start] in {", ", " "} and _has_office_before(other, folded, bounds[0], code)
        for other in before
    )


def _is_behind_office(item: Mention, text: str, bounds: tuple[int, int], code: str) -> bool:
    """Return true if a name stands between commas behind an office: "La presidenta de la patronal, Inés Vidal,"."""
    if not text.startswith(",", item.end):
        return False
    office = _office_before_comma(code).search(text, max(bounds[0], item.start - _REACH), item.start)
    kinds = name_words(code)["descriptors"]
    return office is not None and not any(fold(word) in kinds for word in office[0].rstrip(", ").split())


@cache
def _office_before_comma(code: str) -> re.Pattern[str]:
    """Return what matches an office and words without a capital up to a comma."""
    offices = either(sorted(locale(code).folded("names", "offices"), key=len, reverse=True))
    return re.compile(rf"(?i:(?<!\w)(?:{offices}))(?: [a-z\u00df-\u00ff]+){{0,4}}, \Z")


@cache
def _spoken(code: str) -> re.Pattern[str]:
    """Return what matches a verb for saying and "he" or "she" behind a name: a person speaks."""
    own = locale(code)
    verbs, pronouns = either(own.folded("names", "said")), either(own.folded("names", "he_or_she"))
    return re.compile(rf" (?:{verbs}) (?:[a-z]+ )?(?:{pronouns})(?!\w)")


def _has_form_of_person(item: Mention, code: str) -> bool:
    """Return true if a name may be a person's: two words or more with a capital, no form of a company."""
    words = item.name.split()
    legal = name_words(code)["legal"] | name_words(code)["descriptors"]
    is_formed = any(fold(word).rstrip(".") in legal for word in words)
    return re.fullmatch(_person(), item.name) is not None and not is_formed


@cache
def _person() -> str:
    """Return an expression for the name of a person: "Dana Whitlow", "Inês do Vale"."""
    small = either(sorted(every("names", "person_particles"), key=len, reverse=True))
    return rf"{_CAPITAL}(?: (?:(?:{small}) ){{0,1}}{_CAPITAL}){{1,3}}"


def _leading_words(code: str) -> tuple[str, str]:
    """Return expressions for "who", and for verbs of leading a company with words before them: "runs"."""
    own = locale(code)
    verbs = either(own.folded("names", "leads"))
    return either(own.folded("names", "relatives")), rf"(?:[^\W\d_]+ ){{0,2}}(?:{verbs})"


@cache
def _clause_of_leader(code: str) -> re.Pattern[str]:
    """Return what matches a clause that says what somebody leads: ", who runs Northmere", ", der Holt leitet"."""
    who, leads = _leading_words(code)
    return re.compile(rf", (?:{who}) (?P<verb>{leads}(?!\w))?")


@cache
def _led(code: str) -> re.Pattern[str]:
    """Return what matches the words of such a clause right before the company: ", who runs "."""
    who, leads = _leading_words(code)
    return re.compile(rf", (?:{who}) {leads} (?:[^\W\d_]+ ){{0,2}}\Z")


@cache
def _verb_behind(code: str) -> re.Pattern[str]:
    """Return what matches a clause up to the verb for leading at its end, where verbs stand there."""
    if locale(code).capitals != "nouns":
        return re.compile("(?!)")
    verbs = either(locale(code).folded("names", "leads"))
    return re.compile(rf"[^,;:()]{{2,60}} (?:{verbs})(?=,)")


def _has_office_before(item: Mention, folded: str, start: int, code: str) -> bool:
    """Return true if an office and "of" stand right before a company: "la directrice générale de"."""
    return _office_of(code).search(folded, max(start, item.start - _REACH), item.start) is not None


@cache
def _office_of(code: str) -> re.Pattern[str]:
    own = locale(code)
    offices, links = either(own.folded("names", "offices")), either(own.folded("names", "office_links"))
    kinds = either(sorted(name_words(code)["descriptors"]))
    return re.compile(rf"(?<!\w)(?:{offices})(?: [^\W\d_][\w\-]*){{0,4}}? (?:{links}) ?(?:(?:{kinds}) )?\Z")


def _put_first(
    item: Mention, found: Sequence[Mention], text: str, folded: str, bounds: tuple[int, int], code: str
) -> Mention:
    """Return a company that somebody of it speaks for as the subject, unless another stands before it."""
    is_first = not any(other.start < item.start and not other.aside for other in found)
    if not item.aside or not is_first:
        return item
    spoken = _has_office_before(item, folded, bounds[0], code) and not _is_former(item, folded, bounds[0], code)
    spoken = spoken or _person_of(code).search(text, bounds[0], item.start) is not None
    spoken = spoken or _led(code).search(folded, bounds[0], item.start) is not None
    return replace(item, aside=False, score=max(item.score, _OFFICE_SCORE)) if spoken else item


def _is_former(item: Mention, folded: str, start: int, code: str) -> bool:
    """Return true if the office before a company is one that somebody held before."""
    words = either(locale(code).folded("names", "former_office"))
    before = folded[max(start, item.start - _REACH) : item.start]
    return re.search(rf"(?<!\w)(?:{words})", before) is not None


@cache
def _person_of(code: str) -> re.Pattern[str]:
    """Return what matches an office, a person and "of": "finance chief Dana Whitlow of"."""
    own = locale(code)
    offices, links = either(own.folded("names", "offices")), either(own.folded("names", "office_links"))
    return re.compile(rf"(?i:(?<!\w)(?:{offices})) {_person()},? (?:{links}) ?\Z")


def _cut_office(item: Mention, code: str) -> Mention:
    """Return a name without the office written to it: "Quelltor-Chefin Jana Miersch" is Quelltor."""
    found = _company_with_office(code).match(item.name)
    if found is None or item.known is not None:
        return item
    low = _behind_words(found[1], code)
    start, end = item.start + low, item.start + len(found[1])
    return replace(item, name=found[1][low:], start=start, end=end, score=_OFFICE_SCORE, aside=False)


def _behind_person(item: Mention, text: str, start: int, code: str) -> Mention:
    """Return the company of a name that holds a person and "of", behind an office: "Chefin Lena Brodt von Holt AG"."""
    office = _office_right_before(code).search(text, max(start, item.start - _REACH), item.start)
    parted = _person_and_company(code).fullmatch(item.name) if office is not None and item.known is None else None
    if parted is None:
        return item
    return replace(item, name=parted[1], start=item.start + parted.start(1), aside=False, score=_OFFICE_SCORE)


@cache
def _office_right_before(code: str) -> re.Pattern[str]:
    return re.compile(rf"(?i:(?<!\w)(?:{either(locale(code).folded('names', 'offices'))})) \Z")


@cache
def _person_and_company(code: str) -> re.Pattern[str]:
    """Return what matches a name of two words or more, "of" and a name of two words or more, which is a company's."""
    links = either(locale(code).folded("names", "office_links"))
    return re.compile(rf"{_CAPITAL}(?: {_CAPITAL})+ (?:{links}) ({_CAPITAL}(?: {_CAPITAL})+)")


def _behind_words(name: str, code: str) -> int:
    """Return where a name begins behind words of the language with a capital: "Laut Quelltor"."""
    names, low = name_words(code), 0
    plain = names["not_names"] | names["cues"] | names["articles"] | names["common_after"] | vocabulary(code)
    for word in name.split()[:-1]:
        if fold(word) not in plain:
            break
        low += len(word) + 1
    return low


@cache
def _company_with_office(code: str) -> re.Pattern[str]:
    own = locale(code)
    offices = either(own.folded("names", "offices")) if own.capitals == "nouns" else "(?!)"
    return re.compile(rf"({_CAPITAL}?(?: {_CAPITAL}?){{0,2}})-(?i:{offices})(?!\w)")


def _before_office(found: Sequence[Mention], text: str, start: int, end: int, code: str) -> Iterator[Mention]:
    """Yield the companies that stand before an office, as one word with it, and that nothing else found."""
    if locale(code).capitals != "nouns":
        return
    for mark in _company_with_office(code).finditer(text, start, end):
        low, high = mark.start() + _behind_words(mark[1], code), mark.end(1)
        is_new = not any(item.start < mark.end() and low < item.end for item in found)
        if is_new and fold(text[low:high]) not in name_words(code)["not_names"] | vocabulary(code):
            yield Mention(text[low:high], low, high, _OFFICE_SCORE)
