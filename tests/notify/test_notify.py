"""Notices: real web and mail servers that accept, refuse, hang and fail, and worlds in which something changed."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from aiosmtpd.controller import Controller

from support.project import fact_line, small_project, write_facts, write_guidance
from support.running import processes
from tracker.errors import InputError, QueryError
from tracker.notify import (
    Alert,
    Delivery,
    Notice,
    Outbox,
    Receiver,
    State,
    deliver,
    find_notices,
    load_alerts,
    load_receivers,
    make_state_notices,
    post,
)
from tracker.pipeline.ingest import ingest
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "T0PS3CRETtokenvalue99"  # noqa: S105 - planted, to be found nowhere
NOTICE = Notice("failed", "k1", "Nightly run failed", "check units: EPS in <USD> & not per share", subject="nightly")
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


# -- a web hook's server -----------------------------------------------------------------------------


class Hook(BaseHTTPRequestHandler):
    """Answers by the first part of the path: a status, `hang`, `drip`, `moved`, or `flaky` (500 once, then 200)."""

    seen: ClassVar[list[tuple[str, dict[str, Any]]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Hook.seen.append((self.path, body))
        how = self.path.split("/")[1]
        if how == "hang":
            time.sleep(3)
            return
        if how == "drip":
            with_drip(self)
            return
        count = sum(path == self.path for path, _ in Hook.seen)
        status = {"flaky": 500 if count == 1 else 200, "moved": 302, "busy": 429 if count == 1 else 200}.get(
            how
        ) or int(how)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", f"http://127.0.0.1:{self.connection.getsockname()[1]}/200/elsewhere")
        if status == 429:
            self.send_header("Retry-After", "0")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


def with_drip(handler: Hook) -> None:
    """A header that never ends, a byte at a time."""
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(30):
            handler.wfile.write(b"a")
            handler.wfile.flush()
            time.sleep(0.1)
    except OSError:
        return


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def hook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, kind: str = "webhook") -> Receiver:
    monkeypatch.setenv("HOOK", url)
    return load_receivers({"notify": {"desk": {"to": kind, "url": "$HOOK"}}}, tmp_path)["desk"]


@pytest.mark.parametrize(
    ("path", "status", "attempts", "error"),
    [
        ("200", "delivered", 1, None),
        ("204", "delivered", 1, None),
        ("flaky", "delivered", 2, None),
        ("busy", "delivered", 2, None),
        ("500", "failed", 3, "HTTP 500"),
        ("404", "failed", 1, "HTTP 404"),  # asking again would not help
        ("403", "failed", 1, "HTTP 403"),
        ("moved", "failed", 1, "HTTP 302"),  # a secret address is not told to whoever it points at
    ],
)
def test_a_web_hook(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    address: str,
    path: str,
    status: str,
    attempts: int,
    error: str | None,
) -> None:
    Hook.seen.clear()
    receiver = hook(monkeypatch, tmp_path, f"{address}/{path}/{TOKEN}")
    assert deliver(receiver, NOTICE, pause=0) == Delivery("desk", "k1", status, attempts, error)
    assert {body["title"] for _, body in Hook.seen} == {NOTICE.title}
    assert all(seen == f"/{path}/{TOKEN}" for seen, _ in Hook.seen)


@pytest.mark.parametrize("path", ["hang", "drip"])
def test_a_web_hook_that_never_answers_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str, path: str
) -> None:
    started = time.monotonic()
    delivery = deliver(hook(monkeypatch, tmp_path, f"{address}/{path}/{TOKEN}"), NOTICE, pause=0, patience=0.3)
    assert (delivery.status, delivery.attempts) == ("failed", 3)
    assert time.monotonic() - started < 3
    assert TOKEN not in str(delivery)


def test_slack_gets_its_own_form_with_its_marks_escaped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    Hook.seen.clear()
    assert deliver(hook(monkeypatch, tmp_path, f"{address}/200/x", "slack"), NOTICE).status == "delivered"
    assert Hook.seen[0][1] == {"text": "*Nightly run failed*\ncheck units: EPS in &lt;USD&gt; &amp; not per share"}


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    delivery = deliver(hook(monkeypatch, tmp_path, f"http://127.0.0.1:{port}/{TOKEN}"), NOTICE, pause=0)
    assert (delivery.status, delivery.attempts) == ("failed", 3)
    assert "refused" in str(delivery.error)


def test_an_unset_secret_is_said_by_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    receiver = hook(monkeypatch, tmp_path, "x")
    monkeypatch.delenv("HOOK")
    assert deliver(receiver, NOTICE).error == "notify.desk.url: $HOOK is not set in the environment"


# -- mail --------------------------------------------------------------------------------------------


class Post:
    """A mail server's mind: what it took, and how it answers."""

    def __init__(self, answer: str = "250 OK", pause: float = 0) -> None:
        self.answer, self.pause = answer, pause
        self.letters: list[str] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        import asyncio

        await asyncio.sleep(self.pause)
        if self.answer.startswith("250"):
            self.letters.append(envelope.content.decode())
        return self.answer


