-- one_unit: a company gives a metric in one unit throughout
-- severity: warning
-- message: {metric} is in {first_unit} until {first_end} and in {last_unit} until {last_end}
-- remedy: none if the company changed its currency; growth across the change is basis_changed
with unit_span as (
    select entity, metric, unit, min(period_end) as opens, max(period_end) as closes
    from figure
    where value is not null
    group by entity, metric, unit
)
select a.entity, a.metric, a.unit as first_unit, a.closes as first_end, b.unit as last_unit, b.closes as last_end
from unit_span a
join unit_span b
    on b.entity = a.entity and b.metric = a.metric and (b.closes > a.closes or (b.closes = a.closes and b.unit > a.unit))
