"""The one record: somebody said, at a moment, what a figure was or will be.

A fact is never changed, only followed. Its id is the hash of what was said, so that the same
statement read twice is the same row; `recorded_at` is no part of it, the commit sets it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from tracker.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from decimal import Decimal

__all__ = [
    "FACT_SCHEMA",
    "KINDS",
    "Fact",
    "content_table",
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
}

#: What a statement may be about: what was, what will be, how it changed, or what an outsider supposes.
KINDS: Final = frozenset({"actual", "guidance", "growth", "estimate"})


def schema_of(table: str) -> pa.Schema:
    """The Arrow schema of a stored table."""
    return pa.schema([pa.field(name, _ARROW[kind]) for name, kind in TABLES[table].items()])


#: The columns of `fact`, in storage order.
FACT_SCHEMA: Final = schema_of("fact")

#: What was said and by whom; confidence is our own opinion of it and may improve without a new fact.
_CONTENT: Final = [name for name in FACT_SCHEMA.names if name not in {"fact_id", "confidence", "recorded_at"}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One statement by one source about one figure of one company and one period.

    `period_start` and `period_end` are both included; an instant has no start; neither is known where the
    source does not say. `value`, `low` and `high` are in whole units, as stated: a range has no `value`, a
    statement without a number ("significant growth") none of the three. `decimals` is the power of ten of
    the last reliable digit, negated (-8 for "8.5 billion"). `known_at` is `None` where nobody can say when
    it became public; readers then take the moment it was stored.
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


def to_table(facts: Iterable[Fact]) -> pa.Table:
    """Facts as an Arrow table in FACT_SCHEMA, with ids and without `recorded_at`."""
    rows = list(facts)
    return with_ids(content_table({f.name: [getattr(row, f.name) for row in rows] for f in fields(Fact)}))


def rows_table(table: str, rows: Iterable[tuple[object, ...]]) -> pa.Table:
    """Rows of a stored table other than `fact`, in the order of its columns and without `recorded_at`."""
    schema = schema_of(table).remove(len(TABLES[table]) - 1)
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def content_table(columns: dict[str, list[object] | pa.Array]) -> pa.Table:
    """Columns of a fact, lists or arrays of one length, as a typed table without ids."""
    names = [name for name in FACT_SCHEMA.names if name in columns]
    arrays = [_typed(columns[name], FACT_SCHEMA.field(name).type) for name in names]
    return pa.Table.from_arrays(arrays, schema=pa.schema([FACT_SCHEMA.field(name) for name in names]))


def _typed(column: list[object] | pa.Array, kind: pa.DataType) -> pa.Array:
    return pa.array(column, kind) if isinstance(column, list) else column.cast(kind)


def with_ids(content: pa.Table) -> pa.Table:
    """The table with `fact_id` in front: 16 bytes of BLAKE2b over the content, column by column.

    A missing value and an empty text are told apart, and no content can run into its neighbour's.
    """
    parts = [_as_text(content.column(name)) for name in _CONTENT]
    joined = pc.binary_join_element_wise(*parts, "\x1f").cast(pa.binary())
    digest = hashlib.blake2b
    ids = pa.array([digest(text, digest_size=16).digest() for text in joined.to_pylist()], pa.binary())
    return content.add_column(0, FACT_SCHEMA.field("fact_id"), ids)


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Scalar:
    """A column as text, NULL as a NUL character; a column that is all NULL as one such character for all rows."""
    if 0 < len(column) == column.null_count:
        return pa.scalar("\x00")
    if pa.types.is_binary(column.type):
        texts = [None if item is None else item.hex() for item in column.to_pylist()]
        column = pa.chunked_array([pa.array(texts, pa.string())])
    elif pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        column = column.cast(pa.int64() if pa.types.is_timestamp(column.type) else pa.int32()).cast(pa.string())
    elif not pa.types.is_string(column.type):
        column = column.cast(pa.string())
    return pc.fill_null(column, "\x00") if column.null_count else column
