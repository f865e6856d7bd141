"""Answer SQL that somebody else wrote, for charts, checks and alerts, where it cannot reach anything else.

The query runs in an engine of its own, in memory. That engine holds copies of the views and tables that the query
names, and nothing more: no file, no network, no settings, no extension, no Python value. To demand a SELECT would not
be enough: `read_text`, `glob` and `copy` inside a SELECT reach files, and a bracket that closes too early ends the
query around it.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import duckdb

from tracker.errors import QueryError
from tracker.model.schema import RUN, TABLES
from tracker.warehouse.catalog import macros_sql, named_in, twin_sql, with_below
from tracker.warehouse.connection import translate_engine_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from tracker.warehouse.catalog import View
    from tracker.warehouse.reader import Warehouse

__all__ = ["Answer", "answer_confined", "as_condition", "parse_select"]

#: The nodes of a query that only reads, as the engine's parser names them.
_READING: Final = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_AT_START: Final[dict[str, str | bool | int | float | list[str]]] = {
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "temp_directory": "",
}
_LOCK: Final = "set enable_external_access = false; set lock_configuration = true"
#: The limits of one query: milliseconds, and memory.
_LIMITS: Final = "set max_execution_time = 120000; set memory_limit = '2GB'"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a query: the names of its columns, and its rows; decimals are exact."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def records(self) -> list[dict[str, Any]]:
        """Return each row as a dictionary by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def answer_confined(warehouse: Warehouse, query: str, entities: Sequence[str] | None = None) -> Answer:
    """Answer one SELECT over the views of a warehouse, as of its moment; the query can read nothing else.

    With `entities` it sees these companies only, in every view that has companies.

    Raises:
        QueryError: the text is not one SELECT, or the engine refuses it.

    """
    parse_select(warehouse, query)
    with _open_engine() as engine:
        _copy_data(warehouse, engine, query, entities)
        engine.execute(f"{_LIMITS}; {_LOCK}")
        with translate_engine_error():
            found = engine.execute(query)
            return Answer(tuple(column[0] for column in found.description or ()), tuple(found.fetchall()))


def parse_select(warehouse: Warehouse, query: str) -> dict[str, Any]:
    """Parse one SELECT without running it, and return its tree; QueryError if the text is not one SELECT."""
    ((text,),) = warehouse.sql("select json_serialize_sql($query)", {"query": query}).fetchall()
    tree: dict[str, Any] = json.loads(text)
    if tree["error"]:
        raise QueryError(f"{tree['error_message'].splitlines()[0]}; write one SELECT")
    if len(tree["statements"]) != 1 or not set(_list_node_types(tree["statements"])) <= _READING:
        raise QueryError("more than one question; write one SELECT")
    return tree


def as_condition(warehouse: Warehouse, text: str) -> str:
    """Put a condition in brackets, to follow `where`; QueryError if the text is more than one expression."""
    condition = f"(\n{text}\n)"
    node = parse_select(warehouse, f"select {condition}")["statements"][0]["node"]
    parts = {key: value for key, value in node.items() if key not in _OF_ONE_EXPRESSION}
    if node["type"] != "SELECT_NODE" or len(node["select_list"]) != 1 or node["from_table"]["type"] != "EMPTY":
        raise QueryError(f"{text!r} is more than a condition; write one")
    if any(value not in _NOTHING for value in parts.values()):
        raise QueryError(f"{text!r} is more than a condition; write one")
    return condition


#: The values that the parser writes for a part that the text does not have.
_NOTHING: Final[tuple[object, ...]] = (None, [], {"map": []}, "STANDARD_HANDLING")
_OF_ONE_EXPRESSION: Final = frozenset({"type", "select_list", "from_table"})


def _list_node_types(tree: Any) -> Iterator[str]:
    """List the types of all nodes in a parse tree."""
    if isinstance(tree, dict):
        kind = tree.get("type")
        if isinstance(kind, str) and kind.endswith("_NODE"):
            yield kind
        tree = list(tree.values())
    for value in tree if isinstance(tree, list) else ():
        yield from _list_node_types(value)


@contextmanager
def _open_engine() -> Iterator[duckdb.DuckDBPyConnection]:
    engine = duckdb.connect(config=_AT_START)
    try:
        yield engine
    finally:
        engine.close()


def _copy_data(
    warehouse: Warehouse, engine: duckdb.DuckDBPyConnection, query: str, entities: Sequence[str] | None
) -> None:
    """Copy the views and tables that a query names into the engine; `_as_of` twins are made over copied tables."""
    engine.execute(macros_sql())
    named, twins = named_in(query)
    for name in _list_tables(query, named, twins):
        engine.register("copied", _read_rows(warehouse, name, entities))
        engine.execute(f"create or replace table {name} as from copied")
        engine.unregister("copied")
    for view in twins:
        engine.execute(twin_sql(view))


def _read_rows(warehouse: Warehouse, name: str, entities: Sequence[str] | None) -> pa.Table:
    everything = warehouse.sql(f"select * from {name}")
    if entities is None or "entity" not in everything.columns:
        return everything.arrow()
    of_these = f"select * from {name} where list_contains($entities, entity)"
    return warehouse.sql(of_these, {"entities": list(entities)}).arrow()


def _list_tables(query: str, named: list[View], twins: list[View]) -> list[str]:
    """List the views to copy, and the stored tables that the query or its twins read."""
    read = " ".join([query.lower(), *(view.body for view in with_below(twins))])
    return [*(name for name in (*TABLES, RUN) if name in read), *(view.name for view in named)]
