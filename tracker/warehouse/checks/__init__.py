"""Audits: SQL queries that must return no row, and whether the next reports are in.

A check is a file with one SELECT under a header. The header says what is true when the query finds nothing, how
serious a row is, what to say about it and what to do. The built-in checks lie beside this file. A project keeps its own
in its `checks/` folder, and one with the name of a built-in check replaces it. `freshness` is not a file: it compares
the view of that name with a moment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import takewhile
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import CheckError, InputError, NothingMatchedError, Problem, QueryError
from tracker.files.toml_file import read_toml
from tracker.warehouse.connection import list_tables
from tracker.warehouse.sandbox import answer_confined, parse_select
from tracker.warehouse.view_files import views

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tracker.warehouse.reader import Warehouse

__all__ = [
    "DEFINED",
    "FAILING",
    "FRESHNESS",
    "HELD",
    "READ",
    "SEVERITIES",
    "STATES",
    "STORED",
    "WRITTEN",
    "Check",
    "Finding",
    "chosen",
    "companies_of_reports",
    "judge_freshness",
    "load_checks",
    "run_checks",
]

#: The severity of a row of a check, and the state of its finding.
SEVERITIES: Final = {"blocking": "failed", "warning": "warn", "info": "info"}
#: The states of findings, worst first.
STATES: Final = ("failed", "stale", "warn", "info", "unknown", "released", "pass")
#: The states that stop a build, a scheduled run or a report.
FAILING: Final = frozenset({"failed", "stale"})
#: The name of the check that compares `freshness` with a moment.
FRESHNESS: Final = "freshness"
#: The name of the check that reports held batches.
HELD: Final = "held"
#: The name of the check that compares `warehouse.sql` with what this version of the program writes.
WRITTEN: Final = "warehouse_sql"
#: The name of the check that compares the stored definitions with those of this version and the project.
DEFINED: Final = "definitions"
#: The name of the check that compares stored figures with the definitions.
STORED: Final = "derived"
#: The name of the check that finds articles which another version of the program has read.
READ: Final = "article_reader"

_HEADER: Final = re.compile(r"-- (?P<key>[a-z][a-z_-]*):(?: (?P<text>.*))?")
_FIELDS: Final = ("severity", "message", "remedy")
_DUE: Final = """
    select entity, name, next_fiscal_period, next_period_end, expected_date, stale_date, last_fiscal_period, reason
    from freshness
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One file of a check: its name, what is true if it finds nothing, and the SELECT that finds what is wrong.

    A check of the project's own (`is_own`) runs confined: it can read the views and nothing else.
    """

    name: str
    summary: str
    severity: str
    message: str
    remedy: str
    body: str
    path: str
    is_own: bool = False

    @property
    def is_light(self) -> bool:
        """Return whether the check reads only stored statements, and no figures derived from them."""
        read = list_tables(self.body)
        return read is not None and read.isdisjoint(_views_of_figures())


@cache
def _views_of_figures() -> frozenset[str]:
    """Return the names of all views except `fact_known`, and the names of their twins and histories."""
    names = [view.name for view in views() if view.name != "fact_known"]
    return frozenset(f"{name}{end}" for name in names for end in ("", "_as_of", "_history"))


@dataclass(frozen=True, slots=True)
class Finding:
    """A result of a check: one row that it found, the state of one company's next report, or that all is well.

    `state` is pass, info, warn, failed (an audit that blocks), stale, unknown (no date can be expected) or released
    (failed, and let through by a person). `since` is the first day on which the report was late, and `expected` the day
    on which it was due. `entity` is None if the finding is about no company in particular.
    """

    check: str
    severity: str
    state: str
    entity: str | None
    message: str
    remedy: str
    since: date | None
    expected: date | None

    @property
    def key(self) -> tuple[str, str | None, str]:
        """Return the key that identifies the finding in every state of the warehouse."""
        return self.check, self.entity, self.message


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings of checks; `failures` are those that stop a build or a scheduled run."""

    findings: tuple[Finding, ...]

    @property
    def failures(self) -> tuple[Finding, ...]:
        """Return the findings of failed audits and of missing reports."""
        return tuple(finding for finding in self.findings if finding.state in FAILING)

    @property
    def summary(self) -> str:
        """Return the failures in one line: which checks failed for which companies."""
        found = sorted({f"{f.check} {f.state}" + (f" ({f.entity})" if f.entity else "") for f in self.failures})
        return ", ".join(found)

    @property
    def exit_code(self) -> int:
        """Return 3 if a check failed or data is stale, else 0."""
        return CheckError.exit_code if self.failures else 0


