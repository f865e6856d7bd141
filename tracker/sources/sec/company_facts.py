"""The SEC's company facts: every figure of every filing, as filed.

This module reads `CIK##########.json`, also gzipped, and the bulk `companyfacts.zip`. Nothing is overwritten: each
statement of each filing is a fact. A filing's own labels of fiscal years and periods and its `frame` are ignored; a
period is its first and last day and nothing else. Numbers are read as text and never become floats. The moment when a
filing became public comes from the submissions file beside the facts, if there is one, else from its filing date; the
source says which.
"""

from __future__ import annotations

import gzip
import lzma
import re
import struct
import zipfile
import zlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracker.errors import InputError, Problem
from tracker.model.arrays import (
    Numbers,
    array_of,
    codes_of,
    constant,
    encoded,
    from_numbers,
    letters_of,
    missing,
    numbers,
)
from tracker.model.batch import Batch
from tracker.model.fact import FACT_SCHEMA, content_table, no_facts, rows_table, with_ids
from tracker.model.period import YEAR_DAYS
from tracker.model.quantity import MAX_DIGITS
from tracker.sources.sec.statements import Statements, parse, problem
from tracker.sources.sec.submissions import Submissions, beside

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime
    from pathlib import Path

    from tracker.sources.base import Request

__all__ = ["CompanyFactsSource", "list_members"]

_NAME: Final = re.compile(r"CIK(\d{10})(\.[a-z]+)?\.json(\.gz)?", re.ASCII)
_MEMBER: Final = re.compile(r"CIK\d{10}\.json", re.ASCII)
_NUMBER: Final = re.compile(r"-?\d{1,32}(\.\d{1,6})?", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ACCESSION: Final = re.compile(r"\d{10}-\d{2}-\d{6}", re.ASCII)
#: The largest file of any company is some 40 MB; a larger one is damaged or hostile.
MAX_BYTES: Final = 96 * 2**20
MAX_RATIO: Final = 200
MAX_MEMBERS: Final = 100_000
#: Facts that go into one commit: enough to keep commits few, few enough to keep memory flat.
BATCH: Final = 122_880


class CompanyFactsSource:
    """Reads company facts: the file of one company, the bulk archive of all, or some members of the archive."""

    name = "companyfacts"
    needs_background = False

    def __init__(self, members: Collection[str] | None = None) -> None:
        self._wanted = members

    def accepts(self, path: Path) -> bool:
        """Return whether the name is one of the SEC's: `CIK##########.json`, `.json.gz`, or a zip of such."""
        return bool(_NAME.fullmatch(path.name)) or path.suffix == ".zip"

    def read(self, request: Request) -> Iterator[Batch]:
        """Yield the statements in batches of whole companies; InputError if the file itself cannot be read."""
        documents = _members(request.path, self._wanted) if request.path.suffix == ".zip" else _single(request.path)
        gathered, is_empty = _Gathered(), True
        for company, progress in _companies(documents, request):
            gathered.add(company)
            is_empty = is_empty and company.is_unread
            if gathered.facts >= BATCH:
                yield gathered.batch(progress)
                gathered = _Gathered()
        if is_empty and gathered.problems:  # no company could be read at all
            raise InputError(gathered.problems)
        yield gathered.batch(1.0)


@dataclass(frozen=True, slots=True)
class _Document:
    """The bytes of one company's file, their place, and how much of the whole archive was read up to them."""

    place: str
    data: bytes
    folder: Path
    progress: float
    problem: Problem | None = None


# -- files -------------------------------------------------------------------------------------------


def _single(path: Path) -> Iterator[_Document]:
    try:
        data = _read_bounded(path)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            [problem(str(path), "unreadable", f"cannot be unpacked ({error})", "fetch it again")]
        ) from error
    if len(data) > MAX_BYTES:
        raise InputError([problem(str(path), "size", _TOO_LARGE, "check where it comes from")])
    yield _Document(str(path), data, path.parent, 1.0)


_TOO_LARGE: Final = f"has more than {MAX_BYTES // 2**20} MB, which is more than any company has"


