"""Load what a project knows for reading its articles: its companies, and the figures that are stored of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.pipeline.background import add_filers, load_background
from tracker.pipeline.extract import Knowledge
from tracker.pipeline.project_tables import load_entities_in_force
from tracker.sources.article.source import companies_of

if TYPE_CHECKING:
    from tracker.project import Project

__all__ = ["load_knowledge"]


def load_knowledge(project: Project) -> Knowledge:
    """Load the companies of a project and of its stored filings, and the levels of their figures."""
    everyone = add_filers(project.warehouse, load_entities_in_force(project))
    return Knowledge(tuple(companies_of(everyone)), load_background(project.warehouse, everyone).known)
