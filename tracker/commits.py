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
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction

from tracker.errors import BusyError
from tracker.fact import content_table, rows_table, schema_of, with_ids
from tracker.tables import LATEST, RUNS, TABLES
from tracker.warehouse import CATALOG, Warehouse, read_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tracker.errors import Problem
    from tracker.sources import Batch

__all__ = ["Committed", "Damage", "Draft", "Writer", "history", "verify"]

ROW_GROUP: Final = 122_880
_ORDER: Final = ("entity", "concept", "period_end", "known_at", "fact_id")
_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Committed:
    """What a batch changed: facts added, already known, withdrawn; `version` is `fact`'s, None if unchanged.

    A batch that is held changed nothing: it lies aside.
    """

    batch: str
    version: int | None
    added: int
    known: int
    withdrawn: int
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A batch on its way in: its id, and the rows of each table that it would add to a state."""

    batch: Batch
    batch_id: str
    rows: Mapping[str, pa.Table]


class Writer:
    """The one who may write: holds the lock of a warehouse folder while open.

    Waits up to `wait` seconds for another writer (60, or what TRACKER_LOCK_WAIT says), then raises BusyError.
    `gate` is shown each batch beside the state before it; where it says yes, the batch is held and not committed.
    """

    def __init__(
        self, path: Path, wait: float | None = None, gate: Callable[[Warehouse, Draft], bool] | None = None
    ) -> None:
        self.path = path
        self.gate = gate
        self.wait = float(os.environ.get("TRACKER_LOCK_WAIT", "60")) if wait is None else wait

    def __enter__(self) -> Self:
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = (self.path / ".lock").open("w")
        try:
            self._acquire()
            self._create_tables()
        except BaseException:
            self._lock.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.close()

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

    def _create_tables(self) -> None:
        for table in TABLES:
            if not DeltaTable.is_deltatable(str(self.path / table)):
                DeltaTable.create(self.path / table, schema_of(table), mode="ignore")
                _sync(self.path / table / "_delta_log")

    def commit(self, batch: Batch) -> Committed:
        """Store a batch and make it what readers see; the same batch again changes nothing."""
        with Warehouse(self.path) as now:
            recorded_at = _after(now)
            changes = {
                table: pa.concat_tables([_changed_sets(now, table, rows), _taken_back(now, table, rows, batch.origin)])
                for table, rows in batch.rows.items()
            }
            if batch.problems:
                changes["problem"] = _changed_sets(now, "problem", _problem_rows(batch.problems))
            fresh = _unknown(now, batch.facts)
            withdrawn = _withdrawn(now, batch)
            batch_id = _batch_id(batch.facts)
            rows = {**changes, "fact": pa.concat_tables([fresh, withdrawn])}
            stamped = {table: _stamped(table, added, recorded_at) for table, added in rows.items()}
            if self.gate is not None and self.gate(now, Draft(batch, batch_id, stamped)):
                return Committed(batch_id, None, 0, batch.facts.num_rows - fresh.num_rows, 0, is_held=True)
        for table, rows in changes.items():
            self._append(table, rows, recorded_at, batch_id)
        version = self._append("fact", pa.concat_tables([fresh, withdrawn]), recorded_at, batch_id)
        self.publish()
        return Committed(batch_id, version, fresh.num_rows, batch.facts.num_rows - fresh.num_rows, withdrawn.num_rows)

    def publish(self) -> None:
        """Put the newest snapshot's `warehouse.sql` in place of the one before."""
        (self.path / RUNS).touch()  # the catalog reads the ledger, so it is there before the first run
        text = read_snapshot(self.path).catalog()
        target = self.path / CATALOG
        if target.is_file() and target.read_text("utf-8") == text:
            return
        draft = self.path / f".{CATALOG}.{uuid.uuid4().hex}"
        draft.write_text(text, "utf-8")
        _sync(draft)
        draft.replace(target)
        _sync(self.path)

    def _append(self, table: str, rows: pa.Table, recorded_at: datetime, batch_id: str) -> int | None:
        """One Parquet file and the commit that names it; None where there is nothing to store."""
        if rows.num_rows == 0:
            return None
        stamped = _stamped(table, rows, recorded_at)
        name = f"{recorded_at:%Y%m%dT%H%M%S%f}-{batch_id}.parquet"
        file = self.path / table / name
        _write_parquet(stamped, file)
        action = AddAction(
            name, file.stat().st_size, {}, int(time.time() * 1000), True, json.dumps({"numRecords": rows.num_rows})
        )
        metadata = {"batch": batch_id, "sha256": json.dumps({name: _sha256(file)}), "rows": str(rows.num_rows)}
        return self._log(table, action, metadata)

    def _log(self, table: str, action: AddAction, metadata: dict[str, Any]) -> int:
        """The commit itself. Where its outcome is unknown it is looked up by file name, never sent again blindly."""
        folder = self.path / table
        delta = DeltaTable(folder)
        try:
            delta.create_write_transaction(
                [action],
                "append",
                delta.schema(),
                commit_properties=CommitProperties(custom_metadata=metadata),
                post_commithook_properties=PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False),
            )
        except (CommitFailedError, DeltaError, OSError):
            if not any(uri.endswith(action.path) for uri in DeltaTable(folder).file_uris()):
                raise
        delta.update_incremental()
        version: int = delta.version()
        _sync(folder / "_delta_log" / f"{version:020d}.json")
        _sync(folder / "_delta_log")
        return version


