"""Read the Delta log as this program writes it: the commits of each table, and the data files that each adds.

A warehouse may come from somebody else. So every name in its log is checked here before a file is opened or a name gets
into SQL: it must have the form that this program writes, and must not lead out of the warehouse's folder.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import DamageError
from tracker.model.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = [
    "CHECKPOINT",
    "ENTRY",
    "LAST_CHECKPOINT",
    "LOG",
    "REMEDY",
    "DataFile",
    "LogEntry",
    "are_newest",
    "check_names",
    "confine",
    "entry_name",
    "is_data_file",
    "newest_versions",
    "parse_entry",
    "read_entry_text",
    "versions_there",
]

LOG: Final = "_delta_log"
LAST_CHECKPOINT: Final = "_last_checkpoint"
CHECKPOINT: Final = re.compile(r"\d{20}\.checkpoint(\.\d{10}\.\d{10})?\.parquet", re.ASCII)
REMEDY: Final = (
    "restore it from a copy; `tracker verify` lists all that is damaged, with `--repair` it mends what it can"
)
ENTRY: Final = re.compile(r"(\d{20})\.json", re.ASCII)
_DATA: Final = re.compile(r"\d{8}T\d{12}-[0-9a-f]{16}\.parquet", re.ASCII)
_SUM: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_STAMP: Final = re.compile(r"\d{8}T\d{12}", re.ASCII)
#: What an entry of the log may hold: the creation of the table, new data files, and replaced files.
_ACTIONS: Final = frozenset({"commitInfo", "protocol", "metaData", "add", "remove"})


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file as its commit describes it: its name in the warehouse, size in bytes, SHA-256 and rows."""

    name: str
    size: int
    sha256: str | None
    rows: int


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One commit of a table: its moment, the batch it stored, its rows and files.

    Without a batch it is the table's creation, or a compaction, which says nothing new.

    `written_at` is the time by the clock. `removed` are the files that its own files replace. `basis` is the hash of
    what derived figures were derived from (see `tracker.warehouse.derive`).
    """

    table: str
    version: int
    moment: datetime
    written_at: datetime
    batch: str | None
    rows: int
    files: tuple[DataFile, ...]
    removed: tuple[str, ...] = ()
    basis: str | None = None


def entry_name(table: str, version: int) -> str:
    """Return the name of an entry in the warehouse: `fact/_delta_log/00000000000000000001.json`."""
    return f"{table}/{LOG}/{version:020d}.json"


def is_data_file(name: str) -> bool:
    """Return whether a file in a table's folder has a name of the form that this program gives to data files."""
    return _DATA.fullmatch(name) is not None


def confine(path: Path, name: str) -> Path:
    """Return the path of this file in a warehouse; DamageError if a link leads out of the folder."""
    file = path / name
    if _may_leave(path, name) and not file.resolve().is_relative_to(path.resolve()):
        raise DamageError(f"{file} is a link that leads out of the warehouse; remove it, and {REMEDY}")
    return file


def _may_leave(path: Path, name: str) -> bool:
    """Return whether a name has a link in it, or goes up. This is faster than resolving the name."""
    parts = name.split("/")
    file = path / name
    return {"", ".."} & {*parts} != set() or any(one.is_symlink() for one in (file, *file.parents)[: len(parts)])


def check_names(place: str, table: str, names: Sequence[str]) -> None:
    """Check that these are different names of data files of a table; DamageError names the first that is wrong."""
    for name in names:
        folder, _, file = name.partition("/")
        if folder != table or not _DATA.fullmatch(file):
            raise DamageError(f"{place} names {name!r}, which is no data file of this warehouse; {REMEDY}")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DamageError(f"{place} names {twice} twice; {REMEDY}")


def newest_versions(path: Path) -> dict[str, int]:
    """Find the newest version of each table that has a log, by the names of the entries; no entry is read.

    `fact` is looked at first. It is committed last, so the other tables already have their part of its newest commit.
    """
    found = {table: _find_newest_version(path, table) for table in reversed(TABLES)}
    return {table: version for table in TABLES if (version := found[table]) >= 0}


def are_newest(path: Path, versions: Mapping[str, int]) -> bool:
    """Return whether these are the newest versions of all tables. This looks for two entries of each log only."""
    return all(
        (version < 0 or _has_entry(path, table, version)) and not _has_entry(path, table, version + 1)
        for table, version in ((table, versions.get(table, -1)) for table in TABLES)
    )


