"""Charts of the project's own: `reports/charts/NAME.sql` or `NAME.py`, with a few lines in `NAME.toml`.

A SQL file is one question that only reads; its rows are data and nothing else: no text of them is ever markup or
part of an expression. A Python file is the user's own code, run as the user: `chart(warehouse, definition)` returns
an Altair chart or a Vega-Lite dict, with its data inside.

title = "Spending by quarter"     # left out: the file's name
unit = "$ billion"                # the line under the title
mark = "bar"                      # bar, line or point; for SQL only, as are the next three
x = "quarter"                     # left out: the first column
y = "amount"                      # left out: the first column of numbers that is not x
series = "company"                # a column that parts the marks; left out: none
alt = "..."                       # what the chart shows, for those who cannot see it; left out: made of the data
"""

from __future__ import annotations

import importlib.util
import json
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import altair as alt

from tracker.errors import QueryError, UsageError
from tracker.report.document import Cell, Column, Picture, Row, Section, Table
from tracker.report.drawing import WIDE
from tracker.report.labels import grouped, isolated, seen, trimmed
from tracker.report.language import say
from tracker.report.leaves import PALETTE, Chart, float_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tracker.report.definition import Definition
    from tracker.warehouse import Warehouse

__all__ = ["chart_files", "own_section"]

_MARKS: Final = ("bar", "line", "point")
_KEYS: Final = ("title", "unit", "mark", "x", "y", "series", "alt")
_MOST: Final = 5000  # rows of a question a chart can hold
_LISTED: Final = 200  # rows its table shows
_READING: Final = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}


@dataclass(frozen=True, slots=True)
class _Own:
    """One chart of the project: its name, its file, and what its TOML says."""

    name: str
    path: Path
    said: dict[str, str]

    @property
    def title(self) -> str:
        return seen(self.said.get("title", self.name))


def chart_files(definition: Definition, folder: Path) -> list[Path]:
    """The files the definition's own charts are made of."""
    names = [folder / f"{name}.{kind}" for name in definition.charts for kind in ("sql", "py", "toml")]
    return [path for path in names if path.is_file()]


def own_section(warehouse: Warehouse, definition: Definition, folder: Path) -> Section:
    """The definition's own charts with their tables; UsageError tells what is wrong with one of them."""
    found = [_find(name, folder) for name in definition.charts]
    made = [_drawn(warehouse, definition, own) for own in found]
    return Section(
        key="own",
        title=say("Charts of our own"),
        pictures=tuple(picture for picture, _ in made),
        tables=tuple(rows for _, tables in made for rows in tables),
    )


def _find(name: str, folder: Path) -> _Own:
    paths = [path for kind in ("sql", "py") if (path := folder / f"{name}.{kind}").is_file()]
    if len(paths) != 1:
        what = "both a .sql and a .py" if paths else "neither a .sql nor a .py"
        raise UsageError(f"chart {name!r}: there is {what} of that name in {folder}; keep or write one")
    return _Own(name, paths[0], _said(folder / f"{name}.toml"))


