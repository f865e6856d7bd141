-- growth_base: growth is measured against the figure that is shown for the year before
-- severity: info
-- message: {metric} of {fiscal_period} is measured against {base} {unit} for {base_period} ({base_definition}), where {shown} is shown
-- remedy: see both with `tracker explain {entity} {metric} {fiscal_period}`; draw reports of an earlier version of the program anew
-- The base is on the tag, basis and vintage of the figure (comparable); a company that changes its tag restates the year
-- before under the new one.
select y.entity, y.metric, y.fiscal_period, y.base, y.unit, y.base_period, y.base_definition, f.value as shown
from yoy y
join figure f on f.entity = y.entity and f.metric = y.metric and f.span = y.span and f.fiscal_period = y.base_period
where y.value is not null and y.base <> f.value
