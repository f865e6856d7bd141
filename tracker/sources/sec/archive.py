"""Fetch filings themselves from the SEC's archive, through the same client and cache as the other files.

    cache/filings/CIK0000320193/0000320193-25-000057/FilingSummary.xml      which documents have figures
    cache/filings/CIK0000320193/0000320193-25-000057/aapl-20250329.htm      a document, as filed
    cache/filings/CIK0000320193/0000320193-25-000057/aapl-20250329_lab.xml  what it calls its members

Which filings a company has is in its list of submissions. `FilingSummary.xml` of a filing names the documents that the
SEC read figures from, and the files of its taxonomy (https://www.sec.gov/data-research/structured-data). One of these
has the labels: a linkbase of their own, or the schema. Without them the figures are the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from lxml import etree

from tracker.errors import FetchError, NothingMatchedError, UsageError
from tracker.sources.sec.submissions import ListedFiling, beside

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tracker.sources.sec.client import Edgar, Fetched

__all__ = ["Wanted", "fetch_filings", "read_wanted"]

#: Annual and quarterly reports, of foreign companies too. An 8-K tags nothing but its cover page.
_REPORTS: Final = ("10-K", "10-Q", "20-F", "40-F", "6-K")
_DOCUMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.(?:htm|html|xml)", re.ASCII)
_LINKBASE: Final = re.compile(r".*_(?:cal|def|lab|pre|ref)\.xml|FilingSummary\.xml|R\d+\.(?:htm|xml)", re.ASCII)
_LABELS: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}_lab(?:-[A-Za-z]{2,3})?\.xml", re.ASCII)
_SCHEMA: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.xsd", re.ASCII)
_ACCESSION: Final = re.compile(r"\d{10}-\d{2}-\d{6}", re.ASCII)
_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reports to fetch: the latest N, or those filed on a day or later."""

    latest: int | None
    since: date | None


def read_wanted(text: str) -> Wanted:
    """Parse which reports to fetch: a number (`4`) or a day (`2024-01-01`); UsageError if the text is neither."""
    if re.fullmatch(r"\d{1,4}", text, re.ASCII) and 0 < int(text) <= _MOST:
        return Wanted(int(text), None)
    try:
        return Wanted(None, date.fromisoformat(text))
    except ValueError:
        raise UsageError(f"{text!r} is neither a number of filings (4) nor a day (2024-01-01)") from None


def fetch_filings(sec: Edgar, fetched: Fetched, wanted: Wanted, say: Callable[[str], None]) -> list[Path]:
    """Fetch the documents with figures of a company's reports; return a file or a folder for each filing.

    The files with labels are stored beside them. If these cannot be fetched, `say` gets a message.

    Raises:
        FetchError: the SEC does not send a document.

    """
    listed = beside(fetched.submissions[0].path.parent, fetched.cik).filings
    return [_fetch_one(sec, fetched.cik, filing, say) for filing in _choose_reports(listed, wanted)]


def _choose_reports(listed: Sequence[ListedFiling], wanted: Wanted) -> list[ListedFiling]:
    """Return the wanted reports that have figures, the oldest first, so that they are stored in their order."""
    reports = {
        filing.accession: filing
        for filing in listed
        if filing.has_facts and filing.form.startswith(_REPORTS) and _ACCESSION.fullmatch(filing.accession)
    }
    in_order = sorted(reports.values(), key=lambda filing: (filing.filed, filing.accession))
    if wanted.since is not None:
        return [filing for filing in in_order if filing.filed >= wanted.since.isoformat()]
    return in_order[-(wanted.latest or 0) :]


def _fetch_one(sec: Edgar, cik: int, filing: ListedFiling, say: Callable[[str], None]) -> Path:
    place = f"Archives/edgar/data/{cik}/{filing.accession.replace('-', '')}"
    folder = f"filings/CIK{cik:010d}/{filing.accession}"
    summary = sec.document(f"{place}/FilingSummary.xml", folder)
    listed = _list_files(summary.path.read_bytes())
    names = _list_documents(listed) or [filing.document]
    copies = [sec.document(f"{place}/{name}", folder) for name in names if _DOCUMENT.fullmatch(name)]
    for name in _list_label_files(listed):
        try:
            sec.document(f"{place}/{name}", folder)
        except (FetchError, NothingMatchedError) as error:
            say(f"{filing.accession}: its labels do not come ({error}); the words of its members' names stand for them")
    return copies[0].path if len(copies) == 1 else summary.path.parent


def _list_files(summary: bytes) -> list[str]:
    """Return the names of the files that the summary of a filing lists, each once."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(summary, parser)
    except etree.XMLSyntaxError:
        return []
    return list(dict.fromkeys((element.text or "").strip() for element in root.iter("File")))


def _list_documents(listed: Sequence[str]) -> list[str]:
    """Return the names of the documents that have figures: pages, else an instance."""
    names = [name for name in listed if _DOCUMENT.fullmatch(name) and not _LINKBASE.fullmatch(name)]
    pages = [name for name in names if not name.endswith(".xml")]
    return pages or names


def _list_label_files(listed: Sequence[str]) -> list[str]:
    """Return the names of the files with labels: linkbases, else schemas, which may hold one."""
    linkbases = [name for name in listed if _LABELS.fullmatch(name)]
    return linkbases or [name for name in listed if _SCHEMA.fullmatch(name)]
