"""Reports that arrive on time, or say why not: slots, the ledger of runs, the tick, and texts for other schedulers.

No daemon: whatever people already run (cron, systemd, a workflow) calls `tracker schedule run`, as often as it likes.
Nothing here loads the engine, and each part is loaded when it is asked for: an idle tick costs little more than
starting Python.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.schedule.due import coming, due_slot
    from tracker.schedule.emit import EMITTERS, Site
    from tracker.schedule.job_run import Drawn, Read, Steps
    from tracker.schedule.ledger import CheckResult, Expected, Ledger, Run, Sent, moment
    from tracker.schedule.run import tick
    from tracker.schedule.slots import slots_after, slots_before, text_now

__all__ = [
    "EMITTERS",
    "CheckResult",
    "Drawn",
    "Expected",
    "Ledger",
    "Read",
    "Run",
    "Sent",
    "Site",
    "Steps",
    "coming",
    "due_slot",
    "moment",
    "slots_after",
    "slots_before",
    "text_now",
    "tick",
]

_PARTS = {
    "due": ("coming", "due_slot"),
    "emit": ("EMITTERS", "Site"),
    "ledger": ("CheckResult", "Expected", "Ledger", "Run", "Sent", "moment"),
    "run": ("tick",),
    "slots": ("slots_after", "slots_before", "text_now"),
    "job_run": ("Drawn", "Read", "Steps"),
}


def __getattr__(name: str) -> object:
    """The part that has the name is loaded when it is first asked for."""
    for part, names in _PARTS.items():
        if name in names:
            return getattr(import_module(f"tracker.schedule.{part}"), name)
    raise AttributeError(f"module 'tracker.schedule' has no attribute {name!r}")
