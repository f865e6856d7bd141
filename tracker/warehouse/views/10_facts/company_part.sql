-- company_part: the parts of each derived metric, under every definition that applies to a company
-- grain: entity, metric, place, part_no
-- reads: entity, entity_alias, entity_id, listing, metric_part
-- units: weight is 1 or -1
-- A company's own definition names the company by our id, by its CIK (cik0001326801) or by its LEI (lei, then twenty
-- letters and digits). The general definition applies to every company. place 1 is the definition in force: the
-- company's own definition comes first, by id, then by CIK, then by LEI.
with known as (
    select
        e.entity,
        case k.kind
            when 'id' then e.entity
            when 'cik' then 'cik' || lpad(cast(e.cik as string), 10, '0')
            when 'lei' then 'lei' || l.alias
            else '*'
        end as owner,
        k.nearness
    from entity e
    cross join (values ('id', 0), ('cik', 1), ('lei', 2), ('all', 3)) k(kind, nearness)
    left join (
        select distinct cik, alias from listing where kind = 'lei'
    ) l on k.kind = 'lei' and l.cik = e.cik
    union all
    select entity, 'lei' || alias as owner, 2 as nearness from entity_alias where kind = 'lei'
    union all
    select entity, stored_as as owner, case when stored_as like 'cik__________' then 1 else 0 end as nearness
    from entity_id where not is_withdrawn and entity is not null
),
nearest as (
    select k.entity, k.owner, p.metric, p.part_no, p.part, p.weight, p.definition, min(k.nearness) as nearness
    from known k
    join metric_part p on p.entity = k.owner
    group by k.entity, k.owner, p.metric, p.part_no, p.part, p.weight, p.definition
)
select
    entity,
    metric,
    cast(dense_rank() over (partition by entity, metric order by nearness, owner) as integer) as place,
    part_no,
    part,
    weight,
    definition,
    owner <> '*' as is_own
from nearest
