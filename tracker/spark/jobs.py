"""Derive and ingest in the executors, and commit once from the driver.

The driver holds the writers' lock. The executors read the same snapshot, work on some companies a task, and write data
files under names of their own, which no commit names yet. When all are done, the driver names them in one commit. A
task that dies or runs twice leaves files that nobody names, and so does a driver that dies. The next command that
stores something removes them.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from tracker.errors import HeldError, InputError, Problem, UsageError, WarehouseError
from tracker.model.arrays import array_of
from tracker.model.schema import DERIVED, LATEST
from tracker.pipeline.ingestion import Ingestion
from tracker.pipeline.project_tables import load_project_entities, store_project_tables
from tracker.sources.base import Request
from tracker.sources.sec.company_facts import CompanyFactsSource, list_members
from tracker.spark.groups import map_groups, split
from tracker.warehouse.checks import load_checks
from tracker.warehouse.data_files import WrittenFile, sum_file, write_parquet
from tracker.warehouse.derive import Deriver
from tracker.warehouse.fact_rows import stamp_rows
from tracker.warehouse.identity import apply_identities, place_under_stored_ids
from tracker.warehouse.quarantine import Gate, remove_passed
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import require_warehouse
from tracker.warehouse.writer import Parts, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from pyspark.sql import SparkSession

    from tracker.model.batch import Batch
    from tracker.model.entity import Entities
    from tracker.project import Project
    from tracker.warehouse.checks import Check
    from tracker.warehouse.writer import Committed

__all__ = ["derive", "ingest"]

#: The tables that grow with the facts: the executors write their files, all other rows go through the driver.
_LARGE: Final = (DERIVED, "fact")


def derive(spark: SparkSession, path: Path, *, is_all: bool = False) -> int:
    """Derive the figures that are out of date, or all; return the number of companies.

    Raises:
        WarehouseError: the folder holds no warehouse.
        BusyError: another process is writing.
        StorageError: the system refuses to write; what was derived before stands.

    """
    require_warehouse(path)
    with Writer(path.resolve(), derive_files=partial(_derive_files, spark)) as writer:
        return writer.derive() if is_all and not writer.derived else writer.derived


def ingest(
    spark: SparkSession, project: Project, path: Path, *, say: Callable[[str], None] = lambda _: None
) -> Ingestion:
    """Read a folder or an archive of company facts, and store it in one commit with the figures that follow.

    Batches that fail an audit are held, as in `tracker ingest`; all others are stored.

    Raises:
        UsageError: the path has no company facts.
        InputError: an archive cannot be read.
        HeldError: a batch failed an audit and is held; all others are stored.
        BusyError: another process is writing.
        StorageError: the system refuses to write; nothing of the path is stored.

    """
    pieces = _list_pieces(path.resolve())
    entities, checks = load_project_entities(project), tuple(load_checks(project.checks))
    is_first = not project.has_warehouse
    derive_files = partial(_derive_files, spark)
    with Gate(checks) as gate, Writer(project.warehouse, gate=gate, warn=say, derive_files=derive_files) as writer:
        tables = store_project_tables(project, writer, entities, say, is_first=is_first)
        in_force = replace(apply_identities(tables.entities, tables.identities), others=tuple)
        moment = writer.next_moment()
        task = _Task(project.warehouse.resolve(), moment, dict(writer.now.snapshot.versions), in_force, checks)
        outcomes = _prepare_all(spark, task, pieces)
        committed = writer.commit_parts(_join(outcomes, moment))
        remove_passed(project.warehouse, {one.batch_id for one in outcomes if one.is_read and not one.is_held})
        held = [one for piece in _pieces_held(outcomes) for one in _commit_here(writer, piece, in_force)]
    _raise_where_nothing_is_read(outcomes)
    if batches := [one.batch for one in held if one.is_held]:
        raise HeldError(batches)
    problems = tuple(Problem(*problem) for outcome in outcomes for problem in outcome.problems)
    notes = tuple(outcome.note for outcome in outcomes if outcome.note)
    return Ingestion(path, (committed, *held), problems, notes)


# -- deriving ----------------------------------------------------------------------------------------


def _derive_files(
    spark: SparkSession, now: Warehouse, companies: Sequence[str], moment: datetime
) -> Iterator[tuple[WrittenFile, Sequence[str]]]:
    """Derive companies in the executors; yield each file with the companies that are in it."""
    groups = split(companies)
    work = partial(_derive_group, now.path.resolve(), tuple(now.snapshot.versions.items()), moment)
    found = map_groups(spark, groups, work, _OUTCOME).toArrow() if groups else _NO_OUTCOMES
    for text in found.column("outcome").to_pylist():
        outcome = json.loads(text)
        yield _parse_file(outcome["file"]), outcome["companies"]


def _derive_group(
    path: Path, versions: tuple[tuple[str, int], ...], moment: datetime, companies: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """Derive some companies into a file; yield its description."""
    for _, rows in Deriver().derive_all(_open_warehouse(path, versions), companies):
        file = _write_data_file(path, DERIVED, stamp_rows(DERIVED, rows, moment))
        yield _to_batch({"file": _describe_file(file), "companies": [*companies]})


@cache
def _open_warehouse(path: Path, versions: tuple[tuple[str, int], ...]) -> Warehouse:
    """Open a warehouse once in each process."""
    return Warehouse(path, versions=dict(versions))


# -- ingesting: what is read -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a path that is read at once: a file, or some members of an archive."""

    path: Path
    members: tuple[str, ...] | None = None


