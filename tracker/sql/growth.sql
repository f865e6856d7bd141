-- growth: every figure against an earlier one, with the growth rate or the reason why there is none
-- grain: entity, metric, span, fiscal_period, against
-- reads: figure
-- units: value and base in whole units of `unit`; ratio, ratio_low, ratio_high are fractions (0.25 is +25%); against
-- is year (the same period of the year before) or quarter (the quarter before)
-- Periods are matched by the company's own calendar, never by subtracting days or by the order of rows: a missing
-- quarter is no_base. The ratio is value / base - 1, only when the base is above zero and both sides compare;
-- otherwise it is NULL and status says why: no_base, not_derivable, basis_changed, long_period (one side has a
-- 53rd week), zero_base, loss_to_profit, loss_narrowed, loss_widened. profit_to_loss keeps its ratio. The bounds are
-- what both sides' rounding leaves open.
with numbered as (
    select f.*, f.fiscal_year * 4 + f.fiscal_quarter as quarter_index
    from figure f
),
asked as (
    select n.*, 'year' as against, n.quarter_index - 4 as base_index from numbered n
    union all
    select n.*, 'quarter' as against, n.quarter_index - 1 as base_index from numbered n where n.span = 'quarter'
),
paired as (
    select
        v.*,
        b.value as base,
        b.low as base_low,
        b.high as base_high,
        b.fiscal_period as base_period,
        b.operands as base_operands,
        b.reason as base_reason,
        case
            when v.value is null then 'not_derivable'
            when b.entity is null then 'no_base'
            when b.value is null then 'not_derivable'
            when b.unit <> v.unit or coalesce(b.basis, '') <> coalesce(v.basis, '') then 'basis_changed'
            when abs(
                days_between(v.period_start, v.period_end) - days_between(b.period_start, b.period_end)
            ) >= 6 then 'long_period'
            when b.value = 0 then 'zero_base'
            when b.value < 0 and v.value >= 0 then 'loss_to_profit'
            when b.value < 0 and v.value >= b.value then 'loss_narrowed'
            when b.value < 0 then 'loss_widened'
            when v.value < 0 then 'profit_to_loss'
            else 'ok'
        end as status
    from asked v
    left join numbered b
        on b.entity = v.entity and b.metric = v.metric and b.span = v.span and b.quarter_index = v.base_index
)
select
    p.entity,
    p.name,
    p.ticker,
    p.cik,
    p.metric,
    p.span,
    p.fiscal_year,
    p.fiscal_quarter,
    p.fiscal_period,
    p.against,
    p.calendar_quarter,
    p.period_start,
    p.period_end,
    p.value,
    p.low,
    p.high,
    p.unit,
    p.method,
    p.base,
    p.base_low,
    p.base_high,
    p.base_period,
    case
        when p.status in ('ok', 'profit_to_loss')
            then cast(p.value as double) / nullif(cast(p.base as double), 0) - 1
    end as ratio,
    case
        when p.status in ('ok', 'profit_to_loss') and p.base_low > 0
            then cast(p.low as double) / nullif(cast(case when p.low < 0 then p.base_low else p.base_high end as double), 0) - 1
    end as ratio_low,
    case
        when p.status in ('ok', 'profit_to_loss') and p.base_low > 0
            then cast(p.high as double) / nullif(cast(case when p.high < 0 then p.base_high else p.base_low end as double), 0) - 1
    end as ratio_high,
    p.status,
    case when p.status = 'not_derivable' then coalesce(p.reason, p.base_period || ': ' || p.base_reason) end as reason,
    p.operands,
    p.base_operands,
    p.known_at
from paired p
