"""The commands that let others ask: serve, mcp."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TypeVar

import click

from tracker.cli.base import cli, find_project, say
from tracker.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__: list[str] = []


_Options = TypeVar("_Options", bound="Callable[..., None]")


def _address_options(command: _Options) -> _Options:
    """Add the options of an address to a command."""
    for option in (
        click.option("--token", help="The token that clients must send. Default: none on loopback, else a new one."),
        click.option("--name", "names", multiple=True, help="Another host name of the server; may be repeated."),
        click.option("--port", type=click.IntRange(0, 65535), default=8321, show_default=True, help="0: any free one."),
        click.option("--host", default="127.0.0.1", show_default=True, help="Listen on this address."),
    ):
        command = option(command)
    return command


@contextlib.contextmanager
def _needing(extra: str) -> Iterator[None]:
    """Raise a UsageError that names the extra to install, if one of its packages is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "tracker":
            raise
        raise UsageError(f"this needs the extra packages: pip install 'tracker[{extra}]'") from error


@cli.command()
@_address_options
@click.pass_context
def serve(context: click.Context, host: str, port: int, names: tuple[str, ...], token: str | None) -> None:
    """Show the project in a browser: companies, figures, reports, and SQL within limits.

    The server listens on this machine alone, unless --host says otherwise. It needs the packages of `tracker[serve]`.
    """
    with _needing("serve"):
        from tracker.serve.run import choose_address  # noqa: PLC0415
        from tracker.serve.run import serve as run_server  # noqa: PLC0415
    run_server(find_project(context), choose_address(host, port, names, token), say)


@cli.command()
@click.option("--http", "is_http", is_flag=True, help="Answer over HTTP, not over standard input and output.")
@_address_options
@click.pass_context
def mcp(  # noqa: PLR0913 - the command's options
    context: click.Context, host: str, port: int, names: tuple[str, ...], token: str | None, *, is_http: bool
) -> None:
    """Answer an assistant over the Model Context Protocol: figures with their evidence, guidance, safe SQL.

    It needs the packages of `tracker[mcp]`.
    """
    with _needing("mcp"):
        from tracker.assistant.server import serve_http, serve_stdio  # noqa: PLC0415
        from tracker.serve.run import choose_address  # noqa: PLC0415
    if is_http:
        serve_http(find_project(context), choose_address(host, port, names, token), say)
    else:
        serve_stdio(find_project(context))
