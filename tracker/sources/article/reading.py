"""Puts the pieces of a sentence together: each quantity gets its metric, company, claim, period and sign, or a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from tracker.sources.article import metrics, periods
from tracker.sources.article.lexicon import locale

if TYPE_CHECKING:
    from datetime import date

    from tracker.sources.article.entities import Mention
    from tracker.sources.article.lexicon import Mark
    from tracker.sources.article.metrics import Topic
    from tracker.sources.article.periods import Period
    from tracker.sources.article.quantities import Quantity
    from tracker.sources.article.scene import Scene

__all__ = ["Draft", "Memory", "read"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A quantity on its way to a figure: what is known of it so far, and by which rules."""

    quantity: Quantity
    topic: Topic | None = None
    metric: str | None = None
    sign: int = 1
    kind: str = "actual"
    company: Mention | None = None
    period: str | None = None
    reason: str | None = None
    rules: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    base: int = -1  # where the words stand that made it a comparative

    def rule(self, *names: str) -> Draft:
        """The same with more rules named."""
        return replace(self, rules=(*self.rules, *names))

    def stop(self, reason: str) -> Draft:
        """The same with a reason why it is no fact; the first reason stays."""
        return self if self.reason else replace(self, reason=reason)


@dataclass(slots=True)
class Memory:
    """What earlier sentences leave for later ones."""

    published: date | None
    company: Mention | None = None
    period: str | None = None
    topic: Topic | None = None
    money: str | None = None
    fallback: Mention | None = None
    hint: str | None = None
    expected: Topic | None = None
    expected_end: int = -1
    drafts: list[Draft] = field(default_factory=list)


def read(scene: Scene, memory: Memory) -> list[Draft]:
    """The drafts of one sentence, in order; `memory` is brought up to date."""
    drafts: list[Draft] = []
    for index in range(len(scene.quantities)):
        draft = _topic(scene, index, drafts, memory)
        draft = _claim(scene, index, draft)
        draft = _compared(scene, index, draft, drafts)
        draft = _company(scene, index, draft, memory)
        draft = _signed(scene, index, draft)
        drafts.append(_period(scene, index, draft, drafts, memory))
    _remember(scene, drafts, memory)
    return drafts


# Metric ----------------------------------------------------------------------------------------------------------


def _topic(scene: Scene, index: int, earlier: list[Draft], memory: Memory) -> Draft:
    quantity = scene.quantities[index]
    draft = Draft(quantity)
    if quantity.kind in ("points", "basis"):
        return draft.stop("points")
    directions = locale(scene.code).phrases("directions")
    topic = metrics.attach(quantity, scene.topics, scene.quantities, scene.folded, scene.breaks.hard, directions)
    if topic is None:
        return _carried(scene, index, draft, memory)
    previous = earlier[-1] if earlier else None
    loose = topic.start > quantity.end and topic.start - quantity.end > 12  # noqa: PLR2004 - a few words on
    if loose and previous is not None and previous.topic and quantity.kind in ("percent", "multiple") and previous.quantity.kind == "money":
        topic = previous.topic
    topic = _per_share(scene, quantity, topic)
    draft = _labelled(draft, topic).rule("topic:before" if topic.end <= quantity.start else "topic:after")
    return _inherited(draft, topic, earlier)


_SHARED: Final = {"profit": "eps", "net_income": "eps", "loss": "loss_per_share", "net_loss": "loss_per_share"}


def _per_share(scene: Scene, quantity: Quantity, topic: Topic) -> Topic:
    """A profit of so much "per share" is earnings per share."""
    said = locale(scene.code).phrases("per_share")
    behind = any(mark.start - quantity.end <= 1 for mark in said.find(scene.folded, quantity.end, min(scene.end, quantity.end + 24)))
    if quantity.kind != "money" or not behind:
        return topic
    before = [item for item in scene.topics if item.end <= quantity.start]
    nearest = before[-1] if before else topic
    return replace(nearest, label=_SHARED[nearest.label]) if nearest.label in _SHARED and not nearest.blocked else nearest


def _labelled(draft: Draft, topic: Topic) -> Draft:
    if topic.blocked or topic.label not in metrics.METRIC_OF:
        return replace(draft, topic=topic).stop(topic.blocked or "other")
    metric, sign = metrics.METRIC_OF[topic.label]
    return replace(draft, topic=topic, metric=metric, sign=sign)


