"""The commands that write data or reports: build, ingest, fetch, extract, report, init."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.base import DAY, cli, find_project, read_standard_input, recorded_option, say, show_progress
from tracker.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime


__all__: list[str] = []

TEXT_KIND = click.Choice(["article", "news", "release", "filing", "call"])


@cli.command()
@click.pass_context
def build(context: click.Context) -> None:
    """Read the sources in tracker.toml, store and audit them, and draw the reports."""
    from tracker.errors import CheckError  # noqa: PLC0415
    from tracker.explain.key_figures import describe_key_figures  # noqa: PLC0415
    from tracker.pipeline.build import build as run  # noqa: PLC0415

    project = find_project(context)
    built = run(project, say)
    for definition, paths in built.drawing.reports:
        click.echo(describe_key_figures(project.warehouse, definition), nl=False)
        also = ", ".join(path.suffix.removeprefix(".") for path in paths[1:])
        click.echo(f"report: {shorten_path(paths[0])}" + (f" (also {also})" if also else "") + "\n")
    if built.stopped:
        undrawn = [str(error) for error in built.drawing.failed.values()]
        raise CheckError("\n".join([*(f"no report {stop}; see `tracker check`" for stop in built.stopped), *undrawn]))
    built.drawing.raise_errors()


def shorten_path(path: Path) -> str:
    """Shorten a path: relative to the current folder if it is in it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--source", help="Use this reader, whatever the path looks like.")
@click.option(
    "--published", type=DAY, help="The day an article was published. Default: the day that the article gives."
)
@click.option("--entity", help="The company of a file that does not name it.")
@click.option(
    "--kind", type=TEXT_KIND, help="The kind of text; in a release, filing or call, the company of --entity speaks."
)
@click.option("--accession", metavar="NUMBER", help="The accession number of the filing that a document is part of.")
@click.pass_context
def ingest(  # noqa: PLR0913, PLR0917 - one for each option
    context: click.Context,
    paths: tuple[Path, ...],
    source: str | None,
    published: datetime | None,
    entity: str | None,
    kind: str | None,
    accession: str | None,
) -> None:
    """Read files and store their facts; each file whole or not at all."""
    from tracker.pipeline.ingest import ingest as run  # noqa: PLC0415

    day = published.date() if published else None
    with show_progress("reading") as progress:
        run(
            find_project(context),
            paths,
            source=source,
            published=day,
            entity=entity,
            kind=kind,
            accession=accession,
            say=say,
            progress=progress,
        )


@cli.command()
@click.option("--all", "is_all", is_flag=True, help="Derive the figures of every company anew.")
@click.pass_context
def derive(context: click.Context, *, is_all: bool) -> None:
    """Derive the figures that no longer follow from the stored facts and definitions.

    Commands that show figures do this by themselves. Run it after an update of the program, so that they need not wait
    for it.
    """
    from tracker.pipeline.upkeep import derive as run  # noqa: PLC0415

    with show_progress("deriving") as progress:
        count = run(find_project(context).warehouse, progress, is_all=is_all)
    say(f"derived the figures of {count} companies" if count else "all figures are up to date")


@cli.command()
@click.pass_context
def compact(context: click.Context) -> None:
    """Put the small files of the warehouse together, and remove files that were replaced a week ago or earlier.

    Writing commands do this by themselves when a table has many small files.
    """
    from tracker.pipeline.upkeep import compact_warehouse  # noqa: PLC0415

    done = compact_warehouse(find_project(context).warehouse)
    joined = (
        f"{done.replaced} files put together in {done.written}" if done.replaced else "no small files to put together"
    )
    say(joined + (f"; {done.removed} replaced files removed" if done.removed else ""))


@cli.command()
@click.argument("keys", nargs=-1, required=True, metavar="TICKER...")
@click.option(
    "--filings", metavar="N|DAY", help="Fetch reports themselves, too: the latest N, or those filed since a day."
)
@click.pass_context
def fetch(context: click.Context, keys: tuple[str, ...], filings: str | None) -> None:
    """Fetch companies' files from the SEC, by ticker or CIK, into the cache, then ingest them.

    The SEC requires your name and address: set `user_agent = "Your Name you@yourdomain.com"` under [sec] in
    tracker.toml.
    """
    from tracker.pipeline.fetch import fetch as run  # noqa: PLC0415

    run(find_project(context), keys, say, filings=filings)


@cli.command()
@click.argument("path", type=click.Path(path_type=Path, allow_dash=True, dir_okay=False))
@click.option(
    "--published", type=DAY, help="The day the article was published. Default: the day in its page or first lines."
)
@click.option("--batch", is_flag=True, help='Read JSON lines {"id", "text", "lang"?, "published"?}; write one each.')
@click.option("--explain", is_flag=True, help="Show the rules that read each figure.")
@click.option("--model", metavar="NAME", help="Ask a model for a second reading, too. Default: [extract] model.")
@click.pass_context
def extract(  # noqa: PLR0913 - one option each
    context: click.Context, path: Path, published: datetime | None, model: str | None, *, batch: bool, explain: bool
) -> None:
    """Read the figures of an article (`-` for standard input) and print them as JSON lines. Nothing is stored.

    Each line says whether the figure is a fact, needs a review, or is not a fact, and why. The command works offline
    unless you name a model.
    """
    from tracker.pipeline.extract import Knowledge, extract_batch, extract_document  # noqa: PLC0415
    from tracker.project import load_project  # noqa: PLC0415
    from tracker.sources.article.document import ReceivedText, read_document  # noqa: PLC0415

    try:
        project = load_project(context.obj.resolve())
    except UsageError:
        project = None
    if path != Path("-") and not path.is_file():
        raise UsageError(f"{path} is not a file")
    document = ReceivedText(path, b"", read_standard_input(), None) if path == Path("-") else read_document(path)
    knowledge, second = Knowledge(), None
    if project is not None:  # without one, no engine is needed
        from tracker.pipeline.knowledge import load_knowledge  # noqa: PLC0415

        knowledge = load_knowledge(project)
    if model or (project and project.model):
        from tracker.pipeline.second_reader import make_second_reader  # noqa: PLC0415

        second = make_second_reader(project, model)
    if batch:
        lines = extract_batch(knowledge, document.text, say=say, second=second)
    else:
        day = published.date() if published else None
        lines = extract_document(knowledge, document, day, explain=explain, say=say, second=second)
    for line in lines:
        click.echo(line)


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--as-of", help="Use what was known on this day or at this moment (UTC).")
@recorded_option
@click.option("--format", "formats", help="The formats, separated by commas: html,png,svg,json.")
@click.pass_context
def report(
    context: click.Context, names: tuple[str, ...], as_of: str | None, recorded: str | None, formats: str | None
) -> None:
    """Draw the named reports, or all of them, and print the paths of their files."""
    from tracker.pipeline.report import draw  # noqa: PLC0415

    chosen = tuple(formats.split(",")) if formats else ()
    drawing = draw(find_project(context), names, as_of=as_of, recorded=recorded, formats=chosen)
    for _, paths in drawing.reports:
        for path in paths:
            click.echo(shorten_path(path))
    drawing.raise_errors()


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
def init(folder: Path) -> None:
    """Write the files of an empty project."""
    from tracker.pipeline.init import init as run  # noqa: PLC0415

    for path in run(folder):
        click.echo(path)
