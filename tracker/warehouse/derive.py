"""Find the companies that a batch concerns, and derive their figures.

Figures are derived when a batch is committed, and stored with the days on which the public could know them
(`histories`). If a company only has new facts, its rows from before these facts became public stay as they are. If
metrics, pins, corrections or the company itself are defined anew, all its rows are derived again.
"""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from tracker.model.arrays import array_of, on_one_heap
from tracker.model.fact import schema_of
from tracker.model.schema import DERIVED, DERIVED_FROM, DERIVED_VIEWS, TABLES
from tracker.warehouse.data_files import WrittenFile, write_part
from tracker.warehouse.fact_rows import stamp_rows
from tracker.warehouse.histories import compute_histories
from tracker.warehouse.processes import count_processes, map_in_processes
from tracker.warehouse.reader import MovingWarehouse, Warehouse
from tracker.warehouse.snapshot import Excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = ["Deriver", "Since", "derive_into_files", "find_differences"]

#: Companies, each with the moment from which its figures may have changed; None means from the beginning.
Since = dict[str, "datetime | None"]

#: How many companies are derived at once, to limit the memory.
AT_ONCE: Final = 12
#: With fewer facts than this, starting other processes takes longer than they save.
_MANY: Final = 30_000
#: The companies of statements, each with the moment at which its first statement became public.
_STATED: Final = """
    select entity, min(coalesce(known_at, recorded_at)) as moment from {table} where entity is not null group by entity
"""
#: A statement that a person read replaces what the program read at that place, whatever company it is about.
_CHECKED: Final = """
    select f.entity, min(coalesce(f.known_at, f.recorded_at)) as moment
    from fact f
    where f.method = 'extracted' and f.source_id in (
        select source_id from draft_fact where method = 'curated' and span_start is not null
    )
    group by f.entity
"""
_CORRECTED: Final = """
    select distinct f.entity from fact f
    where f.fact_id in (
        select target from draft_correction_effect union select corrected from draft_correction_effect
        union select e.target from correction_effect e semi join draft_correction_effect using (correction)
    )
"""
#: How each metric is defined, beside its parts.
_DEFINITIONS: Final = """
    select metric, cast(row(type, is_additive, measure, netted_with) as varchar) as content from metric
    union all
    select metric, cast(row(priority, concept) as varchar) as content from metric_tag
    union all
    select a.part, cast(row(b.metric, b.form, b.side, b.part_no, b.part, b.weight, b.is_averaged) as varchar) as content
    from metric_ratio a join metric_ratio b on b.metric = a.metric
"""
#: The companies that state some metrics, under the concepts that stand for them before a batch or with it.
_STATING: Final = """
    select distinct entity from fact
    where metric in (select unnest($metrics))
       or concept in (
           select concept from metric_tag where metric in (select unnest($metrics))
           union select concept from draft_metric_tag where metric in (select unnest($metrics))
       )
"""
#: The same statement may be stored under two ids of a company, and a new one may take the place of an older one.
_DOUBLED: Final = """
    select unnest([stored_as, entity]) from entity_id where is_doubled and not is_withdrawn and entity is not null
"""
#: All that figures depend on in the description of a company.
_PROFILE: Final = """
    with parts as (
        select entity, list(row(metric, part_no, part, weight, definition, parts) order by metric, part_no) as parts
        from metric_definition
        group by entity
    )
    select
        e.entity, cast(row(
            l.name, l.ticker, l.cik, e.currency, e.fiscal_year_end_month, e.is_named_by_start, e.is_weekly, p.parts
        ) as varchar) as profile
    from entity e
    left join entity_label l on l.entity = e.entity
    left join parts p on p.entity = e.entity
"""
#: No rows of `derived`.
_NOTHING: Final = pa.Table.from_batches([], schema_of(DERIVED)).drop_columns(["recorded_at"])
_FACTS_OF_EACH: Final = "select entity, count(*) from fact_known group by entity"
_IDS: Final = "select stored_as, entity from entity_id where not is_withdrawn"
_PROFILED: Final = frozenset({"entity", "entity_alias", "entity_id", "listing", "metric_part"})


