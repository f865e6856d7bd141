"""The data of one growth report: the rows of the views that it shows, read once, as plain immutable records.

Nothing is computed here that the views already give. Money is Decimal in whole units, growth rates are Decimal
fractions (0.25 is +25%), days are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tracker.errors import NothingMatchedError
from tracker.report.data.rows import read_records, read_rows, shown_unit
from tracker.report.text.labels import span_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from decimal import Decimal

    from tracker.report.definition import Definition
    from tracker.report.text.language import Language
    from tracker.warehouse.reader import Warehouse

__all__ = [
    "FIGURES",
    "Claim",
    "Edition",
    "EditionCompany",
    "EditionFigure",
    "Evidence",
    "Guided",
    "Restated",
    "Statement",
    "operand_ids",
    "read_company",
    "read_edition",
    "read_evidence",
]

#: How many periods before and after the report's own are drawn and listed.
BEFORE: Final = 12
AFTER: Final = 8

_COMPANY: Final = "select entity, name, ticker, cik from entity_label where entity = $entity"
_NAMES: Final = """
    select alias from entity_alias
    where entity = $entity and kind = 'name' and valid_to is null order by length(alias), alias
"""
FIGURES: Final = f"""
    select
        y.metric, coalesce(m.label, y.metric) as label, coalesce(m.measure, 'count') as measure, y.span, y.fiscal_year,
        y.fiscal_quarter, y.fiscal_period, y.calendar_quarter, y.period_start, y.period_end, y.value, y.low, y.high,
        {shown_unit("y")} as unit, y.method, y.base, y.base_period, y.yoy_ratio, y.yoy_low,
        y.yoy_high, y.yoy_status, y.reason, y.reason_code, y.reason_parameters,
        coalesce(o.operands, []) as operands, coalesce(b.operands, []) as base_operands
    from yoy y
    left join metric m on m.metric = y.metric
    left join (
        select metric, fiscal_period, list(if(sign = 1, '+', '-') || lower(hex(fact_id)) order by position) as operands
        from operand where entity = $entity group by metric, fiscal_period
    ) o on o.metric = y.metric and o.fiscal_period = y.fiscal_period
    left join (
        select metric, fiscal_period, list(if(sign = 1, '+', '-') || lower(hex(fact_id)) order by position) as operands
        from base_operand where entity = $entity and against = 'year' group by metric, fiscal_period
    ) b on b.metric = y.metric and b.fiscal_period = y.fiscal_period
    where y.entity = $entity and list_contains($metrics, y.metric)
    order by y.metric, y.span, y.fiscal_year, y.fiscal_quarter
"""
_DEFINITIONS: Final = """
    select distinct metric, is_own, definition
    from company_part
    where entity = $entity and list_contains($metrics, metric) and definition is not null
    order by metric, is_own, definition
"""
_EVIDENCE: Final = """
    select
        lower(hex(s.fact_id)) as fact_id, s.concept, s.period_start, s.period_end, s.value, s.unit, s.qualifier,
        s.quote, s.language, s.span_start, s.span_end, s.source_id, coalesce(s.accession, o.accession) as accession,
        coalesce(s.form, o.form) as form, o.kind as source_kind, o.publisher, o.title, o.url,
        cast(s.known_at as date) as known_on
    from {statements} s
    left join source o on o.source_id = s.source_id
    where s.entity = $entity and list_contains($ids, lower(hex(s.fact_id)))
    order by s.concept, s.period_end, s.fact_id
"""
_STATED: Final = """
    select
        s.metric, s.fiscal_period, s.value, s.bound_low as low, s.bound_high as high, s.unit, s.qualifier, s.quote,
        s.language, s.span_start, s.span_end, s.source_id, o.publisher, o.title, o.url,
        cast(s.known_at as date) as known_on
    from fact_current s
    left join source o on o.source_id = s.source_id
    where s.entity = $entity and s.kind = 'actual' and s.concept like 'stated:%' and s.value is not null
      and list_contains($metrics, s.metric) and list_contains($periods, s.fiscal_period)
    order by s.metric, s.fiscal_period desc, s.source_id, s.span_start
"""
_CLAIMS: Final = """
    select
        g.metric, g.fiscal_period, g.claimed_ratio, g.claimed_low, g.claimed_high, g.qualifier, g.quote, s.language,
        s.span_start, s.span_end, g.source_id, o.publisher, o.title, o.url,
        g.own_verdict, g.own_low, g.own_high, g.filed_verdict, g.reason,
        cast(g.known_at as date) as known_on
    from stated_growth g
    join statement s on s.fact_id = g.fact_id
    left join source o on o.source_id = g.source_id
    where g.entity = $entity and list_contains($metrics, g.metric) and g.fiscal_period = $period
    order by g.metric, g.source_id, s.span_start
