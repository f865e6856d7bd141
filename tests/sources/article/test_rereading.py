"""Reading a source again: what the new reading says takes the place of what the old one said, and history stays."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.project import made_once, small_project, write_sources
from tracker.errors import CheckError
from tracker.model.batch import Batch
from tracker.model.fact import Fact, rows_table, to_table
from tracker.model.schema import TABLES
from tracker.pipeline.check import check
from tracker.pipeline.ingest import ingest
from tracker.project import Project, load_project
from tracker.sources.article import extract
from tracker.warehouse.quarantine import list_held, release
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import versions_at
from tracker.warehouse.writer import Writer, history

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracker.pipeline.ingestion import Ingestion
    from tracker.sources.article import ExtractedFigure, Reading

FIRST = "Acme's revenue rose 25% to $1.5 billion in the second quarter."
STORY = f"{FIRST} Its revenue was $5 billion in 2024."
DAY = date(2025, 8, 5)
READ = "article_reader"


@pytest.fixture
def newsroom(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that knows Acme, with its companies stored."""

    def make(folder: Path) -> None:
        made = small_project(folder)
        ingest(made, [made.seeds])

    shutil.copytree(made_once(tmp_path_factory, "rereading", make), tmp_path, dirs_exist_ok=True)
    return load_project(tmp_path)


def read(project: Project, text: str | bytes, name: str = "story.txt", **about: Any) -> Ingestion:
    path = project.root / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (done,) = ingest(project, [path], **about)
    return done


def rows(project: Project, query: str, recorded: str | None = None) -> list[tuple[Any, ...]]:
    versions = versions_at(project.warehouse, recorded) if recorded else None
    with Warehouse(project.warehouse, versions=versions) as warehouse:
        return warehouse.sql(query).fetchall()


def quotes(project: Project, recorded: str | None = None) -> list[tuple[Any, ...]]:
    """What stands: each figure as printed, and since when it is public."""
    return rows(
        project,
        "select quote, cast(known_at as date)::varchar from fact_known where method = 'extracted' order by span_start",
        recorded,
    )


def sources(project: Project) -> list[tuple[Any, ...]]:
    return rows(
        project,
        "select source_id, cast(published_at as date)::varchar, published_basis from source "
        "where origin = 'article' order by all",
    )


def test_a_day_given_later_takes_the_place_of_none(newsroom: Project) -> None:
    before = read(newsroom, STORY)
    assert [quote for quote, _ in quotes(newsroom)] == ["$5 billion"]
    first = str(history(newsroom.warehouse)[0]["version"])
    done = read(newsroom, STORY, published=DAY)
    assert (before.added, done.added, done.withdrawn, done.changed["source"]) == (1, 3, 1, 1)
    assert quotes(newsroom) == [(quote, "2025-08-05") for quote in ("25%", "$1.5 billion", "$5 billion")]
    assert [row[1:] for row in sources(newsroom)] == [("2025-08-05", "stated")]
    assert [quote for quote, _ in quotes(newsroom, first)] == ["$5 billion"]
    again = read(newsroom, STORY)
    assert (again.added, again.known, again.withdrawn, dict(again.changed)) == (0, 3, 0, {})


def test_another_day_takes_the_place_of_a_wrong_one(newsroom: Project) -> None:
    read(newsroom, STORY, published=date(2024, 8, 5))
    periods = "select distinct period_end::varchar from fact_known where quote = '$1.5 billion'"
    assert rows(newsroom, periods) == [("2024-06-30",)]
    done = read(newsroom, STORY, published=DAY)
    assert (done.added, done.withdrawn) == (3, 2)
    assert rows(newsroom, periods) == [("2025-06-30",)]
    assert len(sources(newsroom)) == 1


def fewer(figure: ExtractedFigure) -> ExtractedFigure | None:
    return None if figure.quote == "25%" else figure


def other(figure: ExtractedFigure) -> ExtractedFigure | None:
    return dataclasses.replace(figure, value=Decimal(1_600_000_000)) if figure.quote == "$1.5 billion" else figure


def none(_: ExtractedFigure) -> ExtractedFigure | None:
    return None


