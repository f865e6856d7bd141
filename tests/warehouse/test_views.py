"""The SQL surface: figures checked by hand, grains, and laws that hold for any history."""

from __future__ import annotations

import re
import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.project import ROOT, fact_line, init_at, often, worked_out, write_facts, write_guidance, write_sources
from tracker.pipeline.ingest import ingest
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.view_files import View, views, with_below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.project import Project

BILLION = 10**9


def rows(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    return warehouse.sql(query).fetchall()


# -- figures checked by hand against the filings (accession numbers in seeds/sources.csv) ------------


@pytest.mark.parametrize(
    ("metric", "value", "base", "ratio", "method"),
    [
        # Meta, 2024Q2 against 2023Q2, USD million: 10-Qs 0001326801-24-000069, -24-000049 and -23-000093
        ("revenue", 39_071, 31_999, 0.2210, "reported"),
        ("net_income", 13_465, 7_788, 0.7289, "reported"),
        ("operating_income", 14_847, 9_392, 0.5808, "reported"),
        ("capex", 8_472, 6_354, 0.3333, "derived"),
        ("capex_ppe", 8_173, 6_134, 0.3324, "derived"),
        ("finance_lease_principal", 299, 220, 0.3591, "derived"),
        ("operating_cash_flow", 19_370, 17_309, 0.1191, "derived"),
        ("free_cash_flow", 10_898, 10_955, -0.0052, "derived"),
        ("total_costs", 24_224, 22_607, 0.0715, "derived"),
    ],
)
def test_meta_second_quarter_2024(
    warehouse: Warehouse, metric: str, value: int, base: int, ratio: float, method: str
) -> None:
    found = warehouse.sql(
        "select value / 1000000, base / 1000000, round(yoy_ratio, 4), yoy_status, method from yoy "
        "where entity = 'meta' and fiscal_period = '2024Q2' and metric = $metric",
        {"metric": metric},
    ).fetchall()
    assert found == [(value, base, ratio, "ok", method)]


def test_the_articles_own_growth_is_there_as_a_claim_with_bounds(warehouse: Warehouse) -> None:
    found = rows(
        warehouse,
        "select source_id, own_value / 1e9, own_base / 1e9, round(own_low, 4), round(own_high, 4), own_verdict, filed_verdict "
        "from stated_growth where metric = 'capex' and fiscal_period = '2024Q2' order by source_id",
    )
    assert found == [(f"article-00{n}", 8.5, 6.4, 0.3101, 0.3465, "supported", "supported") for n in (0, 1, 3)]


def test_the_growth_of_the_later_article_is_that_of_nine_months(warehouse: Warehouse) -> None:
    found = rows(
        warehouse,
        "select distinct metric, fiscal_period, round(filed_ratio, 3), filed_verdict from stated_growth "
        "where source_id = 'article-004' order by metric",
    )
    assert found == [("revenue", "2024M9", 0.225, "supported"), ("total_costs", "2024M9", 0.088, "supported")]


@pytest.mark.parametrize(
    ("day", "low", "high"),
    [
        # Meta's capex guidance for 2024, as it stood
        ("2024-02-01", 30, 37),
        ("2024-05-01", 35, 40),
        ("2024-08-05", 37, 40),
        ("2024-11-05", 38, 40),
    ],
)
def test_guidance_as_it_stood(warehouse: Warehouse, day: str, low: int, high: int) -> None:
    query = "select low, high from guidance_as_of($day) where entity = 'meta' and metric = 'capex' and fiscal_period = 'FY2024'"
    assert warehouse.sql(query, {"day": day}).fetchall() == [(low * BILLION, high * BILLION)]


@pytest.mark.parametrize(
    ("day", "value"),
    [
        # purchases of property and equipment in 2023Q2, USD million: 13,058 - 6,842, then 12,957 - 6,823
        ("2023-07-26", None),
        ("2023-07-27", 6_216),
        ("2024-05-01", 6_216),  # never 13,058 - 6,823 = 6,235, which mixes two bases
        ("2024-07-31", 6_216),
        ("2024-08-01", 6_134),
        ("2026-11-01", 6_134),
    ],
)
def test_operands_are_of_one_vintage(warehouse: Warehouse, day: str, value: int | None) -> None:
    query = (
        "select value / 1000000 from quarter_as_of($day) "
        "where entity = 'meta' and metric = 'capex_ppe' and fiscal_period = '2023Q2' and value is not null"
    )
    assert warehouse.sql(query, {"day": day}).fetchall() == ([] if value is None else [(value,)])


def test_annual_capex_lies_in_the_guided_range_on_the_guided_definition(warehouse: Warehouse) -> None:
    found = dict(
        rows(warehouse, "select metric, value / 1e6 from annual where entity = 'meta' and fiscal_period = 'FY2024'")
    )
    assert (found["capex"], found["capex_ppe"], found["free_cash_flow"]) == (39_225, 37_256, 52_103)


def test_labels_are_the_filers_own_calendar(warehouse: Warehouse) -> None:
    query = "select fiscal_period, calendar_quarter from quarter where entity = $entity and metric = 'capex' and period_end = '2025-05-31'"
    assert warehouse.sql(query, {"entity": "oracle"}).fetchall() == [("2025Q4", "2025Q2")]
    query = query.replace("2025-05-31", "2024-09-30")
    assert warehouse.sql(query, {"entity": "microsoft"}).fetchall() == [("2025Q1", "2024Q3")]


def test_the_last_four_quarters_are_consecutive(warehouse: Warehouse) -> None:
    query = "select fiscal_period, value / 1e6, reason from ttm where entity = 'meta' and metric = 'capex' and fiscal_year <= 2024"
    found = {period: (value, reason) for period, value, reason in rows(warehouse, query)}
    assert found["2024Q4"] == (39_225, None)
    assert found["2023Q3"] == (None, "fewer than four consecutive quarters are known")


@pytest.mark.parametrize(
    ("issued", "outcome", "position"),
    [
        # Meta's capex guidance for 2024 (spent: 39,225 million with finance leases), by the day it was given
        ("2024-02-01", "above", 1.32),
        ("2024-04-24", "inside", 0.85),
        ("2024-07-31", "inside", 0.74),
        ("2024-10-30", "inside", 0.61),
    ],
)
def test_what_became_of_guidance(warehouse: Warehouse, issued: str, outcome: str, position: float) -> None:
    query = (
        "select outcome, round(position, 2), actual / 1000000 from guidance_outcome "
        "where entity = 'meta' and metric = 'capex' and fiscal_period = 'FY2024' and cast(issued_at as date) = cast($day as date)"
    )
    assert warehouse.sql(query, {"day": issued}).fetchall() == [(outcome, position, 39_225)]


def test_a_year_not_over_shows_what_is_left(warehouse: Warehouse) -> None:
    query = (
        "select outcome, so_far / 1e9, left_low / 1e9, left_high / 1e9 from guidance_outcome_as_of('2024-08-05') "
        "where entity = 'meta' and metric = 'capex' and fiscal_period = 'FY2024' and low = 37000000000"
    )
    assert rows(warehouse, query) == [("open", 15.187, 21.813, 24.813)]


def test_other_definitions_are_incomparable(warehouse: Warehouse) -> None:
    found = rows(
        warehouse,
        "select distinct entity, metric, outcome from guidance_outcome where outcome = 'incomparable' order by all",
    )
    assert ("microsoft", "capex_with_finance_leases", "incomparable") in found
    assert ("amazon", "capex_net_of_incentives", "incomparable") in found
    assert not any(metric in {"capex", "revenue"} for _, metric, _ in found)


@pytest.mark.parametrize(
    ("sums", "amount", "operands", "keys"),
    [
        ("figure", "value", "operand", "entity, metric, span, fiscal_period"),
        ("choice", "value", "candidate_operand", "entity, metric, span, fiscal_period, place"),
        ("ttm", "value", "ttm_operand", "entity, metric, fiscal_period"),
        ("growth", "base", "base_operand", "entity, metric, span, fiscal_period, against"),
    ],
)
def test_operands_add_up_to_what_they_are_operands_of(
    warehouse: Warehouse, then: Warehouse, sums: str, amount: str, operands: str, keys: str
) -> None:
    for state in (warehouse, then):
        added = f"""(select {keys}, sum(o.sign * s.value) as added, max(position) = count(*) as is_numbered
                     from {operands} o join (select fact_id, value from statement) s using (fact_id) group by {keys})"""
        compared = rows(
            state, f"select {amount} = added and is_numbered from {sums} left join {added} using ({keys}) "
            f"where {amount} is not null",
        )  # fmt: skip
        assert set(compared) == {(True,)}


# -- shape -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def then(warehouse: Warehouse) -> Iterator[Warehouse]:
    """What was known on 5 August 2024."""
    with Warehouse(warehouse.path, as_of="2024-08-05") as then:
        then.materialize()
        yield then


@pytest.mark.parametrize("view", views(), ids=lambda view: view.name)
def test_the_grain_of_every_view_is_unique(warehouse: Warehouse, then: Warehouse, view: View) -> None:
    keys = ", ".join(view.grain)
    for state in (warehouse, then):
        ((groups, count),) = rows(
            state, f"select count(*), sum(c) from (select count(*) as c from {view.name} group by {keys})"
        )
        assert groups == (count or 0)
        assert groups or view.name in EMPTY_IN_SEEDS


#: Nothing in the seeds runs over three years, none of their filings disagree, nothing is pinned, corrected or about a part.
EMPTY_IN_SEEDS = {
    "cagr",
    "conflict",
    "converted_figure",
    "correction_state",
    "disputed",
    "euro_rate",
    "member_label_known",
    "pin_in_force",
    "pin_state",
    "pinned",
    "scale_doubt",
    "scale_suspect",
    "segment_annual",
    "segment_conflict",
    "segment_cut",
    "segment_disputed",
    "segment_figure",
    "segment_growth",
    "segment_known",
    "segment_label",
    "segment_part",
    "segment_quarter",
    "segment_statement",
    "segment_sum",
    "segment_yoy",
    "split",
    "split_adjusted",
    "stated_sum",
    "tag_overlap",
}


@pytest.mark.parametrize("name", ["fact_known", "figure", "guidance_outcome", "reconciliation", "source_record"])
def test_a_view_its_twin_and_what_is_worked_out_agree(warehouse: Warehouse, then: Warehouse, name: str) -> None:
    twin = rows(warehouse, f"select * from {name}_as_of('2024-08-05') order by all")
    assert rows(then, f"select * from {name} order by all") == twin != []
    with Warehouse(warehouse.path) as plain:
        assert rows(plain, f"select * from {name} order by all") == rows(
            warehouse, f"select * from {name} order by all"
        )


def test_what_a_view_is_stands_in_the_engine_too(warehouse: Warehouse) -> None:
    with Warehouse(warehouse.path) as plain:
        plain.sql("select * from statement")
        told = plain.connection.execute("select comment from duckdb_views() where view_name = 'statement'").fetchall()
    assert told == [(view.comment,) for view in views() if view.name == "statement"]


@pytest.mark.parametrize("view", views(), ids=lambda view: view.name)
def test_every_view_says_what_it_is(view: View) -> None:
    assert "Grain:" in view.comment
    text = next((ROOT / "tracker/warehouse/views").rglob(f"{view.name}.sql")).read_text()
    text = re.sub(r"--[^\n]*|'[^']*'", "", text)
    by_name = {view.name: view for view in views()}
    named = set(re.findall(r"\b(?:from|join)\s+([a-z_]+)\b(?!\()", text))
    ctes = set(re.findall(r"(?:with|,)\s*([a-z_]+) as \(", text))
    if over := re.search(r"\{(\w+) over ", text):  # a line that stands for another view and all that it reads
        named |= set(view.reads) & {read for below in with_below([by_name[over[1]]]) for read in below.reads}
    assert named - ctes == set(view.reads), "the header lists what the SELECT reads"


COMMON = {"entity", "name", "ticker", "cik", "period_start", "period_end", "fiscal_period", "calendar_quarter"}
SURFACE = [
    "fact_current", "quarter", "quarter_by_concept", "annual", "annual_by_concept", "ttm", "yoy", "qoq", "guidance",
    "guidance_history", "guidance_outcome", "stated_growth", "restatement", "conflict", "operand", "ttm_operand", "reconciliation", "implied", "source_check", "cagr", "wide",
]  # fmt: skip


@pytest.mark.parametrize("name", SURFACE)
def test_every_view_of_the_surface_carries_the_common_columns(warehouse: Warehouse, name: str) -> None:
    assert set(warehouse.sql(f"select * from {name} limit 0").columns) >= COMMON


def test_units_of_columns_follow_their_names(warehouse: Warehouse) -> None:
    columns = rows(
        warehouse,
        "select table_name, column_name, data_type from duckdb_columns() where not internal and table_name not like 'stored%'",
    )
    assert len(columns) > 300
    for table, column, kind in columns:
        where = f"{table}.{column}"
        if column.endswith("_at"):
            assert kind == "TIMESTAMP WITH TIME ZONE", where
        if column in {"value", "low", "high", "base"} and table != "qualifier":
            assert kind == "DECIMAL(38,6)", where
        if column.startswith(("is_", "has_")):
            assert kind == "BOOLEAN", where


# -- cases of growth ---------------------------------------------------------------------------------


GROWTH: list[tuple[str | None, str, float | None, str]] = [
    # a year before, now, growth, status
    ("100", "130", 0.3, "ok"),
    ("100", "0", -1.0, "ok"),
    ("100", "-50", -1.5, "profit_to_loss"),
    ("-408", "104", None, "loss_to_profit"),
    ("-100", "-40", None, "loss_narrowed"),
    ("-100", "-140", None, "loss_widened"),
    ("0", "5", None, "zero_base"),
    (None, "5", None, "no_base"),
]
MOVES = [
    # one range, the next, and how it moved
    (("30", "37"), ("35", "40"), "raised", "raised", "raised"),
    (("35", "40"), ("37", "40"), "raised", "raised", "unchanged"),
    (("30", "37"), ("28", "37"), "lowered", "lowered", "unchanged"),
    (("30", "40"), ("33", "38"), "narrowed", "raised", "lowered"),
    (("33", "38"), ("30", "40"), "widened", "lowered", "raised"),
    (("30", "40"), ("30", "40"), "reaffirmed", "unchanged", "unchanged"),
]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Each case of growth and of guidance as a company of its own: c0, c1, ..."""
    project = init_at(tmp_path_factory.mktemp("cases"), [f"c{at}" for at in range(len(GROWTH))])
    write_sources(project, "r1,release,C,,en,,,,,2024-08-01,\n")
    income = [
        fact_line("NetIncomeLoss", period, said, entity=f"c{at}")
        for at, (base, value, *_) in enumerate(GROWTH)
        for period, said in (("2023Q1", base), ("2024Q1", value))
        if said
    ]
    write_facts(project, *income)
    steps = [
        f"c{at},capex,FY2024,{day},,{low},{high},9,USD,range,r1,"
        for at, (before, after, *_) in enumerate(MOVES)
        for day, (low, high) in (("2024-02-01", before), ("2024-04-24", after))
    ]
    write_guidance(project, *steps)
    ingest(project, [project.seeds])
    return worked_out(project.warehouse)


@pytest.mark.parametrize(("case", "ratio", "status"), [(f"c{at}", *said[2:]) for at, said in enumerate(GROWTH)])
def test_growth_has_a_status(cases: Warehouse, case: str, ratio: float | None, status: str) -> None:
    query = "select round(yoy_ratio, 9), yoy_status from yoy where fiscal_period = '2024Q1' and entity = '{}'"
    assert rows(cases, query.format(case)) == [(ratio, status)]


def test_what_cannot_be_derived_says_why(empty: Project) -> None:
    write_facts(
        empty,
        fact_line("Revenues", "2023H1", "50"),
        fact_line("Revenues", "2023M9", "75"),
        fact_line("EarningsPerShareBasic", "2023H1", "2.0", scale="0").replace("USD", "USD/shares"),
        fact_line("NetIncomeLoss", "2023Q1", "1"),
        fact_line("NetIncomeLoss", "FY2023", "9"),
    )
    ingest(empty, [empty.seeds])
    with Warehouse(empty.warehouse) as warehouse:
        found = rows(
            warehouse,
            "select concept, fiscal_period, value / 1e6, reason from quarter_by_concept order by concept, fiscal_period",
        )
    assert [(concept.partition(":")[2], *rest) for concept, *rest in found] == [
        ("EarningsPerShareBasic", "2023Q1", None, "not stated, and an average or per-share value cannot be derived by subtraction"),
        ("EarningsPerShareBasic", "2023Q2", None, "not stated, and an average or per-share value cannot be derived by subtraction"),
        ("EarningsPerShareBasic", "2023Q3", None, "not stated, and an average or per-share value cannot be derived by subtraction"),
        ("EarningsPerShareBasic", "2023Q4", None, "not stated, and an average or per-share value cannot be derived by subtraction"),
        ("NetIncomeLoss", "2023Q1", 1, None),
        ("NetIncomeLoss", "2023Q2", None, "the half-year is not stated"),
        ("NetIncomeLoss", "2023Q3", None, "the nine-month figure is not stated"),
        ("NetIncomeLoss", "2023Q4", None, "the nine-month figure to subtract is not stated"),
        ("Revenues", "2023Q1", None, "the first quarter is not stated"),
        ("Revenues", "2023Q2", None, "the first quarter to subtract is not stated"),
        ("Revenues", "2023Q3", 25, None),
        ("Revenues", "2023Q4", None, "the year is not stated"),
    ]  # fmt: skip


@pytest.mark.parametrize(("case", "after", "moved"), [(f"c{at}", said[1], said[2:]) for at, said in enumerate(MOVES)])
def test_guidance_moves(cases: Warehouse, case: str, after: tuple[str, str], moved: tuple[str, str, str]) -> None:
    history = "select status, low_change, high_change from guidance_history where entity = '{}' order by step"
    assert rows(cases, history.format(case)) == [("initial", None, None), moved]
    assert rows(cases, f"select status, low from guidance where entity = '{case}'") == [
        (moved[0], int(after[0]) * BILLION)
    ]


# -- laws --------------------------------------------------------------------------------------------


COMPANIES = 8
#: Of a company: what it earned in four quarters, and how many days late it said each total of them.
years = st.tuples(
    st.lists(st.integers(-(10**6), 10**6), min_size=4, max_size=4),
    st.lists(st.integers(0, 400), min_size=4, max_size=4),
)
LABELS = ("2023Q1", "2023H1", "2023M9", "FY2023")
ENDS = (date(2023, 3, 31), date(2023, 6, 30), date(2023, 9, 30), date(2023, 12, 31))


def _stored(companies: list[tuple[list[int], list[int]]], chance: Any) -> Project:
    """A project in which each company said what it had earned since the year began, in rows of any order."""
    project = init_at(Path(tempfile.mkdtemp()), [f"c{number}" for number in range(len(companies))])
    sources, lines = [], []
    for number, (quarters, delays) in enumerate(companies):
        for n in range(4):
            source, day = f"s{number}{n}", ENDS[n] + timedelta(days=20 + delays[n])
            sources.append(f"{source},filing,Acme,,en,,,a{number}{n},10-Q,{day},\n")
            total = str(sum(quarters[: n + 1]))
            lines.append(fact_line("NetIncomeLoss", LABELS[n], total, source=source, entity=f"c{number}"))
    chance.shuffle(lines)
    write_sources(project, *sources)
    write_facts(project, *lines)
    ingest(project, [project.seeds])
    return project


@settings(max_examples=often(2, long=60), suppress_health_check=list(HealthCheck))
@given(st.lists(years, min_size=COMPANIES, max_size=COMPANIES), st.integers(0, 800), st.randoms())
def test_laws_of_vintages(companies: list[tuple[list[int], list[int]]], asked: int, chance: Any) -> None:
    """Four quarters add to the year; as of the future is now; as of a day only what was known counts, in any order."""
    project = _stored(companies, chance)
    day = date(2023, 4, 20) + timedelta(days=asked)
    query = "select entity, fiscal_quarter, value, operands from {} order by all"
    with worked_out(project.warehouse) as warehouse:
        now = rows(warehouse, query.format("quarter"))
        later = rows(warehouse, query.format("quarter_as_of('2999-01-01')"))
        then = rows(warehouse, query.format(f"quarter_as_of('{day}')"))
        totals = dict(rows(warehouse, "select entity, value from annual"))
    assert later == now
    for number, (quarters, delays) in enumerate(companies):
        name = f"c{number}"
        of_now = [value for entity, _, value, _ in now if entity == name]
        assert of_now == [Decimal(q) * 10**6 for q in quarters]
        assert sum(of_now) == totals[name]
        known = [n for n in range(4) if ENDS[n] + timedelta(days=20 + delays[n]) <= day]
        expected = {n + 1: quarters[n] * 10**6 for n in known if n == 0 or n - 1 in known}
        of_then = {quarter: int(value) for entity, quarter, value, _ in then if entity == name and value is not None}
        assert of_then == expected
