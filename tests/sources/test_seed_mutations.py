"""Files that people edit, with anything in the place of anything: a problem with its place and remedy, never a traceback."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from support.project import ROOT, often
from tracker.errors import InputError, Problem
from tracker.model.entity import load_entities
from tracker.model.metric import load_metrics
from tracker.report.definition import load_definitions
from tracker.sources.base import Request
from tracker.sources.seed import SeedSource, known_entities

if TYPE_CHECKING:
    from pathlib import Path

ENTITIES = """
[acme]
name = "Acme"
cik = 9100001
currency = "USD"
fiscal_year_end = "06-30"
named_by = "end"
weeks = false
names = [{ name = "Old Acme", from = 2001-01-01, until = 2020-02-03 }, "Acme Works"]
tickers = ["ACM", { ticker = "OLD", until = 2020-02-03 }]
"""
METRICS = """
[rent]
label = "Rent"
type = "duration"
additive = true
measure = "money"
tags = ["us-gaap:Rent", "ifrs-full:Rent"]

[space]
label = "Space"
type = "duration"
additive = true
measure = "money"
netted_with = "rent"
definition = "rent and revenue"
parts = { rent = 1, revenue = -1 }

[space.companies.acme]
definition = "rent alone"
parts = { rent = 1 }
"""
REPORT = """
kind = "growth"
entity = "acme"
metrics = ["revenue", "capex"]
period = "2024Q2"
as_of = 2024-08-05
title = "A report"
formats = ["html", "xlsx"]
language = "en"
interactive = false
"""
CSV = {
    "sources.csv": "source,kind,publisher,title,language,url,file,accession,form,published,sha256\n"
    "r1,release,Acme,,en,,,,,2024-08-01,\na1,article,Paper,A title,de,https://example.org/a,a.txt,,,2024-08-02T10:00:00Z,\n",
    "facts.csv": "entity,concept,metric,kind,period,value,low,high,scale,unit,qualifier,source,span_start,span_end,quote\n"
    "acme,,revenue,actual,2024Q2,8.5,,,9,USD,approx,a1,10,13,8.5\nacme,stated:x,,growth,FY2024,22,,,-2,ratio,exact,r1,,,\n",
    "guidance.csv": "entity,metric,period,issued,value,low,high,scale,unit,qualifier,source,quote\n"
    "acme,capex,FY2024,2024-07-31,,37,40,9,USD,range,r1,\n",
    "pins.csv": "entity,metric,period,chosen,reason,since\nacme,revenue,FY2024,us-gaap:Revenues,because,\n",
    "corrections.csv": (ROOT / "seeds" / "corrections.csv").read_text().splitlines()[0]
    + "\n0123456789abcdef0123456789abcdef,a1,10,13,8.5,8500000000,correct,,,,9,,,9,USD,exact,misread,Ana,2024-08-05\n",
}
#: Values of TOML, and cells of tables, in the place of the right ones.
ODD_VALUES = (
    "1", "-1", "0", "1.5", "nan", "inf", "true", '""', '" "', '"a\\u0000b"', '"\\n"', f'"{"x" * 5000}"', "[]", "[1]", "[[]]",
    '["a", 1]', "{}", "{a = 1}", "1979-05-27", "07:32:00", "9" * 5000, "0x" + "f" * 9000, "[" * 3000, '"../../../etc"',
    "", "= 5", '"a', '["a"', '["\\u202e"]', '"\u0663"', '"13-45"', "0x10", "-0.0", "1e400", "[{}]", "[true]", '[""]',
    "[{ ticker = 1 }]", '[{ ticker = "A", from = "soon" }]', '[{ name = "A", from = 1979-05-27T07:32:00Z }]', '["META"]',
    "{ rent = 2 }", "{ rent = true }", "{ nope = 1 }", '"us-gaap:Rent"', '["Rent"]', '[":"]',
)  # fmt: skip
ODD_CELLS = (
    "", " ", "0", "-1", "1e5", "٣", "9" * 40, "1" * 33, "NaN", "inf", "8,5", "1_000", "x", '"', '""', "'", "=1+1", "\x00", "\x7f",
    "\u202e", "a" * 5000, "2024-13-01", "2024-02-30", "2024Q5", "FY99999", "9999Q4", "0001Q1", "2024-01-01/2023-01-01", "/", "-",
    "USD/shares", "usd", "ratio", "count", "XXX", "guidance", "growth", "approx", "null", "None", "../a", "\r", "\ufeff", "acme",
    "nobody", "a1", "2024-08-02T25:00:00Z", "2024-08-02T10:00:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
    "0" * 32, "f" * 31, "correct", "retract", "99999999999", "-99", "1234567890",
)  # fmt: skip


def mutated_toml(text: str, chance: random.Random) -> str:
    """A TOML file with one value, name or line exchanged."""
    lines = text.splitlines()
    at = chance.randrange(1, len(lines))
    odd = chance.choice(ODD_VALUES)
    key, sign, _value = lines[at].partition(" = ")
    others = [f"{odd} = 1", "", lines[at] + odd, f"[{odd}]", f"[[{key}]]", chance.choice(lines), f"{key}.x = {odd}"]
    changed = f"{key} = {odd}" if sign and chance.random() < 0.7 else chance.choice(others)
    return "\n".join([*lines[:at], changed, *lines[at + 1 :]])


def mutated_table(text: str, chance: random.Random) -> str:
    """A table with one cell, line or column exchanged."""
    lines = text.splitlines()
    at = chance.randrange(len(lines)) if chance.random() < 0.2 else chance.randrange(1, len(lines))
    cells = lines[at].split(",")
    where = chance.randrange(len(cells))
    cells[where] = chance.choice(ODD_CELLS)
    others = [lines[at] + chance.choice([",", '"', ",x,y", "\x00"]), "", chance.choice(lines), ",".join(cells[:where])]
    changed = ",".join(cells) if chance.random() < 0.8 else chance.choice(others)
    return "\n".join([*lines[:at], changed, *lines[at + 1 :]]) + chance.choice(["\n", "", "\n\n"])


def write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "surrogatepass"))


def complaints(read: Any, *arguments: Any) -> list[Problem]:
    """What a reader finds wrong; anything but an InputError goes on to the test."""
    try:
        found = read(*arguments)
    except InputError as error:
        return error.problems
    return found[1] if isinstance(found, tuple) and isinstance(found[1], list) else []


def assert_told_well(problems: list[Problem]) -> None:
    for problem in problems:
        assert problem.remedy
        assert len(str(problem)) < 1000
        assert str(problem).isprintable()


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A folder of seeds in which nothing is wrong."""
    write(tmp_path / "entities.toml", ENTITIES)
    for name, text in CSV.items():
        write(tmp_path / name, text)
    return tmp_path


