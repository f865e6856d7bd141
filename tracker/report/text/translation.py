"""Translate the fixed words of a document (heads of columns, legends), and note what has no translation.

Sentences and titles are translated when they are made. The fixed words of tables and legends are phrases that were made
before the language was known, and are translated here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tracker.report.document import Note

if TYPE_CHECKING:
    from tracker.report.document import Document, Section, Table
    from tracker.report.text.language import Language

__all__ = ["note_missing", "translate_fixed_words"]

_MOST: Final = 8  # phrases a note lists


def translate_fixed_words(document: Document) -> Document:
    """Translate the fixed words of a document into its language."""
    language = document.language
    if language.code == "en":
        return document
    return replace(document, sections=tuple(_translate_section(language, section) for section in document.sections))


def note_missing(document: Document) -> Document:
    """Add a note that names what stays in English without a translation, such as labels of own metrics."""
    language = document.language
    missing = tuple(language.missing)
    if not missing:
        return document
    named = language.comma.join(missing[:_MOST]) + ("…" if len(missing) > _MOST else "")
    note = Note(language.say("Not translated"), language.say("In English for want of words: {phrases}.", phrases=named))
    return replace(document, notes=(*document.notes, note))


def _translate(language: Language, text: str) -> str:
    return language.phrases.get(text, text)


def _translate_section(language: Language, section: Section) -> Section:
    tables = tuple(_translate_table(language, table) for table in section.tables)
    return replace(
        section,
        tables=tables,
        legend=tuple(replace(swatch, text=_translate(language, swatch.text)) for swatch in section.legend),
    )


def _translate_table(language: Language, table: Table) -> Table:
    return replace(
        table, columns=tuple(replace(column, title=_translate(language, column.title)) for column in table.columns)
    )
