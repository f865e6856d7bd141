"""A machine that fails: every call to the system may end in an error, or be the last one the program makes.

The program runs in a process of its own, and `strace` makes one of its calls fail, or kills it there. Where `strace`
is missing the tests are left out. The short form tries a few calls of each command, the long one some thousand.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.project import fact_line, often, small_project, write_facts
from support.running import processes, run_command
from tracker.pipeline.build import build
from tracker.pipeline.ingest import ingest
from tracker.project import Project, load_project
from tracker.warehouse.integrity import verify
from tracker.warehouse.reader import Warehouse

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not here")

#: The calls by which a program makes, fills, flushes, names and locks files.
CALLS = (
    "openat,write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,ftruncate,"
    "flock,copy_file_range,sendfile"
)
#: How many calls of each command are tried.
TIMES = often(1, long=100)
ERRORS = ("ENOSPC", "EIO", "EACCES", "EROFS", "EMFILE")
REPORT = 'kind = "growth"\nentity = "acme"\nmetrics = ["revenue"]\nformats = ["html", "json"]\n'
JOB = '\n[schedule.daily]\ncron = "5 7 * * *"\ningest = ["seeds"]\nchecks = []\nreports = ["acme"]\n'
COMMANDS = {
    "ingest": ("ingest", "{folder}/seeds"),
    "build": ("build",),
    "report": ("report",),
    "schedule run": ("schedule", "run"),
}


def revenues(years: int) -> list[str]:
    """The revenue of a company, quarter by quarter, in so many years."""
    quarters = [f"{2023 - back}Q{number}" for back in range(years) for number in (1, 2, 3, 4)]
    return [fact_line("Revenues", quarter, str(100 + at)) for at, quarter in enumerate(quarters)]


def prepare(folder: Path) -> Project:
    """A project with three years stored and drawn, two more in its seeds, a report and a job."""
    project = small_project(folder)
    with (folder / "tracker.toml").open("a") as settings:
        settings.write(JOB)
    (folder / "reports" / "acme.toml").write_text(REPORT)
    write_facts(project, *revenues(3))
    build(load_project(folder))
    write_facts(project, *revenues(5))
    return project


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("machine") / "project"
    folder.mkdir()
    prepare(folder)
    return folder


@dataclass(frozen=True)
class Outcome:
    """What became of a command: its exit code, what it said, and the calls that were traced."""

    code: int | None
    said: str
    calls: str


def run_traced(folder: Path, command: tuple[str, ...], *inject: str) -> Outcome:
    """Run a command with `strace` at it from its first call on."""
    gate, log, told = folder.parent / "gate", folder.parent / "calls", folder.parent / "told"
    gate.unlink(missing_ok=True)
    os.mkfifo(gate)
    told.write_text("")
    child = processes().Process(
        target=run_command, args=(gate, ["-C", str(folder), *(word.format(folder=folder) for word in command)], told)
    )
    child.start()
    options = ["-f", "-qq", "-o", str(log), "-e", f"trace={CALLS}", *inject, "-p", str(child.pid)]
    tracer = subprocess.Popen(["strace", *options], stderr=subprocess.DEVNULL)
    wait_until_traced(child.pid)
    gate.write_text("go")
    child.join()
    tracer.wait()
    return Outcome(child.exitcode, told.read_text("utf-8", "replace"), log.read_text("utf-8", "replace"))


def wait_until_traced(process: int | None) -> None:
    """Wait until somebody traces a process."""
    status = Path(f"/proc/{process}/status")
    while "\nTracerPid:\t0\n" in status.read_text():
        pass


def state_of(folder: Path) -> int:
    """How many statements are stored, each once."""
    with Warehouse(load_project(folder).warehouse) as warehouse:
        ((count, distinct),) = warehouse.sql("select count(*), count(distinct fact_id) from fact").fetchall()
    assert count == distinct
    return int(count)


def numbered(calls: str) -> list[tuple[str, int]]:
    """Each call that touches a file of the project or a stream, with its place among those of its kind and thread."""
    counts: Counter[tuple[str, str]] = Counter()
    found = []
    for line in calls.splitlines():
        entry = re.match(r"(\d+) +(\w+)\(", line)
        if entry:
            counts[entry[1], entry[2]] += 1
            found.append((entry[2], counts[entry[1], entry[2]]))
    return sorted(set(found))


def note(text: str) -> None:
    """Keep a count of the long form where `TRACKER_NOTES` names a file."""
    if place := os.environ.get("TRACKER_NOTES"):
        with Path(place).open("a") as notes:
            notes.write(text + "\n")


def copy(before: Path, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(before, folder, symlinks=True)
    return folder


def assert_sound(folder: Path, was: int, then: int) -> int:
    """Check that a project holds the old state or the new one, whole, and that the next build ends well."""
    count = state_of(folder)
    assert count in {was, then}
    project = load_project(folder)
    ingest(project, [project.seeds])
    assert state_of(folder) == 20
    assert verify(project.warehouse).damages == []
    return count


@pytest.mark.parametrize("name", COMMANDS)
def test_a_call_that_fails_ends_in_one_line_and_loses_nothing(before: Path, tmp_path: Path, name: str) -> None:
    command, chance = COMMANDS[name], random.Random(name)
    whole = run_traced(copy(before, tmp_path / "p"), command)
    assert whole.code == 0, whole.said
    was, then = state_of(before), state_of(tmp_path / "p")
    places = [(call, at, error) for call, at in numbered(whole.calls) for error in ERRORS]
    failed = 0
    for call, at, error in chance.sample(places, min(len(places), TIMES)):
        folder = copy(before, tmp_path / "p")
        done = run_traced(folder, command, "-e", f"inject={call}:error={error}:when={at}")
        place = f"{call} {at} {error}: {done.code} {done.said[-1500:]}"
        assert "Traceback" not in done.said, place
        assert done.code in {0, 1, 3, 75} or "duckdb::InternalException" in done.said, place  # the engine's own end
        failed += done.code != 0
        if assert_sound(folder, was, then if name != "report" else was) == was != then:
            assert done.code != 0, place
    note(f"{name}: {len(places)} places, {failed} of the calls tried ended in an error")


@pytest.mark.parametrize("name", ["ingest", "build"])
def test_a_kill_at_any_call_leaves_all_or_nothing(before: Path, tmp_path: Path, name: str) -> None:
    command, chance = COMMANDS[name], random.Random(name)
    whole = run_traced(copy(before, tmp_path / "p"), command)
    was, then = state_of(before), state_of(tmp_path / "p")
    states: Counter[int] = Counter()
    places = numbered(whole.calls)
    for _ in range(TIMES):
        call, at = chance.choice(places)
        folder = copy(before, tmp_path / "p")
        run_traced(folder, command, "-e", f"inject={call}:signal=KILL:when={at}")
        states[assert_sound(folder, was, then)] += 1
    note(f"{name}: {len(places)} places, statements stored after a kill: {dict(states)}")
