"""Recognise inline XBRL pages and XBRL instances by their bytes, and prepare the bytes for the parser."""

from __future__ import annotations

import codecs
import html.entities
import re
from typing import Final

from tracker.errors import DocumentError

__all__ = ["INLINE", "INSTANCE", "check_markup", "clean_markup", "is_inline", "is_instance"]

#: A document with elements of one of these namespaces is inline XBRL.
INLINE: Final = ("http://www.xbrl.org/2013/inlineXBRL", "http://www.xbrl.org/2008/inlineXBRL")
INSTANCE: Final = "http://www.xbrl.org/2003/instance"

_IN_TAG: Final = rb"<[^<>]{0,20000}?xmlns(?::[\w.-]+)?\s*=\s*[\"']%s[\"']"
_INLINE_TAG: Final = re.compile(_IN_TAG % (rb"http://www\.xbrl\.org/20(?:13|08)/inlineXBRL"))
_INSTANCE_TAG: Final = re.compile(_IN_TAG % rb"http://www\.xbrl\.org/2003/instance")
_ROOT: Final = re.compile(rb"<(?:[\w.-]+:)?xbrl[\s>]")


def is_inline(data: bytes) -> bool:
    """Return whether the bytes of a page declare the namespace of inline XBRL in a tag."""
    return bool(_INLINE_TAG.search(data))


def is_instance(data: bytes) -> bool:
    """Return whether the bytes are those of an XBRL instance."""
    return bool(_ROOT.search(data[:100_000]) and _INSTANCE_TAG.search(data[:100_000]))


# -- the bytes -----------------------------------------------------------------------------------------

_MARKS: Final = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
#: A picture or a font within the page, which may be larger than the parser takes.
_EMBEDDED: Final = re.compile(rb"data:[\w.+-]+/[\w.+-]+(?:;[\w=.-]+)*;base64,[A-Za-z0-9+/=\s]{1000,}")
_NAMED: Final = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,31});")
_DECLARATION: Final = re.compile(rb"^\s*<\?xml[^>]*\?>")
_DOCTYPE: Final = re.compile(rb"<!DOCTYPE[^\[>]*(?:\"[^\"]*\"[^\[>]*|'[^']*'[^\[>]*)*(\[)?")


def check_markup(data: bytes) -> bytes:
    """Return the bytes from the beginning of the XML, in an encoding that contains ASCII.

    Raises:
        DocumentError: they do not begin as XML does, or declare entities.

    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError as error:
                raise DocumentError("is no whole UTF-16 text") from error
            data = _DECLARATION.sub(b"", text.encode())
    begin = data.find(b"<")
    if begin < 0 or data[:begin].strip(b" \t\r\n\xef\xbb\xbf"):
        raise DocumentError("does not begin as an XML document does")
    if b"<!" in data and (b"<!ENTITY" in data or _has_subset(data)):
        raise DocumentError("declares entities, which no filing does")
    return data[begin:]


def _has_subset(data: bytes) -> bool:
    """Return whether a document has declarations of its own. XML knows `DOCTYPE` in capitals alone."""
    found = _DOCTYPE.search(data) if b"<!DOCTYPE" in data else None
    return bool(found and found[1])


def clean_markup(data: bytes) -> bytes:
    """Return checked bytes in the form that the parser takes: without HTML's names of letters, and without pictures."""
    return _NAMED.sub(_plain_letter, _EMBEDDED.sub(b"data:,", data))


def _plain_letter(found: re.Match[bytes]) -> bytes:
    """Return a letter that HTML names (`&nbsp;`) as a number, which XML knows, too."""
    point = html.entities.name2codepoint.get(found[1].decode())
    return found[0] if point is None else b"&#%d;" % point