def _read_bounded(path: Path) -> bytes:
    """Return the bytes of a file, unpacked; never more than one above the limit."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


#: What damaged archives raise, whatever is damaged: the list of members, a header, the packed bytes.
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


def list_members(path: Path) -> list[tuple[str, int]]:
    """List the members of an archive with their sizes in bytes, unpacked, as it states them.

    Raises:
        InputError: it is no readable archive, or has more members than any such archive.

    """
    try:
        with zipfile.ZipFile(path) as archive:
            return [(member.filename, member.file_size) for member in _limited(archive.infolist(), path)]
    except _BROKEN as error:
        raise _unreadable(path, error) from error


def _limited(members: list[zipfile.ZipInfo], path: Path) -> list[zipfile.ZipInfo]:
    if len(members) > MAX_MEMBERS:
        message = f"{len(members)} members are more than any such archive has"
        raise InputError([problem(str(path), "zip", message, "check where it comes from")])
    return members


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError([problem(str(path), "unreadable", f"is no readable archive ({error})", "fetch it again")])


def _members(path: Path, wanted: Collection[str] | None) -> Iterator[_Document]:
    """Yield the companies of the archive, one at a time; members with strange names or sizes become problems."""
    try:
        with zipfile.ZipFile(path) as archive:
            listed = _limited(archive.infolist(), path)
            members = [member for member in listed if wanted is None or member.filename in wanted]
            for number, member in enumerate(members, 1):
                yield _member(archive, member, path, number / len(members))
    except _BROKEN as error:
        raise _unreadable(path, error) from error


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, progress: float) -> _Document:
    place = f"{path}/{member.filename}"
    wrong = _suspect(member)
    if wrong:
        return _Document(place, b"", path.parent, progress, problem(place, "zip", wrong, "the member is left out"))
    try:
        with archive.open(member) as stream:
            data = stream.read(MAX_BYTES + 1)
    except _BROKEN as error:
        broken = problem(place, "unreadable", f"cannot be unpacked ({error})", "fetch the archive again")
        return _Document(place, b"", path.parent, progress, broken)
    if len(data) > MAX_BYTES:  # the archive's own list of sizes need not be true
        return _Document(place, b"", path.parent, progress, problem(place, "size", _TOO_LARGE, "it is left out"))
    return _Document(place, data, path.parent, progress)


def _suspect(member: zipfile.ZipInfo) -> str | None:
    if not _MEMBER.fullmatch(member.filename):
        return "the name is not CIK##########.json"
    if member.file_size > MAX_BYTES:
        return f"{member.file_size} bytes are more than any company has"
    if member.file_size > MAX_RATIO * max(member.compress_size, 1):
        return f"it would grow {member.file_size // max(member.compress_size, 1)} times when unpacked"
    return None


# -- one company -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Company:
    """What was read from one company's file; only problems if it could not be read."""

    facts: pa.Table | None
    sources: list[tuple[object, ...]]
    entity: tuple[object, ...] | None
    aliases: list[tuple[object, ...]]
    listing: list[tuple[object, ...]]
    problems: list[Problem]
    is_unread: bool = False
    has_hidden_periods: bool = False
    name: str = ""


