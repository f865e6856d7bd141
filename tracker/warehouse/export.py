"""Write rows as a table for people, or in a format that other programs read.

Amounts are written as exact digits without trailing zeros, and ids as hex. A text that a spreadsheet would take for a
formula is marked as text in CSV; XLSX needs no mark. In XLSX, moments are text in UTC, because a spreadsheet knows no
time zones and rounds the last microsecond of a day into the next day.
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tracker.warehouse.reader import Result

__all__ = ["FORMATS", "SHOWN_ROWS", "draw_html", "draw_table", "fetch_texts", "list_numeric", "write"]

#: The formats that `--format` takes; the last four are for other programs.
FORMATS: Final = ("table", "markdown", "json", "ndjson", "csv", "parquet", "arrow", "xlsx")
_INTEGER_TYPES: Final = ("tinyint", "smallint", "integer", "bigint", "hugeint", "bignum")
_NUMBER_TYPES: Final = frozenset(
    {*_INTEGER_TYPES, *(f"u{name}" for name in _INTEGER_TYPES), "decimal", "double", "float"}
)
_FORMULA: Final = r"^[=+\-@\t\r\x00\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"  # the last four are their full-width forms

_FORMULA_NAME: Final = tuple("=+-@\t\r\x00\uff1d\uff0b\uff0d\uff20")  # the same for the name of a column
_TEXT_TYPES: Final = frozenset({"varchar", "enum"})


def write(result: Result, style: str, target: Path | None) -> None:
    """Write rows to a file, or to standard output if `target` is None."""
    if target is None and style in {"parquet", "arrow"} and sys.stdout.isatty():
        raise UsageError(f"{style} is not text; name a file with -o, or pipe it")
    if target is None and style == "xlsx":
        raise UsageError("xlsx must be a file; name it with -o FILE")
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


def _write_csv(result: Result, file: Path) -> None:
    plain = _select_texts(result, mark_formulas=True)
    if len(plain.columns) == 1:  # most readers skip an empty line
        plain = plain.project([f"coalesce(cast(#1 as varchar), '') as {_quote_name(plain.columns[0])}"])
    plain.write_csv(file)


def _write_json(result: Result, file: Path) -> None:
    _select_objects(result).write_lines(file, ("[\n\t", ",\n\t", "\n]\n"))


def _write_ndjson(result: Result, file: Path) -> None:
    _select_objects(result).write_lines(file)


def _write_parquet(result: Result, file: Path) -> None:
    try:
        _name_columns(result).write_parquet(file)
    except QueryError as error:
        raise QueryError(f"{error}; cast that column to varchar, or write csv") from error


def _write_arrow(result: Result, file: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415 - only this format needs it

    table = _name_columns(result).arrow()
    with pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table)


def _write_xlsx(result: Result, file: Path) -> None:
    from tracker.files.spreadsheet import Field, Sheet, Value, exact_beside, workbook  # noqa: PLC0415 - only here

    kinds = [kind.startswith("DECIMAL") and not kind.endswith(",0)") for kind in result.types]
    fields = [
        Field(name, "#,##0.######" if is_exact else "") for name, is_exact in zip(result.columns, kinds, strict=True)
    ]
    rows = [[Value(_make_plain(cell)) for cell in row] for row in result.fetchall()]
    heads, exact = exact_beside(fields, rows, "{title}, every digit")
    file.write_bytes(workbook([Sheet("rows", tuple(heads), exact)], "rows", _FILE_DATE))


#: The date that every XLSX file has, so that the same rows give the same bytes.
_FILE_DATE: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - dates in a spreadsheet have no zone


def _make_plain(cell: object) -> bool | float | Decimal | date | str | None:
    """Return a cell as a spreadsheet holds it: ids as hex, moments as text in UTC."""
    if isinstance(cell, datetime):
        in_utc = cell.astimezone(UTC) if cell.tzinfo else cell
        return in_utc.isoformat().replace("+00:00", "Z")
    if isinstance(cell, bytes):
        return cell.hex()
    return cell if cell is None or isinstance(cell, bool | int | float | Decimal | date) else str(cell)


def _name_columns(result: Result) -> Result:
    """Give each column a name of its own: of two columns with one name, programs would see one."""
    return result.project([f"#{at} as {_quote_name(name)}" for at, name in enumerate(_make_unique(result.columns), 1)])


def _make_unique(columns: list[str]) -> list[str]:
    """Make names unique: the second `value` becomes `value_1`, unless a column has that name."""
    found: dict[str, None] = {}
    originals = set(columns)
    for name in columns:
        own, at = name, 1
        while own in found or (own != name and own in originals):
            own, at = f"{name}_{at}", at + 1
        found[own] = None
    return list(found)


def _quote_name(name: str) -> str:
    """Quote a name for SQL, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


