-- figure: every metric of every company and period, with the one value that is shown and where it comes from
-- grain: entity, metric, span, fiscal_year, fiscal_quarter
-- reads: choice, entity_label
-- units: value, low and high in whole units of `unit`; span is quarter, half, nine_months or year
-- The value is the first of all candidates in the order of choice. rule says why it comes before the next one. If there
-- is no value, the reason stays.
select
    c.entity,
    l.name,
    l.ticker,
    l.cik,
    c.metric,
    c.span,
    c.fiscal_year,
    c.fiscal_quarter,
    c.fiscal_period,
    c.calendar_quarter,
    c.period_start,
    c.period_end,
    c.value,
    c.low,
    c.high,
    c.unit,
    c.method,
    c.operands,
    c.reason,
    c.reason_code,
    c.reason_parameters,
    c.definition,
    c.basis,
    c.rule,
    c.rule_code,
    c.rule_parameters,
    c.known_at
from choice c
left join entity_label l on l.entity = c.entity
where c.place = 1
