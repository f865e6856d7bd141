"""A step of an explanation, and how it is made from a row of a view."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Node", "make_node", "row_to_json"]


@dataclass(frozen=True, slots=True)
class Node:
    """One step of an explanation: its text, the record behind it, and the steps below."""

    text: str
    record: dict[str, Any]
    below: tuple[Node, ...] = ()

    def lines(self, prefix: str = "", branch: str = "", rest: str = "") -> Iterator[str]:
        """Yield the tree as lines of text."""
        yield prefix + branch + self.text
        for node in self.below[:-1]:
            yield from node.lines(prefix + rest, "├─ ", "│  ")
        for node in self.below[-1:]:
            yield from node.lines(prefix + rest, "└─ ", "   ")

    def tree(self) -> dict[str, Any]:
        """Return the tree as nested records for JSON."""
        return {"text": self.text, **self.record, "because": [node.tree() for node in self.below]}


def make_node(text: str, row: Mapping[str, Any], below: tuple[Node, ...] = ()) -> Node:
    """Make a node with a row as its record."""
    return Node(text, row_to_json(row), below)


def row_to_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row for JSON: exact digits as text, ids as hex, without NULL values."""
    return {key: _value_to_json(value) for key, value in row.items() if value is not None}


def _value_to_json(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
