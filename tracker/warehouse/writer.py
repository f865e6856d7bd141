"""Writing: batches become commits, whole or not at all, one writer at a time.

A batch's other tables are written first and `fact` last, so that a batch is there when its `fact` commit is there.
A data file is flushed to disk before a commit names it; the log entry is flushed before we say "committed" (the
log library does not). Every commit carries the SHA-256 of its file, which `verify` checks: one flipped bit in
a Parquet file is silently another number to every reader.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction

from tracker.errors import BusyError, DamageError, StorageError, UsageError, describe_system_error
from tracker.files.disk import create_file, is_draft, replace_file, sync
from tracker.model.arrays import (
    Numbers,
    array_of,
    codes_of,
    combined,
    constant,
    from_numbers,
    letters_of,
    missing,
    numbers,
    whole,
)
from tracker.model.fact import content_table, no_facts, rows_table, schema_of, with_ids
from tracker.model.schema import DERIVED, LATEST, READERS, RUNS, TABLES
from tracker.warehouse.catalog import latest_name, more_sql
from tracker.warehouse.compact import (
    KEPT_FOR,
    Compaction,
    find_small_files,
    kept_rows,
    needs_compaction,
    remove_replaced,
)
from tracker.warehouse.corrections import settle
from tracker.warehouse.delta_log import (
    LOG,
    DataFile,
    LogEntry,
    entry_name,
    is_data_file,
    newest_versions,
    read_entry_text,
    versions_there,
)
from tracker.warehouse.derive import Deriver
from tracker.warehouse.file_check import remember
from tracker.warehouse.journal import REPAIR, add_commit, last_commit, read_log
from tracker.warehouse.reader import MovingWarehouse, Warehouse
from tracker.warehouse.snapshot import CATALOG, MORE, Snapshot, basis_of, read_snapshot, require_warehouse, stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from tracker.errors import Problem
    from tracker.model.batch import Batch

__all__ = ["Committed", "Draft", "Writer", "add_settled", "history", "leftovers", "publish", "remove_leftovers"]

ROW_GROUP: Final = 122_880
#: What rows of `fact` are sorted by in a file, before their id.
_ORDER: Final = ("entity", "concept", "period_end", "known_at")
#: Columns in which hardly a value comes twice, so that a dictionary of them would only cost. No others: of a text
#: that is one and the same or NULL and has no dictionary, DuckDB 2.0.0 finds every row when asked for `is null`.
_DIVERSE: Final = frozenset({"fact_id", "value"})
_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Committed:
    """What a batch changed: facts added, already known, withdrawn; `version` is `fact`'s, None if unchanged.

    `changed` counts what changed of other tables: sources, companies, pins, or the metrics as one.
    A batch that is held changed nothing: it lies aside.
    """

    batch: str
    version: int | None
    added: int
    known: int
    withdrawn: int
    is_held: bool = False
    changed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A batch on its way in: its id, the rows each table would get, and those of its companies that have facts."""

    batch: Batch
    batch_id: str
    rows: Mapping[str, pa.Table]
    known: Sequence[str]


@dataclass(frozen=True, slots=True)
class _File:
    """A data file on disk that no commit names yet."""

    path: Path
    rows: int
    size: int
    sha256: str

    @property
    def described(self) -> DataFile:
        """What its commit says of it."""
        return DataFile(f"{self.path.parent.name}/{self.path.name}", self.size, self.sha256, self.rows)


