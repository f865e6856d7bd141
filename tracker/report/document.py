"""What every report is, before it is a page, a picture or a sheet: headline, key figures, charts, tables, notes.

A kind of report turns rows of views into a `Document`; an output turns a `Document` into bytes. Neither knows the
other.
Text is final and unescaped: each output escapes for itself. Money in cells is Decimal in whole units, rates are
Decimal fractions, and the texts beside them are in the report's language.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from tracker.report.charts.leaves import Chart
    from tracker.report.definition import Definition
    from tracker.report.text.language import Language

__all__ = ["Card", "Cell", "Column", "Document", "Link", "Note", "Picture", "Row", "Section", "Swatch", "Table"]


@dataclass(frozen=True, slots=True)
class Link:
    """A citation of a source: its text, a word before it ("less"), and its address if it is safe to follow.

    `href` leads to the row of the same report that holds the evidence; a page follows it rather than the address.
    """

    text: str
    url: str | None
    prefix: str = ""
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `kind` decides how its cells are laid out and stored.

    text, number, ratio, date; range (a span of numbers in words), source (citations), quote (printed in a source).
    `name` is the title without the unit, for a sheet, where amounts are in whole units; empty where they are the same.
    """

    title: str
    kind: str = "text"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: what a reader sees (`text`, `links`), the value behind it if there is one, and its look.

    `tone` is "", "up", "down", "muted" or "code"; it never carries a meaning that the text lacks. `href` leads to an
    anchor of the page. The text may run over `span` columns, of which all but this one are empty. A cell with a
    `language` is a quotation in that language. `unit` is the whole unit of `value`. `rate` is a growth rate that the
    text has beside the number. `plain` is the text for a sheet, where amounts are in whole units, of a cell without a
    value.
    """

    text: str
    value: Decimal | date | None = None
    links: tuple[Link, ...] = ()
    tone: str = ""
    href: str | None = None
    language: str | None = None
    span: int = 1
    unit: str = ""
    rate: Decimal | None = None
    plain: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row; the first cell is its heading. `is_marked`: the row the report is about. `key` is its anchor.

    `is_group`: a heading over the rows that follow, of one cell.
    """

    cells: tuple[Cell, ...]
    is_marked: bool = False
    key: str | None = None
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption; `sheet` is its short name where it stands alone.

    Tables of one `look` have columns of one width, so that they line up below each other. `name` is the caption
    without the unit, for a sheet, where amounts are in whole units; empty where they are the same.
    """

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sheet: str
    note: str = ""
    look: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with its title, its unit line and its alternative text for readers who cannot see it.

    `narrow` is the same chart for small screens, where the wide one does not shrink well.
    """

    key: str
    title: str
    unit: str
    alt: str
    chart: Chart
    narrow: Chart | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A key figure: label, value, growth in words, its direction ("up", "down", ""), the fine print, its evidence.

    `measure` says what the growth is measured against.
    """

    label: str
    value: str
    growth: str
    direction: str
    fine: str
    href: str | None = None
    measure: str = ""


@dataclass(frozen=True, slots=True)
class Swatch:
    """One entry of a legend: the role of a colour (of the palette) and what it stands for."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader must know to trust a figure, under a short title."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report under a heading of its own; pictures come before their legend, and that before tables.

    `is_appendix`: on paper it comes last, on pages of its own.
    """

    key: str
    title: str
    text: str = ""
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    legend: tuple[Swatch, ...] = ()
    is_appendix: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report. `data` is what the JSON output holds beside the text: plain values with every digit.

    `language` is the language of all its words. `foot` are the lines under a picture of the whole document. `trend` is
    the series that the list of reports draws as a sparkline.
    """

    definition: Definition
    language: Language
    kicker: str
    headline: str
    lead: str
    cards: tuple[Card, ...]
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]
    foot: tuple[str, ...]
    known_on: date
    commit: int
    command: str
    data: Mapping[str, Any]
    trend: tuple[Decimal | None, ...] = ()
