"""Changes and what they count from: the direction of a rate, its comparison, and the quarter before."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tracker.model.quantity import EXACT, unit_of
from tracker.sources.article.find.fractions import FRACTION
from tracker.sources.article.find.tables import COLUMN
from tracker.sources.article.read import versus
from tracker.sources.article.read.effects import is_of_several_years
from tracker.sources.article.text import brackets
from tracker.sources.article.text.lexicon import common, either, every, locale, split

if TYPE_CHECKING:
    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.stated_period import StatedPeriod
    from tracker.sources.article.read.drafts import FigureDraft
    from tracker.sources.article.read.scene import Scene
    from tracker.sources.article.text.lexicon import PhraseMatch

__all__ = ["find_comparator", "find_direction", "is_margin_over", "mark_change"]

#: The label of a comparison with a month that no year is named with.
MONTH: Final = "month"
_EXPECTED: Final = 40  # letters between a rate and the expectation it counts from
_LIST: Final = 60  # letters between two rates of one direction
_BY: Final = 8  # letters between an expectation and the rate it was missed by
_MOVED: Final = 60  # letters between a word of direction and a fraction
_CLOSE: Final = 25  # letters: the words right behind a figure


def _near_marks(scene: Scene, index: int, marks: tuple[PhraseMatch, ...]) -> list[tuple[int, PhraseMatch]]:
    """Return marks in the window of a quantity with their distance; a comma between counts as far."""
    quantity = scene.quantities[index]
    low, high = versus.rate_window(scene, index)
    out = []
    for mark in marks:
        if quantity.end <= mark.start and mark.end <= high:
            out.append((mark.start - quantity.end + (12 if scene.parted(quantity.end, mark.start) else 0), mark))
        elif low <= mark.start and mark.end <= quantity.start:
            out.append((quantity.start - mark.end + 3 + (12 if scene.parted(mark.end, quantity.start) else 0), mark))
    return sorted(out, key=lambda item: item[0])


def find_comparator(scene: Scene, index: int) -> str | None:
    """Return what a growth rate compares with: yoy, qoq, or nothing said."""
    quantity = scene.quantities[index]
    near = [mark for _, mark in _near_marks(scene, index, scene.compare) if not _is_month_of_other(scene, index, mark)]
    near = [mark for mark in near if mark.label != "years"]
    joined = [mark for mark in near if not scene.parted(min(quantity.end, mark.end), max(quantity.start, mark.start))]
    rest = [mark for mark in near if not _leads_on(scene, index, mark)]
    label = (joined or rest)[0].label if joined or rest else None
    return "qoq" if label == MONTH else label


def _is_month_of_other(scene: Scene, index: int, mark: PhraseMatch) -> bool:
    """Return true if a month that the rate before counts from stands before a rate: "2% more than in March and 6%"."""
    previous = scene.quantities[index - 1] if index else None
    is_rate = previous is not None and previous.kind == "percent" and previous.end <= mark.start
    if mark.label != MONTH or previous is None or not is_rate or mark.end > scene.quantities[index].start:
        return False
    return not scene.parted(previous.end, mark.start)


def _leads_on(scene: Scene, index: int, mark: PhraseMatch) -> bool:
    """Return true if a comparison behind a comma is of the next rate: "fell 4%, year on year it rose 11%"."""
    quantity = scene.quantities[index]
    following = next((item for item in scene.quantities[index + 1 :] if item.kind in ("percent", "multiple")), None)
    if following is None or mark.start < quantity.end or mark.end > following.start:
        return False
    return scene.parted(quantity.end, mark.start) and not scene.parted(mark.end, following.start)


def is_margin_over(scene: Scene, index: int) -> bool:
    """Return true if an amount says how far a figure is from what others or the company expected."""
    own, (low, high) = locale(scene.code), versus.rate_window(scene, index)
    found = (
        own.phrases(*names).find(scene.folded, low, high) for names in (("claims", "analyst"), ("promises", "outlook"))
    )
    return any(_counts_from(scene, index, mark) for marks in found for mark in marks)


def _counts_from(scene: Scene, index: int, mark: PhraseMatch) -> bool:
    """Return true if a rate counts from an expectation: "12% above guidance", "beat estimates by 12%"."""
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
    """Return true if a word of comparison stands between two places."""
    own = locale(scene.code)
    words = (own.phrases("claims", "beat"), own.phrases("compare", "versus"), own.phrases("qualifiers", "more_than"))
    return any(phrases.has(scene.folded, low, high) for phrases in words)


def mark_change(scene: Scene, index: int, draft: FigureDraft, earlier: list[FigureDraft]) -> FigureDraft:  # noqa: PLR0911 - one case a line
    """Growth gets its direction and its base; a level of the quarter before is set aside."""
    del earlier
    if draft.quantity.kind not in ("percent", "multiple"):
        return _previous_quarter(scene, index, draft)
    if is_margin_over(scene, index):
        return draft.stop("expectation")
    if is_of_several_years(scene, index):
        return draft.stop("other_base")
    draft = replace(draft, kind="guidance" if draft.kind == "guidance" else "growth_yoy")
    comparator = find_comparator(scene, index)
    if comparator == "qoq":
        return draft.stop("qoq")
    if _is_over_years(scene, index):
        return draft.stop("other_base")
    if _is_told_how_often(scene, index):
        return draft.stop("other")
    direction = find_direction(scene, index) or _difference_of_cells(scene, index)
    half = "half" in draft.quantity.flags
    if half and direction == 0 and any(_counts_times(scene, draft.quantity, item) for item in _years_before(scene)):
        direction = -1
    if (reason := _refuse(scene, index, draft, direction)) is not None:
        return draft.stop(reason)
    value = -1 if direction < 0 and draft.quantity.value > 0 else 1
    rules = (
        f"growth:{'signed' if draft.quantity.signed else 'verb' if direction else 'unsaid'}",
        f"compare:{comparator or 'implied'}",
    )
    return replace(draft, sign=value).rule(*rules)


def _refuse(scene: Scene, index: int, draft: FigureDraft, direction: int) -> str | None:
    """Return the reason why a rate with this direction is no growth, or None."""
    quantity = draft.quantity
    if quantity.kind == "multiple" and _is_of_rival(scene, quantity):
        return "other_base"
    if FRACTION in quantity.flags and not _is_moved_by(scene, index):
        return "no_direction"
    if direction == 0:
        return "bracket_sign" if brackets.ASIDE in quantity.flags else "no_direction"
    if draft.sign < 0:
        return "loss_growth"
    is_open = ("times" in quantity.flags and direction < 0) or ("half" in quantity.flags and direction >= 0)
    return "no_direction" if is_open else None  # "three times less" is no number


def _is_told_how_often(scene: Scene, index: int) -> bool:
    """Return true if the word for "multiplied" has behind it how many times: "تضاعفت الأرباح ثلاث مرات"."""
    here, following = (
        scene.quantities[index],
        scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None,
    )
    if following is None or here.kind != "multiple" or {"times", "half"} & {*here.flags}:
        return False
    is_near = following.opening - here.end <= _LIST and not scene.parted(here.end, following.opening)
    return "times" in following.flags and is_near and locale(scene.code).style == "arabic"


def _is_over_years(scene: Scene, index: int) -> bool:
    """Return true if words right beside a rate say that it is the change of several years: "3년 만에 두 배"."""
    quantity = scene.quantities[index]
    marks = [mark for mark in scene.compare if mark.label == "years"]
    gaps = [gap for mark in marks for gap in (quantity.opening - mark.end, mark.start - quantity.end)]
    if any(0 <= gap <= _RIGHT_BESIDE for gap in gaps):
        return True
    _, high = scene.window(index)
    is_verb = locale(scene.code).style == "arabic" and quantity.kind == "multiple"
    return is_verb and any(
        quantity.end <= mark.start < high and not scene.parted(quantity.end, mark.start) for mark in marks
    )


_RIGHT_BESIDE: Final = 2  # letters: a blank, に


def _is_of_rival(scene: Scene, quantity: Quantity) -> bool:
    """Return true if "double" counts from what another company has: "twice that of its rival Tay Do"."""
    return any(
        0 <= item.start - quantity.end <= _CLOSE
        and not scene.parted(quantity.end, item.start)
        and not _has_amount(scene, quantity, item.start)
        for item in scene.mentions
        if any(other.end <= quantity.start and other.name != item.name for other in scene.mentions)
    )


def _has_amount(scene: Scene, quantity: Quantity, place: int) -> bool:
    """Return true if another amount stands between a quantity and a place."""
    return any(quantity.end <= item.start < place for item in scene.quantities)


def _difference_of_cells(scene: Scene, index: int) -> int:
    """Return 1 where a rate behind two cells of a row is by how much one is above the other."""
    rate = scene.quantities[index]
    cells = [item for item in scene.quantities[:index] if any(flag.startswith(COLUMN) for flag in item.flags)]
    if not scene.is_row or rate.kind != "percent" or rate.signed or len(cells) != 2:  # noqa: PLR2004 - two years
        return 0
    low, high = sorted(item.value for item in cells)
    if low <= 0 or any(item.signed < 0 or item.kind != cells[0].kind for item in cells):
        return 0
    room = EXACT.multiply(unit_of(rate.decimals), low)
    for item in cells:
        room = EXACT.add(room, unit_of(item.decimals))
    gap = EXACT.subtract(EXACT.subtract(high, low), EXACT.multiply(low, rate.value))
    return 1 if abs(gap) <= room else 0


def _is_moved_by(scene: Scene, index: int) -> bool:
    """Return true if a word of direction stands beside a fraction: "a third" alone may be of anything."""
    if locale(scene.code).verb_brackets and find_direction(scene, index):
        return True
    return any(distance <= _MOVED for distance, _ in _near_marks(scene, index, scene.directions))


def find_direction(scene: Scene, index: int) -> int:
    """Return 1 for a rate that rises, -1 for one that falls, 0 where no word says which."""
    quantity = scene.quantities[index]
    stated = _stated_direction(scene, index)
    if stated:
        return stated
    shared = _shared_direction(scene, index)
    if shared:
        return shared
    before = next((place for place, old in scene.old.items() if old.new == index), None)
    if before is not None and scene.quantities[before].kind == quantity.kind:
        return find_direction(scene, before) if before < index else _stated_direction(scene, before)
    if "times" in quantity.flags:
        following = scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None
        if following is not None and following.kind == "money" and versus.after_versus(scene, index + 1):
            return 1
        behind = any(_counts_times(scene, quantity, item) for item in _years_before(scene))
        behind = behind or (index > 0 and _is_told_how_often(scene, index - 1))
        return 1 if behind or find_comparator(scene, index) in ("yoy", "period") else 0
    return 1 if quantity.kind == "multiple" and "half" not in quantity.flags else 0


def _years_before(scene: Scene) -> list[StatedPeriod]:
    """Return where a sentence names the year before."""
    return [item for item in scene.periods if item.prior or item.relative == -1]


def _counts_times(scene: Scene, quantity: Quantity, period: StatedPeriod) -> bool:
    """Return true if "times" counts from the year before: "2,5 veces el de un año antes", "是上年同期的2.5倍"."""
    if locale(scene.code).is_east_asian and 0 <= quantity.opening - period.end <= _OF:
        return not scene.parted(period.end, quantity.opening)
    gap = scene.folded[quantity.end : period.start] if period.start >= quantity.end else "?"
    return len(gap) <= _THAT_OF and not re.search(r"[^\w\s']|\d", gap)


_OF: Final = 2  # signs: の, 的
_THAT_OF: Final = 16  # letters: "that of", "quello di", "ما كان عليه"


def _stated_direction(scene: Scene, index: int) -> int:
    """Return the direction that a sign or a word beside a rate gives it."""
    quantity = scene.quantities[index]
    if quantity.signed:
        return quantity.signed
    places = locale(scene.code).phrases("compare", "above", "below").find(scene.folded, quantity.end, scene.end)
    place = next((mark for mark in places if mark.start - quantity.end <= 1), None)
    if place is not None:
        return 1 if place.label == "above" else -1
    leads = [(other.lead, other.start) for other in scene.quantities if other.lead >= 0]
    own = tuple(mark for mark in scene.directions if not any(lead <= mark.start < start for lead, start in leads))
    exact = locale(scene.code).phrases("qualifiers", "at_least", "at_most")
    bounds = [(mark.start, mark.end) for mark in exact.find(scene.folded, scene.start, scene.end)]
    own = tuple(mark for mark in own if not any(low < mark.start and mark.end <= high for low, high in bounds))
    own = _without_revisions(scene, index, own)
    near = _near_marks(scene, index, own) or _in_own_lead(scene, quantity)
    if quantity.kind == "multiple" and "times" not in quantity.flags:
        near = [(distance, mark) for distance, mark in near if not _is_of_other_level(scene, quantity, mark)]
    return 0 if not near else 1 if near[0][1].label == "up" else -1


def _without_revisions(scene: Scene, index: int, marks: tuple[PhraseMatch, ...]) -> tuple[PhraseMatch, ...]:
    """Return directions without the verb behind a new forecast that says how it moved: "auf 2 Prozent gesenkt"."""
    quantity = scene.quantities[index]
    if not any(index in {place, old.new} for place, old in scene.old.items()):
        return marks
    revise = locale(scene.code).phrases("earlier", "revise")
    behind = [mark for mark in marks if mark.start >= quantity.end and revise.has(scene.folded, mark.start, mark.end)]
    return tuple(mark for mark in marks if mark not in behind)


def _is_of_other_level(scene: Scene, quantity: Quantity, mark: PhraseMatch) -> bool:
    """Return true if a direction behind a comma tells of something else than "doubled", which says its own."""
    low, high = min(quantity.end, mark.end), max(quantity.start, mark.start)
    return scene.parted(low, high)


def _shared_direction(scene: Scene, index: int) -> int:
    """Return the direction of the rate before, where "and" joins the two.

    As in "grew 4% on the quarter and 15% on the year".
    """
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
        else find_direction(scene, index - 1)
    )


def _joins() -> str:
    """Return what Arabic writes to a word as one with it to join two."""
    return "".join(split(common()["arabic_writing"]["joins"]))


def _in_own_lead(scene: Scene, quantity: Quantity) -> list[tuple[int, PhraseMatch]]:
    """Return a direction that is the qualifier of a rate as well: "15% more", "cao hơn 15%"."""
    if quantity.lead < 0:
        return []
    return [(0, mark) for mark in scene.directions if mark.end <= quantity.start <= mark.end + 1]


_SPENT: Final = frozenset({"capex", "r_and_d", "total_costs"})


def _is_of_several_years(scene: Scene, index: int) -> bool:
    """Return true if money is spent over several years: "내년까지 3년간 2조원을 투자한다"."""
    quantity = scene.quantities[index]
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    low = max([low, *(item.end for item in scene.quantities[:index] if item.kind == "money")])
    return any(mark.label == "years" and low <= mark.start and mark.end <= quantity.opening for mark in scene.compare)


def _previous_quarter(scene: Scene, index: int, draft: FigureDraft) -> FigureDraft:
    if draft.metric in _SPENT and _is_of_several_years(scene, index):
        return draft.stop("period_several")
    low, high = scene.window(index)
    quantity, links = draft.quantity, locale(scene.code).words("small", "base_link")
    for mark in scene.compare:
        behind = (
            quantity.end <= mark.start
            and mark.end <= high
            and not scene.parted(quantity.end, mark.start)
            and mark.start - quantity.end < _CLOSE
            and not versus.leads_to_rate(scene, index, mark.end)
        )
        gap = scene.folded[mark.end : quantity.opening].strip() if mark.end <= quantity.opening else "?"
        ahead = low <= mark.start and (mark.end <= quantity.start <= mark.end + 2 or gap in links)
        if mark.label in ("qoq", "year_end") and (behind or ahead):
            return draft.stop("qoq")
    return draft
