"""The second time axis: what the warehouse held at a commit or a moment, whatever was stored since."""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from support.project import fact_line, made_once, small_project, write_facts
from support.running import tracker
from tracker.errors import NothingMatchedError, UsageError, WarehouseError
from tracker.pipeline.ingest import ingest
from tracker.pipeline.report import report
from tracker.project import load_project
from tracker.warehouse.integrity import verify
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import read_snapshot, versions_at
from tracker.warehouse.writer import history

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.project import Project


def store(project: Project, *lines: str) -> None:
    """One commit of these rows as the whole facts.csv."""
    write_facts(project, *lines)
    ingest(project, [project.seeds])


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose first quarter was stored as 100 and then corrected to 101; for reading."""
    return load_project(made_once(tmp_path_factory, "recorded-corrected", _store_correction))


def _store_correction(folder: Path) -> None:
    project = small_project(folder)
    store(project, fact_line("Revenues", "2024Q1", "100"))
    store(project, fact_line("Revenues", "2024Q1", "101"))


@pytest.fixture
def copied(corrected: Project, tmp_path: Path) -> Project:
    """The same, to store more in."""
    shutil.copytree(corrected.root, tmp_path / "copied")
    return load_project(tmp_path / "copied")


def shown(project: Project, recorded: str) -> list[tuple[int, str]]:
    """The values (millions) shown of what was stored by then, with the company's name."""
    return _shown(project.warehouse, tuple(versions_at(project.warehouse, recorded).items()))


@functools.cache
def _shown(warehouse: Path, versions: tuple[tuple[str, int], ...]) -> list[tuple[int, str]]:
    """The same, asked once of each state: the versions of its tables are all there is of it."""
    with Warehouse(warehouse, versions=dict(versions)) as then:
        query = "select value, name from fact_known join entity using (entity)"  # what all other views are made of
        found = then.sql(query).fetchall()
        return [(int(value / 10**6), name) for value, name in found]


def values(project: Project, recorded: str) -> list[int]:
    return [value for value, _ in shown(project, recorded)]


def names(project: Project, *commits: str) -> list[str]:
    return [name for commit in commits for _, name in shown(project, commit)]


def rename(project: Project, name: str = "Acme Holdings") -> None:
    """Acme takes another name."""
    entities = project.seeds / "entities.toml"
    entities.write_text(re.sub('name = "Acme[^"]*"', f'name = "{name}"', entities.read_text()))


def test_each_commit_and_each_moment_shows_what_was_stored_by_then(corrected: Project) -> None:
    with Warehouse(corrected.warehouse) as now:
        moments = [str(at) for (at,) in now.sql("select distinct recorded_at from fact order by 1").fetchall()]
    committed = [entry["committed_at"] for entry in reversed(history(corrected.warehouse))]
    for number, value in enumerate((100, 101)):
        assert values(corrected, str(number + 1)) == [value]
        assert values(corrected, moments[number]) == values(corrected, committed[number]) == [value]
    assert values(corrected, "2999-01-01") == [101]


def test_the_newest_commit_is_the_current_state(corrected: Project) -> None:
    newest = str(history(corrected.warehouse)[0]["version"])
    assert versions_at(corrected.warehouse, newest) == dict(read_snapshot(corrected.warehouse).versions)


def test_a_commit_holds_its_whole_batch_and_nothing_of_the_next(copied: Project) -> None:
    rename(copied)
    store(copied, fact_line("Revenues", "2024Q1", "102"))
    assert names(copied, "1", "2", "3") == ["Acme", "Acme", "Acme Holdings"]


def test_a_batch_of_definitions_alone_has_a_number(copied: Project) -> None:
    """A new name of a company makes a commit without rows of `fact`, which shows the new name; again, none."""
    rename(copied)
    files = read_snapshot(copied.warehouse).files["fact"]
    for _ in range(2):
        store(copied, fact_line("Revenues", "2024Q1", "101"))
        assert [(entry["version"], entry["rows"]) for entry in history(copied.warehouse)[:2]] == [(3, 0), (2, 2)]
    assert read_snapshot(copied.warehouse).files["fact"] == files
    store(copied, fact_line("Revenues", "2024Q1", "103"))
    assert names(copied, "2", "3") == ["Acme", "Acme Holdings"]
    assert values(copied, "3") == [101]
    assert verify(copied.warehouse)[1] == []


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: dt.datetime) -> None:
    """What the writer takes for now."""

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return moment.astimezone(tz)

    monkeypatch.setattr("tracker.warehouse.writer.datetime", Clock)


