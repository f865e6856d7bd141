"""Names, titles and quotations that would do harm are text on every page."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from support.pages import PAYLOADS, PageTags
from support.project import fact_line, small_project, write_facts, write_seed_lines
from tracker.pipeline.ingest import ingest

pytest.importorskip("starlette", reason="the extra [serve] is not installed: pip install 'tracker[serve]'")

from tracker.serve.looks import draw_page
from tracker.serve.pages import PAGES, Desk, PageQuestion
from tracker.serve.readers import Readers
from tracker.warehouse.safe.door import SafeDoor

if TYPE_CHECKING:
    from collections.abc import Iterator

HARM = [text for text in PAYLOADS if "\n" not in text and len(text) < 100]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A project whose companies are called so, and whose sources have such titles and addresses."""
    project = small_project(tmp_path_factory.mktemp("hostile"))
    names = {f"c{at}": text for at, text in enumerate(HARM)}
    (project.seeds / "entities.toml").write_text(
        "".join(
            f'[{entity}]\nname = {quote_toml(name)}\ncurrency = "USD"\nfiscal_year_end = "12-31"\n\n'
            for entity, name in names.items()
        ),
        "utf-8",
    )
    write_seed_lines(
        project.seeds,
        "sources",
        ['r1,release,"<img src=x onerror=alert(1)>",<b>title</b>,en,javascript:alert(1),,,,2024-08-01,'],
    )
    write_facts(
        project,
        *(
            fact_line("Revenues", period, value, entity=entity)
            for entity in names
            for period, value in (("2023Q2", "8"), ("2024Q2", "9"))
        ),
    )
    ingest(project, [project.seeds])
    with SafeDoor() as door:
        readers = Readers(project.warehouse, 1)
        yield Desk(project, readers, readers, door)
        readers.close()


def quote_toml(text: str) -> str:
    return '"' + "".join(f"\\u{ord(one):04x}" if one in '"\\' or not one.isprintable() else one for one in text) + '"'


def draw(desk: Desk, pattern: str, query: dict[str, str], **words: str) -> str:
    asked = PageQuestion(words, query, threading.Event())
    return draw_page(PAGES[pattern](desk, asked), "/", query)


def test_every_page_shows_them_as_text(desk: Desk) -> None:
    plain = PageTags(draw(desk, "/reports", {}))
    drawn = {
        "companies": draw(desk, "/", {}),
        "search": draw(desk, "/", {"q": HARM[0]}),
        "company": draw(desk, "/company/{entity}", {}, entity="c0"),
        "metric": draw(desk, "/company/{entity}/{metric}", {}, entity="c1", metric="revenue"),
        "figure": draw(desk, "/company/{entity}/{metric}/{period}", {}, entity="c2", metric="revenue", period="2024Q2"),
        "runs": draw(desk, "/runs", {}),
        "sql": draw(desk, "/sql", {"q": 'select name as "<script>alert(1)</script>" from entity'}),
        "chart": draw(desk, "/sql", {"q": 'select name, cik is null as n, 1 as "</svg><script>" from entity', "show": "chart"}),
    }  # fmt: skip
    for name, text in drawn.items():
        tags = PageTags(text)
        assert tags.tags["script"] == tags.tags["img"] == tags.tags["iframe"] == 0, name
        assert tags.handlers == set(), name
        assert "javascript" not in tags.links, name
        assert tags.tags["nav"] == plain.tags["nav"], name
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in drawn["companies"]
