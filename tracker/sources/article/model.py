"""What the reader takes in and gives back: companies, figures with their evidence, and a reading of a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tracker.model.period import FiscalCalendar

if TYPE_CHECKING:
    from decimal import Decimal

    from tracker.model.quantity import Interval

__all__ = ["ExtractedFigure", "Known", "NamedCompany", "Reading"]


class Known(Protocol):
    """What is already known: the interval of a company's metric in a period, or None."""

    def __call__(self, entity: str, metric: str, period: str) -> Interval | None:
        """Return the level known for this period label, as an interval."""


@dataclass(frozen=True, slots=True)
class NamedCompany:
    """A company to look for: its stable id or display name, and every way it is written.

    `fiscal_year_end` is the month its year closes in, None where nobody knows it; `is_named_by_start` is for retailers
    whose fiscal 2023 ends in January 2024. `speaks` says that the text is the company's own: a quarter is its own then.
    """

    entity: str
    names: tuple[str, ...]
    currency: str | None
    fiscal_year_end: int | None
    is_named_by_start: bool = False
    speaks: bool = False

    @property
    def calendar(self) -> FiscalCalendar | None:
        """Return how the company counts its years, where that is known."""
        return None if self.fiscal_year_end is None else FiscalCalendar(self.fiscal_year_end, self.is_named_by_start)


@dataclass(frozen=True, slots=True)
class ExtractedFigure:
    """One figure as the text states it, with the characters it stands on and how it was understood.

    `start` and `end` are offsets into the text as received and `quote` is what stands there. `reason` is None for a
    fact, else a code that says why it is none. `rules` names what read which part, in order.
    """

    entity: str
    metric: str | None
    kind: str
    period: str | None
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    unit: str
    qualifier: str
    decimals: int | None
    start: int
    end: int
    quote: str
    language: str
    confidence: float
    reason: str | None
    rules: tuple[str, ...]
    flags: tuple[str, ...]
    method: str = "rules"  # who understood it: the rules, or a model that they agree with as far as they go


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything a text says in figures: facts, figures to be looked at by a person, and figures that are no facts.

    `promises` are guidance without a number: withdrawn, a direction, or a likeness to the year before. `unread` are the
    stretches of the text that were not read, by their first and last offset.
    """

    facts: tuple[ExtractedFigure, ...]
    review: tuple[ExtractedFigure, ...]
    abstained: tuple[ExtractedFigure, ...]
    promises: tuple[ExtractedFigure, ...] = ()
    unread: tuple[tuple[int, int], ...] = ()
