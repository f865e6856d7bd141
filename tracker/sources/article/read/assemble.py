"""Puts the pieces of a sentence together: each quantity gets metric, company, claim, period and sign, or a reason."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import columns, revisions, tables
from tracker.sources.article.find.amount import TOO_LONG
from tracker.sources.article.find.fractions import FRACTION
from tracker.sources.article.find.topics import COUNTED, LOSSES, METRIC_OF, SIGNED, SPENT, attach_topic
from tracker.sources.article.read import conversions, dating, years
from tracker.sources.article.read.drafts import UNSETTLED, FigureDraft, Memory
from tracker.sources.article.read.parts import is_told_of_part
from tracker.sources.article.text import brackets
from tracker.sources.article.text.lexicon import common, either, every, locale, split

if TYPE_CHECKING:
    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.companies import Mention
    from tracker.sources.article.find.periods import StatedPeriod
    from tracker.sources.article.find.topics import Topic
    from tracker.sources.article.read.scene import Scene
    from tracker.sources.article.text.lexicon import PhraseMatch

__all__ = ["FigureDraft", "Memory", "read_figures"]

_FORMED: Final = 3  # the score of a name that is more than one word with a capital letter
_SHORT: Final = 70  # letters: a sentence that says no more than one figure
_HEADING: Final = 400  # letters between a heading and the head of its table
_EXPECTED: Final = 40  # letters between a rate and the expectation it counts from
_LEAST: Final = 1000  # of a currency: no company has a result or a cost as small as this
_LIST: Final = 60  # letters between two rates of one direction
_FRONT: Final = 12  # letters before a fronted adjustment: "on a"
_LED: Final = 16  # letters between a rate and the level it leads to
_OTHER: Final = 34  # letters between an amount and the other company that it is of
_BY: Final = 8  # letters between an expectation and the rate it was missed by
_MOVED: Final = 60  # letters between a word of direction and a fraction
_CLOSE: Final = 25  # letters: the words right behind a figure


def read_figures(scene: Scene, memory: Memory) -> list[FigureDraft]:
    """The drafts of one sentence, in order; `memory` is brought up to date."""
    scene = _in_table(scene, memory)
    memory.guided = memory.guided or (memory.period if _is_below_outlook(scene, memory) else None)
    drafts: list[FigureDraft] = []
    for index in range(len(scene.quantities)):
        draft = _assign_topic(scene, index, drafts, memory)
        draft = _mark_replaced(scene, index, _outlined(_claim(scene, index, draft), scene, memory))
        draft = _compared(scene, index, draft, drafts)
        draft = _converted(scene, index, _in_currency(_assign_company(scene, index, draft, memory)))
        draft = _apply_sign(scene, index, draft, memory)
        drafts.append(_check_storable(_check_settled(dating.dated(scene, index, draft, drafts, memory))))
    drafts = [_as_new(scene, index, draft, drafts) for index, draft in enumerate(drafts)]
    drafts = [_with_head(draft, drafts) for draft in drafts]
    _remember(scene, drafts, memory)
    return drafts


def _check_storable(draft: FigureDraft) -> FigureDraft:
    """A draft whose numbers a fact can hold, and which is no amount per share under another name."""
    small = draft.quantity.kind == "money" and not draft.quantity.scaled and abs(draft.quantity.value) < _LEAST
    if small and draft.metric not in (None, "eps") and draft.quantity.value and "header" not in draft.quantity.flags:
        draft = draft.stop("scale_open")
    return draft if draft.reason or draft.quantity.is_storable else draft.stop(TOO_LONG)


def _check_settled(draft: FigureDraft) -> FigureDraft:
    """What was reported is one amount: a range of which no word says that it is expected is of an unknown kind."""
    is_range = draft.metric is not None and draft.quantity.low is not None and draft.quantity.kind != "count"
    return draft.stop("range_reported") if is_range and draft.kind != "guidance" else draft


def _with_head(draft: FigureDraft, drafts: list[FigureDraft]) -> FigureDraft:
    """A figure of the year before falls with the one that it is compared with."""
    head = next((item for item in drafts if item.quantity.start == draft.head), None)
    return draft.stop("head_refused") if draft.is_base and head is not None and head.reason in UNSETTLED else draft


def _in_table(scene: Scene, memory: Memory) -> Scene:
    """The sentence, with the cells of a row as forecasts where it stands under a head of old and new ones."""
    if scene.end - scene.start > tables.ROW:
        memory.forecasts = None
    is_outlook = scene.start - memory.outlook_end < _HEADING
    memory.forecasts = revisions.find_columns(scene.place, is_outlook=is_outlook) or memory.forecasts
    if memory.forecasts is None or not scene.quantities:
        return scene
    memory.guided = memory.guided or memory.period
    bare = [
        replace(item, flags=tuple(flag for flag in item.flags if not flag.startswith((tables.COLUMN, tables.CELLS))))
        for item in scene.quantities
    ]
    scopes = tuple(scope or ("guidance",) for scope in scene.scopes)
    old = revisions.by_column(scene.old, memory.forecasts, scene.place)
    return replace(scene, quantities=tuple(bare), scopes=scopes, old=old)


# Metric ----------------------------------------------------------------------------------------------------------


def _assign_topic(scene: Scene, index: int, earlier: list[FigureDraft], memory: Memory) -> FigureDraft:  # noqa: PLR0911 - one case a line
    quantity = scene.quantities[index]
    draft = FigureDraft(quantity)
    if quantity.kind in ("points", "basis"):
        return draft.stop("points")
    unread = next((flag for flag in quantity.flags if flag in _UNREAD), None)
    if unread is not None:
        return draft.stop(unread)
    directions = locale(scene.code).phrases("directions")
    topics = _topics_beside(scene, quantity)
    topic = attach_topic(quantity, topics, scene.quantities, scene.folded, scene.breaks.hard, directions)
    listed = _listed_topic(scene, index)
    topic = listed or topic
    topic = _topic_of_change(scene, index, earlier) or topic
    if topic is None and is_told_of_part(scene, index, None):
        return draft.stop("segment")
    if topic is None:
        return _carried(scene, index, draft, earlier, memory)
    previous = earlier[-1] if earlier else None
    loose = topic.start > quantity.end and topic.start - quantity.end > 12  # noqa: PLR2004 - a few words on
    if (
        loose
        and previous is not None
        and previous.topic
        and quantity.kind in ("percent", "multiple")
        and previous.quantity.kind == "money"
    ):
        topic = previous.topic
    if (
        topic.blocked == "share_price"
        and previous is not None
        and previous.metric == "eps"
        and previous.topic
        and previous.quantity.unit == quantity.unit
        and dating.after_versus(scene, index)
    ):
        topic = previous.topic
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    if topic.end <= low and locale(scene.code).phrases("modifiers", "segment").has(scene.folded, low, quantity.start):
        return draft.stop("segment")
    if topic.blocked == "change" and topic.label in COUNTED and _is_reached(scene, index):
        topic = replace(topic, blocked="")
    topic = _by_size(quantity, topic, earlier)
    if topic.label in COUNTED and _is_difference(scene, quantity):
        return draft.stop("change")
    if is_told_of_part(scene, index, topic):
        return draft.stop("segment")
    if _is_fronted_adjustment(scene, index):
        return draft.stop("adjusted")
    topic = _per_share(scene, quantity, topic)
    draft = _labelled(draft, topic).rule("topic:before" if topic.end <= quantity.start else "topic:after")
    return _inherit_metric(scene, index, draft, topic, earlier)


def _topic_of_change(scene: Scene, index: int, earlier: list[FigureDraft]) -> Topic | None:
    """Return the topic of the end of a change for its beginning: "to 22 million from 35 million on higher costs"."""
    previous = earlier[-1] if earlier else None
    if (
        previous is None
        or previous.quantity.unit != scene.quantities[index].unit
        or not dating.leads_from(scene, index)
    ):
        return None
    low, high = previous.quantity.end, scene.quantities[index].start
    return None if any(low <= topic.start < high for topic in scene.topics) else previous.topic


def _is_reached(scene: Scene, index: int) -> bool:
    """Return true if people were let go until so many were left: "cut to 2,340 from 2,610"."""
    own = locale(scene.code)
    words = {*own.words("ranges", "into"), *own.words("ranges", "to")} - {"-"}
    places = [scene.quantities[index].opening]
    if index and dating.leads_from(scene, index):
        places.append(scene.quantities[index - 1].opening)
    return any(
        re.search(rf"(?<!\w)(?:{either(sorted(words))}) ?\Z", scene.folded[max(scene.start, place - _LED) : place])
        for place in places
    )


def _by_size(quantity: Quantity, topic: Topic, earlier: list[FigureDraft]) -> Topic:
    """Return the topic of amounts that alternate by their size: millions are no earnings per share, cents nothing else.

    "112 million, or 63 cents a share, against 131 million, or 74 cents".
    """
    if quantity.kind != "money" or topic.blocked or "header" in quantity.flags:
        return topic
    told = [item for item in earlier if item.topic and item.quantity.kind == "money" and item.metric]
    is_small = not quantity.scaled and abs(quantity.value) < _LEAST
    is_per_share = METRIC_OF.get(topic.label, ("", 0))[0] == "eps"
    if is_per_share and quantity.scaled:
        return next((item.topic for item in reversed(told) if item.metric != "eps" and item.topic), topic)
    if is_small and topic.label in _SHARED and any(item.metric == "eps" for item in told):
        return replace(topic, label=_SHARED[topic.label])
    if not is_per_share and is_small:
        return next((item.topic for item in reversed(told) if item.metric == "eps" and item.topic), topic)
    return topic


def _listed_topic(scene: Scene, index: int) -> Topic | None:
    """The topic of an amount in "revenue and profit were 5 and 2 respectively": the one at its place in the list."""
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


def _is_difference(scene: Scene, quantity: Quantity) -> bool:
    """Whether a count is by how many more or fewer there are: "1,200 more than a year earlier"."""
    own = locale(scene.code)
    if quantity.kind != "count" or not own.has_plain_words:
        return False
    behind = next((item.end for item in scene.topics if item.start - quantity.end in (0, 1)), quantity.end)
    if _is_led_by_by(scene, quantity) or _is_led_by_difference(scene, quantity):
        return True
    for place in (quantity.end, behind):
        tail = scene.folded[place : place + _CLOSE]
        for words in (own.phrases("directions", "up", "down"), own.phrases("delta", "difference")):
            mark = next(words.find(tail), None)
            if mark is not None and not tail[: mark.start].strip():
                return True
    return False


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


def _is_fronted_adjustment(scene: Scene, index: int) -> bool:
    """Whether a clause begins by saying that what follows is adjusted: "On a non-GAAP basis, net loss was"."""
    quantity = scene.quantities[index]
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    low = max([low, *(item.end for item in scene.quantities[:index])])
    own = locale(scene.code)
    marks = own.phrases("modifiers", "adjusted_basis").find(scene.folded, low, quantity.opening)
    return any(
        mark.start - low <= _FRONT and not re.search(r"[,;:(]", scene.folded[low : mark.start]) for mark in marks
    )


#: Amounts that are no level and no rate: a tolerance, what is added to another, by how much a forecast was changed,
#: and "5 to 6 to 7", which can be read in two ways.
_UNREAD: Final = frozenset({"addend", "change", "open_range", "tolerance", TOO_LONG})


def _topics_beside(scene: Scene, quantity: Quantity) -> list[Topic]:
    """The topics of a sentence; a range from a loss to a profit is of the result named beside it, else of these."""
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
    """Whether "profit" or "loss" right behind an amount only says on which side of zero the result before it lies."""
    gap = scene.folded[quantity.end : topic.start] if topic.start >= quantity.end else "?"
    if topic.label not in ("profit", "loss") or gap.strip() not in ("", *every("small", "noun_link")):
        return False
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    before = [item for item in scene.topics if low <= item.start and item.end <= quantity.opening]
    return locale(scene.code).is_east_asian and bool(before) and before[-1].metric in _RESULTS


_RESULTS: Final = frozenset({"net_income", "operating_income", "eps", "free_cash_flow"})
_SHARED: Final = {"profit": "eps", "net_income": "eps", "loss": "loss_per_share", "net_loss": "loss_per_share"}


def _per_share(scene: Scene, quantity: Quantity, topic: Topic) -> Topic:
    """A profit of so much "per share" is earnings per share."""
    said = locale(scene.code).phrases("per_share")
    behind = any(
        not scene.folded[quantity.end : mark.start].strip()
        for mark in said.find(scene.folded, quantity.end, min(scene.end, quantity.end + 24))
    )
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    ahead = any(0 <= topic.start - mark.end <= _FRONT // 2 for mark in said.find(scene.folded, low, topic.start))
    if quantity.kind == "money" and ahead and topic.label in _SHARED and not topic.blocked:
        return replace(topic, label=_SHARED[topic.label])
    if quantity.kind != "money" or not behind:
        return topic
    before = [item for item in scene.topics if item.end <= quantity.start]
    nearest = before[-1] if before else topic
    return (
        replace(nearest, label=_SHARED[nearest.label]) if nearest.label in _SHARED and not nearest.blocked else nearest
    )


def _labelled(draft: FigureDraft, topic: Topic) -> FigureDraft:
    if topic.blocked or topic.label not in METRIC_OF:
        return replace(draft, topic=topic).stop(topic.blocked or "other")
    metric, sign = METRIC_OF[topic.label]
    return replace(draft, topic=topic, metric=metric, sign=sign)


def _inherit_metric(
    scene: Scene, index: int, draft: FigureDraft, topic: Topic, earlier: list[FigureDraft]
) -> FigureDraft:
    """An operating profit of 5 against "a loss" of 2: a bare profit or loss compared is the same metric."""
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


def _is_compared(scene: Scene, index: int) -> bool:
    """Whether an amount is put beside the one before it: by a word of comparison, or as one of another year."""
    low, high = scene.quantities[index - 1].end, scene.window(index)[1]
    other = any(low <= item.start and item.end <= high and (item.prior or item.definite) for item in scene.periods)
    return other or dating.after_versus(scene, index) or scene.breaks.clause(low, scene.start, scene.end)[1] <= high


def _carried(scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft], memory: Memory) -> FigureDraft:  # noqa: PLR0911 - one case a line
    """A growth rate in a sentence without a topic speaks of the sentence before, and so does the level it leads to."""
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
        and (follows_level or _comparator(scene, index) == "yoy")
    ):
        return _labelled(draft, memory.topic).rule("topic:carried")
    follows = memory.replaced is not None and scene.start - memory.replaced_end < 3  # noqa: PLR2004 - the next sentence
    if memory.replaced is not None and follows and not scene.topics and "guidance" in scene.scopes[index]:
        return _labelled(draft, memory.replaced).rule("topic:replaced")
    if index in scene.old and memory.topic is not None and not scene.topics:
        return _labelled(draft, memory.topic).rule("topic:carried")
    if _said_of_it(scene, index, memory) and memory.topic is not None:
        return _labelled(draft, memory.topic).rule("topic:carried")
    is_next = memory.sole is not None and scene.start - memory.sole_end < 3  # noqa: PLR2004 - the next sentence
    if quantity.kind == "money" and is_next and memory.sole and not scene.topics and "guidance" in scene.scopes[index]:
        return _labelled(draft, memory.sole).rule("topic:carried")
    if quantity.kind == "money" and memory.expected is not None and scene.start - memory.expected_end < 3:  # noqa: PLR2004 - the next sentence
        return _labelled(draft, memory.expected).rule("topic:expected")
    return draft.stop("no_metric")


def _said_of_it(scene: Scene, index: int, memory: Memory) -> bool:
    """Whether a short sentence only says what the last topic was in another period ("In 2024 it was 85 million")."""
    levels = [item for item in scene.quantities if item.kind not in ("percent", "multiple")]
    alone = len(levels) == 1 and not scene.topics and scene.end - scene.start <= _SHORT * len(scene.quantities)
    other = any(memory.company is None or mention.name != memory.company.name for mention in scene.mentions)
    dated = any(period.definite or period.prior for period in scene.periods)
    kind, quantity = scene.quantities[index].kind, scene.quantities[index]
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


# Claim -----------------------------------------------------------------------------------------------------------


def _claim(scene: Scene, index: int, draft: FigureDraft) -> FigureDraft:
    for scope in scene.scopes[index] or _is_new_forecast_scope(scene, index):
        if scope != "guidance":
            return draft.stop(scope)
        draft = replace(draft, kind="guidance").rule("claim:guidance")
    return draft.stop("range_end") if draft.kind == "guidance" and _is_range_end(scene, index) else draft


def _is_range_end(scene: Scene, index: int) -> bool:
    """Whether an amount is one end of a range whose other end is not given ("raised the low end to 5")."""
    quantity = scene.quantities[index]
    if quantity.kind != "money" or quantity.low is not None or quantity.qualifier != "exact":
        return False
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    others = (item.end for item in scene.quantities[:index] if "change" not in item.flags)
    low = max([low, *others])
    return locale(scene.code).phrases("small", "range_end").has(scene.folded, low, quantity.opening)


def _outlined(draft: FigureDraft, scene: Scene, memory: Memory) -> FigureDraft:
    """A range in a row below the heading of an outlook is a forecast, though no word of the row says so."""
    if not _is_below_outlook(scene, memory) or draft.reason or draft.kind == "guidance":
        return draft
    if draft.quantity.low is None and not memory.outlook_lists:
        return draft
    return replace(draft, kind="guidance").rule("claim:guidance")


def _is_below_outlook(scene: Scene, memory: Memory) -> bool:
    return scene.is_row and 0 <= scene.start - memory.outlook_end < _HEADING


def _is_new_forecast_scope(scene: Scene, index: int) -> tuple[str, ...]:
    """What replaces a forecast is one, whatever the words ("it had expected 5, but is now at 6")."""
    is_new = any(old.new == index and old.is_sure for old in scene.old.values())
    low, high = scene.breaks.clause(scene.quantities[index].start, scene.start, scene.end)
    return ("guidance",) if is_new and scene.place.marks("now", low, high) else ()


def _mark_replaced(scene: Scene, index: int, draft: FigureDraft) -> FigureDraft:
    """A forecast of before is a statement about the past; where it may be a result, that is left open."""
    old = scene.old.get(index)
    if old is None or (draft.quantity.kind == "count" and draft.metric not in COUNTED):
        return draft
    if not old.is_sure:
        return draft.stop("unclear_base")
    return replace(draft, kind="guidance").stop("prior_guidance")


def _as_new(scene: Scene, index: int, draft: FigureDraft, drafts: list[FigureDraft]) -> FigureDraft:
    """A forecast of before is of the metric, company and period of the one that replaced it."""
    old = scene.old.get(index)
    if old is None and _is_reported(draft, drafts):
        return draft.stop("prior_guidance")
    if old is None or old.new is None or draft.reason != "prior_guidance":
        return draft
    new = drafts[old.new]
    if new.reason or new.metric is None or new.kind != "guidance":
        return draft
    period = draft.period if "period:near" in draft.rules else new.period
    return replace(
        draft, metric=new.metric, topic=new.topic, company=new.company, sign=new.sign, period=period or new.period
    )


def _is_reported(draft: FigureDraft, drafts: list[FigureDraft]) -> bool:
    """Whether a sentence that gives a forecast also reports what it became."""
    same = (draft.metric, draft.period, draft.quantity.unit)
    return draft.kind == "guidance" and any(
        item.kind == "actual" and item.reason is None and (item.metric, item.period, item.quantity.unit) == same
        for item in drafts
    )


def _near_marks(scene: Scene, index: int, marks: tuple[PhraseMatch, ...]) -> list[tuple[int, PhraseMatch]]:
    """Marks in the window of a quantity with their distance; a comma between counts as far."""
    quantity = scene.quantities[index]
    low, high = dating.rate_window(scene, index)
    out = []
    for mark in marks:
        if quantity.end <= mark.start and mark.end <= high:
            out.append((mark.start - quantity.end + (12 if scene.parted(quantity.end, mark.start) else 0), mark))
        elif low <= mark.start and mark.end <= quantity.start:
            out.append((quantity.start - mark.end + 3 + (12 if scene.parted(mark.end, quantity.start) else 0), mark))
    return sorted(out, key=lambda item: item[0])


def _comparator(scene: Scene, index: int) -> str | None:
    """What a growth rate compares with: yoy, qoq, or nothing said."""
    quantity = scene.quantities[index]
    near = [mark for _, mark in _near_marks(scene, index, scene.compare)]
    joined = [mark for mark in near if not scene.parted(min(quantity.end, mark.end), max(quantity.start, mark.start))]
    rest = [mark for mark in near if not _leads_on(scene, index, mark)]
    return (joined or rest)[0].label if joined or rest else None


def _leads_on(scene: Scene, index: int, mark: PhraseMatch) -> bool:
    """Whether a comparison behind a comma is of the next rate: "fell 4%, year on year it rose 11%"."""
    quantity = scene.quantities[index]
    following = next((item for item in scene.quantities[index + 1 :] if item.kind in ("percent", "multiple")), None)
    if following is None or mark.start < quantity.end or mark.end > following.start:
        return False
    return scene.parted(quantity.end, mark.start) and not scene.parted(mark.end, following.start)


def _is_margin_over(scene: Scene, index: int) -> bool:
    """Whether a rate tells how far a figure is from what was expected of it, by others or by the company."""
    own, (low, high) = locale(scene.code), dating.rate_window(scene, index)
    found = (
        own.phrases(*names).find(scene.folded, low, high) for names in (("claims", "analyst"), ("promises", "outlook"))
    )
    return any(_counts_from(scene, index, mark) for marks in found for mark in marks)


def _counts_from(scene: Scene, index: int, mark: PhraseMatch) -> bool:
    """Whether a rate counts from an expectation: "12% above guidance", "beat estimates by 12%"."""
    quantity, own = scene.quantities[index], locale(scene.code)
    first, last = min(mark.end, quantity.end), max(mark.start, quantity.start)
    if scene.parted(first, last):
        return False
    beat = own.phrases("claims", "beat")
    if mark.start >= quantity.end:
        is_led = beat.has(scene.folded, max(scene.start, quantity.start - 2 * _BY), quantity.opening)
        return last - first <= _EXPECTED and (_compares(scene, first, last) or (is_led and last - first <= 2 * _BY))
    if own.verb_final:
        return last - first <= _BY and beat.has(scene.folded, quantity.end, min(scene.end, quantity.end + _BY))
    return last - first <= 2 * _BY and beat.has(scene.folded, max(scene.start, mark.start - _CLOSE), mark.start)


def _compares(scene: Scene, low: int, high: int) -> bool:
    """Whether a word of comparison stands between two places."""
    own = locale(scene.code)
    words = (own.phrases("claims", "beat"), own.phrases("compare", "versus"), own.phrases("qualifiers", "more_than"))
    return any(phrases.has(scene.folded, low, high) for phrases in words)


def _compared(scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft]) -> FigureDraft:  # noqa: PLR0911 - one case a line
    """Growth gets its direction and its base; a level of the quarter before is set aside."""
    del earlier
    if draft.quantity.kind not in ("percent", "multiple"):
        return _previous_quarter(scene, index, draft)
    if _is_margin_over(scene, index):
        return draft.stop("expectation")
    draft = replace(draft, kind="guidance" if draft.kind == "guidance" else "growth_yoy")
    comparator = _comparator(scene, index)
    if comparator == "qoq":
        return draft.stop("qoq")
    direction = _direction(scene, index)
    if FRACTION in draft.quantity.flags and not _is_moved_by(scene, index):
        return draft.stop("no_direction")
    if direction == 0:
        return draft.stop("bracket_sign" if brackets.ASIDE in draft.quantity.flags else "no_direction")
    if draft.sign < 0:
        return draft.stop("loss_growth")
    half = "half" in draft.quantity.flags
    if half and direction >= 0:
        return draft.stop("no_direction")
    value = -1 if direction < 0 and draft.quantity.value > 0 else 1
    rules = (
        f"growth:{'signed' if draft.quantity.signed else 'verb' if direction else 'unsaid'}",
        f"compare:{comparator or 'implied'}",
    )
    return replace(draft, sign=value).rule(*rules)


def _is_moved_by(scene: Scene, index: int) -> bool:
    """Return true if a word of direction stands beside a fraction: "a third" alone may be of anything."""
    return any(distance <= _MOVED for distance, _ in _near_marks(scene, index, scene.directions))


def _direction(scene: Scene, index: int) -> int:  # noqa: PLR0911 - one case a line
    quantity = scene.quantities[index]
    if quantity.signed:
        return quantity.signed
    leads = [(other.lead, other.start) for other in scene.quantities if other.lead >= 0]
    own = tuple(mark for mark in scene.directions if not any(lead <= mark.start < start for lead, start in leads))
    near = _near_marks(scene, index, own) or _in_own_lead(scene, quantity)
    if quantity.kind == "multiple" and "times" not in quantity.flags:
        near = [(distance, mark) for distance, mark in near if not _is_of_other_level(scene, quantity, mark)]
    if near:
        return 1 if near[0][1].label == "up" else -1
    shared = _shared_direction(scene, index)
    if shared:
        return shared
    before = next((place for place, old in scene.old.items() if old.new == index), None)
    if before is not None and scene.quantities[before].kind == quantity.kind:
        return _direction(scene, before)
    if "times" in quantity.flags:
        following = scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None
        if following is not None and following.kind == "money" and dating.after_versus(scene, index + 1):
            return 1
        behind = any(item.prior and 0 <= item.start - quantity.end <= 1 for item in scene.periods)
        return 1 if behind or _comparator(scene, index) in ("yoy", "period") else 0
    return 1 if quantity.kind == "multiple" and "half" not in quantity.flags else 0


def _is_of_other_level(scene: Scene, quantity: Quantity, mark: PhraseMatch) -> bool:
    """Return true if a direction behind a comma tells of something else than "doubled", which says its own."""
    low, high = min(quantity.end, mark.end), max(quantity.start, mark.start)
    return scene.parted(low, high)


def _shared_direction(scene: Scene, index: int) -> int:
    """The direction of the rate before, where "and" joins the two: "grew 4% on the quarter and 15% on the year"."""
    quantity, previous = scene.quantities[index], scene.quantities[index - 1] if index else None
    if previous is None or not previous.kind == quantity.kind == "percent" or quantity.start - previous.end > _LIST:
        return 0
    gap = scene.folded[previous.end : quantity.opening]
    own = locale(scene.code)
    words = {*own.words("ranges", "and"), *every("small", "and")}
    joined = re.search(rf"[,\u3001{_joins()}]|(?<!\w)(?:{either(words)})(?!\w)", gap)
    other = any(previous.end <= topic.start < quantity.start for topic in scene.topics)
    return (
        0
        if joined is None or other or own.phrases("directions").has(gap, 0, len(gap))
        else _direction(scene, index - 1)
    )


def _joins() -> str:
    """What Arabic writes to a word as one with it to join two."""
    return "".join(split(common()["arabic_writing"]["joins"]))


def _in_own_lead(scene: Scene, quantity: Quantity) -> list[tuple[int, PhraseMatch]]:
    """A direction that is the qualifier of a rate as well: "15% more", "cao hơn 15%"."""
    if quantity.lead < 0:
        return []
    return [(0, mark) for mark in scene.directions if mark.end <= quantity.start <= mark.end + 1]


def _previous_quarter(scene: Scene, index: int, draft: FigureDraft) -> FigureDraft:
    low, high = scene.window(index)
    quantity = draft.quantity
    for mark in scene.compare:
        behind = (
            quantity.end <= mark.start
            and mark.end <= high
            and not scene.parted(quantity.end, mark.start)
            and mark.start - quantity.end < _CLOSE
        )
        ahead = low <= mark.start and mark.end <= quantity.start <= mark.end + 2
        if mark.label == "qoq" and (behind or ahead):
            return draft.stop("qoq")
    return draft


# Company ---------------------------------------------------------------------------------------------------------


def _assign_company(scene: Scene, index: int, draft: FigureDraft, memory: Memory) -> FigureDraft:
    quantity = scene.quantities[index]
    low, high = scene.breaks.clause(quantity.start, scene.start, scene.end)
    other = _compared_company(scene, index)
    if other is not None:
        return replace(draft, company=other).rule("entity:compared" if other.known is None else "entity:compared:known")
    told = _told_behind_comma(scene, quantity) or _bracketed_owner(scene, quantity)
    if told is not None:
        return replace(draft, company=told).rule("entity:before" if told.known is None else "entity:before:known")
    subjects = [mention for mention in scene.mentions if not mention.aside]
    chosen, rule = _in_clause(subjects, low, high, quantity)
    if chosen is not None and rule == "entity:after":
        chosen = _owner_behind(scene, index) or chosen
    if chosen is None and subjects:
        before = [mention for mention in subjects if mention.end <= low]
        chosen, rule = (before or subjects)[-1 if before else 0], "entity:sentence"
    weak = chosen is not None and chosen.start > quantity.start and chosen.score < 5  # noqa: PLR2004 - only its place speaks for it
    if weak and memory.company is not None and memory.company.score > 5:  # noqa: PLR2004 - a company for certain
        chosen, rule = memory.company, "entity:carried"
    if chosen is None and memory.company is not None:
        chosen, rule = memory.company, "entity:carried"
    if chosen is None and memory.fallback is not None:
        chosen, rule = memory.fallback, "entity:document"
    if chosen is None:
        return draft.stop("no_entity")
    draft = replace(draft, company=chosen).rule(rule if chosen.known is None else f"{rule}:known")
    return draft.rule("entity:capital") if chosen.known is None and chosen.score < _FORMED else draft


@cache
def _whose(code: str) -> re.Pattern[str]:
    """What matches the comma and the word that begin a relative clause."""
    return re.compile(rf", (?:{either(locale(code).words('names', 'whose'))})(?!\w)")


def _bracketed_owner(scene: Scene, quantity: Quantity) -> Mention | None:
    """Return the company right before a bracket with an amount of it: "ahead of Narae Bank (287 billion)"."""
    return next((item for item in scene.mentions if _opens_behind(scene, item, quantity)), None)


def _opens_behind(scene: Scene, mention: Mention, quantity: Quantity) -> bool:
    """Return true if a bracket right behind a name begins with an amount."""
    return quantity.start > mention.end and scene.folded[mention.end : quantity.opening].strip() == "("


def _told_behind_comma(scene: Scene, quantity: Quantity) -> Mention | None:
    """Return the company that a relative clause tells of: "unlike Seeberg, whose profit shrank to 19 million"."""
    for mention in reversed(scene.mentions):
        if mention.end > quantity.start or mention.score < _FORMED:
            continue
        led = _whose(scene.code).match(scene.folded, mention.end, quantity.start)
        return mention if led is not None and not scene.parted(led.end(), quantity.start) else None
    return None


def _compared_company(scene: Scene, index: int) -> Mention | None:
    """The other company whose amount is put against the one before: "contro i 165 milioni della rivale Sarti"."""
    own = _owner_behind(scene, index)
    if index and own is not None and _owner_behind(scene, index - 1) is not None:
        return own
    if not index or not any(mention.end <= scene.quantities[index - 1].start for mention in scene.mentions):
        return None
    quantity = scene.quantities[index]
    low, high = scene.window(index)
    led = dating.after_versus(scene, index)
    for mention in scene.mentions:
        behind = quantity.end <= mention.start <= min(high, quantity.end + _OTHER)
        gap = scene.folded[quantity.end : mention.start] if behind else ""
        if (
            behind
            and led
            and mention.score >= _FORMED
            and not re.search(r"[\d,;:()]", gap)
            and _is_owned(gap, scene.code)
        ):
            return mention
        ahead = low <= mention.start and 0 <= quantity.opening - mention.end <= len("'s ") + 1
        if ahead and dating.stands_behind_versus(scene, mention.start):
            return mention
    return None


def _owner_behind(scene: Scene, index: int) -> Mention | None:
    """The company right behind an amount: "52 million at Ridley Paints"."""
    end, cues = scene.quantities[index].end, locale(scene.code).words("names", "cues")
    for mention in scene.mentions:
        if mention.start > end and scene.folded[end : mention.start].strip() in cues and mention.score >= _FORMED:
            return mention
    return None


def _is_owned(gap: str, code: str) -> bool:
    """Whether the words between an amount and a company say whose it is: "of its rival", "bei", "della concorrente"."""
    own = locale(code)
    cues = {*own.words("names", "cues"), *own.words("names", "descriptors")}
    return bool(set(re.findall(r"[^\W\d_]+'?", gap)) & cues)


def _in_clause(subjects: list[Mention], low: int, high: int, quantity: Quantity) -> tuple[Mention | None, str]:
    before = [mention for mention in subjects if low <= mention.start and mention.end <= quantity.start]
    if before:
        best = max(mention.score for mention in before)
        return next(mention for mention in reversed(before) if mention.score >= best - 3), "entity:before"
    after = [mention for mention in subjects if quantity.end <= mention.start < high]
    if after:
        best = max(mention.score for mention in after)
        return next(mention for mention in after if mention.score >= best - 2), "entity:after"
    return None, ""


def _in_currency(draft: FigureDraft) -> FigureDraft:
    """A cell of which nothing names the currency is in the one its company reports in; open scales are left open."""
    if tables.SCALE_OPEN in draft.quantity.flags and draft.metric is not None:
        return draft.stop("scale_open")
    if tables.NO_CURRENCY not in draft.quantity.flags or draft.metric is None:
        return draft
    known = draft.company.known.currency if draft.company and draft.company.known else None
    if known is None:
        return replace(draft, quantity=replace(draft.quantity, unit=None)).stop("currency_open")
    return replace(draft, quantity=replace(draft.quantity, unit=known)).rule("unit:company")


def _converted(scene: Scene, index: int, draft: FigureDraft) -> FigureDraft:
    """An amount that is given again in another currency counts once: in the company's own, else as it came first."""
    own = draft.company.known.currency if draft.company and draft.company.known else None
    if draft.metric is None or draft.kind == "growth_yoy":
        return draft
    if conversions.is_pair(scene, index - 1):
        return draft if own == draft.quantity.unit else draft.stop("conversion")
    is_given_again = conversions.is_pair(scene, index) and own == scene.quantities[index + 1].unit
    return draft.stop("conversion") if is_given_again else draft


