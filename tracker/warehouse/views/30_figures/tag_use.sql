-- tag_use: how often a company gives a metric under each tag and in each unit, by fiscal year
-- grain: entity, metric, concept, unit, fiscal_year
-- reads: quarter_by_concept, year_to_date_by_concept, metric, metric_tag
-- units: uses counts periods with a value
with given as (
    select t.metric, q.entity, q.concept, q.unit, q.fiscal_year
    from quarter_by_concept q
    join metric_tag t on t.concept = q.concept
    where q.value is not null
    union all
    select t.metric, y.entity, y.concept, y.unit, y.fiscal_year
    from year_to_date_by_concept y
    join metric_tag t on t.concept = y.concept
    join metric m on m.metric = t.metric and m.type = 'duration'
    where y.value is not null
)
select entity, metric, concept, unit, fiscal_year, count(*) as uses
from given
group by entity, metric, concept, unit, fiscal_year
