"""The tables of a warehouse as DuckDB reads them from data files: all rows, the latest ones, and companies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tracker.model.schema import DERIVED, DESCRIPTIONS, LATEST, READERS, RUN_COLUMNS, RUNS, SHOWN, TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


__all__ = [
    "DERIVATION",
    "DERIVATION_BODY",
    "DERIVED_IN_FILES",
    "LATEST_DERIVATIONS",
    "STANDING",
    "STORED_DERIVATION",
    "latest_name",
    "quote",
    "rows_name",
    "runs_sql",
    "selects_over_rows",
    "standing_sql",
    "stored_rows",
    "stored_sql",
]


def quote(text: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


#: Which companies are derived, and when each was derived last.
DERIVATION_BODY: Final = (
    f"select entity, max(recorded_at) as recorded_at from {DERIVED} where view = 'derivation' group by entity"
)
#: The stored rows with the file of each, and the file with the latest derivation of each company. As the files are
#: joined, the engine skips all but those of the companies that a question is about.
DERIVED_IN_FILES: Final = f"stored_{DERIVED}"
LATEST_DERIVATIONS: Final = (
    "select entity, max(recorded_at) as recorded_at, arg_max(filename, recorded_at) as filename "
    f"from {DERIVED_IN_FILES} where view = 'derivation' group by entity"
)
STORED_DERIVATION: Final = f"create or replace table stored_derivation as {LATEST_DERIVATIONS}"
DERIVATION: Final = (
    "create or replace view derivation as select entity, recorded_at from stored_derivation;\n"
    "comment on view derivation is 'When the figures of each company were last derived and stored. Grain: entity.';"
)
#: The id in force for a stored id, in a query that joins both tables; NULL if the company was removed.
_ID_OF: Final = "left join entity_id i on i.stored_as = {of}.entity and not i.is_withdrawn"
_IN_FORCE: Final = "case when i.stored_as is null then f.entity else i.entity end"
#: The view that leaves out what was withdrawn or corrected.
STANDING: Final = "fact_known"


def standing_sql() -> str:
    """Return the view `fact_known` for an excerpt in which every fact stands.

    The engine can look through it: it makes no copy and searches no withdrawals.
    """
    cells = {"known_at": "coalesce(f.known_at, f.recorded_at) as known_at", "entity": f"{_IN_FORCE} as entity"}
    columns = [cells.get(name, f"f.{name}") for name in TABLES["fact"] if name not in {"dimensions", "retracts"}]
    return (
        f"create temporary view {STANDING} as select {', '.join(columns)} from fact f "
        f"{_ID_OF.format(of='f')} where f.dimensions is null and (i.stored_as is null or i.entity is not null)"
    )


def stored_rows(
    table: str,
    paths: Sequence[str],
    entities: Sequence[str] | None = None,
    *,
    until: str | None = None,
    is_drafted: bool = False,
) -> str:
    """Return the SELECT of all stored rows of a table.

    With `entities` it has only the statements of these companies, and the statements that people checked. Drafted rows
    are in the table `draft_<table>`.
    """
    columns = _columns_in_files(table)
    if paths:
        listed = ", ".join(quote(path) for path in paths)
        select = f"select {', '.join(columns)} from read_parquet([{listed}])"
    else:
        select = _nothing(columns)
    conditions = []
    if paths and entities is not None:
        names = ", ".join(quote(entity) for entity in entities)
        # What people checked stays: it may correct whose figure an extracted one is.
        conditions.append(f"(entity in ({names}) or method = 'curated')" if names else "false")
    if paths and until is not None:
        conditions.append(f"recorded_at <= strptime('{until}+0000', '%Y%m%dT%H%M%S%f%z')")
    select += f" where {' and '.join(conditions)}" if conditions else ""
    if is_drafted:
        drafted = ", ".join("'' as filename" if name == "filename" else name for name in columns)
        select += f" union all select {drafted} from draft_{table}"
    return select


def _columns_in_files(table: str) -> dict[str, str]:
    return TABLES[table] | ({"filename": "VARCHAR"} if table == DERIVED else {})


def stored_sql(table: str, rows: str, *, is_computed: bool = False) -> str:
    """Return the statements that define a stored table as a view over its rows, a SELECT (`stored_rows`).

    If rows of the table are replaced as sets, the view shows only the latest of each set. With `is_computed` the
    companies under their ids in force are computed at once, for the many views that read them.
    """
    selects = {rows_name(table): rows, **selects_over_rows(table)}
    if table == DERIVED:
        selects = {DERIVED_IN_FILES: rows, DERIVED: f"select {', '.join(TABLES[DERIVED])} from {DERIVED_IN_FILES}"}
    if is_computed and table in SHOWN:
        shown = selects.pop(table)
        selects |= {f"computed_{table}": shown, table: f"select * from computed_{table}"}
    made = {name: "temporary table" if name == f"computed_{table}" else "view" for name in selects}
    defined = [f"create or replace {made[name]} {name} as {text};\n" for name, text in selects.items()]
    return "".join([*defined, f"comment on view {table} is '{DESCRIPTIONS[table]}';"])


def rows_name(table: str) -> str:
    """Return the name of the view of all stored rows of a table."""
    return f"stored_{table}" if table in LATEST else table


def selects_over_rows(table: str) -> dict[str, str]:
    """Return the views over all rows of a table whose rows are replaced as sets, by name, each after those it reads."""
    if table not in LATEST:
        return {}
    keys = ", ".join(LATEST[table])
    newest = f"select {keys + ', ' if keys else ''}max(recorded_at) as recorded_at from stored_{table}" + (
        f" group by {keys}" if keys else ""
    )
    using = ", ".join([*LATEST[table], "recorded_at"])
    latest = f"select s.* from stored_{table} s semi join ({newest}) n using ({using})"
    return {latest_name(table): latest, table: _shown_sql(table)} if table in SHOWN else {table: latest}


def latest_name(table: str) -> str:
    """Return the view of a table's latest sets as they are stored: under stored ids, not under ids in force."""
    return f"stored_latest_{table}" if table in SHOWN else table


