"""Rows of views as plain immutable records: the one place where a report asks the warehouse."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from tracker.report.text.labels import as_ratio, seen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.warehouse.reader import Warehouse

__all__ = ["rows", "table"]

_Row = TypeVar("_Row")


def table(warehouse: Warehouse, query: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
    """The rows of a query by column; rates as decimals, lists as tuples, text without what cannot be seen."""
    found = warehouse.sql(query, parameters).arrow().to_pylist()
    return [{name: _plain(value) for name, value in row.items()} for row in found]


def rows(warehouse: Warehouse, query: str, parameters: Mapping[str, object], kind: type[_Row]) -> list[_Row]:
    """The rows of a query as records of a kind, field by column of the same name."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return [kind(**{name: row[name] for name in names}) for row in table(warehouse, query, parameters)]


def _plain(value: Any) -> Any:
    """A cell as our records hold it: rates as decimals, lists as tuples."""
    if isinstance(value, float):
        return as_ratio(value)
    if isinstance(value, str):
        value = seen(value)
    return tuple(value) if isinstance(value, list) else value
