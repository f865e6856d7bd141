-- restatement: figures a company first gave one way and later another
-- grain: entity, concept, unit, period_start, period_end
-- reads: version, basis_change, entity_label
-- units: values in whole units of `unit`; delta is latest less first; first_at and restated_at are moments of publication
-- (of the last statement, where only digits differ)
-- cause: basis (the concept's meaning changed, by exactly a sibling figure), restated (another figure),
-- precision (the same figure with more or fewer digits, rounded or cut off).
with both_ends as (
    select
        entity,
        concept,
        unit,
        period_start,
        period_end,
        max(fiscal_period) as fiscal_period,
        max(version_no) as versions,
        sum(statements) as statements,
        max(case when version_no = 1 and is_latest then first_print when version_no = 1 then value end) as first_value,
        max(case when is_latest then value end) as latest_value,
        max(case when is_latest then value_before end) as value_before,
        max(case when version_no = 1 then first_known_at end) as first_at,
        max(case when not is_latest then null when version_no = 1 then last_known_at else first_known_at end) as restated_at,
        max(case when version_no = 1 then accession end) as first_accession,
        max(case when is_latest then accession end) as latest_accession,
        min(least_value) as least_value,
        max(greatest_value) as greatest_value
    from version
    group by entity, concept, unit, period_start, period_end
)
select
    b.entity,
    l.name,
    l.ticker,
    l.cik,
    b.concept,
    b.unit,
    b.fiscal_period,
    cast(year(add_days(b.period_end, -45)) as varchar) || 'Q' || cast(quarter(add_days(b.period_end, -45)) as varchar)
        as calendar_quarter,
    b.period_start,
    b.period_end,
    b.first_value,
    b.latest_value,
    b.latest_value - b.first_value as delta,
    case
        when b.versions = 1 then 'precision'
        when c.concept is not null and b.restated_at >= c.changed_at and b.first_at < c.changed_at then 'basis'
        else 'restated'
    end as cause,
    case when b.versions > 1 and b.restated_at >= c.changed_at and b.first_at < c.changed_at then c.basis end as basis,
    cast(b.versions as integer) as versions,
    cast(b.statements as integer) as statements,
    b.first_at,
    b.restated_at,
    b.first_accession,
    b.latest_accession
from both_ends b
left join basis_change c on c.entity = b.entity and c.concept = b.concept
left join entity_label l on l.entity = b.entity
where b.versions > 1 or b.least_value <> b.greatest_value
