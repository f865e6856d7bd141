"""The warehouse as readers see it: one snapshot, one DuckDB connection, and the views of `tracker/warehouse/views/`."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import duckdb

from tracker.errors import DamageError, NothingMatchedError, WarehouseError, find_system_error
from tracker.files.hash_chain import find_flaws
from tracker.model.company_names import Called, bare_name, cik_in, companies_called
from tracker.model.schema import DERIVED, DERIVED_VIEWS, RUN, RUNS, SHOWN, TABLES
from tracker.warehouse.catalog import as_of_instant, history_sql, table_sql, twin_sql, view_sql
from tracker.warehouse.connection import (
    find_tables,
    open_connection,
    single_statement,
    translate_engine_error,
    use_macros,
)
from tracker.warehouse.delta_log import confine
from tracker.warehouse.export import SHOWN_ROWS, draw_html
from tracker.warehouse.file_check import check_files
from tracker.warehouse.journal import REPAIR
from tracker.warehouse.query_names import histories_in, mentioned, no_view
from tracker.warehouse.snapshot import (
    Excerpt,
    Snapshot,
    moment_of,
    read_earlier_snapshot,
    read_snapshot,
    require_warehouse,
)
from tracker.warehouse.stored_tables import (
    DERIVATION,
    STANDING,
    STORED_DERIVATION,
    runs_sql,
    standing_sql,
    stored_rows,
    stored_sql,
)
from tracker.warehouse.view_files import split_words, views, with_below
from tracker.warehouse.view_macros import uses_macros

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    import pandas as pd
    import pyarrow as pa

    from tracker.warehouse.view_files import View

__all__ = ["MovingWarehouse", "Result", "Warehouse"]

#: The companies that may be meant by a text. A name also fits if it begins with the text: the legal form may be
#: missing.
_NAMED: Final = """
    select entity, kind, alias, valid_from, valid_to from entity_name
    where lower(alias) = lower($name) or kind || lower(alias) = lower($name) or (kind = 'cik' and alias = $cik)
        or (kind = 'name' and starts_with(lower(alias), lower($bare)))
"""
_REMOVED: Final = """
    select i.stored_as from entity_id i
    left join stored_latest_entity e on e.entity = i.stored_as
    left join stored_latest_entity_alias a on a.entity = i.stored_as
    where not i.is_withdrawn and i.entity is null
      and lower($name) in (lower(i.stored_as), lower(e.name), lower(a.alias), cast(e.cik as varchar))
"""
_LISTED_AS: Final = """
    select min(case when l.kind = 'name' then l.alias end) as name, l.cik
    from listing l
    where l.cik in (
        select cik from listing
        where lower(alias) = lower($name) or (kind = 'name' and starts_with(lower(alias), lower($name)))
    )
    group by l.cik
    order by count(case when lower(l.alias) = lower($name) then 1 end) desc, l.cik
    limit 1
