"""Commits: whole or not at all, once, and readable by anybody."""

from __future__ import annotations

import gc
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow.parquet as pq
import pytest

from support.project import ROOT, fact_line, init_at, write_facts, write_pins, write_sources
from support.running import processes
from tracker.errors import BusyError, QueryError, WarehouseError
from tracker.model.batch import Batch
from tracker.model.entity import Entities
from tracker.model.fact import no_facts, rows_table
from tracker.model.schema import TABLES
from tracker.pipeline.ingest import ingest
from tracker.project import Project, load_project
from tracker.sources.base import Request
from tracker.sources.seed import SeedSource
from tracker.warehouse.connection import find_tables
from tracker.warehouse.integrity import verify
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import CATALOG, read_snapshot
from tracker.warehouse.writer import Writer, history

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNT = "select count(*), count(distinct fact_id), sum(value) from fact"


def counted(folder: Path) -> tuple[object, ...]:
    with Warehouse(folder) as warehouse:
        return warehouse.sql(COUNT).fetchall()[0]


def test_building_twice_adds_nothing_and_says_so(project: Project) -> None:
    before = counted(project.warehouse), read_snapshot(project.warehouse)
    said: list[str] = []
    (done,) = ingest(project, [project.seeds], say=said.append)
    assert (done.added, done.withdrawn) == (0, 0)
    assert said == [f"seeds: 0 new, {done.known} known (nothing to add)"]
    assert (counted(project.warehouse), read_snapshot(project.warehouse)) == before


def test_what_changed_beside_figures_is_told(empty: Project) -> None:
    def said() -> list[str]:
        lines: list[str] = []
        ingest(empty, [empty.seeds], say=lines.append)
        return [line for line in lines if "pins.csv" not in line]

    pin = "acme,capex,2024Q{},us-gaap:PaymentsToAcquireProductiveAssets,{},"
    write_facts(empty, fact_line("Revenues", "2024Q2", "97"))
    assert said() == ["seeds: 1 new, 0 known"]
    assert said() == ["seeds: 0 new, 1 known (nothing to add)"]
    write_pins(empty, pin.format(1, "checked"), pin.format(2, "checked"))
    assert said() == ["seeds: 0 new, 1 known, 2 pins changed"]
    write_pins(empty, pin.format(1, "checked again"), pin.format(2, "checked"))
    assert said() == ["seeds: 0 new, 1 known, 1 pin changed"]
    write_pins(empty, pin.format(1, "checked again"))
    write_facts(empty, fact_line("Revenues", "2024Q2", "98"))
    assert said() == ["seeds: 1 new, 0 known, 1 withdrawn, 1 pin changed"]
    for name, before, after in (("entities.toml", "June Co", "July Co"), ("sources.csv", "Paper", "Daily Paper")):
        path = empty.seeds / name
        path.write_text(path.read_text().replace(before, after))
    assert said() == [
        "definitions: 1 company new or changed",
        "seeds: 0 new, 1 known, 1 source new or changed",
    ]
    assert said() == ["seeds: 0 new, 1 known (nothing to add)"]


def test_changed_metrics_are_told(empty: Project) -> None:
    ingest(empty, [empty.seeds])
    settings = empty.root / "tracker.toml"
    settings.write_text(settings.read_text().replace("[paths]\n", '[paths]\nmetrics = "metrics.toml"\n'))
    (empty.root / "metrics.toml").write_text(
        (ROOT / "tracker" / "model" / "metrics.toml").read_text().replace('label = "Revenue"', 'label = "Turnover"')
    )
    said: list[str] = []
    ingest(load_project(empty.root), [empty.seeds], say=said.append)
    assert said == [
        "definitions: metrics changed",
        "seeds: 0 new, 0 known (nothing to add)",
    ]


def test_everybody_reads_the_same_rows(project: Project, warehouse: Warehouse) -> None:
    files = [project.warehouse / file for file in warehouse.snapshot.files["fact"]]
    ours = warehouse.sql("select count(*), sum(value) from fact").fetchall()[0]
    plain = (
        duckdb.connect()
        .execute(f"select count(*), sum(value) from read_parquet({[str(file) for file in files]})")
        .fetchall()[0]
    )
    import pandas as pd  # half a second, which the children that other tests start would pay too

    frame = pd.concat([pd.read_parquet(file) for file in files])
    arrow = [pq.read_table(file, page_checksum_verification=True) for file in files]
    assert ours == plain == (len(frame), sum(v for v in frame["value"] if v is not None))
    assert ours == (
        sum(table.num_rows for table in arrow),
        sum(v for t in arrow for v in t.column("value").to_pylist() if v is not None),
    )


