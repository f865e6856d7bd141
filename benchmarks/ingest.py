"""Facts a second and peak memory of reading company facts into Parquet, against DuckDB's read_json on the same files.

    python benchmarks/ingest.py [COMPANIES]

Writes COMPANIES (200) synthetic companies of about 6,700 facts and 1.1 MB each, as files and as one archive. Each
contender runs in a process of its own, alternating, three times; printed are medians of the whole process, of the
time after its imports, and of processor time, and ours as a ratio to theirs. Ours ends with facts committed to the
warehouse, each batch held against the audits first, or ("unaudited") not. DuckDB's ends with a Parquet file: "duckdb"
with the six columns of the file as they are, "duckdb, as facts" with our 25, an id hashed from each fact's content,
and our order (without the last reliable digits, hashes of files, log and flushing to disk). edgartools' (where
installed) ends with parsed objects; its pandas may be older than ours: name the Python it is installed for in
EDGARTOOLS_PYTHON.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROUNDS = 3
PEERS = ("duckdb", "duckdb, as facts", "edgartools")
#: With compiled modules kept, as they are on any machine that runs a program twice.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def synthetic(cik: int) -> dict[str, object]:
    """A company with some 280 concepts over twelve quarters and three years, each stated about twice."""
    chance = random.Random(cik)
    facts: dict[str, object] = {}
    for number in range(280):
        rows = []
        for quarter in range(12):
            year, k = 2021 + quarter // 4, quarter % 4 + 1
            end = date(year, 3 * k, 1) + timedelta(days=30 if k in {1, 4} else 29)
            for again in range(2):
                accession = f"{cik:010d}-{(year + again) % 100:02d}-{quarter:06d}"
                filed = (end + timedelta(days=30 + 365 * again)).isoformat()
                row = {
                    "end": end.isoformat(), "val": chance.randint(1, 10**6) * 1000, "accn": accession, "fy": year,
                    "fp": f"Q{k}", "form": "10-K" if k == 4 else "10-Q", "filed": filed, "frame": f"CY{year}Q{k}",
                }  # fmt: skip
                rows.append(row if number % 3 == 0 else {"start": f"{year}-01-01", **row})
        facts[f"SyntheticConceptNumber{number:03d}OfTheUsualLength"] = {
            "label": f"Synthetic concept {number}", "description": "What it is, " * 8, "units": {"USD": rows},
        }  # fmt: skip
    return {"cik": cik, "entityName": f"Company {cik}", "facts": {"us-gaap": facts}}


def make(folder: Path, companies: int) -> int:
    """The files and the archive; returns the number of facts."""
    (folder / "json").mkdir()
    facts = 0
    with zipfile.ZipFile(folder / "companyfacts.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for cik in range(1, companies + 1):
            text = json.dumps(synthetic(cik))
            facts += text.count('"accn"')
            (folder / "json" / f"CIK{cik:010d}.json").write_text(text)
            archive.writestr(f"CIK{cik:010d}.json", text)
    return facts


#: What each contender imports, and what it then does with its folder and the data.
OURS = (
    (
        "import tracker.cli.make, tracker.pipeline.ingest, tracker.pipeline.init\n"
        "from tracker.cli.base import cli\nfrom pathlib import Path"
    ),
    """
root = Path(sys.argv[1])
tracker.pipeline.init.init(root)
cli.main(["-C", str(root), "ingest", sys.argv[2]], standalone_mode=False)
""",
)
#: What no contender does besides: holding each batch against the audits before it is made current.
UNAUDITED = (OURS[0], "tracker.pipeline.ingest.load_checks = lambda *_: ()\n" + OURS[1])
READ_JSON = """
row = 'STRUCT("start" DATE, "end" DATE, val DECIMAL(38,6), accn VARCHAR, form VARCHAR, filed DATE)'
facts = f'MAP(VARCHAR, MAP(VARCHAR, STRUCT(units MAP(VARCHAR, {row}[]))))'
said = f'''
    with file as (
        select cik, unnest(map_entries(facts)) as space
        from read_json('{sys.argv[2]}', maximum_object_size=100000000, columns={{cik: 'BIGINT', facts: '{facts}'}})
    ),
    concept as (select cik, space.key as space, unnest(map_entries(space.value)) as concept from file),
    unit as (select cik, space, concept.key as concept, unnest(map_entries(concept.value.units)) as unit from concept),
    said as (select cik, space, concept, unit.key as unit, unnest(unit.value, recursive := true) from unit)
'''
duckdb.execute("set preserve_insertion_order = false")
"""
DUCKDB = (
    "import duckdb",
    READ_JSON
    + """
