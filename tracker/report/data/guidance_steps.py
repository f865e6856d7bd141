"""What a report on a company's forecasts is made of: each step with its outcome, the record, and the figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tracker.errors import NothingMatchedError
from tracker.report.data.edition import Guided, read_company, read_edition
from tracker.report.data.rows import read_records, read_rows
from tracker.report.text.labels import (
    span_of,
)
from tracker.report.text.words import noun_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from tracker.report.data.edition import Edition, EditionCompany, EditionFigure
    from tracker.report.definition import Definition
    from tracker.report.text.language import Language
    from tracker.warehouse.reader import Warehouse


__all__ = ["GuidanceSteps", "Outcome", "Record", "Subject", "choose_target", "read_guidance"]

_STEPS: Final = """
    select
        h.metric, h.fiscal_period, h.period_start, h.period_end, cast(h.issued_at as date) as issued_on,
        cast(h.superseded_at as date) as superseded_on, h.low, h.high, h.unit, h.status, h.low_change, h.high_change,
        h.quote, h.source_id, h.accession, s.publisher, s.title, s.url, h.calendar_quarter,
        coalesce(m.label, h.metric) as label, o.outcome, o.position, o.actual, o.so_far, o.quarters_so_far,
        o.left_low, o.left_high, o.reason, o.reason_code,
        o.reason_parameters, h.step
    from guidance_history h
    left join guidance_outcome o on o.fact_id = h.fact_id
    left join source s on s.source_id = h.source_id
    left join metric m on m.metric = h.metric
    where h.entity = $entity and list_contains($metrics, h.metric) and h.unit <> 'ratio'
    order by h.metric, h.period_end, h.fiscal_period, h.step
"""
_RECORD: Final = """
    select metric, unit, targets, completed, inside, above, below, share_inside, mean_width_ratio, mean_bias_ratio
    from guidance_record where entity = $entity and list_contains($metrics, metric) and unit <> 'ratio'
    order by metric, unit
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One step of a forecast and its outcome: a row of `guidance_outcome` beside its `Guided`."""

    guided: Guided
    calendar_quarter: str | None
    label: str
    step: int
    outcome: str | None
    position: Decimal | None
    actual: Decimal | None
    so_far: Decimal | None
    left_low: Decimal | None
    left_high: Decimal | None
    reason: str | None
    reason_code: str | None
    reason_parameters: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Subject:
    """The metric that a forecast is about. `is_calendar` says that its fiscal year is the calendar year."""

    metric: str
    label: str
    unit: str
    is_calendar: bool


@dataclass(frozen=True, slots=True)
class Record:
    """How a company's forecasts of a metric turned out: a row of `guidance_record`."""

    metric: str
    unit: str
    targets: int
    completed: int
    inside: int
    above: int
    below: int
    share_inside: Decimal | None
    mean_width_ratio: Decimal | None
    mean_bias_ratio: Decimal | None


@dataclass(frozen=True, slots=True)
class GuidanceSteps:
    """Everything the report shows. `edition` has the figures that the forecasts are about; None if there are none."""

    language: Language
    definition: Definition
    company: EditionCompany
    steps: tuple[Outcome, ...]
    records: tuple[Record, ...]
    edition: Edition | None

    def find_subject(self, step: Outcome) -> Subject:
        """Find what a forecast is about: as the company's figures of the metric say, else as the forecast says."""
        guided = step.guided
        rows = [row for row in self.edition.figures if row.metric == guided.metric] if self.edition else []
        if rows:
            return Subject(rows[-1].metric, rows[-1].label, rows[-1].unit, rows[-1].is_calendar)
        is_calendar = _is_calendar(guided.fiscal_period, step.calendar_quarter)
        return Subject(guided.metric, step.label, guided.unit, is_calendar)

    def name_metric(self, step: Outcome) -> str:
        """Name the metric of a forecast as a noun."""
        subject = self.find_subject(step)
        return noun_of(self.language, subject.metric, subject.label).name

    def find_year_to_date(self, step: Outcome) -> tuple[EditionFigure, ...]:
        """Return the sums of the metric by the end of each quarter of the forecast's fiscal year."""
        if self.edition is None:
            return ()
        return self.edition.year_to_date(step.guided.metric, int(step.guided.fiscal_period[2:]))

    def find_number(self, step: Outcome) -> int:
        """Return the number of a step, counted from 1 in the order of the steps."""
        return [one.guided for one in self.steps].index(step.guided) + 1


def read_guidance(warehouse: Warehouse, definition: Definition, language: Language) -> GuidanceSteps:
    """Read all forecasts of the metrics of a definition; NothingMatchedError if the company gave none."""
    keys = {"entity": definition.entity, "metrics": list(definition.metrics)}
    company = read_company(warehouse, definition.entity)
    steps = tuple(_make_outcome(row) for row in read_rows(warehouse, _STEPS, keys))
    if not steps:
        raise NothingMatchedError(f"{definition.name}: {company.short} guided to no {', '.join(definition.metrics)}")
    records = tuple(read_records(warehouse, _RECORD, keys, Record))
    edition = _read_figures(language, warehouse, definition, steps)
    return GuidanceSteps(language, definition, company, steps, records, edition)


_KEYS: Final = (
    "calendar_quarter",
    "label",
    "step",
    "outcome",
    "position",
    "actual",
    "so_far",
    "left_low",
    "left_high",
    "reason",
    "reason_code",
    "reason_parameters",
)


def _make_outcome(row: Mapping[str, object]) -> Outcome:
    guided = Guided(**{name: row[name] for name in Guided.__slots__})  # type: ignore[arg-type]
    return Outcome(guided, **{name: row[name] for name in _KEYS})  # type: ignore[arg-type]


def _read_figures(
    language: Language, warehouse: Warehouse, definition: Definition, steps: Sequence[Outcome]
) -> Edition | None:
    """Read the figures that the forecasts are about, and put all forecasts beside them; None if there are none."""
    guided = tuple(step.guided for step in steps)
    any_period = replace(definition, period=None)
    try:
        edition = read_edition(warehouse, any_period, language, is_bare=True)
    except NothingMatchedError:
        return None
    return replace(edition, definition=definition, guided=guided)


def choose_target(definition: Definition, steps: Sequence[Outcome]) -> tuple[str, str]:
    """Choose the metric and period of the headline: those of the definition, else the first metric's latest promise."""
    for metric in definition.metrics:
        of = [step.guided for step in steps if step.guided.metric == metric]
        if definition.period is not None:
            of = [step for step in of if step.fiscal_period == definition.period]
        if of:
            return metric, max(of, key=lambda step: (_is_definite(step), step.issued_on, step.period_end)).fiscal_period
    raise NothingMatchedError(f"{definition.name}: no guidance for {definition.period}")


def _is_definite(step: Guided) -> bool:
    """Return whether a step gives a number or takes one back; words such as "significantly more" do neither."""
    return step.low is not None or step.high is not None or step.status == "withdrawn"


def _is_calendar(target: str, calendar_quarter: str | None) -> bool:
    """Return whether the company's own label of a period is also the calendar's."""
    if span_of(target) == "quarter":
        return target == calendar_quarter
    year = target[2:] if span_of(target) == "year" else target[:4]
    return calendar_quarter == f"{year}Q4"
