"""Which report to make: `reports/NAME.toml`, read strictly.

kind = "growth"
entity = "meta"                              # peers, changes and the like take `entities = ["meta", "amazon"]`
period = "2024Q2"                            # left out: the latest quarter
metrics = ["capex", "revenue", "net_income"] # the first one makes the headline
as_of = 2024-08-05                           # left out: all that is known
formats = ["html", "png"]                    # left out: html, png, svg, json; also pdf, xlsx, md
language = "vi"                              # left out: en
currency = "EUR"                             # for peers; left out: amounts stay as they were stated
interactive = true                           # charts of the page with tooltips; left out: pictures
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import InputError, Problem, UsageError
from tracker.files.toml_file import line_of, read_toml, show_value
from tracker.model.quantity import is_currency
from tracker.report.text.language import LANGUAGES
from tracker.warehouse.catalog import as_of_instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["DEFAULT_FORMATS", "FORMATS", "KINDS", "LANGUAGES", "Definition", "check", "load_definitions"]

#: The formats of a report. A definition without `formats` gets `DEFAULT_FORMATS`; some of the others need an extra.
FORMATS: Final = ("html", "png", "svg", "json", "pdf", "xlsx", "md")
DEFAULT_FORMATS: Final = FORMATS[:4]


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a kind of report takes: the fewest and the most `companies`, and the most `metrics`."""

    companies: tuple[int, int]
    metrics: int
    defaults: tuple[str, ...]
    keys: tuple[str, ...] = ()


_MANY: Final = 20
#: The reports there are, and what each takes.
_KINDS: Final[Mapping[str, _Kind]] = {
    "growth": _Kind((1, 1), _MANY, ("revenue", "net_income", "capex"), ("period",)),
    "peers": _Kind((2, _MANY), 1, ("revenue",), ("period", "currency")),
    "guidance": _Kind((1, 1), _MANY, ("capex",), ("period",)),
    "segments": _Kind((1, 1), 1, ("revenue",), ("period", "axis")),
    "restatements": _Kind((0, _MANY), _MANY, ()),
    "reconciliation": _Kind((1, 1), _MANY, ("capex", "revenue", "net_income"), ("period",)),
    "changes": _Kind((0, _MANY), _MANY, (), ("since",)),
    "charts": _Kind((0, _MANY), _MANY, (), ("period",)),
}
KINDS: Final = tuple(_KINDS)

_COMMON: Final = (
    "kind",
    "entity",
    "entities",
    "metric",
    "metrics",
    "as_of",
    "title",
    "formats",
    "language",
    "charts",
    "interactive",
)
_LISTS: Final = ("entities", "metrics", "formats", "charts")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_PERIOD: Final = re.compile(r"\d{4}(Q[1-4]|H[12]|M9)|[FC]Y\d{4}", re.ASCII)
_PERIOD_REMEDY: Final = "write 2024Q2, 2024H1, 2024M9 or FY2024"


@dataclass(frozen=True, slots=True)
class Definition:
    """A report to make; `name` is the file's stem. No `period`: the latest quarter. No `as_of`: all that is known.

    `entities` are company ids, one for most kinds; none means all. `since` is the day a report of changes looks back
    to; `charts` are the project's own (`reports/charts/NAME.sql` or `.py`). `is_interactive`: the page's charts answer.
    `axis` is the axis of a report on parts of a company, as `segment_yoy` names it; none means the usual one.
    `currency` is the one into which amounts are converted; none means that they stay as they were stated.
    """

    name: str
    kind: str
    entities: tuple[str, ...]
    metrics: tuple[str, ...]
    period: str | None
    as_of: str | None
    title: str | None
    formats: tuple[str, ...]
    language: str = "en"
    since: str | None = None
    charts: tuple[str, ...] = ()
    is_interactive: bool = False
    axis: str | None = None
    currency: str | None = None

    @property
    def entity(self) -> str:
        """Return the company a report of one is about."""
        return self.entities[0]


def load_definitions(folder: Path) -> list[Definition]:
    """Load the definitions of a folder by name; InputError lists everything that is wrong with them."""
    problems: list[Problem] = []
    found = [definition for path in sorted(folder.glob("*.toml")) for definition in _load_definition(path, problems)]
    if problems:
        raise InputError(problems)
    return found


def check(definition: Definition) -> None:
    """Check a definition made by hand or from a command's options; UsageError says what is wrong."""
    if not _NAME.fullmatch(definition.name):
        raise UsageError(f"{definition.name!r} is no report name; use letters, digits, dot, dash and underscore")
    unknown = [name for name in definition.formats if name not in FORMATS]
    unknown += [definition.kind] * (definition.kind not in KINDS)
    unknown += [definition.language] * (definition.language not in LANGUAGES)
    if unknown:
        raise UsageError(f"{definition.name}: there is no {unknown[0]!r}; see `reports/README.md`")
    if definition.period is not None and not _PERIOD.fullmatch(definition.period):
        raise UsageError(f"{definition.period!r} is no period; {_PERIOD_REMEDY}")
    for _, _, message, remedy in _wrong_numbers(definition.kind, definition.entities, definition.metrics):
        raise UsageError(f"{definition.name}: {message}; {remedy}")


def _load_definition(path: Path, problems: list[Problem]) -> Iterator[Definition]:
    try:
        text, table = read_toml(path)
    except InputError as error:
        problems += error.problems
        return
    wrong = [
        Problem(str(path), line_of(text, key) if key else None, key, code, message, remedy)
        for key, code, message, remedy in _find_faults(path, table)
    ]
    problems += wrong
    if not wrong:
        yield _definition(path.stem, table)


