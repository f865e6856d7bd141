"""The fixed words of a document (titles, heads of columns, legends) in its language, and what it had no words for.

Kinds of report write those words in English where they stand; sentences they say through `language.say`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tracker.report.document import Note
from tracker.report.language import say, spoken, unsaid

if TYPE_CHECKING:
    from tracker.report.document import Document, Section, Table

__all__ = ["SPOKEN", "translated"]

#: The kinds of report whose sentences are phrases too; those of the others are in English so far.
SPOKEN: Final = ("growth",)
_MOST: Final = 8  # phrases a note lists


def translated(document: Document) -> Document:
    """The document with its fixed words in the language in use; a note names what is in English all the same."""
    if spoken().code == "en":
        return document
    return replace(
        document,
        cards=tuple(replace(card, label=_known(card.label), measure=_known(card.measure)) for card in document.cards),
        sections=tuple(_section(section) for section in document.sections),
        notes=(*document.notes, *_left(document)),
    )


def _known(text: str) -> str:
    return spoken().phrases.get(text, text)


def _section(section: Section) -> Section:
    return replace(
        section,
        title=_known(section.title),
        text=_known(section.text),
        tables=tuple(_table(table) for table in section.tables),
        legend=tuple(replace(swatch, text=_known(swatch.text)) for swatch in section.legend),
    )


def _table(table: Table) -> Table:
    columns = tuple(replace(column, title=_known(column.title)) for column in table.columns)
    caption, sheet, note = _known(table.caption), _known(table.sheet), _known(table.note)
    return replace(table, columns=columns, caption=caption, sheet=sheet, note=note)


def _left(document: Document) -> tuple[Note, ...]:
    """Says what is in English for want of words."""
    missing = unsaid()
    texts = [] if document.definition.kind in SPOKEN else [say("The sentences of this kind of report are in English.")]
    if missing:
        named = say(", ").join(missing[:_MOST]) + ("…" if len(missing) > _MOST else "")
        texts.append(say("In English for want of words: {phrases}.", phrases=named))
    return (Note(say("Not translated"), say(" ").join(texts)),) if texts else ()