def _after(now: Warehouse) -> datetime:
    """The moment of this commit: later than every one before, even where the clock was set back."""
    newest = " union all ".join(f"select max(recorded_at) as newest from {_raw(table)}" for table in TABLES)
    (last,) = now.sql(f"select max(newest) as newest from ({newest})").arrow().column("newest").to_pylist()
    clock = datetime.now(UTC)
    return max(clock, last + _TICK) if last else clock


def _raw(table: str) -> str:
    return f"stored_{table}" if table in LATEST else table


def _changed_sets(now: Warehouse, table: str, incoming: pa.Table) -> pa.Table:
    """The rows of those sets (a company's aliases, all metrics) that differ from what is stored."""
    if incoming.num_rows == 0:
        return incoming
    columns = ", ".join(incoming.column_names)
    keys = ", ".join(LATEST[table])
    same_set = f"semi join incoming using ({keys})" if keys else ""
    match = f"semi join difference using ({keys})" if keys else "where exists (select 1 from difference)"
    if (
        "origin" in incoming.column_names and "origin" not in LATEST[table]
    ):  # what a project keeps by hand is not overwritten by a filing's own view of it
        match += f" anti join {table} h on h.{keys} = incoming.{keys} and h.origin is distinct from incoming.origin"
    now.connection.register("incoming", incoming)
    return _query(
        now,
        f"""with held as (select {columns} from {table} {same_set}),
                 difference as (
                     (select {columns} from incoming except select {columns} from held)
                     union all
                     (select {columns} from held except select {columns} from incoming)
                 )
            select distinct incoming.* from incoming {match} order by all""",
    ).cast(incoming.schema)


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


def _unknown(now: Warehouse, incoming: pa.Table) -> pa.Table:
    """The facts that do not stand in the warehouse yet, each once, in storage order."""
    asked = pc.unique(incoming.column("entity"))
    now.connection.register("asked", pa.Table.from_arrays([asked], ["entity"]))
    stored = _query(now, "select distinct entity from fact semi join asked using (entity)")
    if stored.num_rows == 0:  # companies never seen: nothing to compare, and nothing of theirs to read
        return _once(incoming).sort_by([(name, "ascending") for name in _ORDER])
    now.connection.register("asked", stored)
    held = _query(now, "select fact_id from fact_known semi join asked using (entity)").column("fact_id")
    fresh = incoming.filter(pc.invert(pc.is_in(incoming.column("fact_id"), held.combine_chunks())))
    return _once(fresh).sort_by([(name, "ascending") for name in _ORDER])


