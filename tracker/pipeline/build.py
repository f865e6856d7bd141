"""Build a project: everything its `tracker.toml` lists, from sources to reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.pipeline.check import audit_reports
from tracker.pipeline.ingest import say_nothing
from tracker.pipeline.report import draw_index
from tracker.pipeline.run import draw_unstopped, find_companies, read_sources

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.pipeline.ingestion import Ingestion
    from tracker.pipeline.report import Drawing
    from tracker.project import Project

__all__ = ["Build", "build"]


@dataclass(frozen=True, slots=True)
class Build:
    """What a build read and drew, and why each report was stopped, as `name: reason`."""

    ingestions: tuple[Ingestion, ...]
    drawing: Drawing
    stopped: tuple[str, ...]


def build(project: Project, say: Callable[[str], None] = say_nothing) -> Build:
    """Read the configured sources and store them, audit what is stored, draw the reports that no audit stops.

    A build does not judge whether reports are late.
    """
    reports = project.report_names
    reading = read_sources(project, project.sources, (), find_companies(project, reports), say)
    output = draw_unstopped(project, reports, [*reading.findings, *audit_reports(project).failures])
    stopped = tuple(f"{name}: {found[0].message}" for name, found in output.stopped.items())
    return Build(reading.ingestions, output.drawing or draw_index(project), stopped)