@pytest.mark.parametrize(("change", "added", "withdrawn"), [(fewer, 0, 1), (other, 1, 1), (none, 0, 3)])
def test_another_reader_takes_the_place_of_the_first(
    newsroom: Project,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[ExtractedFigure], ExtractedFigure | None],
    added: int,
    withdrawn: int,
) -> None:
    read(newsroom, STORY, published=DAY)

    def changed(*arguments: Any, **options: Any) -> Reading:
        found = extract(*arguments, **options)
        return dataclasses.replace(found, facts=tuple(one for fact in found.facts if (one := change(fact)) is not None))

    monkeypatch.setattr("tracker.sources.article.source.extract", changed)
    done = read(newsroom, STORY)
    assert (done.added, done.withdrawn) == (added, withdrawn)
    assert len(quotes(newsroom)) == 3 - withdrawn + added
    monkeypatch.setattr("tracker.sources.article.source.extract", extract)
    assert (read(newsroom, STORY).added, len(quotes(newsroom))) == (withdrawn, 3)


def test_check_names_what_another_version_has_read(newsroom: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    read(newsroom, STORY, published=DAY)
    (passed,) = check(newsroom, [READ]).findings
    assert passed.state == "pass"
    for module in ("tracker.pipeline.background", "tracker.sources.article.source"):
        monkeypatch.setattr(f"{module}.reader_version", lambda: "00000000")
    checked = check(newsroom, [READ])
    (finding,) = checked.findings
    assert (finding.state, checked.exit_code) == ("warn", 0)
    assert "story.txt (article-" in finding.message
    assert "ingest the file again" in finding.remedy
    read(newsroom, STORY)
    assert [one.state for one in check(newsroom, [READ]).findings] == ["pass"]


def test_what_an_earlier_version_stored_is_read_anew(newsroom: Project) -> None:
    """It kept no readings, named a source after the hash of its file, and took a fact from it that is none."""
    blank: dict[str, Any] = {field.name: None for field in dataclasses.fields(Fact)}
    name = f"article-{hashlib.sha256(STORY.encode()).hexdigest()[:12]}"
    wrong = {
        "entity": "acme", "concept": "stated:revenue", "metric": "revenue", "kind": "actual", "unit": "USD",
        "period_start": date(2025, 1, 1), "period_end": date(2025, 12, 31), "value": Decimal(1_500_000_000), "decimals": -8,
        "qualifier": "exact", "source_id": name, "language": "en", "span_start": 28, "span_end": 40,
        "quote": "$1.5 billion", "method": "extracted", "confidence": 0.9,
    }  # fmt: skip
    row = dict.fromkeys(list(TABLES["source"])[:-1])
    row |= {"source_id": name, "kind": "article", "origin": "article", "file": "story.txt"}
    row |= {"sha256": hashlib.sha256(STORY.encode()).hexdigest()}
    with Writer(newsroom.warehouse) as writer:
        writer.commit(
            Batch(to_table([Fact(**{**blank, **wrong})]), {"source": rows_table("source", [tuple(row.values())])})
        )
    assert [one.state for one in check(newsroom, [READ]).findings] == ["warn"]
    done = read(newsroom, STORY, published=DAY)
    assert (done.added, done.withdrawn) == (3, 1)
    assert [row[0] for row in sources(newsroom)] == [name]
    assert [one.state for one in check(newsroom, [READ]).findings] == ["pass"]


# -- the same source ---------------------------------------------------------------------------------


def page(text: str, address: str | None = "https://post.example/acme", day: str = "2025-08-05") -> str:
    link = f"<link rel='canonical' href='{address}'>" if address else ""
    meta = f"<meta property='article:published_time' content='{day}'>" if day else ""
    return f"<html><head><title>Acme grows</title>{link}{meta}</head><body><p>{text}</p></body></html>"


SAME = [
    # the first file, the second, and how many sources they are
    ("a.txt", STORY, "b.txt", STORY, 1),
    ("a.txt", STORY, "a.txt", "\ufeff" + STORY + "\r\n", 1),
    ("a.txt", STORY.replace(". ", ".\n"), "a.txt", STORY.replace(". ", ".\r\n\r\n"), 1),
    ("a.txt", STORY, "b.html", page(STORY), 1),
    ("a.html", page(STORY), "b.txt", STORY, 1),
    ("a.html", page(STORY), "b.html", page(f"Corrected. {FIRST}"), 1),
    ("a.html", page(STORY), "b.html", page(FIRST, "http://www.post.example/acme/?utm_source=x#top"), 1),
    ("a.html", page(STORY), "b.html", page(FIRST, day="2025-11-05"), 2),
    ("a.html", page(STORY), "b.html", page(FIRST, "https://post.example/other"), 2),
    ("a.html", page(STORY, "https://post.example/"), "b.html", page(FIRST, "https://post.example/"), 2),
    ("a.html", page(STORY, None), "b.html", page(FIRST, None), 2),
    ("a.txt", STORY, "b.txt", FIRST, 2),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "other_name", "other_text", "count"), SAME)
