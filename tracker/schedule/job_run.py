"""What a run does with its slot: read, check, draw, tell.

The first step that fails ends it. No report is drawn from data that failed a check or is stale: a finding about a
company stops the reports about that company, and a finding about no company stops all. The receivers get a notice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tracker.errors import BusyError, TrackerError
from tracker.schedule.ledger import CheckResult, Expected, Run, Sent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from tracker.settings import Job

__all__ = ["ATTEMPTS", "Drawn", "Read", "Steps", "blank", "told", "worked"]

#: A slot whose run was cut short this often is given up: it may be what brings the machine down.
ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: how many facts were new or withdrawn, and what was found in batches that are held."""

    added: int
    checks: tuple[CheckResult, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn: the SHA-256 of each file by its path; why reports were stopped, and why some cannot be drawn."""

    outputs: Mapping[str, str]
    stopped: Mapping[str, str]
    undrawn: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Steps:
    """What a run does, given by the project; each step is idempotent, and says no by raising a TrackerError.

    `read` fetches and ingests; `check` looks at the data as of a moment; `report` draws what the given findings do not
    stop; `version` is the newest commit; `tell` is given the run, the slots missed before it, and the commit since
    which nothing was told.
    """

    read: Callable[[Job], Read]
    check: Callable[[Job, datetime], Sequence[CheckResult]]
    report: Callable[[Job, Sequence[CheckResult]], Drawn]
    version: Callable[[], int | None]
    expected: Callable[[Job], Sequence[Expected]]
    tell: Callable[[Job, Run, Sequence[Run], int | None], Sequence[Sent]]


def blank(job: Job, slot: datetime, attempt: int, now: datetime) -> Run:
    """The line of a slot before anything is known of it but when it was written."""
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


def worked(job: Job, run: Run, now: datetime, runs: Sequence[Run], steps: Steps) -> tuple[Run, int | None]:
    """A begun run with all that came of it, and the commit it found.

    Raises BusyError where the warehouse was being written by another.
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
        return _drawn(job, replace(run, expected=tuple(steps.expected(job))), runs, steps), before
    except BusyError:
        raise
    except TrackerError as error:
        return replace(run, status="failed", reason=str(error)), before
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is the run's result, and its receivers must know
        return replace(run, status="failed", reason=f"{type(error).__name__}: {error}"), before


def _drawn(job: Job, run: Run, runs: Sequence[Run], steps: Steps) -> Run:
    """The run with the reports that may be drawn, and the reasons why others may not."""
    bad = [check for check in run.checks if check.state in {"stale", "failed"}]
    drawn = steps.report(job, bad)
    run = replace(run, outputs=dict(drawn.outputs), stopped={**drawn.stopped, **drawn.undrawn})
    if bad or drawn.undrawn:
        is_stale = all(check.state == "stale" for check in bad) and not drawn.undrawn
        some = [f"no report {', '.join(run.stopped)}; the others were made"] if drawn.outputs else []
        reasons = [*some, *(check.sentence for check in bad), *drawn.undrawn.values()]
        return replace(run, status="stale" if is_stale else "failed", reason="\n".join(dict.fromkeys(reasons)))
    last = _last_drawn(runs)
    is_same = last is not None and run.added == 0 and last.outputs == run.outputs
    return replace(run, status="unchanged" if is_same else "ok")


def _last_drawn(runs: Sequence[Run]) -> Run | None:
    return next((run for run in reversed(runs) if run.is_good), None)


def told(job: Job, run: Run, missed: Sequence[Run], runs: Sequence[Run], steps: Steps, before: int | None) -> Run:  # noqa: PLR0913, PLR0917 - what telling depends on
    """The run with what became of its notices; `before` is the commit it found."""
    if not job.notify:
        return run
    last = _last_drawn(runs)
    try:
        sent = tuple(steps.tell(job, run, missed, last.commit_version if last else before))
    except Exception as error:  # noqa: BLE001 - a receiver must not cost the run its line
        sent = tuple(Sent(name, "", "failed", 0, f"{type(error).__name__}: {error}") for name in job.notify)
    return replace(run, deliveries=sent)
