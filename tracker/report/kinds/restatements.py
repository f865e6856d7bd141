"""The report on restated figures: their first and latest values, when they changed, and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.errors import NothingMatchedError
from tracker.model.metric import lowered
from tracker.report.charts.drawing import WIDE
from tracker.report.charts.leaves import WIDTH
from tracker.report.charts.panel import tick_label, ticks_of
from tracker.report.charts.track import PlotMark, Rail, RailFrame, Tick, draw_rails
from tracker.report.data.edition import read_company
from tracker.report.data.rows import read_records, read_rows, shown_unit
from tracker.report.document import Card, Cell, Column, Document, Link, Note, Picture, Row, Section, Swatch, Table
from tracker.report.kinds.evidence import printed_scale
from tracker.report.kinds.growth import command
from tracker.report.kinds.listing import describe_rails, join_lead, join_names, number_word, prefix_name
from tracker.report.text.labels import (
    add_sign,
    count_places,
    format_amount,
    format_day,
    format_number,
    format_percent,
    format_percent_tick,
    format_share,
    isolate,
    name_counting_unit,
    name_period,
    scale_of,
    strip_unseen,
)
from tracker.report.text.language import language_of, phrase
from tracker.report.text.prose import end_sentence
from tracker.report.text.reason_words import translate_value
from tracker.report.text.words import capitalize, format_key_value, spell_concept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from tracker.report.definition import Definition
    from tracker.report.text.language import Language
    from tracker.warehouse.reader import Warehouse

__all__ = ["Restatement", "restatements", "restatements_headline"]

_CHANGES: Final = f"""
    select
        r.entity, r.name, r.concept, coalesce(m.label, '') as label, {shown_unit("r")} as unit,
        r.fiscal_period, r.calendar_quarter,
        r.period_start, r.period_end,
        r.first_value, r.latest_value, r.delta, r.cause, r.versions,
        case when r.cause = 'recast' then 'under' else r.basis_code end as basis_code,
        case when r.cause = 'recast' then r.concept else r.sibling end as basis_concept, r.basis,
        cast(r.first_at as date) as first_on, cast(r.restated_at as date) as restated_on,
        r.first_accession, r.latest_accession, f.url as first_url, l.url as latest_url
    from restatement r
    left join (select concept, min(metric) as metric from metric_tag group by concept) t on t.concept = r.concept
    left join metric m on m.metric = t.metric
    left join source f on f.source_id = r.first_accession
    left join source l on l.source_id = r.latest_accession
    where (len($entities) = 0 or list_contains($entities, r.entity))
      and (len($metrics) = 0 or list_contains($metrics, t.metric))
    order by r.restated_at desc, r.entity, r.concept, r.period_end desc, r.period_start, r.unit
"""
_KNOWN: Final = """
    select cast(max(known_at) as date) as known_on from fact_known
    where len($entities) = 0 or list_contains($entities, entity)
"""
_LABELS: Final = """
    select t.concept, min(m.label) as label from metric_tag t join metric m on m.metric = t.metric group by t.concept
