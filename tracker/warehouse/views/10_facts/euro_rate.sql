-- euro_rate: exchange rates, as a table of yours gives them in the format of the European Central Bank
-- grain: currency, rate_date
-- reads: fx_rate
-- as-of: known_at
-- units: rate is units of the currency for one euro, as printed; rate_source is the table
-- A day counts as known from the moment at which the bank publishes its rates, so that questions as of an earlier day do
-- not see it. The euro has the rate 1 on every day of the table. If two tables give two rates, the day has none.
with printed as (
    select currency, rate_date, rate, origin
    from fx_rate
    where not is_withdrawn
    union
    select 'EUR' as currency, rate_date, cast(1 as decimal(38, 6)) as rate, origin
    from fx_rate
    where not is_withdrawn
)
select
    currency, rate_date, max(rate) as rate, max(origin) || '/fx.csv' as rate_source,
    rates_known_at(rate_date) as known_at
from printed
group by currency, rate_date
having max(rate) = min(rate)
