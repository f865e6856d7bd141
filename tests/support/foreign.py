"""Documents in the manner of European annual reports (ESEF) and of 20-F filings, of our own making."""

from __future__ import annotations

from support.inline import context, figure, member, unit

LEI = "http://standards.iso.org/iso/17442"
NORDSEE = (LEI, "529900T8BM49AURSDO55")
#: Registries as of 2022, IFRS as of 2022, and the extension taxonomy of the company.
_NAMESPACES = (
    'xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL" '
    'xmlns:ixt="http://www.xbrl.org/inlineXBRL/transformation/2020-02-12" '
    'xmlns:ixt5="http://www.xbrl.org/inlineXBRL/transformation/2022-02-16" '
    'xmlns:ixt-sec="http://www.sec.gov/inlineXBRL/transformation/2015-08-31" '
    'xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:xbrldi="http://xbrl.org/2006/xbrldi" '
    'xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:iso4217="http://www.xbrl.org/2003/iso4217" '
    'xmlns:ifrs-full="https://xbrl.ifrs.org/taxonomy/2022-03-24/ifrs-full" xmlns:dei="http://xbrl.sec.gov/dei/2024" '
    'xmlns:nordsee="http://www.nordsee.example/xbrl/2023"'
)
EUR, SHARES, PER_SHARE = (
    unit("EUR", ["iso4217:EUR"]),
    unit("S", ["xbrli:shares"]),
    unit("EPS", ["iso4217:EUR"], ["xbrli:shares"]),
)
_RETAINED = member("ifrs-full:ComponentsOfEquityAxis", "ifrs-full:RetainedEarningsMember")


def _amounts(name: str, this_year: str, year_before: str, more: str = "", *, instant: bool = False) -> str:
    """A line of a statement: thousands of euros of two years, with a comma as the decimal mark."""
    keys = ("c23", "c22") if instant else ("y23", "y22")
    cells = (
        figure(text, name, key, kind="ixt:num-comma-decimal", scale="3", decimals="-3", money="EUR", element=f"{name[-9:]}-{key}", more=more)
        for text, key in zip((this_year, year_before), keys, strict=True)
    )  # fmt: skip
    return f"<tr><td>{name.rpartition(':')[2]}</td>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


STATEMENTS = (
    _amounts("ifrs-full:Revenue", "12\u202f450", "11.900,5")
    + _amounts("ifrs-full:CostOfSales", "7.450", "7.300")
    + _amounts("ifrs-full:GrossProfit", "5.000", "4.600,5")
    + _amounts("ifrs-full:ProfitLossFromOperatingActivities", "1.200", "900")
    + _amounts("ifrs-full:ProfitLossAttributableToOwnersOfParent", "(310)", "640").replace(">(310)<", ' sign="-">310<')
    + _amounts("ifrs-full:PurchaseOfPropertyPlantAndEquipmentClassifiedAsInvestingActivities", "820", "790")
    + _amounts("nordsee:GrantsForRobots", "17", "&#8211;").replace('num-comma-decimal" >&#8211;', 'fixed-zero">&#8211;')
    + _amounts("ifrs-full:Assets", "40.000", "38.500", instant=True)
)


def _resources(company: tuple[str, str]) -> str:
    years = [("y23", ("2023-01-01", "2023-12-31")), ("y22", ("2022-01-01", "2022-12-31"))]
    days = [("c23", (None, "2023-12-31")), ("c22", (None, "2022-12-31"))]
    return (
        "".join(context(key, span, company=company) for key, span in (*years, *days))
        + context("r23", (None, "2023-12-31"), company=company, scenario=_RETAINED)
        + EUR + SHARES + PER_SHARE
    )  # fmt: skip


