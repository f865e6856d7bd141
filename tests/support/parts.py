"""Filings of a company with parts, small enough to read."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from support.facts import PLAIN_FACT
from support.project import IS_LONG
from tracker.model.batch import Batch
from tracker.model.fact import to_table
from tracker.pipeline.ingest import ingest
from tracker.pipeline.init import init
from tracker.project import load_project
from tracker.warehouse.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.model.fact import Fact

SEGMENT, REGION, ITEMS = (
    "us-gaap:StatementBusinessSegmentsAxis",
    "srt:StatementGeographicalAxis",
    "srt:ConsolidationItemsAxis",
)
#: Periods by name: quarters and years to date of a company whose year is that of the calendar.
ENDS = {1: (3, 31), 2: (6, 30), 3: (9, 30), 4: (12, 31)}
STARTS = {"Q1": 1, "Q2": 4, "Q3": 7, "Q4": 10, "H1": 1, "M9": 1, "FY": 1}
QUARTERS = {"Q1": 1, "Q2": 2, "Q3": 3, "Q4": 4, "H1": 2, "M9": 3, "FY": 4}

#: A filing: the day it came out, its form, and amounts in millions by part (None is the whole) and period.
Amounts = dict[str | None, dict[str, int]]
Filing = tuple[str, str, Amounts]


def segment(name: str) -> str:
    return f"{SEGMENT}=acme:{name}Member"


def state(filing: Filing, concept: str = "us-gaap:Revenues") -> list[Fact]:
    """Return the statements of a filing."""
    day, form, amounts = filing
    return [
        replace(
            PLAIN_FACT,
            concept=concept,
            dimensions=dimensions,
            period_start=date(int(period[:4]), STARTS[period[4:]], 1),
            period_end=date(int(period[:4]), *ENDS[QUARTERS[period[4:]]]),
            value=Decimal(amount * 1_000_000),
            decimals=-6,
            accession=f"0000000009-{day[2:4]}-{day[5:7]}{day[8:]}00",
            form=form,
            method="reported",
            known_at=datetime.fromisoformat(f"{day}T20:00:00+00:00"),
        )
        for dimensions, periods in amounts.items()
        for period, amount in periods.items()
    ]


def init_project(folder: Path) -> Path:
    """Make a project with the metrics of the program and no statements; return its warehouse."""
    shutil.copytree(_empty_project(), folder)
    return folder / "warehouse"


@cache
def _empty_project() -> Path:
    """Make such a project once in a process."""
    folder = Path(tempfile.mkdtemp())
    init(folder)
    (folder / "seeds" / "entities.toml").write_text(
        '[acme]\nname = "Acme"\ncurrency = "USD"\nfiscal_year_end = "12-31"\n'
    )
    ingest(load_project(folder), [folder / "seeds"])
    return folder


def year(number: int, rockets: tuple[int, ...], boats: tuple[int, ...], day: str = "-02-10") -> Filing:
    """Return an annual report with figures of this year and earlier ones, the newest first."""
    years = [f"{number - at}FY" for at in range(len(rockets))]
    return (
        f"{number + 1}{day}",
        "10-K",
        {
            None: dict(zip(years, map(sum, zip(rockets, boats, strict=True)), strict=True)),
            segment("Rockets"): dict(zip(years, rockets, strict=True)),
            segment("Boats"): dict(zip(years, boats, strict=True)),
        },
    )


def store_filings(warehouse: Path, filings: Sequence[list[Fact]]) -> None:
    """Store the statements of filings: at once, and in the long form each filing in a commit of its own."""
    commits = filings if IS_LONG else [[fact for filing in filings for fact in filing]]
    with Writer(warehouse) as writer:
        for facts in commits:
            writer.commit(Batch(to_table(facts), {}))
