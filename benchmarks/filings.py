"""Reading filings beside edgartools: `python benchmarks/filings.py FOLDER PYTHON`.

FOLDER has pairs `x.htm.gz` and `x_htm.xml.gz`; PYTHON is an interpreter with edgartools, which is no dependency of the
project (`python -m venv edgar && edgar/bin/pip install edgartools`). edgartools reads facts from the SEC's extraction
alone, so both read that; beside it stands what we take for the document itself. All seconds are of CPU.

- facts: from the bytes of an instance to its facts, in a process that has read it before. Ours is `read_tagged`, theirs
  `parse_instance` and `get_facts`. Both resolve contexts; ours also reads units, scales and decimals exactly.
- source: our whole reader, which goes on to columns for the warehouse: checks, duplicates, ids, hashes, evidence.
  Theirs is their table of facts (`to_dataframe`), which has none of these.
- process: a program that reads the file once, with the start of Python and the loading of libraries. Their byte code is
  kept for both from a run before.

The two take turns, and the least of all runs counts: what else the machine does can only add to it.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

RUNS = 7
ROOT = Path(__file__).parents[1]
OURS = """
from pathlib import Path
from tracker.model.entity import Entities
from tracker.sources.base import Request
from tracker.sources.sec.filing import FilingSource
from tracker.sources.sec.tagged import read_tagged
def parse(name):
    return read_tagged(Path(name).read_bytes())
def read(name):
    return list(FilingSource().read(Request(Path(name), name, Entities({}))))
def listed(name):
    return [[f.concept, f.context, f.unit, f.value] for f in parse(name).facts]
"""
THEIRS = """
from edgar.xbrl.xbrl import XBRL
def load(name):
    xbrl = XBRL()
    xbrl.parser.parse_instance(name)
    return xbrl
def parse(name):
    return load(name).facts.get_facts()
def read(name):
    return load(name).facts.to_dataframe()
def listed(name):
    facts = [f for f in load(name).parser.facts.values() if f.unit_ref]
    return [[f.element_id.replace("_", ":", 1), f.context_ref, f.unit_ref, f.value or None] for f in facts]
"""
ONCE = "import sys\nread(sys.argv[1])"
TIMED = """
import json, resource, sys, time
from decimal import Decimal
def least(work):
    took = []
    for _ in range(9):  # the first run loads libraries
        began = time.process_time()
        work(sys.argv[1])
        took.append(time.process_time() - began)
    return min(took[1:])
seconds = [least(parse), least(read)]
def spell(value):
    return value if value is None else Decimal(value).normalize()
facts = {f"{one[0]} {one[1]} {spell(one[3])}" for one in listed(sys.argv[1])}
print(json.dumps([*seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, sorted(facts)]))
"""


class Cost(NamedTuple):
    """What reading a file takes in seconds and MB, and the facts that it gives."""

    parse: float
    read: float
    process: float
    memory: float
    facts: frozenset[str]


def run(python: str, code: str, path: Path, cache: Path) -> Cost:
    """Run a reader once alone, and once several times in one process."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    kept["PYTHONPYCACHEPREFIX"] = str(cache)

    def call(script: str) -> str:
        done = subprocess.run(
            [python, "-c", code + script, str(path)], cwd=ROOT, env=kept, check=True, capture_output=True, text=True
        )
        return done.stdout

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    call(ONCE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    parse, read, memory, facts = json.loads(call(TIMED).splitlines()[-1])
    return Cost(parse, read, process, memory, frozenset(facts))


def compare(readers: list[tuple[str, str]], path: Path, cache: Path) -> list[Cost]:
    """Let readers take turns; of each number the least counts. The first turn fills the cache of byte code."""
    turns = [[run(python, code, path, cache) for python, code in readers] for _ in range(RUNS + 1)][1:]
    return [take_least(costs) for costs in zip(*turns, strict=True)]


def take_least(costs: Sequence[Cost]) -> Cost:
    """Take the least of each number."""
    return Cost(
        parse=min(cost.parse for cost in costs),
        read=min(cost.read for cost in costs),
        process=min(cost.process for cost in costs),
        memory=min(cost.memory for cost in costs),
        facts=costs[0].facts,
    )


def line(name: str, ours: Cost, theirs: Cost | None) -> str:
    """One row of the table."""
    pairs = zip(ours[:3], theirs[:3] if theirs else [None] * 3, strict=True)
    cells = [f"{own:6.3f} {other:6.3f} {other / own:4.1f}" if other else f"{own:6.3f} {'':11}" for own, other in pairs]
    alike = str(len(ours.facts & theirs.facts)) if theirs else ""
    memory = f"{ours.memory:5.0f} {theirs.memory:5.0f}" if theirs else f"{ours.memory:5.0f}"
    return f"{name:26} {len(ours.facts):5} {alike:>5}  " + "  ".join([*cells, memory])


def main(folder: Path, python: str) -> None:
    heads = "  ".join(f"{name + ': ours, theirs':>18}" for name in ("facts", "source", "process"))
    print(f"{'file':26} {'facts':>5} {'alike':>5}  {heads}  {'MB':>5}")
    with tempfile.TemporaryDirectory() as place:
        cache = Path(place) / "cache"
        for packed in sorted(folder.glob("*_htm.xml.gz")):
            names = (packed.name.removesuffix(".gz"), packed.name.replace("_htm.xml.gz", ".htm"))
            instance, document = (Path(place) / name for name in names)
            for path in (instance, document):
                path.write_bytes(gzip.decompress((folder / f"{path.name}.gz").read_bytes()))
            ours, theirs = compare([(sys.executable, OURS), (python, THEIRS)], instance, cache)
            print(line(instance.name, ours, theirs))
            (alone,) = compare([(sys.executable, OURS)], document, cache)
            print(line(document.name, alone, None))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
