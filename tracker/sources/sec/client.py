"""Fetch the SEC's files of a company into a cache folder, which is also used without a network.

    cache/company_tickers.json                                 which ticker is which CIK
    cache/companyfacts/CIK0000320193.json                      every figure of every filing
    cache/submissions/CIK0000320193.json, ...-submissions-001.json     the filings and when they were accepted
    cache/filings/CIK0000320193/0000320193-25-000057/aapl-20250329.htm     a document of a filing (archive.py)

Beside each file is a hidden note (`.CIK0000320193.json.http`): the file's address, its SHA-256, and the headers with
which the server can answer "unchanged". A file is replaced as a whole, and only by JSON that arrived complete and is
about the requested company.

The SEC requires a User-Agent with a contact and at most 10 requests a second. It blocks clients that break these rules
for ten minutes (https://www.sec.gov/os/accessing-edgar-data). All threads and processes that share a cache share one
pace, below this limit.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import ipaddress
import json
import os
import re
import secrets
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeVar

from tracker.errors import FetchError, NothingMatchedError, TrackerError, UsageError
from tracker.files.disk import sync

try:
    import httpx
    import tenacity
except ImportError:  # reported at the first request, so that all else works without the extra
    _IS_INSTALLED = False
else:
    _IS_INSTALLED = True

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Coroutine, Iterable, Iterator
    from pathlib import Path

__all__ = ["Clock", "Copy", "Edgar", "Fetched", "Policy", "declared_user_agent"]

_T = TypeVar("_T")

_OK: Final = 200
_NOT_MODIFIED: Final = 304
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_SERVER_FAULTS: Final = 500
_PASSING: Final = frozenset({408, 425, 429})
_HOPS: Final = 5
_FASTEST: Final = 8.0  # 429s were met below the documented 10 a second
_SHORTEST_NAP: Final = 0.001  # a shorter one may not move the clock at all
_CIK: Final = re.compile(r"(?:CIK)?(\d{1,10})", re.ASCII | re.IGNORECASE)
_CONTACT: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_REMEDY: Final = (
    'set `user_agent = "Your Name you@yourdomain.com"` under [sec] in tracker.toml, or TRACKER_SEC_USER_AGENT; '
    "the SEC turns away programs that do not name a contact"
)


class _UnansweredError(FetchError):
    """An attempt failed, but another one may succeed; `after` is the pause in seconds that the server asks for."""

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock in seconds that never goes back and is the same in all processes of a machine, and a way to wait."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Which servers to ask, how often, and how long to wait; durations are in seconds.

    Redirects are followed only to `data` and `www`. `rate` is the number of requests a second of all that share the
    cache. `timeout` is the longest silence, and `deadline` the time for all attempts at one file. `patience` is the
    longest Retry-After that is obeyed. `backoff` is the pause before the second attempt; it doubles after each.
    Offline, no server is asked.
    """

    data: str = "https://data.sec.gov"
    www: str = "https://www.sec.gov"
    is_loopback_allowed: bool = False
    is_offline: bool = False
    rate: float = _FASTEST
    attempts: int = 5
    backoff: float = 1.0
    patience: float = 120.0
    timeout: float = 30.0
    deadline: float = 300.0
    max_bytes: int = 128 * 1024 * 1024

    def __post_init__(self) -> None:
        if not 0 < self.rate <= _FASTEST:
            raise UsageError(f"{self.rate:g} requests a second is not possible; give more than 0, at most 8")


@dataclass(frozen=True, slots=True)
class Copy:
    """A file of the cache. `state` says what this run found out about it.

    new: its content was not in the cache before. unchanged: the SEC says or shows that it is the same. cached: the SEC
    was not asked (offline) or gave no answer, so the file is as of `confirmed_at`.
    """

    path: Path
    state: Literal["new", "unchanged", "cached"]
    url: str
    sha256: str
    etag: str | None
    last_modified: str | None
    retrieved_at: datetime
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class Fetched:
    """A company's files. `ticker` is the requested one, else the company's first one today; None if it has none.

    The first of `submissions` holds the latest filings, the others older ones.
    """

    cik: int
    ticker: str | None
    facts: Copy
    submissions: tuple[Copy, ...]


