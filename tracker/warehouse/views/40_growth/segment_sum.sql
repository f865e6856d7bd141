-- segment_sum: the members of one axis together, beside the whole company's figure
-- grain: entity, metric, axis, consolidation, unit, span, fiscal_year, fiscal_quarter
-- reads: segment_figure, figure, metric
-- units: whole, value and reconciling in whole units of `unit`, each with its bounds; members counts
-- The axis must be cut in one way: members that are known only as they were cut before are left out. reconciling is
-- what the filing states between the segments and the whole. state says whether the members give the whole, within
-- rounding: equal (by themselves), reconciled (with the reconciling items), less, more, or not_known. Some members may
-- be parts of others; then the sum is more than the whole. Amounts that cannot be added up, such as per-share values,
-- are left out.
with member as (
    select
        s.*,
        coalesce(cast(s.cut_at as string), '') as cut,
        max(coalesce(cast(s.cut_at as string), '')) over (
            partition by s.entity, s.metric, s.axis, s.unit, s.span, s.fiscal_year, s.fiscal_quarter
        ) as last_cut
    from segment_figure s
    join metric m on m.metric = s.metric and (m.is_additive or m.type = 'instant')
    where s.role = 'member' and s.value is not null and s.unit not like '%/%'
),
added as (
    select
        entity, name, ticker, cik, metric, axis, consolidation, unit, span, fiscal_year, fiscal_quarter, fiscal_period,
        calendar_quarter, min(period_start) as period_start, max(period_end) as period_end,
        cast(count(*) as integer) as members, sum(value) as value,
        case when count(low) = count(*) then sum(low) end as low,
        case when count(high) = count(*) then sum(high) end as high
    from member
    where cut = last_cut
    group by
        entity, name, ticker, cik, metric, axis, consolidation, unit, span, fiscal_year, fiscal_quarter, fiscal_period,
        calendar_quarter
),
-- What lies between the segments and the whole has no segment of its own.
between_them as (
    select
        entity, metric, unit, span, fiscal_year, fiscal_quarter, sum(value) as value,
        case when count(low) = count(*) then sum(low) end as low,
        case when count(high) = count(*) then sum(high) end as high
    from segment_figure
    where role = 'reconciling' and value is not null and dimensions not like '%;%'
    group by entity, metric, unit, span, fiscal_year, fiscal_quarter
)
select
    a.entity,
    a.name,
    a.ticker,
    a.cik,
    a.metric,
    a.axis,
    a.consolidation,
    a.unit,
    a.span,
    a.fiscal_year,
    a.fiscal_quarter,
    a.fiscal_period,
    a.calendar_quarter,
    a.period_start,
    a.period_end,
    a.members,
    a.value,
    a.low,
    a.high,
    b.value as reconciling,
    b.low as reconciling_low,
    b.high as reconciling_high,
    w.value as whole,
    w.low as whole_low,
    w.high as whole_high,
    case
        when w.value is null then 'not_known'
        when intervals_meet(a.low, a.high, w.low, w.high) then 'equal'
        when b.value is not null and intervals_meet(a.low + b.low, a.high + b.high, w.low, w.high) then 'reconciled'
        when a.value < w.value then 'less'
        else 'more'
    end as state
from added a
left join between_them b
    on b.entity = a.entity and b.metric = a.metric and b.unit = a.unit and b.span = a.span
    and b.fiscal_year = a.fiscal_year and b.fiscal_quarter = a.fiscal_quarter
left join figure w
    on w.entity = a.entity and w.metric = a.metric and w.unit = a.unit and w.span = a.span
    and w.fiscal_year = a.fiscal_year and w.fiscal_quarter = a.fiscal_quarter and w.period_end = a.period_end
