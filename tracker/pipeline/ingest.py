"""Read files and store what they say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from tracker.errors import (
    HeldError,
    InputError,
    NothingMatchedError,
    Problem,
    UsageError,
    describe_system_error,
)
from tracker.files.disk import remove_dead_drafts
from tracker.model.arrays import on_one_heap
from tracker.pipeline.archive_pieces import split_for_processes, store_in_rounds
from tracker.pipeline.ingestion import Ingestion, describe_ingestion, list_problems
from tracker.pipeline.project_tables import (
    check_table_folder,
    find_idle_rows,
    load_project_entities,
    store_project_tables,
)
from tracker.pipeline.stated_filings import load_stated_filings
from tracker.sources.base import Background, Request, Source
from tracker.sources.sec.company_facts import CompanyFactsSource
from tracker.sources.sec.filing import FilingSource
from tracker.sources.sec.listings import ListingSource
from tracker.sources.seed import RENAMES, SeedSource
from tracker.warehouse.checks import load_checks
from tracker.warehouse.identity import apply_identities, place_under_stored_ids
from tracker.warehouse.ownership import keep_own_rows
from tracker.warehouse.quarantine import Gate
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.writer import Committed, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from tracker.model.batch import Batch
    from tracker.model.entity import Entities
    from tracker.pipeline.project_tables import ProjectTables
    from tracker.project import Project
    from tracker.warehouse.checks import Check
    from tracker.warehouse.identity import Identities

__all__ = ["ReadOptions", "find_source", "ingest", "read_paths", "say_nothing"]


def say_nothing(_: object) -> None:
    """Ignore a message or a progress report: the default if nobody listens."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the caller knows about the paths; None if it does not say.

    `source` names the reader, `published` is the day of publication, and `entity` the company that a text is from or
    about. `kind` is the kind of text, and `accession` the accession number of the filing.
    """

    source: str | None = None
    published: date | None = None
    entity: str | None = None
    kind: str | None = None
    accession: str | None = None


def ingest(  # noqa: PLR0913 - what the caller knows about the paths
    project: Project,
    paths: Sequence[Path],
    *,
    source: str | None = None,
    published: date | None = None,
    entity: str | None = None,
    kind: str | None = None,
    accession: str | None = None,
    say: Callable[[str], None] = say_nothing,
    progress: Callable[[float], None] = say_nothing,
) -> list[Ingestion]:
    """Read each path and store what it says, each whole or not at all.

    `progress` is called with the share of a path that is done, from 0 to 1.

    Raises:
        UsageError: no reader accepts a path, or `entity` is not a company.
        InputError: something is wrong with a path; the others are stored.
        HeldError: a batch failed an audit and is held; readers keep the state before it.

    """
    done = read_paths(project, paths, ReadOptions(source, published, entity, kind, accession), say, progress)
    if batches := [batch for one in done for batch in one.held]:
        raise HeldError(batches)
    return done


def read_paths(
    project: Project,
    paths: Sequence[Path],
    options: ReadOptions,
    say: Callable[[str], None],
    progress: Callable[[float], None] = say_nothing,
) -> list[Ingestion]:
    """Do what `ingest` does, but return held batches in the result instead of raising an error."""
    on_one_heap()
    readers = [(path, find_source(path, options.source)) for path in paths]
    entities = load_project_entities(project)
    options = replace(options, entity=_find_speaker(project, entities, options))
    is_first = not (project.warehouse / "fact").is_dir()
    checks = load_checks(project.checks)
    with Gate(checks) as gate, Writer(project.warehouse, gate=gate, warn=say) as writer:
        with suppress(OSError):
            remove_dead_drafts(project.reports)
        tables = store_project_tables(project, writer, entities, say, is_first=is_first)
        options = replace(options, entity=_find_speaker_in_force(options, tables.identities))
        session = _Session(project, writer, checks, tables, options, say, progress)
        for path, reader in readers:
            session.read(path, reader)
    _report_idle_rows(project, tables, say)
    # where the folder of tables is one of the paths, its reader reports their problems
    is_read_as_path = project.seeds.resolve() in {path.resolve() for path in paths}
    if wrong := [*(() if is_read_as_path else tables.problems), *session.problems]:
        raise InputError(wrong)
    return [*tables.ingestions, *session.ingestions]


def _report_idle_rows(project: Project, tables: ProjectTables, say: Callable[[str], None]) -> None:
    try:
        for problem in find_idle_rows(project, tables.corrections):
            say(str(problem))
    except OSError as error:
        message = "everything is stored, but pins and corrections without effect could not be listed"
        say(f"{describe_system_error(error)}; {message}")


# -- one path after the other ------------------------------------------------------------------------


@dataclass(slots=True)
class _Session:
    """Reads paths into an open writer, one after the other.

    The background of a text is loaded from the warehouse once: a text that is stored before another one adds a source
    to it, and changes nothing else.
    """

    project: Project
    writer: Writer
    checks: Sequence[Check]
    tables: ProjectTables
    options: ReadOptions
    say: Callable[[str], None]
    progress: Callable[[float], None]
    ingestions: list[Ingestion] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _background: tuple[Entities, Background] | None = None

    def read(self, path: Path, reader: Source) -> None:
        """Read and store one path, or note why that is not possible."""
        request = self._make_request(path, reader)
        try:
            check_table_folder(self.project, path, self.tables.entities)
            done = self._store(reader, request)
        except InputError as error:
            self.problems += error.problems
            return
        self.ingestions.append(done)
        self.say(describe_ingestion(self.project.name_of(path), done))
        for line in list_problems(done.problems):
            self.say(line)

    def _make_request(self, path: Path, reader: Source) -> Request:
        entities, options = apply_identities(self.tables.entities, self.tables.identities), self.options
        origin = self.project.name_of(path)
        filings = Background(filings=partial(load_stated_filings, self.project.warehouse))
        request = Request(
            path, origin, entities, options.published, options.entity, options.kind, options.accession, filings
        )
        if not reader.needs_background:
            return request
        everyone, background = self._background = self._load_background(entities)
        return replace(request, entities=everyone, background=background)

    def _load_background(self, entities: Entities) -> tuple[Entities, Background]:
        from tracker.pipeline.background import (  # noqa: PLC0415 - loading the article reader takes a sixth of a second
            add_filers,
            load_background,
            load_stored_sources,
        )

        warehouse = self.project.warehouse
        if self._background is not None:
            everyone, before = self._background
            return everyone, replace(before, stored=load_stored_sources(warehouse, everyone))
        everyone = add_filers(warehouse, entities)
        return everyone, load_background(warehouse, everyone)

    def _store(self, reader: Source, request: Request) -> Ingestion:
        """Store what a path says: an archive of many companies in pieces, all else batch by batch."""
        path = request.path
        pieces = split_for_processes(path) if isinstance(reader, CompanyFactsSource) else []
        if pieces:
            return store_in_rounds(self.writer, path, pieces, request.entities, self.checks, self.progress)
        return self._store_batches(path, reader.read(request))

    def _store_batches(self, path: Path, batches: Iterable[Batch]) -> Ingestion:
        commits: list[Committed] = []
        problems: list[Problem] = []
        notes: list[str] = []
        for batch in _read_ahead(batches):
            own = keep_own_rows(self.project.root, self.writer, batch)
            commits.append(self.writer.commit(replace(own, facts=place_under_stored_ids(self.writer.now, own.facts))))
            problems += batch.problems
            notes += [batch.note] if batch.note else []
            self.progress(batch.progress)
        return Ingestion(path, tuple(commits), tuple(problems), tuple(notes))


def _read_ahead(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Yield the batches, and read the next one while the last one is stored."""
    waiting = iter(batches)
    with ThreadPoolExecutor(1, "reader") as reader:
        coming = reader.submit(next, waiting, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, waiting, None)
            yield batch


