"""The settings of a project: where its `tracker.toml` is, and what it says."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import InputError, Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["CONFIG", "find_root", "read_settings"]

CONFIG: Final = "tracker.toml"
_KEYS: Final = {
    "build": {"sources", "reports"},
    "paths": {"warehouse", "reports", "seeds", "metrics", "articles"},
    "sec": {"user_agent", "cache"},
}


def find_root(start: Path) -> Path:
    """The project folder that `start` is or lies in; UsageError where there is none."""
    root = next((folder for folder in (start, *start.parents) if (folder / CONFIG).is_file()), None)
    if root is None:
        raise UsageError(f"no {CONFIG} in {start} or above; run `tracker init` to make one")
    return root


def read_settings(root: Path) -> dict[str, Any]:
    """The tables of a project's `tracker.toml`; InputError where it is no TOML or names what there is not."""
    path = root / CONFIG
    try:
        settings = tomllib.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError([Problem(str(path), None, None, "toml", str(error), "mend the TOML, in UTF-8")]) from error
    problems = [
        Problem(str(path), None, name, "unknown", "is unknown", f"use {', '.join(sorted(known))}")
        for name, known in _unknown(settings)
    ]
    if problems:
        raise InputError(problems)
    return settings


def _unknown(settings: dict[str, Any]) -> Iterator[tuple[str, Iterable[str]]]:
    """Tables and keys that there are not, each with those there are."""
    for table, entries in settings.items():
        known = _KEYS.get(table)
        if known is None or not isinstance(entries, dict):
            yield table, _KEYS
        else:
            yield from ((f"{table}.{key}", known) for key in entries if key not in known)
