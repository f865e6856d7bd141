-- cagr: compound annual growth over three, five and ten fiscal years
-- grain: entity, metric, fiscal_period, years
-- reads: annual, comparable, metric, split
-- units: value and base in whole units of `unit`; cagr_ratio is a fraction a year (0.25 is +25% a year)
-- Both values must be above zero, on one concept, unit and basis, and of one vintage (comparable: no filing between
-- them restated a year). Otherwise the rate is NULL, and cagr_status gives the reason. base_definition and
-- base_operands say which figure of the earlier year the base is. basis_changed and split have no base: the earlier year is
-- known only on another basis, or only as it was before or after a split of shares.
with horizon as (
    select years from (values (3), (5), (10)) h(years)
),
-- Pairs of years whose statements lie on two sides of a split.
crossed as (
    select distinct v.entity, v.metric, v.fiscal_year, h.years
    from annual v
    cross join horizon h
    join split s on s.entity = v.entity and s.is_confirmed
    join annual b
        on b.entity = v.entity and b.metric = v.metric and b.unit = v.unit and b.fiscal_year = v.fiscal_year - h.years
    left join comparable c
        on c.entity = v.entity and c.metric = v.metric and c.span = 'year' and c.fiscal_year = v.fiscal_year
        and c.quarters_back = 4 * h.years
    where changes_in_split(v.unit) and (v.known_at < s.known_at) <> (coalesce(c.known_at, b.known_at) < s.known_at)
),
paired as (
    select
        v.*,
        h.years,
        case when x.entity is null then c.value end as base,
        case when x.entity is null then c.definition end as base_definition,
        case when x.entity is null then c.operands end as base_operands,
        b.fiscal_period as base_period,
        case
            when v.value is null or (b.value is null and c.value is null) then 'not_derivable'
            when x.entity is not null then 'split'
            when c.value is null then 'basis_changed'
            when m.measure = 'ratio' then 'rate'
            when c.value <= 0 or v.value <= 0 then 'loss'
            else 'ok'
        end as cagr_status
    from annual v
    cross join horizon h
    left join metric m on m.metric = v.metric
    join annual b
        on b.entity = v.entity and b.metric = v.metric and b.fiscal_year = v.fiscal_year - h.years
        and lies_back(b.period_end, v.period_end, 4 * h.years)
    left join comparable c
        on c.entity = v.entity and c.metric = v.metric and c.span = 'year' and c.fiscal_year = v.fiscal_year
        and c.quarters_back = 4 * h.years
    left join crossed x
        on x.entity = v.entity and x.metric = v.metric and x.fiscal_year = v.fiscal_year and x.years = h.years
)
select
    entity, name, ticker, cik, metric, fiscal_year, fiscal_period, calendar_quarter, period_start, period_end, years,
    value, base, base_period, unit, definition, base_definition,
    case
        when cagr_status = 'ok'
            then power(cast(value as double) / nullif(cast(base as double), 0), 1.0 / years) - 1
    end as cagr_ratio,
    cagr_status, operands, base_operands
from paired
