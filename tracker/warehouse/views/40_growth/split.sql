-- split: the stock splits of each company, found by what filings say of them and by comparatives that moved by the ratio
-- grain: entity, known_at
-- reads: version, metric_tag
-- units: ratio is new shares for each old one (10 for ten to one, 0.1 for one to ten); known_at is the moment of the first filing on the new basis
-- After a split, filings state earlier periods on the new basis. A split is confirmed if comparatives moved by its
-- ratio, within their rounding: share counts one way, amounts per share the other way. The ratio is the one that a
-- filing states for a split; without such a statement it must be a whole number or half of a whole number, and a share
-- count and an amount per share must move by it in one filing. A stated split that moved no comparative counts from the
-- first filing after its day that states it; nobody can tell which way it went, so its ratio is NULL. Only the concepts
-- of metrics count as comparatives.
with stated as (
    select entity, value as ratio, period_end as day, first_known_at, last_known_at
    from version
    where concept like '%:StockholdersEquityNoteStockSplitConversionRatio%' and value > 0 and value <> 1
),
moved as (
    select
        v.entity, v.concept, v.unit = 'shares' as is_count, v.first_known_at as moved_at,
        case when v.unit = 'shares' then v.value / v.value_before else v.value_before / v.value end as factor,
        case when v.unit = 'shares'
            then cast(v.bound_low as double) / cast(v.value_before + (v.bound_high - v.bound_low) / 2 as double)
            else cast(v.value_before - (v.bound_high - v.bound_low) / 2 as double) / cast(v.bound_high as double)
        end as factor_low,
        case when v.unit = 'shares'
            then cast(v.bound_high as double) / cast(v.value_before - (v.bound_high - v.bound_low) / 2 as double)
            else cast(v.value_before + (v.bound_high - v.bound_low) / 2 as double) / cast(v.bound_low as double)
        end as factor_high
    from version v
    where v.version_no > 1 and changes_in_split(v.unit) and v.concept in (select concept from metric_tag)
      and v.bound_low > 0 and v.value_before > v.bound_high - v.bound_low
),
telling as (
    select * from moved where factor_low > 0 and (factor_low > 1.2 or factor_high < 0.84)
),
-- Comparatives that moved by a stated ratio, or by one over it.
by_statement as (
    select
        m.entity, m.moved_at, m.is_count,
        case when s.ratio between m.factor_low and m.factor_high then cast(s.ratio as double)
            else 1 / cast(s.ratio as double) end as ratio
    from telling m
    join (select distinct entity, ratio from stated) s
        on s.entity = m.entity
        and (s.ratio between m.factor_low and m.factor_high
            or 1 / cast(s.ratio as double) between m.factor_low and m.factor_high)
),
-- Comparatives that moved by a plain ratio, whether it is stated or not.
by_plain_ratio as (
    select
        entity, moved_at, is_count,
        case when factor > 1 then round(cast(factor as double) * 2) / 2
            else 2 / round(2 / cast(factor as double)) end as ratio
    from telling
    where case when factor > 1 then round(cast(factor as double) * 2) / 2
        else 2 / round(2 / cast(factor as double)) end between factor_low and factor_high
),
agreed as (
    select entity, moved_at, ratio
    from by_statement
    group by entity, moved_at, ratio
    having count(*) > 1
    union
    select entity, moved_at, ratio
    from by_plain_ratio
    group by entity, moved_at, ratio
    having max(case when is_count then 1 else 0 end) = 1 and max(case when is_count then 0 else 1 end) = 1
),
-- The comparatives of one split move from filing to filing, for two years.
followed as (
    select
        a.*,
        lag(a.moved_at) over (partition by a.entity, a.ratio order by a.moved_at) as moved_before
    from agreed a
),
confirmed as (
    select entity, moved_at as known_at, ratio
    from followed
    where moved_before is null or days_between(moved_before, moved_at) > 800
),
-- What filings state of a split that has had its day.
announced as (
    select entity, ratio, min(first_known_at) as known_at
    from stated
    where day <= cast(first_known_at as date)
    group by entity, ratio
),
everything as (
    select entity, known_at, ratio from confirmed
    union all
    select n.entity, n.known_at, cast(null as double) as ratio
    from announced n
    where not exists (
        select 1
        from confirmed c
        where c.entity = n.entity
          and (abs(c.ratio - n.ratio) < 0.001 * c.ratio or abs(c.ratio * n.ratio - 1) < 0.001)
    )
)
select entity, known_at, max(ratio) as ratio, max(case when ratio is null then 0 else 1 end) = 1 as is_confirmed
from everything
group by entity, known_at
