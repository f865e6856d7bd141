"""Two readers of company facts, one fast and one thorough: what the fast one takes on, both read alike."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.filings import accession
from tracker.sources.sec import statements
from tracker.sources.sec.statements import Statements, parse

ROW = {
    "start": "2024-01-01", "end": "2024-03-31", "val": 5, "accn": accession(1), "fy": 2024, "fp": "Q1", "form": "10-Q",
    "filed": "2024-05-01", "frame": "CY2024Q1",
}  # fmt: skip


def document(rows: list[Any], **more: Any) -> dict[str, Any]:
    return {"cik": 77, "entityName": "Acme", "facts": {"us-gaap": {"A": {"units": {"USD": rows}}, **more}}}


def columns(found: Statements) -> dict[str, list[str | None]]:
    return {column.name: getattr(found, column.name).to_pylist() for column in fields(Statements)}


def both(text: str) -> tuple[dict[str, list[str | None]] | None, dict[str, list[str | None]]]:
    """What the fast reader says, None where it leaves the file to the other, and what the thorough one says."""
    data = text.encode()
    fast = statements._scanned(data)  # noqa: SLF001 - the two are compared
    slow, _ = statements._read_singly(data, "x")  # noqa: SLF001
    return columns(fast.statements) if fast else None, columns(slow.statements)


REGULAR = [
    # what is special, the rows; all of it is the fast reader's
    ("nothing", [ROW]),
    ("no start, no frame", [{key: ROW[key] for key in ("end", "val", "accn", "fy", "fp", "form", "filed")}, ROW]),
    ("null labels", [ROW | {"fy": None, "fp": None}, ROW]),
    ("a null form and start", [ROW, ROW | {"form": None, "start": None}]),
    ("an empty form", [ROW, ROW | {"form": ""}, ROW]),
    ("the value last", [{key: ROW[key] for key in ("accn", "end", "filed", "form", "val")}]),
    ("other keys", [ROW | {"extra": [1, "end", None], "more": True}]),
    ("a key as a text", [ROW | {"fp": "end", "form": "val"}]),
    ("numbers of all kinds", [ROW | {"val": val} for val in (0, -7, 1.5, -0.25, 10**18)]),
]


@pytest.mark.parametrize("rows", [case[1] for case in REGULAR], ids=[case[0] for case in REGULAR])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_what_is_regular_is_read_fast_and_alike(rows: list[Any], separators: tuple[str, str]) -> None:
    fast, slow = both(json.dumps(document(rows, B={"units": {"EUR": rows}}), separators=separators))
    assert fast == slow
    assert len(slow["val"]) == 2 * len(rows)


IRREGULAR = [
    # what the fast reader must leave to the other
    ("a brace in a text", json.dumps(document([ROW | {"form": "{"}]))),
    ("an end and a beginning in a text", json.dumps(document([ROW | {"form": "}, {"}, ROW]))),
    ("an escape", json.dumps(document([ROW | {"form": '"end": "'}]))),
    ("letters beyond ASCII", json.dumps(document([ROW | {"form": "é"}]), ensure_ascii=False)),
    ("an object in a statement", json.dumps(document([ROW | {"more": {"end": "2020-01-01"}}]))),
    ("no statement", json.dumps(document([ROW, 5]))),
    ("no statement first", json.dumps(document([None, ROW]))),
    ("no end", json.dumps(document([ROW, {key: ROW[key] for key in ROW if key != "end"}]))),
    ("an end too many and one too few", json.dumps(document([ROW, {key: ROW[key] for key in ROW if key != "end"}])).replace('"fy": 2024,', '"end": "2024-03-31",', 1)),
    ("a key twice", json.dumps(document([ROW])).replace('"fy": 2024', '"val": 5')),
    ("a concept twice", json.dumps(document([ROW], B={"units": {"USD": [ROW]}})).replace('"B"', '"A"')),
    ("units twice", json.dumps(document([ROW])).replace('"units": {', '"units": {"EUR": []}, "units": {')),
    ("a value that is text", json.dumps(document([ROW | {"val": "5"}]))),
    ("a value that is null", json.dumps(document([ROW | {"val": None}]))),
    ("a value that is a list", json.dumps(document([ROW | {"val": [5]}]))),
    ("a date that is null", json.dumps(document([ROW | {"end": None}]))),
    ("a form that is a number", json.dumps(document([ROW | {"form": 10}]))),
    ("space before a colon", json.dumps(document([ROW])).replace('"end":', '"end" :')),
    ("lines", json.dumps(document([ROW, ROW]), indent=1)),
    ("no statements", json.dumps(document([]))),
    ("no statements under one unit", json.dumps(document([ROW], B={"units": {"USD": [], "EUR": [ROW]}}))),
    ("units that are null", json.dumps(document([ROW], B={"units": None}))),
    ("units that are empty", json.dumps(document([ROW], B={"units": {}}))),
    ("a unit without a name", json.dumps(document([ROW], B={"units": {"": [ROW]}}))),
    ("a currency in lower case", json.dumps(document([ROW], B={"units": {"usd": [ROW]}}))),
    ("two names", json.dumps(document([ROW])).replace('"entityName"', '"entityName": "B", "entityName"')),
]  # fmt: skip


@pytest.mark.parametrize("text", [case[1] for case in IRREGULAR], ids=[case[0] for case in IRREGULAR])
def test_what_is_irregular_is_left_to_the_thorough_reader(text: str) -> None:
    fast, _ = both(text)
    assert fast is None
    parse(text.encode(), "x")


TEXTS = st.sampled_from(
    ["10-Q", "", "end", "{", "}", "}, {", "], [", "é", '"', "\\", ":", '"val":', "start", "2024-03-31"]
)
VALUES = st.one_of(st.integers(), st.decimals(allow_nan=False, allow_infinity=False).map(float), st.none(), TEXTS)
ROWS = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"end": TEXTS, "val": VALUES, "accn": TEXTS, "filed": TEXTS},
            optional={"start": TEXTS | st.none(), "form": TEXTS | st.none(), "frame": TEXTS, "x": st.lists(VALUES) | st.dictionaries(TEXTS, VALUES)},
        ).flatmap(lambda row: st.permutations(list(row.items())).map(dict)),
        VALUES,
        st.just({}),
    ),
    max_size=4,
)  # fmt: skip


@given(st.dictionaries(TEXTS, ROWS, max_size=3), st.sampled_from([(",", ":"), (", ", ": ")]), st.data())
@settings(max_examples=400)
def test_whatever_is_read_fast_is_read_alike(
    units: dict[str, Any], separators: tuple[str, str], data: st.DataObject
) -> None:
    content = {"cik": 77, "entityName": "A", "facts": {"us-gaap": {"A": {"units": units}}}}
    text = json.dumps(content, separators=separators, ensure_ascii=data.draw(st.booleans()))
    if data.draw(st.booleans()):  # a key that a careless hand wrote twice, or misspelt
        old, new = data.draw(st.permutations(['"end"', '"val"', '"accn"', '"form"', '"x"']))[:2]
        text = text.replace(old, new, 1)
    fast, slow = both(text)
    assert fast is None or fast == slow
