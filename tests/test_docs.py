"""The README is true: its commands run and print what it says, its Python runs; so do the examples of docstrings."""

from __future__ import annotations

import doctest
import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.project import ROOT

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a fresh clone holds, as far as the README's commands need it."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("tracker.toml", "seeds", "reports"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
    return folder


def run(command: str, folder: Path) -> str:
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout


def sessions() -> list[tuple[str, str]]:
    """Each command of a console block with the output shown under it, in the order of the page."""
    pairs = []
    for kind, text in BLOCKS:
        if kind == "console":
            pairs += re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE)
    return pairs


def test_the_readme_does_what_it_shows(clone: Path) -> None:
    shown = sessions()
    assert len(shown) >= 5
    pythons = [text for kind, text in BLOCKS if kind == "python"]
    assert len(pythons) == 2
    for command, output in shown[:-1]:
        assert run(command, clone) == output, command
    for text in pythons:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", text], cwd=clone, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    for command, output in shown[-1:]:
        assert run(command, clone) == output, command


EXAMPLES = [
    path.relative_to(ROOT) for path in sorted((ROOT / "tracker").rglob("*.py")) if ">>> " in path.read_text("utf-8")
]


@pytest.mark.parametrize("path", EXAMPLES, ids=str)
def test_examples_of_docstrings_run(path: Path, clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clone)
    name = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert (failed, tried > 0) == (0, True)


def test_links_of_the_readme_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", README)
    assert targets
    for target in targets:
        assert (ROOT / target).exists(), target


def test_no_file_names_a_package_registry() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    named = re.compile("pypi" + r"\.org|python" + "hosted|registry" + r"\.npmjs|deb\.deb" + "ian")
    for name in filter(None, listed):
        path = ROOT / name
        if path.is_file() and path.suffix != ".png":
            assert not named.search(path.read_text("utf-8")), name
