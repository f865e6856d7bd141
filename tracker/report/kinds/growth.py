"""The report on one company: growth on a year earlier, guidance and outcome, every figure and its statements."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from tracker.report.charts.drawing import WIDE
from tracker.report.charts.leaves import WIDTH
from tracker.report.charts.panel import chart_scale, draw_panel, unit_words
from tracker.report.charts.promise import draw_guidance, scale_of_steps
from tracker.report.data.edition import read_edition
from tracker.report.document import Card, Cell, Column, Document, Picture, Row, Section, Swatch, Table
from tracker.report.kinds.articles import article_section, make_article_rows
from tracker.report.kinds.evidence import anchors, evidence_section, figure_table, source_link
from tracker.report.kinds.notes import notes
from tracker.report.text.labels import (
    describe_percent_range,
    format_amount,
    format_day,
    format_days,
    isolate,
    name_period,
    span_of,
)
from tracker.report.text.language import language_of, phrase
from tracker.report.text.prose import (
    describe_guidance_chart,
    describe_panel,
    describe_position,
    describe_range,
    find_lead_figure,
    judge_outcome,
    write_guidance,
    write_headline,
    write_lead,
)
from tracker.report.text.reason_words import say_reason
from tracker.report.text.words import capitalize, describe_growth, format_key_value, name_figure_period, noun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from tracker.report.data.edition import Edition, EditionFigure, Guided
    from tracker.report.definition import Definition
    from tracker.report.text.language import Language
    from tracker.warehouse.reader import Warehouse

__all__ = ["card", "command", "foot_lines", "growth", "guidance_table", "kicker", "promise_picture"]


def growth(warehouse: Warehouse, definition: Definition) -> Document:
    """Make the report on one company's growth.

    Raises NothingMatchedError if the company or the period has no figure of its metrics.
    """
    language = language_of(definition.language)
    edition = read_edition(warehouse, definition, language)
    return Document(
        definition=definition,
        language=language,
        kicker=kicker(edition),
        headline=write_headline(edition),
        lead=write_lead(edition),
        cards=tuple(card(edition, row) for metric in edition.metrics if (row := edition.figure(metric))),
        sections=tuple(_make_growth_sections(edition)),
        notes=tuple(notes(edition)),
        foot=tuple(foot_lines(edition)),
        known_on=edition.known_on,
        commit=edition.commit,
        command=command(definition, edition.commit),
        data={"figures": [asdict(row) for metric in edition.metrics for row in edition.series(metric)]},
        trend=tuple(row.value for row in edition.series(find_lead_figure(edition).metric)),
    )


def _make_growth_sections(edition: Edition) -> Iterator[Section]:
    language = edition.language
    places = anchors(edition)
    yield Section(
        key="charts",
        title=language.term(_BY_PERIOD[span_of(edition.period)]),
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
        title=language.say("Every figure"),
        tables=tuple(figure_table(edition, metric, places, str(at)) for at, metric in enumerate(edition.metrics)),
    )
    yield from article_section(edition)
    yield evidence_section(language, {"f": edition}, make_article_rows(edition))


_BY_PERIOD: Final = {
    "quarter": phrase("Quarter by quarter"),
    "half": phrase("Half-years"),
    "nine_months": phrase("Nine months of each year"),
    "year": phrase("Year by year"),
}


def command(definition: Definition, commit: int) -> str:
    """Write the command that makes the report again, byte for byte, whatever is stored later."""
    as_of = f" --as-of {shlex.quote(definition.as_of)}" if definition.as_of else ""
    return f"tracker report {definition.name}{as_of} --recorded {commit}"


def kicker(edition: Edition) -> str:
    """Write the line above the headline: who and when."""
    language = edition.language
    row = next(row for metric in edition.metrics if (row := edition.figure(metric)))
    period = capitalize(name_figure_period(language, row).removeprefix("the "))
    dates = format_days(language, row.period_start, row.period_end)
    return (
        f"{isolate(language, edition.company.name)} · {language.say('{first}, {second}', first=period, second=dates)}"
    )


def card(edition: Edition, row: EditionFigure) -> Card:
    """Make the card of a key figure with its growth and bounds; it leads to the statements behind it."""
    language = edition.language
    places = anchors(edition)
    first = next((f"#{places[sign[1:]]}" for sign in row.operands if sign[1:] in places), None)
    return Card(
        label=capitalize(noun(language, row).name),
        value=format_key_value(language, row.value, row.unit),
        growth=describe_growth(language, row),
        direction=direction(row),
        fine=language.semicolon.join(_fine_print(language, row)),
        href=first,
        measure=language.say("on a year earlier") if row.rate else "",
    )


def direction(row: EditionFigure) -> str:
    """Return the direction of a figure's change: up, down, or neither."""
    if row.yoy_ratio is None or row.yoy_ratio == 0:
        return ""
    return "up" if row.yoy_ratio > 0 else "down"


