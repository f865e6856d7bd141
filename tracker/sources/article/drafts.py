"""A quantity on its way to a figure, and what earlier sentences leave for later ones."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date

    from tracker.sources.article.entities import Mention
    from tracker.sources.article.metrics import Topic
    from tracker.sources.article.quantity import Quantity
    from tracker.sources.article.revisions import Columns
    from tracker.sources.article.tables import Header

__all__ = ["Draft", "Memory"]


_APART: Final = 10**6


@dataclass(frozen=True, slots=True)
class Draft:
    """A quantity on its way to a figure: what is known of it so far, and by which rules."""

    quantity: Quantity
    topic: Topic | None = None
    metric: str | None = None
    sign: int = 1
    kind: str = "actual"
    company: Mention | None = None
    period: str | None = None
    reason: str | None = None
    rules: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    base: int = -1  # where the words stand that made it a comparative

    def rule(self, *names: str) -> Draft:
        """The same with more rules named."""
        return replace(self, rules=(*self.rules, *names))

    @property
    def is_promise(self) -> bool:
        """Whether it is a forecast, in force or replaced."""
        return self.kind == "guidance" and self.reason in (None, "prior_guidance")

    def stop(self, reason: str) -> Draft:
        """The same with a reason why it is no fact; the first reason stays."""
        return self if self.reason else replace(self, reason=reason)


@dataclass(slots=True)
class Memory:
    """What earlier sentences leave for later ones."""

    published: date | None
    company: Mention | None = None
    period: str | None = None
    topic: Topic | None = None
    money: str | None = None
    fallback: Mention | None = None
    hint: str | None = None
    guided: str | None = None  # the period of the promise spoken of before
    replaced: Topic | None = None  # what the sentence before gave the old forecast of
    replaced_end: int = -1
    expected: Topic | None = None
    expected_end: int = -1
    table: Header | None = None
    columns: tuple[str, ...] = ()
    outlook_end: int = -_APART  # where the last line without amounts ends that speaks of a forecast
    forecasts: Columns | None = None  # the head of the table of forecasts that is being read
    drafts: list[Draft] = field(default_factory=list)