class Writer:
    """The one who may write: holds the lock of a warehouse folder while open.

    Waits up to `wait` seconds for another writer (60, or what TRACKER_LOCK_WAIT says), then raises BusyError.
    `gate` is shown each batch beside the state before it; where it says yes, the batch is held and not committed.
    Figures that are not those of the stored facts and definitions are derived first; `progress` is told the share that
    is done, and `derived` is of how many companies. `warn` gets a message where the system refused to write after a
    commit. A refusal before it is a StorageError.
    """

    def __init__(
        self,
        path: Path,
        wait: float | None = None,
        gate: Callable[[Warehouse, Draft], bool] | None = None,
        warn: Callable[[str], None] = lambda _: None,
        progress: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.path = path
        self.gate = gate
        self.warn = warn
        self.progress = progress
        self.derived = 0
        self.wait = _usual_wait() if wait is None else wait
        self._deriver = Deriver()
        self._logs: dict[str, DeltaTable] = {}
        self._stored: _Stored | None = None
        self._unnumbered: str | None = None

    def __enter__(self) -> Self:
        with _explained("nothing is stored"):
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = (self.path / ".lock").open("w")
            try:
                self._acquire()
                self._settle()
                if not (self._now().is_derived or self._is_empty()):
                    self.derived = self.derive()
            except BaseException:
                self._lock.close()
                raise
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        try:
            if self._stored and self._unnumbered:
                with self._warned("all is stored, without a number in `tracker log`"):
                    self._number(self._unnumbered, self._stored.newest)
            if self._stored and error is None:
                self._compact_many()
        finally:
            if self._stored:
                self._stored.warehouse.close()
            self._deriver.close()
            self._lock.close()

    def _compact_many(self) -> None:
        """Put together the files of tables that have many small ones."""
        many = tuple(table for table in TABLES if needs_compaction(self._rows_of_files(table)))
        if many:
            with self._warned("all is stored, in many small files"):
                self.compact(many)

    def _acquire(self) -> None:
        deadline = time.monotonic() + self.wait
        while True:
            try:
                return fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    message = f"{self.path} is being written by another process; try again when it is done"
                    raise BusyError(message) from None
                time.sleep(0.02)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock alone, whatever the state of the warehouse: for mending it."""
        with (self.path / ".lock").open("w") as self._lock:
            self._acquire()
            yield

    def _settle(self) -> None:
        """Bring in order what a process that died left behind, and create tables that are not there.

        Raises DamageError where the log has lost a commit: the next would take its number.
        """
        add_settled(self.path)
        missing = [table for table in TABLES if table not in newest_versions(self.path)]
        for table in missing:
            DeltaTable.create(self.path / table, schema_of(table), mode="ignore")
            sync(self.path / table / LOG)
        if missing:
            add_commit(self.path, newest_versions(self.path), "created")
        with self._warned("what a process that died left stays until the next command that stores something"):
            remove_leftovers(self.path)
        with self._warned("what was stored before stands"):
            publish(self.path)

    @contextlib.contextmanager
    def _warned(self, stands: str) -> Iterator[None]:
        """Tell what the system would not write once there is no way back: the work itself is done."""
        try:
            yield
        except (OSError, MemoryError, DeltaError) as error:
            self.warn(f"{_failure(error)}; {stands}")

    def _is_empty(self) -> bool:
        return not self._now().warehouse.snapshot.files["fact"]

    def derive(self) -> int:
        """Derive the figures of all companies anew, and show them together; return how many companies these are.

        StorageError where the system fails: what was derived before stands.
        """
        with _explained("the figures derived before stand"):
            stored = self._now()
            moment = max(datetime.now(UTC), stored.newest + _TICK)
            companies = stored.companies()
            files: list[_File] = []
            rows = [pa.Table.from_batches([], schema_of(DERIVED))]
            for done, derived in self._deriver.derive_all(stored.warehouse, companies):
                name = f"{moment:%Y%m%dT%H%M%S%f}-{hashlib.sha256(str(len(files)).encode()).hexdigest()[:16]}.parquet"
                stamped = _stamped(DERIVED, derived, moment)
                files += self._write({DERIVED: stamped}, name).values()
                rows.append(_derivation_rows(stamped))
                self.progress(done / len(companies))
            snapshot = stored.warehouse.snapshot
            commit = _Commit(DERIVED, files, snapshot.files[DERIVED], moment, basis_of(snapshot.newest))
            version = self._append(commit, hashlib.sha256(f"{moment} {commit.basis}".encode()).hexdigest()[:16])
            stored.follow(self.path, [(commit, version, pa.concat_tables(rows))], moment)
        self._enter({file.path.name: file for file in files}, {DERIVED: version})
        return len(companies)

    def compact(self, tables: Iterable[str] = TABLES, kept_for: timedelta = KEPT_FOR) -> Compaction:
        """Put the small files of each table together, and remove files that were replaced longer ago than `kept_for`.

        StorageError where the system fails; what was stored stands.
        """
        replaced = written = 0
        for table in tables:
            small = find_small_files(self._rows_of_files(table))
            if small:
                rows = self.now.sql(kept_rows(table), {"files": [str(self.path.resolve() / name) for name in small]})
                self._replace_files(table, rows.arrow().cast(schema_of(table)), small)
                replaced, written = replaced + len(small), written + 1
        return Compaction(replaced, written, len(remove_replaced(self.path, kept_for)))

    def _rows_of_files(self, table: str) -> dict[str, int]:
        """Return the files of a table that hold, with the rows of each."""
        snapshot = self._now().warehouse.snapshot
        return {name: snapshot.stored[name].rows for name in snapshot.files[table]}

    def _replace_files(self, table: str, rows: pa.Table, names: Sequence[str]) -> None:
        """Store the rows of some files of a table in one file, in place of these.

        StorageError where the system fails; what was stored stands.
        """
        with _explained("what was stored stands"):
            stored = self._now()
            digest = hashlib.sha256("".join(names).encode()).hexdigest()[:16]
            moment = max(datetime.now(UTC), stored.newest + _TICK)
            name = f"{stamp_of(moment)}-{digest}.parquet"
            (file,) = self._write({table: _encoded(rows) if table == "fact" else rows}, name).values()
            basis = stored.warehouse.snapshot.basis if table == DERIVED else None
            commit = _Commit(table, [file], names, moment, basis, is_new=False)
            version = self._append(commit, None)
            stored.follow(self.path, [(commit, version, rows)], moment)
        self._enter({table: file}, {table: version})

    @property
    def now(self) -> Warehouse:
        """What is stored by now, for reading; it stays the writer's, and moves on with each commit."""
        return self._now().warehouse

    def commit(self, batch: Batch) -> Committed:
        """Store a batch and make it what readers see; the same batch again changes nothing.

        StorageError where the system fails before the commit stands: nothing of the batch is stored then.
        """
        with _explained("nothing of this batch is stored, what was stored before stands"):
            done, files, added = self._commit(batch)
        if added:
            self._enter(files, added)
        return done

    def _enter(self, files: Mapping[str, _File], added: Mapping[str, int]) -> None:
        """Enter a commit that stands in the ledger, and show it to readers of `warehouse.sql`."""
        with self._warned("the commit stands, and the next command that stores something enters it in the ledger"):
            add_commit(self.path, added)
        with self._warned("the commit stands"):
            remember(self.path, [file.described for file in files.values()])
        with self._warned("the commit stands, and the next command that stores something writes it anew"):
            publish(self.path, self._stored.warehouse.snapshot if self._stored else None)

    def _commit(self, batch: Batch) -> tuple[Committed, dict[str, _File], dict[str, int]]:
        """Store a batch: what it changed, its files, and the version each table has with it."""
        stored = self._now()
        facts = _once(_in_order(_encoded(batch.facts)))
        moment = max(datetime.now(UTC), stored.newest + _TICK)
        rows = batch.rows | ({"problem": _problem_rows(batch.problems)} if batch.problems else {})
        changes = {table: stored.changed(table, incoming, batch.origin) for table, incoming in rows.items()}
        fresh = stored.unknown(facts)
        withdrawn = _withdrawn(stored.warehouse, batch)
        settled = settle(stored.warehouse, changes.get("correction"), fresh, withdrawn, moment)
        beside = [withdrawn, settled.facts] if settled else [withdrawn]
        changes |= {"correction_effect": settled.effects} if settled else {}
        changes["fact"] = pa.concat_tables([fresh, *(_encoded(rows) for rows in beside if rows.num_rows)])
        batch_id = _batch_id(facts if facts.num_rows else changes["fact"])
        stamped = {table: _stamped(table, new, moment) for table, new in changes.items()}
        derived = self._deriver.derive_batch(stored.warehouse, stamped)
        if derived is not None:
            stamped[DERIVED] = _stamped(DERIVED, derived, moment)
            stamped["fact"] = stamped.pop("fact")  # last: with it, all that belongs to the batch is there
        known = batch.facts.num_rows - fresh.num_rows
        name = f"{moment:%Y%m%dT%H%M%S%f}-{batch_id}.parquet"
        files = self._written(Draft(batch, batch_id, stamped, stored.companies_of(facts)), stored.warehouse, name)
        if files is None:
            return Committed(batch_id, None, 0, known, 0, is_held=True), {}, {}
        commits = _plan_commits(stored, files, None if derived is None else stamped[DERIVED], moment)
        added = {commit.table: self._append(commit, batch_id) for commit in commits}
        stored.follow(self.path, [(commit, added[commit.table], stamped[commit.table]) for commit in commits], moment)
        version = added.get("fact")
        self._unnumbered = None if version is not None else batch_id if files else self._unnumbered
        other = {table: _sets(table, changes[table]) for table in added if table in LATEST}
        return Committed(batch_id, version, fresh.num_rows, known, withdrawn.num_rows, changed=other), files, added

    def _written(self, draft: Draft, now: Warehouse, name: str) -> dict[str, _File] | None:
        """A batch's files, written while it is audited, for most pass; None where it is held: no file is left then."""
        with ThreadPoolExecutor(1, "pen") as pen:
            written = pen.submit(self._write, {table: new for table, new in draft.rows.items() if new.num_rows}, name)
            is_let_in = False
            try:
                is_let_in = self.gate is None or not self.gate(now, draft)
            finally:
                files = written.result()
                for file in () if is_let_in else files.values():
                    file.path.unlink()
        return files if is_let_in else None

    def shared(self, batch: Batch) -> list[tuple[str, str]]:
        """Sources of the batch that another origin keeps, each with that origin, where not all is stored that it says.

        A source is of the origin that named it first, whose batches withdraw what they lack of it.
        """
        now = self._now().warehouse
        now.connection.register("incoming", batch.facts)
        found = now.sql(
            f"""{_SAID_OF_ALL}
                select distinct s.source_id, s.origin
                from incoming i
                join source s on s.source_id = i.source_id and s.origin is distinct from $origin
                where i.method = 'curated' and not exists (select 1 from said k where k.fact_id = i.fact_id)
                order by all""",
            {"origin": batch.origin},
        )
        return [(source, origin) for source, origin in found.fetchall()]

    def foreign(self, batch: Batch, table: str) -> list[tuple[str, str]]:
        """Keys of the batch's rows of a table that are stored from another origin, each with that origin."""
        if table not in batch.rows:
            return []
        (key,) = LATEST[table]
        now = self._now().warehouse
        now.connection.register("incoming", batch.rows[table])
        found = now.sql(
            f"""select distinct s.{key}, s.origin from {latest_name(table)} s semi join incoming using ({key})
                where s.origin is distinct from $origin order by all""",
            {"origin": batch.origin},
        )
        return [(name, origin) for name, origin in found.fetchall()]

    def _now(self) -> _Stored:
        """What is stored, kept from the commit before; read anew where somebody else has written since."""
        if self._stored is None or not self._stored.is_current(self.path):
            if self._stored:
                self._stored.warehouse.close()
            self._stored = _Stored.read(self.path)
        return self._stored

    def _write(self, rows: Mapping[str, pa.Table], name: str) -> dict[str, _File]:
        """One Parquet file a table, in the order in which they are to be named by commits."""
        files = {table: self.path / table / name for table in rows}
        try:
            for table, file in files.items():
                _write_parquet(rows[table], file)
        except BaseException:
            _remove(files.values())
            raise
        return {
            table: _File(file, rows[table].num_rows, file.stat().st_size, _sha256(file))
            for table, file in files.items()
        }

    def _append(self, commit: _Commit, batch_id: str | None) -> int:
        """Make the commit that names a table's new files; return its version. Without a batch it says nothing new."""
        sums = {file.path.name: file.sha256 for file in commit.files}
        rows = sum(file.rows for file in commit.files)
        origin = {"compacted": "true"} if batch_id is None else {"batch": batch_id}
        metadata = {**origin, "sha256": json.dumps(sums), "rows": str(rows)}
        if commit.basis is not None:
            metadata |= {"basis": commit.basis, "recorded_at": f"{commit.moment:%Y%m%dT%H%M%S%f}"}
        if commit.removed:
            return self._log_by_hand(commit, metadata)
        actions = [
            AddAction(
                file.path.name, file.size, {}, int(time.time() * 1000), True, json.dumps({"numRecords": file.rows})
            )
            for file in commit.files
        ]
        return self._log(commit.table, actions, metadata)

    def _log_by_hand(self, commit: _Commit, metadata: Mapping[str, str]) -> int:
        """Write a commit that removes files: the log's library has no way to name them."""
        now = int(time.time() * 1000)
        info = {"timestamp": now, "operation": "WRITE", "operationParameters": {"mode": "Append"}, **metadata}
        removed = [
            {"remove": {"path": name.partition("/")[2], "deletionTimestamp": now, "dataChange": True}}
            for name in commit.removed
        ]
        added = [
            {
                "add": {
                    "path": file.path.name, "partitionValues": {}, "size": file.size, "modificationTime": now,
                    "dataChange": True, "stats": json.dumps({"numRecords": file.rows}),
                }
            }
            for file in commit.files
        ]  # fmt: skip
        version = self._newest(commit.table) + 1
        text = "".join(f"{json.dumps(action)}\n" for action in [{"commitInfo": info}, *removed, *added])
        create_file(self.path / entry_name(commit.table, version), text.encode())
        self._logs.pop(commit.table, None)  # it would take this commit for that of another writer
        return version

    def _number(self, batch_id: str, recorded_at: datetime) -> None:
        """A commit of `fact` without rows: what changed in other tables alone has a number to be asked by, too."""
        metadata = {"batch": batch_id, "sha256": "{}", "rows": "0", "recorded_at": f"{recorded_at:%Y%m%dT%H%M%S%f}"}
        add_commit(self.path, {"fact": self._log("fact", [], metadata)})
        publish(self.path)

    def _log(self, table: str, actions: Sequence[AddAction], metadata: dict[str, str]) -> int:
        """The commit itself. Where its outcome is unknown it is looked up in the log, never sent again blindly."""
        folder = self.path / table
        delta = self._logs[table] = self._logs.get(table) or _open_log(folder)
        try:
            delta.create_write_transaction(
                [*actions],
                "append",
                delta.schema(),
                commit_properties=CommitProperties(custom_metadata=metadata),
                post_commithook_properties=PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False),
            )
        except (CommitFailedError, DeltaError, OSError):
            self._logs.pop(table)
            if not self._is_logged(table, metadata):
                raise
        version = self._newest(table)
        with self._warned("the commit stands, but may not outlive a loss of power"):
            sync(folder / LOG / f"{version:020d}.json")
            sync(folder / LOG)
        return version

    def _is_logged(self, table: str, metadata: Mapping[str, str]) -> bool:
        """Whether the newest entry of a log carries this, though the library says that it failed."""
        newest = max(versions_there(self.path, table), default=-1)
        lines = read_entry_text(self.path, table, newest).splitlines() if newest >= 0 else ()
        return any(json.loads(line).get("commitInfo", {}).items() >= metadata.items() for line in lines)

    def _newest(self, table: str) -> int:
        """The version a table has now."""
        delta = self._logs.get(table)
        try:
            if delta is not None:
                delta.update_incremental()
                return delta.version()
        except (DeltaError, OSError):
            self._logs.pop(table)
        return max(versions_there(self.path, table))


