"""One idempotent tick: what is due is done, once; what was missed is said; all else costs next to nothing.

A tick takes a job's lock, reads the ledger again under it, does the newest slot that is due and writes its line.
Killed anywhere before that line, the slot is still due and the next tick does it again; every step does nothing
the second time. No slot older than the newest done one is ever run, whatever the clock does.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import BusyError
from tracker.schedule.ledger import Ledger, Run, moment
from tracker.schedule.locks import Lock, locked, read_claim
from tracker.schedule.slots import slots_before, text_now
from tracker.schedule.work import Steps, blank, told, worked
from tracker.settings import AFTER_REPORT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tracker.settings import Job

    Clock = Callable[[], datetime]

__all__ = ["tick"]

#: Missed slots written down at once; a clock that jumps by decades must not fill the disk.
_MISSED: Final = 1_000


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
    ledger = Ledger(folder)
    last = ledger.last([job.name for job in jobs])
    done: list[Run] = []
    busy: list[str] = []
    for job in jobs:
        claim = read_claim(folder, job.name)
        if not is_again and not _may_be_due(job, clock(), last.get(job.name), claim, say):
            continue
        with locked(folder, job.name) as lock:
            if lock is None:
                say(_running(job, claim))
                continue
            try:
                done += _Turn(job, ledger, lock, clock, say).take(steps, is_again=is_again)
            except BusyError as error:
                busy.append(f"{job.name}: {error}")
    if busy:
        raise BusyError("\n".join(busy))
    return tuple(done)


def _running(job: Job, claim: Mapping[str, Any]) -> str:
    started = f" since {claim['started_at']} (process {claim.get('process')})" if claim.get("started_at") else ""
    return f"{job.name}: another tick is at it{started}; left to it"


# -- what is due -------------------------------------------------------------------------------------


def _may_be_due(
    job: Job, now: datetime, last: Run | None, claim: Mapping[str, Any], say: Callable[[str], None]
) -> bool:
    """Whether a job may have something to do, from its last line and claim alone."""
    newest = next(_slots(job, now, last), None)
    floor = _floor(last, claim)
    if floor is not None and floor > now + timedelta(days=1):
        say(f"{job.name}: {moment(floor)} is done, later than the clock; `tracker schedule run --again` goes on")
    if newest is None or floor is None:
        return newest is not None and now - newest <= job.catch_up
    return newest > floor or not _holds(job, last, claim)


def _slots(job: Job, now: datetime, last: Run | None) -> Iterator[datetime]:
    """The slots of a job up to now, newest first."""
    expected = [one.expected_date for one in last.expected] if last else []
    return slots_before(text_now(job, now, expected), job.zone, now)


def _floor(last: Run | None, claim: Mapping[str, Any]) -> datetime | None:
    """Slots up to this one are no longer due; None where the job was never seen."""
    since = [datetime.fromisoformat(claim["since"])] if claim.get("since") else []
    if last is not None:
        return max([last.slot, *since])
    begun = [datetime.fromisoformat(claim["slot"]) - timedelta(seconds=1)] if claim.get("slot") else []
    return max([*begun, *since], default=None)


def _holds(job: Job, last: Run | None, claim: Mapping[str, Any]) -> bool:
    """Whether a job's text and zone are those it was last seen with; a job never seen holds."""
    if claim:
        return (job.cron, job.timezone) == (claim.get("cron"), claim.get("timezone"))
    return last is None or (job.cron, job.timezone) == (last.cron, last.timezone)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A tick's turn at one job, under the job's lock."""

    job: Job
    ledger: Ledger
    lock: Lock
    clock: Callable[[], datetime]
    say: Callable[[str], None]

    def take(self, steps: Callable[[], Steps], *, is_again: bool) -> tuple[Run, ...]:
        """Do the newest slot that is due, if one is, and write down it and those missed."""
        runs, now = self.ledger.runs(self.job.name), self.clock()
        last = runs[-1] if runs else None
        if not _holds(self.job, last, self.lock.before):
            self._changed(now)
            return ()
        due = self._due(runs, now)
        if is_again:
            due = due or list(islice(_slots(self.job, now, last), 1))
        if not due:
            return ()
        is_late = now - due[0] > self.job.catch_up and self.job.cron != AFTER_REPORT and not is_again
        lines = self._lines(due, runs, steps, is_late=is_late)
        self.ledger.append(lines)
        return lines

    def _changed(self, now: datetime) -> None:
        """A changed text holds from now on: no slot of the past is due by it."""
        self.lock.claim({"cron": self.job.cron, "timezone": self.job.timezone, "since": moment(now)})
        self.say(f"{self.job.name}: its schedule has changed; {self.job.cron} ({self.job.timezone}) holds from now on")

    def _due(self, runs: Sequence[Run], now: datetime) -> list[datetime]:
        """The slots that are neither done nor given up, newest first; of a job never seen only the newest."""
        last = runs[-1] if runs else None
        floor = _floor(last, self.lock.before)
        newest_first = _slots(self.job, now, last)
        if floor is None:
            return [slot for slot in islice(newest_first, 1) if now - slot <= self.job.catch_up]
        known = {run.slot for run in runs if (run.cron, run.timezone) == (self.job.cron, self.job.timezone)}
        open_slots = takewhile(lambda slot: slot > floor, newest_first)
        return [slot for slot in islice(open_slots, _MISSED + 1) if slot not in known]

    def _lines(
        self, due: Sequence[datetime], runs: Sequence[Run], steps: Callable[[], Steps], *, is_late: bool
    ) -> tuple[Run, ...]:
        """The lines of due slots, oldest first: the newest is run unless it is too late for that."""
        older = due if is_late else due[1:]
        missed = tuple(self._missed(slot) for slot in reversed(older)) if self.job.cron != AFTER_REPORT else ()
        given = steps()
        if is_late:
            return (*missed[:-1], told(self.job, missed[-1], missed, runs, given, None))
        run, before = self._run(due[0], runs, given)
        run = told(self.job, run, missed, runs, given, before)
        return (*missed, replace(run, finished_at=self.clock()))

    def _missed(self, slot: datetime) -> Run:
        reason = "no tick came before the next slot, or within the catch-up window"
        return replace(blank(self.job, slot, 0, self.clock()), status="missed", reason=reason)

    def _run(self, slot: datetime, runs: Sequence[Run], steps: Steps) -> tuple[Run, int | None]:
        """Do a slot, having said so: killed now, it is known to have been begun."""
        began = self.clock()
        attempt = self._attempts(slot, runs) + 1
        claim = {"cron": self.job.cron, "timezone": self.job.timezone, "since": self.lock.before.get("since")}
        begun = {"slot": moment(slot), "attempt": attempt, "started_at": moment(began), "process": os.getpid()}
        self.lock.claim(claim | begun)
        run = replace(blank(self.job, slot, attempt, began), started_at=began)
        return worked(self.job, run, began, runs, steps)

    def _attempts(self, slot: datetime, runs: Sequence[Run]) -> int:
        """How often the slot was begun before: runs in the ledger, and one that was cut short."""
        written = max((run.attempt for run in runs if run.slot == slot), default=0)
        begun = int(self.lock.before.get("attempt", 0)) if self.lock.before.get("slot") == moment(slot) else 0
        if begun > written:
            self.say(f"{self.job.name}: the run of {moment(slot)} was cut short; it runs again")
        return max(written, begun)
