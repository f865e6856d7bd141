"""The tick and its ledger: what is due is done once, what was missed is said, and nothing is drawn from bad data."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.errors import BusyError, InputError, Problem, UsageError
from tracker.schedule import (
    CheckResult,
    DrawOutcome,
    ExpectedReport,
    Ledger,
    ReadOutcome,
    Run,
    SentNotice,
    Steps,
    format_moment,
    list_coming_slots,
    tick,
)
from tracker.schedule.locks import read_claim, try_lock
from tracker.settings import AFTER_REPORT, Job

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DAILY = Job("morning", "5 7 * * *", "UTC", (), None, None, None, timedelta(days=3), ("desk",))
STALE = CheckResult("freshness", "stale", "acme", "2024Q2 is not there", "fetch it", "2024-08-01", "2024-07-30")
WRONG = CheckResult("identities", "failed", "acme", "parts do not add up", "look at the filing", None, None)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class Desk:
    """A folder, a clock that is set by hand, and steps that do as they are told."""

    folder: Path
    now: datetime = field(default_factory=lambda: at("2024-08-01T07:05"))
    done: list[str] = field(default_factory=list)
    told: list[tuple[str, list[str], int | None]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    checks: tuple[CheckResult, ...] = ()
    expected: tuple[ExpectedReport, ...] = ()
    error: Exception | None = None
    added: int = 0
    version: int = 7
    page: str = "a" * 64
    others: dict[str, str] = field(default_factory=dict)
    undrawn: dict[str, str] = field(default_factory=dict)

    def read(self, job: Job) -> ReadOutcome:
        self.done.append(f"read {job.name}")
        if self.error:
            raise self.error
        return ReadOutcome(self.added, ())

    def report(self, job: Job, bad: Sequence[CheckResult]) -> DrawOutcome:
        if bad:
            return DrawOutcome(self.others, {"acme": bad[0].message}, self.undrawn)
        self.done.append(f"report {job.name}")
        return DrawOutcome({"reports/acme.html": self.page}, {}, self.undrawn)

    def tell(self, _: Job, run: Run, missed: Sequence[Run], before: int | None) -> tuple[SentNotice, ...]:
        self.told.append((run.status, [format_moment(one.slot) for one in missed], before))
        return (SentNotice("desk", "key", "delivered", 1, None),)

    def steps(self) -> Steps:
        return Steps(
            self.read, lambda _, __: self.checks, self.report, lambda: self.version, lambda _: self.expected, self.tell
        )

    def tick(self, now: str | None = None, *jobs: Job, is_again: bool = False) -> list[tuple[str, str]]:
        """A tick at a moment, and the slots and statuses it wrote."""
        self.now = at(now) if now else self.now
        runs = tick(
            jobs or (DAILY,), self.folder, lambda: self.now, self.steps, self.said.append, is_again=is_again
        )  # fmt: skip
        return [(f"{run.slot:%m-%d %H:%M}", run.status) for run in runs]

    @property
    def ledger(self) -> list[tuple[str, str]]:
        return [(f"{run.slot:%m-%d %H:%M}", run.status) for run in Ledger(self.folder).read_runs()]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


# -- what is due -------------------------------------------------------------------------------------


def test_a_slot_is_run_once(desk: Desk) -> None:
    assert desk.tick("2024-08-01T07:05") == [("08-01 07:05", "ok")]
    assert desk.tick("2024-08-01T07:10") == []
    assert desk.tick("2024-08-02T07:04:59") == []
    assert desk.tick("2024-08-02T07:05") == [("08-02 07:05", "unchanged")]
    assert desk.done == ["read morning", "report morning"] * 2


def test_a_job_never_seen_begins_with_its_newest_slot(desk: Desk) -> None:
    assert desk.tick("2024-08-01T07:00") == [("07-31 07:05", "ok")]
    weekly = DAILY._replace(name="weekly", cron="5 7 * * 1")
    assert desk.tick("2024-08-02T07:00", weekly) == []  # Monday's is older than the catch-up window
    assert desk.tick("2024-08-05T07:06", weekly) == [("08-05 07:05", "ok")]


def test_after_a_week_off_the_newest_slot_runs_and_the_others_are_missed(desk: Desk) -> None:
    desk.tick("2024-08-01T07:05")
    assert desk.tick("2024-08-08T09:00") == [
        ("08-02 07:05", "missed"), ("08-03 07:05", "missed"), ("08-04 07:05", "missed"), ("08-05 07:05", "missed"),
        ("08-06 07:05", "missed"), ("08-07 07:05", "missed"), ("08-08 07:05", "unchanged"),
    ]  # fmt: skip
    assert desk.told[-1][:2] == ("unchanged", [f"2024-08-0{day}T07:05:00Z" for day in range(2, 8)])
    assert [run.exit_code for run in Ledger(desk.folder).read_runs()][-2:] == [3, 0]
    assert desk.tick() == []


def test_what_is_older_than_the_window_is_missed_not_run(desk: Desk) -> None:
    weekly = DAILY._replace(cron="5 7 * * 1")
    desk.tick("2024-08-05T07:05", weekly)
    assert desk.tick("2024-08-16T08:00", weekly) == [("08-12 07:05", "missed")]
    assert desk.done == ["read morning", "report morning"]
    assert desk.told[-1] == ("missed", ["2024-08-12T07:05:00Z"], 7)
    assert desk.tick("2024-08-19T07:05", weekly) == [("08-19 07:05", "unchanged")]


@pytest.mark.parametrize(
    ("changed", "then", "later"),
    [
        (DAILY._replace(cron="5 9 * * *"), [], [("08-02 09:05", "unchanged")]),
        (DAILY._replace(cron="5 6 * * *"), [], [("08-02 06:05", "unchanged")]),
        (DAILY._replace(timezone="Europe/Berlin", cron="5 11 * * *"), [], [("08-02 09:05", "unchanged")]),
        (DAILY, [], [("08-02 07:05", "unchanged")]),
    ],
)
def test_a_changed_text_runs_no_slot_of_the_past(
    desk: Desk, changed: Job, then: list[tuple[str, str]], later: list[tuple[str, str]]
) -> None:
    desk.tick("2024-08-01T07:05")
    assert desk.tick("2024-08-01T10:00", changed) == then
    assert desk.tick("2024-08-01T10:05", changed) == then
    assert desk.tick("2024-08-02T09:30", changed) == later


def test_a_text_changed_twice_while_nobody_looked(desk: Desk) -> None:
    desk.tick("2024-08-01T07:05")
    other = DAILY._replace(cron="0 12 * * *")
    assert desk.tick("2024-08-03T10:00", other) == []
    assert desk.tick("2024-08-03T12:00", other) == [("08-03 12:00", "unchanged")]
    assert desk.tick("2024-08-04T08:00") == []
    assert desk.tick("2024-08-05T08:00") == [("08-05 07:05", "unchanged")]


def test_the_clock_set_back_runs_nothing_older(desk: Desk) -> None:
    desk.tick("2024-08-05T07:05")
    assert desk.tick("2024-08-03T08:00") == []
    assert "later than the clock" in desk.said[-1]
    assert desk.tick("2024-08-05T08:00") == []
    assert desk.tick("2024-08-06T07:05") == [("08-06 07:05", "unchanged")]


def test_the_clock_set_forward_and_back_again(desk: Desk) -> None:
    desk.tick("2024-08-01T07:05")
    desk.tick("2024-08-04T08:00")
    assert [desk.tick(f"2024-08-0{day}T07:05") for day in (2, 3, 4)] == [[], [], []]
    assert desk.tick("2024-08-05T07:05") == [("08-05 07:05", "unchanged")]
    assert len(set(desk.ledger)) == len(desk.ledger) == 5


def test_a_clock_that_jumps_by_decades_can_be_got_over(desk: Desk) -> None:
    desk.tick("2024-08-01T07:05")
    assert len(desk.tick("2094-08-01T07:05")) == 1001
    assert desk.tick("2024-08-02T07:05") == []
    assert desk.tick(is_again=True) == [("08-02 07:05", "unchanged")]
    assert desk.tick("2024-08-03T07:05") == [("08-03 07:05", "unchanged")]


def test_again_runs_the_newest_slot_once_more(desk: Desk) -> None:
    desk.error = InputError([Problem("seeds", None, None, "x", "is broken", "mend it")])
    assert desk.tick() == [("08-01 07:05", "failed")]
    desk.error = None
    assert desk.tick() == []
    assert desk.tick(is_again=True) == [("08-01 07:05", "ok")]
    assert [run.attempt for run in Ledger(desk.folder).read_runs()] == [1, 2]


@given(
    st.lists(st.integers(0, 20 * 24 * 60), min_size=1, max_size=40),
    st.sampled_from(["5 7 * * *", "0 */6 * * *", "30 2 * * 1-5", "*/90 * * * *", "0 0 1,11 * *"]),
    st.sampled_from(["UTC", "America/New_York", "Europe/Berlin"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_whatever_the_clock_does_each_slot_stands_once(
    tmp_path_factory: pytest.TempPathFactory, minutes: list[int], cron: str, zone: str
) -> None:
    """Ticks at any moments in any order, over the end of summer time: no slot twice, none run out of order."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    job = DAILY._replace(cron=cron.replace("*/90", "*/30"), timezone=zone)
    for minute in minutes:
        desk.now = at("2024-10-25T00:00") + timedelta(minutes=minute)
        desk.tick(None, job)
    runs = Ledger(desk.folder).read_runs()
    slots = [run.slot for run in runs]
    assert slots == sorted(set(slots))
    assert all(run.slot <= at("2024-10-25T00:00") + timedelta(minutes=max(minutes)) for run in runs)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=30))
