"""A Spark cluster of processes on this machine: a master and workers, each its own process, as the wheel brings them."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.find_spark_home import _find_spark_home

from support.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyspark.sql import SparkSession

__all__ = ["Cluster", "open_session", "run_cluster", "sum_processor_seconds"]

#: A start is most of the work of a small job: these compile little, and need one thread to collect.
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
#: What small jobs on a busy machine need: no pages, few partitions, no code that is compiled for each question.
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": _JAVA,
    "spark.executor.memory": "512m",
    "spark.executor.extraJavaOptions": _JAVA,
    "spark.executor.cores": "1",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.executorEnv.PYTHONPATH": str(ROOT),
    "spark.executorEnv.TRACKER_THREADS": "1",
}
_PATIENCE = 60


@dataclass
class Cluster:
    """A running cluster: its address, and the processes of its workers."""

    folder: Path
    url: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add_worker(self) -> None:
        """Start a worker with one processor, and wait until the master knows it."""
        place = self.folder / f"worker-{len(self.workers)}"
        arguments = ["--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", place]
        log = self.folder / f"{place.name}.log"
        self.workers.append(_start("worker.Worker", [*map(str, arguments), self.url], log))
        _wait_for(log, "Successfully registered with master")

    def kill_worker(self) -> None:
        """Kill the newest worker with all that it runs, without warning."""
        os.killpg(self.workers[-1].pid, signal.SIGKILL)
        self.workers[-1].wait()


@contextlib.contextmanager
def run_cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """Run a cluster until the end of the block."""
    log = folder / "master.log"
    arguments = ["--host", "127.0.0.1", "--port", str(_find_port()), "--webui-port", "0"]
    master = _start("master.Master", arguments, log)
    cluster = Cluster(folder, "")
    try:
        cluster.url = _wait_for(log, r"Starting Spark master at (spark://\S+)")
        for _ in range(workers):
            cluster.add_worker()
        yield cluster
    finally:
        for process in (*cluster.workers, master):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def open_session(url: str, processors: int = 2) -> SparkSession:
    """Open a session on a cluster with an executor for each processor."""
    from pyspark.sql import SparkSession  # loads pandas, which only the tests on a cluster need

    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    builder = SparkSession.builder.master(url).appName("tracker")
    for name, value in {**_SETTINGS, "spark.cores.max": str(processors)}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session


def sum_processor_seconds(processes: Iterable[int]) -> float:
    """Return the processor time that these processes and all below them have used, with that of their dead children."""
    below: defaultdict[int, list[int]] = defaultdict(list)
    ticks = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended
            values = file.read_text("utf-8").rpartition(")")[2].split()
            below[int(values[1])].append(int(file.parent.name))
            ticks[int(file.parent.name)] = sum(map(int, values[11:15]))
    waiting, total = [*processes], 0
    while waiting:
        process = waiting.pop()
        total += ticks.get(process, 0)
        waiting += below[process]
    return total / os.sysconf("SC_CLK_TCK")


def _find_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _start(name: str, arguments: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a part of the cluster in a process group of its own."""
    home = _find_spark_home()
    (core,) = Path(home, "jars").glob("spark-core_*.jar")
    scala = core.name.removeprefix("spark-core_").partition("-")[0]
    environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_HOME": home, "SPARK_SCALA_VERSION": scala}
    # What the script `spark-class` would start, which starts a Java of its own to find that out.
    java = ["java", *_JAVA.split(), "-Xmx256m", "-cp", f"{home}/conf:{home}/jars/*"]
    command = [*java, f"org.apache.spark.deploy.{name}", *arguments]
    with log.open("wb") as output:
        return subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)


def _wait_for(log: Path, pattern: str) -> str:
    """Wait until a log has a line like this; return the group of the pattern, or what it matched."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if found := re.search(pattern, log.read_text("utf-8", errors="replace")):
            return found[found.re.groups and 1]
        time.sleep(0.05)
    raise TimeoutError(f"{log} does not say {pattern!r}")
