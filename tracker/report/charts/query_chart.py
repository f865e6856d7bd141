"""A chart of the rows of a query: one column across, one up, and one that splits the marks into series.

It looks like the other charts of reports: lines and bars from zero with few gridlines, numbers and names on the marks
rather than beside them, days as months over years. Columns get our own names (c0, c1), and the labels of axes are made
here, so that no text of a row is ever part of an expression.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tracker.report.charts.comparison import shorten, spread_apart
from tracker.report.charts.leaves import PALETTE, WIDTH, Chart, Spec, float_of
from tracker.report.charts.panel import tick_label, ticks_of
from tracker.report.text.labels import format_day_of_month, format_number, format_trimmed, name_month, strip_unseen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.report.text.language import Language

__all__ = ["Channels", "draw_query_chart", "is_number", "show_value"]

#: Colours of series that people with colour blindness can tell apart, with a contrast of at least 3:1 on paper.
_HUES: Final = ("#0b5cad", "#c8401a", "#4a5058", "#8a6d00", "#7a3fa0", "#00796b", "#a0305f", "#5b626b")
_HEIGHT: Final = {True: 220, False: 300}  # on a small screen, on a large one
_LETTER: Final = 6.4  # pixels of a letter of a label
_LYING: Final = 26  # pixels of a bar that lies, with the gap to the next
_TALLEST: Final = 2400  # and no more, however many there are
_NAMED: Final = 24  # entries of a legend
_TICK: Final = 76  # pixels a label below needs
_DAY: Final = 86_400_000
_YEAR: Final = 12  # months
_STEPS: Final = (1, 3, 6, 12, 24, 60, 120, 240)  # months between labels


@dataclass(frozen=True, slots=True)
class Channels:
    """How rows are drawn: the mark, the names of all columns, and which are across, up, and the series."""

    mark: str | None
    names: tuple[str, ...]
    x: int
    y: int
    series: int | None


def draw_query_chart(
    language: Language, channels: Channels, rows: Sequence[Sequence[Any]], width: int, key: str
) -> Chart:
    """Draw the rows as a chart of that width."""
    drawn = _QueryDrawing(
        language, channels, tuple(row for row in rows if row[channels.x] is not None), width, f"own-{key}-{width}"
    )
    again = partial(draw_query_chart, language, channels, rows, key=key)
    return Chart((drawn.view(),), drawn.data(), width, bounds="full", again=again)


def is_number(value: Any) -> bool:
    """Return whether a value of a row can be measured."""
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def show_value(language: Language, value: Any) -> str:
    """Print a value of a row for a reader."""
    if value is None:
        return ""
    if isinstance(value, (Decimal, float)):
        exact = Decimal(str(value))
        return format_trimmed(language, exact, 2 if abs(exact) >= 1 else 6)
    if isinstance(value, int) and not isinstance(value, bool):
        return format_number(language, Decimal(value), 0)
    return strip_unseen(str(value))


@dataclass(frozen=True, slots=True)
class _QueryDrawing:
    """One chart: its rows, its size, and the key of its data."""

    language: Language
    channels: Channels
    rows: tuple[Sequence[Any], ...]
    width: int
    key: str

    # -- what it is ------------------------------------------------------------------------------------------

    @property
    def across(self) -> list[Any]:
        return [row[self.channels.x] for row in self.rows]

    @property
    def kind(self) -> str:
        if all(isinstance(value, date) for value in self.across):
            return "temporal"
        return "quantitative" if all(is_number(value) for value in self.across) else "nominal"

    @property
    def mark(self) -> str:
        return self.channels.mark or ("line" if self.kind == "temporal" else "bar")

    @property
    def series(self) -> list[str]:
        """Return the names of the series, in the order of the rows."""
        at = self.channels.series
        return [] if at is None else list(dict.fromkeys(show_value(self.language, row[at]) for row in self.rows))

    @property
    def names(self) -> list[str]:
        """Return the values of the horizontal axis, each once."""
        return list(dict.fromkeys(show_value(self.language, value) for value in self.across))

    @property
    def is_lying(self) -> bool:
        """Return whether bars are horizontal: their names would not fit below them."""
        longest = max((len(name) for name in self.names), default=0)
        return self.mark == "bar" and self.kind == "nominal" and longest * _LETTER > self.plot / len(self.names) - 4

    @property
    def has_ends(self) -> bool:
        """Return whether each series has its name at the end of its line."""
        return self.mark == "line" and bool(self.series)

    @property
    def has_numbers(self) -> bool:
        """Return whether each bar has its number: there is one series, and there is room."""
        room = self.plot / max(1, len(self.names))
        return self.mark == "bar" and not self.series and self.kind == "nominal" and (self.is_lying or room >= 36)  # noqa: PLR2004 - pixels of a number

    @property
    def plot(self) -> int:
        """Return the width without the scale on the left and the names on the right."""
        is_small = self.width <= WIDTH
        return self.width - 44 - ((92 if is_small else 150) if self.has_ends else 14)

    @property
    def height(self) -> int:
        bars = len(self.names) * max(1, 0.7 * len(self.series))
        return min(_TALLEST, round(_LYING * bars)) if self.is_lying else _HEIGHT[self.width <= WIDTH]

    # -- its data --------------------------------------------------------------------------------------------

    def data(self) -> dict[str, list[dict[str, Any]]]:
        made = {f"{self.key}-rows": [self.datum(row) for row in self.rows]}
        return made | ({f"{self.key}-ends": self.ends()} if self.has_ends else {})

    def datum(self, row: Sequence[Any]) -> dict[str, Any]:
        x, y, series = row[self.channels.x], row[self.channels.y], self.channels.series
        named = [show_value(self.language, row[series])] if series is not None else []
        cells = {f"c{at}": _datum(value) for at, value in enumerate(row)}
        if series is not None:
            cells[f"c{series}"] = named[0]
        tip = f"{', '.join([*named, show_value(self.language, x)])}: {show_value(self.language, y)}"
        return {
            **cells,
            "label": "" if y is None else format_number(self.language, Decimal(str(y)), self.places),
            "tip": tip,
        }

    @property
    def places(self) -> int:
        """Return the decimal places of the numbers: three digits in all, and no more places than the numbers have."""
        values = [Decimal(str(row[self.channels.y])) for row in self.rows if row[self.channels.y] is not None]
        if all(value == value.to_integral_value() for value in values):
            return 0
        return max(0, 2 - max(values, key=abs).adjusted())

    def ends(self) -> list[dict[str, Any]]:
        """Return the last point of each line, with its name moved so that names do not touch."""
        last: dict[str, Sequence[Any]] = {}
        for row in sorted((row for row in self.rows if row[self.channels.y] is not None), key=self._place_on_axis):
            last[show_value(self.language, row[self.channels.series or 0])] = row
        found = sorted(((float(row[self.channels.y]), name) for name, row in last.items()), reverse=True)
        low, high = self.reach
        pixel = (high - low) / self.height
        placed = spread_apart([value for value, _ in found], 15 * pixel, (low, high))
        letters = 12 if self.width <= WIDTH else 20
        return [
            {**self.datum(last[name]), "at": float_of(height), "label": shorten(name, letters)}
            for height, (_, name) in zip(placed, found, strict=True)
        ]

    def _place_on_axis(self, row: Sequence[Any]) -> Any:
        value = row[self.channels.x]
        return _milliseconds(value) if isinstance(value, date) else value if is_number(value) else 0

    @property
    def reach(self) -> tuple[float, float]:
        """Return the ends of the vertical scale: it has room for zero, all values and all gridlines."""
        values = [0.0, *(float(row[self.channels.y]) for row in self.rows if row[self.channels.y] is not None)]
        ticks = ticks_of(min(values), max(values))
        return min(*values, ticks[0]), max(*values, ticks[-1]) or 1.0

    # -- its look --------------------------------------------------------------------------------------------

    def view(self) -> Spec:
        marks = [{"data": {"name": f"{self.key}-rows"}, "mark": self.look(), "encoding": self.encoding()}]
        return {"width": self.plot, "height": self.height, "layer": [*marks, *self.numbers(), *self.end_names()]}

    def look(self) -> Spec:
        if self.mark == "line":
            point = {"filled": True, "size": 26}
            return {"type": "line", "point": point if len(self.rows) <= self.plot / 6 else False, "strokeWidth": 2}
        return {"type": self.mark, "filled": True, **({"size": 60, "opacity": 0.8} if self.mark == "point" else {})}

    def encoding(self) -> Spec:
        x, y = self.x(), self.y()
        first, second = ("y", "x") if self.is_lying else ("x", "y")
        encoding: Spec = {first: x, second: y, "color": self.color()}
        if self.series and self.mark == "bar" and self.kind == "nominal":
            encoding[f"{first}Offset"] = {"field": f"c{self.channels.series}", "sort": None}
        return encoding

    def x(self) -> Spec:
        axis: Spec = {"title": None, "grid": False, "labelAngle": 0, "labelPadding": 6, "labelFontSize": 11}
        field: Spec = {"field": f"c{self.channels.x}", "type": self.kind, "sort": None, "axis": axis}
        if self.kind == "temporal":
            axis |= _time_axis(self.language, self.across, self.plot)
            return {**field, "scale": {"type": "utc"}}
        if self.kind == "quantitative":
            low, high = min(map(float, self.across)), max(map(float, self.across))
            axis |= _number_axis(self.language, ticks_of(min(0.0, low), high)) | {
                "title": strip_unseen(self.channels.names[self.channels.x])
            }
            axis |= {"grid": self.mark == "point"}
            return field
        axis |= {"ticks": False, "labelOverlap": "parity", "labelLimit": 220 if self.is_lying else 400}
        return {**field, "scale": {"paddingInner": 0.3, "paddingOuter": 0.15}}

    def y(self) -> Spec:
        low, high = self.reach
        axis: Spec = {"title": None, "domain": False, "ticks": False, "labelPadding": 6, "labelFontSize": 11}
        axis |= _number_axis(self.language, ticks_of(low, high))
        if self.mark == "point":  # the scale's name lies over it, where a reader looks first
            title = strip_unseen(self.channels.names[self.channels.y])
            axis |= {"title": title, "titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleX": -30}
            axis |= {"titleY": -12, "titleBaseline": "bottom"}
        scale = {"domain": [float_of(low), float_of(high)], "nice": False}
        field = {"field": f"c{self.channels.y}", "type": "quantitative", "scale": scale}
        return {**field, "axis": None if self.is_lying and self.has_numbers else axis}

    def color(self) -> Spec:
        if not self.series:
            return {"value": PALETTE["period"]}
        scale = {"domain": self.series, "range": [_HUES[at % len(_HUES)] for at in range(len(self.series))]}
        legend = {"title": None, "orient": "top", "symbolType": "square", "labelFontSize": 12, "offset": 10}
        shown_as = None if self.has_ends else {**legend, "columns": max(1, self.plot // 130), "symbolLimit": _NAMED}
        return {"field": f"c{self.channels.series}", "type": "nominal", "scale": scale, "legend": shown_as}

    def numbers(self) -> list[Spec]:
        """Return the number of each bar at its end."""
        if not self.has_numbers:
            return []
        below = f"datum.c{self.channels.y} < 0"
        place: Spec = (
            {"align": "left", "dx": 5, "baseline": "middle"}
            if self.is_lying
            else {"baseline": {"expr": f"{below} ? 'top' : 'bottom'"}, "dy": {"expr": f"{below} ? 4 : -4"}}
        )
        encoding = {name: self.encoding()[name] for name in ("x", "y")}
        mark = {"type": "text", **place, "fontSize": 11, "color": PALETTE["ink"]}
        text = {"field": "label", "type": "nominal"}
        return [{"data": {"name": f"{self.key}-rows"}, "mark": mark, "encoding": {**encoding, "text": text}}]

    def end_names(self) -> list[Spec]:
        """Return the name of each series at the end of its line, in its colour."""
        if not self.has_ends:
            return []
        y = {**self.y(), "field": "at"}
        look = {"type": "text", "align": "left", "baseline": "middle", "dx": 9, "fontSize": 12}
        halo = {**look, "stroke": PALETTE["paper"], "strokeWidth": 3.5, "strokeJoin": "round"}
        encoding = {"x": self.x(), "y": y, "text": {"field": "label", "type": "nominal"}}
        told = [{"mark": halo, "encoding": encoding}, {"mark": look, "encoding": {**encoding, "color": self.color()}}]
        return [{"data": {"name": f"{self.key}-ends"}, **layer} for layer in told]


# -- scales ---------------------------------------------------------------------------------------------------------


def _number_axis(language: Language, ticks: Sequence[float]) -> Spec:
    """Make an axis with lines at our own numbers, printed in the report's language."""
    return _label_axis(ticks, [tick_label(language, tick) for tick in ticks])


