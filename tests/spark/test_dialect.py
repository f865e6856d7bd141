"""The words of Spark: macros are replaced by their bodies, and NULL comes last."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from tracker.spark.dialect import expand_macros, order_nulls, read_macros, to_spark
from tracker.warehouse.view_files import views
from tracker.warehouse.view_macros import macros_sql

MACROS = read_macros(
    """
    -- A comment; with a semicolon, and double(x).
    create or replace macro double(x) as x + x;
    create or replace macro pair(first, second) as double(first) || ';' || t.first || second;
    create or replace macro numbers() as table select n from (values (1)) v(n);
    create view other as select 1;
    """
)


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("select double(a)", "select ((a) + (a))"),
        ("select double(f(a, b) + 1)", "select ((f(a, b) + 1) + (f(a, b) + 1))"),
        ("select double(double(a))", "select ((((a) + (a))) + (((a) + (a))))"),
        ("select pair(a, ')')", "select ((((a)) + ((a))) || ';' || t.first || ( ')'))"),
        ("select * from numbers() n", "select * from (select n from (values (1)) v(n)) n"),
        ("select double, t.double(a), 'double(a)'", "select double, t.double(a), 'double(a)'"),
        ("select a -- double(a)\nfrom t", "select a \nfrom t"),
        ("select 'it''s', double(a)", "select 'it''s', ((a) + (a))"),
    ],
)
def test_a_macro_is_replaced_by_its_body(query: str, written: str) -> None:
    assert expand_macros(query, MACROS) == written


def test_a_bracket_that_is_not_closed_is_an_error() -> None:
    with pytest.raises(ValueError, match="not closed"):
        expand_macros("select double(a", MACROS)


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("order by a", "order by a nulls last "),
        ("order by a, b desc", "order by a nulls last , b desc nulls last "),
        ("order by a nulls first, f(b, c)", "order by a nulls first, f(b, c) nulls last "),
        (
            "(partition by p order by a rows between 1 and 2)",
            "(partition by p order by a nulls last rows between 1 and 2)",
        ),
        ("max(a) over (order by b)) + c", "max(a) over (order by b nulls last )) + c"),
        ("order by row_number() over (order by a)", "order by row_number() over (order by a nulls last ) nulls last "),
        ("partition by a, b", "partition by a, b"),
        ("'order by a'", "'order by a'"),
    ],
)
def test_null_comes_last_unless_it_says_otherwise(query: str, written: str) -> None:
    assert order_nulls(query) == written


def test_macros_of_spark_take_the_same_parameters() -> None:
    own = read_macros(files("tracker.warehouse").joinpath("views", "macros.spark.sql").read_text("utf-8"))
    general = read_macros(macros_sql())
    assert own
    assert {name: macro.parameters for name, macro in own.items()} == {name: general[name].parameters for name in own}


def test_no_view_keeps_a_macro() -> None:
    names = {*read_macros(macros_sql())}
    written = {view.name: re.findall(r"(?<![.\w])(\w+)\(", to_spark(view.body)) for view in views()}
    assert {name: sorted(names & {*called}) for name, called in written.items() if names & {*called}} == {}
    assert any("datediff" in called for called in written.values())
