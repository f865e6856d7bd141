"""Put many small files of a table together, and remove replaced files after some days.

The rows stay the same, except that derived figures which a later derivation replaced are left out. A replaced file
stays on disk for some days, for readers of an earlier commit. When it is gone, they read the same state from the newer
files: each row says when it was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tracker.model.schema import DERIVED, STORAGE_ORDER, TABLES
from tracker.warehouse.journal import read_log
from tracker.warehouse.snapshot import read_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["KEPT_FOR", "Compaction", "group_small_files", "kept_rows_sql", "needs_compaction", "remove_replaced"]

#: A file of fewer rows is small; a row group of Parquet holds as many.
SMALL: Final = 122_880
#: With more small files than this a table is compacted when a writer is done.
MANY: Final = 64
#: How long a replaced file stays.
KEPT_FOR: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Compaction:
    """The result of a compaction: how many files were replaced and written, and how many old ones were removed."""

    replaced: int
    written: int
    removed: int


def needs_compaction(files: Mapping[str, int]) -> bool:
    """Return whether these files (name: rows) include so many small ones that questions become slow."""
    return sum(rows < SMALL for rows in files.values()) > MANY


def group_small_files(files: Mapping[str, int]) -> list[list[str]]:
    """Return which of these files (name: rows) a compaction puts together, group by group; a file alone stays.

    A group ends as soon as it is no longer small, so that its rows fit into memory, however many small files there are.
    """
    groups: list[list[str]] = [[]]
    for name in (name for name, rows in files.items() if rows < SMALL):
        if sum(files[one] for one in groups[-1]) >= SMALL:
            groups.append([])
        groups[-1].append(name)
    return [group for group in groups if len(group) > 1]


def kept_rows_sql(table: str) -> str:
    """Return the query for the rows that stay, of some files (`$files`) of a table, in storage order."""
    columns = ", ".join(f"d.{name}" for name in TABLES[table])
    order = ", ".join(STORAGE_ORDER.get(table, ("recorded_at",)))
    holds = (
        "semi join derivation n on n.entity = d.entity and n.recorded_at = d.recorded_at" if table == DERIVED else ""
    )
    return f"select {columns} from read_parquet($files) d {holds} order by {order}"


def remove_replaced(path: Path, kept_for: timedelta) -> list[Path]:
    """Remove the files that were replaced longer ago than this; return those that still existed."""
    limit = datetime.now(UTC) - kept_for
    log = read_log(path, read_snapshot(path).versions)
    names = [
        name for entries in log.values() for entry in entries if entry.written_at < limit for name in entry.removed
    ]
    found = [path / name for name in names if (path / name).is_file()]
    for file in found:
        file.unlink(missing_ok=True)
    return found
