-- scale_doubt: versions of flows whose scale is wrong, or on whose scale two filings disagree
-- grain: entity, concept, unit, period_start, period_end, version_no
-- reads: scale_suspect
-- units: exponent is 3, 6, -3 or -6: the amount is about 10 to that power of what others say
-- A suspect is in doubt if another filing contradicts it, or contradicts any other figure of the suspect's filing in
-- the same way. It is also in doubt if three concepts of its filing are as far from their neighbours. Two such concepts
-- are enough if one of them has neighbours on both sides. One concept alone is not, because it may have grown.
with filed as (
    select
        entity, filing, exponent, count(distinct concept) as concepts, max(case when is_twin then 1 else 0 end) as twins,
        max(case when is_between then 1 else 0 end) as between_others
    from scale_suspect
    group by entity, filing, exponent
)
select s.entity, s.concept, s.unit, s.period_start, s.period_end, s.version_no, s.filing, s.exponent
from scale_suspect s
join filed f on f.entity = s.entity and f.filing = s.filing and f.exponent = s.exponent
where f.twins = 1 or f.concepts >= 3 or (f.concepts = 2 and f.between_others = 1)