"""
_GUIDED: Final = """
    select
        h.metric, h.fiscal_period, h.period_start, h.period_end, cast(h.issued_at as date) as issued_on,
        cast(h.superseded_at as date) as superseded_on, h.low, h.high, h.unit, h.status, h.low_change, h.high_change,
        h.quote, h.source_id, h.accession, o.publisher, o.title, o.url
    from guidance_history h
    left join source o on o.source_id = h.source_id
    where h.entity = $entity and list_contains($metrics, h.metric) and list_contains($periods, h.fiscal_period)
      and h.unit <> 'ratio' and (h.withdrawn_at is null or h.status = 'withdrawn')
    order by h.metric, h.fiscal_period, h.step
"""
_RESTATED: Final = """
    select
        v.concept, v.period_start, v.period_end, b.value as value_before, v.value, v.unit,
        b.accession as accession_before, v.accession, cast(v.first_known_at as date) as known_on
    from version v
    join version b
        on b.entity = v.entity and b.concept = v.concept and b.unit = v.unit and b.period_end = v.period_end
        and b.period_start is not distinct from v.period_start and b.version_no = v.version_no - 1
    where v.entity = $entity and list_contains($ids, lower(hex(v.fact_id)))
    order by v.concept, v.period_end, v.period_start
"""
_KNOWN: Final = "select cast(max(known_at) as date) as known_on from fact_known where entity = $entity"


@dataclass(frozen=True, slots=True)
class EditionCompany:
    """The company as its readers call it, and its keys."""

    entity: str
    name: str
    short: str
    ticker: str | None
    cik: int | None


@dataclass(frozen=True, slots=True)
class EditionFigure:
    """One metric of one period with its growth: a row of `yoy`. `operands` are signed fact ids."""

    metric: str
    label: str
    measure: str
    span: str
    fiscal_year: int
    fiscal_quarter: int
    fiscal_period: str
    calendar_quarter: str | None
    period_start: date | None
    period_end: date
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    unit: str
    method: str | None
    base: Decimal | None
    base_period: str | None
    yoy_ratio: Decimal | None
    yoy_low: Decimal | None
    yoy_high: Decimal | None
    yoy_status: str
    reason: str | None
    reason_code: str | None
    reason_parameters: Mapping[str, str] | None
    operands: tuple[str, ...]
    base_operands: tuple[str, ...]

    @property
    def rate(self) -> Decimal | None:
        """Return the growth rate; None if there is none, and for a turn from profit to loss, which is said in words."""
        return None if self.yoy_status == "profit_to_loss" else self.yoy_ratio

    @property
    def place(self) -> int:
        """Return the place of the period among those of its kind: quarters or years, counted from the year zero."""
        return place_of(self.fiscal_period)

    @property
    def is_calendar(self) -> bool:
        """Return whether the company's own label and the calendar's agree."""
        if self.span == "quarter":
            return self.fiscal_period == self.calendar_quarter
        return self.calendar_quarter == f"{self.fiscal_year}Q{self.fiscal_quarter}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One statement that a figure rests on, and its source."""

    fact_id: str
    concept: str
    period_start: date | None
    period_end: date
    value: Decimal | None
    unit: str
    qualifier: str
    quote: str | None
    language: str | None
    span_start: int | None
    span_end: int | None
    source_id: str
    accession: str | None
    form: str | None
    source_kind: str | None
    publisher: str | None
    title: str | None
    url: str | None
    known_on: date


@dataclass(frozen=True, slots=True)
class Statement:
    """A figure as an article prints it. `low` and `high` are its bounds by rounding and wording."""

    metric: str
    fiscal_period: str
    value: Decimal
    low: Decimal | None
    high: Decimal | None
    unit: str
    qualifier: str
    quote: str | None
    language: str | None
    span_start: int | None
    span_end: int | None
    source_id: str
    publisher: str | None
    title: str | None
    url: str | None
    known_on: date


@dataclass(frozen=True, slots=True)
class Claim:
    """A growth rate as an article prints it, with the verdicts on it."""

    metric: str
    fiscal_period: str
    claimed_ratio: Decimal
    claimed_low: Decimal | None
    claimed_high: Decimal | None
    qualifier: str
    quote: str | None
    language: str | None
    span_start: int | None
    span_end: int | None
    source_id: str
    publisher: str | None
    title: str | None
    url: str | None
    own_verdict: str
    own_low: Decimal | None
    own_high: Decimal | None
    filed_verdict: str
    reason: str | None
    known_on: date