def read_seeds(folder: Path) -> list[Any]:
    return list(SeedSource().read(Request(folder, "seeds", known_entities(folder))))


def test_what_is_mutated_is_right_before(seeds: Path) -> None:
    write(seeds / "metrics.toml", METRICS)
    (seeds / "reports").mkdir()
    write(seeds / "reports" / "r.toml", REPORT)
    assert load_entities(seeds / "entities.toml")[1] == []
    assert load_metrics(seeds / "metrics.toml").metrics
    assert [definition.name for definition in load_definitions(seeds / "reports")] == ["r"]
    assert complaints(read_seeds, seeds) == []


@pytest.mark.parametrize(
    ("text", "read"),
    [(ENTITIES, load_entities), (METRICS, load_metrics), (REPORT, lambda path: load_definitions(path.parent))],
    ids=["entities.toml", "metrics.toml", "a report"],
)
def test_no_toml_whatever_it_says_ends_in_a_traceback(tmp_path: Path, text: str, read: Any) -> None:
    chance, told = random.Random(7), list[Problem]()
    for _ in range(often(150)):
        write(tmp_path / "some.toml", mutated_toml(text, chance))
        told += complaints(read, tmp_path / "some.toml")
    assert len(told) > 50
    assert_told_well(told)


def test_no_table_whatever_it_says_ends_in_a_traceback(seeds: Path) -> None:
    chance, told = random.Random(8), list[Problem]()
    for _ in range(often(250)):
        name = chance.choice(list(CSV))
        write(seeds / name, mutated_table(CSV[name], chance))
        told += complaints(read_seeds, seeds)
        write(seeds / name, CSV[name])
    assert len(told) > 100
    assert_told_well(told)


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("cik = true", "acme.cik"),
        ('cik = "0001326801"', "acme.cik"),
        ("currency = 5", "acme.currency"),
        ('fiscal_year_end = "31-12"', "acme.fiscal_year_end"),
        ("fiscal_year_end = 12-31", None),
        ('named_by = "middle"', "acme.named_by"),
        ('weeks = "no"', "acme.weeks"),
        ('names = "Old"', "acme.names"),
        ('tickers = [{ ticker = "A", til = 2020-01-01 }]', "acme.tickers"),
        ("ticker = 5", "acme.ticker"),
    ],
)
def test_a_wrong_value_of_a_company_is_named_with_its_line(tmp_path: Path, line: str, place: str | None) -> None:
    write(tmp_path / "entities.toml", f'# companies\n[acme]\nname = "Acme"\n{line}\n')
    found, (problem, *_) = load_entities(tmp_path / "entities.toml")
    assert not found.by_id
    assert (problem.line, problem.column) == (4, place)


def test_tickers_and_names_may_be_plain_texts(tmp_path: Path) -> None:
    write(tmp_path / "entities.toml", '[meta]\nname = "Meta"\ntickers = ["META"]\nnames = ["Facebook"]\n')
    found, problems = load_entities(tmp_path / "entities.toml")
    assert problems == []
    assert [(a.kind, a.alias, a.valid_from) for a in found["meta"].aliases] == [
        ("name", "Facebook", None), ("ticker", "META", None),
    ]  # fmt: skip
