"""A quantity on its way to a figure, and what earlier sentences leave for later ones."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from tracker.sources.article.read.years import Frame, Resolved, Setting, resolve

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.bracket_notes import BracketNote
    from tracker.sources.article.find.companies import Mention
    from tracker.sources.article.find.revisions import Columns
    from tracker.sources.article.find.stated_period import StatedPeriod
    from tracker.sources.article.find.tables import Block
    from tracker.sources.article.find.topics import Topic

__all__ = ["UNSETTLED", "FigureDraft", "Memory", "received"]

#: Reasons that leave the period of a figure open: what is compared with it has none either.
UNSETTLED: Final = frozenset({"fiscal_or_calendar", "no_calendar", "off_calendar", "past_guidance", "period_open"})


_APART: Final = 10**6


@dataclass(frozen=True, slots=True)
class FigureDraft:
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
    words: StatedPeriod | None = None  # that name its period
    head: int = -1  # where the figure stands that it is compared with

    def rule(self, *names: str) -> FigureDraft:
        """Return the same with more rules named."""
        return replace(self, rules=(*self.rules, *names))

    @property
    def is_promise(self) -> bool:
        """Return true if it is a forecast, in force or replaced."""
        return self.kind == "guidance" and self.reason in (None, "prior_guidance")

    def stop(self, reason: str) -> FigureDraft:
        """Return the same with a reason why it is no fact; the first reason stays."""
        return self if self.reason else replace(self, reason=reason)

    @property
    def is_base(self) -> bool:
        """Return true if it is the figure of a year before, which another one is compared with."""
        return "period:prior" in self.rules

    @property
    def frame(self) -> Frame | None:
        """Its period, for figures that name none."""
        known = self.company.known if self.company else None
        return Frame(self.period, known, self.words, self.quantity.start) if self.period else None


@dataclass(slots=True)
class Memory:
    """What earlier sentences leave for later ones."""

    published: date | None
    latest: date | None = None  # a day when the text was there already
    company: Mention | None = None
    latter: Mention | None = None  # the last of several companies that the sentence before named
    former: Mention | None = None  # the first of two
    period: Frame | None = None
    around: Frame | None = None  # the period before, where a sentence only told a metric again of a part of it
    told: frozenset[str] = frozenset()  # the metrics given for the period spoken of last
    unsettled: str | None = None  # why the period spoken of last has no label
    topic: Topic | None = None
    has_parted_topics: bool = False  # of what a sentence told last may be said less than of its subject
    money: str | None = None
    #: The company a text speaks of, and the quarters, halves and nine months that its first sentences name. They are
    #: looked for when a sentence names none itself.
    find_fallback: Callable[[], Mention | None] = lambda: None
    find_hints: Callable[[], tuple[StatedPeriod, ...]] = tuple
    guided: Frame | None = None  # the period of the promise spoken of before
    replaced: Topic | None = None  # what the sentence before gave the old forecast of
    replaced_end: int = -1
    sole: Topic | None = None  # what alone the sentence before gave figures of
    sole_end: int = -1
    expected: Topic | None = None
    expected_end: int = -1
    table: Block | None = None
    has_asides: bool = False  # rows have shown amounts in brackets that are no minus sign
    bracket_note: BracketNote | None = None  # what the text says of its brackets
    columns: tuple[StatedPeriod, ...] = ()
    above: tuple[StatedPeriod, ...] = ()  # parts of a year in a line whose columns the next line names
    outlook_end: int = -_APART  # where the last line without amounts ends that speaks of a forecast
    outlook_lists: bool = False  # that line ends with a colon: what is below it are forecasts
    forecasts: Columns | None = None  # the head of the table of forecasts that is being read
    conventions: dict[str, str] = field(default_factory=dict)  # how the text counts a company's quarters

    @property
    def fallback(self) -> Mention | None:
        """Return the company a text speaks of, for sentences that name none."""
        return self.find_fallback()

    def setting(self, company: Mention | None) -> Setting:
        """Return what periods that are said of a company are read against."""
        known = company.known if company else None
        convention = self.conventions.get(known.entity) if known else None
        return Setting(self.published, self.latest, known, convention)

    def note(self, company: Mention | None, convention: str | None) -> None:
        """Remember how the text counts a company's quarters, where the days have shown it."""
        if convention and company and company.known:
            self.conventions[company.known.entity] = convention

    def move(self, length: int, place: Callable[[int], int]) -> None:
        """Go on in the next piece of a text, which begins `length` letters further on.

        `place` tells where a letter of the piece so far was received; a figure of it stays known by that, as a negative
        number (see `received`).
        """
        self.replaced_end -= length
        self.expected_end -= length
        self.sole_end -= length
        self.outlook_end -= length
        if self.table is not None:
            self.table = replace(self.table, header=replace(self.table.header, start=0, end=0))
        self.period, self.guided = (_move_frame(frame, place) for frame in (self.period, self.guided))

    def hinted(self, setting: Setting) -> Resolved:
        """Return the period that the text's first sentences speak of."""
        for words in self.find_hints():
            found = resolve(words, setting, forward=False, frame=None)
            if found.label or found.reason:
                return found
        return Resolved(None)


def _move_frame(frame: Frame | None, place: Callable[[int], int]) -> Frame | None:
    return replace(frame, start=-2 - place(frame.start)) if frame is not None and frame.start >= 0 else frame


def received(start: int, place: Callable[[int], int]) -> int | None:
    """Return where the letter was received that a place in a piece or in an earlier one (negative) stands for."""
    if start >= 0:
        return place(start)
    return -2 - start if start < -1 else None