@dataclass(frozen=True, slots=True)
class Guided:
    """One step of a forecast: the range, and the days it was in force."""

    metric: str
    fiscal_period: str
    period_start: date
    period_end: date
    issued_on: date
    superseded_on: date | None
    low: Decimal | None
    high: Decimal | None
    unit: str
    status: str
    low_change: str | None
    high_change: str | None
    quote: str | None
    source_id: str
    accession: str | None
    publisher: str | None
    title: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Restated:
    """A figure the company has changed since it first filed it."""

    concept: str
    period_start: date | None
    period_end: date
    value_before: Decimal
    value: Decimal
    unit: str
    accession_before: str | None
    accession: str | None
    known_on: date


@dataclass(frozen=True, slots=True)
class Edition:
    """Everything a report shows, in the order of the definition's metrics, and the language it is to be in."""

    definition: Definition
    language: Language
    company: EditionCompany
    period: str
    metrics: tuple[str, ...]
    figures: tuple[EditionFigure, ...]
    definitions: Mapping[str, str]
    evidence: Mapping[str, Evidence]
    statements: tuple[Statement, ...]
    claims: tuple[Claim, ...]
    guided: tuple[Guided, ...]
    restated: tuple[Restated, ...]
    known_on: date
    commit: int

    def figure(self, metric: str, period: str | None = None) -> EditionFigure | None:
        """Return the row of a metric and period (the report's own by default); None if there is none."""
        wanted = period or self.period
        return next((row for row in self.figures if row.metric == metric and row.fiscal_period == wanted), None)

    def series(self, metric: str) -> tuple[EditionFigure, ...]:
        """Return the like periods of a metric around the report's own, oldest first."""
        rows = [row for row in self.figures if row.metric == metric and _is_like(row, self.period)]
        here = place_of(self.period)
        return tuple(row for row in rows if here - BEFORE <= row.place <= here + AFTER)

    def year_to_date(self, metric: str, fiscal_year: int) -> tuple[EditionFigure, ...]:
        """List what a metric came to by the end of each quarter of a fiscal year; nothing if quarters run ahead.

        Sums come from the views: if single quarters of a year are known, but their sum is not, there is none here.
        """
        labels = (f"{fiscal_year}Q1", f"{fiscal_year}H1", f"{fiscal_year}M9", f"FY{fiscal_year}")
        rows = [self.figure(metric, label) for label in labels]
        known = tuple(row for row in rows if row is not None and row.value is not None)
        quarters = [row.period_end for row in self.figures if _is_quarter_of(row, metric, fiscal_year)]
        is_behind = not known or (bool(quarters) and max(quarters) > known[-1].period_end)
        return () if is_behind else known

    def guidance(self, metric: str, period: str) -> tuple[Guided, ...]:
        """Return the steps of a forecast that name a number, oldest first."""
        return tuple(
            step
            for step in self.guided
            if step.metric == metric
            and step.fiscal_period == period
            and (step.low is not None or step.high is not None)
        )


