"""Apply corrections: replace or withdraw statements that were read wrongly, as people decided.

A correction names its statement by id. If the source was read again and the statement has another id, it is found by
its source, its characters and the figure as printed. If it has no characters, it is found by all that it states except
the company. A correction withdraws one statement, and puts another in its place unless it is a retraction. This happens
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

__all__ = ["AMOUNTS", "IDLE", "Settled", "make_corrected_fact", "settle"]

#: The columns that a correction replaces together: they say how a figure is printed.
AMOUNTS: Final = ("value", "low", "high", "decimals", "qualifier")
#: The states of corrections that correct nothing, and what to do.
IDLE: Final = {
    "no such statement": "ingest its source, give the id `tracker explain` prints, or remove the row",
    "several statements": "give the id of one of them, as `tracker explain` prints it",
    "corrected twice": "keep one of the two rows",
    "a correction itself": "change the row of the statement it corrects",
    "a filed concept": "what a filing states keeps its concept; leave metric empty, or write retract",
    "nothing to correct": "the statement says so already; remove the row",
}
#: The namespaces in which a concept is named after its metric, so that another metric means another concept.
_NAMED_BY_METRIC: Final = ("stated", "guided")
_CONTENT: Final = tuple(field.name for field in fields(Fact) if field.name not in {"known_at", "retracts"})
_PRINT: Final = ("span_start", "span_end", "quote")
_SAME: Final = ("concept", "kind", "unit", "period_start", "period_end", "value", "low", "high", "quote")

#: Every statement of some sources that was ever stored, and whether it stands; and the statements of the batch.
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
    """The rows that a commit adds for corrections: statements, withdrawals, and new rows of `correction_effect`."""

    facts: pa.Table
    effects: pa.Table


@dataclass(frozen=True, slots=True)
class _Effect:
    """The effect of a correction: its state, the statement that it withdraws, and the one in its place."""

    state: str
    target: bytes | None = None
    corrected: bytes | None = None


def settle(
    now: Warehouse, changed: pa.Table | None, fresh: pa.Table, withdrawn: pa.Table, recorded_at: datetime
) -> Settled | None:
    """Work out what the corrections change in a batch; None if the batch concerns none of them.

    `changed` are the batch's new rows of `correction`, `fresh` its facts, and `withdrawn` its rows that withdraw facts.
    """
    news = _read_changes(now, changed) if changed is not None and changed.num_rows else {}
    if not news and not now.snapshot.files.get("correction"):
        return None
    known = _index_by_id(now.records("select * exclude (recorded_at) from correction"), "fact_id") | news
    effects = _read_effects(now)
    gone = _list_retracted(fresh) | _list_retracted(withdrawn)
    sources = _find_concerned(known, effects, news, set(_list_texts(fresh, "source_id")), gone)
    if not sources:
        return None
    now.connection.register("arriving", fresh)
    rows = now.records(_OF_SOURCES, {"sources": sorted(sources), "recorded_at": recorded_at})
    work = _Settlement({row["fact_id"]: row for row in rows}, gone, effects)
    concerned = {key: row for key, row in known.items() if row["source_id"] in sources}
    return work.settle(concerned)


def _read_changes(now: Warehouse, rows: pa.Table) -> dict[bytes, _Row]:
    now.connection.register("corrections_changed", rows)
    return _index_by_id(now.records("select * from corrections_changed"), "fact_id")


def _index_by_id(rows: Iterable[_Row], name: str) -> dict[bytes, _Row]:
    return {row[name]: row for row in rows}


def _read_effects(now: Warehouse) -> dict[bytes, _Effect]:
    rows = now.records("select correction, state, target, corrected from correction_effect")
    return {row["correction"]: _Effect(row["state"], row["target"], row["corrected"]) for row in rows}


def _list_texts(facts: pa.Table, name: str) -> list[str]:
    """List the different texts of a column."""
    return codes_of(whole(facts.column(name)))[1].to_pylist() if facts.num_rows else []


def _list_retracted(facts: pa.Table) -> set[bytes]:
    column = facts.column("retracts")
    return set() if column.null_count == len(column) else {fact for fact in column.to_pylist() if fact}


def _find_concerned(
    known: Mapping[bytes, _Row],
    effects: Mapping[bytes, _Effect],
    news: Iterable[bytes],
    arriving: set[str],
    gone: set[bytes],
) -> set[str]:
    """Find the sources whose corrections may change: a correction is new, or a statement of theirs came or went."""
    return {
        row["source_id"]
        for key, row in known.items()
        if key in news or row["source_id"] in arriving or (key in effects and effects[key].target in gone)
    }


class _Settlement:
    """Works out what corrections make of the statements of some sources."""

    def __init__(self, rows: Mapping[bytes, _Row], gone: set[bytes], before: Mapping[bytes, _Effect]) -> None:
        self.rows = rows
        self.before = before
        self.corrected = {effect.corrected for effect in before.values() if effect.corrected}
        self.standing = [
            row for key, row in rows.items() if row["is_standing"] and key not in gone and key not in self.corrected
        ]
        self.made: dict[bytes, pa.Table] = {}

    def settle(self, corrections: Mapping[bytes, _Row]) -> Settled:
        """Return the new effects of these corrections, and the statements that come and go with them."""
        after = self._find_effects(corrections)
        before = [effect for key, effect in self.before.items() if key in corrections]
        new_ids = {effect.corrected for effect in after.values() if effect.corrected}
        old_ids = {effect.corrected for effect in before if effect.corrected}
        came = [self.made[key] for key in sorted(new_ids - old_ids)]
        left = [self._make_withdrawal(key) for key in sorted(old_ids - new_ids)]
        changed = [(key, *_effect_to_row(effect)) for key, effect in after.items() if effect != self.before.get(key)]
        return Settled(_join_tables([*came, to_table(left)]), rows_table("correction_effect", changed))

    def _find_effects(self, corrections: Mapping[bytes, _Row]) -> dict[bytes, _Effect]:
        """Find the effect of each correction; if two correct one statement, the one that names it by id holds."""
        targets: set[bytes | None] = set()
        after: dict[bytes, _Effect] = {}
        for key in sorted(corrections, key=lambda key: (not self._is_named(key), key)):
            effect = self._find_effect(corrections[key])
            is_second = effect.target is not None and effect.target in targets
            after[key] = _Effect("corrected twice") if is_second else effect
            targets.add(after[key].target)
        return after

    def _is_named(self, key: bytes) -> bool:
        return any(row["fact_id"] == key for row in self.standing)

    def _find_effect(self, correction: _Row) -> _Effect:
        if correction["is_withdrawn"]:
            return _Effect("taken back")
        found = self._find_targets(correction)
        if len(found) != 1:
            return _Effect(self._explain_idle(correction, found))
        target = found[0]["fact_id"]
        if correction["action"] == "retract":
            return _Effect("retracted", target)
        if correction["metric"] and _find_namespace(found[0]) not in _NAMED_BY_METRIC:
            return _Effect("a filed concept")
        replacement = to_table([make_corrected_fact(found[0], correction)])
        (key,) = replacement.column("fact_id").to_pylist()
        self.made[key] = replacement
        return _Effect("nothing to correct") if key == target else _Effect("corrected", target, key)

    def _explain_idle(self, correction: _Row, found: Sequence[_Row]) -> str:
        if correction["fact_id"] in self.corrected:
            return "a correction itself"
        return "several statements" if found else "no such statement"

    def _find_targets(self, correction: _Row) -> list[_Row]:
        """Find the statement of that id if it stands; else those that say the same in the same place."""
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

    def _make_withdrawal(self, key: bytes) -> Fact:
        """Make the row that withdraws a statement which a correction put in place."""
        return Fact(**_select_content(self.rows[key]), retracts=key)


def _find_namespace(row: _Row) -> str:
    """Return the namespace of a statement's concept."""
    return str(row["concept"]).partition(":")[0]


def _effect_to_row(effect: _Effect) -> tuple[object, ...]:
    return effect.state, effect.target, effect.corrected


def _select_content(row: _Row) -> dict[str, Any]:
    return {name: row[name] for name in (*_CONTENT, "known_at")}


def make_corrected_fact(target: _Row, correction: _Row) -> Fact:
    """Return the statement with the values of the correction, and its own values for the rest.

    It keeps its evidence and the moment when it became public: the source did not change, only our reading of it.
    """
    changes: dict[str, Any] = {
        name: correction[name] for name in ("entity", "metric", "unit") if correction[name] is not None
    }
    if correction["metric"]:
        changes["concept"] = f"{_find_namespace(target)}:{correction['metric']}"
    if correction["period_end"] is not None:
        changes |= {name: correction[name] for name in ("period_start", "period_end")}
    if correction["qualifier"] is not None:
        changes |= {name: correction[name] for name in AMOUNTS}
    return Fact(**{**_select_content(target), **changes, "method": "curated", "confidence": 1.0}, retracts=None)


def _join_tables(tables: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables) if tables else no_facts()
