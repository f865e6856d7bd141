"""Define the tables and views of a warehouse in a Spark session.

Stored tables are the Parquet files of one snapshot. The views over stored figures and small tables are the SQL files
of `tracker/warehouse/views/`, run by Spark. The views that are computed from all statements of a company are the same
files, run by DuckDB in the executors, some companies a task. These views never look beyond a company, so nothing is
shuffled, and Spark need not plan them: its planner gives up on the longest of them.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tracker.errors import WarehouseError
from tracker.model.schema import RUN, RUN_COLUMNS, TABLES
from tracker.spark.dialect import to_spark
from tracker.spark.groups import map_groups, split
from tracker.warehouse.catalog import (
    DERIVATION_BODY,
    STANDING,
    body_sql,
    has_history,
    history_body,
    qualifier_body,
    rows_name,
    selects_over_rows,
    views,
    with_below,
)
from tracker.warehouse.file_check import check_files
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import Excerpt, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa
    from pyspark.sql import SparkSession

    from tracker.warehouse.catalog import View
    from tracker.warehouse.snapshot import Snapshot

__all__ = ["Attached", "attach"]

#: The types of the engine, in the words of Spark; all others have the same name.
_TYPES: Final = {
    "VARCHAR": "string",
    "BLOB": "binary",
    "TIMESTAMPTZ": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
    "MAP(VARCHAR, VARCHAR)": "map<string, string>",
}
#: How Spark must run the files, whatever the session says: moments are in UTC, and an overflow is an error, not NULL.
_SETTINGS: Final = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true"}
#: Statements of companies, and of their parts: views that read them are computed company by company.
_LARGE: Final = frozenset({STANDING, "segment_part"})
#: A sum of floats depends on the order in which they are added, which Spark does not keep.
_SUMS_OF_FLOATS: Final = frozenset({"guidance_record"})
#: All companies that a view may show: those that are described, and those that have statements.
_COMPANIES: Final = """
    select entity from entity
    union
    select case when i.stored_as is null then f.entity else i.entity end
    from (select distinct entity from fact) f
    left join entity_id i on i.stored_as = f.entity and not i.is_withdrawn
    order by 1
"""


def attach(spark: SparkSession, path: str | Path, *, as_of: str | None = None) -> Attached:
    """Define every table and view of the newest snapshot as temporary views, with the names that DuckDB uses.

    They show this snapshot for as long as the session lasts, whatever is committed meanwhile. With `as_of` (a day or a
    timestamp) every view shows what followed from what was known then.

    Raises:
        WarehouseError: the folder holds no warehouse, or its figures are not derived.
        DamageError: a file is not as it was written.

    """
    attached = Attached(spark, Path(path).resolve())
    attached.as_of(as_of)
    return attached


class Attached:
    """A snapshot of a warehouse in a Spark session. `snapshot` says which one; `companies` are those it knows."""

    def __init__(self, spark: SparkSession, path: Path) -> None:
        self.spark = spark
        self.path = path
        with Warehouse(path) as warehouse:
            if not warehouse.is_derived:
                raise WarehouseError(f"the figures in {path} are not derived; run `tracker derive` first")
            self.snapshot: Snapshot = warehouse.snapshot
            check_files(path, [*self.snapshot.stored.values()])
            self.companies: list[str] = [one for (one,) in warehouse.sql(_COMPANIES).fetchall() if one is not None]
            self._columns = {view.name: _read_columns(warehouse, view) for view in views()}
            self._runs = warehouse.sql(f"select * from {RUN}").arrow()
        self._is_new = True  # no view is defined yet
        with _use_settings(spark):
            self._define_tables()

    def as_of(self, moment: str | None) -> None:
        """Show from now on what followed from what was known at a moment; None: what is known now.

        UsageError if the text is neither a day nor a timestamp.
        """
        literal = f"timestamp '{moment_of(moment):%Y-%m-%d %H:%M:%S.%f%z}'" if moment else None
        with _use_settings(self.spark):
            for view in views():
                if not (view.is_timed or self._is_new):
                    continue
                if self._is_of_statements(view):
                    self._define_computed_view(view, moment)
                else:
                    self._define(view.name, body_sql(view, literal, is_derived=True), self._columns[view.name])
        self._is_new = False

    def _is_of_statements(self, view: View) -> bool:
        """Return whether DuckDB computes a view company by company: from statements, or in floats that it adds up."""
        read = {one.name for one in with_below([view], is_derived=True)}
        return "entity" in self._columns[view.name] and (bool(read & _LARGE) or view.name in _SUMS_OF_FLOATS)

    def _define_tables(self) -> None:
        for table, columns in TABLES.items():
            schema = _to_schema(columns)
            files = [str(self.path / name) for name in self.snapshot.files.get(table, ())]
            rows = self.spark.read.schema(schema).parquet(*files) if files else self.spark.createDataFrame([], schema)
            rows.createOrReplaceTempView(rows_name(table))
            for name, select in selects_over_rows(table).items():
                self._define(name, select, columns)  # a join by `using` puts its columns first in Spark
        runs = map_groups(self.spark, [self._runs.to_batches()], _give_back, _to_schema(RUN_COLUMNS))
        runs.createOrReplaceTempView(RUN)
        self._define("derivation", DERIVATION_BODY)
        self._define("qualifier", qualifier_body())
        for view in views():
            if has_history(view):
                self._define(f"{view.name}_history", history_body(view))

    def _define(self, name: str, select: str, columns: Mapping[str, str] | None = None) -> None:
        """Define a view that Spark computes; `columns` are the types that its columns get."""
        rows = self.spark.sql(to_spark(select))
        if columns is not None:
            rows = rows.selectExpr(*(f"cast({column} as {_TYPES.get(kind, kind)})" for column, kind in columns.items()))
        rows.createOrReplaceTempView(name)

    def _define_computed_view(self, view: View, moment: str | None) -> None:
        """Define a view that DuckDB computes in the executors."""
        columns = self._columns[view.name]
        query = f"select {', '.join(columns)} from {view.name} where entity in (select unnest($companies))"
        work = partial(_answer_for_companies, self.path, self.snapshot, moment, query)
        rows = map_groups(self.spark, split(self.companies), work, _to_schema(columns))
        rows.createOrReplaceTempView(view.name)


def _read_columns(warehouse: Warehouse, view: View) -> dict[str, str]:
    return dict(warehouse.columns_of(view.name).fetchall())


def _to_schema(columns: Mapping[str, str]) -> str:
    return ", ".join(f"`{name}` {_TYPES.get(kind, kind)}" for name, kind in columns.items())


@contextmanager
def _use_settings(spark: SparkSession) -> Iterator[None]:
    """Define views under our settings, which stay theirs, and give the session its own back."""
    before = {name: str(spark.conf.get(name)) for name in _SETTINGS}
    for name, value in _SETTINGS.items():
        spark.conf.set(name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            spark.conf.set(name, value)


# -- in the executors --------------------------------------------------------------------------------


def _answer_for_companies(
    path: Path, snapshot: Snapshot, as_of: str | None, query: str, companies: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """Yield the answer to a query about some companies."""
    with Warehouse(path, as_of=as_of, excerpt=Excerpt(snapshot, companies, {})) as part:
        yield from part.sql(query, {"companies": [*companies]}).arrow().to_batches()


def _give_back(batches: Sequence[pa.RecordBatch]) -> Sequence[pa.RecordBatch]:
    return batches
