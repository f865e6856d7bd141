"""Slots: when a cron text is due in a time zone, held against an independent statement of the rule."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st

from tracker.schedule import choose_cron, list_slots_after, list_slots_before
from tracker.settings import AFTER_REPORT, Job

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SAMPLE = (
    "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Tehran",
    "Pacific/Apia", "Asia/Pyongyang", "America/Caracas", "Africa/Juba", "Antarctica/Troll", "America/Nuuk",
    "Asia/Gaza", "Europe/Dublin", "Pacific/Norfolk", "Asia/Kathmandu", "UTC",
)  # fmt: skip


def local(zone: ZoneInfo, text: str) -> datetime:
    """A moment by the clock of a zone, the first pass where there are two."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("cron", "zone", "day", "due"),
    [
        # spring: 2:00 to 3:00 is skipped on 2024-03-10; what is due in it comes at 3:00, once
        ("30 2 * * *", "America/New_York", "2024-03-10", ["07:00"]),
        ("0,30 2 * * *", "America/New_York", "2024-03-10", ["07:00"]),
        ("59 1 * * *", "America/New_York", "2024-03-10", ["06:59"]),
        ("0 3 * * *", "America/New_York", "2024-03-10", ["07:00"]),
        ("0 2,3 * * *", "America/New_York", "2024-03-10", ["07:00"]),
        # autumn: 1:00 to 2:00 comes twice on 2024-11-03; a fixed time counts once, the first time
        ("30 1 * * *", "America/New_York", "2024-11-03", ["05:30"]),
        ("0,30 1 * * *", "America/New_York", "2024-11-03", ["05:00", "05:30"]),
        ("0 2 * * *", "America/New_York", "2024-11-03", ["07:00"]),
        # a text for every hour counts both times
        ("30 * * * *", "America/New_York", "2024-11-03", [f"{hour:02}:30" for hour in range(24)]),
        ("*/30 1 * * *", "America/New_York", "2024-11-03", ["05:00", "05:30", "06:00", "06:30"]),
        # half an hour, and a gap at midnight
        ("15 2 * * *", "Australia/Lord_Howe", "2024-10-05", ["15:30"]),
        ("0 0 * * *", "America/Sao_Paulo", "2018-11-04", ["03:00"]),
        ("30 0 * * *", "Africa/Cairo", "2024-04-25", ["22:00"]),
        # no change that day
        ("5 7 * * 1-5", "Europe/Berlin", "2024-07-01", ["05:05"]),
        ("5 7 * * 1-5", "Europe/Berlin", "2024-07-06", []),
    ],
)
def test_a_day_by_hand(cron: str, zone: str, day: str, due: list[str]) -> None:
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    found = itertools.takewhile(
        lambda slot: slot < start + 24 * HOUR, list_slots_after(cron, ZoneInfo(zone), start - timedelta(seconds=1))
    )
    assert [f"{slot:%H:%M}" for slot in found] == due


# -- the rule, stated another way: by walking every minute of real time ------------------------------


@lru_cache(maxsize=1)
def minutes(zone: ZoneInfo, start: datetime, end: datetime) -> list[tuple[datetime, datetime, bool, list[datetime]]]:
    """Every minute in (start, end]: what the clock shows, whether it shows it anew, and what it has just skipped."""
    seen: set[datetime] = set()
    found = []
    moment = start - 4 * HOUR  # what the clock showed before matters for what it shows again
    before = moment.astimezone(zone).replace(tzinfo=None)
    while moment < end:
        moment += MINUTE
        wall = moment.astimezone(zone).replace(tzinfo=None)
        skipped = [before + MINUTE * step for step in range(1, round((wall - before) / MINUTE))]
        if moment > start:
            found.append((moment, wall, wall not in seen, skipped))
        seen |= {wall, *skipped}
        before = wall
    return found


def stated(cron: str, zone: ZoneInfo, start: datetime, end: datetime) -> list[datetime]:
    """Due moments in (start, end]: no cron library, no conversion from wall to moment; minutes go by."""
    wanted = Fields(cron)
    return [
        moment
        for moment, wall, is_new, skipped in minutes(zone, start, end)
        if ((is_new or wanted.is_every_hour) and wanted.match(wall)) or any(map(wanted.match, skipped))
    ]


class Fields:
    """A cron text of numbers, lists, spans and steps, read without a library."""

    def __init__(self, text: str) -> None:
        bounds = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
        fields = text.split()
        self.sets = [self._set(field, *bound) for field, bound in zip(fields, bounds, strict=True)]
        self.is_every_hour = fields[0].startswith("*") or fields[1].startswith("*")
        self.both_days = fields[2].startswith("*") or fields[4].startswith("*")

    @staticmethod
    def _set(field: str, low: int, high: int) -> set[int]:
        found: set[int] = set()
        for part in field.split(","):
            span, _, step = part.partition("/")
            first, _, last = span.partition("-") if span != "*" else (str(low), "-", str(high))
            found |= set(range(int(first), int(last or first) + 1, int(step or 1)))
        return found

    def match(self, wall: datetime) -> bool:
        minutes, hours, days, months, weekdays = self.sets
        if wall.second or wall.minute not in minutes or wall.hour not in hours or wall.month not in months:
            return False
        day, weekday = wall.day in days, bool({wall.isoweekday(), wall.isoweekday() % 7} & weekdays)
        return (day and weekday) if self.both_days else (day or weekday)


