-- guidance_history: every forecast a company gave, in order, and how each one moved from the one before
-- grain: fact_id, metric, unit, period_start, period_end
-- reads: statement
-- units: low and high in whole units of `unit` (a point has both, a one-sided bound one); issued_at is UTC
-- Only statements of the company itself count as steps. If a company is known only from articles, theirs count. shape
-- says what was given: range, plus_minus, point, floor ("at least"), ceiling ("up to"), relative ("similar to last
-- year"), qualitative ("significantly higher", "mid-teens") or withdrawn. The last three have no numbers. status
-- compares with the numbers before: initial, raised, lowered, narrowed, widened or reaffirmed; it is relative,
-- qualitative or withdrawn if there are no numbers. A range is raised if one end moved up and none moved down.
-- low_change and high_change say which end moved (raised, lowered, unchanged, added, dropped). Words leave numbers in
-- force. A withdrawal ends them (low_before and high_before are what it took back), and the next numbers are initial
-- again. A withdrawal of the metric `outlook` takes back every forecast of the company. A withdrawal without a period
-- takes back the forecasts of every period that is not yet over. It has a row for each forecast that it takes back.
-- withdrawn_at says when a statement was taken back. bound_low and bound_high reach as far as the words and digits of a
-- point do ("about 75" billion is 74 to 76). If a text says what the forecast was before ("up from 6.1 to 6.4
-- billion"), that is the base of its own step, whether the step before is stored or not. Such a statement (concept
-- `prior:...`) is never a step itself.
with prior as (
    select
        s.entity, s.metric, s.unit, s.period_start, s.period_end, s.source_id,
        min(coalesce(s.low, s.value)) as low_end,
        min(coalesce(s.high, s.value)) as high_end
    from statement s
    where s.kind = 'guidance' and s.concept like 'prior:%' and s.period_end is not null
      and coalesce(s.low, s.high, s.value) is not null
    group by s.entity, s.metric, s.unit, s.period_start, s.period_end, s.source_id
    having count(distinct coalesce(s.low, s.value)) <= 1 and count(distinct coalesce(s.high, s.value)) <= 1
),
said as (
    select
        s.*,
        case
            when s.qualifier = 'withdrawn' then 'withdrawn'
            when s.value is null and s.low is null and s.high is null
                then case when s.qualifier = 'similar' then 'relative' else 'qualitative' end
            when s.qualifier = 'plus_minus' then 'plus_minus'
            when s.low < s.high then 'range'
            when s.low is not null and s.high is null then 'floor'
            when s.high is not null and s.low is null then 'ceiling'
            when s.low is null and s.qualifier in ('more_than', 'at_least') then 'floor'
            when s.low is null and s.qualifier in ('less_than', 'at_most') then 'ceiling'
            else 'point'
        end as shape,
        case when s.concept like 'guided:%' then 0 else 1 end as teller_rank
    from statement s
    where s.kind = 'guidance' and s.concept not like 'prior:%' and (s.period_end is not null or s.qualifier = 'withdrawn')
),
thread as (
    select
        s.entity, s.metric, s.unit, s.span, s.fiscal_year, s.fiscal_quarter, s.fiscal_period, s.calendar_quarter,
        s.period_start, s.period_end, min(s.known_at) as first_known_at
    from said s
    where s.shape <> 'withdrawn'
    group by
        s.entity, s.metric, s.unit, s.span, s.fiscal_year, s.fiscal_quarter, s.fiscal_period, s.calendar_quarter,
        s.period_start, s.period_end
),
taken_back as (
    select
        w.*, t.metric as t_metric, t.unit as t_unit, t.span as t_span, t.fiscal_year as t_fiscal_year,
        t.fiscal_quarter as t_fiscal_quarter, t.fiscal_period as t_fiscal_period,
        t.calendar_quarter as t_calendar_quarter, t.period_start as t_period_start, t.period_end as t_period_end
    from said w
    left join thread t
        on t.entity = w.entity
        and (t.metric = w.metric or w.metric = 'outlook')
        and t.first_known_at < w.known_at
        and case
            when w.period_end is null then t.period_end >= cast(w.known_at as date)
            else t.period_end = w.period_end
                and coalesce(t.period_start, t.period_end) = coalesce(w.period_start, w.period_end)
        end
    where w.shape = 'withdrawn'
),
issued as (
    select
        s.fact_id, s.entity, s.name, s.ticker, s.cik, s.metric, s.concept, s.span, s.fiscal_year, s.fiscal_quarter,
        s.fiscal_period, s.calendar_quarter, s.period_start, s.period_end, s.known_at, s.value, s.unit, s.qualifier,
        s.quote, s.source_id, s.accession, s.shape, s.teller_rank,
        case when s.shape <> 'ceiling' then coalesce(s.low, s.value) end as low_end,
        case when s.shape <> 'floor' then coalesce(s.high, s.value) end as high_end,
        case when s.shape = 'point' then s.bound_low when s.shape <> 'ceiling' then coalesce(s.low, s.value) end as bound_low,
        case when s.shape = 'point' then s.bound_high when s.shape <> 'floor' then coalesce(s.high, s.value) end as bound_high
    from said s
    where s.shape <> 'withdrawn'
    union all
    select
        w.fact_id, w.entity, w.name, w.ticker, w.cik, coalesce(w.t_metric, w.metric) as metric, w.concept,
        coalesce(w.t_span, w.span) as span,
        coalesce(w.t_fiscal_year, w.fiscal_year) as fiscal_year,
        coalesce(w.t_fiscal_quarter, w.fiscal_quarter) as fiscal_quarter,
        coalesce(w.t_fiscal_period, w.fiscal_period) as fiscal_period,
        coalesce(w.t_calendar_quarter, w.calendar_quarter) as calendar_quarter,
        coalesce(w.t_period_start, w.period_start) as period_start,
        coalesce(w.t_period_end, w.period_end) as period_end, w.known_at, w.value,
        coalesce(w.t_unit, w.unit) as unit, w.qualifier, w.quote, w.source_id, w.accession, w.shape, w.teller_rank,
        cast(null as decimal(38, 6)) as low_end, cast(null as decimal(38, 6)) as high_end,
        cast(null as decimal(38, 6)) as bound_low, cast(null as decimal(38, 6)) as bound_high
    from taken_back w
    where w.t_metric is not null or (w.period_end is not null and w.metric <> 'outlook')
),
best as (
    select
        i.*,
        min(i.teller_rank) over (partition by i.entity, i.metric, i.period_start, i.period_end) as best_rank,
        case when i.shape in ('relative', 'qualitative') then 0 else 1 end as is_counted,
        case when i.shape = 'withdrawn' then 1 else 0 end as is_end
    from issued i
),
ordered as (
    select
        b.*,
        row_number() over (
            partition by b.entity, b.metric, b.unit, b.period_start, b.period_end order by b.known_at, b.is_end desc, b.fact_id
        ) as step
    from best b
    where b.teller_rank = b.best_rank
),
-- Numbers are compared within a stretch: from one withdrawal to the next, which closes it.
stretched as (
    select
        o.*,
        coalesce(sum(o.is_end) over (
            partition by o.entity, o.metric, o.unit, o.period_start, o.period_end order by o.step
            rows between unbounded preceding and 1 preceding
        ), 0) as stretch,
        min(case when o.is_end = 1 then o.known_at end) over (
            partition by o.entity, o.metric, o.unit, o.period_start, o.period_end order by o.step
            rows between 1 following and unbounded following
        ) as withdrawn_at,
        lead(o.known_at) over (
            partition by o.entity, o.metric, o.unit, o.period_start, o.period_end order by o.step
        ) as next_at,
        lead(o.known_at) over (
            partition by o.entity, o.metric, o.unit, o.period_start, o.period_end, o.is_counted order by o.step
        ) as next_counted_at
    from ordered o
),
stepped as (
    select
        s.*,
        row_number() over (
            partition by s.entity, s.metric, s.unit, s.period_start, s.period_end, s.stretch, s.is_counted order by s.step
        ) as number_no,
        lag(s.low_end) over (
            partition by s.entity, s.metric, s.unit, s.period_start, s.period_end, s.stretch, s.is_counted order by s.step
        ) as low_of_step_before,
        lag(s.high_end) over (
            partition by s.entity, s.metric, s.unit, s.period_start, s.period_end, s.stretch, s.is_counted order by s.step
        ) as high_of_step_before
    from stretched s
),
based as (
    select
        s.*,
        s.number_no > 1 or p.source_id is not null as has_base,
        case when p.source_id is not null then p.low_end else s.low_of_step_before end as low_before,
        case when p.source_id is not null then p.high_end else s.high_of_step_before end as high_before
    from stepped s
    left join prior p
        on p.entity = s.entity and p.metric = s.metric and p.unit = s.unit and p.source_id = s.source_id
        and p.period_end = s.period_end and coalesce(p.period_start, p.period_end) = coalesce(s.period_start, s.period_end)
        and s.is_counted = 1 and s.is_end = 0
),
moved as (
    select
        s.*,
        case
            when s.is_counted = 0 or s.is_end = 1 or not s.has_base then cast(null as string)
            when s.low_end > s.low_before then 'raised'
            when s.low_end < s.low_before then 'lowered'
            when s.low_end = s.low_before then 'unchanged'
            when s.low_end is not null then 'added'
            when s.low_before is not null then 'dropped'
        end as low_change,
        case
            when s.is_counted = 0 or s.is_end = 1 or not s.has_base then cast(null as string)
            when s.high_end > s.high_before then 'raised'
            when s.high_end < s.high_before then 'lowered'
            when s.high_end = s.high_before then 'unchanged'
            when s.high_end is not null then 'added'
            when s.high_before is not null then 'dropped'
        end as high_change
    from based s
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
    m.fiscal_quarter,
    m.fiscal_period,
    m.calendar_quarter,
    m.period_start,
    m.period_end,
    m.known_at as issued_at,
    case when m.is_counted = 1 then m.next_counted_at else m.next_at end as superseded_at,
    m.withdrawn_at,
    cast(m.step as integer) as step,
    cast(m.stretch as integer) as stretch,
    m.shape,
    m.low_end as low,
    m.high_end as high,
    m.bound_low,
    m.bound_high,
    m.value,
    m.unit,
    m.qualifier,
    m.quote,
    case
        when m.shape in ('withdrawn', 'relative', 'qualitative') then m.shape
        when not m.has_base then 'initial'
        when coalesce(m.low_change, 'unchanged') = 'unchanged' and coalesce(m.high_change, 'unchanged') = 'unchanged'
            then 'reaffirmed'
        when m.low_change = 'raised' and m.high_change = 'lowered' then 'narrowed'
        when m.low_change = 'lowered' and m.high_change = 'raised' then 'widened'
        when m.low_change = 'raised' or m.high_change = 'raised' then 'raised'
        when m.low_change = 'lowered' or m.high_change = 'lowered' then 'lowered'
        when m.low_change = 'added' and m.high_change = 'dropped' then 'raised'
        when m.low_change = 'dropped' and m.high_change = 'added' then 'lowered'
        when m.low_change = 'added' or m.high_change = 'added' then 'narrowed'
        else 'widened'
    end as status,
    m.low_change,
    m.high_change,
    m.low_before,
    m.high_before,
    m.source_id,
    m.accession
from moved m
