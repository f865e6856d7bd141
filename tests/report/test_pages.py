"""Every kind of page: for everybody (axe-core, small screens, paper), small, and the same bytes on every machine."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from support.pages import AXE, checksums, find_barriers, open_page
from support.project import ROOT, made_once
from support.reports import EVERY_KIND, write_every_kind
from tracker.report import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from tracker.warehouse.reader import Warehouse

NAMES = [*(definition.name for definition in EVERY_KIND), "index"]


@pytest.fixture(scope="module")
def pages(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "pages", lambda folder: write_every_kind(warehouse, folder))


# -- for everybody --------------------------------------------------------------------------------


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed in .axe (see .ci/run)")
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_serious(browser: Browser, pages: Path, name: str) -> None:
    """In light colours by every rule; in dark ones by the rules that look at colours."""
    tab = open_page(browser, pages / f"{name}.html", [], color_scheme="light", bypass_csp=True)
    assert find_barriers(tab) == []
    tab.context.close()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_hangs_over_the_edge(browser: Browser, pages: Path, name: str) -> None:
    """At 320 pixels; and on paper, where nothing can be scrolled: 718 pixels are what A4 has between its margins."""
    tab = open_page(browser, pages / f"{name}.html", [], viewport={"width": 320, "height": 700})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 320
    tab.emulate_media(media="print")
    tab.set_viewport_size({"width": 718, "height": 1000})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 718
    tab.context.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_small(pages: Path, name: str) -> None:
    assert (pages / f"{name}.html").stat().st_size < 120_000


def test_the_command_on_the_page_names_the_commit(pages: Path, warehouse: Warehouse) -> None:
    commit = warehouse.snapshot.versions["fact"]
    for definition in EVERY_KIND:
        as_of = f" --as-of {definition.as_of}" if definition.as_of else ""
        told = f"tracker report {definition.name}{as_of} --recorded {commit}"
        assert f">{told}<" in (pages / f"{definition.name}.html").read_text("utf-8")
        assert f"`{told}`" in (pages / f"{definition.name}.md").read_text("utf-8")


# -- the same bytes -------------------------------------------------------------------------------

_WRITE = """
import os
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[3]]
from support.reports import write_every_kind
from tracker.warehouse.reader import Warehouse
warehouse = Warehouse(sys.argv[1])
assert warehouse.sql("select current_setting('threads')").fetchall() == [(int(os.environ["TRACKER_THREADS"]),)]
write_every_kind(warehouse, Path(sys.argv[2]))
"""
#: zone, locale, hash seed, threads
ELSEWHERE = [
    ("America/St_Johns", "de_DE.UTF-8", "7", 4),
    pytest.param("Pacific/Kiritimati", "C", "1", 1, marks=pytest.mark.long),
]


@pytest.mark.parametrize(("zone", "locale", "seed", "threads"), ELSEWHERE)
def test_every_kind_and_format_is_the_same_everywhere(
    warehouse: Warehouse, pages: Path, tmp_path: Path, zone: str, locale: str, seed: str, threads: int
) -> None:
    machine: dict[str, Any] = {"TZ": zone, "LC_ALL": locale, "LANG": locale, "PYTHONHASHSEED": seed}
    machine |= {f"{of}_THREADS": str(threads) for of in ("TRACKER", "OMP_NUM", "RAYON_NUM")}
    machine |= {"PYTHONPATH": str(ROOT)}
    asked = [str(warehouse.path), str(tmp_path), str(ROOT / "tests")]
    subprocess.run([sys.executable, "-c", _WRITE, *asked], env={**os.environ, **machine}, check=True)
    first, again = (_sums_of(folder) for folder in (pages, tmp_path))
    assert {name for name in first.keys() | again.keys() if first.get(name) != again.get(name)} == set()
    assert len(first) >= len(EVERY_KIND) * len(FORMATS)


def _sums_of(folder: Path) -> dict[str, str]:
    charts = checksums(folder / "charts")
    files = {path.name: path for path in folder.iterdir() if path.is_file()}
    return {**charts, **{name: str(hash(path.read_bytes())) for name, path in files.items()}}
