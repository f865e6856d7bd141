"""Questions of strangers: what they may read, what they may take, and two hundred ways out that lead nowhere."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.hostile_sql import (
    BOMBS,
    CANARY,
    DISGUISES,
    STATEMENTS,
    TABLE_FUNCTIONS,
    desk_project,
    fill_places,
    hash_files,
)
from tracker.errors import LimitError, QueryError, UsageError
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.safe.door import Limits, SafeDoor
from tracker.warehouse.safe.engine import open_engine, parse_one_select
from tracker.warehouse.safe.needs import bind_texts, find_needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.project import Project

QUESTIONS = (
    *(f"select * from {one}" for one in TABLE_FUNCTIONS),
    *(f"with a as (from {one}) select count(*) from a" for one in TABLE_FUNCTIONS[::2]),
    *STATEMENTS,
    *DISGUISES,
)
SMALL = Limits(seconds=20, megabytes=256, rows=10_000, bytes=8 * 2**20)
SHORT = replace(SMALL, seconds=0.4)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return desk_project(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def opened(desk: Project) -> Iterator[Warehouse]:
    with Warehouse(desk.warehouse) as opened:
        yield opened


@pytest.fixture(scope="module")
def door() -> Iterator[SafeDoor]:
    with SafeDoor() as door:
        yield door


# -- ways out ----------------------------------------------------------------------------------------------------------


def test_there_are_two_hundred_ways_out() -> None:
    assert len({*QUESTIONS, *BOMBS}) >= 200


def test_no_question_leads_out(
    desk: Project, opened: Warehouse, door: SafeDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", f"/{CANARY}")
    before = hash_files(desk)
    answers = {text: try_question(door, opened, fill_places(desk, text)) for text in QUESTIONS}
    assert [text for text, (is_refused, _) in answers.items() if not is_refused] == []
    assert [text for text, (_, said) in answers.items() if CANARY in said] == []
    assert hash_files(desk) == before


def try_question(door: SafeDoor, opened: Warehouse, query: str, limits: Limits = SMALL) -> tuple[bool, str]:
    """Ask; return whether the question was refused for what it is, and what was said."""
    try:
        return False, str(door.ask(opened, query, limits=limits).table.to_pydict())
    except LimitError as error:
        return False, str(error)
    except (QueryError, UsageError) as error:
        return True, str(error)


@pytest.mark.parametrize("text", BOMBS, ids=lambda text: text[:40])
def test_no_question_takes_more_than_its_limits(opened: Warehouse, door: SafeDoor, text: str) -> None:
    with pytest.raises(QueryError):
        door.ask(opened, text, limits=SHORT)
    assert door.ask(opened, "select 1 as n").table.to_pydict() == {"n": [1]}


def test_what_a_question_may_see_of_the_engine_tells_nothing(desk: Project, opened: Warehouse, door: SafeDoor) -> None:
    for query in (
        "select * from duckdb_settings()", "select * from duckdb_databases()", "select * from duckdb_secrets()",
        "select * from duckdb_tables()", "select * from duckdb_temporary_files()", "select * from duckdb_extensions()",
        "select current_database(), current_schema(), version(), current_user", "select * from information_schema.tables",
        "select * from duckdb_views()", "select * from duckdb_functions()", "select * from pragma_database_size()",
        "select current_setting('home_directory'), current_setting('temp_directory')", "select * from duckdb_memory()",
        "select * from duckdb_logs()", "select write_log('a')", "select * from checkpoint()", "select * from force_checkpoint()",
    ):  # fmt: skip
        _, seen = try_question(door, opened, query)
        assert str(desk.root) not in seen
        assert str(Path.home()) not in seen


def test_a_child_has_no_rights_left(opened: Warehouse, door: SafeDoor) -> None:
    """What the system itself enforces, seen from outside while a child is at work."""
    door.ask(opened, "select 1")  # so that the nursery is there, and the question's time is its own
    thread = threading.Thread(target=try_question, args=(door, opened, BOMBS[0], SHORT))
    thread.start()
    seen = None
    while thread.is_alive() and not seen:
        seen = read_limits_of_grandchild()
    thread.join()
    assert seen is not None
    limits, environment = seen
    assert limits["Max open files"] == "0"
    assert limits["Max file size"] == "0"
    assert limits["Max core file size"] == "0"
    assert limits["Max cpu time"] == "1"
    assert int(limits["Max address space"]) < 4 * 2**30
    assert environment == b"OPENBLAS_NUM_THREADS=1\0"  # what the nursery was started with; it clears its own copy


def read_limits_of_grandchild() -> tuple[dict[str, str], bytes] | None:
    """Read the limits and the environment of a process two below this one, once it can open no file."""
    for child in children_of(os.getpid()):
        for one in children_of(child):
            try:
                lines = Path(f"/proc/{one}/limits").read_text().splitlines()
                environment = Path(f"/proc/{one}/environ").read_bytes()
            except OSError:
                continue
            limits = {line[:26].strip(): line[26:47].strip() for line in lines}
            if limits.get("Max open files") == "0":
                return limits, environment
    return None


def children_of(process: int) -> list[int]:
    try:
        tasks = [*Path(f"/proc/{process}/task").iterdir()]
        return [int(one) for task in tasks for one in (task / "children").read_text().split()]
    except OSError:
        return []


# -- limits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "limits", "said"),
    [
        (BOMBS[0], Limits(seconds=0.3), "longer than 0.3 seconds"),
        ("select list(i) from range(100000000) t(i)", Limits(megabytes=64), "more than 64 MB of memory"),
        ("from range(12)", Limits(rows=11), "more than 11 rows; add a LIMIT"),
        ("select repeat('x', 3000000)", Limits(bytes=2**20), "larger than 1 MB"),
        ("select * from metric", Limits(megabytes=0), "reads more than 0 MB of the warehouse"),
    ],
)
def test_a_limit_says_what_it_is(opened: Warehouse, door: SafeDoor, query: str, limits: Limits, said: str) -> None:
    with pytest.raises(LimitError, match=said):
        door.ask(opened, query, limits=limits)


def test_an_answer_may_be_cut_instead(opened: Warehouse, door: SafeDoor) -> None:
    found = door.ask(opened, "from range(12) t(n)", limits=Limits(rows=5), head=3)
    assert (found.table.to_pydict(), found.is_cut) == ({"n": [0, 1, 2]}, True)
    assert not door.ask(opened, "from range(3) t(n)", head=3).is_cut


def test_a_question_ends_when_its_client_goes(opened: Warehouse, door: SafeDoor) -> None:
    gone = threading.Event()
    threading.Timer(0.2, gone.set).start()
    with pytest.raises(LimitError, match="nobody waits"):
        door.ask(opened, BOMBS[0], limits=Limits(seconds=60), is_cancelled=gone.is_set)


def test_questions_wait_for_their_turn_and_no_longer_than_their_time(opened: Warehouse) -> None:
    with SafeDoor(most=1) as door:
        first = threading.Thread(target=try_question, args=(door, opened, BOMBS[0], SHORT))
        first.start()
        time.sleep(0.1)
        with pytest.raises(LimitError, match=r"0\.1 seconds"):
            door.ask(opened, "select 1", limits=Limits(seconds=0.1))
        first.join()


def test_nothing_of_one_question_reaches_the_next(opened: Warehouse, door: SafeDoor) -> None:
    assert door.ask(opened, "select count(*) as n from fact").table.to_pydict() == {"n": [2]}
    listed = door.ask(opened, "select table_name from duckdb_tables()").table.to_pydict()
    assert listed == {"table_name": []}


def test_the_process_that_answers_ends_with_its_owner(desk: Project) -> None:
    script = (
        "import os, sys\nfrom tracker.warehouse.safe.door import SafeDoor\n"
        "door = SafeDoor()\ndoor.warm()\nprint(door._process.pid, flush=True)\nos._exit(1)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=desk.root)
    pid = int(done.stdout)
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2]:
            return
        time.sleep(0.05)
    pytest.fail("the process that answers outlived its owner")


def test_a_killed_helper_is_started_again(opened: Warehouse) -> None:
    with SafeDoor() as door:
        before = {*children_of(os.getpid())}
        door.warm()
        (helper,) = {*children_of(os.getpid())} - before
        os.kill(helper, signal.SIGKILL)
        assert door.ask(opened, "select 1 as n").table.to_pydict() == {"n": [1]}


# -- answers -----------------------------------------------------------------------------------------------------------

SAME = (
    "select * from figure order by all",
    "select count(*) as n from fact",
    "select fiscal_period, value from figure where entity = 'acme' and metric = 'revenue' order by 1",
    "select f.fiscal_period, m.label from figure f join metric m using (metric) where f.entity = 'acme' order by all",
    "select f.fiscal_period from metric m left join figure f on f.metric = m.metric and f.value is null where m.metric = 'revenue'",
    "select * from figure_as_of('1999-01-01')",
    "select count(*) as n from figure_as_of(date '2030-01-01') where entity = 'acme'",
    "select (select count(*) from figure_as_of('1999-01-01')) as a, (select count(*) from figure_as_of('2030-01-01')) as b",
    "select entity, count(*) as n from figure_history group by all order by all",
    "with figure as (select 1 as n) select * from figure",
    "select a.value from figure a, figure b where a.entity = 'acme' and b.entity = 'june'",
    "select figure from figure where entity = 'acme' order by 1",
    "select y.e from figure as y(e) order by all",
    "select count(*) as n from figure where entity = 'acme' or metric = 'x'",
    "from figure pivot (sum(value) for fiscal_period in ('2023Q2', '2024Q2')) order by all",
    "select columns('fiscal.*') from figure order by all",
    "select entity from figure natural join metric order by all",
    "select a.fiscal_period, b.fiscal_period as b from figure a asof join figure b on a.entity = b.entity and a.period_end > b.period_end where a.entity = 'acme' order by all",
    "select metric from figure where entity in ('acme', 'nobody') union all select metric from metric where metric = 'capex' order by 1",
    "select -1.5::decimal(38, 6) as a, null as b, timestamptz '2024-01-01 00:00:00+00' as c, 'ab'::blob as d, [1, 2] as e",
)


@pytest.mark.parametrize("query", SAME)
def test_a_safe_answer_is_the_plain_one(opened: Warehouse, door: SafeDoor, query: str) -> None:
    found = door.ask(opened, query).result()
    plain = opened.sql(query)
    assert found.columns == plain.columns
    assert found.fetchall() == plain.fetchall()


def test_a_safe_answer_keeps_the_moment_and_the_parameters(desk: Project, door: SafeDoor) -> None:
    with Warehouse(desk.warehouse, as_of="1999-01-01") as early:
        assert door.ask(early, "from figure").table.num_rows == 0
    with Warehouse(desk.warehouse) as now:
        query = "select max(value) as most from figure where entity = $company"
        assert door.ask(now, query, {"company": "acme"}).table.to_pydict() == {"most": [Decimal(150_000_000)]}


def test_an_error_names_what_is_meant(opened: Warehouse, door: SafeDoor) -> None:
    with pytest.raises(QueryError, match="there is no view named figur; "):
        door.ask(opened, "from figur")
    with pytest.raises(UsageError, match="is no moment"):
        door.ask(opened, "from figure_as_of('soon')")


NEEDS: dict[str, list[tuple[str, set[str] | None, list[list[tuple[str, tuple[str, ...]]]]]]] = {
    "select value from yoy where entity = 'meta'": [("yoy", {"value", "entity"}, [[("entity", ("meta",))]])],
    "select * from yoy": [("yoy", None, [])],
    "select yoy from yoy": [("yoy", None, [])],
    "select y.v from yoy y": [("yoy", {"y", "v"}, [])],
    "select a.v from yoy a join metric m using (metric) where a.entity in ('x', 'y')": [
        ("metric", {"v", "a", "entity", "metric"}, []),
        ("yoy", {"v", "a", "entity", "metric"}, [[("entity", ("x", "y"))]]),
    ],
    "select v from yoy where entity = 'a' union all select v from yoy where entity = 'b'": [
        ("yoy", {"v", "entity"}, [[("entity", ("a",))], [("entity", ("b",))]])
    ],
    "select v from yoy where entity = 'a' union all select v from yoy": [("yoy", {"v", "entity"}, [])],
    "select v from yoy where entity = 'a' or true": [("yoy", {"v", "entity"}, [])],
    "select v from yoy positional join metric where yoy.entity = 'a'": [
        ("metric", {"v", "yoy", "entity"}, []),
        ("yoy", {"v", "yoy", "entity"}, []),
    ],
}


def test_a_parameter_counts_like_its_text() -> None:
    query = "select value from yoy_as_of($day) where entity = $company and fiscal_year = $year"
    with open_engine() as engine:
        tree = bind_texts(parse_one_select(engine, query), {"day": "2024-08-05", "company": "meta", "year": 2024})
    (need,) = find_needs(tree)
    assert (need.moment, need.filters) == ("2024-08-05", ((("entity", ("meta",)),),))


@pytest.mark.parametrize("query", NEEDS)
def test_a_question_is_given_what_it_needs(query: str) -> None:
    with open_engine() as engine:
        found = find_needs(parse_one_select(engine, query))
    plain = [(one.name, one.columns and {*one.columns}, [[*of] for of in one.filters]) for one in found]
    assert plain == NEEDS[query]
