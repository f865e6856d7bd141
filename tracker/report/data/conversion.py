"""Figures of a report in another currency, by the view `converted_figure`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

from tracker.model.quantity import EXACT
from tracker.report.data.rows import read_records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.report.data.edition import Edition, EditionFigure
    from tracker.warehouse.reader import Warehouse

__all__ = ["Conversion", "convert_edition", "read_conversions"]

_CONVERSIONS: Final = """
    select
        period_end, value, low, high, unit, status, stated_value, stated_unit, from_currency, currency, rate, rate_kind,
        rate_from, rate_to, rate_days, rate_source, reason_code, reason_parameters, reason
    from converted_figure
    where entity = $entity and metric = $metric and currency = $currency and span = $span
    order by period_end
"""
_PLACES: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Conversion:
    """One figure in another currency: the amounts, the amount as stated, and the rate with its days and its table."""

    period_end: date
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    unit: str
    status: str
    stated_value: Decimal
    stated_unit: str
    from_currency: str
    currency: str
    rate: Decimal | None
    rate_kind: str | None
    rate_from: date | None
    rate_to: date | None
    rate_days: int | None
    rate_source: str | None
    reason_code: str | None
    reason_parameters: Mapping[str, str] | None
    reason: str | None


def read_conversions(
    warehouse: Warehouse, edition: Edition, currency: str, span: str = "quarter"
) -> Mapping[date, Conversion]:
    """Read the figures of an edition's first metric in a currency, by the last day of their period."""
    values = {"entity": edition.company.entity, "metric": edition.metrics[0], "currency": currency, "span": span}
    return {row.period_end: row for row in read_records(warehouse, _CONVERSIONS, values, Conversion)}


def convert_edition(edition: Edition, conversions: Mapping[date, Conversion]) -> Edition:
    """Replace the amounts of an edition by those in another currency; a figure that is not converted has no amount.

    The base of a growth rate is converted by the rate of its own period. Growth rates stay those in the currency in
    which the company reports.
    """
    units = {one.unit for one in conversions.values()}
    ends = {row.fiscal_period: row.period_end for row in edition.series(edition.metrics[0])}
    figures = tuple(
        _convert_figure(row, conversions.get(row.period_end), conversions.get(ends.get(row.base_period or "", _NEVER)))
        for row in edition.figures
    )
    if len(units) == 1:  # what has no amount has the unit of the others
        (unit,) = units
        figures = tuple(replace(row, unit=unit) if row.value is None else row for row in figures)
    return replace(edition, figures=figures)


_NEVER: Final = date.max


def _convert_figure(row: EditionFigure, own: Conversion | None, before: Conversion | None) -> EditionFigure:
    if row.value is None or own is None:
        return row
    is_same = before is not None and before.stated_unit == row.unit and before.rate is not None
    base = _times(row.base, before.rate) if is_same and before is not None else None
    amounts = replace(row, value=own.value, low=own.low, high=own.high, unit=own.unit, base=base)
    if own.value is not None:
        return amounts
    return replace(
        amounts,
        yoy_ratio=None,
        yoy_low=None,
        yoy_high=None,
        yoy_status="not_derivable",
        reason=own.reason,
        reason_code=own.reason_code,
        reason_parameters=own.reason_parameters,
    )


def _times(amount: Decimal | None, rate: Decimal | None) -> Decimal | None:
    """Multiply like the view: exactly, then rounded half up to six decimals."""
    if amount is None or rate is None:
        return None
    return EXACT.multiply(amount, rate).quantize(_PLACES, ROUND_HALF_UP)
