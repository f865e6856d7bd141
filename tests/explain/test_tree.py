"""Explanations: from the shown value down to accession numbers and characters of articles."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from support.filings import company, write_company
from support.project import (
    SHARED,
    fact_line,
    init_at,
    made_once,
    of_company,
    small_project,
    write_facts,
    write_guidance,
    write_sources,
)
from support.running import tracker
from tracker.errors import NothingMatchedError
from tracker.explain.quotation import Articles, find_sentence
from tracker.explain.tree import explain_fact, explain_figure
from tracker.pipeline.ingest import ingest
from tracker.project import Project, load_project
from tracker.warehouse.export import as_json
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import Excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tracker.explain.node import Node

ACCESSION = re.compile(r"\d{10}-\d\d-\d{6}")


class Kept(Warehouse):
    """A warehouse whose excerpt of a company stays open for the next question: to work one out takes half a second."""

    def __init__(self, path: Path, excerpt: Excerpt | None = None) -> None:
        super().__init__(path, excerpt=excerpt)
        self.materialize()
        self.excerpts: dict[tuple[str, ...], Kept] = {}

    def for_companies(self, entities: Sequence[str]) -> Warehouse:
        asked = tuple(entities)
        if asked not in self.excerpts:
            self.excerpts[asked] = Kept(self.path, Excerpt(self.snapshot, entities, {}))
        return self.excerpts[asked]

    def __exit__(self, *_: object) -> None:
        """Nothing: it is asked again."""


@pytest.fixture(scope="module")
def warehouse(warehouse: Warehouse) -> Warehouse:
    """The warehouse of the embedded seeds; one excerpt a company answers all these tests, the commands have their own."""
    return Kept(warehouse.path)


def text_of(node: Node) -> str:
    return "\n".join(node.lines())


def terms(tree: dict[str, Any], factor: int = 1) -> Iterator[int]:
    """The signed amounts of the statements a value stands on."""
    for node in tree["because"]:
        if "sign" in node:
            sign = factor * (1 if node["sign"] == "+" else -1)
            yield from [sign * int(node["value"])] if "fact_id" in node else terms(node, sign)


# -- the way down ------------------------------------------------------------------------------------


def test_capex_reaches_four_filings_and_three_articles(warehouse: Warehouse) -> None:
    text = text_of(explain_figure(warehouse, "META", "capex", "2024Q2"))
    assert set(ACCESSION.findall(text)) == {
        "0001326801-24-000069", "0001326801-24-000049", "0001326801-23-000093", "0001326801-23-000067",
    }  # fmt: skip
    assert text.count("UTC; filed beats stated") == 3
    assert set(re.findall(r"consistent: 8,500,000,000 USD .*?(article-\d+ \[\d+, \d+\))", text)) == {
        "article-000 [1771, 1782)", "article-001 [1473, 1496)", "article-003 [1825, 1840)",
    }  # fmt: skip
    assert len(re.findall("├─ supported: 33%|└─ supported: 33%", text)) == 3
    assert "growth +33.3% on 2023Q2 (ok), where it was 6,354,000,000 USD, within +33.3% to +33.4%" in text


@pytest.mark.parametrize(
    ("metric", "period", "value", "statements"),
    [
        # USD million; how many statements of filings the value stands on
        ("capex", "2024Q2", 8_472, 4),
        ("free_cash_flow", "2024Q2", 10_898, 6),
        ("capex", "FY2024", 39_225, 2),
        ("total_costs", "2024M9", 70_100, 2),
        ("capex", "TTM2024Q2", 29_849, 14),
        ("revenue", "2024H1", 75_527, 1),
    ],
)
def test_the_statements_add_up_to_the_value(
    warehouse: Warehouse, metric: str, period: str, value: int, statements: int
) -> None:
    tree = explain_figure(warehouse, "Meta Platforms, Inc.", metric, period).tree()
    found = list(terms(tree))
    assert (sum(found), len(found)) == (value * 10**6, statements)
    assert int(tree["value"]) == value * 10**6


def test_growth_has_the_branch_of_the_value_and_that_of_the_base(warehouse: Warehouse) -> None:
    tree = explain_figure(warehouse, "meta", "capex", "2024Q2").tree()
    (growth,) = [node for node in tree["because"] if "yoy_ratio" in node]
    above, base = growth["because"]
    assert (above["fiscal_period"], base["fiscal_period"]) == ("2024Q2", "2023Q2")
    assert sum(terms(base)) == int(base["value"]) == 6_354_000_000
    ppe = base["because"][0]["because"]
    assert [node["because"][0]["text"] for node in ppe] == [
        "before: 13,058,000,000 USD, 0001326801-23-000093, stated on 2023-07-27",
        "before: 6,842,000,000 USD, 0001326801-23-000067, stated on 2023-04-27",
    ]


def test_what_was_promised_stands_beside_what_came(warehouse: Warehouse) -> None:
    text = text_of(explain_figure(warehouse, "meta", "capex", "FY2024"))
    assert re.findall(r"promised (.*?) USD on (\S+) \((\w+)\): (.*)", text) == [
        ("30,000,000,000 to 37,000,000,000", "2024-02-01", "initial", "above, at 39,225,000,000 USD"),
        ("35,000,000,000 to 40,000,000,000", "2024-04-24", "raised", "inside, 84% up the range, at 39,225,000,000 USD"),
        ("37,000,000,000 to 40,000,000,000", "2024-07-31", "raised", "inside, 74% up the range, at 39,225,000,000 USD"),
        ("38,000,000,000 to 40,000,000,000", "2024-10-30", "raised", "inside, 61% up the range, at 39,225,000,000 USD"),
    ]
    assert "article-002 [1007, 1034)" in text  # an article relays the range
    ahead = text_of(explain_figure(warehouse, "meta", "capex", "FY2026"))
    assert ahead.startswith("meta, capex, FY2026: not reported\n├─ promised 115,000,000,000 to 135,000,000,000 USD")
    assert "open, 1 of 4 quarters are known, the rest must come to" in ahead


# -- one statement -----------------------------------------------------------------------------------


def id_of(warehouse: Warehouse, where: str) -> str:
    ((fact_id,),) = warehouse.sql(f"select lower(hex(fact_id)) from statement where {where}").fetchall()
    return str(fact_id)


def test_a_filed_fact_shows_its_versions(warehouse: Warehouse) -> None:
    fact = id_of(
        warehouse,
        "entity = 'meta' and concept like '%PaymentsToAcquireProperty%' and fiscal_period = '2023H1' and value = 13058000000",
    )
    node = explain_fact(warehouse, fact)
    assert [below.text.partition(",")[0] for below in node.below] == ["version 1: 13", "version 2: 12"]
    with pytest.raises(NothingMatchedError, match="no fact has the id"):
        explain_fact(warehouse, "00" * 16)


def test_a_promise_shows_its_place_and_the_tree_of_its_outcome(warehouse: Warehouse) -> None:
    fact = id_of(
        warehouse,
        "entity = 'meta' and concept = 'guided:capex' and fiscal_period = 'FY2024' and low = 37000000000",
    )
    tree = explain_fact(warehouse, fact.upper()).tree()
    own, *others = tree["because"]
    assert own["text"].startswith("step 3 of 4: promised 37,000,000,000 to 40,000,000,000 USD on 2024-07-31 (raised)")
    assert (own["outcome"], round(own["position"], 2), sum(terms(own))) == ("inside", 0.74, 39_225_000_000)
    assert [node["step"] for node in others] == [1, 2, 4]


def test_a_claim_shows_the_figure_it_is_held_against(warehouse: Warehouse) -> None:
    text = text_of(explain_fact(warehouse, id_of(warehouse, "source_id = 'article-000' and quote = '$8.5 bilion'")))
    assert "└─ consistent; shown is Meta Platforms, Inc., capex, 2024Q2: 8,472,000,000 USD" in text
    assert set(ACCESSION.findall(text)) == {"0001326801-24-000069", "0001326801-24-000049"}


def test_a_withdrawn_fact_says_so(empty: Project) -> None:
    write_facts(empty, fact_line("Revenues", "2024Q1", "100"))
    ingest(empty, [empty.seeds])
    with Warehouse(empty.warehouse) as before:
        fact = id_of(before, "entity = 'acme'")
    write_facts(empty, fact_line("Revenues", "2024Q1", "101"))
    ingest(empty, [empty.seeds])
    done = tracker(empty, "explain", fact)
    assert (done.returncode, b"was withdrawn" in done.stderr) == (4, True)
    (entry,) = json.loads(tracker(empty, "explain", fact, "--recorded", "1").stdout)["because"]
    assert entry["value"] == "100000000"


# -- what is not known -------------------------------------------------------------------------------

KNOWN = [
    fact_line("Revenues", "2023Q1", "90"),
    fact_line("Revenues", "2023Q2", "95"),
    fact_line("Revenues", "2023Q4", "99"),
    fact_line("Revenues", "2024H1", "250"),
    fact_line("EarningsPerShareDiluted", "2024H1", "2", scale="0").replace("USD", "USD/shares"),
    fact_line("NetCashProvidedByUsedInOperatingActivities", "2023Q1", "40"),
]
TWO_TAGS = [fact_line("Revenues", "2024Q1", "100"), fact_line("SalesRevenueNet", "2024Q1", "60")]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Three companies: one of gaps, one that promised words alone, one whose revenue stands under two tags."""
    return Kept(made_once(tmp_path_factory, "explain-companies", _store_companies) / "warehouse")


