-- difference: quarters had by subtraction, every pair of operands that held together, the one to take first
-- grain: entity, concept, unit, fiscal_year, fiscal_quarter, place
-- reads: flow
-- units: value, low and high in whole units of `unit`; operands are signed fact_ids; place 1 is the pair to take
-- The year to date less the year to date a quarter earlier. Both must share company, concept, unit, first day, and a
-- vintage in which they held together: the shorter period as it stood when the longer was last stated; and if the
-- longer was restated, the shorter must have been said again since the old longer value was, or it may still be on
-- the old basis; and where the concept's meaning is known to have changed (basis_change), both must lie on one side
-- of it. An older pair that fits beats a newer one that does not.
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
    '+' || lower(hex(m.fact_id)) || ' -' || lower(hex(s.fact_id)) as operands,
    m.basis,
    greatest(m.first_known_at, s.first_known_at) as known_at,
    row_number() over (
        partition by m.entity, m.concept, m.unit, m.fiscal_year, m.fiscal_quarter
        order by m.version_no desc, s.version_no desc, m.statements desc, m.period_end desc, m.fact_id, s.fact_id
    ) as place
from flow m
join flow s
    on s.entity = m.entity and s.concept = m.concept and s.unit = m.unit
    and s.period_start = m.period_start and s.fiscal_year = m.fiscal_year
    and s.fiscal_quarter = m.fiscal_quarter - 1
where m.is_year_to_date
  and s.is_year_to_date
  and m.is_additive
  and coalesce(m.basis, '') = coalesce(s.basis, '')
  and (
      (s.first_known_at <= m.last_known_at and (s.next_known_at is null or s.next_known_at > m.last_known_at))
      or (s.version_no = 1 and s.first_known_at > m.last_known_at)
  )
  and (m.version_no = 1 or s.last_known_at > m.last_known_before)
  and (
      days_between(s.period_end, m.period_end) between 83 and 99
      or days_between(s.period_end, m.period_end) in (112, 119)
  )
