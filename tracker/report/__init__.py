"""Reports: make pages, pictures and data from a definition and a warehouse.

A kind of report (`kinds`) makes a `Document` of rows; an output (`outputs`) makes bytes of a `Document`. The same
commit, as-of moment and definition give the same bytes, whatever the machine's time zone or locale.

The libraries that draw take a second to load, so they are loaded with the first name that needs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.report.definition import DEFAULT_FORMATS, FORMATS, KINDS, Definition, load_definitions

if TYPE_CHECKING:
    from tracker.report.index import list_reports, write_index
    from tracker.report.making import document_of, render

__all__ = [
    "DEFAULT_FORMATS",
    "FORMATS",
    "KINDS",
    "Definition",
    "document_of",
    "list_reports",
    "load_definitions",
    "render",
    "write_index",
]


def __getattr__(name: str) -> object:
    """Load a name that draws when it is first used."""
    if name in {"document_of", "render"}:
        from tracker.report import making  # noqa: PLC0415

        return getattr(making, name)
    if name in {"list_reports", "write_index"}:
        from tracker.report import index  # noqa: PLC0415

        return getattr(index, name)
    raise AttributeError(f"module 'tracker.report' has no attribute {name!r}")
