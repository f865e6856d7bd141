"""Corrections: a statement that was read wrongly, put right by a row that can be taken out again."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.filings import accession, company, write_company
from support.project import fact_line, made_once, small_project, worked_out, write_facts
from support.running import tracker_text
from tracker.errors import HeldError, InputError, NothingMatchedError, TrackerError, UsageError
from tracker.explain.diff import diff
from tracker.explain.tree import explain_fact, explain_figure
from tracker.model.batch import Batch
from tracker.model.fact import Fact, to_table
from tracker.pipeline.correct import Replacement, Why, correct, retract
from tracker.pipeline.ingest import ingest
from tracker.project import Project, load_project
from tracker.sources.seed import CORRECTIONS, known_entities, read_corrections
from tracker.warehouse.corrections import IDLE
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import versions_at
from tracker.warehouse.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

STORY = (
    "Acme's revenue rose 25% to $1.5 billion in the second quarter of 2024. "
    "For the full year 2024 Acme expects capital expenditures of between $37 billion and $40 billion."
)
ANA = Why("the table of the release says so", "Ana")


def _store_story(folder: Path) -> None:
    made = small_project(folder)
    (folder / "story.txt").write_text(STORY)
    ingest(made, [made.seeds, folder / "story.txt"], published=date(2024, 8, 2))


@pytest.fixture
def told(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with a story of Acme's: growth and a level of one quarter, and a range for the year."""
    shutil.copytree(made_once(tmp_path_factory, "corrections-story", _store_story), tmp_path, dirs_exist_ok=True)
    return load_project(tmp_path)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same, for tests that leave it as it was."""
    folder = tmp_path_factory.mktemp("fresh")
    shutil.copytree(made_once(tmp_path_factory, "corrections-story", _store_story), folder, dirs_exist_ok=True)
    return load_project(folder)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same for tests that leave it as it was, with the level corrected."""
    folder = tmp_path_factory.mktemp("corrected")
    shutil.copytree(made_once(tmp_path_factory, "corrections-story", _store_story), folder, dirs_exist_ok=True)
    made = load_project(folder)
    correct(made, id_of(made, "$1.5 billion"), Replacement(value="1700000000"), ANA, silent)
    return made


def rows(project: Project, query: str, **how: Any) -> list[tuple[Any, ...]]:
    with worked_out(project.warehouse, **how) as warehouse:
        return warehouse.sql(query).fetchall()


def id_of(project: Project, quote: str) -> str:
    ((found,),) = rows(project, f"select lower(hex(fact_id)) from fact_known where quote = '{quote}'")
    return str(found)


def again(project: Project) -> list[str]:
    """What an ingestion of nothing in particular says."""
    said: list[str] = []
    ingest(project, [], say=said.append)
    return said


def take_out(project: Project) -> None:
    """Take the last row out of the table."""
    path = project.seeds / CORRECTIONS
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:-1]), "utf-8")


def taken_back(project: Project) -> None:
    """Take the last row out and let it hold."""
    take_out(project)
    again(project)


def table(project: Project) -> list[dict[str, str]]:
    with (project.seeds / CORRECTIONS).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def silent(_: str) -> None:
    """Nothing is told."""


VALUES = (
    "select value / 1e6, low / 1e6, high / 1e6, unit, qualifier, decimals from fact_known where quote = '$1.5 billion'"
)


def test_a_correction_holds_in_every_view_and_keeps_the_evidence(told: Project) -> None:
    evidence = (
        "select source_id, span_start, span_end, quote, known_at, language from fact_known where quote = '$1.5 billion'"
    )
    before = rows(told, evidence)
    correct(told, id_of(told, "$1.5 billion"), Replacement(value="1700000000"), ANA, silent)
    assert rows(told, evidence) == before
    assert rows(told, VALUES) == [(1700, None, None, "USD", "exact", -8)]
    assert rows(told, "select method from fact_known where quote = '$1.5 billion'") == [("curated",)]
    with worked_out(told.warehouse) as warehouse:
        for view in ("figure", "quarter", "fact_current", "reconciliation", "statement"):
            found = warehouse.sql(
                f"select distinct value / 1e6 from {view} where unit = 'USD' and fiscal_period = '2024Q2'"
            )
            assert found.fetchall() == [(1700,)], view
    as_of = "select count(*), max(value) / 1e6 from quarter_as_of('{}') where value is not null"
    assert rows(told, as_of.format("2024-08-01")) == [(0, None)]
    assert rows(told, as_of.format("2024-08-02")) == [(1, 1700)]


