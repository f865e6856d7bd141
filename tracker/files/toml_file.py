"""Reads TOML files: what a file says, the line on which a key stands, and what is wrong where it is no TOML."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import InputError, Problem

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["line_of", "read_toml", "show_value"]

#: Letters of a wrong value that a message shows.
_LONGEST: Final = 60


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """Return the text of a TOML file and its tables. InputError with the line where it cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8")
        return text, tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, a number without end, brackets without end
        raise InputError([_describe_toml_error(path, error)]) from error


def _describe_toml_error(path: Path, error: ValueError | RecursionError) -> Problem:
    place = re.search(r"\(at line (\d+), column \d+\)", str(error))
    message = "is nested too deeply" if isinstance(error, RecursionError) else " ".join(str(error).split())[:300]
    return Problem(str(path), int(place[1]) if place else None, None, "toml", message, "mend the TOML, in UTF-8")


def line_of(text: str, key: str) -> int | None:
    """Return the line on which a key (`paths.warehouse`) or else its table stands; None where neither does."""
    table, found = "", None
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.fullmatch(line):
            table = _strip_quotes(header[1]) + "."
            found = number if key in (table[:-1], table + key.rpartition(".")[2]) else found
            continue
        entry = _ENTRY.match(line)
        if entry and table + _strip_quotes(entry[1]) == key:
            return number
    return found


_HEADER: Final = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?")
_ENTRY: Final = re.compile(r"\s*([^=#]+?)\s*=")


def _strip_quotes(key: str) -> str:
    """Return a key without the quotes and blanks around its parts."""
    return ".".join(part.strip(" \t\"'") for part in key.split("."))


def show_value(value: object) -> str:
    """Return a wrong value as a message shows it: short, and on one line."""
    try:
        shown = repr(value)
    except ValueError:  # Python prints no number of more than some thousand digits
        return "a number of thousands of digits"
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."
