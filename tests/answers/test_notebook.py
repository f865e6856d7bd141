"""What a notebook asks for in one call: a table of rows, a figure with its evidence, a chart."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import TYPE_CHECKING

import altair as alt
import pytest

import tracker
from support.project import fact_line, write_facts
from tracker.errors import NothingMatchedError
from tracker.pipeline.ingest import ingest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.project import Project


@pytest.fixture(scope="module")
def opened(project: Project) -> Iterator[tracker.Warehouse]:
    with tracker.Warehouse(project.warehouse) as opened:
        yield opened


def test_a_figure_has_value_growth_and_evidence(opened: tracker.Warehouse) -> None:
    """Meta's cash flow of 2024Q2: 14,573 - 6,400 of property and equipment, and 614 - 315 of leases."""
    figure = opened.figure("META", "capex", "2024Q2")
    assert (figure.entity, figure.value, figure.unit, figure.method) == (
        "meta",
        Decimal(8_472_000_000),
        "USD",
        "derived",
    )
    assert (figure.low, figure.high) == (Decimal(8_470_000_000), Decimal(8_474_000_000))
    assert (figure.growth.base_period, figure.growth.base) == ("2023Q2", Decimal(6_354_000_000))
    terms = [(sign, one.value) for sign, one in zip(figure.signs, figure.evidence, strict=True)]
    total = sum((value if sign == "+" else -value for sign, value in terms if value is not None), Decimal(0))
    assert (len(terms), total) == (4, figure.value)
    with pytest.raises(dataclasses.FrozenInstanceError):
        figure.value = None  # type: ignore[misc]


def test_a_figure_is_as_of_the_day(project: Project) -> None:
    with tracker.Warehouse(project.warehouse, as_of="2024-07-31") as early:
        assert early.figure("meta", "capex", "2023Q2").value == Decimal(6_436_000_000)
        with pytest.raises(NothingMatchedError, match="nothing is known of meta capex 2024Q2"):
            early.figure("meta", "capex", "2024Q2")


def test_an_unknown_figure_says_why(empty: Project) -> None:
    """Of a half-year alone, the second quarter does not follow."""
    write_facts(empty, fact_line("Revenues", "2024H1", "400"))
    ingest(empty, [empty.seeds])
    with tracker.Warehouse(empty.warehouse) as opened:
        figure = opened.figure("acme", "revenue", "2024Q2")
    assert (figure.value, figure.reason, figure.evidence) == (None, "the first quarter to subtract is not stated", ())
    assert "not known: the first quarter to subtract is not stated" in figure._repr_html_()


def test_rows_show_as_a_table_of_text(opened: tracker.Warehouse) -> None:
    shown = opened.sql(
        "select '<script>alert(1)</script>' as \"<b>\", 1.50::decimal(9, 2) as n, null as gone"
    )._repr_html_()
    assert "<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>" in shown
    assert '<th scope="col">&lt;b&gt;</th>' in shown
    assert '<td style="text-align:right">1.5</td>' in shown
    many = opened.sql("from range(1000)")._repr_html_()
    assert many.count("<tr>") == 51
    assert many.endswith("<p>The first 50 rows.</p>")


def test_a_chart_is_altairs_in_the_look_of_reports(opened: tracker.Warehouse) -> None:
    before = alt.theme.active
    chart = opened.chart("META", "capex", "2024Q2")
    assert isinstance(chart, alt.VConcatChart)
    spec = chart.to_dict()
    assert spec["config"]["axis"]["gridColor"] == "#d9dce0"
    assert {row["label"] for name, rows in spec["datasets"].items() if name.endswith("years") for row in rows} >= {
        "2024",
        "2025",
    }
    assert alt.theme.active == before
    with pytest.raises(NothingMatchedError):
        opened.chart("META", "no_metric")
