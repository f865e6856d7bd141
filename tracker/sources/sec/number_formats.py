"""Read a number as it is printed in an inline document, by the format that the document names for it.

The formats are those of the transformation registries of XBRL International (versions 1 to 5) and of the SEC
(https://www.sec.gov/inlineXBRL/transformation/2015-08-31). Each format takes certain ways to print a number and no
others: any other text is an error, never the nearest number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from tracker.errors import NumberFormatError

__all__ = ["read_number"]

Rule = Callable[[str], str]

_REGISTRIES: Final = (
    "http://www.xbrl.org/2008/inlineXBRL/transformation",
    "http://www.xbrl.org/inlineXBRL/transformation/",
)
_SEC: Final = "http://www.sec.gov/inlineXBRL/transformation/"
#: XML's own blanks, which stand around a printed number and do not count.
_BLANKS: Final = " \t\r\n"
_MOST_LETTERS: Final = 400  # of a printed number; its words may be long


def read_number(text: str, namespace: str | None, name: str | None) -> Decimal:
    """Return the number that a text prints, before its scale and sign; it is zero or above.

    `namespace` and `name` are those of the format; both are None where the document names none, and the text is then
    a plain number with a point.

    >>> read_number("37,256", "http://www.xbrl.org/inlineXBRL/transformation/2020-02-12", "num-dot-decimal")
    Decimal('37256')

    Raises:
        NumberFormatError: the format is unknown, or does not take the text.

    """
    if len(text) > _MOST_LETTERS:
        raise NumberFormatError(f"{text[:40]!r}... is too long for a number")
    rule = _read_plain_number if name is None else _find_rule(namespace or "", name)
    try:
        return Decimal(rule(text.strip(_BLANKS)))
    except NumberFormatError as error:
        raise NumberFormatError(f"{text[:60]!r} is no number" + (f" in the format {name}" if name else "")) from error


def _find_rule(namespace: str, name: str) -> Rule:
    if namespace.startswith(_SEC) and name in _SEC_RULES:
        return _SEC_RULES[name]
    if namespace.startswith(_REGISTRIES) and name in _RULES:
        return _RULES[name]
    raise NumberFormatError(f"the number format {name} is unknown")


# -- digits with separators ------------------------------------------------------------------------------


def _make_rule(pattern: str, point: str) -> Rule:
    """Return the rule for texts of a pattern: it keeps the digits and the point."""
    compiled = re.compile(pattern)

    def read(text: str) -> str:
        if not compiled.fullmatch(text):
            raise NumberFormatError
        return _join_digits(*text.partition(point)[::2])

    return read


def _join_digits(whole: str, fraction: str) -> str:
    """Join the digits before and behind the point; NumberFormatError if there are none."""
    digits, places = _only_digits(whole), _only_digits(fraction)
    if not digits and not places:
        raise NumberFormatError
    return f"{digits or '0'}.{places or '0'}" if places else digits


def _only_digits(text: str) -> str:
    """Keep the digits; those of full width, which Japanese filings print, become plain ones."""
    return "".join(letter for letter in text.translate(_FULL_WIDTH) if letter in "0123456789")


_FULL_WIDTH: Final = {0xFF10 + digit: str(digit) for digit in range(10)}
_GAP: Final = " \u00a0"
_APOSTROPHES: Final = "'`\u00b4\u2019\u2032"


def _units(marks: str) -> Rule:
    """Return the rule for an amount and hundredths, each followed by the name of its unit: `5 dollars 30 cents`."""
    digits = "0-9\uff10-\uff19"
    compiled = re.compile(rf"([{digits}{marks}]+)([^{digits}{marks}][^{digits}]*)([{digits}]{{1,2}})([^{digits}]*)")

    def read(text: str) -> str:
        found = compiled.fullmatch(text)
        if found is None or not _only_digits(found[1]):
            raise NumberFormatError
        return f"{_only_digits(found[1])}.{_only_digits(found[3]):0>2}"

    return read


def _read_plain_number(text: str) -> str:
    """Read a number without a format: XML Schema's decimal, which may not be below zero here (`sign` says that)."""
    if not re.fullmatch(r"\+?(\d+(\.\d*)?|\.\d+)", text, re.ASCII):
        raise NumberFormatError
    return _join_digits(*text.partition(".")[::2])


def _zero(pattern: str) -> Rule:
    compiled = re.compile(pattern, re.DOTALL)

    def read(text: str) -> str:
        if not compiled.fullmatch(text):
            raise NumberFormatError
        return "0"

    return read


_DASHES: Final = "\\-\u058a\u05be\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
_DASH: Final = _zero(rf"[{_DASHES}]")
_GROUPED_DOT: Final = _make_rule(rf"\d{{1,3}}([,{_GAP}]?\d{{3}})*(\.\d+)?|\.\d+", ".")
_GROUPED_COMMA: Final = _make_rule(rf"\d{{1,3}}([.{_GAP}]?\d{{3}})*(,\d+)?|,\d+", ",")
_INDIAN: Final = _make_rule(rf"(\d{{1,2}}[,{_GAP}])?(\d{{2}}[,{_GAP}])*\d{{3}}(\.\d+)?|\d+(\.\d+)?", ".")
_OPEN_DOT: Final = _make_rule(rf"[,{_GAP}0-9]*(\.[{_GAP}0-9]+)?", ".")
_OPEN_COMMA: Final = _make_rule(rf"[.{_GAP}0-9]*(,[{_GAP}0-9]+)?", ",")

