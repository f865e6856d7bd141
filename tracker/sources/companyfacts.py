"""The SEC's company facts: every figure of every filing, as filed.

Reads `CIK##########.json`, the same gzipped, and the bulk `companyfacts.zip`. Nothing is overwritten: each
statement of each filing is a fact. A filing's own fiscal-year and period labels and its `frame` are ignored; the
period is its first and last day and nothing else. Numbers are taken as text and never pass through a float.
When a filing became public comes from the submissions file lying beside, where there is one, else from
its filing date; the source says which.
"""

from __future__ import annotations

import gzip
import json
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracker.errors import InputError, Problem
from tracker.fact import FACT_SCHEMA, content_table, rows_table, with_ids
from tracker.quantity import MAX_DIGITS
from tracker.sources import Batch, Request
from tracker.sources.submissions import Submissions, beside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["CompanyFactsSource"]

_NAME: Final = re.compile(r"CIK(\d{10})(\.[a-z]+)?\.json(\.gz)?", re.ASCII)
_MEMBER: Final = re.compile(r"CIK\d{10}\.json", re.ASCII)
_NUMBER: Final = re.compile(r"-?\d{1,32}(\.\d{1,6})?", re.ASCII)
_MOST_FRACTION: Final = 6
_ACCESSION: Final = re.compile(r"\d{10}-\d{2}-\d{6}", re.ASCII)
MAX_BYTES: Final = 256 * 2**20
MAX_RATIO: Final = 200
MAX_MEMBERS: Final = 100_000
#: Facts that go into one commit: enough to keep commits few, few enough to keep memory flat.
BATCH: Final = 60_000


class _Row(msgspec.Struct, gc=False):
    """One statement as the file has it; `val` stays the text it was."""

    end: str
    val: msgspec.Raw
    accn: str
    filed: str
    start: str | None = None
    form: str | None = None


class _Concept(msgspec.Struct, gc=False):
    units: dict[str, list[_Row]] | None = None


class _File(msgspec.Struct):
    cik: int | str
    facts: dict[str, dict[str, _Concept]]
    entityName: str | None = None  # noqa: N815 - the SEC's key


_DECODE: Final = msgspec.json.Decoder(_File).decode


class CompanyFactsSource:
    """Reads company facts: one company a file, or the bulk archive of all."""

    name = "companyfacts"

    def accepts(self, path: Path) -> bool:
        """Whether the name is one of the SEC's: `CIK##########.json`, `.json.gz`, or a zip of such."""
        return bool(_NAME.fullmatch(path.name)) or path.suffix == ".zip"

    def read(self, request: Request) -> Iterator[Batch]:
        """The statements in batches of whole companies; InputError where the file itself cannot be read."""
        documents = _members(request.path) if request.path.suffix == ".zip" else _single(request.path)
        gathered = _Gathered()
        for document in documents:
            gathered.add(_read(document, request))
            if gathered.facts >= BATCH:
                yield gathered.batch(document.progress)
                gathered = _Gathered()
        yield gathered.batch(1.0)


@dataclass(frozen=True, slots=True)
class _Document:
    """The bytes of one company's file, where they come from, and how much of the whole was read with them."""

    place: str
    data: bytes
    folder: Path
    progress: float
    problem: Problem | None = None


# -- files -------------------------------------------------------------------------------------------


def _single(path: Path) -> Iterator[_Document]:
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            [_problem(str(path), "unreadable", f"cannot be unpacked ({error})", "fetch it again")]
        ) from error
    yield _Document(str(path), data, path.parent, 1.0)


