"""Damage: `verify` finds all of it, no answer is silently another, and what follows from the rest is mended."""

from __future__ import annotations

import json
import os
import random
import shutil
from typing import TYPE_CHECKING

import pytest
from deltalake import DeltaTable

from support.project import fact_line, made_once, often, small_project, write_facts
from support.running import tracker_text
from tracker.errors import CheckError, DamageError
from tracker.model.schema import TABLES
from tracker.pipeline.ingest import ingest
from tracker.project import load_project
from tracker.schedule.lines import append_lines
from tracker.warehouse import file_check
from tracker.warehouse.integrity import repair, verify
from tracker.warehouse.quarantine import list_held, release
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import CATALOG, read_snapshot
from tracker.warehouse.writer import Writer, history

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracker.project import Project
    from tracker.warehouse.delta_log import DataFile

JOURNAL = "commits.jsonl"
#: Files that damage does no harm to, and why.
HARMLESS = {
    ".checked": "a cache: where it does not fit, files are read again",
    "README.md": "a text for people",
    ".lock": "nobody reads what is in it",
    ".notices.jsonl.lock": "nobody reads what is in it",
}
QUARTERS = ("2023Q3", "2023Q4", "2024Q1")
GOOD = [fact_line("Revenues", quarter, "100") for quarter in QUARTERS]
BAD = fact_line("Revenues", "2024Q2", "100", scale="9")
RUN = {"cron": "5 7 * * *", "timezone": "UTC", "attempt": 1, "status": "ok", "reason": "", "added": 1}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with every kind of file in its warehouse; for reading."""
    return load_project(made_once(tmp_path_factory, "damage", _store_all_kinds))


def _store_all_kinds(folder: Path) -> None:
    project = small_project(folder)
    store(project, *GOOD)
    DeltaTable(project.warehouse / "fact").create_checkpoint()
    without_ledger(project)  # adopted with the checkpoint at the next commit
    for value in ("101", "102"):
        store(project, *GOOD[:2], fact_line("Revenues", "2024Q1", value))
        write_facts(project, *GOOD, BAD)
        with pytest.raises(CheckError):
            ingest(project, [project.seeds])
        if value == "101":
            (one,) = list_held(project.warehouse)
            release(project.warehouse, one.batch, "checked")
    for file in ("runs.jsonl", "notices.jsonl"):
        slots = [RUN | {"job": "morning", "slot": f"2024-08-0{day}T07:05:00Z"} for day in range(1, 4)]
        append_lines(project.warehouse / file, [json.dumps(slot).encode() for slot in slots])


def without_ledger(project: Project) -> None:
    """The warehouse as a version without a ledger of commits left it."""
    (project.warehouse / JOURNAL).unlink()
    (project.warehouse / CATALOG).unlink()


def store(project: Project, *lines: str) -> None:
    write_facts(project, *lines)
    ingest(project, [project.seeds])


@pytest.fixture
def copied(whole: Project, tmp_path: Path) -> Project:
    shutil.copytree(whole.root, tmp_path / "copied")
    return load_project(tmp_path / "copied")


def files_of(warehouse: Path) -> list[Path]:
    """All files of a warehouse that damage may do harm to."""
    return sorted(file for file in warehouse.rglob("*") if file.is_file() and file.name not in HARMLESS)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """A file's content with one bit flipped, or cut short."""
    at = chance.randrange(len(content))
    if chance.random() < 0.3:
        return content[:at]
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def test_a_whole_warehouse_has_no_damage(whole: Project) -> None:
    found = verify(whole.warehouse)
    assert found.damages == []
    assert found.notes == ["commits up to 1 were adopted into the ledger from the log as they were then found"]
    names = {file.relative_to(whole.warehouse).parts[0] for file in files_of(whole.warehouse)}
    assert {JOURNAL, CATALOG, "runs.jsonl", ".runs.jsonl.head", "notices.jsonl", "held", "fact"} <= names
    assert (whole.warehouse / "held" / "released.jsonl").is_file()
    assert len(list_held(whole.warehouse)) == 1
    assert found.files >= len(files_of(whole.warehouse)) - 3  # the heads are looked at with their files