@contextmanager
def mail_server(mind: Post) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(mind, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def mail(tmp_path: Path, port: int, **more: object) -> Receiver:
    table = {"to": "email", "host": "127.0.0.1", "port": port, "security": "none", "from": "tracker@example.org"}
    return load_receivers({"notify": {"mail": {**table, "recipients": ["desk@example.org"], **more}}}, tmp_path)["mail"]


def test_a_letter_arrives(tmp_path: Path) -> None:
    mind = Post()
    notice = Notice("failed", "k2", "Umsatz für\nBcc: thief@example.org", "8.47 billion, +33.3%")
    with mail_server(mind) as port:
        assert deliver(mail(tmp_path, port), notice).status == "delivered"
    (letter,) = mind.letters
    assert "X-Tracker-Notice: k2" in letter
    assert "\nBcc:" not in letter, "a title cannot add a header"


@pytest.mark.parametrize(
    ("answer", "error"), [("451 try later", "SMTP 451"), ("554 no", "SMTP 554")], ids=["later", "never"]
)
def test_a_letter_is_refused(tmp_path: Path, answer: str, error: str) -> None:
    with mail_server(Post(answer)) as port:
        delivery = deliver(mail(tmp_path, port), NOTICE, pause=0)
    assert delivery.status == "failed"
    assert error in str(delivery.error)


def test_a_mail_server_that_hangs(tmp_path: Path) -> None:
    with mail_server(Post(pause=2)) as port:
        delivery = deliver(mail(tmp_path, port), NOTICE, pause=0, patience=0.2)
    assert (delivery.status, delivery.attempts) == ("failed", 3)


def test_a_password_does_not_leave_by_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SMTP_USER", "someone")
    monkeypatch.setenv("SMTP_PASSWORD", TOKEN)
    with mail_server(Post()) as port:  # no log-in is offered: the library refuses to send the password
        delivery = deliver(mail(tmp_path, port, user="$SMTP_USER", password="$SMTP_PASSWORD"), NOTICE, pause=0)  # noqa: S106
    assert delivery.status == "failed"
    assert TOKEN not in str(delivery)


# -- commands and files ------------------------------------------------------------------------------


def own(tmp_path: Path, *command: str) -> Receiver:
    return load_receivers({"notify": {"own": {"to": "command", "command": list(command)}}}, tmp_path)["own"]


def test_a_command_gets_the_notice(tmp_path: Path) -> None:
    script = "import sys, pathlib; pathlib.Path('got.json').write_text(sys.stdin.read())"
    assert deliver(own(tmp_path, sys.executable, "-c", script), NOTICE).status == "delivered"
    assert json.loads((tmp_path / "got.json").read_text())["text"] == NOTICE.text


def test_a_command_that_fails_or_is_not_there(tmp_path: Path) -> None:
    failed = deliver(own(tmp_path, sys.executable, "-c", "import sys; sys.exit('no desk')"), NOTICE, pause=0)
    assert (failed.attempts, failed.error) == (3, "exit 1: no desk")
    gone = deliver(own(tmp_path, "/no/such/program"), NOTICE)
    assert (gone.attempts, gone.error) == (1, "cannot be run: No such file or directory")


def test_a_file_takes_lines(tmp_path: Path) -> None:
    receiver = load_receivers({"notify": {"log": {"to": "file", "path": "log/notices.jsonl"}}}, tmp_path)["log"]
    deliver(receiver, NOTICE)
    deliver(receiver, NOTICE)
    lines = (tmp_path / "log" / "notices.jsonl").read_text().splitlines()
    assert [json.loads(line)["key"] for line in lines] == ["k1", "k1"]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"to": "pigeon"}, "'pigeon' is not a kind of receiver"),
        ({"to": "webhook"}, "url: is missing"),
        ({"to": "webhook", "url": f"https://hooks.example.org/{TOKEN}"}, "is a secret, and the file is not secret"),
        ({"to": "file", "path": "x", "mode": "a"}, "mode: is unknown"),
        ({"to": "email", "host": "h", "from": "a@b", "recipients": "a@b"}, "recipients: is not a list of texts"),
        ({"to": "email", "host": "h", "from": "a@b", "recipients": ["a@b"], "port": 99999}, "port: is not a port"),
        ({"to": "file", "path": "x", "only": ["failure"]}, "there is no notice 'failure'"),
    ],
)
def test_settings_are_read_strictly(tmp_path: Path, table: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=r"notify\.desk") as raised:
        load_receivers({"notify": {"desk": table}}, tmp_path)
    assert told in str(raised.value)
    assert TOKEN not in str(raised.value)


