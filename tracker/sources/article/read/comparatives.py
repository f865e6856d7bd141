# a sentence is handed on as its parts; signs of other scripts are meant as they stand
# ruff: noqa: PLR0913, PLR0917, RUF001
"""The year before: which figures are comparatives, and the period they are of."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import period_labels
from tracker.sources.article.read import conversions, placing, years
from tracker.sources.article.read.drafts import UNSETTLED
from tracker.sources.article.text.lexicon import either, every, locale

if TYPE_CHECKING:
    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.read.drafts import FigureDraft, Memory
    from tracker.sources.article.read.scene import Scene
    from tracker.sources.article.read.years import Resolved
from tracker.sources.article.find.stated_period import StatedPeriod
from tracker.sources.article.read.nearby import find_named, label_count
from tracker.sources.article.read.versus import after_versus, claimed_period, is_base, is_before_versus, is_from_to

__all__ = [
    "add_hints",
    "date_same_base",
    "date_year_before",
    "find_prior",
    "inherit_reason",
    "is_as_much",
    "leads_from",
    "mark_second_year",
]

_CLOSE: Final = 30  # letters: the words right behind a figure
_FROM_TO: Final = 30  # letters between "from 2" and "to 3"
_LINK: Final = 5  # letters: "of", "de"


def add_hints(scene: Scene, draft: FigureDraft, named: StatedPeriod | None, *, is_prior: bool = False) -> FigureDraft:
    """Return the draft with what the words do say of its period, for placing it by what it fits."""
    bases = [item.year for item in scene.periods if item.year and not item.part and is_base(scene, item)]
    counted = bases if draft.quantity.kind == "percent" else []
    part, relative = (named.part, named.relative) if named else (None, None)
    said = placing.hints(part, relative, counted[:1], is_prior=is_prior)
    return replace(draft, flags=(*draft.flags, *said))


def inherit_reason(reason: str) -> str:
    """Return why a figure has no period that takes it from one which has none."""
    return reason if reason == "no_calendar" else "head_refused"


def date_same_base(scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft]) -> FigureDraft | None:
    """Return the draft of the base before it told in other words ("against 31 million, or 0.62 a share")."""
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


def find_prior(scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft]) -> StatedPeriod | None:
    """Return the words that make a level a comparative of the year before, if there are any."""
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
        if _is_same_of_another(scene, draft, earlier, mark) or is_as_much(scene, mark):
            continue
        if _is_taken(scene, index, mark) or _leads_to_next(scene, index, mark) or _opens_bracket(scene, index, mark):
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
            and (mark.prior or is_before_versus(scene, index) or _has_earlier_level(scene, index))
            and not _belongs_to_rate(scene, index, mark)
        ):
            return mark
    return _implied_base(scene, index, draft)


def is_as_much(scene: Scene, mark: StatedPeriod) -> bool:
    """Return true if an amount is only said to be as much as the year before: "310億円と前年同期並みだった"."""
    return locale(scene.code).is_east_asian and _as_much(scene.code).match(scene.folded, mark.end) is not None


@cache
def _as_much(code: str) -> re.Pattern[str]:
    """Return what matches words for "as much as" behind what is compared with."""
    own = locale(code)
    said = (*own.words("promises", "similar"), *own.words("promises", "as_much"))
    words = either(sorted(said, key=len, reverse=True))
    links = either(sorted(own.words("promises", "similar_links"), key=len, reverse=True))
    return re.compile(rf"(?:{links})? ?(?:{words})" if said else "(?!)")


def _is_same_of_another(scene: Scene, draft: FigureDraft, earlier: list[FigureDraft], mark: StatedPeriod) -> bool:
    """Return true if "the same period" only repeats the one spoken of for another company: "its rival in the same"."""
    words = scene.folded[mark.start : mark.end].strip()
    found = locale(scene.code).phrases("compare", "same").match(words, 0)
    if found is None or found.end < len(words):
        return False
    told = next((item.company.name for item in reversed(earlier) if item.company and item.metric), None)
    return told is not None and draft.company is not None and draft.company.name != told


def _leads_to_next(scene: Scene, index: int, mark: StatedPeriod) -> bool:
    """Return true if "last year" behind an amount leads to the next one: "24.9 million, above last year's 24.1"."""
    following = scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None
    if following is None or mark.start < scene.quantities[index].end or mark.end > following.opening:
        return False
    own, here = locale(scene.code), scene.quantities[index]
    gap = scene.folded[mark.end : following.opening].strip()
    return following.kind == here.kind and following.unit == here.unit and gap in own.words("small", "base_link")


def _opens_bracket(scene: Scene, index: int, mark: StatedPeriod) -> bool:
    """Return true if the year before stands behind an amount and has its own in brackets: "63, last year (12)"."""
    here = scene.quantities[index]
    if mark.start < here.end or not scene.folded.startswith("(", mark.end + scene.folded[mark.end :].startswith(" ")):
        return False
    close = scene.folded.find(")", mark.end, scene.end)
    return any(mark.end < item.start < close and item.kind == here.kind for item in scene.quantities)


def _is_fronted(scene: Scene, mark: StatedPeriod) -> bool:
    """Return true if a clause begins with "a year earlier", a comma behind it: all that follows is of that year."""
    low, _ = scene.breaks.clause(mark.start, scene.start, scene.end)
    before = scene.folded[low : mark.start].strip(" ;,.-\u2013\u2014\"'")
    words = {*every("small", "and"), *locale(scene.code).words("clauses", "hard")}
    return (not before or before in words) and scene.folded[mark.end : mark.end + 2].lstrip()[:1] in (",", "，")


def _is_taken(scene: Scene, index: int, mark: StatedPeriod) -> bool:
    """Return true if "last year" is said of something else than an amount.

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
    """Return true if only an opening bracket and a metric stand between two places: "전년 동기(순손실 12억원)"."""
    gap = scene.folded[low:high]
    spans = [(item.start, item.end) for item in scene.topics] + [(item.start, item.end) for item in scene.periods]
    for start, end in spans if locale(scene.code).is_east_asian else ():
        if low <= start and end <= high:
            gap = gap[: start - low] + " " * (end - start) + gap[end - low :]
    return not gap.strip(" (（") or not scene.parted(low, high)


