"""Check file by file that a warehouse is as it was written, and repair what can be made from the other files.

The ledger of commits has the checksums of the log and of the data files. `warehouse.sql` has the checksum of the newest
line of the ledger. Lines of the other ledgers are chained. What a dead process left behind is not damage: the next
command that stores something cleans it up, and `verify` mentions it in a note.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from tracker.errors import BusyError, DamageError
from tracker.files.disk import replace_file
from tracker.files.hash_chain import find_flaws, is_sealed, mend
from tracker.model.schema import DERIVED, RUNS, TABLES
from tracker.warehouse.delta_log import (
    CHECKPOINT,
    ENTRY,
    LAST_CHECKPOINT,
    LOG,
    DataFile,
    LogEntry,
    confine,
    entry_name,
    is_data_file,
    parse_entry,
    read_entry_text,
    versions_there,
)
from tracker.warehouse.journal import JOURNAL, valid_lines
from tracker.warehouse.leftovers import add_settled, find_leftovers, publish, remove_leftovers
from tracker.warehouse.snapshot import CATALOG, MORE, Snapshot, read_mark, require_warehouse, snapshot_of
from tracker.warehouse.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tracker.warehouse.journal import LedgerLine

__all__ = ["Damage", "Verified", "repair", "verify"]

#: The other files of chained lines, by their names in the warehouse.
CHAINED: Final = (RUNS, "notices.jsonl", "held/released.jsonl")
_PATIENCE: Final = 2.0


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not as it was written: what is wrong, what is lost with it, and whether it can be repaired."""

    file: str
    what: str
    lost: str = ""
    is_mendable: bool = False

    def __str__(self) -> str:
        remedy = "`tracker verify --repair` mends it" if self.is_mendable else "restore it from a copy"
        return f"{self.file} {self.what}{self.lost and f' ({self.lost})'}; {remedy}"


class Verified(NamedTuple):
    """The result of a check: the number of files that were compared, the damages, and notes on what is no damage."""

    files: int
    damages: list[Damage]
    notes: list[str]


def verify(path: Path) -> Verified:
    """Compare every file of a warehouse with what was written; BusyError if a writer changes it meanwhile."""
    require_warehouse(path)
    with _at_rest(path) as is_at_rest:
        look = _Look(path)
    if look.damages and not is_at_rest:
        raise BusyError(f"{path} is being written by another process; try again when it is done")
    for entry, file in look.data:
        look.check_data(entry, file)
    return Verified(look.count, look.damages, look.notes)


@contextlib.contextmanager
def _at_rest(path: Path) -> Iterator[bool]:
    """Keep writers out while the block runs; yield False if a writer is at work and does not end soon."""
    try:
        lock = (path / ".lock").open("rb")
    except OSError:  # no writer was ever here, or this is a copy that nobody may write
        yield True
        return
    with lock:
        deadline = time.monotonic() + _PATIENCE
        is_at_rest = False
        while not is_at_rest and time.monotonic() < deadline:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                is_at_rest = True
            except BlockingIOError:
                time.sleep(0.02)
        yield is_at_rest


