"""Profit that an adverb makes operating profit: "Kronhagen hat operativ 73 Mio. Euro verdient"."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.text.lexicon import either, locale

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.sources.article.find.topics import Topic

__all__ = ["mark_operating"]

_OPERATING: Final = {"profit": "operating_income", "loss": "operating_loss"}
_CUT: Final = re.compile(r"[,;:](?!\d)")


def mark_operating(found: list[Topic], folded: str, start: int, end: int, code: str) -> list[Topic]:
    """Return the topics with a bare profit or loss as an operating one, where an adverb of its clause says so."""
    marks = _adverbs(code).finditer(folded, start, end)
    spans = [mark.span("adverb") for mark in marks if mark["adverb"]]
    return [_mark(topic, spans, found, folded) for topic in found] if spans else found


def _mark(topic: Topic, spans: list[tuple[int, int]], found: Iterable[Topic], folded: str) -> Topic:
    """Return a bare result as an operating one, if no comma or other topic parts it from the adverb."""
    if topic.label not in _OPERATING or topic.blocked:
        return topic
    others = [item for item in found if item is not topic]
    for low, high in spans:
        begin, finish = (high, topic.start) if low < topic.start else (topic.end, low)
        is_parted = any(begin <= item.start < finish for item in others)
        if not is_parted and _CUT.search(folded, begin, max(begin, finish)) is None:
            return replace(topic, label=_OPERATING[topic.label])
    return topic


@cache
def _adverbs(code: str) -> re.Pattern[str]:
    """Return what matches such an adverb where no article makes it a part of a description."""
    own = locale(code)
    words, articles = either(own.folded("modifiers", "operating")), either(own.folded("modifiers", "not_operating"))
    return re.compile(rf"(?<!\w)(?:(?:{articles}) (?:{words})(?!\w)|(?P<adverb>{words})(?!\w))")
