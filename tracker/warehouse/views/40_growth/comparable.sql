-- comparable: the earlier figure that each figure may be measured against, on its own concept, unit, basis and vintage
-- grain: entity, metric, span, fiscal_year, fiscal_quarter, quarters_back
-- reads: choice, vintage, metric_definition
-- units: value, low and high in whole units of `unit`; quarters_back is 1 to 4 for quarters, 4 for half-years and nine
-- months, and 4, 12, 20 or 40 for years; operands are signed fact_ids
-- A row is the candidate of the earlier period, shown there or not, that the figure compares with; where there is none,
-- the row is missing. Concept, unit and basis must be the same, and both must share a vintage. Of several versions that
-- fit, the later. A figure compares as any other version or tag of it does that has the same amount. Two tags count as
-- one where, within the years from the earlier figure to the later, a period has the same amount under both, in vintages
-- that the figures share, and no period has amounts apart by more than their rounding. What texts alone state has no
-- concept of a filing: it compares with the figure shown. What is pinned holds in every vintage. A sum by definition is
-- measured against the sum of what its parts are measured against.
with distance as (
    select span, quarters_back
    from (
        values
            ('quarter', 1), ('quarter', 2), ('quarter', 3), ('quarter', 4), ('half', 4), ('nine_months', 4),
            ('year', 4), ('year', 12), ('year', 20), ('year', 40)
    ) d(span, quarters_back)
),
-- The figure measured, under every tag and in every version that gives the same amount.
measured as (
    select
        v.entity, v.figure_no, v.span, v.fiscal_year, v.quarter_index, v.series_no as own_series_no, o.series_no, o.basis,
        case when v.span = 'year' then o.first_year_vintage else o.first_vintage end as first_vintage,
        case when v.span = 'year' then o.last_year_vintage else o.last_vintage end as last_vintage
    from vintage v
    join vintage o
        on o.entity = v.entity and o.figure_no = v.figure_no and o.unit = v.unit and o.value = v.value
        and o.period_end = v.period_end
    where v.single_place = 1 and not v.is_stated and not o.is_stated
),
-- Periods that a filer states under two tags of one metric.
beside as (
    select
        a.entity, a.fiscal_year, a.series_no, a.basis, a.first_vintage, a.last_vintage, a.first_year_vintage,
        a.last_year_vintage, b.series_no as other_series_no, b.basis as other_basis,
        b.first_vintage as other_first_vintage, b.last_vintage as other_last_vintage,
        b.first_year_vintage as other_first_year_vintage, b.last_year_vintage as other_last_year_vintage,
        a.value = b.value as is_equal,
        max(case when a.low > b.high or a.high < b.low then 0 else 1 end) over (
            partition by a.entity, a.figure_no, a.series_no, b.series_no
        ) as agrees
    from vintage a
    join vintage b
        on b.entity = a.entity and b.figure_no = a.figure_no and b.unit = a.unit and b.series_no <> a.series_no
        and b.period_end = a.period_end
    where a.method = 'reported' and b.method = 'reported' and a.value <> 0 and b.value <> 0
),
-- Where two tags count as one, each of the other's figures that a figure may be measured against.
bridged as (
    select distinct v.entity, v.figure_no, d.quarters_back, b.base_place
    from beside s
    join measured v
        on v.entity = s.entity and v.series_no = s.series_no and v.basis = s.basis
        and v.last_vintage >= case when v.span = 'year' then s.first_year_vintage else s.first_vintage end
        and v.first_vintage <= case when v.span = 'year' then s.last_year_vintage else s.last_vintage end
    join distance d on d.span = v.span
    join vintage b
        on b.entity = s.entity and b.series_no = s.other_series_no and b.basis = s.other_basis and b.span = v.span
        and b.quarter_index = v.quarter_index - d.quarters_back
    where s.is_equal and b.is_usual and s.fiscal_year between b.fiscal_year and v.fiscal_year
      and case when v.span = 'year'
          then s.other_first_year_vintage <= b.last_year_vintage and b.first_year_vintage <= s.other_last_year_vintage
          else s.other_first_vintage <= b.last_vintage and b.first_vintage <= s.other_last_vintage
      end
      and not exists (
          select 1
          from beside o
          where o.entity = s.entity and o.series_no = s.series_no and o.other_series_no = s.other_series_no
            and o.fiscal_year between b.fiscal_year and v.fiscal_year and o.agrees = 0
      )
),
fitting as (
    select
        v.entity, v.figure_no, d.quarters_back, b.base_place,
        case when b.is_pinned then 0 when v.series_no = v.own_series_no then 1 else 2 end as preference
    from measured v
    join distance d on d.span = v.span
    join vintage b
        on b.entity = v.entity and b.series_no = v.series_no and b.basis = v.basis and b.span = v.span
        and b.quarter_index = v.quarter_index - d.quarters_back
    where (b.is_usual or b.single_place = 1)
      and (
          b.is_pinned
          or (
              v.first_vintage <= case when v.span = 'year' then b.last_year_vintage else b.last_vintage end
              and v.last_vintage >= case when v.span = 'year' then b.first_year_vintage else b.first_vintage end
          )
      )
    union all
    select entity, figure_no, quarters_back, base_place, 3 as preference from bridged
    union all
    select v.entity, v.figure_no, d.quarters_back, b.base_place, 4 as preference
    from vintage v
    join distance d on d.span = v.span
    join vintage b
        on b.entity = v.entity and b.metric = v.metric and b.span = v.span and b.unit = v.unit
        and b.quarter_index = v.quarter_index - d.quarters_back
    where v.single_place = 1 and b.single_place = 1 and (v.is_stated or b.is_stated)
),
first_fit as (
    select entity, figure_no, quarters_back, min(preference * 1000000 + base_place) as fit
    from fitting
    group by entity, figure_no, quarters_back
),
best as (
    select
        v.entity, v.metric, v.span, v.fiscal_year, v.fiscal_quarter, f.quarters_back, b.fiscal_period, b.period_start,
        b.period_end, b.value, b.low, b.high, b.unit, b.method, b.operands, b.concept as definition,
        nullif(b.basis, '') as basis, b.known_at, v.is_stated or b.is_stated as is_stated
    from first_fit f
    join vintage v on v.entity = f.entity and v.figure_no = f.figure_no and v.single_place = 1
    join vintage b
        on b.entity = v.entity and b.metric = v.metric and b.span = v.span
        and b.quarter_index = v.quarter_index - f.quarters_back and b.base_place = f.fit % 1000000
),
figures as (
    select entity, metric, span, fiscal_year, fiscal_quarter, concept
    from choice
    where place = 1 and value is not null
),
composed as (
    select
        c.entity, c.metric, c.span, c.fiscal_year, c.fiscal_quarter, b.quarters_back,
        max(b.fiscal_period) as fiscal_period, max(b.period_start) as period_start, max(b.period_end) as period_end,
        sum(d.weight * b.value) as value,
        case when count(case when d.weight = 1 then b.low else b.high end) = max(d.parts)
            then sum(case when d.weight = 1 then b.low else -b.high end) end as low,
        case when count(case when d.weight = 1 then b.high else b.low end) = max(d.parts)
            then sum(case when d.weight = 1 then b.high else -b.low end) end as high,
        max(b.unit) as unit,
        case when max(d.parts) = 1 then max(b.method) else 'derived' end as method,
        joined_terms(weighted_terms(d.weight, b.operands), d.part_no) as operands,
        max(d.definition) as definition,
        max(b.basis) as basis,
        max(b.known_at) as known_at
    from figures c
    join metric_definition d on d.entity = c.entity and d.metric = c.metric
    join best b
        on b.entity = c.entity and b.metric = d.part and b.span = c.span and b.fiscal_year = c.fiscal_year
        and b.fiscal_quarter = c.fiscal_quarter
    where c.concept like 'defined:%'
    group by c.entity, c.metric, c.span, c.fiscal_year, c.fiscal_quarter, b.quarters_back
    having count(*) = max(d.parts) and min(b.unit) = max(b.unit) and min(b.period_end) = max(b.period_end)
),
matched as (
    select
        b.entity, b.metric, b.span, b.fiscal_year, b.fiscal_quarter, b.quarters_back, b.fiscal_period, b.period_start,
        b.period_end, b.value, b.low, b.high, b.unit, b.method, b.operands, b.definition, b.basis, b.known_at
    from best b
    join figures f
        on f.entity = b.entity and f.metric = b.metric and f.span = b.span and f.fiscal_year = b.fiscal_year
        and f.fiscal_quarter = b.fiscal_quarter
    where f.concept not like 'defined:%' and not b.is_stated
    union all
    select
        entity, metric, span, fiscal_year, fiscal_quarter, quarters_back, fiscal_period, period_start, period_end, value, low,
        high, unit, method, operands, definition, basis, known_at
    from composed
)
select
    entity, metric, span, fiscal_year, fiscal_quarter, quarters_back, fiscal_period, period_start, period_end, value, low,
    high, unit, method, operands, definition, basis, known_at
from matched
union all
-- What is shown, where texts alone state one side.
select
    v.entity, v.metric, v.span, v.fiscal_year, v.fiscal_quarter, d.quarters_back, b.fiscal_period, b.period_start,
    b.period_end, b.value, b.low, b.high, b.unit, b.method, b.operands, b.definition, b.basis, b.known_at
from choice v
join distance d on d.span = v.span
join choice b
    on b.entity = v.entity and b.metric = v.metric and b.span = v.span and b.unit = v.unit
    and quarter_number(b.fiscal_year, b.fiscal_quarter) = quarter_number(v.fiscal_year, v.fiscal_quarter) - d.quarters_back
left join matched m
    on m.entity = v.entity and m.metric = v.metric and m.span = v.span and m.fiscal_year = v.fiscal_year
    and m.fiscal_quarter = v.fiscal_quarter and m.quarters_back = d.quarters_back
where v.place = 1 and b.place = 1 and v.value is not null and b.value is not null
  and (v.method = 'stated' or b.method = 'stated') and m.entity is null
