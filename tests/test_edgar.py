"""Fetching from the SEC, against a server of our own; nothing here reaches the network."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tracker.errors import NothingMatchedError, TrackerError, UsageError
from tracker.sources import edgar
from tracker.sources.edgar import (
    Clock,
    Edgar,
    Fetched,
    FetchError,
    Policy,
    _asked_pause,
    _cik_in,
    _Pace,
    _ticker,
    declared_user_agent,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    _Reply: TypeAlias = Callable[[BaseHTTPRequestHandler], None]

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


def sends(status: int = 200, body: bytes = b"", **headers: str) -> _Reply:
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


def tagged(body: bytes) -> _Reply:
    """The body with an ETag, or 304 to whoever has it."""
    tag = f'"{len(body)}"'

    def reply(handler: BaseHTTPRequestHandler) -> None:
        has_it = handler.headers["If-None-Match"] == tag
        (sends(304, ETag=tag) if has_it else sends(200, body, ETag=tag))(handler)

    return reply


def cut(body: bytes, header: str | None = None) -> _Reply:
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


def drips(body: bytes, start: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> _Reply:
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
        self._replies: dict[str, list[_Reply]] = {}
        self._lock = threading.Lock()
        self.tell(FACTS, tagged(facts())).tell(LATEST, tagged(listing([OLDER.rpartition("/")[2]])))
        self.tell(OLDER, tagged(body_of({"accessionNumber": []})))
        self.tell(TICKERS, tagged(body_of({"0": {"cik_str": 320193, "ticker": "AAPL", "title": "Apple Inc."}})))

    def tell(self, path: str, *replies: _Reply) -> Site:
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


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("TRACKER_SEC_USER_AGENT", raising=False)
    with serving() as site:
        yield site


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


# -- what is fetched -------------------------------------------------------------------------------------


def test_a_company_arrives_with_its_filings(site: Site, tmp_path: Path) -> None:
    with fetching(site, tmp_path / "cache") as (sec, told):
        found = sec.company("aapl")
    assert (found.cik, found.ticker) == (320193, "AAPL")
    assert found.facts.path == tmp_path / "cache/companyfacts/CIK0000320193.json"
    assert found.facts.path.read_bytes() == facts()
    assert [copy.path.name for copy in found.submissions] == [
        "CIK0000320193.json",
        "CIK0000320193-submissions-001.json",
    ]
    assert {copy.state for copy in (found.facts, *found.submissions)} == {"new"}
    assert told[0] == "company_tickers.json: new, 0.0 MB"
    assert all(asked["user-agent"] == WHO for _, asked in site.asked)
    assert not drafts_of(tmp_path)


def test_what_did_not_change_is_not_sent_again(site: Site, tmp_path: Path) -> None:
    first = fetch(site, tmp_path)
    site.asked.clear()
    second = fetch(site, tmp_path)
    assert {copy.state for copy in (second.facts, *second.submissions)} == {"unchanged"}
    assert [asked["if-none-match"] for _, asked in site.asked] == [
        f'"{copy.path.stat().st_size}"' for copy in (second.facts, *second.submissions)
    ]
    assert second.facts.retrieved_at == first.facts.retrieved_at <= second.facts.confirmed_at
    site.tell(FACTS, tagged(facts(41)))
    third = fetch(site, tmp_path)
    assert (third.facts.state, third.submissions[0].state) == ("new", "unchanged")
    assert third.facts.path.read_bytes() == facts(41)


def test_the_date_of_a_file_is_told_when_it_has_no_tag(site: Site, tmp_path: Path) -> None:
    day = "Fri, 01 Nov 2024 10:01:36 GMT"
    site.tell(FACTS, sends(200, facts(), Last_Modified=day), sends(304))
    states = [fetch(site, tmp_path).facts.state for _ in range(2)]
    assert states == ["new", "unchanged"]
    assert [asked.get("if-modified-since") for path, asked in site.asked if path == FACTS] == [None, day]


def test_the_same_bytes_again_are_unchanged(site: Site, tmp_path: Path) -> None:
    site.tell(FACTS, sends(200, facts()))
    assert [fetch(site, tmp_path).facts.state for _ in range(2)] == ["new", "unchanged"]


def test_a_new_tag_of_the_same_bytes_is_kept(site: Site, tmp_path: Path) -> None:
    site.tell(FACTS, *(sends(200, facts(), ETag=f'"{n}"') for n in range(3)))
    states = [fetch(site, tmp_path).facts.state for _ in range(3)]
    assert states == ["new", "unchanged", "unchanged"]
    assert [asked.get("if-none-match") for path, asked in site.asked if path == FACTS] == [None, '"0"', '"1"']


def test_the_list_of_tickers_is_asked_for_once(site: Site, tmp_path: Path) -> None:
    with fetching(site, tmp_path) as (sec, _):
        assert {sec.company(key).cik for key in ("AAPL", "aapl")} == {320193}
    assert site.count(TICKERS) == 1


def test_compressed_files_are_stored_plain(site: Site, tmp_path: Path) -> None:
    site.tell(FACTS, sends(200, gzip.compress(facts()), Content_Encoding="gzip"))
    assert fetch(site, tmp_path).facts.path.read_bytes() == facts()


@pytest.mark.parametrize("harm", [b"", b"{", None])
def test_a_copy_that_was_harmed_is_fetched_again(site: Site, tmp_path: Path, harm: bytes | None) -> None:
    path = fetch(site, tmp_path).facts.path
    path.unlink() if harm is None else path.write_bytes(harm)
    found = fetch(site, tmp_path).facts
    assert (found.state, path.read_bytes()) == ("new", facts())


@pytest.mark.parametrize(
    "note", [b"", b"[]", b"{}", b'{"url": 1}', b"\xff", b'{"retrieved_at": "x", "confirmed_at": 3}']
)
def test_a_note_nobody_can_read_is_no_note(site: Site, tmp_path: Path, note: bytes) -> None:
    fetch(site, tmp_path)
    (tmp_path / "companyfacts/.CIK0000320193.json.http").write_bytes(note)
    assert fetch(site, tmp_path).facts.state == "new"


def test_a_copy_from_another_server_is_no_copy(site: Site, tmp_path: Path) -> None:
    fetch(site, tmp_path)
    with serving() as other:
        assert fetch(other, tmp_path).facts.state == "new"
        assert "if-none-match" not in other.asked[0][1]


@pytest.mark.parametrize("cik", [320193, "320193", "0000320193"])
def test_the_cik_in_a_file_may_be_number_or_text(site: Site, tmp_path: Path, cik: object) -> None:
    site.tell(FACTS, sends(200, facts(cik=cik)))
    assert fetch(site, tmp_path).facts.state == "new"


def test_redirects_among_the_allowed_servers_are_followed(site: Site, tmp_path: Path) -> None:
    with serving() as other:
        site.tell(FACTS, sends(302, Location=f"{other.url}/moved"))
        other.tell("/moved", sends(301, Location="/here")).tell("/here", sends(200, facts()))
        where = Policy(data=site.url, www=other.url, is_loopback_allowed=True)
        with Edgar(tmp_path, WHO, where, clock=Fake().clock) as sec:
            assert sec.company("320193").facts.path.read_bytes() == facts()


# -- keys ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "ticker"),
    [
        ("AAPL", "AAPL"),
        (" aapl ", "AAPL"),
        ("320193", "AAPL"),
        ("0000320193", "AAPL"),
        ("CIK0000320193", "AAPL"),
        ("brk.b", "BRK-B"),
        ("BRK/B", "BRK-B"),
    ],
)
def test_a_key_is_a_ticker_or_a_cik(site: Site, tmp_path: Path, key: str, ticker: str) -> None:
    rows = [{"cik_str": 320193, "ticker": name, "title": ""} for name in ("AAPL", "BRK-B")]
    site.tell(TICKERS, sends(200, body_of(dict(enumerate(rows)))))
    found = fetch(site, tmp_path, key)
    assert (found.cik, found.ticker) == (320193, ticker)


def test_all_unknown_tickers_are_named_at_once(site: Site, tmp_path: Path) -> None:
    with fetching(site, tmp_path) as (sec, _):
        assert sec.ciks_of(["AAPL", "1318605"]) == {"AAPL": 320193, "1318605": 1318605}
        with pytest.raises(NothingMatchedError, match=r"no ticker NOPE, ٣٢٠, 0; check it"):
            sec.ciks_of(["AAPL", "NOPE", "٣٢٠", "0"])


@settings(max_examples=100)
@given(st.text() | st.from_regex(r"(CIK)?\d{0,12}"))
def test_any_key_is_a_cik_or_a_ticker_without_a_path(key: str) -> None:
    cik = _cik_in(key)
    assert cik is None or 0 < cik < 10**10
    assert "/" not in _ticker(key)
    assert _ticker(_ticker(key)) == _ticker(key)


# -- what is asked again ---------------------------------------------------------------------------------


def hour_from_now() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=3600))


AGAIN = {
    "503, then 200": (sends(503), 1),
    "500, then 200": (sends(500), 1),
    "408, then 200": (sends(408), 1),
    "429 with Retry-After": (sends(429, Retry_After="7"), 7),
    "429 with a broken Retry-After": (sends(429, Retry_After="soon"), 1),
    "503 with a date": (
        sends(503, Date="Fri, 01 Nov 2024 10:00:00 GMT", Retry_After="Fri, 01 Nov 2024 10:00:30 GMT"),
        30,
    ),
    "503 with a date gone by": (sends(503, Retry_After="Fri, 01 Nov 2019 10:00:30 GMT"), 1),
    "cut, with a length": (cut(facts(), f"Content-Length: {len(facts())}"), 1),
    "cut, in chunks": (cut(facts(), "Transfer-Encoding: chunked"), 1),
    "cut, with no length": (cut(facts()), 1),
    "cut to nothing": (sends(200, b""), 1),
    "cut while compressed": (sends(200, gzip.compress(facts())[:-40], Content_Encoding="gzip"), 1),
    "no gzip at all": (sends(200, facts(), Content_Encoding="gzip"), 1),
    "redirected to nonsense": (sends(302, Location="https://data.sec.gov:secret/"), 1),
    "no answer": (drips(b"", start=b""), 1),
}


@pytest.mark.parametrize(("fault", "pause"), AGAIN.values(), ids=AGAIN)
def test_what_may_pass_is_asked_again(site: Site, tmp_path: Path, fault: _Reply, pause: float) -> None:
    fake = Fake()
    site.tell(FACTS, fault, tagged(facts()))
    with fetching(site, tmp_path, fake) as (sec, told):
        found = sec.company("320193")
    assert (found.facts.state, site.count(FACTS)) == ("new", 2)
    assert len(fake.slept) == 1
    assert pause <= fake.slept[0] <= pause + 1
    assert re.search(r"again in \d+\.\d s$", told[0])


def test_pauses_grow_and_end(site: Site, tmp_path: Path) -> None:
    fake = Fake()
    site.tell(FACTS, sends(503))
    with (
        fetching(site, tmp_path, fake) as (sec, _),
        pytest.raises(FetchError, match="the server answers 503; try again"),
    ):
        sec.company("320193")
    assert site.count(FACTS) == 5
    assert all(2**n <= pause <= 2**n + 1 for n, pause in enumerate(fake.slept))
    assert len(fake.slept) == 4
    assert files_of(tmp_path).keys() == {".pace"}


def test_the_deadline_counts_pauses(site: Site, tmp_path: Path) -> None:
    site.tell(FACTS, sends(503))
    with fetching(site, tmp_path, deadline=4.5) as (sec, _), pytest.raises(FetchError):
        sec.company("320193")
    assert site.count(FACTS) in (2, 3)


@pytest.mark.parametrize("asked", ["121", "999999999999", "9" * 400])
def test_a_pause_beyond_patience_is_left_to_the_user(site: Site, tmp_path: Path, asked: str) -> None:
    fake = Fake()
    site.tell(FACTS, sends(429, Retry_After=asked))
    with fetching(site, tmp_path, fake) as (sec, _), pytest.raises(FetchError, match="asks for a pause of"):
        sec.company("320193")
    assert (site.count(FACTS), fake.slept) == (1, [])
    before = fake.now()
    with fetching(site, tmp_path, fake) as (sec, _):
        sec.ciks_of(["AAPL"])
    assert fake.now() - before >= 119, "whoever shares the cache waits too"


def test_the_old_copy_serves_while_nobody_answers(site: Site, tmp_path: Path) -> None:
    first = fetch(site, tmp_path)
    site.tell(FACTS, sends(503))
    with fetching(site, tmp_path) as (sec, told):
        again = sec.company("320193")
    assert (again.facts.state, again.submissions[0].state) == ("cached", "unchanged")
    assert again.facts.confirmed_at == first.facts.confirmed_at
    assert any("using the copy of 20" in line for line in told)


def test_nobody_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with serving() as site:
        pass
    with pytest.raises(FetchError, match="no connection, or it broke off"):
        fetch(site, tmp_path, attempts=2)


# -- what is final ---------------------------------------------------------------------------------------

FINAL = {
    "403": (
        sends(403, b"<html>Undeclared Automated Tool"),
        FetchError,
        r"\(403\); wait ten minutes, and check the user agent",
    ),
    "404": (sends(404), NothingMatchedError, r"\(404\); check the CIK"),
    "418": (sends(418), FetchError, "answers 418"),
    "204": (sends(204), FetchError, "answers 204"),
    "a page": (sends(200, b"<!DOCTYPE html><title>Maintenance</title>"), FetchError, "sends something else"),
    "a list": (sends(200, b"[1]"), FetchError, "sends something else"),
    "a message": (sends(200, b'{"message": "internal"}'), FetchError, "sends something else"),
    "another company": (sends(200, facts(cik=1)), FetchError, "sends something else"),
    "deep nesting": (sends(200, b'{"cik":' * 13_000), FetchError, "sends something else"),
    "too large, declared": (sends(200, facts(4000)), FetchError, "larger than 100,000 bytes"),
    "too large, undeclared": (
        drips(b"", b"HTTP/1.1 200 OK\r\n\r\n" + facts(4000)),
        FetchError,
        "larger than 100,000 bytes",
    ),
    "too large, unpacked": (
        sends(200, gzip.compress(facts(4000)), Content_Encoding="gzip"),
        FetchError,
        "larger than 100,000 bytes",
    ),
    "redirected by http": (
        sends(302, Location="http://data.sec.gov/x?secret"),
        FetchError,
        "http://data.sec.gov is not a server we ask",
    ),
    "redirected elsewhere": (
        sends(302, Location="https://example.org/?secret"),
        FetchError,
        "https://example.org is not a server",
    ),
    "redirected by a trick": (
        sends(302, Location="https://data.sec.gov@example.org/secret"),
        FetchError,
        "https://example.org is not",
    ),
    "redirected to a file": (sends(302, Location="file:///etc/passwd"), FetchError, "is not a server we ask"),
    "redirected to nowhere": (sends(302), FetchError, "answers 302"),
}


@pytest.mark.parametrize(("fault", "kind", "message"), FINAL.values(), ids=FINAL)
def test_what_is_final_is_not_asked_again(
    site: Site, tmp_path: Path, fault: _Reply, kind: type[TrackerError], message: str
) -> None:
    fetch(site, tmp_path)
    before = files_of(tmp_path)
    site.asked.clear()
    site.tell(FACTS, fault)
    fake = Fake()
    with fetching(site, tmp_path, fake, max_bytes=100_000) as (sec, _), pytest.raises(kind, match=message) as caught:
        sec.company("320193")
    assert [path for path, _ in site.asked] == [FACTS]
    assert fake.slept == []
    assert files_of(tmp_path) | {".pace": b""} == before | {".pace": b""}, "the old copy is as it was"
    assert "secret" not in str(caught.value)


def test_another_server_is_not_even_asked(site: Site, tmp_path: Path) -> None:
    with serving() as other:
        site.tell(FACTS, sends(302, Location="/step")).tell("/step", sends(302, Location=f"{other.url}/facts?secret"))
        with pytest.raises(FetchError, match=r"http://127\.0\.0\.1 is not a server we ask"):
            fetch(site, tmp_path)
        assert other.asked == []


def test_user_names_are_not_sent_to_an_allowed_server(site: Site, tmp_path: Path) -> None:
    site.tell(FACTS, sends(302, Location=site.url.replace("//", "//secret:secret@")))
    with pytest.raises(FetchError, match="is not a server we ask") as caught:
        fetch(site, tmp_path)
    assert "secret" not in str(caught.value)


def test_a_circle_of_redirects_ends(site: Site, tmp_path: Path) -> None:
    site.tell(FACTS, sends(302, Location="/round")).tell("/round", sends(307, Location=FACTS))
    with pytest.raises(FetchError, match="redirected more than 5 times"):
        fetch(site, tmp_path)
    assert len(site.asked) == 6


def test_nothing_changed_is_no_answer_to_who_has_nothing(site: Site, tmp_path: Path) -> None:
    site.tell(FACTS, sends(304))
    with pytest.raises(FetchError, match="answers 304"):
        fetch(site, tmp_path)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (LATEST, listing(["../../../etc/passwd"])),
        (LATEST, listing(["CIK0000000001-submissions-001.json"])),
        (LATEST, listing(["CIK0000320193-submissions-001.json\n"])),
        (LATEST, listing([], cik=1)),
        (LATEST, body_of({"cik": "320193"})),
        (LATEST, body_of({"cik": "320193", "filings": {"files": [{"name": None}]}})),
        (OLDER, body_of({"message": "none"})),
        (TICKERS, body_of({"message": "none"})),
        (TICKERS, body_of({"0": {"ticker": "AAPL", "cik_str": "x"}})),
    ],
)
def test_files_of_another_shape_are_refused(site: Site, tmp_path: Path, path: str, body: bytes) -> None:
    fetch(site, tmp_path, "AAPL")
    before = (tmp_path / path.removeprefix("/files/").removeprefix("/")).read_bytes()
    site.tell(path, sends(200, body))
    with pytest.raises(FetchError, match="sends something else"):
        fetch(site, tmp_path, "AAPL")
    assert (tmp_path / path.removeprefix("/files/").removeprefix("/")).read_bytes() == before


# -- slowness and crashes --------------------------------------------------------------------------------

SLOW = {
    "a body": drips(b" " * 10_000),
    "a header": drips(b"a" * 10_000, b"HTTP/1.1 200 OK\r\nX-Slow: "),
    "a status line": drips(b"1" * 10_000, b"HTTP/"),
}


@pytest.mark.parametrize("drip", SLOW.values(), ids=SLOW)
def test_a_drip_does_not_hold_us(site: Site, tmp_path: Path, drip: _Reply) -> None:
    site.tell(FACTS, drip)
    started = time.monotonic()
    with (
        Edgar(tmp_path, WHO, policy(site, deadline=0.25)) as sec,
        pytest.raises(FetchError, match="too slow, given up"),
    ):
        sec.company("320193")
    assert time.monotonic() - started < 20, "the drip would last 500 s"
    assert site.count(FACTS) <= 1


def test_silence_is_asked_again(site: Site, tmp_path: Path) -> None:
    def silence(handler: BaseHTTPRequestHandler) -> None:
        handler.server.stopped.wait(60)  # type: ignore[attr-defined]

    site.tell(FACTS, silence, tagged(facts()))
    assert fetch(site, tmp_path, timeout=0.3).facts.state == "new"
    assert site.count(FACTS) >= 2


WORKER = """
import sys
from pathlib import Path
from tracker.sources.edgar import Clock, Edgar, Policy, _Pace
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
    root = str(Path(edgar.__file__).parents[2])
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": root}
    )


