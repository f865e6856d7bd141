"""Connections to DuckDB: one engine for each process, one database for each warehouse, one kind of error."""

from __future__ import annotations

import atexit
import contextlib
import itertools
import json
import os
import shutil
import tempfile
import threading
import weakref
from typing import TYPE_CHECKING, Any, Final

import duckdb

from tracker.errors import QueryError, UsageError, find_system_error
from tracker.warehouse.query_names import engine_message
from tracker.warehouse.view_macros import macros_sql, qualifier_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "MACROS",
    "SEARCH_PATH",
    "count_threads",
    "find_tables",
    "limit_memory",
    "list_tables",
    "open_connection",
    "single_statement",
    "translate_engine_error",
    "use_macros",
]

#: The engine of this process. Starting one takes 25 ms, adding a database to it 1 ms. A forked child starts its own.
_ENGINES: Final[dict[int, duckdb.DuckDBPyConnection]] = {}
_STARTING: Final = threading.RLock()  # a warehouse may be freed, by the collector, while another is opened
_NUMBERS: Final = itertools.count(1)
#: The processes whose engine has the database of macros. Defining the macros takes longer than most questions.
_WITH_MACROS: Final[set[int]] = set()
#: The database of an engine with the macros of the views. A user may attach one under a shorter name.
MACROS: Final = "tracker_macros"
#: Where names are looked up after `use_macros`: in the warehouse's own database first.
SEARCH_PATH: Final = f"main,{MACROS}.main"


def open_connection(owner: object) -> tuple[duckdb.DuckDBPyConnection, Callable[[], object]]:
    """Open a connection to an empty database of its own; return it and the function that frees both.

    They are freed with their owner at the latest.
    """
    with _STARTING:
        engine = _find_engine()
        name = f"warehouse_{next(_NUMBERS)}"
        engine.execute(f"attach ':memory:' as {name}")
        connection = engine.cursor()
    connection.execute(f"use {name}")
    return connection, weakref.finalize(owner, _free_database, os.getpid(), connection, name)


def _find_engine() -> duckdb.DuckDBPyConnection:
    """Return the engine of this process; start it if there is none."""
    if os.getpid() not in _ENGINES:
        engine = duckdb.connect(config=_choose_settings())
        engine.execute("set parquet_metadata_cache = true")  # data files never change
        _ENGINES[os.getpid()] = engine
    return _ENGINES[os.getpid()]


def use_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Let a connection use the macros of the views, and define its view `qualifier`.

    All connections of a process share the macros.
    """
    with _STARTING:
        if os.getpid() not in _WITH_MACROS:
            with _find_engine().cursor() as cursor:
                cursor.execute(f"attach if not exists ':memory:' as {MACROS}; use {MACROS}; {macros_sql()}")
            _WITH_MACROS.add(os.getpid())
    connection.execute(f"set search_path = '{SEARCH_PATH}'; {qualifier_sql()}")


@contextlib.contextmanager
def limit_memory(megabytes: int) -> Iterator[None]:
    """Limit the memory of this process's engine while the block runs; the rest goes into a temporary folder."""
    engine = _find_engine()
    if os.getpid() not in _SPILLING:
        _SPILLING.add(os.getpid())
        folder = tempfile.mkdtemp(prefix="tracker-")
        atexit.register(_remove_folder, os.getpid(), folder)
        with contextlib.suppress(duckdb.NotImplementedException):  # the engine uses another folder already
            engine.execute(f"set temp_directory = '{folder}'")
    engine.execute(f"set memory_limit = '{megabytes}MB'")
    try:
        yield
    finally:
        engine.execute("reset memory_limit")


#: The processes whose engine has a temporary folder. It cannot give the folder back before it ends.
_SPILLING: Final[set[int]] = set()


def _remove_folder(process: int, folder: str) -> None:
    """Remove the temporary folder of a process; a forked child leaves its parent's alone."""
    if process == os.getpid():
        shutil.rmtree(folder, ignore_errors=True)


def count_threads() -> int:
    """Return how many threads the engine has: one for each processor, or what TRACKER_THREADS says."""
    return _read_threads() or len(os.sched_getaffinity(0))


