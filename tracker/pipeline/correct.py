"""Correct or retract one statement: add a row to `corrections.csv`, then apply it.

The row is the correction: people review and version it with the other tables, and removing it undoes the correction.
The command turns what a person writes (the label of a period, an amount) into cells that explain themselves.
"""

from __future__ import annotations

import csv
import getpass
import io
import shutil
import subprocess
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import InputError, NothingMatchedError, PeriodError, Problem, UsageError
from tracker.explain.company_statements import find_fact
from tracker.explain.text import describe_statement, shorten_id
from tracker.model.company_names import nearest
from tracker.model.period import FiscalCalendar, Period
from tracker.model.quantity import EXACT, amount_text, parse_printed, unit_of
from tracker.pipeline.ingest import ingest
from tracker.sources.seed import CORRECTIONS, SHAPES, correction_row, known_entities, read_corrections
from tracker.warehouse.corrections import AMOUNTS, make_corrected_fact
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tracker.project import Project

    _Row = Mapping[str, Any]

__all__ = ["Replacement", "Why", "append_row", "correct", "find_author", "format_today", "retract"]

_HEADER: Final = (
    *("fact", "source", "span_start", "span_end", "quote", "was", "action", "entity", "metric", "period"),
    *("value", "low", "high", "scale", "unit", "qualifier", "reason", "by", "date"),
)
_ENDS: Final = ("low", "high")
_LISTED: Final = '`tracker sql "select metric, label from metric"` lists them'


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """The values that replace those of a statement, as a person writes them; None leaves a value as it is.

    Amounts are plain digits, in whole units or (with `scale`, a power of ten) as printed. `period` is a label of the
    company's own calendar, two days with a slash, or one day.
    """

    value: str | None = None
    low: str | None = None
    high: str | None = None
    scale: int | None = None
    qualifier: str | None = None
    period: str | None = None
    entity: str | None = None
    metric: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """The reason for a correction, and its author (None: git's user name, else the name of the log-in)."""

    reason: str
    by: str | None = None


def correct(project: Project, fact: str, change: Replacement, why: Why, say: Callable[[str], None]) -> str:
    """Replace values of a statement, and return its whole id. An error leaves the table unchanged.

    Raises:
        UsageError: a value is invalid, or the statement says so already.
        NothingMatchedError: there is no such statement.
        InputError: `corrections.csv` cannot be read.

    """
    if all(getattr(change, field.name) is None for field in fields(change)):
        raise UsageError(
            "there is nothing to correct; give --value, --low, --high, --period, --entity, --metric or --unit"
        )
    with Warehouse(project.warehouse) as stored:
        row = _find_statement(stored, project, fact)
        cells = _make_changed_cells(stored, row, change)
    return _write_correction(project, row, {**cells, "action": "correct"}, why, say)


def retract(project: Project, fact: str, why: Why, say: Callable[[str], None]) -> str:
    """Withdraw a statement and put nothing in its place; return and raise as `correct` does."""
    with Warehouse(project.warehouse) as stored:
        row = _find_statement(stored, project, fact)
    return _write_correction(project, row, {"action": "retract"}, why, say)


# -- the statement -----------------------------------------------------------------------------------

_STATEMENT: Final = """
    select f.* exclude (known_at), coalesce(f.known_at, f.recorded_at) as known_at,
        exists (
            select 1 from fact g where g.retracts = f.fact_id and g.recorded_at >= f.recorded_at
        ) as is_withdrawn
    from fact f
    where f.retracts is null and f.fact_id = unhex($id)
    order by f.recorded_at desc
    limit 1
"""


def _find_statement(stored: Warehouse, project: Project, fact: str) -> _Row:
    """Find the statement of an id, or of the beginning of one; raise an error if it cannot be corrected."""
    found, _ = find_fact(stored, fact)
    (row,) = stored.records(_STATEMENT, {"id": found})
    effects = stored.records("select correction, target, corrected from correction_effect where target is not null")
    lines = {one.fact_id: one.line for one in _read_table(project)}
    for effect in effects:
        if effect["correction"] not in lines:  # the row was removed, which the next ingestion applies
            continue
        where = f"change or remove its row, {CORRECTIONS}:{lines[effect['correction']]}"
        if row["fact_id"] == effect["corrected"]:
            raise UsageError(f"fact {shorten_id(row['fact_id'])} is a correction itself; {where}")
        if row["fact_id"] in (effect["target"], effect["correction"]):
            raise UsageError(f"fact {shorten_id(row['fact_id'])} is corrected already; {where}")
    if row["is_withdrawn"]:
        remedy = "`tracker explain COMPANY METRIC PERIOD` shows what stands"
        raise NothingMatchedError(f"fact {shorten_id(row['fact_id'])} was withdrawn; {remedy}")
    return row


