-- doubted_figure: no filed figure contradicts others by its sign or scale
-- severity: warning
-- message: {metric} of {fiscal_period} is {value} {unit}: {basis}; nothing is derived from it and other figures
-- remedy: compare it with its filing (`tracker explain {entity} {metric} {fiscal_period}`), and correct what was read wrongly
-- A flow that cannot be below zero, stated below zero or with both signs; or an amount that is a power of a thousand apart
-- from what other filings state. It is shown as stated.
select entity, metric, fiscal_period, value, unit, basis
from figure
where is_doubted(basis) and metric in (select metric from metric_tag)
