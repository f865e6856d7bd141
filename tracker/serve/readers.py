"""Warehouses that are kept open for readers: each answer comes from one whole commit.

`warehouse.sql` is rewritten as the last step of a commit, and its first line names the commit's snapshot. Readers move
on when that line changes, and never while a commit is being made.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import CATALOG, read_mark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Readers"]


class Readers:
    """Open warehouses of one folder, up to a limit; each serves one thread at a time."""

    def __init__(self, path: Path, most: int) -> None:
        self.path, self.most = path, most
        self._turns = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._idle: list[tuple[str, Warehouse]] = []
        self._current = ""
        self._stamp: tuple[int, int, int] | None = None

    def find_state(self) -> str:
        """Return a text that identifies the newest whole commit; it changes with each commit."""
        with self._lock:
            try:
                found = (self.path / CATALOG).stat()
            except FileNotFoundError:  # the next command that writes puts it back
                return self._current
            stamp = (found.st_mtime_ns, found.st_ino, found.st_size)
            if stamp != self._stamp and (mark := read_mark(self.path)) is not None:
                self._stamp, self._current = (
                    stamp,
                    f"{mark.ledger} {mark.text} {sorted(mark.snapshot.versions.items())}",
                )
            return self._current

    @contextmanager
    def lease(self, as_of: str | None = None) -> Iterator[Warehouse]:
        """Lend a warehouse of the newest whole commit, as of a moment, to this thread alone."""
        with self._turns:
            state, warehouse = self._take_reader()
            try:
                yield warehouse.shared_part((), as_of) if as_of else warehouse
            finally:
                with self._lock:
                    self._idle.append((state, warehouse))

    def _take_reader(self) -> tuple[str, Warehouse]:
        state = self.find_state()
        with self._lock:
            kept = self._idle.pop() if self._idle else None
        if kept is not None and kept[0] == state:
            return kept
        opened = self._open_whole()
        if kept is not None:
            kept[1].close()
        return state, opened

    def _open_whole(self) -> Warehouse:
        """Open the state that the last whole commit left; while the next is being made, that is not the newest."""
        warehouse = Warehouse(self.path)
        mark = read_mark(self.path)
        if mark is None or dict(mark.snapshot.versions) == dict(warehouse.snapshot.versions):
            return warehouse
        warehouse.close()
        return Warehouse(self.path, versions=mark.snapshot.versions)

    def close(self) -> None:
        """Close all warehouses that nobody uses."""
        with self._lock:
            for _, warehouse in self._idle:
                warehouse.close()
            self._idle.clear()
