"""Figures checked against each other and against what is known: level, growth and the year before as intervals."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING, Final

from tracker.model.quantity import EXACT, Interval, growth
from tracker.sources.article.find import period_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.sources.article.model import ExtractedFigure, Known

__all__ = ["against_known", "choose", "contradictory", "interval", "together"]

TOO_FAR: Final = Decimal(100)
AGREED: Final = "checked:agrees"
CONTRADICTED: Final = "checked:contradicts"


def interval(figure: ExtractedFigure) -> Interval:
    """Return what a figure as printed leaves open."""
    if figure.value is None or figure.decimals is None or figure.low is not None:
        return Interval(figure.low, figure.high)
    if figure.value >= 0:
        return Interval.of(figure.value, figure.decimals, figure.qualifier)
    size = Interval.of(figure.value.copy_negate(), figure.decimals, figure.qualifier)  # "fell by more than 20%"
    return Interval(*(None if end is None else end.copy_negate() for end in (size.high, size.low)))


def together(figures: Sequence[ExtractedFigure]) -> list[ExtractedFigure]:
    """Return the figures with a flag where a level, its growth and the year before agree or contradict each other."""
    levels = {(f.entity, f.metric, f.period): f for f in figures if f.kind == "actual" and f.value is not None}
    verdicts: dict[int, str] = {}
    for rate in figures:
        if rate.kind != "growth_yoy" or rate.period is None:
            continue
        now = levels.get((rate.entity, rate.metric, rate.period))
        before = levels.get((rate.entity, rate.metric, period_labels.shift(rate.period, -1)))
        if now is None or before is None:
            continue
        implied = growth(interval(now), interval(before))
        verdict = AGREED if implied.overlaps(interval(rate)) else CONTRADICTED
        verdicts |= {id(figure): verdict for figure in (rate, now, before)}
    return [replace(f, flags=(*f.flags, verdicts[id(f)])) if id(f) in verdicts else f for f in figures]


def contradictory(figures: Sequence[ExtractedFigure]) -> list[ExtractedFigure]:
    """Refuse the figures of which a text says two different things: one is misread, and nobody knows which."""
    told: dict[tuple[str, str | None, str, str | None, str], list[ExtractedFigure]] = {}
    for figure in figures:
        told.setdefault((figure.entity, figure.metric, figure.kind, figure.period, figure.unit), []).append(figure)
    disputed = {
        id(one)
        for group in told.values()
        for one, other in combinations(group, 2)
        if _is_different(one, other)
        for one in (one, other)
    }
    return [replace(figure, reason="contradiction") if id(figure) in disputed else figure for figure in figures]


def _is_different(one: ExtractedFigure, other: ExtractedFigure) -> bool:
    """Return true if two figures cannot be the same one: they do not overlap, or both are ranges with other ends."""
    if not interval(one).overlaps(interval(other)):
        return True
    are_ranges = one.kind == other.kind == "guidance" and None not in (one.low, one.high, other.low, other.high)
    return are_ranges and (one.low, one.high) != (other.low, other.high)


def choose(figure: ExtractedFigure, candidates: Sequence[str], known: Known) -> str | None:
    """Return the one period of several under which a figure fits what is known; None where none or several do."""
    fitting = [period for period in candidates if _is_compatible(figure, period, known)]
    return fitting[0] if len(fitting) == 1 else None


def _is_compatible(figure: ExtractedFigure, period: str, known: Known) -> bool:
    level = known(figure.entity, figure.metric or "", period)
    if level is None:
        return False
    if figure.kind != "growth_yoy":
        return level.overlaps(interval(figure))
    base = known(figure.entity, figure.metric or "", period_labels.shift(period, -1))
    return base is not None and growth(level, base).overlaps(interval(figure))


def against_known(figure: ExtractedFigure, known: Known) -> ExtractedFigure:
    """Refuse a level a hundred times off what is known of the company."""
    if figure.unit == "ratio" or figure.period is None or figure.value in (None, 0):
        return figure
    for period in (figure.period, period_labels.shift(figure.period, -1)):
        level = known(figure.entity, figure.metric or "", period)
        if level is not None and _far(figure, level):
            return replace(figure, reason="off_history")
    return figure


def _far(figure: ExtractedFigure, level: Interval) -> bool:
    end = level.high if level.high is not None else level.low
    if not end or figure.value is None:
        return False
    value, base = abs(figure.value), abs(end)
    return value > EXACT.multiply(base, TOO_FAR) or EXACT.multiply(value, TOO_FAR) < base
