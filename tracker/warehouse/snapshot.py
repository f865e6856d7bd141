"""Snapshots: which files each table has at one moment, from the Delta log and from the first line of `warehouse.sql`.

The tables are Parquet in the Delta Lake format. After each commit the program writes `warehouse.sql`: the definitions
of the views over exactly the files of that snapshot. So an analyst needs only `duckdb -init warehouse.sql` in the
folder. The program uses this file, too, and reads the Delta log only if the log has newer commits.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import DamageError, NothingMatchedError, UsageError, WarehouseError
from tracker.files.hash_chain import is_sealed, seal
from tracker.model.schema import DERIVED, DERIVED_FROM, TABLES
from tracker.warehouse.catalog import as_of_instant, catalog_sql, more_sql, rules_version
from tracker.warehouse.delta_log import LOG, DataFile, check_names, confine, entry_name, newest_versions
from tracker.warehouse.journal import JOURNAL, REPAIR, last_commit, read_log

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from tracker.warehouse.delta_log import LogEntry

__all__ = [
    "CATALOG",
    "MORE",
    "Excerpt",
    "Mark",
    "Snapshot",
    "basis_of",
    "check_lost",
    "is_as_written",
    "moment_of",
    "read_earlier_snapshot",
    "read_mark",
    "read_snapshot",
    "require_warehouse",
    "snapshot_of",
    "stamp_of",
    "versions_at",
]

CATALOG: Final = "warehouse.sql"
#: The views that `warehouse.sql` leaves out. The file is the same for all warehouses of a program version.
MORE: Final = "more.sql"
_MARK: Final = "-- snapshot: "
_MARK_REMEDY: Final = "`tracker verify --repair` writes it anew"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of all tables at one moment: each table's Delta version and its files, relative to the folder.

    `stored` describes each file as its commit does. `newest` is the moment of the newest rows of each table, in the
    form in which the names of files begin. `basis` is the hash of what the newest derived figures were derived from.
    With `until`, rows that were recorded later do not belong to the snapshot.
    """

    versions: Mapping[str, int]
    files: Mapping[str, Sequence[str]]
    stored: Mapping[str, DataFile] = field(default_factory=dict, compare=False)
    newest: Mapping[str, str] = field(default_factory=dict, compare=False)
    basis: str | None = None
    until: str | None = None

    @property
    def is_derived(self) -> bool:
        """Return whether the stored figures follow from the stored facts, by the rules of this version."""
        return self.basis is not None and self.basis == basis_of(self.newest)

    def catalog(self, ledger: str | None) -> str:
        """Return the text of `warehouse.sql` for this snapshot; `ledger` is the checksum of the newest commit's line.

        The first line names the snapshot, and carries the checksum of the text below and of itself.
        """
        body = f"{catalog_sql(self.files, is_derived=self.is_derived)}\n"
        stored = {name: [file.size, file.rows, file.sha256] for name, file in self.stored.items()}
        files = {table: [[name, *stored.get(name, [])] for name in names] for table, names in self.files.items()}
        digest = hashlib.sha256(body.encode()).hexdigest()
        mark = {"versions": self.versions, "files": files, "newest": self.newest, "basis": self.basis}
        mark |= {"ledger": ledger, "text": digest, "more": hashlib.sha256(more_sql().encode()).hexdigest()}
        return f"{_MARK}{seal(json.dumps(mark, sort_keys=True).encode()).decode()}\n{body}"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The statements of some companies in a snapshot, and rows of its tables that are not committed yet.

    No companies means all of them. `is_standing` says that every statement stands: no statement withdraws another, and
    none was checked by a person. With `is_live`, figures are derived from the facts even if they are stored.
    """

    snapshot: Snapshot
    entities: Sequence[str]
    drafts: Mapping[str, pa.Table]
    is_standing: bool = False
    is_live: bool = False


def basis_of(newest: Mapping[str, str]) -> str:
    """Return the hash of what derived figures follow from: the newest rows of each of these tables, and the rules."""
    known = {table: newest[table] for table in DERIVED_FROM if table in newest}
    return hashlib.sha256(json.dumps([rules_version(), known], sort_keys=True).encode()).hexdigest()


def stamp_of(moment: datetime) -> str:
    """Return a moment in the form in which the names of data files begin."""
    return f"{moment:%Y%m%dT%H%M%S%f}"


def require_warehouse(path: Path) -> None:
    """Raise WarehouseError if the folder holds no warehouse."""
    if not (path / "fact" / LOG).is_dir():
        raise WarehouseError(f"{path} holds no warehouse; run `tracker build` first")


def read_snapshot(path: Path, versions: Mapping[str, int] | None = None) -> Snapshot:
    """Read the state of a warehouse folder now, or at the given Delta version of each table.

    Raises:
        DamageError: the log lacks a commit that the ledger of commits or `warehouse.sql` knows, or cannot be read.

    """
    last, mark = last_commit(path), read_mark(path)  # before the log: what they know is in the log by then
    newest = newest_versions(path)
    check_lost(path, newest, last.versions if last else {}, f"{path / JOURNAL}")
    check_lost(path, newest, mark.snapshot.versions if mark else {}, f"{path / CATALOG}")
    if versions is None and mark is not None and mark.is_sealed and dict(mark.snapshot.versions) == newest:
        return mark.snapshot
    wanted = newest if versions is None else versions
    snapshot = snapshot_of(read_log(path, wanted), wanted)
    if mark is not None and mark.snapshot == snapshot:
        return snapshot
    if mark is not None and dict(mark.snapshot.versions) == dict(snapshot.versions):
        raise DamageError(f"the first line of {path / CATALOG} names other files than the log; {REPAIR}")
    return snapshot


def read_earlier_snapshot(path: Path, versions: Mapping[str, int]) -> Snapshot:
    """Read the state of a warehouse at the given Delta version of each table.

    If its files were replaced and removed since, the state is made of the newest files, without later rows.

    Raises:
        DamageError: the log lacks a commit that is known, or cannot be read.

    """
    earlier = read_snapshot(path, versions)
    names = [name for table, files in earlier.files.items() if table != DERIVED for name in files]
    if all((path / name).is_file() for name in names):
        return earlier
    newest = read_snapshot(path)
    files = {**newest.files, DERIVED: ()}
    until = max(earlier.newest.values(), default="")
    return replace(newest, versions=earlier.versions, files=files, basis=None, until=until)


def check_lost(path: Path, newest: Mapping[str, int], known: Mapping[str, int], place: str) -> None:
    """Raise DamageError if a table's log ends before a version that is known to exist."""
    for table, version in known.items():
        if table in TABLES and version > newest.get(table, -1):
            name = path / entry_name(table, newest.get(table, -1) + 1)
            raise DamageError(f"{name} is missing, although {place} names it; {REPAIR}")


