"""Fixtures the tests share: a warehouse built from the embedded seeds, real filers, a browser."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tracker.pipeline.ingest import ingest
from tracker.project import Project, load_project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from support.sec_site import Site
    from tracker.warehouse.reader import Warehouse

from support.project import ROOT, SHARED, made_once, small_project, worked_out

# The same examples at every run, so that a red run is red again; the long form looks for new ones. A busy machine is
# no failure: nothing is timed.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("new", deadline=None, print_blob=True)
settings.load_profile("new" if os.environ.get("TRACKER_LONG") else "same")
# One thread an engine: as many tests at once as there are processors take them all, and small questions cost a fifth
# less than on two.
os.environ.setdefault("TRACKER_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the README, whose test takes the longest: at the end all other processes would wait for it."""
    items.sort(key=lambda item: item.path.name != "test_docs.py")


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of this repository's project with its warehouse built, which is done once for all processes."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(made_once(tmp_path_factory, "repository", _build_repository), folder, dirs_exist_ok=True)
    return load_project(folder)


def _build_repository(folder: Path) -> None:
    shutil.copy(ROOT / "tracker.toml", folder)
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    shutil.copytree(
        ROOT / "reports", folder / "reports", ignore=shutil.ignore_patterns("*.html", "*.png", "*.svg", "*.json")
    )
    ingest(load_project(folder), [folder / "seeds"])


@pytest.fixture(scope="session")
def warehouse(project: Project) -> Warehouse:
    """The warehouse of the embedded seeds, for reading; each view is worked out once for all tests."""
    return worked_out(project.warehouse)


@pytest.fixture(scope="session")
def filers(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with the real filers of the shared SEC files stored, for reading."""
    if not (SHARED / "sec").is_dir():
        pytest.skip("the shared SEC files are not here")
    return load_project(made_once(tmp_path_factory, "real-filers", _store_filers))


def _store_filers(folder: Path) -> None:
    ingest(small_project(folder), sorted((SHARED / "sec").glob("CIK*.json.gz")))


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    """A project with two companies and no figures."""
    return small_project(tmp_path)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server in place of the SEC's."""
    from support.sec_site import serving  # an HTTP client that most tests do without

    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("TRACKER_SEC_USER_AGENT", raising=False)
    with serving() as running:
        yield running


CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip("no chromium on this machine: pages were not opened in a browser")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield opened
        opened.close()
