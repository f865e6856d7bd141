"""From a figure to its sources: the table of every figure, and the table of the statements that figures are made of.

Every statement of a report has one row with an anchor of its own; figures lead there, and from there to the source.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tracker.report.charts.panel import chart_scale, unit_words
from tracker.report.document import Cell, Column, Link, Row, Section, Table
from tracker.report.text.labels import (
    DASH,
    MINUS,
    PERCENT,
    WHOLE,
    Scale,
    add_mark,
    count_places,
    format_day,
    format_days,
    format_number,
    format_percent_range,
    format_trimmed,
    isolate,
    round_outward,
    scale_at,
)
from tracker.report.text.language import phrase
from tracker.report.text.reason_words import say_reason
from tracker.report.text.words import capitalize, describe_growth, name_owner, noun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from tracker.report.data.edition import Edition, EditionFigure, Evidence
    from tracker.report.text.language import Language

__all__ = ["anchors", "evidence_section", "figure_table", "printed_scale", "source_link", "table_scale"]


def table_scale(language: Language, series: Sequence[EditionFigure]) -> tuple[Scale, int]:
    """Choose the scale and digits of a table: millions for billions, two places for amounts per share.

    Rates are percentages with one place.
    """
    places = max((count_places(row.unit) for row in series), default=0)
    scale = chart_scale(language, series)
    return (WHOLE if any("/" in row.unit for row in series) else printed_scale(language, scale)), places


def printed_scale(language: Language, largest: Scale) -> Scale:
    """Choose the scale in which filings print: millions for billions, thousands for millions; percent stays."""
    if largest == PERCENT:
        return PERCENT
    return scale_at(language, 6 if largest.exponent >= 8 else 3 if largest.exponent >= 4 else 0)  # noqa: PLR2004 - powers of ten


# -- every figure -------------------------------------------------------------------------------------

_FIGURE_COLUMNS: Final = (
    Column(phrase("Period")),
    Column(phrase("Figure"), "number"),
    Column(phrase("Growth"), "ratio"),
    Column(phrase("Between"), "range"),
    Column(phrase("A year earlier"), "number"),
    Column(phrase("Rounding"), "range"),
    Column(phrase("How")),
    Column(phrase("Source"), "source"),
)


def figure_table(
    edition: Edition, metric: str, places: Mapping[str, str], key: str, *, is_owned: bool = False
) -> Table:
    """Make the table of every period, latest first; `places` are anchors of statements, `is_owned` adds the owner."""
    language = edition.language
    series = edition.series(metric)
    scale, digits = table_scale(language, series)
    title = capitalize(
        _add_owner(edition, noun(language, series[0]).name) if is_owned else noun(language, series[0]).name
    )
    return Table(
        key=f"t-{key}",
        caption=language.say("{first}, {second}", first=title, second=unit_words(language, series[0], scale)),
        columns=_FIGURE_COLUMNS,
        rows=tuple(_figure_row(edition, row, scale, digits, places) for row in reversed(series)),
        sheet=title,
        look="figures",
        name=title,
    )


def _add_owner(edition: Edition, metric: str) -> str:
    language = edition.language
    return language.say("{owner} {metric}", **name_owner(language, edition.company.short), metric=metric)


def _figure_row(edition: Edition, row: EditionFigure, scale: Scale, digits: int, places: Mapping[str, str]) -> Row:
    language = edition.language
    has_rate = row.rate is not None
    tone = "muted" if not has_rate else "down" if row.rate is not None and row.rate < 0 else ""
    first = next((f"#{places[sign[1:]]}" for sign in row.operands if sign[1:] in places), None)
    known = "" if row.value is None else format_number(language, scale.of(row.value), digits)
    base = "" if row.base is None else format_number(language, scale.of(row.base), digits)
    is_bounded = row.yoy_low is not None or row.yoy_high is not None
    return Row(
        cells=(
            Cell(row.fiscal_period),
            Cell(known, row.value, href=first if known else None, unit=row.unit),
            Cell(describe_growth(language, row), row.rate, tone=tone, span=1 if has_rate else 2),
            Cell(
                format_percent_range(language, row.yoy_low, row.yoy_high) if has_rate and is_bounded else "",
                tone="muted",
            ),
            Cell(base, row.base, unit=row.unit),
            Cell(
                describe_rounding(language, row, scale, digits),
                tone="muted",
                plain=describe_rounding(language, row, WHOLE, digits),
            ),
            Cell(language.term(row.method) if row.method else say_reason(language, row, "not derivable")),
            Cell("", links=tuple(cite_operands(edition, row.operands, places))),
        ),
        is_marked=row.fiscal_period == edition.period,
    )


def describe_rounding(language: Language, row: EditionFigure, scale: Scale, places: int) -> str:
    """Say how far the true figure may lie from the one shown: `±0.5`, or both ends where they differ."""
    if row.value is None or (row.low is None and row.high is None):
        return ""
    if row.low is None or row.high is None:
        return language.say("or more") if row.high is None else language.say("or less")
    below, above = (
        round_outward(scale.of(gap), "high", places + 1) for gap in (row.value - row.low, row.high - row.value)
    )
    if below == above:
        return add_mark(language, "±", format_trimmed(language, below, places + 1))
    gaps = ((MINUS, below), ("+", above))
    return " ".join(add_mark(language, sign, format_trimmed(language, gap, places + 1)) for sign, gap in gaps)


def cite_operands(edition: Edition, operands: Iterable[str], places: Mapping[str, str]) -> list[Link]:
    """Cite the sources of a figure's operands, each once for each sign: first those added, then those subtracted."""
    found: dict[tuple[str, str], Link] = {}
    for operand in sorted(operands, key=lambda sign: sign[0] == "-"):
        row = edition.evidence.get(operand[1:])
        if row is not None:
            link = _evidence_link(
                row, edition.language.say("less") if operand[0] == "-" else "", places.get(row.fact_id)
            )
            found.setdefault((link.prefix, row.source_id), link)
    return list(found.values())


