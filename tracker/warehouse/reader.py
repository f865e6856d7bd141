"""The warehouse as its readers see it: one snapshot, one DuckDB connection, the views of `tracker/warehouse/views/`.

The tables are Parquet in the Delta Lake format. After each commit the program writes `warehouse.sql`, the view
definitions over exactly that snapshot's files, so that `duckdb -init warehouse.sql` in the folder is all an
analyst needs. We use it too, and ask the Delta log itself only where the log has moved on.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import threading
import weakref
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import dropwhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import duckdb

from tracker.errors import DamageError, NothingMatchedError, QueryError, UsageError, WarehouseError, find_system_error
from tracker.files.hash_chain import find_flaws, is_sealed, seal
from tracker.model.company_names import Called, bare_name, cik_in, companies_called
from tracker.model.schema import RUN, RUNS, SHOWN, TABLES
from tracker.warehouse.catalog import (
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
from tracker.warehouse.delta_log import LOG, DataFile, check_names, confine, entry_name, newest_versions
from tracker.warehouse.file_check import check_files
from tracker.warehouse.journal import JOURNAL, REPAIR, last_commit, read_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pandas as pd
    import pyarrow as pa

    from tracker.warehouse.catalog import View
    from tracker.warehouse.delta_log import LogEntry

__all__ = [
    "CATALOG",
    "Excerpt",
    "Mark",
    "Result",
    "Snapshot",
    "Warehouse",
    "check_lost",
    "is_as_written",
    "latest_versions",
    "moment_of",
    "read_mark",
    "read_snapshot",
    "require_warehouse",
    "snapshot_of",
    "versions_at",
]

CATALOG: Final = "warehouse.sql"
#: What may be meant by a name; of names, those that begin with it, for the legal form may be missing.
_CALLED: Final = """
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
_MARK: Final = "-- snapshot: "
_MARK_REMEDY: Final = "`tracker verify --repair` writes it anew"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of all tables at one moment: each table's Delta version and its files, relative to the folder.

    `stored` says of each file what its commit says of it.
    """

    versions: Mapping[str, int]
    files: Mapping[str, Sequence[str]]
    stored: Mapping[str, DataFile] = field(default_factory=dict, compare=False)

    def catalog(self, ledger: str | None) -> str:
        """The text of `warehouse.sql` for this snapshot; `ledger` is the sum of the newest line of `commits.jsonl`.

        Its first line says which snapshot it is of, and carries the sum of the text below and its own.
        """
        body = f"{catalog_sql(self.files)}\n"
        stored = {name: [file.size, file.rows, file.sha256] for name, file in self.stored.items()}
        files = {table: [[name, *stored.get(name, [])] for name in names] for table, names in self.files.items()}
        digest = hashlib.sha256(body.encode()).hexdigest()
        mark = {"versions": self.versions, "files": files, "ledger": ledger, "text": digest}
        return f"{_MARK}{seal(json.dumps(mark, sort_keys=True).encode()).decode()}\n{body}"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The statements of some companies in a snapshot, and rows of its tables that are not committed yet.

    `is_standing` promises that every statement there stands: none takes back another, or was checked by a person.
    """

    snapshot: Snapshot
    entities: Sequence[str]
    drafts: Mapping[str, pa.Table]
    is_standing: bool = False


def require_warehouse(path: Path) -> None:
    """Raise WarehouseError where the folder holds no warehouse."""
    if not (path / "fact" / LOG).is_dir():
        raise WarehouseError(f"{path} holds no warehouse; run `tracker build` first")


def read_snapshot(path: Path, versions: Mapping[str, int] | None = None) -> Snapshot:
    """The state of a warehouse folder now, or at the given Delta version of each table.

    Raises DamageError where the log is behind what the ledger of commits or `warehouse.sql` knows, or cannot be read.
    """
    last, mark = last_commit(path), read_mark(path)  # before the log: what they know is in the log by then
    newest = newest_versions(path)
    check_lost(path, newest, last.versions if last else {}, f"{path / JOURNAL}")
    check_lost(path, newest, mark.snapshot.versions if mark else {}, f"{path / CATALOG}")
    if versions is None and mark is not None and mark.is_sealed and dict(mark.snapshot.versions) == newest:
        return mark.snapshot
    snapshot = _log_snapshot(path, newest if versions is None else versions)
    if mark is not None and mark.snapshot == snapshot:
        return snapshot
    if mark is not None and dict(mark.snapshot.versions) == dict(snapshot.versions):
        raise DamageError(f"the first line of {path / CATALOG} names other files than the log; {REPAIR}")
    return snapshot


