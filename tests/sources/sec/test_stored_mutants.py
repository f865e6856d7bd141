"""Damaged documents on their way into a warehouse: what is stored is what the damaged text states, or it is a problem.

Commits are real. Most of them hold many documents, and no figures are derived from them, which would take nearly all of the
time and change no stored fact; the last test ingests some documents as people do.
"""

from __future__ import annotations

import gzip
import hashlib
import random
import time
import zlib
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from support.inline import figure, page
from support.mutants import WAYS, damage, damage_packed
from support.project import SHARED, init_at, often
from support.xbrl_oracle import differs, list_statements
from tracker.errors import HeldError, InputError
from tracker.model.batch import Batch
from tracker.model.entity import Entities
from tracker.pipeline.ingest import ingest
from tracker.sources.base import Request
from tracker.sources.sec.filing import FilingSource
from tracker.warehouse.derive import Deriver
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from tracker.errors import Problem

ROWS = "".join(
    f"<tr><td>Line {n}</td><td>{figure(f'{n},{n:03d}.{n % 10}', f'us-gaap:Line{n}', key, element=f'f{n}')}</td></tr>"
    for n, key in enumerate(["y", "s", "e", "y", "s", "e"], start=1)
)
SMALL = page(
    f"<table>{ROWS}</table><p>{figure('7,250', 'us-gaap:Revenues', element='r')} million, and "
    + figure("two", "us-gaap:NumberOfStores", kind="ixt-sec:numwordsen", scale="0", decimals="INF", element="w")
    + figure("1.234,5", "us-gaap:NetIncomeLoss", kind="ixt:num-comma-decimal", element="c", more='sign="-"')
    + figure("14.5", "us-gaap:Rate", money="pure", scale="-2", decimals="3", element="p")
    + figure("2.46", "us-gaap:EarningsPerShareBasic", money="each", scale="0", decimals="2", element="q")
    + figure("", "us-gaap:Goodwill", more='xsi:nil="true"', element="n")
    + "</p>"
)
FILINGS = SHARED / "filings"
REAL = sorted(FILINGS.glob("*.htm*.gz")) if FILINGS.is_dir() else []


def small_mutants(count: int) -> Iterator[tuple[str, bytes]]:
    """Yield the names and bytes of small documents: in turn, each way to damage one; every tenth is a packed file."""
    ways = [*WAYS]
    for number in range(count):
        chance = random.Random(number)
        data = damage(SMALL, chance, ways[number % len(ways)]).encode("utf-8", "surrogatepass")
        yield (f"{number}.htm.gz", damage_packed(data, chance)) if number % 10 == 9 else (f"{number}.htm", data)


