"""Between Python, NumPy and Arrow, without pandas.

pyarrow's own conversions import pandas wherever it is installed, half a second and 60 MB for nothing;
what is here goes through Arrow's buffers instead.
"""

from __future__ import annotations

import contextlib
import ctypes
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

__all__ = [
    "Numbers",
    "array_of",
    "codes_of",
    "combined",
    "constant",
    "encoded",
    "from_numbers",
    "letters_of",
    "missing",
    "numbers",
    "on_one_heap",
    "stretches",
    "whole",
]

Numbers = np.ndarray[Any, np.dtype[Any]]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = date(1970, 1, 1).toordinal()
_TICK: Final = timedelta(microseconds=1)
_WIDTHS: Final = {"int32": "<i4", "int64": "<i8", "double": "<f8", "date32[day]": "<i4", "timestamp[us, tz=UTC]": "<i8"}


def on_one_heap() -> None:
    """Let Arrow take its memory from the C library, and that library keep two heaps at most for all threads.

    Each keeps what was given back to it: with Arrow's own and one a thread, reading an archive took 20 MB more. Only
    some C libraries can be told; nothing is lost with the others.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)


_ARENA_MAX: Final = -8  # M_ARENA_MAX of <malloc.h>


def array_of(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Python values, None where unknown, as an Arrow array of one of the types of a stored table, or of lists of it."""
    unknown = np.fromiter((value is None for value in values), bool, len(values))
    if pa.types.is_decimal(kind):
        return _varying([_decimal_text(value, kind) for value in values], pa.string()).cast(kind)
    if pa.types.is_string(kind):
        return _varying([None if value is None else value.encode(errors="replace") for value in values], kind)
    if pa.types.is_binary(kind):
        return _varying(values, kind)
    if pa.types.is_boolean(kind):
        bits = np.packbits(np.fromiter((bool(value) for value in values), bool, len(values)), bitorder="little")
        return pa.Array.from_buffers(kind, len(values), [_bitmap(unknown), pa.py_buffer(bits)])
    if pa.types.is_list(kind):
        ends = _compute_offsets(np.fromiter((len(value or ()) for value in values), np.int64, len(values)))
        within = array_of([each for value in values for each in value or ()], kind.value_type)
        return pa.Array.from_buffers(kind, len(values), [_bitmap(unknown), pa.py_buffer(ends)], children=[within])
    plain = np.fromiter(
        (0 if value is None else _to_integer(value) for value in values), _WIDTHS[str(kind)], len(values)
    )
    return from_numbers(plain, kind, unknown)


def _decimal_text(value: Decimal | None, kind: pa.Decimal128Type) -> bytes | None:
    """Return a number in plain digits; raise OverflowError if the type has fewer: a cast would store another number."""
    if value is None:
        return None
    if value and value.adjusted() >= kind.precision - kind.scale:
        raise OverflowError(f"{value:E} has more than {kind.precision - kind.scale} digits before the point")
    return f"{value:f}".encode()


def _to_integer(value: Any) -> Any:
    """Return a moment as microseconds, a day as days since 1970; a number as it is."""
    if isinstance(value, datetime):
        return (value - _EPOCH) // _TICK
    return value.toordinal() - _FIRST_DAY if isinstance(value, date) else value


def _varying(values: Iterable[bytes | None], kind: pa.DataType) -> pa.Array:
    """Texts or bytes of any length, one behind the other."""
    pieces = list(values)
    lengths = np.fromiter((len(piece or b"") for piece in pieces), "<i4", len(pieces))
    unknown = np.fromiter((piece is None for piece in pieces), bool, len(pieces))
    data = b"".join(piece for piece in pieces if piece)
    buffers = [_bitmap(unknown), pa.py_buffer(_compute_offsets(lengths)), pa.py_buffer(data)]
    return pa.Array.from_buffers(kind, len(pieces), buffers)


def _compute_offsets(lengths: Numbers) -> Numbers:
    """Return where each of the pieces that lie one behind the other begins, and the last ends."""
    ends = np.zeros(len(lengths) + 1, "<i4")
    np.cumsum(lengths, out=ends[1:])
    return ends


def _bitmap(unknown: Numbers) -> pa.Buffer | None:
    return pa.py_buffer(np.packbits(~unknown, bitorder="little")) if unknown.any() else None


def stretches(text: bytes, starts: Numbers, lengths: Numbers, unknown: Numbers | None = None) -> pa.Array:
    """Stretches of a text as an array of texts; NULL where `unknown`, which have no length."""
    is_full = lengths > 0
    data = pa.py_buffer(_cut_stretches(text, starts[is_full], lengths[is_full]))
    bitmap = None if unknown is None else _bitmap(unknown)
    return pa.Array.from_buffers(pa.string(), len(starts), [bitmap, pa.py_buffer(_compute_offsets(lengths)), data])