duckdb.execute(f"copy ({said} select * from said order by all) to '{sys.argv[1]}/facts.parquet' (compression zstd)")
""",
)
DUCKDB_FACTS = (
    "import duckdb",
    READ_JSON
    + """
unknown = {
    'metric': 'varchar', 'low': 'decimal(38,6)', 'high': 'decimal(38,6)', 'decimals': 'integer', 'language': 'varchar',
    'span_start': 'integer', 'span_end': 'integer', 'quote': 'varchar', 'retracts': 'blob',
}
nulls = ', '.join(f'cast(null as {kind}) as {name}' for name, kind in unknown.items())
content = 'chr(31), cik, space, concept, unit, "start", "end", val, accn, form, filed'
duckdb.execute(f'''copy (
    {said}
    select
        unhex(left(sha256(concat_ws({content})), 32)) as fact_id, format('cik{{:010d}}', cik) as entity,
        space || ':' || concept as concept, 'actual' as kind, "start" as period_start, "end" as period_end,
        val as value, unit, 'exact' as qualifier, accn as source_id, accn as accession, form, 'reported' as method,
        cast(1 as double) as confidence, cast(filed as timestamptz) + interval 86399 second as known_at,
        now() as recorded_at, {nulls}
    from said
    order by entity, concept, period_end, known_at, fact_id
) to '{sys.argv[1]}/facts.parquet' (compression zstd)''')
""",
)
EDGARTOOLS = (
    "import json\nfrom pathlib import Path\nfrom edgar.entity.parser import EntityFactsParser",
    """
for path in sorted(Path(sys.argv[2]).parent.glob('*.json')):
    EntityFactsParser.parse_company_facts(json.loads(path.read_text()))
""",
)
MEASURED = """
import sys, time, resource
{imports}
started = time.perf_counter()
{work}
used = resource.getrusage(resource.RUSAGE_SELF)
print(time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


@dataclass(frozen=True)
class Run:
    """One run: seconds of the process, seconds after its imports, processor seconds, peak megabytes."""

    seconds: float
    working: float
    processor: float
    peak: float


def run(contender: tuple[str, str], data: str, python: str = sys.executable) -> Run:
    """One contender in a process of its own."""
    imports, work = contender
    with tempfile.TemporaryDirectory() as target:
        started = time.perf_counter()
        command = [python, "-c", MEASURED.format(imports=imports, work=work), target, data]
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)
        seconds = time.perf_counter() - started
        working, processor, peak = map(float, done.stdout.split()[-3:])
        return Run(seconds, working, processor, peak / 1024)


def compare(title: str, facts: int, contenders: dict[str, tuple[Any, ...]]) -> None:
    """Run the contenders in turns and print medians, facts a second, memory and the ratio to ours."""
    results: dict[str, list[Run]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, contender in contenders.items():
            results[name].append(run(*contender))
    print(f"\n{title}: {facts:,} facts")
    ours, bare = (statistics.median(run.seconds for run in results[name]) for name in ("tracker", "unaudited"))
    for name, runs in results.items():
        seconds, working, processor = (
            statistics.median(getattr(run, what) for run in runs) for what in ("seconds", "working", "processor")
        )
        ratio = f"  tracker is {seconds / ours:.2f}x as fast ({seconds / bare:.2f}x unaudited)" if name in PEERS else ""
        print(
            f"  {name:<16} {seconds:6.2f} s ({working:6.2f} after imports, {processor:6.2f} of processors)"
            f" {facts / seconds:>9,.0f} facts/s {max(run.peak for run in runs):5.0f} MB peak{ratio}"
        )


def main() -> None:
    companies = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        facts = make(folder, companies)
        files, archive = f"{folder}/json/*.json", f"{folder}/companyfacts.zip"
        one = f"{folder}/json/CIK0000000001.json"
        python = os.environ.get("EDGARTOOLS_PYTHON") or (sys.executable if find_spec("edgar") else None)
        peers: dict[str, tuple[Any, ...]] = {"duckdb": (DUCKDB, files), "duckdb, as facts": (DUCKDB_FACTS, files)}
        peers |= {"edgartools": (EDGARTOOLS, files, python)} if python else {}
        alone = {"duckdb": (DUCKDB, one), "duckdb, as facts": (DUCKDB_FACTS, one)}
        compare("one file", facts // companies, {"tracker": (OURS, one), "unaudited": (UNAUDITED, one), **alone})
        ours = {"tracker": (OURS, archive), "unaudited": (UNAUDITED, archive)}
        compare(f"an archive of {companies}", facts, {**ours, **peers})


if __name__ == "__main__":
    main()
