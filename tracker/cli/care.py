"""The commands that check what is stored: check, verify, held."""

from __future__ import annotations

from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING

import click

from tracker.cli.base import choose_style, cli, find_project, invocation, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.warehouse.checks import Finding

__all__: list[str] = []


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--as-of", help="Use what was known on this day or at this moment (UTC).")
@click.option("--all", "is_all", is_flag=True, help="For `derived`: compare every company, not a sample.")
@click.option("--now", help="Judge as of this day or moment whether reports are late. Default: now.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", "json", "ndjson"]),
    help="Default: a table on a terminal, else JSON.",
)
@click.pass_context
def check(  # noqa: PLR0913 - one for each option
    context: click.Context,
    names: tuple[str, ...],
    as_of: str | None,
    now: str | None,
    style: str | None,
    *,
    is_all: bool,
) -> None:
    """Run the named checks, or all of them: audits of the data, and whether companies' next reports are late.

    `derived` runs only when you name it: it derives figures anew and compares them with the stored ones.

    The exit code is 3 if an audit failed or a report is missing. Warnings do not change it.
    """
    from tracker.errors import CheckError  # noqa: PLC0415
    from tracker.pipeline.check import check as run  # noqa: PLC0415
    from tracker.warehouse.snapshot import moment_of  # noqa: PLC0415

    invocation["style"] = style = style or choose_style(None)
    checked = run(find_project(context), names, moment_of(now) if now else None, as_of, is_all=is_all)
    _print_findings(checked.findings, style, most=None if names else 5)
    if checked.failures:
        raise CheckError(f"{checked.summary}; correct this before you publish anything from it")


def _print_findings(findings: Sequence[Finding], style: str, most: int | None) -> None:
    """Print findings as JSON, or as a table with the worst first, at most `most` per check; list what passed below."""
    from tracker.warehouse.checks import STATES  # noqa: PLC0415
    from tracker.warehouse.export import as_json, draw_table  # noqa: PLC0415

    if style != "table":
        records = [asdict(finding) for finding in findings]
        click.echo(as_json(records) if style == "json" else "\n".join(map(as_json, records)))
        return
    ordered = sorted(findings, key=lambda finding: STATES.index(finding.state))
    listed = [row for rows in _list_rows(ordered, most) for row in rows]
    if listed:
        click.echo(draw_table(["state", "check", "company", "finding"], listed, [False] * 4), nl=False)
    passed = sorted({finding.check for finding in findings if finding.state == "pass"})
    click.echo(f"pass: {', '.join(passed) or 'none'}")


def _list_rows(findings: Sequence[Finding], most: int | None) -> Iterator[list[tuple[str, ...]]]:
    """List the rows of each state and check that did not pass; a last row counts those left out."""
    for (state, name), group in groupby(findings, key=lambda finding: (finding.state, finding.check)):
        rows = [(state, name, f.entity or "", "; ".join(filter(None, (f.message, f.remedy)))) for f in group]
        left = len(rows) - most if most else 0
        more = [(state, name, "", f"{left} more: tracker check {name}")] if left > 0 else []
        if state != "pass":
            yield [*rows[:most], *more]


@cli.command()
@click.option(
    "--repair",
    "is_repair",
    is_flag=True,
    help="Rewrite the files that can be made from the others, and list what is lost.",
)
@click.pass_context
def verify(context: click.Context, *, is_repair: bool) -> None:
    """Compare every stored file with what was written: data, log, ledgers and warehouse.sql."""
    from tracker.errors import CheckError  # noqa: PLC0415
    from tracker.warehouse.integrity import repair  # noqa: PLC0415
    from tracker.warehouse.integrity import verify as run  # noqa: PLC0415

    folder = find_project(context).warehouse
    done, found = repair(folder) if is_repair else ([], run(folder))
    for text in done:
        say(f"repaired: {text}")
    for text in found.notes:
        say(f"note: {text}")
    if found.damages:
        raise CheckError("\n".join(map(str, found.damages)))
    say(f"{found.files} files are as they were committed")


@cli.group()
def held() -> None:
    """Show, release or drop held batches: batches that failed an audit and are not current."""


@held.command("list")
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", "json", "ndjson"]),
    help="Default: a table on a terminal, else JSON.",
)
@click.pass_context
def list_batches(context: click.Context, style: str | None) -> None:
    """List the held batches."""
    from tracker.warehouse.export import as_json, draw_table  # noqa: PLC0415
    from tracker.warehouse.quarantine import list_held  # noqa: PLC0415

    invocation["style"] = style = style or choose_style(None)
    batches = list_held(find_project(context).warehouse)
    if style != "table":
        records = [asdict(one) for one in batches]
        click.echo(as_json(records) if style == "json" else "\n".join(map(as_json, records)))
        return
    rows = [
        (one.batch, one.held_at, ", ".join(one.entities[:3]), str(one.facts), one.findings[0]["message"])
        for one in batches
    ]
    click.echo(draw_table(["batch", "held_at", "companies", "facts", "finding"], rows, [False] * 5), nl=False)


@held.command("show")
@click.argument("batch")
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", "json", "ndjson"]),
    help="Default: a table on a terminal, else JSON.",
)
@click.pass_context
def show_batch(context: click.Context, batch: str, style: str | None) -> None:
    """Show all findings in a held batch. Its rows are Parquet files in warehouse/held/ID."""
    from tracker.warehouse.export import as_json, draw_table  # noqa: PLC0415
    from tracker.warehouse.quarantine import find_held  # noqa: PLC0415

    invocation["style"] = style = style or choose_style(None)
    one = find_held(find_project(context).warehouse, batch)
    if style != "table":
        click.echo(as_json(asdict(one)))
        return
    rows = [(f["check"], f["entity"] or "", f"{f['message']}; {f['remedy']}") for f in one.findings]
    click.echo(draw_table(["check", "company", "finding"], rows, [False] * 3), nl=False)


@held.command("release")
@click.argument("batch")
@click.option("--reason", required=True, help="Why the batch is right all the same; it is stored beside the warehouse.")
@click.pass_context
def release_batch(context: click.Context, batch: str, reason: str) -> None:
    """Commit a held batch as it is."""
    from tracker.warehouse.quarantine import release  # noqa: PLC0415

    committed = release(find_project(context).warehouse, batch, reason, say)
    say(f"batch {batch} is current: {committed.added} new, {committed.withdrawn} withdrawn")


@held.command("drop")
@click.argument("batch")
@click.pass_context
def drop_batch(context: click.Context, batch: str) -> None:
    """Delete a held batch."""
    from tracker.warehouse.quarantine import drop  # noqa: PLC0415

    one = drop(find_project(context).warehouse, batch)
    say(f"batch {batch} is deleted: {one.facts} facts of {', '.join(one.entities[:3])}")
