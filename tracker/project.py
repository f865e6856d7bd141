"""The verbs that join the floors: a project folder, what to ingest, what to build.

A project is a folder with a `tracker.toml`; everything in it is relative to that folder.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from tracker.commits import Committed, Writer
from tracker.entity import Entities, Entity, load_entities
from tracker.errors import InputError, NothingMatchedError, Problem, UsageError
from tracker.fact import FACT_SCHEMA, rows_table
from tracker.metrics import Metrics, load_metrics
from tracker.period import FiscalCalendar
from tracker.quantity import Interval
from tracker.settings import find_root, read_settings
from tracker.sources import Batch, Request, Source
from tracker.sources.article import extract
from tracker.sources.companyfacts import CompanyFactsSource
from tracker.sources.news import ArticleSource, companies_of, entity_ids, shown_text
from tracker.sources.seed import SeedSource, entity_rows
from tracker.warehouse import Warehouse, read_snapshot, versions_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from tracker.report import Definition
    from tracker.sources.article import Known, Reading
    from tracker.sources.edgar import Policy

__all__ = [
    "Built",
    "Ingested",
    "Project",
    "build",
    "fetch",
    "ingest",
    "init",
    "load_project",
    "reader_of",
    "report",
    "shown_text",
]

#: Every kind of input, in the order they are asked whether a path is theirs.
SOURCES: Final[tuple[Source, ...]] = (SeedSource(), CompanyFactsSource(), ArticleSource())


@dataclass(frozen=True, slots=True)
class Project:
    """A project folder and what its `tracker.toml` says."""

    root: Path
    warehouse: Path
    reports: Path
    seeds: Path
    metrics: Path | None
    sec_cache: Path
    sec_user_agent: str | None
    sources: tuple[str, ...]
    report_names: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Ingested:
    """One path that was read, and what came of it."""

    path: Path
    commits: tuple[Committed, ...]
    problems: tuple[Problem, ...]

    @property
    def added(self) -> int:
        """Facts that are new."""
        return sum(commit.added for commit in self.commits)

    @property
    def known(self) -> int:
        """Facts that were there already."""
        return sum(commit.known for commit in self.commits)

    @property
    def withdrawn(self) -> int:
        """Facts that the source said once and says no more."""
        return sum(commit.withdrawn for commit in self.commits)


@dataclass(frozen=True, slots=True)
class Built:
    """What a build read and drew: each report's definition with its files."""

    ingested: tuple[Ingested, ...]
    reports: tuple[tuple[Definition, tuple[Path, ...]], ...]


def load_project(start: Path) -> Project:
    """The project of a folder or of the nearest one above it; UsageError where there is none."""
    root = find_root(start)
    config = read_settings(root)
    paths, steps = config.get("paths", {}), config.get("build", {})
    names = steps.get("reports")
    return Project(
        root=root,
        warehouse=root / paths.get("warehouse", "warehouse"),
        reports=root / paths.get("reports", "reports"),
        seeds=root / paths.get("seeds", "seeds"),
        metrics=root / paths["metrics"] if "metrics" in paths else None,
        sec_cache=root / config.get("sec", {}).get("cache", "cache/sec"),
        sec_user_agent=config.get("sec", {}).get("user_agent"),
        sources=tuple(steps.get("sources", ["seeds"])),
        report_names=None if names is None else tuple(names),
    )


def ingest(  # noqa: PLR0913 - what the caller knows about the paths
    project: Project,
    paths: Sequence[Path],
    *,
    source: str | None = None,
    published: date | None = None,
    entity: str | None = None,
    say: Callable[[str], None] = lambda _: None,
    progress: Callable[[float], None] = lambda _: None,
) -> list[Ingested]:
    """Read each path and store what it says.

    A path is stored whole or not at all; what is wrong with it is raised as one InputError at the end, after
    the others were stored. UsageError where no reader takes a path.
    """
    readers = [(path, _reader(path, source)) for path in paths]
    entities = _entities(project)
    done: list[Ingested] = []
    wrong: list[Problem] = []
    with Writer(project.warehouse) as writer:
        writer.commit(_definitions(load_metrics(project.metrics), entities, _origin(project, project.seeds)))
        for path, reader in readers:
            request = Request(path, _origin(project, path), entities, published, entity)
            if isinstance(reader, ArticleSource):
                known = _with_filers(project, entities)
                request = Request(path, request.origin, known, published, entity, *_background(project, known))
            try:
                done.append(_store(writer, path, reader.read(request), progress))
            except InputError as error:
                wrong += error.problems
                continue
            say(_told(project, done[-1]))
    for problem in _idle_pins(project):
        say(str(problem))
    if wrong:
        raise InputError(wrong)
    return done


