"""Share what all commands need: the group, the project they act on, and the exit codes of errors."""

from __future__ import annotations

import contextlib
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.errors import InputError, TrackerError, UsageError, describe_system_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tracker.project import Project
    from tracker.warehouse.reader import Warehouse

__all__ = [
    "DAY",
    "STYLES",
    "choose_style",
    "cli",
    "find_project",
    "invocation",
    "main",
    "open_warehouse",
    "read_standard_input",
    "recorded_option",
    "say",
    "show_progress",
]

STYLES = ("table", "markdown", "json", "ndjson", "csv", "parquet", "arrow", "xlsx")
DAY = click.DateTime(["%Y-%m-%d"])
recorded_option = click.option(
    "--recorded", metavar="COMMIT|MOMENT", help="Use what was stored up to this commit or moment (UTC)."
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    sys.exit(_run_command(arguments))


def _run_command(arguments: Sequence[str] | None) -> int:
    try:
        cli.main(arguments, prog_name="tracker", standalone_mode=False)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("tracker: interrupted; committed data is kept")
        return 130
    except BrokenPipeError:
        return _close_output()
    except (TrackerError, OSError, MemoryError) as error:
        return _fail(error)
    return 0


def _close_output() -> int:
    """Close standard output after its reader has stopped reading (`| head`); return 0, for that is not a failure."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _fail(caught: TrackerError | OSError | MemoryError) -> int:
    context: dict[str, Any] = invocation
    if context.get("debug"):
        raise caught
    error = caught if isinstance(caught, TrackerError) else TrackerError(describe_system_error(caught))
    if context.get("style") in {"json", "ndjson"}:
        say(_error_to_json(error))
    else:
        say("\n".join(f"tracker: {line}" for line in str(error).splitlines()))
    return error.exit_code


def _error_to_json(error: TrackerError) -> str:
    import json  # noqa: PLC0415

    problems = [problem._asdict() for problem in error.problems] if isinstance(error, InputError) else []
    record = {"error": type(error).__name__, "message": str(error), "problems": problems}
    return json.dumps(record, ensure_ascii=False)


#: The options of the running command that matter when it fails.
invocation: dict[str, Any] = {}


def say(text: str) -> None:
    """Print a message to standard error."""
    click.echo(text, err=True)


_MODULES = ("ask", "care", "correct", "entity", "make", "schedule", "share")


class _Commands(click.Group):
    """The group of all commands; `schedule`, which runs every few minutes, loads only its own module."""

    def list_commands(self, context: click.Context) -> list[str]:
        """List all commands."""
        self._load_commands(*_MODULES)
        return super().list_commands(context)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return the command of a name, or None."""
        self._load_commands(*(["schedule"] if name == "schedule" else _MODULES))
        return super().get_command(context, name)

    def _load_commands(self, *modules: str) -> None:
        for module in modules:
            import_module(f"tracker.cli.{module}")


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="tracker")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option(
    "-C", "--project", "folder", type=click.Path(path_type=Path), default=Path(), help="The folder of the project."
)
@click.pass_context
def cli(context: click.Context, folder: Path, *, debug: bool) -> None:
    """Record what companies reported, what they promised, and when the public could know it."""
    invocation.clear()
    invocation["debug"] = debug
    context.obj = folder


def find_project(context: click.Context) -> Project:
    """Load the project of the folder that the option -C names."""
    from tracker.project import load_project  # noqa: PLC0415

    return load_project(context.obj.resolve())


def open_warehouse(context: click.Context, as_of: str | None, recorded: str | None = None) -> Warehouse:
    """Open the warehouse of the project as of a day or moment of knowledge, and of a commit or moment of storing.

    None means the latest. Of the settings, only the path is read, so that `sql` starts at once. If the stored figures
    are out of date, they are derived first.
    """
    from tracker.settings import find_root, read_settings  # noqa: PLC0415
    from tracker.warehouse.reader import Warehouse  # noqa: PLC0415
    from tracker.warehouse.snapshot import versions_at  # noqa: PLC0415

    root = find_root(context.obj.resolve())
    path = root / read_settings(root).get("paths", {}).get("warehouse", "warehouse")
    if recorded:
        return Warehouse(path, as_of=as_of, versions=versions_at(path, recorded))
    warehouse = Warehouse(path, as_of=as_of)
    if warehouse.is_derived:
        return warehouse
    from tracker.pipeline.upkeep import bring_up_to_date  # noqa: PLC0415 - loads what writes

    with warehouse, show_progress("deriving") as progress:
        bring_up_to_date(path, progress)
    return Warehouse(path, as_of=as_of)


@contextlib.contextmanager
def show_progress(label: str) -> Iterator[Callable[[float], None]]:
    """Show a progress bar on a terminal; yield the function that sets the share that is done, from 0 to 1."""
    with click.progressbar(length=1000, file=sys.stderr, hidden=not sys.stderr.isatty(), label=label) as bar:
        yield lambda share: bar.update(round(1000 * share) - bar.pos)


def choose_style(output: Path | None) -> str:
    """Choose a format: that of the file's name, else a table on a terminal, else JSON."""
    suffix = output.suffix.removeprefix(".") if output else ""
    if suffix in STYLES:
        return suffix
    return "table" if output is None and sys.stdout.isatty() else "json"


def read_standard_input() -> str:
    """Read all of standard input as text; UsageError if it is not UTF-8."""
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"standard input is not UTF-8 (byte {error.start}); convert it first") from error