"""


#: Rows of a batch that is streamed.
_BATCH: Final = 20_000


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of a query: as tuples (`fetchall`), pandas (`df`), Arrow (`arrow`) or a file (`write_csv` and others).

    For rows by column name call `Warehouse.records`. Each method runs the query, and raises QueryError if the engine
    fails while it runs.
    """

    relation: duckdb.DuckDBPyRelation
    #: What must live as long as the rows can be asked for.
    owner: object = field(default=None, compare=False, repr=False)

    @property
    def columns(self) -> list[str]:
        """Return the column names, in order."""
        return self.relation.columns

    @property
    def types(self) -> list[str]:
        """Return the SQL types, in the columns' order."""
        return [str(kind) for kind in self.relation.types]

    @property
    def kinds(self) -> list[Any]:
        """Return the engine's own type objects, from which the types of their parts can be read."""
        return list(self.relation.types)

    def project(self, expressions: Sequence[str]) -> Result:
        """Return the rows with these expressions as columns; `#1` is the first column, whatever its name."""
        with translate_engine_error(is_fetching=True):
            return Result(self.relation.project(", ".join(expressions)), self.owner)

    def _repr_html_(self) -> str:
        """Show the first rows as a table in a notebook; every cell is text, whatever it holds."""
        with translate_engine_error(is_fetching=True):
            return draw_html(Result(self.relation.limit(SHOWN_ROWS + 1), self.owner), SHOWN_ROWS)

    def write_csv(self, file: Path) -> None:
        """Write all rows as CSV."""
        with translate_engine_error(is_fetching=True):
            self.relation.write_csv(str(file))

    def write_parquet(self, file: Path) -> None:
        """Write all rows as Parquet."""
        with translate_engine_error(is_fetching=True):
            self.relation.write_parquet(str(file), compression="zstd")

    def write_lines(self, file: Path, frame: tuple[str, str, str] | None = None) -> None:
        """Write the only column, texts without control characters, one line a row.

        `frame` is what the file begins with, what separates the rows, and what it ends with.
        """
        framed = ""
        if frame is not None:
            begin, between, end = frame
            framed = f", prefix '{begin}', new_line '{between}', suffix '{end}'"
        path = str(file).replace("'", "''")
        raw = "format csv, header false, quote '\x02', escape '\x02', delimiter '\x01'"
        with translate_engine_error(is_fetching=True):
            self.relation.query("rows_out", f"copy rows_out to '{path}' ({raw}{framed})")

    def df(self) -> pd.DataFrame:
        """Return all rows as a pandas frame; decimals become floats."""
        with translate_engine_error(is_fetching=True):
            return self.relation.df()

    def arrow(self) -> pa.Table:
        """Return all rows as an Arrow table; decimals stay exact."""
        with translate_engine_error(is_fetching=True):
            return self.relation.to_arrow_table()

    def stream(self) -> pa.RecordBatchReader:
        """Return the rows as a stream of Arrow batches; the connection can run no other query meanwhile."""
        with translate_engine_error(is_fetching=True):
            return self.relation.to_arrow_reader(_BATCH)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows as tuples; decimals are `decimal.Decimal`."""
        with translate_engine_error(is_fetching=True):
            return self.relation.fetchall()


class Warehouse:
    """One snapshot of a warehouse folder, to be queried in SQL.

    The same query gives the same rows for as long as it is open, whatever is committed meanwhile. `as_of` (a day or a
    timestamp) makes every view show what followed from what was known then. `versions` opens an earlier state by the
    Delta version of each table (see `versions_at`). `excerpt` opens a part of one: the views show the same for its
    companies, and each is computed once.

    Query with `sql` (rows as tuples, pandas, Arrow or a file) or with `records` (rows by column name). To run many
    queries, call `materialize` first.

    Raises:
        WarehouseError: the folder holds no warehouse.

    """

    def __init__(
        self,
        path: str | Path,
        *,
        as_of: str | None = None,
        versions: Mapping[str, int] | None = None,
        excerpt: Excerpt | None = None,
    ) -> None:
        self.path = Path(path)
        require_warehouse(self.path)
        self.snapshot = excerpt.snapshot if excerpt else self._read_snapshot(versions)
        self._excerpt = excerpt
        self.connection, self._free = open_connection(self)
        self.connection.execute("set file_search_path = ?", [str(self.path.resolve())])
        self.connection.execute("set timezone = 'UTC'")
        self._has_macros = False
        self._register_drafts()
        self.as_of = as_of_instant(as_of) and as_of if as_of else None
        self.is_derived = self._has_derived(excerpt)
        self._is_materialized = excerpt is not None
        self._defined: dict[str, str] = {}  # name: what to drop (view, table, macro table)
        self._stale = {*TABLES, RUN}  # stored tables that are not defined yet, or have changed since
        self._parts: dict[bool, tuple[tuple[tuple[str, ...], str | None], Warehouse]] = {}

    def _read_snapshot(self, versions: Mapping[str, int] | None) -> Snapshot:
        return read_snapshot(self.path) if versions is None else read_earlier_snapshot(self.path, versions)

    def _has_derived(self, excerpt: Excerpt | None) -> bool:
        """Return whether stored figures belong to this state; if not, each question derives them from the facts."""
        if excerpt and (excerpt.drafts or excerpt.is_live):
            return DERIVED in excerpt.drafts
        files = self.snapshot.files.get(DERIVED, ())
        return self.snapshot.is_derived and all((self.path / name).is_file() for name in files)

    def _register_drafts(self) -> None:
        for table, rows in self._excerpt.drafts.items() if self._excerpt else ():
            self.connection.register(f"draft_{table}", rows)

    def sql(self, query: str, parameters: Mapping[str, object] | Sequence[object] | None = None) -> Result:
        """Run one statement, for its rows as tuples, pandas, Arrow or a file. Named parameters are written `$name`.

        Raises:
            QueryError: the engine refuses the statement.
            UsageError: the text holds no statement, or several.

        """
        statement = single_statement(query)
        self._define_views(statement)
        return self._run_defined(statement, parameters)

    def _run_defined(self, query: str, parameters: Mapping[str, object] | Sequence[object] | None) -> Result:
        """Run a query on what is defined by now."""
        with translate_engine_error():
            relation = self.connection.sql(query, params=parameters or None)
        return Result(relation if relation is not None else self.connection.sql("select 'done' as result"))

    def rows(
        self, query: str, parameters: Mapping[str, object] | Sequence[object] | None = None
    ) -> list[tuple[Any, ...]]:
        """Run one statement and return all rows as tuples; decimals are `decimal.Decimal`.

        It binds the statement once, where `sql` binds it twice. For a query with few rows this takes half the time.

        Raises:
            QueryError: the engine refuses the statement.

        """
        self._define_views(query)
        with translate_engine_error():
            return self.connection.execute(query, parameters or None).fetchall()

    def records(
        self, query: str, parameters: Mapping[str, object] | Sequence[object] | None = None
    ) -> list[dict[str, Any]]:
        """Run one statement as `rows` does, and return all rows by column name."""
        self._define_views(query)
        with translate_engine_error():
            found = self.connection.execute(query, parameters or None)
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def objects(self, *, is_short: bool = False) -> Result:
        """List every view with its grain, whether it has an `_as_of(t)` twin, and what it is, in a line or in full."""
        what = "regexp_extract(o.comment, '^(.*?)[.] Grain: ', 1) as what" if is_short else "o.comment"
        ours = {
            "names": [view.name for view in views()],
            "timed": [view.is_timed for view in views()],
            "comments": [view.comment for view in views()],
        }
        self._define_stored(set(self._stale))
        self._define_macros("qualifier")
        return (
            self._run_defined(  # our own views are described from their files: to define all of them would take seconds
                f"""select o.name, o.has_as_of, regexp_extract(o.comment, 'Grain: (.*?)[.]', 1) as grain, {what}
                from (
                    select unnest($names) as name, unnest($timed) as has_as_of, unnest($comments) as comment
                    union all
                    select view_name, false, coalesce(comment, '')
                    from duckdb_views()
                    where database_name = current_database() and not internal
                      and view_name not like 'stored%' and not list_contains($names, view_name)
                ) o
                order by o.name""",
                ours,
            )
        )

    def columns_of(self, name: str) -> Result:
        """List the columns of one view and their types; NothingMatchedError if there is no such view."""
        self._define_views(name)
        found = self._run_defined(
            """select c.column_name as "column", c.data_type as type
               from duckdb_columns() c
               where c.database_name in (current_database(), 'temp') and c.table_name = $name
               order by c.column_index""",
            {"name": name},
        )
        if not found.fetchall():
            raise NothingMatchedError(no_view(name))
        return found

    def entity_of(self, name: str) -> str:
        """Find the id of a company by its id, CIK, LEI, ticker or name, present or former, on the day of the warehouse.

        Raises:
            NothingMatchedError: no company has the name, or several have.

        """
        found = self._find_companies(name)
        if len(found) > 1:
            raise NothingMatchedError(f"{name!r} may be {self._list_names(found)}; give the id")
        if not found:
            raise NothingMatchedError(f"no company is called {name!r}{self._suggest_company(name)}")
        return found[0]

    def ids_of(self, names: Iterable[str]) -> dict[str, str]:
        """Find the id of each company; a name that no company has stands for itself.

        Raises:
            NothingMatchedError: several companies have one of the names.

        """
        wanted = [*dict.fromkeys(names)]
        query = "select entity from entity where entity in (select unnest($names))"
        there = {entity for (entity,) in self.rows(query, {"names": wanted})} if wanted else set()
        return {name: name if name in there else self._id_or_name(name) for name in wanted}

    def _id_or_name(self, name: str) -> str:
        found = self._find_companies(name)
        if len(found) > 1:
            raise NothingMatchedError(f"{name!r} may be {self._list_names(found)}; give the id")
        return found[0] if found else name

    def _find_companies(self, name: str) -> list[str]:
        day = (moment_of(self.as_of) if self.as_of else datetime.now(UTC)).date()
        rows = self.rows(_NAMED, {"name": name.strip(), "bare": bare_name(name), "cik": cik_in(name)})
        return companies_called(name, itertools.starmap(Called, rows), day)

    def _list_names(self, entities: Sequence[str]) -> str:
        query = "select name || ' (' || entity || ')' from entity where entity in (select unnest($entities)) order by 1"
        return ", ".join(text for (text,) in self.rows(query, {"entities": [*entities]}))

    def _suggest_company(self, name: str) -> str:
        """Return the rest of an error: which companies may be meant, that it was removed, or where a list is."""
        found = self.sql(
            """select distinct name || ' (' || entity || ')' from entity
               where contains(lower(name), lower($name)) or contains(lower(entity), lower($name)) order by 1 limit 4""",
            {"name": name},
        ).fetchall()
        if found:
            return f"; there is {', '.join(text for (text,) in found)}"
        if self.rows(_REMOVED, {"name": name.strip()}):
            return ": it was removed; take its row out of entities.csv and ingest anything to have it back"
        listed = self.rows(_LISTED_AS, {"name": name.strip()})
        if listed:
            return f": {listed[0][0]} (CIK {listed[0][1]}) is listed, but nothing of it is stored or shown"
        return "; `tracker entity list` lists the companies"

    def define(self, names: Iterable[str]) -> None:
        """Define these views and tables in the connection, for a caller that uses it directly."""
        self._define_views(" ".join(names))

    def _define_views(self, query: str) -> None:
        """Define the views, twins and histories that a query names; to define all of them would take a second."""
        tables = self._find_tables(query)
        named, twins = mentioned(query)
        is_inventory = len(named) == len(views())
        if not is_inventory:  # a query may use the name for a part of itself
            named = [view for view in named if view.name in tables]
        histories = histories_in(query) if self.is_derived else []
        read = with_below([*named, *twins, *histories], is_derived=self.is_derived)
        computed = [view for view in read if not (self.is_derived and view.name in DERIVED_VIEWS)]
        self._define_macros(" ".join([query, *(view.body for view in computed)]))
        tables |= {name for view in computed for name in view.reads}
        if len(computed) < len(read) or histories or "derivation" in tables:
            tables.add(DERIVED)
        self._define_stored({name for name in self._stale if is_inventory or tables & _names_of(name)})
        if DERIVED in tables or is_inventory:
            self._define_once("stored_derivation", "table", lambda: STORED_DERIVATION)
            self._define_once("derivation", "view", lambda: DERIVATION)
        for view in with_below(named, is_derived=self.is_derived) if self._is_materialized else named:
            self._define_view(view)
        for view in twins:
            self._define_once(f"{view.name}_as_of", "macro table", partial(twin_sql, view, is_derived=self.is_derived))
        for view in histories:
            self._define_once(f"{view.name}_history", "view", partial(history_sql, view))

    def _find_tables(self, query: str) -> set[str]:
        """Return the names of the tables in a query, or all its words if it is no SELECT.

        Then the word 'derived' is a method, not the table.
        """
        tables = find_tables(self.connection, query)
        return split_words(query) - {DERIVED} if tables is None else tables

    def _define_macros(self, text: str) -> None:
        """Define the macros if a text uses one; most questions about stored figures use none."""
        if not self._has_macros and uses_macros(text):
            use_macros(self.connection)
            self._has_macros = True

    def _define_view(self, view: View) -> None:
        """Define a view; after `materialize`, compute it once instead, unless its rows are stored."""
        if self._is_materialized and not (self.is_derived and view.name in DERIVED_VIEWS):
            kind = "view" if view.name == STANDING and self._is_standing else "table"
            self._define_once(view.name, kind, partial(self._table_sql, view))
        else:
            define = partial(view_sql, view, as_of=self.as_of, is_derived=self.is_derived)
            self._define_once(view.name, "view", define)

    def _define_once(self, name: str, kind: str, text: Callable[[], str]) -> None:
        if name not in self._defined:
            with translate_engine_error():
                self.connection.execute(text())
            self._defined[name] = kind

    @property
    def _is_standing(self) -> bool:
        return self._excerpt is not None and self._excerpt.is_standing

    def _table_sql(self, view: View) -> str:
        """Return the statement that computes a view once and stores its rows."""
        return standing_sql() if self._is_standing and view.name == STANDING else table_sql(view, self.as_of)

    def _define_stored(self, tables: set[str]) -> None:
        """Define these stored tables on the snapshot's files, once the files are checked."""
        if tables & ({"fact", *SHOWN} if self._excerpt is None else {"fact", DERIVED, *SHOWN}):
            tables |= {"entity_id"} & self._stale
        if tables & {*SHOWN}:  # each is shown by what the other says of ids
            tables |= {*SHOWN} & self._stale
        self._check_files(tables)
        try:
            for table in sorted(tables, key=[*TABLES, RUN].index):  # some are defined over those before them
                self.connection.execute(self._stored_sql(table))
        except duckdb.Error as error:
            if system_error := find_system_error(str(error)):
                raise WarehouseError(system_error) from error
            message = (
                f"{self.path} cannot be read by this version ({str(error).splitlines()[0]}); build it anew elsewhere"
            )
            raise WarehouseError(message) from error
        self._stale -= tables
        if DERIVED in tables and "stored_derivation" in self._defined:
            del self._defined["stored_derivation"]
            self._define_once("stored_derivation", "table", lambda: STORED_DERIVATION)

    def _check_files(self, tables: set[str]) -> None:
        """Raise DamageError if a file of these tables is not as it was written, or lies outside the warehouse."""
        names = [name for table in tables - {RUN} for name in self.snapshot.files.get(table, ())]
        check_files(self.path, [self.snapshot.stored[name] for name in names])
        if RUN in tables and confine(self.path, RUNS).is_file():  # a copy may lack it
            for flaw in find_flaws(self.path / RUNS):
                what = f"line {flaw.line} {flaw.what}" if flaw.line else f"it {flaw.what}"
                raise DamageError(f"{self.path / RUNS} is damaged: {what}; {REPAIR}")

    def _stored_sql(self, table: str) -> str:
        if table == RUN:
            return runs_sql(is_there=(self.path / RUNS).is_file())
        return stored_sql(table, self._stored_rows(table), is_computed=self._is_materialized)

    def _stored_rows(self, table: str) -> str:
        """Return the SELECT of the rows of a stored table that this snapshot or excerpt has."""
        excerpt, files = self._excerpt, self.snapshot.files.get(table, ())
        if excerpt is None:
            return stored_rows(table, files, until=self.snapshot.until)
        if table == DERIVED and DERIVED in excerpt.drafts:
            return stored_rows(table, (), is_drafted=True)  # all rows of the companies of these drafts
        entities = self._stored_ids(excerpt.entities) if table in {"fact", DERIVED} else None
        return stored_rows(table, files, entities, until=self.snapshot.until, is_drafted=table in excerpt.drafts)

    def _stored_ids(self, entities: Sequence[str]) -> Sequence[str]:
        """Return all ids under which these companies are stored, whichever of the ids names them."""
        if not entities or not self.snapshot.files.get("entity_id"):
            return entities
        found = self.connection.execute(
            """with shown as (select stored_as, coalesce(entity, '') as entity from entity_id where not is_withdrawn),
                    asked as (
                        select coalesce(s.entity, a.entity) as entity
                        from (select unnest($entities) as entity) a left join shown s on s.stored_as = a.entity
                    )
               select entity from asked union select stored_as from shown semi join asked using (entity)
               union select unnest($entities)""",
            {"entities": [*entities]},
        ).fetchall()
        return sorted(entity for (entity,) in found if entity)

    # -- parts, and speed ----------------------------------------------------------------------------

    def for_companies(self, entities: Sequence[str]) -> Warehouse:
        """Open the same snapshot at the same moment with the statements of these companies alone.

        The caller closes it.
        """
        return Warehouse(self.path, as_of=self.as_of, excerpt=Excerpt(self.snapshot, entities, {}))

    def shared_part(self, entities: Sequence[str], as_of: str | None) -> Warehouse:
        """Return the same snapshot at a moment, with the statements of these companies alone (of all where none is).

        It belongs to this warehouse, which closes it. Only the newest part with companies and the newest with all are
        kept open: reports that follow each other are often about the same companies.
        """
        key, slot = (tuple(entities), as_of), bool(entities)
        known = self._parts.get(slot)
        if known is not None and known[0] == key:
            return known[1]
        if known is not None:
            known[1].close()
        excerpt = Excerpt(self.snapshot, entities, {}) if entities else None
        part = Warehouse(self.path, as_of=as_of, versions=self.snapshot.versions, excerpt=excerpt)
        self._parts[slot] = (key, part)
        return part

    def materialize(self) -> None:
        """From now on, compute each view once, when it is first named: queries become faster, and no result changes."""
        self._is_materialized = True

    def close(self) -> None:
        """Free the connection, and the parts that belong to this warehouse."""
        for _, part in self._parts.values():
            part.close()
        self._parts.clear()
        self._free()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _names_of(table: str) -> set[str]:
    """Return the names under which views and queries read a stored table."""
    return {table, f"stored_{table}", f"stored_latest_{table}"}