def _has_earlier_level(scene: Scene, index: int) -> bool:
    """Return true if another level of the same unit stands before: then "last year" tells what it was."""
    here = scene.quantities[index]
    return any(other.kind == here.kind and other.unit == here.unit for other in scene.quantities[:index])


def _belongs_to_rate(scene: Scene, index: int, mark: StatedPeriod) -> bool:
    """Return true if a comparison belongs to the growth rate before it ("up 12% from a year ago to 5bn")."""
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
    """Return true if the base of a rate is given right behind the year before ("up 9% from last year's 5bn")."""
    gap = scene.folded[mark.end : scene.quantities[index].opening].strip()
    return gap in {"(", *locale(scene.code).words("small", "base_link")}


def _implied_base(scene: Scene, index: int, draft: FigureDraft) -> StatedPeriod | None:  # noqa: PLR0911 - one case a line
    """Return the base in "from 2.1 to 2.4" and "4.1 against 3.3": without other words the base is the year before."""
    quantity = draft.quantity
    if index and scene.quantities[index - 1].kind == quantity.kind and is_from_to(scene, index - 1):
        return None
    position = _year_earlier(quantity.end)
    following = scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None
    previous = next((item for item in reversed(scene.quantities[:index]) if item.kind == quantity.kind), None)
    if following is not None and following.kind == quantity.kind and is_from_to(scene, index):
        claimed = claimed_period(scene, index)
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
    """Return true if each of two amounts has a year of its own ("after 5 in 2024 it made 6 in 2025")."""
    between = (item for item in scene.periods if previous.end <= item.start and item.end <= quantity.opening)
    return sum(item.year is not None and not item.prior for item in between) > 1


def _is_reversed(scene: Scene, index: int) -> bool:
    """Return true if the old result stands first, as overcome ("reversed a loss of 18 million and earned 9")."""
    quantity = scene.quantities[index]
    topic = next((item for item in reversed(scene.topics) if item.end <= quantity.start), None)
    marks = locale(scene.code).phrases("compare", "reversed").find(scene.folded, scene.start, quantity.start)
    return topic is not None and any(0 <= topic.start - mark.end <= 1 for mark in marks)


def leads_from(scene: Scene, index: int) -> bool:
    """Return true if an amount is the beginning of a change whose end stands before it: "to 2,340 from 2,610"."""
    low, _ = scene.breaks.clause(scene.quantities[index].start, scene.start, scene.end)
    return _from_behind(scene, index, low)


