-- range_order: the low end of a range is not above its high end, guidance included
-- severity: blocking
-- message: {kind} of {concept} for the period to {period_end} in {source_id} runs from {low} to {high} {unit}
-- remedy: exchange or mend the two ends in {source_id} and ingest it again
select f.entity, f.kind, f.concept, f.period_start, f.period_end, f.low, f.high, f.unit, f.source_id
from fact_known f
where f.low > f.high
