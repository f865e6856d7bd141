"""What ingestion and derivation cost on Spark with one and two workers, beside one machine.

    PYTHONPATH=tests python benchmarks/spark.py [--companies 50 500] [--facts-per-company 8126]

Writes archives of synthetic companies (those of `benchmarks/market.py`) and stores each three ways: with the commands
of one machine, and on a cluster of this machine with one worker and with two, each of one processor. One machine gets
one processor, too, so that the ratios are those of the work. Each way runs in a process of its own, in turns. Printed
are seconds of the start, of `ingest` and of `derive --all`; the speed-up from one worker to two; and the number of
companies at which two workers take as long as one machine, from the costs of two sizes. Times on a busy machine differ
from run to run; compare only those of one run.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from support.cluster import run_cluster

ONE_MACHINE = """
import sys, time, json
started = time.perf_counter()
from pathlib import Path
from tracker.pipeline.ingest import ingest
from tracker.pipeline.init import init
from tracker.pipeline.upkeep import derive
from tracker.project import load_project

root, archive = Path(sys.argv[1]), Path(sys.argv[2])
init(root)
project = load_project(root)
times = [time.perf_counter()]
ingest(project, [archive])
times.append(time.perf_counter())
derive(project.warehouse, lambda _: None, is_all=True)
times.append(time.perf_counter())
print(json.dumps([later - before for before, later in zip([started, *times], times)]))
"""
ON_SPARK = """
import sys, time, json
started = time.perf_counter()
from pathlib import Path
from support.cluster import open_session
from tracker.pipeline.init import init
from tracker.project import load_project
from tracker.spark import derive, ingest

root, archive = Path(sys.argv[1]), Path(sys.argv[2])
init(root)
project = load_project(root)
session = open_session(sys.argv[3])
session.range(1).count()
times = [time.perf_counter()]
ingest(session, project, archive)
times.append(time.perf_counter())
derive(session, project.warehouse, is_all=True)
times.append(time.perf_counter())
print(json.dumps([later - before for before, later in zip([started, *times], times)]))
session.stop()
"""
PLACES = {"one machine": 0, "one worker": 1, "two workers": 2}


def measure(archive: Path, workers: int) -> list[float]:
    """Return the seconds of the start, of ingestion and of derivation."""
    with tempfile.TemporaryDirectory() as name:
        root, folder = Path(name) / "project", Path(name) / "cluster"
        folder.mkdir()
        if not workers:
            return run(ONE_MACHINE, root, archive)
        with run_cluster(folder, workers) as cluster:
            return run(ON_SPARK, root, archive, cluster.url)


def run(script: str, *arguments: object) -> list[float]:
    """Run a script in a process of its own; it prints its times last."""
    command = [sys.executable, "-W", "ignore", "-c", script, *map(str, arguments)]
    done = subprocess.run(
        command,
        env=os.environ | {"TRACKER_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    times: list[float] = json.loads(done.stdout.splitlines()[-1])
    return times


def find_crossover(sizes: list[int], ours: list[float], theirs: list[float]) -> str:
    """Return the number of companies at which two straight lines of costs cross."""
    slopes = [(cost[-1] - cost[0]) / (sizes[-1] - sizes[0]) for cost in (ours, theirs)]
    if slopes[0] <= slopes[1]:
        return "never: a company costs more on two workers"
    return f"{sizes[0] + (theirs[0] - ours[0]) / (slopes[0] - slopes[1]):,.0f} companies"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, nargs="+", default=[50, 500])
    parser.add_argument("--facts-per-company", type=int, default=8126)
    asked = parser.parse_args()
    market = importlib.import_module("market")  # beside this file
    totals: dict[str, list[float]] = {place: [] for place in PLACES}
    print(f"{'companies':>10} {'place':<12} {'start':>8} {'ingest':>8} {'derive':>8}   seconds")
    with tempfile.TemporaryDirectory() as folder:
        for companies in asked.companies:
            archive = Path(folder) / f"{companies}.zip"
            market.write_archive(archive, companies, asked.facts_per_company)
            for place, workers in PLACES.items():
                times = measure(archive, workers)
                totals[place].append(sum(times))
                print(f"{companies:>10} {place:<12} " + " ".join(f"{one:8.1f}" for one in times), flush=True)
            print(
                f"{'':>10} two workers are {totals['one worker'][-1] / totals['two workers'][-1]:.2f}x as fast as one"
            )
    if len(asked.companies) > 1:
        print("crossover:", find_crossover(asked.companies, totals["one machine"], totals["two workers"]))


if __name__ == "__main__":
    main()
