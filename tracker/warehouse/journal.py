"""The ledger of commits, `commits.jsonl`: it names the last commit, and proves that nothing before it has changed.

Each line is one commit: the version of every table after it, the SHA-256 of its files (data files, entries of the log,
checkpoints), and the entries of the log themselves, word for word, so that a lost or damaged entry can be written anew.
Lines are chained (`tracker/files/hash_chain.py`), and the first line of `warehouse.sql` names the newest line. A line
is written once its commit stands. If the process dies before that, the next one that takes the writers' lock writes it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import DamageError
from tracker.files.hash_chain import add_lines, cut_tail, find_flaws, last_line, sum_of
from tracker.model.schema import TABLES
from tracker.warehouse.delta_log import (
    CHECKPOINT,
    LAST_CHECKPOINT,
    LOG,
    LogEntry,
    entry_name,
    parse_entry,
    read_entry_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["JOURNAL", "REPAIR", "LedgerLine", "add_commit", "last_commit", "read_lines", "read_log", "valid_lines"]

JOURNAL: Final = "commits.jsonl"
REPAIR: Final = "`tracker verify` lists what is damaged, `tracker verify --repair` mends what can be mended"


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One commit in the ledger: how it got there (committed or adopted), its moment, and what it added."""

    how: str
    moment: datetime
    versions: Mapping[str, int]
    files: Mapping[str, str]
    entries: Mapping[str, str]
    sum: str


def last_commit(path: Path) -> LedgerLine | None:
    """Return the newest commit in the ledger of a warehouse; None if there is no ledger yet.

    Raises DamageError if its last line is not as it was written.
    """
    line = last_line(path / JOURNAL)
    return None if line is None else _read_line(line, f"the last line of {path / JOURNAL}")


def read_lines(path: Path) -> list[LedgerLine]:
    """Return all commits in the ledger, oldest first; DamageError if a line is changed or missing."""
    flaws = find_flaws(path / JOURNAL, has_head=False)
    if flaws:
        raise DamageError(f"line {flaws[0].line} of {path / JOURNAL} {flaws[0].what}; {REPAIR}")
    return list(valid_lines(path))


def valid_lines(path: Path) -> Iterator[LedgerLine]:
    """Yield the commits in the ledger whose lines are as they were written; skip damaged lines."""
    text = (path / JOURNAL).read_bytes() if (path / JOURNAL).exists() else b""
    for number, line in enumerate(text.split(b"\n")[:-1], 1):
        if sum_of(line) is not None:
            yield _read_line(line, f"line {number} of {path / JOURNAL}")


def _read_line(line: bytes, place: str) -> LedgerLine:
    digest = sum_of(line)
    if digest is None:
        raise DamageError(f"{place} is not as it was written; {REPAIR}")
    try:
        record = json.loads(line)
        moment = datetime.fromisoformat(record["moment"])
        return LedgerLine(record["how"], moment, record["versions"], record["files"], record["entries"], digest)
    except (ValueError, TypeError, KeyError):
        raise DamageError(f"{place} was not written by this program; {REPAIR}") from None


def add_commit(path: Path, versions: Mapping[str, int], how: str = "committed") -> LedgerLine | None:
    """Add the commits to the ledger that the log has beyond it, up to these versions; None if there are none."""
    cut_tail(path / JOURNAL)
    before = last_commit(path)
    known = before.versions if before else {}
    new = [
        (table, version) for table in TABLES for version in range(known.get(table, -1) + 1, versions.get(table, -1) + 1)
    ]
    if not new:
        return None
    entries = {entry_name(table, version): read_entry_text(path, table, version) for table, version in new}
    read = [
        parse_entry(table, version, entries[entry_name(table, version)], entry_name(table, version))
        for table, version in new
    ]
    moments = [entry.moment for entry in read if entry.batch is not None] + ([before.moment] if before else [])
    record = {
        "how": how,
        "moment": max(moments, default=datetime.fromtimestamp(0, UTC)).isoformat(),
        "versions": {**known, **versions},
        "files": _sums(path, entries, read, is_all=how == "adopted"),
        "entries": entries,
    }
    add_lines(path / JOURNAL, [json.dumps(record, separators=(",", ":")).encode()], has_head=False)
    return last_commit(path)


def _sums(path: Path, entries: Mapping[str, str], read: list[LogEntry], *, is_all: bool) -> dict[str, str]:
    """Return the SHA-256 of each file of a commit: for data files, from the commit; for others, computed now."""
    data = {file.name: file.sha256 for entry in read for file in entry.files if file.sha256}
    log = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in entries.items()}
    made = [name for name in _checkpoints(path, read, is_all=is_all) if (path / name).is_file()]
    return data | log | {name: hashlib.sha256((path / name).read_bytes()).hexdigest() for name in made}


def _checkpoints(path: Path, read: list[LogEntry], *, is_all: bool) -> list[str]:
    """Return the checkpoints that may have been written with these commits, or all that exist."""
    if is_all:
        found = [file for table in TABLES for file in (path / table / LOG).glob("*") if CHECKPOINT.fullmatch(file.name)]
        names = {file.relative_to(path).as_posix() for file in found}
    else:
        names = {entry_name(entry.table, entry.version).replace(".json", ".checkpoint.parquet") for entry in read}
        names = {name for name in names if (path / name).is_file()}
    tables = sorted({name.partition("/")[0] for name in names})
    return [*sorted(names), *(f"{table}/{LOG}/{LAST_CHECKPOINT}" for table in tables)]


def read_log(path: Path, versions: Mapping[str, int]) -> dict[str, list[LogEntry]]:
    """List the commits of each table up to these versions, oldest first: from the ledger, or newer ones from the log.

    Raises DamageError if one cannot be read, or is not as it was written.
    """
    texts: dict[str, str] = {}
    for line in read_lines(path):
        texts |= line.entries
    return {
        table: [_read_log_entry(path, table, version, texts) for version in range(newest + 1)]
        for table, newest in versions.items()
    }


def _read_log_entry(path: Path, table: str, version: int, texts: Mapping[str, Any]) -> LogEntry:
    name = entry_name(table, version)
    text = texts.get(name)
    return parse_entry(
        table, version, read_entry_text(path, table, version) if text is None else text, str(path / name)
    )
