"""Load the stored filings of a company, to find out by its figures which of them a document is part of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tracker.sources.base import StatedFiling
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = ["load_stated_filings"]

#: What company facts give; documents themselves have a quote.
_STATED: Final = """
    select f.accession, f.form, f.known_at, s.published_basis, f.concept, f.unit, f.period_start, f.period_end, f.value
    from fact f
    left join source s on s.source_id = f.source_id
    where f.entity = $entity and f.accession is not null and f.quote is null and f.retracts is null
      and f.known_at is not null and f.value is not null
"""


def load_stated_filings(warehouse: Path, entity: str) -> Sequence[StatedFiling]:
    """Load the filings of a company with their amounts; an empty result if nothing of the company is stored.

    It has a connection of its own, because files are read while others are stored.
    """
    if not (warehouse / "fact" / "_delta_log").is_dir():
        return ()
    about: dict[str, tuple[str | None, datetime, str | None]] = {}
    statements: dict[str, set[tuple[object, ...]]] = {}
    with Warehouse(warehouse) as stored:
        rows = stored.sql(_STATED, {"entity": entity}).fetchall()
    for accession, form, known_at, basis, *statement in rows:
        about[accession] = (form, known_at, basis)
        statements.setdefault(accession, set()).add(tuple(statement))
    return [StatedFiling(accession, *about[accession], frozenset(said)) for accession, said in statements.items()]
