"""The sentence a figure stands in, from the article's own file where that is at hand.

The file is taken for the article only where its SHA-256 is the one that was read, and the sentence only where the
figure stands in it as printed. Spans are offsets into the text as received.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tracker.errors import InputError
from tracker.sources.article.document import read_document
from tracker.sources.article.text.normalise import normalise
from tracker.sources.article.text.sentences import split_sentences

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Articles", "sentence_around"]

LONGEST: Final = 400  # characters of a sentence that are shown


class Articles:
    """A folder of article files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._texts: dict[str, str | None] = {}

    def around(self, fact: Mapping[str, Any]) -> dict[str, str]:
        """The `sentence` a statement stands in, or a `note` why it cannot be shown; nothing where no file is at hand.

        `fact` holds the `file` and `sha256` of its source beside `span_start`, `span_end` and `quote`.
        """
        if not fact["file"] or not fact["sha256"] or fact["span_start"] is None or fact["span_end"] is None:
            return {}
        path = self.folder / fact["file"]
        if path.parent != self.folder or not path.is_file():
            return {}
        text = self._text(path, fact["sha256"])
        if text is None:
            return {"note": f"{path.name} is not the file that was read; its sentence is not shown"}
        if text[fact["span_start"] : fact["span_end"]] != fact["quote"]:
            return {"note": f"{path.name} does not read so at these characters"}
        return {"sentence": sentence_around(text, fact["span_start"], fact["span_end"])}

    def _text(self, path: Path, digest: str) -> str | None:
        if path.name not in self._texts:
            self._texts[path.name] = _verified(path, digest)
        return self._texts[path.name]


def _verified(path: Path, digest: str) -> str | None:
    """The text of a file that has this hash."""
    try:
        document = read_document(path)
    except (OSError, InputError):
        return None
    return document.text if document.digest == digest else None


def sentence_around(text: str, start: int, end: int) -> str:
    """The sentence of these characters, as received but on one line; a long one is cut around them.

    >>> sentence_around("It rose. Sales were $5 bn, up. Fine.", 20, 25)
    'Sales were $5 bn, up.'
    """
    normal = normalise(text)
    spans = [normal.span(sentence.start, sentence.end) for sentence in split_sentences(normal.text)]
    first = max((a for a, b in spans if a <= start), default=start)
    last = min((b for a, b in spans if b >= end), default=end)
    room = max(0, (LONGEST - (end - start)) // 2)
    low, high = max(first, start - room), min(last, end + room)
    cut = ("…" if low > first else "", "…" if high < last else "")
    return f"{cut[0]}{' '.join(text[low:high].split())}{cut[1]}"
