"""Corrections: what people put in the place of a statement that was read wrongly.

A correction names its statement by id. Where the source was read again and the statement has another id, it is found by
its source, its characters and the figure as printed; where it has no characters, by all that was stated of it but the
company. A correction takes out one statement, and puts another in its place unless it is a retraction. Both are settled
in the commit that brings the statement or the correction, so that no reader sees one without the other.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from tracker.model.arrays import codes_of, whole
from tracker.model.fact import Fact, no_facts, rows_table, to_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tracker.warehouse.reader import Warehouse

    _Row = Mapping[str, Any]

__all__ = ["AMOUNTS", "IDLE", "Settled", "corrected_fact", "settle"]

#: What a correction replaces together: how a figure is printed.
AMOUNTS: Final = ("value", "low", "high", "decimals", "qualifier")
#: States of corrections that correct nothing, and what to do.
IDLE: Final = {
    "no such statement": "ingest its source, give the id `tracker explain` prints, or take the row out",
    "several statements": "give the id of one of them, as `tracker explain` prints it",
    "corrected twice": "keep one of the two rows",
    "a correction itself": "change the row of the statement it corrects",
    "a filed concept": "what a filing states keeps its concept; leave metric empty, or write retract",
    "nothing to correct": "the statement says so by now; take the row out",
}
#: Namespaces in which a concept is a metric's own name, so that another metric makes another concept.
_NAMED_BY_METRIC: Final = ("stated", "guided")
_CONTENT: Final = tuple(field.name for field in fields(Fact) if field.name not in {"known_at", "retracts"})
_PRINT: Final = ("span_start", "span_end", "quote")
_SAME: Final = ("concept", "kind", "unit", "period_start", "period_end", "value", "low", "high", "quote")

#: Every statement ever stored of some sources, and whether it stands; those of the batch beside them.
_OF_SOURCES: Final = f"""
    with gone as (select retracts, max(recorded_at) as gone_at from fact where retracts is not null group by retracts)
    select f.fact_id, {", ".join(f"f.{name}" for name in _CONTENT)}, coalesce(f.known_at, f.recorded_at) as known_at,
        g.retracts is null as is_standing
    from fact f
    left join gone g on g.retracts = f.fact_id and g.gone_at >= f.recorded_at
    where f.retracts is null and f.source_id in (select unnest($sources))
    union all
    select fact_id, {", ".join(_CONTENT)}, coalesce(known_at, $recorded_at), true
    from arriving
    where retracts is null and source_id in (select unnest($sources))
    order by is_standing
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a commit adds for corrections: statements and withdrawals, and the new rows of `correction_effect`."""

    facts: pa.Table
    effects: pa.Table


@dataclass(frozen=True, slots=True)
class _Effect:
    """What a correction comes to: its state, the statement it takes out, and the one in its place."""

    state: str
    target: bytes | None = None
    corrected: bytes | None = None


def settle(
    now: Warehouse, changed: pa.Table | None, fresh: pa.Table, withdrawn: pa.Table, recorded_at: datetime
) -> Settled | None:
    """What the corrections come to in a batch; None where it concerns none of them.

    `changed` are the batch's new rows of `correction`, `fresh` its facts, `withdrawn` the rows that take facts back.
    """
    news = _records(now, changed) if changed is not None and changed.num_rows else {}
    if not news and not now.snapshot.files.get("correction"):
        return None
    known = _by_id(now.records("select * exclude (recorded_at) from correction"), "fact_id") | news
    effects = _effects(now)
    gone = _retracted(fresh) | _retracted(withdrawn)
    sources = _concerned(known, effects, news, set(_texts(fresh, "source_id")), gone)
    if not sources:
        return None
    now.connection.register("arriving", fresh)
    rows = now.records(_OF_SOURCES, {"sources": sorted(sources), "recorded_at": recorded_at})
    work = _Work({row["fact_id"]: row for row in rows}, gone, effects)
    concerned = {key: row for key, row in known.items() if row["source_id"] in sources}
    return work.settled(concerned)


def _records(now: Warehouse, rows: pa.Table) -> dict[bytes, _Row]:
    now.connection.register("corrections_changed", rows)
    return _by_id(now.records("select * from corrections_changed"), "fact_id")


def _by_id(rows: Iterable[_Row], name: str) -> dict[bytes, _Row]:
    return {row[name]: row for row in rows}


def _effects(now: Warehouse) -> dict[bytes, _Effect]:
    rows = now.records("select correction, state, target, corrected from correction_effect")
    return {row["correction"]: _Effect(row["state"], row["target"], row["corrected"]) for row in rows}


def _texts(facts: pa.Table, name: str) -> list[str]:
    """The different texts of a column."""
    return codes_of(whole(facts.column(name)))[1].to_pylist() if facts.num_rows else []


def _retracted(facts: pa.Table) -> set[bytes]:
    column = facts.column("retracts")
    return set() if column.null_count == len(column) else {fact for fact in column.to_pylist() if fact}


def _concerned(
    known: Mapping[bytes, _Row],
    effects: Mapping[bytes, _Effect],
    news: Iterable[bytes],
    arriving: set[str],
    gone: set[bytes],
) -> set[str]:
    """The sources whose corrections have to be looked at: they changed, or statements of theirs came or went."""
    return {
        row["source_id"]
        for key, row in known.items()
        if key in news or row["source_id"] in arriving or (key in effects and effects[key].target in gone)
    }


class _Work:
    """The statements of some sources, and what corrections make of them."""

    def __init__(self, rows: Mapping[bytes, _Row], gone: set[bytes], before: Mapping[bytes, _Effect]) -> None:
        self.rows = rows
        self.before = before
        self.corrected = {effect.corrected for effect in before.values() if effect.corrected}
        self.standing = [
            row for key, row in rows.items() if row["is_standing"] and key not in gone and key not in self.corrected
        ]
        self.made: dict[bytes, pa.Table] = {}

    def settled(self, corrections: Mapping[bytes, _Row]) -> Settled:
        """The new effects of these corrections, and the statements that come and go with them."""
        after = self._after(corrections)
        wanted = {effect.corrected for effect in after.values() if effect.corrected}
        had = {effect.corrected for key, effect in self.before.items() if key in corrections and effect.corrected}
        came = [self.made[key] for key in sorted(wanted - had)]
        left = [self._withdrawal(key) for key in sorted(had - wanted)]
        changed = [(key, *_cells(effect)) for key, effect in after.items() if effect != self.before.get(key)]
        return Settled(_joined([*came, to_table(left)]), rows_table("correction_effect", changed))

    def _after(self, corrections: Mapping[bytes, _Row]) -> dict[bytes, _Effect]:
        """What each comes to; where two are of one statement, the one that names it by id holds."""
        taken: set[bytes | None] = set()
        after: dict[bytes, _Effect] = {}
        for key in sorted(corrections, key=lambda key: (not self._is_named(key), key)):
            effect = self._effect(corrections[key])
            is_second = effect.target is not None and effect.target in taken
            after[key] = _Effect("corrected twice") if is_second else effect
            taken.add(after[key].target)
        return after

    def _is_named(self, key: bytes) -> bool:
        return any(row["fact_id"] == key for row in self.standing)

    def _effect(self, correction: _Row) -> _Effect:
        if correction["is_withdrawn"]:
            return _Effect("taken back")
        found = self._targets(correction)
        if len(found) != 1:
            return _Effect(self._why_not(correction, found))
        target = found[0]["fact_id"]
        if correction["action"] == "retract":
            return _Effect("retracted", target)
        if correction["metric"] and _space(found[0]) not in _NAMED_BY_METRIC:
            return _Effect("a filed concept")
        made = to_table([corrected_fact(found[0], correction)])
        (key,) = made.column("fact_id").to_pylist()
        self.made[key] = made
        return _Effect("nothing to correct") if key == target else _Effect("corrected", target, key)

    def _why_not(self, correction: _Row, found: Sequence[_Row]) -> str:
        if correction["fact_id"] in self.corrected:
            return "a correction itself"
        return "several statements" if found else "no such statement"

    def _targets(self, correction: _Row) -> list[_Row]:
        """The statement of that id where it stands; else those that say the same in the same place."""
        named = [row for row in self.standing if row["fact_id"] == correction["fact_id"]]
        if named or correction["fact_id"] in self.corrected:
            return named
        first = self.rows.get(correction["fact_id"])
        read = [
            row for row in self.standing if row["method"] != "curated" and row["source_id"] == correction["source_id"]
        ]
        if correction["span_start"] is not None:
            found = [row for row in read if all(row[name] == correction[name] for name in _PRINT)]
        else:
            found = [row for row in read if first and all(row[name] == first[name] for name in _SAME)]
        alike = [row for row in found if first and all(row[name] == first[name] for name in ("metric", "kind"))]
        return alike if len(found) > 1 and alike else found

    def _withdrawal(self, key: bytes) -> Fact:
        """The row that takes back what a correction had put in place."""
        return Fact(**_content(self.rows[key]), retracts=key)


def _space(row: _Row) -> str:
    """The namespace of a statement's concept."""
    return str(row["concept"]).partition(":")[0]


def _cells(effect: _Effect) -> tuple[object, ...]:
    return effect.state, effect.target, effect.corrected


def _content(row: _Row) -> dict[str, Any]:
    return {name: row[name] for name in (*_CONTENT, "known_at")}


def corrected_fact(target: _Row, correction: _Row) -> Fact:
    """The statement as it should have been read: what the correction says, and for the rest as it was stated.

    It keeps its evidence and since when it is public, for the misreading was ours.
    """
    changes: dict[str, Any] = {
        name: correction[name] for name in ("entity", "metric", "unit") if correction[name] is not None
    }
    if correction["metric"]:
        changes["concept"] = f"{_space(target)}:{correction['metric']}"
    if correction["period_end"] is not None:
        changes |= {name: correction[name] for name in ("period_start", "period_end")}
    if correction["qualifier"] is not None:
        changes |= {name: correction[name] for name in AMOUNTS}
    return Fact(**{**_content(target), **changes, "method": "curated", "confidence": 1.0}, retracts=None)


def _joined(tables: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables) if tables else no_facts()
