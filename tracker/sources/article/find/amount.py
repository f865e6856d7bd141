"""One amount as a text prints it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from tracker.model.quantity import EXACT, MAX_DECIMALS, MAX_DIGITS

__all__ = ["DASH", "NO_CURRENCY", "SCALE_OPEN", "SPACED", "TOO_LONG", "Quantity", "shifted"]

#: A flag: nobody knows which scale the amount is in.
SCALE_OPEN: Final = "scale_open"
#: A flag: nobody knows which currency the amount is in.
NO_CURRENCY: Final = "no_currency"
#: A flag: a dash stands between a Chinese, Japanese or Korean sign and the digits. Before money it is a minus.
DASH: Final = "dash"
#: A flag: blanks part the thousands, so that the digits may be those of two amounts.
SPACED: Final = "spaced"
#: A flag: more digits than any amount has; the value is not read.
TOO_LONG: Final = "too_long"


@dataclass(frozen=True, slots=True)
class Quantity:
    """One amount: `kind` is money, percent, points, basis, multiple or count; a range has `low` and `high`."""

    kind: str
    start: int
    end: int
    value: Decimal
    decimals: int
    unit: str | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    qualifier: str = "exact"
    signed: int = 0
    scaled: bool = False
    flags: tuple[str, ...] = ()
    power: int = 0  # of the scale word it was printed with
    lead: int = -1  # where the qualifier word before it begins

    @property
    def opening(self) -> int:
        """Return where the quantity begins with the qualifier before it."""
        return self.start if self.lead < 0 else self.lead

    @property
    def is_storable(self) -> bool:
        """Return true if a fact can hold its numbers without losing a digit."""
        numbers = [item for item in (self.value, self.low, self.high) if item is not None]
        return all(item.adjusted() < MAX_DIGITS and _places(item) <= MAX_DECIMALS for item in numbers)


def _places(value: Decimal) -> int:
    """Return how many decimal places a number has, zeros at its end left out."""
    exponent = value.normalize(EXACT).as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def shifted(value: Decimal, power: int) -> Decimal:
    """Return a value times a power of ten, exactly and without an exponent."""
    moved = value.scaleb(power, EXACT)
    return EXACT.quantize(moved, Decimal(1)) if moved.as_tuple().exponent > 0 else moved  # type: ignore[operator]
