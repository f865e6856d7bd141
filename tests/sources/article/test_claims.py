"""What texts state: what follows from it, and how it stood up to what was filed."""

from __future__ import annotations

import tempfile
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.project import (
    fact_line,
    init_at,
    made_once,
    of_company,
    often,
    small_project,
    worked_out,
    write_facts,
    write_sources,
)
from tracker.pipeline.ingest import ingest
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.project import Project


def rows(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    return warehouse.sql(query).fetchall()


def answer(project: Project, lines: Sequence[str], query: str) -> list[tuple[Any, ...]]:
    """What the warehouse of a small project says, after these rows of facts.csv were stored."""
    write_facts(project, *lines)
    ingest(project, [project.seeds])
    with Warehouse(project.warehouse) as warehouse:
        warehouse.materialize()
        return rows(warehouse, query)


def said(kind: str, period: str, value: str, *, scale: int, qualifier: str = "exact", metric: str = "revenue") -> str:
    """A row of facts.csv: what the article states; growth is written in percent."""
    unit = "ratio" if scale == -2 else "USD"
    return f"acme,,{metric},{kind},{period},{value},,,{scale},{unit},{qualifier},a1,,,,"


# -- implied -----------------------------------------------------------------------------------------


def test_a_ceiling_and_its_growth_bound_the_year_before(warehouse: Warehouse) -> None:
    """40 billion at most and more than 42% make 2023 less than 28.17 billion; filed are 27,045 and 1,058 million."""
    found = rows(
        warehouse,
        "select low, high / 1e9, filed_value / 1000000, verdict from implied "
        "where source_id = 'article-004' and language = 'en' and fiscal_period = 'FY2023'",
    )
    ((low, high, filed, verdict),) = found
    assert (low, round(high, 4), filed, verdict) == (None, 28.1690, 28_103, "supported")
    assert high > 40 / 1.42


def test_what_the_articles_imply_is_what_was_filed(warehouse: Warehouse) -> None:
    assert rows(warehouse, "select verdict, count(*) from implied group by all") == [("supported", 12)]


LEVEL_AND_RATE = [said("actual", "2024Q2", "8.5", scale=9), said("growth", "2024Q2", "25", scale=-2)]


def test_what_is_implied_enters_no_figure(stated: Warehouse) -> None:
    query = "select distinct fiscal_period from figure where entity = 'level_and_rate' and value is not null"
    assert rows(stated, query) == [("2024Q2",)]


IMPLIED = [
    # what is stated, then low and high of what follows (millions) and the verdict
    (
        "a level and a rate give the base",
        [said("actual", "2024Q2", "8.5", scale=9), said("growth", "2024Q2", "25", scale=-2)],
        ("2023Q2", "base", 6733, 6867, "supported"),
    ),
    (
        "a base and a rate give the level",
        [said("actual", "2023Q2", "6.8", scale=9), said("growth", "2024Q2", "25", scale=-2)],
        ("2024Q2", "level", 8404, 8597, "not_checkable"),
    ),
    (
        "a level and a difference give the base",
        [said("actual", "2024Q2", "8.5", scale=9), said("growth", "2024Q2", "1.7", scale=9)],
        ("2023Q2", "base", 6700, 6900, "supported"),
    ),
    (
        "more than a level leaves the base open above",
        [said("actual", "2024Q2", "9", scale=9, qualifier="more_than"), said("growth", "2024Q2", "25", scale=-2)],
        ("2023Q2", "base", 7171, None, "unsupported"),
    ),
    (
        "less than a rate leaves the base open above",
        [said("actual", "2024Q2", "8.5", scale=9), said("growth", "2024Q2", "25", scale=-2, qualifier="less_than")],
        ("2023Q2", "base", 6760, None, "supported"),
    ),
    (
        "at least a rate leaves the base open below",
        [said("actual", "2024Q2", "8.5", scale=9), said("growth", "2024Q2", "30", scale=-2, qualifier="at_least")],
        ("2023Q2", "base", None, 6577, "unsupported"),
    ),
]


@pytest.mark.parametrize(
    ("company", "expected"),
    [(f"implied_{number}", expected) for number, (_, _, expected) in enumerate(IMPLIED)],
    ids=[case[0] for case in IMPLIED],
)
def test_what_is_implied(stated: Warehouse, company: str, expected: tuple[Any, ...]) -> None:
    """The year before, 6,800 million were filed."""
    query = (
        "select fiscal_period, implies, cast(round(low / 1000000) as integer), cast(round(high / 1000000) as integer), "
        f"verdict from implied where entity = '{company}'"
    )
    assert rows(stated, query) == [expected]


LOSS = [
    said("actual", "2024Q2", "-8.5", scale=9, metric="net_income"),
    said("growth", "2024Q2", "25", scale=-2, metric="net_income"),
]


def test_growth_from_a_loss_implies_nothing(stated: Warehouse) -> None:
    assert rows(stated, "select * from implied where entity = 'loss'") == []
    assert rows(stated, "select count(*) from fact where entity = 'loss'") == [(2,)]


def _printed(value: Decimal, places: int, how: str) -> str:
    """A value in units of ten to the `places`, rounded as a writer rounds it."""
    rounding = {"exact": ROUND_HALF_UP, "more_than": ROUND_FLOOR, "at_most": ROUND_CEILING}[how]
    return str((value / Decimal(10) ** places).quantize(Decimal(1), rounding=rounding))


words = st.sampled_from(["exact", "more_than", "at_most"])
truths = st.tuples(st.integers(10**8, 10**12), st.integers(-60, 900), words, words, st.integers(5, 7))


@settings(max_examples=often(4, long=120), suppress_health_check=list(HealthCheck))
@given(st.lists(truths, min_size=10, max_size=10))
def test_the_truth_lies_in_what_is_implied(cases: list[tuple[int, int, str, str, int]]) -> None:
    """Whatever base and level are true, and however they are rounded, each lies in the interval the other implies."""
    project = small_project(Path(tempfile.mkdtemp()))
    lines, truth = [], {}
    for number, (base, per_mille, word, growth_word, places) in enumerate(cases):
        year = 2001 + 2 * number
        level = Decimal(base) * (1000 + per_mille) / 1000
        rate = (level / base - 1) * 10**6  # in the unit that is printed with `places` digits off
        metric = f"metric_{number}"
        truth[metric, f"FY{year - 1}"], truth[metric, f"FY{year}"] = Decimal(base), level
        shown = _printed(rate, 4, growth_word)
        lines += [
            said("actual", f"FY{year}", _printed(level, places, word), scale=places, qualifier=word, metric=metric),
            said("growth", f"FY{year}", shown, scale=-2, qualifier=growth_word, metric=metric),
        ]
    found = answer(project, lines, "select metric, fiscal_period, low, high from implied")
    for metric, period, low, high in found:
        value = truth[metric, period]
        assert low is None or low <= value, (metric, period)
        assert high is None or value <= high, (metric, period)
    assert (
        len(found)
        >= sum(not {word, growth_word} >= {"more_than", "at_most"} for _, _, word, growth_word, _ in cases) - 10
    )


# -- the record of a source --------------------------------------------------------------------------

#: The quarters of 2023 and 2024 as filed, in millions.
FILED = {"2023Q1": 500, "2023Q2": 6354, "2024Q1": 6700, "2024Q2": 8472}
NEXT = fact_line("Revenues", "2024Q3", "9240", source="r2")  # published in November

VERDICTS = [
    # what the article says of 2024Q2 (8,472 million filed): value, scale, qualifier, then the verdict and its detail
    ("8472", 6, "exact", ("agreed", None, None)),
    ("8.5", 9, "exact", ("rounded", None, None)),
    ("8.5", 9, "approx", ("rounded", None, None)),
    ("8.4", 9, "approx", ("agreed", None, None)),
    ("8", 9, "more_than", ("agreed", None, None)),
    ("9", 9, "nearly", ("agreed", None, None)),
    ("8.4", 9, "exact", ("truncated", None, None)),
    ("8.2", 9, "exact", ("contradicted", None, None)),
    ("8.5", 12, "exact", ("mis_scaled", 1000.0, None)),
    ("8.5", 6, "exact", ("mis_scaled", 0.001, None)),
    ("8472", 0, "exact", ("mis_scaled", 0.000001, None)),
    ("6.7", 9, "exact", ("wrong_period", None, "2024Q1")),
    ("6.35", 9, "exact", ("wrong_period", None, "2023Q2")),
    ("9.2", 9, "exact", ("wrong_period", None, "2024Q3")),
    ("15.2", 9, "exact", ("wrong_period", None, "2024H1")),
    ("7.7", 9, "exact", ("contradicted", None, None)),
    ("10", 9, "more_than", ("contradicted", None, None)),
    # one digit is too wide to tell another quarter (6,700 million) or another scale by
    ("7", 9, "exact", ("contradicted", None, None)),
    ("8", 12, "exact", ("contradicted", None, None)),
]


def each_of_its_own_place() -> list[str]:
    """The rows of VERDICTS, each from characters of the article that are its own."""
    lines = []
    for number, (value, scale, qualifier, _) in enumerate(VERDICTS):
        line = said("actual", "2024Q2", value, scale=scale, qualifier=qualifier)
        lines.append(line.removesuffix(",,,,") + f",,{number},{number + 1},x")
    return lines


def test_verdicts_on_a_figure(stated: Warehouse) -> None:
    query = "select verdict, scale, fits_period from source_check where entity = 'verdicts' order by span_start"
    assert rows(stated, query) == [expected for *_, expected in VERDICTS]


UNCHECKED = [
    fact_line("Revenues", "2024Q2", "8472"),
    fact_line("PaymentsToAcquirePropertyPlantAndEquipment", "2024Q2", "300"),
    said("actual", "", "5", scale=9),
    said("actual", "2021Q2", "5", scale=9),
    said("actual", "2024Q2", "5", scale=9, metric="total_costs"),
    said("actual", "2024Q2", "5", scale=9).replace("USD", "EUR"),
    said("growth", "2024Q2", "2", scale=9),
]


def test_what_cannot_be_checked_says_why(stated: Warehouse) -> None:
    query = "select distinct verdict, reason from source_check where entity = 'unchecked' order by all"
    assert rows(stated, query) == [
        ("not_checkable", "a difference, not a rate: see implied"),
        ("not_checkable", "it names no period of the company's calendar"),
        ("not_checkable", "only texts state the figure"),
        ("not_checkable", "the figure is in USD"),
    ]


PURCHASES_ALONE = [
    fact_line("PaymentsToAcquirePropertyPlantAndEquipment", "2024Q2", "8173"),
    fact_line("FinanceLeasePrincipalPayments", "2024Q2", "299"),
    said("actual", "2024Q2", "8.17", scale=9, metric="capex"),
]


def test_a_part_of_a_figure_is_another_definition_not_a_contradiction(stated: Warehouse) -> None:
    """An article that calls purchases alone capex speaks of another definition than Meta's with finance leases."""
    query = "select state, reason from reconciliation where entity = 'meta' and metric = 'capex' and not is_chosen"
    assert rows(stated, query) == [("incomparable", "another definition: it fits capex_ppe")]
    assert rows(stated, "select verdict from source_check where entity = 'meta'") == [("not_checkable",)]


def test_the_record_counts_every_statement_once(warehouse: Warehouse) -> None:
    verdicts = ("agreed", "rounded", "truncated", "mis_scaled", "wrong_period", "contradicted", "not_checkable")
    assert rows(warehouse, f"select count(*) from source_record where statements <> {' + '.join(verdicts)}") == [(0,)]
    assert rows(warehouse, "select sum(statements) = (select count(*) from source_check) from source_record") == [
        (True,)
    ]
    record = rows(
        warehouse,
        "select agreed, rounded, contradicted, wrong_period from source_record where publisher in ('Wired', 'article-002') "
        "order by publisher",
    )
    assert record == [(2, 5, 0, 0), (1, 3, 0, 0)]


# -- stated growth -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "verdicts"),
    [
        # the costs and the sales of article 004, put into its nine months and into two quarters
        ("2024M9", {"total_costs": "supported", "revenue": "supported"}),
        ("2024Q2", {"total_costs": "unsupported", "revenue": "supported"}),
        ("2024Q3", {"total_costs": "unsupported", "revenue": "unsupported"}),
    ],
)
def test_growth_of_nine_months_fits_no_quarter(warehouse: Warehouse, period: str, verdicts: dict[str, str]) -> None:
    """About 9% more costs and more than 22% more sales: both are true of nine months alone."""
    found = rows(
        warehouse,
        f"""select c.metric, case when c.claimed_low <= y.yoy_high and coalesce(c.claimed_high >= y.yoy_low, true)
                   then 'supported' else 'unsupported' end
            from stated_growth c join yoy y using (entity, metric)
            where c.source_id = 'article-004' and y.fiscal_period = '{period}' group by all""",
    )
    assert dict(found) == verdicts


