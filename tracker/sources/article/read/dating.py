# a sentence is handed on as its parts; signs of other scripts are meant as they stand
# ruff: noqa: PLR0913, PLR0917, RUF001
"""Which period a figure is of: the one named nearest, a year before it, or the one spoken of before."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import periods, tables, topics
from tracker.sources.article.read import conversions, placing, years
from tracker.sources.article.read.drafts import UNSETTLED
from tracker.sources.article.text.lexicon import bounded, either, every, locale

if TYPE_CHECKING:
    from decimal import Decimal

    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.periods import StatedPeriod
    from tracker.sources.article.read.drafts import FigureDraft, Memory
    from tracker.sources.article.read.scene import Scene
    from tracker.sources.article.read.years import Frame, Resolved, Setting

__all__ = ["after_versus", "dated", "is_compared_with", "leads_from", "rate_window", "stands_behind_versus"]

_CLOSE: Final = 30  # letters: the words right behind a figure
_FROM_TO: Final = 30  # letters between "from 2" and "to 3"
_RESULTS_DELAY: Final = 2  # months until a period's results are out
_YEAR: Final = 12  # months
_PAIR: Final = 6  # letters between two years: "and", "bis"
_ADJOINS: Final = 3  # letters: a blank, "的"
_LINK: Final = 5  # letters: "of", "de"
_NEXT: Final = 12  # letters: "in the", "nel corso del"


def dated(scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft], memory: Memory) -> FigureDraft:
    """The draft with the period it is of, or the reason why none can be named."""
    return _reported(_of_base(scene, index, _of_period(scene, index, draft, earlier, memory)), memory)


def _of_base(scene: Scene, index: int, draft: FigureDraft) -> FigureDraft:
    """Growth counts from the same part of the year before; from another quarter or year it is of another kind."""
    if draft.kind != "growth_yoy" or draft.period is None or draft.reason:
        return draft
    quantity = draft.quantity
    found = _PARTS_OF_LABEL.match(draft.period)
    if "compare:period" in draft.rules and found is not None and (found[2] or "").startswith("Q"):
        return draft.stop("qoq")
    low, high = rate_window(scene, index)
    bases = [item for item in scene.periods if low <= item.start and item.end <= high and _is_base(scene, item)]
    bases = [item for item in bases if not item.prior and (item.part or item.year)]
    bases = [item for item in bases if not _follows_rate(scene, index, item)]
    if not bases:
        return draft
    base = min(bases, key=lambda item: max(item.start - quantity.end, quantity.start - item.end))
    if found is None:
        return draft
    part = None if base.part == "FY" else base.part
    if part is not None and found[2] and part != found[2] and base.month is None:
        return draft.stop("qoq")
    is_other_year = base.year is not None and base.year not in (int(found[1]), int(found[1]) - 1)
    return draft.stop("other_base") if is_other_year and part == found[2] else draft


def _follows_rate(scene: Scene, index: int, base: StatedPeriod) -> bool:
    """Whether a base belongs to the rate before: "4% on the second quarter and 15% on the third of 2023"."""
    previous = scene.quantities[index - 1] if index else None
    if previous is None or previous.kind != "percent" or locale(scene.code).verb_final:
        return False
    return (
        previous.end <= base.start and base.end <= scene.quantities[index].start and base.start - previous.end <= _CLOSE
    )


_PARTS_OF_LABEL: Final = re.compile(r"(?:[FS]Y)?(\d{4})(Q[1-4]|H[12]|M9)?\Z", re.ASCII)


def rate_window(scene: Scene, index: int) -> tuple[int, int]:
    """The clause of a quantity, cut at other growth rates (money in between does not cut)."""
    quantity = scene.quantities[index]
    low, high = scene.breaks.clause(quantity.start, scene.start, scene.end)
    for place, other in enumerate(scene.quantities):
        if other is quantity or other.kind not in ("percent", "multiple", "points", "basis") or place in scene.old:
            continue
        if other.end <= quantity.start:
            low = max(low, other.end)
        elif other.start >= quantity.end:
            high = min(high, other.opening)
    return low, high


def _of_period(scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft], memory: Memory) -> FigureDraft:
    forward = draft.kind == "guidance"
    placed = _in_column(scene, draft, memory) or _in_pair(scene, index, draft, memory)
    if placed is not None:
        return placed
    skip = frozenset(item.base for item in earlier if item.base >= 0)
    named, rule = _named(
        scene,
        index,
        growth=draft.quantity.kind in ("percent", "multiple"),
        settled=memory.period is not None,
        skip=skip,
    )
    same = _of_same_base(scene, index, draft, earlier)
    if same is not None:
        return same
    is_others = any(rule.startswith("entity:compared") for rule in draft.rules)
    prior = None if scene.is_revision(index) or is_others else _prior(scene, index, draft)
    if prior is not None and prior.start == prior.end and _is_of_other_metric(scene, index, draft, earlier):
        prior = None
    if prior is not None:
        return _year_before(scene, index, draft, earlier, memory, prior)
    beside = _of_year_beside(scene, draft, earlier, named)
    if beside is not None:
        return beside
    setting = memory.setting(draft.company)
    spoken = _frame_spoken(earlier) or memory.period
    frame = spoken.under(setting).label if spoken else None
    if named is not None:
        found = years.resolve(named, setting, forward=forward, frame=frame)
        words: StatedPeriod | None = named
    else:
        found, rule, words = _unnamed(scene, draft, earlier, memory, forward=forward)
    if found.label is None:
        return _leave_open(_hinted(scene, draft, named), found)
    memory.note(draft.company, found.convention)
    open_ended = named is not None and named.relative == 0 and named.part in (None, "FY") and not forward
    flags = (*draft.flags, "this_year") if open_ended and not named_own(setting) else draft.flags
    draft = replace(draft, period=_as_of(found.label, named, draft, setting), words=words, flags=flags).rule(rule)
    draft = _second_year(scene, index, draft, earlier, named)
    return _check_plausible(draft, named, memory, earlier)


def _is_of_other_metric(scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft]) -> bool:
    """Whether the amount before is of another metric or company: then no word makes this one its comparative."""
    previous = earlier[-1] if index and earlier else None
    is_pair = index + 1 < len(scene.quantities) and _from_to(scene, index)
    if previous is None or is_pair or previous.quantity.kind != draft.quantity.kind:
        return False
    other = None not in (previous.metric, draft.metric) and all(item.metric != draft.metric for item in earlier)
    names = [item.name for item in (previous.company, draft.company) if item is not None]
    return other or len(set(names)) > 1


def _of_year_beside(
    scene: Scene, draft: FigureDraft, earlier: list[FigureDraft], named: StatedPeriod | None
) -> FigureDraft | None:
    """The draft as the same part of the year that a bracket names: "66 in the nine months (2023: 58)"."""
    previous = earlier[-1] if earlier else None
    if named is None or previous is None or previous.period is None or previous.metric != draft.metric:
        return None
    is_bare = named.year is not None and named.part is None and named.month is None and not named.fiscal
    found = _PARTS_OF_LABEL.match(previous.period)
    if not is_bare or found is None or found[2] is None or int(found[1]) - 1 != named.year:
        return None
    if not _parenthesised(scene, named) or named.start < previous.quantity.end or draft.kind == "guidance":
        return None
    label = periods.shift(previous.period, -1)
    return replace(draft, period=label, base=named.start, head=previous.quantity.start).rule("period:prior")


def _leave_open(draft: FigureDraft, found: Resolved) -> FigureDraft:
    """The draft without a period, with the periods it may be of."""
    flags = (*draft.flags, *(f"fits:{label}" for label in found.candidates))
    return replace(draft, flags=flags).stop(found.reason or "no_period")


def named_own(setting: Setting) -> bool:
    """Whether a company counts its years otherwise than the calendar."""
    return setting.calendar != years.CALENDAR


def _frame_spoken(earlier: list[FigureDraft]) -> Frame | None:
    """The period that the sentence has spoken of before."""
    return next((item.frame for item in reversed(earlier) if item.frame and not item.is_base), None)


def _reported(draft: FigureDraft, memory: Memory) -> FigureDraft:
    """Nothing that is still ahead when the text comes out is a report."""
    setting = memory.setting(draft.company)
    if draft.kind == "guidance" or draft.period is None or setting.has_ended(draft.period) or _is_closed(draft, memory):
        return draft
    return draft.stop("period_open")


def _is_closed(draft: FigureDraft, memory: Memory) -> bool:
    """Whether the words name the day on which the year of a figure closed, and that was before the text came out."""
    words = draft.words
    spoken = memory.period
    if spoken is not None and spoken.label == draft.period and words is not None and words.year is None:
        words = spoken.words
    if words is None or words.part != "FY" or words.month is None or words.year is None or memory.published is None:
        return False
    return (words.year, words.month) < (memory.published.year, memory.published.month)


def _hinted(scene: Scene, draft: FigureDraft, named: StatedPeriod | None, *, is_prior: bool = False) -> FigureDraft:
    """The draft with what the words do say of its period, for placing it by what it fits."""
    bases = [item.year for item in scene.periods if item.year and not item.part and _is_base(scene, item)]
    counted = bases if draft.quantity.kind == "percent" else []
    part, relative = (named.part, named.relative) if named else (None, None)
    said = placing.hints(part, relative, counted[:1], is_prior=is_prior)
    return replace(draft, flags=(*draft.flags, *said))


def _unnamed(
    scene: Scene, draft: FigureDraft, earlier: list[FigureDraft], memory: Memory, *, forward: bool
) -> tuple[Resolved, str, StatedPeriod | None]:
    """The period of a figure that names none: by the base of its growth, or the one spoken of before."""
    if not forward and _frame_spoken(earlier) is None and memory.period is None:
        label = _after_base(scene, draft, memory)
        if label is not None:
            return years.Resolved(label), "period:base", None
    return _fallback(draft, earlier, memory)


def _after_base(scene: Scene, draft: FigureDraft, memory: Memory) -> str | None:
    """Where only the base of a growth rate is dated ("8% more than at the end of March 2023"), the year after it."""
    bases = [item for item in scene.periods if item.year is not None and (item.part or item.month)]
    setting = memory.setting(draft.company)
    if len(bases) != 1 or not _is_base(scene, bases[0]) or memory.hinted(setting).label is not None:
        return None
    label = years.resolve(bases[0], setting, forward=False, frame=None).label
    return periods.shift(label, 1) if label else None


def _in_column(scene: Scene, draft: FigureDraft, memory: Memory) -> FigureDraft | None:
    """A table's cell has the period at the head of its column; without one only the first cell of a row has any."""
    column, cells = (_column_number(draft.quantity, name) for name in (tables.COLUMN, tables.CELLS))
    if column is None:
        return None
    if scene.periods or (cells == 1 and not memory.columns):
        return draft.stop("no_period") if column else None
    extra = column >= len(memory.columns)
    if (cells or 0) < len(memory.columns) or not memory.columns or (not extra and _is_shifted(scene, draft, memory)):
        return draft.stop("columns_open")
    if extra:
        return draft.stop("no_period")
    setting = memory.setting(draft.company)
    heads = [years.resolve(words, setting, forward=False, frame=None) for words in memory.columns]
    convention = next((head.convention for head in heads if head.convention), setting.convention)
    words = memory.columns[column]
    found = years.resolve(words, replace(setting, convention=convention), forward=False, frame=None)
    if found.label is None:
        return _leave_open(draft, found)
    return replace(draft, period=found.label, words=words).rule("period:column")


