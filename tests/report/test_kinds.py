"""Every kind of report: its headline rules in tables of cases, its charts as golden JSON, its page."""

# ruff: noqa: RUF001 - the marks of print (apostrophe, dash, minus) are what these tests are about

from __future__ import annotations

import io
import json
import math
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING

import openpyxl
import pytest

from report.test_report import Tags, laid_out
from report.test_words import META, TESLA, figure
from support.project import ROOT
from support.reports import ENGLISH
from tracker.errors import NothingMatchedError, UsageError
from tracker.explain.diff import Change as Changed
from tracker.report import FORMATS, KINDS, Definition, document_of
from tracker.report.data.edition import Company, Figure, Guided
from tracker.report.kinds import BUILDERS
from tracker.report.kinds.changes import changes_headline
from tracker.report.kinds.guidance import Outcome, guidance_headline
from tracker.report.kinds.peers import Peer, peers_headline
from tracker.report.kinds.reconciliation import Said, reconciliation_headline
from tracker.report.kinds.restatements import Change, restatements_headline
from tracker.report.output.page import page
from tracker.report.output.workbook import spreadsheet

if TYPE_CHECKING:
    from tracker.report.document import Document
    from tracker.warehouse.reader import Warehouse

GOLDEN = ROOT / "tests" / "golden"


def asked(kind: str, entities: tuple[str, ...], metrics: tuple[str, ...] = (), **other: str) -> Definition:
    blank = Definition("mine", kind, entities, metrics, None, None, None, FORMATS)
    return replace(blank, **other)  # type: ignore[arg-type]


#: One report of each kind on the seeds, as known on a day so that later seeds change nothing.
EACH = {
    "growth": asked("growth", ("meta",), ("capex", "revenue"), period="2024Q2", as_of="2024-11-05"),
    "peers": asked("peers", ("amazon", "alphabet", "meta"), ("capex",), period="2025Q4"),
    "guidance": asked("guidance", ("meta",), ("capex",), as_of="2024-08-05"),
    "restatements": asked("restatements", ("meta",)),
    "reconciliation": asked("reconciliation", ("meta",), ("capex", "revenue"), period="2024Q2"),
    "changes": asked("changes", ("meta",), since="2024-07-30", as_of="2024-08-05"),
}


@pytest.fixture(scope="module")
def documents(warehouse: Warehouse) -> dict[str, Document]:
    return {kind: document_of(warehouse, definition) for kind, definition in EACH.items()}


def test_every_kind_can_be_asked_for() -> None:
    assert [*BUILDERS] == [*KINDS]


# -- peers ----------------------------------------------------------------------------------------


def capex(name: str, value: str | None, base: str | None, ratio: str | None, status: str = "ok") -> Peer:
    return Peer(name, None if value is None else figure("capex", value, base, ratio, status))


PEERS = [
    # case, companies, headline
    ("growth", [capex("A", "2e9", "1e9", "1"), capex("B", "3e9", "2e9", "0.5")], "Capital spending rose at all two companies in the second quarter of 2024, fastest at A (+100%)"),
    ("decline", [capex("A", "8e8", "1e9", "-0.2"), capex("B", "1e9", "2e9", "-0.5")], "Capital spending fell at all two companies in the second quarter of 2024, most at B (−50%)"),
    ("mixed", [capex("A", "12e8", "1e9", "0.2"), capex("B", "1e9", "2e9", "-0.5")], "Capital spending rose at one of two companies in the second quarter of 2024, fastest at A (+20%); it fell most at B (−50%)"),
    ("flat", [capex("A", "1e9", "1e9", "0"), capex("B", "1e9", "1e9", "0.0001")], "Capital spending hardly changed at all two companies in the second quarter of 2024"),
    ("a turn is no rate", [capex("A", "12e8", "1e9", "0.2"), capex("B", "-1e9", "2e9", "-1.5", "profit_to_loss")], "Capital spending rose at one of two companies in the second quarter of 2024, fastest at A (+20%)"),
    ("no base", [capex("A", "2e9", None, None, "no_base"), capex("B", "3e9", None, None, "no_base")], "No growth of capital spending can be stated for the second quarter of 2024; the largest was B’s, $3.0 billion"),
    ("a figure is missing", [capex("A", "2e9", "1e9", "1"), capex("B", None, None, None)], "Capital spending rose at one of two companies in the second quarter of 2024, fastest at A (+100%)"),
    ("one fell, one flat", [capex("A", "1e9", "1e9", "0"), capex("B", "1e9", "2e9", "-0.5")], "Capital spending fell at one of two companies in the second quarter of 2024, most at B (−50%)"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "compared", "headline"), PEERS, ids=[case for case, *_ in PEERS])
