-- The rules of the calendar and of reading, each written once, and the words in which engines differ.
-- Every other file here and in `checks/` has the words that DuckDB and Spark share; `macros.spark.sql` says what Spark
-- writes differently of this one.

-- Days.
create or replace macro no_moment() as cast(null as timestamptz);
create or replace macro days_between(first_day, last_day) as date_diff('day', cast(first_day as date), cast(last_day as date));
create or replace macro add_days(day, days) as cast(cast(day as date) + cast(days as integer) as date);
-- The length of a period, both days included.
create or replace macro days_in(first_day, last_day) as days_between(first_day, last_day) + 1;

-- Forms. 'K' is a transition report's or an amendment's form too (10-KT, 10-K/A). AFR is a European annual report.
create or replace macro is_annual_form(form) as
    form like '10-K%' or form like '20-F%' or form like '40-F%' or form = 'AFR';
create or replace macro is_quarterly_form(form) as form like '10-Q%';
-- What a company files every quarter or year, not an amendment to it.
create or replace macro is_periodic_form(form) as
    (is_annual_form(form) or is_quarterly_form(form)) and form not like '%/A';
-- What counts as a report where a company's own figures are read: what names no form counts too. Proxy statements,
-- 8-Ks and the like do not.
create or replace macro is_report_form(form) as
    form is null or is_annual_form(form) or is_quarterly_form(form);
-- Proxy statements repeat net income of up to five years in a table on pay, often in thousands or millions and tagged as
-- if these were units.
create or replace macro is_proxy_form(form) as coalesce(form like '%14A%' or form like '%14C%', false);

-- Periods. The kind of a period of this many days: 12 to 14 weeks are a quarter, and so are the 16 or 17 of retailers.
-- What fits no window is 'other', never the nearest kind.
create or replace macro span_of(days) as case
    when days between 83 and 99 or days in (112, 119) then 'quarter'
    when days in (168, 175, 196) or days between 180 and 190 then 'half'
    when days in (252, 259) or days between 272 and 287 then 'nine_months'
    when days between 363 and 373 then 'year'
    else 'other'
end;
-- The kind of a period, or of a day (instant); 'unknown' if nothing says when it ends.
create or replace macro span_between(first_day, last_day) as case
    when last_day is null then 'unknown'
    when first_day is null then 'instant'
    else span_of(days_in(first_day, last_day))
end;
-- The quarter of the fiscal year that a period closes which ends on this day of it; NULL between the quarters.
create or replace macro fiscal_quarter_of(day_of_year) as case
    when day_of_year between 76 and 120 then 1
    when day_of_year between 160 and 204 then 2
    when day_of_year between 244 and 294 then 3
    when day_of_year >= 350 then 4
end;
-- Quarters counted from the year zero, so that quarters of several years can be compared.
create or replace macro quarter_number(fiscal_year, fiscal_quarter) as fiscal_year * 4 + fiscal_quarter;
-- Whether a period ended so many quarters before another. After the fiscal year end has moved, quarters of the same
-- number are a month or more further apart; quarters of 12 and 16 weeks, and years of 53, are less than 24 days off.
create or replace macro lies_back(earlier_end, period_end, quarters) as
    coalesce(abs(days_between(earlier_end, period_end) - 91.3125 * quarters) <= 24, true);
-- What a company calls a period that closes a quarter of its year: 2024Q1, 2024H1, 2024H2, 2024M9, FY2024.
create or replace macro fiscal_label(span, fiscal_year, fiscal_quarter) as case
    when span in ('quarter', 'instant') then cast(fiscal_year as string) || 'Q' || cast(fiscal_quarter as string)
    when span = 'half' and fiscal_quarter = 2 then cast(fiscal_year as string) || 'H1'
    when span = 'half' and fiscal_quarter = 4 then cast(fiscal_year as string) || 'H2'
    when span = 'nine_months' and fiscal_quarter = 3 then cast(fiscal_year as string) || 'M9'
    when span = 'year' and fiscal_quarter = 4 then 'FY' || cast(fiscal_year as string)
