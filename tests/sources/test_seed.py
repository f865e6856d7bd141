"""Seeds: what is read, and how bad input is told."""

from __future__ import annotations

import csv
import hashlib
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.project import ROOT, SHARED, fact_line, small_project, write_facts, write_guidance
from tracker.errors import InputError, UsageError
from tracker.pipeline.ingest import ingest
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from tracker.project import Project


def facts(project: Project, columns: str = "metric, value") -> list[tuple[object, ...]]:
    with Warehouse(project.warehouse) as warehouse:
        return warehouse.sql(f"select {columns} from fact_known order by all").fetchall()


def test_figures_are_kept_as_printed(empty: Project) -> None:
    write_facts(empty, 'acme,,capex,actual,2024Q2,8.5,,,9,USD,exact,a1,,10,22,"8,5 billion "')
    write_guidance(empty, "acme,capex,FY2024,2024-07-31,,37,40,9,USD,range,r1,")
    with pytest.raises(InputError, match="span"):
        ingest(empty, [empty.seeds])
    write_facts(empty, 'acme,,capex,actual,2024Q2,8.5,,,9,USD,exact,a1,,10,21,"8,5 billion"')
    ingest(empty, [empty.seeds])
    assert [
        tuple(map(str, row)) for row in facts(empty, "concept, kind, value, low, high, decimals, quote, known_at")
    ] == [
        (
            "guided:capex",
            "guidance",
            "None",
            "37000000000.000000",
            "40000000000.000000",
            "-9",
            "None",
            "2024-07-31 23:59:59+00:00",
        ),
        (
            "stated:capex",
            "actual",
            "8500000000.000000",
            "None",
            "None",
            "-8",
            "8,5 billion",
            "2024-08-02 23:59:59+00:00",
        ),
    ]


