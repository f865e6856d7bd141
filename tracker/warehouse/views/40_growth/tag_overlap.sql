-- tag_overlap: periods that a company states under two tags of one metric
-- grain: entity, metric, span, fiscal_year, fiscal_quarter, concept, operands, other_concept, other_operands
-- reads: vintage
-- units: vintages count from 0
-- agrees is 1 if some amount under one tag may be the amount under the other, else 0.
select
    a.entity, a.metric, a.span, a.fiscal_year, a.fiscal_quarter, a.unit, a.concept, a.operands, a.basis,
    a.first_vintage, a.last_vintage, a.first_year_vintage, a.last_year_vintage,
    b.concept as other_concept, b.operands as other_operands, b.basis as other_basis,
    b.first_vintage as other_first_vintage, b.last_vintage as other_last_vintage,
    b.first_year_vintage as other_first_year_vintage, b.last_year_vintage as other_last_year_vintage,
    a.value = b.value as is_equal,
    max(case when a.low > b.high or a.high < b.low then 0 else 1 end) over (
        partition by a.entity, a.metric, a.span, a.fiscal_year, a.fiscal_quarter, a.unit, a.concept, b.concept
    ) as agrees
from vintage a
join vintage b
    on b.entity = a.entity and b.metric = a.metric and b.span = a.span and b.fiscal_year = a.fiscal_year
    and b.fiscal_quarter = a.fiscal_quarter and b.unit = a.unit and b.concept <> a.concept
    and b.period_end = a.period_end
where a.method = 'reported' and b.method = 'reported' and a.value <> 0 and b.value <> 0