"""
_FACTOR: Final = 100  # no company restates by that; a thousand is a unit, a million two
_MOST: Final = 24  # dumbbells on a page; the table has more
_ROWS: Final = 400  # of the table: a page of all that thousands of companies ever changed would open nowhere


@dataclass(frozen=True, slots=True)
class Restatement:
    """One figure as first stated and as stated now: a row of `restatement`."""

    entity: str
    name: str | None
    concept: str
    label: str
    unit: str
    fiscal_period: str
    calendar_quarter: str | None
    period_start: date | None
    period_end: date
    first_value: Decimal
    latest_value: Decimal
    delta: Decimal
    cause: str
    basis: str | None
    basis_code: str | None
    basis_concept: str | None
    versions: int
    first_on: date
    restated_on: date
    first_accession: str | None
    latest_accession: str | None
    first_url: str | None
    latest_url: str | None

    @property
    def whose(self) -> str:
        """Return the company as people call it."""
        return self.name or self.entity

    @property
    def share(self) -> Decimal | None:
        """Return the change as a fraction of the first value; None if that is not above zero or its scale was wrong."""
        return self.delta / self.first_value if self.first_value > 0 and not self.is_mistaken else None

    @property
    def weight(self) -> int:
        """Return the importance of the change: 2 for a metric, and 1 more for money, because splits restate shares."""
        is_amount = self.unit.isupper() and "/" not in self.unit
        return (2 if self.label else 0) + is_amount

    @property
    def is_mistaken(self) -> bool:
        """Return whether a figure was once stated in thousands as if in units, or the other way round."""
        small, large = sorted(abs(value) for value in (self.first_value, self.latest_value))
        return small > 0 and large >= _FACTOR * small


def restatements(warehouse: Warehouse, definition: Definition) -> Document:
    """Make the report on restated figures; one without any says so."""
    language = language_of(definition.language)
    asked = {"entities": list(definition.entities), "metrics": list(definition.metrics)}
    changes = _name_companies(language, warehouse, read_records(warehouse, _CHANGES, asked, Restatement))
    about = sorted({change.entity for change in changes}) or asked["entities"]
    known_on = read_rows(warehouse, _KNOWN, {"entities": about})[0]["known_on"]
    if known_on is None:
        raise NothingMatchedError(
            f"{definition.name}: nothing is known of {join_names(language, about) if about else 'any company'}"
        )
    true = [change for change in changes if change.cause != "precision"]
    title = restatements_headline(language, true)
    companies = join_names(language, _name_restaters(language, changes)) or language.say("All companies")
    return Document(
        definition=definition,
        language=language,
        kicker=f"{companies} · {language.say('figures said one way and later another')}",
        headline=strip_unseen(definition.title) if definition.title else title,
        lead=join_lead(
            language, definition, title, [*_write_restatement_lead(language, true, len(changes) - len(true))]
        ),
        cards=tuple(_make_restatement_cards(language, true)),
        sections=tuple(_make_restatement_sections(language, true, changes)),
        notes=tuple(_make_restatement_notes(language, changes)),
        foot=(_write_source_line(language, known_on),),
        known_on=known_on,
        commit=warehouse.snapshot.versions["fact"],
        command=command(definition, warehouse.snapshot.versions["fact"]),
        data={"restatements": [asdict(change) for change in changes]},
        trend=tuple(change.share for change in reversed(true)),
    )


def _what(language: Language, change: Restatement) -> str:
    """Name the figure in words; if it is of no metric, spell out its concept."""
    return language.term(lowered(change.label)) if change.label else spell_concept(change.concept)


def _when(language: Language, change: Restatement) -> str:
    """Name the period of a change in words."""
    is_calendar = (change.calendar_quarter or "")[:4] in change.fiscal_period and change.period_end.month % 3 == 0
    return name_period(language, change.fiscal_period, is_calendar=is_calendar)


def _name_companies(language: Language, warehouse: Warehouse, changes: Sequence[Restatement]) -> list[Restatement]:
    """Return the changes with the names of companies, and with changed definitions in words."""
    names = {entity: read_company(warehouse, entity).short for entity in {change.entity for change in changes}}
    labels = {row["concept"]: row["label"] for row in read_rows(warehouse, _LABELS, {})} if changes else {}
    return [replace(change, name=names[change.entity], basis=_in_words(language, change, labels)) for change in changes]


def _in_words(language: Language, change: Restatement, labels: Mapping[str, str]) -> str | None:
    """Say what a figure is net of, includes or stands under now: `net of proceeds from ...`."""
    if change.basis_code is None or change.basis_concept is None:
        return None
    concept = change.basis_concept
    what = lowered(labels[concept]) if concept in labels else spell_concept(concept)
    return language.say(_BASES[change.basis_code], what=translate_value(language, "what", what))


#: How a concept's meaning changed, and the phrase for it.
_BASES: Final = {
    "net_of": phrase("net of {what}"),
    "including": phrase("including {what}"),
    "under": phrase("under {what}"),
}


def _name_restaters(language: Language, changes: Sequence[Restatement]) -> list[str]:
    return [isolate(language, name) for name in sorted({change.whose for change in changes})]


def _write_source_line(language: Language, known_on: date) -> str:
    source = language.say(
        "Source: {names}; known by {day}.", names=language.say("company filings"), day=format_day(language, known_on)
    )
    return language.gap.join([source, language.say("Hollow: as first filed; filled: as filed last.")])


# -- what it says ----------------------------------------------------------------------------------------------


def restatements_headline(language: Language, changes: Sequence[Restatement]) -> str:
    """Write the finding: which company changed what, in how many periods, by how much at most.

    `changes` leave out those that only print more or fewer digits.
    """
    if not changes:
        return language.say("No figure on record has been restated")
    largest = _find_largest(changes)
    of = [change for change in changes if (change.entity, change.concept) == (largest.entity, largest.concept)]
    finding = _find_move(language, largest, of)
    if largest.share is not None and all(change.cause == "basis" for change in of):
        finding = language.say("{finding}; what it counts had changed", finding=finding)
    if len(of) < len(changes):
        one = phrase("{finding}; one of {count} figures restated")
        several = phrase("{finding}; {count} figures in all")
        return language.say(
            one if len(of) == 1 else several, finding=finding, count=number_word(language, len(changes))
        )
    return finding


def _find_largest(changes: Sequence[Restatement]) -> Restatement:
    """Return the change that moved its figure most in proportion; a change from zero comes before all others.

    More important changes come first (`weight`), and changes of a wrong scale last.
    """

    def rank(change: Restatement) -> tuple[bool, int, Decimal, date, str]:
        size = Decimal(9) if change.share is None else abs(change.share)
        return not change.is_mistaken, change.weight, size, change.period_end, change.concept

    return max(changes, key=rank)


#: Whether one period or several, and which way they went -> the finding; amounts where there is no rate.
_MOVED: Final = {
    (True, "up"): phrase("{company} restated its {metric} for {period}, up {rate}"),
    (True, "down"): phrase("{company} restated its {metric} for {period}, down {rate}"),
    (True, "from"): phrase("{company} restated its {metric} for {period}, from {before} to {after}"),
    (False, "up"): phrase("{company} restated its {metric} for {count} periods, up by up to {rate}"),
    (False, "down"): phrase("{company} restated its {metric} for {count} periods, down by up to {rate}"),
    (False, "both"): phrase("{company} restated its {metric} for {count} periods, by up to {rate} either way"),
    (False, "from"): phrase("{company} restated its {metric} for {count} periods, from {before} to {after}"),
}


def _find_move(language: Language, largest: Restatement, of: Sequence[Restatement]) -> str:
    """Return which company restated what, how far and which way."""
    ways = {change.delta > 0 for change in of}
    way = "from" if largest.share is None else "both" if len(ways) > 1 else "up" if True in ways else "down"
    return language.say(
        _MOVED[len(of) == 1, way],
        company=isolate(language, largest.whose),
        metric=_what(language, largest),
        period=_when(language, largest),
        count=number_word(language, len(of)),
        rate="" if largest.share is None else format_share(language, abs(largest.share), 1),
        before=_format_value(language, largest.first_value, largest),
        after=_format_value(language, largest.latest_value, largest),
    )


def _format_value(language: Language, value: Decimal, change: Restatement) -> str:
    return format_amount(language, value, change.unit, 3)


def _write_restatement_lead(language: Language, changes: Sequence[Restatement], rounded: int) -> Iterator[str]:
    if changes:
        yield capitalize(_say_move(language, _find_largest(changes)))
    basis = sum(change.cause == "basis" for change in changes)
    if basis and basis < len(changes):
        values = {"count": number_word(language, basis), "all": number_word(language, len(changes))}
        yield capitalize(language.say("{count} of {all} changes follow from a changed definition.", **values))
    if rounded:
        one = phrase("{count} more figure was said again with more or fewer digits, which is no restatement.")
        several = phrase("{count} more figures were said again with more or fewer digits, which is no restatement.")
        yield capitalize(language.say(one if rounded == 1 else several, count=number_word(language, rounded)))


def _say_move(language: Language, change: Restatement) -> str:
    """Say from which value to which the figure changed, on which day, and what it leaves out now."""
    basis = change.basis if change.cause == "basis" and change.basis else ""
    plain = phrase("{metric} for {period} went from {before} to {after} on {day}.")
    other = phrase("{metric} for {period} went from {before} to {after} on {day}, now {basis}.")
    return language.say(
        other if basis else plain,
        metric=_what(language, change),
        period=_when(language, change),
        before=_format_value(language, change.first_value, change),
        after=_format_value(language, change.latest_value, change),
        day=format_day(language, change.restated_on),
        basis=basis,
    )


# -- figures, charts, tables -------------------------------------------------------------------------------------


def _make_restatement_cards(language: Language, changes: Sequence[Restatement]) -> Iterator[Card]:
    if not changes:
        return
    largest = _find_largest(changes)
    whose = language.say("of {companies}", companies=join_names(language, _name_restaters(language, changes)))
    yield Card(language.say("Figures restated"), str(len(changes)), "", "", whose)
    rate = _without_rate(language, largest) if largest.share is None else format_percent(language, largest.share)
    yield Card(
        language.say("Largest change"), rate, "", "", _name_figure(language, largest), f"#r{changes.index(largest) + 1}"
    )
    latest = max(changes, key=lambda change: (change.restated_on, change.period_end))
    yield Card(language.say("Latest"), format_day(language, latest.restated_on), "", "", _name_figure(language, latest))


def _without_rate(language: Language, change: Restatement) -> str:
    return language.say(phrase("another scale") if change.is_mistaken else phrase("from zero"))


def _name_figure(language: Language, change: Restatement) -> str:
    return language.say("{first}, {second}", first=capitalize(_what(language, change)), second=_when(language, change))


def _make_restatement_sections(
    language: Language, changes: Sequence[Restatement], all_changes: Sequence[Restatement]
) -> Iterator[Section]:
    groups: dict[tuple[str, str, str], list[Restatement]] = {}
    for change in changes:
        groups.setdefault((change.entity, change.concept, change.unit), []).append(change)
    drawn = sorted(groups.values(), key=lambda of: -of[0].weight)[:6]  # the latest first within a weight
    pictures = tuple(_draw_dumbbells(language, of, at) for at, of in enumerate(drawn))
    if pictures:
        legend = (
            Swatch("first", phrase("as first filed")),
            Swatch("period", phrase("as filed last, higher")),
            Swatch("fall", phrase("as filed last, lower (the label has a minus sign)")),
        )
        yield Section("moves", language.say("From first to latest"), pictures=pictures, legend=legend)
    if all_changes:
        ordered = [*changes, *(change for change in all_changes if change.cause == "precision")]
        largest = {id(_find_largest(changes))} if changes else set()  # its key figure leads there
        listed_ = [(at, one) for at, one in enumerate(ordered, 1) if at <= _ROWS or id(one) in largest]
        rows_ = tuple(_make_restatement_row(language, change, at) for at, change in listed_)
        caption, note = (
            language.say("Each figure as first and as last filed"),
            _left_out(language, len(rows_), len(ordered)),
        )
        table_ = Table("t-restated", caption, _COLUMNS, rows_, language.say("Restatements"), note, look="restated")
        yield Section("figures", language.say("Every figure"), tables=(table_,))


def _left_out(language: Language, shown: int, of: int) -> str:
    """Say that a table does not have all rows, and where the others are."""
    if shown == of:
        return ""
    rest = phrase("{count} of {all} changes, the latest first; the others are in the JSON and in the view {view}.")
    return language.say(rest, count=str(shown), all=str(of), view="restatement")


def _draw_dumbbells(language: Language, changes: Sequence[Restatement], at: int) -> Picture:
    """Draw each period's first value, at zero, joined to its latest, at the change in percent."""
    shown = sorted(changes, key=lambda change: (change.period_end, str(change.period_start)), reverse=True)[:_MOST]
    shares = [float(change.share * 100) for change in shown if change.share is not None]
    low, high = min([0.0, *shares]), max([0.0, *shares])
    margin = (high - low or 1.0) * 0.08
    ticks = tuple(
        Tick(
            tick, format_percent_tick(language, tick_label(language, tick)) if tick else language.say("as first filed")
        )
        for tick in ticks_of(low, high)
    )
    frame = RailFrame((low - margin, high + margin), ticks, names=190, labels=300)
    rails = [_make_restatement_rail(language, change) for change in shown]
    return Picture(
        key=f"moves-{at}",
        title=prefix_name(language, shown[0].whose, _what(language, shown[0])),
        unit=_unit_line(language, changes),
        alt=language.say("Pairs of dots, as first and as last filed. {rails}.", rails=describe_rails(language, rails)),
        chart=draw_rails(language, rails, frame, WIDE, f"moves-{at}"),
        narrow=draw_rails(language, rails, frame, WIDTH, f"moves-{at}-narrow"),
    )


