-- earlier_figure: every figure, as one that a later figure may be measured against
-- grain: entity, metric, span, fiscal_year, fiscal_quarter
-- reads: figure
-- units: those of figure
-- This is a view of its own because growth is derived quarter by quarter: then `figure` has the rows of one quarter, and
-- this view has those of the four quarters before, too.
select * from figure
