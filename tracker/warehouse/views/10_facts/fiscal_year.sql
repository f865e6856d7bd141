-- fiscal_year: the fiscal years of each company, with their numbers
-- grain: entity, fiscal_year
-- reads: period_weight, entity
-- units: period_start and period_end are days, both included; basis is observed, opened or nominal
-- Observed years are those for which annual reports give figures. A company without annual reports (one that files
-- 6-Ks) keeps the years for which its other filings give figures repeatedly: those that close in the month in which
-- most of them close, in at least two years or two filings. A year that is still running has opened where the
-- half-years and nine months of quarterly reports begin. All other years are nominal: they close with the month of the
-- company's year end. A filing's own labels of fiscal years and periods are never used, because half of them are wrong
-- for comparatives. Years of 52 or 53 weeks close up to a week from the end of the month that names them, so the year's
-- number is that of the day one week before it closes.
with spans as (
    select
        entity,
        period_start,
        period_end,
        span_of(days_in(period_start, period_end)) as span,
        form,
        is_annual_form(form) as is_annual,
        concepts,
        filings
    from period_weight
    where kind = 'actual' and period_start is not null
),
annual as (
    select entity, period_start, period_end, sum(concepts) as weight
    from spans
    where is_annual and span = 'year'
    group by entity, period_start, period_end
),
-- Only filings count here: an article's year is its own claim. A 10-Q that gives a year gives a trailing one.
repeated as (
    select
        s.entity,
        s.period_start,
        s.period_end,
        month(add_days(s.period_end, -7)) as closes_in,
        sum(s.concepts) as weight,
        max(s.filings) as filings
    from spans s
    where not s.is_annual and not is_quarterly_form(s.form) and s.span = 'year' and s.filings > 0
      and s.entity not in (select entity from annual)
    group by s.entity, s.period_start, s.period_end
),
repeated_month as (
    select
        entity,
        closes_in,
        row_number() over (partition by entity order by sum(weight) desc, max(period_end) desc) as place
    from repeated
    group by entity, closes_in
    having count(*) >= 2 or max(filings) >= 2
),
observed as (
    select entity, period_start, period_end, 1 as preference, weight from annual
    union all
    select r.entity, r.period_start, r.period_end, 1 as preference, r.weight
    from repeated r
    join repeated_month m on m.entity = r.entity and m.closes_in = r.closes_in and m.place = 1
),
closing_month as (
    select
        e.entity,
        e.is_named_by_start,
        coalesce(e.fiscal_year_end_month, month(add_days(max(o.period_end), -7))) as closes_in
    from entity e
    left join observed o on o.entity = e.entity
    group by e.entity, e.is_named_by_start, e.fiscal_year_end_month
),
halves as (
    select
        entity,
        period_start,
        period_end,
        sum(concepts) as concepts,
        span = 'half' as is_half
    from spans
    where not is_annual and span in ('half', 'nine_months')
    group by entity, period_start, period_end, span
),
-- Who reports both halves of a year by themselves opens no year with the second. Of two halves that follow each other
-- the first is the one after the month in which the years close; where nothing says which month that is, none opens.
paired as (
    select h.entity, h.period_start, h.period_end
    from halves h
    where h.is_half
      and exists (
          select 1
          from halves o
          where o.entity = h.entity
            and o.is_half
            and (
                abs(days_between(o.period_end, h.period_start) - 1) <= 7
                or abs(days_between(h.period_end, o.period_start) - 1) <= 7
            )
      )
),
opens as (
    select entity, closes_in % 12 + 1 as opens_in from closing_month where closes_in is not null
    union
    select entity, month(add_days(period_start, 7)) as opens_in from halves where not is_half
),
opened as (
    select
        h.entity,
        h.period_start,
        add_days(last_day(add_days(h.period_start, 355)), case when day(h.period_start) = 1 then 0 else 6 end)
            as period_end,
        2 as preference,
        sum(h.concepts) as weight
    from halves h
    left join paired p on p.entity = h.entity and p.period_start = h.period_start and p.period_end = h.period_end
    left join opens o on o.entity = h.entity and o.opens_in = month(add_days(h.period_start, 7))
    where p.entity is null or o.entity is not null
    group by h.entity, h.period_start
),
mentioned as (
    select entity, year(period_end) as closes_year from period_weight
    union
    select entity, year(period_end) + 1 as closes_year from period_weight
),
nominal as (
    select
        m.entity,
        add_days(last_day(make_date(m.closes_year - 1, c.closes_in, 1)), 1) as period_start,
        last_day(make_date(m.closes_year, c.closes_in, 1)) as period_end,
        3 as preference,
        0 as weight
    from mentioned m
    join closing_month c on c.entity = m.entity
    where c.closes_in is not null
),
candidate as (
    select entity, period_start, period_end, preference, weight from observed
    union all
    select entity, period_start, period_end, preference, weight from opened
    union all
    select entity, period_start, period_end, preference, weight from nominal
),
-- Of candidates that claim the same days the better founded stands; a few days at the seam are no conflict.
standing as (
    select c.entity, c.period_start, c.period_end, c.preference
    from candidate c
    where not exists (
        select 1
        from candidate o
        where o.entity = c.entity
          and add_days(o.period_start, 20) <= c.period_end
          and add_days(c.period_start, 20) <= o.period_end
          and (
              o.preference < c.preference
              or (o.preference = c.preference and o.weight > c.weight)
              or (o.preference = c.preference and o.weight = c.weight and o.period_end > c.period_end)
              or (
                  o.preference = c.preference and o.weight = c.weight and o.period_end = c.period_end
                  and o.period_start > c.period_start
              )
          )
    )
),
neighbour as (
    select
        entity,
        period_start,
        period_end,
        preference,
        lag(period_end) over (partition by entity order by period_end) as closed_before,
        lag(preference) over (partition by entity order by period_end) as preference_before,
        lead(period_start) over (partition by entity order by period_end) as opens_next,
        lead(preference) over (partition by entity order by period_end) as preference_next
    from standing
),
-- A year that is not observed begins where the one before it ended, and ends where the next begins.
seamless as (
    select
        n.entity,
        case
            when n.preference = 3 and abs(days_between(n.closed_before, n.period_start) - 1) <= 20
                then add_days(n.closed_before, 1)
            else n.period_start
        end as period_start,
        case
            when n.preference = 3 and n.preference_next < 3 and abs(days_between(n.period_end, n.opens_next) - 1) <= 20
                then add_days(n.opens_next, -1)
            when n.preference = 2 and abs(days_between(n.period_end, n.opens_next) - 1) <= 20 and n.preference_next < 3
                then add_days(n.opens_next, -1)
            else n.period_end
        end as period_end,
        n.preference
    from neighbour n
)
select
    s.entity,
    case when e.is_named_by_start then year(add_days(s.period_start, 7)) else year(add_days(s.period_end, -7)) end
        as fiscal_year,
    s.period_start,
    s.period_end,
    case s.preference when 1 then 'observed' when 2 then 'opened' else 'nominal' end as basis
from seamless s
left join entity e on e.entity = s.entity
