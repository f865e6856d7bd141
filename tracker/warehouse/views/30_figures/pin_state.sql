-- pin_state: what each pin did: the value it chose, or why it chooses nothing
-- grain: entity, metric, fiscal_period
-- reads: pinned, choice, entity_label
-- units: value in whole units of `unit`; since is the first day the pin counts
-- state is chosen; no such statement (nothing of the figure has that concept, source or id, so the usual order holds);
-- or no such figure (nothing is known of the company, metric and period).
select
    p.entity,
    l.name,
    l.ticker,
    l.cik,
    p.metric,
    p.fiscal_period,
    c.calendar_quarter,
    c.period_start,
    c.period_end,
    p.chosen,
    p.reason,
    case when p.since > date '1900-01-01' then p.since end as since,
    p.origin,
    case
        when c.is_pinned then 'chosen'
        when c.entity is null then 'no such figure'
        else 'no such statement'
    end as state,
    c.value,
    c.unit,
    c.concept,
    c.operands
from pinned p
left join choice c
    on c.entity = p.entity and c.metric = p.metric and c.fiscal_period = p.fiscal_period and c.place = 1
left join entity_label l on l.entity = p.entity
where p.fact_id is null
