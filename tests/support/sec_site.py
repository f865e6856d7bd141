"""A server that answers as the SEC's would or should not, for the tests of fetching; nothing reaches the network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracker.sources.sec import client
from tracker.sources.sec.client import Clock, Edgar, Fetched, Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    Reply: TypeAlias = Callable[[BaseHTTPRequestHandler], None]

WHO = "Tracker Tests secret-contact@example.org"
FACTS = "/api/xbrl/companyfacts/CIK0000320193.json"
LATEST = "/submissions/CIK0000320193.json"
OLDER = "/submissions/CIK0000320193-submissions-001.json"
TICKERS = "/files/company_tickers.json"
A_FACT = {"end": "2024-09-28", "val": 391035000000, "accn": "0000320193-24-000123", "cik": 1}


# -- a server that answers as it is told -----------------------------------------------------------------


def body_of(document: object) -> bytes:
    return json.dumps(document).encode()


def facts(count: int = 40, cik: object = 320193) -> bytes:
    return body_of({"cik": cik, "entityName": "Apple Inc.", "facts": {"us-gaap": {"Revenues": [A_FACT] * count}}})


def listing(pages: list[str], cik: object = "0000320193") -> bytes:
    files = [{"name": name, "filingCount": 2} for name in pages]
    return body_of({"cik": cik, "tickers": ["AAPL"], "filings": {"recent": {}, "files": files}})


def sends(status: int = 200, body: bytes = b"", **headers: str) -> Reply:
    """A whole answer; `Retry_After` in the headers is written Retry-After."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response_only(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if status != 304:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def tagged(body: bytes) -> Reply:
    """The body with an ETag, or 304 to whoever has it."""
    tag = f'"{len(body)}"'

    def reply(handler: BaseHTTPRequestHandler) -> None:
        has_it = handler.headers["If-None-Match"] == tag
        (sends(304, ETag=tag) if has_it else sends(200, body, ETag=tag))(handler)

    return reply


def cut(body: bytes, header: str | None = None) -> Reply:
    """Half the body where the whole is announced by the header, or by nothing but the end of the connection."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        if header:
            handler.send_header(*header.split(": "))
        handler.end_headers()
        half = body[: len(body) // 2]
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(half), half) if header and "chunked" in header else half)
        handler.close_connection = True

    return reply


def drips(body: bytes, start: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Reply:
    """A byte now and then, for longer than anybody should wait."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(start)
        for byte in body:
            handler.wfile.write(bytes([byte]))
            if handler.server.stopped.wait(0.05):  # type: ignore[attr-defined]
                break
        handler.close_connection = True

    return reply


class Site:
    """Replies for each path, in their order; the last one stays. `asked` is what was asked of it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._replies: dict[str, list[Reply]] = {}
        self._lock = threading.Lock()
        self.tell(FACTS, tagged(facts())).tell(LATEST, tagged(listing([OLDER.rpartition("/")[2]])))
        self.tell(OLDER, tagged(body_of({"accessionNumber": []})))
        self.tell(TICKERS, tagged(body_of({"0": {"cik_str": 320193, "ticker": "AAPL", "title": "Apple Inc."}})))

    def tell(self, path: str, *replies: Reply) -> Site:
        self._replies[path] = list(replies)
        return self

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self.asked.append((handler.path, {name.lower(): value for name, value in handler.headers.items()}))
            replies = self._replies.get(handler.path, [sends(404)])
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
        reply(handler)

    def count(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.asked)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        self.stopped = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)
        self.site = Site(f"http://127.0.0.1:{self.server_port}")

    def handle_error(self, request: object, client_address: object) -> None:
        """The other side went away, which is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self.server.site.answer(self)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def serving() -> Iterator[Site]:
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.site
        server.stopped.set()
        server.shutdown()
        thread.join()


# -- time that passes when it is told --------------------------------------------------------------------


class Fake:
    """A clock whose sleeps cost nothing; `slept` is the long ones, which are not turns at the common pace."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds
            self.slept += [seconds] if seconds > 0.9 else []

    @property
    def clock(self) -> Clock:
        return Clock(self.now, self.sleep)


def policy(site: Site, **changes: Any) -> Policy:
    return Policy(data=site.url, www=site.url, is_loopback_allowed=True, **changes)


@contextmanager
def fetching(site: Site, cache: Path, fake: Fake | None = None, **changes: Any) -> Iterator[tuple[Edgar, list[str]]]:
    told: list[str] = []
    clock = (fake or Fake()).clock
    with Edgar(cache, WHO, policy(site, **changes), notify=told.append, clock=clock) as sec:
        yield sec, told


def fetch(site: Site, cache: Path, key: str = "320193", **changes: Any) -> Fetched:
    with fetching(site, cache, **changes) as (sec, _):
        return sec.company(key)


def files_of(cache: Path) -> dict[str, bytes]:
    return {str(path.relative_to(cache)): path.read_bytes() for path in cache.rglob("*") if path.is_file()}


def drafts_of(cache: Path) -> list[str]:
    return [name for name in files_of(cache) if not name.endswith((".json", ".http", ".pace"))]


# -- another process ------------------------------------------------------------------------------------

WORKER = """
import sys
from pathlib import Path
from tracker.sources.sec.client import Clock, Edgar, Policy, _Pace
url, cache, work = sys.argv[1:]
policy = Policy(data=url, www=url, is_loopback_allowed=True)
if work == "pace":
    pace = _Pace(Path(cache) / ".pace", policy, Clock())
    print("ready", flush=True)
    input()
    for _ in range(4):
        pace.wait()
else:
    with Edgar(Path(cache), "Tests tests@example.org", policy) as sec:
        sec.company("320193")
"""


def worker(url: str, cache: Path, work: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, url, str(cache), work]
    root = str(Path(client.__file__).parents[3])
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": root}
    )
