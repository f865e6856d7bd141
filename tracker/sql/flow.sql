-- flow: what a company has said of figures over days, each version with the basis it is on
-- grain: entity, concept, unit, period_start, period_end, version_no
-- reads: version, basis_change
-- units: value and bounds in whole units; basis is what is netted or added since the concept's meaning changed
-- Quarters, half-years, nine months and years that fit the company's calendar. Averages and per-share values are
-- not additive.
select
    v.*,
    case when v.last_known_at >= b.changed_at then b.basis end as basis,
    not (
        v.unit like '%/%' or v.unit in ('pure', 'ratio') or v.concept like '%Average%' or v.concept like '%PerShare%'
    ) as is_additive
from version v
left join basis_change b on b.entity = v.entity and b.concept = v.concept
where v.fiscal_quarter is not null and v.span in ('quarter', 'half', 'nine_months', 'year')
