"""Headlines and labels: each rule in a table of cases."""

# ruff: noqa: RUF001 - the marks of print (apostrophe, dash, minus) are what these tests are about

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from support.reports import ENGLISH
from tracker.report.data.edition import Company, Figure, Guided, short_name
from tracker.report.text.labels import (
    amount,
    as_ratio,
    days,
    grouped,
    money,
    outward,
    percent,
    percent_range,
    period_words,
    scale_of,
    signed,
    tied,
    trimmed,
    untied,
)
from tracker.report.text.prose import changed, outcome, position, range_words
from tracker.report.text.words import clause, finding, growth_words, noun, possessive

META = Company("meta", "Meta Platforms, Inc.", "Meta", "META", 1326801)
TESLA = Company("tesla", "Tesla, Inc.", "Tesla", "TSLA", 1318605)


def figure(
    metric: str,
    value: str | None,
    base: str | None,
    ratio: str | None = None,
    status: str = "ok",
    bounds: tuple[str | None, str | None] | None = None,
    unit: str = "USD",
    period: str = "2024Q2",
) -> Figure:
    """A row of `yoy`; its bounds are its ratio where none are given."""
    low, high = bounds or (ratio, ratio)
    rate, least, most = (None if text is None else Decimal(text) for text in (ratio, low, high))
    shown, before = (None if text is None else Decimal(text) for text in (value, base))
    return Figure(
        metric=metric,
        label="Gross margin",
        measure="money",
        span="quarter",
        fiscal_year=int(period[:4]),
        fiscal_quarter=int(period[5]),
        fiscal_period=period,
        calendar_quarter="2024Q2",
        period_start=date(2024, 4, 1),
        period_end=date(2024, 6, 30),
        value=shown,
        low=shown,
        high=shown,
        unit=unit,
        method="reported",
        base=before,
        base_period="2023Q2",
        yoy_ratio=rate,
        yoy_low=least,
        yoy_high=most,
        yoy_status=status,
        reason=None,
        operands=(),
        base_operands=(),
    )


