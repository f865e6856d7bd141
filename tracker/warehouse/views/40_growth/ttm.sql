-- ttm: the sum of the last four quarters, for metrics that may be added up
-- grain: entity, metric, fiscal_period
-- reads: figure, earlier_figure, comparable, metric
-- units: value, low and high in whole units of `unit`; operands are signed fact_ids; method is that of the year if the four quarters are one, else derived
-- If the four quarters are a fiscal year that is known, the sum is that year. Otherwise all four quarters by the
-- company's calendar must be there, on the concept, unit and basis of the last one, and of one vintage (comparable). If
-- one is missing, the sum is not derivable, and reason says why; the window never shifts.
with quarters as (
    select f.*, quarter_number(f.fiscal_year, f.fiscal_quarter) as quarter_index
    from figure f
    join metric m on m.metric = f.metric and m.is_additive
    where f.span = 'quarter'
),
earlier_quarters as (
    select *, quarter_number(fiscal_year, fiscal_quarter) as quarter_index from earlier_figure where span = 'quarter'
),
asked as (
    select
        v.entity, v.metric, v.fiscal_year, v.fiscal_quarter, count(q.value) as known, max(reason_of_doubt(q.basis)) as doubt,
        min(q.period_start) as period_start,
        min_by(
            case when q.value is null then reason(q.reason_code, within(q.fiscal_period, q.reason_parameters)) end,
            case when q.value is null then q.fiscal_period end
        ) as why
    from quarters v
    join earlier_quarters q
        on q.entity = v.entity and q.metric = v.metric
        and q.quarter_index between v.quarter_index - 3 and v.quarter_index
        and lies_back(q.period_end, v.period_end, v.quarter_index - q.quarter_index)
    group by v.entity, v.metric, v.fiscal_year, v.fiscal_quarter
),
before as (
    select
        entity, metric, fiscal_year, fiscal_quarter, count(*) as quarters, min(period_start) as period_start,
        sum(value) as value, case when count(low) = 3 then sum(low) end as low,
        case when count(high) = 3 then sum(high) end as high,
        joined_terms(operands, -quarters_back) as operands,
        max(known_at) as known_at
    from comparable
    where span = 'quarter' and quarters_back < 4
    group by entity, metric, fiscal_year, fiscal_quarter
),
summed as (
    select
        v.entity, v.name, v.ticker, v.cik, v.metric, v.fiscal_year, v.fiscal_quarter, v.fiscal_period, v.calendar_quarter,
        a.period_start, v.period_end, v.unit,
        case when b.quarters = 3 and not bars_sums(v.basis) then v.value + b.value end as value,
        case when b.quarters = 3 and not bars_sums(v.basis) then v.low + b.low end as low,
        case when b.quarters = 3 and not bars_sums(v.basis) then v.high + b.high end as high,
        case when b.quarters = 3 and not bars_sums(v.basis) then b.operands || ' ' || v.operands end as operands,
        case
            when b.quarters = 3 and not bars_sums(v.basis) then reason(null, no_parameters())
            when a.known = 4 then reason(coalesce(a.doubt, 'quarters_on_two_bases'), no_parameters())
            else coalesce(a.why, reason('too_few_quarters', no_parameters()))
        end as why,
        case when b.quarters = 3 and not bars_sums(v.basis) then greatest(v.known_at, b.known_at) end as known_at
    from quarters v
    join asked a
        on a.entity = v.entity and a.metric = v.metric and a.fiscal_year = v.fiscal_year
        and a.fiscal_quarter = v.fiscal_quarter
    left join before b
        on b.entity = v.entity and b.metric = v.metric and b.fiscal_year = v.fiscal_year
        and b.fiscal_quarter = v.fiscal_quarter
),
-- The fiscal year that ends with a quarter, also where no quarter of it is known.
year as (
    select f.*, fiscal_label('quarter', f.fiscal_year, 4) as last_quarter
    from figure f
    join metric m on m.metric = f.metric and m.is_additive
    where f.span = 'year' and f.value is not null
)
select
    coalesce(y.entity, s.entity) as entity,
    coalesce(y.name, s.name) as name,
    coalesce(y.ticker, s.ticker) as ticker,
    coalesce(y.cik, s.cik) as cik,
    coalesce(y.metric, s.metric) as metric,
    coalesce(y.fiscal_year, s.fiscal_year) as fiscal_year,
    coalesce(y.fiscal_quarter, s.fiscal_quarter) as fiscal_quarter,
    coalesce(y.last_quarter, s.fiscal_period) as fiscal_period,
    coalesce(y.calendar_quarter, s.calendar_quarter) as calendar_quarter,
    coalesce(y.period_start, s.period_start) as period_start,
    coalesce(y.period_end, s.period_end) as period_end,
    coalesce(y.value, s.value) as value,
    case when y.value is not null then y.low else s.low end as low,
    case when y.value is not null then y.high else s.high end as high,
    coalesce(y.unit, s.unit) as unit,
    coalesce(y.method, case when s.value is not null then 'derived' end) as method,
    coalesce(y.operands, s.operands) as operands,
    case when y.value is null then reason_text(s.why.code, s.why.parameters) end as reason,
    case when y.value is null then s.why.code end as reason_code,
    case when y.value is null then s.why.parameters end as reason_parameters,
    coalesce(y.known_at, s.known_at) as known_at
from summed s
full join year y
    on y.entity = s.entity and y.metric = s.metric and y.fiscal_year = s.fiscal_year
    and y.fiscal_quarter = s.fiscal_quarter
