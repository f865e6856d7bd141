"""A system that fails at any file operation of an ingestion: one line, the state before or after, never a traceback.

The short form lets one call of ours fail in this process; the long form lets one system call of the program fail, those
of the libraries too, where `strace` is at hand.
"""

from __future__ import annotations

import errno
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.project import fact_line, made_once, often, small_project, write_facts
from tracker.cli import main
from tracker.pipeline.ingest import ingest
from tracker.project import load_project
from tracker.warehouse.integrity import verify
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from tracker.project import Project

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.EMFILE)
OLD, NEW = 100_000_000, 200_000_000
#: Calls of this process that touch files, by their names in `os`; opening is told by the interpreter.
#: The short form leaves out those that only look, which are most of them and change nothing.
LOOKS = ("pread", "lstat", "stat") if os.environ.get("TRACKER_LONG") else ()
CALLS = ("fsync", "write", "ftruncate", "rename", "replace", "unlink", "mkdir", *LOOKS)


class Failing:
    """Counts the calls that touch a folder, and lets the one of a number fail."""

    def __init__(self) -> None:
        self.folder, self.number, self.error, self.count = "", -1, 0, 0
        sys.addaudithook(self._hear)

    def arm(self, folder: Path, number: int, error: int) -> None:
        self.folder, self.number, self.error, self.count = str(folder), number, error, 0

    def disarm(self) -> int:
        """How many calls there were."""
        self.folder = ""
        return self.count

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.folder and event == "open":
            self.touch(arguments[0])

    def touch(self, what: object) -> None:
        """Count a call on this file, by its name or number."""
        if not self.folder:
            return
        folder, name = self.folder, what
        if isinstance(what, int):
            self.folder = ""  # to find its name is no call of the program
            name = Path(f"/proc/self/fd/{what}").resolve()
            self.folder = folder
        if not isinstance(name, (str, os.PathLike)) or not os.fspath(name).startswith(folder):
            return
        self.count += 1
        if self.count == self.number:
            raise OSError(self.error, os.strerror(self.error), os.fspath(name))


@pytest.fixture(scope="module")
def failing() -> Failing:
    """An audit hook stays for as long as the process lives, so there is one."""
    return Failing()


@pytest.fixture
def calls(failing: Failing, monkeypatch: pytest.MonkeyPatch) -> Failing:
    for name in CALLS:
        real = getattr(os, name)

        def call(first: Any, *rest: Any, _real: Any = real, **more: Any) -> Any:
            failing.touch(first)
            return _real(first, *rest, **more)

        monkeypatch.setattr(os, name, call)
    return failing


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with one figure stored, and another value of it waiting in its seeds."""
    return load_project(made_once(tmp_path_factory, "before-failure", _store_old))


def _store_old(folder: Path) -> None:
    project = small_project(folder)
    write_facts(project, fact_line("Revenues", "2024Q1", "100"))
    ingest(project, [project.seeds])
    write_facts(project, fact_line("Revenues", "2024Q1", "200"))


def copy_of(project: Project, place: Path) -> Project:
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(project.root, place)
    return load_project(place)


def value(project: Project) -> int:
    with Warehouse(project.warehouse) as warehouse:
        return int(warehouse.sql("select max(value) from fact_known").fetchall()[0][0])


def run(project: Project, capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """An ingestion in this process: its exit code, and what it told."""
    with pytest.raises(SystemExit) as left:
        main(["-C", str(project.root), "ingest", str(project.seeds)])
    code = left.value.code
    assert isinstance(code, int)
    return code, capfd.readouterr().err


def check_outcome(project: Project, code: int, told: str, place: object) -> None:
    """Exit 0 where the work is done and 1 where it is not, said in plain lines; the next ingestion brings all in order."""
    assert "Traceback" not in told, (place, told)
    assert code in {0, 1}, (place, told)
    assert value(project) == (NEW if code == 0 else OLD), (place, code, told)
    if code:
        assert len(told.strip().splitlines()) <= 2, (place, told)
    ingest(project, [project.seeds])
    assert value(project) == NEW, place
    assert verify(project.warehouse).damages == [], (place, told)


def test_any_call_may_fail(old: Project, tmp_path: Path, calls: Failing, capfd: pytest.CaptureFixture[str]) -> None:
    project = copy_of(old, tmp_path / "whole")
    calls.arm(project.warehouse, -1, 0)
    assert run(project, capfd)[0] == 0
    total = calls.disarm()
    assert total > 30
    chance = random.Random(11)
    everything = [(number, error) for number in range(1, total + 1) for error in ERRORS]
    codes = []
    for number, error in chance.sample(everything, min(often(6), len(everything))):
        project = copy_of(old, tmp_path / "trial")
        calls.arm(project.warehouse, number, error)
        code, told = run(project, capfd)
        calls.disarm()
        check_outcome(project, code, told, (number, os.strerror(error)))
        codes.append(code)
    assert 1 in codes, (total, codes)


@pytest.mark.parametrize("name", ["warehouse.sql", "commits.jsonl", ".checked"])
def test_what_follows_a_commit_may_fail(
    old: Project, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The work is done: exit 0, and one line says what could not be written and that the commit stands."""
    project = copy_of(old, tmp_path / "trial")
    place = {"warehouse.sql": "publish", "commits.jsonl": "add_commit", ".checked": "remember"}[name]

    def fails(*arguments: object) -> None:
        if len(arguments) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(project.warehouse / name))

    monkeypatch.setattr(f"tracker.warehouse.writer.{place}", fails)
    code, told = run(project, capfd)
    monkeypatch.undo()
    assert code == 0
    assert f"{name}: no space left on device; free some space" in told
    assert "the commit stands" in told
    check_outcome(project, code, told, name)