def test_what_was_stored_before_stays_as_it_was(told: Project) -> None:
    correct(told, id_of(told, "$1.5 billion"), Replacement(value="1700000000"), ANA, silent)
    ((last,),) = rows(told, "select count(distinct recorded_at) from fact")
    assert rows(told, VALUES, versions=versions_at(told.warehouse, str(last - 1)))[0][0] == 1500
    assert rows(told, VALUES, versions=versions_at(told.warehouse, str(last)))[0][0] == 1700


def test_a_row_taken_out_is_as_if_it_had_never_been(told: Project) -> None:
    query = "select * exclude (recorded_at) from statement order by fact_id"
    before = rows(told, query)
    for quote in ("$1.5 billion", "25%"):
        correct(told, id_of(told, quote), Replacement(period="2024Q1"), ANA, silent)
        assert rows(told, query) != before
    for _ in range(2):
        take_out(told)
        assert again(told) == ["seeds/corrections.csv: 1 correction changed"]
    assert rows(told, query) == before
    assert again(told) == []


def test_a_file_that_is_gone_has_no_corrections(told: Project) -> None:
    correct(told, id_of(told, "$1.5 billion"), Replacement(value="1700000000"), ANA, silent)
    (told.seeds / CORRECTIONS).unlink()
    again(told)
    assert rows(told, VALUES)[0][0] == 1500


def test_reading_the_same_text_again_changes_nothing(told: Project) -> None:
    correct(told, id_of(told, "$1.5 billion"), Replacement(value="1700000000"), ANA, silent)
    retract(told, id_of(told, "25%"), ANA, silent)
    before = rows(told, "select * from fact_known order by all")
    for _ in range(2):
        (done,) = ingest(told, [told.root / "story.txt"], published=date(2024, 8, 2))
        assert (done.added, done.withdrawn) == (0, 0)
    assert rows(told, "select * from fact_known order by all") == before


CHANGES: Sequence[tuple[str, str, Replacement, dict[str, Any]]] = [
    # what is wrong, the figure as printed, what is said of it, and what is another then
    ("another amount", "$1.5 billion", Replacement(value="1700000000"), {"value": 1.7e9}),
    ("an amount as printed", "$1.5 billion", Replacement(value="1.53", scale=9), {"value": 1.53e9, "decimals": -7}),
    ("a loss", "$1.5 billion", Replacement(value="-1.5", scale=9), {"value": -1.5e9}),
    ("a word before it", "$1.5 billion", Replacement(qualifier="approx"), {"qualifier": "approx"}),
    ("a range instead", "$1.5 billion", Replacement(low="1.4", high="1.6", scale=9), {"value": None, "low": 1.4e9, "high": 1.6e9, "qualifier": "range"}),
    ("one end of a range", "$37 billion and $40 billion", Replacement(high="41", scale=9), {"high": 41e9}),
    ("one number, no range", "$37 billion and $40 billion", Replacement(value="40", scale=9), {"value": 40e9, "low": None, "high": None, "qualifier": "exact"}),
    ("at most", "$37 billion and $40 billion", Replacement(value="40", scale=9, qualifier="at_most"), {"value": 40e9, "low": None, "high": None, "qualifier": "at_most"}),
    ("a promise taken back", "$37 billion and $40 billion", Replacement(qualifier="withdrawn"), {"low": None, "high": None, "decimals": None, "qualifier": "withdrawn"}),
    ("another quarter", "$1.5 billion", Replacement(period="2024Q1"), {"period_start": date(2024, 1, 1), "period_end": date(2024, 3, 31)}),
    ("other days", "$1.5 billion", Replacement(period="2024-01-01/2024-06-30"), {"period_start": date(2024, 1, 1)}),
    ("another company", "$1.5 billion", Replacement(entity="June Co"), {"entity": "june"}),
    ("another company's quarter", "$1.5 billion", Replacement(entity="june", period="2024Q2"), {"entity": "june", "period_start": date(2023, 10, 1), "period_end": date(2023, 12, 31)}),
    ("another metric", "$1.5 billion", Replacement(metric="net_income"), {"metric": "net_income", "concept": "stated:net_income"}),
    ("another unit", "$1.5 billion", Replacement(unit="EUR"), {"unit": "EUR"}),
    ("a ratio", "25%", Replacement(value="0.26"), {"value": Decimal("0.26")}),
]  # fmt: skip
CONTENT = [field.name for field in fields(Fact) if field.name not in {"retracts", "method", "confidence", "dimensions"}]


