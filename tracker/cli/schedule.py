"""Commands of the schedule: run, list, next, history, emit. An idle `run` loads neither the engine nor pandas."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.base import cli, default_style, project_of, say
from tracker.errors import CheckError, NothingMatchedError, TrackerError, UsageError
from tracker.model.company_names import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tracker.schedule import Run, Steps
    from tracker.settings import Job

__all__: list[str] = []

_STYLE = click.option(
    "--format", "style", type=click.Choice(["table", "json", "ndjson"]), help="Default: a table on a terminal."
)
_NOW = click.option("--now", envvar="TRACKER_NOW", hidden=True, help="Take this for the time, to rehearse a schedule.")


@cli.group()
def schedule() -> None:
    """Run what is due, and see what was and will be; jobs are [schedule.NAME] tables of tracker.toml."""


@schedule.command()
@click.argument("names", nargs=-1)
@click.option("--again", "is_again", is_flag=True, help="Run the newest slot of each job though it was done.")
@_NOW
@_STYLE
@click.pass_context
def run(context: click.Context, names: tuple[str, ...], now: str | None, style: str | None, *, is_again: bool) -> None:
    """Do what is due, once: one tick. Call it as often as you like; `schedule emit` writes what calls it."""
    from tracker.schedule.run import tick  # noqa: PLC0415

    folder, jobs = _jobs(context, names)
    done = tick(jobs, folder, _clock(now), _make_steps_later(context), say, is_again=is_again)
    if done:
        _show([_record(one) for one in done], _SHOWN, style or ("table" if sys.stdout.isatty() else "ndjson"))
    bad = [one for one in done if one.exit_code]
    if bad:
        kind = CheckError if all(one.exit_code == CheckError.exit_code for one in bad) else TrackerError
        raise kind("\n".join(_sentences(bad)))


_SHOWN = ("job", "slot", "status", "added", "finished_at", "reason")


def _sentences(bad: Sequence[Run]) -> Iterator[str]:
    """What went wrong, a run at a time; missed slots of a job, of which there may be hundreds, in one sentence."""
    for (job, status), group in groupby(bad, key=lambda one: (one.job, one.status)):
        runs = list(group)
        first, last = (_local(one.slot, one.timezone) for one in (runs[0], runs[-1]))
        if status == "missed" and len(runs) > 1:
            yield f"{job}: {len(runs)} slots from {first} to {last} missed: {runs[0].reason}"
        else:
            yield from (f"{job}: {_local(one.slot, one.timezone)} {status}: {one.reason}" for one in runs)


def _make_steps_later(context: click.Context) -> Callable[[], Steps]:
    def steps() -> Steps:
        from tracker.schedule.steps import make_steps  # noqa: PLC0415 - an idle tick does not need the engine

        return make_steps(project_of(context), say)

    return steps


def _jobs(context: click.Context, names: Sequence[str]) -> tuple[Path, list[Job]]:
    """The warehouse folder and the named jobs, or all; NothingMatchedError where there is none of them."""
    from tracker.settings import read_jobs  # noqa: PLC0415

    root, settings = _settings(context)
    known = {job.name: job for job in read_jobs(settings)}
    missing = [name for name in names if name not in known]
    if not known:
        raise NothingMatchedError(
            'no job is defined; add a table [schedule.NAME] with cron = "5 7 * * 1-5" to tracker.toml'
        )
    if missing:
        where = nearest(missing[0], known, f"tracker.toml has {', '.join(known)}")
        raise NothingMatchedError(f"no job named {', '.join(missing)}; {where}")
    return _warehouse(root, settings), [known[name] for name in dict.fromkeys(names)] or list(known.values())


def _settings(context: click.Context) -> tuple[Path, dict[str, Any]]:
    from tracker.settings import find_root, read_settings  # noqa: PLC0415

    root = find_root(context.obj.resolve())
    return root, read_settings(root)


def _warehouse(root: Path, settings: dict[str, Any]) -> Path:
    folder: Path = root / settings.get("paths", {}).get("warehouse", "warehouse")
    return folder


def _clock(now: str | None) -> Callable[[], datetime]:
    """The time, or one that starts at the moment given; UsageError where that is none."""
    if now is None:
        return lambda: datetime.now(UTC)
    try:
        given = datetime.fromisoformat(now)
    except ValueError as error:
        raise UsageError(f"{now!r} is no moment; write 2024-08-05T07:05:00Z") from error
    begin = given.replace(tzinfo=given.tzinfo or UTC).astimezone(UTC)
    started = time.monotonic()
    return lambda: begin + timedelta(seconds=time.monotonic() - started)


# -- looking -----------------------------------------------------------------------------------------


@schedule.command("list")
@_NOW
@_STYLE
@click.pass_context
def list_jobs(context: click.Context, now: str | None, style: str | None) -> None:
    """List the jobs: when they ran last, what came of it, what the next tick runs, when the next slot comes."""
    from tracker.schedule import Ledger  # noqa: PLC0415

    folder, jobs = _jobs(context, ())
    last = Ledger(folder).last([job.name for job in jobs])
    rows = [_job_row(job, folder, last.get(job.name), _clock(now)()) for job in jobs]
    _show(rows, ("job", "cron", "timezone", "last_slot", "last_status", "due_slot", "next_slot"), style)


def _job_row(job: Job, folder: Path, last: Run | None, now: datetime) -> dict[str, Any]:
    from tracker.schedule import find_due_slot, format_moment  # noqa: PLC0415

    due = find_due_slot(job, folder, now, last.last_slot if last else None)

    return {
        "job": job.name,
        "cron": job.cron,
        "timezone": job.timezone,
        "last_slot": format_moment(last.slot) if last else None,
        "last_status": last.status if last else None,
        "due_slot": format_moment(due) if due else None,
        "next_slot": next(_coming(job, last, now), None),
        "fetch": job.fetch,
        "ingest": job.ingest,
        "checks": job.checks,
        "reports": job.reports,
        "catch_up_hours": job.catch_up / timedelta(hours=1),
        "notify": job.notify,
    }


def _coming(job: Job, last: Run | None, now: datetime) -> Iterator[str]:
    """The slots to come, soonest first, as the ledger will write them."""
    from tracker.schedule import format_moment, list_coming_slots  # noqa: PLC0415

    return map(format_moment, list_coming_slots(job, now, last.last_slot if last else None))


@schedule.command("next")
@click.argument("names", nargs=-1)
@click.option("-n", "--limit", type=click.IntRange(1), default=3, help="So many of each job.", show_default=True)
@_NOW
@_STYLE
@click.pass_context
def next_slots(context: click.Context, names: tuple[str, ...], limit: int, now: str | None, style: str | None) -> None:
    """List the slots to come."""
    from itertools import islice  # noqa: PLC0415

    from tracker.schedule import Ledger  # noqa: PLC0415

    folder, jobs = _jobs(context, names)
    last = Ledger(folder).last([job.name for job in jobs])
    rows = [
        {"job": job.name, "slot": slot, "timezone": job.timezone}
        for job in jobs
        for slot in islice(_coming(job, last.get(job.name), _clock(now)()), limit)
    ]
    _show(sorted(rows, key=lambda row: (row["slot"], row["job"])), ("job", "slot"), style)


@schedule.command()
@click.argument("names", nargs=-1)
@click.option("-n", "--limit", type=click.IntRange(1), default=20, help="Only the newest.", show_default=True)
@_STYLE
@click.pass_context
def history(context: click.Context, names: tuple[str, ...], limit: int, style: str | None) -> None:
    """List what became of past slots, newest first."""
    from tracker.schedule import Ledger  # noqa: PLC0415

    root, settings = _settings(context)
    every = Ledger(_warehouse(root, settings)).runs()
    known = {*settings.get("schedule", {}), *(one.job for one in every)}
    if unknown := [name for name in names if name not in known]:
        where = f"those on record are {', '.join(sorted(known))}" if known else "no job has run and none is defined"
        raise NothingMatchedError(f"no job named {', '.join(unknown)}; {nearest(unknown[0], known, where)}")
    runs = [one for one in reversed(every) if not names or one.job in names]
    _show([_record(one) for one in runs[:limit]], _SHOWN, style)


def _record(one: Run) -> dict[str, Any]:
    import json  # noqa: PLC0415

    record: dict[str, Any] = json.loads(one.line())
    return record


def _show(rows: Sequence[dict[str, Any]], columns: Sequence[str], style: str | None) -> None:
    """Rows as a table of some columns, with moments in the job's own zone, or as JSON with all that is known."""
    import json  # noqa: PLC0415

    style = style or default_style(None)
    if style == "table":
        from tracker.warehouse.export import draw_table  # noqa: PLC0415 - for people, who can wait a moment

        cells = [[_cell(row, column) for column in columns] for row in rows]
        click.echo(draw_table(columns, cells, [column == "added" for column in columns]), nl=False)
    elif style == "json":
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        click.echo("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), nl=False)


def _cell(row: dict[str, Any], column: str) -> str:
    value = row[column]
    if value is None:
        return ""
    is_moment = column.endswith(("_at", "slot"))
    return _local(datetime.fromisoformat(value), row["timezone"]) if is_moment else str(value)


def _local(value: datetime, zone: str) -> str:
    """A moment as the clock of its zone shows it."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    return f"{value.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"


# -- for other schedulers ----------------------------------------------------------------------------


@schedule.command()
@click.argument("kind", type=click.Choice(["airflow", "cron", "github", "systemd"]))
@click.argument("names", nargs=-1)
@click.pass_context
def emit(context: click.Context, kind: str, names: tuple[str, ...]) -> None:
    """Print what makes cron, systemd, GitHub or Airflow call `schedule run`; nothing is installed."""
    from tracker.schedule import EMITTERS, Site  # noqa: PLC0415
    from tracker.settings import secrets_of  # noqa: PLC0415

    folder, jobs = _jobs(context, names)
    script = Path(sys.executable).parent / "tracker"
    command = (str(script),) if script.is_file() else (sys.executable, "-m", "tracker")
    root, settings = _settings(context)
    site = Site(command, root, folder, names, secrets_of(settings, jobs))
    click.echo(EMITTERS[kind](site, jobs), nl=False)