def read_edition(warehouse: Warehouse, definition: Definition, language: Language, *, is_bare: bool = False) -> Edition:
    """Read the report's data; NothingMatchedError if the period has no figure of its metrics.

    A bare edition has the figures and the statements behind them, without articles, guidance and restatements.
    """
    asked: dict[str, object] = {"entity": definition.entity, "metrics": list(definition.metrics)}
    company = read_company(warehouse, definition.entity)
    figures = tuple(read_records(warehouse, FIGURES, asked, EditionFigure))
    period = definition.period or _latest(figures, definition)
    shown = [row for row in figures if row.fiscal_period == period]
    if not shown:
        raise NothingMatchedError(
            f"{definition.name}: {company.short} has no {_join_metrics(definition.metrics)} for {period}"
        )
    year = shown[0].fiscal_year
    periods = sorted({period, *(row.base_period for row in shown if row.base_period)})
    evidence = read_evidence(warehouse, definition.entity, operand_ids(figures))
    near = sorted({sign[1:] for row in shown for sign in (*row.operands, *row.base_operands)})
    entity = {"entity": definition.entity}
    asked_of = {**entity, "metrics": asked["metrics"]}
    told = (
        _Surroundings((), (), (), ())
        if is_bare
        else _read_surroundings(warehouse, {**asked_of, "period": period}, periods, year, near)
    )
    return Edition(
        definition=definition,
        language=language,
        company=company,
        period=period,
        metrics=tuple(
            name for name in definition.metrics if any(row.metric == name and _is_like(row, period) for row in figures)
        ),
        figures=figures,
        definitions={row["metric"]: row["definition"] for row in read_rows(warehouse, _DEFINITIONS, asked_of)},
        evidence=evidence,
        statements=told.statements,
        claims=told.claims,
        guided=told.guided,
        restated=told.restated,
        known_on=read_rows(warehouse, _KNOWN, entity)[0]["known_on"],
        commit=warehouse.snapshot.versions["fact"],
    )


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What sources say about the figures: articles, guidance and restatements."""

    statements: tuple[Statement, ...]
    claims: tuple[Claim, ...]
    guided: tuple[Guided, ...]
    restated: tuple[Restated, ...]


def _read_surroundings(
    warehouse: Warehouse, asked: dict[str, object], periods: list[str], year: int, near: list[str]
) -> _Surroundings:
    """Read what sources say about the figures; `near` are the statements behind the period and its base."""
    asked_of = {name: asked[name] for name in ("entity", "metrics")}
    guided = {**asked_of, "periods": sorted({str(asked["period"]), f"FY{year}"})}
    return _Surroundings(
        statements=tuple(read_records(warehouse, _STATED, {**asked_of, "periods": periods}, Statement)),
        claims=tuple(read_records(warehouse, _CLAIMS, asked, Claim)),
        guided=tuple(read_records(warehouse, _GUIDED, guided, Guided)),
        restated=tuple(read_records(warehouse, _RESTATED, {"entity": asked["entity"], "ids": near}, Restated)),
    )


def _is_quarter_of(row: EditionFigure, metric: str, fiscal_year: int) -> bool:
    is_known = row.metric == metric and row.value is not None
    return is_known and row.span == "quarter" and row.fiscal_year == fiscal_year


def place_of(period: str) -> int:
    """Return the place of a fiscal period among those of its kind: quarters or years, counted from the year zero."""
    if span_of(period) == "quarter":
        return int(period[:4]) * 4 + int(period[5]) - 1
    return int(period[2:] if span_of(period) == "year" else period[:4])


def _is_like(row: EditionFigure, period: str) -> bool:
    """Return whether a row is in the same series as a period: any quarter, any year, or the same part of any year."""
    span = span_of(period)
    return row.span == span and (span in {"quarter", "year"} or row.fiscal_period[4:] == period[4:])


def _join_metrics(names: Iterable[str]) -> str:
    return ", ".join(names)


def read_company(warehouse: Warehouse, entity: str) -> EditionCompany:
    """Read a company by its id; NothingMatchedError if the warehouse has none of that id."""
    found = read_rows(warehouse, _COMPANY, {"entity": entity})
    if not found:
        raise NothingMatchedError(f"{entity!r} is no company of this warehouse; see `select entity, name from entity`")
    name = found[0]["name"] or entity
    aliases = [row["alias"] for row in read_rows(warehouse, _NAMES, {"entity": entity})]
    return EditionCompany(entity, name, short_name(name, aliases), found[0]["ticker"], found[0]["cik"])


_FORMS: Final = (
    "Inc",
    "Inc.",
    "Incorporated",
    "Corporation",
    "Corp",
    "Corp.",
    "Company",
    "Co.",
    "Ltd",
    "Ltd.",
    "Limited",
    "plc",
    "PLC",
    "N.V.",
    "SE",
    "AG",
    "S.A.",
    "SpA",
    "S.p.A.",
    "LLC",
)


_LONGEST: Final = 60  # the most characters of a name in a headline


def short_name(name: str, aliases: Iterable[str]) -> str:
    """Shorten a company's name to another of its names that begins it, else to the name without "Inc.".

    >>> short_name("Meta Platforms, Inc.", ["Meta", "Meta Platforms, Inc."])
    'Meta'
    >>> short_name("Alphabet Inc.", ["Google"])
    'Alphabet'
    """
    known = sorted((alias for alias in aliases if alias and name.startswith(f"{alias} ")), key=len)
    words = name.split()
    while len(words) > 1 and words[-1] in _FORMS:
        words.pop()
    short = known[0] if known else " ".join(words).rstrip(",")
    return short if len(short) <= _LONGEST else f"{short[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _latest(figures: Iterable[EditionFigure], definition: Definition) -> str:
    quarters = [row for row in figures if row.span == "quarter" and row.value is not None]
    if not quarters:
        raise NothingMatchedError(
            f"{definition.name}: no quarter of {definition.entity} has {_join_metrics(definition.metrics)}"
        )
    return max(quarters, key=lambda row: row.period_end).fiscal_period


def operand_ids(figures: Iterable[EditionFigure]) -> set[str]:
    """Return the ids of the statements that figures and their bases are made of."""
    return {sign[1:] for row in figures for sign in (*row.operands, *row.base_operands)}


def read_evidence(
    warehouse: Warehouse, entity: str, ids: Iterable[str], statements: str = "statement"
) -> dict[str, Evidence]:
    """Read statements of a company, with the sources that state them, by id, from this view of statements."""
    query = _EVIDENCE.format(statements=statements)
    rows = read_records(warehouse, query, {"entity": entity, "ids": sorted(ids)}, Evidence)
    return {row.fact_id: row for row in rows}
