"""Write the lines that a build ends with: a company's key figures and their growth."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tracker.model.quantity import round_half_up
from tracker.warehouse.export import draw_table
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.report import Definition

__all__ = ["describe_key_figures", "print_percent"]

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


def describe_key_figures(warehouse: Path, definition: Definition) -> str:
    """Write the figures of a growth report with their growth, or a line that there are none.

    The text is empty for reports of other kinds.
    """
    if definition.kind != "growth":
        return ""
    with Warehouse(warehouse, as_of=definition.as_of) as whole:
        entity = whole.ids_of([definition.entity])[definition.entity]
        with whole.for_companies([entity]) as known:
            rows = known.records(_FIGURES, {"entity": entity, "period": definition.period})
    chosen = sorted(
        (row for row in rows if row["metric"] in definition.metrics),
        key=lambda r: definition.metrics.index(r["metric"]),
    )
    if not chosen:
        return f"{definition.entity}: no figures for {definition.period or 'any quarter'}\n"
    first = chosen[0]
    title = f"{first['name']}, {first['fiscal_period']}, in billions of {first['unit']}"
    columns = ["", first["fiscal_period"], "year before", "growth", "within", "how"]
    cells = [[row["label"], *_print_amounts(row), *_print_growth(row), row["method"]] for row in chosen]
    return f"{title}\n{draw_table(columns, cells, [False, True, True, True, False, False])}"


def _print_amounts(row: dict[str, Any]) -> list[str]:
    return ["" if row[key] is None else str(round_half_up(row[key] / _BILLION, 2)) for key in ("value", "base")]


def _print_growth(row: dict[str, Any]) -> list[str]:
    if row["ratio"] is None:
        return [row["yoy_status"], ""]
    bounds = (
        ""
        if row["low"] is None or row["high"] is None
        else f"{print_percent(row['low'])} to {print_percent(row['high'])}"
    )
    return [print_percent(row["ratio"]), bounds]


def print_percent(ratio: str) -> str:
    """Print a fraction as a signed percentage with one decimal, rounded half up, with a real minus sign.

    >>> print_percent("0.333333"), print_percent("-0.0052")
    ('+33.3%', '\N{MINUS SIGN}0.5%')
    """
    rounded = round_half_up(Decimal(ratio) * 100, 1)
    return f"{rounded:+}%".replace("-", "\N{MINUS SIGN}")
