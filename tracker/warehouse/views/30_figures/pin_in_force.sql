-- pin_in_force: the choices that people have pinned and not taken back
-- grain: origin, entity, metric, fiscal_period
-- reads: pin, entity_id
-- as-of: since
-- units: since is the first day a pin counts: questions as of an earlier day do not see it
-- A pin without a day always counts: it is what an analyst chooses today, for all of history. It counts for the company
-- that its id means now.
select
    p.origin, case when i.stored_as is null then p.entity else i.entity end as entity, p.metric, p.fiscal_period, p.chosen,
    p.reason, coalesce(p.since, date '1900-01-01') as since, p.recorded_at
from pin p
left join entity_id i on i.stored_as = p.entity and not i.is_withdrawn
where not p.is_withdrawn and (i.stored_as is null or i.entity is not null)
