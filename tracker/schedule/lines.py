"""The file of the ledger: whole JSON lines, flushed to disk when they are added, and read from the end.

A line counts if it ends in a newline. Readers skip what a crash left after the last newline, and the next writer
removes it. An idle tick reads the ledger with this module, and does not load the classes of its records.
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

__all__ = ["LastSlot", "append_lines", "find_last_slots", "find_newest", "format_moment", "read_ledger_lines"]

_T = TypeVar("_T")

_BLOCK: Final = 65_536


class LastSlot(NamedTuple):
    """The part of a job's last line that decides what is due: its slot, and the cron text and zone of that slot.

    `expected` are the days on which reports are expected.
    """

    slot: datetime
    cron: str
    timezone: str
    expected: tuple[date, ...]


def format_moment(value: datetime) -> str:
    """Format a moment as the ledger writes it: in UTC, with a Z, without trailing zeros."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def find_last_slots(path: Path, jobs: Collection[str]) -> dict[str, LastSlot]:
    """Find the last readable line of each of these jobs."""
    return find_newest(path, jobs, _parse_last_slot)


def _parse_last_slot(record: Mapping[str, Any]) -> LastSlot | None:
    try:
        days = tuple(date.fromisoformat(one["expected_date"]) for one in record["expected"])
        return LastSlot(datetime.fromisoformat(record["slot"]), record["cron"], record["timezone"], days)
    except (ValueError, TypeError, KeyError):
        return None


def find_newest(path: Path, jobs: Collection[str], parse: Callable[[dict[str, Any]], _T | None]) -> dict[str, _T]:
    """Find the last record of each of these jobs that `parse` accepts; read from the end, as far as needed."""
    wanted = set(jobs)
    found: dict[str, _T] = {}
    for record in read_ledger_lines(path, wanted) if wanted else ():
        parsed = parse(record)
        if parsed is not None:
            found[record["job"]] = parsed
            wanted.discard(record["job"])
        if not wanted:
            break
    return found


def read_ledger_lines(path: Path, jobs: Collection[str] | None = None) -> Iterator[dict[str, Any]]:
    """Read the records of all jobs, or of these, newest first; skip lines that are not records.

    The caller may remove names from `jobs` while it reads. A line begins with the name of its job, so that blocks
    without these jobs are skipped unparsed.
    """
    for line in _read_backwards(
        path, lambda text: jobs is None or any(head in text for head in _list_line_starts(jobs))
    ):
        if jobs is None or line.startswith(_list_line_starts(jobs)):
            record = _parse_line(line)
            if record is not None:
                yield record


def _list_line_starts(jobs: Collection[str]) -> tuple[bytes, ...]:
    """List how lines of these jobs begin, written by us or by another JSON library."""
    return tuple(f'{{"job":{blank}"{job}"'.encode() for job in jobs for blank in ("", " "))


def _parse_line(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and isinstance(record.get("job"), str) else None


def append_lines(path: Path, lines: Sequence[bytes]) -> None:
    """Add records, each with its sum and that of the one before; they are on disk when this returns."""
    from tracker.files.hash_chain import add_lines  # noqa: PLC0415 - an idle tick does not need the library of hashes

    add_lines(path, lines)


def _read_backwards(path: Path, is_wanted: Callable[[bytes], bool]) -> Iterator[bytes]:
    """Read the lines that end in a newline, last first, from those blocks of a file that hold something wanted."""
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
