"""Keep the stored state that a writer needs, and find what a batch changes in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Self

import pyarrow as pa
import pyarrow.compute as pc

from tracker.model.arrays import array_of, codes_of, whole
from tracker.model.fact import content_table, no_facts, rows_table, with_ids
from tracker.model.schema import DERIVED, LATEST, READERS, TABLES
from tracker.warehouse.delta_log import are_newest
from tracker.warehouse.journal import last_commit
from tracker.warehouse.reader import MovingWarehouse, Warehouse
from tracker.warehouse.snapshot import Snapshot, basis_of, read_snapshot, stamp_of
from tracker.warehouse.stored_tables import latest_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from tracker.errors import Problem
    from tracker.model.batch import Batch
    from tracker.warehouse.data_files import WrittenFile

__all__ = [
    "STANDING_STATEMENTS",
    "TICK",
    "StoredState",
    "TableCommit",
    "count_sets",
    "find_withdrawn",
    "make_problem_rows",
    "plan_commits",
    "select_derivations",
]


TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class TableCommit:
    """One commit of a table: its new files, and the files that they replace.

    `basis` names what derived figures follow from (`Snapshot.basis`); other tables have none. `is_new` is False if the
    rows were stored before, as in a compaction.
    """

    table: str
    files: Sequence[WrittenFile]
    removed: Sequence[str]
    moment: datetime
    basis: str | None = None
    is_new: bool = True

    def names_after(self, before: Sequence[str]) -> list[str]:
        """Return the names of the table's files with this commit."""
        return sorted({*before, *(file.described.name for file in self.files)} - {*self.removed})


def plan_commits(
    stored: StoredState, files: Mapping[str, Sequence[WrittenFile]], derived: pa.Table | None, moment: datetime
) -> list[TableCommit]:
    """Return the commits of a batch in their order; `derived` are its derived rows, or None if it changes no figure.

    Of the derived rows, only those that say which companies were derived are needed.
    """
    removed = stored.files_left_without(derived) if derived is not None else []
    newest = {**stored.warehouse.snapshot.newest, **dict.fromkeys(files, stamp_of(moment))}
    plain = [TableCommit(table, of_table, (), moment) for table, of_table in files.items() if table != DERIVED]
    if derived is None:
        return plain
    commit = TableCommit(DERIVED, files.get(DERIVED, ()), removed, moment, basis_of(newest))
    return [*(one for one in plain if one.table != "fact"), commit, *(one for one in plain if one.table == "fact")]