@dataclass(slots=True)
class _Gathered:
    """Companies waiting to be committed together."""

    tables: list[pa.Table] = field(default_factory=list)
    sources: dict[object, tuple[object, ...]] = field(default_factory=dict)
    entities: list[tuple[object, ...]] = field(default_factory=list)
    aliases: list[tuple[object, ...]] = field(default_factory=list)
    listing: list[tuple[object, ...]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    facts: int = 0

    def add(self, company: _Company) -> None:
        if company.facts is not None:
            self.tables.append(company.facts)
            self.facts += company.facts.num_rows
        self.sources |= {row[0]: row for row in company.sources}  # companies that file together share a filing
        self.entities += [company.entity] if company.entity else []
        self.aliases += company.aliases
        self.listing += company.listing
        self.problems += company.problems
        self.hidden += [company.name] if company.has_hidden_periods else []

    def batch(self, progress: float) -> Batch:
        rows = {
            "source": rows_table("source", self.sources.values()),
            "entity": rows_table("entity", self.entities),
            "entity_alias": rows_table("entity_alias", self.aliases),
            "listing": rows_table("listing", self.listing),
        }
        facts = pa.concat_tables(self.tables) if self.tables else no_facts()
        return Batch(facts, rows, tuple(self.problems), None, progress, _note_hidden(self.hidden))


def _companies(documents: Iterator[_Document], request: Request) -> Iterator[tuple[_Company, float]]:
    """Yield the companies in the order of the documents, a few of which are read at the same time."""
    with ThreadPoolExecutor(_READERS, "company") as readers:
        coming = deque[tuple[Future[_Company], float]]()
        for document in documents:
            coming.append((readers.submit(_read_company, document, request), document.progress))
            if len(coming) > _READERS:
                company, progress = coming.popleft()
                yield company.result(), progress
        for company, progress in coming:
            yield company.result(), progress


#: More would only wait for each other: half of the work holds the interpreter's lock.
_READERS: Final = 2


def _read_company(document: _Document, request: Request) -> _Company:
    if document.problem:
        return _unread([document.problem])
    try:
        file, problems = parse(document.data, document.place)
    except InputError as error:
        return _unread(error.problems)
    if wrong_company := _other_company(document.place, file.cik):
        return _unread([wrong_company])
    entity = request.entities.by_cik(file.cik)
    submissions = beside(document.folder, file.cik)
    exact, wrong = _checked(file.statements, document.place)
    filings = _Filings.of(exact, submissions)
    name = file.name or entity
    row = (entity, name, file.cik, None, submissions.closing_month, False, False, "companyfacts")
    is_curated = entity in request.entities
    has_calendar = bool(request.entities[entity].calendar if is_curated else submissions.closing_month)
    return _Company(
        facts=_facts(exact, filings, entity) if len(exact.value) else None,
        sources=filings.sources(name, file.cik, submissions, document.place),
        entity=None if is_curated else row,
        aliases=[] if is_curated else [(entity, *alias) for alias in submissions.aliases(file.cik)],
        listing=submissions.listing(file.cik),
        problems=[*problems, *wrong],
        has_hidden_periods=not has_calendar and _has_hidden_periods(exact),
        name=entity,
    )


def _has_hidden_periods(exact: _Exact) -> bool:
    """Return whether there are quarters or a year, but nothing that shows when the company's fiscal years close.

    Several things show it (`fiscal_year.sql`): nine months; a half-year without the other half; a year in an annual
    report; two years; or a year that two filings give.
    """
    first, last = numbers(exact.start, "<i4"), numbers(exact.end, "<i4")
    days = np.where(missing(exact.start), 0, last - first + 1)
    is_year, is_part = (days >= YEAR_DAYS[0]) & (days <= YEAR_DAYS[1]), (days >= _PART[0]) & (days <= _PART[1])
    is_half = is_part & (days < _NINE_MONTHS)
    is_part &= ~(is_half & (_is_near(first, last[is_half] + 1) | _is_near(last, first[is_half] - 1)))
    in_reports = np.array([(form or "").startswith(_ANNUAL) for form in exact.texts.form.to_pylist()], bool)
    filings = np.unique(np.stack([last[is_year], codes_of(exact.texts.accn)[0][is_year]]), axis=1)
    shows_years = is_part.any() or (is_year & in_reports).any() or filings.shape[1] > 1
    return bool((days >= _QUARTER).any() and not shows_years)


def _is_near(days: Numbers, others: Numbers) -> Numbers:
    """Return whether each day is within a week of one of the others."""
    sorted_others = np.unique(others)
    return np.searchsorted(sorted_others, days - _SEAM, "left") < np.searchsorted(sorted_others, days + _SEAM, "right")


#: The shortest and the longest part that opens a year, in days, and where quarters and nine months begin, as in
#: statement.sql and fiscal_year.sql.
_QUARTER: Final = 83
_PART: Final = (167, 287)
_NINE_MONTHS: Final = 227
_SEAM: Final = 7
_ANNUAL: Final = ("10-K", "20-F", "40-F")


def _note_hidden(companies: list[str]) -> str:
    """Return the message about companies whose figures are not shown yet; empty if all are shown."""
    if not companies:
        return ""
    more = f" and {len(companies) - _MOST_NAMED} more" if len(companies) > _MOST_NAMED else ""
    return (
        f"nothing says when the fiscal years of {', '.join(companies[:_MOST_NAMED])}{more} close, so their figures do "
        "not show yet; put their submissions files beside the file, or give them a fiscal_year_end in entities.toml"
    )


_MOST_NAMED: Final = 5


def _unread(problems: list[Problem]) -> _Company:
    return _Company(None, [], None, [], [], problems, is_unread=True)


def _other_company(place: str, cik: int) -> Problem | None:
    """Return a problem if the file's name and its content name two different companies, else None."""
    named = _NAME.fullmatch(PurePath(place).name)
    if named is None or int(named[1]) == cik:
        return None
    message = f"has the cik {cik}, but its name says {int(named[1])}"
    return problem(place, "cik", message, "find out whose it is, and name it after its cik")


# -- from text to numbers and days -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Exact:
    """Statements with their amounts and days as numbers; `printed` are the amounts in plain digits."""

    texts: Statements
    printed: pa.Array
    value: pa.Array
    start: pa.Array
    end: pa.Array


def _checked(statements: Statements, place: str) -> tuple[_Exact, list[Problem]]:
    """Return the statements whose number, dates and accession are what they must be; the others as problems."""
    exact = _keep_faultless(statements)
    if exact:
        return exact, []
    asked = (statements.val, statements.start, statements.end, statements.filed, statements.accn)
    wrong = [_fault(*row) for row in zip(*(column.to_pylist() for column in asked), strict=True)]
    told = zip(statements.concept.to_pylist(), statements.unit.to_pylist(), wrong, strict=True)
    problems = [
        problem(f"{place}#{concept}/{unit}", "statement", what, "the statement is left out")
        for concept, unit, what in told
        if what
    ]
    right = array_of([what is None for what in wrong], pa.bool_())
    kept = _keep_faultless(
        Statements(*(getattr(statements, column.name).filter(right) for column in fields(Statements)))
    )
    if kept is None:
        raise InputError([problem(place, "statement", "cannot be read as a whole", "report this as a bug")])
    return kept, problems


def _keep_faultless(statements: Statements) -> _Exact | None:
    """Return the statements if nothing is wrong with any of them, else None: the tests of `_fault`, on all at once."""
    try:
        printed = _plain_column(statements.val)
        value = printed.cast(pa.decimal128(38, 6))
        start, end, filed = (days.cast(pa.date32()) for days in (statements.start, statements.end, statements.filed))
    except pa.ArrowInvalid:
        return None
    first, last, public = (numbers(days, "<i4") for days in (start, end, filed))
    is_upside_down = (first > last) & ~missing(start)
    is_too_old = [bool((days < _FIRST_DAY).any()) for days in (first, last, public)]
    accessions = codes_of(statements.accn)[1].to_pylist()
    if printed.null_count or is_upside_down.any() or any(is_too_old) or not all(map(_ACCESSION.fullmatch, accessions)):
        return None
    return _Exact(statements, printed, value, start, end)


#: The first of January of the year 1, in days since 1970.
_FIRST_DAY: Final = date.min.toordinal() - date(1970, 1, 1).toordinal()
_DIGITS: Final = np.isin(np.arange(256), list(b"0123456789-."))
_LONG_FRACTION: Final = len(".123456")


def _plain_column(values: pa.Array) -> pa.Array:
    """Return the values in plain digits; NULL for a value that is not a number or has too many digits to be stored."""
    letters = letters_of(values)
    has_point = bool((letters == _POINT).any())
    fractions = _fraction(values) if has_point else np.zeros(1, "<i4")
    is_short = numbers(pc.binary_length(values), "<i4") - fractions <= MAX_DIGITS  # a cast of more gives another number
    if _DIGITS[letters].all() and is_short.all() and fractions.max(initial=0) <= _LONG_FRACTION:
        return values
    return array_of([_plainly(value) for value in values.to_pylist()], pa.string())


_POINT: Final = ord(".")


def _fraction(values: pa.Array) -> Numbers:
    """Return how many characters from the point on each value has."""
    point = numbers(pc.find_substring(values, "."), "<i4")
    return np.where(point < 0, 0, numbers(pc.binary_length(values), "<i4") - point)


def _plainly(value: str) -> str | None:
    """Return the plain digits of a number in another form (1.5E9, 2.50000000); None if digits would be lost."""
    if _NUMBER.fullmatch(value):
        return value
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) > MAX_DIGITS or len(value) > 2 * MAX_DIGITS:
        return None
    plain = f"{number:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return plain if _NUMBER.fullmatch(plain) else None


