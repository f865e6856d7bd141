-- guidance_outcome: how every forecast turned out, on the guided definition alone
-- grain: fact_id, metric, unit, period_start, period_end
-- reads: guidance_history, figure, yoy, metric
-- units: low, high, actual, base and left_* in whole units of `unit` (fractions for guided growth), implied_* in those of implied_unit; position is 0 at the low end and 1 at the high end; days count from issue to the day the outcome was known
-- outcome is inside, above or below once the target period is complete. Until then it is open, with what has been
-- reported so far and what the rest (left_period) must total. It is incomparable if no metric has the guided definition
-- and nobody states its actual, withdrawn if the company took the forecast back, and unquantified if no numbers were
-- promised. Ends count as inside, and a point reaches as far as its words and digits do. For a promised direction,
-- direction_outcome is held or missed against the same period a year before (base), on the basis of the actual if there
-- is one (growth); without such a base there is no outcome. If growth or "as last year" was promised, implied_low and
-- implied_high follow from that base: they are derived, not stated. so_far adds up quarters under one concept only.
-- days is NULL if only a text gives the outcome, because nobody recorded when that became public.
with actual as (
    select entity, metric, span, fiscal_year, fiscal_quarter, period_end, unit, value, low, high, method, operands, known_at
    from figure
    where value is not null
    union all
    select
        entity, metric, span, fiscal_year, fiscal_quarter, period_end, 'ratio' as unit,
        cast(yoy_ratio as decimal(38, 6)) as value,
        cast(yoy_low as decimal(38, 6)) as low, cast(yoy_high as decimal(38, 6)) as high, method, operands, known_at
    from yoy
    where yoy_status = 'ok' and unit <> 'ratio'
),
so_far as (
    select
        f.entity, f.metric, f.fiscal_year, f.unit,
        case
            when count(distinct case when f.method <> 'stated' then f.definition || coalesce(f.basis, '') end) <= 1
                then sum(f.value)
        end as value,
        count(*) as quarters,
        max(f.fiscal_quarter) as last_quarter
    from figure f
    join metric k on k.metric = f.metric and k.is_additive
    where f.span = 'quarter' and f.value is not null
    group by f.entity, f.metric, f.fiscal_year, f.unit
),
joined as (
    select
        h.*,
        a.value as actual,
        a.method as actual_method,
        a.operands as actual_operands,
        a.known_at as actual_known_at,
        -- What is reported is measured against the year before on its own basis; what is open, against the one shown.
        case when y.unit = h.unit then y.base else b.value end as base,
        coalesce(y.unit = h.unit and y.yoy_status = 'basis_changed', false) as is_basis_changed,
        case when y.metric is null then v.value when v.metric is not null then y.base end as base_level,
        case when y.metric is null then v.low when v.metric is not null then y.base_low end as base_low,
        case when y.metric is null then v.high when v.metric is not null then y.base_high end as base_high,
        v.unit as base_unit,
        case when y.metric is null then v.operands when v.metric is not null then y.base_operands end as base_operands,
        case when h.span = 'year' and a.value is null then s.value end as so_far,
        case when h.span = 'year' and a.value is null then s.quarters end as quarters_so_far,
        case when s.quarters = s.last_quarter then s.quarters end as quarters_done,
        k.metric is not null as is_canonical,
        h.shape in ('withdrawn', 'relative', 'qualitative') as is_wordy
    from guidance_history h
    left join actual a
        on a.entity = h.entity and a.metric = h.metric and a.span = h.span and a.fiscal_year = h.fiscal_year
        and a.fiscal_quarter = h.fiscal_quarter and a.unit = h.unit
    left join actual b
        on b.entity = h.entity and b.metric = h.metric and b.span = h.span and b.fiscal_year = h.fiscal_year - 1
        and b.fiscal_quarter = h.fiscal_quarter and b.unit = h.unit and lies_back(b.period_end, h.period_end, 4)
    left join figure v
        on v.entity = h.entity and v.metric = h.metric and v.span = h.span and v.fiscal_year = h.fiscal_year - 1
        and v.fiscal_quarter = h.fiscal_quarter and v.value > 0 and lies_back(v.period_end, h.period_end, 4)
        and (h.unit = 'ratio' and h.shape not in ('withdrawn', 'relative', 'qualitative') and v.unit <> 'ratio'
            or h.shape = 'relative' and v.unit = h.unit)
    left join yoy y
        on y.entity = h.entity and y.metric = h.metric and y.span = h.span and y.fiscal_year = h.fiscal_year
        and y.fiscal_quarter = h.fiscal_quarter and y.value is not null
    left join so_far s
        on s.entity = h.entity and s.metric = h.metric and s.fiscal_year = h.fiscal_year and s.unit = h.unit
    left join metric k on k.metric = h.metric
),
explained as (
    select
        j.*,
        case
            when j.shape = 'withdrawn' then reason('taken_back', no_parameters())
            when j.withdrawn_at is not null then reason('withdrawn_on', parameter('day', cast(j.withdrawn_at as date)))
            when j.shape = 'relative' then reason('relative_without_width', no_parameters())
            when j.qualifier in ('direction_up', 'direction_down') and j.actual is null
                then reason('direction_period_open', no_parameters())
            when j.qualifier in ('direction_up', 'direction_down') and j.is_basis_changed
                then reason('direction_basis_changed', no_parameters())
            when j.qualifier in ('direction_up', 'direction_down') and j.base is null
                then reason('direction_base_unknown', no_parameters())
            when j.is_wordy then reason('no_number_promised', no_parameters())
            when j.actual is null and not j.is_canonical then reason('metric_not_kept', parameter('what', j.metric))
            when j.actual is null and j.fiscal_period is null then reason('target_not_in_calendar', no_parameters())
            when j.actual is null and j.quarters_so_far is null then reason('target_unknown', no_parameters())
            when j.actual is null then reason('quarters_known', parameter('count', j.quarters_so_far))
        end as why
    from joined j
)
select
    j.fact_id,
    j.entity,
    j.name,
    j.ticker,
    j.cik,
    j.metric,
    j.fiscal_period,
    j.calendar_quarter,
    j.period_start,
    j.period_end,
    j.issued_at,
    j.superseded_at,
    j.withdrawn_at,
    j.step,
    j.shape,
    j.status,
    j.low,
    j.high,
    j.value,
    j.unit,
    j.qualifier,
    j.actual,
    j.actual_method,
    j.actual_operands,
    j.actual_known_at,
    case
        when j.shape = 'withdrawn' or j.withdrawn_at is not null then 'withdrawn'
        when j.is_wordy then 'unquantified'
        when j.actual is not null and j.actual < j.bound_low then 'below'
        when j.actual is not null and j.actual > j.bound_high then 'above'
        when j.actual is not null then 'inside'
        when not j.is_canonical then 'incomparable'
        else 'open'
    end as outcome,
    case
        when j.actual is not null and j.high > j.low
            then cast(j.actual - j.low as double) / nullif(cast(j.high - j.low as double), 0)
    end as position,
    case
        when j.qualifier not in ('direction_up', 'direction_down') or j.withdrawn_at is not null then cast(null as string)
        when j.actual > j.base then case when j.qualifier = 'direction_up' then 'held' else 'missed' end
        when j.actual < j.base then case when j.qualifier = 'direction_down' then 'held' else 'missed' end
        when j.actual = j.base then 'missed'
    end as direction_outcome,
    j.base,
    case when j.actual_method <> 'stated' then days_between(j.issued_at, j.actual_known_at) end as days,
    j.so_far,
    cast(j.quarters_so_far as integer) as quarters_so_far,
    case
        when j.so_far is null or j.is_wordy then cast(null as string)
        when j.quarters_done = 1 then fiscal_label('quarter', j.fiscal_year, 2) || ' to Q4'
        when j.quarters_done = 2 then fiscal_label('half', j.fiscal_year, 4)
        when j.quarters_done = 3 then fiscal_label('quarter', j.fiscal_year, 4)
    end as left_period,
    j.low - j.so_far as left_low,
    j.high - j.so_far as left_high,
    case
        when j.shape = 'relative' then j.base_low
        when j.base_level is not null
            then cast(cast(j.base_low as double) * (1 + cast(j.low as double)) as decimal(38, 6))
    end as implied_low,
    case
        when j.shape = 'relative' then j.base_high
        when j.base_level is not null
            then cast(cast(j.base_high as double) * (1 + cast(j.high as double)) as decimal(38, 6))
    end as implied_high,
    j.base_unit as implied_unit,
    j.base_operands as implied_operands,
    reason_text(j.why.code, j.why.parameters) as reason,
    j.why.code as reason_code,
    j.why.parameters as reason_parameters
from explained j
