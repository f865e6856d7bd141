"""What changed between two states, and why: causes case by case, and the laws any two states obey."""

from __future__ import annotations

import csv
import functools
import io
import itertools
import json
import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.project import SHARED, fact_line, init_at, made_once, of_company, often, write_facts, write_guidance
from support.running import tracker
from tracker.cli import main
from tracker.explain.diff import CAUSES, Change, diff
from tracker.pipeline.ingest import ingest
from tracker.pipeline.init import init
from tracker.project import Project, load_project
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import versions_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MILLION = Decimal(10**6)
SOURCES = """source,kind,publisher,title,language,url,file,accession,form,published,sha256
r1,filing,Acme,,en,,,0000000001-24-000001,10-Q,2024-05-01,
r2,filing,Acme,,en,,,0000000001-25-000001,10-Q,2025-05-01,
a1,article,Paper,,en,,,,,2024-08-02,
d1,dataset,,,en,,,,,2024-08-03,
"""


@pytest.fixture
def acme(empty: Project) -> Project:
    """A project whose sources are two filings a year apart, an article and a data set."""
    (empty.seeds / "sources.csv").write_text(SOURCES)
    return empty


def claim(value: str, *, source: str = "a1", period: str = "2024Q1", metric: str = "revenue") -> str:
    """A row of facts.csv: what a text says of a metric, in millions."""
    return f"acme,,{metric},actual,{period},{value},,,6,USD,exact,{source},,10,{10 + len(value)},{value}"


def commit(project: Project, *lines: str) -> None:
    write_facts(project, *lines)
    ingest(project, [project.seeds])


def committed(project: Project, number: int) -> Warehouse:
    """What was stored by a commit, for many questions."""
    return ready(Warehouse(project.warehouse, versions=versions_at(project.warehouse, str(number))))


def known(folder: Path, day: str) -> Warehouse:
    """What was known on a day, for many questions."""
    return ready(Warehouse(folder, as_of=day))


def ready(state: Warehouse) -> Warehouse:
    """The state, each of whose views is worked out once, as the command has it."""
    state.materialize()
    return state


def millions(*values: Any) -> Any:
    """Amounts in millions, for comparison with what a person writes."""
    found = tuple(None if value is None else int(value / MILLION) for value in values)
    return found if len(found) > 1 else found[0]


def told(changes: tuple[Change, ...]) -> list[tuple[Any, ...]]:
    """What of each change a case checks, amounts in millions."""
    return [
        (c.metric, c.fiscal_period, millions(c.value_before), millions(c.value), c.cause, c.sources) for c in changes
    ]


# -- causes ------------------------------------------------------------------------------------------

R1, R2 = "0000000001-24-000001", "0000000001-25-000001"


