-- fiscal_quarter: the fiscal quarters of each company for which it has statements, with their days
-- grain: entity, fiscal_year, fiscal_quarter
-- reads: placed_period, fiscal_year
-- units: both days are included; period_start is NULL if the quarter before is not known
with stated as (
    select
        entity,
        fiscal_year,
        fiscal_quarter,
        period_end,
        count(distinct concept) as concepts
    from placed_period
    where fiscal_quarter is not null and (span = 'quarter' or (opens_year and span = span_to_date(fiscal_quarter)))
    group by entity, fiscal_year, fiscal_quarter, period_end
),
best as (
    select
        s.*,
        row_number() over (
            partition by s.entity, s.fiscal_year, s.fiscal_quarter order by s.concepts desc, s.period_end desc
        ) as rn
    from stated s
),
own_start as (
    select
        entity,
        fiscal_year,
        fiscal_quarter,
        period_end,
        period_start,
        row_number() over (
            partition by entity, fiscal_year, fiscal_quarter, period_end
            order by count(distinct concept) desc, period_start
        ) as rn
    from placed_period
    where span = 'quarter'
    group by entity, fiscal_year, fiscal_quarter, period_end, period_start
)
select
    b.entity,
    b.fiscal_year,
    b.fiscal_quarter,
    coalesce(
        add_days(before.period_end, 1),
        own.period_start,
        case when b.fiscal_quarter = 1 then y.period_start end
    ) as period_start,
    b.period_end
from best b
join fiscal_year y on y.entity = b.entity and y.fiscal_year = b.fiscal_year
left join best before
    on before.entity = b.entity and before.fiscal_year = b.fiscal_year
    and before.fiscal_quarter = b.fiscal_quarter - 1 and before.rn = 1
left join own_start own
    on own.entity = b.entity and own.fiscal_year = b.fiscal_year
    and own.fiscal_quarter = b.fiscal_quarter and own.period_end = b.period_end and own.rn = 1
where b.rn = 1
