"""The pictures: leaf charts in Altair, put together as plain dicts, compiled once each.

Altair's own `+`, `|` and `&` take three times as long as everything else together, so only leaves (one mark
over one named data set) are Altair; layers and concatenations are dicts around them. All strings are made by
us, half up; numbers become floats here and nowhere earlier. No text from data enters an expression.
"""

from __future__ import annotations

import re
import struct
import zlib
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

import altair as alt
import vl_convert

from tracker.quantity import round_half_up
from tracker.report.labels import MONTHS, Scale, grouped, scale_of, signed, span_of, symbol, trimmed
from tracker.report.words import changed, remaining

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from tracker.report.edition import Edition, Figure, Guided

__all__ = [
    "PALETTE",
    "Chart",
    "compose",
    "guidance_chart",
    "inline_svg",
    "panel",
    "png_of",
    "scale_of_steps",
    "svg_of",
    "unit_words",
]

Spec = dict[str, Any]

#: role -> colour on light paper. Each is used for one role only, so that the page can recolour them in the dark.
PALETTE: Final[Mapping[str, str]] = {
    "paper": "#ffffff",
    "ink": "#1d2126",
    "muted": "#5b626b",
    "grid": "#d9dce0",
    "history": "#8b9097",
    "base": "#4a5058",
    "period": "#0b5cad",
    "fall": "#c8401a",
    "band": "#dbe9f7",
    "edge": "#3a7fc4",
}
FONT: Final = "Liberation Sans"
WIDTH: Final = 340
_PLOT: Final = 308  # the rest is for the scale's numbers
_LEVEL: Final = 168
_GROWTH: Final = 112
_GAP: Final = 36
WIDE: Final = 3 * WIDTH + 2 * _GAP
#: Growth beyond this is drawn as far as the frame goes; its label still tells it.
CAP: Final = Decimal(3)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart before it is compiled: its views, the data they name, and its size in pixels."""

    views: tuple[Spec, ...]
    data: Mapping[str, list[dict[str, Any]]]
    width: int


@alt.theme.register("tracker", enable=False)
def _theme() -> alt.theme.ThemeConfig:
    return {
        "background": PALETTE["paper"],
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "text": {"fontSize": 11, "color": PALETTE["ink"]},
            "title": {"anchor": "start", "color": PALETTE["ink"], "subtitleColor": PALETTE["muted"], "frame": "group"},
        },
    }


# Leaves. `x` and `y` are given their scales where they are used.


def _x(field: str) -> alt.X:
    return alt.X(f"{field}:Q", axis=None)


def _y(field: str) -> alt.Y:
    return alt.Y(f"{field}:Q", axis=None)


def _role() -> alt.Color:
    return alt.Color("role:N", legend=None, scale=alt.Scale(domain=[*PALETTE], range=[*PALETTE.values()]))


def _chart(data: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(data))


@cache
def _leaves() -> dict[str, Spec]:
    """Every leaf once a process, as dicts with the theme's configuration taken out."""
    with alt.theme.enable("tracker"):
        return {name: _bare(leaf.to_dict()) for name, leaf in _leaf_charts().items()}


def _bare(leaf: Spec) -> Spec:
    return {key: value for key, value in leaf.items() if key in {"data", "mark", "encoding"}}


def _leaf_charts() -> dict[str, alt.Chart]:
    return {**_frame_leaves(), **_bar_leaves(), **_guidance_leaves()}


def _frame_leaves() -> dict[str, alt.Chart]:
    return {
        "grid": _chart("ticks")
        .mark_rule(color=PALETTE["grid"])
        .encode(x=alt.value(0), x2=alt.value("width"), y=_y("value")),
        "scale": _chart("ticks")
        .mark_text(align="right", dy=-5, color=PALETTE["muted"], fontSize=10.5)
        .encode(x=alt.value("width"), y=_y("value"), text="label:N"),
        "zero": _chart("zero").mark_rule(color=PALETTE["ink"]).encode(x=_x("from"), x2="to", y=_y("value")),
        "floor": _chart("floor")
        .mark_rule(color=PALETTE["ink"])
        .encode(x=alt.value(0), x2=alt.value("width"), y=_y("value")),
        "note": _chart("notes")
        .mark_text(align="left", color=PALETTE["muted"], fontSize=11.5)
        .encode(x=alt.value(0), y=alt.value(12), text="label:N"),
    }