def _members(path: Path) -> Iterator[_Document]:
    """The companies of the archive, one at a time; members with strange names or sizes become problems."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                message = f"{len(members)} members are more than any such archive has"
                raise InputError([_problem(str(path), "zip", message, "check where it comes from")])
            for number, member in enumerate(members, 1):
                yield _member(archive, member, path, number / len(members))
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(
            [_problem(str(path), "unreadable", f"is no readable archive ({error})", "fetch it again")]
        ) from error


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, progress: float) -> _Document:
    place = f"{path}/{member.filename}"
    wrong = _suspect(member)
    if wrong:
        return _Document(place, b"", path.parent, progress, _problem(place, "zip", wrong, "the member is left out"))
    try:
        with archive.open(member) as stream:
            data = stream.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        problem = _problem(place, "unreadable", f"cannot be unpacked ({error})", "fetch the archive again")
        return _Document(place, b"", path.parent, progress, problem)
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


@dataclass(slots=True)
class _Columns:
    """The statements of one company, column by column."""

    concept: list[str] = field(default_factory=list)
    unit: list[str] = field(default_factory=list)
    start: list[str | None] = field(default_factory=list)
    end: list[str] = field(default_factory=list)
    val: list[str] = field(default_factory=list)
    accn: list[str] = field(default_factory=list)
    form: list[str | None] = field(default_factory=list)
    filed: list[str] = field(default_factory=list)

    def values(self) -> pa.Array:
        """The values as plain digits; NULL where they have none."""
        values = pa.array(self.val, pa.string())
        if _are_plain(values):
            return values
        return pa.array([val if _NUMBER.fullmatch(val) else _exact(val) for val in self.val], pa.string())

    def extend(self, concept: str, unit: str, rows: list[_Row]) -> None:
        count = len(rows)
        self.concept += [concept] * count
        self.unit += [unit] * count
        self.start += [row.start for row in rows]
        self.end += [row.end for row in rows]
        self.val += [bytes(row.val).decode() for row in rows]
        self.accn += [row.accn for row in rows]
        self.form += [row.form for row in rows]
        self.filed += [row.filed for row in rows]


@dataclass(frozen=True, slots=True)
class _Company:
    """What one file gave."""

    facts: pa.Table | None
    sources: list[tuple[object, ...]]
    entity: tuple[object, ...] | None
    aliases: list[tuple[object, ...]]
    problems: list[Problem]


@dataclass(slots=True)
class _Gathered:
    """Companies waiting to be committed together."""

    tables: list[pa.Table] = field(default_factory=list)
    sources: list[tuple[object, ...]] = field(default_factory=list)
    entities: list[tuple[object, ...]] = field(default_factory=list)
    aliases: list[tuple[object, ...]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    facts: int = 0

    def add(self, company: _Company) -> None:
        if company.facts is not None:
            self.tables.append(company.facts)
            self.facts += company.facts.num_rows
        self.sources += company.sources
        self.entities += [company.entity] if company.entity else []
        self.aliases += company.aliases
        self.problems += company.problems

    def batch(self, progress: float) -> Batch:
        nothing = FACT_SCHEMA.remove(FACT_SCHEMA.get_field_index("recorded_at")).empty_table()
        rows = {
            "source": rows_table("source", self.sources),
            "entity": rows_table("entity", self.entities),
            "entity_alias": rows_table("entity_alias", self.aliases),
        }
        facts = pa.concat_tables([nothing, *self.tables]).combine_chunks()
        return Batch(facts, rows, tuple(self.problems), None, progress)


def _read(document: _Document, request: Request) -> _Company:
    if document.problem:
        return _Company(None, [], None, [], [document.problem])
    file, problems = _parse(document, alone=request.path.suffix != ".zip")
    if file is None:
        return _Company(None, [], None, [], problems)
    cik = int(file.cik)
    entity = request.entities.by_cik(cik)
    submissions = beside(document.folder, cik)
    columns, wrong = _checked(_gather(file), document.place)
    name = file.entityName or entity
    row = (entity, name, cik, None, submissions.closing_month, False, False, "companyfacts")
    is_curated = entity in request.entities
    return _Company(
        facts=_facts(columns, entity, submissions),
        sources=_sources(columns, name, cik, submissions, document.place),
        entity=None if is_curated else row,
        aliases=[] if is_curated else [(entity, *alias) for alias in submissions.aliases(cik)],
        problems=[*problems, *wrong],
    )


def _gather(file: _File) -> _Columns:
    columns = _Columns()
    for space, concepts in file.facts.items():
        for name, concept in concepts.items():
            for unit, rows in (concept.units or {}).items():
                columns.extend(f"{space}:{name}", unit, rows)
    return columns


def _parse(document: _Document, *, alone: bool) -> tuple[_File | None, list[Problem]]:
    """The file by the fast reader, or where it stumbles or keys repeat, by the slow one that says what is wrong."""
    try:
        file = _DECODE(document.data)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return _parse_slowly(document, alone=alone)
    counted = sum(
        len(rows) for space in file.facts.values() for c in space.values() for rows in (c.units or {}).values()
    )
    is_plain = all(document.data.count(key) == counted for key in (b'"accn"', b'"val"', b'"end"', b'"filed"'))
    return (file, []) if is_plain and _is_cik(file.cik) else _parse_slowly(document, alone=alone)


def _is_cik(cik: object) -> bool:
    return str(cik).isdigit() and 0 < int(str(cik)) < 10**10


# -- the slow reader ---------------------------------------------------------------------------------


class _Pairs(dict[str, Any]):
    """A JSON object that remembers keys said twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
        self.pairs = pairs