def _store_companies(folder: Path) -> None:
    project = init_at(folder, ["acme", "worded", "tagged"])
    write_sources(project, "r1,release,Acme,,en,,,,,2024-08-01,\n")
    write_facts(project, *KNOWN, *of_company("tagged", TWO_TAGS))
    write_guidance(project, "worded,capex,FY2025,2024-08-01,,,,,USD,direction_up,r1,")
    ingest(project, [project.seeds])


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        # a figure that cannot be had, and what its explanation must say
        (
            ("revenue", "2024Q2"),
            ["not known, because the first quarter to subtract is not stated",
             "needed: a statement of 2024Q2 itself, or of 2024H1 and 2024Q1 as they stood together",
             "revenue, 2024H1: 250,000,000 USD, reported"],
        ),
        (("eps_diluted", "2024Q2"), ["cannot be derived by subtraction", "needed: a statement of 2024Q2 itself"]),
        (("revenue", "FY2023"), ["needed: a statement of FY2023 itself, or of each of its quarters"]),
        (
            ("free_cash_flow", "2023Q1"),
            ["needed: capex_ppe", "+ operating_cash_flow, 2023Q1: 40,000,000 USD, reported"],
        ),
        (("revenue", "TTM2023Q2"), ["needed: 2022Q3, 2022Q4", "+ revenue, 2023Q1: 90,000,000 USD, reported"]),
    ],
)  # fmt: skip
def test_what_cannot_be_had_says_why_and_what_it_needs(
    small: Warehouse, asked: tuple[str, str], lines: list[str]
) -> None:
    text = text_of(explain_figure(small, "acme", *asked))
    assert [line for line in lines if line not in text] == [], text