def test_verify_finds_all_damage(copied: Project) -> None:
    """Flips and truncations over every file; each file has its turn."""
    chance = random.Random(2024)
    files = files_of(copied.warehouse)
    for number in range(often(60)):
        file = files[number % len(files)]
        content = file.read_bytes()
        if content:
            hurt = damaged(content, chance)
            file.write_bytes(hurt)
            assert verify(copied.warehouse).damages, (file, hurt)
            file.write_bytes(content)
    assert verify(copied.warehouse).damages == []


def answers(warehouse: Path) -> list[tuple[object, ...]]:
    """What SQL says of all that is stored."""
    parts = [f"(select md5(string_agg(cast(t as varchar), '|' order by cast(t as varchar))) from {table} t)"
             for table in (*TABLES, "run")]  # fmt: skip
    with Warehouse(warehouse) as opened:
        return opened.sql(f"select {', '.join(parts)}").fetchall()


def test_no_answer_is_silently_another(copied: Project) -> None:
    """Flips and truncations over every file, data files most of all: the same answer, or an error that says which."""
    chance = random.Random(4202)
    data = [file for file in files_of(copied.warehouse) if file.suffix == ".parquet" and "held" not in file.parts]
    files = [
        file for file in (copied.warehouse / ".checked", *files_of(copied.warehouse), *data) if file.stat().st_size
    ]
    expected, errors = answers(copied.warehouse), 0
    for number in range(often(40)):
        file = files[(number * 7) % len(files)]
        content = file.read_bytes()
        file.write_bytes(damaged(content, chance))
        try:
            assert answers(copied.warehouse) == expected, file
        except DamageError:
            errors += 1
        file.write_bytes(content)
    assert errors > 5
    assert answers(copied.warehouse) == expected


def test_a_file_is_read_whole_once_a_state(copied: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    whole = file_check.check_whole

    def check_whole(path: Path, file: DataFile) -> None:
        read.append(file.name)
        whole(path, file)

    monkeypatch.setattr(file_check, "check_whole", check_whole)
    (copied.warehouse / file_check.CHECKED).write_bytes(b"\xff garbage\n" * 200)
    expected = answers(copied.warehouse)
    files = [name for names in read_snapshot(copied.warehouse).files.values() for name in names]
    assert sorted(read) == sorted(files)
    assert answers(copied.warehouse) == expected
    assert sorted(read) == sorted(files)
    touched = copied.warehouse / files[0]
    os.utime(touched)
    answers(copied.warehouse)
    assert read[len(files) :] == [files[0]]
    store(copied, *GOOD[:1])
    answers(copied.warehouse)
    assert len(read) == len(files) + 1  # what is written is known


def test_a_state_that_looks_the_same_with_another_end_is_noticed(copied: Project) -> None:
    """As a disk that forgets would have it: the times are those of before."""
    file = copied.warehouse / read_snapshot(copied.warehouse).files["fact"][0]
    answers(copied.warehouse)
    before, content = file.stat(), bytearray(file.read_bytes())
    content[-20] ^= 4
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(DamageError, match="differs from what was committed"):
        answers(copied.warehouse)


def test_a_warehouse_that_nobody_may_write_to_is_answered_from(copied: Project) -> None:
    expected = answers(copied.warehouse)
    (copied.warehouse / file_check.CHECKED).unlink()
    (copied.warehouse / file_check.CHECKED).mkdir()  # in place of rights, which root has all of
    assert answers(copied.warehouse) == expected


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def newest(project: Project, table: str) -> Path:
    return max((project.warehouse / table / "_delta_log").glob("*.json"))


def drop_a_line(file: Path, number: int) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    del lines[number]
    file.write_bytes(b"".join(lines))


def swap_lines(file: Path) -> None:
    first, second, *rest = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([second, first, *rest]))


def change_snapshot(project: Project, change: Callable[[list[str]], object]) -> None:
    """A first line of `warehouse.sql` that says other files than the log, sealed as this program seals it."""
    now = read_snapshot(project.warehouse)
    change(now.files["fact"])  # type: ignore[arg-type]
    (project.warehouse / CATALOG).write_text(now.catalog(None))