def _select_texts(result: Result, *, mark_formulas: bool = False) -> Result:
    """Select the rows as text: amounts as plain digits, ids as hex."""
    names = [f"'{name}" if mark_formulas and name.startswith(_FORMULA_NAME) else name for name in result.columns]
    return _project(result, names, lambda ref, kind: _text_sql(ref, kind, mark_formulas=mark_formulas))


def _project(result: Result, names: list[str], expression: Callable[[str, Any], str]) -> Result:
    columns = zip(_make_unique(names), result.kinds, strict=True)
    return result.project(
        [f"{expression(f'#{at}', kind)} as {_quote_name(name)}" for at, (name, kind) in enumerate(columns, 1)]
    )


def _text_sql(ref: str, kind: Any, *, mark_formulas: bool) -> str:
    """Return the SQL of a value as text."""
    if kind.id in _TEXT_TYPES and mark_formulas:
        text = f"cast({ref} as varchar)"
        return f"case when regexp_matches({text}, '{_FORMULA}') then '''' || {text} else {text} end"
    return _plain_sql(ref, kind) or ref


def _plain_sql(ref: str, kind: Any) -> str | None:
    """Return the SQL of an amount as plain digits, an id as hex, a moment as ISO 8601; None for other types."""
    if kind.id == "decimal":
        return _digits_sql(ref, kind)
    if kind.id == "blob":
        return f"lower(hex({ref}))"
    if kind.id.startswith("timestamp"):
        return f"replace(cast({ref} as varchar), ' ', 'T')"
    return None


def _digits_sql(ref: str, kind: Any) -> str:
    text = f"cast({ref} as varchar)"
    return text if str(kind).endswith(",0)") else f"rtrim(rtrim({text}, '0'), '.')"


# -- JSON --------------------------------------------------------------------------------------------


def _select_objects(result: Result) -> Result:
    """Select each row as the text of a JSON object.

    The engine's own writer would turn amounts into floats, and write numbers that JSON does not have.
    """
    columns = zip(_make_unique(result.columns), result.kinds, strict=True)
    values = [(name, _json_sql(f"#{at}", kind)) for at, (name, kind) in enumerate(columns, 1)]
    return result.project([_object_sql(values)])


def _object_sql(values: Iterable[tuple[str, str]]) -> str:
    """Return the SQL of an object with these keys and values; each value is SQL of a JSON text or NULL."""
    parts = [
        f"{_quote_text(json.dumps(name, ensure_ascii=False) + ':')}, {_or_null_sql(value)}" for name, value in values
    ]
    return f"concat('{{', {', chr(44), '.join(parts)}, '}}')"


def _quote_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _or_null_sql(text: str) -> str:
    return f"coalesce({text}, 'null')"


def _json_sql(ref: str, kind: Any, depth: int = 1) -> str:
    """Return the SQL of a value as JSON text: amounts with every digit, ids as hex, infinity as NULL."""
    if kind.id in {"double", "float"}:
        return f"case when isfinite({ref}) then cast(to_json({ref}) as varchar) end"
    if kind.id in _NESTED_SQL and _needs_own_json(kind):
        return f"case when {ref} is not null then {_NESTED_SQL[kind.id](ref, kind, depth)} end"
    bare = _plain_sql(ref, kind)
    return bare if bare and kind.id == "decimal" else f"cast(to_json({bare or ref}) as varchar)"


def _needs_own_json(kind: Any) -> bool:
    """Return whether a type has values that the engine would write as JSON in another way."""
    if kind.id in {"double", "float", "blob", "decimal"} or kind.id.startswith("timestamp"):
        return True
    return kind.id in _NESTED_SQL and any(_needs_own_json(part) for name, part in kind.children if name != "size")


def _list_sql(ref: str, kind: Any, depth: int) -> str:
    item = f"x{depth}"
    texts = f"list_transform({ref}, lambda {item}: {_or_null_sql(_json_sql(item, kind.children[0][1], depth + 1))})"
    return f"concat('[', array_to_string({texts}, ','), ']')"


def _map_sql(ref: str, kind: Any, depth: int) -> str:
    item, (_, value) = f"x{depth}", kind.children[1]
    key = f"cast(to_json(cast({item}.key as varchar)) as varchar)"
    pair = f"concat({key}, ':', {_or_null_sql(_json_sql(f'{item}.value', value, depth + 1))})"
    return f"concat('{{', array_to_string(list_transform(map_entries({ref}), lambda {item}: {pair}), ','), '}}')"


def _struct_sql(ref: str, kind: Any, depth: int) -> str:
    parts = [
        (name, _json_sql(f"struct_extract_at({ref}, {at})", part, depth + 1))
        for at, (name, part) in enumerate(kind.children, 1)
    ]
    if kind.id == "struct":
        return _object_sql(parts)
    return f"concat('[', {', chr(44), '.join(_or_null_sql(part) for _, part in parts)}, ']')"


