-- guidance_record: how a company's forecasts of a metric have turned out
-- grain: entity, metric, unit
-- reads: guidance_outcome
-- units: share_inside, mean_width_ratio and mean_bias_ratio are fractions; width and bias relative to the middle of the range
-- Of each target period only the first statement that was not withdrawn counts, so that late narrowing does not
-- flatter. If every forecast of a target was taken back, the target counts as withdrawn, neither kept nor missed. Bias
-- is the outcome against the middle of the range: above zero means that the company promises less than it delivers.
with first_word as (
    select
        o.*,
        row_number() over (
            partition by o.entity, o.metric, o.unit, o.period_start, o.period_end
            order by case when o.outcome = 'withdrawn' then 1 else 0 end, o.step
        ) as rn
    from guidance_outcome o
    where o.low is not null and o.high is not null
),
measured as (
    select
        f.*,
        (cast(f.low as double) + cast(f.high as double)) / 2 as middle,
        case when f.outcome in ('inside', 'above', 'below') then 1 end as is_completed
    from first_word f
    where f.rn = 1
)
select
    entity,
    name,
    ticker,
    cik,
    metric,
    unit,
    count(*) as targets,
    count(is_completed) as completed,
    count(case when outcome = 'withdrawn' then 1 end) as withdrawn,
    count(case when outcome = 'inside' then 1 end) as inside,
    count(case when outcome = 'above' then 1 end) as above,
    count(case when outcome = 'below' then 1 end) as below,
    cast(count(case when outcome = 'inside' then 1 end) as double) / nullif(count(is_completed), 0) as share_inside,
    avg((cast(high as double) - cast(low as double)) / nullif(abs(middle), 0)) as mean_width_ratio,
    avg(case when is_completed = 1 then cast(actual as double) / nullif(middle, 0) - 1 end) as mean_bias_ratio
from measured
group by entity, name, ticker, cik, metric, unit
