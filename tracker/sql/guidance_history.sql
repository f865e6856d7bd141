-- guidance_history: every forecast a company gave, in order, and how each moved against the one before
-- grain: fact_id
-- reads: statement
-- units: low and high in whole units of `unit` (a point has both, a one-sided bound one); issued_at is UTC
-- Only statements of the company itself count as steps; where it is known from articles alone, theirs do.
-- status: initial, raised, lowered, narrowed, widened, reaffirmed, unquantified. A range of which one end moved up
-- and none down is raised; low_change and high_change say which end moved.
with issued as (
    select
        s.*,
        case when s.value is not null and s.low is null and s.high is null and s.qualifier in ('more_than', 'at_least')
            then s.value
            when s.low is null and s.high is null and s.qualifier in ('less_than', 'at_most') then cast(null as decimal(38, 6))
            else coalesce(s.low, case when s.high is null then s.value end)
        end as low_end,
        case when s.value is not null and s.low is null and s.high is null and s.qualifier in ('less_than', 'at_most')
            then s.value
            when s.low is null and s.high is null and s.qualifier in ('more_than', 'at_least') then cast(null as decimal(38, 6))
            else coalesce(s.high, case when s.low is null then s.value end)
        end as high_end,
        case when s.concept like 'guided:%' then 0 else 1 end as teller_rank
    from statement s
    where s.kind = 'guidance' and s.period_end is not null
),
best as (
    select
        i.*,
        min(i.teller_rank) over (partition by i.entity, i.metric, i.period_start, i.period_end) as best_rank
    from issued i
),
stepped as (
    select
        b.*,
        row_number() over (
            partition by b.entity, b.metric, b.unit, b.period_start, b.period_end order by b.known_at, b.fact_id
        ) as step,
        lag(b.low_end) over (
            partition by b.entity, b.metric, b.unit, b.period_start, b.period_end order by b.known_at, b.fact_id
        ) as low_before,
        lag(b.high_end) over (
            partition by b.entity, b.metric, b.unit, b.period_start, b.period_end order by b.known_at, b.fact_id
        ) as high_before,
        lead(b.known_at) over (
            partition by b.entity, b.metric, b.unit, b.period_start, b.period_end order by b.known_at, b.fact_id
        ) as superseded_at
    from best b
    where b.teller_rank = b.best_rank
),
moved as (
    select
        s.*,
        case
            when s.low_end > s.low_before then 'raised'
            when s.low_end < s.low_before then 'lowered'
            when s.low_end = s.low_before then 'unchanged'
        end as low_change,
        case
            when s.high_end > s.high_before then 'raised'
            when s.high_end < s.high_before then 'lowered'
            when s.high_end = s.high_before then 'unchanged'
        end as high_change
    from stepped s
)
select
    m.fact_id,
    m.entity,
    m.name,
    m.ticker,
    m.cik,
    m.metric,
    m.concept,
    m.span,
    m.fiscal_year,
    m.fiscal_period,
    m.calendar_quarter,
    m.period_start,
    m.period_end,
    m.known_at as issued_at,
    m.superseded_at,
    cast(m.step as integer) as step,
    m.low_end as low,
    m.high_end as high,
    m.value,
    m.unit,
    m.qualifier,
    m.quote,
    case
        when m.low_end is null and m.high_end is null then 'unquantified'
        when m.step = 1 then 'initial'
        when coalesce(m.low_change, 'unchanged') = 'unchanged' and coalesce(m.high_change, 'unchanged') = 'unchanged'
            then 'reaffirmed'
        when m.low_change = 'raised' and m.high_change = 'lowered' then 'narrowed'
        when m.low_change = 'lowered' and m.high_change = 'raised' then 'widened'
        when m.low_change = 'raised' or m.high_change = 'raised' then 'raised'
        else 'lowered'
    end as status,
    m.low_change,
    m.high_change,
    m.low_before,
    m.high_before,
    m.source_id,
    m.accession
from moved m
