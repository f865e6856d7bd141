-- growth: every figure against an earlier one, with the growth rate or the reason why there is none
-- grain: entity, metric, span, fiscal_period, against
-- reads: figure, earlier_figure, comparable, metric, split
-- units: value and base in whole units of `unit`; ratio, ratio_low, ratio_high are fractions (0.25 is +25%); against is year (the same period of the year before) or quarter (the quarter before)
-- Periods are matched by the company's own calendar, never by subtracting days or by the order of rows: if the earlier
-- quarter is missing, or if the one of that name is from before the fiscal year end moved, status is no_base. The base
-- is on the concept, unit and basis of the value, from a vintage in which both held (comparable). If a company changed
-- its tag, the base is the earlier period as the company restated it under the new tag, not the figure shown for it;
-- base_definition, base_basis and base_operands say which one it is. The ratio is value / base - 1, and only if the
-- base is above zero and both sides compare. Otherwise it is NULL, and status says why: no_base, not_derivable,
-- basis_changed (the earlier period is known, but not on the basis of the value, so there is no base), split (a share
-- count or an amount per share, of which one side was stated before a confirmed split and the other after it, so that
-- there is no base), long_period (one side has a 53rd week), zero_base, loss_to_profit, loss_narrowed, loss_widened.
-- profit_to_loss keeps its ratio. A figure that is a rate itself has the status rate: it changes by value - base, in
-- percentage points, because a percentage of a percentage says nothing. The bounds are what the rounding of both sides
-- leaves open.
with asked as (
    select f.*, 'year' as against, 4 as quarters_back from figure f
    union all
    select f.*, 'quarter' as against, 1 as quarters_back from figure f where f.span = 'quarter'
),
-- The latest split between the statements of both sides.
crossed as (
    select v.entity, v.metric, v.span, v.fiscal_year, v.fiscal_quarter, v.quarters_back, max(s.known_at) as split_at
    from asked v
    join split s on s.entity = v.entity and s.is_confirmed
    join earlier_figure b
        on b.entity = v.entity and b.metric = v.metric and b.span = v.span and b.unit = v.unit
        and quarter_number(b.fiscal_year, b.fiscal_quarter) = quarter_number(v.fiscal_year, v.fiscal_quarter) - v.quarters_back
    left join comparable c
        on c.entity = v.entity and c.metric = v.metric and c.span = v.span and c.fiscal_year = v.fiscal_year
        and c.fiscal_quarter = v.fiscal_quarter and c.quarters_back = v.quarters_back
    where changes_in_split(v.unit) and (v.known_at < s.known_at) <> (coalesce(c.known_at, b.known_at) < s.known_at)
    group by v.entity, v.metric, v.span, v.fiscal_year, v.fiscal_quarter, v.quarters_back
),
-- What each figure may be measured against: nothing on the other side of a split.
base as (
    select c.*
    from comparable c
    left join crossed x
        on x.entity = c.entity and x.metric = c.metric and x.span = c.span and x.fiscal_year = c.fiscal_year
        and x.fiscal_quarter = c.fiscal_quarter and x.quarters_back = c.quarters_back
    where x.entity is null
),
paired as (
    select
        v.*,
        -- Where there is no value to measure, the earlier figure is the one shown.
        case when v.value is null then b.value else c.value end as base,
        case when v.value is null then b.low else c.low end as base_low,
        case when v.value is null then b.high else c.high end as base_high,
        b.fiscal_period as base_period,
        case when v.value is null then b.method else c.method end as base_method,
        case when v.value is null then b.definition else c.definition end as base_definition,
        case when v.value is null then b.basis else c.basis end as base_basis,
        case when v.value is null then b.operands else c.operands end as base_operands,
        b.reason_code as base_reason_code,
        b.reason_parameters as base_reason_parameters,
        b.definition as shown_definition,
        b.unit as shown_unit,
        reason_of_pair(v.basis, b.basis) as contradiction,
        x.split_at,
        o.fiscal_period as moved_period,
        case
            when v.value is null then 'not_derivable'
            when c.value is null and b.entity is null then 'no_base'
            when c.value is null and b.value is null then 'not_derivable'
            when c.value is null and x.split_at is not null then 'split'
            when c.value is null then 'basis_changed'
            when m.measure = 'ratio' then 'rate'
            when abs(
                days_between(v.period_start, v.period_end) - days_between(c.period_start, c.period_end)
            ) >= 6 then 'long_period'
            when c.value = 0 then 'zero_base'
            when c.value < 0 and v.value >= 0 then 'loss_to_profit'
            when c.value < 0 and v.value >= c.value then 'loss_narrowed'
            when c.value < 0 then 'loss_widened'
            when v.value < 0 then 'profit_to_loss'
            else 'ok'
        end as status
    from asked v
    left join metric m on m.metric = v.metric
    left join earlier_figure b
        on b.entity = v.entity and b.metric = v.metric and b.span = v.span
        and quarter_number(b.fiscal_year, b.fiscal_quarter) = quarter_number(v.fiscal_year, v.fiscal_quarter) - v.quarters_back
        and lies_back(b.period_end, v.period_end, v.quarters_back)
    -- The figure of that name, where the fiscal year end has moved since.
    left join earlier_figure o
        on o.entity = v.entity and o.metric = v.metric and o.span = v.span
        and quarter_number(o.fiscal_year, o.fiscal_quarter) = quarter_number(v.fiscal_year, v.fiscal_quarter) - v.quarters_back
        and not lies_back(o.period_end, v.period_end, v.quarters_back)
    left join base c
        on c.entity = v.entity and c.metric = v.metric and c.span = v.span and c.fiscal_year = v.fiscal_year
        and c.fiscal_quarter = v.fiscal_quarter and c.quarters_back = v.quarters_back
    left join crossed x
        on x.entity = v.entity and x.metric = v.metric and x.span = v.span and x.fiscal_year = v.fiscal_year
        and x.fiscal_quarter = v.fiscal_quarter and x.quarters_back = v.quarters_back
),
explained as (
    select
        p.*,
        case
            when p.status = 'not_derivable' and p.reason_code is not null then reason(p.reason_code, p.reason_parameters)
            when p.status = 'not_derivable' and p.base_reason_code is not null
                then reason(p.base_reason_code, within(p.base_period, p.base_reason_parameters))
            when p.status = 'split' then reason(
                'split_between',
                three_parameters(
                    'period', p.base_period, 'other', p.fiscal_period, 'day', cast(cast(p.split_at as date) as string)
                )
            )
            when p.status = 'basis_changed' and p.shown_unit <> p.unit
                then reason('known_in_unit_only', two_parameters('period', p.base_period, 'unit', p.shown_unit))
            when p.status = 'basis_changed' and p.shown_definition <> p.definition then reason(
                'known_under_definition_only',
                two_parameters('period', p.base_period, 'definition', p.shown_definition)
            )
            when p.status = 'basis_changed' and p.contradiction is not null
                then reason(p.contradiction, two_parameters('period', p.base_period, 'other', p.fiscal_period))
            when p.status = 'basis_changed'
                then reason('periods_on_no_vintage', two_parameters('period', p.base_period, 'other', p.fiscal_period))
            when p.status = 'no_base' and p.moved_period is not null
                then reason('year_end_changed', two_parameters('period', p.moved_period, 'other', p.fiscal_period))
        end as why
    from paired p
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
    p.definition,
    p.base,
    p.base_low,
    p.base_high,
    p.base_period,
    p.base_method,
    p.base_definition,
    p.base_basis,
    case
        when p.status in ('ok', 'profit_to_loss')
            then growth_ratio(p.value, p.base)
    end as ratio,
    case
        when p.status in ('ok', 'profit_to_loss') and p.base_low > 0
            then growth_ratio(p.low, case when p.low < 0 then p.base_low else p.base_high end)
    end as ratio_low,
    case
        when p.status in ('ok', 'profit_to_loss') and p.base_low > 0
            then growth_ratio(p.high, case when p.high < 0 then p.base_high else p.base_low end)
    end as ratio_high,
    p.status,
    reason_text(p.why.code, p.why.parameters) as reason,
    p.why.code as reason_code,
    p.why.parameters as reason_parameters,
    p.operands,
    p.base_operands,
    p.known_at
from explained p
