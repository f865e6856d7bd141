-- version: what a company stated for one figure over time, with one row each time it changed
-- grain: entity, concept, unit, period_start, period_end, version_no
-- reads: statement
-- units: value and bounds in whole units; *_known_at are moments
-- Only the company's own statements count, not what articles claim. Annual and quarterly reports come first: a proxy
-- statement or an 8-K counts only if no report states the period. A later statement that only prints fewer or more
-- digits (rounded or cut off) is the same version. The finest print is its value, and first_print is how it was first
-- given. Any other value is a new version.
with own as (
    select s.*, coalesce(s.period_start, date '0001-01-01') as opens
    from statement s
    where s.kind = 'actual'
      and s.value is not null
      and s.period_end is not null
      and s.concept not like 'stated:%'
),
counted as (
    select o.*
    from own o
    left join (
        select distinct entity, concept, unit, opens, period_end from own where is_report
    ) r
        on r.entity = o.entity and r.concept = o.concept and r.unit = o.unit and r.opens = o.opens
        and r.period_end = o.period_end and not o.is_report
    where r.entity is null
),
followed as (
    select
        r.*,
        lag(r.value) over (
            partition by r.entity, r.concept, r.unit, r.period_start, r.period_end
            order by r.known_at, r.accession nulls first, r.value, r.fact_id
        ) as value_before,
        lag(r.decimals) over (
            partition by r.entity, r.concept, r.unit, r.period_start, r.period_end
            order by r.known_at, r.accession nulls first, r.value, r.fact_id
        ) as decimals_before
    from counted r
),
compared as (
    select
        f.*,
        abs(f.value - f.value_before) as moved,
        case when f.decimals <> f.decimals_before
            then cast(last_digit(least(f.decimals, f.decimals_before)) as decimal(38, 6)) end as coarse_unit,
        case when f.decimals < f.decimals_before then abs(f.value) < abs(f.value_before)
            else abs(f.value_before) < abs(f.value) end as is_cut_off
    from followed f
),
changed as (
    select
        f.*,
        case
            when f.value_before is null then 1
            when f.value = f.value_before then 0
            when f.moved + f.moved <= f.coarse_unit then 0
            when f.moved < f.coarse_unit and f.is_cut_off then 0
            else 1
        end as is_change
    from compared f
),
numbered as (
    select
        c.*,
        sum(c.is_change) over (
            partition by c.entity, c.concept, c.unit, c.period_start, c.period_end
            order by c.known_at, c.accession nulls first, c.value, c.fact_id
            rows between unbounded preceding and current row
        ) as version_no
    from changed c
),
finest as (
    select
        n.*,
        row_number() over (
            partition by n.entity, n.concept, n.unit, n.period_start, n.period_end, n.version_no
            order by n.decimals desc nulls last, n.known_at, n.accession nulls first, n.fact_id
        ) as rn,
        min(n.value) over (
            partition by n.entity, n.concept, n.unit, n.period_start, n.period_end, n.version_no
        ) as least_value,
        max(n.value) over (
            partition by n.entity, n.concept, n.unit, n.period_start, n.period_end, n.version_no
        ) as greatest_value,
        first_value(n.value) over (
            partition by n.entity, n.concept, n.unit, n.period_start, n.period_end, n.version_no
            order by n.known_at, n.accession nulls first, n.value, n.fact_id
        ) as first_print,
        count(*) over (
            partition by n.entity, n.concept, n.unit, n.period_start, n.period_end, n.version_no
        ) as statements,
        min(n.known_at) over (
            partition by n.entity, n.concept, n.unit, n.period_start, n.period_end, n.version_no
        ) as first_known_at,
        max(n.known_at) over (
            partition by n.entity, n.concept, n.unit, n.period_start, n.period_end, n.version_no
        ) as last_known_at
    from numbered n
)
select
    f.entity,
    f.concept,
    f.unit,
    f.period_start,
    f.period_end,
    f.fiscal_year,
    f.fiscal_quarter,
    f.fiscal_period,
    f.span,
    f.days,
    f.is_year_to_date,
    cast(f.version_no as integer) as version_no,
    f.value,
    f.bound_low,
    f.bound_high,
    f.decimals,
    f.least_value,
    f.greatest_value,
    f.first_print,
    f.fact_id,
    f.source_id,
    f.accession,
    f.form,
    f.is_report,
    cast(f.statements as integer) as statements,
    f.first_known_at,
    f.last_known_at,
    lag(f.value) over (
        partition by f.entity, f.concept, f.unit, f.period_start, f.period_end order by f.version_no
    ) as value_before,
    lag(f.last_known_at) over (
        partition by f.entity, f.concept, f.unit, f.period_start, f.period_end order by f.version_no
    ) as last_known_before,
    lead(f.first_known_at) over (
        partition by f.entity, f.concept, f.unit, f.period_start, f.period_end order by f.version_no
    ) as next_known_at,
    lead(f.version_no) over (
        partition by f.entity, f.concept, f.unit, f.period_start, f.period_end order by f.version_no
    ) is null as is_latest
from finest f
where f.rn = 1
