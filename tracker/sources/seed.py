"""Seeds: tables people keep by hand, read strictly.

A seed folder holds `entities.toml`, `entities.csv`, `sources.csv`, `facts.csv`, `guidance.csv`, `pins.csv`,
`corrections.csv` and `fx.csv` (exchange rates). It is read as a whole: one unreadable cell and nothing of the folder is
stored. Amounts are written as printed, with a `scale` (8.5 and 9 for "8.5 billion"), so that the last printed digit
says how exact they are. A figure that was changed or taken out of the folder is withdrawn from the warehouse, never
overwritten; so is a pin, an analyst's choice among the statements of one figure, and a correction of a statement that
was read wrongly.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tracker.errors import InputError, PeriodError, Problem
from tracker.model.batch import Batch
from tracker.model.entity import ENTITY_ID, Entities, load_entities
from tracker.model.fact import KINDS, Fact, rows_table, to_table
from tracker.model.period import FiscalCalendar, Period
from tracker.model.quantity import QUALIFIERS, Printed, miswritten_currency, parse_printed
from tracker.model.schema import TABLES
from tracker.sources.exchange_rates import RATES, read_rates
from tracker.sources.sec.submissions import day_end

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from decimal import Decimal
    from pathlib import Path

    from tracker.model.company_names import Called
    from tracker.sources.base import Request

__all__ = [
    "CORRECTIONS",
    "RENAMES",
    "RENAME_COLUMNS",
    "Correction",
    "Rename",
    "SeedSource",
    "correction_row",
    "entity_rows",
    "known_entities",
    "read_corrections",
    "read_renames",
]

_T = TypeVar("_T")

_UNIT: Final = re.compile(r"[A-Z]{3}(/shares)?|ratio|count|shares|[A-Za-z]{1,12}", re.ASCII)
_CALENDAR_YEAR: Final = FiscalCalendar(12)
_FILER: Final = re.compile(r"cik\d{10}", re.ASCII)
_PERIOD: Final = re.compile(r"\d{4}(Q[1-4]|H[12]|M9)|FY\d{4}", re.ASCII)
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
#: Guidance that is no number: a direction, a likeness, words, or its end.
_WORDY: Final = frozenset({"direction_up", "direction_down", "similar", "vague", "withdrawn"})
#: The amounts a figure is printed with, by its qualifier; a value where none is named here.
SHAPES: Final = {
    **dict.fromkeys(_WORDY, frozenset[str]()),
    "range": frozenset({"low", "high"}),
    "plus_minus": frozenset({"value", "low", "high"}),
}
_SOURCE_KINDS: Final = frozenset({"article", "filing", "release", "call", "news", "dataset"})

_SOURCES: Final = ("source", "kind", "publisher", "title", "language", "url", "file", "accession", "form")
_SOURCES_ALL: Final = (*_SOURCES, "published", "sha256")
_AMOUNTS: Final = ("value", "low", "high", "scale", "unit", "qualifier")
_FACTS: Final = (
    "entity",
    "concept",
    "metric",
    "kind",
    "period",
    *_AMOUNTS,
    "source",
    "span_start",
    "span_end",
    "quote",
)
_GUIDANCE: Final = ("entity", "metric", "period", "issued", *_AMOUNTS, "source", "quote")
#: The table of corrections, and the columns it must have.
CORRECTIONS: Final = "corrections.csv"
_CORRECTIONS: Final = (
    *("fact", "source", "span_start", "span_end", "quote", "action", "entity", "metric", "period"),
    *_AMOUNTS,
    *("reason", "by", "date"),
)
_FACT_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_ACTIONS: Final = frozenset({"correct", "retract"})
#: The table of what companies are called from now on, and its columns.
RENAMES: Final = "entities.csv"
RENAME_COLUMNS: Final = ("entity", "action", "into", "reason", "by", "date")
_RENAMES_KNOWN: Final = frozenset({"rename", "merge", "remove"})
_PINS: Final = ("entity", "metric", "period", "chosen", "reason", "since")


class SeedSource:
    """Reads a seed folder."""

    name = "seed"
    needs_background = False

    def accepts(self, path: Path) -> bool:
        """Return whether the path is a folder with an `entities.toml`."""
        return (path / "entities.toml").is_file()

    def read(self, request: Request) -> Iterator[Batch]:
        """Yield the folder as one batch; InputError lists everything wrong with it."""
        folder = _Folder(request.path, request.origin, request.entities.others)
        batch = folder.read()
        if folder.problems:
            raise InputError(folder.problems)
        yield batch


@dataclass(frozen=True, slots=True)
class _SourceRow:
    """What `sources.csv` says of a source, as far as its facts need it."""

    source: str
    language: str | None
    accession: str | None
    form: str | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Correction:
    """A row of `corrections.csv`: the line it stands on, the id of its statement, and its row of `correction`."""

    line: int
    fact_id: bytes
    row: tuple[object, ...]


_ID_REMEDY: Final = "use letters, digits, dot, dash and underscore"
_INTO: Final = (
    ("the cell is empty", "give the id the company has from now on"),
    ("a company that is removed goes nowhere", "leave it empty, or write merge"),
)


@dataclass(frozen=True, slots=True)
class Rename:
    """A row of `entities.csv`: what is called otherwise from then on, merged into another, or removed."""

    line: int
    entity: str
    action: str
    into: str | None
    reason: str | None
    made_by: str | None
    made_on: date | None


def read_corrections(path: Path, entities: Entities) -> tuple[list[Correction], list[Problem]]:
    """Return the rows of a `corrections.csv`, and what is wrong with it; an absent file has none."""
    folder = _Folder(path.parent, "")
    found = folder.corrections(entities)
    return found, folder.problems


def read_renames(path: Path) -> tuple[list[Rename], list[Problem]]:
    """Return the rows of an `entities.csv` in their order, and what is wrong with it; an absent file has none."""
    folder = _Folder(path.parent, "")
    return folder.renames(), folder.problems


def correction_row(
    path: Path, cells: Mapping[str, str], entities: Entities
) -> tuple[dict[str, Any] | None, list[Problem]]:
    """One row as `read_corrections` would read it, by the columns of the table, and what is wrong with it."""
    problems: list[Problem] = []
    row = _Row(path, 0, {name: cells.get(name, "") for name in _CORRECTIONS}, problems).correction(entities)
    return dict(zip(TABLES["correction"], row, strict=False)) if row else None, problems


def known_entities(folder: Path) -> Entities:
    """Return the companies of a folder's `entities.toml` that can be read; none where there is no such file."""
    path = folder / "entities.toml"
    entities = load_entities(path)[0] if path.is_file() else Entities({})
    return replace(entities, renamed=_renamed(entities, read_renames(folder / RENAMES)[0]))


