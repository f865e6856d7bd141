"""What stored figures cost and save on a market of companies: time, processor time and memory, against named peers.

    python benchmarks/market.py [--companies 500] [--facts-per-company 8126] [--only 2,3] [--commits 200]
                                [--folder FOLDER]

Generates companies of twelve fiscal years and 63 concepts each: 41 flows given by quarter, year to date and year,
4 cash flows given to date and by year, 18 balances. Each quarterly report repeats the year before and each annual
report two years, so a period is stated two or three times. Twelve concepts are those of our metrics. Some statements
are restated a year later, and every eighth company closes its year in another month than December.

Each measured work runs in a process of its own, in turns with its peer. Printed are medians: our time, the peer's,
their ratio (in brackets the same for processor time), the peak memory of our process, the target, and "missed" where
the time or the memory is above it. Peers are the same work without stored figures or on an empty warehouse, or plain
DuckDB on the same rows of the same files. With `--folder` the market and its warehouses stay there, and are taken from
there the next time.

The works: 1 ingestion; 2 one company's growth, cold; 3 the same on an open warehouse; 4 growth of all companies in one
quarter, now and as of a day; 5 a point-in-time panel; 6 one new filing; 7 many small commits; 8 check, diff, freshness;
9 plain DuckDB opens `warehouse.sql`; 10 start-up and short work.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROUNDS = 5
#: With compiled modules kept, as they are on any machine that runs a program twice.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

# -- a market ----------------------------------------------------------------------------------------

FIRST_YEAR, YEARS = 2013, 12
FEW = 20
#: What a flow, a flow given only to date, and a balance are stated in all filings together.
PER_FLOW, PER_TO_DATE, PER_BALANCE = 148, 102, 92
AVERAGES = ("EarningsPerShareDiluted", "WeightedAverageNumberOfDilutedSharesOutstanding")
FLOWS = (
    "Revenues", "CostsAndExpenses", "OperatingIncomeLoss", "NetIncomeLoss", *AVERAGES, "ResearchAndDevelopmentExpense",
)  # fmt: skip
TO_DATE = (
    "NetCashProvidedByUsedInOperatingActivities", "PaymentsToAcquirePropertyPlantAndEquipment",
    "ProceedsFromSaleOfPropertyPlantAndEquipment", "FinanceLeasePrincipalPayments",
)  # fmt: skip
BALANCES = ("CashAndCashEquivalentsAtCarryingValue",)


@dataclass(frozen=True)
class Filing:
    """A report on a quarter of a fiscal year; the fourth is the annual one."""

    accession: str
    form: str
    filed: date
    year: int
    quarter: int


class Company:
    """One synthetic company: its calendar, its amounts by quarter, and what each of its filings states."""

    def __init__(self, cik: int, facts: int) -> None:
        self.cik = cik
        self.chance = random.Random(cik)
        self.last_month = 12 if cik % 8 else (6, 9, 3, 1)[cik // 8 % 4]
        balances = max(1, round(18 * facts / 8126))
        flows = max(len(FLOWS), round((facts - len(TO_DATE) * PER_TO_DATE - balances * PER_BALANCE) / PER_FLOW))
        self.kinds = dict.fromkeys((*FLOWS, *_invent("Flow", flows - len(FLOWS))), "flow")
        self.kinds |= dict.fromkeys(TO_DATE, "to date")
        self.kinds |= dict.fromkeys((*BALANCES, *_invent("Balance", balances - len(BALANCES))), "balance")
        self.amounts = {name: self._draw_amounts() for name in self.kinds}
        self._tie_amounts()
        later = range(FIRST_YEAR + 2, FIRST_YEAR + YEARS - 1)
        restatable = [name for name in self.kinds if name not in AVERAGES]
        self.restated = {(self.chance.choice(restatable), self.chance.choice(later)) for _ in range(3)}
        self.restated |= {("Revenues", self.chance.choice(later))} if cik % 5 == 0 else set()

    def _draw_amounts(self) -> list[int]:
        """Draw the amounts of all quarters, and of four beyond, in thousands."""
        base, growth = self.chance.randint(10**4, 10**6), self.chance.uniform(0.99, 1.04)
        return [round(base * growth**k * self.chance.uniform(0.9, 1.1)) for k in range(4 * YEARS + 4)]

    def _tie_amounts(self) -> None:
        """Make income follow from revenue and costs."""
        revenue = self.amounts["Revenues"]
        self.amounts["CostsAndExpenses"] = costs = [round(0.8 * amount) for amount in revenue]
        self.amounts["OperatingIncomeLoss"] = income = [a - b for a, b in zip(revenue, costs, strict=True)]
        self.amounts["NetIncomeLoss"] = [round(0.8 * amount) for amount in income]

    def close(self, year: int, quarter: int) -> date:
        """Return the last day of a fiscal quarter."""
        months = year * 12 + self.last_month - 1 - 3 * (4 - quarter)
        return date(months // 12, months % 12 + 1, monthrange(months // 12, months % 12 + 1)[1])

    def filings(self, quarters: int) -> Iterator[Filing]:
        """Yield the reports on so many quarters."""
        for number in range(quarters):
            year, quarter = FIRST_YEAR + number // 4, number % 4 + 1
            filed = self.close(year, quarter) + timedelta(days=60 if quarter == 4 else 35)
            accession = f"{self.cik:010d}-{filed.year % 100:02d}-{number:06d}"
            yield Filing(accession, "10-K" if quarter == 4 else "10-Q", filed, year, quarter)

    def periods(self, kind: str, filing: Filing) -> Iterator[tuple[int, int, int]]:
        """Yield the periods a filing states of a concept: fiscal year, first and last quarter."""
        last, is_annual = filing.quarter, filing.quarter == 4
        firsts = {last} if kind == "balance" else {1} if is_annual or kind == "to date" else {last, 1}
        years = 3 if is_annual and kind != "balance" else 2
        for year in range(max(FIRST_YEAR, filing.year - years + 1), filing.year + 1):
            for first in sorted(firsts):
                yield year, first, last

    def value(self, name: str, year: int, first: int, last: int) -> float:
        """Return the amount of a period, in whole units."""
        start = 4 * (year - FIRST_YEAR)
        amounts = self.amounts[name][start + first - 1 : start + last]
        if name == AVERAGES[0]:
            shares = self.value(AVERAGES[1], year, first, last)
            return round(self.value("NetIncomeLoss", year, first, last) / shares, 2)
        return 1000 * (sum(amounts) // len(amounts) if name == AVERAGES[1] else sum(amounts))

    def statements(self, name: str, quarters: int) -> Iterator[dict[str, Any]]:
        """Yield what the filings state of a concept, as the SEC's file has it."""
        kind = self.kinds[name]
        for filing in self.filings(quarters):
            for year, first, last in self.periods(kind, filing):
                value = self.value(name, year, first, last)
                if filing.year > year and (name, year) in self.restated:
                    value += round(0.03 * value, -3)
                start = {} if kind == "balance" else {"start": str(self._open(year, first))}
                yield start | {
                    "end": str(self.close(year, last)), "val": value, "accn": filing.accession, "fy": filing.year,
                    "fp": "FY" if filing.quarter == 4 else f"Q{filing.quarter}", "form": filing.form,
                    "filed": str(filing.filed),
                }  # fmt: skip

    def _open(self, year: int, quarter: int) -> date:
        before = self.close(year - 1, 4) if quarter == 1 else self.close(year, quarter - 1)
        return before + timedelta(days=1)

    def text(self, quarters: int = 4 * YEARS) -> str:
        """Return the company's file."""
        units = dict(zip(AVERAGES, ("USD/shares", "shares"), strict=True))
        facts = {}
        for name in self.kinds:
            rows = sorted(self.statements(name, quarters), key=lambda row: (row["end"], row["filed"]))
            facts[name] = {
                "label": name, "description": "What it is, " * 8, "units": {units.get(name, "USD"): rows},
            }  # fmt: skip
        return json.dumps({"cik": self.cik, "entityName": f"Company {self.cik}", "facts": {"us-gaap": facts}})


