-- segment_part: statements of metrics about parts of companies, each with the part as its filing cut it
-- grain: fact_id
-- reads: segment_known, segment_cut, metric_tag
-- units: cut_at is the moment at which the axis was cut as it is here; NULL is the first cut that is known
-- A part as it was cut (part) is derived like a company of its own: figures of two cuts are never joined.
with filing as (
    select distinct entity, axes_of(dimensions) as axes, concept, unit, known_at
    from segment_known
    where kind = 'actual'
),
cut as (
    select f.entity, f.axes, f.concept, f.unit, f.known_at, max(c.cut_at) as cut_at
    from filing f
    join segment_cut c
        on c.entity = f.entity and c.axes = f.axes and c.concept = f.concept and c.unit = f.unit
        and c.cut_at <= f.known_at
    group by f.entity, f.axes, f.concept, f.unit, f.known_at
),
tagged as (
    select distinct concept from metric_tag
)
select
    k.fact_id,
    k.entity,
    k.dimensions,
    axes_of(k.dimensions) as axes,
    c.cut_at,
    part_id(k.entity, k.dimensions, c.cut_at) as part,
    k.concept,
    k.metric,
    k.kind,
    k.period_start,
    k.period_end,
    k.value,
    k.low,
    k.high,
    k.unit,
    k.decimals,
    k.qualifier,
    k.source_id,
    k.accession,
    k.form,
    k.language,
    k.span_start,
    k.span_end,
    k.quote,
    k.element,
    k.method,
    k.confidence,
    k.known_at,
    k.recorded_at
from segment_known k
join tagged t on t.concept = k.concept
left join cut c
    on c.entity = k.entity and c.axes = axes_of(k.dimensions) and c.concept = k.concept and c.unit = k.unit
    and c.known_at = k.known_at
where k.kind = 'actual'
