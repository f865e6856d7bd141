"""Which company is which: one CIK is one company, renames and merges hold in every view, and nothing stored is changed."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from support.filings import accession, company, write_company
from support.project import fact_line, made_once, worked_out, write_facts, write_pins, write_sources
from support.running import tracker_text
from tracker.errors import InputError, NothingMatchedError, UsageError
from tracker.explain.diff import diff
from tracker.explain.tree import explain_fact
from tracker.notify import find_notices
from tracker.pipeline.check import check
from tracker.pipeline.correct import Replacement, Why, correct
from tracker.pipeline.followed import find_report_companies
from tracker.pipeline.ingest import ingest
from tracker.pipeline.init import init
from tracker.pipeline.report import report
from tracker.project import Project, load_project
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import versions_at
from tracker.warehouse.view_files import views

if TYPE_CHECKING:
    from pathlib import Path

KITE, ORB = 9_200_001, 9_200_002
ENTRY = f'[kite]\nname = "Kite Corp"\ncik = {KITE}\ncurrency = "USD"\nfiscal_year_end = "12-31"\n'
HEADER = "entity,action,into,reason,by,date\n"
YEARS = ("2021", "2022", "2023")
#: Columns in which ids of statements stand: they hold the id a company is stored under, whatever it is shown as.
OF_IDS = ("fact_id", "operands", "target_id", "corrected_id")


def filed(cik: int, name: str = "Kite Corp", scale: int = 1) -> dict[str, Any]:
    """The file of a company that reports quarters, years and a restated year."""
    revenue = [
        (f"{year}-{first}", f"{year}-{last}", scale * (100 + at) * 10**6, accession(at * 10 + n), form, f"{year}-{day}")
        for at, year in enumerate(YEARS)
        for n, (first, last, form, day) in enumerate(
            [
                ("01-01", "03-31", "10-Q", "05-01"),
                ("04-01", "06-30", "10-Q", "08-01"),
                ("07-01", "09-30", "10-Q", "11-01"),
                ("01-01", "12-31", "10-K", "12-31"),
            ]
        )
    ]
    again = ("2022-01-01", "2022-12-31", scale * 99 * 10**6, accession(23), "10-K", "2023-12-31")
    return company(cik, {"Revenues": [*revenue, again]}, name=name)


def submissions(cik: int, **more: Any) -> dict[str, Any]:
    return {
        "cik": f"{cik:010d}", "entityType": "operating", "name": "KITE CORP", "tickers": ["KITE", "KITE-P"], "lei": None,
        "formerNames": [{"name": "Dragon Toys Inc", "from": "2001-01-01T00:00:00.000Z", "to": "2019-05-31T00:00:00.000Z"}],
        "filings": {"recent": {}}, **more,
    }  # fmt: skip


def project_at(folder: Path, entities: str = "") -> Project:
    init(folder)
    (folder / "seeds" / "entities.toml").write_text(entities)
    write_company(folder, filed(KITE))
    (folder / f"submissions-CIK{KITE:010d}.json").write_text(json.dumps(submissions(KITE)))
    return load_project(folder)


def facts_of(project: Project) -> Path:
    return project.root / f"CIK{KITE:010d}.json"


def rename(project: Project, *rows: str) -> None:
    (project.seeds / "entities.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows))


def shown(project: Project, **at: Any) -> dict[str, list[str]]:
    """The rows of every view, without ids of statements and moments of storing."""
    with Warehouse(project.warehouse, **at) as stored:
        stored.materialize()
        found = {}
        for view in views():
            rows = stored.sql(f"select * from {view.name}")
            kept = [
                at
                for at, name in enumerate(rows.columns)
                if name != "recorded_at" and not any(name.endswith(column) for column in OF_IDS)
            ]
            found[view.name] = sorted(repr([row[at] for at in kept]) for row in rows.fetchall())
    return found


def rows(project: Project, query: str, **at: Any) -> list[tuple[Any, ...]]:
    with worked_out(project.warehouse, **at) as stored:
        return stored.sql(query).fetchall()


def companies(project: Project, **at: Any) -> set[str]:
    return {entity for (entity,) in rows(project, "select distinct entity from fact_known", **at)}


@pytest.fixture(scope="session")
def filer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company known from its filings alone, to be copied."""

    def store(folder: Path) -> None:
        project = project_at(folder)
        ingest(project, [facts_of(project)])

    return made_once(tmp_path_factory, "identity-filer", store)


