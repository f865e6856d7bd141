-- figure: every metric of every company and period, with the one value that is shown and how it came about
-- grain: entity, metric, span, fiscal_year, fiscal_quarter
-- reads: candidate, metric, metric_part, entity, entity_label
-- units: value, low and high in whole units of `unit`; span is quarter, half, nine_months or year
-- Order of choice: a filed value under the first tag that has one (stray tags last); a sum of such values after the company's own
-- definition; what an article or data set states (the finest print). Where there is none, the reason stays.
with ordered as (
    select
        c.*,
        row_number() over (
            partition by c.entity, c.metric, c.span, c.fiscal_year, c.fiscal_quarter
            order by
                case when c.value is null then 1 else 0 end,
                c.is_stray,
                c.priority,
                c.uses desc,
                c.decimals desc nulls last,
                c.known_at,
                c.unit,
                c.operands
        ) as rn
    from candidate c
),
chosen_single as (
    select * from ordered where rn = 1
),
-- Where texts alone state the quarters, the year so far is their sum: no filing states it.
added as (
    select
        q.entity, q.metric, e.span, q.fiscal_year, e.fiscal_quarter, max(q.calendar_quarter) as calendar_quarter,
        min(q.period_start) as period_start, max(q.period_end) as period_end, sum(q.value) as value, sum(q.low) as low,
        sum(q.high) as high, max(q.unit) as unit, max(q.concept) as concept, max(q.known_at) as known_at,
        max(case when q.fiscal_quarter = 1 then q.operands end)
            || ' ' || max(case when q.fiscal_quarter = 2 then q.operands end)
            || coalesce(max(case when q.fiscal_quarter = 3 then ' ' || q.operands end), '')
            || coalesce(max(case when q.fiscal_quarter = 4 then ' ' || q.operands end), '') as operands
    from chosen_single q
    join (values ('half', 2), ('nine_months', 3), ('year', 4)) e(span, fiscal_quarter)
        on q.fiscal_quarter <= e.fiscal_quarter
    join metric m on m.metric = q.metric and m.is_additive
    where q.span = 'quarter' and q.method = 'stated' and q.low is not null and q.high is not null
    group by q.entity, q.metric, e.span, q.fiscal_year, e.fiscal_quarter
    having count(*) = e.fiscal_quarter and min(q.unit) = max(q.unit)
),
single as (
    select
        entity, metric, span, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start, period_end,
        value, low, high, unit, method, operands, reason, concept, basis, known_at
    from chosen_single
    union all
    select
        a.entity, a.metric, a.span, a.fiscal_year, a.fiscal_quarter,
        case a.span
            when 'half' then cast(a.fiscal_year as varchar) || 'H1'
            when 'nine_months' then cast(a.fiscal_year as varchar) || 'M9'
            else 'FY' || cast(a.fiscal_year as varchar)
        end,
        a.calendar_quarter, a.period_start, a.period_end, a.value, a.low, a.high, a.unit, 'stated', a.operands,
        cast(null as varchar), a.concept, cast(null as varchar), a.known_at
    from added a
    where not exists (
        select 1
        from chosen_single c
        where c.entity = a.entity and c.metric = a.metric and c.span = a.span and c.fiscal_year = a.fiscal_year
    )
),
definition as (
    select
        p.metric, e.entity, p.part_no, p.part, p.weight, p.definition,
        count(*) over (partition by p.metric, e.entity) as parts
    from entity e
    join metric_part p
        on p.entity = e.entity
        or (
            p.entity = '*'
            and not exists (select 1 from metric_part own where own.metric = p.metric and own.entity = e.entity)
        )
),
wanted as (
    select distinct d.metric, d.entity, s.span, s.fiscal_year, s.fiscal_quarter, s.fiscal_period
    from definition d
    join single s on s.entity = d.entity and s.metric = d.part
),
composed as (
    select
        w.metric,
        w.entity,
        w.span,
        w.fiscal_year,
        w.fiscal_quarter,
        w.fiscal_period,
        max(s.calendar_quarter) as calendar_quarter,
        max(s.period_start) as period_start,
        max(s.period_end) as period_end,
        max(s.unit) as unit,
        max(d.definition) as definition,
        count(s.value) = max(d.parts) and min(s.unit) = max(s.unit) and min(s.period_end) = max(s.period_end) as is_whole,
        max(d.parts) as parts,
        min(case when s.method = 'stated' then 0 else 1 end) = 1 as is_filed,
        max(s.method) as method,
        sum(d.weight * s.value) as value,
        sum(case when d.weight = 1 then s.low else -s.high end) as low,
        sum(case when d.weight = 1 then s.high else -s.low end) as high,
        count(s.low) as lows,
        count(s.high) as highs,
        max(case when d.part_no = 1 then case when d.weight = 1 then s.operands else translate(s.operands, '+-', '-+') end end)
            || coalesce(max(case when d.part_no = 2 then ' ' || case when d.weight = 1 then s.operands else translate(s.operands, '+-', '-+') end end), '')
            || coalesce(max(case when d.part_no = 3 then ' ' || case when d.weight = 1 then s.operands else translate(s.operands, '+-', '-+') end end), '')
            || coalesce(max(case when d.part_no = 4 then ' ' || case when d.weight = 1 then s.operands else translate(s.operands, '+-', '-+') end end), '')
            as operands,
        min(case when s.value is null then d.part || ': ' || coalesce(s.reason, 'not stated') end) as reason,
        max(s.basis) as basis,
        max(s.known_at) as known_at
    from wanted w
    join definition d on d.metric = w.metric and d.entity = w.entity
    left join single s
        on s.entity = w.entity and s.metric = d.part and s.span = w.span
        and s.fiscal_year = w.fiscal_year and s.fiscal_quarter = w.fiscal_quarter
    group by w.metric, w.entity, w.span, w.fiscal_year, w.fiscal_quarter, w.fiscal_period
),
tiered as (
    select
        case when value is null then 5 when method = 'stated' then 3 else 1 end as tier,
        metric, entity, span, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start, period_end, unit,
        value, low, high, method, operands, reason, concept as definition, basis, known_at
    from single
    union all
    select
        case when not is_whole then 4 when is_filed then 2 else 3 end,
        metric, entity, span, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start, period_end, unit,
        case when is_whole then value end,
        case when is_whole and lows = parts then low end,
        case when is_whole and highs = parts then high end,
        case when is_whole then case when parts = 1 then method else 'derived' end end,
        case when is_whole then operands end,
        case when not is_whole then coalesce(reason, 'its parts differ in unit or period') end,
        definition,
        basis,
        case when is_whole then known_at end
    from composed
),
chosen as (
    select
        t.*,
        row_number() over (
            partition by t.entity, t.metric, t.span, t.fiscal_year, t.fiscal_quarter
            order by t.tier, t.definition, t.operands
        ) as rn
    from tiered t
)
select
    c.entity,
    l.name,
    l.ticker,
    l.cik,
    c.metric,
    c.span,
    c.fiscal_year,
    c.fiscal_quarter,
    c.fiscal_period,
    c.calendar_quarter,
    c.period_start,
    c.period_end,
    c.value,
    c.low,
    c.high,
    c.unit,
    c.method,
    c.operands,
    c.reason,
    c.definition,
    c.basis,
    c.known_at
from chosen c
left join entity_label l on l.entity = c.entity
where c.rn = 1
