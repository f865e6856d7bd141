-- one_company: companies with one CIK are shown as one
-- severity: warning
-- message: {entity} and {other} have one CIK, {cik}, and are shown as two companies
-- remedy: run `tracker ingest` of anything: what both are stored as is shown as one company from then on
select a.entity, b.entity as other, a.cik
from entity a
join entity b on b.cik = a.cik and a.entity < b.entity
