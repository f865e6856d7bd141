"""Let each source and company belong to one folder of tables: else two folders would withdraw each other's rows.

A source or company that only a reader has stored belongs to the folder that lists it. The same holds for one that
another folder kept and no longer lists.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from tracker.errors import InputError, Problem
from tracker.model.arrays import array_of
from tracker.model.entity import load_entities

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tracker.model.batch import Batch
    from tracker.warehouse.writer import Writer

__all__ = ["keep_own_rows"]

#: The tables whose rows belong to a source or a company: the column of its id, and the table that says who keeps it.
_KEPT_BY: Final = {
    "source": ("source_id", "source"),
    "entity": ("entity", "entity"),
    "entity_alias": ("entity", "entity"),
}


def keep_own_rows(root: Path, writer: Writer, batch: Batch) -> Batch:
    """Return the batch of a folder without the sources and companies that another folder of the project keeps.

    Raises:
        InputError: the batch adds figures to such a source.

    """
    if batch.origin is None:
        return batch
    kept = {table: _find_kept_elsewhere(root, writer, batch, table) for table in ("source", "entity")}
    _check_no_foreign_figures(writer, batch, kept["source"])
    return replace(batch, rows={table: _drop_foreign_rows(rows, table, kept) for table, rows in batch.rows.items()})


def _find_kept_elsewhere(root: Path, writer: Writer, batch: Batch, table: str) -> Mapping[str, str]:
    """Find the batch's sources or companies that another folder still lists, each with that folder."""
    is_listed = {"source": _is_source_listed, "entity": _is_company_listed}[table]
    return {key: origin for key, origin in writer.foreign(batch, table) if is_listed(root / origin, key)}


def _is_source_listed(folder: Path, source: str) -> bool:
    """Return whether a folder's `sources.csv` has a source; a file that cannot be read may have it."""
    path = folder / "sources.csv"
    if not path.is_file():
        return False
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return any((row.get("source") or "").strip() == source for row in csv.DictReader(file))
    except (UnicodeDecodeError, csv.Error):
        return True


def _is_company_listed(folder: Path, entity: str) -> bool:
    path = folder / "entities.toml"
    return path.is_file() and entity in load_entities(path)[0]


def _check_no_foreign_figures(writer: Writer, batch: Batch, kept: Mapping[str, str]) -> None:
    remedy = "give it another id here, or keep its figures there"
    wrong = [
        Problem(f"{batch.origin}/sources.csv", None, "source", "source", f"{source!r} is kept in {origin}", remedy)
        for source, origin in (writer.shared(batch) if kept else [])
        if source in kept
    ]
    if wrong:
        raise InputError(wrong)


def _drop_foreign_rows(rows: pa.Table, table: str, kept: Mapping[str, Mapping[str, str]]) -> pa.Table:
    column, owner = _KEPT_BY.get(table, ("", ""))
    if not kept.get(owner):
        return rows
    return rows.filter(array_of([key not in kept[owner] for key in rows.column(column).to_pylist()], pa.bool_()))
