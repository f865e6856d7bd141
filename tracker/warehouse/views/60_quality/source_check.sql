-- source_check: every figure that an article, a release or a data set states, compared with what was filed
-- grain: fact_id
-- reads: statement, reconciliation, figure, yoy, source, entity_label
-- units: value, low, high and filed_* in whole units of `unit` (fractions for growth); scale is value over filed, 1000 or 0.001
-- verdict is the first that fits: not_checkable (no period, nothing filed, another unit or definition); rounded (half
-- up to its last digit; the same number counts as agreed); agreed (consistent as it is worded); truncated (cut off
-- towards zero instead); mis_scaled (true but for a power of 1000); wrong_period (true for a neighbouring quarter or
-- year, or for the year to date, but not for its own period: fits_period); contradicted. Scale and period are looked
-- for only if a figure is precise enough: both its ends are known, and within a tenth of the value.
with claim as (
    select
        s.*,
        coalesce(p.publisher, s.source_id) as publisher,
        p.kind as source_kind,
        quarter_number(s.fiscal_year, s.fiscal_quarter) as quarter_index,
        cast(last_digit(s.decimals) as decimal(38, 6)) as step,
        s.bound_low is not null and s.bound_high is not null as is_closed
    from statement s
    join source p on p.source_id = s.source_id
    where s.concept like 'stated:%' and s.kind in ('actual', 'growth') and s.value is not null
),
shelf as (
    select
        entity, metric, 'actual' as kind, span, fiscal_year, fiscal_quarter, fiscal_period, unit, value, low, high, method
    from figure
    where value is not null
    union all
    select
        entity, metric, 'growth' as kind, span, fiscal_year, fiscal_quarter, fiscal_period, 'ratio' as unit,
        cast(yoy_ratio as decimal(38, 6)) as value, cast(yoy_low as decimal(38, 6)) as low,
        cast(yoy_high as decimal(38, 6)) as high, method
    from yoy
    where yoy_ratio is not null
),
held as (
    select
        c.*,
        f.value as filed_value,
        coalesce(f.low, f.value) as filed_low,
        coalesce(f.high, f.value) as filed_high,
        case
            when c.fiscal_period is null then reason('period_not_in_calendar', no_parameters())
            when c.kind = 'growth' and c.unit <> 'ratio' then reason('difference_not_rate', no_parameters())
            when f.value is null then reason('nothing_filed', no_parameters())
            when f.method = 'stated' then reason('stated_by_texts_only', no_parameters())
            when f.unit <> c.unit then reason('figure_in_unit', parameter('unit', f.unit))
            when r.state = 'incomparable' then reason(r.reason_code, r.reason_parameters)
        end as why
    from claim c
    left join shelf f
        on f.entity = c.entity and f.metric = c.metric and f.kind = c.kind and f.span = c.span
        and f.fiscal_year = c.fiscal_year and f.fiscal_quarter = c.fiscal_quarter
    left join reconciliation r on r.metric = c.metric and r.fact_id = c.fact_id
),
judged as (
    select
        h.*,
        case
            when h.why is not null then 'not_checkable'
            when h.value = h.filed_value then 'agreed'
            when h.is_closed and h.value - h.step / 2 <= h.filed_high and h.value + h.step / 2 >= h.filed_low then 'rounded'
            when intervals_meet(h.bound_low, h.bound_high, h.filed_low, h.filed_high) then 'agreed'
            when h.is_closed and h.value >= 0 and h.filed_value > h.value and h.filed_value < h.value + h.step then 'truncated'
            when h.is_closed and h.value < 0 and h.filed_value < h.value and h.filed_value > h.value - h.step then 'truncated'
        end as verdict,
        h.is_closed and h.bound_high - h.bound_low <= abs(h.value) / 10 as is_telling
    from held h
),
scaled as (
    select j.fact_id, min(k.scale) as scale
    from judged j
    join (values (0.000000001), (0.000001), (0.001), (1000.0), (1000000.0), (1000000000.0)) k(scale)
        on cast(j.bound_low as double) <= cast(j.filed_high as double) * k.scale
        and cast(j.bound_high as double) >= cast(j.filed_low as double) * k.scale
    where j.verdict is null and j.is_telling and j.kind = 'actual' and j.filed_value <> 0
    group by j.fact_id
),
moved as (
    select j.fact_id, min(n.fiscal_period) as fits_period
    from judged j
    join shelf n
        on n.entity = j.entity and n.metric = j.metric and n.kind = j.kind and n.unit = j.unit and n.method <> 'stated'
        and (
            (n.span = j.span and abs(quarter_number(n.fiscal_year, n.fiscal_quarter) - j.quarter_index) in (1, 4))
            or (n.span <> j.span and n.fiscal_year = j.fiscal_year and n.fiscal_quarter = j.fiscal_quarter)
        )
        and j.bound_low <= coalesce(n.high, n.value) and j.bound_high >= coalesce(n.low, n.value)
    where j.verdict is null and j.is_telling
    group by j.fact_id
)
select
    j.fact_id,
    j.entity,
    l.name,
    l.ticker,
    l.cik,
    j.metric,
    j.kind,
    j.span,
    j.fiscal_period,
    j.calendar_quarter,
    j.period_start,
    j.period_end,
    j.value,
    j.bound_low as low,
    j.bound_high as high,
    j.unit,
    j.qualifier,
    j.quote,
    j.span_start,
    j.span_end,
    j.source_id,
    j.publisher,
    j.source_kind,
    j.known_at,
    j.filed_value,
    j.filed_low,
    j.filed_high,
    case
        when j.verdict is not null then j.verdict
        when s.scale is not null then 'mis_scaled'
        when m.fits_period is not null then 'wrong_period'
        else 'contradicted'
    end as verdict,
    reason_text(j.why.code, j.why.parameters) as reason,
    j.why.code as reason_code,
    j.why.parameters as reason_parameters,
    cast(s.scale as double) as scale,
    case when s.scale is null then m.fits_period end as fits_period
from judged j
left join scaled s on s.fact_id = j.fact_id
left join moved m on m.fact_id = j.fact_id
left join entity_label l on l.entity = j.entity
