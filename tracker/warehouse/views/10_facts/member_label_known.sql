-- member_label_known: every label that a filing of a company has for one of its parts
-- grain: source_id, member
-- reads: member_label, reading, source, entity_id
-- as-of: known_at
-- units: known_at is the moment from which the filing is public
-- The label is the one in the filing's label linkbase.
select
    case when i.stored_as is null then r.about else i.entity end as entity, l.member, l.label, l.source_id,
    coalesce(s.published_at, s.recorded_at) as known_at
from member_label l
join reading r on r.source_id = l.source_id
join source s on s.source_id = l.source_id
left join entity_id i on i.stored_as = r.about and not i.is_withdrawn
where r.about is not null and (i.stored_as is null or i.entity is not null)
