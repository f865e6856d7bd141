"""The formats of a document: one function for each, from the document to the bytes of a file.

`folder` is where the file will lie, and where a project keeps fonts of its own (`fonts/`).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from tracker.report.charts.drawing import label_svg, png_of, svg_of
from tracker.report.output.interactive import bundle
from tracker.report.output.markdown import markdown
from tracker.report.output.page import page
from tracker.report.output.pdf import pdf
from tracker.report.output.picture import picture
from tracker.report.output.workbook import spreadsheet
from tracker.report.shelf import put

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tracker.report.document import Document

__all__ = ["OUTPUTS", "font_files", "write"]


def write(document: Document, form: str, folder: Path) -> bytes:
    """Write a document in a format."""
    return OUTPUTS[form](document, folder)


def _html(document: Document, folder: Path) -> bytes:
    """Write the page; if its charts are interactive, first put their script beside it."""
    if not document.definition.is_interactive:
        return page(document).encode()
    name, content = bundle(folder)
    put(folder / name, content)
    return page(document, name).encode()


def _svg(document: Document, _: Path) -> bytes:
    label = f"{document.headline}. {document.lead}"
    return label_svg(svg_of(picture(document)), label).encode()


def _png(document: Document, _: Path) -> bytes:
    return png_of(svg_of(picture(document)))


def _json(document: Document, _: Path) -> bytes:
    """Write the specification with its data, and beside it the report's figures with every digit."""
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


def _pdf(document: Document, folder: Path) -> bytes:
    return pdf(document, folder / "fonts")


def font_files(folder: Path) -> list[Path]:
    """List the fonts a project brings along for its PDFs."""
    return sorted(path for path in (folder / "fonts").glob("*") if path.is_file())


def _xlsx(document: Document, _: Path) -> bytes:
    return spreadsheet(document)


def _markdown(document: Document, _: Path) -> bytes:
    return markdown(document).encode()


#: Characters that would be read as markup if somebody pastes the data into a page.
_MARKUP: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}

#: The function that writes each format.
OUTPUTS: Final[Mapping[str, Callable[[Document, Path], bytes]]] = {
    "html": _html,
    "json": _json,
    "png": _png,
    "svg": _svg,
    "pdf": _pdf,
    "xlsx": _xlsx,
    "md": _markdown,
}
