"""Split work into groups, one task each, and run a function on each group in the executors.

Spark may run a task twice: after an executor died, or because one was slow. So the function must give the same result
each time, or the caller must use only the result that Spark takes.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["AT_ONCE", "map_groups", "split"]

#: How many companies a task has: as many as one machine derives at once.
AT_ONCE: Final = 8
_Item = TypeVar("_Item")


def split(items: Sequence[_Item], size: int = AT_ONCE) -> list[Sequence[_Item]]:
    """Split items into groups of this size."""
    return [items[start : start + size] for start in range(0, len(items), size)]


def map_groups(
    spark: SparkSession, groups: Sequence[_Item], work: Callable[[_Item], Iterable[pa.RecordBatch]], schema: str
) -> DataFrame:
    """Return the rows that a function yields for each group, as Arrow batches of this schema; each group is a task."""
    numbered = spark.range(0, len(groups), 1, max(1, len(groups)))
    return numbered.mapInArrow(partial(_work_on, groups, work), schema)


def _work_on(
    groups: Sequence[_Item], work: Callable[[_Item], Iterable[pa.RecordBatch]], batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    os.environ.setdefault("TRACKER_THREADS", "1")  # an executor has as many tasks at once as it has processors
    for batch in batches:
        for number in batch.column(0).to_pylist():
            yield from work(groups[number])
