"""The report on figures that companies gave one way and later another: from what, to what, when and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.errors import NothingMatchedError
from tracker.model.metric import lowered
from tracker.report.charts.drawing import WIDE
from tracker.report.charts.leaves import WIDTH
from tracker.report.charts.panel import tick_label, ticks_of
from tracker.report.charts.track import Frame, Mark, Rail, Tick, rail_chart
from tracker.report.data.edition import read_company
from tracker.report.data.rows import rows, table
from tracker.report.document import Card, Cell, Column, Document, Link, Note, Picture, Row, Section, Swatch, Table
from tracker.report.kinds.evidence import printed_scale
from tracker.report.kinds.growth import command
from tracker.report.kinds.listing import lead_of, listed, named, number_word, rails_told
from tracker.report.text.labels import (
    amount,
    counted_in,
    day,
    grouped,
    isolated,
    percent,
    percent_tick,
    period_words,
    scale_of,
    seen,
    share,
    signed,
)
from tracker.report.text.language import mark, phrase, say, term
from tracker.report.text.prose import stop
from tracker.report.text.retold import retold
from tracker.report.text.words import capital, short_money, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from tracker.report.definition import Definition
    from tracker.warehouse.reader import Warehouse

__all__ = ["Change", "restatements", "restatements_headline"]

_CHANGES: Final = """
    select
        r.entity, r.name, r.concept, coalesce(m.label, '') as label, r.unit, r.fiscal_period, r.calendar_quarter,
        r.period_start, r.period_end,
        r.first_value, r.latest_value, r.delta, r.cause, r.versions,
        case when r.cause = 'recast' then 'under ' || r.concept else r.basis end as basis,
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
class Change:
    """One figure as it was first said and as it is said now: a row of `restatement`."""

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
    versions: int
    first_on: date
    restated_on: date
    first_accession: str | None
    latest_accession: str | None
    first_url: str | None
    latest_url: str | None

    @property
    def whose(self) -> str:
        """The company as people call it."""
        return self.name or self.entity

    @property
    def what(self) -> str:
        """The figure in words; its concept spelled out where it stands for no metric."""
        return term(lowered(self.label)) if self.label else spelled(self.concept)

    @property
    def when(self) -> str:
        """Its period in words."""
        is_calendar = (self.calendar_quarter or "")[:4] in self.fiscal_period and self.period_end.month % 3 == 0
        return period_words(self.fiscal_period, is_calendar=is_calendar)

    @property
    def share(self) -> Decimal | None:
        """The change against what was first said; None from zero or below, and where the scale was mistaken."""
        return self.delta / self.first_value if self.first_value > 0 and not self.is_mistaken else None

    @property
    def weight(self) -> int:
        """What a reader would hear of first: amounts of a metric (3), its shares, which splits restate (2), tags."""
        is_amount = self.unit.isupper() and "/" not in self.unit
        return (2 if self.label else 0) + is_amount

    @property
    def is_mistaken(self) -> bool:
        """Whether a figure was once given in thousands as if in units, or the other way round."""
        small, large = sorted(abs(value) for value in (self.first_value, self.latest_value))
        return small > 0 and large >= _FACTOR * small


def restatements(warehouse: Warehouse, definition: Definition) -> Document:
    """The report on restated figures; one without any says so."""
    asked = {"entities": list(definition.entities), "metrics": list(definition.metrics)}
    changes = _named(warehouse, rows(warehouse, _CHANGES, asked, Change))
    about = sorted({change.entity for change in changes}) or asked["entities"]
    known_on = table(warehouse, _KNOWN, {"entities": about})[0]["known_on"]
    if known_on is None:
        raise NothingMatchedError(f"{definition.name}: nothing is known of {listed(about) if about else 'any company'}")
    true = [change for change in changes if change.cause != "precision"]
    title = restatements_headline(true)
    return Document(
        definition=definition,
        language=definition.language,
        kicker=f"{listed(_names(changes)) or say('All companies')} · {say('figures said one way and later another')}",
        headline=seen(definition.title) if definition.title else title,
        lead=lead_of(definition, title, [*_lead(true, len(changes) - len(true))]),
        cards=tuple(_cards(true)),
        sections=tuple(_sections(true, changes)),
        notes=tuple(_notes(changes)),
        foot=(_foot(known_on),),
        known_on=known_on,
        commit=warehouse.snapshot.versions["fact"],
        command=command(definition, warehouse.snapshot.versions["fact"]),
        data={"restatements": [asdict(change) for change in changes]},
        trend=tuple(change.share for change in reversed(true)),
    )


def _named(warehouse: Warehouse, changes: Sequence[Change]) -> list[Change]:
    """The changes with companies and changed definitions in words people use."""
    names = {entity: read_company(warehouse, entity).short for entity in {change.entity for change in changes}}
    labels = {row["concept"]: row["label"] for row in table(warehouse, _LABELS, {})} if changes else {}
    return [replace(change, name=names[change.entity], basis=_in_words(change.basis, labels)) for change in changes]


