# a sentence is handed on as its parts; signs of other scripts are meant as they stand
# ruff: noqa: PLR0913, PLR0917, RUF001
"""Which topic of a sentence an amount belongs to: the nearest one, rather before than after it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.topics import COUNTED
from tracker.sources.article.text.lexicon import common, either, every, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.topics import Topic
    from tracker.sources.article.text.lexicon import Phrases

__all__ = ["attach_topic"]

_HARD_COST: Final = 80
_SOFT_COST: Final = 7
_AFTER_COST: Final = 40
_JOINED_COST: Final = 120
_ADJOINING: Final = re.compile(r" ?[^\W\d_]{0,4} ?")  # nothing or one small word: "revenue of 5"


def attach_topic(
    quantity: Quantity,
    found: Sequence[Topic],
    quantities: Sequence[Quantity],
    folded: str,
    hard: Sequence[int],
    directions: Phrases,
) -> Topic | None:
    """Return the topic a quantity belongs to: the nearest one, rather before than after it, not across clauses."""
    best: tuple[float, Topic] | None = None
    last = next((topic for topic in reversed(found) if topic.end <= quantity.start), None)
    for topic in found:
        if topic.start < quantity.end and quantity.start < topic.end:
            continue
        if not _can_belong(quantity, topic) or _counts_things(quantity, folded):
            continue
        if quantity.kind == "count" and any(quantity.end <= place <= topic.start for place in hard):
            continue
        if _has_moved_another(quantity, topic, folded, hard, directions):
            continue
        cost = _attachment_cost(quantity, topic, quantities, folded, hard, directions)
        cost = 0.0 if topic is last and _adjoins(topic, quantity, folded) else cost
        if best is None or cost < best[0]:
            best = (cost, topic)
    return None if best is None or best[0] > 300 else best[1]  # noqa: PLR2004 - a line's length away is elsewhere


def _has_moved_another(quantity: Quantity, topic: Topic, folded: str, hard: Sequence[int], directions: Phrases) -> bool:
    """Return true if "and" stands between a rate, whose direction is before it, and a metric behind it.

    As in "passengers fell 3% and revenue was 167 million": the rate is of the passengers.
    """
    gap = folded[quantity.end : topic.start]
    if quantity.kind != "percent" or topic.start < quantity.end:
        return False
    comma = _LISTS.search(gap)
    if comma is not None and directions.has(gap, 0, comma.start()):
        return True
    low = max([place for place in hard if place <= quantity.start], default=0)
    is_joined = not _is_plain_gap(gap, folded, topic)
    return is_joined and directions.has(folded, max(low, quantity.start - _MOVED), quantity.start)


_LISTS: Final = re.compile("(?<=[\u2e80-\uffef])[,\u3001\uff0c]")  # the comma of a script without blanks
_MOVED: Final = 40  # letters between a verb and the rate behind it


def _adjoins(topic: Topic, quantity: Quantity, folded: str) -> bool:
    """Return true if nothing or one small word parts an amount from the topic before it: "revenue of 5"."""
    gap = folded[topic.end : quantity.start]
    return _ADJOINING.fullmatch(gap) is not None and _joining().match(gap) is None


def _counts_things(quantity: Quantity, folded: str) -> bool:
    """Return true if the word behind a count is one for counting shops or machines: "2100家"."""
    words = every("small", "thing_counter")
    return quantity.kind == "count" and bool(words) and folded.startswith(words, quantity.end)


def _can_belong(quantity: Quantity, topic: Topic) -> bool:
    """Return money is no head count and a count of people is no revenue."""
    counted = topic.label in COUNTED
    if quantity.kind == "money":
        return not counted
    if quantity.kind == "count":
        near = -24 <= topic.start - quantity.end <= 24 or 0 <= quantity.start - topic.end <= 90  # noqa: PLR2004 - counted things stand close
        return counted and near and (quantity.value >= (1000 if topic.label == "users" else 10))
    return True


def _attachment_cost(
    quantity: Quantity,
    topic: Topic,
    quantities: Sequence[Quantity],
    folded: str,
    hard: Sequence[int],
    directions: Phrases,
) -> float:
    before = topic.end <= quantity.start
    low, high = (topic.end, quantity.start) if before else (quantity.end, topic.start)
    gap = folded[low:high]
    crossings = sum(low <= place <= high for place in hard)
    commas = sum(gap.count(sign) for sign in ",，、():") - (gap.lstrip().startswith(("(", ":")) and 1)
    between = sum(
        1
        for other in quantities
        if other is not quantity and low <= other.start and other.end <= high and other.kind == quantity.kind
    )
    if before:
        return (high - low) + _HARD_COST * crossings + _SOFT_COST * commas + 4 * between
    joined = 0 if _is_plain_gap(gap, folded, topic) else _JOINED_COST
    return _after_cost(gap, directions) + joined + _HARD_COST * crossings + 30 * commas + 60 * between


def _is_plain_gap(gap: str, folded: str, topic: Topic) -> bool:
    """Return true if no word for "and" parts an amount from the topic behind it, which has its own amount then."""
    joins = split(common()["arabic_writing"]["joins"])
    return _joining().match(gap) is None and not folded.startswith(joins, topic.start)


@cache
def _joining() -> re.Pattern[str]:
    """Return a word for "and" right behind an amount."""
    return re.compile(rf"[ ,]*(?:{either(every('small', 'and'))})(?!\w)")


@cache
def _only_links() -> re.Pattern[str]:
    """Return nothing but words that may stand between a number and the topic it belongs to ("5bn of total revenue")."""
    words, particles = either(every("small", "topic_link")), either(every("small", "topic_particles"))
    return re.compile(rf"(?:[ '\"]|\b(?:{words})\b|{particles})*\Z")


def _after_cost(gap: str, directions: Phrases) -> float:
    """Return what a topic behind a number costs: right behind ("$5bn in revenue") it is as near as one before."""
    bare = gap
    for mark in directions.find(gap):
        bare = bare.replace(gap[mark.start : mark.end], " ", 1)
    if _only_links().match(bare):
        return 0.3 * len(gap)
    return len(gap) * 1.5 + _AFTER_COST