def _once(facts: pa.Table) -> pa.Table:
    """The facts without repetitions."""
    ids = facts.column("fact_id")
    if len(pc.unique(ids)) == len(ids):
        return facts
    first = facts.append_column("row", pa.array(range(len(ids)))).group_by("fact_id").aggregate([("row", "min")])
    return facts.take(first.column("row_min"))


def _withdrawn(now: Warehouse, batch: Batch) -> pa.Table:
    """Rows that withdraw what this batch's origin once said and says no more."""
    if batch.origin is None:
        return batch.facts.schema.empty_table()
    now.connection.register("incoming", batch.facts)
    gone = _query(
        now,
        """select k.* exclude (fact_id, recorded_at), k.fact_id as retracts
            from (select f.* exclude (retracts) from fact f semi join fact_known using (fact_id)) k
            join source s on s.source_id = k.source_id and s.origin = $origin
            where k.method = 'curated' and not exists (select 1 from incoming i where i.fact_id = k.fact_id)
            order by k.fact_id""",
        {"origin": batch.origin},
    )
    return with_ids(content_table({name: gone.column(name).combine_chunks() for name in gone.column_names}))


def _query(now: Warehouse, query: str, parameters: dict[str, object] | None = None) -> pa.Table:
    """Rows as Arrow; the incoming ones are registered beside the views."""
    return now.sql(query, parameters).arrow()


def _stamped(table: str, rows: pa.Table, recorded_at: datetime) -> pa.Table:
    schema = schema_of(table)
    stamp = pa.repeat(pa.scalar(recorded_at, schema.field("recorded_at").type), rows.num_rows)
    with_stamp = rows.append_column("recorded_at", stamp)
    return with_stamp.select(schema.names).cast(schema)


def _batch_id(facts: pa.Table) -> str:
    """The name of a batch: the hash of its facts' ids, whatever their order."""
    ids = pc.unique(facts.column("fact_id"))
    in_order = ids.take(pc.sort_indices(ids))
    return hashlib.sha256(pa.concat_arrays([in_order]).buffers()[2] or b"").hexdigest()[:16]


def _write_parquet(rows: pa.Table, file: Path) -> None:
    draft = file.with_name(f".{file.name}.draft")
    pq.write_table(rows, draft, compression="zstd", row_group_size=ROW_GROUP, write_page_checksum=True)
    _sync(draft)
    draft.replace(file)
    _sync(file.parent)


def _sync(path: Path) -> None:
    """Flush a file or a folder's entries to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# -- looking back ------------------------------------------------------------------------------------


def history(path: Path, limit: int | None = None) -> list[dict[str, Any]]:
    """The commits of `fact`, newest first: version, moment, batch, rows."""
    return [
        {
            "version": entry["version"],
            "committed_at": datetime.fromtimestamp(entry["timestamp"] / 1000, UTC).isoformat(timespec="milliseconds"),
            "batch": entry.get("batch"),
            "rows": int(entry.get("rows", 0)),
        }
        for entry in DeltaTable(path / "fact").history(limit)
        if entry.get("batch")
    ]


@dataclass(frozen=True, slots=True)
class Damage:
    """A data file that is not what was committed."""

    file: str
    what: str


def verify(path: Path) -> tuple[int, list[Damage]]:
    """How many files of the current snapshot were read, and those that are missing or not as committed."""
    files = [file for listed in read_snapshot(path).files.values() for file in listed]
    hashes: dict[str, str] = {}
    for table in TABLES:
        for entry in DeltaTable(path / table).history():
            with contextlib.suppress(KeyError):
                hashes |= {f"{table}/{name}": digest for name, digest in json.loads(entry["sha256"]).items()}
    checked = [(file, _check(path / file, hashes.get(file))) for file in files]
    return len(files), [Damage(file, what) for file, what in checked if what]


def _check(file: Path, expected: str | None) -> str | None:
    if not file.is_file():
        return "is missing"
    if expected is None:
        return "was committed without a hash"
    return None if _sha256(file) == expected else "differs from what was committed"