HEADLINES = [
    # case, figure, headline
    ("growth", figure("capex", "8472e6", "6354e6", "0.3333", bounds=("0.3326", "0.3341")), "Meta’s capital spending rose 33% to $8.5 billion in the second quarter of 2024"),
    ("decline", figure("capex", "6715e6", "7087e6", "-0.0525"), "Meta’s capital spending fell 5% to $6.7 billion in the second quarter of 2024"),
    ("collapse", figure("net_income", "2709e6", "15688e6", "-0.8273"), "Meta’s net income fell 83% to $2.7 billion in the second quarter of 2024"),
    ("below a percent", figure("revenue", "1004e6", "1000e6", "0.004"), "Meta’s revenue rose 0.4% to $1.0 billion in the second quarter of 2024"),
    ("no change to speak of", figure("revenue", "1000.4e6", "1000e6", "0.0004"), "Meta’s revenue was little changed at $1.0 billion in the second quarter of 2024"),
    ("a sign lost in rounding", figure("revenue", "8.5e9", "8.4e9", "0.0119", bounds=("-0.001", "0.024")), "Meta’s revenue was little changed at $8.5 billion in the second quarter of 2024"),
    ("from rounded words", figure("capex", "8.5e9", "6.4e9", "0.3281", bounds=("0.3101", "0.3465")), "Meta’s capital spending rose about 33% to $8.5 billion in the second quarter of 2024"),
    ("an open end", figure("revenue", "39e9", "32e9", "0.2188", bounds=("0.2187", None)), "Meta’s revenue rose about 22% to $39.0 billion in the second quarter of 2024"),
    ("a rounding edge is not rough", figure("revenue", "1.225e9", "1e9", "0.225", bounds=("0.2249", "0.2251")), "Meta’s revenue rose 23% to $1.2 billion in the second quarter of 2024"),
    ("doubled", figure("capex", "17012e6", "8472e6", "1.0080", bounds=("1.0073", "1.0087")), "Meta’s capital spending more than doubled to $17.0 billion in the second quarter of 2024"),
    ("not surely doubled", figure("capex", "17e9", "8.5e9", "1.0000", bounds=("0.9825", "1.0178")), "Meta’s capital spending rose about 100% to $17.0 billion in the second quarter of 2024"),
    ("tripled", figure("capex", "9.1e9", "3e9", "2.0333"), "Meta’s capital spending more than tripled to $9.1 billion in the second quarter of 2024"),
    ("many times", figure("capex", "9e9", "1e9", "8"), "Meta’s capital spending grew to 9 times the year before: $9.0 billion in the second quarter of 2024"),
    ("to nothing", figure("capex", "0", "1e9", "-1"), "Meta’s capital spending fell to $0 in the second quarter of 2024"),
    ("into loss", figure("net_income", "-1.25e9", "4e8", "-4.125", "profit_to_loss"), "Meta swung to a net loss of $1.3 billion in the second quarter of 2024 from a net profit of $400.0 million a year earlier"),
    ("into an operating loss", figure("operating_income", "-1e9", "2e9", "-1.5", "profit_to_loss"), "Meta swung to an operating loss of $1.0 billion in the second quarter of 2024 from an operating profit of $2.0 billion a year earlier"),
    ("into profit", figure("net_income", "104e6", "-408e6", None, "loss_to_profit"), "Meta turned to a net profit of $104.0 million in the second quarter of 2024 from a net loss of $408.0 million a year earlier"),
    ("cash flow turns negative", figure("free_cash_flow", "-2e9", "1e9", "-3", "profit_to_loss"), "Meta’s free cash flow turned negative, at −$2.0 billion in the second quarter of 2024, from $1.0 billion a year earlier"),
    ("cash flow turns positive", figure("free_cash_flow", "2e9", "-1e9", None, "loss_to_profit"), "Meta’s free cash flow turned positive, at $2.0 billion in the second quarter of 2024, from −$1.0 billion a year earlier"),
    ("loss narrows", figure("operating_income", "-1e9", "-2e9", None, "loss_narrowed"), "Meta’s operating loss narrowed to $1.0 billion in the second quarter of 2024 from $2.0 billion a year earlier"),
    ("loss the same", figure("operating_income", "-2e9", "-2e9", None, "loss_narrowed"), "Meta’s operating loss was unchanged at $2.0 billion in the second quarter of 2024"),
    ("loss widens", figure("net_income", "-3e9", "-2e9", None, "loss_widened"), "Meta’s net loss widened to $3.0 billion in the second quarter of 2024 from $2.0 billion a year earlier"),
    ("negative flow widens", figure("free_cash_flow", "-3e9", "-2e9", None, "loss_widened"), "Meta’s negative free cash flow widened to $3.0 billion in the second quarter of 2024 from $2.0 billion a year earlier"),
    ("from zero", figure("capex", "3e9", "0", None, "zero_base"), "Meta’s capital spending was $3.0 billion in the second quarter of 2024, up from nothing a year earlier"),
    ("no base", figure("capex", "7087e6", None, None, "no_base"), "Meta’s capital spending was $7.1 billion in the second quarter of 2024; no year-earlier figure is on record"),
    ("another basis", figure("total_costs", "3e9", "2e9", None, "basis_changed"), "Meta’s total costs were $3.0 billion in the second quarter of 2024, not comparable with a year earlier"),
    ("a 53rd week", figure("revenue", "3e9", "2e9", None, "long_period"), "Meta’s revenue was $3.0 billion in the second quarter of 2024, a period of another length than a year earlier"),
    ("refused for the base", figure("capex", "3e9", None, None, "not_derivable"), "Meta’s capital spending was $3.0 billion in the second quarter of 2024; the year-earlier figure cannot be derived"),
    ("refused", figure("capex", None, None, None, "not_derivable"), "Meta’s capital spending in the second quarter of 2024 cannot be derived from what is on record"),
    ("per share", figure("eps_diluted", "5.16", "2.98", "0.7315", unit="USD/shares"), "Meta’s diluted earnings per share rose 73% to $5.16 a share in the second quarter of 2024"),
    ("people", figure("dau", "3.27e9", "3.07e9", "0.0651", unit="count"), "Meta’s daily active people rose 7% to 3.3 billion in the second quarter of 2024"),
    ("a metric without words of ours", figure("gross_margin", "2e6", "1.6e6", "0.25", unit="EUR"), "Meta’s gross margin rose 25% to €2.0 million in the second quarter of 2024"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "row", "expected"), HEADLINES, ids=[case for case, *_ in HEADLINES])
