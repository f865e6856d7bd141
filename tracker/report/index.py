"""`index.html`: every report of the folder with its day, its finding, a sparkline, its state and its files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from tracker.report.output.page import style_hash, style_of, template
from tracker.report.shelf import Entry, put, read_shelf, snapshot_key
from tracker.report.text.labels import format_day, strip_unseen, tie_amounts
from tracker.report.text.language import language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from tracker.report.definition import Definition
    from tracker.warehouse.snapshot import Snapshot

__all__ = ["spark", "write_index"]

#: The language of the list, whatever its reports are in.
_ENGLISH: Final = language_of("en")
_WIDTH: Final = 120
_HEIGHT: Final = 28
_NONE_LATE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _ListedReport:
    """One report in the list."""

    name: str
    kind: str
    language: str
    headline: str
    known: str
    state: str
    is_true: bool
    spark: Markup
    files: tuple[tuple[str, str], ...]


def write_index(
    folder: Path, definitions: Iterable[Definition], snapshot: Snapshot, late: Mapping[str, str] = _NONE_LATE
) -> Path:
    """Write the list of the folder's reports; those never drawn are listed too.

    `late` says of companies whose next filing is late or missing what is missing: a report about one of them is not up
    to date, though nothing newer is stored.
    """
    shelf = read_shelf(folder)
    lines = [_list_report(folder, definition, shelf.get(definition.name), snapshot, late) for definition in definitions]
    style = style_of()
    text = template("index.html").render(
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=style_hash(style),
        lines=lines,
        tied=partial(tie_amounts, _ENGLISH),
    )
    return put(folder / "index.html", text.encode())


def _list_report(
    folder: Path, definition: Definition, entry: Entry | None, snapshot: Snapshot, late: Mapping[str, str]
) -> _ListedReport:
    if entry is None:
        return _ListedReport(
            definition.name,
            definition.kind,
            definition.language,
            strip_unseen(definition.title or ""),
            "",
            "not drawn yet",
            False,
            Markup(),
            (),
        )
    state = _state(folder, entry, snapshot)
    if state == _TRUE and not (entry.as_of or definition.period):  # what is about the past awaits nothing
        state = _describe_late(definition, late) or _TRUE
    shown = [name for name in entry.files if not name.endswith(".js")]
    names = sorted(shown, key=lambda name: (not name.endswith(".html"), name))
    known = (
        f"as known on {entry.as_of[:10]}"
        if entry.as_of
        else f"known by {format_day(_ENGLISH, date.fromisoformat(entry.known_on))}"
    )
    forms = tuple((name, name.rpartition(".")[2]) for name in names)
    return _ListedReport(
        definition.name,
        entry.kind,
        definition.language,
        strip_unseen(entry.headline),
        known,
        state,
        state == _TRUE,
        spark(entry.trend),
        forms,
    )


_TRUE: Final = "up to date"


def _state(folder: Path, entry: Entry, snapshot: Snapshot) -> str:
    """Return whether a report still says what the warehouse does."""
    if not all((folder / name).is_file() for name in entry.files):
        return "a file is missing"
    if entry.snapshot != snapshot_key(snapshot):
        return f"of commit {entry.commit}; the warehouse has moved on"
    return _TRUE


def _describe_late(definition: Definition, late: Mapping[str, str]) -> str:
    """Describe what is late of the companies of a report, of all where it names none; empty if nothing is."""
    found = [late[entity] for entity in definition.entities or late if entity in late]
    more = f", and {len(found) - 1} more" if found[1:] else ""
    return f"{found[0]}{more}" if found else ""


def spark(points: Sequence[float | None]) -> Markup:
    """Draw a line without axes, its last point marked; nothing for fewer than two points."""
    known = [point for point in points if point is not None]
    if len(known) < 2:  # noqa: PLR2004 - a line has two points
        return Markup()
    low, high = min(known), max(known)
    reach = (high - low) or 1.0
    step = _WIDTH / max(1, len(points) - 1)
    places = [
        None if point is None else (3 + at * step, 3 + (high - point) / reach * _HEIGHT)
        for at, point in enumerate(points)
    ]
    path, is_open = "", False
    for place in places:
        path += "" if place is None else f"{'L' if is_open else 'M'}{place[0]:.1f} {place[1]:.1f}"
        is_open = place is not None
    x, y = next(place for place in reversed(places) if place is not None)
    size = f"0 0 {_WIDTH + 8} {_HEIGHT + 6}"
    drawn = f'<path d="{path}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="2.6"/>'
    return Markup(f'<svg class="spark" viewBox="{size}" aria-hidden="true">{drawn}</svg>')  # noqa: S704 - numbers of ours