@settings(max_examples=40)
def test_with_a_clock_that_only_goes_on_no_slot_is_lost(
    tmp_path_factory: pytest.TempPathFactory, gaps: list[int]
) -> None:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    hourly = DAILY._replace(cron="0 * * * *")
    for gap in gaps:
        desk.now += timedelta(minutes=gap)
        desk.tick(None, hourly)
    slots = [run.slot for run in Ledger(desk.folder).read_runs()]
    assert [b - a for a, b in itertools.pairwise(slots)] == [timedelta(hours=1)] * (len(slots) - 1)


# -- what comes of a run -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("checks", "status", "exit_code", "words"),
    [
        ((STALE,), "stale", 3, ["freshness", "2024Q2 is not there", "expected 2024-07-30", "since 2024-08-01", "fetch it"]),
        ((WRONG,), "failed", 3, ["identities", "look at the filing"]),
        ((STALE, WRONG), "failed", 3, ["freshness", "identities"]),
        ((replace(STALE, state="warn"),), "ok", 0, []),
        ((replace(STALE, state="pass"), replace(WRONG, state="pass")), "ok", 0, []),
    ],
)  # fmt: skip
def test_nothing_is_drawn_from_what_fails_a_check(
    desk: Desk, checks: tuple[CheckResult, ...], status: str, exit_code: int, words: list[str]
) -> None:
    desk.checks = checks
    assert desk.tick() == [("08-01 07:05", status)]
    (run,) = Ledger(desk.folder).read_runs()
    assert (run.exit_code, run.checks) == (exit_code, checks)
    assert [word for word in words if word not in run.reason] == []
    assert ("report morning" in desk.done) == (status == "ok")
    assert bool(run.outputs) == (status == "ok")


