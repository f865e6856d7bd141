"""Filings themselves: an inline XBRL document, an XBRL instance, or a folder or report package with such documents.

Each numeric fact becomes a statement with its characters in the text and the id of its element. A fact about a part of
the company has `dimensions`. A filing repeats facts. The same value with the same digits counts once, at its first
place in the text. Other digits are another statement, and values that cannot be roundings of one value are a problem.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from tracker.errors import InputError
from tracker.model.arrays import array_of, constant
from tracker.model.batch import Batch
from tracker.model.fact import FACT_SCHEMA, content_table, rows_table, with_ids
from tracker.model.period import YEAR_DAYS
from tracker.model.quantity import MAX_DECIMALS, amount_text, miswritten_currency
from tracker.sources.sec.cover_page import entity_of, find_form, is_lei, read_cik, read_closing
from tracker.sources.sec.filing_files import (
    PAGES,
    FilingDocument,
    Shared,
    file_problem,
    find_siblings,
    is_inline_file,
    list_pages,
    read_document,
    read_member_labels,
    share_resources,
    split_suffix,
)
from tracker.sources.sec.filing_place import FilingPlace, find_place
from tracker.sources.sec.report_package import is_report_package
from tracker.sources.sec.xbrl import classify_duplicates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal
    from pathlib import Path

    from tracker.errors import Problem
    from tracker.model.period import Period
    from tracker.sources.base import Request
    from tracker.sources.sec.xbrl import FactContext, TaggedFact

__all__ = ["FilingSource"]

_READER: Final = "filing-2"
#: The form of an annual report of a European company, which has no cover page: annual financial report (ESEF).
ANNUAL_REPORT: Final = "AFR"


class FilingSource:
    """Reads filings as companies tag them."""

    name = "filing"
    needs_background = False

    def accepts(self, path: Path) -> bool:
        """Return whether this is an instance, a page with inline XBRL (or gzipped), or a folder or package of pages."""
        if path.is_dir() or is_report_package(path):
            return any(is_inline_file(one) for one in list_pages(path))
        suffix, is_packed = split_suffix(path)
        if suffix == ".xml":
            return True
        return suffix in PAGES and (is_packed or is_inline_file(path))

    def read(self, request: Request) -> Iterator[Batch]:
        """Yield the facts of each document as one batch; InputError if a document cannot be read."""
        is_file = request.path.is_file() and not is_report_package(request.path)
        paths = [request.path] if is_file else [one for one in list_pages(request.path) if is_inline_file(one)]
        documents = [read_document(path) for path in paths]
        if not documents:
            remedy = "give the documents that the filing's figures are tagged in"
            raise InputError([file_problem(request.path, "shape", "has no page with inline XBRL", remedy)])
        shared = share_resources([*documents, *find_siblings(documents[0])] if is_file else documents)
        # What the warehouse knows is asked before the first batch: then nobody else uses its connection.
        labels, wrong = read_member_labels(documents)
        readings = [_Reading(request, document, shared, labels) for document in documents]
        readings[0].problems += wrong
        for number, reading in enumerate(readings, 1):
            yield reading.batch(number / len(readings))


# -- one document ----------------------------------------------------------------------------------------

_MOST_LISTED: Final = 200  # problems of one kind that are listed one by one
_Key = tuple[str, "FactContext", str]


class _Reading:
    """Turns one document of a filing into facts."""

    def __init__(self, request: Request, document: FilingDocument, shared: Shared, labels: Mapping[str, str]) -> None:
        self.request = request
        self.path = document.path
        self.document = document
        self.shared = shared
        self.labels = labels
        self.problems = [
            file_problem(self.path, code, f"{where} {what}", remedy)
            for where, code, what, remedy in document.filed.wrong
        ]
        self._ids: dict[tuple[str, str], str] = {}
        self.placed = self._resolve_all()
        self.known = {called.entity for called in request.entities.others()}
        self.company = self._find_company()
        self.form = find_form(shared.cover) or self._find_european_form()
        self.place = self._find_place()
        self.source_id = f"filing-{document.digest[:12]}"

    def batch(self, progress: float) -> Batch:
        """Return the facts with their source; the problems beside them."""
        facts = list(self._choose())
        if not facts and not self.problems:
            self.problems.append(
                file_problem(self.path, "empty", "has no numeric facts", "give the filing's main document")
            )
        rows = {
            "source": rows_table("source", [self._source_row()]),
            "reading": rows_table("reading", [self._reading_row()]),
            "entity": rows_table("entity", self._entity_rows()),
            "entity_alias": rows_table("entity_alias", self._alias_rows()),
        }
        if labelled := self._label_rows():
            rows["member_label"] = rows_table("member_label", labelled)
        return Batch(self._make_table(facts), rows, self._limit_problems(), None, progress, self._note())

    def _note(self) -> str:
        is_numbered = self.place.accession is not None or self.form == ANNUAL_REPORT  # only the SEC gives numbers
        if self.place.known_at is not None and is_numbered:
            return ""
        if self.place.known_at is None:
            return "nothing says when it became public, so it counts from now; give --accession or --published"
        return "nothing says which filing it is part of; give --accession"

    # -- facts -----------------------------------------------------------------------------------------

    def _name_company(self, context: FactContext) -> str:
        """Return the id of a context's company."""
        key = (context.scheme, context.identifier)
        if key not in self._ids:
            self._ids[key] = entity_of(self.request.entities, context)
        return self._ids[key]

    def _resolve_all(self) -> list[tuple[_Key, TaggedFact]]:
        """Return each fact with its concept, context and unit; the others become problems. Equal contexts are one."""
        same: dict[FactContext, FactContext] = {}
        contexts = {key: same.setdefault(context, context) for key, context in self.shared.contexts.items()}
        placed = []
        for fact in self.document.filed.facts:
            context, unit = contexts.get(fact.context), self.shared.units.get(fact.unit)
            fault = _find_fault(fact, context, unit)
            if context is None or unit is None or fault:
                what = fault or ("unresolved", "names a context or a unit that is not there, or cannot be read")
                self.problems.append(self._describe(fact, *what))
            else:
                placed.append(((fact.concept, context, unit), fact))
        return placed

    def _choose(self) -> Iterator[tuple[_Key, TaggedFact]]:
        """Yield the facts to store: of those that are the same to the digit, the first that a reader sees."""
        groups: dict[tuple[str, int, str], list[tuple[_Key, TaggedFact]]] = {}
        for key, fact in self.placed:
            groups.setdefault((key[0], id(key[1]), key[2]), []).append((key, fact))
        for placed in groups.values():
            if len(placed) == 1:
                yield placed[0]
                continue
            facts = [fact for _, fact in placed]
            if classify_duplicates(facts) == "inconsistent":
                self.problems.append(self._describe_conflict(facts, placed[0][0][1].dimensions))
            first: dict[tuple[object, object], TaggedFact] = {}
            for fact in sorted(facts, key=lambda one: one.is_hidden):
                first.setdefault((fact.value, fact.decimals), fact)
            yield from ((placed[0][0], fact) for fact in first.values())

    def _make_table(self, chosen: Sequence[tuple[_Key, TaggedFact]]) -> pa.Table:
        """Return facts as a table; the values of a context (company, part, days) are computed once for each context."""
        facts, count = [fact for _, fact in chosen], len(chosen)
        places: dict[int, int] = {}
        rows = [places.setdefault(id(context), len(places)) for (_, context, _), _ in chosen]
        contexts = list({id(context): context for (_, context, _), _ in chosen}.values())
        at = array_of(rows, pa.int32())
        own: dict[str, tuple[list[Any], pa.DataType]] = {
            "entity": ([self._name_company(one) for one in contexts], pa.string()),
            "dimensions": ([one.dimensions for one in contexts], pa.string()),
            "period_start": ([one.period.start if one.period else None for one in contexts], pa.date32()),
            "period_end": ([one.period.end if one.period else None for one in contexts], pa.date32()),
        }
        same = {
            **dict.fromkeys(("metric", "language", "low", "high", "retracts")),
            "kind": "actual",
            "qualifier": "exact",
            "source_id": self.source_id,
            "accession": self.place.accession,
            "form": self.form,
            "method": "reported",
            "confidence": 1.0,
            "known_at": self.place.known_at,
        }
        columns: dict[str, list[object] | pa.Array] = {
            "concept": [concept for (concept, _, _), _ in chosen],
            "unit": [unit for (_, _, unit), _ in chosen],
            "value": [fact.value for fact in facts],
            "decimals": [fact.decimals for fact in facts],
            "span_start": [fact.start for fact in facts],
            "span_end": [fact.end for fact in facts],
            "quote": [fact.printed for fact in facts],
            "element": [fact.element for fact in facts],
        }
        columns |= {name: constant(value, FACT_SCHEMA.field(name).type, count) for name, value in same.items()}
        columns |= {name: array_of(values, kind).take(at) for name, (values, kind) in own.items()}
        return with_ids(content_table(columns))

    # -- the filing ------------------------------------------------------------------------------------

    def _find_company(self) -> FactContext | None:
        """Return a context of the company that files: that of the cover page, else the most frequent one."""
        if self.shared.context:
            return self.shared.context
        named = Counter((context.scheme, context.identifier) for (_, context, _), _ in self.placed)
        most = named.most_common(1)
        return next((c for (_, c, _), _ in self.placed if (c.scheme, c.identifier) == most[0][0]), None)

    def _find_european_form(self) -> str | None:
        """Return the form of a document that names none: an annual report, if a company with an LEI sums up a year."""
        if self.company is None or not is_lei(self.company):
            return None
        last = self._last_day()
        latest = [period.days for period in self._list_periods() if period.end == last]
        of_year = sum(YEAR_DAYS[0] <= days <= YEAR_DAYS[1] for days in latest)
        return ANNUAL_REPORT if 2 * of_year > len(latest) else None

    def _list_periods(self) -> list[Period]:
        """List the periods of the whole company's flows, each as often as there are figures of it."""
        return [c.period for (_, c, _), _ in self.placed if c.period and c.period.start and c.dimensions is None]

    def _last_day(self) -> date | None:
        return max((period.end for period in self._list_periods()), default=None)

    def _find_place(self) -> FilingPlace:
        if self.company is None:
            return FilingPlace(self.request.accession, None, None)
        entity = self._name_company(self.company)
        statements = frozenset(
            (concept, unit, c.period.start, c.period.end, fact.value)
            for (concept, c, unit), fact in self.placed
            if c.period and c.dimensions is None and fact.value is not None
        )
        end = self._period_end()
        return find_place(self.request, self.path, read_cik(self.company), self.form, end, entity, statements)

    def _period_end(self) -> date | None:
        """Return the last day of the period that is reported on; None if neither cover page nor form says which."""
        period = self.shared.context.period if self.shared.context else None
        if period:
            return period.end
        return self._last_day() if self.form == ANNUAL_REPORT else None

    def _source_row(self) -> tuple[object, ...]:
        cik = read_cik(self.company) if self.company else None
        number = (self.place.accession or "").replace("-", "")
        name = self.path.name.removesuffix(".gz")
        url = f"https://www.sec.gov/Archives/edgar/data/{cik}/{number}/{name}" if cik and number else None
        end = self._period_end()
        title = f"{self.form} for the period to {end}" if self.form and end else None
        origin = self._name_document()
        publisher = self.shared.cover.get("EntityRegistrantName")
        when = (self.place.known_at, self.place.basis)
        about = (self.source_id, "filing", publisher, title, None, url, origin, self.place.accession, self.form)
        return (*about, *when, None, self.document.digest, "filing")

    def _name_document(self) -> str:
        """Return the name of the document in the project, so that `explain` finds it again."""
        if self.path == self.request.path:
            return self.request.origin
        return f"{self.request.origin}/{self.path.relative_to(self.request.path).as_posix()}"

    def _reading_row(self) -> tuple[object, ...]:
        about = self._name_company(self.company) if self.company else None
        digest = self.document.digest
        return (self.source_id, self._name_document(), digest, digest, None, about, _READER)

    def _entity_rows(self) -> list[tuple[object, ...]]:
        """Rows of the companies that nobody else has described: the one that files, and others that it reports on."""
        return [
            (
                entity,
                self.shared.cover.get("EntityRegistrantName") or entity if context == self.company else entity,
                read_cik(context),
                None,
                read_closing(self.shared.cover) if context == self.company else None,
                False,
                False,
                "filing",
            )
            for entity, context in self._new_companies().items()
        ]

    def _alias_rows(self) -> list[tuple[object, ...]]:
        rows = []
        for entity, context in self._new_companies().items():
            kind = "cik" if read_cik(context) else "lei" if is_lei(context) else "id"
            rows.append((entity, kind, str(read_cik(context) or context.identifier), None, None))
            ticker = self.shared.cover.get("TradingSymbol", "")
            if context == self.company and _TICKER.fullmatch(ticker):
                rows.append((entity, "ticker", ticker, None, None))
        return [row for row in rows if row[1] != "id"]

    def _label_rows(self) -> list[tuple[object, ...]]:
        """Rows of the members in this document that the filing has a label for."""
        parts = {context.dimensions for (_, context, _), _ in self.placed if context.dimensions}
        members = {pair.partition("=")[2] for part in parts for pair in part.split(";")}
        return [(self.source_id, member, self.labels[member]) for member in sorted(members & self.labels.keys())]

    def _new_companies(self) -> dict[str, FactContext]:
        contexts = [*([self.company] if self.company else []), *(context for (_, context, _), _ in self.placed)]
        found: dict[str, FactContext] = {}
        for context in {id(one): one for one in contexts}.values():
            entity = self._name_company(context)
            if entity not in self.known and entity not in self.request.entities:
                found.setdefault(entity, context)
        return found

    # -- problems --------------------------------------------------------------------------------------

    def _describe(self, fact: TaggedFact, code: str, message: str) -> Problem:
        place = f"{fact.element or fact.context} {fact.concept}"
        return file_problem(self.path, code, f"{place} {message}", "the fact is left out", fact.concept)

    def _describe_conflict(self, facts: Sequence[TaggedFact], dimensions: str | None) -> Problem:
        shown = dict.fromkeys(
            f"{'nil' if one.value is None else amount_text(one.value)} ({one.element or one.printed})" for one in facts
        )
        part = f" of {dimensions}" if dimensions else ""
        message = f"{facts[0].concept}{part} is tagged with values that cannot be one: {', '.join(shown)}"
        remedy = "see which one holds; none of them enters a figure"
        return file_problem(self.path, "inconsistent", message, remedy, facts[0].concept)

    def _limit_problems(self) -> tuple[Problem, ...]:
        """Return the problems; of each kind only the first ones, and one problem that counts the others."""
        by_code: dict[str, list[Problem]] = {}
        for problem in self.problems:
            by_code.setdefault(problem.code, []).append(problem)
        kept: list[Problem] = []
        for code, found in by_code.items():
            kept += found[:_MOST_LISTED]
            if more := len(found) - _MOST_LISTED:
                kept += (
                    [file_problem(self.path, code, f"{more} more of this kind", "see the others")] if more > 0 else []
                )
        return tuple(kept)


_TICKER: Final = re.compile(r"[A-Z0-9][A-Z0-9.-]{0,11}", re.ASCII)


def _find_fault(fact: TaggedFact, context: FactContext | None, unit: str | None) -> tuple[str, str] | None:
    """Return what keeps a fact from being stored: a code and a message; None if nothing does."""
    if unit and (code := miswritten_currency(unit)):
        return "unit", f"writes the currency {code} in lower case"
    if context and context.period is None:
        return "period", "is for ever, and no figure of a period"
    if fact.value is not None and _count_places(fact.value) > MAX_DECIMALS:
        return "number", f"is {fact.value}, which has more digits than can be stored exactly"
    return None


def _count_places(value: Decimal) -> int:
    """Count the digits behind the point, without zeros at the end."""
    places = -int(value.as_tuple().exponent)
    return places if places <= MAX_DECIMALS else len(f"{value:f}".partition(".")[2].rstrip("0"))
