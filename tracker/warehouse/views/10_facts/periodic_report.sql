-- periodic_report: the annual and quarterly reports of each company, with the last period they give flows for
-- grain: entity, accession
-- reads: fact_known
-- units: known_at is the moment the report became public; period_end is a day
select entity, accession, min(known_at) as known_at, max(period_end) as period_end
from fact_known
where kind = 'actual' and period_start is not null and accession is not null and period_end <= cast(known_at as date)
  and concept not like 'stated:%'
  and is_periodic_form(form)
group by entity, accession
