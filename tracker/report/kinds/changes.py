"""The report on what is new: figures and forecasts that changed since a day, or with the latest commit, and why."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.errors import NothingMatchedError
from tracker.explain.diff import Change, diff
from tracker.report.charts.drawing import WIDE
from tracker.report.charts.leaves import WIDTH
from tracker.report.charts.panel import tick_label, ticks_of
from tracker.report.charts.track import Frame, Mark, Rail, Tick, rail_chart
from tracker.report.data.edition import FIGURES, Figure, read_company
from tracker.report.data.rows import rows, table
from tracker.report.document import Card, Cell, Column, Document, Link, Note, Picture, Row, Section, Swatch, Table
from tracker.report.kinds.evidence import printed_scale
from tracker.report.kinds.growth import command
from tracker.report.kinds.listing import lead_of, listed, named, number_word, rails_told
from tracker.report.text.labels import (
    WHOLE,
    counted_in,
    day,
    grouped,
    isolated,
    percent,
    percent_tick,
    period_words,
    scale_of,
    seen,
)
from tracker.report.text.language import mark, phrase, say, term
from tracker.report.text.prose import range_words
from tracker.report.text.retold import retold
from tracker.report.text.words import capital, finding, growth_words, noun, noun_of, short_money
from tracker.warehouse.reader import Warehouse, versions_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tracker.report.data.edition import Company
    from tracker.report.definition import Definition
    from tracker.report.text.labels import Scale

__all__ = ["changes", "changes_headline"]

_KNOWN: Final = """
    select cast(max(known_at) as date) as known_on from fact_known
    where len($entities) = 0 or list_contains($entities, entity)
