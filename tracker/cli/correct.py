"""The commands that change statements: correct, retract."""

from __future__ import annotations

import sys

import click

from tracker.cli.base import cli, find_project, open_warehouse, say

__all__: list[str] = []

_REASON = click.option(
    "--reason", required=True, help="The reason; it is kept in the row, and `explain` and `diff` show it."
)
_BY = click.option("--by", help="Who makes the correction. Default: git's user.name, else your log-in name.")
_FORMAT = click.option(
    "--format", "style", type=click.Choice(["text", "json"]), help="Default: text on a terminal, else JSON."
)


@cli.command()
@click.argument("fact")
@click.option("--value", help="The amount, in whole units or (with --scale) as printed.")
@click.option("--low", help="The lower end of a range.")
@click.option("--high", help="The upper end of a range.")
@click.option("--scale", type=click.IntRange(-12, 30), help="The power of ten of the amounts: 9 for billions.")
@click.option("--qualifier", help="How exact the amount is: exact, approx, at_least, range, ...")
@click.option(
    "--period", help="The period: 2024Q2 or FY2024 in the company's calendar, 2024-04-01/2024-06-30, or one day."
)
@click.option("--entity", help="The company: id, ticker or name.")
@click.option("--metric", help="The metric.")
@click.option("--unit", help="The unit: USD, ratio, count, USD/shares, ...")
@_REASON
@_BY
@_FORMAT
@click.pass_context
def correct(
    context: click.Context, /, fact: str, reason: str, by: str | None, style: str | None, **change: object
) -> None:
    """Correct a statement that was read wrongly.

    FACT is the id of the statement, or its first 8 digits or more, as `tracker explain` prints it. The command adds a
    row to corrections.csv in the folder of seeds, and applies it at once. To undo it, remove the row and ingest
    anything. Values without an option stay as they are, and so do the evidence and the day of publication.
    """
    from tracker.pipeline.correct import Replacement, Why  # noqa: PLC0415
    from tracker.pipeline.correct import correct as run  # noqa: PLC0415

    found = run(find_project(context), fact, Replacement(**change), Why(reason, by), say)  # type: ignore[arg-type]
    _print_explanation(context, found, style)


@cli.command()
@click.argument("fact")
@_REASON
@_BY
@_FORMAT
@click.pass_context
def retract(context: click.Context, fact: str, reason: str, by: str | None, style: str | None) -> None:
    """Withdraw a statement that should not have been read, and put nothing in its place.

    The command works like `tracker correct`, and is undone in the same way.
    """
    from tracker.pipeline.correct import Why  # noqa: PLC0415
    from tracker.pipeline.correct import retract as run  # noqa: PLC0415

    _print_explanation(context, run(find_project(context), fact, Why(reason, by), say), style)


def _print_explanation(context: click.Context, fact: str, style: str | None) -> None:
    """Print how the statement is explained from now on."""
    from tracker.explain.tree import explain_fact  # noqa: PLC0415
    from tracker.warehouse.export import as_json  # noqa: PLC0415

    with open_warehouse(context, None) as warehouse:
        tree = explain_fact(warehouse, fact)
    as_text = style == "text" or (style is None and sys.stdout.isatty())
    click.echo("\n".join(tree.lines()) if as_text else as_json(tree.tree()))
