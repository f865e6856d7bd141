"""Read a table of exchange rates in the format of the European Central Bank (`eurofxref-hist.csv`).

The first line names the currencies (`Date,USD,JPY,...`). Each other line has a day and the units of each currency for
one euro; `N/A` stands where there is no rate. The bank's own file ends each line with a comma.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.errors import Problem
from tracker.model.quantity import is_currency

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["RATES", "read_rates"]

#: The table's name in a seed folder.
RATES: Final = "fx.csv"
_DAY: Final = "Date"
_NONE: Final = "N/A"
_RATE: Final = re.compile(r"\d{1,12}(\.\d{1,6})?", re.ASCII)

#: A day, a currency, and its units for one euro.
Rate = tuple[date, str, Decimal]


def read_rates(path: Path) -> tuple[list[Rate], list[Problem]]:
    """Return the rates of a table, and what is wrong with it; an absent file has none.

    A table with a problem is not to be used at all: a rate that is missing would change every average over its day.
    """
    if not path.is_file():
        return [], []
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return [], [Problem(str(path), None, None, "encoding", str(error), "save the file as UTF-8")]
    table = _Table(path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rates = [rate for line in reader for rate in table.read_line(reader.line_num, line)]
    except csv.Error as error:
        table.report(reader.line_num, None, "csv", str(error), "mend the quoting")
    if table.currencies is None:
        table.report(1, None, "header", "the table is empty", _HEADER_REMEDY)
    return ([], table.problems) if table.problems else (rates, [])


_HEADER_REMEDY: Final = "begin with a line such as Date,USD,JPY,GBP"
_DAY_REMEDY: Final = "write the day as 2024-06-28"


class _Table:
    """One reading of a table: its currencies, the days that were there, and what is wrong."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.currencies: Sequence[str] | None = None
        self.lines: dict[date, int] = {}
        self.problems: list[Problem] = []

    def report(self, line: int, column: str | None, code: str, message: str, remedy: str) -> None:
        """Add a problem."""
        self.problems.append(Problem(str(self.path), line, column, code, message, remedy))

    def read_line(self, number: int, cells: Sequence[str]) -> Iterator[Rate]:
        """Yield the rates of a line; the first line names the currencies."""
        cells = [cell.strip() for cell in cells]
        if cells and not cells[-1]:
            cells = cells[:-1]  # the bank ends each line with a comma
        if self.currencies is None:
            self.currencies = cells[1:]
            self._check_header(number, cells)
        elif cells:
            yield from self._read_day(number, cells)

    def _check_header(self, number: int, cells: Sequence[str]) -> None:
        if cells[:1] != [_DAY]:
            self.report(
                number, cells[0] if cells else None, "header", f"the first column is not {_DAY}", _HEADER_REMEDY
            )
            return
        if len(cells) == 1:
            self.report(number, None, "header", "the table names no currency", _HEADER_REMEDY)
        for code in dict.fromkeys(cells[1:]):
            if code == "EUR" or not is_currency(code):  # a currency that is none any more is one, too
                remedy = "name each currency by its code of ISO 4217; the euro is what the rates are for"
                self.report(number, code, "currency", f"{code!r} is no currency that a euro has a rate in", remedy)
            if cells[1:].count(code) > 1:
                self.report(number, code, "doubled_column", "the column stands twice", "keep one of the two")

    def _read_day(self, number: int, cells: Sequence[str]) -> Iterator[Rate]:
        names = self.currencies or ()
        try:
            day = date.fromisoformat(cells[0])
        except ValueError as error:
            self.report(number, _DAY, "malformed", str(error), _DAY_REMEDY)
            return
        if day in self.lines:
            message = f"{day} is on line {self.lines[day]} too"
            self.report(number, _DAY, "duplicate", message, "keep one of the two lines")
            return
        self.lines[day] = number
        if len(cells) != len(names) + 1:
            message = f"{len(cells)} cells where the first line has {len(names) + 1}"
            self.report(number, None, "cells", message, f"write {_NONE} where there is no rate")
            return
        for code, cell in zip(names, cells[1:], strict=True):
            if cell != _NONE and (rate := self._read_rate(number, code, cell)) is not None:
                yield day, code, rate

    def _read_rate(self, number: int, code: str, cell: str) -> Decimal | None:
        if _RATE.fullmatch(cell) and Decimal(cell) > 0:
            return Decimal(cell)
        remedy = f"write units for one euro with a point and at most six decimals, or {_NONE}"
        self.report(number, code, "malformed", f"{cell!r} is no rate above zero", remedy)
        return None
