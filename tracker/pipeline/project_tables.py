"""Store a project's own tables: definitions, companies and their ids, and corrections.

Every ingestion begins with this, so that edits apply to everything it reads.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import partial
from itertools import starmap
from typing import TYPE_CHECKING, Final

from tracker.errors import InputError, Problem
from tracker.model.batch import Batch
from tracker.model.company_names import Called
from tracker.model.fact import no_facts, rows_table
from tracker.model.metric import load_metrics
from tracker.model.schema import READERS
from tracker.pipeline.ingestion import Ingestion, describe_changes
from tracker.sources.seed import CORRECTIONS, RENAMES, entity_rows, known_entities, read_corrections, read_renames
from tracker.warehouse.corrections import IDLE
from tracker.warehouse.identity import Identities, apply_identities, find_doubled, find_identities
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from tracker.model.entity import Entities
    from tracker.model.metric import Metric, Metrics, Part, RatioTerm, Tag
    from tracker.project import Project
    from tracker.sources.seed import Correction
    from tracker.warehouse.writer import Writer

__all__ = [
    "ProjectTables",
    "check_table_folder",
    "find_idle_rows",
    "load_entities_in_force",
    "load_project_entities",
    "make_metric_part_rows",
    "store_project_tables",
]

#: The ids under which something is stored, each with the id of its company in force.
_SHOWN_AS: Final = """
    select i.stored_as, i.entity from entity_id i
    where not i.is_withdrawn and i.stored_as in (select entity from stored_latest_entity union select entity from fact)
"""
_TABLE_NOUNS: Final = {CORRECTIONS: "corrections", RENAMES: "changes of companies"}


@dataclass(frozen=True, slots=True)
class ProjectTables:
    """The content of a project's tables: the ids in force, the companies under them, and the corrections.

    `ingestions` is what storing the corrections changed; `problems` are the errors in the tables.
    """

    identities: Identities
    entities: Entities
    corrections: tuple[Correction, ...]
    ingestions: tuple[Ingestion, ...]
    problems: tuple[Problem, ...]


def store_project_tables(
    project: Project, writer: Writer, entities: Entities, say: Callable[[str], None], *, is_first: bool
) -> ProjectTables:
    """Store definitions, ids and corrections, and say what changed.

    `entities` are the companies as `entities.toml` names them. `is_first` means that nothing was stored before, so
    that no definition has changed.
    """
    metrics = load_metrics(project.metrics)
    defined = writer.commit(_make_definition_batch(metrics, entities, project.name_of(project.seeds)))
    if not is_first and (changes := describe_changes(defined.changed)):
        say(f"definitions: {', '.join(changes)}")
    identities, wrong_renames = _store_identities(project, writer, entities, say)
    entities = replace(entities, others=partial(_load_filer_names, writer))
    corrections, wrong_corrections = read_corrections(project.seeds / CORRECTIONS, entities)
    ingestions = [] if wrong_corrections else _store_corrections(project, writer, corrections, say)
    return ProjectTables(
        identities=identities,
        entities=entities,
        corrections=tuple(corrections),
        ingestions=tuple(ingestions),
        problems=(*wrong_corrections, *wrong_renames),
    )


def load_project_entities(project: Project) -> Entities:
    """Load the companies under their ids in `entities.toml`."""
    return known_entities(project.seeds)


def load_entities_in_force(project: Project) -> Entities:
    """Load the companies under their ids in force."""
    entities, (renames, _) = load_project_entities(project), read_renames(project.seeds / RENAMES)
    if not project.has_warehouse:
        return apply_identities(entities, find_identities(None, entities, renames))
    with Warehouse(project.warehouse) as stored:
        return apply_identities(entities, find_identities(stored, entities, renames))


# -- definitions -------------------------------------------------------------------------------------


def _make_definition_batch(metrics: Metrics, entities: Entities, origin: str) -> Batch:
    """Make a batch of companies, metrics, and the tags and parts of metrics; it has no facts."""
    rows = {
        "metric": rows_table("metric", [(*_list_values(entry), metrics.version) for entry in metrics.metrics]),
        "metric_tag": rows_table("metric_tag", [(*_list_values(entry), metrics.version) for entry in metrics.tags]),
        "metric_part": make_metric_part_rows(metrics),
        "metric_ratio": rows_table(
            "metric_ratio", [(*_list_values(entry), metrics.version) for entry in metrics.ratios]
        ),
        **entity_rows(entities, origin),
    }
    return Batch(no_facts(), rows)


def make_metric_part_rows(metrics: Metrics) -> pa.Table:
    """Make the rows of `metric_part`: the parts of derived metrics."""
    return rows_table("metric_part", [(*_list_values(entry), metrics.version) for entry in metrics.parts])


def _list_values(entry: Metric | Tag | Part | RatioTerm) -> list[object]:
    """Return the values of an entry's fields, without the copies that `astuple` makes."""
    return [getattr(entry, one.name) for one in fields(entry)]


# -- ids of companies --------------------------------------------------------------------------------


