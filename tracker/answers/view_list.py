"""List the views and their columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.warehouse.reader import Warehouse

__all__ = ["ViewColumn", "ViewLine", "list_columns", "list_views"]


@dataclass(frozen=True, slots=True)
class ViewLine:
    """A view or stored table: what it shows, one row for each of what, and whether it has an `_as_of(t)` twin."""

    name: str
    summary: str
    grain: str
    has_as_of: bool


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """A column of a view."""

    name: str
    type: str


def list_views(warehouse: Warehouse) -> list[ViewLine]:
    """List every view and stored table, by name."""
    rows = warehouse.objects(is_short=True).fetchall()
    return [ViewLine(name, summary or "", grain or "", has_as_of) for name, has_as_of, grain, summary in rows]


def list_columns(warehouse: Warehouse, view: str) -> list[ViewColumn]:
    """List the columns of a view; NothingMatchedError if there is none of that name."""
    return [ViewColumn(name, kind) for name, kind in warehouse.columns_of(view).fetchall()]
