-- earlier_ratio_level: every ratio, as one that a later ratio may be measured against
-- grain: entity, metric, span, fiscal_year, fiscal_quarter
-- reads: ratio_level
-- units: those of ratio_level
-- This is a view of its own because ratios are derived quarter by quarter: then `ratio_level` has the rows of one quarter,
-- and this view has those of the year before.
select * from ratio_level
