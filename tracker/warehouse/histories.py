"""Compute histories: the rows of a view at all moments, each with the days on which the public could know it.

The SQL files in `views/` say what a view shows at one moment. This module runs the same files for many moments at once.
It gives each company at each moment an id of its own, a *world*, in place of the company's id. No view looks beyond a
company, so one run computes all worlds side by side. Rows that stay the same from world to world become one row with
`known_from` and `known_to` (None: it still holds).

Most of what a company states does not change from filing to filing. So views are computed in stages, and the worlds of
a stage are narrower than a company: the versions of one figure change only when that figure is stated again. The
columns that bound a world are the stage's `locality`. The rows of its views depend only on input rows with the same
values in these columns, or on the rows that `near` describes. One such column is in no view, but made here: the *group*
of a figure. A metric is in one group with its parts and with its tags. A test compares the histories with the views at
every moment, and so finds a wrong locality.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import duckdb
import pyarrow as pa

from tracker.model.fact import schema_of
from tracker.model.schema import DERIVED, DERIVED_VIEWS, STORAGE_ORDER, TABLES
from tracker.warehouse.connection import MACROS, SEARCH_PATH
from tracker.warehouse.part_histories import HAS_PARTS, PART_GROWTH, parts_in_place_of_companies
from tracker.warehouse.stages import (
    EARLIER,
    GROUP,
    GUIDANCE_STAGES,
    OF_ALL,
    OF_COMPANY,
    PART_STAGES,
    SEGMENT_STAGE,
    SHARED_STAGES,
    STAGES,
    STAGES_BEFORE_PARTS,
    VIEWS,
    Stage,
    merge_stages,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from tracker.warehouse.reader import Warehouse
    from tracker.warehouse.view_files import View

__all__ = ["BASE", "compute_histories"]

#: The views and tables that must be defined before histories are computed.
BASE: Final = ("fact_known", "pin_in_force", *sorted(OF_COMPANY | OF_ALL))

_TIMES: Final = ("known_from", "known_to")
_ALWAYS: Final = "timestamptz '0001-01-01 00:00:00+00'"


#: Up to this size one merged stage is faster. The size counts each statement once for every world that sees it.
_FEW: Final = 20_000
_SIZE: Final = """
    select coalesce(sum(facts * moments) / 2, 0), coalesce(bool_or(has_guidance), false)
    from (
        select
            f.entity,
            count(*) as facts,
            count(distinct case when f.known_from > s.moment then f.known_from end) + 1 as moments,
            bool_or(f.kind = 'guidance') as has_guidance
        from history_fact_known f
        join since s on s.entity = f.entity
        group by f.entity
    )
"""

#: Steps of the engine's optimizer that cost more time than they save on so few rows.
_ONLY_FOR_MANY_ROWS: Final = (
    "join_order", "statistics_propagation", "common_subplan", "projection_pullup", "common_subexpressions",
    "projection_placement", "join_filter_pushdown", "expression_rewriter",
)  # fmt: skip

#: The statements that figures depend on: those of metrics, of splits, and a few others. A concept without a metric
#: matters only if it explains how a metric's concept changed its meaning (basis_change): its value is then the
#: difference between two amounts that were given for one period of that concept.
_FACTS: Final = """
    with tagged as (
        select f.* from fact_known f where f.concept in (select concept from metric_tag)
    ),
    given as (
        select distinct entity, concept, unit, period_start, period_end, value
        from tagged
        where kind = 'actual' and period_start is not null and value is not null
    ),
    moved as (
        select distinct a.entity, a.unit, a.period_start, a.period_end, a.value - b.value as delta
        from given a
        join given b using (entity, concept, unit, period_start, period_end)
        where a.value > b.value
    ),
    explaining as (
        select distinct f.entity, f.concept, f.unit, f.period_start, f.period_end
        from fact_known f
        join moved m
            on m.entity = f.entity and m.unit = f.unit and m.period_start = f.period_start
            and m.period_end = f.period_end and m.delta = f.value
        where f.kind = 'actual'
    )
    select f.*, f.known_at as known_from, cast(null as timestamptz) as known_to
    from fact_known f
    join since s on s.entity = f.entity
    where f.concept in (select concept from metric_tag)
       or f.concept like 'stated:%'
       or f.concept like '%:StockholdersEquityNoteStockSplitConversionRatio%'
       or f.kind = 'guidance'
       or (f.entity, f.concept, f.unit, f.period_start, f.period_end) in (select * from explaining)
