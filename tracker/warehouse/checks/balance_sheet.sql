-- balance_sheet: a filing's total assets equal its total of liabilities and equity
-- severity: blocking
-- message: at {period_end}, {source_id} gives assets of {assets} and liabilities and equity of {claims} {unit}
-- remedy: compare both totals with the filing {source_id}; one of them is wrong there or was misread
with total as (
    select
        entity, source_id, period_end, unit,
        max(case when concept in ('us-gaap:Assets', 'ifrs-full:Assets') then value end) as assets,
        max(case when concept in ('us-gaap:LiabilitiesAndStockholdersEquity', 'ifrs-full:EquityAndLiabilities') then value end)
            as claims,
        min(coalesce(decimals, 0)) as decimals
    from fact_known
    where kind = 'actual' and period_start is null and concept in (
        'us-gaap:Assets', 'us-gaap:LiabilitiesAndStockholdersEquity', 'ifrs-full:Assets', 'ifrs-full:EquityAndLiabilities'
    )
    group by entity, source_id, period_end, unit
)
select entity, source_id, period_end, unit, assets, claims
from total
where abs(assets - claims) > cast(last_digit(decimals) as decimal(38, 6))
