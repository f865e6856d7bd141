"""Headlines and labels: each rule in a table of cases."""

# ruff: noqa: RUF001 - the marks of print (apostrophe, dash, minus) are what these tests are about

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from support.headlines import GROWTH_HEADLINES, META, TESLA, make_figure
from support.languages import ENGLISH
from tracker.report.data.edition import EditionFigure, Guided, short_name
from tracker.report.text.labels import (
    add_sign,
    format_amount,
    format_days,
    format_money,
    format_number,
    format_percent,
    format_percent_range,
    format_trimmed,
    name_period,
    round_outward,
    scale_of,
    tie_amounts,
    to_ratio,
    untie_amounts,
)
from tracker.report.text.prose import describe_position, describe_range, drop_repeated_steps, judge_outcome
from tracker.report.text.words import add_possessive, describe_growth, noun, write_clause, write_finding


@pytest.mark.parametrize(("case", "row", "expected"), GROWTH_HEADLINES, ids=[case for case, *_ in GROWTH_HEADLINES])
def test_headline(case: str, row: EditionFigure, expected: str) -> None:
    assert write_finding(ENGLISH, row, META) == expected, case


def test_every_status_has_a_rule() -> None:
    statuses = {row.yoy_status for _, row, _ in GROWTH_HEADLINES}
    assert statuses == {
        "ok", "profit_to_loss", "loss_to_profit", "loss_narrowed", "loss_widened", "zero_base", "no_base", "basis_changed", "split", "long_period", "rate", "not_derivable",
    }  # fmt: skip


@pytest.mark.parametrize(("case", "row", "_expected"), GROWTH_HEADLINES, ids=[case for case, *_ in GROWTH_HEADLINES])
def test_no_percentage_where_the_views_refuse_one(case: str, row: EditionFigure, _expected: str) -> None:
    told = describe_growth(ENGLISH, row) + ("" if row.unit == "ratio" else write_finding(ENGLISH, row, META))
    assert row.yoy_ratio is not None or "%" not in told, case


def test_a_turn_of_tesla_is_no_percentage() -> None:
    row = make_figure("net_income", "104e6", "-408e6", None, "loss_to_profit")
    assert (
        write_clause(ENGLISH, row, TESLA)
        == "Tesla turned to a net profit of $104.0 million from a net loss of $408.0 million a year earlier"
    )


def test_a_clause_leaves_out_company_and_period() -> None:
    assert (
        write_clause(ENGLISH, make_figure("revenue", "39071e6", "31999e6", "0.2210"), META)
        == "revenue rose 22% to $39.1 billion"
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
    assert (add_possessive("Meta"), add_possessive("General Motors")) == ("Meta’s", "General Motors’")
    assert noun(ENGLISH, replace(make_figure("x", "1", None), label="EPS")).name == "EPS"


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
    assert name_period(ENGLISH, label, is_calendar=is_calendar) == expected


NUMBERS = [
    # made, expected
    (format_number(ENGLISH, Decimal("6.35"), 1), "6.4"),  # Python's own format says 6.3
    (format_number(ENGLISH, Decimal("-6.35"), 1), "−6.4"),
    (format_number(ENGLISH, Decimal("-0.04"), 1), "0.0"),
    (format_number(ENGLISH, Decimal("1234567.5"), 0), "1,234,568"),
    (format_trimmed(ENGLISH, Decimal("37.0")), "37"),
    (format_trimmed(ENGLISH, Decimal(100), 0), "100"),
    (format_trimmed(ENGLISH, Decimal("28.5")), "28.5"),
    (add_sign(ENGLISH, "0.0"), "0.0"),
    (add_sign(ENGLISH, "1.0"), "+1.0"),
    (format_money(ENGLISH, Decimal(8472000000), "USD"), "$8.5 billion"),
    (format_money(ENGLISH, Decimal(-408000000), "EUR"), "−€408.0 million"),
    (format_money(ENGLISH, Decimal(999960000), "USD"), "$1.0 billion"),
    (format_money(ENGLISH, Decimal(1500000000000), "JPY"), "¥1.5 trillion"),
    (format_money(ENGLISH, Decimal(12345), "SEK"), "SEK 12,345"),
    (format_money(ENGLISH, Decimal(0), "USD"), "$0"),
    (format_amount(ENGLISH, Decimal("5.155"), "USD/shares"), "$5.16 a share"),
    (format_amount(ENGLISH, Decimal(16384), "count"), "16,384"),
    (format_percent(ENGLISH, Decimal("0.33333")), "+33.3%"),
    (format_percent(ENGLISH, Decimal("-0.0525"), 0), "−5%"),
    (format_percent(ENGLISH, Decimal(0)), "0.0%"),
    (format_percent(ENGLISH, to_ratio(1.335 - 1), 0), "+34%"),  # the double is 0.33499999999999996
    (format_percent_range(ENGLISH, Decimal("0.332599"), Decimal("0.334068")), "+33.25% to +33.41%"),
    (format_percent_range(ENGLISH, Decimal("-0.0528"), Decimal("-0.0522"), 1), "−5.3% to −5.2%"),
    (format_percent_range(ENGLISH, Decimal("0.22"), None, 1), "at least +22.0%"),
    (format_percent_range(ENGLISH, None, Decimal("0.22"), 1), "up to +22.0%"),
    (format_percent_range(ENGLISH, None, None), "open"),
    (tie_amounts(ENGLISH, "$37–40 billion, 3 millions"), "$37\u2060–\u206040\xa0billion, 3\xa0millions"),
    (untie_amounts(tie_amounts(ENGLISH, "$37–40 billion")), "$37–40 billion"),
    (str(round_outward(Decimal("2.5"), "high", 0)), "3"),
    (str(round_outward(Decimal("-2.5"), "low", 0)), "-3"),
    (scale_of(ENGLISH, Decimal(999949999), "USD").word, "million"),
    (format_days(ENGLISH, date(2024, 4, 1), date(2024, 6, 30)), "1 April to 30 June 2024"),
    (format_days(ENGLISH, date(2023, 7, 1), date(2024, 6, 30)), "1 July 2023 to 30 June 2024"),
    (format_days(ENGLISH, None, date(2024, 6, 30)), "30 June 2024"),
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
    assert (describe_range(ENGLISH, step), judge_outcome(spent, step), describe_position(ENGLISH, spent, step)) == (
        words,
        where,
        up,
    )


def test_a_range_said_again_is_no_step() -> None:
    steps = (promise("30e9", "37e9"), promise("30e9", "37e9"), promise("35e9", "40e9"))
    assert drop_repeated_steps(steps) == (steps[0], steps[2])