@pytest.fixture
def stored(filer: Path, tmp_path: Path) -> Project:
    shutil.copytree(filer, tmp_path / "project")
    return load_project(tmp_path / "project")


@pytest.fixture(scope="module")
def at_first(filer: Path) -> dict[str, list[str]]:
    """What every view shows of that company."""
    return shown(load_project(filer))


@pytest.fixture(scope="module")
def two(filer: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """That company and another registrant, for tests that leave them as they are."""
    folder = tmp_path_factory.mktemp("two") / "project"
    shutil.copytree(filer, folder)
    (folder / f"submissions-CIK{ORB:010d}.json").write_text(json.dumps(submissions(ORB, name="ORB", tickers=["ORB"])))
    project = load_project(folder)
    ingest(project, [write_company(folder, filed(ORB, "Orb"))])
    return project


# -- one CIK is one company --------------------------------------------------------------------------


def test_a_filer_is_adopted_when_its_entry_appears(stored: Project, tmp_path: Path) -> None:
    assert companies(stored) == {"cik0009200001"}
    (stored.seeds / "entities.toml").write_text(ENTRY)
    said: list[str] = []
    ingest(stored, [], say=said.append)
    assert "cik0009200001: shown as kite from now on" in said
    (tmp_path / "other").mkdir()
    from_the_start = project_at(tmp_path / "other", ENTRY)
    ingest(from_the_start, [facts_of(from_the_start)])
    found, expected = shown(stored), shown(from_the_start)
    assert {name: found[name] for name in found if found[name] != expected[name]} == {}
    before = rows(stored, "select count(*) from fact")
    assert [one.added for one in ingest(stored, [facts_of(stored)])] == [0]
    assert rows(stored, "select count(*) from fact") == before
    assert shown(stored) == expected


def test_a_moved_heading_is_a_rename(stored: Project) -> None:
    (stored.seeds / "entities.toml").write_text(ENTRY)
    ingest(stored, [])
    (stored.seeds / "entities.toml").write_text(ENTRY.replace("[kite]", "[dragon]"))
    ingest(stored, [])
    assert companies(stored) == {"dragon"}
    assert rows(stored, "select entity, name, cik from entity") == [("dragon", "Kite Corp", KITE)]


def test_statements_that_were_stored_under_both_ids_count_once(stored: Project) -> None:
    # An earlier version stored them again under the id of an entry that came later.
    (stored.seeds / "entities.toml").write_text(ENTRY.replace(f"cik = {KITE}\n", ""))
    write_sources(stored, "f1,filing,Kite,,en,,,0000000009-24-000001,10-Q,2021-05-01,")
    write_facts(stored, fact_line("Revenues", "2021Q1", "100", entity="kite", source="f1"))
    ingest(stored, [stored.seeds])
    expected = [count for (count,) in rows(stored, "select count(*) from fact_known where entity = 'cik0009200001'")]
    both = rows(stored, "select * exclude (fact_id, recorded_at, retracts) from fact where accession is not null")
    assert both
    with_second = _said_again(stored)
    _without_ids(stored)
    (found,) = check(stored, ["one_company"]).findings
    assert (found.state, found.entity) == ("warn", "cik0009200001")
    assert found.message.startswith("cik0009200001 and kite have one CIK, 9200001")
    (stored.seeds / "entities.toml").write_text(ENTRY)
    ingest(stored, [])
    assert [one.state for one in check(stored, ["one_company"]).findings] == ["pass"]
    assert companies(stored) == {"kite"}
    assert rows(stored, "select bool_or(is_doubled) from entity_id") == [(True,)]
    counted = "select count(*) from fact_known where concept = 'us-gaap:Revenues' and method = 'reported'"
    assert [count for (count,) in rows(stored, counted)] == expected
    assert rows(stored, "select count(*) from fact where method = 'reported'")[0][0] == expected[0] + with_second


def _said_again(project: Project) -> int:
    """Store what was filed under the id `kite` as well; returns how many statements that are."""
    from tracker.model.entity import Entities, load_entities
    from tracker.sources.base import Request
    from tracker.sources.sec.company_facts import CompanyFactsSource
    from tracker.warehouse.writer import Writer

    entry = project.root / "entry.toml"
    entry.write_text(ENTRY)
    entities: Entities = load_entities(entry)[0]
    with Writer(project.warehouse) as writer:
        return sum(
            writer.commit(batch).added for batch in CompanyFactsSource().read(Request(facts_of(project), "x", entities))
        )


def _without_ids(project: Project) -> None:
    """Store an entry with its CIK as an earlier version did: without making it one company with its filings."""
    from tracker.model.batch import Batch
    from tracker.model.entity import load_entities
    from tracker.model.fact import no_facts
    from tracker.sources.seed import entity_rows
    from tracker.warehouse.writer import Writer

    with Writer(project.warehouse) as writer:
        writer.commit(Batch(no_facts(), entity_rows(load_entities(project.root / "entry.toml")[0], "seeds")))


# -- renames, merges, removals -----------------------------------------------------------------------


@pytest.mark.parametrize("entry", [ENTRY, ""])
def test_a_rename_there_and_back_changes_nothing(stored: Project, at_first: dict[str, list[str]], entry: str) -> None:
    (stored.seeds / "entities.toml").write_text(entry)
    ingest(stored, [])
    (name,) = companies(stored)
    before = shown(stored) if entry else at_first
    rename(stored, f"{name},rename,dragon,as people call it,Ana,2026-01-02")
    ingest(stored, [facts_of(stored)])
    assert companies(stored) == {"dragon"}
    away = shown(stored)
    assert not [
        view for view, found in away.items() if any(f"'{name}'" in row for row in found) and view != "entity_name"
    ]
    rename(stored, f"{name},rename,dragon,,,", f"dragon,rename,{name},,,")
    ingest(stored, [facts_of(stored)])
    assert shown(stored) == before
    (stored.seeds / "entities.csv").unlink()
    ingest(stored, [])
    assert shown(stored) == before


def test_what_was_recorded_before_a_rename_is_answered_as_before(
    stored: Project, at_first: dict[str, list[str]]
) -> None:
    count = rows(stored, "select count(*) from fact")
    (version,) = (entry for entry in [versions_at(stored.warehouse, "2999-01-01")["fact"]])
    rename(stored, "cik0009200001,rename,dragon,,,")
    ingest(stored, [])
    old = versions_at(stored.warehouse, str(version))
    assert shown(stored, versions=old) == at_first
    assert companies(stored, versions=old) == {"cik0009200001"}
    assert rows(stored, "select count(*) from fact") == count


def test_two_ids_of_a_company_without_a_cik_are_merged(tmp_path: Path) -> None:
    entities = (
        '[kite]\nname = "Kite"\nfiscal_year_end = "12-31"\n[kites]\nname = "The Kites"\nfiscal_year_end = "12-31"\n'
    )
    project = project_at(tmp_path, entities)
    write_sources(project, "r1,release,Kite,,en,,,,,2024-08-01,")
    lines = [fact_line("Revenues", "2024Q1", "5", entity="kite"), fact_line("Revenues", "2024Q2", "7", entity="kites")]
    write_facts(project, *lines)
    rename(project, "kites,merge,kite,one company,Ana,2026-01-02")
    ingest(project, [project.seeds])
    assert rows(project, "select entity, fiscal_period, cast(value as bigint) from quarter where value is not null order by 2") == [
        ("kite", "2024Q1", 5_000_000), ("kite", "2024Q2", 7_000_000),
    ]  # fmt: skip
    assert rows(project, "select entity, name from entity") == [("kite", "Kite")]
    rename(project)
    ingest(project, [project.seeds])
    assert companies(project) == {"kite", "kites"}


def test_two_registrants_are_never_merged(stored: Project) -> None:
    ingest(stored, [write_company(stored.root, filed(ORB, "Orb"))])
    rename(stored, "cik0009200002,merge,cik0009200001,,,")
    said: list[str] = []
    ingest(stored, [], say=said.append)
    assert companies(stored) == {"cik0009200001", "cik0009200002"}
    (told,) = [line for line in said if "two registrants" in line]
    assert "entities.csv:2" in told
    assert "9200002" in told
    assert "9200001" in told


def test_a_removed_company_is_nowhere_and_comes_back(stored: Project, at_first: dict[str, list[str]]) -> None:
    rename(stored, "cik0009200001,remove,,not ours,Ana,")
    ingest(stored, [])
    assert {view for view, found in shown(stored).items() if found} <= {"entity_name"}
    with Warehouse(stored.warehouse) as now, pytest.raises(NothingMatchedError):
        now.entity_of("KITE")
    with pytest.raises(UsageError, match="is called"):
        ingest(stored, [facts_of(stored)], entity="cik0009200001")
    rename(stored)
    ingest(stored, [])
    assert shown(stored) == at_first


def test_a_row_that_cannot_hold_is_told_at_every_ingestion(stored: Project) -> None:
    cases = {
        "nobody,rename,dragon,,,": "no company 'nobody'",
        "cik0009200001,merge,nobody,,,": "no company 'nobody'",
        "cik0009200001,rename,orb,,,": "orb is another company",
    }
    (stored.seeds / "entities.toml").write_text('[orb]\nname = "Orb"\nfiscal_year_end = "12-31"\n')
    write_sources(stored, "r1,release,Orb,,en,,,,,2024-08-01,")
    write_facts(stored, fact_line("Revenues", "2024Q1", "5", entity="orb"))
    ingest(stored, [stored.seeds])
    rename(stored, *cases)
    for _ in range(2):
        said: list[str] = []
        ingest(stored, [], say=said.append)
        for number, told in enumerate(cases.values(), 2):
            assert any(told in line and f"entities.csv:{number}" in line for line in said), told
    assert companies(stored) == {"cik0009200001", "orb"}


def test_a_row_that_cannot_be_read_changes_nothing(stored: Project) -> None:
    cases = {
        "kite,call,dragon,,,": "'call' is unknown",
        "kite,rename,,,,": "the cell is empty",
        "kite,remove,dragon,,,": "goes nowhere",
        "kite,rename,A Kite,,,": "is malformed",
        "kite,rename,dragon,,,soon": "Invalid isoformat",
        ",rename,dragon,,,": "the cell is empty",
    }
    rename(stored, "cik0009200001,rename,dragon,,,", *cases)
    with pytest.raises(InputError) as refused:
        ingest(stored, [])
    assert [
        (one.line, told in one.message) for one, told in zip(refused.value.problems, cases.values(), strict=True)
    ] == [(number, True) for number in range(3, 3 + len(cases))]
    assert companies(stored) == {"cik0009200001"}


def test_one_cik_in_two_entries_is_a_problem(stored: Project) -> None:
    (stored.seeds / "entities.toml").write_text(ENTRY + ENTRY.replace("[kite]", "[dragon]"))
    with pytest.raises(InputError, match="9200001 is the cik of kite"):
        ingest(stored, [stored.seeds])


def test_changes_of_companies_in_another_folder_do_not_count(stored: Project) -> None:
    other = stored.root / "other"
    other.mkdir()
    (other / "entities.toml").write_text("")
    (other / "entities.csv").write_text(HEADER + "cik0009200001,rename,dragon,,,\n")
    with pytest.raises(
        InputError, match=r"changes of companies are not read here; move its rows to seeds/entities\.csv"
    ):
        ingest(stored, [other])
    assert companies(stored) == {"cik0009200001"}


def test_a_rename_is_no_news(stored: Project) -> None:
    before = versions_at(stored.warehouse, "2999-01-01")
    (stored.root / f"CIK{KITE:010d}.json").write_text(json.dumps(filed(KITE, scale=1) | {"entityName": "Kite Corp"}))
    rename(stored, "cik0009200001,rename,dragon,,,")
    write_sources(stored, "r1,release,Kite,,en,,,,,2024-08-01,")
    (stored.seeds / "entities.toml").write_text(ENTRY)
    write_facts(stored, fact_line("Revenues", "2024Q2", "130", entity="kite"))
    ingest(stored, [stored.seeds])
    with Warehouse(stored.warehouse, versions=before) as first, Warehouse(stored.warehouse) as after:
        (notice,) = find_notices(first, after)
    assert (notice.entity, notice.fiscal_period) == ("dragon", "2024Q2")
    assert "for other periods" not in notice.text


def test_pins_and_checks_of_an_old_id_hold_under_the_new_one(stored: Project) -> None:
    write_pins(stored, "cik0009200001,revenue,FY2022,us-gaap:Revenues,as filed,")
    ingest(stored, [stored.seeds])
    rename(stored, "cik0009200001,rename,dragon,,,")
    ingest(stored, [stored.seeds])
    assert rows(stored, "select entity, state from pin_state") == [("dragon", "chosen")]
    assert {one.entity for one in check(stored).findings if one.entity} <= {"dragon"}
    write_pins(stored, "dragon,revenue,FY2022,us-gaap:Revenues,as filed,")
    ingest(stored, [stored.seeds])
    assert rows(stored, "select entity, state from pin_state") == [("dragon", "chosen")]
    assert [name for name, found in shown(stored).items() if any("cik0009200001" in row for row in found)] == [
        "entity_name"
    ]


# -- the command, explanations and comparisons ---------------------------------------------------------


def test_the_command_writes_a_row_and_makes_it_hold(stored: Project) -> None:
    folder = stored.root
    done = tracker_text(folder, "entity", "rename", "kite", "dragon", "--reason", "as people call it")
    assert (done.returncode, done.stdout) == (0, "dragon\n")
    assert "entities.csv:2: written to" in done.stderr
    assert "cik0009200001: shown as dragon from now on" in done.stderr
    listed = json.loads(tracker_text(folder, "entity", "list", "--format", "json").stdout)
    assert [(one["entity"], one["ticker"], one["cik"], one["stored_as"], one["state"]) for one in listed] == [
        ("dragon", "KITE", KITE, "cik0009200001", "shown")
    ]
    told = tracker_text(folder, "explain", "KITE", "revenue", "FY2022", "--format", "text").stdout
    assert re.search(r"stored as cik0009200001, shown as dragon \(renamed by .+ on [\d-]+: as people call it\)", told)
    assert tracker_text(folder, "entity", "remove", "KITE").returncode == 0
    (gone,) = json.loads(tracker_text(folder, "entity", "list", "--format", "json").stdout)
    assert (gone["entity"], gone["state"]) == ("cik0009200001", "removed")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("rename", "nobody", "dragon"), 4, "no company is called 'nobody'"),
        (("rename", "KITE", "Dragon Toys"), 2, "is not an id"),
        (("rename", "KITE", "cik0009200001"), 2, "has that id already"),
        (("rename", "KITE", "cik0009200002"), 2, "two registrants are two companies"),
        (("merge", "KITE", "ORB"), 2, "9200001 and cik0009200002 9200002: two registrants are two companies"),
    ],
)
def test_what_cannot_hold_is_refused_and_nothing_is_written(
    two: Project, arguments: tuple[str, ...], code: int, told: str
) -> None:
    done = tracker_text(two.root, "entity", *arguments)
    assert (done.returncode, told in done.stderr) == (code, True), done.stderr
    assert not (two.seeds / "entities.csv").exists()