OWN_LEVELS = [
    said("actual", "2024Q2", "39", scale=9, qualifier="more_than"),
    said("actual", "2023Q2", "32", scale=9),
]


@pytest.mark.parametrize(("claimed", "verdict"), [("22", "supported"), ("19", "unsupported")])
def test_an_open_end_of_ones_own_figures_stays_open(stated: Warehouse, claimed: str, verdict: str) -> None:
    """More than 39 against 32 billion is growth of 20.9% at least: 22% may be, 19% cannot."""
    query = f"select round(own_low, 3), own_high, own_verdict from stated_growth where entity = 'own_{claimed}'"
    assert rows(stated, query) == [(0.2, None, verdict)]


# -- what they are all asked of ----------------------------------------------------------------------


def companies() -> dict[str, list[str]]:
    """What is said of the company of each test, or of each case; of Meta, since it defines its capex itself."""
    filed = [fact_line("Revenues", period, str(amount)) for period, amount in FILED.items()]
    before = fact_line("Revenues", "2023Q2", "6800")
    return {
        "level_and_rate": LEVEL_AND_RATE,
        **{f"implied_{number}": [before, *lines] for number, (_, lines, _) in enumerate(IMPLIED)},
        "loss": LOSS,
        "verdicts": [*filed, NEXT, *each_of_its_own_place()],
        "unchecked": UNCHECKED,
        "meta": PURCHASES_ALONE,
        **{f"own_{rate}": [*OWN_LEVELS, said("growth", "2024Q2", rate, scale=-2)] for rate in ("22", "19")},
    }


@pytest.fixture(scope="module")
def stated(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """All companies' statements, stored at once; each view is worked out once for all tests."""
    return worked_out(made_once(tmp_path_factory, "claims-companies", _store_companies) / "warehouse")


def _store_companies(folder: Path) -> None:
    project = init_at(folder, [*companies()])
    toml = project.seeds / "entities.toml"
    toml.write_text(toml.read_text().replace("[meta]\n", "[meta]\ncik = 1326801\n"))  # its own definition of capex
    write_sources(
        project,
        "r1,release,Acme,,en,,,,,2024-08-01,\n",
        "r2,release,Acme,,en,,,,,2024-11-01,\n",
        "a1,article,Paper,,en,,,,,2024-08-02,\n",
    )
    write_facts(project, *(line for company, lines in companies().items() for line in of_company(company, lines)))
    ingest(project, [project.seeds])
