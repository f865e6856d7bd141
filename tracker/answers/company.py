"""What is known of one company: its statements period by period, its forecasts, its parts, and what it changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Final

from tracker.answers.rows import read_answers
from tracker.errors import NothingMatchedError
from tracker.model.metric import load_metrics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from tracker.warehouse.reader import Warehouse

__all__ = [
    "CompanyHead",
    "ForecastStep",
    "PartFigure",
    "PeerLine",
    "StatementCell",
    "StatementLine",
    "StatementTable",
    "VintageLine",
    "list_forecasts",
    "list_parts",
    "list_peers",
    "list_vintages",
    "read_head",
    "read_statements",
]

_HEAD: Final = """
    select l.entity, l.name, l.ticker, l.cik, f.last_fiscal_period, f.last_known_at, f.next_fiscal_period,
        f.expected_date, f.stale_date, f.reason as freshness_reason
    from entity_label l left join freshness f on f.entity = l.entity
    where l.entity = $entity
"""
_CELLS: Final = """
    select y.metric, coalesce(m.label, y.metric) as label, coalesce(m.section, 'other') as section,
        coalesce(m.measure, 'count') as measure, y.fiscal_period, y.period_end, y.value, y.unit, y.method, y.yoy_ratio,
        y.yoy_status, y.reason, y.known_at
    from yoy y left join metric m on m.metric = y.metric
    where y.entity = $entity and y.span = $span
    order by y.period_end, y.metric
"""
_FORECASTS: Final = """
    select g.metric, coalesce(m.label, g.metric) as label, g.fiscal_period, g.issued_at, g.superseded_at,
        g.withdrawn_at, g.status, g.shape, g.low, g.high, g.unit, g.qualifier, g.outcome, g.actual, g.so_far,
        g.left_low, g.left_high, g.reason, lower(hex(g.fact_id)) as fact_id, h.source_id, h.accession, h.quote
    from guidance_outcome g
    left join metric m on m.metric = g.metric
    left join guidance_history h on h.fact_id = g.fact_id and h.entity = g.entity
    where g.entity = $entity and ($metric is null or g.metric = $metric)
    order by g.period_end desc, g.metric, g.issued_at desc
    limit $most
"""
_VINTAGES: Final = """
    with steps as (
        select fiscal_period, period_end, value, unit, known_from, known_to,
            value is distinct from lag(value) over (partition by fiscal_period order by known_from, known_to) as is_new,
            count(distinct value) over (partition by fiscal_period) as values
        from figure_history
        where entity = $entity and metric = $metric and value is not null
          and ($until is null or known_from <= cast($until as timestamptz))
    )
    select fiscal_period, value, unit, known_from
    from steps where is_new and values > 1
    order by period_end desc, fiscal_period, known_from
    limit $most
"""
#: Statements by segment, region or product alone; other axes part securities, awards and such.
_PARTS: Final = """
    with tagged as (
        select s.*, coalesce(s.metric, t.metric) as part_metric
        from segment_statement s
        left join (select concept, min(metric) as metric from metric_tag group by concept) t on t.concept = s.concept
        where s.entity = $entity and s.kind = 'actual' and s.value is not null and s.fiscal_period is not null
          and regexp_matches(s.dimensions, $axes)
    )
    select s.part_metric as metric, m.label, s.dimensions, s.fiscal_period, s.period_end, s.value, s.unit, s.accession,
        s.source_id, lower(hex(s.fact_id)) as fact_id
    from tagged s join metric m on m.metric = s.part_metric
    where $metric is null or s.part_metric = $metric
    qualify row_number() over (
        partition by s.concept, s.dimensions, s.fiscal_period order by s.known_at desc, s.fact_id
    ) = 1
    order by s.period_end desc, s.fiscal_period, s.part_metric, s.dimensions, s.fact_id
    limit $most
