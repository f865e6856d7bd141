# a sentence is handed on as its parts; signs of other scripts are meant as they stand
# ruff: noqa: PLR0913, PLR0917, RUF001
"""Names of unknown companies in Korean, which writes particles behind them as one word with them."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.goods import is_goods_word
from tracker.sources.article.find.names import (
    OWN,
    REGISTERED,
    SHORTEST,
    Mention,
    has_own_amount,
    is_likely,
    is_listed,
    is_of_plain_words,
    is_registered,
    name_words,
)
from tracker.sources.article.text.lexicon import either, locale, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["korean"]

_BRACKETED: Final = re.compile(r"\(\d")  # a number in brackets


def _follows_form(folded: str, low: int, high: int, code: str) -> bool:
    """Return true if the form of a registered company stands behind a name, or before it and a blank."""
    forms = locale(code).folded("names", "registered") or ("\0",)
    return folded.startswith(forms, high) or folded[:low].rstrip(" ").endswith(forms)


_KOREAN: Final = re.compile(r"[A-Za-z]*[\uac00-\ud7a3][\uac00-\ud7a3A-Za-z0-9&]*")


@cache
def _particle(code: str) -> re.Pattern[str]:
    """Return what matches a particle, which is written to the name before it."""
    return re.compile(rf"(?:{either(locale(code).words('names', 'particles'))})\Z")


_KOREAN_QUOTES: Final = "'\"‘“「"
_COMMA_BEHIND: Final = re.compile(r", ?(?=[^\s,])")


@cache
def _quoted_particle(code: str) -> re.Pattern[str]:
    """Return a closing quotation mark and a particle behind it: "업체 '한입배달'은"."""
    words = either(sorted(locale(code).words("names", "particles"), key=len, reverse=True))
    return re.compile(rf"['\"’”」](?:{words})(?!\w)")


@cache
def _bracketed_particle(code: str) -> re.Pattern[str]:
    """Return a bracket without amounts and a particle behind it: "한서푸드(브랜드 달무리)는"."""
    words = either(sorted(locale(code).words("names", "particles"), key=len, reverse=True))
    return re.compile(rf"\([^()\d]{{2,40}}\)(?:{words})(?!\w)")


def _is_headed(text: str, low: int, high: int, code: str) -> bool:
    """Return true if a name with the form of a company's opens a line before a comma: "한빛제약, 2분기 실적 발표"."""
    line = text[text.rfind("\n", 0, low) + 1 : low]
    name = text[low:high]
    business = (*locale(code).words("names", "business"), *locale(code).words("names", "endings"))
    is_opening = not _LETTERS.search(line.rpartition(":")[2])
    return is_opening and name not in business and is_likely(text, name, code) and bool(_COMMA_BEHIND.match(text, high))


_LETTERS: Final = re.compile(r"\w")


@cache
def _office_held(code: str) -> re.Pattern[str]:
    """Return a company beside a person and the office: "박정우 새롬전지 대표는", "한빛조선 김민호 대표는"."""
    own = locale(code)
    titles = either(sorted(own.words("officers", "holders"), key=len, reverse=True))
    person = rf"(?<!\w)(?:{either(own.words('officers', 'families'))})[\uac00-\ud7a3]{{2}}"
    company = r"(?<!\w)(?P<{}>[A-Za-z]*[\uac00-\ud7a3][\uac00-\ud7a3A-Za-z0-9&]+)"
    first, second = company.format("behind"), company.format("before")
    return re.compile(
        rf"(?:(?P<person>{person}) {first}|{second} (?P<holder>{person})) (?=(?:[\uac00-\ud7a3]+ )?(?:{titles}))"
    )


def _find_office_held(text: str, folded: str, start: int, end: int, code: str) -> tuple[int, int] | None:
    """Return where the company of an office with a person stands in a sentence."""
    if not locale(code).words("officers", "holders"):
        return None
    known = name_words(code)["not_names"] | vocabulary(code) | name_words(code)["titles"]
    ends = tuple(word for word in locale(code).words("names", "particles") if len(word) == 1)
    for found in _office_held(code).finditer(folded, start, end):
        low, high = found.span("behind" if found["behind"] else "before")
        name, person = text[low:high], found["person"] or found["holder"]
        opens = not folded[start : found.start()].strip(" \"'\u201c\u2018")
        is_led = opens and len(name) > SHORTEST and not name.endswith(ends) and not person.endswith(ends)
        is_led = is_led and not name.endswith(locale(code).words("officers", "describing"))
        is_word = {name, person} & known or is_of_plain_words(name, code) or is_of_plain_words(person, code)
        if not is_word and (is_led or is_likely(text, name, code)):
            return low, high
    return None


