"""Find companies and metrics: by any name, with what is newest of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tracker.answers.rows import read_answers

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    from tracker.warehouse.reader import Warehouse

__all__ = ["CompanyLine", "MetricLine", "find_companies", "find_metrics"]

#: How many quarters a small line shows.
TREND: Final = 12
#: The metrics that a list of companies shows: of each company the first that is known.
PREFERRED: Final = ("revenue", "net_income", "capex")
_COMPANIES: Final = """
    with chosen as (
        select l.entity, l.name, l.ticker, l.cik
        from entity_label l
        where $text = '' or contains(lower(l.name), $text) or lower(l.ticker) = $text or l.entity = $text
            or cast(l.cik as varchar) = ltrim($text, '0')
            or l.entity in (select entity from entity_name where contains(lower(alias), $text))
        order by lower(coalesce(l.name, l.entity)), l.entity
        limit $most offset $skip
    ),
    quarters as (
        select y.entity, y.metric, y.fiscal_period, y.period_end, y.value, y.unit, y.yoy_ratio, y.yoy_low, y.yoy_high,
            y.yoy_status, row_number() over (partition by y.entity order by y.period_end desc) as place
        from (
            select y.*, dense_rank() over (partition by y.entity order by list_position($preferred, y.metric)) as choice
            from yoy y semi join chosen using (entity)
            where list_contains($preferred, y.metric) and y.span = 'quarter' and y.value is not null
        ) y
        where y.choice = 1
    ),
    trends as (
        select entity, list(cast(value as double) order by period_end) as trend
        from quarters where place <= $trend group by entity
    ),
    promised as (
        select entity, count(*) as forecasts from guidance
        where status <> 'withdrawn' and period_end >= coalesce(cast($today as date), current_date) group by entity
    )
    select c.entity, c.name, c.ticker, c.cik, q.metric, m.label, q.fiscal_period, q.period_end, q.value, q.unit,
        q.yoy_ratio, q.yoy_low, q.yoy_high, q.yoy_status, coalesce(t.trend, []) as trend, f.last_known_at,
        f.next_fiscal_period, f.expected_date, f.stale_date, f.reason as freshness_reason,
        coalesce(p.forecasts, 0) as forecasts
    from chosen c
    left join quarters q on q.entity = c.entity and q.place = 1
    left join metric m on m.metric = q.metric
    left join trends t on t.entity = c.entity
    left join freshness f on f.entity = c.entity
    left join promised p on p.entity = c.entity
    order by lower(coalesce(c.name, c.entity)), c.entity
"""
_METRICS: Final = """
    select metric, label, section, type, measure, about
    from metric
    where $text = '' or contains(lower(label), $text) or contains(metric, $text) or contains(lower(about), $text)
    order by case when metric = $text or lower(label) = $text then 0 else 1 end, section, label
    limit $most
"""


@dataclass(frozen=True, slots=True)
class CompanyLine:
    """A company in a list: its names, its latest quarter with growth, and when its next report is due.

    The quarter is of revenue, else of the first metric in `PREFERRED` that is known. `trend` are the latest quarters,
    oldest first. `forecasts` counts the forecasts in force.
    """

    entity: str
    name: str | None
    ticker: str | None
    cik: int | None
    metric: str | None
    label: str | None
    fiscal_period: str | None
    period_end: date | None
    value: Decimal | None
    unit: str | None
    yoy_ratio: float | None
    yoy_low: float | None
    yoy_high: float | None
    yoy_status: str | None
    trend: tuple[float | None, ...]
    last_known_at: datetime | None
    next_fiscal_period: str | None
    expected_date: date | None
    stale_date: date | None
    freshness_reason: str | None
    forecasts: int


@dataclass(frozen=True, slots=True)
class MetricLine:
    """A metric in a list: its id, its label, and what it is."""

    metric: str
    label: str
    section: str | None
    type: str
    measure: str | None
    about: str | None


def find_companies(warehouse: Warehouse, text: str = "", most: int = 50, skip: int = 0) -> list[CompanyLine]:
    """Find companies whose id, ticker, CIK or any name (former ones, too) holds a text; an empty text finds all."""
    known = {"text": text.strip().lower(), "most": most, "skip": skip, "trend": TREND, "preferred": [*PREFERRED]}
    return read_answers(warehouse, _COMPANIES, known | {"today": (warehouse.as_of or "")[:10] or None}, CompanyLine)


def find_metrics(warehouse: Warehouse, text: str = "", most: int = 200) -> list[MetricLine]:
    """Find metrics whose id, label or description holds a text; an empty text finds all."""
    return read_answers(warehouse, _METRICS, {"text": text.strip().lower(), "most": most}, MetricLine)