def _store_identities(
    project: Project, writer: Writer, entities: Entities, say: Callable[[str], None]
) -> tuple[Identities, list[Problem]]:
    """Store the id that each company is shown under; say what changed, and which rows cannot be applied.

    If `entities.csv` cannot be read, companies keep their ids, and the problems of the table are returned.
    """
    path = project.seeds / RENAMES
    renames, wrong = read_renames(path)
    identities = find_identities(writer.now, entities, renames)
    if wrong:
        return identities, wrong
    for one in identities.refused:
        say(str(one.to_problem(project.name_of(path))))
    rows = identities.make_rows(find_doubled(writer.now, identities))
    before = _load_shown_ids(writer.now)
    if writer.commit(Batch(no_facts(), {"entity_id": rows}, (), "entities")).changed:
        for text in _describe_renames(before, _load_shown_ids(writer.now)):
            say(text)
    return identities, []


def _load_shown_ids(stored: Warehouse) -> dict[str, str | None]:
    return dict(stored.sql(_SHOWN_AS).fetchall())


def _describe_renames(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> Iterator[str]:
    """Describe each company that is shown under another id than before."""
    for stored_as in sorted(before.keys() | after.keys()):
        now, then = after.get(stored_as, stored_as), before.get(stored_as, stored_as)
        if now != then:
            yield f"{stored_as}: removed" if now is None else f"{stored_as}: shown as {now} from now on"


def _load_filer_names(writer: Writer) -> list[Called]:
    """Load the names of companies that are known only from filings."""
    rows = writer.now.sql(
        """select n.entity, n.kind, n.alias, n.valid_from, n.valid_to
           from entity_name n join entity e on e.entity = n.entity where e.origin in (select unnest($readers))""",
        {"readers": list(READERS)},
    ).fetchall()
    return [*starmap(Called, rows)]


# -- corrections -------------------------------------------------------------------------------------


def _store_corrections(
    project: Project, writer: Writer, corrections: Sequence[Correction], say: Callable[[str], None]
) -> list[Ingestion]:
    """Store the rows of `corrections.csv`, and say what changed; return an empty list if nothing is new."""
    rows = rows_table("correction", (correction.row for correction in corrections))
    if not rows.num_rows and not any((project.warehouse / "correction").glob("*.parquet")):
        return []
    committed = writer.commit(Batch(no_facts(), {"correction": rows}, (), "corrections"))
    if not (committed.is_held or committed.changed):
        return []
    path = project.seeds / CORRECTIONS
    count = committed.changed.get("correction", 0)
    changes = ["1 held"] if committed.is_held else describe_changes({"correction": count})
    say(f"{project.name_of(path)}: {', '.join(changes)}")
    return [Ingestion(path, (committed,), ())]


def check_table_folder(project: Project, path: Path, entities: Entities) -> None:
    """Raise InputError if another folder than the project's own has corrections or renames: no command reads them."""
    if path.resolve() == project.seeds.resolve():
        return
    found = {CORRECTIONS: read_corrections(path / CORRECTIONS, entities), RENAMES: read_renames(path / RENAMES)}
    misplaced = [
        Problem(str(path / name), None, None, "place", f"{_TABLE_NOUNS[name]} are not read here", remedy)
        for name, (rows, wrong) in found.items()
        if (rows or wrong) and (remedy := f"move its rows to {project.name_of(project.seeds / name)}")
    ]
    if misplaced:
        raise InputError(misplaced)


# -- rows without effect -----------------------------------------------------------------------------


def find_idle_rows(project: Project, corrections: Sequence[Correction]) -> list[Problem]:
    """Find pins and corrections without effect; every ingestion lists them, because what they need may still come."""
    return [*_find_idle_pins(project), *_find_idle_corrections(project, corrections)]


def _find_idle_corrections(project: Project, corrections: Sequence[Correction]) -> list[Problem]:
    if not corrections:
        return []
    with Warehouse(project.warehouse) as stored:
        states = dict(stored.sql("select correction, state from correction_effect").fetchall())
    place = project.name_of(project.seeds / CORRECTIONS)
    return [
        Problem(place, one.line, "fact", "correction", f"{state}: {one.fact_id.hex()[:8]}", IDLE[state])
        for one in corrections
        if (state := states.get(one.fact_id, "")) in IDLE
    ]


def _find_idle_pins(project: Project) -> list[Problem]:
    if not any((project.warehouse / "pin").glob("*.parquet")):
        return []
    with Warehouse(project.warehouse) as whole:
        pinned = [entity for (entity,) in whole.sql("select distinct entity from pin order by entity").fetchall()]
        with whole.for_companies(pinned) as stored:
            idle = stored.sql(
                "select origin, entity, metric, fiscal_period, chosen, state from pin_state "
                "where state <> 'chosen' order by all"
            ).fetchall()
    remedy = "`tracker sql` on the view reconciliation lists what may be pinned; until then the usual order applies"
    return [
        Problem(f"{origin}/pins.csv", None, None, "pin", f"{entity} {metric} {period}: {state}: {chosen!r}", remedy)
        for origin, entity, metric, period, chosen, state in idle
    ]
