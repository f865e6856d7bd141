"""Articles from the file to the views: what is stored, what is not, and what it is held against."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.filings import accession, company, write_company
from support.project import ROOT, SHARED, fact_line, made_once, small_project, worked_out, write_facts, write_sources
from support.running import begun, tracker
from tracker.errors import InputError
from tracker.model.batch import Batch
from tracker.model.fact import Fact, rows_table, to_table
from tracker.model.schema import TABLES
from tracker.pipeline.check import check
from tracker.pipeline.ingest import ingest
from tracker.pipeline.init import init
from tracker.project import Project, load_project
from tracker.sources.article.document import read_document
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

STORY = (
    "Acme's revenue rose 25% to $1.5 billion in the second quarter of 2024, from $1.2 billion a year earlier. "
    "Analysts had expected $1.4 billion. Shares of Acme fell 3%."
)


def _store_companies(folder: Path) -> None:
    made = small_project(folder)
    ingest(made, [made.seeds])


@pytest.fixture
def newsroom(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that knows Acme, with its companies stored: a copy of one that is made once."""
    shutil.copytree(made_once(tmp_path_factory, "news-companies", _store_companies), tmp_path, dirs_exist_ok=True)
    return load_project(tmp_path)


def _store_story(folder: Path) -> None:
    made = small_project(folder)
    path = folder / "story.txt"
    path.write_text(STORY)
    _, done = ingest(made, [made.seeds, path])
    assert (done.added, done.known) == (3, 0)