def _parse_slowly(document: _Document, *, alone: bool) -> tuple[_File | None, list[Problem]]:
    """Read statement by statement: what can be read is kept, all else is a problem."""
    try:
        text = document.data.decode("utf-8-sig")
        tree = json.loads(
            text, object_pairs_hook=_Pairs, parse_int=_Literal, parse_float=_Literal, parse_constant=_Literal
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        problem = _problem(document.place, "json", f"is not whole JSON ({error})", "fetch the file again")
        if alone:
            raise InputError([problem]) from error
        return None, [problem]
    if not isinstance(tree, dict) or not _is_cik(tree.get("cik")) or not isinstance(tree.get("facts"), dict):
        problem = _problem(document.place, "shape", "has no cik or no facts", "give a company facts file of the SEC")
        if alone:
            raise InputError([problem])
        return None, [problem]
    problems: list[Problem] = []
    facts: dict[str, dict[str, _Concept]] = {}
    for space, name, unit, row, where in _walk(tree["facts"], document.place, problems):
        found = _row(row, where, problems)
        if found:
            units = facts.setdefault(space, {}).setdefault(name, _Concept({})).units
            if units is not None:
                units.setdefault(unit, []).append(found)
    title = tree.get("entityName")
    return _File(int(str(tree["cik"])), facts, title if isinstance(title, str) else None), problems


class _Literal(str):
    """A number as it stands in the file."""

    __slots__ = ()


def _walk(facts: Any, place: str, problems: list[Problem]) -> Iterator[tuple[str, str, str, Any, str]]:
    """Every statement of the tree with its namespace, concept, unit and place; repeated keys all count."""
    for space, concepts in _items(facts, place, problems):
        for name, concept in _items(concepts, f"{place}#{space}", problems):
            where = f"{place}#{space}:{name}"
            for key, units in _items(concept, where, problems):
                if key != "units":
                    continue
                for unit, rows in _items(units, where, problems):
                    for number, row in enumerate(rows if isinstance(rows, list) else []):
                        yield space, name, unit, row, f"{where}/{unit}/{number}"


def _items(tree: Any, where: str, problems: list[Problem]) -> list[tuple[str, Any]]:
    """The entries of an object; one that has a key twice is told, and both entries are read."""
    if not isinstance(tree, _Pairs):
        return []
    problems += [_problem(where, "duplicate_key", f"has {key!r} twice", "both are read") for key in tree.twice]
    return tree.pairs


_FIELDS: Final = ("end", "val", "accn", "filed")


def _row(row: Any, where: str, problems: list[Problem]) -> _Row | None:
    if not isinstance(row, _Pairs):
        problems.append(_problem(where, "shape", "is no statement", "it is left out"))
        return None
    missing = [name for name in _FIELDS if row.get(name) is None]
    contradictory = [key for key in row.twice if len({str(value) for name, value in row.pairs if name == key}) > 1]
    if missing or contradictory:
        what = f"lacks {', '.join(missing)}" if missing else f"says {contradictory[0]!r} twice and differently"
        problems.append(_problem(where, "statement", what, "the statement is left out"))
        return None
    texts = {name: str(row[name]) for name in (*_FIELDS, "start", "form") if row.get(name) is not None}
    return _Row(
        texts["end"],
        msgspec.Raw(texts["val"].encode()),
        texts["accn"],
        texts["filed"],
        texts.get("start"),
        texts.get("form"),
    )


# -- from text to facts ------------------------------------------------------------------------------


def _checked(columns: _Columns, place: str) -> tuple[_Columns, list[Problem]]:
    """The statements whose number, dates and accession are what they must be; the others as problems."""
    if _is_clean(columns):
        return columns, []
    rows = zip(columns.val, columns.start, columns.end, columns.filed, columns.accn, strict=True)
    wrong = {number: what for number, row in enumerate(rows) if (what := _fault(*row))}
    problems = [
        _problem(f"{place}#{columns.concept[n]}/{columns.unit[n]}", "statement", what, "the statement is left out")
        for n, what in wrong.items()
    ]
    keep = [number for number in range(len(columns.val)) if number not in wrong]
    return _Columns(*([column[n] for n in keep] for column in _all(columns))), problems


def _is_clean(columns: _Columns) -> bool:
    """Whether nothing is wrong with any statement: the same questions as `_fault`, asked of all at once."""
    days = set(columns.end) | set(columns.filed) | (set(columns.start) - {None})
    if not all(map(_is_day, days)) or not all(map(_ACCESSION.fullmatch, set(columns.accn))):
        return False
    values, start, end = (pa.array(column, pa.string()) for column in (columns.val, columns.start, columns.end))
    # Days as the SEC writes them sort as text; a JSON number without an exponent is digits, a point and a sign.
    return _are_plain(values) and pc.all(pc.less_equal(start, end)).as_py() is not False


def _are_plain(values: pa.Array) -> bool:
    """Whether all values are plain digits that can be stored exactly: no exponent, no text, not too many digits."""
    if len(values) == 0:
        return True
    length, point = pc.binary_length(values), pc.find_substring(values, ".")
    is_whole = pc.equal(point, -1)
    is_short = pc.or_(is_whole, pc.less_equal(pc.subtract(length, point), _MOST_FRACTION + 1))
    is_odd = pc.match_substring_regex(values, "[^-0-9.]")
    return bool(pc.max(length).as_py() <= MAX_DIGITS and pc.all(is_short).as_py() and not pc.any(is_odd).as_py())


def _all(columns: _Columns) -> list[list[Any]]:
    return [getattr(columns, each.name) for each in fields(columns)]


def _fault(val: str, start: str | None, end: str, filed: str, accn: str) -> str | None:
    if not _NUMBER.fullmatch(val) and _exact(val) is None:
        return f"{val[:40]!r} is no number that can be stored exactly"
    for day in (start, end, filed):
        if day is not None and not _is_day(day):
            return f"{day[:20]!r} is no day"
    if start is not None and start > end:
        return f"the period ends ({end}) before it starts ({start})"
    return None if _ACCESSION.fullmatch(accn) else f"{accn[:30]!r} is no accession number"


def _is_day(text: str | None) -> bool:
    """Whether the text is a day of the calendar, written as the SEC does."""
    try:
        return text is not None and len(text) == len("2024-06-30") and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _exact(val: str) -> str | None:
    """Plain digits for a number written otherwise (1.5E9, 2.50000000), or None where digits would be lost."""
    try:
        number = Decimal(val)
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) > MAX_DIGITS or len(val) > 2 * MAX_DIGITS:
        return None
    plain = f"{number:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return plain if _NUMBER.fullmatch(plain) else None


