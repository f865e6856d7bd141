"""A project: a folder with a `tracker.toml`; everything in it is relative to that folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.settings import find_root, read_settings

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Project", "load_project"]


@dataclass(frozen=True, slots=True)
class Project:
    """A project folder and what its `tracker.toml` says.

    `report_names` are the reports that a build draws, and `check_entities` the companies whose reports are expected;
    each is None where the file does not list them. `model` is a second reader of articles, `model_endpoint` its
    address.
    """

    root: Path
    warehouse: Path
    reports: Path
    seeds: Path
    metrics: Path | None
    sec_cache: Path
    sec_user_agent: str | None
    sources: tuple[str, ...]
    report_names: tuple[str, ...] | None
    checks: Path
    check_entities: tuple[str, ...] | None
    model: str | None = None
    model_endpoint: str | None = None
    articles: str = "articles"

    @property
    def has_warehouse(self) -> bool:
        """Return whether anything was ever stored."""
        return (self.warehouse / "fact" / "_delta_log").is_dir()

    def name_of(self, path: Path) -> str:
        """Name a path relative to the project, so that the same folder elsewhere has the same name."""
        resolved, root = path.resolve(), self.root.resolve()
        return (resolved.relative_to(root) if resolved.is_relative_to(root) else resolved).as_posix()


def load_project(start: Path) -> Project:
    """Load the project of a folder or of the nearest one above it.

    Raises:
        UsageError: there is no `tracker.toml`, or it cannot be read.

    """
    root = find_root(start)
    config = read_settings(root)
    paths, steps, sec = config.get("paths", {}), config.get("build", {}), config.get("sec", {})
    names, entities = steps.get("reports"), config.get("check", {}).get("entities")
    return Project(
        root=root,
        warehouse=root / paths.get("warehouse", "warehouse"),
        reports=root / paths.get("reports", "reports"),
        seeds=root / paths.get("seeds", "seeds"),
        metrics=root / paths["metrics"] if "metrics" in paths else None,
        sec_cache=root / sec.get("cache", "cache/sec"),
        sec_user_agent=sec.get("user_agent"),
        sources=tuple(steps.get("sources", ["seeds"])),
        report_names=None if names is None else tuple(names),
        checks=root / paths.get("checks", "checks"),
        check_entities=None if entities is None else tuple(entities),
        model=config.get("extract", {}).get("model"),
        model_endpoint=config.get("extract", {}).get("endpoint"),
        articles=paths.get("articles", "articles"),
    )
