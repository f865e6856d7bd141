"""What the tests share: a warehouse built from the embedded seeds, and small projects of their own."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from tracker.project import Project, ingest, init, load_project
from tracker.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from playwright.sync_api import Browser

    from sec_site import Site

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"

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


def often(times: int) -> int:
    """How many examples of a property are tried: so many, or twenty times as many in the long form."""
    return times * 20 if os.environ.get("TRACKER_LONG") else times


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder for reading, made by whichever of the processes that run tests wants it first."""
    own = factory.getbasetemp()
    base = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = base / f"shared-{name}"
    with (base / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (base / f".{name}.made").exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a test that failed on the way
            folder.mkdir()
            make(folder)
            (base / f".{name}.made").touch()
    return folder


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of this repository's project with its warehouse built."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "tracker.toml", folder)
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    shutil.copytree(
        ROOT / "reports", folder / "reports", ignore=shutil.ignore_patterns("*.html", "*.png", "*.svg", "*.json")
    )
    made = load_project(folder)
    ingest(made, [folder / "seeds"])
    return made


@pytest.fixture(scope="session")
def warehouse(project: Project) -> Warehouse:
    """The warehouse of the embedded seeds, for reading; each view is worked out once for all tests."""
    return worked_out(project.warehouse)


def worked_out(path: Path) -> Warehouse:
    """A warehouse for many questions."""
    warehouse = Warehouse(path)
    warehouse.work_out()
    return warehouse


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


def small_project(folder: Path) -> Project:
    """A project with two companies, a release, an article the day after, and no figures."""
    init(folder)
    (folder / "seeds" / "entities.toml").write_text(
        '[acme]\nname = "Acme"\ncurrency = "USD"\nfiscal_year_end = "12-31"\n\n'
        '[june]\nname = "June Co"\ncurrency = "USD"\nfiscal_year_end = "06-30"\n'
    )
    (folder / "seeds" / "sources.csv").write_text(
        "source,kind,publisher,title,language,url,file,accession,form,published,sha256\n"
        "r1,release,Acme,,en,,,,,2024-08-01,\n"
        "a1,article,Paper,,en,,,,,2024-08-02,\n"
    )
    return load_project(folder)


def init_at(folder: Path, entities: Sequence[str]) -> Project:
    """A project with these companies, whose years are those of the calendar, and nothing else."""
    init(folder)
    (folder / "seeds" / "entities.toml").write_text(
        "".join(f'[{one}]\nname = "{one}"\ncurrency = "USD"\nfiscal_year_end = "12-31"\n\n' for one in entities)
    )
    return load_project(folder)


def write_sources(project: Project, *lines: str) -> None:
    """Put these rows into the project's sources.csv."""
    header = "source,kind,publisher,title,language,url,file,accession,form,published,sha256\n"
    (project.seeds / "sources.csv").write_text(header + "".join(lines), "utf-8")


FACTS_HEADER = (
    "entity,concept,metric,kind,period,value,low,high,scale,unit,qualifier,source,language,span_start,span_end,quote\n"
)
GUIDANCE_HEADER = "entity,metric,period,issued,value,low,high,scale,unit,qualifier,source,quote\n"


def write_facts(project: Project, *lines: str) -> None:
    """Put these rows into the project's facts.csv."""
    (project.seeds / "facts.csv").write_text(FACTS_HEADER + "".join(line + "\n" for line in lines), "utf-8")


def write_guidance(project: Project, *lines: str) -> None:
    """Put these rows into the project's guidance.csv."""
    (project.seeds / "guidance.csv").write_text(GUIDANCE_HEADER + "".join(line + "\n" for line in lines), "utf-8")


def write_pins(project: Project, *lines: str) -> None:
    """Put these rows into the project's pins.csv."""
    header = "entity,metric,period,chosen,reason,since\n"
    (project.seeds / "pins.csv").write_text(header + "".join(line + "\n" for line in lines), "utf-8")


def fact_line(
    metric: str, period: str, value: str, *, entity: str = "acme", source: str = "r1", scale: str = "6"
) -> str:
    """A row of facts.csv: an exact amount in USD."""
    return f"{entity},us-gaap:{metric},,actual,{period},{value},,,{scale},USD,exact,{source},,,,"


def of_company(entity: str, lines: Iterable[str]) -> list[str]:
    """These rows, written of `acme`, as said of another company: a warehouse then holds many cases, one a company."""
    return [line.replace("acme", entity, 1) for line in lines]


def by_company(rows: Iterable[tuple[Any, ...]]) -> defaultdict[str, list[tuple[Any, ...]]]:
    """Rows by their first column, the company, and without it; of a company that has none, an empty list."""
    found: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for entity, *rest in rows:
        found[entity].append(tuple(rest))
    return found


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server in place of the SEC's."""
    from sec_site import serving  # an HTTP client that most tests do without

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