def _failure(error: Exception) -> str:
    """What the system or a library says, in one line with what to do."""
    return describe_system_error(error if isinstance(error, OSError | MemoryError) else OSError(str(error)))


@contextlib.contextmanager
def _explained(stands: str) -> Iterator[None]:
    """Errors of the operating system as a StorageError that says what is stored."""
    try:
        yield
    except (OSError, MemoryError, DeltaError) as error:
        raise StorageError(f"{_failure(error)}; {stands}") from error


def _open_log(folder: Path) -> DeltaTable:
    """A table's log, to be written to; DamageError where the log's library cannot read it."""
    try:
        return DeltaTable(folder)
    except (DeltaError, ValueError, KeyError) as error:
        what = " ".join(str(error).split())[:300]
        raise DamageError(f"{folder / LOG} cannot be read ({what}); {REPAIR}") from error


def publish(path: Path, snapshot: Snapshot | None = None) -> bool:
    """Put the newest snapshot's `warehouse.sql` in place of the one before; whether that was another."""
    (path / RUNS).touch()  # the catalog reads the ledger of runs, so it is there before the first run
    last = last_commit(path)
    text = (snapshot or read_snapshot(path)).catalog(last.sum if last else None).encode()
    _replace_other(path / MORE, more_sql().encode())
    return _replace_other(path / CATALOG, text)