def _bar_leaves() -> dict[str, alt.Chart]:
    text = {"fontSize": alt.ExprRef("datum.size"), "dy": alt.ExprRef("datum.value < 0 ? 11 : -7")}
    halo = {"stroke": PALETTE["paper"], "strokeWidth": 3.5, "strokeJoin": "round"}
    return {
        "bars": _chart("bars").mark_rect().encode(x=_x("from"), x2="to", y=_y("value"), y2="zero", color=_role()),
        "halos": _chart("labels").mark_text(**text, **halo).encode(x=_x("at"), y=_y("value"), text="label:N"),
        "labels": _chart("labels")
        .mark_text(**text, fontWeight=alt.ExprRef("datum.weight"))
        .encode(x=_x("at"), y=_y("value"), text="label:N", color=_role()),
        "refusals": _chart("refusals")
        .mark_text(dy=-7, fontSize=10, fontStyle="italic", color=PALETTE["muted"])
        .encode(x=_x("at"), y=_y("value"), text="label:N"),
        "quarters": _chart("quarters")
        .mark_text(fontSize=10, fontWeight=alt.ExprRef("datum.weight"))
        .encode(x=_x("at"), y=alt.value(_LEVEL - 24), text="label:N", color=_role()),
        "years": _chart("years")
        .mark_text(fontSize=11, color=PALETTE["ink"])
        .encode(x=_x("at"), y=alt.value(_LEVEL - 9), text="label:N"),
        "divides": _chart("divides")
        .mark_rule(color=PALETTE["history"])
        .encode(x=_x("at"), y=alt.value(_LEVEL - 33), y2=alt.value(_LEVEL - 3)),
    }


def _guidance_leaves() -> dict[str, alt.Chart]:
    def t(field: str) -> alt.X:
        return alt.X(f"{field}:T", axis=None)

    edge = {"color": PALETTE["edge"], "strokeWidth": 1.75}
    halo = {"stroke": PALETTE["paper"], "strokeWidth": 3.5, "strokeJoin": "round"}
    point = {"align": "left", "dx": 7, "dy": alt.ExprRef("datum.dy"), "fontSize": 11.5, "lineBreak": "\n"}
    named = {"align": "left", "dx": 1, "dy": -7, "fontSize": 12, "fontWeight": "bold"}
    weight = alt.ExprRef("datum.weight")
    return {
        "bands": _chart("bands").mark_rect(color=PALETTE["band"]).encode(x=t("from"), x2="to", y=_y("low"), y2="high"),
        "edges": _chart("edges")
        .mark_rule(**edge, strokeDash=alt.ExprRef("datum.dash"))
        .encode(x=t("from"), x2="to", y=_y("value")),
        "range_halos": _chart("ranges").mark_text(**named, **halo).encode(x=t("from"), y=_y("high"), text="label:N"),
        "ranges": _chart("ranges")
        .mark_text(**named, color=PALETTE["period"])
        .encode(x=t("from"), y=_y("high"), text="label:N"),
        "issues": _chart("ranges")
        .mark_text(align="left", dx=1, dy=10, fontSize=10.5, color=PALETTE["muted"])
        .encode(x=t("from"), y=_y("low"), text="day:N"),
        "months": _chart("months")
        .mark_text(align="left", dx=3, dy=13, fontSize=11, color=PALETTE["muted"], lineBreak="\n", lineHeight=13)
        .encode(x=t("at"), y=_y("zero"), text="label:N"),
        "month_ticks": _chart("months")
        .mark_tick(orient="vertical", color=PALETTE["history"], size=9, thickness=1, yOffset=4.5)
        .encode(x=t("at"), y=_y("zero")),
        "path": _chart("path")
        .mark_line(color=PALETTE["base"], strokeWidth=2.25)
        .encode(x=t("at"), y=_y("value"), order="at:T"),
        "dots": _chart("dots")
        .mark_point(filled=True, opacity=1, size=55, stroke=PALETTE["paper"], strokeWidth=1.5)
        .encode(x=t("at"), y=_y("value"), color=_role()),
        "dot_halos": _chart("dots").mark_text(**point, **halo).encode(x=t("at"), y=_y("value"), text="label:N"),
        "dot_labels": _chart("dots")
        .mark_text(**point, fontWeight=weight)
        .encode(x=t("at"), y=_y("value"), text="label:N", color=_role()),
        "wanted": _chart("wanted")
        .mark_text(align="left", dx=7, dy=-3, fontSize=10.5, color=PALETTE["base"], lineBreak="\n")
        .encode(x=t("at"), y=_y("value"), text="label:N"),
        "to_come": _chart("to_come")
        .mark_rule(color=PALETTE["base"], strokeDash=[2, 3], strokeWidth=1.25)
        .encode(x=t("from"), x2="to", y=_y("value"), y2="end"),
    }


