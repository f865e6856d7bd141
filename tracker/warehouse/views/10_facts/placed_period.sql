-- placed_period: the periods that companies give figures for, with their place in the company's own calendar
-- grain: entity, concept, period_start, period_end, form
-- reads: period_concept, fiscal_year
-- units: both days are included; fiscal_year and fiscal_quarter are NULL if the calendar has no place for the period
select
    c.entity,
    c.concept,
    c.form,
    c.period_start,
    c.period_end,
    y.fiscal_year,
    fiscal_quarter_of(days_in(y.period_start, c.period_end)) as fiscal_quarter,
    span_of(days_in(c.period_start, c.period_end)) as span,
    opens_year(y.period_start, c.period_start) as opens_year
from period_concept c
left join fiscal_year y
    on y.entity = c.entity and c.period_end between y.period_start and y.period_end
where c.kind = 'actual' and c.period_start is not null
