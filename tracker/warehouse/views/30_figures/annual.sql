-- annual: fiscal years of every metric
-- grain: entity, metric, fiscal_year
-- reads: figure
-- units: value, low and high in whole units of `unit`; if value is NULL, reason says why
select f.*
from figure f
where f.span = 'year'
