"""The commands on companies and their ids: entity list, rename, merge, remove."""

from __future__ import annotations

from pathlib import Path

import click

from tracker.cli.base import STYLES, choose_style, cli, find_project, invocation, open_warehouse, recorded_option, say

__all__: list[str] = []

_REASON = click.option("--reason", help="The reason; it is kept in the row, and `explain` and `diff` show it.")


@cli.group()
def entity() -> None:
    """List, rename, merge and remove companies.

    Each change is a row of entities.csv in the folder of seeds, and applies at once. Stored facts do not change. To
    undo a change, remove its row and ingest anything. Ids with the same CIK are one company without a row.
    """


@entity.command("list")
@recorded_option
@click.option("--format", "style", type=click.Choice(STYLES), help="Default: a table on a terminal, JSON in a pipe.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file.")
@click.pass_context
def list_(context: click.Context, recorded: str | None, style: str | None, output: Path | None) -> None:
    """List the companies with name, ticker, CIK, number of statements, and other ids they are stored under."""
    from tracker.pipeline.rename import list_companies  # noqa: PLC0415
    from tracker.warehouse.export import write  # noqa: PLC0415

    invocation["style"] = style = style or choose_style(output)
    with open_warehouse(context, None, recorded) as warehouse:
        write(list_companies(warehouse), style, output)


@entity.command("rename")
@click.argument("old")
@click.argument("new")
@_REASON
@click.pass_context
def rename_(context: click.Context, old: str, new: str, reason: str | None) -> None:
    """Give the company OLD (id, ticker or name) the id NEW, in every view and report."""
    from tracker.pipeline.rename import rename  # noqa: PLC0415

    click.echo(rename(find_project(context), old, new, reason, say))


@entity.command("merge")
@click.argument("one", metavar="FROM")
@click.argument("into", metavar="INTO")
@_REASON
@click.pass_context
def merge_(context: click.Context, one: str, into: str, reason: str | None) -> None:
    """Make FROM and INTO one company, shown as INTO. Companies with different CIKs cannot be merged."""
    from tracker.pipeline.rename import merge  # noqa: PLC0415

    click.echo(merge(find_project(context), one, into, reason, say))


@entity.command("remove")
@click.argument("name", metavar="ID")
@_REASON
@click.pass_context
def remove_(context: click.Context, name: str, reason: str | None) -> None:
    """Stop showing a company. Its facts stay stored, and --recorded still shows them."""
    from tracker.pipeline.rename import remove  # noqa: PLC0415

    click.echo(remove(find_project(context), name, reason, say))
