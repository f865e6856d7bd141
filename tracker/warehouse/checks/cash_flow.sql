-- cash_flow: a filing's operating, investing and financing cash flows add up to the change of its cash
-- severity: warning
-- message: {period_start} to {period_end} in {source_id}: the flows add up to {parts} and cash changed by {change} {unit}
-- remedy: compare the four figures with the filing {source_id}; discontinued business may account for the rest
with flows as (
    select
        entity, source_id, period_start, period_end, unit,
        max(case when concept = 'us-gaap:NetCashProvidedByUsedInOperatingActivities' then value end) as operating,
        max(case when concept = 'us-gaap:NetCashProvidedByUsedInInvestingActivities' then value end) as investing,
        max(case when concept = 'us-gaap:NetCashProvidedByUsedInFinancingActivities' then value end) as financing,
        max(
            case when concept in (
                'us-gaap:EffectOfExchangeRateOnCashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents',
                'us-gaap:EffectOfExchangeRateOnCashAndCashEquivalents'
            ) then value end
        ) as exchange,
        max(case when concept like '%PeriodIncreaseDecreaseIncludingExchangeRateEffect' then value end) as change_with,
        max(
            case when concept like '%PeriodIncreaseDecreaseExcludingExchangeRateEffect'
                or concept = 'us-gaap:CashAndCashEquivalentsPeriodIncreaseDecrease' then value end
        ) as change_plain,
        max(case when concept like '%PeriodIncreaseDecreaseExcludingExchangeRateEffect' then 1 else 0 end) as is_excluding,
        min(coalesce(decimals, 0)) as decimals
    from fact_known
    where kind = 'actual' and period_start is not null and (
        concept like 'us-gaap:NetCashProvidedByUsedIn%Activities'
        or concept like 'us-gaap:EffectOfExchangeRateOnCash%'
        or concept like 'us-gaap:Cash%PeriodIncreaseDecrease%'
    )
    group by entity, source_id, period_start, period_end, unit
),
added as (
    select
        f.*,
        coalesce(f.change_with, f.change_plain) as change,
        f.operating + f.investing + f.financing
            + case when f.change_with is null and f.is_excluding = 1 then 0 else coalesce(f.exchange, 0) end as parts
    from flows f
)
select entity, source_id, period_start, period_end, unit, parts, change
from added
where abs(change - parts) > 2 * cast(last_digit(decimals) as decimal(38, 6))
