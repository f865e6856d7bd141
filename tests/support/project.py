"""Projects of the tests' own: folders, seeds and warehouses for them."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracker.pipeline.init import init
from tracker.project import Project, load_project
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pytest


ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"


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


def worked_out(path: Path) -> Warehouse:
    """A warehouse for many questions."""
    warehouse = Warehouse(path)
    warehouse.work_out()
    return warehouse


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
