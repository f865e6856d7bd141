-- qoq: growth on the quarter before
-- grain: entity, metric, fiscal_period
-- reads: growth
-- units: value and base in whole units of `unit`; qoq_ratio, qoq_low, qoq_high are fractions (0.25 is +25%)
-- qoq_status says whether the ratio holds, or why there is none. The rule is that of growth.
select
    entity, name, ticker, cik, metric, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start,
    period_end, value, low, high, unit, method, definition, base, base_low, base_high, base_period, base_method,
    base_definition, base_basis, ratio as qoq_ratio,
    ratio_low as qoq_low, ratio_high as qoq_high, status as qoq_status, reason, reason_code,
    reason_parameters, operands, base_operands, known_at
from growth
where against = 'quarter'
