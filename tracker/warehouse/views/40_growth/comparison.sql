-- comparison: the earlier quarters that each figure is measured against, under every tag and version that gives its amount
-- grain: entity, metric, span, fiscal_year, fiscal_quarter, quarters_back, concept, basis, first_vintage, last_vintage
-- reads: vintage
-- units: quarters_back is 1 to 4 for quarters, 4 for half-years and nine months, and 4, 12, 20 or 40 for years; base_index counts quarters, as quarter_index of vintage does
-- is_own is true for the tag of the figure shown, and false for others that give the same amount.
select distinct
    v.entity, v.metric, v.span, v.fiscal_year, v.fiscal_quarter, d.quarters_back,
    v.quarter_index - d.quarters_back as base_index, o.concept, o.unit, o.basis, o.concept = v.concept as is_own,
    v.is_stated, v.period_end,
    case when v.span = 'year' then o.first_year_vintage else o.first_vintage end as first_vintage,
    case when v.span = 'year' then o.last_year_vintage else o.last_vintage end as last_vintage
from vintage v
join distances() d on d.span = v.span
join vintage o
    on o.entity = v.entity and o.metric = v.metric and o.span = v.span and o.fiscal_year = v.fiscal_year
    and o.fiscal_quarter = v.fiscal_quarter and o.unit = v.unit and o.value = v.value
    and o.period_end = v.period_end and o.is_stated = v.is_stated
where v.single_place = 1
