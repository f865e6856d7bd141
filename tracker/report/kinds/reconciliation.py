"""The report on one figure by several sources: each value as a dot with its interval, with the shown one marked."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from tracker.errors import NothingMatchedError
from tracker.report.charts.drawing import WIDE
from tracker.report.charts.leaves import WIDTH
from tracker.report.charts.panel import tick_label, ticks_of, unit_words
from tracker.report.charts.track import PlotMark, Rail, RailFrame, Tick, draw_rails
from tracker.report.data.edition import EditionFigure, read_edition
from tracker.report.data.rows import read_records
from tracker.report.document import Card, Cell, Column, Document, Link, Note, Picture, Row, Section, Swatch, Table
from tracker.report.kinds.evidence import anchors, evidence_section, source_link, table_scale
from tracker.report.kinds.growth import command
from tracker.report.kinds.listing import describe_rails, join_lead, join_names, number_word, prefix_name
from tracker.report.text.labels import (
    DASH,
    format_day,
    format_number,
    format_trimmed,
    isolate,
    round_outward,
    scale_of,
    strip_unseen,
)
from tracker.report.text.language import language_of, phrase
from tracker.report.text.prose import end_sentence
from tracker.report.text.reason_words import say_reason, say_rule
from tracker.report.text.words import capitalize, describe_value, format_key_value, name_figure_period, name_owner, noun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from tracker.report.data.edition import Edition, EditionCompany
    from tracker.report.definition import Definition
    from tracker.report.text.labels import Scale
    from tracker.report.text.language import Language
    from tracker.warehouse.reader import Warehouse

__all__ = ["SourceStatement", "reconciliation", "reconciliation_headline"]

_SAID: Final = """
    select
        r.metric, r.fiscal_period, r.value, r.low, r.high, r.unit, r.method, r.concept,
        coalesce(o.operands, []) as operands,
        r.source_id, coalesce(r.accession, s.accession) as accession, coalesce(r.form, s.form) as form, r.qualifier,
        r.language, r.quote, r.span_start, r.span_end, cast(r.known_at as date) as known_on, r.state, r.is_chosen,
        r.is_pinned, r.reason, r.reason_code, r.reason_parameters, r.rule, r.rule_code, r.rule_parameters,
        s.publisher, s.title, s.url
    from reconciliation r
    left join source s on s.source_id = r.source_id
    left join (
        select metric, place, list(if(sign = 1, '+', '-') || lower(hex(fact_id)) order by position) as operands
        from candidate_operand where entity = $entity and fiscal_period = $period group by metric, place
    ) o on o.metric = r.metric and o.place = r.place
    where r.entity = $entity and list_contains($metrics, r.metric) and r.fiscal_period = $period
    order by r.metric, r.is_chosen desc, r.state, r.method, r.source_id nulls first, r.concept, r.span_start, r.operands