def _choose_settings() -> dict[str, str | bool | int | float | list[str]]:
    """Return the settings of an engine: as many threads as there are processors, or as TRACKER_THREADS says."""
    threads = _read_threads()
    return {"threads": threads} if threads else {}


def _read_threads() -> int | None:
    """Read the number in TRACKER_THREADS; None if it is not set, UsageError if it is not a whole number from 1 on."""
    threads = os.environ.get("TRACKER_THREADS", "")
    if threads and not (threads.isdecimal() and int(threads)):
        raise UsageError(f"TRACKER_THREADS is {threads!r}; write a number from 1 on, or unset it")
    return int(threads) if threads else None


def _free_database(process: int, connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Free the database of a warehouse that nobody uses any more; a forked child leaves its parent's alone."""
    if process != os.getpid():
        return
    connection.close()
    with _STARTING:
        _ENGINES[process].execute(f"detach {name}")


@contextlib.contextmanager
def translate_engine_error(*, is_fetching: bool = False) -> Iterator[None]:
    """Raise errors of the engine as QueryError, in its own words except for names that do not exist.

    While rows are fetched, the line that the engine points to is one of the program's own views: it is left out.
    """
    try:
        yield
    except duckdb.Error as error:
        if isinstance(error, duckdb.IOException) and (system_error := find_system_error(str(error))):
            raise QueryError(system_error) from error
        message = engine_message(str(error))
        raise QueryError(message.partition("\n\nLINE ")[0] if is_fetching else message) from error


def single_statement(query: str) -> str:
    """Return the text without its closing semicolon; UsageError if it holds no statement or more than one."""
    if ";" not in query and "--" not in query and "/*" not in query:
        return query
    with translate_engine_error():
        count = len(duckdb.extract_statements(query))
    if count != 1:
        raise UsageError(f"{count} statements; give one at a time" if count else "the query is empty; give a SELECT")
    data = query.encode()
    ends = [
        at for at, kind in duckdb.tokenize(query) if kind == duckdb.token_type.operator and data[at : at + 1] == b";"
    ]
    return data[: ends[0]].decode() if ends else query


def list_tables(query: str) -> set[str] | None:
    """Return what `find_tables` does, for a caller without a connection."""
    with _STARTING:
        cursor = _find_engine().cursor()
    with cursor:
        return find_tables(cursor, query)


def find_tables(connection: duckdb.DuckDBPyConnection, query: str) -> set[str] | None:
    """Return the names, in lower case, of what a query reads from: tables, views and table functions.

    The query is parsed and not bound, so a view that is defined counts like one that is not. None if the text is no
    SELECT, or asks for a description.
    """
    if query not in _PARSED:
        if len(_PARSED) >= _MOST_PARSED:
            _PARSED.clear()
        _PARSED[query] = _parse_tables(connection, query)
    found = _PARSED[query]
    return None if found is None else {*found}


#: What queries read from: a command asks the same ones for each batch.
_PARSED: Final[dict[str, frozenset[str] | None]] = {}
_MOST_PARSED: Final = 1_000


def _parse_tables(connection: duckdb.DuckDBPyConnection, query: str) -> frozenset[str] | None:
    try:
        ((text,),) = connection.execute("select json_serialize_sql($query)", {"query": query}).fetchall()
    except duckdb.Error:
        return None
    tree = json.loads(text)
    names = list(_list_read_names(tree))
    return None if tree["error"] or None in names else frozenset(name.lower() for name in names if name is not None)


def _list_read_names(tree: Any) -> Iterator[str | None]:
    """List the names that a parse tree reads from; None for a part that names its tables in another way."""
    if isinstance(tree, dict):
        match tree.get("type"):
            case "BASE_TABLE":
                yield tree["table_name"]
            case "TABLE_FUNCTION":
                function = tree["function"]["function_name"]
                yield None if function in {"query", "query_table"} else function
            case "SHOW_REF" | "PIVOT":
                yield None
        tree = list(tree.values())
    for value in tree if isinstance(tree, list) else ():
        yield from _list_read_names(value)
