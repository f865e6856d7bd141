"""Numbers, days and periods as people read them: half up, one minus sign, in the language of the report.

Bounds are the exception: a low end is rounded down and a high end up, so that the printed range is never narrower than
what is known. Rounding is done here, on decimals. Separators, percent signs, currencies, days and plurals are those of
CLDR, and are added to the final digits.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext
from functools import cache
from typing import TYPE_CHECKING, Final

from babel.dates import format_date, format_interval, format_skeleton
from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol

from tracker.model.quantity import is_rate, round_half_up, unit_of
from tracker.report.text.language import fill, phrase

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from babel import Locale

    from tracker.report.text.language import Language

__all__ = [
    "APOSTROPHE",
    "DASH",
    "MINUS",
    "WHOLE",
    "Scale",
    "add_mark",
    "add_sign",
    "currency_symbol",
    "describe_percent_range",
    "format_amount",
    "format_day",
    "format_day_of_month",
    "format_days",
    "format_money",
    "format_number",
    "format_percent",
    "format_percent_range",
    "format_percent_tick",
    "format_range",
    "format_share",
    "format_short",
    "format_trimmed",
    "isolate",
    "isolate_lines",
    "name_counting_unit",
    "name_month",
    "name_period",
    "name_unit",
    "round_outward",
    "say_when",
    "scale_at",
    "scale_of",
    "span_of",
    "strip_unseen",
    "tie_amounts",
    "to_ratio",
    "untie_amounts",
]

MINUS: Final = "\u2212"
DASH: Final = "\u2013"
APOSTROPHE: Final = "\u2019"
_ORDINALS: Final = (phrase("first"), phrase("second"), phrase("third"), phrase("fourth"))
#: The names of the halves of a year in languages that do not count them.
_HALVES: Final = (phrase("H1"), phrase("H2"))
#: Units that are words; looked up as the data has them, the first one after "a" as well.
UNITS: Final = (phrase("share"), phrase("shares"), phrase("count"), phrase("ratio"))
_EXACT: Final = Context(prec=60)
_ISO: Final = 3  # letters of a currency's code


@dataclass(frozen=True, slots=True)
class Scale:
    """The power of ten in which numbers are shown, and its word (empty for whole units)."""

    exponent: int
    word: str

    def of(self, value: Decimal) -> Decimal:
        """Return the value in this scale, exactly."""
        return value.scaleb(-self.exponent, _EXACT)


#: Whole units.
WHOLE: Final = Scale(0, "")
#: Hundredths, for rates.
PERCENT: Final = Scale(-2, "%")


def scale_at(language: Language, exponent: int) -> Scale:
    """Make the scale of a power of ten that the language has a word for; 0 for whole units."""
    return Scale(exponent, language.scales[exponent][1] if exponent else "")


def scale_of(language: Language, value: Decimal, unit: str, places: int = 1) -> Scale:
    """Find the largest scale in which the rounded value is 1 or more (999.96 million is 1.0 billion); % for rates."""
    if is_rate(unit):
        return PERCENT
    for exponent in language.counted:
        finer = Decimal(10) ** -(places + 3)
        if abs(round_half_up(value.scaleb(-exponent, _EXACT) / finer, 0)) * finer >= 1:
            return scale_at(language, exponent)
    return scale_at(language, 0)


def count_places(unit: str) -> int:
    """Return the decimal places of amounts in a table: two for amounts per share, one for percentages."""
    return 2 if "/" in unit else 1 if is_rate(unit) else 0


def format_number(language: Language, value: Decimal, places: int) -> str:
    """Print a value half up with the language's separators and a real minus sign: -1,234.5."""
    return _isolate_number(language, _print_digits(language, value, places))


def format_trimmed(language: Language, value: Decimal, places: int = 1) -> str:
    """Print a value like `format_number`, without zeros behind the point: `37`, `28.5`."""
    return _isolate_number(language, _print_digits(language, value, places, is_trimmed=True))


def _print_digits(language: Language, value: Decimal, places: int, *, is_trimmed: bool = False) -> str:
    rounded = round_half_up(value, places)
    text = f"{abs(rounded):,f}"
    if is_trimmed and "." in text:
        text = text.rstrip("0").rstrip(".")
    text = text.translate(_separators(language.locale))
    return f"{MINUS}{text}" if rounded < 0 else text


@cache
def _separators(locale: Locale) -> dict[int, str]:
    """Map the separators of Python's own numbers to those of the language."""
    return str.maketrans({",": get_group_symbol(locale), ".": get_decimal_symbol(locale)})


def _isolate_number(language: Language, text: str) -> str:
    """Set a number apart from right-to-left words, so that its sign stays before it."""
    return f"{_LEFT_TO_RIGHT}{text}{_END}" if text and language.is_rtl else text


