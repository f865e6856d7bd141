"""Rename, merge or remove a company: write its row into `entities.csv`, then make it hold.

The row is what counts: it is reviewed and versioned with the other tables, and taken out it is undone. Rows hold in
their order, so that a company renamed there and back is called what it was.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from tracker.errors import InputError, NothingMatchedError, UsageError
from tracker.model.entity import ENTITY_ID
from tracker.pipeline.correct import append_row, today, who_works_on
from tracker.pipeline.ingest import ingest
from tracker.sources.seed import RENAME_COLUMNS, RENAMES, Rename, known_entities, read_renames
from tracker.warehouse.identity import identities_of
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.model.entity import Entities
    from tracker.project import Project
    from tracker.warehouse.reader import Result

__all__ = ["companies", "merge", "remove", "rename"]

#: Every company, what it is called and stored under; those that were removed at the end.
_COMPANIES = """
    with counted as (
        select entity, count(*) as statements from fact_known group by entity
    ),
    stored as (
        select entity, string_agg(stored_as, ' ' order by stored_as) as stored_as
        from entity_id
        where not is_withdrawn and entity is not null and stored_as in (select distinct entity from fact)
        group by entity
    ),
    shown as (
        select coalesce(l.entity, c.entity) as entity, l.name, l.ticker, l.cik, coalesce(c.statements, 0) as statements
        from entity_label l
        full join counted c on c.entity = l.entity
    )
    select s.entity, s.name, s.ticker, s.cik, s.statements, t.stored_as, 'shown' as state
    from shown s
    left join stored t on t.entity = s.entity
    union all
    select i.stored_as, e.name, null, e.cik, 0, null, 'removed'
    from entity_id i
    join stored_latest_entity e on e.entity = i.stored_as
    where not i.is_withdrawn and i.entity is null
    order by state desc, entity
"""


def companies(warehouse: Warehouse) -> Result:
    """All companies: id, name, ticker, CIK, how many statements stand, and other ids they are stored under."""
    return warehouse.sql(_COMPANIES)


def rename(project: Project, old: str, new: str, reason: str | None, say: Callable[[str], None]) -> str:
    """Call a company by another id from now on; returns that id.

    NothingMatchedError where no company is called so, UsageError where the new id is none or another company's.
    """
    _check_id(new)
    return _write(project, Rename(0, old, "rename", new, reason, None, None), say)


def merge(project: Project, one: str, into: str, reason: str | None, say: Callable[[str], None]) -> str:
    """Show two companies as one, under the id of the second; raises as `rename` does, and for two registrants."""
    return _write(project, Rename(0, one, "merge", _company(project, into), reason, None, None), say)


def remove(project: Project, entity: str, reason: str | None, say: Callable[[str], None]) -> str:
    """Show a company no more; what is stored of it stays, and is shown again when the row is taken out."""
    return _write(project, Rename(0, entity, "remove", None, reason, None, None), say)


def _check_id(entity: str) -> None:
    if not ENTITY_ID.fullmatch(entity):
        raise UsageError(f"{entity!r} is no id; use letters, digits, dot, dash and underscore")


def _company(project: Project, name: str) -> str:
    """The id of a company by any name it has."""
    if (project.warehouse / "fact" / "_delta_log").is_dir():
        with Warehouse(project.warehouse) as stored:
            return stored.entity_of(name)
    found = known_entities(project.seeds).named(name, datetime.now(UTC).date())
    if len(found) != 1:
        told = f"{name!r} may be {', '.join(found)}; give the id" if found else f"no company is called {name!r}"
        raise NothingMatchedError(told)
    return found[0]


def _write(project: Project, asked: Rename, say: Callable[[str], None]) -> str:
    """Write a row that can hold, and make it hold; returns the id the company has then."""
    path = project.seeds / RENAMES
    renames, wrong = read_renames(path)
    if wrong:
        raise InputError(wrong)
    entity, day = _company(project, asked.entity), today()
    row = replace(asked, entity=entity, made_by=who_works_on(project), made_on=date.fromisoformat(day))
    if entity == row.into:
        raise UsageError(f"{entity} is called so already; nothing is to be changed")
    _check(project, known_entities(project.seeds), [*renames, row])
    said = (entity, row.action, row.into, row.reason, row.made_by, day)
    line = append_row(path, {n: c or "" for n, c in zip(RENAME_COLUMNS, said, strict=True)}, RENAME_COLUMNS)
    say(f"{path.name}:{line}: written to {path.parent}; take the row out to undo it")
    ingest(project, [], say=say)
    return row.into or entity


def _check(project: Project, entities: Entities, renames: list[Rename]) -> None:
    """UsageError where the last of the rows cannot hold."""
    if (project.warehouse / "fact" / "_delta_log").is_dir():
        with Warehouse(project.warehouse) as stored:
            refused = identities_of(stored, entities, renames).refused
    else:
        refused = identities_of(None, entities, renames).refused
    for one in refused:
        if one.line == 0:
            raise UsageError(f"{one.message}; {one.remedy}")