def _renamed(entities: Entities, renames: Sequence[Rename]) -> dict[str, str]:
    """Return every id that rows gave a company, with the one it has in `entities.toml` or is stored under."""
    now: dict[str, str | None] = {name: name for name in entities.by_id}
    given: dict[str, str] = {}
    for rename in renames:
        if rename.entity not in given:
            now.setdefault(rename.entity, rename.entity)
        meant = [name for name, shown in now.items() if shown == rename.entity]
        now |= dict.fromkeys(meant, rename.into)
        if meant and rename.into is not None and rename.into not in now:
            given[rename.into] = meant[0]
    return given


class _Folder:
    """One reading of one folder; it gathers problems, so that all are reported at once."""

    def __init__(self, path: Path, origin: str, others: Callable[[], Sequence[Called]] = tuple) -> None:
        self.path = path
        self.origin = origin
        self.others = others
        self.problems: list[Problem] = []

    def read(self) -> Batch:
        entities, problems = load_entities(self.path / "entities.toml")
        self.problems += problems
        entities = replace(entities, renamed=_renamed(entities, self.renames()), others=self.others)
        source_rows = [(row, row.source()) for row in self._read_table("sources.csv", _SOURCES_ALL, "source")]
        sources = {source.source: source for _, source in source_rows}
        facts = [row.fact(entities, sources) for row in self._read_table("facts.csv", _FACTS, "fact")]
        facts += [row.guidance(entities, sources) for row in self._read_table("guidance.csv", _GUIDANCE, "guidance")]
        rows = {
            "source": rows_table("source", (row.stored(source, self.origin) for row, source in source_rows)),
            "pin": rows_table(
                "pin", [(*row.pin(entities), self.origin, False) for row in self._read_table("pins.csv", _PINS, "pin")]
            ),
            "fx_rate": rows_table("fx_rate", self._read_rates()),
            **entity_rows(entities, self.origin),
        }
        self.corrections(entities)  # they are stored at every ingestion; here they are only looked at
        return Batch(to_table(fact for fact in facts if fact), rows, (), self.origin)

    def _read_rates(self) -> list[tuple[object, ...]]:
        """Return the exchange rates as rows of `fx_rate`."""
        rates, problems = read_rates(self.path / RATES)
        self.problems += problems
        return [(self.origin, day.year, day, currency, rate, False) for day, currency, rate in rates]

    def corrections(self, entities: Entities) -> list[Correction]:
        """Return the rows of `corrections.csv` that can be read."""
        rows = [
            (row.line, row.correction(entities)) for row in self._read_table(CORRECTIONS, _CORRECTIONS, "correction")
        ]
        return [Correction(line, found[0], found) for line, found in rows if found]

    def renames(self) -> list[Rename]:
        """Return the rows of `entities.csv` that can be read."""
        return [row.rename() for row in self._read_table(RENAMES, RENAME_COLUMNS, "rename")]

    def _read_table(self, name: str, columns: tuple[str, ...], what: str) -> list[_Row]:
        """Return the rows of a table that has these columns; an absent file has none."""
        path = self.path / name
        if not path.is_file():
            return []
        text = self._read_text(path)
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        try:
            names = list(reader.fieldnames or [])
        except csv.Error as error:
            self.problems.append(Problem(str(path), 1, None, "csv", str(error), "mend the quoting"))
            return []
        doubled = sorted({name for name in names if name and names.count(name) > 1})
        if doubled:
            self.problems += [
                Problem(str(path), 1, name, "doubled_column", "the column stands twice", "keep one of the two")
                for name in doubled
            ]
            return []
        missing = [column for column in columns if column not in names]
        if missing:
            remedy = f"add the column to the first line; it may be empty ({', '.join(columns)})"
            self.problems += [
                Problem(str(path), 1, c, "missing_column", "the column is missing", remedy) for c in missing
            ]
            return []
        return self._unique(
            [_Row(path, line, cells, self.problems) for line, cells in self._read_cells(path, reader)], what
        )

    def _read_cells(self, path: Path, reader: csv.DictReader[str]) -> Iterator[tuple[int, dict[str, str]]]:
        try:
            for cells in reader:
                yield reader.line_num, {name: (cell or "") for name, cell in cells.items() if name}
                if more := cells.get(None):
                    message = f"{len(more) + len(cells) - 1} cells where the first line has {len(cells) - 1}"
                    remedy = "quote cells that contain commas"
                    self.problems.append(Problem(str(path), reader.line_num, None, "cells", message, remedy))
        except csv.Error as error:
            self.problems.append(Problem(str(path), reader.line_num, None, "csv", str(error), "mend the quoting"))

    def _read_text(self, path: Path) -> str:
        data = path.read_bytes()
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            message = f"byte 0x{data[error.start]:02x} is not UTF-8"
            self.problems.append(Problem(str(path), line, None, "encoding", message, "save the file as UTF-8"))
            return ""

    def _unique(self, rows: list[_Row], what: str) -> list[_Row]:
        """Return the rows, each key once; a second row of one key with another content is a problem."""
        seen: dict[tuple[str, ...], _Row] = {}
        for row in rows:
            first = seen.setdefault(row.key(what), row)
            if first is not row and first.cells != row.cells:
                message = f"says otherwise than line {first.line} of the same {what}"
                remedy = _DUPLICATE.get(what, "keep one of the two, or tell them apart by source or span")
                row.problem(None, "duplicate", message, remedy)
        return list(seen.values())


