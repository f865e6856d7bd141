"""Every kind of report: its headline rules in tables of cases, its charts as golden text, its page."""

# ruff: noqa: RUF001 - the marks of print (apostrophe, dash, minus) are what these tests are about

from __future__ import annotations

import io
import json
import math
import re
from dataclasses import replace
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING

import openpyxl
import pytest

from support.golden import check_golden
from support.headlines import (
    CHANGE_HEADLINES,
    COMPANIES_BY_KEY,
    GUIDANCE_HEADLINES,
    META,
    PEER_HEADLINES,
    RECONCILIATION_HEADLINES,
    RESTATEMENT_HEADLINES,
    make_figure,
    make_peer,
    make_statement,
)
from support.languages import ENGLISH
from support.pages import PageTags
from support.reports import EXAMPLES, define_report
from tracker.errors import NothingMatchedError, UsageError
from tracker.report import KINDS, document_of
from tracker.report.data.guidance_steps import Outcome, Subject
from tracker.report.kinds import BUILDERS
from tracker.report.kinds.changes import changes_headline
from tracker.report.kinds.guidance import guidance_headline
from tracker.report.kinds.peers import Peer, peers_headline
from tracker.report.kinds.reconciliation import SourceStatement, reconciliation_headline
from tracker.report.kinds.restatements import Restatement, restatements_headline
from tracker.report.output.page import page
from tracker.report.output.workbook import spreadsheet

if TYPE_CHECKING:
    from tracker.explain.diff import Change as Changed
    from tracker.report.data.edition import EditionCompany, EditionFigure
    from tracker.report.document import Document
    from tracker.warehouse.reader import Warehouse


@pytest.fixture(scope="module")
def documents(warehouse: Warehouse) -> dict[str, Document]:
    return {kind: document_of(warehouse, definition) for kind, definition in EXAMPLES.items()}


def test_every_kind_can_be_asked_for() -> None:
    assert [*BUILDERS] == [*KINDS]


# -- peers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("case", "compared", "headline"), PEER_HEADLINES, ids=[case for case, *_ in PEER_HEADLINES])
def test_peers(case: str, compared: list[Peer], headline: str) -> None:
    assert peers_headline(ENGLISH, compared, "2024Q2") == headline, case


def test_other_currencies_are_said_and_never_ranked(warehouse: Warehouse) -> None:
    yen = replace(make_figure("capex", "9e11", None, None, "no_base"), unit="JPY")
    compared = [make_peer("A", "2e9", None, None, "no_base"), Peer("B", yen)]
    assert "largest" not in peers_headline(ENGLISH, compared, "2024Q2")
    found = document_of(warehouse, EXAMPLES["peers"])
    assert [picture.key for picture in found.sections[0].pictures] == ["rank-0"]


def test_peers_are_aligned_by_the_calendar(warehouse: Warehouse) -> None:
    document = document_of(
        warehouse, define_report("peers", ("microsoft", "oracle", "meta"), ("capex",), period="2025Q4")
    )
    assert [card.value for card in document.cards] == [
        "$29.88 bn",
        "$12.03 bn",
        "$22.14 bn",
    ]  # fiscal 2026Q2, 2026Q2, 2025Q4
    (note,) = [note for note in document.notes if note.title == "Quarters"]
    assert "Oracle’s ended on 30 November 2025" in note.text
    assert "Microsoft" not in note.text


def test_peers_take_the_latest_quarter_all_have(warehouse: Warehouse) -> None:
    document = document_of(warehouse, define_report("peers", ("oracle", "meta"), ("capex",)))
    assert document.data["period"] == "2026Q1"
    assert any(note.title == "Later quarters" and note.text.startswith("Oracle") for note in document.notes)


def test_who_has_no_figure_is_named(warehouse: Warehouse) -> None:
    document = document_of(warehouse, define_report("peers", ("meta", "amazon", "tesla"), ("capex",), period="2025Q4"))
    assert "No figure is on record for Tesla." in document.lead
    assert document.headline.startswith("Capital spending rose at two of three companies")


def test_nothing_to_compare(warehouse: Warehouse) -> None:
    with pytest.raises(NothingMatchedError):
        document_of(warehouse, define_report("peers", ("meta", "tesla"), ("revenue",)))
    with pytest.raises(UsageError):
        document_of(warehouse, define_report("peers", ("meta", "amazon"), ("capex",), period="FY2024"))