def check_lost(path: Path, newest: Mapping[str, int], known: Mapping[str, int], place: str) -> None:
    """Raise DamageError where a table's log ends before a version that is known."""
    for table, version in known.items():
        if table in TABLES and version > newest.get(table, -1):
            name = path / entry_name(table, newest.get(table, -1) + 1)
            raise DamageError(f"{name} is missing, {place} knows it; {REPAIR}")


@dataclass(frozen=True, slots=True)
class Mark:
    """The first line of `warehouse.sql`: its snapshot, the newest line of the ledger then, the sum of the text below.

    Those of earlier versions are not sealed; what they say is held against the log.
    """

    snapshot: Snapshot
    ledger: str | None
    text: str | None
    is_sealed: bool


def read_mark(path: Path) -> Mark | None:
    """The first line of `warehouse.sql`; None where the file is missing or cut short, or its first line is no mark.

    Raises DamageError where it says something that this program did not write.
    """
    try:
        with confine(path, CATALOG).open("rb") as file:
            line = file.readline().removesuffix(b"\n").removeprefix(_MARK.encode())
        mark = json.loads(line)
    except (FileNotFoundError, ValueError):
        return None
    place = f"the first line of {path / CATALOG}"
    snapshot = _judged(mark, place)
    has_sum = bool({"before", "ledger", "sum", "text"} & mark.keys())
    if has_sum and not is_sealed(line):
        raise DamageError(f"{place} is not as it was written; {_MARK_REMEDY}")
    return Mark(snapshot, mark.get("ledger"), mark.get("text"), has_sum)


def _judged(mark: Any, place: str) -> Snapshot:
    """The snapshot a mark speaks of; DamageError where it is none that this program writes."""
    try:
        versions = {table: mark["versions"][table] for table in TABLES if table in mark["versions"]}
        listed = {table: [_file_of(item) for item in mark["files"][table]] for table in versions}
    except (KeyError, TypeError, ValueError):
        versions, listed = {}, {}
    if "fact" not in versions or not all(type(version) is int for version in versions.values()):
        raise DamageError(f"{place} is damaged; {_MARK_REMEDY}")
    for table, files in listed.items():
        check_names(place, table, [file.name for file in files])
    stored = {file.name: file for files in listed.values() for file in files if file.size >= 0}
    return Snapshot(versions, {table: [file.name for file in files] for table, files in listed.items()}, stored)


def _file_of(item: Any) -> DataFile:
    """A file in a mark: its name, size, rows and SHA-256, or in marks of earlier versions its name alone."""
    name, size, rows, digest = item if isinstance(item, list) and len(item) > 1 else [item, -1, 0, None]
    if isinstance(name, list):
        (name,) = name
    if not (isinstance(name, str) and type(size) is int and type(rows) is int and isinstance(digest, str | None)):
        raise TypeError
    return DataFile(name, size, digest, rows)


def is_as_written(path: Path) -> bool:
    """Whether `warehouse.sql` is what this version of the program writes of the newest snapshot."""
    try:
        text = (path / CATALOG).read_text("utf-8")
    except (FileNotFoundError, ValueError):
        return False
    last = last_commit(path)
    return text == read_snapshot(path).catalog(last.sum if last else None)


def latest_versions(path: Path) -> dict[str, int]:
    """The newest commit of each table, by the names of the log's entries."""
    return newest_versions(path)


def _log_snapshot(path: Path, versions: Mapping[str, int]) -> Snapshot:
    """The state as the log tells it at these versions."""
    return snapshot_of(read_log(path, versions), versions)


def snapshot_of(log: Mapping[str, Sequence[LogEntry]], versions: Mapping[str, int]) -> Snapshot:
    """The state after these versions of each table."""
    files = {
        table: {file.name: file for entry in log[table] if entry.version <= versions[table] for file in entry.files}
        for table in sorted(versions)
    }
    stored = {name: file for of_table in files.values() for name, file in of_table.items()}
    return Snapshot(dict(sorted(versions.items())), {table: sorted(names) for table, names in files.items()}, stored)