def test_peers(case: str, compared: list[Peer], headline: str) -> None:
    assert peers_headline(ENGLISH, compared, "2024Q2") == headline, case


def test_other_currencies_are_said_and_never_ranked(warehouse: Warehouse) -> None:
    yen = replace(figure("capex", "9e11", None, None, "no_base"), unit="JPY")
    compared = [capex("A", "2e9", None, None, "no_base"), Peer("B", yen)]
    assert "largest" not in peers_headline(ENGLISH, compared, "2024Q2")
    found = document_of(warehouse, EACH["peers"])
    assert [picture.key for picture in found.sections[0].pictures] == ["rank-0"]


def test_peers_are_aligned_by_the_calendar(warehouse: Warehouse) -> None:
    document = document_of(warehouse, asked("peers", ("microsoft", "oracle", "meta"), ("capex",), period="2025Q4"))
    assert [card.value for card in document.cards] == [
        "$29.88 bn",
        "$12.03 bn",
        "$22.14 bn",
    ]  # fiscal 2026Q2, 2026Q2, 2025Q4
    (note,) = [note for note in document.notes if note.title == "Quarters"]
    assert "Oracle’s ended on 30 November 2025" in note.text
    assert "Microsoft" not in note.text


def test_peers_take_the_latest_quarter_all_have(warehouse: Warehouse) -> None:
    document = document_of(warehouse, asked("peers", ("oracle", "meta"), ("capex",)))
    assert document.data["period"] == "2026Q1"
    assert any(note.title == "Later quarters" and note.text.startswith("Oracle") for note in document.notes)


def test_who_has_no_figure_is_named(warehouse: Warehouse) -> None:
    document = document_of(warehouse, asked("peers", ("meta", "amazon", "tesla"), ("capex",), period="2025Q4"))
    assert "No figure is on record for Tesla." in document.lead
    assert document.headline.startswith("Capital spending rose at two of three companies")


def test_nothing_to_compare(warehouse: Warehouse) -> None:
    with pytest.raises(NothingMatchedError):
        document_of(warehouse, asked("peers", ("meta", "tesla"), ("revenue",)))
    with pytest.raises(UsageError):
        document_of(warehouse, asked("peers", ("meta", "amazon"), ("capex",), period="FY2024"))


# -- guidance -------------------------------------------------------------------------------------


def step(
    status: str,
    low: str | None,
    high: str | None,
    outcome: str = "open",
    actual: str | None = None,
    number: int = 1,
) -> Outcome:
    ends = [None if end is None else Decimal(end) for end in (low, high)]
    guided = Guided(
        "capex", "FY2024", date(2024, 1, 1), date(2024, 12, 31), date(2024, 2, number), None, ends[0], ends[1], "USD",
        status, None, None, None, "r1", None, None, None, None,
    )  # fmt: skip
    came = None if actual is None else Decimal(actual)
    return Outcome(guided, "2024Q4", "Capex", number, outcome, None, came, None, None, None, None)