end;
-- The label of a period by its place in the year: the company's own, or CY2024 for a calendar year that is not its own.
create or replace macro period_label(is_from_opening, span, fiscal_year, fiscal_quarter, last_day) as case
    when is_from_opening or fiscal_quarter = 4 or span in ('quarter', 'instant')
        then fiscal_label(span, fiscal_year, fiscal_quarter)
    when span = 'year' and month(last_day) = 12 and day(last_day) = 31
        then 'CY' || cast(year(last_day) as string)
end;
-- The kind of a period that runs from the first day of the fiscal year to the close of this quarter.
create or replace macro span_to_date(fiscal_quarter) as case fiscal_quarter
    when 1 then 'quarter' when 2 then 'half' when 3 then 'nine_months' when 4 then 'year'
end;
-- Whether a period begins with the fiscal year; the weeks of some companies begin up to a week beside it.
create or replace macro opens_year(year_start, period_start) as abs(days_between(year_start, period_start)) <= 7;
-- The quarter of the calendar that holds the middle of a quarter with this last day: 2024Q2.
create or replace macro calendar_quarter_of(period_end) as
    cast(year(add_days(period_end, -45)) as string) || 'Q' || cast(quarter(add_days(period_end, -45)) as string);

-- Amounts. One unit of the last digit printed; an amount whose digits are not known is exact to the sixth decimal.
create or replace macro last_digit(decimals) as power(10, -coalesce(decimals, 6));
-- A bound of a statement: an end of its range, or how far its last printed digit and its qualifier let the value reach.
create or replace macro bound_of(value, low, high, given, allowance, decimals) as case
    when low is not null or high is not null then given
    else value + cast(allowance * last_digit(decimals) as decimal(38, 6))
end;
-- Whether amounts of several periods may be added and subtracted: averages, rates and amounts per share may not.
create or replace macro adds_up(concept, unit) as not (
    unit like '%/%' or unit in ('pure', 'ratio') or concept like '%Average%' or concept like '%PerShare%'
);
-- Whether one value may lie in both intervals; an end that is NULL is open.
create or replace macro intervals_meet(low, high, other_low, other_high) as
    coalesce(low <= other_high, true) and coalesce(high >= other_low, true);
-- By which power of ten (3, 6, -3, -6) one amount above zero is another, within so much of the exponent; NULL by none.
create or replace macro thousands_apart(size, other_size, tolerance) as case
    when abs(abs(log10(size / other_size)) - 3) <= tolerance then case when size > other_size then 3 else -3 end
    when abs(abs(log10(size / other_size)) - 6) <= tolerance then case when size > other_size then 6 else -6 end
end;
-- The currency of an amount or of an amount per share; NULL for other units.
create or replace macro currency_of(unit) as case
    when length(unit) = 3 and upper(unit) = unit then unit
    when length(unit) = 10 and unit like '___/shares' and upper(substr(unit, 1, 3)) = substr(unit, 1, 3) then substr(unit, 1, 3)
end;
-- The moment from which a day's reference rates count as known: the ECB publishes them at about 16:00 in Frankfurt.
create or replace macro rates_known_at(day) as cast(cast(day as string) || ' 16:00:00+00' as timestamptz);
-- A quotient of two amounts above zero with up to six decimals, to twelve decimals and rounded half up.
create or replace macro exact_quotient(amount, divisor) as cast(
    (
        cast(amount * 1000000 as hugeint) * 2000000000000 + cast(divisor * 1000000 as hugeint)
    ) // (2 * cast(divisor * 1000000 as hugeint)) as decimal(38, 0)
) * cast(0.000000000001 as decimal(13, 12));
-- An amount times a rate of twelve decimals, rounded half away from zero to six; whole and fraction of the rate are
-- multiplied one by one, so that the digits have room.
create or replace macro times_rate(amount, rate) as cast(
    cast(amount * cast(floor(rate) as decimal(12, 0)) as decimal(38, 6))
    + round(amount * cast(rate - floor(rate) as decimal(12, 12)), 6) as decimal(38, 6)
);
-- Whether a split multiplies or divides amounts of this unit: share counts and amounts per share.
create or replace macro changes_in_split(unit) as unit = 'shares' or unit like '%/shares';
-- Growth from a base as a fraction (0.25 is +25%); NULL from a base of zero.
create or replace macro growth_ratio(value, base) as
    cast(value as double) / nullif(cast(base as double), 0) - 1;
