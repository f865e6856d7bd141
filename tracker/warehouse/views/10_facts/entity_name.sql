-- entity_name: everything a company is or was called: ids, CIK, LEI, tickers and names, with the days on which each was valid
-- grain: entity, kind, alias, valid_from
-- reads: entity, stored_latest_entity, stored_latest_entity_alias, entity_id, stored_listing, listing
-- The names come from `entities.toml`, from filings and from the SEC's lists. kind is id, former_id, cik, lei, ticker
-- or name. If a newer list of the SEC lacks a name, the name was valid until the day before that list was stored.
with listed as (
    select s.cik, s.kind, s.alias, s.valid_from, max(s.recorded_at) as last_at, s.origin, max(s.valid_to) as valid_to
    from stored_listing s
    group by s.cik, s.kind, s.alias, s.valid_from, s.origin
),
newest as (
    select origin, max(recorded_at) as at from listing group by origin
),
named as (
    select entity, 'id' as kind, entity as alias, cast(null as date) as valid_from, cast(null as date) as valid_to
    from entity
    union all
    select entity, 'name' as kind, name as alias, null as valid_from, null as valid_to from entity
    union all
    select entity, 'cik' as kind, cast(cik as string) as alias, null as valid_from, null as valid_to from entity where cik is not null
    union all
    select i.entity, 'former_id' as kind, i.stored_as as alias, null as valid_from, null as valid_to
    from entity_id i
    where not i.is_withdrawn and i.entity is not null
    union all
    select i.entity, 'name' as kind, e.name as alias, null as valid_from, null as valid_to
    from stored_latest_entity e
    join entity_id i on i.stored_as = e.entity and not i.is_withdrawn
    union all
    select
        case when i.stored_as is null then a.entity else i.entity end as entity, a.kind, a.alias, a.valid_from, a.valid_to
    from stored_latest_entity_alias a
    left join entity_id i on i.stored_as = a.entity and not i.is_withdrawn
    union all
    select
        e.entity, l.kind, l.alias, l.valid_from,
        coalesce(l.valid_to, case when l.last_at < n.at then add_days(n.at, -1) end) as valid_to
    from listed l
    join newest n on n.origin = l.origin
    join entity e on e.cik = l.cik
)
select entity, kind, alias, valid_from, case when count(valid_to) = count(*) then max(valid_to) end as valid_to
from named
where entity is not null
group by entity, kind, alias, valid_from