# Sign ------------------------------------------------------------------------------------------------------------


def _apply_sign(scene: Scene, index: int, draft: FigureDraft, memory: Memory) -> FigureDraft:
    """Losses and cash outflows are negative, costs and capex never."""
    draft = _check_brackets(scene, index, _arrived(scene, index, draft), memory)
    if draft.metric is not None and draft.quantity.signed < 0 and draft.quantity.kind in ("money", "count"):
        draft = draft if draft.metric in SIGNED | SPENT else draft.stop("below_zero")
    if draft.kind == "growth_yoy" or draft.metric is None or draft.quantity.kind != "money":
        return draft
    if draft.metric not in SIGNED:
        return replace(draft, sign=1)
    quantity = draft.quantity
    if quantity.signed < 0 or (draft.sign > 0 and _is_called_negative(scene, index, draft)):
        return replace(draft, sign=-1).rule("sign:negative")
    if draft.sign < 0 and _is_profit_behind(scene, index):
        return draft.stop("sign_open")
    return draft


def _is_called_negative(scene: Scene, index: int, draft: FigureDraft) -> bool:
    """Whether words say that a result is below zero: right before the amount, right behind it, or of a cash flow."""
    quantity, own = scene.quantities[index], locale(scene.code)
    low, high = scene.window(index)
    before = max(low, quantity.start - 24)
    if draft.metric == "free_cash_flow" and own.phrases("negative", "negative").has(
        scene.folded, before, quantity.opening
    ):
        return True
    topic = draft.topic
    if topic is not None and topic.end <= quantity.start:
        ahead = own.phrases("negative", "negative").find(scene.folded, max(low, topic.start - _CLOSE), topic.start)
        if own.head_last and any(mark.end == topic.start - 1 for mark in ahead):
            return True
    marks = own.phrases("negative", "beside").find(scene.folded, before, quantity.opening)
    if any(_is_bare(scene, mark.end, quantity.opening) for mark in marks):
        return True
    if any(topic.label in LOSSES and _is_bare(scene, quantity.end, topic.start) for topic in scene.topics):
        return True
    behind = min(high, quantity.end + _CLOSE)
    return any(
        _is_bare(scene, quantity.end, mark.start)
        for mark in own.phrases("negative", "behind").find(scene.folded, quantity.end, behind)
    )


