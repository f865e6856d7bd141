"""What articles print about a report's figures, how exact it is, and whether filings agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tracker.report.data.edition import Claim
from tracker.report.document import Cell, Column, Link, Row, Section, Table
from tracker.report.text.labels import DASH, format_percent, format_percent_range
from tracker.report.text.language import phrase
from tracker.report.text.words import capitalize, format_key_value, noun

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from tracker.report.data.edition import Edition, Statement
    from tracker.report.text.language import Language

__all__ = ["article_section", "make_article_rows"]

_COLUMNS: Final = (
    Column(phrase("Article")),
    Column(phrase("About")),
    Column(phrase("As printed"), "quote"),
    Column(phrase("At")),
    Column(phrase("Means"), "range"),
    Column(phrase("Filings"), "number"),
    Column(phrase("Verdict")),
)
_QUALIFIERS: Final = {
    "exact": "",
    "nearly": phrase("almost"),
    "approx": phrase("about"),
    "more_than": phrase("over"),
    "less_than": phrase("under"),
}
_VERDICTS: Final = {
    "supported": phrase("✓ agrees"),
    "unsupported": phrase("✗ disagrees"),
    "not_checkable": phrase("not checkable"),
}


def article_section(edition: Edition) -> Iterator[Section]:
    """Make the section on the articles' figures and rates; empty if no article mentions the metrics."""
    language = edition.language
    found = _order_as_printed(edition)
    if found:
        rows = tuple(Row(_make_cells(edition, row), key=f"a{at}") for at, row in enumerate(found, 1))
        caption = language.say("Figures as printed, what they leave open, and what filings say")
        table = Table("t-articles", caption, _COLUMNS, rows, language.say("Articles"), look="articles")
        yield Section("articles", language.say("What the articles say"), tables=(table,))


def make_article_rows(edition: Edition) -> dict[str, Row]:
    """Make for each metric a row of links to what articles say of it, with the verdict."""
    said: dict[str, dict[str, list[Link]]] = {}
    for at, row in enumerate(_order_as_printed(edition), 1):
        verdict = _told(edition, row)["verdict"]
        links = said.setdefault(row.metric, {}).setdefault(verdict, [])
        links.append(Link(row.source_id, None, "" if links else verdict, f"#a{at}"))
    return {
        metric: _make_article_row(edition.language, [link for links in by.values() for link in links])
        for metric, by in said.items()
    }


def _make_article_row(language: Language, links: list[Link]) -> Row:
    blank = Cell("")
    return Row(
        (Cell(language.say("articles"), tone="muted"), blank, Cell("", links=tuple(links), span=3), blank, blank, blank)
    )


def _order_as_printed(edition: Edition) -> list[Statement | Claim]:
    rows: list[Statement | Claim] = [*edition.statements, *edition.claims]
    order = {id(row): at for at, row in enumerate(rows)}
    return sorted(
        rows,
        key=lambda row: (edition.metrics.index(row.metric), row.source_id, row.span_start or 0, order[id(row)]),
    )


def _make_cells(edition: Edition, row: Statement | Claim) -> tuple[Cell, ...]:
    language = edition.language
    told = _told(edition, row)
    name = row.publisher or row.source_id
    url = row.url if row.url and row.url.startswith("https://") else None
    qualifier = language.term(_QUALIFIERS.get(row.qualifier, row.qualifier.replace("_", " ")))
    means = language.colon.join(part for part in (qualifier, told["means"]) if part)
    own = f"{language.semicolon}{told['own']}" if told["own"] else ""
    return (
        Cell(row.source_id, links=() if name == row.source_id and url is None else (Link(name, url),)),
        Cell(told["about"]),
        Cell(row.quote or "", language=row.language or ""),
        Cell("" if row.span_start is None else f"{row.span_start}{DASH}{row.span_end}", tone="muted"),
        Cell(means + own),
        Cell(told["filed"], told["value"], unit="ratio" if isinstance(row, Claim) else row.unit),
        Cell(told["verdict"]),
    )


def _told(edition: Edition, row: Statement | Claim) -> dict[str, Any]:
    """Return what a figure or a rate is about, means and is worth. Figures known from articles alone check nothing."""
    language = edition.language
    filed = edition.figure(row.metric, row.fiscal_period)
    is_filed = filed is not None and filed.method != "stated"
    name = noun(language, next(figure for figure in edition.figures if figure.metric == row.metric)).name
    if isinstance(row, Claim):
        return _told_rate(language, row, name, filed.yoy_ratio if filed is not None and is_filed else None)
    return _told_figure(language, row, name, filed.value if filed is not None and is_filed else None)


def _told_figure(language: Language, row: Statement, name: str, value: Decimal | None) -> dict[str, Any]:
    return {
        "about": language.say("{first}, {second}", first=capitalize(name), second=row.fiscal_period),
        "means": _means(language, row),
        "filed": "" if value is None else format_key_value(language, value, row.unit),
        "value": value,
        "verdict": language.term(_VERDICTS["not_checkable" if value is None else _within(value, row)]),
        "own": "",
    }


def _within(value: Decimal, row: Statement) -> str:
    is_apart = (row.low is not None and value < row.low) or (row.high is not None and value > row.high)
    return "unsupported" if is_apart else "supported"


def _means(language: Language, row: Statement) -> str:
    if row.low is None or row.high is None:
        known = row.low if row.high is None else row.high
        text = phrase("at least {amount}") if row.high is None else phrase("at most {amount}")
        return "" if known is None else language.say(text, amount=format_key_value(language, known, row.unit))
    return language.say(
        "{low} to {high}",
        low=format_key_value(language, row.low, row.unit),
        high=format_key_value(language, row.high, row.unit),
    )


def _told_rate(language: Language, claim: Claim, name: str, rate: Decimal | None) -> dict[str, Any]:
    allowed = format_percent_range(language, claim.own_low, claim.own_high, 1)
    own = "" if claim.own_low is None else language.say("its own figures allow {range}", range=allowed)
    return {
        "about": language.say("Growth of {metric}, {period}", metric=name, period=claim.fiscal_period),
        "means": format_percent_range(language, claim.claimed_low, claim.claimed_high, 1),
        "filed": "" if rate is None else format_percent(language, rate),
        "value": rate,
        "verdict": language.term(_VERDICTS[claim.filed_verdict]),
        "own": own,
    }
