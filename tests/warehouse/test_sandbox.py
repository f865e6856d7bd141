"""Questions that somebody else wrote, in charts, checks and alerts: they read the views and reach nothing else."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

import pytest

from support.project import fact_line, small_project, worked_out, write_facts
from tracker.errors import QueryError, UsageError
from tracker.notify import Alert, find_notices
from tracker.pipeline.ingest import ingest
from tracker.report import Definition, document_of
from tracker.warehouse.checks import load_checks, run_checks
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.sandbox import answer_confined, as_condition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.project import Project

CANARY = "canary-7f3a"

#: What reads or writes a file, where {file} exists, {new} does not, and {parquet} is a table of the warehouse.
TABLE_FUNCTIONS = (
    "read_text('{file}')", "read_blob('{file}')", "glob('{folder}/*')", "read_csv('{file}')", "read_csv_auto('{file}')",
    "read_json('{file}')", "read_json_auto('{file}')", "read_json_objects('{file}')", "read_ndjson('{file}')",
    "read_ndjson_auto('{file}')", "read_ndjson_objects('{file}')", "read_json_objects_auto('{file}')",
    "read_parquet('{parquet}')", "parquet_scan('{parquet}')", "parquet_metadata('{parquet}')",
    "parquet_schema('{parquet}')", "parquet_file_metadata('{parquet}')", "parquet_kv_metadata('{parquet}')",
    "sniff_csv('{file}')", "query('select * from read_text(''{file}'')')", "query_table('{file}')", "'{file}'",
    '"{file}"', "'{parquet}'", "read_text(['{file}'])", "read_text('{folder}/*')", "frame", "CANARY", "fact_frame",
    "sqlite_scan('{file}', 'a')", "delta_scan('{folder}')", "iceberg_scan('{folder}')", "st_read('{file}')",
    "read_xlsx('{file}')", "read_text('https://localhost:1/a')", "read_csv('s3://a/b.csv')", "pandas_scan(1)",
    "arrow_scan(1, 2, 3)", "read_duckdb('{file}')",
)  # fmt: skip
STATEMENTS = (
    "copy (select 1) to '{new}'", "copy fact to '{new}' (format csv)", "copy figure from '{file}'",
    "copy (select 1) to '{new}' (format parquet, use_tmp_file false)", "export database '{new}'",
    "import database '{folder}'", "attach '{new}' as other", "attach '{file}' as other", "detach memory",
    "install httpfs", "load httpfs", "force install json", "load '{file}'", "set enable_external_access = true",
    "set lock_configuration = false", "reset enable_external_access", "set global temp_directory = '{folder}'",
    "pragma enable_external_access", "pragma database_list", "pragma threads = 1", "pragma disable_checkpoint_on_shutdown",
    "create table a as select 1", "create view figure as select 1", "create macro f() as 1", "create schema a",
    "create secret a (type s3)", "create persistent secret a (type s3)", "create type a as enum ('b')",
    "create sequence a", "drop view figure", "drop table if exists figure", "insert into figure select * from figure",
    "update figure set value = 1", "delete from figure", "alter table figure drop column value", "truncate figure",
    "call pragma_version()", "checkpoint", "force checkpoint", "vacuum", "analyze", "use memory", "begin", "commit",
    "prepare a as select 1", "execute a", "explain analyze copy (select 1) to '{new}'", "explain select 1",
    "comment on view figure is 'a'", "select 1; select 2",
    "select 1; copy (select 1) to '{new}'", "with a as (copy (select 1) to '{new}') from a",
    "with a as (insert into figure select * from figure returning *) from a", "pivot figure on metric", "",
    "merge into figure using figure as b on true when matched then delete", "-- only a remark", "/* open", "select",
)  # fmt: skip
#: What ends the brackets around a check or a condition, to go on behind them.
CLOSING = (
    "select 'a' as entity, 1 as n) ; copy (select 1) to '{new}'; select * from (select 1",
    "select 'a' as entity, 1 as n) union all select content, 1 from read_text('{file}') --",
    "select 'a' as entity, 1 as n) --", "select 1) /*", "select 'a' as entity from figure) where (true",
    "select 'a' as entity, 1 as n\n) union all (select content, 1 from read_text('{file}')",
)  # fmt: skip
CONDITIONS = (
    "true) union all select * from read_text('{file}') --", "true) ; copy (select 1) to '{new}'; select (true",
    "true) or exists (select 1 from read_text('{file}')", "true) --", "true, true", "true) from figure where (true",
    "true) as a, (true", "(select content from read_text('{file}')) = 'canary' || '-7f3a'",
    "exists (from glob('{folder}/*'))", "exists (from '{file}')", "exists (from query('copy (select 1) to ''{new}'''))",
    "yoy_ratio > (select max(size) from read_blob('{file}'))", "", "true order by 1", "true limit 1",
)  # fmt: skip
QUESTIONS = (
    *(f"select * from {one}" for one in TABLE_FUNCTIONS),
    *(f"select 'a' as entity, 1 as n where exists (from {one})" for one in TABLE_FUNCTIONS),
    *(f"with a as (from {one}) select 'a' as entity, 1 as n from a" for one in TABLE_FUNCTIONS),
    *STATEMENTS,
    *CLOSING,
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = small_project(tmp_path_factory.mktemp("desk"))
    write_facts(project, fact_line("Revenues", "2023Q2", "100"), fact_line("Revenues", "2024Q2", "150"))
    ingest(project, [project.seeds])
    (project.root / "outside").mkdir()
    (project.root / "outside" / "secret.csv").write_text(f"{CANARY},1\n")
    (project.reports / "charts").mkdir(parents=True, exist_ok=True)
    project.checks.mkdir()
    return project


@pytest.fixture(scope="module")
def opened(desk: Project) -> Warehouse:
    return worked_out(desk.warehouse)


@pytest.fixture
def warehouse(opened: Warehouse) -> Iterator[Warehouse]:
    """The warehouse of the desk, in which every view is the same after a test as before it."""
    yield opened
    asked = "select (select count(*) from fact), (select count(*) from figure where value is not null)"
    assert opened.sql(asked).fetchall() == [(2, 2)]


def filled(project: Project, text: str) -> str:
    folder = project.root / "outside"
    parquet = next((project.warehouse / "fact").glob("*.parquet"))
    places = {"file": folder / "secret.csv", "folder": folder, "new": folder / "new", "parquet": parquet}
    for name, path in places.items():
        text = text.replace("{" + name + "}", str(path))
    return text


def state(project: Project) -> dict[str, str]:
    """Every file of the project with its hash."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(project.root.rglob("*"))
        if path.is_file() and "checks" not in path.parts and "charts" not in path.parts
    }


