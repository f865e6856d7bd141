"""Make a report: its document, and its files in each format."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tracker.report.custom import chart_files, own_section
from tracker.report.definition import check
from tracker.report.kinds import BUILDERS
from tracker.report.output.interactive import bundle
from tracker.report.output.outputs import OUTPUTS, font_files, write
from tracker.report.shelf import keep, key_of, put, read_shelf, unaltered
from tracker.report.text.translation import note_missing, translate_fixed_words

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.report.definition import Definition
    from tracker.report.document import Document
    from tracker.warehouse.reader import Warehouse

__all__ = ["document_of", "render"]


def document_of(warehouse: Warehouse, definition: Definition, charts: Path | None = None) -> Document:
    """Make the document of a report, with the project's own charts of the folder `charts`.

    Raises NothingMatchedError if the company or the period has no figures, and UsageError if the definition names
    something that does not exist.
    """
    check(definition)
    definition = _of_ids(warehouse, definition)
    as_of = definition.as_of or warehouse.as_of
    known = warehouse.shared_part(definition.entities, as_of) if definition.entities or definition.as_of else warehouse
    document = translate_fixed_words(BUILDERS[definition.kind](known, definition))
    if definition.charts and charts is not None:
        document = _with_own(warehouse, document, charts)
    return note_missing(document)


def _of_ids(warehouse: Warehouse, definition: Definition) -> Definition:
    """Replace the names of companies in a definition by their ids."""
    ids = warehouse.ids_of(definition.entities)
    return replace(definition, entities=tuple(dict.fromkeys(ids[name] for name in definition.entities)))


def _with_own(warehouse: Warehouse, document: Document, charts: Path) -> Document:
    """Add the project's own charts to a document, after the last section with charts."""
    as_of = document.definition.as_of
    known = warehouse.shared_part((), as_of) if as_of else warehouse
    own = own_section(document.language, known, document.definition, charts)
    at = 1 + max((at for at, section in enumerate(document.sections) if section.pictures), default=-1)
    return replace(document, sections=(*document.sections[:at], own, *document.sections[at:]))


def render(warehouse: Warehouse, definition: Definition, folder: Path) -> list[Path]:
    """Write a report in each of its formats as `folder/NAME.FORMAT`, and return the paths.

    Files that are still up to date are left alone. A file is replaced as a whole, and only if its content has changed.
    The errors are those of `document_of`.
    """
    check(definition)
    sources = [*chart_files(definition, folder / "charts"), *font_files(folder)]
    key = key_of(warehouse.snapshot, definition, sources)
    if still := unaltered(folder, read_shelf(folder).get(definition.name), key):
        return still
    document = document_of(warehouse, definition, folder / "charts")
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [form for form in OUTPUTS if form in definition.formats]
    paths = [put(folder / f"{definition.name}.{form}", write(document, form, folder)) for form in wanted]
    paths += [folder / bundle(folder)[0]] if definition.is_interactive and "html" in wanted else []
    keep(folder, document, key, warehouse.snapshot, paths)
    return paths