class MovingWarehouse(Warehouse):
    """A warehouse that moves on with commits: for the writer, and for the audit of each batch before it is committed.

    It keeps its connection, and the definitions of what has not changed.
    """

    def advance(self, snapshot: Snapshot) -> None:
        """Show a later snapshot from now on."""
        self._stale |= {table for table, files in snapshot.files.items() if files != self.snapshot.files.get(table)}
        self.snapshot = snapshot
        if self._excerpt is None and self._has_derived(None) != self.is_derived:
            self._drop_views()
            self.is_derived = not self.is_derived

    def _drop_views(self, changed: AbstractSet[str] | None = None) -> None:
        """Drop the defined views and computed tables: all of them, or those that read one of these stored tables."""
        dropped = {name: kind for name, kind in self._defined.items() if changed is None or _may_read(name, changed)}
        for name, kind in dropped.items():
            self.connection.execute(f"drop {kind} {name}")
            del self._defined[name]

    def replace_excerpt(self, excerpt: Excerpt) -> None:
        """Show another excerpt from now on. Drop the computed views that read a stored table that differs in it."""
        before, self._excerpt = self._excerpt, excerpt
        was_derived, self.is_derived = self.is_derived, self._has_derived(excerpt)
        changed = _find_differing_tables(before, excerpt) if before else {*TABLES}
        self._drop_views(changed if was_derived == self.is_derived else None)
        self._register_drafts()
        self.advance(excerpt.snapshot)
        self._stale |= changed