NET_INCOME = fact_line("NetIncomeLoss", "2023Q1", "1")  # of every company, at every commit
SAID = fact_line("Revenues", "2024Q1", "100")
CASES = [
    # what happens, rows stored first, rows stored then: metric, period, value before and after, cause, sources
    ("a filing comes", [], [SAID], [("revenue", "2024Q1", None, 100, "new filing", (R1,))]),
    ("an article comes", [], [claim("100")], [("revenue", "2024Q1", None, 100, "new article", ("a1",))]),
    ("a data set comes", [], [claim("100", source="d1")], [("revenue", "2024Q1", None, 100, "new source", ("d1",))]),
    (
        "a filing takes the place of what a text said",
        [claim("100")],
        [claim("100"), fact_line("Revenues", "2024Q1", "101")],
        [("revenue", "2024Q1", 100, 101, "new filing", (R1,))],
    ),
    (
        "the company states another figure for the same days",
        [SAID],
        [SAID, fact_line("Revenues", "2024Q1", "97", source="r2")],
        [("revenue", "2024Q1", 100, 97, "restatement", (R1, R2))],
    ),
    (
        "it states the same figure with more digits: no restatement",
        [SAID],
        [SAID, fact_line("Revenues", "2024Q1", "100.2", source="r2")],
        [("revenue", "2024Q1", 100, 100, "new filing", (R2,))],
    ),
    (
        "the same filing is read otherwise",
        [SAID],
        [fact_line("Revenues", "2024Q1", "110")],
        [("revenue", "2024Q1", 100, 110, "correction", (R1,))],
    ),
    (
        "the same article is read otherwise",
        [claim("8.6")],
        [claim("8.5")],
        [("revenue", "2024Q1", 8, 8, "correction", ("a1",))],
    ),
    ("it is not said any more", [SAID], [], [("revenue", "2024Q1", 100, None, "withdrawn", (R1,))]),
    (
        "a filing is withdrawn and what a text said stands again",
        [claim("100"), fact_line("Revenues", "2024Q1", "101")],
        [claim("100")],
        [("revenue", "2024Q1", 101, 100, "withdrawn", (R1,))],
    ),
    (
        "a quarter had by subtraction changes with what is subtracted",
        [fact_line("Revenues", "2023Q1", "100"), fact_line("Revenues", "2023H1", "250")],
        [fact_line("Revenues", "2023Q1", "90"), fact_line("Revenues", "2023H1", "250")],
        [
            ("revenue", "2023Q1", 100, 90, "correction", (R1,)),
            ("revenue", "2023Q2", 150, 160, "correction", (R1,)),
        ],
    ),
]
#: The company of the case that commands are asked about.
RESTATED = next(number for number, case in enumerate(CASES) if case[0].startswith("the company states another"))
#: What one more company says at each of four commits.
LAWFUL = [
    [SAID],
    [SAID, claim("40", metric="capex_ppe")],
    [SAID, claim("40", metric="capex_ppe"), claim("7", metric="r_and_d")],
    [fact_line("Revenues", "2024Q1", "99")],
]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Four commits of all cases' companies side by side: the first rows, then the others, and no more after those."""
    return load_project(made_once(tmp_path_factory, "diff-history", _store_history))


def _store_history(folder: Path) -> None:
    project = init_at(folder, [*(f"case_{number}" for number in range(len(CASES))), "lawful", "silent"])
    entities = project.seeds / "entities.toml"
    entities.write_text(entities.read_text().replace('name = "case_', 'name = "Acme '))
    (project.seeds / "sources.csv").write_text(SOURCES)
    for step, lawful in enumerate(LAWFUL):
        rows = of_company("lawful", [NET_INCOME, *lawful])
        for number, (_, before, after, _) in enumerate(CASES):
            rows += of_company(f"case_{number}", [NET_INCOME, *(after if step else before)])
        commit(project, *rows)


@pytest.fixture(scope="module")
def at_commit(history: Project) -> Callable[[int], Warehouse]:
    """The state of a commit, worked out once for all tests."""
    return functools.cache(functools.partial(committed, history))


@pytest.fixture(scope="module")
def changes_of(at_commit: Callable[[int], Warehouse]) -> dict[str, tuple[Change, ...]]:
    """What the second commit changed, by company."""
    changes = diff(at_commit(1), at_commit(2))
    return {entity: tuple(of) for entity, of in itertools.groupby(changes, lambda change: change.entity)}


@pytest.mark.parametrize(
    ("number", "expected"), [(n, case[3]) for n, case in enumerate(CASES)], ids=[case[0] for case in CASES]
)
def test_the_cause_of_a_change(
    changes_of: dict[str, tuple[Change, ...]], number: int, expected: list[tuple[Any, ...]]
) -> None:
    changes = changes_of[f"case_{number}"]
    assert told(changes) == expected
    assert all(change.detail and change.name == f"Acme {number}" for change in changes)


def test_the_companies_of_all_cases_and_no_other_changed(changes_of: dict[str, tuple[Change, ...]]) -> None:
    assert changes_of.keys() == {"lawful", *(f"case_{number}" for number in range(len(CASES)))}