def _inherited(draft: Draft, topic: Topic, earlier: list[Draft]) -> Draft:
    """ "An operating profit of 5, against a loss of 2": a bare profit or loss compared is the same metric."""
    if topic.label not in ("profit", "loss") or not earlier or draft.reason:
        return draft
    previous = earlier[-1]
    if previous.metric in ("operating_income", "eps") and previous.quantity.unit == draft.quantity.unit:
        return replace(draft, metric=previous.metric).rule("topic:compared")
    return draft


def _carried(scene: Scene, index: int, draft: Draft, memory: Memory) -> Draft:
    """A growth rate in a sentence without a topic speaks of the sentence before."""
    quantity = draft.quantity
    if quantity.kind == "percent" and memory.topic is not None and not scene.topics and _comparator(scene, index) == "yoy":
        return _labelled(draft, memory.topic).rule("topic:carried")
    if quantity.kind == "money" and memory.expected is not None and scene.start - memory.expected_end < 3:  # noqa: PLR2004 - the next sentence
        return _labelled(draft, memory.expected).rule("topic:expected")
    return draft.stop("no_metric")


# Claim -----------------------------------------------------------------------------------------------------------


def _claim(scene: Scene, index: int, draft: Draft) -> Draft:
    for scope in scene.scopes[index]:
        if scope != "guidance":
            return draft.stop(scope)
        draft = replace(draft, kind="guidance").rule("claim:guidance")
    return draft


def _near(scene: Scene, index: int, marks: tuple[Mark, ...]) -> list[tuple[int, Mark]]:
    """Marks in the window of a quantity with their distance; a comma between counts as far."""
    quantity = scene.quantities[index]
    low, high = _percent_window(scene, index)
    out = []
    for mark in marks:
        if quantity.end <= mark.start and mark.end <= high:
            out.append((mark.start - quantity.end + (12 if scene.parted(quantity.end, mark.start) else 0), mark))
        elif low <= mark.start and mark.end <= quantity.start:
            out.append((quantity.start - mark.end + 3 + (12 if scene.parted(mark.end, quantity.start) else 0), mark))
    return sorted(out, key=lambda item: item[0])


def _percent_window(scene: Scene, index: int) -> tuple[int, int]:
    """The clause of a quantity, cut at other growth rates (money in between does not cut)."""
    quantity = scene.quantities[index]
    low, high = scene.breaks.clause(quantity.start, scene.start, scene.end)
    for other in scene.quantities:
        if other is quantity or other.kind not in ("percent", "multiple", "points", "basis"):
            continue
        if other.end <= quantity.start:
            low = max(low, other.end)
        elif other.start >= quantity.end:
            high = min(high, other.opening)
    return low, high


def _comparator(scene: Scene, index: int) -> str | None:
    """What a growth rate compares with: yoy, qoq, or nothing said."""
    near = _near(scene, index, scene.compare)
    return near[0][1].label if near else None


def _compared(scene: Scene, index: int, draft: Draft, earlier: list[Draft]) -> Draft:
    """Growth gets its direction and its base; a level of the quarter before is set aside."""
    del earlier
    if draft.quantity.kind not in ("percent", "multiple"):
        return _previous_quarter(scene, index, draft)
    draft = replace(draft, kind="guidance" if draft.kind == "guidance" else "growth_yoy")
    comparator = _comparator(scene, index)
    if comparator == "qoq":
        return draft.stop("qoq")
    direction = _direction(scene, index)
    if direction == 0 and (comparator is None or draft.quantity.kind == "multiple"):
        return draft.stop("no_direction")
    if draft.sign < 0:
        return draft.stop("loss_growth")
    half = "half" in draft.quantity.flags
    if half and direction >= 0:
        return draft.stop("no_direction")
    value = -1 if direction < 0 and draft.quantity.value > 0 else 1
    rules = (f"growth:{'signed' if draft.quantity.signed else 'verb' if direction else 'unsaid'}", f"compare:{comparator or 'implied'}")
    return replace(draft, sign=value).rule(*rules)


def _direction(scene: Scene, index: int) -> int:
    quantity = scene.quantities[index]
    if quantity.signed:
        return quantity.signed
    own = tuple(mark for mark in scene.directions if not (quantity.lead >= 0 and quantity.lead <= mark.start < quantity.start))
    near = _near(scene, index, own)
    if near:
        return 1 if near[0][1].label == "up" else -1
    if "times" in quantity.flags:
        return 1 if _comparator(scene, index) == "yoy" else 0
    return 1 if quantity.kind == "multiple" and "half" not in quantity.flags else 0