def _fault(val: str, start: str | None, end: str, filed: str, accn: str) -> str | None:
    if _plainly(val) is None:
        return f"{val[:40]!r} is no number that can be stored exactly"
    for day in (start, end, filed):
        if day is not None and not _is_day(day):
            return f"{day[:20]!r} is no day"
    if start is not None and start > end:
        return f"the period ends ({end}) before it starts ({start})"
    return None if _ACCESSION.fullmatch(accn) else f"{accn[:30]!r} is no accession number"


def _is_day(text: str) -> bool:
    """Return whether the text is a day of the calendar, written as the SEC does."""
    try:
        return bool(_DAY.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


# -- from statements to facts ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Filings:
    """The filings of a company, with number, form, day and moment of each, and the filing of each statement."""

    number: Numbers
    accessions: pa.Array
    forms: list[str | None]
    filed: list[str]
    known_at: list[datetime]

    @classmethod
    def of(cls, exact: _Exact, submissions: Submissions) -> _Filings:
        """Return the filings of the statements; if statements differ about their filing, the last one counts."""
        number, accessions = codes_of(exact.texts.accn)
        last = np.zeros(len(accessions), "<i4")
        last[number] = np.arange(len(number), dtype="<i4")
        rows = from_numbers(last, pa.int32())
        filed = exact.texts.filed.take(rows).to_pylist()
        known_at = [submissions.known_at(*filing) for filing in zip(accessions.to_pylist(), filed, strict=True)]
        return cls(number, accessions, exact.texts.form.take(rows).to_pylist(), filed, known_at)

    def sources(self, name: str, cik: int, submissions: Submissions, place: str) -> list[tuple[object, ...]]:
        """Return a row for each filing, with the moment at which it became public and where that is known from."""
        folder, file = f"https://www.sec.gov/Archives/edgar/data/{cik}", place.rpartition("/")[2]
        return [
            (
                accn,
                "filing",
                name,
                None,
                None,
                f"{folder}/{accn.replace('-', '')}/",
                file,
                accn,
                form,
                known_at,
                "accepted" if accn in submissions.accepted else "filed",
                None,
                None,
                "companyfacts",
            )
            for accn, form, known_at in zip(self.accessions.to_pylist(), self.forms, self.known_at, strict=True)
        ]


def _facts(exact: _Exact, filings: _Filings, entity: str) -> pa.Table:
    """Return the statements as facts; period ends, values and filings exactly as filed."""
    said = {
        "entity": entity, "kind": "actual", "qualifier": "exact", "method": "reported", "confidence": 1.0,
    }  # fmt: skip
    kinds = {name: FACT_SCHEMA.field(name).type for name in FACT_SCHEMA.names if name not in {"fact_id", "recorded_at"}}
    content = {name: constant(said.get(name), kind, len(exact.value)) for name, kind in kinds.items()}
    moments = numbers(array_of(filings.known_at, kinds["known_at"]), "<i8")
    accessions = encoded(filings.number, filings.accessions)
    unit = exact.texts.unit.dictionary_encode()
    return with_ids(
        content_table(
            content
            | {
                "concept": exact.texts.concept.dictionary_encode(),
                "period_start": exact.start,
                "period_end": exact.end,
                "value": exact.value,
                "unit": unit,
                "decimals": from_numbers(-_idle_digits(exact, filings, unit), kinds["decimals"]),
                "source_id": accessions,
                "accession": accessions,
                "form": exact.texts.form.dictionary_encode(),
                "known_at": from_numbers(moments[filings.number], kinds["known_at"]),
            }
        )
    )


def _idle_digits(exact: _Exact, filings: _Filings, unit: pa.DictionaryArray) -> Numbers:
    """Return how many zeros at the end of each value are below the unit in which its filing prints.

    The file does not say this unit. A filing in millions has three or six idle zeros on nearly all its amounts, so the
    zeros that nine in ten amounts share give the filing's unit. A value with fewer zeros is as exact as its own last
    digit. A value with more (a round 6,400 million) is as exact as its filing.
    """
    units, names = codes_of(unit)
    group, count = filings.number * len(names) + units, len(filings.accessions) * len(names)
    zeros = _idle_zeros(exact.printed)
    is_amount = numbers(exact.value, "V16").view("<u8").reshape(-1, 2).any(axis=1)
    amounts = np.bincount(group, is_amount, minlength=count)
    scale = np.zeros(count, "<i4")
    for digits in (3, 6, 9):
        sharing = np.bincount(group, is_amount & (zeros >= digits), minlength=count)
        scale[(10 * sharing >= 9 * amounts) & (amounts > 0)] = digits
    idle: Numbers = np.where(is_amount, np.minimum(zeros, scale[group]), scale[group])
    return idle


def _idle_zeros(values: pa.Array) -> Numbers:
    """Count the trailing zeros of whole numbers; for others, return minus the number of digits after the point."""
    bare = numbers(pc.binary_length(pc.ascii_rtrim(values, "0")), "<i4")
    fraction = _fraction(values)
    return np.where(fraction > 0, 1 - fraction, numbers(pc.binary_length(values), "<i4") - bare)