def test_a_process_killed_in_the_middle_leaves_the_old_file(site: Site, tmp_path: Path) -> None:
    fetch(site, tmp_path)
    before = files_of(tmp_path)
    begun = threading.Event()

    def half(handler: BaseHTTPRequestHandler) -> None:
        begun.set()
        drips(facts()[:200], b"HTTP/1.1 200 OK\r\n\r\n" + facts()[:3000])(handler)

    site.tell(FACTS, half)
    with worker(site.url, tmp_path, "company") as process:
        assert begun.wait(30)
        process.kill()
    assert process.returncode == -9
    assert files_of(tmp_path) | {".pace": b""} == before | {".pace": b""}


@pytest.mark.parametrize(("owner", "name"), [(os, "fsync"), (Path, "replace")])
def test_a_full_disk_leaves_the_old_file(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    fetch(site, tmp_path)
    site.tell(FACTS, sends(200, facts(41)))
    before = files_of(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, fails)
        with pytest.raises(FetchError, match="No space left on device; make room"):
            fetch(site, tmp_path)
    assert files_of(tmp_path) | {".pace": b""} == before | {".pace": b""}
    assert fetch(site, tmp_path).facts.state == "new"


def test_a_crash_between_file_and_note_costs_one_download(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(site, tmp_path)
    site.tell(FACTS, tagged(facts(41)))

    def crash(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(edgar, "_noted", crash)
        with pytest.raises(KeyboardInterrupt):
            fetch(site, tmp_path)
    found = fetch(site, tmp_path).facts
    assert (found.state, found.path.read_bytes()) == ("new", facts(41))
    assert fetch(site, tmp_path).facts.state == "unchanged"


def test_a_cache_that_cannot_be_is_an_error_that_names_it(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", "utf-8")
    with pytest.raises(FetchError, match=r"file.*: Not a directory; make room"):
        fetch(site, tmp_path / "file" / "cache")


# -- the common pace -------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.floats(0, 0.5) | st.just(0.0)), min_size=9, max_size=60),
    st.sampled_from([8.0, 5.0, 0.5]),
)
def test_no_second_sees_more_than_its_rate(
    tmp_path_factory: pytest.TempPathFactory, asks: list[tuple[int, float]], rate: float
) -> None:
    fake, path = Fake(), tmp_path_factory.mktemp("pace") / ".pace"
    users = [_Pace(path, Policy(rate=rate), fake.clock) for _ in range(3)]
    turns = []
    for user, idle in asks:
        fake.sleep(idle)
        users[user].wait()
        turns.append(fake.now())
    assert all(later - earlier >= 1 / rate - 1e-9 for earlier, later in pairwise(turns))
    idle_for = sum(idle for _, idle in asks)
    assert turns[-1] - turns[0] <= idle_for + len(asks) / rate + 0.001 * len(asks), "nor is anybody kept for nothing"


def test_a_pause_holds_for_all(tmp_path: Path) -> None:
    fake = Fake()
    one, other = (_Pace(tmp_path / ".pace", Policy(), fake.clock) for _ in range(2))
    one.wait()
    one.hold(30)
    one.hold(10)
    before = fake.now()
    other.wait()
    assert 30 <= fake.now() - before < 30.01


@pytest.mark.parametrize("left", [b"", b"nan", b"inf", b"-inf", b"1e300", b"soon", b"\xff" * 40, b"99999.0"])
def test_a_pace_file_with_nonsense_stops_nobody(tmp_path: Path, left: bytes) -> None:
    fake, path = Fake(), tmp_path / ".pace"
    path.write_bytes(left)
    pace = _Pace(path, Policy(), fake.clock)
    pace.wait()
    assert fake.now() == 1000.0
    pace.wait()
    assert fake.now() == pytest.approx(1000.125)


def test_threads_share_the_pace(site: Site, tmp_path: Path) -> None:
    with Edgar(tmp_path, WHO, policy(site)) as sec, ThreadPoolExecutor(8) as pool:
        started = time.monotonic()
        found = list(pool.map(sec.company, ["320193"] * 3))
        lasted = time.monotonic() - started
    assert len(site.asked) == 9
    assert lasted >= 8 / 8, "the ninth request comes a second after the first"
    assert {one.facts.path.read_bytes() for one in found} == {facts()}


def test_processes_share_the_pace(tmp_path: Path) -> None:
    with worker("", tmp_path, "pace") as one, worker("", tmp_path, "pace") as other:
        for process in (one, other):
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        started = time.monotonic()
        for process in (one, other):
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        assert [one.wait(), other.wait()] == [0, 0]
        lasted = time.monotonic() - started
    assert lasted >= 7 / 8, "eight turns take at least so long; four in each process would take half"


# -- who asks, and how -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "declared", [None, "", "  ", "Mozilla/5.0", "Name at example.org", "Jörg jo@example.org", "A a@b.org\r\nX: y"]
)
def test_a_contact_is_demanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declared: str | None) -> None:
    monkeypatch.delenv("TRACKER_SEC_USER_AGENT", raising=False)
    with pytest.raises(UsageError, match=r"\[sec\] in tracker\.toml, or TRACKER_SEC_USER_AGENT"):
        Edgar(tmp_path, declared)


def test_the_environment_goes_before_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRACKER_SEC_USER_AGENT", raising=False)
    assert declared_user_agent(f" {WHO} ") == WHO
    monkeypatch.setenv("TRACKER_SEC_USER_AGENT", "Other other@example.org")
    assert declared_user_agent(WHO) == "Other other@example.org"


@pytest.mark.parametrize("rate", [0, -1, 8.1, float("nan")])
def test_a_pace_the_sec_does_not_allow_is_refused(rate: float) -> None:
    with pytest.raises(UsageError, match="at most 8"):
        Policy(rate=rate)


@pytest.mark.parametrize(
    "where",
    [
        Policy(data="http://data.sec.gov"),
        Policy(data="http://127.0.0.1:1", www="http://127.0.0.1:1"),
        Policy(data="http://example.org", is_loopback_allowed=True),
        Policy(www="ftp://www.sec.gov"),
    ],
)
def test_only_https_is_spoken(tmp_path: Path, where: Policy) -> None:
    with pytest.raises(FetchError, match="is not a server we ask"):
        Edgar(tmp_path, WHO, where)


def test_offline_nobody_is_asked(site: Site, tmp_path: Path) -> None:
    fetch(site, tmp_path, "AAPL")
    site.asked.clear()
    with Edgar(tmp_path, None, policy(site, is_offline=True)) as sec:
        found = sec.company("AAPL")
        with pytest.raises(NothingMatchedError, match=r"CIK0000000001\.json is not in the cache"):
            sec.company("1")
    assert {copy.state for copy in (found.facts, *found.submissions)} == {"cached"}
    assert (found.ticker, site.asked) == ("AAPL", [])


def test_without_the_extra_only_fetching_is_missing(tmp_path: Path) -> None:
    code = f"""
import sys
sys.modules["httpx"] = None
from pathlib import Path
from tracker.sources.edgar import Edgar, Policy
Edgar(Path({str(tmp_path)!r}), None, Policy(is_offline=True)).close()
try:
    Edgar(Path({str(tmp_path)!r}), "Tests tests@example.org")
except Exception as error:
    print(type(error).__name__, error)
"""
    root = str(Path(edgar.__file__).parents[2])
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": root}
    )
    assert run.stdout == "UsageError fetching needs the extra packages: pip install 'tracker[sec]'\n"


