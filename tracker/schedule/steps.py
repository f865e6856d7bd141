"""What a scheduled run does in a project: its steps, each a verb of the project, and the tick that takes them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tracker.errors import QueryError
from tracker.notify import Notice, Outbox, State, load_alerts, load_receivers, notices_between, post, state_notices
from tracker.pipeline.run import audit, draw_unstopped, find_companies, read_sources
from tracker.schedule import CheckResult, Drawn, Expected, Read, Run, Sent, Steps, moment
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

__all__ = ["steps", "tick"]

#: States of findings that the ledger records; what a check merely remarks is left out.
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
    """Do what is due of a project's jobs, or of the named ones, and return the lines that went to the ledger."""
    jobs = [job for job in read_jobs(read_settings(project.root)) if not names or job.name in names]
    return schedule_tick(jobs, project.warehouse, lambda: now or datetime.now(UTC), lambda: steps(project, say), say)


def steps(project: Project, say: Callable[[str], None] = lambda _: None) -> Steps:
    """The steps of a run in this project; InputError where its receivers or alerts are not set up right."""
    settings = read_settings(project.root)
    load_receivers(settings, project.root)
    load_alerts(settings, project.root)
    return Steps(
        read=lambda job: _read(project, job, say),
        check=lambda job, now: _check(project, job, now),
        report=lambda job, bad: _draw(project, job, bad),
        version=lambda: read_snapshot(project.warehouse).versions.get("fact"),
        expected=lambda job: _expected(project, job),
        tell=lambda job, run, missed, before: _tell(project, job, run, missed, before),
    )


def _read(project: Project, job: Job, say: Callable[[str], None]) -> Read:
    """Fetch and ingest what a job names; batches that an audit held are among what was found."""
    sources = project.sources if job.ingest is None else job.ingest
    reading = read_sources(project, sources, job.fetch, _companies(project, job), say)
    added = sum(one.added + one.withdrawn for one in reading.ingestions)
    return Read(added, tuple(map(_finding_to_result, reading.findings)))


def _check(project: Project, job: Job, now: datetime) -> tuple[CheckResult, ...]:
    """Run the job's checks, or all, and return what they find of the companies its reports are about."""
    if job.checks == ():
        return ()
    findings = audit(project, _companies(project, job), job.checks or (), now)
    return tuple(_finding_to_result(finding) for finding in findings if finding.state in _RECORDED_STATES)


def _finding_to_result(finding: Finding) -> CheckResult:
    """Return a finding as the ledger records it; of a check that passed, only that it did."""
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


def _companies(project: Project, job: Job) -> frozenset[str]:
    """Return the companies a job's reports are about; empty where one is about all, or there is no report."""
    return find_companies(project, _report_names(project, job))


def _report_names(project: Project, job: Job) -> tuple[str, ...] | None:
    return project.report_names if job.reports is None else job.reports


def _draw(project: Project, job: Job, bad: Sequence[CheckResult]) -> Drawn:
    """Draw the job's reports, but none about a company of which something bad was found, and none about all then."""
    output = draw_unstopped(project, _report_names(project, job), bad)
    stopped = {name: "\n".join(one.sentence for one in found) for name, found in output.stopped.items()}
    if output.drawing is None:
        return Drawn({}, stopped, {})
    root = project.root.resolve()
    outputs = {
        path.resolve().relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for _, paths in output.drawing.reports
        for path in paths
    }
    return Drawn(outputs, stopped, {name: str(error) for name, error in output.drawing.failed.items()})


def _expected(project: Project, job: Job) -> tuple[Expected, ...]:
    """When the companies of a job that waits for them will report next."""
    if job.cron != AFTER_REPORT:
        return ()
    companies, keys = _companies(project, job), {key.upper().lstrip("0") for key in job.fetch}
    with Warehouse(project.warehouse) as warehouse:
        rows = warehouse.sql(_EXPECTED).fetchall()
    return tuple(
        Expected(entity, period, day)
        for entity, period, day, ticker, cik in rows
        if entity in companies or {ticker, str(cik)} & keys or not (companies or keys)
    )


