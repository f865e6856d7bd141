"""The server: every page in a browser and as JSON, and those it does not answer."""

from __future__ import annotations

import csv
import io
import json
import socket
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from support.hostile_sql import BOMBS
from support.pages import AXE, find_barriers
from support.serving import Served, serving
from tracker.errors import UsageError

pytest.importorskip("starlette", reason="the extra [serve] is not installed: pip install 'tracker[serve]'")

from tracker.serve.run import choose_address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

    from tracker.project import Project

SQL = "select fiscal_period, value from yoy where entity = 'meta' and metric = 'capex' and span = 'quarter' order by 1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - to be refused
PAGES = {
    "/": "Companies",
    "/company/meta": "Meta Platforms, Inc.",
    "/company/META?span=year": "Meta Platforms, Inc.",
    "/company/meta/capex": "Meta\N{RIGHT SINGLE QUOTATION MARK}s capital spending rose 45% to $19.8 billion in the first quarter of 2026",
    "/company/meta/revenue?period=FY2024&as_of=2025-06-01": "Meta\N{RIGHT SINGLE QUOTATION MARK}s revenue",
    "/company/meta/effective_tax_rate": "29.6%",
    "/company/meta/capex/2024Q2": "Meta Platforms, Inc., capex, 2024Q2",
    "/fact/afff1359bc97": "Statement afff1359bc97",
    "/reports": "Reports",
    "/runs": "Runs and checks",
    "/sql": "Ask in SQL",
    f"/sql?q={quote(SQL)}": "Ask in SQL",
    f"/sql?show=chart&q={quote(SQL)}": "Ask in SQL",
}
#: Pages of a template and of parts that another one has, too.
LIKE_OTHERS = {
    "/company/META?span=year",
    "/company/meta/revenue?period=FY2024&as_of=2025-06-01",
    "/fact/afff1359bc97",
    "/sql",
}


@pytest.fixture(scope="module")
def served(project: Project) -> Iterator[Served]:
    from tracker.pipeline.report import report

    report(project, ["meta-2024q2"])
    with serving(project.root) as served:
        yield served


# -- pages -------------------------------------------------------------------------------------------------------------


def as_json(address: str) -> str:
    path, _, query = address.partition("?")
    return f"{'/index' if path == '/' else path}.json{'?' * bool(query)}{query}"


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_there_in_html_and_json(served: Served, address: str) -> None:
    status, headers, body = served.get(address)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert PAGES[address] in body.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert "server" not in headers
    data = served.get_json(as_json(address))
    assert data["commit"] == 1
    assert data["title"]


def test_the_pages_say_what_the_views_say(served: Served) -> None:
    lines = {one["entity"]: one for one in served.get_json("/index.json")["companies"]}
    assert (lines["meta"]["metric"], lines["meta"]["fiscal_period"], lines["meta"]["value"]) == (
        "revenue",
        "2026Q1",
        "56311000000",
    )
    assert [one["entity"] for one in served.get_json("/index.json?q=facebook")["companies"]] == ["meta"]
    (table,) = (one for one in served.get_json("/company/meta.json")["statements"] if one["section"] == "cash flow")
    (capex,) = (line for line in table["lines"] if line["metric"] == "capex")
    assert (
        dict(zip(table["periods"], (cell["value"] for cell in capex["cells"]), strict=True))["2024Q2"] == "8472000000"
    )
    early = served.get_json("/company/meta/capex/2023Q2.json?as_of=2024-07-31")
    assert (early["as_of"], early["explanation"]["value"]) == ("2024-07-31", "6436000000")
    vintages = served.get_json("/company/meta/capex.json")["vintages"]
    assert [one["value"] for one in vintages if one["fiscal_period"] == "2023Q2"] == ["6436000000", "6354000000"]
    assert {one["check"] for one in served.get_json("/runs.json")["checks"]} >= {"freshness", "balance_sheet"}
    assert "meta-2024q2.html" in str(served.get_json("/reports.json")["reports"])


