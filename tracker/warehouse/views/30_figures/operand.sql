-- operand: the statements that each figure is made of, one row each, with the sign it has in the sum
-- grain: entity, metric, span, fiscal_year, fiscal_quarter, position
-- reads: figure
-- units: sign is 1 where the statement is added and -1 where it is subtracted; position counts from 1
-- The figure is the sum of sign times the statement's value (`statement` has it by fact_id). A figure without a value
-- has no rows.
with term as (
    select
        entity, name, ticker, cik, metric, span, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter,
        period_start, period_end, rows_of_terms(operands) as part
    from figure
    where value is not null
)
select
    entity, name, ticker, cik, metric, span, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start,
    period_end, part.position as position, part.sign as sign, part.fact_id as fact_id
from term
