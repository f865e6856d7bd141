"""The documents of a filing as files: find them, read them, and join the contexts and units that they share.

The documents of one filing define contexts and units together, and have their labels in a file beside them.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from tracker.errors import DocumentError, InputError, Problem
from tracker.sources.sec.label_linkbase import read_labels
from tracker.sources.sec.markup import is_inline, is_instance
from tracker.sources.sec.report_package import find_package, is_report_package, list_reports, read_report
from tracker.sources.sec.tagged import read_tagged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tracker.sources.sec.xbrl import FactContext, Filed

__all__ = [
    "MAX_BYTES",
    "PAGES",
    "FilingDocument",
    "Shared",
    "file_problem",
    "find_siblings",
    "is_inline_file",
    "list_pages",
    "read_bounded",
    "read_document",
    "read_filing_text",
    "read_member_labels",
    "share_resources",
    "split_suffix",
]

#: The largest document of any filing is some 40 MB; a larger one is damaged or hostile.
MAX_BYTES: Final = 64 * 2**20
PAGES: Final = (".htm", ".html", ".xhtml")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class FilingDocument:
    """A document of a filing, the hash of its bytes, and what is tagged in it."""

    path: Path
    digest: str
    filed: Filed


def split_suffix(path: Path) -> tuple[str, bool]:
    """Return the suffix of a file's name without `.gz`, and whether it has that."""
    name = path.name.lower()
    is_packed = name.endswith(".gz")
    return "." + name.removesuffix(".gz").rpartition(".")[2], is_packed


def list_pages(folder: Path) -> list[Path]:
    """List the pages of a folder or of a report package by name; none if the path is another file."""
    if is_report_package(folder):
        return list_reports(folder)
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and split_suffix(path)[0] in PAGES)


def is_inline_file(path: Path) -> bool:
    """Return whether a file can be read and is a page with inline XBRL."""
    try:
        return is_inline(read_bounded(path))
    except (OSError, EOFError, zlib.error):
        return False


def read_bounded(path: Path) -> bytes:
    """Return the bytes of a file or of a page in a package, unpacked; never more than one above the limit."""
    if not path.exists() and (package := find_package(path)):
        return read_report(package, path, MAX_BYTES + 1)
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def read_filing_text(path: Path) -> tuple[str, str] | None:
    """Return the text of a document, to which spans refer, and the hash of its bytes; None if it cannot be read."""
    try:
        document = read_document(path)
    except (OSError, InputError):
        return None
    return document.filed.text, document.digest


def read_document(path: Path) -> FilingDocument:
    """Read a document; InputError if it is not a document with facts."""
    try:
        data = read_bounded(path)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            [file_problem(path, "unreadable", f"cannot be unpacked ({error})", "fetch it again")]
        ) from error
    if len(data) > MAX_BYTES:
        message = f"has more than {MAX_BYTES // 2**20} MB, which is more than any filing has"
        raise InputError([file_problem(path, "size", message, "check where it comes from")])
    if not (is_instance(data) if split_suffix(path)[0] == ".xml" else is_inline(data)):
        what = "is no XBRL instance" if split_suffix(path)[0] == ".xml" else "has no inline XBRL"
        raise InputError(
            [file_problem(path, "shape", what, "give the document that the filing's figures are tagged in")]
        )
    try:
        filed = read_tagged(data)
    except DocumentError as error:
        raise InputError([file_problem(path, "document", str(error), "fetch it again")]) from error
    return FilingDocument(path, hashlib.sha256(data).hexdigest(), filed)


def find_siblings(document: FilingDocument) -> list[FilingDocument]:
    """Find the documents of the same filing in the folder that define what this one does not: they share a schema."""
    filed = document.filed
    absent = {fact.context for fact in filed.facts if fact.context not in filed.contexts}
    if not filed.is_inline or not absent:
        return []
    found = []
    for path in list_pages(document.path.parent):
        if path != document.path and _may_define(path, absent, filed.schemas):
            try:
                other = read_document(path)
            except InputError:
                continue
            if absent <= other.filed.contexts.keys() and (not filed.schemas or filed.schemas & other.filed.schemas):
                found.append(other)
    return found if len(found) == 1 else []


def _may_define(path: Path, absent: set[str], schemas: frozenset[str]) -> bool:
    """Return whether a page is worth reading for these contexts: it has their ids in it, and one of the schemas."""
    try:
        data = read_bounded(path)
    except (OSError, EOFError, zlib.error):
        return False
    has_schema = not schemas or any(schema.encode() in data for schema in schemas)
    return has_schema and all(key.encode() in data for key in absent) and is_inline(data)


_LABELS: Final = re.compile(r"(_lab[\w-]{0,20}\.xml|\.xsd)(\.gz)?", re.ASCII | re.IGNORECASE)


def read_member_labels(documents: Sequence[FilingDocument]) -> tuple[dict[str, str], list[Problem]]:
    """Read what the filing calls its members, from the linkbases beside its documents, named like their schema."""
    labels: dict[str, str] = {}
    problems = []
    stems = {name.removesuffix(".xsd") for document in documents for name in document.filed.schemas if "/" not in name}
    for path in _list_beside(documents[0].path):
        if any(stem and path.name.startswith(stem) and _LABELS.fullmatch(path.name[len(stem) :]) for stem in stems):
            try:
                labels = read_labels(read_bounded(path)) | labels
            except (OSError, EOFError, zlib.error, DocumentError) as error:
                remedy = "its labels are left out; fetch it again"
                problems.append(file_problem(path, "labels", f"cannot be read ({error})", remedy))
    return labels, problems


def _list_beside(path: Path) -> list[Path]:
    """List the files in the folder of a document; none if the folder may not be listed."""
    try:
        return sorted(path.parent.iterdir())
    except OSError:
        return []


@dataclass(frozen=True, slots=True)
class Shared:
    """The contexts and units of all documents of a filing by id, and the cover page with its context."""

    contexts: Mapping[str, FactContext]
    units: Mapping[str, str]
    cover: Mapping[str, str]
    context: FactContext | None


def share_resources(documents: Sequence[FilingDocument]) -> Shared:
    """Put the contexts and units of a filing's documents together; what two of them define differently is left out."""
    contexts: dict[str, FactContext] = {}
    units: dict[str, str] = {}
    disputed: set[str] = set()
    for document in documents:
        disputed |= _add_entries(contexts, document.filed.contexts) | _add_entries(units, document.filed.units)
    main = next((one for one in documents if one.filed.cover_context), documents[0]).filed
    return Shared(
        {key: one for key, one in contexts.items() if key not in disputed},
        {key: one for key, one in units.items() if key not in disputed},
        main.cover,
        contexts.get(main.cover_context or ""),
    )


def _add_entries(known: dict[str, _T], more: Mapping[str, _T]) -> set[str]:
    """Add the entries of one document to those of others; return the keys under which the two differ."""
    differing = {key for key, one in more.items() if key in known and known[key] != one}
    known |= more
    return differing


def file_problem(path: Path, code: str, message: str, remedy: str, column: str | None = None) -> Problem:
    """Return what is wrong with a document, or with a fact in it."""
    return Problem(str(path), None, column, code, message, remedy)