@dataclass(slots=True)
class StoredState:
    """The content of the warehouse, as far as a writer must know it; kept from commit to commit under the lock.

    `newest` is the moment of the last commit, with or without rows. The next commit gets a later moment, whatever the
    clock says. `entities` are the companies in each table that has its rows by company. `derived_files` are the files
    of derived figures that hold, each with its companies; None until they are needed.
    """

    warehouse: MovingWarehouse
    newest: datetime
    entities: dict[str, set[str]]
    derived_files: Mapping[str, AbstractSet[str]] | None = None

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the state of a folder."""
        now = MovingWarehouse(path)
        tables = [table for table in TABLES if table != DERIVED]  # which may be damaged, and then is derived anew
        newest = " union all ".join(f"select max(recorded_at) as newest from {_name_raw(table)}" for table in tables)
        ((last,),) = now.rows(f"select max(newest) as newest from ({newest})")
        entities = {
            table: {entity for (entity,) in now.rows(f"select distinct entity from {_name_raw(table)}")}
            for table in _BY_COMPANY
        }
        entered = last_commit(path)
        moments = [moment for moment in (last, entered and entered.moment) if moment]
        return cls(now, max(moments, default=datetime.fromtimestamp(0, UTC)), entities)

    @property
    def is_derived(self) -> bool:
        """Return whether the stored figures follow from the stored facts, by the rules of this version."""
        return self.warehouse.snapshot.is_derived

    def companies(self) -> list[str]:
        """Return the ids in force of all companies that have facts."""
        return [
            entity
            for (entity,) in self.warehouse.sql(
                """select distinct case when i.stored_as is null then f.entity else i.entity end as entity
                   from (select distinct entity from fact) f
                   left join entity_id i on i.stored_as = f.entity and not i.is_withdrawn
                   where f.entity is not null
                   order by 1"""
            ).fetchall()
            if entity is not None
        ]

    def is_current(self, path: Path) -> bool:
        """Return whether nobody else has written since."""
        return are_newest(path, self.warehouse.snapshot.versions)

    def follow(self, path: Path, commits: Sequence[tuple[TableCommit, int, pa.Table]], recorded_at: datetime) -> None:
        """Add commits of our own to the state; each comes with the new version of its table, and its rows."""
        if not commits:
            return
        before = self.warehouse.snapshot
        is_next = all(version == before.versions[commit.table] + 1 for commit, version, _ in commits)
        versions, files, stored = {**before.versions}, {**before.files}, {**before.stored}
        newest, basis = {**before.newest}, before.basis
        for commit, version, _ in commits:
            versions[commit.table] = version
            files[commit.table] = commit.names_after(files[commit.table])
            stored |= {file.described.name: file.described for file in commit.files}
            stored = {name: file for name, file in stored.items() if name not in commit.removed}
            newest |= {commit.table: stamp_of(commit.moment)} if commit.files and commit.is_new else {}
            basis = commit.basis or basis
        later = Snapshot(versions, files, stored, newest, basis)
        self.warehouse.advance(later if is_next else read_snapshot(path))
        self.newest = recorded_at
        for commit, _, rows in commits:
            if commit.table in _BY_COMPANY:
                self.entities[commit.table].update(_list_values(rows, "entity"))
            elif commit.table == DERIVED:
                self.replace_derived(rows, commit)

    def files_left_without(self, derived: pa.Table) -> list[str]:
        """Return the files of derived figures that these rows replace: all their companies are derived anew."""
        anew = _list_derived_companies(derived)
        return [name for name, entities in self._derived_files().items() if entities <= anew]

    def replace_derived(self, rows: pa.Table, commit: TableCommit) -> None:
        """Note which file has the figures of each company from now on."""
        anew = _list_derived_companies(rows)
        left = {name: entities - anew for name, entities in self._derived_files().items()}
        new = {file.described.name: anew for file in commit.files}
        self.derived_files = {name: entities for name, entities in (left | new).items() if entities}

    def _derived_files(self) -> Mapping[str, AbstractSet[str]]:
        """Return the files of derived figures that hold, each with the companies whose figures are in it."""
        if self.derived_files is None:
            self.derived_files = _find_derived_files(self.warehouse)
        return self.derived_files

    def changed(self, table: str, incoming: pa.Table, origin: str | None) -> pa.Table:
        """Find the sets of rows (a company's aliases, all metrics) that differ from what is stored."""
        gone = _find_taken_back(self.warehouse, table, incoming, origin)
        if table == "source" and origin is not None and incoming.num_rows:
            incoming = _complete_sources(self.warehouse, incoming)
        differing = self._differing(table, incoming, is_kept=origin is not None)
        return pa.concat_tables([differing, gone]) if gone.num_rows else differing

    def _differing(self, table: str, incoming: pa.Table, *, is_kept: bool) -> pa.Table:
        is_new = not self.warehouse.snapshot.files.get(table) or (
            table in _BY_COMPANY and self.entities[table].isdisjoint(_list_values(incoming, "entity"))
        )
        return incoming if is_new else _find_changed_sets(self.warehouse, table, incoming, is_kept=is_kept)

    def companies_of(self, facts: pa.Table) -> list[str]:
        """Return the companies of these facts that have stored facts already."""
        return [entity for entity in _list_values(facts, "entity") if entity in self.entities["fact"]]

    def unknown(self, facts: pa.Table) -> pa.Table:
        """Return the facts that are not stored, or were withdrawn; a fact that a person corrected counts as stored."""
        asked = self.companies_of(facts)
        if not asked:  # companies never seen: nothing to compare, and nothing of theirs to read
            return facts
        self.warehouse.connection.register("asked", pa.Table.from_arrays([array_of(asked, pa.string())], ["entity"]))
        held = _fetch_arrow(self.warehouse, f"{_STANDING_OF_SOME} select fact_id from said")
        is_known = pc.is_in(facts.column("fact_id"), whole(held.column("fact_id")))
        return facts.filter(pc.invert(is_known))


def _list_derived_companies(rows: pa.Table) -> set[str]:
    """Return the companies of rows of `derived`."""
    return {*select_derivations(rows).column("entity").to_pylist()}


def select_derivations(rows: pa.Table) -> pa.Table:
    """Return the rows of `derived` that say which companies were derived."""
    is_derivation = pc.is_in(rows.column("view"), array_of(["derivation"], pa.string()))
    return rows.filter(is_derivation)


def _find_derived_files(now: Warehouse) -> dict[str, set[str]]:
    """Find the files of derived figures in a warehouse, each with the companies whose latest figures it has."""
    names = now.snapshot.files.get(DERIVED, ())
    if not names:
        return {}
    rows = now.sql(
        """select filename, entity
           from read_parquet($files, filename = true)
           where view = 'derivation'
           qualify row_number() over (partition by entity order by recorded_at desc) = 1""",
        {"files": [str(now.path.resolve() / name) for name in names]},
    ).fetchall()
    folder = f"{now.path.resolve()}/"
    found: dict[str, set[str]] = {name: set() for name in names}
    for name, entity in rows:
        found[name.removeprefix(folder)].add(entity)
    return found


#: The statements that were not withdrawn, of all companies or of those in `asked`.
_STANDING: Final = """
    with gone as (
        select retracts, max(recorded_at) as gone_at from fact {of}
        where retracts is not null group by retracts
    ),
    said as (
        select f.* exclude (retracts)
        from fact f {of}
        left join gone g on g.retracts = f.fact_id and g.gone_at >= f.recorded_at
        where f.retracts is null and g.retracts is null
    )
"""


STANDING_STATEMENTS: Final = _STANDING.format(of="")


_STANDING_OF_SOME: Final = _STANDING.format(of="semi join asked using (entity)")


#: Tables of which a writer remembers the companies.
_BY_COMPANY: Final = frozenset({"fact", "entity", "entity_alias"})


def _list_values(table: pa.Table, name: str) -> list[str]:
    """List the distinct texts of a column."""
    return codes_of(whole(table.column(name)))[1].to_pylist()  # type: ignore[no-any-return]


def _name_raw(table: str) -> str:
    return f"stored_{table}" if table in LATEST else table


def count_sets(table: str, rows: pa.Table) -> int:
    """Count the sets (a company's aliases, one pin, all metrics) that the rows belong to."""
    keys = [rows.column(name).to_pylist() for name in LATEST[table]]
    return len(set(zip(*keys, strict=True))) if keys else 1


def _complete_sources(now: Warehouse, incoming: pa.Table) -> pa.Table:
    """Fill empty cells of a person's rows of `source` with what a reader has found about the same source.

    `published_basis` says where the day comes from, so the two are filled together.
    """
    now.connection.register("incoming", incoming)
    basis = "case when i.published_at is null then coalesce(r.published_basis, 'stated') else i.published_basis end"
    own = {name: f"i.{name}" for name in ("source_id", "kind", "origin")} | {"published_basis": basis}
    cells = [f"{own.get(name, f'coalesce(i.{name}, r.{name})')} as {name}" for name in incoming.column_names]
    return _fetch_arrow(
        now,
        f"""with newest as (
                select *, row_number() over (partition by source_id order by recorded_at desc) as rn
                from stored_source where origin in (select unnest($readers))
            )
            select {", ".join(cells)}
            from incoming i
            left join newest r on r.source_id = i.source_id and r.rn = 1
            order by all""",
        {"readers": list(READERS)},
    ).cast(incoming.schema)


def _find_changed_sets(now: Warehouse, table: str, incoming: pa.Table, *, is_kept: bool) -> pa.Table:
    """Find the sets of rows (a company's aliases, all metrics) that differ from what is stored.

    What people keep by hand (`is_kept`) replaces what a reader found; never the other way round.
    """
    if incoming.num_rows == 0:
        return incoming
    columns = ", ".join(incoming.column_names)
    keys = ", ".join(LATEST[table])
    now.connection.register("incoming", incoming)
    same_set = f"semi join incoming using ({keys})" if keys else ""
    latest = latest_name(table)
    held = _fetch_arrow(now, f"select {columns} from {latest} {same_set}").cast(incoming.schema)
    if keys and held.num_rows == 0:
        return incoming
    if _is_same(held, incoming):
        return incoming.slice(0, 0)
    match = f"semi join differing using ({keys})" if keys else "where exists (select 1 from differing)"
    if "origin" in incoming.column_names and "origin" not in LATEST[table] and not is_kept:
        match += f" anti join {latest} h on h.{keys} = incoming.{keys} and h.origin is distinct from incoming.origin"
    return _fetch_arrow(
        now,
        f"""with held as (select {columns} from {latest} {same_set}),
                 differing as (
                     (select {columns} from incoming except select {columns} from held)
                     union all
                     (select {columns} from held except select {columns} from incoming)
                 )
            select distinct incoming.* from incoming {match} order by all""",
    ).cast(incoming.schema)


def _is_same(left: pa.Table, right: pa.Table) -> bool:
    """Return whether two tables have the same rows, in any order."""
    columns = [(name, "ascending") for name in left.column_names]
    return left.num_rows == right.num_rows and bool(left.sort_by(columns).equals(right.sort_by(columns)))


def _find_taken_back(now: Warehouse, table: str, incoming: pa.Table, origin: str | None) -> pa.Table:
    """Make rows that withdraw what this origin chose before and no longer chooses; most tables have no such rows."""
    if origin is None or "is_withdrawn" not in incoming.column_names:
        return incoming.slice(0, 0)
    now.connection.register("incoming", incoming)
    columns = ", ".join("true as is_withdrawn" if c == "is_withdrawn" else c for c in incoming.column_names)
    return _fetch_arrow(
        now,
        f"""select {columns} from {table} anti join incoming using ({", ".join(LATEST[table])})
            where origin = $origin and not is_withdrawn order by all""",
        {"origin": origin},
    ).cast(incoming.schema)


def make_problem_rows(problems: tuple[Problem, ...]) -> pa.Table:
    """Return problems as rows of `problem`."""
    return rows_table("problem", ((p.path, p.line, p.column, p.code, p.message, p.remedy) for p in problems))


def find_withdrawn(now: Warehouse, batch: Batch) -> pa.Table:
    """Make rows that withdraw what the batch's origin, or an earlier reading of its sources, no longer states."""
    if batch.origin is None:
        return _find_unread(now, batch) if "reading" in batch.rows else no_facts()
    now.connection.register("incoming", batch.facts)
    listed = batch.rows["source"] if "source" in batch.rows else rows_table("source", ())
    now.connection.register("listed", listed)
    gone = _fetch_arrow(
        now,
        f"""{STANDING_STATEMENTS}
            select k.* exclude (fact_id, recorded_at), k.fact_id as retracts
            from said k
            left join source s on s.source_id = k.source_id
            where k.method = 'curated'
              and (s.origin = $origin or k.source_id in (select source_id from listed))
              and k.fact_id not in (select fact_id from incoming)
              and k.fact_id not in (select corrected from correction_effect where corrected is not null)
            order by k.fact_id""",
        {"origin": batch.origin},
    )
    return with_ids(content_table({name: whole(gone.column(name)) for name in gone.column_names}))


def _find_unread(now: Warehouse, batch: Batch) -> pa.Table:
    """Make rows that withdraw what an earlier reading of the batch's sources found and this one does not."""
    now.connection.register("incoming", batch.facts)
    now.connection.register("read_anew", batch.rows["reading"])
    gone = _fetch_arrow(
        now,
        f"""{_STANDING.format(of="semi join read_anew using (source_id)")}
            select k.* exclude (fact_id, recorded_at), k.fact_id as retracts
            from said k
            where k.method in ('extracted', 'reported') and k.fact_id not in (select fact_id from incoming)
            order by k.fact_id""",
    )
    return with_ids(content_table({name: whole(gone.column(name)) for name in gone.column_names}))


def _fetch_arrow(now: Warehouse, query: str, parameters: dict[str, object] | None = None) -> pa.Table:
    """Run a query that may read the registered incoming rows, and return its rows as Arrow."""
    return now.sql(query, parameters).arrow()
