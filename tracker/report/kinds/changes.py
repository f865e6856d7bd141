"""The report on what is new: figures and forecasts that changed since a day, or with the latest commit, and why."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.errors import NothingMatchedError
from tracker.explain.diff import Change, diff
from tracker.model.quantity import is_rate
from tracker.report.charts.drawing import WIDE
from tracker.report.charts.leaves import WIDTH
from tracker.report.charts.panel import tick_label, ticks_of
from tracker.report.charts.track import PlotMark, Rail, RailFrame, Tick, draw_rails
from tracker.report.data.edition import FIGURES, EditionFigure, read_company
from tracker.report.data.rows import read_records, read_rows
from tracker.report.document import Card, Cell, Column, Document, Link, Note, Picture, Row, Section, Swatch, Table
from tracker.report.kinds.evidence import printed_scale
from tracker.report.kinds.growth import command
from tracker.report.kinds.listing import describe_rails, join_lead, join_names, number_word, prefix_name
from tracker.report.text.labels import (
    WHOLE,
    count_places,
    format_day,
    format_number,
    format_percent,
    format_percent_tick,
    isolate,
    name_counting_unit,
    name_period,
    scale_of,
    strip_unseen,
)
from tracker.report.text.language import language_of, phrase
from tracker.report.text.prose import describe_ends
from tracker.report.text.reason_words import translate_reason
from tracker.report.text.words import capitalize, describe_growth, format_key_value, noun, noun_of, write_finding
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import versions_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tracker.report.data.edition import EditionCompany
    from tracker.report.definition import Definition
    from tracker.report.text.labels import Scale
    from tracker.report.text.language import Language

__all__ = ["changes", "changes_headline"]

_KNOWN: Final = """
    select cast(max(known_at) as date) as known_on from fact_known
    where len($entities) = 0 or list_contains($entities, entity)
