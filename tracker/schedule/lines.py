"""The ledger as a file: whole JSON lines, flushed to disk when they are added, read from the end.

A line counts when it ends in a newline; what a crash leaves behind the last one is passed over, and cut off by whoever
writes next. An idle tick reads the ledger through this and loads no records for it.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from tracker.files.disk import end_of_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Seen", "append", "last_seen", "moment", "newest", "records"]

_T = TypeVar("_T")

_BLOCK: Final = 65_536


class Seen(NamedTuple):
    """What the last line of a job says that matters for what is due: its slot, and the text it was a slot of.

    `expected` are the days on which reports are waited for.
    """

    slot: datetime
    cron: str
    timezone: str
    expected: tuple[date, ...]


def moment(value: datetime) -> str:
    """A moment as the ledger writes it: UTC, with a Z, without idle digits."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def last_seen(path: Path, jobs: Collection[str]) -> dict[str, Seen]:
    """What the last readable line of each of these jobs says."""
    return newest(path, jobs, _seen)


def _seen(record: Mapping[str, Any]) -> Seen | None:
    try:
        days = tuple(date.fromisoformat(one["expected_date"]) for one in record["expected"])
        return Seen(datetime.fromisoformat(record["slot"]), record["cron"], record["timezone"], days)
    except (ValueError, TypeError, KeyError):
        return None


def newest(path: Path, jobs: Collection[str], read: Callable[[dict[str, Any]], _T | None]) -> dict[str, _T]:
    """The last record of each of these jobs that `read` can make something of, sought from the end, no further."""
    left = set(jobs)
    found: dict[str, _T] = {}
    for record in records(path, left) if left else ():
        read_one = read(record)
        if read_one is not None:
            found[record["job"]] = read_one
            left.discard(record["job"])
        if not left:
            break
    return found


def records(path: Path, jobs: Collection[str] | None = None) -> Iterator[dict[str, Any]]:
    """The lines of all jobs, or of these, newest first; what is no record is passed over.

    The caller may take names out of `jobs` while it reads. A line begins with the name of its job, by which those of
    others are passed over unread, a block at a time.
    """
    for line in _backwards(path, lambda text: jobs is None or any(head in text for head in _heads(jobs))):
        if jobs is None or line.startswith(_heads(jobs)):
            record = _parsed(line)
            if record is not None:
                yield record


def _heads(jobs: Collection[str]) -> tuple[bytes, ...]:
    """How lines of these jobs begin, written by us or by another's JSON library."""
    return tuple(f'{{"job":{blank}"{job}"'.encode() for job in jobs for blank in ("", " "))


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and isinstance(record.get("job"), str) else None


def append(path: Path, lines: Sequence[bytes]) -> None:
    """Add records; when this returns they are on disk, each with its sum and that of the one before."""
    from tracker.files.hash_chain import add_lines  # noqa: PLC0415 - a library of hashes that an idle tick does without

    add_lines(path, lines)


def _backwards(path: Path, is_wanted: Callable[[bytes], bool]) -> Iterator[bytes]:
    """The lines of a file that end in a newline, last first, of the blocks in which there is something wanted."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        end = position = end_of_lines(handle)
        rest = b""
        while position:
            start = max(0, position - _BLOCK)
            text = os.pread(handle, position - start, start) + rest
            position = start
            if is_wanted(text):
                rest, *lines = text.split(b"\n")
                yield from filter(None, reversed(lines))
            else:
                rest = text.partition(b"\n")[0]
        if end:
            yield rest
    finally:
        os.close(handle)
