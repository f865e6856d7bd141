-- source_record: how well a publisher's figures agree with what was filed
-- grain: publisher
-- reads: source_check
-- units: counts of statements; the seven verdicts of source_check add up to statements
-- A source without a publisher has a row of its own, under its id. To count by source, use source_check, which has a
-- row for each statement.
select
    publisher,
    cast(count(distinct source_id) as integer) as sources,
    cast(count(*) as integer) as statements,
    cast(count(*) filter (where verdict = 'agreed') as integer) as agreed,
    cast(count(*) filter (where verdict = 'rounded') as integer) as rounded,
    cast(count(*) filter (where verdict = 'truncated') as integer) as truncated,
    cast(count(*) filter (where verdict = 'mis_scaled') as integer) as mis_scaled,
    cast(count(*) filter (where verdict = 'wrong_period') as integer) as wrong_period,
    cast(count(*) filter (where verdict = 'contradicted') as integer) as contradicted,
    cast(count(*) filter (where verdict = 'not_checkable') as integer) as not_checkable,
    min(known_at) as first_known_at,
    max(known_at) as last_known_at
from source_check
group by publisher