def _strip_isolates(text: str) -> str:
    return text.replace(_LEFT_TO_RIGHT, "").replace(_END, "")


def isolate(language: Language, name: str) -> str:
    """Set a name apart from right-to-left words, so that its marks stay with it."""
    return f"{_AS_IT_IS}{name}{_END}" if name and language.is_rtl else name


def isolate_lines(language: Language, text: str) -> str:
    """Set lines of right-to-left words apart as wholes in a chart, which is drawn left to right."""
    if not language.is_rtl:
        return text
    return "\n".join(f"{_RIGHT_TO_LEFT}{line}{_END}" if _is_rtl(line) else line for line in text.split("\n"))


def _is_rtl(line: str) -> bool:
    return any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in line)


_RIGHT_TO_LEFT: Final = "\N{RIGHT-TO-LEFT ISOLATE}"
_AS_IT_IS: Final = "\N{FIRST STRONG ISOLATE}"
_LEFT_TO_RIGHT: Final = "\N{LEFT-TO-RIGHT ISOLATE}"
_END: Final = "\N{POP DIRECTIONAL ISOLATE}"


def add_sign(language: Language, text: str) -> str:
    """Put the sign before a printed number; zero has none."""
    bare = _strip_isolates(text)
    is_zero = not any(unicodedata.digit(character, 0) for character in bare)
    return text if is_zero or bare.startswith(MINUS) else _isolate_number(language, f"+{bare}")


def format_amount(language: Language, value: Decimal, unit: str, places: int = 1, style: str = "scaled") -> str:
    """Write an amount in words: `$8.5 billion`, `$5.16 a share`; `style` "short" for `$8.5 bn`."""
    currency, per, share = unit.partition("/")
    if per:
        return language.say(
            "{amount} a {unit}",
            amount=format_money(language, value, currency, 2, style),
            unit=language.term(share.removesuffix("s")),
        )
    return format_money(language, value, unit, places, style)


def format_money(language: Language, value: Decimal, unit: str, places: int = 1, style: str = "scaled") -> str:
    """Write an amount in its currency and the scale that fits it; whole units below a million, rates as percentages."""
    if is_rate(unit):
        return format_share(language, value, 1)
    scale = scale_of(language, value, unit, places)
    number = abs(scale.of(value))
    shown = places if scale.word or value != value.to_integral_value() else 0
    word = _scale_word(language, scale, round_half_up(number, shown), style)
    return _place_currency(
        language, (MINUS if value < 0 else "", _print_digits(language, number, shown)), unit, word, style
    )


def format_range(language: Language, low: Decimal, high: Decimal, unit: str) -> str:
    """Write both ends of a range in the scale of the high one: `$37 to 40 billion`, with a dash."""
    if is_rate(unit):
        ends = [_print_digits(language, PERCENT.of(end), 1, is_trimmed=True) for end in (low, high)]
        return _add_percent_sign(language, DASH.join(ends))
    scale = scale_of(language, high, unit)
    ends = [_print_digits(language, scale.of(end), 1, is_trimmed=True) for end in (low, high)]
    return _place_currency(
        language, ("", DASH.join(ends)), unit, _scale_word(language, scale, scale.of(high), "scaled"), "scaled"
    )


def format_short(language: Language, value: Decimal, unit: str) -> str:
    """Write an amount with no more digits than it needs: `$60 billion`."""
    if is_rate(unit):
        return _add_percent_sign(language, _print_digits(language, PERCENT.of(value), 1, is_trimmed=True))
    scale = scale_of(language, value, unit)
    number = scale.of(value)
    word = _scale_word(language, scale, number, "scaled")
    return _place_currency(language, ("", _print_digits(language, number, 1, is_trimmed=True)), unit, word, "scaled")


def name_unit(language: Language, unit: str, scale: Scale) -> str:
    """Name the unit once above a chart or table: `$ billion`, `million`, `$ a share`, `%`."""
    if is_rate(unit):
        return PERCENT.word
    currency, per, share = unit.partition("/")
    mark = _currency_name(language, currency)
    style = "count" if not mark else "scaled" if scale.word else "plain"
    template = language.money[style].replace("{number}", " ")
    words = " ".join(fill(template, {"sign": "", "scale": scale.word, "currency": mark}).split())
    return (
        language.say("{amount} a {unit}", amount=words, unit=language.term(share.removesuffix("s")))
        if per
        else words or language.term(unit)
    )


def name_counting_unit(language: Language, unit: str, scale: Scale) -> str:
    """Name a unit with the scale of its amounts, for a cell: `USD million`, `million shares`.

    What is merely counted has no unit beside its scale.
    """
    if is_rate(unit):
        return PERCENT.word
    if unit == "count" and scale.word:
        return scale.word
    if unit.islower():
        return language.say("{scale} {unit}", unit=language.term(unit), scale=scale.word).strip()
    return language.say("{unit} {scale}", unit=unit, scale=scale.word).strip()


