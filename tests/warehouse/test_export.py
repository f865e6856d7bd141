"""What leaves the program: every format is a whole document, whatever the columns are called and hold."""

from __future__ import annotations

import csv
import io
import json
import re
import warnings
from typing import TYPE_CHECKING, Any, NoReturn

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from support.project import small_project
from support.running import tracker_text
from tracker.errors import QueryError, UsageError
from tracker.warehouse.export import FORMATS, as_json, write
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAMES = {
    "a quote": 'a"b', "a dot": "a.b", "a break": "a\nb", "an apostrophe": "a'b", "10,000 letters": "x" * 10_000, "controls": "a\x01\x07\x1b[31mb",
    "a word of SQL": "select", "right to left": "\u202eabc\u2066", "a blank": " ", "a tab": "a\tb", "a bar": "a|b", "a formula": "=1+1",
    "a picture": "👍🏽", "a comma": "a,b", "a semicolon": "a;b", "a backslash": "a\\b", "braces": "{a}", "a percent sign": "%s", "a dollar": "$x",
    "an accent": "é", "a star": "*", "a tag": "<b>", "a return": "a\rb", "a separator of lines": "a\u2028b", "a backtick": "a`b", "two dashes": "a--b",
}  # fmt: skip
VALUES = {
    "a list": "[1,2,3]", "a list of lists": "[[1.5],[null]]", "a struct": "{'a':1,'b':'x'}", "a struct of amounts": "{'a':1.50::decimal(38,6)}",
    "a map": "map {'k':1.5}", "a map of numbers": "map {1:2}", "an array": "[1,2,3]::integer[3]", "a tuple": "row(1,2)", "a union": "union_value(num := 2)",
    "a union without end": "union_value(num := 'inf'::double)", "an interval": "interval 3 days", "bytes": "'\\xAA\\x00'::blob", "no bytes": "''::blob",
    "a uuid": "'6ccd780c-baba-1026-9564-5b8c656024db'::uuid", "a time": "time '12:00:01'", "a time with zone": "'12:00:01+02'::timetz",
    "a huge number": "170141183460469231731687303715884105727::hugeint", "a huger number": "340282366920938463463374607431768211455::uhugeint",
    "an enum": "'a'::enum('a','b')", "bits": "'0101'::bit", "infinity": "'inf'::double", "minus infinity": "'-inf'::double", "not a number": "'nan'::float",
    "a moment without end": "'infinity'::timestamp", "another": "'-infinity'::timestamptz", "a day without end": "'infinity'::date", "minus zero": "-0.0::double",
    "nothing": "null", "no integer": "null::integer", "nanoseconds": "'2024-01-01 00:00:00.123456789'::timestamp_ns", "the first day": "date '0001-01-01'",
    "a day before": "'44-03-15 (BC)'::date", "a far day": "date '99999-01-01'", "an amount": "1.50::decimal(38,6)", "a small amount": "-0.000001::decimal(38,6)",
    "an amount of zero": "0::decimal(38,6)", "a whole amount": "100::decimal(38,0)", "a formula": "'=1+1'", "breaks": "'a\nb\r\nc'", "controls": "'a\x01\x1b[31m'",
    "quotes": "'a\"b,c|d'", "right to left": "'\u202eabc'", "a long text": "repeat('x', 100000)", "NUL": "'a'||chr(0)||'b'", "an empty text": "''",
    "a list without end": "['inf'::double, 'nan'::double, 1]", "a struct without end": "{'a':'inf'::double}", "a map without end": "map {'k':'nan'::double}",
    "a list of bytes": "['\\xAA'::blob]", "a list of moments": "[timestamptz '2024-01-01 00:00:00+00']", "structs in a list": "[{'a':1.5, 'b':['inf'::float]}]",
    "an empty list": "[]", "no list": "null::double[]", "no struct": "null::struct(a double)", "no map": "null::map(varchar, double)", "json": "'{\"a\": 1}'::json",
}  # fmt: skip
TEXTS = ("table", "markdown", "json", "ndjson", "csv")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    from tracker.pipeline.ingest import ingest

    project = small_project(tmp_path_factory.mktemp("output"))
    ingest(project, [project.seeds])
    with Warehouse(project.warehouse) as warehouse:
        yield warehouse


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def written(warehouse: Warehouse, query: str, style: str, folder: Path) -> bytes:
    file = folder / "rows"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write(warehouse.sql(query), style, file)
    return file.read_bytes()


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs), "a key stands twice"
    return dict(pairs)


def no_json(word: str) -> NoReturn:
    raise AssertionError(f"{word} is no JSON")


def loaded(text: str) -> Any:
    return json.loads(text, object_pairs_hook=unique, parse_constant=no_json)


