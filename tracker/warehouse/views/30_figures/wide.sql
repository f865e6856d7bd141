-- wide: one row a company and period, the usual metrics as columns
-- grain: entity, fiscal_period
-- reads: figure
-- units: money in whole units of the company's currency, per-share values in it; NULL where not known
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
    min(case when metric <> 'cash' then period_start end) as period_start,
    max(period_end) as period_end,
    max(value) filter (where metric = 'revenue') as revenue,
    max(value) filter (where metric = 'total_costs') as total_costs,
    max(value) filter (where metric = 'operating_income') as operating_income,
    max(value) filter (where metric = 'net_income') as net_income,
    max(value) filter (where metric = 'eps_diluted') as eps_diluted,
    max(value) filter (where metric = 'r_and_d') as r_and_d,
    max(value) filter (where metric = 'operating_cash_flow') as operating_cash_flow,
    max(value) filter (where metric = 'capex') as capex,
    max(value) filter (where metric = 'capex_ppe') as capex_ppe,
    max(value) filter (where metric = 'finance_lease_principal') as finance_lease_principal,
    max(value) filter (where metric = 'free_cash_flow') as free_cash_flow,
    max(value) filter (where metric = 'cash') as cash
from figure
group by entity, name, ticker, cik, span, fiscal_year, fiscal_quarter, fiscal_period