GUIDANCE = [
    # case, steps, headline
    ("initial", [step("initial", "30e9", "37e9")], "Meta guides to $30–37 billion for capital spending in 2024"),
    ("raised", [step("initial", "30e9", "37e9"), step("raised", "35e9", "40e9", number=2)], "Meta raised its guidance for capital spending in 2024 to $35–40 billion"),
    ("lowered", [step("initial", "30e9", "37e9"), step("lowered", "27e9", "29e9", number=2)], "Meta lowered its guidance for capital spending in 2024 to $27–29 billion"),
    ("narrowed", [step("initial", "30e9", "37e9"), step("narrowed", "31e9", "36e9", number=2)], "Meta narrowed its guidance for capital spending in 2024 to $31–36 billion"),
    ("kept", [step("initial", "30e9", "37e9"), step("reaffirmed", "30e9", "37e9", number=2)], "Meta kept its guidance for capital spending in 2024 at $30–37 billion"),
    ("one-sided", [step("initial", "60e9", None)], "Meta guides to at least $60 billion for capital spending in 2024"),
    ("no number", [step("unquantified", None, None)], "Meta gives no number for its capital spending in 2024"),
    ("withdrawn", [step("initial", "30e9", "37e9"), step("withdrawn", None, None, number=2)], "Meta withdrew its guidance for capital spending in 2024"),
    ("came true", [step("initial", "30e9", "40e9", "inside", "39225e6")], "Meta’s capital spending for 2024 came to $39.2 billion, inside the $30–40 billion it last guided to"),
    ("above the first, inside the last", [step("initial", "30e9", "37e9", "above", "39225e6"), step("raised", "38e9", "40e9", "inside", "39225e6", 2)], "Meta’s capital spending for 2024 came to $39.2 billion, inside the $38–40 billion it last guided to and above its first $30–37 billion"),
    ("missed", [step("initial", "40e9", "45e9", "below", "39225e6")], "Meta’s capital spending for 2024 came to $39.2 billion, below the $40–45 billion it last guided to"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "steps", "headline"), GUIDANCE, ids=[case for case, *_ in GUIDANCE])
def test_guidance(case: str, steps: list[Outcome], headline: str) -> None:
    assert guidance_headline(ENGLISH, META, steps, figure("capex", None, None, None, "not_derivable")) == headline, case


def test_what_the_rest_of_the_year_must_add(documents: dict[str, Document]) -> None:
    document = documents["guidance"]
    assert document.headline == "Meta raised its guidance for capital spending in 2024 to $37–40 billion"
    assert "After $15.2 billion by 30 June 2024, the rest of the year must add $21.8–24.8 billion." in document.lead
    assert [card.value for card in document.cards][:3] == ["$37–40 billion", "$15.19 bn", "$21.8–24.8 billion"]


def test_guidance_without_figures_is_told_all_the_same(warehouse: Warehouse) -> None:
    document = document_of(warehouse, asked("guidance", ("amazon",), ("capex_net_of_incentives",)))
    assert "cannot be said" in document.lead or document.sections
    assert not [section for section in document.sections if section.key == "figures"]


def test_no_guidance(warehouse: Warehouse) -> None:
    with pytest.raises(NothingMatchedError):
        document_of(warehouse, asked("guidance", ("meta",), ("users",)))


# -- restatements -----------------------------------------------------------------------------------


def restated(
    first: str, latest: str, period: str = "2023Q2", cause: str = "restated", who: str = "Meta", what: str = "Revenue"
) -> Change:
    values = Decimal(first), Decimal(latest)
    return Change(
        who.lower(), who, f"us-gaap:{what}", what, "USD", period, period, date(2023, 4, 1), date(2023, 6, 30), *values,
        values[1] - values[0], cause, None, 2, date(2023, 7, 27), date(2024, 8, 1), None, None, None, None,
    )  # fmt: skip