def _unit_line(language: Language, changes: Sequence[Restatement]) -> str:
    bases = dict.fromkeys(change.basis for change in changes if change.cause == "basis" and change.basis)
    if not bases:
        return language.say("Change from the figure as first filed")
    return language.say("Change from the figure as first filed; now {bases}", bases=join_names(language, bases))


def _make_restatement_rail(language: Language, change: Restatement) -> Rail:
    role = "fall" if change.delta < 0 else "period"
    first, latest = (
        format_key_value(language, value, change.unit) for value in (change.first_value, change.latest_value)
    )
    name, went = (
        capitalize(_when(language, change).removeprefix("the ")),
        language.say("{before} to {after}", before=first, after=latest),
    )
    if change.is_mistaken:
        return Rail(
            name,
            (),
            language.say("{first}, {second}", first=went, second=_without_rate(language, change)),
            label_role=role,
        )
    if change.share is None:
        return Rail(name, (), language.say("{change}, no rate from zero or below", change=went), label_role=role)
    marks = (PlotMark(0.0, "base", is_hollow=True), PlotMark(float(change.share * 100), role))
    label = language.say("{first}, {second}", first=went, second=format_percent(language, change.share))
    return Rail(name, marks, label, is_joined=True, label_role=role)


_COLUMNS: Final = (
    Column(phrase("Period")),
    Column(phrase("Figure")),
    Column(phrase("Unit")),
    Column(phrase("First"), "number"),
    Column(phrase("Latest"), "number"),
    Column(phrase("Change"), "number"),
    Column(phrase("Why")),
    Column(phrase("First filed"), "source"),
    Column(phrase("Restated"), "source"),
)
_CAUSES: Final = {
    "basis": phrase("definition changed"),
    "recast": phrase("another tag"),
    "restated": phrase("another figure"),
    "precision": phrase("digits only"),
}


