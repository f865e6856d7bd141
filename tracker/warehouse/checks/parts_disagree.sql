-- parts_disagree: a figure made of parts, as capital expenditures are, agrees with what is said of it as a whole
-- severity: warning
-- message: {metric} of {fiscal_period} is {value} {unit} from its parts and {other_value} by {other_concept}
-- remedy: compare the definition ({definition}) with the one meant there; a company's own goes into metrics.toml
select entity, metric, fiscal_period, value, unit, definition, other_value, other_concept
from conflict
where kind = 'claim' and method <> 'stated' and metric in (select metric from metric_part)
