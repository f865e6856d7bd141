"""Companies: one stable id each, with the names, tickers and CIK they have had, and when.

A ticker is no identity (FB became META; SNOW once was another company), so every alias carries the
days it was valid; the CIK is the key where there is one.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import Problem
from tracker.naming import Called, companies_called
from tracker.period import FiscalCalendar, closing_month

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

__all__ = ["Alias", "Entities", "Entity", "load_entities"]

_KEYS = frozenset({"name", "cik", "lei", "currency", "fiscal_year_end", "named_by", "weeks", "names", "tickers"})
_MONTHS = range(1, 13)
_LEI: Final = re.compile(r"[A-Z0-9]{18}\d{2}", re.ASCII)
_MONTH_AND_DAY: Final = re.compile(r"(\d{1,2})-(\d{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Alias:
    """A name, ticker, CIK or LEI and the days it was the company's; open where an end is `None`."""

    kind: str
    alias: str
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Entity:
    """A reporting company. `calendar` is `None` where its fiscal year is not known."""

    entity: str
    name: str
    cik: int | None
    currency: str | None
    calendar: FiscalCalendar | None
    is_weekly: bool
    aliases: tuple[Alias, ...]


@dataclass(frozen=True, slots=True)
class Entities:
    """The companies a project knows, by id.

    `renamed` are ids that `entities.csv` gave companies, each with the one it had before; `others` tells what companies
    are called that are known from filings alone, where somebody names one.
    """

    by_id: dict[str, Entity]
    renamed: Mapping[str, str] = field(default_factory=dict)
    others: Callable[[], Sequence[Called]] = tuple

    def __contains__(self, entity: str) -> bool:
        return entity in self.by_id

    def __getitem__(self, entity: str) -> Entity:
        return self.by_id[entity]

    def named(self, name: str, day: date) -> list[str]:
        """The ids of the companies a name means: an id, CIK, LEI, ticker or name of that day, else a former one."""
        if name in self.by_id:
            return [name]
        return companies_called(name, self._called(), day) or companies_called(name, self.others(), day)

    def _called(self) -> Iterator[Called]:
        yield from (Called(before, "id", now, None, None) for now, before in self.renamed.items())
        for one in self.by_id.values():
            yield Called(one.entity, "id", one.entity, None, None)
            yield Called(one.entity, "name", one.name, None, None)
            for alias in one.aliases:
                yield Called(one.entity, alias.kind, alias.alias, alias.valid_from, alias.valid_to)

    def by_cik(self, cik: int) -> str:
        """The id of the company with this CIK, curated or made from the CIK itself."""
        known = {entity.cik: entity.entity for entity in self.by_id.values() if entity.cik}
        return known.get(cik, f"cik{cik:010d}")


def load_entities(path: Path) -> tuple[Entities, list[Problem]]:
    """The companies of an `entities.toml`, and what of it could not be read."""
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Entities({}), [Problem(str(path), None, None, "toml", str(error), "mend the TOML, in UTF-8")]
    problems = [
        Problem(str(path), None, name, "entity", message, remedy)
        for name, table in tables.items()
        for message, remedy in _wrong_with(table)
    ]
    problems += _doubled(tables, path)
    faulty = {problem.column for problem in problems}
    return Entities({name: _entity(name, table) for name, table in tables.items() if name not in faulty}), problems


def _doubled(tables: dict[str, Any], path: Path) -> list[Problem]:
    """Companies whose CIK another one has already: one CIK is one company."""
    first: dict[int, str] = {}
    problems = []
    for name, table in tables.items():
        cik = table.get("cik") if isinstance(table, dict) else None
        if isinstance(cik, int) and first.setdefault(cik, name) != name:
            message = f"has the cik {cik} of {first[cik]}: one CIK is one company"
            problems.append(Problem(str(path), None, name, "entity", message, "keep one of the two"))
    return problems


def _wrong_with(table: Any) -> list[tuple[str, str]]:
    if not isinstance(table, dict) or not isinstance(table.get("name"), str):
        return [("a company without a name", 'give it name = "..."')]
    wrong = [(f"unknown key {key!r}", f"use {', '.join(sorted(_KEYS))}") for key in sorted(set(table) - _KEYS)]
    if not isinstance(table.get("cik", 1), int):
        wrong.append((f"cik {table['cik']!r} is no number", "write it without quotes and leading zeros"))
    if "lei" in table and not _LEI.fullmatch(str(table["lei"])):
        wrong.append((f"lei {table['lei']!r} is no LEI", "write its twenty capital letters and digits in quotes"))
    if _month(table) not in (None, *_MONTHS):
        wrong.append((f"fiscal_year_end {table['fiscal_year_end']!r} is no month and day", 'write "12-31"'))
    return wrong


def _month(table: dict[str, Any]) -> int | None:
    """The month the company's year closes in; None where the table does not say, 0 where what it says is no day."""
    if "fiscal_year_end" not in table:
        return None
    found = _MONTH_AND_DAY.fullmatch(str(table["fiscal_year_end"]))
    return (found and closing_month(int(found[1]), int(found[2]))) or 0


def _entity(name: str, table: dict[str, Any]) -> Entity:
    month = _month(table)
    return Entity(
        entity=name,
        name=table["name"],
        cik=table.get("cik"),
        currency=table.get("currency"),
        calendar=FiscalCalendar(month, table.get("named_by") == "start") if month else None,
        is_weekly=table.get("weeks", False),
        aliases=tuple(_aliases(table)),
    )


def _aliases(table: dict[str, Any]) -> list[Alias]:
    listed = [
        Alias(kind, item[kind], item.get("from"), item.get("until"))
        for kind, key in (("name", "names"), ("ticker", "tickers"))
        for item in table.get(key, [])
    ]
    return [*listed, *(Alias(kind, str(table[kind]), None, None) for kind in ("cik", "lei") if kind in table)]