#: What is damaged, and whether it follows from the rest.
DAMAGES: dict[str, tuple[Callable[[Project], object], bool]] = {
    "the newest entry of fact is gone": (lambda p: newest(p, "fact").unlink(), True),
    "the newest entry of source is gone": (lambda p: newest(p, "source").unlink(), True),
    "the first entry of fact is gone": (lambda p: min(newest(p, "fact").parent.glob("*.json")).unlink(), True),
    "an entry is changed": (lambda p: flip(newest(p, "fact")), True),
    "an entry is empty": (lambda p: newest(p, "entity").write_bytes(b""), True),
    "a checkpoint is changed": (lambda p: flip(next((p.warehouse / "fact" / "_delta_log").glob("*.parquet"))), True),
    "warehouse.sql is gone": (lambda p: (p.warehouse / CATALOG).unlink(), True),
    "warehouse.sql is changed": (lambda p: flip(p.warehouse / CATALOG), True),
    "warehouse.sql has an empty mark": (lambda p: (p.warehouse / CATALOG).write_text("-- snapshot: []\n"), True),
    "a file is named twice": (lambda p: change_snapshot(p, lambda files: files.append(files[0])), True),
    "a file is left out": (lambda p: change_snapshot(p, lambda files: files.pop()), True),
    "the ledger is gone": (lambda p: (p.warehouse / JOURNAL).unlink(), True),
    "the ledger lacks its last line": (lambda p: drop_a_line(p.warehouse / JOURNAL, -1), True),
    "the ledger lacks a line": (lambda p: drop_a_line(p.warehouse / JOURNAL, 1), True),
    "the ledger is changed": (lambda p: flip(p.warehouse / JOURNAL), True),
    "a run is changed": (lambda p: flip(p.warehouse / "runs.jsonl"), True),
    "a run is gone": (lambda p: drop_a_line(p.warehouse / "runs.jsonl", 1), True),
    "the last run is gone": (lambda p: drop_a_line(p.warehouse / "runs.jsonl", 2), True),
    "runs are swapped": (lambda p: swap_lines(p.warehouse / "runs.jsonl"), True),
    "a data file is changed": (lambda p: flip(next((p.warehouse / "fact").glob("*.parquet"))), False),
    "a data file is gone": (lambda p: next((p.warehouse / "source").glob("*.parquet")).unlink(), False),
    "a data file is there twice": (
        lambda p: shutil.copy(
            next((p.warehouse / "fact").glob("*.parquet")), p.warehouse / "fact" / f"20200101T000000000000-{'0' * 16}.parquet"
        ),
        False,
    ),
    "a file of others is there": (lambda p: (p.warehouse / "fact" / "notes.txt").write_text("x"), False),
    "a held file is changed": (lambda p: flip(next((p.warehouse / "held").glob("*/fact.parquet"))), False),
    "a held record is changed": (lambda p: flip(next((p.warehouse / "held").glob("*/held.json"))), False),
}  # fmt: skip


@pytest.mark.parametrize(("hurt", "is_mendable"), DAMAGES.values(), ids=DAMAGES)
def test_damage_is_found_and_what_follows_from_the_rest_is_mended(
    copied: Project, hurt: Callable[[Project], object], *, is_mendable: bool
) -> None:
    with Warehouse(copied.warehouse) as warehouse:
        facts = warehouse.sql("select * from fact order by all").fetchall()
    commits = history(copied.warehouse)
    hurt(copied)
    found = verify(copied.warehouse)
    assert found.damages
    assert all(damage.is_mendable == is_mendable for damage in found.damages), found.damages
    done, after = repair(copied.warehouse)
    assert (after.damages == []) == is_mendable
    assert bool(done) == is_mendable
    if is_mendable:
        with Warehouse(copied.warehouse) as warehouse:
            assert warehouse.sql("select * from fact order by all").fetchall() == facts
            warehouse.sql("select * from run").fetchall()
        assert history(copied.warehouse) == commits
        store(copied, *GOOD[:1])
        assert verify(copied.warehouse).damages == []


