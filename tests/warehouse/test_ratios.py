"""Ratios of figures: their parts, their bounds, their growth, and why there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.facts import make_filed_fact
from support.project import often, worked_out
from tracker.errors import InputError
from tracker.model.batch import Batch
from tracker.model.fact import Fact, to_table
from tracker.model.metric import load_metrics
from tracker.pipeline.ingest import ingest
from tracker.pipeline.init import init
from tracker.project import load_project
from tracker.warehouse.derive import find_differences
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracker.project import Project

#: Tags of what ratios are made of.
TAGS = {
    "revenue": "Revenues",
    "cost": "CostOfRevenue",
    "gross": "GrossProfit",
    "operating": "OperatingIncomeLoss",
    "net": "NetIncomeLoss",
    "tax": "IncomeTaxExpenseBenefit",
    "pretax": "IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest",
    "equity": "StockholdersEquity",
    "debt": "LongTermDebtNoncurrent",
    "short": "DebtCurrent",
    "cash": "CashAndCashEquivalentsAtCarryingValue",
}
BALANCES = {"equity", "debt", "short", "cash"}
PERIODS = {"Q1": (1, 3, 31), "Q2": (4, 6, 30), "H1": (1, 6, 30), "FY": (1, 12, 31)}


def state(day: str, **amounts: dict[str, int]) -> list[Fact]:
    """Return what a filing of this day states: amounts in millions by part and period (2024Q1, 2024H1, 2024FY)."""
    return [
        make_filed_fact(
            f"us-gaap:{TAGS[part]}",
            None if part in BALANCES else date(int(period[:4]), PERIODS[period[4:]][0], 1),
            date(int(period[:4]), *PERIODS[period[4:]][1:]),
            Decimal(amount * 1_000_000),
            day,
            decimals=-6,
        )
        for part, periods in amounts.items()
        for period, amount in periods.items()
    ]


@pytest.fixture
def store(tmp_path: Path) -> Callable[..., Warehouse]:
    """Store filings, each in a commit of its own, and open the warehouse."""

    def write(*filings: list[Fact]) -> Warehouse:
        init(tmp_path / "p")
        seeds = tmp_path / "p" / "seeds"
        (seeds / "entities.toml").write_text('[acme]\nname = "Acme"\ncurrency = "USD"\nfiscal_year_end = "12-31"\n')
        project = load_project(tmp_path / "p")
        ingest(project, [seeds])
        with Writer(project.warehouse) as writer:
            for filing in filings:
                writer.commit(Batch(to_table(filing), {}))
        return Warehouse(project.warehouse)

    return write


def ratio(warehouse: Warehouse, metric: str, period: str, columns: str, span: str = "year") -> Any:
    """Return what the view says of one ratio; None if it has no row."""
    found = warehouse.sql(
        f"select {columns} from ratio where metric = $metric and fiscal_period = $period and span = $span",
        {"metric": metric, "period": period, "span": span},
    ).fetchall()
    return found[0] if found else None


# -- by hand -----------------------------------------------------------------------------------------


def test_the_bounds_divide_interval_by_interval(store: Callable[..., Warehouse]) -> None:
    warehouse = store(state("2025-02-01", revenue={"2024FY": 200}, gross={"2024FY": 80}, net={"2024FY": -20}))
    assert ratio(warehouse, "gross_margin", "FY2024", "ratio, ratio_low, ratio_high") == (
        0.4,
        pytest.approx(79.5 / 200.5),
        pytest.approx(80.5 / 199.5),
    )
    assert ratio(warehouse, "net_margin", "FY2024", "ratio, ratio_low, ratio_high") == (
        -0.1,
        pytest.approx(-20.5 / 199.5),
        pytest.approx(-19.5 / 200.5),
    )


def test_growth_of_a_ratio_is_a_difference(store: Callable[..., Warehouse]) -> None:
    warehouse = store(state("2025-02-01", revenue={"2024FY": 200, "2023FY": 100}, gross={"2024FY": 80, "2023FY": 50}))
    columns = "base_ratio, difference, difference_low, difference_high, status, base_period"
    assert ratio(warehouse, "gross_margin", "FY2024", columns) == (
        0.5,
        pytest.approx(-0.1),
        pytest.approx(79.5 / 200.5 - 50.5 / 99.5),
        pytest.approx(80.5 / 199.5 - 49.5 / 100.5),
        "ok",
        "FY2023",
    )
    assert ratio(warehouse, "gross_margin", "FY2023", "difference, status") == (None, "no_base")


def test_returns_divide_by_the_mean_of_opening_and_closing_balances(store: Callable[..., Warehouse]) -> None:
    balances: dict[str, dict[str, int]] = {
        "equity": {"2023FY": 100, "2024FY": 200},
        "debt": {"2023FY": 30, "2024FY": 40},
        "short": {"2023FY": 10, "2024FY": 20},
        "cash": {"2023FY": 20, "2024FY": 60},
    }
    flows = {"net": {"2024FY": 30}, "operating": {"2024FY": 40}, "tax": {"2024FY": 10}, "pretax": {"2024FY": 40}}
    warehouse = store(state("2024-02-01", revenue={"2023FY": 90}), state("2025-02-01", **flows, **balances))
    assert ratio(warehouse, "return_on_equity", "FY2024", "ratio, ratio_low, ratio_high, definition") == (
        0.2,
        pytest.approx(29.5 / 150.5),
        pytest.approx(30.5 / 149.5),
        "net_income / mean equity",
    )
    # 40 less a quarter of it, over the mean of 100 + 30 + 10 - 20 and 200 + 40 + 20 - 60.
    assert ratio(warehouse, "return_on_invested_capital", "FY2024", "ratio, ratio_low, ratio_high") == (
        pytest.approx(30 / 160),
        pytest.approx(39.5 / 162 * (1 - 10.5 / 39.5)),
        pytest.approx(40.5 / 158 * (1 - 9.5 / 40.5)),
    )
    assert ratio(warehouse, "debt_to_equity", "FY2024", "ratio") == (0.3,)
    assert find_differences(warehouse, "acme", often(2, 1000)) == {}


def test_the_last_four_quarters_have_ratios(store: Callable[..., Warehouse]) -> None:
    warehouse = store(
        state("2024-05-01", revenue={"2024Q1": 40}, net={"2024Q1": 4}),
        state("2024-08-01", revenue={"2024H1": 100}, net={"2024H1": 10}),
        state("2025-02-01", revenue={"2024FY": 200}, net={"2024FY": 30}),
        state("2025-05-01", revenue={"2025Q1": 90, "2024Q1": 40}, net={"2025Q1": 24, "2024Q1": 4}),
    )
    assert ratio(warehouse, "net_margin", "2024Q2", "ratio", "quarter") == (0.1,)
    assert ratio(warehouse, "net_margin", "2024Q4", "ratio", "ttm") == (0.15,)


# -- why there is none -------------------------------------------------------------------------------


def test_a_ratio_without_a_part_says_which(store: Callable[..., Warehouse]) -> None:
    warehouse = store(state("2025-02-01", revenue={"2024FY": 200}, net={"2024FY": 10}, equity={"2024FY": 50}))
    assert ratio(warehouse, "operating_margin", "FY2024", "ratio, reason, status") == (
        None,
        "operating_income: not stated",
        "not_derivable",
    )
    assert ratio(warehouse, "return_on_equity", "FY2024", "ratio, reason") == (None, "2023Q4: equity: not stated")


@pytest.mark.parametrize("revenue", [0, -5])
def test_a_ratio_needs_a_base_above_zero(store: Callable[..., Warehouse], revenue: int) -> None:
    warehouse = store(state("2025-02-01", revenue={"2024FY": revenue}, net={"2024FY": 10}))
    assert ratio(warehouse, "net_margin", "FY2024", "ratio, reason_code, reason_parameters['what']") == (
        None,
        "not_above_zero",
        "revenue",
    )


def test_parts_of_two_units_make_no_ratio(store: Callable[..., Warehouse]) -> None:
    foreign = [replace(fact, unit="EUR") for fact in state("2025-02-01", net={"2024FY": 10})]
    warehouse = store([*state("2025-02-01", revenue={"2024FY": 100}), *foreign])
    assert ratio(warehouse, "net_margin", "FY2024", "ratio, reason_code") == (None, "parts_differ")


def test_a_part_that_was_restated_alone_makes_no_ratio(store: Callable[..., Warehouse]) -> None:
    """The report of 2026 restates revenue of 2024, and says nothing of net income."""
    first = state("2025-02-01", revenue={"2024FY": 100}, net={"2024FY": 10})
    alone = store(first, state("2026-02-01", revenue={"2024FY": 80}))
    assert ratio(alone, "net_margin", "FY2024", "ratio, reason_code") == (None, "parts_on_no_vintage")
    assert ratio(alone, "net_margin", "2024Q4", "ratio, reason_code", "ttm") == (None, "parts_on_no_vintage")
    assert alone.sql(
        "select ratio from ratio_as_of('2025-06-01') where metric = 'net_margin' order by span"
    ).fetchall() == [
        (None,),
        (0.1,),
        (0.1,),
    ]


def test_parts_that_were_restated_together_make_a_ratio(store: Callable[..., Warehouse]) -> None:
    first = state("2025-02-01", revenue={"2024FY": 100}, net={"2024FY": 10})
    both = store(first, state("2026-02-01", revenue={"2024FY": 80}, net={"2024FY": 10}))
    assert ratio(both, "net_margin", "FY2024", "ratio") == (0.125,)


def test_a_year_that_does_not_compare_is_no_base(store: Callable[..., Warehouse]) -> None:
    """Revenue of 2023 was last stated before the tag changed."""
    new = [
        replace(fact, concept="us-gaap:SalesRevenueNet") if "Revenues" in fact.concept else fact
        for fact in state("2025-02-01", revenue={"2024FY": 100}, net={"2024FY": 10, "2023FY": 9})
    ]
    warehouse = store(state("2024-02-01", revenue={"2023FY": 90}, net={"2023FY": 9}), new)
    assert ratio(warehouse, "net_margin", "FY2024", "ratio, difference, status") == (0.1, None, "basis_changed")


def test_another_definition_counts_where_the_first_lacks_a_part(store: Callable[..., Warehouse]) -> None:
    warehouse = store(
        state("2025-02-01", revenue={"2024FY": 200, "2023FY": 100}, cost={"2024FY": 120, "2023FY": 70}),
        state("2025-03-01", gross={"2023FY": 30}),
    )
    assert ratio(warehouse, "gross_margin", "FY2024", "ratio, definition, status") == (
        0.4,
        "(revenue - cost_of_revenue) / revenue",
        "basis_changed",
    )
    assert ratio(warehouse, "gross_margin", "FY2023", "ratio, definition") == (0.3, "gross_profit / revenue")


# -- definitions -------------------------------------------------------------------------------------

OWN = '[share]\nlabel = "Share"\ntype = "duration"\nadditive = false\nmeasure = "ratio"\n'


def test_a_project_defines_ratios_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "metrics.toml"
    path.write_text(
        f"{OWN}numerator = [{{ net_income = 1 }}]\ndenominator = [{{ total_assets = 1 }}]\naveraged = true\n"
    )
    terms = [term for term in load_metrics(path).ratios if term.metric == "share"]
    assert [(term.side, term.part, term.is_averaged) for term in terms] == [
        ("numerator", "net_income", False),
        ("denominator", "total_assets", True),
    ]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("numerator = [{ net_income = 1 }]", "stands alone"),
        ("averaged = true", "belongs to a ratio"),
        ("numerator = [{ net_income = 1 }]\ndenominator = [{ users = 1 }]", "no metric of amounts"),
        ("numerator = [{ net_income = 2 }]\ndenominator = [{ revenue = 1 }]", "is not what belongs here"),
        ("numerator = []\ndenominator = [{ revenue = 1 }]", "is not what belongs here"),
    ],
)
def test_what_is_wrong_with_a_ratio_is_said(tmp_path: Path, lines: str, message: str) -> None:
    path = tmp_path / "metrics.toml"
    path.write_text(f"{OWN}{lines}\n")
    with pytest.raises(InputError, match=message):
        load_metrics(path)


# -- a real filer ------------------------------------------------------------------------------------

#: NVIDIA's fiscal 2025, from its 10-K 0001045810-25-000023, in millions: above, below, and what is added or left out.
REVENUE, EQUITY = 130_497, (79_327 + 42_978) / 2
CAPITAL = (79_327 + 8_463 + 0 - 8_589 + 42_978 + 8_459 + 1_250 - 7_280) / 2
BY_HAND = {
    "gross_margin": (97_858, REVENUE),
    "operating_margin": (81_453, REVENUE),
    "net_margin": (72_880, REVENUE),
    "free_cash_flow_margin": (64_089 - 3_236, REVENUE),
    "capex_intensity": (3_236, REVENUE),
    "r_and_d_share": (12_914, REVENUE),
    "tax_rate": (11_146, 84_026),
    "payout_ratio": (834, 72_880),
    "return_on_equity": (72_880, EQUITY),
    "return_on_invested_capital": (81_453 * (1 - 11_146 / 84_026), CAPITAL),
    "debt_to_equity": (8_463, 79_327),
    "current_ratio": (80_126, 18_047),
}


@pytest.fixture(scope="module")
def real(filers: Project) -> Warehouse:
    return worked_out(filers.warehouse)


@pytest.mark.parametrize("metric", BY_HAND)
def test_ratios_checked_by_hand(real: Warehouse, metric: str) -> None:
    above, below = BY_HAND[metric]
    ((value, low, high),) = real.sql(
        """select ratio, ratio_low, ratio_high from ratio
           where entity = 'cik0001045810' and metric = $metric and fiscal_period = 'FY2025' and span = 'year'""",
        {"metric": metric},
    ).fetchall()
    assert value == pytest.approx(above / below, rel=1e-9)
    assert low < value < high
    # Each printed amount is off by half a million at most; an amount of four parts by two.
    reach = {"free_cash_flow_margin": 1, "return_on_invested_capital": 1}.get(metric, 0.5)
    around = {"return_on_invested_capital": 2, "debt_to_equity": 0.5}.get(metric, 0.5)
    assert low >= (above - 2 * reach) / (below + around) - 1e-9
    assert high <= (above + 2 * reach) / (below - around) + 1e-9


def test_every_ratio_is_checked_by_hand() -> None:
    assert {term.metric for term in load_metrics(None).ratios} == BY_HAND.keys()


def test_a_rate_that_is_filed_has_no_growth_in_percent(store: Callable[..., Warehouse]) -> None:
    """A percentage of a percentage says nothing: the base is there, and the change is their difference."""
    rates = {2021: "0.20", 2022: "0.25", 2023: "0.24", 2024: "0.30"}
    facts = [
        make_filed_fact(
            "us-gaap:EffectiveIncomeTaxRateContinuingOperations",
            date(year, 1, 1),
            date(year, 12, 31),
            Decimal(rate),
            f"{year + 1}-02-01",
            unit="pure",
            decimals=2,
        )
        for year, rate in rates.items()
    ]
    warehouse = store(facts)
    grown = "select fiscal_year, value, base, yoy_ratio, yoy_low, yoy_status from yoy where base is not null order by 1"
    assert warehouse.sql(grown).fetchall() == [
        (year, Decimal(rates[year]), Decimal(rates[year - 1]), None, None, "rate") for year in (2022, 2023, 2024)
    ]
    assert warehouse.sql("select years, cagr_ratio, cagr_status from cagr").fetchall() == [(3, None, "rate")]
