-- annual_by_concept: fiscal years of every concept a company files, reported or added up from four quarters
-- grain: entity, concept, unit, fiscal_year
-- reads: year_to_date_by_concept
-- units: value, low and high in whole units of `unit`; operands are signed fact_ids; days both included
select
    entity, name, ticker, cik, concept, unit, fiscal_year, fiscal_period, calendar_quarter, period_start, period_end,
    value, low, high, method, operands, reason, reason_code, reason_parameters, basis, known_at
from year_to_date_by_concept
where fiscal_quarter = 4
