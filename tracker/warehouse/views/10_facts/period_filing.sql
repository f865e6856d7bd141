-- period_filing: the filings that give figures for each period
-- grain: entity, kind, period_start, period_end, form, accession
-- reads: fact_known
-- units: period_start and period_end are days, both included
select distinct entity, kind, period_start, period_end, form, accession
from fact_known
where period_end is not null and accession is not null
