"""Stored figures: at every moment they are what the views show, however the facts came in."""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
import time
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support import working
from support.facts import PLAIN_FACT
from support.filings import Statement, company
from support.project import ROOT, made_once, often, write_facts, write_pins, write_seed_table, write_sources
from support.running import processes
from tracker.errors import DamageError, NothingMatchedError, StorageError
from tracker.model.batch import Batch
from tracker.model.entity import Entities
from tracker.model.fact import to_table
from tracker.model.schema import DERIVED, DERIVED_VIEWS, TABLES
from tracker.pipeline.ingest import ingest
from tracker.pipeline.init import init
from tracker.pipeline.upkeep import bring_up_to_date
from tracker.project import Project, load_project
from tracker.sources.base import Request
from tracker.sources.sec.company_facts import CompanyFactsSource
from tracker.warehouse import compact, derive, histories
from tracker.warehouse.derive import find_differences
from tracker.warehouse.integrity import repair, verify
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import versions_at
from tracker.warehouse.view_files import views
from tracker.warehouse.writer import Writer, history

#: At how many moments of each company the views are asked: at all in the long form.
MOMENTS = 10_000 if os.environ.get("TRACKER_LONG") else 2
#: Tags of metrics, two of them for one metric, and one that no metric has but that may explain a change of meaning.
TAGS = ("Revenues", "SalesRevenueNet", "NetIncomeLoss", "PaymentsToAcquirePropertyPlantAndEquipment")
SIBLING = "ProceedsFromSaleOfPropertyPlantAndEquipment"


def company_by_chance(chance: random.Random, cik: int) -> dict[str, list[Statement]]:
    """Return what a company files in two or three years: comparatives, restatements, gaps, switched and netted tags."""
    closing = chance.choice([12, 12, 6, 9])
    filed: dict[str, list[Statement]] = {tag: [] for tag in (*TAGS, SIBLING)}
    number = 0
    for year in range(chance.randint(2, 3)):
        ends = [_end_of_month(2021 + year, closing - 9 + 3 * k) for k in range(4)]
        opening = _end_of_month(2020 + year, closing) + timedelta(days=1)
        amounts = {tag: [chance.randint(1, 900) * 1000 for _ in range(4)] for tag in filed}
        for again in range(2):
            restated = 7000 if again and chance.random() < 0.3 else 0
            for k, end in enumerate(ends):
                number += 1
                on = end + timedelta(days=chance.randint(20, 50) + 365 * again)
                said = (f"{cik:010d}-24-{number:06d}", "10-K" if k == 3 else "10-Q", on.isoformat())
                for tag, statements in filed.items():
                    netted = sum(amounts[SIBLING][: k + 1]) if tag == TAGS[3] and again and chance.random() < 0.5 else 0
                    if chance.random() < 0.85:
                        total = sum(amounts[tag][: k + 1]) + restated - netted
                        statements.append((opening.isoformat(), end.isoformat(), total, *said))
                    if 0 < k < 3 and chance.random() < 0.6:
                        start = (ends[k - 1] + timedelta(days=1)).isoformat()
                        statements.append((start, end.isoformat(), amounts[tag][k] + restated, *said))
    if chance.random() < 0.5:
        middle = len(filed[TAGS[0]]) // 2
        first, later = filed[TAGS[0]][:middle], filed[TAGS[0]][middle:]
        filed[TAGS[1]], filed[TAGS[0]] = [*first, *(one for one in later if chance.random() < 0.2)], later
    return filed


