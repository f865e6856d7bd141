"""The report of nothing but the project's own charts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tracker.report.data.rows import read_rows
from tracker.report.document import Document
from tracker.report.kinds.growth import command
from tracker.report.text.labels import strip_unseen
from tracker.report.text.language import language_of

if TYPE_CHECKING:
    from tracker.report.definition import Definition
    from tracker.warehouse.reader import Warehouse

__all__ = ["charts"]


def charts(warehouse: Warehouse, definition: Definition) -> Document:
    """Make a report of nothing but the project's own charts; `making` adds these to the document."""
    language = language_of(definition.language)
    known = read_rows(warehouse, "select cast(max(known_at) as date) as known_on from fact_known", {})[0]["known_on"]
    return Document(
        definition=definition,
        language=language,
        kicker=language.say("Charts of our own"),
        headline=strip_unseen(definition.title or definition.name),
        lead="",
        cards=(),
        sections=(),
        notes=(),
        foot=("",),
        known_on=known or date(1970, 1, 1),
        commit=warehouse.snapshot.versions["fact"],
        command=command(definition, warehouse.snapshot.versions["fact"]),
        data={},
    )
