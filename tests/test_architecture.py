"""The floors: imports go strictly down, and heavy parts are loaded by those who need them."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.project import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.project import Project

#: Each room with its floor; a room may import from the floors below its own.
FLOORS = {
    "errors": 0, "files": 1, "model": 2, "settings": 3, "sources": 3, "project": 4, "warehouse": 4,
    "explain": 5, "report": 6, "notify": 6, "pipeline": 7, "schedule": 8, "cli": 9,
}  # fmt: skip
#: Rooms on one floor that may import each other, always in this direction.
NEIGHBOURS = {("explain", "report")}
#: Libraries that one room alone may import.
OWNERS = {
    "duckdb": {"warehouse"},
    "altair": {"report"},
    "vl_convert": {"report"},
    "deltalake": {"warehouse"},
}
#: Modules that load heavy parts when asked, for the sake of start-up.
LATE = {"cli", "notify", "pipeline", "schedule", "warehouse", "output", "__init__", "__main__"}


def room(path: Path) -> str:
    parts = path.relative_to(ROOT / "tracker").parts
    return parts[0].removesuffix(".py")


def imports(path: Path) -> list[tuple[str, bool]]:
    """Modules a file imports, and whether it does so inside a function; imports for types alone do not count."""
    tree = ast.parse(path.read_text())
    hidden = {
        id(node) for function in ast.walk(tree) if isinstance(function, ast.FunctionDef) for node in ast.walk(function)
    }
    typing = {
        id(node) for test in ast.walk(tree)
        if isinstance(test, ast.If) and ast.unparse(test.test) == "TYPE_CHECKING" for node in ast.walk(test)
    }  # fmt: skip
    found = []
    for node in ast.walk(tree):
        if id(node) in typing:
            continue
        names = (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
            if isinstance(node, ast.Import)
            else []
        )
        found += [(name, id(node) in hidden) for name in names]
    return found


FILES = sorted((ROOT / "tracker").rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_down_the_floors(path: Path) -> None:
    here = room(path)
    if here in {"__init__", "__main__"}:
        return
    for module, hidden in imports(path):
        top, _, rest = module.partition(".")
        if top == "tracker" and rest:
            there = rest.partition(".")[0]
            assert there == here or FLOORS[there] < FLOORS[here] or (here, there) in NEIGHBOURS, (
                f"{here} imports {there}"
            )
        if top in OWNERS:
            assert here in OWNERS[top], f"{top} belongs to {OWNERS[top]}"
        assert not hidden or here in LATE, f"{here} hides an import of {module}"


def test_every_module_has_a_floor() -> None:
    assert {room(path) for path in FILES} - {"__init__", "__main__"} == set(FLOORS)


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


def test_public_names_are_all_there() -> None:
    import tracker

    assert sorted(tracker.__all__) == tracker.__all__
    assert all(getattr(tracker, name) for name in tracker.__all__)
