"""Write the SQL of the views in the words of Spark.

DuckDB and Spark run the same SQL files. Two things differ, and both are changed here, in the text alone:

- Spark has no macros. Each call of a macro is replaced by its body. `macros.spark.sql` has the bodies that Spark writes
  differently; all others are those of `macros.sql`.
- Spark puts NULL first in ascending order, DuckDB puts it last. Each key that does not say where NULL goes gets
  `nulls last`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from tracker.warehouse.view_macros import macros_sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Macro", "expand_macros", "order_nulls", "read_macros", "to_spark"]

_TOKEN: Final = re.compile(r"'(?:[^']|'')*'|--[^\n]*|\w+|\s+|.", re.DOTALL)
_HEAD: Final = re.compile(r"\s*create or replace macro (?P<name>\w+)\((?P<parameters>[\w, ]*)\)\s+as\s+(?:table\b)?")
_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")
#: What ends the keys of an ORDER BY, apart from the bracket around it.
_AFTER_KEYS: Final = frozenset({"rows", "range", "limit"})


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro: the names of its parameters, and its body as tokens."""

    parameters: tuple[str, ...]
    body: tuple[str, ...]


def to_spark(query: str) -> str:
    """Return a query of the views in the words of Spark."""
    return order_nulls(expand_macros(query, _macros()))


@cache
def _macros() -> Mapping[str, Macro]:
    own = files("tracker.warehouse").joinpath("views", "macros.spark.sql").read_text("utf-8")
    return {**read_macros(macros_sql()), **read_macros(own)}


def read_macros(text: str) -> dict[str, Macro]:
    """Read the macros of a text by their names; other statements are left out."""
    found = {}
    for statement in _split_at_sign(_read_tokens(text), ";"):
        written = "".join(statement)
        if head := _HEAD.match(written):
            body = tuple(_read_tokens(written[head.end() :].strip()))
            found[head["name"]] = Macro(tuple(re.findall(r"\w+", head["parameters"])), body)
    return found


def _read_tokens(text: str) -> list[str]:
    """Split a text into strings, words, spaces and signs, without its comments."""
    return [token for token in _TOKEN.findall(text) if not token.startswith("--")]


def _split_at_sign(tokens: Sequence[str], sign: str) -> Iterator[list[str]]:
    """Split tokens at a sign, except inside brackets."""
    depth, part = 0, list[str]()
    for token in tokens:
        depth += (token in _OPENING) - (token in _CLOSING)
        if token == sign and not depth:
            yield part
            part = []
        else:
            part.append(token)
    yield part


# -- macros ------------------------------------------------------------------------------------------


def expand_macros(query: str, macros: Mapping[str, Macro]) -> str:
    """Replace each call of a macro by its body, with the arguments in place of its parameters."""
    return "".join(_expand(_read_tokens(query), macros))


def _expand(tokens: Sequence[str], macros: Mapping[str, Macro]) -> Iterator[str]:
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token in macros and tokens[at + 1 : at + 2] == ["("] and tokens[at - 1 : at] != ["."]:
            end = _find_closing(tokens, at + 1)
            arguments = [list(_expand(part, macros)) for part in _split_at_sign(tokens[at + 2 : end], ",")]
            yield from ("(", *_expand(_fill(macros[token], arguments), macros), ")")
            at = end
        else:
            yield token
        at += 1


def _find_closing(tokens: Sequence[str], opening: int) -> int:
    """Find the bracket that closes the one at `opening`."""
    depth = 0
    for at in range(opening, len(tokens)):
        depth += (tokens[at] in _OPENING) - (tokens[at] in _CLOSING)
        if not depth:
            return at
    raise ValueError("a bracket is not closed: " + "".join(tokens[opening : opening + 20]))


def _fill(macro: Macro, arguments: Sequence[Sequence[str]]) -> list[str]:
    """Return the body of a macro with these arguments, each in brackets."""
    given = dict(zip(macro.parameters, arguments, strict=False))
    filled = list[str]()
    for token in macro.body:
        is_column = filled[-1:] == ["."]
        filled += ["(", *given[token], ")"] if token in given and not is_column else [token]
    return filled


# -- order -------------------------------------------------------------------------------------------


def order_nulls(query: str) -> str:
    """Add `nulls last` to every key of an ORDER BY that does not say where NULL goes."""
    return "".join(_order_words(_read_tokens(query)))


def _order_words(tokens: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(tokens):
        yield tokens[at]
        if tokens[at] == "by" and "".join(tokens[max(0, at - 2) : at]).split() == ["order"]:
            end = _find_end_of_keys(tokens, at + 1)
            yield ",".join(_with_nulls_last(key) for key in _split_at_sign(tokens[at + 1 : end], ","))
            at = end - 1
        at += 1


def _find_end_of_keys(tokens: Sequence[str], start: int) -> int:
    depth = 0
    for at in range(start, len(tokens)):
        depth += (tokens[at] in _OPENING) - (tokens[at] in _CLOSING)
        if depth < 0 or (not depth and tokens[at] in _AFTER_KEYS):
            return at
    return len(tokens)


def _with_nulls_last(key: Sequence[str]) -> str:
    text = "".join(_order_words(key))
    return text if "nulls" in key else f"{text.rstrip()} nulls last "
