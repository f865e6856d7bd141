-- quarter: discrete quarters of every metric, and balances at their close
-- grain: entity, metric, fiscal_period
-- reads: figure
-- units: value, low and high in whole units of `unit`; method is reported, derived or stated (by a text alone)
-- operands are the fact_ids the value is made of, with their signs; where value is NULL, reason says why.
select
    entity, name, ticker, cik, metric, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start,
    period_end, value, low, high, unit, method, operands, reason, reason_code, reason_parameters,
    definition, basis, rule, rule_code, rule_parameters, known_at
from figure
where span = 'quarter'
