"""Which report to make: `reports/NAME.toml`, read strictly.

kind = "growth"
entity = "meta"
period = "2024Q2"                            # left out: the latest quarter
metrics = ["capex", "revenue", "net_income"] # the first one makes the headline
as_of = 2024-08-05                           # left out: all that is known
formats = ["html", "png"]                    # left out: all
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from tracker.catalog import as_of_instant
from tracker.errors import InputError, Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["FORMATS", "KINDS", "Definition", "check", "load_definitions"]

#: What a report can be written as.
FORMATS: Final = ("html", "png", "svg", "json")
#: The reports there are.
KINDS: Final = ("growth",)

_METRICS: Final = ("revenue", "net_income", "capex")
_REQUIRED: Final = ("kind", "entity")
_OPTIONAL: Final = ("metrics", "period", "as_of", "title", "formats")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_PERIOD: Final = re.compile(r"\d{4}(Q[1-4]|H[12]|M9)|[FC]Y\d{4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Definition:
    """A report to make; `name` is the file's stem. No `period`: the latest quarter. No `as_of`: all that is known."""

    name: str
    kind: str
    entity: str
    metrics: tuple[str, ...]
    period: str | None
    as_of: str | None
    title: str | None
    formats: tuple[str, ...]


def load_definitions(folder: Path) -> list[Definition]:
    """The definitions of a folder by name; InputError lists everything wrong with any of them."""
    problems: list[Problem] = []
    found = [definition for path in sorted(folder.glob("*.toml")) for definition in _load(path, problems)]
    if problems:
        raise InputError(problems)
    return found


def check(definition: Definition) -> None:
    """UsageError where a definition, made by hand or from a command's options, asks for what there is not."""
    unknown = [name for name in definition.formats if name not in FORMATS]
    if not _NAME.fullmatch(definition.name):
        raise UsageError(f"{definition.name!r} is no report name; use letters, digits, dot, dash and underscore")
    if unknown or definition.kind not in KINDS:
        raise UsageError(
            f"{definition.name}: there is no {(unknown or [definition.kind])[0]!r}; see `reports/README.md`"
        )
    if definition.period is not None and not _PERIOD.fullmatch(definition.period):
        raise UsageError(f"{definition.period!r} is no period; write 2024Q2, 2024H1, 2024M9 or FY2024")


def _load(path: Path, problems: list[Problem]) -> Iterator[Definition]:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(Problem(str(path), None, None, "toml", str(error), "mend the TOML, in UTF-8"))
        return
    wrong = [Problem(str(path), None, key, code, message, remedy) for key, code, message, remedy in _wrong(path, table)]
    problems += wrong
    if not wrong:
        yield _definition(path.stem, table)


def _definition(name: str, table: dict[str, Any]) -> Definition:
    as_of = table.get("as_of")
    return Definition(
        name=name,
        kind=table["kind"],
        entity=table["entity"],
        metrics=tuple(table.get("metrics", _METRICS)),
        period=table.get("period"),
        as_of=as_of.isoformat() if isinstance(as_of, date) else as_of,
        title=table.get("title"),
        formats=tuple(table.get("formats", FORMATS)),
    )


def _wrong(path: Path, table: dict[str, Any]) -> Iterator[tuple[str | None, str, str, str]]:
    """What is wrong with a definition: key, code, message, remedy."""
    if not _NAME.fullmatch(path.stem):
        yield None, "name", "the file's name is no report name", "use letters, digits, dot, dash and underscore"
    for key in table.keys() - {*_REQUIRED, *_OPTIONAL}:
        yield key, "key", "unknown key", f"use {', '.join((*_REQUIRED, *_OPTIONAL))}"
    for key in _REQUIRED:
        if key not in table:
            yield key, "missing", "is missing", f'add `{key} = "..."`'
    for key in table.keys() & {*_REQUIRED, *_OPTIONAL}:
        yield from ((key, *found) for found in _wrong_value(key, table[key]))


def _wrong_value(key: str, value: Any) -> Iterator[tuple[str, str, str]]:
    if key in {"metrics", "formats"}:
        yield from _wrong_list(key, value)
    elif key == "as_of":
        yield from _wrong_moment(value)
    elif not isinstance(value, str) or not value:
        yield "type", f"{value!r} is no text", f'write `{key} = "..."`'
    elif key == "kind" and value not in KINDS:
        yield "kind", f"there is no report {value!r}", f"use {', '.join(KINDS)}"
    elif key == "period" and not _PERIOD.fullmatch(value):
        yield "period", f"{value!r} is no period", "write 2024Q2, 2024H1, 2024M9 or FY2024"


def _wrong_list(key: str, value: Any) -> Iterator[tuple[str, str, str]]:
    if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
        yield "type", f"{value!r} is no list of names", f'write `{key} = ["...", "..."]`'
    elif len(set(value)) < len(value):
        yield "repeated", "a name stands twice", "name each once"
    elif key == "formats" and (unknown := [item for item in value if item not in FORMATS]):
        yield "format", f"there is no format {unknown[0]!r}", f"use {', '.join(FORMATS)}"


def _wrong_moment(value: Any) -> Iterator[tuple[str, str, str]]:
    text = value.isoformat() if isinstance(value, date) else value
    try:
        as_of_instant(text)
    except (UsageError, TypeError):
        yield "as_of", f"{value!r} is no moment", "write a day (2024-08-05) or a time (2024-08-05T20:00:00Z)"
