"""Charts of the project's own: `reports/charts/NAME.sql` or `NAME.py`, with a few lines in `NAME.toml`.

A SQL file is one query that only reads. Its rows are only data: no text of them is ever markup or part of an
expression. A Python file is the user's own code and runs with the user's rights: `chart(warehouse, definition)` returns
an Altair chart or a Vega-Lite dict, with its data inside.

title = "Spending by quarter"     # left out: the file's name
unit = "$ billion"                # the line under the title
mark = "bar"                      # bar, line or point; for SQL only, as are the next three
x = "quarter"                     # left out: the first column; rows without an ORDER BY go by it
y = "amount"                      # left out: the first column of numbers that is not x
series = "company"                # a column whose values are the series; left out: none
alt = "..."                       # what the chart shows, for those who cannot see it; left out: made of the data
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import altair as alt

from tracker.errors import InputError, QueryError, UsageError
from tracker.files.toml_file import read_toml
from tracker.report.charts.drawing import WIDE
from tracker.report.charts.leaves import WIDTH, Chart, theme
from tracker.report.charts.query_chart import Channels, draw_query_chart, is_number, show_value
from tracker.report.document import Cell, Column, Picture, Row, Section, Table
from tracker.report.text.labels import format_number, isolate, strip_unseen
from tracker.warehouse.sandbox import answer_confined, parse_select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tracker.report.definition import Definition
    from tracker.report.text.language import Language
    from tracker.warehouse.reader import Warehouse
    from tracker.warehouse.sandbox import Answer

__all__ = ["chart_files", "draw_rows", "own_section"]

_MARKS: Final = ("bar", "line", "point")
_KEYS: Final = ("title", "unit", "mark", "x", "y", "series", "alt")
_MOST: Final = 5000  # rows that a chart can hold
_LISTED: Final = 200  # rows its table shows


@dataclass(frozen=True, slots=True)
class _CustomChart:
    """One chart of the project: its name, its file, and what its TOML says."""

    name: str
    path: Path
    said: dict[str, str]

    @property
    def title(self) -> str:
        return strip_unseen(self.said.get("title", self.name))


def chart_files(definition: Definition, folder: Path) -> list[Path]:
    """List the files the definition's own charts are made of."""
    names = [folder / f"{name}.{kind}" for name in definition.charts for kind in ("sql", "py", "toml")]
    return [path for path in names if path.is_file()]


def own_section(language: Language, warehouse: Warehouse, definition: Definition, folder: Path) -> Section:
    """Make the section of the definition's own charts and tables; UsageError tells what is wrong with one."""
    found = [_find(name, folder) for name in definition.charts]
    made = [_draw_custom(language, warehouse, definition, own) for own in found]
    return Section(
        key="own",
        title=language.say("Charts of our own"),
        pictures=tuple(picture for picture, _ in made),
        tables=tuple(rows for _, tables in made for rows in tables),
    )


def _find(name: str, folder: Path) -> _CustomChart:
    paths = [path for kind in ("sql", "py") if (path := folder / f"{name}.{kind}").is_file()]
    if len(paths) != 1:
        what = "both a .sql and a .py" if paths else "neither a .sql nor a .py"
        raise UsageError(f"chart {name!r}: there is {what} of that name in {folder}; keep or write one")
    return _CustomChart(name, paths[0], _read_settings(folder / f"{name}.toml"))


