-- statement: every standing fact with its bounds and its place in the company's own calendar
-- grain: fact_id
-- reads: fact_known, fiscal_year, qualifier, entity_label
-- units: value, low, high and the bounds in whole units of `unit`; days counts both ends
-- Bounds: a range is its two ends; a point reaches as far as its last printed digit and its qualifier allow.
-- A period's kind (span) is decided by its length in tight windows: 12 to 14 weeks are a quarter (16 or 17 for
-- retailers), what fits no window is 'other', never the nearest one. Its place is where it ends in the fiscal year.
-- is_report tells annual and quarterly reports, and what names no form, from proxy statements, 8-Ks and the like.
with placed as (
    select
        f.fact_id,
        f.entity,
        f.concept,
        f.metric,
        f.kind,
        f.period_start,
        f.period_end,
        f.value,
        f.low,
        f.high,
        case
            when f.low is not null or f.high is not null then f.low
            else f.value + cast(q.below * power(10, -coalesce(f.decimals, 6)) as decimal(38, 6))
        end as bound_low,
        case
            when f.low is not null or f.high is not null then f.high
            else f.value + cast(q.above * power(10, -coalesce(f.decimals, 6)) as decimal(38, 6))
        end as bound_high,
        f.unit,
        f.decimals,
        f.qualifier,
        f.source_id,
        f.accession,
        f.form,
        f.language,
        f.span_start,
        f.span_end,
        f.quote,
        f.method,
        f.confidence,
        f.known_at,
        f.recorded_at,
        case when f.period_start is not null then days_between(f.period_start, f.period_end) + 1 end as days,
        y.fiscal_year,
        days_between(y.period_start, f.period_end) + 1 as days_into_year,
        abs(days_between(y.period_start, f.period_start)) <= 7 as opens_year
    from fact_known f
    join qualifier q on q.qualifier = f.qualifier
    left join fiscal_year y
        on y.entity = f.entity and f.period_end between y.period_start and y.period_end
),
typed as (
    select
        p.*,
        case
            when p.period_end is null then 'unknown'
            when p.period_start is null then 'instant'
            when p.days between 83 and 99 or p.days in (112, 119) then 'quarter'
            when p.days in (168, 175, 196) or p.days between 180 and 190 then 'half'
            when p.days in (252, 259) or p.days between 272 and 287 then 'nine_months'
            when p.days between 363 and 373 then 'year'
            else 'other'
        end as span,
        case
            when p.days_into_year between 76 and 120 then 1
            when p.days_into_year between 160 and 204 then 2
            when p.days_into_year between 244 and 294 then 3
            when p.days_into_year >= 350 then 4
        end as fiscal_quarter
    from placed p
)
select
    t.fact_id,
    t.entity,
    l.name,
    l.ticker,
    l.cik,
    t.concept,
    t.metric,
    t.kind,
    t.period_start,
    t.period_end,
    t.fiscal_year,
    t.fiscal_quarter,
    case
        when t.span in ('quarter', 'instant') then cast(t.fiscal_year as varchar) || 'Q' || cast(t.fiscal_quarter as varchar)
        when t.span = 'half' and t.fiscal_quarter = 2 and t.opens_year then cast(t.fiscal_year as varchar) || 'H1'
        when t.span = 'half' and t.fiscal_quarter = 4 then cast(t.fiscal_year as varchar) || 'H2'
        when t.span = 'nine_months' and t.fiscal_quarter = 3 and t.opens_year then cast(t.fiscal_year as varchar) || 'M9'
        when t.span = 'year' and t.fiscal_quarter = 4 then 'FY' || cast(t.fiscal_year as varchar)
        when t.span = 'year' and month(t.period_end) = 12 and day(t.period_end) = 31
            then 'CY' || cast(year(t.period_end) as varchar)
    end as fiscal_period,
    cast(year(add_days(t.period_end, -45)) as varchar) || 'Q' || cast(quarter(add_days(t.period_end, -45)) as varchar)
        as calendar_quarter,
    t.span,
    t.days,
    coalesce(t.opens_year, false) and case t.span
        when 'quarter' then t.fiscal_quarter = 1
        when 'half' then t.fiscal_quarter = 2
        when 'nine_months' then t.fiscal_quarter = 3
        when 'year' then t.fiscal_quarter = 4
        else false
    end as is_year_to_date,
    t.form is null or t.form like '10-K%' or t.form like '10-Q%' or t.form like '20-F%' or t.form like '40-F%' as is_report,
    t.value,
    t.low,
    t.high,
    t.bound_low,
    t.bound_high,
    t.unit,
    t.decimals,
    t.qualifier,
    t.source_id,
    t.accession,
    t.form,
    t.language,
    t.span_start,
    t.span_end,
    t.quote,
    t.method,
    t.confidence,
    t.known_at,
    t.recorded_at
from typed t
left join entity_label l on l.entity = t.entity
