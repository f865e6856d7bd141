-- difference: quarters derived by subtraction: every set of operands that held together, in the order in which they are taken
-- grain: entity, concept, unit, fiscal_year, fiscal_quarter, place
-- reads: flow
-- units: value, low and high in whole units of `unit`; operands are signed fact_ids; place 1 is the set to take
-- A quarter is the year to date less the year to date a quarter earlier. Both must have the same company, concept, unit
-- and first day, and a vintage in which both held: the shorter period as it stood when the longer was last stated. If
-- the longer one was restated, the shorter one must have been stated again after the old longer value, or it may still
-- be on the old basis. If the concept is known to have changed its meaning (basis_change), both must lie on the same
-- side of the change, and amounts that are stated with contradicting signs are never subtracted. If no report states a
-- quarter and no such pair has the latest longer value, the quarter is a longer period less everything else in it (the
-- year less its first three quarters), with three or four operands that keep the same rule. The order is: a longer
-- period that ends with the quarter, one that begins with the year and not some days later, its later version, fewer
-- operands, later versions of the others, a longer period stated more often, one that ends sooner. is_settled is true
-- if the longer period was not restated, and no other was first stated later. So an older set that fits comes before a
-- newer one that does not.
with pair as (
    select
        m.entity,
        m.concept,
        m.unit,
        m.fiscal_year,
        m.fiscal_quarter,
        add_days(s.period_end, 1) as period_start,
        m.period_end,
        m.value - s.value as value,
        m.bound_low - s.bound_high as low,
        m.bound_high - s.bound_low as high,
        signed_id('+', m.fact_id) || ' ' || signed_id('-', s.fact_id) as operands,
        m.basis,
        greatest(m.first_known_at, s.first_known_at) as known_at,
        greatest(m.last_known_at, s.first_known_at) as last_known_at,
        greatest(m.last_known_before, s.last_known_before) as last_known_before,
        m.is_latest,
        m.is_latest and s.first_known_at <= m.last_known_at as is_settled,
        1 as is_end,
        m.version_no,
        2 as terms,
        s.version_no as other_version_no,
        m.statements,
        case when m.is_year_to_date then m.period_start end as year_start,
        m.period_end as whole_end
    from flow m
    join flow s
        on s.entity = m.entity and s.concept = m.concept and s.unit = m.unit
        and s.period_start = m.period_start and s.fiscal_year = m.fiscal_year
        and s.fiscal_quarter = m.fiscal_quarter - 1
    where m.is_year_to_date
      and s.is_year_to_date
      and m.is_additive
      and coalesce(m.basis, '') = coalesce(s.basis, '')
      and not bars_sums(m.basis)
      and (
          (s.first_known_at <= m.last_known_at and (s.next_known_at is null or s.next_known_at > m.last_known_at))
          or (s.version_no = 1 and s.first_known_at > m.last_known_at)
      )
      and (m.version_no = 1 or s.last_known_at > m.last_known_before)
      and span_of(days_between(s.period_end, m.period_end)) = 'quarter'
),
-- What is left of a longer period without its other parts, in order of time; `place` of them come before the quarter.
chain as (
    select fiscal_quarter, whole, part_1, part_2, part_3, place, pattern
    from (
        values
            (1, 'y2', 'q2', '', '', 0, '%q2%y2%'), (1, 'y3', 'q2', 'q3', '', 0, '%q2%q3%y3%'),
            (1, 'y4', 'q2', 'h2', '', 0, '%h2%q2%y4%'), (1, 'y4', 'q2', 'q3', 'q4', 0, '%q2%q3%q4%y4%'),
            (2, 'y3', 'q1', 'q3', '', 1, '%q1%q3%y3%'), (2, 'y4', 'q1', 'h2', '', 1, '%h2%q1%y4%'),
            (2, 'y4', 'q1', 'q3', 'q4', 1, '%q1%q3%q4%y4%'), (3, 'y3', 'q1', 'q2', '', 2, '%q1%q2%y3%'),
            (3, 'h2', 'q4', '', '', 0, '%h2%q4%'), (3, 'y4', 'y2', 'q4', '', 1, '%q4%y2%y4%'),
            (3, 'y4', 'q1', 'q2', 'q4', 2, '%q1%q2%q4%y4%'), (4, 'h2', 'q3', '', '', 1, '%h2%q3%'),
            (4, 'y4', 'y2', 'q3', '', 2, '%q3%y2%y4%'), (4, 'y4', 'q1', 'q2', 'q3', 3, '%q1%q2%q3%y4%')
    ) c(fiscal_quarter, whole, part_1, part_2, part_3, place, pattern)
),
-- What a concept and year have of all these, in the order of the patterns, and which quarters are reported.
at_hand as (
    select
        entity,
        concept,
        unit,
        fiscal_year,
        max(case when span = 'half' and not is_year_to_date and fiscal_quarter = 4 then 'h2' else '' end)
            || max(case when span = 'quarter' and fiscal_quarter = 1 then 'q1' else '' end)
            || max(case when span = 'quarter' and fiscal_quarter = 2 then 'q2' else '' end)
            || max(case when span = 'quarter' and fiscal_quarter = 3 then 'q3' else '' end)
            || max(case when span = 'quarter' and fiscal_quarter = 4 then 'q4' else '' end)
            || max(case when is_year_to_date and fiscal_quarter = 2 then 'y2' else '' end)
            || max(case when is_year_to_date and fiscal_quarter = 3 then 'y3' else '' end)
            || max(case when is_year_to_date and fiscal_quarter = 4 then 'y4' else '' end) as codes,
        max(case when span = 'quarter' and fiscal_quarter = 1 and is_latest then '1' else '' end)
            || max(case when span = 'quarter' and fiscal_quarter = 2 and is_latest then '2' else '' end)
            || max(case when span = 'quarter' and fiscal_quarter = 3 and is_latest then '3' else '' end)
            || max(case when span = 'quarter' and fiscal_quarter = 4 and is_latest then '4' else '' end) as reported
    from flow
    where is_additive
    group by entity, concept, unit, fiscal_year
),
wanted as (
    select distinct h.entity, h.concept, h.unit, h.fiscal_year, c.fiscal_quarter
    from at_hand h
    join chain c
        on h.codes like c.pattern and h.reported not like '%' || cast(c.fiscal_quarter as string) || '%'
    left join pair d
        on d.entity = h.entity and d.concept = h.concept and d.unit = h.unit and d.fiscal_year = h.fiscal_year
        and d.fiscal_quarter = c.fiscal_quarter and d.is_latest
    where d.entity is null
),
piece as (
    select
        f.*,
        case
            when f.span = 'quarter' then 'q' || cast(f.fiscal_quarter as string)
            when f.is_year_to_date then 'y' || cast(f.fiscal_quarter as string)
            else 'h2'
        end as code
    from flow f
    join (select distinct entity, concept, unit, fiscal_year from wanted) w
        on w.entity = f.entity and w.concept = f.concept and w.unit = f.unit and w.fiscal_year = f.fiscal_year
    where f.span = 'quarter' or f.is_year_to_date or (f.span = 'half' and f.fiscal_quarter = 4)
),
held as (
    select
        m.entity,
        m.fact_id as whole_id,
        s.fact_id,
        s.code,
        s.period_start,
        s.period_end,
        s.value,
        s.bound_low,
        s.bound_high,
        s.first_known_at,
        s.last_known_before,
        s.version_no
    from piece m
    join piece s
        on s.entity = m.entity and s.concept = m.concept and s.unit = m.unit and s.fiscal_year = m.fiscal_year
        and s.period_start >= m.period_start and s.period_end <= m.period_end and s.fact_id <> m.fact_id
    where m.span <> 'quarter'
      and coalesce(m.basis, '') = coalesce(s.basis, '')
      and not bars_sums(m.basis)
      and (
          (s.first_known_at <= m.last_known_at and (s.next_known_at is null or s.next_known_at > m.last_known_at))
          or (s.version_no = 1 and s.first_known_at > m.last_known_at)
      )
      and (m.version_no = 1 or s.last_known_at > m.last_known_before)
),
chained as (
    select
        m.entity,
        m.concept,
        m.unit,
        m.fiscal_year,
        w.fiscal_quarter,
        case c.place
            when 0 then m.period_start
            when 1 then add_days(a.period_end, 1)
            when 2 then add_days(b.period_end, 1)
            else add_days(d.period_end, 1)
        end as period_start,
        case
            when c.place = 0 then add_days(a.period_start, -1)
            when c.place = 1 and b.fact_id is not null then add_days(b.period_start, -1)
            when c.place = 2 and d.fact_id is not null then add_days(d.period_start, -1)
            else m.period_end
        end as period_end,
        days_in(m.period_start, m.period_end) - days_in(a.period_start, a.period_end)
            - coalesce(days_in(b.period_start, b.period_end), 0)
            - coalesce(days_in(d.period_start, d.period_end), 0) as days,
        m.value - a.value - coalesce(b.value, 0) - coalesce(d.value, 0) as value,
        m.bound_low - a.bound_high - case when b.fact_id is null then 0 else b.bound_high end
            - case when d.fact_id is null then 0 else d.bound_high end as low,
        m.bound_high - a.bound_low - case when b.fact_id is null then 0 else b.bound_low end
            - case when d.fact_id is null then 0 else d.bound_low end as high,
        signed_id('+', m.fact_id) || ' ' || signed_id('-', a.fact_id)
            || coalesce(' ' || signed_id('-', b.fact_id), '') || coalesce(' ' || signed_id('-', d.fact_id), '') as operands,
        m.basis,
        greatest(m.first_known_at, a.first_known_at, b.first_known_at, d.first_known_at) as known_at,
        greatest(m.last_known_at, a.first_known_at, b.first_known_at, d.first_known_at) as last_known_at,
        greatest(m.last_known_before, a.last_known_before, b.last_known_before, d.last_known_before) as last_known_before,
        m.is_latest and coalesce(greatest(a.first_known_at, b.first_known_at, d.first_known_at) <= m.last_known_at, true)
            as is_settled,
        case when m.fiscal_quarter = w.fiscal_quarter then 1 else 0 end as is_end,
        m.version_no,
        2 + case when b.fact_id is null then 0 else 1 end + case when d.fact_id is null then 0 else 1 end as terms,
        a.version_no + coalesce(b.version_no, 0) + coalesce(d.version_no, 0) as other_version_no,
        m.statements,
        case when m.is_year_to_date then m.period_start end as year_start,
        m.period_end as whole_end
    from wanted w
    join chain c on c.fiscal_quarter = w.fiscal_quarter
    join piece m
        on m.entity = w.entity and m.concept = w.concept and m.unit = w.unit and m.fiscal_year = w.fiscal_year
        and m.code = c.whole
    join held a on a.entity = m.entity and a.whole_id = m.fact_id and a.code = c.part_1
    left join held b on b.entity = m.entity and b.whole_id = m.fact_id and b.code = c.part_2
    left join held d on d.entity = m.entity and d.whole_id = m.fact_id and d.code = c.part_3
    where (c.part_2 = '' or b.fact_id is not null) and (c.part_3 = '' or d.fact_id is not null)
),
everything as (
    select
        entity, concept, unit, fiscal_year, fiscal_quarter, period_start, period_end, value, low, high, operands, basis,
        known_at, last_known_at, last_known_before, is_settled, is_end, version_no, terms, other_version_no, statements,
        year_start, whole_end
    from pair
    union all
    select
        entity, concept, unit, fiscal_year, fiscal_quarter, period_start, period_end, value, low, high, operands, basis,
        known_at, last_known_at, last_known_before, is_settled, is_end, version_no, terms, other_version_no, statements,
        year_start, whole_end
    from chained
    where days_in(period_start, period_end) = days and span_of(days) = 'quarter'
),
-- How many days after the earliest one its year begins.
timed as (
    select
        *,
        coalesce(
            days_between(min(year_start) over (partition by entity, concept, unit, fiscal_year), year_start), 0
        ) as days_late
    from everything
)
select
    entity,
    concept,
    unit,
    fiscal_year,
    fiscal_quarter,
    period_start,
    period_end,
    value,
    low,
    high,
    operands,
    basis,
    known_at,
    last_known_at,
    last_known_before,
    is_settled,
    row_number() over (
        partition by entity, concept, unit, fiscal_year, fiscal_quarter
        order by
            is_end desc, days_late, version_no desc, terms, other_version_no desc, statements desc, period_end desc, whole_end, operands
    ) as place
from timed
