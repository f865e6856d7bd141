-- year_to_date_by_concept: half-years, nine months and years of every concept, reported or added up
-- grain: entity, concept, unit, fiscal_year, fiscal_quarter
-- reads: flow, quarter_by_concept, fiscal_year, entity_label
-- units: value, low and high in whole units of `unit`; fiscal_quarter 2 is the half-year, 3 nine months, 4 the year
-- A reported value comes before a sum. A sum needs every discrete quarter of the year so far. Averages, rates and
-- per-share values are never added up. last_known_at is when the value was last stated, last_known_before when another
-- value was last stated, if there was one.
with reported as (
    select
        f.*,
        row_number() over (
            partition by f.entity, f.concept, f.unit, f.fiscal_year, f.fiscal_quarter
            order by
                abs(days_between(f.period_start, y.period_start)), f.statements desc, f.last_known_at desc, f.period_start
        ) as rn
    from flow f
    left join fiscal_year y on y.entity = f.entity and y.fiscal_year = f.fiscal_year
    where f.is_year_to_date and f.is_latest and f.fiscal_quarter > 1
),
added as (
    select
        a.entity,
        a.concept,
        a.unit,
        a.fiscal_year,
        a.fiscal_quarter,
        min(q.period_start) as period_start,
        a.period_end,
        case
            when adds_up(a.concept, a.unit) and min(coalesce(q.basis, '')) = max(coalesce(q.basis, ''))
                and not bars_sums(max(q.basis)) then count(q.value)
            else 0
        end as quarters,
        max(q.basis) as basis,
        sum(q.value) as value,
        sum(q.low) as low,
        sum(q.high) as high,
        joined_terms(q.operands, q.fiscal_quarter) as operands,
        coalesce(
            min_by(case when q.value is null then q.reason_code end, case when q.value is null then q.fiscal_period end),
            max(case when q.value is not null then reason_of_doubt(q.basis) end),
            case when min(coalesce(q.basis, '')) <> max(coalesce(q.basis, '')) then 'quarters_on_two_bases' end
        ) as because,
        min(case when q.value is null then q.fiscal_period end) as unknown_period,
        max(q.known_at) as known_at,
        greatest(min(q.last_known_at), max(q.known_at)) as last_known_at,
        max(q.last_known_before) as last_known_before
    from quarter_by_concept a
    join quarter_by_concept q
        on q.entity = a.entity and q.concept = a.concept and q.unit = a.unit
        and q.fiscal_year = a.fiscal_year and q.fiscal_quarter <= a.fiscal_quarter
    where a.fiscal_quarter > 1
      and a.span = 'quarter'
      and q.span = 'quarter'
    group by a.entity, a.concept, a.unit, a.fiscal_year, a.fiscal_quarter, a.period_end
),
answered as (
    select
        a.entity,
        a.concept,
        a.unit,
        a.fiscal_year,
        a.fiscal_quarter,
        coalesce(r.period_start, y.period_start, a.period_start) as period_start,
        coalesce(r.period_end, a.period_end) as period_end,
        coalesce(r.value, case when a.quarters = a.fiscal_quarter then a.value end) as value,
        case when r.value is not null then r.bound_low when a.quarters = a.fiscal_quarter then a.low end as low,
        case when r.value is not null then r.bound_high when a.quarters = a.fiscal_quarter then a.high end as high,
        case when r.value is not null then 'reported' when a.quarters = a.fiscal_quarter then 'derived' end as method,
        case
            when r.value is not null then signed_id('+', r.fact_id)
            when a.quarters = a.fiscal_quarter then a.operands
        end as operands,
        r.fact_id,
        r.value is null and a.quarters < a.fiscal_quarter as is_unknown,
        case a.fiscal_quarter
            when 2 then 'half_year_not_stated'
            when 3 then 'nine_months_not_stated'
            else 'year_not_stated'
        end as not_stated,
        a.because,
        a.unknown_period,
        case when r.value is not null then r.basis when a.quarters = a.fiscal_quarter then a.basis end as basis,
        case when r.value is not null then r.first_known_at when a.quarters = a.fiscal_quarter then a.known_at end
            as known_at,
        case when r.value is not null then r.last_known_at when a.quarters = a.fiscal_quarter then a.last_known_at end
            as last_known_at,
        case
            when r.value is not null then r.last_known_before
            when a.quarters = a.fiscal_quarter then a.last_known_before
        end as last_known_before
    from added a
    left join reported r
        on r.entity = a.entity and r.concept = a.concept and r.unit = a.unit
        and r.fiscal_year = a.fiscal_year and r.fiscal_quarter = a.fiscal_quarter and r.rn = 1
    left join fiscal_year y on y.entity = a.entity and y.fiscal_year = a.fiscal_year
),
explained as (
    select
        *,
        case
            when not is_unknown then reason(null, no_parameters())
            when not adds_up(concept, unit) then reason(not_stated, no_parameters())
            when because is null then reason('not_stated_nor_added_up', parameter('reason', not_stated))
            when unknown_period is null
                then reason('not_stated_nor_added_up_because', two_parameters('reason', not_stated, 'because', because))
            else reason(
                'not_stated_nor_added_up_because',
                three_parameters('reason', not_stated, 'because', because, 'period', unknown_period)
            )
        end as why
    from answered
)
select
    c.entity,
    l.name,
    l.ticker,
    l.cik,
    c.concept,
    c.unit,
    c.fiscal_year,
    c.fiscal_quarter,
    fiscal_label(span_to_date(c.fiscal_quarter), c.fiscal_year, c.fiscal_quarter) as fiscal_period,
    calendar_quarter_of(c.period_end) as calendar_quarter,
    c.period_start,
    c.period_end,
    c.value,
    c.low,
    c.high,
    c.method,
    c.operands,
    c.fact_id,
    reason_text(c.why.code, c.why.parameters) as reason,
    c.why.code as reason_code,
    c.why.parameters as reason_parameters,
    c.basis,
    c.known_at,
    c.last_known_at,
    c.last_known_before
from explained c
left join entity_label l on l.entity = c.entity