@dataclass(frozen=True, slots=True)
class Mark:
    """The first line of `warehouse.sql`: the snapshot, and checksums of the ledger's newest line and the text below.

    Marks of earlier versions have no checksum of their own; they are compared with the log.
    """

    snapshot: Snapshot
    ledger: str | None
    text: str | None
    more: str | None
    is_sealed: bool


def read_mark(path: Path) -> Mark | None:
    """Read the first line of `warehouse.sql`; None if the file is missing or cut short, or if the line is not a mark.

    Raises:
        DamageError: the line is not as this program wrote it.

    """
    try:
        with confine(path, CATALOG).open("rb") as file:
            line = file.readline().removesuffix(b"\n").removeprefix(_MARK.encode())
        mark = json.loads(line)
    except (FileNotFoundError, ValueError):
        return None
    place = f"the first line of {path / CATALOG}"
    snapshot = _parse_mark(mark, place)
    has_sum = bool({"before", "ledger", "sum", "text"} & mark.keys())
    if has_sum and not is_sealed(line):
        raise DamageError(f"{place} is not as it was written; {_MARK_REMEDY}")
    return Mark(snapshot, mark.get("ledger"), mark.get("text"), mark.get("more"), has_sum)


def _parse_mark(mark: Any, place: str) -> Snapshot:
    """Return the snapshot that a mark names; DamageError if this program does not write such a mark."""
    try:
        versions = {table: mark["versions"][table] for table in TABLES if table in mark["versions"]}
        listed = {table: [_parse_file(item) for item in mark["files"][table]] for table in versions}
    except (KeyError, TypeError, ValueError):
        versions, listed = {}, {}
    if "fact" not in versions or not all(type(version) is int for version in versions.values()):
        raise DamageError(f"{place} is damaged; {_MARK_REMEDY}")
    for table, files in listed.items():
        check_names(place, table, [file.name for file in files])
    stored = {file.name: file for files in listed.values() for file in files if file.size >= 0}
    basis, newest = mark.get("basis"), mark.get("newest", {})
    is_text = isinstance(newest, dict) and all(isinstance(stamp, str) for stamp in newest.values())
    if not (isinstance(basis, str | None) and is_text):
        raise DamageError(f"{place} is damaged; {_MARK_REMEDY}")
    names = {table: [file.name for file in files] for table, files in listed.items()}
    return Snapshot(versions, names, stored, newest, basis)


