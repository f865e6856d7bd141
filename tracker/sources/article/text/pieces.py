"""A text in pieces of bounded length, each of whole sentences, so that reading takes time and memory by its length.

A piece ends where a paragraph does, or where it has none at a sentence. What is known so far goes on from piece to
piece (see `Memory.move`); the language of a piece is its own, and that of the piece before where nothing in it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tracker.sources.article.text.lexicon import FALLBACK, LANGUAGES
from tracker.sources.article.text.normalise import Normal, fold, normalise
from tracker.sources.article.text.sentences import Sentence, document_language, split_sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LONGEST", "Piece", "split_pieces"]

LONGEST: Final = 40_000  # characters


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text in one spelling: its sentences, its length, and where in the text it was received."""

    normal: Normal
    folded: str
    sentences: list[Sentence]
    length: int
    offset: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the characters of the text as received that a non-empty stretch of the piece stands for."""
        low, high = self.normal.span(start, end)
        return low + self.offset, high + self.offset

    def place(self, start: int) -> int:
        """Return where a letter of the piece was received."""
        return self.span(start, start + 1)[0]


def split_pieces(text: str, lang: str | None = None) -> Iterator[Piece]:
    """Yield the pieces of a text, in order; nothing of it is in two of them."""
    offset, language = 0, FALLBACK
    while offset < len(text):
        normal = normalise(text[offset : offset + LONGEST])
        folded = fold(normal.text)
        language = lang if lang in LANGUAGES else document_language(folded, language)
        found = split_sentences(normal.text, language)
        is_last = offset + LONGEST >= len(text)
        length = len(normal.text) if is_last else _length(normal.text, found)
        yield Piece(normal, folded, [one for one in found if one.start < length], length, offset)
        offset += LONGEST if length == len(normal.text) else normal.starts[length]


def _length(text: str, found: list[Sentence]) -> int:
    """Return where a piece ends that is not the last: its last sentence may go on behind it."""
    opening = [one.start for one in found if one.start > len(text) // 2 and text[one.start - 1] == "\n"]
    if opening:
        return len(text[: opening[-1]].rstrip()) or opening[-1]
    return found[-1].start or len(text) if found else len(text)
