-- vintage: every candidate that is no sum by definition, with the vintages of its concept in which it held
-- grain: entity, metric, span, fiscal_year, fiscal_quarter, concept, unit, operands
-- reads: choice, vintage_opening
-- units: value, low and high in whole units of `unit`; vintages count from 0; quarter_index counts quarters
-- A filing that changes a figure of a concept by more than its rounding opens a new vintage of the concept. A candidate
-- holds from the vintage of its first statement to that of its last. If it replaced another value, it holds from the
-- first vintage after the last statement of that value. Two figures compare if they share a vintage. Years need to
-- share only a vintage that a change of a year opens (first_year_vintage, last_year_vintage). single_place 1 is the
-- first candidate that is no sum. base_place is the order in which one is taken as the base of another figure.
with single as (
    select
        c.entity, c.metric, c.span, c.fiscal_year, c.fiscal_quarter, quarter_number(c.fiscal_year, c.fiscal_quarter) as quarter_index,
        c.fiscal_period, c.period_start, c.period_end, c.value, c.low, c.high, c.unit, c.method, c.operands, c.concept,
        coalesce(c.basis, '') as basis, c.known_at, c.last_known_at, c.last_known_before, c.is_pinned,
        c.concept like 'stated:%' as is_stated,
        c.standing in ('latest', 'difference', 'earlier') as is_usual,
        row_number() over (
            partition by c.entity, c.metric, c.span, c.fiscal_year, c.fiscal_quarter order by c.place
        ) as single_place,
        row_number() over (
            partition by c.entity, c.metric, c.span, c.fiscal_year, c.fiscal_quarter
            order by
                c.is_pinned desc,
                case c.standing when 'latest' then 0 when 'difference' then 1 else 2 end,
                c.last_known_at desc,
                c.place
        ) as base_place
    from choice c
    where c.concept not like 'defined:%' and c.value is not null
),
counted as (
    select
        s.entity, s.metric, s.span, s.fiscal_year, s.fiscal_quarter, s.base_place,
        count(case when m.changed_at <= s.known_at then 1 end) as first_count,
        count(case when m.changed_at <= s.last_known_before then 1 end) as before_count,
        count(case when m.changed_at <= s.last_known_at then 1 end) as last_count,
        count(case when m.changed_at <= s.known_at and m.is_year then 1 end) as first_year_count,
        count(case when m.changed_at <= s.last_known_before and m.is_year then 1 end) as before_year_count,
        count(case when m.changed_at <= s.last_known_at and m.is_year then 1 end) as last_year_count
    from single s
    join vintage_opening m on m.entity = s.entity and m.concept = s.concept and m.unit = s.unit
    group by s.entity, s.metric, s.span, s.fiscal_year, s.fiscal_quarter, s.base_place
)
select
    s.entity,
    s.metric,
    s.span,
    s.fiscal_year,
    s.fiscal_quarter,
    s.quarter_index,
    s.fiscal_period,
    s.period_start,
    s.period_end,
    s.value,
    s.low,
    s.high,
    s.unit,
    s.method,
    s.operands,
    s.concept,
    s.basis,
    s.known_at,
    s.is_pinned,
    s.is_stated,
    s.is_usual,
    s.single_place,
    s.base_place,
    case
        when c.entity is null then 0
        when s.last_known_before is null then c.first_count
        else least(c.first_count, c.before_count + 1)
    end as first_vintage,
    coalesce(c.last_count, 0) as last_vintage,
    case
        when c.entity is null then 0
        when s.last_known_before is null then c.first_year_count
        else least(c.first_year_count, c.before_year_count + 1)
    end as first_year_vintage,
    coalesce(c.last_year_count, 0) as last_year_vintage
from single s
left join counted c
    on c.entity = s.entity and c.metric = s.metric and c.span = s.span and c.fiscal_year = s.fiscal_year
    and c.fiscal_quarter = s.fiscal_quarter and c.base_place = s.base_place