"""
_LINKS: Final = "select source_id, publisher, title, url from source where list_contains($ids, source_id)"
_MAIN: Final = ("revenue", "net_income", "operating_income", "capex", "operating_cash_flow", "free_cash_flow")
_MOST: Final = 16  # rows of a chart; the tables have all


def changes(warehouse: Warehouse, definition: Definition) -> Document:
    """The report on what changed; one without changes says so."""
    with closing(_before(warehouse, definition)) as before:
        found = [
            change
            for change in diff(before, warehouse, definition.entities)
            if not definition.metrics or change.metric in definition.metrics
        ]
    since = _since(definition)
    companies = {entity: read_company(warehouse, entity) for entity in dict.fromkeys(c.entity for c in found)}
    figures = _figures(warehouse, found)
    title = changes_headline(found, figures, companies, since)
    about = [*companies] or [*definition.entities]
    known_on = _known_on(warehouse, about)
    return Document(
        definition=definition,
        language=definition.language,
        kicker=f"{listed(_names(companies)) or say('All companies')} · {say('what is new {since}', since=since)}",
        headline=seen(definition.title) if definition.title else title,
        lead=lead_of(definition, title, [*_lead(found, companies)]),
        cards=tuple(_cards(found)),
        sections=tuple(_sections(found, figures, companies, _sources(warehouse, found))),
        notes=tuple(_notes()),
        foot=(say(_FOOT, since=since, day=day(known_on)),),
        known_on=known_on,
        commit=warehouse.snapshot.versions["fact"],
        command=command(definition, warehouse.snapshot.versions["fact"]),
        data={"changes": [asdict(change) for change in found]},
        trend=(),
    )


_FOOT: Final = phrase("What changed {since}; known by {day}. Each change names the source that brought it.")


def _names(companies: Mapping[str, Company]) -> list[str]:
    return [isolated(company.short) for company in companies.values()]


def _known_on(warehouse: Warehouse, entities: Sequence[str]) -> date:
    """The day of the latest statement of these companies, or of any."""
    found: date | None = table(warehouse, _KNOWN, {"entities": list(entities)})[0]["known_on"]
    if found is None:
        raise NothingMatchedError("nothing is known yet; run `tracker build` first")
    return found


def _before(warehouse: Warehouse, definition: Definition) -> Warehouse:
    """The state to look back to: the same snapshot as known on a day, or the commit before this one."""
    if definition.since is not None:
        return Warehouse(warehouse.path, as_of=definition.since, versions=warehouse.snapshot.versions)
    here = warehouse.snapshot.versions["fact"]
    for commit in range(here - 1, -1, -1):
        try:
            versions = versions_at(warehouse.path, str(commit))
        except NothingMatchedError:
            continue
        return Warehouse(warehouse.path, as_of=warehouse.as_of, versions=versions)
    raise NothingMatchedError(
        f"{definition.name}: there is no commit before this one; name a day to look back to (`since = 2024-07-30`)"
    )


def _since(definition: Definition) -> str:
    if definition.since is None:
        return say("with the latest commit")
    return say("since {day}", day=day(date.fromisoformat(definition.since[:10])))


def _figures(warehouse: Warehouse, found: Sequence[Change]) -> dict[tuple[str, str, str], Figure]:
    """The rows of growth of what is new or changed, by company, metric and period."""
    wanted: dict[str, set[str]] = {}
    for change in found:
        wanted.setdefault(change.entity, set()).add(change.metric)
    return {
        (entity, row.metric, row.fiscal_period): row
        for entity, metrics in wanted.items()
        for row in rows(warehouse, FIGURES, {"entity": entity, "metrics": sorted(metrics)}, Figure)
    }


def _sources(warehouse: Warehouse, found: Iterable[Change]) -> dict[str, Link]:
    ids = sorted({source for change in found for source in change.sources})
    links = {row["source_id"]: row["url"] for row in table(warehouse, _LINKS, {"ids": ids})}
    return {name: Link(name, url if (url := links.get(name)) and url.startswith("https://") else None) for name in ids}


# -- what it says ----------------------------------------------------------------------------------------------


def _kind(change: Change) -> str:
    """What a change is to a reader: a new figure, another one, one gone; the same for guidance."""
    if change.what == "guidance":
        return "guidance"
    if change.value is None:
        return "gone"
    return "new" if change.value_before is None else "changed"


def changes_headline(
    found: Sequence[Change],
    figures: Mapping[tuple[str, str, str], Figure],
    companies: Mapping[str, Company],
    since: str,
) -> str:
    """The weightiest finding: a forecast that moved, a figure that changed, else the growth of what is new."""
    moved = [change for change in found if _kind(change) == "guidance" and _is_moved(change)]
    if moved:
        return _moved_words(max(moved, key=_weight), companies, figures)
    altered = [change for change in found if _kind(change) == "changed"]
    new = [change for change in found if _kind(change) == "new"]
    if altered and len(altered) >= len(new):
        names = dict.fromkeys(isolated(companies[change.entity].short) for change in altered)
        one, several = phrase("{count} figure of {companies} changed {since}"), _ALTERED
        return _counted(one, several, len(altered), companies=listed([*names][:3]), since=since)
    if new:
        change = min(new, key=_rank)
        row = figures.get((change.entity, change.metric, change.fiscal_period))
        company = companies[change.entity]
        if row:
            return finding(row, company)
        some = phrase("{count} new figures of {company} {since}")
        return say(some, count=str(len(new)), company=isolated(company.short), since=since)
    if found:
        return _counted(phrase("{count} change {since}"), phrase("{count} changes {since}"), len(found), since=since)
    return say("Nothing has changed {since}", since=since)


_ALTERED: Final = phrase("{count} figures of {companies} changed {since}")


def _counted(one: str, several: str, count: int, **values: str) -> str:
    """The phrase for one or for several."""
    return capital(say(one if count == 1 else several, count=number_word(count), **values))


def _rank(change: Change) -> tuple[int, int, str, str]:
    """The main metrics first, whole quarters before parts of years, later periods before earlier ones."""
    main = _MAIN.index(change.metric) if change.metric in _MAIN else len(_MAIN)
    latest = "".join(chr(0x10FFFF - ord(letter)) for letter in change.fiscal_period.replace("FY", "") + "~")
    return (0 if change.span == "quarter" else 1, main, latest, change.entity)


def _weight(change: Change) -> tuple[bool, Decimal]:
    ends = [end for end in (change.high, change.low) if end is not None]
    return change.metric == "capex", ends[0] if ends else Decimal(0)


def _is_moved(change: Change) -> bool:
    before = change.low_before is not None or change.high_before is not None
    return before and (change.low is not None or change.high is not None)


_DIRECTIONS: Final = {
    "raised": phrase("{company} raised its guidance for {metric} in {year} to {range}"),
    "lowered": phrase("{company} lowered its guidance for {metric} in {year} to {range}"),
    "changed": phrase("{company} changed its guidance for {metric} in {year} to {range}"),
}


def _direction(change: Change) -> str:
    pairs = ((change.low_before, change.low), (change.high_before, change.high))
    moves = [after - before for before, after in pairs if before is not None and after is not None]
    up, down = any(move > 0 for move in moves), any(move < 0 for move in moves)
    return "raised" if up and not down else "lowered" if down and not up else "changed"


def _moved_words(
    change: Change, companies: Mapping[str, Company], figures: Mapping[tuple[str, str, str], Figure]
) -> str:
    return say(
        _DIRECTIONS[_direction(change)],
        company=isolated(companies[change.entity].short),
        metric=_name(change, figures),
        year=period_words(change.fiscal_period, is_calendar=_is_calendar(change, figures)),
        range=_range(change.low, change.high, change.unit),
    )


def _range(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    return range_words(_Ends(low, high, unit))  # type: ignore[arg-type]


class _Ends:
    """The ends of a range, for the words of one."""

    def __init__(self, low: Decimal | None, high: Decimal | None, unit: str) -> None:
        self.low, self.high, self.unit = low, high, unit


def _name(change: Change, figures: Mapping[tuple[str, str, str], Figure]) -> str:
    of = next((row for key, row in figures.items() if key[1] == change.metric), None)
    return (noun(of) if of else noun_of(change.metric)).name


def _is_calendar(change: Change, figures: Mapping[tuple[str, str, str], Figure]) -> bool:
    of = next((row for key, row in figures.items() if key[0] == change.entity), None)
    return of is None or of.is_calendar


def _lead(found: Sequence[Change], companies: Mapping[str, Company]) -> Iterator[str]:
    counts = [say(_KINDS[kind][count > 1], count=number_word(count)) for kind, count in _counts(found).items()]
    if counts:
        names = listed(_names(companies)[:6])
        yield capital(say("{counts}, of {companies}.", counts=listed(counts), companies=names))
    causes: dict[str, int] = {}
    for change in found:
        causes[change.cause] = causes.get(change.cause, 0) + 1
    if causes:
        told = [f"{retold(cause)} ({count})" for cause, count in sorted(causes.items(), key=lambda item: -item[1])]
        yield say("Causes: {causes}.", causes=mark("comma").join(told))


#: What a change is to a reader -> one of it, several, and the label of their number.
_KINDS: Final = {
    "new": (phrase("{count} new figure"), phrase("{count} new figures"), phrase("New figures")),
    "changed": (phrase("{count} changed figure"), phrase("{count} changed figures"), phrase("Changed figures")),
    "guidance": (phrase("{count} forecast"), phrase("{count} forecasts"), phrase("Forecasts")),
    "gone": (phrase("{count} withdrawn figure"), phrase("{count} withdrawn figures"), phrase("Withdrawn figures")),
}


def _counts(found: Sequence[Change]) -> dict[str, int]:
    """How many changes there are of each kind there is."""
    counts = {kind: sum(_kind(change) == kind for change in found) for kind in _KINDS}
    return {kind: count for kind, count in counts.items() if count}


# -- figures, charts, tables -------------------------------------------------------------------------------------


def _cards(found: Sequence[Change]) -> Iterator[Card]:
    for kind, count in _counts(found).items():
        yield Card(term(_KINDS[kind][2]), str(count), "", "", "")


def _sections(
    found: Sequence[Change],
    figures: Mapping[tuple[str, str, str], Figure],
    companies: Mapping[str, Company],
    links: Mapping[str, Link],
) -> Iterator[Section]:
    new = sorted((change for change in found if _kind(change) == "new"), key=_rank)
    altered = [change for change in found if _kind(change) == "changed"]
    promised = [change for change in found if _kind(change) == "guidance"]
    gone = [change for change in found if _kind(change) == "gone"]
    for key, title, some, picture in (
        ("guidance", say("Forecasts"), promised, None),
        ("new", say("New figures"), new, _grown(new, figures, companies)),
        ("changed", say("Figures that changed"), altered, _moved(altered, figures, companies)),
        ("gone", say("Figures withdrawn"), gone, None),
    ):
        if some:
            pictures = (picture,) if picture else ()
            legend = (
                (Swatch("period", phrase("up")), Swatch("fall", phrase("down, with a minus sign"))) if picture else ()
            )
            yield Section(key, title, "", pictures, (_table(key, title, some, figures, companies, links),), legend)


def _grown(
    new: Sequence[Change], figures: Mapping[tuple[str, str, str], Figure], companies: Mapping[str, Company]
) -> Picture | None:
    """The growth on a year earlier of what is new, quarters first."""
    rated = [
        (companies[change.entity], row)
        for change in new
        if (row := figures.get((change.entity, change.metric, change.fiscal_period))) and row.rate is not None
    ][:_MOST]
    if not rated:
        return None
    rails = [
        Rail(
            named(company.short, say("{first}, {second}", first=noun(row).name, second=row.fiscal_period)),
            (Mark(0.0, "base", is_hollow=True), Mark(float((row.rate or Decimal(0)) * 100), _tone(row.rate))),
            say("{first}, {second}", first=short_money(row.value, row.unit), second=growth_words(row)),
            is_joined=True,
            label_role="fall" if (row.rate or 0) < 0 else "ink",
        )
        for company, row in rated
    ]
    shares = [float((row.rate or Decimal(0)) * 100) for _, row in rated]
    return _rails("new", say("Growth of the new figures on a year earlier"), say("a year earlier"), rails, shares)


def _moved(
    altered: Sequence[Change], figures: Mapping[tuple[str, str, str], Figure], companies: Mapping[str, Company]
) -> Picture | None:
    """How far figures that were known before have moved."""
    rated = [
        (change, (change.value - change.value_before) / change.value_before)
        for change in altered
        if change.value is not None and change.value_before is not None and change.value_before > 0
    ]
    rated = sorted(rated, key=lambda pair: (-abs(pair[1]), _rank(pair[0])))[:_MOST]
    if not rated:
        return None
    rails = [
        Rail(
            named(
                companies[change.entity].short,
                say("{first}, {second}", first=_name(change, figures), second=change.fiscal_period),
            ),
            (Mark(0.0, "base", is_hollow=True), Mark(float(share * 100), _tone(share))),
            say("{first}, {second}", first=_both(change), second=percent(share)),
            is_joined=True,
            label_role="fall" if share < 0 else "ink",
        )
        for change, share in rated
    ]
    shares = [float(share * 100) for _, share in rated]
    return _rails("moved", say("How far known figures moved"), say("before"), rails, shares)


def _both(change: Change) -> str:
    before, after = (short_money(value, change.unit) for value in (change.value_before, change.value))
    return say("{before} to {after}", before=before, after=after)


def _tone(share: Decimal | None) -> str:
    return "fall" if (share or 0) < 0 else "period"


def _rails(key: str, title: str, zero: str, rails: Sequence[Rail], shares: Sequence[float]) -> Picture:
    low, high = min(0.0, *shares, 0.0), max(0.0, *shares, 0.0)
    margin = (high - low or 1.0) * 0.08
    ticks = tuple(Tick(tick, percent_tick(tick_label(tick)) if tick else zero) for tick in ticks_of(low, high))
    frame = Frame((low - margin, high + margin), ticks, names=340, labels=280)
    return Picture(
        key=f"rails-{key}",
        title=title,
        unit=say("Per cent; hollow dots: {zero}", zero=zero),
        alt=say("Pairs of dots. {rails}.", rails=rails_told(rails)),
        chart=rail_chart(rails, frame, WIDE, f"rails-{key}"),
        narrow=rail_chart(rails, frame, WIDTH, f"rails-{key}-narrow"),
    )


_COLUMNS: Final = (
    Column(phrase("Period")),
    Column(phrase("What")),
    Column(phrase("Unit")),
    Column(phrase("Before"), "number"),
    Column(phrase("Now"), "number"),
    Column(phrase("Cause")),
    Column(phrase("How")),
    Column(phrase("Source"), "source"),
)


def _table(  # noqa: PLR0913, PLR0917 - what a row is told with
    key: str,
    title: str,
    some: Sequence[Change],
    figures: Mapping[tuple[str, str, str], Figure],
    companies: Mapping[str, Company],
    links: Mapping[str, Link],
) -> Table:
    made = tuple(_row(change, companies[change.entity].short, _name(change, figures), links) for change in some)
    caption = say("{title}, one row a change", title=title)
    return Table(f"t-{key}", caption, _COLUMNS, made, title, look="changes")


def _row(change: Change, company: str, name: str, links: Mapping[str, Link]) -> Row:
    ends = (change.value, change.high, change.low, change.value_before, change.high_before)
    known = [end for end in ends if end is not None]
    scale = printed_scale(scale_of(max(map(abs, known), default=Decimal(0))))
    before = _cell(change.value_before, change.low_before, change.high_before, change, scale)
    now = _cell(change.value, change.low, change.high, change, scale)
    return Row(
        (
            Cell(change.fiscal_period),
            Cell(named(company, name)),
            Cell(counted_in(change.unit, scale), plain=change.unit),
            before,
            now,
            Cell(retold(change.cause)),
            Cell(retold(change.detail), tone="muted"),
            Cell("", links=tuple(links[source] for source in change.sources if source in links)),
        )
    )


def _cell(value: Decimal | None, low: Decimal | None, high: Decimal | None, change: Change, scale: Scale) -> Cell:
    digits = 2 if "/" in change.unit or change.unit == "ratio" else 0
    if change.what == "figure" or low is None or high is None:
        one = value if value is not None or change.what == "figure" else low if low is not None else high
        return Cell("" if one is None else grouped(scale.of(one), digits), one)
    shown, whole = (_span(low, high, of, digits) for of in (scale, WHOLE))
    return Cell(shown, plain=whole)


def _span(low: Decimal, high: Decimal, scale: Scale, digits: int) -> str:
    first, last = (grouped(scale.of(end), digits) for end in (low, high))
    return first if first == last else say("{low} to {high}", low=first, high=last)


_COUNTS: Final = phrase(
    "A figure or a forecast whose value or bound is not what it was; the cause is read off the statements behind"
    " it: which stand now and did not before, or the other way round."
)


def _notes() -> Iterator[Note]:
    yield Note(say("What counts as a change"), say(_COUNTS))
    text = phrase("One filing moves every figure that rests on it: quarters, half-years, sums.")
    yield Note(say("Derived figures"), say(text))
