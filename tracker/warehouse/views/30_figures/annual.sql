-- annual: fiscal years of every metric
-- grain: entity, metric, fiscal_year
-- reads: figure
-- units: value, low and high in whole units of `unit`; where value is NULL, reason says why
select
    entity, name, ticker, cik, metric, fiscal_year, fiscal_period, calendar_quarter, period_start, period_end,
    value, low, high, unit, method, operands, reason, reason_code, reason_parameters, definition, basis,
    rule, rule_code, rule_parameters, known_at
from figure
where span = 'year'
