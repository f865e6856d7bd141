"""Clauses that tell of a part of a company alone: "Its advertising unit took in", "Segmen polimer menyumbang"."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.goods import linked_goods
from tracker.sources.article.find.names import is_of_plain_words, name_words
from tracker.sources.article.find.topics import is_counted_in
from tracker.sources.article.read.plants import begins_with_plant, has_form, is_kind_of_company, match_owned, subject_of
from tracker.sources.article.text.lexicon import arabic_beginning, either, locale, vocabulary
from tracker.sources.article.text.normalise import fold

if TYPE_CHECKING:
    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.names import Mention
    from tracker.sources.article.find.topics import Topic
    from tracker.sources.article.read.scene import Scene

__all__ = [
    "is_in_clause_of_part",
    "is_of_owned_part",
    "is_of_plan",
    "is_of_possessed_part",
    "is_of_region",
    "is_of_which",
    "is_told_of_goods",
    "is_told_of_part",
    "is_told_of_state",
]

_NEAR: Final = 30  # letters behind a rate
_WORDS: Final = 4  # before the noun: "its fast-growing advertising unit"
_SIGNS: Final = 10  # before the noun in a script without blanks
_ANNOUNCED: Final = re.compile(r"[:\uff1a]")  # what follows is told of anything
_NAMED: Final = 2  # letters between the noun and the name of a part that is a company itself


def is_of_region(scene: Scene, quantity: Quantity) -> bool:
    """Return true if a rate is of a part of the world, which stands right behind it: "21 % aux États-Unis"."""
    if quantity.kind != "percent":
        return False
    stop = min(scene.end, quantity.end + _NEAR)
    marks = locale(scene.code).phrases("modifiers", "region").find(scene.folded, quantity.end, stop)
    return any(mark.start - quantity.end <= 1 for mark in marks)


def is_of_plan(scene: Scene, quantity: Quantity) -> bool:
    """Return true if a rate says how much of a plan is done: "61% of its full-year target"."""
    moved = any(0 <= mark.start - quantity.end <= 1 for mark in scene.directions)
    if quantity.kind != "percent" or quantity.low is not None or moved:
        return False
    own, place = locale(scene.code), quantity.end + (scene.folded[quantity.end : quantity.end + 1] == " ")
    if own.phrases("fulfilment", "behind").match(scene.folded, place) is not None:
        return True
    marks = own.phrases("fulfilment", "before").find(
        scene.folded, max(scene.start, quantity.opening - _PLAN), scene.end
    )
    return any(0 <= quantity.opening - mark.end <= 1 for mark in marks)


_PLAN: Final = 24  # letters of a word for a plan before a rate


def is_of_which(scene: Scene, index: int) -> bool:
    """Return true if "of which" stands right before an amount: "540 employees, 61 of them", "dont 310 M€"."""
    high = scene.quantities[index].opening
    if index == 0:
        return False
    low = scene.quantities[index - 1].end
    marks = list(locale(scene.code).phrases("modifiers", "part_of").find(scene.folded, low, high))
    verbs = {"", *locale(scene.code).words("modifiers", "part_verbs")}
    if any(scene.folded[mark.end : high].strip(" ,:") in verbs for mark in marks):
        return True
    return _is_of_people_counted(scene, index)


def _is_of_people_counted(scene: Scene, index: int) -> bool:
    """Return true if "of which" and a kind of people stand before a count: "员工5,320人、其中研发人员1,480人".

    Further counts of the sentence are of kinds of people, too, as long as it names no period.
    """
    here = scene.quantities[index]
    if here.kind != "count":
        return False
    first = next((item for item in scene.quantities[:index] if item.kind == "count"), None)
    if first is None or any(item.kind != "count" for item in scene.quantities[scene.quantities.index(first) : index]):
        return False
    marks = locale(scene.code).phrases("modifiers", "part_of").find(scene.folded, first.end, here.opening)
    mark = next(marks, None)
    return mark is not None and not any(mark.end <= item.start < here.opening for item in scene.periods)


def is_told_of_part(scene: Scene, index: int, topic: Topic | None) -> bool:
    """Return true if the subject of the clause of a quantity is a part of a company.

    The noun stands at the beginning of the clause, and no company between it and the quantity. What has a topic of its
    own behind another amount may tell of the whole again.
    """
    quantity = scene.quantities[index]
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    before = [item.end for item in scene.quantities[:index] if item.end > low]
    is_behind = bool(before) and (topic is None or topic.start >= min(before))
    if is_behind and (topic is None or not _is_enumerated(scene, low, quantity, topic)):
        return topic is not None and _is_alone(scene, max(before), quantity.opening)
    if match_owned(scene, low, quantity.opening) is not None and begins_with_plant(scene, low, quantity.opening):
        return True
    return any(_begins_with_part(scene, place, quantity.opening) for place in _openings(scene, low, quantity.opening))


def _is_alone(scene: Scene, low: int, high: int) -> bool:
    """Return true if a comma, a word for "alone" and a part stand behind an amount: ", riêng mảng xe buýt lỗ"."""
    found = _comma_alone(scene.code).search(scene.folded, low, high)
    return found is not None and _begins_with_part(scene, found.end(), high)


@cache
def _comma_alone(code: str) -> re.Pattern[str]:
    """Return what matches a comma and a word for "alone"."""
    words = either(sorted(locale(code).words("modifiers", "alone"), key=len, reverse=True))
    return re.compile(rf"[,\uff0c\u3001\u060c] ?(?:{words})(?!\w)" if words else "(?!)")


@cache
def _possessed_parts(code: str) -> re.Pattern[str]:
    """Return what matches a word for a part with "its"."""
    words = either(sorted(locale(code).folded("modifiers", "possessed_parts"), key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)" if words else "(?!)")


def _is_enumerated(scene: Scene, low: int, quantity: Quantity, topic: Topic) -> bool:
    """Return true if nothing but a comma or "and" parts a topic from the amount before it: both have one subject."""
    before = [item.end for item in scene.quantities if low < item.end <= topic.start]
    is_next = not any(topic.end <= item.start < quantity.start for item in scene.quantities)
    if not before or topic.start >= quantity.start or not is_next:
        return False
    own = locale(scene.code)
    joins = {*own.words("ranges", "and"), *own.words("small", "and"), *name_words(scene.code)["articles"]}
    gap = re.findall(r"\w+", scene.folded[max(before) : topic.start])
    return set(gap) <= joins


def is_in_clause_of_part(scene: Scene, index: int) -> bool:
    """Return true if a relative clause tells of a part of a company: "gracias al negocio eólico, que aportó"."""
    quantity = scene.quantities[index]
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    low = max([low, *(item.end for item in scene.quantities[:index])])
    told = list(_told_part(scene.code).finditer(scene.folded, low, quantity.opening))
    found = told[-1] if told else None
    if found is None or quantity.opening - found.end() > _RELATIVE:
        return False
    return not scene.parted(found.end(), quantity.opening) and not any(
        found.end() <= item.start < quantity.opening for item in scene.mentions
    )


def is_of_possessed_part(scene: Scene, index: int, topic: Topic) -> bool:
    """Return true if a part with "its" stands between a metric and its amount: "pendapatan anak usahanya".

    Or the metric is one of a subsidiary with a name: "자회사 누리페이의 순손실은".
    """
    if _is_of_named_subsidiary(scene, topic):
        return True
    low, high = topic.end, scene.quantities[index].opening
    if low >= high:
        return False
    for found in _possessed_parts(scene.code).finditer(scene.folded, low, high):
        if not is_counted_in(scene.folded, found.start(), scene.code):
            is_next = len(scene.folded[low : found.start()].split()) <= 1 and not scene.parted(low, found.start())
            is_before = is_next or not scene.parted(low, high)
            return is_before and not any(found.end() <= item.end <= high for item in scene.topics)
    return False


def _is_of_named_subsidiary(scene: Scene, topic: Topic) -> bool:
    """Return true if a subsidiary with a name stands before a metric, in languages that end with the verb."""
    own = locale(scene.code)
    low, _ = scene.breaks.clause(topic.start, scene.start, scene.end)
    for found in _named_subsidiary(scene.code).finditer(scene.folded, low, topic.start) if own.verb_final else ():
        is_free = not any(found.start("name") < item.end and item.start < topic.start for item in scene.mentions)
        is_plain = is_of_plain_words(found["name"], scene.code) or found["name"] in vocabulary(scene.code)
        if is_free and not is_plain and not scene.parted(found.end(), topic.start):
            return True
    return False


@cache
def _named_subsidiary(code: str) -> re.Pattern[str]:
    """Return a word for a subsidiary, its name, and a particle that makes it the subject or an owner."""
    own = locale(code)
    words = either(sorted(own.words("owners", "owned"), key=len, reverse=True))
    particles = either(own.words("modifiers", "part_particles"))
    blank = " " if own.style == "korean" else ""
    return re.compile(rf"(?:{words}){blank}(?P<name>[^\W\d]{{2,14}}?)(?:{particles}){blank}")


def is_of_owned_part(scene: Scene, index: int, topic: Topic) -> bool:
    """Return true if a part of a company stands between a metric and its amount: "Sales at Orley's paint division".

    The company owns the noun, or words for owning stand behind it: "sales at the paint division owned by Orley".
    """
    low, high = topic.end, scene.quantities[index].opening
    if low >= high or not scene.mentions:
        return False
    for found in _owned_part(scene.code).finditer(scene.folded, low, high):
        if found.lastgroup != "own" or any(item.start < found.start() <= item.end + 1 for item in scene.mentions):
            return not scene.parted(low, found.end())
    return False


@cache
def _owned_part(code: str) -> re.Pattern[str]:
    """Return what matches a noun for a part behind the mark of a possessive, or before words for owning."""
    own = locale(code)
    nouns = either(sorted(own.folded("modifiers", "owned_parts"), key=len, reverse=True))
    marks, owned = either(own.folded("modifiers", "owner_marks")), either(own.folded("modifiers", "part_owned_by"))
    leads, years = either(own.folded("modifiers", "part_leads")), either(own.folded("modifiers", "no_part_behind"))
    stem = r"(?:\w+-)?[^\W\d_]*" if own.capitals == "nouns" else ""
    words = rf"(?:[^\W\d_][\w&.\-]* ){{0,{_WORDS}}}?{stem}(?:{nouns})(?!\w)"
    return re.compile(
        rf"(?P<own>(?:{marks}) {words})"
        rf"|(?<!\w)(?:{leads}) {words}(?! (?:{years}))"
        rf"|(?<!\w){stem}(?:{nouns}) (?:[^\W\d_][\w&\-]* ){{0,2}}?(?:{owned})(?!\w)"
    )


_RELATIVE: Final = 40  # letters of a relative clause before its amount


@cache
def _told_part(code: str) -> re.Pattern[str]:
    """Return what matches a noun for a part of a company, up to the word that begins a relative clause about it."""
    own = locale(code)
    parts, by = either(own.folded("modifiers", "told_parts")), either(own.folded("modifiers", "told_by"))
    lead = arabic_beginning() if own.style == "arabic" else r"[^\W\d_]*" if own.capitals == "nouns" else ""
    return re.compile(rf"(?<!\w){lead}(?:{parts})(?!\w)(?: [^\W\d_]+){{0,4}},? (?:{by})(?!\w)")


def is_told_of_goods(scene: Scene, index: int, topic: Topic) -> bool:
    """Return true if goods or a plant stand beside an amount of sales: "facturó 40 millones con bicicletas"."""
    if topic.label != "revenue" or topic.blocked:
        return False
    quantity = scene.quantities[index]
    low, high = scene.breaks.clause(quantity.start, scene.start, scene.end)
    places = [quantity.end, *(item.end for item in scene.periods if 0 <= item.start - quantity.end <= _NEXT)]
    if topic.end <= quantity.start:
        spans = [(item.start, item.end) for item in scene.mentions] + [(item.start, item.end) for item in scene.periods]
        places += [top for bottom, top in spans if topic.end <= bottom and top <= quantity.opening]
    near = (place for place in places if not scene.parted(min(place, quantity.start), max(place, quantity.end)))
    return any(_has_goods_at(scene, place, high) for place in near) or _is_led_by_goods(scene, low, high)


_NEXT: Final = 8  # letters between an amount and its period: "in", "en el"


def _has_goods_at(scene: Scene, place: int, end: int, *, plants: bool = True) -> bool:
    return linked_goods(place, scene.text, scene.folded, end, scene.code, scene.mentions, plants=plants)


def _is_led_by_goods(scene: Scene, low: int, high: int) -> bool:
    """Return true if a clause begins with goods: "Mit Fahrrädern erlöste"."""
    first = low + len(scene.folded[low:high]) - len(scene.folded[low:high].lstrip())
    return _has_goods_at(scene, max(0, first - 1), high, plants=False) or _has_goods_at(
        scene, first, high, plants=False
    )


def is_told_of_state(scene: Scene, index: int) -> bool:
    """Return true if the subject of the clause of a quantity is a body of a state: "The ministry spent 2 million"."""
    high = scene.quantities[index].opening
    low, _ = scene.breaks.clause(high, scene.start, scene.end)
    for place in _openings(scene, low, high):
        found = subject_of(scene.code, "names", "public").match(scene.folded, place, high)
        if found is not None and not any(
            found.end() + _NAMED < mention.start < high and not mention.aside for mention in scene.mentions
        ):
            return True
    return False


def _openings(scene: Scene, low: int, high: int) -> list[int]:
    """Return where the words before a quantity begin: at the clause, and at its last comma."""
    commas = [place + 1 for place in scene.breaks.soft if low < place < high]
    if not commas:
        return [low]
    named = any(
        low <= mention.start < high and not mention.aside and not _owns_opening(scene, mention, low)
        for mention in scene.mentions
    )
    return commas[-1:] if named else [low, commas[-1]]


def _owns_opening(scene: Scene, mention: Mention, low: int) -> bool:
    """Return true if a clause begins with a company and what it owns, as "北斗製鋼の鋼板事業は" does."""
    links = locale(scene.code).words("names", "owning")
    opens = not scene.folded[low : mention.start].strip(" ,\u300c\u300d")
    return opens and bool(links) and scene.folded.startswith(links, mention.end)


def _begins_with_part(scene: Scene, place: int, high: int) -> bool:
    if _begins_with_possessed(scene, place, high) or begins_with_plant(scene, place, high):
        return True
    found = subject_of(scene.code, "modifiers", "subject").match(scene.folded, place, high)
    if found is not None and (
        is_kind_of_company(scene, found.start(1)) or is_counted_in(scene.folded, found.start(1), scene.code)
    ):
        return False
    if found is None or _ANNOUNCED.search(scene.folded, found.end(), high) or _is_in_name(scene, found):
        return False
    spans = [(item.start, item.end) for item in scene.topics] + [(item.start, item.end) for item in scene.quantities]
    if any(0 <= item.start - found.end() <= _NAMED and _is_parent(item.name, scene.code) for item in scene.mentions):
        return True
    itself = found.span(1) if scene.folded[place - 1 : place] != "," else None  # "unit" may be a word for a price
    inside = any(place <= low and top <= found.end() and (low, top) != itself for low, top in spans)
    if not inside and found[1].endswith(locale(scene.code).words("modifiers", "acts_in") or ("\0",)):
        return True
    return not inside and not any(
        found.end() <= mention.start <= found.end() + _NAMED for mention in scene.mentions if not mention.aside
    )


def _is_in_name(scene: Scene, found: re.Match[str]) -> bool:
    """Return true if a noun is a part of the name of a company: a word before it, or a legal form behind it is too."""
    covering = [item for item in scene.mentions if item.start <= found.start(1) and found.end(1) <= item.end]
    if any(has_form(item.name, scene.code) for item in covering):
        return True
    opens = not scene.text[scene.start : found.start(1)].strip(" \"'(")
    if covering and locale(scene.code).capitals == "names" and not opens and scene.text[found.start(1)].isupper():
        return True
    inside = [item for item in covering if item.start < found.start(1) and not item.aside]
    return bool(inside) and locale(scene.code).capitals != "nouns"


def _is_parent(name: str, code: str) -> bool:
    """Return true if a name says that it is one of a group: a part right before it is a part of that."""
    words = fold(name).split()
    return words[0] in locale(code).words("names", "groups") if words else False


def _begins_with_possessed(scene: Scene, place: int, high: int) -> bool:
    """Return true if words begin with a possessive and a name that is no period or metric: "its Caribbean resorts"."""
    found = _possessed(scene.code).match(scene.folded, place, high)
    if found is None or not scene.text[found.start(1)].isupper() or scene.text[found.start(1) : found.end(1)].isupper():
        return False
    spans = [(item.start, item.end) for item in scene.topics] + [(item.start, item.end) for item in scene.periods]
    known = vocabulary(scene.code) | name_words(scene.code)["not_names"] | name_words(scene.code)["descriptors"]
    return found[1] not in known and not any(low < found.end() and found.start(1) < top for low, top in spans)


@cache
def _possessed(code: str) -> re.Pattern[str]:
    """Return what matches a possessive near the beginning of a clause and the word behind it, its one group."""
    return re.compile(rf"\W*(?:\w+ ){{0,2}}?(?:{either(locale(code).words('names', 'possessive'))}) ([^\W\d_]{{3,}})")
