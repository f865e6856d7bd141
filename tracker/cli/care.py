"""Commands that look after what is stored: verify."""

from __future__ import annotations

import click

from tracker.cli.base import cli, project_of, say

__all__: list[str] = []


@cli.command()
@click.pass_context
def verify(context: click.Context) -> None:
    """Check every stored file against the hash its commit carries."""
    from tracker.commits import verify as run  # noqa: PLC0415
    from tracker.errors import CheckError  # noqa: PLC0415

    files, damages = run(project_of(context).warehouse)
    if damages:
        raise CheckError("\n".join(f"{damage.file} {damage.what}; restore it from a copy" for damage in damages))
    say(f"{files} files are as they were committed")
