"""Check what is stored: audits in SQL, late reports, and whether this version of the program wrote the warehouse."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tracker.errors import QueryError
from tracker.model.arrays import constant
from tracker.model.fact import schema_of
from tracker.model.metric import load_metrics
from tracker.pipeline.followed import find_followed_companies
from tracker.pipeline.project_tables import make_metric_part_rows
from tracker.warehouse.checks import (
    DEFINED,
    FRESHNESS,
    HELD,
    READ,
    STORED,
    WRITTEN,
    Check,
    Checked,
    Finding,
    chosen,
    load_checks,
    run_checks,
)
from tracker.warehouse.connection import limit_memory
from tracker.warehouse.derive import find_differences
from tracker.warehouse.quarantine import excuse, warn_of_held
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import Excerpt, is_as_written, moment_of, read_snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tracker.model.metric import Metrics
    from tracker.project import Project

__all__ = ["audit_companies", "check"]

#: How many megabytes the views may take that checks read; they are computed once, for all checks.
_MEMORY: Final = 600
_OUT_OF_MEMORY: Final = "Out of Memory"
_STORE_DEFINITIONS: Final = "run `tracker build`, or `tracker ingest` of anything: both store the definitions again"


def check(
    project: Project,
    names: Sequence[str] = (),
    now: datetime | None = None,
    as_of: str | None = None,
    *,
    is_all: bool = False,
) -> Checked:
    """Run the named checks (none: all, `freshness` included) on what is stored now, or was known as of a day.

    `derived` runs only when it is named: on a sample of companies, or on all with `is_all`. Freshness is judged at
    `now` (None: the end of `as_of`, else the clock) for the companies that the project follows.

    Raises:
        InputError: a check file cannot be read.
        NothingMatchedError: there is no check of that name.

    """
    checks = chosen(load_checks(project.checks), names)
    moment = now or (moment_of(as_of) if as_of else datetime.now(UTC))
    judged_at = moment if not names or FRESHNESS in names else None
    found = _run_in_little_memory(project, checks, as_of, judged_at) or _run_on_all(project, checks, as_of, judged_at)
    batches = warn_of_held(project.warehouse) if not names or HELD in names else ()
    catalog = _check_catalog(project.warehouse) if not names or WRITTEN in names else ()
    defined = _check_definitions(project) if not names or DEFINED in names else ()
    read = _check_readings(project.warehouse) if not names or READ in names else ()
    stored = _check_stored_figures(project.warehouse, is_all=is_all) if STORED in names else ()
    return Checked((*excuse(project.warehouse, found), *batches, *catalog, *defined, *read, *stored))


def _run_in_little_memory(
    project: Project, checks: Sequence[Check], as_of: str | None, judged_at: datetime | None
) -> tuple[Finding, ...]:
    """Run checks in little memory. There are no findings if it was too little: not everything can be put onto disk."""
    try:
        with limit_memory(_MEMORY):
            found = _run_on_all(project, checks, as_of, judged_at)
    except QueryError as error:
        if _OUT_OF_MEMORY in str(error):
            return ()
        raise
    return () if any(_OUT_OF_MEMORY in finding.message for finding in found) else found


def _run_on_all(
    project: Project, checks: Sequence[Check], as_of: str | None, judged_at: datetime | None
) -> tuple[Finding, ...]:
    with Warehouse(project.warehouse, as_of=as_of) as warehouse:
        return run_checks(warehouse, checks, judged_at, find_followed_companies(project))


def audit_companies(project: Project, companies: frozenset[str]) -> Checked:
    """Run the blocking audits on these companies (empty: on all)."""
    excerpt = Excerpt(read_snapshot(project.warehouse), sorted(companies), {}) if companies else None
    checks = [check for check in load_checks(project.checks) if check.severity == "blocking"]
    with Warehouse(project.warehouse, excerpt=excerpt) as warehouse:
        return Checked(excuse(project.warehouse, run_checks(warehouse, checks, None)))


def _check_readings(warehouse: Path) -> tuple[Finding, ...]:
    """Check, for each article, that the reader of this version has read it."""
    from tracker.pipeline.background import find_old_readings  # noqa: PLC0415 - loading the article reader takes a sixth of a second

    with Warehouse(warehouse) as stored:
        old = find_old_readings(stored)
    if not old:
        return (_make_pass(READ, "warning", "every article was read by the reader of this version"),)
    remedy = "ingest the file again: this replaces the facts that the other version read"
    return tuple(
        _make_warning(READ, f"{file or 'a text'} ({source}) was read by another version", remedy)
        for source, file in old
    )


#: How many companies a sample has.
_SAMPLE: Final = 5


def _check_stored_figures(warehouse: Path, *, is_all: bool) -> tuple[Finding, ...]:
    """Check that the stored figures are what follows from the facts by the definitions, company by company."""
    with Warehouse(warehouse) as stored:
        if not stored.is_derived:
            message = "no figures are stored for the newest facts; each question derives them"
            return (_make_warning(STORED, message, "run `tracker derive`"),)
        named = [entity for (entity,) in stored.sql("select entity from derivation order by hash(entity)").fetchall()]
        sample = named if is_all else named[:_SAMPLE]
        found = {entity: find_differences(stored, entity) for entity in sample}
    failed = tuple(
        Finding(
            STORED, "blocking", "failed", entity, f"{rows} rows of {view} are not what follows from the facts",
            "run `tracker derive --all`, and report this: it is an error of the program, or damage", None, None,
        )
        for entity, differing in sorted(found.items())
        for view, rows in differing.items()
    )  # fmt: skip
    message = f"the stored figures of {len(sample)} of {len(named)} companies are what follows from their facts"
    return failed or (_make_pass(STORED, "blocking", message),)


def _check_catalog(warehouse: Path) -> tuple[Finding, ...]:
    """Check that `warehouse.sql`, which plain DuckDB reads, gives the figures that this program computes."""
    if is_as_written(warehouse):
        return (_make_pass(WRITTEN, "warning", "warehouse.sql is what this version of the program writes"),)
    message = "this version of the program would write another warehouse.sql, so plain DuckDB may show other figures"
    remedy = "run `tracker build`, or `tracker ingest` of anything: both rewrite it"
    return (_make_warning(WRITTEN, message, remedy),)


def _check_definitions(project: Project) -> tuple[Finding, ...]:
    """Check, for each company, that its figures follow the definitions of this version and the project."""
    metrics = load_metrics(project.metrics)
    with Warehouse(project.warehouse) as stored:
        ((version,),) = stored.sql("select max(version) from metric").fetchall()
        if version == metrics.version:
            message = "the stored definitions are those of this version and the project"
            return (_make_pass(DEFINED, "blocking", message),)
        changed = _list_changed_definitions(stored, metrics)
    message = f"the stored definitions are {version}; those of this version and the project are {metrics.version}"
    return (*changed, _make_warning(DEFINED, message, _STORE_DEFINITIONS))


def _list_changed_definitions(stored: Warehouse, metrics: Metrics) -> list[Finding]:
    """List the derived metrics of companies whose stored parts are other than these definitions say."""
    parts = make_metric_part_rows(metrics)
    moment = schema_of("metric_part").field("recorded_at")
    drafted = parts.append_column(moment, constant(datetime.now(UTC), moment.type, parts.num_rows))
    with Warehouse(stored.path, excerpt=Excerpt(stored.snapshot, (), {"metric_part": drafted})) as intended:
        new, old = (_read_definitions(state) for state in (intended, stored))
    return [
        Finding(
            DEFINED, "blocking", "failed", entity, f"{metric} is shown as {was}, and defined as {new[entity, metric]}",
            _STORE_DEFINITIONS, None, None,
        )
        for (entity, metric), was in sorted(old.items())
        if new.get((entity, metric), was) != was
    ]  # fmt: skip


def _read_definitions(state: Warehouse) -> dict[tuple[str, str], str]:
    """Read the parts of each derived metric of each company: `capex_ppe + finance_lease_principal`."""
    rows = state.sql("select entity, metric, weight, part from metric_definition order by entity, metric, part_no")
    terms: dict[tuple[str, str], list[str]] = {}
    for entity, metric, weight, part in rows.fetchall():
        terms.setdefault((entity, metric), []).append(f"{'+' if weight == 1 else '-'} {part}")
    return {key: " ".join(signed).removeprefix("+ ") for key, signed in terms.items()}


def _make_pass(name: str, severity: str, message: str) -> Finding:
    return Finding(name, severity, "pass", None, message, "", None, None)


def _make_warning(name: str, message: str, remedy: str) -> Finding:
    return Finding(name, "warning", "warn", None, message, remedy, None, None)