# -- the record --------------------------------------------------------------------------------------


def lines(tmp_path: Path, **more: object) -> Receiver:
    return load_receivers({"notify": {"log": {"to": "file", "path": "told.jsonl", **more}}}, tmp_path)["log"]


def told(tmp_path: Path) -> list[str]:
    path = tmp_path / "told.jsonl"
    return [json.loads(line)["key"] for line in path.read_text().splitlines()] if path.exists() else []


def test_a_notice_is_told_once(tmp_path: Path) -> None:
    outbox, receiver = Outbox(tmp_path / "notices.jsonl"), lines(tmp_path)
    post(outbox, [receiver], [NOTICE], NOW)
    post(outbox, [receiver], [NOTICE], NOW + timedelta(days=1))
    assert told(tmp_path) == ["k1"]


def test_a_receiver_is_told_only_what_it_wants(tmp_path: Path) -> None:
    post(Outbox(tmp_path / "notices.jsonl"), [lines(tmp_path, only=["recovered"])], [NOTICE], NOW)
    assert told(tmp_path) == []


def test_what_failed_is_tried_again_until_it_is_not_worth_telling(tmp_path: Path) -> None:
    outbox, receiver = Outbox(tmp_path / "notices.jsonl"), lines(tmp_path)
    other = Notice("stale", "k2", "Stale", "")

    def dead(one: Receiver, notice: Notice) -> Delivery:
        return Delivery(one.name, notice.key, "failed", 3, "gone")

    done = post(outbox, [receiver], [NOTICE, other], NOW, dead)
    assert [(one.attempts, one.error) for one in done] == [(3, "gone"), (0, "gone")], (
        "a dead receiver is asked once a run"
    )
    assert post(outbox, [receiver], [], NOW + timedelta(days=1))[0].status == "delivered"
    assert sorted(told(tmp_path)) == ["k1", "k2"]
    post(outbox, [receiver], [Notice("failed", "k3", "Old", "")], NOW, dead)
    assert post(outbox, [receiver], [], NOW + timedelta(days=8)) == []


def test_a_torn_line_counts_as_not_written(tmp_path: Path) -> None:
    outbox, receiver = Outbox(tmp_path / "notices.jsonl"), lines(tmp_path)
    post(outbox, [receiver], [NOTICE], NOW)
    whole = outbox.path.read_bytes()
    for cut in range(1, len(whole)):
        outbox.path.write_bytes(whole[:-cut])
        expected = 1 if cut == 1 else 0  # only the end of the line is missing
        assert len(outbox.read_entries()) == expected
    post(outbox, [receiver], [NOTICE], NOW)
    assert len(outbox.read_entries()) == 1


def _post_all(folder: Path, start: Any) -> None:
    start.wait()
    notices = [Notice("failed", f"k{number}", "t", "") for number in range(20)]
    post(Outbox(folder / "notices.jsonl"), [lines(folder)], notices, NOW)


def test_two_runs_at_once_tell_everything_once(tmp_path: Path) -> None:
    context = processes()
    start = context.Barrier(2)
    runs = [context.Process(target=_post_all, args=(tmp_path, start)) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert sorted(told(tmp_path)) == sorted(f"k{number}" for number in range(20))


def test_no_secret_is_on_record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str) -> None:
    outbox = Outbox(tmp_path / "notices.jsonl")
    post(outbox, [hook(monkeypatch, tmp_path, f"{address}/404/{TOKEN}")], [NOTICE], NOW)
    post(outbox, [hook(monkeypatch, tmp_path, f"nonsense:{TOKEN}")], [NOTICE], NOW)
    assert len(outbox.read_entries()) == 2
    assert TOKEN not in outbox.path.read_text()


