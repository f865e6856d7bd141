"""Arguments in, exit code out, no thinking.

Data goes to standard output, all else to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a check
failed or data is stale, 4 nothing matched where one was demanded, 75 busy. Heavy parts are loaded by the command
that needs them, so that `--help` and `sql` start at once.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.errors import InputError, TrackerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from tracker.project import Project
    from tracker.warehouse import Warehouse

__all__ = ["main"]

_STYLES = ("table", "markdown", "json", "ndjson", "csv", "parquet", "arrow")
_DAY = click.DateTime(["%Y-%m-%d"])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        cli.main(arguments, prog_name="tracker", standalone_mode=False)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        return _reader_gone()
    except TrackerError as error:
        return _fail(error)
    return 0


def _reader_gone() -> int:
    """The reader of our output has gone (`| head`): not our failure, and nothing more to say."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _fail(error: TrackerError) -> int:
    context: dict[str, Any] = _asked
    if context.get("debug"):
        raise error
    if context.get("style") in {"json", "ndjson"}:
        _say(_json_error(error))
    else:
        _say("\n".join(f"tracker: {line}" for line in str(error).splitlines()))
    return error.exit_code


def _json_error(error: TrackerError) -> str:
    import json  # noqa: PLC0415
    from dataclasses import asdict  # noqa: PLC0415

    problems = [asdict(problem) for problem in error.problems] if isinstance(error, InputError) else []
    record = {"error": type(error).__name__, "message": str(error), "problems": problems}
    return json.dumps(record, ensure_ascii=False)


#: What the user asked for that matters when something fails.
_asked: dict[str, Any] = {}


def _say(text: str) -> None:
    click.echo(text, err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="tracker")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option(
    "-C", "--project", "folder", type=click.Path(path_type=Path), default=Path(), help="The project's folder."
)
@click.pass_context
def cli(context: click.Context, folder: Path, *, debug: bool) -> None:
    """What companies reported, what they promised, and what was known when."""
    _asked.clear()
    _asked["debug"] = debug
    context.obj = folder


def _project(context: click.Context) -> Project:
    from tracker.project import load_project  # noqa: PLC0415

    return load_project(context.obj.resolve())


def _warehouse(context: click.Context, as_of: str | None) -> Warehouse:
    """The warehouse of the project; its place is all that is read of the settings, so that `sql` starts at once."""
    from tracker.settings import find_root, read_settings  # noqa: PLC0415
    from tracker.warehouse import Warehouse  # noqa: PLC0415

    root = find_root(context.obj.resolve())
    return Warehouse(root / read_settings(root).get("paths", {}).get("warehouse", "warehouse"), as_of=as_of)


# -- commands ----------------------------------------------------------------------------------------


@cli.command()
@click.pass_context
def build(context: click.Context) -> None:
    """Everything configured in tracker.toml: read, commit, report. The main job."""
    from tracker.project import build as run  # noqa: PLC0415
    from tracker.summary import key_figures  # noqa: PLC0415

    project = _project(context)
    built = run(project, _say)
    for definition, paths in built.reports:
        click.echo(key_figures(project.warehouse, definition), nl=False)
        also = ", ".join(path.suffix.removeprefix(".") for path in paths[1:])
        click.echo(f"report: {_shown(paths[0])}" + (f" (also {also})" if also else "") + "\n")