def test_commits_obey_the_laws_too(at_commit: Callable[[int], Warehouse]) -> None:
    first, second, last = (at_commit(number) for number in (1, 2, 4))
    assert diff(second, second) == ()
    there = diff(first, last)
    assert diff(last, first) == tuple(change.mirror() for change in there)
    lawful = [(change.metric, change.cause) for change in there if change.entity == "lawful"]
    assert lawful == [("revenue", "correction")]
    assert diff(first, last, ["silent"]) == ()


def test_a_new_rule_is_the_cause_where_the_statements_are_the_same(acme: Project, tmp_path: Path) -> None:
    rows = [fact_line("Revenues", "2024Q1", "100"), fact_line("SalesRevenueNet", "2024Q1", "60")]
    commit(acme, *rows)
    (tmp_path / "metrics.toml").write_text(
        '[revenue]\nlabel = "Revenue"\ntype = "duration"\nadditive = true\nmeasure = "money"\n'
        'tags = ["us-gaap:SalesRevenueNet", "us-gaap:Revenues"]\n'
    )
    (tmp_path / "tracker.toml").write_text('[paths]\nmetrics = "metrics.toml"\n')
    changed = load_project(tmp_path)
    commit(changed, *rows, fact_line("NetIncomeLoss", "2023Q1", "1"))
    changes = diff(committed(changed, 1), committed(changed, 2))
    rule, other = sorted(changes, key=lambda change: change.cause, reverse=True)
    assert told((rule, other)) == [
        ("revenue", "2024Q1", 100, 60, "new rule", (R1,)),
        ("net_income", "2023Q1", None, 1, "new filing", (R1,)),
    ]
    assert "us-gaap:SalesRevenueNet, before us-gaap:Revenues" in rule.detail


def test_what_a_person_reads_otherwise_than_the_reader_is_a_correction(acme: Project) -> None:
    article = acme.root / "a.txt"
    article.write_text("Acme's capital expenditures were $8.6 billion in the second quarter of 2024.\n")
    ingest(acme, [acme.seeds, article], published=date(2024, 8, 2))
    with Warehouse(acme.warehouse) as now:
        ((source, start, end),) = now.sql(
            "select source_id, span_start, span_end from fact where metric = 'capex'"
        ).fetchall()
    (acme.seeds / "sources.csv").write_text(f"{SOURCES}{source},article,Paper,,en,,a.txt,,,2024-08-02,\n")
    quote = article.read_text()[start:end]
    commit(acme, f"acme,,capex,actual,2024Q2,8.5,,,9,USD,exact,{source},en,{start},{end},{quote}")
    changes = diff(committed(acme, 1), committed(acme, 2))
    assert told(changes) == [("capex", "2024Q2", 8_600, 8_500, "correction", (source,))]


def test_guidance_moves_with_its_steps(acme: Project) -> None:
    steps = [f"acme,revenue,FY2024,{day},,{low},{high},6,USD,range,{source}," for day, low, high, source in (
        ("2024-02-01", 30, 37, "r1"), ("2024-04-24", 35, 40, "a1"), ("2024-07-31", 35, 40, "d1"),
    )]  # fmt: skip
    write_guidance(acme, *steps)
    ingest(acme, [acme.seeds])
    days = ("2024-01-01", "2024-02-01", "2024-05-01", "2024-12-31")
    january, february, may, december = (known(acme.warehouse, day) for day in days)
    (first,) = diff(january, february)
    assert (first.what, *millions(first.low_before, first.low, first.high)) == ("guidance", None, 30, 37)
    assert (first.cause, first.fiscal_period, first.span) == ("new filing", "FY2024", "year")
    (raised,) = diff(february, may)
    assert (*millions(raised.low_before, raised.low), raised.cause) == (30, 35, "new article")
    assert raised.detail == "raised by a1, public since 2024-04-24"
    assert diff(may, december) == ()  # reaffirmed: no number changed


