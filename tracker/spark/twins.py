"""Define `<view>_as_of(t)` in a Spark session: each view as a function of the moment at which it was known.

They are SQL functions of Spark, which its planner expands like views. The twin of a stored view selects its stored rows
by the days on which they were known. The twin of a view over others is its SQL file over their twins. The twin of a
view that DuckDB computes calls a function in Python, once for each group of companies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from pyspark.sql.udtf import UserDefinedTableFunction

from tracker.model.schema import DERIVED_VIEWS
from tracker.spark.dialect import to_spark
from tracker.warehouse.catalog import body_sql
from tracker.warehouse.view_files import views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pyspark.sql import SparkSession

    from tracker.warehouse.view_files import View

__all__ = ["define_computed_twin", "define_groups", "define_twin"]

#: A day means its last microsecond, UTC. A timestamp arrives as the text that it has in UTC.
_MOMENT: Final = (
    "case when length(t) = 10 then cast(t || ' 23:59:59.999999+00' as timestamp) else cast(t as timestamp) end"
)
#: The view with the numbers of all groups of companies.
_GROUPS: Final = "tracker_group"


def define_twin(spark: SparkSession, view: View, schema: str) -> None:
    """Define the twin of a view that Spark computes, after the twins of all views that it reads."""
    select = to_spark(body_sql(view, _MOMENT, is_derived=True))
    timed = {one.name for one in views() if one.is_timed}
    if view.name not in DERIVED_VIEWS and (read := [name for name in view.reads if name in timed]):
        given = ", ".join(f"{name} as (select * from {name}_as_of(t))" for name in read)
        select = f"with {given}\nselect * from (\n{select}\n)"
    _define_function(spark, view, schema, select)


def define_groups(spark: SparkSession, count: int) -> None:
    """Define the view with the numbers of all groups of companies, each in a partition of its own."""
    spark.range(0, count, 1, max(1, count)).createOrReplaceTempView(_GROUPS)


def define_computed_twin(
    spark: SparkSession, view: View, schema: str, answer: Callable[[str, int], Iterable[pa.RecordBatch]]
) -> None:
    """Define the twin of a view that DuckDB computes; `answer` returns the rows of a group, by number, at a moment."""
    name = f"tracker_{view.name}_of_group"
    spark.udtf.register(name, UserDefinedTableFunction(_make_answerer(answer), schema, name, deterministic=True))
    # The moment goes through a column: beside a lateral function Spark does not know the parameters of its own.
    asked = (
        f"with asked as (select id, t as moment from {_GROUPS})\nselect r.* from asked, lateral {name}(moment, id) r"
    )
    _define_function(spark, view, schema, asked)


def _define_function(spark: SparkSession, view: View, schema: str, select: str) -> None:
    spark.sql(
        f"create or replace temporary function {view.name}_as_of(t string) returns table({schema}) return\n{select}"
    )


def _make_answerer(answer: Callable[[str, int], Iterable[pa.RecordBatch]]) -> type:
    """Make the class whose method Spark calls for each group."""

    class Answerer:
        def eval(self, moment: str, number: int) -> Iterator[tuple[Any, ...]]:
            for batch in answer(moment, number):
                yield from zip(*(_list_values(column) for column in batch.columns), strict=True)

    return Answerer


def _list_values(column: pa.Array) -> Sequence[Any]:
    """Return the values of a column in the types that Spark expects from Python: a map is a dictionary."""
    values: list[Any] = column.to_pylist()
    if pa.types.is_map(column.type):
        return [value if value is None else dict(value) for value in values]
    return values
