"""The pages are true: their commands print what they show, their Python runs, their links and paths lead somewhere.

How a page is tested follows from the first line of a block:

- `console`: each command after `$` runs, and prints what stands below it. Those of the README run in a shell, and so do
  those that need one; all others run in a process that is forked with the program loaded;
- `python`: it runs, and its assertions hold;
- a language and a path, as in `toml tracker.toml`: the block is written to that file, at its end where the file exists;
- `sh`: commands that a test cannot run, since they install something or need a network. They are named in `NOT_RUN`.

Each page begins with the example project as `tracker build` leaves it. The first command of the README builds it, once
for all pages.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from support import running
from support.project import ROOT, made_once
from tracker.cli.base import cli
from tracker.report.definition import load_definitions
from tracker.settings import read_settings

README = ROOT / "README.md"
PAGES = [
    README,
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "reports/README.md",
    ROOT / "warehouse/README.md",
    *sorted((ROOT / "tracker/pipeline/starter").glob("*.md")),
]
page_of = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())

#: How the commands of `sh` blocks begin.
NOT_RUN = {
    "./dev": "installs, or runs this test",
    "source": "changes the reader's own shell",
    "git": "fetches",
    ".venv/bin/": "is a gate, or changes the source",
    "duckdb": "is the shell of DuckDB, which is no part of the program",
    "export": "sets what a command that is not run needs",
    "tracker extract article.txt --model": "asks a model",
    "tracker fetch": "asks the SEC",
    "tracker ingest": "reads files that only the reader has",
    "tracker held": "wants the id of a batch",
    "tracker serve": "runs until somebody ends it",
    "tracker mcp": "runs until somebody ends it",
    "pip": "installs",
}


class Block(NamedTuple):
    """A fenced block of a page: its language, the file it is written to (or nothing), its text."""

    language: str
    path: str
    text: str


def read_blocks(page: Path) -> list[Block]:
    found = re.findall(r"^```(\w*) ?(\S*)\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [Block(*parts) for parts in found]


def read_sessions(text: str) -> list[tuple[str, str]]:
    """Each command of a console block with the output shown under it."""
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE)


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def print_of(command: str, folder: Path, *, is_forked: bool = False) -> str:
    """Return what a command prints: in a shell, or in a process that is forked with the program loaded."""
    if is_forked and command.startswith("tracker ") and not {*command} & {*"|<>;&$*\\`~{"}:
        with contextlib.chdir(folder):
            done = running.tracker_text(Path(), *shlex.split(command)[1:])
    else:
        done = run(["bash", "-c", command], folder)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


#: The command that builds the project, and the output the README shows of it.
FIRST_COMMAND, _ = next(
    session for block in read_blocks(README) if block.language == "console" for session in read_sessions(block.text)
)


def build_project(folder: Path) -> None:
    """Build what a fresh clone holds with the first command of the README, and keep its output beside."""
    project = folder / "project"
    project.mkdir()
    for name in ("tracker.toml", "seeds", "reports"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, project / name)
    (folder / "output").write_text(print_of(FIRST_COMMAND, project), "utf-8")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example project as `tracker build` leaves it (`project`), and what that printed (`output`)."""
    return made_once(tmp_path_factory, "docs", build_project)