RESTATED = [
    # case, changes, headline
    ("nothing", [], "No figure on record has been restated"),
    ("lowered", [restated("200e6", "190e6")], "Meta restated its revenue for the second quarter of 2023, down 5.0%"),
    ("two lowered", [restated("200e6", "190e6"), restated("200e6", "180e6", "2023Q1")], "Meta restated its revenue for two periods, down by up to 10.0%"),
    ("raised", [restated("200e6", "210e6")], "Meta restated its revenue for the second quarter of 2023, up 5.0%"),
    ("both ways", [restated("200e6", "210e6"), restated("200e6", "180e6", "2023Q1")], "Meta restated its revenue for two periods, by up to 10.0% either way"),
    ("another meaning", [restated("200e6", "190e6", cause="basis")], "Meta restated its revenue for the second quarter of 2023, down 5.0%; what it counts had changed"),
    ("a loss", [restated("-20e6", "-30e6", what="Income")], "Meta restated its income for the second quarter of 2023, from −$20.000 million to −$30.000 million"),
    ("a scale mistaken", [restated("58348", "58348000"), restated("200e6", "190e6", what="Income")], "Meta restated its income for the second quarter of 2023, down 5.0%; one of two figures restated"),
    ("nothing but that", [restated("58348", "58348000")], "Meta restated its revenue for the second quarter of 2023, from $58,348 to $58.348 million"),
    ("a tag of no metric", [replace(restated("200e6", "100e6", what="IncreaseDecreaseInInventories"), label=""), restated("200e6", "190e6")], "Meta restated its revenue for the second quarter of 2023, down 5.0%; one of two figures restated"),
    ("a split", [replace(restated("2e9", "20e9", what="Shares"), unit="shares"), restated("200e6", "190e6")], "Meta restated its revenue for the second quarter of 2023, down 5.0%; one of two figures restated"),
    ("tags alone", [replace(restated("200e6", "100e6", what="IncreaseDecreaseInInventories"), label="")], "Meta restated its increase (decrease) in inventories for the second quarter of 2023, down 50.0%"),
    ("others too", [restated("200e6", "190e6"), restated("100e6", "99e6", who="Tesla")], "Meta restated its revenue for the second quarter of 2023, down 5.0%; one of two figures restated"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "changes", "headline"), RESTATED, ids=[case for case, *_ in RESTATED])
def test_restatements(case: str, changes: list[Change], headline: str) -> None:
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
    document = document_of(warehouse, asked("restatements", ("meta",)))
    (table,) = document.sections[-1].tables
    whole = documents["restatements"].sections[-1].tables[0]
    assert whole.note == ""
    assert len(table.rows) < len(whole.rows)
    assert table.note.startswith(f"{len(table.rows)} of {len(whole.rows)} changes, the latest first")
    keys = {f"#{row.key}" for row in table.rows}
    assert {card.href for card in document.cards if card.href} <= keys, "what a key figure leads to is there"
    assert len(document.data["restatements"]) == len(whole.rows)


def test_no_restatement_is_a_finding_too(warehouse: Warehouse) -> None:
    document = document_of(warehouse, asked("restatements", ("amazon",)))
    assert document.headline == "No figure on record has been restated"
    assert "Restatements" not in page(document)


# -- what sources say -----------------------------------------------------------------------------------


def said(state: str, *, is_chosen: bool = False) -> Said:
    return Said(
        "capex", "2024Q2", Decimal("8.5e9"), None, None, "USD", "stated", "stated:capex", (), "a1", None, None, None, None,
        None, None, None, None, state, is_chosen, False, None, None, None, None, None,
    )  # fmt: skip


