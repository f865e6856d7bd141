"""The commands that read the warehouse: sql, explain, diff, schema, log, completion."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.base import (
    STYLES,
    choose_style,
    cli,
    find_project,
    invocation,
    open_warehouse,
    read_standard_input,
    recorded_option,
)
from tracker.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tracker.warehouse.reader import Warehouse

__all__: list[str] = []


@cli.command()
@click.argument("query", required=False)
@click.option("-f", "--file", type=click.Path(path_type=Path, dir_okay=False), help="Read the query from a file.")
@click.option(
    "-p",
    "--parameter",
    "parameters",
    nargs=2,
    multiple=True,
    metavar="NAME VALUE",
    help="Set the parameter $NAME of the query.",
)
@click.option("--as-of", help="Use what was known on this day or at this moment (UTC).")
@recorded_option
@click.option("--format", "style", type=click.Choice(STYLES), help="Default: a table on a terminal, JSON in a pipe.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file.")
@click.option("--safe", "is_safe", is_flag=True, help="Confine a query that somebody else wrote.")
@click.pass_context
def sql(  # noqa: PLR0913, PLR0917 - the command's options
    context: click.Context,
    query: str | None,
    file: Path | None,
    parameters: tuple[tuple[str, str], ...],
    as_of: str | None,
    recorded: str | None,
    style: str | None,
    output: Path | None,
    *,
    is_safe: bool,
) -> None:
    """Run a SQL query over the views (`-` reads it from standard input).

    With `--safe` the query runs in a process of its own. It can read the views, but no file, no network and no setting,
    and may take at most 30 seconds and 1 GB of memory.
    """
    from tracker.warehouse.export import write  # noqa: PLC0415

    invocation["style"] = style = style or choose_style(output)
    with open_warehouse(context, as_of, recorded) as warehouse:
        text = _read_query(query, file)
        if is_safe:
            _write_safe_answer(warehouse, text, dict(parameters), style, output)
        else:
            write(warehouse.sql(text, dict(parameters)), style, output)


def _write_safe_answer(
    warehouse: Warehouse, query: str, parameters: Mapping[str, str], style: str, output: Path | None
) -> None:
    from tracker.warehouse.export import write  # noqa: PLC0415
    from tracker.warehouse.safe.door import SafeDoor  # noqa: PLC0415

    with SafeDoor() as door:
        answer = door.ask(warehouse, query, parameters)
    write(answer.result(), style, output)


def _read_query(query: str | None, file: Path | None) -> str:
    if (query is None) == (file is None):
        raise UsageError("give either a query or -f FILE")
    text = _read_file(file) if file is not None else read_standard_input() if query == "-" else query or ""
    if not text.strip():
        raise UsageError("the query is empty")
    return text


def _read_file(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error


@cli.command()
@click.argument("what", nargs=-1, required=True, metavar="FACT_ID | ENTITY METRIC PERIOD")
@click.option("--as-of", help="Use what was known on this day or at this moment (UTC).")
@recorded_option
@click.option("--currency", help="Also show the amount in this currency, such as EUR, by your seeds/fx.csv.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), help="Default: text on a terminal, else JSON.")
@click.pass_context
def explain(  # noqa: PLR0913, PLR0917 - the options of the command
    context: click.Context,
    what: tuple[str, ...],
    as_of: str | None,
    recorded: str | None,
    currency: str | None,
    style: str | None,
) -> None:
    """Show where a number comes from, down to accession numbers and the characters of articles.

    Articles are quoted if their files are in the folder `paths.articles` of tracker.toml (default: articles/).
    """
    from tracker.explain.tree import explain_fact, explain_figure  # noqa: PLC0415
    from tracker.warehouse.export import as_json  # noqa: PLC0415

    if len(what) not in {1, 3}:
        raise UsageError(
            "give the id of a fact, or a company, a metric and a period: tracker explain meta capex 2024Q2"
        )
    quote = _make_quote(context)
    with open_warehouse(context, as_of, recorded) as warehouse:
        if len(what) == 1:
            tree = explain_fact(warehouse, what[0], quote)
        else:
            tree = explain_figure(warehouse, what[0], what[1], what[2], quote, currency)
    as_text = style == "text" or (style is None and sys.stdout.isatty())
    click.echo("\n".join(tree.lines()) if as_text else as_json(tree.tree()))


def _make_quote(context: click.Context) -> Callable[[Mapping[str, Any]], dict[str, str]]:
    """Return the function that quotes the project's articles and filings."""
    from tracker.explain.quotation import make_quote  # noqa: PLC0415
    from tracker.settings import find_root, read_settings  # noqa: PLC0415

    root = find_root(context.obj.resolve())
    return make_quote(root, read_settings(root).get("paths", {}).get("articles", "articles"))


