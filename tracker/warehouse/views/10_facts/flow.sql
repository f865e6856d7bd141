-- flow: each version of what a company stated for a period, with the basis it is on
-- grain: entity, concept, unit, period_start, period_end, version_no
-- reads: version, basis_change, metric_tag, scale_doubt
-- units: value and bounds in whole units; basis is what is netted against or added to the concept since its meaning changed
-- These are quarters, half-years, nine months and years that fit the company's calendar. Averages and per-share values
-- are not additive. A figure of a metric that is never below zero is in doubt if it is stated below zero, or with both
-- signs for one period and last below zero. A metric from which something is subtracted first is in doubt only if one
-- period has an amount with both signs. Parts of companies may be below zero, because eliminations are. A figure in the
-- wrong scale (scale_doubt) also has a basis of its own.
with unsigned as (
    select concept, min(sign_of(metric)) as sign
    from metric_tag
    group by concept
    having count(sign_of(metric)) = count(*)
),
below as (
    select distinct entity, concept, unit, period_start, period_end
    from version
    where value < 0 and concept in (select concept from unsigned) and not is_part(entity)
),
signed as (
    select
        v.entity, v.concept, v.unit, v.period_start, v.period_end, u.sign,
        min(v.value) as least, max(v.value) as greatest, max(case when v.is_latest then v.value end) as latest
    from version v
    join below b
        on b.entity = v.entity and b.concept = v.concept and b.unit = v.unit and b.period_start = v.period_start
        and b.period_end = v.period_end
    join unsigned u on u.concept = v.concept
    group by v.entity, v.concept, v.unit, v.period_start, v.period_end, u.sign
)
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
    case
        when s.entity is not null and (
            case when s.sign = 'net' then s.greatest = -s.least else s.greatest > 0 and least(v.value, s.latest) < 0 end
        ) then doubt_text('sign_unclear')
        when s.sign = 'positive' and v.value < 0 then doubt_text('sign_turned')
        when d.exponent is not null then doubt_text(
            case d.exponent
                when -3 then 'scale_thousandth'
                when -6 then 'scale_millionth'
                when 3 then 'scale_thousandfold'
                else 'scale_millionfold'
            end
        )
        when v.last_known_at >= b.changed_at then b.basis
    end as basis,
    adds_up(v.concept, v.unit) as is_additive
from version v
left join basis_change b on b.entity = v.entity and b.concept = v.concept
left join scale_doubt d
    on d.entity = v.entity and d.concept = v.concept and d.unit = v.unit and d.period_start = v.period_start
    and d.period_end = v.period_end and d.version_no = v.version_no
left join signed s
    on s.entity = v.entity and s.concept = v.concept and s.unit = v.unit and s.period_start = v.period_start
    and s.period_end = v.period_end
where v.fiscal_quarter is not null and v.span in ('quarter', 'half', 'nine_months', 'year')
