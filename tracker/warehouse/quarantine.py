"""Batches that were not let in: audited before they become current, kept aside where an audit blocks.

A held batch is a folder `warehouse/held/<id>/`: its rows as Parquet, and `held.json` with what was found. It is
written under a hidden name and renamed whole, under the writers' lock, so that a process that dies leaves it held or
not at all; read again, the same batch is held again under the same id. A batch that is released is committed as it
is, and what was found in it is noted in `held/released.jsonl` with the reason, so that it blocks no later batch and
no report.
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
import pyarrow.parquet as pq

from tracker.errors import DamageError, NothingMatchedError, Problem, UsageError, describe_system_error
from tracker.files.disk import sync
from tracker.files.hash_chain import add_lines, is_sealed, seal
from tracker.model.batch import Batch
from tracker.model.schema import TABLES
from tracker.warehouse.checks import HELD, Finding, run_checks
from tracker.warehouse.delta_log import confine
from tracker.warehouse.reader import MovingWarehouse, Warehouse
from tracker.warehouse.snapshot import Excerpt
from tracker.warehouse.writer import Committed, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from tracker.warehouse.checks import Check
    from tracker.warehouse.writer import Draft

__all__ = ["Gate", "Held", "drop", "excuse", "held", "held_one", "release", "standing"]

#: Checks that read figures take part only in batches of up to so many new facts; a company's history has 30,000.
MOST_FIGURES: Final = 50_000
_FOLDER: Final = "held"
_RECORD: Final = "held.json"
_RELEASED: Final = "released.jsonl"
_BATCH: Final = re.compile(r"[0-9a-f]{16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Held:
    """A batch that lies aside: when and why, and what is in it. `findings` are as `tracker check` tells them."""

    batch: str
    held_at: str
    origin: str | None
    facts: int
    entities: tuple[str, ...]
    sources: tuple[str, ...]
    findings: tuple[dict[str, Any], ...]


# -- before a batch becomes current ------------------------------------------------------------------


class Gate:
    """Audits each batch beside the state before it, and holds it where a blocking check finds something new.

    To be closed by whoever made it: it keeps a connection from batch to batch.
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
        """Whether the batch is held; then it lies in `held/` when this returns."""
        found = self.findings(now, draft) if draft.rows["fact"].num_rows else []
        if found:
            _hold(now, draft, found)
        else:
            _forget(now.path, lambda one: one.batch == draft.batch_id or one.origin == draft.batch.origin is not None)
        return bool(found)

    def findings(self, now: Warehouse, draft: Draft) -> list[Finding]:
        """What blocks in the state with the batch and did not in the one before, of the batch's companies alone."""
        facts = draft.rows["fact"]
        checks = [check for check in self.blocking if check.is_light or facts.num_rows <= MOST_FIGURES]
        state = _with(now, draft)
        found = _failed(run_checks(self._opened(now.path, state), checks, None))
        if not found or not state.entities:
            return found
        with now.for_companies(state.entities) as before:
            again = [check for check in checks if check.name in {finding.check for finding in found}]
            known = {finding.key for finding in _failed(run_checks(before, again, None))}
        return [finding for finding in found if finding.key not in known]

    def _opened(self, path: Path, excerpt: Excerpt) -> MovingWarehouse:
        if self._after is None:
            self._after = MovingWarehouse(path, excerpt=excerpt)
        else:
            self._after.replace_excerpt(excerpt)
        return self._after


def _with(now: Warehouse, draft: Draft) -> Excerpt:
    """The stored statements of the batch's companies, and its rows beside them."""
    facts = draft.rows["fact"]
    is_filed = set(_distinct(facts, "method")) <= {"reported"}
    is_standing = is_filed and not draft.known and facts.column("retracts").null_count == facts.num_rows
    entities = draft.known if is_filed else _distinct(facts, "entity")
    return Excerpt(now.snapshot, entities, draft.rows, is_standing)


def _failed(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.state == "failed"]


