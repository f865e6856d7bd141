"""Exact amounts and the intervals they leave open."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.quantity import QUALIFIERS, Interval, Printed, growth, parse_printed, round_half_up

D = Decimal
amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=2)
positive = st.decimals(min_value=D("0.01"), max_value=10**12, places=2)


@pytest.mark.parametrize(
    ("text", "scale", "value", "decimals"),
    [
        # as printed, power of ten, whole units, last digit
        ("8.5", 9, "8500000000", -8),
        ("39071", 6, "39071000000", -6),
        ("-408", 6, "-408000000", -6),
        ("2.98", 0, "2.98", 2),
        ("33", -2, "0.33", 2),
        ("0", 0, "0", 0),
        ("12345678901234567890", 6, "12345678901234567890000000", -6),
    ],
)
def test_reads_what_is_printed(text: str, scale: int, value: str, decimals: int) -> None:
    assert parse_printed(text, scale) == Printed(D(value), decimals)


@pytest.mark.parametrize(
    "text", ["8,5", "1e9", "8.", ".5", "", "-", "٣", "NaN", "inf", "+1", "1 000", "8.5B", "0.1234567", "9" * 33]
)
def test_refuses_what_is_no_plain_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"number|digits"):
        parse_printed(text)


@pytest.mark.parametrize(
    ("qualifier", "low", "high"),
    [
        # what 8.5 billion may be
        ("exact", "8450000000", "8550000000"),
        ("approx", "8400000000", "8600000000"),
        ("nearly", "8400000000", "8550000000"),
        ("more_than", "8500000000", None),
        ("at_most", None, "8500000000"),
    ],
)
def test_a_printed_figure_is_an_interval(qualifier: str, low: str | None, high: str | None) -> None:
    interval = Interval.of(D("8500000000"), -8, qualifier)
    assert interval == Interval(D(low) if low else None, D(high) if high else None)


def test_growth_of_rounded_words_is_known_to_a_few_points() -> None:
    found = growth(Interval.of(D("8500000000"), -8, "exact"), Interval.of(D("6400000000"), -8, "exact"))
    assert found.low is not None
    assert found.high is not None
    assert (round_half_up(found.low, 4), round_half_up(found.high, 4)) == (D("0.3101"), D("0.3465"))


def test_growth_from_a_loss_is_no_percentage() -> None:
    assert growth(Interval(D(1), D(2)), Interval(D(-1), D(1))) == Interval(None, None)


@pytest.mark.parametrize(
    ("value", "places", "shown"), [("6.35", 1, "6.4"), ("8.45", 1, "8.5"), ("-0.05", 1, "-0.1"), ("2.5", 0, "3")]
)
def test_rounds_as_people_do(value: str, places: int, shown: str) -> None:
    assert str(round_half_up(D(value), places)) == shown


@given(positive, positive, st.integers(-3, 2), st.integers(-3, 2))
def test_the_true_growth_lies_within_the_bounds(value: Decimal, base: Decimal, digits: int, base_digits: int) -> None:
    printed = Interval.of(round_half_up(value, digits), digits, "exact")
    printed_base = Interval.of(round_half_up(base, base_digits), base_digits, "exact")
    found = growth(printed, printed_base)
    if found.low is not None and found.high is not None:
        assert found.low - D("1e-20") <= value / base - 1 <= found.high + D("1e-20")


@given(amounts, amounts, st.integers(-6, 2))
def test_a_difference_of_intervals_holds_the_true_difference(left: Decimal, right: Decimal, digits: int) -> None:
    difference = Interval.of(round_half_up(left, digits), digits, "exact") - Interval.of(
        round_half_up(right, digits), digits, "exact"
    )
    assert left - right in difference


@given(
    amounts,
    st.sampled_from(sorted(set(QUALIFIERS) - {"direction_up", "direction_down", "vague", "range", "plus_minus"})),
)
def test_a_figure_lies_in_its_own_interval(value: Decimal, qualifier: str) -> None:
    assert value in Interval.of(value, 2, qualifier)
