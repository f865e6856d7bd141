"""Build a project: everything its `tracker.toml` lists, from sources to reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.pipeline.ingest import say_nothing
from tracker.pipeline.report import draw_index
from tracker.pipeline.run import audit, draw_unstopped, find_companies, read_sources

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.pipeline.ingestion import Ingestion
    from tracker.pipeline.report import Drawing
    from tracker.project import Project

__all__ = ["Build", "build"]


@dataclass(frozen=True, slots=True)
class Build:
    """The sources that a build read, the reports it drew, and why it stopped others, as `name: reason`."""

    ingestions: tuple[Ingestion, ...]
    drawing: Drawing
    stopped: tuple[str, ...]


def build(project: Project, say: Callable[[str], None] = say_nothing) -> Build:
    """Read and store the configured sources, audit what is stored, and draw the reports that no audit stops.

    A build does not judge whether reports are late.
    """
    reports = project.report_names
    reading = read_sources(project, project.sources, (), find_companies(project, reports), say)
    findings = audit(project, find_companies(project, reports))
    output = draw_unstopped(project, reports, [*reading.findings, *findings])
    stopped = tuple(f"{name}: {found[0].message}" for name, found in output.stopped.items())
    return Build(reading.ingestions, output.drawing or draw_index(project), stopped)
