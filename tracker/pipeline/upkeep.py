"""Derive figures anew and put small files together, on demand. Writing commands do both by themselves."""

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
    """Derive the figures that are out of date, or all; return the number of companies.

    Figures are out of date if they do not follow from the stored facts and definitions. `progress` is called with the
    share that is done.

    Raises:
        WarehouseError: the folder holds no warehouse.
        BusyError: another process is writing.
        StorageError: the system refuses to write; what was derived before stands.

    """
    require_warehouse(path)
    with Writer(path, progress=progress) as writer:
        return writer.derive() if is_all and not writer.derived else writer.derived


def bring_up_to_date(path: Path, progress: Callable[[float], None]) -> None:
    """Derive figures that are out of date, before they are shown.

    They are after an update of the program, or after a process that died. If another process is writing, or the folder
    cannot be written, each question derives its figures itself.
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