# -- the reader of a path, and its speaker ------------------------------------------------------------


def _list_readers() -> Iterator[Source]:
    """List the readers in the order in which they are tried on a path."""
    yield SeedSource()
    yield ListingSource()
    yield FilingSource()  # before company facts, which take every zip that is no report package
    yield CompanyFactsSource()
    from tracker.sources.article.source import ArticleSource  # noqa: PLC0415 - it takes a sixth of a second, for articles only

    yield ArticleSource()


def find_source(path: Path, name: str | None) -> Source:
    """Find the reader of this name (None: the first one that accepts the path); UsageError if there is none."""
    if not path.exists():
        raise UsageError(f"{path} does not exist")
    if not (path.is_file() or path.is_dir()):  # reading a pipe could wait for ever
        raise UsageError(f"{path} is neither a file nor a folder; give one that is")
    for reader in _list_readers():
        if reader.name == name or (name is None and reader.accepts(path)):
            return reader
    known = ", ".join(reader.name for reader in _list_readers())
    raise UsageError(f"{path}: no reader for this; give a seed folder, or --source with one of {known}")


def _find_speaker(project: Project, entities: Entities, options: ReadOptions) -> str | None:
    """Find the id of the company that the caller names, by any of its names.

    UsageError if a text is a company's own and the company is missing, unknown or ambiguous.
    """
    name, kind = options.entity, options.kind
    if name is None:
        if kind is not None and _is_own_kind(kind):
            raise UsageError(f"whose {kind} is it? name the company with --entity")
        return None
    found = entities.named(name, datetime.now(UTC).date())
    if len(found) > 1:
        raise UsageError(f"{name!r} may be {', '.join(found)}; give the id")
    return found[0] if found else _find_stored_company(project, name)


def _is_own_kind(kind: str) -> bool:
    from tracker.sources.article.source import OWN_KINDS  # noqa: PLC0415 - loading the article reader takes a sixth of a second

    return kind in OWN_KINDS


def _find_stored_company(project: Project, name: str) -> str:
    """Find the id of a company that only the warehouse knows."""
    if not project.has_warehouse:
        raise UsageError(f"no company is called {name!r}; add it to entities.toml")
    with Warehouse(project.warehouse) as stored:
        try:
            return stored.entity_of(name)
        except NothingMatchedError as error:
            raise UsageError(f"{error}; or add it to entities.toml") from error


def _find_speaker_in_force(options: ReadOptions, identities: Identities) -> str | None:
    """Return the id in force of the company that speaks; UsageError if it was removed."""
    if options.entity is None:
        return None
    entity = identities.find(options.entity)
    if entity is None:
        raise UsageError(f"{options.entity} was removed by {RENAMES}; remove that row to have it again")
    return entity