def _scale_word(language: Language, scale: Scale, number: Decimal, style: str) -> str:
    if not scale.word:
        return ""
    one, many, short = language.scales[scale.exponent]
    return short if style == "short" else one if language.locale.plural_form(number) == "one" else many


def _place_currency(language: Language, signed_number: tuple[str, str], unit: str, scale: str, style: str) -> str:
    """Put scale and currency around a signed number, in the order of the language."""
    sign, number = signed_number
    mark = _currency_name(language, unit)
    template = language.money["count" if not mark else style if scale or style == "short" else "plain"]
    if mark[-1:].isalpha():
        template = template.replace("{currency}{number}", "{currency} {number}")
    if language.is_rtl:
        sign, number = "", _isolate_number(language, sign + number)
    values = {"sign": sign, "number": number, "scale": scale}
    values["symbol"] = get_currency_symbol(unit, language.locale) if mark else ""
    return fill(template, {**values, "currency": mark}).strip()


def _currency_name(language: Language, unit: str) -> str:
    """Name a currency: by the language's own word, else CLDR's sign; nothing for counts."""
    if len(unit) != _ISO or not unit.isupper():
        return ""
    return language.currencies.get(unit) or get_currency_symbol(unit, language.locale)


def currency_symbol(language: Language, unit: str) -> str:
    """Write what stands before an amount: `$`, `SEK ` without a sign of its own, nothing for counts."""
    mark = _currency_name(language, unit)
    return f"{mark} " if mark[-1:].isalpha() else mark


def to_ratio(ratio: float) -> Decimal:
    """Convert a growth rate of the views to a decimal, to the twelve digits a double still holds."""
    return round_half_up(Decimal(ratio), 12)


def add_mark(language: Language, mark: str, number: str) -> str:
    """Put a mark before a printed number: `±0.5`."""
    return _isolate_number(language, f"{mark}{_strip_isolates(number)}")


def format_percent(language: Language, ratio: Decimal, places: int = 1) -> str:
    """Write a fraction as a signed percentage: `+33.3%`, with a real minus."""
    return _add_percent_sign(language, add_sign(language, _print_digits(language, ratio * 100, places)))


def format_share(language: Language, ratio: Decimal, places: int = 0) -> str:
    """Write a fraction as a percentage without a plus: `74%`."""
    return _add_percent_sign(language, _print_digits(language, ratio * 100, places))


def format_percent_tick(language: Language, number: str) -> str:
    """Write a gridline's number as a signed percentage: `+20%`."""
    return _add_percent_sign(language, add_sign(language, number))


def _add_percent_sign(language: Language, number: str) -> str:
    pattern = language.locale.percent_formats[None]
    return _isolate_number(language, f"{pattern.prefix[0]}{_strip_isolates(number)}{pattern.suffix[0]}")


def format_percent_range(language: Language, low: Decimal | None, high: Decimal | None, places: int = 2) -> str:
    """Write the range of growth that the printed figures allow, rounded outward: `+33.25% to +33.41%`."""
    if low is not None and high is not None:
        return language.say(
            "{low} to {high}",
            low=_format_percent_end(language, low, "low", places),
            high=_format_percent_end(language, high, "high", places),
        )
    return _format_open_range(language, low, high, places)


def describe_percent_range(language: Language, low: Decimal | None, high: Decimal | None, places: int = 2) -> str:
    """Write the same inside a sentence: `between +33.25% and +33.41%`."""
    if low is not None and high is not None:
        ends = {
            "low": _format_percent_end(language, low, "low", places),
            "high": _format_percent_end(language, high, "high", places),
        }
        return language.say("between {low} and {high}", **ends)
    return _format_open_range(language, low, high, places)


def _format_open_range(language: Language, low: Decimal | None, high: Decimal | None, places: int) -> str:
    if low is not None:
        return language.say("at least {amount}", amount=_format_percent_end(language, low, "low", places))
    return (
        language.say("open")
        if high is None
        else language.say("up to {amount}", amount=_format_percent_end(language, high, "high", places))
    )


def _format_percent_end(language: Language, ratio: Decimal, end: str, places: int) -> str:
    return _add_percent_sign(
        language, add_sign(language, _print_digits(language, round_outward(ratio * 100, end, places), places))
    )


def round_outward(value: Decimal, end: str, places: int) -> Decimal:
    """Round a bound away from what it bounds: `low` down, `high` up."""
    with localcontext(_EXACT):
        return value.quantize(unit_of(places), rounding=ROUND_FLOOR if end == "low" else ROUND_CEILING)


