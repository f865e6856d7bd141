"""Stock splits: how they are found, and figures on one basis."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.facts import make_filed_fact
from support.parts import init_project, store_filings
from support.project import often, worked_out
from tracker.model.batch import Batch
from tracker.model.fact import Fact, to_table
from tracker.warehouse import histories
from tracker.warehouse.derive import find_differences
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracker.project import Project

EPS, SHARES = "us-gaap:EarningsPerShareDiluted", "us-gaap:WeightedAverageNumberOfDilutedSharesOutstanding"
SPLIT = "us-gaap:StockholdersEquityNoteStockSplitConversionRatio1"


def report(year: int, **amounts: dict[int, str]) -> list[Fact]:
    """Return an annual report: earnings a share and millions of shares by year, and a split by its ratio."""
    concepts = {
        "eps": (EPS, "USD/shares", 2, 1),
        "shares": (SHARES, "shares", -6, 1_000_000),
        "split": (SPLIT, "pure", 0, 1),
    }
    return [
        make_filed_fact(
            concepts[part][0],
            None if part == "split" else date(of, 1, 1),
            date(of, 12, 31),
            Decimal(value) * concepts[part][3],
            f"{year + 1}-02-10",
            unit=concepts[part][1],
            decimals=concepts[part][2],
        )
        for part, values in amounts.items()
        for of, value in values.items()
    ]


@pytest.fixture
def store(tmp_path: Path) -> Callable[..., Warehouse]:
    """Store reports, and open the warehouse."""

    def write(*reports: list[Fact], folder: str = "p") -> Warehouse:
        path = init_project(tmp_path / folder)
        store_filings(path, reports)
        return worked_out(path)

    return write


def splits(warehouse: Warehouse, view: str = "split") -> list[tuple[Any, ...]]:
    return warehouse.sql(f"select cast(known_at as date), ratio, is_confirmed from {view} order by 1").fetchall()


def adjusted(warehouse: Warehouse, metric: str) -> list[tuple[Any, ...]]:
    return warehouse.sql(
        """select fiscal_year, cast(value as double), split_ratio, cast(adjusted as double) from split_adjusted
           where metric = $metric and span = 'year' order by 1""",
        {"metric": metric},
    ).fetchall()


#: At how many moments the views are asked: at all in the long form.
MOMENTS = often(2, 10_000)
OLD = report(2022, eps={2021: "3.00", 2022: "4.00"}, shares={2021: "100", 2022: "110"})


def test_a_split_is_found_by_comparatives_that_moved(store: Callable[..., Warehouse]) -> None:
    """The report of 2023 gives 2022 on the new basis, and 2021 not at all."""
    new = report(2023, eps={2022: "1.00", 2023: "1.25"}, shares={2022: "440", 2023: "444"}, split={2023: "4"})
    warehouse = store(OLD, new)
    assert splits(warehouse) == [(date(2024, 2, 10), 4.0, True)]
    assert splits(warehouse, "split_as_of('2023-06-01')") == []
    assert adjusted(warehouse, "eps_diluted") == [
        (2021, 3.0, 4.0, 0.75),
        (2022, 1.0, 1.0, 1.0),
        (2023, 1.25, 1.0, 1.25),
    ]
    assert adjusted(warehouse, "shares_diluted")[0] == (2021, 100e6, 4.0, 400e6)


def test_no_growth_is_measured_across_a_split(store: Callable[..., Warehouse]) -> None:
    new = report(2023, eps={2022: "1.00", 2023: "1.25"}, shares={2022: "440", 2023: "444"})
    warehouse = store(OLD, new)
    rows = warehouse.sql("select metric, fiscal_year, round(yoy_ratio, 4), yoy_status from yoy order by all").fetchall()
    assert ("eps_diluted", 2023, 0.25, "ok") in rows
    assert ("eps_diluted", 2022, None, "split") in rows
    assert ("shares_diluted", 2022, None, "split") in rows
    ((base, reason),) = warehouse.sql(
        "select base, reason from yoy where metric = 'eps_diluted' and fiscal_year = 2022 and span = 'year'"
    ).fetchall()
    assert (base, reason) == (
        None,
        "a split of shares, first in the filing of 2024-02-10, lies between the statements of FY2021 and FY2022",
    )


def statuses(warehouse: Warehouse, moment: str, metric: str = "eps_diluted") -> list[tuple[Any, ...]]:
    return warehouse.sql(
        f"""select fiscal_year, round(yoy_ratio, 4), yoy_status from yoy_as_of('{moment}')
            where metric = $metric and span = 'year' order by 1""",
        {"metric": metric},
    ).fetchall()


def test_growth_is_refused_from_the_first_filing_after_the_split(store: Callable[..., Warehouse]) -> None:
    new = report(2023, eps={2022: "1.00", 2023: "1.25"}, shares={2022: "440", 2023: "444"})
    warehouse = store(OLD, new)
    assert statuses(warehouse, "2024-02-09") == [(2021, None, "no_base"), (2022, 0.3333, "ok")]
    assert statuses(warehouse, "2024-02-10") == [
        (2021, None, "no_base"),
        (2022, None, "split"),
        (2023, 0.25, "ok"),
    ]


def test_a_filing_that_repeats_no_year_before_is_on_the_other_side_of_a_split(store: Callable[..., Warehouse]) -> None:
    """The earnings of 2022 were never stated on the new basis, and no comparative of theirs moved."""
    new = report(2023, eps={2023: "1.25"}, shares={2021: "400", 2022: "440", 2023: "444"}, split={2023: "4"})
    warehouse = store(OLD, new)
    assert splits(warehouse) == [(date(2024, 2, 10), 4.0, True)]
    assert statuses(warehouse, "2024-03-01")[1:] == [(2022, 0.3333, "ok"), (2023, None, "split")]
    assert statuses(warehouse, "2024-03-01", "shares_diluted")[1:] == [(2022, 0.1, "ok"), (2023, 0.0091, "ok")]


def test_a_basis_that_changed_without_a_split_is_not_called_one(store: Callable[..., Warehouse]) -> None:
    """Earnings alone were restated for one of two years: no vintage holds both."""
    rows = store(OLD, report(2023, eps={2022: "2.00"}, shares={2022: "110"}))
    assert statuses(rows, "2024-03-01")[1] == (2022, None, "basis_changed")
    in_euro = [replace(one, unit="EUR/shares") for one in report(2023, eps={2023: "1.25"})]
    both = store(OLD, report(2023, eps={2022: "1.00"}, shares={2022: "440"}), in_euro, folder="q")
    assert statuses(both, "2024-03-01")[2] == (2023, None, "basis_changed")


def test_growth_over_several_years_is_not_measured_across_a_split(store: Callable[..., Warehouse]) -> None:
    new = report(2024, eps={2023: "1.20", 2024: "1.25"}, shares={2023: "440", 2024: "444"})
    before = report(2023, eps={2022: "4.00", 2023: "4.80"}, shares={2022: "110", 2023: "110"})
    warehouse = store(OLD, before, new)
    rows = warehouse.sql(
        "select metric, fiscal_year, cagr_ratio, cagr_status, base from cagr where years = 3 order by all"
    ).fetchall()
    assert rows == [
        ("eps_diluted", 2024, None, "split", None),
        ("shares_diluted", 2024, None, "split", None),
    ]


def with_class(facts: list[Fact]) -> list[Fact]:
    """Return the facts of a report, and its earnings a share as those of a class of shares, too."""
    axis = "us-gaap:StatementClassOfStockAxis=us-gaap:CommonClassAMember"
    return [*facts, *(replace(one, dimensions=axis) for one in facts if one.concept == EPS)]


def test_parts_of_a_company_share_its_splits(store: Callable[..., Warehouse]) -> None:
    """Classes of shares have earnings of their own; the class is cut anew by the filing after the split."""
    new = report(2023, eps={2022: "1.00", 2023: "1.25"}, shares={2022: "440", 2023: "444"}, split={2023: "4"})
    warehouse = store(with_class(OLD), with_class(new))
    rows = warehouse.sql(
        "select fiscal_year, round(yoy_ratio, 4), yoy_status, reason_code from segment_yoy where span = 'year' order by 1"
    ).fetchall()
    assert rows[1:] == [(2022, None, "split", "split_between"), (2023, 0.25, "ok", None)]


def test_a_split_needs_no_statement_of_its_ratio(store: Callable[..., Warehouse]) -> None:
    new = report(2023, eps={2022: "1.33", 2023: "1.25"}, shares={2022: "330", 2023: "333"})
    assert splits(store(OLD, new)) == [(date(2024, 2, 10), 3.0, True)]


def test_shares_are_put_together_as_well(store: Callable[..., Warehouse]) -> None:
    new = report(2023, eps={2022: "40.00", 2023: "50.00"}, shares={2022: "11", 2023: "11"}, split={2023: "10"})
    warehouse = store(OLD, new)
    assert splits(warehouse) == [(date(2024, 2, 10), 0.1, True)]
    assert adjusted(warehouse, "eps_diluted")[0] == (2021, 3.0, 0.1, 30.0)


@pytest.mark.parametrize(
    "new",
    [
        report(2023, eps={2022: "2.00"}, shares={2022: "110"}),  # earnings alone were restated
        report(2023, eps={2022: "4.00"}, shares={2022: "330"}),  # shares alone
        report(2023, eps={2022: "3.99"}, shares={2022: "111"}),  # a small correction of both
    ],
)
def test_a_restatement_is_no_split(store: Callable[..., Warehouse], new: list[Fact]) -> None:
    assert splits(store(OLD, new)) == []


def test_a_split_that_moved_nothing_is_not_confirmed(store: Callable[..., Warehouse]) -> None:
    """Nobody can tell whether ten new shares stand for one old, or one for ten."""
    warehouse = store(OLD, report(2024, eps={2024: "5.00"}, shares={2024: "90"}, split={2024: "10"}))
    assert splits(warehouse) == [(date(2025, 2, 10), None, False)]
    assert adjusted(warehouse, "eps_diluted")[0] == (2021, 3.0, None, None)


def reports_by_chance(chance: random.Random) -> list[list[Fact]]:
    """Return five annual reports with up to two splits, stated or not, and with years before that may be left out."""
    basis, found = Decimal(1), []
    amounts = {year: (Decimal(chance.randint(100, 900)) / 100, chance.randint(90, 120)) for year in range(2018, 2024)}
    for year in range(2019, 2024):
        ratio = Decimal(chance.choice(["1", "1", "2", "4", "10", "0.1"]))
        basis *= ratio
        shown = [one for one in (year - 1, year) if one == year or chance.random() < 0.8]
        parts = {
            "eps": {one: str((amounts[one][0] / basis).quantize(Decimal("0.01"))) for one in shown},
            "shares": {one: str(amounts[one][1] * basis) for one in shown},
            "split": {year: str(ratio)} if ratio != 1 and chance.random() < 0.7 else {},
        }
        found.append(report(year, **parts))
    return found


@pytest.mark.parametrize(("stages", "has_classes"), [("one stage", False), ("many stages", True)])
def test_stored_growth_knows_a_split_at_every_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stages: str, *, has_classes: bool
) -> None:
    """Stored rows are what the views show, in whatever order the reports come in, with and without classes of shares."""
    if stages == "many stages":
        monkeypatch.setattr(histories, "_FEW", -1)
    seen: Counter[str] = Counter()
    for number in range(often(1, 30)):
        chance = random.Random(number)
        reports = reports_by_chance(chance)
        chance.shuffle(reports)
        path = init_project(tmp_path / str(number))
        with Writer(path) as writer:
            for some in (reports[:3], reports[3:]):
                facts = [fact for one in some for fact in (with_class(one) if has_classes else one)]
                writer.commit(Batch(to_table(facts), {}))
        with Warehouse(path) as warehouse:
            assert find_differences(warehouse, "acme", MOMENTS) == {}
            listed = "select status from growth_history union all select yoy_status from segment_yoy_history"
            seen.update(status for (status,) in warehouse.sql(listed).fetchall())
    assert seen["split"]
    assert seen["ok"]


# -- real filers -------------------------------------------------------------------------------------


def test_splits_of_real_filers(filers: Project) -> None:
    warehouse = worked_out(filers.warehouse)
    found = warehouse.sql(
        """select entity, cast(known_at as date), ratio from split
           where is_confirmed and entity in ('cik0000320193', 'cik0001045810') order by all"""
    )
    assert found.fetchall() == [
        ("cik0000320193", date(2014, 7, 23), 7.0),
        ("cik0000320193", date(2020, 10, 29), 4.0),
        ("cik0001045810", date(2021, 8, 20), 4.0),
        ("cik0001045810", date(2024, 8, 28), 10.0),
    ]
    # NVIDIA's fiscal 2019: 6.63 in its 10-K 0001045810-21-000010, before four to one and ten to one.
    rows = warehouse.sql(
        """select value, split_ratio, adjusted from split_adjusted
           where entity = 'cik0001045810' and metric = 'eps_diluted' and fiscal_period = 'FY2019'"""
    ).fetchall()
    assert rows == [(Decimal("6.630000"), 40.0, Decimal("0.165750"))]
    grown = warehouse.sql(
        """select count(*) from growth
           where metric in ('shares_basic', 'shares_diluted', 'shares_outstanding') and abs(ratio) > 0.6
             and entity in ('cik0000320193', 'cik0001045810')"""
    ).fetchall()
    assert grown == [(0,)]