def test_headline(case: str, row: Figure, expected: str) -> None:
    assert finding(ENGLISH, row, META) == expected, case


def test_every_status_has_a_rule() -> None:
    statuses = {row.yoy_status for _, row, _ in HEADLINES}
    assert statuses == {
        "ok", "profit_to_loss", "loss_to_profit", "loss_narrowed", "loss_widened", "zero_base", "no_base", "basis_changed", "long_period", "not_derivable",
    }  # fmt: skip


@pytest.mark.parametrize(("case", "row", "_expected"), HEADLINES, ids=[case for case, *_ in HEADLINES])
def test_no_percentage_where_the_views_refuse_one(case: str, row: Figure, _expected: str) -> None:
    told = finding(ENGLISH, row, META) + growth_words(ENGLISH, row)
    assert row.yoy_ratio is not None or "%" not in told, case


def test_a_turn_of_tesla_is_no_percentage() -> None:
    row = figure("net_income", "104e6", "-408e6", None, "loss_to_profit")
    assert (
        clause(ENGLISH, row, TESLA)
        == "Tesla turned to a net profit of $104.0 million from a net loss of $408.0 million a year earlier"
    )


def test_a_clause_leaves_out_company_and_period() -> None:
    assert (
        clause(ENGLISH, figure("revenue", "39071e6", "31999e6", "0.2210"), META) == "revenue rose 22% to $39.1 billion"
    )


NAMES = [
    # name, aliases, short
    ("Meta Platforms, Inc.", ["Meta", "Meta Platforms, Inc."], "Meta"),
    ("Alphabet Inc.", ["Google", "Alphabet Inc."], "Alphabet"),
    ("Microsoft Corporation", [], "Microsoft"),
    ("Amazon.com, Inc.", [], "Amazon.com"),
    ("Inc.", [], "Inc."),
    ("W" * 300, [], "W" * 59 + "…"),
    ("Metallica Ltd", ["Meta"], "Metallica"),
]


@pytest.mark.parametrize(("name", "aliases", "expected"), NAMES)
def test_short_name(name: str, aliases: list[str], expected: str) -> None:
    assert short_name(name, aliases) == expected


def test_possessive_and_noun() -> None:
    assert (possessive("Meta"), possessive("General Motors")) == ("Meta’s", "General Motors’")
    assert noun(ENGLISH, replace(figure("x", "1", None), label="EPS")).name == "EPS"


PERIODS = [
    # label, is_calendar, words
    ("2024Q2", True, "the second quarter of 2024"),
    ("2026Q3", False, "the third quarter of fiscal 2026"),
    ("2024H1", True, "the first half of 2024"),
    ("2024M9", True, "the first nine months of 2024"),
    ("FY2024", True, "2024"),
    ("FY2024", False, "fiscal 2024"),
]


@pytest.mark.parametrize(("label", "is_calendar", "expected"), PERIODS)
def test_period_words(label: str, is_calendar: bool, expected: str) -> None:  # noqa: FBT001 - a column of the table
    assert period_words(ENGLISH, label, is_calendar=is_calendar) == expected


