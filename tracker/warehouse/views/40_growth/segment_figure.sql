-- segment_figure: figures of segments, products, regions and other parts of companies, with growth on the year before
-- grain: entity, metric, dimensions, span, fiscal_year, fiscal_quarter
-- reads: segment_growth, split
-- units: value and base in whole units of `unit`; ratio, ratio_low, ratio_high are fractions (0.25 is +25%); cut_at is the moment at which a filing cut the axis as it is here, NULL for the first cut that is known
-- role says what a part is: member (of one axis), cross (where several axes meet), total (all segments together) or
-- reconciling (what lies between the segments and the whole). Never add parts of different roles or axes. label is the
-- member's name in words. Of several cuts, the latest that has a value is shown. The base is of the same cut: if the
-- year before is known only as it was cut before, status is basis_changed, or split if it is a share count or an amount
-- per share that was stated before a split.
with placed as (
    select
        g.*,
        row_number() over (
            partition by g.entity, g.metric, g.dimensions, g.span, g.fiscal_year, g.fiscal_quarter
            order by case when g.value is null then 1 else 0 end, g.cut_at desc nulls last
        ) as place
    from segment_growth g
),
known as (
    select
        entity, axes, dimensions, metric, span, fiscal_year, fiscal_quarter, coalesce(cast(cut_at as string), '') as cut,
        known_at
    from segment_growth
    where value is not null
),
-- The same part the year before, in any cut.
other_cut as (
    select entity, dimensions, metric, span, fiscal_year, fiscal_quarter, max(known_at) as known_at
    from known
    group by entity, dimensions, metric, span, fiscal_year, fiscal_quarter
),
-- The latest split between the statements of a part in two years.
crossed as (
    select p.entity, p.dimensions, p.metric, p.span, p.fiscal_year, p.fiscal_quarter, max(s.known_at) as split_at
    from placed p
    join other_cut c
        on c.entity = p.entity and c.dimensions = p.dimensions and c.metric = p.metric and c.span = p.span
        and c.fiscal_year = p.fiscal_year - 1 and c.fiscal_quarter = p.fiscal_quarter
    join split s on s.entity = p.entity and s.is_confirmed and s.known_at > c.known_at and s.known_at <= p.known_at
    where p.place = 1 and changes_in_split(p.unit)
    group by p.entity, p.dimensions, p.metric, p.span, p.fiscal_year, p.fiscal_quarter
),
-- The other parts of the axis the year before, in the same cut.
other_part as (
    select distinct entity, axes, metric, span, fiscal_year, fiscal_quarter, cut from known
),
-- Parts that a year has in several cuts.
several_cuts as (
    select entity, dimensions, metric, fiscal_year
    from known
    group by entity, dimensions, metric, fiscal_year
    having count(distinct cut) > 1
),
judged as (
    select
        p.*,
        p.value is null and s.entity is not null as is_cut_in_two,
        p.value is not null and p.base is null and p.status in ('no_base', 'not_derivable') and c.entity is not null
            and coalesce(p.reason_code, '') <> 'year_end_changed' as is_cut_anew,
        x.split_at,
        p.value is not null and p.status = 'no_base' and c.entity is null and o.entity is not null as is_new,
        fiscal_label(p.span, p.fiscal_year - 1, p.fiscal_quarter) as earlier
    from placed p
    left join other_cut c
        on c.entity = p.entity and c.dimensions = p.dimensions and c.metric = p.metric and c.span = p.span
        and c.fiscal_year = p.fiscal_year - 1 and c.fiscal_quarter = p.fiscal_quarter
    left join crossed x
        on x.entity = p.entity and x.dimensions = p.dimensions and x.metric = p.metric and x.span = p.span
        and x.fiscal_year = p.fiscal_year and x.fiscal_quarter = p.fiscal_quarter
    left join other_part o
        on o.entity = p.entity and o.axes = p.axes and o.metric = p.metric and o.span = p.span
        and o.fiscal_year = p.fiscal_year - 1 and o.fiscal_quarter = p.fiscal_quarter
        and o.cut = coalesce(cast(p.cut_at as string), '')
    left join several_cuts s
        on s.entity = p.entity and s.dimensions = p.dimensions and s.metric = p.metric and s.fiscal_year = p.fiscal_year
    where p.place = 1
),
explained as (
    select
        j.*,
        case
            when j.is_cut_anew and j.split_at is not null then reason(
                'split_between',
                three_parameters(
                    'period', j.earlier, 'other', j.fiscal_period, 'day', cast(cast(j.split_at as date) as string)
                )
            )
            when j.is_cut_anew then reason('axis_cut_anew', parameter('period', j.earlier))
            when j.is_cut_in_two then reason('figures_of_two_cuts', no_parameters())
            when j.is_new then reason('part_without_base', parameter('period', j.earlier))
            else reason(j.reason_code, j.reason_parameters)
        end as why
    from judged j
)
select
    e.entity,
    e.name,
    e.ticker,
    e.cik,
    e.metric,
    axes_of(without_consolidation(e.dimensions)) as axis,
    members_of(without_consolidation(e.dimensions)) as member,
    member_label(members_of(without_consolidation(e.dimensions))) as label,
    role_of(e.dimensions) as role,
    consolidation_of(e.dimensions) as consolidation,
    e.dimensions,
    e.span,
    e.fiscal_year,
    e.fiscal_quarter,
    e.fiscal_period,
    e.calendar_quarter,
    e.period_start,
    e.period_end,
    e.value,
    e.low,
    e.high,
    e.unit,
    e.method,
    e.definition,
    e.base,
    e.base_low,
    e.base_high,
    e.base_period,
    e.base_method,
    e.base_definition,
    e.ratio,
    e.ratio_low,
    e.ratio_high,
    case
        when e.is_cut_anew and e.split_at is not null then 'split'
        when e.is_cut_anew then 'basis_changed'
        else e.status
    end as status,
    reason_text(e.why.code, e.why.parameters) as reason,
    e.why.code as reason_code,
    e.why.parameters as reason_parameters,
    e.operands,
    e.base_operands,
    e.cut_at,
    e.known_at
from explained e
