-- comparable: the earlier figure that each figure may be measured against, on its own concept, unit, basis and vintage
-- grain: entity, metric, span, fiscal_year, fiscal_quarter, quarters_back
-- reads: shown, earlier_shown, vintage, earlier_vintage, comparison, tag_overlap, metric_definition
-- units: value, low and high in whole units of `unit`; quarters_back is 1 to 4 for quarters, 4 for half-years and nine months, and 4, 12, 20 or 40 for years; operands are signed fact_ids
-- A row is the candidate of the earlier period that the figure compares with, whether it is shown there or not. If
-- there is none, or if the fiscal year end moved between the two, the row is missing. Concept, unit and basis must be
-- the same, and both must share a vintage. Of several versions that fit, the later one counts. If another version or
-- tag of the figure has the same amount, the figure compares as that one does. Two tags count as one if, within the
-- years from the earlier figure to the later one, a period has the same amount under both, in vintages that the figures
-- share, and no period has amounts that differ by more than their rounding. A figure that only texts state has no
-- concept of a filing, and is compared with the figure shown. A pinned figure holds in every vintage. A sum by
-- definition is measured against the sum of what its parts are measured against.
with
-- Where two tags count as one, each of the other's figures that a figure may be measured against.
bridged as (
    select distinct v.entity, v.metric, v.span, v.fiscal_year, v.fiscal_quarter, v.quarters_back, v.base_index, b.base_place
    from tag_overlap s
    join comparison v
        on v.entity = s.entity and v.metric = s.metric and v.unit = s.unit and v.concept = s.concept and v.basis = s.basis
        and not v.is_stated
        and v.last_vintage >= case when v.span = 'year' then s.first_year_vintage else s.first_vintage end
        and v.first_vintage <= case when v.span = 'year' then s.last_year_vintage else s.last_vintage end
    join earlier_vintage b
        on b.entity = v.entity and b.metric = v.metric and b.unit = v.unit and b.concept = s.other_concept
        and b.basis = s.other_basis and b.span = v.span and b.quarter_index = v.base_index
        and lies_back(b.period_end, v.period_end, v.quarters_back)
    where s.is_equal and b.is_usual and s.fiscal_year between b.fiscal_year and v.fiscal_year
      and case when v.span = 'year'
          then s.other_first_year_vintage <= b.last_year_vintage and b.first_year_vintage <= s.other_last_year_vintage
          else s.other_first_vintage <= b.last_vintage and b.first_vintage <= s.other_last_vintage
      end
      and not exists (
          select 1
          from tag_overlap o
          where o.entity = s.entity and o.metric = s.metric and o.unit = s.unit and o.concept = s.concept
            and o.other_concept = s.other_concept
            and o.fiscal_year between b.fiscal_year and v.fiscal_year and o.agrees = 0
      )
),
fitting as (
    select
        v.entity, v.metric, v.span, v.fiscal_year, v.fiscal_quarter, v.quarters_back, v.base_index, b.base_place,
        case when b.is_pinned then 0 when v.is_own then 1 else 2 end as preference
    from comparison v
    join earlier_vintage b
        on b.entity = v.entity and b.metric = v.metric and b.unit = v.unit and b.concept = v.concept
        and b.basis = v.basis and b.span = v.span and b.quarter_index = v.base_index
        and lies_back(b.period_end, v.period_end, v.quarters_back)
    where not v.is_stated
      and (b.is_usual or b.single_place = 1)
      and (
          b.is_pinned
          or (
              v.first_vintage <= case when v.span = 'year' then b.last_year_vintage else b.last_vintage end
              and v.last_vintage >= case when v.span = 'year' then b.first_year_vintage else b.first_vintage end
          )
      )
    union all
    select
        entity, metric, span, fiscal_year, fiscal_quarter, quarters_back, base_index, base_place, 3 as preference
    from bridged
    union all
    select
        v.entity, v.metric, v.span, v.fiscal_year, v.fiscal_quarter, v.quarters_back, v.base_index, b.base_place,
        4 as preference
    from comparison v
    join earlier_vintage b
        on b.entity = v.entity and b.metric = v.metric and b.span = v.span and b.unit = v.unit
        and b.quarter_index = v.base_index and lies_back(b.period_end, v.period_end, v.quarters_back)
    where v.is_own and b.single_place = 1 and (v.is_stated or b.is_stated)
      and not is_doubted(v.basis) and not is_doubted(b.basis)
),
first_fit as (
    select
        entity, metric, span, fiscal_year, fiscal_quarter, quarters_back, base_index,
        min(preference * 1000000 + base_place) as fit
    from fitting
    group by entity, metric, span, fiscal_year, fiscal_quarter, quarters_back, base_index
),
best as (
    select
        v.entity, v.metric, v.span, v.fiscal_year, v.fiscal_quarter, f.quarters_back, b.fiscal_period, b.period_start,
        b.period_end, b.value, b.low, b.high, b.unit, b.method, b.operands, b.concept as definition,
        nullif(b.basis, '') as basis, b.known_at, v.is_stated or b.is_stated as is_stated
    from first_fit f
    join vintage v
        on v.entity = f.entity and v.metric = f.metric and v.span = f.span and v.fiscal_year = f.fiscal_year
        and v.fiscal_quarter = f.fiscal_quarter and v.single_place = 1
    join earlier_vintage b
        on b.entity = f.entity and b.metric = f.metric and b.span = f.span and b.quarter_index = f.base_index
        and b.base_place = f.fit % 1000000
),
figures as (
    select entity, metric, span, fiscal_year, fiscal_quarter, concept from shown
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
-- What texts alone state is compared with what is shown.
stated_metric as (
    select distinct entity, metric from earlier_shown where method = 'stated'
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
from stated_metric t
join shown v on v.entity = t.entity and v.metric = t.metric
join distances() d on d.span = v.span
join earlier_shown b
    on b.entity = v.entity and b.metric = v.metric and b.span = v.span and b.unit = v.unit
    and quarter_number(b.fiscal_year, b.fiscal_quarter) = quarter_number(v.fiscal_year, v.fiscal_quarter) - d.quarters_back
    and lies_back(b.period_end, v.period_end, d.quarters_back)
left join matched m
    on m.entity = v.entity and m.metric = v.metric and m.span = v.span and m.fiscal_year = v.fiscal_year
    and m.fiscal_quarter = v.fiscal_quarter and m.quarters_back = d.quarters_back
where (v.method = 'stated' or b.method = 'stated') and m.entity is null
  and not is_doubted(v.basis) and not is_doubted(b.basis)