NUMBERS = [
    # made, expected
    (grouped(ENGLISH, Decimal("6.35"), 1), "6.4"),  # Python's own format says 6.3
    (grouped(ENGLISH, Decimal("-6.35"), 1), "−6.4"),
    (grouped(ENGLISH, Decimal("-0.04"), 1), "0.0"),
    (grouped(ENGLISH, Decimal("1234567.5"), 0), "1,234,568"),
    (trimmed(ENGLISH, Decimal("37.0")), "37"),
    (trimmed(ENGLISH, Decimal(100), 0), "100"),
    (trimmed(ENGLISH, Decimal("28.5")), "28.5"),
    (signed(ENGLISH, "0.0"), "0.0"),
    (signed(ENGLISH, "1.0"), "+1.0"),
    (money(ENGLISH, Decimal(8472000000), "USD"), "$8.5 billion"),
    (money(ENGLISH, Decimal(-408000000), "EUR"), "−€408.0 million"),
    (money(ENGLISH, Decimal(999960000), "USD"), "$1.0 billion"),
    (money(ENGLISH, Decimal(1500000000000), "JPY"), "¥1.5 trillion"),
    (money(ENGLISH, Decimal(12345), "SEK"), "SEK 12,345"),
    (money(ENGLISH, Decimal(0), "USD"), "$0"),
    (amount(ENGLISH, Decimal("5.155"), "USD/shares"), "$5.16 a share"),
    (amount(ENGLISH, Decimal(16384), "count"), "16,384"),
    (percent(ENGLISH, Decimal("0.33333")), "+33.3%"),
    (percent(ENGLISH, Decimal("-0.0525"), 0), "−5%"),
    (percent(ENGLISH, Decimal(0)), "0.0%"),
    (percent(ENGLISH, as_ratio(1.335 - 1), 0), "+34%"),  # the double is 0.33499999999999996
    (percent_range(ENGLISH, Decimal("0.332599"), Decimal("0.334068")), "+33.25% to +33.41%"),
    (percent_range(ENGLISH, Decimal("-0.0528"), Decimal("-0.0522"), 1), "−5.3% to −5.2%"),
    (percent_range(ENGLISH, Decimal("0.22"), None, 1), "at least +22.0%"),
    (percent_range(ENGLISH, None, Decimal("0.22"), 1), "up to +22.0%"),
    (percent_range(ENGLISH, None, None), "open"),
    (tied(ENGLISH, "$37–40 billion, 3 millions"), "$37\u2060–\u206040\xa0billion, 3\xa0millions"),
    (untied(tied(ENGLISH, "$37–40 billion")), "$37–40 billion"),
    (str(outward(Decimal("2.5"), "high", 0)), "3"),
    (str(outward(Decimal("-2.5"), "low", 0)), "-3"),
    (scale_of(ENGLISH, Decimal(999949999)).word, "million"),
    (days(ENGLISH, date(2024, 4, 1), date(2024, 6, 30)), "1 April to 30 June 2024"),
    (days(ENGLISH, date(2023, 7, 1), date(2024, 6, 30)), "1 July 2023 to 30 June 2024"),
    (days(ENGLISH, None, date(2024, 6, 30)), "30 June 2024"),
]


@pytest.mark.parametrize(("made", "expected"), NUMBERS)
def test_labels(made: str, expected: str) -> None:
    assert made == expected


def promise(low: str | None, high: str | None) -> Guided:
    """A step of a forecast of capital spending for 2024."""
    least, most = (None if end is None else Decimal(end) for end in (low, high))
    at, first, last = date(2024, 7, 31), date(2024, 1, 1), date(2024, 12, 31)
    none = (None, None, None)
    return Guided("capex", "FY2024", first, last, at, None, least, most, "USD", "initial", *none, "s", None, *none)


RANGES = [
    # low, high, words, where 39.225 billion lies, how far up
    ("37e9", "40e9", "$37–40 billion", "inside", "74% up the range"),
    ("38e9", "40e9", "$38–40 billion", "inside", "61% up the range"),
    ("30e9", "37e9", "$30–37 billion", "above", ""),
    ("39.5e9", "40e9", "$39.5–40 billion", "below", ""),
    ("39.225e9", "39.225e9", "$39.2 billion", "inside", ""),
    ("35e9", None, "at least $35 billion", "inside", ""),
    (None, "40e9", "at most $40 billion", "inside", ""),
]


@pytest.mark.parametrize(("low", "high", "words", "where", "up"), RANGES)
def test_promises(low: str | None, high: str | None, words: str, where: str, up: str) -> None:
    step, spent = promise(low, high), Decimal("39225e6")
    assert (range_words(ENGLISH, step), outcome(spent, step), position(ENGLISH, spent, step)) == (words, where, up)


def test_a_range_said_again_is_no_step() -> None:
    steps = (promise("30e9", "37e9"), promise("30e9", "37e9"), promise("35e9", "40e9"))
    assert changed(steps) == (steps[0], steps[2])
