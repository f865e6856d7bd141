"""Write batches as commits, whole or not at all, one writer at a time.

The other tables of a batch are written first and `fact` last, so that a batch is complete once its `fact` commit
exists. A data file is flushed to disk before a commit names it. The log entry is flushed before the writer reports a
commit (the log library does not do that). Every commit has the SHA-256 of its files, which `verify` checks: one flipped
bit in a Parquet file gives every reader a wrong number without an error.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction

from tracker.errors import BusyError, DamageError, StorageError, UsageError, describe_system_error
from tracker.files.disk import create_file, sync
from tracker.model.arrays import array_of
from tracker.model.fact import schema_of
from tracker.model.schema import DERIVED, LATEST, TABLES
from tracker.warehouse.compact import (
    KEPT_FOR,
    Compaction,
    group_small_files,
    kept_rows_sql,
    needs_compaction,
    remove_replaced,
)
from tracker.warehouse.corrections import settle
from tracker.warehouse.data_files import WrittenFile, remove_files, sum_file, write_parquet
from tracker.warehouse.delta_log import (
    LOG,
    entry_name,
    newest_versions,
    read_entry_text,
    versions_there,
)
from tracker.warehouse.derive import Deriver, derive_into_files
from tracker.warehouse.fact_rows import drop_repeated, encode_facts, name_batch, sort_facts, stamp_rows
from tracker.warehouse.file_check import remember
from tracker.warehouse.journal import REPAIR, add_commit, read_log
from tracker.warehouse.leftovers import add_settled, publish, remove_leftovers
from tracker.warehouse.snapshot import basis_of, read_snapshot, require_warehouse, stamp_of
from tracker.warehouse.stored_state import (
    STANDING_STATEMENTS,
    TICK,
    StoredState,
    TableCommit,
    count_sets,
    find_withdrawn,
    make_problem_rows,
    plan_commits,
)
from tracker.warehouse.stored_tables import latest_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tracker.model.batch import Batch
    from tracker.warehouse.reader import Warehouse

__all__ = ["Committed", "DeriveFiles", "Draft", "Parts", "Writer", "explain_refusal", "history"]


@dataclass(frozen=True, slots=True)
class Committed:
    """The changes of a batch: facts added, already known, withdrawn; `version` is that of `fact`, None if unchanged.

    `changed` counts the changes in other tables: sources, companies, pins; all metrics count as one. A batch that is
    held changes nothing.
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
    """A batch on its way in: its id, the rows each table would get, and those of its companies that have facts.

    `rows` has `derived` only if a figure can depend on the batch. `added` and `withdrawn` count facts.
    """

    batch: Batch
    batch_id: str
    rows: Mapping[str, pa.Table]
    known: Sequence[str]
    added: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class Parts:
    """Batches that other processes have written, to be committed together under one id.

    `files` are the files of `fact` and `derived`, and `rows` the rows of all other tables, both recorded at `moment`.
    `companies` have new facts, `derived` were derived; it is None if no figure can depend on the batches.
    """

    batch_id: str
    moment: datetime
    files: Mapping[str, Sequence[WrittenFile]]
    rows: Mapping[str, pa.Table]
    companies: Sequence[str]
    derived: Sequence[str] | None
    added: int
    known: int
    withdrawn: int


#: Derives companies and writes their rows at a moment: yields each file with the companies that are in it.
DeriveFiles = Callable[["Warehouse", "Sequence[str]", "datetime"], "Iterator[tuple[WrittenFile, Sequence[str]]]"]


