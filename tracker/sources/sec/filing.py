"""Filings themselves: an inline XBRL document, an XBRL instance, or a folder with the documents of one filing.

Each numeric fact becomes a statement with the characters on which it stands and the id of its element. A fact about a
part of the company has `dimensions`. Facts are repeated in a filing: the same value to the same digits counts once,
where it stands first for the reader; other digits are another statement, and values that cannot be one are a problem.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from tracker.errors import DocumentError, InputError, Problem
from tracker.model.batch import Batch
from tracker.model.fact import Fact, rows_table, to_table
from tracker.model.period import YEAR_DAYS, closing_month
from tracker.model.quantity import MAX_DECIMALS, amount_text, miswritten_currency
from tracker.sources.sec.filing_place import FilingPlace, find_place
from tracker.sources.sec.label_linkbase import read_labels
from tracker.sources.sec.tagged import is_inline, is_instance, read_tagged
from tracker.sources.sec.xbrl import FactContext, Filed, TaggedFact, classify_duplicates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal
    from pathlib import Path

    from tracker.model.entity import Entities
    from tracker.model.period import Period
    from tracker.sources.base import Request

__all__ = ["MAX_BYTES", "FilingSource", "read_bounded", "read_filing_text"]

#: The largest document of any filing is some 40 MB; a larger one is damaged or hostile.
MAX_BYTES: Final = 64 * 2**20
_PAGES: Final = (".htm", ".html", ".xhtml")
_READER: Final = "filing-2"
#: The form of an annual report of a European company, which has no cover page: annual financial report (ESEF).
ANNUAL_REPORT: Final = "AFR"
_T = TypeVar("_T")
_SEC: Final = re.compile(r"https?://www\.sec\.gov/CIK/?", re.IGNORECASE)
_LEI: Final = re.compile(r"https?://standards\.iso\.org/iso/17442(-1)?/?", re.IGNORECASE)


class FilingSource:
    """Reads filings as companies tag them."""

    name = "filing"
    needs_background = False

    def accepts(self, path: Path) -> bool:
        """Return whether this is an XBRL instance, a page with inline XBRL (or gzipped), or a folder of such pages."""
        if path.is_dir():
            return any(_is_inline_file(one) for one in _list_pages(path))
        suffix, is_packed = _suffix(path)
        if suffix == ".xml":
            return True
        return suffix in _PAGES and (is_packed or _is_inline_file(path))

    def read(self, request: Request) -> Iterator[Batch]:
        """Yield the facts of each document as one batch; InputError where a document cannot be read."""
        paths = [one for one in _list_pages(request.path) if _is_inline_file(one)]
        documents = [_read_document(path) for path in (paths if request.path.is_dir() else [request.path])]
        shared = _share_resources(documents if request.path.is_dir() else [*documents, *_find_siblings(documents[0])])
        # What the warehouse knows is asked before the first batch: then nobody else uses its connection.
        labels, wrong = _read_labels(documents)
        readings = [_Reading(request, document, shared, labels) for document in documents]
        readings[0].problems += wrong
        for number, reading in enumerate(readings, 1):
            yield reading.batch(number / len(readings))


# -- files -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Document:
    """A document of a filing, the hash of its bytes, and what is tagged in it."""

    path: Path
    digest: str
    filed: Filed


def _suffix(path: Path) -> tuple[str, bool]:
    """Return the suffix of a file's name without `.gz`, and whether it has that."""
    name = path.name.lower()
    is_packed = name.endswith(".gz")
    return "." + name.removesuffix(".gz").rpartition(".")[2], is_packed


