"""Read articles without storing anything, and give JSON lines for `tracker extract`."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from tracker.errors import FetchError, InputError, Problem
from tracker.sources.article import accept, as_record, extract, record
from tracker.sources.article.publication import Hints, find_publication, newest_day
from tracker.warehouse.export import as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracker.sources.article import Known, NamedCompany, Proposal, Reading
    from tracker.sources.article.document import ReceivedText

    #: A function that proposes the figures of a text; FetchError if it has no answer.
    SecondReader = Callable[[str], tuple[Proposal, ...]]

__all__ = ["Knowledge", "extract_batch", "extract_document", "make_reader"]


class Knowledge(NamedTuple):
    """What is known apart from a text: more companies than the well-known ones, and the levels of their figures."""

    companies: tuple[NamedCompany, ...] = ()
    known: Known | None = None


def make_reader(
    knowledge: Knowledge, second: SecondReader | None, say: Callable[[str], None]
) -> Callable[..., Reading]:
    """Return a function that reads a text, from the text, its day of publication and its language.

    With a `second` reader, its proposals are used, too; `say` gets a message for each text that it does not answer.
    """
    companies, known = knowledge

    def read(text: str, published: date | None = None, language: str | None = None) -> Reading:
        found = extract(text, published=published, latest=newest_day(), lang=language, companies=companies, known=known)
        if second is None:
            return found
        return accept(
            text, found, _ask_second_reader(second, text, say), published=published, companies=companies, known=known
        )

    return read


def _ask_second_reader(second: SecondReader, text: str, say: Callable[[str], None]) -> tuple[Proposal, ...]:
    """Return what a second reader proposes; nothing, with a message to `say`, if it gives no answer."""
    try:
        return second(text)
    except FetchError as error:
        say(f"{error}; the figures are those of the rules alone")
        return ()


def extract_document(  # noqa: PLR0913 - what the command line gives
    knowledge: Knowledge,
    document: ReceivedText,
    given: date | None,
    *,
    explain: bool,
    say: Callable[[str], None],
    second: SecondReader | None = None,
) -> Iterator[str]:
    """Yield one line for each figure: its list (facts, promises, review, abstained), its content, its place, and why.

    `say` gets notes on the day of publication, on the parts of a page that were not read, and on a `second` reader
    that gave no answer: the figures are those of the rules alone then.
    """
    publication = find_publication(document.text, given=given, hints=document.hints, newest=newest_day())
    found = make_reader(knowledge, second, say)(document.text, publication.day, document.language)
    for note in (*publication.notes, *document.problems, *document.unread(found.unread)):
        say(str(note))
    for name in ("facts", "promises", "review", "abstained"):
        for figure in getattr(found, name):
            rules = {"rules": list(figure.rules), "flags": list(figure.flags)} if explain else {}
            yield as_json({"list": name, **as_record(figure), **rules})


def extract_batch(
    knowledge: Knowledge, lines: str, *, say: Callable[[str], None], second: SecondReader | None = None
) -> Iterator[str]:
    """Yield one line for each text, in their order; InputError names a line that is not a record of a text."""
    read = make_reader(knowledge, second, say)
    for number, line in enumerate(lines.split("\n"), 1):  # a JSON text may contain other line ends
        if line.strip():
            wanted = _parse_record(line, number)
            given = date.fromisoformat(wanted["published"]) if wanted.get("published") else None
            hints = Hints(language=wanted.get("lang"))
            publication = find_publication(wanted["text"], given=given, hints=hints, newest=newest_day())
            found = record(wanted["id"], read(wanted["text"], publication.day, wanted.get("lang")))
            day = publication.day.isoformat() if publication.day else None
            yield as_json({**found, "published": day, "published_basis": publication.basis})


def _parse_record(line: str, number: int) -> dict[str, Any]:
    """Parse a line of a batch; InputError if it is not a record of a text."""
    try:
        text = json.loads(line)
        if isinstance(text["id"], str) and isinstance(text["text"], str):
            date.fromisoformat(text.get("published") or "2000-01-01")
            return dict(text)
    except (ValueError, KeyError, TypeError):
        pass
    message = 'is not a record with "id" and "text"'
    remedy = 'write {"id": "1", "text": "...", "published": "2024-08-01"} on one line'
    raise InputError([Problem("batch", number, None, "batch", message, remedy)])