@dataclass(frozen=True, slots=True)
class _Group:
    """What it takes to derive a group of companies in another process."""

    path: Path
    versions: Mapping[str, int]
    since: Since
    excerpt: Excerpt


class _Work:
    """Companies that are derived, split into groups; and the processes that share the groups.

    With many facts, all processes get the same number of groups of the same size.
    """

    def __init__(self, now: Warehouse, since: Since, drafts: Mapping[str, pa.Table], facts: int) -> None:
        self.now = now
        self.since = since
        self.drafts = drafts
        self.processes = count_processes() if facts >= _MANY else 1
        entities, size = [*since], AT_ONCE
        if self.processes > 1 and entities:
            rounds = math.ceil(len(entities) / (AT_ONCE * self.processes))
            size = math.ceil(len(entities) / (rounds * self.processes))
        self.split = [entities[start : start + size] for start in range(0, len(entities), size)]

    @property
    def is_shared(self) -> bool:
        """Return whether several processes are faster than this one."""
        return self.processes > 1 and len(self.split) > 1

    def list_groups(self) -> Iterator[_Group]:
        """Yield what each group needs, one after the other, because drafts are copied."""
        for companies in self.split:
            stored = _find_stored_ids(self.now, self.drafts, companies)
            drafts = _keep_drafts_of(self.drafts, stored)
            since = {entity: self.since[entity] for entity in companies}
            yield _Group(self.now.path, self.now.snapshot.versions, since, Excerpt(self.now.snapshot, stored, drafts))


def _derive_group(group: _Group) -> pa.Table:
    """Derive a group of companies, in a process of its own."""
    on_one_heap()
    with Warehouse(group.path, versions=group.versions) as now:
        part = MovingWarehouse(group.path, excerpt=group.excerpt)
        return _compute_rows(now, part, group.since)


def _compute_in_processes(work: _Work) -> Iterator[pa.Table]:
    """Yield the rows of each group, computed in processes of their own."""
    return map_in_processes(_derive_group, work.list_groups(), work.processes)


