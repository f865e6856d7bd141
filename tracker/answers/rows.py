"""Read rows of views as typed records, and turn records into plain values for JSON."""

from __future__ import annotations

from dataclasses import asdict, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.warehouse.reader import Warehouse

__all__ = ["read_answers", "to_plain"]

_Record = TypeVar("_Record")


def read_answers(
    warehouse: Warehouse, query: str, parameters: Mapping[str, object], kind: type[_Record]
) -> list[_Record]:
    """Read the rows of a query as records of a kind, each field from the column of its name; lists become tuples."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return [
        kind(**{name: tuple(row[name]) if isinstance(row[name], list) else row[name] for name in names})
        for row in warehouse.records(query, parameters)
    ]


def to_plain(value: Any) -> Any:
    """Return records as dictionaries, amounts as their exact digits, days and moments as ISO 8601, ids as hex."""
    if is_dataclass(value) and not isinstance(value, type):
        return to_plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): to_plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(part) for part in value]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value
