"""The panel of a metric: its levels, and below them its growth on a year earlier.

All strings are made by us, half up; numbers become floats here and nowhere earlier.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tracker.quantity import round_half_up
from tracker.report.labels import APOSTROPHE, Scale, grouped, scale_of, signed, span_of, symbol, trimmed
from tracker.report.leaves import LEVEL, WIDTH, Chart, Rows, Spec, float_of, keyed, layers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.report.edition import Edition, Figure

__all__ = ["CAP", "chart_scale", "panel", "tick_label", "ticks_of", "unit_words"]

_PLOT: Final = 308  # the rest of the width is for the scale's numbers
_GROWTH: Final = 112
#: Growth beyond this is drawn as far as the frame goes; its label still tells it.
CAP: Final = Decimal(3)


def panel(edition: Edition, metric: str) -> Chart:
    """Levels of a metric over its growth on a year earlier, one column a period, the report's own in colour."""
    series = edition.series(metric)
    x = {"domain": [-0.5, len(series) - 0.5], "range": [0, _PLOT], "nice": False, "zero": False}
    level, level_data = _level_view(edition, metric, series, x)
    growth, growth_data = _growth_view(edition, metric, series, x)
    return Chart((level, growth), {**level_data, **growth_data}, WIDTH)


def _level_view(edition: Edition, metric: str, series: Sequence[Figure], x: Spec) -> tuple[Spec, dict[str, Any]]:
    scale = chart_scale(series)
    values = [float(scale.of(row.value)) for row in series if row.value is not None]
    ticks = ticks_of(min([0.0, *values]), max([0.0, *values]))
    y = {"domain": [min(ticks[0], *values, 0.0), max(ticks[-1], *values)], "range": [LEVEL - 40, 22], "nice": False}
    data = {
        "ticks": [{"value": tick, "label": tick_label(tick)} for tick in ticks],
        "bars": [
            _bar(edition, at, row, float(scale.of(row.value))) for at, row in enumerate(series) if row.value is not None
        ],
        "labels": [
            _label(edition, at, row, float(scale.of(row.value)), grouped(scale.of(row.value), 1))
            for at, row in enumerate(series)
            if row.value is not None and _stands_out(edition, row, at == len(series) - 1)
        ],
        "zero": [{"from": -0.5, "to": len(series) - 0.5, "value": 0}],
        **_period_labels(edition, series),
    }
    names = ["grid", "scale", "bars", "zero", "halos", "labels", "quarters", "years", "divides"]
    key = f"{metric}-level"
    view = {"width": WIDTH, "height": LEVEL, "layer": layers(key, names, {"x": x, "y": y})}
    return view, keyed(key, data)


def _growth_view(edition: Edition, metric: str, series: Sequence[Figure], x: Spec) -> tuple[Spec, dict[str, Any]]:
    rates = [(at, row, _drawn_rate(row)) for at, row in enumerate(series)]
    known = [rate for _, _, rate in rates if rate is not None]
    y = {"domain": [min([0.0, *known]), max([0.0, *known]) or 1.0], "range": [_GROWTH - 16, 38], "nice": False}
    data = {
        "notes": [{"label": "Growth on a year earlier, %"}],
        "bars": [_bar(edition, at, row, rate) for at, row, rate in rates if rate is not None],
        "labels": [
            _label(edition, at, row, rate, signed(grouped((row.yoy_ratio or Decimal(0)) * 100, 0)))
            for at, row, rate in rates
            if rate is not None
        ],
        "refusals": _refusals(series),
        "zero": [{"from": -0.5, "to": len(series) - 0.5, "value": 0}],
    }
    names = ["note", "bars", "zero", "halos", "labels", "refusals"]
    key = f"{metric}-growth"
    view = {"width": WIDTH, "height": _GROWTH, "layer": layers(key, names, {"x": x, "y": y})}
    return view, keyed(key, data)


def _drawn_rate(row: Figure) -> float | None:
    return None if row.yoy_ratio is None else float(min(row.yoy_ratio, CAP) * 100)


def chart_scale(series: Sequence[Figure]) -> Scale:
    """One scale for a whole series: that of its largest value."""
    return scale_of(max((abs(row.value) for row in series if row.value is not None), default=Decimal(0)))


def unit_words(figure: Figure, scale: Scale) -> str:
    """The unit said once above a chart or table: `$ billion`, `million`, `$ a share`."""
    currency, per, share = figure.unit.partition("/")
    mark = symbol(currency).strip()
    words = " ".join(part for part in (mark, scale.word) if part)
    return f"{words} a {share.removesuffix('s')}" if per else words or figure.unit


