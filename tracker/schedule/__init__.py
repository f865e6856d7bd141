"""Reports that arrive on time, or say why not: slots, the ledger of runs, the tick, and texts for other schedulers.

No daemon: whatever people already run (cron, systemd, a workflow) calls `tracker schedule run`, as often as it likes.
Nothing here loads the engine, so that an idle tick costs what starting Python costs.
"""

from tracker.schedule.emit import EMITTERS, Site
from tracker.schedule.ledger import Check, Expected, Ledger, Run, Sent, moment
from tracker.schedule.slots import slots_after, slots_before, text_now
from tracker.schedule.tick import tick
from tracker.schedule.work import Steps

__all__ = [
    "EMITTERS",
    "Check",
    "Expected",
    "Ledger",
    "Run",
    "Sent",
    "Site",
    "Steps",
    "moment",
    "slots_after",
    "slots_before",
    "text_now",
    "tick",
]