class Deriver:
    """Derives the figures that batches change. It keeps a connection from batch to batch; close it at the end."""

    def __init__(self) -> None:
        self._after: MovingWarehouse | None = None

    def close(self) -> None:
        """Free the connection."""
        if self._after:
            self._after.close()

    def derive_batch(self, now: Warehouse, rows: Mapping[str, pa.Table]) -> pa.Table | None:
        """Return the rows of `derived` for the companies that the rows of a batch concern, without `recorded_at`.

        `now` is the state before the batch. The result is None if no figure can depend on the batch.
        """
        changed = {table: new for table, new in rows.items() if table in DERIVED_FROM and new.num_rows}
        if not changed:
            return None
        if "fact" not in changed and not now.snapshot.files["fact"]:
            return _NOTHING
        after = self._open(now, Excerpt(now.snapshot, (), changed))
        since = self._find_companies(now, after, changed)
        known = _find_derived(now, since)
        since = {entity: moment if entity in known else None for entity, moment in since.items()}
        part = self._open(now, Excerpt(now.snapshot, _find_stored_ids(now, changed, since), changed))
        stated = dict(part.rows(_FACTS_OF_EACH))
        wanted = {entity: moment for entity, moment in since.items() if entity in stated or entity in known}
        work = _Work(now, wanted, changed, sum(stated.values()))
        if len(work.split) <= 1:
            return _compute_rows(now, part, wanted)
        in_processes = work.is_shared
        return _merge_groups([*(_compute_in_processes(work) if in_processes else self.compute_groups(work))])

    def compute_groups(self, work: _Work) -> Iterator[pa.Table]:
        """Yield the rows of each group, computed in this process."""
        for group in work.list_groups():
            yield _compute_rows(work.now, self._open(work.now, group.excerpt), group.since)

    def _open(self, now: Warehouse, excerpt: Excerpt) -> MovingWarehouse:
        if self._after is None:
            self._after = MovingWarehouse(now.path, excerpt=excerpt)
        else:
            self._after.replace_excerpt(excerpt)
        return self._after

    def _find_companies(self, now: Warehouse, after: Warehouse, changed: Mapping[str, pa.Table]) -> Since:
        """Return the companies that a batch concerns, with their ids in force before the batch and after it."""
        found: Since = {}
        if "fact" in changed:
            _add_companies(found, after.rows(_STATED.format(table="draft_fact")))
            _register(now, "fact", changed)
            _add_companies(found, now.rows(_CHECKED))
        for table, query in (("correction_effect", _CORRECTED), ("pin", "select distinct entity from draft_pin")):
            if table in changed:
                _register(now, table, changed)
                _add_companies(found, ((entity, None) for (entity,) in now.rows(query)))
        if "entity_id" in changed:
            ids = changed["entity_id"]
            _add_companies(
                found, ((entity, None) for name in ("stored_as", "entity") for entity in ids.column(name).to_pylist())
            )
        if changed.keys() & {"metric", "metric_tag", "metric_ratio"}:
            _add_companies(found, ((entity, None) for entity in _find_stating(now, after, changed)))
        if changed.keys() & _PROFILED and not _describes_only_new_companies(now, changed):
            _add_companies(found, ((entity, None) for entity in _find_changed_companies(now, after)))
        doubled = {entity for (entity,) in after.rows(_DOUBLED)}
        _add_companies(found, [(entity, None) for entity in found if entity in doubled])
        return _add_ids_in_force(found, now, after)


# -- deriving all -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _FileTask:
    """What it takes to derive companies into a file in another process."""

    path: Path
    versions: Mapping[str, int]
    companies: Sequence[str]
    moment: datetime
    place: int


def derive_into_files(
    now: Warehouse, companies: Sequence[str], moment: datetime, first: int = 0
) -> Iterator[tuple[WrittenFile, Sequence[str]]]:
    """Derive companies, and write their rows, recorded at a moment; yield each file with the companies that are in it.

    With many facts several processes share the companies, and each writes its files. No commit names the files yet;
    their names sort by their places, which begin with `first`.
    """
    snapshot = now.snapshot
    facts = sum(snapshot.stored[name].rows for name in snapshot.files["fact"] if name in snapshot.stored)
    work = _Work(now, dict.fromkeys(companies), {}, facts)
    if work.is_shared:
        tasks = [
            _FileTask(now.path, snapshot.versions, group, moment, place)
            for place, group in enumerate(work.split, first)
        ]
        yield from map_in_processes(_derive_into_file, tasks, work.processes)
        return
    with contextlib.closing(Deriver()) as deriver:
        for place, rows in enumerate(deriver.compute_groups(work)):
            stamped = stamp_rows(DERIVED, rows, moment)
            yield write_part(now.path, DERIVED, stamped, moment, first + place), work.split[place]


def _derive_into_file(task: _FileTask) -> tuple[WrittenFile, Sequence[str]]:
    """Derive companies into one file, in a process of its own."""
    on_one_heap()
    with Warehouse(task.path, versions=task.versions) as now:
        (done,) = derive_into_files(now, task.companies, task.moment, task.place)
    return done


# -- comparing what is stored with the definitions -----------------------------------------------------


