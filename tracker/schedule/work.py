"""What a run does with its slot: read, check, draw, tell.

The first step that fails ends it; nothing is drawn from data that failed a check or is stale, and those who wait for
the report are told so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tracker.errors import BusyError, CheckError, TrackerError
from tracker.schedule.ledger import Check, Expected, Run, Sent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from tracker.settings import Job

__all__ = ["ATTEMPTS", "Steps", "blank", "told", "worked"]

#: A slot whose run was cut short this often is given up: it may be what brings the machine down.
ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class Steps:
    """What a run does, given by the project; each step is idempotent, and says no by raising a TrackerError.

    `read` fetches and ingests and returns how many facts were new or withdrawn; `check` looks at the data as of a
    moment; `report` draws and returns the SHA-256 of each file by its path; `version` is the newest commit; `tell`
    is given the run, the slots missed before it, and the commit since which nothing was told.
    """

    read: Callable[[Job], int]
    check: Callable[[Job, datetime], Sequence[Check]]
    report: Callable[[Job], Mapping[str, str]]
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
        run = replace(run, added=steps.read(job), as_of=now)
        run = replace(run, commit_version=steps.version(), checks=tuple(steps.check(job, now)))
        run = _checked(replace(run, expected=tuple(steps.expected(job))))
        return _drawn(job, run, runs, steps) if not run.reason else run, before
    except BusyError:
        raise
    except CheckError as error:  # what came in failed an audit and lies aside
        held = Check("held", "failed", None, str(error), "", None, None)
        return replace(run, status="failed", reason=str(error), checks=(held,)), before
    except TrackerError as error:
        return replace(run, status="failed", reason=str(error)), before
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is the run's result, and its receivers must know
        return replace(run, status="failed", reason=f"{type(error).__name__}: {error}"), before


def _checked(run: Run) -> Run:
    """The run with the reason why nothing may be drawn, if there is one."""
    bad = [check for check in run.checks if check.state in {"stale", "failed"}]
    status = "stale" if all(check.state == "stale" for check in bad) else "failed"
    return replace(run, status=status, reason="\n".join(map(_sentence, bad)))


def _sentence(check: Check) -> str:
    parts = [f"{check.check}: {check.message}"]
    told = {"expected": check.expected, "since": check.since}
    parts += [f"{word} {day}" for word, day in told.items() if day and day not in check.message]
    return "; ".join([*parts, check.remedy] if check.remedy else parts)


def _drawn(job: Job, run: Run, runs: Sequence[Run], steps: Steps) -> Run:
    outputs = dict(steps.report(job))
    last = _last_drawn(runs)
    is_same = last is not None and run.added == 0 and last.outputs == outputs
    return replace(run, outputs=outputs, status="unchanged" if is_same else "ok")


def _last_drawn(runs: Sequence[Run]) -> Run | None:
    return next((run for run in reversed(runs) if run.status in {"ok", "unchanged"}), None)


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
