-- unit_measure: money is in a currency, what is per share in a currency per share, what is counted in neither
-- severity: blocking
-- message: {metric} ({concept}) to {period_end} in {source_id} is in {unit}, which is no unit of a {measure} figure
-- remedy: mend the unit in {source_id}, or the metric's measure in metrics.toml
-- Only what stands for a metric is looked at, and only actual figures: guidance and growth may be fractions of one.
with meant as (
    select f.entity, f.concept, f.unit, f.period_end, f.source_id, m.metric, m.measure
    from fact_known f
    join metric m on m.metric = f.metric
    where f.kind = 'actual'
    union
    select f.entity, f.concept, f.unit, f.period_end, f.source_id, m.metric, m.measure
    from fact_known f
    join metric_tag t on t.concept = f.concept
    join metric m on m.metric = t.metric
    where f.kind = 'actual'
)
select entity, metric, concept, period_end, source_id, unit, measure
from meant
where case measure
    when 'money' then not (length(unit) = 3 and unit = upper(unit))
    when 'per_share' then not (substr(unit, 1, 3) = upper(substr(unit, 1, 3)) and substr(unit, 4) in ('/shares', '/share'))
    when 'count' then unit like '%/%' or unit = 'ratio' or (length(unit) = 3 and unit = upper(unit))
    when 'ratio' then unit not in ('ratio', 'pure')
    else false
end
