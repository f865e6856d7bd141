"""The pipeline: read, audit, draw. `build` and the schedule both call these three steps.

A finding stops a report if it is about one of the report's companies, or about no company in particular. Such findings
are audits that failed, batches that are held, and figures that are stale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from tracker.pipeline.check import audit_companies, check
from tracker.pipeline.fetch import fetch_files
from tracker.pipeline.followed import find_report_companies
from tracker.pipeline.ingest import ReadOptions, read_paths
from tracker.pipeline.report import draw
from tracker.warehouse.checks import FAILING, HELD, Finding
from tracker.warehouse.quarantine import list_held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from tracker.pipeline.ingestion import Ingestion
    from tracker.pipeline.report import Drawing
    from tracker.project import Project
    from tracker.warehouse.quarantine import HeldBatch

__all__ = [
    "AnyFinding",
    "Output",
    "ReadResult",
    "audit",
    "draw_unstopped",
    "find_companies",
    "list_findings_about",
    "list_stops",
    "read_sources",
]


class AnyFinding(Protocol):
    """A finding of a check, or the ledger's record of one: it has a state, and the company that it is about."""

    @property
    def state(self) -> str:
        """One of `tracker.warehouse.checks.STATES`."""

    @property
    def entity(self) -> str | None:
        """Return the company; None if it is about no company in particular."""


_AnyFinding = TypeVar("_AnyFinding", bound=AnyFinding)


@dataclass(frozen=True, slots=True)
class ReadResult:
    """The result of reading: an ingestion for each path, and a finding for each company of a batch that is held."""

    ingestions: tuple[Ingestion, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Output(Generic[_AnyFinding]):
    """The reports that were drawn (None if all were stopped), and the findings that stopped each of the others."""

    drawing: Drawing | None
    stopped: Mapping[str, tuple[_AnyFinding, ...]]


def read_sources(
    project: Project,
    sources: Sequence[str],
    keys: Sequence[str],
    companies: frozenset[str],
    say: Callable[[str], None],
) -> ReadResult:
    """Fetch the companies of these keys, then ingest them and the sources.

    A batch that fails an audit is held, and the result says so. `sources` are paths relative to the project;
    `companies` are those that reports are about (empty: all).
    """
    done: list[Ingestion] = []
    if keys:
        done += read_paths(project, fetch_files(project, keys, say), ReadOptions(), say)
    if sources:
        done += read_paths(project, [project.root / source for source in sources], ReadOptions(), say)
    batches = {batch for one in done for batch in one.held}
    findings = [
        finding
        for batch in list_held(project.warehouse)
        if batch.batch in batches
        for finding in _make_findings(batch, companies)
    ]
    return ReadResult(tuple(done), tuple(findings))


def _make_findings(batch: HeldBatch, companies: frozenset[str]) -> list[Finding]:
    """Return a finding for each company whose reports a held batch stops, or one warning if it stops no report."""
    remedy = f"`tracker held show {batch.batch}`, then correct its source, or release or drop it"
    message = f"batch {batch.batch} is held: {batch.findings[0]['message']}"
    concerned = [name for name in batch.entities if not companies or name in companies]
    if not concerned:
        return [Finding(HELD, "warning", "warn", None, message, remedy, None, None)]
    return [Finding(HELD, "blocking", "failed", name, message, remedy, None, None) for name in concerned]


def find_companies(project: Project, reports: Iterable[str] | None) -> frozenset[str]:
    """Return the companies that these reports (None: all) are about.

    The result is empty if a report is about all companies, or if there is no report.
    """
    known = find_report_companies(project)
    named = [known.get(name, frozenset()) for name in (known if reports is None else reports)]
    return frozenset().union(*named) if all(named) else frozenset()


def audit(
    project: Project, companies: frozenset[str], names: Sequence[str] | None = None, now: datetime | None = None
) -> tuple[Finding, ...]:
    """Audit what is stored, and return the findings about these companies (empty: all) or about no company.

    `names` are the checks to run; an empty sequence means all of them, `freshness` included, which is judged at `now`.
    None means the blocking audits only: these do not judge whether reports are late.
    """
    checked = audit_companies(project, companies) if names is None else check(project, names, now)
    return list_findings_about(companies, checked.findings)


def list_findings_about(companies: frozenset[str], findings: Iterable[_AnyFinding]) -> tuple[_AnyFinding, ...]:
    """List the findings about these companies (empty: all), and those about no company in particular."""
    return tuple(one for one in findings if one.entity is None or not companies or one.entity in companies)


def list_stops(companies: frozenset[str], findings: Iterable[_AnyFinding]) -> tuple[_AnyFinding, ...]:
    """List the findings that stop a report about these companies (empty: a report about all)."""
    return tuple(one for one in list_findings_about(companies, findings) if one.state in FAILING)


def draw_unstopped(
    project: Project, reports: Iterable[str] | None, findings: Sequence[_AnyFinding]
) -> Output[_AnyFinding]:
    """Draw the reports (None: all) that no finding stops."""
    known = find_report_companies(project)
    chosen = list(known if reports is None else reports)
    stops = {name: list_stops(known.get(name, frozenset()), findings) for name in chosen}
    free = [name for name in chosen if not stops[name]]
    stopped = {name: stops[name] for name in chosen if stops[name]}
    return Output(draw(project, free) if free else None, stopped)
