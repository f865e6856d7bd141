"""Amounts stated with contradicting signs: they stay visible as stated, and nothing is derived across them."""

from __future__ import annotations

from typing import Any

import pytest

from support.project import by_company, fact_line, init_at, of_company, often, write_facts, write_sources
from tracker.pipeline.ingest import ingest
from tracker.warehouse.derive import find_differences
from tracker.warehouse.reader import Warehouse

CAPEX = "PaymentsToAcquirePropertyPlantAndEquipment"
OPERATING = "NetCashProvidedByUsedInOperatingActivities"
LEASES = "FinanceLeasePrincipalPayments"
PAID = "IncomeTaxesPaidNet"
#: The filings of every company, each with the day on which it became public.
FILED = {
    "f1": "2023-05-01",
    "f2": "2023-08-01",
    "f3": "2023-11-01",
    "f4": "2024-02-01",
    "f5": "2024-05-01",
    "f6": "2024-08-01",
}

Said = tuple[str, str, int, str]


def capex(**filed: tuple[str, int]) -> list[Said]:
    """Return what each filing says of purchases: a period and an amount in millions."""
    return [(CAPEX, *said, source) for source, said in filed.items()]


FIVE = {"f1": ("2023Q1", 10), "f2": ("2023H1", 22), "f3": ("2023M9", 36), "f4": ("FY2023", 52), "f5": ("2024Q1", 12)}
WORLDS: dict[str, list[Said]] = {
    "sound": capex(**FIVE),
    "first_turned": capex(**{**FIVE, "f1": ("2023Q1", -10)}),
    "turned_until_the_year": capex(f1=("2023Q1", -10), f2=("2023H1", -22), f3=("2023M9", -36), f4=("FY2023", 52)),
    "all_turned": capex(f1=("2023Q1", -10), f2=("2023H1", -22), f3=("2023M9", -36), f4=("FY2023", -52)),
    "quarter_turned": capex(f1=("2023Q1", 10), f2=("2023Q2", -12)),
    "both_signs": [*capex(f1=("2023Q1", 10), f2=("2023H1", 22)), (CAPEX, "2023H1", -22, "f3")],
    "put_right": [
        *capex(f1=("2023Q1", -10), f2=("2023H1", 22), f5=("2023Q1", 10)),
        (CAPEX, "2023H1", 22, "f6"),
    ],
    "four_quarters": capex(
        f1=("2023Q1", 10), f2=("2023Q2", -12), f3=("2023Q3", 14), f4=("2023Q4", 16), f5=("2024Q1", 12)
    ),
    "loss": [(OPERATING, "2023Q1", -10, "f1"), (OPERATING, "2023H1", 22, "f2"), (OPERATING, "2024Q1", 30, "f5")],
    "loss_restated": [
        (OPERATING, "2023Q1", 10, "f1"), (OPERATING, "2023H1", 22, "f2"), (OPERATING, "2023H1", -22, "f3"),
        (OPERATING, "2023Q1", 10, "f3"),
    ],
    "refund": [(PAID, "2023Q1", -3, "f1"), (PAID, "2023H1", 5, "f2")],
    "refund_turned": [(PAID, "2023Q1", 3, "f1"), (PAID, "2023H1", 5, "f2"), (PAID, "2023Q1", -3, "f3")],
    "sum_by_definition": [
        (OPERATING, "2023Q1", 50, "f1"), (CAPEX, "2023Q1", -10, "f1"),
        ("Revenues", "2023Q1", 200, "f1"), (OPERATING, "2023Q2", 50, "f2"), (CAPEX, "2023Q2", 10, "f2"),
        ("Revenues", "2023Q2", 200, "f2"),
    ],
}  # fmt: skip

