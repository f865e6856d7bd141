"""Tables as a spreadsheet file: numbers stay numbers, days stay days, and no text is ever a formula.

A spreadsheet keeps 15 digits of a number. Where a value has more, the number is what the spreadsheet can hold and a
column beside it has every digit as text. The same sheets give the same bytes.
"""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Context, Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Field", "Sheet", "Value", "exact_beside", "library", "workbook"]

_ROWS: Final = 1_048_576
_COLUMNS: Final = 16_384
_LETTERS: Final = 32_767  # of one cell
_ADDRESS: Final = 2_000  # letters of a link
_LINKS: Final = 65_000  # of one sheet
_DIGITS: Final = 15
_MOST: Final = 1e307
_WIDE: Final = Context(prec=60)
_FIRST_DAY: Final = date(1900, 3, 1)  # before it spreadsheets disagree: 1900 was no leap year


@dataclass(frozen=True, slots=True)
class Value:
    """One cell: a number, a day, a text or nothing (None), its address, and its look ("", bold, muted, down)."""

    value: Decimal | int | float | date | str | bool | None
    url: str | None = None
    look: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its title, and how its numbers are printed (`#,##0.00`)."""

    title: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet under its name. `notes` stand below the rows; `marked` are the rows that are tinted."""

    name: str
    fields: tuple[Field, ...]
    rows: Sequence[Sequence[Value]]
    notes: tuple[str, ...] = ()
    marked: frozenset[int] = frozenset()
    is_rtl: bool = False
    has_head: bool = True
    widths: tuple[int, ...] = field(default=())


def library(name: str, extra: str) -> Any:
    """Return a package of one of our extras; UsageError with the remedy where it is not installed."""
    try:
        return import_module(name)
    except ImportError as error:
        raise UsageError(f"this needs the extra packages: pip install 'tracker[{extra}]'") from error


def workbook(sheets: Sequence[Sheet], title: str, made: datetime) -> bytes:
    """Return the sheets as an .xlsx file, dated `made`; raise UsageError if a sheet has too many rows for it."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = library("xlsxwriter", "xlsx").Workbook(file, options)
    book.set_properties({"title": _clean_cell_text(title)[:255], "created": made})
    formats = _Formats(book)
    for name, sheet in zip(_name_sheets(sheet.name for sheet in sheets), sheets, strict=True):
        _write_sheet(book.add_worksheet(name), sheet, formats)
    book.close()
    return file.getvalue()


def _name_sheets(wanted: Iterable[str]) -> list[str]:
    """Names a spreadsheet takes: 31 letters, no brackets, colons, stars, slashes; each once whatever its case."""
    found: dict[str, str] = {}
    for name in wanted:
        plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", _clean_cell_text(name)).strip("' ") or "Sheet"
        plain = "Sheet" if plain.lower() == "history" else plain
        made, at = plain[:31], 2
        while made.lower() in found:
            made, at = f"{plain[: 30 - len(str(at))]} {at}", at + 1
        found[made.lower()] = made
    return list(found.values())


class _Formats:
    """The formats of a file, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, str, bool], Any] = {}

    def of(self, look: str, style: str = "", *, is_marked: bool = False) -> Any:
        key = (look, style, is_marked)
        if key not in self._made:
            self._made[key] = self._book.add_format(
                {**_LOOKS[look], **({"num_format": style} if style else {}), **(_TINT if is_marked else {})}
            )
        return self._made[key]


_BASE: Final[dict[str, Any]] = {"valign": "top", "font_name": "Calibri", "font_size": 11}
_TINT: Final[dict[str, Any]] = {"bg_color": "#F2F6FB", "bold": True}
_LOOKS: Final[dict[str, dict[str, Any]]] = {
    "": _BASE,
    "wrap": {**_BASE, "text_wrap": True},
    "bold": {**_BASE, "bold": True},
    "title": {**_BASE, "bold": True, "font_size": 16, "text_wrap": True},
    "head": {**_BASE, "bold": True, "bottom": 1, "text_wrap": True, "font_color": "#5B626B"},
    "muted": {**_BASE, "font_color": "#5B626B"},
    "up": _BASE,
    "down": {**_BASE, "font_color": "#C8401A"},
    "link": {**_BASE, "font_color": "#0B5CAD", "underline": 1},
}


