"""The panel of a metric: its levels, and below them its growth on a year earlier.

All texts of numbers are made here, rounded half up; amounts become floats here and not earlier. The place of a column
is its period's place in time, so a period without a figure leaves a gap.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from unicodedata import east_asian_width

from tracker.model.quantity import round_half_up
from tracker.report.charts.leaves import LEVEL, PLOT, WIDTH, Chart, Rows, Spec, float_of, key_data, make_layers
from tracker.report.text.labels import (
    APOSTROPHE,
    Scale,
    add_sign,
    format_number,
    format_trimmed,
    name_unit,
    scale_of,
    span_of,
)
from tracker.report.text.language import phrase
from tracker.report.text.words import describe_growth, format_key_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.report.data.edition import Edition, EditionFigure
    from tracker.report.text.language import Language

__all__ = ["CAP", "chart_scale", "draw_panel", "tick_label", "ticks_of", "unit_words"]

_GROWTH: Final = 112
_HALF: Final = 0.37  # of a column's width
_FEW: Final = 5  # the fewest columns that a panel has room for, so that a single one is not a slab
#: Growth beyond this is drawn up to the frame; its label still gives the number.
CAP: Final = Decimal(3)


def draw_panel(edition: Edition, metric: str, beside: Sequence[EditionFigure] = (), key: str = "") -> Chart:
    """Draw the levels of a metric over its growth on a year earlier, one column a period.

    `beside` are the figures of other panels it is to be compared with: all share their scales and columns.
    """
    drawn = _Panel(edition, metric, edition.series(metric), tuple(beside) or edition.series(metric), key or metric)
    (level, level_data), (growth, growth_data) = drawn.levels(), drawn.growth()
    return Chart((level, growth), {**level_data, **growth_data}, WIDTH)


def chart_scale(language: Language, series: Sequence[EditionFigure]) -> Scale:
    """Choose one scale for a whole series: that of its largest value; percentages for rates."""
    largest = max((abs(row.value) for row in series if row.value is not None), default=Decimal(0))
    return scale_of(language, largest, series[0].unit if series else "")


def unit_words(language: Language, figure: EditionFigure, scale: Scale) -> str:
    """Name the unit once above a chart or table: `$ billion`, `million`, `$ a share`."""
    return name_unit(language, figure.unit, scale)


@dataclass(frozen=True, slots=True)
class _Box:
    """The room of a label, in pixels: its middle, the height of its foot, its width and its height."""

    x: float
    foot: float
    width: float
    height: float

    def touches(self, other: _Box) -> bool:
        beside = abs(self.x - other.x) >= (self.width + other.width) / 2
        return not beside and abs(self.foot - other.foot) < max(self.height, other.height)


@dataclass(frozen=True, slots=True)
class _Panel:
    """What the two views of a panel are drawn from."""

    edition: Edition
    metric: str
    series: tuple[EditionFigure, ...]
    beside: tuple[EditionFigure, ...]
    key: str

    @property
    def language(self) -> Language:
        return self.edition.language

    @property
    def first(self) -> int:
        """Return the place of the first column in time."""
        return min(row.place for row in self.beside)

    @property
    def columns(self) -> int:
        return max(row.place for row in self.beside) - self.first + 1

    @property
    def ends(self) -> tuple[float, float]:
        """Return where the plot begins and ends, in columns: a few columns stand in the middle of room for more."""
        spare = max(0, _FEW - self.columns) / 2
        return -0.5 - spare, self.columns - 0.5 + spare

    @property
    def pitch(self) -> float:
        """Return the pixels from one column to the next."""
        low, high = self.ends
        return PLOT / (high - low)

    @property
    def x(self) -> Spec:
        return {"domain": list(self.ends), "range": [0, PLOT], "nice": False, "zero": False}

    @property
    def zero(self) -> list[dict[str, Any]]:
        low, high = self.ends
        return [{"from": low, "to": high, "value": 0}]

    def at(self, row: EditionFigure) -> int:
        """Return the column of a row, counted from zero."""
        return row.place - self.first

    def levels(self) -> tuple[Spec, Rows]:
        scale = chart_scale(self.language, self.beside)
        rows = [(row, scale.of(value)) for row in self.series if (value := self.level(row)) is not None]
        values = [0.0, *(float(scale.of(row.value)) for row in self.beside if row.value is not None)]
        ticks = ticks_of(min(values), max(values))
        low = min(*values, ticks[0])
        bottom = LEVEL - (56 if low < 0 else 40)  # a label below a loss needs room above the quarters
        high = max(*values, ticks[-1]) or (0.0 if low else 1.0)
        y = {"domain": [low, high], "range": [bottom, 22], "nice": False}
        falls = [row for row, value in rows if value < 0]
        told = {self.edition.period, self.base, self.series[-1].fiscal_period}
        told |= {row.fiscal_period for row in falls if 3 * len(falls) <= len(rows)}  # where losses are the exception
        labels = [
            self.label(row, float(value), format_number(self.language, value, _count_places(row, scale)), 10.5)
            for row, value in rows
            if row.fiscal_period in told
        ]
        data = {
            "ticks": [{"value": tick, "label": tick_label(self.language, tick)} for tick in ticks],
            "bars": [self.bar(row, float(value)) for row, value in rows],
            "labels": self.apart(labels, y),
            "zero": self.zero,
            **self.periods(),
        }
        names = ["grid", "scale", "bars", "zero", "halos", "labels", "quarters", "years", "divides"]
        return self.view("level", LEVEL, names, y, data)

    def growth(self) -> tuple[Spec, Rows]:
        rows = [(row, row.rate, float(min(row.rate, CAP) * 100)) for row in self.series if row.rate is not None]
        drawn = [0.0, *(float(min(row.rate, CAP) * 100) for row in self.beside if row.rate is not None)]
        y = {"domain": [min(drawn), max(drawn) or 1.0], "range": [_GROWTH - 16, 38], "nice": False}
        texts = [add_sign(self.language, format_number(self.language, ratio * 100, 0)) for _, ratio, _ in rows]
        labels = [
            self.label(row, rate, text, _rate_size(text)) for (row, _, rate), text in zip(rows, texts, strict=True)
        ]
        data = {
            "notes": [{"label": self.language.say("Growth on a year earlier, %")}],
            "bars": [self.bar(row, rate) for row, _, rate in rows],
            "labels": self.apart(labels, y),
            "refusals": self.refusals(),
            "zero": self.zero,
        }
        return self.view("growth", _GROWTH, ["note", "bars", "zero", "halos", "labels", "refusals"], y, data)

    def view(self, name: str, height: int, names: list[str], y: Spec, data: Rows) -> tuple[Spec, Rows]:
        key = f"{self.key}-{name}"
        return {
            "width": WIDTH,
            "height": height,
            "layer": make_layers(self.language, key, names, {"x": self.x, "y": y}),
        }, key_data(self.language, key, data)

    def role(self, row: EditionFigure, value: float) -> str:
        """Return the colour role of a column in the report; everything below zero has the role of a fall."""
        if value < 0:
            return "fall"
        if row.fiscal_period == self.edition.period:
            return "period"
        return "base" if row.fiscal_period == self.base else "history"

    def level(self, row: EditionFigure) -> Decimal | None:
        """Return the figure that a column shows: for the base period, the one that the growth is measured against."""
        here = self.edition.figure(self.metric)
        is_base = here is not None and row.fiscal_period == here.base_period and here.base is not None
        return here.base if here is not None and is_base else row.value

    @property
    def base(self) -> str | None:
        """Return the period with which the report's own is compared."""
        here = self.edition.figure(self.metric)
        return here.base_period if here is not None else None

    def bar(self, row: EditionFigure, value: float) -> dict[str, Any]:
        at = self.at(row)
        place = {"period": row.fiscal_period, "from": at - _HALF, "to": at + _HALF}
        level, growth = format_key_value(self.language, self.level(row), row.unit), describe_growth(self.language, row)
        tip = f"{row.fiscal_period}: {level} ({growth})"
        return {**place, "value": float_of(value), "zero": 0, "role": self.role(row, value), "tip": tip}

    def label(self, row: EditionFigure, value: float, text: str, size: float) -> dict[str, Any]:
        role = self.role(row, value)
        look = {"role": {"history": "muted", "base": "ink"}.get(role, role), "weight": self.weight(row.fiscal_period)}
        return {"at": self.at(row), "value": float_of(value), "label": text, **look, "size": size}

    def rank(self, row: EditionFigure) -> int:
        """Return the rank of a label where two would touch: the report's own period, its base, then later ones."""
        ranks = {self.edition.period: -2, self.base: -1}
        return ranks.get(row.fiscal_period, self.columns - self.at(row))

    def apart(self, labels: list[dict[str, Any]], y: Spec) -> list[dict[str, Any]]:
        """Return the labels that do not touch: the report's own period first, then its base, then back in time."""
        (low, high), (bottom, top) = y["domain"], y["range"]
        pitch, pixel = self.pitch, (bottom - top) / (high - low)
        ranks = {self.at(row): self.rank(row) for row in self.series}
        kept: list[tuple[_Box, dict[str, Any]]] = []
        for label in sorted(labels, key=lambda label: ranks[label["at"]]):
            up = label["value"] * pixel + (-11 if label["value"] < 0 else 7)
            box = _Box(
                label["at"] * pitch, up, _number_width(self.language, label["label"], label["size"]), label["size"]
            )
            if not any(box.touches(other) for other, _ in kept):
                kept.append((box, label))
        return [label for label in labels if any(label is one for _, one in kept)]

    def weight(self, period: str) -> str:
        return "bold" if period == self.edition.period else "normal"

    def periods(self) -> Rows:
        """Return the two rows under the columns: Q1 Q2 Q3 Q4, and below them their year in the middle."""
        first = self.first
        if span_of(self.edition.period) != "quarter":
            years = [{"at": at, "label": str(first + at)} for at in range(self.columns)]
            return {"quarters": [], "years": years, "divides": []}
        spots: dict[int, list[int]] = {}
        for at in range(self.columns):
            spots.setdefault((first + at) // 4, []).append(at)
        return {
            "quarters": [self.quarter(first + at, at) for at in range(self.columns)],
            "years": [{"at": (at[0] + at[-1]) / 2, "label": self.year(year, len(at))} for year, at in spots.items()],
            "divides": [{"at": at[0] - 0.5} for at in list(spots.values())[1:]],
        }

    def quarter(self, place: int, at: int) -> dict[str, Any]:
        label = f"Q{place % 4 + 1}"
        is_own = f"{place // 4}{label}" == self.edition.period
        return {
            "at": at,
            "label": label,
            "role": "period" if is_own else "muted",
            "weight": self.weight(f"{place // 4}{label}"),
        }

    def year(self, year: int, quarters: int) -> str:
        """Return a year's number, shortened to the room of its quarters; a fiscal year says so where it can."""
        if quarters == 1:
            return f"{APOSTROPHE}{year % 100:02}"
        if self.series[0].is_calendar:
            return str(year)
        return f"FY{year % 100:02}" if quarters == 2 else f"FY {year}"  # noqa: PLR2004 - two columns take four letters

    def refusals(self) -> list[dict[str, Any]]:
        """Return a note for each run of columns that lack a growth rate for one reason, as long as there is room."""
        reasons = {self.at(row): row.yoy_status for row in self.series if row.rate is None}
        known = {self.at(row) for row in self.series}
        reasons |= {at: "missing" for at in range(self.columns) if at not in known}
        runs: list[list[int]] = []
        for at in sorted(reasons):
            if runs and runs[-1][-1] == at - 1 and reasons[at] == reasons[at - 1]:
                runs[-1].append(at)
            else:
                runs.append([at])
        return [self.refusal(run, reasons[run[0]]) for run in runs]

    def refusal(self, run: list[int], reason: str) -> dict[str, Any]:
        room = len(run) * self.pitch
        words = {
            "no_base": phrase("no earlier year"),
            "missing": phrase("no figure"),
            "profit_to_loss": phrase("profit to loss"),
            "loss_to_profit": phrase("loss to profit"),
        }
        text = self.language.term(words.get(reason, phrase("no rate")))
        text = text if _words_width(self.language, text, 10) <= room else self.language.term(phrase("n/a"))
        return {"at": (run[0] + run[-1]) / 2, "value": 0, "label": text}


def _count_places(row: EditionFigure, scale: Scale) -> int:
    """Count the digits behind the point: two for an amount per share, one for billions, none for units."""
    return 2 if "/" in row.unit else 1 if scale.word else 0


def _number_width(language: Language, text: str, size: float) -> float:
    """Estimate the pixels of a number: digits and signs have one width, points and commas half of it."""
    digit = 0.64 if language.fonts else 0.56
    return size * sum(digit / 2 if letter in ",. " else digit for letter in _DIRECTIONS.sub("", text))


def _words_width(language: Language, words: str, size: float) -> float:
    """Estimate the pixels of words: letters of East Asia are as wide as high, others about half that."""
    wide = sum(east_asian_width(letter) in {"W", "F"} for letter in words)
    return size * (wide + (0.58 if language.fonts else 0.5) * (len(words) - wide))


_DIRECTIONS: Final = re.compile("[\u061c\u200e\u200f\u2066-\u2069]")


def _rate_size(text: str) -> float:
    """Choose the size of a rate's letters: three digits and a sign must be smaller to fit."""
    return 9.5 if len(_DIRECTIONS.sub("", text)) > 3 else 10.5  # noqa: PLR2004 - "+33"


def ticks_of(low: float, high: float) -> list[float]:
    """Choose round numbers from zero outward, up to five of them, that cover most of the values."""
    step = _step(high - low or 1.0)
    first, last = 0, 0
    while first * step > Decimal(str(low)) + step / 3:
        first -= 1
    while (last + 1) * step <= Decimal(str(high)) + step / 3:
        last += 1
    return [float(step * at) for at in range(first, last + 1)]


def _step(reach: float) -> Decimal:
    """Find the smallest of 1, 2, 2.5 and 5 times a power of ten that fits the reach at most four times."""
    for power in range(-6, 16):
        for digit in (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5)):
            step = digit.scaleb(power)
            if Decimal(str(reach)) / step <= 4:  # noqa: PLR2004 - gridlines
                return step
    return Decimal(str(reach))


def tick_label(language: Language, tick: float) -> str:
    """Print a gridline's number without zeros behind the point."""
    return format_trimmed(language, round_half_up(Decimal(str(tick)), 6), 6)