def _said(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: {error}; mend the TOML, in UTF-8") from error
    wrong = [key for key, value in said.items() if key not in _KEYS or not isinstance(value, str)]
    if wrong:
        raise UsageError(f"{path}: {wrong[0]!r} is no text or is unknown; use {', '.join(_KEYS)}")
    if said.get("mark", "bar") not in _MARKS:
        raise UsageError(f"{path}: there is no mark {said['mark']!r}; use {', '.join(_MARKS)}")
    return said


def _drawn(warehouse: Warehouse, definition: Definition, own: _Own) -> tuple[Picture, tuple[Table, ...]]:
    if own.path.suffix == ".sql":
        return _asked(warehouse, own)
    return _picture(own, _called(warehouse, definition, own), seen(own.said.get("alt", own.title))), ()


def _picture(own: _Own, spec: dict[str, Any], told: str) -> Picture:
    data = spec.pop("datasets", {})
    chart = Chart((spec,), data, WIDE, bounds="full")
    return Picture(f"own-{own.name}", own.title, seen(own.said.get("unit", "")), told, chart)


# -- a question in SQL -------------------------------------------------------------------------------------------


def _asked(warehouse: Warehouse, own: _Own) -> tuple[Picture, tuple[Table, ...]]:
    query = own.path.read_text("utf-8").strip().rstrip(";")
    try:
        _check(warehouse, own, query)
        result = warehouse.sql(query).arrow()
    except QueryError as error:
        raise UsageError(f"{own.path}: {str(error).splitlines()[0]}") from error
    if not 0 < result.num_rows <= _MOST:
        raise UsageError(f"{own.path}: {result.num_rows} rows; a chart takes 1 to {_MOST}")
    names, rows = result.column_names, [list(row.values()) for row in _plain_rows(result)]
    x, y, series = _channels(own, names, rows)
    spec = _spec(own, names, rows, (x, y, series))
    told = seen(own.said.get("alt", "")) or _told(own, names, rows, (x, y))
    return _picture(own, spec, told), (_listed(own, names, rows),)


def _plain_rows(result: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = result.to_pylist()
    return rows


def _check(warehouse: Warehouse, own: _Own, query: str) -> None:
    """UsageError where the file is anything but one question that only reads: no part of it may store or write."""
    told = warehouse.sql("select json_serialize_sql($query) as tree", {"query": query}).fetchall()[0][0]
    tree = json.loads(told)
    if tree["error"]:
        raise UsageError(f"{own.path}: {tree['error_message'].splitlines()[0]}; write one SELECT")
    odd = {kind for kind in _node_types(tree["statements"]) if kind not in _READING}
    if odd or len(tree["statements"]) != 1:
        raise UsageError(f"{own.path}: a chart's SQL only reads; write one SELECT")


def _node_types(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        kind = tree.get("type")
        if isinstance(kind, str) and kind.endswith("_NODE"):
            yield kind
        for value in tree.values():
            yield from _node_types(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _node_types(value)


def _channels(own: _Own, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[int, int, int | None]:
    """Which columns are across, up, and what parts the marks."""
    numbers = [at for at in range(len(names)) if all(_is_number(row[at]) or row[at] is None for row in rows)]
    x = _column(own, names, "x", 0)
    y = _column(own, names, "y", next((at for at in numbers if at != x), None))
    if y not in numbers:
        raise UsageError(f"{own.path}: {names[y]!r} is no column of numbers; name one as `y` in {own.name}.toml")
    return x, y, None if "series" not in own.said else _column(own, names, "series", None)


def _column(own: _Own, names: Sequence[str], key: str, default: int | None) -> int:
    name = own.said.get(key)
    if name is None and default is not None:
        return default
    if name not in names:
        raise UsageError(f"{own.path}: there is no column {name!r} for `{key}`; it has {', '.join(names)}")
    return names.index(name)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _spec(
    own: _Own, names: Sequence[str], rows: Sequence[Sequence[Any]], channels: tuple[int, int, int | None]
) -> dict[str, Any]:
    """A chart of the rows. Columns go by names of ours, so that nothing of the data can be read as an expression."""
    x, y, series = channels
    values = [{f"c{at}": _datum(value) for at, value in enumerate(row)} for row in rows]
    is_time = all(isinstance(row[x], date) or row[x] is None for row in rows)
    is_count = all(_is_number(row[x]) or row[x] is None for row in rows)
    kind = "temporal" if is_time else "quantitative" if is_count else "nominal"
    mark = own.said.get("mark", "line" if is_time else "bar")
    across: dict[str, Any] = {"field": f"c{x}", "type": kind, "title": seen(names[x]), "sort": None}
    across |= {"scale": {"type": "utc"}} if is_time else {"axis": {"labelAngle": 0}} if kind == "nominal" else {}
    encoding: dict[str, Any] = {
        "x": across,
        "y": {"field": f"c{y}", "type": "quantitative", "title": seen(names[y])},
        "color": {"value": PALETTE["period"]},
    }
    if series is not None:
        shown = list(dict.fromkeys(str(row[f"c{series}"]) for row in values))
        scale = {"domain": shown, "range": [_HUES[at % len(_HUES)] for at in range(len(shown))]}
        encoding["color"] = {"field": f"c{series}", "type": "nominal", "title": None, "scale": scale}
        encoding |= {"xOffset": {"field": f"c{series}"}} if mark == "bar" and kind == "nominal" else {}
    look = {"type": mark, "point": mark == "line"} if mark == "line" else {"type": mark, "filled": True}
    return {"data": {"values": values}, "mark": look, "encoding": encoding, "width": WIDE - 90, "height": 300}


#: Colours of series: told apart by those who see few colours, at least 3:1 on paper.
_HUES: Final = ("#0b5cad", "#c8401a", "#4a5058", "#8a6d00", "#7a3fa0", "#00796b", "#a0305f", "#5b626b")


def _datum(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return f"{value.isoformat()}T00:00:00Z" if not isinstance(value, datetime) else _moment(value)
    if isinstance(value, bool) or value is None:
        return value
    return float_of(float(value)) if _is_number(value) else seen(str(value))


def _moment(value: datetime) -> str:
    """A moment with its offset; one without is taken as UTC, so that no machine's time zone moves it."""
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()


def _told(own: _Own, names: Sequence[str], rows: Sequence[Sequence[Any]], channels: tuple[int, int]) -> str:
    x, y = channels
    known = [row for row in rows if row[y] is not None]
    if not known:
        return say("{title}: no numbers.", title=isolated(own.title))
    least, most = (pick(known, key=lambda row: row[y]) for pick in (min, max))
    ends = (("least", least[y]), ("least_at", least[x]), ("most", most[y]), ("most_at", most[x]))
    return say(
        "{measure} by {axis}, {count} rows: lowest {least} ({least_at}), highest {most} ({most_at}).",
        measure=isolated(seen(names[y])),
        axis=isolated(seen(names[x])),
        count=str(len(rows)),
        **{name: _shown(value) for name, value in ends},
    )


def _listed(own: _Own, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    columns = tuple(
        Column(seen(name), "number" if all(_is_number(row[at]) or row[at] is None for row in rows) else "text")
        for at, name in enumerate(names)
    )
    made = tuple(Row(tuple(Cell(_shown(value), _value(value)) for value in row)) for row in rows[:_LISTED])
    all_rows = say("The first {count} of {all} rows.", count=str(_LISTED), all=str(len(rows)))
    note = all_rows if len(rows) > _LISTED else ""
    return Table(f"t-own-{own.name}", own.title, columns, made, own.title, note)


def _value(value: Any) -> Decimal | date | None:
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value if isinstance(value, (Decimal, date)) else None


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (Decimal, float)):
        exact = Decimal(str(value))
        return trimmed(exact, 2 if abs(exact) >= 1 else 6)
    if isinstance(value, int) and not isinstance(value, bool):
        return grouped(Decimal(value), 0)
    return seen(str(value))


# -- a function in Python -----------------------------------------------------------------------------------------


def _called(warehouse: Warehouse, definition: Definition, own: _Own) -> dict[str, Any]:
    """What the user's function returns, as a dict; UsageError names the file where it fails."""
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
    outside = sorted({key for key in _keys(spec) if key in {"url", "href"}})
    if outside:
        raise UsageError(f"{own.path}: the chart names a {outside[0]!r}; a report holds its data and asks for nothing")
    return {key: value for key, value in spec.items() if key not in {"$schema", "config"}}


def _keys(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        yield from tree
        for key, value in tree.items():
            if key not in {"values", "datasets"}:
                yield from _keys(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _keys(value)
