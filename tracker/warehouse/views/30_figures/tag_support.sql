-- tag_support: in how many of the five fiscal years around a year a company uses a tag
-- grain: entity, metric, concept, unit, fiscal_year
-- reads: tag_use
-- units: years is 1 to 5
select u.entity, u.metric, u.concept, u.unit, u.fiscal_year, count(*) as years
from tag_use u
join tag_use o
    on o.entity = u.entity and o.metric = u.metric and o.concept = u.concept and o.unit = u.unit
    and o.fiscal_year between u.fiscal_year - 2 and u.fiscal_year + 2
group by u.entity, u.metric, u.concept, u.unit, u.fiscal_year