-- The ends of a quotient of two intervals whose divisor is above zero.
create or replace macro quotient_low(low, divisor_low, divisor_high) as
    cast(low as double) / cast(case when low < 0 then divisor_low else divisor_high end as double);
create or replace macro quotient_high(high, divisor_low, divisor_high) as
    cast(high as double) / cast(case when high < 0 then divisor_high else divisor_low end as double);
-- A table: how many quarters back a figure of each span is compared.
create or replace macro distances() as table
    select span, quarters_back
    from (
        values
            ('quarter', 1), ('quarter', 2), ('quarter', 3), ('quarter', 4), ('half', 4), ('nine_months', 4),
            ('year', 4), ('year', 12), ('year', 20), ('year', 40)
    ) d(span, quarters_back);

-- Operands. Inside the views a sum is written as text: the sign and the id of each statement, one after the other.
-- All else reads the rows of the views `operand`, `base_operand`, `candidate_operand` and `ttm_operand`.
create or replace macro id_text(fact_id) as lower(hex(fact_id));
create or replace macro signed_id(sign, fact_id) as sign || id_text(fact_id);
-- The terms as they enter a sum that adds (1) or subtracts (-1) them.
create or replace macro weighted_terms(weight, terms) as
    case when weight = 1 then terms else translate(terms, '+-', '-+') end;
-- An aggregate: the terms of several rows, in the order of `place`.
create or replace macro joined_terms(terms, place) as nullif(
    array_to_string(list_transform(list_sort(list({'place': place, 'terms': terms})), lambda row: row.terms), ' '), ''
);
-- Whether a sum adds the statement of this id, given as text.
create or replace macro adds_statement(terms, id) as terms like '%+' || id || '%';
-- One row for each term: its position from 1, its sign (1 or -1) and the statement's id.
create or replace macro rows_of_terms(terms) as unnest(list_transform(
    string_split(terms, ' '),
    lambda term, place: {
        'position': cast(place as integer),
        'sign': case when substr(term, 1, 1) = '-' then -1 else 1 end,
        'fact_id': unhex(substr(term, 2))
    }
));

