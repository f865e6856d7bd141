-- fact_known: every statement that stands, withdrawn and corrected ones left out
-- grain: fact_id
-- reads: fact, correction_effect
-- as-of: known_at
-- A fact is withdrawn by a later row that names it; said again after that, it stands again. Where nobody can
-- say when a statement became public, the moment we stored it is the earliest we can vouch for. What the article
-- reader found gives way where a person has checked the same figure of the same source. A correction takes out the
-- one statement it names, whatever is public since when: the misreading was ours.
with gone as (
    select retracts, max(recorded_at) as gone_at from fact where retracts is not null group by retracts
)
select
    f.fact_id,
    f.entity,
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
where f.retracts is null and r.retracts is null and c.source_id is null and x.target is null
