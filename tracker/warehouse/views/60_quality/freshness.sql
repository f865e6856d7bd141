-- freshness: when each company's next report is due, from its own calendar and its usual lag
-- grain: entity
-- reads: periodic_report, fiscal_year, entity_label
-- units: *_date and *_end are days; usual_lag_days counts from the close of a period to its report (a median)
-- A report is an annual or quarterly filing. It covers the last period it gives flows for, whatever the form is called.
-- The next report is expected for the next of the quarters that the company has reported in the last two years. So no
-- quarters are expected of a company that reports once a year. A company known for less than a year that has reported a
-- quarter reports every quarter. A company that closes by the week has a 14th week only in a quarter that had one in
-- the last seven years, and only if that brings the close nearer to its usual place in the month. Lags are those of the
-- last three years, annual and quarterly reports apart. After expected_date a report is late; after stale_date (the
-- latest day of those years, and a week) it is missing. If nothing can be expected, reason says why. Texts alone set no
-- date.
with placed as (
    select
        f.entity,
        f.period_end,
        y.fiscal_year,
        fiscal_quarter_of(days_in(y.period_start, f.period_end)) as fiscal_quarter,
        min(f.known_at) as known_at
    from periodic_report f
    join fiscal_year y on y.entity = f.entity and f.period_end between y.period_start and y.period_end
    group by f.entity, f.period_end, y.fiscal_year, y.period_start
),
-- How far a company's periods close from the end of a month: 0 by the month, up to a week by the week.
report as (
    select
        p.*,
        row_number() over (
            partition by p.entity, p.fiscal_year, p.fiscal_quarter order by p.period_end desc
        ) as place,
        quarter_number(p.fiscal_year, p.fiscal_quarter) as quarter_index,
        p.fiscal_quarter = 4 as is_annual,
        days_between(p.period_end, cast(p.known_at as date)) as lag_days,
        days_between(last_day(add_days(p.period_end, -15)), p.period_end) as month_offset
    from placed p
    where p.fiscal_quarter is not null
),
ranked as (
    select
        r.*,
        row_number() over (partition by r.entity order by r.quarter_index desc) as rn,
        r.quarter_index - lag(r.quarter_index) over (partition by r.entity order by r.quarter_index) as step,
        days_between(lag(r.period_end) over (partition by r.entity order by r.quarter_index), r.period_end) as days
    from report r
    where r.place = 1
),
latest as (
    select * from ranked where rn = 1
),
recent as (
    select r.*, l.quarter_index as latest_index, l.period_end as latest_end
    from ranked r
    join latest l on l.entity = r.entity
    where r.quarter_index > l.quarter_index - 12
),
next_index as (
    select
        entity,
        case
            when min(quarter_index) > max(latest_index) - 4 and min(case when is_annual then 1 else 0 end) = 0
                then max(latest_index) + 1
            else min(quarter_index + 4 * (case when quarter_index + 4 > latest_index then 1 else 2 end))
        end as quarter_index
    from recent
    where quarter_index > latest_index - 8
    group by entity
),
habit as (
    select
        r.entity,
        count(*) as reports,
        percentile_cont(0.5) within group (order by cast(r.lag_days as double)) as usual_lag,
        max(r.lag_days) as longest_lag
    from recent r
    join next_index n on n.entity = r.entity
    where r.is_annual = (n.quarter_index % 4 = 0)
    group by r.entity
),
-- What each of a company's four closes has been like: how far from the end of a month, how long after the one before.
close_habit as (
    select
        r.entity,
        r.fiscal_quarter,
        (min(r.month_offset) + max(r.month_offset)) / 2.0 as middle,
        min(r.days) filter (where r.step = n.quarter_index - l.quarter_index) as least_days,
        max(r.days) filter (where r.step = n.quarter_index - l.quarter_index) as most_days
    from ranked r
    join next_index n on n.entity = r.entity
    join latest l on l.entity = r.entity
    where r.quarter_index > l.quarter_index - 29
    group by r.entity, r.fiscal_quarter
),
calendar as (
    select entity, max(abs(month_offset)) > 0 as is_weekly from ranked group by entity
),
stretch as (
    select entity, max(most_days - least_days) as extra_days from close_habit group by entity
),
-- By the month the next close is the end of that month; by the week it is as many weeks on as in other years.
closes as (
    select
        n.entity,
        n.quarter_index,
        c.is_weekly,
        h.middle,
        year(add_days(l.period_end, -15)) * 12 + month(add_days(l.period_end, -15)) - 1
            + 3 * (n.quarter_index - l.quarter_index) as month_index,
        add_days(l.period_end, coalesce(h.least_days, 91 * (n.quarter_index - l.quarter_index))) as week_close,
        coalesce(h.most_days - h.least_days, 0) >= 7 or coalesce(s.extra_days, 0) < 7 as may_be_longer
    from next_index n
    join latest l on l.entity = n.entity
    join calendar c on c.entity = n.entity
    left join close_habit h on h.entity = n.entity and h.fiscal_quarter = (n.quarter_index - 1) % 4 + 1
    left join stretch s on s.entity = n.entity
),
placed_closes as (
    select c.*, last_day(make_date(cast(floor(c.month_index / 12.0) as integer), c.month_index % 12 + 1, 1)) as month_close
    from closes c
),
due as (
    select
        c.entity,
        c.quarter_index,
        (c.quarter_index - 1) % 4 + 1 as fiscal_quarter,
        case
            when not c.is_weekly then c.month_close
            when c.may_be_longer
                and abs(days_between(c.month_close, c.week_close) - c.middle)
                    > abs(days_between(c.month_close, c.week_close) + 7 - c.middle)
                then add_days(c.week_close, 7)
            else c.week_close
        end as period_end
    from placed_closes c
),
explained as (
    select
        e.*,
        case
            when l.entity is null then 'no_report_known'
            when h.entity is null then 'no_report_of_kind_known'
        end as reason_code
    from entity_label e
    left join latest l on l.entity = e.entity
    left join habit h on h.entity = e.entity
)
select
    e.entity,
    e.name,
    e.ticker,
    e.cik,
    fiscal_label(case when l.is_annual then 'year' else 'quarter' end, l.fiscal_year, l.fiscal_quarter)
        as last_fiscal_period,
    l.period_end as last_period_end,
    l.known_at as last_known_at,
    fiscal_label(
        case when d.fiscal_quarter = 4 then 'year' else 'quarter' end,
        cast((d.quarter_index - d.fiscal_quarter) / 4 as integer),
        d.fiscal_quarter
    ) as next_fiscal_period,
    d.period_end as next_period_end,
    cast(ceil(h.usual_lag) as integer) as usual_lag_days,
    h.longest_lag as longest_lag_days,
    cast(h.reports as integer) as lags_counted,
    add_days(d.period_end, ceil(h.usual_lag)) as expected_date,
    add_days(d.period_end, h.longest_lag + 7) as stale_date,
    reason_text(e.reason_code, no_parameters()) as reason,
    e.reason_code,
    no_parameters() as reason_parameters
from explained e
left join latest l on l.entity = e.entity
left join due d on d.entity = e.entity
left join habit h on h.entity = e.entity
