-- annual_by_concept: fiscal years of every concept a company files, reported or added up from four quarters
-- grain: entity, concept, unit, fiscal_year
-- reads: year_to_date_by_concept
-- units: value, low and high in whole units of `unit`; operands are signed fact_ids; days both included
select y.*
from year_to_date_by_concept y
where y.fiscal_quarter = 4