def test_who_is_called_nearly_so_is_named(warehouse: Warehouse) -> None:
    with pytest.raises(
        NothingMatchedError, match=r"no company is called 'platforms'; there is Meta Platforms, Inc\. \(meta\)$"
    ):
        warehouse.entity_of("platforms")
    with pytest.raises(
        NothingMatchedError, match=r"no company is called 'Nobody'; `tracker entity list` lists the companies$"
    ):
        warehouse.entity_of("Nobody")


def test_what_nobody_speaks_of_is_an_error_with_a_remedy(warehouse: Warehouse) -> None:
    with pytest.raises(NothingMatchedError, match="no company is called 'Nobody'"):
        explain_figure(warehouse, "Nobody", "capex", "2024Q2")
    with pytest.raises(NothingMatchedError, match="write the period as"):
        explain_figure(warehouse, "meta", "capex", "Q2 2024")


def test_a_promise_of_words_alone_is_told(small: Warehouse) -> None:
    text = text_of(explain_figure(small, "worded", "capex", "FY2025"))
    assert "promised no number on 2024-08-01 (qualitative): unquantified, a direction was promised" in text
    assert "no number (direction up) guided:capex" in text


# -- articles ----------------------------------------------------------------------------------------

ARTICLE = "A first sentence of 1 billion. Acme Inc. spent $8.5 billion on servers,\nup a third. The end."