#: At how many moments the views are asked: at all in the long form.
MOMENTS = often(2, 10)
Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The warehouse of all these companies."""
    project = init_at(tmp_path_factory.mktemp("doubts"), [*WORLDS])
    write_sources(project, *(f"{one},release,Acme,,en,,,,,{day},\n" for one, day in FILED.items()))
    write_facts(
        project,
        *(
            line
            for name, said in WORLDS.items()
            for line in of_company(
                name, [fact_line(tag, period, str(value), source=by) for tag, period, value, by in said]
            )
        ),
    )
    ingest(project, [project.seeds])
    return Warehouse(project.warehouse)


def ask(warehouse: Warehouse, query: str) -> Rows:
    return by_company(warehouse.sql(query).fetchall())


@pytest.fixture(scope="module")
def figures(stored: Warehouse) -> Rows:
    """Each figure of purchases, taxes and operating cash flow: period, millions, how it came about, reason, basis."""
    return ask(
        stored,
        "select entity, fiscal_period, cast(value / 1000000 as integer), method, reason_code, basis from figure "
        "where metric in ('capex_ppe', 'taxes_paid', 'operating_cash_flow') order by entity, metric, period_end, span",
    )


BELOW, BOTH = "below zero, which it cannot be", "stated above and below zero"


def of_period(rows: Rows, company: str, period: str) -> tuple[Any, ...]:
    return next(tuple(row[1:]) for row in rows[company] if row[0] == period)


FIGURES = [
    # company, period, the figure (millions), how it came about, why there is none, its basis
    ("sound", "2023Q2", (12, "derived", None, None)),
    ("first_turned", "2023Q1", (-10, "reported", None, BELOW)),
    ("first_turned", "2023H1", (22, "reported", None, None)),
    ("first_turned", "2023Q2", (None, None, "sign_changed", None)),
    ("first_turned", "2023Q3", (14, "derived", None, None)),
    ("turned_until_the_year", "2023Q2", (-12, "derived", None, BELOW)),
    ("turned_until_the_year", "2023Q4", (None, None, "sign_changed", None)),
    ("turned_until_the_year", "FY2023", (52, "reported", None, None)),
    ("all_turned", "2023Q4", (-16, "derived", None, BELOW)),
    ("quarter_turned", "2023H1", (None, None, "not_stated_nor_added_up_because", None)),
    ("both_signs", "2023H1", (-22, "reported", None, BOTH)),
    ("both_signs", "2023Q2", (None, None, "sign_changed", None)),
    ("put_right", "2023Q1", (10, "reported", None, None)),
    ("put_right", "2023Q2", (12, "derived", None, None)),
    ("four_quarters", "FY2023", (None, None, "not_stated_nor_added_up_because", None)),
    ("loss", "2023Q2", (32, "derived", None, None)),
    ("loss_restated", "2023Q2", (-32, "derived", None, None)),
    ("refund", "2023Q2", (8, "derived", None, None)),
    ("refund_turned", "2023Q1", (-3, "reported", None, BOTH)),
    ("refund_turned", "2023Q2", (None, None, "sign_changed", None)),
]


@pytest.mark.parametrize(("company", "period", "expected"), FIGURES, ids=[f"{one[0]}-{one[1]}" for one in FIGURES])
def test_nothing_is_derived_across_contradicting_signs(
    figures: Rows, company: str, period: str, expected: tuple[Any, ...]
) -> None:
    assert of_period(figures, company, period) == expected


GROWTH = [
    # company, base, growth, status, why there is none
    ("sound", 10, 0.2, "ok", None),
    ("first_turned", None, None, "basis_changed", "2023Q1 and 2024Q1 are stated with contradicting signs"),
    ("loss", -10, None, "loss_to_profit", None),
]


@pytest.mark.parametrize(("company", "base", "ratio", "status", "reason"), GROWTH, ids=[one[0] for one in GROWTH])
def test_nothing_grows_across_contradicting_signs(
    stored: Warehouse, company: str, base: int | None, ratio: float | None, status: str, reason: str | None
) -> None:
    ((value, *rest),) = stored.sql(
        "select cast(base / 1000000 as integer), round(yoy_ratio, 6), yoy_status, reason from yoy "
        f"where entity = '{company}' and metric in ('capex_ppe', 'operating_cash_flow') and fiscal_period = '2024Q1'"
    ).fetchall()
    assert (value, *rest) == (base, ratio, status, reason)


def test_no_four_quarters_are_added_up_across_contradicting_signs(stored: Warehouse) -> None:
    found = ask(
        stored,
        "select entity, fiscal_period, value, reason from ttm where metric = 'capex_ppe' and entity = 'four_quarters' "
        "and fiscal_period in ('2023Q4', '2024Q1')",
    )
    assert found["four_quarters"] == [
        ("2023Q4", None, "its parts are stated with contradicting signs"),
        ("2024Q1", None, "its parts are stated with contradicting signs"),
    ]


def test_no_sum_by_definition_or_ratio_has_a_part_of_the_wrong_sign(stored: Warehouse) -> None:
    doubtful = "capex_ppe: its sign is in doubt"
    found = stored.sql(
        "select fiscal_period, cast(value / 1000000 as integer), reason from figure "
        "where entity = 'sum_by_definition' and metric = 'free_cash_flow' and span = 'quarter' order by 1"
    ).fetchall()
    assert found == [("2023Q1", None, doubtful), ("2023Q2", 40, None)]
    ratios = stored.sql(
        "select fiscal_period, round(ratio, 6), reason_code from ratio "
        "where entity = 'sum_by_definition' and metric = 'capex_intensity' and span = 'quarter' order by 1"
    ).fetchall()
    assert ratios == [("2023Q1", None, "sign_doubtful"), ("2023Q2", 0.05, None)]


def test_until_the_sign_was_put_right_nothing_was_derived(stored: Warehouse) -> None:
    query = (
        "select cast(value / 1000000 as integer), reason_code from figure_as_of('{day}') "
        "where entity = 'put_right' and metric = 'capex_ppe' and fiscal_period = '2023Q2'"
    )
    days = {day: stored.sql(query.format(day=day)).fetchall() for day in ("2023-09-01", "2024-06-01", "2024-09-01")}
    assert days == {
        "2023-09-01": [(None, "sign_changed")],
        "2024-06-01": [(None, "sign_changed")],
        "2024-09-01": [(12, None)],
    }


@pytest.mark.parametrize("company", ["put_right"])
def test_the_stored_history_of_doubts_is_what_the_views_show(stored: Warehouse, company: str) -> None:
    assert find_differences(stored, company, MOMENTS) == {}


# -- scales ------------------------------------------------------------------------------------------

TAGS = ("Revenues", "CostOfRevenue", CAPEX)


def of_filing(by: str, by_period: dict[str, int], *, scale: str = "6", tags: tuple[str, ...] = TAGS) -> list[str]:
    """Return what a filing says of several concepts, the later ones a little more: 101 and 102 for 100."""
    return [
        fact_line(tag, period, str(value + number), source=by, scale=scale)
        for number, tag in enumerate(tags)
        for period, value in by_period.items()
    ]


YEAR_BEFORE = of_filing("f1", {"2022Q1": 100, "2022H1": 210}) + of_filing("f2", {"2023Q1": 110})
SCALES: dict[str, list[str]] = {
    "grown": [*of_filing("f1", {"2022Q1": 100}), *of_filing("f2", {"2023Q1": 3_000, "2023H1": 9_000})],
    "sound": [*YEAR_BEFORE, *of_filing("f3", {"2023H1": 230})],
    # Thousands were tagged as units: the half-year stands a thousandth as high, and so does its comparative.
    "in_thousands": [*YEAR_BEFORE, *of_filing("f3", {"2023H1": 230, "2022H1": 210}, scale="3")],
    "no_comparative": [*YEAR_BEFORE, *of_filing("f3", {"2023H1": 230}, scale="3")],
    "one_concept": [
        *YEAR_BEFORE, *of_filing("f3", {"2023H1": 230}, scale="3", tags=TAGS[:1]),
        *of_filing("f3", {"2023H1": 230}, tags=TAGS[1:]),
    ],
    "put_right": [
        *YEAR_BEFORE, *of_filing("f3", {"2023H1": 230}, scale="3"), *of_filing("f4", {"2023H1": 230}),
        *of_filing("f4", {"2023Q1": 110}),
    ],
    "two_only": [*of_filing("f1", {"2023Q1": 110}), *of_filing("f2", {"2023Q1": 110}, scale="3"),
                 *of_filing("f2", {"2023H1": 230}, scale="3")],
}  # fmt: skip


@pytest.fixture(scope="module")
def scales(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The warehouse of companies that filed in contradicting scales, let in without the check of scales."""
    folder = tmp_path_factory.mktemp("scales")
    project = init_at(folder, [*SCALES])
    (folder / "checks").mkdir(exist_ok=True)
    (folder / "checks" / "scale_error.sql").write_text(
        "-- scale_error: any scale\n-- severity: info\n-- message: {entity}\n-- remedy: none\n"
        "select entity from fact where false\n"
    )
    write_sources(project, *(f"{one},release,Acme,,en,,,,,{day},\n" for one, day in FILED.items()))
    write_facts(project, *(line for name, lines in SCALES.items() for line in of_company(name, lines)))
    ingest(project, [project.seeds])
    return Warehouse(project.warehouse)


