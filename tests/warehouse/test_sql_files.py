"""The SQL files themselves: each rule is written once, and the arms of a union name the same columns."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tracker.warehouse.view_macros import macros_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOM = files("tracker.warehouse")
SQL = {
    path.name: path.read_text("utf-8")
    for folder in (*ROOM.joinpath("views").iterdir(), ROOM.joinpath("checks"))
    if folder.is_dir()
    for path in folder.iterdir()
    if path.name.endswith(".sql")
}


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(macros_sql())
        yield connection


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("days_in(date '2024-04-01', date '2024-06-30')", 91),
        ("is_report_form('10-K/A')", True),
        ("is_report_form('20-F')", True),
        ("is_report_form(null)", True),
        ("is_report_form('8-K')", False),
        ("is_report_form('10-D')", False),
        ("is_periodic_form('10-QT')", True),
        ("is_periodic_form('10-Q/A')", False),
        ("is_annual_form('40-F')", True),
        ("is_annual_form('10-Q')", False),
        ("span_of(91)", "quarter"),
        ("span_of(112)", "quarter"),
        ("span_of(111)", "other"),
        ("span_of(182)", "half"),
        ("span_of(273)", "nine_months"),
        ("span_of(371)", "year"),
        ("fiscal_quarter_of(91)", 1),
        ("fiscal_quarter_of(182)", 2),
        ("fiscal_quarter_of(273)", 3),
        ("fiscal_quarter_of(371)", 4),
        ("fiscal_quarter_of(140)", None),
        ("span_between(date '2024-04-01', date '2024-06-30')", "quarter"),
        ("span_between(null, date '2024-06-30')", "instant"),
        ("span_between(date '2024-04-01', null)", "unknown"),
        ("period_label(false, 'half', 2024, 4, date '2024-12-31')", "2024H2"),
        ("period_label(false, 'half', 2024, 3, date '2024-09-30')", None),
        ("period_label(false, 'year', 2024, 2, date '2023-12-31')", "CY2023"),
        ("bound_of(5, null, null, null, -0.5, 0)", 4.5),
        ("bound_of(null, 4, 6, 6, 0.5, 0)", 6),
        ("bound_of(null, 4, null, null, 0.5, 0)", None),
        ("quarter_number(2024, 1) - quarter_number(2023, 4)", 1),
        ("fiscal_label('quarter', 2024, 2)", "2024Q2"),
        ("fiscal_label('instant', 2024, 4)", "2024Q4"),
        ("fiscal_label('half', 2024, 2)", "2024H1"),
        ("fiscal_label('half', 2024, 4)", "2024H2"),
        ("fiscal_label('half', 2024, 3)", None),
        ("fiscal_label('nine_months', 2024, 3)", "2024M9"),
        ("fiscal_label('year', 2024, 4)", "FY2024"),
        ("fiscal_label(span_to_date(3), 2024, 3)", "2024M9"),
        ("calendar_quarter_of(date '2024-06-30')", "2024Q2"),
        ("calendar_quarter_of(date '2024-01-28')", "2023Q4"),
        ("last_digit(-8)", 100_000_000),
        ("last_digit(null)", 0.000001),
        ("intervals_meet(1, 2, 2, 3)", True),
        ("intervals_meet(1, 2, 3, 4)", False),
        ("intervals_meet(1, null, 3, 4)", True),
        ("growth_ratio(5, 4)", 0.25),
        ("growth_ratio(5, 0)", None),
        ("signed_id('-', unhex('AB12'))", "-ab12"),
        ("tier('filed') < tier('filed_sum') and tier('filed_sum') < tier('stated')", True),
        ("tier('stated') < tier('incomplete') and tier('incomplete') < tier('missing')", True),
    ],
)
def test_rules(engine: duckdb.DuckDBPyConnection, expression: str, result: object) -> None:
    assert engine.execute(f"select {expression}").fetchall() == [(result,)]


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        ("a report form", r"'(10-[KQ]|20-F|40-F)"),
        ("a span", r"\b(83|180|272|363)\b"),
        ("a quarter of the year", r"\b(120|204|294|350)\b"),
        ("a number of quarters", r"\* 4 \+"),
        ("a calendar quarter", r"-45\)"),
        ("a label", r"\|\| '(Q|H1|H2|M9)'|'FY' \|\|"),
        ("a label of the calendar", r"'CY' \|\|"),
        ("a kind of period", r"then 'instant'"),
        ("a bound", r"\* last_digit\("),
        ("the last digit", r"power\(10, -"),
        ("an id as text", r"lower\(hex\("),
        ("a growth rate", r"as double\), 0\) - 1"),
    ],
)
def test_a_rule_is_written_once(rule: str, pattern: str) -> None:
    assert re.search(pattern, ROOM.joinpath("views", "macros.sql").read_text("utf-8")), rule
    assert not [name for name, text in SQL.items() if re.search(pattern, _without_comments(text))], rule


def _without_comments(text: str) -> str:
    return re.sub(r"--[^\n]*", "", text)


@pytest.mark.parametrize("name", sorted(name for name, text in SQL.items() if re.search(r"\bunion\b", text)))
def test_the_arms_of_a_union_name_the_same_columns(engine: duckdb.DuckDBPyConnection, name: str) -> None:
    found = engine.execute("select json_serialize_sql(?)", [SQL[name]]).fetchall()[0][0]
    unions = [*_unions(json.loads(found)["statements"])]
    assert unions
    for union in unions:
        first, *others = [_names(arm) for arm in _arms(union)]
        assert others == [first] * len(others)


def test_an_unnamed_arm_is_found(engine: duckdb.DuckDBPyConnection) -> None:
    query = "select a, b from t union all select a, c + 1 from t"
    found = engine.execute("select json_serialize_sql(?)", [query]).fetchall()[0][0]
    (union,) = _unions(json.loads(found)["statements"])
    first, second = map(_names, _arms(union))
    assert first != second


def _unions(node: Any) -> Iterator[dict[str, Any]]:
    """Every union in a parsed query."""
    if isinstance(node, dict) and node.get("type") == "SET_OPERATION_NODE":
        yield node
    for below in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _unions(below)


def _arms(union: dict[str, Any]) -> list[dict[str, Any]]:
    return union.get("children") or [union["left"], union["right"]]


def _names(arm: dict[str, Any]) -> list[str]:
    """The columns of an arm by name; of a union the first arm's."""
    if arm["type"] == "SET_OPERATION_NODE":
        return _names(_arms(arm)[0])
    return [column["alias"] or column.get("column_names", [column["type"]])[-1] for column in arm["select_list"]]
