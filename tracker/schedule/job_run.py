"""Run one slot: read, check, draw, and send notices.

The first step that fails ends the run. No report is drawn from data that failed a check or is stale: a finding about a
company stops the reports about that company, and a finding about no company stops all. The receivers get a notice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tracker.errors import BusyError, TrackerError
from tracker.schedule.ledger import CheckResult, ExpectedReport, Run, SentNotice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from tracker.settings import Job

__all__ = ["ATTEMPTS", "DrawOutcome", "ReadOutcome", "Steps", "make_run", "run_steps", "send_notices"]

#: A slot whose run was cut short this often is given up, because it may be what crashes the machine.
ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class ReadOutcome:
    """The result of reading: the number of facts that are new or withdrawn, and the findings in held batches."""

    added: int
    checks: tuple[CheckResult, ...]


@dataclass(frozen=True, slots=True)
class DrawOutcome:
    """The result of drawing: the SHA-256 of each file by its path, and why other reports were stopped or failed."""

    outputs: Mapping[str, str]
    stopped: Mapping[str, str]
    undrawn: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a run, which the project provides. Each is idempotent, and raises a TrackerError if it fails.

    `read` fetches and ingests. `check` audits the data as of a moment. `report` draws the reports that these findings
    do not stop. `version` returns the newest commit. `expected` returns the reports that companies will publish.
    `notify` gets the run, the slots missed before it, and the commit of the last run whose notices were sent.
    """

    read: Callable[[Job], ReadOutcome]
    check: Callable[[Job, datetime], Sequence[CheckResult]]
    report: Callable[[Job, Sequence[CheckResult]], DrawOutcome]
    version: Callable[[], int | None]
    expected: Callable[[Job], Sequence[ExpectedReport]]
    notify: Callable[[Job, Run, Sequence[Run], int | None], Sequence[SentNotice]]


def make_run(job: Job, slot: datetime, attempt: int, now: datetime) -> Run:
    """Make the run of a slot before anything about it is known, except when it was written."""
    return Run(
        job=job.name,
        cron=job.cron,
        timezone=job.timezone,
        slot=slot,
        attempt=attempt,
        status="failed",
        reason="",
        started_at=None,
        finished_at=now,
        commit_version=None,
        as_of=None,
        added=0,
        checks=(),
        outputs={},
        stopped={},
        expected=(),
        deliveries=(),
    )


def run_steps(job: Job, run: Run, now: datetime, runs: Sequence[Run], steps: Steps) -> tuple[Run, int | None]:
    """Take the steps of a run; return the run with its results, and the commit that it started from.

    Raises:
        BusyError: another process was writing to the warehouse.

    """
    run = replace(run, expected=runs[-1].expected if runs else ())
    before = None
    if run.attempt > ATTEMPTS and not any(one.slot == run.slot for one in runs):
        reason = f"cut short {run.attempt - 1} times and given up; try `tracker schedule run --again`"
        return replace(run, reason=reason), None
    try:
        before = steps.version()
        read = steps.read(job)
        run = replace(run, added=read.added, as_of=now, commit_version=steps.version())
        run = replace(run, checks=(*read.checks, *steps.check(job, now)))
        return _draw_reports(job, replace(run, expected=tuple(steps.expected(job))), runs, steps), before
    except BusyError:
        raise
    except TrackerError as error:
        return replace(run, status="failed", reason=str(error)), before
    except Exception as error:  # noqa: BLE001 - any error is the result of the run, and its receivers must know
        return replace(run, status="failed", reason=f"{type(error).__name__}: {error}"), before


def _draw_reports(job: Job, run: Run, runs: Sequence[Run], steps: Steps) -> Run:
    """Draw the reports that may be drawn; return the run with them, and with the reasons why others were not."""
    bad = [check for check in run.checks if check.is_bad]
    drawn = steps.report(job, bad)
    run = replace(run, outputs=dict(drawn.outputs), stopped={**drawn.stopped, **drawn.undrawn})
    if bad or drawn.undrawn:
        is_stale = all(check.state == "stale" for check in bad) and not drawn.undrawn
        some = [f"no report {', '.join(run.stopped)}; the others were made"] if drawn.outputs else []
        reasons = [*some, *(check.sentence for check in bad), *drawn.undrawn.values()]
        return replace(run, status="stale" if is_stale else "failed", reason="\n".join(dict.fromkeys(reasons)))
    last = _find_last_good(runs)
    is_same = last is not None and run.added == 0 and last.outputs == run.outputs
    return replace(run, status="unchanged" if is_same else "ok")


def _find_last_good(runs: Sequence[Run]) -> Run | None:
    return next((run for run in reversed(runs) if run.is_good), None)


def send_notices(  # noqa: PLR0913, PLR0917 - all that notices depend on
    job: Job, run: Run, missed: Sequence[Run], runs: Sequence[Run], steps: Steps, before: int | None
) -> Run:
    """Send the notices of a run, and return the run with the deliveries; `before` is the commit it started from."""
    if not job.notify:
        return run
    last = _find_last_good(runs)
    try:
        sent = tuple(steps.notify(job, run, missed, last.commit_version if last else before))
    except Exception as error:  # noqa: BLE001 - an error in a receiver must not lose the run's line
        sent = tuple(SentNotice(name, "", "failed", 0, f"{type(error).__name__}: {error}") for name in job.notify)
    return replace(run, deliveries=sent)
