"""Run one tick: do what is due, once, and report what was missed. A tick with nothing due costs very little.

A tick takes the lock of a job, reads the ledger again, runs the newest slot that is due and writes its line. If it is
killed before that line, the slot is still due and the next tick runs it again; a step that is done already does
nothing. A slot older than the newest one that is done never runs, whatever the clock says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.errors import BusyError
from tracker.model.schema import RUNS
from tracker.schedule.due import may_be_due
from tracker.schedule.lines import find_last_slots
from tracker.schedule.locks import read_claim, try_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from tracker.schedule.job_run import Steps
    from tracker.schedule.ledger import Run
    from tracker.settings import Job

    Clock = Callable[[], datetime]

__all__ = ["tick"]


def tick(  # noqa: PLR0913 - all that a tick depends on
    jobs: Sequence[Job],
    folder: Path,
    clock: Clock,
    steps: Callable[[], Steps],
    say: Callable[[str], None],
    *,
    is_again: bool = False,
) -> tuple[Run, ...]:
    """Do what is due in a warehouse folder now, and return the lines that went to the ledger.

    `steps` is called only when something is due. With `is_again` the newest slot runs even if it is done.

    Raises:
        BusyError: another process was writing to the warehouse. The slots of that job stay due; other jobs have run.

    """
    last = find_last_slots(folder / RUNS, [job.name for job in jobs])
    done: list[Run] = []
    busy: list[str] = []
    for job in jobs:
        claim = read_claim(folder, job.name)
        if not is_again and not may_be_due(job, clock(), last.get(job.name), claim, say):
            continue
        with try_lock(folder, job.name) as lock:
            if lock is None:
                say(_describe_running(job, claim))
                continue
            from tracker.schedule.job_turn import Turn  # noqa: PLC0415
            from tracker.schedule.ledger import Ledger  # noqa: PLC0415 - an idle tick does not need these

            try:
                done += Turn(job, Ledger(folder), lock, clock, say).take(steps, is_again=is_again)
            except BusyError as error:
                busy.append(f"{job.name}: {error}")
    if busy:
        raise BusyError("\n".join(busy))
    return tuple(done)


def _describe_running(job: Job, claim: Mapping[str, Any]) -> str:
    started = f" since {claim['started_at']} (process {claim.get('process')})" if claim.get("started_at") else ""
    return f"{job.name}: another tick is running it{started}; this one leaves it alone"
