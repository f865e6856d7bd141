"""Clean up after a process that died, and write `warehouse.sql` from the log."""

from __future__ import annotations

import fcntl
import re
import shutil
from typing import TYPE_CHECKING, Final

from tracker.files.disk import is_draft, replace_file
from tracker.model.schema import RUNS, TABLES
from tracker.warehouse.catalog import more_sql
from tracker.warehouse.delta_log import LOG, LogEntry, is_data_file, newest_versions
from tracker.warehouse.journal import add_commit, last_commit, read_log
from tracker.warehouse.snapshot import CATALOG, MORE, Snapshot, read_snapshot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

__all__ = ["add_settled", "find_leftovers", "publish", "remove_leftovers"]


def publish(path: Path, snapshot: Snapshot | None = None) -> bool:
    """Write `warehouse.sql` for the newest snapshot; return whether the file before was different."""
    (path / RUNS).touch()  # the catalog reads the ledger of runs, so it is there before the first run
    last = last_commit(path)
    text = (snapshot or read_snapshot(path)).catalog(last.sum if last else None).encode()
    _replace_other(path / MORE, more_sql().encode())
    return _replace_other(path / CATALOG, text)


def _replace_other(target: Path, text: bytes) -> bool:
    """Write a text into a file that has another one; return whether it did."""
    is_other = not target.is_file() or target.read_bytes() != text
    if is_other:
        replace_file(target, text)
    return is_other


def add_settled(path: Path) -> list[str]:
    """Add the commits that the ledger lacks, and return in words what was done. The caller holds the lock.

    If a warehouse has no ledger yet, all its commits are adopted into a new one. Raises DamageError if the log has lost
    a commit.
    """
    newest = newest_versions(path)
    if not newest:
        return []
    last = last_commit(path)
    read_snapshot(path)
    is_old = last is None and any(newest.values())
    line = add_commit(path, newest, "adopted" if is_old else "created" if last is None else "committed")
    return [f"commits up to {newest.get('fact', 0)} entered in the ledger of commits"] if line else []


def find_leftovers(path: Path, named: Collection[str], last: datetime | None) -> list[Path]:
    """Find what a process that died left: drafts, half of a held batch, data files whose commit was never made.

    `named` are the data files that commits name, and `last` is the moment of the last commit in the ledger. If it is
    None, no data file counts as a leftover, because the commit that named it may be lost.
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
    """Return whether a file is a draft of a dead process; a draft for a ledger is alive while that is locked."""
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
    """Remove what a process that died left. The caller holds the lock, and has written nothing yet."""
    last = last_commit(path)
    named = {name for names in read_snapshot(path).files.values() for name in names}
    if any(is_data_file(file.name) for file in find_leftovers(path, named, last.moment if last else None)):
        named = {name for entries in read_log(path, newest_versions(path)).values() for name in _names_in(entries)}
    found = find_leftovers(path, named, last.moment if last else None)
    for file in found:
        if file.is_dir():
            shutil.rmtree(file)
        else:
            file.unlink(missing_ok=True)
    return found


def _names_in(entries: Iterable[LogEntry]) -> Iterator[str]:
    """Yield the data files that commits of a table name, including those that were replaced later."""
    return (file.name for entry in entries for file in entry.files)


_DRAFT: Final = re.compile(r"\.\d{8}T\d{12}-[0-9a-f]{16}\.parquet\.draft", re.ASCII)


#: Unfinished entries and checkpoints: the log's library leaves them if it is killed, and so does a repair.
_LOG_DRAFT: Final = re.compile(r"_commit_[0-9a-f-]{36}\.json\.tmp|.+#\d+|\..+\.[0-9a-f]{32}\.draft", re.ASCII)


_HALF_HELD: Final = re.compile(r"\.[0-9a-f]{32}", re.ASCII)