@pytest.mark.parametrize(
    ("quote", "change", "expected"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES]
)
def test_what_is_named_is_another_and_all_else_stays(
    told: Project, quote: str, change: Replacement, expected: dict[str, Any]
) -> None:
    query = f"select {', '.join(CONTENT)} from fact_known where quote = '{quote}'"
    others = f"select * from fact_known where quote <> '{quote}' order by all"
    with Warehouse(told.warehouse) as stored:
        ((*before,),) = stored.sql(query).fetchall()
        beside = stored.sql(others).fetchall()
        ((known,),) = stored.sql(f"select lower(hex(fact_id)) from fact_known where quote = '{quote}'").fetchall()
    correct(told, known, change, ANA, silent)
    with Warehouse(told.warehouse) as stored:
        ((*after,),) = stored.sql(query).fetchall()
        assert stored.sql(others).fetchall() == beside
    now = dict(zip(CONTENT, after, strict=True))
    assert {name: now[name] for name in expected} == expected
    assert {**dict(zip(CONTENT, before, strict=True)), **{name: now[name] for name in expected}} == now


def test_a_retraction_leaves_nothing_in_its_place(told: Project) -> None:
    retract(told, id_of(told, "$1.5 billion"), ANA, silent)
    assert rows(told, VALUES) == []
    assert rows(told, "select count(*) from figure where value is not null") == [(0,)]
    assert rows(told, "select count(*) from fact_known") == [(2,)]


# -- read again --------------------------------------------------------------------------------------


def read_again(project: Project, figure: str, **other: Any) -> None:
    """What another reading of the story does: the statement with this figure gives way to one that says more."""
    names = [field.name for field in fields(Fact) if field.name not in {"retracts", "dimensions"}]
    query = f"select {', '.join(names)}, fact_id from fact where quote = '{figure}' and retracts is null and method = 'extracted'"
    found = [dict(zip([*names, "fact_id"], row, strict=True)) for row in rows(project, f"{query} order by recorded_at")]
    was = {name: found[-1][name] for name in names}
    old = Fact(**was, retracts=found[-1]["fact_id"])
    with Writer(project.warehouse) as writer:
        writer.commit(Batch(to_table([Fact(**{**was, **other}, retracts=None), old])))


def test_a_correction_finds_its_statement_in_a_new_reading(told: Project) -> None:
    """It says what it says of the new reading; the rest is as read now."""
    correct(told, id_of(told, "$1.5 billion"), Replacement(value="1700000000"), ANA, silent)
    for other in (
        {"confidence": 0.5, "period_start": date(2024, 1, 1)},
        {"known_at": None},
        {"value": Decimal(16 * 10**8)},
    ):
        read_again(told, "$1.5 billion", **other)
        assert rows(told, VALUES)[0][0] == 1700
        assert again(told) == []
    assert rows(told, "select period_start from fact_known where value = 1700000000") == [(date(2024, 1, 1),)]
    take_out(told)
    again(told)
    assert rows(told, VALUES)[0][0] == 1600


def test_a_figure_that_is_read_no_more_has_no_correction(told: Project) -> None:
    """The correction says so at every ingestion, and holds again once the figure is read again."""
    correct(told, id_of(told, "$1.5 billion"), Replacement(value="1700000000"), ANA, silent)
    read_again(told, "$1.5 billion", quote="$1.5 billion in", span_end=42)
    assert [row[0] for row in rows(told, "select value / 1e6 from fact_known where kind = 'actual'")] == [1500]
    for _ in range(2):
        (said,) = again(told)
        assert said.startswith("seeds/corrections.csv:2:fact: no such statement: ")
    read_again(told, "$1.5 billion in", quote="$1.5 billion", span_end=39)
    assert rows(told, VALUES)[0][0] == 1700
    assert again(told) == []


