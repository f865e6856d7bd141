"""The commands that let others ask: serve, mcp."""

from __future__ import annotations

import click

from tracker.cli.base import cli, find_project, say
from tracker.errors import UsageError

__all__: list[str] = []


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Listen on this address.")
@click.option("--port", type=click.IntRange(0, 65535), default=8321, show_default=True, help="0 chooses a free one.")
@click.option("--name", "names", multiple=True, help="A further name under which browsers call it; may be repeated.")
@click.option("--token", help="Ask for this token. Beyond loopback one is made if you give none.")
@click.pass_context
def serve(context: click.Context, host: str, port: int, names: tuple[str, ...], token: str | None) -> None:
    """Show the project in a browser: companies, figures, reports, and SQL that strangers may ask.

    It listens on this machine alone, unless --host says otherwise. It needs the packages of `tracker[serve]`.
    """
    try:
        from tracker.serve.run import choose_address  # noqa: PLC0415
        from tracker.serve.run import serve as run_server  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "tracker":
            raise
        raise UsageError("this needs the extra packages: pip install 'tracker[serve]'") from error
    run_server(find_project(context), choose_address(host, port, names, token), lambda url: say(f"serving {url}"))
