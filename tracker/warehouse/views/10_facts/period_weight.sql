-- period_weight: how many concepts and filings state each period, by form
-- grain: entity, kind, period_start, period_end, form
-- reads: period_concept, period_filing
-- units: counts; period_start and period_end are days, both included
with filed as (
    select entity, kind, period_start, period_end, form, count(*) as filings
    from period_filing
    group by entity, kind, period_start, period_end, form
)
select
    c.entity,
    c.kind,
    c.period_start,
    c.period_end,
    c.form,
    count(*) as concepts,
    coalesce(max(f.filings), 0) as filings
from period_concept c
left join filed f
    on f.entity = c.entity and f.kind = c.kind and f.period_end = c.period_end
    and coalesce(f.period_start, date '0001-01-01') = coalesce(c.period_start, date '0001-01-01')
    and coalesce(f.form, '') = coalesce(c.form, '')
group by c.entity, c.kind, c.period_start, c.period_end, c.form
