"""Statements held against each other: what agrees, what was restated, what cannot be compared, and who wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tracker.project import Project, ingest
from tracker.warehouse import Warehouse

from conftest import fact_line, write_facts

if TYPE_CHECKING:
    from collections.abc import Sequence


def rows(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    return warehouse.sql(query).fetchall()


def answer(project: Project, query: str, lines: Sequence[str] = ()) -> list[tuple[Any, ...]]:
    """What the warehouse of a small project says, after these rows of facts.csv were stored."""
    if lines:
        write_facts(project, *lines)
        ingest(project, [project.seeds])
    with Warehouse(project.warehouse) as warehouse:
        return rows(warehouse, query)


def claim(
    metric: str, period: str, value: str, *, source: str = "a1", scale: str = "9", qualifier: str = "exact"
) -> str:
    """A row of facts.csv: what an article says a figure was."""
    return f"acme,,{metric},actual,{period},{value},,,{scale},USD,{qualifier},{source},,,,"


# -- figures checked by hand -------------------------------------------------------------------------


def test_three_articles_agree_with_the_quarter_as_filed(warehouse: Warehouse) -> None:
    """Purchases of 8,173 and lease principal of 299 million make 8,472; each article prints 8.5 billion."""
    found = rows(
        warehouse,
        "select state, method, coalesce(source_id, definition), value / 1000000, chosen_value / 1000000, rule from reconciliation "
        "where entity = 'meta' and metric = 'capex' and fiscal_period = '2024Q2' order by place",
    )
    definition = "purchases of property and equipment, net, and principal payments on finance leases"
    assert found[0] == ("equal", "derived", definition, 8_472, 8_472, "filed beats stated")
    assert sorted(found[1:]) == [
        ("consistent", "stated", f"article-00{n}", 8_500, 8_472, "filed beats stated") for n in (0, 1, 3)
    ]


def test_a_figure_on_its_old_basis_is_restated(warehouse: Warehouse) -> None:
    """2023Q2: 13,058 - 6,842 as first filed, 12,957 - 6,823 since; the naive 13,058 - 6,823 is no candidate at all."""
    found = rows(
        warehouse,
        "select state, value / 1000000, is_chosen from reconciliation "
        "where entity = 'meta' and metric = 'capex_ppe' and fiscal_period = '2023Q2' order by place",
    )
    assert found == [("equal", 6_134, True), ("restated", 6_216, False)]


def test_every_shown_value_is_one_of_its_candidates(warehouse: Warehouse) -> None:
    assert rows(
        warehouse,
        "select count(*) from figure f where f.value is not null and 1 <> (select count(*) from reconciliation r "
        "where r.entity = f.entity and r.metric = f.metric and r.span = f.span and r.fiscal_year = f.fiscal_year "
        "and r.fiscal_quarter = f.fiscal_quarter and r.is_chosen and r.value = f.value and r.rule = f.rule)",
    ) == [(0,)]


# -- states and rules --------------------------------------------------------------------------------

CASES = [
    # what it shows, the rows, then state, rule and value (millions) of each candidate in order
    (
        "a rounded claim beside a filing",
        [fact_line("Revenues", "2024Q2", "8472"), claim("revenue", "2024Q2", "8.5")],
        [("equal", "filed beats stated", 8472), ("consistent", "filed beats stated", 8500)],
    ),
    (
        "a claim that cannot be true beside it",
        [fact_line("Revenues", "2024Q2", "8472"), claim("revenue", "2024Q2", "8.7")],
        [("equal", "filed beats stated", 8472), ("inconsistent", "filed beats stated", 8700)],
    ),
    (
        "an open end meets every value on its side",
        [fact_line("Revenues", "2024Q2", "8472"), claim("revenue", "2024Q2", "8", qualifier="more_than")],
        [("equal", "filed beats stated", 8472), ("consistent", "filed beats stated", 8000)],
    ),
    (
        "an open end on the other side",
        [fact_line("Revenues", "2024Q2", "8472"), claim("revenue", "2024Q2", "8", qualifier="less_than")],
        [("equal", "filed beats stated", 8472), ("inconsistent", "filed beats stated", 8000)],
    ),
    (
        "of two claims the finer print",
        [claim("revenue", "2024Q2", "8.5"), claim("revenue", "2024Q2", "8472", source="r1", scale="6")],
        [
            ("equal", "the finer print beats the rounder", 8472),
            ("consistent", "the finer print beats the rounder", 8500),
        ],
    ),
    (
        "an exact print beats a bound of the same digits",
        [claim("revenue", "2024Q2", "8", qualifier="more_than"), claim("revenue", "2024Q2", "9", source="r1")],
        [
            ("equal", "the finer print beats the rounder", 9000),
            ("consistent", "the finer print beats the rounder", 8000),
        ],
    ),
    (
        "a reported quarter beside the difference of two sums",
        [
            fact_line("Revenues", "2024Q1", "100"),
            fact_line("Revenues", "2024H1", "301"),
            fact_line("Revenues", "2024Q2", "200"),
        ],
        [("equal", "reported beats derived", 200), ("consistent", "reported beats derived", 201)],
    ),
    (
        "two tags that disagree",
        [
            fact_line("SalesRevenueNet", "2024Q2", "100"),
            fact_line("Revenues", "2024Q2", "90"),
        ],
        [("equal", "the first tag in order", 90), ("inconsistent", "the first tag in order", 100)],
    ),
    (
        "another unit",
        [
            fact_line("Revenues", "2024Q2", "100"),
            fact_line("Revenues", "2024Q1", "100"),
            fact_line("Revenues", "2024Q2", "90").replace("USD", "EUR"),
        ],
        [("equal", "the usual unit", 100), ("incomparable", "the usual unit", 90)],
    ),
    (
        "a later version of the same filer",
        [
            fact_line("Revenues", "2024Q2", "100"),
            fact_line("Revenues", "2024Q2", "90", source="r2"),
        ],
        [
            ("equal", "the later version beats the earlier", 90),
            ("restated", "the later version beats the earlier", 100),
        ],
    ),
]


@pytest.mark.parametrize(("lines", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_states_and_rules(later: Project, lines: list[str], expected: list[tuple[str, str, int]]) -> None:
    query = "select state, rule, value / 1000000 from reconciliation where fiscal_period = '2024Q2' order by place"
    assert answer(later, query, lines) == expected


@pytest.fixture
def later(empty: Project) -> Project:
    """A project with a second release, a month after the first."""
    path = empty.seeds / "sources.csv"
    path.write_text(path.read_text() + "r2,release,Acme,,en,,,,,2024-09-01,\n")
    return empty
