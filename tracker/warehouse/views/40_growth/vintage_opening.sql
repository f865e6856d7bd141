-- vintage_opening: the moments at which a filing changed figures of a concept by more than their rounding
-- grain: entity, concept, unit, changed_at
-- reads: version
-- units: changed_at is a moment; is_year is true if a figure of a year changed
select
    entity, concept, unit, first_known_at as changed_at,
    max(case when span = 'year' then 1 else 0 end) = 1 as is_year
from version
where version_no > 1 and abs(value - value_before) > bound_high - bound_low
group by entity, concept, unit, first_known_at
