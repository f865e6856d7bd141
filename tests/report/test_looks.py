"""How charts look: labels that do not touch, charts of plain rows, pictures that lose nothing on their way."""

from __future__ import annotations

import json
import re
import struct
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import combinations, pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from support.golden import count_differences, draw_characters
from support.headlines import make_figure
from support.languages import ENGLISH
from support.reports import EXAMPLES, OWN_CHARTS, make_chart, write_own_chart
from tracker.report import document_of, render
from tracker.report.charts.comparison import spread_apart
from tracker.report.charts.drawing import chart_svg, inline_svg, png_of
from tracker.report.charts.leaves import PLOT, WIDTH, Chart
from tracker.report.charts.panel import _HALF, _number_width, _Panel
from tracker.report.charts.query_chart import Channels, draw_query_chart
from tracker.report.custom import settle_config
from tracker.report.kinds.evidence import _with_sign
from tracker.report.output.interactive import live_charts
from tracker.report.text.words import describe_growth

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tracker.report.data.edition import Edition, EditionFigure
    from tracker.warehouse.reader import Warehouse

# -- labels that do not touch -----------------------------------------------------------------------------


@given(st.lists(st.floats(-50, 150), min_size=1, max_size=30), st.floats(0.5, 10))
def test_names_are_moved_apart_and_stay_in_their_room(values: list[float], gap: float) -> None:
    values = sorted(values, reverse=True)
    placed = spread_apart(values, gap, (0, 100))
    apart = min(gap, 100 / max(1, len(values) - 1))
    assert all(a - b >= apart - 1e-6 for a, b in pairwise(placed))
    assert -1e-6 <= placed[-1] <= placed[0] <= 100 + 1e-6


def test_names_with_room_stay_where_they_are() -> None:
    assert spread_apart([90, 50, 10], 15, (0, 100)) == [90, 50, 10]


def panel(values: Sequence[str | None], rates: Sequence[str | None]) -> _Panel:
    """The panel of a metric's quarters up to 2024Q2, with their growth."""
    places = range(8098 - len(values), 8098)
    rows: tuple[EditionFigure, ...] = tuple(
        replace(
            make_figure("capex", value, "1e9" if rate else None, rate, period=f"{place // 4}Q{place % 4 + 1}"),
            base_period=f"{place // 4 - 1}Q{place % 4 + 1}",
        )
        for place, value, rate in zip(places, values, rates, strict=True)
    )
    of = SimpleNamespace(language=ENGLISH, period="2024Q2", figure=lambda _: rows[-1])
    return _Panel(cast("Edition", of), "capex", rows, rows, "capex")


rates = st.lists(st.decimals(-2, 40, places=3).map(str), min_size=1, max_size=21)


@given(rates)
def test_labels_of_a_panel_do_not_touch(found: list[str]) -> None:
    drawn = panel([f"{float(rate) * 1e9:.0f}" for rate in found], found)
    for (view, data), name in ((drawn.levels(), "capex-level"), (drawn.growth(), "capex-growth")):
        labels, columns = data[f"{name}-labels"], len(found)
        scale = view["layer"][1]["encoding"]["y"]["scale"]
        pixel = (scale["range"][0] - scale["range"][1]) / (scale["domain"][1] - scale["domain"][0])
        boxes = [
            (
                label["at"] * 308 / columns,
                _number_width(ENGLISH, label["label"], label["size"]) / 2,
                label["value"] * pixel + (-11 if label["value"] < 0 else 7),
                label["size"],
            )
            for label in labels
        ]
        for (x, half, up, size), (x2, half2, up2, size2) in combinations(boxes, 2):
            assert abs(x - x2) >= half + half2 - 1e-6 or abs(up - up2) >= max(size, size2) - 1e-6
        assert labels[-1]["at"] == columns - 1, "the report's own period always has its label"


def test_losses_are_labelled_where_they_are_the_exception() -> None:
    few = panel(["1e9", "2e9", "-1e9", "2e9", "3e9", "2e9", "3e9", "4e9"], [None] * 8)
    all_of_them = panel(["-1e9", "-2e9", "-3e9", "-2e9", "-3e9", "-2e9", "-3e9", "-4e9"], [None] * 8)
    labelled = [[label["at"] for label in drawn.levels()[1]["capex-level-labels"]] for drawn in (few, all_of_them)]
    assert labelled == [[2, 3, 7], [3, 7]]


