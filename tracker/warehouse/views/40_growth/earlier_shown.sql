-- earlier_shown: every candidate that is shown, as one that a later figure may be measured against
-- grain: entity, metric, span, fiscal_year, fiscal_quarter
-- reads: shown
-- units: those of shown
-- This is a view of its own because growth is derived quarter by quarter: then `shown` has the rows of one quarter, and
-- this view has those of the four quarters before, too.
select * from shown
