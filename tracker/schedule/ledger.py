"""The ledger of runs: `warehouse/runs.jsonl`, one JSON line for each run, flushed to disk and never rewritten.

A slot is done when its line is there and ends in a newline. Readers skip a line that a crash cut short, and the next
writer removes it, so that the slot runs again. The lines of one job are in the order in which they were written, each
under the lock of the job.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tracker.model.schema import RUNS
from tracker.schedule.lines import LastSlot, append_lines, find_newest, format_moment, read_ledger_lines
from tracker.warehouse.checks import FAILING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

_Record = TypeVar("_Record", "CheckResult", "ExpectedReport", "SentNotice", "Run")

__all__ = ["STATUSES", "CheckResult", "ExpectedReport", "Ledger", "Run", "SentNotice", "format_moment"]

#: The results of slots.
STATUSES: Final = ("ok", "unchanged", "failed", "stale", "missed")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found. `since` and `expected` are days, if they are known."""

    check: str
    state: str
    entity: str | None
    message: str
    remedy: str
    since: str | None
    expected: str | None

    @property
    def is_bad(self) -> bool:
        """Return whether the result stops a report."""
        return self.state in FAILING

    @property
    def sentence(self) -> str:
        """Return the result as a text: `freshness: the report on 2024Q2 is not here; since 2024-08-08; fetch it`."""
        known = {"expected": self.expected, "since": self.since}
        days = [f"{word} {day}" for word, day in known.items() if day and day not in self.message]
        return "; ".join(filter(None, [f"{self.check}: {self.message}", *days, self.remedy]))


@dataclass(frozen=True, slots=True)
class ExpectedReport:
    """The day on which a company is expected to report a period."""

    entity: str
    fiscal_period: str
    expected_date: date


@dataclass(frozen=True, slots=True)
class SentNotice:
    """The delivery of one notice to one receiver: delivered, failed or skipped."""

    receiver: str
    key: str
    status: str
    attempts: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """The result of one slot of a job. Moments are in UTC; a missed slot was never started.

    `commit_version` is the commit of `fact` that the reports were drawn from. `outputs` has the SHA-256 of each file by
    its path in the project. `stopped` has the reason for each report that was not drawn. `added` counts the facts that
    were new or withdrawn.
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
    expected: tuple[ExpectedReport, ...]
    deliveries: tuple[SentNotice, ...]

    @property
    def is_good(self) -> bool:
        """Return whether everything was done."""
        return self.status in {"ok", "unchanged"}

    @property
    def last_slot(self) -> LastSlot:
        """Return the part of the run that decides what is due next."""
        return LastSlot(self.slot, self.cron, self.timezone, tuple(one.expected_date for one in self.expected))

    @property
    def exit_code(self) -> int:
        """Return the exit code: 0 done, 1 failed, 3 stale, missed, or stopped by a check."""
        if self.status == "failed":
            return 3 if any(check.state == "failed" for check in self.checks) else 1
        return 3 if self.status in {"stale", "missed"} else 0

    def to_line(self) -> str:
        """Return the run as a line of the ledger."""
        return json.dumps(_to_json(self), ensure_ascii=True, separators=(",", ":"))


class Ledger:
    """The runs of a warehouse folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / RUNS

    def read_runs(self, job: str | None = None) -> tuple[Run, ...]:
        """Read all runs, or those of one job, oldest first; skip lines that cannot be read."""
        found = map(_parse_run, read_ledger_lines(self.path, None if job is None else {job}))
        return tuple(reversed([run for run in found if run is not None]))

    def find_last(self, jobs: Collection[str]) -> dict[str, Run]:
        """Find the last run of each of these jobs that has one."""
        return find_newest(self.path, jobs, _parse_run)

    def append(self, runs: Sequence[Run]) -> None:
        """Add these runs; they are on disk when this returns."""
        append_lines(self.path, [run.to_line().encode() for run in runs])


# -- records to JSON and back ------------------------------------------------------------------------


def _to_json(value: Any) -> Any:
    """Return a record in types that JSON has."""
    if isinstance(value, datetime):
        return format_moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_to_json(item) for item in value]
    if isinstance(value, (Run, CheckResult, ExpectedReport, SentNotice)):
        return {name: _to_json(getattr(value, name)) for name in _FIELDS[type(value)]}
    return dict(value) if not isinstance(value, (str, int, type(None))) else value


def _parse_run(record: Mapping[str, Any]) -> Run | None:
    """Parse the run of a line; None if it is not one. Keys of later versions are ignored."""
    try:
        moments = {key: _parse_moment(record[key]) for key in ("slot", "started_at", "finished_at", "as_of")}
        lists = {key: tuple(_parse_record(kind, item) for item in record[key]) for key, kind in _LISTS.items()}
        return _parse_record(Run, {"stopped": {}, **record, **moments, **lists}) if moments["slot"] else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _parse_record(kind: type[_Record], values: Mapping[str, Any]) -> _Record:
    known = {name: values[name] for name in _FIELDS[kind]}
    if "expected_date" in known:
        known["expected_date"] = date.fromisoformat(known["expected_date"])
    return kind(**known)


_FIELDS: Final = {
    kind: tuple(field.name for field in fields(kind)) for kind in (CheckResult, ExpectedReport, SentNotice, Run)
}
_LISTS: Final = {"checks": CheckResult, "expected": ExpectedReport, "deliveries": SentNotice}


def _parse_moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
