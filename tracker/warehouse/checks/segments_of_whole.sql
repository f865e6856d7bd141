-- segments_of_whole: the segments of a company, with what reconciles them, add up to the company
-- severity: warning
-- message: {metric} of {fiscal_period} is {whole} {unit}, and its {members} segments give {value}
-- remedy: look at `segment_sum` and `segment_figure`; a segment or a reconciling item is missing, or part of another
-- Within what all their rounding leaves open. Only axes of segments: products and regions need not be complete. If the
-- filing states no item between the segments and the company, it may state it under another concept: then it is info.
select
    entity, metric, fiscal_period, whole, unit, members, value,
    case when reconciling is null then 'info' else 'warning' end as severity
from segment_sum
where state in ('less', 'more')
  and members > 1
  and axis in ('us-gaap:StatementBusinessSegmentsAxis', 'ifrs-full:SegmentsAxis')