def find_differences(warehouse: Warehouse, entity: str, moments: int = 3) -> dict[str, int]:
    """Compare the stored rows of a company with its facts; return the views that differ, with the number of such rows.

    This computes the whole history anew. It also asks the views themselves, as of some of the moments at which
    something about the company became known.
    """
    excerpt = Excerpt(warehouse.snapshot, _find_stored_ids(warehouse, {}, [entity]), {}, is_live=True)
    stored = _read_rows(warehouse, [entity])
    with Warehouse(warehouse.path, excerpt=excerpt) as part:
        derived = compute_histories(part, {entity: None})
        known = [moment for (moment,) in part.rows(_MOMENTS, {"entity": entity})]
    found = _count_differing(stored, derived)
    for moment in known[:: max(1, len(known) // moments)]:
        with Warehouse(warehouse.path, as_of=moment.isoformat(), excerpt=excerpt) as then:
            found += _count_differing(_select_rows_at(stored, moment), _ask_views(then, entity))
    return {view: count for view, count in sorted(found.items()) if count}


_MOMENTS: Final = "select distinct known_at from fact_known where entity = $entity order by known_at desc"


def _count_differing(stored: pa.Table | None, derived: pa.Table) -> Counter[str]:
    """Count the rows of each view that are in only one of two tables."""
    left, right = (_count_rows(rows) for rows in (stored, derived))
    return Counter(view for view, _ in ((left - right) + (right - left)).elements())


def _count_rows(rows: pa.Table | None) -> Counter[tuple[str, str]]:
    listed = [] if rows is None else rows.to_pylist()
    return Counter((row.pop("view"), repr(sorted(row.items()))) for row in listed if row["view"] != "derivation")


def _select_rows_at(stored: pa.Table | None, moment: datetime) -> pa.Table:
    """Return the stored rows that were known at a moment, without their days."""
    rows = _NOTHING if stored is None else stored
    starts, ends = rows.column("known_from"), rows.column("known_to")
    at = pa.scalar(moment, starts.type)
    held = pc.and_(pc.less_equal(starts, at), pc.or_kleene(pc.is_null(ends), pc.greater(ends, at)))
    is_row = pc.not_equal(rows.column("view"), "derivation")
    return rows.filter(pc.and_(held, is_row)).drop_columns(["known_from", "known_to"])


def _ask_views(then: Warehouse, entity: str) -> pa.Table:
    """Compute the stored views of a company from their definitions, as rows of `derived`."""
    then.define(DERIVED_VIEWS)
    wanted = [name for name in TABLES[DERIVED] if name not in {"recorded_at", "known_from", "known_to"}]
    rows = [
        f"select '{view}' as view, {', '.join(columns)} from {view} where entity = $entity"
        for view, columns in DERIVED_VIEWS.items()
    ]
    return then.sql(f"select {', '.join(wanted)} from ({' union all by name '.join(rows)})", {"entity": entity}).arrow()


# -- which companies, and their rows -----------------------------------------------------------------


def _add_companies(found: Since, rows: Iterable[tuple[str | None, datetime | None]]) -> None:
    """Add companies with the moments from which they may have changed; of two moments the earlier counts."""
    for entity, moment in rows:
        if entity is None:
            continue
        known = found.get(entity, moment)
        found[entity] = None if moment is None or known is None else min(moment, known)


def _merge_groups(groups: Sequence[pa.Table]) -> pa.Table:
    """Put the rows of groups together in the order of storage, without a copy.

    The rows of each group lie in that order, first by view and then by company, and so do the companies of all groups.
    """
    found: dict[str, list[pa.Table]] = {}
    for rows in groups:
        start = 0
        for counted in pc.value_counts(rows.column("view")).to_pylist():
            found.setdefault(counted["values"], []).append(rows.slice(start, counted["counts"]))
            start += counted["counts"]
    return pa.concat_tables(rows for view in sorted(found) for rows in found[view])


def _keep_drafts_of(drafts: Mapping[str, pa.Table], entities: list[str]) -> dict[str, pa.Table]:
    """Return drafted rows without the facts of other companies; what people have checked stays."""
    facts = drafts.get("fact")
    if facts is None:
        return {**drafts}
    is_of = pc.is_in(facts.column("entity"), array_of(entities, pa.string()))
    is_checked = pc.is_in(facts.column("method"), array_of(["curated"], pa.string()))
    return {**drafts, "fact": facts.filter(pc.or_(is_of, is_checked))}


def _register(now: Warehouse, table: str, rows: Mapping[str, pa.Table]) -> None:
    now.connection.register(f"draft_{table}", rows[table])


def _find_stating(now: Warehouse, after: Warehouse, changed: Mapping[str, pa.Table]) -> list[str]:
    """Find the companies that state a metric whose definition changes with a batch."""
    before, then = ({*state.rows(_DEFINITIONS)} for state in (now, after))
    metrics = sorted({metric for metric, _ in before ^ then})
    if not metrics:
        return []
    none = {"metric_tag": pa.Table.from_batches([], schema_of("metric_tag"))}
    _register(now, "metric_tag", none | dict(changed))
    return [entity for (entity,) in now.rows(_STATING, {"metrics": metrics})]


def _describes_only_new_companies(now: Warehouse, drafts: Mapping[str, pa.Table]) -> bool:
    """Return whether a batch describes only companies of which nothing is stored: then no stored figure changes."""
    if drafts.keys() & (_PROFILED - {"entity", "entity_alias"}):
        return False
    tables = [drafts[table] for table in ("entity", "entity_alias") if table in drafts]
    described = {entity for rows in tables for entity in rows.column("entity").to_pylist()}
    known = {entity for pair in now.rows(_IDS) for entity in pair}
    stated = "select 1 from fact where entity in (select unnest($entities)) limit 1"
    return described.isdisjoint(known) and not now.rows(stated, {"entities": [*described]})


def _find_changed_companies(now: Warehouse, after: Warehouse) -> list[str]:
    """Find the companies whose description changes with a batch."""
    before, then = (dict(state.rows(_PROFILE)) for state in (now, after))
    return [entity for entity in {*before, *then} if before.get(entity) != then.get(entity)]


def _add_ids_in_force(found: Since, now: Warehouse, after: Warehouse) -> Since:
    """Return these companies and their ids in force, before a batch and after it."""
    ids = [(stored, entity) for state in (now, after) for stored, entity in state.rows(_IDS)]
    moved: Since = dict(found)
    _add_companies(moved, ((entity, found[stored]) for stored, entity in ids if stored in found))
    return moved


def _find_stored_ids(now: Warehouse, drafts: Mapping[str, pa.Table], entities: Iterable[str]) -> list[str]:
    """Return all ids under which the statements of these companies are stored."""
    wanted = {*entities}
    ids = now.rows(_IDS)
    if "entity_id" in drafts:
        new = drafts["entity_id"]
        ids += [*zip(new.column("stored_as").to_pylist(), new.column("entity").to_pylist(), strict=True)]
    return sorted(wanted | {stored for stored, entity in ids if entity in wanted})


def _find_derived(now: Warehouse, entities: Iterable[str]) -> set[str]:
    """Return which of these companies have stored figures that follow the current definitions."""
    if not now.is_derived:
        return set()
    query = "select entity from derivation where entity in (select unnest($entities))"
    return {entity for (entity,) in now.rows(query, {"entities": [*entities]})}


def _compute_rows(now: Warehouse, part: Warehouse, since: Since) -> pa.Table:
    """Compute the rows of companies from a part of a warehouse; `now` has the rows stored before."""
    if not since:
        return _NOTHING
    before = _read_rows(now, [entity for entity, moment in since.items() if moment is not None])
    return compute_histories(part, since, before)


def _read_rows(now: Warehouse, entities: list[str]) -> pa.Table | None:
    """Return the current stored rows of these companies."""
    if not entities:
        return None
    query = f"""
        select d.* exclude (recorded_at) from {DERIVED} d
        join derivation n on n.entity = d.entity and n.recorded_at = d.recorded_at
        where d.entity in (select unnest($entities))"""
    return now.sql(query, {"entities": entities}).arrow()