def _from_behind(scene: Scene, index: int, low: int) -> bool:
    """Return true if a change names its end first: "fell to 29 million from 33 million"."""
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
    is_share = "currency_inherited" in quantity.flags and not quantity.scaled
    return said and (is_share or own.phrases("directions").has(scene.folded, low, scene.quantities[index - 1].start))


def _year_earlier(position: int) -> StatedPeriod:
    """Return a bare "the year before" at a place."""
    return StatedPeriod(position, position, prior=True)


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


def date_year_before(
    scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft], memory: Memory, prior: StatedPeriod
) -> FigureDraft:
    """Return the comparative's period: the compared figure's, one year earlier, or as the words say."""
    if draft.kind == "guidance" and prior.start == prior.end:
        return draft.stop("unclear_base")
    draft = replace(draft, kind="actual" if draft.kind == "guidance" and prior.start != prior.end else draft.kind)
    if draft.kind == "actual" and draft.rules and draft.rules[-1] == "claim:guidance":
        draft = replace(draft, rules=draft.rules[:-1])
    found, head = _base(scene, index, draft, earlier, memory, prior)
    if found.reason:
        return draft.stop(inherit_reason(found.reason))
    base = found.label
    if base is None:
        return add_hints(scene, replace(draft, head=head), None, is_prior=True).stop("no_period")
    label = period_labels.shift(base, -1)
    if prior.year is not None:
        part = re.sub(r"\A(?:[FS]Y)?\d{4}", "", base)
        label = period_labels.label(prior.part or part or None, prior.year, fiscal=not base[0].isdigit() and bool(part))
    elif prior.relative is not None and memory.published is None:
        return draft.stop("no_period")
    label = label and label_count(label, None, draft, memory.setting(draft.company))
    return replace(draft, period=label, base=prior.start, head=head).rule("period:prior")


def _base(
    scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft], memory: Memory, prior: StatedPeriod
) -> tuple[Resolved, int]:
    """Return the period a comparative is compared with, and where the figure of that period stands."""
    setting = memory.setting(draft.company)
    for item in reversed(earlier):
        if item.kind == "guidance" or item.is_base or not item.metric:
            continue
        if item.frame or item.reason in UNSETTLED:
            found = item.frame.under(setting) if item.frame else years.Resolved(None, item.reason)
            return found, item.quantity.start
    following = scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None
    skip = frozenset([prior.start])
    named, _ = find_named(scene, index + 1, growth=False, skip=skip) if following is not None else (None, "")
    head = following.start if following is not None and named is not None else -1
    named = named or find_named(scene, index, growth=False, skip=skip)[0]
    if named is not None:
        ahead = following is not None and "guidance" in scene.scopes[index + 1]
        ahead = ahead or any(item.is_promise and item.words == named for item in earlier)
        frame = memory.period.under(setting).label if memory.period else None
        found = years.resolve(named, setting, forward=ahead, frame=frame)
        if found.label is not None and named.relative == -1:
            return replace(found, label=period_labels.shift(found.label, 1)), head
        return found, head
    guided = next((item.frame for item in reversed(earlier) if item.frame and not item.is_base), None)
    if guided is None and _leads_to_promise(scene, index):
        return memory.guided.under(setting) if memory.guided else years.Resolved(None), -1
    if guided is None and memory.unsettled:
        return years.Resolved(None, memory.unsettled), -1
    spoken = guided or memory.period or memory.guided
    return (spoken.under(setting), spoken.start) if spoken else (memory.hinted(setting), -1)


def _leads_to_promise(scene: Scene, index: int) -> bool:
    """Return true if an amount is the start of a change whose end is a promise: "from 14 to 16, as planned"."""
    is_last = index + 1 >= len(scene.quantities)
    return not is_last and "guidance" in scene.scopes[index + 1] and is_from_to(scene, index)


def mark_second_year(
    scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft], named: StatedPeriod | None
) -> FigureDraft:
    """Return a level put against another and dated a year before it is its comparative."""
    level = next((item for item in reversed(earlier) if item.metric == draft.metric and item.period), None)
    if level is None or level.period is None or named is None or not after_versus(scene, index):
        return draft
    if draft.kind == "growth_yoy" and level.kind == "guidance":
        return draft
    if period_labels.shift(level.period, -1) != draft.period:
        return draft
    return replace(draft, base=named.start, head=level.quantity.start).rule("period:prior")