@pytest.fixture
def informed(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same with the story stored: a copy, too."""
    shutil.copytree(made_once(tmp_path_factory, "news-story", _store_story), tmp_path, dirs_exist_ok=True)
    return load_project(tmp_path)


def stored(project: Project, columns: str) -> list[tuple[object, ...]]:
    with Warehouse(project.warehouse) as warehouse:
        return warehouse.sql(
            f"select {columns} from fact_known where method = 'extracted' order by span_start"
        ).fetchall()


def test_an_article_becomes_facts_with_their_characters(informed: Project) -> None:
    rows = stored(informed, "entity, concept, kind, period_end::varchar, value, decimals, quote, span_start, span_end")
    assert [row[:4] for row in rows] == [
        ("acme", "stated:revenue", "growth", "2024-06-30"),
        ("acme", "stated:revenue", "actual", "2024-06-30"),
        ("acme", "stated:revenue", "actual", "2023-06-30"),
    ]
    assert all(STORY[int(str(start)) : int(str(end))] == quote for *_, quote, start, end in rows)
    (again,) = ingest(informed, [informed.root / "story.txt"])
    assert (again.added, again.known) == (0, 3)
    with worked_out(informed.warehouse) as warehouse:
        assert warehouse.sql(
            "select value / 1e6, base / 1e6, method, yoy_status from yoy where fiscal_period = '2024Q2'"
        ).fetchall() == [(1500, 1200, "stated", "ok")]
        assert warehouse.sql("select own_verdict, filed_verdict from stated_growth").fetchall() == [
            ("supported", "not_checkable")
        ]


def test_a_page_is_read_as_the_text_it_shows(newsroom: Project) -> None:
    path = newsroom.root / "story.html"
    path.write_text(
        f"<html><head><title>$9 billion</title><script>var x = '$8 billion'</script></head><body><p>{STORY}</p></body></html>"
    )
    ingest(newsroom, [path])
    text = read_document(path).text
    rows = stored(newsroom, "quote, span_start, span_end")
    assert len(rows) == 3
    assert all(text[int(str(start)) : int(str(end))] == quote for quote, start, end in rows)


def test_an_unknown_company_is_a_problem_and_no_series(newsroom: Project) -> None:
    path = newsroom.root / "story.txt"
    path.write_text(STORY.replace("Acme", "Zyxtron"))
    (done,) = ingest(newsroom, [path])
    assert done.added == 0
    assert {problem.code for problem in done.problems} == {"unknown_company"}
    assert all(problem.line == 1 and "entities.toml" in problem.remedy for problem in done.problems)


def test_a_company_known_from_its_filings_is_read_about(newsroom: Project) -> None:
    filed = company(
        77,
        {"Revenues": [("2023-01-01", "2023-12-31", 5 * 10**9, accession(1), "10-K", "2024-02-01")]},
        name="Zyxtron Holdings, Inc.",
    )
    ingest(newsroom, [write_company(newsroom.root, filed)])
    path = newsroom.root / "story.txt"
    path.write_text(STORY.replace("Acme", "Zyxtron Holdings"))
    (done,) = ingest(newsroom, [path])
    assert (done.added, done.problems) == (3, ())
    assert {entity for (entity,) in stored(newsroom, "entity")} == {"cik0000000077"}


def test_a_number_of_too_many_digits_is_a_problem_at_its_line(newsroom: Project) -> None:
    path = newsroom.root / "story.txt"
    path.write_text(
        "Acme's results are out.\nIts revenue was $1,234,567,890,123,456,789,012,345,678 in 2023.\n"
        "Its EPS was $0.1234567 in 2023."
    )
    (done,) = ingest(newsroom, [path])
    assert done.added == 0
    assert [(problem.code, problem.line) for problem in done.problems] == [("too_long", 2), ("too_long", 3)]
    assert "1,234,567,890" in done.problems[0].message


def test_a_value_far_off_the_history_goes_to_review(newsroom: Project) -> None:
    write_facts(newsroom, fact_line("Revenues", "2023Q2", "1200"))
    ingest(newsroom, [newsroom.seeds])
    path = newsroom.root / "story.txt"
    path.write_text("Acme's revenue was $1.5 trillion in the second quarter of 2024.")
    (done,) = ingest(newsroom, [path])
    assert (done.added, [problem.code for problem in done.problems]) == (0, ["off_history"])


def test_what_a_person_checked_replaces_what_was_read(informed: Project) -> None:
    with Warehouse(informed.warehouse) as warehouse:
        ((source, digest),) = warehouse.sql("select source_id, sha256 from source where origin = 'article'").fetchall()
    sources = informed.seeds / "sources.csv"
    sources.write_text(sources.read_text() + f"{source},article,Paper,,en,,story.txt,,,2024-08-01,{digest}\n")
    start = STORY.index("$1.5 billion")
    header = "entity,concept,metric,kind,period,value,low,high,scale,unit,qualifier,source,language,span_start,span_end,quote\n"
    (informed.seeds / "facts.csv").write_text(
        header + f"acme,,revenue,actual,2024Q2,1.5,,,9,USD,exact,{source},,{start},{start + 12},$1.5 billion\n"
    )
    ingest(informed, [informed.seeds])
    assert [quote for (quote,) in stored(informed, "quote")] == ["25%", "$1.2 billion"]


def test_an_article_that_is_not_utf8_is_refused(newsroom: Project) -> None:
    path = newsroom.root / "story.txt"
    path.write_bytes(b"Acme\xe9")
    with pytest.raises(InputError, match="not UTF-8"):
        ingest(newsroom, [path])


def test_extract_prints_three_lists_and_stores_nothing(newsroom: Project) -> None:
    path = newsroom.root / "story.txt"
    path.write_text(STORY)
    lines = [json.loads(line) for line in tracker(newsroom, "extract", str(path), "--explain").stdout.splitlines()]
    assert [line["span"] for line in lines if line["list"] == "facts"] == ["25%", "$1.5 billion", "$1.2 billion"]
    assert all(line["reason"] for line in lines if line["list"] == "abstained")
    assert all(line["rules"] for line in lines if line["list"] == "facts")
    assert stored(newsroom, "quote") == []


def test_extract_reads_batches_outside_any_project(tmp_path: Path) -> None:
    asked = (
        json.dumps({"id": "a", "text": STORY, "published": "2024-08-01"})
        + "\n"
        + json.dumps({"id": "b", "text": "Nothing."})
    )
    lines = [json.loads(line) for line in tracker(tmp_path, "extract", "-", "--batch", stdin=asked).stdout.splitlines()]
    assert [(line["id"], len(line["facts"])) for line in lines] == [("a", 3), ("b", 0)]
    wrong = tracker(tmp_path, "extract", "-", "--batch", stdin='{"id": 1}')
    assert (wrong.returncode, b"batch:1" in wrong.stderr) == (1, True)


def test_extract_survives_noise(tmp_path: Path) -> None:
    noise = [
        "\ud800 $5 billion \udfff",
        "\x00" * 50 + STORY,
        "\u202e" + STORY,
        "\u0663\u066b\u0665 مليار " * 400,
        "a\u2028b\u0085c $1 billion",
        "9" * 5000,
        "<" * 2000,
    ]
    asked = "\n".join(
        json.dumps({"id": str(n), "text": text}, ensure_ascii="\ud800" in text) for n, text in enumerate(noise)
    )
    done = tracker(tmp_path, "extract", "-", "--batch", stdin=asked)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [str(n) for n in range(len(noise))]
    (tmp_path / "wrong").write_bytes(b"\xff\xfe")
    wrong = begun(tmp_path, "extract", "-", stdin=tmp_path / "wrong", stderr=tmp_path / "said")
    wrong.join()
    said = (tmp_path / "said").read_text()
    assert (wrong.exitcode, "not UTF-8" in said, "Traceback" in said) == (2, True, False)


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The five articles, read beside the filings of the seeds, each under the day it was published."""
    if not ARTICLES.is_dir():
        pytest.skip("the articles are not here")
    return worked_out(made_once(tmp_path_factory, "dated", _store_articles) / "warehouse")


ARTICLES = SHARED / "articles"
DAYS = {"000": date(2024, 8, 1), "001": date(2024, 8, 2), "002": date(2024, 8, 4), "003": date(2024, 8, 2), "004": date(2024, 10, 31)}  # fmt: skip


def _store_articles(folder: Path) -> None:
    init(folder)
    for name in ("entities.toml", "sources.csv", "facts.csv"):
        shutil.copy(ROOT / "seeds" / name, folder / "seeds")
    facts = folder / "seeds" / "facts.csv"
    facts.write_text("".join(line for line in facts.read_text().splitlines(keepends=True) if ",article-" not in line))
    project = load_project(folder)
    ingest(project, [project.seeds])
    for day in sorted(set(DAYS.values())):
        names = [f"{number}_*.txt" for number, published in DAYS.items() if published == day]
        done = ingest(project, [path for name in names for path in ARTICLES.glob(name)], published=day)
        assert len(done) == len(names)


def test_the_five_articles_agree_with_the_filings(dated: Warehouse) -> None:
    rows = dated.sql(
        "select source_id, fiscal_period, metric, filed_verdict from stated_growth order by all"
    ).fetchall()
    assert set(rows) == {
        ("article-000", "2024Q2", "capex", "supported"),
        ("article-001", "2024Q2", "capex", "supported"),
        ("article-002", "2024Q2", "net_income", "supported"),
        ("article-002", "2024Q2", "revenue", "supported"),
        ("article-003", "2024Q2", "capex", "supported"),
        ("article-004", "2024M9", "revenue", "supported"),
        ("article-004", "2024M9", "total_costs", "supported"),
    }


def test_what_was_read_is_what_was_checked_by_hand(dated: Warehouse, warehouse: Warehouse) -> None:
    """The seeds' figures of the metrics the reader knows, against what it found in the same articles."""
    key = "select source_id, span_start, quote, kind, period_start, period_end, value, low, high, unit from fact_known"
    found = set(dated.sql(f"{key} where method = 'extracted'").fetchall())
    by_hand = set(warehouse.sql(f"{key} where method = 'curated' and source_id like 'article-%'").fetchall())
    assert len(found) > 20
    assert {row for row in found if row not in by_hand} == set()


# -- whose words they are ----------------------------------------------------------------------------

RELEASE = (
    "Second quarter results. Acme's revenue was $1.5 billion in the second quarter of 2024. "
    "We expect capital expenditures for the full year 2024 to be in the range of $3 billion to $4 billion."
)


def promised(project: Project) -> list[tuple[object, ...]]:
    """Forecasts that were read off texts, source by source."""
    rows = stored(project, "kind, concept, period_end::varchar, low / 1e9, high / 1e9, source_id")
    return [row for row in rows if row[0] == "guidance"]


def test_a_company_promises_in_its_own_text_alone(newsroom: Project) -> None:
    """The same words: relayed by an article, and given by the company; only the latter is a step of its guidance."""
    path = newsroom.root / "text.txt"
    path.write_text(RELEASE)
    assert tracker(newsroom, "ingest", str(path), "--published", "2024-07-31", "--entity", "acme").returncode == 0
    ((_, concept, *_),) = promised(newsroom)
    assert concept == "stated:capex"
    path.write_text(RELEASE + "\n")
    done = tracker(newsroom, "ingest", str(path), "--published", "2024-07-31", "--entity", "acme", "--kind", "release")
    assert done.returncode == 0, done.stderr
    with Warehouse(newsroom.warehouse) as warehouse:
        assert warehouse.sql("select concept, low / 1e9, status from guidance where metric = 'capex'").fetchall() == [
            ("guided:capex", 3, "initial")
        ]
        assert warehouse.sql(
            "select kind, publisher from source where kind = 'release' and origin = 'article'"
        ).fetchall() == [("release", "Acme")]
        actual = "select distinct concept from fact_known where method = 'extracted' and kind = 'actual'"
        assert warehouse.sql(actual).fetchall() == [("stated:revenue",)]


SPEAKERS = [
    # what sources.csv says of the file, and whose promise it therefore is
    ("release", "Acme", "guided:capex"),
    ("filing", "Acme", "guided:capex"),
    ("release", "Paper", "stated:capex"),
    ("article", "Acme", "stated:capex"),
]


def _store_listed(folder: Path) -> None:
    """The same words in a file a case, each listed as a source of its own."""
    project = small_project(folder)
    rows, paths = [], []
    for number, (kind, publisher, _) in enumerate(SPEAKERS):
        paths.append(folder / f"text{number}.txt")
        paths[-1].write_text(RELEASE.replace("We expect", "Acme expects") + "\n" * number)
        digest = hashlib.sha256(paths[-1].read_bytes()).hexdigest()
        rows.append(f"x{number},{kind},{publisher},,en,,{paths[-1].name},,,2024-07-31,{digest}\n")
    write_sources(project, *rows)
    ingest(project, [project.seeds])
    ingest(project, paths, published=date(2024, 7, 31))


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    """What the company promises in each of the files."""
    return promised(load_project(made_once(tmp_path_factory, "news-listed", _store_listed)))


@pytest.mark.parametrize(("kind", "publisher", "concept"), SPEAKERS)
def test_a_listed_source_speaks_for_its_publisher(
    listed: list[tuple[object, ...]], kind: str, publisher: str, concept: str
) -> None:
    source = f"x{SPEAKERS.index((kind, publisher, concept))}"
    assert [row[1] for row in listed if row[-1] == source] == [concept]


def test_a_text_about_another_company_is_not_taken_for_ours(newsroom: Project) -> None:
    path = newsroom.root / "text.txt"
    path.write_text("Zyxtron expects revenue of $5 billion in 2025. June Co expects revenue of $2 billion in 2025.")
    (done,) = ingest(newsroom, [path], published=date(2024, 7, 31), entity="acme", kind="release")
    assert [problem.code for problem in done.problems] == ["unknown_company"]
    assert stored(newsroom, "entity, concept") == [("june", "stated:revenue")]


def test_a_release_needs_its_company(newsroom: Project) -> None:
    path = newsroom.root / "text.txt"
    path.write_text(RELEASE)
    for options in (["--kind", "release"], ["--kind", "call", "--entity", "nobody"]):
        done = tracker(newsroom, "ingest", str(path), *options)
        assert (done.returncode, b"Traceback" in done.stderr) == (2, False)


# -- whose quarter it is -----------------------------------------------------------------------------

QUARTERS = [
    # kind, published, text, the value in millions with its days (none: nothing is stored)
    ("article", "2025-05-05", "June Co reported revenue of $640 million in the third quarter of 2025, up from $590 million a year earlier.",
     [(590, "2024-01-01", "2024-03-31"), (640, "2025-01-01", "2025-03-31")]),
    ("article", "2025-11-05", "June Co reported revenue of $640 million in the third quarter of 2025, up from $590 million a year earlier.", []),
    ("release", "2025-11-05", "June Co reported revenue of $640 million in the third quarter of 2025.", [(640, "2025-01-01", "2025-03-31")]),
    ("article", "2025-02-05", "June Co reported revenue of $640 million in the second quarter.", [(640, "2024-10-01", "2024-12-31")]),
    ("article", "2025-02-05", "Revenue of Vague Co was $640 million in the second quarter of 2024.", []),
    ("article", "2025-02-05", "June Coの2024年度第1四半期の売上高は6億4000万ドルだった。", [(640, "2024-07-01", "2024-09-30")]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "day", "text", "wanted"), QUARTERS)
def test_a_quarter_is_the_companys_own(
    newsroom: Project, kind: str, day: str, text: str, wanted: list[tuple[int, str, str]]
) -> None:
    with (newsroom.seeds / "entities.toml").open("a") as file:
        file.write('\n[vague]\nname = "Vague Co"\ncurrency = "USD"\n')
    path = newsroom.root / "text.txt"
    path.write_text(text)
    entity = "june" if kind == "release" else None
    (done,) = ingest(newsroom, [path], published=date.fromisoformat(day), entity=entity, kind=kind)
    rows = stored(newsroom, "(value / 1e6)::int, period_start::varchar, period_end::varchar")
    assert sorted(rows) == wanted
    if not wanted:
        codes = [problem.code for problem in done.problems]
        assert codes in (["no_calendar"], ["fiscal_or_calendar", "head_refused"])
        assert all(problem.remedy for problem in done.problems)
    if "fiscal_or_calendar" in [problem.code for problem in done.problems]:
        assert "FY2025Q3 (2025-01-01 to 2025-03-31) or 2025Q3 (2025-07-01 to 2025-09-30)" in done.problems[0].message


def test_the_projects_calendar_holds_for_well_known_companies(newsroom: Project) -> None:
    """The reader knows Microsoft, whose year ends in June; this project says that it ends in September."""
    with (newsroom.seeds / "entities.toml").open("a") as file:
        file.write('\n[msft]\nname = "Microsoft"\ncurrency = "USD"\nfiscal_year_end = "09-30"\n')
        file.write('\n[cisco]\nname = "Cisco"\ncurrency = "USD"\n')
    path = newsroom.root / "text.txt"
    path.write_text(
        "Microsoft had revenue of $70 billion in the second quarter. Cisco had revenue of $14 billion in its third quarter."
    )
    ingest(newsroom, [path], published=date(2025, 5, 20))
    assert stored(newsroom, "entity, period_end::varchar") == [("msft", "2025-03-31"), ("cisco", "2025-04-30")]


# -- the day a text came out -------------------------------------------------------------------------

DATED = "LEEDS, August 5, 2025 - Acme's revenue rose 25% to $1.5 billion in the second quarter."
UNDATED = "Acme's revenue rose 25% to $1.5 billion in the second quarter. Its revenue was $5 billion in 2024."


def source_of(project: Project) -> list[tuple[object, ...]]:
    with Warehouse(project.warehouse) as warehouse:
        return warehouse.sql(
            "select (published_at at time zone 'UTC')::date::varchar, published_basis from source where origin = 'article'"
        ).fetchall()


def test_a_text_gives_its_own_day(newsroom: Project) -> None:
    path = newsroom.root / "text.txt"
    path.write_text(DATED)
    done = tracker(newsroom, "ingest", str(path))
    assert b"text.txt: 2 new, 0 known; published 2025-08-05, by its first lines" in done.stderr
    assert source_of(newsroom) == [("2025-08-05", "dateline")]
    days = "(known_at at time zone 'UTC')::date::varchar, period_end::varchar"
    assert set(stored(newsroom, days)) == {("2025-08-05", "2025-06-30")}


def test_a_given_day_wins_and_is_kept(newsroom: Project) -> None:
    path = newsroom.root / "text.txt"
    path.write_text(DATED)
    (done,) = ingest(newsroom, [path], published=date(2024, 8, 5))
    assert [problem.code for problem in done.problems] == ["day_conflict"]
    assert "2025-08-05 (by its first lines), and 2024-08-05 was given" in done.problems[0].message
    assert source_of(newsroom) == [("2024-08-05", "stated")]
    (again,) = ingest(newsroom, [path])
    assert (again.added, again.known) == (0, 2)


def test_without_a_day_nothing_that_depends_on_it_is_stored(newsroom: Project) -> None:
    path = newsroom.root / "text.txt"
    path.write_text(UNDATED)
    done = tracker(newsroom, "ingest", str(path))
    assert b"day of publication unknown; give the day with --published" in done.stderr
    assert source_of(newsroom) == [(None, None)]
    assert stored(newsroom, "quote, period_end::varchar, known_at = recorded_at") == [
        ("$5 billion", "2024-12-31", True)
    ]
    with Warehouse(newsroom.warehouse) as warehouse:
        told = warehouse.sql("select code, remedy, message from problem order by message").fetchall()
    assert [row[:2] for row in told] == [("no_day", "give the day with --published")] * 2
    assert check(newsroom, ["undated_article"]).exit_code == 0


def test_two_days_that_lie_apart_are_no_day(newsroom: Project) -> None:
    path = newsroom.root / "text.txt"
    path.write_text("Published 9 May 2024\n\n" + "Posted 5 August 2025\n" + UNDATED)
    (done,) = ingest(newsroom, [path])
    assert [problem.code for problem in done.problems] == ["day_conflict", "no_day", "no_day"]
    assert "2024-05-09 (by its first lines) and 2025-08-05 (by its first lines)" in done.problems[0].message
    assert source_of(newsroom) == [(None, None)]


def test_extract_takes_the_same_day(newsroom: Project) -> None:
    path = newsroom.root / "text.txt"
    path.write_text(DATED)
    done = tracker(newsroom, "extract", str(path))
    assert b"published 2025-08-05, by its first lines" in done.stderr
    assert {json.loads(line)["period"] for line in done.stdout.splitlines()} == {"2025Q2"}
    path.write_text(UNDATED)
    done = tracker(newsroom, "extract", str(path))
    assert b"day of publication unknown" in done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["span"] for line in lines if line["list"] == "facts"] == ["$5 billion"]
    asked = "\n".join(json.dumps({"id": str(n), "text": text}) for n, text in enumerate([DATED, UNDATED]))
    batch = [json.loads(line) for line in tracker(newsroom, "extract", "-", "--batch", stdin=asked).stdout.splitlines()]
    assert [(line["published"], line["published_basis"]) for line in batch] == [
        ("2025-08-05", "dateline"),
        (None, None),
    ]
    assert [len(line["facts"]) for line in batch] == [2, 1]


