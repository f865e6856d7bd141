-- guidance_outcome: what became of every forecast, on the guided definition alone
-- grain: fact_id
-- reads: guidance_history, figure, yoy, metric
-- units: low, high, actual and left_* in whole units of `unit` (fractions for guided growth); position is 0 at the low
-- end and 1 at the high end; days count from issue to the day the outcome was known
-- outcome: inside, above, below once the target period is complete; open while it is not, with what has been
-- reported so far and what the rest must total; incomparable where the guided definition is none of the metrics;
-- unquantified where nothing was promised in numbers. Ends count as inside. days is NULL where a text alone
-- gives the outcome: when that became public is not recorded.
with actual as (
    select entity, metric, fiscal_period, unit, value, method, operands, known_at
    from figure
    where value is not null
    union all
    select entity, metric, fiscal_period, 'ratio', cast(yoy_ratio as decimal(38, 6)), method, operands, known_at
    from yoy
    where yoy_status = 'ok' and unit <> 'ratio'
),
so_far as (
    select entity, metric, fiscal_year, unit, sum(value) as value, count(*) as quarters
    from figure
    where span = 'quarter' and value is not null
    group by entity, metric, fiscal_year, unit
),
joined as (
    select
        h.*,
        a.value as actual,
        a.method as actual_method,
        a.operands as actual_operands,
        a.known_at as actual_known_at,
        case when h.span = 'year' and a.value is null then s.value end as so_far,
        case when h.span = 'year' and a.value is null then s.quarters end as quarters_so_far,
        k.metric is not null as is_canonical
    from guidance_history h
    left join actual a
        on a.entity = h.entity and a.metric = h.metric and a.fiscal_period = h.fiscal_period and a.unit = h.unit
    left join so_far s
        on s.entity = h.entity and s.metric = h.metric and s.fiscal_year = h.fiscal_year and s.unit = h.unit
    left join metric k on k.metric = h.metric
)
select
    j.fact_id,
    j.entity,
    j.name,
    j.ticker,
    j.cik,
    j.metric,
    j.fiscal_period,
    j.calendar_quarter,
    j.period_start,
    j.period_end,
    j.issued_at,
    j.superseded_at,
    j.step,
    j.status,
    j.low,
    j.high,
    j.value,
    j.unit,
    j.qualifier,
    j.actual,
    j.actual_method,
    j.actual_operands,
    j.actual_known_at,
    case
        when j.low is null and j.high is null then 'unquantified'
        when j.actual is not null and j.actual < j.low then 'below'
        when j.actual is not null and j.actual > j.high then 'above'
        when j.actual is not null then 'inside'
        when not j.is_canonical then 'incomparable'
        else 'open'
    end as outcome,
    case
        when j.actual is not null and j.high > j.low
            then cast(j.actual - j.low as double) / nullif(cast(j.high - j.low as double), 0)
    end as position,
    case when j.actual_method <> 'stated' then days_between(j.issued_at, j.actual_known_at) end as days,
    j.so_far,
    cast(j.quarters_so_far as integer) as quarters_so_far,
    j.low - j.so_far as left_low,
    j.high - j.so_far as left_high,
    case
        when j.low is null and j.high is null then 'no number was promised'
        when j.actual is null and not j.is_canonical then j.metric || ' is another definition than any metric that is kept'
        when j.actual is null and j.fiscal_period is null then 'the target period is none of the company''s calendar'
        when j.actual is null and j.so_far is null then 'nothing of the target period is known'
        when j.actual is null
            then cast(j.quarters_so_far as varchar) || ' of 4 quarters are known'
    end as reason
from joined j
