-- fact_known: every statement that stands, under the id in force of its company; withdrawn and corrected ones are left out
-- grain: fact_id
-- reads: fact, correction_effect, entity_id
-- as-of: known_at
-- A later row that names a fact withdraws it. If the fact is stated again after that, it stands again. If nothing says
-- when a statement became public, known_at is the moment when it was stored. If a person has checked a figure of a
-- source, the article reader's figure is left out. A correction takes out the one statement it names on every as-of
-- day, because the misreading was ours. A company that was stored under several ids is shown under the one in force,
-- and a statement stored under two of them counts once. A removed company has no statements. Only statements about the
-- whole company are here; segment_known has the others.
with gone as (
    select retracts, max(recorded_at) as gone_at from fact where retracts is not null group by retracts
),
-- The statements of companies that may be stored twice, under two ids: of each the one under the id in force stands.
several as (
    select
        f.*,
        row_number() over (
            partition by
                d.entity, f.concept, f.metric, f.kind, f.period_start, f.period_end, f.value, f.low, f.high, f.unit,
                f.decimals, f.qualifier, f.source_id, f.accession, f.form, f.language, f.span_start, f.span_end, f.quote,
                f.element, f.method, f.confidence
            order by case when f.entity = d.entity then 0 else 1 end, f.entity, f.recorded_at
        ) as rn
    from fact f
    join (
        select stored_as, entity from entity_id where is_doubled and not is_withdrawn and entity is not null
        union
        select entity as stored_as, entity from entity_id where is_doubled and not is_withdrawn and entity is not null
    ) d on d.stored_as = f.entity
    left join gone g on g.retracts = f.fact_id and g.gone_at >= f.recorded_at
    where f.dimensions is null and f.retracts is null and g.retracts is null
),
second as (
    select fact_id from several where rn > 1
)
select
    f.fact_id,
    case when i.stored_as is null then f.entity else i.entity end as entity,
    f.concept,
    f.metric,
    f.kind,
    f.period_start,
    f.period_end,
    f.value,
    f.low,
    f.high,
    f.unit,
    f.decimals,
    f.qualifier,
    f.source_id,
    f.accession,
    f.form,
    f.language,
    f.span_start,
    f.span_end,
    f.quote,
    f.element,
    f.method,
    f.confidence,
    coalesce(f.known_at, f.recorded_at) as known_at,
    f.recorded_at
from fact f
left join gone r on r.retracts = f.fact_id and r.gone_at >= f.recorded_at
left join (
    select distinct k.source_id, k.span_start
    from fact k
    left join gone g on g.retracts = k.fact_id and g.gone_at >= k.recorded_at
    left join correction_effect e on e.corrected = k.fact_id
    where k.method = 'curated' and k.retracts is null and k.span_start is not null
      and g.retracts is null and e.corrected is null
) c on c.source_id = f.source_id and c.span_start = f.span_start and f.method = 'extracted'
left join correction_effect x on x.target = f.fact_id
left join entity_id i on i.stored_as = f.entity and not i.is_withdrawn
where f.dimensions is null and f.retracts is null and r.retracts is null and c.source_id is null and x.target is null
  and (i.stored_as is null or i.entity is not null) and f.fact_id not in (select fact_id from second)