def _list_pages(folder: Path) -> list[Path]:
    """List the pages of a folder by name; none if the path is a file."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and _suffix(path)[0] in _PAGES)


def _is_inline_file(path: Path) -> bool:
    try:
        return is_inline(read_bounded(path))
    except (OSError, EOFError, zlib.error):
        return False


def read_bounded(path: Path) -> bytes:
    """Return the bytes of a file, unpacked; never more than one above the limit."""
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def read_filing_text(path: Path) -> tuple[str, str] | None:
    """Return the text of a document in which spans count, and the hash of its bytes; None if it cannot be read."""
    try:
        document = _read_document(path)
    except (OSError, InputError):
        return None
    return document.filed.text, document.digest


def _read_document(path: Path) -> _Document:
    """Read a document; InputError where it is no document with facts."""
    try:
        data = read_bounded(path)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError([_problem(path, "unreadable", f"cannot be unpacked ({error})", "fetch it again")]) from error
    if len(data) > MAX_BYTES:
        message = f"has more than {MAX_BYTES // 2**20} MB, which is more than any filing has"
        raise InputError([_problem(path, "size", message, "check where it comes from")])
    if not (is_instance(data) if _suffix(path)[0] == ".xml" else is_inline(data)):
        what = "is no XBRL instance" if _suffix(path)[0] == ".xml" else "has no inline XBRL"
        raise InputError([_problem(path, "shape", what, "give the document that the filing's figures are tagged in")])
    try:
        filed = read_tagged(data)
    except DocumentError as error:
        raise InputError([_problem(path, "document", str(error), "fetch it again")]) from error
    return _Document(path, hashlib.sha256(data).hexdigest(), filed)


def _find_siblings(document: _Document) -> list[_Document]:
    """Find the documents of the same filing in the folder that define what this one does not: they share a schema."""
    filed = document.filed
    absent = {fact.context for fact in filed.facts if fact.context not in filed.contexts}
    if not filed.is_inline or not absent:
        return []
    found = []
    for path in _list_pages(document.path.parent):
        if path != document.path and _may_define(path, absent, filed.schemas):
            try:
                other = _read_document(path)
            except InputError:
                continue
            if absent <= other.filed.contexts.keys() and (not filed.schemas or filed.schemas & other.filed.schemas):
                found.append(other)
    return found if len(found) == 1 else []


def _may_define(path: Path, absent: set[str], schemas: frozenset[str]) -> bool:
    """Return whether a page is worth reading for these contexts: it has their ids in it, and one of the schemas."""
    try:
        data = read_bounded(path)
    except (OSError, EOFError, zlib.error):
        return False
    has_schema = not schemas or any(schema.encode() in data for schema in schemas)
    return has_schema and all(key.encode() in data for key in absent) and is_inline(data)


_LABELS: Final = re.compile(r"(_lab[\w-]{0,20}\.xml|\.xsd)(\.gz)?", re.ASCII | re.IGNORECASE)


def _read_labels(documents: Sequence[_Document]) -> tuple[dict[str, str], list[Problem]]:
    """Read what the filing calls its members, from the linkbases beside its documents, named like their schema."""
    labels: dict[str, str] = {}
    problems = []
    stems = {name.removesuffix(".xsd") for document in documents for name in document.filed.schemas if "/" not in name}
    for path in _list_beside(documents[0].path):
        if any(stem and path.name.startswith(stem) and _LABELS.fullmatch(path.name[len(stem) :]) for stem in stems):
            try:
                labels = read_labels(read_bounded(path)) | labels
            except (OSError, EOFError, zlib.error, DocumentError) as error:
                remedy = "its labels are left out; fetch it again"
                problems.append(_problem(path, "labels", f"cannot be read ({error})", remedy))
    return labels, problems


def _list_beside(path: Path) -> list[Path]:
    """List the files in the folder of a document; none if the folder may not be listed."""
    try:
        return sorted(path.parent.iterdir())
    except OSError:
        return []


@dataclass(frozen=True, slots=True)
class _Shared:
    """The contexts and units of all documents of a filing by id, and the cover page with its context."""

    contexts: Mapping[str, FactContext]
    units: Mapping[str, str]
    cover: Mapping[str, str]
    context: FactContext | None


def _share_resources(documents: Sequence[_Document]) -> _Shared:
    """Put the contexts and units of a filing's documents together; what two of them define differently is left out."""
    contexts: dict[str, FactContext] = {}
    units: dict[str, str] = {}
    disputed: set[str] = set()
    for document in documents:
        disputed |= _add_entries(contexts, document.filed.contexts) | _add_entries(units, document.filed.units)
    main = next((one for one in documents if one.filed.cover_context), documents[0]).filed
    return _Shared(
        {key: one for key, one in contexts.items() if key not in disputed},
        {key: one for key, one in units.items() if key not in disputed},
        main.cover,
        contexts.get(main.cover_context or ""),
    )


def _add_entries(known: dict[str, _T], more: Mapping[str, _T]) -> set[str]:
    """Add the entries of one document to those of others; return the keys under which the two differ."""
    differing = {key for key, one in more.items() if key in known and known[key] != one}
    known |= more
    return differing


def _problem(path: Path, code: str, message: str, remedy: str, column: str | None = None) -> Problem:
    return Problem(str(path), None, column, code, message, remedy)


# -- one document ----------------------------------------------------------------------------------------

_MOST_LISTED: Final = 200  # problems of one kind that are listed one by one
_Key = tuple[str, FactContext, str]


