"""The warehouse as its readers see it: one snapshot, one DuckDB connection, the views of `tracker/sql/`.

The tables are Parquet in the Delta Lake format. After each commit the program writes `warehouse.sql`, the view
definitions over exactly that snapshot's files, so that `duckdb -init warehouse.sql` in the folder is all an
analyst needs. We use it too, and ask the Delta log itself only where the log has moved on.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import threading
import weakref
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import dropwhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import unquote

import duckdb

from tracker.catalog import (
    STANDING,
    as_of_instant,
    catalog_sql,
    engine_message,
    mentioned,
    no_view,
    runs_sql,
    standing_sql,
    stored_sql,
    table_sql,
    twin_sql,
    view_sql,
    views,
    with_below,
    words_sql,
)
from tracker.errors import NothingMatchedError, QueryError, UsageError, WarehouseError
from tracker.naming import Called, bare_name, cik_in, companies_called
from tracker.tables import RUN, RUNS, SHOWN, TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pandas as pd
    import pyarrow as pa

    from tracker.catalog import View

__all__ = [
    "Excerpt",
    "Result",
    "Snapshot",
    "Warehouse",
    "is_as_written",
    "latest_versions",
    "moment_of",
    "read_snapshot",
    "versions_at",
]

CATALOG: Final = "warehouse.sql"
#: What may be meant by a name; of names, those that begin with it, for the legal form may be missing.
_CALLED: Final = """
    select entity, kind, alias, valid_from, valid_to from entity_name
    where lower(alias) = lower($name) or kind || lower(alias) = lower($name) or (kind = 'cik' and alias = $cik)
        or (kind = 'name' and starts_with(lower(alias), lower($bare)))
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
_MARK: Final = "-- snapshot: "
_STAMP: Final = re.compile(r"\d{8}T\d{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of all tables at one moment: each table's Delta version and its files, relative to the folder."""

    versions: Mapping[str, int]
    files: Mapping[str, Sequence[str]]

    def catalog(self) -> str:
        """The text of `warehouse.sql` for this snapshot."""
        mark = json.dumps({"versions": self.versions, "files": self.files}, sort_keys=True)
        return f"{_MARK}{mark}\n{catalog_sql(self.files)}\n"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The statements of some companies in a snapshot, and rows of its tables that are not committed yet.

    `is_standing` promises that every statement there stands: none takes back another, or was checked by a person.
    """

    snapshot: Snapshot
    entities: Sequence[str]
    drafts: Mapping[str, pa.Table]
    is_standing: bool = False


def read_snapshot(path: Path, versions: Mapping[str, int] | None = None) -> Snapshot:
    """The state of a warehouse folder now, or at the given Delta version of each table."""
    written = _written_snapshot(path)
    if versions is None and written is not None and dict(written.versions) == latest_versions(path):
        return written
    return _log_snapshot(path, versions)


def _written_snapshot(path: Path) -> Snapshot | None:
    """The snapshot `warehouse.sql` was written for, from its first line."""
    try:
        with (path / CATALOG).open(encoding="utf-8") as file:
            first = file.readline()
        mark = json.loads(first.removeprefix(_MARK))
        return Snapshot(mark["versions"], mark["files"])
    except (FileNotFoundError, ValueError, KeyError):
        return None


def is_as_written(path: Path) -> bool:
    """Whether `warehouse.sql` is what this version of the program writes of the newest snapshot."""
    try:
        text = (path / CATALOG).read_text("utf-8")
    except (FileNotFoundError, ValueError):
        return False
    return text == read_snapshot(path).catalog()


def latest_versions(path: Path) -> dict[str, int]:
    """The newest commit of each table, by the names of the log's entries."""
    newest = {
        table: max(
            (int(entry.stem) for entry in (path / table / "_delta_log").glob("[0-9]*.json") if entry.stem.isdigit()),
            default=-1,
        )
        for table in TABLES
    }
    return {table: version for table, version in newest.items() if version >= 0}


def _log_snapshot(path: Path, versions: Mapping[str, int] | None) -> Snapshot:
    """The state as the Delta log tells it. `fact` is read first: what it names is already in the others."""
    from deltalake import DeltaTable  # noqa: PLC0415 - 74 ms that a reader of an up-to-date catalog is spared
    from deltalake.exceptions import DeltaError  # noqa: PLC0415

    found: dict[str, int] = {}
    files: dict[str, list[str]] = {}
    for table in reversed(TABLES):
        folder = path / table
        if not (folder / "_delta_log").is_dir() or (versions is not None and table not in versions):
            continue
        try:
            delta = DeltaTable(folder, version=None if versions is None else versions[table])
        except DeltaError as error:
            raise WarehouseError(
                f"{folder}: the log cannot be read ({error}); restore the folder from a copy"
            ) from error
        found[table] = delta.version()
        files[table] = sorted(_relative(uri, path) for uri in delta.file_uris())
    return Snapshot(dict(sorted(found.items())), dict(sorted(files.items())))


def _relative(uri: str, path: Path) -> str:
    return Path(unquote(uri.removeprefix("file://"))).resolve().relative_to(path.resolve()).as_posix()


# -- the second time axis: what was stored when ------------------------------------------------------


def versions_at(path: Path, recorded: str) -> dict[str, int]:
    """The Delta version each table had at a moment of `recorded_at`.

    `recorded` is a commit as `tracker log` prints it (all its batch and nothing later), a day (its end, UTC) or a
    timestamp. NothingMatchedError where there is no such commit, or nothing was stored yet.
    """
    if not (path / "fact" / "_delta_log").is_dir():
        raise WarehouseError(f"{path} holds no warehouse; run `tracker build` first")
    facts = list(dropwhile(lambda commit: not commit.is_batch, _commits(path / "fact")))
    moment = _moment_of(facts, recorded)
    if not facts or moment < facts[0].recorded_at:
        since = f"the first commit is of {facts[0].recorded_at:%Y-%m-%d %H:%M:%S} UTC" if facts else "nothing is stored"
        raise NothingMatchedError(f"nothing was stored by {recorded}; {since}")
    logs = {table: _commits(path / table) for table in TABLES if (path / table / "_delta_log").is_dir()}
    found = {
        table: max((commit.version for commit in log if commit.recorded_at <= moment), default=None)
        for table, log in logs.items()
    }
    return {table: version for table, version in found.items() if version is not None}


@dataclass(frozen=True, slots=True)
class _Commit:
    """One entry of a table's log: its version, the `recorded_at` of its rows, and whether it stored a batch."""

    version: int
    recorded_at: datetime
    is_batch: bool


def _commits(folder: Path) -> list[_Commit]:
    """A table's log, oldest first. The names of data files begin with the `recorded_at` of their rows.

    A commit without a file says it itself.
    """
    from deltalake import DeltaTable  # noqa: PLC0415 - as above

    return [
        _Commit(entry["version"], _recorded_at(entry), "batch" in entry)
        for entry in reversed(DeltaTable(folder).history())
    ]


def _recorded_at(entry: Mapping[str, Any]) -> datetime:
    stamp = _STAMP.search(entry.get("recorded_at") or entry.get("sha256", ""))
    if stamp is None:  # no rows of ours: the creation of the table, or a tidying of its files
        return datetime.fromtimestamp(entry["timestamp"] / 1000, UTC)
    return datetime.strptime(stamp[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)


def _moment_of(facts: Sequence[_Commit], recorded: str) -> datetime:
    """The moment a commit's number, a day or a timestamp stands for."""
    if not recorded.isdecimal():
        return moment_of(recorded)
    asked = [commit.recorded_at for commit in facts if commit.version == int(recorded)]
    if not asked:
        raise NothingMatchedError(f"there is no commit {recorded}; `tracker log` lists them")
    return asked[0]


def moment_of(text: str) -> datetime:
    """The moment a day (its end) or a timestamp stands for, UTC unless it says; UsageError where it is neither."""
    as_of_instant(text)
    try:
        moment = datetime.fromisoformat(text if len(text) > len("2024-08-05") else f"{text}T23:59:59.999999")
    except ValueError as error:
        raise UsageError(f"{text!r} is no moment of the calendar: {error}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# -- asking ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Result:
    """Rows of a query, to be had as pandas, Arrow or plain tuples. QueryError where the engine fails on the way."""

    relation: duckdb.DuckDBPyRelation

    @property
    def columns(self) -> list[str]:
        """Column names, in order."""
        return self.relation.columns

    @property
    def types(self) -> list[str]:
        """SQL types, in the columns' order."""
        return [str(kind) for kind in self.relation.types]

    @property
    def kinds(self) -> list[Any]:
        """The engine's own types, which know their parts."""
        return list(self.relation.types)

    def project(self, expressions: Sequence[str]) -> Result:
        """The rows with these expressions in place of the columns; `#1` is the first column, whatever its name."""
        with _told(is_on_the_way=True):
            return Result(self.relation.project(", ".join(expressions)))

    def write_csv(self, file: Path) -> None:
        """Write all rows as CSV."""
        with _told(is_on_the_way=True):
            self.relation.write_csv(str(file))

    def write_parquet(self, file: Path) -> None:
        """Write all rows as Parquet."""
        with _told(is_on_the_way=True):
            self.relation.write_parquet(str(file), compression="zstd")

    def write_lines(self, file: Path, frame: tuple[str, str, str] | None = None) -> None:
        """Write the only column, texts without control characters, a line a row; or begin, part and end it so."""
        framed = ""
        if frame is not None:
            begin, between, end = frame
            framed = f", prefix '{begin}', new_line '{between}', suffix '{end}'"
        path = str(file).replace("'", "''")
        raw = "format csv, header false, quote '\x02', escape '\x02', delimiter '\x01'"
        with _told(is_on_the_way=True):
            self.relation.query("rows_out", f"copy rows_out to '{path}' ({raw}{framed})")

    def df(self) -> pd.DataFrame:
        """All rows as a pandas frame; decimals become floats."""
        with _told(is_on_the_way=True):
            return self.relation.df()

    def arrow(self) -> pa.Table:
        """All rows as an Arrow table; decimals stay exact."""
        with _told(is_on_the_way=True):
            return self.relation.to_arrow_table()

    def rows(self) -> list[dict[str, Any]]:
        """All rows as records by column name, exact; unlike Arrow's they spare the second that pandas takes to load."""
        columns = self.columns
        return [dict(zip(columns, row, strict=True)) for row in self.fetchall()]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows as tuples; decimals are `decimal.Decimal`."""
        with _told(is_on_the_way=True):
            return self.relation.fetchall()


def _one_statement(query: str) -> str:
    """The text up to its closing semicolon; UsageError where there is no statement in it, or more than one."""
    if ";" not in query and "--" not in query and "/*" not in query:
        return query
    with _told():
        count = len(duckdb.extract_statements(query))
    if count != 1:
        raise UsageError(f"{count} statements; give one at a time" if count else "the query is empty; give a SELECT")
    data = query.encode()
    ends = [
        at for at, kind in duckdb.tokenize(query) if kind == duckdb.token_type.operator and data[at : at + 1] == b";"
    ]
    return data[: ends[0]].decode() if ends else query


@contextlib.contextmanager
def _told(*, is_on_the_way: bool = False) -> Iterator[None]:
    """The engine's errors as ours, in its own words but for names there are not.

    On the way out of a query the line it points to is one of ours, which helps nobody.
    """
    try:
        yield
    except duckdb.Error as error:
        message = engine_message(str(error))
        raise QueryError(message.partition("\n\nLINE ")[0] if is_on_the_way else message) from error


#: One engine a process: to start one takes 25 ms, to add a database to it 1. A forked child starts its own.
_ENGINES: Final[dict[int, duckdb.DuckDBPyConnection]] = {}
_STARTING: Final = threading.RLock()  # a warehouse may be freed, by the collector, while another is opened
_NUMBERS: Final = itertools.count(1)


def _connection(owner: object) -> tuple[duckdb.DuckDBPyConnection, Callable[[], object]]:
    """A connection to an empty database of its own, and how to free both; they go with their owner at the latest."""
    with _STARTING:
        engine = _ENGINES.get(os.getpid()) or _ENGINES.setdefault(os.getpid(), duckdb.connect(config=_settings()))
        name = f"warehouse_{next(_NUMBERS)}"
        engine.execute(f"attach ':memory:' as {name}")
        connection = engine.cursor()
    connection.execute(f"use {name}")
    return connection, weakref.finalize(owner, _leave, os.getpid(), connection, name)


def _settings() -> dict[str, str | bool | int | float | list[str]]:
    """As many threads as there are processors, or as TRACKER_THREADS says."""
    threads = os.environ.get("TRACKER_THREADS", "")
    if threads and not (threads.isdecimal() and int(threads)):
        raise UsageError(f"TRACKER_THREADS is {threads!r}; write a number from 1 on, or unset it")
    return {"threads": int(threads)} if threads else {}


def _leave(process: int, connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Give back the room of a database that nobody asks any more; a forked child leaves its parent's alone."""
    if process != os.getpid():
        return
    connection.close()
    with _STARTING:
        _ENGINES[process].execute(f"detach {name}")


class Warehouse:
    """A snapshot of a warehouse folder to ask questions of.

    `as_of` (a day or a timestamp) turns every view into what followed from what was known then. `versions` opens an
    earlier state by the Delta version of each table (see `versions_at`), `excerpt` a part of one: for its companies
    the views show the same, and each is worked out once, for many questions.
    Raises WarehouseError where the folder holds no warehouse.
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
        if not (self.path / "fact" / "_delta_log").is_dir():
            raise WarehouseError(f"{self.path} holds no warehouse; run `tracker build` first")
        self.snapshot = excerpt.snapshot if excerpt else read_snapshot(self.path, versions)
        self._excerpt = excerpt
        self.connection, self._free = _connection(self)
        self.connection.execute("set file_search_path = ?", [str(self.path.resolve())])
        self.connection.execute(words_sql())
        self._register_drafts()
        self.as_of = as_of_instant(as_of) and as_of if as_of else None
        self._is_worked_out = excerpt is not None
        self._defined: set[str] = set()
        self._moved = {*TABLES, RUN}  # not read yet, or not since they moved on
        self._part: tuple[tuple[tuple[str, ...], str | None], Warehouse] | None = None

    def _register_drafts(self) -> None:
        for table, rows in self._excerpt.drafts.items() if self._excerpt else ():
            self.connection.register(f"draft_{table}", rows)

    def sql(self, query: str, parameters: Mapping[str, object] | Sequence[object] | None = None) -> Result:
        """Run one statement; QueryError tells what the engine says of it. Named parameters are written `$name`.

        UsageError where the text holds no statement, or several.
        """
        statement = _one_statement(query)
        self._define(statement)
        return self._asked(statement, parameters)

    def _asked(self, query: str, parameters: Mapping[str, object] | Sequence[object] | None) -> Result:
        """Run a query on what is defined by now."""
        with _told():
            relation = self.connection.sql(query, params=parameters or None)
        return Result(relation if relation is not None else self.connection.sql("select 'done' as result"))

    def records(self, query: str) -> list[dict[str, Any]]:
        """All rows of a query by column name, at once: half the time of `sql`, where a query has few rows or none."""
        self._define(query)
        with _told():
            found = self.connection.execute(query)
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def objects(self, *, is_short: bool = False) -> Result:
        """Every view with its grain, whether it has an `_as_of(t)` twin, and what it is, in a line or in full."""
        what = "regexp_extract(o.comment, '^(.*?)[.] Grain: ', 1) as what" if is_short else "o.comment"
        ours = {
            "names": [view.name for view in views()],
            "timed": [view.is_timed for view in views()],
            "comments": [view.comment for view in views()],
        }
        self._catch_up(set(self._moved))
        return self._asked(  # our own views are told from their files: to define all of them would take seconds
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

    def columns_of(self, name: str) -> Result:
        """The columns of one view and their types; NothingMatchedError where there is no such view."""
        self._define(name)
        found = self._asked(
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
        """The id of a company by its id, CIK, LEI, ticker or name, former ones too, on the day of the warehouse.

        NothingMatchedError where none or several are called so.
        """
        found = self._called(name)
        if len(found) > 1:
            raise NothingMatchedError(f"{name!r} may be {self._listed(found)}; give the id")
        if not found:
            raise NothingMatchedError(f"no company is called {name!r}{self._like(name)}")
        return found[0]

    def ids_of(self, names: Iterable[str]) -> dict[str, str]:
        """The id of each company; a name that nobody has stands for itself.

        NothingMatchedError where several are called so.
        """
        asked = [*dict.fromkeys(names)]
        query = "select entity from entity where entity in (select unnest($names))"
        there = {entity for (entity,) in self.sql(query, {"names": asked}).fetchall()} if asked else set()
        return {name: name if name in there else self._id_or_name(name) for name in asked}

    def _id_or_name(self, name: str) -> str:
        found = self._called(name)
        if len(found) > 1:
            raise NothingMatchedError(f"{name!r} may be {self._listed(found)}; give the id")
        return found[0] if found else name

    def _called(self, name: str) -> list[str]:
        day = (moment_of(self.as_of) if self.as_of else datetime.now(UTC)).date()
        rows = self.sql(_CALLED, {"name": name.strip(), "bare": bare_name(name), "cik": cik_in(name)}).fetchall()
        return companies_called(name, itertools.starmap(Called, rows), day)

    def _listed(self, entities: Sequence[str]) -> str:
        query = "select name || ' (' || entity || ')' from entity where entity in (select unnest($entities)) order by 1"
        return ", ".join(text for (text,) in self.sql(query, {"entities": [*entities]}).fetchall())

    def _like(self, name: str) -> str:
        """The companies somebody may have meant, as the end of a sentence: those stored, else one the SEC lists."""
        found = self.sql(
            """select distinct name || ' (' || entity || ')' from entity
               where contains(lower(name), lower($name)) or contains(lower(entity), lower($name)) order by 1 limit 4""",
            {"name": name},
        ).fetchall()
        if found:
            return f"; there is {', '.join(text for (text,) in found)}"
        listed = self.sql(_LISTED_AS, {"name": name.strip()}).fetchall()
        return (
            f": {listed[0][0]} (CIK {listed[0][1]}) is listed, but nothing of it is stored or shown" if listed else ""
        )

    def _define(self, query: str) -> None:
        """Define the views and twins a query speaks of: all of them would take a second."""
        named, twins = mentioned(query)
        read = " ".join([query.lower(), *(view.body for view in with_below([*named, *twins]))])
        is_inventory = len(named) == len(views())
        self._catch_up({table for table in self._moved if is_inventory or table in read})
        text = self._worked_out if self._is_worked_out else partial(view_sql, as_of=self.as_of)
        for view in with_below(named) if self._is_worked_out else named:
            self._define_as(view.name, partial(text, view))
        for view in twins:
            self._define_as(f"{view.name}_as_of", partial(twin_sql, view))

    def _define_as(self, name: str, text: Callable[[], str]) -> None:
        if name not in self._defined:
            with _told():
                self.connection.execute(text())
            self._defined.add(name)

    def _catch_up(self, tables: set[str]) -> None:
        """Define these stored tables on the snapshot's files."""
        if tables & {"fact", *SHOWN}:
            tables |= {"entity_id"} & self._moved
        try:
            for table in sorted(tables, key=[*TABLES, RUN].index):  # some are defined over those before them
                self.connection.execute(self._stored(table))
        except duckdb.Error as error:
            message = (
                f"{self.path} cannot be read by this version ({str(error).splitlines()[0]}); build it anew elsewhere"
            )
            raise WarehouseError(message) from error
        self._moved -= tables

    def _stored(self, table: str) -> str:
        if table == RUN:
            return runs_sql(is_there=(self.path / RUNS).is_file())
        excerpt, files = self._excerpt, self.snapshot.files.get(table, ())
        if excerpt is None:
            return stored_sql(table, files)
        entities = self._stored_ids(excerpt.entities) if table == "fact" else None
        return stored_sql(table, files, entities, is_drafted=table in excerpt.drafts)

    def _stored_ids(self, entities: Sequence[str]) -> Sequence[str]:
        """All ids under which these companies are stored, by whichever of them they are named."""
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

    def _worked_out(self, view: View) -> str:
        is_standing = self._excerpt is not None and self._excerpt.is_standing
        return standing_sql() if is_standing and view.name == STANDING else table_sql(view, self.as_of)

    def only(self, entities: Sequence[str]) -> Warehouse:
        """The same snapshot at the same moment, with these companies' statements alone; to be closed by the caller."""
        return Warehouse(self.path, as_of=self.as_of, excerpt=Excerpt(self.snapshot, entities, {}))

    def part(self, entities: Sequence[str], as_of: str | None) -> Warehouse:
        """The same snapshot at a moment, with these companies' statements alone (all where none is named).

        It stays open until another part is asked for, since the next question is often about the same companies.
        """
        asked = (tuple(entities), as_of)
        if self._part is None or self._part[0] != asked:
            self._drop_part()
            excerpt = Excerpt(self.snapshot, entities, {}) if entities else None
            self._part = (asked, Warehouse(self.path, as_of=as_of, versions=self.snapshot.versions, excerpt=excerpt))
        return self._part[1]

    def _drop_part(self) -> None:
        if self._part is not None:
            self._part[1].close()
            self._part = None

    def work_out(self) -> None:
        """Work out each view once from now on, for many questions."""
        self._is_worked_out = True

    def turn(self, excerpt: Excerpt) -> None:
        """Look at another excerpt from now on; what was worked out of the one before is dropped."""
        before, self._excerpt = self._excerpt, excerpt
        for name in self._defined & {view.name for view in views()}:  # twins look at what is there
            is_view = name == STANDING and before is not None and before.is_standing
            self.connection.execute(f"drop {'view' if is_view else 'table'} {name}")
            self._defined.remove(name)
        self._register_drafts()
        self.follow(excerpt.snapshot)
        self._moved |= {"fact", *excerpt.drafts, *(before.drafts if before else ())}

    def follow(self, snapshot: Snapshot) -> None:
        """Read from a later snapshot from now on."""
        self._moved |= {table for table, files in snapshot.files.items() if files != self.snapshot.files.get(table)}
        self.snapshot = snapshot

    def close(self) -> None:
        """Free the connection."""
        self._drop_part()
        self._free()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