_KEYS: Final = {
    "source": ("source",),
    "fact": ("entity", "concept", "metric", "kind", "period", "unit", "source", "span_start"),
    "guidance": ("entity", "metric", "period", "unit", "issued", "source"),
    "pin": ("entity", "metric", "period"),
    "correction": ("fact",),
    "rename": (),  # each row is an event of its own
}
_DUPLICATE: Final = {"correction": "keep one of the two: a statement has one correction"}


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a table, which knows where it is when something is wrong with it."""

    path: Path
    line: int
    cells: dict[str, str]
    problems: list[Problem]

    def key(self, what: str) -> tuple[str, ...]:
        return tuple(self.cells[name] for name in _KEYS[what]) or (str(self.line),)

    def problem(self, column: str | None, code: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(str(self.path), self.line, column, code, message, remedy))

    # -- cells ---------------------------------------------------------------------------------------

    def text(self, column: str) -> str | None:
        return self.cells[column].strip() or None

    def required(self, column: str) -> str:
        if not self.text(column):
            self.problem(column, "empty", "the cell is empty", "fill it in")
        return self.text(column) or ""

    def one_of(self, column: str, known: frozenset[str] | set[str], remedy: str) -> str:
        cell = self.required(column)
        if cell and cell not in known:
            self.problem(column, "unknown", f"{cell!r} is unknown", remedy)
        return cell

    def matching(self, column: str, pattern: re.Pattern[str], remedy: str) -> str | None:
        cell = self.text(column)
        if cell and not pattern.fullmatch(cell):
            self.problem(column, "malformed", f"{cell!r} is malformed", remedy)
        return cell

    def parsed(self, column: str, parse: Callable[[str], _T], remedy: str) -> _T | None:
        cell = self.text(column)
        try:
            return parse(cell) if cell else None
        except (ValueError, OverflowError) as error:  # the second: a day that other time zones have no year for
            self.problem(column, "malformed", str(error), remedy)
            return None

    # -- records -------------------------------------------------------------------------------------

    def source(self) -> _SourceRow:
        self.one_of("kind", _SOURCE_KINDS, f"use {', '.join(sorted(_SOURCE_KINDS))}")
        self.matching("sha256", _HASH, "give 64 hexadecimal digits or leave it empty")
        published = self.parsed("published", moment, "write 2024-08-01 or 2024-08-01T20:14:40+00:00")
        language, accession, form = (self.text(name) for name in ("language", "accession", "form"))
        return _SourceRow(self.required("source"), language, accession, form, published)

    def stored(self, source: _SourceRow, origin: str) -> tuple[object, ...]:
        return (
            *(self.text(name) for name in _SOURCES),
            source.published_at,
            "stated",
            None,
            self.text("sha256"),
            origin,
        )

    def fact(self, entities: Entities, sources: dict[str, _SourceRow]) -> Fact | None:
        source = self._source(sources)
        concept = self.text("concept") or f"stated:{self.required('metric')}"
        kind = self.one_of("kind", KINDS, f"use {', '.join(sorted(KINDS))}")
        return self._fact(entities, source, concept, kind, source.published_at if source else None)

    def guidance(self, entities: Entities, sources: dict[str, _SourceRow]) -> Fact | None:
        concept = f"guided:{self.required('metric')}"
        issued = self.parsed("issued", moment, "write the day, 2024-07-31, or leave it empty where unknown")
        if (self.text("qualifier") in _WORDY) == any(self.text(name) for name in ("value", "low", "high")):
            message = f"{self.text('qualifier')!r} {'has' if self.text('qualifier') in _WORDY else 'needs'} an amount"
            remedy = f"leave value, low and high empty with {', '.join(sorted(_WORDY))}, and with no other qualifier"
            self.problem("qualifier", "amount", message, remedy)
        return self._fact(entities, self._source(sources), concept, "guidance", issued)

    def pin(self, entities: Entities) -> tuple[object, ...]:
        """Company (a filer known from its filings alone is one too), metric, period, what is chosen, why, and since."""
        entity = self._known_company(entities)
        self.matching("period", _PERIOD, "write 2024Q2, 2024H1, 2024M9 or FY2024, the company's own calendar")
        since = self.parsed("since", date.fromisoformat, "write the day, 2024-08-01, or leave it empty for always")
        return (entity, *(self.required(name) for name in _PINS[1:-1]), since)

    def correction(self, entities: Entities) -> tuple[Any, ...] | None:
        """Return a row of the table `correction` without its moment; None where something is wrong."""
        before = len(self.problems)
        fact = self.matching(
            "fact", _FACT_ID, "give the whole id, 32 hexadecimal digits, as `tracker explain` prints it"
        )
        action = self.one_of("action", _ACTIONS, f"use {', '.join(sorted(_ACTIONS))}")
        entity = self._known_company(entities) if self.text("entity") else None
        period = self.parsed("period", _read_days, "write the days, 2024-04-01/2024-06-30, or one day for a balance")
        value, low, high, decimals = self._amounts()
        qualifier = self.text("qualifier") and self.one_of("qualifier", set(QUALIFIERS), f"use {', '.join(QUALIFIERS)}")
        unit = self.matching("unit", _UNIT, "use an ISO 4217 code, ratio, count or USD/shares")
        self._check_shape(qualifier or None, frozenset(name for name in ("value", "low", "high") if self.text(name)))
        self._check_changes(action)
        made_on = self.parsed("date", date.fromisoformat, "write the day, 2024-08-01, or leave it empty")
        place = (self.required("source"), *self._read_span())
        reason = " ".join(self.required("reason").split())
        self.required("fact")
        if len(self.problems) > before:
            return None
        changes = (entity, self.text("metric"), period.start if period else None, period.end if period else None)
        amounts = (value, low, high, decimals, unit, qualifier or None)
        row = (bytes.fromhex(fact or ""), *place, action, *changes, *amounts)
        return (*row, reason, self.text("by"), made_on, "corrections", False)

    def rename(self) -> Rename:
        """Return a row of `entities.csv`; whether its companies are there is asked where all are known."""
        action = self.one_of("action", _RENAMES_KNOWN, f"use {', '.join(sorted(_RENAMES_KNOWN))}")
        into = self.matching("into", ENTITY_ID, _ID_REMEDY)
        if (into is None) != (action == "remove"):
            self.problem("into", action, *_INTO[action == "remove"])
        made_on = self.parsed("date", date.fromisoformat, "write the day, 2024-08-01, or leave it empty")
        entity = self.required("entity")
        return Rename(self.line, entity, action, into, self.text("reason"), self.text("by"), made_on)

    def _check_shape(self, qualifier: str | None, given: frozenset[str]) -> None:
        """Amounts and the word that says how they are printed go together."""
        if not given and qualifier is None:
            return
        if qualifier is None:
            self.problem(
                "qualifier", "amount", "the cell is empty", "say how the amount is printed: exact, approx, range, ..."
            )
            return
        wanted = SHAPES.get(qualifier, frozenset({"value"}))
        if given != wanted:
            there, needed = (" and ".join(sorted(names)) or "no amount" for names in (given, wanted))
            self.problem("qualifier", "amount", f"{qualifier!r} stands beside {there}", f"give {needed}")

    def _check_changes(self, action: str) -> None:
        has_changes = any(self.text(name) for name in ("entity", "metric", "period", *_AMOUNTS))
        if action == "retract" and has_changes:
            remedy = "leave all between action and reason empty, or write correct"
            self.problem("action", "retract", "a retraction puts nothing in the place of the statement", remedy)
        if action == "correct" and not has_changes:
            remedy = "fill in value, period, entity, metric or unit, or write retract"
            self.problem("action", "correct", "the row says nothing that is to be corrected", remedy)

    def _known_company(self, entities: Entities) -> str | None:
        """Return a company of `entities.toml`, or a filer that is known from its filings alone."""
        if _FILER.fullmatch(self.cells["entity"]):
            return self.cells["entity"]
        return self._find_named_company(entities, "add the company to entities.toml, or write cik and ten digits")

    def _find_named_company(self, entities: Entities, remedy: str) -> str:
        """Return the company that a cell names by its id, CIK, LEI, ticker or name."""
        cell = self.required("entity")
        found = entities.named(cell, datetime.now(UTC).date()) if cell else []
        if len(found) > 1:
            self.problem("entity", "ambiguous", f"{cell!r} may be {', '.join(found)}", "give the id")
        if cell and not found:
            self.problem("entity", "unknown", f"{cell!r} is unknown", remedy)
        return found[0] if found else cell

    def _source(self, sources: dict[str, _SourceRow]) -> _SourceRow | None:
        return sources.get(self.one_of("source", set(sources), "add it to sources.csv"))

    def _fact(
        self, entities: Entities, source: _SourceRow | None, concept: str, kind: str, known_at: datetime | None
    ) -> Fact | None:
        before = len(self.problems)
        entity = self._find_named_company(entities, "add the company to entities.toml")
        period = self._period(entities, entity)
        value, low, high, decimals = self._amounts()
        span_start, span_end, quote = self._read_span()
        qualifier = self.one_of("qualifier", set(QUALIFIERS), f"use {', '.join(QUALIFIERS)}")
        unit = self.matching("unit", _UNIT, "use an ISO 4217 code, ratio, count or USD/shares")
        if code := miswritten_currency(unit or ""):
            self.problem("unit", "malformed", f"{unit!r} is in lower case", f"write {code}")
        if source is None or len(self.problems) > before:
            return None
        return Fact(
            entity=entity,
            concept=concept,
            metric=self.text("metric"),
            kind=kind,
            period_start=period.start if period else None,
            period_end=period.end if period else None,
            value=value,
            low=low,
            high=high,
            unit=unit or "",
            decimals=decimals,
            qualifier=qualifier,
            source_id=source.source,
            accession=source.accession,
            form=source.form,
            language=self.cells.get("language") or source.language,
            span_start=span_start,
            span_end=span_end,
            quote=quote,
            method="curated",
            confidence=1.0,
            known_at=known_at,
            retracts=None,
        )

    def _period(self, entities: Entities, entity: str) -> Period | None:
        """Return a label of the company's calendar, two days with a slash, or one day for an instant."""

        def parse(cell: str) -> Period:
            if "-" in cell:
                return _read_days(cell)
            known = entities.by_id.get(entity)
            if known and (known.is_weekly or known.calendar is None):
                raise PeriodError(f"{cell!r} says no days: the years of {entity} do not end with a month")
            return (known.calendar if known and known.calendar else _CALENDAR_YEAR).period(cell)

        return self.parsed("period", parse, "write 2024Q2, FY2024, 2024-04-01/2024-06-30, or one day for a balance")

    def _amounts(self) -> tuple[Decimal | None, Decimal | None, Decimal | None, int | None]:
        scale = self.parsed("scale", _whole_number, "write the power of ten, 9 for billions") or 0
        remedy = "write plain digits with a point, no separators; 8.5 with scale 9 for 8.5 billion"

        def read(cell: str) -> Printed:
            return parse_printed(cell, scale)

        printed = [self.parsed(column, read, remedy) for column in ("value", "low", "high")]
        value, low, high = (number.value if number else None for number in printed)
        if low is not None and high is not None and low > high:
            self.problem("low", "order", f"{low} is above high ({high})", "exchange the two")
        return value, low, high, max((number.decimals for number in printed if number), default=None)

    def _read_span(self) -> tuple[int | None, int | None, str | None]:
        if "span_start" not in self.cells:
            return None, None, self.text("quote")
        remedy = "write the offset in characters"
        start, end = (self.parsed(name, _whole_number, remedy) for name in ("span_start", "span_end"))
        quote = self.text("quote")
        if start is not None and (end is None or quote is None or end - start != len(quote)):
            message = f"the span [{start}, {end}) does not have the length of the quote"
            self.problem("span_end", "span", message, "count the quote's characters as Python str offsets")
        return start, end, quote


