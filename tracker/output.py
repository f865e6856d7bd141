"""Rows on their way out: a table for people, and the formats other programs read.

Amounts leave as exact digits without idle zeros, ids as hex. Text that a spreadsheet would take for a formula is
marked as text in CSV, and is text of itself in XLSX. There moments are text too, in UTC: a spreadsheet knows no time
zones and rounds the last microsecond of a day into the next.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tracker.errors import UsageError
from tracker.sheets import Field, Sheet, Value, exact_beside, workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tracker.warehouse import Result

__all__ = ["FORMATS", "draw_table", "write"]

#: What `--format` takes; the last four are files of other programs.
FORMATS: Final = ("table", "markdown", "json", "ndjson", "csv", "parquet", "arrow", "xlsx")
_NUMBERS: Final = ("DECIMAL", "BIGINT", "INTEGER", "DOUBLE", "FLOAT", "HUGEINT", "SMALLINT", "TINYINT", "UBIGINT")
_FORMULA: Final = r"^[=+\-@\t\r\x00\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"  # the last four are their full-width forms


def write(result: Result, style: str, target: Path | None) -> None:
    """Write rows to a file, or to standard output where `target` is None."""
    if target is None and style in {"parquet", "arrow"} and sys.stdout.isatty():
        raise UsageError(f"{style} is no text; name a file with -o, or pipe it")
    if target is None and style == "xlsx":
        raise UsageError("xlsx is a file of its own; name it with -o FILE")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows"
        _WRITERS[style](result, file)
        if target is not None:
            shutil.move(file, target)
            return
        with file.open("rb") as stream:
            shutil.copyfileobj(stream, sys.stdout.buffer)
        sys.stdout.buffer.flush()


# -- for programs ------------------------------------------------------------------------------------


def _csv(result: Result, file: Path) -> None:
    _plain(result, "varchar", mark_formulas=True).write_csv(str(file))


def _json(result: Result, file: Path) -> None:
    _copy(result, file, "format json, array true")
    if file.stat().st_size == 0:
        file.write_text("[]\n")


def _ndjson(result: Result, file: Path) -> None:
    _copy(result, file, "format json")


def _copy(result: Result, file: Path, options: str) -> None:
    _plain(result, "json").query("rows_out", f"copy rows_out to '{file}' ({options})")


def _parquet(result: Result, file: Path) -> None:
    result.relation.write_parquet(str(file), compression="zstd")


def _arrow(result: Result, file: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415 - only this format pays for it

    table = result.arrow()
    with pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table)


def _xlsx(result: Result, file: Path) -> None:
    kinds = [kind.startswith("DECIMAL") and not kind.endswith(",0)") for kind in result.types]
    fields = [
        Field(name, "#,##0.######" if is_exact else "") for name, is_exact in zip(result.columns, kinds, strict=True)
    ]
    rows = [[_value(cell) for cell in row] for row in result.fetchall()]
    heads, exact = exact_beside(fields, rows, "{title}, every digit")
    file.write_bytes(workbook([Sheet("rows", tuple(heads), exact)], "rows", _MADE))


#: The one date a file of rows bears, so that the same rows are the same bytes.
_MADE: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a spreadsheet's dates have no zone


def _value(cell: object) -> Value:
    """A cell as a spreadsheet holds it: ids as hex, moments as text in UTC."""
    if isinstance(cell, datetime):
        in_utc = cell.astimezone(UTC) if cell.tzinfo else cell
        return Value(in_utc.isoformat().replace("+00:00", "Z"))
    if isinstance(cell, bytes):
        return Value(cell.hex())
    return Value(cell) if cell is None or isinstance(cell, bool | int | float | Decimal | date) else Value(str(cell))


def _plain(result: Result, amounts: str, *, mark_formulas: bool = False):  # type: ignore[no-untyped-def] # noqa: ANN202
    """The rows with amounts as bare digits (of the SQL type `amounts`) and ids as hex."""
    return result.relation.project(
        ", ".join(
            _expression(name, kind, amounts, mark_formulas=mark_formulas)
            for name, kind in zip(result.columns, result.types, strict=True)
        )
    )


def _expression(name: str, kind: str, amounts: str, *, mark_formulas: bool) -> str:
    column = '"' + name.replace('"', '""') + '"'
    if kind.startswith("DECIMAL") and not kind.endswith(",0)"):
        return f"cast(rtrim(rtrim(cast({column} as varchar), '0'), '.') as {amounts}) as {column}"
    if kind == "BLOB":
        return f"lower(hex({column})) as {column}"
    if kind.startswith("TIMESTAMP"):
        return f"replace(cast({column} as varchar), ' ', 'T') as {column}"
    if kind == "VARCHAR" and mark_formulas:
        return f"case when regexp_matches({column}, '{_FORMULA}') then '''' || {column} else {column} end as {column}"
    return column


# -- for people --------------------------------------------------------------------------------------


def _table(result: Result, file: Path) -> None:
    file.write_text(draw_table(result.columns, _texts(result), _numeric(result)), "utf-8")


def _markdown(result: Result, file: Path) -> None:
    lines = [_piped(result.columns), _piped(["---:" if number else "---" for number in _numeric(result)])]
    lines += [_piped([cell.replace("|", "\\|").replace("\n", " ") for cell in row]) for row in _texts(result)]
    file.write_text("\n".join(lines) + "\n", "utf-8")


def _piped(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _texts(result: Result) -> list[list[str]]:
    """Every cell as text; nothing known is an empty cell."""
    plain = _plain(result, "varchar")
    texts = plain.project(", ".join(f'cast("{name}" as varchar)' for name in plain.columns)).fetchall()
    return [["" if cell is None else cell for cell in row] for row in texts]


def _numeric(result: Result) -> list[bool]:
    return [kind.startswith(_NUMBERS) for kind in result.types]


def draw_table(columns: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    """Rows in aligned columns under their names, numbers to the right; wide scripts count double."""
    lines = [[_one_line(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(columns, *lines, strict=True)]
    drawn = [_padded(row, widths, numeric) for row in (columns, ["─" * width for width in widths], *lines)]
    return "\n".join(line.rstrip() for line in drawn) + f"\n({len(rows)} row{'' if len(rows) == 1 else 's'})\n"


def _one_line(cell: str) -> str:
    return "".join(character if character.isprintable() else " " for character in cell)


def _padded(row: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    cells = []
    for cell, width, is_number in zip(row, widths, numeric, strict=True):
        gap = " " * (width - _width(cell))
        cells.append(gap + cell if is_number else cell + gap)
    return "  ".join(cells)


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


_WRITERS: Final[dict[str, Callable[[Result, Path], None]]] = {
    "table": _table,
    "markdown": _markdown,
    "json": _json,
    "ndjson": _ndjson,
    "csv": _csv,
    "parquet": _parquet,
    "arrow": _arrow,
    "xlsx": _xlsx,
}


def as_json(record: object) -> str:
    """A record as one line of JSON, in the letters of its own language; half characters are escaped."""
    text = json.dumps(record, ensure_ascii=False, default=str)
    return text if text.isascii() or _is_whole(text) else json.dumps(record, default=str)


def _is_whole(text: str) -> bool:
    """Whether the text can leave as UTF-8: a lone half of a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
