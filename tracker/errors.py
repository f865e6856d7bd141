"""Every way the program says no, and the record of what it could not read.

    TrackerError                 exit 1   anything a caller may want to catch
     ├─ UsageError               exit 2   the request itself makes no sense
     ├─ InputError               exit 1   data could not be read; carries its problems
     ├─ QueryError               exit 1   SQL that the engine refused
     │   └─ LimitError           exit 1   a safe question went beyond a limit
     ├─ WarehouseError           exit 1   the stored tables are missing
     │   └─ DamageError          exit 3   they are there and not what was stored
     ├─ FetchError               exit 1   a file could not be fetched
     ├─ StorageError             exit 1   the system failed before the commit: nothing of the batch is stored
     ├─ CheckError               exit 3   a check failed, or data is stale
     │   └─ HeldError            exit 3   batches failed an audit and are held
     ├─ NothingMatchedError      exit 4   something was demanded and there is none
     └─ BusyError                exit 75  another writer holds the warehouse; try again
    PeriodError (a ValueError)            a period that cannot be; readers turn it into a problem
    NumberFormatError (a ValueError)      a printed text that is no number; the filing reader turns it into a problem
    DocumentError (a ValueError)          a document of a filing that cannot be read; its reader turns it into a problem

Bad data is a value, not an exception: readers return `Problem` records beside what they could
read. An exception is raised only to the caller who asked for something that cannot be given.
"""

from __future__ import annotations

import errno
import os
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "BusyError",
    "CheckError",
    "DamageError",
    "DocumentError",
    "FetchError",
    "HeldError",
    "InputError",
    "LimitError",
    "LostProcessError",
    "NothingMatchedError",
    "NumberFormatError",
    "PeriodError",
    "Problem",
    "QueryError",
    "StorageError",
    "TrackerError",
    "UsageError",
    "WarehouseError",
    "describe_system_error",
    "find_system_error",
]


class Problem(NamedTuple):  # no dataclass: that library costs an idle tick as much as all of our own code
    """One thing that could not be read: where it is, what is wrong, and what to do.

    `line` counts from 1 and is the line in the file as an editor shows it; `None` where the
    problem is the whole file. `column` is the column's name, or `None`.
    """

    path: str
    line: int | None
    column: str | None
    code: str
    message: str
    remedy: str

    def __str__(self) -> str:
        column = None if self.column is None else ascii(self.column)[1:-1] if _is_odd(self.column) else self.column
        place = ":".join(str(part) for part in (self.path, self.line, column and column[:_LONGEST]) if part is not None)
        return f"{place}: {_shorten_message(self.message)}; {self.remedy}"


#: Letters of a column's name, and of either end of a long message, that are shown.
_LONGEST = 100
_LONGEST_END = 200


def _shorten_message(message: str) -> str:
    """Leave out the middle of a message that repeats thousands of letters it found."""
    is_short = len(message) <= 2 * _LONGEST_END
    return message if is_short else f"{message[:_LONGEST_END]}...{message[-_LONGEST_END:]}"


def _is_odd(name: str) -> bool:
    """Return whether a name has letters that would break a line of text."""
    return not name.isprintable()


class TrackerError(Exception):
    """The base of all errors: a sentence for the user, and the exit code that goes with it."""

    exit_code = 1


class UsageError(TrackerError):
    """The request itself makes no sense."""

    exit_code = 2


class InputError(TrackerError):
    """Data could not be read, and nothing of it was stored."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (p.path, p.line or 0, p.column or ""))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class QueryError(TrackerError):
    """The engine refused the SQL."""


class LimitError(QueryError):
    """A safe question went beyond a limit of time, memory, rows or bytes, or nobody waits for its answer any more."""


class WarehouseError(TrackerError):
    """The stored tables are missing or damaged."""


class DamageError(WarehouseError):
    """Something stored is not what was stored: the message names the file and what to do."""

    exit_code = 3


class CheckError(TrackerError):
    """A check failed, or data is stale."""

    exit_code = 3


class HeldError(CheckError):
    """Batches failed an audit and are held: they are not current. `batches` are their ids."""

    def __init__(self, batches: Sequence[str]) -> None:
        super().__init__("\n".join(f"batch {batch} is held; see `tracker held show {batch}`" for batch in batches))
        self.batches = tuple(batches)


class NothingMatchedError(TrackerError):
    """Something was demanded and there is none."""

    exit_code = 4


class FetchError(TrackerError):
    """A file could not be fetched; what the cache held before is untouched."""


class PeriodError(ValueError):
    """A period that cannot be: it ends before it starts, or its label is none."""


class NumberFormatError(ValueError):
    """A printed text is no number in its format, or the format is unknown. The message says which."""


class DocumentError(ValueError):
    """A document of a filing is not what it claims to be, or too large or too deep to be read."""


class StorageError(TrackerError):
    """The operating system failed before the commit: nothing of the batch is stored."""


#: What to do about an error of the operating system, by its number.
_REMEDIES = {
    errno.ENOSPC: "free some space, then run it again",
    errno.EDQUOT: "free some space or raise your quota, then run it again",
    errno.EACCES: "check who may read and write it",
    errno.EPERM: "check who may read and write it",
    errno.EROFS: "the file system is read-only; mount it for writing, or use another folder",
    errno.EMFILE: "too many files are open; raise the limit (`ulimit -n`)",
    errno.ENFILE: "too many files are open on this machine; close other programs",
    errno.ENAMETOOLONG: "give it a shorter name",
    errno.EIO: "check the disk, then run `tracker verify`",
    errno.ENOENT: "check its name; `tracker verify` says whether something of the warehouse is missing",
    errno.ENOTDIR: "a file stands where a folder should be; move it away",
    errno.EISDIR: "a folder stands where a file should be; move it away",
    errno.ENOMEM: "close other programs, or give it more memory",
}


def describe_system_error(error: OSError | MemoryError) -> str:
    """One line for an error of the operating system: what it was about, what is wrong, and what to do.

    Libraries write the number of an error into their message only; it is looked for there by its words.
    """
    if isinstance(error, LostProcessError):
        return str(error)
    if isinstance(error, MemoryError):
        return f"out of memory; {_REMEDIES[errno.ENOMEM]}"
    number = error.errno or next((n for n in _REMEDIES if os.strerror(n).lower() in str(error).lower()), None)
    what = os.strerror(number) if number else " ".join(str(error).split())[:300] or type(error).__name__
    quoted = re.search(r"(['\"])(.+?)\1", str(error))  # Arrow and DuckDB name the file in their messages alone
    name = error.filename if isinstance(error.filename, str | os.PathLike) else quoted[2] if quoted else None
    place = f"{os.fspath(name)}: " if name else ""
    remedy = _REMEDIES.get(number or 0, "run it again; `tracker verify` says whether the warehouse is whole")
    return f"{place}{what[:1].lower()}{what[1:]}; {remedy}"


def find_system_error(message: str) -> str | None:
    """Return the same for the message of a library; None where it speaks of no error of the operating system."""
    known = any(os.strerror(number).lower() in message.lower() for number in _REMEDIES)
    return describe_system_error(OSError(message)) if known else None


class LostProcessError(MemoryError):
    """A process that shared the work ended without an answer; the system kills one that takes too much memory."""


class BusyError(TrackerError):
    """Another writer holds the warehouse."""

    exit_code = 75
