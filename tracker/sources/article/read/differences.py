# signs of other scripts are meant as they stand
"""Recognise amounts of change: by how much a figure moved ("up 120 million from 2023"), not how large it is.

A word of direction stands right before the amount ("rose 120 million"; "to" between makes it a level), or it or a word
for "more" right behind it ("120億円増", "120 million more than in 2023").
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.topics import COUNTED
from tracker.sources.article.read.rates import is_margin_over
from tracker.sources.article.read.versus import is_base, is_from_to
from tracker.sources.article.text.lexicon import either, every, locale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.topics import Topic
    from tracker.sources.article.read.drafts import FigureDraft
    from tracker.sources.article.read.scene import Scene
    from tracker.sources.article.text.lexicon import Phrases

__all__ = ["is_difference"]

_FRONT: Final = 12  # letters before a count: "fewer"
_CLOSE: Final = 25  # letters: the words right behind a figure
_LINK: Final = 10  # letters: "of the"


def is_difference(scene: Scene, index: int, topic: Topic, earlier: Sequence[FigureDraft]) -> bool:
    """Return true if a count or an amount of money says by how much a figure moved."""
    quantity = scene.quantities[index]
    if topic.label in COUNTED and quantity.kind == "count":
        is_moved = _is_moved_from_level(scene, index, topic, earlier) or _leads_to_level(scene, index)
        return is_moved or _is_difference_of_count(scene, quantity) or _are_let_go(scene, quantity)
    return quantity.kind == "money" and quantity.low is None and _is_difference_of_money(scene, index, topic, earlier)


def _is_difference_of_money(scene: Scene, index: int, topic: Topic, earlier: Sequence[FigureDraft]) -> bool:
    if index + 1 < len(scene.quantities) and is_from_to(scene, index):
        return False
    if _has_more_behind(scene, index) or _is_off_expectation(scene, index, topic, earlier):
        return True
    if locale(scene.code).verb_final or scene.is_revision(index):
        return False
    led = _find_move(scene, index)
    if led is None:
        return _has_level(topic, earlier) and _is_led_by_comparison(scene, index)
    if led.strip() in locale(scene.code).words("ranges", "by"):
        return True
    has_level = _has_level(topic, earlier) or _leads_to_level(scene, index)
    end = scene.quantities[index].end
    return has_level or any(0 <= item.start - end <= _CLOSE and is_base(scene, item) for item in scene.periods)


def _is_led_by_comparison(scene: Scene, index: int) -> bool:
    """Return true if "higher" leads to an amount and the year compared with follows: "cao hơn 12 tỷ so với 2023"."""
    quantity = scene.quantities[index]
    led = quantity.lead >= 0 and any(
        quantity.lead <= item.start and item.end <= quantity.start <= item.end + 1 for item in scene.directions
    )
    return led and any(0 <= item.start - quantity.end <= _CLOSE and is_base(scene, item) for item in scene.periods)


def _are_let_go(scene: Scene, quantity: Quantity) -> bool:
    """Return true if a count of people stands right beside a word for hiring or letting go: "裁员400人"."""
    own = locale(scene.code)
    if not own.is_east_asian:
        return False
    marks = own.phrases("jobs").find(scene.folded, max(scene.start, quantity.opening - _LINK), quantity.end + _LINK)
    gaps = [gap for mark in marks for gap in (quantity.opening - mark.end, mark.start - quantity.end)]
    return any(0 <= gap <= _JOINED for gap in gaps)


_JOINED: Final = 2  # letters: 了, 人を


def _leads_to_level(scene: Scene, index: int) -> bool:
    """Return true if a change stands before the level it leads to: "bertambah 1,1 juta menjadi 6,4 juta"."""
    here, following = (
        scene.quantities[index],
        scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None,
    )
    own = locale(scene.code)
    if following is None or following.unit != here.unit or not own.has_plain_words or own.verb_final:
        return False
    gap = scene.folded[here.end : following.opening].strip()
    return gap in own.folded("ranges", "into") and _find_move(scene, index) is not None and not is_from_to(scene, index)


def _has_level(topic: Topic, earlier: Sequence[FigureDraft]) -> bool:
    """Return true if the sentence has given an amount of the same metric before."""
    return any(item.topic is not None and item.topic.metric == topic.metric for item in earlier)


def _is_moved_from_level(scene: Scene, index: int, topic: Topic, earlier: Sequence[FigureDraft]) -> bool:
    """Return true if a word of direction stands right before a count, and the sentence has given the level before."""
    is_plain = not locale(scene.code).verb_final and not scene.is_revision(index)
    return is_plain and _has_level(topic, earlier) and _find_move(scene, index) is not None


def _is_off_expectation(scene: Scene, index: int, topic: Topic, earlier: Sequence[FigureDraft]) -> bool:
    """Return true if an amount says how far the figure before it misses or beats what was expected."""
    is_plain = not locale(scene.code).verb_final and not scene.is_revision(index)
    return is_plain and _has_level(topic, earlier) and is_margin_over(scene, index)


def _has_more_behind(scene: Scene, index: int) -> bool:
    """Return true if "more" or, where verbs stand last, a word of direction follows an amount and nothing between."""
    quantity, own = scene.quantities[index], locale(scene.code)
    if quantity.qualifier == "at_least":
        return False
    if own.verb_final:
        mark = next((item for item in scene.directions if item.start >= quantity.end), None)
    else:
        stop = min(scene.end, quantity.end + _CLOSE)
        mark = next(own.phrases("delta", "difference").find(scene.folded, quantity.end, stop), None)
    if mark is None or mark.start - quantity.end > _CLOSE or scene.folded[quantity.end : mark.start].strip():
        return False
    return own.verb_final or _compares_behind(scene, mark.end)


def _compares_behind(scene: Scene, place: int) -> bool:
    """Return true if "than" follows "more", and what it is compared with is no multiple: "more than doubled"."""
    multiple = any(item.kind == "multiple" and 0 <= item.start - place <= _LINK for item in scene.quantities)
    return not multiple and _than(scene.code).match(scene.folded, place) is not None


@cache
def _than(code: str) -> re.Pattern[str]:
    """Return what matches a word such as "than"."""
    own = locale(code)
    words = sorted({word.split(" ")[0].split("(")[0] for word in own.words("compare", "versus")}, key=len, reverse=True)
    return re.compile(
        rf" (?:{either((*(word for word in words if word.isalpha()), *own.words('compare', 'than')))})(?!\w)"
    )


def _find_move(scene: Scene, index: int) -> str | None:
    """Return what stands between a word of direction and an amount: "by", or nothing. None: there is no such word."""
    opening, own = scene.quantities[index].opening, locale(scene.code)
    low, _ = scene.breaks.clause(opening, scene.start, scene.end)
    low = max(low, opening - 2 * _CLOSE, scene.quantities[index - 1].end if index else low)
    dated = [item for item in scene.periods if low <= item.start and item.end <= opening]
    low = max([low, *(item.end for item in dated)]) if own.is_east_asian else low
    marks = iter([item for item in scene.directions if low <= item.start and item.end <= opening])
    if own.is_east_asian and dated:
        marks = own.phrases("directions", "up", "down").find(scene.folded, low, opening)
    others = {*own.words("negative", "beside"), *own.words("ranges", "into"), *own.words("ranges", "to")}
    for mark in marks:
        is_topic = any(mark.start < item.end and item.start < mark.end <= item.end for item in scene.topics)
        is_topic = is_topic and not any(mark.start < item.start and item.end == mark.end for item in scene.topics)
        if is_topic or scene.folded[mark.start : mark.end] in others:
            continue
        gap = scene.folded[mark.end : opening]
        for item in dated:
            gap = gap.replace(f" {scene.folded[item.start : item.end]}", "")
        if _by(scene.code).fullmatch(gap) is not None:
            return gap
    return None


@cache
def _by(code: str) -> re.Pattern[str]:
    """Return what matches the words between a direction and an amount of change: "by", "of"."""
    own = locale(code)
    words = {*own.words("ranges", "by"), *own.words("small", "base_link"), *own.words("ranges", "from_or_of")}
    plain = sorted((word for word in words if word and word not in own.words("ranges", "into")), key=len, reverse=True)
    return re.compile(rf" ?(?:(?:{either(plain)})(?: |(?<=')))?" if plain else " ?")


def _is_difference_of_count(scene: Scene, quantity: Quantity) -> bool:
    """Return true if a count says how many more or fewer there are: "1,200 more than a year earlier"."""
    own = locale(scene.code)
    behind = next((item.end for item in scene.topics if item.start - quantity.end in (0, 1)), quantity.end)
    if own.has_plain_words and (_is_led_by_by(scene, quantity) or _is_led_by_difference(scene, quantity)):
        return True
    words = [own.phrases("directions", "up", "down")]
    words += [own.phrases("delta", "difference")] if own.has_plain_words else []
    places = (quantity.end, behind) if own.has_plain_words or own.verb_final else ()
    return any(_stands_behind(scene, place, phrases) for place in places for phrases in words)


def _stands_behind(scene: Scene, place: int, phrases: Phrases) -> bool:
    """Return true if one of these phrases follows a place, with at most the word for people between them."""
    tail = scene.folded[place : place + _CLOSE]
    mark = next(phrases.find(tail), None)
    gap = "?" if mark is None else tail[: mark.start].strip()
    return not gap or gap in every("small", "counter")


def _is_led_by_difference(scene: Scene, quantity: Quantity) -> bool:
    """Return true if "more" or "fewer" is right before a count that is compared: "ít hơn 900 người so với"."""
    own, low = locale(scene.code), max(scene.start, quantity.opening - _FRONT)
    led = any(
        mark.end >= quantity.start - 1
        for mark in own.phrases("delta", "difference").find(scene.folded, low, quantity.start)
    )
    stop = min(scene.end, quantity.end + 2 * _CLOSE)
    return led and any(
        mark.start - quantity.end <= _CLOSE
        for mark in own.phrases("compare", "versus", "yoy").find(scene.folded, quantity.end, stop)
    )


def _is_led_by_by(scene: Scene, quantity: Quantity) -> bool:
    """Return true if a word of direction and "by" stand before a count: "rose by 300,000"."""
    own = locale(scene.code)
    low = max(scene.start, quantity.opening - _CLOSE)
    words = "|".join(re.escape(word) for word in own.words("ranges", "by") if word)
    found = re.search(rf"(?<!\w)(?:{words}) \Z", scene.folded[low : quantity.opening]) if words else None
    if found is None:
        return False
    marks = (
        *own.phrases("directions").find(scene.folded, low, quantity.opening),
        *own.phrases("claims", "beat").find(scene.folded, low, quantity.opening),
    )
    return any(0 <= low + found.start() - mark.end <= 1 for mark in marks)