class _Reading:
    """One document of a filing on its way into facts."""

    def __init__(self, request: Request, document: _Document, shared: _Shared, labels: Mapping[str, str]) -> None:
        self.request = request
        self.path = document.path
        self.document = document
        self.shared = shared
        self.labels = labels
        self.problems = [
            _problem(self.path, code, f"{where} {what}", remedy) for where, code, what, remedy in document.filed.wrong
        ]
        self._ids: dict[tuple[str, str], str] = {}
        self.placed = self._resolve_all()
        self.known = {called.entity for called in request.entities.others()}
        self.company = self._find_company()
        self.form = _find_form(shared.cover) or self._find_european_form()
        self.place = self._find_place()
        self.source_id = f"filing-{document.digest[:12]}"

    def batch(self, progress: float) -> Batch:
        """Return the facts with their source; the problems beside them."""
        facts = [self._make_fact(key, fact) for key, fact in self._choose()]
        if not facts and not self.problems:
            self.problems.append(
                _problem(self.path, "empty", "has no numeric facts", "give the filing's main document")
            )
        rows = {
            "source": rows_table("source", [self._source_row()]),
            "reading": rows_table("reading", [self._reading_row()]),
            "entity": rows_table("entity", self._entity_rows()),
            "entity_alias": rows_table("entity_alias", self._alias_rows()),
        }
        if labelled := self._label_rows():
            rows["member_label"] = rows_table("member_label", labelled)
        return Batch(to_table(facts), rows, self._limit_problems(), None, progress, self._note())

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
        """Return each fact with its concept, context and unit; the others become problems."""
        placed = []
        for fact in self.document.filed.facts:
            context, unit = self.shared.contexts.get(fact.context), self.shared.units.get(fact.unit)
            fault = _find_fault(fact, context, unit)
            if context is None or unit is None or fault:
                what = fault or ("unresolved", "names a context or a unit that is not there, or cannot be read")
                self.problems.append(self._describe(fact, *what))
            else:
                placed.append(((fact.concept, context, unit), fact))
        return placed

    def _choose(self) -> Iterator[tuple[_Key, TaggedFact]]:
        """Yield the facts to store: of those that are the same to the digit, the first that a reader sees."""
        groups: dict[_Key, list[TaggedFact]] = {}
        for key, fact in self.placed:
            groups.setdefault(key, []).append(fact)
        for key, facts in groups.items():
            if classify_duplicates(facts) == "inconsistent":
                self.problems.append(self._describe_conflict(facts))
            first: dict[tuple[object, object], TaggedFact] = {}
            for fact in sorted(facts, key=lambda one: one.is_hidden):
                first.setdefault((fact.value, fact.decimals), fact)
            yield from ((key, fact) for fact in first.values())

    def _make_fact(self, key: _Key, fact: TaggedFact) -> Fact:
        concept, context, unit = key
        period = context.period
        return Fact(
            entity=self._name_company(context),
            concept=concept,
            metric=None,
            kind="actual",
            period_start=period.start if period else None,
            period_end=period.end if period else None,
            value=fact.value,
            low=None,
            high=None,
            unit=unit,
            decimals=fact.decimals,
            qualifier="exact",
            source_id=self.source_id,
            accession=self.place.accession,
            form=self.form,
            language=None,
            span_start=fact.start,
            span_end=fact.end,
            quote=fact.printed,
            method="reported",
            confidence=1.0,
            known_at=self.place.known_at,
            retracts=None,
            dimensions=context.dimensions,
            element=fact.element,
        )

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
        if self.company is None or not _LEI.fullmatch(self.company.scheme):
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
        return find_place(self.request, self.path, _read_cik(self.company), self.form, end, entity, statements)

    def _period_end(self) -> date | None:
        """Return the last day of the period that is reported on; None if neither cover page nor form says which."""
        period = self.shared.context.period if self.shared.context else None
        if period:
            return period.end
        return self._last_day() if self.form == ANNUAL_REPORT else None

    def _source_row(self) -> tuple[object, ...]:
        cik = _read_cik(self.company) if self.company else None
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
                _read_cik(context),
                None,
                _read_closing(self.shared.cover) if context == self.company else None,
                False,
                False,
                "filing",
            )
            for entity, context in self._new_companies().items()
        ]

    def _alias_rows(self) -> list[tuple[object, ...]]:
        rows = []
        for entity, context in self._new_companies().items():
            kind = "cik" if _read_cik(context) else "lei" if _LEI.fullmatch(context.scheme) else "id"
            rows.append((entity, kind, str(_read_cik(context) or context.identifier), None, None))
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
        for context in contexts:
            entity = self._name_company(context)
            if entity not in self.known and entity not in self.request.entities:
                found.setdefault(entity, context)
        return found

    # -- problems --------------------------------------------------------------------------------------

    def _describe(self, fact: TaggedFact, code: str, message: str) -> Problem:
        place = f"{fact.element or fact.context} {fact.concept}"
        return _problem(self.path, code, f"{place} {message}", "the fact is left out", fact.concept)

    def _describe_conflict(self, facts: Sequence[TaggedFact]) -> Problem:
        shown = dict.fromkeys(
            f"{'nil' if one.value is None else amount_text(one.value)} ({one.element or one.printed})" for one in facts
        )
        message = f"{facts[0].concept} is tagged with values that cannot be one: {', '.join(shown)}"
        remedy = "see which one holds; none of them enters a figure"
        return _problem(self.path, "inconsistent", message, remedy, facts[0].concept)

    def _limit_problems(self) -> tuple[Problem, ...]:
        """Return the problems; of one kind only the first many, and how many more there are."""
        by_code: dict[str, list[Problem]] = {}
        for problem in self.problems:
            by_code.setdefault(problem.code, []).append(problem)
        kept: list[Problem] = []
        for code, found in by_code.items():
            kept += found[:_MOST_LISTED]
            if more := len(found) - _MOST_LISTED:
                kept += [_problem(self.path, code, f"{more} more of this kind", "see the others")] if more > 0 else []
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
    return len(f"{value:f}".partition(".")[2].rstrip("0"))


