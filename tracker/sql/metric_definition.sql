-- metric_definition: the parts of each derived metric, a company's own definition in place of the general one
-- grain: entity, metric, part_no
-- reads: entity, metric_part
-- units: weight is 1 or -1; parts is how many the definition has
select
    e.entity,
    p.metric,
    p.part_no,
    p.part,
    p.weight,
    p.definition,
    count(*) over (partition by p.metric, e.entity) as parts
from entity e
join metric_part p
    on p.entity = e.entity
    or (
        p.entity = '*'
        and not exists (select 1 from metric_part own where own.metric = p.metric and own.entity = e.entity)
    )