def _is_bare(scene: Scene, low: int, high: int) -> bool:
    """Whether nothing but a blank or an opening bracket parts two places."""
    return low <= high and not scene.folded[low:high].strip(" (")


def _is_profit_behind(scene: Scene, index: int) -> bool:
    """Whether a word for a profit stands right behind an amount that is of a loss: one of them is misread."""
    end = scene.quantities[index].end
    return any(
        0 <= item.start - end <= 1 and METRIC_OF.get(item.label, ("", 0))[1] > 0 and item.metric in SIGNED
        for item in scene.topics
    )


def _check_brackets(scene: Scene, index: int, draft: FigureDraft, memory: Memory) -> FigureDraft:
    """An amount in brackets that may be an aside: the words decide, else the sign is left open."""
    quantity = draft.quantity
    if brackets.ASIDE not in quantity.flags or draft.reason or draft.sign < 0:
        return draft
    if quantity.kind in ("percent", "multiple"):
        return draft if _direction(scene, index) else draft.stop("bracket_sign")
    if draft.metric not in SIGNED | SPENT and scene.is_row:
        memory.has_asides = True
    if draft.metric not in SIGNED or _is_conversion(scene, index) or _is_base_of_growth(scene, index):
        return draft
    if not scene.is_row and index and (_is_level_of_period(scene, quantity) or _is_of_named(scene, quantity)):
        return draft
    if scene.is_row and index == 0 and not memory.has_asides:
        return replace(draft, quantity=replace(quantity, signed=-1, start=quantity.start - 1, end=quantity.end + 1))
    return draft.stop("bracket_sign")


