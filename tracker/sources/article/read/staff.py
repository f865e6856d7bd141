"""People who come and go: whether a count beside words for hiring and firing is of all people of a company."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.topics import COUNTED
from tracker.sources.article.read import comparatives, versus
from tracker.sources.article.text.lexicon import PhraseMatch, either, every, locale

if TYPE_CHECKING:
    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.topics import Topic
    from tracker.sources.article.read.drafts import FigureDraft
    from tracker.sources.article.read.scene import Scene

__all__ = ["is_earned_by_person", "judge_people"]

_LED: Final = 16  # letters between a verb and the count it leads to


def judge_people(scene: Scene, index: int, topic: Topic, previous: FigureDraft | None) -> Topic:
    """Return the topic of people: blocked if a number counts those who come or go, open if it counts all."""
    if topic.label not in COUNTED:
        return topic
    if topic.blocked == "change":
        is_total = _is_reached(scene, index) or _is_held(scene, index)
        return replace(topic, blocked=None) if is_total else topic
    if topic.blocked:
        return topic
    quantity = scene.quantities[index]
    is_next = previous is not None and previous.reason == "change" and previous.topic is not None
    is_rate_of_change = is_next and quantity.kind == "percent" and previous.topic.start == topic.start  # type: ignore[union-attr]
    is_change = is_rate_of_change or (quantity.kind == "count" and _is_gained(scene, index))
    return replace(topic, blocked="change") if is_change else topic


def is_earned_by_person(scene: Scene, topic: Topic) -> bool:
    """Return true if a person is the subject of a verb of earning or losing: "Ferrow's chief executive earned"."""
    persons, own = locale(scene.code).folded("names", "persons"), locale(scene.code)
    if topic.label not in ("profit", "loss") or not persons:
        return False
    words = _words_before(scene, topic.start)
    last = next((item for item in reversed(scene.mentions) if item.end <= topic.start), None)
    if last is not None and {*re.findall(r"[^\W\d_]+", scene.folded[last.end : topic.start])} <= {
        *own.words("names", "person_links")
    }:
        words = _words_before(scene, last.start)
    links = own.words("names", "person_links")
    while words and words[-1] in links:
        words.pop()
    text = f" {' '.join(words)}"
    return any(text.endswith(f" {person.replace('-', ' ')}") for person in persons)


def _words_before(scene: Scene, place: int) -> list[str]:
    low, _ = scene.breaks.clause(place, scene.start, scene.end)
    return re.findall(r"[^\W\d_]+", scene.folded[low:place])


def _is_gained(scene: Scene, index: int) -> bool:
    """Return true if a verb says that so many people came or went: "added 1.2 million subscribers in the quarter"."""
    quantity, own = scene.quantities[index], locale(scene.code)
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    low = max([low, *(item.end for item in scene.quantities[:index])])
    marks = list(own.phrases("delta", "gained").find(scene.folded, low, quantity.opening))
    if not marks or scene.parted(marks[-1].end, quantity.opening) or _is_reached(scene, index):
        return False
    stock = own.phrases("jobs", "stock").has(scene.folded, marks[-1].end, quantity.opening)
    return not stock and not any(marks[-1].end <= item.start < quantity.opening for item in scene.topics)


def _is_reached(scene: Scene, index: int) -> bool:
    """Return true if people were let go until so many were left: "cut to 2,340 from 2,610"."""
    own = locale(scene.code)
    words = {*own.words("ranges", "into"), *own.words("ranges", "to")} - {"-"}
    places = [scene.quantities[index].opening]
    if index and comparatives.leads_from(scene, index):
        places.append(scene.quantities[index - 1].opening)
    found = (
        re.search(rf"(?<!\w)(?:{either(sorted(words))}) ?\Z", scene.folded[max(scene.start, place - _LED) : place])
        for place in places
    )
    return any(item is not None for item in found) and not _is_object(scene, scene.quantities[index].opening)


def _is_object(scene: Scene, place: int) -> bool:
    """Return true if a verb and the word before its object stand before a place: "despidió a 120 personas"."""
    objects = locale(scene.code).words("jobs", "object")
    marks = _find_changes(scene, max(scene.start, place - _LED), place)
    return bool(objects) and any(scene.folded[mark.end : place].strip() in objects for mark in marks)


def _find_changes(scene: Scene, low: int, high: int) -> list[PhraseMatch]:
    return list(locale(scene.code).phrases("jobs", "change").find(scene.folded, low, high))


def _is_held(scene: Scene, index: int) -> bool:
    """Return true if a count is of all people of a company, and its sentence gives a change beside it.

    As in "laid off 300 people and now employs 4,100".
    """
    if index and versus.after_versus(scene, index):
        return _is_held(scene, index - 1)
    quantity, changes = scene.quantities[index], _find_changes(scene, scene.start, scene.end)
    before = max((mark.end for mark in changes if mark.end <= quantity.opening), default=scene.start)
    behind = min((mark.start for mark in changes if mark.start >= quantity.end), default=scene.end)
    previous = max((item.end for item in scene.quantities[:index]), default=scene.start)
    low = max(before, previous)
    if not locale(scene.code).phrases("jobs", "stock").has(scene.folded, low, quantity.opening):
        return False
    is_led = before == scene.start or _is_apart(scene, before, quantity.opening)
    return is_led and (behind == scene.end or _is_apart(scene, quantity.end, behind))


def _is_apart(scene: Scene, low: int, high: int) -> bool:
    """Return true if a comma, the end of a clause, "and" or another count parts two places."""
    own = locale(scene.code)
    joins = {*own.words("ranges", "and"), *every("small", "and"), *own.words("compare", "after")}
    words = set(re.findall(r"[^\W\d_]+", scene.folded[low:high]))
    return (
        scene.parted(low, high) or bool(joins & words) or any(_is_count(item, low, high) for item in scene.quantities)
    )


def _is_count(quantity: Quantity, low: int, high: int) -> bool:
    return quantity.kind == "count" and low <= quantity.start and quantity.end <= high
