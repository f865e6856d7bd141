"""Load what helps to read an article: the companies, the stored sources, and the levels of figures."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tracker.model.entity import Entities, Entity
from tracker.model.period import FiscalCalendar
from tracker.model.quantity import Interval
from tracker.model.schema import READERS, TABLES
from tracker.sources.article import History
from tracker.sources.article.page_head import comparable_address
from tracker.sources.article.reader_version import reader_version
from tracker.sources.article.same_source import address_key, file_key, text_key
from tracker.sources.article.source import OWN_KINDS, entity_ids
from tracker.sources.base import Background, StoredSource
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["add_filers", "find_old_readings", "load_background", "load_stored_sources"]

_DECEMBER: Final = 12


def add_filers(warehouse: Path, entities: Entities) -> Entities:
    """Add the companies that are known only from filings, because articles may be about them, too."""
    if not (warehouse / "fact" / "_delta_log").is_dir():
        return entities
    with Warehouse(warehouse) as stored:
        filers = stored.sql(
            "select entity, name, cik, currency, fiscal_year_end_month from entity "
            "where origin in ('companyfacts', 'filing')"
        ).fetchall()
        closing = _find_closing_months(stored, [entity for entity, *_, month in filers if month is None])
    known = {
        entity: Entity(entity, name, cik, currency, _make_calendar(month or closing.get(entity)), False, ())
        for entity, name, cik, currency, month in filers
    }
    return Entities(known | entities.by_id)


def _find_closing_months(stored: Warehouse, entities: list[str]) -> dict[str, int]:
    """Find the month in which the latest reported year closes, for companies that state it nowhere else."""
    if not entities:
        return {}
    with stored.for_companies(entities) as narrow:
        years = narrow.sql(
            "select entity, month(max(period_end) - 7) from fiscal_year where basis = 'observed' group by entity"
        )
        return dict(years.fetchall())


def _make_calendar(month: int | None) -> FiscalCalendar | None:
    return FiscalCalendar(month) if month else None


def load_background(warehouse: Path, entities: Entities) -> Background:
    """Load the stored sources, and the levels and growth of metrics; empty if there is no warehouse."""
    if not (warehouse / "fact" / "_delta_log").is_dir():
        return Background()
    with Warehouse(warehouse) as stored:
        stored.materialize()  # both queries read the same views
        figures = stored.sql(
            "select entity, metric, span, fiscal_period, calendar_quarter, low, high, unit from figure "
            "where value is not null and method <> 'stated' and fiscal_period is not null"
        ).fetchall()
        rates = stored.sql(
            "select entity, metric, fiscal_period, yoy_low, yoy_high from yoy "
            "where yoy_status = 'ok' and method <> 'stated'"
        ).fetchall()
    known = _make_history(entities, figures, rates, entity_ids(entities))
    return Background(load_stored_sources(warehouse, entities), known)


def load_stored_sources(warehouse: Path, entities: Entities) -> dict[str, StoredSource]:
    """Load the sources, keyed by the SHA-256 of every file and text they were read from, and by their address."""
    ids = entity_ids(entities)
    columns = list(TABLES["source"])[:-1]
    with Warehouse(warehouse) as stored:
        rows = stored.records(f"select {', '.join(columns)} from source")
        readings = stored.records("select * from stored_reading order by recorded_at")
    about = {reading["source_id"]: reading["about"] for reading in readings}
    sources = {row["source_id"]: _make_stored_source(row, about, ids) for row in rows}
    places = Counter(comparable_address(row["url"] or "") for row in rows)
    found: dict[str, StoredSource] = {}
    for source in sources.values():
        address = comparable_address(source.row["url"] or "")
        if address is not None and places[address] == 1:
            found[address_key(address)] = source
    for reading in readings:
        source = sources[reading["source_id"]]
        found |= {file_key(reading["sha256"]): source, text_key(reading["text_sha256"]): source}
        found |= {address_key(reading["address"]): source} if reading["address"] else {}
    return found | {file_key(source.row["sha256"]): source for source in sources.values() if source.row["sha256"]}


def _make_stored_source(
    row: Mapping[str, Any], about: Mapping[str, str | None], ids: Mapping[str, str]
) -> StoredSource:
    is_own = row["kind"] in OWN_KINDS
    published = row["published_at"]
    return StoredSource(
        row=row,
        speaker=ids.get((row["publisher"] or "").casefold()) if is_own else None,
        about=about.get(row["source_id"]),
        day=published.astimezone(UTC).date() if published else None,
        basis=row["published_basis"] if published else None,
        is_listed=row["origin"] not in READERS,
    )


def find_old_readings(warehouse: Warehouse) -> list[tuple[str, str | None]]:
    """Find the articles that another version of the reader has read; return the id and file of each."""
    return warehouse.sql(
        """select s.source_id, s.file
           from source s
           left join reading r on r.source_id = s.source_id
           where r.reader is distinct from $reader and s.origin <> 'filing'
             and (s.origin = 'article' or r.source_id is not null)
           order by all""",
        {"reader": reader_version()},
    ).fetchall()


def _make_history(
    entities: Entities, figures: list[tuple[Any, ...]], rates: list[tuple[Any, ...]], ids: dict[str, str]
) -> History:
    """Make known levels and growth, keyed by periods as a text names them.

    `FY2024Q2` is a quarter of the company's own year, `2024Q2` one of the calendar.
    """
    closing = {name: entity.calendar.end_month for name, entity in entities.by_id.items() if entity.calendar}
    levels: dict[tuple[str, str, str], tuple[Interval, str]] = {}
    growths: dict[tuple[str, str, str], Interval] = {}
    tried: dict[str, set[str]] = {}

    def labels(entity: str, period: str) -> list[str]:
        own = period if period.startswith("FY") else f"FY{period}"
        return [period, own] if closing.get(entity) == _DECEMBER else [own]

    for entity, metric, span, period, quarter, low, high, unit in figures:
        names = labels(entity, period)
        for name in [*names, *([quarter] if span == "quarter" else [])]:
            levels[entity, metric, name] = (Interval(low, high), unit)
        tried.setdefault(entity, set()).add(names[0])
    for entity, metric, period, low, high in rates:
        for name in labels(entity, period):
            growths[entity, metric, name] = Interval(
                *(end if end is None else Decimal(str(end)) for end in (low, high))
            )
    return History(levels, growths, {entity: tuple(sorted(names)) for entity, names in tried.items()}, ids)
