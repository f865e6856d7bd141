"""A report as a spreadsheet: what it found on the first sheet, then one sheet a table."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.report.labels import day
from tracker.report.language import language_of, say
from tracker.sheets import Field, Sheet, Value, exact_beside, workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.report.document import Cell, Column, Document, Row, Table

__all__ = ["spreadsheet"]

_RATIO: Final = "+0.0%;\u22120.0%;0.0%"


def spreadsheet(document: Document) -> bytes:
    """The report as an .xlsx file; UsageError with the remedy where the extra is not installed."""
    tables = [table for section in document.sections for table in section.tables]
    is_rtl = language_of(document.language).is_rtl
    made = datetime(document.known_on.year, document.known_on.month, document.known_on.day, tzinfo=UTC)
    sheets = [_summary(document, tables, is_rtl=is_rtl), *(_sheet(table, is_rtl=is_rtl) for table in tables)]
    return workbook(sheets, document.headline, made.replace(tzinfo=None))


def _summary(document: Document, tables: Sequence[Table], *, is_rtl: bool) -> Sheet:
    rows = [_line(Value(document.kicker, look="muted")), _line(Value(document.headline, look="title"))]
    rows += [_line(Value(document.lead, look="wrap")), _line(Value(None))]
    rows += [_heading(say("Key figures"))] if document.cards else []
    for card in document.cards:
        look = "down" if card.direction == "down" else "bold"
        rows.append(
            [Value(card.label), Value(card.value, look="bold"), Value(card.growth, look=look), Value(card.fine)]
        )
    rows += [_line(Value(None)), _heading(say("Tables"))]
    rows += [[Value(table.sheet), Value(table.caption)] for table in tables]
    rows += [_line(Value(None)), _heading(say("Notes"))] if document.notes else []
    rows += [[Value(note.title, look="bold"), Value(note.text)] for note in document.notes]
    rows += [_line(Value(None)), _heading(say("How to make it again"))]
    rows += [[Value(name), Value(value)] for name, value in _origin(document)]
    rows += [_line(Value(line, look="wrap")) for line in document.foot]
    full = [[*row, *[Value(None)] * (4 - len(row))] for row in rows]
    fields = tuple(Field("") for _ in range(4))
    return Sheet(say("Summary"), fields, full, is_rtl=is_rtl, has_head=False, widths=(64, 28, 26, 60))


def _line(cell: Value) -> list[Value]:
    return [cell]


def _heading(text: str) -> list[Value]:
    return [Value(text, look="head")]


def _origin(document: Document) -> Iterator[tuple[str, str]]:
    yield say("As known on"), day(document.known_on)
    yield say("Warehouse commit"), str(document.commit)
    yield say("Command"), document.command


def _sheet(table: Table, *, is_rtl: bool) -> Sheet:
    full = [row for row in table.rows if not row.is_group]
    links = [max((len(row.cells[at].links) for row in full), default=0) for at in range(len(table.columns))]
    fields = [field for at, column in enumerate(table.columns) for field in _fields(table, at, column, links[at])]
    listed = list(_listed(table))
    rows = [
        [*heading, *(value for at, cell in enumerate(row.cells) for value in _values(cell, links[at]))]
        for heading, row in listed
    ]
    if any(heading for heading, _ in listed):
        fields.insert(0, Field(say("Of")))
    heads, exact = exact_beside(fields, rows, say("{title}, every digit", title="{title}"))
    marked = frozenset(at for at, (_, row) in enumerate(listed) if row.is_marked)
    notes = tuple(text for text in (table.caption, table.note) if text)
    whole = (say("Amounts on this sheet are in whole units."),) if any(field.style for field in fields) else ()
    return Sheet(table.sheet, tuple(heads), exact, (*notes, *whole), marked, is_rtl)


def _listed(table: Table) -> Iterator[tuple[list[Value], Row]]:
    """The rows, each with the heading of its group before it where the table has groups: a sheet is to be filtered."""
    has_groups, heading = any(row.is_group for row in table.rows), ""
    for row in table.rows:
        if row.is_group:
            heading = row.cells[0].text
        else:
            yield ([Value(heading)] if has_groups else []), row


def _fields(table: Table, at: int, column: Column, links: int) -> list[Field]:
    """The sheet's columns for one of the table's: a cell with several sources takes a column for each."""
    style = _RATIO if column.kind == "ratio" else _number_style(table, at) if column.kind == "number" else ""
    more = [Field(f"{column.title} {number}") for number in range(2, links + 1)]
    return [Field(column.title, style), *more]


def _number_style(table: Table, at: int) -> str:
    """As many digits behind the point as the column's longest number needs, six at most."""
    values = [row.cells[at].value for row in table.rows if not row.is_group]
    places = max((_places(value) for value in values if isinstance(value, Decimal)), default=0)
    return "#,##0" + (f".{'0' * min(places, 6)}" if places else "")


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _values(cell: Cell, links: int) -> list[Value]:
    if cell.value is not None:
        return [Value(cell.value, look=_look(cell)), *[Value(None)] * max(0, links - 1)]
    if not cell.links:
        return [Value(cell.text or None, look=_look(cell)), *[Value(None)] * max(0, links - 1)]
    told = [f"{link.prefix} {link.text}".strip() for link in cell.links]
    if cell.text:
        told[0] = f"{cell.text} {told[0]}"
    found = [Value(text, link.url) for text, link in zip(told, cell.links, strict=True)]
    return [*found, *[Value(None)] * (links - len(found))]


def _look(cell: Cell) -> str:
    return cell.tone if cell.tone in {"down", "muted"} else ""