def _tell(project: Project, job: Job, run: Run, missed: Sequence[Run], before: int | None) -> tuple[Sent, ...]:
    """Tell the job's receivers what changed: its own state, slots that were missed, and what the figures have to say.

    Figures are compared with the commit of the last run that made all its reports. The first run has nothing to
    compare, so it reports none. Figures of companies whose reports were stopped follow once they pass.
    """
    known = load_receivers(read_settings(project.root), project.root)
    outbox = Outbox(project.warehouse / "notices.jsonl")
    is_news = (run.is_good or run.outputs) and before is not None and run.commit_version != before
    news, wrong = _news(project, str(before)) if is_news else ([], None)
    stopped = {check.entity for check in run.checks if check.state in {"stale", "failed"}}
    states = outbox.states()
    notices = state_notices(states, _states(job, run, states, wrong), moment(run.slot))
    notices += [_absence(job, missed)] if missed else []
    notices += [notice for notice in news if notice.entity not in stopped]
    done = post(outbox, [known[name] for name in job.notify], notices, run.as_of or run.slot)
    return tuple(Sent(one.receiver, one.notice_key, one.status, one.attempts, one.error) for one in done)


def _news(project: Project, before: str) -> tuple[list[Notice], str]:
    """What the figures have to say since a commit, and what is wrong with an alert, which costs the alerts alone."""
    alerts = load_alerts(read_settings(project.root), project.root)
    earlier = versions_at(project.warehouse, before)
    with Warehouse(project.warehouse, versions=earlier) as then, Warehouse(project.warehouse) as today:
        try:
            return notices_between(then, today, alerts), ""
        except QueryError as error:
            return notices_between(then, today), str(error)


def _states(job: Job, run: Run, told: Mapping[str, str], wrong: str | None) -> list[State]:
    """The states of a job, of each of its reports, of what it read, and of its alerts, as notices tell them.

    A run that made some of its reports works; each report it did not make has a state of its own. `wrong` is what is
    wrong with an alert, None where none was asked.
    """
    if not (run.is_good or run.outputs):
        text = run.reason or f"the run of {moment(run.slot)} is {run.status}"
        state = "stale" if run.status == "stale" else "failed"
        return [State(job.name, state, f"{job.name}: {run.status}, no report was made", text)]
    well = run.reason or f"the run of {moment(run.slot)} is {run.status}"
    parts = list(_parts(job, run, wrong))
    open_still = {one.subject for one in parts} | ({f"{job.name} alerts"} if wrong is None else set())
    closed = [name for name in told if name.startswith(f"{job.name} ") and name not in open_still]
    mended = [State(name, "ok", name.replace(" ", ": mended: ", 1), well) for name in closed]
    return [State(job.name, "ok", f"{job.name} works again", well), *parts, *mended]


def _parts(job: Job, run: Run, wrong: str | None) -> Iterator[State]:
    """What is not well in a run that works: reports it did not make, batches that lie aside, alerts."""
    for name, why in run.stopped.items():
        yield State(f"{job.name} report {name}", run.status, f"{job.name}: {run.status}, no report {name}", why)
    lie_aside = [one for one in run.checks if one.check == HELD]
    if lie_aside and all(one.state == "warn" for one in lie_aside):
        text = "\n".join(f"{one.message}; {one.remedy}" for one in lie_aside)
        yield State(f"{job.name} held batches", "failed", f"{job.name}: something is held", text)
    if wrong:
        yield State(f"{job.name} alerts", "failed", f"{job.name}: an alert cannot be asked", wrong)


def _absence(job: Job, missed: Sequence[Run]) -> Notice:
    slots = ", ".join(moment(one.slot) for one in missed[-5:])
    more = f" and {len(missed) - 5} before" if len(missed) > 5 else ""  # noqa: PLR2004 - as many as fit a line
    title = f"{job.name}: {len(missed)} runs were missed" if len(missed) > 1 else f"{job.name}: a run was missed"
    return Notice("failed", f"missed {job.name} {moment(missed[-1].slot)}", title, f"nothing ran at {slots}{more}")
