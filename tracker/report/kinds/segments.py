"""The report on the parts of one company: who grew, and the share of each in the whole over time.

Parts are segments, products or regions, as filings state them along one axis.
"""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.report.charts.comparison import IndexLine, draw_shares
from tracker.report.charts.drawing import WIDE
from tracker.report.charts.leaves import WIDTH
from tracker.report.data.company_parts import read_parts
from tracker.report.document import Document, Note, Picture, Section, Swatch
from tracker.report.kinds.evidence import evidence_section
from tracker.report.kinds.growth import command
from tracker.report.kinds.listing import join_lead
from tracker.report.kinds.notes import BOUNDS
from tracker.report.kinds.side_by_side import (
    LEVELS_LEGEND,
    find_fastest,
    make_cards,
    make_comparison_table,
    make_figure_tables,
    make_panel_picture,
    make_ranking_picture,
)
from tracker.report.text.labels import (
    format_day,
    format_percent,
    format_share,
    isolate,
    name_period,
    say_when,
    span_of,
    strip_unseen,
)
from tracker.report.text.language import language_of, phrase
from tracker.report.text.prose import end_sentence
from tracker.report.text.words import capitalize, describe_growth, describe_value, noun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.report.data.company_parts import CompanyParts
    from tracker.report.data.edition import Edition, EditionFigure
    from tracker.report.definition import Definition
    from tracker.report.text.language import Language
    from tracker.warehouse.reader import Warehouse

__all__ = ["segments"]


def segments(warehouse: Warehouse, definition: Definition) -> Document:
    """Make the report on the parts of one company.

    Raises NothingMatchedError if fewer than two of them have a figure for the period.
    """
    language = language_of(definition.language)
    parts = read_parts(warehouse, definition, language)
    title = _write_headline(language, parts)
    fastest = find_fastest([*parts.editions.values()])
    first = next((one for one in parts.editions.values() if one.company.entity == fastest), _first_edition(parts))
    return Document(
        definition=definition,
        language=language,
        kicker=_write_kicker(language, parts),
        headline=strip_unseen(definition.title) if definition.title else title,
        lead=join_lead(language, definition, title, [*_write_lead(language, parts)]),
        cards=tuple(make_cards(language, parts.editions)),
        sections=tuple(_make_sections(language, parts)),
        notes=tuple(_write_notes(language, parts)),
        foot=(_write_foot(language, parts),),
        known_on=_first_edition(parts).known_on,
        commit=_first_edition(parts).commit,
        command=command(definition, _first_edition(parts).commit),
        data={
            "period": parts.period,
            "axis": parts.axis,
            "figures": [
                asdict(row) for edition in parts.editions.values() for row in edition.series(edition.metrics[0])
            ],
        },
        trend=tuple(row.value for row in first.series(first.metrics[0])),
    )


def _first_edition(parts: CompanyParts) -> Edition:
    return next(iter(parts.editions.values()))


def _list_part_figures(parts: CompanyParts) -> list[tuple[str, EditionFigure]]:
    """List the parts with their figures for the period, the largest first."""
    found = [(edition.company.short, edition.figure(edition.metrics[0])) for edition in parts.editions.values()]
    return [(name, row) for name, row in found if row is not None]


def _is_calendar(parts: CompanyParts) -> bool:
    return _list_part_figures(parts)[0][1].is_calendar


def _write_kicker(language: Language, parts: CompanyParts) -> str:
    period = capitalize(_name_report_period(language, parts).removeprefix("the "))
    return f"{isolate(language, parts.company.name)} · {period}"


def _name_report_period(language: Language, parts: CompanyParts) -> str:
    return name_period(language, parts.period, is_calendar=_is_calendar(parts))


# -- what it says ------------------------------------------------------------------------------------------


def _write_headline(language: Language, parts: CompanyParts) -> str:
    """Write which part grew most; if none grew, which one fell least."""
    figures = _list_part_figures(parts)
    metric = noun(language, figures[0][1]).name
    rated = [(rate, name) for name, row in figures if row.yoy_status == "ok" and (rate := row.rate) is not None]
    if not rated:
        text = phrase("No growth of {metric} can be stated for {period}")
        return capitalize(language.say(text, metric=metric, period=_name_report_period(language, parts)))
    rate, name = max(rated)
    text = _ROSE if rate > 0 else _FELL
    return capitalize(
        language.say(
            text,
            company=isolate(language, parts.company.short),
            metric=metric,
            most=f"{isolate(language, name)} ({format_percent(language, rate, 0)})",
            when=say_when(language, parts.period, is_calendar=_is_calendar(parts)),
        )
    )


_ROSE: Final = phrase("Of the parts of {company}, {metric} rose most in {most} {when}")
_FELL: Final = phrase("Of the parts of {company}, {metric} fell least in {most} {when}")


def _write_lead(language: Language, parts: CompanyParts) -> Iterator[str]:
    """Write the figure of each part with its growth and its share, then what they give together."""
    figures = _list_part_figures(parts)
    yield end_sentence(language, language.semicolon.join(_say_figure(language, parts, *one) for one in figures))
    total, unit = sum((row.value for _, row in figures if row.value is not None), Decimal(0)), figures[0][1].unit
    whole = parts.whole.get((parts.period, unit))
    if whole is not None and {row.unit for _, row in figures} == {unit} and total != whole:
        values = {"value": describe_value(language, total, unit), "amount": describe_value(language, whole, unit)}
        yield language.say(_MORE if total > whole else _LESS, **values)


