-- scale_disagreement: no two statements of one figure and period are hundreds of times apart
-- severity: warning
-- message: {concept} from {period_start} to {period_end} is {least} {unit} in {least_source} and {greatest} in {greatest_source}
-- remedy: compare both sources; one printed thousands or millions as units (annual and quarterly reports are shown first)
with ends as (
    select
        entity, concept, unit, period_start, period_end,
        min(abs(value)) as least, max(abs(value)) as greatest
    from fact_known
    where kind = 'actual' and value <> 0 and period_end is not null
      and (metric in (select metric from metric) or concept in (select concept from metric_tag))
    group by entity, concept, unit, period_start, period_end
    having max(abs(value)) >= 100 * min(abs(value))
)
select
    e.entity, e.concept, e.unit, e.period_start, e.period_end, e.least, e.greatest,
    min(case when abs(f.value) = e.least then f.source_id end) as least_source,
    min(case when abs(f.value) = e.greatest then f.source_id end) as greatest_source
from ends e
join fact_known f
    on f.entity = e.entity and f.concept = e.concept and f.unit = e.unit and f.period_end = e.period_end
    and f.period_start is not distinct from e.period_start
group by e.entity, e.concept, e.unit, e.period_start, e.period_end, e.least, e.greatest
