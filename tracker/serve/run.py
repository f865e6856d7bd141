"""Start the server: on this machine alone, or at a named address with a token."""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
import socket
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import uvicorn

from tracker.errors import NothingMatchedError, UsageError, describe_system_error
from tracker.serve.app import make_app
from tracker.serve.gate import Rules
from tracker.serve.pages import Desk
from tracker.serve.readers import Readers
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.safe.door import SafeDoor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp

    from tracker.project import Project

__all__ = ["Address", "choose_address", "list_hosts", "run_app", "serve"]

_LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
_MOST_HEADERS: Final = 65_536  # bytes of a request's head


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens, its host names, and the token that it requires (None: none)."""

    host: str
    port: int
    names: tuple[str, ...]
    token: str | None


def choose_address(host: str, port: int, names: Sequence[str], token: str | None) -> Address:
    """Choose the names and the token of an address.

    On loopback no token is needed. Any other address gets one if none is given, and needs the names by which browsers
    call it.

    Raises:
        UsageError: an address that is not loopback has no name.

    """
    if _is_loopback(host):
        return Address(host, port, (*_LOOPBACK, *names), token)
    known = (*names, *(() if _is_any(host) else (f"[{host}]" if ":" in host else host,)))
    if not known:
        raise UsageError(f"{host} is every address of this machine; say with --name how browsers call it")
    return Address(host, port, (*_LOOPBACK, *known), token or secrets.token_urlsafe(24))


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_number(host) and ipaddress.ip_address(host).is_loopback)


def _is_any(host: str) -> bool:
    return _is_number(host) and ipaddress.ip_address(host).is_unspecified


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def serve(project: Project, address: Address, say: Callable[[str], None], questions: int = 2) -> None:
    """Serve a project until the server is interrupted; `say` gets messages for the user, such as the address.

    Raises:
        WarehouseError: the project has no warehouse.
        UsageError: the server cannot listen at the address.

    """
    with Warehouse(project.warehouse) as stored:
        if not stored.is_derived:
            say("figures are derived anew with each question; `tracker derive` stores them")
    readers, sql_readers = (Readers(project.warehouse, questions) for _ in range(2))
    desk = Desk(project, readers, sql_readers, SafeDoor(questions))
    run_app(partial(make_app, desk), address, say)


def run_app(make: Callable[[Rules], ASGIApp], address: Address, say: Callable[[str], None], path: str = "/") -> None:
    """Run an application at an address until it is interrupted; `make` makes it from the rules for requests."""
    with _listen(address) as listening:
        port = listening.getsockname()[1]
        rules = Rules(list_hosts(address.names, port), address.token)
        config = uvicorn.Config(
            make(rules),
            http="h11",
            ws="none",
            log_level="warning",
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=_MOST_HEADERS,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=3,
            limit_concurrency=500,
        )
        shown = address.names[0] if _is_loopback(address.host) else address.names[-1]
        query = f"?token={address.token}" if address.token else ""
        say(f"serving http://{shown}:{port}{path}{query}")
        with contextlib.suppress(KeyboardInterrupt):  # how a server is usually ended
            uvicorn.Server(config).run(sockets=[listening])


def list_hosts(names: Sequence[str], port: int) -> frozenset[str]:
    """List the host names that a request may use: each name with the port, and the user's own names without it, too.

    A proxy in front of the server listens on a port of its own, and passes on the name without a port.
    """
    known = [name.lower() for name in names]
    return frozenset({*(f"{name}:{port}" for name in known), *(name for name in known if name not in _LOOPBACK)})


def _listen(address: Address) -> socket.socket:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise NothingMatchedError(f"there is no address {address.host}: {error.strerror}") from error
    family, kind, _, _, place = found[0]
    listening = socket.socket(family, kind)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen(512)
    except OSError as error:
        listening.close()
        where = f"{address.host}:{address.port}"
        raise UsageError(f"{where} cannot be used: {describe_system_error(error)}; --port names another") from error
    return listening
