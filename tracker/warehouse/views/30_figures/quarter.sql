-- quarter: discrete quarters of every metric, and balances at their close
-- grain: entity, metric, fiscal_period
-- reads: figure
-- units: value, low and high in whole units of `unit`; method is reported, derived or stated (only texts state it)
-- operands are the fact_ids that the value is made of, with their signs. If value is NULL, reason says why.
select f.*
from figure f
where f.span = 'quarter'
