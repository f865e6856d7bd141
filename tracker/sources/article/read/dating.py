# a sentence is handed on as its parts; signs of other scripts are meant as they stand
"""Which period a figure is of: the one named nearest, a year before it, or the one spoken of before."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import period_labels
from tracker.sources.article.find.stated_period import StatedPeriod
from tracker.sources.article.find.topics import COUNTED
from tracker.sources.article.read import years
from tracker.sources.article.text.lexicon import either, every, locale

if TYPE_CHECKING:
    from tracker.sources.article.read.drafts import FigureDraft, Memory
    from tracker.sources.article.read.scene import Scene
    from tracker.sources.article.read.years import Frame, Resolved, Setting
from tracker.sources.article.read.comparatives import (
    add_hints,
    date_same_base,
    date_year_before,
    find_prior,
    inherit_reason,
    is_as_much,
    mark_second_year,
)
from tracker.sources.article.read.effects import stop_sum_of_years
from tracker.sources.article.read.nearby import YEAR_AFTER, find_named, is_day, label_count, named_own
from tracker.sources.article.read.pairs import date_in_column, date_in_pair, leave_open
from tracker.sources.article.read.versus import is_base, is_from_to, is_parenthesised, rate_window, stands_before_base

__all__ = ["dated"]

_CLOSE: Final = 30  # letters: the words right behind a figure
_RESULTS_DELAY: Final = 2  # months until a period's results are out
_YEAR: Final = 12  # months


def dated(scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft], memory: Memory) -> FigureDraft:
    """Return the draft with the period it is of, or the reason why none can be named."""
    found = _reported(_of_base(scene, index, _of_period(scene, index, draft, earlier, memory)), memory)
    found = _as_promised(_without_day_of_count(found, earlier, memory), earlier)
    found = _as_decided(scene, index, _as_limited(scene, index, found, memory), memory)
    found = _as_said(scene, found, memory)
    return stop_sum_of_years(scene, found, memory)


def _without_day_of_count(draft: FigureDraft, earlier: list[FigureDraft], memory: Memory) -> FigureDraft:
    """Stop an amount that has only the day on which people were counted: nobody knows how long before it counts.

    As in "4,300 employees at the end of March; revenue was 52 million".
    """
    words = draft.words
    if draft.metric in (None, *COUNTED) or words is None or not is_day(words) or _FROM_COUNT.isdisjoint(draft.rules):
        return draft
    said = [item.metric for item in earlier if item.words is not None and item.words.start == words.start]
    if not {"period:sentence", "period:clause"}.isdisjoint(draft.rules):
        is_of_count = bool(said) and set(said) <= COUNTED
    else:
        told = frozenset(item.metric for item in earlier if item.metric and item.period) or memory.told
        is_of_count = bool(told) and told <= COUNTED
    return draft.stop("no_period") if is_of_count else draft


#: The rules by which an amount has the period of another one.
_FROM_COUNT: Final = frozenset({"period:carried", "period:clause", "period:frame", "period:sentence"})


def _as_promised(draft: FigureDraft, earlier: list[FigureDraft]) -> FigureDraft:
    """Make an amount of an unfinished period a promise if the sentence has promised something for that period."""
    if draft.reason != "period_open" or draft.kind != "actual" or draft.metric is None:
        return draft
    promised = (item for item in earlier if item.kind == "guidance" and item.reason is None)
    if all(item.period != draft.period for item in promised):
        return draft
    return replace(draft, kind="guidance", reason=None).rule("claim:same_period")


def _as_limited(scene: Scene, index: int, draft: FigureDraft, memory: Memory) -> FigureDraft:
    """Make spending of an unfinished period a promise if its clause says that it is the most: "limited to 180"."""
    if not _is_spending_ahead(draft):
        return draft
    low, high = scene.breaks.clause(scene.quantities[index].start, scene.start, scene.end)
    if not locale(scene.code).phrases("promises", "limits").has(scene.folded, low, high):
        return draft
    quantity = replace(draft.quantity, qualifier="at_most") if draft.quantity.qualifier == "exact" else draft.quantity
    return _of_this_year(replace(draft, quantity=quantity), memory).rule("claim:limited")


def _is_spending_ahead(draft: FigureDraft) -> bool:
    """Return true if spending is of a period that may still be open."""
    is_open = draft.reason == "period_open" or (draft.reason is None and "this_year" in draft.flags)
    return is_open and draft.kind == "actual" and draft.metric in _SPENT


def _of_this_year(draft: FigureDraft, memory: Memory) -> FigureDraft:
    """Return spending as planned, for the year in which the text came out if it says "this year"."""
    is_relative = "this_year" in draft.flags and memory.published is not None
    label = f"FY{memory.published.year}" if is_relative and memory.published else draft.period
    flags = tuple(flag for flag in draft.flags if flag != "this_year")
    return replace(draft, kind="guidance", reason=None, period=label, flags=flags)


def _as_said(scene: Scene, draft: FigureDraft, memory: Memory) -> FigureDraft:
    """Make spending of a coming year a promise if somebody says it: "the chief executive put 2026 capex at 40"."""
    if memory.published is None or not _is_spending_ahead(draft):
        return draft
    now, found = memory.published.year, re.fullmatch(r"FY(\d{4})", draft.period or "")
    year = now if "this_year" in draft.flags else int(found[1]) if found else 0
    is_coming = year > now and draft.reason == "period_open"
    is_rough = draft.quantity.qualifier in ("approx", "range") and draft.metric == "capex"
    is_running = year == now and is_rough and memory.published.month <= _LAST_PLANS
    is_said = locale(scene.code).phrases("officers", "saying").has(scene.folded, scene.start, scene.end)
    if not is_said or not (is_coming or is_running):
        return draft
    return _of_this_year(draft, memory).rule("claim:said")


_LAST_PLANS: Final = 9  # the month up to which a round amount of the running year is a plan


def _as_decided(scene: Scene, index: int, draft: FigureDraft, memory: Memory) -> FigureDraft:
    """Make spending of this year a promise if a word says that it is changed to so much: "capex is cut to 220"."""
    if not _is_spending_ahead(draft) or "this_year" not in draft.flags:
        return draft
    low, _ = scene.breaks.clause(scene.quantities[index].start, scene.start, scene.end)
    place = scene.quantities[index].opening
    marks = locale(scene.code).phrases("promises", "decided").find(scene.folded, low, place)
    if next(marks, None) is None or _into_amount(scene.code).search(scene.folded, low, place) is None:
        return draft
    return _of_this_year(draft, memory).rule("claim:decided")


@cache
def _into_amount(code: str) -> re.Pattern[str]:
    """Return what matches a word for "to" at the end of a text."""
    return re.compile(rf"(?<!\w)(?:{either(locale(code).folded('ranges', 'into'))}) ?\Z")


_SPENT: Final = frozenset({"capex", "r_and_d", "total_costs"})


def _of_base(scene: Scene, index: int, draft: FigureDraft) -> FigureDraft:
    """Growth counts from the same part of the year before; from another quarter or year it is of another kind."""
    if draft.kind != "growth_yoy" or draft.period is None or draft.reason:
        return draft
    quantity = draft.quantity
    found = _PARTS_OF_LABEL.match(draft.period)
    if _counts_from_shorter(draft, None if found is None else found[2]):
        return draft.stop("qoq")
    low, high = rate_window(scene, index)
    bases = [item for item in scene.periods if low <= item.start and item.end <= high and is_base(scene, item)]
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


def _counts_from_shorter(draft: FigureDraft, part: str | None) -> bool:
    """Return true if growth counts from less than a year before: the quarter before, or the end of the last year."""
    is_year_end = draft.metric in COUNTED and part == "Q4"
    from_year_end = "compare:year_end" in draft.rules and not is_year_end
    return from_year_end or ("compare:period" in draft.rules and (part or "").startswith("Q"))


def _follows_rate(scene: Scene, index: int, base: StatedPeriod) -> bool:
    """Return true if a base belongs to the rate before: "4% on the second quarter and 15% on the third of 2023"."""
    previous = scene.quantities[index - 1] if index else None
    if previous is None or previous.kind != "percent" or locale(scene.code).verb_final:
        return False
    return (
        previous.end <= base.start and base.end <= scene.quantities[index].start and base.start - previous.end <= _CLOSE
    )


_PARTS_OF_LABEL: Final = re.compile(r"(?:[FS]Y)?(\d{4})(Q[1-4]|H[12]|M9)?\Z", re.ASCII)


def _of_period(scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft], memory: Memory) -> FigureDraft:
    forward = draft.kind == "guidance"
    placed = date_in_column(scene, draft, memory) or date_in_pair(scene, index, draft, memory)
    if placed is not None:
        return placed
    skip = frozenset(item.base for item in earlier if item.base >= 0)
    skip |= {item.start for item in scene.periods if item.relative == -1 and is_as_much(scene, item)}
    if draft.kind == "growth_yoy":
        skip |= {item.start for item in scene.periods if stands_before_base(scene, item)}
    named, rule = find_named(
        scene,
        index,
        growth=draft.quantity.kind in ("percent", "multiple"),
        settled=memory.period is not None,
        skip=skip,
    )
    if named is not None and rule == YEAR_AFTER:
        named, rule = _year_after(named, memory.setting(draft.company))
    same = date_same_base(scene, index, draft, earlier)
    if same is not None:
        return same
    is_others = any(rule.startswith("entity:compared") for rule in draft.rules)
    prior = None if scene.is_revision(index) or is_others else find_prior(scene, index, draft, earlier)
    if prior is not None and prior.start == prior.end and _is_of_other_metric(scene, index, draft, earlier):
        prior = None
    if prior is not None:
        return date_year_before(scene, index, draft, earlier, memory, prior)
    beside = _of_year_beside(scene, draft, earlier, named) or _of_term_before(scene, draft, earlier, named, memory)
    if beside is not None:
        return beside
    setting = memory.setting(draft.company)
    spoken = _frame_spoken(earlier) or memory.period
    frame = spoken.under(setting).label if spoken else None
    if named is not None:
        is_month = _is_of_month(scene, draft, named)
        named = _to_date(scene, draft, named)
        found = years.Resolved(None) if is_month else years.resolve(named, setting, forward=forward, frame=frame)
        words: StatedPeriod | None = named
    else:
        found, rule, words = _unnamed(scene, draft, earlier, memory, forward=forward)
    if found.label is None and found.reason is None and _is_counted_now(scene, index, draft):
        words = StatedPeriod(draft.quantity.start, draft.quantity.start, span="latest")
        found, rule = years.resolve(words, setting, forward=False, frame=None), "period:now"
    if found.label is None:
        return leave_open(add_hints(scene, draft, named), found)
    memory.note(draft.company, found.convention)
    open_ended = named is not None and named.relative == 0 and named.part in (None, "FY") and not forward
    flags = (*draft.flags, "this_year") if open_ended and not named_own(setting) else draft.flags
    draft = replace(
        draft, period=label_count(found.label, named, draft, setting, words), words=words, flags=flags
    ).rule(rule)
    draft = mark_second_year(scene, index, draft, earlier, named)
    draft = _as_reported_before(scene, _before_promise(scene, draft, earlier), memory)
    return _check_plausible(draft, named, memory, earlier)


def _is_counted_now(scene: Scene, index: int, draft: FigureDraft) -> bool:
    """Return true if people are counted on the day of the text: "kini memiliki 2.4 juta pengguna"."""
    low, _ = scene.window(index)
    is_count = draft.metric in COUNTED and draft.kind == "actual" and draft.quantity.kind == "count"
    return is_count and locale(scene.code).phrases("periods", "now").has(scene.folded, low, draft.quantity.start)


def _to_date(scene: Scene, draft: FigureDraft, named: StatedPeriod) -> StatedPeriod:
    """Return the months of a year up to the one named, for money: "hingga akhir September 2024", "até setembro"."""
    if draft.metric in (None, *COUNTED) or not is_day(named) or named.month is None or named.fiscal:
        return named
    part = _TO_DATE.get(named.month)
    led = _through(scene.code).search(scene.folded, max(scene.start, named.start - _CLOSE), named.start)
    if part is None or led is None or _is_beside_part(scene, named):
        return named
    return replace(named, part=part, month=None, day=None)


#: The part of a year that has passed at the end of a month, other than a quarter.
_TO_DATE: Final = {6: "H1", 9: "M9", 12: "FY"}


def _is_of_month(scene: Scene, draft: FigureDraft, named: StatedPeriod) -> bool:
    """Return true if an amount of money is of one month alone, which is no quarter: "pada September 2024"."""
    if draft.metric in (None, *COUNTED) or not is_day(named) or named.day is not None or named.fiscal:
        return False
    led = _in_month(scene.code).search(scene.folded, max(scene.start, named.start - _CLOSE), named.start)
    return led is not None and not _is_beside_part(scene, named)


@cache
def _in_month(code: str) -> re.Pattern[str]:
    """Return what matches a word for "in" right before a month."""
    words = either(sorted(locale(code).folded("periods", "in_month"), key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{words}) ?\Z")


def _is_beside_part(scene: Scene, named: StatedPeriod) -> bool:
    """Return true if a quarter or half stands beside a month, which only says where that ends."""
    return any(item.part and abs(item.start - named.end) <= _CLOSE for item in scene.periods if item is not named)


@cache
def _through(code: str) -> re.Pattern[str]:
    """Return what matches a word for "through" right before a month."""
    own = locale(code)
    words = either(sorted(own.folded("periods", "through"), key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{words})(?: (?:{either(every('small', 'articles'))}))? ?(?:\d{{1,2}} (?:de )?)?\Z")


def _of_term_before(
    scene: Scene, draft: FigureDraft, earlier: list[FigureDraft], named: StatedPeriod | None, memory: Memory
) -> FigureDraft | None:
    """Return the draft with the term before the planned one if the text only says "the term before" ("前期")."""
    own = locale(scene.code)
    is_open = _frame_spoken(earlier) is None and memory.period is None and own.is_east_asian
    if memory.guided is None or named is None or not is_open or named.relative != -1 or named.part not in (None, "FY"):
        return None
    if not scene.folded[named.start : named.end].endswith(own.words("periods", "month_period")):
        return None
    label = memory.guided.under(memory.setting(draft.company)).label
    return replace(draft, period=label and period_labels.shift(label, -1), words=named).rule("period:guided")


def _year_after(named: StatedPeriod, setting: Setting) -> tuple[StatedPeriod | None, str]:
    """Return the same period a year later if it had ended when the text came out, and the period itself otherwise."""
    later = replace(named, year=(named.year or 0) + 1)
    label = years.resolve(later, setting, forward=False, frame=None).label
    if setting.limit is None or label is None:
        return None, ""
    return (later, "period:after") if setting.has_ended(label) else (named, "period:after")


def _is_of_other_metric(scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft]) -> bool:
    """Return true if the amount before is of another metric or company: then no word makes this one its comparative."""
    previous = next((item for item in reversed(earlier) if item.quantity.kind == draft.quantity.kind), None)
    is_pair = index + 1 < len(scene.quantities) and is_from_to(scene, index)
    if previous is None or is_pair:
        return False
    other = None not in (previous.metric, draft.metric) and all(item.metric != draft.metric for item in earlier)
    names = [item.name for item in (previous.company, draft.company) if item is not None]
    return other or len(set(names)) > 1


def _of_year_beside(
    scene: Scene, draft: FigureDraft, earlier: list[FigureDraft], named: StatedPeriod | None
) -> FigureDraft | None:
    """Return the draft as the same part of the year that a bracket names: "66 in the nine months (2023: 58)"."""
    previous = earlier[-1] if earlier else None
    if named is None or previous is None or previous.period is None or previous.metric != draft.metric:
        return None
    is_bare = named.year is not None and named.part is None and named.month is None and not named.fiscal
    found = _PARTS_OF_LABEL.match(previous.period)
    if not is_bare or found is None or found[2] is None or int(found[1]) - 1 != named.year:
        return None
    if not is_parenthesised(scene, named) or named.start < previous.quantity.end or draft.kind == "guidance":
        return None
    label = period_labels.shift(previous.period, -1)
    return replace(draft, period=label, base=named.start, head=previous.quantity.start).rule("period:prior")


def _frame_spoken(earlier: list[FigureDraft]) -> Frame | None:
    """Return the period that the sentence has spoken of before."""
    return next((item.frame for item in reversed(earlier) if item.frame and not item.is_base), None)


def _reported(draft: FigureDraft, memory: Memory) -> FigureDraft:
    """Stop a report of what was still ahead when the text came out."""
    setting = memory.setting(draft.company)
    if _is_bound_of_this_year(draft, memory):
        flags = tuple(flag for flag in draft.flags if flag != "this_year")
        said = draft.words.year if draft.words else None
        year = said or (memory.published.year if memory.published else None)
        label = f"FY{year}" if year else draft.period
        return replace(draft, kind="guidance", period=label, flags=flags, reason=None).rule("claim:bound")
    if (
        "this_year" in draft.flags
        and draft.metric in ("capex", "r_and_d")
        and not (draft.period or "").startswith("FY")
    ):
        return draft.stop("period_open")  # what is spent this year is a plan more often than a report
    if draft.kind == "guidance" or draft.period is None or setting.has_ended(draft.period) or _is_closed(draft, memory):
        return draft
    return draft.stop("period_open")


def _is_bound_of_this_year(draft: FigureDraft, memory: Memory) -> bool:
    """Return true if spending has a bound for a year that is still open: nobody reports "at most 5 this year"."""
    is_bound = draft.quantity.qualifier in ("at_least", "at_most") and draft.kind == "actual"
    is_open = draft.reason == "period_open" and re.fullmatch(r"FY\d{4}", draft.period or "") is not None
    is_spent = draft.metric in ("capex", "r_and_d") and draft.quantity.kind == "money"
    is_calendar = memory.setting(draft.company).calendar == years.CALENDAR
    return is_bound and is_spent and is_calendar and (is_open or (not draft.reason and "this_year" in draft.flags))


def _is_closed(draft: FigureDraft, memory: Memory) -> bool:
    """Return true if the words name the day on which the year of a figure closed, before the text came out."""
    words = draft.words
    spoken = memory.period
    if spoken is not None and spoken.label == draft.period and words is not None and words.year is None:
        words = spoken.words
    if words is None or words.part != "FY" or words.month is None or words.year is None or memory.published is None:
        return False
    return (words.year, words.month) < (memory.published.year, memory.published.month)


def _unnamed(
    scene: Scene, draft: FigureDraft, earlier: list[FigureDraft], memory: Memory, *, forward: bool
) -> tuple[Resolved, str, StatedPeriod | None]:
    """Return the period of a figure that names none: by the base of its growth, or the one spoken of before."""
    if not forward and _frame_spoken(earlier) is None and memory.period is None:
        label = _after_base(scene, draft, memory)
        if label is not None:
            return years.Resolved(label), "period:base", None
    return _fallback(scene, draft, earlier, memory)


def _after_base(scene: Scene, draft: FigureDraft, memory: Memory) -> str | None:
    """Return the year after the base of a rate where only that is dated ("8% more than at the end of March 2023")."""
    bases = [item for item in scene.periods if item.year is not None and (item.part or item.month)]
    setting = memory.setting(draft.company)
    if len(bases) != 1 or not is_base(scene, bases[0]) or memory.hinted(setting).label is not None:
        return None
    label = years.resolve(bases[0], setting, forward=False, frame=None).label
    return period_labels.shift(label, 1) if label else None


def _fallback(
    scene: Scene, draft: FigureDraft, earlier: list[FigureDraft], memory: Memory
) -> tuple[Resolved, str, StatedPeriod | None]:
    """No period in the sentence: the one spoken of before; guidance must name its own."""
    setting = memory.setting(draft.company)
    if draft.kind == "guidance":
        frames = (item.frame for item in reversed(earlier) if item.frame and item.kind == "guidance")
        frame, rule = next(frames, None), "period:carried"
        frame, rule = (frame, rule) if frame else (memory.guided, "period:guided")
        return (frame.under(setting) if frame else years.Resolved(None)), rule, frame.words if frame else None
    own = [item for item in reversed(earlier) if item.frame and item.kind != "guidance" and not item.is_base]
    if draft.kind == "growth_yoy":
        own = _latest_of_row(own, setting)
    frame, rule = next((item.frame for item in own), None), "period:carried"
    if frame is None and memory.unsettled:
        return years.Resolved(None, inherit_reason(memory.unsettled)), rule, None
    is_same_day = locale(scene.code).phrases("compare", "that_day").has(scene.folded, scene.start, scene.end)
    if frame is None and draft.metric in COUNTED and _is_of_another(draft, memory) and not is_same_day:
        return years.Resolved(None), rule, None
    frame, rule = (frame, rule) if frame else (memory.period, "period:frame")
    if rule == "period:frame" and memory.around is not None and _is_of_either(draft, memory, setting):
        return years.Resolved(None, "period_several", (memory.around.label,)), rule, None
    if frame is not None:
        return frame.under(setting), rule, frame.words
    return memory.hinted(setting), "period:document", None


def _is_of_either(draft: FigureDraft, memory: Memory, setting: Setting) -> bool:
    """Return true if a metric that the text names for the first time may be of either of the last two periods.

    People are counted on the last day, which may be the same.
    """
    if memory.around is None or memory.period is None or draft.metric is None or draft.metric in memory.told:
        return False
    ends = {_closing(item.label, setting) for item in (memory.around, memory.period)}
    return draft.metric not in COUNTED or len(ends) > 1


def _is_of_another(draft: FigureDraft, memory: Memory) -> bool:
    """Return true if a figure is of another company than the one spoken of: people are counted on a day of its own."""
    if draft.company is None or memory.company is None:
        return False
    here, before = draft.company.name, memory.company.name
    return here not in before and before not in here


def _latest_of_row(earlier: list[FigureDraft], setting: Setting) -> list[FigureDraft]:
    """Return the cells of a row with the one of the latest period first: a change at its end counts from the other."""
    if not earlier or any("period:column" not in item.rules for item in earlier):
        return earlier
    return sorted(earlier, key=lambda item: _closing(item.period or "", setting), reverse=True)


def _before_promise(scene: Scene, draft: FigureDraft, earlier: list[FigureDraft]) -> FigureDraft:
    """Return growth told of "the year before" behind a promise as of the year before the promised one."""
    promised = {item.period for item in earlier if item.kind == "guidance" and item.metric == draft.metric}
    if draft.kind != "growth_yoy" or draft.period is None or draft.period not in promised:
        return draft
    low, _ = scene.breaks.clause(draft.quantity.start, scene.start, scene.end)
    low = max([low, *(item.quantity.end for item in earlier)])
    words = locale(scene.code).phrases("compare", "prior").find(scene.folded, low, draft.quantity.start)
    is_fronted = any(mark.start - low <= _FRONTED for mark in words)
    return replace(draft, period=period_labels.shift(draft.period, -1)) if is_fronted else draft


def _as_reported_before(scene: Scene, draft: FigureDraft, memory: Memory) -> FigureDraft:
    """Return a rate of a year that is over as reported, where a promise comes "after" it: "nach einem Plus von 4 %"."""
    if draft.kind != "guidance" or draft.quantity.kind != "percent" or draft.period is None or memory.published is None:
        return draft
    if _closing(draft.period, memory.setting(draft.company)) >= memory.published.year * 12 + memory.published.month:
        return draft
    low = max(scene.start, draft.quantity.opening - _AFTER)
    marks = locale(scene.code).phrases("compare", "after").find(scene.folded, low, draft.quantity.opening)
    is_after = any(not scene.parted(mark.end, draft.quantity.opening) for mark in marks)
    return replace(draft, kind="growth_yoy") if is_after else draft


_AFTER: Final = 30  # letters between "after" and a rate


_FRONTED: Final = 8  # letters before "the year before" at the beginning of a clause: "; im "


def _check_plausible(
    draft: FigureDraft, named: StatedPeriod | None, memory: Memory, earlier: list[FigureDraft]
) -> FigureDraft:
    """Send a promise for a period long past, or a report of one still open, to a second look."""
    if memory.published is None or draft.period is None:
        return draft
    setting = memory.setting(draft.company)
    close, now = _closing(draft.period, setting), memory.published.year * 12 + memory.published.month
    if draft.kind == "guidance":
        if close < now and _promised_before(draft, earlier, setting):
            is_rate = draft.quantity.kind in ("percent", "multiple")
            return replace(draft, kind="growth_yoy" if is_rate else "actual")
        return draft.stop("past_guidance") if now - close > _RESULTS_DELAY else draft
    spoken = memory.period.label if memory.period else None
    if _is_closed(draft, memory) or (named is not None and named.fiscal) or (named is None and draft.period == spoken):
        return draft
    if close - now >= _YEAR and draft.quantity.kind == "money":
        return draft.stop("period_open")
    return draft.stop("period_open") if close > now else draft


def _promised_before(draft: FigureDraft, earlier: list[FigureDraft], setting: Setting) -> bool:
    """Return true if the promise of this sentence is for a later period than this figure's."""
    close = _closing(draft.period or "", setting)
    return any(item.kind == "guidance" and item.period and _closing(item.period, setting) > close for item in earlier)


def _closing(label: str, setting: Setting) -> int:
    """Return the month a label closes in, counted from year 0."""
    end = years.days_of(label, setting.calendar or years.CALENDAR).end
    return end.year * 12 + end.month