def _read_table(project: Project) -> list[Any]:
    """Read the rows of the table; InputError if it cannot be read, because another row would not help."""
    found, wrong = read_corrections(project.seeds / CORRECTIONS, known_entities(project.seeds))
    if wrong:
        raise InputError(wrong)
    return found


# -- the replaced values -----------------------------------------------------------------------------


def _make_changed_cells(stored: Warehouse, row: _Row, change: Replacement) -> dict[str, str]:
    """Make the cells of the values that are replaced."""
    entity = stored.entity_of(change.entity) if change.entity else None
    company = entity or stored.ids_of([row["entity"]])[row["entity"]]
    period = _find_period(stored, row, company, change.period) if change.period else None
    days = (f"{period.start}/" if period.start else "") + str(period.end) if period else ""
    metric = _check_metric(stored, row, change.metric) if change.metric else None
    found = {"entity": entity, "period": days, "metric": metric, "unit": change.unit, **_make_amount_cells(row, change)}
    return {name: cell for name, cell in found.items() if cell}


def _check_metric(stored: Warehouse, row: _Row, metric: str) -> str:
    """Return the metric; UsageError if it is unknown, or if the statement is from a filing."""
    if not str(row["concept"]).startswith(("stated:", "guided:")):
        raise UsageError(f"{row['concept']} is the filing's own concept; leave out --metric, or retract the statement")
    known = stored.sql("select metric from metric union select metric from fact where metric is not null").fetchall()
    names = sorted(name for (name,) in known)
    if metric not in names:
        raise UsageError(f"no metric {metric!r}; {nearest(metric, names, _LISTED)}")
    return metric


def _find_period(stored: Warehouse, row: _Row, entity: str, label: str) -> Period:
    """Find the days of a label in the company's calendar: as its statements use it, else by its fiscal year end."""
    try:
        if "-" in label:
            first, _, last = label.rpartition("/")
            return Period(datetime.fromisoformat(first).date() if first else None, datetime.fromisoformat(last).date())
        start, end = _find_days(stored, entity, label)
    except ValueError as error:
        raise UsageError(f"{error}; write 2024Q2, FY2024, 2024-04-01/2024-06-30, or one day for a balance") from error
    is_instant = row["period_start"] is None and row["period_end"] is not None
    return Period(None if is_instant else start, end)


def _find_days(stored: Warehouse, entity: str, label: str) -> tuple[Any, Any]:
    days = stored.sql(
        """select period_start, period_end from statement
           where entity = $entity and fiscal_period = $label and period_start is not null
           group by all order by count(*) desc, period_end limit 1""",
        {"entity": entity, "label": label},
    ).fetchall()
    if days:
        return days[0][0], days[0][1]
    ((month, by_start, is_weekly),) = stored.sql(
        "select fiscal_year_end_month, is_named_by_start, is_weekly from entity where entity = $entity",
        {"entity": entity},
    ).fetchall() or [(None, False, False)]
    if month is None or is_weekly:
        raise PeriodError(f"the days of {label!r} are not known for {entity}")
    period = FiscalCalendar(month, bool(by_start)).period(label)
    return period.start, period.end