CHOSEN = said("equal", is_chosen=True)
SOURCES = [
    # case, statements, headline
    ("agreement", [CHOSEN, said("consistent"), said("equal")], "Two statements agree with the $8.5 billion of Meta’s capital spending in the second quarter of 2024"),
    ("one agrees", [CHOSEN, said("consistent")], "One other statement agrees with the $8.5 billion of Meta’s capital spending in the second quarter of 2024"),
    ("contradiction", [CHOSEN, said("consistent"), said("inconsistent")], "One of two other statements of Meta’s capital spending in the second quarter of 2024 contradicts the $8.5 billion shown"),
    ("contradictions", [CHOSEN, said("inconsistent"), said("inconsistent")], "Two of two other statements of Meta’s capital spending in the second quarter of 2024 contradict the $8.5 billion shown"),
    ("restated", [CHOSEN, said("restated")], "Meta’s capital spending in the second quarter of 2024 was $8.5 billion; what was said before has been restated"),
    ("incomparable", [CHOSEN, said("incomparable")], "Nothing that can be compared speaks of Meta’s capital spending in the second quarter of 2024; the $8.5 billion stands alone"),
    ("alone", [CHOSEN], "One statement alone gives Meta’s capital spending in the second quarter of 2024: $8.5 billion"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "statements", "headline"), SOURCES, ids=[case for case, *_ in SOURCES])
def test_reconciliation(case: str, statements: list[Said], headline: str) -> None:
    assert (
        reconciliation_headline(ENGLISH, figure("capex", "8.472e9", None, None, "no_base"), META, statements)
        == headline
    ), case


def test_no_value_can_be_chosen() -> None:
    none = figure("capex", None, None, None, "not_derivable")
    assert reconciliation_headline(ENGLISH, none, META, [said("incomparable")]).startswith(
        "No value can be chosen for Meta’s"
    )


def test_each_source_stands_beside_the_value_shown(documents: dict[str, Document]) -> None:
    tables = next(section.tables for section in documents["reconciliation"].sections if section.key == "statements")
    capex_rows = tables[0].rows
    assert [row.cells[3].text for row in capex_rows] == ["shown", *["✓ consistent"] * 3]
    assert [row.is_marked for row in capex_rows] == [True, False, False, False]
    assert {row.cells[5].language for row in capex_rows[1:]} == {"ms", "it", "ar"}


# -- what is new ----------------------------------------------------------------------------------------

KNOWN = {"meta": META, "tesla": TESLA}


def changed(
    metric: str, before: str | None, now: str | None, what: str = "figure", entity: str = "meta", **ends: str
) -> Changed:
    old, new = (None if text is None else Decimal(text) for text in (before, now))
    bounds = {name: Decimal(text) for name, text in ends.items()}
    blank: dict[str, Decimal | None] = dict.fromkeys(("low_before", "low", "high_before", "high"))
    return Changed(
        entity=entity, name=None, metric=metric, span="quarter", fiscal_period="2024Q2" if what == "figure" else "FY2024",
        unit="USD", what=what, value_before=old, value=new, cause="new filing", detail="", sources=(), known_at=None,
        **{**blank, **bounds},
    )  # fmt: skip


def rows_of(*figures: Figure) -> dict[tuple[str, str, str], Figure]:
    return {("meta", row.metric, row.fiscal_period): row for row in figures}


RAISED = changed("capex", None, None, "guidance", low_before="35e9", high_before="40e9", low="37e9", high="40e9")
CUT = changed("capex", None, None, "guidance", low_before="35e9", high_before="40e9", low="33e9", high="38e9")
GREW = figure("revenue", "39071e6", "31999e6", "0.2210")
LOST = figure("net_income", "-3e9", "5e9", "-1.6", "profit_to_loss")
CHANGES = [
    # case, changes, rows of growth, headline
    ("nothing", [], {}, "Nothing has changed since 30 July 2024"),
    ("raised before all else", [changed("revenue", None, "39071e6"), RAISED], rows_of(GREW, figure("capex", "1e9", None, None, "no_base")), "Meta raised its guidance for capital spending in 2024 to $37–40 billion"),
    ("lowered", [CUT], rows_of(figure("capex", "1e9", None, None, "no_base")), "Meta lowered its guidance for capital spending in 2024 to $33–38 billion"),
    ("growth of what is new", [changed("revenue", None, "39071e6")], rows_of(GREW), "Meta’s revenue rose 22% to $39.1 billion in the second quarter of 2024"),
    ("a loss", [changed("net_income", None, "-3e9")], rows_of(LOST), "Meta swung to a net loss of $3.0 billion in the second quarter of 2024 from a net profit of $5.0 billion a year earlier"),
    ("changed", [changed("revenue", "10e9", "11e9")], rows_of(GREW), "One figure of Meta changed since 30 July 2024"),
    ("gone", [changed("revenue", "10e9", None)], rows_of(GREW), "One change since 30 July 2024"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "found", "rows", "headline"), CHANGES, ids=[case for case, *_ in CHANGES])