def _definition(name: str, table: dict[str, Any]) -> Definition:
    return Definition(
        name=name,
        kind=table["kind"],
        entities=_several(table, "entity", "entities"),
        metrics=_several(table, "metric", "metrics") or _KINDS[table["kind"]].defaults,
        period=table.get("period"),
        as_of=_format_moment(table.get("as_of")),
        title=table.get("title"),
        formats=tuple(table.get("formats", DEFAULT_FORMATS)),
        language=table.get("language", "en"),
        since=_format_moment(table.get("since")),
        charts=tuple(table.get("charts", ())),
        is_interactive=table.get("interactive", False),
        axis=table.get("axis"),
        currency=table.get("currency"),
    )


def _several(table: dict[str, Any], one: str, several: str) -> tuple[str, ...]:
    """Read the names in a definition, which may be one (`entity`) or a list (`entities`)."""
    return (table[one],) if one in table else tuple(table.get(several, ()))


def _format_moment(value: date | str | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


_Wrong = tuple[str | None, str, str, str]


def _find_faults(path: Path, table: dict[str, Any]) -> Iterator[_Wrong]:
    """Find what is wrong with a definition: key, code, message, remedy."""
    if not _NAME.fullmatch(path.stem):
        yield None, "name", "the file's name is no report name", "use letters, digits, dot, dash and underscore"
    kind = table.get("kind")
    if kind is None:
        yield "kind", "missing", "is missing", f'add `kind = "growth"`, or {", ".join(KINDS[1:])}'
    known = _known(kind)
    for key in sorted(table.keys() - known):
        yield key, "key", "unknown key", f"use {', '.join(known)}"
    wrong = [(key, *found) for key in table if key in known for found in _wrong_value(key, table[key])]
    yield from wrong
    if not wrong and kind in _KINDS:
        yield from _wrong_together(table)


def _known(kind: object) -> tuple[str, ...]:
    """List the keys that a kind of report takes; all keys if there is no such kind."""
    if isinstance(kind, str) and kind in _KINDS:
        return (*_COMMON, *_KINDS[kind].keys)
    return (*_COMMON, *dict.fromkeys(key for found in _KINDS.values() for key in found.keys))


def _wrong_together(table: dict[str, Any]) -> Iterator[_Wrong]:
    """Find keys that are right one by one, but wrong together."""
    for one, several in (("entity", "entities"), ("metric", "metrics")):
        if one in table and several in table:
            yield several, "repeated", f"stands beside `{one}`", f"keep one of the two; `{several}` takes a list"
    entities, metrics = _several(table, "entity", "entities"), _several(table, "metric", "metrics")
    yield from _wrong_numbers(table["kind"], entities, metrics)
    if table["kind"] == "charts":
        yield from ((key, "missing", "is missing", f"add `{key}`") for key in ("title", "charts") if key not in table)


def _wrong_numbers(kind: str, entities: tuple[str, ...], metrics: tuple[str, ...]) -> Iterator[_Wrong]:
    """Find too few or too many companies or metrics for a kind."""
    least, most = _KINDS[kind].companies
    if len(entities) < least:
        remedy = 'add `entity = "..."`' if most == 1 else 'add `entities = ["...", "..."]`'
        yield ("entity" if most == 1 else "entities"), "missing", "is missing", remedy
    if len(entities) > most:
        yield "entities", "many", f"a report of kind {kind} is about {most} at most", "make a report for each"
    if len(metrics) > _KINDS[kind].metrics:
        yield "metrics", "many", f"a report of kind {kind} is about {_KINDS[kind].metrics}", "make a report for each"


def _wrong_value(key: str, value: Any) -> Iterator[tuple[str, str, str]]:
    if key in _LISTS:
        yield from _wrong_list(key, value)
    elif key in {"as_of", "since"}:
        yield from _wrong_moment(value)
    elif key == "interactive":
        if not isinstance(value, bool):
            yield "type", f"{show_value(value)} is neither true nor false", "write `interactive = true`"
    elif not isinstance(value, str) or not value:
        yield "type", f"{show_value(value)} is no text", f'write `{key} = "..."`'
    elif key == "kind" and value not in KINDS:
        yield "kind", f"there is no report {show_value(value)}", f"use {', '.join(KINDS)}"
    elif key == "language" and value not in LANGUAGES:
        yield "language", f"there is no language {show_value(value)}", f"use {', '.join(LANGUAGES)}"
    elif key == "currency" and not is_currency(value):
        yield "currency", f"{show_value(value)} is no currency", "write a code of ISO 4217, such as EUR"
    elif key == "period" and not _PERIOD.fullmatch(value):
        yield "period", f"{show_value(value)} is no period", _PERIOD_REMEDY


def _wrong_list(key: str, value: Any) -> Iterator[tuple[str, str, str]]:
    if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
        yield "type", f"{show_value(value)} is no list of names", f'write `{key} = ["...", "..."]`'
    elif len(set(value)) < len(value):
        yield "repeated", "a name stands twice", "name each once"
    elif key == "formats" and (unknown := [item for item in value if item not in FORMATS]):
        yield "format", f"there is no format {unknown[0]!r}", f"use {', '.join(FORMATS)}"
    elif key == "charts" and (odd := [item for item in value if not _NAME.fullmatch(item)]):
        yield "name", f"{odd[0]!r} is no chart's name", "use letters, digits, dot, dash and underscore"


def _wrong_moment(value: Any) -> Iterator[tuple[str, str, str]]:
    try:
        as_of_instant(value.isoformat() if isinstance(value, date) else value)
    except (UsageError, TypeError):
        yield "as_of", f"{show_value(value)} is no moment", "write a day (2024-08-05) or a time (2024-08-05T20:00:00Z)"
