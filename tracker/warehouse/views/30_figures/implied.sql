-- implied: the interval that follows from a level and its growth that one source states together; never a figure
-- grain: entity, metric, fiscal_period, implies, operands
-- reads: statement, figure, yoy, entity_label
-- units: low, high and the filed_* in whole units of `unit`; an open end is NULL; operands are the two facts
-- implies says what follows: base (the level a year before: a level of at most 40 billion and growth of more than 42%
-- make it less than 28.17 billion; operands are +level -growth) or level (it follows from a stated base; operands are
-- +base +growth). Growth may be a rate, or a difference in the level's own unit. Only values above zero count, because
-- growth from a loss is not a rate. Ends are rounded outwards. verdict is supported if the filed figure meets the
-- interval, unsupported if it does not, and not_checkable if there is none. A base is compared with the one that the
-- filed level is measured against (growth). That may be the year before as the company restated it under another tag.
with said as (
    select
        s.*,
        case
            when s.kind = 'growth' or (s.kind = 'guidance' and s.unit = 'ratio') then 'growth'
            else 'level'
        end as role,
        case when s.kind = 'guidance' then 'guidance' else 'actual' end as about
    from statement s
    where (s.concept like 'stated:%' or s.concept like 'guided:%')
      and s.kind in ('actual', 'growth', 'guidance')
      and (s.bound_low is not null or s.bound_high is not null)
      and s.span in ('quarter', 'half', 'nine_months', 'year')
      and s.fiscal_quarter is not null
      and s.fiscal_period is not null
      and s.fiscal_period not like 'CY%'
),
-- Of several mentions in one language, the finest print; a translation beside the original is a mention of its own.
mention as (
    select
        s.*,
        row_number() over (
            partition by
                s.source_id, s.known_at, coalesce(s.language, ''), s.entity, s.metric, s.about, s.role, s.span,
                s.fiscal_year, s.fiscal_quarter, s.unit
            order by s.decimals desc nulls last, s.bound_high - s.bound_low nulls last, s.span_start, s.fact_id
        ) as rn
    from said s
),
pair as (
    select
        g.entity, g.metric, g.span, g.fiscal_quarter, g.source_id, g.language, g.known_at, g.about, l.unit,
        g.period_end as grown_until, g.unit = 'ratio' as is_rate,
        case when l.fiscal_year = g.fiscal_year then 'base' else 'level' end as implies,
        case when l.fiscal_year = g.fiscal_year then l.fiscal_year - 1 else g.fiscal_year end as fiscal_year,
        fiscal_label(
            g.span,
            case when l.fiscal_year = g.fiscal_year then l.fiscal_year - 1 else g.fiscal_year end,
            g.fiscal_quarter
        ) as fiscal_period,
        signed_id('+', l.fact_id) || ' '
            || signed_id(case when l.fiscal_year = g.fiscal_year then '-' else '+' end, g.fact_id) as operands,
        cast(l.bound_low as double) as from_low,
        cast(l.bound_high as double) as from_high,
        cast(g.bound_low as double) as growth_low,
        cast(g.bound_high as double) as growth_high
    from mention g
    join mention l
        on l.source_id = g.source_id and l.known_at = g.known_at and coalesce(l.language, '') = coalesce(g.language, '')
        and l.entity = g.entity and l.metric = g.metric and l.about = g.about and l.span = g.span
        and l.fiscal_quarter = g.fiscal_quarter and l.fiscal_year in (g.fiscal_year, g.fiscal_year - 1)
    where g.role = 'growth' and l.role = 'level' and g.rn = 1 and l.rn = 1
      and lies_back(l.period_end, g.period_end, 4 * (g.fiscal_year - l.fiscal_year))
      and l.unit <> 'ratio'
      and g.unit in ('ratio', l.unit)
),
reckoned as (
    select
        p.*,
        -- What floating point may have lost; sums are exact.
        case when p.is_rate then 1e-15 else 0 end as slack,
        case
            when not p.is_rate and p.implies = 'base' then p.from_low - p.growth_high
            when not p.is_rate then p.from_low + p.growth_low
            when p.implies = 'base' and p.growth_high > -1 then p.from_low / (1 + p.growth_high)
            when p.implies = 'level' and p.growth_low >= -1 then p.from_low * (1 + p.growth_low)
        end as least,
        case
            when not p.is_rate and p.implies = 'base' then p.from_high - p.growth_low
            when not p.is_rate then p.from_high + p.growth_high
            when p.implies = 'base' and p.growth_low > -1 then p.from_high / (1 + p.growth_low)
            when p.implies = 'level' and p.growth_high >= -1 then p.from_high * (1 + p.growth_high)
        end as most
    from pair p
    where not p.is_rate or coalesce(p.from_low >= 0, p.from_high > 0)
),
bounded as (
    select
        r.*,
        case
            when abs(r.least) >= 1000 then cast(cast(floor(r.least - abs(r.least) * r.slack) as decimal(38, 0)) as decimal(38, 6))
            else cast(r.least - 0.000001 as decimal(38, 6))
        end as low,
        case
            when abs(r.most) >= 1000 then cast(cast(ceil(r.most + abs(r.most) * r.slack) as decimal(38, 0)) as decimal(38, 6))
            else cast(r.most + 0.000001 as decimal(38, 6))
        end as high
    from reckoned r
    where r.least is not null or r.most is not null
),
held as (
    select
        b.*,
        f.calendar_quarter,
        f.period_start,
        f.period_end,
        case when y.metric is null then f.value else y.base end as filed_value,
        case when y.metric is null then f.low else y.base_low end as filed_low,
        case when y.metric is null then f.high else y.base_high end as filed_high,
        case when y.metric is null then f.unit else y.unit end as filed_unit,
        case when y.metric is null then f.method else coalesce(y.base_method, f.method) end as filed_method,
        case when y.metric is null then f.reason_code else y.reason_code end as filed_reason_code,
        case when y.metric is null then f.reason_parameters else y.reason_parameters end as filed_reason_parameters
    from bounded b
    left join figure f
        on f.entity = b.entity and f.metric = b.metric and f.span = b.span and f.fiscal_year = b.fiscal_year
        and f.fiscal_quarter = b.fiscal_quarter
    left join yoy y
        on y.entity = b.entity and y.metric = b.metric and y.span = b.span and y.fiscal_year = b.fiscal_year + 1
        and y.fiscal_quarter = b.fiscal_quarter and y.value is not null and b.implies = 'base'
    where b.implies = 'level' or lies_back(f.period_end, b.grown_until, 4)
),
explained as (
    select
        b.*,
        case
            when b.filed_value is null and b.filed_reason_code is null then reason('no_filed_figure', no_parameters())
            when b.filed_value is null then reason(b.filed_reason_code, b.filed_reason_parameters)
            when b.filed_method = 'stated' then reason('stated_by_texts_only', no_parameters())
            when b.filed_unit <> b.unit then reason('figure_in_unit', parameter('unit', b.filed_unit))
        end as why
    from held b
)
select
    b.entity,
    l.name,
    l.ticker,
    l.cik,
    b.metric,
    b.span,
    b.fiscal_year,
    b.fiscal_quarter,
    b.fiscal_period,
    b.calendar_quarter,
    b.period_start,
    b.period_end,
    b.implies,
    b.low,
    b.high,
    b.unit,
    'implied' as method,
    b.about,
    b.operands,
    b.source_id,
    b.language,
    b.known_at,
    case when b.filed_method <> 'stated' then b.filed_value end as filed_value,
    case when b.filed_method <> 'stated' then b.filed_low end as filed_low,
    case when b.filed_method <> 'stated' then b.filed_high end as filed_high,
    case
        when b.filed_value is null or b.filed_method = 'stated' or b.filed_unit <> b.unit then 'not_checkable'
        when intervals_meet(b.low, b.high, b.filed_low, b.filed_high) then 'supported'
        else 'unsupported'
    end as verdict,
    reason_text(b.why.code, b.why.parameters) as reason,
    b.why.code as reason_code,
    b.why.parameters as reason_parameters
from explained b
left join entity_label l on l.entity = b.entity