def test_there_are_enough_hostile_questions() -> None:
    assert len(QUESTIONS) + len(CONDITIONS) >= 190


@pytest.mark.parametrize("text", QUESTIONS)
def test_no_question_reaches_beyond_the_views(desk: Project, warehouse: Warehouse, text: str) -> None:
    before = state(desk)
    frame = fact_frame = warehouse.sql("select 1 as entity").arrow()  # what a replacement scan would find
    query = filled(desk, text)
    (desk.reports / "charts" / "hostile.sql").write_text(query)
    (desk.checks / "hostile.sql").write_text(
        f"-- hostile: nothing\n-- severity: blocking\n-- message: {{entity}}\n-- remedy: none\n{query}"
    )
    with pytest.raises(QueryError) as refused:
        answer_confined(warehouse, query)
    with pytest.raises(UsageError) as undrawn:
        document_of(
            warehouse,
            Definition("a", "charts", (), (), None, None, None, ("html",), charts=("hostile",)),
            desk.reports / "charts",
        )
    told = f"{refused.value}{undrawn.value}"
    if text.startswith(("select", "with")):  # any other text is no check, which its reader says
        (check,) = (one for one in load_checks(desk.checks) if one.name == "hostile")
        (finding,) = run_checks(warehouse, [check], None)
        assert finding.message.startswith("cannot be run")
        told += finding.message
    assert CANARY not in told
    assert state(desk) == before
    del frame, fact_frame


@pytest.mark.parametrize("text", CONDITIONS)
def test_no_condition_reaches_beyond_the_view(desk: Project, warehouse: Warehouse, text: str) -> None:
    before = state(desk)
    with pytest.raises(QueryError) as refused:
        find_notices(None, warehouse, [Alert("hostile", filled(desk, text))])
    assert CANARY not in str(refused.value)
    assert state(desk) == before


def test_the_environment_and_the_settings_stay_out_of_reach(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK_PASSWORD", CANARY)
    for query in ("select getenv('DESK_PASSWORD')", "select * from duckdb_secrets()", "from duckdb_databases()"):
        try:
            found: Any = answer_confined(warehouse, query).rows
        except QueryError as error:
            found = str(error)
        assert CANARY not in str(found)
        assert str(warehouse.path) not in str(found)
    assert os.environ["DESK_PASSWORD"] == CANARY


def test_a_question_reads_views_tables_and_their_twins(warehouse: Warehouse) -> None:
    latest = answer_confined(warehouse, "select fiscal_period, value from figure where span = 'quarter' order by 1")
    assert [row[0] for row in latest.rows] == ["2023Q2", "2024Q2"]
    assert answer_confined(warehouse, "select count(*) as n from fact").records() == [{"n": 2}]
    twin = "select count(*) from figure_as_of('1999-01-01')"
    assert answer_confined(warehouse, twin).rows == ((0,),)
    assert answer_confined(warehouse, "from figure", []).rows == ()
    with Warehouse(warehouse.path, as_of="1999-01-01") as early:
        assert answer_confined(early, "select * from figure").rows == ()


def test_a_condition_is_one_expression_and_may_end_in_a_remark(warehouse: Warehouse) -> None:
    for text in ("yoy_ratio > 0.3", "metric = 'revenue' -- and nothing else", "metric in (select 'revenue')"):
        condition = as_condition(warehouse, text)
        warehouse.sql(f"select * from yoy where {condition}").fetchall()


def test_an_own_check_that_is_well_made_still_runs(desk: Project, warehouse: Warehouse) -> None:
    (desk.checks / "hostile.sql").write_text(
        "-- hostile: no revenue above 120\n-- severity: warning\n-- message: {fiscal_period} is {value}\n"
        "-- remedy: look\nselect entity, fiscal_period, value from figure where value > 120e6 -- a remark"
    )
    (check,) = (one for one in load_checks(desk.checks) if one.name == "hostile")
    (finding,) = run_checks(warehouse, [check], None)
    assert finding.message.startswith("2024Q2 is ")
