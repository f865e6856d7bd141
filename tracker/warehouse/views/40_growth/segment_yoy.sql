-- segment_yoy: growth of every part of a company on the same period of the year before
-- grain: entity, metric, dimensions, fiscal_period
-- reads: segment_figure, segment_label
-- units: value and base in whole units of `unit`; yoy_ratio, yoy_low, yoy_high are fractions (0.25 is +25%)
-- yoy_status says whether the ratio holds, or why there is none. The rule is that of growth, and both sides are of one
-- cut (segment_figure).
-- label is what the company's latest filing with a label calls the part; without one, the words of the member's name.
select
    entity, name, ticker, cik, metric, axis, member,
    coalesce((select max(l.label) from segment_label l where l.entity = f.entity and l.member = f.member), f.label) as label,
    role, consolidation, dimensions, span, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start,
    period_end, value, low, high, unit, method, definition, base, base_low, base_high, base_period, base_method,
    base_definition, ratio as yoy_ratio, ratio_low as yoy_low, ratio_high as yoy_high, status as yoy_status, reason,
    reason_code, reason_parameters, operands, base_operands, cut_at, known_at
from segment_figure f
