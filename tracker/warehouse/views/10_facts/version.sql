-- version: what a company stated for one figure over time, with one row each time it changed
-- grain: entity, concept, unit, period_start, period_end, version_no
-- reads: statement, disputed
-- units: value and bounds in whole units; *_known_at are moments
-- Only the company's own statements count, not what articles claim. Annual and quarterly reports come first: a
-- prospectus or an 8-K counts only if no report states the period. Proxy statements never count: they state nothing
-- first, and their amounts are often a thousand or a million times off. A later statement that only prints fewer or
-- more digits (rounded or cut off) is the same version. The finest print is its value, and first_print is how it was
-- first given. Any other value is a new version. If the document of a filing prints what company facts state for that
-- filing, the two are witnesses of one statement. It has the document's digits and evidence, and counts from the day on
-- which the first of them was public. If the filing of a document is not known, the same rule holds between the
-- document and any filing. If one filing prints several roundings of one value, the finest counts. Values that one
-- filing prints and that cannot be roundings of one value are not versions (disputed).
with own as (
    select s.*, coalesce(s.period_start, date '0001-01-01') as opens
    from statement s
    where s.kind = 'actual'
      and s.value is not null
      and s.period_end is not null
      and s.concept not like 'stated:%'
      and not is_proxy_form(s.form)
),
agreed as (
    select
        p.*,
        row_number() over (
            partition by p.entity, p.concept, p.unit, p.opens, p.period_end, coalesce(p.accession, p.source_id), p.value
            order by coalesce(p.decimals, 6) desc, p.span_start, p.fact_id
        ) as rn,
        row_number() over (
            partition by p.entity, p.concept, p.unit, p.opens, p.period_end, coalesce(p.accession, p.source_id)
            order by coalesce(p.decimals, 6) desc, p.span_start, p.fact_id
        ) as fineness
    from own p
    left join disputed d on d.fact_id = p.fact_id
    where p.method = 'reported' and p.quote is not null and d.fact_id is null
),
witness as (
    select
        o.fact_id as said_as,
        a.fact_id,
        a.decimals,
        a.bound_low,
        a.bound_high,
        a.known_at,
        row_number() over (
            partition by o.fact_id
            order by case when a.accession is null then 1 else 0 end, coalesce(a.decimals, 6) desc, a.known_at, a.fact_id
        ) as rn
    from agreed a
    join own o
        on o.entity = a.entity and o.concept = a.concept and o.unit = a.unit and o.opens = a.opens
        and o.period_end = a.period_end and o.value = a.value and (a.accession is null or o.accession = a.accession)
        and o.method = 'reported' and o.quote is null
    where a.rn = 1
),
told as (
    select
        o.entity, o.concept, o.unit, o.period_start, o.opens, o.period_end, o.fiscal_year, o.fiscal_quarter,
        o.fiscal_period, o.span, o.days, o.is_year_to_date, o.is_report, o.value, o.source_id, o.accession, o.form,
        case when w.said_as is null then o.bound_low else w.bound_low end as bound_low,
        case when w.said_as is null then o.bound_high else w.bound_high end as bound_high,
        case when w.said_as is null then o.decimals else w.decimals end as decimals,
        coalesce(w.fact_id, o.fact_id) as fact_id,
        least(o.known_at, coalesce(w.known_at, o.known_at)) as known_at
    from own o
    left join witness w on w.said_as = o.fact_id and w.rn = 1
    where not (o.method = 'reported' and o.quote is not null)
    union all
    select
        a.entity, a.concept, a.unit, a.period_start, a.opens, a.period_end, a.fiscal_year, a.fiscal_quarter,
        a.fiscal_period, a.span, a.days, a.is_year_to_date, a.is_report, a.value, a.source_id, a.accession, a.form,
        a.bound_low as bound_low,
        a.bound_high as bound_high,
        a.decimals as decimals,
        a.fact_id as fact_id,
        a.known_at as known_at
    from agreed a
    left join (select distinct fact_id from witness) w on w.fact_id = a.fact_id
    where a.fineness = 1 and w.fact_id is null
),
counted as (
    select o.*
    from told o
    left join (
        select distinct entity, concept, unit, opens, period_end from told where is_report
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
        coalesce(r.decimals, 6) as digits,
        lag(coalesce(r.decimals, 6)) over (
            partition by r.entity, r.concept, r.unit, r.period_start, r.period_end
            order by r.known_at, r.accession nulls first, r.value, r.fact_id
        ) as digits_before
    from counted r
),
compared as (
    select
        f.*,
        abs(f.value - f.value_before) as moved,
        case when f.digits <> f.digits_before
            then cast(last_digit(least(f.digits, f.digits_before)) as decimal(38, 6)) end as coarse_unit,
        case when f.digits < f.digits_before then abs(f.value) < abs(f.value_before)
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
            order by coalesce(n.decimals, 6) desc, n.known_at, n.accession nulls first, n.fact_id
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
