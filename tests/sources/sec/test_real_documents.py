"""Documents of real filings: every fact as the SEC extracted it, figures checked by hand, and company facts beside them."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from support.project import SHARED, made_once, worked_out
from tracker.model.entity import Entities
from tracker.pipeline.ingest import ingest
from tracker.pipeline.init import init
from tracker.project import load_project
from tracker.sources.base import Request
from tracker.sources.sec.filing import FilingSource
from tracker.sources.sec.tagged import read_tagged

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.sources.sec.xbrl import Filed
    from tracker.warehouse.reader import Warehouse

FILINGS = SHARED / "filings"
PAIRS = sorted(path.name for path in FILINGS.glob("*_htm.xml.gz")) if FILINGS.is_dir() else []
pytestmark = pytest.mark.skipif(not FILINGS.is_dir(), reason="the real filings are not here")


@cache
def read(name: str) -> Filed:
    return read_tagged(gzip.decompress((FILINGS / name).read_bytes()))


def resolved(filed: Filed) -> Counter[tuple[Any, ...]]:
    """Every fact with what it refers to: element, concept, context, unit, value, decimals."""
    assert not filed.wrong
    return Counter(
        (fact.element, fact.concept, filed.contexts[fact.context], filed.units[fact.unit], fact.value, fact.decimals)
        for fact in filed.facts
    )


@pytest.mark.parametrize("name", PAIRS)
def test_every_fact_is_as_the_sec_extracted_it(name: str) -> None:
    document, extracted = read(name.replace("_htm.xml.gz", ".htm.gz")), read(name)
    assert document.is_inline
    assert not extracted.is_inline
    assert len(document.facts) > 600
    assert resolved(document) == resolved(extracted)


@pytest.mark.parametrize("name", [path.name for path in sorted(FILINGS.glob("*.gz"))] if FILINGS.is_dir() else [])
def test_every_figure_stands_where_it_is_said_to_stand(name: str) -> None:
    filed = read(name)
    assert filed.facts
    assert all(filed.text[fact.start : fact.end] == fact.printed for fact in filed.facts)


SEGMENTS = "us-gaap:StatementBusinessSegmentsAxis"
REVENUE = "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax"
NVIDIA, TESLA = "nvda-10-q-2025-08-27.html.gz", "tsla-10-q-2025-07-24.html.gz"
COMPUTE, GRAPHICS = (
    f"srt:ConsolidationItemsAxis=us-gaap:OperatingSegmentsMember;{SEGMENTS}=nvda:{name}SegmentMember"
    for name in ("ComputeAndNetworking", "Graphics")
)
CARS = f"{SEGMENTS}=tsla:AutomotiveSegmentMember"
ENERGY = f"{SEGMENTS}=tsla:EnergyGenerationAndStorageSegmentMember"
YEAR_2024, YEAR_2023, YEAR_2022 = ((date(year, 1, 1), date(year, 12, 31)) for year in (2024, 2023, 2022))
NVIDIA_Q2, TESLA_Q2 = (date(2025, 4, 28), date(2025, 7, 27)), (date(2025, 4, 1), date(2025, 6, 30))
#: Read on the pages of the documents, in millions: document, concept, part of the company, days, amount.
BY_HAND = [
    (NVIDIA, "us-gaap:Revenues", COMPUTE, NVIDIA_Q2, 41_331),
    (NVIDIA, "us-gaap:Revenues", GRAPHICS, NVIDIA_Q2, 5_412),
    (NVIDIA, "us-gaap:OperatingIncomeLoss", COMPUTE, NVIDIA_Q2, 28_363),
    (TESLA, "us-gaap:Revenues", CARS, TESLA_Q2, 19_707),
    (TESLA, "us-gaap:Revenues", ENERGY, TESLA_Q2, 2_789),
    (TESLA, "us-gaap:GrossProfit", ENERGY, TESLA_Q2, 846),
    ("meta-10-k-2025-01-30.html.gz", "us-gaap:PaymentsToAcquirePropertyPlantAndEquipment", None, YEAR_2024, 37_256),
    ("meta-10-k-2025-01-30.html.gz", "us-gaap:PaymentsToAcquirePropertyPlantAndEquipment", None, YEAR_2023, 27_045),
    ("meta-10-k-2025-01-30.html.gz", "us-gaap:FinanceLeasePrincipalPayments", None, YEAR_2024, 1_969),
    ("meta-10-k-2025-01-30.html.gz", "us-gaap:FinanceLeasePrincipalPayments", None, YEAR_2023, 1_058),
    ("meta-10-k-2025-01-30.html.gz", REVENUE, f"{SEGMENTS}=meta:FamilyOfAppsMember", YEAR_2024, 162_355),
    ("meta-10-k-2025-01-30.html.gz", REVENUE, f"{SEGMENTS}=meta:RealityLabsMember", YEAR_2024, 2_146),
    ("meta-10-k-2025-01-30.html.gz", REVENUE, f"{SEGMENTS}=meta:RealityLabsMember", YEAR_2022, 2_159),
]


@pytest.mark.parametrize(("name", "concept", "part", "days", "millions"), BY_HAND)
def test_figures_checked_by_hand(
    name: str, concept: str, part: str | None, days: tuple[date, date], millions: int
) -> None:
    filed = read(name)
    found = {
        fact.value
        for fact in filed.facts
        if (context := filed.contexts[fact.context]).period
        and (fact.concept, context.dimensions) == (concept, part)
        and (context.period.start, context.period.end) == days
    }
    assert found == {Decimal(millions) * 10**6}


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse of the documents, and of the company facts of two of their companies."""
    return worked_out(made_once(tmp_path_factory, "documents", _store_documents) / "warehouse")