# -- guidance -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "steps", "headline"), GUIDANCE_HEADLINES, ids=[case for case, *_ in GUIDANCE_HEADLINES]
)
def test_guidance(case: str, steps: list[Outcome], headline: str) -> None:
    assert guidance_headline(ENGLISH, META, steps, Subject("capex", "Capex", "USD", is_calendar=True)) == headline, case


def test_what_the_rest_of_the_year_must_add(documents: dict[str, Document]) -> None:
    document = documents["guidance"]
    assert document.headline == "Meta raised its guidance for capital spending in 2024 to $37–40 billion"
    assert "After $15.2 billion by 30 June 2024, the rest of the year must add $21.8–24.8 billion." in document.lead
    assert [card.value for card in document.cards][:3] == ["$37–40 billion", "$15.19 bn", "$21.8–24.8 billion"]


def test_guidance_without_figures_is_told_all_the_same(warehouse: Warehouse) -> None:
    document = document_of(warehouse, define_report("guidance", ("amazon",), ("capex_net_of_incentives",)))
    assert "cannot be said" in document.lead or document.sections
    assert not [section for section in document.sections if section.key == "figures"]


def test_no_guidance(warehouse: Warehouse) -> None:
    with pytest.raises(NothingMatchedError):
        document_of(warehouse, define_report("guidance", ("meta",), ("users",)))


# -- restatements -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "changes", "headline"), RESTATEMENT_HEADLINES, ids=[case for case, *_ in RESTATEMENT_HEADLINES]
)
def test_restatements(case: str, changes: list[Restatement], headline: str) -> None:
    assert restatements_headline(ENGLISH, changes) == headline, case


def test_what_was_restated_and_why(documents: dict[str, Document]) -> None:
    document = documents["restatements"]
    assert document.headline == (
        "Meta restated its purchases of property and equipment for four periods, down by up to 0.8%; what it counts had changed"
    )
    assert "from $27.266 billion to $27.045 billion" in document.lead
    assert "net of proceeds from sale of property and equipment" in document.lead


def test_a_long_list_says_what_it_leaves_out(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, documents: dict[str, Document]
) -> None:
    monkeypatch.setattr(import_module("tracker.report.kinds.restatements"), "_ROWS", 1)
    document = document_of(warehouse, define_report("restatements", ("meta",)))
    (table,) = document.sections[-1].tables
    whole = documents["restatements"].sections[-1].tables[0]
    assert whole.note == ""
    assert len(table.rows) < len(whole.rows)
    assert table.note.startswith(f"{len(table.rows)} of {len(whole.rows)} changes, the latest first")
    keys = {f"#{row.key}" for row in table.rows}
    assert {card.href for card in document.cards if card.href} <= keys, "what a key figure leads to is there"
    assert len(document.data["restatements"]) == len(whole.rows)


def test_no_restatement_is_a_finding_too(warehouse: Warehouse) -> None:
    document = document_of(warehouse, define_report("restatements", ("amazon",)))
    assert document.headline == "No figure on record has been restated"
    assert "Restatements" not in page(document)


# -- what sources say -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "statements", "headline"), RECONCILIATION_HEADLINES, ids=[case for case, *_ in RECONCILIATION_HEADLINES]
)
def test_reconciliation(case: str, statements: list[SourceStatement], headline: str) -> None:
    assert (
        reconciliation_headline(ENGLISH, make_figure("capex", "8.472e9", None, None, "no_base"), META, statements)
        == headline
    ), case


def test_no_value_can_be_chosen() -> None:
    none = make_figure("capex", None, None, None, "not_derivable")
    assert reconciliation_headline(ENGLISH, none, META, [make_statement("incomparable")]).startswith(
        "No value can be chosen for Meta’s"
    )


def test_each_source_stands_beside_the_value_shown(documents: dict[str, Document]) -> None:
    tables = next(section.tables for section in documents["reconciliation"].sections if section.key == "statements")
    capex_rows = tables[0].rows
    assert [row.cells[3].text for row in capex_rows] == ["shown", *["✓ consistent"] * 3]
    assert [row.is_marked for row in capex_rows] == [True, False, False, False]
    assert {row.cells[5].language for row in capex_rows[1:]} == {"ms", "it", "ar"}


# -- what is new ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "found", "rows", "headline"), CHANGE_HEADLINES, ids=[case for case, *_ in CHANGE_HEADLINES]
)
def test_changes(
    case: str, found: list[Changed], rows: dict[tuple[str, str, str], EditionFigure], headline: str
) -> None:
    companies: dict[str, EditionCompany] = COMPANIES_BY_KEY
    assert changes_headline(ENGLISH, found, rows, companies, "since 30 July 2024") == headline, case