def _facts(columns: _Columns, entity: str, submissions: Submissions) -> pa.Table:
    """The statements as facts; period ends, values and filings exactly as filed."""
    count = len(columns.val)
    accn = pa.array(columns.accn, pa.string())
    values = columns.values()
    unit = pa.array(columns.unit, pa.string())
    text, moment = pa.nulls(count, pa.string()), pa.timestamp("us", tz="UTC")
    filed = dict(zip(columns.accn, columns.filed, strict=True))
    filings = accn.dictionary_encode()
    known_at = pa.array([submissions.known_at(a, filed[a]) for a in filings.dictionary.to_pylist()], moment)
    content = {
        "entity": pa.repeat(entity, count),
        "concept": pa.array(columns.concept, pa.string()),
        "metric": text,
        "kind": pa.repeat("actual", count),
        "period_start": pa.array(columns.start, pa.string()).cast(pa.date32()),
        "period_end": pa.array(columns.end, pa.string()).cast(pa.date32()),
        "value": values.cast(pa.decimal128(38, 6)),
        "low": text,
        "high": text,
        "unit": unit,
        "decimals": _decimals(accn, unit, values),
        "qualifier": pa.repeat("exact", count),
        "source_id": accn,
        "accession": accn,
        "form": pa.array(columns.form, pa.string()),
        "language": text,
        "span_start": text,
        "span_end": text,
        "quote": text,
        "method": pa.repeat("reported", count),
        "confidence": pa.repeat(1.0, count),
        "known_at": known_at.take(filings.indices),
        "retracts": text,
    }
    return with_ids(content_table(content))