def _replace_other(target: Path, text: bytes) -> bool:
    """Put a text in place of a file that says something else; return whether it did."""
    is_other = not target.is_file() or target.read_bytes() != text
    if is_other:
        replace_file(target, text)
    return is_other


# -- after a process that died -----------------------------------------------------------------------


def add_settled(path: Path) -> list[str]:
    """Bring in order what a process that died left behind: who calls it holds the lock. What was done, in words.

    A commit that stands and is not in the ledger is entered there; all of a warehouse that has no ledger are adopted.
    Raises DamageError where the log has lost a commit.
    """
    newest = newest_versions(path)
    if not newest:
        return []
    last = last_commit(path)
    read_snapshot(path)
    is_old = last is None and any(newest.values())
    line = add_commit(path, newest, "adopted" if is_old else "created" if last is None else "committed")
    return [f"commits up to {newest.get('fact', 0)} entered in the ledger of commits"] if line else []


def leftovers(path: Path, named: Collection[str], last: datetime | None) -> list[Path]:
    """What a process that died left in a warehouse: drafts, half of a held batch, data files of a commit never made.

    `named` are the data files that commits name, `last` is the moment of the last commit in the ledger; with None no
    data file counts as left over, for the commit that named it may be what is lost.
    """
    since = f"{last:%Y%m%dT%H%M%S%f}" if last else "9"
    folders = [(path / table, _DRAFT) for table in TABLES] + [(path / table / LOG, _LOG_DRAFT) for table in TABLES]
    folders += [(path / "held", _HALF_HELD)]
    drafts = [file for folder, pattern in folders for file in folder.glob("*") if pattern.fullmatch(file.name)]
    drafts += [file for file in [*path.glob(".*"), *(path / "held").glob(".*")] if _is_dead_draft(file)]
    unborn = [
        file
        for table in TABLES
        for file in (path / table).glob("*.parquet")
        if is_data_file(file.name) and f"{table}/{file.name}" not in named and file.name > since
    ]
    return [*drafts, *unborn]