"""
#: Each state: its text in a table and a label, and a mark besides the colour.
_STATES: Final = {
    "equal": phrase("✓ equal"),
    "consistent": phrase("✓ consistent"),
    "restated": phrase("since restated"),
    "inconsistent": phrase("✗ contradicts"),
    "incomparable": phrase("not comparable"),
}


@dataclass(frozen=True, slots=True)
class SourceStatement:
    """One statement of a figure beside the one shown: a row of `reconciliation` with its source."""

    metric: str
    fiscal_period: str
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    unit: str
    method: str | None
    concept: str
    operands: tuple[str, ...]
    source_id: str | None
    accession: str | None
    form: str | None
    qualifier: str | None
    language: str | None
    quote: str | None
    span_start: int | None
    span_end: int | None
    known_on: date | None
    state: str
    is_chosen: bool
    is_pinned: bool
    reason: str | None
    reason_code: str | None
    reason_parameters: Mapping[str, str] | None
    rule: str | None
    rule_code: str | None
    rule_parameters: Mapping[str, str] | None
    publisher: str | None
    title: str | None
    url: str | None


def reconciliation(warehouse: Warehouse, definition: Definition) -> Document:
    """Make the report on what sources say about a company's figures; NothingMatchedError if none says anything."""
    language = language_of(definition.language)
    edition = read_edition(warehouse, definition, language, is_bare=True)
    asked = {"entity": definition.entity, "metrics": list(definition.metrics), "period": edition.period}
    found = read_records(warehouse, _SAID, asked, SourceStatement)
    said = {metric: tuple(row for row in found if row.metric == metric) for metric in edition.metrics}
    said = {metric: statements for metric, statements in said.items() if statements and edition.figure(metric)}
    if not said:
        raise NothingMatchedError(f"{definition.name}: nothing is said of {edition.company.short} for {edition.period}")
    about = max(said, key=lambda metric: (_contradicted(said[metric]), -list(said).index(metric)))
    figure = _find_figure(edition, about)
    title = reconciliation_headline(language, figure, edition.company, said[about])
    period = capitalize(name_figure_period(language, figure).removeprefix("the "))
    about_sources = language.say("{period}, what sources say", period=period)
    return Document(
        definition=definition,
        language=language,
        kicker=f"{isolate(language, edition.company.name)} · {about_sources}",
        headline=strip_unseen(definition.title) if definition.title else title,
        lead=join_lead(language, definition, title, [*_write_statement_lead(edition, said, about)]),
        cards=tuple(_card(edition, metric, statements) for metric, statements in said.items()),
        sections=tuple(_make_statement_sections(edition, said)),
        notes=tuple(_make_statement_notes(language, found)),
        foot=(language.say(_FOOT, day=format_day(language, edition.known_on)),),
        known_on=edition.known_on,
        commit=edition.commit,
        command=command(definition, warehouse.snapshot.versions["fact"]),
        data={"statements": [asdict(row) for row in found]},
        trend=tuple(row.value for row in edition.series(about)),
    )


_FOOT: Final = phrase("Known by {day}. Large dot: the value shown; bars: what the printed digits leave open.")


def _source_name(language: Language, row: SourceStatement) -> str:
    """Name the source of a value, or how it was derived if no source states it."""
    if row.source_id is None:
        how = phrase("by definition") if row.concept.startswith("defined:") else row.method or "derived"
        return language.term({"derived": phrase("by subtraction or addition")}.get(how, how))
    link = source_link(row.source_id, row.accession, row.publisher, row.title, row.url)
    return isolate(language, f"{row.form} {link.text}" if row.form else link.text)


def _find_figure(edition: Edition, metric: str) -> EditionFigure:
    return next(row for row in edition.figures if row.metric == metric and row.fiscal_period == edition.period)


def _others(said: Sequence[SourceStatement]) -> list[SourceStatement]:
    return [row for row in said if not row.is_chosen]


def _contradicted(said: Sequence[SourceStatement]) -> int:
    return sum(row.state == "inconsistent" for row in said)


# -- what it says ----------------------------------------------------------------------------------------------


def reconciliation_headline(
    language: Language, figure: EditionFigure, company: EditionCompany, said: Sequence[SourceStatement]
) -> str:
    """Write the finding: whether others agree with the value shown, and how many do not."""
    others = _others(said)
    against = sum(row.state == "inconsistent" for row in others)
    agree = sum(row.state in {"equal", "consistent"} for row in others)
    values = {
        **name_owner(language, company.short),
        "metric": noun(language, figure).name,
        "was": noun(language, figure).was,
        "period": name_figure_period(language, figure),
        "value": describe_value(language, figure.value, figure.unit),
        "count": number_word(language, against or agree),
        "all": number_word(language, len(others)),
    }
    return capitalize(language.say(_choose_finding(figure, others, against, agree), **values))


def _choose_finding(figure: EditionFigure, others: Sequence[SourceStatement], against: int, agree: int) -> str:
    """Return the phrase of the finding, by how many sources contradict the shown value and how many agree."""
    if figure.value is None:
        return phrase("No value can be chosen for {owner} {metric} in {period}")
    if against or agree:
        return _AGAINST[against == 1] if against else _AGREE[agree == 1]
    if any(row.state == "restated" for row in others):
        return phrase("{owner} {metric} in {period} {was} {value}; what was said before has been restated")
    if others:
        return phrase("Nothing that can be compared speaks of {owner} {metric} in {period}; the {value} stands alone")
    return phrase("One statement alone gives {owner} {metric} in {period}: {value}")


