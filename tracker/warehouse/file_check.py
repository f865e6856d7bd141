"""Compare data files with what their commits say, before they are read: in full once, and size and footer every time.

A flipped bit in a Parquet file gives every reader a wrong number without an error. So a file is read in full and its
SHA-256 compared when it is first needed. The file `.checked` in the warehouse remembers in which state (inode, size,
times) a file was right, so that the next question need not read it again. Its size, and the footer that says where
everything is, are compared every time. The cache only saves time: if it is missing, damaged or from another copy, files
are read again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from typing import TYPE_CHECKING, Final, NamedTuple

from tracker.errors import DamageError
from tracker.model.schema import DERIVED
from tracker.warehouse.delta_log import confine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tracker.warehouse.delta_log import DataFile

__all__ = ["CHECKED", "check_files", "check_whole", "remember"]

CHECKED: Final = ".checked"
_MAGIC: Final = b"PAR1"
_TAIL: Final = 65_536
_REMEDY: Final = "restore it from a copy; `tracker verify` says what is lost with it"
_DERIVED_REMEDY: Final = "`tracker verify --repair` derives its figures anew from the facts"


class _State(NamedTuple):
    """The state in which a file had the checksum of its commit; a file in another state must be read again."""

    inode: int
    size: int
    modified: int
    changed: int
    footer: str
    sha256: str


def check_files(path: Path, files: Sequence[DataFile]) -> None:
    """Compare data files with what their commits say; DamageError names the first that differs."""
    known: dict[str, _State] | None = None
    fresh: dict[str, _State] = {}
    for table in sorted({file.name.partition("/")[0] for file in files}):
        confine(path, table)
    for file in files:
        known = _read_cache(path) if known is None else known
        state = _state_of(path, file)
        if file.sha256 is not None and known.get(file.name) != state:
            check_whole(path, file)
            fresh[file.name] = state
    _write_cache(path, known or {}, fresh)


def remember(path: Path, files: Iterable[DataFile]) -> None:
    """Remember files as checked that were just written and read back for their checksums."""
    _write_cache(path, {}, {file.name: _state_of(path, file) for file in files})


def _remedy(file: DataFile) -> str:
    """Return what to do about a damaged file; a file of stored figures can be derived anew from the facts."""
    return _DERIVED_REMEDY if file.name.partition("/")[0] == DERIVED else _REMEDY


def _state_of(path: Path, file: DataFile) -> _State:
    """Return the state of a file; DamageError if it is missing, has another size, or lacks the footer of Parquet."""
    place = path / file.name
    try:
        found = place.lstat()
        if not stat.S_ISREG(found.st_mode):
            found = confine(path, file.name).stat()
    except FileNotFoundError:
        raise DamageError(f"{place} is missing; {_remedy(file)}") from None
    if found.st_size != file.size:
        raise DamageError(f"{place} has {found.st_size} bytes, {file.size} were committed; {_remedy(file)}")
    footer = hashlib.sha256(_footer(place, file)).hexdigest()[:16]
    return _State(found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns, footer, (file.sha256 or "")[:16])


def _footer(place: Path, file: DataFile) -> bytes:
    """Return the footer of a Parquet file, which says where everything else is."""
    size = file.size
    with place.open("rb", buffering=0) as stream:
        start = max(0, size - _TAIL)
        tail = os.pread(stream.fileno(), size - start, start)
        length = int.from_bytes(tail[-8:-4], "little") + 8
        if tail[-4:] != _MAGIC or length > size:
            raise DamageError(f"{place} is no whole Parquet file; {_remedy(file)}")
        return tail[-length:] if length <= len(tail) else os.pread(stream.fileno(), length, size - length)


def check_whole(path: Path, file: DataFile) -> None:
    """Read a file in full and compare its checksum; DamageError if it differs."""
    with (path / file.name).open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != file.sha256:
        raise DamageError(f"{path / file.name} differs from what was committed; {_remedy(file)}")


def _read_cache(path: Path) -> dict[str, _State]:
    """Return the states in which files were right; damaged lines of the cache are skipped."""
    try:
        lines = (path / CHECKED).read_text("ascii", errors="replace").splitlines()
    except OSError:
        return {}
    found: dict[str, _State] = {}
    for line in lines:
        with contextlib.suppress(ValueError):
            name, inode, size, modified, changed, footer, digest = line.split(" ")
            found[name] = _State(int(inode), int(size), int(modified), int(changed), footer, digest)
    if len(lines) > 2 * len(found) + 100:  # mostly states that passed
        with contextlib.suppress(OSError):
            (path / CHECKED).unlink()
            _write_cache(path, {}, found)
    return found


def _write_cache(path: Path, known: dict[str, _State], fresh: dict[str, _State]) -> None:
    """Add states to the cache; do nothing if the warehouse is not writable."""
    new = {name: state for name, state in fresh.items() if known.get(name) != state}
    text = "".join(f"{name} {' '.join(map(str, state))}\n" for name, state in new.items())
    if text:
        with contextlib.suppress(OSError), (path / CHECKED).open("ab", buffering=0) as stream:
            stream.write(text.encode())
