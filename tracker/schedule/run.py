"""One idempotent tick: what is due is done, once; what was missed is said; all else costs next to nothing.

A tick takes a job's lock, reads the ledger again under it, does the newest slot that is due and writes its line.
Killed anywhere before that line, the slot is still due and the next tick does it again; every step does nothing
the second time. No slot older than the newest done one is ever run, whatever the clock does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.errors import BusyError
from tracker.model.schema import RUNS
from tracker.schedule.due import may_be_due
from tracker.schedule.lines import last_seen
from tracker.schedule.locks import locked, read_claim

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from tracker.schedule.job_run import Steps
    from tracker.schedule.ledger import Run
    from tracker.settings import Job

    Clock = Callable[[], datetime]

__all__ = ["tick"]


def tick(  # noqa: PLR0913 - what a tick needs of the world is given to it
    jobs: Sequence[Job],
    folder: Path,
    clock: Clock,
    steps: Callable[[], Steps],
    say: Callable[[str], None],
    *,
    is_again: bool = False,
) -> tuple[Run, ...]:
    """Do what is due in a warehouse folder now, and return the lines that went to the ledger.

    `steps` is called only when something is due. With `is_again` the newest slot is run though it was done.
    BusyError, after all other jobs were seen to, where the warehouse was being written: its slots stay due.
    """
    last = last_seen(folder / RUNS, [job.name for job in jobs])
    done: list[Run] = []
    busy: list[str] = []
    for job in jobs:
        claim = read_claim(folder, job.name)
        if not is_again and not may_be_due(job, clock(), last.get(job.name), claim, say):
            continue
        with locked(folder, job.name) as lock:
            if lock is None:
                say(_running(job, claim))
                continue
            from tracker.schedule.job_turn import Turn  # noqa: PLC0415
            from tracker.schedule.ledger import Ledger  # noqa: PLC0415 - an idle tick does without these

            try:
                done += Turn(job, Ledger(folder), lock, clock, say).take(steps, is_again=is_again)
            except BusyError as error:
                busy.append(f"{job.name}: {error}")
    if busy:
        raise BusyError("\n".join(busy))
    return tuple(done)


def _running(job: Job, claim: Mapping[str, Any]) -> str:
    started = f" since {claim['started_at']} (process {claim.get('process')})" if claim.get("started_at") else ""
    return f"{job.name}: another tick is at it{started}; left to it"