#: Whether it is one statement -> the finding.
_AGAINST: Final = {
    True: phrase("{count} of {all} other statements of {owner} {metric} in {period} contradicts the {value} shown"),
    False: phrase("{count} of {all} other statements of {owner} {metric} in {period} contradict the {value} shown"),
}
_AGREE: Final = {
    True: phrase("{count} other statement agrees with the {value} of {owner} {metric} in {period}"),
    False: phrase("{count} statements agree with the {value} of {owner} {metric} in {period}"),
}


def _write_statement_lead(edition: Edition, said: Mapping[str, Sequence[SourceStatement]], about: str) -> Iterator[str]:
    language = edition.language
    figure, statements = _find_figure(edition, about), said[about]
    chosen = next((row for row in statements if row.is_chosen), None)
    if chosen is not None and figure.value is not None:
        yield end_sentence(language, _say_which_is_shown(language, chosen))
    states = [
        language.say(_COUNTED[state], count=number_word(language, count))
        for state, count in _count_states(_others(statements)).items()
    ]
    if states:
        yield language.say("Beside it: {counts}.", counts=join_names(language, states))
    for metric in said:
        if metric != about:
            yield end_sentence(
                language,
                reconciliation_headline(language, _find_figure(edition, metric), edition.company, said[metric]),
            )


def _say_which_is_shown(language: Language, chosen: SourceStatement) -> str:
    """Say whose value is shown or how it was derived, whether a person pinned it, and which rule chose it."""
    of, how = phrase("The value shown is that of {name}"), phrase("The value shown comes about {name}")
    finding = language.say(of if chosen.source_id else how, name=_source_name(language, chosen))
    if chosen.is_pinned:
        finding = language.say("{finding} (an analyst's choice)", finding=finding)
    return (
        language.say("{finding}; {reason}", finding=finding, reason=say_rule(language, chosen))
        if chosen.rule_code
        else finding
    )


_COUNTED: Final = {
    "equal": phrase("{count} equal"),
    "consistent": phrase("{count} consistent"),
    "restated": phrase("{count} since restated"),
    "inconsistent": phrase("{count} contradicting"),
    "incomparable": phrase("{count} not comparable"),
}


def _count_states(said: Sequence[SourceStatement]) -> dict[str, int]:
    counts = {state: sum(row.state == state for row in said) for state in _STATES}
    return {state: count for state, count in counts.items() if count}


# -- figures, charts, tables -------------------------------------------------------------------------------------


def _card(edition: Edition, metric: str, said: Sequence[SourceStatement]) -> Card:
    language = edition.language
    row, others = _find_figure(edition, metric), _others(said)
    against = _contradicted(others)
    agree = sum(statement.state in {"equal", "consistent"} for statement in others)
    some = phrase("✗ {count} against") if against else phrase("✓ {count} agree")
    verdict = language.say(some, count=str(against or agree)) if against or agree else language.say("alone")
    chosen = next((statement for statement in said if statement.is_chosen), None)
    fine = language.say("shown: {name}", name=_source_name(language, chosen)) if chosen else say_reason(language, row)
    tone = "down" if against else ""
    href = f"#s-{metric}-{said.index(chosen) + 1}" if chosen else None
    return Card(
        capitalize(noun(language, row).name), format_key_value(language, row.value, row.unit), verdict, tone, fine, href
    )


def _make_statement_sections(edition: Edition, said: Mapping[str, Sequence[SourceStatement]]) -> Iterator[Section]:
    language = edition.language
    drawn = (_draw_statements(edition, metric, statements) for metric, statements in said.items())
    pictures = tuple(picture for picture in drawn if picture is not None)
    if pictures:
        legend = (
            Swatch("period", phrase("the value shown (large)")),
            Swatch("base", phrase("agrees")),
            Swatch("hollow", phrase("since restated")),
            Swatch("fall", phrase("contradicts")),
        )
        yield Section("sources", language.say("What each source says"), pictures=pictures, legend=legend)
    tables = tuple(_make_statement_table(edition, metric, statements) for metric, statements in said.items())
    yield Section("statements", language.say("Every statement"), tables=tables)
    yield evidence_section(language, {"f": edition})