def test_changes(case: str, found: list[Changed], rows: dict[tuple[str, str, str], Figure], headline: str) -> None:
    companies: dict[str, Company] = KNOWN
    assert changes_headline(ENGLISH, found, rows, companies, "since 30 July 2024") == headline, case


def test_what_the_second_quarter_brought(documents: dict[str, Document]) -> None:
    document = documents["changes"]
    assert document.headline == "Meta raised its guidance for capital spending in 2024 to $37–40 billion"
    assert [section.title for section in document.sections] == ["Forecasts", "New figures", "Figures that changed"]


def test_without_an_earlier_commit_a_day_is_asked_for(warehouse: Warehouse) -> None:
    with pytest.raises(NothingMatchedError, match="since = 2024-07-30"):
        document_of(warehouse, asked("changes", ()))


# -- all kinds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*EACH])
def test_a_page_whose_links_lead_somewhere(documents: dict[str, Document], kind: str) -> None:
    text = page(documents[kind])
    tags = Tags(text)
    assert tags.places <= {f"#{key}" for key in tags.ids}
    assert max(tags.ids.values()) == 1
    assert tags.links <= {"https", "http"}
    assert not tags.tags.keys() & {"script", "img", "iframe"}
    assert tags.tags["h1"] == 1
    assert "None" not in re.sub(r"<style>.*?</style>|'none'", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("kind", [*EACH])
def test_every_picture_has_words(documents: dict[str, Document], kind: str) -> None:
    pictures = [picture for section in documents[kind].sections for picture in section.pictures]
    assert pictures
    for picture in pictures:
        assert picture.title
        assert len(picture.alt) > 20
        assert picture.alt.endswith(".")


@pytest.mark.parametrize("kind", [*EACH])
def test_every_row_has_as_many_cells_as_columns(documents: dict[str, Document], kind: str) -> None:
    for section in documents[kind].sections:
        for table in section.tables:
            assert {len(row.cells) for row in table.rows if not row.is_group} <= {len(table.columns)}, table.key


#: kind -> the picture held as golden JSON; those of growth and of bands are held by test_report.
GOLDEN_PICTURES = [("peers", "rank-0"), ("peers", "index"), ("guidance", "fell-0"), ("restatements", "moves-0"), ("reconciliation", "said-capex"), ("changes", "rails-moved")]  # fmt: skip


@pytest.mark.parametrize(("kind", "key"), GOLDEN_PICTURES)
def test_golden(documents: dict[str, Document], kind: str, key: str) -> None:
    """To renew a golden file: delete it, run this twice, read the difference."""
    (picture,) = [p for section in documents[kind].sections for p in section.pictures if p.key == key]
    path = GOLDEN / f"report-{kind}-{key}.txt"
    if not path.exists():
        path.write_text(laid_out(picture.chart), "utf-8")
        pytest.fail(f"{path.name} was not there and is written; read it and run again")
    assert laid_out(picture.chart) == path.read_text("utf-8")


@pytest.mark.parametrize("kind", [*EACH])
def test_no_text_from_data_is_in_an_expression(documents: dict[str, Document], kind: str) -> None:
    charts = [picture.chart for section in documents[kind].sections for picture in section.pictures]
    found = {text for chart in charts for text in re.findall(r'"expr": "(.*?)"', json.dumps(chart.views))}
    names = ("size", "weight", "dash", "dy", "dx", "align")
    assert found <= {"datum.value < 0 ? 11 : -7", *(f"datum.{name}" for name in names)}


@pytest.mark.parametrize("kind", EACH)
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
