"""What is tagged in a document: facts, contexts, units, and what is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from support.inline import (
    CIK,
    CLOSE,
    NAMESPACES,
    PURE,
    REALITY,
    SHARES,
    USD,
    WHOLE,
    context,
    figure,
    instance,
    member,
    page,
    unit,
)
from tracker.errors import DocumentError
from tracker.sources.sec.markup import is_inline, is_instance
from tracker.sources.sec.tagged import read_tagged
from tracker.sources.sec.xbrl import canonical_name, classify_duplicates, read_period

if TYPE_CHECKING:
    from tracker.sources.sec.xbrl import Filed, TaggedFact


def read(body: str, resources: str | None = None, hidden: str = "") -> Filed:
    return read_tagged((page(body, hidden=hidden) if resources is None else page(body, resources, hidden)).encode())


def only(filed: Filed) -> TaggedFact:
    assert not filed.wrong, filed.wrong
    (fact,) = filed.facts
    assert filed.text[fact.start : fact.end] == fact.printed
    return fact


# -- values --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "value", "decimals"),
    [
        (figure("37,256"), 37_256_000_000, -6),
        (figure("37,256", more='sign="-"'), -37_256_000_000, -6),
        (figure("0", more='sign="-"'), 0, -6),
        (figure("2.46", decimals="2", scale="0"), "2.46", 2),
        (figure("24.3", decimals="INF", scale="9"), 24_300_000_000, None),
        (figure("14.5", decimals="4", scale="-2", money="pure"), "0.145", 4),
        (figure("two", kind="ixt-sec:numwordsen", scale="0", decimals="INF"), 2, None),
        (figure("no", kind="ixt-sec:numwordsen", scale="3", decimals="-3"), 0, -3),
        (figure("&#8212;", kind="ixt:zerodash"), 0, -6),
        (figure("&mdash;", kind="ixt:fixed-zero"), 0, -6),
        (figure("1.234,5", kind="ixt:num-comma-decimal", scale="3", decimals="-2"), 1_234_500, -2),
        (figure("<span>37</span>,<b>256</b>"), 37_256_000_000, -6),
        (figure("37,256 <!-- note -->"), 37_256_000_000, -6),
        (figure("1234", kind=None, scale="0", decimals="0"), 1234, 0),
        (figure("1234", kind=None, scale="0", decimals="0").replace(' decimals="0"', ' precision="3"'), 1234, -1),
        (figure("12.5", scale="0").replace(' decimals="-6"', ""), "12.5", 1),
    ],
)
def test_a_printed_number_has_its_scale_and_sign(body: str, value: int | str, decimals: int | None) -> None:
    fact = only(read(f"<p>Revenue {body} million</p>"))
    assert (fact.value, fact.decimals) == (Decimal(value), decimals)


def test_nil_has_no_value() -> None:
    fact = only(read(figure("", more='xsi:nil="true"').replace(' decimals="-6"', "").replace(' scale="6"', "")))
    assert (fact.value, fact.decimals, fact.printed) == (None, None, "")


def test_a_fraction_is_divided() -> None:
    parts = "<ix:numerator>1</ix:numerator>/<ix:denominator>8</ix:denominator>"
    fact = only(read(f'<ix:fraction id="f" name="acme:Rate" contextRef="y" unitRef="pure">{parts}</ix:fraction>'))
    assert (fact.value, fact.printed) == (Decimal("0.125"), "1/ 8")


def test_tags_in_one_another_tag_the_same_number() -> None:
    inner = figure("12", "us-gaap:Revenues", element="inner")
    filed = read(f"<p>{figure(inner, 'us-gaap:SalesRevenueNet', element='outer')}</p>")
    assert {(fact.element, fact.value) for fact in filed.facts} == {
        ("inner", Decimal(12_000_000)),
        ("outer", Decimal(12_000_000)),
    }


def test_a_number_in_a_continued_note_counts_once() -> None:
    note = (
        '<ix:nonNumeric name="us-gaap:DebtTextBlock" contextRef="y" continuedAt="n2">Notes of</ix:nonNumeric>'
        f'<p>between</p><ix:continuation id="n2">{figure("7")} million</ix:continuation>'
    )
    assert only(read(note)).value == 7_000_000


def test_hidden_facts_are_facts() -> None:
    fact = only(read("<p>None</p>", hidden=figure("5", element="h")))
    assert (fact.is_hidden, fact.value, fact.printed) == (True, Decimal(5_000_000), "5")


def test_a_span_counts_in_the_text_of_the_page() -> None:
    rows = f"<table><tr><td>Revenue</td><td>{figure('37,256')}</td></tr><tr><td>Costs</td><td>9</td></tr></table>"
    filed = read(rows)
    assert "Revenue 37,256 \nCosts 9" in filed.text
    assert only(filed).printed == "37,256"


DIVIDED_BY_ZERO = (
    '<ix:fraction name="acme:Rate" contextRef="y" unitRef="pure"><ix:numerator>1</ix:numerator>'
    "<ix:denominator>0</ix:denominator></ix:fraction>"
)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (figure("(5)"), "number"),
        (figure("5", kind="ixt:unheard-of"), "number"),
        (figure("5", kind="nowhere:num-dot-decimal"), "number"),
        (figure("5", scale="999"), "number"),
        (figure("5", scale="x"), "number"),
        (figure("5", decimals="many"), "number"),
        (figure("5", decimals="99999999999"), "number"),
        (figure("5", more='sign="+"'), "number"),
        (figure("9" * 40), "number"),
        (figure("5", name="nowhere:Revenues"), "name"),
        (figure("5", more='target="other"'), "target"),
        (figure("5").replace(' unitRef="usd"', ""), "reference"),
        (f'<ix:tuple name="acme:T" tupleID="t">{figure("5")}</ix:tuple>', "tuple"),
        (figure("5", more='tupleRef="t"'), "tuple"),
        (DIVIDED_BY_ZERO, "number"),
    ],
)
def test_what_cannot_be_read_is_a_problem(body: str, code: str) -> None:
    filed = read(body)
    assert not filed.facts
    assert [found[1] for found in filed.wrong] == [code]


# -- contexts and units --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("2024-01-01", "2024-12-31", date(2024, 1, 1), date(2024, 12, 31)),
        (None, "2024-12-31", None, date(2024, 12, 31)),
        ("2024-01-01T00:00:00", "2025-01-01T00:00:00", date(2024, 1, 1), date(2024, 12, 31)),
        (None, "2024-12-31T24:00:00", None, date(2024, 12, 31)),
        (None, "2025-01-01T00:00:00Z", None, date(2024, 12, 31)),
        ("2024-01-01Z", "2024-12-31+01:00", date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_a_day_as_an_end_means_its_last_moment(start: str | None, end: str, first: date | None, last: date) -> None:
    period = read_period(start, end)
    assert (period.start, period.end) == (first, last)


@pytest.mark.parametrize("end", ["2024-13-01", "2024-12-31T12:00:00", "yesterday", "", "2023-01-01"])
def test_what_is_no_period_is_none(end: str) -> None:
    with pytest.raises(ValueError, match=r"day|ends"):
        read_period("2024-01-01", end)


def test_dimensions_are_sorted_pairs_wherever_they_stand() -> None:
    typed = '<xbrldi:typedMember dimension="acme:LoanAxis"><acme:Loan> a;b </acme:Loan></xbrldi:typedMember>'
    inside = member("us-gaap:StatementBusinessSegmentsAxis", "acme:RocketsMember") + typed
    scenario = member("srt:RangeAxis", "srt:MaximumMember").replace("srt:", "us-gaap:")
    key = context("s", inside=inside, scenario=scenario)
    filed = read(figure("5", key="s"), WHOLE + key + USD)
    assert filed.contexts["s"].dimensions == (
        "acme:LoanAxis=a%3Bb;us-gaap:RangeAxis=us-gaap:MaximumMember;"
        "us-gaap:StatementBusinessSegmentsAxis=acme:RocketsMember"
    )
    assert filed.contexts["y"].dimensions is None


def test_what_a_segment_holds_beside_dimensions_is_no_whole_company() -> None:
    filed = read(figure("5", key="s"), WHOLE + context("s", inside="<acme:Region>North</acme:Region>") + USD)
    assert filed.contexts["s"].dimensions == "20241231:Region=North"


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (unit("u"), "USD"),
        (unit("u", ["xbrli:shares"]), "shares"),
        (unit("u", ["iso4217:USD"], ["xbrli:shares"]), "USD/shares"),
        (unit("u", ["acme:Segment"]), "Segment"),
        (unit("u", ["acme:USD"]), "acme:USD"),
        (unit("u", ["acme:shares"]), "acme:shares"),
        (unit("u", ["iso4217:BTC"]), "iso4217:BTC"),
        (unit("u", ["iso4217:USD", "acme:Mile"]), "Mile * USD"),
    ],
)
def test_units_have_the_names_of_company_facts(made: str, name: str) -> None:
    assert read(figure("5", money="u"), WHOLE + made).units["u"] == name


@pytest.mark.parametrize(
    "broken",
    [
        context("y", ("2024-12-31", "2024-01-01")),
        context("y", company=(CIK[0], "")),
        context("y", inside=member("nowhere:Axis", "acme:M")),
        context("y", inside=member("acme:Axis", "acme:M") + member("acme:Axis", "acme:N")),
        WHOLE + context("y", ("2023-01-01", "2023-12-31")),
        WHOLE.replace("2024-12-31", "end"),
    ],
)
def test_a_broken_context_is_a_problem_and_no_context(broken: str) -> None:
    filed = read(figure("5"), broken + USD)
    assert "y" not in filed.contexts
    assert "context" in [code for _, code, *_ in filed.wrong]


@pytest.mark.parametrize(
    ("namespace", "prefix", "name"),
    [
        ("http://fasb.org/us-gaap/2024", "gaap", "us-gaap:X"),
        ("http://xbrl.us/us-gaap/2009-01-31", "us-gaap", "us-gaap:X"),
        ("https://xbrl.ifrs.org/taxonomy/2023-03-23/ifrs-full", "i", "ifrs-full:X"),
        ("http://xbrl.ifrs.org/taxonomy/2014-03-05/ifrs-full", "i", "ifrs-full:X"),
        ("http://www.acme.example/2024", "acme", "acme:X"),
        ("http://www.acme.example/2024", "us-gaap", "other-us-gaap:X"),
        ("http://www.acme.example/2024", None, "own:X"),
    ],
)
def test_a_name_has_the_prefix_of_its_namespace(namespace: str, prefix: str | None, name: str) -> None:
    assert canonical_name(namespace, prefix, "X") == name


# -- instances -----------------------------------------------------------------------------------------


def test_an_instance_states_values_as_they_are() -> None:
    facts = (
        '<us-gaap:Revenues contextRef="y" unitRef="usd" decimals="-6">-5000000</us-gaap:Revenues>'
        '<us-gaap:Assets contextRef="e" unitRef="usd" xsi:nil="true"/>'
        '<acme:Rate contextRef="y" unitRef="pure" decimals="INF">1.5E-2</acme:Rate>'
        '<acme:Tuple><us-gaap:Revenues contextRef="y" unitRef="usd" decimals="0">1</us-gaap:Revenues></acme:Tuple>'
    )
    filed = read_tagged(instance(facts).encode())
    assert [(fact.concept, fact.value, fact.decimals) for fact in filed.facts] == [
        ("us-gaap:Revenues", Decimal(-5_000_000), -6),
        ("us-gaap:Assets", None, None),
        ("acme:Rate", Decimal("0.015"), None),
    ]
    assert [code for _, code, *_ in filed.wrong] == ["tuple"]
    assert not filed.is_inline


def test_a_document_is_known_by_its_namespaces() -> None:
    written = page(figure("5")).encode()
    assert (is_inline(written), is_instance(written)) == (True, False)
    assert is_instance(instance("").encode())
    quoted = f"<html><body><pre>&lt;html {NAMESPACES}&gt;</pre></body></html>"
    assert not is_inline(quoted.encode())


# -- what is refused as a whole ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        page(figure("5"))[:-40],
        "<!DOCTYPE html [<!ENTITY a 'b'>]>" + page("&a;").partition("?>")[2],
        "<!DOCTYPE html SYSTEM \"x.dtd\" [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]><html/>",
        page("<p>" * 300 + "</p>" * 300),
        page("&nosuch;"),
        "no XML at all",
        "",
        "{}",
    ],
    ids=["cut", "entity", "outer entity", "deep", "unknown entity", "text", "empty", "json"],
)
def test_a_document_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(DocumentError):
        read_tagged(text.encode())


def test_letters_that_html_names_are_letters() -> None:
    assert only(read(f"<p>Caf&eacute;&nbsp;{figure('5')}</p>")).value == 5_000_000


def test_a_document_in_utf16_is_read() -> None:
    written = page(figure("5")).replace("UTF-8", "UTF-16").encode("utf-16")
    assert only(read_tagged(written)).value == 5_000_000


# -- duplicates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "kind"),
    [
        ([("1,234", "-6")], "complete"),
        ([("1,234", "-6"), ("1,234", "-6")], "complete"),
        ([("1,234", "-6"), ("1,200", "-8")], "consistent"),
        ([("1,234", "-6"), ("1,234", "-8")], "consistent"),
        ([("1,234", "INF"), ("1,234", "-6")], "consistent"),
        ([("1,234", "-6"), ("1,235", "-6")], "consistent"),  # both may be 1,234.5
        ([("1,234", "-6"), ("1,236", "-6")], "inconsistent"),
        ([("1,234", "-6"), ("1,300", "-8")], "inconsistent"),
        ([("1,234", "INF"), ("1,235", "INF")], "inconsistent"),
    ],
)
def test_duplicates_are_classed(figures: list[tuple[str, str]], kind: str) -> None:
    body = "".join(figure(text, decimals=decimals, element=f"f{n}") for n, (text, decimals) in enumerate(figures))
    assert classify_duplicates(read(body).facts) == kind


def test_resources_of_the_helpers_are_whole() -> None:
    assert {"y", "e", "s"} == read("", WHOLE + CLOSE + REALITY + USD + SHARES + PURE).contexts.keys()