def test_a_comparison_names_a_rename_and_no_number(stored: Project) -> None:
    first = versions_at(stored.warehouse, "2999-01-01")
    rename(stored, "cik0009200001,rename,dragon,as people call it,Ana,2026-01-02")
    ingest(stored, [])
    with Warehouse(stored.warehouse, versions=first) as before, Warehouse(stored.warehouse) as after:
        (change,) = diff(before, after)
        assert (change.what, change.entity, change.cause) == ("company", "dragon", "renamed")
        why = "renamed by Ana on 2026-01-02: as people call it"
        assert change.detail == f"cik0009200001 is shown as dragon ({why})"
        assert diff(before, after, ["dragon"]) == diff(before, after, ["cik0009200001"]) == (change,)
        assert diff(after, before) == (change.mirror(),)
    rename(stored, "cik0009200001,remove,,not ours,Ana,2026-01-03")
    ingest(stored, [])
    with Warehouse(stored.warehouse, versions=first) as before, Warehouse(stored.warehouse) as after:
        gone = diff(before, after)
    assert {change.cause for change in gone} == {"renamed"}
    assert len(gone) > len(YEARS)


def test_a_correction_made_before_a_rename_holds_after_it(stored: Project) -> None:
    ((fact,),) = rows(
        stored, "select lower(hex(fact_id)) from fact_known where period_end = date '2021-12-31' and value = 100000000"
    )
    correct(stored, fact, Replacement(value="105000000"), Why("the table says so", "Ana"), lambda _: None)
    value = "select entity, cast(value as bigint) from figure where metric = 'revenue' and fiscal_period = 'FY2021'"
    assert rows(stored, value) == [("cik0009200001", 105_000_000)]
    rename(stored, "cik0009200001,rename,dragon,,,")
    ingest(stored, [facts_of(stored)])
    assert rows(stored, value) == [("dragon", 105_000_000)]
    assert rows(stored, "select entity, entity_before, state from correction_state") == [
        ("dragon", "dragon", "corrected")
    ]
    with Warehouse(stored.warehouse) as now:
        assert "corrected from 100,000,000" in "\n".join(explain_fact(now, fact).lines())


