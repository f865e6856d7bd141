"""Which companies a project's reports are about, and whose reports it waits for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tracker.warehouse.checks import companies_of_reports, judge_freshness
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.project import Project

__all__ = ["companies_reported", "followed_companies", "late_companies"]


def companies_reported(project: Project) -> dict[str, frozenset[str]]:
    """Return the companies of each report by its name, under their ids; empty for a report about all companies."""
    named = companies_of_reports(project.reports)
    ids = _ids_of(project, frozenset().union(*named.values()))
    return {report: frozenset(ids[name] for name in names) for report, names in named.items()}


def followed_companies(project: Project) -> frozenset[str] | None:
    """Return the companies whose reports are expected: those under [check], else those of the reports; None for all."""
    if project.check_entities is not None:
        return frozenset(_ids_of(project, project.check_entities).values())
    return frozenset().union(*companies_reported(project).values()) or None


def late_companies(project: Project, now: datetime | None = None) -> dict[str, str]:
    """Return why each followed company is late at a moment (None: now), by its id."""
    with Warehouse(project.warehouse) as stored:
        found = judge_freshness(stored, now or datetime.now(UTC), followed_companies(project))
    words = {"warn": "late", "stale": "stale"}
    return {one.entity: f"{words[one.state]}: {one.message}" for one in found if one.entity and one.state in words}


def _ids_of(project: Project, names: Iterable[str]) -> dict[str, str]:
    if not project.has_warehouse:
        return {name: name for name in names}
    with Warehouse(project.warehouse) as stored:
        return stored.ids_of(names)
