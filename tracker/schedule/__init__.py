"""Run jobs on a schedule: slots, the ledger of runs, the tick, and configuration for other schedulers.

There is no daemon: cron, systemd or a workflow calls `tracker schedule run`, as often as it likes. Nothing here loads
the engine, and each module is loaded when it is first used, so that an idle tick costs little more than starting
Python.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.schedule.due import find_due_slot, list_coming_slots
    from tracker.schedule.emit import EMITTERS, Site
    from tracker.schedule.job_run import DrawOutcome, ReadOutcome, Steps
    from tracker.schedule.ledger import CheckResult, ExpectedReport, Ledger, Run, SentNotice, format_moment
    from tracker.schedule.run import tick
    from tracker.schedule.slots import choose_cron, list_slots_after, list_slots_before

__all__ = [
    "EMITTERS",
    "CheckResult",
    "DrawOutcome",
    "ExpectedReport",
    "Ledger",
    "ReadOutcome",
    "Run",
    "SentNotice",
    "Site",
    "Steps",
    "choose_cron",
    "find_due_slot",
    "format_moment",
    "list_coming_slots",
    "list_slots_after",
    "list_slots_before",
    "tick",
]

_PARTS = {
    "due": ("list_coming_slots", "find_due_slot"),
    "emit": ("EMITTERS", "Site"),
    "ledger": ("CheckResult", "ExpectedReport", "Ledger", "Run", "SentNotice", "format_moment"),
    "run": ("tick",),
    "slots": ("list_slots_after", "list_slots_before", "choose_cron"),
    "job_run": ("DrawOutcome", "ReadOutcome", "Steps"),
}


def __getattr__(name: str) -> object:
    """Load the module that has the name when the name is first used."""
    for part, names in _PARTS.items():
        if name in names:
            return getattr(import_module(f"tracker.schedule.{part}"), name)
    raise AttributeError(f"module 'tracker.schedule' has no attribute {name!r}")
