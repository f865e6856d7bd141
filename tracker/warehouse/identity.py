"""Find the id in force for every id under which something is stored.

Statements keep the id that they were stored under. The table `entity_id` says which id the views show instead. It
follows from three rules. One CIK is one company, and `entities.toml` names it. The rows of `entities.csv` rename, merge
and remove companies, in their order. Every other company is shown under the id it is stored under. Nothing stored is
ever changed, so that removing a row undoes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from tracker.errors import Problem
from tracker.model.arrays import array_of, whole
from tracker.model.fact import content_table, rows_table, with_ids
from tracker.model.schema import READERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tracker.model.entity import Entities
    from tracker.sources.seed import Rename
    from tracker.warehouse.reader import Warehouse

__all__ = [
    "IdChange",
    "Identities",
    "RefusedRename",
    "apply_identities",
    "explain_rename",
    "find_doubled",
    "find_identities",
    "list_renames",
    "place_under_stored_ids",
]

#: A cause why a company is shown under another id, beside the actions of `entities.csv`.
SAME_CIK: Final = "same_cik"
_ORIGIN: Final = "entities"


@dataclass(frozen=True, slots=True)
class _KnownCompany:
    """An id and what is known of it. `is_kept`: a person keeps it in a table. `has_facts`: it has stored facts."""

    entity: str
    cik: int | None
    is_kept: bool
    has_facts: bool = False


@dataclass(frozen=True, slots=True)
class RefusedRename:
    """A row of `entities.csv` that cannot be applied, and why."""

    line: int
    column: str
    message: str
    remedy: str

    def to_problem(self, place: str) -> Problem:
        """Return it as a problem to print."""
        return Problem(place, self.line, self.column, "entity", self.message, self.remedy)


@dataclass(frozen=True, slots=True)
class Identities:
    """The id that each stored id is shown as (None: removed), the causes, and the rows that cannot be applied."""

    shown: Mapping[str, str | None]
    causes: Mapping[str, tuple[str, Rename | None]]
    refused: tuple[RefusedRename, ...]
    ciks: Mapping[str, int]

    def find(self, entity: str) -> str | None:
        """Return the id in force of an id; None if the company was removed."""
        return self.shown.get(entity, entity)

    def make_rows(self, doubled: Iterable[str]) -> pa.Table:
        """Return the rows of `entity_id`: one for every id that is not in force."""
        found = set(doubled)
        rows = []
        for stored_as, entity in sorted(self.shown.items()):
            if entity == stored_as:
                continue
            cause, rename = self.causes[stored_as]
            details = (rename.reason, rename.made_by, rename.made_on) if rename else (None, None, None)
            rows.append((stored_as, entity, cause, *details, stored_as in found, _ORIGIN, False))
        return rows_table("entity_id", rows)


def find_identities(stored: Warehouse | None, entities: Entities, renames: Sequence[Rename]) -> Identities:
    """Find the ids in force of all companies that are stored, or listed in `entities.toml`."""
    companies = _list_companies(stored, entities)
    shown: dict[str, str | None] = {entity: entity for entity in companies}
    causes: dict[str, tuple[str, Rename | None]] = {}
    for cik in sorted({one.cik for one in companies.values() if one.cik is not None}):
        of_cik = f"cik{cik:010d}"
        same = [one for one in companies.values() if one.cik == cik or one.entity == of_cik]
        target = _choose_id(same, entities, of_cik)
        for entity in {of_cik, *(one.entity for one in same)} - {target}:
            shown[entity] = target
            causes[entity] = (SAME_CIK, None)
    work = _RenameWork(companies, entities, shown, causes)
    for rename in renames:
        work.apply(rename)
    ciks = {one.entity: one.cik for one in companies.values() if one.cik is not None}
    return Identities(shown, causes, tuple(work.refused), ciks)


def _list_companies(stored: Warehouse | None, entities: Entities) -> dict[str, _KnownCompany]:
    """List every id of a company, the stored ones first; those of `entities.toml` come last."""
    rows: list[tuple[Any, ...]] = []
    if stored is not None:
        rows = stored.sql(
            """select coalesce(e.entity, f.entity) as entity, e.cik, e.origin, f.entity is not null as has_facts
               from stored_latest_entity e
               full join (select distinct entity from fact) f on f.entity = e.entity
               order by 1"""
        ).fetchall()
    found = {
        entity: _KnownCompany(entity, cik, origin is not None and origin not in READERS, has_facts)
        for entity, cik, origin, has_facts in rows
    }
    for one in entities.by_id.values():
        has_facts = one.entity in found and found[one.entity].has_facts
        found[one.entity] = _KnownCompany(one.entity, one.cik, is_kept=True, has_facts=has_facts)
    return found


def _choose_id(same: Sequence[_KnownCompany], entities: Entities, of_cik: str) -> str:
    """Choose the id of a company that has several: that of `entities.toml`, else the last kept one, else the CIK's."""
    for is_preferred in (lambda one: one.entity in entities, lambda one: one.is_kept):
        kept = [one.entity for one in same if is_preferred(one)]
        if kept:
            return kept[-1]
    return of_cik if any(one.entity == of_cik for one in same) else same[0].entity


