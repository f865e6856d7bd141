-- tags_disagree: filed tags that stand for one metric agree within their rounding
-- severity: warning
-- message: {metric} of {fiscal_period} is {value} {unit} under {definition} and {other_value} under {other_concept}; shown: {rule}
-- remedy: see which one the company means; set the order of tags in metrics.toml
select entity, metric, fiscal_period, value, unit, definition, other_value, other_concept, rule
from conflict
where kind = 'tags'