FACTS = ("CIK0001326801.trimmed.json.gz", "CIK0001045810.json.gz")


def _store_documents(folder: Path) -> None:
    init(folder)
    documents = [FILINGS / name for name in ("meta-10-k-2025-01-30.html.gz", "nvda-10-q-2025-08-27.html.gz")]
    ingest(load_project(folder), [*(SHARED / "sec" / name for name in FACTS), *documents])


def test_segments_sum_to_the_whole_for_three_years(stored: Warehouse) -> None:
    rows = stored.sql(
        f"""select s.fiscal_period, cast(sum(s.value) as bigint), count(*), max(a.value) = sum(s.value)
            from segment_statement s
            join annual a on a.entity = s.entity and a.fiscal_period = s.fiscal_period and a.metric = 'revenue'
            where s.entity = 'cik0001326801' and s.concept = '{REVENUE}' and s.span = 'year'
              and s.dimensions in ('{SEGMENTS}=meta:FamilyOfAppsMember', '{SEGMENTS}=meta:RealityLabsMember')
            group by s.fiscal_period order by 1"""
    ).fetchall()
    assert rows == [
        ("FY2022", 116_609_000_000, 2, True),
        ("FY2023", 134_902_000_000, 2, True),
        ("FY2024", 164_501_000_000, 2, True),
    ]


#: Read in the documents, in millions: company, metric, label, period, value, base, growth in percent.
GROWTH_BY_HAND = [
    ("cik0001326801", "revenue", "Family of Apps", "FY2024", 162_355, 133_006, 22.1),
    ("cik0001326801", "revenue", "Reality Labs", "FY2024", 2_146, 1_896, 13.2),
    ("cik0001326801", "revenue", "Reality Labs", "FY2023", 1_896, 2_159, -12.2),
    ("cik0001045810", "revenue", "Compute and Networking Segment", "2026Q2", 41_331, 26_446, 56.3),
    ("cik0001045810", "revenue", "Graphics Segment", "2026H1", 9_885, 6_963, 42.0),
    ("cik0001045810", "revenue", "China Including Hong Kong", "2026Q2", 2_769, 3_667, -24.5),
]


@pytest.mark.parametrize(("entity", "metric", "label", "period", "value", "base", "percent"), GROWTH_BY_HAND)
def test_growth_of_parts_checked_by_hand(
    stored: Warehouse, entity: str, metric: str, label: str, period: str, value: int, base: int, percent: float
) -> None:
    found = stored.sql(
        """select cast(value / 1000000 as bigint), cast(base / 1000000 as bigint), round(yoy_ratio * 100, 1), yoy_status
           from segment_yoy
           where entity = $entity and metric = $metric and label = $label and fiscal_period = $period""",
        {"entity": entity, "metric": metric, "label": label, "period": period},
    ).fetchall()
    assert found == [(value, base, percent, "ok")]


def test_members_give_the_whole(stored: Warehouse) -> None:
    rows = stored.sql(
        f"""select entity, metric, fiscal_period, members, state from segment_sum
            where axis = '{SEGMENTS}' and metric in ('revenue', 'goodwill') and span in ('year', 'quarter')
            order by all"""
    ).fetchall()
    assert {row[-1] for row in rows} == {"equal"}
    assert ("cik0001326801", "revenue", "FY2022", 2, "equal") in rows