class _RenameWork:
    """Applies the rows of `entities.csv`, one after the other."""

    def __init__(
        self,
        companies: Mapping[str, _KnownCompany],
        entities: Entities,
        shown: dict[str, str | None],
        causes: dict[str, tuple[str, Rename | None]],
    ) -> None:
        self.companies = companies
        self.entities = entities
        self.shown = shown
        self.causes = causes
        self.refused: list[RefusedRename] = []

    def apply(self, rename: Rename) -> None:
        """Apply a row to the company that has this id after the rows before it."""
        entity = self._find_company(rename.entity)
        if entity is None:
            self._refuse_rename(
                rename, "entity", f"no company {rename.entity!r}", "give an id `tracker entity list` shows"
            )
            return
        into = rename.into
        if rename.action == "merge" and into is not None:
            into = self._find_company(into)
            if into is None:
                remedy = "give an id `tracker entity list` shows, or write rename"
                self._refuse_rename(rename, "into", f"no company {rename.into!r}", remedy)
                return
        if into is not None and self._refuse_if_wrong(rename, entity, into):
            return
        for stored_as in self._list_members(entity):
            self.shown[stored_as] = into
            self.causes[stored_as] = (rename.action, rename)
        if into is not None and into in self.shown and self.shown[into] != into:
            self.shown[into] = into  # the id was given up before, and is in use again

    def _refuse_if_wrong(self, rename: Rename, entity: str, into: str) -> bool:
        """Refuse a row that would make one company of two, and return whether it was refused."""
        here, there = self._list_members(entity), self._list_members(into)
        one, other = self._list_ciks(here), self._list_ciks(there)
        if entity != into and one and other and one != other:
            message = f"{entity} has the CIK {min(one)} and {into} {min(other)}: two registrants are two companies"
            remedy = "remove the row; `tracker correct --entity` moves a statement to another company"
            self._refuse_rename(rename, "into", message, remedy)
            return True
        has_facts = any(self.companies[member].has_facts for member in there if member in self.companies)
        is_heading_there = any(member in self.entities for member in here)
        is_heading_moved = into in self.entities and not is_heading_there and not has_facts
        if rename.action == "rename" and there and entity != into and not is_heading_moved:
            self._refuse_rename(rename, "into", f"{into} is another company", "choose another id, or write merge")
            return True
        return False

    def _find_company(self, entity: str) -> str | None:
        """Return the id in force for an id, which may be in force itself."""
        return entity if self._list_members(entity) else self.shown.get(entity)

    def _list_members(self, entity: str) -> list[str]:
        return [stored_as for stored_as, shown in self.shown.items() if shown == entity]

    def _list_ciks(self, members: Iterable[str]) -> set[int]:
        known = (self.companies.get(member) for member in members)
        return {one.cik for one in known if one is not None and one.cik is not None}

    def _refuse_rename(self, rename: Rename, column: str, message: str, remedy: str) -> None:
        self.refused.append(RefusedRename(rename.line, column, message, remedy))


def apply_identities(entities: Entities, identities: Identities) -> Entities:
    """Return the companies under their ids in force, without those removed."""
    shown = {name: identities.find(name) for name in entities.by_id}
    return replace(
        entities, by_id={now: replace(entities[name], entity=now) for name, now in shown.items() if now is not None}
    )


# -- where statements are stored ---------------------------------------------------------------------

_IDS: Final = """
    select stored_as, coalesce(entity, stored_as) as entity from entity_id where not is_withdrawn
    union
    select entity, entity from entity_id where not is_withdrawn and entity is not null
"""
_STORED: Final = f"""
    with ids as ({_IDS})
    select i.entity, i.stored_as from ids i
    where i.entity in (select entity from ids where stored_as in (select unnest($entities)))
      and i.stored_as in (select distinct entity from fact)
    order by all
"""


def place_under_stored_ids(stored: Warehouse, facts: pa.Table) -> pa.Table:
    """Put facts under the ids that their companies are stored under, so that the same statement is the same row.

    If a company has several ids, a new fact keeps the id it comes with, provided that something is stored under it.
    """
    if not stored.snapshot.files.get("entity_id") or not facts.num_rows:
        return facts
    names = [name for name in pc.unique(whole(facts.column("entity"))).to_pylist() if name is not None]
    ids = dict(stored.rows(f"select stored_as, entity from ({_IDS})"))
    found = [name for name in names if name in ids]
    if not found:
        return facts
    places: dict[str, list[str]] = {}
    for entity, stored_as in stored.rows(_STORED, {"entities": found}):
        places.setdefault(entity, []).append(stored_as)
    for name in found:
        there = places.get(ids[name], [])
        if there and there != [name]:
            facts = _move_to_stored_ids(stored, facts, name, sorted(there, key=lambda one: (one != name, one)))
    return facts


