"""Figures of real filings, checked by hand."""

from __future__ import annotations

import csv
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

import pytest

from support.project import ROOT, SHARED, made_once, worked_out
from tracker.pipeline.ingest import ingest
from tracker.pipeline.init import init
from tracker.project import load_project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracker.warehouse.reader import Warehouse

ENTITIES = {"META": "meta", "NVDA": "nvidia", "SNOW": "cik0001640147"}


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse of the real files alone; of the seeds only the companies."""
    if not (SHARED / "sec").is_dir():
        pytest.skip("the real filings are not here")
    return worked_out(made_once(tmp_path_factory, "filed", _store_real_files) / "warehouse")


def _store_real_files(folder: Path) -> None:
    init(folder)
    (folder / "seeds" / "entities.toml").write_text((ROOT / "seeds" / "entities.toml").read_text())
    project = load_project(folder)
    done = ingest(project, sorted((SHARED / "sec").glob("CIK*.json.gz")))
    assert [one.problems for one in done] == [()] * 5


def expected() -> list[dict[str, str]]:
    path = SHARED / "sec" / "expected_values_dev.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["status"] == "verified"]


Answers = dict[tuple[str, str, str], list[tuple[Decimal | None, str | None]]]


@pytest.fixture(scope="module")
def answers(filed: Warehouse) -> Callable[[str, str], Answers]:
    """Value and reason of everything a view holds, by company, concept or metric, and last day; each asked for once."""

    @cache
    def of(source: str, name: str) -> Answers:
        query = f"select entity, {name}, cast(period_end as varchar), value, reason from {source} where entity in {tuple(ENTITIES.values())}"
        known: Answers = {}
        for entity, of_what, end, *told in filed.sql(query).fetchall():
            known.setdefault((entity, of_what, end), []).append((told[0], told[1]))
        return known

    return of


def found(answers: Callable[[str, str], Answers], row: dict[str, str]) -> tuple[Decimal | None, str | None]:
    """Value and reason of the figure a row asks for."""
    is_year = row["period_label"].startswith("FY") and "Q" not in row["period_label"]
    view = "annual" if is_year else "quarter"
    metric = "capex" if "+" in row["concept"] else "capex_ppe" if "-" in row["concept"] else None
    relation = view if metric else f"{view}_by_concept"
    source = f"{relation}_as_of('{row['as_of']}')" if row["as_of"] else relation
    key = ENTITIES[row["ticker"]], metric or f"us-gaap:{row['concept']}", row["period_end"]
    told = answers(source, "metric" if metric else "concept").get(key, [])
    assert len(told) <= 1
    return told[0] if told else (None, None)


@pytest.mark.parametrize("row", expected(), ids=lambda row: row["id"])
def test_expected_values(filed: Warehouse, answers: Callable[[str, str], Answers], row: dict[str, str]) -> None:
    kind, value = row["expectation"], row["expected_value"]
    if kind == "label":
        labels = filed.sql(
            "select distinct fiscal_period from statement where entity = $entity and period_start = cast($start as date) and period_end = cast($end as date)",
            {"entity": ENTITIES[row["ticker"]], "start": row["period_start"], "end": row["period_end"]},
        ).fetchall()
        assert [label.removeprefix("FY") for (label,) in labels] == [value.removeprefix("FY")]
    elif row["unit"] == "percent_1dp":
        growth = filed.sql(
            "select round(100 * yoy_ratio, 1) from yoy where entity = 'meta' and metric = 'capex' and fiscal_period = '2024Q2'"
        )
        assert growth.fetchall() == [(float(value),)]
    elif kind in {"not_derivable", "missing"}:
        number, reason = found(answers, row)
        assert number is None
        assert reason
    else:
        tolerance = 10**6 if kind == "value_tolerance_1M" else 0
        number, _ = found(answers, row)
        assert number is not None
        assert abs(number - Decimal(value)) <= tolerance


def test_the_expected_values_were_there_to_check() -> None:
    if not (SHARED / "sec").is_dir():
        pytest.skip("the real filings are not here")
    assert len(expected()) >= 29


def test_four_quarters_add_to_the_year_within_rounding(filed: Warehouse) -> None:
    """On every tagged concept of every real file whose year was never restated: quarters against the year.

    NVIDIA's own quarters of dividends in fiscal 2015 are four thousand dollars apart from its year.
    """
    ((years, disagreeing),) = filed.sql(
        """with q as (
               select entity, concept, unit, fiscal_year, sum(low) as low, sum(high) as high, count(value) as quarters
               from quarter_by_concept where span = 'quarter' group by all
           )
           select count(*), list((a.entity, a.concept, a.fiscal_year)) filter (where a.high < q.low or a.low > q.high)
           from annual_by_concept a
           join q using (entity, concept, unit, fiscal_year)
           join metric_tag t using (concept)
           join metric m on m.metric = t.metric and m.is_additive
           where q.quarters = 4 and a.method = 'reported' and not exists (
               select 1 from restatement r
               where r.entity = a.entity and r.concept = a.concept and r.unit = a.unit and r.cause <> 'precision'
                 and r.period_end between a.period_start and a.period_end
           )"""
    ).fetchall()
    assert years > 150
    assert disagreeing == [("nvidia", "us-gaap:PaymentsOfDividends", 2015)]


#: NVIDIA's report on fiscal 2025 (10-K 0001045810-25-000023), read on its statements: metric, millions. Flows are of the
#: year, balances of its last day.
NVIDIA_2025 = {
    "revenue": 130_497, "cost_of_revenue": 32_639, "gross_profit": 97_858, "r_and_d": 12_914, "selling_and_admin": 3_491,
    "operating_expenses": 16_405, "operating_income": 81_453, "interest_income": 1_786, "interest_expense": 247,
    "other_income": 2_573, "pretax_income": 84_026, "income_tax": 11_146, "net_income": 72_880,
    "comprehensive_income": 72_881, "depreciation": 1_864, "stock_compensation": 4_737, "operating_cash_flow": 64_089,
    "investing_cash_flow": -20_421, "financing_cash_flow": -42_359, "share_repurchases": 33_706, "dividends_paid": 834,
    "debt_repaid": 1_250, "acquisitions": 1_007, "capex_ppe": 3_236, "taxes_paid": 15_118, "interest_paid": 246,
    "shares_basic": 24_555, "shares_diluted": 24_804,
}  # fmt: skip
NVIDIA_AT_CLOSE = {
    "cash": 8_589, "short_term_investments": 34_621, "receivables": 23_065, "inventory": 10_080, "current_assets": 80_126,
    "property": 6_283, "lease_assets": 1_793, "goodwill": 5_188, "intangible_assets": 807, "total_assets": 111_601,
    "payables": 6_310, "deferred_revenue": 837, "current_liabilities": 18_047, "long_term_debt": 8_463,
    "total_liabilities": 32_274, "retained_earnings": 68_038, "equity": 79_327, "shares_outstanding": 24_477,
}  # fmt: skip


@pytest.mark.parametrize(
    ("span", "period", "known"),
    [("year", "FY2025", NVIDIA_2025), ("quarter", "2025Q4", NVIDIA_AT_CLOSE)],
)
def test_metrics_have_the_values_of_the_statements(
    filed: Warehouse, span: str, period: str, known: dict[str, int]
) -> None:
    rows = filed.sql(
        """select metric, cast(value / 1000000 as integer) from figure
           where entity = 'nvidia' and span = $span and fiscal_period = $period and value is not null""",
        {"span": span, "period": period},
    ).fetchall()
    found = dict(rows)
    assert {metric: found.get(metric) for metric in known} == known
    accessions = filed.sql(
        """select distinct s.accession from operand o join statement s on s.fact_id = o.fact_id
           where o.entity = 'nvidia' and o.span = $span and o.fiscal_period = $period
             and o.metric in (select unnest($metrics))""",
        {"span": span, "period": period, "metrics": list(known)},
    ).fetchall()
    assert ("0001045810-25-000023",) in accessions
