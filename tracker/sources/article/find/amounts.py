# a sentence is handed on as its parts
# ruff: noqa: PLR0913, PLR0917
"""Amounts as printed: number, scale, currency or percent sign, range and qualifier, as one quantity each."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from tracker.model.quantity import EXACT
from tracker.sources.article.find import exactness, ranges
from tracker.sources.article.find.amount import DASH, SCALE_OPEN, SPACED, TOO_LONG, Quantity, shifted
from tracker.sources.article.find.fractions import find_fractions
from tracker.sources.article.text import brackets
from tracker.sources.article.text.digits import NUMBER, NUMBER_SPACED, is_too_long, read_digits
from tracker.sources.article.text.lexicon import common, either, every, locale, split

if TYPE_CHECKING:
    from collections.abc import Iterable

from tracker.sources.article.find.units import Context, UnitReader, han_numerals, in_unit

__all__ = ["Context", "Quantity", "currency_at", "find_amounts"]

_CURRENCY: Final = 14  # letters of a sign or code of a currency
_TEN: Final = 10
_TAIL: Final = 40  # letters behind a bracket that may hold the scale and the currency of its amount
_SAMPLE: Final = 200  # numbers of a text that are looked at for its habit
_LONGEST: Final = 40  # letters shown of a number that is too long to be read
MOST: Final = 60  # quantities looked at in one sentence; a table row longer than this is no prose
_LONE: Final = re.compile(r"[1-9]\d{0,2}([.,])\d{3}")
_MILLION: Final = 6
_THOUSAND: Final = 3
_WORDLESS: Final = "\u2e80"  # the first sign of the scripts without blanks
_ENDED: Final = re.compile(r"[\d%][^\s\d,;:(]{0,4}\Z")  # an amount ends here
_FIGURE: Final = re.compile(r"[($€£¥₩]?[$€£¥₩]?\d")  # the other end of a range
_SIGN: Final = re.compile(r"([+\-▲△±])[ ]?[$€£¥₩]?\Z")
_INNER_MINUS: Final = re.compile(r"(?: |[^\w ])-\Z")  # "$-5", "EUR -5"; not the hyphen of "EUR-500"
_LETTER_BEFORE: Final = re.compile(r"[a-z0-9_\u00e0-\u024f\u1e00-\u1eff#@\\/.,-]\Z")


@cache
def _hyphened() -> re.Pattern[str]:
    """Return what makes the dash before a number a hyphen."""
    return re.compile(rf"(?:[^\W{''.join(every('small', 'before_minus'))}]|[%)])\s?-?\Z")


@cache
def _hundredths(code: str) -> re.Pattern[str] | None:
    """Return a percentage in words, the digits in its one group; None where a language has none."""
    own = locale(code)
    if not own.words("hundredths", "lead"):
        return None
    lead, about = either(own.folded("hundredths", "lead")), either(own.folded("hundredths", "about"))
    signs = "".join(sign for sign, value in han_numerals().items() if value)
    return re.compile(rf"(?:{lead})(?:{about})?(\d+(?:\.\d+)?|[{signs}]+)")


def find_amounts(
    text: str, start: int, end: int, code: str, taken: Iterable[tuple[int, int]], context: Context
) -> list[Quantity]:
    """Return the quantities of a sentence (in folded text), from left to right, ranges joined, qualifiers read.

    `taken` are spans already understood as periods: their digits are no quantities.
    """
    blocked = sorted(taken)
    reader = _Reader(text, end, code, context)
    atoms: list[Quantity] = []
    for candidate in reader.atoms(start, blocked):
        if any(low < candidate.end and candidate.start < high for low, high in blocked):
            continue
        if not atoms or candidate.start >= atoms[-1].end:
            atoms.append(reader.check_whole(candidate, start))
        if len(atoms) >= MOST:
            break
    found = ranges.joined(atoms, text, code, (start, end), blocked)
    return ranges.with_distances([exactness.qualify(quantity, text, code, start, end) for quantity in found])


_DAY_AND_MONTH: Final = re.compile(r"\d{1,2}/\d{1,2}(?![\d%])|(?<=\()\d{1,2}\.\d{1,2}\.(?=\))")


_POINTED_DATE: Final = re.compile(r"(?:[12]?\d|0\d|3[01])\.(?:0?\d|1[0-2])\.(?![\d.])")
_ITEM: Final = re.compile(r"\d{1,2}[.)] ?(?=[^\W\d_])")  # the number of an item of a list
_LINE_BEFORE: Final = re.compile(r"(?:\n|\A) *\(?\Z")


class _Reader(UnitReader):
    """Reads one sentence's atoms: what a number is, from what stands around it."""

    def atoms(self, start: int, blocked: list[tuple[int, int]]) -> list[Quantity]:
        found = [
            *self._read_bracketed(start, blocked),
            *self._read_printed(start, blocked),
            *self._read_spelled(start),
            *self._read_thousands(start),
            *self._read_multiples(start),
            *self._read_hundredths(start),
            *find_fractions(self.text, start, self.end, self.code),
        ]
        found.sort(key=lambda atom: (atom.start, -atom.end))
        return found

    def _read_bracketed(self, start: int, blocked: list[tuple[int, int]]) -> list[Quantity]:
        """Return the amounts that brackets hold whole, or whose digits they hold, in the order of the text."""
        out: list[Quantity] = []
        for group in brackets.GROUP.finditer(self.text, start, self.end):
            if any(low < group.end() and group.start() < high for low, high in blocked):
                continue
            out += self._read_brackets(group, start, blocked)
        return out

    def _read_brackets(self, group: re.Match[str], start: int, blocked: list[tuple[int, int]]) -> list[Quantity]:
        """Return the amount (or both ends of the range) of one pair of brackets, below zero or perhaps an aside."""
        window = self.text[max(start, group.start() - 16) : group.start()]
        money = self.tables.prefix.search(window)
        head = f"{money[0] if money else ''}{group[1]}"
        whole = _Reader(
            head + self.text[group.end() : min(self.end, group.end() + _TAIL)], None, self.code, self.context
        )
        position = 0 if money is None else len(money[0])
        read = whole.read_whole(head, position)
        if not read:
            return self._with_words(whole.read_leading(head, position), group, start, blocked)
        outside = money is not None or read[-1].end > len(head)
        is_minus = self._is_minus(group, start, blocked, is_outside=outside)
        begin = group.start(1) - (len(money[0]) if money else 0)
        if not is_minus and not outside:
            return [_move_quantity(item, begin, brackets.ASIDE) for item in read]
        *others, last = read
        spread = [
            *(_move_quantity(item, begin, "") for item in others),
            _move_quantity(last, group.end() - len(head), ""),
        ]
        spread[-1] = replace(spread[-1], start=last.start + begin)
        spread[0] = replace(spread[0], start=group.start() - (len(money[0]) if money else 0))
        flag = brackets.MINUS if is_minus else brackets.ASIDE
        return [replace(item, signed=-1 if is_minus else 0, flags=(*item.flags, flag)) for item in spread]

    def _with_words(
        self, first: Quantity | None, group: re.Match[str], start: int, blocked: list[tuple[int, int]]
    ) -> list[Quantity]:
        """As in "was ($0.45 per share)": the amount that words behind it follow in brackets that are no aside."""
        led = first is not None and brackets.is_led(self.text, start, group.start(), self.code, blocked)
        if first is None or not led or brackets.is_emphasis(self.code):
            return []
        return [replace(_move_quantity(first, group.start(1), brackets.MINUS), start=group.start(), signed=-1)]

    def _is_minus(self, group: re.Match[str], start: int, blocked: list[tuple[int, int]], *, is_outside: bool) -> bool:
        """Return true if brackets are a sign: a part is outside, a word needs them, or they begin a range."""
        if brackets.is_emphasis(self.code) and not self._is_plain_elsewhere():
            return False
        if is_outside or brackets.is_led(self.text, start, group.start(), self.code, blocked):
            return True
        joint = ranges.joint(self.text, group.end(), self.code)
        return joint is not None and _FIGURE.match(self.text, joint) is not None

    def _is_plain_elsewhere(self) -> bool:
        """Return true if the text also prints amounts without brackets."""
        for found in islice(NUMBER.finditer(self.text), _SAMPLE):
            scaled = self.tables.scales.match(self.text, self._skip_blank(found.end())) is not None
            if scaled and not self.text[: found.start()].rstrip().endswith("("):
                return True
        return False

    def read_whole(self, head: str, position: int) -> list[Quantity]:
        """Return the amount that a text begins with, where it holds all of `head`.

        Or the two ends of a range that do.
        """
        first = self._read_whole(head, position)
        if first is None or first.start > 0 or first.signed:
            return []
        if first.end >= len(head):
            return [first]
        gap = ranges.joint(self.text, first.end, self.code)
        second = None if gap is None else self._read_whole(head, gap)
        return [first, second] if second is not None and second.start == gap and second.end >= len(head) else []

    def read_leading(self, head: str, position: int) -> Quantity | None:
        """Return the amount that a text begins with and that words without digits follow."""
        first = self._read_whole(head, position)
        if position or first is None or first.start or first.signed or first.kind == "count":
            return None
        return None if re.search(r"\d", head[first.end :]) else first

    def _read_whole(self, head: str, position: int) -> Quantity | None:
        """Return the next amount whose digits stand in `head`.

        A currency sign behind it may belong to another amount.
        """
        pattern = NUMBER_SPACED if self.tables.spaced else NUMBER
        found = pattern.search(head, position)
        atom = None if found is None else self._read_atom(found)
        if atom is None or atom.end <= len(head) or not self.text[atom.end : atom.end + 2].strip()[:1].isdigit():
            return atom
        return _Reader(head, None, self.code, self.context)._read_whole(head, position)  # noqa: SLF001 - the same class

    def _read_printed(self, position: int, blocked: list[tuple[int, int]]) -> list[Quantity]:
        pattern = NUMBER_SPACED if self.tables.spaced else NUMBER
        out: list[Quantity] = []
        while (found := pattern.search(self.text, position, self.end)) is not None:
            if any(low < found.end() and found.start() < high for low, high in blocked):
                position = NUMBER.match(self.text, found.start()).end()  # type: ignore[union-attr]
                continue
            atom = self._read_atom(found, out[-1].end if out else 0)
            position = max(found.end(), atom.end) if atom else NUMBER.match(self.text, found.start()).end()  # type: ignore[union-attr]
            if atom:
                out.append(atom)
            if len(out) >= MOST:
                break
        return out

    def _is_rate_behind(self, found: re.Match[str], begin: int, floor: int) -> bool:
        """Return true if a currency is of the amount before a rate: "mit 41 Mio. Euro 5 Prozent mehr"."""
        if begin >= floor or not floor:
            return False
        read = self._read_behind(Quantity("count", found.start(), found.end(), Decimal(1), 0))
        return read is not None and read.kind == "percent"

    def _read_atom(self, found: re.Match[str], floor: int = 0) -> Quantity | None:  # noqa: PLR0911 - one case a line
        window = self.text[max(0, found.start() - 16) : found.start()]
        unit_before = _unit_before().search(window)
        if unit_before is not None:
            return self._read_behind_unit(found, unit_before, found.start() - len(window) + unit_before.start())
        money = self.tables.prefix.search(window)
        if money is not None and self._is_rate_behind(found, found.start() - len(window) + money.start(), floor):
            money = None
            window = ""
        if money is None and _LETTER_BEFORE.search(window) and not self._is_dash_of_sign(window):
            return None
        if money is None and self._is_date(found):
            return None
        if _ITEM.match(self.text, found.start()) and _LINE_BEFORE.search(self.text[: found.start()]):
            return None
        if is_too_long(found[0]):
            end = min(found.end(), found.start() + _LONGEST)
            return Quantity("count", found.start(), end, Decimal(0), 0, flags=(TOO_LONG,))
        digits = read_digits(found[0], self.decimal)
        if digits is None:
            return None
        value, places = digits
        begin = found.start() if money is None else found.start() - len(window) + money.start()
        unit = None if money is None else self.symbol(money)
        sign = _SIGN.search(self.text[max(0, begin - 3) : found.start()]) or _SIGN.search(
            self.text[max(0, begin - 3) : begin]
        )
        flags = (SPACED,) if " " in found[0] else ()
        quantity = Quantity("count", begin, found.end(), value, places, unit, flags=flags)
        if money is not None and _INNER_MINUS.search(money[0]):
            return self._read_behind(replace(quantity, signed=-1))
        signed = self._read_sign(quantity, sign)
        read = self._drop_open_sign(self._read_behind(signed), sign)
        if read is not None and self._has_comma_of_country(found[0], read):
            read = replace(read, value=shifted(read.value, _THOUSAND), decimals=read.decimals - _THOUSAND)
        elif read is not None and (self._is_scale_open(found[0], read) or self._is_against_country(found[0], read)):
            read = replace(read, flags=(*read.flags, SCALE_OPEN))
        if read is not None and read.kind == "count" and signed.signed < 0 and self._is_glued(signed.start):
            return replace(read, signed=0, start=quantity.start, flags=(*read.flags, DASH))
        return read

    def _is_date(self, found: re.Match[str]) -> bool:
        """Return true if digits are a day and a month: "05/08", "30.9." where decimals stand behind a comma."""
        pointed = _POINTED_DATE.match(self.text, found.start()) if locale(self.code).decimal == "," else None
        return pointed is not None or _DAY_AND_MONTH.match(self.text, found.start()) is not None

    def _has_comma_of_country(self, printed: str, quantity: Quantity) -> bool:
        """Return true if a comma before three digits parts thousands where the currency is from: "1,845 millones"."""
        is_group = quantity.unit in split(common()["separators"]["comma_groups"])
        return is_group and "," in printed and self.decimal == "," and self._is_scale_open(printed, quantity)

    def _is_against_country(self, printed: str, quantity: Quantity) -> bool:
        """Return true if a text writes a comma before decimals, though not the country of a currency: both may be."""
        is_group = quantity.unit in split(common()["separators"]["comma_groups"]) and locale(self.code).mixed_decimal
        lone = _LONE.fullmatch(printed) if is_group and quantity.scaled else None
        return lone is not None and lone[1] == "," == self.context.decimal

    def _is_scale_open(self, printed: str, quantity: Quantity) -> bool:
        """Return true if a lone separator before three digits may part thousands or decimals."""
        lone = _LONE.fullmatch(printed)
        if lone is None or self.context.decimal or quantity.kind != "money" or not quantity.scaled:
            return False
        is_decimal, own = lone[1] == self.decimal, locale(self.code)
        if lone[1] == ".":
            return is_decimal and quantity.unit in split(common()["separators"]["point_groups"])
        return is_decimal and own.mixed_decimal and quantity.power == _MILLION

    def _read_behind_unit(self, found: re.Match[str], unit: re.Match[str], start: int) -> Quantity | None:
        """Return an amount behind a word for a scale and a currency in one: "TEUR 45.678"."""
        digits = read_digits(found[0], self.decimal)
        if digits is None:
            return None
        power, _, currency = _units_before()[unit[1]].partition(" ")
        quantity = Quantity("count", start, found.end(), digits[0], digits[1])
        return in_unit(quantity, int(power), currency, end=found.end())

    def _is_glued(self, start: int) -> bool:
        """Return true if a sign of a script without blanks stands right before a place: "净利润-1.1"."""
        return self.text[max(0, start - 1) : start] >= _WORDLESS

    def _is_hyphen(self, start: int) -> bool:
        """Return true if the dash before a place is a hyphen, or joins the ends of a range."""
        before = self.text[max(0, start - 8) : start].rstrip("- ")
        if before[-1:] >= _WORDLESS:
            return _ENDED.search(before) is not None
        before = self.text[max(0, start - 2) : start]
        return _hyphened().search(before.removesuffix("-")) is not None and not before.endswith(" -")

    def _drop_open_sign(self, quantity: Quantity | None, sign: re.Match[str] | None) -> Quantity | None:
        """Return the amount without a sign that may also mean a rise, or open an item of a list."""
        if quantity is None or sign is None or sign[1] not in locale(self.code).words("negative", "either"):
            return quantity
        if quantity.kind in ("percent", "multiple"):
            return replace(quantity, signed=0)
        is_list = re.search(rf"{sign[1]} ?[^\W\d]", self.text[: self.end]) is not None
        return replace(quantity, signed=0, flags=(*quantity.flags, brackets.ASIDE)) if is_list else quantity

    @staticmethod
    def _is_dash_of_sign(window: str) -> bool:
        """Return true if a dash or full stop before a number is a sign or half of a range, not part of a name."""
        return re.search(
            r"(?:^|[^a-z])-\Z|[\s(]\.\Z|\d ?-\Z|[%\w\u0080-\uffff]-\Z", window
        ) is not None and not re.search(r"[a-z]-\Z", window)

    def _read_sign(self, quantity: Quantity, sign: re.Match[str] | None) -> Quantity:
        if sign is None or sign[1] == "±":
            return quantity
        before = self.text[max(0, quantity.start - 2) : quantity.start]
        if sign[1] == "-" and self._is_hyphen(quantity.start):
            return quantity
        start = quantity.start - (1 if before.endswith(tuple("+-▲△")) else 0)
        return replace(quantity, signed=1 if sign[1] == "+" else -1, start=start)

    def _read_spelled(self, start: int) -> list[Quantity]:
        """Return number words with a scale, a currency or a rate: two billion dollars, mezzo miliardo, 三成."""
        out: list[Quantity] = []
        for found in self.tables.numerals.finditer(self.text, start, self.end):
            value = self.tables.numeral_values[found[0]]
            atom = self._read_behind(Quantity("count", found.start(), found.end(), value, 0))
            if atom is not None and (atom.scaled or atom.kind not in ("count", "money")) and atom.end > found.end():
                out.append(replace(atom, flags=(*atom.flags, "spelled")))
        for mark in self.tables.bare.find(self.text, start, self.end):
            atom = self._read_currency(Quantity("count", mark.start, mark.end, Decimal(mark.label), -6, scaled=True))
            if atom.kind == "money":
                out.append(replace(atom, flags=("spelled",)))
        return out

    def _read_thousands(self, start: int) -> list[Quantity]:
        """Return a thousand in one word with the rest of its number in digits: "mil 200 millones", "mil 250"."""
        out: list[Quantity] = []
        for found in _thousand(self.code).finditer(self.text, start, self.end):
            thousand = Quantity("count", found.start(), found.end(), Decimal(1000), -3, scaled=True, power=3)
            whole = self.add_rest(thousand)
            if whole.end > found.end():
                out.append(replace(self._read_currency(whole), flags=("spelled",)))
        return out

    def check_whole(self, quantity: Quantity, start: int) -> Quantity:
        """Return an amount, its scale open where words before it begin its number: "ciento cinco mil 300"."""
        low = max(start, quantity.start - _LONGEST)
        if quantity.kind not in ("count", "money") or not _number_words(self.code).search(
            self.text[low : quantity.start]
        ):
            return quantity
        return replace(quantity, flags=(*quantity.flags, SCALE_OPEN))

    def _read_multiples(self, start: int) -> list[Quantity]:
        """Doubled, tripled, halved, and "multiplied by 2.5"."""
        out = [
            Quantity(
                "multiple",
                mark.start,
                mark.end,
                Decimal(-5).scaleb(-1) if mark.label == "half" else Decimal(mark.label),
                0,
                "ratio",
                flags=("half",) if mark.label == "half" else (),
            )
            for mark in locale(self.code).phrases("multiples").find(self.text, start, self.end)
        ]
        for mark in locale(self.code).phrases("times", "by").find(self.text, start, self.end):
            found = NUMBER.match(self.text, self._skip_blank(mark.end), self.end)
            digits = read_digits(found[0], self.decimal) if found else None
            if found is not None and digits is not None:
                out.append(
                    Quantity(
                        "multiple", mark.start, found.end(), EXACT.subtract(digits[0], Decimal(1)), digits[1], "ratio"
                    )
                )
        return out

    def _read_hundredths(self, start: int) -> list[Quantity]:
        """Return percentages in words: 百分之五."""
        pattern = _hundredths(self.code)
        if pattern is None:
            return []
        out = []
        for found in pattern.finditer(self.text, start, self.end):
            value = Decimal(found[1]) if found[1][0].isdigit() else Decimal(_read_han(found[1]))
            out.append(Quantity("percent", found.start(), found.end(), shifted(value, -2), 2, "ratio"))
        return out


