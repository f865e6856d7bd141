"""Words that the reader knows as part of a name, where only names have capitals: "Jom Naik", "Untung Bersama"."""

from __future__ import annotations

import re
from typing import Final

from tracker.sources.article.text.lexicon import locale, vocabulary
from tracker.sources.article.text.normalise import fold

__all__ = ["is_in_name"]

_NEXT_CAPITAL: Final = re.compile(r" ([A-Z\u00c0-\u00de\u0110\u01a0\u01af\u1ea0-\u1ef8][^\W\d_]+)")
_CAPITAL_BEFORE: Final = re.compile(r"(?:\A|[\s(\"])([^\W\d_]+) \Z")
_LOWER_BEFORE: Final = re.compile(r"[a-z\u00df-\u00ff] \Z")
_WORD: Final = re.compile(r"[^\W\d_]+")


def is_in_name(low: int, high: int, text: str, bounds: tuple[int, int], code: str) -> bool:
    """Return true if a word is part of a name: it has a capital inside a sentence, and so has a word beside it.

    A word nobody knows must follow it, or a capital stand right before it. In a headline capitals say nothing.
    """
    word, line = text[low:high], text[slice(*bounds)]
    if locale(code).capitals != "names" or not word.istitle() or " " in word:
        return False
    behind = _NEXT_CAPITAL.match(text, high, bounds[1])
    is_inside = _LOWER_BEFORE.search(text[bounds[0] : low]) is not None
    if is_inside and behind is not None and fold(behind[1]) not in vocabulary(code):
        return True
    return _stands_behind_capital(low, text, bounds, code) and not _is_headline(line)


def _stands_behind_capital(low: int, text: str, bounds: tuple[int, int], code: str) -> bool:
    """Return true if a word with a capital stands right before a place, and it is no word of the language."""
    found = _CAPITAL_BEFORE.search(text[bounds[0] : low])
    word = found[1] if found is not None else ""
    return word.istitle() and fold(word) not in vocabulary(code)


def _is_headline(line: str) -> bool:
    """Return true if most words of a line have a capital."""
    words = _WORD.findall(line)
    capitals = [word for word in words if word.istitle()]
    return len(capitals) > len(words) // 2
