"""Rename, merge or remove a company: add a row to `entities.csv`, then apply it.

The row is the change: people review and version it with the other tables, and removing it undoes the change. Rows
apply in their order, so that a company that is renamed and renamed back has its first id again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from tracker.errors import InputError, NothingMatchedError, UsageError
from tracker.model.entity import ENTITY_ID
from tracker.pipeline.correct import append_row, find_author, format_today
from tracker.pipeline.ingest import ingest
from tracker.sources.seed import RENAME_COLUMNS, RENAMES, Rename, known_entities, read_renames
from tracker.warehouse.identity import find_identities
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.model.entity import Entities
    from tracker.project import Project
    from tracker.warehouse.reader import Result

__all__ = ["list_companies", "merge", "remove", "rename"]

#: Every company with its names and the ids it is stored under; removed companies come last.
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
    listed as (
        select coalesce(l.entity, c.entity) as entity, l.name, l.ticker, l.cik, coalesce(c.statements, 0) as statements
        from entity_label l
        full join counted c on c.entity = l.entity
    )
    select s.entity, s.name, s.ticker, s.cik, s.statements, t.stored_as, 'shown' as state
    from listed s
    left join stored t on t.entity = s.entity
    union all
    select i.stored_as, e.name, null, e.cik, 0, null, 'removed'
    from entity_id i
    join stored_latest_entity e on e.entity = i.stored_as
    where not i.is_withdrawn and i.entity is null
    order by state desc, entity
"""


def list_companies(warehouse: Warehouse) -> Result:
    """List all companies: id, name, ticker, CIK, number of statements, and other ids they are stored under."""
    return warehouse.sql(_COMPANIES)


def rename(project: Project, old: str, new: str, reason: str | None, say: Callable[[str], None]) -> str:
    """Give a company another id from now on, and return that id.

    Raises:
        NothingMatchedError: there is no company of that name.
        UsageError: the new id is invalid, or another company has it.

    """
    _check_new_id(new)
    return _write_rename(project, Rename(0, old, "rename", new, reason, None, None), say)


def merge(project: Project, one: str, into: str, reason: str | None, say: Callable[[str], None]) -> str:
    """Show two companies as one, under the id of the second; raise as `rename` does, and UsageError for two CIKs."""
    return _write_rename(project, Rename(0, one, "merge", _find_company(project, into), reason, None, None), say)


def remove(project: Project, entity: str, reason: str | None, say: Callable[[str], None]) -> str:
    """Stop showing a company; its facts stay stored, and are shown again when the row is removed."""
    return _write_rename(project, Rename(0, entity, "remove", None, reason, None, None), say)


def _check_new_id(entity: str) -> None:
    """Raise UsageError if a text cannot be an id."""
    if not ENTITY_ID.fullmatch(entity):
        raise UsageError(f"{entity!r} is not an id; use letters, digits, dot, dash and underscore")


def _find_company(project: Project, name: str) -> str:
    """Find the id of a company by any of its names."""
    if project.has_warehouse:
        with Warehouse(project.warehouse) as stored:
            return stored.entity_of(name)
    found = known_entities(project.seeds).named(name, datetime.now(UTC).date())
    if len(found) != 1:
        message = f"{name!r} may be {', '.join(found)}; give the id" if found else f"no company is called {name!r}"
        raise NothingMatchedError(message)
    return found[0]


def _write_rename(project: Project, draft: Rename, say: Callable[[str], None]) -> str:
    """Check, write and apply a row; return the id that the company has then."""
    path = project.seeds / RENAMES
    renames, wrong = read_renames(path)
    if wrong:
        raise InputError(wrong)
    entity, day = _find_company(project, draft.entity), format_today()
    row = replace(draft, entity=entity, made_by=find_author(project), made_on=date.fromisoformat(day))
    if entity == row.into:
        raise UsageError(f"{entity} has that id already; there is nothing to change")
    _check_renames(project, known_entities(project.seeds), [*renames, row])
    values = (entity, row.action, row.into, row.reason, row.made_by, day)
    line = append_row(path, {n: c or "" for n, c in zip(RENAME_COLUMNS, values, strict=True)}, RENAME_COLUMNS)
    say(f"{path.name}:{line}: written to {path.parent}; remove the row to undo it")
    ingest(project, [], say=say)
    return row.into or entity


def _check_renames(project: Project, entities: Entities, renames: list[Rename]) -> None:
    """Raise UsageError if the last of the rows cannot be applied."""
    if project.has_warehouse:
        with Warehouse(project.warehouse) as stored:
            refused = find_identities(stored, entities, renames).refused
    else:
        refused = find_identities(None, entities, renames).refused
    for one in refused:
        if one.line == 0:
            raise UsageError(f"{one.message}; {one.remedy}")
