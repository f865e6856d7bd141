"""The parts that reports on several figures side by side share: cards, ranks, panels and tables.

Each figure is that of an edition of its own: of a company among peers, or of a part of a company among its parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tracker.report.charts.comparison import Ranked, draw_ranks
from tracker.report.charts.drawing import WIDE
from tracker.report.charts.leaves import WIDTH
from tracker.report.charts.panel import chart_scale, draw_panel, unit_words
from tracker.report.document import Card, Cell, Column, Picture, Row, Swatch, Table
from tracker.report.kinds.evidence import anchors, figure_table, table_scale
from tracker.report.kinds.growth import direction
from tracker.report.text.labels import format_number, format_percent, isolate, name_period, span_of
from tracker.report.text.language import phrase
from tracker.report.text.prose import describe_panel
from tracker.report.text.reason_words import say_reason
from tracker.report.text.words import capitalize, describe_growth, describe_value, format_key_value, noun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from tracker.report.data.edition import Edition, EditionCompany, EditionFigure
    from tracker.report.text.language import Language

__all__ = [
    "LEVELS_LEGEND",
    "find_fastest",
    "make_cards",
    "make_comparison_table",
    "make_figure_tables",
    "make_panel_picture",
    "make_ranking_picture",
]


def make_cards(language: Language, editions: Mapping[str, Edition]) -> Iterator[Card]:
    """Make the card of each figure of the period, or say that there is none."""
    for prefix, edition in editions.items():
        row = edition.figure(edition.metrics[0])
        places = anchors(edition, prefix)
        if row is None:
            yield Card(
                edition.company.short,
                language.say("not known"),
                "",
                "",
                language.say("no figure for {period}", period=edition.period),
            )
            continue
        first = next((f"#{places[sign[1:]]}" for sign in row.operands if sign[1:] in places), None)
        fine = (
            ""
            if row.base is None
            else language.say("from {amount}", amount=format_key_value(language, row.base, row.unit))
        )
        measure = language.say("on a year earlier") if row.rate else ""
        value = format_key_value(language, row.value, row.unit)
        yield Card(edition.company.short, value, describe_growth(language, row), direction(row), fine, first, measure)


LEVELS_LEGEND: Final = (
    Swatch("period", phrase("the fastest growing")),
    Swatch("history", phrase("the others")),
    Swatch("ink", phrase("a year earlier")),
)


def find_fastest(editions: Sequence[Edition]) -> str:
    """Find the company whose metric grew fastest in the period; return its id, or an empty text if no rate is known."""
    rates = [
        (row.yoy_ratio, edition.company.entity)
        for edition in editions
        if (row := edition.figure(edition.metrics[0])) and row.yoy_ratio is not None and row.yoy_status == "ok"
    ]
    return max(rates)[1] if rates else ""


def make_ranking_picture(
    language: Language, editions: Sequence[Edition], period: str, at: int, *, is_calendar: bool = True
) -> Picture | None:
    """Draw a bar for each figure of a period, the largest first; None if none is known."""
    rows = [(edition.company, row) for edition in editions if (row := edition.figure(edition.metrics[0]))]
    known = [(company, row, row.value) for company, row in rows if row.value is not None]
    if not known:
        return None
    known.sort(key=lambda entry: (-entry[2], entry[0].short))
    scale = chart_scale(language, [row for _, row, _ in known])
    first = find_fastest(editions)
    bars = [
        Ranked(company.short, value, row.base, _write_bar_label(language, row, value), company.entity == first)
        for company, row, value in known
    ]
    values = {
        "metric": noun(language, known[0][1]).name,
        "period": name_period(language, period, is_calendar=is_calendar),
    }
    unit = capitalize(unit_words(language, known[0][1], scale))
    return Picture(
        key=f"rank-{at}",
        title=capitalize(language.say("{metric} in {period}", **values)),
        unit=language.say("{unit}; the line across a bar is a year earlier", unit=unit),
        alt=language.say("Bars of {bars}.", bars=_list_bars(language, known)),
        chart=draw_ranks(language, bars, scale, WIDE, f"rank-{at}"),
        narrow=draw_ranks(language, bars, scale, WIDTH, f"rank-{at}-narrow"),
    )


def _write_bar_label(language: Language, row: EditionFigure, value: Decimal) -> str:
    rate = "" if row.rate is None else describe_growth(language, row, 0)
    return f"{format_key_value(language, value, row.unit, 1)}  {rate}".rstrip()


def _list_bars(language: Language, known: Sequence[tuple[EditionCompany, EditionFigure, Decimal]]) -> str:
    return language.comma.join(
        language.say(
            "{first}, {second}",
            first=f"{isolate(language, company.short)} {describe_value(language, value, row.unit)}",
            second=describe_growth(language, row, 0),
        )
        for company, row, value in known
    )


def make_panel_picture(edition: Edition, beside: Sequence[Edition], prefix: str) -> Picture:
    """Draw the series of an edition, on the scale of those beside it."""
    language = edition.language
    metric = edition.metrics[0]
    shared = [row for other in beside for row in other.series(metric)]
    return Picture(
        key=f"panel-{prefix}",
        title=edition.company.short,
        unit=unit_words(language, shared[0], chart_scale(language, shared)),
        alt=describe_panel(language, edition.series(metric), edition.figure(metric), edition.company),
        chart=draw_panel(edition, metric, shared, f"{prefix}-{metric}"),
    )


_CAPTION: Final = phrase("Companies side by side, growth on a year earlier in brackets")


def make_comparison_table(
    language: Language, editions: Mapping[str, Edition], metric: str, caption: str = _CAPTION
) -> Table:
    """Make the table of periods by companies or parts: each cell is a figure in its unit, with its growth."""
    periods = sorted(
        {row.fiscal_period for edition in editions.values() for row in edition.series(metric)}, reverse=True
    )
    here = next(iter(editions.values())).period
    rows = tuple(
        Row(
            (
                Cell(period),
                *(_make_comparison_cell(edition, metric, period, prefix) for prefix, edition in editions.items()),
            ),
            period == here,
        )
        for period in periods
    )
    columns = tuple(
        Column(_name_column(edition, metric), "number", edition.company.short) for edition in editions.values()
    )
    heading = phrase("Quarter") if span_of(here) == "quarter" else phrase("Period")
    return Table("t-beside", language.term(caption), (Column(heading), *columns), rows, language.say("Side by side"))


def _name_column(edition: Edition, metric: str) -> str:
    language = edition.language
    series = edition.series(metric)
    unit = unit_words(language, series[0], table_scale(language, series)[0])
    return language.say("{first}, {second}", first=isolate(language, edition.company.short), second=unit)


def _make_comparison_cell(edition: Edition, metric: str, period: str, prefix: str) -> Cell:
    language = edition.language
    row = edition.figure(metric, period)
    if row is None or row.value is None:
        return Cell(say_reason(language, row, "no figure") if row else "", tone="muted")
    scale, digits = table_scale(language, edition.series(metric))
    places = anchors(edition, prefix)
    first = next((f"#{places[sign[1:]]}" for sign in row.operands if sign[1:] in places), None)
    rate = "" if row.rate is None else f" ({format_percent(language, row.rate, 0)})"
    text = format_number(language, scale.of(row.value), digits) + rate
    return Cell(text, row.value, href=first, unit=row.unit, rate=row.rate)


def make_figure_tables(editions: Mapping[str, Edition], metric: str) -> Iterator[Table]:
    """Make the table of every figure of each edition."""
    for prefix, edition in editions.items():
        yield figure_table(edition, metric, anchors(edition, prefix), prefix, is_owned=True)