def declared_user_agent(setting: str | None) -> str:
    """Return the User-Agent to send: TRACKER_SEC_USER_AGENT, else the setting; UsageError if it has no contact."""
    declared = (os.environ.get("TRACKER_SEC_USER_AGENT") or setting or "").strip()
    if not declared:
        raise UsageError(f"the SEC asks who is fetching: {_REMEDY}")
    if not (declared.isascii() and declared.isprintable() and _CONTACT.search(declared)):
        raise UsageError(f"the user agent is no plain name with a mail address: {_REMEDY}")
    return declared


class Edgar:
    """Fetches the SEC's company files through a cache; many threads may share one object.

    `user_agent` is the result of `declared_user_agent`. `notify` gets a line for each file and each pause.

    Raises:
        UsageError: the settings are wrong, or the packages for fetching are missing.
        NothingMatchedError: the SEC knows no such ticker or CIK.
        FetchError: anything else prevents a file from being fetched.

    """

    def __init__(
        self,
        cache: Path,
        user_agent: str | None,
        policy: Policy = Policy(),
        *,
        notify: Callable[[str], None] = lambda _: None,
        clock: Clock = Clock(),
    ) -> None:
        self._cache, self._policy, self._notify, self._clock = cache, policy, notify, clock
        self._wire = None if policy.is_offline else _Wire(cache, declared_user_agent(user_agent), policy, clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        if self._wire:
            self._wire.close()

    def company(self, key: str) -> Fetched:
        """Return the files of a company, by ticker or CIK (320193, 0000320193, CIK0000320193)."""
        cik = self.ciks_of([key])[key]
        name, listing = f"CIK{cik:010d}.json", partial(_read_submissions, cik)
        data = self._policy.data
        facts = self._copy(f"{data}/api/xbrl/companyfacts/{name}", "companyfacts", partial(_read_facts, cik))
        latest = self._copy(f"{data}/submissions/{name}", "submissions", listing)
        tickers, pages = listing(latest.path.read_bytes())
        older = [self._copy(f"{data}/submissions/{page}", "submissions", _read_page) for page in pages]
        asked = next(iter(tickers), None) if _cik_in(key) else _ticker(key)
        return Fetched(cik, asked, facts, (latest, *older))

    def document(self, place: str, folder: str) -> Copy:
        """Bring a document of the archive (`Archives/edgar/data/...`) up to date in the cache, and return it."""
        return self._copy(f"{self._policy.www}/{place}", folder, _read_document, b"<")

    def ciks_of(self, keys: Iterable[str]) -> dict[str, int]:
        """Find the CIK of each ticker; a CIK stands for itself. Raise NothingMatchedError with all unknown ones."""
        found = {key: _cik_in(key) for key in keys}
        if None in found.values():
            found = {key: cik or self._tickers.get(_ticker(key)) for key, cik in found.items()}
        unknown = [key for key, cik in found.items() if cik is None]
        if unknown:
            raise NothingMatchedError(f"the SEC knows no ticker {', '.join(unknown)}; check it, or give the CIK")
        return {key: cik for key, cik in found.items() if cik}

    @cached_property
    def _tickers(self) -> dict[str, int]:
        """Read the SEC's list, once in a run."""
        copy = self._copy(f"{self._policy.www}/files/company_tickers.json", "", _read_tickers)
        return _read_tickers(copy.path.read_bytes())

    def _copy(self, url: str, folder: str, read: Callable[[bytes], object], opening: bytes = b"{") -> Copy:
        """Bring a file up to date and return it; the old copy if there is no answer. It must begin with `opening`."""
        path = self._cache / folder / url.rpartition("/")[2]
        known = _read_copy(path, url)
        try:
            copy = self._fresh(url, path, known, partial(_check_body, url, read=read, opening=opening))
        except _UnansweredError as error:
            if known is None:
                raise
            self._notify(f"{error}; using the copy of {known.confirmed_at:%Y-%m-%d}")
            copy = known
        except OSError as error:
            where = error.filename or path
            raise FetchError(f"{where}: {error.strerror}; make room, or choose another cache") from error
        self._notify(f"{path.relative_to(self._cache)}: {copy.state}, {path.stat().st_size / 1e6:.1f} MB")
        return copy

    def _fresh(self, url: str, path: Path, known: Copy | None, check: Callable[[bytes], object]) -> Copy:
        if self._wire is None:
            if known is None:
                raise NothingMatchedError(f"{path} is not in the cache; fetch it once with a connection")
            return known
        answer = self._ask_with_retries(self._wire, url, known, check)
        if known and (answer.status == _NOT_MODIFIED or known.sha256 == _hash_body(answer.body)):
            return _noted(_date_copy(replace(known, state="unchanged"), answer))
        return _store_copy(path, url, answer)

    def _ask_with_retries(self, wire: _Wire, url: str, known: Copy | None, check: Callable[[bytes], object]) -> _Answer:
        """Return the answer to a request, which is repeated as often and as long as the policy allows."""
        ends = self._clock.now() + self._policy.deadline
        conditions = _conditions(known)
        backoff = tenacity.wait_exponential_jitter(self._policy.backoff, max=60, jitter=self._policy.backoff)

        def once() -> _Answer:
            answer = wire.get(url, conditions, ends)
            if answer.status == _OK:
                check(answer.body)
            elif answer.status != _NOT_MODIFIED or not conditions:
                raise _refusal(url, answer)
            return answer

        def is_passing(error: BaseException) -> bool:
            return isinstance(error, _UnansweredError) and error.after <= self._policy.patience

        def pause(state: tenacity.RetryCallState) -> float:
            return max(backoff(state), getattr(_error_of(state), "after", 0.0))

        def is_over(state: tenacity.RetryCallState) -> bool:
            is_late = self._clock.now() + state.upcoming_sleep >= ends
            return is_late or state.attempt_number >= self._policy.attempts

        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(is_passing),
            wait=pause,
            stop=is_over,
            before_sleep=lambda state: self._notify(f"{_error_of(state)}; again in {state.upcoming_sleep:.1f} s"),
            sleep=self._clock.sleep,
            reraise=True,
        )(once)


