"""Which metric a figure is of: by the topic it belongs to, in a list, or carried on from the sentence before."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.amount import TOO_LONG
from tracker.sources.article.find.topic_of_amount import attach_topic
from tracker.sources.article.find.topics import COUNTED, METRIC_OF
from tracker.sources.article.read import comparatives, versus
from tracker.sources.article.read.differences import is_difference
from tracker.sources.article.read.drafts import FigureDraft, Memory
from tracker.sources.article.read.effects import is_effect
from tracker.sources.article.read.parts import (
    is_in_clause_of_part,
    is_of_owned_part,
    is_of_plan,
    is_of_possessed_part,
    is_of_region,
    is_of_which,
    is_told_of_goods,
    is_told_of_part,
)
from tracker.sources.article.read.places import (
    is_alone,
    is_contribution,
    is_led_by_place,
    is_of_place,
    is_part_in_apposition,
    is_share_of_budget,
    is_sold_at_place,
)
from tracker.sources.article.text.lexicon import either, every, locale, vocabulary

if TYPE_CHECKING:
    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.topics import Topic
    from tracker.sources.article.read.scene import Scene
    from tracker.sources.article.text.lexicon import PhraseMatch
from tracker.sources.article.read.rates import find_comparator
from tracker.sources.article.read.staff import is_earned_by_person, judge_people

__all__ = ["assign_topic"]

_WORD_BEHIND: Final = re.compile(r" ?[^\W\d_]")
_MILLION: Final = 6
_SHORT: Final = 70  # letters: a sentence that says no more than one figure
_LEAST: Final = 1000  # of a currency: no company has a result or a cost as small as this
_FRONT: Final = 12  # letters before a fronted adjustment: "on a"
_LED: Final = 16  # letters between a rate and the level it leads to
_CLOSE: Final = 25  # letters: the words right behind a figure


def assign_topic(scene: Scene, index: int, earlier: list[FigureDraft], memory: Memory) -> FigureDraft:  # noqa: PLR0911 - one case a line
    """Return the draft with its metric, or the reason why it has none."""
    quantity = scene.quantities[index]
    draft = FigureDraft(quantity)
    if quantity.kind in ("points", "basis"):
        return draft.stop("points")
    unread = next((flag for flag in quantity.flags if flag in _UNREAD), None)
    if unread is not None:
        return draft.stop(unread)
    if _shared_topic(scene, index) is not None or is_of_plan(scene, quantity):
        return draft.stop("margin")
    directions = locale(scene.code).phrases("directions")
    topics = _topics_beside(scene, quantity)
    share = _shared_topic(scene, index - 1) if index and versus.after_versus(scene, index) else None
    topics = [item for item in topics if item is not share]
    topic = attach_topic(quantity, topics, scene.quantities, scene.folded, scene.breaks.hard, directions)
    listed = _listed_topic(scene, index)
    topic = listed or topic
    topic = _topic_of_change(scene, index, earlier) or _topic_of_base(scene, index, topic, earlier) or topic
    topic = None if topic is not None and _is_of_amount_between(scene, quantity, topic) else topic
    topic = None if topic is not None and _is_of_next_clause(scene, quantity, topic) else topic
    topic = None if topic is not None and _is_told_in_reason(scene, quantity, topic) else topic
    topic = None if topic is not None and _is_of_other_things(scene, quantity, topic, earlier) else topic
    if topic is not None and _is_rate_of_count(scene, index, topic, earlier):
        return draft.stop("no_metric")
    is_of_part = is_of_which(scene, index) or is_of_region(scene, quantity) or is_in_clause_of_part(scene, index)
    is_of_part = is_of_part or is_alone(scene, index) or is_of_place(scene, index)
    is_of_part = is_of_part or is_share_of_budget(scene, index, earlier) or is_contribution(scene, index)
    is_of_part = is_of_part or is_led_by_place(scene, index)
    if is_of_part or (topic is None and is_told_of_part(scene, index, None)):
        return draft.stop("segment")
    if topic is None:
        return _carried(scene, index, draft, earlier, memory)
    previous = earlier[-1] if earlier else None
    topic = _topic_before(scene, index, topic, previous) or topic
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    if topic.end <= low and locale(scene.code).phrases("modifiers", "segment").has(scene.folded, low, quantity.start):
        return draft.stop("segment")
    topic = judge_people(scene, index, topic, previous)
    topic = _by_size(quantity, _of_pair(quantity, topic, earlier), earlier, memory.topic)
    if is_difference(scene, index, topic, earlier) or is_effect(scene, index, topic):
        return draft.stop("change")
    if _is_share_of(scene, index, topic):
        return draft.stop("margin")
    is_of_part = is_of_owned_part(scene, index, topic) or is_of_possessed_part(scene, index, topic)
    is_of_part = is_of_part or is_told_of_part(scene, index, topic)
    is_of_part = is_of_part or is_told_of_goods(scene, index, topic) or is_sold_at_place(scene, index, topic)
    is_of_part = is_of_part or is_part_in_apposition(scene, index, topic) or is_earned_by_person(scene, topic)
    if is_of_part or _is_same_part(scene, previous, topic):
        return replace(draft, topic=replace(topic, blocked="segment")).stop("segment")
    topic = _per_share(scene, quantity, topic)
    if _is_fronted_adjustment(scene, index):
        return replace(draft, topic=replace(topic, blocked="adjusted")).stop("adjusted")
    draft = _labelled(draft, topic).rule("topic:before" if topic.end <= quantity.start else "topic:after")
    return _inherit_from_sentence(scene, _inherit_metric(scene, index, draft, topic, earlier), topic, earlier, memory)


def _shared_topic(scene: Scene, index: int) -> Topic | None:
    """Return the metric that a rate is a share of: "came to 212 million, or 18% of sales"."""
    rate = scene.quantities[index]
    before = scene.quantities[index - 1] if index else None
    if rate.kind != "percent" or before is None or before.kind != "money" or rate.opening - before.end > _SHARE:
        return None
    topic = next((item for item in scene.topics if item.start >= rate.end), None)
    if topic is None or topic.start - rate.end > _FRONT:
        return None
    link = re.findall(r"[^\W\d_]+", scene.folded[rate.end : topic.start])
    of = locale(scene.code).words("fractions", "of")
    is_linked = bool(link) and link[0] in of and {*link[1:]} <= {*of, *every("small", "articles")}
    is_moved = bool(rate.signed) or any(before.end <= mark.start < topic.start for mark in scene.directions)
    return topic if is_linked and not is_moved and not scene.parted(rate.end, topic.start) else None


_SHARE: Final = 48  # letters between an amount and what share of another it is: "das entspricht"


def _topic_before(scene: Scene, index: int, topic: Topic, previous: FigureDraft | None) -> Topic | None:
    """Return the topic of the amount before, if a rate stands far before its own topic or a price follows an EPS."""
    quantity = scene.quantities[index]
    if previous is None or previous.topic is None:
        return None
    is_rate = quantity.kind in ("percent", "multiple") and previous.quantity.kind == "money"
    if is_rate and topic.start > quantity.end and topic.start - quantity.end > _FRONT:
        return previous.topic
    near = quantity.opening - previous.quantity.end <= _LED
    is_level = quantity.kind == "money" and previous.kind == "growth_yoy" and near
    is_led = (is_rate or is_level) and previous.metric is not None and topic.start > quantity.end
    if is_led and _has_own_amount(scene, quantity, topic):
        return previous.topic
    is_share = topic.blocked == "share_price" and previous.metric == "eps"
    is_same = is_share and previous.quantity.unit == quantity.unit and versus.after_versus(scene, index)
    return previous.topic if is_same else None


def _has_own_amount(scene: Scene, rate: Quantity, topic: Topic) -> bool:
    """Return true if a comma parts a rate from a topic that an amount follows: "down 0.4%, on total costs of 5"."""
    after = next((item for item in scene.quantities if item.start >= topic.end), None)
    if not scene.parted(rate.end, topic.start) or after is None or after.kind != "money":
        return False
    between = (item for item in scene.topics if topic.end <= item.start < after.start)
    return all(item.blocked == topic.blocked and item.metric == topic.metric for item in between)


def _is_rate_of_count(scene: Scene, index: int, topic: Topic, earlier: list[FigureDraft]) -> bool:
    """Return true if a rate follows a count of what is no metric: "it carried 55 million passengers, 10% more"."""
    previous, own = earlier[-1] if earlier else None, locale(scene.code)
    if previous is None or scene.quantities[index].kind != "percent" or not own.has_plain_words:
        return False
    here = previous.quantity
    is_other = previous.metric is None and previous.reason == "no_metric" and topic.end <= here.start
    is_count = here.kind == "count" and here.value >= _LEAST and _WORD_BEHIND.match(scene.folded, here.end) is not None
    return is_other and is_count and scene.quantities[index].opening - here.end <= _COUNTED


_COUNTED: Final = 30  # letters between a count and the rate it moved by


def _is_same_part(scene: Scene, previous: FigureDraft | None, topic: Topic) -> bool:
    """Return true if the amount before is of a part of a company and has its topic from the same words."""
    if previous is None or previous.reason != "segment":
        return False
    here = previous.quantity
    is_behind = topic.start >= here.end and scene.parted(here.end, topic.start)
    if previous.topic is not None and previous.topic.start == topic.start and not is_behind:
        return True
    low, joins = previous.quantity.end, {*locale(scene.code).words("ranges", "and"), *every("small", "and")}
    words = re.findall(r"[^\W\d_]+", scene.folded[low : topic.start])
    return low <= topic.start and not scene.parted(low, topic.start) and not joins & set(words)


def _is_of_amount_between(scene: Scene, quantity: Quantity, topic: Topic) -> bool:
    """Return true if a profit or loss stands right behind another amount of a list: "A 42, B 18, C a loss of 3"."""
    if topic.start < quantity.end or topic.label not in _SIDES:
        return False
    return any(
        quantity.end <= item.start and 0 <= topic.start - item.end <= _RIGHT_BEHIND and item.kind == quantity.kind
        for item in scene.quantities
    )


def _is_of_next_clause(scene: Scene, quantity: Quantity, topic: Topic) -> bool:
    """Return true if a comma parts "doubled" from the metric behind it: "it doubled its fleet, and revenue was 5"."""
    is_verb_first = locale(scene.code).style == "arabic"
    return is_verb_first and quantity.kind == "multiple" and scene.parted(quantity.end, max(quantity.end, topic.start))


def _is_of_other_things(scene: Scene, quantity: Quantity, topic: Topic, earlier: list[FigureDraft]) -> bool:
    """Return true if "and" adds a count of other things to one of people: "4.900 karyawan dan 62 pesawat"."""
    previous, own = earlier[-1] if earlier else None, locale(scene.code)
    if quantity.kind != "count" or previous is None or previous.topic is None or not own.has_plain_words:
        return False
    is_own = previous.quantity.kind == "count" and previous.quantity.end <= topic.start and topic.end <= quantity.start
    joins = {*own.words("ranges", "and"), *every("small", "and"), ","}
    word = _NEXT_WORD.match(scene.folded, quantity.end)
    is_thing = own.phrases("metrics", "spend_object").match(scene.folded, quantity.end + 1) is not None
    is_unknown = word is not None and (is_thing or word[1] not in vocabulary(scene.code))
    return is_own and is_unknown and scene.folded[topic.end : quantity.opening].strip() in joins


_NEXT_WORD: Final = re.compile(r" ([^\W\d_]{3,})")


def _is_told_in_reason(scene: Scene, quantity: Quantity, topic: Topic) -> bool:
    """Return true if words for a reason, a subject nobody knows and its move stand between a metric and an amount.

    As in "its cash flow was 5 because stocks of pulp swelled to 110".
    """
    own = locale(scene.code)
    if quantity.kind != "money" or not own.has_plain_words or own.verb_final or topic.end > quantity.opening:
        return False
    marks = list(own.phrases("clauses", "reason").find(scene.folded, topic.end, quantity.opening))
    if not marks or not any(topic.end <= item.start < marks[-1].start for item in scene.quantities):
        return False
    moved = [item for item in scene.directions if marks[-1].end < item.start and item.end <= quantity.opening]
    subject = _WORDS.findall(scene.folded[marks[-1].end : moved[0].start]) if moved else []
    return any(word not in vocabulary(scene.code) for word in subject)


_WORDS: Final = re.compile(r"[^\W\d_]{3,}")
_SIDES: Final = frozenset({"profit", "loss", "net_loss", "operating_loss"})
_RIGHT_BEHIND: Final = 2  # letters: a blank, の


def _topic_of_change(scene: Scene, index: int, earlier: list[FigureDraft]) -> Topic | None:
    """Return the topic of the end of a change for its beginning: "to 22 million from 35 million on higher costs"."""
    previous = earlier[-1] if earlier else None
    if (
        previous is None
        or previous.quantity.unit != scene.quantities[index].unit
        or not comparatives.leads_from(scene, index)
    ):
        return None
    low, high = previous.quantity.end, scene.quantities[index].start
    return None if any(low <= topic.start < high for topic in scene.topics) else previous.topic


def _topic_of_base(scene: Scene, index: int, topic: Topic | None, earlier: list[FigureDraft]) -> Topic | None:
    """Return the topic of the amount before for its base where the nearest one stands behind a comma.

    As in "an outflow of 185 million, compared with an inflow of 42 million a year earlier, as capital spending rose".
    """
    previous, quantity = earlier[-1] if earlier else None, scene.quantities[index]
    if previous is None or previous.topic is None or topic is None or topic.start < quantity.end:
        return None
    is_base = previous.quantity.unit == quantity.unit and versus.after_versus(scene, index)
    low, high = previous.quantity.end, quantity.start
    is_bare = not any(low <= item.start < high for item in scene.topics)
    return previous.topic if is_base and is_bare and scene.parted(quantity.end, topic.start) else None


def _by_size(quantity: Quantity, topic: Topic, earlier: list[FigureDraft], spoken: Topic | None) -> Topic:
    """Return the topic of amounts that alternate by their size: millions are no earnings per share, cents nothing else.

    "112 million, or 63 cents a share, against 131 million, or 74 cents".
    """
    if quantity.kind != "money" or topic.blocked or "header" in quantity.flags:
        return topic
    told = [item for item in earlier if item.topic and item.quantity.kind == "money" and item.metric]
    is_small = not quantity.scaled and abs(quantity.value) < _LEAST
    beside = earlier[-1].topic if earlier and earlier[-1].reason == "adjusted" else None if earlier else spoken
    if is_small and topic.label in _SHARED and beside is not None and METRIC_OF.get(beside.label, ("", 0))[0] == "eps":
        return replace(topic, label=_SHARED[topic.label])
    is_per_share = METRIC_OF.get(topic.label, ("", 0))[0] == "eps"
    if is_per_share and quantity.scaled:
        return next((item.topic for item in reversed(told) if item.metric != "eps" and item.topic), topic)
    if is_small and topic.label in _SHARED and any(item.metric == "eps" for item in told):
        return replace(topic, label=_SHARED[topic.label])
    if not is_per_share and is_small:
        return next((item.topic for item in reversed(told) if item.metric == "eps" and item.topic), topic)
    return topic


def _of_pair(quantity: Quantity, topic: Topic, earlier: list[FigureDraft]) -> Topic:
    """Return the topic of an amount of its size behind "per share": "5 million, 0.6 per share, against 4 and 0.5"."""
    is_bare = quantity.kind == "money" and topic.blocked == "per_share" and topic.end <= quantity.start
    if not is_bare or "header" in quantity.flags:
        return topic
    is_small = not quantity.scaled and abs(quantity.value) < _LEAST
    told = (item for item in reversed(earlier) if item.quantity.kind == "money" and item.metric)
    return next((item.topic for item in told if item.topic and (item.metric == "eps") == is_small), topic)


def _listed_topic(scene: Scene, index: int) -> Topic | None:
    """Return the topic at the place of an amount in "revenue and profit were 5 and 2 respectively"."""
    quantity = scene.quantities[index]
    low, high = scene.breaks.clause(quantity.start, scene.start, scene.end)
    mark = next(locale(scene.code).phrases("compare", "respectively").find(scene.folded, low, high), None)
    if mark is None:
        return None
    amounts = [item for item in scene.quantities if item.kind == "money" and low <= item.start < high]
    behind = [item for item in amounts if item.start >= mark.end]
    first = amounts[0].start if amounts else low
    before = [topic for topic in scene.topics if low <= topic.start and topic.end <= first]
    if behind and len(behind) < len(amounts):
        told = [topic for topic in scene.topics if low <= topic.start and topic.end <= mark.start and not topic.blocked]
        amounts, before = behind, told[-len(behind) :]
    if quantity not in amounts or len(amounts) != len(before) or len(before) < 2:  # noqa: PLR2004 - a list
        return None
    return before[amounts.index(quantity)]


def _is_share_of(scene: Scene, index: int, topic: Topic) -> bool:
    """Return true if a rate behind "and" or a comma is of a metric right behind it: "und 14 % der Erlöse"."""
    quantity, own = scene.quantities[index], locale(scene.code)
    if quantity.kind != "percent" or not 0 < topic.start - quantity.end <= _LED or not index:
        return False
    gap = scene.folded[quantity.end : topic.start]
    joins = either([*own.words("ranges", "and"), *own.words("small", "and"), ","])
    before = scene.folded[scene.quantities[index - 1].end : quantity.opening]
    is_of = re.match(rf" ?(?:{either(own.folded('fractions', 'of')) or '(?!)'})", gap) is not None
    return is_of and re.search(rf"(?:(?<!\w)(?:{joins})) \Z", before) is not None


def _is_fronted_adjustment(scene: Scene, index: int) -> bool:
    """Return true if a clause begins by saying that what follows is adjusted: "On a non-GAAP basis, net loss was"."""
    quantity = scene.quantities[index]
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    low = max([low, *(item.end for item in scene.quantities[:index])])
    own = locale(scene.code)
    comma = next((place for place in scene.breaks.soft if low < place < quantity.opening), None)
    if comma is not None and not any(low <= topic.start < comma for topic in scene.topics if not topic.blocked):
        front = scene.folded[low:comma]
        if len(front) <= _CLOSE + _FRONT and own.phrases("modifiers", "adjusted").has(front, 0, len(front)):
            return True
    bracket = scene.folded.rfind("(", low, quantity.opening)
    if bracket >= 0 and ")" not in scene.folded[bracket : quantity.opening]:
        words = own.phrases("modifiers", "adjusted").match(scene.folded, bracket + 1)
        if words is not None and not any(bracket < topic.start < quantity.start for topic in scene.topics):
            return True
    marks = own.phrases("modifiers", "adjusted_basis").find(scene.folded, low, quantity.opening)
    return any(
        mark.start - low <= _FRONT and not re.search(r"[,;:(]", scene.folded[low : mark.start].lstrip(" ;,"))
        for mark in marks
    )


#: Amounts that are no level and no rate: a tolerance, what is added to another, by how much a forecast was changed,
#: and "5 to 6 to 7", which can be read in two ways.
_UNREAD: Final = frozenset({"addend", "change", "open_range", "tolerance", TOO_LONG})


def _topics_beside(scene: Scene, quantity: Quantity) -> list[Topic]:
    """Return the topics of a sentence.

    A range from a loss to a profit is of the result named beside it, else of these.
    """
    if "across" not in quantity.flags or quantity.kind == "percent":
        return [
            topic for topic in scene.topics if not any(_is_sign_behind(scene, item, topic) for item in scene.quantities)
        ]
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    before = [topic for topic in scene.topics if low <= topic.start and topic.end <= quantity.opening]
    if before and (before[-1].blocked or before[-1].metric in _RESULTS):
        return before[-1:]
    inside = [topic for topic in scene.topics if quantity.opening <= topic.start and topic.end <= quantity.end]
    return [replace(topic, start=quantity.opening, end=quantity.opening) for topic in inside[:1]]


def _is_sign_behind(scene: Scene, quantity: Quantity, topic: Topic) -> bool:
    """Return true if "profit" or "loss" right behind an amount only says on which side of zero it lies."""
    gap = scene.folded[quantity.end : topic.start] if topic.start >= quantity.end else "?"
    if topic.label not in ("profit", "loss") or gap.strip() not in ("", *every("small", "noun_link")):
        return False
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    before = [item for item in scene.topics if low <= item.start and item.end <= quantity.opening]
    is_result = bool(before) and (before[-1].metric in _RESULTS or before[-1].blocked == "adjusted")
    return locale(scene.code).is_east_asian and is_result


_RESULTS: Final = frozenset({"net_income", "operating_income", "eps", "free_cash_flow"})
_SHARED: Final = {"profit": "eps", "net_income": "eps", "loss": "loss_per_share", "net_loss": "loss_per_share"}


def _per_share(scene: Scene, quantity: Quantity, topic: Topic) -> Topic:
    """Return a profit of so much "per share" is earnings per share."""
    said = locale(scene.code).phrases("per_share")
    behind = any(
        not scene.folded[quantity.end : mark.start].strip()
        for mark in said.find(scene.folded, quantity.end, min(scene.end, quantity.end + 24))
    )
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    marks = list(said.find(scene.folded, low, topic.start))
    ahead = any(
        0 <= topic.start - mark.end <= _FRONT // 2 or _opens_share(scene, low, mark, quantity) for mark in marks
    )
    is_next = not any(topic.end <= item.start < quantity.start for item in scene.quantities)
    between = is_next and topic.end <= quantity.opening and said.has(scene.folded, topic.end, quantity.opening)
    if quantity.kind == "money" and (ahead or between) and topic.label in _SHARED and not topic.blocked:
        return replace(topic, label=_SHARED[topic.label])
    if quantity.kind != "money" or not behind:
        return topic
    before = [item for item in scene.topics if item.end <= quantity.start]
    nearest = before[-1] if before else topic
    return (
        replace(nearest, label=_SHARED[nearest.label]) if nearest.label in _SHARED and not nearest.blocked else nearest
    )


def _opens_share(scene: Scene, low: int, mark: PhraseMatch, quantity: Quantity) -> bool:
    """Return true if a clause begins with "per share", and its first amount is as small as one of a share."""
    is_small = not quantity.scaled and abs(quantity.value) < _LEAST
    is_first = not any(low <= item.start < quantity.start for item in scene.quantities)
    return is_small and is_first and not scene.folded[low : mark.start].strip(" ,;\"'")


def _labelled(draft: FigureDraft, topic: Topic) -> FigureDraft:
    if topic.blocked or topic.label not in METRIC_OF:
        return replace(draft, topic=topic).stop(topic.blocked or "other")
    metric, sign = METRIC_OF[topic.label]
    return replace(draft, topic=topic, metric=metric, sign=sign)


def _inherit_metric(
    scene: Scene, index: int, draft: FigureDraft, topic: Topic, earlier: list[FigureDraft]
) -> FigureDraft:
    """Return an operating profit of 5 against "a loss" of 2: a bare profit or loss compared is the same metric."""
    if topic.label not in ("profit", "loss") or not earlier or draft.reason:
        return draft
    previous = earlier[-1]
    is_larger = previous.metric == "eps" and draft.quantity.scaled
    alike = (
        not is_larger
        and previous.metric in ("operating_income", "eps")
        and previous.quantity.unit == draft.quantity.unit
    )
    if alike and _is_compared(scene, index):
        return replace(draft, metric=previous.metric).rule("topic:compared")
    return draft


def _inherit_from_sentence(
    scene: Scene, draft: FigureDraft, topic: Topic, earlier: list[FigureDraft], memory: Memory
) -> FigureDraft:
    """Return a bare loss as an operating loss if the sentence before gave only that: "2023년 적자는 130억원이었다"."""
    is_next = memory.sole is not None and 0 <= scene.start - memory.sole_end < 3  # noqa: PLR2004 - the next sentence
    is_bare = topic.label in ("profit", "loss") and not earlier and not draft.reason
    if not is_bare or not is_next or memory.sole is None or not locale(scene.code).is_east_asian:
        return draft
    is_operating = METRIC_OF.get(memory.sole.label, ("", 0))[0] == "operating_income"
    return replace(draft, metric="operating_income").rule("topic:carried") if is_operating else draft


def _is_compared(scene: Scene, index: int) -> bool:
    """Return true if an amount is put beside the one before it: by a word of comparison, or as one of another year."""
    low, high = scene.quantities[index - 1].end, scene.window(index)[1]
    other = any(low <= item.start and item.end <= high and (item.prior or item.definite) for item in scene.periods)
    return other or versus.after_versus(scene, index) or scene.breaks.clause(low, scene.start, scene.end)[1] <= high


def _carried(scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft], memory: Memory) -> FigureDraft:  # noqa: PLR0911 - one case a line
    """Carry the topic of the sentence before to a rate without one, and to the level it leads to."""
    quantity = draft.quantity
    previous = earlier[-1] if earlier else None
    if quantity.kind == "money" and previous and previous.topic and "topic:carried" in previous.rules:
        near = quantity.opening - previous.quantity.end <= _LED and previous.kind == "growth_yoy" and not scene.topics
        if near and not scene.parted(previous.quantity.end, quantity.opening):
            return _labelled(draft, previous.topic).rule("topic:carried")
    follows_level = previous is not None and "topic:carried" in previous.rules and previous.kind == "actual"
    if (
        quantity.kind == "percent"
        and memory.topic is not None
        and not scene.topics
        and not (memory.has_parted_topics and not follows_level)
        and (follows_level or find_comparator(scene, index) == "yoy" or _counts_from_prior(scene, quantity))
    ):
        return _labelled(draft, memory.topic).rule("topic:carried")
    follows = memory.replaced is not None and scene.start - memory.replaced_end < 3  # noqa: PLR2004 - the next sentence
    if memory.replaced is not None and follows and not scene.topics and "guidance" in scene.scopes[index]:
        return _labelled(draft, memory.replaced).rule("topic:replaced")
    if index in scene.old and memory.topic is not None and not scene.topics:
        return _labelled(draft, memory.topic).rule("topic:carried")
    draft = replace(draft, quantity=_as_money(scene, index, memory))
    if _said_of_it(scene, index, memory) and memory.topic is not None:
        return _labelled(draft, memory.topic).rule("topic:carried")
    is_next = memory.sole is not None and scene.start - memory.sole_end < 3  # noqa: PLR2004 - the next sentence
    if quantity.kind == "money" and is_next and memory.sole and not scene.topics and "guidance" in scene.scopes[index]:
        return _labelled(draft, memory.sole).rule("topic:carried")
    if quantity.kind == "money" and memory.expected is not None and scene.start - memory.expected_end < 3:  # noqa: PLR2004 - the next sentence
        return _labelled(draft, memory.expected).rule("topic:expected")
    return draft.stop("no_metric")


def _counts_from_prior(scene: Scene, quantity: Quantity) -> bool:
    """Return true if a sentence only says how far the last amount is from the year before.

    As in "Das sind 3,1 Prozent weniger als im Vorjahresquartal", but not "3,1 Prozent weniger Besucher als".
    """
    if len(scene.folded[scene.start : quantity.opening].strip()) > _FRONT:
        return False
    known = vocabulary(scene.code).union(
        *(re.findall(r"\w+", item) for item in locale(scene.code).words("compare", "versus"))
    )
    return any(
        item.prior
        and 0 <= item.start - quantity.end <= _CLOSE
        and not scene.parted(quantity.end, item.start)
        and {*re.findall(r"[^\W\d_]+", scene.folded[quantity.end : item.start])} <= known
        for item in scene.periods
    )


def _as_money(scene: Scene, index: int, memory: Memory) -> Quantity:
    """Return a scaled number as money in the currency of the text, if the sentence before gave a metric in money."""
    quantity = scene.quantities[index]
    is_open = quantity.kind == "count" and quantity.scaled and quantity.value.adjusted() >= _MILLION
    is_told = memory.sole is not None and memory.sole.label not in COUNTED and scene.start - memory.sole_end < 3  # noqa: PLR2004 - the next sentence
    if not is_open or not is_told or memory.money is None or _WORD_BEHIND.match(scene.folded, quantity.end, scene.end):
        return quantity
    return replace(quantity, kind="money", unit=memory.money, flags=(*quantity.flags, "currency_inherited"))


def _said_of_it(scene: Scene, index: int, memory: Memory) -> bool:
    """Return true if a short sentence only tells the last topic of another period ("In 2024 it was 85 million")."""
    levels = [item for item in scene.quantities if item.kind not in ("percent", "multiple")]
    alone = len(levels) == 1 and not scene.topics and scene.end - scene.start <= _SHORT * len(scene.quantities)
    other = any(memory.company is None or mention.name != memory.company.name for mention in scene.mentions)
    dated = any(period.definite or period.prior for period in scene.periods)
    quantity = _as_money(scene, index, memory)
    kind = quantity.kind
    is_counted = memory.topic is not None and memory.topic.label in COUNTED
    is_level = kind == "money" or (kind == "count" and is_counted and quantity.value >= _LEAST)
    return is_level and alone and ((dated and not other) or _is_of_another(scene, index, memory))


def _is_of_another(scene: Scene, index: int, memory: Memory) -> bool:
    """Return true if the next sentence only tells the same of another company: "一方、出羽銀行は18億円にとどまった"."""
    is_next = memory.sole is not None and scene.start - memory.sole_end < 3  # noqa: PLR2004 - the next sentence
    turn = next(locale(scene.code).phrases("clauses", "hard").find(scene.folded, scene.start, scene.end), None)
    named = [item for item in scene.mentions if not item.aside and item.end <= scene.quantities[index].start]
    if not is_next or turn is None or not named:
        return False
    return not _words_between(scene, scene.start, turn.start) and not _words_between(scene, turn.end, named[0].start)


def _words_between(scene: Scene, low: int, high: int) -> str:
    """Return what stands between two places beside blanks and commas."""
    return scene.folded[low:high].strip(" ,\u3001\uff0c")
