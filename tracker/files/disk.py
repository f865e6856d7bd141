"""What is on disk for good: the one place that asks the system to flush and that puts files in place of others."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["create_file", "draft_of", "end_of_lines", "is_draft", "remove_dead_drafts", "replace_file", "sync"]

_DRAFT: Final = re.compile(r"\..+\.[0-9a-f]{32}(\.draft)?", re.ASCII)
_OF_PROCESS: Final = re.compile(r"\..+\.(\d{1,9})-[0-9a-f]{8}(\.draft)?|\..+\.(\d{1,9})\.draft", re.ASCII)
_BLOCK: Final = 65_536


def end_of_lines(handle: int) -> int:
    """Return the position at which the last whole line of an open file ends; what stands behind it was cut short."""
    end = os.fstat(handle).st_size
    while end:
        start = max(0, end - _BLOCK)
        found = os.pread(handle, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def sync(path: Path) -> None:
    """Flush a file's content, or a folder's names, to disk: after a rename it takes both to survive a crash."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in place of the one before, whole or not at all, and on disk when this returns."""
    draft = path.with_name(f".{path.name}.{os.urandom(16).hex()}.draft")
    try:
        draft.write_bytes(content)
        sync(draft)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync(path.parent)


def create_file(path: Path, content: bytes) -> None:
    """Create a file, whole or not at all, and on disk when this returns; FileExistsError where there is one."""
    draft = path.with_name(f".{path.name}.{os.urandom(16).hex()}.draft")
    try:
        draft.write_bytes(content)
        sync(draft)
        os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    sync(path.parent)


def is_draft(name: str) -> bool:
    """Return whether a file's name is one that `replace_file` gives what it has not put in place yet."""
    return _DRAFT.fullmatch(name) is not None


def draft_of(path: Path) -> Path:
    """Return where a file is written before it is put in place: hidden, beside it, named after this process."""
    return path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.draft")


def remove_dead_drafts(folder: Path) -> list[Path]:
    """Remove what processes that are no more had not put in place yet, in a folder and all below it."""
    found = [(file, _OF_PROCESS.fullmatch(file.name)) for file in folder.rglob(".*")]
    dead = [file for file, match in found if match and not _is_running(int(match[1] or match[3])) and file.is_file()]
    for file in dead:
        file.unlink(missing_ok=True)
    return dead


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
