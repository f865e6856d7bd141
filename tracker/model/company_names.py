"""Names: which company a name means, and what to say of a name there is not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

__all__ = ["Called", "bare_name", "cik_in", "companies_called", "nearest"]

_LEGAL_FORM: Final = re.compile(
    r",?\s+(Inc|Incorporated|Corp|Corporation|Company|Co|Ltd|Limited|LLC|plc|N\.?V|S\.?A|AG|SE|Holdings?)\.?$",
    re.IGNORECASE,
)
_CIK: Final = re.compile(r"(?:cik[ :_-]?)?0*(\d{1,10})", re.ASCII | re.IGNORECASE)


class Called(NamedTuple):
    """What a company is or was called, and the days it was so; `kind` as in the view `entity_name`."""

    entity: str
    kind: str
    alias: str
    valid_from: date | None
    valid_to: date | None

    def is_valid(self, day: date) -> bool:
        """Return whether the name was the company's on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


def bare_name(name: str) -> str:
    """Return a company's name without its legal form, as people write it.

    >>> bare_name("Alphabet Inc."), bare_name("Amazon.com, Inc."), bare_name("Oracle")
    ('Alphabet', 'Amazon.com', 'Oracle')
    """
    return _LEGAL_FORM.sub("", name.strip()).strip(" ,") or name


def cik_in(name: str) -> str | None:
    """Return the digits of a CIK, however it is written; None where it is none.

    >>> cik_in("CIK0001326801"), cik_in("1326801"), cik_in("META")
    ('1326801', '1326801', None)
    """
    found = _CIK.fullmatch(name.strip())
    return found[1] if found else None


def companies_called(name: str, rows: Iterable[Called], day: date) -> list[str]:
    """Return the companies a name means on a day, of those called so: the nearest kind of name decides.

    Its id comes first, then what it was stored under, its CIK and LEI, then tickers and names of that day, in full
    before without the legal form, then former ones in the same order.
    """
    asked = name.strip().casefold()
    ranked = [(rank, row.entity) for row in rows if (rank := _rank_name(asked, row, day)) is not None]
    first = min((rank for rank, _ in ranked), default=None)
    return sorted({entity for rank, entity in ranked if rank == first})


def _rank_name(asked: str, row: Called, day: date) -> int | None:
    """Return how near a name is to what is asked for; None where it is another."""
    alias = row.alias.casefold()
    if row.kind in _NEARNESS:
        is_it = alias == asked or (row.kind == "cik" and alias == cik_in(asked)) or f"{row.kind}{alias}" == asked
        return _NEARNESS[row.kind] if is_it else None
    late = 0 if row.is_valid(day) else 2
    if alias == asked:
        return 2 + late
    is_alike = row.kind == "name" and bare_name(alias) == bare_name(asked)
    return 3 + late if is_alike else None


#: Kinds of names that never change hands, the nearest first.
_NEARNESS: Final = {"id": 0, "former_id": 1, "cik": 1, "lei": 1}


def nearest(name: str, known: Collection[str], where: str) -> str:
    """Return the end of a sentence on an unknown name: the names most like it, and where all are listed.

    >>> nearest("capx", ["capex", "revenue"], "`tracker schema` lists them")
    'did you mean capex? `tracker schema` lists them'
    >>> nearest("x", ["capex", "revenue"], "`tracker schema` lists them")
    '`tracker schema` lists them'
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only mistakes need it

    folded = {one.casefold(): one for one in known}
    close = get_close_matches(name[:200].casefold(), folded, 3, 0.7)
    return f"did you mean {' or '.join(folded[one] for one in close)}? {where}" if close else where
