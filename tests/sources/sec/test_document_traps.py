"""What documents of real filings contain beside plain numbers: each kind in a small document, read and not stored."""

from __future__ import annotations

import base64
import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from support.inline import (
    CIK,
    CLOSE,
    PER_SHARE,
    PURE,
    SHARES,
    USD,
    WHOLE,
    context,
    cover,
    figure,
    member,
    page,
    unit,
)
from tracker.model.entity import Entities
from tracker.sources.base import Request
from tracker.sources.sec.filing import FilingSource
from tracker.sources.sec.tagged import read_tagged

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.sources.sec.xbrl import Filed

RESOURCES = WHOLE + CLOSE + USD + SHARES + PER_SHARE + PURE


def read(body: str, resources: str = RESOURCES, hidden: str = "") -> Filed:
    return read_tagged(page(body, resources, hidden).encode())


def values(filed: Filed) -> list[tuple[str, Decimal | None, int | None]]:
    assert not filed.wrong
    return [(fact.concept.partition(":")[2], fact.value, fact.decimals) for fact in filed.facts]


FRACTION = (
    '<ix:fraction id="f" name="acme:Rate" contextRef="y" unitRef="pure"{more}>'
    '<ix:numerator{above}>{top}</ix:numerator> to <ix:denominator format="ixt-sec:numwordsen">two</ix:denominator></ix:fraction>'
)
#: What is printed, and the value with its decimals.
PRINTED = [
    ("a fraction with a sign and a scale", FRACTION.format(top="3", above=' sign="-" scale="2"', more=""), "-150", None),
    ("a fraction that is nil", FRACTION.format(top="", above="", more=' xsi:nil="true"'), None, None),
    ("a dash with a minus sign", figure("&#8212;", kind="ixt:fixed-zero", more='sign="-"'), "0", -6),
    ("words", figure("One hundred twenty-five thousand", kind="ixt-sec:numwordsen", scale="0", decimals="0"), "125000", 0),
    ("a percentage", figure("14.5", money="pure", scale="-2", decimals="3"), "0.145", 3),
    ("basis points", figure("25", money="pure", scale="-4", decimals="INF"), "0.0025", None),
    ("an amount per share", figure("2.46", money="each", scale="0", decimals="2"), "2.46", 2),
    ("a comment", figure("1<!-- 7 -->,234", scale="0", decimals="0"), "1234", 0),
    ("an instruction", figure("1<?x 7?>,234", scale="0", decimals="0"), "1234", 0),
    ("raw characters", figure("<![CDATA[1,234]]>", scale="0", decimals="0"), "1234", 0),
    ("a script within", figure("1<style>2</style>34", scale="0", decimals="0"), "1234", 0),
    ("no decimals", figure("4,004.4").replace(' decimals="-6"', ""), "4004400000", -5),
    ("no decimals of whole millions", figure("37").replace(' decimals="-6"', ""), "37000000", -6),
    ("blanks in attributes", figure("37", scale=" 6 ", decimals=" -6 "), "37000000", -6),
    ("zeros in front", figure("007", scale="06", decimals="-06"), "7000000", -6),
]  # fmt: skip


@pytest.mark.parametrize(("case", "body", "value", "decimals"), PRINTED, ids=[case for case, *_ in PRINTED])
def test_a_number_is_what_its_text_and_attributes_say(
    case: str, body: str, value: str | None, decimals: int | None
) -> None:
    ((_, found, digits),) = values(read(f"<p>{body}</p>"))
    assert (found, digits) == (None if value is None else Decimal(value), decimals), case


def test_text_that_is_excluded_is_no_part_of_a_fact() -> None:
    name = '<ix:nonNumeric name="dei:EntityRegistrantName" contextRef="y">Acme<ix:exclude> page 2 </ix:exclude> &amp; Sons</ix:nonNumeric>'
    text = page(f"<p>{name} {figure('1<ix:exclude>2</ix:exclude>34')}</p>", RESOURCES).replace(cover(), "")
    filed = read_tagged(text.encode())
    assert filed.cover["EntityRegistrantName"] == "Acme & Sons"
    assert ([fact.value for fact in filed.facts], [code for _, code, *_ in filed.wrong]) == ([], ["exclude"])