# -- keys and contents -----------------------------------------------------------------------------------


def _cik_in(key: str) -> int | None:
    """Return the number if the key is a CIK, else None."""
    match = _CIK.fullmatch(key.strip())
    return int(match[1]) or None if match else None


def _ticker(key: str) -> str:
    """Return a ticker as the SEC writes it: BRK-B for brk.b and BRK/B."""
    return key.strip().upper().replace(".", "-").replace("/", "-")


def _read_facts(cik: int, body: bytes) -> None:
    """Check that the company facts are about the company; only the outermost `cik` is kept in memory."""
    _check_cik(cik, json.loads(body, object_hook=lambda found: found.get("cik")))


def _read_submissions(cik: int, body: bytes) -> tuple[list[str], list[str]]:
    """Read the tickers and the names of the older pages; names become paths, so they are checked."""
    found = json.loads(body)
    _check_cik(cik, found["cik"])
    pages = [page["name"] for page in found["filings"].get("files") or []]
    for page in pages:
        if not re.fullmatch(rf"CIK{cik:010d}-submissions-\d{{1,6}}\.json", page, re.ASCII):
            raise ValueError("no name of an older page")
    return [str(ticker) for ticker in found.get("tickers") or []], pages


def _read_page(body: bytes) -> None:
    json.loads(body)["accessionNumber"]


def _read_tickers(body: bytes) -> dict[str, int]:
    return {_ticker(row["ticker"]): int(row["cik_str"]) for row in json.loads(body).values()}


def _check_cik(cik: int, found: object) -> None:
    """Check the CIK of a file: a number or a text, with leading zeros or without; ValueError if it is another one."""
    if str(found).lstrip("0") != str(cik):
        raise ValueError("another company")


def _read_document(body: bytes) -> None:
    """Check that a page or an XML document came to its end."""
    if not body.rstrip().endswith(b">"):
        raise json.JSONDecodeError("cut off", "", 0)


def _check_body(url: str, body: bytes, read: Callable[[bytes], object], opening: bytes = b"{") -> None:
    """Check that the body is whole and answers the request."""
    odd = f"{url}: the server sends something else; see what a browser shows there"
    if body.strip() and not body.lstrip(b" \t\r\n\xef\xbb\xbf").startswith(opening):
        raise FetchError(odd)
    try:
        read(body)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise _UnansweredError(f"{url}: the file is cut off or damaged; try again later") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise FetchError(odd) from error


def _refusal(url: str, answer: _Answer) -> TrackerError:
    """Return the error for a status without a file."""
    if answer.status == _FORBIDDEN:
        return FetchError(f"{url}: the SEC turns us away (403); wait ten minutes, and check the user agent: {_REMEDY}")
    if answer.status == _NOT_FOUND:
        return NothingMatchedError(f"{url}: the SEC has no such file (404); check the CIK; some companies file no XBRL")
    if answer.status not in _PASSING and answer.status < _SERVER_FAULTS:
        return FetchError(f"{url}: the server answers {answer.status}, which makes no sense here; try again later")
    after = _asked_pause(answer.headers)
    asks = f" and asks for a pause of {after:.0f} s" if after else ""
    return _UnansweredError(f"{url}: the server answers {answer.status}{asks}; try again later", after)