def _decimals(accn: pa.Array, unit: pa.Array, values: pa.Array) -> pa.Array:
    """The last reliable digit of each value, from the way its filing prints.

    The file does not say. A filing in millions has three or six idle zeros on nearly all its amounts, so what
    nine in ten share is the filing's unit; a value with fewer zeros is as exact as its own last digit, one with more
    (a round 6,400 million) is as exact as its filing.
    """
    if len(values) == 0:
        return pa.array([], pa.int32())
    group = pc.binary_join_element_wise(accn, unit, "|").dictionary_encode()
    filing = group.indices.to_numpy()
    zeros = _idle_zeros(values)
    is_zero = pc.match_substring_regex(values, "^-?0(?:\\.0*)?$").to_numpy(zero_copy_only=False)
    amounts = np.bincount(filing, ~is_zero, minlength=len(group.dictionary))
    scale = np.zeros(len(group.dictionary), np.int32)
    for digits in (3, 6, 9):
        sharing = np.bincount(filing, ~is_zero & (zeros >= digits), minlength=len(group.dictionary))
        scale[(10 * sharing >= 9 * amounts) & (amounts > 0)] = digits
    return pa.array(-np.where(is_zero, scale[filing], np.minimum(zeros, scale[filing])), pa.int32())


def _idle_zeros(values: pa.Array) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Trailing zeros of whole numbers; digits after the point count below zero."""
    length = pc.binary_length(values).to_numpy()
    bare = pc.binary_length(pc.utf8_rtrim(values, "0")).to_numpy()
    point = pc.find_substring(values, ".").to_numpy()
    zeros: np.ndarray[Any, np.dtype[np.int32]] = np.where(point >= 0, point - length + 1, length - bare).astype(
        np.int32
    )
    return zeros


def _sources(
    columns: _Columns, name: str | None, cik: int, submissions: Submissions, place: str
) -> list[tuple[object, ...]]:
    """One row a filing, with when it became public and how we know."""
    filings = dict(zip(columns.accn, zip(columns.form, columns.filed, strict=True), strict=True))
    return [
        (
            accn,
            "filing",
            name,
            None,
            None,
            f"https://www.sec.gov/Archives/edgar/data/{cik}/{accn.replace('-', '')}/",
            place.rpartition("/")[2],
            accn,
            form,
            submissions.known_at(accn, filed),
            "accepted" if accn in submissions.accepted else "filed",
            None,
            None,
            "companyfacts",
        )
        for accn, (form, filed) in filings.items()
    ]


def _problem(place: str, code: str, message: str, remedy: str) -> Problem:
    return Problem(place, None, None, code, message, remedy)