"""
#: Links between the names of metrics and concepts: a metric and its tags, a metric and its parts. Figures depend only
#: on figures of names that such links connect.
_LINKS: Final = """
    select metric, concept from metric_tag
    union
    select d.metric, d.part from metric_definition d join since s on s.entity = d.entity
    union
    select metric, metric from metric
"""
#: Texts follow from codes. They are made once, for the rows that are kept, and not in every world.
_TEXTS_LATER: Final = "".join(
    f"create or replace macro {text}_text(code, parameters) as cast(null as varchar);" for text in ("reason", "rule")
)
#: The columns with texts. Another two columns, `<text>_code` and `<text>_parameters`, decide each.
_TEXTS: Final = ("reason", "rule")


def compute_histories(
    part: Warehouse, since: Mapping[str, datetime | None], before: pa.Table | None = None
) -> pa.Table:
    """Compute the rows of `derived` for some companies, from the facts that `part` has of them.

    `since` names the companies, each with the moment from which its figures may have changed (None: from the
    beginning). Earlier rows of a company are taken from `before`. The result has the columns of `derived` without
    `recorded_at`. For each company it has a row of the view `derivation`, even if there is no other row.
    """
    return _Histories(part, since).run(before)


#: What a row of `derived` has before it is stored.
_ROW: Final = pa.schema(one for one in schema_of(DERIVED) if one.name != "recorded_at")
#: The columns of each view and input, without its days, from the first computation in the process.
_COLUMNS: Final[dict[str, tuple[str, ...]]] = {}


class _Histories:
    """One computation, in tables of a connection: `history_*` with their days, those of the schema `worlds` by world.

    The tables of that schema have the names of the views and inputs that they hold, so that a view reads them.
    """

    def __init__(self, part: Warehouse, since: Mapping[str, datetime | None]) -> None:
        self.part = part
        self.connection = part.connection
        self.rows: dict[str, int] = {}
        self.grouped: set[str] = set()
        self.is_last_only = False
        part.define(BASE)
        self.connection.execute(f"{_TEXTS_LATER} drop schema if exists worlds cascade; create schema worlds")
        self._make("since", "select cast(null as varchar) as entity, cast(null as timestamptz) as moment where false")
        self.connection.executemany(
            f"insert into since values ($1, coalesce($2, {_ALWAYS}))", [list(one) for one in since.items()]
        )

    def run(self, before: pa.Table | None) -> pa.Table:
        """Compute all stages, and combine the histories that are kept."""
        self._read_base()
        stages: tuple[Stage, ...] = STAGES
        ((has_parts,),) = self.connection.execute(HAS_PARTS).fetchall()
        if has_parts:
            self._compute_all(STAGES_BEFORE_PARTS, keeps=[name for stage in SHARED_STAGES for name in stage.views])
            self._compute_parts()
            stages = tuple(stage for stage in STAGES if stage not in SHARED_STAGES)
        self._compute_all(stages, is_last=True)
        return self._put_together(before)

    def _compute_all(
        self, stages: tuple[Stage, ...], *, keeps: Iterable[str] = DERIVED_VIEWS, is_last: bool = False
    ) -> None:
        """Compute stages: as one if there are few rows, else one after the other, because their worlds are narrower.

        `keeps` names the views whose histories are kept if the stages are computed as one.
        """
        ((size, has_guidance),) = self.connection.execute(_SIZE).fetchall()
        if has_guidance and stages[-1] is STAGES[-1]:
            stages = (*stages, *GUIDANCE_STAGES)
        if size <= _FEW:
            with self._planning_quickly():
                return self._compute_in_order(merge_stages(stages, keeps), is_last=is_last)
        self._find_groups()
        return self._compute_in_order(stages, is_last=is_last)

    def _compute_in_order(self, stages: tuple[Stage, ...], *, is_last: bool) -> None:
        for number, stage in enumerate(stages, 1):
            self._compute_stage(stage)
            if is_last:
                self._drop_histories_except(
                    {EARLIER.get(one, one) for later in stages[number:] for one in later.inputs}
                )

    @contextmanager
    def _planning_quickly(self) -> Iterator[None]:
        """Leave out steps of the optimizer for a while: on few rows, planning takes longer than the work itself."""
        self.connection.execute(f"set disabled_optimizers = '{','.join(_ONLY_FOR_MANY_ROWS)}'")
        try:
            yield
        finally:
            self.connection.execute("reset disabled_optimizers")

    def _drop_histories_except(self, needed: set[str]) -> None:
        """Drop the histories that no later stage reads and that are not stored, to free their memory."""
        for table in [*self.rows]:
            name = table.removeprefix("history_")
            if name != table and name not in needed and name not in DERIVED_VIEWS:
                self.connection.execute(f"drop table {table}")
                del self.rows[table]

    def _compute_parts(self) -> None:
        """Compute the figures of parts of companies."""
        self.part.define(["segment_part"])
        with parts_in_place_of_companies(self.connection, self._make):
            self._compute_all(PART_STAGES)
            self._make("history_segment_growth", PART_GROWTH)
        self._compute_stage(SEGMENT_STAGE)

    # -- tables of the connection --------------------------------------------------------------------

    def _make(self, name: str, query: str) -> int:
        """Make a table of a query, in place of the one before; return how many rows it has."""
        kind = "table" if name.startswith("worlds.") else "temporary table"
        made = self.connection.execute(_parse(f"create or replace {kind} {name} as {query}")).fetchone()
        self.rows[name] = int(made[0]) if made else 0
        return self.rows[name]

    def _list_columns(self, name: str) -> list[str]:
        """Return the columns of a view or an input, without its days. They follow from the SQL files."""
        if name not in _COLUMNS:
            tables = [name] if name in OF_COMPANY else [_history_of(name), f"worlds.{name}"]
            table = next(table for table in tables if table in OF_COMPANY or table in self.rows)
            described = self.connection.execute(f"from {table} limit 0").description or ()
            _COLUMNS[name] = tuple(column for column, *_ in described if column not in {*_TIMES, GROUP})
        return [*_COLUMNS[name]]

    def _read_base(self) -> None:
        """Make the histories that follow from the statements themselves: a statement stays known once it is public."""
        self._make("history_fact_known", _FACTS)
        self._make(
            "history_pin_in_force",
            """select p.*, cast(p.since as timestamptz) as known_from, cast(null as timestamptz) as known_to
               from pin_in_force p join since s on s.entity = p.entity""",
        )
        for name in ("period_concept", "period_filing"):
            grain = ", ".join(VIEWS[name].grain)
            column = VIEWS[name].grain[-1]
            self._make(
                f"history_{name}",
                f"""select f.{grain.replace(", ", ", f.")}, min(f.known_at) as known_from,
                        cast(null as timestamptz) as known_to
                    from fact_known f join since s on s.entity = f.entity
                    where f.period_end is not null and f.{column} is not null
                    group by all""",
            )

    def _find_groups(self) -> None:
        """Make the table of groups: the names of metrics and concepts, each with the name of its group."""
        self.grouped -= OF_COMPANY
        groups = _connect(self.connection.execute(_LINKS).fetchall())
        self.connection.execute(
            f"create or replace temporary table {GROUP} as select unnest($1) as name, unnest($2) as {GROUP}",
            [[*groups], [*groups.values()]],
        )

    # -- a stage -------------------------------------------------------------------------------------

    def _compute_stage(self, stage: Stage) -> None:
        """Compute the views of a stage in its worlds, and keep their histories."""
        for name in stage.inputs:
            self._add_group(stage, name)
        self._make("world", self._worlds_sql(stage))
        self.is_last_only = self._has_one_world_each()
        for name in stage.inputs:
            self._make(f"worlds.{name}", self._in_worlds_sql(stage, name))
        with self._worlds_first():
            self._compute_views(stage)
        for name in stage.keeps or stage.views:
            self._make(f"history_{name}", self._history_sql(stage, name))
            self.grouped.discard(name)
        self.connection.execute("drop schema worlds cascade; create schema worlds")  # later only histories are read

    @contextmanager
    def _worlds_first(self) -> Iterator[None]:
        """Let names mean the tables of `worlds` while the block runs; restore the search path, even after an error."""
        self.connection.execute(f"set search_path = 'worlds,{SEARCH_PATH}'")
        try:
            yield
        finally:
            self.connection.execute(f"set search_path = '{SEARCH_PATH}'")

    def _compute_views(self, stage: Stage) -> None:
        """Compute the views of a stage from the tables of `worlds`, which have the names of what they read."""
        for name in stage.views:
            view = VIEWS[name]
            for repeated in ({*view.reads} & {*EARLIER}) - {*stage.inputs}:
                self.connection.execute(
                    f"create or replace view worlds.{repeated} as select * from worlds.{EARLIER[repeated]}"
                )
            self._make(f"worlds.{name}", _read_in_worlds(view))

    def _add_group(self, stage: Stage, name: str) -> None:
        """Add the group of each row to an input, if groups bound the worlds of a stage and the input has none yet."""
        name = EARLIER.get(name, name)
        if GROUP not in self._shared_columns(stage, name) or name in self.grouped:
            return
        self.grouped.add(name)
        source = name if name in OF_COMPANY else f"history_{name}"
        subject = self._subject_sql(name)
        self._make(
            f"history_{name}",
            f"""select i.*, coalesce(g.{GROUP}, {subject}) as {GROUP}
                from {source} i left join {GROUP} g on g.name = {subject}""",
        )

    def _subject_sql(self, name: str) -> str:
        """Return the expression for what a row `i` is about: its metric, or the concept of a filing."""
        if "metric" in VIEWS[name].grain:
            return "i.metric"
        is_named = "metric" in self._list_columns(name)  # of statements, only texts name the metric
        return "case when i.concept like 'stated:%' then i.metric else i.concept end" if is_named else "i.concept"

    def _has_one_world_each(self) -> bool:
        """Return whether nothing changes after the first moment of any world, as after a single new filing."""
        ((is_last,),) = self.connection.execute("select count(until) = 0 from world").fetchall()
        return bool(is_last)

    def _worlds_sql(self, stage: Stage) -> str:
        """Return the query for the worlds of a stage: one for each moment at which something in a locality changed."""
        key = ", ".join(stage.locality)
        timed = [name for name in stage.inputs if name not in OF_COMPANY]
        bounding = stage.bounds or tuple(
            name
            for name in timed
            if name not in stage.near and {*stage.locality} <= {"entity", *self._shared_columns(stage, name)}
        )
        moments = [
            f"""select {key}, {time} as moment
                from {_history_of(name)} i where {time} is not null and {_condition_on(stage, name)}"""
            for name in bounding
            for time in _TIMES
        ] + [
            f"""select w.{key.replace(", ", ", w.")}, i.{time} as moment
                from {_repeat_with_distance("bound", stage, name)} join (
                    select distinct {self._matched_columns(stage, name)}, i.{time} from {_history_of(name)} i
                    where i.{time} is not null and {_condition_on(stage, name)}
                ) i on {self._match_sql(stage, name, is_whole=False)}"""
            for name in timed
            if name not in bounding
            for time in _TIMES
        ]
        opened = "min(known_from)" if stage.bounds else f"cast({_ALWAYS} as timestamptz)"
        bound = " union all ".join(
            f"select {key}, known_from from {_history_of(name)} i where {_condition_on(stage, name)}"
            for name in bounding
        )
        return f"""
            with bound as (
                select {key}, {opened} as opened from ({bound}) group by {key}
            ),
            moments as (
                {" union all ".join(moments)}
            ),
            numbered as (
                select distinct m.{key.replace(", ", ", m.")}, greatest(m.moment, s.moment) as moment
                from moments m
                join since s on s.entity = m.entity
                join bound b on {" and ".join(f"b.{one} is not distinct from m.{one}" for one in stage.locality)}
                where m.moment >= b.opened
            )
            select
                world, {key}, moment, first_value(world) over localities as first_world,
                lag(world) over localities as earlier_world, lead(moment) over localities as until
            from (select *, cast(row_number() over () as varchar) as world from numbered)
            window localities as (partition by {key} order by moment)"""

    def _in_worlds_sql(self, stage: Stage, name: str) -> str:
        """Return the query for an input as each world sees it, with the world in place of the company."""
        columns = ", ".join("w.world as entity" if one == "entity" else f"i.{one}" for one in self._list_columns(name))
        if name in OF_COMPANY:
            there = f"history_{name}" if name in self.grouped else name
            return f"select {columns} from {there} i join world w on {self._match_sql(stage, name)}"
        return f"""
            select {columns}
            from {_history_of(name)} i
            join {_repeat_with_distance("world", stage, name)} on {self._match_sql(stage, name)}
            where i.known_from <= w.moment and (i.known_to is null or i.known_to > w.moment)"""

    def _match_sql(self, stage: Stage, name: str, *, is_whole: bool = True) -> str:
        """Return the condition under which a row `i` of an input belongs to the world `w`.

        `is_whole` is False if the rows are already limited to those that matter.
        """
        same = [f"i.{one} is not distinct from w.{one}" for one in self._shared_columns(stage, name)]
        if name in stage.near:
            return " and ".join(["i.entity = w.entity", *same, stage.near[name].condition])
        return " and ".join(["i.entity = w.entity", *same, _condition_on(stage, name) if is_whole else "true"])

    def _shared_columns(self, stage: Stage, name: str) -> list[str]:
        """Return the columns of the locality whose values a row must share with its world, except the company."""
        there = {*self._list_columns(name)}
        if there & {"metric", "concept"}:
            there.add(GROUP)
        if name in stage.near:
            there &= {GROUP}
        return [one for one in stage.locality if one in there and one != "entity"]

    def _matched_columns(self, stage: Stage, name: str) -> str:
        """Return the columns of an input that decide to which worlds its rows belong."""
        near = _list_near_columns(stage, name)
        return ", ".join(f"i.{one}" for one in dict.fromkeys(["entity", *near, *self._shared_columns(stage, name)]))

    def _history_sql(self, stage: Stage, name: str) -> str:
        """Return the query that joins the rows of a view which stay the same from world to world."""
        columns = self._list_columns(name)
        listed = ", ".join("w.entity" if one == "entity" else f"r.{one}" for one in columns)
        if self.is_last_only:
            return f"""
                select {listed}, w.moment as known_from, cast(null as timestamptz) as known_to
                from worlds.{name} r
                join world w on w.world = r.entity"""
        series = {f"r.{one}": f"row_{one}" for one in VIEWS[name].grain if one not in stage.locality}
        same = " and ".join(f"e.{one} is not distinct from r.{one}" for one in columns if one != "entity")
        return f"""
            with same as materialized (
                select e.rowid as earlier, r.rowid as later
                from worlds.{name} r
                join world w on w.world = r.entity
                join worlds.{name} e on e.entity = w.earlier_world and {same}
            ),
            marked as (
                select
                    {"".join(f"{one} as {called}, " for one, called in series.items())}
                    r.rowid as row_no, w.first_world, w.moment, w.until,
                    r.rowid not in (select later from same) as is_first,
                    r.rowid not in (select earlier from same) as is_last
                from worlds.{name} r
                join world w on w.world = r.entity
            ),
            lasting as (
                select row_no, moment as known_from, until as known_to from marked where is_first and is_last
                union all
                select row_no, moment, last_until
                from (
                    select
                        row_no, moment, is_first,
                        lead(until) over (
                            partition by {", ".join(["first_world", *series.values()])} order by moment
                        ) as last_until
                    from marked
                    where is_first <> is_last
                )
                where is_first
            )
            select {listed}, l.known_from, l.known_to
            from worlds.{name} r
            join lasting l on l.row_no = r.rowid
            join world w on w.world = r.entity"""

    # -- all together --------------------------------------------------------------------------------

    def _put_together(self, before: pa.Table | None) -> pa.Table:
        """Return all kept histories as rows of `derived`, together with the earlier rows that still hold."""
        earlier = self._count_earlier_rows(before)
        results = {"derivation": f"select entity, {_ALWAYS} as known_from from since"}
        for name in DERIVED_VIEWS:
            if earlier.get(name):
                self._make(f"result_{name}", self._result_sql(name))
                self._make(f"continued_{name}", _continued_sql(name))
                results[name] = f"from continued_{name}"
            elif self.rows.get(f"history_{name}"):
                results[name] = self._result_sql(name)
        for text in _TEXTS:
            self._make_texts(text, [query for name, query in results.items() if text in DERIVED_VIEWS.get(name, ())])
        return pa.concat_tables(self._read_result(name, results[name]) for name in sorted(results))

    def _make_texts(self, text: str, results: list[str]) -> None:
        """Make the table with a text of some results, once for each code with its parameters."""
        given = " union all ".join(
            f"select {text}_code as code, {text}_parameters as parameters from ({query})" for query in results
        )
        codes = f"select distinct code, parameters from ({given}) where code is not null"
        made = f"select code, parameters, {MACROS}.{text}_text(code, parameters) as {text} from ({codes})"
        nothing = f"select null as code, null as parameters, null as {text} where false"
        self._make(f"texts_{text}", made if results else nothing)

    def _read_result(self, name: str, query: str) -> pa.Table:
        """Return the result of a view as rows of `derived`: columns that it does not have are empty."""
        own = (*DERIVED_VIEWS.get(name, ("entity",)), *(_TIMES if name in DERIVED_VIEWS else _TIMES[:1]))
        order = ", ".join(one for one in STORAGE_ORDER[DERIVED] if one in own)
        with_texts = "".join(
            f" left join texts_{one} {one}_of on {one}_of.code = r.{one}_code"
            f" and {one}_of.parameters is not distinct from r.{one}_parameters"
            for one in _TEXTS
            if one in own
        )
        cells = ", ".join([f"'{name}' as view", *own])
        rows = self.connection.sql(f"select {cells} from ({query}) r{with_texts} order by {order}").to_arrow_table()
        there = {*rows.column_names}
        return pa.Table.from_arrays(
            [
                rows.column(one.name).cast(one.type) if one.name in there else pa.nulls(rows.num_rows, one.type)
                for one in _ROW
            ],
            schema=_ROW,
        )

    def _result_sql(self, name: str) -> str:
        """Return the query for the history of a kept view with its days, and without its texts."""
        listed = (*_list_own_columns(name), *_TIMES)
        if f"history_{name}" in self.rows:
            return f"select {', '.join(listed)} from history_{name}"
        nothing = ", ".join(f"cast(null as {TABLES[DERIVED][one]}) as {one}" for one in listed)
        return f"select {nothing} where false"

    def _count_earlier_rows(self, before: pa.Table | None) -> dict[str, int]:
        """Make the rows that were stored before available, and count those of each view."""
        if before is None or not before.num_rows:
            return {}
        self.connection.register("derived_before", before)
        counted = self.connection.execute("select view, count(*) from derived_before group by view")
        return dict(counted.fetchall())


@lru_cache(maxsize=512)
def _parse(query: str) -> duckdb.Statement:
    """Return a parsed statement. Most are the same in each computation, and parsing takes a tenth of a small one."""
    (statement,) = duckdb.extract_statements(query)
    return statement


def _list_own_columns(name: str) -> list[str]:
    """List the stored columns of a view except its texts, which follow from codes."""
    return [column for column in DERIVED_VIEWS[name] if column not in _TEXTS]


def _continued_sql(name: str) -> str:
    """Return the query that adds the earlier rows of a view, and joins rows that are the same before and after."""
    columns = _list_own_columns(name)
    cells = ", ".join(f"r.{one}" for one in columns)
    same = " and ".join(f"n.{one} is not distinct from r.{one}" for one in columns)
    return f"""
        with kept as (
            select {cells}, r.known_from, r.known_to, s.moment
            from derived_before r
            join since s on s.entity = r.entity
            where r.view = '{name}' and r.known_from < s.moment
        ),
        joined as (
            select
                r.*, n.entity is not null as is_going_on,
                case
                    when n.entity is not null then n.known_to
                    when r.known_to is null or r.known_to > r.moment then r.moment
                    else r.known_to
                end as ends_at
            from kept r
            left join result_{name} n
                on n.known_from = r.moment and (r.known_to is null or r.known_to >= r.moment) and {same}
        )
        select {cells}, r.known_from, r.ends_at as known_to from joined r
        union all
        select {cells}, r.known_from, r.known_to
        from result_{name} r
        anti join (select * from joined where is_going_on) n on n.moment = r.known_from and {same}"""


def _connect(links: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the group of each name: names that links connect are one group, which has the name of one of them."""
    group_of: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    for pair in links:
        for name in pair:
            members.setdefault(group_of.setdefault(name, name), [name])
        kept, merged = (group_of[name] for name in pair)
        if kept != merged:
            group_of.update(dict.fromkeys(members[merged], kept))
            members[kept] += members.pop(merged)
    return group_of


def _read_in_worlds(view: View) -> str:
    """Return the query of a view over the tables of `worlds`.

    These come first in the search path, but views over temporary tables come before them: the base may be such views.
    """
    there = [name for name in view.reads if name in BASE and name not in OF_ALL]
    if not there:
        return view.body
    return f"with {', '.join(f'{name} as (from worlds.{name})' for name in there)} select * from (\n{view.body}\n)"


def _history_of(name: str) -> str:
    """Return the table with the history of an input."""
    return f"history_{EARLIER.get(name, name)}"


def _repeat_with_distance(table: str, stage: Stage, name: str) -> str:
    """Return a table of worlds as `w`, each row once for each distance at which rows of an input matter."""
    reach = stage.near[name].reach if name in stage.near else 1
    return f"{table} w" if reach == 1 else f"(select *, unnest(range({reach})) as back from {table}) w"


def _list_near_columns(stage: Stage, name: str) -> list[str]:
    """List the columns that decide which rows of an input matter beyond the locality."""
    return re.findall(r"\bi\.(\w+)", stage.near[name].condition) if name in stage.near else []


def _condition_on(stage: Stage, name: str) -> str:
    return stage.only.get(name, "true")