def test_the_reports_that_may_be_drawn_are_and_the_others_are_named(desk: Desk) -> None:
    desk.checks, desk.others = (STALE,), {"reports/june.html": "b" * 64}
    assert desk.tick() == [("08-01 07:05", "stale")]
    (run,) = Ledger(desk.folder).read_runs()
    assert (run.outputs, run.stopped, run.exit_code) == (desk.others, {"acme": STALE.message}, 3)
    assert run.reason.startswith("no report acme; the others were made\nfreshness: 2024Q2 is not there")
    desk.checks = ()
    assert desk.tick("2024-08-02T07:05") == [("08-02 07:05", "ok")]
    assert desk.told[-1] == ("ok", [], 7), "what is told counts from the last run that made all of them"


@pytest.mark.parametrize(("checks", "why"), [((), ""), ((STALE,), "freshness: 2024Q2 is not there")])
def test_a_report_that_cannot_be_drawn_costs_no_other(desk: Desk, checks: tuple[CheckResult, ...], why: str) -> None:
    desk.checks, desk.others = checks, {"reports/june.html": "b" * 64}
    desk.undrawn = {"july": "july: no figures for 2024Q3"}
    assert desk.tick() == [("08-01 07:05", "failed")]
    (run,) = Ledger(desk.folder).read_runs()
    assert run.outputs
    assert run.stopped["july"] == "july: no figures for 2024Q3"
    first, *reasons = run.reason.splitlines()
    assert first == f"no report {', '.join(run.stopped)}; the others were made"
    assert reasons[-1] == "july: no figures for 2024Q3"
    assert any(line.startswith(why) for line in reasons)


