"""What a scheduled run does in a project: its steps, each a verb of the project, and the tick that takes them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tracker.audit import companies_of_reports
from tracker.project import check, fetch, ingest, report
from tracker.schedule import Check, Expected, Run, Sent, Steps
from tracker.schedule import tick as schedule_tick
from tracker.settings import AFTER_REPORT, read_jobs, read_settings
from tracker.warehouse import Warehouse, read_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tracker.audit import Finding
    from tracker.project import Project
    from tracker.settings import Job

__all__ = ["steps", "tick"]

#: Findings that stand in the ledger; what a check merely remarks does not.
_KEPT: Final = frozenset({"pass", "warn", "stale", "failed", "released", "unknown"})
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
    """The steps of a run in this project."""
    return Steps(
        read=lambda job: _read(project, job, say),
        check=lambda job, now: _checked(project, job, now),
        report=lambda job: _drawn(project, job),
        version=lambda: read_snapshot(project.warehouse).versions.get("fact"),
        expected=lambda job: _expected(project, job),
        tell=lambda job, run, missed, before: _told(project, job, run, missed, before),
    )


def _read(project: Project, job: Job, say: Callable[[str], None]) -> int:
    """Fetch and ingest what a job names; how many facts were new or withdrawn."""
    done = fetch(project, job.fetch, say) if job.fetch else []
    paths = project.sources if job.ingest is None else job.ingest
    done += ingest(project, [project.root / path for path in paths], say=say) if paths else []
    return sum(one.added + one.withdrawn for one in done)


def _checked(project: Project, job: Job, now: datetime) -> tuple[Check, ...]:
    """What the job's checks, or all, find of the companies its reports are about."""
    if job.checks == ():
        return ()
    companies = _companies(project, job)
    found = check(project, job.checks or (), now).findings
    return tuple(
        _kept(finding)
        for finding in found
        if finding.state in _KEPT and (not companies or finding.entity is None or finding.entity in companies)
    )


def _kept(finding: Finding) -> Check:
    """A finding as the ledger keeps it; of one that passed only that it did."""
    is_passed = finding.state == "pass"
    return Check(
        check=finding.check,
        state=finding.state,
        entity=finding.entity,
        message="" if is_passed else finding.message,
        remedy="" if is_passed else finding.remedy,
        since=finding.since.isoformat() if finding.since else None,
        expected=finding.expected.isoformat() if finding.expected else None,
    )


def _companies(project: Project, job: Job) -> frozenset[str]:
    """The companies a job's reports are about; none where one is about all, or there is no report."""
    known = companies_of_reports(project.reports)
    wanted = _report_names(project, job)
    named = [known.get(name, frozenset()) for name in (known if wanted is None else wanted)]
    return frozenset().union(*named) if all(named) else frozenset()


def _report_names(project: Project, job: Job) -> tuple[str, ...] | None:
    return project.report_names if job.reports is None else job.reports


def _drawn(project: Project, job: Job) -> dict[str, str]:
    """The files of a job's reports with their SHA-256, by their path in the project."""
    names = _report_names(project, job)
    drawn = [] if names == () else report(project, names or ())
    root = project.root.resolve()
    return {
        path.resolve().relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for _, paths in drawn
        for path in paths
    }


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


def _told(  # the receivers' part
    _project: Project, _job: Job, _run: Run, _missed: Sequence[Run], _before: int | None
) -> tuple[Sent, ...]:
    return ()
