-- stated_sum: half-years, nine months and years that are the sum of quarters which only texts state
-- grain: entity, metric, span, fiscal_year, fiscal_quarter
-- reads: candidate, metric
-- units: value, low and high in whole units of `unit`; operands are signed fact_ids
-- If no filing states the quarters, none states the year so far. All its quarters must be there, in one unit.
select
    q.entity, q.metric, e.span, q.fiscal_year, e.fiscal_quarter,
    fiscal_label(e.span, q.fiscal_year, e.fiscal_quarter) as fiscal_period,
    max(q.calendar_quarter) as calendar_quarter,
    min(q.period_start) as period_start, max(q.period_end) as period_end, sum(q.value) as value, sum(q.low) as low,
    sum(q.high) as high, max(q.unit) as unit, max(q.concept) as concept, min(q.decimals) as decimals,
    max(q.known_at) as known_at,
    greatest(min(q.last_known_at), max(q.known_at)) as last_known_at,
    max(q.last_known_before) as last_known_before,
    joined_terms(q.operands, q.fiscal_quarter) as operands
from candidate q
join (values ('half', 2), ('nine_months', 3), ('year', 4)) e(span, fiscal_quarter)
    on q.fiscal_quarter <= e.fiscal_quarter
join metric m on m.metric = q.metric and m.is_additive
where q.place = 1 and q.span = 'quarter' and q.method = 'stated' and q.low is not null and q.high is not null
group by q.entity, q.metric, e.span, q.fiscal_year, e.fiscal_quarter
having count(*) = e.fiscal_quarter and min(q.unit) = max(q.unit)