def _move_to_stored_ids(stored: Warehouse, facts: pa.Table, name: str, there: Sequence[str]) -> pa.Table:
    """Put the facts of one company under the stored id that has them already, else under the first one."""
    is_own = pc.equal(facts.column("entity").cast(pa.string()), name)
    rest, own = facts.filter(pc.invert(is_own)), facts.filter(is_own)
    left, done = own, []
    for place in [*there[1:], there[0]]:
        moved = _set_entity(left, place)
        is_known = _is_stored(stored, moved) if place != there[0] else array_of([True] * left.num_rows, pa.bool_())
        done.append(moved.filter(is_known))
        left = left.filter(pc.invert(is_known))
    return pa.concat_tables([rest, *done])


def _set_entity(facts: pa.Table, entity: str) -> pa.Table:
    """Return the same facts under another id."""
    kind = facts.schema.field("entity").type
    column = pa.repeat(pa.scalar(entity), facts.num_rows)
    column = column.dictionary_encode() if pa.types.is_dictionary(kind) else column
    columns = {field: whole(facts.column(field)) for field in facts.column_names if field != "fact_id"}
    moved = with_ids(content_table({**columns, "entity": column}))
    return moved.select(facts.column_names).cast(facts.schema)


def _is_stored(stored: Warehouse, facts: pa.Table) -> pa.Array:
    """Return a mask of the facts that are stored already under their id."""
    ids = stored.sql(
        "select fact_id from fact where entity in (select unnest($entities)) and retracts is null",
        {"entities": pc.unique(whole(facts.column("entity"))).to_pylist()},
    ).arrow()
    return pc.is_in(facts.column("fact_id"), whole(ids.column("fact_id")))


# -- renames between two states --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IdChange:
    """A company that has another id in a later state (None: removed), and the reason in words."""

    before: str
    entity: str | None
    why: str


_CALLED: Final = """
    select
        i.stored_as, i.entity, i.cause, i.reason, i.made_by, coalesce(i.made_on, cast(i.recorded_at as date)) as made_on
    from entity_id i
    where not i.is_withdrawn and i.stored_as in (select distinct entity from fact)
"""
_SHOWN_IDS: Final = "select entity from entity union select distinct entity from fact_known"


def list_renames(before: Warehouse, after: Warehouse) -> tuple[IdChange, ...]:
    """List the companies with statements whose id is another in the later state."""
    if before.snapshot.files.get("entity_id") == after.snapshot.files.get("entity_id"):
        return ()
    then, now = ({row["stored_as"]: row for row in state.records(_CALLED)} for state in (before, after))
    there = {entity for (entity,) in after.rows(_SHOWN_IDS)}
    found: dict[str, IdChange] = {}
    for stored_as in sorted(then.keys() | now.keys()):
        old, new = (state[stored_as]["entity"] if stored_as in state else stored_as for state in (then, now))
        if old is not None and old != new and old not in there:
            found[old] = IdChange(old, new, explain_rename(now.get(stored_as)))
    return tuple(found.values())


def explain_rename(row: Mapping[str, Any] | None) -> str:
    """Say why a stored id is shown under another id; no row means that it is shown as itself again."""
    if row is None:
        return "the rename was taken back"
    if row["cause"] == SAME_CIK:
        return "the same CIK"
    done = {"rename": "renamed", "merge": "merged", "remove": "removed"}[row["cause"]]
    by = f" by {row['made_by']}" if row["made_by"] else ""
    return f"{done}{by} on {row['made_on']}" + (f": {row['reason']}" if row["reason"] else "")


def find_doubled(stored: Warehouse, identities: Identities) -> list[str]:
    """Find the replaced ids of companies that have facts under more than one id."""
    replaced = [entity for entity, now in identities.shown.items() if now not in (entity, None)]
    targets = sorted({now for entity in replaced if (now := identities.find(entity)) is not None})
    there = stored.sql(
        "select distinct entity from fact where entity in (select unnest($entities))",
        {"entities": sorted({*replaced, *targets})},
    ).fetchall()
    count: dict[str | None, int] = {}
    for (entity,) in there:
        count[identities.find(entity)] = count.get(identities.find(entity), 0) + 1
    return [entity for entity in replaced if count.get(identities.find(entity), 0) > 1]
