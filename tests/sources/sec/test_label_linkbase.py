"""What filings call the parts of their companies: label linkbases, read and stored beside a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.inline import CLOSE, USD, WHOLE, context, figure, member, page
from support.project import init_at
from tracker.errors import DocumentError
from tracker.model.entity import Entities
from tracker.pipeline.ingest import ingest
from tracker.sources.base import Request
from tracker.sources.sec.filing import FilingSource
from tracker.sources.sec.label_linkbase import read_labels
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from pathlib import Path

STANDARD, TERSE = (f"http://www.xbrl.org/2003/role/{name}" for name in ("label", "terseLabel"))
ROCKETS = "acme-20241231.xsd#acme_RocketsMember"
BOATS = "acme-20241231.xsd#acme_BoatsAndFerriesMember"
AMERICAS = "https://xbrl.fasb.org/srt/2024/elts/srt-2024.xsd#srt_AmericasMember"


def linkbase(*labels: tuple[str, str, str, str], more: str = "") -> str:
    """A linkbase: for each label its element, its role, its language and its text."""
    rows = "".join(
        f'<link:loc xlink:type="locator" xlink:href="{href}" xlink:label="l{n}"/>'
        f'<link:label xlink:type="resource" xlink:label="t{n}" xlink:role="{role}" xml:lang="{language}">{text}</link:label>'
        f'<link:labelArc xlink:type="arc" xlink:arcrole="http://www.xbrl.org/2003/arcrole/concept-label" xlink:from="l{n}" xlink:to="t{n}"{more}/>'
        for n, (href, role, language, text) in enumerate(labels)
    )
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n<link:linkbase xmlns:link=\"http://www.xbrl.org/2003/linkbase\" "
        f'xmlns:xlink="http://www.w3.org/1999/xlink"><link:labelLink xlink:type="extended" xlink:role="r">{rows}'
        "</link:labelLink></link:linkbase>"
    )


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ([(ROCKETS, STANDARD, "en-US", "Rockets &amp; Engines [Member]")], {"acme:RocketsMember": "Rockets & Engines"}),
        ([(ROCKETS, STANDARD, "en-US", " Rockets\n  and engines ")], {"acme:RocketsMember": "Rockets and engines"}),
        ([(AMERICAS, STANDARD, "en", "Americas")], {"srt:AmericasMember": "Americas"}),
        ([(ROCKETS, TERSE, "en", "Short"), (ROCKETS, STANDARD, "en", "Long")], {"acme:RocketsMember": "Long"}),
        ([(ROCKETS, STANDARD, "de", "Raketen"), (ROCKETS, STANDARD, "en-GB", "Rockets")], {"acme:RocketsMember": "Rockets"}),
        ([(ROCKETS, STANDARD, "de", "Raketen"), (ROCKETS, STANDARD, "fr", "Fusées")], {"acme:RocketsMember": "Raketen"}),
        ([(ROCKETS, TERSE, "en", "Short")], {}),
        ([(ROCKETS, STANDARD, "en", " [Member] ")], {}),
        ([("acme-20241231.xsd", STANDARD, "en", "No element")], {}),
    ],
)  # fmt: skip
def test_the_standard_label_in_english_counts(labels: list[tuple[str, str, str, str]], found: dict[str, str]) -> None:
    assert read_labels(linkbase(*labels).encode()) == found


def test_a_label_that_is_taken_back_does_not_count() -> None:
    assert read_labels(linkbase((ROCKETS, STANDARD, "en", "Rockets"), more=' use="prohibited"').encode()) == {}


def test_a_linkbase_within_a_schema_is_read() -> None:
    inner = linkbase((ROCKETS, STANDARD, "en", "Rockets")).partition("?>\n")[2]
    schema = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:annotation><xs:appinfo>{inner}</xs:appinfo></xs:annotation></xs:schema>'
    assert read_labels(schema.encode()) == {"acme:RocketsMember": "Rockets"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no markup",
        linkbase((ROCKETS, STANDARD, "en", "Rockets"))[:-30],
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        "<a>" * 3000 + "</a>" * 3000,
    ],
    ids=["empty", "text", "cut", "entity", "deep"],
)
def test_a_file_that_is_no_linkbase_is_refused(text: str) -> None:
    with pytest.raises(DocumentError):
        read_labels(text.encode())


# -- beside a document -------------------------------------------------------------------------------------

AXIS = "us-gaap:StatementBusinessSegmentsAxis"
PARTS = "".join(
    context(key, inside=member(AXIS, f"acme:{name}Member"))
    for key, name in (("r", "Rockets"), ("b", "BoatsAndFerries"))
)
DOCUMENT = page(
    figure("7") + figure("4", key="r", element="f2") + figure("3", key="b", element="f3"),
    WHOLE + CLOSE + PARTS + USD,
)
LABELS = linkbase((ROCKETS, STANDARD, "en-US", "Rockets &amp; Engines"), (AMERICAS, STANDARD, "en-US", "Americas"))


def write_filing(folder: Path, **files: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "acme-20241231.htm").write_text(DOCUMENT)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


@pytest.mark.parametrize("name", ["acme-20241231_lab.xml", "acme-20241231_lab-en.xml", "acme-20241231.xsd"])
@pytest.mark.parametrize("is_folder", [True, False])
def test_labels_of_the_parts_in_a_document_come_from_beside_it(tmp_path: Path, name: str, *, is_folder: bool) -> None:
    write_filing(tmp_path / "f", **{name: LABELS, "other-20241231_lab.xml": LABELS.replace("Engines", "Boats")})
    path = tmp_path / "f" if is_folder else tmp_path / "f" / "acme-20241231.htm"
    (batch,) = FilingSource().read(Request(path, "f", Entities({})))
    labels = [(row["member"], row["label"]) for row in batch.rows["member_label"].to_pylist()]
    assert (labels, batch.problems) == ([("acme:RocketsMember", "Rockets & Engines")], ())


def test_a_damaged_linkbase_is_a_problem_and_the_figures_stand(tmp_path: Path) -> None:
    write_filing(tmp_path, **{"acme-20241231_lab.xml": LABELS[:-40]})
    (batch,) = FilingSource().read(Request(tmp_path / "acme-20241231.htm", "f", Entities({})))
    assert (batch.facts.num_rows, [problem.code for problem in batch.problems]) == (3, ["labels"])


def test_the_latest_filing_names_a_part(tmp_path: Path) -> None:
    """The report of 2024 was stored last, and its labels after it; that of 2025 names the part otherwise, and counts."""
    project = init_at(tmp_path / "p", [])
    new, old = tmp_path / "0000000009-26-000001", tmp_path / "0000000009-25-000001"
    new.mkdir()
    old.mkdir()
    (new / "acme-2026-02-01.htm").write_text(DOCUMENT.replace("2024", "2025"))
    (new / "acme-20251231_lab.xml").write_text(LABELS.replace("2024", "2025").replace("Engines", "Motors"))
    (old / "acme-2025-02-01.htm").write_text(DOCUMENT)
    ingest(project, [new, old])
    (old / "acme-20241231_lab.xml").write_text(LABELS)
    (done,) = ingest(project, [old])
    assert (done.added, [commit.changed for commit in done.commits]) == (0, [{"member_label": 1}])
    with Warehouse(project.warehouse) as warehouse:
        rocket = ("cik0000000009", "acme:RocketsMember")
        query = "select entity, member, label from {}"
        assert warehouse.sql(query.format("segment_label")).fetchall() == [(*rocket, "Rockets & Motors")]
        before = warehouse.sql(query.format("segment_label_as_of('2025-12-31')")).fetchall()
        assert before == [(*rocket, "Rockets & Engines")]
        called = "select distinct label from {} where metric = 'revenue' order by 1"
        for view in ("segment_annual", "segment_annual_history", "segment_yoy", "segment_yoy_history"):
            assert warehouse.sql(called.format(view)).fetchall() == [("Boats and Ferries",), ("Rockets & Motors",)]
        for view in ("segment_annual", "segment_yoy"):
            then = warehouse.sql(called.format(f"{view}_as_of('2025-12-31')")).fetchall()
            assert then == [("Boats and Ferries",), ("Rockets & Engines",)]
