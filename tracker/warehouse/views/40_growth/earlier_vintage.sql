-- earlier_vintage: every candidate with its vintages, as one that a later figure may be measured against
-- grain: entity, metric, span, fiscal_year, fiscal_quarter, concept, unit, operands
-- reads: vintage
-- units: those of vintage
-- This is a view of its own because growth is derived quarter by quarter: then `vintage` has the rows of one quarter, and
-- this view has those of the four quarters before, too.
select * from vintage
