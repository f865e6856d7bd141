"""Reports on a company that changed its tag: growth, charts and notes follow the base, never the figure shown beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from support.project import fact_line, init_at, of_company, worked_out, write_facts, write_sources
from tracker.explain.tree import explain_figure
from tracker.notify.notices import find_notices
from tracker.pipeline.ingest import ingest
from tracker.report import FORMATS, Definition, document_of
from tracker.report.output.page import page

if TYPE_CHECKING:
    from tracker.report.document import Document
    from tracker.warehouse.reader import Warehouse

SALES = "RevenueFromContractWithCustomerExcludingAssessedTax"
OLD = [("2023Q1", "100"), ("2023Q2", "110"), ("2023Q3", "120"), ("2023Q4", "130")]
#: What the new tag says of the year before, as the quarters of 2024 are filed.
NEW = [("2024Q1", "90", "99"), ("2024Q2", "100", "120")]
PLAIN = [*OLD, ("2024Q1", "140"), ("2024Q2", "150")]


@pytest.fixture(scope="module")
def switched(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """`acme` files its revenue under another tag since 2024, `bolt` without the year before, `core` under one tag."""
    project = init_at(tmp_path_factory.mktemp("switched"), ["acme", "bolt", "core"])
    write_sources(
        project,
        *(f"k{year},filing,Acme,,en,,,0000000001-{year % 100}-00000{n},10-Q,{year + 1}-02-0{n},\n" for year, n in ((2023, 1), (2024, 2))),
    )  # fmt: skip
    old = [fact_line("Revenues", period, value, source="k2023") for period, value in OLD]
    after = [fact_line(SALES, period, value, source="k2024") for period, _, value in NEW]
    before = [fact_line(SALES, period.replace("2024", "2023"), value, source="k2024") for period, value, _ in NEW]
    plain = [fact_line("Revenues", period, value, source=f"k{period[:4]}") for period, value in PLAIN]
    write_facts(
        project,
        *of_company("acme", [*old, *after, *before]),
        *of_company("bolt", [*old, *after]),
        *of_company("core", plain),
    )
    ingest(project, [project.seeds])
    return worked_out(project.warehouse)


def asked(kind: str, *entities: str, **other: Any) -> Definition:
    blank = Definition("mine", kind, entities, ("revenue",), "2024Q2", None, None, FORMATS)
    return replace(blank, **other)


@pytest.fixture(scope="module")
def growth(switched: Warehouse) -> Document:
    return document_of(switched, asked("growth", "acme"))


def test_the_headline_and_the_card_name_the_base(growth: Document) -> None:
    assert (
        growth.headline
        == "Acme\N{RIGHT SINGLE QUOTATION MARK}s revenue rose about 20% to $120.0 million in the second quarter of 2024"
    )
    assert "A year earlier it was $100.0 million." in growth.lead
    assert growth.cards[0].fine.startswith("from $100.00 m")


def test_a_note_tells_the_base_from_the_figure_shown(growth: Document) -> None:
    (note,) = [note for note in growth.notes if note.title == "Base of growth"]
    assert note.text == (
        f"Growth of revenue in 2024Q2 is measured from $100.000 million for 2023Q2, as filed under us-gaap:{SALES} on the "
        "same basis; the figure shown for 2023Q2 is $110.000 million."
    )


def test_the_column_of_the_year_before_is_the_base(growth: Document) -> None:
    bars = [
        row for name, rows in growth.sections[0].pictures[0].chart.data.items() if name.endswith("bars") for row in rows
    ]
    levels = {bar["period"]: bar["value"] for bar in bars if bar["role"] == "base"}
    assert levels["2023Q2"] in (100.0, 0.1)


def test_where_there_is_no_base_the_card_says_why(switched: Warehouse) -> None:
    document = document_of(switched, asked("growth", "bolt"))
    assert document.headline.endswith("not comparable with a year earlier")
    assert document.cards[0].growth == "not comparable"
    assert document.cards[0].fine == "2023Q2 is known under us-gaap:Revenues only"
    german = document_of(switched, asked("growth", "bolt", language="de"))
    assert german.cards[0].fine == "2023Q2 ist nur als us-gaap:Revenues bekannt"


def test_a_sum_of_companies_grows_only_where_each_does(switched: Warehouse) -> None:
    assert (
        "Together $270.0 million, +29% on a year earlier" in document_of(switched, asked("peers", "acme", "core")).lead
    )
    assert "Together $270.0 million:" in document_of(switched, asked("peers", "bolt", "core")).lead


def test_lines_from_one_base_begin_where_the_tag_does(switched: Warehouse) -> None:
    document = document_of(switched, asked("peers", "acme", "core"))
    (index,) = [picture for section in document.sections if section.key == "index" for picture in section.pictures]
    assert "first quarter of 2024 = 100" in index.title
    assert index.alt.endswith("At their ends: acme 121; core 107.")


def test_a_recast_is_listed_with_both_tags(switched: Warehouse) -> None:
    document = document_of(switched, asked("restatements", "acme", period=None))
    assert "another tag" in page(document)
    assert any(note.title == "Another tag" for note in document.notes)


def test_an_explanation_stands_on_the_base(switched: Warehouse) -> None:
    text = "\n".join(explain_figure(switched, "acme", "revenue", "2024Q2").lines())
    assert "growth +20.0% on 2023Q2 (ok), where it was 100,000,000 USD" in text
    assert "revenue, 2023Q2: 100,000,000 USD, reported" in text


def test_a_notice_tells_a_recast_with_both_tags(switched: Warehouse) -> None:
    (notice,) = [one for one in find_notices(None, switched) if one.kind == "restatement"]
    assert f"us-gaap:Revenues 2023Q2: 110.00 million USD is now 100.00 million USD under us-gaap:{SALES}" in notice.text
