"""The files in `tracker/warehouse/views/`: each holds one view, a SELECT under a header.

The header says what the view is, its grain, what it reads and its units. The view has the file's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from tracker.model.metric import wide_metrics
from tracker.model.schema import DERIVED_VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


__all__ = ["View", "list_below", "split_words", "views", "with_below"]

_WORD: Final = re.compile(r"[a-z_]+")
_HEADER: Final = re.compile(r"--(?: (?P<key>[a-z-]+):)? ?(?P<text>.*)")


@dataclass(frozen=True, slots=True)
class View:
    """One file of `tracker/warehouse/views/`: the fields of its header, and its SELECT.

    `summary` is one line on what the view shows, and `notes` are further sentences. `as_of` is the column that says
    when a row became known; None if the file has no such field.
    """

    name: str
    summary: str
    grain: tuple[str, ...]
    reads: tuple[str, ...]
    units: str
    notes: str
    as_of: str | None
    text: str

    @property
    def body(self) -> str:
        """Return the SELECT. Only that of `wide` needs `metrics.toml`, for its columns, so few questions read it."""
        return _EACH_METRIC.sub(_repeat, self.text) if "METRIC" in self.text else self.text

    @property
    def comment(self) -> str:
        """Return the description that `tracker schema` and the comment on the view show."""
        parts = [self.summary + ".", f"Grain: {', '.join(self.grain)}."]
        parts += [f"Units: {self.units}."] if self.units else []
        return " ".join([*parts, self.notes] if self.notes else parts)

    @property
    def is_timed(self) -> bool:
        """Return whether the view has a twin: whether its rows depend on the moment of knowledge."""
        return bool(self.as_of) or any(read.as_of for read in list_below(self))


@cache
def views() -> tuple[View, ...]:
    """Return all views, each after the views that it reads."""
    found = [
        _parse_view(path.read_text("utf-8"))
        for folder in files("tracker.warehouse").joinpath("views").iterdir()
        if folder.is_dir()
        for path in folder.iterdir()
        if path.name.endswith(".sql")
    ]
    by_name = {view.name: view for view in sorted(found, key=lambda view: view.name)}
    return tuple(_put_views_in(view, by_name) for view in _in_order(by_name))


def _put_views_in(view: View, by_name: Mapping[str, View]) -> View:
    """Replace the line in a view's SQL that stands for another view over other inputs, if there is one."""
    if not (found := _OVER.search(view.text)):
        return view
    inputs = dict(pair.split(" = ") for pair in found["inputs"].split(", "))
    needed = _list_needed(found["view"], by_name, {*inputs, *view.reads})
    given = [f"{name} as (select * from {source})" for name, source in inputs.items()]
    computed = [f"{one.name} as materialized (\n{one.body}\n)" for one in needed[:-1]]
    text = f"with {', '.join([*given, *computed])}\nselect * from (\n{needed[-1].body}\n)"
    return replace(view, text=view.text.replace(found[0], text))


def _list_needed(name: str, by_name: Mapping[str, View], given: set[str]) -> list[View]:
    """Return a view and all views that it reads, each after those that it reads itself, except the given ones."""
    needed: dict[str, View] = {}

    def visit(name: str) -> None:
        if name in by_name and name not in given and name not in needed:
            for read in by_name[name].reads:
                visit(read)
            needed[name] = by_name[name]

    visit(name)
    return [*needed.values()]


#: A line that stands for a view over other inputs than its own: {growth over fact_known = part_fact, ...}.
_OVER: Final = re.compile(r"\{(?P<view>\w+) over (?P<inputs>[^}]*)\}")


def _parse_view(text: str) -> View:
    lines = text.splitlines()
    header = list(takewhile(lambda line: line.startswith("--"), lines))
    matches = [match for line in header if (match := _HEADER.fullmatch(line))]
    name, _, summary = (
        matches[0]["text"].partition(": ") if matches[0]["key"] is None else (matches[0]["key"], "", matches[0]["text"])
    )
    fields = {match["key"]: match["text"] for match in matches[1:] if match["key"] in _FIELDS}
    notes = [match[0].removeprefix("-- ") for match in matches[1:] if match["key"] not in _FIELDS]
    return View(
        name=name,
        summary=summary,
        grain=tuple(fields["grain"].split(", ")),
        reads=tuple(fields["reads"].split(", ")),
        units=fields.get("units", ""),
        notes=" ".join(notes),
        as_of=fields.get("as-of"),
        text=_COMMENT.sub("", text).strip(),
    )


#: A line that stands once for each metric of `wide`, with the metric's name in place of METRIC.
_EACH_METRIC: Final = re.compile(r"^( *)\{(.*METRIC.*)\}$", re.MULTILINE)


def _repeat(line: re.Match[str]) -> str:
    return ",\n".join(line[1] + line[2].replace("METRIC", metric) for metric in wide_metrics())


_COMMENT: Final = re.compile(r"^--.*\n?", re.MULTILINE)
_FIELDS: Final = frozenset({"grain", "reads", "units", "as-of"})


def _in_order(by_name: dict[str, View]) -> list[View]:
    done: dict[str, View] = {}

    def visit(name: str) -> None:
        if name in done or name not in by_name:
            return
        for read in by_name[name].reads:
            visit(read)
        done[name] = by_name[name]

    for name in by_name:
        visit(name)
    return list(done.values())


def split_words(query: str) -> set[str]:
    """Return all names and other words of a query, in lower case."""
    return set(_WORD.findall(query.lower()))


def with_below(wanted: Iterable[View], *, is_derived: bool = False) -> list[View]:
    """Return these views and all views that they read, each after those that it reads; none below stored rows."""
    names = {each.name for view in wanted for each in (view, *list_below(view, is_derived=is_derived))}
    return [view for view in views() if view.name in names]


@cache
def list_below(view: View, *, is_derived: bool = False) -> list[View]:
    """Return the views that a view reads, directly or not, each after those that it reads; none below stored rows."""
    wanted = set(_read_by(view, is_derived=is_derived))
    for other in reversed(views()):
        if other.name in wanted:
            wanted |= set(_read_by(other, is_derived=is_derived))
    return [other for other in views() if other.name in wanted]


def _read_by(view: View, *, is_derived: bool) -> tuple[str, ...]:
    return () if is_derived and view.name in DERIVED_VIEWS else view.reads