def test_check_finds_texts_that_an_earlier_version_left_undated(newsroom: Project) -> None:
    """It stored them as dated, without a day, and took the day of the event for the year the figure is of."""
    blank: dict[str, Any] = {field.name: None for field in fields(Fact)}
    fact = Fact(**{
        **blank, "entity": "acme", "concept": "stated:revenue", "metric": "revenue", "kind": "actual", "unit": "USD",
        "period_start": date(2025, 1, 1), "period_end": date(2025, 12, 31), "value": Decimal(1_500_000_000), "decimals": -8,
        "qualifier": "exact", "source_id": "article-0", "language": "en", "span_start": 44, "span_end": 56,
        "quote": "$1.5 billion", "method": "extracted", "confidence": 0.9,
    })  # fmt: skip
    row = dict.fromkeys(list(TABLES["source"])[:-1])
    row |= {
        "source_id": "article-0",
        "kind": "article",
        "origin": "article",
        "file": "old.txt",
        "published_basis": "stated",
    }
    with Writer(newsroom.warehouse) as writer:
        writer.commit(Batch(to_table([fact]), {"source": rows_table("source", [tuple(row.values())])}))
    checked = check(newsroom, ["undated_article"])
    (finding,) = checked.failures
    assert (finding.entity, checked.exit_code) == ("acme", 3)
    assert "old.txt (article-0) has no day of publication" in finding.message
    assert "--published" in finding.remedy