# -- the second time axis: what was stored when ------------------------------------------------------


def versions_at(path: Path, recorded: str) -> dict[str, int]:
    """The Delta version each table had at a moment of `recorded_at`.

    `recorded` is a commit as `tracker log` prints it (all its batch and nothing later), a day (its end, UTC) or a
    timestamp. NothingMatchedError where there is no such commit, or nothing was stored yet.
    """
    require_warehouse(path)
    last = last_commit(path)
    newest = newest_versions(path)
    check_lost(path, newest, last.versions if last else {}, f"{path / JOURNAL}")
    logs = read_log(path, newest)
    facts = list(dropwhile(lambda commit: commit.batch is None, logs["fact"]))
    moment = _moment_of(facts, recorded)
    if not facts or moment < facts[0].moment:
        since = f"the first commit is of {facts[0].moment:%Y-%m-%d %H:%M:%S} UTC" if facts else "nothing is stored"
        raise NothingMatchedError(f"nothing was stored by {recorded}; {since}")
    found = {
        table: max((commit.version for commit in log if commit.moment <= moment), default=None)
        for table, log in logs.items()
    }
    return {table: version for table, version in found.items() if version is not None}


def _moment_of(facts: Sequence[LogEntry], recorded: str) -> datetime:
    """The moment a commit's number, a day or a timestamp stands for.

    Up to version 0.1 a clock set back could give a commit an earlier moment than one before it that had no rows. Of
    such a pair the first ends just before the second began.
    """
    if not recorded.isdecimal():
        return moment_of(recorded)
    number = int(recorded)
    asked = [commit.moment for commit in facts if commit.version == number]
    if not asked:
        raise NothingMatchedError(f"there is no commit {recorded}; `tracker log` lists them")
    later = [commit.moment - timedelta(microseconds=1) for commit in facts if commit.version > number]
    return min(asked + later)


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
        if isinstance(error, duckdb.IOException) and (of_system := find_system_error(str(error))):
            raise QueryError(of_system) from error
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
        require_warehouse(self.path)
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
        """What to do, as the end of a sentence: which companies may be meant, whether it was removed, or a list."""
        found = self.sql(
            """select distinct name || ' (' || entity || ')' from entity
               where contains(lower(name), lower($name)) or contains(lower(entity), lower($name)) order by 1 limit 4""",
            {"name": name},
        ).fetchall()
        if found:
            return f"; there is {', '.join(text for (text,) in found)}"
        if self.sql(_REMOVED, {"name": name.strip()}).fetchall():
            return ": it was removed; take its row out of entities.csv and ingest anything to have it back"
        listed = self.sql(_LISTED_AS, {"name": name.strip()}).fetchall()
        if listed:
            return f": {listed[0][0]} (CIK {listed[0][1]}) is listed, but nothing of it is stored or shown"
        return "; `tracker entity list` lists the companies"

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
        """Define these stored tables on the snapshot's files, which are as they were committed."""
        if tables & {"fact", *SHOWN}:
            tables |= {"entity_id"} & self._moved
        self._check(tables)
        try:
            for table in sorted(tables, key=[*TABLES, RUN].index):  # some are defined over those before them
                self.connection.execute(self._stored(table))
        except duckdb.Error as error:
            if of_system := find_system_error(str(error)):
                raise WarehouseError(of_system) from error
            message = (
                f"{self.path} cannot be read by this version ({str(error).splitlines()[0]}); build it anew elsewhere"
            )
            raise WarehouseError(message) from error
        self._moved -= tables

    def _check(self, tables: set[str]) -> None:
        """Raise DamageError where a file of these tables is not as it was written, or lies elsewhere."""
        names = [name for table in tables - {RUN} for name in self.snapshot.files.get(table, ())]
        check_files(self.path, [self.snapshot.stored[name] for name in names])
        if RUN in tables and confine(self.path, RUNS).is_file():  # a copy may lack it
            for flaw in find_flaws(self.path / RUNS):
                what = f"line {flaw.line} {flaw.what}" if flaw.line else f"it {flaw.what}"
                raise DamageError(f"{self.path / RUNS} is damaged: {what}; {REPAIR}")

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
