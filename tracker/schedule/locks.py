"""One tick a job at a time: a lock that dies with its holder, and in its file what the holder set out to do.

The claim in the file is how a later tick knows that a run was cut short: it names a slot that never came to the ledger.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["Lock", "locked", "read_claim"]


class Lock:
    """A job's lock while it is held, and what its file said before."""

    def __init__(self, file: IO[str], before: Mapping[str, Any]) -> None:
        self.file, self.before = file, before

    def claim(self, what: Mapping[str, Any]) -> None:
        """Say what the holder is about to do."""
        self.file.seek(0)
        self.file.truncate()
        json.dump(what, self.file)
        self.file.flush()


@contextlib.contextmanager
def locked(folder: Path, job: str) -> Iterator[Lock | None]:
    """The lock of a job while the block runs, or None where another process holds it."""
    path = _path(folder, job)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield Lock(file, read_claim(folder, job))


def read_claim(folder: Path, job: str) -> Mapping[str, Any]:
    """What the last holder of a job's lock set out to do; empty where that is not known."""
    try:
        claim = json.loads(_path(folder, job).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return claim if isinstance(claim, dict) else {}


def _path(folder: Path, job: str) -> Path:
    return folder / ".schedule" / f"{job}.lock"