def _is_conversion(scene: Scene, index: int) -> bool:
    """Whether an amount gives the one right before it in another currency ("5 billion dollars (4.6 billion euros)")."""
    here = scene.quantities[index]
    before = scene.quantities[index - 1] if index else None
    if before is None or before.signed < 0 or before.kind != "money" or before.unit == here.unit:
        return False
    return scene.folded[before.end : here.start].strip() == "("


def _is_base_of_growth(scene: Scene, index: int) -> bool:
    """Whether an amount right behind the year before is what a rate counts from: such a base is above zero."""
    here = scene.quantities[index]
    rated = any(item.kind == "percent" and item.start >= here.end for item in scene.quantities)
    return rated and any(item.prior and 0 <= here.start - item.end <= len(" (") for item in scene.periods)


def _is_of_named(scene: Scene, quantity: Quantity) -> bool:
    """Return true if an amount with its scale stands in brackets right behind a company."""
    return quantity.scaled and any(_opens_behind(scene, item, quantity) for item in scene.mentions)


def _is_level_of_period(scene: Scene, quantity: Quantity) -> bool:
    """Return true if prose gives the level of a period right behind it: "below the third quarter of 2023 (245)"."""
    return quantity.scaled and any(
        item.part not in (None, "FY") and scene.folded[item.end : quantity.start].strip() == "("
        for item in scene.periods
    )


