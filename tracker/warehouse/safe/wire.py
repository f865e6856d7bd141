"""Messages between the process that asks and the child that answers: JSON, and rows as a stream of Arrow batches."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pyarrow import ipc

from tracker.errors import LimitError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable

    import pyarrow as pa

__all__ = ["ChunkReader", "ChunkWriter", "Wire", "send_rows"]

_HEAD: Final = 8
_POLL: Final = 0.1  # seconds between two looks at the clock and at the client
#: The longest message of JSON, and the longest chunk of a stream, in bytes.
_LONGEST: Final = 16 * 2**20


class Wire:
    """One end of a socket. `check` is called while it waits, and raises an error to give up.

    Without `check` it waits without limit, and opens no file to do so.
    """

    def __init__(self, end: socket.socket, check: Callable[[], None] | None = None) -> None:
        self._end = end
        self._check = check or (lambda: None)
        end.settimeout(_POLL if check else None)

    def send(self, data: bytes | memoryview) -> None:
        """Send one message."""
        for part in (len(data).to_bytes(_HEAD, "big"), data):
            left = memoryview(part)
            while left:
                try:
                    left = left[self._end.send(left) :]
                except TimeoutError:
                    self._check()
        self._check()

    def receive(self) -> bytes:
        """Receive one message; EOFError if the other end is gone."""
        length = int.from_bytes(self._receive(_HEAD), "big")
        if length > _LONGEST:
            raise EOFError
        return self._receive(length)

    def _receive(self, length: int) -> bytes:
        found = bytearray()
        while len(found) < length:
            try:
                part = self._end.recv(min(length - len(found), 2**20))
            except TimeoutError:
                self._check()
                continue
            except ConnectionError as error:
                raise EOFError from error
            if not part:
                raise EOFError
            found += part
            self._check()
        return bytes(found)

    def send_json(self, message: object) -> None:
        """Send plain values."""
        self.send(json.dumps(message, default=str).encode())

    def receive_json(self) -> Any:
        """Receive plain values."""
        return json.loads(self.receive())


class ChunkWriter:
    """A file object that sends what is written to it, until it is closed; LimitError after `most` bytes."""

    closed = False

    def __init__(self, wire: Wire, most: int, what: str) -> None:
        self._wire, self._most, self._what = wire, most, what
        self._written = 0

    def write(self, data: bytes | memoryview) -> int:
        """Send bytes in chunks."""
        view = memoryview(data).cast("B")
        self._written += len(view)
        if self._written > self._most:
            raise LimitError(self._what)
        for at in range(0, len(view), _LONGEST):
            self._wire.send(view[at : at + _LONGEST])
        return len(view)

    def flush(self) -> None:
        """Do nothing: every chunk is sent at once."""

    def close(self) -> None:
        """Say that nothing follows."""
        self._wire.send(b"")


class ChunkReader:
    """A file object that reads what is written to the other end's ChunkWriter; LimitError after `most` bytes."""

    closed = False

    def __init__(self, wire: Wire, most: int, what: str) -> None:
        self._wire, self._most, self._what = wire, most, what
        self._rest = b""
        self._is_over = False

    def read(self, length: int = -1) -> bytes:
        """Read this many bytes, or fewer at the end; -1 reads all."""
        parts, missing = [], length if length >= 0 else self._most + 1
        while missing and (self._rest or not self._is_over):
            if not self._rest:
                self._rest = self._wire.receive()
                self._is_over = not self._rest
                self._most -= len(self._rest)
                if self._most < 0:
                    raise LimitError(self._what)
            parts.append(self._rest[:missing])
            self._rest = self._rest[missing:]
            missing -= len(parts[-1])
        return b"".join(parts)

    def close(self) -> None:
        """Read what is left, so that the next message can be read."""
        while not self._is_over:
            self._is_over = not self._wire.receive()


def send_rows(writer: ChunkWriter, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """Send rows as a stream of Arrow batches."""
    with ipc.new_stream(writer, schema) as stream:
        for batch in batches:
            stream.write_batch(batch)
    writer.close()