@pytest.mark.parametrize("noise", [0, 90, 190, 380, 395, 490, 5000])
def test_a_command_that_prints_secrets_of_others_does_not_put_them_on_record(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, noise: int
) -> None:
    """Wherever what is too long is cut, and whichever receiver the secret belongs to."""
    monkeypatch.setenv("DESK_WEBHOOK", f"https://hooks.example.org/{TOKEN}")
    script = f"import os, sys; sys.exit('n' * {noise} + os.environ['DESK_WEBHOOK'] + 'x' * 300)"
    outbox = Outbox(tmp_path / "notices.jsonl")
    post(outbox, [own(tmp_path, sys.executable, "-c", script)], [NOTICE], NOW, lambda *one: deliver(*one, pause=0))
    (entry,) = outbox.read_entries()
    assert entry["status"] == "failed"
    assert "exit 1" in entry["error"]
    assert not [part for part in (TOKEN[:8], TOKEN[-8:], TOKEN[7:15]) if part in outbox.path.read_text()]


@pytest.mark.parametrize(
    ("last", "state", "kind"),
    [
        (None, "ok", None),
        (None, "failed", "failed"),
        ("failed", "failed", None),
        ("failed", "stale", "stale"),
        ("failed", "ok", "recovered"),
        ("recovered", "ok", None),
        ("recovered", "failed", "failed"),
    ],
)
def test_only_a_change_of_state_is_told(last: str | None, state: str, kind: str | None) -> None:
    known = {} if last is None else {"nightly": last}
    found = make_state_notices(known, [State("nightly", state, "title", "text")], "slot")
    assert [notice.kind for notice in found] == ([] if kind is None else [kind])


def test_the_last_state_is_read_off_the_record(tmp_path: Path) -> None:
    outbox, receiver = Outbox(tmp_path / "notices.jsonl"), lines(tmp_path)
    for slot, state in enumerate(["failed", "failed", "ok", "ok", "failed"]):
        post(
            outbox,
            [receiver],
            make_state_notices(outbox.read_states(), [State("nightly", state, "t", "")], str(slot)),
            NOW,
        )
    kinds = [entry["notice"]["kind"] for entry in outbox.read_entries()]
    assert kinds == ["failed", "recovered", "failed"]


def test_a_late_delivery_of_an_old_notice_is_no_news_of_the_state(tmp_path: Path) -> None:
    outbox, receiver = Outbox(tmp_path / "notices.jsonl"), lines(tmp_path)

    def dead(one: Receiver, notice: Notice) -> Delivery:
        return Delivery(one.name, notice.key, "failed", 3, "gone")

    post(outbox, [receiver], [NOTICE], NOW, dead)
    post(outbox, [receiver], make_state_notices(outbox.read_states(), [State("nightly", "ok", "t", "")], "2"), NOW)
    assert told(tmp_path) == [outbox.read_entries()[1]["notice"]["key"], "k1"], "the failure was told last"
    assert outbox.read_states() == {"nightly": "recovered"}


# -- what changed ------------------------------------------------------------------------------------


GUIDED = [
    ("30,37", "35,40", "guidance_raised", "Acme raised its guidance of capital expenditures for FY2024"),
    ("35,40", "30,37", "guidance_lowered", "Acme lowered its guidance of capital expenditures for FY2024"),
    ("35,40", "36,39", "guidance_narrowed", "Acme narrowed its guidance of capital expenditures for FY2024"),
    ("35,40", "35,40", None, None),
]
#: A company a matter, by its id; all are called Acme.
COMPANIES = ["growing", "still", "restated", "watched", *(f"guided{n}" for n, _ in enumerate(GUIDED))]
#: What they reported at first, and what came later.
FIRST = [
    fact_line("Revenues", "2023Q2", "100", entity="growing"),
    fact_line("Revenues", "2024Q2", "133", entity="growing"),
    fact_line("Revenues", "2024Q2", "133", entity="still"),
    fact_line("Revenues", "2023Q2", "100", entity="restated"),
    fact_line("Revenues", "2022Q2", "99", entity="watched"),
    fact_line("Revenues", "2023Q2", "100", entity="watched"),
]
LATER = [
    fact_line("Revenues", "2023Q2", "90", entity="restated", source="a1"),
    fact_line("Revenues", "2024Q2", "140", entity="watched"),
]
FAST = Alert("fast growth", "metric = 'revenue' and yoy_ratio > 0.3")


