-- restatement: figures that a company first gave one way and later another
-- grain: entity, concept, first_concept, unit, period_start, period_end
-- reads: version, basis_change, metric_tag, entity_label
-- units: values in whole units of `unit`; delta is latest less first; first_at and restated_at are moments of publication (of the last statement, if only digits differ)
-- cause is basis (the concept's meaning changed, by exactly the amount of a sibling), restated (another figure),
-- precision (the same figure with more or fewer digits, rounded or cut off), or recast (the company now states the
-- period under another tag of the same metric, with another figure: first_concept is the tag it used until then,
-- first_value its last figure under that tag, latest_value the first one under the new tag).
with both_ends as (
    select
        entity,
        concept,
        concept as first_concept,
        unit,
        period_start,
        period_end,
        max(fiscal_period) as fiscal_period,
        max(version_no) as versions,
        sum(statements) as statements,
        max(case when version_no = 1 and is_latest then first_print when version_no = 1 then value end) as first_value,
        max(case when is_latest then value end) as latest_value,
        max(case when version_no = 1 then first_known_at end) as first_at,
        max(case when not is_latest then null when version_no = 1 then last_known_at else first_known_at end) as restated_at,
        max(case when version_no = 1 then accession end) as first_accession,
        max(case when is_latest then accession end) as latest_accession,
        min(least_value) as least_value,
        max(greatest_value) as greatest_value
    from version
    group by entity, concept, unit, period_start, period_end
),
tagged as (
    select v.*, t.metric, coalesce(v.period_start, v.period_end) as opens
    from version v
    join metric_tag t on t.concept = v.concept
),
-- Of several tags that a company has left, the one it used last.
left_behind as (
    select
        n.entity, n.concept, o.concept as first_concept, n.unit, n.period_start, n.period_end, n.fiscal_period,
        o.value as first_value, n.value as latest_value, o.first_known_at as first_at, n.first_known_at as restated_at,
        o.accession as first_accession, n.accession as latest_accession, o.statements + n.statements as statements,
        row_number() over (
            partition by n.entity, n.concept, n.unit, n.opens, n.period_end
            order by o.last_known_at desc, o.concept
        ) as rn,
        o.bound_high < n.bound_low or o.bound_low > n.bound_high as is_apart
    from tagged n
    join tagged o
        on o.entity = n.entity and o.metric = n.metric and o.unit = n.unit and o.period_end = n.period_end
        and o.opens = n.opens and o.concept <> n.concept
    where n.version_no = 1 and o.is_latest and o.last_known_at < n.first_known_at
),
changed as (
    select
        b.entity, b.concept, b.first_concept, b.unit, b.period_start, b.period_end, b.fiscal_period, b.versions, b.statements,
        b.first_value, b.latest_value, b.first_at, b.restated_at, b.first_accession, b.latest_accession,
        case
            when b.versions = 1 then 'precision'
            when b.restated_at >= c.changed_at and b.first_at < c.changed_at then 'basis'
            else 'restated'
        end as cause,
        case when b.versions > 1 and b.restated_at >= c.changed_at and b.first_at < c.changed_at then c.basis end as basis,
        case when b.versions > 1 and b.restated_at >= c.changed_at and b.first_at < c.changed_at then c.basis_code end
            as basis_code,
        case when b.versions > 1 and b.restated_at >= c.changed_at and b.first_at < c.changed_at then c.sibling end as sibling
    from both_ends b
    left join basis_change c on c.entity = b.entity and c.concept = b.concept
    where b.versions > 1 or b.least_value <> b.greatest_value
    union all
    select
        entity, concept, first_concept, unit, period_start, period_end, fiscal_period, 2 as versions, statements,
        first_value, latest_value, first_at, restated_at, first_accession, latest_accession, 'recast' as cause,
        cast(null as string) as basis, cast(null as string) as basis_code, cast(null as string) as sibling
    from left_behind
    where rn = 1 and is_apart
)
select
    b.entity,
    l.name,
    l.ticker,
    l.cik,
    b.concept,
    b.first_concept,
    b.unit,
    b.fiscal_period,
    calendar_quarter_of(b.period_end) as calendar_quarter,
    b.period_start,
    b.period_end,
    b.first_value,
    b.latest_value,
    b.latest_value - b.first_value as delta,
    b.cause,
    b.basis,
    b.basis_code,
    b.sibling,
    cast(b.versions as integer) as versions,
    cast(b.statements as integer) as statements,
    b.first_at,
    b.restated_at,
    b.first_accession,
    b.latest_accession
from changed b
left join entity_label l on l.entity = b.entity