def _end_of_month(year: int, month: int) -> date:
    """Return the last day of a month; months count on from the year's first, and back."""
    total = year * 12 + month
    return date(total // 12, total % 12 + 1, 1) - timedelta(days=1)


def write_archive(path: Path, companies: dict[int, dict[str, list[Statement]]]) -> Path:
    """Write what companies filed as an archive of company facts."""
    with zipfile.ZipFile(path, "w") as archive:
        for cik, filed in companies.items():
            archive.writestr(f"CIK{cik:010d}.json", json.dumps(company(cik, filed, name=f"Company {cik}")))
    return path


def project_without_scale(folder: Path) -> Project:
    """Return an empty project that lets amounts of any scale in."""
    init(folder)
    (folder / "checks").mkdir(exist_ok=True)
    text = "-- scale_error: any scale\n-- severity: info\n-- message: {entity}\n-- remedy: none\n"
    (folder / "checks" / "scale_error.sql").write_text(f"{text}select entity from fact where false\n")
    return load_project(folder)


def assert_equal_to_views(warehouse: Path) -> None:
    """Assert that the stored rows of each company are what the views show, at every moment."""
    with Warehouse(warehouse) as stored:
        assert stored.is_derived
        companies = [entity for (entity,) in stored.sql("select distinct entity from fact order by 1").fetchall()]
        assert {entity: find_differences(stored, entity, MOMENTS) for entity in companies} == {
            entity: {} for entity in companies
        }


def rows_of(warehouse: Path, view: str) -> list[tuple[Any, ...]]:
    """Return the history of a view, without what differs from one ingestion to another."""
    with Warehouse(warehouse) as stored:
        return stored.sql(f"select * from {view}_history order by all").fetchall()


@settings(max_examples=often(1, 40), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32), st.integers(1, 3))
def test_stored_histories_are_what_the_views_show_at_every_moment(seed: int, parts: int) -> None:
    """In any order, and in any split into commits; the histories are then the same."""
    chance = random.Random(seed)
    folder = Path(tempfile.mkdtemp())
    companies = {cik: company_by_chance(chance, cik) for cik in (1, 2)}
    whole = project_without_scale(folder / "whole")
    ingest(whole, [write_archive(folder / "companyfacts.zip", companies)])
    assert_equal_to_views(whole.warehouse)
    split = project_without_scale(folder / "split")
    pieces = [_share(companies, number, parts) for number in range(parts)]
    chance.shuffle(pieces)
    for number, piece in enumerate(pieces):
        (folder / str(number)).mkdir()
        ingest(split, [write_archive(folder / str(number) / "companyfacts.zip", piece)])
    for view in DERIVED_VIEWS:
        assert rows_of(split.warehouse, view) == rows_of(whole.warehouse, view)


def _share(
    companies: dict[int, dict[str, list[Statement]]], number: int, parts: int
) -> dict[int, dict[str, list[Statement]]]:
    """Return the filings whose number leaves this remainder: a filing stays whole."""
    return {
        cik: {
            tag: [one for one in statements if int(one[3].rpartition("-")[2]) % parts == number]
            for tag, statements in filed.items()
        }
        for cik, filed in companies.items()
    }