def real_mutants(first: int, end: int) -> Iterator[tuple[str, bytes]]:
    """Yield the same of real filings, from one number to before another."""
    ways = [*WAYS]
    for number in range(first, end):
        chance = random.Random(number)
        text = gzip.decompress(REAL[number % len(REAL)].read_bytes()).decode()
        yield f"real-{number}.htm", damage(text, chance, ways[number // 2 % len(ways)]).encode("utf-8", "surrogatepass")


def store_all(folder: Path, files: Iterable[tuple[str, bytes]]) -> Counter[str]:
    """Store what can be read of files in one commit, compare it with what they state, and count how they went."""
    found = {name: (_unpack(name, data), *_read(folder / f"in-{name}" / name, data)) for name, data in files}
    batches = [batch for _, batch, _ in found.values() if batch]
    tables = [name for name in batches[0].rows if name != "reading"]
    rows = {name: pa.concat_tables([batch.rows[name] for batch in batches]) for name in tables}
    problems = tuple(problem for _, _, wrong in found.values() for problem in wrong)
    assert all(problem.message and problem.remedy for problem in problems)
    with Writer(folder / "warehouse") as writer:
        writer.commit(Batch(pa.concat_tables([batch.facts for batch in batches]), rows, problems, None, 1.0, ""))
    stored: dict[str, list[dict[str, Any]]] = {}
    with Warehouse(folder / "warehouse") as warehouse:
        for row in warehouse.records("select * from fact"):
            stored.setdefault(row["source_id"], []).append(row)
    return Counter(
        _compare(text, stored.get(name_source(text), []), has_problem=bool(wrong)) if batch else "refused"
        for text, batch, wrong in found.values()
    )


def name_source(text: bytes) -> str:
    return f"filing-{hashlib.sha256(text).hexdigest()[:12]}"


def _unpack(name: str, data: bytes) -> bytes:
    with suppress(OSError, EOFError, zlib.error):
        return gzip.decompress(data) if name.endswith(".gz") else data
    return b""


def _read(path: Path, data: bytes) -> tuple[Batch | None, Sequence[Problem]]:
    """Return what a file gives: one batch, or none where it is refused, and what is wrong with it."""
    path.parent.mkdir()
    path.write_bytes(data)
    began = time.process_time()
    try:
        (batch,) = FilingSource().read(Request(path, path.name, Entities({})))
    except InputError as error:
        return None, error.problems
    finally:
        assert time.process_time() - began < 5
    return batch, batch.problems


def _compare(data: bytes, rows: list[dict[str, Any]], *, has_problem: bool) -> str:
    """Check that each row is a statement of the document, and that no statement is lost without a problem."""
    stated = [*list_statements(data)] if rows or not has_problem else []
    by_name: dict[tuple[str | None, str], list[Any]] = {}
    for said in stated:
        by_name.setdefault((said.element, said.concept), []).append(said)
    for row in rows:
        around = by_name.get((row["element"], row["concept"]), [])
        assert not all(differs(row, said) for said in around), (row, around)
    if not has_problem:
        kept = {(row["concept"], row["period_end"], row["value"]) for row in rows}
        assert not {(said.concept, said.end, said.value) for said in stated} - kept
    return "whole" if rows and not has_problem else "partly" if rows else "nothing"


@pytest.fixture(autouse=True)
def _derive_nothing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "derived" not in request.node.name:
        monkeypatch.setattr(Deriver, "derive_batch", lambda *_: None)


def test_documents_that_are_whole_are_stored_whole(tmp_path: Path) -> None:
    files = {"a.htm": SMALL.encode(), "b.htm.gz": gzip.compress(SMALL.replace("7,250", "7,251").encode())}
    assert store_all(tmp_path, files.items()) == {"whole": 2}


def test_damaged_documents_store_no_wrong_number(tmp_path: Path) -> None:
    went = store_all(tmp_path, small_mutants(often(100, 1600)))
    assert {"refused", "whole", "partly"} <= went.keys()


@pytest.mark.skipif(not REAL, reason="the real filings are not here")
def test_damaged_documents_of_real_filings_store_no_wrong_number(tmp_path: Path) -> None:
    went = Counter[str]()
    for first in range(0, often(4, 400), 20):
        went += store_all(tmp_path, real_mutants(first, min(first + 20, often(4, 400))))
    assert went.total() > went["refused"]


def test_figures_derived_from_damaged_documents_rest_on_what_is_stored(tmp_path: Path) -> None:
    """Figures of the whole company are amounts that the damaged documents state, in their bounds."""
    project = init_at(tmp_path / "p", [])
    files = dict(small_mutants(often(3, 24)))
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    with suppress(InputError, HeldError):
        ingest(project, [tmp_path / name for name in files])
    with Warehouse(project.warehouse) as warehouse:
        wrong = warehouse.sql(
            """select 1 from figure g where g.value is not null and (g.low > g.value or g.high < g.value or not exists (
                   select 1 from fact f where f.entity = g.entity and f.value = g.value and f.unit = g.unit
                     and f.period_end = g.period_end and f.dimensions is null))"""
        ).fetchall()
        assert warehouse.sql("select count(*) > 0 from figure where value is not null").fetchall() == [(True,)]
        for row in warehouse.records("select * from fact"):
            (text,) = {_unpack(*file) for file in files.items() if name_source(_unpack(*file)) == row["source_id"]}
            assert not all(differs(row, said) for said in list_statements(text)), row
    assert wrong == []
