"""Audit each batch before it becomes current, and hold it if a blocking check fails.

A held batch is a folder `warehouse/held/<id>/`: its rows as Parquet, and its findings in `held.json`. It is written
under a hidden name and then renamed, under the writers' lock. So a process that dies leaves the whole batch or none of
it. The same batch always has the same id. `release` commits a held batch as it is, and adds its findings to
`held/released.jsonl` with the reason. From then on they block no later batch and no report.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
import uuid
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tracker.errors import DamageError, NothingMatchedError, Problem, UsageError, describe_system_error
from tracker.files.disk import sync
from tracker.files.hash_chain import add_lines, is_sealed, seal
from tracker.model.arrays import array_of
from tracker.model.batch import Batch
from tracker.model.schema import DERIVED, TABLES
from tracker.warehouse.checks import HELD, Finding, run_checks
from tracker.warehouse.delta_log import confine
from tracker.warehouse.reader import MovingWarehouse, Warehouse
from tracker.warehouse.snapshot import Excerpt
from tracker.warehouse.writer import Committed, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from tracker.warehouse.checks import Check
    from tracker.warehouse.writer import Draft

__all__ = ["Gate", "HeldBatch", "drop", "excuse", "find_held", "list_held", "release", "remove_passed", "warn_of_held"]

#: Batches with more new facts than this skip the checks that read figures. A company's history has 30,000 facts.
MOST_FIGURES: Final = 50_000
_FOLDER: Final = "held"
_RECORD: Final = "held.json"
_RELEASED: Final = "released.jsonl"
_BATCH: Final = re.compile(r"[0-9a-f]{16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class HeldBatch:
    """A held batch: when and why it is held, and what is in it. `findings` are as `tracker check` prints them."""

    batch: str
    held_at: str
    origin: str | None
    facts: int
    entities: tuple[str, ...]
    sources: tuple[str, ...]
    findings: tuple[dict[str, Any], ...]


# -- before a batch becomes current ------------------------------------------------------------------


class Gate:
    """Audits each batch on top of the state before it, and holds it if a blocking check finds something new.

    It keeps a connection from batch to batch. Use it in a `with` block, which closes the connection.
    """

    def __init__(self, checks: Iterable[Check]) -> None:
        self.blocking = [check for check in checks if check.severity == "blocking"]
        self._after: MovingWarehouse | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._after:
            self._after.close()

    def __call__(self, now: Warehouse, draft: Draft) -> bool:
        """Audit a batch, and return whether it is held; if so, it is in `held/` by then."""
        found = self.audit(now, draft) if draft.rows["fact"].num_rows else []
        if found:
            _hold_batch(now, draft, found)
        else:
            _remove_superseded(now.path, draft)
        return bool(found)

    def audit(self, now: Warehouse, draft: Draft) -> list[Finding]:
        """Return the findings that block with the batch and not without it, for the batch's companies only."""
        facts = draft.rows["fact"]
        checks = [check for check in self.blocking if check.is_light or facts.num_rows <= MOST_FIGURES]
        state = _add_batch(now, draft)
        found = _list_failed(run_checks(self._open_state(now.path, state), checks, None))
        if not found or not state.entities:
            return found
        with now.for_companies(state.entities) as before:
            again = [check for check in checks if check.name in {finding.check for finding in found}]
            known = {finding.key for finding in _list_failed(run_checks(before, again, None))}
        return [finding for finding in found if finding.key not in known]

    def _open_state(self, path: Path, excerpt: Excerpt) -> MovingWarehouse:
        if self._after is None:
            self._after = MovingWarehouse(path, excerpt=excerpt)
        else:
            self._after.replace_excerpt(excerpt)
        return self._after


def _add_batch(now: Warehouse, draft: Draft) -> Excerpt:
    """Return the state after the batch: the stored statements of its companies, and its own rows."""
    facts = draft.rows["fact"]
    is_filed = set(_list_distinct(facts, "method")) <= {"reported"}
    is_standing = is_filed and not draft.known and facts.column("retracts").null_count == facts.num_rows
    companies = _list_distinct(facts, "entity")
    entities = draft.known if is_filed else companies
    return Excerpt(now.snapshot, entities, _keep_figures_of(now, draft.rows, companies), is_standing)


def _keep_figures_of(now: Warehouse, rows: Mapping[str, pa.Table], companies: Sequence[str]) -> Mapping[str, pa.Table]:
    """Return the rows of a batch without the figures of companies that it has no facts of.

    A batch may define a metric anew, and so change the figures of all companies. It is not held for those.
    """
    if DERIVED not in rows:
        return rows
    wanted = sorted({*companies, *_find_current_ids(now, companies)})
    figures = rows[DERIVED]
    return {**rows, DERIVED: figures.filter(pc.is_in(figures.column("entity"), array_of(wanted, pa.string())))}


def _list_failed(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.state == "failed"]


