"""Reports: a definition and a warehouse in, a page, pictures and data out.

A kind of report (`kinds`) makes a `Document` of rows; an output (`outputs`) makes bytes of a `Document`. The same
commit, as-of moment and definition give the same bytes, whatever the machine's time zone or locale.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from tracker.report.definition import DEFAULT_FORMATS, FORMATS, KINDS, Definition, check, load_definitions
from tracker.report.files import put
from tracker.report.kinds import BUILDERS
from tracker.report.language import speaking
from tracker.report.outputs import OUTPUTS, write
from tracker.report.translation import translated
from tracker.warehouse import Warehouse

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tracker.report.document import Document

__all__ = ["DEFAULT_FORMATS", "FORMATS", "KINDS", "Definition", "document_of", "load_definitions", "render"]


def document_of(warehouse: Warehouse, definition: Definition) -> Document:
    """A report before it is written.

    Raises NothingMatchedError where the company or the period has no figures, UsageError where the definition asks
    for what there is not.
    """
    check(definition)
    with _as_of(warehouse, definition) as known, speaking(definition.language):
        return translated(BUILDERS[definition.kind](known, definition))


def render(warehouse: Warehouse, definition: Definition, folder: Path) -> list[Path]:
    """Write a report in each of its formats as `folder/NAME.FORMAT`, and return the paths.

    A file is replaced whole, and only where its content has changed. Errors as of `document_of`.
    """
    document = document_of(warehouse, definition)
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [form for form in OUTPUTS if form in definition.formats]
    return [put(folder / f"{definition.name}.{form}", write(document, form, folder)) for form in wanted]


def _as_of(warehouse: Warehouse, definition: Definition) -> AbstractContextManager[Warehouse]:
    """The warehouse itself, or the same snapshot as it was known at the definition's moment."""
    if definition.as_of is None:
        return nullcontext(warehouse)
    return Warehouse(warehouse.path, as_of=definition.as_of, versions=warehouse.snapshot.versions)
