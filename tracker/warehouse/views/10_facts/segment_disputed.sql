-- segment_disputed: figures of a part of a company that one filing prints in several ways that cannot be one value
-- grain: fact_id
-- reads: segment_statement
-- units: value, low, high and the bounds in whole units of `unit`; filing is the accession number, or the source if nobody knows the number; position counts the prints of one figure from 1, in the order of the document
-- The rule is that of disputed, for one part (dimensions) in place of the whole company. None of these statements
-- enters a figure of a part.
with printed as (
    select s.*, coalesce(s.accession, s.source_id) as filing
    from segment_statement s
    where s.kind = 'actual' and s.method = 'reported' and s.quote is not null and s.period_end is not null
      and s.concept not like 'stated:%'
),
compared as (
    select
        p.*,
        max(p.bound_low) over figures > min(p.bound_high) over figures as is_apart,
        count(p.value) over figures as values_of_figure,
        count(*) over figures as prints,
        row_number() over (
            partition by p.entity, p.dimensions, p.concept, p.unit, p.period_start, p.period_end, p.filing
            order by p.span_start, p.source_id, p.fact_id
        ) as position
    from printed p
    window figures as (
        partition by p.entity, p.dimensions, p.concept, p.unit, p.period_start, p.period_end, p.filing
    )
)
select
    entity,
    name,
    ticker,
    cik,
    dimensions,
    concept,
    unit,
    period_start,
    period_end,
    fiscal_year,
    fiscal_quarter,
    fiscal_period,
    calendar_quarter,
    span,
    filing,
    accession,
    form,
    source_id,
    cast(position as integer) as position,
    fact_id,
    value,
    bound_low,
    bound_high,
    quote,
    element,
    span_start,
    span_end,
    known_at
from compared
where coalesce(is_apart, false) or values_of_figure between 1 and prints - 1
