-- shown: the candidate that is shown for each figure, if it has a value
-- grain: entity, metric, span, fiscal_year, fiscal_quarter
-- reads: choice
-- units: value, low and high in whole units of `unit`; operands are signed fact_ids
select
    entity, metric, span, fiscal_year, fiscal_quarter, fiscal_period, period_start, period_end, value, low, high, unit,
    method, operands, concept, definition, basis, known_at
from choice
where place = 1 and value is not null