@pytest.fixture
def filer(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with what one company filed, and an article and pins about it to come."""
    shutil.copytree(made_once(tmp_path_factory, "histories-filer", _store_filer), tmp_path, dirs_exist_ok=True)
    return load_project(tmp_path)


def _store_filer(folder: Path) -> None:
    project = project_without_scale(folder)
    (project.seeds / "entities.toml").write_text('[one]\nname = "One"\ncik = 1\nfiscal_year_end = "12-31"\n')
    ingest(project, [write_archive(folder / "companyfacts.zip", {1: company_by_chance(random.Random(3), 1)})])


def test_withdrawals_pins_and_definitions_change_what_is_stored(filer: Project) -> None:
    write_sources(filer, "a1,article,Paper,,en,,,,,2023-08-02,\n")
    stated = "one,,revenue,actual,2023Q2,{},,,6,USD,exact,a1,,,,\n"
    write_facts(filer, stated.format("5"))
    ingest(filer, [filer.seeds])
    assert_equal_to_views(filer.warehouse)
    write_facts(filer, stated.format("6"))  # withdraws the one before
    ingest(filer, [filer.seeds])
    assert_equal_to_views(filer.warehouse)
    write_pins(filer, "one,revenue,2023Q2,a1,as the paper says,2023-09-01\n")
    ingest(filer, [filer.seeds])
    assert_equal_to_views(filer.warehouse)
    own = filer.root / "metrics.toml"
    own.write_text(
        '[revenue]\nlabel = "Revenue"\ntype = "duration"\nadditive = true\ntags = ["us-gaap:SalesRevenueNet"]\n'
    )
    ingest(load_project(filer.root), [filer.seeds])
    assert_equal_to_views(filer.warehouse)


def test_guidance_has_a_history(filer: Project) -> None:
    write_sources(filer, "r1,release,One,,en,,,,,2023-02-01,\n", "r2,release,One,,en,,,,,2023-07-30,\n")
    write_seed_table(
        filer.seeds,
        "guidance",
        [
            ["one", "capex", "FY2023", "2023-02-01", "", "1", "3", "6", "USD", "range", "r1", ""],
            ["one", "capex", "FY2023", "2023-07-30", "", "2", "3", "6", "USD", "range", "r2", ""],
        ],
    )
    ingest(filer, [filer.seeds])
    assert_equal_to_views(filer.warehouse)
    with Warehouse(filer.warehouse) as stored:
        found = stored.sql(
            "select step, superseded_at is null, known_to is null from guidance_history_history order by known_from, step"
        ).fetchall()
    assert found == [(1, True, False), (1, False, True), (2, True, True)]


def test_one_stage_and_many_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stages have worlds narrower than a company: what they leave out must change nothing."""
    chance = random.Random(11)
    filed = {cik: company_by_chance(chance, cik) for cik in range(1, 7)}
    project = project_without_scale(tmp_path)
    ingest(project, [write_archive(tmp_path / "companyfacts.zip", filed)])
    found = []
    for few in (0, 10**9):
        monkeypatch.setattr(histories, "_FEW", few)
        with Writer(project.warehouse) as writer:
            assert writer.derive() == len(filed)
        found.append({view: rows_of(project.warehouse, view) for view in DERIVED_VIEWS})
    assert found[0] == found[1]


def test_several_processes_give_the_same_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A group of companies is derived in a process of its own: when they are ingested, again, and with new facts."""
    chance = random.Random(12)
    filed = {cik: company_by_chance(chance, cik) for cik in range(1, 6)}
    archives = [write_archive(tmp_path / "old.zip", _share(filed, 0, 2)), write_archive(tmp_path / "new.zip", filed)]
    monkeypatch.setattr(derive, "_MANY", 0)
    found = []
    for threads in ("1", "2"):
        monkeypatch.setenv("TRACKER_THREADS", threads)
        project = project_without_scale(tmp_path / threads)
        for archive in archives:
            ingest(project, [archive])
        found.append({view: rows_of(project.warehouse, view) for view in DERIVED_VIEWS})
        with Writer(project.warehouse) as writer:
            assert writer.derive() == len(filed)
        found.append({view: rows_of(project.warehouse, view) for view in DERIVED_VIEWS})
    assert found[1:] == found[:1] * 3


def test_where_a_process_dies_nothing_is_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(12)
    archive = write_archive(tmp_path / "all.zip", {cik: company_by_chance(chance, cik) for cik in (1, 2)})
    project = project_without_scale(tmp_path / "project")
    monkeypatch.setenv("TRACKER_THREADS", "2")
    monkeypatch.setattr(derive, "_MANY", 0)
    with monkeypatch.context() as broken:
        broken.setattr(derive, "_derive_group", working.die)
        with pytest.raises(StorageError, match=r"set TRACKER_THREADS=1 .*; nothing of this batch is stored"):
            ingest(project, [archive])
    with Warehouse(project.warehouse) as stored:
        assert stored.rows("select count(*) from fact") == [(0,)]
    ingest(project, [archive])
    assert_equal_to_views(project.warehouse)


def test_where_a_process_dies_what_was_derived_before_stands(filer: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    ingest(filer, [write_archive(filer.root / "more.zip", {2: company_by_chance(random.Random(12), 2)})])
    before = rows_of(filer.warehouse, "figure")
    monkeypatch.setenv("TRACKER_THREADS", "2")
    monkeypatch.setattr(derive, "_MANY", 0)
    with monkeypatch.context() as broken:
        broken.setattr(derive, "_derive_into_file", working.die)
        with Writer(filer.warehouse) as writer, pytest.raises(StorageError, match="figures derived before stand"):
            writer.derive()
    assert rows_of(filer.warehouse, "figure") == before
    with Writer(filer.warehouse) as writer:
        assert writer.derive() == 2
    assert rows_of(filer.warehouse, "figure") == before


def test_histories_of_views_that_select_rows_of_a_stored_one(filer: Project) -> None:
    with Warehouse(filer.warehouse) as stored:
        for view, source, condition in (
            ("yoy", "growth", "against = 'year'"),
            ("qoq", "growth", "against = 'quarter'"),
            ("quarter", "figure", "span = 'quarter'"),
            ("annual", "figure", "span = 'year'"),
        ):
            days = "select entity, metric, fiscal_period, known_from, known_to from {} order by all"
            wanted = stored.sql(days.format(f"{source}_history where {condition}")).fetchall()
            assert stored.sql(days.format(f"{view}_history")).fetchall() == wanted
            assert wanted


def test_a_panel_of_days_is_one_join(filer: Project) -> None:
    """As the documentation says: what was known at each of many days, without a look ahead."""
    with Warehouse(filer.warehouse) as stored:
        panel = stored.sql(
            """with days as (select unnest(generate_series(date '2021-01-31', date '2024-12-31', interval 1 month)) as day)
               select cast(d.day as date), count(*), sum(h.value)
               from days d
               join figure_history h on h.known_from <= d.day and (h.known_to > d.day or h.known_to is null)
               where h.metric = 'net_income' and h.span = 'year'
               group by all order by 1"""
        ).fetchall()
        assert len(panel) > 10
        for day, count, total in panel[::7]:
            moment = f"{day} 00:00:00Z"
            query = f"select count(*), sum(value) from figure_as_of('{moment}') where metric = 'net_income' and span = 'year'"
            assert stored.sql(query).fetchall() == [(count, total)]


# -- what may go wrong -------------------------------------------------------------------------------


def test_a_wrong_stored_figure_is_found(filer: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard itself: a rule that gives other figures than the views is found."""
    lacking = """
        select f.*, f.known_at as known_from, cast(null as timestamptz) as known_to
        from fact_known f join since s on s.entity = f.entity
        where f.concept not like '%NetIncome%'"""
    monkeypatch.setattr(histories, "_FACTS", lacking)
    with Writer(filer.warehouse) as writer:
        writer.derive()
    monkeypatch.undo()
    with Warehouse(filer.warehouse) as stored:
        assert "figure" in find_differences(stored, "one")


def test_figures_of_other_rules_are_derived_anew_before_they_are_shown(
    filer: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Warehouse(filer.warehouse) as stored:
        wanted = stored.sql("select * from growth order by all").fetchall()
    monkeypatch.setattr("tracker.warehouse.snapshot.rules_version", lambda: "another")
    with Warehouse(filer.warehouse) as stored:
        assert not stored.is_derived
        assert stored.sql("select * from growth order by all").fetchall() == wanted
    done: list[float] = []
    bring_up_to_date(filer.warehouse, done.append)
    assert done[-1] == 1
    with Warehouse(filer.warehouse) as stored:
        assert stored.is_derived
        assert stored.sql("select * from growth order by all").fetchall() == wanted


def test_a_compaction_changes_no_row(filer: Project) -> None:
    for value in ("5", "6", "7"):
        write_sources(filer, "a1,article,Paper,,en,,,,,2023-08-02,\n")
        write_facts(filer, f"one,,revenue,actual,2023Q2,{value},,,6,USD,exact,a1,,,,\n")
        ingest(filer, [filer.seeds])
    before = {view: rows_of(filer.warehouse, view) for view in DERIVED_VIEWS}
    with Warehouse(filer.warehouse) as stored:
        facts = stored.sql("select * from fact order by all").fetchall()
    with Writer(filer.warehouse) as writer:
        done = writer.compact()
    assert done.replaced > done.written > 0
    assert {view: rows_of(filer.warehouse, view) for view in DERIVED_VIEWS} == before
    with Warehouse(filer.warehouse) as stored:
        assert stored.is_derived
        assert stored.sql("select * from fact order by all").fetchall() == facts
        assert len(stored.snapshot.files["fact"]) == 1


def test_stored_columns_are_those_of_the_views(filer: Project) -> None:
    by_name = {view.name: view for view in views()}
    with Warehouse(filer.warehouse, versions=None) as stored:
        for name, columns in DERIVED_VIEWS.items():
            assert name in by_name
            assert tuple(stored.sql(f"select * from {name}").columns) == columns
    assert {*TABLES[DERIVED]} == {
        "view", "known_from", "known_to", "recorded_at", *(one for columns in DERIVED_VIEWS.values() for one in columns)
    }  # fmt: skip


def test_the_real_seeds(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    shutil.copy(ROOT / "tracker.toml", tmp_path)
    project = load_project(tmp_path)
    ingest(project, [project.seeds])
    with Warehouse(project.warehouse) as stored:
        for entity in ("meta", "alphabet"):
            assert find_differences(stored, entity, often(2, 25)) == {}


def test_an_earlier_commit_is_read_when_its_files_are_gone(filer: Project) -> None:
    query = "select * from growth order by all"
    with Warehouse(filer.warehouse) as stored:
        wanted = stored.sql(query).fetchall()
    first = versions_at(filer.warehouse, str(history(filer.warehouse)[0]["version"]))
    write_sources(filer, "a1,article,Paper,,en,,,,,2023-08-02,\n")
    for value in ("5", "6"):
        write_facts(filer, f"one,,revenue,actual,2019Q2,{value},,,6,USD,exact,a1,,,,\n")
        ingest(filer, [filer.seeds])
    with Writer(filer.warehouse) as writer:
        assert writer.compact(kept_for=timedelta(seconds=-1)).removed
    assert verify(filer.warehouse).damages == []
    with Warehouse(filer.warehouse) as stored:
        assert stored.sql(query).fetchall() != wanted
    with Warehouse(filer.warehouse, versions=first) as earlier:
        assert not earlier.is_derived
        assert earlier.sql(query).fetchall() == wanted


@pytest.mark.parametrize("is_missing", [False, True])
def test_a_damaged_file_of_figures_is_derived_anew(filer: Project, *, is_missing: bool) -> None:
    query = "select * from growth order by all"
    with Warehouse(filer.warehouse) as stored:
        wanted = stored.sql(query).fetchall()
        (name,) = stored.snapshot.files[DERIVED]
    file = filer.warehouse / name
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.write_bytes(content)
    if is_missing:
        file.unlink()
    (damage,) = verify(filer.warehouse).damages
    assert (damage.file, damage.is_mendable) == (name, True)
    with Warehouse(filer.warehouse) as stored:
        if is_missing:
            assert stored.sql(query).fetchall() == wanted
        else:
            with pytest.raises(DamageError, match="tracker verify --repair` derives its figures anew"):
                stored.sql(query).fetchall()
    done, after = repair(filer.warehouse)
    assert "the figures of 1 companies derived anew from the facts" in done
    assert after.damages == []
    with Warehouse(filer.warehouse) as stored:
        assert stored.is_derived
        assert stored.sql(query).fetchall() == wanted


def test_small_files_are_put_together_in_groups_that_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact, "SMALL", 10)
    files = {"a": 4, "b": 10, "c": 5, "d": 2, "e": 9, "f": 3, "g": 9, "h": 99, "i": 1}
    assert compact.group_small_files(files) == [["a", "c", "d"], ["e", "f"], ["g", "i"]]
    assert compact.group_small_files({"a": 9, "b": 10}) == []


def test_files_without_a_row_that_holds_are_replaced_by_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each company has a file; then two of the three are derived again, into one file."""
    chance = random.Random(12)
    filed = {cik: company_by_chance(chance, cik) for cik in (1, 2, 3)}
    project = project_without_scale(tmp_path)
    ingest(project, [write_archive(tmp_path / "companyfacts.zip", filed)])
    monkeypatch.setattr(derive, "AT_ONCE", 1)
    with Writer(project.warehouse) as writer:
        writer.derive()
        first, second, third = writer.now.snapshot.files[DERIVED]
        balance: Statement = (None, "2030-12-31", 5, "0000000001-31-000001", "10-K", "2031-02-01")
        again = {cik: {"Assets": [balance]} for cik in (1, 2)}
        for batch in CompanyFactsSource().read(
            Request(write_archive(tmp_path / "new.zip", again), "new.zip", Entities({}))
        ):
            writer.commit(batch)
        rows = {name: file.rows for name, file in writer.now.snapshot.stored.items() if name.startswith(DERIVED)}
        before = writer.now.sql("select * from figure_history order by all").fetchall()
        monkeypatch.setattr(compact, "SMALL", max(rows[first], rows[second]) + 1)
        done = writer.compact([DERIVED])
        assert (done.replaced, done.written) == (2, 0)
        assert not {first, second} & {*writer.now.snapshot.files[DERIVED]}
        assert third in writer.now.snapshot.files[DERIVED]
        assert writer.now.sql("select * from figure_history order by all").fetchall() == before
    assert verify(project.warehouse).damages == []


def test_a_compaction_is_no_commit_that_can_be_asked_for(filer: Project) -> None:
    write_sources(filer, "a1,article,Paper,,en,,,,,2023-08-02,\n")
    write_facts(filer, "one,,revenue,actual,2023Q2,5,,,6,USD,exact,a1,,,,\n")
    ingest(filer, [filer.seeds])
    with Writer(filer.warehouse) as writer:
        writer.compact()
    with Warehouse(filer.warehouse) as stored:
        newest = stored.snapshot.versions["fact"]
    assert newest not in {commit["version"] for commit in history(filer.warehouse)}
    with pytest.raises(NothingMatchedError, match="there is no commit"):
        versions_at(filer.warehouse, str(newest))


# -- processes that die, and processes that meet -----------------------------------------------------


def _store_and_compact(folder: str) -> None:
    """Store three batches and put their files together."""
    project = load_project(Path(folder))
    write_sources(project, "a1,article,Paper,,en,,,,,2023-08-02,\n")
    for value in ("5", "6", "7"):
        write_facts(project, f"one,,revenue,actual,2023Q2,{value},,,6,USD,exact,a1,,,,\n")
        ingest(project, [project.seeds])
    with Writer(project.warehouse) as writer:
        writer.compact(kept_for=timedelta(0))


def _kill_at_random_points(times: int, filer: Project, folder: Path) -> None:
    """Kill a process that derives and compacts; what is stored is whole, and the next process goes on from it."""
    context, chance = processes(), random.Random(20240731)
    length = 4.0
    for number in range(times):
        place = folder / f"trial-{number}"
        shutil.copytree(filer.root, place)
        child = context.Process(target=_store_and_compact, args=(str(place),))
        started = time.monotonic()
        child.start()
        child.join(chance.uniform(0.2, length))
        if child.is_alive():
            child.kill()
        else:
            length = time.monotonic() - started
        child.join()
        project = load_project(place)
        assert verify(project.warehouse).damages == []
        with Warehouse(project.warehouse) as left:
            shown = left.sql("select * from figure order by all").fetchall()
        with Writer(project.warehouse):
            pass
        with Warehouse(project.warehouse) as mended:
            assert mended.is_derived
            assert mended.sql("select * from figure order by all").fetchall() == shown
            assert find_differences(mended, "one", 1) == {}
        shutil.rmtree(place)


def test_killed_derivations_and_compactions_lose_nothing(
    filer: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _kill_at_random_points(3, filer, tmp_path_factory.mktemp("killed"))


@pytest.mark.long
def test_two_hundred_killed_derivations_lose_nothing(filer: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    _kill_at_random_points(200, filer, tmp_path_factory.mktemp("killed"))


def _write_one_by_one(warehouse: str, number: int, times: int) -> None:
    """Store facts of a company of one's own, one a commit."""
    for at in range(times):
        day = date(2024, 1, 1) + timedelta(days=at)
        fact = replace(
            PLAIN_FACT,
            entity=f"c{number}",
            value=Decimal(100 + at),
            known_at=datetime(day.year, day.month, day.day, tzinfo=UTC),
        )
        with Writer(Path(warehouse), wait=600) as writer:
            writer.commit(Batch(to_table([fact]), {}))


def _ask_again_and_again(warehouse: str, seconds: float) -> None:
    """Ask for figures; what is shown together was stored together."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with Warehouse(warehouse) as stored:
            ((facts,),) = stored.sql("select count(*) from fact").fetchall()
            ((versions,),) = stored.sql("select coalesce(sum(statements), 0) from version").fetchall()
            ((known,),) = stored.sql("select count(distinct entity) from fact").fetchall()
            ((shown,),) = stored.sql("select count(distinct entity) from figure").fetchall()
            assert (facts, known) == (versions, shown)


def _write_and_ask(filer: Project, writers: int, times: int, readers: int) -> None:
    context = processes()
    entities = "".join(f'[c{n}]\nname = "C{n}"\nfiscal_year_end = "12-31"\n' for n in range(writers))
    (filer.seeds / "entities.toml").write_text(entities)
    shutil.rmtree(filer.warehouse)
    ingest(filer, [filer.seeds])
    path = str(filer.warehouse)
    asking = [context.Process(target=_ask_again_and_again, args=(path, 3.0 * times)) for _ in range(readers)]
    writing = [context.Process(target=_write_one_by_one, args=(path, n, times)) for n in range(writers)]
    for process in (*asking, *writing):
        process.start()
    for process in (*asking, *writing):
        process.join()
    assert [process.exitcode for process in (*asking, *writing)] == [0] * (writers + readers)
    with Warehouse(filer.warehouse) as stored:
        assert stored.sql("select count(*) from fact").fetchall() == [(writers * times,)]
        assert {n: find_differences(stored, f"c{n}", 3) for n in range(writers)} == {n: {} for n in range(writers)}


def test_writers_and_readers_meet(filer: Project) -> None:
    _write_and_ask(filer, writers=2, times=3, readers=2)


@pytest.mark.long
def test_eight_writers_and_four_readers_meet(filer: Project) -> None:
    _write_and_ask(filer, writers=8, times=25, readers=4)
