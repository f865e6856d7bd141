"""Remember what was drawn in a folder of reports, so that reports that are up to date are not drawn again.

`.reports.json` has for each report the key for which it was drawn and the hash of each file. A report is up to date if
its key is the same and its files are unaltered.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracker.files.disk import draft_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from tracker.report.definition import Definition
    from tracker.report.document import Document
    from tracker.warehouse.snapshot import Snapshot

__all__ = ["Entry", "keep", "key_of", "put", "read_shelf", "snapshot_key", "unaltered"]

_STATE: Final = ".reports.json"
#: Libraries that draw or compute: another version may draw another picture.
_LIBRARIES: Final = ("altair", "babel", "duckdb", "jinja2", "vl-convert-python")


@dataclass(frozen=True, slots=True)
class Entry:
    """One report as it was last drawn: its key, its files, and what the list says about it."""

    key: str
    snapshot: str
    kind: str
    headline: str
    known_on: str
    as_of: str | None
    commit: int
    trend: tuple[float | None, ...]
    files: Mapping[str, str]


def key_of(snapshot: Snapshot, definition: Definition, sources: Iterable[Path]) -> str:
    """Hash what a report depends on: the files of the warehouse, the definition, own charts, the program.

    The names of files are used, not the commit's number, because a new warehouse begins with commit 1 again.
    """
    said = {
        "snapshot": snapshot_key(snapshot),
        "definition": asdict(definition),
        "sources": {path.name: _sum(path.read_bytes()) for path in sources},
        "program": program_key(),
    }
    return _sum(json.dumps(said, sort_keys=True, default=str).encode())


def snapshot_key(snapshot: Snapshot) -> str:
    """Hash the state of the warehouse."""
    return _sum(json.dumps({name: sorted(paths) for name, paths in snapshot.files.items()}, sort_keys=True).encode())


@cache
def program_key() -> str:
    """Hash the program's own files and the versions of the libraries that draw."""
    told = hashlib.sha256()
    folder = Path(str(files("tracker")))
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in {".py", ".sql", ".html", ".css", ".toml", ".po", ".js", ".typ"}:
            told.update(path.relative_to(folder).as_posix().encode())
            told.update(path.read_bytes())
    told.update(json.dumps({name: version(name) for name in _LIBRARIES}).encode())
    return told.hexdigest()


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read_shelf(folder: Path) -> dict[str, Entry]:
    """Read the entries of a folder's reports by name; an unreadable `.reports.json` counts as empty."""
    try:
        said = json.loads((folder / _STATE).read_text("utf-8"))
        return {name: Entry(**{**entry, "trend": tuple(entry["trend"])}) for name, entry in said.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def unaltered(folder: Path, entry: Entry | None, key: str) -> list[Path]:
    """List the files of a report if they need not be drawn again; empty if one is gone or out of date."""
    if entry is None or entry.key != key:
        return []
    paths = [folder / name for name in entry.files]
    whole = all(path.is_file() and _sum(path.read_bytes()) == entry.files[path.name] for path in paths)
    return paths if whole else []


def keep(folder: Path, document: Document, key: str, snapshot: Snapshot, paths: Sequence[Path]) -> None:
    """Record what was drawn."""
    definition = document.definition
    entry = Entry(
        key=key,
        snapshot=snapshot_key(snapshot),
        kind=definition.kind,
        headline=document.headline,
        known_on=document.known_on.isoformat(),
        as_of=definition.as_of,
        commit=document.commit,
        trend=tuple(_point(value) for value in document.trend),
        files={path.name: _sum(path.read_bytes()) for path in paths},
    )
    shelf: dict[str, Any] = {name: asdict(known) for name, known in read_shelf(folder).items()}
    shelf[definition.name] = asdict(entry)
    put(folder / _STATE, (json.dumps(shelf, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode())


def _point(value: Decimal | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")


def put(path: Path, content: bytes) -> Path:
    """Replace a file in one step; leave it alone if its content is the same."""
    if path.is_file() and path.read_bytes() == content:
        return path
    draft = draft_of(path)
    try:
        with draft.open("xb") as file:  # its permissions are those the user's umask leaves
            file.write(content)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return path