def _read_settings(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        _, said = read_toml(path)
    except InputError as error:
        raise UsageError(str(error)) from error
    wrong = [key for key, value in said.items() if key not in _KEYS or not isinstance(value, str)]
    if wrong:
        raise UsageError(f"{path}: {wrong[0]!r} is no text or is unknown; use {', '.join(_KEYS)}")
    if said.get("mark", "bar") not in _MARKS:
        raise UsageError(f"{path}: there is no mark {said['mark']!r}; use {', '.join(_MARKS)}")
    return said


def _draw_custom(
    language: Language, warehouse: Warehouse, definition: Definition, own: _CustomChart
) -> tuple[Picture, tuple[Table, ...]]:
    if own.path.suffix == ".sql":
        return _draw_query(language, warehouse, own)
    return _draw_given(own, _call_chart(warehouse, definition, own)), ()


def _make_picture(own: _CustomChart, charts: tuple[Chart, Chart | None], unit: str, told: str) -> Picture:
    return Picture(f"own-{own.name}", own.title, strip_unseen(unit), told, *charts)


# -- a question in SQL -------------------------------------------------------------------------------------------


def _draw_query(language: Language, warehouse: Warehouse, own: _CustomChart) -> tuple[Picture, tuple[Table, ...]]:
    query = own.path.read_text("utf-8").strip().rstrip(";")
    try:
        tree = parse_select(warehouse, query)
        answer = answer_confined(warehouse, query)
    except QueryError as error:
        raise UsageError(f"{own.path}: {str(error).splitlines()[0]}") from error
    return _draw_answer(language, own, answer, is_sorted=_is_sorted(tree))


def draw_rows(language: Language, title: str, answer: Answer, settings: Mapping[str, str]) -> Picture:
    """Draw rows that are in order, as a chart of the project's own is drawn; UsageError if they cannot be.

    `settings` are those of a chart: `mark`, `x`, `y`, `series` and others.
    """
    own = _CustomChart("answer", Path("the answer"), {"title": title, **settings})
    return _draw_answer(language, own, answer, is_sorted=True)[0]


def _draw_answer(
    language: Language, own: _CustomChart, answer: Answer, *, is_sorted: bool
) -> tuple[Picture, tuple[Table, ...]]:
    if not 0 < len(answer.rows) <= _MOST:
        raise UsageError(f"{own.path}: {len(answer.rows)} rows; a chart takes 1 to {_MOST}")
    names, rows = answer.columns, _plain_rows(answer)
    channels = _channels(own, names, rows)
    if not is_sorted:
        rows = sorted(
            rows,
            key=lambda row: [_order_key(row[at]) for at in (channels.x, channels.series, channels.y) if at is not None],
        )
    wide, narrow = (draw_query_chart(language, channels, rows, width, own.name) for width in (WIDE, WIDTH))
    told = strip_unseen(own.said.get("alt", "")) or _describe_chart(language, own, names, rows, channels)
    unit = own.said.get("unit", "" if channels.mark == "point" else names[channels.y])
    return _make_picture(own, (wide, narrow), unit, told), (_list_rows(language, own, names, rows),)


def _plain_rows(answer: Answer) -> list[list[Any]]:
    """Return the rows of an answer; infinite and undefined numbers become None."""
    return [
        [None if isinstance(value, float) and not isfinite(value) else value for value in row] for row in answer.rows
    ]


def _is_sorted(tree: dict[str, Any]) -> bool:
    """Return whether the query has an ORDER BY."""
    modifiers = tree["statements"][0]["node"].get("modifiers", [])
    return any(modifier["type"] == "ORDER_MODIFIER" for modifier in modifiers)


def _order_key(value: Any) -> tuple[int, Any]:
    """Return the sort key of a value: numbers and days by size, all else as text, None last."""
    if value is None:
        return 2, ""
    return (0, value) if is_number(value) or isinstance(value, date) else (1, str(value))


def _channels(own: _CustomChart, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Channels:
    """Choose the columns for the horizontal axis, the vertical axis and the series."""
    numbers = [at for at in range(len(names)) if all(_is_measured(row[at]) for row in rows)]
    x = _column(own, names, "x", 0)
    y = _column(own, names, "y", next((at for at in numbers if at != x), None))
    if y not in numbers:
        raise UsageError(f"{own.path}: {names[y]!r} is no column of numbers; name one as `y` in {own.name}.toml")
    if all(row[x] is None for row in rows):
        raise UsageError(f"{own.path}: {names[x]!r} has no values; a chart needs something across")
    series = None if "series" not in own.said else _column(own, names, "series", None)
    return Channels(own.said.get("mark"), tuple(names), x, y, series)


def _column(own: _CustomChart, names: Sequence[str], key: str, default: int | None) -> int:
    name = own.said.get(key)
    if name is None and default is not None:
        return default
    if name not in names:
        raise UsageError(f"{own.path}: there is no column {name!r} for `{key}`; it has {', '.join(names)}")
    return names.index(name)


def _describe_chart(
    language: Language, own: _CustomChart, names: Sequence[str], rows: Sequence[Sequence[Any]], channels: Channels
) -> str:
    x, y = channels.x, channels.y
    known = [row for row in rows if row[y] is not None]
    if not known:
        return language.say("{title}: no numbers.", title=isolate(language, own.title))
    least, most = (pick(known, key=lambda row: row[y]) for pick in (min, max))
    ends = (("least", least[y]), ("least_at", least[x]), ("most", most[y]), ("most_at", most[x]))
    return language.say(
        "{measure} by {axis}, {count} rows: lowest {least} ({least_at}), highest {most} ({most_at}).",
        measure=isolate(language, strip_unseen(names[y])),
        axis=isolate(language, strip_unseen(names[x])),
        count=str(len(rows)),
        **{name: show_value(language, value) for name, value in ends},
    )


def _list_rows(language: Language, own: _CustomChart, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    columns = tuple(
        Column(strip_unseen(name), "number" if all(_is_measured(row[at]) for row in rows) else "text")
        for at, name in enumerate(names)
    )
    printers = [_printer(language, [row[at] for row in rows]) for at in range(len(names))]
    made = tuple(
        Row(tuple(Cell(said(value), _value(value)) for said, value in zip(printers, row, strict=True)))
        for row in rows[:_LISTED]
    )
    all_rows = language.say("The first {count} of {all} rows.", count=str(_LISTED), all=str(len(rows)))
    note = all_rows if len(rows) > _LISTED else ""
    return Table(f"t-own-{own.name}", own.title, columns, made, own.title, note)


def _printer(language: Language, values: Sequence[Any]) -> Callable[[Any], str]:
    """Decide how a column is printed: all its numbers with as many digits behind the point."""
    known = [Decimal(str(value)) for value in values if value is not None] if all(map(_is_measured, values)) else []
    if all(value == value.to_integral_value() for value in known) or max(map(abs, known)) < 1:
        return partial(show_value, language)
    return lambda value: "" if value is None else format_number(language, Decimal(str(value)), 2)


def _is_measured(value: Any) -> bool:
    return value is None or is_number(value)


def _value(value: Any) -> Decimal | date | None:
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value if isinstance(value, (Decimal, date)) else None


# -- a function in Python -----------------------------------------------------------------------------------------


def _call_chart(warehouse: Warehouse, definition: Definition, own: _CustomChart) -> dict[str, Any]:
    """Call the user's function and return its chart as a dict; UsageError names the file where it fails."""
    loading = importlib.util.spec_from_file_location(f"tracker_chart_{own.name}", own.path)
    if loading is None or loading.loader is None:
        raise UsageError(f"{own.path} cannot be loaded")
    module = importlib.util.module_from_spec(loading)
    try:
        loading.loader.exec_module(module)
        with alt.theme.enable("tracker"):
            made = module.chart(warehouse, definition)
            spec = made.to_dict() if isinstance(made, alt.TopLevelMixin) else dict(made)
    except Exception as error:  # the user's own code may fail in any way
        raise UsageError(f"{own.path}: {type(error).__name__}: {error}") from error
    outside = sorted({key for key in _list_keys(spec) if key in {"url", "href"}})
    if outside:
        raise UsageError(f"{own.path}: the chart names a {outside[0]!r}; a report holds its data and asks for nothing")
    return spec


def _draw_given(own: _CustomChart, spec: dict[str, Any]) -> Picture:
    """Draw a chart that the user's code made, in its own size; a single view is also drawn narrow."""
    config = {key: value for key, value in spec.get("config", {}).items() if value != theme()["config"].get(key)}
    data = spec.get("datasets", {})
    body = settle_config({key: value for key, value in spec.items() if key not in _TOP}, config)
    wide = Chart((body,), data, WIDE, bounds="full")
    width = body.get("width")
    is_plain = isinstance(width, int) and width > _NARROW and {"mark", "layer"} & body.keys()
    narrow = Chart(({**body, "width": _NARROW},), data, WIDTH, bounds="full") if is_plain else None
    return _make_picture(own, (wide, narrow), own.said.get("unit", ""), strip_unseen(own.said.get("alt", own.title)))


_NARROW: Final = WIDTH - 60
#: Keys of a whole specification, in place of which the page has its own.
_TOP: Final = ("$schema", "config", "background", "padding", "autosize", "datasets", "usermeta")
_PARTS: Final = ("layer", "concat", "hconcat", "vconcat")


def settle_config(spec: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """Write a chart's configuration into its parts, so that it keeps its look in a picture with other charts.

    This covers marks, axes, legends, titles, views and the colours of categories, and nothing else.
    """
    spec = {**spec, **{part: [settle_config(one, config) for one in spec[part]] for part in _PARTS if part in spec}}
    if "spec" in spec:
        spec["spec"] = settle_config(spec["spec"], config)
    if "title" in spec:
        title = spec["title"] if isinstance(spec["title"], dict) else {"text": spec["title"]}
        spec["title"] = {**config.get("title", {}), **title}
    if config.get("view") and {"mark", "layer"} & spec.keys():
        spec["view"] = {**config["view"], **spec.get("view", {})}
    if "mark" in spec:
        mark = spec["mark"] if isinstance(spec["mark"], dict) else {"type": spec["mark"]}
        spec["mark"] = {**config.get("mark", {}), **config.get(mark["type"], {}), **mark}
    if "encoding" in spec:
        spec["encoding"] = {name: _channel(name, one, config) for name, one in spec["encoding"].items()}
    return spec


def _channel(name: str, channel: Any, config: dict[str, Any]) -> Any:
    """Write what the configuration says of an axis or a legend into one channel of a chart."""
    if not isinstance(channel, dict) or not channel.keys() & {"field", "aggregate"}:
        return channel
    kind = "axis" if name in {"x", "y"} else "legend"
    said = {**config.get(kind, {}), **(config.get(f"axis{name.upper()}", {}) if kind == "axis" else {})}
    if said and channel.get(kind, {}) is not None and (kind == "axis" or name in _LEGENDS):
        channel = {**channel, kind: {**said, **channel.get(kind, {})}}
    hues = config.get("range", {}).get("category")
    if hues and name in {"color", "fill", "stroke"} and channel.get("type") in {"nominal", "ordinal"}:
        channel = {**channel, "scale": {"range": hues, **(channel.get("scale") or {})}}
    return channel


_LEGENDS: Final = ("color", "fill", "stroke", "opacity", "shape", "size", "strokeDash", "strokeWidth")


def _list_keys(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        yield from tree
        for key, value in tree.items():
            if key not in {"values", "datasets"}:
                yield from _list_keys(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _list_keys(value)
