"""The page: what stands in which table, and the template that lays it out. Every string is escaped there."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import jinja2
from markupsafe import Markup

from tracker.report.charts import chart_scale, panel, unit_words
from tracker.report.drawing import WIDE, inline_svg
from tracker.report.labels import (
    DASH,
    MINUS,
    Scale,
    amount,
    day,
    days,
    grouped,
    outward,
    percent,
    percent_range,
    period_words,
    span_of,
    tied,
    trimmed,
)
from tracker.report.leaves import WIDTH
from tracker.report.notes import notes
from tracker.report.promise import guidance_chart, scale_of_steps
from tracker.report.prose import (
    alt_guidance,
    alt_panel,
    guidance_sentence,
    headline,
    lead,
    outcome,
    position,
    range_words,
)
from tracker.report.words import capital, growth_words, noun, short_money, when

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from tracker.report.edition import Claim, Edition, Evidence, Figure, Guided, Statement

__all__ = ["command", "page"]


@dataclass(frozen=True, slots=True)
class Link:
    """A source as it is cited: its text, and its address where one is known and safe to follow."""

    text: str
    url: str | None


def page(edition: Edition) -> str:
    """The whole report as one HTML file without scripts or outside parts."""
    style = _style()
    return _template().render(
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        edition=edition,
        kicker=kicker(edition),
        headline=headline(edition),
        by_period=_BY_PERIOD[span_of(edition.period)],
        lead=lead(edition),
        cards=[_card(row) for metric in edition.metrics if (row := edition.figure(metric))],
        panels=[_panel(edition, metric) for metric in edition.metrics],
        promises=list(_promises(edition)),
        guidance=[_guidance_row(edition, step) for step in edition.guided],
        tables=[_table(edition, metric) for metric in edition.metrics],
        articles=[*_article_rows(edition)],
        evidence=list(_evidence(edition)),
        notes=notes(edition),
        known_on=day(edition.known_on),
        command=command(edition),
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["tied"] = tied
    return environment.from_string(_read("page.html"))


@cache
def _style() -> str:
    return _read("page.css")


def _read(name: str) -> str:
    return files("tracker.report").joinpath(name).read_text("utf-8")


def command(edition: Edition) -> str:
    """What makes the report again."""
    as_of = f" --as-of {edition.definition.as_of}" if edition.definition.as_of else ""
    return f"tracker report {edition.definition.name}{as_of}"


_BY_PERIOD: Final = {
    "quarter": "Quarter by quarter",
    "half": "Half-years",
    "nine_months": "Nine months of each year",
    "year": "Year by year",
}


def kicker(edition: Edition) -> str:
    """The line above the headline: who and when."""
    row = next(row for metric in edition.metrics if (row := edition.figure(metric)))
    period = capital(when(row).removeprefix("the "))
    return f"{edition.company.name} · {period}, {days(row.period_start, row.period_end)}"


def _card(row: Figure) -> dict[str, Any]:
    return {
        "label": capital(noun(row).name),
        "value": short_money(row.value, row.unit),
        "growth": growth_words(row),
        "direction": _direction(row),
        "fine": "; ".join(_fine_print(row)),
    }


def _fine_print(row: Figure) -> Iterable[str]:
    """Under a key figure: what it is measured from, how sure the growth is, why there is none."""
    if row.base is not None:
        yield f"from {short_money(row.base, row.unit)}"
    if row.yoy_low is not None and row.yoy_high is not None:
        yield f"between {percent_range(row.yoy_low, row.yoy_high).replace(' to ', ' and ')}"
    elif row.yoy_low is not None or row.yoy_high is not None:
        yield percent_range(row.yoy_low, row.yoy_high)
    if row.reason:
        yield row.reason


def _direction(row: Figure) -> str:
    if row.yoy_ratio is None or row.yoy_ratio == 0:
        return ""
    return "up" if row.yoy_ratio > 0 else "down"


def _panel(edition: Edition, metric: str) -> dict[str, Any]:
    series = edition.series(metric)
    own = edition.figure(metric)
    key = f"panel-{edition.metrics.index(metric)}"
    return {
        "key": key,
        "title": capital(noun(series[0]).name),
        "unit": unit_words(series[0], chart_scale(series)),
        "svg": Markup(inline_svg(panel(edition, metric), key, f"{key}-name", alt_panel(series, own, edition.company))),  # noqa: S704
    }


def _promises(edition: Edition) -> Iterable[dict[str, Any]]:
    for at, metric in enumerate(edition.metrics):
        target = f"FY{next(row.fiscal_year for row in edition.figures if row.fiscal_period == edition.period)}"
        told = alt_guidance(edition, metric, target)
        charts = [guidance_chart(edition, metric, target, width) for width in (WIDE, WIDTH)]
        row = next(iter(edition.series(metric)), None)
        if row is None or charts[0] is None or charts[1] is None:
            continue
        steps = edition.guidance(metric, target)
        yield {
            "key": f"promise-{at}",
            "title": guidance_sentence(edition, metric, target).removesuffix("."),
            "unit": capital(unit_words(row, scale_of_steps(steps))),
            "is_begun": bool(edition.year_to_date(metric, int(target[2:]))),
            "wide": Markup(inline_svg(charts[0], f"promise-{at}", f"promise-{at}-name", told)),  # noqa: S704 - the renderer's own output
            "narrow": Markup(inline_svg(charts[1], f"promise-{at}-narrow", f"promise-{at}-name", told)),  # noqa: S704
        }


def _guidance_row(edition: Edition, step: Guided) -> dict[str, Any]:
    row = edition.figure(step.metric, step.fiscal_period)
    of = next(figure for figure in edition.figures if figure.metric == step.metric)
    value = row.value if row else None
    has_range = step.low is not None or step.high is not None
    return {
        "metric": capital(noun(of).name),
        "target": period_words(step.fiscal_period, is_calendar=of.is_calendar).removeprefix("the "),
        "issued": day(step.issued_on),
        "range": range_words(step) if has_range else "no number",
        "status": step.status,
        "outcome": _outcome(value, step) if has_range and value is not None else "",
        "source": source_link(step.source_id, step.accession, step.publisher, step.title, step.url),
    }


def _outcome(value: Decimal, step: Guided) -> str:
    place = position(value, step)
    return f"{amount(value, step.unit)}, {outcome(value, step)}{f', {place}' if place else ''}"


def _table(edition: Edition, metric: str) -> dict[str, Any]:
    series = edition.series(metric)
    scale, places = _table_scale(series)
    return {
        "title": f"{capital(noun(series[0]).name)}, {unit_words(series[0], scale)}",
        "rows": [_table_row(edition, row, scale, places) for row in reversed(series)],
    }


def _table_scale(series: Sequence[Figure]) -> tuple[Scale, int]:
    """Millions for what is counted in billions: the digits filings print. Two places for amounts per share."""
    if any("/" in row.unit for row in series):
        return Scale(0, ""), 2
    return {12: (Scale(6, "million"), 0), 9: (Scale(6, "million"), 0), 6: (Scale(3, "thousand"), 0)}.get(
        chart_scale(series).exponent, (Scale(0, ""), 0)
    )


def _table_row(edition: Edition, row: Figure, scale: Scale, places: int) -> dict[str, Any]:
    return {
        "period": row.fiscal_period,
        "is_own": row.fiscal_period == edition.period,
        "value": "" if row.value is None else grouped(scale.of(row.value), places),
        "bounds": _rounding(row, scale, places),
        "base": "" if row.base is None else grouped(scale.of(row.base), places),
        "growth": growth_words(row),
        "is_rate": row.yoy_ratio is not None,
        "is_fall": row.yoy_ratio is not None and row.yoy_ratio < 0,
        "growth_bounds": percent_range(row.yoy_low, row.yoy_high)
        if row.yoy_low is not None or row.yoy_high is not None
        else "",
        "method": row.method or row.reason or "not derivable",
        "sources": _cited(edition, row.operands),
    }


def _rounding(row: Figure, scale: Scale, places: int) -> str:
    """How far the true figure may lie from the one shown: `±0.5`, or its ends where they are not alike."""
    if row.value is None or (row.low is None and row.high is None):
        return ""
    if row.low is None or row.high is None:
        return "or more" if row.high is None else "or less"
    below, above = (outward(scale.of(gap), "high", places + 1) for gap in (row.value - row.low, row.high - row.value))
    if below == above:
        return f"±{trimmed(below, places + 1)}"
    return f"{MINUS}{trimmed(below, places + 1)} +{trimmed(above, places + 1)}"


def _cited(edition: Edition, operands: Iterable[str]) -> list[tuple[str, Link]]:
    """The sources of a figure's operands, each once a sign: those added first, then those taken off."""
    found: dict[tuple[str, str], Link] = {}
    for operand in sorted(operands, key=lambda sign: sign[0] == "-"):
        row = edition.evidence.get(operand[1:])
        if row is not None:
            found.setdefault(("less" if operand[0] == "-" else "", row.source_id), _evidence_link(row))
    return [(sign, link) for (sign, _), link in found.items()]


