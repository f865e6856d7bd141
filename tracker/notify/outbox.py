"""The record of every delivery: what was told to whom, what is still owed, and so what need not be told again."""

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

#: How long a notice that could not be delivered is worth telling.
WORTH: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Outbox:
    """A file of JSON lines, one a delivery, append-only; a torn last line (a killed run) counts as not written."""

    path: Path

    def entries(self) -> list[dict[str, Any]]:
        """All deliveries on record, oldest first."""
        if not self.path.is_file():
            return []
        lines = self.path.read_text("utf-8", errors="replace").split("\n")
        return [entry for line in lines if (entry := _read(line)) is not None]

    def owed(self, receivers: Mapping[str, Receiver], now: datetime) -> list[tuple[Receiver, Notice]]:
        """What could not be delivered yet and is still worth telling; what was tried least often comes first."""
        entries = self.entries()
        tries = Counter((entry["receiver"], entry["notice"]["key"]) for entry in entries)
        last = {(entry["receiver"], entry["notice"]["key"]): entry for entry in entries}
        return [
            (receivers[name], Notice(**last[name, key]["notice"]))
            for (name, key), _ in sorted(tries.items(), key=lambda item: item[1])
            if last[name, key]["status"] == "failed"
            and name in receivers
            and now - datetime.fromisoformat(last[name, key]["first_at"]) <= WORTH
        ]

    def states(self) -> dict[str, str]:
        """The state each subject was last said to be in (stale, failed, recovered), by subject.

        What counts is when a notice was first told of: a late delivery of an old one is no news of the state.
        """
        notices: dict[str, dict[str, Any]] = {}
        for entry in self.entries():
            notices.setdefault(entry["notice"]["key"], entry["notice"])
        return {notice["subject"]: notice["kind"] for notice in notices.values() if notice.get("subject")}

    def told(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The first record of each notice at each receiver."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for entry in self.entries():
            found.setdefault((entry["receiver"], entry["notice"]["key"]), entry)
        return found

    def record(self, delivery: Delivery, notice: Notice, first_at: str, now: datetime) -> None:
        """Add one delivery; on disk before this returns."""
        entry = {**asdict(delivery), "at": _stamp(now), "first_at": first_at, "notice": asdict(notice)}
        add_lines(self.path, [json.dumps(entry, ensure_ascii=False).encode()])

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """One run at a time: two that tell the same would tell it twice."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with (self.path.parent / f".{self.path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _read(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and isinstance(entry.get("notice"), dict) else None


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def post(
    outbox: Outbox,
    receivers: Sequence[Receiver],
    notices: Sequence[Notice],
    now: datetime,
    send: Callable[[Receiver, Notice], Delivery] = deliver,
) -> list[Delivery]:
    """Tell each receiver each notice once, and again what it could not be told before; all of it goes on record.

    A notice a receiver has been told is not told again, however often it is posted; only a run killed between the
    delivery and its record tells it twice. Nothing is raised for a dead receiver: once all attempts of one
    delivery have failed, the rest is recorded as failed without another attempt.
    """
    with outbox.alone():
        told = outbox.told()
        by_name = {receiver.name: receiver for receiver in receivers}
        due = [
            (one, notice)
            for notice in notices
            for one in receivers
            if one.wants(notice) and (one.name, notice.key) not in told
        ]
        due += outbox.owed(by_name, now)
        dead: dict[str, str | None] = {}
        done: list[Delivery] = []
        for receiver, notice in due:
            delivery = (
                Delivery(receiver.name, notice.key, "failed", 0, dead[receiver.name])
                if receiver.name in dead
                else send(receiver, notice)
            )
            if delivery.status == "failed" and delivery.attempts == ATTEMPTS:
                dead[receiver.name] = delivery.error
            first = told.get((receiver.name, notice.key))
            outbox.record(delivery, notice, first["first_at"] if first else _stamp(now), now)
            done.append(delivery)
        return done
