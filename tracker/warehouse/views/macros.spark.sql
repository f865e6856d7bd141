-- What Spark writes differently of `macros.sql`: the same macros with the same results. Spark has no macros of its own;
-- `tracker/spark/dialect.py` puts these bodies in place of their calls.

create or replace macro no_moment() as cast(null as timestamp);
create or replace macro days_between(first_day, last_day) as datediff(cast(last_day as date), cast(first_day as date));
create or replace macro add_days(day, days) as date_add(cast(day as date), cast(days as integer));

create or replace macro rates_known_at(day) as cast(cast(day as string) || ' 16:00:00+00:00' as timestamp);
create or replace macro exact_quotient(amount, divisor) as
    cast(round(cast(amount as decimal(20, 6)) / cast(divisor as decimal(20, 6)), 12) as decimal(38, 12));

create or replace macro replace_all(words, pattern, replacement) as regexp_replace(words, pattern, replacement);
create or replace macro joined_terms(terms, place) as listagg(terms, ' ') within group (order by place);
create or replace macro rows_of_terms(terms) as explode(transform(
    split(terms, ' '),
    (term, place) -> named_struct(
        'position', cast(place + 1 as integer),
        'sign', case when substr(term, 1, 1) = '-' then -1 else 1 end,
        'fact_id', unhex(substr(term, 2))
    )
));

create or replace macro no_parameters() as cast(null as map<string, string>);
create or replace macro parameter(name, value) as map(name, cast(value as string));
create or replace macro two_parameters(name, value, other_name, other_value) as
    map(name, cast(value as string), other_name, cast(other_value as string));
create or replace macro three_parameters(name, value, other_name, other_value, third_name, third_value) as
    map(name, cast(value as string), other_name, cast(other_value as string), third_name, cast(third_value as string));
create or replace macro reason(code, parameters) as named_struct('code', cast(code as string), 'parameters', parameters);
-- Spark refuses a map with a key twice, and makes NULL of a map joined to NULL.
create or replace macro within(subject, parameters) as map_concat(
    coalesce(map_filter(parameters, (name, value) -> name <> 'subject'), map()),
    map('subject', subject || coalesce('/' || parameters['subject'], ''))
);
