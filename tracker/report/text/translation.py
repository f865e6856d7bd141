"""The fixed words of a document (heads of columns, legends) in its language, and what it had no words for.

Sentences and titles are said where they are made; the fixed words of tables and legends stand there as phrases, made
before any language is in use.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tracker.report.document import Note
from tracker.report.text.language import mark, say, spoken, unsaid

if TYPE_CHECKING:
    from tracker.report.document import Document, Section, Table

__all__ = ["translated", "with_left"]

_MOST: Final = 8  # phrases a note lists


def translated(document: Document) -> Document:
    """The document with its fixed words in the language in use."""
    if spoken().code == "en":
        return document
    return replace(document, sections=tuple(_section(section) for section in document.sections))


def with_left(document: Document) -> Document:
    """The document with a note that names what is in English for want of words, such as the labels of own metrics."""
    missing = unsaid()
    if not missing:
        return document
    named = mark("comma").join(missing[:_MOST]) + ("…" if len(missing) > _MOST else "")
    note = Note(say("Not translated"), say("In English for want of words: {phrases}.", phrases=named))
    return replace(document, notes=(*document.notes, note))


def _known(text: str) -> str:
    return spoken().phrases.get(text, text)


def _section(section: Section) -> Section:
    tables = tuple(_table(table) for table in section.tables)
    return replace(
        section, tables=tables, legend=tuple(replace(swatch, text=_known(swatch.text)) for swatch in section.legend)
    )


def _table(table: Table) -> Table:
    return replace(table, columns=tuple(replace(column, title=_known(column.title)) for column in table.columns))
