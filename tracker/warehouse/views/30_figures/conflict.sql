-- conflict: candidates for one figure that differ by more than their rounding, with the one shown and the rule that chose it
-- grain: entity, metric, fiscal_period, other_concept, other_unit, other_operands
-- reads: figure, choice, metric
-- units: value and other_value in whole units; other_ratio is other_value / value - 1, a fraction
-- rule is the reason why the other candidate comes after the one shown (choice). rules_version is the version of the
-- definitions in force.
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
    growth_ratio(c.value, f.value) as other_ratio,
    case
        when f.unit <> c.unit then 'unit'
        when c.method = 'stated' then 'claim'
        when c.concept like 'defined:%' then 'sum'
        else 'tags'
    end as kind,
    c.rule,
    c.rule_code,
    c.rule_parameters,
    m.version as rules_version
from figure f
join choice c
    on c.entity = f.entity and c.metric = f.metric and c.span = f.span
    and c.fiscal_year = f.fiscal_year and c.fiscal_quarter = f.fiscal_quarter
join metric m on m.metric = f.metric
where f.value is not null
  and c.value is not null
  and c.place > 1
  and c.standing = 'latest'
  and (f.unit <> c.unit or not intervals_meet(c.low, c.high, f.low, f.high))
