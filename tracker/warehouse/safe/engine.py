"""An engine that holds copies of what a question needs, and can reach nothing else.

It is not enough to require a SELECT: `read_text`, `glob` and `copy` inside a SELECT reach files, and a bracket that
closes too early ends the query around it. So the engine is in memory and locked: no file, no network, no settings, no
extension, no Python value.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import duckdb

from tracker.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

__all__ = ["copy_rows", "lock_engine", "open_engine", "parse_one_select"]

_AT_START: Final[dict[str, str | bool | int | float | list[str]]] = {
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "temp_directory": "",
}
_LOCK: Final = "set enable_external_access = false; set lock_configuration = true"
_NO_SELECT: Final = "the text is no SELECT"
#: The nodes of a query that only reads, as the engine's parser names them.
_READING: Final = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})


@contextmanager
def open_engine(threads: int = 0) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an engine in memory with this number of threads; 0 means one for each processor."""
    with duckdb.connect(config=_AT_START | ({"threads": threads} if threads else {})) as engine:
        engine.execute("set timezone = 'UTC'")
        yield engine


def copy_rows(engine: duckdb.DuckDBPyConnection, table: str, rows: pa.RecordBatchReader) -> None:
    """Copy rows into a table of the engine."""
    engine.register("rows_in", rows)
    engine.execute(f'create table "{table}" as from rows_in')
    engine.unregister("rows_in")


def lock_engine(engine: duckdb.DuckDBPyConnection, megabytes: int) -> None:
    """Limit the memory of an engine, and shut it off from everything but its own tables."""
    engine.execute(f"set memory_limit = '{megabytes}MB'; {_LOCK}")


def parse_one_select(engine: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    """Parse one SELECT without running it, and return its tree; QueryError if the text is not one SELECT."""
    ((text,),) = engine.execute("select json_serialize_sql($query)", {"query": query}).fetchall()
    tree: dict[str, Any] = json.loads(text)
    if tree["error"]:
        said = tree["error_message"].splitlines()[0]
        raise QueryError(f"{_NO_SELECT if 'Only SELECT' in said else said}; write one SELECT")
    if len(tree["statements"]) != 1 or not set(_list_node_types(tree["statements"])) <= _READING:
        raise QueryError("more than one question; write one SELECT")
    return tree


def _list_node_types(tree: Any) -> Iterator[str]:
    """List the types of all nodes in a parse tree."""
    if isinstance(tree, dict):
        kind = tree.get("type")
        if isinstance(kind, str) and kind.endswith("_NODE"):
            yield kind
        tree = list(tree.values())
    for value in tree if isinstance(tree, list) else ():
        yield from _list_node_types(value)