def _list_distinct(facts: pa.Table, column: str) -> tuple[str, ...]:
    return tuple(sorted(value for value in facts.column(column).unique().to_pylist() if value is not None))


def _hold_batch(now: Warehouse, draft: Draft, found: Sequence[Finding]) -> None:
    """Write a batch to `held/`, whole or not at all; leave it alone if it is there already."""
    folder = now.path / _FOLDER
    folder.mkdir(exist_ok=True)
    if (folder / draft.batch_id).is_dir():
        return
    aside = folder / f".{uuid.uuid4().hex}"
    aside.mkdir()
    batch = draft.batch
    for table, rows in {**batch.rows, "fact": batch.facts}.items():
        pq.write_table(rows, aside / f"{table}.parquet", compression="zstd", write_page_checksum=True)
    record = HeldBatch(
        batch=draft.batch_id,
        held_at=datetime.now(UTC).isoformat(timespec="seconds"),
        origin=batch.origin,
        facts=draft.rows["fact"].num_rows,
        entities=_find_current_ids(now, _list_distinct(draft.rows["fact"], "entity")),
        sources=_list_distinct(draft.rows["fact"], "source_id")[:20],
        findings=tuple(_finding_to_json(finding) for finding in found),
    )
    problems = [problem._asdict() for problem in batch.problems]
    sums = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(aside.iterdir())}
    content = {**asdict(record), "problems": problems, "sums": sums}
    (aside / _RECORD).write_bytes(seal(json.dumps(content, ensure_ascii=False).encode()))
    for file in aside.iterdir():
        sync(file)
    sync(aside)
    aside.replace(folder / draft.batch_id)
    sync(folder)


def _find_current_ids(now: Warehouse, stored: Sequence[str]) -> tuple[str, ...]:
    """Return the ids in force of companies, from the ids that they are stored under."""
    ids = _read_ids_in_force(now)
    return tuple(sorted({ids.get(name, name) for name in stored}))


def _read_ids_in_force(now: Warehouse) -> dict[str, str]:
    return dict(now.rows("select stored_as, entity from entity_id where not is_withdrawn and entity is not null"))


