-- base_operand: the statements that the base of each growth rate is made of, one row each, with its sign
-- grain: entity, metric, span, fiscal_period, against, position
-- reads: growth
-- units: sign is 1 where the statement is added and -1 where it is subtracted; position counts from 1; against is year (as in yoy) or quarter (as in qoq)
-- fiscal_period is that of the figure that grew, base_period that of the earlier one. The statements of the figure
-- itself are in operand.
with term as (
    select
        entity, name, ticker, cik, metric, span, fiscal_year, fiscal_quarter, fiscal_period, against, base_period,
        rows_of_terms(base_operands) as part
    from growth
    where base is not null
)
select
    entity, name, ticker, cik, metric, span, fiscal_year, fiscal_quarter, fiscal_period, against, base_period,
    part.position as position, part.sign as sign, part.fact_id as fact_id
from term