def _evidence_link(row: Evidence) -> Link:
    return source_link(row.source_id, row.accession, row.publisher, row.title, row.url)


def source_link(
    source_id: str, accession: str | None, publisher: str | None, title: str | None, url: str | None
) -> Link:
    """How a source is cited: a filing by its accession number, others by publisher, short title or id."""
    is_filing = bool(accession) and accession == source_id
    text = source_id if is_filing else publisher or (title if title and len(title) <= _TITLE else source_id)
    return Link(text, url if url and url.startswith(("https://", "http://")) else None)


_TITLE: Final = 50  # characters of a title that fit a cell; longer ones are told in the notes

_QUALIFIERS: Final = {"exact": "", "nearly": "almost", "approx": "about", "more_than": "over", "less_than": "under"}
_VERDICTS: Final = {"supported": "✓ agrees", "unsupported": "✗ disagrees", "not_checkable": "not checkable"}


def _article_rows(edition: Edition) -> Iterable[dict[str, Any]]:
    rows: list[tuple[Any, ...]] = [(*_place(edition, row), _statement_row(edition, row)) for row in edition.statements]
    rows += [(*_place(edition, claim), _claim_row(edition, claim)) for claim in edition.claims]
    return [row[-1] for row in sorted(rows, key=lambda row: row[:-1])]