# -- reading checks ----------------------------------------------------------------------------------


def load_checks(folder: Path | None = None) -> tuple[Check, ...]:
    """Load the built-in checks and those of a folder, by name; InputError says what is wrong with a file."""
    own = sorted(folder.glob("*.sql")) if folder is not None and folder.is_dir() else []
    built_in = [path for path in files("tracker.warehouse.checks").iterdir() if path.name.endswith(".sql")]
    found: dict[str, Check] = {}
    problems: list[Problem] = []
    for path in [*built_in, *own]:
        text = path.read_bytes().decode("utf-8", "replace")
        parsed = _parse_check(str(path), path.name.removesuffix(".sql"), text)
        if isinstance(parsed, Check):
            found[parsed.name] = replace(parsed, is_own=path in own)
        else:
            problems += parsed
    if problems:
        raise InputError(problems)
    return tuple(found[name] for name in sorted(found))


def chosen(checks: Sequence[Check], names: Collection[str]) -> tuple[Check, ...]:
    """Return the checks of these names (none: all); NothingMatchedError if there is no check of a name."""
    known = [*(check.name for check in checks), FRESHNESS, HELD, WRITTEN, DEFINED, READ, STORED]
    unknown = sorted(set(names) - set(known))
    if unknown:
        there = ", ".join(known)
        raise NothingMatchedError(f"no check named {', '.join(unknown)}; there are {there}")
    return tuple(check for check in checks if not names or check.name in names)


def _parse_check(path: str, stem: str, text: str) -> Check | list[Problem]:
    lines = text.splitlines()
    header = list(takewhile(lambda line: line.startswith("--"), lines))
    body = "\n".join(lines[len(header) :]).strip().removesuffix(";")
    keyed = [(number, match["key"], match["text"] or "") for number, match in _keyed(header)]
    said = {key: text for _, key, text in keyed}
    problems = [_make_problem(path, *wrong) for wrong in _find_header_faults(stem, keyed, said, body)]
    if problems:
        return problems
    return Check(stem, said[stem], said["severity"], said["message"], said["remedy"], body, path)


def _keyed(header: Sequence[str]) -> Iterator[tuple[int, re.Match[str]]]:
    return ((number, match) for number, line in enumerate(header, 1) if (match := _HEADER.fullmatch(line)))


def _find_header_faults(
    stem: str, keyed: Sequence[tuple[int, str, str]], said: Mapping[str, str], body: str
) -> Iterator[tuple[int | None, str, str, str]]:
    """Find what is wrong with a header: yield line, key, what is missing or not allowed, and what to do."""
    if not said.get(stem):
        yield 1, "name", "does not begin with its name", f"begin with `-- {stem}: what holds where it finds nothing`"
    for field in _FIELDS:
        if not said.get(field):
            yield None, field, f"has no {field}", f"add a line `-- {field}: ...`"
    for number, key, text in keyed:
        if key not in {stem, *_FIELDS}:
            yield number, key, "is no key of a check", f"use {', '.join(_FIELDS)}, or begin a remark with a capital"
        if key == "severity" and text and text not in SEVERITIES:
            yield number, key, f"{text!r} is no severity", f"use {', '.join(SEVERITIES)}"
    if not re.match(r"(select|with)\b", body, re.IGNORECASE):
        yield None, "select", "has no SELECT under its header", "write one SELECT whose rows are what is wrong"


def _make_problem(path: str, line: int | None, field: str, message: str, remedy: str) -> Problem:
    return Problem(path, line, field, "check", message, remedy)


# -- running them ------------------------------------------------------------------------------------


def run_checks(
    warehouse: Warehouse, checks: Iterable[Check], now: datetime | None, followed: Collection[str] | None = None
) -> tuple[Finding, ...]:
    """Run checks and return their findings; a check that finds nothing has one finding, `pass`.

    With a moment, the next reports of the `followed` companies (None: all) are judged at it, too. Views that checks
    read are computed once for all of them.
    """
    wanted = tuple(checks)
    warehouse.materialize()
    found = [finding for check in wanted for finding in _run_check(warehouse, check)]
    return tuple(found + (judge_freshness(warehouse, now, followed) if now is not None else []))


