# a sentence is handed on as its parts
# ruff: noqa: PLR0913, PLR0917
"""Names that begin with nouns for a business, of which only the first word has a capital: "Thủy sản Bạch Long".

The locale lists such nouns (`noun_heads`) and the forms that stand before a name (`forms_before`: "CTCP", "Công ty").
Behind a form any nouns may begin a name; without one only those of the list do.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.names import Mention, Token
from tracker.sources.article.text.lexicon import either, locale, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["noun_names"]

_WORD: Final = re.compile(r"[^\W\d_](?:[\w&'\-]*[^\W_])?")
_NOUNS: Final = 4  # words between the first capital and the next one
_FORMED, _NAMED = 8, 5  # scores: behind the form of a company, behind a noun for a business


def noun_names(
    text: str, folded: str, start: int, end: int, code: str, occupied: Sequence[tuple[int, int]]
) -> Iterator[Mention]:
    """Yield the names of a sentence that begin with nouns for a business."""
    position = start
    for found in _noun_opening(code).finditer(folded, start, end):
        if found.start() < position:
            continue
        led = found.end() if found["form"] else found.start()
        run = _read_name(text, folded, led, end, code, is_led=bool(found["form"]))
        if not run or any(low < run[-1][2] and run[0][1] < high for low, high in occupied):
            continue
        position = run[-1][2]
        yield Mention(text[run[0][1] : position], run[0][1], position, _FORMED if found["form"] else _NAMED)


@cache
def _noun_opening(code: str) -> re.Pattern[str]:
    """Return the form before a name, or the noun that a name begins with."""
    own = locale(code)
    forms = either(sorted(own.folded("names", "forms_before"), key=len, reverse=True))
    heads = either(sorted(own.folded("names", "noun_heads"), key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:(?P<form>{forms}) (?=\w)|(?:{heads}) (?=\w))")


@cache
def _heads(code: str) -> re.Pattern[str]:
    """Return a pattern for one or more nouns that name a kind of business."""
    heads = either(sorted(locale(code).folded("names", "noun_heads"), key=len, reverse=True))
    return re.compile(rf"(?:(?:{heads})(?!\w)[ ]?)+")


def _read_name(text: str, folded: str, low: int, end: int, code: str, *, is_led: bool) -> list[Token]:
    """Return the words of a name that begins at a place: a capital, nouns without one, and capitals."""
    words = _adjacent(text, low, end)
    if not words or not words[0][0][0].isupper():
        return []
    nouns = 1
    while nouns < len(words) and not words[nouns][0][0].isupper():
        nouns += 1
    listed = _heads(code).match(folded, low, end)
    is_listed = listed is not None and nouns < len(words) and listed.end() >= words[nouns - 1][2]
    plain = words[1:nouns]
    if not is_listed and (not is_led or len(plain) > _NOUNS or any(item[0] in vocabulary(code) for item in plain)):
        return _capitals(words) if is_led else []
    if nouns == len(words):
        return _capitals(words) if is_led else []
    behind = _capitals(words[nouns:])
    more = words[nouns + 1 :]
    if is_led and len(behind) == 1 and more and not more[0][0][0].isupper():
        return words[:nouns] + _read_name(text, folded, behind[0][1], end, code, is_led=True)
    return words[:nouns] + behind


def _capitals(words: list[Token]) -> list[Token]:
    """Return the words with a capital that a list begins with."""
    count = next((index for index, item in enumerate(words) if not item[0][0].isupper()), len(words))
    return words[:count]


def _adjacent(text: str, low: int, end: int) -> list[Token]:
    """Return the words from a place on that single blanks part."""
    out: list[Token] = []
    while (found := _WORD.match(text, low, end)) is not None and len(out) <= 2 * _NOUNS:
        out.append((found[0], found.start(), found.end()))
        low = found.end() + 1
        if text[found.end() : low] != " ":
            break
    return out
