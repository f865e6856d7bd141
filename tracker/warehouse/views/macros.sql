-- The words in which engines differ, so that every other file here runs on any of them unchanged.
create or replace macro days_between(first_day, last_day) as date_diff('day', cast(first_day as date), cast(last_day as date));
create or replace macro add_days(day, days) as cast(cast(day as date) + cast(days as integer) as date);