def _asked_pause(headers: httpx.Headers) -> float:
    """Return the seconds of a Retry-After, which is a number or a date; 0 if there is none or it cannot be read."""
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+", text, re.ASCII):
        return float(text)
    now = _read_moment(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, ((_read_moment(text) or now) - now).total_seconds())


def _read_moment(text: str) -> datetime | None:
    with suppress(ValueError, TypeError, OverflowError):
        stamp = parsedate_to_datetime(text)
        return stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    return None


def _error_of(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


# -- the cache -------------------------------------------------------------------------------------------


def _read_copy(path: Path, url: str) -> Copy | None:
    """Return the file of the cache if its note is true: the same address and the same bytes; else None."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        note = json.loads(_note_of(path).read_bytes())
        moments = {name: datetime.fromisoformat(note[name]) for name in ("retrieved_at", "confirmed_at")}
        copy = Copy(path=path, state="cached", **(note | moments))
        if copy.url == url and copy.sha256 == _hash_body(path.read_bytes()):
            return copy
    return None


def _conditions(known: Copy | None) -> dict[str, str]:
    """Return the headers that let the server answer "unchanged"."""
    both = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified} if known else {}
    return {name: value for name, value in both.items() if value}


def _store_copy(path: Path, url: str, answer: _Answer) -> Copy:
    """Replace the file, then its note: a crash between the two leaves a note that no longer counts."""
    _replace(path, answer.body)
    now = datetime.now(UTC)
    return _noted(_date_copy(Copy(path, "new", url, _hash_body(answer.body), None, None, now, now), answer))


def _date_copy(copy: Copy, answer: _Answer) -> Copy:
    """Return the file as of this answer, with the answer's tag and date if it has them."""
    etag, last_modified = answer.headers.get("etag", copy.etag), answer.headers.get("last-modified", copy.last_modified)
    return replace(copy, etag=etag, last_modified=last_modified, confirmed_at=datetime.now(UTC))


def _noted(copy: Copy) -> Copy:
    note = {name: value for name, value in asdict(copy).items() if name not in ("path", "state")}
    _replace(_note_of(copy.path), json.dumps(note, indent=1, default=datetime.isoformat).encode())
    return copy


def _note_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.http")


def _hash_body(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _replace(path: Path, body: bytes) -> None:
    """Replace a file in one step, so that it always has either the old or the new content."""
    draft = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with draft.open("xb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync(path.parent)


# -- the wire --------------------------------------------------------------------------------------------


class _Pace:
    """Spaces requests: all threads and processes that share a file send one request each 1/rate seconds.

    The file holds the moment from which the next request may be sent. The lock is not held while waiting, so a stopped
    process does not stop others. A moment too far in the future (from before a restart) is ignored.
    """

    def __init__(self, path: Path, policy: Policy, clock: Clock) -> None:
        self._path, self._clock = path, clock
        self._gap = 1 / policy.rate
        self._farthest = policy.patience + self._gap

    def wait(self) -> None:
        """Wait for the next turn, and take it."""
        while (left := self._take_turn()) > 0:
            self._clock.sleep(max(left, _SHORTEST_NAP))

    def hold(self, seconds: float) -> None:
        """Let no request go for this many seconds."""
        with self._lock_file() as (file, free):
            _write_moment(file, max(free, self._clock.now() + seconds))

    def _take_turn(self) -> float:
        """Take the turn if it is free, and return 0; else return the seconds until the next one."""
        with self._lock_file() as (file, free):
            now = self._clock.now()
            if free <= now:
                _write_moment(file, now + self._gap)
            return max(0.0, free - now)

    @contextmanager
    def _lock_file(self) -> Iterator[tuple[int, float]]:
        """Lock the file while the block runs; yield it with the moment that it holds."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            free = 0.0
            with suppress(ValueError):
                free = float(os.pread(file, 32, 0))
            is_near = free - self._clock.now() <= self._farthest
            yield file, free if is_near else 0.0
        finally:
            os.close(file)


def _write_moment(file: int, moment: float) -> None:
    os.pwrite(file, f"{moment!r:<32}".encode(), 0)


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer: its status and headers, its body if that is wanted, and the target of a redirect."""

    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)
    following: httpx.URL | None = field(repr=False)


class _Wire:
    """Sends requests to the allowed servers, each in its turn and with a deadline.

    They run on an event loop in a thread of its own. Only there can a deadline end whatever is going on (a handshake, a
    header that arrives byte by byte). It also lets callers be threads, or have a loop themselves.
    """

    def __init__(self, cache: Path, user_agent: str, policy: Policy, clock: Clock) -> None:
        if not _IS_INSTALLED:
            raise UsageError("fetching needs the extra packages: pip install 'tracker[sec]'")
        self._policy, self._clock = policy, clock
        self._pace = _Pace(cache / ".pace", policy, clock)
        servers = [httpx.URL(url) for url in (policy.data, policy.www)]
        self._origins = frozenset(map(_find_origin, servers))
        for server in servers:
            self._allowed(server)
        self._client = _client(user_agent, policy.timeout)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sec", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End all requests that are still running."""
        self._run_until_done(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def get(self, url: str, headers: dict[str, str], ends: float) -> _Answer:
        """Return the answer of one attempt, after redirects; it must be complete by `ends`, a moment of the clock."""
        target = httpx.URL(url)
        for _ in range(_HOPS + 1):
            answer = self._one(target, headers, ends)
            if answer.following is None:
                return answer
            target = self._allowed(answer.following)
        raise FetchError(f"{url}: redirected more than {_HOPS} times; see what a browser shows there")

    def _one(self, target: httpx.URL, headers: dict[str, str], ends: float) -> _Answer:
        """Send one request in its turn, and return the answer."""
        self._pace.wait()
        try:
            answer = self._run_until_done(self._transfer(target, headers, ends - self._clock.now()))
        except (TimeoutError, httpx.TimeoutException) as error:
            raise _UnansweredError(f"{_describe_place(target)}: too slow, given up; try again later") from error
        except httpx.HTTPError as error:
            raise _UnansweredError(
                f"{_describe_place(target)}: no connection, or it broke off; try again later"
            ) from error
        if after := _asked_pause(answer.headers):
            self._pace.hold(min(after, self._policy.patience))
        return answer

    async def _transfer(self, target: httpx.URL, headers: dict[str, str], seconds: float) -> _Answer:
        async with asyncio.timeout(seconds), self._client.stream("GET", target, headers=headers) as response:
            body = bytearray()
            if response.status_code in (_OK, _NOT_MODIFIED):
                self._check_size(target, int(response.headers.get("content-length", 0)))
                async for chunk in response.aiter_bytes():
                    body += chunk
                    self._check_size(target, len(body))
            following = response.next_request.url if response.next_request else None
            return _Answer(response.status_code, response.headers, bytes(body), following)

    def _check_size(self, target: httpx.URL, size: int) -> None:
        if size > self._policy.max_bytes:
            limit = f"{self._policy.max_bytes:,} bytes"
            raise FetchError(f"{_describe_place(target)}: larger than {limit}; see what a browser shows there")

    def _allowed(self, target: httpx.URL) -> httpx.URL:
        """Return the address if it is on an allowed server; an error names only its host, as the rest may be secret."""
        is_safe = target.scheme == "https" or (self._policy.is_loopback_allowed and _is_loopback(target.host))
        if not is_safe or target.userinfo or _find_origin(target) not in self._origins:
            raise FetchError(f"{target.scheme}://{target.host} is not a server we ask; the SEC's are, by https")
        return target

    def _run_until_done(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Return the result of the work; end the work if the caller is interrupted."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        finally:
            future.cancel()

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._client.aclose()


def _client(user_agent: str, timeout: float) -> httpx.AsyncClient:
    """Make the HTTP client with our User-Agent; it does not follow redirects, `get` does."""
    headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate", "Accept": "application/json"}
    try:
        return httpx.AsyncClient(headers=headers, timeout=timeout, follow_redirects=False, verify=_trust())
    except (ValueError, ImportError, httpx.InvalidURL) as error:
        raise UsageError("the environment's proxy cannot be used; check HTTPS_PROXY and ALL_PROXY") from error


@cache
def _trust() -> ssl.SSLContext:
    """Return the trusted certificate authorities; they are read once, because that takes 40 ms."""
    return httpx.create_ssl_context()


def _find_origin(url: httpx.URL) -> tuple[str, bytes]:
    return url.scheme, url.netloc


def _describe_place(url: httpx.URL) -> str:
    """Return an address for messages, without parts that may be secret."""
    return f"{url.host}{url.path}"


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
