# a sentence is handed on as its parts
# ruff: noqa: PLR0913, PLR0917
"""Names beside a company that are not it: what it owns, what it is called in brackets, and the country it is from.

As in "Harrowby, owner of the Fennick and Tallow chains,", "Lindhorst (Marken: Falko, Tannmilch)", "Holmgard (Norway)".
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.text.lexicon import common, either, every, locale, split
from tracker.sources.article.text.normalise import fold, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.sources.article.find.names import Mention
    from tracker.sources.article.text.lexicon import PhraseMatch

__all__ = ["behind_owned", "without_owned"]

_UPPER: Final = "".join(
    chr(code) for low, high in ((0x41, 0x250), (0x1E00, 0x1F00)) for code in range(low, high) if chr(code).isupper()
)
_QUOTE: Final = "[\"'\u201c\u201d\u2018\u2019\u201e\u00ab\u00bb]"
_NAME: Final = rf"{_QUOTE}?[{_UPPER}][\w&'.\-]*(?: (?:& )?[{_UPPER}\d][\w&'.\-]*)*{_QUOTE}?"
_PLAIN: Final = rf"(?:[a-z]'|(?![{_UPPER}])[^\W\d_][\w'\-]*\.? )"
_WORDLESS: Final = "\u1100"  # the first sign of the scripts without capitals that join words
_ASIDE: Final = 14  # letters between what opens an aside and the words for owning
_BEHIND: Final = 16  # letters between a word for a subsidiary and its name: ", die ", " bernama "
_LONGEST: Final = 90  # letters of an aside
_OPENING: Final = re.compile(r"(?:,|\(| -| \u2013| \u2014)[^,()\d]*\Z")


def behind_owned(folded: str, start: int, end: int, code: str) -> int:
    """Return where a sentence goes on behind what its company owns, in scripts without capitals.

    As in "커피 브랜드 '달무리'를 운영하는 한서푸드는".
    """
    pattern = locale(code).pattern("owned_before")
    found = None if pattern is None else pattern.match(folded, start, end)
    place = start if found is None else found.end()
    country = _country_before(code).match(folded, place, end)
    place = place if country is None else country.end()
    pattern = locale(code).pattern("kind_before")
    kind = None if pattern is None else pattern.match(folded, place, end)
    return place if kind is None else kind.end()


@cache
def _country_before(code: str) -> re.Pattern[str]:
    """Return a country and what links it to the company behind it: "スウェーデンの", "노르웨이 "."""
    own = locale(code)
    if own.has_plain_words or own.style == "arabic":
        return re.compile("(?!)")
    words = either(sorted((word for word in _country_names() if word[0] >= _WORDLESS), key=len, reverse=True))
    links = either([*own.words("names", "owning"), " "])
    return re.compile(rf"[\s\u3000]*(?:{words})(?:{links})(?=\S)")


def without_owned(found: list[Mention], text: str, folded: str, start: int, end: int, code: str) -> list[Mention]:
    """Return the companies of a sentence without those that it only names as what another owns, or is from."""
    if not found:
        return found
    spans = list(_owned_spans(found, text, folded, start, end, code))
    named = (_without_country(item, text) for item in found)
    kept = (item for item in named if item.known or not _is_country(item))
    kept = (item for item in kept if not _is_alias(item, found, folded))
    marked = (_set_aside(item, spans) for item in kept)
    return [item for item in marked if item is not None]


@cache
def _things(code: str) -> re.Pattern[str]:
    """Return what a company owns that is no brand, right behind "owner": "pemilik menara Tiara Jaringan"."""
    words = either(locale(code).words("owners", "things"))
    return re.compile(rf" (?:{words}) " if words else "(?!)")


def _set_aside(mention: Mention, spans: Sequence[tuple[int, int]]) -> Mention | None:
    """Return a name, beside the subject if it is a known one that another owns; None for an unknown one."""
    if not any(low < mention.end and mention.start < high for low, high in spans):
        return mention
    return None if mention.known is None else replace(mention, aside=True)


def _owned_spans(
    found: Sequence[Mention], text: str, folded: str, start: int, end: int, code: str
) -> Iterator[tuple[int, int]]:
    """Yield where a sentence names what a company owns."""
    for mark in (
        locale(code).phrases("owners", "owned", "owning", "making", "brands", "bracketed").find(folded, start, end)
    ):
        if mark.label == "owned":
            if not _follows_owner(found, mark, folded, start, code):
                yield from _subsidiary(found, mark, folded, start)
            continue
        if mark.label == "owning" and _things(code).match(folded, mark.end, end) is not None:
            continue
        if mark.label == "brands" and text[mark.start].isupper() != (locale(code).capitals == "nouns"):
            continue
        before = _OPENING.search(folded, max(start, mark.start - _ASIDE), mark.start)
        opens = before is not None and any(item.end <= before.start() <= item.end + 2 for item in found)
        is_bracket = before is not None and before[0][0] == "("
        if is_bracket:
            close = folded.find(")", mark.end, min(end, mark.end + _LONGEST))
            if close >= 0:
                yield mark.start, close
            continue
        if mark.label == "bracketed":
            continue
        span = _named_behind(text, mark.end, end, code)
        if mark.label == "brands" and (span is None or span[0] > mark.end + 2):
            continue
        leads = span is not None and mark.start - start <= _OPENS and _leads_to(found, folded, span[1])
        if span is None or (mark.label == "making" and not (leads or (opens and _ends_aside(folded, span[1], end)))):
            continue
        comma = _PLAIN_ASIDE.match(folded, mark.end, min(end, mark.end + _LONGEST)) if opens else None
        yield mark.start, max(span[1], comma.end() if comma is not None and mark.label == "owning" else 0)


_PLAIN_ASIDE: Final = re.compile(r"[^,;:()\d]+(?=,)")
_OPENS: Final = 6  # letters of an article before the first word of a sentence
_NEXT: Final = 8  # letters between a comma and the company behind it: ", die "


def _leads_to(found: Sequence[Mention], folded: str, place: int) -> bool:
    """Return true if a comma and a company follow: "Der Betreiber der Modekette Quitte, die Dunmore AG"."""
    return folded.startswith(",", place) and any(0 < item.start - place <= _NEXT for item in found)


def _follows_owner(found: Sequence[Mention], mark: PhraseMatch, folded: str, start: int, code: str) -> bool:
    """Return true if another company than the one spoken of owns a subsidiary: "백두철강 자회사인 백두강관은"."""
    if any(0 <= mark.start - item.end <= _LINK for item in found):
        return True
    before = folded[start : mark.start].rstrip()
    return locale(code).style in {"none", "korean"} and bool(before) and before[-1] not in _STOPS


_LINK: Final = 3  # letters between an owner and what it owns
_STOPS: Final = ",;:\u3001\u3002"


def _subsidiary(found: Sequence[Mention], mark: PhraseMatch, folded: str, start: int) -> Iterator[tuple[int, int]]:
    """Yield the name right behind a word for a subsidiary of the company that a text speaks of."""
    for item in found:
        if mark.start <= item.start and item.start - mark.end <= _BEHIND and item.end > mark.end:
            gap = folded[mark.end : max(mark.end, item.start)]
            is_led = len(folded[start : mark.start].split()) > 1
            if is_led and gap.startswith(",") and folded[item.end : item.end + 1].isspace():
                return  # the clause goes on with its subject: "Setelah menjual anak usahanya, Maju Laris mencatat"
            if not re.search(r"[\d(;:]", gap):
                yield item.start, item.end
                return


def _ends_aside(folded: str, place: int, end: int) -> bool:
    """Return true if a comma ends an aside soon behind a place, or the sentence does."""
    return (
        re.match(r"(?: [^\W\d_][\w\-]*){0,3} ?(?:,|\)|-|\u2013|\u2014|\Z)", folded[place : min(end, place + _LONGEST)])
        is not None
    )


def _named_behind(text: str, place: int, end: int, code: str) -> tuple[int, int] | None:
    """Return where the names behind words for owning stand; they end with the one behind "and"."""
    pattern = _listed_names(code) if locale(code).style == "words" else _ARABIC
    found = pattern.match(text, place, min(end, place + _LONGEST))
    return None if found is None else found.span("names")


_ARABIC: Final = re.compile(r"(?P<names>[^,()\d\u060c\n]{2,50})(?=[,()\u060c])")


@cache
def _listed_names(code: str) -> re.Pattern[str]:
    joins = either(sorted({*locale(code).words("ranges", "and"), *every("small", "and"), "&"}))
    following = rf"{_PLAIN}{{0,3}}{_NAME}"
    return re.compile(
        rf"[ :]{{0,2}}{_QUOTE}?{_PLAIN}{{0,5}}(?P<names>{_NAME}(?:(?:, {following})*,? (?:{joins}) {following})?)"
    )


def _is_alias(mention: Mention, found: Sequence[Mention], folded: str) -> bool:
    """Return true if a name alone in brackets stands right behind another: a short form, an owner or a place."""
    is_alone = folded[mention.start - 1 : mention.start] == "(" and folded[mention.end : mention.end + 1] == ")"
    before = next((item for item in found if 0 <= mention.start - 1 - item.end <= 1), None) if is_alone else None
    return before is not None and (mention.known is None or before.known is not None)


def _without_country(mention: Mention, text: str) -> Mention:
    """Return a name without the country that owns it: "Norway's Holmgard"."""
    first, mark, rest = mention.name.partition("'s ")
    if mention.known or not mark or fold(first) not in _country_names():
        return mention
    start = mention.end - len(rest)
    return replace(mention, name=rest, start=start) if text[start : mention.end] == rest else mention


def _is_country(mention: Mention) -> bool:
    """Return true if a name is a country and no more: "Norway", "Norwegens", "Na Uy"."""
    low = fold(mention.name).removesuffix("'s")
    return low in _country_names() or low.removesuffix("s") in _country_names()


@cache
def _country_names() -> frozenset[str]:
    """Return the names of countries in all languages."""
    return frozenset(fold(normalise(word).text) for words in common()["countries"].values() for word in split(words))
