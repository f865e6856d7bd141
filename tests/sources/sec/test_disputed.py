"""Figures that one filing prints in ways that cannot be one: no figure, but both values with their evidence."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.inline import CLOSE, REALITY, USD, WHOLE, context, cover, figure, member, page
from support.project import init_at, worked_out
from tracker.explain.tree import explain_figure
from tracker.model.metric import load_metrics
from tracker.pipeline.check import check
from tracker.pipeline.ingest import ingest
from tracker.project import load_project
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracker.project import Project

ACCESSION = "0000000009-25-000001"
#: What two elements print of a metric, with decimals and more attributes, and whether they may be one figure.
PRINTS: dict[str, tuple[tuple[str, str, str], tuple[str, str, str], bool]] = {
    "revenue": (("7", "-6", ""), ("9", "-6", ""), False),
    "net_income": (("7", "-6", ""), ("7.4", "-5", ""), True),
    "operating_income": (("7", "-6", ""), ("7.6", "-5", ""), False),
    "gross_profit": (("7", "-6", ""), ("8", "-6", ""), True),  # the intervals meet at 7.5
    "r_and_d": (("7", "INF", ""), ("8", "-6", ""), False),
    "income_tax": (("7", "-6", ""), ("7", "-6", 'sign="-"'), False),
    "operating_cash_flow": (("7", "-6", ""), ("", "-6", 'xsi:nil="true"'), False),
    "share_repurchases": (("", "-6", 'xsi:nil="true"'), ("", "-6", 'xsi:nil="true"'), True),
}


@pytest.fixture
def store(tmp_path: Path) -> Callable[..., Warehouse]:
    """Ingest a filing of several documents, and open the warehouse."""

    def write(*bodies: str) -> Warehouse:
        project = init_at(tmp_path / "p", [])
        folder = tmp_path / ACCESSION
        folder.mkdir()
        for number, body in enumerate(bodies):
            text = page(body, WHOLE + CLOSE + REALITY + USD) if not number else page(body, "").replace(cover(), "")
            (folder / f"d{number}.htm").write_text(text)
        ingest(project, [folder], accession=ACCESSION)
        return worked_out(project.warehouse)

    return write


def tag(print_: tuple[str, str, str], element: str, **more: Any) -> str:
    printed, decimals, attributes = print_
    return f"<p>{figure(printed, decimals=decimals, element=element, more=attributes, **more)}</p>"


def conflicts(warehouse: Warehouse, columns: str) -> list[tuple[Any, ...]]:
    query = f"select {columns} from conflict where kind = 'print' order by other_element"
    return [tuple(row.values()) for row in warehouse.records(query)]


@pytest.mark.parametrize("is_apart", [False, True], ids=["one document", "two documents"])
def test_prints_that_cannot_be_one_are_conflicts_and_no_version(
    store: Callable[..., Warehouse], *, is_apart: bool
) -> None:
    names = {one.metric: one.concept for one in reversed(load_metrics(None).tags) if one.concept.startswith("us-gaap:")}
    firsts = "".join(tag(one, f"{metric}-0", name=names[metric]) for metric, (one, _, _) in PRINTS.items())
    others = "".join(tag(one, f"{metric}-1", name=names[metric]) for metric, (_, one, _) in PRINTS.items())
    with store(*([firsts, others] if is_apart else [firsts + others])) as warehouse:
        found = conflicts(warehouse, "metric, element, quote, other_element, other_quote, accession, fiscal_period")
        versions = {row["concept"] for row in warehouse.records("select distinct concept from version")}
        shown = {row["metric"] for row in warehouse.records("select metric from figure where value is not null")}
    prints = {(one[0], frozenset({one[1:3], one[3:5]}), *one[5:]) for one in found}
    assert prints == {
        (metric, frozenset({(f"{metric}-0", first[0]), (f"{metric}-1", other[0])}), ACCESSION, "FY2024")
        for metric, (first, other, is_one) in PRINTS.items()
        if not is_one
    }
    stated = {metric for metric, (first, _, is_one) in PRINTS.items() if is_one and first[0]}
    assert versions == {names[metric] for metric in stated}
    assert shown & {*PRINTS} == stated


def test_three_prints_are_two_conflicts_with_the_first(store: Callable[..., Warehouse]) -> None:
    with store("".join(tag((text, "-6", ""), f"f{n}") for n, text in enumerate(("7", "9", "12")))) as warehouse:
        assert conflicts(warehouse, "value / 1e6, other_value / 1e6, round(other_ratio, 3)") == [
            (7.0, 9.0, 0.286),
            (7.0, 12.0, 0.714),
        ]


def test_a_concept_without_a_metric_and_a_day_are_shown_too(store: Callable[..., Warehouse]) -> None:
    body = tag(("7", "-6", ""), "f1", name="acme:Boats", key="e") + tag(
        ("9", "-6", ""), "f2", name="acme:Boats", key="e"
    )
    with store(body) as warehouse:
        assert conflicts(warehouse, "metric, definition, period_start, value, other_value") == [
            (None, "acme:Boats", None, Decimal(7_000_000), Decimal(9_000_000))
        ]


SEGMENTS, PRODUCTS, REGIONS = (
    "us-gaap:StatementBusinessSegmentsAxis",
    "srt:ProductOrServiceAxis",
    "srt:StatementGeographicalAxis",
)
#: Parts of a company by the ids of their contexts: pairs of axis and member, and the role of the part.
PARTS: dict[str, tuple[list[tuple[str, str]], str]] = {
    "segment": ([(SEGMENTS, "acme:RocketsMember")], "member"),
    "product": ([(PRODUCTS, "us-gaap:ServiceMember")], "member"),
    "region": ([(REGIONS, "country:NO")], "member"),
    "cross": ([(SEGMENTS, "acme:RocketsMember"), (REGIONS, "country:NO")], "cross"),
}
AT_PARTS = "".join(context(key, inside="".join(member(*pair) for pair in pairs)) for key, (pairs, _) in PARTS.items())
OPENED = 'xmlns:srt="http://fasb.org/srt/2024" xmlns:country="http://xbrl.sec.gov/country/2024"'


def store_parts(folder: Path, body: str) -> Project:
    """Ingest a filing with figures of these parts."""
    project = init_at(folder / "p", [])
    path = folder / f"{ACCESSION}.htm"
    text = page(body, WHOLE + CLOSE + REALITY + USD + AT_PARTS)
    path.write_text(text.replace("xmlns:ix=", f"{OPENED} xmlns:ix=", 1))
    ingest(project, [path], accession=ACCESSION)
    return project


@pytest.mark.parametrize("key", PARTS)
def test_two_prints_of_one_part_are_a_conflict_with_its_axis_and_member(tmp_path: Path, key: str) -> None:
    apart = tag(("7", "-6", ""), "f1", key=key) + tag(("9", "-6", ""), "f2", key=key)
    alike = tag(("5", "-6", ""), "f3", key=key, name="us-gaap:OperatingIncomeLoss") + tag(
        ("5.2", "-5", ""), "f4", key=key, name="us-gaap:OperatingIncomeLoss"
    )
    project = store_parts(tmp_path, tag(("16", "-6", ""), "f0") + apart + alike)
    pairs, role = PARTS[key]
    in_order = sorted(pairs)
    with Warehouse(project.warehouse) as warehouse:
        (found,) = warehouse.records("select * from segment_conflict")
        shown = {row["metric"]: row["value"] for row in warehouse.records("select metric, value from segment_annual")}
        whole = list(warehouse.records("select value from annual where metric = 'revenue' and value is not null"))
        assert list(warehouse.records("select * from conflict")) == []
    assert (found["axis"], found["member"], found["role"]) == (
        ";".join(axis for axis, _ in in_order),
        ";".join(name for _, name in in_order),
        role,
    )
    assert (found["metric"], found["fiscal_period"], found["accession"]) == ("revenue", "FY2024", ACCESSION)
    assert {(found["element"], found["quote"]), (found["other_element"], found["other_quote"])} == {
        ("f1", "7"),
        ("f2", "9"),
    }
    assert shown.get("revenue") is None  # neither is chosen
    assert shown["operating_income"] == Decimal(5_200_000)  # two roundings of one value are no conflict
    assert [row["value"] for row in whole] == [Decimal(16_000_000)]
    (finding,) = check(load_project(project.root), ["disputed_segment"]).findings
    assert (finding.state, finding.severity) == ("warn", "warning")
    assert f"us-gaap:Revenues of {found['member']} ({found['axis']}) to 2024-12-31 as 7,000,000 USD" in finding.message


def test_prints_of_two_parts_or_of_two_filings_are_no_conflict(tmp_path: Path) -> None:
    body = "".join(tag((str(at), "-6", ""), f"f{at}", key=key) for at, key in enumerate(PARTS, 1))
    project = store_parts(tmp_path, body)
    later = tmp_path / "0000000009-25-000002.htm"
    text = (tmp_path / f"{ACCESSION}.htm").read_text()
    later.write_text(text.replace(">1</ix:", ">8</ix:"))
    ingest(project, [later])
    with Warehouse(project.warehouse) as warehouse:
        assert list(warehouse.records("select * from segment_conflict")) == []
        assert len({row["dimensions"] for row in warehouse.records("select dimensions from segment_known")}) == 4
    assert check(load_project(project.root), ["disputed_segment"]).findings[0].state == "pass"


def test_parts_of_the_company_are_not_prints_of_the_whole(store: Callable[..., Warehouse]) -> None:
    with store(tag(("7", "-6", ""), "f1") + tag(("3", "-6", ""), "f2", key="s")) as warehouse:
        assert conflicts(warehouse, "element") == []


def test_the_check_and_the_explanation_name_both_prints(store: Callable[..., Warehouse], tmp_path: Path) -> None:
    with store(tag(("7", "-6", ""), "f1") + tag(("9", "-6", ""), "f2")) as warehouse:
        explained = "\n".join(explain_figure(warehouse, "cik0000000009", "revenue", "FY2024", lambda _: {}).lines())
    assert f"{ACCESSION} tags us-gaap:Revenues as 7,000,000 USD (element f1, printed as 7) and as" in explained
    assert "9,000,000 USD (element f2, printed as 9)" in explained
    (finding,) = check(load_project(tmp_path / "p"), ["disputed_print"]).findings
    assert (finding.state, finding.severity) == ("warn", "warning")
    assert "(element f1, printed as 7) and as 9,000,000 (element f2, printed as 9)" in finding.message
