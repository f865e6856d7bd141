-- unit_use: the units in which a company gives a metric, the most frequent first
-- grain: entity, metric, unit
-- reads: tag_use
-- units: place counts from 1; units that are used equally often share a place
select entity, metric, unit, dense_rank() over (partition by entity, metric order by sum(uses) desc) as place
from tag_use
group by entity, metric, unit
