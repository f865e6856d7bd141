"""Commands on what companies are called: entity list, rename, merge, remove."""

from __future__ import annotations

from pathlib import Path

import click

from tracker.cli.base import STYLES, asked, cli, default_style, project_of, recorded_option, say, warehouse_of

__all__: list[str] = []

_REASON = click.option("--reason", help="Why; kept in the row and shown by `explain` and `diff`.")


@cli.group()
def entity() -> None:
    """Companies: what they are called, and which of them are one.

    Changes are rows of entities.csv in the folder of seeds and hold at once. Nothing stored is changed: take a row out
    and ingest anything to undo it. One CIK is one company by itself.
    """


@entity.command("list")
@recorded_option
@click.option("--format", "style", type=click.Choice(STYLES), help="Default: a table on a terminal, JSON in a pipe.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file.")
@click.pass_context
def list_(context: click.Context, recorded: str | None, style: str | None, output: Path | None) -> None:
    """List the companies with name, ticker, CIK, how many statements stand, and other ids they are stored under."""
    from tracker.pipeline.rename import list_companies  # noqa: PLC0415
    from tracker.warehouse.export import write  # noqa: PLC0415

    asked["style"] = style = style or default_style(output)
    with warehouse_of(context, None, recorded) as warehouse:
        write(list_companies(warehouse), style, output)


@entity.command("rename")
@click.argument("old")
@click.argument("new")
@_REASON
@click.pass_context
def rename_(context: click.Context, old: str, new: str, reason: str | None) -> None:
    """Call the company OLD (id, ticker or name) NEW from now on, in every view and report."""
    from tracker.pipeline.rename import rename  # noqa: PLC0415

    click.echo(rename(project_of(context), old, new, reason, say))


@entity.command("merge")
@click.argument("one", metavar="FROM")
@click.argument("into", metavar="INTO")
@_REASON
@click.pass_context
def merge_(context: click.Context, one: str, into: str, reason: str | None) -> None:
    """Make FROM and INTO one company, shown as INTO. Two companies with different CIKs are never one."""
    from tracker.pipeline.rename import merge  # noqa: PLC0415

    click.echo(merge(project_of(context), one, into, reason, say))


@entity.command("remove")
@click.argument("name", metavar="ID")
@_REASON
@click.pass_context
def remove_(context: click.Context, name: str, reason: str | None) -> None:
    """Show a company no more. What is stored of it stays, and --recorded answers as before."""
    from tracker.pipeline.rename import remove  # noqa: PLC0415

    click.echo(remove(project_of(context), name, reason, say))