class _Look:
    """One check of all files: the damages and notes found so far, and the data files that are still to be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damages: list[Damage] = []
        self.notes: list[str] = []
        self.count = 0
        self.lines = list(valid_lines(path))
        self.texts = {name: text for line in self.lines for name, text in line.entries.items()}
        self.sums = {name: digest for line in self.lines for name, digest in line.files.items()}
        self._check_ledger()
        self.log = {table: list(self._check_entries(table)) for table in TABLES}
        data = [(entry, file) for entries in self.log.values() for entry in entries for file in entry.files]
        replaced = {name for entries in self.log.values() for entry in entries for name in entry.removed}
        self.data = [(entry, file) for entry, file in data if file.name not in replaced or (path / file.name).exists()]
        self.newest = {table: entries[-1].version for table, entries in self.log.items() if entries}
        self._check_names()
        self._check_batches()
        self.left = self._leftovers()
        for table in TABLES:
            self._check_folder(table)
            self._check_checkpoints(table)
        self._check_catalog()
        self._check_chained()
        self._check_held()

    def _add_damage(self, file: str, what: str, lost: str = "", *, is_mendable: bool = False) -> None:
        self.damages.append(Damage(file, what, lost, is_mendable))

    def _check_ledger(self) -> None:
        """Check the lines of `commits.jsonl`."""
        self.count += (self.path / JOURNAL).is_file()
        for flaw in find_flaws(self.path / JOURNAL, has_head=False):
            self._add_damage(JOURNAL, f"is damaged: line {flaw.line} {flaw.what}", is_mendable=True)
        if not (self.path / JOURNAL).is_file():
            self.notes.append("there is no ledger of commits yet; the next command that stores something begins it")
        for line in self.lines:
            if line.how == "adopted":
                commits = line.versions.get("fact", 0)
                self.notes.append(
                    f"commits up to {commits} were adopted into the ledger from the log as they were then found"
                )

    def _check_entries(self, table: str) -> Iterator[LogEntry]:
        """Yield the commits of a table, after comparing each with the ledger."""
        there = versions_there(self.path, table)
        known = {version for line in self.lines for version in [line.versions.get(table, -1)]}
        for version in range(max(there | known, default=-1) + 1):
            name = entry_name(table, version)
            self.count += version in there
            if name in self.texts:
                self._check_entry(name)
                yield parse_entry(table, version, self.texts[name], name)
            elif version not in there:
                self._add_damage(name, "is missing", f"commit {version} of {table}")
            else:
                try:
                    yield parse_entry(table, version, read_entry_text(self.path, table, version), name)
                except DamageError as error:
                    self._add_damage(name, f"is no entry that this program wrote: {error}")
                    continue
                if self.lines:
                    self.notes.append(
                        f"{name} is not in the ledger yet; the next command that stores something enters it"
                    )

    def _check_entry(self, name: str) -> None:
        file = self.path / name
        if not file.is_file():
            self._add_damage(name, "is missing", is_mendable=True)
        elif file.read_bytes() != self.texts[name].encode():
            self._add_damage(name, "differs from what was committed", is_mendable=True)

    def _check_names(self) -> None:
        """Check that no data file is committed twice."""
        names = [file.name for _, file in self.data]
        for name in sorted({name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ()):
            self._add_damage(name, "is committed twice")

    def _check_batches(self) -> None:
        """What the newest commits of other tables belong to is in `fact` too, unless a command was stopped."""
        newest = max((entry.moment for entry in self.log["fact"]), default=None)
        for table, entries in self.log.items():
            for entry in entries if table != DERIVED else ():  # figures may be derived anew between two batches
                if entry.batch and newest and entry.moment > newest and "fact" in self.newest:
                    self.notes.append(
                        f"batch {entry.batch} is in {table} and not in fact: a command was stopped; ingest it again"
                    )

    def _leftovers(self) -> list[Path]:
        """Return what a process that died left behind."""
        last = max((line.moment for line in self.lines), default=None)
        found = find_leftovers(self.path, {file.name for _, file in self.data}, last)
        for file in found:
            what = "was left by a process that died; the next command that stores something removes it"
            self._add_note(file.relative_to(self.path).as_posix(), what)
        return found

    def _check_folder(self, table: str) -> None:
        """Check for files in a table's folder that no commit names."""
        named = {file.name for _, file in self.data}
        for file in sorted((self.path / table).iterdir()) if (self.path / table).is_dir() else ():
            name = f"{table}/{file.name}"
            if name in named or file.name == LOG:
                continue
            if file in self.left:
                continue
            if is_data_file(file.name):
                self._add_damage(name, "is named by no commit; move it away, or its commit is lost")
            else:
                self._add_damage(name, "is none of this program's files; move it away")

    def _check_checkpoints(self, table: str) -> None:
        """Checkpoints, which follow from the log: those that are there are as they were written."""
        folder = self.path / table / LOG
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            name = f"{table}/{LOG}/{file.name}"
            if ENTRY.fullmatch(file.name):
                continue
            if file.name != LAST_CHECKPOINT and not CHECKPOINT.fullmatch(file.name):
                if file not in self.left:
                    self._add_damage(name, "is none of this program's files; move it away")
                continue
            self.count += 1
            if name not in self.sums:
                self.notes.append(f"{name} is not in the ledger of commits")
            elif _hash_file(file) != self.sums[name]:
                self._add_damage(name, "differs from what was written", is_mendable=True)

    def _check_catalog(self) -> None:
        """Check `warehouse.sql`: its own checksums, and what it says of the log and the ledger."""
        file = self.path / CATALOG
        if not file.is_file():
            if sum(line.how == "committed" for line in self.lines) > 1:
                self._add_damage(CATALOG, "is missing", is_mendable=True)
            else:
                self.notes.append(f"{CATALOG} is not there yet; the next command that stores something writes it")
            return None
        self.count += 1
        try:
            mark = read_mark(self.path)
        except DamageError as error:
            return self._add_damage(CATALOG, f"is damaged: {str(error).partition(';')[0]}", is_mendable=True)
        if mark is None:
            return self._add_damage(CATALOG, "is cut short, or none of this program's", is_mendable=True)
        if mark.is_sealed and hashlib.sha256(file.read_bytes().partition(b"\n")[2]).hexdigest() != mark.text:
            return self._add_damage(CATALOG, "differs from what was written", is_mendable=True)
        if not mark.is_sealed and self.lines:
            return self._add_damage(CATALOG, "is of an earlier version, or damaged", is_mendable=True)
        self._check_more(mark.more)
        if mark.ledger is not None and mark.ledger not in {line.sum for line in self.lines}:
            self._add_damage(JOURNAL, f"lacks the line that {CATALOG} names", is_mendable=True)
        return self._check_snapshot(mark.snapshot)

    def _check_more(self, digest: str | None) -> None:
        """Check `more.sql`, which has the views that `warehouse.sql` leaves out, by the checksum in `warehouse.sql`."""
        if digest is not None:
            file = self.path / MORE
            self.count += file.is_file()
            if not file.is_file():
                self._add_damage(MORE, "is missing", is_mendable=True)
            elif _hash_file(file) != digest:
                self._add_damage(MORE, "differs from what was written", is_mendable=True)

    def _check_snapshot(self, said: Snapshot) -> None:
        for table, version in said.versions.items():
            if version > self.newest.get(table, -1):
                self._add_damage(
                    entry_name(table, version), f"is missing; {CATALOG} knows it", f"commit {version} of {table}"
                )
                return
        there = {table: version for table, version in said.versions.items() if self.log.get(table)}
        if snapshot_of(self.log, there) != said:
            self._add_damage(CATALOG, "names other files than the log", is_mendable=True)
        elif dict(said.versions) != self.newest:
            self.notes.append(f"{CATALOG} is behind the log; the next command that stores something writes it anew")

    def _check_chained(self) -> None:
        for name in CHAINED:
            self.count += (self.path / name).is_file()
            for flaw in find_flaws(self.path / name):
                what = f"line {flaw.line} {flaw.what}" if flaw.line else f"it {flaw.what}"
                self._add_damage(name, f"is damaged: {what}", is_mendable=True)

    def _check_held(self) -> None:
        """Check the held batches: their records, and the files whose checksums the records have."""
        for record in sorted((self.path / "held").glob("[!.]*/held.json")):
            name = record.relative_to(self.path).as_posix()
            text = record.read_bytes()
            self.count += 1
            if is_sealed(text):
                for file, digest in json.loads(text)["sums"].items():
                    self._check_sum(f"{name.rpartition('/')[0]}/{file}", digest)
            elif _is_unsummed(text):
                self._add_note(name, "was put aside by an earlier version, without sums")
            else:
                self._add_damage(name, "is damaged", "a batch that lay aside; drop it and ingest it again")

    def _add_note(self, name: str, what: str) -> None:
        self.notes.append(f"{name} {what}")

    def _check_sum(self, name: str, digest: str, lost: str = "", *, is_mendable: bool = False) -> None:
        file = confine(self.path, name)
        self.count += file.is_file()
        if not file.is_file():
            self._add_damage(name, "is missing", lost, is_mendable=is_mendable)
        elif _hash_file(file) != digest:
            self._add_damage(name, "differs from what was committed", lost, is_mendable=is_mendable)

    def check_data(self, entry: LogEntry, file: DataFile) -> None:
        """Check a data file by the size and the checksum in its commit."""
        is_derived = entry.table == DERIVED  # such rows follow from the facts
        lost = "" if is_derived else f"{file.rows} rows of {entry.table}, batch {entry.batch}"
        if file.sha256 is None:
            self._add_damage(file.name, "was committed without a hash", lost, is_mendable=is_derived)
        else:
            self._check_sum(file.name, file.sha256, lost, is_mendable=is_derived)


