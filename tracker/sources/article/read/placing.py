"""Placing by fit: a text that names no period is about the one period of its company that all its figures fit.

A frame is what a text tells of one company in one part of a year ("the third quarter") or in no part it names. All its
figures that can be held against known levels and growth must fit the same quarter, half-year, nine months or year.
Where several do, or where so few figures agree that chance would do as well, nothing is placed and the candidates are
named. The chance is that of some other period fitting by accident: for each figure the room it leaves, as a share of
the range the company's own figures span, multiplied, times the number of periods tried.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.model.quantity import EXACT, Interval, unit_of
from tracker.sources.article.find import period_labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tracker.sources.article.model import ExtractedFigure

__all__ = ["History", "hints", "place"]

#: A period is believed when this chance of an accidental fit is not reached (benchmarks/placing.py measures it).
CHANCE: Final = 0.03
FEWEST: Final = 2  # figures that agree: one alone may be a misprint that fits
_HINT: Final = "hint:"
_PART: Final = re.compile(r"(?:FY)?\d{4}(Q[1-4]|H[12]|M9)?\Z", re.ASCII)
#: How far news go beyond a figure with these words, in units of its last digit: "more than 22%" is not said of 35.
_TIGHT: Final = {"more_than": (0, 1), "at_least": (0, 1), "less_than": (-1, 0), "at_most": (-1, 0)}


@dataclass(frozen=True, slots=True)
class History:
    """What is known of companies: levels with their unit, and growth, by (entity, metric, period).

    `ids` knows the companies by their names; `tried` are the labels of the periods an undated text is held against.
    """

    levels: Mapping[tuple[str, str, str], tuple[Interval, str]]
    growths: Mapping[tuple[str, str, str], Interval]
    tried: Mapping[str, Sequence[str]]
    ids: Mapping[str, str]

    def __call__(self, entity: str, metric: str, period: str) -> Interval | None:
        """Return the level of a company's metric in a period, as an interval."""
        found = self.levels.get((self.key(entity), metric, period))
        return found[0] if found else None

    def key(self, entity: str) -> str:
        """Return the id of a company by any of its names."""
        return self.ids.get(entity.casefold(), entity)

    def of(self, figure: ExtractedFigure, period: str) -> Interval | None:
        """Return what is known where a figure would lie: its level in its unit, or the growth of its metric."""
        key = (self.key(figure.entity), figure.metric or "", period)
        if figure.kind == "growth_yoy":
            return self.growths.get(key)
        level, unit = self.levels.get(key, (None, ""))
        return level if unit.partition("/")[0] == figure.unit else None


def hints(part: str | None, relative: int | None, bases: Iterable[int], *, is_prior: bool) -> tuple[str, ...]:
    """Return what the words say of a period without settling it, as flags: its part, this or next year, its base."""
    said = [f"part:{part}"] if part else []
    said += [f"year:{relative}"] if relative is not None else []
    said += [f"base:{year}" for year in bases]
    said += ["prior"] if is_prior else []
    return tuple(_HINT + hint for hint in said)


def place(figures: Sequence[ExtractedFigure], history: History) -> list[ExtractedFigure]:
    """Return the figures of an undated text, with the period that they fit, or with the candidates."""
    out = list(figures)
    years: dict[str, int] = {}
    anchors = _anchors(figures)
    for frame in _frames(figures):
        if any(_flag_value(figure, "year") == "0" for figure in frame.figures):
            frame.years |= anchors.get(frame.entity, set())
        fitted = _fitted(frame, history)
        for index in frame.members:
            out[index] = fitted.of(out[index])
        if fitted.period and any(_flag_value(figure, "year") == "0" for figure in frame.figures):
            years[frame.entity] = int(fitted.period.removeprefix("FY")[:4])
    return [_place_promise(figure, years) for figure in out]


@dataclass(slots=True)
class _Frame:
    """What a text tells of one company in one part of a year, or in no part it names."""

    entity: str
    part: str | None
    figures: list[ExtractedFigure]
    members: list[int]
    years: set[int]


@dataclass(frozen=True, slots=True)
class _Fitted:
    """The period a frame fits, or why none is taken."""

    period: str | None
    reason: str | None
    candidates: tuple[str, ...]
    checked: frozenset[int]

    def of(self, figure: ExtractedFigure) -> ExtractedFigure:
        """Return the figure where the frame puts it; one that could not be held against anything stays open."""
        if figure.start not in self.checked:
            return figure
        if self.period is None:
            return replace(figure, reason=self.reason, flags=(*figure.flags, *(f"fits:{c}" for c in self.candidates)))
        period = period_labels.shift(self.period, -_offset(figure))
        kept = tuple(flag for flag in figure.flags if not flag.startswith(_HINT))
        return replace(figure, period=period, reason=None, rules=(*figure.rules, "period:fitted"), flags=kept)


def _frames(figures: Sequence[ExtractedFigure]) -> list[_Frame]:
    """Open figures by company and by the part of the year spoken of last."""
    found: dict[tuple[str, str | None], _Frame] = {}
    part: dict[str, str | None] = {}
    for index, figure in enumerate(figures):
        if figure.reason != "no_period" or figure.kind not in ("actual", "growth_yoy") or not figure.metric:
            continue
        part[figure.entity] = _flag_value(figure, "part") or part.get(figure.entity)
        key = (figure.entity, part[figure.entity])
        frame = found.setdefault(key, _Frame(*key, [], [], set()))
        frame.figures.append(figure)
        frame.years |= _years_after(figure)
        frame.members.append(index)
    return list(found.values())