# -- charts of plain rows ------------------------------------------------------------------------------------

DAYS = [date(2023, 1, 1), date(2024, 1, 1), date(2025, 1, 1), date(2026, 1, 1)]


def drawn(rows: Sequence[Sequence[Any]], *, mark: str | None = None, series: int | None = None) -> Chart:
    names = tuple(f"column {at}" for at in range(len(rows[0])))
    return draw_query_chart(ENGLISH, Channels(mark, names, 0, 1, series), rows, 1092, "mine")


def test_bars_with_long_names_lie() -> None:
    few = [("a", 1), ("a name of a few words", 2)]
    assert drawn(few).views[0]["layer"][0]["encoding"]["x"]["field"] == "c0"
    many = [(f"a name of a few words {at}", at) for at in range(12)]
    assert drawn(many).views[0]["layer"][0]["encoding"]["y"]["field"] == "c0"


TIMES = [
    # case, days, labels
    ("years", [date(1990, 1, 1), date(2024, 1, 1)], ["1990", "1992", "1994"]),
    ("months", [date(2023, 11, 15), date(2024, 11, 15)], [["Dec", "2023"], ["Jan", "2024"], "Feb"]),
    ("days", [date(2024, 2, 1), date(2024, 2, 10)], ["1 Feb", "2 Feb", "3 Feb"]),
]  # fmt: skip


@pytest.mark.parametrize(("case", "days", "labels"), TIMES, ids=[case for case, *_ in TIMES])
def test_time_is_told_in_years_months_or_days(case: str, days: list[date], labels: list[Any]) -> None:
    axis = drawn([(day, 1) for day in days]).views[0]["layer"][0]["encoding"]["x"]["axis"]
    told = json.loads(axis["labelExpr"].partition("[indexof")[0])
    assert told[:3] == labels, case
    assert len(told) == len(axis["values"]) <= 24


def test_a_moment_without_a_zone_is_utc() -> None:
    naive, zoned = datetime(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)  # noqa: DTZ001 - what is tested
    told = [drawn([(moment, 1)]).data["own-mine-1092-rows"][0]["c0"] for moment in (naive, zoned)]
    assert told == ["2024-01-01T00:00:00+00:00"] * 2


def test_lines_have_their_names_at_their_ends() -> None:
    rows = [(day, amount * at, name) for at, day in enumerate(DAYS) for name, amount in (("a", 1), ("b", 1.01))]
    chart = drawn(rows, series=2)
    ends = chart.data["own-mine-1092-ends"]
    assert [end["label"] for end in ends] == ["b", "a"]
    assert ends[0]["at"] - ends[1]["at"] > 0.1, "apart although the lines end together"
    assert all(layer["encoding"].get("color", {}).get("legend") is None for layer in chart.views[0]["layer"])


NUMBERS = [
    # values, labels
    ((1, 2000), ["1", "2,000"]),
    ((28.649, 32.0), ["28.6", "32.0"]),
    ((Decimal("1.25"), None), ["1.25", ""]),
    ((-0.0012, 0.0034), ["−0.00120", "0.00340"]),  # noqa: RUF001 - a real minus
]  # fmt: skip


@pytest.mark.parametrize(("values", "labels"), NUMBERS)
def test_numbers_on_bars_have_three_digits(values: Sequence[Any], labels: list[str]) -> None:
    rows = drawn([(f"n{at}", value) for at, value in enumerate(values)]).data["own-mine-1092-rows"]
    assert [row["label"] for row in rows] == labels


ODD = [
    [(None, 1), ("a", None)],
    [("a", None)],
    [("a", 0), ("b", 0)],
    [("a", -5), ("b", -1)],
    [(1, 1), (1, 1)],
    [(date(2024, 1, 1), 5)],
    [(datetime(2024, 1, 1, 3, tzinfo=UTC), 5), (datetime(2024, 1, 1, 9, tzinfo=UTC), 6)],
    [("a", 10**30), ("b", Decimal("1e-12"))],
]


@pytest.mark.parametrize("rows", ODD, ids=str)
@pytest.mark.parametrize("mark", ["bar", "line", "point"])
def test_odd_rows_are_drawn(rows: Sequence[Sequence[Any]], mark: str) -> None:
    assert chart_svg(ENGLISH, drawn(rows, mark=mark)).startswith("<svg")


