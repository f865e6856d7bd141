# signs of other scripts are meant as they stand
# ruff: noqa: RUF001, RUF002
"""Scales, currencies and rates: what makes an amount of a number."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Final, TypeGuard

from tracker.model.quantity import EXACT, MAX_DIGITS
from tracker.sources.article.find import shared_money
from tracker.sources.article.find.amount import NO_CURRENCY, TOO_LONG, Quantity, shifted
from tracker.sources.article.text.digits import NUMBER, read_digits
from tracker.sources.article.text.lexicon import (
    LANGUAGES,
    PhraseMatch,
    Phrases,
    common,
    either,
    every,
    function_words,
    locale,
    merge_tables,
    split,
    tail_table,
)
from tracker.sources.article.text.normalise import fold, normalise

__all__ = ["Context", "UnitReader", "han_numerals", "in_unit", "minor_power"]

_TEN: Final = 10
_AGAIN: Final = 120  # letters between two amounts in one small unit: "18.4p in the half year to June, from 21.0p"
_SHARES: Final = 60  # letters between "14.2p" and "a share"
#: A power of ten behind a number; one raised in print, or as computers write it.
_POWER_OF_TEN: Final = re.compile(
    r" ?[×x✕*·⋅] ?10(?:(?:\^|\*\*) ?\+?(\d{1,2})|([⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2}))(?![\d.,]\d|\d)"
    r"|e\+?(\d{1,2})(?!\w|[.,]\d)",
    re.IGNORECASE,
)
_THOUSAND: Final = 3
_DIGITS_BEHIND: Final = re.compile(r"\d+ ?")
_SHORT: Final = 4  # letters: a shorter word of a currency is of one country
_NAMED: Final = 1000  # letters before a word in which its country is looked for
_MILLION: Final = 6
_RAISED: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


@dataclass(frozen=True, slots=True)
class Context:
    """What the rest of the text tells about its numbers and money."""

    decimal: str | None = None  # the text's own habit
    currencies: dict[str, str] | None = None  # an ambiguous word or sign -> the currency this text means


@dataclass(frozen=True, slots=True)
class _Tables:
    scales: Phrases
    tight: Phrases
    suffixes: Phrases
    minor: Phrases
    rates: Phrases
    scaled: Phrases
    units: Phrases
    times: Phrases
    prefix: re.Pattern[str]
    numerals: re.Pattern[str]
    numeral_values: dict[str, Decimal]
    bare: Phrases
    spaced: bool


@cache
def _tables(code: str) -> _Tables:
    own = locale(code)
    prefixes = merge_tables(common()["prefix"], own.table("prefixes"))
    numerals = {
        fold(normalise(word).text): Decimal(value)
        for value, words in own.table("numerals").items()
        for word in split(words)
    }
    alternatives = "|".join(re.escape(word) for word in sorted(numerals, key=len, reverse=True)) or "(?!)"
    edge = ("", "") if own.is_east_asian else (r"(?<!\w)", r"(?!\w)")
    rates = {key: value for key, value in own.table("rates").items() if key not in ("join", "tenths")}
    tenths = {"tenths": own.table("rates")["tenths"]} if "tenths" in own.table("rates") else {}
    return _Tables(
        scales=tail_table(own.table("scales"), own.style),
        tight=tail_table(own.table("scales_with_money"), own.style),
        suffixes=tail_table(merge_tables(own.table("currencies"), common()["suffix"]), own.style),
        minor=tail_table(own.table("minor_units"), own.style),
        rates=tail_table(rates | tenths, own.style),
        scaled=tail_table(own.table("scaled_currencies"), own.style),
        units=tail_table(
            {
                label: "; ".join(word for word in split(words) if word.isalpha())
                for label, words in common()["header_units"].items()
            },
            own.style,
        ),
        times=tail_table({"times": own.table("times").get("times", "")}, own.style),
        prefix=_prefix_pattern(prefixes),
        numerals=re.compile(f"{edge[0]}(?:{alternatives}){edge[1]}"),
        numeral_values=numerals,
        bare=own.phrases("bare"),
        spaced=own.decimal == ",",
    )


def _prefix_pattern(table: dict[str, str]) -> re.Pattern[str]:
    """Return a currency sign or code that ends right before a number, longest first; group names are the codes."""
    entries = sorted(
        ((phrase, label) for label, phrases in table.items() for phrase in split(phrases)), key=lambda e: -len(e[0])
    )
    by_code: dict[str, list[str]] = {}
    for phrase, label in entries:
        edge = r"(?<![a-z])" if phrase[:1].isalpha() and phrase.isascii() else ""
        by_code.setdefault(label, []).append(edge + re.escape(fold(normalise(phrase).text)))
    groups = "|".join(f"(?P<{label}>{'|'.join(forms)})" for label, forms in by_code.items())
    return re.compile(rf"(?:{groups}|(?P<DOLLAR>(?<![a-z])\$)|(?P<YEN>¥))[ ]?[+-]?\Z")


_LEADS_ON: Final = re.compile(r" ?\(? ?\d")  # behind a currency sign that is the next amount's: "$ 5 $ 6"


@cache
def _unit_link() -> re.Pattern[str]:
    """Return what may stand between a number and its currency: "5 millones de dólares"."""
    words = (word if word.endswith("'") else f"{word} " for word in every("small", "unit_link"))
    return re.compile(f" ?(?:{'|'.join(words)})?")


_WORD_BEHIND: Final = re.compile(r" ([^\W\d_]+)")


@cache
def _dollar_of() -> re.Pattern[str]:
    """Return the country of a dollar behind a place; group names are the codes."""
    groups = "|".join(f"(?P<{code}>{either(split(fold(words)))})" for code, words in common()["dollar_of"].items())
    links = either(split(common()["dollar"]["links"]))
    return re.compile(rf" (?:(?:{links}) )?(?:{groups})[^\W\d_]*")


@cache
def _dollar() -> re.Pattern[str]:
    """Return the beginning of a sign or word for any dollar."""
    return re.compile(either(split(fold(common()["dollar"]["words"]))))


@cache
def _number_and(code: str) -> re.Pattern[str]:
    """Return what joins the parts of one number: "1 miliardo e 200 milioni"."""
    if locale(code).is_east_asian:
        return re.compile(" ?")
    prefixed = {word for other in LANGUAGES if locale(other).style == "arabic" for word in _number_ands(other)}
    words = (f"{word} ?" if word in prefixed else f"{word} " for word in every("small", "number_and"))
    return re.compile(f" (?:{'|'.join(words)})?")


def _number_ands(code: str) -> tuple[str, ...]:
    return locale(code).folded("small", "number_and")


@cache
def han_numerals() -> dict[str, int]:
    """Each Chinese numeral and its value."""
    return {sign: int(value) for value, signs in common()["han_numerals"].items() for sign in split(signs)}


@cache
def _second_tenth() -> re.Pattern[str]:
    """Return the hundredths behind tenths: "2割5分"."""
    digits = "".join(sign for sign, value in han_numerals().items() if 0 < value < _TEN)
    return re.compile(rf"(\d|[{digits}])(?:{common()['han_parts']['hundredth']})?")


@cache
def _half_words(code: str) -> tuple[str, ...]:
    """Return the signs for a half behind tenths: "一成半"."""
    words = split(locale(code).table("numerals").get("0.5", "")) if locale(code).is_east_asian else ()
    return tuple(word for word in words if len(word) == 1)


def in_unit(quantity: Quantity, power: int, unit: str, *, end: int) -> Quantity:
    """Return an amount in a unit that is a scale and a currency in one."""
    return replace(
        quantity,
        kind="money",
        unit=unit,
        value=shifted(quantity.value, power),
        decimals=quantity.decimals - power,
        end=end,
        scaled=True,
        power=power,
    )


@cache
def _same_unit(letter: str) -> re.Pattern[str]:
    """Return another amount in a small unit of one letter."""
    return re.compile(rf"\d{re.escape(letter)}(?!\w)")


@cache
def minor_power(unit: str) -> int:
    """Return by how many decimal places a small unit is smaller than its currency: two, and three for a dinar."""
    return _THOUSAND if unit in split(common()["minor"]["thousandths"]) else 2


def _shared_signs() -> tuple[str, ...]:
    """Signs behind an amount that may repeat any currency before it."""
    return split(common()["shared_signs"]["amount"])


class UnitReader:
    """Reads what stands behind a number, or before it: its scale, its currency, its percent sign."""

    def __init__(self, text: str, end: int | None, code: str, context: Context) -> None:
        self.text, self.end, self.code, self.context = text, len(text) if end is None else end, code, context
        self.tables = _tables(code)
        self.decimal = context.decimal or locale(code).decimal

    def symbol(self, money: re.Match[str]) -> str:
        """Return the currency of a sign, an ambiguous one as the locale or the text has it."""
        name = money.lastgroup or ""
        hints = self.context.currencies or {}
        if name == "DOLLAR":
            return hints.get("$") or str(locale(self.code).data["dollar"])
        if name == "YEN":
            return hints.get("¥") or str(locale(self.code).data["yen"])
        family = shared_money.family_of(money[0].strip(" +-"))
        return name if family is None else hints.get(family, name)

    def _read_behind(self, quantity: Quantity) -> Quantity | None:
        """Reads what comes after the digits: rates, scales (several in a row), currencies."""
        rate = self._read_rate(quantity)
        if rate is not None:
            return rate
        scaled = self._read_scales(quantity)
        return self._read_currency(scaled)

    def _read_rate(self, quantity: Quantity) -> Quantity | None:
        position = self._skip_blank(quantity.end)
        if quantity.unit is None and (mark := self.tables.rates.match(self.text, position)) is not None:
            factor = 1 if mark.label == "tenths" else 2
            kind = "percent" if mark.label == "tenths" else mark.label
            if mark.label == "tenths":
                return self._read_tenths(quantity, mark)
            return replace(
                quantity,
                kind=kind,
                unit="ratio",
                end=mark.end,
                value=shifted(quantity.value, -factor),
                decimals=quantity.decimals + factor,
            )
        if quantity.unit is None and (mark := self.tables.times.match(self.text, position)) is not None:
            return self._read_times(quantity, mark)
        return None

    def _read_tenths(self, quantity: Quantity, mark: PhraseMatch) -> Quantity:
        half = next((word for word in _half_words(self.code) if self.text.startswith(word, mark.end)), None)
        if half is not None:
            value = EXACT.add(shifted(quantity.value, -1), Decimal(5).scaleb(-2))
            return replace(quantity, kind="percent", unit="ratio", value=value, end=mark.end + len(half), decimals=2)
        more = _second_tenth().match(self.text[mark.end : mark.end + 2])
        extra = Decimal(0) if more is None else Decimal(han_numerals().get(more[1], more[1]))
        value = EXACT.add(shifted(quantity.value, -1), shifted(extra, -2))
        end = mark.end + (more.end() if more else 0)
        return replace(
            quantity, kind="percent", unit="ratio", value=value, end=end, decimals=2 if more else quantity.decimals + 1
        )

    def _read_times(self, quantity: Quantity, mark: PhraseMatch) -> Quantity:
        """Growth of 1.5 where something is "2.5 times as much"; a language that says "grew by two times" means 2."""
        added = locale(self.code).phrases("times", "times_behind")
        before = self.text[max(0, quantity.start - 4) : quantity.start]
        grown = added.has(before, 0, len(before))
        value = quantity.value if grown else EXACT.subtract(quantity.value, Decimal(1))
        return replace(quantity, kind="multiple", unit="ratio", value=value, end=mark.end, flags=("times",))

    def _skip_blank(self, position: int) -> int:
        return position + 1 if self.text[position : position + 1] in (" ", "\n") else position

    def _read_scales(self, quantity: Quantity) -> Quantity:
        power = _POWER_OF_TEN.match(self.text, quantity.end)
        if power is not None:
            return self._read_power(quantity, power)
        mark = self.tables.scales.match(self.text, self._skip_blank(quantity.end))
        if mark is None or self._is_other_word(mark):
            return self._read_tight_scale(quantity)
        scaled = replace(
            quantity,
            value=shifted(quantity.value, int(mark.label)),
            decimals=quantity.decimals - int(mark.label),
            end=mark.end,
            scaled=True,
            power=int(mark.label),
        )
        return self._add_smaller_parts(self._read_second_scale(scaled), int(mark.label))

    def _is_other_word(self, mark: PhraseMatch) -> bool:
        """Return true if a scale word is only the beginning of another word: 兆瓦 is a megawatt."""
        following = locale(self.code).words("scale_exceptions", self.text[mark.start : mark.end])
        return self.text[mark.end : mark.end + 1] in following

    @staticmethod
    def _read_power(quantity: Quantity, found: re.Match[str]) -> Quantity:
        """Return an amount with a power of ten behind it: 1.5 × 10^9, 1.5e9."""
        power = int((found[1] or found[2] or found[3]).translate(_RAISED))
        if power > MAX_DIGITS:
            return replace(quantity, end=found.end(), flags=(*quantity.flags, TOO_LONG))
        return replace(
            quantity,
            value=shifted(quantity.value, power),
            decimals=quantity.decimals - power,
            end=found.end(),
            scaled=True,
            power=power,
        )

    def _read_second_scale(self, quantity: Quantity) -> Quantity:
        """Return a second scale word right behind the first: mil millones, nghìn tỷ, lakh crore."""
        mark = self.tables.scales.match(self.text, self._skip_blank(quantity.end))
        if mark is None:
            return quantity
        return replace(
            quantity,
            value=shifted(quantity.value, int(mark.label)),
            decimals=quantity.decimals - int(mark.label),
            end=mark.end,
            power=quantity.power + int(mark.label),
        )

    def _add_smaller_parts(self, quantity: Quantity, power: int) -> Quantity:
        """Return the smaller parts of one number: 66조 1930억, 1 miliardo e 200 milioni."""
        gap = _number_and(self.code).match(self.text, quantity.end)
        part = None if gap is None else NUMBER.match(self.text, gap.end(), self.end)
        if part is None or (part.start() == quantity.end and locale(self.code).has_plain_words):
            return quantity
        digits = read_digits(part[0], self.decimal)
        mark = self.tables.scales.match(self.text, self._skip_blank(part.end()))
        if digits is None:
            return quantity
        if mark is None:
            return self._add_units(quantity, part, digits[0], power)
        if power == _THOUSAND and int(mark.label) >= _MILLION and digits[0].adjusted() < _THOUSAND:
            value, decimals = (
                shifted(EXACT.add(quantity.value, digits[0]), int(mark.label)),
                digits[1] - int(mark.label),
            )
            return replace(quantity, value=value, decimals=decimals, end=mark.end, power=int(mark.label))
        if int(mark.label) >= power or len(part[0].split(".")[0].replace(",", "")) > power - int(mark.label):
            return quantity
        value = EXACT.add(quantity.value, shifted(digits[0], int(mark.label)))
        grown = replace(quantity, value=value, decimals=digits[1] - int(mark.label), end=mark.end)
        return self._add_smaller_parts(grown, int(mark.label))

    def add_rest(self, quantity: Quantity) -> Quantity:
        """Return the whole of a number of which so far its thousands are read: "mil 200 millones", "mil 250"."""
        return self._add_smaller_parts(quantity, quantity.power)

    def _add_units(self, quantity: Quantity, part: re.Match[str], rest: Decimal, power: int) -> Quantity:
        """Return the units after a myriad or a thousand: 12万3456円, dos mil 250."""
        if self._is_rest_of_thousand(part, power) and self.text[quantity.end : part.start()] == " ":
            return replace(quantity, value=EXACT.add(quantity.value, rest), decimals=0, end=part.end())
        if not locale(self.code).is_east_asian or part.start() != quantity.end or rest.adjusted() >= power or power > 4:  # noqa: PLR2004 - only behind 万
            return quantity
        return replace(quantity, value=EXACT.add(quantity.value, rest), decimals=0, end=part.end())

    def _is_rest_of_thousand(self, part: re.Match[str], power: int) -> bool:
        """Return true if three digits behind "mil" are the rest of a number, no rate and nothing with a scale."""
        bare = Quantity("count", part.start(), part.end(), Decimal(0), 0)
        is_rest = power == _THOUSAND and part[0].isdigit() and len(part[0]) == _THOUSAND
        return is_rest and self._read_rate(bare) is None and self._read_tight_scale(bare) == bare

    def _read_tight_scale(self, quantity: Quantity) -> Quantity:
        """Abbreviations that count only where money is meant: $6.3B, 71 M€."""
        mark = self.tables.tight.match(self.text, self._skip_blank(quantity.end))
        if mark is None:
            return quantity
        power = int(mark.label)
        scaled = replace(
            quantity,
            value=shifted(quantity.value, power),
            decimals=quantity.decimals - power,
            end=mark.end,
            scaled=True,
            power=power,
        )
        if quantity.unit is not None or self.suffix(mark.end) is not None:
            return scaled
        return replace(quantity, flags=(*quantity.flags, f"tight:{power}:{mark.end}"))

    def suffix(self, position: int) -> PhraseMatch | None:
        """Return the currency word or sign that follows a place."""
        gap = _unit_link().match(self.text, position)
        place = position if gap is None else gap.end()
        return self.tables.suffixes.match(self.text, place) or self.tables.suffixes.match(
            self.text, self._skip_blank(position)
        )

    def _read_currency(self, quantity: Quantity) -> Quantity:
        found = self._read_whole_currency(quantity)
        return quantity if found.kind == "money" and self._is_part_of_sum(found) else found

    def _is_part_of_sum(self, quantity: Quantity) -> bool:
        """Return true if tenths of a unit stand right beside an amount. Then it is a part of one amount: "3角5分"."""
        words = locale(self.code).words("small", "tenths")
        if not words:
            return False
        behind = _DIGITS_BEHIND.match(self.text, quantity.end)
        is_followed = behind is not None and self.text.startswith(words, behind.end())
        return is_followed or self.text.endswith(words, 0, quantity.start)

    def _read_whole_currency(self, quantity: Quantity) -> Quantity:
        mark = self.tables.scaled.match(self.text, self._skip_blank(quantity.end))
        if mark is not None and not quantity.scaled:
            return in_unit(quantity, _MILLION, mark.label, end=mark.end)
        mark = self.tables.units.match(self.text, self._skip_blank(quantity.end))
        if mark is not None and not quantity.scaled and quantity.unit is None:
            power, _, unit = mark.label.partition(" ")
            return in_unit(quantity, int(power), unit, end=mark.end)
        mark = self.tables.minor.match(self.text, self._skip_blank(quantity.end))
        if mark is not None and not quantity.scaled and quantity.unit is None and self._is_minor_unit(mark):
            named = self._minor_of(mark.end)
            unit = self.bare(mark) if named is None else named.label
            is_open = unit == shared_money.UNKNOWN
            return replace(
                quantity,
                kind="money",
                unit=unit,
                value=shifted(quantity.value, -minor_power(unit)),
                decimals=quantity.decimals + minor_power(unit),
                end=mark.end if named is None else named.end,
                flags=(*quantity.flags, NO_CURRENCY) if is_open else quantity.flags,
            )
        mark = self._of_country(quantity, self.suffix(quantity.end))
        if mark is not None and quantity.unit is not None and _LEADS_ON.match(self.text, mark.end):
            mark = None
        if mark is not None and self._is_bare_dollar(quantity) and mark.label in common()["dollar_of"]:
            quantity = replace(quantity, unit=mark.label)
        if mark is None or (
            quantity.unit not in (None, mark.label)
            and mark.label != "USD"
            and self.text[mark.start : mark.end] not in _shared_signs()
        ):
            return quantity if quantity.unit is None else replace(quantity, kind="money")
        unit = quantity.unit or self.bare(mark)
        flags = (*quantity.flags, NO_CURRENCY) if unit == shared_money.UNKNOWN else quantity.flags
        return self._add_minor(replace(quantity, kind="money", unit=unit, end=mark.end, flags=flags))

    def _of_country(self, quantity: Quantity, mark: PhraseMatch | None) -> PhraseMatch | None:
        """Return the mark of a dollar with the country behind it: "dolar Kanada", "$12.4 million Canadian"."""
        if mark is None and self._is_bare_dollar(quantity):
            found = _dollar_of().match(self.text, quantity.end)
            return PhraseMatch(found.lastgroup or "", found.start(), found.end()) if self._ends(found) else None
        if mark is None or mark.label != "USD" or _dollar().match(self.text, mark.start) is None:
            return mark
        found = _dollar_of().match(self.text, mark.end)
        return mark if found is None else replace(mark, label=found.lastgroup or mark.label, end=found.end())

    def _ends(self, found: re.Match[str] | None) -> TypeGuard[re.Match[str]]:
        """Return true if no noun follows a country, which would then be of that: "Canadian sales"."""
        behind = None if found is None else _WORD_BEHIND.match(self.text, found.end())
        return found is not None and (behind is None or behind[1] in function_words(self.code))

    def _is_bare_dollar(self, quantity: Quantity) -> bool:
        """Return true if the currency of an amount is only a dollar sign before it, of no country."""
        before = self.text[max(0, quantity.start - 1) : quantity.start]
        return quantity.unit is not None and self.text[quantity.start] == "$" and not before.isalpha()

    def _is_other_currency(self, quantity: Quantity, mark: PhraseMatch) -> bool:
        """Return true if a currency behind an amount is another one than the amount already has."""
        is_any = mark.label == "USD" or self.text[mark.start : mark.end] in _shared_signs()
        return quantity.unit not in (None, mark.label) and not is_any

    def _add_minor(self, quantity: Quantity) -> Quantity:
        """Return the whole amount of "45 dollars 30 cents"."""
        found = NUMBER.match(self.text, self._skip_blank(quantity.end), self.end)
        mark = None if found is None else self.tables.minor.match(self.text, self._skip_blank(found.end()))
        if found is None or mark is None or quantity.scaled or quantity.decimals or mark.label != quantity.unit:
            return quantity
        digits = read_digits(found[0], self.decimal)
        power = minor_power(mark.label)
        if digits is None or digits[0] >= _TEN**power or not self._is_minor_unit(mark):
            return quantity
        value = EXACT.add(quantity.value, shifted(digits[0], -power))
        return replace(quantity, value=value, decimals=power + digits[1], end=mark.end)

    def _is_minor_unit(self, mark: PhraseMatch) -> bool:
        """Return a one-letter minor unit counts only right at the digits, where the text near it speaks of shares."""
        if mark.end - mark.start > 1 or not self.text[mark.start : mark.end].isascii():
            return True
        own, window = locale(self.code), (max(0, mark.start - _SHARES), min(self.end, mark.end + _SHARES))
        if not self.text[mark.start - 1].isdigit():
            return False
        again = _same_unit(self.text[mark.start : mark.end]).search(self.text, max(0, mark.start - _AGAIN), mark.start)
        window = window if again is None else (max(0, again.start() - _SHARES), window[1])
        said = (own.phrases("per_share"), own.phrases("metrics", "eps", "loss_per_share"))
        return any(phrases.has(self.text, *window) for phrases in said)

    def _minor_of(self, place: int) -> PhraseMatch | None:
        """Return the currency behind a small unit and a word for "of": "35 centavos de peso mexicano"."""
        gap = _unit_link().match(self.text, place)
        if gap is None or not gap[0].strip() or locale(self.code).is_east_asian:
            return None
        return self.tables.suffixes.match(self.text, gap.end())

    def bare(self, mark: PhraseMatch) -> str:
        """Return the currency of a word several countries share, as this text uses it."""
        word = self.text[mark.start : mark.end]
        hints = self.context.currencies or {}
        if shared_money.family_of(word) is not None:
            return shared_money.currency_of(self.text, mark.start, mark.end, hints) or mark.label
        return hints.get(word) or self._named_before(word, mark.start) or mark.label

    def _named_before(self, word: str, place: int) -> str | None:
        """Return the currency that the text called by this word before, with an adjective: "Jordanian dinars"."""
        if not word.isalpha() or len(word) < _SHORT or locale(self.code).is_east_asian:
            return None
        before = self.text.rfind(word, max(0, place - _NAMED), place)
        if before < 0:
            return None
        ahead = self.text.rfind(" ", 0, max(0, before - 1)) + 1
        found = (self.tables.suffixes.match(self.text, start) for start in (ahead, before))
        longer = (
            mark for mark in found if mark is not None and mark.end - mark.start > len(word) and mark.end > before
        )
        minor = self._minor_of(before + len(word))
        return next((mark.label for mark in longer), None if minor is None else minor.label)
