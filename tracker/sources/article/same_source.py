"""Tell if a text is one that was read before: the same file, the same words, or a page of the same address.

One source read twice is one source: what the later reading says takes the place of what the earlier one said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tracker.sources.article import APART
from tracker.sources.article.publication import Publication, find_publication, newest_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.sources.article.document import ReceivedText
    from tracker.sources.base import Request, StoredSource

__all__ = ["address_key", "file_key", "find_stored", "publication_of", "text_key"]

#: What says the day, the surest first: of two readings of one source the surer holds.
_RANKS: Final = ("stated", "metadata", "dateline", "url", "file")


def file_key(digest: str) -> str:
    """By what a source is found whose file has this SHA-256."""
    return digest


def text_key(digest: str) -> str:
    """By what a source is found whose text has this SHA-256."""
    return f"text {digest}"


def address_key(address: str) -> str:
    """By what a source is found that has this address."""
    return f"address {address}"


def find_stored(request: Request, document: ReceivedText) -> StoredSource | None:
    """Return the source that a text is, where it is stored already.

    An address alone does not make two texts one where their days lie apart: some pages show another text each quarter.
    """
    for key in _keys(document):
        stored = request.background.stored.get(key)
        if stored is not None and not (key.startswith("address ") and _lies_apart(request, document, stored)):
            return stored
    return None


def _keys(document: ReceivedText) -> Iterator[str]:
    yield file_key(document.digest)
    yield text_key(document.text_digest)
    if document.address is not None:
        yield address_key(document.address)


def _lies_apart(request: Request, document: ReceivedText, stored: StoredSource) -> bool:
    day = publication_of(request, document, None).day
    return day is not None and stored.day is not None and abs(day - stored.day) > APART


def publication_of(request: Request, document: ReceivedText, stored: StoredSource | None) -> Publication:
    """Return the day of a text: as given now or before, else as it says or was found to say when read before."""
    known = stored.day if stored and stored.basis == "stated" else None
    given = request.published or known
    found = find_publication(document.text, given=given, hints=document.hints, newest=newest_day())
    if stored is None or stored.day is None or found.apart or _rank_basis(found.basis) <= _rank_basis(stored.basis):
        return found
    return Publication(stored.day, stored.basis)


def _rank_basis(basis: str | None) -> int:
    return _RANKS.index(basis) if basis in _RANKS else len(_RANKS)
