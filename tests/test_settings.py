"""`tracker.toml`, read strictly: what is wrong is named with its place, the reason and what to do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tracker.errors import InputError
from tracker.settings import AFTER_REPORT, read_jobs, read_settings, secrets_of

if TYPE_CHECKING:
    from pathlib import Path

JOB = '[schedule.morning]\ncron = "5 7 * * 1-5"\n'


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("[schedule.m]\n", "schedule.m:", "needs one of cron and when"),
        (JOB + 'when = "after-report"\n', "schedule.morning:", "needs one of cron and when"),
        ('[schedule.m]\ncron = "5 7 * *"\n', "schedule.m.cron:", "is no cron text of five fields"),
        ('[schedule.m]\ncron = "0 5 7 * * 1-5"\n', "schedule.m.cron:", "is no cron text of five fields"),
        ('[schedule.m]\ncron = "60 7 * * *"\n', "schedule.m.cron:", "Bad minute"),
        ('[schedule.m]\ncron = "5 7 * * 8"\n', "schedule.m.cron:", "Bad day-of-week"),
        ('[schedule.m]\ncron = "@daily"\n', "schedule.m.cron:", "is no cron text of five fields"),
        ('[schedule.m]\ncron = "0 0 30 2 *"\n', "schedule.m.cron:", "Bad day-of-month"),
        ('[schedule.m]\ncron = "0 0 */31 2 1#5"\n', "schedule.m.cron:", "never comes"),
        ("[schedule.m]\ncron = 5\n", "schedule.m.cron:", "is no cron text"),
        ('[schedule.m]\nwhen = "before-report"\n', "schedule.m.when:", "'before-report' is unknown"),
        (JOB + 'timezone = "Europe/Berlim"\n', "schedule.morning.timezone:", "no time zone 'Europe/Berlim'"),
        (JOB + 'timezone = ""\n', "schedule.morning.timezone:", "no time zone ''"),
        (JOB + 'timezone = "../UTC"\n', "schedule.morning.timezone:", "no time zone '../UTC'"),
        (JOB + 'timezone = "Europe"\n', "schedule.morning.timezone:", "no time zone 'Europe'"),
        (JOB + "timezone = 1\n", "schedule.morning.timezone:", "no time zone 1"),
        (JOB + 'catch_up = "soon"\n', "schedule.morning.catch_up:", "'soon' is no duration"),
        (JOB + 'catch_up = "0 days"\n', "schedule.morning.catch_up:", "is no duration"),
        (JOB + 'catch_up = "-3 days"\n', "schedule.morning.catch_up:", "is no duration"),
        (JOB + "catch_up = 3\n", "schedule.morning.catch_up:", "is no duration"),
        (JOB + 'reports = "meta"\n', "schedule.morning.reports:", "is no list of names"),
        (JOB + "fetch = [1]\n", "schedule.morning.fetch:", "is no list of names"),
        (JOB + 'repots = ["meta"]\n', "schedule.morning.repots:", "is unknown; use"),
        (JOB + 'notify = ["desk"]\n', "schedule.morning.notify:", "there is no receiver 'desk'"),
        ('[schedule]\ncron = "5 7 * * *"\n', "schedule.cron:", "is no table"),
        ('[schedule."a b"]\ncron = "5 7 * * *"\n', "schedule.a b:", "is no name"),
        ('[schedule."../x"]\ncron = "5 7 * * *"\n', "schedule.../x:", "is no name"),
        ("schedule = 1\n", "schedule:", "is unknown"),
        ("[schedul.m]\n", "schedul:", "is unknown; use"),
        ("[build]\nsource = []\n", "build.source:", "is unknown; use reports, sources"),
        ("[build\n", "tracker.toml:", "mend the TOML"),
    ],
)
def test_what_cannot_be_meant_is_told(tmp_path: Path, text: str, place: str, says: str) -> None:
    (tmp_path / "tracker.toml").write_text(text)
    with pytest.raises(InputError) as told:
        read_settings(tmp_path)
    assert f"{place} " in str(told.value)
    assert says in str(told.value)
    assert all(problem.remedy for problem in told.value.problems)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "tracker.toml").write_text(
        JOB + 'timezone = "x"\ncatch_up = "y"\n[schedule.other]\ncron = "z"\n[oops]\n'
    )
    with pytest.raises(InputError) as told:
        read_settings(tmp_path)
    assert len(told.value.problems) == 4


def test_a_job_with_everything(tmp_path: Path) -> None:
    (tmp_path / "tracker.toml").write_text(
        '[schedule.night-run_2]\ncron = " 5  7 * *   1-5 "\ntimezone = "America/New_York"\nfetch = ["META"]\n'
        'ingest = []\nchecks = ["freshness"]\nreports = ["meta"]\ncatch_up = "36 hours"\nnotify = ["desk"]\n'
        '[notify.desk]\nto = "webhook"\nurl = "$DESK"\n[notify.other]\nto = "webhook"\nurl = "$OTHER"\n'
    )
    settings = read_settings(tmp_path)
    (job,) = read_jobs(settings)
    assert (job.name, job.cron, job.timezone, job.zone.key) == ("night-run_2", "5 7 * * 1-5", *["America/New_York"] * 2)
    assert (job.fetch, job.ingest, job.checks, job.reports) == (("META",), (), ("freshness",), ("meta",))
    assert (job.catch_up, job.notify, secrets_of(settings, [job])) == (timedelta(hours=36), ("desk",), ("DESK",))


@pytest.mark.parametrize(("text", "days"), [("2 weeks", 14), ("1 day", 1), ("1 week", 7), ("1440 minutes", 1)])
def test_a_job_with_little(tmp_path: Path, text: str, days: int) -> None:
    (tmp_path / "tracker.toml").write_text(f'[schedule.earnings]\nwhen = "after-report"\ncatch_up = "{text}"\n')
    (job,) = read_jobs(read_settings(tmp_path))
    assert (job.cron, job.timezone, job.catch_up.days) == (AFTER_REPORT, "UTC", days)
    assert (job.fetch, job.ingest, job.checks, job.reports, job.notify) == ((), None, None, None, ())
