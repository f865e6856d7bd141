"""On a cluster: every view shows the same as on one machine, and what is ingested and derived there is the same.

The cluster is a master and two workers with one processor each, in processes of their own. Without Java the tests are
skipped.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("pyspark", reason="pyspark is not installed: nothing was run on Spark")

from support.cluster import open_session, run_cluster
from support.company_facts import make_company, unnamed_entity
from support.filings import write_archive, write_company
from support.hashes import hash_rows, hash_tables
from support.project import ROOT, small_project, worked_out
from tracker.errors import HeldError, UsageError, WarehouseError
from tracker.model.schema import RUN, TABLES
from tracker.pipeline.ingest import ingest as ingest_here
from tracker.project import load_project
from tracker.spark import attach, derive, ingest
from tracker.warehouse.catalog import has_history
from tracker.warehouse.delta_log import newest_versions
from tracker.warehouse.integrity import verify
from tracker.warehouse.quarantine import list_held
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.stored_tables import latest_name, rows_name
from tracker.warehouse.view_files import views
from tracker.warehouse.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pyspark.sql import SparkSession

    from support.cluster import Cluster
    from tracker.project import Project
    from tracker.spark import Attached

pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="no Java on this machine: nothing was run on Spark"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

IS_LONG = bool(os.environ.get("TRACKER_LONG"))
DAYS = ["2023-05-01", "2024-07-31", "2024-08-01T20:30:00Z", "2026-01-15"]
#: Eight companies are a task; the short form has one for each worker.
COMPANIES = 40 if IS_LONG else 10


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with run_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="module")
def spark(cluster: Cluster) -> Iterator[SparkSession]:
    session = open_session(cluster.url)
    yield session
    session.stop()


# -- views -------------------------------------------------------------------------------------------


def compare(spark: SparkSession, warehouse: Warehouse, names: Iterable[str], as_of: str | None = None) -> list[str]:
    """Return the names of the views that are not the same on Spark and in DuckDB; with a moment, of their twins."""
    shown = {name: f"{name}_as_of('{as_of}')" if as_of else name for name in names}
    with ThreadPoolExecutor(2) as both_workers:
        found = both_workers.map(lambda text: hash_rows(spark.sql(f"select * from {text}").toArrow()), shown.values())
        expected = [hash_rows(warehouse.sql(f"select * from {name}").arrow()) for name in shown]
        return [text for text, one, other in zip(shown.values(), found, expected, strict=True) if one != other]


def list_tables() -> list[str]:
    """List the stored tables, with the views of all their rows and of their latest sets."""
    names = [name for table in TABLES for name in (rows_name(table), latest_name(table), table)]
    return [*dict.fromkeys(names), RUN, "derivation"]


SHOWN = [view.name for view in views()]
TIMED = [view.name for view in views() if view.is_timed]


@pytest.fixture(scope="module")
def examples(project: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The examples of the page by name, as files in a project."""
    page = (ROOT / "docs/spark.md").read_text("utf-8")
    folder = shutil.copytree(project.root, tmp_path_factory.mktemp("page") / "project")
    found = re.findall(r"^```python (\S+)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    for name, text in found:
        (folder / name).write_text(text, "utf-8")
    return {name: folder / name for name, _ in found}


@pytest.fixture(scope="module")
def attached(spark: SparkSession, examples: dict[str, Path]) -> Attached:
    """The seeds, as the page attaches them, in a session of another time zone, which must not matter, and must stay."""
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(examples["read.py"].parent)
        found: Attached = runpy.run_path(str(examples["read.py"]))["attached"]
    assert spark.conf.get("spark.sql.session.timeZone") == "America/New_York"
    return found


def check_moment(attached: Attached, day: str, shown: list[str], twins: list[str]) -> None:
    attached.as_of(day)
    with worked_out(attached.path, as_of=day) as warehouse:
        assert compare(attached.spark, warehouse, shown) == []
        assert compare(attached.spark, warehouse, twins, as_of=day) == []


#: Of each way in which a view is computed one or more, for the short form: stored, over stored ones, over statements.
SOME = ["choice", "guidance", "conflict", "segment_sum", "statement", "source_record"]


def test_views_and_twins_are_the_same_as_of_a_day(attached: Attached) -> None:
    check_moment(attached, DAYS[1], SOME, SOME)  # the page leaves this day


def test_every_view_is_the_same(attached: Attached, warehouse: Warehouse) -> None:
    attached.as_of(None)
    assert compare(attached.spark, warehouse, SHOWN if IS_LONG else [*SOME, *SHOWN[::10]]) == []


@pytest.mark.long
@pytest.mark.parametrize("day", DAYS)
def test_every_view_is_the_same_as_of_a_day(attached: Attached, day: str) -> None:
    check_moment(attached, day, TIMED, TIMED if day == DAYS[2] else [])


@pytest.mark.parametrize(
    ("moment", "same"),
    [
        ("'2024-07-31'", "2024-07-31"),
        ("date '2024-07-31'", "2024-07-31"),
        ("'2024-08-01 00:14:40'", "2024-08-01T00:14:40Z"),
        ("timestamp '2024-07-31 20:14:40'", "2024-08-01T00:14:40Z"),  # the session's own time zone
        ("timestamp '2024-08-01 00:14:39Z'", "2024-08-01T00:14:39Z"),
    ],
)
def test_a_twin_takes_days_and_moments(attached: Attached, moment: str, same: str) -> None:
    query = "select * from {} where entity = 'meta' and metric = 'capex' and fiscal_period = '2023Q2'"
    with Warehouse(attached.path, as_of=same) as warehouse:
        expected = hash_rows(warehouse.sql(query.format("quarter")).arrow())
    assert hash_rows(attached.spark.sql(query.format(f"quarter_as_of({moment})")).toArrow()) == expected


@pytest.mark.parametrize("name", ["quarter", "version"])
def test_a_twin_takes_the_days_of_a_table(attached: Attached, name: str) -> None:
    days = "select explode(array(date '2024-07-31', date '2024-09-30')) as day"
    query = f"select q.* from ({days}) d, lateral {name}_as_of(d.day) q where q.entity = 'meta'"
    with Warehouse(attached.path) as warehouse:
        both = " union all ".join(f"select * from {name}_as_of('{day}')" for day in ("2024-07-31", "2024-09-30"))
        expected = hash_rows(warehouse.sql(f"select * from ({both}) where entity = 'meta'").arrow())
    assert hash_rows(attached.spark.sql(query).toArrow()) == expected


def test_tables_and_histories_are_the_same(attached: Attached, warehouse: Warehouse) -> None:
    names = list_tables() if IS_LONG else ["source", "stored_entity", "entity", "fact", RUN]
    histories = [f"{view.name}_history" for view in views() if has_history(view)]
    assert compare(attached.spark, warehouse, [*names, *(histories if IS_LONG else histories[::7])]) == []


def list_queries() -> list[str]:
    """List the questions of the page on SQL that ask for now or name their moment."""
    page = (ROOT / "docs/sql.md").read_text("utf-8")
    return [
        query
        for query, options in re.findall(r"^\$ tracker sql \"(.*?)\"(.*)$", page, re.MULTILINE)
        if "--as-of" not in options
    ]


@pytest.mark.long
@pytest.mark.parametrize("query", list_queries())
def test_questions_of_the_page_on_sql_run_unchanged(attached: Attached, warehouse: Warehouse, query: str) -> None:
    attached.as_of(None)
    in_spark = query.replace("unnest(generate_series(", "explode(sequence(")  # the one thing that is not standard
    found, expected = attached.spark.sql(in_spark).toArrow(), warehouse.sql(query).arrow()
    assert found.schema.names == expected.schema.names
    assert found.to_pylist() == expected.to_pylist()


def test_the_examples_of_the_page_run(
    attached: Attached, examples: dict[str, Path], project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [*examples] == ["read.py", "derive.py", "delta.py"]
    monkeypatch.chdir(examples["derive.py"].parent)
    for name in ("derive.py", "delta.py"):  # `attached` ran the first one
        runpy.run_path(str(examples[name]))
    assert hash_tables(attached.path) == hash_tables(project.warehouse)
    assert attached.spark.getActiveSession() is not None


@pytest.fixture(scope="module")
def attached_filers(spark: SparkSession, filers: Project) -> Attached:
    """The real filers, from here on in place of the seeds: a session has each name once."""
    return attach(spark, filers.warehouse)


@pytest.mark.long
def test_every_view_of_real_filers_is_the_same(attached_filers: Attached) -> None:
    attached_filers.as_of(None)
    with worked_out(attached_filers.path) as warehouse:
        assert compare(attached_filers.spark, warehouse, SHOWN) == []


@pytest.mark.long
@pytest.mark.parametrize("day", DAYS)
def test_every_view_of_real_filers_is_the_same_as_of_a_day(attached_filers: Attached, day: str) -> None:
    check_moment(attached_filers, day, TIMED, TIMED if day == DAYS[1] else [])


def test_figures_that_are_not_derived_are_an_error(spark: SparkSession, project: Project, tmp_path: Path) -> None:
    copy = shutil.copytree(project.warehouse, tmp_path / "warehouse")
    shutil.rmtree(copy / "derived")
    with pytest.raises(WarehouseError):
        attach(spark, copy)


# -- what is ingested and derived --------------------------------------------------------------------


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    return write_archive(folder, [json.dumps(make_company(cik)) for cik in range(1, COMPANIES + 1)])


@pytest.fixture(scope="module")
def expected(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one machine stores."""
    project = small_project(tmp_path_factory.mktemp("one-machine"))
    ingest_here(project, [archive])
    return hash_tables(project.warehouse)


@pytest.mark.long
def test_an_archive_is_stored_as_on_one_machine(
    spark: SparkSession, archive: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    project = small_project(tmp_path)
    done = ingest(spark, project, archive)
    assert (done.added, len(done.commits), done.held) == (COMPANIES * 48, 1, ())
    assert hash_tables(project.warehouse) == expected
    again = ingest(spark, project, archive)
    assert (again.added, again.known, again.changed) == (0, done.added, {})
    assert derive(spark, project.warehouse, is_all=True) == COMPANIES
    assert hash_tables(project.warehouse) == expected
    assert [*verify(project.warehouse).damages] == []


BLOCKING = """-- seventh: no company is the seventh
-- severity: blocking
-- message: {entity} is the seventh
-- remedy: leave it out
select distinct f.entity from fact_known f where f.entity = 'cik0000000007'
"""


def test_a_batch_that_fails_an_audit_is_held(spark: SparkSession, tmp_path: Path) -> None:
    project, folder = small_project(tmp_path), tmp_path / "files"
    folder.mkdir()
    for cik in (6, 7, 8):
        write_company(folder, make_company(cik))
    project.checks.mkdir()
    (project.checks / "seventh.sql").write_text(BLOCKING, "utf-8")
    with pytest.raises(HeldError):
        ingest(spark, project, folder)
    assert [one.entities for one in list_held(project.warehouse)] == [("cik0000000007",)]
    with Warehouse(project.warehouse) as warehouse:
        stored = warehouse.sql("select entity from figure group by entity order by entity").fetchall()
    assert stored == [(unnamed_entity(cik),) for cik in (6, 8)]
    (project.checks / "seventh.sql").unlink()
    assert ingest(spark, project, folder).added == 48
    assert list_held(project.warehouse) == ()


def test_a_path_without_company_facts_is_an_error(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no company facts"):
        ingest(spark, small_project(tmp_path), tmp_path)


def wait_for_files(folder: Path, is_running: Callable[[], bool] = lambda: True) -> None:
    """Wait until a data file of facts is there; fail at once if what should write it has ended."""
    deadline = time.monotonic() + 120
    while not [*folder.glob("fact/*.parquet")]:
        assert is_running(), "it ended before it wrote anything"
        assert time.monotonic() < deadline, "nothing was written"
        time.sleep(0.01)


def test_a_worker_that_dies_changes_nothing(
    cluster: Cluster, spark: SparkSession, archive: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    project = small_project(tmp_path)
    is_done = threading.Event()
    was_running = []

    def kill() -> None:
        wait_for_files(project.warehouse)
        cluster.kill_worker()
        was_running.append(not is_done.is_set())

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        done = ingest(spark, project, archive)
    finally:
        is_done.set()
        killer.join()
    assert was_running == [True]
    assert (done.added, len(done.commits), done.held) == (COMPANIES * 48, 1, ())
    assert hash_tables(project.warehouse) == expected
    with Writer(project.warehouse):  # what the dead worker left is removed
        pass
    assert [*verify(project.warehouse).damages] == []


DRIVER = """
    import sys
    from pathlib import Path
    from support.cluster import open_session
    from tracker.project import load_project
    from tracker.spark import ingest

    ingest(open_session(sys.argv[1], 1), load_project(Path(sys.argv[2])), Path(sys.argv[3]))
"""


def test_a_driver_that_dies_leaves_nothing_to_see(
    cluster: Cluster, spark: SparkSession, archive: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    spark.stop()  # the other driver needs the processor of the worker that is left
    project = small_project(tmp_path)
    command = [sys.executable, "-c", textwrap.dedent(DRIVER), cluster.url, str(project.root), str(archive)]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    with (tmp_path / "driver.log").open("wb") as log:
        driver = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    wait_for_files(project.warehouse, lambda: driver.poll() is None)
    os.killpg(driver.pid, signal.SIGKILL)
    assert driver.wait() == -signal.SIGKILL, "it had finished before"
    assert newest_versions(project.warehouse)["fact"] == 0
    with Warehouse(project.warehouse) as warehouse:
        assert warehouse.sql("select * from fact").fetchall() == []
        assert warehouse.sql("select * from figure").fetchall() == []
    if IS_LONG:
        ingest_here(load_project(project.root), [archive])  # and nothing is in the way
        assert hash_tables(project.warehouse) == expected
    with Writer(project.warehouse):  # what the dead driver left is removed, and its lock is free
        pass
    assert [*verify(project.warehouse).damages] == []