def _previous_quarter(scene: Scene, index: int, draft: Draft) -> Draft:
    low, high = scene.window(index)
    quantity = draft.quantity
    for mark in scene.compare:
        behind = quantity.end <= mark.start and mark.end <= high and not scene.parted(quantity.end, mark.start) and mark.start - quantity.end < 25  # noqa: PLR2004 - the words right behind
        ahead = low <= mark.start and mark.end <= quantity.start <= mark.end + 2
        if mark.label == "qoq" and (behind or ahead):
            return draft.stop("qoq")
    return draft


# Company ---------------------------------------------------------------------------------------------------------


def _company(scene: Scene, index: int, draft: Draft, memory: Memory) -> Draft:
    quantity = scene.quantities[index]
    low, high = scene.breaks.clause(quantity.start, scene.start, scene.end)
    subjects = [mention for mention in scene.mentions if not mention.aside]
    chosen, rule = _in_clause(subjects, low, high, quantity)
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
    return replace(draft, company=chosen).rule(rule if chosen.known is None else f"{rule}:known")


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


# Sign ------------------------------------------------------------------------------------------------------------


def _signed(scene: Scene, index: int, draft: Draft) -> Draft:
    """Losses and cash outflows are negative, costs and capex never."""
    draft = _arrived(scene, index, draft)
    if draft.kind == "growth_yoy" or draft.metric is None or draft.quantity.kind != "money":
        return draft
    if draft.metric not in ("net_income", "operating_income", "free_cash_flow", "eps"):
        return replace(draft, sign=1)
    quantity = draft.quantity
    low, _ = scene.window(index)
    negative = locale(scene.code).phrases("negative").has(scene.folded, max(low, quantity.start - 24), quantity.start)
    if quantity.signed < 0 or (negative and draft.sign > 0 and draft.metric == "free_cash_flow"):
        return replace(draft, sign=-1).rule("sign:negative")
    return draft


def _arrived(scene: Scene, index: int, draft: Draft) -> Draft:
    """ "Fell by 7% to (hasta, até) 5": the words that bound a promise only lead to a reported level."""
    if draft.kind != "actual" or draft.quantity.qualifier != "at_most":
        return draft
    low, _ = scene.breaks.clause(draft.quantity.start, scene.start, scene.end)
    moved = any(low <= mark.start < scene.quantities[index].start for mark in scene.directions)
    return replace(draft, quantity=replace(draft.quantity, qualifier="exact")) if moved else draft


# Period ----------------------------------------------------------------------------------------------------------


def _period(scene: Scene, index: int, draft: Draft, earlier: list[Draft], memory: Memory) -> Draft:
    forward = draft.kind == "guidance"
    skip = frozenset(item.base for item in earlier if item.base >= 0)
    named, rule = _named(scene, index, growth=draft.quantity.kind in ("percent", "multiple"), settled=memory.period is not None, skip=skip)
    prior = _prior(scene, index, draft)
    if prior is not None:
        return _year_before(scene, index, draft, earlier, memory, prior)
    frame = next((item.period for item in reversed(earlier) if item.period), None) or memory.period
    label = periods.resolve(named, memory.published, forward=forward, frame=frame) if named else None
    if label is None:
        label, rule = _fallback(scene, draft, earlier, memory)
    if label is None:
        return draft.stop("no_period")
    open_ended = named is not None and named.relative == 0 and named.part in (None, "FY") and not forward
    flags = (*draft.flags, "this_year") if open_ended else draft.flags
    draft = replace(draft, period=_as_of(label, named, draft), flags=flags).rule(rule)
    return _plausible(draft, named, memory)


