"""A figure as somebody asks for it: its value, its growth, and the statements it rests on."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.errors import NothingMatchedError
from tracker.model.quantity import amount_text
from tracker.report.data.edition import FIGURES, EditionFigure, read_company, read_evidence
from tracker.report.data.rows import read_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from decimal import Decimal

    from tracker.report.data.edition import Evidence
    from tracker.warehouse.reader import Warehouse

__all__ = ["Figure", "FigureGrowth", "read_figure", "read_figures"]


@dataclass(frozen=True, slots=True)
class FigureGrowth:
    """Growth on the same period of the year before, as a fraction (0.25 is +25%), with its bounds.

    `status` says whether the ratio holds, or why there is none.
    """

    ratio: Decimal | None
    low: Decimal | None
    high: Decimal | None
    status: str
    base: Decimal | None
    base_period: str | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric of a company in one fiscal period, as it was known at `as_of` (None: by now).

    `value`, `low` and `high` are in whole units of `unit`. `value` is None if the figure is not known, and `reason`
    says why. `evidence` are the statements that the value rests on, in the order of the sum; `signs` are their signs.
    """

    entity: str
    name: str
    metric: str
    label: str
    period: str
    period_start: date | None
    period_end: date
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    unit: str
    method: str | None
    reason: str | None
    reason_code: str | None
    growth: FigureGrowth
    signs: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    as_of: str | None
    commit: int

    def _repr_html_(self) -> str:
        """Show the figure in a notebook."""
        lines = [
            ("value", amount_text(self.value, self.unit) if self.value is not None else f"not known: {self.reason}")
        ]
        if self.value is not None and self.low is not None and self.high is not None:
            lines.append(("within", f"{amount_text(self.low)} to {amount_text(self.high)}"))
        lines += [("growth", self._describe_growth()), *(("evidence", text) for text in self._list_evidence())]
        title = html.escape(f"{self.name}, {self.label}, {self.period}")
        rows = "".join(f"<tr><th>{name}</th><td>{html.escape(text)}</td></tr>" for name, text in lines)
        return f"<table><caption>{title}</caption>{rows}</table>"

    def _describe_value(self) -> str:
        return f"not known: {self.reason}" if self.value is None else amount_text(self.value, self.unit)

    def _describe_growth(self) -> str:
        if self.growth.ratio is None:
            return self.growth.status
        return f"{self.growth.ratio:+.1%} on {self.growth.base_period}"

    def _list_evidence(self) -> Iterable[str]:
        for sign, one in zip(self.signs, self.evidence, strict=True):
            amount = "" if one.value is None else amount_text(one.value, one.unit)
            yield f"{sign} {amount}, {one.concept}, {one.accession or one.source_id}, known {one.known_on}"


def read_figure(warehouse: Warehouse, company: str, metric: str, period: str) -> Figure:
    """Read a figure of a company (by id, ticker or name) in a period such as 2024Q2, 2024H1, 2024M9 or FY2024.

    Raises:
        NothingMatchedError: there is no such company, or no source says anything of this metric and period.

    """
    entity = warehouse.entity_of(company)
    found = read_figures(warehouse, entity, [metric], [period])
    if not found:
        raise NothingMatchedError(
            f"nothing is known of {entity} {metric} {period}; `tracker explain {entity} {metric} {period}` says more"
        )
    return found[0]


def read_figures(
    warehouse: Warehouse, entity: str, metrics: Sequence[str], periods: Sequence[str] | None = None
) -> list[Figure]:
    """Read the figures of a company by its id, for these metrics and periods (None: all), in their order in time."""
    name = read_company(warehouse, entity).name
    rows = read_records(warehouse, FIGURES, {"entity": entity, "metrics": [*metrics]}, EditionFigure)
    chosen = [row for row in rows if periods is None or row.fiscal_period in periods]
    ids = {sign[1:] for row in chosen for sign in row.operands}
    evidence = read_evidence(warehouse, entity, ids) if ids else {}
    return [_make_figure(warehouse, entity, name, row, evidence) for row in chosen]


def _make_figure(
    warehouse: Warehouse, entity: str, name: str, row: EditionFigure, evidence: dict[str, Evidence]
) -> Figure:
    operands = [operand for operand in row.operands if operand[1:] in evidence]
    return Figure(
        entity=entity,
        name=name,
        metric=row.metric,
        label=row.label,
        period=row.fiscal_period,
        period_start=row.period_start,
        period_end=row.period_end,
        value=row.value,
        low=row.low,
        high=row.high,
        unit=row.unit,
        method=row.method,
        reason=row.reason if row.value is None else None,
        reason_code=row.reason_code if row.value is None else None,
        growth=FigureGrowth(row.yoy_ratio, row.yoy_low, row.yoy_high, row.yoy_status, row.base, row.base_period),
        signs=tuple(operand[0] for operand in operands),
        evidence=tuple(evidence[operand[1:]] for operand in operands),
        as_of=warehouse.as_of,
        commit=warehouse.snapshot.versions["fact"],
    )
