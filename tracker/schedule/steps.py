"""Provide the steps of a scheduled run from the pipeline of a project, and the tick that takes them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tracker.errors import QueryError
from tracker.notify import Notice, Outbox, State, find_notices, load_alerts, load_receivers, make_state_notices, post
from tracker.pipeline.run import audit, draw_unstopped, find_companies, read_sources
from tracker.schedule import (
    CheckResult,
    DrawOutcome,
    ExpectedReport,
    ReadOutcome,
    Run,
    SentNotice,
    Steps,
    format_moment,
)
from tracker.schedule import tick as schedule_tick
from tracker.settings import AFTER_REPORT, read_jobs, read_settings
from tracker.warehouse.checks import HELD
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import read_snapshot, versions_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tracker.project import Project
    from tracker.settings import Job
    from tracker.warehouse.checks import Finding

__all__ = ["make_steps", "tick"]

#: The states of findings that the ledger records; remarks (info) are left out.
_RECORDED_STATES: Final = frozenset({"pass", "warn", "stale", "failed", "released", "unknown"})
_EXPECTED: Final = """
    select entity, next_fiscal_period, expected_date, ticker, cik
    from freshness
    where expected_date is not null
    order by entity
"""


def tick(
    project: Project,
    names: Sequence[str] = (),
    now: datetime | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Run, ...]:
    """Run what is due of a project's jobs, or of the named ones, and return the runs that the ledger got."""
    jobs = [job for job in read_jobs(read_settings(project.root)) if not names or job.name in names]
    return schedule_tick(
        jobs, project.warehouse, lambda: now or datetime.now(UTC), lambda: make_steps(project, say), say
    )


def make_steps(project: Project, say: Callable[[str], None] = lambda _: None) -> Steps:
    """Make the steps of a run in this project; InputError if the settings of its receivers or alerts are wrong."""
    settings = read_settings(project.root)
    load_receivers(settings, project.root)
    load_alerts(settings, project.root)
    return Steps(
        read=lambda job: _read_sources(project, job, say),
        check=lambda job, now: _audit(project, job, now),
        report=lambda job, bad: _draw_reports(project, job, bad),
        version=lambda: read_snapshot(project.warehouse).versions.get("fact"),
        expected=lambda job: _find_expected_reports(project, job),
        notify=lambda job, run, missed, before: _send_notices(project, job, run, missed, before),
    )


def _read_sources(project: Project, job: Job, say: Callable[[str], None]) -> ReadOutcome:
    """Fetch and ingest what a job names; the findings in held batches are part of the result."""
    sources = project.sources if job.ingest is None else job.ingest
    reading = read_sources(project, sources, job.fetch, _find_companies(project, job), say)
    added = sum(one.added + one.withdrawn for one in reading.ingestions)
    return ReadOutcome(added, tuple(map(_finding_to_result, reading.findings)))


def _audit(project: Project, job: Job, now: datetime) -> tuple[CheckResult, ...]:
    """Run the job's checks, or all, and return their findings about the companies of its reports."""
    if job.checks == ():
        return ()
    findings = audit(project, _find_companies(project, job), job.checks or (), now)
    return tuple(_finding_to_result(finding) for finding in findings if finding.state in _RECORDED_STATES)


def _finding_to_result(finding: Finding) -> CheckResult:
    """Return a finding as the ledger records it; without texts if the check passed."""
    is_passed = finding.state == "pass"
    return CheckResult(
        check=finding.check,
        state=finding.state,
        entity=finding.entity,
        message="" if is_passed else finding.message,
        remedy="" if is_passed else finding.remedy,
        since=finding.since.isoformat() if finding.since else None,
        expected=finding.expected.isoformat() if finding.expected else None,
    )


def _find_companies(project: Project, job: Job) -> frozenset[str]:
    """Find the companies that a job's reports are about; empty if one is about all, or there is no report."""
    return find_companies(project, _report_names(project, job))


def _report_names(project: Project, job: Job) -> tuple[str, ...] | None:
    return project.report_names if job.reports is None else job.reports


def _draw_reports(project: Project, job: Job, bad: Sequence[CheckResult]) -> DrawOutcome:
    """Draw the reports of a job that no bad result stops."""
    output = draw_unstopped(project, _report_names(project, job), bad)
    stopped = {name: "\n".join(one.sentence for one in found) for name, found in output.stopped.items()}
    if output.drawing is None:
        return DrawOutcome({}, stopped, {})
    root = project.root.resolve()
    outputs = {
        path.resolve().relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for _, paths in output.drawing.reports
        for path in paths
    }
    return DrawOutcome(outputs, stopped, {name: str(error) for name, error in output.drawing.failed.items()})


