-- quarters_of_year: reported quarters add up to the half-year, nine months or year reported beside them
-- severity: warning
-- message: {metric} of {fiscal_period} is {value} {unit}, and its {quarters} quarters as reported add up to {added}
-- remedy: look at `restatement` and `conflict` of {metric}; the year or a quarter was restated and the other was not
-- Within what all their rounding leaves open. Quarters derived by subtraction add up by themselves and are left out, and
-- so are those under another tag than the year.
with so_far as (
    select
        y.entity, y.metric, y.fiscal_period, y.value, y.low, y.high, y.unit, y.fiscal_quarter as quarters,
        sum(q.value) as added, sum(q.low) as added_low, sum(q.high) as added_high
    from figure y
    join metric m on m.metric = y.metric and m.is_additive
    join figure q
        on q.entity = y.entity and q.metric = y.metric and q.fiscal_year = y.fiscal_year and q.span = 'quarter'
        and q.unit = y.unit and q.method = 'reported' and coalesce(q.basis, '') = coalesce(y.basis, '')
        and q.definition = y.definition
        and q.fiscal_quarter <= y.fiscal_quarter
    where y.span in ('half', 'nine_months', 'year') and y.method = 'reported'
    group by y.entity, y.metric, y.fiscal_period, y.value, y.low, y.high, y.unit, y.fiscal_quarter
    having count(q.value) = y.fiscal_quarter
)
select entity, metric, fiscal_period, value, unit, quarters, added
from so_far
where added_low > high or added_high < low
