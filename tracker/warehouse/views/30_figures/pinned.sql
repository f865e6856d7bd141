-- pinned: the statements that each pin names, one pin for a figure
-- grain: entity, metric, fiscal_period, fact_id
-- reads: pin_in_force, statement
-- A pin names a concept, or a source, an accession number or a fact_id. In the second case each fact stated there has a
-- row with its fact_id. The row without a fact_id stands for the pin itself. If two folders pin one figure, the later
-- `since` holds, then the one that was recorded last.
with ordered as (
    select
        p.*,
        row_number() over (
            partition by p.entity, p.metric, p.fiscal_period order by p.since desc, p.recorded_at desc, p.origin
        ) as rn
    from pin_in_force p
)
select
    p.entity, p.metric, p.fiscal_period, p.chosen, p.reason, p.since, p.origin, cast(null as string) as fact_id,
    cast(null as string) as concept, cast(null as string) as unit, cast(null as date) as period_start,
    cast(null as date) as period_end, cast(null as decimal(38, 6)) as value
from ordered p
where p.rn = 1
union all
select
    p.entity, p.metric, p.fiscal_period, p.chosen, p.reason, p.since, p.origin, id_text(s.fact_id) as fact_id, s.concept, s.unit,
    s.period_start, s.period_end, s.value
from ordered p
join statement s
    on s.entity = p.entity and s.kind = 'actual' and s.value is not null
    and (s.source_id = p.chosen or s.accession = p.chosen or id_text(s.fact_id) = lower(p.chosen))
where p.rn = 1