def _invent(kind: str, count: int) -> Iterator[str]:
    return (f"Synthetic{kind}Number{number:03d}OfTheUsualLength" for number in range(count))


def write_archive(target: Path, companies: int, facts: int) -> None:
    """Write the archive of so many companies."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for cik in range(1, companies + 1):
            archive.writestr(f"CIK{cik:010d}.json", Company(cik, facts).text())


def write_market(folder: Path, companies: int, facts: int) -> None:
    """Write the archives of all companies, a fifth of them and a few, and a file with one filing more."""
    for number in sorted({companies, max(1, companies // 5), min(FEW, companies)}):
        write_archive(folder / f"{number}.zip", number, facts)
    (folder / "CIK0000000001.json").write_text(Company(1, facts).text(4 * YEARS + 1))


# -- processes ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """One process: seconds, processor seconds, peak megabytes, and the numbers it printed last."""

    seconds: float
    processor: float
    peak: float
    printed: list[float]


def run(command: Sequence[str], *, is_printing: bool = False) -> Run:
    """Run a process; it may leave with 3, which says that a check failed."""
    with tempfile.TemporaryFile("w+") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=ENVIRONMENT, stdout=output, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        if process.returncode not in {0, 3}:
            sys.exit(f"{' '.join(command)[:2000]}\n{output.read()[-3000:]}")
        printed = [float(word) for word in output.read().splitlines()[-1].split()] if is_printing else []
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, printed)


def run_tracker(root: Path, *words: str) -> list[str]:
    """Return the command that runs our command line."""
    return [sys.executable, "-m", "tracker", "-C", str(root), *words]


def run_python(code: str, *words: str | Path) -> list[str]:
    """Return the command that runs a text of Python."""
    return [sys.executable, "-c", code, *map(str, words)]


INIT = "import sys, pathlib, tracker.pipeline.init as init; init.init(pathlib.Path(sys.argv[1]))"
INGEST = """
import sys
from pathlib import Path
import tracker.cli.make, tracker.pipeline.ingest, tracker.pipeline.init
from tracker.cli.base import cli
from tracker.warehouse.derive import Deriver
if sys.argv[3] == "bare":
    Deriver.derive_batch = lambda *_: None
    tracker.pipeline.ingest.split_for_processes = lambda _: []  # other processes would derive
