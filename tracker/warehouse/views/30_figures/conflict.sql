-- conflict: two values for one figure that differ by more than rounding: candidates, or what one filing prints in two ways
-- grain: entity, metric, fiscal_period, other_concept, other_unit, other_operands
-- reads: figure, choice, metric, metric_tag, disputed
-- units: value and other_value in whole units; other_ratio is other_value / value - 1, a fraction
-- For candidates, value is the one shown, and rule is the reason why the other one comes after it (choice). For the
-- kind `print`, a filing tags one figure with values that cannot be one (disputed): value is the first print and
-- other_value a later one, quote and other_quote are the figures as printed, and element and other_element are their ids
-- in the document. Neither print enters a figure. metric is NULL if the concept stands for no metric. rules_version is the
-- version of the definitions in force.
with candidates as (
    select
        f.entity,
        f.name,
        f.ticker,
        f.cik,
        f.metric,
        f.span,
        f.fiscal_period,
        f.calendar_quarter,
        f.period_start,
        f.period_end,
        f.value,
        f.low,
        f.high,
        f.unit,
        f.method,
        f.definition,
        c.value as other_value,
        c.low as other_low,
        c.high as other_high,
        c.unit as other_unit,
        c.method as other_method,
        c.concept as other_concept,
        c.operands as other_operands,
        c.place as other_place,
        case
            when f.unit <> c.unit then 'unit'
            when c.method = 'stated' then 'claim'
            when c.concept like 'defined:%' then 'sum'
            else 'tags'
        end as kind,
        cast(null as string) as accession,
        cast(null as string) as source_id,
        cast(null as binary) as fact_id,
        cast(null as string) as element,
        cast(null as string) as quote,
        cast(null as binary) as other_fact_id,
        cast(null as string) as other_element,
        cast(null as string) as other_quote,
        c.rule,
        c.rule_code,
        c.rule_parameters
    from figure f
    join choice c
        on c.entity = f.entity and c.metric = f.metric and c.span = f.span
        and c.fiscal_year = f.fiscal_year and c.fiscal_quarter = f.fiscal_quarter
    where f.value is not null
      and c.value is not null
      and c.place > 1
      and c.standing = 'latest'
      and (f.unit <> c.unit or not intervals_meet(c.low, c.high, f.low, f.high))
),
prints as (
    select
        o.entity,
        o.name,
        o.ticker,
        o.cik,
        t.metric,
        o.span,
        o.fiscal_period,
        o.calendar_quarter,
        o.period_start,
        o.period_end,
        d.value,
        d.bound_low as low,
        d.bound_high as high,
        d.unit,
        'reported' as method,
        d.concept as definition,
        o.value as other_value,
        o.bound_low as other_low,
        o.bound_high as other_high,
        o.unit as other_unit,
        'reported' as other_method,
        o.concept as other_concept,
        signed_id('+', o.fact_id) as other_operands,
        cast(null as integer) as other_place,
        'print' as kind,
        o.accession,
        o.source_id,
        d.fact_id,
        d.element,
        d.quote,
        o.fact_id as other_fact_id,
        o.element as other_element,
        o.quote as other_quote,
        cast(null as string) as rule,
        cast(null as string) as rule_code,
        no_parameters() as rule_parameters
    from disputed o
    join disputed d
        on d.entity = o.entity and d.concept = o.concept and d.unit = o.unit and d.filing = o.filing
        and d.period_end = o.period_end
        and coalesce(d.period_start, date '0001-01-01') = coalesce(o.period_start, date '0001-01-01')
    left join metric_tag t on t.concept = o.concept
    where d.position = 1 and o.position > 1
)
select b.*, growth_ratio(b.other_value, b.value) as other_ratio, m.version as rules_version
from (
    select * from candidates
    union all
    select * from prints
) b
cross join (select max(version) as version from metric) m