def _evidence_link(row: Evidence, prefix: str = "", place: str | None = None) -> Link:
    link = source_link(row.source_id, row.accession, row.publisher, row.title, row.url)
    return Link(link.text, link.url, prefix, f"#{place}" if place else None)


def source_link(
    source_id: str, accession: str | None, publisher: str | None, title: str | None, url: str | None
) -> Link:
    """Cite a source: a filing by its accession number, others by publisher, short title or id."""
    is_filing = bool(accession) and accession == source_id
    text = source_id if is_filing else publisher or (title if title and len(title) <= _TITLE else source_id)
    return Link(text, url if url and url.startswith(("https://", "http://")) else None)


_TITLE: Final = 50  # characters of a title that fit a cell; the notes have longer ones in full


# -- every statement ----------------------------------------------------------------------------------

_EVIDENCE_COLUMNS: Final = (
    Column(phrase("Fact")),
    Column(phrase("Stated"), "number"),
    Column(phrase("As")),
    Column(phrase("For")),
    Column(phrase("In"), "source"),
    Column(phrase("Known"), "date"),
)
_PRINTED_COLUMNS: Final = (Column(phrase("As printed"), "quote"), Column(phrase("At")))


def anchors(edition: Edition, prefix: str = "f") -> dict[str, str]:
    """Number the statements that the report's figures rest on, in the order of the page."""
    ids = dict.fromkeys(fact_id for _, _, operands in _groups(edition) for fact_id in (sign[1:] for sign in operands))
    return {fact_id: f"{prefix}{at}" for at, fact_id in enumerate(ids, 1)}


def evidence_section(
    language: Language, editions: Mapping[str, Edition], said: Mapping[str, Row] | None = None
) -> Section:
    """Make the section of every statement, by figure: the key ones added up, then the other periods.

    `editions` by the prefix of their anchors. `said` are rows on what articles say of a key figure, by metric.
    """
    has_print = any(
        _evidence_of(edition, fact_id).quote for edition in editions.values() for fact_id in anchors(edition)
    )
    columns = _EVIDENCE_COLUMNS + (_PRINTED_COLUMNS if has_print else ())
    rows = [
        row
        for prefix, edition in editions.items()
        for row in _statement_rows(edition, prefix, len(columns), said or {})
    ]
    caption = language.say("The statements each figure is added up from, and where they stand")
    filled = tuple(row if row.is_group else _fill_row(row, len(columns)) for row in rows)
    table = Table("t-evidence", caption, columns, filled, language.say("Evidence"), look="evidence")
    return Section("evidence", language.say("How the figures come about"), tables=(table,), is_appendix=True)


def _fill_row(row: Row, width: int) -> Row:
    """Return the row with as many cells as the table has columns: rows on articles lack the cell for the print."""
    return replace(row, cells=row.cells + (Cell(""),) * (width - len(row.cells)))


def _evidence_of(edition: Edition, fact_id: str) -> Evidence:
    return edition.evidence[fact_id]


def _groups(edition: Edition) -> Iterator[tuple[str, Cell, tuple[str, ...]]]:
    """List the groups with metric, heading and signed statements: a key figure, its base, then all other periods.

    The heading is a cell, whose `plain` is the text for a sheet, where amounts are in whole units.
    """
    for metric in edition.metrics:
        row = edition.figure(metric)
        if row is not None and row.value is not None:
            yield metric, Cell(_key_title(edition, row)), _on_record(edition, row.operands)
        if row is not None and row.base is not None:
            title = _write_title(edition, row, row.base_period or "", row.base)
            yield metric, Cell(title), _on_record(edition, row.base_operands)
    shown = {sign[1:] for metric in edition.metrics for row in _list_operand_sets(edition, metric) for sign in row}
    for metric in edition.metrics:
        series = edition.series(metric)
        rest = dict.fromkeys(sign[1:] for row in series for sign in row.operands if sign[1:] not in shown)
        shown |= rest.keys()
        facts = sorted(
            _on_record(edition, [f"+{fact_id}" for fact_id in rest]),
            key=lambda sign: (edition.evidence[sign[1:]].concept, edition.evidence[sign[1:]].period_end, sign),
        )
        if facts:
            yield metric, _others_title(edition.language, series), tuple(f" {s[1:]}" for s in facts)