def changes(zone: ZoneInfo, first: int, last: int) -> list[datetime]:
    """The minutes in which a zone's offset changes, found by halving."""
    found = []
    moment, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    while moment < end:
        following = moment + timedelta(days=1)
        if moment.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset():
            low, high = moment, following
            while high - low > MINUTE:
                middle = low + ((high - low) / 2 // MINUTE) * MINUTE
                is_old = middle.astimezone(zone).utcoffset() == moment.astimezone(zone).utcoffset()
                low, high = (middle, high) if is_old else (low, middle)
            found.append(high)
        moment = following
    return found


#: Fixed times that lie in gaps and folds of the world's zones, and texts for every hour or part of it.
TEXTS = ("30 2 * * *", "15,45 0,1,23 * * *", "5 3 * * 0", "30 * * * *", "*/20 0-3 * * *")


def hold_around(zone: ZoneInfo, change: datetime) -> None:
    """Both directions agree with the stated rule from six hours before a change to six hours after it."""
    start, end = change - 6 * HOUR, change + 6 * HOUR
    for cron in TEXTS:
        due = stated(cron, zone, start, end)
        forward = list(itertools.takewhile(lambda slot: slot <= end, list_slots_after(cron, zone, start)))
        backward = list(itertools.takewhile(lambda slot: slot > start, list_slots_before(cron, zone, end)))
        assert forward == due, (zone.key, cron, change)
        assert backward == due[::-1], (zone.key, cron, change)
        for now in (change - MINUTE, change, change + MINUTE, change + 40 * MINUTE, change + 70 * MINUTE):
            newest = next(list_slots_before(cron, zone, now))
            past = [slot for slot in due if slot <= now]
            assert newest == past[-1] if past else newest <= start, (zone.key, cron, now)


@pytest.mark.parametrize("name", SAMPLE)
def test_changes_of_the_clock(name: str) -> None:
    zone = ZoneInfo(name)
    found = changes(zone, 2015, 2035)
    for change in {*found[:2], *found[-2:], *found[len(found) // 2 : len(found) // 2 + 2]}:
        hold_around(zone, change)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(available_timezones()))
def test_every_change_of_every_zone_from_2015_to_2035(name: str) -> None:
    zone = ZoneInfo(name)
    for change in changes(zone, 2015, 2035):
        hold_around(zone, change)


def offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    found = moment.astimezone(zone).utcoffset()
    assert found is not None
    return found


def test_the_sample_has_gaps_folds_and_odd_offsets() -> None:
    assert set(SAMPLE) <= available_timezones()
    sizes = {
        offset(zone, change) - offset(zone, change - MINUTE)
        for zone in map(ZoneInfo, ("America/New_York", "Australia/Lord_Howe", "Antarctica/Troll"))
        for change in changes(zone, 2024, 2025)
    }
    assert sizes == {HOUR, -HOUR, HOUR / 2, -HOUR / 2, 2 * HOUR, -2 * HOUR}


# -- laws --------------------------------------------------------------------------------------------

CRONS = st.sampled_from([*TEXTS, "5 7 * * 1-5", "0 0 1 * *", "0 12 29 2 *", "10 4 1 1 1", "*/7 * * * *"])
MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1)).map(lambda found: found.replace(tzinfo=UTC))  # noqa: DTZ001


@given(CRONS, st.sampled_from(SAMPLE), MOMENTS)
def test_before_and_after_are_one_sequence(cron: str, name: str, now: datetime) -> None:
    zone = ZoneInfo(name)
    past = list(itertools.islice(list_slots_before(cron, zone, now), 5))
    coming = list(itertools.islice(list_slots_after(cron, zone, now), 5))
    assert past[0] <= now < coming[0]
    assert sorted({*past, *coming}) == [*past[::-1], *coming]
    assert list(itertools.islice(list_slots_after(cron, zone, past[-1] - timedelta(seconds=1)), 10)) == [
        *past[::-1],
        *coming,
    ]


@given(CRONS, MOMENTS)
def test_without_changes_of_the_clock_it_is_what_cronsim_says(cron: str, now: datetime) -> None:
    mine = list(itertools.islice(list_slots_after(cron, ZoneInfo("UTC"), now), 3))
    assert mine == list(itertools.islice(CronSim(cron, now), 3))


# -- after-report ------------------------------------------------------------------------------------


def job(**changed: object) -> Job:
    given_up: dict[str, object] = {
        "name": "earnings", "cron": AFTER_REPORT, "timezone": "UTC", "fetch": (), "ingest": None, "checks": None,
        "reports": None, "catch_up": timedelta(days=3), "notify": (),
    }  # fmt: skip
    return Job(**(given_up | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "gap"),
    [
        ("2024-07-29T23:59:00", 24 * HOUR),  # two days before it is expected: once a day
        ("2024-07-30T00:00:00", HOUR),  # from the day before on: every hour
        ("2024-08-05T12:30:00", HOUR),  # late: still every hour
        ("2024-08-14T00:00:00", 24 * HOUR),  # two weeks late: something else is wrong, checks say so
    ],
)
def test_a_job_after_report_looks_more_often_when_a_report_is_expected(now: str, gap: timedelta) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    text = choose_cron(job(), moment, [date(2024, 7, 31), date(2024, 10, 30)])
    first, second = itertools.islice(list_slots_before(text, ZoneInfo("UTC"), moment), 2)
    assert first - second == gap