def _named(scene: Scene, index: int, *, growth: bool, settled: bool = False, skip: frozenset[int] = frozenset()) -> tuple[Period | None, str]:
    """The period that stands nearest to a quantity, in its own window before the rest of the sentence."""
    quantity = scene.quantities[index]
    low, high = scene.window(index)
    usable = [period for period in scene.periods if period.definite and not period.prior and period.start not in skip and not (growth and _is_base(scene, period))]
    compared = 12 if _after_versus(scene, index) else 0
    near = []
    for period in usable:
        if quantity.end <= period.start < high and not scene.parted(quantity.end, period.start):
            near.append((period.start - quantity.end, period))
        elif low <= period.start and period.end <= quantity.start:
            near.append((quantity.start - period.end + compared, period))
    if near:
        return min(near, key=lambda item: item[0])[1], "period:near"
    bottom, top = scene.breaks.clause(quantity.start, scene.start, scene.end)
    before = [period for period in usable if period.end <= quantity.start and not _is_base(scene, period)]
    inside = [period for period in before if period.start >= bottom]
    before = [period for period in before if not _parenthesised(scene, period)] or before
    inside = [period for period in before if period.start >= bottom]
    if inside or before:
        return (inside or before)[-1], "period:clause" if inside else "period:sentence"
    after = [period for period in usable if period.start >= quantity.end and not _is_base(scene, period)]
    after.sort(key=lambda period: period.start >= top)
    if after and settled and any(other.start > quantity.end and other.end <= after[0].start and other.kind == quantity.kind for other in scene.quantities):
        return None, ""
    return (after[0], "period:after") if after else (None, "")


def _parenthesised(scene: Scene, period: Period) -> bool:
    """Whether a period stands in brackets, where comparatives are put."""
    return scene.folded.rfind("(", scene.start, period.start) > scene.folded.rfind(")", scene.start, period.start)


def _is_base(scene: Scene, period: Period) -> bool:
    """Whether a period is only what a growth rate compares with ("from 2023")."""
    before = scene.folded[max(scene.start, period.start - 26) : period.start]
    if any(mark.start < period.end and period.start < mark.end for mark in scene.compare):
        return True
    if scene.code in ("ja", "ko", "zh"):
        tail = scene.folded[period.end : period.end + 5]
        return re.match(r"(?:比|に比べ|より|보다|대비|에 비해|相比|同期)", tail) is not None
    return _VERSUS_END(scene.code).search(before) is not None


def _VERSUS_END(code: str) -> re.Pattern[str]:  # noqa: N802 - a table of patterns, one per language
    from functools import cache

    del cache
    return _versus_pattern(code)


_PATTERNS: Final[dict[str, re.Pattern[str]]] = {}


def _versus_pattern(code: str) -> re.Pattern[str]:
    if code not in _PATTERNS:
        from tracker.sources.article.lexicon import bounded

        own = locale(code)
        words = sorted(own.words("compare", "versus"), key=len, reverse=True)
        body = "|".join(bounded(word, own.style) for word in words) or "(?!)"
        _PATTERNS[code] = re.compile(rf"(?:{body})(?: ?(?:the|a|an|el|la|los|las|il|i|gli|lo|le|les|dem|der|den|die|das|o|os|as|same period (?:of|in)|in|im|mức|con số|un|una|uns|unos|em|de|del|dei|des|du))*[ ]?\Z")
    return _PATTERNS[code]


def _as_of(label: str, named: Period | None, draft: Draft) -> str:
    """Counts are of a day: the quarter it lies in."""
    if draft.metric not in metrics.COUNTED:
        return label
    found = re.match(r"(FY)?(\d{4})(Q[1-4]|H[12]|M9)?\Z", label)
    if found is None or (named is not None and named.fiscal):
        return label
    part = {None: "Q4", "H1": "Q2", "H2": "Q4", "M9": "Q3"}.get(found[3], found[3])
    return f"{found[2]}{part}"


def _fallback(scene: Scene, draft: Draft, earlier: list[Draft], memory: Memory) -> tuple[str | None, str]:
    """No period in the sentence: the one spoken of before; guidance must name its own."""
    del scene
    if draft.kind == "guidance":
        same = next((item.period for item in reversed(earlier) if item.period and item.kind == "guidance"), None)
        return same, "period:carried"
    own = next((item.period for item in reversed(earlier) if item.period and item.kind != "guidance" and "period:prior" not in item.rules), None)
    if own is not None:
        return own, "period:carried"
    return (memory.period, "period:frame") if memory.period else (memory.hint, "period:document")