-- Parts of companies. Dimensions are axis=member, several joined by semicolons. `$1` in a replacement is the first group.
create or replace macro replace_all(words, pattern, replacement) as
    regexp_replace(words, pattern, replace(replacement, '$', '\'), 'g');
-- Whether an entity is a part of a company (`part_id`).
create or replace macro is_part(entity) as entity like '%|%';
create or replace macro axes_of(dimensions) as replace_all(dimensions, '=[^;]*', '');
create or replace macro members_of(dimensions) as replace_all(dimensions, '[^;=]*=', '');
-- The id of a part as its axis was cut at a moment: it is derived like a company with this id.
create or replace macro part_id(entity, dimensions, cut_at) as
    entity || '|' || dimensions || coalesce('|' || cast(cut_at as string), '');
-- The member of the axis that says what an amount is in a consolidation, and the dimensions without that axis.
create or replace macro consolidation_of(dimensions) as
    nullif(regexp_extract(dimensions, '(srt|us-gaap):ConsolidationItemsAxis=([^;]*)', 2), '');
create or replace macro without_consolidation(dimensions) as coalesce(
    nullif(replace_all(dimensions, '(srt|us-gaap):ConsolidationItemsAxis=[^;]*;|;?(srt|us-gaap):ConsolidationItemsAxis=[^;]*$', ''), ''),
    dimensions
);
-- Members that stand for all segments together, and members for what lies between the segments and the whole.
create or replace macro is_all_segments(member) as
    coalesce(split_part(member, ':', 2), '') in ('OperatingSegmentsMember', 'ReportableSegmentsMember');
create or replace macro is_reconciling(member) as coalesce(split_part(member, ':', 2), '') in (
    'MaterialReconcilingItemsMember', 'SegmentReconcilingItemsMember', 'IntersegmentEliminationMember',
    'CorporateNonSegmentMember', 'CorporateReconcilingItemsAndEliminationsMember', 'ConsolidationEliminationsMember',
    'EliminationOfIntersegmentAmountsMember', 'UnallocatedAmountsMember'
);
-- What a part is: the meeting of several axes, all segments together, an item between the segments and the whole, or a
-- member of one axis. The axis of consolidation only says more about a member of another axis.
create or replace macro role_of(dimensions) as case
    when without_consolidation(dimensions) like '%;%' then 'cross'
    when is_all_segments(members_of(without_consolidation(dimensions))) then 'total'
    when is_reconciling(members_of(without_consolidation(dimensions))) then 'reconciling'
    when consolidation_of(dimensions) is not null and not is_all_segments(consolidation_of(dimensions)) then 'reconciling'
    else 'member'
end;
-- The words of the names of members: meta:FamilyOfAppsMember is Family of Apps.
create or replace macro member_label(members) as replace(replace(replace(replace(replace(replace(
    replace_all(
        replace_all(replace_all(members, '[^;:]*:|Member(;|$)', '$1'), '([a-z0-9])([A-Z])', '$1 $2'),
        '([A-Z])([A-Z][a-z])', '$1 $2'
    ), ' Of ', ' of '), ' And ', ' and '), ';', '; '), '%3B', ';'), '%3D', '='), '%25', '%');

-- Choice. The order in which candidates for one figure are taken, by what they rest on.
create or replace macro tier(kind) as case kind
    when 'filed' then 1  -- a filing states it, or it is derived from what filings of one concept state
    when 'filed_sum' then 2  -- a sum by definition whose parts are all filed
    when 'stated' then 3  -- a text or a data set states it, or a part of the sum
    when 'incomplete' then 5  -- a sum by definition that lacks a part: no value
    when 'missing' then 6  -- no value
end;

-- Doubts. What a filing states with the wrong sign, or with both, or in the wrong scale, has that as its basis: it is on
-- one basis with nothing else.
create or replace macro is_doubted(basis) as doubt_code(basis) is not null;
-- Whether nothing may be derived from an amount, not even with others of the same basis.
create or replace macro bars_sums(basis) as coalesce(doubt_code(basis) <> 'sign_turned', false);
-- The reason why amounts were not put together, by the basis of one of them.
create or replace macro reason_of_doubt(basis) as case
    when doubt_code(basis) like 'sign%' then 'sign_changed'
    when doubt_code(basis) like 'scale%' then 'scale_changed'
end;
create or replace macro reason_of_part(basis) as case
    when doubt_code(basis) like 'sign%' then 'sign_doubtful'
    when doubt_code(basis) like 'scale%' then 'scale_doubtful'
end;
create or replace macro reason_of_pair(basis, other_basis) as case
    when coalesce(basis, '') = coalesce(other_basis, '') then cast(null as string)
    when coalesce(doubt_code(basis), doubt_code(other_basis)) like 'sign%' then 'signs_contradict'
    when coalesce(doubt_code(basis), doubt_code(other_basis)) like 'scale%' then 'scales_contradict'
end;

-- Reasons. A reason is a code with its parameters by name (reasons.toml); `within` leads to it from what it is a part of.
create or replace macro no_parameters() as cast(null as map(string, string));
create or replace macro parameter(name, value) as map([name], [cast(value as string)]);
create or replace macro two_parameters(name, value, other_name, other_value) as
    map([name, other_name], [cast(value as string), cast(other_value as string)]);
create or replace macro three_parameters(name, value, other_name, other_value, third_name, third_value) as
    map([name, other_name, third_name], [cast(value as string), cast(other_value as string), cast(third_value as string)]);
create or replace macro reason(code, parameters) as {'code': cast(code as string), 'parameters': parameters};
create or replace macro within(subject, parameters) as
    map_concat(parameters, map(['subject'], [subject || coalesce('/' || parameters['subject'], '')]));