def test_lines_of_before_reports_could_be_stopped_singly_are_read(desk: Desk) -> None:
    desk.tick()
    path = Ledger(desk.folder).path
    path.write_text(path.read_text().replace('"stopped":{},', ""))
    assert Ledger(desk.folder).read_runs()[0].stopped == {}
    assert desk.tick() == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InputError([Problem("seeds/facts.csv", 3, "value", "number", "is no number", "mend it")]), "facts.csv:3:value"),
        (UsageError("no reader for inbox"), "no reader for inbox"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
        (OSError(28, "No space left on device"), "No space left"),
    ],
)  # fmt: skip
def test_whatever_goes_wrong_is_written_and_told(desk: Desk, error: Exception, words: str) -> None:
    desk.error = error
    assert desk.tick() == [("08-01 07:05", "failed")]
    (run,) = Ledger(desk.folder).read_runs()
    assert words in run.reason
    assert (run.exit_code, run.outputs, desk.told[-1][0]) == (1, {}, "failed")


def test_a_busy_warehouse_leaves_the_slot_due(desk: Desk) -> None:
    desk.error = BusyError("being written")
    other = DAILY._replace(name="other")
    with pytest.raises(BusyError, match=r"morning.*\n.*other"):
        desk.tick(None, DAILY, other)
    assert desk.ledger == []
    desk.error = None
    assert desk.tick(None, DAILY, other) == [("08-01 07:05", "ok")] * 2