@pytest.fixture
def told(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with one claim of an article whose file lies in the folder articles/; a copy, for it is changed."""
    shutil.copytree(made_once(tmp_path_factory, "explain-article", _store_article), tmp_path, dirs_exist_ok=True)
    return load_project(tmp_path)


def _store_article(root: Path) -> None:
    project = small_project(root)
    folder = root / "articles"
    folder.mkdir()
    (folder / "a.txt").write_text(ARTICLE)
    digest = hashlib.sha256(ARTICLE.encode()).hexdigest()
    write_sources(project, f"a1,article,Paper,,en,,a.txt,,,2024-08-02,{digest}\n")
    start = ARTICLE.index("$8.5 billion")
    write_facts(project, f"acme,,capex,actual,2024Q2,8.5,,,9,USD,exact,a1,,{start},{start + 12},$8.5 billion")
    ingest(project, [project.seeds])


SENTENCE = "“Acme Inc. spent $8.5 billion on servers,”"


def test_the_sentence_is_quoted_where_the_file_is_the_one_that_was_read(told: Project) -> None:
    asked = ("explain", "acme", "capex", "2024Q2", "--format")
    assert f"│  └─ {SENTENCE}" in tracker(told, *asked, "text").stdout.decode()
    (operand, _) = json.loads(tracker(told, *asked, "json").stdout)["because"]
    assert operand["because"][0]["sentence"] == SENTENCE.strip("“”")
    file = told.root / "articles" / "a.txt"
    file.write_text(ARTICLE.replace("8.5", "8.6"))
    warehouse = Kept(told.warehouse)
    quote = Articles(told.root / "articles").quote
    changed = text_of(explain_figure(warehouse, "acme", "capex", "2024Q2", quote))
    assert "a.txt is not the file that was read; its sentence is not shown" in changed
    assert "servers" not in changed
    file.unlink()
    quote = Articles(told.root / "articles").quote
    assert "a.txt" not in text_of(explain_figure(warehouse, "acme", "capex", "2024Q2", quote))


def test_the_folder_of_articles_can_be_named(told: Project) -> None:
    (told.root / "articles").rename(told.root / "texts")
    config = told.root / "tracker.toml"
    config.write_text(config.read_text().replace("[paths]", '[paths]\narticles = "texts"'))
    assert SENTENCE in tracker(told, "explain", "acme", "capex", "2024Q2", "--format", "text").stdout.decode()


@pytest.mark.parametrize("name", ["../seeds/entities.toml", "missing.txt", "", None])
def test_only_files_of_the_folder_are_read(told: Project, name: str | None) -> None:
    fact = {"file": name, "sha256": "0" * 64, "span_start": 0, "span_end": 1, "quote": "A"}
    assert Articles(told.root / "articles").quote(fact) == {}


def test_a_span_that_does_not_hold_its_quote_is_not_quoted(told: Project) -> None:
    digest = hashlib.sha256(ARTICLE.encode()).hexdigest()
    fact = {"file": "a.txt", "sha256": digest, "span_start": 0, "span_end": 1, "quote": "B"}
    assert "does not read so" in Articles(told.root / "articles").quote(fact)["note"]


def test_long_sentences_are_cut_around_the_figure() -> None:
    text = "x" * 500 + " $5 bn " + "y" * 500
    shown = find_sentence(text, text.index("$"), text.index("$") + 5)
    assert shown.startswith("…x")
    assert shown.endswith("y…")
    assert "$5 bn" in shown
    assert len(shown) < 410


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not here")
def test_the_three_articles_are_quoted(warehouse: Warehouse) -> None:
    quote = Articles(SHARED / "articles").quote
    tree = explain_figure(warehouse, "meta", "capex", "2024Q2", quote).tree()
    quoted = {
        node["source_id"]: node["because"][0]["sentence"] for node in tree["because"] if "span_start" in node
    }  # fmt: skip
    assert set(quoted) == {"article-000", "article-001", "article-003"}
    assert all("33%" in sentence for sentence in quoted.values())


# -- moments and commands ----------------------------------------------------------------------------


def test_as_of_a_day_it_explains_what_followed_then(project: Project, warehouse: Warehouse) -> None:
    done = tracker(project, "explain", "meta", "capex_ppe", "2023Q2", "--as-of", "2024-05-01", "--format", "text")
    assert done.stdout.decode().startswith("Meta Platforms, Inc., capex_ppe, 2023Q2: 6,216,000,000 USD, derived")
    assert "later: 6,823,000,000 USD, 0001326801-24-000049" in done.stdout.decode()
    tree = json.loads(as_json(explain_figure(warehouse, "meta", "capex_ppe", "2023Q2").tree()))
    assert (tree["value"], [node["accession"] for node in tree["because"][:2]]) == (
        "6134000000",
        ["0001326801-24-000069", "0001326801-24-000049"],
    )
    assert tracker(project, "explain", "meta", "capex").returncode == 2
    assert tracker(project, "explain", "meta", "capex", "1999Q1").returncode == 4


def test_what_was_passed_over_is_told_with_the_rule(small: Warehouse) -> None:
    text = text_of(explain_figure(small, "tagged", "revenue", "2024Q1"))
    assert "passed over: 60,000,000 USD us-gaap:SalesRevenueNet, reported; the first tag in order" in text


@pytest.mark.parametrize(
    ("metric", "period", "hint"),
    [
        ("capx", "2024Q2", "there is no metric capx; did you mean capex?"),
        ("nope", "2024Q2", '`tracker sql "select metric, label from metric"` lists the metrics'),
        ("capex", "FY2031", "capex is known from "),
        ("capex", "2031Q5", "2031Q5 is not a period; write the period as 2024Q2, 2024H1"),
        ("cash", "first quarter", "first quarter is not a period; write the period as 2024Q2"),
        ("cash", "FY2024", "no source gives its cash; bring one in with `tracker ingest`"),
    ],
)
def test_a_dead_end_names_the_way_out(warehouse: Warehouse, metric: str, period: str, hint: str) -> None:
    with pytest.raises(NothingMatchedError) as told:
        explain_figure(warehouse, "meta", metric, period)
    assert hint in str(told.value)


def test_figures_that_no_fiscal_year_holds_are_told(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    ingest(project, [project.seeds])
    rows = [("2024-01-01", "2024-03-31", 50, "0000000077-24-000001", "6-K", "2024-05-01")]
    ingest(project, [write_company(tmp_path, company(77, {"ifrs-full:Revenue": rows}))])
    with (
        Warehouse(project.warehouse) as stored,
        pytest.raises(NothingMatchedError, match="give it a fiscal_year_end in entities"),
    ):
        explain_figure(stored, "cik0000000077", "revenue", "2024Q1")