@pytest.mark.parametrize("table", ["fact", "source"])
def test_a_lost_commit_is_told_by_every_command_and_its_number_is_not_used_again(copied: Project, table: str) -> None:
    newest(copied, table).unlink()
    there = sorted(path.name for path in (copied.warehouse / table / "_delta_log").iterdir())
    commands = [["sql", "select 1"], ["schema"], ["log"], ["check"], ["verify"], ["ingest", str(copied.seeds)]]
    for command in commands:
        done = tracker_text(copied, *command)
        assert done.returncode == 3, command
        assert f"{newest(copied, table).parent}" in done.stderr or "verify" in command, command
        assert "Traceback" not in done.stderr, command
        assert "--repair" in done.stderr, command
    assert sorted(path.name for path in (copied.warehouse / table / "_delta_log").iterdir()) == there
    done = tracker_text(copied, "verify", "--repair")
    assert done.returncode == 0
    assert f"{table}/_delta_log/" in done.stderr


def test_a_damaged_entry_costs_no_answer_and_stops_no_repair(copied: Project) -> None:
    """The ledger knows every entry word for word."""
    (copied.warehouse / CATALOG).unlink()
    newest(copied, "fact").write_text("{")
    with Warehouse(copied.warehouse) as warehouse:
        assert warehouse.sql("select count(*) from fact").fetchall() > [(3,)]
    refused = tracker_text(copied, "ingest", str(copied.seeds))
    assert "Traceback" not in refused.stderr
    assert tracker_text(copied, "verify", "--repair").returncode == 0
    assert tracker_text(copied, "verify").returncode == 0


def test_what_is_lost_is_told(copied: Project) -> None:
    file = read_snapshot(copied.warehouse).files["fact"][0]
    flip(copied.warehouse / file)
    done = tracker_text(copied, "verify", "--repair")
    assert done.returncode == 3
    assert f"{file} differs from what was committed (3 rows of fact, batch {file[-24:-8]})" in done.stderr


def test_a_warehouse_without_a_ledger_gets_one_and_loses_nothing(copied: Project) -> None:
    commits = history(copied.warehouse)
    without_ledger(copied)
    assert "there is no ledger of commits yet" in verify(copied.warehouse).notes[0]
    assert verify(copied.warehouse).damages == []
    assert history(copied.warehouse) == commits
    with Writer(copied.warehouse):
        pass
    found = verify(copied.warehouse)
    assert found.damages == []
    assert found.notes[0] == "commits up to 4 were adopted into the ledger from the log as they were then found"
    newest(copied, "fact").unlink()
    assert [damage.is_mendable for damage in verify(copied.warehouse).damages] == [True]


def test_a_line_of_the_ledger_that_a_kill_kept_from_being_written_is_written_next(
    copied: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit stands before its line in the ledger does, and that before `warehouse.sql`."""
    for place in ("add_commit", "publish"):
        with monkeypatch.context() as patched:
            patched.setattr(f"tracker.warehouse.writer.{place}", killed)
            write_facts(copied, fact_line("Revenues", "2024Q1", f"2{len(place)}"))
            with pytest.raises(KeyboardInterrupt):
                ingest(copied, [copied.seeds])
        with Warehouse(copied.warehouse) as warehouse:
            assert warehouse.sql("select max(value) from fact_known").fetchall() == [(int(f"2{len(place)}") * 10**6,)]
        assert verify(copied.warehouse).damages == []
        assert verify(copied.warehouse).notes[1:]
        ingest(copied, [copied.seeds])
        found = verify(copied.warehouse)
        assert (found.damages, len(found.notes)) == ([], 1)


def killed(*arguments: object) -> None:
    """What dies where a commit was just made; what settles an earlier state gives more or fewer arguments."""
    if len(arguments) == 2:
        raise KeyboardInterrupt


def test_torn_lines_are_cut_off(copied: Project) -> None:
    for name in (JOURNAL, "runs.jsonl", "notices.jsonl"):
        with (copied.warehouse / name).open("ab") as file:
            file.write(b'{"how":"comm')
    assert verify(copied.warehouse).damages == []
    store(copied, *GOOD[:1])
    append_lines(copied.warehouse / "runs.jsonl", [json.dumps(RUN | {"job": "x", "slot": None}).encode()])
    assert verify(copied.warehouse).damages == []


def test_a_changed_run_is_not_answered(copied: Project) -> None:
    flip(copied.warehouse / "runs.jsonl")
    with Warehouse(copied.warehouse) as warehouse, pytest.raises(DamageError, match="line 2"):
        warehouse.sql("select * from run")