@cli.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--recorded", "by_commit", is_flag=True, help="A and B are commits, or moments of storage.")
@click.option("--entity", "names", multiple=True, help="Show only this company (id, ticker or name); may be repeated.")
@click.option("--format", "style", type=click.Choice(STYLES), help="Default: a table on a terminal, JSON in a pipe.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file.")
@click.pass_context
def diff(  # noqa: PLR0913, PLR0917 - the command's options
    context: click.Context,
    before: str,
    after: str,
    names: tuple[str, ...],
    style: str | None,
    output: Path | None,
    *,
    by_commit: bool,
) -> None:
    """Show which numbers changed between two days, or two commits, and why."""
    from tracker.explain.diff import diff as changes_between  # noqa: PLC0415
    from tracker.explain.diff import make_result  # noqa: PLC0415
    from tracker.warehouse.export import write  # noqa: PLC0415
    from tracker.warehouse.reader import Warehouse  # noqa: PLC0415

    invocation["style"] = style = style or choose_style(output)
    with contextlib.ExitStack() as stack:
        if by_commit:
            first, second = (stack.enter_context(open_warehouse(context, None, moment)) for moment in (before, after))
        else:  # two days of one snapshot
            first = stack.enter_context(open_warehouse(context, before))
            second = stack.enter_context(Warehouse(first.path, as_of=after, versions=first.snapshot.versions))
        changes = changes_between(first, second, [second.entity_of(name) for name in names])
        write(make_result(second, changes, is_short=style in {"table", "markdown"}), style, output)


@cli.command()
@click.argument("name", required=False)
@click.option(
    "--format", "style", type=click.Choice(STYLES[:-1]), help="Default: a table on a terminal, JSON in a pipe."
)
@click.pass_context
def schema(context: click.Context, name: str | None, style: str | None) -> None:
    """List the views with their grain and units, or the columns of one view."""
    from tracker.warehouse.export import write  # noqa: PLC0415

    invocation["style"] = style = style or choose_style(None)
    with open_warehouse(context, None) as warehouse:
        found = warehouse.columns_of(name) if name else warehouse.objects(is_short=style in {"table", "markdown"})
        write(found, style, None)


@cli.command()
@click.option("-n", "--limit", type=click.IntRange(1), help="Show only this many.")
@click.option(
    "--format", "style", type=click.Choice(["table", "json", "ndjson"]), help="Default: a table on a terminal."
)
@click.pass_context
def log(context: click.Context, limit: int | None, style: str | None) -> None:
    """List the commits, newest first."""
    from tracker.warehouse.export import as_json, draw_table  # noqa: PLC0415
    from tracker.warehouse.writer import history  # noqa: PLC0415

    entries = history(find_project(context).warehouse, limit)
    style = style or choose_style(None)
    if style == "table":
        columns = ["version", "committed_at", "batch", "rows"]
        rows = [[str(entry[column]) for column in columns] for entry in entries]
        click.echo(draw_table(columns, rows, [True, False, False, True]), nl=False)
    elif style == "json":
        click.echo(as_json(entries))
    else:
        click.echo("\n".join(as_json(entry) for entry in entries))


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for a shell; source it from the shell's start-up file."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415

    script = get_completion_class(shell)
    if script is None:
        raise UsageError(f"{shell} is not supported")
    click.echo(script(cli, {}, "tracker", "_TRACKER_COMPLETE").source())
