"""The verbs that join the floors: a project folder, what to ingest, what to build.

A project is a folder with a `tracker.toml`; everything in it is relative to that folder.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from itertools import starmap
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import (
    CheckError,
    InputError,
    NothingMatchedError,
    Problem,
    TrackerError,
    UsageError,
    describe_system_error,
)
from tracker.files.disk import remove_dead_drafts
from tracker.model.arrays import constant, on_one_heap
from tracker.model.batch import Batch
from tracker.model.company_names import Called, nearest
from tracker.model.entity import Entities
from tracker.model.fact import no_facts, rows_table, schema_of
from tracker.model.metric import Metrics, load_metrics
from tracker.model.schema import READERS
from tracker.settings import find_root, read_settings
from tracker.sources.base import Request, Source
from tracker.sources.sec.company_facts import CompanyFactsSource
from tracker.sources.sec.listings import ListingSource
from tracker.sources.seed import (
    CORRECTIONS,
    RENAMES,
    SeedSource,
    entity_rows,
    known_entities,
    read_corrections,
    read_renames,
)
from tracker.warehouse.checks import (
    DEFINED,
    FRESHNESS,
    HELD,
    READ,
    WRITTEN,
    Checked,
    Finding,
    chosen,
    companies_of_reports,
    judge_freshness,
    load_checks,
    run_checks,
)
from tracker.warehouse.corrections import IDLE
from tracker.warehouse.identity import Identities, as_shown, doubled, identities_of, placed
from tracker.warehouse.ownership import own_rows
from tracker.warehouse.quarantine import Gate, excuse, held, standing
from tracker.warehouse.reader import Excerpt, Warehouse, is_as_written, moment_of, read_snapshot, versions_at
from tracker.warehouse.writer import Committed, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from tracker.report import Definition
    from tracker.sources.article import Reading
    from tracker.sources.sec.client import Policy
    from tracker.sources.seed import Correction

__all__ = [
    "Built",
    "Checked",
    "Drawing",
    "HeldError",
    "Ingested",
    "Project",
    "build",
    "check",
    "companies_reported",
    "draw",
    "fetch",
    "ingest",
    "init",
    "load_project",
    "reader_of",
    "report",
]


def _sources() -> Iterator[Source]:
    """Every kind of input, in the order they are asked whether a path is theirs."""
    yield SeedSource()
    yield ListingSource()
    yield CompanyFactsSource()
    from tracker.sources.article.source import ArticleSource  # noqa: PLC0415 - a sixth of a second that only articles need

    yield ArticleSource()


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
    checks: Path
    check_entities: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Ingested:
    """One path that was read, and what came of it."""

    path: Path
    commits: tuple[Committed, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()

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

    @property
    def changed(self) -> Counter[str]:
        """What changed beside facts, by table: sources, companies, pins."""
        return sum((Counter(commit.changed) for commit in self.commits), Counter())

    @property
    def held(self) -> tuple[str, ...]:
        """Batches that were not made current."""
        return tuple(commit.batch for commit in self.commits if commit.is_held)


class HeldError(CheckError):
    """Batches failed an audit and are held; `done` is all that was read, with them."""

    def __init__(self, done: Sequence[Ingested]) -> None:
        batches = [batch for one in done for batch in one.held]
        super().__init__("\n".join(f"batch {batch} is held; see `tracker held show {batch}`" for batch in batches))
        self.done = tuple(done)


@dataclass(frozen=True, slots=True)
class Drawing:
    """The reports that were drawn, each definition with its files, and what was wrong with the others, by name."""

    reports: tuple[tuple[Definition, tuple[Path, ...]], ...]
    failed: Mapping[str, TrackerError]

    def complain(self) -> None:
        """Raise what was wrong with a report, or one error for several of them."""
        for error in self.failed.values() if len(self.failed) == 1 else ():
            raise error
        if self.failed:
            raise TrackerError("\n".join(dict.fromkeys(str(error) for error in self.failed.values())))


@dataclass(frozen=True, slots=True)
class Built:
    """What a build read and drew, and why reports were stopped."""

    ingested: tuple[Ingested, ...]
    drawing: Drawing
    stopped: tuple[str, ...]


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
        checks=root / paths.get("checks", "checks"),
        check_entities=tuple(config["check"]["entities"]) if "entities" in config.get("check", {}) else None,
    )


@dataclass(frozen=True, slots=True)
class _About:
    """What whoever gives paths knows about them: their reader, when they were published, who speaks, in what."""

    source: str | None = None
    published: date | None = None
    entity: str | None = None
    kind: str | None = None


def _quietly(_: object) -> None:
    """Nothing is told."""


def ingest(  # noqa: PLR0913 - what the caller knows about the paths
    project: Project,
    paths: Sequence[Path],
    *,
    source: str | None = None,
    published: date | None = None,
    entity: str | None = None,
    kind: str | None = None,
    say: Callable[[str], None] = _quietly,
    progress: Callable[[float], None] = _quietly,
) -> list[Ingested]:
    """Read each path and store what it says.

    A path is stored whole or not at all; what is wrong with it is raised as one InputError at the end, after
    the others were stored. UsageError where no reader takes a path or --entity is no company, HeldError where a
    batch failed an audit and is held: readers keep the state before it.
    """
    done = _ingest(project, paths, _About(source, published, entity, kind), say, progress)
    if any(one.held for one in done):
        raise HeldError(done)
    return done


def _ingest(
    project: Project,
    paths: Sequence[Path],
    about: _About,
    say: Callable[[str], None],
    progress: Callable[[float], None] = _quietly,
) -> list[Ingested]:
    """The same; batches that are held are among what was done."""
    on_one_heap()
    readers = [(path, _reader(path, about.source)) for path in paths]
    kept = _entities(project)
    about = replace(about, entity=_speaker(project, kept, about))
    is_first = not (project.warehouse / "fact").is_dir()
    told: Mapping[str, Any] | None = None  # kept from text to text
    with Gate(load_checks(project.checks)) as gate, Writer(project.warehouse, gate=gate, warn=say) as writer:
        with suppress(OSError):
            remove_dead_drafts(project.reports)
        defined = writer.commit(_definitions(load_metrics(project.metrics), kept, _origin(project, project.seeds)))
        if not is_first and (changes := _changes(defined.changed)):
            say(f"definitions: {', '.join(changes)}")
        identities, wrong_names = _store_identities(project, writer, kept, say)
        kept = replace(kept, others=partial(_called_filers, writer))
        entities, about = as_shown(kept, identities), _shown_speaker(about, identities)
        corrections, wrong = read_corrections(project.seeds / CORRECTIONS, kept)
        done = [] if wrong else _store_corrections(project, writer, corrections, say)
        wrong += wrong_names
        if project.seeds.resolve() in {path.resolve() for path in paths}:
            wrong = []  # the folder's own reader tells
        for path, reader in readers:
            request = Request(path, _origin(project, path), entities, about.published, about.entity, about.kind)
            told = None if reader.name != "article" else _of_articles(project, entities, told)
            request = replace(request, **(told or {}))
            try:
                _check_corrections(project, path, kept)
                done.append(_store(project, writer, path, reader.read(request), progress))
            except InputError as error:
                wrong += error.problems
                continue
            say(_told(project, done[-1]))
            for line in _list_problems(done[-1].problems):
                say(line)
    try:
        for problem in (*_idle_pins(project), *_idle_corrections(project, corrections)):
            say(str(problem))
    except OSError as error:
        say(f"{describe_system_error(error)}; all is stored, idle pins and corrections could not be listed")
    if wrong:
        raise InputError(wrong)
    return done


def _store_identities(
    project: Project, writer: Writer, entities: Entities, say: Callable[[str], None]
) -> tuple[Identities, list[Problem]]:
    """Make what companies are called now hold, and tell what changed and which rows of `entities.csv` cannot hold.

    Where that table cannot be read, companies are called as before, and what is wrong with it is returned beside.
    """
    path = project.seeds / RENAMES
    renames, wrong = read_renames(path)
    identities = identities_of(writer.now, entities, renames)
    if wrong:
        return identities, wrong
    rows = identities.rows(doubled(writer.now, identities))
    for one in identities.refused:
        say(str(one.problem(_origin(project, path))))
    before = dict(writer.now.sql(_SHOWN_AS).fetchall())
    committed = writer.commit(Batch(no_facts(), {"entity_id": rows}, (), "entities"))
    if committed.changed:
        for text in _changed_names(before, dict(writer.now.sql(_SHOWN_AS).fetchall())):
            say(text)
    return identities, []


def _called_filers(writer: Writer) -> list[Called]:
    """What companies are called that are known from their filings alone."""
    rows = writer.now.sql(
        """select n.entity, n.kind, n.alias, n.valid_from, n.valid_to
           from entity_name n join entity e on e.entity = n.entity where e.origin in (select unnest($readers))""",
        {"readers": list(READERS)},
    ).fetchall()
    return [*starmap(Called, rows)]


def _shown_speaker(about: _About, identities: Identities) -> _About:
    """The same with the company's id in force; UsageError where it was removed."""
    if about.entity is None:
        return about
    entity = identities.of(about.entity)
    if entity is None:
        raise UsageError(f"{about.entity} was removed by {RENAMES}; take the row out to have it again")
    return replace(about, entity=entity)


