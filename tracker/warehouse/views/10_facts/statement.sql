-- statement: every standing fact, with its bounds and its place in the company's own calendar
-- grain: fact_id
-- reads: fact_known, fiscal_year, qualifier, entity_label
-- units: value, low, high and the bounds in whole units of `unit`; days counts both ends
-- Bounds: a range has its two ends, and a point reaches as far as its last printed digit and its qualifier allow. The
-- length of a period decides its kind (span), in tight windows: 12 to 14 weeks are a quarter (16 or 17 for retailers).
-- A period that fits no window is 'other', never the nearest kind. Its place is the fiscal year and quarter it ends in.
-- is_report is true for annual and quarterly reports and for statements without a form, and false for proxy statements,
-- 8-Ks and the like.
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
        bound_of(f.value, f.low, f.high, f.low, q.below, f.decimals) as bound_low,
        bound_of(f.value, f.low, f.high, f.high, q.above, f.decimals) as bound_high,
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
    from fact_known f
    join qualifier q on q.qualifier = f.qualifier
    left join fiscal_year y
        on y.entity = f.entity and f.period_end between y.period_start and y.period_end
),
typed as (
    select
        p.*,
        span_between(p.period_start, p.period_end) as span
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
    period_label(t.opens_year, t.span, t.fiscal_year, t.fiscal_quarter, t.period_end) as fiscal_period,
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
