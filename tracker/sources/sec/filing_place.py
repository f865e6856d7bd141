"""Find out which filing a document is part of, and since when it is public.

What the caller says comes first. Otherwise these are tried in order: the accession number in the name of the file or of
its folder; the company's list of filings, by the document's name or by its form and period; the stored company facts,
by the document's figures. Without a number, a day in the file's name counts. Whatever is not found stays unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tracker.sources.sec.submissions import ListedFiling, Submissions, beside, day_end

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tracker.sources.base import Request, StatedFiling

__all__ = ["FilingPlace", "find_place", "read_accession"]


@dataclass(frozen=True, slots=True)
class FilingPlace:
    """The accession number of a document, the moment when it became public, and how that is known; None if unknown."""

    accession: str | None
    known_at: datetime | None
    basis: str | None


@dataclass(frozen=True, slots=True)
class _Sought:
    """What a document says of itself: its form, the last day of its period, and its statements of the whole company."""

    name: str
    form: str | None
    period_end: date | None
    statements: frozenset[tuple[object, ...]]


_DASHED: Final = re.compile(r"(?<!\d)(\d{10}-\d{2}-\d{6})(?!\d)", re.ASCII)
_BARE: Final = re.compile(r"(?<!\d)(\d{10})(\d{2})(\d{6})(?!\d)", re.ASCII)


def read_accession(text: str) -> str | None:
    """Return the accession number in a text, with dashes: `0000320193-25-000057`; None if there is none, or several."""
    found = {*_DASHED.findall(text), *("-".join(parts) for parts in _BARE.findall(text))}
    return found.pop() if len(found) == 1 else None


def find_place(  # noqa: PLR0913, PLR0917 - what the document says of itself
    request: Request,
    path: Path,
    cik: int | None,
    form: str | None,
    period_end: date | None,
    entity: str,
    statements: frozenset[tuple[object, ...]],
) -> FilingPlace:
    """Find the filing of a document of a company.

    `statements` are its figures of the whole company as in `StatedFiling`; `form` and `period_end` are those of its
    cover page.
    """
    sought = _Sought(path.name.removesuffix(".gz"), form, period_end, statements)
    lists = [beside(folder, cik) for folder in _list_folders(path)] if cik else []
    known = list(request.background.filings(entity))
    accession = (
        request.accession
        or read_accession(path.name)
        or read_accession(path.parent.name)
        or _find_listed(sought, lists)
        or _find_stated(sought, known)
    )
    return _date(request, sought, accession, lists, known)


def _list_folders(path: Path) -> Iterator[Path]:
    """List the folders that may have the company's list of filings: the document's own, and those of a cache above."""
    yield path.parent
    yield from path.parent.parents[:3]


def _date(
    request: Request,
    sought: _Sought,
    accession: str | None,
    lists: Sequence[Submissions],
    known: Sequence[StatedFiling],
) -> FilingPlace:
    if request.published:
        return FilingPlace(accession, day_end(request.published), "stated")
    accepted = (
        next((one.accepted[accession] for one in lists if accession in one.accepted), None) if accession else None
    )
    if accepted:
        return FilingPlace(accession, accepted, "accepted")
    for filing in known:
        if filing.accession == accession:
            return FilingPlace(accession, filing.known_at, filing.basis or "filed")
    day = _read_day(sought)
    return FilingPlace(accession, day_end(day) if day else None, "name" if day else None)


# -- the company's list of filings -----------------------------------------------------------------------


def _find_listed(sought: _Sought, lists: Sequence[Submissions]) -> str | None:
    """Return the number of the one listed filing that has the document, by its name, else by form and period."""
    filings = [filing for one in lists for filing in one.filings]
    named = {filing.accession for filing in filings if filing.document == sought.name}
    if len(named) == 1:
        return named.pop()
    same = {filing.accession for filing in filings if _is_same(filing, sought)}
    return same.pop() if len(same) == 1 else None


def _is_same(filing: ListedFiling, sought: _Sought) -> bool:
    is_dated = sought.period_end is not None and filing.period_end == sought.period_end.isoformat()
    return is_dated and sought.form is not None and filing.form == sought.form


# -- stored company facts --------------------------------------------------------------------------------

_FEWEST: Final = 20  # figures in common; fewer may be the same in several filings
_SHARE: Final = 0.9  # of the document's figures that are in company facts at all


def _find_stated(sought: _Sought, known: Sequence[StatedFiling]) -> str | None:
    """Return the number of the one stored filing of this form that states the document's figures."""
    if not sought.statements or not known:
        return None
    anywhere = frozenset().union(*(filing.statements for filing in known))
    comparable = sought.statements & anywhere
    if len(comparable) < _FEWEST:
        return None
    fitting = [
        filing.accession
        for filing in known
        if filing.form == sought.form and len(comparable & filing.statements) >= _SHARE * len(comparable)
    ]
    return fitting[0] if len(fitting) == 1 else None


# -- the name of the file --------------------------------------------------------------------------------

_DAY: Final = r"((?:19|20)\d{2})[-_.]?(\d{2})[-_.]?(\d{2})"
_LATEST: Final = timedelta(days=550)  # after the period: later filings of it are amendments


def _read_day(sought: _Sought) -> date | None:
    """Return the day at the beginning or end of the file's name, if a report of the period may be of that day."""
    stem = sought.name.rpartition(".")[0]
    for found in (re.match(rf"{_DAY}(?!\d)", stem, re.ASCII), re.search(rf"(?<!\d){_DAY}$", stem, re.ASCII)):
        if found is None or sought.period_end is None:
            continue
        try:
            day = date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            continue
        if sought.period_end < day <= sought.period_end + _LATEST:
            return day
    return None
