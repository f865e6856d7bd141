-- flow: each version of what a company stated for a period, with the basis it is on
-- grain: entity, concept, unit, period_start, period_end, version_no
-- reads: version, basis_change
-- units: value and bounds in whole units; basis is what is netted against or added to the concept since its meaning
-- changed
-- These are quarters, half-years, nine months and years that fit the company's calendar. Averages and per-share values
-- are not additive.
select
    v.entity,
    v.concept,
    v.unit,
    v.period_start,
    v.period_end,
    v.fiscal_year,
    v.fiscal_quarter,
    v.span,
    v.is_year_to_date,
    v.version_no,
    v.value,
    v.bound_low,
    v.bound_high,
    v.fact_id,
    v.statements,
    v.first_known_at,
    v.last_known_at,
    v.last_known_before,
    v.next_known_at,
    v.is_latest,
    case when v.last_known_at >= b.changed_at then b.basis end as basis,
    adds_up(v.concept, v.unit) as is_additive
from version v
left join basis_change b on b.entity = v.entity and b.concept = v.concept
where v.fiscal_quarter is not null and v.span in ('quarter', 'half', 'nine_months', 'year')
