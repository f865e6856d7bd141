-- reconciliation: every statement of a figure compared with the value shown, with the rule that chose it
-- grain: entity, metric, span, fiscal_year, fiscal_quarter, concept, unit, operands
-- reads: choice, statement, metric, basis_change, company_part, entity_label
-- units: value, low, high and the chosen_* in whole units of `unit`; span is quarter, half, nine_months or year
-- Statements are filed under any tag, derived by subtraction or addition, summed by definition (defined:...), or stated
-- by articles and data sets. state is equal; consistent (one true value could explain both); restated (a version that
-- the same company replaced); incomparable (another unit, other days or another definition: reason says which); or
-- inconsistent. rule says why a statement comes after the one shown; for the one shown, it says why it comes before the
-- next. rules_version is the version of the definitions in force. If one statement gives the value, accession,
-- source_id and quote stand beside it.
with evidence as (
    select
        s.fact_id, s.source_id, s.accession, s.form, s.qualifier, s.decimals, s.language,
        s.span_start, s.span_end, s.quote, s.method
    from statement s
    where s.kind = 'actual' and s.value is not null
),
-- The parts of a figure's definition: "capex" in a text may mean purchases alone.
part as (
    select distinct p.metric, f.entity, f.span, f.fiscal_year, f.fiscal_quarter, f.unit, f.low, f.high, f.metric as part
    from choice f
    join company_part p on p.entity = f.entity and p.part = f.metric and p.weight = 1
    where f.place = 1 and f.value is not null
),
other_meaning as (
    select c.entity, c.metric, c.span, c.fiscal_year, c.fiscal_quarter, c.place, min(p.part) as part
    from choice c
    join part p
        on p.entity = c.entity and p.metric = c.metric and p.span = c.span and p.fiscal_year = c.fiscal_year
        and p.fiscal_quarter = c.fiscal_quarter and p.unit = c.unit
    where c.method = 'stated' and intervals_meet(c.low, c.high, p.low, p.high)
    group by c.entity, c.metric, c.span, c.fiscal_year, c.fiscal_quarter, c.place
),
held as (
    select
        c.*,
        f.value as chosen_value,
        f.low as chosen_low,
        f.high as chosen_high,
        f.basis as chosen_basis,
        o.part,
        case
            when c.place = 1 then 'equal'
            when c.unit <> f.unit or c.standing = 'days' then 'incomparable'
            when c.value = f.value then 'equal'
            when c.standing = 'earlier' or (f.standing = 'earlier' and c.concept = f.concept) then 'restated'
            when intervals_meet(c.low, c.high, f.low, f.high) then 'consistent'
            when o.part is not null then 'incomparable'
            else 'inconsistent'
        end as state
    from choice c
    join choice f
        on f.entity = c.entity and f.metric = c.metric and f.span = c.span and f.fiscal_year = c.fiscal_year
        and f.fiscal_quarter = c.fiscal_quarter and f.place = 1
    left join other_meaning o
        on o.entity = c.entity and o.metric = c.metric and o.span = c.span and o.fiscal_year = c.fiscal_year
        and o.fiscal_quarter = c.fiscal_quarter and o.place = c.place
    where c.value is not null
),
basis_named as (
    select distinct entity, basis, basis_code, sibling from basis_change
),
explained as (
    select
        h.*,
        case
            when h.place = 1 or h.state = 'equal' then reason(null, no_parameters())
            when h.state = 'consistent' then reason('one_value_could_be_both', no_parameters())
            when h.state = 'restated' and (is_doubted(h.basis) or is_doubted(h.chosen_basis))
                then reason('other_version', no_parameters())
            when h.state = 'restated' and h.basis is null and h.chosen_basis is not null
                then reason('earlier_basis', two_parameters('basis', c.basis_code, 'what', c.sibling))
            when h.state = 'restated' and coalesce(h.basis, '') <> coalesce(h.chosen_basis, '')
                then reason('later_basis', two_parameters('basis', o.basis_code, 'what', o.sibling))
            when h.state = 'restated' then reason('other_version', no_parameters())
            when h.state = 'incomparable' and h.standing = 'days' then reason('other_days', no_parameters())
            when h.state = 'incomparable' and h.part is not null then reason('other_definition', parameter('what', h.part))
            when h.state = 'incomparable' then reason('other_unit', no_parameters())
            else reason('apart', no_parameters())
        end as why
    from held h
    left join basis_named c on c.entity = h.entity and c.basis = h.chosen_basis
    left join basis_named o on o.entity = h.entity and o.basis = h.basis
)
select
    h.entity,
    l.name,
    l.ticker,
    l.cik,
    h.metric,
    h.span,
    h.fiscal_year,
    h.fiscal_quarter,
    h.fiscal_period,
    h.calendar_quarter,
    h.period_start,
    h.period_end,
    h.value,
    h.low,
    h.high,
    h.unit,
    case when e.method = 'extracted' then e.method else h.method end as method,
    h.concept,
    h.definition,
    h.basis,
    h.operands,
    h.fact_id,
    e.source_id,
    e.accession,
    e.form,
    e.qualifier,
    e.decimals,
    e.language,
    e.span_start,
    e.span_end,
    e.quote,
    h.known_at,
    h.state,
    h.place = 1 as is_chosen,
    h.is_pinned,
    reason_text(h.why.code, h.why.parameters) as reason,
    h.why.code as reason_code,
    h.why.parameters as reason_parameters,
    h.rule,
    h.rule_code,
    h.rule_parameters,
    m.rules_version,
    h.chosen_value,
    h.chosen_low,
    h.chosen_high,
    h.place
from explained h
cross join (select max(version) as rules_version from metric) m
left join evidence e on e.fact_id = h.fact_id
left join entity_label l on l.entity = h.entity