def _shown(path: Path) -> str:
    """A path as short as it can be said from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--source", help="Read with this reader, whatever the path looks like.")
@click.option("--published", type=_DAY, help="The day an article was published.")
@click.option("--entity", help="The company a file is about, where it does not say so.")
@click.pass_context
def ingest(
    context: click.Context, paths: tuple[Path, ...], source: str | None, published: datetime | None, entity: str | None
) -> None:
    """Read files and store what they say; each whole or not at all."""
    from tracker.project import ingest as run  # noqa: PLC0415

    day = published.date() if published else None
    with _progress() as progress:
        run(_project(context), paths, source=source, published=day, entity=entity, say=_say, progress=progress)


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[float], None]]:
    """A bar on a terminal, nothing elsewhere; it is told the share that is done."""
    with click.progressbar(length=1000, file=sys.stderr, hidden=not sys.stderr.isatty(), label="reading") as bar:
        yield lambda share: bar.update(round(1000 * share) - bar.pos)


@cli.command()
@click.argument("keys", nargs=-1, required=True, metavar="TICKER...")
@click.pass_context
def fetch(context: click.Context, keys: tuple[str, ...]) -> None:
    """Fetch the SEC's files of companies (tickers or CIKs) into the cache, then ingest them.

    The SEC wants to know who asks: set `user_agent = "Your Name you@yourdomain.com"` under [sec] in tracker.toml.
    """
    from tracker.project import fetch as run  # noqa: PLC0415

    run(_project(context), keys, _say)


@cli.command()
@click.argument("path", type=click.Path(path_type=Path, allow_dash=True, dir_okay=False))
@click.option(
    "--published", type=_DAY, help="The day the article was published; without it nothing relative is resolved."
)
@click.option("--batch", is_flag=True, help='Read JSON lines {"id", "text", "lang"?, "published"?}; write one each.')
@click.option("--explain", is_flag=True, help="Show which rule read what.")
@click.pass_context
def extract(context: click.Context, path: Path, published: datetime | None, *, batch: bool, explain: bool) -> None:
    """Read the figures of an article (`-` for standard input) and print them as JSON lines; nothing is stored.

    Each line says whether it is a fact, for review, or no fact, and why.
    """
    from tracker.project import load_project, shown_text  # noqa: PLC0415
    from tracker.readings import from_batch, from_text  # noqa: PLC0415

    try:
        project = load_project(context.obj.resolve())
    except UsageError:
        project = None
    if path != Path("-") and not path.is_file():
        raise UsageError(f"{path} is no file")
    text = _standard_input() if path == Path("-") else shown_text(path)[1]
    day = published.date() if published else None
    for line in from_batch(project, text) if batch else from_text(project, text, day, explain=explain):
        click.echo(line)


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"standard input is not UTF-8 (byte {error.start}); convert it first") from error


@cli.command()
@click.argument("query", required=False)
@click.option("-f", "--file", type=click.Path(path_type=Path, dir_okay=False), help="Read the query from a file.")
@click.option(
    "-p", "--parameter", "parameters", nargs=2, multiple=True, metavar="NAME VALUE", help="Give $NAME a value."
)
@click.option("--as-of", help="Answer from what was known on this day or at this moment (UTC).")
@click.option("--format", "style", type=click.Choice(_STYLES), help="Default: a table on a terminal, JSON in a pipe.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file.")
@click.pass_context
def sql(  # noqa: PLR0913, PLR0917 - the command's options
    context: click.Context,
    query: str | None,
    file: Path | None,
    parameters: tuple[tuple[str, str], ...],
    as_of: str | None,
    style: str | None,
    output: Path | None,
) -> None:
    """Ask the views a question in SQL (`-` reads it from standard input)."""
    from tracker.output import write  # noqa: PLC0415

    _asked["style"] = style = style or _default_style(output)
    with _warehouse(context, as_of) as warehouse:
        write(warehouse.sql(_query(query, file), dict(parameters)), style, output)


def _default_style(output: Path | None) -> str:
    suffix = output.suffix.removeprefix(".") if output else ""
    if suffix in _STYLES:
        return suffix
    return "table" if output is None and sys.stdout.isatty() else "json"


def _query(query: str | None, file: Path | None) -> str:
    if (query is None) == (file is None):
        raise UsageError("give a query or -f FILE, one of the two")
    text = _text(file) if file is not None else _standard_input() if query == "-" else query or ""
    if not text.strip():
        raise UsageError("the query is empty")
    return text


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--as-of", help="Draw from what was known on this day or at this moment (UTC).")
@click.option("--format", "formats", help="Formats, with commas: html,png,svg,json.")
@click.pass_context
def report(context: click.Context, names: tuple[str, ...], as_of: str | None, formats: str | None) -> None:
    """Draw the named reports, or all of them; print the files."""
    from tracker.project import report as run  # noqa: PLC0415

    wanted = tuple(formats.split(",")) if formats else ()
    for _, paths in run(_project(context), names, as_of=as_of, formats=wanted):
        for path in paths:
            click.echo(_shown(path))


@cli.command()
@click.argument("what", nargs=-1, required=True, metavar="FACT_ID | ENTITY METRIC PERIOD")
@click.option("--as-of", help="Explain what was known on this day or at this moment (UTC).")
@click.option("--format", "style", type=click.Choice(["text", "json"]), help="Default: text on a terminal, else JSON.")
@click.pass_context
def explain(context: click.Context, what: tuple[str, ...], as_of: str | None, style: str | None) -> None:
    """Show why a number is what it is, down to the accession numbers and the characters of articles."""
    from tracker.explain import explain_fact, explain_figure  # noqa: PLC0415
    from tracker.output import as_json  # noqa: PLC0415

    if len(what) not in {1, 3}:
        raise UsageError("give a fact's id, or a company, a metric and a period: tracker explain meta capex 2024Q2")
    with _warehouse(context, as_of) as warehouse:
        node = explain_fact(warehouse, what[0]) if len(what) == 1 else explain_figure(warehouse, *what)
    as_text = style == "text" or (style is None and sys.stdout.isatty())
    click.echo("\n".join(node.lines()) if as_text else as_json(node.tree()))


@cli.command()
@click.argument("name", required=False)
@click.option("--format", "style", type=click.Choice(_STYLES), help="Default: a table on a terminal, JSON in a pipe.")
@click.pass_context
def schema(context: click.Context, name: str | None, style: str | None) -> None:
    """List the views with their grain and units, or the columns of one."""
    from tracker.output import write  # noqa: PLC0415

    _asked["style"] = style = style or _default_style(None)
    with _warehouse(context, None) as warehouse:
        found = warehouse.columns_of(name) if name else warehouse.objects(is_short=style in {"table", "markdown"})
        write(found, style, None)


@cli.command()
@click.option("-n", "--limit", type=click.IntRange(1), help="Show only the newest.")
@click.option(
    "--format", "style", type=click.Choice(["table", "json", "ndjson"]), help="Default: a table on a terminal."
)
@click.pass_context
def log(context: click.Context, limit: int | None, style: str | None) -> None:
    """List the commits, newest first."""
    from tracker.commits import history  # noqa: PLC0415
    from tracker.output import as_json, draw_table  # noqa: PLC0415

    entries = history(_project(context).warehouse, limit)
    style = style or _default_style(None)
    if style == "table":
        columns = ["version", "committed_at", "batch", "rows"]
        rows = [[str(entry[column]) for column in columns] for entry in entries]
        click.echo(draw_table(columns, rows, [True, False, False, True]), nl=False)
    elif style == "json":
        click.echo(as_json(entries))
    else:
        click.echo("\n".join(as_json(entry) for entry in entries))


@cli.command()
@click.pass_context
def verify(context: click.Context) -> None:
    """Check every stored file against the hash its commit carries."""
    from tracker.commits import verify as run  # noqa: PLC0415
    from tracker.errors import CheckError  # noqa: PLC0415

    files, damages = run(_project(context).warehouse)
    if damages:
        raise CheckError("\n".join(f"{damage.file} {damage.what}; restore it from a copy" for damage in damages))
    _say(f"{files} files are as they were committed")


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
def init(folder: Path) -> None:
    """Write the files of an empty project."""
    from tracker.project import init as run  # noqa: PLC0415

    for path in run(folder):
        click.echo(path)


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell; source it from its start-up file."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415

    script = get_completion_class(shell)
    if script is None:
        raise UsageError(f"{shell} is not supported")
    click.echo(script(cli, {}, "tracker", "_TRACKER_COMPLETE").source())