def write_block(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as written:
        written.write(text)


@page_of
def test_a_page_does_what_it_shows(page: Path, built: Path, tmp_path: Path) -> None:
    blocks = read_blocks(page)
    project = shutil.copytree(built / "project", tmp_path / "project") if blocks else tmp_path
    for block in blocks:
        if block.path:
            write_block(project / block.path, block.text)
        elif block.language == "console":
            for command, output in read_sessions(block.text):
                printed = (
                    (built / "output").read_text("utf-8")
                    if command == FIRST_COMMAND
                    else print_of(command, project, is_forked=page != README)
                )
                assert printed == output, command
        elif block.language == "python":
            done = run([sys.executable, "-W", "error", "-c", block.text], project)
            assert done.returncode == 0, done.stderr
    if blocks:
        read_settings(project)
        load_definitions(project / "reports")


def test_the_readme_is_a_short_tour() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= 170
    assert sum(len(read_sessions(block.text)) for block in read_blocks(README)) >= 8


@page_of
def test_every_block_of_a_page_is_tested(page: Path) -> None:
    text = page.read_text("utf-8")
    assert len(re.findall(r"^```", text, re.MULTILINE)) == 2 * len(read_blocks(page))
    assert not re.search(r"\n\n {4}\S", text), "write code between fences, so that it is tested"
    for block in read_blocks(page):
        assert block.path or block.language in {"console", "python", "sh"}, block
        if block.language == "console":
            assert block.text.startswith("$ "), block


def is_start(start: str, command: str) -> bool:
    """Whether the command, or a part of it after `&&`, begins with these words."""
    return any(part.startswith(start) for part in command.split(" && "))


def commands_not_run(page: Path) -> list[str]:
    """The commands of the `sh` blocks of a page, without comments."""
    lines = [line for block in read_blocks(page) if block.language == "sh" for line in block.text.splitlines()]
    return [command for line in lines if (command := line.partition("#")[0].strip())]


@page_of
def test_commands_that_are_only_shown_have_a_reason_and_exist(page: Path) -> None:
    for command in commands_not_run(page):
        assert any(is_start(start, command) for start in NOT_RUN), command
        words = shlex.split(command)
        if words[0] == "tracker":
            parse_command(words[1:])


def parse_command(words: list[str]) -> None:
    """Parse the arguments of a command without running it; click complains of options that do not exist."""
    group: click.Command = cli
    context = click.Context(cli)
    while isinstance(group, click.Group):
        group = group.get_command(context, words.pop(0)) or pytest.fail(f"there is no such command: {words}")
    group.make_context("tracker", words)


def test_every_reason_not_to_run_a_command_is_needed() -> None:
    commands = [command for page in PAGES for command in commands_not_run(page)]
    for start in NOT_RUN:
        assert any(is_start(start, command) for command in commands), start


def slug_of(heading: str) -> str:
    """The anchor that readers of Markdown give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@page_of
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        aim = (page.parent / name) if name else page
        assert aim.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", aim.read_text("utf-8"), re.MULTILINE)
            assert anchor in {slug_of(heading) for heading in headings}, target


@page_of
def test_paths_that_a_page_names_exist(page: Path) -> None:
    named = re.findall(r"`((?:tracker|tests|docs|benchmarks|\.ci)/[\w./-]+)`", page.read_text("utf-8"))
    for path in named:
        assert (ROOT / path).exists(), path


def test_the_index_lists_every_page() -> None:
    index = (ROOT / "docs/README.md").read_text("utf-8")
    for page in PAGES:
        if page.parent.name == "docs" and page.name != "README.md":
            assert f"]({page.name})" in index, page.name


def rows_of(page: Path, heading: str) -> list[list[str]]:
    """The cells of the tables under a heading of a page, up to the next heading of the same level."""
    section = re.search(rf"^{heading}$(.*?)(?=^## |\Z)", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert section, heading
    lines = re.findall(r"^\| (.*) \|$", section[1], re.MULTILINE)
    return [[cell.strip() for cell in line.split(" | ")] for line in lines]


def test_the_page_on_sql_lists_every_view_with_its_grain(built: Path) -> None:
    listed = {
        row[0].strip("`"): tuple(row[2:]) for row in rows_of(ROOT / "docs/sql.md", "## The views") if len(row) == 4
    }
    views = json.loads(print_of("tracker schema --format json", built / "project"))
    shown = {view["name"]: (view["grain"], "yes" if view["has_as_of"] else "no") for view in views}
    assert {name: parts for name, parts in listed.items() if name not in {"view", "---"}} == shown


def test_the_page_on_commands_lists_every_command() -> None:
    first_cells = " ".join(row[0] for row in rows_of(ROOT / "docs/commands.md", "# Commands"))
    context = click.Context(cli)
    assert set(re.findall(r"`tracker ([a-z]+)", first_cells)) == set(cli.list_commands(context))
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        for part in command.list_commands(context) if isinstance(command, click.Group) else []:
            assert re.search(rf"`(tracker {name} )?{part}`", first_cells), (name, part)


EXAMPLES = [
    path.relative_to(ROOT) for path in sorted((ROOT / "tracker").rglob("*.py")) if ">>> " in path.read_text("utf-8")
]


@pytest.mark.parametrize("path", EXAMPLES, ids=str)
def test_examples_of_docstrings_run(path: Path, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built / "project")
    name = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert (failed, tried > 0) == (0, True)


def test_no_file_names_a_package_registry() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    named = re.compile("pypi" + r"\.org|python" + "hosted|registry" + r"\.npmjs|deb\.deb" + "ian")
    for name in filter(None, listed):
        path = ROOT / name
        if path.is_file() and path.suffix != ".png":
            assert not named.search(path.read_text("utf-8")), name