def read_json(data: bytes, width: int) -> None:
    for row in loaded(data.decode()):
        assert len(row) == width


def read_ndjson(data: bytes, width: int) -> None:
    for line in data.decode().removesuffix("\n").split("\n"):
        assert not line or len(loaded(line)) == width


def read_csv(data: bytes, width: int) -> None:
    assert {len(row) for row in csv.reader(io.StringIO(data.decode(), newline=""), strict=True)} == {width}


def read_parquet(data: bytes, width: int) -> None:
    assert len(set(pq.read_table(io.BytesIO(data)).column_names)) == width


def read_arrow(data: bytes, width: int) -> None:
    assert len(set(pa.ipc.open_stream(data).read_all().column_names)) == width


def read_xlsx(data: bytes, width: int) -> None:
    assert openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].max_column >= width


def read_markdown(data: bytes, width: int) -> None:
    lines = data.decode().removesuffix("\n").split("\n")
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {width + 1}
    assert not has_controls(lines)


def read_table(data: bytes, _: int) -> None:
    lines = data.decode().removesuffix("\n").split("\n")
    assert not has_controls(lines)
    assert re.fullmatch(r"\(\d+ rows?\)", lines[-1])


def has_controls(lines: list[str]) -> bool:
    """Letters that move the cursor, turn the direction or end a line."""
    return any(not letter.isprintable() for line in lines for letter in line)


READERS: dict[str, Callable[[bytes, int], None]] = {
    "table": read_table, "markdown": read_markdown, "json": read_json, "ndjson": read_ndjson, "csv": read_csv,
    "parquet": read_parquet, "arrow": read_arrow, "xlsx": read_xlsx,
}  # fmt: skip
ALL_NAMES = ", ".join(f"{at}.5::decimal(38,6) as {quoted(name)}" for at, name in enumerate(NAMES.values()))
ALL_VALUES = ", ".join(f"{value} as {quoted(name)}" for name, value in VALUES.items())
QUERIES = [
    # what is asked, how many columns there are, the query
    ("odd names", len(NAMES), f"select {ALL_NAMES}"),
    ("odd names and no rows", len(NAMES), f"select {ALL_NAMES} where false"),
    ("odd values", len(VALUES), f"select {ALL_VALUES}"),
    ("odd values and no rows", len(VALUES), f"select {ALL_VALUES} where false"),
    ("two columns of one name", 2, "select 1 as a, 2 as a"),
    ("three, one called as the second would be", 3, "select 1 as a, 2 as a, 3 as a_1"),
    ("names that differ in case", 2, "select 1 as a, 2 as A"),
    ("a thousand columns", 1000, "select " + ", ".join(f"{at} as c{at}" for at in range(1000))),
    ("a comment at the end", 1, "select 1 as a -- one"),
    ("a semicolon, then a comment", 1, "select 1 as a; -- one;"),
    ("names made of data", 1, "pivot (select 'a\"b' as k, 1 as v) on k using sum(v)"),
    ("no SELECT", 6, "describe select 1 as a"),
]


@pytest.mark.parametrize("style", FORMATS)
@pytest.mark.parametrize(("width", "query"), [case[1:] for case in QUERIES], ids=[case[0] for case in QUERIES])
def test_every_format_is_a_whole_document(empty: Warehouse, tmp_path: Path, style: str, width: int, query: str) -> None:
    READERS[style](written(empty, query, style, tmp_path), width)


@pytest.mark.long
@pytest.mark.parametrize("style", FORMATS)
def test_each_name_and_value_alone(empty: Warehouse, tmp_path: Path, style: str) -> None:
    """Alone, a value is also one that is missing and one of a single column."""
    queries = [f"select 1 as {quoted(name)}" for name in NAMES.values()] + [
        f"select {value} as v" for value in VALUES.values()
    ]
    for query in queries:
        READERS[style](written(empty, query, style, tmp_path), 1)


JSON = [
    # the value in SQL, the same in JSON
    ("'inf'::double", "null"),
    ("'nan'::float", "null"),
    ("-0.0::double", "-0.0"),
    ("['inf'::double, 1.5]", "[null,1.5]"),
    ("{'a': 'inf'::double, 'b': 2}", '{"a":null,"b":2}'),
    ("map {'k': 'nan'::double, 'l': 1}", '{"k":null,"l":1.0}'),
    ("row('inf'::float, 1)", "[null,1]"),
    ("[{'a': [1.50::decimal(38,6)], 'b': null}]", '[{"a":[1.5],"b":null}]'),
    ("null::struct(a double)", "null"),
    ("[null::struct(a double), {'a': 1}]", '[null,{"a":1.0}]'),
    ("170141183460469231731687303715884105727::hugeint", "170141183460469231731687303715884105727"),
    ("12345678901234567890.000001::decimal(38,6)", "12345678901234567890.000001"),
    ("1234567890123456.123456::decimal(38,6)", "1234567890123456.123456"),
    ("99999999999999999999::decimal(38,6)", "99999999999999999999"),
    ("12345678901234567890123::decimal(38,0)", "12345678901234567890123"),
    ("{'a': [12345678901234567890.5]}", '{"a":[12345678901234567890.5]}'),
    ("map {1.5: 'a\"b'}", '{"1.5":"a\\"b"}'),
    ("['\\xAB'::blob]", '["ab"]'),
    ("[timestamptz '2024-08-01 00:14:40+00']", '["2024-08-01T00:14:40+00"]'),
    ("'2024-08-01'::timestamp", '"2024-08-01T00:00:00"'),
    ("date 'infinity'", '"infinity"'),
]