def _prior(scene: Scene, index: int, draft: Draft) -> Period | None:
    """The words that make a level a comparative of the year before, if there are any."""
    quantity = draft.quantity
    if quantity.kind in ("percent", "multiple", "points", "basis"):
        return None
    low, high = scene.window(index)
    marks = [period for period in scene.periods if period.prior or (period.relative == -1 and period.part in (None, "FY"))]
    following = scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None
    rated = following is not None and following.kind in ("percent", "multiple")
    for mark in marks:
        if scene.code in ("ja", "ko", "zh") and following is not None and quantity.end <= mark.start and _adjoins(scene, mark.end, following.start):
            continue
        if rated and mark.start >= quantity.end and any(item.label == "yoy" and item.start < mark.end and mark.start < item.end for item in scene.compare):
            continue
        if quantity.end <= mark.start < high and not scene.parted(quantity.end, mark.start) and mark.start - quantity.end < 30 and (mark.prior or _after_versus(scene, index)):  # noqa: PLR2004 - the words right behind
            return mark
        ahead = low <= mark.start and mark.end <= quantity.start and _adjoins(scene, mark.end, quantity.start)
        if ahead and (mark.prior or _before_versus(scene, index)) and not _owned(scene, index, mark):
            return mark
    return _implied(scene, index, draft)


def _adjoins(scene: Scene, low: int, high: int) -> bool:
    """Whether nothing but an opening bracket parts two places."""
    return not scene.folded[low:high].strip(" (（") or not scene.parted(low, high)


def _owned(scene: Scene, index: int, mark: Period) -> bool:
    """Whether a comparison belongs to the growth rate before it ("up 12% from a year ago to 5bn")."""
    previous = scene.quantities[index - 1] if index else None
    if previous is None or previous.kind not in ("percent", "multiple"):
        overlapping = [item for item in scene.compare if item.label == "yoy" and item.start < mark.end and mark.start < item.end]
        return bool(overlapping) and scene.code not in ("ja", "ko", "zh")
    return not scene.parted(previous.end, mark.start)


def _before_versus(scene: Scene, index: int) -> bool:
    """Whether a word of comparison follows right behind (ja, ko: より, 보다)."""
    after = locale(scene.code).words("ranges", "from_after")
    return bool(after) and scene.folded.startswith((*after, "より"), scene.quantities[index].end)


def _after_versus(scene: Scene, index: int) -> bool:
    quantity = scene.quantities[index]
    window = scene.folded[max(scene.start, quantity.opening - 40) : quantity.opening]
    return _versus_pattern(scene.code).search(window) is not None


def _implied(scene: Scene, index: int, draft: Draft) -> Period | None:
    """ "From 2.1 to 2.4" and "4.1 against 3.3": without other words the base is the year before."""
    quantity = draft.quantity
    position = Period_at(quantity.end)
    following = scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None
    previous = next((item for item in reversed(scene.quantities[:index]) if item.kind == quantity.kind), None)
    if following is not None and following.kind == quantity.kind and _from_to(scene, index):
        return position
    if previous is None or previous.unit != quantity.unit or quantity.kind != "money":
        return None
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    if previous.start >= low and _after_versus(scene, index) and not _own_period(scene, index):
        return position
    return None


def Period_at(position: int) -> Period:  # noqa: N802 - builds a Period
    """A bare "the year before" at a place."""
    return periods.Period(position, position, prior=True)


def _own_period(scene: Scene, index: int) -> bool:
    quantity = scene.quantities[index]
    _, high = scene.window(index)
    return any(period.definite and not period.prior and quantity.end <= period.start < high and not scene.parted(quantity.end, period.start) for period in scene.periods)


def _from_to(scene: Scene, index: int) -> bool:
    quantity, following = scene.quantities[index], scene.quantities[index + 1]
    own = locale(scene.code)
    gap = scene.folded[quantity.end : following.start]
    if len(gap) > 30 or scene.parted(quantity.end, following.start) or quantity.unit != following.unit:  # noqa: PLR2004 - from X to Y stand close
        return False
    after = own.words("ranges", "from_after")
    if after and gap.startswith(after):
        return True
    before = scene.folded[max(scene.start, quantity.opening - 14) : quantity.opening]
    starts = [word for word in own.words("ranges", "from") if word]
    said = any(re.search(rf"(?<!\w){re.escape(word)} ?(?:\w{{1,4}} )?\Z" if scene.code != "zh" else rf"{re.escape(word)}\Z", before) for word in starts)
    low, high = scene.breaks.clause(quantity.start, scene.start, scene.end)
    moved = own.phrases("directions").has(scene.folded, low, high)
    return said and moved


