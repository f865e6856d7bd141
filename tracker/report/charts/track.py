"""Charts of marks on rails: where outcomes fell in what was promised, how figures moved, what sources say."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tracker.report.charts.comparison import shorten
from tracker.report.charts.leaves import WIDTH, Chart, float_of, key_data, make_layers
from tracker.report.text.labels import strip_unseen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.report.text.language import Language

__all__ = ["PlotMark", "Rail", "RailFrame", "Tick", "draw_rails"]

_ROW: Final = 30
_LETTER: Final = 6.8  # pixels of a letter of a name, and a little more
_MOST_NAMES: Final = 280
_TALL: Final = 54  # on a small screen the name and the label stand above the rail


@dataclass(frozen=True, slots=True)
class PlotMark:
    """A dot at a place; hollow dots are first, rough or less important values. `low` and `high` are its interval."""

    at: float
    role: str = "period"
    is_hollow: bool = False
    low: float | None = None
    high: float | None = None
    is_large: bool = False


@dataclass(frozen=True, slots=True)
class Rail:
    """One row: its name, its marks, the label at its end, and whether its marks are joined."""

    name: str
    marks: tuple[PlotMark, ...]
    label: str
    is_bold: bool = False
    is_joined: bool = False
    label_role: str = "ink"


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across all rails with its words above."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class RailFrame:
    """The scale of all rails, the ticks over it, the range shaded in it, and the pixels for names and labels."""

    domain: tuple[float, float]
    ticks: tuple[Tick, ...]
    band: tuple[float, float] | None = None
    names: int = 150
    labels: int = 250


def draw_rails(language: Language, rails: Sequence[Rail], frame: RailFrame, width: int, key: str) -> Chart:
    """Draw rows of dots over one scale, with a shaded band where there is a range to fall in."""
    domain, ticks, band = frame.domain, frame.ticks, frame.band
    names = _names_width(rails, frame)
    is_small = width <= WIDTH
    row = _TALL if is_small else _ROW
    left, right = (8, width - 14) if is_small else (names, width - frame.labels)
    height = 20 + row * len(rails)
    x = {"domain": list(domain), "range": [left, right], "nice": False, "zero": False, "clamp": True}
    y = {"domain": [0, len(rails)], "range": [20, height], "nice": False, "zero": False}
    on = 0.68 if is_small else 0.5
    data: dict[str, list[dict[str, Any]]] = {
        "lying": [{"from": band[0], "to": band[1], "top": 0, "bottom": len(rails), "role": "band"}] if band else [],
        "ticks": [
            {"value": float_of(tick.at), "label": tick.label} for tick in ticks if domain[0] <= tick.at <= domain[1]
        ],
        "rails": [{"from": domain[0], "to": domain[1], "at": at + on} for at in range(len(rails))],
        "spans": [span for at, rail in enumerate(rails) for span in _list_intervals(rail, at + on)],
        "marks": [_dot(rail, mark, at + on) for at, rail in enumerate(rails) for mark in rail.marks],
        "names": [
            {
                "at": at + (0.26 if is_small else 0.5),
                "label": shorten(rail.name, _letters(rail) if is_small else round(names / _LETTER)),
                "weight": "bold" if rail.is_bold else "normal",
            }
            for at, rail in enumerate(rails)
        ],
        "texts": [_make_label(rail, at, is_small=is_small, end=domain[1]) for at, rail in enumerate(rails)],
    }
    shown = ["lying", "grid_below", "scale_below", "rails", "spans", "marks", "names"]
    shown += ["text_halos", "texts"] if is_small else ["texts"]  # where the labels stand over the lines of the scale
    view = {"width": width, "height": height, "layer": make_layers(language, key, shown, {"x": x, "y": y}, height)}
    return Chart(
        (view,), key_data(language, key, data), width, again=partial(draw_rails, language, rails, frame, key=key)
    )


def _names_width(rails: Sequence[Rail], frame: RailFrame) -> int:
    """Choose the pixels for names: what the frame gives, or more where a name would be cut off."""
    longest = max((len(rail.name) for rail in rails), default=0)
    return max(frame.names, min(_MOST_NAMES, math.ceil(longest * _LETTER)))


def _letters(rail: Rail) -> int:
    """Count the letters of a name that have room beside its label on a small screen."""
    return min(26, max(10, 62 - len(strip_unseen(rail.label))))


def _list_intervals(rail: Rail, at: float) -> list[dict[str, Any]]:
    """List the intervals of the marks, and the line that joins them."""
    found = [
        {"from": float_of(mark.low), "to": float_of(mark.high), "at": at, "role": mark.role, "dash": [1, 0]}
        for mark in rail.marks
        if mark.low is not None and mark.high is not None and mark.low < mark.high
    ]
    if rail.is_joined and len(rail.marks) > 1:
        ends = [float_of(mark.at) for mark in rail.marks]
        found.append({"from": min(ends), "to": max(ends), "at": at, "role": "base", "dash": [1, 0]})
    return found


def _dot(rail: Rail, mark: PlotMark, at: float) -> dict[str, Any]:
    fill, size = "paper" if mark.is_hollow else mark.role, 150 if mark.is_large else 80
    tip = f"{rail.name}: {rail.label}"
    return {"from": float_of(mark.at), "at": at, "role": mark.role, "fill": fill, "size": size, "tip": tip}


def _make_label(rail: Rail, at: int, *, is_small: bool, end: float) -> dict[str, Any]:
    place = {"at": at + (0.26 if is_small else 0.5), "from": end, "align": "right" if is_small else "left"}
    look = {"role": rail.label_role, "weight": "bold" if rail.is_bold else "normal", "size": 11 if is_small else 12}
    return {**place, "dx": 12 if is_small else 24, "dy": 0, "label": rail.label, **look}