def test_a_chart_of_many_names_has_a_size() -> None:
    """As many series as names, each of a name too long to stand under its bar: no picture takes all memory."""
    svg = chart_svg(
        ENGLISH,
        drawn([(f"a name of a few words {at}", at, f"a series of its own {at}") for at in range(150)], series=2),
    )
    width, height = (float(found) for found in re.findall(r'\b(?:width|height)="([\d.]+)"', svg)[:2])
    assert width < 1400
    assert height < 2800


def test_rows_without_an_order_go_by_what_stands_across(warehouse: Warehouse, tmp_path: Path) -> None:
    """Or the same question would give another picture on another number of threads."""
    values = "select * from (values ('b', 1), ('c', 2), ('a', 3)) as t(name, amount)"
    found = []
    for at, query in enumerate((values, f"{values} order by amount desc", f"{values} order by amount limit 2")):
        (tmp_path / str(at)).mkdir()
        (text,) = render(
            warehouse, replace(OWN_CHARTS, formats=("json",)), write_own_chart(tmp_path / str(at), sql=query)
        )
        sets = json.loads(text.read_text("utf-8"))["vega_lite"]["datasets"]
        found.append("".join(row["c0"] for row in sets["own-mine-1092-rows"]))
    assert found == ["abc", "acb", "bc"]


def test_what_is_no_number_is_unknown(warehouse: Warehouse, tmp_path: Path) -> None:
    query = "select * from (values ('a', 'nan'::double), ('b', 'inf'::double), ('c', 1.0)) as t(name, amount)"
    (text,) = render(warehouse, replace(OWN_CHARTS, formats=("json",)), write_own_chart(tmp_path, sql=query))
    sets = json.loads(text.read_text("utf-8"))["vega_lite"]["datasets"]
    assert [row["c1"] for row in sets["own-mine-1092-rows"]] == [None, None, 1.0]


# -- charts in Python ------------------------------------------------------------------------------------------

PYTHON = """
import altair as alt

def chart(warehouse, definition):
    frame = warehouse.sql("select fiscal_period as quarter, 1.0 as amount from quarter where entity = 'meta'").df()
    drawn = alt.Chart(frame).mark_bar(cornerRadius=3).encode(x="quarter:N", y="amount:Q", color="quarter:N")
    return (drawn.properties(width=500).configure_axis(labelFontSize=17).configure_axisX(labelColor="#123456")
        .configure_bar(stroke="#abcdef").configure_legend(symbolSize=77).configure_range(category=["#654321"]))
"""


def test_a_chart_keeps_its_configuration_on_the_page_and_in_the_picture(warehouse: Warehouse, tmp_path: Path) -> None:
    html, svg = render(warehouse, replace(OWN_CHARTS, formats=("html", "svg")), write_own_chart(tmp_path, py=PYTHON))
    for text in (html.read_text("utf-8"), svg.read_text("utf-8")):
        for said in ("17px", "#123456", "#abcdef", "#654321"):
            assert said in text


def test_what_a_chart_says_itself_beats_its_configuration() -> None:
    spec = {"layer": [{"mark": {"type": "bar", "color": "red"}, "encoding": {"x": {"field": "a", "axis": None}}}]}
    config = {"bar": {"color": "blue", "size": 3}, "axis": {"grid": False}, "view": {"stroke": "green"}}
    made = settle_config(spec, config)
    (layer,) = made["layer"]
    assert layer["mark"] == {"type": "bar", "color": "red", "size": 3}
    assert layer["encoding"]["x"]["axis"] is None
    assert made["view"] == {"stroke": "green"}
    assert spec["layer"][0]["mark"] == {"type": "bar", "color": "red"}, "the user's own is left alone"


