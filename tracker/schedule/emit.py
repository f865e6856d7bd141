"""Write the configuration of other schedulers: cron, systemd, GitHub workflows, Airflow. Nothing is installed.

The text only makes them call `tracker schedule run`. The tick takes care of slots, time zones, locks, catching up and
the ledger. So all schedulers behave alike, and a call that comes too often or too late does no harm.
"""

from __future__ import annotations

import json
import re
import shlex
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from cronsim import CronSim

from tracker.errors import UsageError
from tracker.schedule.slots import list_slots_after
from tracker.settings import AFTER_REPORT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tracker.settings import Job

__all__ = ["EMITTERS", "Site"]

_HOURS: Final = 24
_WEEK: Final = 7
#: The fields of days that all schedulers read alike: all, every n-th, numbers, names.
_ALIKE: Final = re.compile(r"\*(/\d+)?|[\d,-]+|[A-Za-z]{3}(-[A-Za-z]{3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Site:
    """Where a schedule runs: the command that starts tracker, the project, its warehouse, and the jobs.

    Empty `names` means all jobs. `secrets` are the environment variables that its receivers need.
    """

    command: tuple[str, ...]
    root: Path
    warehouse: Path
    names: tuple[str, ...]
    secrets: tuple[str, ...]

    @property
    def arguments(self) -> tuple[str, ...]:
        """Return the whole command of one tick, all paths absolute."""
        return (*self.command, *_project_option(self), "schedule", "run", *self.names)

    @property
    def unit(self) -> str:
        """Return a name for the units, files and DAGs, made of letters, digits, dashes and underscores."""
        return re.sub(r"[^A-Za-z0-9_]+", "-", "-".join(["tracker", self.root.name, *self.names])).strip("-")


def _project_option(site: Site) -> tuple[str, str]:
    """Return the option for the project in full, because for `-C` click looks for options with similar names."""
    return "--project", str(site.root)


def _describe_jobs(jobs: Sequence[Job]) -> Iterator[str]:
    """Describe each job in a comment."""
    for job in jobs:
        yield f"# {job.name}: {job.cron}, {job.timezone}; caught up for {_print_duration(job.catch_up)}"


def _print_duration(span: timedelta) -> str:
    hours = span / timedelta(hours=1)
    return f"{span.days} days" if hours % _HOURS == 0 else f"{hours:g} hours"


def _choose_interval(jobs: Sequence[Job]) -> int:
    """Choose the minutes between ticks: five if every slot falls on such a minute, else one."""
    start = datetime(2000, 1, 1)  # noqa: DTZ001 - only the minutes of the text matter
    texts = [job.cron for job in jobs if job.cron != AFTER_REPORT]
    return 1 if any(minute % 5 for text in texts for minute in CronSim(text, start).minutes) else 5


# -- cron --------------------------------------------------------------------------------------------


def _emit_cron(site: Site, jobs: Sequence[Job]) -> str:
    """Write a crontab line. cron turns `%` into the end of a line unless it follows a backslash, even in quotes."""
    log = str(site.warehouse / "schedule.log")
    command = f"{shlex.join(site.arguments)} >>{shlex.quote(log)} 2>&1"
    if not command.isprintable() or "\\" in command:
        raise UsageError(f"{site.root}: a crontab cannot hold this path; use letters, digits and spaces")
    every = _choose_interval(jobs)
    minutes = "*" if every == 1 else f"*/{every}"
    lines = [
        "# For `crontab -e`. Each line of it is one tick: what is due is run, in the time zone of its job; a job that",
        "# is running is left alone, and what came due while the machine was off is caught up.",
        *_describe_jobs(jobs),
        *(f"# {name}=...   a receiver needs it" for name in site.secrets),
        f"{minutes} * * * * {command.replace('%', chr(92) + '%')}",
    ]
    return "\n".join(lines) + "\n"


# -- systemd -----------------------------------------------------------------------------------------


def _emit_systemd(site: Site, jobs: Sequence[Job]) -> str:
    """Write a service and its timer, each under the name of its file."""
    every = _choose_interval(jobs)
    calendar = "*:*" if every == 1 else f"*:0/{every}"
    secrets = [f"EnvironmentFile=-{_escape_unit_text(str(site.root / 'tracker.env'))}"] if site.secrets else []
    lines = [
        f"# ~/.config/systemd/user/{site.unit}.service",
        *_describe_jobs(jobs),
        *(f"# tracker.env: {name}=...   a receiver needs it" for name in site.secrets),
        "[Unit]",
        f"Description=tracker schedule run, {_escape_unit_text(site.root.name)}",
        "",
        "[Service]",
        "Type=oneshot",
        f"ExecStart={' '.join(_quote_unit_word(word) for word in site.arguments)}",
        *secrets,
        "# A run that hangs is ended; its slot is still due and runs again. 75: the warehouse was busy.",
        "TimeoutStartSec=1h",
        "SuccessExitStatus=75",
        "",
        f"# ~/.config/systemd/user/{site.unit}.timer; then: systemctl --user enable --now {site.unit}.timer",
        "[Unit]",
        f"Description=tracker schedule run every {'minute' if every == 1 else f'{every} minutes'}",
        "",
        "[Timer]",
        "# The tick knows each job's time zone. Persistent: after the machine was off, at once.",
        f"OnCalendar={calendar}",
        "AccuracySec=1s",
        "Persistent=true",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    return "\n".join(lines) + "\n"


def _quote_unit_word(word: str) -> str:
    """Quote a word of a unit's command line, and double the characters that systemd would expand."""
    return '"' + _escape_unit_text(word).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$") + '"'


def _escape_unit_text(text: str) -> str:
    if not text.isprintable():
        raise UsageError(f"{text!r}: a systemd unit cannot hold this path; use letters, digits and spaces")
    return text.replace("%", "%%")


# -- GitHub ------------------------------------------------------------------------------------------


def _emit_github(site: Site, jobs: Sequence[Job]) -> str:
    """Write a workflow. It wakes at an odd minute after each slot, in UTC, in summer and in winter."""
    minute = _choose_minute(site)
    times = dict.fromkeys(f"{minute} {when}" for job in jobs for when in _list_wake_times(job, minute))
    folder, warehouse = (_find_repository_path(path, site.root) for path in (site.root, site.warehouse))
    run = shlex.join(["python", "-m", "tracker", "--project", folder, "schedule", "run", *site.names])
    lines = [
        f"# .github/workflows/{site.unit}.yml",
        *_describe_jobs(jobs),
        "# GitHub drops jobs at full hours, so this wakes at an odd minute; wake-ups with nothing due do nothing.",
        "# After 60 days without a commit GitHub stops it: run it by hand or commit something. The warehouse and its",
        "# ledger are kept in the cache of Actions; lost, they are made anew, and the newest slot of each job runs.",
        f"name: {json.dumps(site.unit)}",
        "on:",
        "  workflow_dispatch:",
        "  schedule:",
        *(f"    - cron: {json.dumps(time)}" for time in times),
        "concurrency:",
        f"  group: {json.dumps(site.unit)}",
        "  cancel-in-progress: false",
        "permissions:",
        "  contents: read",
        "jobs:",
        "  tick:",
        "    runs-on: ubuntu-latest",
        "    timeout-minutes: 60",
        "    steps:",
        "      - uses: actions/checkout@v4",
        "      - uses: actions/setup-python@v5",
        "        with:",
        '          python-version: "3.11"',
        "      - uses: actions/cache/restore@v4",
        "        with:",
        f"          path: {json.dumps(warehouse)}",
        "          key: tracker-warehouse-${{ github.run_id }}",
        "          restore-keys: tracker-warehouse-",
        "      - run: python -m pip install -r requirements.lock && python -m pip install --no-deps .",
        f"      - run: {json.dumps(run)}",
        *(["        env:"] if site.secrets else []),
        *(f"          {name}: ${{{{ secrets.{name} }}}}" for name in site.secrets),
        "      - uses: actions/cache/save@v4",
        "        if: always()",
        "        with:",
        f"          path: {json.dumps(warehouse)}",
        "          key: tracker-warehouse-${{ github.run_id }}",
        "      - uses: actions/upload-artifact@v4",
        "        with:",
        "          name: reports",
        f"          path: {json.dumps(f'{folder}/reports')}",
    ]
    return "\n".join(lines) + "\n"


def _choose_minute(site: Site) -> int:
    """Choose an odd minute far from full hours; a project always has the same one, and others mostly have another."""
    return 7 + 2 * (zlib.crc32(site.unit.encode()) % 22)


def _list_wake_times(job: Job, minute: int) -> list[str]:
    """List the hours and weekdays (UTC) in which this minute follows a slot, as cron texts without the minute."""
    if job.cron == AFTER_REPORT:
        return ["* * * *"]
    now = datetime.now(UTC)
    found: set[tuple[int, int]] = set()
    for slot in takewhile(lambda slot: slot < now + timedelta(days=366), list_slots_after(job.cron, job.zone, now)):
        wake = slot + timedelta(minutes=(minute - slot.minute) % 60)
        found.add((wake.hour, wake.isoweekday() % _WEEK))
        if len(found) == _HOURS * _WEEK:
            break
    by_days: dict[str, list[int]] = {}
    for hour in sorted({hour for hour, _ in found}):
        days = _print_field([day for one, day in sorted(found) if one == hour], _WEEK)
        by_days.setdefault(days, []).append(hour)
    return [f"{_print_field(hours, _HOURS)} * * {days}" for days, hours in by_days.items()]


def _print_field(numbers: Sequence[int], size: int) -> str:
    """Print numbers as a field of a cron text: `*` if they are all `size` of them, a span, or a list."""
    if len(numbers) == size:
        return "*"
    is_span = len(numbers) > 1 and numbers[-1] - numbers[0] == len(numbers) - 1
    return f"{numbers[0]}-{numbers[-1]}" if is_span else ",".join(map(str, numbers))


def _find_repository_path(path: Path, root: Path) -> str:
    """Return a path relative to the repository of the project."""
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    return path.relative_to(top).as_posix()


# -- Airflow -----------------------------------------------------------------------------------------


def _emit_airflow(site: Site, jobs: Sequence[Job]) -> str:
    """Write a file with a DAG for each job, for Airflow 2.7 and later and Airflow 3."""
    blocks = [_write_dag(site, job) for job in jobs]
    head = [
        '"""What tracker does on a schedule, a DAG a job; the tick itself catches up and locks."""',
        "",
        "from datetime import datetime, timedelta, timezone",
        "",
        "try:",
        "    from airflow.providers.standard.operators.bash import BashOperator",
        "    from airflow.sdk import DAG, CronTriggerTimetable",
        "except ImportError:  # Airflow 2, and the first of 3",
        "    from airflow import DAG",
        "    from airflow.operators.bash import BashOperator",
        "    from airflow.timetables.trigger import CronTriggerTimetable",
    ]
    return "\n".join([*head, "", *blocks])


def _write_dag(site: Site, job: Job) -> str:
    """Write a DAG of one task. A failed slot counts as done, so a second try needs `--again`."""
    command = shlex.join([*site.command, *_project_option(site), "schedule", "run", job.name])
    if re.search(r"\{[{%#]", command):
        raise UsageError(f"{site.root}: Airflow takes '{{{{' for a template; use a folder without it")
    again = "{{ ' --again' if ti.try_number > 1 else '' }}"
    name = Site(site.command, site.root, site.warehouse, (job.name,), ()).unit
    return f"""
with DAG(
    dag_id={name!r},
    schedule=CronTriggerTimetable({_choose_trigger(site, job)!r}, timezone={job.timezone!r}),
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
):
    BashOperator(
        task_id="run",
        bash_command={command + again!r},
        retries=2,
        retry_delay=timedelta(minutes=5),
        execution_timeout=timedelta(hours=1),
    )
"""


def _choose_trigger(site: Site, job: Job) -> str:
    """Choose when Airflow wakes: at the job's slots, or every day at their time if it reads the days in another way.

    It does not know `L` and `#`, and joins days of the month and of the week by a rule of its own.
    """
    if job.cron == AFTER_REPORT:
        return f"{_choose_minute(site)} * * * *"
    minute, hour, day, month, weekday = job.cron.split()
    days = {day, weekday}
    is_alike = "*" in days and all(_ALIKE.fullmatch(field) for field in days)
    return job.cron if is_alike else f"{minute} {hour} * {month} *"


#: The schedulers that can call us, and the functions that write their configuration.
EMITTERS: Final[dict[str, Callable[[Site, Sequence[Job]], str]]] = {
    "cron": _emit_cron,
    "systemd": _emit_systemd,
    "github": _emit_github,
    "airflow": _emit_airflow,
}
