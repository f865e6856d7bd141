# a sentence is handed on as its parts; signs of other scripts are meant as they stand
"""The period that stands nearest to a figure, and the label it gives a count of people."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import topics
from tracker.sources.article.read import years
from tracker.sources.article.text.lexicon import bounded, either, every, locale

if TYPE_CHECKING:
    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.stated_period import StatedPeriod
    from tracker.sources.article.read.drafts import FigureDraft
    from tracker.sources.article.read.scene import Scene
    from tracker.sources.article.read.years import Setting
from tracker.sources.article.read.versus import (
    after_versus,
    claimed_period,
    is_base,
    is_from_to,
    is_parenthesised,
)

__all__ = ["YEAR_AFTER", "find_named", "is_day", "label_count", "named_own"]

#: The rule for an amount that is put against the one of a period: it is of the year after, where that has ended.
YEAR_AFTER: Final = "period:year_after"

_BESIDE_COUNT: Final = 24  # letters between a count with its noun and its day
_NEXT: Final = 12  # letters: "in the", "nel corso del"


def named_own(setting: Setting) -> bool:
    """Return true if a company counts its years otherwise than the calendar."""
    return setting.calendar != years.CALENDAR


def find_named(
    scene: Scene, index: int, *, growth: bool, settled: bool = False, skip: frozenset[int] = frozenset()
) -> tuple[StatedPeriod | None, str]:
    """Return the period that stands nearest to a quantity, in its own window before the rest of the sentence."""
    quantity = scene.quantities[index]
    low, high = scene.window(index)
    usable = [
        period
        for period in scene.periods
        if period.definite and not period.prior and period.start not in skip and not (growth and is_base(scene, period))
    ]
    usable += _find_bare_months(scene, quantity)
    usable = _without_twins(scene, index, usable) if growth else usable
    usable = _without_days_of_counts(scene, index, usable) or ([] if settled else usable)
    compared = 12 if after_versus(scene, index) else 0
    beside = _in_same_bracket(scene, quantity, usable)
    near = [(0, beside)] if beside is not None else []
    claimed = claimed_period(scene, index - 1) if index and is_from_to(scene, index - 1) else None
    usable = [period for period in usable if period is not claimed and not _is_of_bracket(scene, index, period)]
    each = _each_has_one(scene, index, usable)
    for period in usable:
        if period in each:
            continue
        vague = 20 if period.part == "FY" and period.year is None and period.relative is None else 0
        if quantity.end <= period.start < high and not scene.parted(quantity.end, period.start):
            is_left = locale(scene.code).is_east_asian and is_base(scene, period)
            if not is_left and not _begins_next(scene, index, period):
                near.append((max(0, period.start - _end_with_topic(scene, quantity)) + vague, period))
        elif low <= period.start and period.end <= quantity.start:
            is_of_rate = index > 0 and scene.quantities[index - 1].kind in ("percent", "multiple")
            if index and (scene.parted(period.end, quantity.start) or is_of_rate) and is_base(scene, period):
                continue
            if _is_base_beside(scene, period, usable):
                continue
            if is_parenthesised(scene, period) and ")" in scene.folded[period.end : quantity.start]:
                continue
            near.append((quantity.start - period.end + compared + vague, period))
    if near:
        return min(near, key=lambda item: item[0])[1], "period:near"
    before = [period for period in usable if period.end <= quantity.start and not is_base(scene, period)]
    after = [period for period in usable if period.start >= quantity.end and not is_base(scene, period)]
    if before and not (growth and _is_of_clause_behind(scene, quantity, before, after)):
        return _named_before(scene, index, before)
    return _named_after(scene, index, after, settled=settled) if after else (None, "")


def _is_base_beside(scene: Scene, period: StatedPeriod, usable: list[StatedPeriod]) -> bool:
    """Return true if only a comparison names a period before an amount that another dates: "前期比微増の410億円"."""
    compared = any(mark.start <= period.start and period.end < mark.end for mark in scene.compare)
    if not locale(scene.code).is_east_asian or not compared:
        return False
    return any(item is not period and item.end <= period.start and not is_base(scene, item) for item in usable)


def _is_of_clause_behind(
    scene: Scene, quantity: Quantity, before: list[StatedPeriod], after: list[StatedPeriod]
) -> bool:
    """Return true if a clause names its period behind a rate alone: "this year, after sales doubled to 5 in 2024"."""
    low, high = scene.breaks.clause(quantity.start, scene.start, scene.end)
    return all(item.end <= low for item in before) and any(item.start < high for item in after)


def _find_bare_months(scene: Scene, quantity: Quantity) -> list[StatedPeriod]:
    """Return the month right beside a count of people as the quarter it lies in: "61 million in December"."""
    if quantity.kind != "count":
        return []
    end = _end_with_topic(scene, quantity)
    beside = [
        item
        for item in scene.periods
        if item.month and not item.definite and not item.prior and _is_beside(item, quantity, end)
    ]
    return [replace(item, part=f"Q{((item.month or 1) - 1) // 3 + 1}") for item in beside]


def _is_beside(period: StatedPeriod, quantity: Quantity, end: int) -> bool:
    """Return true if only a few letters part a period from an amount."""
    return 0 <= period.start - end <= _NEXT or 0 <= quantity.opening - period.end <= _NEXT


def _named_after(
    scene: Scene, index: int, after: list[StatedPeriod], *, settled: bool
) -> tuple[StatedPeriod | None, str]:
    """Return the first period behind a quantity, in its clause where one is, if no other amount has it."""
    quantity = scene.quantities[index]
    _, top = scene.breaks.clause(quantity.start, scene.start, scene.end)
    period = min(after, key=lambda item: item.start >= top)
    if _is_of_next_base(scene, index, period):
        return (period, YEAR_AFTER) if period.year is not None and not settled else (None, "")
    if settled and any(
        other.start > quantity.end
        and other.end <= period.start
        and (other.kind == quantity.kind or period.start >= top or _is_of_count(other, quantity, period))
        for other in scene.quantities
    ):
        return None, ""
    if is_parenthesised(scene, period) and period.year and _heads_another(scene, index, period):
        if settled and period.part is None and period.month is None:
            return None, ""
        return replace(period, year=period.year + 1), "period:after"
    return period, "period:after"


def _without_twins(scene: Scene, index: int, usable: list[StatedPeriod]) -> list[StatedPeriod]:
    """Return the periods without the one a year earlier that follows the only rate. The rate counts from it."""
    here = scene.quantities[index]
    if sum(item.kind in ("percent", "multiple") for item in scene.quantities) > 1:
        return usable
    before = {(item.part, item.year) for item in usable if item.end <= here.start and item.year}
    return [
        item
        for item in usable
        if item.start < here.end or item.year is None or (item.part, item.year + 1) not in before
    ]


def _without_days_of_counts(scene: Scene, index: int, usable: list[StatedPeriod]) -> list[StatedPeriod]:
    """Return the periods that money may have, without the day of a count: "8,900 employees at 31 December 2024"."""
    following = scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None
    here = scene.quantities[index]
    leads = here.kind == "percent" and following is not None and following.kind == "money"
    if here.kind != "money" and not (leads and following and not scene.parted(here.end, following.start)):
        return usable
    counts = [item for item in scene.quantities if item.kind == "count"]
    return [
        period
        for period in usable
        if not (is_day(period) or _is_close(scene, period))
        or not any(_count_letters_between(item, period) <= _BESIDE_COUNT for item in counts)
    ]


def _is_close(scene: Scene, period: StatedPeriod) -> bool:
    """Return true if a sign for the end of a month closes a period in a script without blanks: "12月末"."""
    ends = tuple(every("dates", "closing_signs"))
    return period.month is not None and bool(ends) and scene.folded[: period.end].endswith(ends)


def is_day(period: StatedPeriod) -> bool:
    """Return true if a period is named by the month or day of its end alone."""
    return period.month is not None and period.part is None and period.length is None and period.months is None


def _count_letters_between(quantity: Quantity, period: StatedPeriod) -> int:
    """Return how many letters lie between a quantity and a period."""
    return max(period.start - quantity.end, quantity.start - period.end)


def _is_of_next_base(scene: Scene, index: int, period: StatedPeriod) -> bool:
    """Return true if a period follows the amount that another is compared with: "14 pence against 12 for 2023"."""
    here = scene.quantities[index]
    following = scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None
    if following is None or following.kind != here.kind or following.unit != here.unit:
        return False
    is_behind = 0 <= period.start - following.end <= _NEXT and not scene.parted(following.end, period.start)
    is_reported = not scene.scopes[index] and not scene.scopes[index + 1]
    return is_behind and is_reported and after_versus(scene, index + 1)


def _named_before(scene: Scene, index: int, before: list[StatedPeriod]) -> tuple[StatedPeriod | None, str]:
    """Return the last period before a quantity, in its clause where one is."""
    bottom, _ = scene.breaks.clause(scene.quantities[index].start, scene.start, scene.end)
    before = [period for period in before if not is_parenthesised(scene, period)] or before
    inside = [period for period in before if period.start >= bottom]
    if not inside:
        years_ahead = {(item.part, item.year - 1) for item in before if item.year is not None}
        before = [item for item in before if (item.part, item.year) not in years_ahead] or before
    if not inside and _is_of_base(scene, index, before[-1]):
        return None, ""
    return (inside or before)[-1], "period:clause" if inside else "period:sentence"


def _is_of_count(other: Quantity, quantity: Quantity, period: StatedPeriod) -> bool:
    """Return true if a period stands right behind an amount of another measure than this one: money, not people."""
    return "count" in (other.kind, quantity.kind) and period.start - other.end <= _NEXT


def _is_of_bracket(scene: Scene, index: int, period: StatedPeriod) -> bool:
    """Return true if a period has another amount in brackets right behind it: "below the third quarter (245)"."""
    kind = scene.quantities[index].kind
    others = [item for place, item in enumerate(scene.quantities) if place != index and item.kind == kind]
    return _is_inside_with(scene, scene.quantities[index], period, others) or any(
        item.start > period.end
        and scene.folded[period.end : item.opening].strip() == "("
        and not _has_period_inside(scene, item)
        for item in others
    )


def _is_of_base(scene: Scene, index: int, period: StatedPeriod) -> bool:
    """Return true if a period of a clause before stands right behind an amount that was compared with."""
    for place, item in enumerate(scene.quantities[:index]):
        if 0 <= period.start - item.end <= _NEXT and after_versus(scene, place):
            return True
    return False


def _in_same_bracket(scene: Scene, quantity: Quantity, usable: list[StatedPeriod]) -> StatedPeriod | None:
    """Return the one period that stands in the bracket that an amount begins: "(1.02 million at the end of 2023)"."""
    if not scene.folded[max(scene.start, quantity.opening - 2) : quantity.opening].rstrip().endswith("("):
        return None
    close = scene.folded.find(")", quantity.end, scene.end)
    held = [item for item in usable if quantity.end <= item.start and item.end <= close]
    others = [item for item in scene.quantities if quantity.end <= item.start < close]
    return held[0] if len(held) == 1 and not others else None


def _is_inside_with(scene: Scene, here: Quantity, period: StatedPeriod, others: list[Quantity]) -> bool:
    """Return true if a bracket behind an amount holds a period with an amount of its own: "98 (last year 87)"."""
    if period.year is not None or not is_parenthesised(scene, period):
        return False
    opening = scene.folded.rfind("(", scene.start, period.start)
    close = scene.folded.find(")", period.end, scene.end)
    return here.end <= opening and any(period.end <= item.start and item.end <= close for item in others)


def _has_period_inside(scene: Scene, quantity: Quantity) -> bool:
    """Return true if an amount in brackets has its own period there: "(68 million in 2023)"."""
    close = scene.folded.find(")", quantity.end, scene.end)
    return any(quantity.end <= item.start < close for item in scene.periods)


def _begins_next(scene: Scene, index: int, period: StatedPeriod) -> bool:
    """Return true if a period begins what is said of the next amount ("5 billion and fourth-quarter profit of 6")."""
    gap = scene.folded[scene.quantities[index].end : period.start]
    following = scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None
    if locale(scene.code).is_east_asian and following is not None and following.opening >= period.end:
        between = scene.folded[period.end : following.opening]
        for topic in scene.topics:
            if period.end < topic.end <= following.opening:
                between = between.replace(scene.folded[max(topic.start, period.end) : topic.end], "", 1)
        if len(between.strip()) <= 1:
            return True
    return index + 1 < len(scene.quantities) and _and_pattern(scene.code).fullmatch(gap) is not None


@cache
def _and_pattern(code: str) -> re.Pattern[str]:
    """Return the word "and" with nothing but an article behind it."""
    own = locale(code)
    words = own.words("ranges", "and") if own.has_plain_words else ()
    body = "|".join(bounded(word, own.style) for word in words) or "(?!)"
    return re.compile(rf" ?(?:{body})(?: ?(?:{either(every('small', 'articles'))}))* ?")


def _each_has_one(scene: Scene, index: int, usable: list[StatedPeriod]) -> list[StatedPeriod]:
    """Return periods right behind the amount before, where one stands right behind this amount too."""
    here = scene.quantities[index]
    before = scene.quantities[index - 1] if index else None
    if before is None or not _right_behind(scene, here, usable):
        return []
    if before.kind != here.kind and "count" not in (before.kind, here.kind):
        return []
    return [item for item in _right_behind(scene, before, usable) if item.end <= here.start]


def _right_behind(scene: Scene, quantity: Quantity, usable: list[StatedPeriod]) -> list[StatedPeriod]:
    """Return periods that only a few letters part from an amount before them: "in the", "im"."""
    end = _end_with_topic(scene, quantity)
    return [item for item in usable if 0 <= item.start - end <= _NEXT and not scene.parted(end, item.start)]


def _end_with_topic(scene: Scene, quantity: Quantity) -> int:
    """Return where a count of people ends with the noun right behind it: "2,400 employees"."""
    if quantity.kind != "count":
        return quantity.end
    ends = (item.end for item in scene.topics if item.label in topics.COUNTED and 0 <= item.start - quantity.end <= 1)
    return next(ends, quantity.end)


def _heads_another(scene: Scene, index: int, period: StatedPeriod) -> bool:
    """Return true if a period in brackets belongs to another amount of the same kind behind it."""
    here = scene.quantities[index]
    return any(other.start >= period.end and other.kind == here.kind for other in scene.quantities)


def label_count(
    label: str,
    named: StatedPeriod | None,
    draft: FigureDraft,
    setting: Setting,
    frame: StatedPeriod | None = None,
) -> str:
    """Counts are of a day: the quarter it lies in."""
    if draft.metric not in topics.COUNTED:
        return label
    found = re.match(r"([FS]Y)?(\d{4})(Q[1-4]|H[12]|M9)?\Z", label)
    if found is None or (named is not None and named.fiscal):
        return label
    if named is not None and named.month and not named.part and not named.length:
        return _quarter_with(named, label)
    words = named or frame
    if found[3] is None and words is not None and words.part == "FY" and words.month and words.year:
        return _quarter_with(words, label)
    part = {None: "Q4", "H1": "Q2", "H2": "Q4", "M9": "Q3"}.get(found[3], found[3])
    return f"{found[1] or '' if named_own(setting) else ''}{found[2]}{part}"


def _quarter_with(named: StatedPeriod, label: str) -> str:
    """Return the quarter of the calendar that a day lies in."""
    year = named.year if named.year is not None else int(re.sub(r"\D", "", label)[:4])
    return f"{year}Q{((named.month or 1) - 1) // 3 + 1}"
