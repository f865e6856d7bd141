-- claims_disagree: what texts say of a metric agrees with what is shown
-- severity: info
-- message: {metric} of {fiscal_period} is {value} {unit}, and a text says {other_value}; {rule}
-- remedy: read the claim with `tracker explain {entity} {metric} {fiscal_period}`
select distinct entity, metric, fiscal_period, value, unit, other_value, rule
from conflict
where kind = 'claim' and metric not in (select metric from metric_part)