def _make_amount_cells(row: _Row, change: Replacement) -> dict[str, str]:
    """Make the cells of all amounts as printed, with scale and qualifier, because they are replaced together."""
    texts = {name: text for name in ("value", *_ENDS) if (text := getattr(change, name)) is not None}
    if not texts and change.qualifier is None:
        if change.scale is not None:
            raise UsageError("--scale needs an amount; give --value, or --low and --high")
        return {}
    qualifier = change.qualifier or _choose_qualifier(row, texts)
    new = {name: _parse_amount(row, name, text, change.scale) for name, text in texts.items()}
    kept = {name: row[name] for name in SHAPES.get(qualifier, frozenset({"value"})) if row[name] is not None}
    amounts = {**kept, **new}
    decimals = _count_decimals(row, change, texts)
    scale = 0 if decimals >= 0 else -(decimals // 3) * 3
    printed = {name: _print_amount(value, decimals, scale) for name, value in amounts.items()}
    return {**printed, "qualifier": qualifier, **({"scale": str(scale)} if printed and scale else {})}


def _choose_qualifier(row: _Row, given: Mapping[str, str]) -> str:
    """Choose the statement's own qualifier if it fits the given amounts, else exact or range."""
    old, usual = str(row["qualifier"]), "exact" if set(given) == {"value"} else "range"
    return old if not given or SHAPES.get(old, {"value"}) == SHAPES.get(usual, {"value"}) else usual


def _parse_amount(row: _Row, name: str, text: str, scale: int | None) -> Decimal:
    """Parse an amount in whole units; UsageError if it has more digits than the statement prints."""
    try:
        value = parse_printed(text.strip(), scale or 0).value
    except ValueError as error:
        raise UsageError(
            f"--{name}: {error}; write plain digits with a point, --{name} 8.5 --scale 9 for 8.5 billion"
        ) from error
    if scale is None and row["decimals"] is not None and value % unit_of(row["decimals"]):
        last = amount_text(unit_of(row["decimals"]))
        raise UsageError(
            f"--{name}: {text} has more digits than the statement prints (its last digit counts {last}); "
            f"give it as printed: --{name} 8.75 --scale 9 is 8.75 billion"
        )
    return value


def _count_decimals(row: _Row, change: Replacement, given: Mapping[str, str]) -> int:
    """Count the reliable decimals: those of the given amounts if a scale is given, else the statement's."""
    if given and change.scale is not None:
        return max(parse_printed(text.strip(), change.scale).decimals for text in given.values())
    if row["decimals"] is not None:
        return int(row["decimals"])
    return max((parse_printed(text.strip()).decimals for text in given.values()), default=0)


def _print_amount(value: Decimal, decimals: int, scale: int) -> str:
    """Print an amount for a cell, so that its last digit is the last reliable one."""
    places = max(0, decimals + scale)
    return f"{EXACT.quantize(EXACT.scaleb(value, -scale), Decimal((0, (1,), -places))):f}"


# -- the table ---------------------------------------------------------------------------------------


def _write_correction(
    project: Project, row: _Row, changes: Mapping[str, str], why: Why, say: Callable[[str], None]
) -> str:
    """Add the row of a correction, apply it, and return the id of the statement."""
    if not why.reason.strip():
        raise UsageError("a correction needs a reason: --reason 'the table of the release says 8.7'")
    path = project.seeds / CORRECTIONS
    _read_table(project)
    cells = {
        **_make_place_cells(row),
        **changes,
        "reason": why.reason.strip(),
        "by": why.by or find_author(project),
        "date": format_today(),
    }
    _check_correction(path, row, cells, known_entities(project.seeds))
    line = append_row(path, cells, _HEADER)
    say(f"{path.name}:{line}: written to {path.parent}; remove the row to undo it")
    ingest(project, [], say=say)
    return str(row["fact_id"].hex())


def _make_place_cells(row: _Row) -> dict[str, str]:
    """Make the cells that identify the statement."""
    found = {name: row[name] for name in ("span_start", "span_end", "quote")} if row["span_start"] is not None else {}
    was = describe_statement(row).partition(f", fact {shorten_id(row['fact_id'])}")[0]
    named = {"fact": row["fact_id"].hex(), "source": row["source_id"], "was": f"{row['entity']}: {was}", **found}
    return {name: "" if cell is None else str(cell) for name, cell in named.items()}


def find_author(project: Project) -> str:
    """Find who makes a correction: git's user name in this folder, else the name of the log-in."""
    git = shutil.which("git")
    name = (
        git
        and subprocess.run(  # noqa: S603 - a program of the user's own, with fixed arguments
            [git, "-C", str(project.root), "config", "user.name"], capture_output=True, text=True, check=False
        ).stdout.strip()
    )
    return name or getpass.getuser()


def format_today() -> str:
    """Return the day of today (UTC) as a row has it."""
    return datetime.now(UTC).date().isoformat()


def _check_correction(path: Path, row: _Row, cells: Mapping[str, str], entities: Any) -> None:
    """Raise UsageError if the row could not be read, or says what the statement says already."""
    found, wrong = correction_row(path, cells, entities)
    if wrong or found is None:
        raise UsageError("\n".join(_problem_to_option(problem) for problem in wrong))
    replacement = make_corrected_fact({**row, "is_standing": True}, found)
    same = all(
        getattr(replacement, name) == row[name]
        for name in ("entity", "concept", "metric", "unit", "period_start", "period_end", *AMOUNTS)
    )
    if found["action"] == "correct" and same:
        raise UsageError("the statement says so already; there is nothing to correct")


def _problem_to_option(problem: Problem) -> str:
    """Return a problem of a column as one of the option of that name."""
    return f"--{problem.column}: {problem.message}; {problem.remedy}"


def append_row(path: Path, cells: Mapping[str, str], columns: Sequence[str]) -> int:
    """Add a row to a table, and return its line number; make the table with these columns if there is none.

    The row is one write at the end of the file, so that rows of several processes do not mix.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.is_file() else b""
    end = "\r\n" if b"\r\n" in before.partition(b"\n")[0] + b"\n" else "\n"
    text = before.decode("utf-8-sig")
    header = next(csv.reader(io.StringIO(text, newline="")), None) or list(columns)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator=end)
    if not text.strip():
        writer.writerow(header)
    writer.writerow([cells.get(name, "") for name in header])
    gap = end if text.strip() and not text.endswith(("\n", "\r")) else ""
    with path.open("ab") as file:
        file.write(f"{gap}{buffer.getvalue()}".encode())
    return len(path.read_bytes().decode("utf-8-sig").splitlines()) - buffer.getvalue().rstrip().count("\n") * (
        1 if text.strip() else 0
    )
