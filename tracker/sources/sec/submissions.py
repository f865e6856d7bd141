"""The SEC's list of a company's filings: when each was accepted, and the company's names.

Acceptance times carry a `Z`, but are New York local time in most files. A report that is accepted after 17:30 in New
York is filed on the next working day. So the filing dates show whether a file means UTC or New York time.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from tracker.model.period import closing_month

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["ListedFiling", "Submissions", "beside", "day_end", "submissions_of"]

_EASTERN: Final = ZoneInfo("America/New_York")
_MONTH_AND_DAY: Final = re.compile(r"\d{4}", re.ASCII)
_CLOSE: Final = time(17, 30)
#: Forms whose filing date follows the closing hour; ownership forms are dated the same day until 22:00.
_MOST_BYTES: Final = 96 * 2**20
_DATED: Final = ("10-K", "10-Q", "20-F", "40-F", "8-K", "6-K")


@dataclass(frozen=True, slots=True)
class ListedFiling:
    """A filing as the list has it: number, form, day of filing, last day of its period, and name of its document.

    Days are text, as listed; what a list does not say is empty. `has_facts` says that the SEC found XBRL in it.
    """

    accession: str
    form: str
    filed: str
    period_end: str
    document: str
    has_facts: bool


@dataclass(frozen=True, slots=True)
class Submissions:
    """What is known of a company's filings: acceptance by accession number, year end, tickers, names, and the list."""

    accepted: dict[str, datetime]
    closing_month: int | None
    tickers: tuple[str, ...]
    former_names: tuple[tuple[str, date | None, date | None], ...]
    name: str | None = None
    lei: str | None = None
    filings: tuple[ListedFiling, ...] = ()

    def known_at(self, accession: str, filed: str) -> datetime:
        """Return the moment when a filing became public: its acceptance, else the last second of its filing date."""
        return self.accepted.get(accession) or day_end(date.fromisoformat(filed))

    def aliases(self, cik: int) -> list[tuple[str, str, date | None, date | None]]:
        """CIK, tickers and former names as rows of `entity_alias`."""
        tickers = [("ticker", ticker, None, None) for ticker in self.tickers]
        names = [("name", name, since, until) for name, since, until in self.former_names]
        return [("cik", str(cik), None, None), *tickers, *names]

    def listing(self, cik: int) -> list[tuple[object, ...]]:
        """Names, tickers and LEI as rows of `listing`; none where nothing of the company is known."""
        current = [("name", self.name, None, None, None)] if self.name else []
        former = [("name", name, since, until, None) for name, since, until in self.former_names]
        tickers = [("ticker", ticker, None, None, place) for place, ticker in enumerate(self.tickers, 1)]
        lei = [("lei", self.lei, None, None, None)] if self.lei else []
        return [(cik, *row, f"submissions CIK{cik:010d}") for row in (*current, *former, *tickers, *lei)]


def day_end(day: date) -> datetime:
    """Return the last second of a day, UTC, so that nothing counts as known before it was public."""
    return datetime.combine(day, time(23, 59, 59), UTC)


def beside(folder: Path, cik: int) -> Submissions:
    """Read the submissions files of a company, in the folder or in `submissions` beside it."""
    pages = list(_pages(folder, f"CIK{cik:010d}"))
    head: dict[str, Any] = next((page for page in pages if isinstance(page.get("filings"), dict)), {})
    return submissions_of(head, pages)


def submissions_of(head: dict[str, Any], pages: Sequence[dict[str, Any]]) -> Submissions:
    """Read the file of a company's latest filings and the files of its older ones."""
    filings = [row for page in pages for row in _filings(page)]
    return Submissions(
        accepted=_accepted(filings),
        closing_month=_parse_closing_month(head.get("fiscalYearEnd")),
        tickers=tuple(ticker for ticker in head.get("tickers") or [] if isinstance(ticker, str)),
        former_names=tuple(_former(entry) for entry in head.get("formerNames") or [] if isinstance(entry, dict)),
        name=_cell_text(head.get("name")),
        lei=_cell_text(head.get("lei")),
        filings=tuple(filing for page in pages for filing in _list_filings(page)),
    )


