"""Work in other processes: results and errors come back, and no process outlives its parent or its use."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support import working
from tracker.errors import LostProcessError
from tracker.warehouse.processes import count_processes, map_in_processes


def test_results_come_in_the_order_of_the_tasks() -> None:
    delays = [0.3, 0.0, 0.1, 0.0]
    assert [*map_in_processes(working.wait, delays, 2)] == delays


def test_what_the_work_prints_is_no_result(capfd: pytest.CaptureFixture[str]) -> None:
    assert [*map_in_processes(working.print_and_return, ["one"], 2)] == ["one"]
    assert capfd.readouterr().out == ""


def test_an_error_of_the_work_is_raised() -> None:
    with pytest.raises(ValueError, match="math domain error"):
        [*map_in_processes(math.sqrt, [4, -1], 2)]


def test_an_error_that_cannot_be_read_is_raised_as_text() -> None:
    with pytest.raises(RuntimeError, match="OddError: quite odd"):
        [*map_in_processes(working.fail_oddly, [1], 2)]


def test_a_process_that_dies_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(LostProcessError, match=r"\(code -9\); set TRACKER_THREADS=1"):
        [*map_in_processes(working.die, [1, 2, 3], 2)]


def test_a_caller_that_stops_early_leaves_no_process() -> None:
    results = map_in_processes(working.wait, [0, 600, 600], 2)
    assert next(results) == 0
    results.close()
    assert not _list_children(os.getpid())


_CALLER = """
from support.working import wait
from tracker.warehouse.processes import map_in_processes
print([*map_in_processes(wait, [{seconds}], 2)])
"""


def _call(folder: Path, seconds: float) -> subprocess.Popen[str]:
    """Start a script that is the caller; it has no guard around what it does."""
    script = folder / "script.py"
    script.write_text(_CALLER.format(seconds=seconds))
    tests = Path(__file__).parents[1]
    path = os.pathsep.join([str(tests), str(tests.parent)])
    return subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": path})


def test_a_script_without_a_guard_can_be_the_caller(tmp_path: Path) -> None:
    with _call(tmp_path, 0.1) as caller:
        assert caller.communicate()[0] == "[0.1]\n"


def test_processes_end_with_their_parent(tmp_path: Path) -> None:
    with _call(tmp_path, 600) as caller:
        children = _wait_for_children(caller.pid)
        caller.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while any(map(_is_alive, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_is_alive, children))


@pytest.mark.parametrize(("threads", "processes"), [("1", 1), ("3", 3), ("64", 8)])
def test_there_are_as_many_processes_as_threads(monkeypatch: pytest.MonkeyPatch, threads: str, processes: int) -> None:
    monkeypatch.setenv("TRACKER_THREADS", threads)
    assert count_processes() == processes


def _wait_for_children(process: int) -> list[int]:
    """Return the children of a process once it has some that do their work."""
    while not (children := _list_children(process)):
        time.sleep(0.05)
    time.sleep(1)
    return children


def _list_children(process: int) -> list[int]:
    found: list[int] = []
    for thread in Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found += map(int, (thread / "children").read_text().split())
    return [child for child in found if b"work_for_parent" in Path(f"/proc/{child}/cmdline").read_bytes()]


def _is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
