-- ratio: margins, returns and other ratios of figures, by quarter, year and the last four quarters
-- grain: entity, metric, span, fiscal_year, fiscal_quarter
-- reads: ratio_level, earlier_ratio_level, earlier_figure, growth, metric, metric_ratio, entity_label
-- units: ratio, ratio_low, ratio_high and those of the year before (base_...) are fractions (0.25 is 25%); difference is in the same unit (0.01 is one percentage point); numerator and denominator in whole units of `unit`; span is quarter, half, nine_months, year or ttm
-- ratio_level says what a ratio is. Growth of a ratio is a difference, never a percentage: both years must be defined
-- alike, and each part must compare with its own figure of the year before (growth); otherwise status is basis_changed.
with
term as (
    select r.metric, r.form, r.part, m.type = 'instant' as is_balance
    from metric_ratio r
    join metric m on m.metric = r.part
),
-- Whether each part compares with the figure that is shown for it a year earlier; the last four quarters do if the last
-- of them does.
comparing as (
    select
        k.metric, k.entity, k.span, k.fiscal_year, k.fiscal_quarter,
        min(case when g.base = b.value then 1 else 0 end) as is_same
    from ratio_level k
    join term t on t.metric = k.metric and t.form = k.form
    left join growth g
        on g.entity = k.entity and g.metric = t.part and g.against = 'year' and g.fiscal_year = k.fiscal_year
        and g.fiscal_quarter = k.fiscal_quarter
        and g.span = case when t.is_balance or k.span = 'ttm' then 'quarter' else k.span end
    left join earlier_figure b
        on b.entity = k.entity and b.metric = t.part and b.span = g.span and b.fiscal_year = k.fiscal_year - 1
        and b.fiscal_quarter = k.fiscal_quarter
    group by k.metric, k.entity, k.span, k.fiscal_year, k.fiscal_quarter
),
compared as (
    select
        k.*,
        b.ratio as shown_base, b.ratio_low as shown_base_low, b.ratio_high as shown_base_high,
        b.fiscal_period as base_period, b.reason_code as base_reason_code, b.reason_parameters as base_reason_parameters,
        case
            when k.ratio is null then 'not_derivable'
            when b.entity is null then 'no_base'
            when b.ratio is null then 'not_derivable'
            when b.form <> k.form or c.is_same = 0 then 'basis_changed'
            else 'ok'
        end as status
    from ratio_level k
    left join earlier_ratio_level b
        on b.metric = k.metric and b.entity = k.entity and b.span = k.span and b.fiscal_year = k.fiscal_year - 1
        and b.fiscal_quarter = k.fiscal_quarter and lies_back(b.period_end, k.period_end, 4)
    left join comparing c
        on c.metric = k.metric and c.entity = k.entity and c.span = k.span and c.fiscal_year = k.fiscal_year
        and c.fiscal_quarter = k.fiscal_quarter
),
explained as (
    select
        c.*,
        case
            when c.ratio is null then reason(c.reason_code, c.reason_parameters)
            when c.status = 'not_derivable' then reason(c.base_reason_code, within(c.base_period, c.base_reason_parameters))
            when c.status = 'basis_changed'
                then reason('periods_on_no_vintage', two_parameters('period', c.base_period, 'other', c.fiscal_period))
            else reason(null, no_parameters())
        end as because
    from compared c
)
select
    e.entity,
    l.name,
    l.ticker,
    l.cik,
    e.metric,
    e.span,
    e.fiscal_year,
    e.fiscal_quarter,
    e.fiscal_period,
    e.calendar_quarter,
    e.period_start,
    e.period_end,
    e.ratio,
    e.ratio_low,
    e.ratio_high,
    e.numerator,
    e.numerator_low,
    e.numerator_high,
    e.denominator,
    e.denominator_low,
    e.denominator_high,
    e.unit,
    e.definition,
    case when e.status = 'ok' then e.shown_base end as base_ratio,
    case when e.status = 'ok' then e.shown_base_low end as base_ratio_low,
    case when e.status = 'ok' then e.shown_base_high end as base_ratio_high,
    e.base_period,
    case when e.status = 'ok' then e.ratio - e.shown_base end as difference,
    case when e.status = 'ok' then e.ratio_low - e.shown_base_high end as difference_low,
    case when e.status = 'ok' then e.ratio_high - e.shown_base_low end as difference_high,
    e.status,
    reason_text(e.because.code, e.because.parameters) as reason,
    e.because.code as reason_code,
    e.because.parameters as reason_parameters,
    case when e.ratio is not null then e.numerator_operands end as numerator_operands,
    case when e.ratio is not null then e.denominator_operands end as denominator_operands,
    case when e.ratio is not null then e.tax_operands end as tax_operands,
    case when e.ratio is not null then e.known_at end as known_at
from explained e
left join entity_label l on l.entity = e.entity
