"""Derive and ingest in the executors, and commit once from the driver.

The driver holds the writers' lock. The executors read the same snapshot, work on some companies a task, and write data
files under names of their own, which no commit names yet. When all are done, the driver names them in one commit. A
task that dies or runs twice leaves files that nobody names, and so does a driver that dies. The next command that
stores something removes them.
"""

from __future__ import annotations

import pickle
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from tracker.errors import HeldError, UsageError
from tracker.pipeline.archive_pieces import FactPiece, PieceWork, prepare_piece, split_archive
from tracker.pipeline.project_tables import load_project_entities, store_project_tables
from tracker.sources.sec.company_facts import CompanyFactsSource
from tracker.spark.groups import map_groups, split
from tracker.warehouse.checks import load_checks
from tracker.warehouse.derive import derive_into_files
from tracker.warehouse.identity import apply_identities
from tracker.warehouse.quarantine import Gate
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import require_warehouse
from tracker.warehouse.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from pyspark.sql import SparkSession

    from tracker.pipeline.archive_pieces import PieceOutcome, PieceTask
    from tracker.pipeline.ingestion import Ingestion
    from tracker.project import Project
    from tracker.warehouse.data_files import WrittenFile

__all__ = ["derive", "ingest"]


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

    Batches that fail an audit are held, as in `tracker ingest`; all others are stored. Companies that come twice, in
    two files for example, are stored after all others, in commits of their own.

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
        work = PieceWork(writer, in_force, checks, partial(_prepare_all, spark))
        work.store_round(pieces)
        done = work.finish(path)
    if done.held:
        raise HeldError(done.held)
    return done


# -- deriving ----------------------------------------------------------------------------------------


def _derive_files(
    spark: SparkSession, now: Warehouse, companies: Sequence[str], moment: datetime
) -> Iterator[tuple[WrittenFile, Sequence[str]]]:
    """Derive companies in the executors; yield each file with the companies that are in it."""
    work = partial(_derive_group, now.path.resolve(), tuple(now.snapshot.versions.items()), moment)
    return _map_results(spark, split(companies), work)


def _derive_group(
    path: Path, versions: tuple[tuple[str, int], ...], moment: datetime, companies: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """Derive some companies into a file; yield its description."""
    yield from map(_to_batch, derive_into_files(_open_warehouse(path, versions), companies, moment))


@cache
def _open_warehouse(path: Path, versions: tuple[tuple[str, int], ...]) -> Warehouse:
    """Open a warehouse once in each process."""
    return Warehouse(path, versions=dict(versions))


# -- ingesting ---------------------------------------------------------------------------------------


def _list_pieces(path: Path) -> list[FactPiece]:
    """List what to read; UsageError if there is nothing."""
    source = CompanyFactsSource()
    files = sorted(file for file in path.iterdir() if source.accepts(file)) if path.is_dir() else [path]
    pieces = [piece for file in files if source.accepts(file) for piece in _split_file(file)]
    if not pieces:
        raise UsageError(
            f"{path} has no company facts; give a folder of CIK##########.json files, or an archive of them"
        )
    return pieces


def _split_file(file: Path) -> list[FactPiece]:
    return split_archive(file) if file.suffix == ".zip" else [FactPiece(file)]


def _prepare_all(spark: SparkSession, task: PieceTask, pieces: Sequence[FactPiece]) -> Iterator[PieceOutcome]:
    """Read all pieces in the executors, and write their files; yield the outcome of each batch, in order."""
    # A file is a small piece, and a piece of an archive has as many companies as a task should have.
    groups = [group for is_archive in (False, True) for group in _group(pieces, is_archive=is_archive)]
    return _map_results(spark, groups, partial(_prepare_group, task))


def _group(pieces: Sequence[FactPiece], *, is_archive: bool) -> list[Sequence[FactPiece]]:
    return split([piece for piece in pieces if (piece.members is not None) == is_archive], 1 if is_archive else 4)


def _prepare_group(task: PieceTask, pieces: Sequence[FactPiece]) -> Iterator[pa.RecordBatch]:
    """Prepare some pieces; yield the outcome of each batch."""
    for piece in pieces:
        yield from map(_to_batch, prepare_piece(task, piece))


# -- between executors and driver --------------------------------------------------------------------

_RESULT: Final = "result binary"
_RESULT_SCHEMA: Final = pa.schema([("result", pa.binary())])


def _map_results(
    spark: SparkSession, groups: Sequence[Any], work: Callable[[Any], Iterable[pa.RecordBatch]]
) -> Iterator[Any]:
    """Yield the results of a function for each group, each group in a task."""
    if groups:
        for result in map_groups(spark, groups, work, _RESULT).toArrow().column("result"):
            yield pickle.loads(result.as_py())  # noqa: S301 - from our own executors


def _to_batch(result: object) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([pickle.dumps(result)], pa.binary())], schema=_RESULT_SCHEMA)
