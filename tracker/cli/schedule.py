"""The commands of the schedule: run, list, next, history, emit. An idle `run` loads neither the engine nor pandas."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.base import choose_style, cli, find_project, say
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
_NOW = click.option(
    "--now", envvar="TRACKER_NOW", hidden=True, help="Use this as the current time, to test a schedule."
)


@cli.group()
def schedule() -> None:
    """Run jobs that are due, and list past and future runs. Jobs are [schedule.NAME] tables of tracker.toml."""


@schedule.command()
@click.argument("names", nargs=-1)
@click.option("--again", "is_again", is_flag=True, help="Run the newest slot of each job even if it is done.")
@_NOW
@_STYLE
@click.pass_context
def run(context: click.Context, names: tuple[str, ...], now: str | None, style: str | None, *, is_again: bool) -> None:
    """Run each job that is due, once. Call this as often as you like, for example from cron (see `schedule emit`)."""
    from tracker.schedule.run import tick  # noqa: PLC0415

    folder, jobs = _find_jobs(context, names)
    done = tick(jobs, folder, _make_clock(now), _make_steps_later(context), say, is_again=is_again)
    if done:
        _print_rows(
            [_run_to_json(one) for one in done], _COLUMNS, style or ("table" if sys.stdout.isatty() else "ndjson")
        )
    bad = [one for one in done if one.exit_code]
    if bad:
        kind = CheckError if all(one.exit_code == CheckError.exit_code for one in bad) else TrackerError
        raise kind("\n".join(_describe_bad_runs(bad)))


_COLUMNS = ("job", "slot", "status", "added", "finished_at", "reason")


def _describe_bad_runs(bad: Sequence[Run]) -> Iterator[str]:
    """Describe each bad run; the missed slots of a job, which may be hundreds, in one sentence."""
    for (job, status), group in groupby(bad, key=lambda one: (one.job, one.status)):
        runs = list(group)
        first, last = (_format_local(one.slot, one.timezone) for one in (runs[0], runs[-1]))
        if status == "missed" and len(runs) > 1:
            yield f"{job}: {len(runs)} slots from {first} to {last} missed: {runs[0].reason}"
        else:
            yield from (f"{job}: {_format_local(one.slot, one.timezone)} {status}: {one.reason}" for one in runs)


def _make_steps_later(context: click.Context) -> Callable[[], Steps]:
    def steps() -> Steps:
        from tracker.schedule.steps import make_steps  # noqa: PLC0415 - an idle tick does not need the engine

        return make_steps(find_project(context), say)

    return steps


def _find_jobs(context: click.Context, names: Sequence[str]) -> tuple[Path, list[Job]]:
    """Find the warehouse folder and the named jobs, or all; NothingMatchedError if a job is missing."""
    from tracker.settings import read_jobs  # noqa: PLC0415

    root, settings = _load_settings(context)
    known = {job.name: job for job in read_jobs(settings)}
    missing = [name for name in names if name not in known]
    if not known:
        raise NothingMatchedError(
            'no job is defined; add a table [schedule.NAME] with cron = "5 7 * * 1-5" to tracker.toml'
        )
    if missing:
        where = nearest(missing[0], known, f"tracker.toml has {', '.join(known)}")
        raise NothingMatchedError(f"no job named {', '.join(missing)}; {where}")
    return _find_warehouse(root, settings), [known[name] for name in dict.fromkeys(names)] or list(known.values())


def _load_settings(context: click.Context) -> tuple[Path, dict[str, Any]]:
    from tracker.settings import find_root, read_settings  # noqa: PLC0415

    root = find_root(context.obj.resolve())
    return root, read_settings(root)


def _find_warehouse(root: Path, settings: dict[str, Any]) -> Path:
    folder: Path = root / settings.get("paths", {}).get("warehouse", "warehouse")
    return folder


def _make_clock(now: str | None) -> Callable[[], datetime]:
    """Return a clock: the real one, or one that starts at the given moment; UsageError if that is not a moment."""
    if now is None:
        return lambda: datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(now)
    except ValueError as error:
        raise UsageError(f"{now!r} is not a moment; write 2024-08-05T07:05:00Z") from error
    begin = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    started = time.monotonic()
    return lambda: begin + timedelta(seconds=time.monotonic() - started)


# -- listing ----------------------------------------------------------------------------------------


@schedule.command("list")
@_NOW
@_STYLE
@click.pass_context
def list_jobs(context: click.Context, now: str | None, style: str | None) -> None:
    """List the jobs with the last run and its result, the slot that is due, and the next one."""
    from tracker.schedule import Ledger  # noqa: PLC0415

    folder, jobs = _find_jobs(context, ())
    last = Ledger(folder).find_last([job.name for job in jobs])
    rows = [_make_job_row(job, folder, last.get(job.name), _make_clock(now)()) for job in jobs]
    _print_rows(rows, ("job", "cron", "timezone", "last_slot", "last_status", "due_slot", "next_slot"), style)


def _make_job_row(job: Job, folder: Path, last: Run | None, now: datetime) -> dict[str, Any]:
    from tracker.schedule import find_due_slot, format_moment  # noqa: PLC0415

    due = find_due_slot(job, folder, now, last.last_slot if last else None)

    return {
        "job": job.name,
        "cron": job.cron,
        "timezone": job.timezone,
        "last_slot": format_moment(last.slot) if last else None,
        "last_status": last.status if last else None,
        "due_slot": format_moment(due) if due else None,
        "next_slot": next(_list_coming_slots(job, last, now), None),
        "fetch": job.fetch,
        "ingest": job.ingest,
        "checks": job.checks,
        "reports": job.reports,
        "catch_up_hours": job.catch_up / timedelta(hours=1),
        "notify": job.notify,
    }


def _list_coming_slots(job: Job, last: Run | None, now: datetime) -> Iterator[str]:
    """List the future slots of a job, soonest first, as the ledger will write them."""
    from tracker.schedule import format_moment, list_coming_slots  # noqa: PLC0415

    return map(format_moment, list_coming_slots(job, now, last.last_slot if last else None))


@schedule.command("next")
@click.argument("names", nargs=-1)
@click.option("-n", "--limit", type=click.IntRange(1), default=3, help="Show this many of each job.", show_default=True)
@_NOW
@_STYLE
@click.pass_context
def list_next_slots(
    context: click.Context, names: tuple[str, ...], limit: int, now: str | None, style: str | None
) -> None:
    """List the future slots."""
    from itertools import islice  # noqa: PLC0415

    from tracker.schedule import Ledger  # noqa: PLC0415

    folder, jobs = _find_jobs(context, names)
    last = Ledger(folder).find_last([job.name for job in jobs])
    rows = [
        {"job": job.name, "slot": slot, "timezone": job.timezone}
        for job in jobs
        for slot in islice(_list_coming_slots(job, last.get(job.name), _make_clock(now)()), limit)
    ]
    _print_rows(sorted(rows, key=lambda row: (row["slot"], row["job"])), ("job", "slot"), style)


@schedule.command()
@click.argument("names", nargs=-1)
@click.option("-n", "--limit", type=click.IntRange(1), default=20, help="Show only this many.", show_default=True)
@_STYLE
@click.pass_context
def history(context: click.Context, names: tuple[str, ...], limit: int, style: str | None) -> None:
    """List the results of past slots, newest first."""
    from tracker.schedule import Ledger  # noqa: PLC0415

    root, settings = _load_settings(context)
    every = Ledger(_find_warehouse(root, settings)).read_runs()
    known = {*settings.get("schedule", {}), *(one.job for one in every)}
    if unknown := [name for name in names if name not in known]:
        where = f"those on record are {', '.join(sorted(known))}" if known else "no job has run and none is defined"
        raise NothingMatchedError(f"no job named {', '.join(unknown)}; {nearest(unknown[0], known, where)}")
    runs = [one for one in reversed(every) if not names or one.job in names]
    _print_rows([_run_to_json(one) for one in runs[:limit]], _COLUMNS, style)


def _run_to_json(one: Run) -> dict[str, Any]:
    import json  # noqa: PLC0415

    record: dict[str, Any] = json.loads(one.to_line())
    return record


def _print_rows(rows: Sequence[dict[str, Any]], columns: Sequence[str], style: str | None) -> None:
    """Print rows as a table of some columns, with moments in the job's zone, or as JSON with all columns."""
    import json  # noqa: PLC0415

    style = style or choose_style(None)
    if style == "table":
        from tracker.warehouse.export import draw_table  # noqa: PLC0415 - loaded for tables only

        cells = [[_format_cell(row, column) for column in columns] for row in rows]
        click.echo(draw_table(columns, cells, [column == "added" for column in columns]), nl=False)
    elif style == "json":
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        click.echo("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), nl=False)


def _format_cell(row: dict[str, Any], column: str) -> str:
    value = row[column]
    if value is None:
        return ""
    is_moment = column.endswith(("_at", "slot"))
    return _format_local(datetime.fromisoformat(value), row["timezone"]) if is_moment else str(value)


def _format_local(value: datetime, zone: str) -> str:
    """Format a moment in local time."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    return f"{value.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"


# -- for other schedulers ----------------------------------------------------------------------------


@schedule.command()
@click.argument("kind", type=click.Choice(["airflow", "cron", "github", "systemd"]))
@click.argument("names", nargs=-1)
@click.pass_context
def emit(context: click.Context, kind: str, names: tuple[str, ...]) -> None:
    """Print a configuration for cron, systemd, GitHub or Airflow that calls `schedule run`. Nothing is installed."""
    from tracker.schedule import EMITTERS, Site  # noqa: PLC0415
    from tracker.settings import secrets_of  # noqa: PLC0415

    folder, jobs = _find_jobs(context, names)
    script = Path(sys.executable).parent / "tracker"
    command = (str(script),) if script.is_file() else (sys.executable, "-m", "tracker")
    root, settings = _load_settings(context)
    site = Site(command, root, folder, names, secrets_of(settings, jobs))
    click.echo(EMITTERS[kind](site, jobs), nl=False)