# -- the cover page --------------------------------------------------------------------------------------


def entity_of(entities: Entities, context: FactContext) -> str:
    """Return the id of the company of a context: by its CIK or LEI, else made from its identifier and scheme."""
    cik = _read_cik(context)
    if cik is not None:
        return entities.by_cik(cik)
    identifier = context.identifier
    if _LEI.fullmatch(context.scheme):
        known = _list_leis(entities)
        return known.get(identifier, f"lei{identifier.lower()}" if identifier.isalnum() else _slug(context))
    return _slug(context)


def _list_leis(entities: Entities) -> dict[str, str]:
    """Return the companies of the project by their LEI."""
    aliases = [(entity.entity, alias) for entity in entities.by_id.values() for alias in entity.aliases]
    return {alias.alias: entity for entity, alias in aliases if alias.kind == "lei"}


def _slug(context: FactContext) -> str:
    """Return an id for a company that is named by another scheme; long ones end in a hash."""
    host = re.sub(r"^https?://(www\.)?", "", context.scheme)
    text = re.sub(r"[^A-Za-z0-9]+", "-", f"{host}-{context.identifier}").strip("-").lower()
    digest = hashlib.sha256(f"{context.scheme} {context.identifier}".encode()).hexdigest()[:12]
    return text if 0 < len(text) <= 50 and context.identifier.isalnum() else f"id-{digest}"  # noqa: PLR2004 - letters


def _read_cik(context: FactContext) -> int | None:
    """Return the CIK of a context; None where it names the company otherwise."""
    if not _SEC.fullmatch(context.scheme) or not re.fullmatch(r"0{0,20}\d{1,10}", context.identifier, re.ASCII):
        return None
    return int(context.identifier) or None


def _find_form(cover: Mapping[str, str]) -> str | None:
    """Return the form of a filing: its document type, with `/A` where it is an amendment."""
    form = cover.get("DocumentType", "").strip().upper()
    if not form:
        return None
    is_amendment = cover.get("AmendmentFlag", "").strip().lower() in ("true", "1")
    return f"{form}/A" if is_amendment and not form.endswith("/A") else form


_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_MONTH_AND_DAY: Final = re.compile(r"(?:--)?(\d{1,2})[-/.](\d{1,2})", re.ASCII)
_NAMED_DAY: Final = re.compile(r"([A-Za-z]{3,9})\.?\s+(\d{1,2})|(\d{1,2})\s+([A-Za-z]{3,9})", re.ASCII)


def _read_closing(cover: Mapping[str, str]) -> int | None:
    """Return the month in which the fiscal year closes, from the cover page: `--09-27`, `12-31`, `December 31`."""
    text = cover.get("CurrentFiscalYearEndDate", "").strip()
    if found := _MONTH_AND_DAY.fullmatch(text):
        return closing_month(int(found[1]), int(found[2]))
    if found := _NAMED_DAY.fullmatch(text):
        month = _MONTHS.get((found[1] or found[4])[:3].lower(), 0)
        return closing_month(month, int(found[2] or found[3]))
    return None