def _shown_sql(table: str) -> str:
    """Return the SELECT of companies under their ids in force.

    If a company has several sets, the one stored under its id in force counts, or the one kept by hand. What this set
    does not say (CIK, currency, calendar) is taken from the next one.
    """
    columns = ", ".join(_SHOWN_AS.get((table, name), f"s.{name}") for name in TABLES[table])
    readers = ", ".join(f"'{reader}'" for reader in READERS)
    of_all = f"select f.*, f.entity as stored_as, {_IN_FORCE} as shown from stored_latest_entity f"
    order = (
        f"case when stored_as = shown then 0 when origin in ({readers}) then 2 else 1 end, recorded_at desc, stored_as"
    )
    places = "".join(
        f", row_number() over (partition by shown, {column} is null order by {order}) as {column}_rn"
        for column in _LEFT_OPEN
    )
    sets = "".join(
        f", max(case when {column}_rn = 1 and {column} is not null then stored_as end) as {column}_set"
        for column in _LEFT_OPEN
    )
    chosen = (
        f"select shown, max(case when rn = 1 then stored_as end) as stored_as, max(cik) as cik{sets} from ("
        f"select stored_as, shown, cik, {', '.join(_LEFT_OPEN)}, "
        f"row_number() over (partition by shown order by {order}) as rn{places} "
        f"from ({of_all} {_ID_OF.format(of='f')}) where shown is not null) group by shown"
    )
    others = "".join(
        f" left join {latest_name(table)} {column} on {column}.entity = o.{column}_set" for column in _LEFT_OPEN
    )
    return (
        f"select {columns} from {latest_name(table)} s join ({chosen}) o on o.stored_as = s.entity"
        f"{others if table == 'entity' else ''}"
    )


#: The columns of a company that may come from another of its sets. The calendar's columns belong together: the set
#: that has the month gives them all.
_LEFT_OPEN: Final = ("currency", "fiscal_year_end_month")
_SHOWN_AS: Final = {
    ("entity", "entity"): "o.shown as entity",
    ("entity_alias", "entity"): "o.shown as entity",
    ("entity", "cik"): "o.cik",
    ("entity", "currency"): "currency.currency",
    ("entity", "fiscal_year_end_month"): "fiscal_year_end_month.fiscal_year_end_month",
    **{
        ("entity", name): f"coalesce(fiscal_year_end_month.{name}, s.{name}) as {name}"
        for name in ("is_named_by_start", "is_weekly")
    },
}


def runs_sql(*, is_there: bool) -> str:
    """Return the SQL that defines the ledger of scheduled runs as a view, without a line that a crash cut short.

    It is the last one in the catalog, so that a copy without the ledger still has all other views.
    """
    if is_there:
        columns = ", ".join(f"{name}: '{kind}'" for name, kind in RUN_COLUMNS.items())
        select = (
            f"select {', '.join(RUN_COLUMNS)} from read_json('{RUNS}', format = 'newline_delimited', "
            f"ignore_errors = true, columns = {{{columns}}}) where slot is not null"
        )
    else:
        select = _nothing(RUN_COLUMNS)
    return f"create or replace view run as {select};\ncomment on view run is '{DESCRIPTIONS['run']}';"


def _nothing(columns: Mapping[str, str]) -> str:
    return "select " + ", ".join(f"cast(null as {kind}) as {name}" for name, kind in columns.items()) + " where false"