def _in_words(basis: str | None, labels: Mapping[str, str]) -> str | None:
    """`net of us-gaap:Proceeds...` as `net of proceeds from ...`."""
    if basis is None:
        return None
    head, _, concept = basis.rpartition(" ")
    return retold(f"{head} {lowered(labels[concept]) if concept in labels else spelled(concept)}")


def _names(changes: Sequence[Change]) -> list[str]:
    return [isolated(name) for name in sorted({change.whose for change in changes})]


def _foot(known_on: date) -> str:
    source = say("Source: {names}; known by {day}.", names=say("company filings"), day=day(known_on))
    return mark("gap").join([source, say("Hollow: as first filed; filled: as filed last.")])


# -- what it says ----------------------------------------------------------------------------------------------


def restatements_headline(changes: Sequence[Change]) -> str:
    """The finding: who changed what, in how many periods, by how much at most, and whether the meaning changed.

    `changes` leave out those that only print more or fewer digits.
    """
    if not changes:
        return say("No figure on record has been restated")
    largest = _largest(changes)
    of = [change for change in changes if (change.entity, change.concept) == (largest.entity, largest.concept)]
    finding = _moved(largest, of)
    if largest.share is not None and all(change.cause == "basis" for change in of):
        finding = say("{finding}; what it counts had changed", finding=finding)
    if len(of) < len(changes):
        one = phrase("{finding}; one of {count} figures restated")
        several = phrase("{finding}; {count} figures in all")
        return say(one if len(of) == 1 else several, finding=finding, count=number_word(len(changes)))
    return finding


def _largest(changes: Sequence[Change]) -> Change:
    """The change that moved its figure most, in proportion; one from zero counts above all.

    What counts more comes first (see `Change.weight`), and a scale that was mistaken last.
    """

    def rank(change: Change) -> tuple[bool, int, Decimal, date, str]:
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


def _moved(largest: Change, of: Sequence[Change]) -> str:
    """Who restated what, how far and which way."""
    ways = {change.delta > 0 for change in of}
    way = "from" if largest.share is None else "both" if len(ways) > 1 else "up" if True in ways else "down"
    return say(
        _MOVED[len(of) == 1, way],
        company=isolated(largest.whose),
        metric=largest.what,
        period=largest.when,
        count=number_word(len(of)),
        rate="" if largest.share is None else share(abs(largest.share), 1),
        before=_told(largest.first_value, largest),
        after=_told(largest.latest_value, largest),
    )


def _told(value: Decimal, change: Change) -> str:
    return amount(value, change.unit, 3)


def _lead(changes: Sequence[Change], rounded: int) -> Iterator[str]:
    if changes:
        yield capital(_went(_largest(changes)))
    basis = sum(change.cause == "basis" for change in changes)
    if basis and basis < len(changes):
        values = {"count": number_word(basis), "all": number_word(len(changes))}
        yield capital(say("{count} of {all} changes follow from a changed definition.", **values))
    if rounded:
        one = phrase("{count} more figure was said again with more or fewer digits, which is no restatement.")
        several = phrase("{count} more figures were said again with more or fewer digits, which is no restatement.")
        yield capital(say(one if rounded == 1 else several, count=number_word(rounded)))


def _went(change: Change) -> str:
    """From what to what the figure went, on which day, and what it leaves out now."""
    basis = change.basis if change.cause == "basis" and change.basis else ""
    plain = phrase("{metric} for {period} went from {before} to {after} on {day}.")
    other = phrase("{metric} for {period} went from {before} to {after} on {day}, now {basis}.")
    return say(
        other if basis else plain,
        metric=change.what,
        period=change.when,
        before=_told(change.first_value, change),
        after=_told(change.latest_value, change),
        day=day(change.restated_on),
        basis=basis,
    )


# -- figures, charts, tables -------------------------------------------------------------------------------------


def _cards(changes: Sequence[Change]) -> Iterator[Card]:
    if not changes:
        return
    largest = _largest(changes)
    whose = say("of {companies}", companies=listed(_names(changes)))
    yield Card(say("Figures restated"), str(len(changes)), "", "", whose)
    rate = _without_rate(largest) if largest.share is None else percent(largest.share)
    yield Card(say("Largest change"), rate, "", "", _figure(largest), f"#r{changes.index(largest) + 1}")
    latest = max(changes, key=lambda change: (change.restated_on, change.period_end))
    yield Card(say("Latest"), day(latest.restated_on), "", "", _figure(latest))


def _without_rate(change: Change) -> str:
    return say(phrase("another scale") if change.is_mistaken else phrase("from zero"))


def _figure(change: Change) -> str:
    return say("{first}, {second}", first=capital(change.what), second=change.when)


