-- undated_article: every article that was read has its day of publication
-- severity: blocking
-- message: {file} ({source_id}) has no day of publication: its figures count as known from the day they were stored{doubt}
-- remedy: ingest the file again, with --published if its day is not found in it
-- Earlier versions marked such an article as dated, and read periods that depend on the day from other dates of the text.
-- An article that this version left undated has no such periods: that its figures are known late is information only.
select distinct
    f.entity,
    s.source_id,
    coalesce(s.file, 'a text') as file,
    case when s.published_basis = 'stated' then ', and their periods may be of another year' else '' end as doubt,
    case when s.published_basis = 'stated' then 'blocking' else 'info' end as severity
from source s
join fact_known f on f.source_id = s.source_id
where s.origin = 'article' and s.published_at is null and f.method = 'extracted'
