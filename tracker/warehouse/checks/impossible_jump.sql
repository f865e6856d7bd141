-- impossible_jump: no figure is a hundred times those of the year around it, or a hundredth
-- severity: warning
-- message: {metric} of {fiscal_period} is {value} {unit}, against {least} to {greatest} in the periods around
-- remedy: follow it with `tracker explain {entity} {metric} {fiscal_period}`; a merger or a first product may be the cause
-- At least two known periods of the four either side; a hundredth only where the metric is never below zero there.
-- What comes and goes (debt taken up, companies bought) is left out.
with known as (
    select entity, metric, span, fiscal_period, quarter_number(fiscal_year, fiscal_quarter) as quarter_index, value, unit
    from figure
    where value <> 0 and metric not in (select metric from metric where is_volatile)
),
paired as (
    select
        v.entity, v.metric, v.span, v.fiscal_period, v.value, v.unit, count(*) as neighbours,
        min(abs(n.value)) as least, max(abs(n.value)) as greatest, min(n.value) as lowest
    from known v
    join known n
        on n.entity = v.entity and n.metric = v.metric and n.span = v.span and n.unit = v.unit
        and n.quarter_index <> v.quarter_index
        and abs(n.quarter_index - v.quarter_index) <= case v.span when 'quarter' then 4 else 16 end
    group by v.entity, v.metric, v.span, v.fiscal_period, v.value, v.unit
)
select entity, metric, fiscal_period, value, unit, least, greatest
from paired
where neighbours >= 2 and (abs(value) >= 100 * greatest or (100 * abs(value) <= least and lowest > 0 and value > 0))
