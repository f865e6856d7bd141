-- entity_label: how companies are called today, beside their id
-- grain: entity
-- reads: entity, entity_alias
select
    e.entity,
    e.name,
    min(case when a.kind = 'ticker' and a.valid_to is null then a.alias end) as ticker,
    e.cik
from entity e
left join entity_alias a on a.entity = e.entity
group by e.entity, e.name, e.cik
