-- disputed_segment: a filing prints one value for a figure and period of a part of a company
-- severity: warning
-- message: {filing} tags {concept} of {member} ({axis}) to {period_end} as {value} {unit} (element {element}, printed as {quote}) and as {other_value} (element {other_element}, printed as {other_quote})
-- remedy: see in the filing which one holds; neither enters a figure of the part (tracker sql "select * from segment_conflict")
-- If the concept stands for no metric, no figure depends on it.
select
    entity, filing, definition as concept, unit, period_start, period_end, member, axis, dimensions, value, element, quote,
    other_value, other_element, other_quote, case when metric is null then 'info' else 'warning' end as severity
from segment_conflict
