-- segment_annual: fiscal years of every part of a company
-- grain: entity, metric, dimensions, fiscal_period
-- reads: segment_figure, segment_label
-- units: value, low and high in whole units of `unit`; if value is NULL, reason says why
-- role says what may be added up: the members of one axis. See segment_figure.
-- label is what the company's latest filing with a label calls the part; without one, the words of the member's name.
select
    entity, name, ticker, cik, metric, axis, member,
    coalesce((select max(l.label) from segment_label l where l.entity = f.entity and l.member = f.member), f.label) as label,
    role, consolidation, dimensions, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start, period_end,
    value, low, high, unit, method, definition,
    case when value is null then reason end as reason, case when value is null then reason_code end as reason_code,
    case when value is null then reason_parameters end as reason_parameters, operands, cut_at, known_at
from segment_figure f
where span = 'year'