def _idle_pins(project: Project) -> list[Problem]:
    """Pins that choose nothing: told at every ingestion, since new figures may come that they fit."""
    if not any((project.warehouse / "pin").glob("*.parquet")):
        return []
    with Warehouse(project.warehouse) as warehouse:
        idle = warehouse.sql(
            "select origin, entity, metric, fiscal_period, chosen, state from pin_state where state <> 'chosen' order by all"
        ).fetchall()
    remedy = "`tracker sql` on the view reconciliation lists what may be pinned; the usual order holds"
    return [
        Problem(f"{origin}/pins.csv", None, None, "pin", f"{entity} {metric} {period}: {state}: {chosen!r}", remedy)
        for origin, entity, metric, period, chosen, state in idle
    ]


def _with_filers(project: Project, entities: Entities) -> Entities:
    """The project's companies and those known from their filings alone, for articles to be about."""
    if not (project.warehouse / "fact" / "_delta_log").is_dir():
        return entities
    with Warehouse(project.warehouse) as warehouse:
        filers = warehouse.sql(
            "select entity, name, cik, currency, fiscal_year_end_month from entity where origin = 'companyfacts'"
        ).fetchall()
    stored = {
        entity: Entity(entity, name, cik, currency, FiscalCalendar(month) if month else None, False, ())
        for entity, name, cik, currency, month in filers
    }
    return Entities(stored | entities.by_id)


def _background(project: Project, entities: Entities) -> tuple[dict[str, str], Known | None]:
    """What the warehouse tells a reader of articles: sources by their hash, and the level of a metric in a period."""
    if not (project.warehouse / "fact" / "_delta_log").is_dir():
        return {}, None
    ids = entity_ids(entities)
    with Warehouse(project.warehouse) as warehouse:
        sources = warehouse.sql("select sha256, source_id from source where sha256 is not null").fetchall()
        figures = warehouse.sql(
            "select entity, metric, fiscal_period, low, high from figure where value is not null and method <> 'stated'"
        ).fetchall()
    levels = {(entity, metric, period): Interval(low, high) for entity, metric, period, low, high in figures}

    def known(entity: str, metric: str, period: str) -> Interval | None:
        return levels.get((ids.get(entity.casefold(), entity), metric, period))

    return dict(sources), known


def reader_of(project: Project | None) -> Callable[..., Reading]:
    """A reader of texts that stores nothing: called with a text, its day of publication and its language.

    With a project it knows that project's companies and figures, else only the well-known companies.
    """
    entities = _with_filers(project, _entities(project)) if project else Entities({})
    _, known = _background(project, entities) if project else ({}, None)
    companies = companies_of(entities)

    def read(text: str, published: date | None = None, language: str | None = None) -> Reading:
        return extract(text, published=published, lang=language, companies=companies, known=known)

    return read


def _store(writer: Writer, path: Path, batches: Iterable[Batch], progress: Callable[[float], None]) -> Ingested:
    commits: list[Committed] = []
    problems: list[Problem] = []
    for batch in batches:
        commits.append(writer.commit(batch))
        problems += batch.problems
        progress(batch.progress)
    return Ingested(path, tuple(commits), tuple(problems))


def _told(project: Project, one: Ingested) -> str:
    parts = [f"{one.added} new", f"{one.known} known"]
    parts += [f"{one.withdrawn} withdrawn"] if one.withdrawn else []
    parts += [f"{len(one.problems)} problems"] if one.problems else []
    return f"{_origin(project, one.path)}: {', '.join(parts)}" + (
        "" if one.added or one.withdrawn else " (nothing to add)"
    )


def _reader(path: Path, name: str | None) -> Source:
    if not path.exists():
        raise UsageError(f"{path} does not exist")
    for reader in SOURCES:
        if reader.name == name or (name is None and reader.accepts(path)):
            return reader
    known = ", ".join(reader.name for reader in SOURCES)
    raise UsageError(f"{path}: no reader for this; give a seed folder, or --source with one of {known}")


