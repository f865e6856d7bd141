"""A quantity on its way to a figure, and what earlier sentences leave for later ones."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from tracker.sources.article.entities import Mention
    from tracker.sources.article.metrics import Topic
    from tracker.sources.article.quantity import Quantity
    from tracker.sources.article.tables import Header

__all__ = ["Draft", "Memory"]


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
    expected: Topic | None = None
    expected_end: int = -1
    table: Header | None = None
    columns: tuple[str, ...] = ()
    drafts: list[Draft] = field(default_factory=list)
