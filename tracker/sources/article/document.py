"""A file with a text, as it was received and as it reads: plain text as it is, a saved page as the article it shows."""

from __future__ import annotations

import codecs
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from tracker.errors import InputError, Problem
from tracker.sources.article import believable_language
from tracker.sources.article.page import Page, read_page
from tracker.sources.article.page_head import comparable_address
from tracker.sources.article.publication import Hints

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["ReceivedText", "is_page", "is_text", "read_document"]

_TEXTS: Final = frozenset({".txt", ".md"})
_PAGES: Final = frozenset({".html", ".htm", ".xhtml"})
_LARGEST: Final = 16_000_000  # bytes
_ALONE: Final = "save the text of the article alone in a .txt file"
_MOST_TAGS: Final = 800_000  # of a page: a tag takes half a kilobyte of memory
_DECLARED: Final = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,100}?encoding=[\"']([\w.:-]{2,40})",
    re.IGNORECASE,
)
#: Encodings of pages, and those that browsers read instead, which have all letters of the declared one and more.
_ENCODINGS: Final = re.compile(
    r"utf-?8|utf-?16(?:[lb]e)?|(?:us-)?ascii|iso-?8859-?\d{1,2}|latin-?1|windows-?\d{3,4}|x-sjis|shift[-_]jis|sjis|"
    r"iso-2022-jp|euc-?jp|euc-?kr|ks_c_5601-1987|gb2312|gbk|gb18030|big5(?:-hkscs)?|koi8-[ru]|tis-620"
)
_WIDER: Final = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
    "euc_kr": "cp949", "big5": "big5hkscs", "utf-16-le": "utf-8", "utf-16-be": "utf-8", "utf-16": "utf-8",
}  # fmt: skip
_OWN_NAMES: Final = {"x-sjis": "shift_jis"}
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class ReceivedText:
    """The bytes of a file, the text that spans count in, and where it is a page what that says of itself."""

    path: Path
    data: bytes
    text: str
    page: Page | None

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the file."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def text_digest(self) -> str:
        """Return the SHA-256 of the text, whatever its blanks, its line ends and the form of its letters."""
        text = " ".join(unicodedata.normalize("NFC", self.text).split())
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() if text else self.digest

    @property
    def address(self) -> str | None:
        """Return the address of a page as it is compared with those of others."""
        return comparable_address(self.page.head.address or "") if self.page else None

    @property
    def hints(self) -> Hints:
        """Return what there is beside the text to find its day by."""
        if self.page is None:
            return Hints(name=self.path.name)
        head = self.page.head
        first, *others = (*head.days, None) if head.days else (None,)
        days = tuple(day for day in others if day)
        return Hints(first, head.address, self.language, self.path.name, days, self.page.above)

    @property
    def language(self) -> str | None:
        """Return the language that a page says it is written in, where its words do not belie it."""
        return believable_language(self.text, self.page.head.language) if self.page else None

    @property
    def problems(self) -> list[Problem]:
        """Return what of a page was not read."""
        losses = self.page.losses if self.page else ()
        return [Problem(str(self.path), line, None, code, what, remedy) for line, code, what, remedy in losses]

    def unread(self, stretches: Sequence[tuple[int, int]]) -> list[Problem]:
        """Stretches of the text that were not read, at the lines where they begin: the first, and how many more."""
        path, remedy = str(self.path), "split the text or the line, and ingest the parts"
        more = len(stretches) - _STRETCHES
        found = [
            Problem(path, self.text.count("\n", 0, start) + 1, None, "unread", _UNREAD.format(start + 1, end), remedy)
            for start, end in stretches[:_STRETCHES]
        ]
        told = f"{more} more stretches were not read"
        return [*found, Problem(path, None, None, "unread", told, remedy)] if more > 0 else found


_UNREAD: Final = (
    "characters {:,} to {:,} were not read: of a text the first million characters are, of a line the first 60 numbers"
)
_STRETCHES: Final = 10  # that are named one by one


def is_text(path: Path) -> bool:
    """Return true if the name ends as a plain text does."""
    return path.suffix.lower() in _TEXTS


def is_page(path: Path) -> bool:
    """Return true if the name ends as a page does."""
    return path.suffix.lower() in _PAGES


def read_document(path: Path) -> ReceivedText:
    """Return a text or a page; InputError where it is too large, or its bytes are not in its encoding."""
    if path.stat().st_size > _LARGEST:
        message = f"is larger than {_LARGEST // 1_000_000} MB"
        raise InputError([Problem(str(path), None, None, "size", message, _ALONE)])
    data = path.read_bytes()
    if not is_page(path):
        text = _decoded(path, data, "utf-8-sig")
        return ReceivedText(path, data, text, None)
    if data.count(b"<") > _MOST_TAGS:
        raise InputError([Problem(str(path), None, None, "size", f"has more than {_MOST_TAGS:,} tags", _ALONE)])
    page = read_page(_decoded(path, data, _encoding(data)))
    return ReceivedText(path, data, page.text, page)


def _encoding(data: bytes) -> str:
    """Return the encoding of a page: its byte order mark, else what it declares, else UTF-8."""
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    declared = _DECLARED.search(data[:4096])
    name = (declared[1] or declared[2]).decode("ascii").lower() if declared else "utf-8"
    if marked or not _ENCODINGS.fullmatch(name):
        return marked or "utf-8"
    try:
        found = codecs.lookup(_OWN_NAMES.get(name, name)).name
    except LookupError:
        return "utf-8"
    return _WIDER.get(found, found)


def _decoded(path: Path, data: bytes, encoding: str) -> str:
    """Return the text of the bytes; a page in UTF-8 that declares another encoding is taken as what it is."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        wrong = error
    if encoding not in ("utf-8", "utf-8-sig"):
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass
    name = "UTF-8" if encoding.startswith("utf-8") else encoding.upper()
    line = data[: wrong.start].count(b"\n") + 1
    message = f"byte 0x{data[wrong.start]:02x} is not {name}"
    raise InputError([Problem(str(path), line, None, "encoding", message, "save the file as UTF-8")])