def test_the_catalog_file_opens_every_view_without_us(project: Project) -> None:
    script = (
        "import duckdb, pathlib; con = duckdb.connect(); con.execute(pathlib.Path('warehouse.sql').read_text());"
        "print(con.execute(\"select cast(value as bigint) from quarter where entity = 'meta' and metric = 'capex'"
        " and fiscal_period = '2024Q2'\").fetchone()[0],"
        " con.execute(\"select count(*) from yoy_as_of('2024-08-05')\").fetchone()[0] > 0)"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=project.warehouse, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["8472000000", "True"]


def test_a_reader_sees_a_commit_whose_catalog_was_never_written(empty: Project) -> None:
    write_facts(empty, fact_line("Revenues", "2024Q1", "100"))
    ingest(empty, [empty.seeds])
    stale = (empty.warehouse / CATALOG).read_text()
    write_facts(empty, fact_line("Revenues", "2024Q1", "100"), fact_line("Revenues", "2024Q2", "200"))
    ingest(empty, [empty.seeds])
    (empty.warehouse / CATALOG).write_text(stale)
    assert counted(empty.warehouse)[0] == 2
    (empty.warehouse / CATALOG).write_text("half a fi")
    assert counted(empty.warehouse)[0] == 2


def test_an_earlier_state_can_be_opened(empty: Project) -> None:
    write_facts(empty, fact_line("Revenues", "2024Q1", "100"))
    ingest(empty, [empty.seeds])
    first = read_snapshot(empty.warehouse).versions
    write_facts(empty, fact_line("Revenues", "2024Q1", "101"))
    ingest(empty, [empty.seeds])
    with Warehouse(empty.warehouse, versions=first) as warehouse:
        assert [int(value) for (value,) in warehouse.sql("select value from fact_known").fetchall()] == [100_000_000]


def test_a_question_about_a_company_skips_the_files_of_others(tmp_path: Path) -> None:
    """The engine opens the first file to learn the columns, and otherwise the company's own alone."""
    companies = ["acme", "bolt", "crow", "dune", "elm"]
    project = init_at(tmp_path, companies)
    write_sources(project, "r1,release,acme,,en,,,,,2024-08-01,")
    for count in range(1, len(companies) + 1):
        write_facts(project, *(fact_line("Revenues", "2024Q1", "100", entity=one) for one in companies[:count]))
        ingest(project, [project.seeds])
    query = "select count(*) from figure where entity = 'dune' and metric = 'revenue' and span = 'quarter'"
    with Warehouse(project.warehouse) as warehouse:
        assert len(warehouse.snapshot.files["derived"]) == 5
        assert warehouse.sql(query).fetchall() == [(1,)]
        (count,) = count_files_read(warehouse.connection, query)
        assert count <= 2


def count_files_read(connection: duckdb.DuckDBPyConnection, query: str) -> list[int]:
    """Count the data files that each scan of a query opens."""
    ((_, text),) = connection.execute(f"explain (analyze, format json) {query}").fetchall()

    def walk(node: dict[str, Any]) -> Iterator[int]:
        if files := node.get("extra_info", {}).get("Total Files Read"):
            yield int(files)
        for child in node.get("children", ()):
            yield from walk(child)

    return [count for node in json.loads(text)["operator"] for count in walk(node)]


def test_no_warehouse_is_said(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="run `tracker build` first"):
        Warehouse(tmp_path)


def test_a_second_writer_waits_and_then_says_busy(empty: Project) -> None:
    with Writer(empty.warehouse), pytest.raises(BusyError, match="try again"), Writer(empty.warehouse, wait=0.1):
        pass


def test_order_of_commits_is_kept_when_the_clock_goes_back(empty: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime as dt

    import tracker.warehouse.writer

    class Past(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Past:
            return cls(2001, 1, 1, tzinfo=tz)

    write_facts(empty, fact_line("Revenues", "2024Q1", "100"))
    ingest(empty, [empty.seeds])
    monkeypatch.setattr(tracker.warehouse.writer, "datetime", Past)
    write_facts(empty, fact_line("Revenues", "2024Q1", "101"))
    ingest(empty, [empty.seeds])
    with Warehouse(empty.warehouse) as warehouse:
        assert [int(value) for (value,) in warehouse.sql("select value from fact_known").fetchall()] == [101_000_000]


def test_a_flipped_bit_is_found(project: Project, tmp_path: Path) -> None:
    copy = tmp_path / "warehouse"
    shutil.copytree(project.warehouse, copy)
    files, damages, _ = verify(copy)
    assert files >= 7
    assert damages == []
    target = copy / read_snapshot(copy).files["fact"][0]
    data = bytearray(target.read_bytes())
    data[len(data) // 2] ^= 1
    target.write_bytes(data)
    assert [(damage.file, damage.what) for damage in verify(copy)[1]] == [
        (target.relative_to(copy).as_posix(), "differs from what was committed")
    ]


def test_the_log_names_batches(empty: Project) -> None:
    write_facts(empty, fact_line("Revenues", "2024Q1", "100"))
    ingest(empty, [empty.seeds])
    (entry,) = history(empty.warehouse)
    assert (entry["rows"], len(entry["batch"])) == (1, 16)


def test_the_engine_finds_nulls_beside_a_single_text(empty: Project) -> None:
    """DuckDB 2.0.0 takes every row for NULL where all else is one text, stored without a dictionary."""
    rows = [(f"s{n}", *[None if n % 3 else "x"] * 8, None, None, None, None, None) for n in range(300)]
    with Writer(empty.warehouse) as writer:
        writer.commit(Batch(no_facts(), {"source": rows_table("source", rows)}))
    with Warehouse(empty.warehouse) as warehouse:
        for column in ("kind", "publisher", "title", "language", "url", "file", "accession", "form"):
            assert warehouse.sql(f"select count(*) from source where {column} is null").fetchall() == [(200,)]


def test_rows_lie_in_storage_order(project: Project) -> None:
    (file,) = (project.warehouse / file for file in read_snapshot(project.warehouse).files["fact"])
    rows = pq.read_table(file)
    order = ("entity", "concept", "period_end", "known_at", "fact_id")
    assert rows.equals(rows.sort_by([(name, "ascending") for name in order]))


def test_a_commit_of_somebody_else_in_between_is_seen(empty: Project) -> None:
    write_facts(empty, fact_line("Revenues", "2024Q1", "100"))
    seeds = list(SeedSource().read(Request(empty.seeds, "seeds", Entities({}))))
    with Writer(empty.warehouse) as ours:
        ours.commit(Batch(no_facts(), {}))
        theirs = Writer(empty.warehouse)  # without the lock, as a writer that is none of ours
        assert theirs.commit(seeds[0]).added == 1
        assert ours.commit(seeds[0]).added == 0
    assert counted(empty.warehouse)[0] == 1


def test_a_writer_asks_what_is_there_after_each_of_its_commits(empty: Project) -> None:
    """Each table and view, named in a query of several, shows the rows of the newest commit."""
    names = [*TABLES, "figure", "fact_known", "source", "metric"]
    asked = [
        f"select (select count(*) from {name}), count(*) from fact_known where true in (select true from {name})"
        for name in names
    ]
    with Writer(empty.warehouse) as writer:
        for quarter in ("2024Q1", "2024Q2", "2024Q3"):
            write_sources(empty, f"in-{quarter},release,,,en,,,,,2024-11-01,")
            write_facts(empty, fact_line("Revenues", quarter, "100", source=f"in-{quarter}"))
            (batch,) = SeedSource().read(Request(empty.seeds, "seeds", Entities({})))
            assert writer.commit(batch).added == 1
            seen = [writer.now.sql(query).fetchall() for query in asked]
            with Warehouse(empty.warehouse) as fresh:
                assert seen == [fresh.sql(query).fetchall() for query in asked], quarter


@pytest.mark.parametrize(
    ("query", "tables"),
    [
        ("select 1", set()),
        ("from Yoy", {"yoy"}),
        (
            "select 'source' from seen, yoy_as_of('2024-01-01') where x in (select x from flow)",
            {"seen", "yoy_as_of", "flow"},
        ),
        ("with a as (select * from b) select (select max(x) from c) from a", {"a", "b", "c"}),
        ("describe yoy", None),
        ("pivot yoy on period", None),
        ("select * from (pivot yoy on period)", None),
        ("select * from query('from yoy')", None),
        ("select * from query_table('yoy')", None),
        ("create table x as select 1", None),
        ("no question", None),
    ],
)
def test_the_tables_of_a_query_are_found_whether_they_are_defined_or_not(query: str, tables: set[str] | None) -> None:
    with duckdb.connect() as connection:
        assert find_tables(connection, query) == tables
        connection.execute("create view yoy as select 1 as period; create view seen as select 1 as x from yoy")
        assert find_tables(connection, query) == tables


# -- processes that die, and processes that meet -----------------------------------------------------


def _clone(folder: Path) -> Path:
    folder.mkdir()
    shutil.copy(ROOT / "tracker.toml", folder)
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    return folder


def _ingest_in(folder: str) -> None:
    made = load_project(Path(folder))
    ingest(made, [made.seeds])


def _kill_at_random_points(times: int, folder: Path) -> tuple[int, int]:
    """Kill a build `times` times; the warehouse must hold all of a commit or none, and a later build mends it."""
    context, chance = processes(), random.Random(20240731)
    states: list[int] = []
    started = time.monotonic()
    whole = context.Process(target=_ingest_in, args=(str(_clone(folder / "whole")),))
    whole.start()
    whole.join()
    length = time.monotonic() - started
    everything = counted(folder / "whole" / "warehouse")
    for number in range(times):
        place = _clone(folder / f"trial-{number}")
        child = context.Process(target=_ingest_in, args=(str(place),))
        child.start()
        time.sleep(chance.uniform(0, length * 1.1))
        child.kill()
        child.join()
        if (place / "warehouse" / "fact" / "_delta_log").is_dir():
            facts = counted(place / "warehouse")
            assert facts in ((0, 0, None), everything)
            states.append(int(facts != (0, 0, None)))
            assert verify(place / "warehouse")[1] == []
        if number % 5 == 0:
            again = context.Process(target=_ingest_in, args=(str(place),))
            again.start()
            again.join()
            assert counted(place / "warehouse") == everything
        shutil.rmtree(place)
    return states.count(0), states.count(1)


def test_killed_builds_leave_all_or_nothing(tmp_path: Path) -> None:
    _kill_at_random_points(8, tmp_path)


@pytest.mark.long
def test_two_hundred_killed_builds_leave_all_or_nothing(tmp_path: Path) -> None:
    before, after = _kill_at_random_points(200, tmp_path)
    assert before > 10
    assert after > 10


def test_two_builds_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    place = _clone(tmp_path / "both")
    context = processes()
    children = [context.Process(target=_ingest_in, args=(str(place),)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0, 0, 0]
    rows, distinct, _ = counted(place / "warehouse")
    assert rows == distinct == 380


# -- one engine -----------------------------------------------------------------------------------


def databases(warehouse: Warehouse) -> set[str]:
    found = warehouse.sql("select database_name from duckdb_databases() where not internal").fetchall()
    return {name for (name,) in found}


def test_a_warehouse_leaves_nothing_behind(project: Project) -> None:
    with Warehouse(project.warehouse) as last:
        gc.collect()  # those that other tests left open
        before = databases(last)
        for is_closed in (True, False):
            one = Warehouse(project.warehouse)
            rows = one.sql("select * from entity")
            assert len(databases(last)) == len(before) + 1
            if is_closed:
                one.close()
                one.close()
            del one, rows
            gc.collect()
            assert databases(last) == before


def test_names_are_read_in_any_case(project: Project) -> None:
    with Warehouse(project.warehouse) as warehouse:
        assert warehouse.sql("SELECT count(*) FROM FACT").fetchall() > [(0,)]
    with Warehouse(project.warehouse) as warehouse:
        assert warehouse.sql('select count(*) from "Run"').fetchall() != []
        assert warehouse.sql("SELECT count(*) FROM YOY_AS_OF('2024-08-05')").fetchall() > [(0,)]


def test_warehouses_of_one_process_do_not_see_each_other(project: Project, empty: Project) -> None:
    ingest(empty, [empty.seeds])
    with Warehouse(project.warehouse) as full, Warehouse(empty.warehouse, as_of="2024-08-05") as bare:
        full.sql("create table mine as select 1 as n")
        assert full.sql("select count(*) from fact").fetchall() > bare.sql("select count(*) from fact").fetchall()
        assert "mine" not in {name for name, *_ in bare.objects().fetchall()}
        with pytest.raises(QueryError, match="mine"):
            bare.sql("select * from mine")
        assert bare.columns_of("entity").fetchall() == full.columns_of("entity").fetchall()


@pytest.mark.parametrize(("threads", "code", "told"), [("3", 0, "3"), ("", 0, ""), ("0", 2, ""), ("many", 2, "")])
def test_the_engine_takes_as_many_threads_as_it_is_told(project: Project, threads: str, code: int, told: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tracker", "-C", str(project.root), "sql", "select current_setting('threads') as n"],
        env=os.environ | {"TRACKER_THREADS": threads}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code
    assert told in done.stdout
    assert (f"TRACKER_THREADS is {threads!r}" in done.stderr) == (code == 2)


_FORKED = """
import os, sys
from tracker.warehouse.reader import Warehouse
parent = Warehouse(sys.argv[1])
count = parent.sql("select count(*) from fact").fetchall()
if (child := os.fork()) == 0:
    with Warehouse(sys.argv[1]) as own:
        os._exit(0 if own.sql("select count(*) from fact").fetchall() == count else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) or parent.sql("select count(*) from fact").fetchall() != count)
"""


def test_a_forked_child_has_an_engine_of_its_own(project: Project) -> None:
    subprocess.run([sys.executable, "-c", _FORKED, str(project.warehouse)], check=True, timeout=60)