def test_a_rate_is_printed_as_one(served: Served) -> None:
    """Meta guided to an effective tax rate of 12% to 15% for 2025, and it was 29.6%: no rounding to 0.1 and 0.3."""
    (step,) = (
        one for one in served.get_json("/company/meta.json")["forecasts"]
        if (one["metric"], one["fiscal_period"]) == ("effective_tax_rate", "FY2025")
    )  # fmt: skip
    text = served.get("/company/meta")[2].decode()
    low, high, actual = (f"{float(step[name]) * 100:g}%" for name in ("low", "high", "actual"))
    assert (low, high) == ("12%", "15%")
    assert f"{low} to {high}" in text
    assert f"at {actual[:4]}" in text


def test_links_keep_the_day(served: Served) -> None:
    _, _, body = served.get("/company/meta?as_of=2024-05-01")
    assert '"/company/meta/capex/2024Q1?as_of=2024-05-01"' in body.decode()


def test_a_report_is_sent_as_it_lies_in_the_folder(served: Served, project: Project) -> None:
    status, headers, body = served.get("/reports/meta-2024q2.html")
    assert (status, body) == (200, (project.reports / "meta-2024q2.html").read_bytes())
    assert headers["content-security-policy"] == "frame-ancestors 'none'"
    for name in ("meta.toml", ".reports.json", "..%2ftracker.toml", "%2e%2e/tracker.toml", "/etc/passwd"):
        assert served.get(f"/reports/{name}")[0] == 404


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/company/nobody", 404, "no company is called"),
        ("/company/meta/no_metric", 404, "there is no metric no_metric"),
        ("/company/meta/capex/1990Q1", 404, "nothing is known of meta capex 1990Q1"),
        ("/company/meta?span=decade", 400, "there is no span"),
        ("/?as_of=soon", 400, "is no moment"),
        ("/?page=-1", 400, "is no number of a page"),
        ("/fact/xyz", 400, "is not an id"),
        ("/nowhere", 404, "there is no such page"),
        ("/sql?q=copy+fact+to+%27a%27", 400, "write one SELECT"),
        ("/sql?q=select+*+from+read_text(%27tracker.toml%27)", 400, "file system operations are disabled"),
        ("/sql?q=from+range(10)&show=chart", 400, "the answer"),
        ("/sql?view=nothing", 404, "there is no view"),
        ("/sql.csv", 400, "no question"),
    ],
)
def test_an_error_is_a_page_that_says_what_is_wrong(served: Served, address: str, status: int, said: str) -> None:
    found, _, body = served.get(address)
    assert found == status
    assert said in body.decode().replace("&#39;", "'")
    if not address.startswith("/sql.csv"):
        assert said in json.loads(served.get(as_json(address))[2])["message"] or address.startswith("/sql?q=from")


def test_an_answer_can_be_taken_away(served: Served) -> None:
    query = quote("select '=1+1' as text, 1234567890123456.5::decimal(30, 6) as amount")
    _, headers, body = served.get(f"/sql.csv?q={query}")
    assert headers["content-disposition"] == 'attachment; filename="answer.csv"'
    assert [*csv.reader(io.StringIO(body.decode()))] == [["text", "amount"], ["'=1+1", "1234567890123456.5"]]
    assert zipfile.is_zipfile(io.BytesIO(served.get(f"/sql.xlsx?q={query}")[2]))
    assert served.get(f"/sql.parquet?q={query}")[2].startswith(b"PAR1")
    assert json.loads(served.get(f"/sql.ndjson?q={query}")[2], parse_float=str) == {
        "text": "=1+1",
        "amount": "1234567890123456.5",
    }
    assert served.get_json(f"/sql.json?q={query}")["rows"] == [{"text": "=1+1", "amount": "1234567890123456.5"}]


