"""A served project: the command itself in a process of its own, and raw questions to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence
    from pathlib import Path


_Answer = TypeVar("_Answer")


def run_apart(function: Callable[..., Coroutine[Any, Any, _Answer]], *arguments: Any) -> _Answer:
    """Run a coroutine function in a thread of its own: in that of the tests, the browser may have a loop running."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, function(*arguments)).result()


@dataclass(frozen=True)
class Served:
    """A server that answers: its process, its port, and the token it asks for."""

    process: subprocess.Popen[str]
    port: int
    token: str | None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Ask for an address; return status, headers in small letters, and body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            reply = connection.getresponse()
            return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()
        finally:
            connection.close()

    def get_json(self, path: str) -> Any:
        status, _, body = self.get(path)
        assert status == 200, body
        return json.loads(body)

    def connect(self) -> socket.socket:
        """Open a bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)


@contextlib.contextmanager
def serving(folder: Path, *more: str, command: str = "serve", options: Sequence[str] = ()) -> Iterator[Served]:
    """Serve the project of a folder, as the command does."""
    words = [sys.executable, "-m", "tracker", "-C", str(folder), command, "--port", "0", *options, *more]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"http://[^/]+:(\d+)/\w*(?:\?token=(\S+))?", line)
        try:
            assert found, line + process.stderr.read()
            yield Served(process, int(found[1]), found[2])
        finally:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
