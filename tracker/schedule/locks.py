"""Lock a job for one tick at a time. The lock ends with its process, and its file says what the holder is doing.

From this claim a later tick knows that a run was cut short: the claim names a slot that never reached the ledger.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["Lock", "read_claim", "try_lock"]


class Lock:
    """The lock of a job while a tick holds it, and the claim that was in its file before."""

    def __init__(self, file: IO[str], before: Mapping[str, Any]) -> None:
        self.file, self.before = file, before

    def claim(self, what: Mapping[str, Any]) -> None:
        """Write what the holder is about to do."""
        self.file.seek(0)
        self.file.truncate()
        json.dump(what, self.file)
        self.file.flush()


@contextlib.contextmanager
def try_lock(folder: Path, job: str) -> Iterator[Lock | None]:
    """Hold the lock of a job while the block runs; give None if another process holds it."""
    path = _lock_path(folder, job)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield Lock(file, read_claim(folder, job))


def read_claim(folder: Path, job: str) -> Mapping[str, Any]:
    """Read what the last holder of a job's lock was about to do; empty if that is not known."""
    try:
        claim = json.loads(_lock_path(folder, job).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return claim if isinstance(claim, dict) else {}


def _lock_path(folder: Path, job: str) -> Path:
    return folder / ".schedule" / f"{job}.lock"
