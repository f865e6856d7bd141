"""European annual reports and 20-F filings from the document to the explanation, in one warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.foreign import NORDSEE, esef, report_20f
from support.project import init_at
from tracker.explain.quotation import Filings
from tracker.explain.tree import explain_figure
from tracker.model.entity import Entities
from tracker.pipeline.check import check
from tracker.pipeline.ingest import ingest
from tracker.sources.base import Request
from tracker.sources.sec.filing import FilingSource
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracker.project import Project

EURO, SEC = "lei529900t8bm49aursdo55", "cik0000000077"
#: The reports of a company in Europe, and of one that files 20-F: as filed, and amended with another result.
FILES = {
    "nordsee-2024-03-20.xhtml": esef(),
    "0000000077-24-000005-2024-03-25.htm": report_20f(),
    "0000000077-24-000009-2024-07-01.htm": report_20f("20-F/A", "true").replace(">640<", ">615<"),
}


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("foreign")
    project = init_at(folder, [])
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    done = ingest(project, [folder / name for name in FILES])
    assert [(one.problems, one.notes) for one in done] == [((), ())] * len(FILES)
    return project


@pytest.fixture(scope="module")
def warehouse(stored: Project) -> Iterator[Warehouse]:
    with Warehouse(stored.warehouse) as opened:
        yield opened


def ask(warehouse: Warehouse, query: str, **values: object) -> list[tuple[Any, ...]]:
    return warehouse.sql(query, values).fetchall()


#: Read on the pages: metric, fiscal year, amount in euros.
BY_HAND = [
    ("revenue", 2023, 12_450_000),
    ("revenue", 2022, 11_900_500),
    ("gross_profit", 2023, 5_000_000),
    ("net_income", 2023, -310_000),
    ("capex_ppe", 2022, 790_000),
]


@pytest.mark.parametrize("entity", [EURO, SEC])
def test_figures_are_derived_in_the_companys_years(warehouse: Warehouse, entity: str) -> None:
    found = ask(
        warehouse,
        "select metric, fiscal_year, cast(value as bigint), unit, high - low from annual where entity = $entity and value is not null",
        entity=entity,
    )
    assert {(*row, "EUR", 1000) for row in BY_HAND} <= {tuple(row) for row in found}
    growth = "select round(yoy_ratio, 4), yoy_status from yoy where entity = $entity and fiscal_period = 'FY2023' and metric = "
    assert ask(warehouse, f"{growth} 'revenue'", entity=entity) == [(0.0462, "ok")]
    assert ask(warehouse, f"{growth} 'net_income'", entity=entity)[0][1] == "profit_to_loss"


def test_a_european_report_keeps_what_it_says_in_its_own_manner(warehouse: Warehouse) -> None:
    rows = ask(
        warehouse,
        "select concept, cast(value as double), unit, form, accession, cast(cast(known_at as date) as varchar) from fact "
        "where entity = $entity and concept in ('nordsee:Ferries', 'nordsee:GrantsForRobots', 'ifrs-full:NumberOfSharesOutstanding', "
        "'ifrs-full:BasicEarningsLossPerShare') order by 1, 2",
        entity=EURO,
    )
    common = ("AFR", None, "2024-03-20")
    assert rows == [
        ("ifrs-full:BasicEarningsLossPerShare", -0.31, "EUR/shares", *common),
        ("ifrs-full:NumberOfSharesOutstanding", 1_000_000.0, "shares", *common),
        ("nordsee:Ferries", 3_210_000.0, "EUR", *common),
        ("nordsee:GrantsForRobots", 0.0, "EUR", *common),
        ("nordsee:GrantsForRobots", 17_000.0, "EUR", *common),
    ]
    (part,) = ask(
        warehouse, "select dimensions, cast(value as bigint) from segment_statement where entity = $e", e=EURO
    )
    assert part == ("ifrs-full:ComponentsOfEquityAxis=ifrs-full:RetainedEarningsMember", 9_876_000)
    assert ask(warehouse, "select name from entity where entity = $e", e=EURO) == [("Nordsee AG",)]


def test_an_amended_report_restates(warehouse: Warehouse) -> None:
    rows = ask(
        warehouse,
        "select entity, fiscal_period, cast(first_value as bigint), cast(latest_value as bigint), cause from restatement "
        "where concept = 'ifrs-full:ProfitLossAttributableToOwnersOfParent'",
    )
    assert rows == [(SEC, "FY2022", 640_000, 615_000, "restated")]


@pytest.mark.parametrize(("name", "entity"), [(NORDSEE[1], EURO), ("NRDS", SEC)])
def test_an_explanation_quotes_the_document(stored: Project, warehouse: Warehouse, name: str, entity: str) -> None:
    assert warehouse.entity_of(name) == entity
    text = "\n".join(explain_figure(warehouse, name, "net_income", "FY2023", Filings(stored.root).quote).lines())
    assert "-310,000 EUR, reported" in text
    assert "“ProfitLossAttributableToOwnersOfParent 310 6" in text


def test_no_check_asks_for_the_number_of_a_report_that_has_none(stored: Project) -> None:
    found = [
        (one.check, one.entity) for one in check(stored).findings if (one.check, one.state) == ("accession", "failed")
    ]
    assert found == []


@pytest.mark.parametrize(
    ("change", "form"),
    [
        (("", ""), "AFR"),
        (("2023-01-01", "2023-07-01"), None),  # a half-year
        (("http://standards.iso.org/iso/17442", "urn:company"), None),
    ],
)
def test_only_an_annual_report_with_an_lei_is_one(tmp_path: Path, change: tuple[str, str], form: str | None) -> None:
    path = tmp_path / "a.xhtml"
    path.write_text(esef().replace(*change) if change[0] else esef(), "utf-8")
    (batch,) = FilingSource().read(Request(path, path.name, Entities({})))
    assert set(batch.facts.column("form").to_pylist()) == {form}
    assert bool(batch.note) or form == "AFR"
