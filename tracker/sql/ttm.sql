-- ttm: the last four quarters together, for metrics that may be added up
-- grain: entity, metric, fiscal_period
-- reads: figure, metric
-- units: value, low and high in whole units of `unit`; operands are signed fact_ids
-- All four quarters by the company's calendar must be there; one missing makes the sum not derivable, with the
-- reason, and never shifts the window.
with quarters as (
    select f.*, f.fiscal_year * 4 + f.fiscal_quarter as quarter_index
    from figure f
    join metric m on m.metric = f.metric and m.is_additive
    where f.span = 'quarter'
),
summed as (
    select
        v.entity,
        v.name,
        v.ticker,
        v.cik,
        v.metric,
        v.fiscal_year,
        v.fiscal_quarter,
        v.fiscal_period,
        v.calendar_quarter,
        v.period_end,
        v.unit,
        min(q.period_start) as period_start,
        count(q.value) = 4 and min(q.unit) = max(q.unit) as is_whole,
        sum(q.value) as value,
        case when count(q.low) = 4 then sum(q.low) end as low,
        case when count(q.high) = 4 then sum(q.high) end as high,
        max(case when q.quarter_index = v.quarter_index - 3 then q.operands end)
            || ' ' || max(case when q.quarter_index = v.quarter_index - 2 then q.operands end)
            || ' ' || max(case when q.quarter_index = v.quarter_index - 1 then q.operands end)
            || ' ' || max(case when q.quarter_index = v.quarter_index then q.operands end) as operands,
        min(case when q.value is null then q.fiscal_period || ': ' || q.reason end) as reason,
        max(q.known_at) as known_at
    from quarters v
    join quarters q
        on q.entity = v.entity and q.metric = v.metric
        and q.quarter_index between v.quarter_index - 3 and v.quarter_index
    group by
        v.entity, v.name, v.ticker, v.cik, v.metric, v.fiscal_year, v.fiscal_quarter, v.fiscal_period,
        v.calendar_quarter, v.period_end, v.unit, v.quarter_index
)
select
    entity, name, ticker, cik, metric, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start, period_end,
    case when is_whole then value end as value,
    case when is_whole then low end as low,
    case when is_whole then high end as high,
    unit,
    case when is_whole then operands end as operands,
    case when not is_whole then coalesce(reason, 'fewer than four consecutive quarters are known') end as reason,
    case when is_whole then known_at end as known_at
from summed
