"""Readers: each turns what it is given into facts with their evidence.

A reader yields batches; a batch is stored whole or not at all. What could not be read travels beside
what could, as problems; a reader whose input must be right as a whole raises InputError instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from tracker.model.batch import Batch
    from tracker.model.entity import Entities
    from tracker.sources.article.model import Known

__all__ = ["Request", "Source", "StoredSource"]


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source that is stored already: its row, who speaks in it and which company it is about, where that is known.

    `day` is its day of publication and `basis` what says so. One that people list in a table (`is_listed`) is as they
    say it is.
    """

    row: Mapping[str, Any]
    speaker: str | None
    about: str | None
    day: date | None
    basis: str | None
    is_listed: bool


@dataclass(frozen=True, slots=True)
class Request:
    """What to read, and what the caller knows about it that the file itself does not say.

    `kind` is what kind of text it is (article, news, release, filing, call). `stored` are the sources that are stored
    already by the SHA-256 of their files, of their texts, and by their address; `known` tells the interval of a
    company's metric in a period, where the warehouse has it.
    """

    path: Path
    origin: str
    entities: Entities
    published: date | None = None
    entity: str | None = None
    kind: str | None = None
    stored: Mapping[str, StoredSource] = field(default_factory=dict)
    known: Known | None = None


class Source(Protocol):
    """A kind of input: how to recognise it, and how to read it."""

    name: str

    def accepts(self, path: Path) -> bool:
        """Whether this reader is the one for the path."""

    def read(self, request: Request) -> Iterator[Batch]:
        """The path's content in batches; InputError where nothing of it may be stored."""
