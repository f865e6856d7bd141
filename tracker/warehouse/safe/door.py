"""The only way to answer SQL from strangers.

The text of a question is read, parsed and run only in a child process. The child says which views it needs; this
process reads them from the snapshot and sends their rows; the child answers with rows.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self

import pyarrow as pa

from tracker.errors import LimitError, QueryError
from tracker.warehouse.connection import open_connection
from tracker.warehouse.query_names import engine_message
from tracker.warehouse.reader import Result
from tracker.warehouse.safe.needs import Need, need_from_record
from tracker.warehouse.safe.nursery import ASK, END, NUMBER
from tracker.warehouse.safe.supply import define_twins, list_supplies, macros_for
from tracker.warehouse.safe.wire import ChunkReader, ChunkWriter, Wire, send_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import duckdb

    from tracker.warehouse.reader import Warehouse

__all__ = ["Limits", "SafeAnswer", "SafeDoor"]

_MEGABYTE: Final = 2**20
#: The program of the helper: it imports this same package, wherever it is, and nothing that the environment names.
_START: Final = (
    f"import sys; sys.path.insert(0, {str(Path(__file__).parents[3])!r}); "
    "from tracker.warehouse.safe.nursery import main; main()"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one question may take: seconds, megabytes of memory, rows and bytes of its answer."""

    seconds: float = 30
    megabytes: int = 1024
    rows: int = 1_000_000
    bytes: int = 256 * _MEGABYTE

    def describe(self, name: str) -> str:
        """Describe the limit that a question went beyond, and what to do."""
        return {
            "seconds": f"the question ran longer than {self.seconds:g} seconds; ask for less, or for one company",
            "memory": f"the question needs more than {self.megabytes} MB of memory; ask for less, or for one company",
            "read": f"the question reads more than {self.megabytes // 2} MB of the warehouse; name the columns, and a "
            "company (where entity = 'meta')",
            "rows": f"the answer has more than {self.rows:,} rows; add a LIMIT",
            "bytes": f"the answer is larger than {self.bytes // _MEGABYTE} MB; name fewer columns, or add a LIMIT",
            "gone": "nobody waits for the answer any more",
            "failed": "the engine failed on this question; ask it in a simpler way",
            "shape": f"the answer has more than {_MOST_COLUMNS} columns or is nested too deeply; select less",
        }[name]


_MOST_COLUMNS: Final = 1000
_DEEPEST: Final = 16


class SafeAnswer:
    """The rows of a safe question, held in memory. `is_cut`: there are more rows than were asked for."""

    def __init__(self, table: pa.Table, *, is_cut: bool) -> None:
        self.table, self.is_cut = table, is_cut
        self._connection: duckdb.DuckDBPyConnection | None = None

    @property
    def columns(self) -> list[str]:
        """Return the column names, in order."""
        return list(self.table.column_names)

    def result(self) -> Result:
        """Return the rows as the result of a query, to write them in any format."""
        if self._connection is None:
            self._connection, _ = open_connection(self)
        return Result(self._connection.from_arrow(self.table), self)


class SafeDoor:
    """Answers questions from strangers, at most a given number at once. Several threads may share it."""

    def __init__(self, most: int = 4) -> None:
        self._turns = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def ask(  # noqa: PLR0913 - all but two have defaults
        self,
        warehouse: Warehouse,
        query: str,
        parameters: Mapping[str, object] | None = None,
        *,
        limits: Limits | None = None,
        head: int | None = None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> SafeAnswer:
        """Answer one SELECT over the views of a warehouse, as of its moment.

        With `head`, at most this many rows are returned. `is_cancelled` is called about ten times a second.

        Raises:
            LimitError: the question went beyond a limit, or was cancelled.
            QueryError: the text is not one SELECT, or the engine refuses it.

        """
        limits = limits or Limits()
        guard = _Guard(limits, is_cancelled)
        while not self._turns.acquire(timeout=0.1):
            guard.check()
        try:
            return self._ask_child(
                warehouse, {"query": query, "parameters": dict(parameters or {}), "head": head}, guard
            )
        finally:
            self._turns.release()

    def _ask_child(self, warehouse: Warehouse, asked: dict[str, Any], guard: _Guard) -> SafeAnswer:
        limits = guard.limits
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                child = self._order_child(ASK, theirs)
            try:
                return _converse(Wire(ours, guard.check), warehouse, asked | _limits_to_record(limits), guard)
            except (EOFError, BrokenPipeError, ConnectionResetError) as error:
                ended, child = self._order_end(child), 0
                raise LimitError(limits.describe("seconds" if ended == signal.SIGXCPU else "failed")) from error
            finally:
                if child:
                    self._order_end(child)

    def _order_child(self, order: bytes, end: socket.socket) -> int:
        with self._lock:
            for _ in range(2):
                control = self._start_helper()
                try:
                    socket.send_fds(control, [order], [end.fileno()])
                    return _read_number(control)
                except (OSError, EOFError):
                    self._stop()
        raise QueryError("no process can be started for the question; close other programs, or give it more memory")

    def _order_end(self, child: int) -> int:
        """End a child; return the signal if one had ended it before, else 0."""
        with self._lock:
            if self._control is None:
                return 0
            try:
                self._control.sendall(END + child.to_bytes(NUMBER, "big"))
                return _read_number(self._control)
            except (OSError, EOFError):
                self._stop()
                return 0

    def warm(self) -> None:
        """Start the helper, so that the first question need not wait for it."""
        with self._lock:
            self._start_helper()

    def _start_helper(self) -> socket.socket:
        if self._control is None:
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 - our own program
                    [sys.executable, "-I", "-c", _START],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={"OPENBLAS_NUM_THREADS": "1"},
                    cwd=os.sep,
                )
            self._control = ours
        return self._control

    def _stop(self) -> None:
        if self._control is not None and self._process is not None:
            self._control.close()
            self._process.kill()
            self._process.wait()
        self._control = self._process = None

    def close(self) -> None:
        """End the helper and its children."""
        with self._lock:
            if self._control is not None and self._process is not None:
                self._control.close()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(timeout=5)
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _read_number(control: socket.socket) -> int:
    data = b""
    while len(data) < NUMBER:
        part = control.recv(NUMBER - len(data))
        if not part:
            raise EOFError
        data += part
    return int.from_bytes(data, "big")


