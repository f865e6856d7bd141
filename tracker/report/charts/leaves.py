"""The leaves of every chart: one mark over one named data set, made by Altair once in each process.

Altair's own `+`, `|` and `&` take three times as long as everything else together, so only leaves are Altair;
layers and concatenations are dicts around them. No text from data enters an expression.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import altair as alt

from tracker.report.text.labels import isolate_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tracker.report.text.language import Language

__all__ = ["LEVEL", "PALETTE", "PLOT", "WIDTH", "Chart", "Rows", "Spec", "float_of", "key_data", "make_layers", "theme"]

Spec = dict[str, Any]
Rows = dict[str, list[dict[str, Any]]]

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
FONT: Final = "Liberation Sans"  # which the renderer brings along
WIDTH: Final = 340
PLOT: Final = 308  # of a panel: the rest of its width is for the scale's numbers
LEVEL: Final = 168


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart before it is compiled: its views, the data they name, and its size in pixels.

    `bounds` is "full" for charts with axes of their own, which stick out. `again` draws the same chart at another
    width, for paper: its letters and labels fit one width, and would be too small or too large if the chart were
    scaled.
    """

    views: tuple[Spec, ...]
    data: Mapping[str, list[dict[str, Any]]]
    width: int
    bounds: str = "flush"
    again: Callable[[int], Chart] | None = field(default=None, compare=False, repr=False)


@alt.theme.register("tracker", enable=False)
def theme(fonts: Iterable[str] = ()) -> alt.theme.ThemeConfig:
    """Return the look of all our charts; `fonts` come before ours.

    The theme is registered under a name and enabled only here, so that the user's own charts keep their look.
    """
    return {
        "background": PALETTE["paper"],
        "config": {
            "aria": False,  # labels of ours instead: the renderer's would print days in the machine's time zone
            "font": ", ".join([*fonts, FONT]),
            "view": {"stroke": None},
            "axis": {
                "labelColor": PALETTE["muted"],
                "titleColor": PALETTE["muted"],
                "gridColor": PALETTE["grid"],
                "domainColor": PALETTE["ink"],
                "tickColor": PALETTE["history"],
                "labelFontSize": 11,
                "titleFontSize": 11,
                "titleFontWeight": "normal",
            },
            "legend": {"labelColor": PALETTE["ink"], "titleColor": PALETTE["muted"], "orient": "top"},
            "text": {"fontSize": 11, "color": PALETTE["ink"]},
            "title": {"anchor": "start", "color": PALETTE["ink"], "subtitleColor": PALETTE["muted"], "frame": "group"},
        },
    }


def _x(field: str) -> alt.X:
    return alt.X(f"{field}:Q", axis=None)


def _y(field: str) -> alt.Y:
    return alt.Y(f"{field}:Q", axis=None)


def _roles() -> alt.Scale:
    return alt.Scale(domain=[*PALETTE], range=[*PALETTE.values()])


def _color_by_role() -> alt.Color:
    return alt.Color("role:N", legend=None, scale=_roles())


def _chart(data: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(data))


@cache
def _leaves() -> dict[str, Spec]:
    """Make every leaf, once in each process, as a dict without the theme's configuration."""
    with alt.theme.enable("tracker"):
        return {name: _keep_leaf(leaf.to_dict()) for name, leaf in _leaf_charts().items()}


def _keep_leaf(leaf: Spec) -> Spec:
    return {key: value for key, value in leaf.items() if key in {"data", "mark", "encoding"}}


def _leaf_charts() -> dict[str, alt.Chart]:
    return {**_frame_leaves(), **_bar_leaves(), **_guidance_leaves(), **_compared_leaves()}


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
        "note_right": _chart("notes")
        .mark_text(align="right", color=PALETTE["muted"], fontSize=11.5)
        .encode(x=alt.value(PLOT), y=alt.value(12), text="label:N"),
    }