def test_facts_may_stand_before_the_header_that_defines_their_contexts() -> None:
    first, second = RESOURCES.replace(USD, ""), USD + context("q", ("2024-10-01", "2024-12-31"))
    more = f'<div style="display:none"><ix:header><ix:resources>{second}</ix:resources></ix:header></div>'
    filed = read(figure("5") + figure("6", key="q", element="f2") + more, first)
    assert {fact.context for fact in filed.facts} <= filed.contexts.keys()
    assert filed.units["usd"] == "USD"


def test_the_cover_of_another_report_does_not_count() -> None:
    other = '<ix:nonNumeric name="dei:DocumentType" contextRef="y" target="other">20-F</ix:nonNumeric>'
    assert read_tagged(page(other, RESOURCES).replace(cover(), "").encode()).cover == {}


@pytest.mark.parametrize(("prefix", "new"), [("ix", "i"), ("xbrli", "x"), ("us-gaap", "gaap"), ("ixt", "t")])
def test_prefixes_do_not_matter(prefix: str, new: str) -> None:
    text = re.sub(rf"(?<![\w.-]){prefix}(?=[:=])", new, page(figure("5"), RESOURCES))
    (fact,) = read_tagged(text.encode()).facts
    assert (fact.concept, fact.value, f"{prefix}:" in text) == ("us-gaap:Revenues", Decimal(5_000_000), False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2013/inlineXBRL", "2008/inlineXBRL"),
        ("fasb.org/us-gaap/2024", "xbrl.us/us-gaap/2009-01-31"),
        ("fasb.org/us-gaap/2024", "fasb.org/us-gaap/2026q2"),
        ("transformation/2020-02-12", "transformation/2022-02-16"),
    ],
)
def test_versions_do_not_matter(before: str, after: str) -> None:
    (fact,) = read_tagged(page(figure("5"), RESOURCES).replace(before, after).encode()).facts
    assert (fact.concept, fact.value) == ("us-gaap:Revenues", Decimal(5_000_000))


def test_a_namespace_may_be_declared_where_it_is_used() -> None:
    bare = (
        '<context xmlns="http://www.xbrl.org/2003/instance" id="d"><entity><identifier scheme="http://www.sec.gov/CIK">9</identifier>'
        "</entity><period><instant>2024-12-31</instant></period></context>"
        '<unit xmlns="http://www.xbrl.org/2003/instance" id="m" xmlns:c="http://www.xbrl.org/2003/iso4217"><measure>c:JPY</measure></unit>'
    )
    body = figure("5", "g:Assets", "d", money="m", more='xmlns:g="http://fasb.org/us-gaap/2025"')
    filed = read(body, RESOURCES + bare)
    assert [(fact.concept, filed.units[fact.unit]) for fact in filed.facts] == [("us-gaap:Assets", "JPY")]
    assert (filed.contexts["d"].identifier, filed.contexts["d"].dimensions) == ("9", None)


def test_classes_of_shares_are_parts_and_not_the_company() -> None:
    classes = "".join(
        context(name, inside=member("us-gaap:StatementClassOfStockAxis", f"us-gaap:CommonClass{name}Member"))
        for name in ("A", "B")
    )
    body = "".join(
        figure(text, "us-gaap:EarningsPerShareBasic", name, money="each", scale="0", decimals="2", element=name)
        for text, name in (("2.46", "A"), ("0.98", "B"))
    )
    filed = read(body, RESOURCES + classes)
    parts = [filed.contexts[fact.context].dimensions for fact in filed.facts]
    assert parts == [f"us-gaap:StatementClassOfStockAxis=us-gaap:CommonClass{name}Member" for name in ("A", "B")]