def _finding_to_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON has it, without the two days that only freshness has."""
    return {key: value for key, value in asdict(finding).items() if key not in {"since", "expected"}}


# -- reading and deciding on held batches -----------------------------------------------------------------


def list_held(warehouse: Path) -> tuple[HeldBatch, ...]:
    """List the held batches, oldest first."""
    found = []
    for path in (warehouse / _FOLDER).glob(f"[!.]*/{_RECORD}"):
        with contextlib.suppress(FileNotFoundError):  # another process has released or dropped it meanwhile
            found.append(_read_record(path)[0])
    return tuple(sorted(found, key=lambda one: (one.held_at, one.batch)))


def _read_record(path: Path) -> tuple[HeldBatch, tuple[Problem, ...]]:
    """Read a `held.json`; DamageError if this program did not write it for the batch of that folder."""
    try:
        text = confine(path.parents[2], path.relative_to(path.parents[2]).as_posix()).read_bytes()
        record = _parse_record(text)
        problems = tuple(Problem(**problem) for problem in record.pop("problems"))
        lists = {key: tuple(record[key]) for key in ("entities", "sources", "findings")}
        one = HeldBatch(**{**record, **lists})
    except (ValueError, TypeError, KeyError, AttributeError):
        raise DamageError(f"{path} is damaged; remove its folder and ingest the batch again") from None
    if one.batch != path.parent.name or not _BATCH.fullmatch(one.batch):
        raise DamageError(f"{path} names another batch than its folder does; remove the folder")
    return one, problems


def _parse_record(text: bytes) -> dict[str, Any]:
    """Parse a record and leave out its sums; ValueError if they are not the sums of its text."""
    record: dict[str, Any] = json.loads(text)
    sums = {"before", "sum", "sums"}
    if record.keys() & sums and not is_sealed(text):
        raise ValueError("the sums do not match")
    return {key: value for key, value in record.items() if key not in sums}


def release(warehouse: Path, batch: str, reason: str, warn: Callable[[str], None] = lambda _: None) -> Committed:
    """Commit a held batch as it is, and note the reason.

    From then on its findings have the state `released`: they are shown, and are no failures.

    Raises:
        NothingMatchedError: no batch of this id is held.
        UsageError: the reason is empty.

    """
    if not reason.strip():
        raise UsageError("a release needs a reason: tracker held release ID --reason 'checked with the company'")
    with Writer(warehouse, warn=warn) as writer:
        folder = _find_folder(warehouse, batch)
        one, problems = _read_record(folder / _RECORD)
        tables = _read_tables(warehouse, folder)
        committed = writer.commit(Batch(tables.pop("fact"), tables, problems, one.origin))
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        note = {"batch": one.batch, "released_at": moment, "reason": reason.strip(), "findings": one.findings}
        try:
            add_lines(warehouse / _FOLDER / _RELEASED, [json.dumps(note, ensure_ascii=False).encode()])
            _remove(folder)
        except OSError as error:
            warn(f"{describe_system_error(error)}; the batch is current, release it again to note the reason")
    return committed


def _read_tables(warehouse: Path, folder: Path) -> dict[str, pa.Table]:
    """Read the rows of a held batch by table; DamageError if a file is not as it was written."""
    found = {}
    sums = json.loads((folder / _RECORD).read_bytes()).get("sums", {})
    for path in sorted(folder.glob("*.parquet")):
        confine(warehouse, path.relative_to(warehouse).as_posix())
        if path.stem not in TABLES:
            raise DamageError(f"{path} is not a table of the warehouse; drop the batch and ingest it again")
        if sums and sums.get(path.name) != hashlib.sha256(path.read_bytes()).hexdigest():
            raise DamageError(f"{path} is not as it was written; drop the batch and ingest it again")
        try:
            found[path.stem] = pq.read_table(path, page_checksum_verification=True)
        except pa.ArrowException as error:
            raise DamageError(f"{path} is damaged ({error}); drop the batch and ingest it again") from error
    if "fact" not in found:
        raise DamageError(f"{folder / 'fact.parquet'} is missing; drop the batch and ingest it again")
    return found


def drop(warehouse: Path, batch: str) -> HeldBatch:
    """Delete a held batch, and return what it was; NothingMatchedError if there is none of this id."""
    with Writer(warehouse):
        folder = _find_folder(warehouse, batch)
        one, _ = _read_record(folder / _RECORD)
        _remove(folder)
    return one


def find_held(warehouse: Path, batch: str) -> HeldBatch:
    """Find the held batch of this id; NothingMatchedError if there is none."""
    found = {one.batch: one for one in list_held(warehouse)}
    if batch not in found:
        raise NothingMatchedError(f"no batch {batch} is held; `tracker held list` shows those that are")
    return found[batch]


def _find_folder(warehouse: Path, batch: str) -> Path:
    return warehouse / _FOLDER / find_held(warehouse, batch).batch


def _remove_superseded(warehouse: Path, passed: Draft) -> None:
    """Remove the held batches that a batch supersedes: this one passed, and it is the same or has the same origin."""
    for one in list_held(warehouse) if (warehouse / _FOLDER).is_dir() else ():
        if one.batch == passed.batch_id or one.origin == passed.batch.origin is not None:
            _remove(warehouse / _FOLDER / one.batch)


def remove_passed(warehouse: Path, batches: Collection[str]) -> None:
    """Remove the held batches that are current by now. The caller holds the writers' lock."""
    for one in list_held(warehouse) if (warehouse / _FOLDER).is_dir() else ():
        if one.batch in batches:
            _remove(warehouse / _FOLDER / one.batch)


def _remove(folder: Path) -> None:
    """Remove a folder; rename it to a hidden one first, so that a process that dies leaves no half of it."""
    hidden = folder.with_name(f".{uuid.uuid4().hex}")
    folder.replace(hidden)
    shutil.rmtree(hidden)


# -- held batches in checks --------------------------------------------------------------------------


def excuse(warehouse: Path, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings; those that a person released get the state `released` and the reason."""
    reasons = _read_reasons(warehouse)
    return tuple(
        replace(finding, severity="info", state="released", remedy=f"released: {reasons[finding.key]}")
        if finding.state == "failed" and finding.key in reasons
        else finding
        for finding in findings
    )


def _read_reasons(warehouse: Path) -> dict[tuple[str, str | None, str], str]:
    """Read the reason why each finding was released, by its key; skip a line that a dying process cut off.

    A company that was renamed since then has its id in force.
    """
    file = warehouse / _FOLDER / _RELEASED
    if not file.is_file():
        return {}
    with Warehouse(warehouse) as now:
        ids = _read_ids_in_force(now)
    found: dict[tuple[str, str | None, str], str] = {}
    for line in file.read_text("utf-8").splitlines():
        try:
            note = json.loads(line)
        except ValueError:
            continue
        found |= {
            (one["check"], ids.get(one["entity"], one["entity"]), one["message"]): note["reason"]
            for one in note["findings"]
        }
    return found


def warn_of_held(warehouse: Path) -> tuple[Finding, ...]:
    """Return a warning for each held batch, because the current state lacks it."""
    return tuple(
        Finding(
            HELD,
            "warning",
            "warn",
            one.entities[0] if len(one.entities) == 1 else None,
            f"batch {one.batch} ({one.facts} new facts) is held since {one.held_at}: {one.findings[0]['message']}",
            f"tracker held show {one.batch}, then correct its source, or release or drop it",
            None,
            None,
        )
        for one in list_held(warehouse)
    )