def _find_expected_reports(project: Project, job: Job) -> tuple[ExpectedReport, ...]:
    """Find when the companies of an `after-report` job will report next."""
    if job.cron != AFTER_REPORT:
        return ()
    companies, keys = _find_companies(project, job), {key.upper().lstrip("0") for key in job.fetch}
    with Warehouse(project.warehouse) as warehouse:
        rows = warehouse.sql(_EXPECTED).fetchall()
    return tuple(
        ExpectedReport(entity, period, day)
        for entity, period, day, ticker, cik in rows
        if entity in companies or {ticker, str(cik)} & keys or not (companies or keys)
    )


def _send_notices(
    project: Project, job: Job, run: Run, missed: Sequence[Run], before: int | None
) -> tuple[SentNotice, ...]:
    """Send the job's receivers what changed: its own state, missed slots, and news in the figures.

    Figures are compared with the commit of the last run that made all its reports. The first run has nothing to compare
    with, so it sends no news. News on companies whose reports were stopped follows when the reports are drawn.
    """
    known = load_receivers(read_settings(project.root), project.root)
    outbox = Outbox(project.warehouse / "notices.jsonl")
    is_news = (run.is_good or run.outputs) and before is not None and run.commit_version != before
    news, alert_error = _find_news(project, str(before)) if is_news else ([], None)
    stopped = {check.entity for check in run.checks if check.is_bad}
    states = outbox.read_states()
    notices = make_state_notices(states, _list_states(job, run, states, alert_error), format_moment(run.slot))
    notices += [_make_missed_notice(job, missed)] if missed else []
    notices += [notice for notice in news if notice.entity not in stopped]
    done = post(outbox, [known[name] for name in job.notify], notices, run.as_of or run.slot)
    return tuple(SentNotice(one.receiver, one.notice_key, one.status, one.attempts, one.error) for one in done)


def _find_news(project: Project, before: str) -> tuple[list[Notice], str]:
    """Find the news in the figures since a commit, and the error of an alert, which stops only the alerts."""
    alerts = load_alerts(read_settings(project.root), project.root)
    earlier = versions_at(project.warehouse, before)
    with Warehouse(project.warehouse, versions=earlier) as then, Warehouse(project.warehouse) as today:
        try:
            return find_notices(then, today, alerts), ""
        except QueryError as error:
            return find_notices(then, today), str(error)


def _list_states(job: Job, run: Run, last_states: Mapping[str, str], alert_error: str | None) -> list[State]:
    """List the states of a job, of each of its reports, of its held batches and of its alerts, for notices.

    A run that made some of its reports works; each report that it did not make has a state of its own. `alert_error` is
    the error of an alert, empty if there is none, and None if no alert was evaluated.
    """
    if not (run.is_good or run.outputs):
        text = run.reason or f"the run of {format_moment(run.slot)} is {run.status}"
        state = "stale" if run.status == "stale" else "failed"
        return [State(job.name, state, f"{job.name}: {run.status}, no report was made", text)]
    well = run.reason or f"the run of {format_moment(run.slot)} is {run.status}"
    parts = list(_list_bad_states(job, run, alert_error))
    open_still = {one.subject for one in parts} | ({f"{job.name} alerts"} if alert_error is None else set())
    closed = [name for name in last_states if name.startswith(f"{job.name} ") and name not in open_still]
    mended = [State(name, "ok", name.replace(" ", ": mended: ", 1), well) for name in closed]
    return [State(job.name, "ok", f"{job.name} works again", well), *parts, *mended]


def _list_bad_states(job: Job, run: Run, alert_error: str | None) -> Iterator[State]:
    """List what is wrong in a run that works: reports it did not make, held batches, alerts with errors."""
    for name, why in run.stopped.items():
        yield State(f"{job.name} report {name}", run.status, f"{job.name}: {run.status}, no report {name}", why)
    held = [one for one in run.checks if one.check == HELD]
    if held and all(one.state == "warn" for one in held):
        text = "\n".join(f"{one.message}; {one.remedy}" for one in held)
        yield State(f"{job.name} held batches", "failed", f"{job.name}: a batch is held", text)
    if alert_error:
        yield State(f"{job.name} alerts", "failed", f"{job.name}: an alert cannot be evaluated", alert_error)


def _make_missed_notice(job: Job, missed: Sequence[Run]) -> Notice:
    """Make the notice of missed slots."""
    slots = ", ".join(format_moment(one.slot) for one in missed[-5:])
    more = f" and {len(missed) - 5} before" if len(missed) > 5 else ""  # noqa: PLR2004 - as many as fit a line
    title = f"{job.name}: {len(missed)} runs were missed" if len(missed) > 1 else f"{job.name}: a run was missed"
    return Notice(
        "failed", f"missed {job.name} {format_moment(missed[-1].slot)}", title, f"nothing ran at {slots}{more}"
    )