@pytest.mark.parametrize("size", [2_000, 12_000_000])
def test_pictures_and_fonts_within_the_page_do_not_stop_it(size: int) -> None:
    blob = base64.b64encode(bytes(size)).decode()
    style = f"<style>@font-face{{src:url(data:font/woff2;charset=utf-8;base64,{blob})}}</style>"
    filed = read(f'<p><img alt="" src="data:image/png;base64,{blob}"/>{style}Revenue {figure("5")}</p>')
    (fact,) = filed.facts
    assert (fact.value, filed.text[fact.start : fact.end], len(filed.text) < 100) == (Decimal(5_000_000), "5", True)


# -- on the way to facts -----------------------------------------------------------------------------------


def read_file(folder: Path, text: str, name: str = "a.htm") -> tuple[list[dict[str, object]], list[str]]:
    """The facts of a document and the codes of its problems."""
    (folder / name).write_text(text)
    (batch,) = FilingSource().read(Request(folder / name, name, Entities({})))
    return batch.facts.to_pylist(), [problem.code for problem in batch.problems]


@pytest.mark.parametrize("identifier", ["9", "0000000009", "000000000000009"])
def test_zeros_before_a_cik_do_not_matter(tmp_path: Path, identifier: str) -> None:
    rows, _ = read_file(tmp_path, page(figure("5"), context("y", company=(CIK[0], identifier)) + USD))
    assert [row["entity"] for row in rows] == ["cik0000000009"]


@pytest.mark.parametrize("above", ["iso4217:usd", "acme:usd"])
def test_a_currency_in_lower_case_is_refused_where_it_claims_to_be_one(tmp_path: Path, above: str) -> None:
    text = page(figure("5", money="low"), WHOLE + unit("low", [above], ["xbrli:shares"]))
    rows, codes = read_file(tmp_path, text)
    assert (len(rows), codes) == ((0, ["unit"]) if above.startswith("iso") else (1, []))


@pytest.mark.parametrize(
    ("form", "amendment", "stored"),
    [("10-KT", "false", "10-KT"), ("10-K/A", "true", "10-K/A"), ("10-K", "true", "10-K/A"), ("20-F", "false", "20-F")],
)
def test_the_form_is_that_of_the_cover(tmp_path: Path, form: str, amendment: str, stored: str) -> None:
    rows, _ = read_file(tmp_path, page(figure("5")).replace(cover(), cover(form, amendment=amendment)))
    assert [row["form"] for row in rows] == [stored]


@pytest.mark.parametrize(
    ("kind", "text", "form"),
    [
        ("ixt-sec:boolballotbox", "&#9746;", "10-K/A"),
        ("ixt-sec:boolballotbox", "&#9744;", "10-K"),
        ("ixt:fixed-true", "Amendment No. 1", "10-K/A"),
        ("ixt:fixed-false", "", "10-K"),
    ],
)
def test_an_amendment_may_be_marked_in_a_box(tmp_path: Path, kind: str, text: str, form: str) -> None:
    flag = f'<ix:nonNumeric name="dei:AmendmentFlag" contextRef="y" format="{kind}">{text}</ix:nonNumeric>'
    plain = '<ix:nonNumeric name="dei:AmendmentFlag" contextRef="y">false</ix:nonNumeric>'
    rows, _ = read_file(tmp_path, page(figure("5")).replace(plain, flag))
    assert [row["form"] for row in rows] == [form]


def test_a_page_that_shares_no_schema_is_not_read_for_its_contexts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of many filings, and one fact whose context is nowhere: the others are not parsed."""
    for number in range(5):
        (tmp_path / f"other-{number}.htm").write_text(page(figure("5")).replace("acme-2024", f"other{number}-2024"))
    parsed: list[bytes] = []

    def parse(data: bytes) -> Filed:
        parsed.append(data)
        return read_tagged(data)

    monkeypatch.setattr("tracker.sources.sec.filing_files.read_tagged", parse)
    _, codes = read_file(tmp_path, page(figure("5", key="nowhere") + figure("6", element="f2")))
    assert (codes, len(parsed)) == (["unresolved"], 1)