def test_one_of_two_statements_on_the_same_characters_is_corrected(told: Project) -> None:
    """`revenue and profit of 1.5 billion each`: the other one stays, in this reading and in the next."""
    query = "select metric, value / 1e6 from fact_known where quote = '$1.5 billion' order by metric"
    names = [field.name for field in fields(Fact) if field.name not in {"retracts", "dimensions"}]
    ((*was,),) = rows(told, f"select {', '.join(names)} from fact_known where quote = '$1.5 billion'")
    other = {**dict(zip(names, was, strict=True)), "metric": "net_income", "concept": "stated:net_income"}
    wanted = id_of(told, "$1.5 billion")
    with Writer(told.warehouse) as writer:
        writer.commit(Batch(to_table([Fact(**other, retracts=None)])))
    correct(told, wanted, Replacement(value="1700000000"), ANA, silent)
    assert rows(told, query) == [("net_income", 1500), ("revenue", 1700)]
    take_out(told)
    retract(told, wanted, ANA, silent)
    assert rows(told, query) == [("net_income", 1500)]


def test_a_warehouse_built_anew_has_the_corrections(told: Project) -> None:
    """They are read first, and find their statements when these come."""
    correct(told, id_of(told, "$1.5 billion"), Replacement(value="1700000000"), ANA, silent)
    retract(told, id_of(told, "25%"), ANA, silent)
    query = "select * exclude (recorded_at) from statement order by fact_id"
    before = rows(told, query)
    shutil.rmtree(told.warehouse)
    said: list[str] = []
    ingest(told, [told.seeds, told.root / "story.txt"], published=date(2024, 8, 2), say=said.append)
    assert rows(told, query) == before
    assert not [line for line in said if "statement" in line]


# -- filings and tables of one's own -----------------------------------------------------------------

QUARTERS = {
    "Revenues": [
        ("2024-01-01", "2024-03-31", 5 * 10**9, accession(1), "10-Q", "2024-05-01"),
        ("2024-01-01", "2024-06-30", 11 * 10**9, accession(2), "10-Q", "2024-08-01"),
    ]
}


def test_a_filed_figure_is_corrected_and_what_follows_from_it(empty: Project) -> None:
    path = write_company(empty.root, company(77, QUARTERS, name="Zyx"))
    ingest(empty, [path])
    second = "select value / 1e9 from quarter where fiscal_period = '2024Q2' and metric = 'revenue'"
    assert rows(empty, second) == [(6,)]
    ((first,),) = rows(empty, "select lower(hex(fact_id)) from fact_known where period_end = '2024-03-31'")
    correct(empty, first[:8], Replacement(value="4000000000"), ANA, silent)
    assert rows(empty, second) == [(7,)]
    (done,) = ingest(empty, [path])
    assert (done.added, done.known) == (0, 2)
    assert rows(empty, second) == [(7,)]
    assert rows(empty, "select count(*) from restatement") == [(0,)]
    with pytest.raises(UsageError, match="is the filing's own concept; leave out --metric"):
        correct(
            empty,
            rows(empty, "select lower(hex(fact_id)) from fact_known where value = 11000000000")[0][0],
            Replacement(metric="capex"),
            ANA,
            silent,
        )
    take_out(empty)
    again(empty)
    assert rows(empty, second) == [(6,)]


def test_a_row_of_ones_own_tables_may_be_corrected_too(empty: Project) -> None:
    write_facts(empty, fact_line("Revenues", "2024Q1", "100"), fact_line("Revenues", "2024Q2", "200"))
    ingest(empty, [empty.seeds])
    query = "select value / 1e6 from fact_known order by period_end"
    ((first,), _) = rows(empty, "select lower(hex(fact_id)) from fact_known order by period_end")
    correct(empty, first, Replacement(value="110", scale=6), ANA, silent)
    assert rows(empty, query) == [(110,), (200,)]
    ingest(empty, [empty.seeds])
    assert rows(empty, query) == [(110,), (200,)]
    write_facts(empty, fact_line("Revenues", "2024Q2", "200"))
    ingest(empty, [empty.seeds])
    assert rows(empty, query) == [(200,)]
    assert "no such statement" in again(empty)[0]