def _make_restatement_row(language: Language, change: Restatement, at: int) -> Row:
    scale = printed_scale(language, scale_of(language, change.first_value or change.latest_value, change.unit))
    first, latest, delta = (
        format_number(language, scale.of(value), count_places(change.unit))
        for value in (change.first_value, change.latest_value, change.delta)
    )
    why = language.term(_CAUSES.get(change.cause, change.cause))
    tone = "down" if change.delta < 0 else ""
    return Row(
        (
            Cell(change.fiscal_period),
            Cell(prefix_name(language, change.whose, _what(language, change))),
            Cell(name_counting_unit(language, change.unit, scale), plain=change.unit),
            Cell(first, change.first_value),
            Cell(latest, change.latest_value),
            Cell(add_sign(language, delta), change.delta, tone=tone),
            Cell(f"{why}{language.colon}{change.basis}" if change.basis else why),
            Cell(
                format_day(language, change.first_on),
                change.first_on,
                links=_link_filing(change.first_accession, change.first_url),
            ),
            Cell(
                format_day(language, change.restated_on),
                change.restated_on,
                links=_link_filing(change.latest_accession, change.latest_url),
            ),
        ),
        key=f"r{at}",
    )


def _link_filing(accession: str | None, url: str | None) -> tuple[Link, ...]:
    if accession is None:
        return ()
    return (Link(accession, url if url and url.startswith("https://") else None),)


_RESTATED: Final = phrase(
    "A figure counts as restated where a company's own later report gives another value for the same concept and"
    " days. What articles claim does not count, nor does a value that only prints more or fewer digits."
)
_REDEFINED: Final = phrase(
    "Where a comparative moved by exactly the value of a sibling figure, what the concept counts has changed:"
    " old and new values are then of different bases and are never mixed in a difference or a growth rate."
)

_RECAST: Final = phrase(
    "Where a company files an earlier period under another tag than before and with another figure, both are listed;"
    " growth is measured between figures under one tag."
)


def _make_restatement_notes(language: Language, changes: Sequence[Restatement]) -> Iterator[Note]:
    yield Note(language.say("Restated"), language.say(_RESTATED))
    if any(change.cause == "basis" for change in changes):
        yield Note(language.say("Changed definitions"), language.say(_REDEFINED))
    if any(change.cause == "recast" for change in changes):
        yield Note(capitalize(language.term(_CAUSES["recast"])), language.say(_RECAST))
    concepts = dict.fromkeys(prefix_name(language, _what(language, change), change.concept) for change in changes)
    if concepts:
        yield Note(language.say("Filed under"), end_sentence(language, language.semicolon.join(concepts)))