def guided(day: str, which: int) -> list[str]:
    """The first or the second forecast of each case."""
    return [f"guided{n},capex,FY2024,{day},,{case[which]},9,USD,range,r1," for n, case in enumerate(GUIDED)]


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Warehouse]]:
    """A warehouse of all cases at three moments: at first, once something changed, and once nothing more did."""
    project = small_project(tmp_path_factory.mktemp("states"))
    companies = (f'[{one}]\nname = "Acme"\ncurrency = "USD"\nfiscal_year_end = "12-31"\n' for one in COMPANIES)
    (project.seeds / "entities.toml").write_text("\n".join(companies))
    first, second = guided("2024-02-01", 0), guided("2024-07-31", 1)
    told = [(FIRST, first), (FIRST + LATER, first + second), (FIRST + LATER, first + second)]
    with ExitStack() as opened:
        found = []
        for facts, guidance in told:
            write_facts(project, *facts)
            write_guidance(project, *guidance)
            ingest(project, [project.seeds])
            found.append(opened.enter_context(Warehouse(project.warehouse)))
        yield found


def told_of(entity: str, before: Warehouse | None, after: Warehouse, *alerts: Alert) -> list[Notice]:
    """What is told of one company."""
    return [notice for notice in find_notices(before, after, alerts) if notice.entity == entity]


def kinds(notices: list[Notice]) -> list[str]:
    return [notice.kind for notice in notices]


def test_new_figures_are_told_by_company(states: list[Warehouse]) -> None:
    (notice,) = told_of("growing", None, states[0])
    assert (notice.kind, notice.title) == ("new_figures", "Acme: new figures for 2024Q2")
    assert notice.text == "Revenue 133.00 million USD (+33.0% on the year before)\nand 1 more for other periods"


def test_nothing_new_is_nothing_told(states: list[Warehouse]) -> None:
    assert {notice.entity for notice in find_notices(None, states[0])} == set(COMPANIES)
    assert told_of("still", states[0], states[1]) == []
    assert find_notices(states[1], states[2]) == []


@pytest.mark.parametrize(("first", "second", "kind", "title"), GUIDED)
def test_a_move_of_guidance_is_told(
    states: list[Warehouse], first: str, second: str, kind: str | None, title: str | None
) -> None:
    entity = f"guided{GUIDED.index((first, second, kind, title))}"
    assert kinds(told_of(entity, None, states[0])) == ["guidance_initial"]
    found = told_of(entity, states[0], states[1])
    assert [(notice.kind, notice.title) for notice in found] == ([] if kind is None else [(kind, title)])


def test_a_restatement_is_told(states: list[Warehouse]) -> None:
    found = told_of("restated", states[0], states[1])
    assert kinds(found) == ["restatement"]
    assert "us-gaap:Revenues 2023Q2: 100.00 million USD is now 90.00 million USD (restated)" in found[0].text


def test_a_threshold_is_told_when_it_is_passed(states: list[Warehouse]) -> None:
    assert "threshold" not in kinds(told_of("watched", None, states[0], FAST))
    found = [notice for notice in find_notices(states[0], states[1], [FAST]) if notice.kind == "threshold"]
    assert [(notice.entity, notice.title) for notice in found] == [("watched", "Acme: fast growth (Revenue, 2024Q2)")]
    assert find_notices(states[1], states[2], [FAST]) == []


def test_an_alert_that_is_no_sql_is_named(states: list[Warehouse]) -> None:
    with pytest.raises(QueryError, match=r"alert\.odd"):
        find_notices(None, states[0], [Alert("odd", "growth >")])


def test_alerts_are_read_strictly(tmp_path: Path) -> None:
    assert load_alerts({"alert": {"a": {"where": "yoy_ratio > 1"}}}, tmp_path) == [Alert("a", "yoy_ratio > 1")]
    with pytest.raises(InputError, match=r"alert\.a"):
        load_alerts({"alert": {"a": {"when": "yoy_ratio > 1"}}}, tmp_path)


def test_the_same_change_has_the_same_key(states: list[Warehouse]) -> None:
    first, again = (find_notices(None, state) for state in states[1:])
    assert {notice.entity for notice in first} == set(COMPANIES)
    assert [notice.key for notice in again] == [notice.key for notice in first]
