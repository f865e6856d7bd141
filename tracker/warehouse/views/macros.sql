-- The words in which engines differ, so that every other file here runs on any of them unchanged.
create or replace macro days_between(first_day, last_day) as date_diff('day', cast(first_day as date), cast(last_day as date));
create or replace macro add_days(day, days) as cast(cast(day as date) + cast(days as integer) as date);
-- A reason is a code with its parameters by name (reasons.toml); `within` leads to it from what it is a part of.
create or replace macro no_parameters() as cast(null as map(varchar, varchar));
create or replace macro parameter(name, value) as map([name], [cast(value as varchar)]);
create or replace macro two_parameters(name, value, other_name, other_value) as
    map([name, other_name], [cast(value as varchar), cast(other_value as varchar)]);
create or replace macro three_parameters(name, value, other_name, other_value, third_name, third_value) as
    map([name, other_name, third_name], [cast(value as varchar), cast(other_value as varchar), cast(third_value as varchar)]);
create or replace macro reason(code, parameters) as {'code': cast(code as varchar), 'parameters': parameters};
create or replace macro within(subject, parameters) as
    map_concat(parameters, map(['subject'], [subject || coalesce('/' || parameters['subject'], '')]));