def _is_dead_draft(file: Path) -> bool:
    """Whether a file is a draft that nobody is at: those of a ledger's head are written under the ledger's own lock."""
    if not is_draft(file.name):
        return False
    ledger = file.with_name(file.name[2:].partition(".head.")[0])
    if ".head." not in file.name or not ledger.is_file():
        return True
    with ledger.open("rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def remove_leftovers(path: Path) -> list[Path]:
    """Remove what a process that died left in a warehouse; for who holds the lock, before anything else is written."""
    last = last_commit(path)
    named = {name for names in read_snapshot(path).files.values() for name in names}
    if any(is_data_file(file.name) for file in leftovers(path, named, last.moment if last else None)):
        named = {name for entries in read_log(path, newest_versions(path)).values() for name in _names_in(entries)}
    found = leftovers(path, named, last.moment if last else None)
    for file in found:
        if file.is_dir():
            shutil.rmtree(file)
        else:
            file.unlink(missing_ok=True)
    return found


def _names_in(entries: Iterable[LogEntry]) -> Iterator[str]:
    """Yield the data files that commits of a table name, those replaced since too."""
    return (file.name for entry in entries for file in entry.files)


_DRAFT: Final = re.compile(r"\.\d{8}T\d{12}-[0-9a-f]{16}\.parquet\.draft", re.ASCII)
#: What the log's library leaves of an entry or a checkpoint that it had not put in place yet; or we, mending one.
_LOG_DRAFT: Final = re.compile(r"_commit_[0-9a-f-]{36}\.json\.tmp|.+#\d+|\..+\.[0-9a-f]{32}\.draft", re.ASCII)
_HALF_HELD: Final = re.compile(r"\.[0-9a-f]{32}", re.ASCII)


def _usual_wait() -> float:
    """How many seconds to wait for another writer: 60, or what TRACKER_LOCK_WAIT says; UsageError where it is none."""
    text = os.environ.get("TRACKER_LOCK_WAIT", "60")
    if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text, re.ASCII):
        raise UsageError(f"TRACKER_LOCK_WAIT is {text!r}; write a number of seconds, or unset it")
    return float(text)


@dataclass(frozen=True, slots=True)
class _Commit:
    """What one commit of a table names: its new files, and those they replace.

    `basis` is what derived figures follow from (`Snapshot.basis`); other tables have none. `is_new` tells new rows from
    rows that were stored before.
    """

    table: str
    files: Sequence[_File]
    removed: Sequence[str]
    moment: datetime
    basis: str | None = None
    is_new: bool = True

    def names_after(self, before: Sequence[str]) -> list[str]:
        """Return the names of the table's files with this commit."""
        return sorted({*before, *(file.described.name for file in self.files)} - {*self.removed})


def _plan_commits(
    stored: _Stored, files: Mapping[str, _File], derived: pa.Table | None, moment: datetime
) -> list[_Commit]:
    """Return the commits of a batch in their order; `derived` are the rows derived for it, None where it needs none."""
    removed = stored.files_left_without(derived) if derived is not None else []
    newest = {**stored.warehouse.snapshot.newest, **dict.fromkeys(files, stamp_of(moment))}
    plain = [_Commit(table, [file], (), moment) for table, file in files.items() if table != DERIVED]
    if derived is None:
        return plain
    own = [files[DERIVED]] if DERIVED in files else []
    commit = _Commit(DERIVED, own, removed, moment, basis_of(newest))
    return [*(one for one in plain if one.table != "fact"), commit, *(one for one in plain if one.table == "fact")]


def _companies_derived(rows: pa.Table) -> set[str]:
    """Return the companies of rows of `derived`."""
    return {*_derivation_rows(rows).column("entity").to_pylist()}


def _derivation_rows(rows: pa.Table) -> pa.Table:
    """Return the rows of `derived` that say which companies were derived."""
    is_derivation = pc.is_in(rows.column("view"), array_of(["derivation"], pa.string()))
    return rows.filter(is_derivation)


def _find_derived_files(now: Warehouse) -> dict[str, set[str]]:
    """Return the files of derived figures in a warehouse, each with the companies whose latest figures are in it."""
    names = now.snapshot.files.get(DERIVED, ())
    if not names:
        return {}
    rows = now.sql(
        """select filename, entity
           from read_parquet($files, filename = true)
           where view = 'derivation'
           qualify row_number() over (partition by entity order by recorded_at desc) = 1""",
        {"files": [str(now.path.resolve() / name) for name in names]},
    ).fetchall()
    folder = f"{now.path.resolve()}/"
    found: dict[str, set[str]] = {name: set() for name in names}
    for name, entity in rows:
        found[name.removeprefix(folder)].add(entity)
    return found


