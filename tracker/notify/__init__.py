"""Telling people what changed: notices, those who receive them, and the record of every delivery.

A notice is about a change of state, never about a state: new figures, raised or lowered guidance, a restatement, a
threshold that was passed, data that went stale, a run that failed or works again. A dead receiver never fails a run:
its delivery is recorded as failed and tried again with the next run.
"""

from __future__ import annotations

from tracker.notify.notices import Alert, Notice, State, load_alerts, notices_between, state_notices
from tracker.notify.outbox import Outbox, post
from tracker.notify.receivers import Delivery, Receiver, deliver, load_receivers

__all__ = [
    "Alert",
    "Delivery",
    "Notice",
    "Outbox",
    "Receiver",
    "State",
    "deliver",
    "load_alerts",
    "load_receivers",
    "notices_between",
    "post",
    "state_notices",
]
