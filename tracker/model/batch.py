"""A batch: facts that are stored together or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from tracker.errors import Problem

__all__ = ["Batch"]


@dataclass(frozen=True, slots=True)
class Batch:
    """Facts that belong together, and the rows of other tables they need.

    `facts` is an Arrow table in the order of FACT_SCHEMA, without `recorded_at`. `origin`, where it is set,
    says that this batch is all there is from there: stored facts of that origin which it lacks are withdrawn. Rows of
    `reading` say so of the sources they are of, and of what a reader has found in them.
    `progress` is the share of the whole input read so far; `note` is what the message of the ingestion adds.
    """

    facts: pa.Table
    rows: dict[str, pa.Table] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    origin: str | None = None
    progress: float = 1.0
    note: str = ""
