"""Definitions of a company's own: found by its CIK or LEI under whatever id a project gives it."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from support.filings import accession, company, write_archive, write_company
from support.project import worked_out
from tracker.errors import InputError
from tracker.explain.tree import explain_figure
from tracker.model.metric import company_key, load_metrics
from tracker.pipeline.check import check
from tracker.pipeline.ingest import ingest
from tracker.pipeline.init import init
from tracker.project import Project, load_project
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from pathlib import Path

META = 1_326_801
KITE = 9_200_001
LEI = "5299000J2N45DDNE4Y28"
#: A year of purchases and of principal paid on finance leases, in millions.
PURCHASES, LEASES = 18_690, 850
YEAR = ("2020-01-01", "2020-12-31")

KITES_OWN = f"""
[capex]
label = "Capital expenditures"
type = "duration"
additive = true
measure = "money"
parts = {{ capex_ppe = 1 }}
definition = "purchases"

[capex.companies.{{key}}]
parts = {{ capex_ppe = 1, finance_lease_principal = 1 }}
definition = "purchases and leases"

# lei {LEI}
"""


def spending(cik: int) -> dict[str, Any]:
    """The file of a company that buys and leases."""
    concepts = {
        concept: [(*YEAR, value * 10**6, accession(1), "10-K", "2021-01-28")]
        for concept, value in (
            ("PaymentsToAcquirePropertyPlantAndEquipment", PURCHASES),
            ("FinanceLeasePrincipalPayments", LEASES),
        )
    }
    return company(cik, concepts, name="Kite Corp")


def project_with(folder: Path, entities: str = "", definition: str | None = None) -> Project:
    """A project with these companies and, under this name, a definition of capital spending with leases."""
    init(folder)
    (folder / "seeds" / "entities.toml").write_text(entities)
    if definition is not None:
        (folder / "metrics.toml").write_text(KITES_OWN.replace("{key}", definition))
        settings = (folder / "tracker.toml").read_text()
        changed = re.sub(r"(?m)^\[paths\]$", '[paths]\nmetrics = "metrics.toml"', settings)
        (folder / "tracker.toml").write_text(
            changed if changed != settings else settings + '\n[paths]\nmetrics = "metrics.toml"\n'
        )
    return load_project(folder)


def capex(project: Project) -> list[tuple[Any, ...]]:
    with worked_out(project.warehouse) as stored:
        return stored.sql(
            "select entity, cast(value / 1000000 as integer), definition from figure "
            "where metric = 'capex' and fiscal_period = 'FY2020'"
        ).fetchall()


@pytest.mark.parametrize(
    ("entities", "entity"),
    [
        ("", "cik0001326801"),
        (f'[meta]\nname = "Meta"\ncik = {META}\n', "meta"),
        (f'[facebook]\nname = "Meta"\ncik = {META}\n', "facebook"),
    ],
)
def test_a_companys_own_definition_holds_under_any_id(tmp_path: Path, entities: str, entity: str) -> None:
    project = project_with(tmp_path, entities)
    ingest(project, [write_company(tmp_path, spending(META))])
    own = "purchases of property and equipment, net, and principal payments on finance leases"
    assert capex(project) == [(entity, PURCHASES + LEASES, own)]
    with Warehouse(project.warehouse) as stored:
        tree = explain_figure(stored, entity, "capex", "FY2020")
    assert "capex_ppe" in "\n".join(tree.lines())
    assert "finance_lease_principal" in "\n".join(tree.lines())


def test_a_projects_own_definition_names_a_company_by_id_cik_or_lei(tmp_path: Path) -> None:
    """Eight companies, each named in another way, and one that has no definition of its own."""
    leis = [f"{LEI[:-2]}{28 + number}" for number in range(9)]
    keys = [
        "kite0", "cik0009200002", "CIK9200003", '"CIK 9200004"', "9200005", f"lei{leis[5]}", leis[6], f'"LEI {leis[7].lower()}"',
    ]  # fmt: skip
    entries = [f'[kite{n}]\nname = "Kite"\ncik = {KITE + n}\nlei = "{lei}"\n' for n, lei in enumerate(leis)]
    project = project_with(tmp_path, "".join(entries), keys[0])
    with (tmp_path / "metrics.toml").open("a") as metrics:
        metrics.writelines(
            "[capex.companies" + KITES_OWN.partition("[capex.companies")[2].replace("{key}", key) for key in keys[1:]
        )
    texts = [json.dumps(spending(KITE + number)) for number in range(9)]
    ingest(project, [write_archive(tmp_path, texts, first=KITE)])
    own = [(f"kite{number}", PURCHASES + LEASES, "purchases and leases") for number in range(8)]
    assert sorted(capex(project)) == [*own, ("kite8", PURCHASES, "purchases")]


def test_a_definition_of_another_company_is_not_used(tmp_path: Path) -> None:
    project = project_with(tmp_path, f'[kite]\nname = "Kite"\ncik = {KITE}\n', "cik0009200002")
    ingest(project, [write_company(tmp_path, spending(KITE))])
    assert capex(project) == [("kite", PURCHASES, "purchases")]


def test_the_nearest_name_counts_where_a_company_is_defined_twice(tmp_path: Path) -> None:
    project = project_with(tmp_path, f'[kite]\nname = "Kite"\ncik = {KITE}\n', "cik0009200001")
    text = (tmp_path / "metrics.toml").read_text()
    by_id = '\n[capex.companies.kite]\nparts = { finance_lease_principal = 1 }\ndefinition = "leases"\n'
    (tmp_path / "metrics.toml").write_text(text + by_id)
    ingest(project, [write_company(tmp_path, spending(KITE))])
    assert capex(project) == [("kite", LEASES, "leases")]


#: The parts of a definition of six, with their weights: tag, and the amounts of two years in millions.
SIX = {
    "a": (1, "us-gaap:PaymentsForRepurchaseOfCommonStock", 100, 110),
    "b": (1, "us-gaap:PaymentsOfDividends", 30, 31),
    "c": (-1, "us-gaap:ProceedsFromIssuanceOfCommonStock", 7, 9),
    "d": (1, "us-gaap:RepaymentsOfLongTermDebt", 50, 60),
    "e": (-1, "us-gaap:ProceedsFromIssuanceOfLongTermDebt", 20, 15),
    "f": (1, "us-gaap:InterestPaidNet", 3, 4),
}
SIX_METRICS = (
    "".join(
        f"""
