-- guidance: the forecast in force for every company, metric and target period
-- grain: entity, metric, unit, period_start, period_end
-- reads: guidance_history
-- units: low and high in whole units of `unit`; a one-sided bound leaves the other NULL; issued_at is UTC
with latest as (
    select
        h.*,
        row_number() over (
            partition by h.entity, h.metric, h.unit, h.period_start, h.period_end order by h.step desc
        ) as rn
    from guidance_history h
)
select
    entity, name, ticker, cik, metric, concept, fiscal_period, calendar_quarter, period_start, period_end, issued_at,
    low, high, value, unit, qualifier, quote, status, low_change, high_change, step, fact_id, source_id, accession
from latest
where rn = 1
