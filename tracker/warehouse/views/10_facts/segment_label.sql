-- segment_label: what the filings of a company call its parts, by their label linkbases
-- grain: entity, member
-- reads: segment_known, member_label
-- units: known_at is the moment from which the label is public
-- The latest filing that has a label for a member counts. Members without one are not here: segment_figure has the words of
-- each member's name.
with labelled as (
    select k.entity, l.member, l.label, k.source_id, min(k.known_at) as known_at
    from segment_known k
    join member_label l on l.source_id = k.source_id
    group by k.entity, l.member, l.label, k.source_id
),
placed as (
    select
        b.*, row_number() over (partition by b.entity, b.member order by b.known_at desc, b.source_id) as place
    from labelled b
)
select p.entity, p.member, p.label, p.source_id, p.known_at
from placed p
where p.place = 1
