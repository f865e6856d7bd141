"""Statements held against each other: what agrees, what was restated, what cannot be compared, and who wins."""

from __future__ import annotations

import gzip
import shutil
import tempfile
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from support.project import (
    ROOT,
    SHARED,
    by_company,
    fact_line,
    init_at,
    of_company,
    often,
    small_project,
    write_facts,
    write_pins,
    write_sources,
)
from tracker.errors import InputError
from tracker.pipeline.ingest import ingest
from tracker.project import Project, load_project
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Sequence


def rows(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    return warehouse.sql(query).fetchall()


def answer(project: Project, query: str, lines: Sequence[str] = ()) -> list[tuple[Any, ...]]:
    """What the warehouse of a small project says, after these rows of facts.csv were stored."""
    if lines:
        store(project, lines)
    return answers(project, query)[0]


def store(project: Project, lines: Sequence[str]) -> None:
    write_facts(project, *lines)
    ingest(project, [project.seeds])


def answers(project: Project, *queries: str) -> list[list[tuple[Any, ...]]]:
    """What it says to several questions, each view worked out once."""
    with Warehouse(project.warehouse) as warehouse:
        warehouse.materialize()
        return [rows(warehouse, query) for query in queries]


ByCompany = dict[str, list[tuple[Any, ...]]]
SECOND_RELEASE = "r2,release,Acme,,en,,,,,2024-09-01,\n"


def claim(
    metric: str,
    period: str,
    value: str,
    *,
    source: str = "a1",
    scale: str = "9",
    qualifier: str = "exact",
    entity: str = "acme",
) -> str:
    """A row of facts.csv: what an article says a figure was."""
    return f"{entity},,{metric},actual,{period},{value},,,{scale},USD,{qualifier},{source},,,,"


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
        "what follows from the latest sums comes before a version that was replaced",
        [
            fact_line("Revenues", "2024Q1", "100"),
            fact_line("Revenues", "2024H1", "301"),
            fact_line("Revenues", "2024Q2", "200"),
            fact_line("Revenues", "2024Q2", "205", source="r2"),
        ],
        [
            ("equal", "reported beats derived", 205),
            ("inconsistent", "reported beats derived", 201),
            ("restated", "the later version beats the earlier", 200),
        ],
    ),
    (
        "two tags that disagree",
        [
            fact_line("SalesRevenueNet", "2024Q2", "100"),
            fact_line("Revenues", "2024Q2", "90", source="r2"),
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


@pytest.fixture(scope="module")
def reconciled(tmp_path_factory: pytest.TempPathFactory) -> ByCompany:
    """The candidates of every case's company, all stored and asked for at once."""
    companies = [f"case_{number}" for number in range(len(CASES))]
    project = of_many(tmp_path_factory.mktemp("cases"), companies)
    lines = [line for company, (_, said, _) in zip(companies, CASES, strict=True) for line in of_company(company, said)]
    query = (
        "select entity, state, rule, value / 1000000 from reconciliation where fiscal_period = '2024Q2' "
        "order by entity, place"
    )
    return by_company(answer(project, query, lines))


@pytest.mark.parametrize(
    ("company", "expected"),
    [(f"case_{number}", expected) for number, (_, _, expected) in enumerate(CASES)],
    ids=[case[0] for case in CASES],
)
def test_states_and_rules(reconciled: ByCompany, company: str, expected: list[tuple[str, str, int]]) -> None:
    assert reconciled[company] == expected


def of_many(folder: Path, companies: Sequence[str]) -> Project:
    """A project with these companies, a release, an article the day after and a second release a month later."""
    project = init_at(folder, companies)
    write_sources(
        project,
        "r1,release,Acme,,en,,,,,2024-08-01,\n",
        "a1,article,Paper,,en,,,,,2024-08-02,\n",
        SECOND_RELEASE,
    )
    return project


@pytest.fixture
def later(empty: Project) -> Project:
    """A project with a second release, a month after the first."""
    return with_second_release(empty)


def with_second_release(project: Project) -> Project:
    path = project.seeds / "sources.csv"
    path.write_text(path.read_text() + SECOND_RELEASE)
    return project


def test_the_companys_own_file_beside_the_articles(tmp_path: Path) -> None:
    """The SEC's file of Meta, every statement of every filing, with the claims of the five articles."""
    file = SHARED / "sec" / "CIK0001326801.trimmed.json.gz"
    if not file.is_file():
        pytest.skip("the filings are not here")
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    shutil.copy(ROOT / "tracker.toml", tmp_path)
    content = tmp_path / "CIK0001326801.json"
    content.write_bytes(gzip.decompress(file.read_bytes()))
    project = load_project(tmp_path)
    ingest(project, [project.seeds, content])
    asked = "select state, count(*) from reconciliation where {} group by state order by state"
    capex, stated, restated = answers(
        project,
        asked.format("entity = 'meta' and metric = 'capex' and fiscal_period = '2024Q2'"),
        asked.format("method = 'stated' and chosen_value <> value"),
        asked.format("metric = 'capex_ppe' and fiscal_period = '2023Q2'"),
    )
    assert capex == [("consistent", 3), ("equal", 1)]
    assert stated == [("consistent", 8)]
    assert restated == [("equal", 1), ("restated", 1)]


# -- laws --------------------------------------------------------------------------------------------

LABELS = ("2023Q1", "2023H1", "2023M9", "FY2023", "2023Q2", "2024Q1", "2024H1")
TAGS = ("Revenues", "SalesRevenueNet")
SHOWN = (
    "select entity, metric, fiscal_period, concept, operands, value, low, high, state, rule, place from reconciliation "
    "order by all"
)
companies = st.sampled_from(["acme", "june"])
filed = st.tuples(
    st.sampled_from(TAGS), st.sampled_from(LABELS), st.integers(100, 999), st.sampled_from(["r1", "r2"]), companies
).map(lambda said: fact_line(said[0], said[1], str(said[2]), source=said[3], entity=said[4]))
claimed = st.tuples(
    st.sampled_from(LABELS),
    st.integers(100, 999),
    st.sampled_from(["a1", "r1"]),
    st.sampled_from(["exact", "approx", "at_most"]),
    companies,
).map(
    lambda said: claim("revenue", said[0], str(said[1]), source=said[2], scale="6", qualifier=said[3], entity=said[4])
)


def key(line: str) -> tuple[str, ...]:
    """What a table may say once: company, concept, metric, period and source."""
    return tuple(line.split(",")[column] for column in (0, 1, 2, 4, 11))


statements = st.lists(st.one_of(filed, claimed), min_size=16, max_size=32, unique_by=key)


def made() -> Project:
    return with_second_release(small_project(Path(tempfile.mkdtemp())))


few = settings(
    max_examples=often(3),
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


@few
@given(statements, st.randoms())
def test_the_order_of_ingestion_does_not_matter(lines: list[str], chance: Any) -> None:
    at_once = answer(made(), SHOWN, lines)
    chance.shuffle(lines)
    project = made()
    store(project, lines[: len(lines) // 2])
    assert answer(project, SHOWN, lines) == at_once


@few
@given(statements, st.integers(1, 2))
def test_a_consistent_rounded_statement_never_changes_the_value_shown(lines: list[str], digits: int) -> None:
    """Every value shown is stated again by another article, in fewer digits: nothing moves, and each is consistent."""
    project = made()
    path = project.seeds / "sources.csv"
    path.write_text(path.read_text() + "a0,article,Paper,,en,,,,,2024-07-01,\n")
    query = (
        "select entity, metric, fiscal_period, value, low, high, method, operands from figure "
        "where value is not null order by all"
    )
    before = answer(project, query, lines)
    coarser = 6 + digits
    again = [
        claim(
            metric,
            period,
            str((value / 10**coarser).quantize(Decimal(1), ROUND_HALF_UP)),
            source="a0",
            scale=str(coarser),
            entity=entity,
        )
        for entity, metric, period, value, *_ in before
    ]
    store(project, [*lines, *again])
    after, found = answers(project, query, "select distinct state from reconciliation where source_id = 'a0'")
    assert after == before
    assert {state for (state,) in found} <= {"equal", "consistent"}


coarse = st.tuples(st.integers(10**7, 10**10), st.integers(10**7, 10**10), st.integers(5, 8))


@few
@given(st.lists(coarse, min_size=8, max_size=8))
def test_the_truth_lies_in_what_is_derived(cases: list[tuple[int, int, int]]) -> None:
    """Two quarters and what was paid for property in the first: however rounded, differences and sums hold the truth."""
    project = made()
    lines, truth = [], {}
    for number, (first, second, places) in enumerate(cases):
        year = 2001 + 2 * number
        flows = {f"{year}Q1": first, f"{year}H1": first + second}
        for period, value in flows.items():
            for tag in ("NetCashProvidedByUsedInOperatingActivities", "PaymentsToAcquirePropertyPlantAndEquipment"):
                amount = value if tag.startswith("Net") else value // 3
                shown = str((Decimal(amount) / 10**places).quantize(Decimal(1), ROUND_HALF_UP))
                lines.append(fact_line(tag, period, shown, scale=str(places)))
        paid = {f"{year}Q1": first // 3, f"{year}Q2": (first + second) // 3 - first // 3}
        for period, flow in {f"{year}Q1": first, f"{year}Q2": second}.items():
            truth["operating_cash_flow", period] = flow
            truth["capex", period] = truth["capex_ppe", period] = paid[period]
            truth["free_cash_flow", period] = flow - paid[period]
    query = "select metric, fiscal_period, low, high from quarter where value is not null"
    found = answer(project, query, lines)
    assert {(metric, period) for metric, period, *_ in found} == set(truth)
    for metric, period, low, high in found:
        assert low <= truth[metric, period] <= high, (metric, period)


# -- pins --------------------------------------------------------------------------------------------

FIGURE = "select value / 1000000, rule from figure where metric = 'revenue' and fiscal_period = '2024Q2'"

PINS = [
    # what is pinned, the cell, then the value (millions) shown
    ("a tag", "us-gaap:SalesRevenueNet", 95),
    ("what an article says", "a1", 8700),
    ("what texts say at all", "stated:revenue", 8700),
    ("a release, and with it a version that was replaced", "r1", 100),
]
FOUR_SAID = [
    fact_line("Revenues", "2024Q2", "100"),
    fact_line("Revenues", "2024Q2", "90", source="r2"),
    fact_line("SalesRevenueNet", "2024Q2", "95", source="r2"),
    claim("revenue", "2024Q2", "8.7"),
]
PROPERTY = "PaymentsToAcquirePropertyPlantAndEquipment"
#: What is said of the company of each case. A case of PINS has a company of its own, `case_` and its number.
SAID = {f"case_{number}": FOUR_SAID for number in range(len(PINS))} | {
    "one_statement": [fact_line("Revenues", "2024Q2", "100"), claim("revenue", "2024Q2", "8.7")],
    "a_part": [
        fact_line(PROPERTY, "2024Q2", "100"),
        claim("capex_ppe", "2024Q2", "0.1"),
        claim("capex", "2024Q2", "5"),
    ],
}
STEPS = 5
ASKED = {
    "figure": "select entity, value / 1000000, rule from figure where metric = 'revenue' and fiscal_period = '2024Q2'",
    "chosen": "select entity, is_pinned, state from reconciliation where is_chosen",
    "others": "select distinct entity, rule from reconciliation where not is_pinned order by all",
    "quarter": "select entity, rule from quarter where fiscal_period = '2024Q2'",
    "capex": "select entity, metric, value / 1000000, definition, method, rule from figure "
    "where metric like 'capex%' and (value is not null or fiscal_period = '2024Q2') order by all",
    "history": "select entity, chosen, is_withdrawn from stored_pin order by recorded_at",
}


def pins_of_step(step: int, fact_id: str) -> list[str]:
    """What is pinned at a step: the cases of PINS at every other one, first the part and then its sum, a statement."""
    if step == 0:
        return []
    cases = [f"case_{n},revenue,2024Q2,{chosen},checked by hand," for n, (_, chosen, _) in enumerate(PINS)]
    part = ["", "capex_ppe,2024Q2,a1", "capex,2024Q2,a1", "capex,2024Q2,defined:capex", "capex,2024Q2,a1"][step]
    statement = f"one_statement,revenue,2024Q2,{fact_id},the table was misread,"
    return [*(cases if step % 2 else []), f"a_part,{part},checked,", statement]


@pytest.fixture(scope="module")
def pinned(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, ByCompany]]:
    """What each view says of each company after each step; the steps of all cases are taken side by side."""
    project = of_many(tmp_path_factory.mktemp("pins"), [*SAID])
    lines = [line for company, said in SAID.items() for line in of_company(company, said)]
    found: list[dict[str, ByCompany]] = []
    fact_id = ""
    for step in range(STEPS):
        write_pins(project, *pins_of_step(step, fact_id))
        store(project, lines)
        told = answers(project, *ASKED.values())
        found.append({name: by_company(said) for name, said in zip(ASKED, told, strict=True)})
        fact_id = fact_id or id_of_claim(project, "one_statement")
    return found


def id_of_claim(project: Project, company: str) -> str:
    query = f"select lower(hex(fact_id)) from fact where concept = 'stated:revenue' and entity = '{company}'"
    ((fact_id,),) = answer(project, query)
    return str(fact_id)


@pytest.mark.parametrize(
    ("company", "chosen", "value"),
    [(f"case_{number}", *case[1:]) for number, case in enumerate(PINS)],
    ids=[case[0] for case in PINS],
)
def test_a_pin_chooses_and_can_be_taken_back(
    pinned: list[dict[str, ByCompany]], company: str, chosen: str, value: int
) -> None:
    for step in pinned[::2]:
        assert step["figure"][company] == [(90, "the first tag in order")]
    for step in pinned[1::2]:
        assert step["figure"][company] == [(value, "pinned: checked by hand")]
        assert step["chosen"][company] == [(True, "equal")]
        assert step["others"][company] == step["quarter"][company] == [("pinned: checked by hand",)]
    assert pinned[-1]["history"][company] == [(chosen, False), (chosen, True)] * 2


def test_a_pin_names_one_statement_by_its_id(pinned: list[dict[str, ByCompany]]) -> None:
    assert pinned[1]["figure"]["one_statement"] == [(8700, "pinned: the table was misread")]


def test_a_pinned_part_carries_into_the_sum(pinned: list[dict[str, ByCompany]]) -> None:
    """Capex of a company without a definition of its own is what it pays for property."""
    unpinned, part, whole, defined = (step["capex"]["a_part"] for step in pinned[:4])
    assert [row[:2] for row in unpinned] == [("capex", 100), ("capex_ppe", 100)]
    assert [(metric, method) for metric, _, _, method, _ in part] == [("capex", "stated"), ("capex_ppe", "stated")]
    assert part[0][2] == "purchases of property and equipment"
    assert [row[:2] for row in whole] == [("capex", 5000), ("capex_ppe", 100)]
    assert [(rule, value) for metric, value, _, _, rule in defined if metric == "capex"] == [("pinned: checked", 100)]


def test_a_pin_counts_from_its_day_on(later: Project) -> None:
    lines = [fact_line("Revenues", "2024Q2", "100"), claim("revenue", "2024Q2", "8.7")]
    write_pins(later, "acme,revenue,2024Q2,a1,checked,2024-10-01")
    asked = "select value / 1000000 from figure_as_of('{day}') where metric = 'revenue' and fiscal_period = '2024Q2'"
    store(later, lines)
    days = (asked.format(day=day) for day in ("2024-09-30", "2024-10-01"))
    assert answers(later, *days) == [[(100,)], [(8700,)]]


def test_a_pin_that_chooses_nothing_is_told(later: Project) -> None:
    write_facts(later, fact_line("Revenues", "2024Q2", "100"))
    write_pins(later, "acme,revenue,2024Q2,us-gaap:Sales,why,", "acme,revenue,2031Q2,us-gaap:Revenues,why,")
    said: list[str] = []
    ingest(later, [later.seeds], say=said.append)
    assert [line.partition(";")[0] for line in said[1:]] == [
        "seeds/pins.csv: acme revenue 2024Q2: no such statement: 'us-gaap:Sales'",
        "seeds/pins.csv: acme revenue 2031Q2: no such figure: 'us-gaap:Revenues'",
    ]
    figure, states = answers(later, FIGURE, "select state, value from pin_state order by fiscal_period")
    assert figure == [(100, "the only candidate")]
    assert states == [
        ("no such statement", 100_000_000),
        ("no such figure", None),
    ]


BAD_PINS = [
    # what is wrong, the row, then what is told
    ("an unknown company", "acne,revenue,2024Q2,a1,why,", "'acne' is unknown; add the company to entities.toml"),
    ("a period of no calendar", "acme,revenue,Q2 2024,a1,why,", "'Q2 2024' is malformed; write 2024Q2"),
    ("no reason", "acme,revenue,2024Q2,a1,,", "pins.csv:2:reason: the cell is empty"),
    ("a day that is none", "acme,revenue,2024Q2,a1,why,soon", "pins.csv:2:since"),
]


@pytest.mark.parametrize(("line", "message"), [case[1:] for case in BAD_PINS], ids=[case[0] for case in BAD_PINS])
def test_bad_pins_are_told(empty: Project, line: str, message: str) -> None:
    write_pins(empty, line)
    with pytest.raises(InputError, match=message):
        ingest(empty, [empty.seeds])


def test_a_figure_is_pinned_once(empty: Project) -> None:
    write_pins(empty, "acme,revenue,2024Q2,a1,why,", "acme,revenue,2024Q2,r1,why,")
    with pytest.raises(InputError, match=r"pins.csv:3: says otherwise than line 2 of the same pin"):
        ingest(empty, [empty.seeds])
