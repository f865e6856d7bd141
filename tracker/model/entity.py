"""Companies: one stable id each, with the names, tickers and CIK they have had, and when.

A ticker is no identity (FB became META; SNOW once was another company), so every alias carries the
days it was valid; the CIK is the key where there is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import InputError, Problem
from tracker.files.toml_file import line_of, read_toml, show_value
from tracker.model.company_names import Called, companies_called
from tracker.model.period import FiscalCalendar, closing_month

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["ENTITY_ID", "Alias", "Entities", "Entity", "load_entities"]

_MONTHS: Final = range(1, 13)
_MONTH_AND_DAY: Final = re.compile(r"(\d{1,2})-(\d{1,2})", re.ASCII)
#: What the id of a company may be: it stands in file names, SQL and tables.
ENTITY_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_LEI: Final = re.compile(r"[A-Z0-9]{18}\d{2}", re.ASCII)


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
        """Find the companies that a name means: an id, CIK, LEI, ticker or name of that day, or a former one."""
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
        """Return the id of the company with this CIK, curated or made from the CIK itself."""
        known = {entity.cik: entity.entity for entity in self.by_id.values() if entity.cik}
        return known.get(cik, f"cik{cik:010d}")


def load_entities(path: Path) -> tuple[Entities, list[Problem]]:
    """Return the companies of an `entities.toml`, and what of it could not be read."""
    try:
        text, tables = read_toml(path)
    except InputError as error:
        return Entities({}), error.problems
    wrong = {name: [*_check_company(name, table), *_check_cik(name, tables)] for name, table in tables.items()}
    problems = [
        Problem(str(path), line_of(text, key), key, "entity", message, remedy)
        for found in wrong.values()
        for key, message, remedy in found
    ]
    return Entities({name: _entity(name, table) for name, table in tables.items() if not wrong[name]}), problems


def _check_company(name: str, table: Any) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with one company: key, message, remedy."""
    if not ENTITY_ID.fullmatch(name):
        yield name, "is no id of a company", "use letters, digits, dot, dash and underscore"
    elif not isinstance(table, dict) or not _is_text(table.get("name")):
        yield name, "is a company without a name", 'give it name = "..."'
    else:
        for key in sorted(set(table) - _KEYS.keys()):
            yield f"{name}.{key}", "is unknown", f"use {', '.join(sorted(_KEYS))}"
        for key in sorted(set(table) & _KEYS.keys()):
            if not _KEYS[key][0](table[key]):
                yield f"{name}.{key}", f"{show_value(table[key])} is not {_KEYS[key][1]}", f"write {_KEYS[key][2]}"


def _check_cik(name: str, tables: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield whether another company has the CIK already: one CIK is one company."""
    ciks = {one: table.get("cik") for one, table in tables.items() if isinstance(table, dict)}
    first = next(one for one in tables if one == name or (ciks.get(one) is not None and ciks[one] == ciks.get(name)))
    if first != name:
        yield (
            f"{name}.cik",
            f"{show_value(ciks[name])} is the cik of {first}: one CIK is one company",
            "keep one of them",
        )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_cik(value: object) -> bool:
    return type(value) is int and 0 < value < 10**10


def _is_year_end(value: object) -> bool:
    return isinstance(value, str) and _read_closing_month({"fiscal_year_end": value}) in _MONTHS


def _are_names(kind: str) -> Callable[[Any], bool]:
    """Return the test for a list of names or tickers: plain texts, or tables with the days they were valid."""

    def is_item(item: object) -> bool:
        if not isinstance(item, dict):
            return _is_text(item)
        days = [item.get("from"), item.get("until")]
        return (
            item.keys() <= {kind, "from", "until"}
            and _is_text(item.get(kind))
            and all(day is None or type(day) is date for day in days)
        )

    return lambda value: isinstance(value, list) and all(map(is_item, value))


def _read_closing_month(table: dict[str, Any]) -> int | None:
    """Return the month in which the company's year closes; None if the table does not say, 0 if it says no day."""
    if "fiscal_year_end" not in table:
        return None
    found = _MONTH_AND_DAY.fullmatch(str(table["fiscal_year_end"]))
    return (found and closing_month(int(found[1]), int(found[2]))) or 0


def _entity(name: str, table: dict[str, Any]) -> Entity:
    month = _read_closing_month(table)
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
        Alias(kind, item, None, None)
        if isinstance(item, str)
        else Alias(kind, item[kind], item.get("from"), item.get("until"))
        for kind, key in (("name", "names"), ("ticker", "tickers"))
        for item in table.get(key, [])
    ]
    return [*listed, *(Alias(kind, str(table[kind]), None, None) for kind in ("cik", "lei") if kind in table)]


#: What a company may say: each key with its test, what it must be, and an example.
_KEYS: Final[dict[str, tuple[Callable[[Any], bool], str, str]]] = {
    "name": (_is_text, "a text", 'name = "Meta Platforms"'),
    "cik": (_is_cik, "a CIK", "cik = 1326801, without quotes and leading zeros"),
    "lei": (
        lambda value: isinstance(value, str) and bool(_LEI.fullmatch(value)),
        "an LEI",
        'lei = "529900T8BM49AURSDO55", twenty capital letters and digits',
    ),
    "currency": (
        lambda value: isinstance(value, str) and bool(_CURRENCY.fullmatch(value)),
        "a currency's code",
        'currency = "USD"',
    ),
    "fiscal_year_end": (_is_year_end, "a month and day", 'fiscal_year_end = "12-31"'),
    "named_by": (lambda value: value in ("start", "end"), "start or end", 'named_by = "start"'),
    "weeks": (lambda value: isinstance(value, bool), "true or false", "weeks = true"),
    "names": (
        _are_names("name"),
        "a list of names",
        'names = ["Facebook"], or [{ name = "Facebook", until = 2021-10-28 }]',
    ),
    "tickers": (
        _are_names("ticker"),
        "a list of tickers",
        'tickers = ["META"], or [{ ticker = "META", from = 2022-06-09 }]',
    ),
}