def esef(body: str = "", head: str = "") -> str:
    """A European annual report: no cover page, the company's LEI, IFRS, and notes in two languages."""
    note = (
        '<ix:nonNumeric name="ifrs-full:DisclosureOfRevenueExplanatory" contextRef="y23" continuedAt="de2" xml:lang="de" escape="true">'
        "<p>Umsatz der Nordsee AG</p></ix:nonNumeric><p>Seite 17</p>"
        f'<ix:continuation id="de2" xml:lang="de"><p>davon Fähren {figure("3.210", "nordsee:Ferries", "y23", kind="ixt5:num-comma-decimal", scale="3", decimals="-3", money="EUR", element="ferries")} TEUR</p></ix:continuation>'
        '<ix:nonNumeric name="ifrs-full:DisclosureOfRevenueExplanatory" contextRef="y23" xml:lang="en" escape="true">'
        "<p>Revenue of Nordsee <ix:exclude>page 18</ix:exclude></p></ix:nonNumeric>"
    )
    # Converters of PDF pages put each run of letters into an element of its own.
    shares = figure(
        '<span class="t">1</span><span class="_"> </span><span>000</span><span class="_"> </span><span>000</span>',
        "ifrs-full:NumberOfSharesOutstanding", "c23", kind="ixt:num-dot-decimal", scale="0", decimals="0", money="S", element="shares",
    )  # fmt: skip
    equity = figure(
        "9.876",
        "ifrs-full:Equity",
        "r23",
        kind="ixt:num-comma-decimal",
        scale="3",
        decimals="-3",
        money="EUR",
        element="retained",
    )
    loss = figure(
        "0,31",
        "ifrs-full:BasicEarningsLossPerShare",
        "y23",
        kind="ixt:num-comma-decimal",
        scale="0",
        decimals="2",
        money="EPS",
        element="eps",
        more='sign="-"',
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n<html {_NAMESPACES} xml:lang="de"><head><title>Geschäftsbericht</title>{head}</head>'
        '<body><div style="display:none"><ix:header><ix:hidden>'
        '<ix:nonNumeric name="ifrs-full:NameOfReportingEntityOrOtherMeansOfIdentification" contextRef="y23">Nordsee AG</ix:nonNumeric></ix:hidden>'
        '<ix:references xml:lang="de"><link:schemaRef xlink:type="simple" xlink:href="nordsee-2023.xsd"/></ix:references></ix:header></div>'
        f'<div style="display:none"><ix:header><ix:resources>{_resources(NORDSEE)}</ix:resources></ix:header></div>'
        f"<table>{STATEMENTS}</table><p>{shares} Aktien, {equity}, {loss} EUR</p>{note}{body}</body></html>"
    )


def cover_20f(form: str = "20-F", amendment: str = "false") -> str:
    """The cover page of a foreign company: words in boxes, days in several manners."""

    def said(name: str, text: str, kind: str = "") -> str:
        form = f' format="{kind}"' if kind else ""
        return f'<ix:nonNumeric name="dei:{name}" contextRef="y23"{form}>{text}</ix:nonNumeric>'

    return (
        said("DocumentType", form)
        + said("AmendmentFlag", amendment)
        + said("EntityRegistrantName", "Nordsee <b>AG</b>")
        + said("EntityCentralIndexKey", "0000000077")
        + said("CurrentFiscalYearEndDate", "December 31", "ixt:date-monthname-day-en")
        + said("DocumentPeriodEndDate", "31 December 2023", "ixt:date-day-monthname-year-en")
        + said("DocumentAnnualReport", "&#9746;", "ixt-sec:boolballotbox")
        + said("TradingSymbol", "NRDS")
    )


def report_20f(form: str = "20-F", amendment: str = "false") -> str:
    """The same statements in an annual report to the SEC."""
    return (
        f"<?xml version='1.0' encoding='ASCII'?>\n<html {_NAMESPACES}><head><title>20-F</title></head><body>"
        f'<div style="display:none"><ix:header><ix:hidden>{cover_20f(form, amendment)}</ix:hidden><ix:references>'
        '<link:schemaRef xlink:type="simple" xlink:href="nrds-20231231.xsd"/></ix:references>'
        f"<ix:resources>{_resources(('http://www.sec.gov/CIK', '0000000077'))}</ix:resources></ix:header></div>"
        f"<table>{STATEMENTS}</table></body></html>"
    ).replace("\u202f", ".")
