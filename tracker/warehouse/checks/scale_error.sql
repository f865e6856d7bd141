-- scale_error: no figure is a thousand or a million times its neighbours in time
-- severity: blocking
-- message: {concept} to {period_end} in {source_id} is {value} {unit}, {ratio} times that of {neighbour_end}
-- remedy: compare {value} with {source_id}: thousands were printed or read as units, or the other way round
-- Neighbours are up to four periods of the same length either side, two at least. All of them must be a hundred times
-- smaller (or larger), and the nearest about a power of a thousand away. What may pass through zero (income, losses, net flows)
-- is asked about being too large only. Only what stands for a metric. Periods more than two years before a company's
-- latest are only warned of: filers tagged thousands as units in the first years of XBRL, and later reports mended that.
-- What comes and goes (debt taken up, companies bought) is left out.
with own as (
    select
        f.entity, f.concept, f.unit, f.period_end, f.source_id, f.value, abs(cast(f.value as double)) as size,
        span_between(f.period_start, f.period_end) as span,
        row_number() over (
            partition by f.entity, f.concept, f.unit, f.period_end, span_between(f.period_start, f.period_end)
            order by f.known_at desc, f.decimals desc nulls last, f.value desc, f.fact_id
        ) as rn
    from fact_known f
    where f.kind = 'actual' and f.value <> 0 and f.period_end is not null
      and is_report_form(f.form)
      and (
          f.metric in (select metric from metric where not is_volatile)
          or f.concept in (
              select t.concept from metric_tag t join metric m on m.metric = t.metric where not m.is_volatile
          )
      )
),
around as (
    select
        o.*,
        count(*) over (
            partition by entity, concept, unit, span order by period_end rows between 4 preceding and 4 following
        ) - 1 as neighbours,
        max(size) over (
            partition by entity, concept, unit, span order by period_end rows between 4 preceding and 1 preceding
        ) as most_before,
        max(size) over (
            partition by entity, concept, unit, span order by period_end rows between 1 following and 4 following
        ) as most_after,
        min(size) over (
            partition by entity, concept, unit, span order by period_end rows between 4 preceding and 1 preceding
        ) as least_before,
        min(size) over (
            partition by entity, concept, unit, span order by period_end rows between 1 following and 4 following
        ) as least_after,
        coalesce(
            lag(size) over (partition by entity, concept, unit, span order by period_end),
            lead(size) over (partition by entity, concept, unit, span order by period_end)
        ) as nearest,
        coalesce(
            lag(period_end) over (partition by entity, concept, unit, span order by period_end),
            lead(period_end) over (partition by entity, concept, unit, span order by period_end)
        ) as neighbour_end,
        max(period_end) over (partition by entity) as latest_end
    from own o
    where rn = 1 and span not in ('half', 'nine_months', 'other')
),
apart as (
    select
        a.*,
        size / nullif(nearest, 0) as ratio,
        abs(log10(size / nullif(nearest, 0))) / 3 as thousands,
        size >= 100 * greatest(coalesce(most_before, 0), coalesce(most_after, 0)) as is_large,
        100 * size <= least(coalesce(least_before, least_after), coalesce(least_after, least_before))
            and lower(concept) not like '%loss%' and lower(concept) not like '%income%' and lower(concept) not like '%profit%'
            and lower(concept) not like '%usedin%' and lower(concept) not like '%cash_flow%' as is_small
    from around a
    where neighbours >= 2
)
select
    entity, concept, period_end, source_id, value, unit, ratio, neighbour_end,
    case when days_between(period_end, latest_end) <= 740 then 'blocking' else 'warning' end as severity
from apart
where (is_large or is_small) and thousands >= 0.8 and abs(thousands - round(thousands)) <= 0.17