def _arrived(scene: Scene, index: int, draft: FigureDraft) -> FigureDraft:
    """Where a figure fell by 7% "to" (hasta, até) 5, the words that bound a promise only lead to a reported level."""
    is_new = any(old.new == index for old in scene.old.values())
    if (draft.kind != "actual" and not is_new) or draft.quantity.qualifier != "at_most":
        return draft
    low, _ = scene.breaks.clause(draft.quantity.start, scene.start, scene.end)
    opening = scene.quantities[index].opening if is_new else scene.quantities[index].start
    moved = any(low <= mark.start < opening for mark in scene.directions)
    moved = moved or (
        is_new and any(mark.end > opening for mark in scene.place.marks("revise", low, draft.quantity.start))
    )
    return replace(draft, quantity=replace(draft.quantity, qualifier="exact")) if moved else draft


# Memory ----------------------------------------------------------------------------------------------------------


def _columns(scene: Scene, memory: Memory) -> tuple[StatedPeriod, ...]:
    """The periods a line without figures puts side by side, as the head of a table's columns."""
    named = tuple(item for item in scene.periods if item.definite)
    if not named:
        return _unnamed_columns(scene, memory) or memory.columns
    found = columns.heads(named, memory.above)
    memory.above = columns.unfinished(named)
    setting = memory.setting(memory.company or memory.fallback)
    labels = [years.resolve(item, setting, forward=False, frame=None) for item in found]
    is_head = all(label.label or label.candidates for label in labels) or columns.is_row_of_years(named)
    return found if len(found) > 1 and is_head else memory.columns