def test_what_cuts_a_mark_off_is_kept() -> None:
    """Bars with round corners are cut to their shape: without it they were not to be seen."""
    mark = {"type": "bar", "cornerRadius": 3}
    encoding = {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", "type": "quantitative"}}
    view = {"mark": mark, "encoding": encoding, "width": 200}
    drawn = Chart(({"data": {"values": [{"a": "x", "b": 1}]}, **view},), {}, WIDTH, bounds="full")
    text = inline_svg(ENGLISH, drawn, "mine", "name", "Words.")
    named = set(re.findall(r'clipPath id="([^"]+)"[^>]*>\s*<path', text))
    assert named == set(re.findall(r"url\(#([^)]+)\)", text)) != set()


# -- pictures ---------------------------------------------------------------------------------------------------


def pixels(png: bytes) -> bytes:
    at, found = 8, b""
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", png, at + 8 + length) == (zlib.crc32(kind + body),)
        found += body if kind == b"IDAT" else b""
        at += length + 12
    return zlib.decompress(found)


def test_a_png_is_packed_and_has_the_same_pixels(warehouse: Warehouse) -> None:
    (picture, *_) = [p for section in document_of(warehouse, EXAMPLES["growth"]).sections for p in section.pictures]
    svg = chart_svg(ENGLISH, picture.chart)
    raw, packed = vl_convert.svg_to_png(svg, scale=2), png_of(svg)
    assert pixels(packed) == pixels(raw)
    assert len(packed) < 0.6 * len(raw)


@pytest.mark.parametrize("kind", ["growth", "peers", "guidance", "restatements", "reconciliation", "changes"])
def test_every_live_chart_answers(warehouse: Warehouse, kind: str) -> None:
    for key, spec in live_charts(document_of(warehouse, EXAMPLES[kind])).items():
        assert '"tooltip": {"field": "tip"' in spec, key


def test_marks_of_direction_take_no_room() -> None:
    """Or a panel in Arabic would have fewer labels than one in English."""
    assert _number_width(ENGLISH, "\u2066+104\u2069", 9.5) == _number_width(ENGLISH, "+104", 9.5)


# -- cases that looked wrong -------------------------------------------------------------------------


def test_a_turn_from_profit_to_loss_is_said_in_words_and_has_no_bar() -> None:
    row = make_figure("net_income", "-399", "100", "-4.99", "profit_to_loss")
    assert row.rate is None
    assert describe_growth(ENGLISH, row) == "profit to loss"
    assert describe_growth(ENGLISH, replace(row, yoy_status="ok")) == "\N{MINUS SIGN}499.0%"


@pytest.mark.parametrize(
    ("mark", "value", "text", "shown"),
    [
        ("+\xa0", "48300", "48,300", "+\xa048,300"),
        ("+\xa0", "-48300", "\N{MINUS SIGN}48,300", "\N{MINUS SIGN}48,300"),
        ("\N{MINUS SIGN}\xa0", "48300", "48,300", "\N{MINUS SIGN}\xa048,300"),
        ("\N{MINUS SIGN}\xa0", "-48300", "\N{MINUS SIGN}48,300", "\N{MINUS SIGN}\xa0(\N{MINUS SIGN}48,300)"),
    ],
)
def test_a_negative_amount_has_one_sign(mark: str, value: str, text: str, shown: str) -> None:
    assert _with_sign(ENGLISH, mark, Decimal(value), text) == shown


@pytest.mark.parametrize("columns", [1, 2, 3, 5, 9])
def test_a_single_column_is_no_slab(columns: int) -> None:
    rows = [make_figure("revenue", "5", None, period=f"{2020 + at // 4}Q{at % 4 + 1}") for at in range(columns)]
    edition = SimpleNamespace(language=ENGLISH, period="2020Q1", figure=lambda _: None)
    low, high = _Panel(edition, "revenue", tuple(rows), tuple(rows), "a").ends  # type: ignore[arg-type]
    assert 2 * _HALF * PLOT / (high - low) <= PLOT / 5
    assert low + high == columns - 1  # what is drawn stands in the middle


CHANGED_CHARTS = [
    # what changes, the rows and the name of the layers' colours after it
    ("a column grows", {"value": 2.6}, "history"),
    ("a column moves", {"from": 0.5, "to": 1.3}, "history"),
    ("a colour is lighter", {}, "band"),
]


@pytest.mark.parametrize(("case", "change", "role"), CHANGED_CHARTS, ids=[case for case, *_ in CHANGED_CHARTS])
def test_a_golden_picture_differs_where_a_chart_does(case: str, change: dict[str, float], role: str) -> None:
    chart = make_chart()
    before, again = draw_characters(chart), draw_characters(make_chart())
    assert count_differences(before, again) == 0
    rows = [{**row, "role": role, **(change if at == 1 else {})} for at, row in enumerate(chart.data["made-bars"])]
    after = draw_characters(replace(chart, data={"made-bars": rows}))
    assert count_differences(before, after) > 10, case
