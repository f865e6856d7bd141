"""Digits as people print them: separators decided by the locale, by the text's own habit, or not at all."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

__all__ = ["NUMBER", "NUMBER_SPACED", "decimal_habit", "is_too_long", "read_digits"]

NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*", re.ASCII)
NUMBER_SPACED: Final = re.compile(r"\d{1,3}(?:[ ']\d{3}(?!\d))+(?:,\d+)?|\d+(?:[.,]\d+)*", re.ASCII)
_HABIT: Final = re.compile(r"(?<![\d.,])\d{1,3}(?:([.,])\d{3})?([.,])\d{1,2}(?![\d.,]\d|\d)", re.ASCII)
_GROUPED_TWICE: Final = re.compile(r"(?<![\d.,])\d{1,3}([.,])\d{3}(?:\1\d{3})+(?![\d.,]\d|\d)", re.ASCII)
_GROUP: Final = 3
MOST_DIGITS: Final = 24


def decimal_habit(text: str, before: str | None = None) -> str | None:
    """Return the decimal sign a text uses where that cannot be doubted.

    None where it uses both, `before` where neither.
    """
    seen = {found[2] for found in _HABIT.finditer(text)}
    seen |= {"," if found[1] == "." else "." for found in _GROUPED_TWICE.finditer(text)}
    return seen.pop() if len(seen) == 1 else None if seen else before


def is_too_long(printed: str) -> bool:
    """Return true if digits are more than any amount has: an account number, or a fault of the text."""
    return sum(char.isdigit() for char in printed) > MOST_DIGITS


def read_digits(printed: str, decimal: str) -> tuple[Decimal, int] | None:
    """Return the value and the number of decimal places of printed digits, or None where they are no number.

    A lone separator with three digits behind it is the locale's business; every other case speaks for itself.

    >>> read_digits("1.397,2", ",")
    (Decimal('1397.2'), 1)
    """
    body = printed.replace(" ", "").replace("'", "")
    signs = [char for char in body if char in ".,"]
    point = _decimal_sign(body, signs, decimal)
    if point is None or is_too_long(body):
        return None
    group = "," if point == "." else "."
    whole, _, fraction = body.replace(group, "").partition(point)
    if not whole.isdigit() or (fraction and not fraction.isdigit()):
        return None
    return Decimal(f"{whole}.{fraction}" if fraction else whole), len(fraction)


def _decimal_sign(body: str, signs: list[str], decimal: str) -> str | None:
    """Return which of the two signs is the decimal one here; None where the digits make no number."""
    if not signs:
        return decimal
    if len(set(signs)) == 1:
        return _one_kind(body, signs, decimal)
    last = signs[-1]
    if signs.count(last) > 1 or not _grouped(body[: body.rindex(last)]):
        return None
    return last


def _one_kind(body: str, signs: list[str], decimal: str) -> str | None:
    sign = signs[0]
    other = "," if sign == "." else "."
    if len(signs) > 1:
        return other if _grouped(body) else None
    head, _, tail = body.partition(sign)
    if len(tail) != _GROUP or len(head) > _GROUP or head == "0":
        return sign
    return sign if sign == decimal else other


def _grouped(body: str) -> bool:
    """Return true if separators stand where thousands (or Indian lakhs) are separated."""
    parts = re.split("[.,]", body)
    return len(parts[-1]) == _GROUP and all(len(part) in (2, _GROUP) for part in parts[1:]) and len(parts[0]) <= _GROUP
