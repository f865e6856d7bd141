-- evidence: what was read from a text says where it stands there, and how it is printed
-- severity: blocking
-- message: {concept} to {period_end}, read from {source_id}, has no {lacks}
-- remedy: ingest {source_id} again, or add the span and the quote by hand
select
    f.entity, f.concept, f.period_end, f.source_id,
    case when f.quote is null then 'quote' else 'span of characters' end as lacks
from fact_known f
where f.method = 'extracted' and (f.quote is null or f.span_start is null or f.span_end is null or f.span_end <= f.span_start)