class Writer:
    """The one writer of a warehouse folder: it holds the folder's lock while it is open.

    It waits up to `wait` seconds for another writer (60, or what TRACKER_LOCK_WAIT says), then raises BusyError.
    `gate` is called with each batch and the state before it; if it returns True, the batch is held and not committed.
    If the stored figures do not follow from the stored facts and definitions, they are derived first: `progress` is
    called with the share that is done, and `derived` counts the companies. `derive_files` derives them in
    other processes. `warn` gets a message if the system refused to write after a commit. A refusal before it is a
    StorageError.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what callers may listen to
        self,
        path: Path,
        wait: float | None = None,
        gate: Callable[[Warehouse, Draft], bool] | None = None,
        warn: Callable[[str], None] = lambda _: None,
        progress: Callable[[float], None] = lambda _: None,
        derive_files: DeriveFiles | None = None,
    ) -> None:
        self.path = path
        self.gate = gate
        self.warn = warn
        self.progress = progress
        self.derived = 0
        self.wait = _usual_wait() if wait is None else wait
        self._derive_files = derive_files or derive_into_files
        self._deriver = Deriver()
        self._logs: dict[str, DeltaTable] = {}
        self._stored: StoredState | None = None
        self._unnumbered: str | None = None

    def __enter__(self) -> Self:
        with explain_refusal("nothing is stored"):
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
                    self._number_commit(self._unnumbered, self._stored.newest)
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
        """Hold only the lock, whatever the state of the warehouse, to repair it."""
        with (self.path / ".lock").open("w") as self._lock:
            self._acquire()
            yield

    def _settle(self) -> None:
        """Clean up after a process that died, and create the tables that are missing.

        Raises DamageError if the log has lost a commit, because the next commit would take its number.
        """
        add_settled(self.path)
        there = newest_versions(self.path)
        missing = [table for table in TABLES if table not in there]
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
        """Turn errors of the system into warnings: the work itself is done, and cannot be undone."""
        try:
            yield
        except (OSError, MemoryError, DeltaError) as error:
            self.warn(f"{_failure(error)}; {stands}")

    def _is_empty(self) -> bool:
        return not self._now().warehouse.snapshot.files["fact"]

    def derive(self) -> int:
        """Derive the figures of all companies anew, and show them together; return how many companies these are.

        StorageError if the system fails: what was derived before stands.
        """
        with explain_refusal("the figures derived before stand"):
            stored = self._now()
            moment = max(datetime.now(UTC), stored.newest + TICK)
            companies = stored.companies()
            files: list[WrittenFile] = []
            done = list[str]()
            for file, derived in self._derive_files(stored.warehouse, companies, moment):
                files.append(file)
                done += derived
                self.progress(len(done) / len(companies))
            snapshot = stored.warehouse.snapshot
            commit = TableCommit(DERIVED, files, snapshot.files[DERIVED], moment, basis_of(snapshot.newest))
            version = self._append_commit(commit, hashlib.sha256(f"{moment} {commit.basis}".encode()).hexdigest()[:16])
            stored.follow(self.path, [(commit, version, _list_derivations(done))], moment)
        self._enter_commit({file.path.name: file for file in files}, {DERIVED: version})
        return len(companies)

    def compact(self, tables: Iterable[str] = TABLES, kept_for: timedelta = KEPT_FOR) -> Compaction:
        """Put the small files of each table together, and remove files that were replaced longer ago than `kept_for`.

        StorageError if the system fails; what was stored stands.
        """
        replaced = written = 0
        for table in tables:
            for small in group_small_files(self._rows_of_files(table)):
                rows = self.now.sql(
                    kept_rows_sql(table), {"files": [str(self.path.resolve() / name) for name in small]}
                )
                kept = rows.arrow().cast(schema_of(table))
                self._replace_files(table, kept, small)
                replaced, written = replaced + len(small), written + bool(kept.num_rows)
        return Compaction(replaced, written, len(remove_replaced(self.path, kept_for)))

    def _rows_of_files(self, table: str) -> dict[str, int]:
        """Return the current files of a table, with the number of rows of each."""
        snapshot = self._now().warehouse.snapshot
        return {name: snapshot.stored[name].rows for name in snapshot.files[table]}

    def _replace_files(self, table: str, rows: pa.Table, names: Sequence[str]) -> None:
        """Store the rows of some files of a table in one new file that replaces them; without rows there is none.

        StorageError if the system fails; what was stored stands.
        """
        with explain_refusal("what was stored stands"):
            stored = self._now()
            digest = hashlib.sha256("".join(names).encode()).hexdigest()[:16]
            moment = max(datetime.now(UTC), stored.newest + TICK)
            name = f"{stamp_of(moment)}-{digest}.parquet"
            kept = {table: encode_facts(rows) if table == "fact" else rows} if rows.num_rows else {}
            files = self._write_files(kept, name)
            basis = stored.warehouse.snapshot.basis if table == DERIVED else None
            commit = TableCommit(table, [*files.values()], names, moment, basis, is_new=False)
            version = self._append_commit(commit, None)
            stored.follow(self.path, [(commit, version, rows)], moment)
        self._enter_commit(files, {table: version})

    @property
    def now(self) -> Warehouse:
        """Return the current state, for reading. It belongs to the writer, and changes with each commit."""
        return self._now().warehouse

    def commit(self, batch: Batch) -> Committed:
        """Store a batch and show it to readers; the same batch again changes nothing.

        StorageError if the system fails before the commit stands: nothing of the batch is stored then.
        """
        with explain_refusal("nothing of this batch is stored, what was stored before stands"):
            done, files, added = self._commit(batch)
        if added:
            self._enter_commit(files, added)
        return done

    def _enter_commit(self, files: Mapping[str, WrittenFile], added: Mapping[str, int]) -> None:
        """Enter a finished commit in the ledger, and write `warehouse.sql` anew."""
        with self._warned("the commit stands, and the next command that stores something enters it in the ledger"):
            add_commit(self.path, added)
        with self._warned("the commit stands"):
            remember(self.path, [file.described for file in files.values()])
        with self._warned("the commit stands, and the next command that stores something writes it anew"):
            publish(self.path, self._stored.warehouse.snapshot if self._stored else None)

    def _commit(self, batch: Batch) -> tuple[Committed, dict[str, WrittenFile], dict[str, int]]:
        """Store a batch; return what it changed, its files, and the new version of each table."""
        stored = self._now()
        moment = self.next_moment()
        draft = self.plan(batch, moment)
        known = batch.facts.num_rows - draft.added
        files = self._written(draft, stored.warehouse, f"{stamp_of(moment)}-{draft.batch_id}.parquet")
        if files is None:
            return Committed(draft.batch_id, None, 0, known, 0, is_held=True), {}, {}
        commits = plan_commits(
            stored, {table: [file] for table, file in files.items()}, draft.rows.get(DERIVED), moment
        )
        added = self._append_all(stored, commits, draft.batch_id, draft.rows)
        return self._describe_commit(draft.batch_id, draft, known, added), files, added

    def next_moment(self) -> datetime:
        """Return the moment of the next commit: now, and later than all before."""
        return max(datetime.now(UTC), self._now().newest + TICK)

    def plan(self, batch: Batch, moment: datetime) -> Draft:
        """Work out what a batch changes if it is committed at a moment. This only reads, and needs no lock."""
        stored = self._now()
        facts = drop_repeated(sort_facts(encode_facts(batch.facts)))
        rows = batch.rows | ({"problem": make_problem_rows(batch.problems)} if batch.problems else {})
        changes = {table: stored.changed(table, incoming, batch.origin) for table, incoming in rows.items()}
        fresh = stored.unknown(facts)
        withdrawn = find_withdrawn(stored.warehouse, batch)
        settled = settle(stored.warehouse, changes.get("correction"), fresh, withdrawn, moment)
        beside = [withdrawn, settled.facts] if settled else [withdrawn]
        changes |= {"correction_effect": settled.effects} if settled else {}
        changes["fact"] = pa.concat_tables([fresh, *(encode_facts(rows) for rows in beside if rows.num_rows)])
        batch_id = name_batch(facts if facts.num_rows else changes["fact"])
        stamped = {table: stamp_rows(table, new, moment) for table, new in changes.items()}
        derived = self._deriver.derive_batch(stored.warehouse, stamped)
        if derived is not None:
            stamped[DERIVED] = stamp_rows(DERIVED, derived, moment)
            stamped["fact"] = stamped.pop("fact")  # last: with it, all that belongs to the batch is there
        return Draft(batch, batch_id, stamped, stored.companies_of(facts), fresh.num_rows, withdrawn.num_rows)

    def commit_parts(self, parts: Parts) -> Committed:
        """Show what other processes have written, in one commit.

        StorageError if the system fails before the commit stands: nothing of it is stored then.
        """
        with explain_refusal("nothing of this batch is stored, what was stored before stands"):
            stored = self._now()
            own = {table: rows for table, rows in parts.rows.items() if rows.num_rows}
            written = self._write_files(own, f"{stamp_of(parts.moment)}-{parts.batch_id}.parquet")
            files = {table: [file] for table, file in written.items()} | {
                table: parts.files[table] for table in (DERIVED, "fact") if parts.files.get(table)
            }
            rows = {**own, "fact": _list_companies(parts.companies)}
            derivations = None if parts.derived is None else _list_derivations(parts.derived)
            rows |= {} if derivations is None else {DERIVED: derivations}
            commits = plan_commits(stored, files, derivations, parts.moment)
            added = self._append_all(stored, commits, parts.batch_id, rows)
        if added:
            self._enter_commit({file.path.name: file for of_table in files.values() for file in of_table}, added)
        return self._describe_commit(parts.batch_id, parts, parts.known, added)

    def _append_all(
        self, stored: StoredState, commits: Sequence[TableCommit], batch_id: str, rows: Mapping[str, pa.Table]
    ) -> dict[str, int]:
        """Make the commits of a batch in their order, and return the new version of each table."""
        added = {commit.table: self._append_commit(commit, batch_id) for commit in commits}
        if commits:
            done = [(commit, added[commit.table], rows[commit.table]) for commit in commits]
            stored.follow(self.path, done, commits[0].moment)
        return added

    def _describe_commit(self, batch_id: str, of: Draft | Parts, known: int, added: Mapping[str, int]) -> Committed:
        """Return what a batch changed; remember its id if it has no number yet."""
        version = added.get("fact")
        self._unnumbered = None if version is not None else batch_id if added else self._unnumbered
        other = {table: count_sets(table, of.rows[table]) for table in added if table in LATEST}
        return Committed(batch_id, version, of.added, known, of.withdrawn, changed=other)

    def _written(self, draft: Draft, now: Warehouse, name: str) -> dict[str, WrittenFile] | None:
        """Write the files of a batch while it is audited, because most pass; return None if it is held."""
        with ThreadPoolExecutor(1, "pen") as pen:
            written = pen.submit(
                self._write_files, {table: new for table, new in draft.rows.items() if new.num_rows}, name
            )
            is_let_in = False
            try:
                is_let_in = self.gate is None or not self.gate(now, draft)
            finally:
                files = written.result()
                for file in () if is_let_in else files.values():
                    file.path.unlink()
        return files if is_let_in else None

    def shared(self, batch: Batch) -> list[tuple[str, str]]:
        """Find the sources of the batch that another origin keeps, and that state more in the batch than is stored.

        A source belongs to the origin that named it first. Batches of this origin withdraw what they lack of the
        source.
        """
        now = self._now().warehouse
        now.connection.register("incoming", batch.facts)
        found = now.sql(
            f"""{STANDING_STATEMENTS}
                select distinct s.source_id, s.origin
                from incoming i
                join source s on s.source_id = i.source_id and s.origin is distinct from $origin
                where i.method = 'curated' and not exists (select 1 from said k where k.fact_id = i.fact_id)
                order by all""",
            {"origin": batch.origin},
        )
        return [(source, origin) for source, origin in found.fetchall()]

    def foreign(self, batch: Batch, table: str) -> list[tuple[str, str]]:
        """Find the keys of the batch's rows of a table that another origin stored; return each with that origin."""
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

    def _now(self) -> StoredState:
        """Return the stored state, kept from the last commit; read it anew if somebody else has written since."""
        if self._stored is None or not self._stored.is_current(self.path):
            if self._stored:
                self._stored.warehouse.close()
            self._stored = StoredState.read(self.path)
        return self._stored

    def _write_files(self, rows: Mapping[str, pa.Table], name: str) -> dict[str, WrittenFile]:
        """Write one Parquet file for each table, in the order of their commits."""
        files = {table: self.path / table / name for table in rows}
        try:
            for table, file in files.items():
                write_parquet(rows[table], file)
        except BaseException:
            remove_files(files.values())
            raise
        return {
            table: WrittenFile(file, rows[table].num_rows, file.stat().st_size, sum_file(file))
            for table, file in files.items()
        }

    def _append_commit(self, commit: TableCommit, batch_id: str | None) -> int:
        """Make the commit of a table's new files, and return its version. A commit without a batch adds no new rows."""
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

    def _log_by_hand(self, commit: TableCommit, metadata: Mapping[str, str]) -> int:
        """Write a commit that removes files, because the library for the log cannot do that."""
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
        version = self._find_version(commit.table) + 1
        text = "".join(f"{json.dumps(action)}\n" for action in [{"commitInfo": info}, *removed, *added])
        create_file(self.path / entry_name(commit.table, version), text.encode())
        self._logs.pop(commit.table, None)  # it would take this commit for that of another writer
        return version

    def _number_commit(self, batch_id: str, recorded_at: datetime) -> None:
        """Make a commit of `fact` without rows, so that a change in other tables alone also has a number."""
        metadata = {"batch": batch_id, "sha256": "{}", "rows": "0", "recorded_at": f"{recorded_at:%Y%m%dT%H%M%S%f}"}
        add_commit(self.path, {"fact": self._log("fact", [], metadata)})
        publish(self.path)

    def _log(self, table: str, actions: Sequence[AddAction], metadata: dict[str, str]) -> int:
        """Make the commit. If its outcome is unknown, look it up in the log; never send it again blindly."""
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
        version = self._find_version(table)
        with self._warned("the commit stands, but may not outlive a loss of power"):
            sync(folder / LOG / f"{version:020d}.json")
            sync(folder / LOG)
        return version

    def _is_logged(self, table: str, metadata: Mapping[str, str]) -> bool:
        """Return whether the newest entry of a log has this metadata, although the library reported a failure."""
        newest = max(versions_there(self.path, table), default=-1)
        lines = read_entry_text(self.path, table, newest).splitlines() if newest >= 0 else ()
        return any(json.loads(line).get("commitInfo", {}).items() >= metadata.items() for line in lines)

    def _find_version(self, table: str) -> int:
        """Return the current version of a table."""
        delta = self._logs.get(table)
        try:
            if delta is not None:
                delta.update_incremental()
                return delta.version()
        except (DeltaError, OSError):
            self._logs.pop(table)
        return max(versions_there(self.path, table))


