-- wide: one row for a company and period, with the usual metrics as columns
-- grain: entity, fiscal_period
-- reads: figure
-- units: money in whole units of the company's currency, per-share values in it; NULL if not known
-- The line in braces stands once for each metric that metrics.toml marks as `wide`.
select
    entity,
    name,
    ticker,
    cik,
    span,
    fiscal_year,
    fiscal_quarter,
    fiscal_period,
    max(calendar_quarter) as calendar_quarter,
    min(period_start) as period_start,
    max(period_end) as period_end,
    {max(value) filter (where metric = 'METRIC') as METRIC}
from figure
group by entity, name, ticker, cik, span, fiscal_year, fiscal_quarter, fiscal_period
