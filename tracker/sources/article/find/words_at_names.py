"""Words that stand beside names: comparisons, possessions and parts of a company, articles."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.names import name_words
from tracker.sources.article.text.lexicon import LANGUAGES, either, every, locale
from tracker.sources.article.text.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["FOLLOWING", "LEAD", "REACH", "elision", "is_aside", "kinds_before", "owned", "part_nouns"]

REACH: Final = 40  # letters
LEAD: Final = 24  # letters
FOLLOWING: Final = re.compile(r" ([^\W\d_]+)")


@cache
def _aside() -> re.Pattern[str]:
    """Return words before a name that put it beside the subject: rivals, sources, comparisons."""
    spelled = [code for code in LANGUAGES if not locale(code).is_east_asian]
    words = [word for code in spelled for word in locale(code).folded("names", "beside")]
    particles = [word for code in LANGUAGES if code not in spelled for word in locale(code).folded("names", "beside")]
    return re.compile(rf"(?:\b(?:{either(words)})|{either(particles)})[ ]?\Z")


def is_aside(folded: str, begin: int, start: int, code: str) -> bool:
    """Return true if a word that compares stands before a name, and none that begins a clause ("tandis que")."""
    if _aside().search(folded[max(start, begin - 14) : begin]) is None:
        return False
    clauses = locale(code).phrases("clauses", "hard").find(folded, max(start, begin - 24), begin)
    return not any(0 <= begin - mark.end <= 1 for mark in clauses)


@cache
def owned(code: str) -> frozenset[str]:
    """Return the words that may stand before "of" and a company: metrics, kinds of companies, kinds of reports."""
    own = locale(code)
    phrases = " ".join((*own.table("metrics").values(), *own.table("other_topics").values()))
    words = re.findall(r"[^\W\d_]+", fold(re.sub(r"[?*()|]", " ", phrases)))
    return (
        frozenset(words)
        | name_words(code)["descriptors"]
        | name_words(code)["titles"]
        | frozenset(own.folded("names", "of_company"))
    )


@cache
def part_nouns(code: str) -> tuple[str, ...]:
    """Return the nouns for parts of a company that are not companies themselves, with blanks around them."""
    own = locale(code)
    nouns = set(own.folded("modifiers", "subject")) - set(own.folded("modifiers", "subsidiary"))
    return tuple(f" {noun} " for noun in nouns)


@cache
def elision(code: str) -> re.Pattern[str]:
    """Return an article that is written as one word with a name."""
    own = either(every("names", "elisions")) if locale(code).words("names", "elisions") else "(?!)"
    return re.compile(rf"(?:{own})'(?=[^\W\d_])", re.IGNORECASE)


def kinds_before(names: Sequence[tuple[int, int]], text: str, start: int, code: str) -> Iterator[tuple[int, int]]:
    """Yield the words for kinds of companies that have a capital before a name: "Consultora Briviesca"."""
    kinds = locale(code).words("names", "named_kinds")
    for begin, _ in names if kinds else ():
        low = text.rfind(" ", start, begin - 1) + 1
        word = text[low : begin - 1]
        if low > start and word.istitle() and word.lower() in kinds:
            yield low, begin