"""
_AXES: Final = "^[^=;]*:(StatementBusinessSegments|StatementGeographical|ProductOrService)Axis=[^;=]*$"
#: Where two words of a name meet.
_JOINT: Final = re.compile("(?<=[a-z])(?=[A-Z])")
_PEERS: Final = """
    select y.entity, y.name, y.ticker, y.fiscal_period, y.calendar_quarter, y.value, y.unit, y.yoy_ratio, y.yoy_low,
        y.yoy_high, y.yoy_status, y.reason
    from yoy y
    where y.metric = $metric and y.span = 'quarter' and (len($entities) = 0 or list_contains($entities, y.entity))
      and y.calendar_quarter = coalesce($quarter, (
        select max(calendar_quarter) from (
            select calendar_quarter, count(*) as companies, max(count(*)) over () as most
            from yoy
            where metric = $metric and span = 'quarter' and value is not null
              and (len($entities) = 0 or list_contains($entities, entity))
            group by calendar_quarter
        ) where 2 * companies >= most
      ))
    order by y.yoy_ratio desc nulls last, y.entity
    limit $most
"""


@dataclass(frozen=True, slots=True)
class CompanyHead:
    """A company's names, and when its reports came and are due."""

    entity: str
    name: str | None
    ticker: str | None
    cik: int | None
    last_fiscal_period: str | None
    last_known_at: datetime | None
    next_fiscal_period: str | None
    expected_date: date | None
    stale_date: date | None
    freshness_reason: str | None


@dataclass(frozen=True, slots=True)
class StatementCell:
    """One figure in a table of statements; without a value, `reason` says why."""

    metric: str
    label: str
    section: str
    measure: str
    fiscal_period: str
    period_end: date
    value: Decimal | None
    unit: str | None
    method: str | None
    yoy_ratio: float | None
    yoy_status: str
    reason: str | None
    known_at: datetime | None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One metric over the periods of a table; a period without any statement has None.

    `measure` is what it is measured in: money, per_share, count or ratio.
    """

    metric: str
    label: str
    measure: str
    unit: str
    cells: tuple[StatementCell | None, ...]


@dataclass(frozen=True, slots=True)
class StatementTable:
    """A section of a company's statements: its lines, over the same periods, oldest first."""

    section: str
    periods: tuple[str, ...]
    lines: tuple[StatementLine, ...]


@dataclass(frozen=True, slots=True)
class ForecastStep:
    """One step of a company's guidance, and what came of it. `quote` is text of its source."""

    metric: str
    label: str
    fiscal_period: str
    issued_at: datetime | None
    superseded_at: datetime | None
    withdrawn_at: datetime | None
    status: str
    shape: str
    low: Decimal | None
    high: Decimal | None
    unit: str
    qualifier: str | None
    outcome: str | None
    actual: Decimal | None
    so_far: Decimal | None
    left_low: Decimal | None
    left_high: Decimal | None
    reason: str | None
    fact_id: str
    source_id: str | None
    accession: str | None
    quote: str | None


@dataclass(frozen=True, slots=True)
class VintageLine:
    """One of several values that a figure had, and since when it was what the public could know."""

    fiscal_period: str
    value: Decimal
    unit: str
    known_from: datetime


@dataclass(frozen=True, slots=True)
class PartFigure:
    """A statement about a segment, region or product of a company; `dimensions` says which (`axis=member`)."""

    metric: str
    label: str
    dimensions: str
    fiscal_period: str
    period_end: date
    value: Decimal
    unit: str
    accession: str | None
    source_id: str
    fact_id: str

    @property
    def part(self) -> str:
        """Name the part in words: `Greater China Segment`."""
        member = self.dimensions.partition("=")[2].rpartition(":")[2]
        return _JOINT.sub(" ", member.removesuffix("Member"))


@dataclass(frozen=True, slots=True)
class PeerLine:
    """A company's growth in a calendar quarter, beside that of others."""

    entity: str
    name: str | None
    ticker: str | None
    fiscal_period: str
    calendar_quarter: str
    value: Decimal | None
    unit: str | None
    yoy_ratio: float | None
    yoy_low: float | None
    yoy_high: float | None
    yoy_status: str
    reason: str | None