def _read_days(cell: str) -> Period:
    """Two days with a slash between them, or one day for an instant."""
    first, _, last = cell.rpartition("/")
    return Period(date.fromisoformat(first) if first else None, date.fromisoformat(last))


def entity_rows(entities: Entities, origin: str) -> dict[str, object]:
    """Companies as rows of `entity` and `entity_alias`."""
    known = entities.by_id.values()
    return {
        "entity": rows_table(
            "entity",
            (
                (
                    e.entity,
                    e.name,
                    e.cik,
                    e.currency,
                    e.calendar.end_month if e.calendar else None,
                    bool(e.calendar and e.calendar.named_by_start),
                    e.is_weekly,
                    origin,
                )
                for e in known
            ),
        ),
        "entity_alias": rows_table(
            "entity_alias", ((e.entity, a.kind, a.alias, a.valid_from, a.valid_to) for e in known for a in e.aliases)
        ),
    }


def _whole_number(cell: str) -> int:
    """Parse a whole number in plain digits; Python takes digits of every script, blanks and underscores."""
    if not _WHOLE.fullmatch(cell):
        raise ValueError(f"{cell!r} is no whole number")
    return int(cell)


_WHOLE: Final = re.compile(r"-?\d{1,9}", re.ASCII)


def moment(cell: str) -> datetime:
    """Return a moment, or the last second of a day: nothing counts as known before it was public."""
    if "T" not in cell:
        return day_end(date.fromisoformat(cell))
    stamp = datetime.fromisoformat(cell)
    if stamp.tzinfo is None:
        raise ValueError(f"{cell!r} has no time zone")
    return stamp.astimezone(UTC)
