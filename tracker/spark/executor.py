"""Ask DuckDB about some companies of a snapshot, in an executor.

A process keeps the last group of companies open. Each view of it is computed once, so that the next question about the
same companies at the same moment only reads it. Spark keeps the process for later tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import Excerpt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from tracker.warehouse.snapshot import Snapshot

__all__ = ["CompanyGroup", "answer_query"]


@dataclass(frozen=True, slots=True)
class CompanyGroup:
    """The statements of some companies in a snapshot, at a moment (None: now). Without companies it has no statement.

    The tables that describe companies are there in full.
    """

    path: Path
    snapshot: Snapshot
    as_of: str | None
    companies: Sequence[str]


_OPEN: Final[list[tuple[CompanyGroup, Warehouse]]] = []


def answer_query(query: str, group: CompanyGroup) -> list[pa.RecordBatch]:
    """Return the answer to a query about a group; `$companies` are its companies."""
    parameters = {"companies": [*group.companies]} if "$companies" in query else None
    batches: list[pa.RecordBatch] = _open_group(group).sql(query, parameters).arrow().to_batches()
    return batches


def _open_group(group: CompanyGroup) -> Warehouse:
    for known, warehouse in _OPEN:
        if known == group:
            return warehouse
        warehouse.close()
    _OPEN.clear()
    opened = Warehouse(group.path, as_of=group.as_of, excerpt=Excerpt(group.snapshot, group.companies, {}))
    _OPEN.append((group, opened))
    return opened
