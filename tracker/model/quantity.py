"""Exact amounts and what they leave open: a printed figure is an interval, not a point.

Everything here is `decimal.Decimal` in whole units (8.5 billion dollars is 8500000000), with a
context of its own: 60 digits, and an operation that would lose one raises.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation, localcontext
from functools import cache
from importlib.resources import files
from typing import Final

__all__ = [
    "EXACT",
    "QUALIFIERS",
    "Interval",
    "Printed",
    "amount_text",
    "growth",
    "is_currency",
    "miswritten_currency",
    "parse_printed",
    "round_half_up",
    "unit_of",
]

EXACT: Final = Context(prec=60, traps=[InvalidOperation, Inexact])
_RATIO: Final = Context(prec=28, traps=[InvalidOperation])
MAX_DIGITS: Final = 32  # DECIMAL(38, 6) holds 32 digits before the point
MAX_DECIMALS: Final = 6


def _load_qualifiers() -> dict[str, tuple[Decimal | None, Decimal | None]]:
    text = files("tracker.model").joinpath("qualifiers.toml").read_text("utf-8")
    table = tomllib.loads(text, parse_float=Decimal)
    return {
        name: tuple(None if entry.get(end) is None else Decimal(entry[end]) for end in ("low", "high"))  # type: ignore[misc]
        for name, entry in table.items()
    }


#: Qualifier -> how many units of the last printed digit the true value may lie below and above.
QUALIFIERS: Final = _load_qualifiers()


@dataclass(frozen=True, slots=True)
class Interval:
    """The closed interval a figure may lie in; `None` is an open end.

    >>> Interval(Decimal(1), Decimal(2)) - Interval(Decimal(0), Decimal(1))
    Interval(low=Decimal('0'), high=Decimal('2'))
    """

    low: Decimal | None
    high: Decimal | None

    @classmethod
    def of(cls, value: Decimal, decimals: int, qualifier: str) -> Interval:
        """Return what a printed value means under its qualifier (`qualifiers.toml`)."""
        below, above = QUALIFIERS[qualifier]
        step = unit_of(decimals)
        return cls(
            *(None if units is None else EXACT.add(value, EXACT.multiply(units, step)) for units in (below, above))
        )

    def __add__(self, other: Interval) -> Interval:
        return Interval(
            _apply_if_known(EXACT.add, self.low, other.low), _apply_if_known(EXACT.add, self.high, other.high)
        )

    def __sub__(self, other: Interval) -> Interval:
        return Interval(
            _apply_if_known(EXACT.subtract, self.low, other.high), _apply_if_known(EXACT.subtract, self.high, other.low)
        )

    def overlaps(self, other: Interval) -> bool:
        """Return whether one true value could explain both."""
        return _at_most(self.low, other.high) and _at_most(other.low, self.high)

    def __contains__(self, value: Decimal) -> bool:
        return _at_most(self.low, value) and _at_most(value, self.high)


def growth(value: Interval, base: Interval) -> Interval:
    """Return the growth two intervals allow, as fractions: `[low / base.high - 1, high / base.low - 1]`.

    Open where an end is open or the base could be zero or negative: growth from a loss is no percentage.
    """
    if base.low is None or base.low <= 0:
        return Interval(None, None)
    return Interval(_ratio(value.low, base.high), _ratio(value.high, base.low))


def _ratio(value: Decimal | None, base: Decimal | None) -> Decimal | None:
    if value is None or base is None:
        return None
    return _RATIO.subtract(_RATIO.divide(value, base), Decimal(1))


def _apply_if_known(operation: object, left: Decimal | None, right: Decimal | None) -> Decimal | None:
    if left is None or right is None:
        return None
    return operation(left, right)  # type: ignore[operator,no-any-return]


def _at_most(left: Decimal | None, right: Decimal | None) -> bool:
    return left is None or right is None or left <= right


def unit_of(decimals: int) -> Decimal:
    """Return the size of the last reliable digit: `-8` is a hundred million, `2` a hundredth."""
    return Decimal((0, (1,), -decimals))


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as printed: its exact value in whole units and its last reliable digit."""

    value: Decimal
    decimals: int


def parse_printed(text: str, scale: int = 0) -> Printed:
    """Read plain digits with an optional point, times ten to the `scale`.

    Only ASCII digits, one leading `-` and one point are taken: no thousands separators, no exponent,
    no digit of another script (`int('٣')` is 3 in Python). Locales are the article reader's business.

    >>> parse_printed("8.5", 9)
    Printed(value=Decimal('8500000000'), decimals=-8)

    Raises ValueError on anything else, and on more digits than a DECIMAL(38, 6) holds.
    """
    body = text.removeprefix("-")
    whole, _, fraction = body.partition(".")
    digits = whole + fraction
    if not (whole and digits.isascii() and digits.isdigit()) or body.endswith("."):
        raise ValueError(f"{text!r} is not a plain number")
    decimals = len(fraction) - scale
    value = Decimal((text.startswith("-"), tuple(map(int, digits)), -decimals))
    if value.adjusted() >= MAX_DIGITS or decimals > MAX_DECIMALS:
        raise ValueError(f"{text!r} has more digits than can be stored exactly")
    return Printed(_drop_exponent(value), decimals)


def _drop_exponent(value: Decimal) -> Decimal:
    """Return the same value without a positive exponent, so that it prints as digits."""
    return EXACT.quantize(value, Decimal(1)) if value.as_tuple().exponent > 0 else value  # type: ignore[operator]


def miswritten_currency(unit: str) -> str | None:
    """Return the ISO 4217 code that a unit writes in lower case, or None: `usd` would be another unit than `USD`.

    >>> miswritten_currency("iso4217:usd/shares"), miswritten_currency("USD"), miswritten_currency("segment")
    ('USD', None, None)
    """
    money = unit.partition("/")[0].removeprefix("iso4217:")
    is_suspect = len(money) == _ISO_LETTERS and money.isalpha() and not money.isupper()
    return money.upper() if is_suspect and money.upper() in _load_currency_codes() else None


_ISO_LETTERS: Final = 3


def is_currency(code: str) -> bool:
    """Return whether a text is the code of a currency in ISO 4217."""
    return code in _load_currency_codes()


@cache
def _load_currency_codes() -> frozenset[str]:
    return frozenset(tomllib.loads(files("tracker.model").joinpath("currencies.toml").read_text("utf-8"))["codes"])


def round_half_up(value: Decimal, places: int) -> Decimal:
    """Return the value as people round it: half away from zero (Python's own formats would print 6.35 as 6.3)."""
    with localcontext(Context(prec=60)):
        return value.quantize(unit_of(places), rounding=ROUND_HALF_UP)


def is_rate(unit: str) -> bool:
    """Return whether amounts of a unit are fractions that people read as percentages.

    XBRL's `pure` is no such unit: employees are counted in it, too.
    """
    return unit == "ratio"


def amount_text(value: Decimal | None, unit: str = "") -> str:
    """Format an amount for people: every digit, thousands marked, ratios as percentages; "open" if there is none.

    >>> amount_text(Decimal("8472000000.000000"), "USD"), amount_text(Decimal("0.22"), "ratio")
    ('8,472,000,000 USD', '22%')
    """
    if value is None:
        return "open"
    if unit == "ratio":
        return f"{EXACT.multiply(value, Decimal(100)).normalize(EXACT):f}%"
    whole = value.to_integral_value()
    return f"{whole:,} {unit}".strip() if value == whole else f"{value.normalize(EXACT):,f} {unit}".strip()