def _column_number(quantity: Quantity, name: str) -> int | None:
    return next((int(flag.removeprefix(name)) for flag in quantity.flags if flag.startswith(name)), None)


def _is_shifted(scene: Scene, draft: FigureDraft, memory: Memory) -> bool:
    """Whether a row has more cells than heads and they may not begin at the first; a difference may end it."""
    row = [item for item in scene.quantities if _column_number(item, tables.COLUMN) is not None]
    same = [item for item in row if _column_number(item, tables.CELLS) == _column_number(draft.quantity, tables.CELLS)]
    heads = len(memory.columns)
    if any(tables.NOTE in item.flags for item in row):
        return True
    if _column_number(draft.quantity, tables.CELLS) == heads:
        return False
    differs = len(same) == heads + 1 == 3 and abs(_level(same[0]) - _level(same[1])) == abs(same[2].value)  # noqa: PLR2004 - two heads
    return not differs


def _level(quantity: Quantity) -> Decimal:
    return quantity.value.copy_negate() if quantity.signed < 0 else quantity.value


def _in_pair(scene: Scene, index: int, draft: FigureDraft, memory: Memory) -> FigureDraft | None:
    """The draft with its period where two amounts and two years stand in pairs."""
    pair, setting = _paired(scene, index), memory.setting(draft.company)
    label = years.resolve(pair, setting, forward=False, frame=None).label if pair else None
    return replace(draft, period=_as_of(label, pair, draft, setting), words=pair).rule("period:near") if label else None