_NESTED_SQL: Final[dict[str, Callable[[str, Any, int], str]]] = {
    "list": _list_sql,
    "array": _list_sql,
    "map": _map_sql,
    "struct": _struct_sql,
    "tuple": _struct_sql,
    "union": lambda ref, _, __: f"cast(to_json(cast({ref} as varchar)) as varchar)",
}


# -- for people --------------------------------------------------------------------------------------


def _write_table(result: Result, file: Path) -> None:
    file.write_text(draw_table(result.columns, fetch_texts(result), list_numeric(result)), "utf-8")


def _write_markdown(result: Result, file: Path) -> None:
    lines = [[_escape_markdown(cell) for cell in row] for row in (result.columns, *fetch_texts(result))]
    rule = ["---:" if number else "---" for number in list_numeric(result)]
    file.write_text("\n".join(map(_join_cells, [lines[0], rule, *lines[1:]])) + "\n", "utf-8")


#: The rows that a notebook shows of a result.
SHOWN_ROWS: Final = 50


def draw_html(result: Result, most: int) -> str:
    """Draw the first rows as an HTML table, numbers to the right; all text is escaped."""
    numeric, texts = list_numeric(result), fetch_texts(result)
    head = _join_html(' scope="col"', "th", result.columns, numeric)
    rows = "".join(_join_html("", "td", row, numeric) for row in texts[:most])
    foot = f"<p>The first {most} rows.</p>" if len(texts) > most else ""
    return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>{foot}"


def _join_html(scope: str, tag: str, cells: Sequence[str], numeric: Sequence[bool]) -> str:
    looks = [' style="text-align:right"' if is_number else "" for is_number in numeric]
    drawn = "".join(
        f"<{tag}{scope}{look}>{_escape_html(cell)}</{tag}>" for look, cell in zip(looks, cells, strict=True)
    )
    return f"<tr>{drawn}</tr>"


def _escape_html(text: str) -> str:
    import html  # noqa: PLC0415 - it takes 20 ms, and most results are no HTML

    return html.escape(_replace_controls(text))


def _escape_markdown(text: str) -> str:
    return _replace_controls(text).replace("|", "\\|")


def _join_cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def fetch_texts(result: Result) -> list[list[str]]:
    """Fetch every cell as text; NULL is an empty text."""
    plain = _select_texts(result)
    texts = plain.project([f"cast(#{at} as varchar)" for at in range(1, len(plain.columns) + 1)]).fetchall()
    return [["" if cell is None else cell for cell in row] for row in texts]


def list_numeric(result: Result) -> list[bool]:
    """List for each column whether it holds numbers."""
    return [kind.id in _NUMBER_TYPES for kind in result.kinds]


def draw_table(columns: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    """Draw rows as aligned columns under their names, with numbers to the right; wide characters count double."""
    head, *lines = ([_replace_controls(cell) for cell in row] for row in (columns, *rows))
    widths = [max(map(_measure_width, column)) for column in zip(head, *lines, strict=True)]
    drawn = [_pad_cells(row, widths, numeric) for row in (head, ["─" * width for width in widths], *lines)]
    return "\n".join(line.rstrip() for line in drawn) + f"\n({len(rows)} row{'' if len(rows) == 1 else 's'})\n"


def _replace_controls(cell: str) -> str:
    return "".join(character if character.isprintable() else " " for character in cell)


def _pad_cells(row: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    cells = []
    for cell, width, is_number in zip(row, widths, numeric, strict=True):
        gap = " " * (width - _measure_width(cell))
        cells.append(gap + cell if is_number else cell + gap)
    return "  ".join(cells)


def _measure_width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


_WRITERS: Final[dict[str, Callable[[Result, Path], None]]] = {
    "table": _write_table,
    "markdown": _write_markdown,
    "json": _write_json,
    "ndjson": _write_ndjson,
    "csv": _write_csv,
    "parquet": _write_parquet,
    "arrow": _write_arrow,
    "xlsx": _write_xlsx,
}


def as_json(record: object) -> str:
    """Write a record as one line of JSON in UTF-8; a lone half of a surrogate pair is escaped.

    Infinity and NaN become null, because JSON does not have them.
    """
    try:
        text = json.dumps(record, ensure_ascii=False, default=str, allow_nan=False)
    except ValueError:
        return as_json(_drop_infinities(record))
    return text if text.isascii() or _is_encodable(text) else json.dumps(record, default=str)


def _drop_infinities(record: object) -> object:
    if isinstance(record, dict):
        return {key: _drop_infinities(value) for key, value in record.items()}
    if isinstance(record, list | tuple):
        return [_drop_infinities(value) for value in record]
    return None if isinstance(record, float) and not math.isfinite(record) else record


def _is_encodable(text: str) -> bool:
    """Return whether a text can be encoded in UTF-8: one with a lone half of a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
