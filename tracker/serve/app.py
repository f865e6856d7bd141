"""The application: addresses, replies and errors."""

from __future__ import annotations

import json
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import anyio.to_thread
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from tracker.errors import BusyError, LimitError, NothingMatchedError, QueryError, TrackerError, UsageError
from tracker.report.shelf import read_shelf
from tracker.serve.gate import HttpGate
from tracker.serve.looks import draw_page, style
from tracker.serve.memory import Reply, ReplyMemory
from tracker.serve.pages import DOWNLOADS, PAGES, Desk, PageQuestion, ShownPage, download, page_to_json

if TYPE_CHECKING:
    import threading
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from tracker.serve.gate import Rules

__all__ = ["make_app"]

_HTML: Final = "text/html; charset=utf-8"
_JSON: Final = "application/json"
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
#: The HTTP status of each kind of error; the first that fits counts.
_STATUSES: Final[tuple[tuple[type[TrackerError], int], ...]] = (
    (NothingMatchedError, HTTPStatus.NOT_FOUND),
    (UsageError, HTTPStatus.BAD_REQUEST),
    (LimitError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (QueryError, HTTPStatus.BAD_REQUEST),
    (BusyError, HTTPStatus.SERVICE_UNAVAILABLE),
)
#: The files of the folder of reports that are sent, by the ending of their names.
_REPORT_KINDS: Final = {
    "html": _HTML, "json": _JSON, "png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf",
    "md": "text/markdown; charset=utf-8", "js": "text/javascript; charset=utf-8", "xlsx": DOWNLOADS["xlsx"],
}  # fmt: skip
_KEPT: Final = 64 * 2**20  # bytes of replies
#: How many threads make pages, and how many answer SQL: slow questions of strangers hold up no page.
_PAGES, _SQL = "pages", "sql"
_QUESTIONS: Final = 200  # at work at once
#: How many seconds a page is kept that changes without a commit.
_SECONDS: Final = {"/reports": 5, "/runs": 60}
_PAUSE: Final = 1.0  # seconds that the first page has for itself, before what draws is loaded


def make_app(desk: Desk, rules: Rules) -> ASGIApp:
    """Make the application that serves a project."""
    lanes = {_PAGES: desk.readers.most, _SQL: desk.sql_readers.most}
    memory = ReplyMemory(_KEPT, lanes, _QUESTIONS)
    routes = [
        Route("/style.css", _send_style),
        Route("/favicon.ico", _send_nothing),
        Route("/reports/{file}", partial(_send_report, desk)),
        *(Route(f"/sql.{form}", partial(_send_file, desk, memory, form)) for form in DOWNLOADS if form != "json"),
        *(
            Route(f"{'/index' if path == '/' else path}.json", partial(_send_page, desk, memory, path, True))
            for path in PAGES
        ),
        *(Route(path, partial(_send_page, desk, memory, path, False)) for path in PAGES),
    ]
    app = Starlette(routes=routes, lifespan=partial(_live, desk), exception_handlers={404: _send_not_found})
    return HttpGate(app, rules)


@asynccontextmanager
async def _live(desk: Desk, _: Starlette) -> AsyncIterator[None]:
    """Load in the background what the first page does not need, and free everything at the end."""

    async def warm() -> None:
        await anyio.sleep(_PAUSE)
        await anyio.to_thread.run_sync(_warm, desk, abandon_on_cancel=True)

    async with anyio.create_task_group() as group:
        group.start_soon(warm)
        yield
        group.cancel_scope.cancel()
    desk.door.close()
    desk.readers.close()
    desk.sql_readers.close()


def _warm(desk: Desk) -> None:
    desk.door.warm()
    from tracker.report.charts.drawing import svg_of  # noqa: PLC0415 - loads what draws
    from tracker.report.making import document_of  # noqa: F401, PLC0415 - the same

    svg_of({"data": {"values": [{}]}, "mark": "point"})


# -- pages -------------------------------------------------------------------------------------------------------------


async def _send_page(desk: Desk, memory: ReplyMemory, pattern: str, is_json: bool, request: Request) -> Response:  # noqa: FBT001
    def answer(gone: threading.Event) -> Reply:
        return _make_page(desk, pattern, is_json, request, gone)

    return await _reply(desk, memory, answer, request, is_json=is_json)


def _make_page(desk: Desk, pattern: str, is_json: bool, request: Request, gone: threading.Event) -> Reply:  # noqa: FBT001
    page = PAGES[pattern](desk, PageQuestion(request.path_params, request.query_params, gone))
    if is_json:
        return Reply(_encode(page_to_json(page)), _JSON)
    return Reply(draw_page(page, request.url.path, request.query_params).encode(), _HTML)


async def _send_file(desk: Desk, memory: ReplyMemory, form: str, request: Request) -> Response:
    def answer(gone: threading.Event) -> Reply:
        body = download(desk, PageQuestion(request.path_params, request.query_params, gone), form)
        return Reply(body, DOWNLOADS[form], headers=(("Content-Disposition", f'attachment; filename="answer.{form}"'),))

    return await _reply(desk, memory, answer, request, is_json=False)


async def _reply(
    desk: Desk, memory: ReplyMemory, answer: Callable[[threading.Event], Reply], request: Request, *, is_json: bool
) -> Response:
    """Return the reply to a question, a kept one or a new one; an error gives a page, too."""

    def answer_or_say(gone: threading.Event) -> Reply:
        try:
            return answer(gone)
        except TrackerError as error:
            return _make_error(error, request, is_json=is_json)

    lane = _SQL if request.url.path.startswith("/sql") else _PAGES
    try:
        path = request.url.path
        age = int(time.monotonic() // _SECONDS.get(path.removesuffix(".json"), 86_400))
        key = (desk.readers.find_state(), datetime.now(UTC).date(), age, path, request.url.query)
        reply = await memory.find(key, lane, answer_or_say, request.is_disconnected)
    except TrackerError as error:
        reply = _make_error(error, request, is_json=is_json)
    return _make_response(reply)


def _make_response(reply: Reply, policy: str = _POLICY) -> Response:
    headers = {**_HEADERS, "Cache-Control": "no-cache", "Content-Security-Policy": policy, **dict(reply.headers)}
    return Response(reply.body, reply.status, headers, reply.kind)


def _make_error(error: TrackerError, request: Request, *, is_json: bool) -> Reply:
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
    data: dict[str, Any] = {"error": type(error).__name__, "message": str(error)}
    if is_json:
        return Reply(_encode(data), _JSON, status)
    query = request.query_params.get("q", "") if request.url.path.startswith("/sql") else ""
    page = ShownPage("error.html", HTTPStatus(status).phrase, data | {"query": query})
    return Reply(draw_page(page, request.url.path, request.query_params).encode(), _HTML, status)


def _encode(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, default=str, allow_nan=False).encode()


async def _send_not_found(request: Request, _: Exception) -> Response:
    error = NothingMatchedError("there is no such page; the list of companies is a good place to begin")
    return _make_response(_make_error(error, request, is_json=request.url.path.endswith(".json")))


# -- files -------------------------------------------------------------------------------------------------------------


async def _send_style(_: Request) -> Response:
    headers = {**_HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
    return Response(style()[0], headers=headers, media_type="text/css; charset=utf-8")


async def _send_nothing(_: Request) -> Response:
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=_HEADERS)


async def _send_report(desk: Desk, request: Request) -> Response:
    """Send a file of a report. Its page carries a policy of its own for scripts and styles."""
    name = request.path_params["file"]
    reply: Reply | None = await anyio.to_thread.run_sync(_read_report, desk, name)
    if reply is None:
        error = NothingMatchedError(f"there is no file {name} of a report; `tracker report` draws them")
        return _make_response(_make_error(error, request, is_json=name.endswith(".json")))
    is_page = reply.kind == _HTML
    policy = "frame-ancestors 'none'" if is_page else "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return _make_response(reply, policy)


def _read_report(desk: Desk, name: str) -> Reply | None:
    folder = desk.project.reports
    known = {file for entry in read_shelf(folder).values() for file in entry.files}
    kind = _REPORT_KINDS.get(name.rpartition(".")[2])
    if name not in known or kind is None:
        return None
    try:
        return Reply((folder / name).read_bytes(), kind)
    except OSError:
        return None
