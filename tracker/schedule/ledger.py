"""The ledger: one JSON line a run in `warehouse/runs.jsonl`, appended, flushed to disk, never rewritten.

A slot is done when its line is there, ending in a newline. What a crash leaves of a line is no line: readers pass
over it and the next writer cuts it off, so that the slot runs again. Lines of one job stand in the order they were
written, by whoever held the job's lock.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tracker.model.schema import RUNS
from tracker.schedule.lines import Seen, append, moment, newest, records

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

_Record = TypeVar("_Record", "CheckResult", "Expected", "Sent", "Run")

__all__ = ["STATUSES", "CheckResult", "Expected", "Ledger", "Run", "Sent", "moment"]

#: What became of a slot.
STATUSES: Final = ("ok", "unchanged", "failed", "stale", "missed")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found; `stale` and `failed` stop a report. `since` and `expected` are days, where known."""

    check: str
    state: str
    entity: str | None
    message: str
    remedy: str
    since: str | None
    expected: str | None

    @property
    def sentence(self) -> str:
        """All of it for people: `freshness: the report on 2024Q2 is not here; since 2024-08-08; fetch it`."""
        told = {"expected": self.expected, "since": self.since}
        days = [f"{word} {day}" for word, day in told.items() if day and day not in self.message]
        return "; ".join(filter(None, [f"{self.check}: {self.message}", *days, self.remedy]))


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
    path in the project, `stopped` why each report that was not made was not, `added` the facts that were new or
    withdrawn.
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
    checks: tuple[CheckResult, ...]
    outputs: Mapping[str, str]
    stopped: Mapping[str, str]
    expected: tuple[Expected, ...]
    deliveries: tuple[Sent, ...]

    @property
    def is_good(self) -> bool:
        """Whether all of it was done."""
        return self.status in {"ok", "unchanged"}

    @property
    def seen(self) -> Seen:
        """What matters for what is due next."""
        return Seen(self.slot, self.cron, self.timezone, tuple(one.expected_date for one in self.expected))

    @property
    def exit_code(self) -> int:
        """0 done, 1 failed, 3 stale, missed, or stopped by a check."""
        if self.status == "failed":
            return 3 if any(check.state == "failed" for check in self.checks) else 1
        return 3 if self.status in {"stale", "missed"} else 0

    def line(self) -> str:
        """The run as a line of the ledger."""
        return json.dumps(_plain(self), ensure_ascii=True, separators=(",", ":"))


class Ledger:
    """The runs of a warehouse folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / RUNS

    def runs(self, job: str | None = None) -> tuple[Run, ...]:
        """All runs, or those of one job, oldest first; lines that cannot be read are passed over."""
        found = map(_read, records(self.path, None if job is None else {job}))
        return tuple(reversed([run for run in found if run is not None]))

    def last(self, jobs: Collection[str]) -> dict[str, Run]:
        """The last run of each of these jobs that has one."""
        return newest(self.path, jobs, _read)

    def append(self, runs: Sequence[Run]) -> None:
        """Add these runs; when this returns they are on disk."""
        append(self.path, [run.line().encode() for run in runs])


# -- records to JSON and back ------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """A record in what JSON knows."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, (Run, CheckResult, Expected, Sent)):
        return {name: _plain(getattr(value, name)) for name in _FIELDS[type(value)]}
    return dict(value) if not isinstance(value, (str, int, type(None))) else value


def _read(record: Mapping[str, Any]) -> Run | None:
    """The run a line tells of, or None where it tells of none; keys of later versions are passed over."""
    try:
        moments = {key: _moment(record[key]) for key in ("slot", "started_at", "finished_at", "as_of")}
        lists = {key: tuple(_record(kind, item) for item in record[key]) for key, kind in _LISTS.items()}
        return _record(Run, {"stopped": {}, **record, **moments, **lists}) if moments["slot"] else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _record(kind: type[_Record], values: Mapping[str, Any]) -> _Record:
    known = {name: values[name] for name in _FIELDS[kind]}
    if "expected_date" in known:
        known["expected_date"] = date.fromisoformat(known["expected_date"])
    return kind(**known)


_FIELDS: Final = {kind: tuple(field.name for field in fields(kind)) for kind in (CheckResult, Expected, Sent, Run)}
_LISTS: Final = {"checks": CheckResult, "expected": Expected, "deliveries": Sent}


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
