"""Projects of the tests' own: folders, seeds and warehouses for them."""

from __future__ import annotations

import csv
import fcntl
import os
import shutil
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracker.model.entity import Entities
from tracker.model.fact import rows_table
from tracker.model.metric import load_metrics
from tracker.pipeline.init import init
from tracker.project import Project, load_project
from tracker.sources.base import Request
from tracker.sources.seed import SeedSource
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pytest


ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"


#: Whether the tests run in their long form.
IS_LONG = bool(os.environ.get("TRACKER_LONG"))


def often(times: int, long: int | None = None) -> int:
    """How many examples of a property are tried: so many; in the long form `long`, or twenty times as many."""
    return (long or times * 20) if IS_LONG else times


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


def worked_out(path: Path, as_of: str | None = None, versions: Mapping[str, int] | None = None) -> Warehouse:
    """Open a warehouse for many questions, or for one that reads many views: these are planned one by one."""
    warehouse = Warehouse(path, as_of=as_of, versions=versions)
    warehouse.materialize()
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


#: The tables of seeds with their columns.
SEED_COLUMNS = {
    "sources": "source,kind,publisher,title,language,url,file,accession,form,published,sha256",
    "facts": (
        "entity,concept,metric,kind,period,value,low,high,scale,unit,qualifier,source,language,span_start,span_end,quote"
    ),
    "guidance": "entity,metric,period,issued,value,low,high,scale,unit,qualifier,source,quote",
    "pins": "entity,metric,period,chosen,reason,since",
}


def write_seed_table(seeds: Path, name: str, rows: Iterable[Sequence[str]], *more_columns: str) -> None:
    """Write a table of seeds from its cells, with columns beyond the usual ones where it has any."""
    with (seeds / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*SEED_COLUMNS[name].split(","), *more_columns], *rows])


def write_seed_lines(seeds: Path, name: str, lines: Iterable[str]) -> None:
    """Write a table of seeds from its lines."""
    text = "".join(line.removesuffix("\n") + "\n" for line in (SEED_COLUMNS[name], *lines))
    (seeds / f"{name}.csv").write_text(text, "utf-8")


def write_sources(project: Project, *lines: str) -> None:
    """Put these rows into the project's sources.csv."""
    write_seed_lines(project.seeds, "sources", lines)


def write_facts(project: Project, *lines: str) -> None:
    """Put these rows into the project's facts.csv."""
    write_seed_lines(project.seeds, "facts", lines)


def write_guidance(project: Project, *lines: str) -> None:
    """Put these rows into the project's guidance.csv."""
    write_seed_lines(project.seeds, "guidance", lines)


def write_pins(project: Project, *lines: str) -> None:
    """Put these rows into the project's pins.csv."""
    write_seed_lines(project.seeds, "pins", lines)


def build_warehouse(seeds: Path, folder: Path, own_metrics: Path | None = None) -> Warehouse:
    """Build a warehouse of these seeds and the package's metrics, or a project's own."""
    (batch,) = SeedSource().read(Request(seeds, "seeds", Entities({})))
    metrics = load_metrics(own_metrics)
    for name, rows in (
        ("metric", metrics.metrics),
        ("metric_tag", metrics.tags),
        ("metric_part", metrics.parts),
        ("metric_ratio", metrics.ratios),
    ):
        cells = [(*(getattr(row, key) for key in row.__slots__), metrics.version) for row in rows]
        batch.rows[name] = rows_table(name, cells)
    with Writer(folder) as writer:
        writer.commit(batch)
    return Warehouse(folder)


def fact_line(
    metric: str,
    period: str,
    value: str,
    *,
    entity: str = "acme",
    source: str = "r1",
    scale: str = "6",
    unit: str = "USD",
) -> str:
    """A row of facts.csv: an exact amount, in USD if no other unit is named."""
    return f"{entity},us-gaap:{metric},,actual,{period},{value},,,{scale},{unit},exact,{source},,,,"


def of_company(entity: str, lines: Iterable[str]) -> list[str]:
    """These rows, written of `acme`, as said of another company: a warehouse then holds many cases, one a company."""
    return [line.replace("acme", entity, 1) for line in lines]


def by_company(rows: Iterable[tuple[Any, ...]]) -> defaultdict[str, list[tuple[Any, ...]]]:
    """Rows by their first column, the company, and without it; of a company that has none, an empty list."""
    found: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for entity, *rest in rows:
        found[entity].append(tuple(rest))
    return found