_MORE: Final = phrase(
    "Together they give {value}, more than the {amount} of the whole company: some are parts of others."
)
_LESS: Final = phrase("Together they give {value}; the whole company has {amount}.")


def _say_figure(language: Language, parts: CompanyParts, name: str, row: EditionFigure) -> str:
    value, growth = describe_value(language, row.value, row.unit), describe_growth(language, row, 0)
    share = _find_share(parts, row)
    told = [growth] if share is None else [growth, language.say(_OF_WHOLE, amount=format_share(language, share))]
    return f"{isolate(language, name)} {value} ({language.comma.join(told)})"


_OF_WHOLE: Final = phrase("{amount} of the whole")


def _find_share(parts: CompanyParts, row: EditionFigure) -> Decimal | None:
    """Return the share of a part in the whole; None if one of them is unknown, or if any part is below zero."""
    whole = parts.whole.get((row.fiscal_period, row.unit))
    beside = [edition.figure(row.metric, row.fiscal_period) for edition in parts.editions.values()]
    is_loss = any(one is not None and one.value is not None and one.value < 0 for one in beside)
    if whole is None or whole <= 0 or row.value is None or is_loss:
        return None
    return row.value / whole


def _write_foot(language: Language, parts: CompanyParts) -> str:
    day = format_day(language, _first_edition(parts).known_on)
    return language.say("Source: company filings; known by {day}. Lines across bars: a year earlier.", day=day)


def _write_notes(language: Language, parts: CompanyParts) -> Iterator[Note]:
    yield Note(language.say("Parts"), language.say(_CUT, name=parts.axis))
    yield Note(language.say("Bounds"), language.term(BOUNDS))


_CUT: Final = phrase(
    "Parts are those that the filings state along the axis {name}. A filing may cut them anew; growth is only measured"
    " between figures of one cut."
)


# -- charts and tables ---------------------------------------------------------------------------------------


def _make_sections(language: Language, parts: CompanyParts) -> Iterator[Section]:
    editions = [*parts.editions.values()]
    ranks = make_ranking_picture(language, editions, parts.period, 0, is_calendar=_is_calendar(parts))
    if ranks:
        yield Section("levels", language.say("Levels"), pictures=(ranks,), legend=LEVELS_LEGEND)
    if shares := _make_share_picture(language, parts):
        yield Section("shares", language.say("Share of the whole"), pictures=(shares,))
    yield Section(
        "growth",
        language.term(_BY_SPAN.get(span_of(parts.period), _BY_SPAN["year"])),
        pictures=tuple(make_panel_picture(edition, editions, prefix) for prefix, edition in parts.editions.items()),
        legend=(
            Swatch("period", parts.period),
            Swatch("base", phrase("a year earlier")),
            Swatch("history", phrase("other periods")),
            Swatch("fall", phrase("below zero, with a minus sign")),
        ),
    )
    metric = editions[0].metrics[0]
    yield Section(
        "figures",
        language.say("Every figure"),
        tables=(
            make_comparison_table(language, parts.editions, metric, _BESIDE),
            *make_figure_tables(parts.editions, metric),
        ),
    )
    yield evidence_section(language, parts.editions)


_BY_SPAN: Final = {"quarter": phrase("Quarter by quarter"), "year": phrase("Year by year")}
_BESIDE: Final = phrase("Parts side by side, growth on a year earlier in brackets")


def _make_share_picture(language: Language, parts: CompanyParts) -> Picture | None:
    """Draw a line for the share of each part over time; None if there are no two periods with shares."""
    fastest = find_fastest([*parts.editions.values()])
    lines = [
        IndexLine(edition.company.short, points, edition.company.entity == fastest)
        for edition in parts.editions.values()
        if (points := _list_shares(parts, edition))
    ]
    if len({place for line in lines for place in line.points}) < 2:  # noqa: PLR2004 - a line has two points
        return None
    is_yearly = span_of(parts.period) != "quarter"
    ends = language.semicolon.join(
        f"{isolate(language, line.name)} {format_share(language, line.points[max(line.points)] / 100)}"
        for line in lines
    )
    wide, narrow = (
        draw_shares(language, lines, width, key, is_yearly=is_yearly)
        for width, key in ((WIDE, "shares"), (WIDTH, "shares-narrow"))
    )
    return Picture(
        key="shares",
        title=language.say("Share of the whole"),
        unit=language.say("% of the whole company"),
        alt=language.say("Lines of shares. At their ends: {ends}.", ends=ends),
        chart=wide,
        narrow=narrow,
    )


def _list_shares(parts: CompanyParts, edition: Edition) -> dict[int, Decimal]:
    """List the shares of a part in percent, by the place of the period."""
    found = [(row.place, _find_share(parts, row)) for row in edition.series(edition.metrics[0])]
    return {place: share * 100 for place, share in found if share is not None}
