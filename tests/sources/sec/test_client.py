"""Fetching from the SEC, against a server of our own; nothing here reaches the network."""

from __future__ import annotations

import asyncio
import gzip
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.sec_site import (
    FACTS,
    TICKERS,
    WHO,
    Fake,
    body_of,
    drafts_of,
    facts,
    fetch,
    fetching,
    policy,
    sends,
    serving,
    tagged,
    worker,
)
from tracker.errors import FetchError, NothingMatchedError, UsageError
from tracker.sources.sec import client
from tracker.sources.sec.client import (
    Edgar,
    Policy,
    _asked_pause,
    _cik_in,
    _Pace,
    _ticker,
    declared_user_agent,
)

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

    from support.sec_site import Site


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


# -- the common pace -------------------------------------------------------------------------------------


@settings(max_examples=60)
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
from tracker.sources.sec.client import Edgar, Policy
Edgar(Path({str(tmp_path)!r}), None, Policy(is_offline=True)).close()
try:
    Edgar(Path({str(tmp_path)!r}), "Tests tests@example.org")
except Exception as error:
    print(type(error).__name__, error)
"""
    root = str(Path(client.__file__).parents[3])
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

    with ThreadPoolExecutor(1) as beside:  # the browser of other tests keeps a loop running in this thread
        assert beside.submit(asyncio.run, notebook()).result() == "new"


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
    assert all(hasattr(client, name) for name in client.__all__)