def korean(
    text: str, folded: str, start: int, end: int, code: str, occupied: Sequence[tuple[int, int]]
) -> Iterator[Mention]:
    """Yield the company of an office, or the first word with a particle that is nothing else."""
    held = _find_office_held(text, folded, start, end, code)
    if held is None or any(low < held[1] and held[0] < high for low, high in occupied):
        yield from _subjects(text, folded, start, end, code, occupied)
        return
    others = [item for item in _subjects(text, folded, held[1], end, code, occupied) if not item.doubtful]
    yield Mention(text[slice(*held)], *held, REGISTERED, aside=bool(others))
    if others:  # somebody tells of another company
        yield from others
        return
    yield from _subjects(text, folded, held[1], end, code, occupied, leading=False)


def _subjects(
    text: str,
    folded: str,
    start: int,
    end: int,
    code: str,
    occupied: Sequence[tuple[int, int]],
    *,
    leading: bool = True,
) -> Iterator[Mention]:
    """Yield the first word with a particle that is nothing else."""
    stop, words, particle_of = name_words(code)["not_names"], vocabulary(code), _particle(code)
    last, hard = start, locale(code).phrases("clauses", "hard")
    verbs, titles = locale(code).pattern("no_name"), name_words(code)["titles"]
    officials = tuple(sorted(titles))
    previous: Mention | None = None
    for found in list(_KOREAN.finditer(folded, start, end))[:200]:
        token = found[0]
        bare = particle_of.sub("", token) if len(token) > 2 else token  # noqa: PLR2004 - a name has two syllables
        quoted = _quoted_particle(code).match(text, found.end()) if text[found.start() - 1] in _KOREAN_QUOTES else None
        bare = bare if quoted is None else token
        bracketed = leading and bare == token and _bracketed_particle(code).match(text, found.end(), end) is not None
        particle = bare != token or quoted is not None or bracketed
        high = found.start() + len(bare)
        if (
            text[found.start() - 1 : found.start()].isdigit()
            or text[found.start() - 1 : found.start()] == "%"
            or bare in stop
            or bare in words
            or particle_of.sub("", bare) in stop
            or is_of_plain_words(bare, code)
            or is_goods_word(bare, code)
            or bare in titles
            or (text[high : high + 1] != "(" and text[high + 1 :].startswith(officials))
            or (verbs is not None and verbs.fullmatch(token) is not None)
            or bare.endswith(locale(code).words("names", "institutions"))
            or len(bare) < SHORTEST
            or any(
                low == found.start() or (low < high and found.start() < top and low <= found.start())
                for low, top in occupied
            )
        ):
            previous = None
            continue
        leading = leading or (particle and last > start and hard.has(folded, last, found.start()))
        own = has_own_amount(folded, found.start(), high, (start, end), code)
        listed = is_listed(folded, last, found.start(), high, end)
        leading = leading or listed or (particle and own)
        described = previous is not None and previous.end + 1 == found.start()
        name = text[found.start() : high]
        beside = own or listed or (last > start and hard.has(folded, last, found.start()))
        beside = beside or folded[start : found.start()].rstrip().endswith(
            locale(code).words("names", "peers") or ("\0",)
        )
        mention = Mention(
            name,
            found.start(),
            high,
            (4 if leading else 1) + (1 if particle and leading else 0),
            doubtful=not (beside or is_likely(text, name, code)),
        )
        if described and previous is not None and previous.score >= 4:  # noqa: PLR2004 - the clause began with it
            mention = replace(mention, score=previous.score)
        if is_registered(folded, found.start(), high, code) or _follows_form(folded, found.start(), high, code):
            yield replace(mention, score=REGISTERED, doubtful=False)
            last, leading, previous = high, False, None
        elif particle:
            yield mention
            last = high
            leading = False
            previous = None
        elif text.startswith("(", high) and _BRACKETED.match(folded, high, end) is not None:
            yield replace(mention, score=4)
            leading, previous = False, None
        elif _is_headed(text, found.start(), high, code):
            yield replace(mention, score=4)
            last, leading, previous = high, False, None
        elif leading and any(low == high + 1 for low, _ in occupied):
            yield replace(mention, score=3)
            last = high if listed or OWN.match(folded, high, end) is not None else last
            leading = False
            previous = None
        else:
            previous = mention
            if not leading:
                continue