def _parse_file(item: Any) -> DataFile:
    """Parse a file of a mark: its name, size, rows and SHA-256; marks of earlier versions have only its name."""
    name, size, rows, digest = item if isinstance(item, list) and len(item) > 1 else [item, -1, 0, None]
    if isinstance(name, list):
        (name,) = name
    if not (isinstance(name, str) and type(size) is int and type(rows) is int and isinstance(digest, str | None)):
        raise TypeError
    return DataFile(name, size, digest, rows)


def is_as_written(path: Path) -> bool:
    """Return whether `warehouse.sql` is what this version of the program writes for the newest snapshot."""
    try:
        text = (path / CATALOG).read_text("utf-8")
    except (FileNotFoundError, ValueError):
        return False
    last = last_commit(path)
    return text == read_snapshot(path).catalog(last.sum if last else None)


def snapshot_of(log: Mapping[str, Sequence[LogEntry]], versions: Mapping[str, int]) -> Snapshot:
    """Return the state after these versions of each table."""
    entries = {table: [entry for entry in log[table] if entry.version <= versions[table]] for table in sorted(versions)}
    files = {table: _files_after(of_table) for table, of_table in entries.items()}
    stored = {name: file for of_table in files.values() for name, file in of_table.items()}
    bases = [entry.basis for entry in entries.get(DERIVED, ()) if entry.basis is not None]
    named = {table: sorted(names) for table, names in files.items()}
    newest = {
        table: stamp_of(max(moments))
        for table, of_table in entries.items()
        if (moments := [entry.moment for entry in of_table if entry.batch is not None and entry.files])
    }
    return Snapshot(dict(sorted(versions.items())), named, stored, newest, bases[-1] if bases else None)


def _files_after(entries: Sequence[LogEntry]) -> dict[str, DataFile]:
    """Return the data files of a table after these commits, by name."""
    found: dict[str, DataFile] = {}
    for entry in entries:
        found |= {file.name: file for file in entry.files}
        for name in entry.removed:
            found.pop(name, None)
    return found


# -- the second time axis: what was stored when ------------------------------------------------------


def versions_at(path: Path, recorded: str) -> dict[str, int]:
    """Find the Delta version that each table had at a moment of `recorded_at`.

    `recorded` is a commit as `tracker log` prints it (all its batch and nothing later), a day (its end, UTC) or a
    timestamp.

    Raises:
        NothingMatchedError: there is no such commit, or nothing was stored by then.

    """
    require_warehouse(path)
    last = last_commit(path)
    newest = newest_versions(path)
    check_lost(path, newest, last.versions if last else {}, f"{path / JOURNAL}")
    logs = read_log(path, newest)
    facts = [commit for commit in logs["fact"] if commit.batch is not None]
    moment = _find_moment(facts, recorded)
    if not facts or moment < facts[0].moment:
        since = f"the first commit is of {facts[0].moment:%Y-%m-%d %H:%M:%S} UTC" if facts else "nothing is stored"
        raise NothingMatchedError(f"nothing was stored by {recorded}; {since}")
    found = {
        table: max((commit.version for commit in log if commit.moment <= moment), default=None)
        for table, log in logs.items()
    }
    return {table: version for table, version in found.items() if version is not None}


def _find_moment(facts: Sequence[LogEntry], recorded: str) -> datetime:
    """Return the moment that a commit's number, a day or a timestamp stands for.

    Up to version 0.1, a clock that was set back could give a commit an earlier moment than the commit before it, if
    that one had no rows. Of such a pair, the first ends just before the second began.
    """
    if not recorded.isdecimal():
        return moment_of(recorded)
    number = int(recorded)
    moments = [commit.moment for commit in facts if commit.version == number]
    if not moments:
        raise NothingMatchedError(f"there is no commit {recorded}; `tracker log` lists them")
    later = [commit.moment - timedelta(microseconds=1) for commit in facts if commit.version > number]
    return min(moments + later)


def moment_of(text: str) -> datetime:
    """Return the moment of a day (its end) or of a timestamp (UTC unless it names a zone).

    Raises:
        UsageError: the text is neither.

    """
    as_of_instant(text)
    try:
        moment = datetime.fromisoformat(text if len(text) > len("2024-08-05") else f"{text}T23:59:59.999999")
    except ValueError as error:
        raise UsageError(f"{text!r} is no moment of the calendar: {error}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
