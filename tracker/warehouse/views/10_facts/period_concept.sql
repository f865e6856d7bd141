-- period_concept: the concepts that a company's statements give for each period, by the form of the filing
-- grain: entity, kind, period_start, period_end, form, concept
-- reads: fact_known
-- units: period_start and period_end are days, both included
select distinct entity, kind, period_start, period_end, form, concept
from fact_known
where period_end is not null
