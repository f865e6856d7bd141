-- choice: all candidates of one figure, with the sums by definition, in the order in which they are chosen
-- grain: entity, metric, span, fiscal_year, fiscal_quarter, concept, unit, operands
-- reads: candidate, stated_sum, metric_definition, pinned
-- units: value, low and high in whole units of `unit`; span is quarter, half, nine_months or year; place 1 is shown
-- What is pinned comes first. Then comes a filed value under the first tag that has one (stray tags last), then a sum
-- of such values by the company's own definition, then what an article or data set states, or a sum of that. Of the
-- last kind, the finest print comes first, so that one more rounded statement changes nothing. Within one tag, reported
-- comes before derived, and a later version before an earlier one. Values are never averaged. If there is no value, the
-- reason stays. rule says why a candidate comes after the first one; for the first, it says why it comes before the
-- second. sum_rank: 0 is a figure by itself, 1 is a sum of quarters, 2 is a sum by definition.
with
-- sum_rank: 0 is a figure by itself, 1 quarters added up, 2 a sum by definition.
single as (
    select
        entity, metric, span, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start, period_end,
        value, low, high, unit, method, operands, fact_id, reason_code, reason_parameters, concept,
        concept as definition, basis, known_at, last_known_at,
        last_known_before, standing, is_stray,
        priority, unit_place, decimals, tier, place, 0 as sum_rank, is_pinned, pin_reason
    from candidate
    union all
    select
        entity, metric, span, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start, period_end,
        value, low, high, unit, 'stated' as method, operands, cast(null as binary) as fact_id,
        cast(null as string) as reason_code, no_parameters() as reason_parameters, concept, concept as definition, cast(null as string) as basis, known_at,
        last_known_at, last_known_before, 'latest' as standing, false as is_stray,
        0 as priority, 0 as unit_place, decimals, tier('stated') as tier, 0 as place, 1 as sum_rank, false as is_pinned,
        cast(null as string) as pin_reason
    from stated_sum
),
-- What stands for a metric where it is part of another.
part_value as (
    select
        s.*,
        row_number() over (
            partition by s.entity, s.metric, s.span, s.fiscal_year, s.fiscal_quarter
            order by s.is_pinned desc, s.tier, s.decimals desc nulls last, s.sum_rank, s.place
        ) as rn
    from single s
),
wanted as (
    select distinct d.metric, d.entity, s.span, s.fiscal_year, s.fiscal_quarter, s.fiscal_period
    from metric_definition d
    join part_value s on s.entity = d.entity and s.metric = d.part and s.rn = 1
),
composed as (
    select
        w.metric,
        w.entity,
        w.span,
        w.fiscal_year,
        w.fiscal_quarter,
        w.fiscal_period,
        max(s.calendar_quarter) as calendar_quarter,
        max(s.period_start) as period_start,
        max(s.period_end) as period_end,
        max(s.unit) as unit,
        max(d.definition) as definition,
        count(s.value) = max(d.parts) and min(s.unit) = max(s.unit) and min(s.period_end) = max(s.period_end)
            and (max(d.parts) = 1 or count(doubt_code(s.basis)) = 0) as is_whole,
        max(d.parts) as parts,
        min(case when s.method = 'stated' and not s.is_pinned then 0 else 1 end) = 1 as is_filed,
        max(s.method) as method,
        sum(d.weight * s.value) as value,
        sum(case when d.weight = 1 then s.low else -s.high end) as low,
        sum(case when d.weight = 1 then s.high else -s.low end) as high,
        count(case when d.weight = 1 then s.low else s.high end) as lows,
        count(case when d.weight = 1 then s.high else s.low end) as highs,
        joined_terms(weighted_terms(d.weight, s.operands), d.part_no) as operands,
        max(case when d.parts = 1 and d.weight = 1 then s.fact_id end) as fact_id,
        min_by(
            case
                when s.value is null
                    then reason(coalesce(s.reason_code, 'not_stated'), within(d.part, s.reason_parameters))
                when d.parts > 1 and is_doubted(s.basis)
                    then reason(reason_of_part(s.basis), within(d.part, no_parameters()))
            end,
            case when s.value is null or (d.parts > 1 and is_doubted(s.basis)) then d.part || ':' end
        ) as why,
        max(s.basis) as basis,
        min(s.decimals) as decimals,
        max(s.known_at) as known_at,
        greatest(min(s.last_known_at), max(s.known_at)) as last_known_at,
        max(s.last_known_before) as last_known_before
    from wanted w
    join metric_definition d on d.metric = w.metric and d.entity = w.entity
    left join part_value s
        on s.entity = w.entity and s.metric = d.part and s.span = w.span
        and s.fiscal_year = w.fiscal_year and s.fiscal_quarter = w.fiscal_quarter and s.rn = 1
    group by w.metric, w.entity, w.span, w.fiscal_year, w.fiscal_quarter, w.fiscal_period
),
everything as (
    select
        entity, metric, span, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start, period_end,
        value, low, high, unit, method, operands, fact_id, reason_code, reason_parameters, concept, definition, basis,
        known_at, last_known_at,
        last_known_before, standing, is_stray, priority, unit_place, decimals, tier, place, sum_rank, is_pinned, pin_reason
    from single
    union all
    select
        c.entity, c.metric, c.span, c.fiscal_year, c.fiscal_quarter, c.fiscal_period, c.calendar_quarter, c.period_start,
        c.period_end,
        case when c.is_whole then c.value end as value,
        -- A bound is known only where every part has the one it is made of.
        case when c.is_whole and c.lows = c.parts then c.low end as low,
        case when c.is_whole and c.highs = c.parts then c.high end as high,
        c.unit,
        case when c.is_whole then case when c.parts = 1 then c.method else 'derived' end end as method,
        case when c.is_whole then c.operands end as operands,
        case when c.is_whole then c.fact_id end as fact_id,
        case when not c.is_whole then coalesce(c.why.code, 'parts_differ') end as reason_code,
        case when not c.is_whole then c.why.parameters end as reason_parameters,
        'defined:' || c.metric as concept,
        c.definition,
        c.basis,
        case when c.is_whole then c.known_at end as known_at,
        case when c.is_whole then c.last_known_at end as last_known_at,
        case when c.is_whole then c.last_known_before end as last_known_before,
        'latest' as standing, false as is_stray, 0 as priority, 0 as unit_place, c.decimals,
        case
            when not c.is_whole then tier('incomplete')
            when c.is_filed then tier('filed_sum')
            else tier('stated')
        end as tier,
        0 as place,
        2 as sum_rank,
        p.reason is not null and c.is_whole as is_pinned,
        p.reason as pin_reason
    from composed c
    left join pinned p
        on p.entity = c.entity and p.metric = c.metric and p.fiscal_period = c.fiscal_period
        and p.chosen = 'defined:' || c.metric and p.fact_id is null
),
placed as (
    select
        e.*,
        row_number() over (
            partition by e.entity, e.metric, e.span, e.fiscal_year, e.fiscal_quarter
            order by e.is_pinned desc, e.tier, e.decimals desc nulls last, e.sum_rank, e.place, e.operands
        ) as choice_place
    from everything e
),
weighed as (
    select
        p.*,
        case
            when f.is_pinned and not p.is_pinned then 'pinned'
            when p.tier >= tier('incomplete') then 'value_before_none'
            when f.tier < tier('stated') and p.tier >= tier('stated') then 'filed_before_stated'
            when f.tier < p.tier then 'figure_before_sum'
            when f.decimals > p.decimals then 'finer_print'
            when f.sum_rank < p.sum_rank then 'figure_before_sum'
            when f.standing <> p.standing then case p.standing
                when 'difference' then 'reported_before_derived'
                when 'earlier' then 'later_version'
                when 'days' then 'usual_days'
                else 'report_before_other_filing'
            end
            when p.is_stray and not f.is_stray then 'stray_tag'
            when f.priority < p.priority then 'first_tag'
            when f.unit_place < p.unit_place or (f.unit_place is not null and p.unit_place is null) then 'usual_unit'
            when p.high - p.low > f.high - f.low or (p.high - p.low is null and f.high - f.low is not null)
                then 'finer_print'
            when f.known_at < p.known_at then 'stated_first'
            else 'first_in_order'
        end as yields_by,
        f.pin_reason as first_pin_reason
    from placed p
    join placed f
        on f.entity = p.entity and f.metric = p.metric and f.span = p.span and f.fiscal_year = p.fiscal_year
        and f.fiscal_quarter = p.fiscal_quarter and f.choice_place = 1
),
ruled as (
    select
        *,
        case
            when choice_place > 1 then yields_by
            when value is null then cast(null as string)
            when is_pinned then 'pinned'
            else coalesce(
                max(case when choice_place = 2 then yields_by end) over (
                    partition by entity, metric, span, fiscal_year, fiscal_quarter
                ),
                'only_candidate'
            )
        end as rule_code
    from weighed
),
explained as (
    select *, case when rule_code = 'pinned' then parameter('words', first_pin_reason) end as rule_parameters
    from ruled
)
select
    entity, metric, span, fiscal_year, fiscal_quarter, fiscal_period, calendar_quarter, period_start, period_end, value, low,
    high, unit, method, operands, fact_id, reason_text(reason_code, reason_parameters) as reason, reason_code,
    reason_parameters,
    concept, definition, basis, known_at, last_known_at, last_known_before, standing, is_pinned,
    cast(choice_place as integer) as place,
    rule_text(rule_code, rule_parameters) as rule, rule_code, rule_parameters
from explained
