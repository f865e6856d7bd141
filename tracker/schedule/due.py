"""Decide whether a job is due, from its last line in the ledger and its claim; an idle tick needs no more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tracker.schedule.lines import format_moment
from tracker.schedule.locks import read_claim
from tracker.schedule.slots import EAGER, choose_cron, list_slots_after, list_slots_before
from tracker.settings import AFTER_REPORT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tracker.schedule.lines import LastSlot
    from tracker.settings import Job

__all__ = ["find_due_slot", "find_floor", "is_unchanged", "list_coming_slots", "list_past_slots", "may_be_due"]


def may_be_due(
    job: Job, now: datetime, last: LastSlot | None, claim: Mapping[str, Any], say: Callable[[str], None]
) -> bool:
    """Return whether a job may be due, judged by its last line and claim only."""
    newest = next(list_past_slots(job, now, last), None)
    floor = find_floor(last, claim)
    if floor is not None and floor > now + timedelta(days=1):
        remedy = "`tracker schedule run --again` runs the job"
        say(f"{job.name}: {format_moment(floor)} is done, but later than the clock; {remedy}")
    if newest is None or floor is None:
        return newest is not None and now - newest <= job.catch_up
    return newest > floor or not is_unchanged(job, last, claim)


def list_past_slots(job: Job, now: datetime, last: LastSlot | None) -> Iterator[datetime]:
    """List the slots of a job up to now, newest first."""
    return list_slots_before(choose_cron(job, now, last.expected if last else ()), job.zone, now)


def find_due_slot(job: Job, folder: Path, now: datetime, last: LastSlot | None) -> datetime | None:
    """Find the slot that a tick would run now; None if there is none."""
    claim = read_claim(folder, job.name)
    newest = next(list_past_slots(job, now, last), None)
    if newest is None or now - newest > job.catch_up or not is_unchanged(job, last, claim):
        return None
    return newest if may_be_due(job, now, last, claim, lambda _: None) else None


def list_coming_slots(job: Job, now: datetime, last: LastSlot | None) -> Iterator[datetime]:
    """List the slots of a job later than now, soonest first, by what is known of the reports it waits for."""
    if job.cron != AFTER_REPORT:
        return list_slots_after(job.cron, job.zone, now)
    return (
        slot for slot in list_slots_after(EAGER, job.zone, now) if next(list_past_slots(job, slot, last), None) == slot
    )


def find_floor(last: LastSlot | None, claim: Mapping[str, Any]) -> datetime | None:
    """Find the newest slot that is no longer due; older ones are not due either. None if the job never ran."""
    since = [datetime.fromisoformat(claim["since"])] if claim.get("since") else []
    if last is not None:
        return max([last.slot, *since])
    started = [datetime.fromisoformat(claim["slot"]) - timedelta(seconds=1)] if claim.get("slot") else []
    return max([*started, *since], default=None)


def is_unchanged(job: Job, last: LastSlot | None, claim: Mapping[str, Any]) -> bool:
    """Return whether a job's cron text and zone are those of its last run or claim; also for a job that never ran."""
    if claim:
        return (job.cron, job.timezone) == (claim.get("cron"), claim.get("timezone"))
    return last is None or (job.cron, job.timezone) == (last.cron, last.timezone)