def _paired(scene: Scene, index: int) -> StatedPeriod | None:
    """The period of one end of "from 210 to 245 between 2022 and 2023"."""
    for first in (index, index - 1):
        if not 0 <= first < len(scene.quantities) - 1:
            continue
        one, other = scene.quantities[first], scene.quantities[first + 1]
        if one.kind != "money" or other.kind != one.kind or not _from_to(scene, first):
            continue
        for early, late in pairwise(scene.periods):
            years = early.year is not None and late.year is not None and early.year < late.year
            if years and early.part == late.part and late.start - early.end <= _PAIR and early.start > other.end:
                return early if first == index else late
    return None


def _named(
    scene: Scene, index: int, *, growth: bool, settled: bool = False, skip: frozenset[int] = frozenset()
) -> tuple[StatedPeriod | None, str]:
    """The period that stands nearest to a quantity, in its own window before the rest of the sentence."""
    quantity = scene.quantities[index]
    low, high = scene.window(index)
    usable = [
        period
        for period in scene.periods
        if period.definite
        and not period.prior
        and period.start not in skip
        and not (growth and _is_base(scene, period))
    ]
    compared = 12 if after_versus(scene, index) else 0
    near = []
    claimed = _claimed_period(scene, index - 1) if index and _from_to(scene, index - 1) else None
    usable = [period for period in usable if period is not claimed and not _is_of_bracket(scene, index, period)]
    each = _each_has_one(scene, index, usable)
    for period in usable:
        if period in each:
            continue
        vague = 20 if period.part == "FY" and period.year is None and period.relative is None else 0
        if quantity.end <= period.start < high and not scene.parted(quantity.end, period.start):
            if not _begins_next(scene, index, period):
                near.append((period.start - quantity.end + vague, period))
        elif low <= period.start and period.end <= quantity.start:
            is_of_rate = index > 0 and scene.quantities[index - 1].kind in ("percent", "multiple")
            if index and (scene.parted(period.end, quantity.start) or is_of_rate) and _is_base(scene, period):
                continue
            if _parenthesised(scene, period) and ")" in scene.folded[period.end : quantity.start]:
                continue
            near.append((quantity.start - period.end + compared + vague, period))
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
    if (
        after
        and settled
        and any(
            other.start > quantity.end
            and other.end <= after[0].start
            and (other.kind == quantity.kind or after[0].start >= top or _is_of_count(other, quantity, after[0]))
            for other in scene.quantities
        )
    ):
        return None, ""
    if after and _parenthesised(scene, after[0]) and after[0].year and _heads_another(scene, index, after[0]):
        return replace(after[0], year=after[0].year + 1), "period:after"
    return (after[0], "period:after") if after else (None, "")


