"""Find amounts that are only a part or an effect, average rates of several years, and sums over several years."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.topics import LOSSES
from tracker.sources.article.text.lexicon import either, locale

if TYPE_CHECKING:
    from tracker.sources.article.find.topics import Topic
    from tracker.sources.article.read.drafts import FigureDraft, Memory
    from tracker.sources.article.read.scene import Scene

__all__ = ["find_stop", "is_effect", "is_of_several_years", "stop_sum_of_years"]

_CLOSE: Final = 16  # letters between a rate and "a year on average"
_REACH: Final = 26  # letters before a year: "by the end of"
#: What a company spends is a sum where a later year is the end of it; what it earns is of that year.
_SPENT_BY: Final = frozenset({"capex", "r_and_d", "total_costs"})
_YEAR: Final = re.compile(r"\d{4}")


def is_effect(scene: Scene, index: int, topic: Topic) -> bool:
    """Return true if an amount is only what something costs a company, or only a part of a figure.

    As in "the strike cost Norvik 40 million in revenue" and "net profit includes a gain of 12 million".
    """
    quantity, own = scene.quantities[index], locale(scene.code)
    if quantity.kind != "money" or topic.label == "capex":
        return False
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    low = max([low, *(item.end for item in scene.quantities[:index])])
    moved = [mark.end for mark in own.phrases("delta", "effect").find(scene.folded, low, quantity.opening)]
    moved += [
        mark.end
        for mark in own.phrases("delta", "costs").find(scene.folded, low, quantity.opening)
        if any(item.start == mark.end + 1 for item in scene.mentions)
    ]
    included = own.phrases("delta", "included").find(scene.folded, max(low, topic.end), quantity.opening)
    moved += [mark.end for mark in included if topic.end <= quantity.start]
    if own.verb_brackets and own.phrases("delta", "effect").has(scene.folded, quantity.end, find_stop(scene, index)):
        return True
    if _is_lost_of(scene, index, topic):
        return True
    is_moved = any(not scene.parted(place, quantity.opening) for place in moved)
    is_moved = is_moved or (topic.start >= quantity.end and _is_cut(scene, low, quantity.opening))
    return is_moved or (topic.label not in LOSSES and _is_led_by(scene, quantity.opening))


def find_stop(scene: Scene, index: int) -> int:
    """Return where the words behind an amount end that may be its verb: at the next comma, amount or clause."""
    end = scene.quantities[index].end
    _, high = scene.breaks.clause(end, scene.start, scene.end)
    stops = [place for place in scene.breaks.soft if place >= end]
    stops += [found.start() for found in _joining_words(scene.code).finditer(scene.folded, end, high)][:1]
    return min([high, *stops, *(item.opening for item in scene.quantities[index + 1 :])])


@cache
def _joining_words(code: str) -> re.Pattern[str]:
    return re.compile(rf" (?:{either(locale(code).words('ranges', 'and'))}) ")


def _is_lost_of(scene: Scene, index: int, topic: Topic) -> bool:
    """Return true if an amount that is lost is one of sales: "lost 5 million in revenue", but not "on revenue of 9"."""
    quantity = scene.quantities[index]
    sold = next((item for item in scene.topics if item.start >= quantity.end and item.label == "revenue"), None)
    if topic.label not in LOSSES or sold is None:
        return False
    link = scene.folded[quantity.end : sold.start].strip()
    has_amount = any(0 <= item.start - sold.end <= _CLOSE for item in scene.quantities)
    return link in locale(scene.code).words("delta", "lost_of") and not has_amount


def _is_cut(scene: Scene, low: int, place: int) -> bool:
    """Return true if a verb of falling stands right before an amount of what follows: "cut 50 million in costs"."""
    own = locale(scene.code)
    marks = own.phrases("directions", "down").find(scene.folded, low, place) if own.words("delta", "effect") else ()
    return any(0 <= place - mark.end <= 1 for mark in marks)


def _is_led_by(scene: Scene, place: int) -> bool:
    """Return true if a word that only stands before a difference leads to an amount: "by 30 million"."""
    return _by_only(scene.code).search(scene.folded, scene.start, place) is not None


@cache
def _by_only(code: str) -> re.Pattern[str]:
    words = locale(code).words("delta", "by")
    return re.compile(rf"(?<!\w)(?:{either(words)}) \Z" if words else "(?!)")


def is_of_several_years(scene: Scene, index: int) -> bool:
    """Return true if a rate is the average of several years: "grew 12% a year on average"."""
    quantity = scene.quantities[index]
    marks = locale(scene.code).phrases("compare", "average")
    taken = [(item.start, item.end) for item in scene.periods if item.prior]
    taken += [(mark.start, mark.end) for mark in scene.compare]
    behind = marks.find(scene.folded, quantity.end, min(scene.end, quantity.end + 2 * _CLOSE))
    ahead = marks.find(scene.folded, max(scene.start, quantity.opening - 2 * _CLOSE), quantity.opening)
    near = [
        mark for mark in behind if mark.start - quantity.end <= _CLOSE and not scene.parted(quantity.end, mark.start)
    ]
    near += [mark for mark in ahead if not scene.parted(mark.end, quantity.opening)]
    return any(not any(low < mark.end and mark.start < high for low, high in taken) for mark in near)


def stop_sum_of_years(scene: Scene, draft: FigureDraft, memory: Memory) -> FigureDraft:
    """Stop an amount that is to be spent until a later year: it is the sum of several ("by 2030")."""
    words, year = draft.words, _YEAR.search(draft.period or "")
    is_spent = draft.metric in _SPENT_BY and draft.kind == "guidance" and draft.quantity.kind == "money"
    if words is None or year is None or not is_spent or words.part not in (None, "FY"):
        return draft
    is_later = memory.published is None or int(year[0]) > memory.published.year
    before = scene.folded[max(scene.start, words.start - _REACH) : words.start]
    leads = _until_words(scene.code).search(before) or _until_words(scene.code).match(scene.folded, words.start)
    return draft.stop("no_period") if is_later and leads is not None else draft


@cache
def _until_words(code: str) -> re.Pattern[str]:
    """Return what matches a word for "until" before a year."""
    words = sorted(locale(code).folded("periods", "until"), key=len, reverse=True)
    links = either(locale(code).folded("periods", "links"))
    return re.compile(rf"(?<!\w)(?:{either(words)}) (?:(?:{links}) )*\Z" if words else "(?!)")
