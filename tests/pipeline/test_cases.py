"""Small inputs of made-up companies that once gave a wrong figure, each with the right one.

The files lie beside the repository and are left out where they are not there. Every kind of fault they stand for has a
test on inputs of our own: old ranges, brackets, scales in a head, plus or minus, loss ranges and fiscal quarters in the
corpora and tests of the article reader, the filings in `test_companyfacts.py` and `test_comparable.py`.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from support.project import SHARED, made_once, worked_out
from tracker.pipeline.ingest import ingest
from tracker.pipeline.init import init
from tracker.project import load_project

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.warehouse.reader import Warehouse

CASES = SHARED / "cases"
COMPANIES = "".join(
    f'[{entity}]\nname = "{name}"\ncurrency = "USD"\nfiscal_year_end = "{year_end}"\n'
    for entity, name, year_end in (
        ("acme", "Acme Robotics", "12-31"),
        ("bolt", "Bolt Retail", "06-30"),
        ("rheinwerk", "Rheinwerk AG", "12-31"),
    )
)
TEXTS = [
    # file, who speaks, the day it came out
    ("raised-range", "acme", "2025-08-05"),
    ("brackets", "acme", "2025-08-05"),
    ("in-thousands", "bolt", "2025-10-28"),
    ("plus-minus", "rheinwerk", "2025-08-05"),
    ("loss-range", "acme", "2025-08-05"),
    ("fiscal-quarter-b", "bolt", "2025-05-05"),
    ("fiscal-quarter-c", "bolt", "2025-02-05"),
]
M = 10**6


def store(folder: Path) -> None:
    """Every case in one project."""
    init(folder)
    (folder / "seeds" / "entities.toml").write_text(COMPANIES)
    project = load_project(folder)
    for name, entity, day in TEXTS:
        ingest(project, [CASES / f"{name}.txt"], entity=entity, kind="release", published=date.fromisoformat(day))
    ingest(project, sorted(CASES.glob("CIK*.json")))


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    if not CASES.is_dir():
        pytest.skip("the shared cases are not here")
    return worked_out(made_once(tmp_path_factory, "cases", store) / "warehouse")


STATED = "select period_end::varchar, (value / 1000)::bigint from fact_known where kind = 'actual' and entity = "
PROMISED = (
    "select (low / 1000000)::bigint, (high / 1000000)::bigint, shape, status from guidance_history where metric = "
)
RIGHT = {
    "raised-range, capex": (PROMISED + "'capex' and entity = 'acme'", [(1200, 1500, "range", "raised")]),
    "raised-range, revenue": (PROMISED + "'revenue' and entity = 'acme'", [(6500, 6800, "range", "raised")]),
    "brackets": (
        "select metric, value::double from fact_known where entity = 'acme' and kind = 'actual'",
        [("eps", -0.45), ("free_cash_flow", -1200 * M), ("operating_income", -310 * M)],
    ),
    "in-thousands": (
        ("select metric, value::double from fact_known where span_start < 140 and source_id in "
        "(select source_id from fact_known where value = 1234567000)"),
        [("eps", 0.45), ("net_income", 50_100_000), ("revenue", 1_234_567_000)],
    ),
    "plus-minus, revenue": (PROMISED + "'revenue' and low > 40e9", [(44100, 45900, "plus_minus", "initial")]),
    "plus-minus, income": (PROMISED + "'operating_income'", [(1450, 1550, "plus_minus", "initial")]),
    "loss-range": (PROMISED + "'net_income'", [(-120, -100, "range", "initial")]),
    "loss-range, revenue": (
        "select (low / 1000000)::int, (high / 1000000)::int, qualifier from fact_known where metric = 'revenue' and low < 2e9",
        [(1470, 1530, "plus_minus")],
    ),
    "fiscal-quarter-b": (STATED + "'bolt' and value in (2000000000, 2100000000)", [("2024-03-31", 2 * M), ("2025-03-31", 2_100_000)]),
    "fiscal-quarter-c": (STATED + "'bolt' and value = 2300000000", [("2024-12-31", 2_300_000)]),
    "a recast year": (
        "select fiscal_period, round(yoy_ratio, 4), yoy_status from yoy where entity = 'cik0009100008' and fiscal_period = 'FY2018'",
        [("FY2018", 0.1, "ok")],
    ),
    "what was recast": (
        ("select (first_value / 1000000)::int, (latest_value / 1000000)::int from restatement "
        "where entity = 'cik0009100008' and fiscal_period = 'FY2017'"),
        [(1000, 900)],
    ),
    "29 and 28 February": (
        "select fiscal_period, count(distinct entity) from figure where entity in ('cik0009100013', 'cik0009100014') group by all",
        [("2024Q1", 2), ("2025Q1", 2)],
    ),
    "years in 6-Ks": (
        "select fiscal_period from figure where entity = 'cik0009100002' and metric = 'revenue' and span = 'year'",
        [(f"FY{year}",) for year in range(2019, 2025)],
    ),
    "the fourth quarter from three reported ones": (
        ("select (value / 1000000)::int, (low / 1000)::int, (high / 1000)::int, len(string_split(operands, ' ')) from figure "
        "where entity = 'cik0009100011' and metric = 'revenue' and fiscal_period = '2023Q4'"),
        [(570, 568_000, 572_000, 4)],
    ),
    "four quarters that are the year": (
        "select (value / 1000000)::int from ttm where entity = 'cik0009100011' and metric = 'revenue' and fiscal_period = '2023Q4'",
        [(2100,)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("query", "right"), RIGHT.values(), ids=RIGHT)
def test_the_figure_is_right(cases: Warehouse, query: str, right: list[tuple[Any, ...]]) -> None:
    assert cases.sql(f"select * from ({query}) order by all").fetchall() == right