def _is_unsummed(text: bytes) -> bool:
    """Return whether the record of a held batch is intact, but from a version whose records had no checksums."""
    try:
        record = json.loads(text)
    except ValueError:
        return False
    return isinstance(record, dict) and not record.keys() & {"before", "sum", "sums"} and "batch" in record


def _hash_file(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# -- mending -----------------------------------------------------------------------------------------------


def repair(path: Path) -> tuple[list[str], Verified]:
    """Rewrite damaged files that can be made from the others; return what was done, and what is still damaged.

    Entries of the log are made from the ledger of commits, the ledger from the log, and `warehouse.sql` and checkpoints
    from both. Damaged lines of other ledgers are moved aside.
    """
    require_warehouse(path)
    with Writer(path).alone():
        before = verify_alone(path)
        done = [*_restore_log(path, list(valid_lines(path))), *_drop_checkpoints(path, before.damages)]
        done += [f"{flaw}; put aside" for name in CHAINED for flaw in mend(path / name)]
        with contextlib.suppress(DamageError):
            done += _rebuild(path, before.damages)
        after = verify_alone(path)
    damaged = [damage for damage in after.damages if damage.file.partition("/")[0] == DERIVED and damage.is_mendable]
    return (done, after) if not damaged else _derive_anew(path, done, damaged)


def _derive_anew(path: Path, done: list[str], damaged: Sequence[Damage]) -> tuple[list[str], Verified]:
    """Derive all figures anew if files of them are damaged or missing; return what was done, and what is still damaged.

    If the facts are damaged too, the figures stay as they are.
    """
    with contextlib.suppress(DamageError), Writer(path) as writer:
        count = writer.derived or writer.derive()
        for damage in damaged:
            confine(path, damage.file).unlink(missing_ok=True)
        done = [*done, f"the figures of {count} companies derived anew from the facts"]
    return done, verify(path)


def verify_alone(path: Path) -> Verified:
    """Do what `verify` does, for a caller that holds the writers' lock."""
    look = _Look(path)
    for entry, file in look.data:
        look.check_data(entry, file)
    return Verified(look.count, look.damages, look.notes)


def _restore_log(path: Path, lines: Sequence[LedgerLine]) -> list[str]:
    """Rewrite damaged or missing entries of the log from the ledger, which has them word for word."""
    texts: Mapping[str, str] = {name: text for line in lines for name, text in line.entries.items()}
    done = []
    for name, text in texts.items():
        file = confine(path, name)
        if not file.is_file() or file.read_bytes() != text.encode():
            file.parent.mkdir(parents=True, exist_ok=True)
            replace_file(file, text.encode())
            done.append(f"{name} written anew from {JOURNAL}")
    return done


def _drop_checkpoints(path: Path, damages: Sequence[Damage]) -> list[str]:
    """Remove all checkpoints of a log that has a damaged one; they can be made from the log."""
    bad = {damage.file for damage in damages if "checkpoint" in damage.file}
    done = []
    for table in sorted({name.partition("/")[0] for name in bad}):
        for file in sorted((path / table / LOG).iterdir()):
            if file.name == LAST_CHECKPOINT or CHECKPOINT.fullmatch(file.name):
                file.unlink()
                done.append(f"{table}/{LOG}/{file.name} removed; the log says the same")
    return done


def _rebuild(path: Path, damages: Sequence[Damage]) -> list[str]:
    """Rebuild the ledger and `warehouse.sql` from the log if they are damaged or behind, and remove leftovers."""
    done = []
    if any(damage.file == JOURNAL for damage in damages) and (path / JOURNAL).is_file():
        (path / JOURNAL).replace(path / f"{JOURNAL}.damaged")
        done.append(f"{JOURNAL} begun anew from the log; the old one is {JOURNAL}.damaged")
    if any(damage.file in {CATALOG, JOURNAL} for damage in damages):
        (path / CATALOG).unlink(missing_ok=True)
        done.append(f"{CATALOG} written anew from the log")
    if any(damage.file == MORE for damage in damages):
        done.append(f"{MORE} written anew")
    done += add_settled(path)
    done += [
        f"{file.relative_to(path).as_posix()} removed; a process that died left it" for file in remove_leftovers(path)
    ]
    publish(path)
    return done
