"""Find the companies that a project's reports are about, and those whose reports it waits for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tracker.warehouse.checks import companies_of_reports, judge_freshness
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.project import Project

__all__ = ["find_followed_companies", "find_late_companies", "find_report_companies"]


def find_report_companies(project: Project) -> dict[str, frozenset[str]]:
    """Find the ids of the companies of each report, by its name; empty for a report about all companies."""
    named = companies_of_reports(project.reports)
    ids = _find_ids(project, frozenset().union(*named.values()))
    return {report: frozenset(ids[name] for name in names) for report, names in named.items()}


def find_followed_companies(project: Project) -> frozenset[str] | None:
    """Find the companies whose next reports are expected: those under [check], else those of the reports; None: all."""
    if project.check_entities is not None:
        return frozenset(_find_ids(project, project.check_entities).values())
    return frozenset().union(*find_report_companies(project).values()) or None


def find_late_companies(project: Project, now: datetime | None = None) -> dict[str, str]:
    """Find the followed companies that are late at a moment (None: now), and why, by their ids."""
    with Warehouse(project.warehouse) as stored:
        found = judge_freshness(stored, now or datetime.now(UTC), find_followed_companies(project))
    words = {"warn": "late", "stale": "stale"}
    return {one.entity: f"{words[one.state]}: {one.message}" for one in found if one.entity and one.state in words}


def _find_ids(project: Project, names: Iterable[str]) -> dict[str, str]:
    if not project.has_warehouse:
        return {name: name for name in names}
    with Warehouse(project.warehouse) as stored:
        return stored.ids_of(names)
