"""What a query names: views, their twins and their histories; and what may be meant by a name that is not there."""

from __future__ import annotations

import re
from typing import Final

from tracker.model.company_names import nearest
from tracker.model.schema import TABLES
from tracker.warehouse.catalog import has_history
from tracker.warehouse.view_files import View, split_words, views

__all__ = ["engine_message", "histories_in", "mentioned", "named_in", "no_view"]

_INVENTORY: Final = frozenset({"show", "describe", "summarize", "pragma"})


def mentioned(query: str) -> tuple[list[View], list[View]]:
    """Return the views that a query may name, and those whose twin it may name.

    Both are all views if the query asks the engine for a list of views.
    """
    words = split_words(query)
    if words & _INVENTORY or any(word.startswith(("duckdb_", "information_schema")) for word in words):
        return list(views()), list(views())
    return named_in(query)


def named_in(query: str) -> tuple[list[View], list[View]]:
    """Return the views whose names stand in a query, and those whose twins do."""
    words = split_words(query)
    return (
        [view for view in views() if view.name in words],
        [view for view in views() if f"{view.name}_as_of" in words],
    )


def histories_in(query: str) -> list[View]:
    """Return the views whose histories a query may name; all of them if it asks the engine for a list of views."""
    words = split_words(query)
    is_inventory = len(mentioned(query)[0]) == len(views())
    return [view for view in views() if (is_inventory or f"{view.name}_history" in words) and has_history(view)]


#: How the engine says that a table, a view or a twin does not exist. It would suggest internal tables.
_NO_TABLE: Final = re.compile(r"Catalog Error: Table(?: Function)? with name (?P<name>.+?) does not exist!", re.DOTALL)
_NO_COLUMN: Final = re.compile(
    r"Binder Error: (?:Referenced column|(?:Table|Values list) \".+?\" does not have a column named) \"(?P<name>.+?)\""
    r"(?:.*?Candidate bindings: (?P<near>[^\n]*))?",
    re.DOTALL,
)


def engine_message(message: str) -> str:
    """Return the engine's message about a query; for an unknown table or column, one line with similar names."""
    if table := _NO_TABLE.match(message.strip()):
        return no_view(table["name"])
    if column := _NO_COLUMN.match(message.strip()):
        near = ", ".join(re.findall(r'"([^"]+)"', column["near"] or ""))
        there = f"; near it are {near}" if near else ""
        return f"there is no column {column['name']}{there}; `tracker schema VIEW` lists the columns of a view"
    return message.strip()


def no_view(name: str) -> str:
    """Return the sentence that there is no such view, with the most similar names."""
    known = [
        *TABLES,
        *(view.name for view in views()),
        *(f"{view.name}_as_of" for view in views() if view.is_timed),
        *(f"{view.name}_history" for view in views() if has_history(view)),
    ]
    return f"there is no view named {name}; {nearest(name, known, '`tracker schema` lists them')}"