def _list_pieces(path: Path) -> list[_Piece]:
    """List what to read; UsageError if there is nothing."""
    source = CompanyFactsSource()
    files = sorted(file for file in path.iterdir() if source.accepts(file)) if path.is_dir() else [path]
    pieces = [piece for file in files if source.accepts(file) for piece in _split_file(file)]
    if not pieces:
        raise UsageError(
            f"{path} has no company facts; give a folder of CIK##########.json files, or an archive of them"
        )
    return pieces


def _split_file(file: Path) -> list[_Piece]:
    if file.suffix != ".zip":
        return [_Piece(file)]
    return [_Piece(file, tuple(members)) for members in split([name for name, _ in list_members(file)])]


@dataclass(frozen=True, slots=True)
class _Task:
    """What an executor must know to prepare a batch."""

    warehouse: Path
    moment: datetime
    versions: Mapping[str, int]
    entities: Entities
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a batch: its files by table, or that it would be held; `problems` are of the piece it is from.

    `is_read` is False if nothing of the piece could be read. `rows` are those of all tables without files.
    """

    piece: tuple[str, tuple[str, ...] | None]
    batch_id: str = ""
    files: Mapping[str, Sequence[Any]] | None = None
    companies: Sequence[str] = ()
    derived: Sequence[str] | None = None
    added: int = 0
    known: int = 0
    withdrawn: int = 0
    is_held: bool = False
    is_read: bool = True
    problems: Sequence[Sequence[Any]] = ()
    note: str = ""
    rows: Mapping[str, pa.Table] | None = None


def _prepare_all(spark: SparkSession, task: _Task, pieces: Sequence[_Piece]) -> list[_Outcome]:
    """Read all pieces in the executors, and write their files; return what became of each batch, in order."""
    # A file is a small piece, and a piece of an archive has as many companies as a task should have.
    groups = [group for is_archive in (False, True) for group in _group(pieces, is_archive=is_archive)]
    return _read_outcomes(map_groups(spark, groups, partial(_prepare_group, task), _OUTCOME).toArrow())


def _group(pieces: Sequence[_Piece], *, is_archive: bool) -> list[Sequence[_Piece]]:
    return split([piece for piece in pieces if (piece.members is not None) == is_archive], 1 if is_archive else 4)


# -- ingesting: in the executors ---------------------------------------------------------------------


def _prepare_group(task: _Task, pieces: Sequence[_Piece]) -> Iterator[pa.RecordBatch]:
    """Yield what becomes of each batch of some pieces."""
    for piece in pieces:
        for outcome in _prepare_piece(task, piece):
            rows = {table: _to_bytes(rows) for table, rows in (outcome.rows or {}).items()}
            yield _to_batch(asdict(replace(outcome, rows=None)), rows)


def _prepare_piece(task: _Task, piece: _Piece) -> Iterator[_Outcome]:
    writer = _open_writer(task.warehouse)
    if dict(writer.now.snapshot.versions) != dict(task.versions):
        raise WarehouseError(f"{task.warehouse} is not in the same state here as where the job was started")
    name = (str(piece.path), piece.members)
    try:
        for batch in _read_piece(piece, task.entities):
            yield _prepare_batch(task, writer, name, batch)
    except InputError as error:
        yield _Outcome(name, is_read=False, problems=error.problems)


def _prepare_batch(task: _Task, writer: Writer, piece: tuple[str, tuple[str, ...] | None], batch: Batch) -> _Outcome:
    """Work out what a batch changes, audit it, and write its large tables."""
    placed = replace(batch, facts=place_under_stored_ids(writer.now, batch.facts))
    draft = writer.plan(placed, task.moment)
    told = _Outcome(piece, draft.batch_id, problems=batch.problems, note=batch.note)
    if draft.rows["fact"].num_rows and _open_gate(task.checks).audit(writer.now, draft):
        return replace(told, is_held=True, problems=(), note="")
    files = {
        table: _describe_file(_write_data_file(task.warehouse, table, draft.rows[table]))
        for table in _LARGE
        if table in draft.rows and draft.rows[table].num_rows
    }
    return replace(
        told,
        files=files,
        companies=_list_texts(draft.rows["fact"]),
        derived=_list_derived(draft.rows[DERIVED]) if DERIVED in draft.rows else None,
        added=draft.added,
        known=placed.facts.num_rows - draft.added,
        withdrawn=draft.withdrawn,
        rows={table: rows for table, rows in draft.rows.items() if table not in _LARGE and rows.num_rows},
    )


def _read_piece(piece: _Piece, entities: Entities) -> Iterator[Batch]:
    members = None if piece.members is None else frozenset(piece.members)
    return CompanyFactsSource(members).read(Request(piece.path, piece.path.as_posix(), entities))


@cache
def _open_writer(path: Path) -> Writer:
    """Open a writer once in each process; it takes no lock, for here it only reads."""
    return Writer(path)


@cache
def _open_gate(checks: tuple[Check, ...]) -> Gate:
    return Gate(checks)


def _list_texts(facts: pa.Table) -> list[str]:
    return [one for one in facts.column("entity").cast(pa.string()).unique().to_pylist() if one is not None]


def _list_derived(rows: pa.Table) -> list[str]:
    return _list_texts(rows.filter(pc.equal(rows.column("view"), "derivation")))


def _write_data_file(warehouse: Path, table: str, rows: pa.Table) -> WrittenFile:
    """Write rows into a data file of this attempt alone; `recorded_at` of its rows is in its name."""
    (moment,) = pc.strftime(rows.column("recorded_at").slice(0, 1), "%Y%m%dT%H%M%S").to_pylist()
    file = warehouse / table / f"{moment.replace('.', '')}-{uuid.uuid4().hex[:16]}.parquet"
    write_parquet(rows, file)
    return WrittenFile(file, rows.num_rows, file.stat().st_size, sum_file(file))


# -- ingesting: back in the driver -------------------------------------------------------------------


def _join(outcomes: Sequence[_Outcome], moment: datetime) -> Parts:
    """Put together what all batches changed, apart from those that are held."""
    passed = [one for one in outcomes if one.is_read and not one.is_held]
    derived = [one.derived for one in passed if one.derived is not None]
    ids = "".join(sorted(one.batch_id for one in passed))
    return Parts(
        batch_id=hashlib.sha256(ids.encode()).hexdigest()[:16],
        moment=moment,
        files={
            table: [_parse_file(one.files[table]) for one in passed if one.files and table in one.files]
            for table in _LARGE
        },
        rows=_join_rows([one.rows or {} for one in passed]),
        companies=sorted({company for one in passed for company in one.companies}),
        derived=sorted({company for of_batch in derived for company in of_batch}) if derived else None,
        added=sum(one.added for one in passed),
        known=sum(one.known for one in passed),
        withdrawn=sum(one.withdrawn for one in passed),
    )


def _join_rows(of_batches: Sequence[Mapping[str, pa.Table]]) -> dict[str, pa.Table]:
    """Put the rows of each table together; where two batches have a set of rows, that of the later one counts."""
    tables = dict.fromkeys(table for rows in of_batches for table in rows)
    return {table: _join_sets(table, [rows[table] for rows in of_batches if table in rows]) for table in tables}


def _join_sets(table: str, of_batches: Sequence[pa.Table]) -> pa.Table:
    seen: set[tuple[object, ...]] = set()
    kept = []
    for rows in reversed(of_batches):
        keys = [*zip(*(rows.column(name).to_pylist() for name in LATEST[table]), strict=True)]
        kept.append(rows.filter(array_of([key not in seen for key in keys], pa.bool_())))
        seen.update(keys)
    return pa.concat_tables(kept[::-1])


def _pieces_held(outcomes: Sequence[_Outcome]) -> list[_Piece]:
    return [_Piece(Path(one.piece[0]), one.piece[1]) for one in outcomes if one.is_held]


def _commit_here(writer: Writer, piece: _Piece, entities: Entities) -> list[Committed]:
    """Read a piece in this process, so that its batches are held in the usual way; what is stored already is known."""
    return [
        writer.commit(replace(batch, facts=place_under_stored_ids(writer.now, batch.facts)))
        for batch in _read_piece(piece, entities)
    ]


def _raise_where_nothing_is_read(outcomes: Sequence[_Outcome]) -> None:
    if not any(one.is_read for one in outcomes):
        raise InputError([Problem(*problem) for one in outcomes for problem in one.problems])


# -- between executors and driver --------------------------------------------------------------------

_OUTCOME: Final = "outcome string, rows map<string, binary>"
_OUTCOME_SCHEMA: Final = pa.schema([("outcome", pa.string()), ("rows", pa.map_(pa.string(), pa.binary()))])
_NO_OUTCOMES: Final = pa.Table.from_batches([], _OUTCOME_SCHEMA)


def _to_batch(outcome: Mapping[str, Any], rows: Mapping[str, bytes] | None = None) -> pa.RecordBatch:
    columns = [pa.array([json.dumps(outcome)]), pa.array([[*(rows or {}).items()]], _OUTCOME_SCHEMA.field("rows").type)]
    return pa.RecordBatch.from_arrays(columns, schema=_OUTCOME_SCHEMA)


def _read_outcomes(found: pa.Table) -> list[_Outcome]:
    outcomes = []
    for text, rows in zip(found.column("outcome").to_pylist(), found.column("rows").to_pylist(), strict=True):
        told = json.loads(text)
        path, members = told.pop("piece")
        piece = (path, None if members is None else tuple(members))
        tables = {table: pa.ipc.open_stream(data).read_all() for table, data in rows}
        outcomes.append(_Outcome(**{**told, "piece": piece, "rows": tables}))
    return outcomes


def _to_bytes(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    return bytes(sink.getvalue().to_pybytes())


def _describe_file(file: WrittenFile) -> list[Any]:
    return [str(file.path), file.rows, file.size, file.sha256]


def _parse_file(described: Sequence[Any]) -> WrittenFile:
    path, rows, size, digest = described
    return WrittenFile(Path(path), rows, size, digest)
