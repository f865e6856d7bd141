"""Charts of several companies on one metric: ranked bars, and lines from one base."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tracker.report.charts.leaves import WIDTH, Chart, float_of, key_data, make_layers
from tracker.report.charts.panel import tick_label, ticks_of
from tracker.report.text.labels import APOSTROPHE, format_number, format_share

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from decimal import Decimal

    from tracker.report.text.labels import Scale
    from tracker.report.text.language import Language

__all__ = ["IndexLine", "Ranked", "draw_index", "draw_ranks", "draw_shares", "shorten", "spread_apart"]

_ROW: Final = 34
_THIN: Final = 52  # on a small screen the name stands above its bar


@dataclass(frozen=True, slots=True)
class Ranked:
    """One bar: its name, its length, where it stood a year earlier, and the text beside it."""

    name: str
    value: Decimal
    base: Decimal | None
    label: str
    is_first: bool


@dataclass(frozen=True, slots=True)
class IndexLine:
    """One line from 100: its name, and its points by the place of the quarter."""

    name: str
    points: Mapping[int, Decimal]
    is_first: bool


def shorten(name: str, letters: int) -> str:
    """Shorten a name to fit beside a mark; a short end after its last comma (the period) stays.

    >>> shorten("Meta: purchases of property, 2024Q2", 24)
    'Meta: purchases…, 2024Q2'
    """
    if len(name) <= letters:
        return name
    head, comma, tail = name.rpartition(", ")
    end = f"{comma}{tail}" if head and len(tail) < letters // 2 else ""
    return f"{name[: letters - 1 - len(end)].rstrip()}\N{HORIZONTAL ELLIPSIS}{end}"


def draw_ranks(language: Language, bars: Sequence[Ranked], scale: Scale, width: int, key: str) -> Chart:
    """Draw bars from the longest to the shortest, with a line across each where it stood a year earlier."""
    is_small = width <= WIDTH
    row, left, right = (_THIN, 0, 92) if is_small else (_ROW, 168, 190)
    values = [scale.of(end) for bar in bars for end in (bar.value, bar.base) if end is not None]
    low, high = min(0.0, *map(float, values)), max(0.0, *map(float, values)) or 1.0
    x = {"domain": [low, high], "range": [left, width - right], "nice": False, "zero": False}
    height = row * len(bars)
    y = {"domain": [0, len(bars)], "range": [0, height], "nice": False, "zero": False}
    top, bottom, name_at = (0.52, 0.9, 0.28) if is_small else (0.2, 0.8, 0.5)
    data: dict[str, list[dict[str, Any]]] = {
        "names": [
            {
                "at": at + name_at,
                "label": shorten(bar.name, 40 if is_small else 24),
                "weight": _choose_font_weight(bar.is_first),
            }
            for at, bar in enumerate(bars)
        ],
        "lying": [
            {
                "from": 0,
                "to": float_of(float(scale.of(bar.value))),
                "top": at + top,
                "bottom": at + bottom,
                "role": _choose_bar_role(bar),
                "tip": f"{bar.name}: {bar.label}",
            }
            for at, bar in enumerate(bars)
        ],
        "uprights": [
            {
                "at": float_of(float(scale.of(bar.base))),
                "top": at + top - 0.1,
                "bottom": at + bottom + 0.1,
                "role": "ink",
            }
            for at, bar in enumerate(bars)
            if bar.base is not None
        ],
        "texts": [
            {
                "from": max(0.0, *(float_of(float(scale.of(end))) for end in (bar.value, bar.base) if end is not None)),
                "at": at + (top + bottom) / 2,
                "label": bar.label,
                "role": "period" if bar.is_first else "ink",
                "weight": _choose_font_weight(bar.is_first),
                "align": "left",
                "dx": 7,
                "dy": 0,
                "size": 12,
            }
            for at, bar in enumerate(bars)
        ],
    }
    names = ["lying", "uprights", "names", "text_halos", "texts"]
    view = {"width": width, "height": height, "layer": make_layers(language, key, names, {"x": x, "y": y})}
    return Chart(
        (view,), key_data(language, key, data), width, again=partial(draw_ranks, language, bars, scale, key=key)
    )


def _choose_font_weight(is_first: bool) -> str:  # noqa: FBT001 - a fact, not a switch
    return "bold" if is_first else "normal"


def _choose_bar_role(bar: Ranked) -> str:
    return "fall" if bar.value < 0 else "period" if bar.is_first else "history"


def draw_index(language: Language, lines: Sequence[IndexLine], width: int, key: str) -> Chart:
    """Draw each line from 100 at the first place they share, named at its end; names do not touch."""
    return _draw_lines(language, lines, width, key, _Lines(100, is_yearly=False, is_share=False))


def draw_shares(language: Language, lines: Sequence[IndexLine], width: int, key: str, *, is_yearly: bool) -> Chart:
    """Draw the share of each part in percent, by quarters or by years, named at its end; names do not touch."""
    return _draw_lines(language, lines, width, key, _Lines(0, is_yearly=is_yearly, is_share=True))


@dataclass(frozen=True, slots=True)
class _Lines:
    """How lines are drawn: the value of the rule across, whether a place is a year, and whether values are percent."""

    rule: int
    is_yearly: bool
    is_share: bool

    def format(self, language: Language, value: Decimal) -> str:
        return format_share(language, value / 100) if self.is_share else format_number(language, value, 0)


def _draw_lines(language: Language, lines: Sequence[IndexLine], width: int, key: str, how: _Lines) -> Chart:
    height, right = (300, 132) if width > WIDTH else (280, 104)
    places = sorted({place for line in lines for place in line.points})
    first, last = places[0], places[-1]
    values = [float(value) for line in lines for value in line.points.values()]
    ticks = ticks_of(min(0.0, *values), max(values))
    low, high = min(0.0, *values), max(*values, ticks[-1])
    bottom, top = height - 44, 20
    x = {"domain": [first, max(last, first + 1)], "range": [34, width - right], "nice": False, "zero": False}
    y = {"domain": [low, high], "range": [bottom, top], "nice": False}
    pixel = (high - low) / (bottom - top)
    room = (low + 6 * pixel, high + 14 * pixel)
    data: dict[str, list[dict[str, Any]]] = {
        "ticks": [{"value": tick, "label": tick_label(language, tick)} for tick in ticks],
        "lines": [
            {
                "line": f"line {at}",
                "at": place,
                "value": float_of(float(value)),
                "role": _line_role(line),
                "tip": f"{line.name}, {_name_place(place, how)}: {how.format(language, value)}",
            }
            for at, line in enumerate(lines)
            for place, value in sorted(line.points.items())
        ],
        "ends": _place_end_labels(
            lines, pixel * 15, room, partial(_write_end, language, how, 20 if width > WIDTH else 13)
        ),
        "zero": [{"from": first, "to": last, "value": how.rule}],
        **(_list_years(first, last, width) if how.is_yearly else _quarters(first, last, width)),
    }
    names = [
        "grid_left",
        "scale_left",
        "zero",
        "lines",
        "line_dots",
        "end_halos",
        "ends",
        "quarters",
        "years",
        "divides",
    ]
    view = {"width": width, "height": height, "layer": make_layers(language, key, names, {"x": x, "y": y}, height)}
    again = partial(_draw_lines, language, lines, key=key, how=how)
    return Chart((view,), key_data(language, key, data), width, again=again)


def _name_place(place: int, how: _Lines) -> str:
    return str(place) if how.is_yearly else f"{place // 4}Q{place % 4 + 1}"


def _write_end(language: Language, how: _Lines, letters: int, line: IndexLine) -> str:
    return f"{shorten(line.name, letters)} {how.format(language, line.points[max(line.points)])}"


def _line_role(line: IndexLine) -> str:
    return "period" if line.is_first else "history"


def _place_end_labels(
    lines: Sequence[IndexLine], gap: float, room: tuple[float, float], write: Callable[[IndexLine], str]
) -> list[dict[str, Any]]:
    """Place names at the ends of lines so that none touch; each has the last value of its line."""
    ends = sorted(((float(line.points[max(line.points)]), at) for at, line in enumerate(lines)), reverse=True)
    found: list[dict[str, Any]] = []
    for height, (_, at) in zip(spread_apart([value for value, _ in ends], gap, room), ends, strict=True):
        line = lines[at]
        look = {"role": "period" if line.is_first else "ink", "weight": _choose_font_weight(line.is_first)}
        found.append({"at": max(line.points), "value": float_of(height), "label": write(line), **look})
    return found


def spread_apart(values: Sequence[float], gap: float, room: tuple[float, float]) -> list[float]:
    """Move values apart as little as needed, so that each is at least a gap from the next, and all are in the room.

    >>> spread_apart([10, 4, 4, 3.5], 1, (0, 12))
    [10, 4.833333333333333, 3.833333333333333, 2.833333333333333]
    """
    low, high = room
    gap = min(gap, (high - low) / max(1, len(values) - 1))
    heaps: list[tuple[float, int]] = []  # of values that touch: the middle they share were there no gaps, their number
    for at, value in enumerate(values):
        middle, number = value + at * gap, 1
        while heaps and heaps[-1][0] < middle:
            above, many = heaps.pop()
            middle, number = (above * many + middle * number) / (many + number), many + number
        heaps.append((middle, number))
    placed = [middle for middle, number in heaps for _ in range(number)]
    lowest = low + gap * (len(values) - 1)
    return [min(high, max(lowest, middle)) - at * gap for at, middle in enumerate(placed)]


def _list_years(first: int, last: int, width: int) -> dict[str, list[dict[str, Any]]]:
    """List the years under the lines; a small screen has every second one where there are many."""
    every = 1 if width > WIDTH or last - first < 7 else 2  # noqa: PLR2004 - labels of four digits in 200 pixels
    years = [
        {"at": year, "label": str(year), "role": "muted", "weight": "normal"}
        for year in range(first, last + 1)
        if (last - year) % every == 0
    ]
    return {"quarters": years, "years": [], "divides": []}


def _quarters(first: int, last: int, width: int) -> dict[str, list[dict[str, Any]]]:
    """List the quarters under the lines with their years below; a small screen has every second one."""
    every = 1 if width > WIDTH or last - first < 9 else 2  # noqa: PLR2004 - labels of two letters in 200 pixels
    years: dict[int, list[int]] = {}
    for place in range(first, last + 1):
        years.setdefault(place // 4, []).append(place)
    return {
        "quarters": [
            {"at": place, "label": f"Q{place % 4 + 1}", "role": "muted", "weight": "normal"}
            for place in range(first, last + 1)
            if place % every == 0
        ],
        "years": [
            {
                "at": (places[0] + places[-1]) / 2,
                "label": str(year) if len(places) > 1 else f"{APOSTROPHE}{year % 100:02}",
            }
            for year, places in years.items()
        ],
        "divides": [{"at": places[0] - 0.5} for places in list(years.values())[1:]],
    }