def _place(edition: Edition, row: Statement | Claim) -> tuple[int, str, int]:
    return edition.metrics.index(row.metric), row.source_id, row.span_start or 0


def _printed(row: Statement | Claim) -> dict[str, Any]:
    return {
        "source": Link(row.publisher or row.source_id, row.url if row.url and row.url.startswith("https://") else None),
        "source_id": row.source_id,
        "language": row.language or "",
        "quote": row.quote or "",
        "qualifier": _QUALIFIERS.get(row.qualifier, row.qualifier.replace("_", " ")),
        "span": "" if row.span_start is None else f"{row.span_start}{DASH}{row.span_end}",
    }


def _statement_row(edition: Edition, row: Statement) -> dict[str, Any]:
    filed = edition.figure(row.metric, row.fiscal_period)
    is_filed = filed is not None and filed.value is not None and filed.method != "stated"
    value = filed.value if is_filed and filed is not None else None
    return {
        **_printed(row),
        "about": f"{capital(_noun_of(edition, row.metric))}, {row.fiscal_period}",
        "means": _means(row),
        "filed": "" if value is None else short_money(value, row.unit),
        "verdict": _VERDICTS["not_checkable" if value is None else _within(value, row)],
        "own": "",
    }


def _within(value: Decimal, row: Statement) -> str:
    is_apart = (row.low is not None and value < row.low) or (row.high is not None and value > row.high)
    return "unsupported" if is_apart else "supported"


def _means(row: Statement) -> str:
    if row.low is None or row.high is None:
        known, words = (row.low, "at least") if row.high is None else (row.high, "at most")
        return "" if known is None else f"{words} {short_money(known, row.unit)}"
    return f"{short_money(row.low, row.unit)} to {short_money(row.high, row.unit)}"


def _claim_row(edition: Edition, claim: Claim) -> dict[str, Any]:
    filed = edition.figure(claim.metric, claim.fiscal_period)
    rate = None if filed is None or filed.method == "stated" else filed.yoy_ratio
    return {
        **_printed(claim),
        "about": f"Growth of {_noun_of(edition, claim.metric)}, {claim.fiscal_period}",
        "means": percent_range(claim.claimed_low, claim.claimed_high, 1),
        "filed": "" if rate is None else percent(rate),
        "verdict": _VERDICTS[claim.filed_verdict],
        "own": ""
        if claim.own_low is None
        else f"its own figures allow {percent_range(claim.own_low, claim.own_high, 1)}",
    }


def _noun_of(edition: Edition, metric: str) -> str:
    return noun(next(row for row in edition.figures if row.metric == metric)).name


def _evidence(edition: Edition) -> Iterable[dict[str, Any]]:
    """For each key figure and its base: the statements it is added up from."""
    for metric in edition.metrics:
        row = edition.figure(metric)
        if row is None:
            continue
        table = _table_scale(edition.series(metric))
        sides = ((row.fiscal_period, row.value, row.operands), (row.base_period, row.base, row.base_operands))
        for period, value, operands in sides:
            if value is not None and operands:
                shown = f"{grouped(table[0].of(value), table[1])} ({unit_words(row, table[0])})"
                title = f"{capital(noun(row).name)}, {period}: {shown}"
                known = [(sign, edition.evidence[sign[1:]]) for sign in operands if sign[1:] in edition.evidence]
                yield {"title": title, "rows": [_evidence_row(fact, sign[0], *table) for sign, fact in known]}


def _evidence_row(row: Evidence, sign: str, scale: Scale, places: int) -> dict[str, Any]:
    return {
        "sign": "+" if sign == "+" else MINUS,
        "concept": row.concept,
        "days": days(row.period_start, row.period_end),
        "value": "" if row.value is None else grouped(scale.of(row.value), places),
        "printed": row.quote or "",
        "language": row.language or "",
        "span": "" if row.span_start is None else f"{row.span_start}{DASH}{row.span_end}",
        "form": row.form or "",
        "source": _evidence_link(row),
        "known": day(row.known_on),
        "fact": row.fact_id,
    }
