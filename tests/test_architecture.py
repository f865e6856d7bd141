"""The floors: imports go strictly down, heavy parts are loaded by those who need them, and a name means one thing.

Every list of exceptions here is checked both ways: what breaks a rule must be listed, and what is listed must still
break it.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from functools import cache
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, NamedTuple

import pytest

from support.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tracker.project import Project

PACKAGE = ROOT / "tracker"
FILES = sorted(PACKAGE.rglob("*.py"))

# -- the lists ------------------------------------------------------------------------------------

#: The floors of each room, from the lowest up; a part may import from the floors below its own. Parts of one floor do
#: not import each other. `__init__` is the room's own module.
FLOORS: dict[str, list[str]] = {
    "": ["errors", "files", "model", "settings sources", "project warehouse", "explain", "report notify", "answers pipeline", "notebook schedule serve spark", "assistant", "cli", "__init__", "__main__"],
    "sources": ["__init__", "base exchange_rates", "sec", "article seed"],
    "sources.article": ["model text page_head reader_version", "find page", "read", "endpoint __init__", "publication", "document same_source", "source"],
    "report": ["document shelf", "text", "definition data charts", "custom kinds output figure_chart", "index making", "__init__"],
    "assistant": ["__init__ results", "tools", "server"],
    "answers": ["__init__ rows view_list", "company company_list figure"],
    "serve": ["__init__ gate memory readers", "answer_chart vintages", "pages", "looks", "app", "run"],
    "warehouse.safe": ["__init__ needs engine wire", "supply child", "nursery", "door"],
    "warehouse": ["__init__ corrections delta_log export fact_rows identity ownership reasons", "data_files file_check journal part_histories view_files", "stored_tables view_macros", "catalog", "query_names", "connection snapshot stages", "leftovers processes reader", "safe", "sandbox", "checks", "histories stored_state", "compact derive", "writer", "integrity quarantine"],
}  # fmt: skip
#: Rooms that import from a room on their own floor or above, and why.
NEIGHBOURS: dict[tuple[str, str], str] = {}
#: Libraries that one room alone may import.
OWNERS = {
    "duckdb": "warehouse",
    "altair": "report",
    "vl_convert": "report",
    "deltalake": "warehouse",
    "pyspark": "spark",
    "mcp": "assistant",
    "starlette": "serve",
    "uvicorn": "serve",
}
#: Files that load heavy parts when asked, for the sake of start-up: each command loads what it needs.
LATE = {
    "__init__.py", "cli/ask.py", "cli/base.py", "cli/care.py", "cli/correct.py", "cli/entity.py", "cli/make.py",
    "cli/schedule.py", "cli/share.py", "model/company_names.py", "notebook.py", "notify/receivers.py", "pipeline/check.py", "pipeline/ingest.py", "report/__init__.py", "schedule/lines.py", "schedule/run.py",
    "serve/app.py", "serve/pages.py", "warehouse/export.py",
}  # fmt: skip
#: Names that several modules have, and why.
SAME_MODULES: dict[str, str] = {
    "base": "what all commands, and what all sources, have in common",
    "correct": "the command, and what it does",
    "entity": "the commands about companies, and the companies",
    "check": "the audit of a warehouse, and that of what was read from a text",
    "run": "one run of the pipeline, and one of the schedule",
    "extract": "the pipeline's step, and the reading of one text",
    "rows": "rows of a warehouse, and lines of a table in a text",
    "document": "a report before it is written, and an article before it is read",
    "page": "a page that is written, and one that is read",
}
#: In how many modules private functions of several words may share a name. A name of one word is in one module.
MOST_MODULES = 4
#: Exceptions outside errors.py, and why.
OTHER_EXCEPTIONS = {
    "_RefusedError": "is caught in its own module",
    "_LaterError": "is caught in its own module",
    "_UnansweredError": "is caught in its own module",
    "_IrregularError": "is caught in its own module",
    "_ForeignError": "is caught in its own module",
}

# -- what the files say ---------------------------------------------------------------------------


class Import(NamedTuple):
    """A module of a library or of ours that a file imports, and whether it does so inside a function."""

    module: str
    is_hidden: bool


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def name_of(path: Path) -> str:
    """Name the module as an import does: `tracker.report`, `tracker.report.index`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


