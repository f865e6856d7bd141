"""What a document can be written as: one function a format, from the document to the bytes of a file."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from tracker.report.drawing import labelled, png_of, svg_of
from tracker.report.page import page
from tracker.report.picture import picture

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tracker.report.document import Document

__all__ = ["OUTPUTS"]


def _html(document: Document) -> bytes:
    return page(document).encode()


def _svg(document: Document) -> bytes:
    label = f"{document.headline}. {document.lead}"
    return labelled(svg_of(picture(document)), label).encode()


def _png(document: Document) -> bytes:
    return png_of(svg_of(picture(document)))


def _json(document: Document) -> bytes:
    """The specification with its data, and beside it the report's figures with every digit."""
    told = {
        "headline": document.headline,
        "lead": document.lead,
        "definition": asdict(document.definition),
        "known_on": document.known_on,
        "commit": document.commit,
        **document.data,
        "vega_lite": picture(document),
    }
    text = json.dumps(told, ensure_ascii=False, indent=1, default=str)
    return (text.translate(_MARKUP) + "\n").encode()


#: Characters that a page into which somebody pastes the data would take for its own.
_MARKUP: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}

#: format -> what writes a document in it.
OUTPUTS: Final[Mapping[str, Callable[[Document], bytes]]] = {
    "html": _html,
    "json": _json,
    "png": _png,
    "svg": _svg,
}
