-- scale_suspect: versions of flows that are a thousand or a million times what other filings state, or as small a part of it
-- grain: entity, concept, unit, period_start, period_end, version_no
-- reads: version, metric, metric_tag
-- units: exponent is 3, 6, -3 or -6: the amount is about 10 to that power of what others say
-- Another filing contradicts a version if it states the same period, to 1 percent a power of a thousand apart (is_twin).
-- Or the version stands about so far from all that other filings state of the concept for other periods of the two years
-- around, which are within ten times of each other; is_between is true if there are such neighbours before and after it.
-- Amounts are compared by the day, so that periods of all lengths are neighbours. Averages are left out: nothing is
-- derived from them. A contradicted version that fits its neighbours is right, and no suspect. Without a contradiction,
-- only metrics count that do not pass through zero and do not come and go.
with steady as (
    select distinct t.concept
    from metric_tag t
    join metric m on m.metric = t.metric
    where not m.is_volatile and sign_of(m.metric) is not null
),
wide as (
    select entity, concept, unit
    from version
    where value <> 0 and span in ('quarter', 'half', 'nine_months', 'year') and adds_up(concept, unit) and unit <> 'shares'
    group by entity, concept, unit
    having max(abs(cast(value as double)) / days) >= 300 * min(abs(cast(value as double)) / days)
),
kept as (
    select
        v.entity, v.concept, v.unit, v.period_start, v.period_end, v.version_no, coalesce(v.accession, v.source_id) as filing,
        abs(cast(v.value as double)) / v.days as size
    from version v
    join wide w on w.entity = v.entity and w.concept = v.concept and w.unit = v.unit
    where v.value <> 0 and v.span in ('quarter', 'half', 'nine_months', 'year')
),
twin as (
    select
        a.entity, a.concept, a.unit, a.period_start, a.period_end, a.version_no,
        max(thousands_apart(a.size, b.size, 0.005)) as exponent
    from kept a
    join kept b
        on b.entity = a.entity and b.concept = a.concept and b.unit = a.unit and b.period_start = a.period_start
        and b.period_end = a.period_end and b.version_no <> a.version_no and b.filing <> a.filing
    where thousands_apart(a.size, b.size, 0.005) is not null
    group by a.entity, a.concept, a.unit, a.period_start, a.period_end, a.version_no
),
asked as (
    select k.*, t.exponent as twin_exponent
    from kept k
    left join twin t
        on t.entity = k.entity and t.concept = k.concept and t.unit = k.unit and t.period_start = k.period_start
        and t.period_end = k.period_end and t.version_no = k.version_no
    where t.entity is not null or k.concept in (select concept from steady)
),
judged as (
    select
        a.entity, a.concept, a.unit, a.period_start, a.period_end, a.version_no, a.filing, a.size, a.twin_exponent,
        min(b.size) as least, max(b.size) as greatest,
        coalesce(min(b.period_end) < a.period_end and max(b.period_end) > a.period_end, false) as is_between
    from asked a
    left join kept b
        on b.entity = a.entity and b.concept = a.concept and b.unit = a.unit and b.filing <> a.filing
        and abs(days_between(b.period_end, a.period_end)) <= 750
        and (b.period_end <> a.period_end or b.period_start <> a.period_start)
    group by
        a.entity, a.concept, a.unit, a.period_start, a.period_end, a.version_no, a.filing, a.size, a.twin_exponent
),
weighed as (
    select
        *,
        greatest <= 10 * least as is_even,
        case
            when greatest <= 10 * least and (100 * size <= least or size >= 100 * greatest)
                then thousands_apart(size, sqrt(least * greatest), 0.5)
        end as apart
    from judged
)
select
    entity, concept, unit, period_start, period_end, version_no, filing, coalesce(apart, twin_exponent) as exponent,
    twin_exponent is not null as is_twin, is_between
from weighed
where apart is not null
   or (twin_exponent is not null and not coalesce(is_even and 30 * size >= greatest and size <= 30 * least, false))
