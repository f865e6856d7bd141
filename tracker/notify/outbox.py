"""Record every delivery, so that each notice reaches each receiver once, and failed deliveries are tried again."""

from __future__ import annotations

import contextlib
import fcntl
import json
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from tracker.files.hash_chain import add_lines
from tracker.notify.notices import Notice
from tracker.notify.receivers import ATTEMPTS, Delivery, Receiver, deliver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Outbox", "post"]

#: The age up to which a notice that was not delivered is tried again.
MOST_AGE: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Outbox:
    """An append-only file of JSON lines, one for each delivery; a cut-off last line (a killed run) does not count."""

    path: Path

    def read_entries(self) -> list[dict[str, Any]]:
        """Read all deliveries, oldest first."""
        if not self.path.is_file():
            return []
        lines = self.path.read_text("utf-8", errors="replace").split("\n")
        return [entry for line in lines if (entry := _parse_entry(line)) is not None]

    def find_owed(self, receivers: Mapping[str, Receiver], now: datetime) -> list[tuple[Receiver, Notice]]:
        """Find the notices that failed and are not too old, each with its receiver; those tried least come first."""
        entries = self.read_entries()
        tries = Counter((entry["receiver"], entry["notice"]["key"]) for entry in entries)
        last = {(entry["receiver"], entry["notice"]["key"]): entry for entry in entries}
        return [
            (receivers[name], Notice(**last[name, key]["notice"]))
            for (name, key), _ in sorted(tries.items(), key=lambda item: item[1])
            if last[name, key]["status"] == "failed"
            and name in receivers
            and now - datetime.fromisoformat(last[name, key]["first_at"]) <= MOST_AGE
        ]

    def read_states(self) -> dict[str, str]:
        """Read the kind (stale, failed, recovered) of the last notice about each subject, by subject.

        A notice counts from its first delivery: a late delivery of an old notice says nothing new about the state.
        """
        notices: dict[str, dict[str, Any]] = {}
        for entry in self.read_entries():
            notices.setdefault(entry["notice"]["key"], entry["notice"])
        return {notice["subject"]: notice["kind"] for notice in notices.values() if notice.get("subject")}

    def read_first_entries(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Read the first entry of each notice for each receiver."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for entry in self.read_entries():
            found.setdefault((entry["receiver"], entry["notice"]["key"]), entry)
        return found

    def record(self, delivery: Delivery, notice: Notice, first_at: str, now: datetime) -> None:
        """Add one delivery; it is on disk when this returns."""
        entry = {**asdict(delivery), "at": _format_moment(now), "first_at": first_at, "notice": asdict(notice)}
        add_lines(self.path, [json.dumps(entry, ensure_ascii=False).encode()])

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Let one run post at a time, because two runs would send the same notice twice."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with (self.path.parent / f".{self.path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _parse_entry(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and isinstance(entry.get("notice"), dict) else None


def _format_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def post(
    outbox: Outbox,
    receivers: Sequence[Receiver],
    notices: Sequence[Notice],
    now: datetime,
    send: Callable[[Receiver, Notice], Delivery] = deliver,
) -> list[Delivery]:
    """Send each notice to each receiver once, send failed ones of earlier runs again, and record every delivery.

    A notice that a receiver has is not sent again, however often it is posted. It arrives twice only if a run is killed
    between a delivery and its record. A dead receiver raises no error: once all attempts of one delivery have failed,
    its other deliveries are recorded as failed without an attempt.
    """
    with outbox.lock():
        first_entries = outbox.read_first_entries()
        dead: dict[str, str | None] = {}
        done: list[Delivery] = []
        for receiver, notice in _list_due(outbox, receivers, notices, now):
            if receiver.name in dead:
                delivery = Delivery(receiver.name, notice.key, "failed", 0, dead[receiver.name])
            else:
                delivery = send(receiver, notice)
            if delivery.status == "failed" and delivery.attempts == ATTEMPTS:
                dead[receiver.name] = delivery.error
            first = first_entries.get((receiver.name, notice.key))
            outbox.record(delivery, notice, first["first_at"] if first else _format_moment(now), now)
            done.append(delivery)
        return done


def _list_due(
    outbox: Outbox, receivers: Sequence[Receiver], notices: Sequence[Notice], now: datetime
) -> list[tuple[Receiver, Notice]]:
    """List what is to be sent: notices that a receiver has not had yet, then those that failed before."""
    first_entries = outbox.read_first_entries()
    new = [
        (receiver, notice)
        for notice in notices
        for receiver in receivers
        if receiver.wants(notice) and (receiver.name, notice.key) not in first_entries
    ]
    return [*new, *outbox.find_owed({receiver.name: receiver for receiver in receivers}, now)]