def _bar_leaves() -> dict[str, alt.Chart]:
    text: Spec = {"fontSize": alt.ExprRef("datum.size"), "dy": alt.ExprRef("datum.value < 0 ? 11 : -7")}
    halo: Spec = {"stroke": PALETTE["paper"], "strokeWidth": 3.5, "strokeJoin": "round"}
    return {
        "bars": _chart("bars")
        .mark_rect()
        .encode(x=_x("from"), x2="to", y=_y("value"), y2="zero", color=_color_by_role()),
        "halos": _chart("labels").mark_text(**text, **halo).encode(x=_x("at"), y=_y("value"), text="label:N"),
        "labels": _chart("labels")
        .mark_text(**text, fontWeight=alt.ExprRef("datum.weight"))
        .encode(x=_x("at"), y=_y("value"), text="label:N", color=_color_by_role()),
        "refusals": _chart("refusals")
        .mark_text(dy=-7, fontSize=10, fontStyle="italic", color=PALETTE["muted"])
        .encode(x=_x("at"), y=_y("value"), text="label:N"),
        "quarters": _chart("quarters")
        .mark_text(fontSize=10, fontWeight=alt.ExprRef("datum.weight"))
        .encode(x=_x("at"), y=alt.value(LEVEL - 24), text="label:N", color=_color_by_role()),
        "years": _chart("years")
        .mark_text(fontSize=11, color=PALETTE["ink"])
        .encode(x=_x("at"), y=alt.value(LEVEL - 9), text="label:N"),
        "divides": _chart("divides")
        .mark_rule(color=PALETTE["history"])
        .encode(x=_x("at"), y=alt.value(LEVEL - 33), y2=alt.value(LEVEL - 3)),
    }


def _guidance_leaves() -> dict[str, alt.Chart]:
    def t(field: str) -> alt.X:
        return alt.X(f"{field}:T", axis=None)

    edge: Spec = {"color": PALETTE["edge"], "strokeWidth": 1.75}
    halo: Spec = {"stroke": PALETTE["paper"], "strokeWidth": 3.5, "strokeJoin": "round"}
    point: Spec = {"align": "left", "dx": 7, "dy": alt.ExprRef("datum.dy"), "fontSize": 11.5, "lineBreak": "\n"}
    named: Spec = {"align": "left", "dx": 1, "dy": -7, "fontSize": 12, "fontWeight": "bold"}
    issued: Spec = {"align": "left", "dx": 1, "dy": 10, "fontSize": 10.5}
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
        "issue_halos": _chart("ranges").mark_text(**issued, **halo).encode(x=t("from"), y=_y("low"), text="day:N"),
        "issues": _chart("ranges")
        .mark_text(**issued, color=PALETTE["muted"])
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
        .encode(x=t("at"), y=_y("value"), color=_color_by_role()),
        "dot_halos": _chart("dots").mark_text(**point, **halo).encode(x=t("at"), y=_y("value"), text="label:N"),
        "dot_labels": _chart("dots")
        .mark_text(**point, fontWeight=weight)
        .encode(x=t("at"), y=_y("value"), text="label:N", color=_color_by_role()),
        "wanted": _chart("wanted")
        .mark_text(align="left", dx=7, dy=-3, fontSize=10.5, color=PALETTE["base"], lineBreak="\n")
        .encode(x=t("at"), y=_y("value"), text="label:N"),
        "to_come": _chart("to_come")
        .mark_rule(color=PALETTE["base"], strokeDash=[2, 3], strokeWidth=1.25)
        .encode(x=t("from"), x2="to", y=_y("value"), y2="end"),
    }


