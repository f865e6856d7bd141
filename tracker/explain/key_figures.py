"""The few lines a build ends with: a company's key figures and their growth, as text."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tracker.model.quantity import round_half_up
from tracker.warehouse.export import draw_table
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.report import Definition

__all__ = ["key_figures", "percent"]

_BILLION: Final = Decimal(10) ** 9
_FIGURES: Final = """
    select m.label, y.metric, y.name, y.fiscal_period, y.base_period, y.value, y.base, y.unit,
           cast(round(cast(y.yoy_ratio as decimal(38, 12)), 6) as varchar) as ratio,
           cast(round(cast(y.yoy_low as decimal(38, 12)), 6) as varchar) as low,
           cast(round(cast(y.yoy_high as decimal(38, 12)), 6) as varchar) as high,
           y.yoy_status, coalesce(y.method, y.reason) as method
    from yoy y
    join metric m on m.metric = y.metric
    where y.entity = $entity and y.fiscal_period = coalesce($period, (
        select max(fiscal_period) from yoy where entity = $entity and span = 'quarter' and metric = 'revenue'
    ))
"""


def key_figures(warehouse: Path, definition: Definition) -> str:
    """The figures of a growth report's company and period with their growth, or a line that there are none.

    Nothing for reports of other kinds.
    """
    if definition.kind != "growth":
        return ""
    with Warehouse(warehouse, as_of=definition.as_of) as all_of_them:
        entity = all_of_them.ids_of([definition.entity])[definition.entity]
        with all_of_them.for_companies([entity]) as known:
            rows = known.records(_FIGURES, {"entity": entity, "period": definition.period})
    shown = sorted(
        (row for row in rows if row["metric"] in definition.metrics),
        key=lambda r: definition.metrics.index(r["metric"]),
    )
    if not shown:
        return f"{definition.entity}: no figures for {definition.period or 'any quarter'}\n"
    first = shown[0]
    title = f"{first['name']}, {first['fiscal_period']}, in billions of {first['unit']}"
    columns = ["", first["fiscal_period"], "year before", "growth", "within", "how"]
    cells = [[row["label"], *_amounts(row), *_growth(row), row["method"]] for row in shown]
    return f"{title}\n{draw_table(columns, cells, [False, True, True, True, False, False])}"


def _amounts(row: dict[str, Any]) -> list[str]:
    return ["" if row[key] is None else str(round_half_up(row[key] / _BILLION, 2)) for key in ("value", "base")]


def _growth(row: dict[str, Any]) -> list[str]:
    if row["ratio"] is None:
        return [row["yoy_status"], ""]
    bounds = "" if row["low"] is None or row["high"] is None else f"{percent(row['low'])} to {percent(row['high'])}"
    return [percent(row["ratio"]), bounds]


def percent(ratio: str) -> str:
    """A fraction as a signed percentage with one decimal, half up, with a real minus sign.

    >>> percent("0.333333"), percent("-0.0052")
    ('+33.3%', '\N{MINUS SIGN}0.5%')
    """
    rounded = round_half_up(Decimal(ratio) * 100, 1)
    return f"{rounded:+}%".replace("-", "\N{MINUS SIGN}")