# -- what is refused ---------------------------------------------------------------------------------

REFUSED: Sequence[tuple[str, Replacement, type[TrackerError], str]] = [
    # what is wrong, what is said of 25%, how it is refused
    ("nothing to change", Replacement(), UsageError, "there is nothing to correct; give --value"),
    ("what it says already", Replacement(value="0.25"), UsageError, "says so already"),
    ("no number", Replacement(value="25%"), UsageError, "not a plain number; write plain digits"),
    ("finer than it was printed", Replacement(value="0.253"), UsageError, "has more digits than the statement prints"),
    ("too many digits", Replacement(value="9" * 30, scale=9), UsageError, "more digits than can be stored"),
    ("a range upside down", Replacement(low="0.26", high="0.24"), UsageError, "is above high"),
    ("half a range", Replacement(low="0.24"), UsageError, "'range' stands beside low; give high and low"),
    ("a value and a range", Replacement(value="0.25", low="0.24", high="0.26"), UsageError, "'range' stands beside"),
    ("an amount beside words", Replacement(value="0.26", qualifier="withdrawn"), UsageError, "give no amount"),
    ("a scale of nothing", Replacement(scale=9), UsageError, "--scale needs an amount"),
    ("an unknown qualifier", Replacement(qualifier="roughly"), UsageError, "'roughly' is unknown; use exact"),
    ("an unknown company", Replacement(entity="acne"), NothingMatchedError, "no company is called 'acne'"),
    ("an unknown metric", Replacement(metric="revenu"), UsageError, "no metric 'revenu'; did you mean revenue"),
    ("an unknown period", Replacement(period="Q2 2024"), UsageError, "is not a period; write 2024Q2"),
    ("days the wrong way round", Replacement(period="2024-06-30/2024-04-01"), UsageError, "before it starts"),
    ("a unit that is none", Replacement(unit="US$"), UsageError, "--unit: 'US$' is malformed"),
]


