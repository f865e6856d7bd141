"""Store company facts in pieces that other processes read, audit, derive and write.

A piece is a file, or some members of an archive. One process holds the writers' lock. The others read the same state,
take a piece each, and write its data files under names of their own, which no commit names yet. What they return is
small. When a round of pieces is done, the first process names all their files in one commit. A process that dies, or a
piece that is prepared twice, leaves files that nobody names; the next command that stores something removes them.

A piece is prepared without the other pieces of its round. If two pieces are about one company, the later one is stored
after the round, as any batch is. So is a piece with a batch that is held.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import groupby
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from tracker.errors import InputError, WarehouseError
from tracker.model.arrays import array_of, on_one_heap
from tracker.model.batch import Batch
from tracker.model.fact import no_facts
from tracker.model.schema import DERIVED, LATEST
from tracker.pipeline.ingestion import Ingestion
from tracker.sources.base import Request
from tracker.sources.sec.company_facts import CompanyFactsSource, list_members
from tracker.warehouse.data_files import remove_files, write_part
from tracker.warehouse.identity import place_under_stored_ids
from tracker.warehouse.processes import count_processes, map_in_processes
from tracker.warehouse.quarantine import Gate, remove_passed
from tracker.warehouse.snapshot import stamp_of
from tracker.warehouse.stored_state import select_derivations
from tracker.warehouse.writer import Parts, Writer, explain_refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from tracker.errors import Problem
    from tracker.model.entity import Entities
    from tracker.warehouse.checks import Check
    from tracker.warehouse.data_files import WrittenFile
    from tracker.warehouse.writer import Committed, Draft

__all__ = [
    "MOST_COMPANIES",
    "FactPiece",
    "PieceOutcome",
    "PieceTask",
    "PieceWork",
    "make_loads",
    "prepare_piece",
    "split_archive",
    "split_for_processes",
    "store_in_rounds",
]

#: How many companies a piece of an archive has at most: to read, derive and audit them takes up to 500 MB.
MOST_COMPANIES: Final = 8
#: How many pieces a process prepares between two commits.
_IN_A_ROUND: Final = 8
#: For fewer bytes of company facts (unpacked), starting a process takes longer than it saves.
_WORTH_A_PROCESS: Final = 4 * 2**20
#: The tables that grow with the facts: their files are written where a piece is prepared.
_LARGE: Final = (DERIVED, "fact")


@dataclass(frozen=True, slots=True)
class FactPiece:
    """A part of a path that is read at once: a file, or some members of an archive.

    `size` is in bytes, unpacked, and `place` is the place among all pieces of the archive.
    """

    path: Path
    members: tuple[str, ...] | None = None
    size: int = 0
    place: int = 0

    def read(self, entities: Entities) -> Iterator[Batch]:
        """Yield its batches; InputError if nothing of it can be read."""
        wanted = None if self.members is None else frozenset(self.members)
        return CompanyFactsSource(wanted).read(Request(self.path, self.path.as_posix(), entities))


@dataclass(frozen=True, slots=True)
class PieceTask:
    """What a process must know to prepare pieces: the state that they are added to, and when."""

    warehouse: Path
    moment: datetime
    versions: Mapping[str, int]
    entities: Entities
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class PieceOutcome:
    """What became of a batch of a piece: its files by table, or that it would be held.

    `rows` are those of all tables without files. `touched` are the ids in force of all companies that the batch says
    something about. `unchanged` are its sources that are stored as the batch has them. If nothing of the piece could
    be read (`is_read` is False), there are only `problems`.
    """

    piece: FactPiece
    batch_id: str = ""
    files: Mapping[str, WrittenFile] = field(default_factory=dict)
    rows: Mapping[str, pa.Table] = field(default_factory=dict)
    companies: Sequence[str] = ()
    derived: Sequence[str] | None = None
    touched: frozenset[str] = frozenset()
    unchanged: frozenset[str] = frozenset()
    added: int = 0
    known: int = 0
    withdrawn: int = 0
    is_held: bool = False
    is_read: bool = True
    problems: tuple[Problem, ...] = ()
    note: str = ""


# -- splitting ---------------------------------------------------------------------------------------


def split_archive(path: Path, most: int = MOST_COMPANIES) -> list[FactPiece]:
    """Split an archive into pieces of at most this many members; members of one name are in one piece.

    Raises:
        InputError: it is no readable archive.

    """
    sizes: dict[str, int] = {}
    for name, size in list_members(path):
        sizes[name] = sizes.get(name, 0) + size
    names = [*sizes]
    groups = [tuple(names[start : start + most]) for start in range(0, len(names), most)]
    return [FactPiece(path, group, sum(sizes[name] for name in group), place) for place, group in enumerate(groups)]


def split_for_processes(path: Path) -> list[FactPiece]:
    """Split an archive into equal shares, one for each process, if each is large enough to be worth a process.

    The result is empty if one process alone is as fast.

    Raises:
        InputError: it is no readable archive.

    """
    if count_processes() == 1 or path.suffix != ".zip":
        return []
    members = list_members(path)
    worth = sum(size for _, size in members) // _WORTH_A_PROCESS
    processes = min(count_processes(), len(members), worth)
    if processes <= 1:
        return []
    shares = math.ceil(len(members) / (MOST_COMPANIES * processes)) * processes
    return split_archive(path, math.ceil(len(members) / shares))


# -- where a piece is prepared -----------------------------------------------------------------------


def prepare_piece(task: PieceTask, piece: FactPiece) -> Iterator[PieceOutcome]:
    """Read a piece, and write what its batches change into data files; yield the outcome of each batch.

    Raises:
        WarehouseError: the warehouse has another state here than in the process that made the task.

    """
    writer = _open_writer(task.warehouse)
    if dict(writer.now.snapshot.versions) != dict(task.versions):
        raise WarehouseError(f"{task.warehouse} is not in the same state here as where the work was started")
    try:
        for batch in piece.read(task.entities):
            yield _prepare_batch(task, writer, piece, batch)
    except InputError as error:
        yield PieceOutcome(piece, is_read=False, problems=tuple(error.problems))


def _prepare_batch(task: PieceTask, writer: Writer, piece: FactPiece, batch: Batch) -> PieceOutcome:
    """Find what a batch changes, audit it, and write its large tables into data files."""
    placed = replace(batch, facts=place_under_stored_ids(writer.now, batch.facts))
    draft = writer.plan(placed, task.moment)
    outcome = PieceOutcome(piece, draft.batch_id, problems=batch.problems, note=batch.note)
    if draft.rows["fact"].num_rows and _open_gate(task.warehouse, task.checks).audit(writer.now, draft):
        return replace(outcome, is_held=True)
    changed = {table: rows for table, rows in draft.rows.items() if rows.num_rows}
    return replace(
        outcome,
        files={
            table: write_part(task.warehouse, table, rows, task.moment, piece.place)
            for table, rows in changed.items()
            if table in _LARGE
        },
        rows={table: rows for table, rows in changed.items() if table not in _LARGE},
        companies=_list_distinct_texts(draft.rows["fact"], "entity"),
        derived=_list_derived(draft.rows),
        touched=_find_touched(writer, changed),
        unchanged=_find_unchanged_sources(batch, draft),
        added=draft.added,
        known=placed.facts.num_rows - draft.added,
        withdrawn=draft.withdrawn,
    )


@cache
def _open_writer(path: Path) -> Writer:
    """Open a writer once in each process; it takes no lock, for here it only reads."""
    return Writer(path)


@cache
def _open_gate(_: Path, checks: tuple[Check, ...]) -> Gate:
    """Open a gate once in each process for each warehouse, because it keeps a connection to it."""
    return Gate(checks)


def _list_distinct_texts(rows: pa.Table, column: str) -> list[str]:
    return [one for one in rows.column(column).cast(pa.string()).unique().to_pylist() if one is not None]


def _list_derived(rows: Mapping[str, pa.Table]) -> list[str] | None:
    return _list_distinct_texts(select_derivations(rows[DERIVED]), "entity") if DERIVED in rows else None


def _find_touched(writer: Writer, changed: Mapping[str, pa.Table]) -> frozenset[str]:
    """Find the ids in force of the companies that rows are about."""
    ids = dict(writer.now.rows("select stored_as, entity from entity_id where not is_withdrawn"))
    tables = [rows for rows in changed.values() if "entity" in rows.column_names]
    return frozenset(ids.get(name) or name for rows in tables for name in _list_distinct_texts(rows, "entity"))


def _find_unchanged_sources(batch: Batch, draft: Draft) -> frozenset[str]:
    """Find the sources of a batch that are already stored with the same values."""
    listed, changed = (
        {*_list_distinct_texts(rows["source"], "source_id")} if "source" in rows else set()
        for rows in (batch.rows, draft.rows)
    )
    return frozenset(listed - changed)


# -- where the lock is held --------------------------------------------------------------------------


@dataclass(slots=True)
class PieceWork:
    """Stores pieces round by round. `prepare` prepares the pieces of a task elsewhere; it yields outcomes in order."""

    writer: Writer
    entities: Entities
    checks: tuple[Check, ...]
    prepare: Callable[[PieceTask, Sequence[FactPiece]], Iterable[PieceOutcome]]
    _commits: list[Committed] = field(default_factory=list)
    _problems: list[Problem] = field(default_factory=list)
    _unread: list[Problem] = field(default_factory=list)
    _notes: list[str] = field(default_factory=list)
    _is_read: bool = False

    def store_round(self, pieces: Sequence[FactPiece]) -> None:
        """Prepare some pieces, and store them in one commit; then those that must be stored one after the other.

        Raises:
            StorageError: the system refuses to write, or a process died; nothing of the round is stored.

        """
        moment = self.writer.next_moment()
        versions = dict(self.writer.now.snapshot.versions)
        task = PieceTask(self.writer.path.resolve(), moment, versions, self.entities, self.checks)
        with explain_refusal("nothing of this round is stored, what was stored before stands"):
            outcomes = self._prepare_round(task, pieces)
        passed, again = _separate(outcomes)
        if passed:
            self._commit_passed(_join(passed, moment))
            remove_passed(self.writer.path, {one.batch_id for one in passed})
        for piece in again:
            self._store_here(piece)
        self._note_outcomes(outcomes)

    def _prepare_round(self, task: PieceTask, pieces: Sequence[FactPiece]) -> list[PieceOutcome]:
        """Prepare pieces; if that fails, remove the files that were written."""
        try:
            return [*self.prepare(task, pieces)]
        except BaseException:
            _remove_unnamed(task.warehouse, task.moment, ())
            raise

    def _commit_passed(self, parts: Parts) -> None:
        """Commit what was prepared, without the files of pieces that are left out or were prepared twice."""
        named = {file.path.name for files in parts.files.values() for file in files}
        _remove_unnamed(self.writer.path, parts.moment, named)
        self._commits.append(self.writer.commit_parts(parts))

    def _store_here(self, piece: FactPiece) -> None:
        """Read a piece in this process, and store its batches in the usual way, in which they may be held."""
        for batch in piece.read(self.entities):
            placed = replace(batch, facts=place_under_stored_ids(self.writer.now, batch.facts))
            self._commits.append(self.writer.commit(placed))

    def _note_outcomes(self, outcomes: Iterable[PieceOutcome]) -> None:
        for one in outcomes:
            self._problems += one.problems
            self._notes += [one.note] if one.note else []
            self._unread += () if one.is_read else one.problems
            self._is_read |= one.is_read

    def finish(self, path: Path) -> Ingestion:
        """Return the result of reading all pieces of a path.

        Raises:
            InputError: nothing of the path could be read.

        """
        if not self._is_read:
            raise InputError(self._problems)
        if self._unread:
            self._commits.append(self.writer.commit(Batch(no_facts(), {}, tuple(self._unread))))
        return Ingestion(path, tuple(self._commits), tuple(self._problems), tuple(self._notes))


def _separate(outcomes: Iterable[PieceOutcome]) -> tuple[list[PieceOutcome], list[FactPiece]]:
    """Return the outcomes that can be committed together, and the pieces that must be stored one after the other."""
    passed: list[PieceOutcome] = []
    again: list[FactPiece] = []
    seen: set[str] = set()
    for piece, found in groupby(outcomes, key=lambda one: one.piece):
        read = [one for one in found if one.is_read]
        touched = {company for one in read for company in one.touched}
        is_shared = len(touched) < sum(len(one.touched) for one in read) or not seen.isdisjoint(touched)
        if is_shared or any(one.is_held for one in read):
            again.append(piece)
        else:
            passed += read
            seen |= touched
    return passed, again


def _remove_unnamed(warehouse: Path, moment: datetime, named: Iterable[str]) -> None:
    """Remove the data files of a moment, apart from those that its commit will name."""
    kept = {*named}
    files = [file for table in _LARGE for file in (warehouse / table).glob(f"{stamp_of(moment)}-*.parquet")]
    remove_files(file for file in files if file.name not in kept)


def _join(passed: Sequence[PieceOutcome], moment: datetime) -> Parts:
    """Put together what batches changed."""
    derived = [one.derived for one in passed if one.derived is not None]
    ids = "".join(sorted(one.batch_id for one in passed))
    return Parts(
        batch_id=hashlib.sha256(ids.encode()).hexdigest()[:16],
        moment=moment,
        files={table: [one.files[table] for one in passed if table in one.files] for table in _LARGE},
        rows=_join_rows(passed),
        companies=sorted({company for one in passed for company in one.companies}),
        derived=sorted({company for of_batch in derived for company in of_batch}) if derived else None,
        added=sum(one.added for one in passed),
        known=sum(one.known for one in passed),
        withdrawn=sum(one.withdrawn for one in passed),
    )


def _join_rows(passed: Sequence[PieceOutcome]) -> dict[str, pa.Table]:
    """Put the rows of each table together; where two batches have a set of rows, that of the later one counts."""
    tables = dict.fromkeys(table for one in passed for table in one.rows)
    return {table: _join_sets(table, passed) for table in tables}


def _join_sets(table: str, passed: Sequence[PieceOutcome]) -> pa.Table:
    """Put the rows of a table together; leave out a source that a later batch has with its stored values."""
    seen: set[tuple[object, ...]] = set()
    kept = []
    for one in reversed(passed):
        if table in one.rows:
            rows = one.rows[table]
            keys = [*zip(*(rows.column(name).to_pylist() for name in LATEST[table]), strict=True)]
            kept.append(rows.filter(array_of([key not in seen for key in keys], pa.bool_())))
            seen.update(keys)
        if table == "source":
            seen.update((source,) for source in one.unchanged)
    return pa.concat_tables(kept[::-1])


# -- with the processes of this machine --------------------------------------------------------------


def store_in_rounds(  # noqa: PLR0913, PLR0917 - what the caller knows
    writer: Writer,
    path: Path,
    pieces: Sequence[FactPiece],
    entities: Entities,
    checks: Iterable[Check],
    progress: Callable[[float], None],
) -> Ingestion:
    """Store the pieces of a path in rounds, one commit for each round, so that a stop loses only one round.

    `progress` is called with the share of the pieces that are prepared.

    Raises:
        InputError: nothing of the path could be read.
        StorageError: the system refuses to write, or a process died; the rounds before stand.

    """
    processes = count_processes()
    shares = {piece: number / len(pieces) for number, piece in enumerate(pieces, 1)}
    prepare = partial(_prepare_in_processes, processes, lambda piece: progress(shares[piece]))
    work = PieceWork(writer, replace(entities, others=tuple), tuple(checks), prepare)
    for start in range(0, len(pieces), _IN_A_ROUND * processes):
        work.store_round(pieces[start : start + _IN_A_ROUND * processes])
    return work.finish(path)


def _prepare_in_processes(
    processes: int, show: Callable[[FactPiece], None], task: PieceTask, pieces: Sequence[FactPiece]
) -> Iterator[PieceOutcome]:
    """Prepare pieces in processes of this machine."""
    loads = [(task, load) for load in make_loads(pieces)]
    with contextlib.closing(map_in_processes(_prepare_load, loads, processes)) as results:
        for outcomes in results:
            show(outcomes[-1].piece)
            yield from outcomes


def make_loads(pieces: Sequence[FactPiece]) -> list[list[FactPiece]]:
    """Put small pieces together, so that each process has enough to do."""
    loads: list[list[FactPiece]] = []
    for piece in pieces:
        if loads and sum(one.size for one in loads[-1]) < _WORTH_A_PROCESS / 2:
            loads[-1].append(piece)
        else:
            loads.append([piece])
    return loads


def _prepare_load(load: tuple[PieceTask, Sequence[FactPiece]]) -> list[PieceOutcome]:
    """Prepare some pieces, in a process of its own."""
    on_one_heap()
    task, pieces = load
    return [outcome for piece in pieces for outcome in prepare_piece(task, piece)]
