"""The report on one company: growth on a year earlier, promise and outcome, every figure and what it rests on."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from tracker.report.charts.drawing import WIDE
from tracker.report.charts.leaves import WIDTH
from tracker.report.charts.panel import chart_scale, panel, unit_words
from tracker.report.charts.promise import guidance_chart, scale_of_steps
from tracker.report.data.edition import read_edition
from tracker.report.document import Card, Cell, Column, Document, Picture, Row, Section, Swatch, Table
from tracker.report.kinds.articles import article_section, said_rows
from tracker.report.kinds.evidence import anchors, evidence_section, figure_table, source_link
from tracker.report.kinds.notes import notes
from tracker.report.text.labels import amount, day, days, isolated, percent_between, period_words, span_of
from tracker.report.text.language import mark, phrase, say, term
from tracker.report.text.prose import (
    alt_guidance,
    alt_panel,
    guidance_sentence,
    headline,
    lead,
    lead_figure,
    outcome,
    position,
    range_words,
)
from tracker.report.text.retold import retold
from tracker.report.text.words import capital, growth_words, noun, short_money, when

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from tracker.report.data.edition import Edition, Figure, Guided
    from tracker.report.definition import Definition
    from tracker.warehouse.reader import Warehouse

__all__ = ["card", "command", "foot_lines", "growth", "guidance_table", "kicker", "promise_picture"]


def growth(warehouse: Warehouse, definition: Definition) -> Document:
    """The report on one company's growth.

    Raises NothingMatchedError where the company or the period has no figure of its metrics.
    """
    edition = read_edition(warehouse, definition)
    return Document(
        definition=definition,
        language=definition.language,
        kicker=kicker(edition),
        headline=headline(edition),
        lead=lead(edition),
        cards=tuple(card(edition, row) for metric in edition.metrics if (row := edition.figure(metric))),
        sections=tuple(_sections(edition)),
        notes=tuple(notes(edition)),
        foot=tuple(foot_lines(edition)),
        known_on=edition.known_on,
        commit=edition.commit,
        command=command(definition, edition.commit),
        data={"figures": [asdict(row) for metric in edition.metrics for row in edition.series(metric)]},
        trend=tuple(row.value for row in edition.series(lead_figure(edition).metric)),
    )


def _sections(edition: Edition) -> Iterator[Section]:
    places = anchors(edition)
    yield Section(
        key="charts",
        title=term(_BY_PERIOD[span_of(edition.period)]),
        pictures=tuple(_panel(edition, metric) for metric in edition.metrics),
        legend=(
            Swatch("period", edition.period),
            Swatch("base", phrase("a year earlier")),
            Swatch("history", phrase("other periods")),
            Swatch("fall", phrase("below zero, with a minus sign")),
        ),
    )
    yield from _promises(edition)
    yield Section(
        key="figures",
        title=say("Every figure"),
        tables=tuple(figure_table(edition, metric, places, str(at)) for at, metric in enumerate(edition.metrics)),
    )
    yield from article_section(edition)
    yield evidence_section({"f": edition}, said_rows(edition))


_BY_PERIOD: Final = {
    "quarter": phrase("Quarter by quarter"),
    "half": phrase("Half-years"),
    "nine_months": phrase("Nine months of each year"),
    "year": phrase("Year by year"),
}


def command(definition: Definition, commit: int) -> str:
    """What makes the report again, byte for byte, whatever is stored later; a moment with a space in it is quoted."""
    as_of = f" --as-of {shlex.quote(definition.as_of)}" if definition.as_of else ""
    return f"tracker report {definition.name}{as_of} --recorded {commit}"


def kicker(edition: Edition) -> str:
    """The line above the headline: who and when."""
    row = next(row for metric in edition.metrics if (row := edition.figure(metric)))
    period = capital(when(row).removeprefix("the "))
    dates = days(row.period_start, row.period_end)
    return f"{isolated(edition.company.name)} · {say('{first}, {second}', first=period, second=dates)}"


def card(edition: Edition, row: Figure) -> Card:
    """A key figure with its growth and bounds; it leads to the statements it is added up from."""
    places = anchors(edition)
    first = next((f"#{places[sign[1:]]}" for sign in row.operands if sign[1:] in places), None)
    return Card(
        label=capital(noun(row).name),
        value=short_money(row.value, row.unit),
        growth=growth_words(row),
        direction=direction(row),
        fine=mark("semicolon").join(_fine_print(row)),
        href=first,
        measure=say("on a year earlier") if row.rate else "",
    )


def direction(row: Figure) -> str:
    """Which way a figure went: up, down, or neither."""
    if row.yoy_ratio is None or row.yoy_ratio == 0:
        return ""
    return "up" if row.yoy_ratio > 0 else "down"


def _fine_print(row: Figure) -> Iterable[str]:
    """Under a key figure: what it is measured from, how sure the growth is, why there is none."""
    if row.base is not None:
        yield say("from {amount}", amount=short_money(row.base, row.unit))
    if row.yoy_low is not None or row.yoy_high is not None:
        yield percent_between(row.yoy_low, row.yoy_high)
    if row.reason:
        yield retold(row.reason)


def _panel(edition: Edition, metric: str) -> Picture:
    series = edition.series(metric)
    return Picture(
        key=f"panel-{edition.metrics.index(metric)}",
        title=capital(noun(series[0]).name),
        unit=unit_words(series[0], chart_scale(series)),
        alt=alt_panel(series, edition.figure(metric), edition.company),
        chart=panel(edition, metric),
    )


# -- promise and outcome --------------------------------------------------------------------------------


def _promises(edition: Edition) -> Iterator[Section]:
    target = f"FY{lead_figure(edition).fiscal_year}"
    drawn = [promise_picture(edition, metric, target, at) for at, metric in enumerate(edition.metrics)]
    pictures = tuple(picture for picture in drawn if picture is not None)
    if pictures or edition.guided:
        tables = (guidance_table(edition, edition.guided),) if edition.guided else ()
        yield Section("promise", say("Promise and outcome"), pictures=pictures, tables=tables)


def promise_picture(edition: Edition, metric: str, target: str, at: int) -> Picture | None:
    """The chart of the forecasts for one fiscal year against the sum so far; None where there is nothing to draw."""
    wide, narrow = (guidance_chart(edition, metric, target, width) for width in (WIDE, WIDTH))
    row = next(iter(edition.series(metric)), None)
    if row is None or wide is None or narrow is None:
        return None
    unit = capital(unit_words(row, scale_of_steps(edition.guidance(metric, target))))
    begun = bool(edition.year_to_date(metric, int(target[2:])))
    bands = phrase("{unit}. Bands show the guidance in force")
    line = phrase("{unit}. Bands show the guidance in force, the line the sum since the year began")
    return Picture(
        key=f"promise-{at}",
        title=guidance_sentence(edition, metric, target).removesuffix(mark("full_stop")),
        unit=say(line if begun else bands, unit=unit),
        alt=alt_guidance(edition, metric, target),
        chart=wide,
        narrow=narrow,
    )


_GUIDANCE_COLUMNS: Final = (
    Column(phrase("Issued"), "date"),
    Column(phrase("For")),
    Column(phrase("Range"), "range"),
    Column(phrase("Step")),
    Column(phrase("Outcome")),
    Column(phrase("Source"), "source"),
)


def guidance_table(edition: Edition, steps: Iterable[Guided]) -> Table:
    """Each forecast in order, with how it turned out where its period is over."""
    rows = tuple(_guidance_row(edition, step) for step in steps)
    caption = say("Each forecast, and how it turned out")
    return Table("t-guidance", caption, _GUIDANCE_COLUMNS, rows, say("Guidance"))


def _guidance_row(edition: Edition, step: Guided) -> Row:
    row = edition.figure(step.metric, step.fiscal_period)
    of = next(figure for figure in edition.figures if figure.metric == step.metric)
    value = row.value if row else None
    has_range = step.low is not None or step.high is not None
    target = period_words(step.fiscal_period, is_calendar=of.is_calendar).removeprefix("the ")
    return Row(
        (
            Cell(day(step.issued_on), step.issued_on),
            Cell(say("{first}, {second}", first=capital(noun(of).name), second=target)),
            Cell(range_words(step) if has_range else say("no number")),
            Cell(term(step.status)),
            Cell(_outcome(value, step) if has_range and value is not None else ""),
            Cell("", links=(source_link(step.source_id, step.accession, step.publisher, step.title, step.url),)),
        )
    )


def _outcome(value: Decimal, step: Guided) -> str:
    place = position(value, step)
    parts = [amount(value, step.unit), term(outcome(value, step)), *([place] if place else [])]
    return mark("comma").join(parts)


_KINDS: Final = {
    "filing": phrase("company filings"),
    "article": phrase("articles"),
    "dataset": phrase("data sets"),
    "news": phrase("news reports"),
}


def foot_lines(edition: Edition) -> Iterator[str]:
    """The lines under the picture of the whole: source, day, colours."""
    kinds = dict.fromkeys(_KINDS.get(row.source_kind or "", phrase("statements")) for row in edition.evidence.values())
    names = mark("comma").join(term(kind) for kind in sorted(kinds))
    known = say("Source: {names}; known by {day}.", names=names, day=day(edition.known_on))
    yield mark("gap").join([known, say("Blue: the period of the headline; dark grey: a year earlier.")])
    table = say("The table of every figure has its bounds and its source.")
    yield mark("gap").join([say("Guidance as reported when issued."), table])
