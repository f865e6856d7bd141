"""Find the data that a SELECT needs: which views, which of their columns, and which of their rows.

A question from a stranger is answered from copies, so a copy should be small. Rows are left out only if every mention
of the view requires a text in the same column (`entity = 'meta'`). Columns are left out only if no star asks for all.
If a query is not understood, the whole view is copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Need", "bind_texts", "find_needs", "need_from_record", "need_to_record"]

#: One column and the texts that it may have.
Filter = tuple[str, tuple[str, ...]]
#: The tables that a filter may be about, by alias; a SELECT that reads only one table may name its columns without it.
_Scope = dict[str, list[Filter]]

_TWIN: Final = "_as_of"
#: Table functions that read a table by a text.
_BY_TEXT: Final = frozenset({"query", "query_table"})
#: Joins whose result for a row does not depend on which other rows are there.
_ROW_BY_ROW: Final = frozenset({"REGULAR", "CROSS", "NATURAL"})


@dataclass(frozen=True, slots=True)
class Need:
    """A view to copy. `moment` is the argument of its twin `<view>_as_of`; None for the view itself.

    `columns` are the names that the question uses, those of other views among them; None for all. `filters` are
    alternatives, each a list of columns with the texts they may have; empty for all rows.
    """

    name: str
    moment: str | None
    columns: frozenset[str] | None
    filters: tuple[tuple[Filter, ...], ...]


def find_needs(tree: Mapping[str, Any]) -> list[Need]:
    """Find the data that the parse tree of one SELECT needs, by view and moment.

    Raises:
        QueryError: the tree names a table by a text, or the moment of a twin is not written out in it.

    """
    columns = _find_columns(tree)
    mentions: dict[tuple[str, str | None], list[tuple[Filter, ...]]] = {}
    for name, moment, filters in _list_mentions(tree, {}):
        mentions.setdefault((name, moment), []).append(filters)
    return [
        Need(name, moment, columns, tuple(dict.fromkeys(found)) if all(found) else ())
        for (name, moment), found in sorted(mentions.items(), key=lambda one: (one[0][0], one[0][1] or ""))
    ]


def bind_texts(tree: Any, parameters: Mapping[str, object]) -> Any:
    """Put texts in place of the parameters that have one, so that they count like texts in the question itself."""
    if isinstance(tree, dict):
        text = parameters.get(str(tree.get("identifier"))) if tree.get("type") == "VALUE_PARAMETER" else None
        if isinstance(text, str):
            return {"type": "VALUE_CONSTANT", "literal": {"kind": "STRING", "text": text}}
        return {key: bind_texts(value, parameters) for key, value in tree.items()}
    return [bind_texts(value, parameters) for value in tree] if isinstance(tree, list) else tree


def need_to_record(need: Need) -> dict[str, Any]:
    """Return a need as plain values for JSON."""
    columns = None if need.columns is None else sorted(need.columns)
    return {"name": need.name, "moment": need.moment, "columns": columns, "filters": need.filters}


def need_from_record(record: Mapping[str, Any]) -> Need:
    """Read a need from plain values; the sender is not trusted, so each is made a text."""
    columns = record["columns"]
    filters = tuple(
        tuple((str(column), tuple(map(str, texts))) for column, texts in filters) for filters in record["filters"]
    )
    moment = record["moment"]
    return Need(
        str(record["name"]),
        None if moment is None else str(moment),
        None if columns is None else frozenset(map(str, columns)),
        filters,
    )


# -- tables -----------------------------------------------------------------------------------------------------------


def _list_mentions(tree: Any, scope: _Scope) -> Iterator[tuple[str, str | None, tuple[Filter, ...]]]:
    """List each table that a tree reads, with the moment of a twin and the filters that surely apply to it."""
    if isinstance(tree, dict):
        match tree.get("type"):
            case "SELECT_NODE":
                scope = _scope_of(tree)
            case "BASE_TABLE":
                name = str(tree["table_name"]).lower()
                yield name, None, _filters_for(tree, name, scope)
            case "TABLE_FUNCTION":
                yield from _list_twin(tree, scope)
            case "PIVOT" | "SHOW_REF":
                scope = {}
        tree = list(tree.values())
    for value in tree if isinstance(tree, list) else ():
        yield from _list_mentions(value, scope)


def _list_twin(tree: Mapping[str, Any], scope: _Scope) -> Iterator[tuple[str, str | None, tuple[Filter, ...]]]:
    function = tree["function"]
    name = str(function["function_name"]).lower()
    if name in _BY_TEXT:
        raise QueryError(f"{name}() names its table by a text; write the view's name in the question")
    if name.endswith(_TWIN):
        yield name.removesuffix(_TWIN), _read_moment(name, function), _filters_for(tree, name, scope)


def _read_moment(name: str, function: Mapping[str, Any]) -> str:
    """Read the argument of a twin: a text, or a date made of one."""
    arguments = [argument["expression"] for argument in function.get("arguments") or []]
    if len(arguments) == 1:
        (argument,) = arguments
        text = _text_of(argument)
        if text is not None:
            return text
        if argument.get("type") == "OPERATOR_CAST" and (text := _text_of(argument["child"])) is not None:
            kind = str(argument.get("type_expr", {}).get("type_name", "")).lower()
            if kind == "date" and _is_day(text):
                return text
    raise QueryError(f"{name}() takes one moment, written as text: {name}('2024-08-05')")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _text_of(expression: Mapping[str, Any]) -> str | None:
    literal = expression.get("literal") if expression.get("type") == "VALUE_CONSTANT" else None
    return str(literal["text"]) if literal and literal.get("kind") == "STRING" else None


# -- rows -------------------------------------------------------------------------------------------------------------


def _scope_of(node: Mapping[str, Any]) -> _Scope:
    """Return the filters of a SELECT by the alias of their table; the key is "" for filters that name no table."""
    if node.get("sample"):
        return {}
    if not _is_row_by_row(node["from_table"]):
        return {}
    is_alone = node["from_table"]["type"] in {"BASE_TABLE", "TABLE_FUNCTION"}
    scope: _Scope = {}
    for names, texts in _list_equalities(node.get("where_clause")):
        if len(names) == 1 and is_alone:
            scope.setdefault("", []).append((names[0], texts))
        elif len(names) == 2:  # noqa: PLR2004 - a table and its column
            scope.setdefault(names[0], []).append((names[1], texts))
    return scope


def _is_row_by_row(table: Mapping[str, Any]) -> bool:
    """Return whether rows may be left out before a join as well as after it."""
    if table["type"] != "JOIN":
        return not table.get("sample")
    return table["ref_type"] in _ROW_BY_ROW and _is_row_by_row(table["left"]) and _is_row_by_row(table["right"])


def _filters_for(table: Mapping[str, Any], name: str, scope: _Scope) -> tuple[Filter, ...]:
    if table.get("column_name_alias"):
        return ()
    alias = str(table.get("alias") or name).lower()
    return (*scope.get("", ()), *scope.get(alias, ()))


def _list_equalities(condition: Mapping[str, Any] | None) -> Iterator[tuple[list[str], tuple[str, ...]]]:
    """List the columns that must be equal to a text, or to one of several, if a condition is to be true."""
    match condition and condition.get("type"):
        case "CONJUNCTION_AND":
            for child in (condition or {})["children"]:
                yield from _list_equalities(child)
        case "COMPARE_EQUAL":
            sides = [(condition or {})["left"], (condition or {})["right"]]
            for column, text in (sides, sides[::-1]):
                yield from _equality(column, [text])
        case "COMPARE_IN":
            column, *texts = (condition or {})["children"]
            yield from _equality(column, texts)


def _equality(
    column: Mapping[str, Any], values: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[list[str], tuple[str, ...]]]:
    texts = [_text_of(value) for value in values]
    if column.get("type") == "COLUMN_REF" and all(text is not None for text in texts):
        yield [str(name).lower() for name in column["column_names"]], tuple(map(str, texts))


# -- columns ----------------------------------------------------------------------------------------------------------


def _find_columns(tree: Mapping[str, Any]) -> frozenset[str] | None:
    """Find the column names that a question uses; None if it may use any column, by a star or as a whole row."""
    names: set[str] = set()
    alone: set[str] = set()
    tables: set[str] = set()
    for node in _list_nodes(tree):
        kind = node.get("type")
        is_open = kind in {"STAR", "PIVOT", "SHOW_REF"} or node.get("ref_type") == "NATURAL"
        if is_open or node.get("column_name_alias"):
            return None
        if kind in {"BASE_TABLE", "TABLE_FUNCTION"}:
            function = node.get("function") or {}
            name = node.get("table_name") or function.get("function_name") or ""
            tables |= {str(name).lower(), str(node.get("alias") or name).lower()}
        named = [str(name).lower() for name in node.get("column_names") or ()]
        alone |= {*named[:1]} if len(named) == 1 else set()
        names |= {*named, *(str(name).lower() for name in node.get("using_columns") or ())}
    return None if alone & tables else frozenset(names)


def _list_nodes(tree: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        tree = list(tree.values())
    for value in tree if isinstance(tree, list) else ():
        yield from _list_nodes(value)
