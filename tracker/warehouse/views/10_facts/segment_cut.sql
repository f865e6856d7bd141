-- segment_cut: the moments at which a filing cut an axis anew; figures from before and after are never joined
-- grain: entity, axes, concept, unit, cut_at
-- reads: segment_known, qualifier
-- units: cut_at is a moment; axes are joined by semicolons
-- Companies rename, merge and split their segments, and move business from one to another. A filing cuts an axis anew
-- if it gives another amount for a period that an earlier filing gave for the same part (cause is moved), by more than
-- the rounding. If it repeats no earlier period of any part, only the names can show whether the parts are still the
-- same: then it cuts the axis anew if it names other parts (cause is members).
with printed as (
    select
        k.entity,
        axes_of(k.dimensions) as axes,
        k.dimensions,
        k.concept,
        k.unit,
        coalesce(k.period_start, k.period_end) as opens,
        k.period_end,
        k.known_at,
        k.value,
        bound_of(k.value, k.low, k.high, k.high, q.above, k.decimals)
            - bound_of(k.value, k.low, k.high, k.low, q.below, k.decimals) as width
    from segment_known k
    join qualifier q on q.qualifier = k.qualifier
    where k.kind = 'actual' and k.value is not null and k.period_end is not null
),
-- A filing may print an amount several times, more or less finely.
stated as (
    select
        entity, axes, dimensions, concept, unit, opens, period_end, known_at, min(value) as least, max(value) as greatest,
        max(width) as width
    from printed
    group by entity, axes, dimensions, concept, unit, opens, period_end, known_at
),
followed as (
    select
        s.*,
        lag(s.least) over again as least_before,
        lag(s.greatest) over again as greatest_before,
        lag(s.width) over again as width_before
    from stated s
    window again as (
        partition by s.entity, s.dimensions, s.concept, s.unit, s.opens, s.period_end order by s.known_at
    )
),
filing as (
    select
        entity, axes, concept, unit, known_at, max(period_end) as last_end,
        max(case when least_before is not null then 1 else 0 end) as repeats,
        max(
            case
                when least - greatest_before > greatest(width, width_before)
                    or least_before - greatest > greatest(width, width_before) then 1
                else 0
            end
        ) as moves
    from followed
    group by entity, axes, concept, unit, known_at
),
member as (
    select distinct f.entity, f.axes, f.concept, f.unit, f.known_at, s.dimensions
    from filing f
    join stated s
        on s.entity = f.entity and s.axes = f.axes and s.concept = f.concept and s.unit = f.unit
        and s.known_at = f.known_at and s.period_end = f.last_end
),
named as (
    select entity, axes, concept, unit, known_at, joined_terms(dimensions, dimensions) as members
    from member
    group by entity, axes, concept, unit, known_at
),
compared as (
    select
        f.*,
        n.members,
        lag(n.members) over (partition by f.entity, f.axes, f.concept, f.unit order by f.known_at) as members_before
    from filing f
    join named n
        on n.entity = f.entity and n.axes = f.axes and n.concept = f.concept and n.unit = f.unit
        and n.known_at = f.known_at
)
select
    entity,
    axes,
    concept,
    unit,
    known_at as cut_at,
    case when moves = 1 then 'moved' else 'members' end as cause
from compared
where moves = 1 or (repeats = 0 and members <> members_before)
