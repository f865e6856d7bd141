"""Compaction: many small files of a table become one, and files that others have replaced are removed in the end.

The rows stay the same. Only rows of derived figures that a later derivation replaced are left out. A file that was
replaced stays on disk for some days, so that whoever reads an earlier commit still finds it. When it is gone, the same
state is read from the rows: each one says when it was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tracker.model.schema import DERIVED, TABLES
from tracker.warehouse.journal import read_log
from tracker.warehouse.snapshot import read_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["KEPT_FOR", "Compaction", "find_small_files", "kept_rows", "needs_compaction", "remove_replaced"]

#: A file of fewer rows is small; a row group of Parquet holds as many.
SMALL: Final = 122_880
#: With more small files than this a table is compacted when a writer is done.
MANY: Final = 64
#: For so long a replaced file stays.
KEPT_FOR: Final = timedelta(days=7)

#: The order of rows in a file. A question about one company then reads few of them.
_ORDER: Final = {
    "fact": "entity, concept, period_end, known_at, fact_id",
    DERIVED: "view, entity, metric, span, fiscal_year, fiscal_quarter, concept, place, known_from",
}


@dataclass(frozen=True, slots=True)
class Compaction:
    """What a compaction did: how many files became how many, and how many replaced ones were removed from disk."""

    replaced: int
    written: int
    removed: int


def needs_compaction(files: Mapping[str, int]) -> bool:
    """Return whether there are so many small files among these, given with their rows, that questions take longer."""
    return sum(rows < SMALL for rows in files.values()) > MANY


def find_small_files(files: Mapping[str, int]) -> list[str]:
    """Return the files that a compaction puts together, of these with their rows; none where there is only one."""
    small = [name for name, rows in files.items() if rows < SMALL]
    return small if len(small) > 1 else []


def kept_rows(table: str) -> str:
    """Return the query for the rows of some files (`$files`) of a table that are kept, in storage order."""
    columns = ", ".join(f"d.{name}" for name in TABLES[table])
    holds = (
        "semi join derivation n on n.entity = d.entity and n.recorded_at = d.recorded_at" if table == DERIVED else ""
    )
    return f"select {columns} from read_parquet($files) d {holds} order by {_ORDER.get(table, 'recorded_at')}"


def remove_replaced(path: Path, kept_for: timedelta) -> list[Path]:
    """Remove the files that were replaced long ago; return those that were there."""
    limit = datetime.now(UTC) - kept_for
    log = read_log(path, read_snapshot(path).versions)
    names = [
        name for entries in log.values() for entry in entries if entry.written_at < limit for name in entry.removed
    ]
    found = [path / name for name in names if (path / name).is_file()]
    for file in found:
        file.unlink(missing_ok=True)
    return found