[{name}]
label = "{name}"
type = "duration"
additive = true
measure = "money"
tags = ["{tag}"]
"""
        for name, (_, tag, *_) in SIX.items()
    )
    + f"""
[returned]
label = "Returned to investors"
type = "duration"
additive = true
measure = "money"
parts = {{ {", ".join(f"{name} = {weight}" for name, (weight, *_) in SIX.items())} }}
definition = "all that was paid less all that was raised"
"""
)


def test_a_definition_may_have_six_parts(tmp_path: Path) -> None:
    project = project_with(tmp_path, f'[kite]\nname = "Kite"\ncik = {KITE}\n', "cik0009200002")
    (tmp_path / "metrics.toml").write_text(SIX_METRICS)
    filed = {
        tag.removeprefix("us-gaap:"): [
            ("2019-01-01", "2019-12-31", before * 10**6, accession(1), "10-K", "2020-01-28"),
            ("2019-01-01", "2019-12-31", before * 10**6, accession(2), "10-K", "2021-01-28"),
            (*YEAR, now * 10**6, accession(2), "10-K", "2021-01-28"),
        ]
        for _, tag, before, now in SIX.values()
    }
    ingest(project, [write_company(tmp_path, company(KITE, filed, name="Kite Corp"))])
    with worked_out(project.warehouse) as stored:
        grown = "select value / 1000000, base / 1000000 from yoy where metric = 'returned' and fiscal_period = 'FY2020'"
        assert stored.sql(grown).fetchall() == [(181, 156)]
        for view, days in (("operand", YEAR), ("base_operand", ("2019-01-01", "2019-12-31"))):
            terms = stored.sql(
                f"""select o.sign, s.concept, s.period_start = date '{days[0]}' from {view} o
                    join statement s on s.fact_id = o.fact_id
                    where o.metric = 'returned' and o.fiscal_period = 'FY2020' order by o.position"""
            ).fetchall()
            assert terms == [(weight, tag, True) for weight, tag, *_ in SIX.values()]
        tree = "\n".join(explain_figure(stored, "kite", "returned", "FY2020").lines())
    assert all(f" {name}, FY2020" in tree or f" {name} FY2020" in tree for name in SIX), tree


def test_one_company_under_two_spellings_of_its_cik_is_a_problem(tmp_path: Path) -> None:
    project_with(tmp_path, "", "cik0009200001")
    text = (tmp_path / "metrics.toml").read_text()
    (tmp_path / "metrics.toml").write_text(
        text + '\n[capex.companies.9200001]\nparts = { capex_ppe = 1 }\ndefinition = "x"\n'
    )
    with pytest.raises(InputError, match="defines one company twice"):
        load_metrics(tmp_path / "metrics.toml")


def test_definitions_of_the_package_name_no_ids() -> None:
    named = {part.entity for part in load_metrics(None).parts} - {"*"}
    assert named
    assert all(
        re.fullmatch(r"cik\d{10}|lei[A-Z0-9]{20}", company_key(name)) and company_key(name) == name for name in named
    )
    assert ".companies.meta" not in files("tracker.model").joinpath("metrics.toml").read_text("utf-8")


@pytest.mark.parametrize("lei", ['"529900"', "1234", '"5299000j2n45ddne4y28"'])
def test_an_lei_that_is_none_is_a_problem(tmp_path: Path, lei: str) -> None:
    project = project_with(tmp_path, f'[kite]\nname = "Kite"\nlei = {lei}\n')
    with pytest.raises(InputError, match="is not an LEI"):
        ingest(project, [project.seeds])


def test_check_names_companies_that_are_shown_under_other_definitions_than_ours(tmp_path: Path) -> None:
    # As an earlier version stored them: by an id of ours, which this project does not give the company.
    project = project_with(tmp_path, "", "kite")
    ingest(project, [write_company(tmp_path, spending(KITE))])
    assert capex(project) == [("cik0009200001", PURCHASES, "purchases")]
    assert [finding.state for finding in check(project, ["definitions"]).findings] == ["pass"]
    (tmp_path / "metrics.toml").write_text(KITES_OWN.replace("{key}", "cik0009200001"))
    found, version = check(project, ["definitions"]).findings
    assert (found.state, found.entity) == ("failed", "cik0009200001")
    assert found.message == "capex is shown as capex_ppe, and defined as capex_ppe + finance_lease_principal"
    assert "tracker ingest" in found.remedy
    assert version.state == "warn"
    ingest(project, [])
    assert [finding.state for finding in check(project, ["definitions"]).findings] == ["pass"]
    assert capex(project) == [("cik0009200001", PURCHASES + LEASES, "purchases and leases")]
