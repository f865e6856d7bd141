"""`index.html`: every report of the folder with its day, its finding, a sparkline, its state and its files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from tracker.files.sparkline import draw_sparkline
from tracker.report.output.page import style_hash, style_of, template
from tracker.report.shelf import Entry, put, read_shelf, snapshot_key
from tracker.report.text.labels import format_day, strip_unseen, tie_amounts
from tracker.report.text.language import language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tracker.report.definition import Definition
    from tracker.warehouse.snapshot import Snapshot

__all__ = ["ListedReport", "list_reports", "write_index"]

#: The language of the list, whatever its reports are in.
_ENGLISH: Final = language_of("en")
_NONE_LATE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ListedReport:
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

    `late` has, by company, what is missing of those whose next filing is late. A report about one of them is not up to
    date, although nothing newer is stored.
    """
    lines = list_reports(folder, definitions, snapshot, late)
    style = style_of()
    text = template("index.html").render(
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=style_hash(style),
        lines=lines,
        tied=partial(tie_amounts, _ENGLISH),
    )
    return put(folder / "index.html", text.encode())


def list_reports(
    folder: Path, definitions: Iterable[Definition], snapshot: Snapshot, late: Mapping[str, str] = _NONE_LATE
) -> list[ListedReport]:
    """List the reports of a folder with their state; the arguments are those of `write_index`."""
    shelf = read_shelf(folder)
    return [_list_report(folder, definition, shelf.get(definition.name), snapshot, late) for definition in definitions]


def _list_report(
    folder: Path, definition: Definition, entry: Entry | None, snapshot: Snapshot, late: Mapping[str, str]
) -> ListedReport:
    if entry is None:
        return ListedReport(
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
    return ListedReport(
        definition.name,
        entry.kind,
        definition.language,
        strip_unseen(entry.headline),
        known,
        state,
        state == _TRUE,
        Markup(draw_sparkline(entry.trend)),  # noqa: S704 - numbers of ours
        forms,
    )


_TRUE: Final = "up to date"


def _state(folder: Path, entry: Entry, snapshot: Snapshot) -> str:
    """Return the state of a report: whether it still agrees with the warehouse."""
    if not all((folder / name).is_file() for name in entry.files):
        return "a file is missing"
    if entry.snapshot != snapshot_key(snapshot):
        return f"of commit {entry.commit}; the warehouse has moved on"
    return _TRUE


def _describe_late(definition: Definition, late: Mapping[str, str]) -> str:
    """Describe what is late of a report's companies (all, if it names none); empty if nothing is late."""
    found = [late[entity] for entity in definition.entities or late if entity in late]
    more = f", and {len(found) - 1} more" if found[1:] else ""
    return f"{found[0]}{more}" if found else ""
