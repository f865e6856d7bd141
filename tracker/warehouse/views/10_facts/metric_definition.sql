-- metric_definition: the parts of each derived metric, a company's own definition in place of the general one
-- grain: entity, metric, part_no
-- reads: company_part
-- units: weight is 1 or -1; parts is how many the definition has
select
    entity,
    metric,
    part_no,
    part,
    weight,
    definition,
    count(*) over (partition by metric, entity) as parts
from company_part
where place = 1