def _pages(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    places = [folder / f"submissions-{name}.json", folder.parent / "submissions" / f"{name}.json"]
    places += sorted((folder.parent / "submissions").glob(f"{name}-submissions-*.json"))
    for place in places:
        for path in (place, place.with_name(place.name + ".gz")):
            page = _load_json(path)
            if isinstance(page, dict):
                yield page


def _load_json(path: Path) -> object:
    """Return the JSON of a file; empty if it is absent or unreadable, because then the filing dates are used."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
        return json.loads(data) if len(data) <= _MOST_BYTES else None
    except (OSError, ValueError, EOFError, zlib.error, RecursionError):
        return None


def _filings(page: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """List the accession number, form, filing date and acceptance of each filing of a page."""
    filings = page.get("filings")
    columns = filings.get("recent", {}) if isinstance(filings, dict) else page
    names = ("accessionNumber", "form", "filingDate", "acceptanceDateTime")
    if not all(isinstance(columns.get(name), list) for name in names):
        return []
    return [row for row in zip(*(columns[name] for name in names), strict=False) if all(map(_is_text, row))]


_LISTED: Final = ("accessionNumber", "form", "filingDate", "reportDate", "primaryDocument", "isXBRL")


def _list_filings(page: dict[str, Any]) -> Iterator[ListedFiling]:
    """List the filings of a page that have a number and a form."""
    filings = page.get("filings")
    columns = filings.get("recent", {}) if isinstance(filings, dict) else page
    listed = [columns.get(name) for name in _LISTED]
    if not isinstance(listed[0], list):
        return
    count = len(listed[0])
    cells = [column if isinstance(column, list) and len(column) == count else [""] * count for column in listed]
    for accession, form, filed, period_end, document, has_facts in zip(*cells, strict=True):
        if _is_text(accession) and _is_text(form):
            days = str(filed or ""), str(period_end or "")
            yield ListedFiling(accession, form, *days, str(document or ""), bool(has_facts))


def _cell_text(cell: object) -> str | None:
    return cell.strip() or None if isinstance(cell, str) else None


def _is_text(cell: object) -> bool:
    return isinstance(cell, str) and bool(cell)


def _accepted(filings: list[tuple[str, str, str, str]]) -> dict[str, datetime]:
    """Return acceptance times by accession number, in the zone that fits the filing dates of most of the reports."""
    read = [
        (accession, form, filed, moment) for accession, form, filed, text in filings if (moment := _read_moment(text))
    ]
    dated = [(filed, moment) for _, form, filed, moment in read if form.startswith(_DATED)]
    eastern = sum(_is_near_filing(moment.replace(tzinfo=_EASTERN), filed) for filed, moment in dated)
    universal = sum(_is_near_filing(moment.replace(tzinfo=UTC), filed) for filed, moment in dated)
    zone = _EASTERN if eastern >= universal else UTC
    return {accession: moment.replace(tzinfo=zone).astimezone(UTC) for accession, _, _, moment in read}


def _read_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
    return moment if moment.year in _YEARS else None


#: The years in which a filing may have been accepted, or a name may have been in use; others may have no time zones.
_YEARS: Final = range(1800, 9000)


def _is_near_filing(moment: datetime, filed: str) -> bool:
    """Return whether a report accepted then would be filed on that day: the same day until 17:30 in New York."""
    local = moment.astimezone(_EASTERN)
    return (local.date().isoformat() == filed) if local.time() <= _CLOSE else (local.date().isoformat() < filed)


def _parse_closing_month(text: object) -> int | None:
    """Return the month a fiscal year closes in, from the `fiscalYearEnd` of the SEC: `0229` or `1231`."""
    if not isinstance(text, str) or not _MONTH_AND_DAY.fullmatch(text):
        return None
    return closing_month(int(text[:2]), int(text[2:]))


def _former(entry: dict[str, Any]) -> tuple[str, date | None, date | None]:
    return str(entry.get("name")), _read_day(entry.get("from")), _read_day(entry.get("to"))


def _read_day(text: object) -> date | None:
    moment = _read_moment(text) if isinstance(text, str) else None
    return moment.date() if moment else None