def _is_of_count(other: Quantity, quantity: Quantity, period: StatedPeriod) -> bool:
    """Return true if a period stands right behind an amount of another measure than this one: money, not people."""
    return "count" in (other.kind, quantity.kind) and period.start - other.end <= _NEXT


def _is_of_bracket(scene: Scene, index: int, period: StatedPeriod) -> bool:
    """Return true if a period has another amount in brackets right behind it: "below the third quarter (245)"."""
    kind = scene.quantities[index].kind
    others = (item for place, item in enumerate(scene.quantities) if place != index and item.kind == kind)
    return any(item.start > period.end and scene.folded[period.end : item.opening].strip() == "(" for item in others)


def _begins_next(scene: Scene, index: int, period: StatedPeriod) -> bool:
    """Whether a period begins what is said of the next amount ("5 billion and fourth-quarter profit of 6")."""
    gap = scene.folded[scene.quantities[index].end : period.start]
    following = scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None
    if locale(scene.code).is_east_asian and following is not None and following.opening >= period.end:
        between = scene.folded[period.end : following.opening]
        for topic in scene.topics:
            if period.end <= topic.start and topic.end <= following.opening:
                between = between.replace(scene.folded[topic.start : topic.end], "", 1)
        if len(between.strip()) <= 1:
            return True
    return index + 1 < len(scene.quantities) and _and_pattern(scene.code).fullmatch(gap) is not None


@cache
def _and_pattern(code: str) -> re.Pattern[str]:
    """The word "and" with nothing but an article behind it."""
    own = locale(code)
    words = own.words("ranges", "and") if own.has_plain_words else ()
    body = "|".join(bounded(word, own.style) for word in words) or "(?!)"
    return re.compile(rf" ?(?:{body})(?: ?(?:{either(every('small', 'articles'))}))* ?")


def _each_has_one(scene: Scene, index: int, usable: list[StatedPeriod]) -> list[StatedPeriod]:
    """Periods right behind the amount before, where one stands right behind this amount too."""
    here = scene.quantities[index]
    before = scene.quantities[index - 1] if index else None
    if before is None or before.kind != here.kind or not _right_behind(scene, here, usable):
        return []
    return [item for item in _right_behind(scene, before, usable) if item.end <= here.start]


def _right_behind(scene: Scene, quantity: Quantity, usable: list[StatedPeriod]) -> list[StatedPeriod]:
    """Periods that only a few letters part from an amount before them: "in the", "im"."""
    return [
        item
        for item in usable
        if 0 <= item.start - quantity.end <= _NEXT and not scene.parted(quantity.end, item.start)
    ]


def _heads_another(scene: Scene, index: int, period: StatedPeriod) -> bool:
    """Whether a period in brackets belongs to another amount of the same kind behind it."""
    here = scene.quantities[index]
    return any(other.start >= period.end and other.kind == here.kind for other in scene.quantities)


def _parenthesised(scene: Scene, period: StatedPeriod) -> bool:
    """Whether a period stands in brackets, where comparatives are put."""
    return scene.folded.rfind("(", scene.start, period.start) > scene.folded.rfind(")", scene.start, period.start)


def is_compared_with(folded: str, start: int, period: StatedPeriod, code: str) -> bool:
    """Whether a period of a sentence that begins at `start` is named only to compare with it."""
    before = folded[max(start, period.start - 26) : period.start]
    marks = locale(code).phrases("compare", "yoy", "qoq").find(folded, start, period.end)
    patterns = (_versus_pattern(code), _rate_base(code))
    return any(item.search(before) for item in patterns) or any(mark.end > period.start for mark in marks)


def _is_base(scene: Scene, period: StatedPeriod) -> bool:
    """Whether a period is only what a growth rate compares with ("from 2023")."""
    before = scene.folded[max(scene.start, period.start - 26) : period.start]
    if any(mark.start < period.end and period.start < mark.end for mark in scene.compare):
        return True
    if locale(scene.code).is_east_asian:
        return scene.folded[period.end : period.end + 5].startswith(every("small", "behind"))
    return any(pattern.search(before) is not None for pattern in (_versus_pattern(scene.code), _rate_base(scene.code)))


@cache
def _rate_base(code: str) -> re.Pattern[str]:
    """A rate and the words right behind it that lead to the period it counts from: "up 9% on the"."""
    own = locale(code)
    words = "|".join(bounded(word, own.style) for word in own.words("compare", "rate_base")) or "(?!)"
    return re.compile(
        rf"\d ?(?:%|[^\W\d]{{3,10}}(?: [^\W\d]{{3,6}})?) (?:{words})(?: (?:{either(every('small', 'articles'))}))? ?\Z"
    )


@cache
def _versus_pattern(code: str) -> re.Pattern[str]:
    """A word of comparison right before something, articles between."""
    own = locale(code)
    words = sorted(own.words("compare", "versus"), key=len, reverse=True)
    body = "|".join(bounded(word, own.style) for word in words) or "(?!)"
    return re.compile(rf"(?:{body})(?: ?(?:{either(every('small', 'articles'))}))*[ ]?\Z")


