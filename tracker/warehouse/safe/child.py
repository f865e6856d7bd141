"""Answer one question in a process of its own, which gives up its rights before it reads the question.

The confinement needs no privileges. Address space and processor time are limited, no file and no socket can be opened,
nothing can be written, the environment is empty, and the engine is locked.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pyarrow as pa

from tracker.errors import LimitError, QueryError
from tracker.warehouse.safe.engine import copy_rows, lock_engine, open_engine, parse_one_select
from tracker.warehouse.safe.needs import bind_texts, find_needs, need_to_record
from tracker.warehouse.safe.wire import ChunkReader, ChunkWriter, Wire, send_rows

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

__all__ = ["answer_one"]

_MEGABYTE: Final = 2**20
#: What the engine and Python need beside the data, in bytes.
_ROOM: Final = 160 * _MEGABYTE
_MEMORY: Final = "memory"


def answer_one(end: socket.socket) -> None:
    """Answer the question that comes over a socket, then return."""
    wire = Wire(end)
    asked = wire.receive_json()
    try:
        with open_engine(threads=1) as engine:
            _limit_process(asked)
            _answer(engine, wire, asked)
    except EOFError:
        return
    except (MemoryError, RecursionError, duckdb.OutOfMemoryException):
        wire.send_json({"limit": _MEMORY})
    except LimitError as error:
        wire.send_json({"limit": str(error)})
    except QueryError as error:
        wire.send_json({"refused": str(error)})
    except (duckdb.Error, pa.ArrowException, ValueError, OSError) as error:
        is_memory = any(word in str(error) for word in ("allocate", "bad_alloc", "Out of Memory"))
        wire.send_json({"limit": _MEMORY} if is_memory else {"engine": str(error)})


def _limit_process(asked: Mapping[str, Any]) -> None:
    """Limit the memory and the processor time of this process, and forbid it to write files or leave a core."""
    taken = _measure_address_space()
    memory = taken + asked["megabytes"] * _MEGABYTE + _ROOM
    seconds = int(asked["seconds"]) + 1
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _measure_address_space() -> int:
    """Measure the address space in use, in bytes; on systems without /proc, assume what is usual."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except OSError:
        return 1024 * _MEGABYTE
    return pages * resource.getpagesize()


def _answer(engine: duckdb.DuckDBPyConnection, wire: Wire, asked: Mapping[str, Any]) -> None:
    query = asked["query"]
    needs = find_needs(bind_texts(parse_one_select(engine, query), asked["parameters"]))
    wire.send_json({"needs": [need_to_record(need) for need in needs]})
    while "define" not in (message := wire.receive_json()):
        reader = ChunkReader(wire, sys.maxsize, _MEMORY)
        copy_rows(engine, message["table"], pa.ipc.open_stream(reader))
        reader.close()
    engine.execute(message["define"])
    lock_engine(engine, asked["megabytes"])
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    batches, schema, is_cut = _run_query(engine, asked)
    wire.send_json({"is_cut": is_cut})
    send_rows(ChunkWriter(wire, asked["bytes"], "bytes"), schema, batches)


def _run_query(
    engine: duckdb.DuckDBPyConnection, asked: Mapping[str, Any]
) -> tuple[list[pa.RecordBatch], pa.Schema, bool]:
    """Run the question; return its rows, and whether there are more than were asked for."""
    rows = engine.sql(asked["query"], params=asked["parameters"] or None).to_arrow_reader(2048)
    most = asked["head"] or asked["rows"]
    found, count, size = [], 0, 0
    for batch in rows:
        found.append(batch)
        count, size = count + batch.num_rows, size + batch.nbytes
        if size > asked["bytes"]:
            raise LimitError("bytes")
        if count > most:
            break
    if count <= most:
        return found, rows.schema, False
    if not asked["head"]:
        raise LimitError("rows")
    found[-1] = found[-1].slice(0, found[-1].num_rows - (count - most))
    return found, rows.schema, True
