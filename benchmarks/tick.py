"""What an idle tick costs beside starting Python with the two libraries it needs: `python benchmarks/tick.py [RUNS]`.

Both are started by turns in a fresh process, bytecode compiled; the ratio of the medians counts, for clocks differ.
CPU seconds are shown beside it: on a busy machine they are the steadier measure.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RAW = [sys.executable, "-c", "import click, cronsim"]
SETTINGS = (
    '[schedule.morning]\ncron = "5 7 * * 1-5"\ntimezone = "America/New_York"\ningest = []\nchecks = []\nreports = []\n'
)


def cost(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds by the clock and of CPU that a command takes."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(runs: int) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment["TRACKER_NOW"] = "2024-08-05T12:00:00Z"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "tracker.toml").write_text(SETTINGS)
        tick = [str(Path(sys.executable).parent / "tracker"), "--project", folder, "schedule", "run"]
        for command in (tick, tick, RAW):  # the first is no idle one; all bytecode is there after them
            cost(command, environment)
        pairs = [(cost(RAW, environment), cost(tick, environment)) for _ in range(runs)]
    for number, name in enumerate(("clock", "CPU")):
        raw, ours = (statistics.median(pair[side][number] for pair in pairs) for side in (0, 1))
        print(f"{name:6} raw {raw * 1000:5.0f} ms  tick {ours * 1000:5.0f} ms   {ours / raw:.2f} of raw (at most 1.5)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
