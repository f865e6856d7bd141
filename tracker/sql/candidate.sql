-- candidate: every value a metric could have for a company and period, before one is chosen
-- grain: entity, metric, span, fiscal_year, fiscal_quarter, concept, unit, operands
-- reads: quarter_by_concept, year_to_date_by_concept, statement, metric, metric_tag
-- units: value, low and high in whole units of `unit`; span is quarter, half, nine_months or year
-- Filed values come with the place of their tag in metrics.toml (priority). A tag is stray where the company uses
-- it in fewer than half as many of the years around as another candidate of the same period: Procter & Gamble's
-- Revenues of fiscal 2014 is such a one, a fraction of the SalesRevenueNet it files every year.
with filed as (
    select
        t.metric, t.priority, 'quarter' as span, q.entity, q.concept, q.unit, q.fiscal_year, q.fiscal_quarter,
        q.fiscal_period, q.calendar_quarter, q.period_start, q.period_end, q.value, q.low, q.high, q.method, q.operands,
        q.reason, q.basis, q.known_at
    from quarter_by_concept q
    join metric_tag t on t.concept = q.concept
    union all
    select
        t.metric, t.priority,
        case y.fiscal_quarter when 2 then 'half' when 3 then 'nine_months' else 'year' end,
        y.entity, y.concept, y.unit, y.fiscal_year, y.fiscal_quarter,
        y.fiscal_period, y.calendar_quarter, y.period_start, y.period_end, y.value, y.low, y.high, y.method, y.operands,
        y.reason, y.basis, y.known_at
    from year_to_date_by_concept y
    join metric_tag t on t.concept = y.concept
    join metric m on m.metric = t.metric and m.type = 'duration'
),
-- How many of the five years around one a company uses a tag in, and how often in all.
used as (
    select distinct entity, metric, concept, unit, fiscal_year from filed where value is not null
),
support as (
    select u.entity, u.metric, u.concept, u.unit, u.fiscal_year, count(*) as years
    from used u
    join used o
        on o.entity = u.entity and o.metric = u.metric and o.concept = u.concept and o.unit = u.unit
        and o.fiscal_year between u.fiscal_year - 2 and u.fiscal_year + 2
    group by u.entity, u.metric, u.concept, u.unit, u.fiscal_year
),
usage as (
    select entity, metric, unit, count(value) as uses from filed group by entity, metric, unit
),
supported as (
    select
        f.*,
        u.uses,
        s.years,
        max(s.years) over (
            partition by f.entity, f.metric, f.span, f.fiscal_year, f.fiscal_quarter
        ) as most_years
    from filed f
    join usage u on u.entity = f.entity and u.metric = f.metric and u.unit = f.unit
    left join support s
        on s.entity = f.entity and s.metric = f.metric and s.concept = f.concept and s.unit = f.unit
        and s.fiscal_year = f.fiscal_year and f.value is not null
)
select
    entity, metric, span, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start, period_end, value, low,
    high, unit, method, operands, reason, concept, basis, priority, coalesce(2 * years < most_years, false) as is_stray, uses,
    cast(null as integer) as decimals, known_at
from supported
union all
select
    s.entity, s.metric, s.span, s.fiscal_year, s.fiscal_quarter, s.fiscal_period, s.calendar_quarter, s.period_start,
    s.period_end, s.value, s.bound_low, s.bound_high, s.unit, 'stated', '+' || lower(hex(s.fact_id)), cast(null as varchar),
    s.concept, cast(null as varchar), 100, false, 0, s.decimals, s.known_at
from statement s
where s.kind = 'actual' and s.concept like 'stated:%' and s.value is not null and s.fiscal_period is not null
  and s.span in ('quarter', 'half', 'nine_months', 'year') and s.fiscal_quarter is not null
