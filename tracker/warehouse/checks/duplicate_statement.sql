-- duplicate_statement: a filing or data set gives one value for a figure and period
-- severity: blocking
-- message: {source_id} gives {concept} from {period_start} to {period_end} as {least} and as {greatest} {unit}
-- remedy: find out in {source_id} which one holds, and take out the other
-- The same value in fewer digits is no second one. Only what stands for a metric. What a document of a filing prints in
-- two ways is the check disputed_print.
select
    f.entity, f.source_id, f.concept, f.period_start, f.period_end, f.unit,
    min(f.value) as least, max(f.value) as greatest
from fact_known f
where f.kind = 'actual' and f.value is not null and f.period_end is not null and f.concept not like 'stated:%'
  and not (f.method = 'reported' and f.quote is not null)
  and (f.metric in (select metric from metric) or f.concept in (select concept from metric_tag))
group by f.entity, f.source_id, f.concept, f.period_start, f.period_end, f.unit
having max(f.value) - min(f.value) >= cast(last_digit(min(coalesce(f.decimals, 6))) as decimal(38, 6))
