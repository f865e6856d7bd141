"""What the article reader finds, as JSON lines for `tracker extract`."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from tracker.errors import InputError, Problem
from tracker.project import reader_of
from tracker.sources.article import as_record, record
from tracker.sources.article.publication import Hints, find_publication, newest_day
from tracker.warehouse.export import as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracker.project import Project
    from tracker.sources.article.document import Document

__all__ = ["from_batch", "from_document"]


def from_document(
    project: Project | None, document: Document, given: date | None, *, explain: bool, say: Callable[[str], None]
) -> Iterator[str]:
    """One line a figure: the list it is on (facts, promises, review, abstained), what it says, where it stands, why.

    `say` is told what is known of the day, and what of a page was not read.
    """
    publication = find_publication(document.text, given=given, hints=document.hints, newest=newest_day())
    found = reader_of(project)(document.text, publication.day, document.language)
    for note in (*publication.notes, *document.problems, *document.unread(found.unread)):
        say(str(note))
    for name in ("facts", "promises", "review", "abstained"):
        for figure in getattr(found, name):
            rules = {"rules": list(figure.rules), "flags": list(figure.flags)} if explain else {}
            yield as_json({"list": name, **as_record(figure), **rules})


def from_batch(project: Project | None, lines: str) -> Iterator[str]:
    """One line a text, in the order they came; InputError names the line that is no such record."""
    read = reader_of(project)
    for number, line in enumerate(lines.split("\n"), 1):  # a JSON text may hold other line ends
        if line.strip():
            asked = _asked(line, number)
            given = date.fromisoformat(asked["published"]) if asked.get("published") else None
            hints = Hints(language=asked.get("lang"))
            publication = find_publication(asked["text"], given=given, hints=hints, newest=newest_day())
            found = record(asked["id"], read(asked["text"], publication.day, asked.get("lang")))
            day = publication.day.isoformat() if publication.day else None
            yield as_json({**found, "published": day, "published_basis": publication.basis})


def _asked(line: str, number: int) -> dict[str, Any]:
    try:
        asked = json.loads(line)
        if isinstance(asked["id"], str) and isinstance(asked["text"], str):
            date.fromisoformat(asked.get("published") or "2000-01-01")
            return dict(asked)
    except (ValueError, KeyError, TypeError):
        pass
    message = 'is no record with "id" and "text"'
    remedy = 'write {"id": "1", "text": "...", "published": "2024-08-01"} on one line'
    raise InputError([Problem("batch", number, None, "batch", message, remedy)])
