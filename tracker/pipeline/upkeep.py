"""Derive figures anew, and put small files together: what the warehouse does by itself, on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.errors import BusyError, StorageError
from tracker.warehouse.snapshot import read_snapshot, require_warehouse
from tracker.warehouse.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracker.warehouse.compact import Compaction

__all__ = ["bring_up_to_date", "compact_warehouse", "derive"]


def derive(path: Path, progress: Callable[[float], None], *, is_all: bool = False) -> int:
    """Derive the figures that are not those of the stored facts and definitions, or all; return of how many companies.

    `progress` is told the share that is done.

    Raises:
        WarehouseError: the folder holds no warehouse.
        BusyError: another process is writing.
        StorageError: the system refuses to write; what was derived before stands.

    """
    require_warehouse(path)
    with Writer(path, progress=progress) as writer:
        return writer.derive() if is_all and not writer.derived else writer.derived


def bring_up_to_date(path: Path, progress: Callable[[float], None]) -> None:
    """Derive what another version of the program, or a process that died, left behind, before figures are shown.

    Where another process is writing, or nobody may write, the figures are derived as they are asked.
    """
    snapshot = read_snapshot(path)
    if snapshot.is_derived or not snapshot.files.get("fact"):
        return
    try:
        with Writer(path, wait=0, progress=progress):
            pass
    except (BusyError, StorageError):
        return


def compact_warehouse(path: Path) -> Compaction:
    """Put the small files of each table together.

    Raises:
        WarehouseError: the folder holds no warehouse.
        BusyError: another process is writing.
        StorageError: the system refuses to write; what was stored stands.

    """
    require_warehouse(path)
    with Writer(path) as writer:
        return writer.compact()