def _others_title(language: Language, series: Sequence[EditionFigure]) -> Cell:
    words, units = (
        capitalize(noun(language, series[0]).name),
        unit_words(language, series[0], table_scale(language, series)[0]),
    )
    titles = [
        language.say("{metric}, the other periods ({unit})", metric=words, unit=unit)
        for unit in (units, series[0].unit)
    ]
    return Cell(titles[0], plain=titles[1])


def _list_operand_sets(edition: Edition, metric: str) -> Iterator[tuple[str, ...]]:
    row = edition.figure(metric)
    if row is not None:
        yield row.operands if row.value is not None else ()
        yield row.base_operands if row.base is not None else ()


def _on_record(edition: Edition, operands: Iterable[str]) -> tuple[str, ...]:
    return tuple(sign for sign in operands if sign[1:] in edition.evidence)


def _write_title(edition: Edition, row: EditionFigure, period: str, value: Decimal) -> str:
    language = edition.language
    scale, digits = table_scale(language, edition.series(row.metric))
    shown = f"{format_number(language, scale.of(value), digits)} ({unit_words(language, row, scale)})"
    told = language.say("{first}, {second}", first=capitalize(noun(language, row).name), second=period)
    return f"{_owner_prefix(edition)}{told}{language.colon}{shown}"


def _owner_prefix(edition: Edition) -> str:
    language = edition.language
    return f"{isolate(language, edition.company.short)}{language.colon}" if len(edition.definition.entities) > 1 else ""


def _key_title(edition: Edition, row: EditionFigure) -> str:
    """Describe a key figure as `tracker explain` does: its value, how it was derived, its bounds and its growth."""
    language = edition.language
    scale, digits = table_scale(language, edition.series(row.metric))
    told = [_write_title(edition, row, row.fiscal_period, row.value)] if row.value is not None else []
    told += [language.term(row.method)] if row.method else []
    open_to = describe_rounding(language, row, scale, digits)
    told += [language.say("rounding {bounds}", bounds=open_to)] if open_to else []
    of = row.base_period if row.rate else None
    told += [
        language.say("{rate} on {period}", rate=describe_growth(language, row), period=of)
        if of
        else describe_growth(language, row)
    ]
    return language.semicolon.join(told)


def _statement_rows(edition: Edition, prefix: str, width: int, said: Mapping[str, Row]) -> Iterator[Row]:
    language = edition.language
    places = anchors(edition, prefix)
    done: set[str] = set()
    told: set[str] = set()
    for at, (metric, heading, operands) in enumerate(_groups(edition)):
        yield Row((heading,), key=f"{prefix}-{at}", is_group=True)
        scale = table_scale(language, edition.series(metric))
        for sign in operands:
            key = None if sign[1:] in done else places[sign[1:]]
            done.add(sign[1:])
            yield Row(_statement_cells(language, edition.evidence[sign[1:]], sign[0], scale)[:width], key=key)
        if metric in said and metric not in told:
            told.add(metric)
            yield said[metric]


def _with_sign(language: Language, mark: str, value: Decimal, text: str) -> str:
    """Format an amount that is added or subtracted: a negative one needs no plus, and brackets after a minus."""
    if value >= 0:
        return add_mark(language, mark, text)
    return text if not mark.startswith(MINUS) else add_mark(language, mark, f"({text})")


def _statement_cells(language: Language, row: Evidence, sign: str, scale: tuple[Scale, int]) -> tuple[Cell, ...]:
    mark = {"+": "+\N{NO-BREAK SPACE}", "-": f"{MINUS}\N{NO-BREAK SPACE}"}.get(sign, "")
    value = (
        ""
        if row.value is None
        else _with_sign(language, mark, row.value, format_number(language, scale[0].of(row.value), scale[1]))
    )
    return (
        Cell(row.fact_id[:12], tone="code"),
        Cell(value, -row.value if sign == "-" and row.value is not None else row.value, unit=row.unit),
        Cell(row.concept, tone="muted"),
        Cell(format_days(language, row.period_start, row.period_end), tone="muted"),
        Cell(isolate(language, row.form or ""), links=(_evidence_link(row),), tone="muted"),
        Cell(format_day(language, row.known_on), row.known_on, tone="muted"),
        Cell(row.quote or "", language=row.language or ("" if row.quote else None)),
        Cell("" if row.span_start is None else f"{row.span_start}{DASH}{row.span_end}", tone="muted"),
    )