@cache
def imports(path: Path) -> list[Import]:
    """List what a file imports; imports for types alone do not count."""
    tree = tree_of(path)
    hidden = _inside(tree, lambda node: isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    typing = _inside(tree, lambda node: isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    return [
        Import(name, id(node) in hidden) for node in ast.walk(tree) if id(node) not in typing for name in _targets(node)
    ]


def _inside(tree: ast.Module, is_outer: Callable[[ast.AST], bool]) -> set[int]:
    return {id(node) for outer in ast.walk(tree) if is_outer(outer) for node in ast.walk(outer)}


def _targets(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        for alias in node.names:
            full = f"{node.module}.{alias.name}"
            yield full if full in MODULES else node.module


def classes() -> Iterator[tuple[Path, ast.ClassDef]]:
    for path in FILES:
        yield from ((path, node) for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef))


# -- floors ---------------------------------------------------------------------------------------


def part(module: str, room: str) -> str:
    """Name the part of a room that a module belongs to: its next folder or file."""
    rest = module.removeprefix("tracker").removeprefix(".").removeprefix(room).removeprefix(".")
    return rest.partition(".")[0] or "__init__"


def is_in(module: str, room: str) -> bool:
    return f"{module}.".startswith(f"tracker.{room}." if room else "tracker.")


def floor_of(module: str, room: str) -> int:
    found = [at for at, names in enumerate(FLOORS[room]) if part(module, room) in names.split()]
    return found[0] if found else -1


@pytest.mark.parametrize("room", FLOORS, ids=lambda room: room or "tracker")
def test_every_part_of_a_room_has_one_floor(room: str) -> None:
    listed = " ".join(FLOORS[room]).split()
    assert sorted(listed) == sorted({part(module, room) for module in MODULES if is_in(module, room)})


def against_the_floors(path: Path) -> Iterator[tuple[str, str, str]]:
    """Find the imports of a file that do not go down, as room, part and part imported."""
    here = name_of(path)
    for there, _ in imports(path):
        for room in FLOORS:
            if is_in(here, room) and is_in(there, room):
                parts = part(here, room), part(there, room)
                if parts[0] != parts[1] and floor_of(there, room) >= floor_of(here, room):
                    yield (room, *parts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_down_the_floors(path: Path) -> None:
    assert [found for found in against_the_floors(path) if found[0] or found[1:] not in NEIGHBOURS] == []


def test_neighbours_are_those_that_import_each_other() -> None:
    assert {found[1:] for path in FILES for found in against_the_floors(path) if not found[0]} == {*NEIGHBOURS}


def test_no_modules_import_in_a_circle() -> None:
    """Also where an import is hidden in a function."""
    graph = {name: {one.module for one in imports(path)} & {*MODULES} for name, path in MODULES.items()}
    assert len([*TopologicalSorter(graph).static_order()]) == len(MODULES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_library_is_imported_in_its_own_room(path: Path) -> None:
    found = {one.module.partition(".")[0] for one in imports(path)}
    assert {OWNERS[library] for library in found & {*OWNERS}} <= {part(name_of(path), "")}


def test_late_imports_are_where_they_are_allowed() -> None:
    found = {path for path in FILES if any(one.is_hidden for one in imports(path))}
    assert {path.relative_to(PACKAGE).as_posix() for path in found} == LATE


def test_no_test_imports_from_a_test() -> None:
    tests = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    found = [
        (path.name, one.module)
        for path in (ROOT / "tests").rglob("*.py")
        for one in imports(path)
        if {*one.module.split(".")} & tests
    ]
    assert found == []


# -- names ----------------------------------------------------------------------------------------


def test_a_name_is_one_module() -> None:
    paths = defaultdict(list)
    for path in FILES:
        paths[path.stem].append(path)
    assert {name for name, found in paths.items() if len(found) > 1} - {"__init__"} == {*SAME_MODULES}


def test_a_name_is_one_class() -> None:
    packages = defaultdict(set)
    for path, node in classes():
        packages[node.name].add(path.parent)
    assert {name for name, found in packages.items() if len(found) > 1} == set()


def test_private_functions_of_many_modules_have_different_names() -> None:
    counts: defaultdict[str, int] = defaultdict(int)
    for path in FILES:
        for name in {node.name for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef)}:
            counts[name] += name.startswith("_") and not name.startswith("__")
    assert {name for name, count in counts.items() if count > (MOST_MODULES if "_" in name[1:] else 1)} == set()


# -- exceptions -----------------------------------------------------------------------------------


def exceptions() -> dict[str, tuple[Path, list[str]]]:
    """Find the exceptions of the program, with their files and bases."""
    found = {node.name: (path, [ast.unparse(base) for base in node.bases]) for path, node in classes()}
    roots = {"Exception", "BaseException", "ValueError", "RuntimeError", "OSError", "LookupError", "Warning"}
    grown: dict[str, tuple[Path, list[str]]] = {}
    while more := {n: v for n, v in found.items() if n not in grown and {*v[1]} & (roots | {*grown})}:
        grown |= more
    return grown


def test_every_exception_is_in_errors() -> None:
    assert {name for name, (path, _) in exceptions().items() if path != PACKAGE / "errors.py"} == {*OTHER_EXCEPTIONS}


def test_every_exception_is_raised() -> None:
    """Or one that is a kind of it."""
    nodes = [node for path in FILES for node in ast.walk(tree_of(path))]
    made = {ast.unparse(node.func).rpartition(".")[2] for node in nodes if isinstance(node, ast.Call)}
    made |= {ast.unparse(node.exc) for node in nodes if isinstance(node, ast.Raise) and node.exc}
    bases = {base for name, (_, of) in exceptions().items() if name in made for base in of}
    assert {*exceptions()} - made - bases == set()


# -- what is loaded -------------------------------------------------------------------------------


def loaded_by(*arguments: str) -> set[str]:
    script = (
        "import sys\nfrom tracker import cli\n"
        f"try:\n    cli.main({list(arguments)!r})\nexcept SystemExit as leaving:\n    assert not leaving.code, leaving.code\n"
        "print('\\n' + ' '.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


def test_help_loads_nothing_heavy() -> None:
    assert not loaded_by("--help") & {"duckdb", "pandas", "pyarrow", "altair", "deltalake"}


@pytest.mark.parametrize("style", ["table", "json", "csv", "markdown", "ndjson"])
def test_sql_loads_the_engine_and_nothing_else(project: Project, style: str) -> None:
    folder = str(project.root)
    modules = loaded_by("-C", folder, "sql", "select * from yoy limit 1", "--format", style)
    assert "duckdb" in modules
    assert not modules & {"pandas", "pyarrow", "altair", "deltalake"}


def test_reading_an_article_without_a_project_loads_no_engine(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Revenue of Larkspur Mills was $5 million in 2024.", "utf-8")
    modules = loaded_by("-C", str(tmp_path), "extract", str(tmp_path / "a.txt"))
    assert not modules & {"duckdb", "pandas", "pyarrow", "altair", "deltalake", "httpx"}


def test_public_names_are_all_there() -> None:
    import tracker

    assert sorted(tracker.__all__) == tracker.__all__
    assert all(getattr(tracker, name) for name in tracker.__all__)
