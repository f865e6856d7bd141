-- pin_in_force: the choices people have pinned and not taken back
-- grain: origin, entity, metric, fiscal_period
-- reads: pin
-- as-of: since
-- units: since is the first day a pin counts: questions as of an earlier day do not see it
-- A pin without a day counts always: it is what an analyst chooses today, for all of history.
select origin, entity, metric, fiscal_period, chosen, reason, coalesce(since, date '1900-01-01') as since, recorded_at
from pin
where not is_withdrawn
