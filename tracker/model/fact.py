"""The one record: somebody said, at a moment, what a figure was or will be.

A fact is never changed, only followed. Its id is the hash of what was said, so that the same
statement read twice is the same row; `recorded_at` is no part of it, the commit sets it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from tracker.model.arrays import Numbers, array_of, codes_of, combined, missing, numbers, whole
from tracker.model.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from decimal import Decimal

__all__ = [
    "FACT_SCHEMA",
    "KINDS",
    "Fact",
    "content_table",
    "ids_array",
    "no_facts",
    "rows_table",
    "schema_of",
    "to_table",
    "with_ids",
]

_ARROW: Final = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMPTZ": pa.timestamp("us", tz="UTC"),
    "BLOB": pa.binary(),
    "DECIMAL(38,6)": pa.decimal128(38, 6),
    "MAP(VARCHAR, VARCHAR)": pa.map_(pa.string(), pa.string()),
}

#: What a statement may be about: what was, what will be, how it changed, or what an outsider supposes.
KINDS: Final = frozenset({"actual", "guidance", "growth", "estimate"})


def schema_of(table: str) -> pa.Schema:
    """Return the Arrow schema of a stored table."""
    return pa.schema([pa.field(name, _ARROW[kind]) for name, kind in TABLES[table].items()])


#: The columns of `fact`, in storage order.
FACT_SCHEMA: Final = schema_of("fact")

#: The texts of a fact in two groups that repeat among the facts of a source, each hashed once for every combination.
_TEXTS: Final = {
    "subject": ("entity", "concept", "metric", "kind", "unit", "qualifier", "method"),
    "evidence": ("source_id", "accession", "form", "language", "quote"),
}
#: Texts that few facts have.
_MARKS: Final = ("dimensions", "element")
_NUMBERS: Final = {
    "known_at": "<i8", "period_start": "<i4", "period_end": "<i4", "value": "V16", "low": "V16", "high": "V16",
    "decimals": "<i4", "span_start": "<i4", "span_end": "<i4",
}  # fmt: skip
#: What is hashed: all that was said and by whom. Confidence is our own opinion and may improve without a new fact.
#: `missing` has a bit for each of the others that is not there; the record fits one block of the hash.
_RECORD: Final = np.dtype(
    [*((name, "V16") for name in _TEXTS), *_NUMBERS.items(), ("retracts", "V16"), ("missing", "<u2")]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One statement by one source about one figure of one company and one period.

    `period_start` and `period_end` are both included; an instant has no start; neither is known where the
    source does not say. `value`, `low` and `high` are in whole units, as stated: a range has no `value`, a
    statement without a number ("significant growth") none of the three. `decimals` is the power of ten of
    the last reliable digit, negated (-8 for "8.5 billion"). `known_at` is `None` where nobody can say when
    it became public; readers then take the moment it was stored. `dimensions` are pairs of axis and member,
    `axis=member;axis=member` in the order of axes; `None` means the whole company. `element` is the id of the
    element of a filing's document that tags the figure.
    """

    entity: str
    concept: str
    metric: str | None
    kind: str
    period_start: date | None
    period_end: date | None
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    unit: str
    decimals: int | None
    qualifier: str
    source_id: str
    accession: str | None
    form: str | None
    language: str | None
    span_start: int | None
    span_end: int | None
    quote: str | None
    method: str
    confidence: float
    known_at: datetime | None
    retracts: bytes | None
    dimensions: str | None = None
    element: str | None = None


def no_facts() -> pa.Table:
    """Return a table of facts without rows."""
    schema = FACT_SCHEMA.remove(FACT_SCHEMA.get_field_index("recorded_at"))
    return pa.Table.from_arrays([pa.nulls(0, field.type) for field in schema], schema=schema)


def to_table(facts: Iterable[Fact]) -> pa.Table:
    """Facts as an Arrow table in FACT_SCHEMA, with ids and without `recorded_at`."""
    rows = list(facts)
    return with_ids(content_table({f.name: [getattr(row, f.name) for row in rows] for f in fields(Fact)}))