def _flag_value(figure: ExtractedFigure, what: str) -> str | None:
    lead = f"{_HINT}{what}:"
    return next((flag.removeprefix(lead) for flag in figure.flags if flag.startswith(lead)), None)


def _offset(figure: ExtractedFigure) -> int:
    """Return how many years before its frame a figure lies: a comparative one."""
    return 1 if _HINT + "prior" in figure.flags else 0


def _fitted(frame: _Frame, history: History) -> _Fitted:
    every = history.tried.get(history.key(frame.entity), ())
    tried = [period for period in every if _may_be(period, frame)]
    known = {id(figure): _levels_across(figure, every, history) for figure in frame.figures}
    checked = [figure for figure in frame.figures if not known[id(figure)].keys().isdisjoint(tried)]
    alike = [
        period
        for period in tried
        if checked and all(_overlap(known[id(figure)].get(period), figure) for figure in checked)
    ]
    starts = frozenset(figure.start for figure in checked)
    if not alike:
        return _Fitted(None, "no_period", (), frozenset())
    if len(alike) > 1:
        return _Fitted(None, "period_several", tuple(alike), starts)
    said = _independent(checked)
    chance = len(tried) * math.prod(_fit_room(figure, known[id(figure)].values()) for figure in said)
    if chance >= CHANCE or len(said) < FEWEST:
        return _Fitted(None, "period_chance", tuple(alike), starts)
    return _Fitted(alike[0], None, (), starts)


def _may_be(period: str, frame: _Frame) -> bool:
    """Return true if the words allow a period: its part, and its year where they settle that."""
    found = _PART.match(period)
    if found is None or (frame.part and frame.part != (found[1] or "FY")):
        return False
    return not frame.years or frame.years == {int(period.removeprefix("FY")[:4])}


def _years_after(figure: ExtractedFigure) -> set[int]:
    """Return the year after the one that a growth is counted from, where it is named."""
    base = _flag_value(figure, "base")
    return {int(base) + 1} if base else set()


def _anchors(figures: Sequence[ExtractedFigure]) -> dict[str, set[int]]:
    """Return what "this year" is by company, where a figure says so ("this year, 42% more than in 2023")."""
    found: dict[str, set[int]] = {}
    for figure in figures:
        if _flag_value(figure, "year") == "0" and _years_after(figure):
            found.setdefault(figure.entity, set()).update(_years_after(figure))
    return found


def _levels_across(figure: ExtractedFigure, every: Sequence[str], history: History) -> dict[str, Interval]:
    """Return what is known where the figure would lie, for every period of the company that has it."""
    found = ((period, history.of(figure, period_labels.shift(period, -_offset(figure)))) for period in every)
    return {
        period: interval for period, interval in found if interval is not None and None not in _interval_ends(interval)
    }


def _overlap(known: Interval | None, figure: ExtractedFigure) -> bool:
    return known is not None and known.overlaps(_meant(figure))


def _meant(figure: ExtractedFigure) -> Interval:
    """Return the interval a figure means in the news: bounded on both sides, whatever its words."""
    if figure.value is None or figure.decimals is None or figure.low is not None:
        return Interval(figure.low, figure.high)
    if figure.qualifier not in _TIGHT:
        return Interval.of(figure.value, figure.decimals, figure.qualifier)
    below, above = (EXACT.multiply(Decimal(units), unit_of(figure.decimals)) for units in _TIGHT[figure.qualifier])
    return Interval(EXACT.add(figure.value, below), EXACT.add(figure.value, above))


def _independent(figures: Sequence[ExtractedFigure]) -> list[ExtractedFigure]:
    """Each thing said once: repetitions say nothing new, nor does the growth from one stated level to another."""
    once = {(figure.metric, figure.kind, _offset(figure)): figure for figure in reversed(figures)}
    return [
        figure
        for (metric, kind, _), figure in once.items()
        if kind != "growth_yoy" or not {(metric, "actual", 0), (metric, "actual", 1)} <= set(once)
    ]


def _fit_room(figure: ExtractedFigure, known: Iterable[Interval]) -> float:
    """Return the share of the range its metric spans that a figure leaves open.

    A float, for it is a chance and no amount.
    """
    low, high = (float(end) for end in _interval_ends(_meant(figure)) if end is not None)
    ends = [float(end) for interval in known for end in _interval_ends(interval) if end is not None]
    if figure.kind == "actual" and min(*ends, low) > 0:
        low, high, ends = math.log(low), math.log(high), [math.log(end) for end in ends]
    span = max(ends) - min(ends)
    return min((high - low) / span, 1.0) if span > 0 else 1.0


def _interval_ends(interval: Interval) -> tuple[Decimal | None, Decimal | None]:
    return interval.low, interval.high


def _place_promise(figure: ExtractedFigure, years: Mapping[str, int]) -> ExtractedFigure:
    """Return a promise for "this year" or "next year" of a text whose year the fit has settled."""
    year = years.get(figure.entity)
    ahead, base = _flag_value(figure, "year"), _flag_value(figure, "base")
    if figure.reason != "no_period" or figure.kind != "guidance" or year is None or not (ahead or base):
        return figure
    target = year + int(ahead) if ahead else int(base or 0) + 1
    if target < year or _flag_value(figure, "part") not in (None, "FY"):
        return figure
    kept = tuple(flag for flag in figure.flags if not flag.startswith(_HINT))
    return replace(figure, period=f"FY{target}", reason=None, rules=(*figure.rules, "period:fitted"), flags=kept)