def test_a_statement_of_a_renamed_company_is_corrected_by_its_new_name_and_calendar(stored: Project) -> None:
    rename(stored, "cik0009200001,rename,dragon,,,")
    ingest(stored, [])
    ((fact,),) = rows(
        stored, "select lower(hex(fact_id)) from fact_known where period_end = date '2021-03-31' and value = 100000000"
    )
    change = Replacement(period="2021Q1", value="101000000", entity="KITE")
    correct(stored, fact, change, Why("the table says so", "Ana"), lambda _: None)
    found = "select entity, cast(period_end as varchar), state from correction_state"
    assert rows(stored, found) == [("dragon", "2021-03-31", "corrected")]
    rename(stored, "cik0009200001,rename,dragon,,,", "dragon,rename,cik0009200001,,,")
    ingest(stored, [])
    assert rows(stored, found) == [("cik0009200001", "2021-03-31", "corrected")]


def test_a_report_and_the_settings_name_a_company_by_its_ticker(stored: Project) -> None:
    (stored.reports).mkdir(exist_ok=True)
    (stored.reports / "kite.toml").write_text(
        'kind = "growth"\nentity = "KITE"\nperiod = "FY2023"\nmetrics = ["revenue"]\nformats = ["json"]\n'
    )
    with (stored.root / "tracker.toml").open("a") as settings:
        settings.write('\n[check]\nentities = ["Kite Corp"]\n')
    project = load_project(stored.root)
    rename(project, "cik0009200001,rename,dragon,,,")
    ingest(project, [])
    assert find_report_companies(project) == {"kite": frozenset({"dragon"})}
    ((_, (path,)),) = report(project, ["kite"])
    assert "dragon" in path.read_text()
    found = check(project, ["freshness"], now=datetime(2024, 6, 1, tzinfo=UTC)).findings
    assert {one.entity for one in found} == {"dragon"}
    assert "no company of this id is known" not in {one.message for one in found}