def rows_table(table: str, rows: Iterable[tuple[object, ...]]) -> pa.Table:
    """Rows of a stored table other than `fact`, each once, in the order of its columns and without `recorded_at`."""
    schema = schema_of(table).remove(len(TABLES[table]) - 1)
    columns = list(zip(*dict.fromkeys(rows), strict=True)) or [()] * len(schema)
    arrays = [array_of(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def content_table(columns: dict[str, list[object] | pa.Array]) -> pa.Table:
    """Columns of a fact, lists or arrays of one length, as a typed table without ids; texts may be encoded."""
    names = [name for name in FACT_SCHEMA.names if name in columns]
    return pa.Table.from_arrays([_typed(columns[name], FACT_SCHEMA.field(name).type) for name in names], names)


def _typed(column: list[object] | pa.Array, kind: pa.DataType) -> pa.Array:
    if isinstance(column, list):
        return array_of(column, kind)
    return column if pa.types.is_dictionary(column.type) else column.cast(kind)


def with_ids(content: pa.Table) -> pa.Table:
    """Return the table with `fact_id` in front: 16 bytes of BLAKE2b over a record of fixed width for each fact.

    The record holds the numbers and days as little-endian words (amounts in millionths), which of them are missing,
    and the hash of each group of texts. A missing value and an empty text are told apart, and no content can run
    into its neighbour's.
    """
    columns = {name: whole(content.column(name)) for name in content.column_names}
    records = np.zeros(content.num_rows, _RECORD)
    for group, names in _TEXTS.items():
        records[group] = _text_digests([columns[name] for name in names])
    _add_marks(records, [columns[name] for name in _MARKS if name in columns])
    for name, width in _NUMBERS.items():
        if columns[name].null_count < content.num_rows:
            records[name] = numbers(columns[name], width)
    if columns["retracts"].null_count < content.num_rows:
        records["retracts"] = _sixteens(item or bytes(16) for item in columns["retracts"].to_pylist())
    for bit, name in enumerate([*_NUMBERS, "retracts"]):
        if columns[name].null_count:
            records["missing"] |= missing(columns[name]).astype("<u2") << bit
    digests = [digest.digest() for digest in map(_HASH, records.view(f"V{_RECORD.itemsize}").tolist())]
    return content.add_column(0, FACT_SCHEMA.field("fact_id"), ids_array(_sixteens(digests)))


def _add_marks(records: Numbers, columns: list[pa.Array]) -> None:
    """Add the texts that only some facts have to the hash of their evidence; facts without them keep their ids."""
    marked = np.zeros(len(records), bool)
    for column in columns:
        marked |= ~missing(column)
    if marked.any():
        texts = [column.cast(pa.string()).filter(_booleans(marked)) for column in columns]
        (rows,) = np.nonzero(marked)
        own = [record.tobytes() for record in records["evidence"][rows]]
        added = zip(own, *(text.to_pylist() for text in texts), strict=True)
        records["evidence"][rows] = _sixteens(_HASH(b"".join(map(_mark_text, parts))).digest() for parts in added)


def _booleans(flags: Numbers) -> pa.Array:
    return array_of(flags.tolist(), pa.bool_())


def _mark_text(text: bytes | str | None) -> bytes:
    return b"-" if text is None else _marked(text.encode() if isinstance(text, str) else text)


_HASH: Final = partial(hashlib.blake2b, digest_size=16)


def _sixteens(pieces: Iterable[bytes]) -> Numbers:
    return np.frombuffer(b"".join(pieces), "V16")


def ids_array(ids: Numbers) -> pa.Array:
    """Ids of 16 bytes as an array."""
    places = pa.py_buffer(np.arange(0, 16 * len(ids) + 1, 16, dtype="<i4"))
    return pa.Array.from_buffers(pa.binary(), len(ids), [None, places, pa.py_buffer(ids)])


def _marked(text: bytes) -> bytes:
    return b"%d:%s" % (len(text), text)


def _text_digests(columns: list[pa.Array]) -> Numbers:
    """Return the hash of each row's texts, worked out once for each combination that occurs."""
    coded = [codes_of(column) for column in columns]
    _, rows, number = np.unique(combined([codes for codes, _ in coded]), return_index=True, return_inverse=True)
    texts = [[*map(_marked, values.cast(pa.binary()).to_pylist()), b"-"] for _, values in coded]
    picked = [[texts[code] for code in codes[rows].tolist()] for (codes, _), texts in zip(coded, texts, strict=True)]
    return _sixteens(_HASH(b"".join(parts)).digest() for parts in zip(*picked, strict=True))[number]
