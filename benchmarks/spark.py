"""What ingestion with derivation costs on Spark with one and two workers, beside one machine.

    PYTHONPATH=tests python benchmarks/spark.py [--companies 50 500] [--facts-per-company 8126]

Writes archives of synthetic companies (those of `benchmarks/market.py`) and stores each three ways: as `tracker ingest`
does on one machine, and on a cluster of this machine with one worker and with two, each of one processor. One machine
gets one processor, too, so that the ratios are those of the work. Each way runs in a process of its own, in turns.
Printed are seconds of the start and of ingestion, and the processor seconds of all processes; the speed-up from one
worker to two; and what a start and a company cost on Spark and on one machine, from two sizes, in seconds of processor.
Times on a busy machine differ from run to run; those of processors differ less. Compare only those of one run.
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
print(json.dumps([*walls, sum_processor_seconds([os.getpid()])]))
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
            *walls, of_driver = run(ON_SPARK, root, archive, cluster.url)
            return [*walls, of_driver + cluster.processor_seconds]


def run(script: str, *arguments: object) -> list[float]:
    """Run a script in a process of its own; it prints its times last."""
    command = [sys.executable, "-W", "ignore", "-c", script, *map(str, arguments)]
    environment = os.environ | {"TRACKER_THREADS": "1"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    times: list[float] = json.loads(done.stdout.splitlines()[-1])
    return times


def describe_costs(place: str, sizes: list[int], costs: list[float]) -> str:
    """Return what the start and each company cost, from the costs of two sizes."""
    company = (costs[-1] - costs[0]) / (sizes[-1] - sizes[0])
    return f"{place}: {costs[0] - company * sizes[0]:.1f} s of processor to start, {company:.2f} s a company"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, nargs="+", default=[50, 500])
    parser.add_argument("--facts-per-company", type=int, default=8126)
    asked = parser.parse_args()
    market = importlib.import_module("market")  # beside this file
    walls: dict[str, list[float]] = {place: [] for place in PLACES}
    costs: dict[str, list[float]] = {place: [] for place in PLACES}
    print(f"{'companies':>10} {'place':<12} {'start':>9} {'ingest':>9} {'processor':>9}   seconds")
    with tempfile.TemporaryDirectory() as folder:
        for companies in asked.companies:
            archive = Path(folder) / f"{companies}.zip"
            market.write_archive(archive, companies, asked.facts_per_company)
            for place, workers in PLACES.items():
                times = measure(archive, workers)
                walls[place].append(times[1])
                costs[place].append(times[2])
                print(f"{companies:>10} {place:<12} " + " ".join(f"{one:9.1f}" for one in times), flush=True)
            ratio = walls["one worker"][-1] / walls["two workers"][-1]
            print(f"{'':>10} ingestion on two workers is {ratio:.2f}x as fast as on one")
    if len(asked.companies) > 1:
        for place in PLACES:
            print(describe_costs(place, asked.companies, costs[place]))


if __name__ == "__main__":
    main()
