"""What it costs to hold data files against their sums before an answer: `python benchmarks/checking.py [MILLIONS]`.

The same question, over the same warehouse, in one process, in turns: files not checked, checked for the first time, and
checked again. The ratio of the medians to not checking counts.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from tracker.model.batch import Batch
from tracker.model.fact import content_table, with_ids
from tracker.model.schema import TABLES
from tracker.warehouse.file_check import CHECKED, check_files
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

CONTENT = [name for name in TABLES["fact"] if name not in {"fact_id", "recorded_at"}]
QUESTION = "select entity, count(*), sum(value) from fact group by entity order by entity"


def store(folder: Path, million: float) -> None:
    """So many facts, in batches of a quarter of a million."""
    size = 250_000
    with Writer(folder) as writer:
        for number in range(max(1, round(million * 1_000_000 / size))):
            writer.commit(Batch(_facts(number, size), {}))


def _facts(number: int, size: int) -> pa.Table:
    """Amounts of one company, that hardly compress."""
    said = {"entity": f"c{number}", "concept": "x:Revenue", "kind": "actual", "unit": "USD", "method": "reported",
            "qualifier": "exact", "source_id": f"s{number}"}  # fmt: skip
    columns: dict[str, list[object] | pa.Array] = {name: [said.get(name)] * size for name in CONTENT}
    columns["period_end"] = pa.array(range(size), pa.int32()).cast(pa.date32())
    columns["value"] = [Decimal(row * 7919 % 10_000_019) for row in range(size)]
    return with_ids(content_table(columns))


def timed(question: Callable[[], object]) -> float:
    start = time.perf_counter()
    question()
    return time.perf_counter() - start


def main(million: float, times: int = 9) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "warehouse"
        store(folder, million)
        size = sum(file.stat().st_size for file in folder.rglob("*.parquet"))

        def ask() -> object:
            with Warehouse(folder) as warehouse:
                return warehouse.sql(QUESTION).fetchall()

        def ask_unchecked() -> object:
            with _without_checks():
                return ask()

        def ask_first() -> object:
            (folder / CHECKED).unlink(missing_ok=True)
            return ask()

        ask()
        found = {which: [] for which in (ask_unchecked, ask_first, ask)}  # type: ignore[var-annotated]
        for _ in range(times):
            for which, seconds in found.items():
                seconds.append(timed(which))
    bare, first, again = (statistics.median(seconds) for seconds in found.values())
    print(f"{million} million facts, {size / 1e6:.0f} MB")
    print(f"not checked {bare * 1000:6.1f} ms")
    print(f"first time  {first * 1000:6.1f} ms   {first / bare:.2f} of not checked")
    print(f"again       {again * 1000:6.1f} ms   {again / bare:.2f} of not checked")


class _without_checks:  # noqa: N801 - reads as what it does
    """No file is looked at while the block runs."""

    def __enter__(self) -> None:
        sys.modules["tracker.warehouse.reader"].check_files = lambda *_: None  # type: ignore[attr-defined]

    def __exit__(self, *_: object) -> None:
        sys.modules["tracker.warehouse.reader"].check_files = check_files  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