def _list_derivations(companies: Sequence[str]) -> pa.Table:
    """Return the columns of `derived` that say which companies were derived."""
    columns = [array_of(["derivation"] * len(companies), pa.string()), array_of(companies, pa.string())]
    return pa.Table.from_arrays(columns, ["view", "entity"])


def _list_companies(companies: Sequence[str]) -> pa.Table:
    return pa.Table.from_arrays([array_of(companies, pa.string())], ["entity"])


def _failure(error: Exception) -> str:
    """Describe an error of the system or a library in one line, with a remedy."""
    return describe_system_error(error if isinstance(error, OSError | MemoryError) else OSError(str(error)))


@contextlib.contextmanager
def explain_refusal(stands: str) -> Iterator[None]:
    """Raise errors of the operating system as a StorageError that says what is stored."""
    try:
        yield
    except (OSError, MemoryError, DeltaError) as error:
        raise StorageError(f"{_failure(error)}; {stands}") from error


def _open_log(folder: Path) -> DeltaTable:
    """Open a table's log for writing; DamageError if the library cannot read it."""
    try:
        return DeltaTable(folder)
    except (DeltaError, ValueError, KeyError) as error:
        what = " ".join(str(error).split())[:300]
        raise DamageError(f"{folder / LOG} cannot be read ({what}); {REPAIR}") from error


def _usual_wait() -> float:
    """Return how many seconds to wait for another writer: 60, or TRACKER_LOCK_WAIT; UsageError if that is no number."""
    text = os.environ.get("TRACKER_LOCK_WAIT", "60")
    if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text, re.ASCII):
        raise UsageError(f"TRACKER_LOCK_WAIT is {text!r}; write a number of seconds, or unset it")
    return float(text)


# -- looking back ------------------------------------------------------------------------------------


def history(path: Path, limit: int | None = None) -> list[dict[str, Any]]:
    """List the commits of `fact`, newest first: version, moment, batch, rows. Moments rise, whatever the clock said."""
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
