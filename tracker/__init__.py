"""What companies reported, what they promised, and what was known when.

>>> from tracker import Warehouse
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.errors import (
    BusyError,
    CheckError,
    InputError,
    NothingMatchedError,
    Problem,
    QueryError,
    TrackerError,
    UsageError,
    WarehouseError,
)

if TYPE_CHECKING:
    from tracker.notebook import NotebookWarehouse as Warehouse

__all__ = [
    "BusyError",
    "CheckError",
    "InputError",
    "NothingMatchedError",
    "Problem",
    "QueryError",
    "TrackerError",
    "UsageError",
    "Warehouse",
    "WarehouseError",
]


def __getattr__(name: str) -> object:
    """`Warehouse` loads its engine when it is first asked for, so that `tracker --help` starts at once."""
    if name == "Warehouse":
        from tracker.notebook import NotebookWarehouse  # noqa: PLC0415

        return NotebookWarehouse
    raise AttributeError(f"module 'tracker' has no attribute {name!r}")
