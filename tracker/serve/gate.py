"""Check who may ask: the host name of the server, its token, and that no page of another site asks.

A page of another site can make a browser send us a request. But the request lacks our cookie (`SameSite=Strict`). If
the page rebinds a host name to our address, the request names that host and is refused. What the page embeds carries
`Sec-Fetch-Site`, and is refused.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode

from starlette.responses import PlainTextResponse, RedirectResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["COOKIE", "HttpGate", "Rules"]

COOKIE: Final = "tracker_token"
_METHODS: Final = frozenset({"GET", "HEAD"})
_LONGEST: Final = 16_384  # bytes of an address


@dataclass(frozen=True, slots=True)
class Rules:
    """What a request must have.

    `hosts` are the allowed host names with their ports. If `token` is None, no token is needed.
    """

    hosts: frozenset[str]
    token: str | None
    methods: frozenset[str] = _METHODS


class HttpGate:
    """Lets requests through that follow the rules, and refuses all others."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app, self._rules = app, rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request or pass it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        refusal = self._find_refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _find_refusal(self, scope: Scope) -> ASGIApp | None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if headers.get("host", "").lower() not in self._rules.hosts:
            return _refuse_request(421, "this server is not called so; use the address that it printed")
        if scope["method"] not in self._rules.methods:
            return _refuse_request(
                405, "this server only answers questions", allow=", ".join(sorted(self._rules.methods))
            )
        if len(scope["raw_path"]) + len(scope["query_string"]) > _LONGEST:
            return _refuse_request(414, "the address is too long")
        if _is_from_elsewhere(headers, self._rules.hosts):
            return _refuse_request(403, "a page of another site asked; open the address itself")
        return self._find_token_refusal(scope, headers)

    def _find_token_refusal(self, scope: Scope, headers: dict[str, str]) -> ASGIApp | None:
        token = self._rules.token
        if token is None:
            return None
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if any(name == "token" and _is_same(value, token) for name, value in query):
            rest = urlencode([(name, value) for name, value in query if name != "token"])
            answer = RedirectResponse(f"{scope['path']}{'?' * bool(rest)}{rest}", 303)
            answer.set_cookie(COOKIE, token, httponly=True, samesite="strict")
            answer.headers["Cache-Control"] = "no-store"
            return answer
        given = headers.get("authorization", "").removeprefix("Bearer ")
        if _is_same(given, token) or _is_same(_read_cookie(headers.get("cookie", "")), token):
            return None
        return _refuse_request(
            401, "a token is needed; open the address that `tracker serve` printed", **{"www-authenticate": "Bearer"}
        )


def _is_from_elsewhere(headers: dict[str, str], hosts: frozenset[str]) -> bool:
    """Return whether a page of another site sends the request; a link that a person follows is allowed."""
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2].lower() not in hosts:
        return True
    is_elsewhere = headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
    is_opened = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return is_elsewhere and not is_opened


def _is_same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())


def _read_cookie(text: str) -> str:
    try:
        cookie = SimpleCookie(text).get(COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


def _refuse_request(status: int, text: str, **headers: str) -> PlainTextResponse:
    return PlainTextResponse(f"{text}\n", status, headers={"X-Content-Type-Options": "nosniff", **headers})
