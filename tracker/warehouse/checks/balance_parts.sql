-- balance_parts: assets equal liabilities and equity, where a filing gives all three
-- severity: warning
-- message: at {period_end}, {source_id} gives assets of {assets}, and liabilities and equity adding up to {parts} {unit}
-- remedy: look for equity outside these tags in {source_id}; if there is none, one of them is wrong or was misread
-- Redeemable (temporary) equity stands between the two and is added where the filing gives it.
with part as (
    select
        entity, source_id, period_end, unit,
        max(case when concept in ('us-gaap:Assets', 'ifrs-full:Assets') then value end) as assets,
        max(case when concept in ('us-gaap:Liabilities', 'ifrs-full:Liabilities') then value end) as liabilities,
        max(
            case when concept in (
                'us-gaap:StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest', 'ifrs-full:Equity'
            ) then value end
        ) as all_equity,
        max(case when concept = 'us-gaap:StockholdersEquity' then value end) as own_equity,
        max(case when concept = 'us-gaap:MinorityInterest' then value end) as minority,
        max(
            case when concept like 'us-gaap:TemporaryEquityCarryingAmount%' or concept like 'us-gaap:TemporaryEquityValue%'
                or concept like 'us-gaap:RedeemableNoncontrollingInterestEquity%CarryingAmount' then value end
        ) as temporary,
        min(coalesce(decimals, 0)) as decimals
    from fact_known
    where kind = 'actual' and period_start is null
      and (
          concept in (
              'us-gaap:Assets', 'us-gaap:Liabilities', 'us-gaap:StockholdersEquity', 'us-gaap:MinorityInterest',
              'us-gaap:StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest',
              'ifrs-full:Assets', 'ifrs-full:Liabilities', 'ifrs-full:Equity'
          )
          or concept like 'us-gaap:TemporaryEquityCarryingAmount%'
          or concept like 'us-gaap:TemporaryEquityValue%'
          or concept like 'us-gaap:RedeemableNoncontrollingInterestEquity%CarryingAmount'
      )
    group by entity, source_id, period_end, unit
),
added as (
    select
        p.*,
        p.liabilities + coalesce(p.all_equity, p.own_equity + coalesce(p.minority, 0)) + coalesce(p.temporary, 0) as parts
    from part p
)
select entity, source_id, period_end, unit, assets, parts
from added
where abs(assets - parts) > 2 * cast(last_digit(decimals) as decimal(38, 6))
