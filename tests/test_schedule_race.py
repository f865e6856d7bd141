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
from tracker.schedule import Ledger, slots_after
from tracker.settings import read_jobs, read_settings

if TYPE_CHECKING:
    from pathlib import Path

#: Forks ticks on one slot after the other, kills some of them, and lets one in peace now and then. The work of a slot
#: is a line in a file, written in two halves with a pause, so that a kill can fall between work and ledger.
DRIVER = """
import os, random, signal, sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tracker.schedule import Drawn, Read, Steps, tick
from tracker.settings import read_jobs, read_settings

root, slots, ticks, seed, jumps = Path(sys.argv[1]), *map(int, sys.argv[2:6])
jobs = read_jobs(read_settings(root))
chance = random.Random(seed)


def read(job):
    with (root / "work").open("a") as file:
        file.write(f"{os.getpid()} {job.name}\\n")
    time.sleep(random.random() * 0.004)
    return Read(1, ())


steps = Steps(read, lambda *_: (), lambda *_: Drawn({"page": "0" * 64}, {}), lambda: 1, lambda _: (), lambda *_: ())


def forked(now):
    child = os.fork()
    if child:
        return child
    try:
        random.seed()
        tick(jobs, root / "warehouse", lambda: now, lambda: steps, lambda _: None)
    finally:
        os._exit(0)


killed = 0
for number in range(slots):
    now = datetime(2024, 1, 1, 0, 5, tzinfo=UTC) + timedelta(hours=number, seconds=chance.randrange(600))
    if jumps and chance.random() < 0.2:
        now += timedelta(minutes=chance.randrange(-600, 600))
    children = [forked(now) for _ in range(ticks)]
    for child in children:
        if chance.random() < 0.4:
            time.sleep(chance.random() * 0.004)
            os.kill(child, signal.SIGKILL)
            killed += 1
    for child in children:
        os.waitpid(child, 0)
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
        runs = ledger.runs(job.name)
        end = max(datetime(2024, 1, 1, 0, 30, tzinfo=UTC) + timedelta(hours=slots), runs[-1].slot)
        due = []
        for slot in slots_after(job.cron, job.zone, runs[0].slot - timedelta(seconds=1)):
            if slot > end:
                break
            due.append(slot)
        assert [run.slot for run in runs] == due
    return Counter(run.status for run in ledger.runs())


@pytest.mark.parametrize("ticks", [2, 8])
def test_ticks_at_once_and_killed(tmp_path: Path, ticks: int) -> None:
    killed = storm(tmp_path, 100, ticks, seed=ticks, jumps=False)
    ended = hold(tmp_path, 100)
    assert killed > 20
    assert ended["ok"] + ended["unchanged"] > 80
    assert len((tmp_path / "work").read_text().splitlines()) >= ended["ok"]


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
    calm = DRIVER.replace("< 0.4", "< 0.0").replace("< 0.7", "< 2")
    subprocess.run([sys.executable, "-c", calm, str(tmp_path), "30", "8", "1", "0"], check=True, capture_output=True)
    worked = Counter(line.split()[1] for line in (tmp_path / "work").read_text().splitlines())
    ended = hold(tmp_path, 30)
    assert set(ended) == {"ok"}
    assert worked == Counter(run.job for run in Ledger(tmp_path / "warehouse").runs())


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
    assert [(run.job, run.status) for run in Ledger(tmp_path / "warehouse").runs()] == [("quick", "ok")]
    assert all(not err or "another tick is at it" in err for _, err in answers)


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
