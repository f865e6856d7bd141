-- correction_state: what each correction did: the statement as it was read and as it was corrected
-- grain: fact_id
-- reads: correction, correction_effect, fact, entity_id, entity_label
-- as-of: known_at
-- units: amounts in whole units of `unit` and `unit_before`; fact_id, target_id and corrected_id are ids of statements
-- state is corrected or retracted. If the row changes nothing, state says why: no such statement, several statements,
-- corrected twice, a correction itself, a filed concept, nothing to correct. fact_id is the id in `corrections.csv`.
-- target_id is the statement that the correction took out; its id differs if its source was read again.
with ids as (
    select target as fact_id from correction_effect where target is not null
    union
    select corrected as fact_id from correction_effect where corrected is not null
),
content as (
    select
        f.*,
        case when i.stored_as is null then f.entity else i.entity end as shown_as,
        row_number() over (partition by f.fact_id order by f.recorded_at desc) as rn
    from fact f
    left join entity_id i on i.stored_as = f.entity and not i.is_withdrawn
    where f.retracts is null and f.fact_id in (select fact_id from ids)
)
select
    c.fact_id,
    e.state,
    e.target as target_id,
    e.corrected as corrected_id,
    coalesce(n.shown_as, t.shown_as) as entity,
    l.name,
    l.ticker,
    l.cik,
    coalesce(n.concept, t.concept) as concept,
    coalesce(n.metric, t.metric) as metric,
    coalesce(n.kind, t.kind) as kind,
    coalesce(n.period_start, t.period_start) as period_start,
    coalesce(n.period_end, t.period_end) as period_end,
    n.value,
    n.low,
    n.high,
    n.unit,
    n.qualifier,
    t.shown_as as entity_before,
    t.concept as concept_before,
    t.metric as metric_before,
    t.period_start as period_start_before,
    t.period_end as period_end_before,
    t.value as value_before,
    t.low as low_before,
    t.high as high_before,
    t.unit as unit_before,
    t.qualifier as qualifier_before,
    c.source_id,
    t.accession,
    t.form,
    c.span_start,
    c.span_end,
    c.quote,
    c.reason,
    c.made_by,
    c.made_on,
    coalesce(t.known_at, t.recorded_at) as known_at,
    e.recorded_at
from correction c
join correction_effect e on e.correction = c.fact_id
left join content t on t.fact_id = e.target and t.rn = 1
left join content n on n.fact_id = e.corrected and n.rn = 1
left join entity_label l on l.entity = coalesce(n.shown_as, t.shown_as)
where not c.is_withdrawn
