"""Ticks as real processes: at once, killed at any moment, under a clock that jumps; each slot once, none lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tracker.schedule import Ledger, list_slots_after
from tracker.settings import read_jobs, read_settings

if TYPE_CHECKING:
    from pathlib import Path

#: Forks ticks on one slot after the other, kills some of them, and lets one in peace now and then. Some are killed from
#: outside at any moment of the milliseconds a tick takes, some kill themselves at one of the calls they make, so that
#: each place between lock and ledger comes up, and some die in the middle of a line. The work of a slot is a line in a
#: file; where it is done on a job that another is at, the two would be seen at once.
DRIVER = """
import fcntl, os, random, signal, sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tracker.files import hash_chain
from tracker.schedule import DrawOutcome, ReadOutcome, Steps, job_run, job_turn, tick
from tracker.settings import read_jobs, read_settings

root, slots, ticks, seed, jumps = Path(sys.argv[1]), *map(int, sys.argv[2:6])
jobs = read_jobs(read_settings(root))
chance = random.Random(seed)
PLACES = {str(Path(job_run.__file__).with_name(name)) for name in ("run.py", "locks.py", "job_turn.py", "job_run.py")}


def read(job):
    with (root / job.name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises where another is at it
        with (root / "work").open("a") as done:
            done.write(f"{os.getpid()} {job.name}\\n")
        time.sleep(random.random() * 0.004)
    return ReadOutcome(1, ())


steps = Steps(read, lambda *_: (), lambda *_: DrawOutcome({"page": "0" * 64}, {}, {}), lambda: 1, lambda _: (), lambda *_: ())


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(number):
    def count(frame, event, _):
        nonlocal number
        if frame.f_code.co_filename in PLACES or frame.f_code.co_name in {"append", "add_lines", "_write_all", "sync"}:
            number -= 1
            if number < 0:
                die()
    sys.setprofile(count)


def die_in_a_line(handle, text):
    os.write(handle, text[: random.randrange(len(text))])
    die()


def forked(now, doom=None):
    child = os.fork()
    if child:
        return child
    try:
        random.seed()
        if doom == "call":
            die_at(random.randrange(150))
        elif doom == "line":
            hash_chain._write_all = die_in_a_line
        tick(jobs, root / "warehouse", lambda: now, lambda: steps, lambda _: None)
    finally:
        os._exit(0)


killed = 0
for number in range(slots):
    now = datetime(2024, 1, 1, 0, 5, tzinfo=UTC) + timedelta(hours=number, seconds=chance.randrange(600))
    if jumps and chance.random() < 0.2:
        now += timedelta(minutes=chance.randrange(-600, 600))
    dooms = [chance.choice(["outside", "call", "call", "line"]) if chance.random() < 0.5 else None for _ in range(ticks)]
    children = [forked(now, doom) for doom in dooms]
    for child, doom in zip(children, dooms):
        if doom == "outside":
            time.sleep(chance.random() * 0.02)
            os.kill(child, signal.SIGKILL)
    killed += sum(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL for child in children)
    if chance.random() < 0.7:
        os.waitpid(forked(now), 0)
end = datetime(2024, 1, 1, 0, 30, tzinfo=UTC) + timedelta(hours=slots)
for _ in range(4):  # whatever was cut short
    os.waitpid(forked(end), 0)
print(killed)
"""

SETTINGS = """
[schedule.hourly]
cron = "5 * * * *"
catch_up = "3 days"

[schedule.other]
cron = "5 */3 * * *"
timezone = "America/New_York"
"""


def storm(folder: Path, slots: int, ticks: int, seed: int, *, jumps: bool) -> int:
    (folder / "tracker.toml").write_text(SETTINGS)
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, *map(str, (folder, slots, ticks, seed, int(jumps)))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return int(done.stdout)


def hold(folder: Path, slots: int) -> Counter[str]:
    """Every slot from the first one seen to the end stands once, in order, on a whole line; how they ended."""
    ledger = Ledger(folder / "warehouse")
    lines = ledger.path.read_text().splitlines()
    assert all(json.loads(line) for line in lines)
    for job in read_jobs(read_settings(folder)):
        runs = ledger.read_runs(job.name)
        end = max(datetime(2024, 1, 1, 0, 30, tzinfo=UTC) + timedelta(hours=slots), runs[-1].slot)
        due = []
        for slot in list_slots_after(job.cron, job.zone, runs[0].slot - timedelta(seconds=1)):
            if slot > end:
                break
            due.append(slot)
        assert [run.slot for run in runs] == due
        assert {run.reason[:9] for run in runs if run.status == "failed"} <= {"cut short"}, (
            "two were at one job at once"
        )
    return Counter(run.status for run in ledger.read_runs())


@pytest.mark.parametrize(("ticks", "slots"), [(2, 100), (8, 50)])
def test_ticks_at_once_and_killed(tmp_path: Path, ticks: int, slots: int) -> None:
    killed = storm(tmp_path, slots, ticks, seed=ticks, jumps=False)
    ended = hold(tmp_path, slots)
    assert killed > 20
    assert ended["ok"] + ended["unchanged"] > slots * 0.8
    assert len((tmp_path / "work").read_text().splitlines()) > ended["ok"], "some were killed after their work"
    assert any(run.attempt > 1 for run in Ledger(tmp_path / "warehouse").read_runs())


def test_ticks_under_a_clock_that_jumps(tmp_path: Path) -> None:
    storm(tmp_path, 60, 3, seed=5, jumps=True)
    hold(tmp_path, 60)


@pytest.mark.long
@pytest.mark.parametrize(("ticks", "jumps"), [(2, False), (8, False), (2, True), (8, True)])
def test_a_thousand_slots(tmp_path: Path, ticks: int, *, jumps: bool) -> None:
    storm(tmp_path, 1000, ticks, seed=ticks, jumps=jumps)
    hold(tmp_path, 1000)


def test_without_kills_each_slot_is_worked_once(tmp_path: Path) -> None:
    """The guard of the guard: eight ticks at once, nobody killed, and the work itself is done once a slot."""
    (tmp_path / "tracker.toml").write_text(SETTINGS)
    calm = DRIVER.replace("< 0.5", "< 0.0").replace("< 0.7", "< 2")
    subprocess.run([sys.executable, "-c", calm, str(tmp_path), "30", "8", "1", "0"], check=True, capture_output=True)
    worked = Counter(line.split()[1] for line in (tmp_path / "work").read_text().splitlines())
    ended = hold(tmp_path, 30)
    assert set(ended) == {"ok"}
    assert worked == Counter(run.job for run in Ledger(tmp_path / "warehouse").read_runs())


# -- the command itself ------------------------------------------------------------------------------


def test_eight_commands_at_once(tmp_path: Path) -> None:
    (tmp_path / "tracker.toml").write_text(
        '[schedule.quick]\ncron = "5 7 * * *"\ningest = []\nchecks = []\nreports = []\n'
    )
    environment = os.environ | {"TRACKER_NOW": "2024-08-05T07:06:00Z"}
    call = [sys.executable, "-m", "tracker", "-C", str(tmp_path), "schedule", "run"]
    ticks = [
        subprocess.Popen(call, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    answers = [process.communicate() for process in ticks]
    assert [process.returncode for process in ticks] == [0] * 8
    assert len([out for out, _ in answers if out]) == 1
    assert [(run.job, run.status) for run in Ledger(tmp_path / "warehouse").read_runs()] == [("quick", "ok")]
    assert all(not err or "another tick is running it" in err for _, err in answers)


def test_an_idle_tick_loads_no_engine(tmp_path: Path) -> None:
    (tmp_path / "tracker.toml").write_text(
        '[schedule.quick]\ncron = "5 7 * * *"\ningest = []\nchecks = []\nreports = []\n'
    )
    environment = os.environ | {"TRACKER_NOW": "2024-08-05T07:06:00Z"}
    script = (
        "import sys\nfrom tracker import cli\n"
        f"try:\n    cli.main(['--project', {str(tmp_path)!r}, 'schedule', 'run'])\n"
        "except SystemExit as leaving:\n    assert not leaving.code\n"
        "print('\\n' + ' '.join(sys.modules))"
    )
    loaded = [
        set(
            subprocess.run(
                [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
            ).stdout.splitlines()[-1].split()
        )
        for _ in range(2)
    ]  # fmt: skip
    heavy = {"duckdb", "pandas", "pyarrow", "altair", "deltalake", "numpy"}
    assert "duckdb" in loaded[0]
    assert not loaded[1] & heavy
    assert not loaded[1] & {"dataclasses", "tracker.project", "tracker.schedule.ledger", "tracker.cli.make"}