def _cut_stretches(text: bytes, starts: Numbers, lengths: Numbers) -> Numbers:
    """Return the bytes of stretches, one behind the other; those of one length are copied whole."""
    width = int(lengths.max(initial=0))
    if width and (lengths == width).all():
        pieces: Numbers = np.ndarray((len(text) - width + 1,), f"V{width}", text, strides=(1,))[starts]
        return pieces
    ends = _compute_offsets(lengths)
    places = np.repeat((starts - ends[:-1]).astype("<i4"), lengths)
    places += np.arange(ends[-1], dtype="<i4")
    letters: Numbers = np.frombuffer(text, np.uint8)[places]
    return letters


def from_numbers(values: Numbers, kind: pa.DataType, unknown: Numbers | None = None) -> pa.Array:
    """NumPy values, already as wide as the Arrow type wants them, as an array; NULL where `unknown`."""
    bitmap = None if unknown is None else _bitmap(unknown)
    return pa.Array.from_buffers(kind, len(values), [bitmap, pa.py_buffer(np.ascontiguousarray(values))])


def numbers(array: pa.Array, width: str | np.dtype[Any]) -> Numbers:
    """Return the values of an array as NumPy sees them; zero where NULL."""
    values: Numbers = np.frombuffer(array.buffers()[1] or b"", width)[array.offset : array.offset + len(array)]
    return np.where(missing(array), np.zeros(1, width), values) if array.null_count else values


def letters_of(texts: pa.Array) -> Numbers:
    """Return all bytes of an array of texts, one behind the other."""
    _, places, data = texts.buffers()
    ends = np.frombuffer(places, "<i4")[texts.offset : texts.offset + len(texts) + 1]
    return np.frombuffer(data or b"", np.uint8)[ends[0] : ends[-1]]


def whole(column: pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece."""
    if column.num_chunks == 0:
        return pa.nulls(0, column.type)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def missing(array: pa.Array) -> Numbers:
    """Return whether each value of an array is NULL."""
    if not array.null_count:
        return np.zeros(len(array), bool)
    valid = array.is_valid()
    bits = np.unpackbits(np.frombuffer(valid.buffers()[1], np.uint8), bitorder="little")
    unset: Numbers = bits[valid.offset : valid.offset + len(array)] == 0
    return unset


def encoded(codes: Numbers, values: pa.Array, unknown: Numbers | None = None) -> pa.DictionaryArray:
    """Return an array that says for each row which of the values it has."""
    return pa.DictionaryArray.from_arrays(from_numbers(codes.astype("<i4", copy=False), pa.int32(), unknown), values)


def constant(value: object, kind: pa.DataType, count: int) -> pa.Array:
    """Return the same value `count` times; texts as a dictionary of one."""
    if value is None:
        buffers = 3 if pa.types.is_string(kind) or pa.types.is_binary(kind) else 2
        return pa.Array.from_buffers(kind, count, [_zeros(count // _STEP + 1)] * buffers)
    one = array_of([value], kind)
    codes = np.zeros(count, "<i4")
    return encoded(codes, one) if pa.types.is_string(kind) else one.take(from_numbers(codes, pa.int32()))


#: Rows for which arrays of nothing share their memory, and the widest value any of them has.
_STEP, _WIDEST = 2**16, 16


@lru_cache(maxsize=4)
def _zeros(steps: int) -> pa.Buffer:
    return pa.py_buffer(np.zeros(steps * _STEP * _WIDEST, np.uint8))


def codes_of(column: pa.Array) -> tuple[Numbers, pa.Array]:
    """For each row the number of its value, and the values; a NULL has the number after the last."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    codes = numbers(coded.indices, "<i4")
    if coded.indices.null_count:
        codes = np.where(missing(coded.indices), np.int32(len(coded.dictionary)), codes)
    return codes, coded.dictionary


def combined(columns: Sequence[Numbers]) -> Numbers:
    """One number for each row's combination of numbers, none below zero; sorted as the columns would be in turn."""
    rows, size = np.zeros(len(columns[0]), "<i8"), 1
    for codes in columns:
        if size > _MOST:
            rows, size = np.unique(rows, return_inverse=True)[1], len(rows)
        width = int(codes.max(initial=0)) + 1
        rows, size = rows * width + codes, size * width
    return rows


#: Combinations up to here are told apart by arithmetic: times the number of texts a column can have, they fit 64 bits.
_MOST: Final = 2**31
