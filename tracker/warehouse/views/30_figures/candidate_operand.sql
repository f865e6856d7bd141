-- candidate_operand: the statements that each candidate for a figure is made of, one row each, with its sign
-- grain: entity, metric, span, fiscal_year, fiscal_quarter, place, position
-- reads: choice
-- units: place counts the candidates of a figure from 1, the one shown (choice); sign is 1 or -1; position counts from 1
with term as (
    select
        entity, metric, span, fiscal_year, fiscal_quarter, fiscal_period, place, rows_of_terms(operands) as part
    from choice
    where value is not null
)
select
    entity, metric, span, fiscal_year, fiscal_quarter, fiscal_period, place, part.position as position,
    part.sign as sign, part.fact_id as fact_id
from term