def _write_sheet(page: Any, sheet: Sheet, formats: _Formats) -> None:
    if len(sheet.rows) + len(sheet.notes) + 2 > _ROWS or len(sheet.fields) > _COLUMNS:
        raise UsageError(f"{len(sheet.rows)} rows do not fit a sheet of {_ROWS}; write csv or parquet")
    if sheet.is_rtl:
        page.right_to_left()
    if sheet.has_head:
        page.freeze_panes(1, 1)
        for at, column in enumerate(sheet.fields):
            page.write_string(0, at, _clean_cell_text(column.title), formats.of("head"))
        page.autofilter(0, 0, len(sheet.rows), len(sheet.fields) - 1)
    for at, width in enumerate(sheet.widths or _measure_columns(sheet)):
        page.set_column(at, at, width, formats.of(""))
    for number, row in enumerate(sheet.rows):
        for at, cell in enumerate(row):
            look = (cell, sheet.fields[at].style, number in sheet.marked)
            _put(page, (number + sheet.has_head, at), look, formats)
    for at, note in enumerate(sheet.notes):
        page.write_string(len(sheet.rows) + 2 + at, 0, _clean_cell_text(note), formats.of("muted"))


def _put(page: Any, place: tuple[int, int], drawn: tuple[Value, str, bool], formats: _Formats) -> None:
    cell, style, is_marked = drawn
    value, look = cell.value, cell.look
    if value is None:
        page.write_blank(*place, None, formats.of(look, is_marked=is_marked))
    elif isinstance(value, bool):
        page.write_boolean(*place, value, formats.of(look, is_marked=is_marked))
    elif isinstance(value, int | float | Decimal) and _is_finite(value):
        page.write_number(*place, float(value), formats.of(look, style, is_marked=is_marked))
    elif type(value) is date and value >= _FIRST_DAY:
        page.write_datetime(*place, value, formats.of(look, style or "yyyy-mm-dd", is_marked=is_marked))
    elif cell.url and cell.url.startswith("https://") and len(cell.url) <= _ADDRESS and place[0] < _LINKS:
        page.write_url(
            *place, _clean_cell_text(cell.url), formats.of("link", is_marked=is_marked), _clean_cell_text(str(value))
        )
    else:
        page.write_string(*place, _clean_cell_text(str(value)), formats.of(look, is_marked=is_marked))


def _is_finite(value: float | Decimal) -> bool:
    return math.isfinite(value) and -_MOST < float(value) < _MOST


def _clean_cell_text(text: str) -> str:
    """Text as a cell can hold it: no controls but breaks, no halves of characters, not too long."""
    whole = text.encode("utf-8", "replace").decode()
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]", "", whole.replace("\r", "\n"))[:_LETTERS]


def exact_beside(
    fields: Sequence[Field], rows: Sequence[Sequence[Value]], said: str
) -> tuple[list[Field], list[list[Value]]]:
    """Add a column of texts after each column whose numbers have more digits than a spreadsheet keeps.

    `said` names it, with the column's title as {title}.
    """
    long = {at for at in range(len(fields)) if any(_is_long(row[at].value) for row in rows)}
    heads = [
        head
        for at, one in enumerate(fields)
        for head in ([one, Field(said.replace("{title}", one.title))] if at in long else [one])
    ]
    return heads, [
        [cell for at, one in enumerate(row) for cell in ([one, _as_exact_text(one)] if at in long else [one])]
        for row in rows
    ]


def _is_long(value: object) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    return isinstance(value, Decimal) and value.is_finite() and len(value.normalize(_WIDE).as_tuple().digits) > _DIGITS


def _as_exact_text(cell: Value) -> Value:
    return (
        Value(f"{cell.value:f}" if isinstance(cell.value, Decimal) else str(cell.value))
        if cell.value is not None
        else cell
    )


def _measure_columns(sheet: Sheet) -> list[int]:
    """Columns as wide as what most of their cells say, between 8 and 60 letters."""
    found = []
    for at, column in enumerate(sheet.fields):
        lengths = sorted(len(_format_cell(row[at], column.style)) for row in sheet.rows[:1000]) or [0]
        usual = lengths[min(len(lengths) - 1, len(lengths) * 95 // 100)]
        found.append(min(60, max(8, usual + 2, min(len(column.title), 24) + 3)))
    return found


def _format_cell(cell: Value, style: str) -> str:
    if cell.value is None:
        return ""
    if isinstance(cell.value, Decimal | float | int) and not isinstance(cell.value, bool):
        places = len(re.sub(r"^[^.]*\.?|[^0#].*$", "", style.partition(";")[0]))
        return f"{cell.value:,.{places}f}{'%' if '%' in style else ''}"
    return str(cell.value)
