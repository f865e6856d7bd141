"""Draw the reports of a project."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker.errors import NothingMatchedError, TrackerError
from tracker.model.company_names import nearest
from tracker.pipeline.followed import find_late_companies
from tracker.report import load_definitions, render, write_index
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import read_snapshot, versions_at

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from tracker.project import Project
    from tracker.report import Definition

__all__ = ["Drawing", "draw", "draw_index", "report"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """The reports that were drawn, each definition with its files; and the errors of the others by their names."""

    reports: tuple[tuple[Definition, tuple[Path, ...]], ...]
    failed: Mapping[str, TrackerError]

    def raise_errors(self) -> None:
        """Raise the error of a report that could not be drawn, or one error for several."""
        for error in self.failed.values() if len(self.failed) == 1 else ():
            raise error
        if self.failed:
            raise TrackerError("\n".join(dict.fromkeys(str(error) for error in self.failed.values())))


def report(  # noqa: PLR0913 - as `draw`
    project: Project,
    names: Sequence[str] = (),
    *,
    as_of: str | None = None,
    recorded: str | None = None,
    formats: Sequence[str] = (),
    now: datetime | None = None,
) -> list[tuple[Definition, tuple[Path, ...]]]:
    """Draw reports as `draw` does, then raise the errors of those that could not be drawn."""
    drawing = draw(project, names, as_of=as_of, recorded=recorded, formats=formats, now=now)
    drawing.raise_errors()
    return list(drawing.reports)


def draw(  # noqa: PLR0913 - one for each option of the command
    project: Project,
    names: Sequence[str] = (),
    *,
    as_of: str | None = None,
    recorded: str | None = None,
    formats: Sequence[str] = (),
    now: datetime | None = None,
) -> Drawing:
    """Draw the named reports, or all, and the list of reports; an error in one does not stop the others.

    `recorded` (a commit or a moment) draws from what was stored by then. At the moment `now` (None: the clock), the
    list of reports decides which companies are late.

    Raises:
        NothingMatchedError: there is no report or commit of that name.

    """
    definitions = {definition.name: definition for definition in load_definitions(project.reports)}
    missing = [name for name in names if name not in definitions]
    if missing or not definitions:
        raise NothingMatchedError(_describe_missing(missing, definitions, project))
    chosen = [definitions[name] for name in names] or list(definitions.values())
    versions = versions_at(project.warehouse, recorded) if recorded else None
    drawn: list[tuple[Definition, tuple[Path, ...]]] = []
    failed: dict[str, TrackerError] = {}
    with Warehouse(project.warehouse, as_of=as_of, versions=versions) as warehouse:
        for one in chosen:
            changed = replace(one, as_of=as_of or one.as_of, formats=tuple(formats) or one.formats)
            try:
                drawn.append((changed, tuple(render(warehouse, changed, project.reports))))
            except TrackerError as error:
                failed[one.name] = error
        write_index(project.reports, definitions.values(), warehouse.snapshot, find_late_companies(project, now))
    return Drawing(tuple(drawn), failed)


def draw_index(project: Project) -> Drawing:
    """Write only the list of reports, when no report may be drawn."""
    project.reports.mkdir(parents=True, exist_ok=True)
    snapshot = read_snapshot(project.warehouse)
    write_index(project.reports, load_definitions(project.reports), snapshot, find_late_companies(project))
    return Drawing((), {})


def _describe_missing(missing: Sequence[str], known: Collection[str], project: Project) -> str:
    """Describe which report is missing, or that there are none, and what to do."""
    folder = project.name_of(project.reports)
    if not known:
        return f"no report is defined; write {folder}/NAME.toml ({folder}/README.md shows how), then `tracker report`"
    where = nearest(missing[0], known, f"{folder}/*.toml are {', '.join(known)}")
    return f"no report named {', '.join(missing)}; {where}"