def _fine_print(language: Language, row: EditionFigure) -> Iterable[str]:
    """List the lines under a key figure: its base, the bounds of its growth, or why there is none."""
    if row.base is not None:
        yield language.say("from {amount}", amount=format_key_value(language, row.base, row.unit))
    if row.yoy_low is not None or row.yoy_high is not None:
        yield describe_percent_range(language, row.yoy_low, row.yoy_high)
    if row.reason_code:
        yield say_reason(language, row)


def _panel(edition: Edition, metric: str) -> Picture:
    language = edition.language
    series = edition.series(metric)
    return Picture(
        key=f"panel-{edition.metrics.index(metric)}",
        title=capitalize(noun(language, series[0]).name),
        unit=unit_words(language, series[0], chart_scale(language, series)),
        alt=describe_panel(language, series, edition.figure(metric), edition.company),
        chart=draw_panel(edition, metric),
    )


# -- promise and outcome --------------------------------------------------------------------------------


def _promises(edition: Edition) -> Iterator[Section]:
    target = f"FY{find_lead_figure(edition).fiscal_year}"
    drawn = [promise_picture(edition, metric, target, at) for at, metric in enumerate(edition.metrics)]
    pictures = tuple(picture for picture in drawn if picture is not None)
    if pictures or edition.guided:
        tables = (guidance_table(edition, edition.guided),) if edition.guided else ()
        yield Section("promise", edition.language.say("Promise and outcome"), pictures=pictures, tables=tables)


def promise_picture(edition: Edition, metric: str, target: str, at: int) -> Picture | None:
    """Draw the forecasts for one fiscal year against the sum so far; None if there is nothing to draw."""
    language = edition.language
    wide, narrow = (draw_guidance(edition, metric, target, width) for width in (WIDE, WIDTH))
    row = next(iter(edition.series(metric)), None)
    if row is None or wide is None or narrow is None:
        return None
    unit = capitalize(unit_words(language, row, scale_of_steps(language, edition.guidance(metric, target))))
    begun = bool(edition.year_to_date(metric, int(target[2:])))
    bands = phrase("{unit}. Bands show the guidance in force")
    line = phrase("{unit}. Bands show the guidance in force, the line the sum since the year began")
    return Picture(
        key=f"promise-{at}",
        title=write_guidance(edition, metric, target).removesuffix(language.full_stop),
        unit=language.say(line if begun else bands, unit=unit),
        alt=describe_guidance_chart(edition, metric, target),
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
    """Make the table of each forecast in order, with how it turned out where its period is over."""
    language = edition.language
    rows = tuple(_guidance_row(edition, step) for step in steps)
    caption = language.say("Each forecast, and how it turned out")
    return Table("t-guidance", caption, _GUIDANCE_COLUMNS, rows, language.say("Guidance"))


def _guidance_row(edition: Edition, step: Guided) -> Row:
    language = edition.language
    row = edition.figure(step.metric, step.fiscal_period)
    of = next(figure for figure in edition.figures if figure.metric == step.metric)
    value = row.value if row else None
    has_range = step.low is not None or step.high is not None
    target = name_period(language, step.fiscal_period, is_calendar=of.is_calendar).removeprefix("the ")
    return Row(
        (
            Cell(format_day(language, step.issued_on), step.issued_on),
            Cell(language.say("{first}, {second}", first=capitalize(noun(language, of).name), second=target)),
            Cell(describe_range(language, step) if has_range else language.say("no number")),
            Cell(language.term(step.status)),
            Cell(_outcome(language, value, step) if has_range and value is not None else ""),
            Cell("", links=(source_link(step.source_id, step.accession, step.publisher, step.title, step.url),)),
        )
    )


def _outcome(language: Language, value: Decimal, step: Guided) -> str:
    place = describe_position(language, value, step)
    parts = [
        format_amount(language, value, step.unit),
        language.term(judge_outcome(value, step)),
        *([place] if place else []),
    ]
    return language.comma.join(parts)


_KINDS: Final = {
    "filing": phrase("company filings"),
    "article": phrase("articles"),
    "dataset": phrase("data sets"),
    "news": phrase("news reports"),
}


def foot_lines(edition: Edition) -> Iterator[str]:
    """Write the lines under the picture of the whole: source, day, colours."""
    language = edition.language
    kinds = dict.fromkeys(_KINDS.get(row.source_kind or "", phrase("statements")) for row in edition.evidence.values())
    names = language.comma.join(language.term(kind) for kind in sorted(kinds))
    known = language.say("Source: {names}; known by {day}.", names=names, day=format_day(language, edition.known_on))
    yield language.gap.join([known, language.say("Blue: the period of the headline; dark grey: a year earlier.")])
    table = language.say("The table of every figure has its bounds and its source.")
    yield language.gap.join([language.say("Guidance as reported when issued."), table])
