"""Figures of a part of a company that words beside them name: "in Germany alone", "outside Asia", "of that"."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.read.effects import find_stop
from tracker.sources.article.text.lexicon import common, either, function_words, locale, split
from tracker.sources.article.text.normalise import fold, normalise

if TYPE_CHECKING:
    from tracker.sources.article.find.topics import Topic
    from tracker.sources.article.read.drafts import FigureDraft
    from tracker.sources.article.read.scene import Scene

__all__ = [
    "is_alone",
    "is_contribution",
    "is_led_by_place",
    "is_of_place",
    "is_part_in_apposition",
    "is_share_of_budget",
    "is_sold_at_place",
]

_CLOSE: Final = 24  # letters between an amount and the words that say what it is of
_WORD: Final = re.compile(r"[^\W\d_]+")


def is_alone(scene: Scene, index: int) -> bool:
    """Return true if words such as "alone" make the subject of an amount a part, and no period: "in Germany alone"."""
    quantity = scene.quantities[index]
    low, high = scene.breaks.clause(quantity.start, scene.start, scene.end)
    own = locale(scene.code)
    behind = own.phrases("modifiers", "alone_behind").find(scene.folded, low, high)
    ahead = own.phrases("modifiers", "alone_ahead").find(scene.folded, low, quantity.opening)
    return any(_closes_part(scene, mark.start, low) for mark in behind) or any(
        _opens_part(scene, mark.end) for mark in ahead if _is_head(scene, low, mark.start)
    )


def _closes_part(scene: Scene, place: int, low: int) -> bool:
    """Return true if a part stands right before a place: no period, no company, no amount and no metric."""
    if _is_head(scene, low, place):
        comma = scene.folded.find(",", place, scene.end)
        return comma >= 0 and _opens_part(scene, comma)
    ends = [item.end for item in scene.periods] + [item.end for item in scene.quantities]
    ends += [item.end for item in scene.topics] + [item.end for item in scene.mentions if not item.aside]
    return not any(0 <= place - end <= 1 for end in ends)


def _opens_part(scene: Scene, place: int) -> bool:
    """Return true if what stands behind "only in" is neither a period nor a company."""
    starts = [item.start for item in scene.periods] + [item.start for item in scene.quantities]
    starts += [item.start for item in scene.mentions if not item.aside and not _is_place(item.name, scene)]
    first = min((start for start in starts if start >= place), default=scene.end)
    return not {*_WORD.findall(scene.folded[place:first])} <= function_words(scene.code)


def _is_head(scene: Scene, low: int, place: int) -> bool:
    """Return true if a place begins a clause, or stands behind a comma."""
    before = scene.folded[low:place].rstrip(" \"'")
    return not _WORD.search(before) or before.endswith((",", ":", ";"))


def _is_place(name: str, scene: Scene) -> bool:
    return _place_names(scene.code).match(fold(name)) is not None


def is_of_place(scene: Scene, index: int) -> bool:
    """Return true if a figure is of a part of the world: a clause begins with "outside Asia", or it stands behind.

    "In Germany" before a comma or verb at the head of a clause narrows what was sold there as well.
    """
    quantity = scene.quantities[index]
    low, high = scene.breaks.clause(quantity.start, scene.start, scene.end)
    outside, inside = _outside(scene.code), _inside(scene.code)
    if outside.match(scene.folded, quantity.end, min(high, quantity.end + _CLOSE)):
        return True
    for found in outside.finditer(scene.folded, low, quantity.opening):
        if _is_head(scene, low, found.start()) or any(0 <= found.start() - item.end <= 1 for item in scene.topics):
            return True
    places = (found.start() for found in inside.finditer(scene.folded, low, quantity.opening))
    return any(_is_head(scene, low, place) for place in places)


@cache
def _place_names(code: str) -> re.Pattern[str]:
    """Return what matches a country, a continent, or words for the markets at home and abroad."""
    names = [*(word for words in common()["countries"].values() for word in split(words)), *_regions()]
    names += locale(code).words("modifiers", "markets")
    return re.compile(rf"(?:{either(sorted({fold(normalise(name).text) for name in names}, key=len, reverse=True))})")


def _regions() -> tuple[str, ...]:
    return split(common()["regions"]["names"])


def _bound(code: str, key: str) -> str:
    """Return an expression for words of a list right before a place, an article between."""
    words = either(sorted(locale(code).folded("modifiers", key), key=len, reverse=True))
    links = either(sorted(locale(code).folded("modifiers", "place_articles"), key=len, reverse=True))
    return rf"(?<!\w)(?:{words})(?: |(?<='))(?:(?:{links})(?: |(?<=')))?" if words else "(?!)"


@cache
def _outside(code: str) -> re.Pattern[str]:
    """Return what matches a word for leaving a place out, and the place."""
    return re.compile(rf" ?{_bound(code, 'outside')}{_place_names(code).pattern}")


@cache
def _inside(code: str) -> re.Pattern[str]:
    """Return what matches "in" and a place, or a word that means abroad, as a whole phrase."""
    whole = either(sorted(locale(code).folded("modifiers", "abroad"), key=len, reverse=True))
    phrase = rf"|(?<!\w)(?:{whole})(?!\w)" if whole else ""
    return re.compile(rf"{_bound(code, 'within')}{_place_names(code).pattern}(?![\w-]){phrase}")


def is_sold_at_place(scene: Scene, index: int, topic: Topic) -> bool:
    """Return true if a place narrows a metric: "sales of Ferrow in Poland", "Ferrow's Polish sales"."""
    quantity, inside = scene.quantities[index], _inside(scene.code)
    if topic.metric in _SPENT:
        return False
    before = scene.folded[max(scene.start, topic.start - _CLOSE) : topic.start]
    if before.endswith(" ") and _nationality(scene.code).search(before):
        return True
    behind = inside.match(scene.folded, quantity.end + 1, scene.end)
    if topic.end <= quantity.start and topic.metric == "revenue" and behind is not None:
        return True
    found = inside.search(scene.folded, topic.end, max(topic.end, quantity.opening))
    return found is not None and _is_beside_topic(scene, topic.end, found.start())


@cache
def _nationality(code: str) -> re.Pattern[str]:
    """Return what matches an adjective of a country at the end of a text."""
    words = either(sorted(locale(code).folded("modifiers", "nationalities"), key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{words}) \Z" if words else "(?!)")


_SPENT: Final = frozenset({"capex", "r_and_d", "total_costs"})


def _is_beside_topic(scene: Scene, low: int, high: int) -> bool:
    """Return true if nothing but a company and small words stands between a metric and a place."""
    gap = scene.folded[low:high]
    for item in scene.mentions:
        if low <= item.start and item.end <= high:
            gap = gap.replace(scene.folded[item.start : item.end], " ")
    return "," not in gap and {*_WORD.findall(gap)} <= function_words(scene.code)


def is_led_by_place(scene: Scene, index: int) -> bool:
    """Return true if a place is the subject of a clause: "Poland accounted for", "La Pologne a représenté"."""
    high = scene.quantities[index].opening
    low, _ = scene.breaks.clause(high, scene.start, scene.end)
    found = _subject_place(scene.code).match(scene.folded, low, high)
    is_told = bool(locale(scene.code).words("modifiers", "place_articles"))
    if (
        found is None
        or not is_told
        or (locale(scene.code).capitals != "nouns" and scene.text[found.end() : found.end() + 1].isupper())
    ):
        return False
    return not any(item.start < found.end(1) and found.start(1) < item.end for item in scene.mentions if not item.aside)


@cache
def _subject_place(code: str) -> re.Pattern[str]:
    """Return what matches a country or continent at the head of a clause, before a verb."""
    links = either(sorted(locale(code).folded("modifiers", "place_articles"), key=len, reverse=True))
    names = [*(word for words in common()["countries"].values() for word in split(words))]
    places = either(sorted({fold(normalise(name).text) for name in names}, key=len, reverse=True))
    return re.compile(rf"[ \"';,-]*(?:(?:{links})(?: |(?<=')))?({places}) (?=[^\W\d_])")


def is_part_in_apposition(scene: Scene, index: int, topic: Topic) -> bool:
    """Return true if an amount only says in money what a fraction is: "a tenth of sales, or 110 million"."""
    quantity, own = scene.quantities[index], locale(scene.code)
    if quantity.kind != "money" or topic.end > quantity.start or not scene.parted(topic.end, quantity.opening):
        return False
    low, _ = scene.breaks.clause(topic.start, scene.start, scene.end)
    keys = [key for key in own.table("fractions") if key not in ("lead", "to", "of")]
    ends = [mark.end for mark in own.phrases("fractions", *keys).find(scene.folded, low, topic.start)]
    ends += [mark.end for mark in own.phrases("multiples", "half").find(scene.folded, low, topic.start)]
    is_next = not any(topic.end <= item.start < quantity.start for item in scene.quantities)
    return is_next and any(_leads_to_whole(scene, place, topic.start) for place in ends)


def _leads_to_whole(scene: Scene, low: int, high: int) -> bool:
    """Return true if "of" and small words, a company or a year lead from a fraction to a metric."""
    own = locale(scene.code)
    words = _WORD.findall(scene.folded[low:high])
    of = {*own.words("fractions", "of"), *own.words("modifiers", "whole_links")}
    return bool(words) and words[0] in of and _is_beside_topic(scene, low, high)


def is_contribution(scene: Scene, index: int) -> bool:
    """Return true if an amount is only what a part adds to the whole: "Solmed contributed 44 million to sales"."""
    quantity, marks = scene.quantities[index], locale(scene.code).phrases("modifiers", "contributes")
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    low = max([low, *(item.end for item in scene.quantities[:index])])
    before = list(marks.find(scene.folded, low, quantity.opening))
    if before and not scene.parted(before[-1].end, quantity.opening):
        return not any(before[-1].end <= item.start < quantity.opening for item in scene.topics)
    return locale(scene.code).verb_brackets and marks.has(scene.folded, quantity.end, find_stop(scene, index))


def is_share_of_budget(scene: Scene, index: int, earlier: list[FigureDraft]) -> bool:
    """Return true if an amount is a share of the amount before it: "45 million of that will go to the new line"."""
    quantity, own = scene.quantities[index], locale(scene.code)
    whole = next((item for item in reversed(earlier) if item.quantity.kind == quantity.kind and item.metric), None)
    if whole is None or whole.quantity.value < quantity.value or quantity.kind not in ("money", "count"):
        return False
    if whole.quantity.unit != quantity.unit and quantity.kind == "money" and "currency_inherited" not in quantity.flags:
        return False
    stop = min(scene.end, quantity.end + _CLOSE)
    marks = own.phrases("modifiers", "part_goes").find(scene.folded, quantity.end, stop)
    return any(mark.start - quantity.end <= 1 for mark in marks)
