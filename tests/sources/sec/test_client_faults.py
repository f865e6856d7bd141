"""Fetching from the SEC where something goes wrong: what is asked again, what is final, slowness, crashes."""

from __future__ import annotations

import gzip
import os
import re
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.sec_site import (
    FACTS,
    LATEST,
    OLDER,
    TICKERS,
    WHO,
    Fake,
    body_of,
    cut,
    drips,
    facts,
    fetch,
    fetching,
    files_of,
    listing,
    policy,
    sends,
    serving,
    tagged,
    worker,
)
from tracker.errors import FetchError, NothingMatchedError, TrackerError
from tracker.sources.sec import client
from tracker.sources.sec.client import Edgar

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

    from support.sec_site import Reply, Site


# -- what is asked again ---------------------------------------------------------------------------------

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
def test_what_may_pass_is_asked_again(site: Site, tmp_path: Path, fault: Reply, pause: float) -> None:
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
    site: Site, tmp_path: Path, fault: Reply, kind: type[TrackerError], message: str
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
def test_a_drip_does_not_hold_us(site: Site, tmp_path: Path, drip: Reply) -> None:
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
        patch.setattr(client, "_noted", crash)
        with pytest.raises(KeyboardInterrupt):
            fetch(site, tmp_path)
    found = fetch(site, tmp_path).facts
    assert (found.state, found.path.read_bytes()) == ("new", facts(41))
    assert fetch(site, tmp_path).facts.state == "unchanged"


def test_a_cache_that_cannot_be_is_an_error_that_names_it(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", "utf-8")
    with pytest.raises(FetchError, match=r"file.*: Not a directory; make room"):
        fetch(site, tmp_path / "file" / "cache")