#: The number formats of XBRL International; a name means the same in all versions of the registry that have it.
_RULES: Final[dict[str, Rule]] = {
    # version 1
    "numcommadot": _make_rule(r"\d{1,3}(,\d{3})*(\.\d+)?", "."),
    "numdotcomma": _make_rule(r"\d{1,3}(\.\d{3})*(,\d+)?", ","),
    "numspacedot": _make_rule(rf"\d{{1,3}}([{_GAP}]\d{{3}})*(\.\d+)?", "."),
    "numspacecomma": _make_rule(rf"\d{{1,3}}([{_GAP}]\d{{3}})*(,\d+)?", ","),
    "numcomma": _make_rule(r"\d+(,\d+)?", ","),
    "numdash": _DASH,
    # versions 2 and 3
    "numdotdecimal": _GROUPED_DOT,
    "numcommadecimal": _GROUPED_COMMA,
    "numdotdecimalin": _INDIAN,
    "numunitdecimal": _units(".,\uff0c\uff0e"),
    "numunitdecimalin": _units(rf".,{_GAP}"),
    "zerodash": _DASH,
    # versions 4 and 5
    "num-dot-decimal": _OPEN_DOT,
    "num-comma-decimal": _OPEN_COMMA,
    "num-dot-decimal-in": _OPEN_DOT,
    "num-unit-decimal": _units(".,\uff0c"),
    "num-unit-decimal-in": _units(rf".,{_GAP}"),
    "num-dot-decimal-apos": _make_rule(rf"[,{_APOSTROPHES}{_GAP}0-9]*(\.[{_GAP}0-9]+)?", "."),
    "num-comma-decimal-apos": _make_rule(rf"[.{_APOSTROPHES}{_GAP}0-9]*(,[{_GAP}0-9]+)?", ","),
    "num-unit-decimal-apos": _units(rf".,\uff0c{_APOSTROPHES}\uff07"),
    "fixed-zero": _zero(".*"),
    "fixedzero": _zero(".*"),
}


# -- words -----------------------------------------------------------------------------------------------

_ONES: Final = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS: Final = {
    word: 10 * number
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_POWERS: Final = {word: 1000**number for number, word in enumerate(["thousand", "million", "billion", "trillion"], 1)}
_NOTHING: Final = frozenset({"no", "none", "nil"})
_BREAK: Final = re.compile(rf"[\s,{_DASHES}]+")
_HUNDRED: Final = 100


def _words(text: str) -> str:
    """Read a number in English words: `two`, `twenty-five`, `one hundred and five thousand`, `no`.

    Where the number before a power is printed in digits (`1.5 million`), the format does not take it.
    """
    words = [word for word in _BREAK.split(text.lower()) if word]
    if words in ([name] for name in _NOTHING):
        return "0"
    return str(_add_words(words))


def _add_words(words: list[str]) -> int:
    """Add up the words of a number; NumberFormatError if their order makes no number."""
    total, limit, group = 0, 1000**5, list[str]()
    for word in [*words, ""]:
        power = 1 if not word else _POWERS.get(word)
        if power is None:
            group.append(word)
        elif group:
            if power >= limit:
                raise NumberFormatError
            total, limit, group = total + power * _add_group(group), power, []
        elif word or total == 0:
            raise NumberFormatError
    return total


def _add_group(words: list[str]) -> int:
    """Return the number below a thousand that the words of one group give."""
    rest = [word for place, word in enumerate(words) if word != "and" or place == 0 or place == len(words) - 1]
    total = 0
    if len(rest) > 1 and rest[1] == "hundred":
        total, rest = _HUNDRED * _one_to_nine(rest[0]), rest[2:]
        if not rest:
            return total
    if rest[0] in _TENS:
        return total + _TENS[rest[0]] + (_one_to_nine(rest[1]) if len(rest) == 2 else _no_more(rest, 1))  # noqa: PLR2004 - tens and ones
    if rest[0] in _ONES:
        return total + _ONES[rest[0]] + _no_more(rest, 1)
    raise NumberFormatError


def _one_to_nine(word: str) -> int:
    number = _ONES.get(word, 0)
    if not 1 <= number <= 9:  # noqa: PLR2004 - one digit
        raise NumberFormatError
    return number


def _no_more(words: list[str], count: int) -> int:
    if len(words) != count:
        raise NumberFormatError
    return 0


#: The number formats of the SEC. Its `numinf`, `numneginf` and `numnan` stand for no number that can be stored.
_SEC_RULES: Final[dict[str, Rule]] = {"numwordsen": _words}
