-- guidance: the forecast in force for every company, metric and target period
-- grain: entity, metric, unit, period_start, period_end
-- reads: guidance_history
-- units: low and high in whole units of `unit`; a one-sided bound leaves the other NULL; issued_at is UTC
-- The latest numbers stand until others replace them: a later remark in words leaves them in force. After a withdrawal
-- the row says withdrawn and has no numbers; low_before and high_before are the ones taken back.
with latest as (
    select
        h.*,
        row_number() over (
            partition by h.entity, h.metric, h.unit, h.period_start, h.period_end
            order by h.stretch desc, case when h.shape in ('relative', 'qualitative') then 1 else 0 end, h.step desc
        ) as rn
    from guidance_history h
)
select
    entity, name, ticker, cik, metric, concept, fiscal_period, calendar_quarter, period_start, period_end, issued_at,
    shape, low, high, value, unit, qualifier, quote, status, low_change, high_change, low_before, high_before, step,
    fact_id, source_id, accession
from latest
where rn = 1