def _has_entry(path: Path, table: str, version: int) -> bool:
    """Return whether a log has an entry. This runs often, and texts are faster than paths."""
    return os.path.exists(f"{path}/{entry_name(table, version)}")  # noqa: PTH110


def _find_newest_version(path: Path, table: str) -> int:
    """Return the newest version of a table, -1 if it has no log; DamageError if an entry before it is missing."""
    for _ in range(3):  # while a writer adds entries, a listing may show the later of two and not the earlier
        versions = versions_there(path, table)
        if len(versions) == max(versions, default=-1) + 1:
            return max(versions, default=-1)
    missing = next(number for number in range(max(versions)) if number not in versions)
    raise DamageError(f"{path / entry_name(table, missing)} is missing, later ones are there; {REMEDY}")


def versions_there(path: Path, table: str) -> set[int]:
    """Return the versions of a table that have an entry in its log, by their names."""
    try:
        names = os.listdir(confine(path, f"{table}/{LOG}"))  # noqa: PTH208 - texts are faster than paths
    except (FileNotFoundError, NotADirectoryError):
        return set()
    return {int(match[1]) for name in names if (match := ENTRY.fullmatch(name))}


def read_entry_text(path: Path, table: str, version: int) -> str:
    """Read the text of an entry of a table's log; DamageError if it is missing or is not UTF-8."""
    name = entry_name(table, version)
    try:
        return confine(path, name).read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise DamageError(f"{path / name} is missing; {REMEDY}") from None
    except UnicodeDecodeError as error:
        raise DamageError(f"{path / name} is damaged at byte {error.start}; {REMEDY}") from None


def parse_entry(table: str, version: int, text: str, place: str) -> LogEntry:
    """Parse the text of an entry; DamageError if this program did not write it."""
    try:
        actions = [_action(line) for line in text.splitlines() if line.strip()]
        return _make_entry(table, version, actions, place)
    except DamageError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        what = str(error) if isinstance(error, _ForeignError) else "is damaged"
        raise DamageError(f"{place} {what}; {REMEDY}") from error


class _ForeignError(ValueError):
    """The log holds something that this program does not write."""


def _action(line: str) -> tuple[str, dict[str, Any]]:
    ((name, content),) = json.loads(line).items()
    if name not in _ACTIONS:
        raise _ForeignError(f"holds {name!r}, which this program does not write")
    return name, content


def _make_entry(table: str, version: int, actions: Sequence[tuple[str, dict[str, Any]]], place: str) -> LogEntry:
    (info,) = (content for name, content in actions if name == "commitInfo")
    is_creation = {"protocol", "metaData"} <= {name for name, _ in actions}
    if is_creation != (version == 0):
        raise _ForeignError("is damaged")
    sums = {} if is_creation else json.loads(info.get("sha256", "{}"))
    files = tuple(_file(table, content, sums) for name, content in actions if name == "add")
    removed = tuple(f"{table}/{content['path']}" for name, content in actions if name == "remove")
    check_names(place, table, [file.name for file in files])
    check_names(place, table, removed)
    if not is_creation and (
        not info.keys() & {"batch", "compacted"} or int(info["rows"]) != sum(file.rows for file in files)
    ):
        raise _ForeignError("does not add up to the rows it speaks of")
    written_at = datetime.fromtimestamp(info["timestamp"] / 1000, UTC)
    moment = _find_moment(info.get("recorded_at") or "".join(file.name for file in files)) or written_at
    batch, rows = info.get("batch"), int(info.get("rows", 0))
    return LogEntry(table, version, moment, written_at, batch, rows, files, removed, info.get("basis"))


def _file(table: str, add: dict[str, Any], sums: dict[str, str]) -> DataFile:
    path, size, rows = add["path"], add["size"], json.loads(add["stats"])["numRecords"]
    digest = sums.get(path)
    if not (isinstance(path, str) and isinstance(size, int) and isinstance(rows, int)):
        raise _ForeignError("is damaged")
    if digest is not None and not _SUM.fullmatch(digest):
        raise _ForeignError("is damaged")
    return DataFile(f"{table}/{path}", size, digest, rows)


def _find_moment(text: str) -> datetime | None:
    """Return the moment at which a commit's rows were recorded, from the names of its files or from the commit."""
    stamp = _STAMP.search(text)
    return datetime.strptime(stamp[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC) if stamp else None
