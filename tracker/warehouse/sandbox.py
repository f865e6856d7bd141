"""Answer the SQL of a project's own charts, checks and alerts, where it can read the views and nothing else.

The query runs in an engine of its own (`tracker.warehouse.safe.engine`), which holds copies of what the query needs,
and nothing more. It runs in this process, because a project's own queries are trusted not to run for ever. Questions of
strangers go through `tracker.warehouse.safe.door`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import QueryError
from tracker.warehouse.connection import translate_engine_error
from tracker.warehouse.safe.engine import copy_rows, lock_engine, open_engine, parse_one_select
from tracker.warehouse.safe.needs import find_needs
from tracker.warehouse.safe.supply import define_twins, list_supplies, macros_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.warehouse.reader import Warehouse

__all__ = ["Answer", "answer_confined", "as_condition", "parse_select"]

#: The limits of one query: milliseconds, and megabytes of memory.
_LONGEST: Final = 120_000
_MEGABYTES: Final = 2000


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
    needs = find_needs(parse_select(warehouse, query))
    with open_engine() as engine:
        for supply in list_supplies(warehouse, needs, entities):
            with translate_engine_error(is_fetching=True), supply.rows.stream() as rows:
                copy_rows(engine, supply.table, rows)
        engine.execute(f"{macros_for(query)}{define_twins(needs)}set max_execution_time = {_LONGEST}")
        lock_engine(engine, _MEGABYTES)
        with translate_engine_error():
            found = engine.execute(query)
            return Answer(tuple(column[0] for column in found.description or ()), tuple(found.fetchall()))


def parse_select(warehouse: Warehouse, query: str) -> dict[str, Any]:
    """Parse one SELECT without running it, and return its tree; QueryError if the text is not one SELECT."""
    return parse_one_select(warehouse.connection, query)


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