def test_before_the_commit_nothing_is_stored_and_that_is_said(
    old: Project, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copy_of(old, tmp_path / "trial")

    def fails(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "fact.parquet")

    monkeypatch.setattr("tracker.warehouse.writer.write_parquet", fails)
    code, told = run(project, capfd)
    monkeypatch.undo()
    assert code == 1
    assert told == (
        "tracker: fact.parquet: no space left on device; free some space, then run it again; "
        "nothing of this batch is stored, what was stored before stands\n"
    )
    check_outcome(project, code, told, "write")


SYSTEM_CALLS = ("openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "renameat2", "linkat", "link",
                "mkdir", "unlink", "ftruncate", "read", "pread64", "newfstatat", "statx", "lseek", "getdents64")  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("call", SYSTEM_CALLS)
def test_any_system_call_may_fail(old: Project, tmp_path: Path, call: str) -> None:
    """Once the warehouse is opened; of calls that come often, some are tried."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: system calls were not made to fail")
    chance = random.Random(call)
    project = copy_of(old, tmp_path / "whole")
    traced = tmp_path / "calls"
    _traced(project, ["-e", f"trace={call}", "-o", str(traced)])
    numbers = [number for number, line in enumerate(_calls(traced), 1) if str(project.warehouse) in line]
    for number in chance.sample(numbers, min(12, len(numbers))):
        error = chance.choice(ERRORS)
        project = copy_of(old, tmp_path / "trial")
        name = errno.errorcode[error]
        done = _traced(
            project, ["-e", f"trace={call}", "-e", f"inject={call}:error={name}:when={number}", "-o", os.devnull]
        )
        if done.returncode not in {0, 1} or "Fatal Python error" in done.stderr:
            continue  # the interpreter itself could not start
        check_outcome(project, done.returncode, done.stderr, (call, number, name))


def _calls(traced: Path) -> list[str]:
    return [line for line in traced.read_text(errors="replace").splitlines() if re.match(r"(\d+ +)?\w+\(", line)]


def _traced(project: Project, options: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tracker", "-C", str(project.root), "ingest", str(project.seeds)]
    return subprocess.run(
        ["strace", "-f", "-y", "-qq", *options, *command], capture_output=True, text=True, check=False
    )
