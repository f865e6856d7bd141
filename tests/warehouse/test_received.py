"""A warehouse that came from somebody else: names in it reach no SQL and no file outside its folder."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from support.project import fact_line, made_once, small_project, write_facts
from support.running import tracker_text
from tracker.errors import DamageError
from tracker.pipeline.ingest import ingest
from tracker.project import load_project
from tracker.warehouse.integrity import verify
from tracker.warehouse.quarantine import drop, list_held
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import CATALOG, read_snapshot, versions_at
from tracker.warehouse.writer import history

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracker.project import Project

LOG = "fact/_delta_log/00000000000000000001.json"


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with one figure, as it was sent; for reading."""
    return load_project(made_once(tmp_path_factory, "sent", _store_one))


def _store_one(folder: Path) -> None:
    project = small_project(folder)
    write_facts(project, fact_line("Revenues", "2024Q1", "100"))
    ingest(project, [project.seeds])


@pytest.fixture
def received(sent: Project, tmp_path: Path) -> Project:
    """The same, to be altered."""
    shutil.copytree(sent.root, tmp_path / "received")
    return load_project(tmp_path / "received")


def rewrite_mark(warehouse: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Change what the first line of `warehouse.sql` says."""
    first, _, rest = (warehouse / CATALOG).read_text().partition("\n")
    mark = json.loads(first.removeprefix("-- snapshot: "))
    mark = change(mark) or mark
    (warehouse / CATALOG).write_text(f"-- snapshot: {json.dumps(mark)}\n{rest}")


def without_ledger(warehouse: Path) -> None:
    """A warehouse of before there was a ledger of commits, whose log alone says what there is."""
    (warehouse / CATALOG).unlink()
    (warehouse / "commits.jsonl").unlink()


def rewrite_log(warehouse: Path, before: str, after: str) -> None:
    text = (warehouse / LOG).read_text()
    assert before in text
    (warehouse / LOG).write_text(text.replace(before, after))


HOSTILE = [
    "fact/x.parquet']); copy (select 1) to '{out}'; select * from read_parquet(['x.parquet",
    "fact/../../{out}",
    "{out}",
    "fact/*.parquet",
    "fact/{name}\n",
    "FACT/{name}",
    "https://example.com/{name}",
    "entity/{name}",
    "",
]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("place", ["mark", "log"])
def test_a_name_that_is_not_ours_is_refused_and_named(
    received: Project, tmp_path: Path, hostile: str, place: str
) -> None:
    warehouse = received.warehouse
    (file,) = read_snapshot(warehouse).files["fact"]
    shutil.copy(warehouse / file, tmp_path / "out.parquet")
    name = hostile.format(out=tmp_path / "out.parquet", name=file.removeprefix("fact/"))
    if place == "mark":
        rewrite_mark(warehouse, lambda mark: mark["files"].update(fact=[name]))  # type: ignore[attr-defined]
    else:
        name = name.removeprefix("fact/")
        rewrite_log(warehouse, f'"path":"{file.removeprefix("fact/")}', f'"path":"{json.dumps(name)[1:-1]}')
        without_ledger(warehouse)
    before = {path: path.stat() for path in tmp_path.iterdir()}
    with pytest.raises(DamageError) as caught:
        Warehouse(warehouse)
    assert repr(name) in str(caught.value) or repr(f"fact/{name}") in str(caught.value)
    assert {path: path.stat() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("mark", [[], {}, 7, None, "x", {"versions": 1, "files": 2}, {"versions": {}, "files": []},
    {"versions": {"fact": 1}, "files": {"fact": [7]}}, {"versions": {"fact": "1"}, "files": {"fact": []}},
    {"versions": {"fact": 1}, "files": {}}])  # fmt: skip
def test_a_first_line_that_is_not_ours_is_refused(received: Project, mark: object) -> None:
    (received.warehouse / CATALOG).write_text(f"-- snapshot: {json.dumps(mark)}\n")
    for command in (["sql", "select 1"], ["schema"], ["check"], ["ingest", str(received.seeds)]):
        done = tracker_text(received, *command)
        assert done.returncode == 3, command
        assert "the first line of " in done.stderr, command
        assert "warehouse.sql is damaged; `tracker verify --repair` writes it anew" in done.stderr, command


DAMAGED = {
    "": "is damaged",
    "{": "is damaged",
    "[]\n": "is damaged",
    '{"cdc":{"path":"x"}}\n': "holds 'cdc', which this program does not write",
    '{"commitInfo":{"timestamp":1,"compacted":"true","rows":"0"}}\n{"remove":{"path":"../x"}}\n': "names 'fact/../x'",
    '{"commitInfo":{"timestamp":1e99,"batch":"x","rows":"0"}}\n': "is damaged",
    '{"commitInfo":{"timestamp":1,"batch":"x","rows":"7"}}\n': "does not add up",
}


@pytest.mark.parametrize(("text", "what"), DAMAGED.items())
def test_an_entry_of_the_log_that_is_not_ours_is_refused(received: Project, text: str, what: str) -> None:
    (received.warehouse / LOG).write_text(text)
    without_ledger(received.warehouse)
    for ask in (Warehouse, history, lambda path: versions_at(path, "1")):
        with pytest.raises(DamageError, match=what):
            ask(received.warehouse)
    assert what in verify(received.warehouse).damages[0].what
    for command in (["log"], ["sql", "select 1"], ["check"], ["verify"], ["ingest", str(received.seeds)]):
        done = tracker_text(received, *command)
        assert (done.returncode, done.stderr.count("Traceback")) == (3, 0), command


def test_an_entry_missing_before_others_is_said(received: Project) -> None:
    (received.warehouse / LOG.replace("1.json", "0.json")).unlink()
    with pytest.raises(DamageError, match=r"00000\.json is missing"):
        Warehouse(received.warehouse)
    (received.warehouse / LOG.replace("1.json", "9.json")).write_text("{}")
    assert tracker_text(received, "sql", "select 1").returncode == 3


@pytest.mark.parametrize("name", ["fact", "fact/_delta_log", "a file of fact", "runs.jsonl", "warehouse.sql"])
def test_links_that_lead_outside_are_refused(received: Project, tmp_path: Path, name: str) -> None:
    if name == "a file of fact":
        (name,) = read_snapshot(received.warehouse).files["fact"]
    link = received.warehouse / name
    link.replace(tmp_path / "outside")
    link.symlink_to(tmp_path / "outside")
    with pytest.raises(DamageError, match="leads out of the warehouse"), Warehouse(received.warehouse) as warehouse:
        warehouse.sql("select (select count(*) from fact), (select count(*) from run)").fetchall()


def test_the_warehouse_itself_may_be_a_link(received: Project, tmp_path: Path) -> None:
    received.warehouse.replace(tmp_path / "elsewhere")
    received.warehouse.symlink_to(tmp_path / "elsewhere")
    with Warehouse(received.warehouse) as warehouse:
        assert warehouse.sql("select count(*) from fact").fetchall() == [(1,)]


def test_a_held_batch_of_another_name_is_refused(received: Project, tmp_path: Path) -> None:
    """Its name becomes the folder that `drop` removes."""
    precious = tmp_path / "precious"
    precious.mkdir()
    folder = received.warehouse / "held" / ("0" * 16)
    folder.mkdir(parents=True)
    name = "../../../precious"
    record = {"batch": name, "held_at": "2024-01-01", "origin": None, "facts": 0}
    lists: dict[str, list[object]] = {"entities": [], "sources": [], "findings": [], "problems": []}
    (folder / "held.json").write_text(json.dumps(record | lists))
    for ask in (lambda: list_held(received.warehouse), lambda: drop(received.warehouse, name)):
        with pytest.raises(DamageError, match="names another batch"):
            ask()
    assert precious.is_dir()
    (folder / "held.json").write_text("[")
    assert tracker_text(received, "held", "list").returncode == 3
