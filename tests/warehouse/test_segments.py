"""Figures of parts of companies: quarters, growth, what is cut anew, and what adds up to the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.parts import ITEMS, REGION, SEGMENT, Amounts, Filing, init_project, segment, state, store_filings, year
from support.project import IS_LONG, often
from tracker.model.batch import Batch
from tracker.model.fact import Fact, to_table
from tracker.warehouse.checks import load_checks, run_checks
from tracker.warehouse.derive import find_differences
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Callable[..., Warehouse]:
    """Store filings, and open the warehouse."""

    def write(*filings: Filing | list[Fact]) -> Warehouse:
        project = init_project(tmp_path / "p")
        store_filings(project, [filing if isinstance(filing, list) else state(filing) for filing in filings])
        return Warehouse(project)

    return write


def ask(warehouse: Warehouse, columns: str, view: str, where: str = "true") -> list[tuple[Any, ...]]:
    return warehouse.sql(f"select {columns} from {view} where {where} order by all").fetchall()


def growth_of(warehouse: Warehouse, period: str, view: str = "segment_yoy") -> dict[str, tuple[Any, ...]]:
    """Return the growth of each part in a period: value and base in millions, status, code of the reason."""
    columns = "label, cast(value / 1000000 as bigint), cast(base / 1000000 as bigint), yoy_status, reason_code"
    return {row[0]: row[1:] for row in ask(warehouse, columns, view, f"fiscal_period = '{period}'")}


def assert_stored_is_defined(warehouse: Warehouse) -> None:
    """Assert that the stored rows are what the views show, at some moments, in the long form at every one."""
    assert find_differences(warehouse, "acme", often(2, 1000)) == {}


# -- figures ---------------------------------------------------------------------------------------------


def test_quarters_of_a_part_follow_the_rules_of_the_whole(store: Callable[..., Warehouse]) -> None:
    """A quarter that is stated comes before a difference; the missing ones are derived from one vintage."""
    part = segment("Rockets")
    warehouse = store(
        ("2024-05-01", "10-Q", {None: {"2024Q1": 100}, part: {"2024Q1": 10}}),
        ("2024-08-01", "10-Q", {None: {"2024Q2": 110, "2024H1": 210}, part: {"2024Q2": 12, "2024H1": 23}}),
        ("2024-11-01", "10-Q", {None: {"2024M9": 330}, part: {"2024M9": 36}}),
        ("2025-02-01", "10-K", {None: {"2024FY": 460}, part: {"2024FY": 50}}),
    )
    columns = "fiscal_period, cast(value / 1000000 as bigint), method, label, axis, member, role"
    assert ask(warehouse, columns, "segment_quarter") == [
        ("2024Q1", 10, "reported", "Rockets", SEGMENT, "acme:RocketsMember", "member"),
        ("2024Q2", 12, "reported", "Rockets", SEGMENT, "acme:RocketsMember", "member"),
        ("2024Q3", 13, "derived", "Rockets", SEGMENT, "acme:RocketsMember", "member"),
        ("2024Q4", 14, "derived", "Rockets", SEGMENT, "acme:RocketsMember", "member"),
    ]
    assert ask(warehouse, "fiscal_period, cast(value / 1000000 as bigint), method", "segment_annual") == [
        ("FY2024", 50, "reported")
    ]
    third = "fiscal_period = '2024Q3'"
    assert ask(warehouse, "low / 1000000, high / 1000000", "segment_quarter", third) == [(12.0, 14.0)]
    assert ask(warehouse, "fiscal_period", "segment_quarter_as_of('2024-08-02')") == [("2024Q1",), ("2024Q2",)]
    assert_stored_is_defined(warehouse)


def test_a_quarter_that_cannot_be_derived_says_why(store: Callable[..., Warehouse]) -> None:
    part = segment("Rockets")
    warehouse = store(
        ("2024-05-01", "10-Q", {None: {"2024Q1": 100}, part: {"2024Q1": 10}}),
        ("2024-08-01", "10-Q", {None: {"2024H1": 210}}),
    )
    assert ask(warehouse, "value, reason_code", "segment_quarter", "fiscal_period = '2024Q2'") == [
        (None, "half_year_not_stated")
    ]


def test_growth_of_parts_is_measured_within_one_filing(store: Callable[..., Warehouse]) -> None:
    warehouse = store(year(2024, (60, 50), (40, 40)))
    assert growth_of(warehouse, "FY2024") == {
        "Rockets": (60, 50, "ok", None),
        "Boats": (40, 40, "ok", None),
    }
    bounds = ask(warehouse, "yoy_low, yoy_high", "segment_yoy", "label = 'Rockets' and fiscal_period = 'FY2024'")
    assert bounds == [(pytest.approx(59.5 / 50.5 - 1), pytest.approx(60.5 / 49.5 - 1))]


# -- cut anew --------------------------------------------------------------------------------------------


def test_figures_that_a_filing_cut_anew_are_not_joined_to_older_ones(store: Callable[..., Warehouse]) -> None:
    """The report of 2025 moves business from boats to rockets, and restates 2024 alone."""
    warehouse = store(year(2024, (60, 50), (40, 40)), year(2025, (90, 75), (30, 25)))
    assert growth_of(warehouse, "FY2025")["Rockets"] == (90, 75, "ok", None)
    assert growth_of(warehouse, "FY2024") == {
        "Rockets": (75, None, "basis_changed", "axis_cut_anew"),
        "Boats": (25, None, "basis_changed", "axis_cut_anew"),
    }
    assert growth_of(warehouse, "FY2024", "segment_yoy_as_of('2025-03-01')")["Rockets"] == (60, 50, "ok", None)
    assert ask(warehouse, "axes, cast(cut_at as date), cause", "segment_cut") == [(SEGMENT, date(2026, 2, 10), "moved")]
    assert_stored_is_defined(warehouse)


def test_a_quarter_is_not_the_difference_of_figures_of_two_cuts(store: Callable[..., Warehouse]) -> None:
    """Without the cut, the fourth quarter of rockets would be 90 less 36."""
    nine = {None: {"2025M9": 76}, segment("Rockets"): {"2025M9": 36}, segment("Boats"): {"2025M9": 40}}
    warehouse = store(year(2024, (60,), (40,)), ("2025-11-01", "10-Q", nine), year(2025, (90, 75), (30, 25)))
    assert ask(warehouse, "label, value, reason_code", "segment_quarter", "fiscal_period = '2025Q4'") == [
        ("Boats", None, "figures_of_two_cuts"),
        ("Rockets", None, "figures_of_two_cuts"),
    ]
    assert ask(warehouse, "value is null", "quarter", "fiscal_period = '2025Q4' and metric = 'revenue'") == [(False,)]


def test_a_member_that_is_named_anew_has_no_growth_from_its_old_name(store: Callable[..., Warehouse]) -> None:
    """The report of 2025 calls boats ships, and gives ships no year before."""
    day, form, amounts = year(2025, (90, 60), (30, 40))
    amounts = {**amounts, segment("Ships"): {"2025FY": 30}}
    del amounts[segment("Boats")]
    warehouse = store(year(2024, (60, 50), (40, 40)), (day, form, amounts))
    assert growth_of(warehouse, "FY2025") == {
        "Rockets": (90, 60, "ok", None),
        "Ships": (30, None, "no_base", "part_without_base"),
    }
    assert growth_of(warehouse, "FY2024")["Boats"] == (40, 40, "ok", None)


def test_filings_without_a_common_period_are_joined_only_if_they_name_the_same_parts(
    store: Callable[..., Warehouse],
) -> None:
    same = store(year(2023, (50,), (40,)), year(2024, (60,), (40,)))
    assert growth_of(same, "FY2024")["Rockets"] == (60, 50, "ok", None)
    assert ask(same, "*", "segment_cut") == []


def test_filings_without_a_common_period_that_name_other_parts_are_not_joined(
    store: Callable[..., Warehouse],
) -> None:
    day, form, amounts = year(2024, (60,), (40,))
    other = store(year(2023, (50,), (40,)), (day, form, {**amounts, segment("Trains"): {"2024FY": 7}}))
    assert growth_of(other, "FY2024")["Rockets"] == (60, None, "basis_changed", "axis_cut_anew")
    assert ask(other, "cause", "segment_cut") == [("members",)]


def test_a_figure_that_is_printed_more_roundly_is_no_new_cut(store: Callable[..., Warehouse]) -> None:
    exact = [replace(fact, decimals=-5) for fact in state(year(2023, (50,), (40,)))]
    fine = [replace(fact, value=(fact.value or 0) + Decimal(400_000)) for fact in exact]
    warehouse = store(fine, year(2024, (60, 50), (40, 40)))
    assert ask(warehouse, "*", "segment_cut") == []
    assert growth_of(warehouse, "FY2024")["Rockets"][2:] == ("ok", None)


# -- what adds up ----------------------------------------------------------------------------------------


def test_parts_of_several_axes_are_kept_apart(store: Callable[..., Warehouse]) -> None:
    meeting = f"{REGION}=country:US;{segment('Rockets')}"
    qualified = f"{ITEMS}=us-gaap:OperatingSegmentsMember;{segment('Rockets')}"
    amounts: Amounts = {
        None: {"2024FY": 100},
        segment("Boats"): {"2024FY": 40},
        qualified: {"2024FY": 65},
        meeting: {"2024FY": 30},
        f"{REGION}=country:US": {"2024FY": 70},
        f"{REGION}=acme:ElsewhereMember": {"2024FY": 30},
        f"{ITEMS}=us-gaap:OperatingSegmentsMember": {"2024FY": 105},
        f"{ITEMS}=us-gaap:IntersegmentEliminationMember": {"2024FY": -5},
    }
    warehouse = store(("2025-02-01", "10-K", amounts))
    assert ask(warehouse, "label, role, axis", "segment_annual") == [
        ("Boats", "member", SEGMENT),
        ("Elsewhere", "member", REGION),
        ("Intersegment Elimination", "reconciling", ITEMS),
        ("Operating Segments", "total", ITEMS),
        ("Rockets", "member", SEGMENT),
        ("US", "member", REGION),
        ("US; Rockets", "cross", f"{REGION};{SEGMENT}"),
    ]
    assert ask(warehouse, "axis, members, cast(value / 1000000 as bigint), state", "segment_sum") == [
        (REGION, 2, 100, "equal"),
        (SEGMENT, 1, 40, "less"),
        (SEGMENT, 1, 65, "less"),
    ]


@pytest.mark.parametrize(
    ("amounts", "item", "state", "found"),
    [
        ((60, 40), None, "equal", []),
        ((60, 45), -5, "reconciled", []),
        ((60, 45), None, "more", ["info"]),
        ((60, 30), 4, "less", ["warning"]),
    ],
)
def test_segments_add_up_to_the_whole(
    store: Callable[..., Warehouse], amounts: tuple[int, int], item: int | None, state: str, found: list[str]
) -> None:
    said: Amounts = {
        None: {"2024FY": 100},
        segment("Rockets"): {"2024FY": amounts[0]},
        segment("Boats"): {"2024FY": amounts[1]},
    }
    if item is not None:
        said[f"{ITEMS}=us-gaap:MaterialReconcilingItemsMember"] = {"2024FY": item}
    warehouse = store(("2025-02-01", "10-K", said))
    assert ask(warehouse, "state", "segment_sum") == [(state,)]
    check = [check for check in load_checks() if check.name == "segments_of_whole"]
    assert [row.severity for row in run_checks(warehouse, check, None) if row.state != "pass"] == found


def test_per_share_amounts_of_parts_are_not_added(store: Callable[..., Warehouse]) -> None:
    classes = "us-gaap:StatementClassOfStockAxis"
    said: Amounts = {None: {"2024FY": 9}, f"{classes}=us-gaap:CommonClassAMember": {"2024FY": 9}}
    facts = [
        replace(fact, unit="USD/shares")
        for fact in state(("2025-02-01", "10-K", said), "us-gaap:EarningsPerShareBasic")
    ]
    warehouse = store(facts)
    assert len(ask(warehouse, "1", "segment_annual")) == 1
    assert ask(warehouse, "*", "segment_sum") == []


# -- histories -------------------------------------------------------------------------------------------


def test_histories_of_parts_are_the_same_in_any_order(tmp_path: Path) -> None:
    filings = [
        year(2023, (50, 45), (40, 35)),
        ("2024-05-01", "10-Q", {None: {"2024Q1": 25}, segment("Rockets"): {"2024Q1": 15}}),
        year(2024, (60, 50), (40, 40)),
        ("2025-05-01", "10-Q", {None: {"2025Q1": 30, "2024Q1": 25}, segment("Rockets"): {"2025Q1": 20, "2024Q1": 18}}),
        year(2025, (90, 75), (30, 25)),
    ]
    found = []
    orders = [filings, [*filings[2:], *filings[:2]], filings[::-1]]
    for at, order in enumerate(orders if IS_LONG else orders[:2]):
        path = init_project(tmp_path / str(at))
        with Writer(path) as writer:
            for filing in order:
                writer.commit(Batch(to_table(state(filing)), {}))
        with Warehouse(path) as warehouse:
            found.append(ask(warehouse, "*", "segment_figure_history"))
            if not at:
                assert_stored_is_defined(warehouse)
    assert all(one == found[0] for one in found[1:])
    assert len({row[-1] for row in found[0]}) > 2  # several days


def test_a_company_with_many_statements_is_derived_in_narrow_worlds(
    store: Callable[..., Warehouse], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stages one by one give what they give as one."""
    monkeypatch.setattr("tracker.warehouse.histories._FEW", -1)
    warehouse = store(year(2023, (50, 45), (40, 35)), year(2024, (60, 50), (40, 40)), year(2025, (90, 75), (30, 25)))
    monkeypatch.undo()
    assert growth_of(warehouse, "FY2025")["Rockets"] == (90, 75, "ok", None)
    assert_stored_is_defined(warehouse)
