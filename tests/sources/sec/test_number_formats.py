"""Printed numbers, each in a format of the registries, and what no format takes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tracker.errors import NumberFormatError
from tracker.sources.sec.number_formats import read_number

XBRL = "http://www.xbrl.org/inlineXBRL/transformation/2020-02-12"
SEC = "http://www.sec.gov/inlineXBRL/transformation/2015-08-31"


@pytest.mark.parametrize(
    ("text", "name", "number"),
    [
        ("37,256", "num-dot-decimal", "37256"),
        ("1 234.5", "num-dot-decimal", "1234.5"),
        (".5", "num-dot-decimal", "0.5"),
        ("1.234,56", "num-comma-decimal", "1234.56"),
        ("1\u00a0234,56", "num-comma-decimal", "1234.56"),
        ("1,234.5", "numdotdecimal", "1234.5"),
        ("1.234,5", "numcommadecimal", "1234.5"),
        ("1,23,456.7", "numdotdecimalin", "123456.7"),
        ("1,234.5", "numcommadot", "1234.5"),
        ("1.234,5", "numdotcomma", "1234.5"),
        ("1 234.5", "numspacedot", "1234.5"),
        ("1 234,5", "numspacecomma", "1234.5"),
        ("1234,5", "numcomma", "1234.5"),
        ("1'234.5", "num-dot-decimal-apos", "1234.5"),
        ("1\u2019234,5", "num-comma-decimal-apos", "1234.5"),
        ("5 dollars 3 cents", "num-unit-decimal", "5.03"),
        ("\uff11\uff12\uff13\u5186\uff14\uff15\u92ad", "num-unit-decimal", "123.45"),
        ("1,000 euro 30 cent", "numunitdecimal", "1000.30"),
        ("-", "zerodash", "0"),
        ("\u2014", "zerodash", "0"),
        ("-", "numdash", "0"),
        ("none of it", "fixed-zero", "0"),
        ("", "fixed-zero", "0"),
        ("5.20", None, "5.20"),
    ],
)
def test_a_format_takes_a_number(text: str, name: str | None, number: str) -> None:
    assert read_number(text, XBRL if name else None, name) == Decimal(number)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("two", 2), ("no", 0), ("None", 0), ("nil", 0), ("zero", 0), ("nineteen", 19), ("twenty-five", 25),
        ("One hundred and five thousand, two hundred", 105_200), ("three million", 3_000_000),
        ("two billion one", 2_000_000_001), ("ninety\u2011nine", 99),
    ],
)  # fmt: skip
def test_words_are_numbers(words: str, number: int) -> None:
    assert read_number(words, SEC, "numwordsen") == number


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1.2.3", "num-dot-decimal"), ("-5", "num-dot-decimal"), ("(5)", "num-dot-decimal"), ("", "num-dot-decimal"),
        (",", "num-dot-decimal"), ("5%", "num-dot-decimal"), ("1,5", "numdotdecimal"), ("12,34.5", "numcommadot"),
        ("--", "zerodash"), ("0", "zerodash"), ("5", "num-unit-decimal"), ("\u0663", "num-dot-decimal"),
        ("5", "date-day-month"), ("5", "numwordsen"), ("-5", None), ("1,234", None), ("1e5", None), ("9" * 500, None),
    ],
)  # fmt: skip
def test_what_is_no_number_is_none(text: str, name: str | None) -> None:
    with pytest.raises(NumberFormatError):
        read_number(text, XBRL if name else None, name)


@pytest.mark.parametrize(
    "words", ["", "million", "two three", "and", "hundred", "one million two billion", "forty eleven", "one thousand and",
              "twenty zero", "two hundred hundred", "many", "5"],
)  # fmt: skip
def test_words_that_make_no_number_are_none(words: str) -> None:
    with pytest.raises(NumberFormatError):
        read_number(words, SEC, "numwordsen")


def test_a_format_of_another_registry_is_unknown() -> None:
    with pytest.raises(NumberFormatError, match="unknown"):
        read_number("5", "http://example.org/formats", "num-dot-decimal")