@dataclass(slots=True)
class _Stored:
    """What the warehouse holds, as far as a writer must know: kept from commit to commit while it has the lock.

    `newest` is the moment of the last commit, of one without rows too; the next is later, whatever the clock says.
    `entities` are the companies of each table that has its rows by company.
    """

    warehouse: MovingWarehouse
    newest: datetime
    entities: dict[str, set[str]]
    derived_files: Mapping[str, AbstractSet[str]] | None = None

    @classmethod
    def read(cls, path: Path) -> Self:
        """The state of a folder."""
        now = MovingWarehouse(path)
        tables = [table for table in TABLES if table != DERIVED]  # which may be damaged, and then is derived anew
        newest = " union all ".join(f"select max(recorded_at) as newest from {_raw(table)}" for table in tables)
        ((last,),) = now.sql(f"select max(newest) as newest from ({newest})").fetchall()
        entities = {
            table: {entity for (entity,) in now.sql(f"select distinct entity from {_raw(table)}").fetchall()}
            for table in _BY_COMPANY
        }
        entered = last_commit(path)
        moments = [moment for moment in (last, entered and entered.moment) if moment]
        return cls(now, max(moments, default=datetime.fromtimestamp(0, UTC)), entities)

    @property
    def is_derived(self) -> bool:
        """Whether the stored figures follow from the stored facts."""
        return self.warehouse.snapshot.is_derived

    def companies(self) -> list[str]:
        """Return the ids in force of all companies of which there are facts."""
        return [
            entity
            for (entity,) in self.warehouse.sql(
                """select distinct case when i.stored_as is null then f.entity else i.entity end as entity
                   from (select distinct entity from fact) f
                   left join entity_id i on i.stored_as = f.entity and not i.is_withdrawn
                   where f.entity is not null
                   order by 1"""
            ).fetchall()
            if entity is not None
        ]

    def is_current(self, path: Path) -> bool:
        """Whether nobody else has written since."""
        return dict(self.warehouse.snapshot.versions) == newest_versions(path)

    def follow(self, path: Path, commits: Sequence[tuple[_Commit, int, pa.Table]], recorded_at: datetime) -> None:
        """Take up commits of our own, each with the version its table has now and its rows."""
        if not commits:
            return
        before = self.warehouse.snapshot
        is_next = all(version == before.versions[commit.table] + 1 for commit, version, _ in commits)
        versions, files, stored = {**before.versions}, {**before.files}, {**before.stored}
        newest, basis = {**before.newest}, before.basis
        for commit, version, _ in commits:
            versions[commit.table] = version
            files[commit.table] = commit.names_after(files[commit.table])
            stored |= {file.described.name: file.described for file in commit.files}
            stored = {name: file for name, file in stored.items() if name not in commit.removed}
            newest |= {commit.table: stamp_of(commit.moment)} if commit.files and commit.is_new else {}
            basis = commit.basis or basis
        later = Snapshot(versions, files, stored, newest, basis)
        self.warehouse.advance(later if is_next else read_snapshot(path))
        self.newest = recorded_at
        for commit, _, rows in commits:
            if commit.table in _BY_COMPANY:
                self.entities[commit.table].update(_values(rows, "entity"))
            elif commit.table == DERIVED:
                self.replace_derived(rows, commit)

    def files_left_without(self, derived: pa.Table) -> list[str]:
        """Return the files of derived figures whose companies are all derived anew in these rows."""
        anew = _companies_derived(derived)
        return [name for name, entities in self._derived_files().items() if entities <= anew]

    def replace_derived(self, rows: pa.Table, commit: _Commit) -> None:
        """Note in which file the figures of each company are from now on."""
        anew = _companies_derived(rows)
        left = {name: entities - anew for name, entities in self._derived_files().items()}
        new = {file.described.name: anew for file in commit.files}
        self.derived_files = {name: entities for name, entities in (left | new).items() if entities}

    def _derived_files(self) -> Mapping[str, AbstractSet[str]]:
        """Return the files of derived figures that hold, each with the companies whose figures are in it."""
        if self.derived_files is None:
            self.derived_files = _find_derived_files(self.warehouse)
        return self.derived_files

    def changed(self, table: str, incoming: pa.Table, origin: str | None) -> pa.Table:
        """The rows of those sets (a company's aliases, all metrics) that differ from what is stored."""
        gone = _taken_back(self.warehouse, table, incoming, origin)
        if table == "source" and origin is not None and incoming.num_rows:
            incoming = _completed(self.warehouse, incoming)
        differing = self._differing(table, incoming, is_kept=origin is not None)
        return pa.concat_tables([differing, gone]) if gone.num_rows else differing

    def _differing(self, table: str, incoming: pa.Table, *, is_kept: bool) -> pa.Table:
        is_new = not self.warehouse.snapshot.files.get(table) or (
            table in _BY_COMPANY and self.entities[table].isdisjoint(_values(incoming, "entity"))
        )
        return incoming if is_new else _changed_sets(self.warehouse, table, incoming, is_kept=is_kept)

    def companies_of(self, facts: pa.Table) -> list[str]:
        """Those companies of the facts that have some stored already."""
        return [entity for entity in _values(facts, "entity") if entity in self.entities["fact"]]

    def unknown(self, facts: pa.Table) -> pa.Table:
        """The facts that are not said in the warehouse yet; what a person has read otherwise is said all the same."""
        asked = self.companies_of(facts)
        if not asked:  # companies never seen: nothing to compare, and nothing of theirs to read
            return facts
        self.warehouse.connection.register("asked", pa.Table.from_arrays([array_of(asked, pa.string())], ["entity"]))
        held = _query(self.warehouse, f"{_SAID_OF_SOME} select fact_id from said")
        is_known = pc.is_in(facts.column("fact_id"), whole(held.column("fact_id")))
        return facts.filter(pc.invert(is_known))


#: The statements (of the companies in `asked`, where it says so) that nothing has withdrawn since.
_SAID: Final = """
    with gone as (
        select retracts, max(recorded_at) as gone_at from fact {of}
        where retracts is not null group by retracts
    ),
    said as (
        select f.* exclude (retracts)
        from fact f {of}
        left join gone g on g.retracts = f.fact_id and g.gone_at >= f.recorded_at
        where f.retracts is null and g.retracts is null
    )
"""
_SAID_OF_ALL: Final = _SAID.format(of="")
_SAID_OF_SOME: Final = _SAID.format(of="semi join asked using (entity)")
#: Tables of which a writer remembers the companies.
_BY_COMPANY: Final = frozenset({"fact", "entity", "entity_alias"})


