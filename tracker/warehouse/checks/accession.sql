-- accession: every figure of a filing names the filing's accession number
-- severity: blocking
-- message: figures of the filing {source_id} without its accession number: {statements}
-- remedy: add the accession number of {source_id} and ingest it again
-- What people keep by hand is only warned of, and so is a document of a filing whose number nothing says. European annual
-- reports (AFR) have no such number.
select
    f.entity, f.source_id, count(*) as statements,
    case when max(case when f.method = 'reported' and f.quote is null then 1 else 0 end) = 1 then 'blocking' else 'warning' end as severity
from fact_known f
where f.accession is null and coalesce(f.form, '') <> 'AFR'
  and (f.method = 'reported' or exists (select 1 from source s where s.source_id = f.source_id and s.kind = 'filing'))
group by f.entity, f.source_id
