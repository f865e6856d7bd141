-- ratio_level: margins, returns and other ratios of figures, each for its own period alone
-- grain: entity, metric, span, fiscal_year, fiscal_quarter
-- reads: choice, ttm, earlier_figure, metric, metric_ratio
-- units: ratio, ratio_low and ratio_high are fractions (0.25 is 25%); numerator and denominator in whole units of `unit`; span is quarter, half, nine_months, year or ttm
-- A ratio is the numerator over the denominator, as metrics.toml defines them. It exists only if the denominator is
-- above zero and both sides are of one period, one unit and one vintage; otherwise reason_code says why. Of several
-- definitions, the first one whose parts are all known counts. Balances stand at the close of the period; a return
-- divides by the mean of the opening and the closing balance. Quarterly returns are not annualised. The bounds follow
-- from dividing the intervals of both sides.
with
-- Each figure that may be a part, with the last four quarters as one span more.
amount as (
    select
        entity, metric, span, fiscal_year, fiscal_quarter, quarter_number(fiscal_year, fiscal_quarter) as quarter_index,
        fiscal_period, calendar_quarter, period_start, period_end, case when not is_doubted(basis) then value end as value,
        low, high, unit, operands, coalesce(reason_of_part(basis), reason_code) as reason_code, reason_parameters, known_at,
        last_known_at, last_known_before
    from choice
    where place = 1 and metric in (select part from metric_ratio)
    union all
    -- Their vintage is that of the year they are, or of the last quarter.
    select
        t.entity, t.metric, 'ttm' as span, t.fiscal_year, t.fiscal_quarter,
        quarter_number(t.fiscal_year, t.fiscal_quarter) as quarter_index, t.fiscal_period, t.calendar_quarter,
        t.period_start, t.period_end, case when not is_doubted(c.basis) then t.value end as value, t.low,
        t.high, t.unit, t.operands, coalesce(reason_of_part(c.basis), t.reason_code) as reason_code, t.reason_parameters,
        t.known_at, c.last_known_at, c.last_known_before
    from ttm t
    left join choice y
        on y.entity = t.entity and y.metric = t.metric and y.span = 'year' and y.fiscal_year = t.fiscal_year
        and y.fiscal_quarter = t.fiscal_quarter and y.place = 1 and y.value = t.value
    left join choice c
        on c.entity = t.entity and c.metric = t.metric and c.fiscal_year = t.fiscal_year
        and c.fiscal_quarter = t.fiscal_quarter and c.place = 1
        and c.span = case when y.entity is null then 'quarter' else 'year' end
    where t.metric in (select part from metric_ratio)
),
opening as (
    select
        entity, metric, quarter_number(fiscal_year, fiscal_quarter) as quarter_index, period_end, value, low, high, unit,
        operands, known_at
    from earlier_figure
    where span = 'quarter' and metric in (select part from metric_ratio where is_averaged)
),
term as (
    select
        r.metric, r.form, r.side, r.part_no, r.part, r.weight, r.is_averaged, m.type = 'instant' as is_balance,
        max(case when m.type = 'duration' then 1 else 0 end) over (partition by r.metric) as has_flow
    from metric_ratio r
    join metric m on m.metric = r.part
),
-- The spans of ratios, with the quarters from the opening to the close. Balances alone have no year to date.
span_length as (
    select span, quarters
    from (values ('quarter', 1), ('half', 2), ('nine_months', 3), ('year', 4), ('ttm', 4)) s(span, quarters)
),
-- Each ratio of a period has a number, by which its sides are joined.
asked as (
    select *, row_number() over (order by entity, metric, span, fiscal_year, fiscal_quarter) as ratio_no
    from (
        select distinct t.metric, a.entity, s.span, s.quarters, a.fiscal_year, a.fiscal_quarter, a.quarter_index
        from term t
        join amount a on a.metric = t.part
        join span_length s
            on case
                when t.is_balance then t.has_flow = 0 and a.span = 'quarter'
                    and (s.span = 'quarter' or (s.span = 'year' and a.fiscal_quarter = 4))
                else s.span = a.span
            end
    )
),
placed as (
    select
        q.ratio_no, t.form, t.side, t.part_no, t.part, t.weight, t.is_averaged, c.calendar_quarter,
        case when t.is_balance and q.span = 'year' then fiscal_label('year', q.fiscal_year, 4) else c.fiscal_period end
            as fiscal_period,
        case when t.is_balance then null else c.period_start end as period_start,
        c.period_end, c.unit, c.known_at, c.last_known_at, c.last_known_before, c.value, c.low, c.high, c.operands, c.reason_code, c.reason_parameters,
        o.unit as opening_unit, o.known_at as opening_known_at, o.value as opening_value, o.low as opening_low,
        o.high as opening_high, o.operands as opening_operands,
        q.quarter_index - q.quarters as opening_index
    from asked q
    join term t on t.metric = q.metric
    left join amount c
        on c.entity = q.entity and c.metric = t.part and c.fiscal_year = q.fiscal_year
        and c.fiscal_quarter = q.fiscal_quarter and c.span = case when t.is_balance then 'quarter' else q.span end
    left join opening o
        on t.is_averaged and o.entity = q.entity and o.metric = t.part
        and o.quarter_index = q.quarter_index - q.quarters and lies_back(o.period_end, c.period_end, q.quarters)
),
valued as (
    select
        ratio_no, form, side, part_no, part, weight, fiscal_period, calendar_quarter, period_start, period_end, unit,
        is_averaged, known_at as first_known_at, last_known_at, last_known_before,
        case
            when not is_averaged then value
            when unit = opening_unit then cast((value + opening_value) / 2 as decimal(38, 6))
        end as value,
        case when is_averaged then cast((low + opening_low) / 2 as decimal(38, 6)) else low end as low,
        case when is_averaged then cast((high + opening_high) / 2 as decimal(38, 6)) else high end as high,
        case when is_averaged then opening_operands || ' ' || operands else operands end as operands,
        case when is_averaged then greatest(known_at, opening_known_at) else known_at end as known_at,
        case
            when value is null
                then reason(coalesce(reason_code, 'not_stated'), within(part, reason_parameters))
            when is_averaged and opening_value is null then reason(
                'not_stated',
                within(
                    fiscal_label(
                        'quarter', cast(floor((opening_index - 1) / 4) as bigint), cast((opening_index - 1) % 4 + 1 as integer)
                    ) || '/' || part,
                    no_parameters()
                )
            )
            when is_averaged and unit <> opening_unit then reason('parts_differ', no_parameters())
        end as why
    from placed
),
side as (
    select
        ratio_no, form, side,
        max(fiscal_period) as fiscal_period, max(calendar_quarter) as calendar_quarter,
        max(period_start) as period_start, max(period_end) as period_end, max(unit) as unit,
        count(value) = count(*) and min(unit) = max(unit) and min(period_end) = max(period_end) as is_whole,
        sum(weight * value) as value,
        case when count(low) = count(*) and count(high) = count(*)
            then sum(case when weight = 1 then low else -high end) end as low,
        case when count(low) = count(*) and count(high) = count(*)
            then sum(case when weight = 1 then high else -low end) end as high,
        joined_terms(weighted_terms(weight, operands), part_no) as operands,
        case when max(case when is_averaged then 1 else 0 end) = 1 then 'mean ' else '' end
            || case when count(*) > 1 then '(' else '' end
            || joined_terms(
                case when part_no = 1 and weight = 1 then '' when weight = 1 then '+ ' else '- ' end || part, part_no
            )
            || case when count(*) > 1 then ')' else '' end as words,
        max(known_at) as known_at,
        max(first_known_at) as first_known_at, min(last_known_at) as last_known_at,
        max(last_known_before) as last_known_before,
        coalesce(min_by(why, case when why is not null then part end), reason('parts_differ', no_parameters())) as why
    from valued
    group by ratio_no, form, side
),
divided as (
    select
        n.ratio_no, n.form,
        coalesce(n.fiscal_period, d.fiscal_period) as fiscal_period,
        coalesce(n.calendar_quarter, d.calendar_quarter) as calendar_quarter,
        coalesce(n.period_start, d.period_start) as period_start, coalesce(n.period_end, d.period_end) as period_end,
        coalesce(n.unit, d.unit) as unit,
        n.value as numerator, n.low as numerator_low, n.high as numerator_high, n.operands as numerator_operands,
        d.value as denominator, d.low as denominator_low, d.high as denominator_high,
        d.operands as denominator_operands,
        t.value as tax, t.low as tax_low, t.high as tax_high, p.value as pretax, p.low as pretax_low,
        p.high as pretax_high, t.operands as tax_operands, p.operands as pretax_operands,
        n.words || coalesce(' * (1 - ' || t.words || ' / ' || p.words || ')', '') || ' / ' || d.words as definition,
        greatest(n.known_at, d.known_at, t.known_at, p.known_at) as known_at,
        case
            when not n.is_whole then n.why
            when not d.is_whole then d.why
            when n.unit <> d.unit or n.period_end <> d.period_end then reason('parts_differ', no_parameters())
            -- One side was restated after the other was last stated.
            when (n.last_known_before is not null or d.last_known_before is not null)
                and (n.last_known_at < d.first_known_at or d.last_known_at < n.first_known_at)
                then reason('parts_on_no_vintage', two_parameters('what', n.words, 'other', d.words))
            when not (d.value > 0) then reason('not_above_zero', parameter('what', d.words))
            when t.form is not null and not t.is_whole then t.why
            when t.form is not null and not p.is_whole then p.why
            when t.form is not null and not (p.value > 0)
                then reason('not_above_zero', parameter('what', p.words))
            else reason(null, no_parameters())
        end as why,
        n.is_whole and d.is_whole as is_known
    from side n
    join side d on d.ratio_no = n.ratio_no and d.form = n.form and d.side = 'denominator'
    left join side t on t.ratio_no = n.ratio_no and t.form = n.form and t.side = 'tax'
    left join side p on p.ratio_no = n.ratio_no and p.form = n.form and p.side = 'pretax'
    where n.side = 'numerator' and coalesce(n.fiscal_period, d.fiscal_period) is not null
),
chosen as (
    select
        v.*,
        row_number() over (
            partition by v.ratio_no order by case when v.is_known then 0 else 1 end, v.form
        ) as place
    from divided v
),
-- The share that is left after tax, where a ratio is after tax.
taxed as (
    select
        c.*,
        case when c.pretax > 0 then 1 - cast(c.tax as double) / cast(c.pretax as double) end as kept,
        case when c.pretax_low > 0 then 1 - quotient_high(c.tax_high, c.pretax_low, c.pretax_high) end as kept_low,
        case when c.pretax_low > 0 then 1 - quotient_low(c.tax_low, c.pretax_low, c.pretax_high) end as kept_high
    from chosen c
    where c.place = 1
),
quotient as (
    select
        t.*,
        case when t.why.code is null then cast(t.numerator as double) / cast(t.denominator as double) end as plain,
        case when t.why.code is null and t.denominator_low > 0
            then quotient_low(t.numerator_low, t.denominator_low, t.denominator_high) end as plain_low,
        case when t.why.code is null and t.denominator_low > 0
            then quotient_high(t.numerator_high, t.denominator_low, t.denominator_high) end as plain_high
    from taxed t
)
select
    a.metric, a.entity, a.span, a.fiscal_year, a.fiscal_quarter, q.form, q.fiscal_period, q.calendar_quarter, q.period_start,
    q.period_end, q.unit, q.definition, q.numerator, q.numerator_low, q.numerator_high, q.denominator, q.denominator_low,
    q.denominator_high, q.numerator_operands, q.denominator_operands,
    q.tax_operands || ' ' || q.pretax_operands as tax_operands, q.known_at,
    case when q.tax is null then q.plain else q.plain * q.kept end as ratio,
    case when q.tax is null then q.plain_low when q.kept_low is not null
        then least(q.plain_low * q.kept_low, q.plain_low * q.kept_high) end as ratio_low,
    case when q.tax is null then q.plain_high when q.kept_low is not null
        then greatest(q.plain_high * q.kept_low, q.plain_high * q.kept_high) end as ratio_high,
    q.why.code as reason_code,
    q.why.parameters as reason_parameters
from quotient q
join asked a on a.ratio_no = q.ratio_no