# -- names and tickers -------------------------------------------------------------------------------


def tickers(folder: Path, *entries: tuple[int, str, str], exchange: bool = False) -> Path:
    if exchange:
        path = folder / "company_tickers_exchange.json"
        data = [[cik, name, ticker, "NYSE"] for cik, ticker, name in entries]
        path.write_text(json.dumps({"fields": ["cik", "name", "ticker", "exchange"], "data": data}))
        return path
    path = folder / "company_tickers.json"
    named = [{"cik_str": cik, "ticker": ticker, "title": name} for cik, ticker, name in entries]
    path.write_text(json.dumps({str(at): row for at, row in enumerate(named)}))
    return path


def test_a_company_is_found_by_every_name_it_has_or_had(filer: Path) -> None:
    names = ("KITE", "kite-p", "Kite Corp", "kite", "KITE CORPORATION", "Dragon Toys", "dragon toys inc", "9200001", "CIK 9200001", "cik0009200001")  # fmt: skip
    with worked_out(load_project(filer).warehouse) as now:
        assert {name: now.entity_of(name) for name in names} == dict.fromkeys(names, "cik0009200001")


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("exchange", [True, False])
def test_lists_of_tickers_name_companies_in_whatever_order_they_come(
    tmp_path: Path, *, is_first: bool, exchange: bool
) -> None:
    project = project_at(tmp_path)
    listed = tickers(tmp_path, (KITE, "KYT", "KITE CORP /DE/"), (ORB, "ORB", "Orb Inc."), exchange=exchange)
    (tmp_path / f"submissions-CIK{KITE:010d}.json").unlink()
    for path in [listed, facts_of(project)] if is_first else [facts_of(project), listed]:
        ingest(project, [path])
    with Warehouse(project.warehouse) as now:
        assert now.entity_of("kyt") == "cik0009200001"
        assert now.sql("select ticker from entity_label").fetchall() == [("KYT",)]
        with pytest.raises(
            NothingMatchedError, match=r"Orb Inc\. \(CIK 9200002\) is listed, but nothing of it is stored or shown"
        ):
            now.entity_of("ORB")


