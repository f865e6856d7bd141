"""Write companies' files for a test, read them, and count what is stored."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from support.filings import accession, company
from support.project import worked_out
from tracker.pipeline.ingest import ingest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tracker.errors import Problem
    from tracker.pipeline.ingestion import Ingestion
    from tracker.project import Project

#: The first and last day of the year to date, at the end of each quarter of 2024.
TO_DATE = [
    ("2024-01-01", "2024-03-31"),
    ("2024-01-01", "2024-06-30"),
    ("2024-01-01", "2024-09-30"),
    ("2024-01-01", "2024-12-31"),
]


def query_project(project: Project, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query on a project's warehouse."""
    with worked_out(project.warehouse) as warehouse:
        return warehouse.sql(query).fetchall()


def ingest_file(project: Project, path: Path) -> Ingestion:
    """Ingest one file, and return the result."""
    (done,) = ingest(project, [path])
    return done


def make_file(cik: int, printed: str) -> str:
    """Make the file of a company that states one amount, printed like this."""
    text = json.dumps(company(cik, {"Revenues": [(*TO_DATE[0], 4711, accession(1), "10-Q", "2024-05-01")]}))
    return text.replace("4711", printed)


def make_company(cik: int, years: Iterable[int] = (2021, 2022, 2023)) -> dict[str, Any]:
    """Make a small company whose quarters and years are stated, restated, and left to be derived."""
    statements = [
        (start.replace("2024", str(year)), end.replace("2024", str(year)), 1_000_000 * cik + 1000 * year + place,
         f"{cik:010d}-{year % 100 + moved}-{place:06d}", "10-K" if place == 3 else "10-Q", f"{year + moved}-{3 + place:02d}-20")
        for year in years
        for moved in (1, 2)
        for place, (start, end) in enumerate(TO_DATE)
    ]  # fmt: skip
    concepts = {"Revenues": statements, "NetCashProvidedByUsedInOperatingActivities": statements}
    return company(cik, concepts, name=f"Company {cik}")


def make_files(companies: Iterable[dict[str, list[Any]]], unit: str = "USD") -> list[str]:
    """Make the files of companies that state these concepts, numbered from 1."""
    return [json.dumps(company(cik, concepts, unit=unit)) for cik, concepts in enumerate(companies, 1)]


def unnamed_entity(cik: int) -> str:
    """Return the id of a company that only its filings name."""
    return f"cik{cik:010d}"


def count_facts(project: Project) -> dict[int, int]:
    """Count the stored facts of each company, by its CIK."""
    return dict(query_project(project, "select cast(right(entity, 10) as integer), count(*) from fact group by all"))


def problems_by_cik(problems: Iterable[Problem]) -> dict[int, list[Problem]]:
    """Group the problems of an archive's members by the CIK in their names."""
    found: dict[int, list[Problem]] = {}
    for problem in problems:
        member = re.search(r"CIK(\d{10})\.json", problem.path)
        assert member, problem
        found.setdefault(int(member[1]), []).append(problem)
    return found


def write_submissions(folder: Path, cik: int, moments: dict[str, tuple[str, str]]) -> None:
    """Write the SEC's list of a company's filings: the day and the acceptance of each accession number."""
    columns = {
        "accessionNumber": list(moments),
        "form": ["10-Q"] * len(moments),
        "filingDate": [filed for filed, _ in moments.values()],
        "acceptanceDateTime": [accepted for _, accepted in moments.values()],
    }
    page = {
        "cik": str(cik),
        "fiscalYearEnd": "0630",
        "tickers": ["ACM"],
        "formerNames": [{"name": "Old", "from": "2001-01-01T00:00:00.000Z", "to": "2020-02-03T00:00:00.000Z"}],
        "filings": {"recent": columns, "files": []},
    }
    (folder / f"submissions-CIK{cik:010d}.json").write_text(json.dumps(page))