def _year_before(scene: Scene, index: int, draft: Draft, earlier: list[Draft], memory: Memory, prior: Period) -> Draft:  # noqa: PLR0913 - the comparison needs both sides
    """The comparative's period: the compared figure's, one year earlier, or as the words say."""
    if draft.kind == "guidance" and prior.start == prior.end:
        return draft.stop("superseded")
    draft = replace(draft, kind="actual" if draft.kind == "guidance" and prior.start != prior.end else draft.kind)
    if draft.kind == "actual" and draft.rules and draft.rules[-1] == "claim:guidance":
        draft = replace(draft, rules=draft.rules[:-1])
    base = _base(scene, index, earlier, memory, prior)
    if base is None:
        return draft.stop("no_period")
    label = periods.shift(base, -1)
    if prior.year is not None:
        part = re.sub(r"\A(?:FY)?\d{4}", "", base)
        label = periods.label(prior.part or part or None, prior.year, fiscal=base.startswith("FY") and bool(part))
    elif prior.relative is not None and memory.published is None:
        return draft.stop("no_period")
    return replace(draft, period=label, base=prior.start).rule("period:prior")


def _base(scene: Scene, index: int, earlier: list[Draft], memory: Memory, prior: Period) -> str | None:
    """The period a comparative is compared with."""
    for item in reversed(earlier):
        if item.period and "period:prior" not in item.rules and item.kind != "guidance":
            return item.period
    following = scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None
    skip = frozenset([prior.start])
    named, _ = _named(scene, index + 1, growth=False, skip=skip) if following is not None else (None, "")
    named = named or _named(scene, index, growth=False, skip=skip)[0]
    if named is not None:
        guided = following is not None and "guidance" in scene.scopes[index + 1]
        label = periods.resolve(named, memory.published, forward=guided, frame=memory.period)
        if label is not None:
            if named.relative == -1:
                label = periods.shift(label, 1)
            return label
    guided = next((item.period for item in reversed(earlier) if item.period and "period:prior" not in item.rules), None)
    return guided or memory.period or memory.hint


def _plausible(draft: Draft, named: Period | None, memory: Memory) -> Draft:
    """A promise for a period long past, or a report of one still open, needs a second look."""
    if memory.published is None or draft.period is None:
        return draft
    close = _closing(draft.period)
    if draft.kind == "guidance":
        late = (memory.published.year * 12 + memory.published.month) - close
        return draft.stop("past_guidance") if late > 2 else draft  # noqa: PLR2004 - results take two months
    if named is not None and named.fiscal:
        return draft
    ahead = close - (memory.published.year * 12 + memory.published.month)
    if ahead >= 12 and draft.quantity.kind == "money":  # noqa: PLR2004 - a year that has not begun
        return replace(draft, kind="guidance").rule("claim:future")
    return draft.stop("period_open") if ahead > 0 else draft


def _closing(label: str) -> int:
    """The month a calendar label closes in, counted from year 0."""
    found = re.match(r"(?:FY)?(\d{4})(Q[1-4]|H[12]|M9)?\Z", label)
    months = {"Q1": 3, "Q2": 6, "Q3": 9, "Q4": 12, "H1": 6, "H2": 12, "M9": 9}
    return 0 if found is None else int(found[1]) * 12 + months.get(found[2] or "", 12)


# Memory ----------------------------------------------------------------------------------------------------------


def _remember(scene: Scene, drafts: list[Draft], memory: Memory) -> None:
    subjects = [mention for mention in scene.mentions if not mention.aside and mention.score >= (3 if memory.company else 2)]
    if subjects:
        best = max(mention.score for mention in subjects)
        memory.company = next(mention for mention in subjects if mention.score == best)
    period = next((draft.period for draft in drafts if draft.period and draft.kind != "guidance" and not draft.reason and "period:prior" not in draft.rules), None)
    if period is None:
        named = next((item for item in scene.periods if item.definite and not item.prior and (item.part or item.fiscal or item.year)), None)
        period = periods.resolve(named, memory.published, forward=False, frame=memory.period) if named and not drafts else None
    memory.period = period or memory.period
    expected = [draft.topic for draft in drafts if draft.reason == "analyst" and draft.metric]
    memory.expected, memory.expected_end = (expected[0], scene.end) if len(expected) == 1 and len(drafts) == 1 else (None, -1)
    memory.topic = next((draft.topic for draft in reversed(drafts) if draft.topic), None) or memory.topic
    memory.money = next((draft.quantity.unit for draft in reversed(drafts) if draft.quantity.kind == "money"), memory.money)
