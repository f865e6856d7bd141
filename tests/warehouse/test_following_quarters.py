"""Quarters that no filing names: they follow from the year and its other parts, with bounds, reasons and operands."""

from __future__ import annotations

from typing import Any

import pytest

from support.project import by_company, fact_line, init_at, of_company, often, write_facts, write_sources
from tracker.pipeline.ingest import ingest
from tracker.warehouse.derive import find_differences
from tracker.warehouse.reader import Warehouse

#: Revenue of the quarters of a year (millions), and of what they add up to.
AMOUNTS = {"2023Q1": 10, "2023Q2": 12, "2023Q3": 14, "2023Q4": 16}
AMOUNTS |= {"2023H1": 22, "2023H2": 30, "2023M9": 36, "FY2023": 52}
FOLLOWING = [
    # the quarter that follows, what is stated
    ("2023Q1", ["2023Q2", "2023H1"]),
    ("2023Q1", ["2023Q2", "2023Q3", "2023M9"]),
    ("2023Q1", ["2023Q2", "2023H2", "FY2023"]),
    ("2023Q1", ["2023Q2", "2023Q3", "2023Q4", "FY2023"]),
    ("2023Q2", ["2023Q1", "2023H1"]),
    ("2023Q2", ["2023Q1", "2023Q3", "2023M9"]),
    ("2023Q2", ["2023Q1", "2023H2", "FY2023"]),
    ("2023Q2", ["2023Q1", "2023Q3", "2023Q4", "FY2023"]),
    ("2023Q3", ["2023H1", "2023M9"]),
    ("2023Q3", ["2023Q1", "2023Q2", "2023M9"]),
    ("2023Q3", ["2023Q4", "2023H2"]),
    ("2023Q3", ["2023Q4", "2023H1", "FY2023"]),
    ("2023Q3", ["2023Q1", "2023Q2", "2023Q4", "FY2023"]),
    ("2023Q4", ["2023M9", "FY2023"]),
    ("2023Q4", ["2023Q3", "2023H2"]),
    ("2023Q4", ["2023Q3", "2023H1", "FY2023"]),
    ("2023Q4", ["2023Q1", "2023Q2", "2023Q3", "FY2023"]),
]
IDS = [f"{quarter} of {', '.join(stated)}" for quarter, stated in FOLLOWING]
DAYS = {
    "2023Q1": ("2023-01-01", "2023-03-31"),
    "2023Q2": ("2023-04-01", "2023-06-30"),
    "2023Q3": ("2023-07-01", "2023-09-30"),
    "2023Q4": ("2023-10-01", "2023-12-31"),
}
AVERAGE = "WeightedAverageNumberOfDilutedSharesOutstanding"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The warehouse of one company for each case, which states revenue and the average number of its shares."""
    project = init_at(tmp_path_factory.mktemp("following"), [f"case_{number}" for number in range(len(FOLLOWING))])
    write_sources(project, "f1,release,Acme,,en,,,,,2024-02-01,\n")
    lines = [
        line
        for number, (_, stated) in enumerate(FOLLOWING)
        for line in of_company(
            f"case_{number}",
            [fact_line("Revenues", period, str(AMOUNTS[period]), source="f1") for period in stated]
            + [fact_line(AVERAGE, period, "7", source="f1", unit="shares") for period in stated],
        )
    ]
    write_facts(project, *lines)
    ingest(project, [project.seeds])
    return Warehouse(project.warehouse)


@pytest.fixture(scope="module")
def quarters(stored: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    return by_company(
        stored.sql(
            "select entity, metric, fiscal_period, value, low, high, method, cast(period_start as varchar), "
            "cast(period_end as varchar), len(string_split(operands, ' ')) from quarter"
        ).fetchall()
    )


@pytest.mark.parametrize(("number", "quarter"), [(n, one[0]) for n, one in enumerate(FOLLOWING)], ids=IDS)
def test_a_quarter_that_no_filing_names_follows_from_the_others(
    quarters: dict[str, list[tuple[Any, ...]]], number: int, quarter: str
) -> None:
    """Its value and days are exact; each operand is exact to a millionth, and so is each bound."""
    (row,) = [row for row in quarters[f"case_{number}"] if row[:2] == ("revenue", quarter)]
    _, _, value, low, high, method, first, last, operands = row
    assert (value, method, (first, last)) == (AMOUNTS[quarter] * 1_000_000, "derived", DAYS[quarter])
    assert operands == len(FOLLOWING[number][1])
    assert low <= value <= high


def test_averages_do_not_follow(quarters: dict[str, list[tuple[Any, ...]]]) -> None:
    derived = [
        row
        for n, (quarter, _) in enumerate(FOLLOWING)
        for row in quarters[f"case_{n}"]
        if row[:2] == ("shares_diluted", quarter) and row[2] is not None
    ]
    assert derived == []


def test_the_stored_history_of_a_following_quarter_is_what_the_views_show(stored: Warehouse) -> None:
    assert find_differences(stored, "case_3", often(1, 5)) == {}
