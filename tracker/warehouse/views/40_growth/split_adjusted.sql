-- split_adjusted: share counts and amounts per share as stated, and on the basis after all splits that are known
-- grain: entity, metric, span, fiscal_year, fiscal_quarter
-- reads: figure, split
-- units: value, low and high as in figure; adjusted and its bounds in the same unit after all splits; split_ratio is new shares for each old one, over all splits since the figure was stated (1 without any)
-- A figure that was first stated before the first filing on the basis of a split is on the old basis. split_known_at is
-- the moment of the latest such filing. If a split is not confirmed, its ratio is not known, and there is no adjusted
-- value.
with share_figure as (
    select * from figure where value is not null and changes_in_split(unit)
),
later as (
    select
        f.entity, f.metric, f.span, f.fiscal_year, f.fiscal_quarter,
        case when count(s.ratio) = count(*) then round(exp(sum(ln(s.ratio))), 9) end as split_ratio,
        max(s.known_at) as split_known_at
    from share_figure f
    join split s on s.entity = f.entity and s.known_at > f.known_at
    group by f.entity, f.metric, f.span, f.fiscal_year, f.fiscal_quarter
),
factored as (
    select
        f.*,
        case when l.entity is null then 1 else l.split_ratio end as split_ratio,
        case when f.unit = 'shares' then case when l.entity is null then 1 else l.split_ratio end
            else 1 / case when l.entity is null then 1 else l.split_ratio end end as factor,
        l.split_known_at
    from share_figure f
    left join later l
        on l.entity = f.entity and l.metric = f.metric and l.span = f.span and l.fiscal_year = f.fiscal_year
        and l.fiscal_quarter = f.fiscal_quarter
)
select
    entity,
    name,
    ticker,
    cik,
    metric,
    span,
    fiscal_year,
    fiscal_quarter,
    fiscal_period,
    calendar_quarter,
    period_start,
    period_end,
    value,
    low,
    high,
    unit,
    split_ratio,
    split_known_at,
    cast(value * factor as decimal(38, 6)) as adjusted,
    cast(low * factor as decimal(38, 6)) as adjusted_low,
    cast(high * factor as decimal(38, 6)) as adjusted_high,
    method,
    operands,
    known_at
from factored