"""
_LINKS: Final = "select source_id, publisher, title, url from source where list_contains($ids, source_id)"
_MAIN: Final = ("revenue", "net_income", "operating_income", "capex", "operating_cash_flow", "free_cash_flow")
_MOST: Final = 16  # rows of a chart; the tables have all


_RATES: Final = "select metric from metric where measure = 'ratio'"


@dataclass(frozen=True, slots=True)
class _Lookup:
    """What descriptions of changes need: the language, and figures, companies and sources by their keys."""

    language: Language
    figures: Mapping[tuple[str, str, str], EditionFigure]
    companies: Mapping[str, EditionCompany]
    links: Mapping[str, Link]


def changes(warehouse: Warehouse, definition: Definition) -> Document:
    """Make the report on what changed; one without changes says so."""
    language = language_of(definition.language)
    rates = {row["metric"] for row in read_rows(warehouse, _RATES, {})}
    with closing(_before(warehouse, definition)) as before:
        found = [
            replace(change, unit="ratio") if change.metric in rates else change
            for change in diff(before, warehouse, definition.entities)
            if not definition.metrics or change.metric in definition.metrics
        ]
    since = _since(language, definition)
    companies = {entity: read_company(warehouse, entity) for entity in dict.fromkeys(c.entity for c in found)}
    figures = _figures(warehouse, found)
    title = changes_headline(language, found, figures, companies, since)
    about = [*companies] or [*definition.entities]
    known_on = _known_on(warehouse, about)
    return Document(
        definition=definition,
        language=language,
        kicker=_kicker(language, companies, since),
        headline=strip_unseen(definition.title) if definition.title else title,
        lead=join_lead(language, definition, title, [*_write_change_lead(language, found, companies)]),
        cards=tuple(_make_change_cards(language, found)),
        sections=tuple(
            _make_change_sections(_Lookup(language, figures, companies, _link_sources(warehouse, found)), found)
        ),
        notes=tuple(_make_change_notes(language)),
        foot=(language.say(_FOOT, since=since, day=format_day(language, known_on)),),
        known_on=known_on,
        commit=warehouse.snapshot.versions["fact"],
        command=command(definition, warehouse.snapshot.versions["fact"]),
        data={"changes": [_to_data(change) for change in found]},
        trend=(),
    )


def _to_data(change: Change) -> dict[str, object]:
    """Return a change as the data of the page: its reason as a text and a code."""
    plain = {name: value for name, value in asdict(change).items() if name != "reason"}
    return {**plain, "detail": change.detail, "reason_code": change.reason.code}


_FOOT: Final = phrase("What changed {since}; known by {day}. Each change names the source that brought it.")


def _name_companies(language: Language, companies: Mapping[str, EditionCompany]) -> list[str]:
    return [isolate(language, company.short) for company in companies.values()]


def _known_on(warehouse: Warehouse, entities: Sequence[str]) -> date:
    """Return the day of the latest statement of these companies, or of any."""
    found: date | None = read_rows(warehouse, _KNOWN, {"entities": list(entities)})[0]["known_on"]
    if found is None:
        raise NothingMatchedError("nothing is known yet; run `tracker build` first")
    return found


def _before(warehouse: Warehouse, definition: Definition) -> Warehouse:
    """Return the state to compare with: the same snapshot as known on a day, or the commit before this one."""
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


def _since(language: Language, definition: Definition) -> str:
    if definition.since is None:
        return language.say("with the latest commit")
    return language.say("since {day}", day=format_day(language, date.fromisoformat(definition.since[:10])))


def _kicker(language: Language, companies: Mapping[str, EditionCompany], since: str) -> str:
    """Write the line above the headline: whose changes these are, and since when."""
    names = join_names(language, _name_companies(language, companies)) or language.say("All companies")
    return f"{names} · {language.say('what is new {since}', since=since)}"


def _figures(warehouse: Warehouse, found: Sequence[Change]) -> dict[tuple[str, str, str], EditionFigure]:
    """Return the rows of growth of what is new or changed, by company, metric and period."""
    wanted: dict[str, set[str]] = {}
    for change in found:
        wanted.setdefault(change.entity, set()).add(change.metric)
    return {
        (entity, row.metric, row.fiscal_period): row
        for entity, metrics in wanted.items()
        for row in read_records(warehouse, FIGURES, {"entity": entity, "metrics": sorted(metrics)}, EditionFigure)
    }


def _link_sources(warehouse: Warehouse, found: Iterable[Change]) -> dict[str, Link]:
    ids = sorted({source for change in found for source in change.sources})
    links = {row["source_id"]: row["url"] for row in read_rows(warehouse, _LINKS, {"ids": ids})}
    return {name: Link(name, url if (url := links.get(name)) and url.startswith("https://") else None) for name in ids}


# -- what it says ----------------------------------------------------------------------------------------------


def _classify_change(change: Change) -> str:
    """Return the kind of a change for a reader: a figure that is new, changed or gone, or guidance alike."""
    if change.what == "guidance":
        return "guidance"
    if change.value is None:
        return "gone"
    return "new" if change.value_before is None else "changed"


def changes_headline(
    language: Language,
    found: Sequence[Change],
    figures: Mapping[tuple[str, str, str], EditionFigure],
    companies: Mapping[str, EditionCompany],
    since: str,
) -> str:
    """Write the most important finding: a forecast that moved, else a changed figure, else growth of a new one."""
    moved = [change for change in found if _classify_change(change) == "guidance" and _is_moved(change)]
    if moved:
        return _say_guidance_move(language, max(moved, key=_weigh_promise), companies, figures)
    altered = [change for change in found if _classify_change(change) == "changed"]
    new = [change for change in found if _classify_change(change) == "new"]
    if altered and len(altered) >= len(new):
        names = dict.fromkeys(isolate(language, companies[change.entity].short) for change in altered)
        one, several = phrase("{count} figure of {companies} changed {since}"), _ALTERED
        return _say_count(
            language, one, several, len(altered), companies=join_names(language, [*names][:3]), since=since
        )
    if new:
        change = min(new, key=_rank_change)
        row = figures.get((change.entity, change.metric, change.fiscal_period))
        company = companies[change.entity]
        if row:
            return write_finding(language, row, company)
        some = phrase("{count} new figures of {company} {since}")
        return language.say(some, count=str(len(new)), company=isolate(language, company.short), since=since)
    if found:
        return _say_count(
            language, phrase("{count} change {since}"), phrase("{count} changes {since}"), len(found), since=since
        )
    return language.say("Nothing has changed {since}", since=since)


_ALTERED: Final = phrase("{count} figures of {companies} changed {since}")


def _say_count(language: Language, one: str, several: str, count: int, **values: str) -> str:
    """Return the phrase for one or for several."""
    return capitalize(language.say(one if count == 1 else several, count=number_word(language, count), **values))


def _rank_change(change: Change) -> tuple[int, int, str, str]:
    """Return the main metrics first, whole quarters before parts of years, later periods before earlier ones."""
    main = _MAIN.index(change.metric) if change.metric in _MAIN else len(_MAIN)
    latest = "".join(chr(0x10FFFF - ord(letter)) for letter in change.fiscal_period.replace("FY", "") + "~")
    return (0 if change.span == "quarter" else 1, main, latest, change.entity)


def _weigh_promise(change: Change) -> tuple[bool, Decimal]:
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


def _describe_direction(change: Change) -> str:
    pairs = ((change.low_before, change.low), (change.high_before, change.high))
    moves = [after - before for before, after in pairs if before is not None and after is not None]
    up, down = any(move > 0 for move in moves), any(move < 0 for move in moves)
    return "raised" if up and not down else "lowered" if down and not up else "changed"


def _say_guidance_move(
    language: Language,
    change: Change,
    companies: Mapping[str, EditionCompany],
    figures: Mapping[tuple[str, str, str], EditionFigure],
) -> str:
    return language.say(
        _DIRECTIONS[_describe_direction(change)],
        company=isolate(language, companies[change.entity].short),
        metric=_name_metric(language, change, figures),
        year=name_period(language, change.fiscal_period, is_calendar=_is_calendar(change, figures)),
        range=describe_ends(language, change.low, change.high, change.unit),
    )


def _name_metric(language: Language, change: Change, figures: Mapping[tuple[str, str, str], EditionFigure]) -> str:
    of = next((row for key, row in figures.items() if key[1] == change.metric), None)
    return (noun(language, of) if of else noun_of(language, change.metric)).name


def _is_calendar(change: Change, figures: Mapping[tuple[str, str, str], EditionFigure]) -> bool:
    of = next((row for key, row in figures.items() if key[0] == change.entity), None)
    return of is None or of.is_calendar


def _write_change_lead(
    language: Language, found: Sequence[Change], companies: Mapping[str, EditionCompany]
) -> Iterator[str]:
    counts = [
        language.say(_KINDS[kind][count > 1], count=number_word(language, count))
        for kind, count in _count_kinds(found).items()
    ]
    if counts:
        names = join_names(language, _name_companies(language, companies)[:6])
        yield capitalize(
            language.say("{counts}, of {companies}.", counts=join_names(language, counts), companies=names)
        )
    causes: dict[str, int] = {}
    for change in found:
        causes[change.cause] = causes.get(change.cause, 0) + 1
    if causes:
        told = [
            f"{language.term(cause)} ({count})" for cause, count in sorted(causes.items(), key=lambda item: -item[1])
        ]
        yield language.say("Causes: {causes}.", causes=language.comma.join(told))


#: Each kind of change: the phrase for one, the phrase for several, and the label of their number.
_KINDS: Final = {
    "new": (phrase("{count} new figure"), phrase("{count} new figures"), phrase("New figures")),
    "changed": (phrase("{count} changed figure"), phrase("{count} changed figures"), phrase("Changed figures")),
    "guidance": (phrase("{count} forecast"), phrase("{count} forecasts"), phrase("Forecasts")),
    "gone": (phrase("{count} withdrawn figure"), phrase("{count} withdrawn figures"), phrase("Withdrawn figures")),
}


def _count_kinds(found: Sequence[Change]) -> dict[str, int]:
    """Count the changes of each kind that occurs."""
    counts = {kind: sum(_classify_change(change) == kind for change in found) for kind in _KINDS}
    return {kind: count for kind, count in counts.items() if count}


# -- figures, charts, tables -------------------------------------------------------------------------------------


def _make_change_cards(language: Language, found: Sequence[Change]) -> Iterator[Card]:
    for kind, count in _count_kinds(found).items():
        yield Card(language.term(_KINDS[kind][2]), str(count), "", "", "")


def _make_change_sections(lookup: _Lookup, found: Sequence[Change]) -> Iterator[Section]:
    language = lookup.language
    new = sorted((change for change in found if _classify_change(change) == "new"), key=_rank_change)
    altered = [change for change in found if _classify_change(change) == "changed"]
    promised = [change for change in found if _classify_change(change) == "guidance"]
    gone = [change for change in found if _classify_change(change) == "gone"]
    for key, title, some, picture in (
        ("guidance", language.say("Forecasts"), promised, None),
        ("new", language.say("New figures"), new, _draw_growth(lookup, new)),
        ("changed", language.say("Figures that changed"), altered, _draw_moves(lookup, altered)),
        ("gone", language.say("Figures withdrawn"), gone, None),
    ):
        if some:
            pictures = (picture,) if picture else ()
            legend = _LEGEND if picture else ()
            yield Section(key, title, "", pictures, (_make_change_table(lookup, key, title, some),), legend)


_LEGEND: Final = (Swatch("period", phrase("up")), Swatch("fall", phrase("down, with a minus sign")))


def _draw_growth(lookup: _Lookup, new: Sequence[Change]) -> Picture | None:
    """Draw the growth on a year earlier of what is new, quarters first."""
    language, figures = lookup.language, lookup.figures
    rated = [
        (_growth_rail(lookup, change, row), float(row.rate * 100))
        for change in new
        if (row := figures.get((change.entity, change.metric, change.fiscal_period))) and row.rate is not None
    ][:_MOST]
    title = language.say("Growth of the new figures on a year earlier")
    return _rails(language, "new", title, language.say("a year earlier"), rated) if rated else None


def _growth_rail(lookup: _Lookup, change: Change, row: EditionFigure) -> Rail:
    language, rate = lookup.language, row.rate or Decimal(0)
    value = format_key_value(language, row.value, row.unit)
    label = language.say("{first}, {second}", first=value, second=describe_growth(language, row))
    return _make_change_rail(lookup, change, noun(language, row).name, rate, label)


def _draw_moves(lookup: _Lookup, altered: Sequence[Change]) -> Picture | None:
    """Draw how far figures that were known before have moved."""
    language = lookup.language
    shares = [
        (change, (change.value - change.value_before) / change.value_before)
        for change in altered
        if change.value is not None and change.value_before is not None and change.value_before > 0
    ]
    shares = sorted(shares, key=lambda pair: (-abs(pair[1]), _rank_change(pair[0])))[:_MOST]
    rated = [(_move_rail(lookup, change, share), float(share * 100)) for change, share in shares]
    title = language.say("How far known figures moved")
    return _rails(language, "moved", title, language.say("before"), rated) if rated else None


def _move_rail(lookup: _Lookup, change: Change, share: Decimal) -> Rail:
    language = lookup.language
    label = language.say(
        "{first}, {second}", first=_format_step(language, change), second=format_percent(language, share)
    )
    return _make_change_rail(lookup, change, _name_metric(language, change, lookup.figures), share, label)


def _make_change_rail(lookup: _Lookup, change: Change, metric: str, share: Decimal, label: str) -> Rail:
    """Make the row of a change: a hollow dot at nothing, a filled one at the share."""
    language = lookup.language
    what = language.say("{first}, {second}", first=metric, second=change.fiscal_period)
    return Rail(
        prefix_name(language, lookup.companies[change.entity].short, what),
        (PlotMark(0.0, "base", is_hollow=True), PlotMark(float(share * 100), _choose_share_role(share))),
        label,
        is_joined=True,
        label_role="fall" if share < 0 else "ink",
    )


def _format_step(language: Language, change: Change) -> str:
    before, after = (format_key_value(language, value, change.unit) for value in (change.value_before, change.value))
    return language.say("{before} to {after}", before=before, after=after)


def _choose_share_role(share: Decimal | None) -> str:
    return "fall" if (share or 0) < 0 else "period"


def _rails(language: Language, key: str, title: str, zero: str, rated: Sequence[tuple[Rail, float]]) -> Picture:
    """Draw rows of two dots; `rated` are the rows with the change that each shows, in percent."""
    rails, shares = [rail for rail, _ in rated], [share for _, share in rated]
    low, high = min(0.0, *shares, 0.0), max(0.0, *shares, 0.0)
    margin = (high - low or 1.0) * 0.08
    ticks = tuple(
        Tick(tick, format_percent_tick(language, tick_label(language, tick)) if tick else zero)
        for tick in ticks_of(low, high)
    )
    frame = RailFrame((low - margin, high + margin), ticks, names=340, labels=280)
    return Picture(
        key=f"rails-{key}",
        title=title,
        unit=language.say("Per cent; hollow dots: {zero}", zero=zero),
        alt=language.say("Pairs of dots. {rails}.", rails=describe_rails(language, rails)),
        chart=draw_rails(language, rails, frame, WIDE, f"rails-{key}"),
        narrow=draw_rails(language, rails, frame, WIDTH, f"rails-{key}-narrow"),
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


def _make_change_table(lookup: _Lookup, key: str, title: str, some: Sequence[Change]) -> Table:
    made = tuple(_make_change_row(lookup, change) for change in some)
    caption = lookup.language.say("{title}, one row a change", title=title)
    return Table(f"t-{key}", caption, _COLUMNS, made, title, look="changes")


def _make_change_row(lookup: _Lookup, change: Change) -> Row:
    language, links = lookup.language, lookup.links
    company, name = lookup.companies[change.entity].short, _name_metric(language, change, lookup.figures)
    ends = (change.value, change.high, change.low, change.value_before, change.high_before)
    known = [end for end in ends if end is not None]
    scale = printed_scale(language, scale_of(language, max(map(abs, known), default=Decimal(0)), change.unit))
    before = _format_amount(language, (change.value_before, change.low_before, change.high_before), change, scale)
    now = _format_amount(language, (change.value, change.low, change.high), change, scale)
    return Row(
        (
            Cell(change.fiscal_period),
            Cell(prefix_name(language, company, name)),
            Cell(name_counting_unit(language, change.unit, scale), plain=change.unit),
            before,
            now,
            Cell(language.term(change.cause)),
            Cell(translate_reason(language, change.reason), tone="muted"),
            Cell("", links=tuple(links[source] for source in change.sources if source in links)),
        )
    )


def _format_amount(language: Language, of: tuple[Decimal | None, ...], change: Change, scale: Scale) -> Cell:
    """Print a value, or the range where there is one; `of` is value, low and high."""
    value, low, high = of
    digits = count_places(change.unit)
    if change.what == "figure" or low is None or high is None:
        one = value if value is not None or change.what == "figure" else low if low is not None else high
        return Cell("" if one is None else format_number(language, scale.of(one), digits), one)
    shown = _format_range(language, low, high, scale, digits)
    return Cell(shown, plain=_format_range(language, low, high, WHOLE, digits + (2 if is_rate(change.unit) else 0)))


def _format_range(language: Language, low: Decimal, high: Decimal, scale: Scale, digits: int) -> str:
    first, last = (format_number(language, scale.of(end), digits) for end in (low, high))
    return first if first == last else language.say("{low} to {high}", low=first, high=last)


_COUNTS: Final = phrase(
    "A figure or a forecast whose value or bound is not what it was; the cause is read off the statements behind"
    " it: which stand now and did not before, or the other way round."
)


def _make_change_notes(language: Language) -> Iterator[Note]:
    yield Note(language.say("What counts as a change"), language.say(_COUNTS))
    text = phrase("One filing moves every figure that rests on it: quarters, half-years, sums.")
    yield Note(language.say("Derived figures"), language.say(text))