def read_head(warehouse: Warehouse, entity: str) -> CompanyHead:
    """Read the names of a company by its id, and when its reports are due; NothingMatchedError if there is none."""
    found = read_answers(warehouse, _HEAD, {"entity": entity}, CompanyHead)
    if not found:
        raise NothingMatchedError(f"no company has the id {entity!r}; `tracker entity list` lists the companies")
    return found[0]


def read_statements(warehouse: Warehouse, entity: str, span: str, most: int = 8) -> list[StatementTable]:
    """Read the figures of a company by its id over its latest periods of a span (`quarter`, `year`), in sections."""
    cells = read_answers(warehouse, _CELLS, {"entity": entity, "span": span}, StatementCell)
    ends = {cell.fiscal_period: cell.period_end for cell in cells}
    periods = tuple(sorted(ends, key=lambda period: (ends[period], period)))[-most:]
    kept = [cell for cell in cells if cell.fiscal_period in periods]
    kept.sort(key=lambda cell: (_place(cell.section), cell.section, _line_of(cell.metric), cell.label, cell.metric))
    return [
        StatementTable(section, periods, tuple(_list_lines(list(of), periods)))
        for section, of in groupby(kept, key=lambda cell: cell.section)
    ]


#: The order in which sections are read.
_SECTIONS: Final = ("income", "per share", "cash flow", "balance", "operating", "banks and insurers")


def _place(section: str) -> int:
    return _SECTIONS.index(section) if section in _SECTIONS else len(_SECTIONS)


def _line_of(metric: str) -> int:
    """Return the line of a metric in its section: the order of metrics.toml, and a project's own metrics last."""
    lines = _list_metrics()
    return lines.get(metric, len(lines))


@cache
def _list_metrics() -> dict[str, int]:
    return {row.metric: at for at, row in enumerate(load_metrics(None).metrics)}


def _list_lines(cells: Sequence[StatementCell], periods: Sequence[str]) -> list[StatementLine]:
    lines = []
    for metric, of in groupby(cells, key=lambda cell: cell.metric):
        by_period = {cell.fiscal_period: cell for cell in of}
        first = next(iter(by_period.values()))
        unit = next((cell.unit for cell in reversed(by_period.values()) if cell.unit), "")
        found = tuple(by_period.get(period) for period in periods)
        lines.append(StatementLine(metric, first.label, first.measure, unit, found))
    return lines


def list_forecasts(warehouse: Warehouse, entity: str, metric: str | None = None, most: int = 200) -> list[ForecastStep]:
    """List the steps of a company's guidance, the latest periods first, each with what came of it."""
    known = {"entity": entity, "metric": metric, "most": most}
    return read_answers(warehouse, _FORECASTS, known, ForecastStep)


def list_vintages(warehouse: Warehouse, entity: str, metric: str, most: int = 200) -> list[VintageLine]:
    """List the figures of a metric that had more than one value, with the moment from which each was known."""
    if not warehouse.is_derived:
        return []
    known: Mapping[str, object] = {"entity": entity, "metric": metric, "until": _end_of(warehouse.as_of), "most": most}
    return read_answers(warehouse, _VINTAGES, known, VintageLine)


def _end_of(as_of: str | None) -> str | None:
    """Return a day as its last second in UTC; a moment as it is."""
    return f"{as_of} 23:59:59.999999+00" if as_of and len(as_of) == len("2024-08-05") else as_of


def list_parts(warehouse: Warehouse, entity: str, metric: str | None = None, most: int = 200) -> list[PartFigure]:
    """List what was stated about segments, regions and products of a company, the latest periods first."""
    known = {"entity": entity, "metric": metric, "axes": _AXES, "most": most}
    return read_answers(warehouse, _PARTS, known, PartFigure)


def list_peers(
    warehouse: Warehouse, metric: str, entities: Sequence[str] = (), quarter: str | None = None, most: int = 50
) -> list[PeerLine]:
    """Rank companies (none named: all) by growth of a metric in a calendar quarter; None: the latest that most have."""
    known = {"metric": metric, "entities": [*entities], "quarter": quarter, "most": most}
    return read_answers(warehouse, _PEERS, known, PeerLine)
