-- known_before_end: no actual figure is known before its period has ended
-- severity: blocking
-- message: {concept} to {period_end} is an actual figure, known already on {known_at} from {source_id}
-- remedy: mend the period or the day of publication of {source_id}, or call it guidance
-- What stands for no metric is information only: filings name wrong or later periods for authorisations and the like.
-- So is what was declared: a dividend may be known before the period ends.
select
    f.entity, f.concept, f.period_start, f.period_end, f.known_at, f.source_id,
    case
        when f.concept like '%Declared%' then 'info'
        when f.metric in (select metric from metric) or f.concept in (select concept from metric_tag) then 'blocking'
        else 'info'
    end as severity
from fact_known f
where f.kind = 'actual' and cast(f.known_at as date) < f.period_end
