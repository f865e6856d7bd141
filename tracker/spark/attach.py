"""Define the tables and views of a warehouse in a Spark session.

Stored tables are the Parquet files of one snapshot. The views over stored figures and small tables are the SQL files
of `tracker/warehouse/views/`, run by Spark. The views that are computed from all statements of a company are the same
files, run by DuckDB in the executors, some companies a task. These views never look beyond a company, so nothing is
shuffled, and Spark need not plan them: its planner gives up on the longest of them. The views that describe companies
are small, but Spark plans them for seconds at each mention. So DuckDB computes them, too, in one task.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tracker.errors import WarehouseError
from tracker.model.schema import DERIVED, DERIVED_VIEWS, RUN, RUN_COLUMNS, SHOWN, TABLES
from tracker.spark.dialect import to_spark
from tracker.spark.executor import CompanyGroup, answer_query
from tracker.spark.groups import map_groups, split
from tracker.spark.twins import define_computed_twin, define_groups, define_twin
from tracker.warehouse.catalog import body_sql, has_history, history_body
from tracker.warehouse.file_check import check_files
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import moment_of
from tracker.warehouse.stored_tables import DERIVATION_BODY, STANDING, rows_name, selects_over_rows
from tracker.warehouse.view_files import views, with_below
from tracker.warehouse.view_macros import qualifier_body

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa
    from pyspark.sql import SparkSession

    from tracker.warehouse.snapshot import Snapshot
    from tracker.warehouse.view_files import View

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
_STATEMENTS: Final = frozenset({STANDING, "segment_known"})
#: A sum of floats depends on the order in which they are added, which Spark does not keep.
_SUMS_OF_FLOATS: Final = frozenset({"guidance_record"})
#: Views over stored figures that Spark plans for half a minute.
_LONG_TO_PLAN: Final = frozenset({"ratio_level", "earlier_ratio_level"})
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
        self._groups = [CompanyGroup(path, self.snapshot, None, group) for group in split(self.companies)]
        self._shown: tuple[str | None, ...] = ()  # the moment of the timed views, once they are defined
        with _use_settings(spark):
            self._define_tables()
            for view in views():
                if not view.is_timed:
                    self._define_view(view, None)
            self._define_twins()

    def as_of(self, moment: str | None) -> None:
        """Show from now on what followed from what was known at a moment; None: what is known now.

        UsageError if the text is neither a day nor a timestamp.
        """
        literal = f"timestamp '{moment_of(moment):%Y-%m-%d %H:%M:%S.%f%z}'" if moment else None
        if self._shown == (moment,):
            return
        with _use_settings(self.spark):
            for view in views():
                if view.is_timed:
                    self._define_view(view, moment, literal)
        self._shown = (moment,)

    # -- tables --------------------------------------------------------------------------------------

    def _define_tables(self) -> None:
        for table, columns in TABLES.items():
            schema = _to_schema(columns)
            files = [f"file://{self.path / name}" for name in self.snapshot.files.get(table, ())]
            rows = self.spark.read.schema(schema).parquet(*files) if files else self.spark.sql(_select_nothing(columns))
            rows.createOrReplaceTempView(rows_name(table))
            for name, select in selects_over_rows(table).items():
                if name in SHOWN:
                    self._define_description(name, columns)
                else:
                    self._define(name, select, columns)  # a join by `using` puts its columns first in Spark
        runs = map_groups(self.spark, [self._runs.to_batches()], _give_back, _to_schema(RUN_COLUMNS))
        runs.createOrReplaceTempView(RUN)
        self._define("derivation", DERIVATION_BODY)
        # DuckDB skips files by their names; Spark reads the stored rows under the same names without that.
        self._define("stored_derived", f"select *, '' as filename from {DERIVED}")
        self._define("stored_derivation", "select entity, recorded_at, '' as filename from derivation")
        self._define("qualifier", qualifier_body())
        for view in views():
            if has_history(view):
                self._define(f"{view.name}_history", history_body(view))

    # -- views ---------------------------------------------------------------------------------------

    def _define_view(self, view: View, moment: str | None, literal: str | None = None) -> None:
        columns = self._columns[view.name]
        if self._is_of_statements(view):
            groups = [replace(group, as_of=moment) for group in self._groups]
            work = partial(answer_query, _select_companies(view, columns))
            map_groups(self.spark, groups, work, _to_schema(columns)).createOrReplaceTempView(view.name)
        elif _is_description(view):
            self._define_description(view.name, columns)
        else:
            self._define(view.name, body_sql(view, literal, is_derived=True), columns)

    def _is_of_statements(self, view: View) -> bool:
        """Return whether DuckDB computes a view, company by company: Spark cannot compute it alike, or not fast."""
        is_by_company = bool(_list_read(view) & _STATEMENTS) or view.name in _SUMS_OF_FLOATS | _LONG_TO_PLAN
        return is_by_company and "entity" in self._columns[view.name]

    def _define(self, name: str, select: str, columns: Mapping[str, str] | None = None) -> None:
        """Define a view that Spark computes; `columns` are the types that its columns get."""
        rows = self.spark.sql(to_spark(select))
        if columns is not None:
            rows = rows.selectExpr(*(f"cast({column} as {_TYPES.get(kind, kind)})" for column, kind in columns.items()))
        rows.createOrReplaceTempView(name)

    def _define_description(self, name: str, columns: Mapping[str, str]) -> None:
        """Define a view about all companies that DuckDB computes in one task."""
        work = partial(answer_query, f"select {', '.join(columns)} from {name}")
        everything = CompanyGroup(self.path, self.snapshot, None, ())
        map_groups(self.spark, [everything], work, _to_schema(columns)).createOrReplaceTempView(name)

    # -- twins ---------------------------------------------------------------------------------------

    def _define_twins(self) -> None:
        """Define `<view>_as_of(t)` of each view that depends on what was known when."""
        define_groups(self.spark, len(self._groups))
        for view in views():
            columns = self._columns[view.name]
            if not view.is_timed:
                continue
            if self._is_of_statements(view):
                answer = partial(_answer_as_of, self._groups, _select_companies(view, columns))
                define_computed_twin(self.spark, view, _to_schema(columns), answer)
            else:
                define_twin(self.spark, view, _to_schema(columns))


def _list_read(view: View) -> set[str]:
    """Return the names of a view and of all views and tables that it reads, except those below stored rows."""
    found = with_below([view], is_derived=True)
    computed = [one for one in found if one.name not in DERIVED_VIEWS]
    return {one.name for one in found} | {name for one in computed for name in one.reads}


def _is_description(view: View) -> bool:
    """Return whether a view only describes companies, and shows nothing that follows from statements."""
    read = _list_read(view)
    return bool(read & {*SHOWN}) and not read & {"fact", *DERIVED_VIEWS}


def _select_companies(view: View, columns: Mapping[str, str]) -> str:
    return f"select {', '.join(columns)} from {view.name} where entity in (select unnest($companies))"


def _read_columns(warehouse: Warehouse, view: View) -> dict[str, str]:
    return dict(warehouse.columns_of(view.name).fetchall())


def _to_schema(columns: Mapping[str, str]) -> str:
    return ", ".join(f"`{name}` {_TYPES.get(kind, kind)}" for name, kind in columns.items())


def _select_nothing(columns: Mapping[str, str]) -> str:
    """Return the SELECT of a table without rows, which the planner leaves out of what it plans."""
    cells = (f"cast(null as {_TYPES.get(kind, kind)}) as `{name}`" for name, kind in columns.items())
    return f"select {', '.join(cells)} where false"


@contextmanager
def _use_settings(spark: SparkSession) -> Iterator[None]:
    """Define views under our settings, which the views keep; then restore the session's own settings."""
    before = {name: str(spark.conf.get(name)) for name in _SETTINGS}
    for name, value in _SETTINGS.items():
        spark.conf.set(name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            spark.conf.set(name, value)


# -- in the executors --------------------------------------------------------------------------------


def _answer_as_of(groups: Sequence[CompanyGroup], query: str, moment: str, number: int) -> Sequence[pa.RecordBatch]:
    """Return the answer to a query about a group of companies, as of a moment."""
    return answer_query(query, replace(groups[number], as_of=moment))


def _give_back(batches: Sequence[pa.RecordBatch]) -> Sequence[pa.RecordBatch]:
    return batches
