"""Rates in reports of every kind: percentages with their unit, and no growth in percent of a percentage."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from support.facts import make_filed_fact
from support.project import init_at, worked_out
from support.reports import define_report
from tracker.model.batch import Batch
from tracker.model.fact import Fact, to_table
from tracker.pipeline.ingest import ingest
from tracker.report import document_of
from tracker.report.output.markdown import markdown
from tracker.warehouse.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.warehouse.reader import Warehouse


def file_rate(year: int, rate: str, filed: int) -> Fact:
    """Return the tax rate of a year, as the report of a later year states it."""
    tag = "us-gaap:EffectiveIncomeTaxRateContinuingOperations"
    first, last = date(year, 1, 1), date(year, 12, 31)
    return make_filed_fact(tag, first, last, Decimal(rate), f"{filed}-02-01", unit="pure", decimals=3)


@pytest.fixture(scope="module")
def taxed(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A company that files its tax rate, and restates that of 2022."""
    project = init_at(tmp_path_factory.mktemp("taxed"), ["acme"])
    ingest(project, [project.seeds])
    with Writer(project.warehouse) as writer:
        writer.commit(Batch(to_table([file_rate(2021, "0.201", 2022), file_rate(2022, "0.241", 2023)]), {}))
        writer.commit(Batch(to_table([file_rate(2022, "0.251", 2024), file_rate(2023, "0.156", 2024)]), {}))
    return worked_out(project.warehouse)


@pytest.mark.parametrize(
    ("kind", "about", "shown"),
    [
        ("growth", {"period": "FY2023"}, ["was 15.6%", "from 25.1% a year earlier", "rate, %", "| 25.1 |"]),
        ("reconciliation", {"period": "FY2023"}, ["FY2023, %", "| **15.6** |"]),
        ("restatements", {}, ["24.1% to 25.1%", "| % | 24.1 | 25.1 | +1.0 |"]),
        ("changes", {"since": "2023-06-01"}, ["| % | 24.1 | 25.1 |", "| % |  | 15.6 |"]),
    ],
)
def test_a_rate_is_a_percentage(taxed: Warehouse, kind: str, about: dict[str, str], shown: list[str]) -> None:
    text = markdown(document_of(taxed, define_report(kind, ("acme",), ("effective_tax_rate",), **about)))
    assert [words for words in shown if words not in text] == []
    assert [cell for cell in ("| 0 |", "| 0.2 |", "| 0.16 |", "0.2 %") if cell in text] == []


def test_what_is_counted_is_no_percentage(tmp_path: Path) -> None:
    """Filings count in `pure`, too."""
    project = init_at(tmp_path, ["acme"])
    ingest(project, [project.seeds])
    tag = "us-gaap:WeightedAverageNumberOfDilutedSharesOutstanding"
    counts = [(2022, "1000000"), (2023, "1200000")]
    facts = [
        make_filed_fact(tag, date(year, 1, 1), date(year, 12, 31), Decimal(count), "2024-02-01", unit="pure")
        for year, count in counts
    ]
    with Writer(project.warehouse) as writer:
        writer.commit(Batch(to_table(facts), {}))
    about = define_report("growth", ("acme",), ("shares_diluted",), period="FY2023")
    text = markdown(document_of(worked_out(project.warehouse), about))
    assert "1.2 million" in text
    assert "+20.0%" in text
    assert "120000000" not in text.replace(",", "")
