"""`tracker fetch --filings`: which filings are wanted, which of their documents, and how they come through the cache."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from support.filings import company
from support.inline import CLOSE, USD, WHOLE, context, cover, figure, instance, member, page
from support.sec_site import FACTS, LATEST, Site, body_of, cut, policy, sends, tagged
from tracker.errors import FetchError, NothingMatchedError, UsageError
from tracker.pipeline.fetch import fetch, fetch_files
from tracker.sources.sec.archive import Wanted, read_wanted
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from tracker.project import Project

WHO = "Tests tests@example.org"
CIK = 320193
#: accession, form, day of filing, last day of the period, document, whether the SEC found XBRL in it
LISTED = [
    ("0000320193-25-000003", "10-Q", "2025-05-02", "2025-03-31", "q1.htm", 1),
    ("0000320193-25-000002", "8-K", "2025-04-30", "2025-04-30", "news.htm", 1),
    ("0000320193-25-000001", "10-K", "2025-01-30", "2024-12-31", "year.htm", 1),
    ("0000320193-09-000001", "10-K", "2009-01-30", "2008-12-31", "old.htm", 0),
]


def place(accession: str, name: str) -> str:
    return f"/Archives/edgar/data/{CIK}/{accession.replace('-', '')}/{name}"


def summary(*names: str) -> bytes:
    listed = "".join(f"<File>{name}</File>" for name in names)
    return f'<?xml version="1.0"?><FilingSummary><InputFiles>{listed}</InputFiles></FilingSummary>'.encode()


def document(printed: str, year: str = "2024", form: str = "10-K") -> bytes:
    text = page(figure(printed)).replace(cover(), cover(form)).replace("0000000009", f"{CIK:010d}")
    return text.replace("2024-", f"{year}-").encode()


def tell(site: Site) -> None:
    names = ("accessionNumber", "form", "filingDate", "reportDate", "primaryDocument", "isXBRL")
    columns: dict[str, list[object]] = {
        name: list(cells) for name, cells in zip(names, zip(*LISTED, strict=True), strict=True)
    }
    columns["acceptanceDateTime"] = [f"{row[2]}T16:30:00.000Z" for row in LISTED]
    listing = {"cik": str(CIK), "name": "Apple Inc.", "fiscalYearEnd": "1231", "tickers": ["AAPL"], "formerNames": []}
    site.tell(LATEST, tagged(body_of({**listing, "filings": {"recent": columns, "files": []}})))
    site.tell(FACTS, tagged(body_of(company(CIK, {}, name="Apple Inc."))))
    year, quarter = LISTED[2][0], LISTED[0][0]
    site.tell(
        place(year, "FilingSummary.xml"), tagged(summary("year.htm", "ex13.htm", "aapl.xsd", "aapl_lab.xml", "R2.htm"))
    )
    site.tell(place(year, "year.htm"), tagged(document("5")))
    exhibit = page(figure("2", "us-gaap:NetIncomeLoss"), "").replace(cover(), "").encode()
    site.tell(place(year, "ex13.htm"), tagged(exhibit))
    site.tell(place(quarter, "FilingSummary.xml"), tagged(summary("q1-20250331.xml", "q1_cal.xml", "q1.xsd")))
    fact = '<us-gaap:Revenues contextRef="y" unitRef="usd" decimals="-6">7000000</us-gaap:Revenues>'
    text = instance(fact).replace("0000000009", f"{CIK:010d}").replace("2024-", "2023-")
    site.tell(place(quarter, "q1-20250331.xml"), tagged(text.encode()))


def test_reports_come_with_their_documents(site: Site, empty: Project) -> None:
    tell(site)
    declared = replace(empty, sec_user_agent=WHO)
    done = fetch(declared, ["AAPL"], policy=policy(site), filings="2")
    assert [one.added for one in done] == [0, 2, 1]
    with Warehouse(empty.warehouse) as warehouse:
        found = warehouse.sql(
            "select accession, form, concept, cast(value as bigint), cast(known_at as varchar) from fact order by all"
        ).fetchall()
    assert found == [
        ("0000320193-25-000001", "10-K", "us-gaap:NetIncomeLoss", 2_000_000, "2025-01-30 21:30:00+00"),
        ("0000320193-25-000001", "10-K", "us-gaap:Revenues", 5_000_000, "2025-01-30 21:30:00+00"),
        ("0000320193-25-000003", "10-K", "us-gaap:Revenues", 7_000_000, "2025-05-02 20:30:00+00"),
    ]
    again = fetch(declared, ["AAPL"], policy=policy(site), filings="2")
    assert [one.added for one in again] == [0, 0, 0]
    assert site.count(place(LISTED[1][0], "FilingSummary.xml")) == 0


@pytest.mark.parametrize(
    ("filings", "names"),
    [("1", ["q1-20250331.xml"]), ("2025-02-01", ["q1-20250331.xml"]), ("2025-01-01", [LISTED[2][0], "q1-20250331.xml"]),
     ("2026-01-01", [])],
)  # fmt: skip
def test_the_latest_or_those_since_a_day(site: Site, empty: Project, filings: str, names: list[str]) -> None:
    tell(site)
    paths = fetch_files(replace(empty, sec_user_agent=WHO), ["AAPL"], policy=policy(site), filings=filings)
    assert [path.name for path in paths[1:]] == names


AXIS, ROCKETS = "us-gaap:StatementBusinessSegmentsAxis", "acme:RocketsMember"
LABELS = (
    b'<link:linkbase xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xlink="http://www.w3.org/1999/xlink">'
    b'<link:labelLink xlink:type="extended"><link:loc xlink:href="acme-20241231.xsd#acme_RocketsMember" xlink:label="a"/>'
    b'<link:label xlink:label="b" xml:lang="en-US">Rockets &amp; Engines [Member]</link:label>'
    b'<link:labelArc xlink:from="a" xlink:to="b"/></link:labelLink></link:linkbase>'
)
SCHEMA = (
    b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:annotation>' + LABELS + b"</xs:annotation></xs:schema>"
)
NONE_HELD = b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>'


@pytest.mark.parametrize(
    ("files", "asked", "labels"),
    [
        (
            {"acme-20241231_lab.xml": LABELS, "acme-20241231.xsd": NONE_HELD},
            "acme-20241231_lab.xml",
            ["Rockets & Engines"],
        ),
        ({"acme-20241231.xsd": SCHEMA}, "acme-20241231.xsd", ["Rockets & Engines"]),
        ({"acme-20241231.xsd": NONE_HELD}, "acme-20241231.xsd", []),
        ({"acme-20241231_lab.xml": None}, "acme-20241231_lab.xml", []),
        ({}, "", []),
    ],
    ids=["linkbase", "schema", "schema without labels", "does not come", "not listed"],
)
def test_the_labels_of_a_filing_come_beside_it(
    site: Site, empty: Project, files: dict[str, bytes | None], asked: str, labels: list[str]
) -> None:
    tell(site)
    accession = LISTED[2][0]
    resources = WHOLE + CLOSE + USD + context("r", inside=member(AXIS, ROCKETS))
    body = figure("7") + figure("4", key="r", element="f2")
    text = page(body, resources).replace("0000000009", f"{CIK:010d}")
    site.tell(place(accession, "FilingSummary.xml"), tagged(summary("year.htm", *files)))
    site.tell(place(accession, "year.htm"), tagged(text.encode()))
    for name, data in files.items():
        site.tell(place(accession, name), tagged(data) if data else sends(404))
    said: list[str] = []
    declared = replace(empty, sec_user_agent=WHO)
    done = fetch(declared, ["AAPL"], said.append, policy=policy(site, attempts=1), filings="2025-01-01")
    assert done[1].added == 2
    with Warehouse(empty.warehouse) as warehouse:
        assert [row["label"] for row in warehouse.records("select label from segment_label")] == labels
    assert [name for name in files if site.count(place(accession, name))] == ([asked] if asked else [])
    assert any(line.startswith(f"{accession}: its labels do not come") for line in said) == (None in files.values())


def test_a_name_that_is_no_name_of_a_document_is_not_asked_for(site: Site, empty: Project) -> None:
    tell(site)
    site.tell(
        place(LISTED[0][0], "FilingSummary.xml"), tagged(summary("../../evil.htm", "/etc/x.htm", "q1-20250331.xml"))
    )
    paths = fetch_files(replace(empty, sec_user_agent=WHO), ["AAPL"], policy=policy(site), filings="1")
    assert [path.name for path in paths[1:]] == ["q1-20250331.xml"]


@pytest.mark.parametrize("reply", [sends(200, b"{}"), cut(document("5")), sends(404)], ids=["json", "cut off", "none"])
def test_a_document_that_does_not_come_is_an_error(site: Site, empty: Project, reply: object) -> None:
    tell(site)
    site.tell(place(LISTED[0][0], "q1-20250331.xml"), reply)  # type: ignore[arg-type]
    with pytest.raises((FetchError, NothingMatchedError), match="q1-20250331"):
        fetch_files(replace(empty, sec_user_agent=WHO), ["AAPL"], policy=policy(site, attempts=1), filings="1")
    folder = empty.sec_cache / "filings" / f"CIK{CIK:010d}" / LISTED[0][0]
    assert not (folder / "q1-20250331.xml").exists()


def test_what_is_wanted_is_a_number_or_a_day() -> None:
    assert read_wanted("4") == Wanted(4, None)
    assert read_wanted("2024-01-01") == Wanted(None, date(2024, 1, 1))
    for text in ("0", "-1", "many", "2024-13-01", "99999"):
        with pytest.raises(UsageError):
            read_wanted(text)
