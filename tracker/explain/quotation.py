"""Quote the sentence around a figure from the file of its article, or the line around it from a filing's document.

The file is used only if its SHA-256 is that of the article that was read, and the sentence only if the figure stands
there as printed. Spans are offsets into the text as received.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tracker.errors import InputError
from tracker.sources.article.document import read_document
from tracker.sources.article.text.normalise import normalise
from tracker.sources.article.text.sentences import split_sentences
from tracker.sources.sec.filing_files import read_filing_text
from tracker.sources.sec.report_package import find_package

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["Articles", "Filings", "find_sentence", "make_quote"]

MOST_CHARACTERS: Final = 400  # characters of a sentence that are shown


def make_quote(root: Path, articles: str) -> Callable[[Mapping[str, Any]], dict[str, str]]:
    """Return the function that quotes the filings and articles of a project; `articles` names their folder in it."""
    folder = root / articles
    filings, texts = Filings(root), Articles(folder)
    return lambda fact: filings.quote(fact) or (texts.quote(fact) if folder.is_dir() else {})


class Articles:
    """A folder of article files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._texts: dict[str, str | None] = {}

    def quote(self, fact: Mapping[str, Any]) -> dict[str, str]:
        """Quote the `sentence` around a statement, or a `note` why there is none; nothing if there is no file.

        `fact` holds the `file` and `sha256` of its source beside `span_start`, `span_end` and `quote`.
        """
        if not fact["file"] or not fact["sha256"] or fact["span_start"] is None or fact["span_end"] is None:
            return {}
        path = self.folder / fact["file"]
        if path.parent != self.folder or not path.is_file():
            return {}
        text = self._read_text(path, fact["sha256"])
        if text is None:
            return {"note": f"{path.name} is not the file that was read; its sentence is not shown"}
        if text[fact["span_start"] : fact["span_end"]] != fact["quote"]:
            return {"note": f"{path.name} does not read so at these characters"}
        return {"sentence": find_sentence(text, fact["span_start"], fact["span_end"])}

    def _read_text(self, path: Path, digest: str) -> str | None:
        if path.name not in self._texts:
            self._texts[path.name] = _read_verified(path, digest)
        return self._texts[path.name]


class Filings:
    """The documents of filings that a project has read, where they still are."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._texts: dict[str, str | None] = {}

    def quote(self, fact: Mapping[str, Any]) -> dict[str, str]:
        """Quote the line around a statement as `Articles.quote` does; nothing if no document has it, or it is gone."""
        if fact["method"] != "reported" or not fact["file"] or not fact["sha256"] or fact["span_start"] is None:
            return {}
        path = self.root / fact["file"]
        if not path.is_file() and not find_package(path):
            return {}
        text = self._read_text(path, fact["sha256"])
        if text is None:
            return {"note": f"{path.name} is not the file that was read; its line is not shown"}
        if text[fact["span_start"] : fact["span_end"]] != fact["quote"]:
            return {"note": f"{path.name} does not read so at these characters"}
        return {"sentence": find_line(text, fact["span_start"], fact["span_end"])}

    def _read_text(self, path: Path, digest: str) -> str | None:
        if digest not in self._texts:
            found = read_filing_text(path)
            self._texts[digest] = found[0] if found and found[1] == digest else None
        return self._texts[digest]


def find_line(text: str, start: int, end: int) -> str:
    """Find the line around these characters; cut a long one around them.

    >>> find_line("Costs 5" + chr(10) + "Sales 7 8", 14, 15)
    'Sales 7 8'
    """
    room = max(0, (MOST_CHARACTERS - (end - start)) // 2)
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    low, high = max(first, start - room), min(len(text) if last < 0 else last, end + room)
    cut = ("…" if low > first else "", "…" if 0 <= high < last else "")
    return f"{cut[0]}{text[low:high].strip()}{cut[1]}"


def _read_verified(path: Path, digest: str) -> str | None:
    """Read the text of a file; None if it does not have this hash."""
    try:
        document = read_document(path)
    except (OSError, InputError):
        return None
    return document.text if document.digest == digest else None


def find_sentence(text: str, start: int, end: int) -> str:
    """Find the sentence around these characters, as received but on one line; cut a long one around them.

    >>> find_sentence("It rose. Sales were $5 bn, up. Fine.", 20, 25)
    'Sales were $5 bn, up.'
    """
    normal = normalise(text)
    spans = [normal.span(sentence.start, sentence.end) for sentence in split_sentences(normal.text)]
    first = max((a for a, b in spans if a <= start), default=start)
    last = min((b for a, b in spans if b >= end), default=end)
    room = max(0, (MOST_CHARACTERS - (end - start)) // 2)
    low, high = max(first, start - room), min(last, end + room)
    cut = ("…" if low > first else "", "…" if high < last else "")
    return f"{cut[0]}{' '.join(text[low:high].split())}{cut[1]}"
