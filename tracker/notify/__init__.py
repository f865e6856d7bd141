"""Tell people what changed: notices, their receivers, and the record of every delivery.

A notice is about a change, never about a state: new figures, raised or lowered guidance, a restatement, a threshold
that was passed, data that became stale, a run that failed or works again. A dead receiver never makes a run fail: its
delivery is recorded as failed, and the next run tries it again.
"""

from __future__ import annotations

from tracker.notify.notices import Alert, Notice, State, find_notices, load_alerts, make_state_notices
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
    "find_notices",
    "load_alerts",
    "load_receivers",
    "make_state_notices",
    "post",
]
