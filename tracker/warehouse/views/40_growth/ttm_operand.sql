-- ttm_operand: the statements that each sum of the last four quarters is made of, one row each, with its sign
-- grain: entity, metric, fiscal_period, position
-- reads: ttm
-- units: sign is 1 where the statement is added and -1 where it is subtracted; position counts from 1
with term as (
    select
        entity, name, ticker, cik, metric, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start,
        period_end, rows_of_terms(operands) as part
    from ttm
    where value is not null
)
select
    entity, name, ticker, cik, metric, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start,
    period_end, part.position as position, part.sign as sign, part.fact_id as fact_id
from term
