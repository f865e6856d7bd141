-- source_known: every statement has its source
-- severity: blocking
-- message: statements that name the unknown source {source_id}: {statements}
-- remedy: add {source_id} to the sources and ingest it again
select f.entity, f.source_id, count(*) as statements
from fact_known f
where not exists (select 1 from source s where s.source_id = f.source_id)
group by f.entity, f.source_id
