-- segment_growth: figures of the parts of companies, and the year before, by the rules for whole companies
-- grain: entity, dimensions, cut_at, metric, span, fiscal_period
-- reads: segment_part, fiscal_year, fiscal_quarter, entity_label, metric_definition, pin_in_force, metric, metric_tag, qualifier, split
-- units: value and base in whole units of `unit`; ratio, ratio_low, ratio_high are fractions (0.25 is +25%); cut_at is a moment, NULL for the first cut that is known
-- Each part as it was cut stands in place of a company, with the company's calendar, splits, name and definitions. The
-- line in braces stands for the view growth and everything it reads, with these inputs in place of its own.
with part as (
    select distinct part, entity, dimensions, axes, cut_at from segment_part
),
part_fact as (
    select
        part as entity, fact_id, concept, metric, kind, period_start, period_end, value, low, high, unit, decimals,
        qualifier, source_id, accession, form, language, span_start, span_end, quote, element, method, confidence,
        known_at, recorded_at
    from segment_part
),
part_year as (
    select p.part as entity, y.fiscal_year, y.period_start, y.period_end, y.basis
    from fiscal_year y
    join part p on p.entity = y.entity
),
part_quarter as (
    select p.part as entity, q.fiscal_year, q.fiscal_quarter, q.period_start, q.period_end
    from fiscal_quarter q
    join part p on p.entity = q.entity
),
part_split as (
    select p.part as entity, s.known_at, s.ratio, s.is_confirmed
    from split s
    join part p on p.entity = s.entity
),
part_label as (
    select p.part as entity, l.name, l.ticker, l.cik
    from entity_label l
    join part p on p.entity = l.entity
),
part_definition as (
    select p.part as entity, d.metric, d.part_no, d.part, d.weight, d.definition, d.parts
    from metric_definition d
    join part p on p.entity = d.entity
)
select
    p.entity, p.dimensions, p.axes, p.cut_at, g.name, g.ticker, g.cik, g.metric, g.span, g.fiscal_year, g.fiscal_quarter,
    g.fiscal_period, g.calendar_quarter, g.period_start, g.period_end, g.value, g.low, g.high, g.unit, g.method,
    g.definition, g.base, g.base_low, g.base_high, g.base_period, g.base_method, g.base_definition, g.base_basis,
    g.ratio, g.ratio_low, g.ratio_high, g.status, g.reason_code, g.reason_parameters, g.operands, g.base_operands,
    g.known_at
from (
    {growth over fact_known = part_fact, fiscal_year = part_year, fiscal_quarter = part_quarter, entity_label = part_label, split = part_split, metric_definition = part_definition}
) g
join part p on p.part = g.entity
where g.against = 'year'
