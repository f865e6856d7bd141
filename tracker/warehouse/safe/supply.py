"""Supply an engine with the data that a question needs: rows of views, and the twins and macros over them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from tracker.model.schema import RUN, TABLES
from tracker.warehouse.catalog import as_of_instant, has_history
from tracker.warehouse.view_files import views
from tracker.warehouse.view_macros import macros_sql, uses_macros

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tracker.warehouse.reader import Result, Warehouse
    from tracker.warehouse.safe.needs import Filter, Need

__all__ = ["Supply", "define_twins", "list_supplies", "macros_for"]

_TEXT: Final = "VARCHAR"


@dataclass(frozen=True, slots=True)
class Supply:
    """The rows to copy into a table of the engine."""

    table: str
    rows: Result


def list_supplies(
    warehouse: Warehouse, needs: Sequence[Need], entities: Sequence[str] | None = None
) -> Iterator[Supply]:
    """Yield the rows of each view that a question needs; names that are not our views are left to the engine.

    With `entities`, views that have companies show these alone.
    """
    for at, need in enumerate(needs):
        if need.name not in _known_names() or (need.moment is not None and need.name not in _timed_names()):
            continue
        table = need.name if need.moment is None else _twin_table(at)
        yield Supply(table, _read_rows(warehouse, need, entities))


def _known_names() -> frozenset[str]:
    named = {view.name for view in views()}
    return frozenset({*TABLES, RUN, "derivation", *named, *(f"{v.name}_history" for v in views() if has_history(v))})


def _timed_names() -> frozenset[str]:
    return frozenset(view.name for view in views() if view.is_timed)


def _twin_table(at: int) -> str:
    """Return a name for the table with a twin's rows that no question uses by chance."""
    return f"twin {at}"


def _read_rows(warehouse: Warehouse, need: Need, entities: Sequence[str] | None) -> Result:
    """Read the columns and rows of a view that a question needs, as a stream."""
    source = need.name
    if need.moment is not None:
        as_of_instant(need.moment)  # refuses what is no moment; what is left needs no quoting
        source = f"{need.name}_as_of('{need.moment}')"
    everything = warehouse.sql(f"select * from {source}")
    kinds = dict(zip(everything.columns, everything.types, strict=True))
    columns = [name for name in kinds if need.columns is None or name in need.columns]
    texts = {name for name, kind in kinds.items() if kind == _TEXT}
    parameters: dict[str, object] = {}
    conditions = [_condition(need.filters, texts, parameters)]
    if entities is not None and "entity" in kinds:
        conditions.append("list_contains($entities, entity)")
        parameters["entities"] = list(entities)
    where = " and ".join(condition for condition in conditions if condition)
    listed = ", ".join(f'"{name}"' for name in columns or [*kinds][:1])
    return warehouse.sql(f"select {listed} from {source}{' where ' * bool(where)}{where}", parameters)


def _condition(filters: Iterable[Sequence[Filter]], texts: set[str], parameters: dict[str, object]) -> str:
    """Write the rows that a question can use as a condition; empty if that is all of them."""
    alternatives = [
        " and ".join(
            f'"{column}" in ({", ".join(_add_parameter(parameters, value) for value in values)})'
            for column, values in one
            if column in texts and values
        )
        for one in filters
    ]
    return f"({' or '.join(f'({one})' for one in alternatives)})" if alternatives and all(alternatives) else ""


def _add_parameter(parameters: dict[str, object], value: str) -> str:
    name = f"v{len(parameters)}"
    parameters[name] = value
    return f"${name}"


def define_twins(needs: Sequence[Need]) -> str:
    """Write the statements that define the twins of a question over the rows copied for each of their moments."""
    timed = [(need.name, need.moment, at) for at, need in enumerate(needs) if need.moment is not None]
    known = [one for one in timed if one[0] in _timed_names()]
    selects = {
        name: " union all ".join(_select_twin(at, moment) for _, moment, at in of)
        for name, of in groupby(known, key=lambda one: one[0])
    }
    return "".join(f"create macro {name}_as_of(t) as table {select};\n" for name, select in selects.items())


def _select_twin(at: int, moment: str) -> str:
    return f"select * from \"{_twin_table(at)}\" where cast(t as varchar) = '{moment}'"


def macros_for(query: str) -> str:
    """Return the macros of our views if a question uses one."""
    return macros_sql() if uses_macros(query) else ""
