"""What is known of a company: parts that filings state, and rates in statements."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from support.inline import CLOSE, USD, WHOLE, context, figure, member, page
from tracker.answers.company import list_parts, list_peers, read_statements
from tracker.pipeline.ingest import ingest
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from tracker.project import Project

SEGMENTS = "us-gaap:StatementBusinessSegmentsAxis"
EQUITY = "us-gaap:StatementEquityComponentsAxis"


def test_parts_are_segments_regions_and_products(empty: Project) -> None:
    """Not the parts of equity, and not the crossing of two axes."""
    contexts = "".join(
        [
            context("north", inside=member(SEGMENTS, "acme:GreaterNorthSegmentMember")),
            context("both", inside=member(SEGMENTS, "acme:GreaterNorthSegmentMember") + member("srt:ProductOrServiceAxis", "us-gaap:ProductMember")),
            context("equity", inside=member(EQUITY, "us-gaap:RetainedEarningsMember")),
        ]
    )  # fmt: skip
    figures = "".join(
        figure(text, key=key, element=key)
        for key, text in (("y", "900"), ("north", "500"), ("both", "300"), ("equity", "100"))
    )
    path = empty.root / "acme-10-k-2025-02-01.html"
    path.write_text(page(figures, WHOLE + CLOSE + USD + contexts), "utf-8")
    ingest(empty, [path])
    with Warehouse(empty.warehouse) as warehouse:
        ((entity,),) = warehouse.sql("select distinct entity from fact").fetchall()
        (part,) = list_parts(warehouse, entity)
        assert list_parts(warehouse, entity, "net_income") == []
    assert (part.part, part.metric, part.fiscal_period, part.value) == (
        "Greater North Segment", "revenue", "FY2024", Decimal(500_000_000),
    )  # fmt: skip


def test_statements_have_one_column_for_each_period(warehouse: Warehouse) -> None:
    tables = read_statements(warehouse, "meta", "quarter", 4)
    assert {table.periods for table in tables} == {("2025Q2", "2025Q3", "2025Q4", "2026Q1")}
    assert all(len(line.cells) == 4 for table in tables for line in table.lines)
    assert [table.section for table in tables] == ["income", "cash flow"]
    (rate,) = (
        line for table in read_statements(warehouse, "meta", "year") for line in table.lines if line.measure == "ratio"
    )
    assert [cell.value for cell in rate.cells if cell] == [Decimal("0.1175"), Decimal("0.296")]


def test_peers_are_ranked_in_the_latest_quarter_that_most_have(warehouse: Warehouse) -> None:
    found = list_peers(warehouse, "capex")
    assert {one.calendar_quarter for one in found} == {"2026Q1"}
    ratios = [one.yoy_ratio for one in found if one.yoy_ratio is not None]
    assert ratios == sorted(ratios, reverse=True)
    assert [one.entity for one in list_peers(warehouse, "capex", ["meta"], "2024Q2")] == ["meta"]