def _compared_leaves() -> dict[str, alt.Chart]:
    """Make the leaves of comparisons: lying bars, dots with intervals, lines with names at their ends."""
    halo: Spec = {"stroke": PALETTE["paper"], "strokeWidth": 3.5, "strokeJoin": "round"}
    weight, size = alt.ExprRef("datum.weight"), alt.ExprRef("datum.size")
    dash = alt.ExprRef("datum.dash")
    text: Spec = {"align": alt.ExprRef("datum.align"), "dx": alt.ExprRef("datum.dx"), "dy": alt.ExprRef("datum.dy")}
    return {
        "lying": _chart("lying")
        .mark_rect()
        .encode(x=_x("from"), x2="to", y=_y("top"), y2="bottom", color=_color_by_role()),
        "uprights": _chart("uprights")
        .mark_rule(strokeWidth=2)
        .encode(x=_x("at"), y=_y("top"), y2="bottom", color=_color_by_role()),
        "names": _chart("names")
        .mark_text(align="left", baseline="middle", fontSize=12.5, fontWeight=weight, color=PALETTE["ink"])
        .encode(x=alt.value(0), y=_y("at"), text="label:N"),
        "spans": _chart("spans")
        .mark_rule(strokeWidth=2, strokeDash=dash)
        .encode(x=_x("from"), x2="to", y=_y("at"), color=_color_by_role()),
        "rails": _chart("rails").mark_rule(color=PALETTE["grid"]).encode(x=_x("from"), x2="to", y=_y("at")),
        "marks": _chart("marks")
        .mark_point(filled=True, opacity=1, strokeWidth=1.75)
        .encode(
            x=_x("from"),
            y=_y("at"),
            size=alt.Size("size:Q", legend=None, scale=None),
            fill=alt.Fill("fill:N", legend=None, scale=_roles()),
            stroke=alt.Stroke("role:N", legend=None, scale=_roles()),
        ),
        "text_halos": _chart("texts")
        .mark_text(baseline="middle", fontSize=size, fontWeight=weight, **text, **halo)
        .encode(x=_x("from"), y=_y("at"), text="label:N"),
        "texts": _chart("texts")
        .mark_text(baseline="middle", fontSize=size, fontWeight=weight, **text)
        .encode(x=_x("from"), y=_y("at"), text="label:N", color=_color_by_role()),
        "scale_below": _chart("ticks")
        .mark_text(align="center", baseline="bottom", color=PALETTE["muted"], fontSize=10.5)
        .encode(x=_x("value"), y=alt.value(12), text="label:N"),
        "grid_below": _chart("ticks")
        .mark_rule(color=PALETTE["grid"])
        .encode(x=_x("value"), y=alt.value(18), y2=alt.value("height")),
        "grid_left": _chart("ticks")
        .mark_rule(color=PALETTE["grid"])
        .encode(x=alt.value(34), x2=alt.value("width"), y=_y("value")),
        "scale_left": _chart("ticks")
        .mark_text(align="right", baseline="middle", color=PALETTE["muted"], fontSize=10.5)
        .encode(x=alt.value(26), y=_y("value"), text="label:N"),
        "lines": _chart("lines")
        .mark_line(strokeWidth=2, strokeJoin="round", strokeCap="round")
        .encode(x=_x("at"), y=_y("value"), detail="line:N", order="at:Q", color=_color_by_role()),
        "line_dots": _chart("lines")
        .mark_point(filled=True, opacity=1, size=22)
        .encode(x=_x("at"), y=_y("value"), color=_color_by_role()),
        "ends": _chart("ends")
        .mark_text(align="left", baseline="middle", dx=8, fontSize=12, fontWeight=weight)
        .encode(x=_x("at"), y=_y("value"), text="label:N", color=_color_by_role()),
        "end_halos": _chart("ends")
        .mark_text(align="left", baseline="middle", dx=8, fontSize=12, fontWeight=weight, **halo)
        .encode(x=_x("at"), y=_y("value"), text="label:N"),
    }


def make_layers(
    language: Language, key: str, names: Iterable[str], scales: Mapping[str, Spec], height: int = LEVEL
) -> list[Spec]:
    """Make the layers of one view from leaves, with the view's scales on every positional channel.

    The names of periods stand at the foot of the view, whatever its height.
    """
    layers = [deepcopy(_leaves()[_choose_leaf(language, name)]) for name in names]
    for layer in layers:
        if language.is_upright:
            layer["mark"].pop("fontStyle", None)
        for channel in ("y", "y2"):
            at = layer["encoding"].get(channel, {}).get("value")
            if isinstance(at, int) and at > LEVEL / 2:
                layer["encoding"][channel]["value"] = at + height - LEVEL
        layer["data"] = {"name": f"{key}-{layer['data']['name']}"}
        for channel, scale in scales.items():
            if "field" in layer["encoding"].get(channel, {}):
                layer["encoding"][channel]["scale"] = scale
    return layers


def _choose_leaf(language: Language, name: str) -> str:
    """Choose the leaf that begins on the side where the language does."""
    return "note_right" if name == "note" and language.is_rtl else name


def key_data(language: Language, key: str, data: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Put the data sets of one view under its key, so that views can share a specification."""
    return {f"{key}-{name}": [_isolate_label(language, row) for row in rows] for name, rows in data.items()}


def _isolate_label(language: Language, row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "label": isolate_lines(language, row["label"])} if "label" in row else row


def float_of(value: float) -> float:
    """Round to twelve digits, which is more than a chart shows and gives the same bytes on every machine."""
    return float(f"{value:.12g}")