def _label_axis(values: Sequence[float], labels: Sequence[str | list[str]]) -> Spec:
    """Make an axis with these labels at these values, all of which are ours."""
    told = f"{json.dumps(labels, ensure_ascii=False)}[indexof({json.dumps(list(values))}, +datum.value)]"
    return {"values": list(values), "labelExpr": told}


def _time_axis(language: Language, moments: Sequence[date], width: int) -> Spec:
    """Make an axis of first days of years, quarters, months or days, as many as there is room for."""
    first, last = min(moments, key=_milliseconds), max(moments, key=_milliseconds)
    reach = (_milliseconds(last) - _milliseconds(first)) / _DAY
    if reach < 3:  # noqa: PLR2004 - hours are the renderer's to name
        return {"tickCount": max(2, width // 120)}
    room = max(1, width // _TICK)
    step = next((step for step in _STEPS if reach / 30.4 / step <= (room if step < _YEAR else 1.7 * room)), 600)
    if reach < 92:  # noqa: PLR2004 - of a quarter, days tell more than three months
        every = max(1, round(reach / room + 0.5))
        days = range(int(_milliseconds(first)) // _DAY, int(_milliseconds(last)) // _DAY + 1, every)
        return _label_axis([at * _DAY for at in days], [format_day_of_month(language, _day(at)) for at in days])
    starts = [
        day
        for day in _list_month_starts(first, last, step)
        if _milliseconds(first) <= _milliseconds(day) <= _milliseconds(last)
    ]
    return _label_axis(
        [_milliseconds(day) for day in starts], [_name_tick(language, day, step, day == starts[0]) for day in starts]
    )


def _list_month_starts(first: date, last: date, step: int) -> list[date]:
    """List the first days of every so many months, counted from January of the year zero."""
    begin, end = (day.year * 12 + day.month - 1 for day in (first, last))
    return [date(at // 12, at % 12 + 1, 1) for at in range(begin - begin % step, end + 1, step) if at >= 12]  # noqa: PLR2004


def _name_tick(language: Language, day: date, step: int, is_first: bool) -> str | list[str]:  # noqa: FBT001 - a fact, not a switch
    if step >= _YEAR:
        return str(day.year)
    return [name_month(language, day), str(day.year)] if is_first or day.month == 1 else name_month(language, day)


def _day(number: int) -> date:
    return datetime.fromtimestamp(number * _DAY / 1000, UTC).date()


def _milliseconds(moment: date) -> int:
    """Convert a day or a moment to what the renderer counts; one without a zone is taken as UTC."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _datum(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00Z"
    if isinstance(value, bool) or value is None:
        return value
    return float_of(float(value)) if is_number(value) else strip_unseen(str(value))