def test_a_ticker_that_a_newer_list_lacks_is_a_former_one(stored: Project) -> None:
    (stored.root / f"submissions-CIK{KITE:010d}.json").unlink()
    ingest(stored, [tickers(stored.root, (KITE, "OLD", "Kite Corp"))])
    ingest(stored, [tickers(stored.root, (KITE, "NEW", "Kite Corp"))])
    with Warehouse(stored.warehouse) as now:
        assert now.entity_of("NEW") == now.entity_of("OLD") == "cik0009200001"
    ingest(stored, [write_company(stored.root, filed(ORB, "Orb"))])
    ingest(stored, [tickers(stored.root, (KITE, "NEW", "Kite Corp"), (ORB, "OLD", "Orb"))])
    with Warehouse(stored.warehouse) as now:
        assert now.entity_of("OLD") == "cik0009200002"  # whose it is today


def test_a_name_of_two_companies_is_an_error_that_lists_them(stored: Project) -> None:
    ingest(stored, [write_company(stored.root, filed(ORB, "Kite Corp"))])
    with (
        Warehouse(stored.warehouse) as now,
        pytest.raises(NothingMatchedError, match=r"may be Kite Corp \(cik0009200001\), Kite"),
    ):
        now.entity_of("kite corporation")


def test_submissions_are_read_by_themselves(stored: Project) -> None:
    path = stored.root / f"CIK{ORB:010d}.json"
    path.write_text(json.dumps(submissions(ORB, name="Orb Inc", tickers=["ORB"], lei="5299000J2N45DDNE4Y28")))
    (done,) = ingest(stored, [path])
    assert done.changed["listing"] == 1
    assert ("lei", "5299000J2N45DDNE4Y28") in rows(stored, f"select kind, alias from listing where cik = {ORB}")