def _distinct(facts: pa.Table, column: str) -> tuple[str, ...]:
    return tuple(sorted(value for value in facts.column(column).unique().to_pylist() if value is not None))


def _hold(now: Warehouse, draft: Draft, found: Sequence[Finding]) -> None:
    """Put the batch aside, whole or not at all; one that lies there already stays as it is."""
    folder = now.path / _FOLDER
    folder.mkdir(exist_ok=True)
    if (folder / draft.batch_id).is_dir():
        return
    aside = folder / f".{uuid.uuid4().hex}"
    aside.mkdir()
    batch = draft.batch
    for table, rows in {**batch.rows, "fact": batch.facts}.items():
        pq.write_table(rows, aside / f"{table}.parquet", compression="zstd", write_page_checksum=True)
    record = Held(
        batch=draft.batch_id,
        held_at=datetime.now(UTC).isoformat(timespec="seconds"),
        origin=batch.origin,
        facts=draft.rows["fact"].num_rows,
        entities=_shown(now, _distinct(draft.rows["fact"], "entity")),
        sources=_distinct(draft.rows["fact"], "source_id")[:20],
        findings=tuple(_told(finding) for finding in found),
    )
    problems = [problem._asdict() for problem in batch.problems]
    sums = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(aside.iterdir())}
    told = {**asdict(record), "problems": problems, "sums": sums}
    (aside / _RECORD).write_bytes(seal(json.dumps(told, ensure_ascii=False).encode()))
    for file in aside.iterdir():
        sync(file)
    sync(aside)
    aside.replace(folder / draft.batch_id)
    sync(folder)


def _shown(now: Warehouse, stored: Sequence[str]) -> tuple[str, ...]:
    """The ids in force of companies by the ids they are stored under."""
    ids = _ids_in_force(now)
    return tuple(sorted({ids.get(name, name) for name in stored}))


def _ids_in_force(now: Warehouse) -> dict[str, str]:
    return dict(
        now.sql("select stored_as, entity from entity_id where not is_withdrawn and entity is not null").fetchall()
    )


def _told(finding: Finding) -> dict[str, Any]:
    """A finding for JSON, without the days that audits do not have."""
    return {key: value for key, value in asdict(finding).items() if key not in {"since", "expected"}}


# -- looking at them, and deciding -------------------------------------------------------------------


def held(warehouse: Path) -> tuple[Held, ...]:
    """The batches that lie aside, oldest first."""
    found = []
    for path in (warehouse / _FOLDER).glob(f"[!.]*/{_RECORD}"):
        with contextlib.suppress(FileNotFoundError):  # released or dropped by another process meanwhile
            found.append(_read(path)[0])
    return tuple(sorted(found, key=lambda one: (one.held_at, one.batch)))


def _read(path: Path) -> tuple[Held, tuple[Problem, ...]]:
    """What `held.json` says; DamageError where that is not what this program writes of the batch in its folder."""
    try:
        text = confine(path.parents[2], path.relative_to(path.parents[2]).as_posix()).read_bytes()
        record = _unsealed(text)
        problems = tuple(Problem(**problem) for problem in record.pop("problems"))
        lists = {key: tuple(record[key]) for key in ("entities", "sources", "findings")}
        one = Held(**{**record, **lists})
    except (ValueError, TypeError, KeyError, AttributeError):
        raise DamageError(f"{path} is damaged; remove its folder and ingest the batch again") from None
    if one.batch != path.parent.name or not _BATCH.fullmatch(one.batch):
        raise DamageError(f"{path} speaks of another batch than its folder is named after; remove the folder")
    return one, problems


def _unsealed(text: bytes) -> dict[str, Any]:
    """A record without its sums; ValueError where these are not those of its text."""
    record: dict[str, Any] = json.loads(text)
    sums = {"before", "sum", "sums"}
    if record.keys() & sums and not is_sealed(text):
        raise ValueError("not as it was written")
    return {key: value for key, value in record.items() if key not in sums}