def _sections(changes: Sequence[Change], all_changes: Sequence[Change]) -> Iterator[Section]:
    groups: dict[tuple[str, str, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.entity, change.concept, change.unit), []).append(change)
    drawn = sorted(groups.values(), key=lambda of: -of[0].weight)[:6]  # the latest first within a weight
    pictures = tuple(_dumbbells(of, at) for at, of in enumerate(drawn))
    if pictures:
        legend = (
            Swatch("first", phrase("as first filed")),
            Swatch("period", phrase("as filed last, higher")),
            Swatch("fall", phrase("as filed last, lower (the label has a minus sign)")),
        )
        yield Section("moves", say("From first to latest"), pictures=pictures, legend=legend)
    if all_changes:
        ordered = [*changes, *(change for change in all_changes if change.cause == "precision")]
        largest = {id(_largest(changes))} if changes else set()  # its key figure leads there
        listed_ = [(at, one) for at, one in enumerate(ordered, 1) if at <= _ROWS or id(one) in largest]
        rows_ = tuple(_row(change, at) for at, change in listed_)
        caption, note = say("Each figure as first and as last filed"), _left_out(len(rows_), len(ordered))
        table_ = Table("t-restated", caption, _COLUMNS, rows_, say("Restatements"), note, look="restated")
        yield Section("figures", say("Every figure"), tables=(table_,))


def _left_out(shown: int, of: int) -> str:
    """That a table has not all, and where the others are."""
    if shown == of:
        return ""
    rest = phrase("{count} of {all} changes, the latest first; the others are in the JSON and in the view {view}.")
    return say(rest, count=str(shown), all=str(of), view="restatement")


def _dumbbells(changes: Sequence[Change], at: int) -> Picture:
    """Each period's first value, at zero, joined to its latest, by how far that is from it."""
    shown = sorted(changes, key=lambda change: (change.period_end, str(change.period_start)), reverse=True)[:_MOST]
    shares = [float(change.share * 100) for change in shown if change.share is not None]
    low, high = min([0.0, *shares]), max([0.0, *shares])
    margin = (high - low or 1.0) * 0.08
    ticks = tuple(
        Tick(tick, percent_tick(tick_label(tick)) if tick else say("as first filed")) for tick in ticks_of(low, high)
    )
    frame = Frame((low - margin, high + margin), ticks, names=190, labels=300)
    rails = [_rail(change) for change in shown]
    return Picture(
        key=f"moves-{at}",
        title=named(shown[0].whose, shown[0].what),
        unit=_unit_line(changes),
        alt=say("Pairs of dots, as first and as last filed. {rails}.", rails=rails_told(rails)),
        chart=rail_chart(rails, frame, WIDE, f"moves-{at}"),
        narrow=rail_chart(rails, frame, WIDTH, f"moves-{at}-narrow"),
    )


def _unit_line(changes: Sequence[Change]) -> str:
    bases = dict.fromkeys(change.basis for change in changes if change.cause == "basis" and change.basis)
    if not bases:
        return say("Change from the figure as first filed")
    return say("Change from the figure as first filed; now {bases}", bases=listed(bases))


def _rail(change: Change) -> Rail:
    role = "fall" if change.delta < 0 else "period"
    first, latest = (short_money(value, change.unit) for value in (change.first_value, change.latest_value))
    name, went = capital(change.when.removeprefix("the ")), say("{before} to {after}", before=first, after=latest)
    if change.is_mistaken:
        return Rail(name, (), say("{first}, {second}", first=went, second=_without_rate(change)), label_role=role)
    if change.share is None:
        return Rail(name, (), say("{change}, no rate from zero or below", change=went), label_role=role)
    marks = (Mark(0.0, "base", is_hollow=True), Mark(float(change.share * 100), role))
    label = say("{first}, {second}", first=went, second=percent(change.share))
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


def _row(change: Change, at: int) -> Row:
    scale = printed_scale(scale_of(change.first_value or change.latest_value))
    first, latest, delta = (
        grouped(scale.of(value), 2 if "/" in change.unit else 0)
        for value in (change.first_value, change.latest_value, change.delta)
    )
    why = term(_CAUSES.get(change.cause, change.cause))
    tone = "down" if change.delta < 0 else ""
    return Row(
        (
            Cell(change.fiscal_period),
            Cell(named(change.whose, change.what)),
            Cell(counted_in(change.unit, scale), plain=change.unit),
            Cell(first, change.first_value),
            Cell(latest, change.latest_value),
            Cell(signed(delta), change.delta, tone=tone),
            Cell(f"{why}{mark('colon')}{change.basis}" if change.basis else why),
            Cell(day(change.first_on), change.first_on, links=_link(change.first_accession, change.first_url)),
            Cell(day(change.restated_on), change.restated_on, links=_link(change.latest_accession, change.latest_url)),
        ),
        key=f"r{at}",
    )


def _link(accession: str | None, url: str | None) -> tuple[Link, ...]:
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


def _notes(changes: Sequence[Change]) -> Iterator[Note]:
    yield Note(say("Restated"), say(_RESTATED))
    if any(change.cause == "basis" for change in changes):
        yield Note(say("Changed definitions"), say(_REDEFINED))
    if any(change.cause == "recast" for change in changes):
        yield Note(capital(term(_CAUSES["recast"])), say(_RECAST))
    concepts = dict.fromkeys(named(change.what, change.concept) for change in changes)
    if concepts:
        yield Note(say("Filed under"), stop(mark("semicolon").join(concepts)))
