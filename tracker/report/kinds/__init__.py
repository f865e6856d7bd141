"""The kinds of report: each makes a `Document` of a warehouse and a definition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tracker.report.kinds.changes import changes
from tracker.report.kinds.custom_charts import charts
from tracker.report.kinds.growth import growth
from tracker.report.kinds.guidance import guidance
from tracker.report.kinds.peers import peers
from tracker.report.kinds.reconciliation import reconciliation
from tracker.report.kinds.restatements import restatements
from tracker.report.kinds.segments import segments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tracker.report.definition import Definition
    from tracker.report.document import Document
    from tracker.warehouse.reader import Warehouse

__all__ = ["BUILDERS"]

#: The function that makes each kind of report.
BUILDERS: Final[Mapping[str, Callable[[Warehouse, Definition], Document]]] = {
    "growth": growth,
    "peers": peers,
    "guidance": guidance,
    "segments": segments,
    "restatements": restatements,
    "reconciliation": reconciliation,
    "changes": changes,
    "charts": charts,
}