@cache
def _thousand(code: str) -> re.Pattern[str]:
    """Return a word for a thousand that needs no number before it."""
    return re.compile(rf"(?<!\w)(?:{either(locale(code).folded('small', 'thousand'))})(?!\w)")


@cache
def _number_words(code: str) -> re.Pattern[str]:
    """Return words of a number at the end of a text: what follows is the rest of the number."""
    words = locale(code).folded("small", "number_words")
    joins = either(locale(code).folded("small", "number_and"))
    return re.compile(rf"(?<!\w)(?:{'|'.join(words) or '(?!)'})(?: (?:{joins}))?[ -]\Z")


@cache
def _units_before() -> dict[str, str]:
    """Units of a scale and a currency that are words, with their label: teur -> "3 EUR"."""
    return {word: label for label, words in common()["header_units"].items() for word in split(words) if word.isalpha()}


@cache
def _unit_before() -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z])({either(sorted(_units_before(), key=len, reverse=True))}) ?\Z")


def _move_quantity(quantity: Quantity, moved: int, flag: str) -> Quantity:
    """Return a quantity read in a text of its own, at its place in the sentence."""
    flags = [_move_flag(item, moved) for item in quantity.flags]
    return replace(
        quantity,
        start=quantity.start + moved,
        end=quantity.end + moved,
        flags=(*flags, flag) if flag else tuple(flags),
    )


