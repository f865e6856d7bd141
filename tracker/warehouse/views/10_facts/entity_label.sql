-- entity_label: the name, ticker and CIK of each company today
-- grain: entity
-- reads: entity, entity_alias, listing
-- The ticker is the one in `entities.toml`, or else the first one that the SEC lists.
select
    e.entity,
    e.name,
    coalesce(
        min(case when a.kind = 'ticker' and a.valid_to is null then a.alias end),
        min(case when l.place = 1 then l.alias end)
    ) as ticker,
    e.cik
from entity e
left join entity_alias a on a.entity = e.entity
left join listing l on l.cik = e.cik and l.kind = 'ticker'
group by e.entity, e.name, e.cik
