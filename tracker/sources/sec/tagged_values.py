"""Read the value of a fact: what is printed with its format, scale and sign, or what an instance states.

Everything is exact. A text that is not a number, or is larger than any figure of a company, raises NumberFormatError.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tracker.errors import NumberFormatError
from tracker.model.quantity import EXACT
from tracker.sources.sec.number_formats import read_number

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["divide_parts", "read_decimals", "read_plain", "read_printed", "read_stated", "spell_out"]

_MOST_DIGITS: Final = 24  # before the point: more than any company has of anything
_MOST_PLACES: Final = 24  # behind the point
_DECIMALS: Final = range(-_MOST_DIGITS, 41)
_SCALES: Final = range(-30, 31)
_WHOLE: Final = re.compile(r"[+-]?\d{1,3}", re.ASCII)
_PLAIN: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def read_plain(text: str) -> Decimal:
    """Return the value that an instance states, with its sign."""
    if len(text) > 80 or not _PLAIN.fullmatch(text):  # noqa: PLR2004 - letters
        raise NumberFormatError(f"{text[:60]!r} is no number")
    return _check_size(Decimal(text))


@lru_cache(maxsize=4096)
def read_stated(text: str, decimals: str) -> tuple[Decimal, int | None]:
    """Return the value of an instance in plain digits and its decimals; the same figure stands in many places.

    >>> read_stated("5E6", "-6")
    (Decimal('5000000'), -6)
    """
    value = read_plain(text)
    return spell_out(value), read_decimals({"decimals": decimals}, value)


def read_printed(text: str, kind: tuple[str | None, str] | None, attributes: Mapping[str, str]) -> Decimal:
    """Return the value of a printed text: its format (a namespace and a name, if it has one), scale and sign."""
    number = read_number(text, *(kind or (None, None)))
    scale, sign = attributes.get("scale", "0").strip(), attributes.get("sign", "")
    if not _WHOLE.fullmatch(scale) or int(scale) not in _SCALES:
        raise NumberFormatError(f"has the scale {scale[:20]!r}, which is not a whole number from -30 to 30")
    if sign not in ("", "-"):
        raise NumberFormatError(f"has the sign {sign[:20]!r}, which is not a minus sign")
    value = number.scaleb(int(scale), EXACT)
    return _check_size(-value if sign and value else value)


def divide_parts(parts: Mapping[str, Decimal | str]) -> Decimal:
    """Return the value of a fraction from its numerator and denominator; a text says what is wrong with one."""
    above, below = (parts.get(name, "is no whole fraction") for name in ("numerator", "denominator"))
    for part in (above, below):
        if isinstance(part, str):
            raise NumberFormatError(part)
    if not below:
        raise NumberFormatError("is divided by zero")
    return _check_size(EXACT.divide(above, below))  # type: ignore[arg-type]  # neither is a text


def _check_size(value: Decimal) -> Decimal:
    """Return the value unchanged; NumberFormatError if it is larger than any figure of a company."""
    if value and not -_MOST_PLACES <= value.adjusted() < _MOST_DIGITS:
        raise NumberFormatError(f"{value} is beyond any figure of a company")
    return value


def spell_out(value: Decimal) -> Decimal:
    """Return a value in plain digits: 5E+6 becomes 5000000."""
    return EXACT.quantize(value, Decimal(1)) if _has_scale(value) else value


def _has_scale(value: Decimal) -> bool:
    """Return whether a number ends in zeros that it only implies. Most have none, and a text tells that sooner."""
    return "E" in str(value) and int(value.as_tuple().exponent) > 0


def read_decimals(attributes: Mapping[str, str], value: Decimal) -> int | None:
    """Return the decimals that are stated, or that follow from a stated precision; None for INF."""
    text = attributes.get("decimals", "").strip()
    if text:
        return None if text == "INF" else _parse_decimals(text)
    precision = attributes.get("precision", "").strip()
    if precision == "INF":
        return None
    if precision:
        places = str(int(precision) - value.adjusted() - 1) if precision.isdigit() and value else "0"
        return _parse_decimals(places)
    return -int(value.as_tuple().exponent)  # against the rules; the digits say how exact it is


@lru_cache(maxsize=128)
def _parse_decimals(text: str) -> int:
    if not _WHOLE.fullmatch(text) or int(text) not in _DECIMALS:
        raise NumberFormatError(f"has the decimals {text[:20]!r}, which are neither INF nor within -24 to 40")
    return int(text)