def _unnamed_columns(scene: Scene, memory: Memory) -> tuple[StatedPeriod, ...]:
    """Return the columns of a head that only says "this period" and "the year before", for the period spoken of."""
    words = memory.period.words if memory.period else None
    current = list(locale(scene.code).phrases("compare", "head_current").find(scene.folded, scene.start, scene.end))
    before = [item for item in scene.periods if item.prior]
    if (
        words is None
        or words.year is None
        or len(current) != 1
        or len(before) != 1
        or scene.end - scene.start > tables.ROW
    ):
        return ()
    found = [(current[0].start, words), (before[0].start, replace(words, year=words.year - 1))]
    return tuple(item for _, item in sorted(found, key=lambda item: item[0]))


def _remember_spoken(scene: Scene, drafts: list[FigureDraft], memory: Memory) -> None:
    """Remember the period that a sentence speaks of, or why it has no label."""
    reports = [draft for draft in drafts if draft.kind != "guidance" and not draft.is_base]
    settled = next((draft.frame for draft in reports if draft.frame and not draft.reason), None)
    if settled is not None:
        memory.period, memory.unsettled = settled, None
        return
    reasons = [draft.reason for draft in reports if draft.metric and draft.reason in UNSETTLED]
    if reasons:
        memory.period, memory.unsettled = None, reasons[0]
        return
    named = next(
        (
            item
            for item in scene.periods
            if item.definite and not item.prior and (item.part or item.fiscal or item.year)
        ),
        None,
    )
    if named is None or drafts or (memory.above and columns.is_row_of_years(scene.periods)):
        return
    setting = memory.setting(memory.company or memory.fallback)
    spoken = memory.period.under(setting).label if memory.period else None
    found = years.resolve(named, setting, forward=False, frame=spoken)
    memory.note(memory.company or memory.fallback, found.convention)
    if found.label:
        memory.period, memory.unsettled = years.Frame(found.label, setting.company, named), None
    elif found.reason:
        memory.period, memory.unsettled = None, found.reason


