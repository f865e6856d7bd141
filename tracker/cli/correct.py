"""Commands that change what a statement says: correct, retract."""

from __future__ import annotations

import sys

import click

from tracker.cli.base import cli, project_of, say, warehouse_of

__all__: list[str] = []

_REASON = click.option("--reason", required=True, help="Why; kept in the row and shown by `explain` and `diff`.")
_BY = click.option("--by", help="Who corrects it. Default: git's user.name, else the name you are logged in with.")
_FORMAT = click.option(
    "--format", "style", type=click.Choice(["text", "json"]), help="Default: text on a terminal, else JSON."
)


@cli.command()
@click.argument("fact")
@click.option("--value", help="The amount, in whole units or (with --scale) as printed.")
@click.option("--low", help="The lower end of a range.")
@click.option("--high", help="The upper end of a range.")
@click.option("--scale", type=click.IntRange(-12, 30), help="The power of ten of the amounts: 9 for billions.")
@click.option("--qualifier", help="How the amount is said: exact, approx, at_least, range, ...")
@click.option("--period", help="2024Q2 or FY2024 in the company's own calendar, 2024-04-01/2024-06-30, or one day.")
@click.option("--entity", help="The company it is about: id, ticker or name.")
@click.option("--metric", help="The metric it is of.")
@click.option("--unit", help="USD, ratio, count, USD/shares, ...")
@_REASON
@_BY
@_FORMAT
@click.pass_context
def correct(
    context: click.Context, /, fact: str, reason: str, by: str | None, style: str | None, **change: object
) -> None:
    """Put another reading in the place of a statement that was read wrongly.

    FACT is the id of the statement or its first 8 digits or more, as `tracker explain` prints it. The correction is
    written as a row of corrections.csv in the folder of seeds and holds at once. Take the row out and ingest
    anything to undo it. What is not named stays as stated, with its evidence and the day since when it is public.
    """
    from tracker.pipeline.correct import Replacement, Why  # noqa: PLC0415
    from tracker.pipeline.correct import correct as run  # noqa: PLC0415

    found = run(project_of(context), fact, Replacement(**change), Why(reason, by), say)  # type: ignore[arg-type]
    _show(context, found, style)


@cli.command()
@click.argument("fact")
@_REASON
@_BY
@_FORMAT
@click.pass_context
def retract(context: click.Context, fact: str, reason: str, by: str | None, style: str | None) -> None:
    """Take out a statement that should not have been read, and put nothing in its place.

    It is kept as `tracker correct` does, and undone in the same way.
    """
    from tracker.pipeline.correct import Why  # noqa: PLC0415
    from tracker.pipeline.correct import retract as run  # noqa: PLC0415

    _show(context, run(project_of(context), fact, Why(reason, by), say), style)


def _show(context: click.Context, fact: str, style: str | None) -> None:
    """The statement as it is explained from now on."""
    from tracker.explain.tree import explain_fact  # noqa: PLC0415
    from tracker.warehouse.export import as_json  # noqa: PLC0415

    with warehouse_of(context, None) as warehouse:
        tree = explain_fact(warehouse, fact)
    as_text = style == "text" or (style is None and sys.stdout.isatty())
    click.echo("\n".join(tree.lines()) if as_text else as_json(tree.tree()))