def _values(table: pa.Table, name: str) -> list[str]:
    """The different texts of a column."""
    return codes_of(whole(table.column(name)))[1].to_pylist()  # type: ignore[no-any-return]


def _raw(table: str) -> str:
    return f"stored_{table}" if table in LATEST else table


def _sets(table: str, rows: pa.Table) -> int:
    """How many sets (a company's aliases, one pin, all metrics) the rows are of."""
    keys = [rows.column(name).to_pylist() for name in LATEST[table]]
    return len(set(zip(*keys, strict=True))) if keys else 1


def _completed(now: Warehouse, incoming: pa.Table) -> pa.Table:
    """The rows of `source` of a table people keep, empty cells filled with what a reader has found of the same source.

    `published_basis` says where the day is from, so the two go together.
    """
    now.connection.register("incoming", incoming)
    basis = "case when i.published_at is null then coalesce(r.published_basis, 'stated') else i.published_basis end"
    own = {name: f"i.{name}" for name in ("source_id", "kind", "origin")} | {"published_basis": basis}
    cells = [f"{own.get(name, f'coalesce(i.{name}, r.{name})')} as {name}" for name in incoming.column_names]
    return _query(
        now,
        f"""with newest as (
                select *, row_number() over (partition by source_id order by recorded_at desc) as rn
                from stored_source where origin in (select unnest($readers))
            )
            select {", ".join(cells)}
            from incoming i
            left join newest r on r.source_id = i.source_id and r.rn = 1
            order by all""",
        {"readers": list(READERS)},
    ).cast(incoming.schema)


def _changed_sets(now: Warehouse, table: str, incoming: pa.Table, *, is_kept: bool) -> pa.Table:
    """The rows of those sets (a company's aliases, all metrics) that differ from what is stored.

    What people keep by hand (`is_kept`) takes the place of what a reader said; never the other way round.
    """
    if incoming.num_rows == 0:
        return incoming
    columns = ", ".join(incoming.column_names)
    keys = ", ".join(LATEST[table])
    now.connection.register("incoming", incoming)
    same_set = f"semi join incoming using ({keys})" if keys else ""
    latest = latest_name(table)
    held = _query(now, f"select {columns} from {latest} {same_set}").cast(incoming.schema)
    if keys and held.num_rows == 0:
        return incoming
    if _is_same(held, incoming):
        return incoming.slice(0, 0)
    match = f"semi join difference using ({keys})" if keys else "where exists (select 1 from difference)"
    if "origin" in incoming.column_names and "origin" not in LATEST[table] and not is_kept:
        match += f" anti join {latest} h on h.{keys} = incoming.{keys} and h.origin is distinct from incoming.origin"
    return _query(
        now,
        f"""with held as (select {columns} from {latest} {same_set}),
                 difference as (
                     (select {columns} from incoming except select {columns} from held)
                     union all
                     (select {columns} from held except select {columns} from incoming)
                 )
            select distinct incoming.* from incoming {match} order by all""",
    ).cast(incoming.schema)


def _is_same(left: pa.Table, right: pa.Table) -> bool:
    """Whether two tables have the same rows, in whatever order."""
    columns = [(name, "ascending") for name in left.column_names]
    return left.num_rows == right.num_rows and bool(left.sort_by(columns).equals(right.sort_by(columns)))


def _taken_back(now: Warehouse, table: str, incoming: pa.Table, origin: str | None) -> pa.Table:
    """Rows that take back what this origin once chose and chooses no more; only some tables know of such."""
    if origin is None or "is_withdrawn" not in incoming.column_names:
        return incoming.slice(0, 0)
    now.connection.register("incoming", incoming)
    columns = ", ".join("true as is_withdrawn" if c == "is_withdrawn" else c for c in incoming.column_names)
    return _query(
        now,
        f"""select {columns} from {table} anti join incoming using ({", ".join(LATEST[table])})
            where origin = $origin and not is_withdrawn order by all""",
        {"origin": origin},
    ).cast(incoming.schema)


def _problem_rows(problems: tuple[Problem, ...]) -> pa.Table:
    return rows_table("problem", ((p.path, p.line, p.column, p.code, p.message, p.remedy) for p in problems))


def _encoded(facts: pa.Table) -> pa.Table:
    """The facts with every text as the number of it in a list of all, each column in one piece."""
    return pa.Table.from_arrays([_coded(column) for column in facts.columns], facts.column_names)


def _coded(column: pa.ChunkedArray) -> pa.Array:
    kind, count = column.type, len(column)
    if not 0 < column.null_count == count:
        return whole(column.dictionary_encode() if pa.types.is_string(kind) else column)
    if pa.types.is_string(kind) or pa.types.is_dictionary(kind):
        return pa.DictionaryArray.from_arrays(constant(None, pa.int32(), count), pa.nulls(0, pa.string()))
    return constant(None, kind, count)


def _in_order(facts: pa.Table) -> pa.Table:
    """The facts in storage order."""
    key = combined([_ranks(whole(facts.column(name))) for name in _ORDER])
    order = np.argsort(key, kind="stable")
    is_tie = np.zeros(len(key) + 1, bool)
    is_tie[1:-1] = key[order[1:]] == key[order[:-1]]
    (ties,) = np.nonzero(is_tie[1:] | is_tie[:-1])
    tied, words = order[ties], _id_words(facts)
    order[ties] = tied[np.lexsort((words[tied], key[tied]))]
    return _taken(facts, from_numbers(order, pa.int64()))