def _as_of(label: str, named: StatedPeriod | None, draft: FigureDraft, setting: Setting) -> str:
    """Counts are of a day: the quarter it lies in."""
    if draft.metric not in topics.COUNTED:
        return label
    found = re.match(r"([FS]Y)?(\d{4})(Q[1-4]|H[12]|M9)?\Z", label)
    if found is None or (named is not None and named.fiscal):
        return label
    if named is not None and named.month and not named.part and not named.length:
        return _quarter_with(named, label)
    part = {None: "Q4", "H1": "Q2", "H2": "Q4", "M9": "Q3"}.get(found[3], found[3])
    return f"{found[1] or '' if named_own(setting) else ''}{found[2]}{part}"


def _quarter_with(named: StatedPeriod, label: str) -> str:
    """The quarter of the calendar that a day lies in."""
    year = named.year if named.year is not None else int(re.sub(r"\D", "", label)[:4])
    return f"{year}Q{((named.month or 1) - 1) // 3 + 1}"


def _fallback(
    draft: FigureDraft, earlier: list[FigureDraft], memory: Memory
) -> tuple[Resolved, str, StatedPeriod | None]:
    """No period in the sentence: the one spoken of before; guidance must name its own."""
    setting = memory.setting(draft.company)
    if draft.kind == "guidance":
        frames = (item.frame for item in reversed(earlier) if item.frame and item.kind == "guidance")
        frame, rule = next(frames, None), "period:carried"
        frame, rule = (frame, rule) if frame else (memory.guided, "period:guided")
        return (frame.under(setting) if frame else years.Resolved(None)), rule, frame.words if frame else None
    own = (item for item in reversed(earlier) if item.frame and item.kind != "guidance" and not item.is_base)
    frame, rule = next((item.frame for item in own), None), "period:carried"
    if frame is None and memory.unsettled:
        return years.Resolved(None, _inherit_reason(memory.unsettled)), rule, None
    frame, rule = (frame, rule) if frame else (memory.period, "period:frame")
    if frame is not None:
        return frame.under(setting), rule, frame.words
    return memory.hinted(setting), "period:document", None


def _inherit_reason(reason: str) -> str:
    """Why a figure has no period that takes it from one which has none."""
    return reason if reason == "no_calendar" else "head_refused"


def _of_same_base(scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft]) -> FigureDraft | None:
    """The draft where it only tells the base before it in other words ("against 31 million, or 0.62 a share")."""
    if not earlier or not earlier[-1].is_base or earlier[-1].metric == draft.metric or draft.quantity.kind != "money":
        return None
    base = earlier[-1]
    gap = scene.folded[base.quantity.end : scene.quantities[index].opening]
    if gap.strip() not in ("(", "or") and not conversions.leads(gap, scene.code) and not _is_listed(scene, index, gap):
        return None
    return replace(draft, period=base.period, base=base.base, head=base.head, words=base.words).rule("period:prior")


def _is_listed(scene: Scene, index: int, gap: str) -> bool:
    """Return true if an amount follows another one in a list of which a word says that it goes with one of metrics."""
    own = locale(scene.code)
    low, high = scene.breaks.clause(scene.quantities[index].start, scene.start, scene.end)
    joins = {*own.words("ranges", "and"), *every("small", "and"), ",", "、"}
    return gap.strip() in joins and own.phrases("compare", "respectively").has(scene.folded, low, high)


def _prior(scene: Scene, index: int, draft: FigureDraft) -> StatedPeriod | None:
    """The words that make a level a comparative of the year before, if there are any."""
    quantity = draft.quantity
    if quantity.kind in ("percent", "multiple", "points", "basis"):
        return None
    low, high = scene.window(index)
    marks = [
        period for period in scene.periods if period.prior or (period.relative == -1 and period.part in (None, "FY"))
    ]
    following = scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None
    rated = following is not None and following.kind in ("percent", "multiple")
    for mark in marks:
        if _is_taken(scene, index, mark) or _leads_to_next(scene, index, mark):
            continue
        if (
            locale(scene.code).is_east_asian
            and following is not None
            and quantity.end <= mark.start
            and _is_adjacent(scene, mark.end, following.start)
        ):
            continue
        if (
            rated
            and mark.start >= quantity.end
            and any(item.label == "yoy" and item.start < mark.end and mark.start < item.end for item in scene.compare)
        ):
            continue
        if (
            quantity.end <= mark.start < high
            and not scene.parted(quantity.end, mark.start)
            and mark.start - quantity.end < _CLOSE
            and (mark.prior or after_versus(scene, index))
        ):
            return mark
        ahead = low <= mark.start and mark.end <= quantity.start and _is_adjacent(scene, mark.end, quantity.start)
        if mark.prior and _is_fronted(scene, mark) and low <= mark.start and mark.end <= quantity.start:
            return mark
        if (
            ahead
            and (mark.prior or _before_versus(scene, index) or _has_earlier_level(scene, index))
            and not _belongs_to_rate(scene, index, mark)
        ):
            return mark
    return _implied_base(scene, index, draft)


def _leads_to_next(scene: Scene, index: int, mark: StatedPeriod) -> bool:
    """Return true if "last year" behind an amount leads to the next one: "24.9 million, above last year's 24.1"."""
    following = scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None
    if following is None or mark.start < scene.quantities[index].end or mark.end > following.opening:
        return False
    own, here = locale(scene.code), scene.quantities[index]
    gap = scene.folded[mark.end : following.opening].strip()
    return following.kind == here.kind and following.unit == here.unit and gap in own.words("small", "base_link")


