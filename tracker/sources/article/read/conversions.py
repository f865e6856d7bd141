"""One amount given twice: in the currency it was stated in, and converted into another one beside it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.text.lexicon import bounded, locale

if TYPE_CHECKING:
    from tracker.sources.article.read.scene import Scene

__all__ = ["is_pair", "leads"]

#: A bracket that opens right behind an amount, with a few words in it before the next.
_BRACKET: Final = re.compile(r" ?[(（\[] ?[^()（）\d.;:]{0,40}\Z")  # noqa: RUF001 - a wide bracket is meant


def is_pair(scene: Scene, index: int) -> bool:
    """Return true if the same amount follows in another currency ("5 billion dollars (4.6 billion euros)")."""
    if not 0 <= index < len(scene.quantities) - 1:
        return False
    one, other = scene.quantities[index], scene.quantities[index + 1]
    if one.kind != "money" or other.kind != "money" or None in (one.unit, other.unit) or one.unit == other.unit:
        return False
    starts = [topic.start for topic in scene.topics]
    starts += [period.start for period in scene.periods]
    starts += [mention.start for mention in scene.mentions]
    if any(one.end <= start < other.start for start in starts):
        return False
    gap = scene.folded[one.end : other.start]
    return _BRACKET.match(gap) is not None or leads(gap, scene.code)


def leads(gap: str, code: str) -> bool:
    """Return true if a gap only says that the same amount follows in other words (", or about")."""
    return _lead_pattern(code).match(gap) is not None


@cache
def _lead_pattern(code: str) -> re.Pattern[str]:
    """As in ", or about": words that lead to the same amount in another currency, and nothing else."""
    own = locale(code)
    style = own.style if own.has_plain_words else "none"
    words = sorted([*own.words("small", "converted"), *own.words("qualifiers", "approx")], key=len, reverse=True)
    either = "|".join(bounded(word, style) for word in words if word)
    return re.compile(rf"[ ,、，–—-]*(?:(?:{either}) ?)+\Z")  # noqa: RUF001 - wide signs are meant