def fetch(
    project: Project, keys: Sequence[str], say: Callable[[str], None] = lambda _: None, policy: Policy | None = None
) -> list[Ingested]:
    """Bring the SEC's files of companies (tickers or CIKs) into the cache, then ingest them.

    UsageError without a declared user agent, NothingMatchedError for an unknown ticker, FetchError where the SEC
    does not give what was asked for.
    """
    from tracker.sources.edgar import Edgar, Policy  # noqa: PLC0415 - an HTTP client that only this verb needs

    with Edgar(project.sec_cache, project.sec_user_agent or "", policy or Policy(), notify=say) as sec:
        fetched = [sec.company(key) for key in keys]
    for company in fetched:
        say(f"CIK {company.cik}: {company.facts.state}, {company.facts.path}")
    return ingest(project, [company.facts.path for company in fetched], say=say)


def _origin(project: Project, path: Path) -> str:
    """The path as it is called in the project, so that the same folder elsewhere has the same name."""
    resolved = path.resolve()
    inside = resolved.is_relative_to(project.root.resolve())
    return resolved.relative_to(project.root.resolve()).as_posix() if inside else resolved.as_posix()


def _entities(project: Project) -> Entities:
    path = project.seeds / "entities.toml"
    return load_entities(path)[0] if path.is_file() else Entities({})


def _definitions(metrics: Metrics, entities: Entities, origin: str) -> Batch:
    """Companies, metrics, their tags and parts as rows; no facts."""
    rows = {
        "metric": rows_table("metric", [(*astuple(entry), metrics.version) for entry in metrics.metrics]),
        "metric_tag": rows_table("metric_tag", [(*astuple(entry), metrics.version) for entry in metrics.tags]),
        "metric_part": rows_table("metric_part", [(*astuple(entry), metrics.version) for entry in metrics.parts]),
        **entity_rows(entities, origin),
    }
    return Batch(FACT_SCHEMA.remove(FACT_SCHEMA.get_field_index("recorded_at")).empty_table(), rows)


def report(
    project: Project,
    names: Sequence[str] = (),
    *,
    as_of: str | None = None,
    recorded: str | None = None,
    formats: Sequence[str] = (),
) -> list[tuple[Definition, tuple[Path, ...]]]:
    """Draw the named reports, or all, from what is stored or was by `recorded` (a commit or a moment).

    NothingMatchedError where a name or a commit is unknown.
    """
    from tracker.report import load_definitions, write_index  # noqa: PLC0415 - half a second and 100 MB that reading does not need

    known = {definition.name: definition for definition in load_definitions(project.reports)}
    missing = [name for name in names if name not in known]
    if missing:
        raise NothingMatchedError(f"no report named {', '.join(missing)}; there are {', '.join(known) or 'none'}")
    wanted = [known[name] for name in names] or list(known.values())
    versions = versions_at(project.warehouse, recorded) if recorded else None
    drawn = [_draw(project, definition, as_of, versions, formats) for definition in wanted]
    write_index(project.reports, known.values(), read_snapshot(project.warehouse, versions))
    return drawn


def _draw(
    project: Project,
    definition: Definition,
    as_of: str | None,
    versions: Mapping[str, int] | None,
    formats: Sequence[str],
) -> tuple[Definition, tuple[Path, ...]]:
    from tracker.report import render  # noqa: PLC0415 - as above

    changed = replace(definition, as_of=as_of or definition.as_of, formats=tuple(formats) or definition.formats)
    with Warehouse(project.warehouse, as_of=changed.as_of, versions=versions) as warehouse:
        return changed, tuple(render(warehouse, changed, project.reports))


def build(project: Project, say: Callable[[str], None] = lambda _: None) -> Built:
    """Everything configured: read the sources, store them, draw the reports."""
    ingested = ingest(project, [project.root / source for source in project.sources], say=say)
    return Built(tuple(ingested), tuple(report(project, project.report_names or ())))


# -- a new project -----------------------------------------------------------------------------------


def init(folder: Path) -> list[Path]:
    """Write the files of an empty project; UsageError where one of them is there already."""
    starter = _starter()
    there = [name for name in starter if (folder / name).exists()]
    if there:
        raise UsageError(f"{folder / there[0]} is there already; nothing was written")
    for name, text in starter.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in starter]


def _starter() -> dict[str, str]:
    """The files of an empty project by their path in it."""
    texts = {path.name: path.read_text("utf-8") for path in files("tracker").joinpath("starter").iterdir()}
    return {name.replace("__", "/"): texts[name] for name in sorted(texts)}
