-- converted_figure: every figure in money and sum of four quarters, in each currency of your table of exchange rates
-- grain: entity, metric, span, fiscal_year, fiscal_quarter, currency
-- reads: figure, ttm, metric, euro_rate
-- units: value, low and high in whole units of `unit`, which is in `currency`; stated_value and the like as in figure; rate is units of currency for one unit of from_currency
-- Each figure has a row for each currency of the table and one for the euro, so ask for one (where currency = 'EUR').
-- The sum of the last four quarters has the span ttm and the period TTM2024Q2. It takes the average of the days of all
-- four quarters, so it is not the sum of four quarters that are converted one by one. An amount of a period takes the
-- average of the table's days from the first to the last day of the period (rate_kind is average). A balance takes the
-- rate of its day, or of the last day before it (closing). Both currencies are averaged as the table gives them, in
-- units for one euro, and the rate is the quotient of the two averages, to twelve decimals, half up. Amounts times the
-- rate are rounded half up to six decimals. The bounds are those of the figure times the rate. status is converted,
-- same_currency or refused; reason says why. A table covers a period if no more than seven days lie between a day of it
-- and the next, or between the period's ends and the nearest day; the last day before a balance is at most seven days
-- old.
with published as (
    select rate_date, lag(rate_date) over (order by rate_date) as rate_date_before, rate_source
    from euro_rate
    where currency = 'EUR'
),
stated as (
    select
        entity, name, ticker, cik, metric, span, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start,
        period_end, value, low, high, unit, method, definition, operands, known_at
    from figure
    union all
    select
        entity, name, ticker, cik, metric, 'ttm' as span, fiscal_year, fiscal_quarter, 'TTM' || fiscal_period as fiscal_period,
        calendar_quarter, period_start, period_end, value, low, high, unit, method, cast(null as string) as definition,
        operands, known_at
    from ttm
),
money as (
    select
        f.*,
        case when m.type = 'instant' then 'closing' else 'average' end as rate_kind,
        case when m.type = 'instant' then f.period_end else f.period_start end as first_day,
        currency_of(f.unit) as from_currency
    from stated f
    join metric m on m.metric = f.metric
    where f.value is not null and currency_of(f.unit) is not null
),
period as (
    select distinct rate_kind, first_day, period_end from money
),
-- The days whose rates count for each period, and whether the table covers it.
averaged_day as (
    select
        p.rate_kind, p.first_day, p.period_end, count(*) as rate_days, min(d.rate_date) as rate_from,
        max(d.rate_date) as rate_to, max(d.rate_source) as rate_source,
        max(case when d.rate_date_before >= p.first_day then days_between(d.rate_date_before, d.rate_date) else 0 end) as gap
    from period p
    join published d on d.rate_date between p.first_day and p.period_end
    where p.rate_kind = 'average'
    group by p.rate_kind, p.first_day, p.period_end
),
closing_day as (
    select
        p.rate_kind, p.first_day, p.period_end, 1 as rate_days, max(d.rate_date) as rate_from,
        max(d.rate_date) as rate_to, max(d.rate_source) as rate_source, 0 as gap
    from period p
    join published d on d.rate_date between add_days(p.period_end, -7) and p.period_end
    where p.rate_kind = 'closing'
    group by p.rate_kind, p.first_day, p.period_end
),
covered as (
    select * from averaged_day
    where gap <= 7 and days_between(first_day, rate_from) <= 7 and days_between(rate_to, period_end) <= 7
    union all
    select * from closing_day
),
total as (
    select
        c.rate_kind, c.first_day, c.period_end, c.rate_days, c.rate_from, c.rate_to, c.rate_source, r.currency,
        cast(sum(r.rate) as decimal(38, 6)) as total, count(*) as days_with_rate
    from covered c
    join euro_rate r on r.rate_date between c.rate_from and c.rate_to
    group by
        c.rate_kind, c.first_day, c.period_end, c.rate_days, c.rate_from, c.rate_to, c.rate_source, r.currency
),
target as (
    select distinct currency from euro_rate
),
joined as (
    select
        f.*,
        t.currency,
        s.currency is not null as is_listed,
        o.total as from_total,
        n.total as to_total,
        coalesce(c.rate_days, 0) as rate_days_wanted,
        coalesce(o.days_with_rate, 0) as from_days,
        coalesce(n.days_with_rate, 0) as to_days,
        c.rate_from,
        c.rate_to,
        c.rate_source
    from money f
    cross join target t
    left join target s on s.currency = f.from_currency
    left join covered c
        on c.rate_kind = f.rate_kind and c.first_day = f.first_day and c.period_end = f.period_end
    left join total o
        on o.rate_kind = f.rate_kind and o.first_day = f.first_day and o.period_end = f.period_end
        and o.currency = f.from_currency
    left join total n
        on n.rate_kind = f.rate_kind and n.first_day = f.first_day and n.period_end = f.period_end
        and n.currency = t.currency
),
judged as (
    select
        j.*,
        case
            when j.from_currency = j.currency then 'same_currency'
            when j.is_listed and j.rate_days_wanted > 0 and j.from_days = j.rate_days_wanted
                and j.to_days = j.rate_days_wanted then 'converted'
            else 'refused'
        end as status,
        case
            when j.from_currency = j.currency then reason(null, no_parameters())
            when not j.is_listed then reason('currency_without_rates', parameter('unit', j.from_currency))
            when j.rate_days_wanted = 0 then reason('rates_not_covering', parameter('period', j.fiscal_period))
            when j.from_days < j.rate_days_wanted then reason(
                'rate_days_missing', two_parameters('unit', j.from_currency, 'period', j.fiscal_period)
            )
            when j.to_days < j.rate_days_wanted then reason(
                'rate_days_missing', two_parameters('unit', j.currency, 'period', j.fiscal_period)
            )
            else reason(null, no_parameters())
        end as why
    from joined j
),
rated as (
    select
        j.*,
        case
            when j.status = 'same_currency' then cast(1 as decimal(38, 12))
            when j.status = 'converted' then exact_quotient(j.to_total, j.from_total)
        end as rate
    from judged j
)
select
    r.entity,
    r.name,
    r.ticker,
    r.cik,
    r.metric,
    r.span,
    r.fiscal_year,
    r.fiscal_quarter,
    r.fiscal_period,
    r.calendar_quarter,
    r.period_start,
    r.period_end,
    times_rate(r.value, r.rate) as value,
    times_rate(r.low, r.rate) as low,
    times_rate(r.high, r.rate) as high,
    r.currency || substr(r.unit, 4) as unit,
    r.currency,
    r.status,
    r.value as stated_value,
    r.low as stated_low,
    r.high as stated_high,
    r.unit as stated_unit,
    r.from_currency,
    r.rate,
    case when r.status = 'converted' then r.rate_kind end as rate_kind,
    case when r.status = 'converted' then r.rate_from end as rate_from,
    case when r.status = 'converted' then r.rate_to end as rate_to,
    case when r.status = 'converted' then cast(r.rate_days_wanted as integer) end as rate_days,
    case when r.status = 'converted' then r.rate_source end as rate_source,
    reason_text(r.why.code, r.why.parameters) as reason,
    r.why.code as reason_code,
    r.why.parameters as reason_parameters,
    r.method,
    r.definition,
    r.operands,
    case when r.status = 'converted' then greatest(r.known_at, rates_known_at(r.rate_to)) else r.known_at end as known_at
from rated r
