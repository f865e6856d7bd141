-- quarter_by_concept: discrete quarters of every concept a company files, reported or derived by subtraction
-- grain: entity, concept, unit, fiscal_year, fiscal_quarter
-- reads: version, flow, difference, fiscal_quarter, entity_label
-- units: value, low and high in whole units of `unit`; operands are signed fact_ids; days both included
-- Balances stand at the close of their quarter (span is instant): the day on which its flows end, or the one nearest to
-- it within ten days. A balance of any other day is not that of the quarter. Of two periods that are both about as long
-- as a quarter, the one with the days of the company's quarter counts: the other may be a part of it, such as the weeks
-- since another company was bought. A reported three-month value always comes before a difference, because a third of
-- differences are off by rounding. Otherwise the quarter is the year to date less the year to date a quarter earlier,
-- or less each quarter before it, all of one vintage (difference). Averages and per-share values are never subtracted.
-- A quarter that cannot be derived has a row with the reason. A quarter at whose end no statement closes has a row only
-- if it can be derived from a longer period that was not restated, and that was stated again with or after everything
-- that is subtracted from it. last_known_at is when the value was last stated, last_known_before when another value was
-- last stated, if there was one.
with reported as (
    select
        f.*,
        row_number() over (
            partition by f.entity, f.concept, f.unit, f.fiscal_year, f.fiscal_quarter
            order by
                abs(days_between(f.period_start, coalesce(q.period_start, f.period_start)))
                    + abs(days_between(f.period_end, coalesce(q.period_end, f.period_end))),
                f.statements desc, f.last_known_at desc, f.period_start
        ) as rn
    from flow f
    left join fiscal_quarter q
        on q.entity = f.entity and q.fiscal_year = f.fiscal_year and q.fiscal_quarter = f.fiscal_quarter
    where f.span = 'quarter' and f.is_latest
),
spoken as (
    select
        entity, concept, unit, fiscal_year, min(is_additive) as is_additive,
        max(case when span = 'quarter' and fiscal_quarter = 1 then 1 else 0 end) as first_quarters,
        max(case when span = 'quarter' and fiscal_quarter = 2 then 1 else 0 end) as second_quarters,
        max(case when span = 'quarter' and fiscal_quarter = 3 then 1 else 0 end) as third_quarters,
        max(reason_of_doubt(basis)) as doubt
    from flow
    group by entity, concept, unit, fiscal_year
),
asked as (
    select
        p.entity, p.concept, p.unit, p.is_additive, p.doubt, q.fiscal_year, q.fiscal_quarter, q.period_start, q.period_end,
        -- Whether each quarter before this one is stated as such.
        p.first_quarters + case when q.fiscal_quarter > 2 then p.second_quarters else 0 end
            + case when q.fiscal_quarter > 3 then p.third_quarters else 0 end = q.fiscal_quarter - 1 as has_quarters_before
    from spoken p
    join fiscal_quarter q on q.entity = p.entity and q.fiscal_year = p.fiscal_year
    union all
    -- What follows by subtraction for a quarter that no statement of the company begins or closes with.
    select
        p.entity, p.concept, p.unit, p.is_additive, p.doubt, d.fiscal_year, d.fiscal_quarter, d.period_start, d.period_end,
        false as has_quarters_before
    from difference d
    join spoken p
        on p.entity = d.entity and p.concept = d.concept and p.unit = d.unit and p.fiscal_year = d.fiscal_year
    left join fiscal_quarter q
        on q.entity = d.entity and q.fiscal_year = d.fiscal_year and q.fiscal_quarter = d.fiscal_quarter
    where d.place = 1 and d.is_settled and q.entity is null
),
stated_to_date as (
    select entity, concept, unit, fiscal_year, fiscal_quarter, max(reason_of_doubt(basis)) as doubt
    from flow
    where is_year_to_date
    group by entity, concept, unit, fiscal_year, fiscal_quarter
),
answered as (
    select
        a.entity,
        a.concept,
        a.unit,
        a.fiscal_year,
        a.fiscal_quarter,
        coalesce(r.period_start, d.period_start, a.period_start) as period_start,
        coalesce(r.period_end, d.period_end, a.period_end) as period_end,
        coalesce(r.value, d.value) as value,
        case when r.value is not null then r.bound_low else d.low end as low,
        case when r.value is not null then r.bound_high else d.high end as high,
        case when r.value is not null then 'reported' when d.value is not null then 'derived' end as method,
        case when r.value is not null then signed_id('+', r.fact_id) else d.operands end as operands,
        r.fact_id,
        case
            when r.value is not null or d.value is not null then cast(null as string)
            when not a.is_additive then 'average_not_stated'
            when a.fiscal_quarter = 1 then 'first_quarter_not_stated'
            when longer.concept is null then case a.fiscal_quarter
                when 2 then 'half_year_not_stated'
                when 3 then 'nine_months_not_stated'
                else 'year_not_stated'
            end
            when shorter.concept is null and not a.has_quarters_before then case a.fiscal_quarter
                when 2 then 'first_quarter_to_subtract_not_stated'
                when 3 then 'half_year_to_subtract_not_stated'
                else 'nine_months_to_subtract_not_stated'
            end
            when a.has_quarters_before and a.doubt is not null then a.doubt
            else coalesce(longer.doubt, shorter.doubt, 'year_to_date_on_no_vintage')
        end as reason_code,
        case when r.value is not null then r.basis else d.basis end as basis,
        coalesce(r.first_known_at, d.known_at) as known_at,
        case when r.value is not null then r.last_known_at else d.last_known_at end as last_known_at,
        case when r.value is not null then r.last_known_before else d.last_known_before end as last_known_before
    from asked a
    left join reported r
        on r.entity = a.entity and r.concept = a.concept and r.unit = a.unit
        and r.fiscal_year = a.fiscal_year and r.fiscal_quarter = a.fiscal_quarter and r.rn = 1
    left join difference d
        on d.entity = a.entity and d.concept = a.concept and d.unit = a.unit
        and d.fiscal_year = a.fiscal_year and d.fiscal_quarter = a.fiscal_quarter and d.place = 1
    left join stated_to_date longer
        on longer.entity = a.entity and longer.concept = a.concept and longer.unit = a.unit
        and longer.fiscal_year = a.fiscal_year and longer.fiscal_quarter = a.fiscal_quarter
    left join stated_to_date shorter
        on shorter.entity = a.entity and shorter.concept = a.concept and shorter.unit = a.unit
        and shorter.fiscal_year = a.fiscal_year and shorter.fiscal_quarter = a.fiscal_quarter - 1
),
balance as (
    select
        v.*,
        row_number() over (
            partition by v.entity, v.concept, v.unit, v.fiscal_year, v.fiscal_quarter
            order by abs(days_between(v.period_end, q.period_end)), v.statements desc, v.period_end desc
        ) as rn
    from version v
    left join fiscal_quarter q
        on q.entity = v.entity and q.fiscal_year = v.fiscal_year and q.fiscal_quarter = v.fiscal_quarter
    where v.span = 'instant' and v.fiscal_quarter is not null and v.is_latest
      and coalesce(abs(days_between(v.period_end, q.period_end)) <= 10, true)
),
complete as (
    select
        'quarter' as span, entity, concept, unit, fiscal_year, fiscal_quarter, period_start, period_end, value, low, high,
        method, operands, fact_id, reason_code, basis, known_at, last_known_at, last_known_before
    from answered
    union all
    select
        'instant' as span, entity, concept, unit, fiscal_year, fiscal_quarter, period_start, period_end, value,
        bound_low as low, bound_high as high, 'reported' as method, signed_id('+', fact_id) as operands,
        fact_id, cast(null as string) as reason_code, cast(null as string) as basis,
        first_known_at as known_at, last_known_at, last_known_before
    from balance
    where rn = 1
)
select
    c.entity,
    l.name,
    l.ticker,
    l.cik,
    c.concept,
    c.unit,
    c.span,
    c.fiscal_year,
    c.fiscal_quarter,
    fiscal_label(c.span, c.fiscal_year, c.fiscal_quarter) as fiscal_period,
    calendar_quarter_of(c.period_end) as calendar_quarter,
    c.period_start,
    c.period_end,
    c.value,
    c.low,
    c.high,
    c.method,
    c.operands,
    c.fact_id,
    reason_text(c.reason_code, no_parameters()) as reason,
    c.reason_code,
    no_parameters() as reason_parameters,
    c.basis,
    c.known_at,
    c.last_known_at,
    c.last_known_before
from complete c
left join entity_label l on l.entity = c.entity
