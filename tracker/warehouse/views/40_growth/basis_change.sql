-- basis_change: concepts whose meaning a company changed, found by comparatives that moved by exactly the amount of a sibling
-- grain: entity, concept
-- reads: version, metric_tag, metric
-- units: changed_at is the moment of the first statement on the new basis; basis says what is now netted or added
-- Meta's purchases of property were gross until the 10-Q of 2024-04-25, and are net of disposals since: the first
-- quarter of 2023 moved from 6,842 to 6,823 million, by exactly the 19 million of disposals. A sibling counts if
-- metrics.toml says that some filers net the two. It also counts if it explains at least two periods, each to at least
-- three digits of an amount of money. Less than that may be chance.
with moved as (
    select
        entity, concept, unit, period_start, period_end, value - value_before as delta, first_known_at,
        abs(value - value_before) >= cast(power(10, 2 - decimals) as decimal(38, 6)) and unit not in ('shares', 'pure')
            as is_telling
    from version
    where version_no > 1 and period_start is not null
),
declared as (
    select t.concept, o.concept as sibling
    from metric m
    join metric_tag t on t.metric = m.metric
    join metric_tag o on o.metric = m.netted_with
),
explained as (
    select
        m.entity,
        m.concept,
        v.concept as sibling,
        case when m.delta < 0 then 'net_of' else 'including' end as basis_code,
        count(distinct case when m.is_telling or d.sibling is not null then m.period_end end) as periods,
        min(m.first_known_at) as changed_at,
        max(case when d.sibling is not null then 1 else 0 end) as is_declared
    from moved m
    join version v
        on v.entity = m.entity and v.unit = m.unit and v.concept <> m.concept
        and v.period_start = m.period_start and v.period_end = m.period_end
        and v.value = abs(m.delta) and v.first_known_at <= m.first_known_at
    left join declared d on d.concept = m.concept and d.sibling = v.concept
    group by m.entity, m.concept, v.concept, case when m.delta < 0 then 'net_of' else 'including' end
),
named as (
    select *, basis_text(basis_code, parameter('what', sibling)) as basis from explained
),
best as (
    select
        e.*,
        row_number() over (
            partition by e.entity, e.concept order by e.is_declared desc, e.periods desc, e.changed_at, e.basis
        ) as rn
    from named e
    where e.is_declared = 1 or e.periods >= 2
)
select entity, concept, sibling, basis, basis_code, cast(periods as integer) as periods, changed_at
from best
where rn = 1