def test_a_dead_receiver_does_not_cost_the_run_its_line(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> tuple[SentNotice, ...]:
        raise ConnectionError("refused")

    monkeypatch.setattr(desk, "tell", fail)
    assert desk.tick() == [("08-01 07:05", "ok")]
    assert Ledger(desk.folder).read_runs()[0].deliveries == (
        SentNotice("desk", "", "failed", 0, "ConnectionError: refused"),
    )


def test_what_is_told_counts_from_the_last_report(desk: Desk) -> None:
    for day, version, checks in ((1, 7, ()), (2, 9, ()), (3, 11, (WRONG,)), (4, 12, ())):
        desk.version, desk.checks = version, checks
        desk.tick(f"2024-08-0{day}T07:05")
    assert [(status, before) for status, _, before in desk.told] == [("ok", 7), ("unchanged", 7), ("failed", 9), ("unchanged", 9)]  # fmt: skip


@pytest.mark.parametrize(
    ("page", "added", "status"), [("a" * 64, 0, "unchanged"), ("b" * 64, 0, "ok"), ("a" * 64, 2, "ok")]
)
def test_unchanged_means_no_new_facts_and_the_same_files(desk: Desk, page: str, added: int, status: str) -> None:
    desk.tick()
    desk.page, desk.added = page, added
    assert desk.tick("2024-08-02T07:05") == [("08-02 07:05", status)]


def test_a_job_after_report_looks_every_hour_until_the_period_is_there(desk: Desk) -> None:
    job = DAILY._replace(cron=AFTER_REPORT)
    desk.expected = (ExpectedReport("acme", "2024Q2", date(2024, 8, 3)),)
    seen = []
    moments = [at("2024-08-01T00:00") + timedelta(minutes=30 * step) for step in range(2 * 24 * 5)]
    for desk.now in moments:
        if desk.now >= at("2024-08-04T15:00"):
            desk.expected = (ExpectedReport("acme", "2024Q3", date(2024, 11, 2)),)
        seen += [slot for slot, _ in desk.tick(None, job)]
    hourly = [f"08-0{day} {hour:02}:00" for day in (2, 3, 4) for hour in range(24) if (day, hour) <= (4, 15)]
    assert seen == ["07-31 06:00", "08-01 06:00", *hourly, "08-05 06:00"]
    assert all(status != "missed" for _, status in desk.ledger)


@pytest.mark.parametrize(
    "start", ["2024-08-01T05:30", "2024-08-01T12:00", "2024-08-02T10:10", "2024-08-16T20:00", "2024-08-30T00:00"]
)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_the_slots_to_come_are_those_that_come(desk: Desk, start: str, zone: str) -> None:
    """What `schedule next` lists of a job after-report is what ticks half an hour apart then run."""
    job = DAILY._replace(cron=AFTER_REPORT, timezone=zone)
    desk.expected = (ExpectedReport("acme", "2024Q2", date(2024, 8, 3)),)
    desk.tick(start, job)  # now the day is known
    desk.tick(start, job)
    listed = list_coming_slots(job, desk.now, Ledger(desk.folder).read_runs()[-1].last_slot)
    expected = [f"{slot:%m-%d %H:%M}" for slot in itertools.islice(listed, 5)]
    seen: list[str] = []
    while len(seen) < 5:
        desk.now += timedelta(minutes=30)
        seen += [slot for slot, _ in desk.tick(None, job)]
    assert seen == expected


# -- locks and claims --------------------------------------------------------------------------------


def test_a_job_that_is_running_is_left_to_it(desk: Desk) -> None:
    with try_lock(desk.folder, "morning") as lock:
        assert lock is not None
        lock.claim({"started_at": "2024-08-01T07:05:00Z", "process": 4711})
        assert desk.tick() == []
    assert "morning: another tick is running it since 2024-08-01T07:05:00Z (process 4711)" in desk.said[-1]
    (desk.folder / ".schedule" / "morning.lock").unlink()
    assert desk.tick() == [("08-01 07:05", "ok")]


def cut_short(desk: Desk) -> None:
    """A tick that is killed at its work: what is on disk then is all that is left of it."""
    desk.error = KeyboardInterrupt()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        desk.tick()
    desk.error = None


def test_a_run_cut_short_runs_again(desk: Desk) -> None:
    cut_short(desk)
    assert desk.ledger == []
    assert read_claim(desk.folder, "morning")["slot"] == "2024-08-01T07:05:00Z"
    assert desk.tick("2024-08-01T07:10") == [("08-01 07:05", "ok")]
    assert "was cut short" in desk.said[-1]
    assert Ledger(desk.folder).read_runs()[0].attempt == 2


def test_a_first_run_cut_short_is_not_lost(desk: Desk) -> None:
    cut_short(desk)
    assert desk.tick("2024-08-02T07:10") == [("08-01 07:05", "missed"), ("08-02 07:05", "ok")]


def test_a_slot_that_kills_its_runs_is_given_up(desk: Desk) -> None:
    for _ in range(3):
        cut_short(desk)
    assert desk.tick() == [("08-01 07:05", "failed")]
    assert "cut short 3 times" in Ledger(desk.folder).read_runs()[0].reason
    assert desk.told[-1][0] == "failed"
    assert desk.tick(is_again=True) == [("08-01 07:05", "ok")]


@pytest.mark.parametrize("text", ["", "{", "[1]", '"x"', '{"cron"', "\0\0\0"])
def test_a_damaged_claim_is_none(desk: Desk, text: str) -> None:
    desk.tick()
    (desk.folder / ".schedule" / "morning.lock").write_text(text)
    assert desk.tick("2024-08-02T07:05") == [("08-02 07:05", "unchanged")]


# -- the ledger --------------------------------------------------------------------------------------


def test_a_line_says_all_of_a_run_and_is_read_back(desk: Desk) -> None:
    desk.checks = (replace(STALE, state="warn"),)
    desk.expected = (ExpectedReport("acme", "2024Q2", date(2024, 8, 3)),)
    desk.tick()
    (run,) = Ledger(desk.folder).read_runs()
    record = json.loads(Ledger(desk.folder).path.read_text())
    assert record["slot"] == "2024-08-01T07:05:00Z"
    assert record["outputs"] == {"reports/acme.html": "a" * 64}
    assert (run.commit_version, run.as_of, run.started_at, run.expected) == (7, desk.now, desk.now, desk.expected)
    assert json.loads(run.to_line()) == {key: value for key, value in record.items() if key not in {"before", "sum"}}


TORN = ["", "{", '{"job":"morning","cron":"5 7 * * *"', "\ufffd", "x" * 200_000]


@pytest.mark.parametrize("torn", TORN, ids=range(len(TORN)))
def test_a_torn_last_line_is_no_line(desk: Desk, torn: str) -> None:
    desk.tick()
    whole = Ledger(desk.folder).path.read_bytes()
    with Ledger(desk.folder).path.open("a") as file:
        file.write(torn)
    assert desk.ledger == [("08-01 07:05", "ok")]
    assert desk.tick() == []
    desk.tick("2024-08-02T07:05")
    assert desk.ledger == [("08-01 07:05", "ok"), ("08-02 07:05", "unchanged")]
    assert Ledger(desk.folder).path.read_bytes().startswith(whole + b'{"job"')


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_a_line_without_its_end_is_run_again(desk: Desk, cut: int) -> None:
    desk.tick()
    path = Ledger(desk.folder).path
    path.write_bytes(path.read_bytes()[:-cut])
    assert desk.ledger == []
    assert desk.tick() == [("08-01 07:05", "ok")]
    assert len(path.read_text().splitlines()) == 1


def test_lines_of_others_and_of_later_versions_do_no_harm(desk: Desk) -> None:
    desk.tick()
    path = Ledger(desk.folder).path
    record = json.loads(path.read_text()) | {"slot": "2024-08-02T07:05:00Z", "invented_later": {"a": 1}}
    path.write_text(path.read_text() + "garbage\n[1]\nnull\n\n" + json.dumps(record) + "\n")
    assert desk.ledger == [("08-01 07:05", "ok"), ("08-02 07:05", "ok")]
    assert desk.tick("2024-08-02T08:00") == []


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(0, 3000))
@settings(max_examples=40)
def test_reading_from_the_end_finds_the_same_lines(
    tmp_path_factory: pytest.TempPathFactory, jobs: list[int], padding: int
) -> None:
    ledger = Ledger(tmp_path_factory.mktemp("ledger"))
    template = Desk(ledger.path.parent)
    template.tick()
    (run,) = ledger.read_runs()
    ledger.path.unlink()
    written = [
        replace(run, job=f"j{job}", slot=run.slot + timedelta(days=number), reason="é" * padding)
        for number, job in enumerate(jobs)
    ]
    for one in written:
        ledger.append([one])
    assert ledger.read_runs() == tuple(written)
    assert ledger.read_runs("j1") == tuple(one for one in written if one.job == "j1")
    assert ledger.find_last(["j0", "j3"]) == {one.job: one for one in written if one.job in {"j0", "j3"}}