@pytest.mark.parametrize(("value", "expected"), JSON)
def test_json_has_the_value_or_null(empty: Warehouse, tmp_path: Path, value: str, expected: str) -> None:
    text = written(empty, f"select {value} as v", "ndjson", tmp_path).decode()
    assert text.replace(" ", "") == f'{{"v":{expected}}}\n'.replace(" ", "")


@pytest.mark.parametrize("style", FORMATS)
def test_of_two_columns_of_one_name_each_keeps_its_value(empty: Warehouse, tmp_path: Path, style: str) -> None:
    data = written(empty, "select 11.5 as a, 22.5 as a", style, tmp_path)
    if style in TEXTS:
        assert [data.count(b"11.5"), data.count(b"22.5")] == [1, 1]
    elif style == "xlsx":
        rows = list(openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].values)
        assert [float(str(cell)) for cell in rows[1]] == [11.5, 22.5]
    else:
        table = pq.read_table(io.BytesIO(data)) if style == "parquet" else pa.ipc.open_stream(data).read_all()
        assert [float(value) for value in table.to_pylist()[0].values()] == [11.5, 22.5]


REFUSED = [
    # what is wrong, the query, the error, what it says
    ("two statements", "select 1 as a; select 2 as b", UsageError, "2 statements; give one at a time"),
    ("a statement that changes something behind one", "select 1; drop view figure", UsageError, "2 statements"),
    ("nothing but a comment", "-- select 1", UsageError, "the query is empty"),
    ("nothing but a semicolon", ";", UsageError, "the query is empty"),
    ("no columns", "select * exclude (a) from (select 1 as a)", QueryError, "SELECT list is empty"),
    ("no name", 'select 1 as ""', QueryError, "zero-length"),
    ("a fault in a later row", "select cast(range::varchar || repeat('x', range::int) as int) as a from range(3)", QueryError, "Could not convert"),
    ("half a character", "select chr(55296) as a", QueryError, "UTF8"),
]  # fmt: skip


@pytest.mark.parametrize("style", FORMATS)
@pytest.mark.parametrize(
    ("query", "error", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_cannot_be_answered_is_said(
    empty: Warehouse, tmp_path: Path, style: str, query: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        written(empty, query, style, tmp_path)
    assert not (tmp_path / "rows").exists()


def test_a_type_that_parquet_lacks_is_said_with_a_way_out(empty: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="cast that column to varchar, or write csv"):
        written(empty, "select interval '-3 months' as a", "parquet", tmp_path)


def test_semicolons_in_texts_end_nothing(empty: Warehouse, tmp_path: Path) -> None:
    for query in ("select ';' as a", "select ';' as a; /* ; */ ;", "select $$é;--$$ as a ; -- ;", 'select 1 as ";";'):
        assert written(empty, query, "ndjson", tmp_path)


def test_several_statements_are_wrong_usage(empty: Warehouse) -> None:
    done = tracker_text(empty.path.parent, "sql", "select 1 as a; select 2 as b", "--format", "csv")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "tracker: 2 statements; give one at a time\n")


def test_records_have_no_numbers_that_are_none() -> None:
    assert (
        as_json({"a": [float("inf"), {"b": (float("nan"), 1.5)}], "c": "é"})
        == '{"a": [null, {"b": [null, 1.5]}], "c": "é"}'
    )


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1"])
def test_no_name_or_word_in_csv_is_a_formula(empty: Warehouse, tmp_path: Path, name: str) -> None:
    text = name.replace("'", "''")
    query = f"select '{text}' as {quoted(name)}, '{text}'::enum('{text}') as a, -1 as {quoted(chr(39) + name)}"
    head, row = csv.reader(io.StringIO(written(empty, query, "csv", tmp_path).decode(), newline=""))
    assert head == ["'" + name, "a", f"'{name}_1"]
    assert row == ["'" + name, "'" + name, "-1"]