SMALL = "a thousandth of what other filings state"
HALF, SECOND = "2023H1", "2023Q2"
DERIVED = [
    # company, period, revenue (thousands), why there is none, its basis
    ("grown", SECOND, (6_000_000, None, None)),
    ("sound", SECOND, (120_000, None, None)),
    ("in_thousands", HALF, (230, None, SMALL)),
    ("in_thousands", SECOND, (None, "scale_changed", None)),
    ("no_comparative", HALF, (230, None, SMALL)),
    ("no_comparative", SECOND, (None, "scale_changed", None)),
    ("one_concept", HALF, (230, None, None)),
    ("put_right", HALF, (230_000, None, None)),
    ("put_right", SECOND, (120_000, None, None)),
    ("two_only", SECOND, (None, "scale_changed", None)),
]


@pytest.mark.parametrize(("company", "period", "expected"), DERIVED, ids=[f"{one[0]}-{one[1]}" for one in DERIVED])
def test_nothing_is_derived_across_contradicting_scales(
    scales: Warehouse, company: str, period: str, expected: tuple[Any, ...]
) -> None:
    found = scales.sql(
        "select cast(value / 1000 as integer), reason_code, basis from figure "
        f"where entity = '{company}' and metric = 'revenue' and fiscal_period = '{period}'"
    ).fetchall()
    assert found == [expected]


def test_growth_compares_amounts_of_one_scale(scales: Warehouse) -> None:
    """A filing in the wrong scale gives the year before in the same one; without it, there is no growth rate."""
    found = scales.sql(
        "select entity, round(yoy_ratio, 4), reason from yoy where metric = 'revenue' and fiscal_period = '2023H1' "
        "and entity in ('in_thousands', 'no_comparative') order by 1"
    ).fetchall()
    assert found == [
        ("in_thousands", 0.0952, None),
        ("no_comparative", None, "2022H1 and 2023H1 are stated in contradicting scales"),
    ]


def test_the_stored_history_of_scales_is_what_the_views_show(scales: Warehouse) -> None:
    assert find_differences(scales, "put_right", MOMENTS) == {}
