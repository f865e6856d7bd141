"""The ledger: one JSON line a run in `warehouse/runs.jsonl`, appended, flushed to disk, never rewritten.

A slot is done when its line is there, ending in a newline. What a crash leaves of a line is no line: readers pass
over it and the next writer cuts it off, so that the slot runs again. Lines of one job stand in the order they were
written, by whoever held the job's lock.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tracker.tables import RUNS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

_Record = TypeVar("_Record", "Check", "Expected", "Sent", "Run")

__all__ = ["STATUSES", "Check", "Expected", "Ledger", "Run", "Sent", "moment"]

#: What became of a slot.
STATUSES: Final = ("ok", "unchanged", "failed", "stale", "missed")

_BLOCK: Final = 65_536


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found; `stale` and `failed` stop a report. `since` and `expected` are days, where known."""

    check: str
    state: str
    entity: str | None
    message: str
    remedy: str
    since: str | None
    expected: str | None


@dataclass(frozen=True, slots=True)
class Expected:
    """The day on which a company is expected to report a period."""

    entity: str
    fiscal_period: str
    expected_date: date


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one notice at one receiver: delivered, failed or skipped."""

    receiver: str
    key: str
    status: str
    attempts: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """What became of one slot of a job. Moments are UTC; a missed slot was never started.

    `commit_version` is the commit of `fact` the reports were drawn from, `outputs` the SHA-256 of each file by its
    path in the project, `added` the facts that were new or withdrawn.
    """

    job: str
    cron: str
    timezone: str
    slot: datetime
    attempt: int
    status: str
    reason: str
    started_at: datetime | None
    finished_at: datetime | None
    commit_version: int | None
    as_of: datetime | None
    added: int
    checks: tuple[Check, ...]
    outputs: Mapping[str, str]
    expected: tuple[Expected, ...]
    deliveries: tuple[Sent, ...]

    @property
    def exit_code(self) -> int:
        """0 done, 1 failed, 3 stale, missed, or stopped by a check."""
        if self.status == "failed":
            return 3 if any(check.state == "failed" for check in self.checks) else 1
        return 3 if self.status in {"stale", "missed"} else 0

    def line(self) -> str:
        """The run as a line of the ledger."""
        return json.dumps(_plain(self), ensure_ascii=True, separators=(",", ":")) + "\n"


def moment(value: datetime) -> str:
    """A moment as the ledger writes it: UTC, with a Z, without idle digits."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Ledger:
    """The runs of a warehouse folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / RUNS

    def runs(self, job: str | None = None) -> tuple[Run, ...]:
        """All runs, or those of one job, oldest first; lines that cannot be read are passed over."""
        return tuple(reversed([run for run in self._backwards() if job in {None, run.job}]))

    def last(self, jobs: Collection[str]) -> dict[str, Run]:
        """The last run of each of these jobs that has one, read from the end and no further than needed."""
        found: dict[str, Run] = {}
        for run in self._backwards():
            if run.job in jobs:
                found.setdefault(run.job, run)
            if len(found) == len(jobs):
                break
        return found

    def append(self, runs: Sequence[Run]) -> None:
        """Add these runs; when this returns they are on disk."""
        text = "".join(run.line() for run in runs).encode()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self.path.exists()
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            os.ftruncate(handle, _end(handle))
            _write_all(handle, text)
            os.fsync(handle)
        finally:
            os.close(handle)
        if is_new:
            _sync(self.path.parent)

    def _backwards(self) -> Iterator[Run]:
        """Whole lines as runs, newest first."""
        for line in _lines_backwards(self.path):
            run = _read(line)
            if run is not None:
                yield run


def _lines_backwards(path: Path) -> Iterator[bytes]:
    """The lines of a file that end in a newline, last first, read in blocks from its end."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        end = position = _end(handle)
        rest = b""
        while position:
            start = max(0, position - _BLOCK)
            rest, *lines = (os.pread(handle, position - start, start) + rest).split(b"\n")
            position = start
            yield from filter(None, reversed(lines))
        if end:
            yield rest
    finally:
        os.close(handle)


def _end(handle: int) -> int:
    """Where the last whole line ends; what stands behind it was cut short."""
    end = os.fstat(handle).st_size
    while end:
        start = max(0, end - _BLOCK)
        found = os.pread(handle, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _write_all(handle: int, text: bytes) -> None:
    while text:
        text = text[os.write(handle, text) :]


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# -- records to JSON and back ------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """A record in what JSON knows."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, (Run, Check, Expected, Sent)):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return dict(value) if not isinstance(value, (str, int, type(None))) else value


def _read(line: bytes) -> Run | None:
    """The run a line tells of, or None where it tells of none; keys of later versions are passed over."""
    try:
        record = json.loads(line)
        moments = {key: _moment(record[key]) for key in ("slot", "started_at", "finished_at", "as_of")}
        lists = {key: tuple(_record(kind, item) for item in record[key]) for key, kind in _LISTS.items()}
        return _record(Run, record | moments | lists) if moments["slot"] else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _record(kind: type[_Record], values: Mapping[str, Any]) -> _Record:
    known = {field.name: values[field.name] for field in fields(kind)}
    if "expected_date" in known:
        known["expected_date"] = date.fromisoformat(known["expected_date"])
    return kind(**known)


_LISTS: Final = {"checks": Check, "expected": Expected, "deliveries": Sent}


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