def _remember(scene: Scene, drafts: list[FigureDraft], memory: Memory) -> None:
    subjects = [
        mention for mention in scene.mentions if not mention.aside and mention.score >= (3 if memory.company else 2)
    ]
    if subjects:
        best = max(mention.score for mention in subjects)
        equal = [mention for mention in subjects if mention.score == best]
        memory.company = next((mention for mention in equal if not _is_first_word(scene, mention)), equal[0])
    _remember_spoken(scene, drafts, memory)
    memory.columns = _columns(scene, memory) if not drafts else memory.columns
    memory.above = () if drafts else memory.above
    promised = [draft.frame for draft in drafts if draft.period and draft.is_promise]
    memory.guided = promised[-1] if promised else None if drafts else memory.guided
    replaced = [draft.topic for draft in drafts if draft.reason == "prior_guidance" and draft.topic]
    alone = len(replaced) == len(drafts)
    memory.replaced, memory.replaced_end = (replaced[0], scene.end) if replaced and alone else (None, -1)
    expected = [draft.topic for draft in drafts if draft.reason == "analyst" and draft.metric]
    memory.expected, memory.expected_end = (
        (expected[0], scene.end) if len(expected) == 1 and len(drafts) == 1 else (None, -1)
    )
    own = locale(scene.code)
    lists = scene.folded[scene.start : scene.end].rstrip().endswith((":", "\uff1a"))
    spoken = own.phrases("promises", "outlook").has(scene.folded, scene.start, scene.end)
    spoken = spoken or (lists and own.phrases("claims", "guidance").has(scene.folded, scene.start, scene.end))
    if not drafts and spoken:
        memory.outlook_end, memory.outlook_lists = scene.end, lists
    told = {draft.metric: draft.topic for draft in drafts if draft.topic}
    memory.sole, memory.sole_end = (next(iter(told.values())), scene.end) if len(told) == 1 else (None, -1)
    memory.topic = next((draft.topic for draft in reversed(drafts) if draft.topic), None) or memory.topic
    memory.money = next((draft.quantity.unit for draft in reversed(drafts) if _shows_currency(draft)), memory.money)


def _is_first_word(scene: Scene, mention: Mention) -> bool:
    """Return true if a name is the first word of its sentence, whose capital says nothing."""
    return " " not in mention.name and not scene.folded[scene.start : mention.start].strip()


def _shows_currency(draft: FigureDraft) -> bool:
    """Whether later amounts without a currency may be in the one of this amount."""
    return draft.quantity.kind == "money" and draft.reason != "conversion"
