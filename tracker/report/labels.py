"""Numbers, days and periods as people read them: half up, one minus sign, the same words in every locale.

Bounds are the exception to half up: a low end is rounded down and a high end up, so that what is printed is
never narrower than what is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext
from typing import TYPE_CHECKING, Final

from tracker.quantity import round_half_up, unit_of

if TYPE_CHECKING:
    from datetime import date

__all__ = [
    "APOSTROPHE",
    "DASH",
    "MINUS",
    "MONTHS",
    "Scale",
    "amount",
    "as_ratio",
    "day",
    "days",
    "grouped",
    "money",
    "outward",
    "percent",
    "percent_range",
    "period_words",
    "scale_of",
    "seen",
    "signed",
    "span_of",
    "symbol",
    "tied",
    "trimmed",
    "untied",
]

MINUS: Final = "\u2212"
DASH: Final = "\u2013"
APOSTROPHE: Final = "\u2019"
MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_ORDINALS: Final = {"1": "first", "2": "second", "3": "third", "4": "fourth"}
_SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "INR": "₹", "KRW": "₩"}
_EXACT: Final = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Scale:
    """The power of ten numbers are shown in, and its word (empty for whole units)."""

    exponent: int
    word: str

    def of(self, value: Decimal) -> Decimal:
        """The value counted in this scale, exact."""
        return value.scaleb(-self.exponent, _EXACT)


_SCALES: Final = (Scale(12, "trillion"), Scale(9, "billion"), Scale(6, "million"), Scale(0, ""))


def scale_of(value: Decimal, places: int = 1) -> Scale:
    """The largest scale the value fills, or would fill once rounded below it (999.96 million is 1.0 billion)."""
    for scale in _SCALES[:-1]:
        finer = Decimal(10) ** -(places + 3)
        if abs(round_half_up(scale.of(value) / finer, 0)) * finer >= 1:
            return scale
    return _SCALES[-1]


def grouped(value: Decimal, places: int) -> str:
    """The value half up with thousands separators and a real minus sign: -1,234.5."""
    rounded = round_half_up(value, places)
    text = f"{abs(rounded):,f}"
    return f"{MINUS}{text}" if rounded < 0 else text


def trimmed(value: Decimal, places: int = 1) -> str:
    """Like `grouped`, without zeros behind the point: `37`, `28.5`."""
    text = grouped(value, places)
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed(text: str) -> str:
    """A printed number with its sign; zero has none."""
    is_zero = not text.strip("0.,% ")
    return text if is_zero or text.startswith(MINUS) else f"+{text}"


def amount(value: Decimal, unit: str, places: int = 1) -> str:
    """A figure in words: `$8.5 billion`, `$5.16 a share`, `3.3 billion`."""
    currency, per, share = unit.partition("/")
    if per:
        return f"{money(value, currency, 2)} a {share.removesuffix('s')}"
    return money(value, unit, places)


def money(value: Decimal, unit: str, places: int = 1) -> str:
    """An amount in its currency and the scale that fits it; whole units where it is below a million."""
    scale = scale_of(value, places)
    number = grouped(abs(scale.of(value)), places if scale.word or value != value.to_integral_value() else 0)
    sign = MINUS if value < 0 else ""
    return f"{sign}{symbol(unit)}{number}{' ' if scale.word else ''}{scale.word}"


def symbol(unit: str) -> str:
    """What stands before an amount: `$`, `SEK ` for a currency without a sign of its own, nothing for counts."""
    if len(unit) == 3 and unit.isupper():  # noqa: PLR2004 - ISO 4217
        return _SYMBOLS.get(unit, f"{unit} ")
    return ""


def as_ratio(ratio: float) -> Decimal:
    """A growth rate of the views as a decimal, to the twelve digits a double still holds after a subtraction."""
    return round_half_up(Decimal(ratio), 12)


def percent(ratio: Decimal, places: int = 1) -> str:
    """A fraction as a signed percentage: `+33.3%`, its minus a real one."""
    return f"{signed(grouped(ratio * 100, places))}%"


def percent_range(low: Decimal | None, high: Decimal | None, places: int = 2) -> str:
    """The growth the printed figures allow, rounded outward: `+33.25% to +33.41%`."""
    if low is None and high is None:
        return "open"
    if low is None or high is None:
        return (
            f"at least {_percent_end(low, 'low', places)}"
            if low is not None
            else f"up to {_percent_end(high, 'high', places)}"
        )
    return f"{_percent_end(low, 'low', places)} to {_percent_end(high, 'high', places)}"


def _percent_end(ratio: Decimal | None, end: str, places: int) -> str:
    return "" if ratio is None else f"{signed(grouped(outward(ratio * 100, end, places), places))}%"


def outward(value: Decimal, end: str, places: int) -> Decimal:
    """A bound rounded away from what it bounds: `low` down, `high` up."""
    with localcontext(_EXACT):
        return value.quantize(unit_of(places), rounding=ROUND_FLOOR if end == "low" else ROUND_CEILING)


def day(moment: date) -> str:
    """`31 July 2024`."""
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def days(start: date | None, end: date) -> str:
    """`1 April to 30 June 2024`; the year of the first day only where it differs."""
    if start is None:
        return day(end)
    first = f"{start.day} {MONTHS[start.month - 1]}" if start.year == end.year else day(start)
    return f"{first} to {day(end)}"


def span_of(fiscal_period: str) -> str:
    """The kind of period a label names: quarter, half, nine_months or year."""
    if fiscal_period.startswith(("FY", "CY")):
        return "year"
    return {"Q": "quarter", "H": "half", "M": "nine_months"}.get(fiscal_period[4:5], "other")


def period_words(fiscal_period: str, *, is_calendar: bool) -> str:
    """A period in words: `the second quarter of 2024`, `fiscal 2025`, `the first half of 2024`."""
    year = fiscal_period[2:] if span_of(fiscal_period) == "year" else fiscal_period[:4]
    named = year if is_calendar else f"fiscal {year}"
    part = _ORDINALS.get(fiscal_period[5:6], "")
    match span_of(fiscal_period):
        case "quarter":
            return f"the {part} quarter of {named}"
        case "half":
            return f"the {part} half of {named}"
        case "nine_months":
            return f"the first nine months of {named}"
        case _:
            return named


#: Characters that show nothing themselves and turn round or hide what follows: controls and bidi marks.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)


def seen(text: str) -> str:
    """The text as far as it can be seen, so that no name can turn or hide what stands beside it."""
    return _UNSEEN.sub("", text)


def tied(text: str) -> str:
    """The text with ranges and amounts that do not part at the end of a line."""
    text = re.sub(rf"(?<=\d){DASH}(?=\d)", f"{_JOINER}{DASH}{_JOINER}", text)
    return re.sub(r"(?<=\d) (?=(m|b|tr)illion)", _TIE, text)


def untied(text: str) -> str:
    """The text with the marks of `tied` taken out again."""
    return text.replace(_TIE, " ").replace(_JOINER, "")


_TIE: Final = "\N{NO-BREAK SPACE}"
_JOINER: Final = "\N{WORD JOINER}"