def format_day(language: Language, moment: date) -> str:
    """Write a day: `31 July 2024`."""
    return format_date(moment, "long", locale=language.locale)


def format_days(language: Language, start: date | None, end: date) -> str:
    """Write a span: `1 April to 30 June 2024`; the first day has its year only where it differs."""
    if start is None:
        return format_day(language, end)
    if language.code != "en":
        return format_interval(start, end, "yMMMMd", locale=language.locale)
    is_one_year = start.year == end.year
    first = f"{start.day} {name_month(language, start, is_long=True)}" if is_one_year else format_day(language, start)
    return f"{first} to {format_day(language, end)}"


def name_month(language: Language, moment: date, *, is_long: bool = False) -> str:
    """Name a month, in short by default: `Jul`."""
    return format_date(moment, "MMMM" if is_long else "MMM", locale=language.locale)


def format_day_of_month(language: Language, moment: date) -> str:
    """Write a day without its year, in short: `31 Jul`."""
    return format_skeleton("MMMd", moment, locale=language.locale)


def span_of(fiscal_period: str) -> str:
    """Read the kind of period off a label: quarter, half, nine_months or year."""
    if fiscal_period.startswith(("FY", "CY")):
        return "year"
    return {"Q": "quarter", "H": "half", "M": "nine_months"}.get(fiscal_period[4:5], "other")


#: The words of a period of the calendar, and of a company's own year.
_PERIODS: Final[Mapping[str, tuple[str, str]]] = {
    "quarter": (phrase("the {ordinal} quarter of {year}"), phrase("the {ordinal} quarter of fiscal {year}")),
    "half": (phrase("the {ordinal} half of {year}"), phrase("the {ordinal} half of fiscal {year}")),
    "nine_months": (phrase("the first nine months of {year}"), phrase("the first nine months of fiscal {year}")),
    "year": (phrase("{year}"), phrase("fiscal {year}")),
}
#: The same where something happens in them.
_DURING: Final[Mapping[str, tuple[str, str]]] = {
    "quarter": (phrase("in the {ordinal} quarter of {year}"), phrase("in the {ordinal} quarter of fiscal {year}")),
    "half": (phrase("in the {ordinal} half of {year}"), phrase("in the {ordinal} half of fiscal {year}")),
    "nine_months": (phrase("in the first nine months of {year}"), phrase("in the first nine months of fiscal {year}")),
    "year": (phrase("in {year}"), phrase("in fiscal {year}")),
}


def name_period(language: Language, fiscal_period: str, *, is_calendar: bool) -> str:
    """Name a period: `the second quarter of 2024`, `fiscal 2025`, `the first half of 2024`."""
    return _fill_period(language, _PERIODS, fiscal_period, is_calendar=is_calendar)


def say_when(language: Language, fiscal_period: str, *, is_calendar: bool) -> str:
    """Say when something happened: `in the second quarter of 2024`."""
    return _fill_period(language, _DURING, fiscal_period, is_calendar=is_calendar)


def _fill_period(
    language: Language, words: Mapping[str, tuple[str, str]], fiscal_period: str, *, is_calendar: bool
) -> str:
    span = span_of(fiscal_period)
    template = words.get(span, words["year"])[not is_calendar]
    year = fiscal_period[2:] if span == "year" else fiscal_period[:4]
    number = fiscal_period[5:6] if span in {"quarter", "half"} else ""
    ordinal = language.term(_ORDINALS[int(number) - 1]) if number else ""
    half = language.term(_HALVES[int(number) - 1]) if span == "half" else ""
    return language.say(template, ordinal=ordinal, number=number, half=half, year=year)


#: Invisible characters that reverse or hide what follows: controls and bidi marks.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)


def strip_unseen(text: str) -> str:
    """Remove invisible characters, so that no name can reverse or hide the text beside it."""
    return _UNSEEN.sub("", text)


def tie_amounts(language: Language, text: str) -> str:
    """Tie ranges and amounts together, so that they do not break at the end of a line."""
    text = re.sub(rf"(?<=\d){DASH}(?=\d)", f"{_JOINER}{DASH}{_JOINER}", text)
    text = re.sub(r"((?<=[$€£¥₩₹])|(?<=\b[A-Z]{3})) (?=\d)", _TIE, text)  # `US$ 130`
    words = "|".join(sorted({re.escape(word) for one, many, _ in language.scales.values() for word in (one, many)}))
    return re.sub(rf"(?<=\d) (?={words})", _TIE, text)


def untie_amounts(text: str) -> str:
    """Take the marks of `tie_amounts` out again."""
    return text.replace(_TIE, " ").replace(_JOINER, "")


_TIE: Final = "\N{NO-BREAK SPACE}"
_JOINER: Final = "\N{WORD JOINER}"
