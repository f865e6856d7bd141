"""Reading filings beside edgartools: `python benchmarks/filings.py FOLDER PYTHON`.

FOLDER has pairs `x.htm.gz` and `x_htm.xml.gz`; PYTHON is an interpreter with edgartools, which is no dependency of the
project (`python -m venv edgar && edgar/bin/pip install edgartools`). edgartools reads facts from the SEC's extraction
alone, so both read that; beside it stands what we take for the document itself. Each run is a process of its own: the
seconds are of CPU for a file read the second time, so without loading libraries; "start" is the whole process, which
begins with that; the memory is the most the process had.
"""

from __future__ import annotations

import gzip
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

RUNS = 5
ROOT = Path(__file__).parents[1]
OURS = """
import json, resource, sys, time
from pathlib import Path
from tracker.model.entity import Entities
from tracker.sources.base import Request
from tracker.sources.sec.filing import FilingSource
from tracker.sources.sec.tagged import read_tagged
path = Path(sys.argv[1])
for _ in range(2):  # the first run loads libraries
    began = time.process_time()
    (batch,) = FilingSource().read(Request(path, path.name, Entities({})))
seconds = time.process_time() - began
filed = read_tagged(path.read_bytes())
facts = [[f.concept, f.context, f.unit, None if f.value is None else str(f.value.normalize())] for f in filed.facts]
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, sorted(map(str, facts))]))
"""
THEIRS = """
import json, resource, sys, time
from decimal import Decimal
from edgar.xbrl.xbrl import XBRL
for _ in range(2):
    began = time.process_time()
    xbrl = XBRL()
    xbrl.parser.parse_instance(sys.argv[1])
    frame = xbrl.facts.to_dataframe()
seconds = time.process_time() - began
facts = [
    [f.element_id.replace("_", ":", 1), f.context_ref, f.unit_ref,
     str(Decimal(f.value).normalize()) if f.value else None]
    for f in xbrl.parser.facts.values() if f.unit_ref
]
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, sorted(map(str, facts))]))
"""


class Cost(NamedTuple):
    """What reading a file takes, and what it gives."""

    seconds: float
    memory: float
    whole: float
    facts: list[str]


def run(python: str, code: str, path: Path) -> Cost:
    """The median of the CPU seconds, the memory in MB and the seconds of the whole process; and the facts."""
    results = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([python, "-c", code, str(path)], cwd=ROOT, check=True, capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        whole = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        results.append((*json.loads(done.stdout.splitlines()[-1]), whole))
    seconds, memory, whole = (statistics.median(one[place] for one in results) for place in (0, 1, 3))
    return Cost(seconds, memory, whole, results[0][2])


def count_alike(ours: list[str], theirs: list[str]) -> int:
    """How many different facts of the one the other has, too; ids of units are left out."""

    def key(fact: str) -> str:
        concept, context, _, value = fact.strip("[]").split(", ")
        return f"{concept} {context} {value}"

    return len(set(map(key, ours)) & set(map(key, theirs)))


def line(name: str, alike: str, ours: Cost, theirs: Cost | None) -> str:
    """One row of the table."""
    both = [(ours.seconds, theirs and theirs.seconds), (ours.whole, theirs and theirs.whole)]
    cells = [f"{own:7.3f} {other:7.3f} {other / own:5.1f}" if other else f"{own:7.3f} {'':13}" for own, other in both]
    memory = f"{ours.memory:7.0f} {theirs.memory:7.0f}" if theirs else f"{ours.memory:7.0f}"
    return f"{name:28} {len(set(ours.facts)):6} {alike:>6} {cells[0]} {cells[1]} {memory}"


def main(folder: Path, python: str) -> None:
    print(f"{'file':28} {'facts':>6} {'alike':>6} {'read s: ours, theirs':>21} {'start s: ours, theirs':>21} {'MB':>7}")
    with tempfile.TemporaryDirectory() as place:
        for packed in sorted(folder.glob("*_htm.xml.gz")):
            names = (packed.name.removesuffix(".gz"), packed.name.replace("_htm.xml.gz", ".htm"))
            instance, document = (Path(place) / name for name in names)
            for path in (instance, document):
                path.write_bytes(gzip.decompress((folder / f"{path.name}.gz").read_bytes()))
            ours, theirs = run(sys.executable, OURS, instance), run(python, THEIRS, instance)
            print(line(instance.name, str(count_alike(ours.facts, theirs.facts)), ours, theirs))
            print(line(document.name, "", run(sys.executable, OURS, document), None))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
