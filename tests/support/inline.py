"""Documents of filings of our own making: inline XBRL and instances, small enough to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMESPACES = (
    'xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL" '
    'xmlns:ixt="http://www.xbrl.org/inlineXBRL/transformation/2020-02-12" '
    'xmlns:ixt-sec="http://www.sec.gov/inlineXBRL/transformation/2015-08-31" '
    'xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:xbrldi="http://xbrl.org/2006/xbrldi" '
    'xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:iso4217="http://www.xbrl.org/2003/iso4217" '
    'xmlns:us-gaap="http://fasb.org/us-gaap/2024" xmlns:dei="http://xbrl.sec.gov/dei/2024" '
    'xmlns:acme="http://www.acme.example/20241231"'
)
CIK = ("http://www.sec.gov/CIK", "0000000009")
YEAR = ("2024-01-01", "2024-12-31")


def context(
    key: str,
    days: tuple[str | None, str] = YEAR,
    inside: str = "",
    *,
    company: tuple[str, str] = CIK,
    scenario: str = "",
) -> str:
    """A context of these days; `inside` stands in its segment."""
    start, end = days
    period = (
        f"<xbrli:instant>{end}</xbrli:instant>"
        if start is None
        else f"<xbrli:startDate>{start}</xbrli:startDate><xbrli:endDate>{end}</xbrli:endDate>"
    )
    segment = f"<xbrli:segment>{inside}</xbrli:segment>" if inside else ""
    return (
        f'<xbrli:context id="{key}"><xbrli:entity><xbrli:identifier scheme="{company[0]}">{company[1]}'
        f"</xbrli:identifier>{segment}</xbrli:entity><xbrli:period>{period}</xbrli:period>"
        + (f"<xbrli:scenario>{scenario}</xbrli:scenario>" if scenario else "")
        + "</xbrli:context>"
    )


def member(axis: str, name: str) -> str:
    return f'<xbrldi:explicitMember dimension="{axis}">{name}</xbrldi:explicitMember>'


def unit(key: str, above: Iterable[str] = ("iso4217:USD",), below: Iterable[str] = ()) -> str:
    top, bottom = ("".join(f"<xbrli:measure>{one}</xbrli:measure>" for one in names) for names in (above, below))
    if not bottom:
        return f'<xbrli:unit id="{key}">{top}</xbrli:unit>'
    return (
        f'<xbrli:unit id="{key}"><xbrli:divide><xbrli:unitNumerator>{top}</xbrli:unitNumerator>'
        f"<xbrli:unitDenominator>{bottom}</xbrli:unitDenominator></xbrli:divide></xbrli:unit>"
    )


USD, SHARES, PER_SHARE, PURE = (
    unit("usd"),
    unit("shares", ["xbrli:shares"]),
    unit("each", ["iso4217:USD"], ["xbrli:shares"]),
    unit("pure", ["xbrli:pure"]),
)
WHOLE, CLOSE = context("y"), context("e", (None, "2024-12-31"))
REALITY = context("s", inside=member("us-gaap:StatementBusinessSegmentsAxis", "acme:RocketsMember"))


def figure(
    printed: str,
    name: str = "us-gaap:Revenues",
    key: str = "y",
    *,
    decimals: str = "-6",
    scale: str = "6",
    money: str = "usd",
    kind: str | None = "ixt:num-dot-decimal",
    element: str = "f1",
    more: str = "",
) -> str:
    """A tagged number; a million by default."""
    form = f' format="{kind}"' if kind else ""
    return (
        f'<ix:nonFraction id="{element}" name="{name}" contextRef="{key}" unitRef="{money}" decimals="{decimals}" '
        f'scale="{scale}"{form} {more}>{printed}</ix:nonFraction>'
    )


def cover(form: str = "10-K", key: str = "y", amendment: str = "false") -> str:
    """The hidden facts of a cover page."""
    said = {"DocumentType": form, "AmendmentFlag": amendment, "EntityRegistrantName": "Acme Inc."}
    said |= {"EntityCentralIndexKey": "0000000009", "CurrentFiscalYearEndDate": "--12-31", "TradingSymbol": "ACME"}
    return "".join(
        f'<ix:nonNumeric name="dei:{name}" contextRef="{key}">{text}</ix:nonNumeric>' for name, text in said.items()
    )


def page(
    body: str, resources: str = WHOLE + CLOSE + REALITY + USD + SHARES + PER_SHARE + PURE, hidden: str = ""
) -> str:
    """An inline document with this body; its cover page is that of a 10-K of 2024."""
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<html {NAMESPACES}><head><title>Acme</title></head><body>"
        f'<div style="display:none"><ix:header><ix:hidden>{cover()}{hidden}</ix:hidden><ix:references>'
        '<link:schemaRef xlink:type="simple" xlink:href="acme-20241231.xsd"/></ix:references>'
        f"<ix:resources>{resources}</ix:resources></ix:header></div>{body}</body></html>"
    )


def instance(facts: str, resources: str = WHOLE + CLOSE + REALITY + USD + SHARES + PER_SHARE + PURE) -> str:
    """An instance with these facts, which are elements of the names of their concepts."""
    about = 'contextRef="y"'
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<xbrli:xbrl {NAMESPACES}>{resources}"
        f"<dei:DocumentType {about}>10-K</dei:DocumentType><dei:AmendmentFlag {about}>false</dei:AmendmentFlag>"
        f"{facts}</xbrli:xbrl>"
    )
