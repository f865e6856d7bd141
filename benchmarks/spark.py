"""What ingestion with derivation costs on Spark with one and two workers, beside one machine.

    PYTHONPATH=tests python benchmarks/spark.py [--companies 50 500] [--facts-per-company 8126]

Writes archives of synthetic companies (those of `benchmarks/market.py`) and stores each three ways: as `tracker ingest`
does on one machine with all its processors, and on a cluster of this machine with one worker and with two, each of one
processor. Each way runs in a process of its own, the smaller archive first. Printed are seconds of the start and of
ingestion, the processor seconds of all processes, and the load of the machine; the speed-up from one worker to two;
and from two sizes what a start and a company cost in each place, and where Spark overtakes one machine. The more other
work the machine has, the longer all takes, and not evenly: then compare the seconds of processors.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from support.cluster import run_cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE_MACHINE = """
import json, os, sys, time
started = time.perf_counter()
from pathlib import Path
from support.cluster import sum_processor_seconds
from tracker.pipeline.ingest import ingest
from tracker.pipeline.init import init
from tracker.project import load_project

root, archive = Path(sys.argv[1]), Path(sys.argv[2])
init(root)
project = load_project(root)
times = [time.perf_counter()]
ingest(project, [archive])
times.append(time.perf_counter())
walls = [later - before for before, later in zip([started, *times], times)]
print(json.dumps([*walls, sum_processor_seconds([os.getpid()])]))
"""
ON_SPARK = """
import json, os, sys, time
started = time.perf_counter()
from pathlib import Path
from support.cluster import open_session, sum_processor_seconds
from tracker.pipeline.init import init
from tracker.project import load_project
from tracker.spark import ingest

root, archive = Path(sys.argv[1]), Path(sys.argv[2])
init(root)
project = load_project(root)
session = open_session(sys.argv[3])
session.range(1).count()
times = [time.perf_counter()]
ingest(session, project, archive)
times.append(time.perf_counter())
walls = [later - before for before, later in zip([started, *times], times)]
workers = [int(worker) for worker in sys.argv[4:]]  # with their executors, whose time is lost once they have ended
print(json.dumps([*walls, sum_processor_seconds([os.getpid(), *workers])]))
session.stop()
"""
PLACES = {"one machine": 0, "one worker": 1, "two workers": 2}


def measure(archive: Path, workers: int) -> list[float]:
    """Return the seconds of the start and of ingestion, and those of processors."""
    with tempfile.TemporaryDirectory() as name:
        root, folder = Path(name) / "project", Path(name) / "cluster"
        folder.mkdir()
        if not workers:
            return run(ONE_MACHINE, root, archive)
        with run_cluster(folder, workers) as cluster:
            return run(ON_SPARK, root, archive, cluster.url, *(worker.pid for worker in cluster.workers))


def run(script: str, *arguments: object) -> list[float]:
    """Run a script in a process of its own; it prints its times last."""
    command = [sys.executable, "-W", "ignore", "-c", script, *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if name != "TRACKER_THREADS"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    times: list[float] = json.loads(done.stdout.splitlines()[-1])
    return times


@dataclass(frozen=True)
class Line:
    """A straight line through the costs of two sizes: what a start costs, and each company."""

    start: float
    company: float

    @classmethod
    def through(cls, sizes: list[int], costs: list[float]) -> Line:
        """Draw the line through the smallest and the largest size."""
        company = (costs[-1] - costs[0]) / (sizes[-1] - sizes[0])
        return cls(costs[0] - company * sizes[0], company)

    def describe_crossing(self, other: Line) -> str:
        """Return from how many companies on this line is below the other one."""
        if self.company >= other.company:
            return "never"
        return f"from {max(0, (self.start - other.start) / (other.company - self.company)):.0f} companies on"


def describe_lines(sizes: list[int], walls: dict[str, list[float]], costs: dict[str, list[float]]) -> Iterator[str]:
    """Return what a start and a company cost in each place, and where Spark overtakes one machine."""
    lines = {place: Line.through(sizes, walls[place]) for place in PLACES}
    for place, line in lines.items():
        used = Line.through(sizes, costs[place])
        yield (
            f"{place}: {line.start:.1f} s to start and {line.company:.2f} s a company; "
            f"of processors {used.start:.1f} s and {used.company:.2f} s"
        )
    for place in [*PLACES][1:]:
        yield f"{place} against one machine: faster {lines[place].describe_crossing(lines['one machine'])}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, nargs="+", default=[50, 500])
    parser.add_argument("--facts-per-company", type=int, default=8126)
    asked = parser.parse_args()
    market = importlib.import_module("market")  # beside this file
    walls: dict[str, list[float]] = {place: [] for place in PLACES}
    costs: dict[str, list[float]] = {place: [] for place in PLACES}
    print(f"{'companies':>10} {'place':<12} {'start':>9} {'ingest':>9} {'processor':>9} {'load':>6}   seconds")
    with tempfile.TemporaryDirectory() as folder:
        for companies in asked.companies:
            archive = Path(folder) / f"{companies}.zip"
            market.write_archive(archive, companies, asked.facts_per_company)
            for place, workers in PLACES.items():
                start, ingestion, processor = measure(archive, workers)
                walls[place].append(start + ingestion)
                costs[place].append(processor)
                cells = f"{start:9.1f} {ingestion:9.1f} {processor:9.1f} {os.getloadavg()[1]:6.1f}"
                print(f"{companies:>10} {place:<12} {cells}", flush=True)
            ratio = walls["one worker"][-1] / walls["two workers"][-1]
            print(f"{'':>10} two workers are {ratio:.2f}x as fast as one, with the start", flush=True)
    if len(asked.companies) > 1:
        for line in describe_lines(asked.companies, walls, costs):
            print(line)


if __name__ == "__main__":
    main()