def test_the_filing_of_a_document_is_found_by_its_figures(stored: Warehouse) -> None:
    rows = stored.sql(
        "select distinct entity, form, accession, cast(cast(known_at as date) as varchar) from fact "
        "where source_id like 'filing-%' order by 1"
    ).fetchall()
    assert rows == [
        ("cik0001045810", "10-Q", "0001045810-25-000209", "2025-08-27"),
        ("cik0001326801", "10-K", "0001326801-25-000017", "2025-01-30"),
    ]


def test_a_document_and_company_facts_are_one_statement(stored: Warehouse) -> None:
    """Where both state a figure, no version is of the document alone, and none is contradicted."""
    both = """
        select count(distinct d.fact_id), count(distinct case when d.value = c.value then d.fact_id end)
        from fact_known d
        join fact_known c
            on c.entity = d.entity and c.accession = d.accession and c.concept = d.concept and c.unit = d.unit
            and c.period_end = d.period_end and c.period_start is not distinct from d.period_start and c.quote is null
        where d.quote is not null and d.value is not null
    """
    stated, agreeing = stored.sql(both).fetchall()[0]
    assert stated > 300
    assert agreeing >= stated - 12  # the same in fewer digits, in prose
    extra = stored.sql(
        """select v.concept, v.value from version v join fact_known d on d.fact_id = v.fact_id and d.quote is not null
           where v.version_no > 1 and v.statements = 1 and v.source_id like 'filing-%'
             and exists (select 1 from version o where o.concept = v.concept and o.entity = v.entity
                         and o.period_end = v.period_end and o.period_start is not distinct from v.period_start
                         and o.unit = v.unit and o.last_known_at >= v.first_known_at and o.version_no < v.version_no)"""
    ).fetchall()
    assert extra == []


def test_an_instance_of_2010_agrees_with_company_facts() -> None:
    path = FILINGS / "aapl-20100925.xml.gz"
    (batch,) = FilingSource().read(Request(path, path.name, Entities({})))
    with gzip.open(SHARED / "sec" / "CIK0000320193.json.gz") as file:
        known = json.load(file, parse_float=Decimal)["facts"]
    filed = {
        (f"{space}:{name}", unit, row.get("start"), row["end"]): Decimal(row["val"])
        for space, concepts in known.items()
        for name, concept in concepts.items()
        for unit, rows in concept["units"].items()
        for row in rows
        if row["accn"] == "0001193125-10-238044"
    }
    ours: dict[tuple[Any, ...], set[Decimal]] = {}
    for row in batch.facts.to_pylist():
        if row["dimensions"] is None and row["value"] is not None:
            start = row["period_start"].isoformat() if row["period_start"] else None
            ours.setdefault((row["concept"], row["unit"], start, row["period_end"].isoformat()), set()).add(
                row["value"]
            )
    both = filed.keys() & ours.keys()
    assert len(both) > 100
    assert {key for key in both if filed[key] not in ours[key]} == set()


def test_memory_does_not_grow_with_the_document(tmp_path: Path) -> None:
    """Meta's page with its text ten times: 20 MB take less than 100 MB more than two do."""
    text = gzip.decompress((FILINGS / "meta-10-k-2025-01-30.html.gz").read_bytes()).decode()
    body, end = text.rsplit("</body>", 1)
    filler = re.sub(r"<ix:[^>]*>|</ix:[^>]*>|<[^>]*>", " ", body[body.index("<body") :])
    code = (
        "import resource, sys; from tracker.sources.sec.tagged import read_tagged;"
        "count = len(read_tagged(open(sys.argv[1], 'rb').read()).facts);"
        "print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    taken = []
    for name, more in (("small", ""), ("large", f"<p>{filler}</p>" * (20_000_000 // len(filler)))):
        (tmp_path / name).write_text(f"{body}{more}</body>{end}")
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / name)], capture_output=True, text=True, check=True
        )
        taken.append(tuple(map(int, done.stdout.split())))
    (few, small), (many, large) = taken
    assert few == many == 1099
    assert large - small < 100


def test_a_document_of_two_megabytes_is_read_at_once() -> None:
    data = gzip.decompress((FILINGS / "meta-10-k-2025-01-30.html.gz").read_bytes())
    began = time.process_time()
    read_tagged(data)
    assert time.process_time() - began < 2
