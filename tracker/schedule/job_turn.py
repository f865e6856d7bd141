"""A tick's turn at one job, under the job's lock: which slots are due, which were missed, and the run of the newest."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Final

from tracker.schedule.due import floor_of, holds, slots_of
from tracker.schedule.job_run import Steps, blank, told, worked
from tracker.schedule.ledger import Ledger, Run, moment
from tracker.settings import AFTER_REPORT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from tracker.schedule.locks import Lock
    from tracker.settings import Job

__all__ = ["Turn"]

#: Missed slots written down at once; a clock that jumps by decades must not fill the disk.
_MISSED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Turn:
    """A tick's turn at one job, under the job's lock."""

    job: Job
    ledger: Ledger
    lock: Lock
    clock: Callable[[], datetime]
    say: Callable[[str], None]

    def take(self, steps: Callable[[], Steps], *, is_again: bool) -> tuple[Run, ...]:
        """Do the newest slot that is due, if one is, and write down it and those missed."""
        runs, now = self.ledger.runs(self.job.name), self.clock()
        last = runs[-1].seen if runs else None
        if not holds(self.job, last, self.lock.before):
            self._changed(now)
            return ()
        due = self._due(runs, now)
        if is_again:
            due = due or list(islice(slots_of(self.job, now, last), 1))
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
        last = runs[-1].seen if runs else None
        floor = floor_of(last, self.lock.before)
        newest_first = slots_of(self.job, now, last)
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