def test_what_the_second_quarter_brought(documents: dict[str, Document]) -> None:
    document = documents["changes"]
    assert document.headline == "Meta raised its guidance for capital spending in 2024 to $37–40 billion"
    assert [section.title for section in document.sections] == ["Forecasts", "New figures", "Figures that changed"]


def test_without_an_earlier_commit_a_day_is_asked_for(warehouse: Warehouse) -> None:
    with pytest.raises(NothingMatchedError, match="since = 2024-07-30"):
        document_of(warehouse, define_report("changes", ()))


# -- all kinds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*EXAMPLES])
def test_a_page_whose_links_lead_somewhere(documents: dict[str, Document], kind: str) -> None:
    text = page(documents[kind])
    tags = PageTags(text)
    assert tags.places <= {f"#{key}" for key in tags.ids}
    assert max(tags.ids.values()) == 1
    assert tags.links <= {"https", "http"}
    assert not tags.tags.keys() & {"script", "img", "iframe"}
    assert tags.tags["h1"] == 1
    assert "None" not in re.sub(r"<style>.*?</style>|'none'", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("kind", [*EXAMPLES])
def test_every_picture_has_words(documents: dict[str, Document], kind: str) -> None:
    pictures = [picture for section in documents[kind].sections for picture in section.pictures]
    assert pictures
    for picture in pictures:
        assert picture.title
        assert len(picture.alt) > 20
        assert picture.alt.endswith(".")


@pytest.mark.parametrize("kind", [*EXAMPLES])
def test_every_row_has_as_many_cells_as_columns(documents: dict[str, Document], kind: str) -> None:
    for section in documents[kind].sections:
        for table in section.tables:
            assert {len(row.cells) for row in table.rows if not row.is_group} <= {len(table.columns)}, table.key


#: kind -> the picture kept as golden text; those of growth and of bands are checked by test_report.
GOLDEN_PICTURES = [("peers", "rank-0"), ("peers", "index"), ("guidance", "fell-0"), ("restatements", "moves-0"), ("reconciliation", "said-capex"), ("changes", "rails-moved")]  # fmt: skip


@pytest.mark.parametrize(("kind", "key"), GOLDEN_PICTURES)
def test_golden(documents: dict[str, Document], kind: str, key: str) -> None:
    (picture,) = [p for section in documents[kind].sections for p in section.pictures if p.key == key]
    check_golden(f"report-{kind}-{key}", picture.chart)


@pytest.mark.parametrize("kind", [*EXAMPLES])
def test_no_text_from_data_is_in_an_expression(documents: dict[str, Document], kind: str) -> None:
    charts = [picture.chart for section in documents[kind].sections for picture in section.pictures]
    found = {text for chart in charts for text in re.findall(r'"expr": "(.*?)"', json.dumps(chart.views))}
    names = ("size", "weight", "dash", "dy", "dx", "align")
    assert found <= {"datum.value < 0 ? 11 : -7", *(f"datum.{name}" for name in names)}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_number_of_a_workbook_is_in_the_unit_of_its_head(documents: dict[str, Document], kind: str) -> None:
    """Amounts are in whole units; the head of their column names the unit, or a column beside them does."""
    document = documents[kind]
    book = openpyxl.load_workbook(io.BytesIO(spreadsheet(document)), data_only=True)
    tables = [table for section in document.sections for table in section.tables]
    for sheet, table in zip(book.worksheets[1:], tables, strict=True):
        heads, *rows = sheet.iter_rows(values_only=True)
        assert not [head for head in heads if head and re.search(r"million|billion|\\$", head)], heads
        amounts = {
            at for row in rows for at, value in enumerate(row) if isinstance(value, int | float) and abs(value) >= 10**6
        }
        beside = {"Unit", *(f"{head} \N{MIDDLE DOT} Unit" for head in heads)} & set(heads)
        assert all(beside or re.search(r", [A-Z]{3}(/shares)?$", heads[at] or "") for at in amounts), heads
        stored = [cell.value for row in table.rows for cell in row.cells if isinstance(cell.value, Decimal)]
        read = [value for row in rows for value in row if isinstance(value, int | float)]
        missing = [value for value in stored if not any(math.isclose(float(value), one) for one in read)]
        assert missing == []
