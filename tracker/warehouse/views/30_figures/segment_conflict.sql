-- segment_conflict: what one filing prints in two ways for one figure of a part of a company, beyond rounding
-- grain: entity, dimensions, fiscal_period, other_concept, other_unit, other_operands
-- reads: segment_disputed, metric, metric_tag
-- units: value and other_value in whole units; other_ratio is other_value / value - 1, a fraction
-- As conflict of the kind `print`, with the part: value is the first print and other_value a later one, quote and
-- other_quote are the figures as printed, and element and other_element are their ids in the document. Neither enters a
-- figure of the part. metric is NULL if the concept stands for no metric, and no figure depends on it.
with prints as (
    select
        o.entity,
        o.name,
        o.ticker,
        o.cik,
        t.metric,
        axes_of(without_consolidation(o.dimensions)) as axis,
        members_of(without_consolidation(o.dimensions)) as member,
        role_of(o.dimensions) as role,
        o.dimensions,
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
        o.concept as other_concept,
        signed_id('+', o.fact_id) as other_operands,
        'print' as kind,
        o.filing,
        o.accession,
        o.source_id,
        d.fact_id,
        d.element,
        d.quote,
        o.fact_id as other_fact_id,
        o.element as other_element,
        o.quote as other_quote
    from segment_disputed o
    join segment_disputed d
        on d.entity = o.entity and d.dimensions = o.dimensions and d.concept = o.concept and d.unit = o.unit
        and d.filing = o.filing and d.period_end = o.period_end
        and coalesce(d.period_start, date '0001-01-01') = coalesce(o.period_start, date '0001-01-01')
    left join metric_tag t on t.concept = o.concept
    where d.position = 1 and o.position > 1
)
select p.*, growth_ratio(p.other_value, p.value) as other_ratio, m.version as rules_version
from prints p
cross join (select max(version) as version from metric) m
