"""`tracker.toml`, read strictly: what is wrong is named with its place, the reason and what to do."""

from __future__ import annotations

import random
import tomllib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from support.project import often
from tracker.errors import InputError, Problem
from tracker.files.toml_file import line_of
from tracker.notify import load_alerts, load_receivers
from tracker.project import load_project
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
        ("[build\n", "tracker.toml:1:", "mend the TOML"),
        ('[build]\nreports = "meta"\n', "build.reports:", "'meta' is no list of names"),
        ("[build]\nsources = [1]\n", "build.sources:", "[1] is no list of paths"),
        ('[build]\nsources = ["a\\u0000b"]\n', "build.sources:", "can be the name of no file"),
        ("[paths]\nwarehouse = 5\n", "tracker.toml:2:paths.warehouse:", "5 is no path"),
        ("[paths]\n# a remark\nwarehouse = []\n", "tracker.toml:3:paths.warehouse:", "[] is no path"),
        (f'[paths]\nseeds = "{"x" * 300}"\n', "paths.seeds:", "can be the name of no file"),
        ('[paths]\nseeds = ""\n', "paths.seeds:", "'' is no path"),
        ("[sec]\nuser_agent = true\n", "sec.user_agent:", "True is no text"),
        ('[check]\nentities = "meta"\n', "check.entities:", "is no list of names"),
        (f"[sec]\nuser_agent = {'9' * 5000}\n", "tracker.toml:", "mend the TOML"),
        (f"[sec]\nuser_agent = {'[' * 5000}\n", "tracker.toml:", "nested too deeply"),
        (
            '[notify.a]\nto = "file"\npath = "a"\n[schedule.m]\ncron = "1 2 3 4 5"\nnotify = [["a"]]\n',
            "schedule.m.notify:",
            "is no list of names",
        ),
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


EVERYTHING = """
[build]
sources = ["seeds"]
reports = ["meta"]

[paths]
warehouse = "warehouse"
reports = "reports"
seeds = "seeds"
metrics = "metrics.toml"
checks = "checks"
articles = "articles"

[sec]
user_agent = "A Name a@example.org"
cache = "cache"

[check]
entities = ["meta"]

[schedule.monday]
cron = "5 7 * * 1"
timezone = "America/New_York"
fetch = ["META"]
ingest = ["inbox"]
checks = ["freshness"]
reports = ["meta"]
catch_up = "3 days"
notify = ["desk", "mail"]

[schedule.after]
when = "after-report"

[notify.desk]
to = "webhook"
url = "$DESK"
only = ["failed"]

[notify.mail]
to = "email"
host = "smtp.example.org"
port = 587
security = "starttls"
from = "a@example.org"
recipients = ["b@example.org"]

[notify.own]
to = "command"
command = ["logger"]

[alert.fast]
where = "yoy_ratio > 0.3"
"""
#: Values in the place of the right one.
ODD = (
    "1", "-1", "0", "1.5", "nan", "inf", "true", '""', '" "', '"a\\u0000b"', '"\\n"', f'"{"x" * 5000}"', "[]", "[1]", "[[]]",
    '["a", 1]', "{}", "{a = 1}", "1979-05-27", "07:32:00", "9" * 5000, "1" + "0" * 400, "[" * 3000, '"../../../etc"',
    '"\\ud800"', "", "= 5", '"a', '["a"', '["\\u202e"]', '"\u0663"', '"\uff19 7 * * 1"', '"99999999999999999999 7 * * 1"',
    '"99999 days"', "\x00", "\x7f", '"UTC/../../x"', '"$"', '"$A B"', "0x10", "-0.0", "1e400", "[{}]", "[true]", '[""]',
)  # fmt: skip


def mutations(count: int) -> list[str]:
    """Settings with one value, name or line exchanged, the same at every run."""
    chance = random.Random(11)
    lines = EVERYTHING.splitlines()
    found = []
    for _ in range(count):
        at = chance.randrange(len(lines))
        odd = chance.choice(ODD)
        key, sign, _value = lines[at].partition(" = ")
        kinds = [
            f"{key} = {odd}",
            f"{odd} = 1",
            "",
            lines[at] + odd,
            f"[{odd}]",
            f"[[{key}]]",
            lines[chance.randrange(len(lines))],
        ]
        changed = kinds[0] if sign and chance.random() < 0.7 else chance.choice(kinds)
        found.append("\n".join([*lines[:at], changed, *lines[at + 1 :]]))
    return found


def test_the_settings_that_are_mutated_are_right(tmp_path: Path) -> None:
    (tmp_path / "tracker.toml").write_text(EVERYTHING)
    settings = read_settings(tmp_path)
    assert len(read_jobs(settings)) == 2
    assert load_receivers(settings, tmp_path).keys() == {"desk", "mail", "own"}


def test_no_settings_whatever_they_say_end_in_a_traceback(tmp_path: Path) -> None:
    told: list[Problem] = []
    for text in mutations(often(400)):
        (tmp_path / "tracker.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            settings = read_settings(tmp_path)
            jobs = read_jobs(settings)
            secrets_of(settings, jobs)
            load_receivers(settings, tmp_path)
            load_alerts(settings, tmp_path)
            project = load_project(tmp_path)
            (project.warehouse / "fact").is_dir()
        except InputError as error:
            told += error.problems
    assert len(told) > 100
    for problem in told:
        assert problem.remedy
        assert len(str(problem)) < 1000
        assert str(problem).isprintable()


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("build.sources", 3),
        ("paths.seeds", 9),
        ("schedule.monday.cron", 22),
        ("schedule.after", 31),
        ("nothing.at", None),
    ],
)
def test_a_problem_names_the_line_of_its_key(key: str, line: int | None) -> None:
    assert tomllib.loads(EVERYTHING)
    assert line_of(EVERYTHING, key) == line