def _run_check(warehouse: Warehouse, check: Check) -> list[Finding]:
    """Run one check: return a finding for each row. A check that cannot be run counts as failed."""
    try:
        rows = _find_rows(warehouse, check)
        return [_finding(check, row) for row in rows] or [_passed(check)]
    except QueryError as error:
        message = f"cannot be run: {str(error).splitlines()[0]}"
    except KeyError as missing:
        message = f"cannot be run: it has no column {missing}, which its header speaks of"
    return [Finding(check.name, "blocking", "failed", None, message, f"mend {check.path}", None, None)]


def _find_rows(warehouse: Warehouse, check: Check) -> list[dict[str, Any]]:
    """Return the rows a check finds, in one order."""
    in_order = f"select * from (\n{check.body}\n) order by all"
    if not check.is_own:
        return warehouse.records(in_order)
    parse_select(warehouse, check.body)  # whole in itself, so that it cannot end the brackets around it
    return answer_confined(warehouse, in_order).records()


def _finding(check: Check, row: Mapping[str, Any]) -> Finding:
    """Make the finding of a row; a column `severity` lowers the severity of the header for this row."""
    severity = row.get("severity", check.severity)
    message, remedy = (_fill_template(text, row) for text in (check.message, check.remedy))
    return Finding(check.name, severity, SEVERITIES[severity], row["entity"], message, remedy, None, None)


def _passed(check: Check) -> Finding:
    return Finding(check.name, check.severity, "pass", None, check.summary, "", None, None)


def _fill_template(template: str, row: Mapping[str, Any]) -> str:
    """Return the template with columns in place of `{names}`: `{concept} is {value}`."""
    return "".join(
        text + (_format_cell_text(row[name]) if name else "") for text, name, _, _ in Formatter().parse(template)
    )


def _format_cell_text(value: object) -> str:
    """Format a cell for people: amounts with separators and no idle zeros, moments as days, nothing as `none`."""
    if isinstance(value, Decimal):
        return f"{value:,f}".rstrip("0").rstrip(".") if value != value.to_integral_value() else f"{value:,.0f}"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d}"
    if isinstance(value, bytes):
        return value.hex()
    return "none" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


# -- freshness ---------------------------------------------------------------------------------------


def judge_freshness(warehouse: Warehouse, now: datetime, followed: Collection[str] | None) -> list[Finding]:
    """Return one finding for each followed company: pass, warn, stale or unknown, in their order by name."""
    rows = warehouse.records(f"{_DUE} order by entity")
    there = {row["entity"] for row in rows}
    strangers = [_make_unknown(name, "no company of this id is known") for name in sorted(set(followed or ()) - there)]
    today = now.astimezone(UTC).date()
    return [_judge_freshness(row, today) for row in rows if followed is None or row["entity"] in followed] + strangers


def _judge_freshness(row: Mapping[str, Any], today: date) -> Finding:
    """Return the state of one company's next report on a day."""
    entity, expected, stale = row["entity"], row["expected_date"], row["stale_date"]
    if expected is None:
        return _make_unknown(entity, row["reason"])
    report = f"the report on {row['next_fiscal_period']} (to {row['next_period_end']})"
    state = "stale" if today > stale else "warn" if today > expected else "pass"
    message = {
        "pass": f"{report} is expected on {expected}",
        "warn": f"{report} was expected on {expected}, and counts as missing after {stale}",
        "stale": f"{report} was expected on {expected} and is not here; the last is of {row['last_fiscal_period']}",
    }[state]
    severity = {"pass": "info", "warn": "warning", "stale": "blocking"}[state]
    since = {"pass": None, "warn": expected, "stale": stale}[state]
    remedy = "" if state == "pass" else f"fetch or ingest the filings of {row['name'] or entity}"
    return Finding(FRESHNESS, severity, state, entity, message, remedy, since, expected)


def _make_unknown(entity: str, reason: str) -> Finding:
    return Finding(FRESHNESS, "info", "unknown", entity, reason, "ingest its filings, to know its calendar", None, None)


def companies_of_reports(folder: Path) -> dict[str, frozenset[str]]:
    """Return the companies of each report in a folder, by its name; none if it is about all or cannot be read."""
    return {path.stem: _companies_in(path) for path in folder.glob("*.toml")}


def _companies_in(path: Path) -> frozenset[str]:
    """Return the companies that a definition names; errors in it are left to the command that draws the report."""
    try:
        _, definition = read_toml(path)
    except InputError:
        return frozenset()
    several = definition.get("entities", ())
    named = (definition.get("entity"), *(several if isinstance(several, list) else ()))
    return frozenset(name for name in named if isinstance(name, str))