# -- a browser ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [*PAGES, "/nowhere"])
def test_a_browser_shows_the_page(browser: Browser, served: Served, address: str) -> None:
    """Without a word on the console or a request to elsewhere, at 360 pixels too, and for those who cannot see it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=False)
    tab = context.new_page()
    said: list[str] = []
    requests: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: requests.append(request.url))
    tab.goto(served.address + address)
    assert [one for one in said if "404" not in one] == []
    assert {one.split("/")[2] for one in requests} == {f"127.0.0.1:{served.port}"}
    assert tab.evaluate("document.styleSheets.length") == 1
    assert tab.evaluate("document.querySelectorAll('h1').length") == 1
    tab.set_viewport_size({"width": 360, "height": 740})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed in .axe (see .ci/run)")
@pytest.mark.parametrize("address", [*(one for one in PAGES if one not in LIKE_OTHERS), "/nowhere"])
def test_axe_finds_nothing_serious(browser: Browser, served: Served, address: str) -> None:
    context = browser.new_context(bypass_csp=True)
    tab = context.new_page()
    tab.goto(served.address + address)
    assert find_barriers(tab) == []
    context.close()


def test_somebody_finds_a_figure_and_asks_without_a_mouse(browser: Browser, served: Served) -> None:
    tab = browser.new_page()
    tab.goto(served.address)
    tab.get_by_label("Name, ticker or CIK").fill("facebook")
    follow(tab, tab.get_by_label("Name, ticker or CIK"))
    follow(tab, tab.get_by_role("link", name="Meta Platforms, Inc."))
    follow(tab, tab.get_by_role("link", name="Capital expenditures").first)
    follow(tab, tab.get_by_role("link", name="2024Q2").first)
    assert tab.locator("h1").inner_text() == "Meta Platforms, Inc., capex, 2024Q2"
    assert "0001326801-24-000069" in tab.locator("main").inner_text()
    follow(tab, tab.get_by_role("link", name="SQL"))
    tab.get_by_label("Begin with a view").fill("entity")
    follow(tab, tab.get_by_role("button", name="Begin"))
    assert tab.get_by_label("Question").input_value().splitlines() == ["select *", "from entity", "limit 50"]
    tab.get_by_label("Question").fill("select count(*) as companies from entity")
    follow(tab, tab.get_by_role("button", name="Ask"))
    assert tab.locator("table.rows td").inner_text() == "8"
    with tab.expect_download() as waiting:
        tab.get_by_role("link", name="csv").click()
    assert Path(waiting.value.path()).read_text() == "companies\n8\n"
    tab.close()


def follow(tab: Page, place: Locator) -> None:
    """Press Enter on a link, a button or a field, and wait for the page that it leads to."""
    with tab.expect_navigation():
        place.press("Enter")


# -- who may ask -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "method", "status"),
    [
        ({"Host": "evil.example"}, "GET", 421),
        ({"Host": "evil.example:{port}"}, "GET", 421),
        ({"Host": "localhost"}, "GET", 421),
        ({"Host": "LOCALHOST:{port}"}, "GET", 200),
        ({"Origin": "https://evil.example"}, "GET", 403),
        ({"Origin": "null"}, "GET", 403),
        ({"Origin": "http://localhost:{port}"}, "GET", 200),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, "GET", 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, "GET", 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, "GET", 403),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, "GET", 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, "GET", 200),
        ({}, "POST", 405),
        ({}, "DELETE", 405),
        ({}, "HEAD", 200),
    ],
)
def test_who_is_answered(served: Served, headers: dict[str, str], method: str, status: int) -> None:
    filled = {name: value.replace("{port}", str(served.port)) for name, value in headers.items()}
    assert served.get("/", method, **filled)[0] == status


def test_a_page_of_another_site_gets_nothing(browser: Browser, served: Served) -> None:
    tab = browser.new_page()
    tab.goto("data:text/html,<p>elsewhere</p>")
    found = tab.evaluate(
        "url => fetch(url, {mode: 'no-cors'}).then(r => r.type + r.status, e => 'refused')", served.address
    )
    assert found in {"opaque0", "refused"}
    framed = "url => new Promise(done => { const f = document.createElement('iframe'); f.src = url; f.onload = () => done(f.contentDocument === null); document.body.append(f) })"
    assert tab.evaluate(framed, served.address) is True
    tab.close()


def test_a_huge_head_is_refused_soon(served: Served) -> None:
    """A client that would send 100 MB of headers is cut off after some 64 kB."""
    sent = 0
    with served.connect() as client:
        client.sendall(f"GET / HTTP/1.1\r\nHost: localhost:{served.port}\r\n".encode())
        try:
            for _ in range(100):
                client.sendall(b"X-Long: " + b"x" * 2**20 + b"\r\n")
                sent += 1
            answer = client.recv(1000)
        except (ConnectionError, TimeoutError):
            answer = b""
    assert sent < 100
    assert not answer or answer.startswith(b"HTTP/1.1 4")
    assert served.get("/" + "x" * 20_000)[0] == 414
    assert served.get("/")[0] == 200


def test_slow_and_silent_clients_hold_nobody_up(served: Served) -> None:
    waiting = [served.connect() for _ in range(40)]
    for client in waiting[:20]:
        client.sendall(b"GET / HTT")
    slow = waiting[20]
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    slow.sendall(f"GET /sql.csv?q=from+range(90000) HTTP/1.1\r\nHost: localhost:{served.port}\r\n\r\n".encode())
    assert served.get("/")[0] == 200
    for client in waiting:
        client.close()


def test_a_question_ends_when_its_client_goes(served: Served) -> None:
    with served.connect() as client:
        client.sendall(f"GET /sql?q={quote(BOMBS[0])} HTTP/1.1\r\nHost: localhost:{served.port}\r\n\r\n".encode())
        assert wait_for(lambda: count_workers(served) == 1)
    assert wait_for(lambda: count_workers(served) == 0, seconds=5)
    assert served.get("/")[0] == 200


def test_slow_questions_hold_up_no_page(served: Served) -> None:
    """Two of five slow questions run; a page that nobody has asked for yet comes meanwhile."""
    slow = [served.connect() for _ in range(5)]
    for at, client in enumerate(slow):
        query = quote(f"{BOMBS[0]} -- {at}")
        client.sendall(f"GET /sql?q={query} HTTP/1.1\r\nHost: localhost:{served.port}\r\n\r\n".encode())
    assert wait_for(lambda: count_workers(served) == 2)
    assert served.get("/?q=alphabet")[0] == 200
    assert count_workers(served) == 2
    for client in slow:
        client.close()
    assert wait_for(lambda: count_workers(served) == 0)


def wait_for(is_so: object, seconds: float = 20) -> bool:
    assert callable(is_so)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.05)
    return False


def count_workers(served: Served) -> int:
    """The processes two below the server: children of the helper that answer a question."""
    helpers = {int(stat[0]) for stat in read_stats() if int(stat[3]) == served.process.pid}
    return sum(int(stat[3]) in helpers and stat[2] != "Z" for stat in read_stats())


def read_stats() -> list[list[str]]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                text = (folder / "stat").read_text()
            except OSError:
                continue
            found.append([folder.name, "", *text.rpartition(")")[2].split()])
    return found


def test_a_token_is_asked_for_and_taken_into_a_cookie(project: Project) -> None:
    with serving(project.root, "--token", "a-secret") as served:
        assert served.token == "a-secret"  # noqa: S105
        assert served.get("/style.css")[0] == 401
        status, headers, _ = served.get("/company/meta?span=year&token=a-secret")
        assert (status, headers["location"]) == (303, "/company/meta?span=year")
        cookie = headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert served.get("/", Cookie=cookie.partition(";")[0])[0] == 200
        assert served.get("/", Authorization="Bearer a-secret")[0] == 200
        assert served.get("/", Authorization="Bearer a-secre")[0] == 401
        assert served.get("/?token=wrong")[0] == 401
        served.process.send_signal(2)
        assert served.process.wait(20) == 0


def test_an_address_beyond_this_machine_has_a_token_and_a_name() -> None:
    assert choose_address("127.0.0.1", 1, (), None).token is None
    assert choose_address("::1", 1, (), None).token is None
    beyond = choose_address(EVERYWHERE, 1, ("figures.example",), None)
    assert len(beyond.token or "") >= 24
    assert "figures.example" in beyond.names
    assert choose_address("192.0.2.7", 1, (), "mine").names[-1] == "192.0.2.7"
    with pytest.raises(UsageError, match="say with --name how browsers call it"):
        choose_address(EVERYWHERE, 1, (), None)


def test_a_port_in_use_says_so(served: Served, project: Project) -> None:
    with pytest.raises(AssertionError, match="cannot be used"), serving(project.root, "--port", str(served.port)):
        pass
