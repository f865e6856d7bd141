-- cagr: compound growth a year over three, five and ten fiscal years
-- grain: entity, metric, fiscal_period, years
-- reads: annual
-- units: value and base in whole units of `unit`; cagr_ratio is a fraction a year (0.25 is +25% a year)
-- Only between values above zero on one basis and in one unit; otherwise NULL with the reason in cagr_status.
with horizon as (
    select years from (values (3), (5), (10)) h(years)
),
paired as (
    select
        v.*,
        h.years,
        b.value as base,
        b.fiscal_period as base_period,
        case
            when v.value is null or b.value is null then 'not_derivable'
            when b.unit <> v.unit or coalesce(b.basis, '') <> coalesce(v.basis, '') then 'basis_changed'
            when b.value <= 0 or v.value <= 0 then 'loss'
            else 'ok'
        end as cagr_status
    from annual v
    cross join horizon h
    join annual b on b.entity = v.entity and b.metric = v.metric and b.fiscal_year = v.fiscal_year - h.years
)
select
    entity, name, ticker, cik, metric, fiscal_year, fiscal_period, calendar_quarter, period_start, period_end, years,
    value, base, base_period, unit,
    case
        when cagr_status = 'ok'
            then power(cast(value as double) / nullif(cast(base as double), 0), 1.0 / years) - 1
    end as cagr_ratio,
    cagr_status
from paired