root = Path(sys.argv[1])
tracker.pipeline.init.init(root)
cli.main(["-C", str(root), "ingest", sys.argv[2]], standalone_mode=False)
"""
PLAIN = "import duckdb, sys; duckdb.sql(sys.argv[1]).write_csv('/dev/stdout')"
#: Median of wall and processor seconds of a question on what is open.
WARM = """
import statistics, sys, time
{imports}
def ask():
    started, used = time.perf_counter(), time.process_time()
    {ask}
    return time.perf_counter() - started, time.process_time() - used
ask()
for column in zip(*(ask() for _ in range({times}))):
    print(statistics.median(column), end=" ")
"""
OPEN_WAREHOUSE = "from tracker.warehouse.reader import Warehouse\nwarehouse = Warehouse(sys.argv[1])"
#: Small commits, each by a writer of its own, and a question after each: twenty small companies, so that none grows
#: large. Printed are medians of the first ten and the last ten, the mean of all, and the slowest.
COMMIT = """
import statistics, sys, time
from datetime import date, datetime, timedelta, UTC
from decimal import Decimal
from pathlib import Path
from tracker.model.batch import Batch
from tracker.model.fact import Fact, to_table
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.writer import Writer
path, commits = Path(sys.argv[1]), int(sys.argv[2])
def make_fact(number):
    place, month = number % 20, number // 20 * 3
    start = date(2000 + month // 12, month % 12 + 1, 1)
    end = date(2000 + (month + 3) // 12, (month + 3) % 12 + 1, 1) - timedelta(days=1)
    known = datetime(end.year, end.month, end.day, tzinfo=UTC) + timedelta(days=40)
    return Fact(
        entity=f"small{place}", concept="us-gaap:Revenues", metric=None, kind="actual", period_start=start,
        period_end=end, value=Decimal(1000 + number), low=None, high=None, unit="USD", decimals=0, qualifier="exact",
        source_id=f"s{number}", accession=None, form="10-Q", language=None, span_start=None, span_end=None, quote=None,
        method="reported", confidence=1.0, known_at=known, retracts=None,
    )
def timed(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
def commit(number):
    with Writer(path) as writer:
        writer.commit(Batch(to_table([make_fact(number)]), {}))
def ask():
    with Warehouse(path) as warehouse:
        warehouse.sql("select count(*) from figure where entity = 'small0'").fetchall()
for number in range(20):
    commit(number), ask()
times = [(timed(lambda: commit(number)), timed(ask)) for number in range(20, 20 + commits)]
for column in zip(*times):
    first, last = statistics.median(column[:10]), statistics.median(column[-10:])
    print(first, last, statistics.mean(column), max(column), end=" ")
"""
OPEN_PLAIN = """
import duckdb, os, sys, time
from pathlib import Path
os.chdir(sys.argv[1])
started, used = time.perf_counter(), time.process_time()
duckdb.connect().execute(Path("warehouse.sql").read_text())
print(time.perf_counter() - started, time.process_time() - used)
"""


# -- the table ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """The most that a work may cost: as a ratio to its peer, in seconds, in megabytes."""

    ratio: float | None = None
    seconds: float | None = None
    peak: float | None = None

    def __str__(self) -> str:
        parts = [self.ratio and f"{self.ratio:g} x", self.seconds and _format_time(self.seconds)]
        return ", ".join([str(part) for part in [*parts, self.peak and f"{self.peak:g} MB"] if part])

    def is_missed(self, seconds: float, ratio: float | None, peak: float | None) -> bool:
        """Return whether something is above the target."""
        pairs = ((seconds, self.seconds), (ratio, self.ratio), (peak, self.peak))
        return any(cost is not None and most is not None and cost > most for cost, most in pairs)


@dataclass(frozen=True)
class Cost:
    """Seconds and processor seconds of a work, and the peak megabytes of its process."""

    seconds: float
    processor: float | None
    peak: float | None = None

    def __str__(self) -> str:
        used = "" if self.processor is None else f" ({_format_time(self.processor)})"
        return f"{_format_time(self.seconds)}{used}"


def _format_time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{1000 * seconds:.1f} ms"


def print_row(work: str, ours: Cost, peer: Cost | None, target: Target) -> None:
    """Print a row of the table."""
    ratio = ours.seconds / peer.seconds if peer else None
    used = ours.processor / peer.processor if peer and ours.processor and peer.processor else None
    ratios = "" if ratio is None else f"{ratio:.2f}" + ("" if used is None else f" ({used:.2f})")
    missed = " missed" if target.is_missed(ours.seconds, ratio, ours.peak) else ""
    cells = (f"{work:<52}", f"{ours!s:>20}", f"{peer or ''!s:>20}", f"{ratios:>13}", f"{ours.peak or 0:>6.0f}")
    print(" | ".join(cells), f"{target}{missed}", sep=" | ", flush=True)


def print_heading() -> None:
    """Print the names of the columns."""
    cells = (f"{'work':<52}", f"{'ours':>20}", f"{'peer':>20}", f"{'ratio':>13}", f"{'MB':>6}", "target")
    print(" | ".join(cells), flush=True)


def take_process(runs: Sequence[Run]) -> Cost:
    """Return the medians of whole processes."""
    return Cost(
        statistics.median(one.seconds for one in runs),
        statistics.median(one.processor for one in runs),
        statistics.median(one.peak for one in runs),
    )


def take_printed(runs: Sequence[Run]) -> Cost:
    """Return the medians of the times that processes printed first: seconds and processor seconds."""
    seconds, processor = (statistics.median(one.printed[place] for one in runs) for place in (0, 1))
    return Cost(seconds, processor, statistics.median(one.peak for one in runs))


def compare(work: str, ours: Sequence[str], peer: Sequence[str] | None, target: Target, rounds: int = ROUNDS) -> None:
    """Run a command and its peer in turns, and print a row about the whole processes."""
    commands = [ours, peer] if peer else [ours]
    runs = [[run(command) for command in commands] for _ in range(rounds)]
    costs = [take_process(each) for each in zip(*runs, strict=True)]
    print_row(work, costs[0], costs[1] if peer else None, target)


def compare_warm(work: str, ours: Sequence[str], peer: Sequence[str], target: Target) -> tuple[Cost, Cost]:
    """Run two commands that print how long their work took, in turns, and print a row."""
    runs = [[run(command, is_printing=True) for command in (ours, peer)] for _ in range(ROUNDS)]
    costs = [take_printed(each) for each in zip(*runs, strict=True)]
    print_row(work, costs[0], costs[1], target)
    return costs[0], costs[1]


def ask_warehouse(root: Path, query: str, fetch: str = "fetchall", times: int = 9) -> list[str]:
    """Return the command that asks an open warehouse a question again and again."""
    code = WARM.format(imports=OPEN_WAREHOUSE, ask=f"warehouse.sql(sys.argv[2]).{fetch}()", times=times)
    return run_python(code, root / "warehouse", query)


def ask_duckdb(query: str, fetch: str = "fetchall", times: int = 9) -> list[str]:
    """Return the command that asks plain DuckDB a question again and again."""
    fetch = "to_arrow_table" if fetch == "arrow" else fetch
    code = WARM.format(imports="import duckdb", ask=f"duckdb.sql(sys.argv[1]).{fetch}()", times=times)
    return run_python(code, query)


def scan_stored(root: Path, view: str, condition: str, columns: str | None = None) -> str:
    """Return the query that reads the rows of a stored view from its files."""
    if columns is None:
        from tracker.model.schema import DERIVED_VIEWS  # noqa: PLC0415 - so that this process stays small

        columns = ", ".join(DERIVED_VIEWS[view])
    files = f"{root}/warehouse/derived/*.parquet"
    return f"select {columns} from read_parquet('{files}') where view = '{view}' and {condition}"


# -- the works ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Market:
    """The folder of the market, and what was asked for."""

    folder: Path
    companies: int
    commits: int

    def archive(self, companies: int) -> Path:
        """Return the archive of so many companies."""
        return self.folder / f"{companies}.zip"

    def project(self, companies: int) -> Path:
        """Return a project that holds so many companies; it is made once."""
        root = self.folder / f"project-{companies}"
        if not root.is_dir():
            self.ingest(companies, root)
        return root

    def ingest(self, companies: int, root: Path, kind: str = "derived") -> Run:
        """Ingest so many companies into a new project."""
        shutil.rmtree(root, ignore_errors=True)
        return run(run_python(INGEST, root, self.archive(companies), kind))

    @cached_property
    def seeds(self) -> Path:
        """A project with the seed tables of this repository."""
        root = self.folder / "project-seeds"
        if not root.is_dir():
            run(run_python(INIT, root))
            shutil.copytree(Path(__file__).parents[1] / "seeds", root / "seeds", dirs_exist_ok=True)
            run(run_tracker(root, "ingest", str(root / "seeds")))
        return root

    def copy(self, root: Path | None, name: str) -> Path:
        """Return a fresh copy of a project, or an empty one."""
        target = self.folder / name
        shutil.rmtree(target, ignore_errors=True)
        if root:
            shutil.copytree(root, target)
        else:
            run(run_python(INIT, target))
        return target


def measure_ingestion(market: Market) -> None:
    fifth, rounds = max(1, market.companies // 5), 3 if market.companies <= FEW else 1
    for companies in (fifth, market.companies):
        ours, bare = market.folder / f"project-{companies}", market.folder / "bare"
        runs = [[market.ingest(companies, ours), market.ingest(companies, bare, "bare")] for _ in range(rounds)]
        costs = [take_process(each) for each in zip(*runs, strict=True)]
        work = f"1 ingest {companies} companies, against not deriving"
        print_row(work, costs[0], costs[1], Target(2.5, peak=700))


def measure_cold_question(market: Market) -> None:
    entity = "entity = 'cik0000000001'"
    for companies in sorted({min(FEW, market.companies), market.companies}, reverse=True):
        root = market.project(companies)
        ours = run_tracker(root, "sql", f"select * from yoy where {entity}", "--format", "csv")
        peer = run_python(PLAIN, scan_stored(root, "growth", f"against = 'year' and {entity} and known_to is null"))
        compare(f"2 yoy of one of {companies} companies, cold", ours, peer, Target(1.4, peak=150))


def measure_warm_question(market: Market) -> None:
    root, entity = market.project(market.companies), "entity = 'cik0000000001'"
    ours = ask_warehouse(root, f"select * from yoy where {entity}")
    peer = ask_duckdb(scan_stored(root, "growth", f"against = 'year' and {entity} and known_to is null"))
    compare_warm("3 the same on an open warehouse", ours, peer, Target(seconds=0.01))


QUARTER, DAY = "calendar_quarter = '2019Q3'", "2020-02-15"


def measure_quarter(market: Market) -> None:
    root = market.project(market.companies)
    now = ask_warehouse(root, f"select * from growth where {QUARTER}", "arrow")
    scan = ask_duckdb(scan_stored(root, "growth", f"{QUARTER} and known_to is null"), "arrow")
    current, _ = compare_warm("4 growth of all in a quarter, against a scan", now, scan, Target(2))
    then = ask_warehouse(root, f"select * from growth_as_of('{DAY}') where {QUARTER}", "arrow")
    at = f"timestamptz '{DAY} 23:59:59.999999+00'"
    held = f"{QUARTER} and known_from <= {at} and (known_to is null or known_to > {at})"
    past, _ = compare_warm(
        f"4 the same as of {DAY}", then, ask_duckdb(scan_stored(root, "growth", held), "arrow"), Target(2)
    )
    print_row("4 as of that day, against now", past, current, Target(1.5))


#: Revenue of the latest fiscal quarter known of each company at the end of each month of ten years.
PANEL = """
    with d as (
        select cast(last_day(cast(month as date)) as timestamptz) as day
        from generate_series(timestamp '2015-01-01', timestamp '2024-12-01', interval 1 month) s(month)
    )
    select d.day, h.entity, h.fiscal_period, h.value
    from d
    join ({history}) h on h.known_from <= d.day and (h.known_to > d.day or h.known_to is null)
    qualify row_number() over (partition by d.day, h.entity order by h.period_end desc) = 1
"""
REVENUE = "metric = 'revenue' and span = 'quarter'"


def measure_panel(market: Market) -> None:
    root = market.project(market.companies)
    ours = ask_warehouse(root, PANEL.format(history=f"select * from figure_history where {REVENUE}"), "arrow", 3)
    peer = ask_duckdb(PANEL.format(history=scan_stored(root, "figure", REVENUE, "*")), "arrow", 3)
    compare_warm("5 panel of revenue at 120 month-ends", ours, peer, Target(seconds=3, peak=500))


def measure_filing(market: Market) -> None:
    full, file = market.project(market.companies), str(market.folder / "CIK0000000001.json")
    runs = [
        [run(run_tracker(market.copy(root, name), "ingest", file)) for root, name in ((full, "copy"), (None, "empty"))]
        for _ in range(3)
    ]
    ours, peer = (take_process(each) for each in zip(*runs, strict=True))
    print_row("6 a filing more, against all into an empty one", ours, peer, Target(1.3))


def measure_commits(market: Market) -> None:
    copy = market.copy(market.project(market.companies), "commits")
    done = run(run_python(COMMIT, copy / "warehouse", str(market.commits)), is_printing=True)
    for work, at in ((f"7 a small commit after {market.commits}", 0), ("7 a question after it", 4)):
        first, last, mean, slowest = done.printed[at : at + 4]
        print_row(f"{work}, against the first", Cost(last, None, done.peak), Cost(first, None), Target(1.5))
        print_row(f"{work}, mean of all", Cost(mean, None, done.peak), Cost(first, None), Target(1.5))
        print_row(f"{work}, slowest", Cost(slowest, None, done.peak), Cost(first, None), Target())


def measure_care(market: Market) -> None:
    root, target = market.project(market.companies), Target(seconds=10, peak=1000)
    rounds = 3 if market.companies <= 100 else 1
    for words in (
        ["check", "--now", "2025-03-15"],
        ["diff", "2024-10-01", "2024-12-01", "--format", "json"],
        ["sql", "select * from freshness", "--format", "csv"],
    ):
        work = "freshness" if words[0] == "sql" else " ".join(words[:3])
        compare(f"8 {work}", run_tracker(root, *words), None, target, rounds)


def measure_plain(market: Market) -> None:
    folder = market.project(market.companies) / "warehouse"
    cost = take_printed([run(run_python(OPEN_PLAIN, folder), is_printing=True) for _ in range(ROUNDS)])
    size = (folder / "warehouse.sql").stat().st_size / 1000
    print_row(f"9 plain DuckDB opens warehouse.sql ({size:.0f} of 200 kB)", cost, None, Target(seconds=0.3))


TEXT = "Acme Corp. said on Tuesday that revenue rose 12% to $4.2 billion in the second quarter of 2024."


def measure_start(market: Market) -> None:
    root, text, entity = market.seeds, market.folder / "text.txt", "entity = 'meta'"
    text.write_text(TEXT)
    compare("10 --help, against import click", run_tracker(root, "--help"), run_python("import click"), Target(1.3))
    extract = run_tracker(root, "extract", str(text))
    compare("10 extract of a sentence", extract, None, Target(seconds=0.6))
    one = "select 1 as one"
    compare("10 select 1", run_tracker(root, "sql", one, "--format", "csv"), run_python(PLAIN, one), Target(1.15))
    ours = run_tracker(root, "sql", f"select * from yoy where {entity}", "--format", "csv")
    peer = run_python(PLAIN, scan_stored(root, "growth", f"against = 'year' and {entity} and known_to is null"))
    compare("10 yoy on the seeds", ours, peer, Target(1.4))


WORKS: dict[int, Callable[[Market], None]] = {
    1: measure_ingestion,
    2: measure_cold_question,
    3: measure_warm_question,
    4: measure_quarter,
    5: measure_panel,
    6: measure_filing,
    7: measure_commits,
    8: measure_care,
    9: measure_plain,
    10: measure_start,
}


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--companies", type=int, default=500)
    parser.add_argument("--facts-per-company", type=int, default=8126)
    parser.add_argument("--commits", type=int, default=200)
    parser.add_argument("--only", default=",".join(map(str, WORKS)))
    parser.add_argument("--folder", type=Path)
    return parser.parse_args()


def main() -> None:
    asked = read_arguments()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (asked.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / f"{asked.companies}.zip").is_file():
            # In a process of its own: what this one holds counts as peak memory of those it starts.
            maker = multiprocessing.Process(
                target=write_market, args=(folder, asked.companies, asked.facts_per_company)
            )
            maker.start()
            maker.join()
        print_heading()
        for number in map(int, asked.only.split(",")):
            WORKS[number](Market(folder, asked.companies, asked.commits))


if __name__ == "__main__":
    main()
