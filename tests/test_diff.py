"""What changed between two states, and why: causes case by case, and the laws any two states obey."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tracker.diff import CAUSES, Change, diff
from tracker.project import Project, ingest, init, load_project
from tracker.warehouse import Warehouse, versions_at

from conftest import SHARED, fact_line, often, write_facts, write_guidance
from running import tracker

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def compared(before: Warehouse, after: Warehouse, entities: Sequence[str]) -> tuple[Change, ...]:
    """The changes, each view worked out once a state, as the command does it."""
    with before, after:
        before.work_out()
        after.work_out()
        return diff(before, after, entities)


def by_commit(project: Project, before: str, after: str, entities: Sequence[str] = ()) -> tuple[Change, ...]:
    first, second = (versions_at(project.warehouse, commit) for commit in (before, after))
    before_it, after_it = (Warehouse(project.warehouse, versions=then) for then in (first, second))
    return compared(before_it, after_it, entities)


def by_day(folder: Path, before: str | None, after: str | None, entities: Sequence[str] = ()) -> tuple[Change, ...]:
    return compared(Warehouse(folder, as_of=before), Warehouse(folder, as_of=after), entities)


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


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # rows stored first, rows stored then: metric, period, value before and after, cause, sources
        ([], [fact_line("Revenues", "2024Q1", "100")], [("revenue", "2024Q1", None, 100, "new filing", (R1,))]),
        ([], [claim("100")], [("revenue", "2024Q1", None, 100, "new article", ("a1",))]),
        ([], [claim("100", source="d1")], [("revenue", "2024Q1", None, 100, "new source", ("d1",))]),
        # a filing takes the place of what a text said
        (
            [claim("100")],
            [claim("100"), fact_line("Revenues", "2024Q1", "101")],
            [("revenue", "2024Q1", 100, 101, "new filing", (R1,))],
        ),
        # the company states another figure for the same days
        (
            [fact_line("Revenues", "2024Q1", "100")],
            [fact_line("Revenues", "2024Q1", "100"), fact_line("Revenues", "2024Q1", "97", source="r2")],
            [("revenue", "2024Q1", 100, 97, "restatement", (R1, R2))],
        ),
        # it states the same figure with more digits: no restatement
        (
            [fact_line("Revenues", "2024Q1", "100")],
            [fact_line("Revenues", "2024Q1", "100"), fact_line("Revenues", "2024Q1", "100.2", source="r2")],
            [("revenue", "2024Q1", 100, 100, "new filing", (R2,))],
        ),
        # the same source is read otherwise
        (
            [fact_line("Revenues", "2024Q1", "100")],
            [fact_line("Revenues", "2024Q1", "110")],
            [("revenue", "2024Q1", 100, 110, "correction", (R1,))],
        ),
        ([claim("8.6")], [claim("8.5")], [("revenue", "2024Q1", 8, 8, "correction", ("a1",))]),
        # it is not said any more
        ([fact_line("Revenues", "2024Q1", "100")], [], [("revenue", "2024Q1", 100, None, "withdrawn", (R1,))]),
        (
            [claim("100"), fact_line("Revenues", "2024Q1", "101")],
            [claim("100")],
            [("revenue", "2024Q1", 101, 100, "withdrawn", (R1,))],
        ),
        # a quarter had by subtraction changes with what is subtracted
        (
            [fact_line("Revenues", "2023Q1", "100"), fact_line("Revenues", "2023H1", "250")],
            [fact_line("Revenues", "2023Q1", "90"), fact_line("Revenues", "2023H1", "250")],
            [
                ("revenue", "2023Q1", 100, 90, "correction", (R1,)),
                ("revenue", "2023Q2", 150, 160, "correction", (R1,)),
            ],
        ),
    ],
)
def test_the_cause_of_a_change(acme: Project, before: list[str], after: list[str], expected: list[Any]) -> None:
    commit(acme, fact_line("NetIncomeLoss", "2023Q1", "1"), *before)
    commit(acme, fact_line("NetIncomeLoss", "2023Q1", "1"), *after)
    changes = by_commit(acme, "1", "2")
    assert told(changes) == expected
    assert all(change.detail and change.name == "Acme" for change in changes)


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
    rule, other = sorted(by_commit(changed, "1", "2"), key=lambda change: change.cause, reverse=True)
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
    assert told(by_commit(acme, "1", "2")) == [("capex", "2024Q2", 8_600, 8_500, "correction", (source,))]


def test_guidance_moves_with_its_steps(acme: Project) -> None:
    steps = [f"acme,revenue,FY2024,{day},,{low},{high},6,USD,range,{source}," for day, low, high, source in (
        ("2024-02-01", 30, 37, "r1"), ("2024-04-24", 35, 40, "a1"), ("2024-07-31", 35, 40, "d1"),
    )]  # fmt: skip
    write_guidance(acme, *steps)
    ingest(acme, [acme.seeds])
    (first,) = by_day(acme.warehouse, "2024-01-01", "2024-02-01")
    assert (first.what, *millions(first.low_before, first.low, first.high)) == ("guidance", None, 30, 37)
    assert (first.cause, first.fiscal_period, first.span) == ("new filing", "FY2024", "year")
    (raised,) = by_day(acme.warehouse, "2024-02-01", "2024-05-01")
    assert (*millions(raised.low_before, raised.low), raised.cause) == (30, 35, "new article")
    assert raised.detail == "raised by a1, public since 2024-04-24"
    assert by_day(acme.warehouse, "2024-05-01", "2024-12-31") == ()  # reaffirmed: no number changed


def test_between_two_days_of_the_second_quarter(warehouse: Warehouse) -> None:
    changes = by_day(warehouse.path, "2024-05-01", "2024-08-05", ["meta"])
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
    everybody = by_day(warehouse.path, "2024-05-01", "2024-08-05")
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


def laws(folder: Path, moments: tuple[str, str, str]) -> None:
    """Changes lead from one state to the other, in one step or in two, and back by the same changes mirrored."""
    states = {moment: Warehouse(folder, as_of=moment) for moment in moments}
    for state in states.values():
        state.work_out()
    held = {moment: numbers(state) for moment, state in states.items()}
    first, middle, last = moments
    for a, b in ((first, middle), (middle, last), (first, last)):
        changes = diff(states[a], states[b])
        assert applied(held[a], changes) == held[b]
        assert {change.cause for change in changes} <= set(CAUSES)
        assert all(change.sources or change.cause == "new rule" for change in changes)
    assert diff(states[last], states[first]) == tuple(change.mirrored() for change in changes)
    assert diff(states[last], states[last]) == ()
    for state in states.values():
        state.close()


def test_the_laws_hold_for_the_seeds(warehouse: Warehouse) -> None:
    laws(warehouse.path, ("2024-02-15", "2024-08-05", "2026-11-01"))


@settings(max_examples=often(5), suppress_health_check=[HealthCheck.too_slow])
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
        laws(project.warehouse, (days[0].isoformat(), days[1].isoformat(), days[2].isoformat()))


def test_commits_obey_the_laws_too(acme: Project) -> None:
    rows = [fact_line("Revenues", "2024Q1", "100"), claim("40", metric="capex_ppe"), claim("7", metric="r_and_d")]
    for number in range(3):
        commit(acme, *rows[: number + 1])
    commit(acme, fact_line("Revenues", "2024Q1", "99"))
    assert by_commit(acme, "2", "2") == ()
    there = by_commit(acme, "1", "4")
    assert by_commit(acme, "4", "1") == tuple(change.mirrored() for change in there)
    assert [(change.metric, change.cause) for change in there] == [("revenue", "correction")]
    assert by_commit(acme, "1", "4", ["june"]) == ()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not here")
def test_real_filers_change_by_filings_and_restatements(tmp_path: Path) -> None:
    init(tmp_path)
    project = load_project(tmp_path)
    ingest(project, [SHARED / "sec" / "CIK0001045810.json.gz"])
    changes = by_day(project.warehouse, "2021-06-01", "2022-12-31")
    assert {change.cause for change in changes} >= {"new filing", "restatement"}
    split = next(c for c in changes if (c.metric, c.fiscal_period) == ("eps_diluted", "FY2021"))
    # NVIDIA's four-for-one split of July 2021 turned 6.90 a share into 1.73
    assert (str(split.value_before)[:4], str(split.value)[:4], split.cause) == ("6.90", "1.73", "restatement")


# -- the command -------------------------------------------------------------------------------------


def test_the_command_writes_every_format(acme: Project) -> None:
    commit(acme, fact_line("Revenues", "2024Q1", "100"))
    commit(acme, fact_line("Revenues", "2024Q1", "100"), fact_line("Revenues", "2024Q1", "97", source="r2"))
    asked = ("diff", "2024-05-02", "2025-06-01", "--entity", "Acme")
    (found,) = json.loads(tracker(acme, *asked).stdout)
    assert (found["value_before"], found["value"], found["cause"]) == (100_000_000, 97_000_000, "restatement")
    assert found["sources"] == [R1, R2]
    assert json.loads(tracker(acme, *asked, "--format", "ndjson").stdout) == found
    (row,) = csv.DictReader(io.StringIO(tracker(acme, *asked, "--format", "csv").stdout.decode()))
    assert (row["value"], row["detail"]) == ("97000000", found["detail"])
    drawn = tracker(acme, *asked, "--format", "table").stdout.decode()
    assert "100,000,000  97,000,000" in drawn
    assert "(1 row)" in drawn
    assert "| 100,000,000 | 97,000,000 |" in tracker(acme, *asked, "--format", "markdown").stdout.decode()
    (recorded,) = json.loads(tracker(acme, "diff", "1", "2", "--recorded").stdout)
    assert recorded["value"] == 97_000_000


def test_nothing_changed_is_no_failure(acme: Project) -> None:
    commit(acme, fact_line("Revenues", "2024Q1", "100"))
    for asked in (("2024-05-02", "2024-05-02"), ("1", "1", "--recorded")):
        done = tracker(acme, "diff", *asked)
        assert (done.returncode, json.loads(done.stdout)) == (0, [])
    assert tracker(acme, "diff", "2024-05-02", "soon").returncode == 2
    assert tracker(acme, "diff", "1", "9", "--recorded").returncode == 4
    assert tracker(acme, "diff", "2024-05-02", "2024-05-03", "--entity", "nobody").returncode == 4
