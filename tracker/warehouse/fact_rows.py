"""Put facts into the order and the coding in which they are stored."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracker.model.arrays import (
    Numbers,
    array_of,
    codes_of,
    combined,
    constant,
    from_numbers,
    letters_of,
    missing,
    numbers,
    whole,
)
from tracker.model.fact import schema_of
from tracker.model.schema import STORAGE_ORDER

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["drop_repeated", "encode_facts", "name_batch", "sort_facts", "stamp_rows"]


#: What facts are sorted by, before their id.
_ORDER: Final = STORAGE_ORDER["fact"][:-1]


def encode_facts(facts: pa.Table) -> pa.Table:
    """Return the facts with each text as its number in a list of all texts, and each column in one piece."""
    return pa.Table.from_arrays([_encode_column(column) for column in facts.columns], facts.column_names)


def _encode_column(column: pa.ChunkedArray) -> pa.Array:
    kind, count = column.type, len(column)
    if not 0 < column.null_count == count:
        return whole(column.dictionary_encode() if pa.types.is_string(kind) else column)
    if pa.types.is_string(kind) or pa.types.is_dictionary(kind):
        return pa.DictionaryArray.from_arrays(constant(None, pa.int32(), count), pa.nulls(0, pa.string()))
    return constant(None, kind, count)


def sort_facts(facts: pa.Table) -> pa.Table:
    """Return the facts in storage order."""
    key = combined([_rank_values(whole(facts.column(name))) for name in _ORDER])
    order = np.argsort(key, kind="stable")
    is_tie = np.zeros(len(key) + 1, bool)
    is_tie[1:-1] = key[order[1:]] == key[order[:-1]]
    (ties,) = np.nonzero(is_tie[1:] | is_tie[:-1])
    tied, words = order[ties], _read_id_words(facts)
    order[ties] = tied[np.lexsort((words[tied], key[tied]))]
    return _take_rows(facts, from_numbers(order, pa.int64()))


def _take_rows(facts: pa.Table, rows: pa.Array) -> pa.Table:
    """Return all rows in another order; a column with one value for all facts stays as it is."""
    columns = [whole(column) for column in facts.columns]
    moved = [column if _is_constant(column) else column.take(rows) for column in columns]
    return pa.Table.from_arrays(moved, facts.column_names)


def _is_constant(column: pa.Array) -> bool:
    is_one_text = pa.types.is_dictionary(column.type) and len(column.dictionary) == 1 and not column.null_count
    return is_one_text or column.null_count == len(column)


def _read_id_words(facts: pa.Table) -> Numbers:
    """Read the first eight bytes of each id as a number; ids sort in the order of these numbers."""
    return letters_of(whole(facts.column("fact_id"))).view(">u8")[::2].astype("<u8")


def drop_repeated(facts: pa.Table) -> pa.Table:
    """Return facts in storage order without repeated ones, which stand next to each other."""
    ids = letters_of(whole(facts.column("fact_id"))).view("V16")
    is_new = np.append(True, ids[1:] != ids[:-1])[: len(ids)]
    return facts if is_new.all() else facts.filter(array_of(is_new.tolist(), pa.bool_()))


def _rank_values(column: pa.Array) -> Numbers:
    """Return the rank of each value among all values of the column; NULL comes last."""
    if pa.types.is_dictionary(column.type):
        codes, values = codes_of(column)
        ranks = np.empty(len(values) + 1, "<i8")
        ranks[np.append(numbers(pc.sort_indices(values), "<u8").astype("<i8"), len(values))] = np.arange(
            len(values) + 1
        )
        return ranks[codes]
    plain = numbers(column, "<i8" if column.type.bit_width == 64 else "<i4")  # noqa: PLR2004 - bits
    ranks = np.unique(plain, return_inverse=True)[1]
    return np.where(missing(column), len(ranks), ranks)


def stamp_rows(table: str, rows: pa.Table, recorded_at: datetime) -> pa.Table:
    """Return rows of a table with the moment at which they are recorded."""
    schema = schema_of(table)
    stamp = constant(recorded_at, schema.field("recorded_at").type, rows.num_rows)
    return rows.append_column("recorded_at", stamp).select(schema.names)


def name_batch(facts: pa.Table) -> str:
    """Return the name of a batch: the hash of its facts' ids in storage order."""
    return hashlib.sha256(letters_of(whole(facts.column("fact_id"))).tobytes()).hexdigest()[:16]
