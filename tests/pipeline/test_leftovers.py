"""What a process that died leaves behind is removed by the next command that takes the lock, and nothing else is."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.project import fact_line, write_facts
from tracker.files.disk import draft_of
from tracker.pipeline.ingest import ingest
from tracker.warehouse.integrity import verify
from tracker.warehouse.snapshot import CATALOG, read_snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.project import Project

HEX = "0123456789abcdef" * 2
LEFT = [
    f"fact/.20240101T000000000000-{HEX[:16]}.parquet.draft",
    f"fact/29990101T000000000000-{HEX[:16]}.parquet",
    f"fact/_delta_log/_commit_{HEX[:8]}-{HEX[:4]}-{HEX[:4]}-{HEX[:4]}-{HEX[:12]}.json.tmp",
    f".warehouse.sql.{HEX}",
    f".warehouse.sql.{HEX}.draft",
    f"..runs.jsonl.head.{HEX}.draft",
    f"held/.{HEX}/fact.parquet",
]
OTHERS = [
    "notes.txt",
    ".warehouse.sql.swp",
    ".hidden",
    "fact/part-00000.parquet",
    f"fact/20240101T000000000000-{HEX[:16]}.parquet",
    "held/.mine",
    "held/notes/fact.parquet",
]


@pytest.fixture
def stored(empty: Project) -> Project:
    write_facts(empty, fact_line("Revenues", "2024Q1", "100"))
    ingest(empty, [empty.seeds])
    return empty


def put(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"half")
    return [folder / name for name in names]


def test_what_is_left_over_is_removed_and_nothing_of_others(stored: Project) -> None:
    left, others = put(stored.warehouse, *LEFT), put(stored.warehouse, *OTHERS)
    before = read_snapshot(stored.warehouse)
    assert len([note for note in verify(stored.warehouse).notes if "was left by a process that died" in note]) == 7
    ingest(stored, [stored.seeds])
    assert [path for path in left if path.exists()] == []
    assert [path for path in others if not path.exists()] == []
    assert read_snapshot(stored.warehouse) == before


def test_what_a_live_writer_is_at_stays(stored: Project) -> None:
    """The head of the ledger of runs is written under that ledger's own lock."""
    (draft,) = put(stored.warehouse, f"..runs.jsonl.head.{HEX}.draft")
    with (stored.warehouse / "runs.jsonl").open("rb") as live:
        fcntl.flock(live, fcntl.LOCK_EX)
        ingest(stored, [stored.seeds])
        assert draft.exists()
    ingest(stored, [stored.seeds])
    assert not draft.exists()


def test_drafts_of_reports_go_with_their_process(stored: Project) -> None:
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    number = int(dead.stdout)
    alive = [draft_of(stored.reports / "a.html"), stored.reports / f".b.html.{os.getppid()}.draft"]
    gone = [f".a.html.{number}.draft", f".a.html.{number}-0123abcd.draft", f"de/.a.html.{number}-0123abcd.draft"]
    others = [f".a.html.{number}", f"a.html.{number}.draft", ".draft", f".a.{'9' * 30}.draft"]
    put(stored.reports, *gone, *others, *(file.name for file in alive))
    ingest(stored, [stored.seeds])
    assert [name for name in gone if (stored.reports / name).exists()] == []
    assert [name for name in others if not (stored.reports / name).exists()] == []
    assert [file for file in alive if not file.exists()] == []


def test_a_catalog_that_is_behind_the_log_is_written_anew(stored: Project) -> None:
    behind = (stored.warehouse / CATALOG).read_bytes()
    write_facts(stored, fact_line("Revenues", "2024Q1", "101"))
    ingest(stored, [stored.seeds])
    current = (stored.warehouse / CATALOG).read_bytes()
    (stored.warehouse / CATALOG).write_bytes(behind)
    assert "is behind the log" in " ".join(verify(stored.warehouse).notes)
    ingest(stored, [stored.seeds])
    assert (stored.warehouse / CATALOG).read_bytes() == current
