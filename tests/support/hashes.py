"""Hashes of rows in any order, to tell whether two warehouses show the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import duckdb

from tracker.model.schema import TABLES
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.stored_tables import rows_name

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

#: A company that is derived again has its earlier rows still in the files.
LATEST_ONLY: Final = "semi join derivation n on n.entity = d.entity and n.recorded_at = d.recorded_at"


def hash_rows(rows: pa.Table) -> tuple[list[tuple[str, str]], Any]:
    """Return the columns with their types, and the number and a hash of the rows in any order."""
    cells = [
        # the pairs of a map have no order
        f'list_sort(map_entries("{field.name}"))' if str(field.type).startswith("map") else f'"{field.name}"'
        for field in rows.schema
    ]
    row = f"hash({', '.join(cells)})"
    sums = f"select count(*), sum(cast({row} as hugeint)), sum(cast(hash({row}, 1) as hugeint)) from hashed_rows"
    types = [(field.name, str(field.type)) for field in rows.schema]
    with duckdb.connect() as connection:
        connection.register("hashed_rows", rows)
        return types, connection.execute(sums).fetchone()


def hash_tables(path: Path) -> dict[str, Any]:
    """Return a hash of what each table shows, apart from the moments of storing."""
    found = {}
    with Warehouse(path) as warehouse:
        for table in TABLES:
            name = table if table in {"fact", "derived"} else rows_name(table)
            rows = warehouse.sql(
                f"select d.* exclude (recorded_at) from {name} d {LATEST_ONLY if table == 'derived' else ''}"
            )
            found[table] = hash_rows(rows.arrow())
    return found