BAD = [
    # what is wrong, the row, then where and what the message says
    ("a letter in a number", fact_line("Revenues", "2024Q2", "8.5x"), "facts.csv:2:value", "not a plain number"),
    (
        "a thousands separator",
        'acme,us-gaap:Revenues,,actual,2024Q2,"8,500",,,6,USD,exact,r1,,,,',
        "facts.csv:2:value",
        "not a plain number",
    ),
    (
        "an unknown entity",
        fact_line("Revenues", "2024Q2", "1", entity="acne"),
        "facts.csv:2:entity",
        "'acne' is unknown",
    ),
    ("an unknown source", fact_line("Revenues", "2024Q2", "1", source="r9"), "facts.csv:2:source", "'r9' is unknown"),
    (
        "a period that ends before it starts",
        fact_line("Revenues", "2024-06-30/2024-04-01", "1"),
        "facts.csv:2:period",
        "before it starts",
    ),
    ("a period that is none", fact_line("Revenues", "Q2 2024", "1"), "facts.csv:2:period", "is not a period"),
    (
        "a unit that is none",
        fact_line("Revenues", "2024Q2", "1").replace("USD", "US$"),
        "facts.csv:2:unit",
        "malformed",
    ),
    (
        "a kind that is none",
        fact_line("Revenues", "2024Q2", "1").replace("actual", "real"),
        "facts.csv:2:kind",
        "'real' is unknown",
    ),
    (
        "a qualifier that is none",
        fact_line("Revenues", "2024Q2", "1").replace("exact", "roughly"),
        "facts.csv:2:qualifier",
        "'roughly' is unknown",
    ),
    (
        "an empty cell that must be full",
        fact_line("Revenues", "2024Q2", "1").replace(",exact", ","),
        "facts.csv:2:qualifier",
        "empty",
    ),
    (
        "a range upside down",
        "acme,us-gaap:Revenues,,guidance,FY2024,,40,37,9,USD,range,r1,,,,",
        "facts.csv:2:low",
        "above high",
    ),
    ("too many cells", fact_line("Revenues", "2024Q2", "1") + ",,,9", "facts.csv:2", "cells where the first line"),
    (
        "a currency in lower case",
        fact_line("Revenues", "2024Q2", "1").replace("USD", "usd"),
        "facts.csv:2:unit",
        "lower case",
    ),
    (
        "a scale in other digits",
        "acme,us-gaap:Revenues,,actual,2024Q2,8.5,,,\u0666,USD,exact,r1,,,,",
        "facts.csv:2:scale",
        "no whole number",
    ),
    (
        "a scale with a blank",
        "acme,us-gaap:Revenues,,actual,2024Q2,8.5,,,1_0,USD,exact,r1,,,,",
        "facts.csv:2:scale",
        "no whole number",
    ),
    (
        "a scale without end",
        "acme,us-gaap:Revenues,,actual,2024Q2,8.5,,," + "9" * 5000 + ",USD,exact,r1,,,,",
        "facts.csv:2:scale",
        "no whole number",
    ),
    ("a number far too long", fact_line("Revenues", "2024Q2", "9" * 5000), "facts.csv:2:value", "more digits"),
    ("a number too long", fact_line("Revenues", "2024Q2", "9" * 30), "facts.csv:2:value", "more digits"),
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with one figure, which no bad input changes."""
    project = small_project(tmp_path_factory.mktemp("filled"))
    write_facts(project, fact_line("Revenues", "2024Q1", "100"))
    ingest(project, [project.seeds])
    return project


@pytest.mark.parametrize(("line", "place", "message"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_bad_input_is_told_in_one_line_and_stores_nothing(filled: Project, line: str, place: str, message: str) -> None:
    before = facts(filled)
    write_facts(filled, line, fact_line("Revenues", "2024Q3", "300"))
    with pytest.raises(InputError) as refused:
        ingest(filled, [filled.seeds])
    (problem,) = refused.value.problems
    assert place in str(problem)
    assert message in str(problem)
    assert problem.remedy
    assert "\n" not in str(problem)
    assert len(before) == 1
    assert facts(filled) == before


def test_a_key_said_twice_with_another_value_is_told(empty: Project) -> None:
    write_facts(empty, fact_line("Revenues", "2024Q2", "100"), fact_line("Revenues", "2024Q2", "101"))
    with pytest.raises(InputError, match=r"facts.csv:3: says otherwise than line 2"):
        ingest(empty, [empty.seeds])
    write_facts(empty, fact_line("Revenues", "2024Q2", "100"), fact_line("Revenues", "2024Q2", "100"))
    (done,) = ingest(empty, [empty.seeds])
    assert done.added == 1


def test_a_file_that_is_not_utf8_is_told(empty: Project) -> None:
    path = empty.seeds / "facts.csv"
    path.write_bytes(path.read_bytes() + b"\nacme,caf\xe9\n")
    with pytest.raises(InputError, match=r"facts.csv:\d+: byte 0xe9 is not UTF-8; save the file as UTF-8"):
        ingest(empty, [empty.seeds])


def test_a_missing_column_is_told(empty: Project) -> None:
    path = empty.seeds / "facts.csv"
    path.write_text(path.read_text().replace("qualifier,", ""))
    with pytest.raises(InputError, match=r"facts.csv:1:qualifier: the column is missing; add the column"):
        ingest(empty, [empty.seeds])


def test_a_column_that_stands_twice_is_a_problem(empty: Project) -> None:
    write_facts(empty, fact_line("Revenues", "2024Q2", "1"))
    path = empty.seeds / "facts.csv"
    header, *lines = path.read_text().splitlines()
    path.write_text("\n".join([f"{header},value", *(f"{line},999" for line in lines)]))
    with pytest.raises(InputError, match=r"facts.csv:1:value: the column stands twice"):
        ingest(empty, [empty.seeds])


def test_all_problems_are_told_at_once(empty: Project) -> None:
    write_facts(empty, fact_line("Revenues", "2024Q2", "x"), fact_line("Revenues", "2024Q9", "1"))
    (empty.seeds / "entities.toml").write_text((empty.seeds / "entities.toml").read_text() + '\n[bad]\nnme = "B"\n')
    with pytest.raises(InputError) as refused:
        ingest(empty, [empty.seeds])
    assert [Path(problem.path).name for problem in refused.value.problems] == [
        "entities.toml",
        "facts.csv",
        "facts.csv",
    ]


def test_weeks_are_written_as_days(empty: Project) -> None:
    entities = empty.seeds / "entities.toml"
    entities.write_text(entities.read_text() + '\n[weekly]\nname = "W"\nfiscal_year_end = "01-31"\nweeks = true\n')
    write_facts(empty, fact_line("Revenues", "2024Q2", "1", entity="weekly"))
    with pytest.raises(InputError, match="says no days"):
        ingest(empty, [empty.seeds])


def test_a_path_nobody_reads_is_wrong_usage(empty: Project) -> None:
    with pytest.raises(UsageError, match="no reader"):
        ingest(empty, [empty.root / "tracker.toml"])


def test_a_changed_row_withdraws_the_old_one_and_keeps_it(empty: Project) -> None:
    write_facts(empty, fact_line("Revenues", "2024Q1", "100"), fact_line("Revenues", "2024Q2", "200"))
    ingest(empty, [empty.seeds])
    write_facts(empty, fact_line("Revenues", "2024Q1", "100"), fact_line("Revenues", "2024Q2", "210"))
    (done,) = ingest(empty, [empty.seeds])
    assert (done.added, done.known, done.withdrawn) == (1, 1, 1)
    assert [str(value) for (value,) in facts(empty, "value / 1000000")] == ["100.0", "210.0"]
    with Warehouse(empty.warehouse) as warehouse:
        assert warehouse.sql("select count(*), count(retracts) from fact").fetchall() == [(4, 1)]


def test_what_was_withdrawn_can_be_said_again(empty: Project) -> None:
    for value in ("200", "210", "200", "210"):
        write_facts(empty, fact_line("Revenues", "2024Q2", value))
        ingest(empty, [empty.seeds])
        assert [str(v) for (v,) in facts(empty, "value / 1000000")] == [f"{value}.0"]


def test_every_span_of_the_embedded_seeds_is_the_printed_figure(project: Project) -> None:
    """The evidence itself: the text between the offsets is the quote, and the file is the one that was read."""
    articles = SHARED / "articles"
    if not articles.is_dir():
        pytest.skip("the articles are not here")
    with Warehouse(project.warehouse) as warehouse:
        rows = warehouse.sql(
            "select s.file, s.sha256, f.span_start, f.span_end, f.quote from fact f join source s using (source_id) where s.kind = 'article'"
        ).fetchall()
    assert len(rows) == 59
    for file, digest, start, end, quote in rows:
        data = (articles / file).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest
        assert data.decode("utf-8")[start:end] == quote


def test_the_embedded_seeds_hold_no_sentence() -> None:
    with (ROOT / "seeds" / "facts.csv").open(encoding="utf-8") as file:
        assert max(len(row["quote"]) for row in csv.DictReader(file)) <= 30


def test_a_source_belongs_to_one_folder(empty: Project) -> None:
    """Two folders that tell of one source would withdraw each other's figures: the second is told so, nothing is lost."""
    other = shutil.copytree(empty.seeds, empty.root / "more")
    write_facts(empty, fact_line("Revenues", "2024Q1", "100"))
    ingest(empty, [empty.seeds])
    write_facts(
        replace(empty, seeds=other), fact_line("Revenues", "2024Q1", "100"), fact_line("Revenues", "2024Q2", "110")
    )
    for _ in range(2):
        with pytest.raises(InputError) as raised:
            ingest(empty, [empty.seeds, other])
        assert "more/sources.csv:source: 'r1' is kept in seeds; give it another id" in str(raised.value)
    assert facts(empty, "count(*)") == [(1,)]
    shutil.rmtree(empty.seeds)  # a folder under a new name is the same folder
    ingest(empty, [other])
    assert facts(empty, "count(*)") == [(2,)]
