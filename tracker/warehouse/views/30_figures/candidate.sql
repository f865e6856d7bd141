-- candidate: every value a metric could have for a company and period, as filed or stated, in the order of choice
-- grain: entity, metric, span, fiscal_year, fiscal_quarter, concept, unit, operands
-- reads: quarter_by_concept, year_to_date_by_concept, flow, difference, version, statement, metric, metric_tag, tag_support, unit_use, pinned
-- units: value, low and high in whole units of `unit`; span is quarter, half, nine_months or year; place counts from 1
-- Each filed value has the place of its tag in metrics.toml (priority). A tag is stray if the company uses it in fewer
-- than half as many of the years around as another candidate of the same period. Procter & Gamble's Revenues of fiscal
-- 2014 is an example: it is a fraction of the SalesRevenueNet that it files every year. standing says where the value
-- comes from: latest is what a concept's figure is now; difference is what subtraction gives beside a reported quarter;
-- earlier is a version that was replaced since; days has another first or last day; form was stated in a filing that is
-- no report.
with latest as (
    select
        t.metric, t.priority, 'quarter' as span, q.entity, q.concept, q.unit, q.fiscal_year, q.fiscal_quarter,
        q.fiscal_period, q.calendar_quarter, q.period_start, q.period_end, q.value, q.low, q.high, q.method, q.operands,
        q.fact_id, q.reason_code, q.reason_parameters, q.basis, q.known_at, q.last_known_at, q.last_known_before
    from quarter_by_concept q
    join metric_tag t on t.concept = q.concept
    union all
    select
        t.metric, t.priority,
        span_to_date(y.fiscal_quarter) as span,
        y.entity, y.concept, y.unit, y.fiscal_year, y.fiscal_quarter,
        y.fiscal_period, y.calendar_quarter, y.period_start, y.period_end, y.value, y.low, y.high, y.method, y.operands,
        y.fact_id, y.reason_code, y.reason_parameters, y.basis, y.known_at, y.last_known_at, y.last_known_before
    from year_to_date_by_concept y
    join metric_tag t on t.concept = y.concept
    join metric m on m.metric = t.metric and m.type = 'duration'
),
supported as (
    select
        f.*,
        u.place as unit_place,
        s.years,
        max(s.years) over (
            partition by f.entity, f.metric, f.span, f.fiscal_year, f.fiscal_quarter
        ) as most_years
    from latest f
    left join unit_use u on u.entity = f.entity and u.metric = f.metric and u.unit = f.unit
    left join tag_support s
        on s.entity = f.entity and s.metric = f.metric and s.concept = f.concept and s.unit = f.unit
        and s.fiscal_year = f.fiscal_year and f.value is not null
),
-- What else was said or follows of the same concept and quarter.
said as (
    select
        entity, concept, unit, span, fiscal_year, fiscal_quarter, period_start, period_end, value, bound_low as low,
        bound_high as high, 'reported' as method,
        signed_id('+', fact_id) as operands, fact_id, basis, first_known_at as known_at, last_known_at, last_known_before,
        'earlier' as standing
    from flow
    where span = 'quarter' or is_year_to_date
    union all
    select
        entity, concept, unit, 'quarter' as span, fiscal_year, fiscal_quarter, period_start, period_end, value,
        bound_low as low, bound_high as high, 'reported' as method,
        signed_id('+', fact_id) as operands, fact_id, cast(null as string) as basis, first_known_at as known_at, last_known_at,
        last_known_before,
        'earlier' as standing
    from version
    where span = 'instant' and fiscal_quarter is not null
    union all
    select
        entity, concept, unit, 'quarter' as span, fiscal_year, fiscal_quarter, period_start, period_end, value, low,
        high, 'derived' as method,
        operands, cast(null as binary) as fact_id, basis, known_at, last_known_at, last_known_before,
        case when place = 1 then 'difference' else 'earlier' end as standing
    from difference
    union all
    select
        s.entity, s.concept, s.unit, case when s.span = 'instant' then 'quarter' else s.span end as span, s.fiscal_year,
        s.fiscal_quarter, s.period_start, s.period_end, s.value, s.bound_low as low, s.bound_high as high,
        'reported' as method,
        signed_id('+', s.fact_id) as operands, s.fact_id, cast(null as string) as basis, s.known_at, s.known_at as last_known_at,
        no_moment() as last_known_before, 'form' as standing
    from statement s
    join version v
        on v.entity = s.entity and v.concept = s.concept and v.unit = s.unit and v.period_end = s.period_end
        and coalesce(v.period_start, v.period_end) = coalesce(s.period_start, s.period_end) and v.is_report and v.is_latest
    where not s.is_report and s.kind = 'actual' and s.value is not null
      and (s.span in ('quarter', 'instant') or s.is_year_to_date)
),
gathered as (
    select
        entity, metric, span, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start, period_end, value,
        low, high, unit, method, operands, fact_id, reason_code, reason_parameters, concept, basis, priority,
        coalesce(2 * years < most_years, false) as is_stray, unit_place, cast(null as integer) as decimals, known_at,
        last_known_at, last_known_before, 'latest' as standing,
        case when value is null then tier('missing') else tier('filed') end as tier
    from supported
    union all
    select
        o.entity, l.metric, l.span, l.fiscal_year, l.fiscal_quarter, l.fiscal_period, l.calendar_quarter, o.period_start,
        o.period_end, o.value, o.low, o.high, o.unit, o.method, o.operands, o.fact_id,
        cast(null as string) as reason_code, no_parameters() as reason_parameters, o.concept, o.basis,
        l.priority, false as is_stray, 0 as unit_place, cast(null as integer) as decimals, o.known_at,
        o.last_known_at, o.last_known_before,
        case
            when l.period_end = o.period_end
                and coalesce(l.period_start, l.period_end) = coalesce(o.period_start, o.period_end) then o.standing
            else 'days'
        end as standing,
        tier('filed') as tier
    from said o
    join latest l
        on l.entity = o.entity and l.concept = o.concept and l.unit = o.unit and l.span = o.span
        and l.fiscal_year = o.fiscal_year and l.fiscal_quarter = o.fiscal_quarter
    where l.operands <> o.operands
    union all
    select
        s.entity, s.metric, s.span, s.fiscal_year, s.fiscal_quarter, s.fiscal_period, s.calendar_quarter, s.period_start,
        s.period_end, s.value, s.bound_low as low, s.bound_high as high, s.unit, 'stated' as method,
        signed_id('+', s.fact_id) as operands, s.fact_id,
        cast(null as string) as reason_code, no_parameters() as reason_parameters, s.concept, cast(null as string) as basis,
        0 as priority, false as is_stray, 0 as unit_place, s.decimals, s.known_at,
        s.known_at as last_known_at, no_moment() as last_known_before,
        'latest' as standing, tier('stated') as tier
    from statement s
    where s.kind = 'actual' and s.concept like 'stated:%' and s.value is not null and s.fiscal_period is not null
      and s.span in ('quarter', 'half', 'nine_months', 'year') and s.fiscal_quarter is not null
),
marked as (
    select
        g.*,
        p.reason as pin_reason,
        p.reason is not null as is_pinned
    from gathered g
    left join (
        select distinct c.entity, c.metric, c.span, c.fiscal_year, c.fiscal_quarter, c.concept, c.unit, c.operands, p.reason
        from gathered c
        join pinned p
            on p.entity = c.entity and p.metric = c.metric and p.fiscal_period = c.fiscal_period
            and (
                p.chosen = c.concept
                or adds_statement(c.operands, p.fact_id)
                or (
                    p.concept = c.concept and p.unit = c.unit and p.value = c.value and p.period_end = c.period_end
                    and coalesce(p.period_start, p.period_end) = coalesce(c.period_start, c.period_end)
                )
            )
        where c.value is not null
    ) p
        on p.entity = g.entity and p.metric = g.metric and p.span = g.span and p.fiscal_year = g.fiscal_year
        and p.fiscal_quarter = g.fiscal_quarter and p.concept = g.concept and p.unit = g.unit and p.operands = g.operands
)
select
    m.*,
    reason_text(m.reason_code, m.reason_parameters) as reason,
    row_number() over (
        partition by m.entity, m.metric, m.span, m.fiscal_year, m.fiscal_quarter
        order by
            m.is_pinned desc,
            m.tier,
            case m.standing when 'latest' then 0 when 'difference' then 1 when 'earlier' then 2 when 'days' then 3 else 4 end,
            m.is_stray,
            m.priority,
            m.unit_place nulls last,
            m.decimals desc nulls last,
            m.high - m.low nulls last,
            m.known_at,
            m.unit,
            m.operands
    ) as place
from marked m
