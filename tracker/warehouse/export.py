"""Rows on their way out: a table for people, and the formats other programs read.

Amounts leave as exact digits without idle zeros, ids as hex. Text that a spreadsheet would take for a formula is
marked as text in CSV, and is text of itself in XLSX. There moments are text too, in UTC: a spreadsheet knows no time
zones and rounds the last microsecond of a day into the next.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
import tempfile
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import QueryError, UsageError
from tracker.files.spreadsheet import Field, Sheet, Value, exact_beside, workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tracker.warehouse.reader import Result

__all__ = ["FORMATS", "draw_table", "write"]

#: What `--format` takes; the last four are files of other programs.
FORMATS: Final = ("table", "markdown", "json", "ndjson", "csv", "parquet", "arrow", "xlsx")
_WHOLE: Final = ("tinyint", "smallint", "integer", "bigint", "hugeint", "bignum")
_NUMBERS: Final = frozenset({*_WHOLE, *(f"u{name}" for name in _WHOLE), "decimal", "double", "float"})
_FORMULA: Final = r"^[=+\-@\t\r\x00\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"  # the last four are their full-width forms

_FORMULA_NAME: Final = tuple("=+-@\t\r\x00\uff1d\uff0b\uff0d\uff20")  # the same for the name of a column
_WORDS: Final = frozenset({"varchar", "enum"})


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
    plain = _plain(result, mark_formulas=True)
    if len(plain.columns) == 1:  # a line without anything would be no row to most readers
        plain = plain.project([f"coalesce(cast(#1 as varchar), '') as {_quoted(plain.columns[0])}"])
    plain.write_csv(file)


def _json(result: Result, file: Path) -> None:
    _objects(result).write_lines(file, ("[\n\t", ",\n\t", "\n]\n"))


def _ndjson(result: Result, file: Path) -> None:
    _objects(result).write_lines(file)


def _parquet(result: Result, file: Path) -> None:
    try:
        _named(result).write_parquet(file)
    except QueryError as error:
        raise QueryError(f"{error}; cast that column to varchar, or write csv") from error


def _arrow(result: Result, file: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415 - only this format pays for it

    table = _named(result).arrow()
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


def _named(result: Result) -> Result:
    """The rows as they are, each column under a name of its own: of two of one name, programs would see one."""
    return result.project([f"#{at} as {_quoted(name)}" for at, name in enumerate(_names(result.columns), 1)])


def _names(columns: list[str]) -> list[str]:
    found: dict[str, None] = {}
    taken = set(columns)
    for name in columns:
        own, at = name, 1
        while own in found or (own != name and own in taken):
            own, at = f"{name}_{at}", at + 1
        found[own] = None
    return list(found)


def _quoted(name: str) -> str:
    """A name as SQL writes it, whatever it is made of."""
    return '"' + name.replace('"', '""') + '"'


def _plain(result: Result, *, mark_formulas: bool = False) -> Result:
    """The rows as text: amounts as bare digits, ids as hex."""
    names = [f"'{name}" if mark_formulas and name.startswith(_FORMULA_NAME) else name for name in result.columns]
    return _projected(result, names, lambda ref, kind: _as_text(ref, kind, mark_formulas=mark_formulas))


def _projected(result: Result, names: list[str], expression: Callable[[str, Any], str]) -> Result:
    columns = zip(_names(names), result.kinds, strict=True)
    return result.project(
        [f"{expression(f'#{at}', kind)} as {_quoted(name)}" for at, (name, kind) in enumerate(columns, 1)]
    )


def _as_text(ref: str, kind: Any, *, mark_formulas: bool) -> str:
    if kind.id in _WORDS and mark_formulas:
        text = f"cast({ref} as varchar)"
        return f"case when regexp_matches({text}, '{_FORMULA}') then '''' || {text} else {text} end"
    return _bare(ref, kind) or ref


def _bare(ref: str, kind: Any) -> str | None:
    """An amount as digits without idle zeros, an id as hex, a moment as ISO 8601 has it; None for all else."""
    if kind.id == "decimal":
        return _digits(ref, kind)
    if kind.id == "blob":
        return f"lower(hex({ref}))"
    if kind.id.startswith("timestamp"):
        return f"replace(cast({ref} as varchar), ' ', 'T')"
    return None


def _digits(ref: str, kind: Any) -> str:
    text = f"cast({ref} as varchar)"
    return text if str(kind).endswith(",0)") else f"rtrim(rtrim({text}, '0'), '.')"


# -- JSON --------------------------------------------------------------------------------------------


def _objects(result: Result) -> Result:
    """Each row as the text of an object.

    It is put together here, since the engine's own writer turns digits of amounts into floats and writes numbers that
    JSON does not have.
    """
    columns = zip(_names(result.columns), result.kinds, strict=True)
    values = [(name, _json_text(f"#{at}", kind)) for at, (name, kind) in enumerate(columns, 1)]
    return result.project([_object(values)])


def _object(values: Iterable[tuple[str, str]]) -> str:
    """The SQL of an object of these keys and values, each a text of JSON or NULL."""
    parts = [f"{_literal(json.dumps(name, ensure_ascii=False) + ':')}, {_or_null(value)}" for name, value in values]
    return f"concat('{{', {', chr(44), '.join(parts)}, '}}')"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _or_null(text: str) -> str:
    return f"coalesce({text}, 'null')"


def _json_text(ref: str, kind: Any, depth: int = 1) -> str:
    """The SQL of a value as a text of JSON: amounts with every digit, ids as hex, no number that is none."""
    if kind.id in {"double", "float"}:
        return f"case when isfinite({ref}) then cast(to_json({ref}) as varchar) end"
    if kind.id in _NESTED and _is_special(kind):
        return f"case when {ref} is not null then {_NESTED[kind.id](ref, kind, depth)} end"
    bare = _bare(ref, kind)
    return bare if bare and kind.id == "decimal" else f"cast(to_json({bare or ref}) as varchar)"


def _is_special(kind: Any) -> bool:
    """Whether some value in it is written otherwise than the engine writes JSON."""
    if kind.id in {"double", "float", "blob", "decimal"} or kind.id.startswith("timestamp"):
        return True
    return kind.id in _NESTED and any(_is_special(part) for name, part in kind.children if name != "size")


def _json_list(ref: str, kind: Any, depth: int) -> str:
    item = f"x{depth}"
    texts = f"list_transform({ref}, lambda {item}: {_or_null(_json_text(item, kind.children[0][1], depth + 1))})"
    return f"concat('[', array_to_string({texts}, ','), ']')"


def _json_map(ref: str, kind: Any, depth: int) -> str:
    item, (_, value) = f"x{depth}", kind.children[1]
    key = f"cast(to_json(cast({item}.key as varchar)) as varchar)"
    pair = f"concat({key}, ':', {_or_null(_json_text(f'{item}.value', value, depth + 1))})"
    return f"concat('{{', array_to_string(list_transform(map_entries({ref}), lambda {item}: {pair}), ','), '}}')"


def _json_struct(ref: str, kind: Any, depth: int) -> str:
    parts = [
        (name, _json_text(f"struct_extract_at({ref}, {at})", part, depth + 1))
        for at, (name, part) in enumerate(kind.children, 1)
    ]
    if kind.id == "struct":
        return _object(parts)
    return f"concat('[', {', chr(44), '.join(_or_null(part) for _, part in parts)}, ']')"


_NESTED: Final[dict[str, Callable[[str, Any, int], str]]] = {
    "list": _json_list,
    "array": _json_list,
    "map": _json_map,
    "struct": _json_struct,
    "tuple": _json_struct,
    "union": lambda ref, _, __: f"cast(to_json(cast({ref} as varchar)) as varchar)",
}


# -- for people --------------------------------------------------------------------------------------


def _table(result: Result, file: Path) -> None:
    file.write_text(draw_table(result.columns, _texts(result), _numeric(result)), "utf-8")


def _markdown(result: Result, file: Path) -> None:
    lines = [[_in_a_cell(cell) for cell in row] for row in (result.columns, *_texts(result))]
    rule = ["---:" if number else "---" for number in _numeric(result)]
    file.write_text("\n".join(map(_piped, [lines[0], rule, *lines[1:]])) + "\n", "utf-8")


def _in_a_cell(text: str) -> str:
    return _one_line(text).replace("|", "\\|")


def _piped(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _texts(result: Result) -> list[list[str]]:
    """Every cell as text; nothing known is an empty cell."""
    plain = _plain(result)
    texts = plain.project([f"cast(#{at} as varchar)" for at in range(1, len(plain.columns) + 1)]).fetchall()
    return [["" if cell is None else cell for cell in row] for row in texts]


def _numeric(result: Result) -> list[bool]:
    return [kind.id in _NUMBERS for kind in result.kinds]


def draw_table(columns: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    """Rows in aligned columns under their names, numbers to the right; wide scripts count double."""
    head, *lines = ([_one_line(cell) for cell in row] for row in (columns, *rows))
    widths = [max(map(_width, column)) for column in zip(head, *lines, strict=True)]
    drawn = [_padded(row, widths, numeric) for row in (head, ["─" * width for width in widths], *lines)]
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
    """A record as one line of JSON, in the letters of its own language; half characters are escaped.

    A number that is none (infinite, not a number) is null, since JSON has no word for it.
    """
    try:
        text = json.dumps(record, ensure_ascii=False, default=str, allow_nan=False)
    except ValueError:
        return as_json(_finite(record))
    return text if text.isascii() or _is_whole(text) else json.dumps(record, default=str)


def _finite(record: object) -> object:
    if isinstance(record, dict):
        return {key: _finite(value) for key, value in record.items()}
    if isinstance(record, list | tuple):
        return [_finite(value) for value in record]
    return None if isinstance(record, float) and not math.isfinite(record) else record


def _is_whole(text: str) -> bool:
    """Whether the text can leave as UTF-8: a lone half of a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
