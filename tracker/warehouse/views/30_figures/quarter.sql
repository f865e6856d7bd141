-- quarter: discrete quarters of every metric, and balances at their close
-- grain: entity, metric, fiscal_period
-- reads: figure
-- units: value, low and high in whole units of `unit`; method is reported, derived or stated (by a text alone)
-- operands are the fact_ids the value is made of, with their signs; where value is NULL, reason says why.
select f.*
from figure f
where f.span = 'quarter'