def release(warehouse: Path, batch: str, reason: str, warn: Callable[[str], None] = lambda _: None) -> Committed:
    """Commit a held batch as it is, and note why; NothingMatchedError where there is none, UsageError for no reason.

    What was found in it is from then on `released`: told, and no failure.
    """
    if not reason.strip():
        raise UsageError("a release needs its reason: tracker held release ID --reason 'checked with the company'")
    with Writer(warehouse, warn=warn) as writer:
        folder = _folder(warehouse, batch)
        one, problems = _read(folder / _RECORD)
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
    """The rows of a held batch by table; DamageError where a file is not one that was put aside."""
    found = {}
    sums = json.loads((folder / _RECORD).read_bytes()).get("sums", {})
    for path in sorted(folder.glob("*.parquet")):
        confine(warehouse, path.relative_to(warehouse).as_posix())
        if path.stem not in TABLES:
            raise DamageError(f"{path} is of no table there is; drop the batch and ingest it again")
        if sums and sums.get(path.name) != hashlib.sha256(path.read_bytes()).hexdigest():
            raise DamageError(f"{path} is not as it was put aside; drop the batch and ingest it again")
        try:
            found[path.stem] = pq.read_table(path, page_checksum_verification=True)
        except pa.ArrowException as error:
            raise DamageError(f"{path} is damaged ({error}); drop the batch and ingest it again") from error
    if "fact" not in found:
        raise DamageError(f"{folder / 'fact.parquet'} is missing; drop the batch and ingest it again")
    return found


def drop(warehouse: Path, batch: str) -> Held:
    """Throw a held batch away; NothingMatchedError where there is none."""
    with Writer(warehouse):
        folder = _folder(warehouse, batch)
        one, _ = _read(folder / _RECORD)
        _remove(folder)
    return one


def held_one(warehouse: Path, batch: str) -> Held:
    """The held batch of this id; NothingMatchedError where there is none."""
    found = {one.batch: one for one in held(warehouse)}
    if batch not in found:
        raise NothingMatchedError(f"no batch {batch} is held; `tracker held list` shows those that are")
    return found[batch]


def _folder(warehouse: Path, batch: str) -> Path:
    return warehouse / _FOLDER / held_one(warehouse, batch).batch


def _forget(warehouse: Path, is_superseded: Callable[[Held], bool]) -> None:
    """Remove held batches that a later one of the same origin, or the same one, has made void by passing."""
    for one in held(warehouse) if (warehouse / _FOLDER).is_dir() else ():
        if is_superseded(one):
            _remove(warehouse / _FOLDER / one.batch)


def _remove(folder: Path) -> None:
    """Take a folder out of sight first, so that a process that dies leaves no half of it."""
    hidden = folder.with_name(f".{uuid.uuid4().hex}")
    folder.replace(hidden)
    shutil.rmtree(hidden)


# -- what checks make of them ------------------------------------------------------------------------


def excuse(warehouse: Path, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, those that a person let through as `released`, with the reason."""
    reasons = _reasons(warehouse)
    return tuple(
        replace(finding, severity="info", state="released", remedy=f"released: {reasons[finding.key]}")
        if finding.state == "failed" and finding.key in reasons
        else finding
        for finding in findings
    )


def _reasons(warehouse: Path) -> dict[tuple[str, str | None, str], str]:
    """Why each finding was let through, by its key; a line cut off by a dying process counts for nothing.

    A company that is called otherwise since is meant by its id in force.
    """
    file = warehouse / _FOLDER / _RELEASED
    if not file.is_file():
        return {}
    with Warehouse(warehouse) as now:
        ids = _ids_in_force(now)
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


def standing(warehouse: Path) -> tuple[Finding, ...]:
    """A warning for each batch that lies aside: what is current lacks it."""
    return tuple(
        Finding(
            HELD,
            "warning",
            "warn",
            one.entities[0] if len(one.entities) == 1 else None,
            f"batch {one.batch} ({one.facts} new facts) is held since {one.held_at}: {one.findings[0]['message']}",
            f"tracker held show {one.batch}, then mend its source, or release or drop it",
            None,
            None,
        )
        for one in held(warehouse)
    )
