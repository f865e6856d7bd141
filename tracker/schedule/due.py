"""Whether a job has something to do, from its last line and its claim alone: what an idle tick asks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tracker.schedule.lines import moment
from tracker.schedule.locks import read_claim
from tracker.schedule.slots import EAGER, slots_after, slots_before, text_now
from tracker.settings import AFTER_REPORT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tracker.schedule.lines import Seen
    from tracker.settings import Job

__all__ = ["coming", "due_slot", "floor_of", "holds", "may_be_due", "slots_of"]


def may_be_due(
    job: Job, now: datetime, last: Seen | None, claim: Mapping[str, Any], say: Callable[[str], None]
) -> bool:
    """Whether a job may have something to do, from its last line and claim alone."""
    newest = next(slots_of(job, now, last), None)
    floor = floor_of(last, claim)
    if floor is not None and floor > now + timedelta(days=1):
        say(f"{job.name}: {moment(floor)} is done, later than the clock; `tracker schedule run --again` goes on")
    if newest is None or floor is None:
        return newest is not None and now - newest <= job.catch_up
    return newest > floor or not holds(job, last, claim)


def slots_of(job: Job, now: datetime, last: Seen | None) -> Iterator[datetime]:
    """The slots of a job up to now, newest first."""
    return slots_before(text_now(job, now, last.expected if last else ()), job.zone, now)


def due_slot(job: Job, folder: Path, now: datetime, last: Seen | None) -> datetime | None:
    """The slot that a tick now would run, or None."""
    claim = read_claim(folder, job.name)
    newest = next(slots_of(job, now, last), None)
    if newest is None or now - newest > job.catch_up or not holds(job, last, claim):
        return None
    return newest if may_be_due(job, now, last, claim, lambda _: None) else None


def coming(job: Job, now: datetime, last: Seen | None) -> Iterator[datetime]:
    """The slots of a job later than now, soonest first, as far as is known of the reports it waits for."""
    if job.cron != AFTER_REPORT:
        return slots_after(job.cron, job.zone, now)
    return (slot for slot in slots_after(EAGER, job.zone, now) if next(slots_of(job, slot, last), None) == slot)


def floor_of(last: Seen | None, claim: Mapping[str, Any]) -> datetime | None:
    """Slots up to this one are no longer due; None where the job was never seen."""
    since = [datetime.fromisoformat(claim["since"])] if claim.get("since") else []
    if last is not None:
        return max([last.slot, *since])
    begun = [datetime.fromisoformat(claim["slot"]) - timedelta(seconds=1)] if claim.get("slot") else []
    return max([*begun, *since], default=None)


def holds(job: Job, last: Seen | None, claim: Mapping[str, Any]) -> bool:
    """Whether a job's text and zone are those it was last seen with; a job never seen holds."""
    if claim:
        return (job.cron, job.timezone) == (claim.get("cron"), claim.get("timezone"))
    return last is None or (job.cron, job.timezone) == (last.cron, last.timezone)
