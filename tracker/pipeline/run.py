"""The pipeline: read, audit, stop, draw. Written once; `build` and the schedule differ in what they read and audit.

A report is stopped where something bad was found about one of its companies, or about no company in particular: an
audit that failed, a batch that is held, figures that are stale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from tracker.pipeline.fetch import fetch_files
from tracker.pipeline.followed import companies_reported
from tracker.pipeline.ingest import ReadOptions, read_paths
from tracker.pipeline.report import draw
from tracker.warehouse.checks import HELD, Finding
from tracker.warehouse.quarantine import held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tracker.pipeline.ingestion import Ingestion
    from tracker.pipeline.report import Drawing
    from tracker.project import Project
    from tracker.warehouse.quarantine import Held

__all__ = ["Concern", "Output", "Reading", "draw_unstopped", "find_companies", "list_stops", "read_sources"]

#: States of findings that stop a report.
_STOPPING: Final = frozenset({"failed", "stale"})


class Concern(Protocol):
    """Something that was found, as a check or the ledger of runs records it: its state, and the company it is about."""

    @property
    def state(self) -> str:
        """One of `tracker.warehouse.checks.STATES`."""

    @property
    def entity(self) -> str | None:
        """The company; None where it is about none in particular."""


_Concern = TypeVar("_Concern", bound=Concern)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: what came of each path, and a finding for each company of a batch that is held."""

    ingestions: tuple[Ingestion, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Output(Generic[_Concern]):
    """What was drawn (None where every report was stopped), and the findings that stopped each other report."""

    drawing: Drawing | None
    stopped: Mapping[str, tuple[_Concern, ...]]


def read_sources(
    project: Project,
    sources: Sequence[str],
    keys: Sequence[str],
    companies: frozenset[str],
    say: Callable[[str], None],
) -> Reading:
    """Fetch the companies of these keys, then ingest them and the sources; batches may be held on the way.

    `sources` are paths relative to the project, `companies` those that reports are about (empty: all).
    """
    done: list[Ingestion] = []
    if keys:
        done += read_paths(project, fetch_files(project, keys, say), ReadOptions(), say)
    if sources:
        done += read_paths(project, [project.root / source for source in sources], ReadOptions(), say)
    batches = {batch for one in done for batch in one.held}
    findings = [
        finding
        for batch in held(project.warehouse)
        if batch.batch in batches
        for finding in _describe_held(batch, companies)
    ]
    return Reading(tuple(done), tuple(findings))


def _describe_held(batch: Held, companies: frozenset[str]) -> list[Finding]:
    """Return a finding for each company that a held batch stops, or one warning where no report is about any."""
    remedy = f"`tracker held show {batch.batch}`, then mend its source, or release or drop it"
    message = f"batch {batch.batch} is held: {batch.findings[0]['message']}"
    concerned = [name for name in batch.entities if not companies or name in companies]
    if not concerned:
        return [Finding(HELD, "warning", "warn", None, message, remedy, None, None)]
    return [Finding(HELD, "blocking", "failed", name, message, remedy, None, None) for name in concerned]


def find_companies(project: Project, reports: Iterable[str] | None) -> frozenset[str]:
    """Return the companies that these reports (None: all) are about; empty where one is about all, or there is none."""
    known = companies_reported(project)
    named = [known.get(name, frozenset()) for name in (known if reports is None else reports)]
    return frozenset().union(*named) if all(named) else frozenset()


def list_stops(companies: frozenset[str], findings: Iterable[_Concern]) -> tuple[_Concern, ...]:
    """List the findings that stop a report about these companies (empty: about all)."""
    return tuple(
        one
        for one in findings
        if one.state in _STOPPING and (one.entity is None or not companies or one.entity in companies)
    )


def draw_unstopped(project: Project, reports: Iterable[str] | None, findings: Sequence[_Concern]) -> Output[_Concern]:
    """Draw those of the reports (None: all) that no finding stops."""
    known = companies_reported(project)
    wanted = list(known if reports is None else reports)
    stops = {name: list_stops(known.get(name, frozenset()), findings) for name in wanted}
    free = [name for name in wanted if not stops[name]]
    stopped = {name: stops[name] for name in wanted if stops[name]}
    return Output(draw(project, free) if free else None, stopped)
