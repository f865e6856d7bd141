"""Run one job in a tick, under the job's lock: find the due and the missed slots, and run the newest one."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Final

from tracker.schedule.due import find_floor, is_unchanged, list_past_slots
from tracker.schedule.job_run import Steps, make_run, run_steps, send_notices
from tracker.schedule.ledger import Ledger, Run, format_moment
from tracker.settings import AFTER_REPORT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from tracker.schedule.locks import Lock
    from tracker.settings import Job

__all__ = ["Turn"]

#: The most missed slots that are written at once: a clock that jumps by decades must not fill the disk.
_MISSED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Turn:
    """The turn of one job in a tick, under the job's lock."""

    job: Job
    ledger: Ledger
    lock: Lock
    clock: Callable[[], datetime]
    say: Callable[[str], None]

    def take(self, steps: Callable[[], Steps], *, is_again: bool) -> tuple[Run, ...]:
        """Run the newest slot that is due, if there is one; write it and the missed slots to the ledger."""
        runs, now = self.ledger.read_runs(self.job.name), self.clock()
        last = runs[-1].last_slot if runs else None
        if not is_unchanged(self.job, last, self.lock.before):
            self._note_change(now)
            return ()
        due = self._list_due_slots(runs, now)
        if is_again:
            due = due or list(islice(list_past_slots(self.job, now, last), 1))
        if not due:
            return ()
        is_late = now - due[0] > self.job.catch_up and self.job.cron != AFTER_REPORT and not is_again
        lines = self._make_lines(due, runs, steps, is_late=is_late)
        self.ledger.append(lines)
        return lines

    def _note_change(self, now: datetime) -> None:
        """Note a changed cron text or zone: it holds from now on, and no slot of the past is due."""
        self.lock.claim({"cron": self.job.cron, "timezone": self.job.timezone, "since": format_moment(now)})
        self.say(f"{self.job.name}: its schedule has changed; {self.job.cron} ({self.job.timezone}) holds from now on")

    def _list_due_slots(self, runs: Sequence[Run], now: datetime) -> list[datetime]:
        """List the slots that are neither done nor given up, newest first; only the newest if the job never ran."""
        last = runs[-1].last_slot if runs else None
        floor = find_floor(last, self.lock.before)
        newest_first = list_past_slots(self.job, now, last)
        if floor is None:
            return [slot for slot in islice(newest_first, 1) if now - slot <= self.job.catch_up]
        known = {run.slot for run in runs if (run.cron, run.timezone) == (self.job.cron, self.job.timezone)}
        open_slots = takewhile(lambda slot: slot > floor, newest_first)
        return [slot for slot in islice(open_slots, _MISSED + 1) if slot not in known]

    def _make_lines(
        self, due: Sequence[datetime], runs: Sequence[Run], steps: Callable[[], Steps], *, is_late: bool
    ) -> tuple[Run, ...]:
        """Run the newest due slot unless it is too late; return the runs of all due slots, oldest first."""
        older = due if is_late else due[1:]
        missed = tuple(self._make_missed_run(slot) for slot in reversed(older)) if self.job.cron != AFTER_REPORT else ()
        step_set = steps()
        if is_late:
            return (*missed[:-1], send_notices(self.job, missed[-1], missed, runs, step_set, None))
        run, before = self._run_slot(due[0], runs, step_set)
        run = send_notices(self.job, run, missed, runs, step_set, before)
        return (*missed, replace(run, finished_at=self.clock()))

    def _make_missed_run(self, slot: datetime) -> Run:
        reason = "no tick came before the next slot, or within the catch-up window"
        return replace(make_run(self.job, slot, 0, self.clock()), status="missed", reason=reason)

    def _run_slot(self, slot: datetime, runs: Sequence[Run], steps: Steps) -> tuple[Run, int | None]:
        """Run a slot, after writing a claim from which a later tick knows that it was started."""
        now = self.clock()
        attempt = self._count_attempts(slot, runs) + 1
        claim = {"cron": self.job.cron, "timezone": self.job.timezone, "since": self.lock.before.get("since")}
        started = {
            "slot": format_moment(slot),
            "attempt": attempt,
            "started_at": format_moment(now),
            "process": os.getpid(),
        }
        self.lock.claim(claim | started)
        run = replace(make_run(self.job, slot, attempt, now), started_at=now)
        return run_steps(self.job, run, now, runs, steps)

    def _count_attempts(self, slot: datetime, runs: Sequence[Run]) -> int:
        """Count the earlier attempts at a slot: runs in the ledger, and one that was cut short."""
        recorded = max((run.attempt for run in runs if run.slot == slot), default=0)
        started = int(self.lock.before.get("attempt", 0)) if self.lock.before.get("slot") == format_moment(slot) else 0
        if started > recorded:
            self.say(f"{self.job.name}: the run of {format_moment(slot)} was cut short; it runs again")
        return max(recorded, started)