def _is_fronted(scene: Scene, mark: StatedPeriod) -> bool:
    """Return true if a clause begins with "a year earlier", a comma behind it: all that follows is of that year."""
    low, _ = scene.breaks.clause(mark.start, scene.start, scene.end)
    before = scene.folded[low : mark.start].strip(" ;,.-\u2013\u2014\"'")
    words = {*every("small", "and"), *locale(scene.code).words("clauses", "hard")}
    return (not before or before in words) and scene.folded[mark.end : mark.end + 2].lstrip()[:1] in (",", "，")


def _is_taken(scene: Scene, index: int, mark: StatedPeriod) -> bool:
    """Whether "last year" is said of something else than an amount.

    Another period stands between, it belongs to the amount before ("von 3 im Vorjahr auf 4"), or it is only what the
    amount is compared with ("compared to last year").
    """
    quantity, own = scene.quantities[index], locale(scene.code)
    between = (item for item in scene.periods if mark.end <= item.start and item.end <= quantity.start)
    if any(item.definite and not item.prior for item in between):
        return True
    if mark.start >= quantity.end:
        behind = scene.folded[mark.end : mark.end + _LINK].lstrip()
        return own.is_east_asian and behind.startswith(every("small", "behind"))
    previous = scene.quantities[index - 1] if index else None
    near = previous is not None and 0 <= mark.start - previous.end <= _LINK and previous.unit == quantity.unit
    if previous is None or not near or scene.parted(previous.end, mark.start):
        return False
    words = (*own.words("ranges", "into"), *own.words("ranges", "to"))
    gap = scene.folded[mark.end : quantity.opening].strip()
    return any(gap == word or gap.startswith(f"{word} ") for word in words if word)


def _is_adjacent(scene: Scene, low: int, high: int) -> bool:
    """Whether nothing but an opening bracket parts two places."""
    return not scene.folded[low:high].strip(" (（") or not scene.parted(low, high)


def _has_earlier_level(scene: Scene, index: int) -> bool:
    """Whether another level of the same unit stands before: then "last year" tells what it was."""
    here = scene.quantities[index]
    return any(other.kind == here.kind and other.unit == here.unit for other in scene.quantities[:index])


def _belongs_to_rate(scene: Scene, index: int, mark: StatedPeriod) -> bool:
    """Whether a comparison belongs to the growth rate before it ("up 12% from a year ago to 5bn")."""
    previous = scene.quantities[index - 1] if index else None
    if not any(item.kind in ("percent", "multiple") for item in scene.quantities):
        return False
    if previous is None or previous.kind not in ("percent", "multiple"):
        overlapping = [
            item for item in scene.compare if item.label == "yoy" and item.start < mark.end and mark.start < item.end
        ]
        return bool(overlapping) and not locale(scene.code).is_east_asian
    return not scene.parted(previous.end, mark.start) and not _gives_base(scene, mark, index)


def _gives_base(scene: Scene, mark: StatedPeriod, index: int) -> bool:
    """Whether the year before that a rate counts from is given right behind it ("up 9% from last year's 5bn")."""
    gap = scene.folded[mark.end : scene.quantities[index].opening].strip()
    return gap in {"(", *locale(scene.code).words("small", "base_link")}


def _before_versus(scene: Scene, index: int) -> bool:
    """Whether a word of comparison follows right behind, or behind "loss" or "profit"."""
    after, end = locale(scene.code).words("ranges", "from_after"), scene.quantities[index].end
    places = [end, *(topic.end for topic in scene.topics if 0 <= topic.start - end <= 1)]
    return bool(after) and any(
        scene.folded.startswith((*after, *every("small", "than_behind")), place) for place in places
    )


def after_versus(scene: Scene, index: int) -> bool:
    """Whether a word of comparison stands right before, or before the topic right before ("against a loss of")."""
    opening, own = scene.quantities[index].opening, locale(scene.code)
    results = [topic.start for topic in scene.topics if 0 <= opening - topic.end <= _LINK]
    low = max(scene.start, opening - _FROM_TO)
    results += [
        mark.start
        for mark in own.phrases("negative", "negative").find(scene.folded, low, opening)
        if opening - mark.end <= _LINK
    ]
    pattern, behind = _versus_pattern(scene.code), _after_pattern(scene.code)
    if any(behind.search(scene.folded[max(scene.start, place - 40) : place]) is not None for place in results):
        return True
    places = [opening, *results]
    return any(pattern.search(scene.folded[max(scene.start, place - 40) : place]) is not None for place in places)


@cache
def _after_pattern(code: str) -> re.Pattern[str]:
    """A word for "after" right before a result, articles between."""
    own = locale(code)
    body = "|".join(bounded(word, own.style) for word in own.words("compare", "after")) or "(?!)"
    return re.compile(rf"(?:{body})(?: ?(?:{either(every('small', 'articles'))}))*[ ]?\Z")


def stands_behind_versus(scene: Scene, position: int) -> bool:
    """Whether a word of comparison stands right before a place."""
    return _versus_pattern(scene.code).search(scene.folded[max(scene.start, position - 40) : position]) is not None