def _comparable(edition: Edition, metric: str, said: Sequence[SourceStatement]) -> list[SourceStatement]:
    unit = _find_figure(edition, metric).unit
    return [row for row in said if row.unit == unit and row.state != "incomparable" and _list_ends(row)]


def _list_ends(row: SourceStatement) -> list[Decimal]:
    return [end for end in (row.value, row.low, row.high) if end is not None]


def _draw_statements(edition: Edition, metric: str, said: Sequence[SourceStatement]) -> Picture | None:
    """Draw dots and intervals of all statements that can be compared; None if there are none."""
    language = edition.language
    shown = _comparable(edition, metric, said)[:_MOST]
    if not shown:
        return None
    figure = _find_figure(edition, metric)
    scale = scale_of(language, max(abs(end) for row in shown for end in _list_ends(row)), figure.unit)
    ends = [float(scale.of(end)) for row in shown for end in _list_ends(row)]
    low, high = min(ends), max(ends)
    margin = (high - low or abs(high) or 1.0) * 0.12
    spread = ticks_of(0.0, high - low or 1.0)
    base = round(low / (spread[1] - spread[0])) * (spread[1] - spread[0]) if len(spread) > 1 else low
    ticks = tuple(Tick(base + tick, tick_label(language, round(base + tick, 9))) for tick in spread)
    domain = (low - margin, high + margin)
    rails = [_make_statement_rail(language, row, scale.exponent, domain) for row in shown]
    frame = RailFrame(domain, ticks, names=270, labels=230)
    return Picture(
        key=f"said-{metric}",
        title=capitalize(
            language.say(
                "{metric} in {period}", metric=noun(language, figure).name, period=name_figure_period(language, figure)
            )
        ),
        unit=language.say(
            "{unit}; the scale does not begin at zero", unit=capitalize(unit_words(language, figure, scale))
        ),
        alt=language.say("Dots with intervals, one a statement. {rails}.", rails=describe_rails(language, rails)),
        chart=draw_rails(language, rails, frame, WIDE, f"said-{metric}"),
        narrow=draw_rails(language, rails, frame, WIDTH, f"said-{metric}-narrow"),
    )


_MOST: Final = 20  # statements drawn; the table has all


def _make_statement_rail(language: Language, row: SourceStatement, exponent: int, domain: tuple[float, float]) -> Rail:
    """Make the row of a statement: a dot with its interval; an open interval reaches to the edge."""
    value, low, high = (None if end is None else float(end.scaleb(-exponent)) for end in (row.value, row.low, row.high))
    at = next(end for end in (value, low, high) if end is not None)
    role = "period" if row.is_chosen else "fall" if row.state == "inconsistent" else "base"
    mark = PlotMark(
        at,
        role,
        is_hollow=row.state == "restated",
        low=domain[0] if low is None else low,
        high=domain[1] if high is None else high,
        is_large=row.is_chosen,
    )
    state = language.term(_STATES.get(row.state, row.state)).lstrip("✓✗ ")  # fonts of pictures lack the marks
    label = language.say(
        "{first}, {second}", first=_print_value(language, row), second=language.say("shown") if row.is_chosen else state
    )
    return Rail(
        _source_name(language, row),
        (mark,),
        label,
        is_bold=row.is_chosen,
        label_role="fall" if role == "fall" else "ink",
    )


def _print_value(language: Language, row: SourceStatement) -> str:
    """Print the value as short as possible; one-sided statements are printed by their end."""
    if row.high is None and row.low is not None and row.value == row.low:
        return language.say("≥ {amount}", amount=format_key_value(language, row.low, row.unit))
    if row.value is None:
        return f"{format_key_value(language, row.low, row.unit)}{DASH}{format_key_value(language, row.high, row.unit)}"
    return format_key_value(language, row.value, row.unit)


_COLUMNS: Final = (
    Column(phrase("Who")),
    Column(phrase("States"), "number"),
    Column(phrase("Between"), "range"),
    Column(phrase("Against the value shown")),
    Column(phrase("Why")),
    Column(phrase("As printed"), "quote"),
    Column(phrase("Known"), "date"),
    Column(phrase("Source"), "source"),
)


