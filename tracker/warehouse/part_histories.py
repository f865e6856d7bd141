"""Compute the histories of figures of parts of companies.

A part of a company, as its filings cut it, is derived like a company: it stands in place of a company in the stages of
`histories`, with the company's calendar, splits, name and definitions (`segment_growth` says the same in SQL).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import duckdb

__all__ = ["HAS_PARTS", "PART_GROWTH", "parts_in_place_of_companies"]

HAS_PARTS: Final = "select count(*) > 0 from (select 1 from fact where dimensions is not null limit 1)"

#: The parts of the companies that are derived.
_PARTS: Final = """
    select distinct p.part, p.entity, p.dimensions, p.axes, p.cut_at, s.moment
    from segment_part p join since s on s.entity = p.entity
"""
#: Their statements, with the columns of `fact_known`.
_FACTS: Final = """
    select p.* exclude (entity, dimensions, axes, cut_at, part), p.part as entity, p.known_at as known_from,
        cast(null as timestamptz) as known_to
    from segment_part p join since s on s.entity = p.entity
"""
#: What a part has of its company: histories, and tables that are the same at all moments.
_HISTORIES: Final = ("history_fiscal_year", "history_fiscal_quarter", "history_split")
_TABLES: Final = ("entity_label", "metric_definition")
_OF_COMPANY: Final = "select i.* replace (p.part as entity) from {table} i join part_here p on p.entity = i.entity"
#: The history of `segment_growth`, from that of `growth`.
PART_GROWTH: Final = """
    select p.entity, p.dimensions, p.axes, p.cut_at, g.* exclude (entity, against, reason)
    from history_growth g join part_here p on p.part = g.entity
    where g.against = 'year'
"""


@contextmanager
def parts_in_place_of_companies(
    connection: duckdb.DuckDBPyConnection, make: Callable[[str, str], int]
) -> Iterator[None]:
    """Put parts in place of their companies, in the histories that the stages read; afterwards put the companies back.

    `make` makes a table of a query, in place of the one before.
    """
    make("part_here", _PARTS)
    changed = ("history_fact_known", *_HISTORIES, "since")
    queries = {"history_fact_known": _FACTS, "since": "select part as entity, moment from part_here"}
    for table in changed:
        make(f"companies_{table}", queries.get(table) or _OF_COMPANY.format(table=table))
    for table in changed:
        _exchange_tables(connection, table)
    for table in _TABLES:
        connection.execute(f"insert into {table} by name {_OF_COMPANY.format(table=table)}")
    yield
    for table in _TABLES:
        connection.execute(f"delete from {table} where entity in (select part from part_here)")
    for table in changed:
        _exchange_tables(connection, table)
        connection.execute(f"drop table companies_{table}")


def _exchange_tables(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Exchange the names of a table and of the one for the others."""
    for before, after in ((table, "exchanged"), (f"companies_{table}", table), ("exchanged", f"companies_{table}")):
        connection.execute(f"alter table {before} rename to {after}")