def _implied_base(scene: Scene, index: int, draft: FigureDraft) -> StatedPeriod | None:  # noqa: PLR0911 - one case a line
    """The base in "from 2.1 to 2.4" and "4.1 against 3.3": without other words the base is the year before."""
    quantity = draft.quantity
    if index and scene.quantities[index - 1].kind == quantity.kind and _from_to(scene, index - 1):
        return None
    position = _year_earlier(quantity.end)
    following = scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None
    previous = next((item for item in reversed(scene.quantities[:index]) if item.kind == quantity.kind), None)
    if following is not None and following.kind == quantity.kind and _from_to(scene, index):
        claimed = _claimed_period(scene, index)
        return position if claimed is None else claimed if claimed.year is not None else None
    if previous is None and following is not None and following.kind == quantity.kind and _is_reversed(scene, index):
        return position
    if previous is None or previous.unit != quantity.unit or quantity.kind != "money" or locale(scene.code).verb_final:
        return None
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    turned = _from_behind(scene, index, low)
    if _has_own_years(scene, previous, quantity):
        return None
    own = _own_period(scene, index) and not (turned and sum(item.definite for item in scene.periods) == 1)
    if previous.start >= low and (turned or after_versus(scene, index)) and not own:
        return position
    return None


def _has_own_years(scene: Scene, previous: Quantity, quantity: Quantity) -> bool:
    """Whether each of two amounts has a year of its own ("after 5 in 2024 it made 6 in 2025")."""
    between = (item for item in scene.periods if previous.end <= item.start and item.end <= quantity.opening)
    return sum(item.year is not None and not item.prior for item in between) > 1


def _is_reversed(scene: Scene, index: int) -> bool:
    """Whether the old result stands before the new one as overcome ("reversed a loss of 18 million and earned 9")."""
    quantity = scene.quantities[index]
    topic = next((item for item in reversed(scene.topics) if item.end <= quantity.start), None)
    marks = locale(scene.code).phrases("compare", "reversed").find(scene.folded, scene.start, quantity.start)
    return topic is not None and any(0 <= topic.start - mark.end <= 1 for mark in marks)


def leads_from(scene: Scene, index: int) -> bool:
    """Return true if an amount is the beginning of a change whose end stands before it: "to 2,340 from 2,610"."""
    low, _ = scene.breaks.clause(scene.quantities[index].start, scene.start, scene.end)
    return _from_behind(scene, index, low)


def _from_behind(scene: Scene, index: int, low: int) -> bool:
    """Whether a change names its end first: "fell to 29 million from 33 million"."""
    quantity, own = scene.quantities[index], locale(scene.code)
    words = [
        word for word in own.words("ranges", "from") if len(word) > 1 and word not in every("ranges", "from_or_of")
    ]
    before = scene.folded[scene.quantities[index - 1].end : quantity.opening]
    if not index or len(before) > _FROM_TO or not own.has_plain_words:
        return False
    if any(re.fullmatch(rf" ?[,(] ?{re.escape(word)} ?", before) for word in words):
        return True
    said = any(re.search(rf"(?<!\w){re.escape(word)} ?\Z", before) for word in words)
    return said and own.phrases("directions").has(scene.folded, low, scene.quantities[index - 1].start)


def _year_earlier(position: int) -> StatedPeriod:
    """A bare "the year before" at a place."""
    return periods.StatedPeriod(position, position, prior=True)


def _own_period(scene: Scene, index: int) -> bool:
    quantity = scene.quantities[index]
    _, high = scene.window(index)
    return any(
        period.definite
        and not period.prior
        and quantity.end <= period.start < high
        and not scene.parted(quantity.end, period.start)
        for period in scene.periods
    )


def _claimed_period(scene: Scene, index: int) -> StatedPeriod | None:
    """The period that the first of two amounts has for itself ("from 5 in 2024 to 6 in 2025", "von 2024: 5 auf 6")."""
    one, other = scene.quantities[index], scene.quantities[index + 1]
    for period in scene.periods:
        behind = one.end <= period.start and period.end <= other.opening and period.start - one.end <= _CLOSE
        if period.definite and not period.prior and (behind or period is _period_ahead(scene, index)):
            return period
    return None


def _period_ahead(scene: Scene, index: int) -> StatedPeriod | None:
    """The period right before an amount, where the sentence names another one as well."""
    opening = scene.quantities[index].opening
    named = [period for period in scene.periods if period.definite and not period.prior]
    near = [period for period in named if 0 <= opening - period.end <= _ADJOINS]
    return near[-1] if near and len(named) > 1 else None


def _from_to(scene: Scene, index: int) -> bool:
    quantity, following = scene.quantities[index], scene.quantities[index + 1]
    own = locale(scene.code)
    gap = scene.folded[quantity.end : following.start]
    if len(gap) > _FROM_TO or scene.parted(quantity.end, following.start) or quantity.unit != following.unit:
        return False
    if any(quantity.end <= topic.start and topic.end <= following.start for topic in scene.topics):
        return False
    if own.has_plain_words and any(
        re.search(rf"(?<!\w){re.escape(word)}(?!\w)", gap)
        for word in own.words("compare", "versus")
        if len(word) >= _LINK and word.isalpha() and word not in own.words("ranges", "into")
    ):
        return False
    after = own.words("ranges", "from_after")
    if after and gap.startswith(after):
        return True
    ahead = _period_ahead(scene, index)
    opening = ahead.start if ahead else quantity.opening
    before = scene.folded[max(scene.start, opening - 14) : opening]
    starts = [word for word in own.words("ranges", "from") if word]
    said = any(
        re.search(
            rf"(?<!\w){re.escape(word)} ?(?:\w{{1,4}} )?\Z" if own.style != "none" else rf"{re.escape(word)}\Z", before
        )
        for word in starts
    )
    low, high = scene.breaks.clause(quantity.start, scene.start, scene.end)
    moved = own.phrases("directions").has(scene.folded, low, high)
    leads = gap.strip() in own.words("ranges", "into") and gap.strip() not in own.words("ranges", "to")
    return said and (moved or leads)