def test_a_proxy_we_cannot_use_is_named_without_its_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "gopher://me:secret@proxy.example.org")
    with pytest.raises(UsageError, match="check HTTPS_PROXY and ALL_PROXY") as caught:
        Edgar(tmp_path, WHO)
    assert "secret" not in str(caught.value)


def test_it_works_where_a_loop_is_running(site: Site, tmp_path: Path) -> None:
    async def notebook() -> str:
        await asyncio.sleep(0)
        return fetch(site, tmp_path).facts.state

    assert asyncio.run(notebook()) == "new"


def test_closing_ends_what_others_wait_for(site: Site, tmp_path: Path) -> None:
    begun = threading.Event()

    def silence(handler: BaseHTTPRequestHandler) -> None:
        begun.set()
        handler.server.stopped.wait(60)  # type: ignore[attr-defined]

    site.tell(FACTS, silence)
    with ThreadPoolExecutor(1) as pool:
        with fetching(site, tmp_path) as (sec, _):
            waiting = pool.submit(sec.company, "320193")
            assert begun.wait(30)
        assert waiting.exception(30) is not None


@given(st.text(st.characters(max_codepoint=255)) | st.integers().map(str) | st.datetimes().map(format_datetime))
def test_any_retry_after_is_a_pause_or_none(text: str) -> None:
    assert _asked_pause(httpx.Headers([(b"retry-after", text.encode("latin-1"))])) >= 0


def test_the_public_names_are_all_there() -> None:
    assert all(hasattr(edgar, name) for name in edgar.__all__)
