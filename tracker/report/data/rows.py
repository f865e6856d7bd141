"""Rows of views as plain immutable records: the one place where a report asks the warehouse."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from tracker.report.text.labels import strip_unseen, to_ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.warehouse.reader import Warehouse

__all__ = ["read_records", "read_rows", "shown_unit"]

_Row = TypeVar("_Row")


def read_rows(warehouse: Warehouse, query: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
    """Read the rows of a query by column: rates as decimals, lists as tuples, text without hidden marks."""
    found = warehouse.sql(query, parameters).arrow().to_pylist(maps_as_pydicts="strict")
    return [{name: _to_plain(value) for name, value in row.items()} for row in found]


def read_records(warehouse: Warehouse, query: str, parameters: Mapping[str, object], kind: type[_Row]) -> list[_Row]:
    """Read the rows of a query as records of a kind, each field from the column of its name."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return [kind(**{name: row[name] for name in names}) for row in read_rows(warehouse, query, parameters)]


def _to_plain(value: Any) -> Any:
    """Convert a cell to what records hold: rates as decimals, lists as tuples."""
    if isinstance(value, float):
        return to_ratio(value)
    if isinstance(value, str):
        return strip_unseen(value)
    if isinstance(value, dict):
        return {key: _to_plain(part) for key, part in value.items()}
    return tuple(value) if isinstance(value, list) else value


def shown_unit(of: str) -> str:
    """Return the SQL for the unit in which people read an amount of the row `of`, with its metric `m` beside it.

    A rate is a fraction, whatever its filing calls the unit.
    """
    return f"case when m.measure = 'ratio' then 'ratio' else coalesce({of}.unit, '') end"
