"""Report packages: zip files with the documents of a European annual report."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from support.foreign import esef
from support.project import init_at
from tracker.errors import InputError, UsageError
from tracker.explain.quotation import Filings
from tracker.model.entity import Entities
from tracker.pipeline.ingest import find_source, ingest
from tracker.sources.base import Request
from tracker.sources.sec.filing import FilingSource
from tracker.sources.sec.report_package import find_package, is_report_package, list_reports, read_report
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from pathlib import Path

NEW, OLD = "META-INF/reportPackage.json", "META-INF/taxonomyPackage.xml"
PAGE = "reports/nordsee-2024-03-20.xhtml"


def pack(path: Path, files: dict[str, str | bytes], root: str = "nordsee") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"{root}/{name}" if root else name, data)
    return path


@pytest.mark.parametrize("mark", [NEW, OLD])
def test_a_package_gives_what_its_document_gives(tmp_path: Path, mark: str) -> None:
    project = init_at(tmp_path / "p", [])
    package = pack(project.root / "nordsee.zip", {mark: "{}", PAGE: esef(), "nordsee.com/own.xsd": "<a/>"})
    alone = tmp_path / "nordsee-2024-03-20.xhtml"
    alone.write_text(esef(), "utf-8")
    (expected,) = FilingSource().read(Request(alone, alone.name, Entities({})))
    (done,) = ingest(project, [package])
    assert (done.problems, done.added) == ((), expected.facts.num_rows)
    with Warehouse(project.warehouse) as warehouse:
        facts = list(warehouse.records("select lower(hex(fact_id)) as id from fact order by id"))
        (source,) = warehouse.records("select file, sha256 from source where kind = 'filing'")
        (shown,) = warehouse.records(
            "select f.*, s.file, s.sha256 from fact f join source s using (source_id) where f.concept = 'nordsee:Ferries'"
        )
    assert [row["id"] for row in facts] == sorted(one.hex() for one in expected.facts.column("fact_id").to_pylist())
    assert source["file"] == f"nordsee.zip/nordsee/{PAGE}"
    assert shown["quote"] in Filings(project.root).quote(shown)["sentence"]


def test_the_documents_of_one_package_share_their_contexts(tmp_path: Path) -> None:
    text = esef()
    begin, end = text.index("<ix:header>"), text.index("</ix:header>") + len("</ix:header>")
    bare = text[:begin] + text[end:]
    package = pack(tmp_path / "a.zip", {NEW: "{}", "reports/set/a.xhtml": text, "reports/set/b.xhtml": bare})
    first, second = FilingSource().read(Request(package, "a.zip", Entities({})))
    assert (second.facts.num_rows, second.problems) == (first.facts.num_rows, ())


@pytest.mark.parametrize(
    "files",
    [
        {PAGE: "x"},
        {NEW: "{}"},
        {NEW: "{}", "other/a.xhtml": "x"},
        {NEW: "{}", "reports/a.json": "{}"},
        {"CIK0000320193.json": "{}"},
    ],
    ids=["no mark", "no page", "elsewhere", "no page of text", "company facts"],
)
def test_another_zip_stays_what_it_was(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    path = pack(tmp_path / "a.zip", files)
    assert not is_report_package(path)
    assert find_source(path, None).name == "companyfacts"


def test_a_package_without_tagged_pages_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {NEW: "{}", PAGE: "<html/>"})
    with pytest.raises(InputError) as refused:
        list(FilingSource().read(Request(path, "a.zip", Entities({}))))
    assert [problem.code for problem in refused.value.problems] == ["shape"]


@pytest.mark.parametrize("name", ["../evil/{}", "/{}", "C:/{}", "a\\b/{}", "./{}", "a\n/{}"])
def test_a_name_that_leads_elsewhere_is_no_page(tmp_path: Path, name: str) -> None:
    path = pack(tmp_path / "a.zip", {name.format(NEW): "{}", name.format(PAGE): esef()}, root="")
    assert not is_report_package(path)
    assert [one.name for one in tmp_path.iterdir()] == ["a.zip"]


def test_a_page_of_zeros_is_read_up_to_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.sources.sec.filing_files.MAX_BYTES", 1 << 20)
    head = esef().encode()
    path = pack(tmp_path / "a.zip", {NEW: "{}", PAGE: head + bytes(64 << 20)})
    assert path.stat().st_size < 1 << 20
    with pytest.raises(InputError) as refused:
        list(FilingSource().read(Request(path, "a.zip", Entities({}))))
    assert [problem.code for problem in refused.value.problems] == ["size"]


@pytest.mark.parametrize(
    ("limit", "value"), [("_MOST_FILES", 2), ("_MOST_REPORTS", 1), ("_MOST_BYTES", 100), ("_MOST_LISTED", 100)]
)
def test_a_package_beyond_a_limit_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    path = pack(tmp_path / "a.zip", {NEW: "{}", "reports/a.xhtml": "x", "reports/b.xhtml": "x"})
    assert is_report_package(path)
    monkeypatch.setattr(f"tracker.sources.sec.report_package.{limit}", value)
    assert not is_report_package(path)
    with pytest.raises(OSError, match=r"files|pages|zip"):
        list_reports(path)


def test_two_pages_of_one_name_are_none(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in (NEW, PAGE):
            archive.writestr(f"nordsee/{name}", esef())
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr(f"nordsee/{PAGE}", "another text")
    assert not is_report_package(path)


def test_a_damaged_package_never_gives_another_text(tmp_path: Path) -> None:
    whole = pack(tmp_path / "a.zip", {NEW: "{}", PAGE: esef()}).read_bytes()
    damaged = tmp_path / "b.zip"
    outcomes = set()
    for at in range(0, len(whole), 37):
        damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            texts = {read_report(damaged, page, 1 << 20).decode() for page in list_reports(damaged)}
        except (OSError, UnicodeDecodeError):
            outcomes.add("refused")
            continue
        assert texts <= {esef()}
        outcomes.add("read" if texts else "none")
    assert "refused" in outcomes


def test_a_path_leads_only_into_pages_of_a_package(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {NEW: "{}", PAGE: esef(), "secret.txt": "s"})
    assert find_package(path / "nordsee" / PAGE) == path
    assert find_package(tmp_path / "b.zip" / "nordsee" / PAGE) is None
    with pytest.raises(OSError, match="no page"):
        read_report(path, path / "nordsee" / "secret.txt", 10)
    with pytest.raises(UsageError):
        find_source(path / "nordsee" / PAGE, None)