@pytest.fixture(scope="module")
def seeds_at(warehouse: Warehouse) -> Callable[[str], Warehouse]:
    """What was known of the seeds on a day, worked out once for all tests."""
    return functools.cache(functools.partial(known, warehouse.path))


def test_between_two_days_of_the_second_quarter(seeds_at: Callable[[str], Warehouse]) -> None:
    changes = diff(seeds_at("2024-05-01"), seeds_at("2024-08-05"), ["meta"])
    found = {(change.what, change.metric, change.fiscal_period): change for change in changes}
    before = found["figure", "capex_ppe", "2023Q2"]
    assert (*millions(before.value_before, before.value), before.cause) == (6_216, 6_134, "restatement")
    assert before.sources == ("0001326801-23-000093", "0001326801-24-000069")
    assert "states 12,957,000,000 USD, where 10-Q 0001326801-23-000093 stated 13,058,000,000 USD" in before.detail
    shown = found["figure", "capex", "2024Q2"]
    assert (*millions(shown.value_before, shown.value), shown.cause) == (None, 8_472, "new filing")
    guided = found["guidance", "capex", "FY2024"]
    assert millions(guided.low_before, guided.low, guided.high) == (35_000, 37_000, 40_000)
    assert found["figure", "dau", "2024Q2"].cause == "new article"
    assert {change.entity for change in changes} == {"meta"}
    everybody = diff(seeds_at("2024-05-01"), seeds_at("2024-08-05"))
    assert tuple(change for change in everybody if change.entity == "meta") == changes


# -- laws --------------------------------------------------------------------------------------------

Key = tuple[str, str, str, str, str, str]
Numbers = dict[Key, tuple[Any, ...]]


def numbers(state: Warehouse) -> Numbers:
    """Every number of a state, read without the code under test."""
    figures = state.sql(
        "select 'figure', entity, metric, span, fiscal_period, unit, value, low, high from figure where value is not null"
    ).fetchall()
    guided = state.sql(
        "select 'guidance', entity, metric, '', fiscal_period, unit, value, low, high from guidance "
        "where coalesce(value, low, high) is not null"
    ).fetchall()
    return {row[:6]: row[6:] for row in (*figures, *guided)}


def applied(state: Numbers, changes: Sequence[Change]) -> Numbers:
    """The state after these changes; each must find the numbers it says were there."""
    after = dict(state)
    for c in changes:
        key = (c.what, c.entity, c.metric, c.span if c.what == "figure" else "", c.fiscal_period, c.unit)
        assert after.pop(key, (None, None, None)) == (c.value_before, c.low_before, c.high_before)
        if (c.value, c.low, c.high) != (None, None, None):
            after[key] = (c.value, c.low, c.high)
    return after


def laws(*states: Warehouse) -> None:
    """Changes lead from one state to the other, in one step or in two, and back by the same changes mirrored."""
    first, middle, last = states
    held = {state: numbers(state) for state in states}
    for a, b in ((first, middle), (middle, last), (first, last)):
        changes = diff(a, b)
        assert applied(held[a], changes) == held[b]
        assert {change.cause for change in changes} <= set(CAUSES)
        assert all(change.sources or change.cause == "new rule" for change in changes)
    assert diff(last, first) == tuple(change.mirror() for change in changes)
    assert diff(last, last) == ()


def test_the_laws_hold_for_the_seeds(seeds_at: Callable[[str], Warehouse]) -> None:
    laws(*(seeds_at(day) for day in ("2024-02-15", "2024-08-05", "2026-11-01")))


