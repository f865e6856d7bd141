"""A report as a spreadsheet: its findings on the first sheet, then one sheet for each table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.files.spreadsheet import Field, Sheet, Value, exact_beside, workbook
from tracker.report.text.labels import format_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.report.document import Cell, Column, Document, Row, Table
    from tracker.report.text.language import Language

__all__ = ["spreadsheet"]

_RATIO: Final = "+0.0%;\u22120.0%;0.0%"


def spreadsheet(document: Document) -> bytes:
    """Write the report as an .xlsx file; UsageError with the remedy if the extra is not installed."""
    tables = [table for section in document.sections for table in section.tables]
    is_rtl = document.language.is_rtl
    made = datetime(document.known_on.year, document.known_on.month, document.known_on.day, tzinfo=UTC)
    sheets = [
        _summary(document, tables, is_rtl=is_rtl),
        *(_sheet(document.language, table, is_rtl=is_rtl) for table in tables),
    ]
    return workbook(sheets, document.headline, made.replace(tzinfo=None))


def _summary(document: Document, tables: Sequence[Table], *, is_rtl: bool) -> Sheet:
    language = document.language
    rows = [_make_line(Value(document.kicker, look="muted")), _make_line(Value(document.headline, look="title"))]
    rows += [_make_line(Value(document.lead, look="wrap")), _make_line(Value(None))]
    rows += [_make_heading(language.say("Key figures"))] if document.cards else []
    for card in document.cards:
        look = "down" if card.direction == "down" else "bold"
        rows.append(
            [Value(card.label), Value(card.value, look="bold"), Value(card.growth, look=look), Value(card.fine)]
        )
    rows += [_make_line(Value(None)), _make_heading(language.say("Tables"))]
    rows += [[Value(table.sheet), Value(table.name or table.caption)] for table in tables]
    rows += [_make_line(Value(None)), _make_heading(language.say("Notes"))] if document.notes else []
    rows += [[Value(note.title, look="bold"), Value(note.text)] for note in document.notes]
    rows += [_make_line(Value(None)), _make_heading(language.say("How to make it again"))]
    rows += [[Value(name), Value(value)] for name, value in _list_origin(document)]
    rows += [_make_line(Value(line, look="wrap")) for line in document.foot]
    full = [[*row, *[Value(None)] * (4 - len(row))] for row in rows]
    fields = tuple(Field("") for _ in range(4))
    return Sheet(language.say("Summary"), fields, full, is_rtl=is_rtl, has_head=False, widths=(64, 28, 26, 60))


def _make_line(cell: Value) -> list[Value]:
    return [cell]


def _make_heading(text: str) -> list[Value]:
    return [Value(text, look="head")]


def _list_origin(document: Document) -> Iterator[tuple[str, str]]:
    language = document.language
    yield language.say("As known on"), format_day(language, document.known_on)
    yield language.say("Warehouse commit"), str(document.commit)
    yield language.say("Command"), document.command


def _sheet(language: Language, table: Table, *, is_rtl: bool) -> Sheet:
    """Make a sheet of a table. Amounts are in whole units, which the column's head or a column beside it names."""
    spreads = [_spread(language, table, at, column) for at, column in enumerate(table.columns)]
    fields = [field for spread in spreads for field in spread.fields]
    listed = list(_list_rows(table))
    rows = [
        [*heading, *(value for spread, cell in zip(spreads, row.cells, strict=True) for value in spread.values(cell))]
        for heading, row in listed
    ]
    if any(heading for heading, _ in listed):
        fields.insert(0, Field(language.say("Of")))
    heads, exact = exact_beside(fields, rows, language.say("{title}, every digit", title="{title}"))
    marked = frozenset(at for at, (_, row) in enumerate(listed) if row.is_marked)
    notes = tuple(text for text in (table.name or table.caption, table.note) if text)
    whole = (
        (language.say("Amounts on this sheet are in whole units."),) if any(spread.units for spread in spreads) else ()
    )
    return Sheet(table.sheet, tuple(heads), exact, (*notes, *whole), marked, is_rtl)


@dataclass(frozen=True, slots=True)
class _Spread:
    """The sheet's columns for one of the table's: the value, its unit where rows differ, its rate, more sources."""

    language: Language
    fields: tuple[Field, ...]
    units: frozenset[str]
    has_rate: bool
    links: int

    def values(self, cell: Cell) -> list[Value]:
        beside = [Value(cell.unit or None)] if len(self.units) > 1 else []
        beside += [Value(cell.rate)] if self.has_rate else []
        first, *more = _list_values(self.language, cell, self.links)
        return [first, *beside, *more]


def _spread(language: Language, table: Table, at: int, column: Column) -> _Spread:
    cells = [row.cells[at] for row in table.rows if not row.is_group and at < len(row.cells)]
    units = frozenset(cell.unit for cell in cells if cell.unit and cell.value is not None)
    has_rate = any(cell.rate is not None for cell in cells)
    links = max([1, *(len(cell.links) for cell in cells if cell.span == 1)])
    title = column.name or column.title
    head = language.say("{first}, {second}", first=title, second=min(units)) if len(units) == 1 else title
    fields = [Field(head, _style(column, cells))]
    fields += [Field(f"{title} \N{MIDDLE DOT} {language.say('Unit')}")] if len(units) > 1 else []
    fields += [Field(f"{title} \N{MIDDLE DOT} {language.say('Growth')}", _RATIO)] if has_rate else []
    fields += [Field(f"{title} {number}") for number in range(2, links + 1)]
    return _Spread(language, tuple(fields), units, has_rate, links)


def _list_rows(table: Table) -> Iterator[tuple[list[Value], Row]]:
    """List the rows, each after the heading of its group where there are groups, for filtering."""
    has_groups, heading = any(row.is_group for row in table.rows), ""
    for row in table.rows:
        if row.is_group:
            heading = row.cells[0].plain or row.cells[0].text
        else:
            yield ([Value(heading)] if has_groups else []), row


def _style(column: Column, cells: Sequence[Cell]) -> str:
    """Choose how a column's numbers are printed: with as many digits as the longest needs, six at most."""
    if column.kind == "ratio":
        return _RATIO
    places = max((_count_decimals(cell.value) for cell in cells if isinstance(cell.value, Decimal)), default=0)
    return "#,##0" + (f".{'0' * min(places, 6)}" if places else "") if column.kind == "number" else ""


def _count_decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _list_values(language: Language, cell: Cell, links: int) -> list[Value]:
    """List a cell's value, or its text and sources: one a column where the column is of sources."""
    if cell.value is not None or not cell.links:
        text = cell.plain if cell.plain is not None else cell.text
        first = cell.value if cell.value is not None else text or None
        return [Value(first, look=_look(cell)), *[Value(None)] * (links - 1)]
    told = [f"{link.prefix} {link.text}".strip() for link in cell.links]
    if cell.text:
        told[0] = f"{cell.text} {told[0]}"
    if len(told) > links:
        return [Value(language.semicolon.join(told))]
    found = [Value(text, link.url) for text, link in zip(told, cell.links, strict=True)]
    return [*found, *[Value(None)] * (links - len(found))]


def _look(cell: Cell) -> str:
    return cell.tone if cell.tone in {"down", "muted"} else ""