class _Guard:
    """Watches the clock and the client of one question."""

    def __init__(self, limits: Limits, is_cancelled: Callable[[], bool]) -> None:
        self.limits, self._is_cancelled = limits, is_cancelled
        self._deadline = time.monotonic() + limits.seconds

    def check(self) -> None:
        """Raise LimitError if the time is over, or if the client has disconnected."""
        if time.monotonic() > self._deadline:
            raise LimitError(self.limits.describe("seconds"))
        if self._is_cancelled():
            raise LimitError(self.limits.describe("gone"))

    @contextlib.contextmanager
    def watch(self, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Interrupt a connection when the time is over or the client has disconnected; then raise LimitError."""
        is_done = threading.Event()
        watcher = threading.Thread(target=self._interrupt, args=(connection, is_done), daemon=True)
        watcher.start()
        try:
            yield
        except (QueryError, pa.ArrowException, OSError) as error:
            self.check()
            if isinstance(error, QueryError | BrokenPipeError | ConnectionResetError):
                raise
            raise QueryError(str(error)) from error
        finally:
            is_done.set()
            watcher.join()

    def _interrupt(self, connection: duckdb.DuckDBPyConnection, is_done: threading.Event) -> None:
        while not is_done.wait(0.1):
            try:
                self.check()
            except LimitError:
                connection.interrupt()


def _limits_to_record(limits: Limits) -> dict[str, object]:
    return {name: getattr(limits, name) for name in ("seconds", "megabytes", "rows", "bytes")}


def _converse(wire: Wire, warehouse: Warehouse, asked: Mapping[str, Any], guard: _Guard) -> SafeAnswer:
    """Send a question, supply the data that it needs, and read its answer."""
    limits = guard.limits
    wire.send_json(asked)
    needs = [need_from_record(record) for record in _receive_answer(wire, limits)["needs"]]
    with guard.watch(warehouse.connection):
        _send_needs(wire, warehouse, needs, limits)
    wire.send_json({"define": macros_for(asked["query"]) + define_twins(needs)})
    is_cut = bool(_receive_answer(wire, limits)["is_cut"])
    reader = ChunkReader(wire, limits.bytes + _MEGABYTE, limits.describe("bytes"))
    try:
        rows = pa.ipc.open_stream(reader)
        if len(rows.schema) > _MOST_COLUMNS or any(_measure_depth(field.type) > _DEEPEST for field in rows.schema):
            raise LimitError(limits.describe("shape"))
        table = rows.read_all()
        table.validate(full=True)
    except pa.ArrowException as error:
        raise LimitError(limits.describe("failed")) from error
    return SafeAnswer(table, is_cut=is_cut)


def _send_needs(wire: Wire, warehouse: Warehouse, needs: list[Need], limits: Limits) -> None:
    for supply in list_supplies(warehouse, needs):
        with supply.rows.stream() as rows:
            wire.send_json({"table": supply.table})
            most = limits.megabytes * _MEGABYTE // 2
            send_rows(ChunkWriter(wire, most, limits.describe("read")), rows.schema, rows)


def _receive_answer(wire: Wire, limits: Limits) -> dict[str, Any]:
    """Receive a message; raise an error if the message reports one."""
    message: dict[str, Any] = wire.receive_json()
    if "limit" in message:
        raise LimitError(limits.describe(str(message["limit"])))
    if "refused" in message:
        raise QueryError(str(message["refused"]))
    if "engine" in message:
        _raise_engine_error(str(message["engine"]))
    return message


def _raise_engine_error(message: str) -> NoReturn:
    raise QueryError(engine_message(message))


def _measure_depth(kind: pa.DataType) -> int:
    """Measure how deeply a type is nested; stop counting soon after the allowed depth."""
    depth, parts = 0, [kind]
    while parts and depth <= _DEEPEST:
        parts = [part.field(at).type for part in parts for at in range(part.num_fields)]
        depth += 1
    return depth
