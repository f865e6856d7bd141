-- segment_label: what the filings of a company call its parts, by their label linkbases
-- grain: entity, member
-- reads: member_label_known
-- units: known_at is the moment from which the label is public
-- The latest filing that has a label for a member counts. Members without one are not here.
with placed as (
    select
        k.*, row_number() over (partition by k.entity, k.member order by k.known_at desc, k.source_id) as place
    from member_label_known k
)
select p.entity, p.member, p.label, p.source_id, p.known_at
from placed p
where p.place = 1
