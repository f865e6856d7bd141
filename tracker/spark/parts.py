"""Ask DuckDB about some companies of a snapshot, in an executor.

A process keeps the part open that it asked last. Its views are computed once, so that the next question about the same
companies at the same moment is a read. Spark keeps the process for later tasks.
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

__all__ = ["Part", "answer_query"]


@dataclass(frozen=True, slots=True)
class Part:
    """The statements of some companies in a snapshot, at a moment (None: now). Without companies it has no statement.

    The tables that describe companies are there in full.
    """

    path: Path
    snapshot: Snapshot
    as_of: str | None
    companies: Sequence[str]


_OPEN: Final[list[tuple[Part, Warehouse]]] = []


def answer_query(query: str, part: Part) -> list[pa.RecordBatch]:
    """Return the answer to a query about a part; `$companies` are its companies."""
    parameters = {"companies": [*part.companies]} if "$companies" in query else None
    batches: list[pa.RecordBatch] = _open_part(part).sql(query, parameters).arrow().to_batches()
    return batches


def _open_part(part: Part) -> Warehouse:
    for known, warehouse in _OPEN:
        if known == part:
            return warehouse
        warehouse.close()
    _OPEN.clear()
    opened = Warehouse(part.path, as_of=part.as_of, excerpt=Excerpt(part.snapshot, part.companies, {}))
    _OPEN.append((part, opened))
    return opened