def _role_of(edition: Edition, row: Figure, value: float) -> str:
    if value < 0:
        return "fall"
    if row.fiscal_period == edition.period:
        return "period"
    here = edition.figure(row.metric)
    return "base" if here is not None and row.fiscal_period == here.base_period else "history"


def _stands_out(edition: Edition, row: Figure, is_last: bool) -> bool:  # noqa: FBT001 - a plain fact about the row
    return is_last or _role_of(edition, row, float(row.value or 0)) != "history"


def _bar(edition: Edition, at: int, row: Figure, value: float) -> dict[str, Any]:
    role = _role_of(edition, row, value)
    return {
        "period": row.fiscal_period,
        "from": at - 0.37,
        "to": at + 0.37,
        "value": float_of(value),
        "zero": 0,
        "role": role,
    }


def _label(edition: Edition, at: int, row: Figure, value: float, text: str) -> dict[str, Any]:
    role = _role_of(edition, row, value)
    ink = {"history": "muted", "base": "ink"}.get(role, role)
    is_own = row.fiscal_period == edition.period
    size = 9.5 if "." not in text and len(text) > 3 else 10.5  # noqa: PLR2004 - every rate has a label, and a sign
    return {
        "at": at,
        "value": float_of(value),
        "label": text,
        "role": ink,
        "weight": "bold" if is_own else "normal",
        "size": size,
    }


def _period_labels(edition: Edition, series: Sequence[Figure]) -> Rows:
    """Two rows under the columns: Q1 Q2 Q3 Q4, and their year in the middle below."""
    if span_of(edition.period) != "quarter":
        return {
            "quarters": [],
            "years": [{"at": at, "label": str(row.fiscal_year)} for at, row in enumerate(series)],
            "divides": [],
        }
    years: dict[int, list[int]] = {}
    for at, row in enumerate(series):
        years.setdefault(row.fiscal_year, []).append(at)
    return {
        "quarters": [_quarter_label(edition, at, row) for at, row in enumerate(series)],
        "years": [
            {"at": (spots[0] + spots[-1]) / 2, "label": _year_label(series[spots[0]], spots)}
            for spots in years.values()
        ],
        "divides": [{"at": spots[0] - 0.5} for spots in list(years.values())[1:]],
    }


def _quarter_label(edition: Edition, at: int, row: Figure) -> dict[str, Any]:
    is_own = row.fiscal_period == edition.period
    return {
        "at": at,
        "label": row.fiscal_period[4:],
        "role": "period" if is_own else "muted",
        "weight": "bold" if is_own else "normal",
    }


def _year_label(row: Figure, spots: Sequence[int]) -> str:
    year = str(row.fiscal_year)
    if len(spots) == 1:
        return f"{APOSTROPHE}{year[2:]}"
    return year if row.is_calendar else f"FY {year}" if len(spots) > 2 else f"FY{year[2:]}"  # noqa: PLR2004


def _refusals(series: Sequence[Figure]) -> list[dict[str, Any]]:
    """One note over each run of columns without a growth rate, as long as the run has room for."""
    runs: list[list[int]] = []
    for at, row in enumerate(series):
        if row.yoy_ratio is None:
            if runs and runs[-1][-1] == at - 1:
                runs[-1].append(at)
            else:
                runs.append([at])
    return [
        {
            "at": (run[0] + run[-1]) / 2,
            "value": 0,
            "label": _refusal([series[at] for at in run], len(run) * _PLOT / len(series)),
        }
        for run in runs
    ]


def _refusal(rows: Sequence[Figure], room: float) -> str:
    if room < 60:  # noqa: PLR2004 - pixels that the shorter words below need
        return "n/a"
    return "no earlier year" if all(row.yoy_status == "no_base" for row in rows) else "no rate"


def ticks_of(low: float, high: float) -> list[float]:
    """Round numbers from zero outward, three or four of them, covering the values."""
    step = _step(max(high, -low) or 1.0)
    first, last = 0, 0
    while first * step > Decimal(str(low)):
        first -= 1
    while (last + 1) * step <= Decimal(str(high)) + step / 3:
        last += 1
    return [float(step * at) for at in range(first, last + 1)]


def _step(reach: float) -> Decimal:
    for power in range(-6, 16):
        for digit in (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5)):
            step = digit.scaleb(power)
            if Decimal(str(reach)) / step <= 4:  # noqa: PLR2004 - at most four gridlines
                return step
    return Decimal(str(reach))


def tick_label(tick: float) -> str:
    """A gridline's number without zeros behind the point."""
    return trimmed(round_half_up(Decimal(str(tick)), 6), 6)
