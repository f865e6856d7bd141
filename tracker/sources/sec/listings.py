"""The SEC's lists of what companies are called: `company_tickers.json`, `company_tickers_exchange.json`, submissions.

They have no figures, only names, tickers and LEIs by CIK. With them, a company can be named by any of these once
something of it is stored, in whatever order the files come. A newer list replaces the one before; a name that it lacks
counts as a former name from then on.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import InputError, Problem
from tracker.model.batch import Batch
from tracker.model.fact import no_facts, rows_table
from tracker.sources.sec.submissions import submissions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tracker.sources.base import Request

__all__ = ["ListingSource"]

_TICKERS: Final = re.compile(r"company_tickers(_exchange)?\.json(\.gz)?", re.ASCII)
_SUBMISSIONS: Final = re.compile(r"(submissions-)?CIK\d{10}\.json(\.gz)?", re.ASCII)
_MARK: Final = b'"entityType"'  # stands at the beginning of a submissions file, and nowhere in company facts
_HEAD: Final = 300
_MOST_BYTES: Final = 96 * 2**20
_MOST_CIK: Final = 10**10
_ORIGIN: Final = "company_tickers"
_FETCH: Final = "fetch the file again"


class ListingSource:
    """Reads the SEC's lists of tickers and names."""

    name = "listing"
    needs_background = False

    def accepts(self, path: Path) -> bool:
        """Return whether the path has the name of a list of tickers, or is a company's submissions file."""
        is_named = path.name.startswith("submissions-") or path.parent.name == "submissions"
        return bool(_TICKERS.fullmatch(path.name)) or (
            bool(_SUBMISSIONS.fullmatch(path.name)) and (is_named or _MARK in _read_head(path))
        )

    def read(self, request: Request) -> Iterator[Batch]:
        """Yield the names as one batch without figures; InputError if the file cannot be read."""
        place, content = str(request.path), _load_json(request.path)
        if _TICKERS.fullmatch(request.path.name):
            rows, problems = _read_tickers(content, place)
        else:
            rows, problems = _submissions(content, place), []
        note = f"names of {len({cik for cik, *_ in rows})} companies"
        yield Batch(no_facts(), {"listing": rows_table("listing", rows)}, tuple(problems), None, 1.0, note)


def _read_head(path: Path) -> bytes:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            return stream.read(_HEAD)
    except (OSError, EOFError, zlib.error):
        return b""


def _load_json(path: Path) -> Any:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            return json.loads(stream.read(_MOST_BYTES))  # a longer one is cut off, and no JSON
    except (OSError, ValueError, EOFError, zlib.error, RecursionError) as error:
        raise InputError([_make_listing_problem(str(path), f"cannot be read ({error})")]) from error


def _make_listing_problem(place: str, message: str, remedy: str = _FETCH) -> Problem:
    return Problem(place, None, None, "listing", message, remedy)


def _submissions(content: Any, place: str) -> list[tuple[object, ...]]:
    cik = str(content.get("cik")) if isinstance(content, dict) else ""
    if not re.fullmatch(r"\d{1,10}", cik, re.ASCII):
        raise InputError([_make_listing_problem(place, "has no cik, so it is no file of a company's submissions")])
    return submissions_of(content, []).listing(int(cik))


def _read_tickers(content: Any, place: str) -> tuple[list[tuple[object, ...]], list[Problem]]:
    """Read the rows of `listing`, and a problem for each entry that lacks a CIK, a name or a ticker."""
    places: dict[int, int] = {}
    rows: list[tuple[object, ...]] = []
    problems: list[Problem] = []
    for key, cik, ticker, name in _list_entries(content, place):
        if not _is_entry(cik, ticker, name):
            problems.append(
                _make_listing_problem(
                    f"{place}#{key}", "is no company with a CIK, a ticker and a name", "it is left out"
                )
            )
            continue
        places[cik] = places.get(cik, 0) + 1
        rows.append((cik, "name", name.strip(), None, None, None, _ORIGIN))
        rows.append((cik, "ticker", ticker.strip(), None, None, places[cik], _ORIGIN))
    if not rows:
        raise InputError([*problems, _make_listing_problem(place, "lists no company")])
    return rows, problems


def _list_entries(content: Any, place: str) -> Iterable[tuple[object, Any, Any, Any]]:
    """Return the entries of either form with their place in the file: CIK, ticker and name."""
    if isinstance(content, dict) and isinstance(content.get("fields"), list) and isinstance(content.get("data"), list):
        fields = content["fields"]
        if not {"cik", "ticker", "name"} <= {field for field in fields if isinstance(field, str)}:
            raise InputError([_make_listing_problem(place, "its fields are not cik, name and ticker")])
        found = [dict(zip(fields, row, strict=False)) if isinstance(row, list) else {} for row in content["data"]]
        return [(n, row.get("cik"), row.get("ticker"), row.get("name")) for n, row in enumerate(found)]
    if not isinstance(content, dict):
        raise InputError([_make_listing_problem(place, "is no list of tickers as the SEC publishes it")])
    named = [(key, row if isinstance(row, dict) else {}) for key, row in content.items()]
    return [(key, row.get("cik_str"), row.get("ticker"), row.get("title")) for key, row in named]


def _is_entry(cik: object, ticker: object, name: object) -> bool:
    is_cik = isinstance(cik, int) and not isinstance(cik, bool) and 0 < cik < _MOST_CIK
    return is_cik and all(isinstance(text, str) and bool(text.strip()) for text in (ticker, name))
