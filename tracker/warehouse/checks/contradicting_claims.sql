-- contradicting_claims: a text does not give two values for one figure and period that cannot both be true
-- severity: warning
-- message: {source_id} says both {first_quote} and {second_quote} of {metric} {fiscal_period}
-- remedy: read {source_id} there; withdraw the one it does not mean in facts.csv
select distinct a.entity, a.source_id, a.metric, a.fiscal_period, a.quote as first_quote, b.quote as second_quote
from statement a
join statement b
    on b.entity = a.entity and b.source_id = a.source_id and b.concept = a.concept and b.unit = a.unit
    and b.period_end = a.period_end and b.period_start is not distinct from a.period_start
    and b.bound_low > a.bound_high
join metric m on m.metric = a.metric
where a.kind = 'actual' and b.kind = 'actual' and a.concept like 'stated:%'
