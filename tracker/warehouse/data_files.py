"""Write rows into Parquet files that survive a crash, so that a commit can name them."""

from __future__ import annotations

import contextlib
import hashlib
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow.parquet as pq

from tracker.files.disk import sync
from tracker.warehouse.delta_log import DataFile

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

__all__ = ["WrittenFile", "remove_files", "sum_file", "write_parquet", "write_part"]


ROW_GROUP: Final = 122_880


#: Columns in which hardly any value comes twice, so that a dictionary would only cost time and space. All others need
#: one: if a text column has one value or NULL and no dictionary, `is null` is true for every row in DuckDB 2.0.0.
_DIVERSE: Final = frozenset({"fact_id", "value"})


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A data file on disk that no commit names yet."""

    path: Path
    rows: int
    size: int
    sha256: str

    @property
    def described(self) -> DataFile:
        """Return the file as its commit describes it."""
        return DataFile(f"{self.path.parent.name}/{self.path.name}", self.size, self.sha256, self.rows)


def write_parquet(rows: pa.Table, file: Path) -> None:
    """Write rows into a file, whole or not at all; it is on disk when this returns."""
    draft = draft_of_data(file)
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


def write_part(warehouse: Path, table: str, rows: pa.Table, moment: datetime, place: int = 0) -> WrittenFile:
    """Write rows of a table that are recorded at a moment into a file with a name of its own.

    The names of the files of a moment sort by their places.
    """
    name = f"{moment:%Y%m%dT%H%M%S%f}-{place:06x}{uuid.uuid4().hex[:10]}.parquet"
    file = warehouse / table / name
    write_parquet(rows, file)
    return WrittenFile(file, rows.num_rows, file.stat().st_size, sum_file(file))


def draft_of_data(file: Path) -> Path:
    return file.with_name(f".{file.name}.draft")


def remove_files(files: Iterable[Path]) -> None:
    """Remove data files that no commit names, and their drafts; skip those that the system refuses to remove."""
    for file in files:
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)
            draft_of_data(file).unlink(missing_ok=True)


def sum_file(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
