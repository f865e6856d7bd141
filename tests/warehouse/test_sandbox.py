"""Questions that somebody else wrote, in charts, checks and alerts: they read the views and reach nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from support.hostile_sql import CANARY, CONDITIONS, QUESTIONS, desk_project, fill_places, hash_files
from support.project import worked_out
from tracker.errors import QueryError, UsageError
from tracker.notify import Alert, find_notices
from tracker.report import Definition, document_of
from tracker.warehouse.checks import load_checks, run_checks
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.sandbox import answer_confined, as_condition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.project import Project


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return desk_project(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def opened(desk: Project) -> Warehouse:
    return worked_out(desk.warehouse)


@pytest.fixture
def warehouse(opened: Warehouse) -> Iterator[Warehouse]:
    """The warehouse of the desk, in which every view is the same after a test as before it."""
    yield opened
    asked = "select (select count(*) from fact), (select count(*) from figure where value is not null)"
    assert opened.sql(asked).fetchall() == [(2, 2)]


def test_there_are_enough_hostile_questions() -> None:
    assert len(QUESTIONS) + len(CONDITIONS) >= 190


@pytest.mark.parametrize("text", QUESTIONS)
def test_no_question_reaches_beyond_the_views(desk: Project, warehouse: Warehouse, text: str) -> None:
    before = hash_files(desk)
    frame = fact_frame = warehouse.sql("select 1 as entity").arrow()  # what a replacement scan would find
    query = fill_places(desk, text)
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
    assert hash_files(desk) == before
    del frame, fact_frame


@pytest.mark.parametrize("text", CONDITIONS)
def test_no_condition_reaches_beyond_the_view(desk: Project, warehouse: Warehouse, text: str) -> None:
    before = hash_files(desk)
    with pytest.raises(QueryError) as refused:
        find_notices(None, warehouse, [Alert("hostile", fill_places(desk, text))])
    assert CANARY not in str(refused.value)
    assert hash_files(desk) == before


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
