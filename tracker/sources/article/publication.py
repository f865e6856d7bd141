"""The day a text came out: what the caller says, else what its page, its first lines, its address or its name say.

Two days that lie apart (a release of July on a page of November) are a conflict, and then the day is not known, unless
the caller gives it. The name of a file counts where nothing else says anything: it may be the day it was saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from tracker.sources.article import APART, find_datelines, written_day

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Hints", "Publication", "find_publication", "newest_day"]

#: What each basis is called in messages.
_SAID_BY: Final = {
    "stated": "as given",
    "metadata": "by the page",
    "dateline": "by its first lines",
    "url": "by its address",
    "file": "by the name of the file",
}
REMEDY: Final = "give the day with --published"


@dataclass(frozen=True, slots=True)
class Hints:
    """What there is beside the text itself: the page's metadata, its address, its language, the name of the file.

    `others` are further days that the metadata give, `above` the lines between the title of a page and its text, which
    count where the metadata give none.
    """

    metadata: date | None = None
    address: str | None = None
    language: str | None = None
    name: str | None = None
    others: tuple[date, ...] = ()
    above: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """A day of publication and what says so (both None where nothing does), and days found that lie apart from it."""

    day: date | None
    basis: str | None
    apart: tuple[tuple[date, str], ...] = ()

    @property
    def note(self) -> str:
        """Return the day in words, for the message of an ingestion."""
        if self.day is not None:
            return f"published {self.day}, {_SAID_BY[self.basis or 'stated']}"
        return f"day of publication {'in dispute' if self.apart else 'unknown'}; {REMEDY}"

    @property
    def notes(self) -> list[str]:
        """Say what is known of the day, for whoever did not give it."""
        found = [] if self.basis == "stated" else [self.note]
        return [*found, *([f"the text {self.conflict}"] if self.conflict else [])]

    @property
    def conflict(self) -> str | None:
        """Return what disagrees with what, in words."""
        if not self.apart:
            return None
        found = " and ".join(f"{day} ({_SAID_BY[basis]})" for day, basis in self.apart)
        return f"came out on {found}, and {self.day} was given" if self.day else f"came out on {found}"


def newest_day() -> date:
    """Return the last day on which a text at hand can have come out: tomorrow, for it is tomorrow somewhere."""
    return datetime.now(UTC).date() + timedelta(days=1)


def find_publication(
    text: str, *, given: date | None = None, hints: Hints | None = None, newest: date | None = None
) -> Publication:
    """Return the day of a text and its basis; days after `newest` are none."""
    hints = hints or Hints()
    found = [(day, basis) for day, basis in _found(text, hints) if newest is None or day <= newest]
    if given is not None:
        apart = tuple((day, basis) for day, basis in found if abs(day - given) > APART)
        return Publication(given, "stated", apart)
    if any(abs(day - found[0][0]) > APART for day, _ in found):
        return Publication(None, None, tuple(dict.fromkeys(found)))
    if found:
        return Publication(*found[0])
    day = _named_day(hints.name)
    return Publication(day, "file") if day and (newest is None or day <= newest) else Publication(None, None)


def _found(text: str, hints: Hints) -> Iterator[tuple[date, str]]:
    """Yield the days that are said, the surest first."""
    if hints.metadata is not None:
        yield hints.metadata, "metadata"
    yield from ((day, "metadata") for day in hints.others)
    if hints.metadata is None and hints.above:
        text = f"{hints.above}\n{text}"
    lines = [line for line in find_datelines(text, hints.language) if line.day is not None]
    for line in lines:
        if line.day and line.rank == lines[0].rank and not (line.rank == "updated" and hints.metadata):
            yield line.day, line.basis
    day = written_day(hints.address) if hints.address else None
    if day is not None:
        yield day, "url"


def _named_day(name: str | None) -> date | None:
    """Return the day that the name of a file begins or ends with, written 2025-08-05."""
    stem = PurePath(name).stem if name else ""
    return next((day for part in (stem[:10], stem[-10:]) if (day := _iso(part)) is not None), None)


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.count("-") == 2 else None  # noqa: PLR2004 - 2025-08-05
    except ValueError:
        return None
