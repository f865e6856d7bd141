-- disputed_print: a filing prints one value for a figure and period
-- severity: warning
-- message: {filing} tags {concept} to {period_end} as {value} {unit} (element {element}, printed as {quote}) and as {other_value} (element {other_element}, printed as {other_quote})
-- remedy: see in the filing which one holds; neither enters a figure (tracker sql "select * from conflict where kind = 'print'")
-- If the concept stands for no metric, no figure depends on it.
select
    o.entity, o.filing, o.concept, o.unit, o.period_start, o.period_end, f.value, f.element, f.quote,
    o.value as other_value, o.element as other_element, o.quote as other_quote,
    case when o.concept in (select concept from metric_tag) then 'warning' else 'info' end as severity
from disputed o
join disputed f
    on f.entity = o.entity and f.concept = o.concept and f.unit = o.unit and f.filing = o.filing
    and f.period_end = o.period_end
    and coalesce(f.period_start, date '0001-01-01') = coalesce(o.period_start, date '0001-01-01')
where f.position = 1 and o.position > 1