def test_a_list_that_is_none_is_refused(stored: Project) -> None:
    contents: list[object] = [
        [], {}, {"fields": ["cik"], "data": []}, {"fields": ["cik", "name", "ticker"], "data": [1, [1]]}, "x", {"0": None},
        {"0": {"cik_str": "1", "ticker": "A", "title": "A"}}, {"0": {"cik_str": 1, "ticker": "", "title": "A"}},
    ]  # fmt: skip
    paths = [stored.root / str(number) / "company_tickers.json" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.parent.mkdir()
        path.write_text(json.dumps(content))
    with pytest.raises(InputError) as refused:
        ingest(stored, paths)
    for path in paths:
        assert any(problem.path.startswith(str(path)) for problem in refused.value.problems), path.read_text()


def test_cells_of_seeds_name_companies_by_any_name(stored: Project) -> None:
    (stored.seeds / "entities.toml").write_text(ENTRY + 'tickers = [{ ticker = "KYT" }]\n')
    write_pins(stored, "KYT,revenue,FY2022,us-gaap:Revenues,as filed,")
    ingest(stored, [stored.seeds])
    assert rows(stored, "select entity, state from pin_state") == [("kite", "chosen")]


def test_cells_of_seeds_name_filers_by_their_tickers(stored: Project) -> None:
    write_pins(stored, "KITE,revenue,FY2022,us-gaap:Revenues,as filed,")
    ingest(stored, [stored.seeds])
    assert rows(stored, "select entity, state from pin_state") == [("cik0009200001", "chosen")]


def test_a_merged_company_keeps_what_the_other_alone_knew(stored: Project) -> None:
    before = rows(stored, "select fiscal_period, value from quarter where value is not null order by all")
    assert before
    (stored.seeds / "entities.toml").write_text('[toys]\nname = "Toy House"\n')
    ingest(stored, [stored.seeds])
    rename(stored, "cik0009200001,merge,toys,,,")
    ingest(stored, [])
    assert rows(stored, "select entity, name, cik from entity") == [("toys", "Toy House", KITE)]
    assert rows(stored, "select fiscal_period, value from quarter where value is not null order by all") == before
    with Warehouse(stored.warehouse) as now:
        assert {now.entity_of(name) for name in ("KITE", "Kite Corp", "cik0009200001", "Toy House")} == {"toys"}


def test_a_company_with_an_entry_is_never_renamed_into_another(stored: Project) -> None:
    (stored.seeds / "entities.toml").write_text('[toys]\nname = "Toy House"\ncik = 9200001\n[orb]\nname = "Orb"\n')
    ingest(stored, [stored.seeds])
    rename(stored, "toys,rename,house,,,", "house,rename,orb,,,")
    said: list[str] = []
    ingest(stored, [], say=said.append)
    assert companies(stored) == {"house"}
    assert any("orb is another company" in line for line in said)


@pytest.mark.parametrize("name", ["cik0009200001", "Kite Corp"])
def test_a_removed_company_is_told_from_an_unknown_one(stored: Project, name: str) -> None:
    rename(stored, "cik0009200001,remove,,,,")
    ingest(stored, [])
    with Warehouse(stored.warehouse) as now:
        with pytest.raises(NothingMatchedError, match=r"it was removed; take its row out of entities\.csv"):
            now.entity_of(name)
        with pytest.raises(NothingMatchedError, match="`tracker entity list` lists the companies"):
            now.entity_of("Nobody & Sons")