@pytest.mark.parametrize("is_at_once", [False, True])
def test_when_two_files_are_one_source(
    newsroom: Project, name: str, text: str, other_name: str, other_text: str, count: int, *, is_at_once: bool
) -> None:
    if is_at_once and name == other_name:
        pytest.skip("one file at a time")
    if is_at_once:
        (newsroom.root / name).write_text(text, newline="")
        (newsroom.root / other_name).write_text(other_text, newline="")
        ingest(newsroom, [newsroom.root / name, newsroom.root / other_name], published=None)
    else:
        read(newsroom, text, name)
        read(newsroom, other_text, other_name)
    assert len(sources(newsroom)) == count
    figures = rows(newsroom, "select source_id, quote from fact_known where method = 'extracted'")
    assert len(figures) == len(set(figures))


def test_a_text_keeps_what_its_page_said(newsroom: Project) -> None:
    read(newsroom, page(STORY), "a.html")
    assert [row[1:] for row in sources(newsroom)] == [("2025-08-05", "metadata")]
    done = read(newsroom, STORY, "b.txt")
    assert (done.added, done.withdrawn) == (0, 0)
    what = "select title, url, file, published_basis from source where origin = 'article'"
    assert rows(newsroom, what) == [("Acme grows", "https://post.example/acme", "b.txt", "metadata")]


RELEASE = "Acme's revenue was $1.5 billion in the second quarter of 2025. We expect revenue of $7 billion in 2025."


def test_what_was_said_of_a_text_is_kept(newsroom: Project) -> None:
    promised = "select concept, low, value from fact_known where kind = 'guidance' and method = 'extracted'"
    read(newsroom, RELEASE, published=DAY, kind="release", entity="acme")
    assert [concept for concept, *_ in rows(newsroom, promised)] == ["guided:revenue"]
    again = read(newsroom, RELEASE)
    assert (again.added, again.withdrawn, dict(again.changed)) == (0, 0, {})
    changed = read(newsroom, RELEASE, kind="article")
    assert [concept for concept, *_ in rows(newsroom, promised)] == ["stated:revenue"]
    assert (changed.added, changed.withdrawn, changed.changed["source"]) == (1, 1, 1)


def test_the_company_given_once_is_kept(newsroom: Project) -> None:
    text = "Revenue was $1.5 billion in the second quarter of 2025."
    read(newsroom, text, published=DAY, entity="acme")
    assert len(quotes(newsroom)) == 1
    again = read(newsroom, text)
    assert (again.added, again.known, again.withdrawn) == (0, 1, 0)


def test_a_listed_source_stays_as_it_is_listed(newsroom: Project) -> None:
    read(newsroom, RELEASE, published=DAY)
    (name,) = (row[0] for row in sources(newsroom))
    digest = hashlib.sha256(RELEASE.encode()).hexdigest()
    write_sources(newsroom, f"{name},release,Acme,,en,,story.txt,,,2025-08-06,{digest}\n")
    ingest(newsroom, [newsroom.seeds])
    read(newsroom, RELEASE)
    assert rows(newsroom, f"select kind, published_basis, origin from source where source_id = '{name}'") == [
        ("release", "stated", "seeds")
    ]
    kinds = "select distinct concept, cast(known_at as date)::varchar from fact_known where kind = 'guidance'"
    assert rows(newsroom, kinds) == [("guided:revenue", "2025-08-06")]


# -- a reading that is held --------------------------------------------------------------------------


def test_a_reading_that_is_held_takes_no_place_until_it_is_released(newsroom: Project) -> None:
    text = "Acme's revenue was ${} billion in the second quarter of 2025, it said on its page."
    (newsroom.root / "checks").mkdir(exist_ok=True)
    (newsroom.root / "checks" / "small.sql").write_text(
        "-- small: no figure above 8 billion\n-- severity: blocking\n-- message: {quote}\n-- remedy: look\n"
        "select entity, quote from fact_known where value > 8e9\n"
    )
    read(newsroom, page(text.format(5)), "a.html")
    with pytest.raises(CheckError):
        read(newsroom, page(text.format(9)), "a.html")
    assert [quote for quote, _ in quotes(newsroom)] == ["$5 billion"]
    (one,) = list_held(newsroom.warehouse)
    release(newsroom.warehouse, one.batch, "looked at")
    assert [quote for quote, _ in quotes(newsroom)] == ["$9 billion"]
