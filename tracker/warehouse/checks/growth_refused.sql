-- growth_refused: every figure has the year before on its own basis
-- severity: info
-- message: {metric} of {fiscal_period} has no growth rate: {reason}
-- remedy: see both with `tracker explain {entity} {metric} {fiscal_period}`; draw reports of an earlier version of the program anew
select entity, metric, fiscal_period, reason
from yoy
where yoy_status in ('basis_changed', 'split')
