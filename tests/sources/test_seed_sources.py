"""Rows of tables people keep follow their table, whoever spoke of the source first and whichever folder it is in."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from support.filings import accession, company, write_company
from support.project import fact_line, write_facts, write_guidance, write_sources
from tracker.errors import InputError
from tracker.pipeline.ingest import ingest
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tracker.project import Project

STORY = "Acme's revenue rose 25% to $1.5 billion in the second quarter of 2024, from $1.2 billion a year earlier."


def rows(project: Project, query: str) -> list[tuple[Any, ...]]:
    with Warehouse(project.warehouse) as warehouse:
        return warehouse.sql(query).fetchall()


def curated(project: Project) -> list[int]:
    """The amounts (millions) of the tables that stand."""
    query = "select cast(coalesce(value, low) / 1e6 as int) from fact_known where method = 'curated' order by 1"
    return [value for (value,) in rows(project, query)]


def article_first(project: Project) -> str:
    path = project.root / "story.txt"
    path.write_text(STORY)
    ingest(project, [path])
    ((source,),) = rows(project, "select source_id from source where origin = 'article'")
    return str(source)


def filing_first(project: Project) -> str:
    figures = {"Revenues": [("2024-01-01", "2024-03-31", 5 * 10**9, accession(1), "10-Q", "2024-05-01")]}
    ingest(project, [write_company(project.root, company(77, figures, name="Zyx"))])
    ((source,),) = rows(project, "select source_id from source where origin = 'companyfacts'")
    return str(source)


def fact_lines(source: str, *values: str) -> list[str]:
    return [fact_line(f"Metric{value}", "2024Q2", value, source=source) for value in values]


def span_lines(source: str, *values: str) -> list[str]:
    """Rows with the characters they stand on."""
    start = STORY.index("$1.5")
    return [f'acme,,revenue,actual,2024Q2,{v},,,6,USD,exact,{source},,{start + n},{start + n + 12},"$1.5 billion"' for n, v in enumerate(values)]  # fmt: skip


def fact_rows(project: Project, source: str, *values: str) -> None:
    write_facts(project, *fact_lines(source, *values))


def span_rows(project: Project, source: str, *values: str) -> None:
    write_facts(project, *span_lines(source, *values))


def guidance_rows(project: Project, source: str, *values: str) -> None:
    write_guidance(project, *(f"acme,metric_{v},FY2024,2024-07-31,,{v},900,6,USD,range,{source}," for v in values))


def every_row(project: Project, source: str, *values: str) -> None:
    """Rows of facts.csv, more of them with spans, and rows of guidance.csv."""
    write_facts(project, *fact_lines(source, *values), *span_lines(source, *values))
    guidance_rows(project, source, *values)


def every_amount(project: Project) -> dict[str, list[int]]:
    """The amounts (millions) that stand of each kind of row."""
    query = (
        "select case when kind = 'guidance' then 'guidance' when span_start is null then 'plain' else 'spans' end, "
        "cast(coalesce(value, low) / 1e6 as int) from fact_known where method = 'curated' order by 2"
    )
    found: dict[str, list[int]] = {"plain": [], "spans": [], "guidance": []}
    for kind, value in rows(project, query):
        found[kind].append(value)
    return found


FIRST = [("a source of the tables", lambda _: "a1"), ("an article", article_first), ("a filing", filing_first)]


@pytest.mark.parametrize("first", [case[1] for case in FIRST], ids=[case[0] for case in FIRST])
def test_a_row_edited_or_deleted_is_withdrawn(empty: Project, first: Callable[[Project], str]) -> None:
    source = first(empty)
    read = rows(empty, "select * from fact_known where method <> 'curated' order by fact_id") if source != "a1" else []
    write_sources(empty, f"{source},article,Paper,,en,,,,,2024-08-02,\n")
    steps: Sequence[tuple[str, ...]] = (("100", "200"), ("100", "300"), ("100",), ("100", "200"), ())
    for values in steps:
        every_row(empty, source, *values)
        ingest(empty, [empty.seeds])
        amounts = [int(value) for value in values]
        assert every_amount(empty) == {"plain": amounts, "spans": amounts, "guidance": amounts}
    assert rows(empty, "select * from fact_known where method <> 'curated' order by fact_id") == read
    every_row(empty, source, "400")
    ingest(empty, [empty.seeds])
    write_sources(empty)
    every_row(empty, source)
    ingest(empty, [empty.seeds])  # rows and source taken out at once
    assert curated(empty) == []


def test_what_a_person_checked_gives_the_figure_back_when_it_goes(empty: Project) -> None:
    """What was read of the same characters counts again once the row is taken out."""
    source = article_first(empty)
    query = "select cast(value / 1e6 as int), method from fact_known where quote = '$1.5 billion'"
    write_sources(empty, f"{source},article,Paper,,en,,,,,2024-08-02,\n")
    span_rows(empty, source, "1550")
    ingest(empty, [empty.seeds])
    assert rows(empty, query) == [(1550, "curated")]
    (dated,) = ingest(empty, [empty.root / "story.txt"])
    assert (dated.added, dated.known) == (3, 0)  # its source has a day now, and so has what it says
    (again,) = ingest(empty, [empty.root / "story.txt"])
    assert (again.added, again.known) == (0, 3)  # what a person has read otherwise is known all the same
    span_rows(empty, source)
    ingest(empty, [empty.seeds])
    assert rows(empty, query) == [(1500, "extracted")]


def test_a_source_in_the_tables_keeps_what_its_reader_found(empty: Project) -> None:
    """Cells left empty say nothing; what is written counts."""
    source = article_first(empty)
    query = "select publisher, language, file, sha256 is not null, kind, origin from source where source_id = '{}'"
    write_sources(empty, f"{source},news,Paper,,,,,,,2024-08-02,\n")
    for _ in range(2):
        ingest(empty, [empty.seeds])
        assert rows(empty, query.format(source)) == [("Paper", "en", "story.txt", True, "news", "seeds")]
    ingest(empty, [empty.root / "story.txt"])
    assert rows(empty, query.format(source)) == [("Paper", "en", "story.txt", True, "news", "seeds")]
    write_sources(empty, f"{source},news,Other paper,,fr,,,,,2024-08-02,\n")
    ingest(empty, [empty.seeds])
    assert rows(empty, query.format(source)) == [("Other paper", "fr", "story.txt", True, "news", "seeds")]


def other_folder(project: Project, name: str) -> Project:
    """The same project with a copy of its folder of tables, to be ingested beside it."""
    return replace(project, seeds=shutil.copytree(project.seeds, project.root / name))


def test_a_source_moves_to_another_folder(empty: Project) -> None:
    """Whichever of the two is ingested first; from then on the rows follow the new folder."""
    fact_rows(empty, "r1", "100", "200")
    ingest(empty, [empty.seeds])
    for number, order in enumerate(((0, 1), (1, 0))):
        more = other_folder(empty, f"more{number}")
        write_sources(empty, "a1,article,Paper,,en,,,,,2024-08-02,\n")
        fact_rows(empty, "r1")
        ingest(empty, [[empty.seeds, more.seeds][at] for at in order])
        ingest(empty, [empty.seeds, more.seeds])
        assert curated(empty) == [100, 200]
        fact_rows(more, "r1", "100", "250")
        ingest(empty, [more.seeds])
        assert curated(empty) == [100, 250]
        write_sources(more, "r1,release,Another,,en,,,,,2024-08-01,\n")
        ingest(empty, [more.seeds, empty.seeds])
        assert rows(empty, "select publisher from source where source_id = 'r1'") == [("Another",)]
        shutil.rmtree(more.seeds)
        write_sources(empty, "r1,release,Acme,,en,,,,,2024-08-01,\n")
        fact_rows(empty, "r1", "100", "200")
        ingest(empty, [empty.seeds])
        assert curated(empty) == [100, 200]


def test_a_folder_under_a_new_name_is_the_same_folder(empty: Project) -> None:
    fact_rows(empty, "r1", "100", "200")
    ingest(empty, [empty.seeds])
    moved = replace(empty, seeds=empty.seeds.rename(empty.root / "tables"))
    fact_rows(moved, "r1", "100")
    entities = moved.seeds / "entities.toml"
    entities.write_text(entities.read_text().replace('name = "Acme"', 'name = "Acme Holdings"'))
    ingest(moved, [moved.seeds])
    assert curated(moved) == [100]
    assert rows(moved, "select name from entity where entity = 'acme'") == [("Acme Holdings",)]


def test_two_folders_that_list_one_source_leave_each_other_alone(empty: Project) -> None:
    fact_rows(empty, "r1", "100")
    ingest(empty, [empty.seeds])
    more = other_folder(empty, "more")
    write_sources(more, "r1,release,Another,,en,,,,,2024-08-01,\n")
    entities = more.seeds / "entities.toml"
    entities.write_text(entities.read_text().replace('name = "Acme"', 'name = "Acme Holdings"'))
    for folders in ([empty.seeds, more.seeds], [more.seeds], [empty.seeds]):
        done = ingest(empty, folders)
        assert [(one.added, one.withdrawn, one.changed) for one in done] == [(0, 0, {})] * len(folders)
    fact_rows(more, "r1", "100", "200")
    with pytest.raises(InputError, match="'r1' is kept in seeds; give it another id here"):
        ingest(empty, [more.seeds])
    assert curated(empty) == [100]
    assert rows(empty, "select name from entity where entity = 'acme'") == [("Acme",)]
