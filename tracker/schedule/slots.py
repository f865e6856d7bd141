"""When a job is due: its slots as moments, from a cron text and a time zone.

A cron text speaks of the clock on the wall, and clocks are put forward and back. The rule:

- A wall time that is skipped (the gap in spring) is due once, at the first moment after the gap.
- A wall time that comes twice (the fold in autumn) is due once, the first time; but a text whose minute or hour
  begins with a star speaks of every hour, and is due both times.

Moments are whole seconds in UTC. `cronsim` tells which wall times a text names; the zone makes moments of them here,
because its own walk backwards loses, during the second pass of a fold, what was due in the first.
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

__all__ = ["EAGER", "slots_after", "slots_before", "text_now"]

_SECOND: Final = timedelta(seconds=1)
_DAY: Final = timedelta(days=1)

#: How often a job `after-report` looks: once a day, and every hour, that one among them, while a report is expected.
_QUIET: Final = "0 6 * * *"
EAGER: Final = "0 * * * *"
#: From when to when a report counts as expected, around its expected date; after that something else is wrong.
_EAGER_FROM: Final = timedelta(days=-1)
_EAGER_UNTIL: Final = timedelta(days=14)


def slots_before(cron: str, zone: ZoneInfo, now: datetime) -> Iterator[datetime]:
    """The slots up to and with `now`, newest first, each once."""
    back = max(_offset(zone, now - _DAY) - _offset(zone, now), timedelta())
    walls = CronSim(cron, _wall(zone, now) + back + _SECOND, reverse=True)
    return _once(slot for slot in _moments(walls, cron, zone, newest_first=True) if slot <= now)


def slots_after(cron: str, zone: ZoneInfo, now: datetime) -> Iterator[datetime]:
    """The slots later than `now`, soonest first, each once."""
    ahead = max(_offset(zone, now) - _offset(zone, now + _DAY), timedelta())
    walls = CronSim(cron, _wall(zone, now) - ahead - _SECOND)
    return _once(slot for slot in _moments(walls, cron, zone, newest_first=False) if slot > now)


def text_now(job: Job, now: datetime, expected: Iterable[date]) -> str:
    """The cron text that holds for a job now: its own, or how often to look while a report is (not) expected."""
    if job.cron != AFTER_REPORT:
        return job.cron
    midnights = [datetime(day.year, day.month, day.day, tzinfo=job.zone) for day in expected]
    is_near = any(midnight + _EAGER_FROM <= now < midnight + _EAGER_UNTIL for midnight in midnights)
    return EAGER if is_near else _QUIET


def _moments(walls: Iterable[datetime], cron: str, zone: ZoneInfo, *, newest_first: bool) -> Iterator[datetime]:
    """The moments of wall times, in their order: of a fold all of one pass, then all of the other."""
    repeats = any(field.startswith("*") for field in cron.split()[:2])
    held: list[datetime] = []
    for wall in walls:
        passes = _passes(wall, zone)
        if len(passes) == 1:
            yield from held
            held = []
            yield passes[0]
        elif not repeats:
            yield passes[0]
        else:
            yield passes[1 if newest_first else 0]
            held.append(passes[0 if newest_first else 1])
    yield from held


def _passes(wall: datetime, zone: ZoneInfo) -> Sequence[datetime]:
    """The moments a wall time stands for: one, or two in a fold; in a gap the first moment after it."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return (first,)
    if first < second:
        return (first, second)
    return (_change(zone, second, first),)


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second in which the zone's offset changes, later than `before` and not later than `after`."""
    old = _offset(zone, before)
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, datetime.fromtimestamp(middle, UTC)) == old else (low, middle)
    return datetime.fromtimestamp(high, UTC)


def _once(moments: Iterable[datetime]) -> Iterator[datetime]:
    last = None
    for moment in moments:
        if moment != last:
            yield moment
        last = moment


def _wall(zone: ZoneInfo, moment: datetime) -> datetime:
    """What the clock on the wall shows, in no zone, to the second."""
    return moment.astimezone(zone).replace(tzinfo=None, microsecond=0, fold=0)


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