def _move_flag(flag: str, moved: int) -> str:
    """Return a flag that names a place, with the place moved."""
    name, _, rest = flag.partition(":")
    power, _, place = rest.partition(":")
    return f"{name}:{power}:{int(place) + moved}" if name == "tight" else flag


def currency_at(text: str, position: int, code: str, context: Context) -> tuple[str, int] | None:
    """Return the currency sign, code or word that begins at a place, and where it ends."""
    reader = _Reader(text, None, code, context)
    mark = reader.tables.suffixes.match(text, position)
    ends = range(min(len(text), position + _CURRENCY), position, -1)
    found = next((money for end in ends if (money := reader.tables.prefix.match(text, position, end))), None)
    end = position if found is None else position + len(found[0].rstrip(" +-"))
    if found is not None and end > (position if mark is None else mark.end) and not _is_cut(text, end):
        return reader.symbol(found), end
    return None if mark is None else (reader.bare(mark), mark.end)


def _is_cut(text: str, end: int) -> bool:
    """Return true if a place lies between two letters."""
    return text[end - 1].isascii() and text[end - 1 : end].isalpha() and text[end : end + 1].isalpha()


def _read_han(text: str) -> int:
    """Chinese numerals up to 999 as people write percentages."""
    total = digit = 0
    for char in text:
        value = han_numerals()[char]
        if value >= _TEN:
            total += (digit or 1) * value
            digit = 0
        else:
            digit = value
    return total + digit
