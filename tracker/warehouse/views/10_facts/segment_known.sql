-- segment_known: every standing statement about a part of a company: a segment, a product, a region, a class of shares
-- grain: fact_id
-- reads: fact, correction_effect, entity_id
-- as-of: known_at
-- dimensions names the part as axis=member, several joined by semicolons in the order of their axes. Views without
-- segment in their name show none of these statements. What is withdrawn or corrected is left out, as in fact_known.
with gone as (
    select retracts, max(recorded_at) as gone_at from fact where retracts is not null group by retracts
)
select
    f.fact_id,
    case when i.stored_as is null then f.entity else i.entity end as entity,
    f.concept,
    f.metric,
    f.dimensions,
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
left join gone g on g.retracts = f.fact_id and g.gone_at >= f.recorded_at
left join correction_effect x on x.target = f.fact_id
left join entity_id i on i.stored_as = f.entity and not i.is_withdrawn
where f.dimensions is not null and f.retracts is null and g.retracts is null and x.target is null
  and (i.stored_as is null or i.entity is not null)