def _find_differing_tables(before: Excerpt, excerpt: Excerpt) -> set[str]:
    """Find the stored tables that may show other rows in another excerpt."""
    ways = [(one.snapshot.until, one.is_standing, one.is_live) for one in (before, excerpt)]
    if ways[0] != ways[1]:
        return {*TABLES}
    files = before.snapshot.files, excerpt.snapshot.files
    drafts = before.drafts, excerpt.drafts
    found = {table for table in TABLES if files[0].get(table, ()) != files[1].get(table, ())}
    found |= {table for table in TABLES if drafts[0].get(table) is not drafts[1].get(table)}
    if [*before.entities] != [*excerpt.entities]:
        found |= {"fact", DERIVED}
    if found & {"entity_id", *SHOWN}:  # statements and companies are shown under the ids in force
        found |= {"entity_id", "fact", DERIVED, *SHOWN}
    return found


def _may_read(name: str, tables: AbstractSet[str]) -> bool:
    """Return whether what is defined under a name may read one of these stored tables."""
    return not _list_tables_below(name).isdisjoint(tables)


@cache
def _list_tables_below(name: str) -> frozenset[str]:
    """Return the stored tables that a view reads, itself or below; if the name is no view, return all tables."""
    found = [view for view in views() if view.name == name]
    read = {each for view in with_below(found) for each in view.reads}
    return frozenset(table for table in TABLES if not found or read & _names_of(table))
