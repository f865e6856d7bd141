"""Readers: each turns what it is given into facts with their evidence.

A reader yields batches; a batch is stored whole or not at all. What could not be read travels beside
what could, as problems; a reader whose input must be right as a whole raises InputError instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from tracker.model.batch import Batch
    from tracker.model.entity import Entities
    from tracker.sources.article.model import Known

__all__ = ["Background", "Request", "Source", "StatedFiling", "StoredSource"]


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source that is stored already: its row, who speaks in it and which company it is about, where that is known.

    `day` is its day of publication and `basis` what says so. `is_listed` means that people list it in a table; then
    what the table says of it holds.
    """

    row: Mapping[str, Any]
    speaker: str | None
    about: str | None
    day: date | None
    basis: str | None
    is_listed: bool


@dataclass(frozen=True, slots=True)
class StatedFiling:
    """A filing of a company that is stored already, as company facts give it.

    `statements` are its amounts: concept, unit, first day (None for an instant), last day and value.
    """

    accession: str
    form: str | None
    known_at: datetime
    basis: str | None
    statements: frozenset[tuple[object, ...]]


def no_filings(_: str) -> Sequence[StatedFiling]:
    """Know no filing of a company: the default where there is no warehouse."""
    return ()


@dataclass(frozen=True, slots=True)
class Background:
    """What the warehouse knows that helps to read a text.

    `stored` are the stored sources by the SHA-256 of their files, of their texts, and by their address. `known`
    returns the interval of a company's metric in a period, None where the warehouse has no such figure; it is None
    itself where there is no warehouse. `filings` loads the stored filings of a company; only a source that asks for
    them pays for it.
    """

    stored: Mapping[str, StoredSource] = field(default_factory=dict)
    known: Known | None = None
    filings: Callable[[str], Sequence[StatedFiling]] = no_filings


@dataclass(frozen=True, slots=True)
class Request:
    """What to read, and what the caller knows about it that the file itself does not say.

    `origin` is the name of the path in the project. `kind` is what kind of text it is (article, news, release, filing,
    call), and `accession` the number of the filing that it is part of. `background` is filled only for a source that
    needs it; `entities` then has the companies that are known from their filings alone, too.
    """

    path: Path
    origin: str
    entities: Entities
    published: date | None = None
    entity: str | None = None
    kind: str | None = None
    accession: str | None = None
    background: Background = field(default_factory=Background)


class Source(Protocol):
    """A kind of input: how to recognise it, and how to read it.

    `needs_background` declares that `read` uses `Request.background`, which takes a second to load.
    """

    name: str
    needs_background: bool

    def accepts(self, path: Path) -> bool:
        """Return whether this reader is the one for the path."""

    def read(self, request: Request) -> Iterator[Batch]:
        """Yield the path's content in batches; raise InputError where nothing of it may be stored."""