@pytest.mark.parametrize(
    ("change", "error", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_cannot_be_meant_writes_nothing(
    kept: Project, change: Replacement, error: type[TrackerError], message: str
) -> None:
    before = (kept.seeds / CORRECTIONS).read_bytes()
    with pytest.raises(error) as raised:
        correct(kept, id_of(kept, "25%"), change, ANA, silent)
    assert message in str(raised.value)
    assert (kept.seeds / CORRECTIONS).read_bytes() == before


def test_a_statement_is_named_by_the_beginning_of_its_id(told: Project) -> None:
    known = id_of(told, "$1.5 billion")
    for wrong, error, message in [
        (known[:7], UsageError, "give 8 to 32 hexadecimal digits"),
        ("xyz", UsageError, "is not an id"),
        ("00000000", NothingMatchedError, "no fact has the id 00000000; `tracker explain"),
    ]:
        with pytest.raises(error, match=message):
            retract(told, wrong, ANA, silent)
    with pytest.raises(UsageError, match="a correction needs a reason"):
        retract(told, known, Why(" "), silent)
    retract(told, known[:8].upper(), ANA, silent)
    assert table(told)[0]["fact"] == known


def test_a_statement_has_one_correction_and_a_correction_none(told: Project) -> None:
    known = id_of(told, "$1.5 billion")
    correct(told, known, Replacement(value="1700000000"), ANA, silent)
    with pytest.raises(UsageError, match=r"is corrected already; change or remove its row, corrections.csv:2"):
        retract(told, known, ANA, silent)
    with pytest.raises(UsageError, match=r"is a correction itself; change or remove its row, corrections.csv:2"):
        retract(told, id_of(told, "$1.5 billion"), ANA, silent)
    read_again(told, "$1.5 billion", period_start=date(2024, 1, 1))
    (newer,) = {row for (row,) in rows(told, "select lower(hex(target)) from correction_effect")}
    with pytest.raises(UsageError, match=r"is corrected already; change or remove its row, corrections.csv:2"):
        retract(told, newer, ANA, silent)
    take_out(told)
    again(told)
    with pytest.raises(NothingMatchedError, match="was withdrawn; `tracker explain"):
        retract(told, known, ANA, silent)


HEADER = "fact,source,span_start,span_end,quote,was,action,entity,metric,period,value,low,high,scale,unit,qualifier,reason,by,date"


def line(**cells: str) -> str:
    """A row of the table."""
    named = {"fact": "0" * 32, "source": "s", "action": "correct", "unit": "EUR", "reason": "because", **cells}
    return ",".join(named.get(name, "") for name in HEADER.split(","))


BAD = [
    ("no id", line(fact="12345678"), "fact: '12345678' is malformed; give the whole id"),
    ("an empty id", line(fact=""), "fact: the cell is empty"),
    ("no source", line(source=""), "source: the cell is empty"),
    ("no reason", line(reason=""), "reason: the cell is empty"),
    ("no action", line(action=""), "action: the cell is empty"),
    ("an unknown action", line(action="delete"), "action: 'delete' is unknown; use correct, retract"),
    ("a correction of nothing", line(unit=""), "action: the row says nothing that is to be corrected"),
    ("a retraction with an amount", line(action="retract", unit="", value="1", qualifier="exact"), "action: a retraction puts nothing in the place"),
    ("an unknown company", line(entity="acne"), "entity: 'acne' is unknown"),
    ("a label without a calendar", line(period="2024Q2"), "period: "),
    ("an amount that is none", line(value="1.5x", qualifier="exact"), "value: '1.5x' is not a plain number"),
    ("an amount too fine", line(value="1.2345678", qualifier="exact"), "value: '1.2345678' has more digits"),
    ("an amount without its word", line(value="1.5"), "qualifier: the cell is empty; say how the amount is printed"),
    ("a word without its amount", line(qualifier="approx"), "qualifier: 'approx' stands beside no amount; give value"),
    ("a range that is a value", line(value="1", qualifier="range"), "qualifier: 'range' stands beside value; give high and low"),
    ("words with an amount", line(value="1", qualifier="similar"), "qualifier: 'similar' stands beside value; give no amount"),
    ("a range upside down", line(low="2", high="1", qualifier="range"), "low: 2 is above high (1)"),
    ("a scale that is none", line(value="1", qualifier="exact", scale="x"), "scale: "),
    ("a unit that is none", line(unit="US$"), "unit: 'US$' is malformed"),
    ("a span without its figure", line(span_start="1", span_end="3"), "span_end: the span [1, 3) does not have the length"),
    ("a day that is none", line(date="yesterday"), "date: "),
    ("too many cells", line() + ",x", "20 cells where the first line has 19"),
    ("another row of the same statement", f"{line()}\n{line(reason='another')}", "keep one of the two: a statement has one correction"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_is_wrong_with_a_row_is_told(kept: Project, text: str, message: str) -> None:
    path = kept.root / CORRECTIONS
    path.write_text(f"{HEADER}\n{text}\n", "utf-8")
    found, wrong = read_corrections(path, known_entities(kept.seeds))
    number = 3 if "one correction" in message else 2
    assert [str(one).startswith(f"{path}:{number}") and message in str(one) for one in wrong] == [True]
    assert len(found) <= 1  # a row that is one cell too long says so, and is read


def test_a_table_that_cannot_be_read_leaves_what_held(told: Project) -> None:
    """All else is stored, and the table's own folder is not."""
    correct(told, id_of(told, "$1.5 billion"), Replacement(value="1700000000"), ANA, silent)
    (told.seeds / CORRECTIONS).write_text(f"{HEADER}\n{line(reason='')}\n", "utf-8")
    (told.root / "other.txt").write_text("Acme's net income was $300 million in the second quarter of 2024.")
    for paths in ([told.root / "other.txt"], [told.seeds]):
        with pytest.raises(InputError) as raised:
            ingest(told, paths)
        assert [str(one).partition("/seeds/")[2] for one in raised.value.problems] == [
            "corrections.csv:2:reason: the cell is empty; fill it in"
        ]
    assert rows(told, VALUES)[0][0] == 1700
    assert rows(told, "select value / 1e6 from fact_known where metric = 'net_income'") == [(300,)]


def test_each_correction_that_corrects_nothing_is_told_with_what_to_do(told: Project) -> None:
    revenue, growth, capex = (id_of(told, quote) for quote in ("$1.5 billion", "25%", "$37 billion and $40 billion"))
    ((source,),) = rows(told, "select distinct source_id from fact")
    correct(told, growth, Replacement(value="0.26"), ANA, silent)
    path = told.seeds / CORRECTIONS
    path.write_text(
        "\n".join(
            [
                path.read_text().rstrip(),
                line(fact="1" * 32, source=source),
                line(fact=id_of(told, "25%"), source=source),
                line(fact="2" * 32, source="nowhere"),
            ]
        )
    )
    assert [said.partition(": ")[2].partition(":")[0] for said in again(told)[1:]] == [
        "no such statement",
        "a correction itself",
        "no such statement",
    ]
    path.write_text(
        f"{HEADER}\n{line(fact=revenue, source=source)}\n{line(fact='3' * 32, source=source, span_start='27', span_end='39', quote='$1.5 billion')}\n"
    )
    assert "corrections.csv:3:fact: corrected twice: 33333333; keep one of the two rows" in again(told)[-1]
    assert rows(told, "select unit from fact_known where quote = '$1.5 billion'") == [("EUR",)]
    assert set(IDLE) >= {state for (state,) in rows(told, "select state from correction_effect")} - {
        "corrected",
        "retracted",
        "taken back",
    }
    assert rows(
        told, "select count(*) from fact_known where fact_id = unhex($capex)".replace("$capex", f"'{capex}'")
    ) == [(1,)]


def test_corrections_in_another_folder_are_told_not_passed_over(told: Project) -> None:
    more = told.root / "more"
    more.mkdir()
    (more / "entities.toml").write_text("")
    (more / CORRECTIONS).write_text(f"{HEADER}\n{line()}\n")
    with pytest.raises(InputError, match=r"corrections are not read here; move its rows to seeds/corrections.csv"):
        ingest(told, [more])


def test_a_correction_that_fails_an_audit_is_held(empty: Project) -> None:
    path = write_company(empty.root, company(77, QUARTERS, name="Zyx"))
    ingest(empty, [path])
    ((first,),) = rows(empty, "select lower(hex(fact_id)) from fact_known where period_end = '2024-03-31'")
    with pytest.raises(HeldError):
        correct(empty, first, Replacement(period="2024-01-01/2024-12-31"), ANA, silent)
    assert rows(empty, "select value / 1e9 from fact_known order by period_end") == [(5,), (11,)]
    with pytest.raises(HeldError):  # it is tried again, and held again
        again(empty)
    take_out(empty)
    assert again(empty) == []


# -- shown -------------------------------------------------------------------------------------------


def texts(tree: dict[str, Any]) -> list[str]:
    return [tree["text"], *(text for node in tree["because"] for text in texts(node))]


def test_explain_says_who_corrected_what_when_and_why(told: Project) -> None:
    known = id_of(told, "$1.5 billion")
    assert correct(told, known[:9], Replacement(value="1700000000", period="2024Q1"), ANA, silent) == known
    with Warehouse(told.warehouse) as warehouse:
        tree = explain_fact(warehouse, known)
    assert tree.text.startswith(
        f"fact {known[:12]} is corrected: from 1,500,000,000 USD, 2024-04-01 to 2024-06-30 by Ana on 20"
    )
    with worked_out(told.warehouse) as warehouse:
        shown = explain_figure(warehouse, "acme", "revenue", "2024Q1")
        assert any(": the table of the release says so" in text for text in texts(shown.tree()))
        moved = explain_figure(warehouse, "acme", "revenue", "2024Q2")
        assert any(f"fact {known[:12]} is corrected" in text for text in texts(moved.tree()))
        (made,) = [
            text for text in texts(explain_fact(warehouse, known[:8]).tree()) if text.startswith("1,700,000,000 USD")
        ]
        assert texts(explain_fact(warehouse, made.partition(", fact ")[2][:12]).tree())[0] == made


def test_explain_shows_what_was_retracted(told: Project) -> None:
    retract(told, id_of(told, "$1.5 billion"), ANA, silent)
    with Warehouse(told.warehouse) as warehouse:
        lines = texts(explain_figure(warehouse, "acme", "revenue", "2024Q2").tree())
    (said,) = [text for text in lines if text.startswith("retracted: ")]
    assert said.startswith("retracted: 1,500,000,000 USD stated:revenue, 2024-04-01 to 2024-06-30, article-")
    assert said.endswith(": the table of the release says so")


def changed(project: Project, do: Callable[[], object]) -> list[tuple[str, str]]:
    """The causes and details of what a step changed."""
    before = versions_at(project.warehouse, str(latest(project)))
    do()
    with Warehouse(project.warehouse, versions=before) as then, Warehouse(project.warehouse) as now:
        return [(change.cause, change.detail) for change in diff(then, now)]


def latest(project: Project) -> int:
    from tracker.warehouse.writer import history

    return int(history(project.warehouse)[0]["version"])


def test_diff_tells_a_correction_from_a_restatement(told: Project) -> None:
    known = id_of(told, "$1.5 billion")
    place = "[27, 39)"
    ((cause, detail),) = changed(told, lambda: correct(told, known, Replacement(value="1700000000"), ANA, silent))
    assert cause == "correction"
    assert f"{place} now reads 1,700,000,000 USD, where 1,500,000,000 USD was read; corrected by Ana on 20" in detail
    assert detail.endswith(": the table of the release says so")
    ((cause, detail),) = changed(told, lambda: taken_back(told))
    assert (cause, detail.rpartition("; ")[2]) == ("correction", "the correction was taken back")
    ((cause, detail),) = changed(told, lambda: retract(told, known, ANA, silent))
    assert cause == "correction"
    assert f"{place} no longer stands; retracted by Ana on 20" in detail
    ((cause, _),) = changed(told, lambda: taken_back(told))
    assert cause == "correction"
    moved = changed(told, lambda: correct(told, known, Replacement(period="2024Q1"), ANA, silent))
    assert [cause for cause, _ in moved] == ["correction", "correction"]


def test_the_commands(told: Project) -> None:
    known = id_of(told, "$1.5 billion")
    done = tracker_text(
        told, "correct", known[:8], "--value", "1700000000", "--reason", "misread", "--by", "Ana", "--format", "text"
    )
    assert (
        done.returncode,
        done.stdout.startswith(f"fact {known[:12]} is corrected: from 1,500,000,000 USD by Ana"),
    ) == (0, True)
    assert "corrections.csv:2: written to" in done.stderr
    assert tracker_text(told, "correct", known[:8], "--value", "1800000000", "--reason", "x").returncode == 2
    assert tracker_text(told, "retract", "00000000", "--reason", "x").returncode == 4
    done = tracker_text(told, "retract", id_of(told, "25%")[:8], "--reason", "a plan, no fact")
    assert (done.returncode, json.loads(done.stdout)["state"]) == (0, "retracted")
    assert [row["action"] for row in table(told)] == ["correct", "retract"]
    assert all(row["by"] and row["date"] and row["was"] for row in table(told))


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_a_row_joins_the_table_as_it_is_written(told: Project, end: str) -> None:
    """Columns in another order, one of one's own, a mark at the beginning, no break at the end."""
    names = ["reason", "note", *HEADER.split(",")[:-3], "by", "date"]
    (told.seeds / CORRECTIONS).write_bytes(("\ufeff" + ",".join(names)).encode())
    if end == "\r\n":
        (told.seeds / CORRECTIONS).write_bytes(("\ufeff" + ",".join(names) + end).encode())
    correct(
        told, id_of(told, "$1.5 billion"), Replacement(value="1700000000"), Why('says "1.7", not 1.5', "Ana"), silent
    )
    data = (told.seeds / CORRECTIONS).read_bytes()
    assert data.count(end.encode()) == 2
    assert data.startswith(b"\xef\xbb\xbfreason,note,fact")
    assert rows(told, VALUES)[0][0] == 1700
    assert rows(told, "select reason from correction_state") == [('says "1.7", not 1.5',)]
