"""The section of a metric's page about figures that had more than one value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tracker.model.quantity import amount_text
from tracker.report.document import Cell, Column, Row, Section, Table
from tracker.report.text.labels import format_day
from tracker.report.text.language import language_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.answers.company import VintageLine

__all__ = ["vintage_section"]

_COLUMNS: Final = (Column("Period"), Column("Known from", "date"), Column("Value", "number"))
_TITLE: Final = "Figures that had other values before"


def vintage_section(vintages: Sequence[VintageLine]) -> Section:
    """Make the section: each value of each of these figures, and the day from which it was known."""
    language = language_of("en")
    rows = tuple(
        Row(
            (
                Cell(one.fiscal_period),
                Cell(format_day(language, one.known_from.date()), one.known_from.date()),
                Cell(amount_text(one.value, one.unit), one.value, unit=one.unit),
            )
        )
        for one in vintages
    )
    text = "Restatements, and finer or other sources that came later. Each value held until the next one."
    return Section("vintages", _TITLE, text, tables=(Table("t-vintages", "Vintages", _COLUMNS, rows, "Vintages"),))