def _make_statement_table(edition: Edition, metric: str, said: Sequence[SourceStatement]) -> Table:
    language = edition.language
    figure = _find_figure(edition, metric)
    scale, digits = table_scale(language, [figure])
    places = anchors(edition)
    scaled = (scale, digits, figure.unit)
    made = tuple(
        _make_statement_row(language, row, scaled, places, f"s-{metric}-{at}") for at, row in enumerate(said, 1)
    )
    title = capitalize(noun(language, figure).name)
    name = language.say("{first}, {second}", first=title, second=figure.fiscal_period)
    caption = language.comma.join([title, figure.fiscal_period, unit_words(language, figure, scale)])
    return Table(f"t-said-{metric}", caption, _COLUMNS, made, title, look="statements", name=name)


def _whole(language: Language, end: Decimal | None) -> str:
    """Return an end of an interval in whole units."""
    return "" if end is None else format_trimmed(language, end, 6)


def _make_statement_row(
    language: Language, row: SourceStatement, scaled: tuple[Scale, int, str], places: Mapping[str, str], key: str
) -> Row:
    scale, digits, unit = scaled
    exponent = scale.exponent
    value = "" if row.value is None else format_number(language, row.value.scaleb(-exponent), digits)
    low, high = (
        ""
        if end is None
        else format_trimmed(language, round_outward(end.scaleb(-exponent), side, digits + 1), digits + 1)
        for end, side in ((row.low, "low"), (row.high, "high"))
    )
    why = language.semicolon.join(filter(None, (say_reason(language, row), say_rule(language, row))))
    return Row(
        (
            Cell(_source_name(language, row)),
            Cell(value, row.value, unit=unit),
            Cell(
                _between(language, low, high),
                tone="muted",
                plain=_between(language, *(_whole(language, end) for end in (row.low, row.high))),
            ),
            Cell(_verdict(language, row)),
            Cell(why),
            Cell(row.quote or "", language=(row.language or "") if row.quote else None),
            Cell("" if row.known_on is None else format_day(language, row.known_on), row.known_on, tone="muted"),
            Cell("", links=tuple(_links(language, row, places))),
        ),
        is_marked=row.is_chosen,
        key=key,
    )


def _between(language: Language, low: str, high: str) -> str:
    if low and high:
        return language.say("{low} to {high}", low=low, high=high)
    return (
        language.say("at least {amount}", amount=low)
        if low
        else language.say("at most {amount}", amount=high)
        if high
        else ""
    )


def _verdict(language: Language, row: SourceStatement) -> str:
    if row.is_chosen:
        return language.say("shown, pinned") if row.is_pinned else language.say("shown")
    return language.term(_STATES.get(row.state, row.state))


def _links(language: Language, row: SourceStatement, places: Mapping[str, str]) -> Iterator[Link]:
    """Yield the source itself, or the statements a derived value is made of."""
    if row.source_id is not None:
        yield source_link(row.source_id, row.accession, row.publisher, row.title, row.url)
        return
    for sign in row.operands:
        word = language.say("less") if sign[0] == "-" else ""
        place = places.get(sign[1:])
        yield Link(sign[1:9], None, word, f"#{place}" if place else None)


_HELD: Final = phrase(
    "Equal: the same value. Consistent: one true value could explain both, given the digits printed. Restated: the"
    " company itself has replaced it. Not comparable: another unit, other days or another definition."
    " Contradicting: no value could be both."
)


def _make_statement_notes(language: Language, found: Sequence[SourceStatement]) -> Iterator[Note]:
    yield Note(language.say("How statements are held against each other"), language.say(_HELD))
    rules = [*dict.fromkeys(say_rule(language, row) for row in found if row.rule_code)]
    yield Note(
        language.say("Which is shown"),
        end_sentence(language, capitalize(join_names(language, rules))) if rules else language.say("The one there is."),
    )
    titles = {row.source_id: row.title for row in found if row.source_id and row.title and not row.publisher}
    if titles:
        yield Note(
            language.say("Sources"),
            end_sentence(
                language,
                language.semicolon.join(prefix_name(language, name, title) for name, title in sorted(titles.items())),
            ),
        )