@settings(max_examples=often(3, long=100), suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_the_laws_hold_for_any_history(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        init(folder)
        (folder / "seeds" / "entities.toml").write_text(
            '[acme]\nname = "Acme"\ncurrency = "USD"\nfiscal_year_end = "12-31"\n'
        )
        days = [date(2024, 4, 20) + timedelta(days=120 * step) for step in range(3)]
        (folder / "seeds" / "sources.csv").write_text(
            SOURCES.splitlines()[0] + "\n" + "".join(
                f"s{n},{kind},Acme,,en,,,,,{day},\n"
                for n, (kind, day) in enumerate(zip(("filing", "article", "filing"), days, strict=True))
            )
        )  # fmt: skip
        project = load_project(folder)
        said = data.draw(
            st.dictionaries(
                st.tuples(
                    st.sampled_from(["2022Q1", "2022H1", "2023Q1", "2023H1"]), st.sampled_from(["s0", "s1", "s2"])
                ),
                st.integers(-50, 500),
                max_size=8,
            )
        )
        write_facts(
            project,
            *(
                fact_line("Revenues", period, str(value), source=source)
                if source != "s1"
                else claim(str(value), source=source, period=period)
                for (period, source), value in said.items()
            ),
        )
        ingest(project, [project.seeds])
        states = [known(project.warehouse, day.isoformat()) for day in days]
        laws(*states)
        for state in states:
            state.close()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not here")
def test_real_filers_change_by_filings_and_restatements(tmp_path: Path) -> None:
    init(tmp_path)
    project = load_project(tmp_path)
    ingest(project, [SHARED / "sec" / "CIK0001045810.json.gz"])
    changes = diff(known(project.warehouse, "2021-06-01"), known(project.warehouse, "2022-12-31"))
    assert {change.cause for change in changes} >= {"new filing", "restatement"}
    split = next(c for c in changes if (c.metric, c.fiscal_period) == ("eps_diluted", "FY2021"))
    # NVIDIA's four-for-one split of July 2021 turned 6.90 a share into 1.73
    assert (str(split.value_before)[:4], str(split.value)[:4], split.cause) == ("6.90", "1.73", "restatement")


# -- the command -------------------------------------------------------------------------------------


def test_the_command_says_what_changed_between_days_or_commits(history: Project) -> None:
    asked = ("--entity", f"Acme {RESTATED}")
    (found,) = json.loads(tracker(history, "diff", "2024-05-02", "2025-06-01", *asked).stdout)
    assert (found["value_before"], found["value"], found["cause"]) == (100_000_000, 97_000_000, "restatement")
    assert found["sources"] == [R1, R2]
    (recorded,) = json.loads(tracker(history, "diff", "1", "2", "--recorded", *asked).stdout)
    assert recorded["value"] == 97_000_000


def test_the_command_writes_every_format(
    history: Project,
    changes_of: dict[str, tuple[Change, ...]],
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    """The changes are found once: how they are written is all that differs."""
    monkeypatch.setattr("tracker.explain.diff.diff", lambda *_: changes_of[f"case_{RESTATED}"])

    def written(style: str) -> str:
        with pytest.raises(SystemExit, match=r"^0$"):
            main(["-C", str(history.root), "diff", "2024-05-02", "2025-06-01", "--format", style])
        return capsysbinary.readouterr().out.decode()

    (found,) = json.loads(written("json"))
    assert json.loads(written("ndjson")) == found
    (row,) = csv.DictReader(io.StringIO(written("csv")))
    assert (row["value"], row["detail"]) == ("97000000", found["detail"])
    drawn = written("table")
    assert "100,000,000  97,000,000" in drawn
    assert "(1 row)" in drawn
    assert "| 100,000,000 | 97,000,000 |" in written("markdown")


def test_nothing_changed_is_no_failure(history: Project) -> None:
    for asked in (("2024-05-02", "2024-05-02"), ("1", "1", "--recorded")):
        done = tracker(history, "diff", *asked)
        assert (done.returncode, json.loads(done.stdout)) == (0, [])
    assert tracker(history, "diff", "2024-05-02", "soon").returncode == 2
    assert tracker(history, "diff", "1", "9", "--recorded").returncode == 4
    assert tracker(history, "diff", "2024-05-02", "2024-05-03", "--entity", "nobody").returncode == 4
