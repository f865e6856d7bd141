"""One amount as a text prints it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from tracker.quantity import EXACT

__all__ = ["SPACED", "Quantity", "shifted"]

#: A flag: blanks part the thousands, so that the digits may be those of two amounts.
SPACED: Final = "spaced"


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
        """Where the quantity begins with the qualifier before it."""
        return self.start if self.lead < 0 else self.lead


def shifted(value: Decimal, power: int) -> Decimal:
    """A value times a power of ten, exactly and without an exponent."""
    moved = value.scaleb(power, EXACT)
    return EXACT.quantize(moved, Decimal(1)) if moved.as_tuple().exponent > 0 else moved  # type: ignore[operator]