def _year_before(
    scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft], memory: Memory, prior: StatedPeriod
) -> FigureDraft:
    """The comparative's period: the compared figure's, one year earlier, or as the words say."""
    if draft.kind == "guidance" and prior.start == prior.end:
        return draft.stop("unclear_base")
    draft = replace(draft, kind="actual" if draft.kind == "guidance" and prior.start != prior.end else draft.kind)
    if draft.kind == "actual" and draft.rules and draft.rules[-1] == "claim:guidance":
        draft = replace(draft, rules=draft.rules[:-1])
    found, head = _base(scene, index, draft, earlier, memory, prior)
    if found.reason:
        return draft.stop(_inherit_reason(found.reason))
    base = found.label
    if base is None:
        return _hinted(scene, replace(draft, head=head), None, is_prior=True).stop("no_period")
    label = periods.shift(base, -1)
    if prior.year is not None:
        part = re.sub(r"\A(?:[FS]Y)?\d{4}", "", base)
        label = periods.label(prior.part or part or None, prior.year, fiscal=not base[0].isdigit() and bool(part))
    elif prior.relative is not None and memory.published is None:
        return draft.stop("no_period")
    return replace(draft, period=label, base=prior.start, head=head).rule("period:prior")


def _base(
    scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft], memory: Memory, prior: StatedPeriod
) -> tuple[Resolved, int]:
    """The period a comparative is compared with, and where the figure of that period stands."""
    setting = memory.setting(draft.company)
    for item in reversed(earlier):
        if item.kind == "guidance" or item.is_base or not item.metric:
            continue
        if item.frame or item.reason in UNSETTLED:
            found = item.frame.under(setting) if item.frame else years.Resolved(None, item.reason)
            return found, item.quantity.start
    following = scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None
    skip = frozenset([prior.start])
    named, _ = _named(scene, index + 1, growth=False, skip=skip) if following is not None else (None, "")
    head = following.start if following is not None and named is not None else -1
    named = named or _named(scene, index, growth=False, skip=skip)[0]
    if named is not None:
        ahead = following is not None and "guidance" in scene.scopes[index + 1]
        frame = memory.period.under(setting).label if memory.period else None
        found = years.resolve(named, setting, forward=ahead, frame=frame)
        if found.label is not None and named.relative == -1:
            return replace(found, label=periods.shift(found.label, 1)), head
        return found, head
    guided = next((item.frame for item in reversed(earlier) if item.frame and not item.is_base), None)
    if guided is None and memory.unsettled:
        return years.Resolved(None, memory.unsettled), -1
    spoken = guided or memory.period
    return (spoken.under(setting), spoken.start) if spoken else (memory.hinted(setting), -1)


def _second_year(
    scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft], named: StatedPeriod | None
) -> FigureDraft:
    """A level put against another and dated a year before it is its comparative."""
    level = next((item for item in reversed(earlier) if item.metric == draft.metric and item.period), None)
    if level is None or level.period is None or named is None or not after_versus(scene, index):
        return draft
    if periods.shift(level.period, -1) != draft.period:
        return draft
    return replace(draft, base=named.start, head=level.quantity.start).rule("period:prior")


def _check_plausible(
    draft: FigureDraft, named: StatedPeriod | None, memory: Memory, earlier: list[FigureDraft]
) -> FigureDraft:
    """A promise for a period long past, or a report of one still open, needs a second look."""
    if memory.published is None or draft.period is None:
        return draft
    setting = memory.setting(draft.company)
    close, now = _closing(draft.period, setting), memory.published.year * 12 + memory.published.month
    if draft.kind == "guidance":
        if close < now and _promised_before(draft, earlier, setting):
            return replace(draft, kind="actual")
        return draft.stop("past_guidance") if now - close > _RESULTS_DELAY else draft
    spoken = memory.period.label if memory.period else None
    if _is_closed(draft, memory) or (named is not None and named.fiscal) or (named is None and draft.period == spoken):
        return draft
    if close - now >= _YEAR and draft.quantity.kind == "money":
        return replace(draft, kind="guidance").rule("claim:future")
    return draft.stop("period_open") if close > now else draft


def _promised_before(draft: FigureDraft, earlier: list[FigureDraft], setting: Setting) -> bool:
    """Whether the promise of this sentence is for a later period than this figure's."""
    close = _closing(draft.period or "", setting)
    return any(item.kind == "guidance" and item.period and _closing(item.period, setting) > close for item in earlier)


def _closing(label: str, setting: Setting) -> int:
    """The month a label closes in, counted from year 0."""
    end = years.days_of(label, setting.calendar or years.CALENDAR).end
    return end.year * 12 + end.month
