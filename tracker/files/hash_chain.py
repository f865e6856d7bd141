"""Files of JSON lines in which no line can be changed, lost or put in between unseen.

Each line ends in the SHA-256 of the line before it and in its own: `..., "before": "...", "sum": "..."}`. A hidden file
beside it, `.<name>.head`, says how long the file was when a line was added last, and the sum of that line, so that lost
last lines are noticed too. Lines are added whole and flushed to disk. What a process that died left of a line is none:
readers pass over it, and the next writer cuts it off. Lines of earlier versions have no sums; the first line that has
one vouches for all text before it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from tracker.files.disk import end_of_lines, replace_file, sync

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Flaw", "add_lines", "cut_tail", "find_flaws", "head_of", "is_sealed", "last_line", "mend", "seal", "sum_of"]

_END: Final = re.compile(rb'"before":"([0-9a-f]{64})","sum":"([0-9a-f]{64})"\}\Z')
_HEAD: Final = re.compile(rb"(\d+) ([0-9a-f]{64})\n")
_SUM_AT: Final = 66
_BLOCK: Final = 65_536
_START: Final = hashlib.sha256(b"").hexdigest()


class Flaw(NamedTuple):
    """A line that is not as it was written, counted from 1, and what is wrong; line 0 is the file as a whole."""

    line: int
    what: str


def seal(record: bytes, before: str = _START) -> bytes:
    """Return a JSON object with the sum of the line before it and its own."""
    body = record[:-1] + b',"before":"' + before.encode() + b'"'
    return body + b',"sum":"' + hashlib.sha256(body).hexdigest().encode() + b'"}'


def is_sealed(line: bytes) -> bool:
    """Return whether a line carries its own right sum."""
    return sum_of(line) is not None


def sum_of(line: bytes) -> str | None:
    """Return the sum of a line; None where it has none, or another than its text."""
    match = _END.search(line)
    if match is None:
        return None
    body = line[: match.start(2) - len(b',"sum":"')]
    return match[2].decode() if hashlib.sha256(body).hexdigest().encode() == match[2] else None


def add_lines(path: Path, records: Sequence[bytes], *, has_head: bool = True) -> None:
    """Add JSON objects as lines; when this returns they are on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        _cut_unfinished_line(handle)
        before, text = _last_sum(handle), b""
        for record in records:
            line = seal(record, before)
            before = line[-_SUM_AT:-2].decode()
            text += line + b"\n"
        _write_all(handle, text)
        os.fsync(handle)
        if is_new:
            sync(path.parent)
        if has_head:
            replace_file(head_of(path), f"{os.fstat(handle).st_size} {before}\n".encode())
    finally:
        os.close(handle)


def head_of(path: Path) -> Path:
    """Return the file that says how long another is."""
    return path.with_name(f".{path.name}.head")


def cut_tail(path: Path) -> None:
    """Cut off what a process that died left of a line."""
    if path.exists():
        handle = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            _cut_unfinished_line(handle)
        finally:
            os.close(handle)


def _cut_unfinished_line(handle: int) -> None:
    end = end_of_lines(handle)
    if end != os.fstat(handle).st_size:
        os.ftruncate(handle, end)


def last_line(path: Path) -> bytes | None:
    """Return the last whole line of a file, without its end; None where it has none."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        return _last_line(handle)
    finally:
        os.close(handle)


def _last_line(handle: int) -> bytes | None:
    end = end_of_lines(handle)
    if not end:
        return None
    start, text = end - 1, b""
    while start and b"\n" not in text:
        block = min(_BLOCK, start)
        start -= block
        text = os.pread(handle, block, start) + text
    return text.rpartition(b"\n")[2]


def _last_sum(handle: int) -> str:
    """Return what a new line has to say of those before it."""
    line = _last_line(handle)
    if line is None:
        return _START
    match = _END.search(line)
    if match is not None:
        return match[2].decode()
    return hashlib.sha256(os.pread(handle, os.fstat(handle).st_size, 0)).hexdigest()


def _write_all(handle: int, text: bytes) -> None:
    while text:
        text = text[os.write(handle, text) :]


# -- looking whether all is as it was written ------------------------------------------------------------


def find_flaws(path: Path, *, has_head: bool = True) -> list[Flaw]:
    """Return what of a file is not as it was written; empty where there is no file and never was one."""
    head = _read_head(path) if has_head else None
    text = path.read_bytes() if path.exists() else b""
    lines = text.split(b"\n")[:-1]
    flaws = _chain_flaws(lines)
    if head is None or flaws:
        return flaws
    if not isinstance(head, tuple):
        return [Flaw(0, f"has a damaged {head_of(path).name}")]
    size, newest = head
    if size > len(text):
        return [Flaw(0, "lacks its last lines")]
    there = text[:size].rstrip(b"\n").rpartition(b"\n")[2]
    return [] if sum_of(there) == newest else [Flaw(0, f"does not fit {head_of(path).name}")]


def _read_head(path: Path) -> tuple[int, str] | str | None:
    """Return what the file beside it says; a text where that is damaged, None where there is none."""
    try:
        match = _HEAD.fullmatch(head_of(path).read_bytes())
    except FileNotFoundError:
        return None
    return (int(match[1]), match[2].decode()) if match else "damaged"


def _chain_flaws(lines: list[bytes]) -> list[Flaw]:
    flaws: list[Flaw] = []
    so_far = hashlib.sha256()
    newest: str | None = None  # the sum of the line before, where it has one
    for number, line in enumerate(lines, 1):
        match = _END.search(line)
        expected = newest or so_far.hexdigest()
        if match is None:
            flaws += [Flaw(number, "has no sum")] if newest else []
        elif sum_of(line) is None:
            flaws.append(Flaw(number, "is not as it was written"))
        elif match[1].decode() != expected:
            flaws.append(Flaw(number, "does not follow the line before it"))
        newest = match[2].decode() if match else newest
        so_far.update(line + b"\n")
    return flaws


def mend(path: Path) -> list[str]:
    """Keep the lines that are as they were written, put the others aside in `<name>.damaged`; what was lost, in words.

    A line that does not follow the one before it stays: what is lost stood between the two.
    """
    flaws = find_flaws(path)
    if not flaws:
        return []
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    bad = {flaw.line for flaw in flaws if flaw.what != "does not follow the line before it"} - {0}
    if bad:
        _put_aside(path, b"".join(lines[number - 1] + b"\n" for number in sorted(bad)))
    kept, before = b"", _START
    for number, line in enumerate(lines, 1):
        if number not in bad:
            kept += _resealed(line, before, hashlib.sha256(kept).hexdigest()) + b"\n"
            before = sum_of(kept[:-1].rpartition(b"\n")[2]) or before
    replace_file(path, kept)
    replace_file(head_of(path), f"{len(kept)} {before}\n".encode())
    return [f"{path.name}: {f'line {flaw.line}' if flaw.line else 'it'} {flaw.what}" for flaw in flaws]


def _resealed(line: bytes, before: str, so_far: str) -> bytes:
    """Return a line of its own sum in its new place; one without a sum stays as it is."""
    match = _END.search(line)
    if match is None:
        return line
    return seal(line[: match.start() - 1] + b"}", before if before != _START else so_far)


def _put_aside(path: Path, text: bytes) -> None:
    with path.with_name(f"{path.name}.damaged").open("ab") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
