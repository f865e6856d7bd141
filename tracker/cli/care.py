"""Commands that look after what is stored: check, held, verify."""

from __future__ import annotations

from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING

import click

from tracker.cli.base import asked, cli, default_style, project_of, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.warehouse.checks import Finding

__all__: list[str] = []


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--as-of", help="Check what was known on this day or at this moment (UTC).")
@click.option("--now", help="Judge whether reports are late as if it were this day or moment.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", "json", "ndjson"]),
    help="Default: a table on a terminal, else JSON.",
)
@click.pass_context
def check(
    context: click.Context, names: tuple[str, ...], as_of: str | None, now: str | None, style: str | None
) -> None:
    """Run the named checks, or all: audits that must find nothing, and whether the next reports are in.

    Leaves with 3 where an audit failed or a report is missing; what is only warned of does not count.
    """
    from tracker.errors import CheckError  # noqa: PLC0415
    from tracker.pipeline.check import check as run  # noqa: PLC0415
    from tracker.warehouse.snapshot import moment_of  # noqa: PLC0415

    asked["style"] = style = style or default_style(None)
    checked = run(project_of(context), names, now=moment_of(now) if now else None, as_of=as_of)
    _tell(checked.findings, style, most=None if names else 5)
    if checked.failures:
        raise CheckError(f"{checked.told}; nothing should be published from this before it is mended")


def _tell(findings: Sequence[Finding], style: str, most: int | None) -> None:
    """Findings as JSON, or as a table, worst first, of at most so many a check; what passes is a line below it."""
    from tracker.warehouse.checks import STATES  # noqa: PLC0415
    from tracker.warehouse.export import as_json, draw_table  # noqa: PLC0415

    if style != "table":
        records = [asdict(finding) for finding in findings]
        click.echo(as_json(records) if style == "json" else "\n".join(map(as_json, records)))
        return
    ordered = sorted(findings, key=lambda finding: STATES.index(finding.state))
    shown = [row for rows in _by_check(ordered, most) for row in rows]
    if shown:
        click.echo(draw_table(["state", "check", "company", "finding"], shown, [False] * 4), nl=False)
    passed = sorted({finding.check for finding in findings if finding.state == "pass"})
    click.echo(f"pass: {', '.join(passed) or 'none'}")


def _by_check(findings: Sequence[Finding], most: int | None) -> Iterator[list[tuple[str, ...]]]:
    """The rows of each state and check that did not pass, with a last one for those left out."""
    for (state, name), group in groupby(findings, key=lambda finding: (finding.state, finding.check)):
        rows = [(state, name, f.entity or "", "; ".join(filter(None, (f.message, f.remedy)))) for f in group]
        left = len(rows) - most if most else 0
        more = [(state, name, "", f"{left} more: tracker check {name}")] if left > 0 else []
        if state != "pass":
            yield [*rows[:most], *more]


@cli.command()
@click.option("--repair", "is_repair", is_flag=True, help="Write anew what follows from the rest; tell what is lost.")
@click.pass_context
def verify(context: click.Context, *, is_repair: bool) -> None:
    """Check every stored file against what was written: data, log, ledgers and warehouse.sql."""
    from tracker.errors import CheckError  # noqa: PLC0415
    from tracker.warehouse.integrity import repair  # noqa: PLC0415
    from tracker.warehouse.integrity import verify as run  # noqa: PLC0415

    folder = project_of(context).warehouse
    done, found = repair(folder) if is_repair else ([], run(folder))
    for text in done:
        say(f"mended: {text}")
    for text in found.notes:
        say(f"note: {text}")
    if found.damages:
        raise CheckError("\n".join(map(str, found.damages)))
    say(f"{found.files} files are as they were committed")


@cli.group()
def held() -> None:
    """Batches that failed an audit and were not made current."""


@held.command("list")
@click.option("--format", "style", type=click.Choice(["table", "json", "ndjson"]), help="Default: as for check.")
@click.pass_context
def held_list(context: click.Context, style: str | None) -> None:
    """List the batches that lie aside."""
    from tracker.warehouse.export import as_json, draw_table  # noqa: PLC0415
    from tracker.warehouse.quarantine import list_held  # noqa: PLC0415

    asked["style"] = style = style or default_style(None)
    batches = list_held(project_of(context).warehouse)
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
@click.option("--format", "style", type=click.Choice(["table", "json", "ndjson"]), help="Default: as for check.")
@click.pass_context
def held_show(context: click.Context, batch: str, style: str | None) -> None:
    """Show all that was found in a batch; its rows lie as Parquet in warehouse/held/ID."""
    from tracker.warehouse.export import as_json, draw_table  # noqa: PLC0415
    from tracker.warehouse.quarantine import find_held  # noqa: PLC0415

    asked["style"] = style = style or default_style(None)
    one = find_held(project_of(context).warehouse, batch)
    if style != "table":
        click.echo(as_json(asdict(one)))
        return
    rows = [(f["check"], f["entity"] or "", f"{f['message']}; {f['remedy']}") for f in one.findings]
    click.echo(draw_table(["check", "company", "finding"], rows, [False] * 3), nl=False)


@held.command("release")
@click.argument("batch")
@click.option("--reason", required=True, help="Why it holds all the same; kept beside the warehouse.")
@click.pass_context
def held_release(context: click.Context, batch: str, reason: str) -> None:
    """Make a held batch current as it is."""
    from tracker.warehouse.quarantine import release  # noqa: PLC0415

    committed = release(project_of(context).warehouse, batch, reason, say)
    say(f"batch {batch} is current: {committed.added} new, {committed.withdrawn} withdrawn")


@held.command("drop")
@click.argument("batch")
@click.pass_context
def held_drop(context: click.Context, batch: str) -> None:
    """Throw a held batch away."""
    from tracker.warehouse.quarantine import drop  # noqa: PLC0415

    one = drop(project_of(context).warehouse, batch)
    say(f"batch {batch} is gone: {one.facts} facts of {', '.join(one.entities[:3])}")
