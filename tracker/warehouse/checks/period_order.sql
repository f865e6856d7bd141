-- period_order: no period ends before it starts
-- severity: blocking
-- message: {concept} in {source_id} runs from {period_start} to {period_end}
-- remedy: mend the days in {source_id} and ingest it again
select f.entity, f.concept, f.kind, f.period_start, f.period_end, f.source_id
from fact_known f
where f.period_start > f.period_end
