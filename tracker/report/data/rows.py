"""Rows of views as plain immutable records: the one place where a report asks the warehouse."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from tracker.report.text.labels import strip_unseen, to_ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.warehouse.reader import Warehouse

__all__ = ["read_records", "read_rows"]

_Row = TypeVar("_Row")


def read_rows(warehouse: Warehouse, query: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
    """The rows of a query by column; rates as decimals, operands as tuples, text without what cannot be seen."""
    found = warehouse.sql(query, parameters).arrow().to_pylist()
    return [{name: _to_plain(name, value) for name, value in row.items()} for row in found]


def read_records(warehouse: Warehouse, query: str, parameters: Mapping[str, object], kind: type[_Row]) -> list[_Row]:
    """The rows of a query as records of a kind, field by column of the same name."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return [kind(**{name: row[name] for name in names}) for row in read_rows(warehouse, query, parameters)]


def _to_plain(name: str, value: Any) -> Any:
    """A cell as our records hold it: rates as decimals, operands as a tuple, parameters of a reason by name."""
    if isinstance(value, float):
        return to_ratio(value)
    if name.endswith("_parameters") and value is not None:
        return {key: strip_unseen(text) for key, text in value}
    if isinstance(value, str):
        value = strip_unseen(value)
    return tuple(value.split()) if name.endswith("operands") else value
