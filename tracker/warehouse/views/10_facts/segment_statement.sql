-- segment_statement: every standing statement about a part of a company, with its bounds and its place in the calendar
-- grain: fact_id
-- reads: segment_known, fiscal_year, qualifier, entity_label
-- units: value, low, high and the bounds in whole units of `unit`; days counts both ends
-- The columns are those of statement, and dimensions: the part as axis=member, several joined by semicolons.
with placed as (
    select
        f.fact_id,
        f.entity,
        f.concept,
        f.metric,
        f.dimensions,
        f.kind,
        f.period_start,
        f.period_end,
        f.value,
        f.low,
        f.high,
        case
            when f.low is not null or f.high is not null then f.low
            else f.value + cast(q.below * last_digit(f.decimals) as decimal(38, 6))
        end as bound_low,
        case
            when f.low is not null or f.high is not null then f.high
            else f.value + cast(q.above * last_digit(f.decimals) as decimal(38, 6))
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
        f.element,
        f.method,
        f.confidence,
        f.known_at,
        f.recorded_at,
        days_in(f.period_start, f.period_end) as days,
        y.fiscal_year,
        fiscal_quarter_of(days_in(y.period_start, f.period_end)) as fiscal_quarter,
        opens_year(y.period_start, f.period_start) as opens_year
    from segment_known f
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
            else span_of(p.days)
        end as span
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
    t.dimensions,
    t.kind,
    t.period_start,
    t.period_end,
    t.fiscal_year,
    t.fiscal_quarter,
    case
        when t.opens_year or t.fiscal_quarter = 4 or t.span in ('quarter', 'instant')
            then fiscal_label(t.span, t.fiscal_year, t.fiscal_quarter)
        when t.span = 'year' and month(t.period_end) = 12 and day(t.period_end) = 31
            then 'CY' || cast(year(t.period_end) as string)
    end as fiscal_period,
    calendar_quarter_of(t.period_end) as calendar_quarter,
    t.span,
    t.days,
    coalesce(t.opens_year and t.span = span_to_date(t.fiscal_quarter), false) as is_year_to_date,
    is_report_form(t.form) as is_report,
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
    t.element,
    t.method,
    t.confidence,
    t.known_at,
    t.recorded_at
from typed t
left join entity_label l on l.entity = t.entity