#: Ids under which something is stored, with the company they mean.
_SHOWN_AS: Final = """
    select i.stored_as, i.entity from entity_id i
    where not i.is_withdrawn and i.stored_as in (select entity from stored_latest_entity union select entity from fact)
"""


def _changed_names(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> Iterator[str]:
    """What is to be told of companies that are called otherwise than before."""
    for stored_as in sorted(before.keys() | after.keys()):
        now, then = after.get(stored_as, stored_as), before.get(stored_as, stored_as)
        if now != then:
            yield f"{stored_as}: removed" if now is None else f"{stored_as}: shown as {now} from now on"


def _store_corrections(
    project: Project, writer: Writer, corrections: Sequence[Correction], say: Callable[[str], None]
) -> list[Ingested]:
    """Make what `corrections.csv` says now hold, and tell it; empty where nothing of it is new."""
    rows = rows_table("correction", (correction.row for correction in corrections))
    if not rows.num_rows and not any((project.warehouse / "correction").glob("*.parquet")):
        return []
    committed = writer.commit(Batch(no_facts(), {"correction": rows}, (), "corrections"))
    if not (committed.is_held or committed.changed):
        return []
    path = project.seeds / CORRECTIONS
    changes = ["1 held"] if committed.is_held else _changes({"correction": committed.changed.get("correction", 0)})
    say(f"{_origin(project, path)}: {', '.join(changes)}")
    return [Ingested(path, (committed,), ())]


def _check_corrections(project: Project, path: Path, entities: Entities) -> None:
    """InputError for corrections or renames in another folder than the project's own: nobody would read them."""
    if path.resolve() == project.seeds.resolve():
        return
    found = {CORRECTIONS: read_corrections(path / CORRECTIONS, entities), RENAMES: read_renames(path / RENAMES)}
    misplaced = [name for name, (rows, wrong) in found.items() if rows or wrong]
    if misplaced:
        raise InputError(
            [
                Problem(str(path / name), None, None, "place", f"{_MISPLACED[name]} do not count here", remedy)
                for name in misplaced
                if (remedy := f"move its rows to {_origin(project, project.seeds / name)}")
            ]
        )


_MISPLACED: Final = {CORRECTIONS: "corrections", RENAMES: "changes of companies"}


def _idle_corrections(project: Project, corrections: Sequence[Correction]) -> list[Problem]:
    """Corrections that correct nothing: told at every ingestion, since their statement may come again."""
    if not corrections:
        return []
    with Warehouse(project.warehouse) as stored:
        states = dict(stored.sql("select correction, state from correction_effect").fetchall())
    place = _origin(project, project.seeds / CORRECTIONS)
    return [
        Problem(place, one.line, "fact", "correction", f"{state}: {one.fact_id.hex()[:8]}", IDLE[state])
        for one in corrections
        if (state := states.get(one.fact_id, "")) in IDLE
    ]


def _idle_pins(project: Project) -> list[Problem]:
    """Pins that choose nothing: told at every ingestion, since new figures may come that they fit."""
    if not any((project.warehouse / "pin").glob("*.parquet")):
        return []
    with Warehouse(project.warehouse) as whole:
        pinned = [entity for (entity,) in whole.sql("select distinct entity from pin order by entity").fetchall()]
        idle = (
            whole.part(pinned, None)
            .sql(
                "select origin, entity, metric, fiscal_period, chosen, state from pin_state "
                "where state <> 'chosen' order by all"
            )
            .fetchall()
        )
    remedy = "`tracker sql` on the view reconciliation lists what may be pinned; the usual order holds"
    return [
        Problem(f"{origin}/pins.csv", None, None, "pin", f"{entity} {metric} {period}: {state}: {chosen!r}", remedy)
        for origin, entity, metric, period, chosen, state in idle
    ]


def _of_articles(project: Project, entities: Entities, before: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """What a reader of articles is told, by the names of `Request`: who there is, and what is known of them.

    A text that was stored before this one adds a source and changes nothing else.
    """
    from tracker.pipeline.background import background, stored_sources, with_filers  # noqa: PLC0415 - as above

    if before is not None:
        return {**before, "stored": stored_sources(project.warehouse, before["entities"])}
    everyone = with_filers(project.warehouse, entities)
    return {"entities": everyone, **background(project.warehouse, everyone)}


def _speaker(project: Project, entities: Entities, about: _About) -> str | None:
    """The id of the company that whoever gives the paths names, by any name it has.

    UsageError where a text is said to be a company's own and the company is missing, unknown or one of several.
    """
    from tracker.pipeline.background import OWN_KINDS  # noqa: PLC0415 - as above

    name, kind = about.entity, about.kind
    if name is None and kind in OWN_KINDS:
        raise UsageError(f"whose {kind} is it? name the company with --entity")
    if name is None:
        return None
    found = entities.named(name, datetime.now(UTC).date())
    if len(found) > 1:
        raise UsageError(f"{name!r} may be {', '.join(found)}; give the id")
    if found:
        return found[0]
    if not (project.warehouse / "fact" / "_delta_log").is_dir():
        raise UsageError(f"no company is called {name!r}; add it to entities.toml")
    with Warehouse(project.warehouse) as stored:
        try:
            return stored.entity_of(name)
        except NothingMatchedError as error:
            raise UsageError(f"{error}; or add it to entities.toml") from error


def reader_of(project: Project | None) -> Callable[..., Reading]:
    """A reader of texts that stores nothing; with a project it knows that project's companies and figures."""
    from tracker.pipeline.background import reader_with  # noqa: PLC0415 - as above

    return reader_with(project.warehouse, _entities_shown(project)) if project else reader_with(None, Entities({}))


def _entities_shown(project: Project) -> Entities:
    """The project's companies under their ids in force."""
    kept, (renames, _) = _entities(project), read_renames(project.seeds / RENAMES)
    if not (project.warehouse / "fact" / "_delta_log").is_dir():
        return as_shown(kept, identities_of(None, kept, renames))
    with Warehouse(project.warehouse) as stored:
        return as_shown(kept, identities_of(stored, kept, renames))


def _store(
    project: Project, writer: Writer, path: Path, batches: Iterable[Batch], progress: Callable[[float], None]
) -> Ingested:
    commits: list[Committed] = []
    problems: list[Problem] = []
    notes: list[str] = []
    for batch in _ahead(batches):
        own = own_rows(project.root, writer, batch)
        commits.append(writer.commit(replace(own, facts=placed(writer.now, own.facts))))
        problems += batch.problems
        notes += [batch.note] if batch.note else []
        progress(batch.progress)
    return Ingested(path, tuple(commits), tuple(problems), tuple(notes))


def _ahead(batches: Iterable[Batch]) -> Iterator[Batch]:
    """The batches, the next of which is read while one is stored."""
    waiting = iter(batches)
    with ThreadPoolExecutor(1, "reader") as reader:
        coming = reader.submit(next, waiting, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, waiting, None)
            yield batch


def _told(project: Project, one: Ingested) -> str:
    parts = [f"{one.added} new", f"{one.known} known"]
    parts += [f"{one.withdrawn} withdrawn"] if one.withdrawn else []
    parts += [_count_problems(len(one.problems))] if one.problems else []
    parts += [f"{len(one.held)} held"] if one.held else []
    has_facts = one.added or one.withdrawn or one.held
    beside = _changes({"pin": one.changed["pin"]} if has_facts else one.changed)
    idle = "" if has_facts or beside else " (nothing to add)"
    return f"{_origin(project, one.path)}: {', '.join([*parts, *beside])}{idle}" + "".join(f"; {n}" for n in one.notes)


def _list_problems(problems: Sequence[Problem]) -> list[str]:
    """One line for each problem; of many the first ones, and how many more of which kinds there are."""
    lines = [f"  {problem}" for problem in problems[:_MOST_LISTED]]
    rest = Counter(problem.code for problem in problems[_MOST_LISTED:])
    if rest:
        kinds = ", ".join(f"{count} {code}" for code, count in rest.most_common())
        lines.append(f"  and {_count_problems(rest.total())} more: {kinds}")
    return lines


def _count_problems(count: int) -> str:
    return "1 problem" if count == 1 else f"{count} problems"


_MOST_LISTED: Final = 20


#: What is told of changes beside facts, by table: of one, of several.
_CHANGES: Final = {
    "pin": ("1 pin changed", "{} pins changed"),
    "correction": ("1 correction changed", "{} corrections changed"),
    "source": ("1 source new or changed", "{} sources new or changed"),
    "entity": ("1 company new or changed", "{} companies new or changed"),
    "entity_alias": ("names of 1 company changed", "names of {} companies changed"),
    "listing": ("1 list of names new or changed", "{} lists of names new or changed"),
    "metric": ("metrics changed", ""),  # their tags and parts with them: all carry one version
}


def _changes(changed: Mapping[str, int]) -> list[str]:
    """The sentences' parts on what changed beside facts."""
    return [
        one if changed[table] == 1 else several.format(changed[table])
        for table, (one, several) in _CHANGES.items()
        if changed.get(table)
    ]


def _reader(path: Path, name: str | None) -> Source:
    if not path.exists():
        raise UsageError(f"{path} does not exist")
    if not (path.is_file() or path.is_dir()):  # reading a pipe would wait for ever
        raise UsageError(f"{path} is no file and no folder; give one that is")
    for reader in _sources():
        if reader.name == name or (name is None and reader.accepts(path)):
            return reader
    known = ", ".join(reader.name for reader in _sources())
    raise UsageError(f"{path}: no reader for this; give a seed folder, or --source with one of {known}")


def fetch(
    project: Project, keys: Sequence[str], say: Callable[[str], None] = _quietly, policy: Policy | None = None
) -> list[Ingested]:
    """Bring the SEC's files of companies (tickers or CIKs) into the cache, then ingest them.

    UsageError without a declared user agent, NothingMatchedError for an unknown ticker, FetchError where the SEC
    does not give what was asked for.
    """
    from tracker.sources.sec.client import Edgar, Policy  # noqa: PLC0415 - an HTTP client that only this verb needs

    remove_dead_drafts(project.sec_cache)
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
    return known_entities(project.seeds)


def _definitions(metrics: Metrics, entities: Entities, origin: str) -> Batch:
    """Companies, metrics, their tags and parts as rows; no facts."""
    rows = {
        "metric": rows_table("metric", [(*astuple(entry), metrics.version) for entry in metrics.metrics]),
        "metric_tag": rows_table("metric_tag", [(*astuple(entry), metrics.version) for entry in metrics.tags]),
        "metric_part": rows_table("metric_part", [(*astuple(entry), metrics.version) for entry in metrics.parts]),
        **entity_rows(entities, origin),
    }
    return Batch(no_facts(), rows)


def report(  # noqa: PLR0913 - as `draw`
    project: Project,
    names: Sequence[str] = (),
    *,
    as_of: str | None = None,
    recorded: str | None = None,
    formats: Sequence[str] = (),
    now: datetime | None = None,
) -> list[tuple[Definition, tuple[Path, ...]]]:
    """Draw the named reports, or all, as `draw` does; raises what was wrong with any, once the others are drawn."""
    drawing = draw(project, names, as_of=as_of, recorded=recorded, formats=formats, now=now)
    drawing.complain()
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
    """Draw the named reports, or all, from what is stored or was by `recorded` (a commit or a moment).

    `now` (else the clock) decides which companies the list of reports calls late.
    A report that cannot be drawn costs no other. NothingMatchedError where a name or a commit is unknown.
    """
    from tracker.report import load_definitions, render, write_index  # noqa: PLC0415 - half a second and 100 MB that reading does not need

    known = {definition.name: definition for definition in load_definitions(project.reports)}
    missing = [name for name in names if name not in known]
    if missing or not known:
        raise NothingMatchedError(_no_report(missing, known, project))
    wanted = [known[name] for name in names] or list(known.values())
    versions = versions_at(project.warehouse, recorded) if recorded else None
    drawn: list[tuple[Definition, tuple[Path, ...]]] = []
    failed: dict[str, TrackerError] = {}
    with Warehouse(project.warehouse, as_of=as_of, versions=versions) as warehouse:
        for one in wanted:
            changed = replace(one, as_of=as_of or one.as_of, formats=tuple(formats) or one.formats)
            try:
                drawn.append((changed, tuple(render(warehouse, changed, project.reports))))
            except TrackerError as error:
                failed[one.name] = error
        write_index(project.reports, known.values(), warehouse.snapshot, _late(project, now))
    return Drawing(tuple(drawn), failed)


def _no_report(missing: Sequence[str], known: Collection[str], project: Project) -> str:
    """What to say where a report of a name, or any report, is asked for and there is none."""
    folder = _origin(project, project.reports)
    if not known:
        return f"no report is defined; write {folder}/NAME.toml ({folder}/README.md shows how), then `tracker report`"
    where = nearest(missing[0], known, f"{folder}/*.toml are {', '.join(known)}")
    return f"no report named {', '.join(missing)}; {where}"


def _late(project: Project, now: datetime | None = None) -> dict[str, str]:
    """What is late or missing of companies that are followed, in words, by company."""
    with Warehouse(project.warehouse) as stored:
        found = judge_freshness(stored, now or datetime.now(UTC), _followed(project))
    words = {"warn": "late", "stale": "stale"}
    return {one.entity: f"{words[one.state]}: {one.message}" for one in found if one.entity and one.state in words}


def check(
    project: Project, names: Sequence[str] = (), now: datetime | None = None, as_of: str | None = None
) -> Checked:
    """Run the named checks, or all, `freshness` among them, on what is stored now or was known as of a day.

    Freshness is set against `now` (the end of `as_of`, else the clock) for the companies the project follows.
    InputError for a check file that cannot be read, NothingMatchedError for a name there is not.
    """
    checks = chosen(load_checks(project.checks), names)
    moment = now or (moment_of(as_of) if as_of else datetime.now(UTC))
    with Warehouse(project.warehouse, as_of=as_of) as warehouse:
        asked = moment if not names or FRESHNESS in names else None
        found = run_checks(warehouse, checks, asked, _followed(project))
    aside = standing(project.warehouse) if not names or HELD in names else ()
    written = _written(project.warehouse) if not names or WRITTEN in names else ()
    defined = _defined(project) if not names or DEFINED in names else ()
    read = _read(project.warehouse) if not names or READ in names else ()
    return Checked((*excuse(project.warehouse, found), *aside, *written, *defined, *read))


def _read(warehouse: Path) -> tuple[Finding, ...]:
    """Whether every article was read by the reader of this version, article by article."""
    from tracker.pipeline.background import old_readings  # noqa: PLC0415 - as above

    with Warehouse(warehouse) as stored:
        old = old_readings(stored)
    if not old:
        message = "every article was read by the reader of this version"
        return (Finding(READ, "warning", "pass", None, message, "", None, None),)
    remedy = "ingest the file again: what this version reads takes the place of what the other one read"
    return tuple(
        Finding(
            READ,
            "warning",
            "warn",
            None,
            f"{file or 'a text'} ({source}) was read by another version",
            remedy,
            None,
            None,
        )
        for source, file in old
    )


def _written(warehouse: Path) -> tuple[Finding, ...]:
    """Whether plain DuckDB, which reads `warehouse.sql`, sees what this program computes."""
    if is_as_written(warehouse):
        told = "warehouse.sql is what this version of the program writes"
        return (Finding(WRITTEN, "warning", "pass", None, told, "", None, None),)
    message = "warehouse.sql is not what this version of the program writes: plain DuckDB shows other figures by it"
    remedy = "run `tracker build`, or `tracker ingest` of anything: both write it anew"
    return (Finding(WRITTEN, "warning", "warn", None, message, remedy, None, None),)


def _defined(project: Project) -> tuple[Finding, ...]:
    """Whether figures are made by the definitions of this version and the project, company by company."""
    metrics = load_metrics(project.metrics)
    parts = rows_table("metric_part", [(*astuple(entry), metrics.version) for entry in metrics.parts])
    with Warehouse(project.warehouse) as stored:
        ((version,),) = stored.sql("select max(version) from metric").fetchall()
        moment = schema_of("metric_part").field("recorded_at")
        drafted = parts.append_column(moment, constant(datetime.now(UTC), moment.type, parts.num_rows))
        with Warehouse(project.warehouse, excerpt=Excerpt(stored.snapshot, (), {"metric_part": drafted})) as meant:
            new, old = (_parts_in_force(state) for state in (meant, stored))
    if version == metrics.version:
        message = "the stored definitions are those of this version and the project"
        return (Finding(DEFINED, "blocking", "pass", None, message, "", None, None),)
    changed = [
        Finding(
            DEFINED, "blocking", "failed", entity, f"{metric} is shown as {was}, and defined as {new[entity, metric]}",
            _DEFINE, None, None,
        )
        for (entity, metric), was in sorted(old.items())
        if new.get((entity, metric), was) != was
    ]  # fmt: skip
    message = f"the stored definitions are {version}, and {metrics.version} those of this version and the project"
    return (*changed, Finding(DEFINED, "warning", "warn", None, message, _DEFINE, None, None))


_DEFINE: Final = "run `tracker build`, or `tracker ingest` of anything: both store the definitions anew"


def _parts_in_force(state: Warehouse) -> dict[tuple[str, str], str]:
    """What each derived metric of each company is made of: `capex_ppe + finance_lease_principal`."""
    rows = state.sql("select entity, metric, weight, part from metric_definition order by entity, metric, part_no")
    terms: dict[tuple[str, str], list[str]] = {}
    for entity, metric, weight, part in rows.fetchall():
        terms.setdefault((entity, metric), []).append(f"{'+' if weight == 1 else '-'} {part}")
    return {key: " ".join(signed).removeprefix("+ ") for key, signed in terms.items()}


def _followed(project: Project) -> frozenset[str] | None:
    """The companies whose reports are waited for: those under [check], else those of the reports, else all (None)."""
    if project.check_entities is not None:
        return frozenset(_ids_of(project, project.check_entities).values())
    return frozenset().union(*companies_reported(project).values()) or None


def companies_reported(project: Project) -> dict[str, frozenset[str]]:
    """The companies of each report by its name, under their ids whatever it calls them; none where it is about all."""
    named = companies_of_reports(project.reports)
    ids = _ids_of(project, frozenset().union(*named.values()))
    return {report: frozenset(ids[name] for name in names) for report, names in named.items()}


def _ids_of(project: Project, names: Iterable[str]) -> dict[str, str]:
    if not (project.warehouse / "fact" / "_delta_log").is_dir():
        return {name: name for name in names}
    with Warehouse(project.warehouse) as stored:
        return stored.ids_of(names)


def build(project: Project, say: Callable[[str], None] = _quietly) -> Built:
    """Everything configured: read the sources, store them, audit what is stored, draw the reports.

    A report is stopped where an audit fails for one of its companies or a batch of theirs is held. Whether reports
    are late is no question of a build.
    """
    ingested = _ingest(project, [project.root / source for source in project.sources], _About(), say)
    aside = {batch for one in ingested for batch in one.held}
    failed: list[tuple[str | None, str]] = [
        (entity, one.findings[0]["message"])
        for one in held(project.warehouse)
        if one.batch in aside
        for entity in one.entities
    ]
    failed += [(finding.entity, finding.message) for finding in _audited(project).failures]
    stops = {name: _stops(companies, failed) for name, companies in companies_reported(project).items()}
    wanted = stops if project.report_names is None else project.report_names
    free = [name for name in wanted if not stops.get(name)]
    stopped = tuple(f"{name}: {stops[name][0]}" for name in wanted if stops.get(name))
    return Built(tuple(ingested), draw(project, free) if free else _listed(project), stopped)


def _listed(project: Project) -> Drawing:
    """The list of reports alone, where none may be drawn."""
    from tracker.report import load_definitions, write_index  # noqa: PLC0415 - as above

    project.reports.mkdir(parents=True, exist_ok=True)
    write_index(project.reports, load_definitions(project.reports), read_snapshot(project.warehouse), _late(project))
    return Drawing((), {})


def _audited(project: Project) -> Checked:
    """The blocking audits of the companies that reports are about (of all where one is about all)."""
    companies = companies_reported(project).values()
    entities = sorted(frozenset().union(*companies)) if all(companies) else None
    excerpt = None if entities is None else Excerpt(read_snapshot(project.warehouse), entities, {})
    checks = [check for check in load_checks(project.checks) if check.severity == "blocking"]
    with Warehouse(project.warehouse, excerpt=excerpt) as warehouse:
        return Checked(excuse(project.warehouse, run_checks(warehouse, checks, None)))


def _stops(companies: frozenset[str], failed: Iterable[tuple[str | None, str]]) -> list[str]:
    """What was found of these companies (all where none is named), or of no company in particular."""
    return [message for entity, message in failed if entity is None or not companies or entity in companies]


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
    texts = {path.name: path.read_text("utf-8") for path in files("tracker.pipeline").joinpath("starter").iterdir()}
    return {name.replace("__", "/"): texts[name] for name in sorted(texts)}