def _taken(facts: pa.Table, rows: pa.Array) -> pa.Table:
    """All rows in another order; a column that says the same of all facts stays as it is."""
    columns = [whole(column) for column in facts.columns]
    moved = [column if _is_constant(column) else column.take(rows) for column in columns]
    return pa.Table.from_arrays(moved, facts.column_names)


def _is_constant(column: pa.Array) -> bool:
    is_one_text = pa.types.is_dictionary(column.type) and len(column.dictionary) == 1 and not column.null_count
    return is_one_text or column.null_count == len(column)


def _id_words(facts: pa.Table) -> Numbers:
    """The first eight bytes of each id as a number; ids sort as these do."""
    return letters_of(whole(facts.column("fact_id"))).view(">u8")[::2].astype("<u8")


def _once(facts: pa.Table) -> pa.Table:
    """The facts in storage order without repetitions, which stand side by side."""
    ids = letters_of(whole(facts.column("fact_id"))).view("V16")
    is_new = np.append(True, ids[1:] != ids[:-1])[: len(ids)]
    return facts if is_new.all() else facts.filter(array_of(is_new.tolist(), pa.bool_()))


def _ranks(column: pa.Array) -> Numbers:
    """The place of each value among all values of the column, NULL last."""
    if pa.types.is_dictionary(column.type):
        codes, values = codes_of(column)
        ranks = np.empty(len(values) + 1, "<i8")
        ranks[np.append(numbers(pc.sort_indices(values), "<u8").astype("<i8"), len(values))] = np.arange(
            len(values) + 1
        )
        return ranks[codes]
    plain = numbers(column, "<i8" if column.type.bit_width == 64 else "<i4")  # noqa: PLR2004 - bits
    ranks = np.unique(plain, return_inverse=True)[1]
    return np.where(missing(column), len(ranks), ranks)


def _withdrawn(now: Warehouse, batch: Batch) -> pa.Table:
    """Rows that withdraw what this batch's origin, or an earlier reading of its sources, once said and says no more."""
    if batch.origin is None:
        return _unread(now, batch) if "reading" in batch.rows else no_facts()
    now.connection.register("incoming", batch.facts)
    listed = batch.rows["source"] if "source" in batch.rows else rows_table("source", ())
    now.connection.register("listed", listed)
    gone = _query(
        now,
        f"""{_SAID_OF_ALL}
            select k.* exclude (fact_id, recorded_at), k.fact_id as retracts
            from said k
            left join source s on s.source_id = k.source_id
            where k.method = 'curated'
              and (s.origin = $origin or k.source_id in (select source_id from listed))
              and k.fact_id not in (select fact_id from incoming)
              and k.fact_id not in (select corrected from correction_effect where corrected is not null)
            order by k.fact_id""",
        {"origin": batch.origin},
    )
    return with_ids(content_table({name: whole(gone.column(name)) for name in gone.column_names}))


def _unread(now: Warehouse, batch: Batch) -> pa.Table:
    """Rows that withdraw what an earlier reading of the batch's sources found and this one does not."""
    now.connection.register("incoming", batch.facts)
    now.connection.register("read_anew", batch.rows["reading"])
    gone = _query(
        now,
        f"""{_SAID.format(of="semi join read_anew using (source_id)")}
            select k.* exclude (fact_id, recorded_at), k.fact_id as retracts
            from said k
            where k.method = 'extracted' and k.fact_id not in (select fact_id from incoming)
            order by k.fact_id""",
    )
    return with_ids(content_table({name: whole(gone.column(name)) for name in gone.column_names}))


def _query(now: Warehouse, query: str, parameters: dict[str, object] | None = None) -> pa.Table:
    """Rows as Arrow; the incoming ones are registered beside the views."""
    return now.sql(query, parameters).arrow()


def _stamped(table: str, rows: pa.Table, recorded_at: datetime) -> pa.Table:
    schema = schema_of(table)
    stamp = constant(recorded_at, schema.field("recorded_at").type, rows.num_rows)
    return rows.append_column("recorded_at", stamp).select(schema.names)


def _batch_id(facts: pa.Table) -> str:
    """The name of a batch: the hash of its facts' ids in storage order."""
    return hashlib.sha256(letters_of(whole(facts.column("fact_id"))).tobytes()).hexdigest()[:16]


def _remove(files: Iterable[Path]) -> None:
    """Remove data files that no commit names, and their drafts, as far as the system lets us."""
    for file in files:
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)
            _draft_of(file).unlink(missing_ok=True)


def _draft_of(file: Path) -> Path:
    return file.with_name(f".{file.name}.draft")


def _write_parquet(rows: pa.Table, file: Path) -> None:
    draft = _draft_of(file)
    pq.write_table(
        rows,
        draft,
        compression="zstd",
        row_group_size=-(-rows.num_rows // max(1, round(rows.num_rows / ROW_GROUP))),  # no small one at the end
        write_page_checksum=True,
        use_dictionary=[name for name in rows.column_names if name not in _DIVERSE],
        store_schema=False,  # our texts are encoded, which is nobody else's business
    )
    sync(draft)
    draft.replace(file)
    sync(file.parent)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# -- looking back ------------------------------------------------------------------------------------


def history(path: Path, limit: int | None = None) -> list[dict[str, Any]]:
    """The commits of `fact`, newest first: version, moment, batch, rows. Moments rise, whatever the clock said."""
    require_warehouse(path)
    log = read_log(path, {"fact": read_snapshot(path).versions["fact"]})
    commits = [entry for entry in log["fact"] if entry.batch]
    return [
        {
            "version": entry.version,
            "committed_at": entry.moment.isoformat(timespec="microseconds"),
            "batch": entry.batch,
            "rows": entry.rows,
        }
        for entry in commits[::-1][:limit]
    ]
