"""Find the slots of a job as moments, from a cron text and a time zone.

A cron text means local times, and clocks are moved forward and back. The rule:

- A local time that is skipped (the gap in spring) is due once, at the first moment after the gap.
- A local time that comes twice (the fold in autumn) is due once, the first time; but a text whose minute or hour
  begins with a star means every hour, and is due both times.

Moments are whole seconds in UTC. `cronsim` finds the local times of a text. They become moments here, because `cronsim`
itself loses what was due in the first pass of a fold when it walks backwards from the second.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cronsim import CronSim

from tracker.settings import AFTER_REPORT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from tracker.settings import Job

__all__ = ["EAGER", "choose_cron", "list_slots_after", "list_slots_before"]

_SECOND: Final = timedelta(seconds=1)
_DAY: Final = timedelta(days=1)

#: When a job `after-report` looks for a report: once a day, or every hour while one is expected.
_QUIET: Final = "0 6 * * *"
EAGER: Final = "0 * * * *"
#: The time around its expected date in which a report counts as expected; later, something else is wrong.
_EAGER_FROM: Final = timedelta(days=-1)
_EAGER_UNTIL: Final = timedelta(days=14)


def list_slots_before(cron: str, zone: ZoneInfo, now: datetime) -> Iterator[datetime]:
    """List the slots up to `now` and at it, newest first, each once."""
    back = max(_find_utc_offset(zone, now - _DAY) - _find_utc_offset(zone, now), timedelta())
    walls = CronSim(cron, _read_wall_clock(zone, now) + back + _SECOND, reverse=True)
    return _drop_repeats(slot for slot in _walls_to_moments(walls, cron, zone, newest_first=True) if slot <= now)


def list_slots_after(cron: str, zone: ZoneInfo, now: datetime) -> Iterator[datetime]:
    """List the slots later than `now`, soonest first, each once."""
    ahead = max(_find_utc_offset(zone, now) - _find_utc_offset(zone, now + _DAY), timedelta())
    walls = CronSim(cron, _read_wall_clock(zone, now) - ahead - _SECOND)
    return _drop_repeats(slot for slot in _walls_to_moments(walls, cron, zone, newest_first=False) if slot > now)


def choose_cron(job: Job, now: datetime, expected: Iterable[date]) -> str:
    """Choose the cron text of a job now: its own, or one that depends on whether a report is expected."""
    if job.cron != AFTER_REPORT:
        return job.cron
    midnights = [datetime(day.year, day.month, day.day, tzinfo=job.zone) for day in expected]
    is_near = any(midnight + _EAGER_FROM <= now < midnight + _EAGER_UNTIL for midnight in midnights)
    return EAGER if is_near else _QUIET


def _walls_to_moments(
    walls: Iterable[datetime], cron: str, zone: ZoneInfo, *, newest_first: bool
) -> Iterator[datetime]:
    """Turn local times into moments, in their order: in a fold, all of one pass, then all of the other."""
    is_repeated = any(field.startswith("*") for field in cron.split()[:2])
    later: list[datetime] = []
    for wall in walls:
        passes = _find_passes(wall, zone)
        if len(passes) == 1:
            yield from later
            later = []
            yield passes[0]
        elif not is_repeated:
            yield passes[0]
        else:
            yield passes[1 if newest_first else 0]
            later.append(passes[0 if newest_first else 1])
    yield from later


def _find_passes(wall: datetime, zone: ZoneInfo) -> Sequence[datetime]:
    """Find the moments of a local time: one, or two in a fold; in a gap the first moment after it."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return (first,)
    if first < second:
        return (first, second)
    return (_find_change(zone, second, first),)


def _find_change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Find the second in which the zone's offset changes, later than `before` and not later than `after`."""
    old = _find_utc_offset(zone, before)
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (
            (middle, high) if _find_utc_offset(zone, datetime.fromtimestamp(middle, UTC)) == old else (low, middle)
        )
    return datetime.fromtimestamp(high, UTC)


def _drop_repeats(moments: Iterable[datetime]) -> Iterator[datetime]:
    last = None
    for moment in moments:
        if moment != last:
            yield moment
        last = moment


def _read_wall_clock(zone: ZoneInfo, moment: datetime) -> datetime:
    """Return the local time of a moment, without a zone, to the second."""
    return moment.astimezone(zone).replace(tzinfo=None, microsecond=0, fold=0)


def _find_utc_offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
