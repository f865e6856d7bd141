-- fact_current: the statements that hold now: the latest version a company gave, and the last statement of each other source
-- grain: fact_id
-- reads: statement, version
-- units: value, low and high in whole units as stated; bound_low and bound_high are the bounds that the printing allows
with last_word as (
    select
        s.fact_id,
        row_number() over (
            partition by s.entity, s.concept, s.kind, s.unit, s.period_start, s.period_end, s.source_id, s.span_start
            order by s.known_at desc, s.recorded_at desc, s.fact_id
        ) as rn
    from statement s
    where s.kind <> 'actual' or s.concept like 'stated:%' or s.value is null or s.period_end is null
),
held as (
    select fact_id from version where is_latest
    union all
    select fact_id from last_word where rn = 1
)
select s.*
from statement s
where exists (select 1 from held h where h.fact_id = s.fact_id)
