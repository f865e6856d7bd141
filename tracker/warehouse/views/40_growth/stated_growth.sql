-- stated_growth: the growth that a source claims, compared with what its own figures and the filings allow
-- grain: fact_id
-- reads: statement, yoy
-- units: all *_ratio, *_low, *_high are fractions (0.33 is +33%)
-- A claim is supported if its interval (what its printing and its qualifier leave open) meets the interval that follows
-- from the figures. It is unsupported if the two are apart, and not checkable if one side is missing. An open end (more
-- than 39 billion) stays open. The view implied has the interval that a difference ("2 billion more") allows.
with claim as (
    select s.*
    from statement s
    where s.kind = 'growth' and s.unit = 'ratio' and s.value is not null
),
told as (
    select
        s.source_id,
        s.entity,
        s.metric,
        s.span,
        s.fiscal_year,
        s.fiscal_quarter,
        s.period_end,
        s.value,
        s.bound_low,
        s.bound_high,
        row_number() over (
            partition by s.source_id, s.entity, s.metric, s.span, s.fiscal_year, s.fiscal_quarter
            order by s.decimals desc nulls last, s.span_start
        ) as rn
    from statement s
    where s.kind = 'actual' and s.concept like 'stated:%' and s.value is not null and s.fiscal_period is not null
),
held as (
    select
        c.fact_id,
        c.entity,
        c.name,
        c.ticker,
        c.cik,
        c.metric,
        c.fiscal_period,
        c.calendar_quarter,
        c.period_start,
        c.period_end,
        c.value as claimed_ratio,
        c.bound_low as claimed_low,
        c.bound_high as claimed_high,
        c.qualifier,
        c.quote,
        c.source_id,
        c.known_at,
        level.value as own_value,
        base.value as own_base,
        case when base.bound_low > 0
            then growth_ratio(level.bound_low, base.bound_high) end as own_low,
        case when base.bound_low > 0
            then growth_ratio(level.bound_high, base.bound_low) end as own_high,
        y.yoy_ratio as filed_ratio,
        y.yoy_low as filed_low,
        y.yoy_high as filed_high,
        y.yoy_status as filed_status,
        y.method as filed_method
    from claim c
    left join told level
        on level.source_id = c.source_id and level.entity = c.entity and level.metric = c.metric and level.span = c.span
        and level.fiscal_year = c.fiscal_year and level.fiscal_quarter = c.fiscal_quarter and level.rn = 1
    left join told base
        on base.source_id = c.source_id and base.entity = c.entity and base.metric = c.metric and base.span = c.span
        and base.fiscal_year = c.fiscal_year - 1 and base.fiscal_quarter = c.fiscal_quarter and base.rn = 1
        and lies_back(base.period_end, c.period_end, 4)
    left join yoy y on y.entity = c.entity and y.metric = c.metric and y.fiscal_period = c.fiscal_period
),
explained as (
    select
        h.*,
        case
            when h.fiscal_period is null then reason('claim_without_period', no_parameters())
            when h.filed_status is null then reason('no_filed_figure', no_parameters())
            when h.filed_status <> 'ok' then reason('growth_status', parameter('status', h.filed_status))
            when h.filed_method = 'stated' then reason('stated_by_texts_only', no_parameters())
        end as why
    from held h
)
select
    h.fact_id,
    h.entity,
    h.name,
    h.ticker,
    h.cik,
    h.metric,
    h.fiscal_period,
    h.calendar_quarter,
    h.period_start,
    h.period_end,
    h.claimed_ratio,
    h.claimed_low,
    h.claimed_high,
    h.qualifier,
    h.quote,
    h.source_id,
    h.own_value,
    h.own_base,
    h.own_low,
    h.own_high,
    case
        when h.own_low is null and h.own_high is null then 'not_checkable'
        when intervals_meet(h.claimed_low, h.claimed_high, h.own_low, h.own_high) then 'supported'
        else 'unsupported'
    end as own_verdict,
    h.filed_ratio,
    h.filed_low,
    h.filed_high,
    case
        when h.filed_ratio is null or h.filed_method = 'stated' then 'not_checkable'
        when intervals_meet(
            h.claimed_low, h.claimed_high, coalesce(h.filed_low, h.filed_ratio), coalesce(h.filed_high, h.filed_ratio)
        ) then 'supported'
        else 'unsupported'
    end as filed_verdict,
    reason_text(h.why.code, h.why.parameters) as reason,
    h.why.code as reason_code,
    h.why.parameters as reason_parameters,
    h.known_at
from explained h