@pytest.mark.parametrize("days", [-400, 1])
def test_moments_rise_whatever_the_clock_says(copied: Project, monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """Commits of definitions alone, which have no rows, and of figures, while the clock jumps between them."""
    now = dt.datetime.now(dt.UTC)
    expected = [(100, "Acme"), (101, "Acme")]
    for number, jump in enumerate((0, days, -2 * days)):
        set_clock(monkeypatch, now + dt.timedelta(days=jump))
        rename(copied, f"Acme {number}")
        for value in (expected[-1][0], 200 + number):
            store(copied, fact_line("Revenues", "2024Q1", str(value)))
            expected.append((value, f"Acme {number}"))
    commits = list(reversed(history(copied.warehouse)))
    moments = [entry["committed_at"] for entry in commits]
    assert [entry["rows"] == 0 for entry in commits] == [False, False, *[True, False] * 3]
    assert sorted(set(moments)) == moments
    assert [shown(copied, str(entry["version"])) for entry in commits] == [[one] for one in expected]
    assert [shown(copied, moment) for moment in moments] == [[one] for one in expected]


@pytest.mark.parametrize(
    ("recorded", "error", "said"),
    [
        # what is asked, the error, what it says
        ("7", NothingMatchedError, "no commit 7; `tracker log` lists them"),
        ("0", NothingMatchedError, "no commit 0"),
        ("2001-01-01", NothingMatchedError, "nothing was stored by 2001-01-01; the first commit is of 20"),
        ("lately", UsageError, "'lately' is no moment"),
        ("2024-02-31", UsageError, "'2024-02-31' is no moment"),
    ],
)
def test_what_never_was_is_told(corrected: Project, recorded: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        versions_at(corrected.warehouse, recorded)


def test_no_warehouse_has_no_past(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="holds no warehouse"):
        versions_at(tmp_path, "1")


def test_commands_take_it(corrected: Project) -> None:
    query = "select cast(value / 1000000 as integer) as value from figure"
    assert json.loads(tracker(corrected, "sql", query, "--recorded", "1").stdout) == [{"value": 100}]
    assert tracker(corrected, "sql", query, "--recorded", "9").returncode == 4
    assert tracker(corrected, "report", "nonsense", "--recorded", "9").returncode == 4


def test_some_companies_alone_show_the_same(warehouse: Warehouse) -> None:
    query = "select * from {} where entity = 'meta' order by all"
    with warehouse.for_companies(["meta"]) as narrowed:
        for view in ("figure", "growth", "stated_growth", "guidance_outcome", "restatement", "conflict"):
            assert narrowed.sql(query.format(view)).fetchall() == warehouse.sql(query.format(view)).fetchall(), view
        assert narrowed.sql("select count(*) from fact where entity = 'oracle'").fetchall() != [(0,)]
    with warehouse.for_companies(["it's none"]) as narrowed:
        assert narrowed.sql("select count(*) from fact where method <> 'curated'").fetchall() == [(0,)]


def test_an_old_report_is_made_again_byte_for_byte(project: Project, tmp_path: Path) -> None:
    shutil.copytree(project.root, tmp_path / "copy")
    copy = load_project(tmp_path / "copy")
    asked = {"as_of": "2025-06-01", "formats": ("html", "svg", "json")}

    def drawn(recorded: str | None) -> dict[str, bytes]:
        ((_, files),) = report(copy, ["meta-2024q2"], recorded=recorded, **asked)  # type: ignore[arg-type]
        return {file.name: file.read_bytes() for file in files}

    commit = str(history(copy.warehouse)[0]["version"])
    first = drawn(None)
    facts = copy.seeds / "facts.csv"
    facts.write_text(facts.read_text().replace(",39071,", ",39171,").replace("8.5,,,9", "8.7,,,9"), "utf-8")
    ingest(copy, [copy.seeds])
    changed = drawn(None)
    assert {name for name in first if changed[name] == first[name]} == set()
    assert drawn(commit) == first
