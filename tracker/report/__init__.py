"""Reports: a definition and a warehouse in, a page, pictures and data out.

The same commit, as-of moment and definition give the same bytes, whatever the machine's time zone or locale.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracker.report.definition import FORMATS, KINDS, Definition, check, load_definitions
from tracker.report.drawing import labelled, png_of, svg_of
from tracker.report.edition import Edition, read_edition
from tracker.report.page import page
from tracker.report.picture import picture
from tracker.report.prose import headline, lead
from tracker.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

__all__ = ["FORMATS", "KINDS", "Definition", "load_definitions", "render"]


def render(warehouse: Warehouse, definition: Definition, folder: Path) -> list[Path]:
    """Write a report in each of its formats as `folder/NAME.FORMAT`, and return the paths.

    A file is replaced whole, and only where its content has changed. Raises NothingMatchedError where the company or
    the period has no figures, UsageError where the definition asks for what there is not.
    """
    check(definition)
    with _as_of(warehouse, definition) as known:
        edition = read_edition(known, definition)
    folder.mkdir(parents=True, exist_ok=True)
    return [_put(folder / f"{definition.name}.{form}", content) for form, content in _contents(edition)]


def _as_of(warehouse: Warehouse, definition: Definition) -> AbstractContextManager[Warehouse]:
    """The warehouse itself, or the same snapshot as it was known at the definition's moment."""
    if definition.as_of is None:
        return nullcontext(warehouse)
    return Warehouse(warehouse.path, as_of=definition.as_of, versions=warehouse.snapshot.versions)


def _contents(edition: Edition) -> Iterator[tuple[str, bytes]]:
    wanted = edition.definition.formats
    if "html" in wanted:
        yield "html", page(edition).encode()
    if not {"png", "svg", "json"} & {*wanted}:
        return
    spec = picture(edition)
    if "json" in wanted:
        yield "json", _json(edition, spec)
    if {"png", "svg"} & {*wanted}:
        svg = svg_of(spec)
        label = f"{headline(edition)}. {lead(edition)}"
        made: dict[str, Callable[[], bytes]] = {
            "png": lambda: png_of(svg),
            "svg": lambda: labelled(svg, label).encode(),
        }
        yield from ((form, make()) for form, make in made.items() if form in wanted)


def _json(edition: Edition, spec: dict[str, Any]) -> bytes:
    """The specification with its data, and beside it the report's figures with every digit."""
    document = {
        "headline": headline(edition),
        "lead": lead(edition),
        "definition": asdict(edition.definition),
        "known_on": edition.known_on,
        "commit": edition.commit,
        "figures": [asdict(row) for metric in edition.metrics for row in edition.series(metric)],
        "vega_lite": spec,
    }
    text = json.dumps(document, ensure_ascii=False, indent=1, default=str)
    return (text.translate(_MARKUP) + "\n").encode()


#: Characters that a page into which somebody pastes the data would take for its own.
_MARKUP: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def _put(path: Path, content: bytes) -> Path:
    """Replace a file at once; leave it alone where it already says the same."""
    if path.is_file() and path.read_bytes() == content:
        return path
    handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        os.fchmod(handle, 0o644)
    Path(name).replace(path)
    return path
