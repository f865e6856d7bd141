"""An instance that is read child by child says what it says event by event, however odd it is."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from support.inline import CLOSE, PER_SHARE, PURE, REALITY, SHARES, USD, WHOLE, context, instance, member, unit
from support.project import often
from tracker.errors import DocumentError
from tracker.sources.sec import tagged
from tracker.sources.sec.tagged import read_tagged

if TYPE_CHECKING:
    from collections.abc import Callable

#: Children of the root that are not what most are: where the two ways of reading could part.
ODD = [
    '<us-gaap:Assets contextRef="e" unitRef="usd" decimals="-6"> 7000000\n </us-gaap:Assets>',
    '<us-gaap:Assets contextRef="e" unitRef="usd" decimals="-6">7<!-- a note -->000</us-gaap:Assets>',
    '<us-gaap:Assets contextRef="e" unitRef="usd" decimals="-6">7<b>000</b></us-gaap:Assets>',
    '<us-gaap:Assets contextRef="e" unitRef="usd" decimals="-6"><![CDATA[7000]]></us-gaap:Assets>',
    '<us-gaap:Assets contextRef="e" unitRef="usd" xsi:nil="true"/>',
    '<us-gaap:Assets contextRef="" unitRef="usd" decimals="0">7</us-gaap:Assets>',
    '<us-gaap:Assets contextRef="e" unitRef="" decimals="0">7</us-gaap:Assets>',
    '<us-gaap:Assets contextRef="e" decimals="0">7</us-gaap:Assets>',
    '<us-gaap:Assets unitRef="usd" decimals="0">7</us-gaap:Assets>',
    '<us-gaap:Assets contextRef="e" unitRef="usd" precision="2">7654</us-gaap:Assets>',
    '<us-gaap:Assets contextRef="e" unitRef="usd" decimals="many">7654</us-gaap:Assets>',
    '<us-gaap:Assets contextRef="e" unitRef="usd" decimals=" INF ">7.50E3</us-gaap:Assets>',
    '<us-gaap:Assets contextRef="e" unitRef="usd" decimals="-6" tupleRef="t">7</us-gaap:Assets>',
    '<us-gaap:Assets contextRef="e" unitRef="usd" decimals="0" target="b">7</us-gaap:Assets>',
    '<us-gaap:Rate contextRef="y" unitRef="pure"><numerator>1</numerator><denominator>4</denominator></us-gaap:Rate>',
    '<acme:Group><us-gaap:Assets contextRef="e" unitRef="usd" decimals="0">7</us-gaap:Assets></acme:Group>',
    '<own:Boats xmlns:own="http://own.example" contextRef="e" unitRef="usd" decimals="0">7</own:Boats>',
    '<us-gaap:Boats xmlns:us-gaap="http://own.example" contextRef="e" unitRef="usd" decimals="0">7</us-gaap:Boats>',
    '<Bare xmlns="" contextRef="e" unitRef="usd" decimals="0">7</Bare>',
    '<us-gaap:PolicyTextBlock contextRef="y">&lt;p xmlns="x"&gt;A page &amp;amp; more&lt;/p&gt;</us-gaap:PolicyTextBlock>',
    '<dei:DocumentType contextRef="y">10-Q</dei:DocumentType>',
    '<dei:EntityRegistrantName contextRef="y">Acme\n  Works</dei:EntityRegistrantName>',
    '<link:schemaRef xlink:type="simple" xlink:href="acme-20241231.xsd"/>',
    '<link:footnoteLink><link:footnote>Words of <i xmlns="http://www.w3.org/1999/xhtml">a note</i></link:footnote></link:footnoteLink>',
    "Words between",
    "&#160;",
    "<?an instruction?>",
    context("odd", inside='<acme:Old xmlns:acme="http://www.acme.example/1">north</acme:Old>'),
    context("odd", inside='<xbrldi:typedMember dimension="acme:A"><acme:B>b<acme:C xsi:nil="1"/></acme:B>c</xbrldi:typedMember>'),
    context("odd", inside=member("o:Axis", "o:Member").replace("<xbrldi:explicitMember", '<xbrldi:explicitMember xmlns:o="http://o.example"', 1)),
    context("odd", inside=member("acme:A", "acme:B") + member("acme:A", "acme:C")),
    context("odd", inside=member("acme:A", "nobody:B")),
    context("odd", (None, "never")),
    context("odd").replace("startDate", "endDate"),
    "<xbrli:context/>",
    unit("odd", ["acme:Boats"], ["iso4217:EUR", "acme:Days"]),
    unit("odd", ["nobody:Boats"]),
    '<us-gaap:Assets contextRef="odd" unitRef="odd" decimals="0">7</us-gaap:Assets>',
    "<acme:Deep>" * 252 + "</acme:Deep>" * 252,
]  # fmt: skip
RESOURCES = WHOLE + CLOSE + REALITY + USD + SHARES + PER_SHARE + PURE


def outcome(data: bytes) -> Any:
    try:
        return read_tagged(data)
    except DocumentError as error:
        return str(error)


@pytest.fixture
def read_both(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Read an instance in both ways, and return what they agree on."""

    def read(text: str) -> Any:
        data = text.encode()
        assert tagged._read_children(data) is not None  # noqa: SLF001 - else both ways are one
        child_by_child = outcome(data)
        with monkeypatch.context() as patch:
            patch.setattr(tagged, "is_instance", lambda _: False)
            event_by_event = outcome(data)
        assert child_by_child == event_by_event
        return child_by_child

    return read


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("size", [1 << 16, 7])
def test_an_odd_child_is_read_as_its_events(
    read_both: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, odd: str, size: int
) -> None:
    for module in ("instance", "tagged"):
        monkeypatch.setattr(f"tracker.sources.sec.{module}.PIECE", size)
    plain = '<us-gaap:Revenues id="f" contextRef="y" unitRef="usd" decimals="-6">5000000</us-gaap:Revenues>'
    found = read_both(instance(f"{plain}\n{odd} {odd}\n{plain}", RESOURCES))
    assert isinstance(found, str) or len(found.facts) >= 2


def test_many_odd_children_are_read_as_their_events(read_both: Callable[[str], Any]) -> None:
    for number in range(often(150, 3000)):
        chance = random.Random(number)
        chosen = chance.choices(ODD[:-1], k=chance.randint(1, 12))
        read_both(instance(chance.choice(("", "\n", " ")).join(chosen), RESOURCES))


def test_a_root_in_another_element_is_no_instance() -> None:
    text = instance("", RESOURCES)
    begin = text.index("<xbrli:xbrl") if "<xbrli:xbrl" in text else text.index("<xbrl")
    wrapped = f"<a>{text[begin:]}</a>".encode()
    assert tagged._read_children(wrapped) is None  # noqa: SLF001 - it is left to the other way