# Layers out of leaves.


def _layers(key: str, names: Iterable[str], scales: Mapping[str, Spec]) -> list[Spec]:
    """Leaves over the data of one view, with its scales on every positional channel."""
    layers = [deepcopy(_leaves()[name]) for name in names]
    for layer in layers:
        layer["data"] = {"name": f"{key}-{layer['data']['name']}"}
        for channel, scale in scales.items():
            if "field" in layer["encoding"].get(channel, {}):
                layer["encoding"][channel]["scale"] = scale
    return layers


def _keyed(key: str, data: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {f"{key}-{name}": rows for name, rows in data.items()}


def panel(edition: Edition, metric: str) -> Chart:
    """Levels of a metric over its growth on a year earlier, one column a period, the report's own in colour."""
    series = edition.series(metric)
    x = {"domain": [-0.5, len(series) - 0.5], "range": [0, _PLOT], "nice": False, "zero": False}
    level, level_data = _level_view(edition, metric, series, x)
    growth, growth_data = _growth_view(edition, metric, series, x)
    return Chart((level, growth), {**level_data, **growth_data}, WIDTH)


def _level_view(edition: Edition, metric: str, series: Sequence[Figure], x: Spec) -> tuple[Spec, dict[str, Any]]:
    scale = chart_scale(series)
    values = [float(scale.of(row.value)) for row in series if row.value is not None]
    ticks = _ticks(min([0.0, *values]), max([0.0, *values]))
    y = {"domain": [min(ticks[0], *values, 0.0), max(ticks[-1], *values)], "range": [_LEVEL - 40, 22], "nice": False}
    data = {
        "ticks": [{"value": tick, "label": _tick_label(tick)} for tick in ticks],
        "bars": [
            _bar(edition, at, row, float(scale.of(row.value))) for at, row in enumerate(series) if row.value is not None
        ],
        "labels": [
            _label(edition, at, row, float(scale.of(row.value)), grouped(scale.of(row.value), 1))
            for at, row in enumerate(series)
            if row.value is not None and _stands_out(edition, row, at == len(series) - 1)
        ],
        "zero": [{"from": -0.5, "to": len(series) - 0.5, "value": 0}],
        **_period_labels(edition, series),
    }
    names = ["grid", "scale", "bars", "zero", "halos", "labels", "quarters", "years", "divides"]
    key = f"{metric}-level"
    view = {"width": WIDTH, "height": _LEVEL, "layer": _layers(key, names, {"x": x, "y": y})}
    return view, _keyed(key, data)


def _growth_view(edition: Edition, metric: str, series: Sequence[Figure], x: Spec) -> tuple[Spec, dict[str, Any]]:
    rates = [(at, row, _drawn_rate(row)) for at, row in enumerate(series)]
    known = [rate for _, _, rate in rates if rate is not None]
    y = {"domain": [min([0.0, *known]), max([0.0, *known]) or 1.0], "range": [_GROWTH - 16, 38], "nice": False}
    data = {
        "notes": [{"label": "Growth on a year earlier, %"}],
        "bars": [_bar(edition, at, row, rate) for at, row, rate in rates if rate is not None],
        "labels": [
            _label(edition, at, row, rate, signed(grouped((row.yoy_ratio or Decimal(0)) * 100, 0)))
            for at, row, rate in rates
            if rate is not None
        ],
        "refusals": _refusals(series),
        "zero": [{"from": -0.5, "to": len(series) - 0.5, "value": 0}],
    }
    names = ["note", "bars", "zero", "halos", "labels", "refusals"]
    key = f"{metric}-growth"
    view = {"width": WIDTH, "height": _GROWTH, "layer": _layers(key, names, {"x": x, "y": y})}
    return view, _keyed(key, data)


def _drawn_rate(row: Figure) -> float | None:
    return None if row.yoy_ratio is None else float(min(row.yoy_ratio, CAP) * 100)


def chart_scale(series: Sequence[Figure]) -> Scale:
    """One scale for a whole series: that of its largest value."""
    return scale_of(max((abs(row.value) for row in series if row.value is not None), default=Decimal(0)))


def unit_words(figure: Figure, scale: Scale) -> str:
    """The unit said once above a chart or table: `$ billion`, `million`, `$ a share`."""
    currency, per, share = figure.unit.partition("/")
    mark = symbol(currency).strip()
    words = " ".join(part for part in (mark, scale.word) if part)
    return f"{words} a {share.removesuffix('s')}" if per else words or figure.unit


def _role_of(edition: Edition, row: Figure, value: float) -> str:
    if value < 0:
        return "fall"
    if row.fiscal_period == edition.period:
        return "period"
    here = edition.figure(row.metric)
    return "base" if here is not None and row.fiscal_period == here.base_period else "history"


def _stands_out(edition: Edition, row: Figure, is_last: bool) -> bool:  # noqa: FBT001 - a plain fact about the row
    return is_last or _role_of(edition, row, float(row.value or 0)) != "history"


def _bar(edition: Edition, at: int, row: Figure, value: float) -> dict[str, Any]:
    role = _role_of(edition, row, value)
    return {
        "period": row.fiscal_period,
        "from": at - 0.37,
        "to": at + 0.37,
        "value": _float(value),
        "zero": 0,
        "role": role,
    }


def _label(edition: Edition, at: int, row: Figure, value: float, text: str) -> dict[str, Any]:
    role = _role_of(edition, row, value)
    ink = {"history": "muted", "base": "ink"}.get(role, role)
    is_own = row.fiscal_period == edition.period
    size = 9.5 if "." not in text and len(text) > 3 else 10.5  # noqa: PLR2004 - every rate has a label, and a sign
    return {
        "at": at,
        "value": _float(value),
        "label": text,
        "role": ink,
        "weight": "bold" if is_own else "normal",
        "size": size,
    }


def _float(value: float) -> float:
    """Twelve digits: as many as a chart can use, and the same on every machine."""
    return float(f"{value:.12g}")


def _period_labels(edition: Edition, series: Sequence[Figure]) -> dict[str, list[dict[str, Any]]]:
    """Two rows under the columns: Q1 Q2 Q3 Q4, and their year in the middle below."""
    if span_of(edition.period) != "quarter":
        return {
            "quarters": [],
            "years": [{"at": at, "label": str(row.fiscal_year)} for at, row in enumerate(series)],
            "divides": [],
        }
    years: dict[int, list[int]] = {}
    for at, row in enumerate(series):
        years.setdefault(row.fiscal_year, []).append(at)
    return {
        "quarters": [_quarter_label(edition, at, row) for at, row in enumerate(series)],
        "years": [
            {"at": (spots[0] + spots[-1]) / 2, "label": _year_label(series[spots[0]], spots)}
            for spots in years.values()
        ],
        "divides": [{"at": spots[0] - 0.5} for spots in list(years.values())[1:]],
    }


def _quarter_label(edition: Edition, at: int, row: Figure) -> dict[str, Any]:
    is_own = row.fiscal_period == edition.period
    return {
        "at": at,
        "label": row.fiscal_period[4:],
        "role": "period" if is_own else "muted",
        "weight": "bold" if is_own else "normal",
    }


def _year_label(row: Figure, spots: Sequence[int]) -> str:
    year = str(row.fiscal_year)
    if len(spots) == 1:
        return f"’{year[2:]}"
    return year if row.is_calendar else f"FY {year}" if len(spots) > 2 else f"FY{year[2:]}"  # noqa: PLR2004


def _refusals(series: Sequence[Figure]) -> list[dict[str, Any]]:
    """One note over each run of columns without a growth rate, as long as the run has room for."""
    runs: list[list[int]] = []
    for at, row in enumerate(series):
        if row.yoy_ratio is None:
            if runs and runs[-1][-1] == at - 1:
                runs[-1].append(at)
            else:
                runs.append([at])
    return [
        {
            "at": (run[0] + run[-1]) / 2,
            "value": 0,
            "label": _refusal([series[at] for at in run], len(run) * _PLOT / len(series)),
        }
        for run in runs
    ]


def _refusal(rows: Sequence[Figure], room: float) -> str:
    if room < 60:  # noqa: PLR2004 - pixels that the shorter words below need
        return "n/a"
    return "no earlier year" if all(row.yoy_status == "no_base" for row in rows) else "no rate"


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers from zero outward, three or four of them, covering the values."""
    step = _step(max(high, -low) or 1.0)
    first, last = 0, 0
    while first * step > Decimal(str(low)):
        first -= 1
    while (last + 1) * step <= Decimal(str(high)) + step / 3:
        last += 1
    return [float(step * at) for at in range(first, last + 1)]


def _step(reach: float) -> Decimal:
    for power in range(-6, 16):
        for digit in (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5)):
            step = digit.scaleb(power)
            if Decimal(str(reach)) / step <= 4:  # noqa: PLR2004 - at most four gridlines
                return step
    return Decimal(str(reach))


def _tick_label(tick: float) -> str:
    return trimmed(round_half_up(Decimal(str(tick)), 6), 6)


# Promises.


def guidance_chart(edition: Edition, metric: str, target: str, width: int) -> Chart | None:
    """Each promised range from its announcement to its replacement, against the sum so far; None without steps."""
    steps = changed(edition.guidance(metric, target))
    if not steps:
        return None
    frame = _Frame(edition, metric, target, steps, width)
    height = 300 if width > WIDTH else 260
    x = {"type": "utc", "domain": [_utc(frame.start), _utc(frame.end)], "range": [0, width - 74], "nice": False}
    top = max(
        [
            *(float(frame.scale.of(end)) for step in steps for end in (step.low, step.high) if end is not None),
            *frame.sums,
        ]
    )
    ticks = _ticks(0, top)
    y = {"domain": [0, max(top, ticks[-1])], "range": [height - 40, 26], "nice": False}
    names = [
        "grid",
        "scale",
        "bands",
        "edges",
        "month_ticks",
        "months",
        "floor",
        "to_come",
        "wanted",
        "path",
        "range_halos",
        "ranges",
        "issues",
        "dots",
        "dot_halos",
        "dot_labels",
    ]
    key = f"{metric}-{target}-{width}"
    data = {"ticks": [{"value": tick, "label": _tick_label(tick)} for tick in ticks if tick], **frame.data()}
    layers = _layers(key, names, {"x": x, "y": y})
    view = {"width": width, "height": height, "layer": layers}
    return Chart((view,), _keyed(key, data), width)


def scale_of_steps(steps: Sequence[Guided]) -> Scale:
    """One scale for all steps of a forecast: that of its highest end."""
    return scale_of(max(end for step in steps for end in (step.low, step.high) if end is not None))


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the chart of one promise is drawn from."""

    edition: Edition
    metric: str
    target: str
    steps: tuple[Guided, ...]
    width: int

    @property
    def spent(self) -> tuple[Figure, ...]:
        return self.edition.year_to_date(self.metric, int(self.target[2:]))

    @property
    def start(self) -> date:
        return min(self.steps[0].issued_on, self.steps[0].period_start)

    @property
    def end(self) -> date:
        return max(self.steps[0].period_end, self.steps[-1].issued_on + timedelta(days=20))

    @property
    def scale(self) -> Scale:
        return scale_of_steps(self.steps)

    @property
    def sums(self) -> list[float]:
        return [_float(float(self.scale.of(row.value))) for row in self.spent if row.value is not None]

    def data(self) -> dict[str, list[dict[str, Any]]]:
        return {
            "bands": [band for at in range(len(self.steps)) for band in self._band(at)],
            "edges": [edge for at in range(len(self.steps)) for edge in self._edges(at)],
            "ranges": [self._range(at) for at in range(len(self.steps)) if self._has_room(at)],
            "months": self._months(),
            "floor": [{"value": 0}],
            "path": self._path(),
            "dots": self._dots(),
            "to_come": self._to_come(),
            "wanted": self._wanted(),
        }

    def _until(self, at: int) -> date:
        """The day a step was replaced, or the end of what it promises."""
        return self.steps[at + 1].issued_on if at + 1 < len(self.steps) else self.end

    def _ends(self, at: int) -> tuple[float, float]:
        """Low and high as drawn: an open low end reaches to zero, an open high end is its low end."""
        low, high = self.steps[at].low, self.steps[at].high
        high = low if high is None else high
        return (0.0 if low is None else _float(float(self.scale.of(low)))), _float(
            float(self.scale.of(high or Decimal(0)))
        )

    def _band(self, at: int) -> Iterable[dict[str, Any]]:
        low, high = self._ends(at)
        yield {"from": _utc(self.steps[at].issued_on), "to": _utc(self._until(at)), "low": low, "high": high}

    def _edges(self, at: int) -> Iterable[dict[str, Any]]:
        known, until = min(self.edition.known_on, self._until(at)), self._until(at)
        spans = [(self.steps[at].issued_on, max(known, self.steps[at].issued_on), [1, 0])]
        spans += [(max(known, self.steps[at].issued_on), until, [4, 3])] if known < until else []
        for end, stated in zip(self._ends(at), (self.steps[at].low, self.steps[at].high), strict=True):
            if stated is not None:
                yield from (
                    {"from": _utc(a), "to": _utc(b), "value": end, "dash": dash} for a, b, dash in spans if a < b
                )

    def _range(self, at: int) -> dict[str, Any]:
        step, (low, high) = self.steps[at], self._ends(at)
        numbers = [trimmed(self.scale.of(end), 1) for end in (step.low, step.high) if end is not None]
        prefix = "≥ " if step.high is None else "≤ " if step.low is None else ""
        issued = f"{step.issued_on.day} {MONTHS[step.issued_on.month - 1][:3]}"
        text = prefix + "–".join(dict.fromkeys(numbers))
        return {"from": _utc(step.issued_on), "low": low, "high": high, "label": text, "day": issued}

    def _has_room(self, at: int) -> bool:
        pixels = (
            (self._until(at) - self.steps[at].issued_on).days * (self.width - 74) / max(1, (self.end - self.start).days)
        )
        return pixels >= 38 or at + 1 == len(self.steps)  # noqa: PLR2004 - the width of "37–40"

    def _months(self) -> list[dict[str, Any]]:
        """The first of each quarter of the calendar; the year under January, or under the first of all."""
        found: list[dict[str, Any]] = []
        year, month = self.start.year, (self.start.month - 1) // 3 * 3 + 1
        while (first := self.start.replace(year=year, month=month, day=1)) < self.end:
            if first >= self.start:
                named = f"\n{year}" if month == 1 or not found else ""
                found.append({"at": _utc(first), "label": MONTHS[month - 1][:3] + named, "zero": 0})
            year, month = (year + 1, 1) if month > 9 else (year, month + 3)  # noqa: PLR2004 - after October
        return found

    def _path(self) -> list[dict[str, Any]]:
        begun = [{"at": _utc(self.steps[0].period_start), "value": 0.0}] if self.sums else []
        return begun + [
            {"at": _utc(row.period_end), "value": value} for row, value in zip(self.spent, self.sums, strict=True)
        ]

    def _dots(self) -> list[dict[str, Any]]:
        last = len(self.sums) - 1
        return [
            {
                "at": _utc(row.period_end),
                "value": value,
                "label": grouped(self.scale.of(row.value or Decimal(0)), 1)
                + (" so far" if at == last < 3 else "\nspent" if at == last else ""),  # noqa: PLR2004
                "role": "period" if self._is_own(row) else "ink" if at == last else "base",
                "weight": "bold" if at == last or self._is_own(row) else "normal",
                "dy": 2 if row.fiscal_period == self.target else 12,
            }
            for at, (row, value) in enumerate(zip(self.spent, self.sums, strict=True))
        ]

    def _is_own(self, row: Figure) -> bool:
        own = self.edition.figure(self.metric)
        return own is not None and own.period_end == row.period_end

    def _to_come(self) -> list[dict[str, Any]]:
        """Where the rest of the year must lead, while it is not over."""
        if (
            not self.spent
            or self.spent[-1].fiscal_period == self.target
            or remaining(self.steps[-1], self.spent[-1]) is None
        ):
            return []
        here = {"from": _utc(self.spent[-1].period_end), "to": _utc(self.steps[-1].period_end), "value": self.sums[-1]}
        ends = [end for end in (self.steps[-1].low, self.steps[-1].high) if end is not None]
        return [{**here, "end": _float(float(self.scale.of(end)))} for end in ends]

    def _wanted(self) -> list[dict[str, Any]]:
        """How much the rest of the year must add, at its end."""
        drawn = self._to_come()
        if not drawn:
            return []
        step, done = self.steps[-1], self.spent[-1].value or Decimal(0)
        numbers = [trimmed(self.scale.of(end - done), 1) for end in (step.low, step.high) if end is not None]
        middle = sum(row["end"] for row in drawn) / len(drawn)
        return [
            {"at": drawn[0]["to"], "value": _float(middle), "label": "–".join(dict.fromkeys(numbers)) + "\nto come"}
        ]


def _utc(moment: date) -> str:
    """A day as the chart reads it alike in every time zone."""
    return f"{moment.isoformat()}T00:00:00Z"


# Compiling.


def _whole(chart: Spec, data: Mapping[str, list[dict[str, Any]]]) -> Spec:
    theme = _theme()
    return {
        "$schema": alt.SCHEMA_URL,
        "background": theme["background"],
        "config": theme["config"],
        "datasets": dict(sorted(data.items())),
        **chart,
    }


def _single(chart: Chart) -> Spec:
    body = {"vconcat": list(chart.views), "spacing": 4, "bounds": "flush"}
    return _whole({**body, "padding": 0, "background": None}, chart.data)


def compose(title: Spec, charts: Sequence[tuple[Spec, Chart]], foot: Sequence[str]) -> Spec:
    """One picture of all charts under a title: narrow ones three in a row, wide ones a row each, the source below."""
    rows: list[Spec] = []
    narrow = [_titled(head, chart) for head, chart in charts if chart.width <= WIDTH]
    rows += [{"hconcat": narrow[at : at + 3], "spacing": _GAP} for at in range(0, len(narrow), 3)]
    rows += [_titled(head, chart) for head, chart in charts if chart.width > WIDTH]
    rows.append(_foot(foot))
    data = {name: values for _, chart in charts for name, values in chart.data.items()}
    padding = {"left": 32, "right": 32, "top": 28, "bottom": 24}
    return _whole({"title": title, "vconcat": rows, "spacing": 30, "padding": padding}, data)


def _titled(head: Spec, chart: Chart) -> Spec:
    return {"title": head, "vconcat": list(chart.views), "spacing": 4, "bounds": "flush"}


def _foot(lines: Sequence[str]) -> Spec:
    text = {"type": "text", "text": list(lines), "align": "left", "baseline": "top", "fontSize": 11, "lineHeight": 15}
    mark = {**text, "color": PALETTE["muted"], "x": 0, "y": 0}
    return {"data": {"values": [{}]}, "mark": mark, "width": WIDE, "height": 15 * len(lines)}


def svg_of(spec: Spec) -> str:
    """A finished specification as SVG."""
    svg: str = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    return svg


def png_of(svg: str, scale: float = 2) -> bytes:
    """An SVG as PNG, two pixels to one by default."""
    return _packed(vl_convert.svg_to_png(svg, scale=scale))


def _packed(png: bytes) -> bytes:
    """The same picture, its pixels packed well: the renderer packs for speed, and makes files four times the size."""
    at, head, pixels = len(_PNG), b"", b""
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        head += body if kind == b"IHDR" else b""
        pixels += body if kind == b"IDAT" else b""
        at += length + 12
    packed = zlib.compress(zlib.decompress(pixels), 6)
    return _PNG + _chunk(b"IHDR", head) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


_PNG: Final = b"\x89PNG\r\n\x1a\n"


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


_SVG: Final = "http://www.w3.org/2000/svg"
_KEPT_OUT: Final = re.compile(r"(class|role|aria-.*|font-family|stroke-miterlimit|version)")


def inline_svg(chart: Chart, key: str, alt_text: str) -> str:
    """A chart as an SVG element for the page: labelled, its ids its own, without the renderer's roles and fonts."""
    root = ET.fromstring(svg_of(_single(chart)))  # noqa: S314 - the renderer's own output
    for node in root.iter():
        node.attrib = {name: value for name, value in node.attrib.items() if not _KEPT_OUT.fullmatch(name)}
    _prune(root)
    labels = f"{key}-name {key}-alt"
    root.attrib = {"viewBox": root.attrib["viewBox"], "role": "img", "aria-labelledby": labels, "class": "chart"}
    description = ET.Element(f"{{{_SVG}}}desc", {"id": f"{key}-alt"})
    description.text = alt_text
    root.insert(0, description)
    ET.register_namespace("", _SVG)
    text = ET.tostring(root, encoding="unicode").replace(f' xmlns="{_SVG}"', "")
    return re.sub(r'(\bid="|url\(#)(clip|gradient)', rf"\1{key}-\2", text)


def _prune(node: ET.Element) -> None:
    """Take out what draws nothing: empty paths and the groups that held only them."""
    for child in list(node):
        _prune(child)
        is_path, is_group = (child.tag == f"{{{_SVG}}}{tag}" for tag in ("path", "g"))
        if (is_path and _draws_nothing(child)) or (is_group and len(child) == 0):
            node.remove(child)


def _draws_nothing(path: ET.Element) -> bool:
    """Whether a path is hidden, empty, or has neither fill nor line of its own (the root's fill is none)."""
    is_bare = path.get("fill") in {None, "none"} and path.get("stroke") is None
    return path.get("display") == "none" or not path.get("d") or is_bare
